"""The sweep, on a real local cluster of two workers; one of its runs fails on purpose, one kills its worker."""

import csv
import json
import shutil

import nbformat
import numpy as np
from cells import ROOT
from conftest import files, run_in
from sweep import MEASURES, results, run_folder

SWEEP = ROOT / "assets" / "sweep.py", "--workers", "2"


def test_sweep_runs_each_combination_and_compares_the_results(small_data, tmp_path):
    """In a folder with a bracket, with a relative path of the data, on a console without ±; what was stopped goes on."""
    directory = shutil.copytree(small_data.parent, tmp_path / "my [1] runs")
    axes = "data_path=small.npz epochs=1 batch_size=50"
    process = run_in(directory, *SWEEP, *axes.split(), "seed=0,-1", PYTHONIOENCODING="ascii")
    assert process.returncode == 1 and "2 runs, 2 of them to do" in process.stdout, process.stderr
    _, failed = process.stdout.split("FAILED ")
    assert failed.startswith(f"{axes} seed=-1: ValueError: ")

    (path,) = directory.glob("runs/*seed=0/run-*/results.json")
    made = json.loads(path.read_text(encoding="utf-8"))
    cells = nbformat.read(path.parents[1] / "gan_mnist.ipynb", 4).cells
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")
    _, (parameters, runs, *columns) = csv.reader((directory / "runs" / "table.csv").read_text("utf-8").splitlines())
    assert parameters.endswith("small.npz epochs=1 batch_size=50") and (runs, made["settings"]["seed"]) == ("1", 0)
    np.testing.assert_allclose(np.float64(columns[::2]), [made["measures"][name]["value"] for name in MEASURES])

    checkpoint = next(path.parent.glob("gan-1.data*")).stat().st_mtime_ns
    path.write_text(path.read_text()[:99])  # half written
    process = run_in(directory, *SWEEP, *axes.split(), "seed=0")
    assert (process.returncode, json.loads(path.read_text())["measures"]) == (0, made["measures"])
    assert next(path.parent.glob("gan-1.data*")).stat().st_mtime_ns == checkpoint


def test_results_of_other_parameters_do_not_count_and_the_table_survives_a_killed_worker(tmp_path):
    """Made-up results. Who executes what is missing is killed."""
    runs = tmp_path / "runs"
    for seed, changes in enumerate([{}, {}, {"alpha": 0.33}]):
        folder = runs / f"seed={seed}"
        path = run_folder(folder, {"seed": seed} | changes)
        path.mkdir(parents=True)
        made = {"measures": {name: {"value": seed, "standard_error": 0} for name in MEASURES}}
        (path / "results.json").write_text(json.dumps(made))
        assert (results(folder, {"seed": seed}) is None) == bool(changes)

    before = files(runs)
    killer = "import os, papermill; papermill.execute_notebook = lambda _, to, *a, **k: [open(to, 'w'), os._exit(1)]"
    (tmp_path / "sitecustomize.py").write_text(killer)
    process = run_in(tmp_path, *SWEEP, "seed=0,1,2", PYTHONPATH=".", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    assert process.returncode == 1 and "3 runs, 1 of them to do" in process.stdout
    assert "FAILED seed=2: " in process.stdout and "defaults | 2 | 0.500 | 0.500" in process.stdout
    new = runs / "seed=2" / "gan_mnist.ipynb", runs / "table.csv"
    assert files(runs) == before | {path: path.read_bytes() for path in new}


def test_parameter_that_the_notebook_does_not_have_is_refused(tmp_path):
    process = run_in(tmp_path, *SWEEP, "seed=0", "sead=1", "epochs=1")
    assert process.returncode == 2 and "no parameters ['sead']" in process.stderr and not any(tmp_path.iterdir())
