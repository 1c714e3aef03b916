"""Fixtures: small data, and namespaces of the notebook run up to some cell."""

import os
import signal

os.environ.pop("GAN_EPOCHS", None)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it

import numpy as np
import pytest
import tensorflow as tf
from cells import MNIST, run_notebook, run_to_training


def saved(run):
    """Return all variables of a run's last checkpoint as a dict from name to array."""
    reader = tf.train.load_checkpoint(str(run))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def files(folder):
    """Return the contents of all files below a folder, by path."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_same_run(a, b):
    """Compare the losses, samples and checkpoints of two runs, given their namespaces, bit for bit."""
    np.testing.assert_array_equal(a["losses"], b["losses"])
    np.testing.assert_array_equal(a["samples"], b["samples"])
    left, right = saved(a["run"]), saved(b["run"])
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
    sizes = {"batch_size": 50, "g_hidden_size": 32, "d_hidden_size": 16}
    return {"data_path": str(small_data), "epochs": 3, **sizes}


@pytest.fixture
def network(small):
    """The namespace of a notebook run up to the optimizers, on few images, with a fresh graph."""
    return run_notebook("optimizers", **small)


@pytest.fixture
def untrained(small, tmp_path):
    """The namespace of a notebook run up to, and without, the cell that trains."""
    return run_to_training(**small, checkpoint_dir=str(tmp_path / "checkpoints"))


@pytest.fixture(scope="session")
def trained(small, tmp_path_factory):
    """The namespace of a whole run of the notebook on few images; tests only read it."""
    return run_notebook("nearest", **small, checkpoint_dir=str(tmp_path_factory.mktemp("trained")))
