"""The exercise edition: what is blank, what the checks say of mistakes, that right answers pass and train, and grading."""

import json
import re

import nbformat
import pytest
from conftest import assert_same_plain, nbconvert, run_in
from make import NOTEBOOK, TASKS, exercise_edition, verdict
from mistakes import MISTAKES, RIGHT
from notebook import ROOT, cells
from texts import SAYS

MAKE = ROOT / "assets" / "exercises" / "make.py"


@pytest.fixture(scope="module")
def notebook():
    """The notebook, as a dict."""
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def edition(notebook):
    """The cells of the exercise edition, by id."""
    made = exercise_edition(notebook)
    nbformat.validate(nbformat.from_dict(made))
    return {cell["id"]: cell for cell in made["cells"]}


def run(edition, last, parameters, **answers):
    """Run the edition's code cells up to last, as Jupyter does, the blank ones as the answers, by id, or else as the notebook
    has them; return the namespace."""
    namespace = {"In": [""]}
    for name, cell in edition.items():
        if cell["cell_type"] == "code":
            source = answers.get(name, cells()[name]) if name in TASKS else cell["source"]
            namespace["In"].append(source)
            exec(compile(source, name, "exec"), namespace)
            if name == "parameters":
                namespace.update(parameters)
        if name == last:
            return namespace


def test_it_is_written_once_with_tasks_for_answers_and_without_other_parts(edition, tmp_path):
    assert run_in(tmp_path, MAKE).returncode == 0
    path = tmp_path / "gan_mnist_exercises.ipynb"
    written = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    path.write_text("my solutions", encoding="utf-8")
    process = run_in(tmp_path, MAKE)
    assert (process.returncode, path.read_text(encoding="utf-8")) == (2, "my solutions") and "--force" in process.stderr
    assert run_in(tmp_path, MAKE, "--force").returncode == 0 and path.read_text(encoding="utf-8") != "my solutions"

    assert not any(cell.outputs for cell in written.cells if cell.cell_type == "code")
    everything = "".join(cell.source for cell in written.cells if cell.id != "checks")
    for answer in (
        "tf.tanh(logits)",
        "tf.sigmoid(logits)",
        "tf.maximum(alpha",
        "cross_entropy(d_logits",
        "var_list=g_vars",
    ):
        assert answer in "".join(cells().values()) and answer not in everything, answer
    texts = "".join(cell.source for cell in written.cells if cell.cell_type == "markdown")
    assert not re.search(r"section 1[4-9]|第 1[4-9] 节|[Ee]xperiment \d|实验 \d|train_gan", texts)
    for name in TASKS:
        assert edition[name]["source"].count("...") >= 1 and "任务" in edition[f"task-{name}"]["source"]


def test_answers_of_the_notebook_pass_and_train_its_own_gan(edition, trained, small, tmp_path):
    assert_same_plain(trained, run(edition, "walk", small | {"checkpoint_dir": str(tmp_path)}))


def kind_of(told):
    """Return the kinds of sentence that the first line of what was told can be."""
    patterns = {kind: re.sub(r"\\\{\w+\\\}", ".*", re.escape(english)) for kind, (english, *_) in SAYS.items()}
    return [kind for kind, pattern in patterns.items() if re.fullmatch(pattern, told.splitlines()[0])]


@pytest.mark.parametrize("name, answer", RIGHT)
def test_right_answers_in_other_styles_pass(name, answer):
    assert verdict(name, answer) == {"right": True, "told": ""}


@pytest.mark.parametrize("name, right, wrong, kind", MISTAKES)
def test_each_mistake_gets_its_sentence_in_few_lines_and_both_languages(name, right, wrong, kind):
    answer = right if wrong is None else cells()[name].replace(right, wrong)
    assert answer != cells()[name]
    told = verdict(name, answer)["told"]
    assert kind in kind_of(told), told
    assert len(told.splitlines()) <= 3 and re.search("[\u4e00-\u9fff]", told.splitlines()[1])


def test_the_cell_that_was_run_last_is_checked_alone_be_it_no_python_or_without_a_name(edition, small):
    namespace = run(edition, "losses", small)
    for wrong, told in ((("d_loss =", "loss ="), "does not define d_loss"), (("1)", "1"), "SyntaxError")):
        namespace["In"].append(cells()["losses"].replace(*wrong))
        with pytest.raises(namespace["Wrong"], match=told):
            namespace["check"]("losses")
        namespace["In"].append(cells()["losses"])
        namespace["check"]("losses")
    namespace["leaky_relu"] = namespace["cross_entropy"] = max  # wrong answers to other blanks
    namespace["check"]("generator")
    namespace["check"]("losses")
    namespace["In"][:] = [""]
    with pytest.raises(namespace["Wrong"], match="run the cell above"):
        namespace["check"]("losses")


def test_what_was_built_in_an_older_graph_is_told_and_experiments_are_not_stopped(edition, small, capsys, monkeypatch):
    namespace = run(edition, "variables", small)
    exec(cells()["build"], namespace)
    with pytest.raises(namespace["Wrong"], match="not in the present graph"):
        namespace["check"]("variables")
    exec(cells()["variables"], namespace)
    namespace["check"]("variables")

    second_layer = cells()["generator"].replace(
        "logits =", 'h1 = leaky_relu(dense(h1, n_units, "h2"), alpha)\n        logits ='
    )
    namespace["In"].append(second_layer)
    with pytest.raises(namespace["Wrong"]):
        namespace["check"]("generator")
    namespace["experimenting"] = True
    namespace["check"]("generator")
    assert "layers" in capsys.readouterr().out
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(namespace["Wrong"]):
        namespace["check"]("generator")


