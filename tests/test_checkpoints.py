"""Resuming, kills, interruptions, damaged files, full and shared directories, cells out of order."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import assert_same_run, run_cell, run_cells, run_notebook, variables

SAVE_LOOP = """
import sys
from conftest import run_notebook
namespace = run_notebook("progress-figure", data_path=sys.argv[1], checkpoint_dir=sys.argv[2], batch_size=50)
tf, np = namespace["tf"], namespace["np"]
value = tf.placeholder(tf.float32, ())
fill = [v.assign(tf.fill(v.shape, value)) for v in tf.global_variables()]
with namespace["only_run_in"](sys.argv[2]), tf.Session() as session:
    for epoch in range(1, 10_000):
        session.run(fill, {value: epoch})
        rows = np.full((epoch, 1), epoch, np.float32)
        namespace["save_checkpoint"](session, np.tile(rows, 2), np.tile(rows[:, None], (16, 784)))
        print(epoch, flush=True)
"""


def checkpoint_files(directory):
    """Return the names and contents of the files that make up the checkpoint."""
    return {
        path.name: path.read_bytes()
        for path in Path(directory).iterdir()
        if path.name.startswith(("gan-", "history"))
    }


def test_reason_is_the_line_that_matters(untrained):
    reason, tf = untrained["reason"], untrained["tf"]
    text = "Graph execution error:\nNode: 'save'\nNo space left\n\t [[{{node save}}]]\n\nOriginal stack trace"
    assert reason(tf.errors.ResourceExhaustedError(None, None, text)) == "No space left"
    assert (
        reason(OSError(28, "No space left on device"))
        == "[Errno 28] No space left on device"
    )
    assert reason(OSError()) == "OSError"


def test_resumed_run_is_the_uninterrupted_run(trained, small, tmp_path):
    directory = str(tmp_path)
    run_notebook("train", **small | {"epochs": 1}, checkpoint_dir=directory)
    run_notebook(
        "train", **small | {"epochs": 2}, checkpoint_dir=directory, resume=True
    )
    assert_same_run(
        trained, run_notebook("train", **small, checkpoint_dir=directory, resume=True)
    )


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
        run_notebook("coverage", **small, checkpoint_dir=directory, resume=True),
    )
    assert checkpoint_files(directory) == before


CHANGES = {
    "batch_size": 25,
    "z_size": 50,
    "g_hidden_size": 33,
    "d_hidden_size": 17,
    "alpha": 0.1,
    "smooth": 0.2,
    "learning_rate": 0.01,
    "d_learning_rate": 0.02,
    "beta1": 0.6,
    "seed": 5,
    "epochs": 2,
}


def test_resume_under_other_parameters_is_refused_with_their_list(trained, small):
    before = checkpoint_files(trained["checkpoint_dir"])
    parameters = (
        small | CHANGES | {"checkpoint_dir": trained["checkpoint_dir"], "resume": True}
    )
    with pytest.raises(ValueError, match="cannot resume") as error:
        run_notebook("train", **parameters)
    for name, value in CHANGES.items():
        assert name in str(error.value) and f"is {value}" in str(error.value)
    for name in ("learning_rate", "epochs"):
        parameters = small | {
            name: CHANGES[name],
            "checkpoint_dir": trained["checkpoint_dir"],
            "resume": True,
        }
        with pytest.raises(
            ValueError, match=rf"cannot resume from [^;]*: {name} [^;]*\. To go on"
        ):
            run_notebook("train", **parameters)
    assert checkpoint_files(trained["checkpoint_dir"]) == before


def test_resume_with_other_data_is_refused(trained, small, small_data, tmp_path):
    with np.load(small_data) as file:
        arrays = dict(file) | {"x_train": 255 - file["x_train"]}
    np.savez(tmp_path / "other.npz", **arrays)
    parameters = small | {
        "data_path": str(tmp_path / "other.npz"),
        "checkpoint_dir": trained["checkpoint_dir"],
    }
    with pytest.raises(ValueError, match="cannot resume from .*data_path's images"):
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


def test_sigkill_at_any_instant_leaves_a_consistent_checkpoint(
    untrained, small_data, tmp_path
):
    tf = untrained["tf"]

    def killed(k):
        """Let a process save one checkpoint after another, kill it at a random moment, return its directory."""
        directory = tmp_path / str(k)
        command = [sys.executable, "-c", SAVE_LOOP, str(small_data), str(directory)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, cwd=Path(__file__).parent, text=True
        ) as process:
            while process.stdout.readline().strip() != "1":
                assert process.poll() is None
            try:
                process.wait(random.uniform(0, 0.5))
            except subprocess.TimeoutExpired:
                process.kill()
        assert process.returncode == -signal.SIGKILL
        return directory

    with ThreadPoolExecutor(4) as pool:
        directories = list(pool.map(killed, range(20)))
    unfinished = 0
    for directory in directories:
        untrained["checkpoint_dir"] = str(directory)
        losses, samples, _, prefix = untrained["load_history"]()
        epoch = len(losses)
        assert (
            len(samples) == epoch
            and np.all(losses == epoch)
            and np.all(samples == epoch)
        )
        with tf.Session() as session:
            untrained["restore"](untrained["saver"], session, prefix)
            for value in session.run(tf.global_variables()):
                assert np.all(value == epoch)
            unfinished += any(
                Path(prefix).name not in path.name for path in directory.glob("gan-*")
            )
            with untrained["only_run_in"](directory):
                untrained["save_checkpoint"](session, losses, samples)
        assert len(list(directory.glob("gan-*"))) == 2
    assert unfinished >= 3


def test_stop_button_ends_training_after_the_epoch(trained, untrained, capsys):
    draw = untrained["epoch_batches"]

    def interrupted(e):
        if e == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return draw(e)

    untrained["epoch_batches"] = interrupted
    handler = signal.getsignal(signal.SIGINT)
    run_cell(untrained, "train")
    assert signal.getsignal(signal.SIGINT) is handler
    assert "Stopped after epoch 2;" in capsys.readouterr().out
    assert len(untrained["losses"]) == len(untrained["samples"]) == 2
    run_cells(untrained, "training-losses", "coverage")
    untrained.update(epoch_batches=draw, resume=True)
    run_cell(untrained, "train")
    assert_same_run(trained, untrained)


@pytest.mark.parametrize("keep", [0, 0.5, 0.99])
@pytest.mark.parametrize("suffix", [".npz", ".index", ".data-00000-of-00001"])
def test_damaged_checkpoint_is_reported(trained, untrained, tmp_path, suffix, keep):
    directory = tmp_path / "copy"
    shutil.copytree(trained["checkpoint_dir"], directory)
    (path,) = directory.glob(f"*{suffix}")
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    untrained.update(checkpoint_dir=str(directory), resume=True)
    with pytest.raises(
        ValueError,
        match=r"(is damaged|cannot be restored) .*train anew with resume = False",
    ):
        run_cell(untrained, "train")
    untrained["resume"] = False
    run_cell(untrained, "train")
    assert len(untrained["load_history"]()[0]) == 3


def test_flipped_bit_is_reported(trained, untrained, tmp_path):
    directory = tmp_path / "copy"
    shutil.copytree(trained["checkpoint_dir"], directory)
    (path,) = directory.glob("*.data-*")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    untrained.update(checkpoint_dir=str(directory), resume=True)
    with pytest.raises(ValueError, match="cannot be restored"):
        run_cell(untrained, "train")


def test_no_checkpoint_yet(untrained):
    with pytest.raises(
        FileNotFoundError, match="no checkpoint yet; run the training cell"
    ):
        run_cell(untrained, "new-digits")


def test_directory_that_cannot_be_made(untrained, tmp_path):
    (tmp_path / "file").write_text("")
    for directory in (
        tmp_path / "file",
        tmp_path / "file" / "below",
        "/dev/null/below",
    ):
        untrained["checkpoint_dir"] = str(directory)
        with pytest.raises(RuntimeError, match="checkpoint_dir .* cannot be used"):
            run_cell(untrained, "train")


def test_full_disk_is_reported_with_the_results_in_memory_and_the_old_checkpoint_kept(
    untrained,
):
    untrained["epochs"] = 1
    run_cell(untrained, "train")
    before = checkpoint_files(untrained["checkpoint_dir"])
    untrained.update(epochs=3, resume=True)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(
            OSError, match="cannot save epoch 2 in .*losses and samples hold it"
        ):
            run_cell(untrained, "train")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(untrained["losses"]) == len(untrained["samples"]) == 2
    assert checkpoint_files(untrained["checkpoint_dir"]) == before
    run_cell(untrained, "train")
    assert len(untrained["load_history"]()[0]) == 3


def test_second_run_in_one_directory_is_refused(untrained):
    directory = untrained["checkpoint_dir"]
    with untrained["only_run_in"](directory):
        with pytest.raises(
            RuntimeError, match="cannot be used .*locked.*another run is training"
        ):
            run_cell(untrained, "train")
        assert checkpoint_files(directory) == {}
    run_cell(untrained, "train")


def test_lock_of_another_process_holds_and_dies_with_it(untrained, small_data):
    directory = untrained["checkpoint_dir"]
    command = [sys.executable, "-c", SAVE_LOOP, str(small_data), directory]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=Path(__file__).parent, text=True
    ) as process:
        while process.stdout.readline().strip() != "1":
            assert process.poll() is None
        with pytest.raises(RuntimeError, match="another run is training"):
            run_cell(untrained, "train")
        process.kill()
    run_cell(untrained, "train")
    assert len(untrained["load_history"]()[0]) == 3


def test_every_cell_twice_gives_the_same_run_and_no_second_set_of_variables(
    trained, small, tmp_path
):
    twice = run_notebook("coverage", repeats=2, **small, checkpoint_dir=str(tmp_path))
    assert_same_run(trained, twice)
    assert len(variables(trained)) == len(twice["tf"].global_variables())


def test_run_all_twice_in_one_kernel(trained, small, tmp_path):
    namespace = run_notebook("coverage", **small, checkpoint_dir=str(tmp_path))
    run_cells(namespace, "quiet", "coverage", **small, checkpoint_dir=str(tmp_path))
    assert_same_run(trained, namespace)


def test_sections_run_again_after_the_training_leave_its_results(small, tmp_path):
    namespace = run_notebook("coverage", **small, checkpoint_dir=str(tmp_path))
    results = {name: namespace[name] for name in ("losses", "samples", "fakes")}
    run_cells(namespace, "build", "progress-figure")
    for name, result in results.items():
        assert namespace[name] is result
    run_cells(namespace, "training-losses", "coverage")


def test_sections_run_again_add_no_variable(network):
    names = [v.name for v in network["tf"].global_variables()]
    for _ in range(2):
        run_cells(network, "model-loss", "average")
    assert [v.name for v in network["tf"].global_variables()] == names


def test_changed_parameter_or_network_is_noticed_before_training(untrained):
    untrained["learning_rate"] /= 2
    with pytest.raises(RuntimeError, match="run sections 8 to 12 again"):
        run_cell(untrained, "train")
    untrained["learning_rate"] *= 2
    run_cell(untrained, "build")
    with pytest.raises(RuntimeError, match="run sections 8 to 12 again"):
        run_cell(untrained, "train")
    run_cells(untrained, "build", "train")
