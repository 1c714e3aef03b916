"""Fixtures that run the notebook's own cells: the tests hold no copy of its code."""

import functools
import os
import signal
from pathlib import Path

os.environ["MPLBACKEND"] = "agg"
os.environ.pop("GAN_EPOCHS", None)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import tensorflow as tf

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
    exec(compile(code_cells()[cell_id], cell_id, "exec"), namespace)  # noqa: S102
    plt.close("all")


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
    """Run the notebook up to, and without, the cell that trains, but for the one that tries whether the compiler works,
    which takes a second; return its namespace."""
    namespace = run_notebook("compiled-epoch", **parameters)
    namespace["train_epoch"] = namespace["compiled_epoch"]
    return run_cells(namespace, "switches", "progress")


def checkpoint(directory):
    """Return all variables of the last checkpoint in a directory as a dict from name to array."""
    reader = tf.train.load_checkpoint(str(directory))
    names = reader.get_variable_to_shape_map()
    return {name: reader.get_tensor(name) for name in names}


def saved(namespace):
    """Return all variables of the last checkpoint of a run, given its namespace."""
    return checkpoint(namespace["checkpoint_dir"])


def assert_same_run(a, b):
    """Compare the losses, samples and checkpoints of two runs, given their namespaces, bit for bit."""
    np.testing.assert_array_equal(a["losses"], b["losses"])
    np.testing.assert_array_equal(a["samples"], b["samples"])
    left, right = saved(a), saved(b)
    assert left.keys() == right.keys()
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@pytest.fixture(scope="session")
def small_data(tmp_path_factory):
    """A file in the layout of assets/mnist.npz with the first 1,200 training and 200 test images of it."""
    path = tmp_path_factory.mktemp("data") / "small.npz"
    with np.load(MNIST) as file:
        arrays = {name: file[name][: 1200 if "train" in name else 200] for name in file.files}
    np.savez_compressed(path, **arrays)
    return path


@pytest.fixture(scope="session")
def small(small_data):
    """Parameters of a run that takes seconds; tests add a checkpoint_dir."""
    return {
        "data_path": str(small_data),
        "epochs": 3,
        "batch_size": 50,
        "g_hidden_size": 32,
        "d_hidden_size": 16,
    }


@pytest.fixture
def network(small, tmp_path):
    """The namespace of a notebook run up to the optimizers, on few images, with a fresh graph."""
    return run_notebook("optimizers", **small, checkpoint_dir=str(tmp_path / "checkpoints"))


@pytest.fixture
def untrained(small, tmp_path):
    """The namespace of a notebook run up to, and without, the cell that trains; no checkpoint is there yet."""
    return run_to_training(**small, checkpoint_dir=str(tmp_path / "checkpoints"))


@pytest.fixture(scope="session")
def trained(small, tmp_path_factory):
    """The namespace of a whole run of the notebook on few images; tests only read it."""
    return run_notebook("nearest", **small, checkpoint_dir=str(tmp_path_factory.mktemp("trained")))