def test_checks_in_jupyter_stop_at_a_mistake_with_the_sentence_and_no_traceback(notebook, tmp_path):
    solved = exercise_edition(notebook, TASKS)
    solved["cells"] = solved["cells"][: 1 + [cell["id"] for cell in solved["cells"]].index("check-generator")]
    wrong = cells()["generator"].replace("return out", "return None")
    next(cell for cell in solved["cells"] if cell["id"] == "generator")["source"] = wrong
    (tmp_path / "solved.ipynb").write_text(json.dumps(solved), encoding="utf-8")
    process = nbconvert(
        tmp_path,
        "--execute",
        "--allow-errors",
        "--to",
        "notebook",
        "--output",
        "run",
        notebook=tmp_path / "solved.ipynb",
    )
    assert process.returncode == 0, process.stderr
    ran = {cell.id: cell for cell in nbformat.read(tmp_path / "run.ipynb", 4).cells}
    assert "right" in ran["check-leaky-relu"].outputs[0].text
    (shown,) = ran["check-generator"].outputs
    assert shown.ename == "Wrong" and len(shown.traceback) <= 3 and "NoneType" in shown.traceback[0]


def test_solved_editions_are_graded_answer_by_answer_whatever_became_of_the_checks(notebook, tmp_path):
    """One slip costs one blank, what never ends is stopped, what ends Python is told; the notebook itself is refused."""
    perfect, flawed = exercise_edition(notebook, TASKS), exercise_edition(notebook, set(TASKS) - {"build"})
    perfect["cells"] = [cell for cell in perfect["cells"] if not cell["id"].startswith("check")]
    copied = next(cell for cell in perfect["cells"] if cell["id"] == "variables")
    perfect["cells"].append(copied | {"source": "# print(g_vars)"})
    copied["source"] = "%%time\n" + copied["source"] + "\ng_vars?"
    for number, cell in enumerate(perfect["cells"]):  # as editors write it that know no ids
        cell["id"] = f"x{number}"
    slip = cells()["generator"].replace("reuse=reuse", "reuse=True")
    cheat = "check, experimenting = print, True\ndef model_inputs(real_dim, z_dim):\n    return 1, 2"
    wrong = {"model-inputs": cheat, "leaky-relu": "while True: pass", "generator": slip, "losses": "exit()"}
    for cell in flawed["cells"]:
        cell["source"] = wrong.get(cell["id"], cell["source"])
    for name, made in {"perfect": perfect, "flawed": flawed}.items():
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(made), encoding="utf-8")
    process = run_in(tmp_path, MAKE, "--limit", "40", "--json", "--grade", "perfect.ipynb", "flawed.ipynb", NOTEBOOK)
    assert process.returncode == 2 and len(process.stderr.splitlines()) == 1 and "exercise edition" in process.stderr
    graded = {result["file"]: result["blanks"] for result in json.loads(process.stdout)}
    assert list(graded) == ["perfect.ipynb", "flawed.ipynb"]
    assert graded["perfect.ipynb"] == {name: {"right": True, "told": ""} for name in TASKS}
    told = {name: found["told"] for name, found in graded["flawed.ipynb"].items() if not found["right"]}
    assert told.keys() == wrong.keys() | {"build"}
    assert "40 seconds" in told["leaky-relu"] and "Python" in told["losses"]
    assert (kind_of(told["generator"]), kind_of(told["build"])) == (["reuse-always"], ["to-write"])


def test_a_stuck_blank_is_filled_from_the_notebook_and_what_stood_there_is_kept(tmp_path):
    path = tmp_path / "mine.ipynb"
    assert run_in(tmp_path, MAKE, path, "--fill", "build").returncode == 0  # a new one
    made = {cell.id: cell.source for cell in nbformat.read(path, as_version=nbformat.NO_CONVERT).cells}
    assert made["build"] == cells()["build"] and "..." in made["losses"]
    assert run_in(tmp_path, MAKE, path, "--fill", "losses").returncode == 0
    filled = {cell.id: cell.source for cell in nbformat.read(path, as_version=nbformat.NO_CONVERT).cells}
    assert filled["losses"].startswith(cells()["losses"]) and "# g_loss = ..." in filled["losses"]
    assert {name for name in made if made[name] != filled[name]} == {"losses"}
    (tmp_path / "folder").mkdir()
    (tmp_path / "other.ipynb").write_text("{}", encoding="utf-8")
    for arguments in (
        ("other.ipynb", "--fill", "losses"),
        (path, "--fill", "lossses"),
        ("--grade",),
        ("--force", "folder"),
    ):
        process = run_in(tmp_path, MAKE, *arguments)
        assert process.returncode == 2 and re.search("expected|invalid choice|directory", process.stderr)
        assert not list(tmp_path.glob("*.part"))
    assert (tmp_path / "other.ipynb").read_text(encoding="utf-8") == "{}"
