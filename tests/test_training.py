"""Batches, latent vectors, the compiled epoch against the textbook loop, the mean of weights, and what a run leaves."""

import multiprocessing

import numpy as np
import pytest
from cells import run_cell, run_cells, run_notebook, run_to_training


def test_epoch_batches_visit_every_image_once_and_depend_on_seed_and_epoch_alone(small):
    namespace = run_notebook("epoch-batches", **small)
    draw = namespace["epoch_batches"]
    images, z = first = draw(1)
    assert (images.shape, images.dtype) == ((22, 50, 784), np.uint8)
    assert (z.shape, z.dtype) == ((22, 50, namespace["z_size"]), np.float32)
    np.testing.assert_array_equal(
        np.sort(images.reshape(-1, 784), axis=0), np.sort(namespace["x_train"], axis=0)
    )
    again, second = draw(1), draw(2)
    namespace["seed"] = 1
    other_seed = draw(1)
    for part in (0, 1):
        np.testing.assert_array_equal(first[part], again[part])
        assert np.any(first[part] != second[part]) and np.any(first[part] != other_seed[part])


@pytest.mark.parametrize("z_kinds, z_size", [(0, 100), (20, 26), (3, 3)])
def test_latent_vectors_are_switches_of_which_one_is_on_and_uniform_dials(small, z_kinds, z_size):
    parameters = {"z_kinds": z_kinds, "z_size": z_size}
    namespace = run_notebook("random-latents", **small | parameters)
    z = namespace["random_latents"](np.random.default_rng(5), 40, 50)
    assert (z.shape, z.dtype) == ((40, 50, z_size), np.float32)
    switches, dials = z[..., :z_kinds], np.sort(z[..., z_kinds:].ravel())
    if z_kinds:
        assert set(switches.ravel()) == {0, 1} and np.all(switches.sum(axis=-1) == 1)
        counts = switches.sum(axis=(0, 1))
        assert abs(counts - 2000 / z_kinds).max() < 5 * np.sqrt(2000 / z_kinds)
    if dials.size:
        distance = np.abs(dials - np.linspace(-1, 1, len(dials))).max()
        assert distance < 4 / np.sqrt(len(dials))


@pytest.fixture(scope="module")
def small_steps(small):
    """A notebook up to the training cell, with small learning rates: where a gradient almost cancels out, Adam
    magnifies its rounding errors to a share of the learning rate."""
    return run_to_training(**small, learning_rate=0.0002, d_learning_rate=0.0002)


def after_steps(namespace, train, steps):
    """Return what a function (session, images, z) returns for the first steps of epoch 1, and all variables then."""
    tf = namespace["tf"]
    images, z = (array[:steps] for array in namespace["epoch_batches"](1))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return train(session, images, z), session.run(tf.global_variables())


def test_compiled_epoch_is_the_textbook_loop(small_steps):
    losses, variables = after_steps(small_steps, small_steps["textbook_epoch"], 20)
    compiled_losses, compiled = after_steps(small_steps, small_steps["compiled_epoch"], 20)
    np.testing.assert_allclose(compiled_losses, losses, atol=1e-5)
    for v, a, b in zip(small_steps["tf"].global_variables(), variables, compiled):
        np.testing.assert_allclose(a, b, atol=1e-5, err_msg=v.name)


def test_textbook_epoch_takes_the_steps_of_both_optimizers_in_turn(small_steps):
    """G is updated against the updated D: without D's update its loss would differ by more than rounding."""

    def by_hand(session, images, z):
        """Train without the notebook's loop; return the losses of each step, G's before and after D's update."""
        expected = []
        for real, latents in zip(images, z):
            feed = {
                small_steps["input_real"]: real / 127.5 - 1,
                small_steps["input_z"]: latents,
            }
            too_early = session.run(small_steps["g_loss"], feed)
            d_loss = session.run(small_steps["d_loss"], feed)
            session.run(small_steps["d_train_opt"], feed)
            g_loss = session.run(small_steps["g_loss"], feed)
            session.run(small_steps["g_train_opt"], feed)
            expected.append([d_loss, g_loss, too_early])
        return expected

    expected, by_hand_variables = after_steps(small_steps, by_hand, 3)
    d_loss, g_loss, too_early = np.mean(expected, axis=0)
    assert abs(g_loss - too_early) > 1e-4
    losses, variables = after_steps(small_steps, small_steps["textbook_epoch"], 3)
    np.testing.assert_allclose(losses, [d_loss, g_loss], atol=1e-6)
    for a, b in zip(variables, by_hand_variables):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_without_the_compiler_the_textbook_loop_trains(small, tmp_path, monkeypatch):
    """Nothing of it ever touches the compiler, which here would abort the process."""
    parameters = small | {"compiled": False, "checkpoint_dir": str(tmp_path)}
    monkeypatch.setenv("XLA_FLAGS", "--no_such_flag=1")
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=run_notebook, args=("new-digits",), kwargs=parameters)
    process.start()
    process.join()
    assert process.exitcode == 0
    (settings,) = tmp_path.glob("*/settings.json")
    assert "textbook_epoch" in settings.read_text()


