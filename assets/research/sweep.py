"""Train the notebook's GAN for all combinations of some settings, several at a time, and compare them: for whoever looks for
better ones.

The names are those of train_gan's settings, and epochs and data_path. Each combination has a folder in runs/; started again,
the sweep goes on where it was killed. The measures are those of the notebook's referee against the validation images or, with
--judge, those of judge.py; rows are means over the seeds. What it needs is in assets/research/requirements.txt. For example:

    python assets/research/sweep.py seed=0,1,2 z_categories=0,40 --judge
"""

import argparse
import ast
import contextlib
import functools
import itertools
import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[k]) for k in (1, 0)]  # before Jupyter's package notebook
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg"}
os.environ |= dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"], "1")


def value(text):
    """Return the Python value that a text stands for; a text such as a path needs no quotes."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return str(Path(text).resolve())


@functools.cache
def notebook(**parameters):
    """Return the notebook's definitions, loaded once in each process."""
    from notebook import definitions

    return definitions(**parameters)


def run(folder, judged, epochs=None, data_path=None, **settings):
    """Train in a folder and return readable share, total variation and Fréchet distance of 10,000 digits, or an error."""
    with contextlib.redirect_stdout(open(os.devnull, "w")):
        try:
            gan = notebook(**({"data_path": data_path} if data_path else {}))
            gan["train_gan"](folder, epochs or gan["better_epochs"], **settings)
            digits = gan["new_digits"](10_000, 0, folder)
            if not judged:
                return list(gan["measure"](digits, gan["x_valid"]).values())
            import judge

            return judge.verdict(gan, digits, judge.look(gan["x_valid"]))
        except Exception as error:  # whatever it is, it must not stop the other runs
            return f"{type(error).__name__}: {error}"


def main():
    """Run all combinations, print errors and table, write runs/table.csv; return 1 if a run failed, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("axes", nargs="+", metavar="name=value,value,...", help="the values of a setting")
    parser.add_argument("--judge", action="store_true", help="measure by the judge, not by the referee")
    parser.add_argument("--workers", type=int, help="processes at a time; else one for each core")
    options = parser.parse_args()
    axes = {name: texts.split(",") for name, _, texts in (axis.partition("=") for axis in options.axes)}
    if not all(texts[0] for texts in axes.values()):
        parser.error(f"{' '.join(options.axes)}: expected name=value,value,...")
    try:
        import pandas
        from distributed import Client, LocalCluster
    except ImportError:
        parser.error("expected Dask: pip install --requirement assets/research/requirements.txt")
    combinations = [dict(zip(axes, texts)) for texts in itertools.product(*axes.values())]
    names = [" ".join(f"{k}={v}" for k, v in c.items()).replace("/", "_") for c in combinations]
    with Client(LocalCluster(options.workers, threads_per_worker=1)) as client:
        futures = [
            client.submit(run, f"runs/{name}", options.judge, pure=False, **{k: value(v) for k, v in c.items()})
            for name, c in zip(names, combinations)
        ]
        found = [future.exception() or future.result() for future in futures]
    failed = {name: result for name, result in zip(names, found) if not isinstance(result, (list, tuple))}
    for name, error in failed.items():
        print(f"FAILED {name}: {error}")
    measures = ["readable", "class_variation", "frechet_distance"]
    rows = [c | dict(zip(measures, m)) for name, c, m in zip(names, combinations, found) if name not in failed]
    if rows:
        table = pandas.DataFrame(rows)
        table.to_csv("runs/table.csv", index=False)
        if others := [name for name in axes if name != "seed"]:
            table = table.groupby(others)[measures].mean().reset_index()
        print(table.sort_values("frechet_distance").to_string(index=False))
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
