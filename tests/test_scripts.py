"""The scripts in assets, as a user calls them."""

import benchmark
import pytest
from cells import ROOT
from conftest import run_in

MISTAKES = {
    "benchmark.py": ["none"],
    "convert.py": ["none", "to.npz"],
    "draw_figures.py": ["none"],
    "exercises.py": ["taken.ipynb"],
    "finish_page.py": ["none.html"],
    "judge.py": ["none"],
    "sweep.py": ["sead=1"],
}


def test_every_script_is_tried_here():
    texts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "assets").glob("*.py")}
    assert {name for name, text in texts.items() if "__main__" in text} == MISTAKES.keys()


@pytest.mark.parametrize("name", MISTAKES)
def test_help_has_an_example_and_a_mistake_is_told_in_one_line(name, tmp_path):
    """Help comes without TensorFlow, and nothing is written."""
    (tmp_path / "taken.ipynb").write_text("mine")
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('TensorFlow was imported')")
    script = ROOT / "assets" / name
    process = run_in(tmp_path, script, "--help", PYTHONPATH=".")
    assert process.returncode == 0 and f"example: python assets/{name}" in process.stdout, process.stderr
    process = run_in(tmp_path, script, *MISTAKES[name])
    last = process.stderr.splitlines()[-1]
    assert process.returncode == 2 and "Traceback" not in process.stderr and len(last) > 30, process.stderr
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"taken.ipynb", "tensorflow.py"}
    assert (tmp_path / "taken.ipynb").read_text() == "mine"


def test_benchmark_takes_the_steps_of_the_notebook_in_each_way():
    """Of the notebook's own cells; the ways that need other frameworks are tried by hand."""
    ns = benchmark.notebook(**benchmark.TUTORIAL, pixel_mean=0)
    images, z = (array[:3] for array in ns["epoch_batches"](1))
    for way in (benchmark.loop, benchmark.compiled, benchmark.products):
        way(ns, images, z)()
    training, draw = benchmark.of_the_notebook(mean=False, **benchmark.TUTORIAL)
    next(training)
    assert draw(5).shape == (5, 784) and ns["pixel_mean"] == 0 and ns["t_vars"][0].shape == (100, 128)
