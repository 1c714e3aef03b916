"""Run the notebook's own code cells, so that tests and scripts hold no copy of its code.

For example: from notebook import definitions; definitions(seed=1)["train_gan"]("runs/trial", 8, centre=False)
"""

import ast
import functools
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "gan_mnist.ipynb"
MNIST = ROOT / "assets" / "data" / "mnist.npz"


@functools.cache
def cells(cell_type="code"):
    """Return the notebook's cells of a type, in order, as a dict from cell id to source."""
    all_cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in all_cells if cell["cell_type"] == cell_type}


def run_cell(namespace, cell_id, **parameters):
    """Run a cell in a namespace and, after the cell of parameters, set the given ones."""
    exec(compile(cells()[cell_id], cell_id, "exec"), namespace)
    if cell_id == "parameters":
        namespace.update(parameters)


def run_cells(namespace, first, last=None, repeats=1, **parameters):
    """Run the cells from first to last, or first alone, each `repeats` times; return the namespace."""
    ids = list(cells())
    for cell_id in ids[ids.index(first) : ids.index(last or first) + 1]:
        for _ in range(repeats):
            run_cell(namespace, cell_id, **parameters)
    return namespace


def run_notebook(last, repeats=1, **parameters):
    """Run the notebook from its first code cell to last, with parameters, and return its namespace."""
    return run_cells({}, next(iter(cells())), last, repeats, **parameters)


def definitions(referee=True, **parameters):
    """Run the cells that define functions, and what these need: the data, `better`, and the training of the referee
    where it is wanted. Return the namespace. No GAN is trained, and standard output gets what the cells print."""
    acting = {"quiet", "setup", "parameters", "check-parameters", "load-mnist", "better"}
    if referee:
        acting |= {"build-referee", "train-referee"}
    namespace = {}
    for cell_id, source in cells().items():
        kinds = {type(node) for node in ast.parse(source).body}
        if cell_id in acting or kinds <= {ast.FunctionDef, ast.Import, ast.ImportFrom}:
            run_cell(namespace, cell_id, **({"data_path": str(MNIST)} | parameters))
    return namespace


def tutorial(namespace):
    """Return the settings by which train_gan trains Part 1's GAN, from a namespace with Part 1's parameters."""
    same = ("batch_size", "z_size", "g_hidden_size", "d_hidden_size", "alpha", "smooth", "beta1", "seed")
    rates = dict.fromkeys(["g_learning_rate", "d_learning_rate"], namespace["learning_rate"])
    return {name: namespace[name] for name in same} | rates | {"z_categories": 0, "centre": False}