def test_the_readers_own_settings_of_tensorflow_do_no_harm(small, tmp_path):
    namespace = run_cells({}, "setup", "setup")
    namespace["tf"].disable_v2_behavior()
    run_cells(namespace, "double", "new-digits", **small, checkpoint_dir=str(tmp_path))
    assert namespace["losses"].shape == (3, 2)


def test_where_the_compiler_fails_the_textbook_loop_trains(small, tmp_path, capsys):
    """An operation that the compiler cannot compile, but TensorFlow can run, makes it fail."""
    namespace = run_notebook("try-leaky-relu", **small, checkpoint_dir=str(tmp_path))
    tf, leaky_relu = namespace["tf"], namespace["leaky_relu"]

    def uncompilable(x, alpha):
        one = tf.py_func(lambda: np.float32(1), [], tf.float32, stateful=False)
        one.set_shape(())
        return one * leaky_relu(x, alpha)

    namespace["leaky_relu"] = uncompilable
    run_cells(namespace, "generator", "train")
    assert namespace["train_epoch"] is namespace["textbook_epoch"]
    assert "No compiler here: " in capsys.readouterr().out
    assert namespace["losses"].shape == (3, 2)
    (settings,) = tmp_path.glob("*/settings.json")
    assert "textbook_epoch" in settings.read_text()


def test_variables_are_the_networks_their_adam_slots_gs_mean_and_the_count_of_epochs(untrained):
    slots = ["", "/Adam", "/Adam_1"]
    expected = {f"{v.op.name}{slot}:0" for v in untrained["t_vars"] for slot in slots}
    expected |= {f"{v.op.name}/ExponentialMovingAverage:0" for v in untrained["g_vars"]}
    expected |= {f"{name}_power{suffix}:0" for name in ("beta1", "beta2") for suffix in ("", "_1")}
    expected.add("global_step:0")
    assert {v.name for v in untrained["tf"].global_variables()} == expected


def test_digits_are_drawn_by_the_mean_of_gs_weights_or_by_the_last_ones(trained, untrained):
    """After epoch k the mean keeps (1 + k) / (10 + k) of what it was."""
    namespace, tf = untrained, untrained["tf"]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        mean = session.run(namespace["g_vars"])
        for k in (1, 2, 3):
            namespace["train_epoch"](session, *namespace["epoch_batches"](k))
            last = session.run(namespace["g_vars"])
            keep = (1 + k) / (10 + k)
            mean = [keep * m + (1 - keep) * w for m, w in zip(mean, last)]
    z = namespace["random_latents"](np.random.default_rng(8), 20)
    for is_mean, weights in ((True, mean), (False, last)):
        kernel, bias, out_kernel, out_bias = weights
        hidden = z @ kernel + bias
        hidden = np.maximum(namespace["alpha"] * hidden, hidden)
        expected = np.tanh(hidden @ out_kernel + out_bias)
        np.testing.assert_allclose(trained["generate"](z, mean=is_mean), expected, atol=1e-4)
    np.testing.assert_array_equal(trained["generate"](z), trained["generate"](z, mean=True))


def test_another_seed_gives_another_run(trained, small, tmp_path):
    other = run_to_training(**small | {"seed": 1}, checkpoint_dir=str(tmp_path))
    run_cell(other, "train")
    assert np.all(other["losses"] != trained["losses"])
    assert np.any(other["samples"] != trained["samples"])


def test_whole_run_leaves_losses_samples_and_digits(trained):
    assert trained["losses"].shape == (3, 2) and np.isfinite(trained["losses"]).all()
    assert trained["samples"].shape == (3, 16, 784) and np.abs(trained["samples"]).max() <= 1
    digits = trained["new_digits"](5, seed=3)
    assert digits.shape == (5, 784) and np.abs(digits).max() <= 1
    np.testing.assert_array_equal(digits, trained["new_digits"](5, seed=3))
    assert np.all(np.any(digits != trained["new_digits"](5, seed=4), axis=1))
    np.testing.assert_allclose(
        trained["generate"](trained["fixed_z"], mean=False), trained["samples"][-1], atol=1e-5
    )
