"""Part 3: train_gan and its folders, resuming, kills, interruptions, full disks; what is drawn by them."""

import json
import multiprocessing
import os
import signal
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import files, saved
from notebook import cells, definitions, run_notebook, tutorial

# children that are forked from a process that has imported TensorFlow, and run nothing of it, start in less time
CONTEXT = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
CONTEXT.set_forkserver_preload(["tensorflow"])


def assert_same_run(a, b, folders):
    """Compare what train_gan returned for two runs, and their checkpoints, bit for bit."""
    np.testing.assert_equal(a, b)
    np.testing.assert_equal(*(saved(folder) for folder in folders))


def stop_in_epoch(gan, epoch):
    """Let the stop button be pressed in the first step of an epoch, once."""
    train_epoch = gan["train_epoch"]

    def stopping(session, built, settings, e):
        if e == epoch:
            gan["train_epoch"] = train_epoch
            signal.raise_signal(signal.SIGINT)
        return train_epoch(session, built, settings, e)

    gan["train_epoch"] = stopping


def test_a_run_is_a_folder_and_its_resumption_is_the_uninterrupted_run(gan, small, tmp_path, capsys):
    """In the same kernel and in a new one; where all is done it is said, and nothing changes."""
    a, b = str(tmp_path / "a"), tmp_path / "b"
    whole = gan["train_gan"](a, 3)
    assert whole[0].shape == (3, 2) and whole[1].shape == (4, 16, 784) and np.abs(whole[1]).max() <= 1
    names = {path.name.split(".data")[0] for path in Path(a).iterdir()}
    assert names == {"settings.json", "checkpoint", "gan-3", "gan-3.index", *(f"epoch-{e}.npz" for e in range(4))}
    assert gan["read_settings"](a) == gan["better"]
    gan["train_gan"](b, 1)
    fresh = definitions(referee=False, **small)
    fresh["better"] = gan["better"]
    assert_same_run(whole, fresh["train_gan"](b, 3), (a, b))
    before, _ = files(b), capsys.readouterr()
    np.testing.assert_equal(fresh["train_gan"](b, 2), whole)
    assert "Ask for more" in capsys.readouterr().out and files(b) == before


def test_by_the_tutorials_settings_it_trains_part_1s_gan_bit_for_bit(gan, trained, tmp_path):
    losses, samples = gan["train_gan"](tmp_path / "plain", 3, **tutorial(gan))
    np.testing.assert_array_equal(samples, trained["samples"])
    np.testing.assert_allclose(losses, np.reshape(trained["losses"], (3, -1, 2)).mean(axis=1), rtol=1e-6)
    plain, better = saved(f"{trained['run']}/plain/gan"), saved(tmp_path / "plain")
    for name in plain:
        if "_power" not in name:
            np.testing.assert_array_equal(plain[name], better[name])


def test_centring_rates_smoothing_and_the_code_are_those_of_the_settings(gan, run_step):
    """One step of each player, against Part 1's own functions with the settings put in by hand."""
    for changes in ({}, {"smooth": 0.3, "alpha": 0.3, "centre": False, "g_learning_rate": 0.1, "beta2": 0.9}):
        run_step(gan, gan["better"] | changes)


@pytest.fixture
def run_step():
    """A function that compares a step of build_gan with NumPy."""

    def network(x, values, alpha):
        hidden = x @ values[0] + values[1]
        return np.where(hidden > 0, hidden, alpha * hidden) @ values[2] + values[3]

    def check(gan, s):
        tf = gan["tf"]
        with tf.Graph().as_default(), tf.Session() as session:
            input_real, input_z, g_model, d_step, g_step = gan["build_gan"](s)
            session.run(tf.global_variables_initializer())
            g_vars, d_vars = tf.trainable_variables("generator/"), tf.trainable_variables("discriminator/")
            z = gan["random_code"](np.random.default_rng(0), 50, s["z_categories"], s["z_size"])
            g_old, d_old = session.run([g_vars, d_vars])
            real, fake = gan["x_train"][:50], session.run(g_model, {input_z: z})
            np.testing.assert_allclose(fake, np.tanh(network(z, g_old, s["alpha"])), atol=1e-5)
            mean = gan["x_train"].mean() * s["centre"]
            on_real, on_fake = (network(x - mean, d_old, s["alpha"]) for x in (real, fake))
            expected = np.mean(np.logaddexp(0, on_real) - (1 - s["smooth"]) * on_real + np.logaddexp(0, on_fake))
            d_loss, *_ = session.run(d_step, {input_real: real, input_z: z})
            np.testing.assert_allclose(d_loss, expected, rtol=1e-4)
            d_new = session.run(d_vars)
            g_loss, *_ = session.run(g_step, {input_z: z})
            expected = np.mean(np.logaddexp(0, -network(fake - mean, d_new, s["alpha"])))
            np.testing.assert_allclose(g_loss, expected, rtol=1e-4)
            for letter, old, new in (("d", d_old, d_new), ("g", g_old, session.run(g_vars))):
                moved = np.abs(new[2] - old[2]).max()  # the first step of Adam is as long as its rate
                np.testing.assert_allclose(moved, s[f"{letter}_learning_rate"], rtol=0.01)

    return check


