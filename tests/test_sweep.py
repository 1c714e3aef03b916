"""The sweep, on a real local cluster of two workers; one of its runs fails on purpose, one kills its worker."""

import csv
import json
import shutil
import sys

import nbformat
import numpy as np
from cells import ROOT
from conftest import run_in

sys.path.append(str(ROOT / "assets"))
from sweep import defaults, results

MEASURES = ["Fréchet distance", "readable", "rarest class", "log-likelihood"]


def sweep(directory, *axes, **variables):
    """Run the sweep in a directory and return the finished process."""
    return run_in(directory, ROOT / "assets" / "sweep.py", *axes, "--workers", "2", **variables)


def test_sweep_runs_what_is_missing_and_compares_the_results(small_data, tmp_path):
    """In a folder with a bracket, with a relative path of the data, on a console without é."""
    directory = tmp_path / "my [1] runs"
    directory.mkdir()
    shutil.copy(small_data, directory / "small.npz")
    axes = ["data_path=small.npz", "epochs=1", "batch_size=50", "seed=0,-1"]
    process = sweep(directory, *axes, PYTHONIOENCODING="ascii")
    assert process.returncode == 1 and "2 runs, 2 of them to do" in process.stdout, process.stderr
    (line,) = [line for line in process.stdout.splitlines() if "FAILED" in line]
    assert "seed=-1: ValueError: seed is -1, expected" in line

    (path,) = directory.glob("runs/*seed=0/checkpoints/*/results.json")
    made = json.loads(path.read_text(encoding="utf-8"))
    assert made["settings"]["seed"] == 0
    cells = nbformat.read(path.parents[2] / "gan_mnist.ipynb", 4).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")
    with open(directory / "runs" / "table.csv", newline="", encoding="utf-8") as file:
        _, (parameters, runs, *columns) = csv.reader(file)
    assert runs == "1" and parameters.endswith("small.npz epochs=1 batch_size=50")
    np.testing.assert_allclose(np.float64(columns[::2]), [made[name][0] for name in MEASURES])

    times = {path: path.stat().st_mtime for path in directory.rglob("results.json")}
    assert "2 runs, 1 of them to do" in sweep(directory, *axes).stdout
    assert {path: path.stat().st_mtime for path in directory.rglob("results.json")} == times


def test_results_of_other_epochs_or_defaults_do_not_count_and_the_table_survives_a_killed_worker(tmp_path):
    """Made-up results: two whole, one of two epochs, one with another slope. Who executes what is missing is killed."""
    for seed, changes in enumerate([{}, {}, {"epochs": 2}, {"alpha": 0.33}]):
        settings = defaults() | {"seed": seed} | changes
        made = {name: [seed, 0] for name in MEASURES} | {"epochs": settings.pop("epochs"), "settings": settings}
        for name in ("resume", "compiled", "checkpoint_dir", "data_path"):
            del settings[name]
        folder = tmp_path / "runs" / f"seed={seed}"
        (folder / "checkpoints" / "2026-01-01").mkdir(parents=True)
        (folder / "checkpoints" / "2026-01-01" / "results.json").write_text(json.dumps(made))
        assert (results(folder, {"seed": seed}) is None) == bool(changes)

    killer = "import os, papermill; papermill.execute_notebook = lambda *a, **k: os._exit(1)"
    (tmp_path / "sitecustomize.py").write_text(killer)
    process = sweep(tmp_path, "seed=0,1,2", PYTHONPATH=str(tmp_path))
    assert process.returncode == 1 and "3 runs, 1 of them to do" in process.stdout
    assert "FAILED seed=2: " in process.stdout and "defaults | 2 | 0.500 | 0.500" in process.stdout


def test_parameter_that_the_notebook_does_not_have_is_refused(tmp_path):
    process = sweep(tmp_path, "seed=0", "sead=1", "epochs=1")
    assert process.returncode == 2 and "no parameters ['sead']" in process.stderr
    assert list(tmp_path.iterdir()) == []
