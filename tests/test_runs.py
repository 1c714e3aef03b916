"""Runs and their folders: resuming, kills, interruptions, damaged files, full disks, cells out of order."""

import functools
import json
import multiprocessing
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from cells import run_cells, run_notebook, run_to_training, train
from conftest import assert_same_run, files, saved
from tensorflow.python.checkpoint import checkpoint_management

CHANGES = {
    "batch_size": 25, "z_size": 50, "g_hidden_size": 33, "d_hidden_size": 17, "z_kinds": 5, "alpha": 0.2, "smooth": 0.2,
    "learning_rate": 0.01, "d_learning_rate": 0.02, "beta1": 0.6, "shift": 0.2, "seed": 5,
}  # fmt: skip
POINTER = "update_checkpoint_state_internal"  # what lets the file `checkpoint` name the newest one


def runs_in(directory):
    """Return the folders of the runs in a directory, oldest first."""
    return sorted(Path(directory).glob("2*/"))


def stop_in_epoch(namespace, epoch):
    """Let the stop button be pressed when the epoch begins."""
    draw = namespace["epoch_batches"]
    namespace["epoch_batches"] = lambda e: signal.raise_signal(signal.SIGINT) if e == epoch else draw(e)


def test_a_run_writes_settings_epochs_and_last_checkpoint_into_its_folder_alone(trained, small, tmp_path, monkeypatch):
    """Whatever the folder of the notebook is called; it is resumed there, too."""
    directory = tmp_path / "my run[1] 数字"
    directory.mkdir()
    monkeypatch.chdir(directory)
    namespace = run_notebook("nearest", **small | {"epochs": 1}, checkpoint_dir="checkpoints")
    assert_same_run(trained, train(namespace, epochs=3, resume=True))
    assert [path.name for path in directory.iterdir()] == ["checkpoints"]
    (run,) = Path("checkpoints").iterdir()
    epochs = {"epoch-1.npz", "epoch-2.npz", "epoch-3.npz"}
    names = {path.name.split(".data")[0] for path in run.iterdir()}
    assert names == epochs | {"settings.json", "results.json", "checkpoint", "gan-3", "gan-3.index"}
    settings = json.loads((run / "settings.json").read_text())
    assert settings == namespace["settings"] | {"loop": "textbook_epoch"}
    assert settings.keys() == CHANGES.keys() | {"images_checksum", "loop"}


def test_resume_passes_over_a_run_stopped_in_its_first_epoch_and_a_trial(trained, small, untrained, tmp_path, capsys):
    """The run resumed, though moved, ends like the uninterrupted one; the stopped one has shown no digits of it."""
    train(untrained, epochs=1)
    earlier = files(untrained["checkpoint_dir"])
    stop_in_epoch(untrained, 1)
    train(untrained)
    assert "Stopped after 0 of 1 epochs" in capsys.readouterr().out
    assert untrained["losses"].shape == (0, 2) and untrained["samples"].shape == (0, 16, 784)
    for first, last in [("verdicts", "verdicts"), ("generate", "new-digits")]:
        with pytest.raises(ValueError, match="checkpoint"):
            run_cells(untrained, first, last)
    assert files(untrained["checkpoint_dir"]).items() > earlier.items()
    moved = str(shutil.move(untrained["checkpoint_dir"], tmp_path / "moved"))
    run_notebook("train", **small | {"epochs": 1, "seed": 9}, checkpoint_dir=moved)
    assert_same_run(trained, run_notebook("train", **small, checkpoint_dir=moved, resume=True))
    assert len(runs_in(moved)) == 3


def test_finished_run_is_shown_again_as_it_is_also_with_fewer_epochs(trained, untrained):
    before = files(trained["checkpoint_dir"])
    train(untrained, epochs=2, checkpoint_dir=trained["checkpoint_dir"], resume=True)
    run_cells(untrained, "verdicts", "soften")
    assert_same_run(trained, untrained)
    assert untrained["results"].items() <= trained["results"].items()
    assert files(trained["checkpoint_dir"]) == before


