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


def run_cell(namespace, cell_id):
    """Run one code cell in the namespace."""
    exec(compile(code_cells()[cell_id], cell_id, "exec"), namespace)


def run_cells(namespace, first, last, repeats=1, **parameters):
    """Run the code cells from first to last, each `repeats` times, and set the parameters after their cell."""
    ids = list(code_cells())
    for cell_id in ids[ids.index(first) : ids.index(last) + 1]:
        for _ in range(repeats):
            run_cell(namespace, cell_id)
            if cell_id == "parameters":
                namespace.update(parameters)
    return namespace


def run_notebook(last, repeats=1, **parameters):
    """Run the notebook from its first code cell to last, with parameters, and return its namespace."""
    return run_cells({}, "setup", last, repeats, **parameters)


def run_to_training(**parameters):
    """Run the notebook up to, and without, the cell that trains; return its namespace. The cells that try both loops
    for an epoch are left out."""
    namespace = run_notebook("textbook-epoch", **parameters)
    run_cells(namespace, "compiled-steps", "compiled-epoch")
    loop = "compiled_epoch" if namespace["compiled"] else "textbook_epoch"
    namespace["train_epoch"] = namespace[loop]
    return run_cells(namespace, "average", "progress")
