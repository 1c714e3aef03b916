"""Runs and their folders: resuming, kills, interruptions, full disks, cells out of order."""

import functools
import multiprocessing
import os
import signal
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from cells import cells, run_cells, run_notebook
from conftest import assert_same_run, files, saved
from tensorflow.python.checkpoint import checkpoint_management

POINTER = "update_checkpoint_state_internal"  # what lets the file `checkpoint` name the newest one


def train(namespace, **changes):
    """Change names in a namespace, run the cell that trains there, and return the namespace."""
    namespace.update(changes)
    return run_cells(namespace, "train")


def stop_in_epoch(namespace, epoch):
    """Let the stop button be pressed when the epoch begins, once."""
    draw = namespace["epoch_batches"]

    def stopping(e):
        if e == epoch:
            namespace["epoch_batches"] = draw
            signal.raise_signal(signal.SIGINT)
        return draw(e)

    namespace["epoch_batches"] = stopping


def test_a_run_is_a_folder_with_its_epochs_last_checkpoint_and_results(trained):
    names = {path.name.split(".data")[0] for path in Path(trained["run"]).iterdir()}
    epochs = {"epoch-1.npz", "epoch-2.npz", "epoch-3.npz"}
    assert names == epochs | {"results.json", "checkpoint", "gan-3", "gan-3.index"}


def test_more_epochs_in_the_same_kernel_and_in_a_new_one_give_the_uninterrupted_run(trained, untrained, small, capfd):
    train(untrained, epochs=1)
    train(untrained, epochs=2)
    lines = capfd.readouterr().out.splitlines()
    exec(next(line for line in lines if line.startswith("checkpoint_dir = ")), moved := {})
    resumed = run_notebook("train", **small, checkpoint_dir=moved["checkpoint_dir"])
    assert_same_run(trained, resumed)
    before = files(resumed["run"])
    assert_same_run(trained, train(resumed, epochs=2))  # a finished run is shown as it is
    assert files(resumed["run"]) == before


def test_an_edited_loss_is_what_trains_and_the_run_before_it_is_whole(small, tmp_path, monkeypatch):
    """In a kernel that has trained, as a reader would: g_loss times 0, and sections 8 to 11 again."""
    monkeypatch.chdir(tmp_path)
    namespace = run_notebook("train", **small)
    first, before = namespace["run"], files(tmp_path)
    assert np.ptp(namespace["samples"], axis=0).max() > 0.1
    edited = cells()["losses"].replace("g_loss = cross_entropy", "g_loss = 0 * cross_entropy")
    assert edited != cells()["losses"]
    run_cells(namespace, "build", "untrained")
    exec(edited, namespace)
    run_cells(namespace, "try-losses", "view-samples")
    assert namespace["run"] != first
    assert files(tmp_path).items() > before.items()
    assert np.all(namespace["losses"][:, 1] == 0)
    for sample in namespace["samples"]:
        np.testing.assert_array_equal(sample, namespace["noise"])


