"""Run the notebook once for each combination of parameters, many at a time, and compare the results.

    python assets/sweep.py seed=0,1,2 z_size=10,26
    python assets/sweep.py seed=0,1,2 z_size=10,26 --scheduler tcp://host:8786

Each run has a folder in runs/, with its checkpoint and the executed notebook, and computes with one thread: so give a
worker of a cluster as many threads as it has cores. Started again, the sweep runs what has no results.json yet, from
its last checkpoint. The workers of a cluster must see the repository and runs/ under the same paths as here.
"""

import argparse
import ast
import csv
import itertools
import json
import os
from pathlib import Path
from urllib.parse import quote

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


def run(folder, parameters):
    """Execute the notebook into a folder, on one thread; return the error as text, or None."""
    os.environ.update(THREADS, TF_CPP_MIN_LOG_LEVEL="3")
    folder.mkdir(parents=True, exist_ok=True)
    parameters = parameters | {"checkpoint_dir": str(folder), "resume": True}
    notebooks = NOTEBOOK, folder / NOTEBOOK.name
    try:
        papermill.execute_notebook(*notebooks, parameters, cwd=NOTEBOOK.parent, progress_bar=False)
    except Exception as error:  # noqa: BLE001  whatever it is, it must not stop the other runs
        return f"{getattr(error, 'ename', type(error).__name__)}: {getattr(error, 'evalue', error)}"


def table(runs):
    """Return rows of parameters, number of finished runs, and mean and standard error of each measure over the seeds,
    the smallest Fréchet distance first, from runs: a dict from folder to parameters."""
    groups = {}
    for folder, parameters in runs.items():
        if (folder / "results.json").exists():
            results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
            key = " ".join(f"{k}={v}" for k, v in parameters.items() if k != "seed")
            groups.setdefault(key or "defaults", []).append([results[name][0] for name in MEASURES])
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
    axes = {name: values.split(",") for name, _, values in (a.partition("=") for a in options.axes)}
    if wrong := axes.keys() - papermill.inspect_notebook(NOTEBOOK).keys():
        parser.error(f"the notebook has no parameters {sorted(wrong)}")
    runs = {}
    for texts in itertools.product(*axes.values()):
        name = quote(" ".join(f"{k}={v}" for k, v in zip(axes, texts)), safe="= ")
        runs[Path("runs", name).resolve()] = dict(zip(axes, map(parse, texts)))
    missing = [folder for folder in runs if not (folder / "results.json").exists()]
    print(f"{len(runs)} runs, {len(missing)} of them to do")

    cluster = options.scheduler or LocalCluster(n_workers=options.workers, threads_per_worker=1)
    with Client(cluster) as client:
        futures = [client.submit(run, folder, runs[folder], pure=False) for folder in missing]
        progress(futures)
        errors = client.gather(futures)
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
