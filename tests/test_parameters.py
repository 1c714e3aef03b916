"""The cell of parameters, and what is asserted of them."""

import re

import numpy as np
import pytest
from cells import cells, run_notebook

WRONG = {
    **dict.fromkeys(["epochs", "z_size", "g_hidden_size", "d_hidden_size"], [0, -1]),
    "z_categories": [-1, 49],
    **dict.fromkeys(["alpha", "smooth", "beta1", "beta2"], [-0.1, 1, np.nan]),
    **dict.fromkeys(["g_learning_rate", "d_learning_rate"], [0, -0.1]),
    "batch_size": [0, -1, 1101],
}
# what the original notebook trains
TUTORIAL = {
    "batch_size": 100, "z_size": 100, "z_categories": 0, "g_hidden_size": 128, "d_hidden_size": 128, "alpha": 0.01,
    "beta1": 0.9, "beta2": 0.999, "g_learning_rate": 0.002, "d_learning_rate": 0.002,
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_values_that_would_fail_in_silence_are_refused_before_anything_is_made(name, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for value in WRONG[name]:
        with pytest.raises(AssertionError, match="expected"):
            run_notebook("load-data", **small | {name: value})
    assert list(tmp_path.iterdir()) == []


def test_values_at_the_edges_are_accepted(small):
    edges = {"epochs": 1, "batch_size": 1100, "z_size": 1, "z_categories": 1, "g_hidden_size": 1, "d_hidden_size": 1}
    run_notebook("load-data", **small | edges, alpha=0, smooth=0, beta1=0, beta2=0)


def test_each_parameter_is_an_annotated_line_that_says_what_it_is_and_epochs_come_from_the_environment(monkeypatch):
    lines = [
        re.fullmatch(r"(\w+): (int|float|str) = (.+?)  # (.{10,})", line) for line in cells()["parameters"].splitlines()
    ]
    assert [line[1] for line in lines] == (
        "data_path epochs batch_size z_size z_categories g_hidden_size d_hidden_size alpha smooth g_learning_rate "
        "d_learning_rate beta1 beta2 seed checkpoint_dir"
    ).split()
    default = run_notebook("check-parameters")["epochs"]
    for text, epochs in {"": default, "7": 7}.items():
        monkeypatch.setenv("GAN_EPOCHS", text)
        assert run_notebook("check-parameters")["epochs"] == epochs
    assert run_notebook("check-parameters", epochs=4)["epochs"] == 4


def test_the_tutorials_own_run_can_be_had_through_parameters_alone(small, tmp_path):
    namespace = run_notebook("results", **small | TUTORIAL | {"epochs": 1}, checkpoint_dir=str(tmp_path))
    shapes = [v.shape.as_list() for v in namespace["t_vars"]]
    assert shapes == [[100, 128], [128], [128, 784], [784], [784, 128], [128], [128, 1], [1]]
    z = namespace["fixed_z"]
    assert z.shape == (16, 100) and -1 <= z.min() < -0.9 and 0.9 < z.max() <= 1
    assert np.isfinite(namespace["losses"]).all()