def test_run_all_twice_and_every_cell_twice_give_new_runs_that_are_the_same(trained, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = run_notebook("new-digits", **small)
    before = files(tmp_path)
    run_cells(namespace, "setup", "variables", repeats=2, **small)
    run_cells(namespace, "optimizers")
    run_cells(namespace, "by-hand", "results", repeats=2)
    assert files(tmp_path).items() > before.items() and len(list(tmp_path.glob("checkpoints/*"))) == 3
    assert_same_run(trained, namespace)


PLACES = [(1, "before", np, "savez"), (2, "before", np, "savez"), (2, "after", np, "savez")]
PLACES += [(epoch, when, checkpoint_management, POINTER) for epoch in (1, 2) for when in ("before", "after")]
PLACES += [(2, "before", checkpoint_management, "remove_checkpoint")]
LONG = {"epochs": 6}
# children that are forked from a process that has imported TensorFlow, and run nothing of it, start in less time
CONTEXT = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
CONTEXT.set_forkserver_preload(["tensorflow"])


def train_in_a_child(parameters, place, seconds):
    """Train; die before or after the call at a place, or when the seconds of training are over."""
    namespace = run_notebook("run", **parameters)
    die = functools.partial(os.kill, os.getpid(), signal.SIGKILL)
    if place is not None:
        epoch, when, owner, name = PLACES[place]
        call = getattr(owner, name)

        def deadly(*arguments, **options):
            if namespace["epoch"] == epoch:
                if when == "after":
                    call(*arguments, **options)
                die()
            return call(*arguments, **options)

        setattr(owner, name, deadly)
    if seconds is not None:
        threading.Timer(seconds, die).start()
    train(namespace)


def die_in_children(small, directory, deaths):
    """Let a child die in each folder k of a directory, as deaths, a list of keyword arguments, says; two at a time."""
    for k in range(0, len(deaths), 2):
        processes = []
        for i in range(k, min(k + 2, len(deaths))):
            parameters = small | LONG | {"checkpoint_dir": str(directory / str(i))}
            death = {"place": None, "seconds": None} | deaths[i]
            processes.append(CONTEXT.Process(target=train_in_a_child, args=(parameters, *death.values())))
            processes[-1].start()
        for process in processes:
            process.join()
            assert process.exitcode == -signal.SIGKILL


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_at_a_named_place_and_then_at_a_random_time_it_resumes_bit_for_bit(small, tmp_path):
    """Around the epoch's file and the checkpoint's pointer, and before the old one's deletion; later at any time."""
    uninterrupted = run_notebook("train", **small | LONG, checkpoint_dir=str(tmp_path / "whole"))
    die_in_children(small, tmp_path, [{"place": k} for k in range(len(PLACES))])
    times = np.random.default_rng(0).uniform(0, 0.4, 4)
    die_in_children(small, tmp_path, [{"seconds": seconds} for seconds in times])
    for k in range(len(PLACES)):
        resumed = run_notebook("train", **small | LONG, checkpoint_dir=str(tmp_path / str(k)))
        assert_same_run(uninterrupted, resumed)


def test_stop_button_ends_training_with_a_sentence_and_all_below_works(trained, untrained, capsys):
    """In the first epoch there is nothing to draw by yet; the next ones are kept, and the run goes on."""
    stop_in_epoch(untrained, 1)
    train(untrained)
    assert untrained["losses"].shape == (0, 2) and untrained["samples"].shape == (0, 16, 784)
    stop_in_epoch(untrained, 3)
    train(untrained)
    assert "Stopped. Run this cell again to go on.\n2 of 3 epochs are done." in capsys.readouterr().out
    run_cells(untrained, "curves", "new-digits")
    assert_same_run(trained, train(untrained))


def test_stop_button_while_saving_loses_one_epoch_at_most(trained, untrained, monkeypatch):
    """Between the checkpoint's data and its pointer."""
    train(untrained, epochs=1)
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint_management, POINTER, lambda *_, **__: signal.raise_signal(signal.SIGINT))
        assert len(train(untrained, epochs=3)["losses"]) == 1
    run_cells(untrained, "verdicts", "new-digits")
    assert_same_run(trained, train(untrained))


@pytest.mark.parametrize("changes", [{"g_hidden_size": 33}, {"z_size": 50}, {"d_hidden_size": 17}])
def test_checkpoint_of_another_network_is_refused_and_stays(trained, small, changes):
    before = files(trained["run"])
    with pytest.raises(AssertionError, match="another network"):
        run_notebook("train", **small | changes | {"epochs": 4}, checkpoint_dir=trained["run"])
    assert files(trained["run"]) == before


@pytest.mark.parametrize("name", ["*.index", "*.data-*", "epoch-1.npz"])
def test_a_run_with_a_file_missing_is_an_error_and_not_begun_anew(trained, untrained, name):
    train(untrained, epochs=2)
    next(Path(untrained["run"]).glob(name)).unlink()
    before = files(untrained["run"])
    with pytest.raises((OSError, ValueError, untrained["tf"].errors.OpError)):
        train(untrained, epochs=3)
    assert files(untrained["run"]) == before


def test_full_disk_is_an_error_and_the_run_goes_on_afterwards(trained, untrained):
    resource = pytest.importorskip("resource", reason="Windows has no limit for files")
    train(untrained, epochs=1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (1_000, 100_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
        try:
            with pytest.raises((OSError, untrained["tf"].errors.OpError), match="File too large"):
                train(untrained, epochs=3)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert len(untrained["history"](untrained["run"])[0]) == 1
    assert_same_run(trained, train(untrained))


def test_divergence_stops_training_and_keeps_the_last_good_checkpoint(untrained):
    draw = untrained["epoch_batches"]
    with pytest.raises(AssertionError, match="epoch 3"):
        train(untrained, epoch_batches=lambda e: (draw(e)[0], draw(e)[1] * (np.nan if e == 3 else 1)))
    assert len(untrained["history"](untrained["run"])[0]) == 2
    assert all(np.isfinite(value).all() for value in saved(untrained["run"]).values())
