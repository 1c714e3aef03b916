"""Run the notebook once for each combination of parameters, several at a time, and compare the results.

Each combination has a folder in runs/ with the executed notebook and its run, and computes with one thread. Started
again, the sweep runs what has no results yet; what was killed goes on from its last checkpoint. The workers of a cluster
must see the repository and runs/ under the same paths as here, and have as many threads as cores.
"""

import argparse
import ast
import csv
import itertools
import json
import os
import sys
import zlib
from pathlib import Path
from urllib.parse import quote

NOTEBOOK = Path(__file__).resolve().parent.parent / "gan_mnist.ipynb"
THREADS = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"], "1")
MEASURES = ["readable", "class_variation", "frechet_distance", "log_likelihood"]


def parse(text):
    """Return the Python value that a text stands for; a text such as a path needs no quotes."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def defaults():
    """Return the notebook's parameters as its own cell sets them, in the environment of now."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    (cell,) = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
    values = {"os": os}
    exec("".join(cell["source"]), values)
    return {k: v for k, v in values.items() if not k.startswith("__") and k != "os"}


def run_folder(folder, parameters):
    """Return the path of the run in a combination's folder: other defaults or data have another one."""
    everything = json.dumps(defaults() | parameters, sort_keys=True)
    return folder / f"run-{zlib.crc32(everything.encode()):08x}"


def results(folder, parameters):
    """Return the measures, {name: {"value": ..., "standard_error": ...}}, of a combination's run, or None."""
    try:
        path = run_folder(folder, parameters) / "results.json"
        return json.loads(path.read_text(encoding="utf-8"))["measures"]
    except (OSError, ValueError, KeyError):
        return None


def run(folder, parameters):
    """Execute the notebook in a folder, on one thread; return the error as text, or None."""
    import papermill

    os.environ.update(THREADS)
    folder.mkdir(parents=True, exist_ok=True)
    parameters = (
        {"data_path": str(NOTEBOOK.parent / "assets" / "mnist.npz")}
        | parameters
        | {"checkpoint_dir": run_folder(folder, parameters).name}
    )
    notebooks = NOTEBOOK, folder / NOTEBOOK.name
    try:
        papermill.execute_notebook(*notebooks, parameters, cwd=folder, progress_bar=False)
    except Exception as error:  # whatever it is, it must not stop the other runs
        return f"{getattr(error, 'ename', type(error).__name__)}: {getattr(error, 'evalue', error)}"


def table(runs):
    """Return rows of parameters, number of finished runs, and mean and standard error of each measure over the seeds,
    the smallest Fréchet distance first, from runs: a dict from folder to parameters."""
    import numpy as np

    groups = {}
    for folder, parameters in runs.items():
        if found := results(folder, parameters):
            key = " ".join(f"{k}={v}" for k, v in parameters.items() if k != "seed") or "defaults"
            groups.setdefault(key, []).append([found[name]["value"] for name in MEASURES])
    rows = []
    for key, values in groups.items():
        errors = np.std(values, axis=0) / ((len(values) - 1) ** 0.5 or np.nan)
        rows.append([key, len(values), *np.stack([np.mean(values, axis=0), errors], 1).ravel()])
    return sorted(rows, key=lambda row: row[2 + 2 * MEASURES.index("frechet_distance")])


def main():
    """Run what is missing, print errors and table, write runs/table.csv; return 1 if a run failed, else 0."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python assets/sweep.py seed=0,1,2 z_categories=20,40",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "axes", nargs="+", metavar="name=value,value,...", help="the values of a parameter"
    )
    parser.add_argument(
        "--scheduler", help="the address of a running Dask cluster; else a local one"
    )
    parser.add_argument(
        "--workers", type=int, help="of the local cluster; else one for each core allotted"
    )
    options = parser.parse_args()
    axes = {name: values.split(",") for name, _, values in (a.partition("=") for a in options.axes)}
    if wrong := axes.keys() - defaults().keys():
        parser.error(f"the notebook has no parameters {sorted(wrong)}; it has {list(defaults())}")
    try:
        from distributed import Client, LocalCluster, progress
    except ImportError:
        parser.error(
            "expected Dask and papermill: pip install --requirement tests/requirements.txt"
        )
    sys.stdout.reconfigure(errors="replace")  # a console may not have every letter
    runs = {}
    for texts in itertools.product(*axes.values()):
        name = quote(" ".join(f"{k}={v}" for k, v in zip(axes, texts)), safe="= ")
        parameters = dict(zip(axes, map(parse, texts)))
        if "data_path" in parameters:
            parameters["data_path"] = str(Path(parameters["data_path"]).resolve())
        runs[Path("runs", name).resolve()] = parameters
    missing = [folder for folder in runs if not results(folder, runs[folder])]
    print(f"{len(runs)} runs, {len(missing)} of them to do")

    cluster = options.scheduler or LocalCluster(n_workers=options.workers, threads_per_worker=1)
    with Client(cluster) as client:
        futures = [client.submit(run, folder, runs[folder], pure=False) for folder in missing]
        progress(futures)
        errors = [f.exception() or f.result() for f in futures]  # a killed worker's, too
    for folder, error in zip(missing, errors):
        print(f"\nFAILED {folder.name}: {error}" if error else "", end="")

    rows = [["parameters", "runs", *(text for name in MEASURES for text in (name, "±"))]]
    rows += table(runs)
    print()
    with open("runs/table.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    for row in rows:
        print(*(f"{x:.3f}" if isinstance(x, float) else x for x in row), sep=" | ")
    return int(any(errors))


if __name__ == "__main__":
    raise SystemExit(main())
