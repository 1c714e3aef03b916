"""The cell that checks the parameters refuses wrong ones before anything is made."""

import re
from pathlib import Path

import numpy as np
import pytest
from conftest import run_cell, run_notebook

SIZES = ["epochs", "batch_size", "z_size", "g_hidden_size", "d_hidden_size"]
RATES = ["learning_rate", "d_learning_rate"]
WRONG_TYPES = [
    *[(name, value) for name in [*SIZES, "seed", "z_kinds"] for value in (2.0, "3", None, True)],
    *[
        (name, value)
        for name in ("alpha", "smooth", "beta1", *RATES)
        for value in ("0.1", None, False, 1j)
    ],
    *[(name, value) for name in ("resume", "compiled", "averaged") for value in (1, "True", None)],
]
OUT_OF_RANGE = [
    *[(name, value) for name in SIZES for value in (0, -1)],
    ("seed", -1),
    ("z_kinds", -1),
    *[
        (name, value)
        for name in ("alpha", "smooth", "beta1")
        for value in (-0.1, 1, 1.5, np.nan, np.inf)
    ],
    *[(name, value) for name in RATES for value in (0, -0.1, np.nan, np.inf)],
    *[("z_kinds", 10**10)],
]


def check(**parameters):
    return run_notebook("check-parameters", **parameters)


@pytest.mark.parametrize("name, value", WRONG_TYPES + OUT_OF_RANGE)
def test_wrong_value(name, value):
    with pytest.raises(ValueError, match=rf"^{name} is {re.escape(repr(value))}, expected "):
        check(**{name: value})


@pytest.mark.parametrize("value", [None, 3, ["a"]])
def test_what_is_no_path(value):
    expected = r"expected str.*not (NoneType|int|list)"
    with pytest.raises((TypeError, ValueError), match=expected):
        run_notebook("load-data", data_path=value)
    with pytest.raises((TypeError, ValueError), match=expected):
        run_cell(check(checkpoint_dir=value), "lock")


@pytest.mark.parametrize("path", ["  ", "run[1]", "run*", "what?", "a]"])
def test_directory_that_tensorflow_cannot_read_back(tmp_path, monkeypatch, path):
    """It is refused where a run takes its lock, before anything is trained or made."""
    monkeypatch.chdir(tmp_path)
    namespace = check(checkpoint_dir=path)
    expected = rf"^checkpoint_dir is {re.escape(repr(path))}, expected a path without "
    run_cell(namespace, "lock")
    with pytest.raises(ValueError, match=expected):
        run_cell(namespace, "train")
    assert list(tmp_path.iterdir()) == []


def test_tilde_is_the_home_folder(small, small_data, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "data.npz").write_bytes(small_data.read_bytes())
    parameters = small | {"data_path": "~/data.npz", "checkpoint_dir": "~/gan"}
    namespace = run_notebook("lock", **parameters)
    assert Path(namespace["checkpoint_dir"]) == tmp_path / "gan"
    assert len(namespace["x_train"]) == 1100


def test_extremes_that_are_allowed():
    check(
        **dict.fromkeys(SIZES, 1),
        seed=0,
        z_kinds=0,
        alpha=0,
        smooth=0,
        beta1=0.0,
        learning_rate=np.float64(0.5),
        resume=True,
    )
    check(epochs=np.int64(3), checkpoint_dir=Path("checkpoints"), compiled=False)


def test_epochs_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("GAN_EPOCHS", "7")
    assert check()["epochs"] == 7
    assert check(epochs=4)["epochs"] == 4
    monkeypatch.delenv("GAN_EPOCHS")
    assert check()["epochs"] == 40


@pytest.mark.parametrize("value", ["abc", "0", "-2", "1.5", " "])
def test_bad_epochs_in_the_environment(monkeypatch, value):
    monkeypatch.setenv("GAN_EPOCHS", value)
    expected = rf"invalid literal for int.*'{value}'|epochs is {value}, expected"
    with pytest.raises(ValueError, match=expected):
        check()


def test_empty_environment_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("GAN_EPOCHS", "")
    assert check()["epochs"] == 40


def test_more_switches_than_latent_numbers(small):
    with pytest.raises(ValueError, match="could not broadcast"):
        run_notebook("switches", **small, z_kinds=27)


def test_batch_larger_than_the_data(small_data, tmp_path):
    directory = tmp_path / "checkpoints"
    with pytest.raises(ValueError, match=r"batch_size is 1101, expected int in \[1, 1101\)"):
        run_notebook(
            "epoch-batches",
            data_path=str(small_data),
            batch_size=1101,
            checkpoint_dir=str(directory),
        )
    assert not directory.exists()
