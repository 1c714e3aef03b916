"""The sweep, on a real local cluster of two workers; one of its runs fails on purpose, one kills its worker."""

import csv
import json
import os
import subprocess
import sys

import nbformat
import numpy as np
from cells import ROOT

MEASURES = ["Fréchet distance", "readable", "rarest class", "log-likelihood"]


def sweep(directory, *axes, **variables):
    """Run the sweep in a directory and return the finished process."""
    command = [sys.executable, ROOT / "assets" / "sweep.py", *axes, "--workers", "2"]
    options = {"capture_output": True, "text": True, "encoding": "utf-8", "check": False}
    return subprocess.run(command, cwd=directory, env=os.environ | variables, **options)


def test_sweep_runs_what_is_missing_and_compares_the_results(small_data, tmp_path):
    """In a folder with a bracket, with a relative path of the data, on a console without é."""
    directory = tmp_path / "my [1] runs"
    directory.mkdir()
    (directory / "small.npz").write_bytes(small_data.read_bytes())
    axes = ["data_path=small.npz", "epochs=1", "batch_size=50", "seed=0,-1"]
    process = sweep(directory, *axes, PYTHONIOENCODING="ascii")
    assert process.returncode == 1, process.stderr
    assert "2 runs, 2 of them to do" in process.stdout
    (line,) = [line for line in process.stdout.splitlines() if "FAILED" in line]
    assert "seed=-1: ValueError: seed is -1, expected" in line

    (path,) = directory.glob("runs/*seed=0/checkpoints/*/results.json")
    results = json.loads(path.read_text(encoding="utf-8"))
    assert results["settings"]["seed"] == 0
    cells = nbformat.read(path.parents[2] / "gan_mnist.ipynb", 4).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")
    with open(directory / "runs" / "table.csv", newline="", encoding="utf-8") as file:
        (row,) = list(csv.reader(file))[1:]
    assert row[1] == "1" and row[0].endswith("small.npz epochs=1 batch_size=50")
    np.testing.assert_allclose(np.float64(row[2::2]), [results[name][0] for name in MEASURES])

    times = {path: path.stat().st_mtime for path in directory.rglob("results.json")}
    assert "2 runs, 1 of them to do" in sweep(directory, *axes).stdout
    assert {path: path.stat().st_mtime for path in directory.rglob("results.json")} == times


def test_results_of_other_epochs_or_defaults_do_not_count_and_the_table_survives_a_killed_worker(
    tmp_path,
):
    """The runs are made up: two are whole, one has two epochs, one was made with another slope. Who executes what is
    missing is killed, as a machine without memory would do it."""
    sys.path.append(str(ROOT / "assets"))
    import sweep as module

    settings = module.defaults()
    for seed, changes in enumerate([{}, {}, {"epochs": 2}, {"alpha": 0.33}]):
        made = settings | {"seed": seed} | changes
        folder = tmp_path / "runs" / f"seed={seed}" / "checkpoints" / "2026-01-01"
        folder.mkdir(parents=True)
        content = {name: [seed, 0] for name in MEASURES} | {"epochs": made.pop("epochs")}
        for name in ("resume", "compiled", "checkpoint_dir", "data_path"):
            made.pop(name)
        (folder / "results.json").write_text(json.dumps(content | {"settings": made}))
    for seed, counts in enumerate([True, True, False, False]):
        found = module.results(tmp_path / "runs" / f"seed={seed}", {"seed": seed})
        assert (found is not None) == counts

    killer = "import os, papermill\npapermill.execute_notebook = lambda *a, **k: os._exit(1)\n"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(killer)
    process = sweep(tmp_path, "seed=0,1,2", PYTHONPATH=str(tmp_path / "site"))
    assert process.returncode == 1
    assert "3 runs, 1 of them to do" in process.stdout and "FAILED seed=2: " in process.stdout
    assert "defaults | 2 | 0.500 | 0.500" in process.stdout


def test_parameter_that_the_notebook_does_not_have_is_refused(tmp_path):
    process = sweep(tmp_path, "seed=0", "sead=1", "epochs=1")
    assert process.returncode == 2 and "no parameters ['sead']" in process.stderr
    assert list(tmp_path.iterdir()) == []