@pytest.mark.parametrize("changes", [CHANGES, {"learning_rate": 0.01, "compiled": True}, {"data_path": "other.npz"}])
def test_resume_under_other_settings_is_refused_with_their_list(trained, small, changes, tmp_path, monkeypatch):
    """The other data are the same images in another order."""
    monkeypatch.chdir(tmp_path)
    with np.load(small["data_path"]) as file:
        np.savez("other.npz", **dict(file) | {"x_train": file["x_train"][::-1]})
    before = files(trained["checkpoint_dir"])
    namespace = run_to_training(**small | changes, checkpoint_dir=trained["checkpoint_dir"], resume=True)
    with pytest.raises(ValueError, match="resume = False") as error:
        train(namespace)
    differences = {name: f"{name} was {trained[name]}, is now {value}" for name, value in CHANGES.items()}
    differences["compiled"] = "loop was textbook_epoch, is now compiled_epoch"
    then, now = (settings["images_checksum"] for settings in (trained["settings"], namespace["settings"]))
    differences["data_path"] = f"images_checksum was {then}, is now {now}"
    assert {name for name, text in differences.items() if text in str(error.value)} == changes.keys()
    assert files(trained["checkpoint_dir"]) == before


def test_nothing_that_is_there_already_is_touched(trained, small, untrained):
    """Files of the user, an earlier run, runs of the same kernel before and after a whole Run All."""
    directory = Path(untrained["checkpoint_dir"])
    (directory / "gan-pictures").mkdir(parents=True)
    for name in ("gan-homework.docx", "results.json", "checkpoint", "gan-pictures/gan-1.index"):
        (directory / name).write_text("mine")
    before = files(directory)
    for first in ("train", "train", "setup"):
        run_cells(untrained, first, "train", **small, checkpoint_dir=str(directory))
        assert files(directory).items() > before.items()
        before = files(directory)
    assert len(runs_in(directory)) == 3
    assert_same_run(trained, untrained)


LONG = {"epochs": 6}
PLACES = [("before", np, "savez"), ("after", np, "savez"), ("before", Path, "unlink")]
PLACES += [(when, checkpoint_management, POINTER) for when in ("before", "after")]
# children that are forked from a process that has imported TensorFlow, and run nothing of it, start in less time
CONTEXT = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
CONTEXT.set_forkserver_preload(["tensorflow"])


def train_in_a_child(parameters, place, seconds):
    """Train; die in epoch 2 before or after the call at a place, or when the seconds are over."""
    namespace = run_to_training(**parameters)
    die = functools.partial(os.kill, os.getpid(), signal.SIGKILL)
    if place is not None:
        when, owner, name = PLACES[place]
        call = getattr(owner, name)

        def deadly(*arguments, **options):
            if namespace["epoch"] == 2:
                if when == "after":
                    call(*arguments, **options)
                die()
            return call(*arguments, **options)

        setattr(owner, name, deadly)
    if seconds is not None:
        threading.Timer(seconds, die).start()
    train(namespace)


def child(small, directory, place=None, seconds=None, **parameters):
    """Start a process that trains in a directory, and return it; place is an index of PLACES."""
    parameters = small | LONG | parameters | {"checkpoint_dir": str(directory)}
    process = CONTEXT.Process(target=train_in_a_child, args=(parameters, place, seconds))
    process.start()
    return process


@pytest.fixture(scope="module")
def uninterrupted(small, tmp_path_factory):
    """A long run that nobody stops."""
    return train(run_to_training(**small | LONG, checkpoint_dir=str(tmp_path_factory.mktemp("whole"))))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_at_a_named_place_and_then_at_a_random_time_it_resumes_bit_for_bit(uninterrupted, small, tmp_path):
    """Around the epoch's file, the checkpoint's data and its pointer, before the old one's deletion; later at any time."""
    directories = [tmp_path / str(k) for k in range(len(PLACES))]
    places = [{"place": k} for k in range(len(PLACES))]
    times = [{"seconds": seconds, "resume": True} for seconds in np.random.default_rng(0).uniform(0, 1, len(PLACES))]
    for deaths in (places, times):
        processes = [child(small, directory, **death) for directory, death in zip(directories, deaths)]
        for process in processes:
            process.join()
            assert process.exitcode == -signal.SIGKILL
    for directory in directories:
        resumed = train(run_to_training(**small | LONG, checkpoint_dir=str(directory), resume=True))
        assert_same_run(uninterrupted, resumed)
        (run,) = runs_in(directory)
        assert (run / "checkpoint").read_text().count("gan-6") == 2


def test_two_kernels_that_start_in_one_directory_do_not_meet(uninterrupted, small, tmp_path):
    for process in [child(small, tmp_path) for _ in range(2)]:
        process.join()
        assert process.exitcode == 0
    first, second = runs_in(tmp_path)
    for run in (first, second):
        np.testing.assert_equal(saved(run), saved(uninterrupted["run"]))


