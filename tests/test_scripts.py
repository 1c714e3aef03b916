"""The scripts in assets, as a user calls them."""

import pytest
from conftest import files, run_in
from notebook import ROOT

MISTAKES = {
    "data/convert.py": ["none", "to.npz"],
    "exercises/make.py": ["taken.ipynb"],
    "page/finish.py": ["none.html"],
    "images/draw.py": ["--nothing"],
    "research/benchmark.py": ["none"],
    "research/judge.py": ["none"],
    "research/sweep.py": ["seed"],
}


def test_every_script_is_tried_here():
    assets = ROOT / "assets"
    texts = {path.relative_to(assets).as_posix(): path.read_text(encoding="utf-8") for path in assets.rglob("*.py")}
    assert {name for name, text in texts.items() if "__main__" in text} == MISTAKES.keys()


@pytest.mark.parametrize("name", MISTAKES)
def test_help_has_an_example_and_a_mistake_is_told_in_one_line(name, tmp_path):
    """Help comes without TensorFlow, and nothing is written."""
    (tmp_path / "taken.ipynb").write_text("mine")
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('TensorFlow was imported')")
    script = ROOT / "assets" / name
    process = run_in(tmp_path, script, "--help", PYTHONPATH=".")
    assert process.returncode == 0 and f"python assets/{name}" in process.stdout, process.stderr
    process = run_in(tmp_path, script, *MISTAKES[name])
    last = process.stderr.splitlines()[-1]
    assert process.returncode == 2 and "Traceback" not in process.stderr and len(last) > 30, process.stderr
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"taken.ipynb", "tensorflow.py"}
    assert (tmp_path / "taken.ipynb").read_text() == "mine"


def test_judge_reads_both_gans_of_a_run_and_a_folder_of_train_gan(trained):
    process = run_in(ROOT, "assets/research/judge.py", trained["run"], f"{trained['run']}/better", "--last", "--valid")
    assert (process.returncode, process.stderr) == (0, "")
    rows = [line.split(" | ")[0] for line in process.stdout.splitlines()[2:]]
    assert [row.split("/")[-1] for row in rows] == [
        "plain",
        "better",
        "better",
        "| training images",
        "| validation images",
    ]


def test_sweep_trains_all_combinations_and_goes_on_and_an_error_stops_no_other(small_data, tmp_path):
    axes = "seed=0,1", "batch_size=50,0", "g_hidden_size=32", "epochs=1", f"data_path={small_data}"
    first = run_in(tmp_path, ROOT / "assets" / "research" / "sweep.py", *axes)
    table = (tmp_path / "runs" / "table.csv").read_text(encoding="utf-8").splitlines()
    assert first.returncode == 1 and len(table) == 3 and table[0].startswith("seed,batch_size,")
    assert first.stdout.count("FAILED") == 2 and "expected 1 to 1100" in first.stdout
    before = files(tmp_path)
    again = run_in(
        tmp_path, ROOT / "assets" / "research" / "sweep.py", *axes[:1], "batch_size=50", *axes[2:], "--judge"
    )
    assert again.returncode == 0, again.stderr
    assert {path for path, data in files(tmp_path).items() if data != before[path]} == {tmp_path / "runs" / "table.csv"}
    assert (tmp_path / "runs" / "table.csv").read_text(encoding="utf-8").splitlines()[1:] != table[1:]
