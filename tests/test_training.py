"""Training: the compiled epoch against the textbook loop, determinism, divergence, and what a whole run leaves."""

import re

import numpy as np
import pytest
from conftest import assert_same_run, run_cell, run_cells, run_notebook, saved


def test_epoch_batches_visit_every_image_once(untrained):
    images, z = untrained["epoch_batches"](1)
    assert (images.shape, images.dtype) == ((22, 50, 784), np.uint8)
    assert (z.shape, z.dtype) == ((22, 50, untrained["z_size"]), np.float32)
    np.testing.assert_array_equal(
        np.sort(images.reshape(-1, 784), axis=0), np.sort(untrained["x_train"], axis=0)
    )


@pytest.mark.parametrize("z_kinds, z_size", [(0, 100), (20, 26), (3, 3)])
def test_latent_vectors_are_switches_of_which_one_is_on_and_uniform_dials(small, z_kinds, z_size):
    parameters = {"z_kinds": z_kinds, "z_size": z_size}
    namespace = run_notebook("switches", **small | parameters)
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


def test_latent_vectors_are_those_of_the_tutorial_until_section_12(small):
    namespace = run_notebook("textbook-epoch", **small)
    z = namespace["random_latents"](np.random.default_rng(5), 40, 50)
    assert (z.shape, z.dtype) == ((40, 50, 26), np.float32)
    distance = np.abs(np.sort(z.ravel()) - np.linspace(-1, 1, z.size)).max()
    assert distance < 4 / np.sqrt(z.size)
    assert len(np.unique(namespace["first_z"])) > 0.99 * namespace["first_z"].size


def test_epoch_batches_depend_on_seed_and_epoch_alone(untrained):
    draw = untrained["epoch_batches"]
    first, again, second = draw(1), draw(1), draw(2)
    untrained["seed"] = 1
    other_seed = draw(1)
    for part in (0, 1):
        np.testing.assert_array_equal(first[part], again[part])
        assert np.any(first[part] != second[part]) and np.any(first[part] != other_seed[part])


def after_steps(namespace, epoch, steps):
    """Return the losses of the first steps of epoch 1, by a function of the notebook, and all variables after them."""
    tf = namespace["tf"]
    images, z = (array[:steps] for array in namespace["epoch_batches"](1))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return namespace[epoch](session, images, z), session.run(tf.global_variables())


def test_compiled_epoch_is_the_textbook_loop(small, tmp_path):
    """A small learning rate keeps rounding below the bound: where a gradient almost
    cancels out, Adam magnifies its rounding errors to a share of the learning rate."""
    rates = {"learning_rate": 0.0002, "d_learning_rate": 0.0002}
    parameters = small | rates | {"checkpoint_dir": str(tmp_path)}
    namespace = run_notebook("compiled-epoch", **parameters)
    losses, variables = after_steps(namespace, "textbook_epoch", 20)
    compiled_losses, compiled = after_steps(namespace, "compiled_epoch", 20)
    np.testing.assert_allclose(compiled_losses, losses, atol=1e-5)
    for v, a, b in zip(namespace["tf"].global_variables(), variables, compiled):
        np.testing.assert_allclose(a, b, atol=1e-5, err_msg=v.name)


def test_textbook_epoch_takes_the_steps_of_both_optimizers_in_turn(small):
    rates = {"learning_rate": 0.0002, "d_learning_rate": 0.0002}
    network = run_notebook("textbook-epoch", **small | rates)
    tf = network["tf"]
    losses, variables = after_steps(network, "textbook_epoch", 3)
    images, z = network["epoch_batches"](1)
    expected = []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for k in range(3):
            feed = {network["input_real"]: images[k] / 127.5 - 1}
            feed[network["input_z"]] = z[k]
            d = session.run(network["d_loss"], feed)
            session.run(network["d_train_opt"], feed)
            expected.append([d, session.run(network["g_loss"], feed)])
            session.run(network["g_train_opt"], feed)
        np.testing.assert_allclose(losses, np.mean(expected, axis=0), atol=1e-6)
        for a, b in zip(variables, session.run(tf.global_variables())):
            np.testing.assert_allclose(a, b, atol=1e-6)


def test_run_by_the_textbook_loop_is_the_compiled_run_but_for_rounding(trained, small, tmp_path):
    namespace = run_notebook("nearest", **small, compiled=False, checkpoint_dir=str(tmp_path))
    assert namespace["train_epoch"] is namespace["textbook_epoch"]
    assert trained["train_epoch"] is trained["compiled_epoch"]
    np.testing.assert_allclose(namespace["losses"], trained["losses"], atol=0.05)
    resumed = run_notebook(
        "train", **small, compiled=False, checkpoint_dir=str(tmp_path), resume=True
    )
    assert_same_run(namespace, resumed)


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
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "loop" in line]
    assert line.startswith("The textbook loop trains: ")
    assert namespace["losses"].shape == (3, 2)