def test_mean_of_the_weights_is_that_of_the_steps(gan, tmp_path):
    """After step t it keeps (1 + t) / (10 + t) of what it was, and digits are drawn by it or by the last weights."""
    seen, train_epoch = [], gan["train_epoch"]

    def watching(session, built, s, epoch):
        """Take the epoch a batch at a time, noting G's weights."""
        if epoch == 0:
            return train_epoch(session, built, s, epoch)
        g_vars = gan["tf"].trainable_variables("generator/")
        run = session.run

        def noting(fetches, feed=None):
            values = run(fetches, feed)
            if isinstance(fetches, list) and len(fetches) == 3:
                seen.append(run(g_vars))
            return values

        seen.append(run(g_vars))
        session.run = noting
        try:
            return train_epoch(session, built, s, epoch)
        finally:
            session.run = run

    gan["train_epoch"] = watching
    gan["train_gan"](tmp_path, 1)
    average = seen[0]
    for t, weights in enumerate(seen[1:], start=1):
        keep = min(0.998, (1 + t) / (10 + t))
        average = [keep * a + (1 - keep) * w for a, w in zip(average, weights)]
    z = gan["random_code"](np.random.default_rng(8), 20, 40, 48)
    for mean, (kernel, bias, out_kernel, out_bias) in ((True, average), (False, seen[-1])):
        hidden = z @ kernel + bias
        expected = np.tanh(np.where(hidden > 0, hidden, 0.1 * hidden) @ out_kernel + out_bias)
        np.testing.assert_allclose(gan["generate"](tmp_path, z, mean), expected, atol=1e-4)
    assert len(seen) == 23 and np.abs(average[2] - seen[-1][2]).max() > 1e-3


@pytest.mark.parametrize("z_categories, z_size", [(0, 100), (20, 26), (3, 3)])
def test_latent_vectors_are_a_one_hot_code_and_uniform_numbers(trained, z_categories, z_size):
    z = trained["random_code"](np.random.default_rng(5), 2000, z_categories, z_size)
    assert (z.shape, z.dtype) == ((2000, z_size), np.float32)
    one_hot, uniform = z[:, :z_categories], np.sort(z[:, z_categories:].ravel())
    if z_categories:
        assert set(one_hot.ravel()) == {0, 1} and np.all(one_hot.sum(axis=1) == 1)
        counts = one_hot.sum(axis=0)
        assert abs(counts - 2000 / z_categories).max() < 5 * np.sqrt(2000 / z_categories)
    if uniform.size:
        assert np.abs(uniform - np.linspace(-1, 1, len(uniform))).max() < 4 / np.sqrt(len(uniform))


