"""Batches, latent vectors, the compiled epoch against the textbook loop, the mean of weights, and what a run leaves."""

import numpy as np
import pytest
from cells import ROOT, run_cells, run_notebook, run_to_training, train
from conftest import run_in


def test_epoch_batches_visit_every_image_once_and_depend_on_seed_and_epoch_alone(small):
    namespace = run_notebook("epoch-batches", **small)
    draw = namespace["epoch_batches"]
    images, z = first = draw(1)
    assert (images.shape, images.dtype) == ((22, 50, 784), np.uint8)
    assert (z.shape, z.dtype) == ((22, 50, namespace["z_size"]), np.float32)
    np.testing.assert_array_equal(np.sort(images.reshape(-1, 784), axis=0), np.sort(namespace["x_train"], axis=0))
    again, second = draw(1), draw(2)
    namespace["seed"] = 1
    for a, b, *others in zip(first, again, second, draw(1)):
        np.testing.assert_array_equal(a, b)
        assert all(np.any(a != other) for other in others)


@pytest.mark.parametrize("z_kinds, z_size", [(0, 100), (20, 26), (3, 3)])
def test_latent_vectors_are_switches_of_which_one_is_on_and_uniform_dials(small, z_kinds, z_size):
    namespace = run_notebook("random-latents", **small, z_kinds=z_kinds, z_size=z_size)
    z = namespace["random_latents"](np.random.default_rng(5), 40, 50)
    assert (z.shape, z.dtype) == ((40, 50, z_size), np.float32)
    switches, dials = z[..., :z_kinds], np.sort(z[..., z_kinds:].ravel())
    if z_kinds:
        assert set(switches.ravel()) == {0, 1} and np.all(switches.sum(axis=-1) == 1)
        counts = switches.sum(axis=(0, 1))
        assert abs(counts - 2000 / z_kinds).max() < 5 * np.sqrt(2000 / z_kinds)
    if dials.size:
        assert np.abs(dials - np.linspace(-1, 1, len(dials))).max() < 4 / np.sqrt(len(dials))


@pytest.fixture(scope="module")
def small_steps(small):
    """With small learning rates: Adam magnifies a near-zero gradient's rounding errors to a share of them."""
    return run_to_training(**small | {"compiled": True}, learning_rate=0.0002, d_learning_rate=0.0002)


def assert_same_steps(namespace, loops, steps, atol):
    """Compare what two functions (session, images, z) return for the first steps of epoch 1, and all variables then."""
    tf = namespace["tf"]
    images, z = (array[:steps] for array in namespace["epoch_batches"](1))
    outcomes = []
    for loop in loops:
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            outcomes.append([loop(session, images, z), *session.run(tf.global_variables())])
    names = ["losses", *(v.name for v in tf.global_variables())]
    for name, a, b in zip(names, *outcomes, strict=True):
        np.testing.assert_allclose(a, b, atol=atol, err_msg=name)


def test_compiled_epoch_is_the_textbook_loop(small_steps):
    assert_same_steps(small_steps, [small_steps["compiled_epoch"], small_steps["textbook_epoch"]], 20, atol=1e-5)


def test_textbook_epoch_takes_the_steps_of_both_optimizers_in_turn(small_steps):
    """G is updated against the updated D: without D's update its loss would differ by more than rounding."""

    def by_hand(session, images, z):
        """Train without the notebook's loop; return the mean losses."""
        losses = []
        for real, latents in zip(images, z):
            feed = {small_steps["input_real"]: real / 127.5 - 1, small_steps["input_z"]: latents}
            d_loss, too_early = session.run([small_steps["d_loss"], small_steps["g_loss"]], feed)
            session.run(small_steps["d_train_opt"], feed)
            g_loss = session.run(small_steps["g_loss"], feed)
            assert abs(g_loss - too_early) > 1e-4
            session.run(small_steps["g_train_opt"], feed)
            losses.append([d_loss, g_loss])
        return np.mean(losses, axis=0)

    assert_same_steps(small_steps, [small_steps["textbook_epoch"], by_hand], 3, atol=1e-6)


