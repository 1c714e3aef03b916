"""The notebook as a file, and as people run it: headless, through nbconvert, and as a script."""

import ast
import base64
import io
import json
import re

import nbformat
import pytest
from conftest import nbconvert, run_in
from notebook import NOTEBOOK, ROOT, cells, run_notebook
from PIL import Image

COMMITTED = nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)
CODE = [cell for cell in COMMITTED.cells if cell.cell_type == "code"]
TEXT = [cell for cell in COMMITTED.cells if cell.cell_type == "markdown"]
OUTPUTS = [output for cell in CODE for output in cell.outputs]


def test_format():
    nbformat.validate(COMMITTED)
    assert (COMMITTED.nbformat, COMMITTED.nbformat_minor) == (4, 5)
    assert (COMMITTED.metadata.kernelspec.name, COMMITTED.metadata.language_info.file_extension) == ("python3", ".py")
    assert [cell.id for cell in CODE if "parameters" in cell.metadata.get("tags", [])] == ["parameters"]


def test_outputs_are_those_of_one_clean_run_with_the_default_parameters():
    assert [cell.execution_count for cell in CODE] == list(range(1, len(CODE) + 1))
    assert not [output for output in OUTPUTS if output.output_type == "error" or output.get("name") == "stderr"]
    text = "".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in OUTPUTS)
    assert not re.search(r"/(home|root|tmp|work|Users|usr)/|[Ww]arning|[IWEF]0000", text)

    outputs, defaults = {cell.id: cell.outputs for cell in CODE}, run_notebook("check-parameters")
    for cell_id, name in (("train", "epochs"), ("train-better", "better_epochs")):
        picture, lines = outputs[cell_id]
        epochs = [f"Epoch {e}/{defaults[name]}..." for e in range(1, defaults[name] + 1)]
        assert re.findall(r"(?m)^Epoch \S+", lines.text) == epochs and "image/png" in picture.data
    gif = re.search('base64,([^"]+)', outputs["animate"][0].data["text/html"])[1]
    assert Image.open(io.BytesIO(base64.b64decode(gif))).n_frames == defaults["epochs"] + 1


