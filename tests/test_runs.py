"""Runs and their folders: resuming, kills, interruptions, damaged files, full disks, cells out of order."""

import json
import multiprocessing
import os
import random
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from cells import run_cell, run_cells, run_notebook, run_to_training
from conftest import assert_same_run, files, saved

EPOCHS = 6


def runs_in(directory):
    """Return the folders of the runs in a directory, oldest first."""
    return sorted(Path(directory).glob("2*/"))


def interrupt_in_epoch(namespace, epoch):
    """Let the stop button be pressed when the epoch begins; return the function that draws batches."""
    draw = namespace["epoch_batches"]

    def interrupted(e):
        if e == epoch:
            signal.raise_signal(signal.SIGINT)
        return draw(e)

    namespace["epoch_batches"] = interrupted
    return draw


def test_a_run_is_a_folder_with_its_settings_epochs_and_last_checkpoint(trained):
    (run,) = runs_in(trained["checkpoint_dir"])
    assert run == Path(trained["run"])
    names = {path.name.split(".data")[0] for path in run.iterdir()}
    assert names == {
        *["settings.json", "results.json", "checkpoint", "gan-3", "gan-3.index"],
        *[f"epoch-{epoch}.npz" for epoch in (1, 2, 3)],
    }
    settings = json.loads((run / "settings.json").read_text())
    assert settings == trained["settings"] | {"loop": "compiled_epoch"}
    assert {"seed", "alpha", "images"} < settings.keys()
    assert not {"epochs", "resume", "compiled", "checkpoint_dir", "data_path"} & settings.keys()


def test_resumed_run_is_the_uninterrupted_run(trained, small, untrained, tmp_path):
    """Also after its folder has been moved, beside a trial with other settings and a run stopped in its first epoch."""
    directory = str(tmp_path / "moved")
    untrained["epochs"] = 1
    run_cell(untrained, "train")
    interrupt_in_epoch(untrained, 1)
    run_cell(untrained, "train")
    assert len(untrained["losses"]) == 0
    shutil.move(untrained["checkpoint_dir"], directory)
    run_notebook("train", **small | {"epochs": 1, "seed": 9}, checkpoint_dir=directory)
    assert_same_run(trained, run_notebook("train", **small, checkpoint_dir=directory, resume=True))
    assert len(runs_in(directory)) == 3


def test_finished_run_is_shown_again_as_it_is_also_with_fewer_epochs(trained, untrained):
    before = files(Path(trained["checkpoint_dir"]))
    untrained.update(epochs=2, checkpoint_dir=trained["checkpoint_dir"], resume=True)
    run_cells(untrained, "train", "soften")
    assert_same_run(trained, untrained)
    for name, measure in untrained["results"].items():
        assert measure == trained["results"][name]
    assert files(Path(trained["checkpoint_dir"])) == before


CHANGES = {
    "batch_size": 25, "z_size": 50, "g_hidden_size": 33, "d_hidden_size": 17, "z_kinds": 5, "alpha": 0.2, "smooth": 0.2,
    "learning_rate": 0.01, "d_learning_rate": 0.02, "beta1": 0.6, "shift": 0.2, "seed": 5,
}  # fmt: skip


@pytest.mark.parametrize("changes", [CHANGES, {"learning_rate": 0.01, "compiled": False}])
def test_resume_under_other_settings_is_refused_with_their_list(trained, small, changes):
    before = files(Path(trained["checkpoint_dir"]))
    namespace = run_to_training(**small | changes, checkpoint_dir=trained["checkpoint_dir"])
    namespace["resume"] = True
    with pytest.raises(ValueError, match="resume = False") as error:
        run_cell(namespace, "train")
    for name, value in CHANGES.items():
        listed = f"{name} was {trained[name]}, is now {value}"
        assert (listed in str(error.value)) == (name in changes)
    listed = "loop was compiled_epoch, is now textbook_epoch"
    assert (listed in str(error.value)) == ("compiled" in changes)
    assert files(Path(trained["checkpoint_dir"])) == before


