"""The sweep, on a real local cluster of two workers; one of its runs fails on purpose."""

import csv
import json
import subprocess
import sys

import nbformat
import numpy as np
from conftest import ROOT, checkpoint


def sweep(directory, small_data):
    """Run the sweep in a directory and return the finished process."""
    axes = [f"data_path={small_data}", "epochs=1", "batch_size=50", "seed=0,1,-1"]
    command = [sys.executable, ROOT / "assets" / "sweep.py", *axes, "--workers", "2"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


def test_sweep_runs_what_is_missing_and_compares_the_results(small_data, tmp_path):
    process = sweep(tmp_path, small_data)
    assert process.returncode == 1, process.stderr
    assert "3 runs, 3 of them to do" in process.stdout
    (line,) = [line for line in process.stdout.splitlines() if "FAILED" in line]
    assert line.endswith("seed=-1: ValueError: seed is -1, expected int in [0, 1000000000.0)")

    folders = {path.name.rpartition("seed=")[2]: path for path in (tmp_path / "runs").glob("*=*")}
    assert folders.keys() == {"0", "1", "-1"}
    results = []
    for seed in ("0", "1"):
        content = json.loads((folders[seed] / "results.json").read_text(encoding="utf-8"))
        assert f"seed={seed}" in content["settings"]
        assert len(checkpoint(folders[seed])["history/rows"]) == 1
        cells = nbformat.read(folders[seed] / "gan_mnist.ipynb", 4).cells
        assert all(cell.execution_count for cell in cells if cell.cell_type == "code")
        results.append(content)
    with open(tmp_path / "runs" / "table.csv", newline="", encoding="utf-8") as file:
        (row,) = list(csv.reader(file))[1:]
    assert row[:2] == [f"data_path={small_data} epochs=1 batch_size=50", "2"]
    for k, name in enumerate(["Fréchet distance", "readable", "rarest class", "log-likelihood"]):
        a, b = (content[name][0] for content in results)
        expected = [(a + b) / 2, abs(a - b) / 2]
        np.testing.assert_allclose(np.float64(row[2 + 2 * k : 4 + 2 * k]), expected, atol=1e-12)
    assert f"{float(row[2]):.3f} | {float(row[3]):.3f}" in process.stdout

    times = {path: path.stat().st_mtime for path in tmp_path.glob("runs/*/results.json")}
    assert "3 runs, 1 of them to do" in sweep(tmp_path, small_data).stdout
    assert {path: path.stat().st_mtime for path in tmp_path.glob("runs/*/results.json")} == times


def test_parameter_that_the_notebook_does_not_have_is_refused(tmp_path):
    command = [sys.executable, ROOT / "assets" / "sweep.py", "seed=0", "sead=1", "epochs=1"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.returncode == 2 and "no parameters ['sead']" in process.stderr
    assert list(tmp_path.iterdir()) == []


def test_sweep_over_seeds_alone_is_a_row_named_defaults(tmp_path):
    """The runs are made up: this is about the table."""
    for seed in (0, 1, 2):
        folder = tmp_path / "runs" / f"seed={seed}"
        folder.mkdir(parents=True)
        names = ["Fréchet distance", "readable", "rarest class", "log-likelihood"]
        content = json.dumps({name: [seed, 0] for name in names})
        (folder / "results.json").write_text(content, encoding="utf-8")
    command = [sys.executable, ROOT / "assets" / "sweep.py", "seed=0,1,2", "--workers", "1"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert "defaults | 3 | 1.000 | 0.577" in process.stdout
