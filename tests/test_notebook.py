"""The notebook as a file, and as people run it: headless, through nbconvert, and as a script."""

import ast
import base64
import io
import re

import nbformat
import pytest
from cells import NOTEBOOK, ROOT, cells, run_notebook
from conftest import nbconvert, run_in
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
    assert NOTEBOOK.stat().st_size < 2_000_000


def test_outputs_are_those_of_one_clean_run_with_the_default_parameters():
    assert [cell.execution_count for cell in CODE] == list(range(1, len(CODE) + 1))
    assert not [output for output in OUTPUTS if output.output_type == "error" or output.get("name") == "stderr"]
    assert sum("image/png" in output.get("data", {}) for output in OUTPUTS) >= 12
    text = "".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in OUTPUTS)
    assert not re.search(r"/(home|root|tmp|work|Users|usr)/|[Ww]arning|[IWEF]0000", text)

    outputs = {cell.id: cell.outputs for cell in CODE}
    defaults = run_notebook("check-parameters")
    batches = f"({55_000 // defaults['batch_size']}, {defaults['batch_size']}, 784)"
    assert outputs["try-epoch-batches"][0].text.startswith(batches)
    assert f"{defaults['epochs']} of {defaults['epochs']} epochs are done." in outputs["train"][-1].text
    gif = re.search('base64,([^"]+)', outputs["animate"][0].data["text/html"])[1]
    assert Image.open(io.BytesIO(base64.b64decode(gif))).n_frames == defaults["epochs"]


# numbers that a text quotes, by the text's and the output's cell
QUOTES = [
    ("about-noise", "untrained", ["0.7"]),
    ("about-read-losses", "try-losses", ["0.325", "2.3", "0.1"]),
    ("about-class-variation", "readable", ["88.1", "94.2"]),
    ("about-frechet", "class-variation", ["3.0", "1.0"]),
    ("about-nearest", "distance", ["2.17", "1.10"]),
    ("about-parzen", "nearest", ["8.8", "2.4", "2.3"]),
    ("about-soften", "log-likelihood", ["216"]),
    ("about-results", "log-likelihood", ["216", "245"]),
    ("about-results", "soften", ["252", "2.22"]),
    ("about-results", "distance", ["2.17"]),
]


def numbers_of(text):
    """Return the numbers of a text, in the order in which they stand."""
    return re.findall(r"-?\d+\.?\d*", text)


@pytest.mark.parametrize("text_id, output_id, numbers", QUOTES)
def test_numbers_that_a_text_quotes_are_those_of_the_output_in_both_languages(text_id, output_id, numbers):
    (output,) = ["".join(o.get("text", "") for o in cell.outputs) for cell in CODE if cell.id == output_id]
    (source,) = [cell.source for cell in TEXT if cell.id == text_id]
    for language in source.split("<details><summary>中文</summary>"):
        for number in numbers:
            assert number in numbers_of(language), number
    for number in numbers:
        decimals = len(number.partition(".")[2])
        assert any(f"{float(found):.{decimals}f}" == number for found in numbers_of(output)), number


def test_every_function_has_a_docstring_and_one_definition():
    """No name of a function, and no parameter, gets another meaning further down."""
    nodes = list(ast.walk(ast.parse("\n".join(cells().values()))))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert [function.name for function in functions if not ast.get_docstring(function)] == []
    parameters = re.findall(r"(?m)^(\w+): ", cells()["parameters"])
    stored = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    defined = [function.name for function in functions] + [name for name in stored if name in parameters]
    assert parameters and sorted(defined) == sorted(set(defined))


def test_pictures_exist_and_have_alternative_texts():
    texts = [cell.source for cell in TEXT] + [(ROOT / "README.md").read_text(encoding="utf-8")]
    pictures = [p for text in texts for p in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", text)]
    assert len(pictures) >= 3
    for alternative, path in pictures:
        assert len(alternative) > 10 and (ROOT / path).is_file(), path
    for cell in CODE:
        if any({"image/png", "image/gif"} & set(output.get("data", {})) for output in cell.outputs):
            assert len(cell.metadata.get("alt", "")) > 10, cell.id


def test_every_text_is_in_both_languages_with_the_same_formulas_code_and_captions_and_links_to_its_own_headings():
    fold = re.compile(r"(.*)\n\n<details>\s*<summary>中文</summary>\n\n(.*[\u4e00-\u9fff].*)\n\n</details>", re.S)
    same = re.compile(r"\$\$.+?\$\$|```.*?```|\]\(assets/[^)]+\)", re.S)
    for cell in TEXT:
        languages = fold.fullmatch(cell.source)  # English, and Chinese folded below it
        assert languages and same.findall(languages[1]) == same.findall(languages[2]), cell.id
    for language in (1, 2):
        text = "\n".join(fold.fullmatch(cell.source)[language] for cell in TEXT)
        headings = {line.lstrip("# ").replace(" ", "-") for line in text.splitlines() if line.startswith("#")}
        links = set(re.findall(r"\]\(#([^)]+)\)", text))
        assert len(links) == 17 and links <= headings


def test_a_crash_says_why_on_the_terminal_that_jupyter_was_started_from(small_data, tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    crash = "os.write(2, b'the reason\\n'); os.abort()"
    notebook.cells = [*notebook.cells[:4], nbformat.v4.new_code_cell(crash)]
    nbformat.write(notebook, tmp_path / "crash.ipynb")
    process = nbconvert(tmp_path, "--execute", "--to", "html", notebook=tmp_path / "crash.ipynb", data=small_data)
    assert process.returncode != 0 and "the reason" in process.stderr


def test_as_a_script_it_runs_and_shows_its_errors(small_data, tmp_path):
    script = NOTEBOOK.with_suffix(".py").name
    assert nbconvert(tmp_path, "--to", "script", data=small_data).returncode == 0
    process = run_in(tmp_path, script, GAN_EPOCHS="1", MPLBACKEND="agg")
    assert (process.returncode, process.stderr) == (0, "")
    assert len(list(tmp_path.glob("checkpoints/*/results.json"))) == 1
    (tmp_path / "assets" / "mnist.npz").write_text("not found")
    process = run_in(tmp_path, script, MPLBACKEND="agg")
    assert process.returncode == 1 and "assets/convert.py" in process.stderr
