"""Run the notebook once for each combination of parameters, many at a time, and compare the results.

    python assets/sweep.py seed=0,1,2 z_kinds=20,40
    python assets/sweep.py seed=0,1,2 z_kinds=20,40 --scheduler tcp://host:8786

Each run has a folder in runs/, with its checkpoints and the executed notebook, and computes with one thread: so give a
worker of a cluster as many threads as it has cores. Started again, the sweep runs what has no results yet for these
parameters and epochs, from its last checkpoint. The workers of a cluster must see the repository and runs/ under the
same paths as here.
"""

import argparse
import ast
import csv
import itertools
import json
import os
import sys
from pathlib import Path
from urllib.parse import quote

import nbformat
import numpy as np
import papermill
from distributed import Client, LocalCluster, progress

NOTEBOOK = Path(__file__).resolve().parent.parent / "gan_mnist.ipynb"
THREADS = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"], "1")
MEASURES = ["Fréchet distance", "readable", "rarest class", "log-likelihood"]


def parse(text):
    """Return the Python value that a text stands for; a text such as a path needs no quotes."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def defaults():
    """Return the notebook's parameters as its own cell sets them, in the environment of now."""
    (cell,) = [
        c for c in nbformat.read(NOTEBOOK, 4).cells if "parameters" in c.metadata.get("tags", [])
    ]
    values = {"os": os}
    exec(cell.source, values)
    return {k: v for k, v in values.items() if not k.startswith("__") and k != "os"}


def results(folder, parameters):
    """Return the newest results in a folder that these parameters gave with as many epochs, or None."""
    expected = defaults() | parameters
    for path in sorted(folder.glob("checkpoints/*/results.json"), reverse=True):
        found = json.loads(path.read_text(encoding="utf-8"))
        theirs = {"epochs": found["epochs"]} | found["settings"]
        if all(theirs[name] == value for name, value in expected.items() if name in theirs):
            return found
    return None


def run(folder, parameters):
    """Execute the notebook in a folder, on one thread; return the error as text, or None."""
    os.environ.update(THREADS, TF_CPP_MIN_LOG_LEVEL="3")
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {"data_path": str(NOTEBOOK.parent / "assets" / "mnist.npz")} | parameters
    parameters |= {"checkpoint_dir": "checkpoints", "resume": True}
    notebooks = NOTEBOOK, folder / NOTEBOOK.name
    try:
        papermill.execute_notebook(*notebooks, parameters, cwd=folder, progress_bar=False)
    except Exception as error:  # whatever it is, it must not stop the other runs
        return f"{getattr(error, 'ename', type(error).__name__)}: {getattr(error, 'evalue', error)}"


def table(runs):
    """Return rows of parameters, number of finished runs, and mean and standard error of each measure over the seeds,
    the smallest Fréchet distance first, from runs: a dict from folder to parameters."""
    groups = {}
    for folder, parameters in runs.items():
        if found := results(folder, parameters):
            key = " ".join(f"{k}={v}" for k, v in parameters.items() if k != "seed")
            groups.setdefault(key or "defaults", []).append([found[name][0] for name in MEASURES])
    rows = []
    for key, values in groups.items():
        errors = np.std(values, axis=0) / ((len(values) - 1) ** 0.5 or np.nan)
        rows.append([key, len(values), *np.stack([np.mean(values, axis=0), errors], 1).ravel()])
    return sorted(rows, key=lambda row: row[2])


def main():
    """Run what is missing, print errors and table, write runs/table.csv; return 1 if a run failed, else 0."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("axes", nargs="+", metavar="name=value,value,...")
    parser.add_argument("--scheduler", help="the address of a running cluster; else a local one")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="of a local cluster")
    options = parser.parse_args()
    sys.stdout.reconfigure(errors="replace")  # a console may have no é
    axes = {name: values.split(",") for name, _, values in (a.partition("=") for a in options.axes)}
    if wrong := axes.keys() - defaults().keys():
        parser.error(f"the notebook has no parameters {sorted(wrong)}")
    runs = {}
    for texts in itertools.product(*axes.values()):
        name = quote(" ".join(f"{k}={v}" for k, v in zip(axes, texts)), safe="= ")
        parameters = dict(zip(axes, map(parse, texts)))
        if "data_path" in parameters:
            parameters["data_path"] = str(Path(parameters["data_path"]).expanduser().resolve())
        runs[Path("runs", name).resolve()] = parameters
    missing = [folder for folder in runs if not results(folder, runs[folder])]
    print(f"{len(runs)} runs, {len(missing)} of them to do")

    cluster = options.scheduler or LocalCluster(n_workers=options.workers, threads_per_worker=1)
    with Client(cluster) as client:
        futures = [client.submit(run, folder, runs[folder], pure=False) for folder in missing]
        progress(futures)
        errors = [
            future.exception() or future.result() for future in futures
        ]  # a killed worker's, too
    for folder, error in zip(missing, errors):
        print(f"\nFAILED {folder.name}: {error}" if error else "", end="")

    head = [text for name in MEASURES for text in (name, "±")]
    rows = [["parameters", "runs", *head], *table(runs)]
    print()
    with open("runs/table.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    for row in rows:
        print(*(f"{x:.3f}" if isinstance(x, float) else x for x in row), sep=" | ")
    return int(any(errors))


if __name__ == "__main__":
    raise SystemExit(main())