def test_resume_with_the_same_images_in_another_order_is_refused(
    trained, small, small_data, tmp_path
):
    with np.load(small_data) as file:
        np.savez(tmp_path / "other.npz", **dict(file) | {"x_train": file["x_train"][::-1]})
    namespace = run_to_training(**small | {"data_path": str(tmp_path / "other.npz")})
    namespace.update(checkpoint_dir=trained["checkpoint_dir"], resume=True)
    with pytest.raises(ValueError, match=r"images was \d+, is now \d+"):
        run_cell(namespace, "train")


def test_nothing_that_is_there_already_is_touched(trained, small, untrained):
    """Files of the user, an earlier run, runs of the same kernel before and after a whole Run All."""
    directory = Path(untrained["checkpoint_dir"])
    for name in ("gan-homework.docx", "results.json", "checkpoint", "gan-pictures/gan-1.index"):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text("mine")
    states = [files(directory)]
    for first in ("train", "train", "setup"):
        run_cells(untrained, first, "train", **small, checkpoint_dir=str(directory))
        states.append(files(directory))
        assert states[-1].items() > states[-2].items()
    assert len(runs_in(directory)) == 3
    assert_same_run(trained, untrained)


def train_in_a_child(parameters, place, barrier):
    """Train; where a place is given, die there in epoch 2, before or after a call."""
    namespace = run_to_training(**parameters)
    if place:
        from tensorflow.python.checkpoint import checkpoint_management

        when, owner, name = place
        owner = {"np": np, "tf": checkpoint_management, "Path": Path}[owner]
        call, calls = getattr(owner, name), []

        def deadly(*arguments, **options):
            calls.append(arguments)
            if len(calls) == (1 if owner is Path else 2):
                if when == "after":
                    call(*arguments, **options)
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        setattr(owner, name, deadly)
    if barrier:
        barrier.wait()
    run_cell(namespace, "train")


def child(parameters, directory, place=None, barrier=None):
    """Start a process that trains in a directory, and return it."""
    parameters = parameters | {"checkpoint_dir": str(directory)}
    process = multiprocessing.get_context("spawn").Process(
        target=train_in_a_child, args=(parameters, place, barrier)
    )
    process.start()
    return process


@pytest.fixture(scope="module")
def long(small):
    """Parameters of a run of EPOCHS epochs, by the loop that need not be compiled."""
    return small | {"epochs": EPOCHS, "compiled": False}


@pytest.fixture(scope="module")
def uninterrupted(long, tmp_path_factory):
    """A run that nobody stops."""
    namespace = run_to_training(**long, checkpoint_dir=str(tmp_path_factory.mktemp("whole")))
    return run_cells(namespace, "train", "train")


def assert_resumes(uninterrupted, long, directory):
    """Assert that a resumed run ends like the uninterrupted one, in the only folder that there is."""
    resumed = run_to_training(**long, checkpoint_dir=str(directory), resume=True)
    run_cell(resumed, "train")
    assert_same_run(uninterrupted, resumed)
    (run,) = runs_in(directory)
    assert (run / "checkpoint").read_text().count(f"gan-{EPOCHS}") == 2


PLACES = [
    ("before", "np", "savez"),
    ("after", "np", "savez"),
    ("before", "tf", "update_checkpoint_state_internal"),
    ("after", "tf", "update_checkpoint_state_internal"),
    ("before", "Path", "unlink"),
]
needs_sigkill = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


@needs_sigkill
def test_killed_at_a_named_place_it_resumes_bit_for_bit(uninterrupted, long, tmp_path):
    """Around the epoch's file, the checkpoint's data and its pointer, and before the deletion of the last one."""
    processes = [child(long, tmp_path / str(k), place) for k, place in enumerate(PLACES)]
    for k, process in enumerate(processes):
        process.join()
        assert process.exitcode == -signal.SIGKILL, PLACES[k]
        assert_resumes(uninterrupted, long, tmp_path / str(k))


