"""Resuming, kills, interruptions, damaged files, full and shared directories, cells out of order."""

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import (
    assert_same_run,
    checkpoint,
    run_cell,
    run_cells,
    run_notebook,
    run_to_training,
    saved,
)


def train(data_path, checkpoint_dir, saving):
    """Train for very long; if saving, on nothing, so that nearly all of the time goes into saving."""
    parameters = {"data_path": data_path, "checkpoint_dir": checkpoint_dir, "epochs": 10_000}
    sizes = {"batch_size": 550, "g_hidden_size": 64, "d_hidden_size": 8}
    namespace = run_to_training(**parameters, **sizes)
    if saving:
        empty = [array[:0] for array in namespace["epoch_batches"](1)]
        namespace["epoch_batches"] = lambda e: empty
        namespace["train_epoch"] = lambda session, images, z: [0, 0]
        namespace["progress"] = lambda losses, samples, seconds: None
    run_cell(namespace, "train")


@contextlib.contextmanager
def training(small_data, directory, saving=False):
    """Start a process that trains in a directory, and kill it at the end; the block begins when its first checkpoint is there."""
    process = multiprocessing.get_context("spawn").Process(
        target=train, args=(str(small_data), str(directory), saving)
    )
    process.start()
    try:
        while not Path(directory, "checkpoint").exists():
            assert process.is_alive()
            time.sleep(0.01)
        yield
        assert process.is_alive()
    finally:
        process.kill()
        process.join()


def checkpoint_files(directory):
    """Return the names and contents of the files that make up the checkpoint."""
    return {
        path.name: path.read_bytes()
        for path in Path(directory).iterdir()
        if path.name.startswith(("gan-", "checkpoint"))
    }


def test_resumed_run_is_the_uninterrupted_run(trained, small, tmp_path):
    directory = str(tmp_path)
    run_notebook("train", **small | {"epochs": 1}, checkpoint_dir=directory)
    run_notebook("train", **small | {"epochs": 2}, checkpoint_dir=directory, resume=True)
    assert_same_run(trained, run_notebook("train", **small, checkpoint_dir=directory, resume=True))


def test_resume_in_the_same_kernel(trained, untrained):
    for epochs in (1, 3):
        untrained.update(epochs=epochs, resume=True)
        run_cell(untrained, "train")
    assert_same_run(trained, untrained)


def test_resume_of_a_finished_run_shows_it_again(trained, small, tmp_path):
    directory = str(tmp_path / "copy")
    shutil.copytree(trained["checkpoint_dir"], directory)
    before = checkpoint_files(directory)
    assert_same_run(
        trained,
        run_notebook("nearest", **small, checkpoint_dir=directory, resume=True),
    )
    assert checkpoint_files(directory) == before


CHANGES = {
    "batch_size": 25,
    "z_size": 50,
    "g_hidden_size": 33,
    "d_hidden_size": 17,
    "z_kinds": 5,
    "averaged": False,
    "alpha": 0.2,
    "smooth": 0.2,
    "learning_rate": 0.01,
    "d_learning_rate": 0.02,
    "beta1": 0.6,
    "seed": 5,
    "compiled": False,
}


def test_resume_under_other_parameters_is_refused_with_their_list(trained, small):
    before = checkpoint_files(trained["checkpoint_dir"])
    resume = {"checkpoint_dir": trained["checkpoint_dir"], "resume": True}
    for changes in (CHANGES, {"learning_rate": 0.01}, {"compiled": False}):
        with pytest.raises(ValueError, match="resume = False") as error:
            run_notebook("train", **small | changes | resume)
        for name, value in CHANGES.items():
            listed = f"{name}={trained[name]} is now {name}={value}"
            assert (listed in str(error.value)) == (name in changes)
    with pytest.raises(ValueError, match="3 of epochs=2: .*resume = False"):
        run_notebook("train", **small | {"epochs": 2} | resume)
    assert checkpoint_files(trained["checkpoint_dir"]) == before


