"""Run the notebook's own code cells: the tests and the benchmark hold no copy of its code."""

import functools
import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "gan_mnist.ipynb"
MNIST = ROOT / "assets" / "mnist.npz"


@functools.cache
def cells(cell_type="code"):
    """Return the notebook's cells of a type, in order, as a dict from cell id to source."""
    all_cells = nbformat.read(NOTEBOOK, as_version=4).cells
    return {cell.id: cell.source for cell in all_cells if cell.cell_type == cell_type}


def run_cells(namespace, first, last=None, repeats=1, **parameters):
    """Run the cells from first to last, or first alone, each `repeats` times; set the parameters after their cell."""
    ids = list(cells())
    for cell_id in ids[ids.index(first) : ids.index(last or first) + 1]:
        for _ in range(repeats):
            exec(compile(cells()[cell_id], cell_id, "exec"), namespace)
            if cell_id == "parameters":
                namespace.update(parameters)
    return namespace


def run_notebook(last, repeats=1, **parameters):
    """Run the notebook from its first code cell to last, with parameters, and return its namespace."""
    return run_cells({}, "setup", last, repeats, **parameters)


def to_paste(text):
    """Return the two versions, English and Chinese, of the code to paste that contains a text."""
    (last_section,) = [source for name, source in cells("markdown").items() if "text-17-" in name]
    blocks = re.findall(r"(?s)```python\n(.*?)```", last_section)
    return [re.sub("(?m)^   ", "", block) for block in blocks if text in block]
