"""The cell of parameters, and what is asserted of them."""

import re
from pathlib import Path

import numpy as np
import pytest
from notebook import cells, run_notebook

WRONG = {
    **dict.fromkeys(["epochs", "better_epochs", "z_size", "g_hidden_size", "d_hidden_size"], [0, -1]),
    **dict.fromkeys(["alpha", "smooth", "beta1"], [-0.1, 1, np.nan]),
    "learning_rate": [0, -0.1],
    "checkpoint_dir": ["run[1]", "run*", "a?"],
}
DEFAULTS = {
    "data_path": "assets/data/mnist.npz", "epochs": 10, "batch_size": 100, "input_size": 784, "z_size": 100,
    "g_hidden_size": 128, "d_hidden_size": 128, "alpha": 0.01, "smooth": 0.1, "learning_rate": 0.002, "beta1": 0.0,
    "better_epochs": 17, "seed": 0, "checkpoint_dir": "",
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_values_that_would_fail_in_silence_are_refused_before_anything_is_made(name, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for value in WRONG[name]:
        with pytest.raises(AssertionError, match=f"{name}.*expected"):
            run_notebook("check-parameters", **small | {name: value})
    assert list(tmp_path.iterdir()) == []


def test_each_parameter_is_an_annotated_line_that_says_what_it_is_with_the_tutorials_values_but_two(monkeypatch):
    lines = [
        re.fullmatch(r"(\w+): (int|float|str) = (.+?)  # (.{10,})", line) for line in cells()["parameters"].splitlines()
    ]
    assert [line[1] for line in lines] == list(DEFAULTS)
    assert run_notebook("check-parameters").items() >= DEFAULTS.items()
    for text, values in {"": (10, 17), "7": (7, 7)}.items():
        monkeypatch.setenv("GAN_EPOCHS", text)
        namespace = run_notebook("check-parameters")
        assert (namespace["epochs"], namespace["better_epochs"]) == values
    assert run_notebook("check-parameters", epochs=4)["epochs"] == 4


def test_values_at_the_edges_train(small, tmp_path):
    """The least of everything, the tutorial's momentum, and paths as pathlib has them."""
    least = {"epochs": 1, "batch_size": 1100, "z_size": 1, "g_hidden_size": 1, "d_hidden_size": 1, "alpha": 0}
    paths = {"data_path": Path(small["data_path"]), "checkpoint_dir": tmp_path / "run"}
    run_notebook("results", **small | least | paths | {"smooth": 0, "beta1": 0.9, "better_epochs": 1})
    assert str(tmp_path) in (tmp_path / "run" / "results.json").read_text(encoding="utf-8")