@needs_sigkill
def test_killed_at_a_random_time_it_resumes_bit_for_bit(uninterrupted, long, tmp_path):
    rng = random.Random(0)
    processes = [child(long, tmp_path / str(k)) for k in range(5)]
    for k, process in enumerate(processes):
        while not list(tmp_path.glob(f"{k}/*/checkpoint")):
            assert process.is_alive()
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.3))
        process.kill()
        process.join()
    for k in range(5):
        assert_resumes(uninterrupted, long, tmp_path / str(k))


def test_two_kernels_that_start_in_one_directory_do_not_meet(uninterrupted, long, tmp_path):
    barrier = multiprocessing.get_context("spawn").Barrier(2)
    processes = [child(long, tmp_path, barrier=barrier) for _ in range(2)]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    first, second = runs_in(tmp_path)
    for run in (first, second):
        np.testing.assert_equal(saved(run), saved(uninterrupted["run"]))


def test_stop_button_ends_training_with_a_sentence_and_all_below_works(trained, untrained, capsys):
    draw = interrupt_in_epoch(untrained, 3)
    run_cell(untrained, "train")
    assert "Stopped after 2 of 3 epochs; resume = True goes on." in capsys.readouterr().out
    assert len(untrained["losses"]) == len(untrained["samples"]) == 2
    run_cells(untrained, "verdicts", "nearest")
    results = json.loads(Path(untrained["run"], "results.json").read_text(encoding="utf-8"))
    assert results["epochs"] == 2
    untrained.update(epoch_batches=draw, resume=True)
    run_cell(untrained, "train")
    assert_same_run(trained, untrained)
    assert len(runs_in(untrained["checkpoint_dir"])) == 1


def test_stop_button_in_the_first_epoch_leaves_no_digits_of_another_run(untrained, capsys):
    run_cell(untrained, "train")
    earlier = files(Path(untrained["checkpoint_dir"]))
    interrupt_in_epoch(untrained, 1)
    run_cell(untrained, "train")
    assert "Stopped after 0 of 3 epochs" in capsys.readouterr().out
    assert untrained["losses"].shape == (0, 2) and untrained["samples"].shape == (0, 16, 784)
    for cells in (("verdicts", "verdicts"), ("generate", "new-digits")):
        with pytest.raises(ValueError, match="checkpoint"):
            run_cells(untrained, *cells)
    assert files(Path(untrained["checkpoint_dir"])).items() > earlier.items()


def test_stop_button_while_saving_loses_one_epoch_at_most(trained, untrained, monkeypatch):
    """It comes when the checkpoint's data is written and the file `checkpoint` does not name it yet. A run that is
    then started anew in the same kernel leaves the stopped one alone, and that one goes on as if never stopped."""
    from tensorflow.python.checkpoint import checkpoint_management

    untrained["epochs"] = 1
    run_cell(untrained, "train")
    untrained.update(epochs=3, resume=True)
    with monkeypatch.context() as patch:
        stop = lambda *_, **__: signal.raise_signal(signal.SIGINT)  # noqa: E731
        patch.setattr(checkpoint_management, "update_checkpoint_state_internal", stop)
        run_cell(untrained, "train")
    assert len(untrained["losses"]) == 1
    run_cells(untrained, "verdicts", "new-digits")
    stopped = files(Path(untrained["run"]))
    untrained["resume"] = False
    run_cell(untrained, "train")
    assert_same_run(trained, untrained)
    assert files(Path(untrained["checkpoint_dir"])).items() > stopped.items()
    shutil.rmtree(untrained["run"])
    untrained["resume"] = True
    run_cell(untrained, "train")
    assert_same_run(trained, untrained)


DAMAGE = {
    "checkpoint": [0, 0.5],
    "*.index": [0, 0.5, "gone"],
    "*.data-*": [0, 0.5, "one bit", "gone"],
}