def test_resume_with_other_data_is_refused(trained, small, small_data, tmp_path):
    with np.load(small_data) as file:
        arrays = dict(file) | {"x_train": 255 - file["x_train"]}
    np.savez(tmp_path / "other.npz", **arrays)
    parameters = small | {
        "data_path": str(tmp_path / "other.npz"),
        "checkpoint_dir": trained["checkpoint_dir"],
    }
    with pytest.raises(ValueError, match=r"images=\d+ is now images=\d+"):
        run_notebook("train", **parameters, resume=True)


def test_new_run_replaces_the_old_one_when_its_first_epoch_is_done(untrained):
    untrained["epochs"] = 1
    run_cell(untrained, "train")
    before = checkpoint_files(untrained["checkpoint_dir"])
    draw, untrained["epoch_batches"] = untrained["epoch_batches"], None
    with pytest.raises(TypeError):
        run_cell(untrained, "train")
    assert checkpoint_files(untrained["checkpoint_dir"]) == before
    untrained["epoch_batches"] = draw
    run_cell(untrained, "train")
    after = checkpoint_files(untrained["checkpoint_dir"])
    assert len(after) == len(before) == 3 and after.keys() != before.keys()


def test_another_directory_in_the_same_kernel_leaves_the_first_one_alone(untrained, tmp_path):
    untrained["epochs"] = 1
    run_cell(untrained, "train")
    first = untrained["checkpoint_dir"]
    before = checkpoint_files(first)
    untrained["checkpoint_dir"] = str(tmp_path / "second")
    run_cell(untrained, "train")
    assert checkpoint_files(first) == before
    assert len(checkpoint_files(tmp_path / "second")) == 3


@pytest.mark.parametrize("saving, least", [(False, 0), (True, 3)])
def test_sigkill_at_any_instant_leaves_a_checkpoint_that_can_be_resumed(
    untrained, small_data, tmp_path, saving, least
):
    """Ten kills while training and ten while saving, of which at least three hit a save."""

    def killed(k):
        """Kill a training process at a random moment after its first checkpoint; return its directory."""
        with training(small_data, tmp_path / str(k), saving):
            time.sleep(random.uniform(0, 0.5))
        return tmp_path / str(k)

    with ThreadPoolExecutor(2) as pool:
        directories = list(pool.map(killed, range(10)))
    unfinished = 0
    for directory in directories:
        variables = checkpoint(directory)
        rows = variables["history/rows"]
        assert len(rows) >= 1 and np.isfinite(rows).all()
        if saving:
            assert not rows[:, :2].any()
        last = untrained["tf"].train.latest_checkpoint(str(directory))
        names = [path.name for path in directory.glob("gan-*")]
        unfinished += any(not name.startswith(Path(last).name) for name in names)
    assert unfinished >= least
    untrained["checkpoint_dir"] = str(directories[-1])
    run_cell(untrained, "train")
    assert len(list(directories[-1].glob("gan-*"))) == 2


def interrupt_in_epoch(namespace, epoch):
    """Let the stop button be pressed when the epoch begins; return the function that draws batches."""
    draw = namespace["epoch_batches"]

    def interrupted(e):
        if e == epoch:
            signal.raise_signal(signal.SIGINT)
        return draw(e)

    namespace["epoch_batches"] = interrupted
    return draw


def test_stop_button_ends_training_with_a_sentence(trained, untrained, capsys):
    draw = interrupt_in_epoch(untrained, 3)
    run_cell(untrained, "train")
    assert capsys.readouterr().out.endswith("Stopped after epoch 2; resume = True goes on.\n")
    assert len(untrained["losses"]) == len(untrained["samples"]) == 2
    run_cells(untrained, "verdicts", "nearest")
    untrained.update(epoch_batches=draw, resume=True)
    run_cell(untrained, "train")
    assert_same_run(trained, untrained)


