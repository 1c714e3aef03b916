"""Run the notebook's own code cells: tests and benchmark hold no copy of its code."""

import functools
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "gan_mnist.ipynb"
MNIST = ROOT / "assets" / "mnist.npz"


@functools.cache
def code_cells():
    """Return the notebook's code cells, in order, as a dict from cell id to source."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    return {cell.id: cell.source for cell in cells if cell.cell_type == "code"}


def run_cells(namespace, first, last=None, repeats=1, **parameters):
    """Run the cells from first to last, or first alone, each `repeats` times; set the parameters after their cell."""
    ids = list(code_cells())
    for cell_id in ids[ids.index(first) : ids.index(last or first) + 1]:
        for _ in range(repeats):
            exec(compile(code_cells()[cell_id], cell_id, "exec"), namespace)
            if cell_id == "parameters":
                namespace.update(parameters)
    return namespace


def run_notebook(last, repeats=1, **parameters):
    """Run the notebook from its first code cell to last, with parameters, and return its namespace."""
    return run_cells({}, "setup", last, repeats, **parameters)


def run_to_training(**parameters):
    """Run the notebook up to, and without, the cell that trains, but not the cells that try both loops for an epoch."""
    namespace = run_notebook("textbook-epoch", **parameters)
    namespace["train_epoch"] = namespace["textbook_epoch"]
    if namespace["compiled"]:
        run_cells(namespace, "compiled-steps", "compiled-epoch")
        namespace["train_epoch"] = namespace["compiled_epoch"]
    return run_cells(namespace, "average", "progress")


def train(namespace, **changes):
    """Change names in a namespace, run the cell that trains there, and return the namespace."""
    namespace.update(changes)
    return run_cells(namespace, "train")
