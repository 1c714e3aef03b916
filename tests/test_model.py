"""The networks, their losses and one step of each optimizer, against NumPy."""

import numpy as np
import pytest

RNG = np.random.default_rng(0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def cross_entropy(logits, label):
    p = sigmoid(logits.astype(np.float64))
    return -(label * np.log(p) + (1 - label) * np.log(1 - p)).mean()


@pytest.fixture
def session(network):
    tf = network["tf"]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        yield session


@pytest.fixture
def feed(network):
    z = network["random_latents"](RNG, 50)
    return {
        network["input_real"]: network["rescale"](network["x_train"][:50]),
        network["input_z"]: z,
    }


def test_model_inputs_are_float_placeholders_of_any_batch_size(network):
    real, z = network["model_inputs"](784, 7)
    assert real.op.type == z.op.type == "Placeholder"
    assert (real.shape.as_list(), z.shape.as_list()) == ([None, 784], [None, 7])
    assert real.dtype == z.dtype == network["tf"].float32


@pytest.mark.parametrize("alpha", [0, 0.01, 0.2])
def test_leaky_relu(network, session, alpha):
    x = RNG.normal(size=(4, 5))
    np.testing.assert_allclose(
        session.run(network["leaky_relu"](x, alpha)), np.where(x > 0, x, alpha * x)
    )


def test_generator_is_two_layers_and_a_tanh(network, session, feed):
    images = session.run(network["g_model"], feed)
    kernel, bias, out_kernel, out_bias = session.run(network["g_vars"])
    hidden = feed[network["input_z"]] @ kernel + bias
    hidden = np.where(hidden > 0, hidden, network["alpha"] * hidden)
    np.testing.assert_allclose(images, np.tanh(hidden @ out_kernel + out_bias), atol=1e-5)
    assert images.shape == (50, 784) and np.abs(images).max() <= 1


def test_discriminator_is_two_layers_and_a_sigmoid(network, session, feed):
    out, logits = session.run([network["d_model_real"], network["d_logits_real"]], feed)
    kernel, bias, out_kernel, out_bias = session.run(network["d_vars"])
    hidden = (feed[network["input_real"]] + network["shift"]) @ kernel + bias
    hidden = np.where(hidden > 0, hidden, network["alpha"] * hidden)
    np.testing.assert_allclose(logits, hidden @ out_kernel + out_bias, atol=1e-5)
    np.testing.assert_allclose(out, sigmoid(logits), atol=1e-6)


def test_defaults_are_those_of_the_tutorial(network):
    tf = network["tf"]
    with tf.Graph().as_default():
        network["generator"](tf.zeros((1, 100)), 784)
        network["discriminator"](tf.zeros((1, 784)))
        shapes = {v.name: v.shape.as_list() for v in tf.trainable_variables()}
    assert shapes == {
        "generator/hidden/kernel:0": [100, 128],
        "generator/hidden/bias:0": [128],
        "generator/out/kernel:0": [128, 784],
        "generator/out/bias:0": [784],
        "discriminator/hidden/kernel:0": [784, 128],
        "discriminator/hidden/bias:0": [128],
        "discriminator/logits/kernel:0": [128, 1],
        "discriminator/logits/bias:0": [1],
    }


def test_second_use_needs_reuse_and_adds_no_variable(network):
    tf = network["tf"]
    with tf.Graph().as_default():
        x = tf.zeros((1, 784))
        network["discriminator"](x)
        names = [v.name for v in tf.global_variables()]
        network["discriminator"](x, reuse=True)
        assert [v.name for v in tf.global_variables()] == names
        with pytest.raises(ValueError, match="discriminator/hidden/kernel"):
            network["discriminator"](x)


def test_kernels_start_glorot_uniform_and_biases_zero(network, session):
    for v, value in zip(network["t_vars"], session.run(network["t_vars"])):
        if v.name.endswith("bias:0"):
            assert not value.any()
        else:
            limit = np.sqrt(6 / sum(value.shape))
            assert 0.9 * limit < np.abs(value).max() <= limit


@pytest.mark.parametrize("smooth", [0, 0.1, 0.3])
def test_losses_smooth_the_label_of_real_images_alone(network, session, smooth):
    real, fake = RNG.normal(size=(2, 6, 1)).astype(np.float32)
    found = session.run(network["model_loss"](real, fake, smooth)._asdict())
    of_real, of_fake = cross_entropy(real, 1 - smooth), cross_entropy(fake, 0)
    expected = {"d_loss_real": of_real, "d_loss_fake": of_fake, "d_loss": of_real + of_fake}
    expected["g_loss"] = cross_entropy(fake, 1)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, err_msg=name)


def test_the_losses_that_the_text_names(network):
    """If D answers p to every image, its loss is lowest at some p on a fine grid; so is the loss of a label of 0.9."""
    p, label = np.linspace(0.001, 0.999, 9981), 1 - network["smooth"]
    of_real = -label * np.log(p) - (1 - label) * np.log(1 - p)
    d_losses = of_real - np.log(1 - p)
    best = d_losses.argmin()
    assert abs(p[best] - label / 2) < 1e-3
    assert (round(d_losses[best], 2), round(-np.log(p[best]), 2)) == (1.38, 0.80)
    assert round(of_real.min(), 3) == 0.325


@pytest.mark.parametrize(
    "letter, other, rate", [("d", "g", "d_learning_rate"), ("g", "d", "learning_rate")]
)
def test_training_op_takes_adam_steps_on_its_own_variables_alone(
    network, session, feed, letter, other, rate
):
    tf, own = network["tf"], network[f"{letter}_vars"]
    others = network[f"{other}_vars"]
    gradients = tf.gradients(network[f"{letter}_loss"], own)
    others_before = session.run(others)
    m, v = [0] * len(own), [0] * len(own)
    for t in (1, 2):
        before, slopes = session.run([own, gradients], feed)
        session.run(network[f"{letter}_train_opt"], feed)
        for k, after in enumerate(session.run(own)):
            m[k] = network["beta1"] * m[k] + (1 - network["beta1"]) * slopes[k]
            v[k] = 0.999 * v[k] + 0.001 * slopes[k] ** 2
            step = np.sqrt(1 - 0.999**t) / (1 - network["beta1"] ** t)
            step *= network[rate] * m[k] / (np.sqrt(v[k]) + 1e-8)
            np.testing.assert_allclose(after, before[k] - step, atol=2e-6)
            assert np.any(after != before[k])
    for before, after in zip(others_before, session.run(others)):
        np.testing.assert_array_equal(before, after)
    assert len(own) == len(others) == 4
    assert {v.name for v in own + others} == {v.name for v in network["t_vars"]}