def test_stop_button_in_the_first_epoch_ends_with_a_sentence_too(untrained, capsys):
    draw = interrupt_in_epoch(untrained, 1)
    run_cell(untrained, "train")
    assert "Stopped after epoch 0;" in capsys.readouterr().out
    assert len(untrained["losses"]) == len(untrained["samples"]) == 0
    untrained["epoch_batches"] = draw
    run_cell(untrained, "train")
    assert len(untrained["losses"]) == 3


def test_stop_button_while_saving_loses_one_epoch_at_most(trained, untrained):
    save = untrained["saver"].save

    def interrupted(session, prefix, **options):
        save(session, prefix, latest_filename="unfinished", **options)
        signal.raise_signal(signal.SIGINT)

    untrained["epochs"] = 1
    run_cell(untrained, "train")
    untrained.update(epochs=3, resume=True)
    untrained["saver"].save = interrupted
    run_cell(untrained, "train")
    del untrained["saver"].save
    assert len(saved(untrained)["history/rows"]) == 1
    run_cells(untrained, "verdicts", "new-digits")
    run_cell(untrained, "train")
    assert len(list(Path(untrained["checkpoint_dir"]).glob("gan-*"))) == 2
    assert_same_run(trained, untrained)


@pytest.mark.parametrize("keep", [0, 0.5, 0.99])
@pytest.mark.parametrize("name", ["checkpoint", "*.index", "*.data-00000-of-00001"])
def test_damaged_checkpoint_is_reported(trained, untrained, tmp_path, name, keep):
    directory = tmp_path / "copy"
    shutil.copytree(trained["checkpoint_dir"], directory)
    (path,) = directory.glob(name)
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    untrained.update(checkpoint_dir=str(directory), resume=True)
    before = checkpoint_files(directory)
    with pytest.raises(ValueError, match="no whole checkpoint, set resume = False"):
        run_cell(untrained, "train")
    assert checkpoint_files(directory) == before
    untrained["resume"] = False
    run_cell(untrained, "train")
    assert_same_run(trained, untrained)


def test_flipped_bit_is_reported(trained, untrained, tmp_path):
    directory = tmp_path / "copy"
    shutil.copytree(trained["checkpoint_dir"], directory)
    (path,) = directory.glob("*.data-*")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    untrained.update(checkpoint_dir=str(directory), resume=True)
    with pytest.raises(ValueError, match="no whole checkpoint"):
        run_cell(untrained, "train")


def test_no_checkpoint_yet(untrained):
    with pytest.raises(ValueError, match="no whole checkpoint"):
        run_cells(untrained, "generate", "new-digits")


def test_directory_that_cannot_be_made(untrained, tmp_path):
    (tmp_path / "file").write_text("")
    for directory in (tmp_path / "file", tmp_path / "file" / "below"):
        untrained["checkpoint_dir"] = str(directory)
        with pytest.raises(OSError, match="file"):
            run_cell(untrained, "train")


def test_brackets_and_a_space_in_the_working_directory_do_no_harm(
    trained, small, tmp_path, monkeypatch
):
    directory = tmp_path / "my run[1] 数字"
    directory.mkdir()
    monkeypatch.chdir(directory)
    for epochs in (1, 3):
        namespace = run_notebook(
            "new-digits",
            **small | {"epochs": epochs},
            checkpoint_dir="checkpoints",
            resume=True,
        )
    assert_same_run(trained, namespace)
    assert len(list((directory / "checkpoints").iterdir())) == 4


def test_full_disk_is_reported_with_the_results_in_memory_and_the_old_checkpoint_kept(
    untrained,
):
    resource = pytest.importorskip("resource", reason="Windows has no limit for files")
    untrained["epochs"] = 1
    run_cell(untrained, "train")
    before = checkpoint_files(untrained["checkpoint_dir"])
    untrained.update(epochs=3, resume=True)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(untrained["tf"].errors.OpError, match="File too large"):
            run_cell(untrained, "train")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(untrained["losses"]) == len(untrained["samples"]) == 2
    assert checkpoint_files(untrained["checkpoint_dir"]) == before
    run_cell(untrained, "train")
    assert len(saved(untrained)["history/rows"]) == 3