def test_without_the_compiler_the_textbook_loop_trains(small, tmp_path):
    """Nothing of it ever touches the compiler, which here would abort the process."""
    parameters = small | {"checkpoint_dir": str(tmp_path)}
    code = f"import cells; cells.run_notebook('new-digits', **{parameters})"
    process = run_in(ROOT / "tests", "-c", code, XLA_FLAGS="--no_such_flag=1")
    assert process.returncode == 0, process.stderr
    (settings,) = tmp_path.glob("*/settings.json")
    assert "textbook_epoch" in settings.read_text()


def test_where_the_compiler_fails_the_textbook_loop_trains(small, tmp_path, capsys):
    """An operation that the compiler cannot compile, but TensorFlow can run, makes it fail."""
    namespace = run_notebook("try-leaky-relu", **small | {"compiled": True}, checkpoint_dir=str(tmp_path))
    tf, leaky_relu = namespace["tf"], namespace["leaky_relu"]

    def uncompilable(x, alpha):
        one = tf.py_func(lambda: np.float32(1), [], tf.float32, stateful=False)
        return tf.reshape(one, ()) * leaky_relu(x, alpha)

    namespace["leaky_relu"] = uncompilable
    run_cells(namespace, "generator", "train")
    assert "No compiler here: " in capsys.readouterr().out
    assert namespace["train_epoch"] is namespace["textbook_epoch"] and namespace["losses"].shape == (3, 2)


def test_the_readers_own_settings_of_tensorflow_do_no_harm(small, tmp_path):
    namespace = run_cells({}, "setup")
    namespace["tf"].disable_v2_behavior()
    run_cells(namespace, "double", "new-digits", **small | {"compiled": True}, checkpoint_dir=str(tmp_path))
    assert namespace["losses"].shape == (3, 2)


def test_variables_are_the_networks_their_adam_slots_gs_mean_and_the_count_of_epochs(untrained):
    expected = {f"{v.op.name}{slot}:0" for v in untrained["t_vars"] for slot in ("", "/Adam", "/Adam_1")}
    expected |= {f"{v.op.name}/ExponentialMovingAverage:0" for v in untrained["g_vars"]}
    expected |= {"beta1_power:0", "beta1_power_1:0", "beta2_power:0", "beta2_power_1:0", "global_step:0"}
    assert {v.name for v in untrained["tf"].global_variables()} == expected


def test_digits_are_drawn_by_the_mean_of_gs_weights_or_by_the_last_ones(trained, untrained):
    """After epoch k the mean keeps (1 + k) / (10 + k) of what it was."""
    tf, g_vars = untrained["tf"], untrained["g_vars"]
    z = untrained["random_latents"](np.random.default_rng(8), 20)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        mean = session.run(g_vars)
        for k in (1, 2, 3):
            untrained["train_epoch"](session, *untrained["epoch_batches"](k))
            last = session.run(g_vars)
            keep = (1 + k) / (10 + k)
            mean = [keep * m + (1 - keep) * w for m, w in zip(mean, last)]
        for is_mean, weights in ((True, mean), (False, last)):
            for v, weight in zip(g_vars, weights):
                v.load(weight, session)
            expected = session.run(untrained["g_model"], {untrained["input_z"]: z})
            np.testing.assert_allclose(trained["generate"](z, mean=is_mean), expected, atol=1e-4)
    np.testing.assert_array_equal(trained["generate"](z), trained["generate"](z, mean=True))


def test_run_leaves_losses_samples_by_the_last_weights_and_new_digits_which_all_depend_on_the_seed(
    trained, small, tmp_path
):
    other = train(run_to_training(**small | {"seed": 1}, checkpoint_dir=str(tmp_path)))
    assert np.all(other["losses"] != trained["losses"]) and np.any(other["samples"] != trained["samples"])
    assert trained["losses"].shape == (3, 2) and trained["samples"].shape == (3, 16, 784)
    np.testing.assert_allclose(trained["generate"](trained["fixed_z"], mean=False), trained["samples"][-1], atol=1e-5)
    digits, again, others = (trained["new_digits"](5, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(digits, again)
    assert digits.shape == (5, 784) and np.all(np.any(digits != others, axis=1))
