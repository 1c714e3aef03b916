"""Fixtures: small data, and namespaces of the notebook run up to some cell."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "assets"
sys.path[:0] = [str(ASSETS), str(ASSETS / "data"), str(ASSETS / "exercises")]  # before Jupyter's package notebook
os.environ.pop("GAN_EPOCHS", None)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it

stderr = os.dup(2)
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # TensorFlow's first log lines, as in the notebook
import tensorflow as tf

os.dup2(stderr, 2)
import matplotlib
import numpy as np
import pytest
from notebook import MNIST, NOTEBOOK, definitions, run_notebook

matplotlib.use("agg")


def saved(path):
    """Return all variables of a checkpoint, given by its folder or its name, as a dict from name to array."""
    reader = tf.train.load_checkpoint(str(path))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def files(folder):
    """Return the contents of all files below a folder, by path."""
    return {path: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def assert_same_plain(a, b):
    """Compare the losses, samples and checkpoints of Part 1's runs, given their namespaces, bit for bit."""
    np.testing.assert_array_equal(a["losses"], b["losses"])
    np.testing.assert_array_equal(a["samples"], b["samples"])
    np.testing.assert_equal(saved(f"{a['run']}/plain/gan"), saved(f"{b['run']}/plain/gan"))


def run_in(directory, *arguments, **variables):
    """Run Python with arguments and environment variables in a directory; return the finished process."""
    env = os.environ | {"PYTHONIOENCODING": "utf-8"} | variables
    return subprocess.run([sys.executable, *arguments], cwd=directory, env=env, capture_output=True, encoding="utf-8")


def nbconvert(directory, *options, notebook=NOTEBOOK, data=MNIST, **variables):
    """Run nbconvert, from the folder above, on a copy of a notebook and its assets in a directory; return the finished
    process, without ipykernel's one line about TCP."""
    shutil.copy(notebook, directory / NOTEBOOK.name)
    shutil.copytree(ASSETS, directory / "assets", ignore=shutil.ignore_patterns("*.npz"))
    shutil.copy(data, directory / "assets" / "data" / "mnist.npz")
    path = f"{directory.name}/{NOTEBOOK.name}"
    process = run_in(directory.parent, "-m", "nbconvert", "--log-level=ERROR", *options, path, **variables)
    process.stderr = re.sub(r"\[IPKernelApp\] WARNING \| Kernel is running over TCP.*\n", "", process.stderr)
    return process


@pytest.fixture(scope="session")
def small_data(tmp_path_factory):
    """A file in the layout of mnist.npz with the first 1,200 training and 200 test images of it."""
    path = tmp_path_factory.mktemp("data") / "small.npz"
    with np.load(MNIST) as file:
        np.savez_compressed(path, **{name: array[: 1200 if "train" in name else 200] for name, array in file.items()})
    return path


@pytest.fixture(scope="session")
def small(small_data):
    """Parameters of a run that takes seconds; tests add a checkpoint_dir."""
    sizes = {"batch_size": 50, "g_hidden_size": 32, "d_hidden_size": 16}
    return {"data_path": str(small_data), "epochs": 3, "better_epochs": 3} | sizes


@pytest.fixture
def network(small):
    """The namespace of a notebook run up to the optimizers, which have momentum, on few images, with a fresh graph."""
    return run_notebook("optimizers", **small, beta1=0.5)


@pytest.fixture
def untrained(small, tmp_path):
    """The namespace of a notebook run up to, and without, the cell that trains Part 1's GAN."""
    return run_notebook("session", **small, checkpoint_dir=str(tmp_path / "run"))


@pytest.fixture
def gan(small):
    """The namespace of the notebook's definitions alone, with a small better GAN."""
    namespace = definitions(referee=False, **small)
    namespace["better"] |= {"batch_size": 50, "g_hidden_size": 32, "d_hidden_size": 16}
    return namespace


@pytest.fixture(scope="session")
def trained(small, tmp_path_factory):
    """The namespace of a whole run of the notebook on few images; tests only read it."""
    return run_notebook("keep", **small, checkpoint_dir=str(tmp_path_factory.mktemp("trained")))


@pytest.fixture(scope="session")
def executed(tmp_path_factory):
    """A folder with the finished page of a headless run of two epochs on a tenth of MNIST."""
    directory = tmp_path_factory.mktemp("executed")
    tenth = tmp_path_factory.mktemp("tenth") / "mnist.npz"
    with np.load(MNIST) as file:
        np.savez(tenth, **{name: array[::10] for name, array in file.items()})
    process = nbconvert(directory, "--execute", "--to", "html", data=tenth, GAN_EPOCHS="2")
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    process = run_in(directory, "assets/page/finish.py", "gan_mnist.html")
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    return directory