def test_second_run_in_one_directory_is_refused(untrained):
    directory = untrained["checkpoint_dir"]
    with untrained["lock"](directory):
        with pytest.raises(RuntimeError, match="locked: if locked, another run"):
            run_cell(untrained, "train")
        assert checkpoint_files(directory) == {}
    run_cell(untrained, "train")


@pytest.mark.parametrize("reason", ["disk I/O error", "locking protocol"])
def test_file_system_without_locks(untrained, monkeypatch, reason):
    """Network drives fail in these ways where they have no locks."""

    class Connection:
        """Stands for a connection to a database on such a drive."""

        def execute(self, _):
            raise sqlite3.OperationalError(reason)

    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout: Connection())
    with pytest.raises(RuntimeError, match=f"{reason}: .*set checkpoint_dir to a local folder"):
        run_cell(untrained, "train")


def test_lock_file_that_is_something_else(untrained):
    directory = Path(untrained["checkpoint_dir"])
    directory.mkdir()
    (directory / "lock").write_text("something else")
    with pytest.raises(RuntimeError, match="not a database: .*checkpoint_dir"):
        run_cell(untrained, "train")


def test_save_that_is_refused_once_is_tried_again(trained, untrained):
    tf, saver = untrained["tf"], untrained["saver"]
    save, calls = saver.save, []

    def refused(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 3:  # all files are there, but for the renamed one
            save(*arguments, **options, latest_filename="unfinished")
        if len(calls) in (1, 3):
            raise tf.errors.PermissionDeniedError(None, None, "Access is denied")
        return save(*arguments, **options)

    saver.save = refused
    run_cell(untrained, "train")
    del saver.save
    assert len(calls) == 5
    assert_same_run(trained, untrained)


def test_lock_of_another_process_holds_and_dies_with_it(untrained, small_data):
    directory = untrained["checkpoint_dir"]
    with training(small_data, directory), pytest.raises(RuntimeError, match="locked"):
        run_cell(untrained, "train")
    run_cell(untrained, "train")
    assert len(saved(untrained)["history/rows"]) == 3


def test_every_cell_twice_gives_the_same_run_and_no_second_set_of_variables(
    trained, small, tmp_path
):
    twice = run_notebook("nearest", repeats=2, **small, checkpoint_dir=str(tmp_path))
    assert_same_run(trained, twice)
    assert len(saved(trained)) == len(twice["tf"].global_variables())


def test_run_all_twice_in_one_kernel(trained, small, tmp_path):
    namespace = run_notebook("nearest", **small, checkpoint_dir=str(tmp_path))
    run_cells(namespace, "setup", "nearest", **small, checkpoint_dir=str(tmp_path))
    assert_same_run(trained, namespace)


def test_sections_run_again_after_the_training_leave_its_results(small, tmp_path):
    namespace = run_notebook("nearest", **small, checkpoint_dir=str(tmp_path))
    samples = namespace["samples"]
    run_cells(namespace, "build", "progress")
    assert namespace["samples"] is samples
    run_cells(namespace, "verdicts", "nearest")


def test_sections_run_again_add_no_variable(untrained):
    names = [v.name for v in untrained["tf"].global_variables()]
    for _ in range(2):
        run_cells(untrained, "model-loss", "progress")
    assert [v.name for v in untrained["tf"].global_variables()] == names


def test_changed_parameter_or_network_is_noticed_before_training(untrained):
    untrained["learning_rate"] /= 2
    with pytest.raises(ValueError, match="learning_rate=.*rerun sections 8-12"):
        run_cell(untrained, "train")
    untrained["learning_rate"] *= 2
    run_cell(untrained, "build")
    with pytest.raises((ValueError, RuntimeError), match="graph"):
        run_cell(untrained, "train")
    assert not os.path.exists(f"{untrained['checkpoint_dir']}/checkpoint")
    run_cells(untrained, "build", "train")