def test_stop_button_ends_training_with_a_sentence_and_all_below_works(trained, untrained, capsys):
    stop_in_epoch(untrained, 3)
    train(untrained)
    assert "Stopped after 2 of 3 epochs." in capsys.readouterr().out
    assert len(untrained["losses"]) == len(untrained["samples"]) == 2
    run_cells(untrained, "verdicts", "nearest")
    assert json.loads(Path(untrained["run"], "results.json").read_text(encoding="utf-8"))["epochs"] == 2
    run_cells(untrained, "epoch-batches")  # without the stop
    assert_same_run(trained, train(untrained, resume=True))
    assert len(runs_in(untrained["checkpoint_dir"])) == 1


def test_stop_button_while_saving_loses_one_epoch_at_most(trained, untrained, monkeypatch):
    """Between the checkpoint's data and its pointer. A run started anew in the same kernel leaves the stopped one alone."""
    train(untrained, epochs=1)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint_management, POINTER, lambda *_, **__: signal.raise_signal(signal.SIGINT))
        assert len(train(untrained, epochs=3, resume=True)["losses"]) == 1
    run_cells(untrained, "verdicts", "new-digits")
    stopped = files(untrained["run"])
    assert_same_run(trained, train(untrained, resume=False))
    assert files(untrained["checkpoint_dir"]).items() > stopped.items()
    shutil.rmtree(untrained["run"])
    assert_same_run(trained, train(untrained, resume=True))


DAMAGE = {"checkpoint": [0, 0.5], "*.index": [0, 0.5, "gone"], "*.data-*": [0, 0.5, "gone", "one bit"]}


def test_damaged_checkpoint_is_an_error_that_names_its_run(untrained, trained, tmp_path):
    """And that does not advise to start anew; nothing is changed. A number is the share that is left of the file."""
    for k, (name, how) in enumerate((name, how) for name in DAMAGE for how in DAMAGE[name]):
        directory = shutil.copytree(trained["checkpoint_dir"], tmp_path / str(k))
        (path,) = directory.glob(f"*/{name}")
        content = bytearray(path.read_bytes())
        if how == "gone":
            path.unlink()
        elif how == "one bit":
            content[len(content) // 2] ^= 1
            path.write_bytes(content)
        else:
            path.write_bytes(content[: int(how * len(content))])
        before = files(directory)
        with pytest.raises(ValueError, match=path.parent.name) as error:
            train(untrained, checkpoint_dir=str(directory), resume=True)
        assert "False" not in str(error.value)
        assert files(directory) == before


def test_directory_that_cannot_be_made(untrained, tmp_path):
    (tmp_path / "file").write_text("")
    for directory in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match="file"):
            train(untrained, checkpoint_dir=str(directory))


def test_full_disk_is_an_error_and_the_run_goes_on_afterwards(trained, untrained):
    resource = pytest.importorskip("resource", reason="Windows has no limit for files")
    train(untrained, epochs=1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (1_000, 100_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
        try:
            with pytest.raises((OSError, untrained["tf"].errors.OpError), match="File too large"):
                train(untrained, epochs=3, resume=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert len(untrained["history"](untrained["run"])[0]) == 1
    assert_same_run(trained, train(untrained))


def test_divergence_stops_training_and_keeps_the_last_good_checkpoint(untrained):
    draw = untrained["epoch_batches"]
    with pytest.raises(FloatingPointError, match="epoch 3"):
        train(untrained, epoch_batches=lambda e: (draw(e)[0], draw(e)[1] * (np.nan if e == 3 else 1)))
    assert len(untrained["history"](untrained["run"])[0]) == 2
    assert all(np.isfinite(value).all() for value in saved(untrained["run"]).values())


def test_every_cell_twice_compiled_gives_the_run_that_is_resumed_and_no_second_set_of_variables(small, tmp_path):
    small = small | {"compiled": True}
    twice = run_notebook("switches", repeats=2, **small, checkpoint_dir=str(tmp_path / "twice"))
    resumed = run_to_training(**small, checkpoint_dir=str(tmp_path / "resumed"))
    train(resumed, epochs=1)
    assert_same_run(twice, train(resumed, epochs=3, resume=True))
    assert len(saved(resumed["run"])) == len(twice["tf"].global_variables())


def test_changed_parameter_or_network_is_noticed_before_training(untrained):
    for name, value in {"learning_rate": 0.01, "seed": 7, "batch_size": 20}.items():
        then = untrained[name]
        with pytest.raises(ValueError, match=f"{name} was {then}.*sections 8 to 13"):
            train(untrained, **{name: value})
        untrained[name] = then
    run_cells(untrained, "build")
    with pytest.raises((ValueError, RuntimeError, TypeError), match="graph"):
        train(untrained)
    assert not list(Path(untrained["checkpoint_dir"]).glob("*/checkpoint"))