def damage(path, how):
    """Delete a file, flip a bit in its middle, or shorten it to a share of it."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(content if how == "one bit" else content[: int(how * len(content))])


def test_damaged_checkpoint_is_an_error_that_names_its_run(untrained, trained, tmp_path):
    """And that does not advise to start anew; nothing is changed."""
    for k, (name, how) in enumerate((name, how) for name in DAMAGE for how in DAMAGE[name]):
        directory = tmp_path / f"{k} {how}"
        shutil.copytree(trained["checkpoint_dir"], directory)
        (path,) = directory.glob(f"*/{name}")
        damage(path, how)
        before = files(directory)
        untrained.update(checkpoint_dir=str(directory), resume=True)
        with pytest.raises(ValueError, match=path.parent.name) as error:
            run_cell(untrained, "train")
        assert "False" not in str(error.value)
        assert files(directory) == before


def test_directory_that_cannot_be_made(untrained, tmp_path):
    (tmp_path / "file").write_text("")
    for directory in (tmp_path / "file", tmp_path / "file" / "below"):
        untrained["checkpoint_dir"] = str(directory)
        with pytest.raises(OSError, match="file"):
            run_cell(untrained, "train")


def test_a_whole_run_writes_into_its_folder_alone_whatever_that_is_called(
    trained, small, tmp_path, monkeypatch
):
    directory = tmp_path / "my run[1] 数字"
    directory.mkdir()
    monkeypatch.chdir(directory)
    namespace = run_notebook("nearest", **small | {"epochs": 1}, checkpoint_dir="checkpoints")
    namespace.update(epochs=3, resume=True)
    run_cell(namespace, "train")
    assert_same_run(trained, namespace)
    assert [path.name for path in directory.iterdir()] == ["checkpoints"]


def test_full_disk_is_an_error_and_the_run_goes_on_afterwards(trained, untrained):
    resource = pytest.importorskip("resource", reason="Windows has no limit for files")
    untrained["epochs"] = 1
    run_cell(untrained, "train")
    untrained.update(epochs=3, resume=True)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (1_000, 100_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
        try:
            with pytest.raises((OSError, untrained["tf"].errors.OpError), match="File too large"):
                run_cell(untrained, "train")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert len(untrained["history"](untrained["run"])[0]) == 1
    run_cell(untrained, "train")
    assert_same_run(trained, untrained)


def test_divergence_stops_training_and_keeps_the_last_good_checkpoint(untrained):
    draw = untrained["epoch_batches"]
    untrained["epoch_batches"] = lambda e: (draw(e)[0], draw(e)[1] * (np.nan if e == 3 else 1))
    with pytest.raises(FloatingPointError, match="epoch 3"):
        run_cell(untrained, "train")
    assert len(untrained["history"](untrained["run"])[0]) == 2
    assert all(np.isfinite(value).all() for value in saved(untrained["run"]).values())


def test_every_cell_twice_gives_the_same_run_and_no_second_set_of_variables(
    trained, small, tmp_path
):
    twice = run_notebook("switches", repeats=2, **small, checkpoint_dir=str(tmp_path))
    assert_same_run(trained, twice)
    assert len(saved(trained["run"])) == len(twice["tf"].global_variables())


def test_changed_parameter_or_network_is_noticed_before_training(untrained):
    for name, value in {"learning_rate": 0.01, "seed": 7, "batch_size": 20}.items():
        then = untrained[name]
        untrained[name] = value
        with pytest.raises(ValueError, match=f"{name} was {then}.*sections 8 to 13"):
            run_cell(untrained, "train")
        untrained[name] = then
    run_cell(untrained, "build")
    with pytest.raises((ValueError, RuntimeError, TypeError), match="graph"):
        run_cell(untrained, "train")
    assert not list(Path(untrained["checkpoint_dir"]).glob("*/checkpoint"))