def test_functions_have_a_docstring_and_one_definition_and_cells_define_or_act():
    """No name of a function, and no parameter, gets another meaning further down."""
    trees = {name: ast.parse(source) for name, source in cells().items()}
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    assert [function.name for function in functions if not ast.get_docstring(function)] == []
    parameters = re.findall(r"(?m)^(\w+): ", cells()["parameters"])
    stored = [
        node.id
        for tree in trees.values()
        for node in ast.walk(ast.Module([n for n in tree.body if not isinstance(n, ast.FunctionDef)], []))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    defined = [function.name for function in functions] + [name for name in stored if name in parameters]
    assert parameters and sorted(defined) == sorted(set(defined))
    later = list(trees)[list(trees).index("referee-layer") :]
    for name in ["cross-entropy", "losses", "batches", "session", "train", *later]:
        assert len({isinstance(node, ast.FunctionDef) for node in trees[name].body}) == 1, name


def test_folded_cells_are_few_and_none_of_them_is_about_gans():
    folded = [cell.id for cell in CODE if cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert folded == [cell.id for cell in CODE if "folded" in cell.metadata.get("tags", [])]
    assert folded == ["quiet", "check-parameters", "load-mnist", "show-digits", "animate", "run-folder"]


def test_pictures_exist_and_have_alternative_texts():
    texts = [cell.source for cell in TEXT] + [(ROOT / "README.md").read_text(encoding="utf-8")]
    pictures = [p for text in texts for p in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", text)]
    assert len(pictures) >= 5
    for alternative, path in pictures:
        assert len(alternative) > 8 and (ROOT / path).is_file(), path
    for cell in CODE:
        if any({"image/png", "image/gif"} & set(output.get("data", {})) for output in cell.outputs):
            assert len(cell.metadata.get("alt", "")) > 10, cell.id


def test_every_text_is_in_both_languages_with_the_same_formulas_code_and_pictures_and_links_to_its_own_headings():
    fold = re.compile(r"(.*)\n\n<details><summary>中文</summary>\n\n(.*[\u4e00-\u9fff].*)\n\n</details>", re.S)
    same = re.compile(r"\$\$.+?\$\$|^ *```\w+|\]\((?:assets|https)[^)]+\)", re.S | re.M)
    for cell in TEXT:
        languages = fold.fullmatch(cell.source)  # English, and Chinese folded below it
        assert languages and same.findall(languages[1]) == same.findall(languages[2]), cell.id
        for name in re.findall(r"\]\((assets/[^)]+)\)", cell.source):
            assert (ROOT / name).is_file(), name
    for language in (1, 2):
        text = "\n".join(fold.fullmatch(cell.source)[language] for cell in TEXT)
        headings = {line.lstrip("# ").replace(" ", "-") for line in text.splitlines() if line.startswith("#")}
        links = set(re.findall(r"\]\(#([^)]+)\)", text))
        assert len(links) == 19 and links <= headings


def changed(path, changes):
    """Write the notebook into a file with some code replaced, given by cell ids as (old, new)."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.id in changes:
            old, new = changes[cell.id]
            assert old in cell.source
            cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)
    return path


def test_a_crash_says_why_on_the_terminal_that_jupyter_was_started_from(small_data, tmp_path):
    crash = {"double": ("x = tf", "os.write(2, b'the reason\\n'); os.abort()\nx = tf")}
    notebook = changed(tmp_path / "crash.ipynb", crash)
    process = nbconvert(tmp_path, "--execute", "--to", "html", notebook=notebook, data=small_data)
    assert process.returncode != 0 and "the reason" in process.stderr


def test_a_time_limit_that_interrupts_stops_train_gan_and_the_rest_runs(small_data, tmp_path):
    """As by the stop button; nothing but the sentence tells it, and results.json says how many epochs were done."""
    notebook = changed(tmp_path / "long.ipynb", {"parameters": ('"GAN_EPOCHS") or 17', '"LONG") or 10**6')})
    limits = "--ExecutePreprocessor.timeout=25", "--ExecutePreprocessor.interrupt_on_timeout=True"
    options = "--execute", "--to", "html", *limits
    process = nbconvert(tmp_path, *options, notebook=notebook, data=small_data, GAN_EPOCHS="2")
    assert process.returncode == 0, process.stderr
    assert "Stopped. Run this cell again" in (tmp_path / "gan_mnist.html").read_text(encoding="utf-8")
    (results,) = tmp_path.glob("checkpoints/*/results.json")
    epochs = json.loads(results.read_text(encoding="utf-8"))["epochs"]
    assert epochs["plain"] == 2 and len(list(results.parent.glob("better/epoch-*.npz"))) >= epochs["better"] > 0


def test_as_a_script_it_runs_and_shows_its_errors(small_data, tmp_path):
    script = NOTEBOOK.with_suffix(".py").name
    assert nbconvert(tmp_path, "--to", "script", data=small_data).returncode == 0
    process = run_in(tmp_path, script, GAN_EPOCHS="30", MPLBACKEND="agg")
    assert (process.returncode, process.stderr) == (0, "")
    assert not re.search(r"[^\n\t -~é]", process.stdout), "control characters"
    assert len(list(tmp_path.glob("checkpoints/*/results.json"))) == 1
    (tmp_path / "assets" / "data" / "mnist.npz").write_text("not found")
    process = run_in(tmp_path, script, MPLBACKEND="agg")
    assert process.returncode == 1 and "assets/data/convert.py" in process.stderr


@pytest.mark.parametrize("stderr", ["None", "io.StringIO()"])
def test_where_standard_error_is_no_file_the_setup_works(tmp_path, stderr):
    code = f"import io, sys\nsys.stderr = {stderr}\n{cells()['quiet']}\nwith quiet():\n    os.write(2, b'hidden')\n"
    process = run_in(tmp_path, "-c", code + "os.write(2, b'seen')")
    assert (process.returncode, process.stderr) == (0, "seen")