def test_g_is_updated_against_the_updated_d(untrained):
    """With D's update left out, or after G's, the losses of the second step would differ by more than rounding."""
    tf = untrained["tf"]
    images, z = (array[:1] for array in untrained["epoch_batches"](1))
    feed = {untrained["input_real"]: images[0] / 127.5 - 1, untrained["input_z"]: z[0]}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        before = session.run(untrained["g_loss"], feed)
        session.run(untrained["d_train_opt"], feed)
        after = session.run(untrained["g_loss"], feed)
    (_, g_loss), _ = after_steps(untrained, "compiled_epoch", 1)
    assert abs(after - before) > 1e-3 and abs(g_loss - after) < 1e-5


def test_variables_are_the_networks_their_adam_slots_gs_average_and_the_history(
    untrained,
):
    slots = ["", "/Adam", "/Adam_1"]
    expected = {f"{v.op.name}{slot}:0" for v in untrained["t_vars"] for slot in slots}
    expected |= {f"average/{v.op.name}:0" for v in untrained["g_vars"]}
    expected |= {f"history/{name}:0" for name in ("rows", "settings")}
    expected |= {f"{name}_power{suffix}:0" for name in ("beta1", "beta2") for suffix in ("", "_1")}
    assert {v.name for v in untrained["tf"].global_variables()} == expected


def test_same_seed_gives_the_same_run_bit_for_bit(trained, small, tmp_path):
    assert_same_run(trained, run_notebook("train", **small, checkpoint_dir=str(tmp_path)))


def test_another_seed_gives_another_run(trained, small, tmp_path):
    other = run_notebook("train", **small | {"seed": 1}, checkpoint_dir=str(tmp_path))
    assert np.all(other["losses"] != trained["losses"])
    assert np.any(other["samples"] != trained["samples"])


@pytest.mark.parametrize("averaged", [True, False])
def test_samples_are_drawn_with_soft_edges_by_the_mean_of_gs_weights_or_by_the_last_ones(
    small, tmp_path, averaged
):
    """In the mean of the weights those after epoch k count k (k + 1) times."""
    parameters = small | {"averaged": averaged, "checkpoint_dir": str(tmp_path)}
    namespace = run_notebook("progress", **parameters)
    tf, weights = namespace["tf"], []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for epoch in (1, 2, 3):
            namespace["train_epoch"](session, *namespace["epoch_batches"](epoch))
            session.run(namespace["average_opt"])
            feed = {namespace["new_losses"]: [0, 0], namespace["input_z"]: namespace["fixed_z"]}
            sample = session.run(namespace["add_row"], feed)[-1, 2:].reshape(16, 784)
            weights.append(session.run(namespace["g_vars"]))
    means = [(2 * a + 6 * b + 12 * c) / 20 for a, b, c in zip(*weights)]
    kernel, bias, out_kernel, out_bias = means if averaged else weights[-1]
    hidden = namespace["fixed_z"] @ kernel + bias
    hidden = np.maximum(namespace["alpha"] * hidden, hidden)
    pixels = (hidden @ out_kernel + out_bias) / (1.5 if averaged else 1)
    np.testing.assert_allclose(sample, np.tanh(pixels), atol=1e-4)


def test_whole_run_leaves_losses_samples_and_digits(trained):
    assert trained["losses"].shape == (3, 2) and np.isfinite(trained["losses"]).all()
    assert trained["samples"].shape == (3, 16, 784) and np.abs(trained["samples"]).max() <= 1
    digits = trained["new_digits"](5, seed=3)
    assert digits.shape == (5, 784) and np.abs(digits).max() <= 1
    np.testing.assert_array_equal(digits, trained["new_digits"](5, seed=3))
    assert np.all(np.any(digits != trained["new_digits"](5, seed=4), axis=1))
    np.testing.assert_allclose(
        trained["generate"](trained["fixed_z"]), trained["samples"][-1], atol=1e-5
    )


def test_run_writes_into_checkpoint_dir_alone(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_notebook("nearest", **small | {"epochs": 1}, checkpoint_dir="run")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    names = sorted(path.name.split(".")[0] for path in (tmp_path / "run").iterdir())
    assert names[0] == "checkpoint" and names[3:] == ["lock", "results"]
    assert re.fullmatch(r"gan-\d+", names[1]) and names[1] == names[2]


def test_divergence_stops_training_and_keeps_the_last_good_checkpoint(untrained):
    draw = untrained["epoch_batches"]
    untrained["epoch_batches"] = lambda e: (
        draw(e)[0],
        draw(e)[1] * (np.nan if e == 3 else 1),
    )
    with pytest.raises(
        FloatingPointError,
        match="diverged in epoch 3: lower learning_rate=",
    ):
        run_cell(untrained, "train")
    run_cells(untrained, "generate", "new-digits")
    variables = saved(untrained)
    assert len(untrained["losses"]) == len(untrained["samples"]) == 2
    assert len(variables.pop("history/rows")) == 2
    settings = variables.pop("history/settings")
    assert f"seed={untrained['seed']}" in settings.decode().split()
    assert all(np.isfinite(value).all() for value in variables.values())
    assert np.isfinite(untrained["new_digits"](2, seed=0)).all()
