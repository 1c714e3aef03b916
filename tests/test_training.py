"""Batches, latent vectors, the training loop, the mean of weights, and drawing by it."""

import numpy as np
import pytest
from cells import run_cells, run_notebook, to_paste


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


@pytest.mark.parametrize("z_categories, z_size", [(0, 100), (20, 26), (3, 3)])
def test_latent_vectors_are_a_one_hot_code_and_uniform_numbers(small, z_categories, z_size):
    namespace = run_notebook("random-latents", **small, z_categories=z_categories, z_size=z_size)
    z = namespace["random_latents"](np.random.default_rng(5), 40, 50)
    assert (z.shape, z.dtype) == ((40, 50, z_size), np.float32)
    one_hot, uniform = z[..., :z_categories], np.sort(z[..., z_categories:].ravel())
    if z_categories:
        assert set(one_hot.ravel()) == {0, 1} and np.all(one_hot.sum(axis=-1) == 1)
        counts = one_hot.sum(axis=(0, 1))
        assert abs(counts - 2000 / z_categories).max() < 5 * np.sqrt(2000 / z_categories)
    if uniform.size:
        assert np.abs(uniform - np.linspace(-1, 1, len(uniform))).max() < 4 / np.sqrt(len(uniform))


@pytest.fixture
def small_steps(small):
    """With small learning rates: Adam magnifies a near-zero gradient's rounding errors to a share of them."""
    return run_notebook("history", **small, g_learning_rate=0.0002, d_learning_rate=0.0002)


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


def test_train_epoch_takes_the_steps_of_both_optimizers_in_turn_and_then_the_mean(small_steps):
    """G is updated against the updated D: without D's update its loss would differ by more than rounding. After step t
    the mean of G's weights keeps (1 + t) / (10 + t), at most 0.998, of what it was."""
    g_vars = small_steps["g_vars"]
    means = [small_steps["ema"].average(v) for v in g_vars]

    def by_hand(session, images, z):
        """Train without the notebook's loop; return the mean losses."""
        losses, average = [], session.run(g_vars)
        for t, (real, latents) in enumerate(zip(images, z), start=1):
            feed = {small_steps["input_real"]: real / 127.5 - 1, small_steps["input_z"]: latents}
            d_loss, too_early = session.run([small_steps["d_loss"], small_steps["g_loss"]], feed)
            session.run(small_steps["d_train_opt"], feed)
            g_loss = session.run(small_steps["g_loss"], feed)
            assert abs(g_loss - too_early) > 1e-4
            session.run(small_steps["g_train_opt"], feed)
            keep = min(0.998, (1 + t) / (10 + t))
            average = [keep * a + (1 - keep) * w for a, w in zip(average, session.run(g_vars))]
            losses.append([d_loss, g_loss])
        for mean, value in zip(means, average):
            mean.load(value, session)
        return np.mean(losses, axis=0)

    assert_same_steps(small_steps, [small_steps["train_epoch"], by_hand], 4, atol=2e-6)


def test_compiled_loop_of_the_last_section_takes_the_same_steps(small_steps):
    """The lines to paste, as they stand in both languages, add no variable."""
    code, chinese_code = to_paste("jit_compile")
    assert code == chinese_code
    pasted = dict(small_steps)
    exec(code, pasted)
    assert pasted["train_epoch"] is not small_steps["train_epoch"]
    assert_same_steps(small_steps, [small_steps["train_epoch"], pasted["train_epoch"]], 20, atol=2e-5)


def test_digits_are_drawn_by_the_mean_of_gs_weights_or_by_the_last_ones(trained):
    saved = trained["tf"].train.load_checkpoint(trained["run"])
    z = trained["random_latents"](np.random.default_rng(8), 20)
    drawn = {}
    for mean, slot in ((True, "/ExponentialMovingAverage"), (False, "")):
        names = [f"generator/{name}{slot}" for name in ("hidden/kernel", "hidden/bias", "out/kernel", "out/bias")]
        kernel, bias, out_kernel, out_bias = (saved.get_tensor(name) for name in names)
        hidden = z @ kernel + bias
        expected = np.tanh(np.where(hidden > 0, hidden, trained["alpha"] * hidden) @ out_kernel + out_bias)
        drawn[mean] = trained["generate"](z, mean=mean)
        np.testing.assert_allclose(drawn[mean], expected, atol=1e-5)
    np.testing.assert_array_equal(trained["generate"](z), drawn[True])
    assert np.abs(drawn[True] - drawn[False]).max() > 0.01


def test_run_leaves_losses_samples_by_the_last_weights_and_new_digits_which_all_depend_on_the_seed(
    trained, small, tmp_path
):
    other = run_notebook("train", **small | {"seed": 1}, checkpoint_dir=str(tmp_path))
    assert np.all(other["losses"] != trained["losses"]) and np.any(other["samples"] != trained["samples"])
    assert trained["losses"].shape == (3, 2) and trained["samples"].shape == (3, 16, 784)
    np.testing.assert_allclose(trained["generate"](trained["fixed_z"], mean=False), trained["samples"][-1], atol=1e-5)
    digits, again, others = (trained["new_digits"](5, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(digits, again)
    assert digits.shape == (5, 784) and np.all(np.any(digits != others, axis=1))


def test_frozen_g_of_the_last_section_is_frozen_and_d_learns(trained):
    code, chinese_code = to_paste("images[:200]")
    assert code == chinese_code
    namespace = dict(trained)
    with trained["d_loss"].graph.as_default():
        run_cells(namespace, "verdicts")
        exec(code, namespace)
    (before_real, before_fake), (real, fake) = namespace["after"], namespace["answers"]
    assert real.mean() - fake.mean() > before_real.mean() - before_fake.mean()
