"""The cells that check the parameters refuse wrong ones before anything is made."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from cells import run_notebook, run_to_training

SIZES = ["epochs", "batch_size", "z_size", "g_hidden_size", "d_hidden_size"]
WRONG = {
    **dict.fromkeys(SIZES, [2.0, "3", None, True, 0, -1]),
    "seed": [2.0, "3", None, True, -1],
    "z_kinds": [2.0, "3", None, True, -1, 49, 10**10],
    **dict.fromkeys(["alpha", "smooth", "beta1"], ["0.1", None, False, 1j, -0.1, 1, 1.5, np.nan, np.inf]),
    **dict.fromkeys(["learning_rate", "d_learning_rate"], ["0.1", None, False, 1j, 0, -0.1, np.nan, np.inf]),
    "shift": ["0.1", None, False, 1j, -2, 2, np.nan],
    **dict.fromkeys(["resume", "compiled"], [1, "True", None]),
    "data_path": [None, 3, ["a"], " "],
    "checkpoint_dir": [None, 3, ["a"], " ", "", "run[1", "a]", "run*", "what?", "gs://a", "ram://a"],
}
if os.sep == "/":
    WRONG["checkpoint_dir"].append("runs\\1")


@pytest.mark.parametrize("name", WRONG)
def test_wrong_values_are_refused_with_name_value_and_what_is_expected(name):
    for value in WRONG[name]:
        with pytest.raises(ValueError, match=rf"^{name} is {re.escape(repr(value))}, expected "):
            run_notebook("check-parameters", **{name: value})


def test_values_at_the_edges_are_accepted():
    run_notebook("check-parameters", **dict.fromkeys(SIZES, 1), seed=0, z_kinds=0, alpha=0, shift=-1, smooth=0, beta1=0)
    run_notebook("check-parameters", epochs=np.int64(3), learning_rate=np.float64(0.5), z_kinds=48)
    run_notebook("check-parameters", checkpoint_dir=Path("a"), data_path=Path("a[1].npz"), compiled=False, resume=True)


def test_tilde_is_the_home_folder(small, small_data, tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "data.npz").write_bytes(small_data.read_bytes())
    namespace = run_to_training(**small | {"data_path": "~/data.npz"}, checkpoint_dir="~/gan")
    run = Path(namespace["new_run"]({}))
    (run / "checkpoint").touch()
    assert run.parent == tmp_path / "gan" and namespace["saved_runs"]() == {str(run): {}}
    assert namespace["checkpoint_dir"] == "~/gan" and len(namespace["x_train"]) == 1100


def test_epochs_come_from_the_environment(monkeypatch):
    default = run_notebook("check-parameters")["epochs"]
    for text, epochs in {"": default, "7": 7}.items():
        monkeypatch.setenv("GAN_EPOCHS", text)
        assert run_notebook("check-parameters")["epochs"] == epochs
    assert run_notebook("check-parameters", epochs=4)["epochs"] == 4
    for text in ("abc", "0", "-2", "1.5", " "):
        monkeypatch.setenv("GAN_EPOCHS", text)
        with pytest.raises(ValueError, match=rf"'{text}'|epochs is {text}, expected"):
            run_notebook("check-parameters")


def test_batch_larger_than_the_data_is_refused_before_anything_is_made(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_notebook("load-data", **small | {"batch_size": 1100})
    with pytest.raises(ValueError, match="batch_size is 1101, expected Integral from 1 to 1100"):
        run_notebook("load-data", **small | {"batch_size": 1101})
    assert list(tmp_path.iterdir()) == []
