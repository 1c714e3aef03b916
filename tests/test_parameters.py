"""The cell that checks the parameters refuses wrong ones before anything is made."""

import re
from pathlib import Path

import numpy as np
import pytest
from conftest import run_notebook

SIZES = ["epochs", "batch_size", "z_size", "g_hidden_size", "d_hidden_size"]
RATES = ["learning_rate", "d_learning_rate"]
WRONG_TYPES = [
    *[(name, value) for name in [*SIZES, "seed"] for value in (2.0, "3", None, True)],
    *[
        (name, value)
        for name in ("alpha", "smooth", "beta1", *RATES)
        for value in ("0.1", None, False, 1j)
    ],
    *[
        (name, value)
        for name in ("data_path", "checkpoint_dir")
        for value in (None, 3, ["a"])
    ],
    *[("resume", value) for value in (1, "True", None)],
]
OUT_OF_RANGE = [
    *[(name, value) for name in SIZES for value in (0, -1)],
    ("seed", -1),
    *[
        (name, value)
        for name in ("alpha", "smooth", "beta1")
        for value in (-0.1, 1, 1.5, np.nan, np.inf)
    ],
    *[(name, value) for name in RATES for value in (0, -0.1, np.nan, np.inf)],
    *[(name, "  ") for name in ("data_path", "checkpoint_dir")],
]


def check(**parameters):
    return run_notebook("check-parameters", **parameters)


@pytest.mark.parametrize("name, value", WRONG_TYPES)
def test_wrong_type(name, value):
    with pytest.raises(
        TypeError,
        match=rf"^{name} is {re.escape(repr(value))} \({type(value).__name__}\), expected",
    ):
        check(**{name: value})


@pytest.mark.parametrize("name, value", OUT_OF_RANGE)
def test_out_of_range(name, value):
    with pytest.raises(
        ValueError,
        match=rf"^{name} is {re.escape(repr(value))} .*expected a (whole )?(number|path)",
    ):
        check(**{name: value})


def test_extremes_that_are_allowed():
    check(
        **dict.fromkeys(SIZES, 1),
        seed=0,
        alpha=0,
        smooth=0,
        beta1=0.0,
        learning_rate=np.float64(0.5),
        resume=True,
    )
    check(epochs=np.int64(3), data_path=Path("data.npz"))


def test_epochs_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("GAN_EPOCHS", "7")
    assert check()["epochs"] == 7
    assert check(epochs=4)["epochs"] == 4
    monkeypatch.delenv("GAN_EPOCHS")
    assert check()["epochs"] == 100


@pytest.mark.parametrize("value", ["abc", "0", "-2", "1.5", " "])
def test_bad_epochs_in_the_environment(monkeypatch, value):
    monkeypatch.setenv("GAN_EPOCHS", value)
    with pytest.raises(
        (TypeError, ValueError),
        match=r"^epochs is .*expected a whole number.*GAN_EPOCHS",
    ):
        check()


def test_empty_environment_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("GAN_EPOCHS", "")
    assert check()["epochs"] == 100


def test_batch_larger_than_the_data(small_data, tmp_path):
    directory = tmp_path / "checkpoints"
    with pytest.raises(
        ValueError, match="1200 training images .*at least one batch of 1101"
    ):
        run_notebook(
            "load-data",
            data_path=str(small_data),
            batch_size=1101,
            checkpoint_dir=str(directory),
        )
    assert not directory.exists()
