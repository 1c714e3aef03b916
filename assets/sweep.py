"""Run the notebook once for each combination of parameters, many at a time, and compare the results.

    python assets/sweep.py seed=0,1,2 z_size=10,26
    python assets/sweep.py seed=0,1,2 z_size=10,26 --scheduler tcp://host:8786

Each run has a folder of its own in runs/, with its checkpoint and the executed notebook, and computes with one thread:
so give a worker of a cluster as many threads as it has cores. Started again, the sweep runs what has no results.json
yet, from its last checkpoint. On a cluster of Dask distributed, the workers must see the repository and runs/ under the
same paths as here, and have the notebook's packages and papermill.
"""

import argparse
import ast
import csv
import itertools
import json
import os
import statistics
from pathlib import Path
from urllib.parse import quote

import papermill
from distributed import Client, LocalCluster, progress

ROOT = Path(__file__).resolve().parent.parent
THREADS = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"]
MEASURES = ["Fréchet distance", "readable", "rarest class", "log-likelihood"]


def axis(text):
    """Return the name and the values of a parameter, given as name=value,value,..."""
    name, _, values = text.partition("=")
    if not name.isidentifier() or not values:
        raise argparse.ArgumentTypeError(f"{text!r}, expected name=value,value,...")
    try:
        return name, [ast.literal_eval(value) for value in values.split(",")]
    except (ValueError, SyntaxError):  # a text, such as a path, needs no quotes
        return name, values.split(",")


def run(directory, parameters):
    """Execute the notebook into a directory, on one thread; return the error as text, or None."""
    os.environ.update(dict.fromkeys(THREADS, "1"), TF_CPP_MIN_LOG_LEVEL="3")
    directory.mkdir(parents=True, exist_ok=True)
    parameters = parameters | {"checkpoint_dir": str(directory), "resume": True}
    notebooks = ROOT / "gan_mnist.ipynb", directory / "gan_mnist.ipynb"
    try:
        papermill.execute_notebook(*notebooks, parameters, cwd=ROOT, progress_bar=False)
    except Exception as error:  # noqa: BLE001  whatever it is, it must not stop the other runs
        return f"{getattr(error, 'ename', type(error).__name__)}: {getattr(error, 'evalue', error)}"


def table(runs):
    """Return the rows of a table from runs, pairs of a directory and its parameters: the parameters but for the seed,
    the number of finished runs, the mean and standard error of each measure; the smallest Fréchet distance first."""
    groups = {}
    for directory, parameters in runs:
        if (directory / "results.json").exists():
            results = json.loads((directory / "results.json").read_text(encoding="utf-8"))
            key = " ".join(f"{k}={v}" for k, v in parameters.items() if k != "seed")
            groups.setdefault(key, []).append([results[name][0] for name in MEASURES])
    rows = []
    for key, group in groups.items():
        rows.append([key or "defaults", len(group)])
        for values in zip(*group):
            several = len(values) > 1
            error = statistics.stdev(values) / len(values) ** 0.5 if several else float("nan")
            rows[-1] += [statistics.mean(values), error]
    return sorted(rows, key=lambda row: row[2])


def main():
    """Read the command line, run what is missing, print errors and table, and write runs/table.csv; return 1 if a run
    failed, else 0."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("axes", nargs="+", type=axis, metavar="name=value,value,...")
    parser.add_argument("--scheduler", help="the address of a running cluster; else a local one")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="of a local cluster")
    options = parser.parse_args()
    names, values = zip(*options.axes)
    runs = []
    for combination in itertools.product(*values):
        parameters = dict(zip(names, combination))
        name = quote(" ".join(f"{k}={v}" for k, v in parameters.items()), safe="= ")
        runs.append((Path("runs", name).resolve(), parameters))
    missing = [pair for pair in runs if not (pair[0] / "results.json").exists()]
    print(f"{len(runs)} runs, {len(missing)} of them to do")

    cluster = options.scheduler or LocalCluster(n_workers=options.workers, threads_per_worker=1)
    with Client(cluster) as client:
        futures = [client.submit(run, *pair, pure=False) for pair in missing]
        progress(futures)
        errors = client.gather(futures)
    for (directory, _), error in zip(missing, errors):
        print(f"\nFAILED {directory.name}: {error}" if error else "", end="")

    rows = [["parameters", "runs"], *table(runs)]
    rows[0] += [head for name in MEASURES for head in (name, "±")]
    with open("runs/table.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    print()
    for row in rows:
        print(*(f"{x:.3f}" if isinstance(x, float) else x for x in row), sep=" | ")
    return int(any(errors))


if __name__ == "__main__":
    raise SystemExit(main())