def test_new_digits_depend_on_the_seed_handed_over_and_the_run_alone(trained, tmp_path):
    digits, again, others = (trained["new_digits"](5, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(digits, again)
    assert digits.shape == (5, 784) and np.all(np.any(digits != others, axis=1))
    namespace = definitions(referee=False, data_path=trained["data_path"], seed=5, alpha=0.9)
    np.testing.assert_array_equal(digits, namespace["new_digits"](5, 3, f"{trained['run']}/better"))


def test_walks_within_a_category_and_columns_of_categories(trained):
    walk, categories = trained["better_z"].reshape(6, 12, -1), trained["n_categories"]
    np.testing.assert_allclose(np.diff(walk, n=2, axis=1), 0, atol=1e-6)
    moved = np.ptp(walk, axis=1)
    assert not moved[:-1, :categories].any() and moved[-1, :categories].any() and moved[:, categories:].all()
    table = trained["table_z"].reshape(4, 20, -1)
    assert (
        np.all(table[:, :, :categories] == np.eye(20, categories))
        and not np.ptp(table[:, :, categories:], axis=1).any()
    )


CHANGES = [{"smooth": 0.2}, {"seed": 1}, {"beta1": 0.5}, {"batch_size": 25}, {"centre": False}, {"g_hidden_size": 33}]


def test_other_settings_or_another_network_are_refused_and_nothing_changes(gan, tmp_path):
    gan["train_gan"](tmp_path, 1)
    before = files(tmp_path)
    for changes in CHANGES:
        with pytest.raises(AssertionError, match=f"{next(iter(changes))}.*another folder"):
            gan["train_gan"](tmp_path, 2, **changes)
    for run, wrong in ((tmp_path, {"sead": 1}), (tmp_path / "[1]", {})):
        with pytest.raises(AssertionError, match="expected"):
            gan["train_gan"](run, 2, **wrong)
    source = cells()["generator"].replace(
        "logits = ", 'h1 = leaky_relu(dense(h1, n_units, "h2"), alpha)\n        logits = '
    )
    exec(source, gan)
    with pytest.raises(AssertionError, match="another network.*another folder"):
        gan["train_gan"](tmp_path, 2)
    assert files(tmp_path) == before


def train_in_a_child(parameters, better, run, place, seconds):
    """Train; die before or after the epoch's file or its checkpoint is written, or when the seconds are over."""
    gan = definitions(referee=False, **parameters)
    gan["better"] |= better

    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    if place is not None:
        epoch, when, owner, name = place
        owner = {"np": np, "Saver": gan["tf"].train.Saver}[owner]
        call, count = getattr(owner, name), []

        def deadly(*arguments, **options):
            count.append(1)
            if len(count) == epoch + 1:
                if when == "after":
                    call(*arguments, **options)
                die()
            return call(*arguments, **options)

        setattr(owner, name, deadly)
    if seconds is not None:
        threading.Timer(seconds, die).start()
    gan["train_gan"](run, 8)


PLACES = [
    (epoch, when, owner, name)
    for epoch in (0, 2)
    for owner, name in (("np", "savez"), ("Saver", "save"))
    for when in ("before", "after")
]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_at_a_named_place_and_then_at_a_random_time_it_resumes_bit_for_bit(gan, small, tmp_path):
    """Around the writing of the epoch's file and of the checkpoint; later at any time."""
    whole = gan["train_gan"](tmp_path / "whole", 8)
    sizes = {name: gan["better"][name] for name in ("batch_size", "g_hidden_size", "d_hidden_size")}
    deaths = [(k, place, None) for k, place in enumerate(PLACES)]
    deaths += [(k, None, seconds) for k, seconds in enumerate(np.random.default_rng(0).uniform(0.2, 0.9, 4))]
    for pair in zip(deaths[::2], deaths[1::2]):
        processes = []
        for k, place, seconds in pair:
            arguments = small, sizes, str(tmp_path / str(k)), place, seconds
            processes.append(CONTEXT.Process(target=train_in_a_child, args=arguments))
            processes[-1].start()
        for process in processes:
            process.join()
            assert process.exitcode == -signal.SIGKILL
    for k in range(len(PLACES)):
        folder = tmp_path / str(k)
        assert_same_run(whole, gan["train_gan"](folder, 8), (tmp_path / "whole", folder))


def test_stop_button_ends_training_with_a_sentence_and_what_is_done_can_be_drawn(gan, tmp_path, capsys):
    whole = gan["train_gan"](tmp_path / "whole", 3)
    for epoch in (1, 3):
        stop_in_epoch(gan, epoch)
        losses, samples = gan["train_gan"](tmp_path / "run", 3)
        assert len(losses) == epoch - 1 and len(samples) == epoch
        assert "Stopped. Run this cell again" in capsys.readouterr().out
        assert gan["new_digits"](3, 0, tmp_path / "run").shape == (3, 784)
    assert_same_run(whole, gan["train_gan"](tmp_path / "run", 3), (tmp_path / "whole", tmp_path / "run"))


@pytest.mark.parametrize("name", ["*.index", "*.data-*", "epoch-1.npz"])
def test_a_run_with_a_file_missing_is_an_error_and_not_begun_anew(gan, tmp_path, name):
    gan["train_gan"](tmp_path, 2)
    next(tmp_path.glob(name)).unlink()
    before = files(tmp_path)
    with pytest.raises((OSError, ValueError, gan["tf"].errors.OpError)):
        gan["train_gan"](tmp_path, 2, smooth=0.1)
    assert files(tmp_path) == before


def test_full_disk_is_an_error_and_the_run_goes_on_afterwards(gan, tmp_path):
    resource = pytest.importorskip("resource", reason="Windows has no limit for files")
    whole = gan["train_gan"](tmp_path / "whole", 3)
    run = tmp_path / "run"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for epochs, limit in ((0, 100), (0, 1_000), (3, 1_000), (3, 100_000)):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
        try:
            with pytest.raises((OSError, gan["tf"].errors.OpError), match="File too large"):
                gan["train_gan"](run, 3)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        gan["train_gan"](run, epochs and 1)
    assert_same_run(whole, gan["train_gan"](run, 3), (tmp_path / "whole", run))


def test_divergence_stops_training_before_it_is_saved(gan, tmp_path):
    draw = gan["random_code"]
    gan["random_code"] = lambda rng, n, *sizes: (
        draw(rng, n, *sizes) * (np.nan if (tmp_path / "epoch-1.npz").exists() else 1)
    )
    with pytest.raises(AssertionError, match="epoch 2"):
        gan["train_gan"](tmp_path, 3)
    assert len(gan["history"](tmp_path)[0]) == 1
    assert all(np.isfinite(value).all() for value in saved(tmp_path).values())


def test_settings_are_json_that_the_whole_notebook_can_continue(trained, small):
    """With checkpoint_dir, a new kernel trains Part 1 again and goes on with Part 3."""
    line = f'checkpoint_dir = "{trained["run"]}"'
    exec(line, pasted := {})
    json.loads(Path(trained["run"], "better", "settings.json").read_text(encoding="utf-8"))
    before = trained["better_samples"]
    namespace = run_notebook("train-better", **small, checkpoint_dir=pasted["checkpoint_dir"])
    np.testing.assert_array_equal(namespace["better_samples"], before)
