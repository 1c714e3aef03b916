"""The networks, their losses and one step of each optimizer, against NumPy."""

import numpy as np
import pytest

RNG = np.random.default_rng(0)


@pytest.fixture
def run(network):
    """Session.run, where the network's variables are initialized and fifty real images and latent vectors are fed."""
    images, z = network["rescale"](network["x_train"][:50]), network["random_latents"](RNG, 50)
    feed = {network["input_real"]: images, network["input_z"]: z}
    with network["tf"].Session() as session:
        session.run(network["tf"].global_variables_initializer())
        yield lambda fetches: session.run(fetches, feed)


def test_leaky_relu_of_each_slope(network, run):
    x, alpha = RNG.normal(size=(3, 9)), np.array([[0], [0.01], [0.2]])
    np.testing.assert_allclose(run(network["leaky_relu"](x, alpha)), np.where(x > 0, x, alpha * x))


def test_networks_are_two_layers_then_a_tanh_in_g_and_a_sigmoid_in_d(network, run):
    latents, pixels = run([network["input_z"], network["input_real"] + network["shift"]])
    expected = []
    for variables, x in ((network["g_vars"], latents), (network["d_vars"], pixels)):
        kernel, bias, out_kernel, out_bias = run(variables)
        hidden = x @ kernel + bias
        expected.append(np.where(hidden > 0, hidden, network["alpha"] * hidden) @ out_kernel + out_bias)
    images, logits, p = run([network[name] for name in ("g_model", "d_logits_real", "d_model_real")])
    np.testing.assert_allclose(images, np.tanh(expected[0]), atol=1e-5)
    np.testing.assert_allclose(logits, expected[1], atol=1e-5)
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-logits)), atol=1e-6)
    assert images.shape == (50, 784) and np.abs(images).max() <= 1


def test_inputs_and_networks_have_the_tutorials_sizes_by_default_and_variables_that_are_made_once(network):
    """Batches may have any size. A second use of a network needs reuse, and adds no variable."""
    tf, discriminator = network["tf"], network["discriminator"]
    with tf.Graph().as_default():
        images, z = network["model_inputs"](784, 100)
        network["generator"](z, 784)
        discriminator(images)
        discriminator(images, reuse=True)
        shapes = {v.name: v.shape.as_list() for v in tf.global_variables()}
        with pytest.raises(ValueError, match="discriminator/hidden/kernel"):
            discriminator(images)
    assert images.op.type == z.op.type == "Placeholder" and images.dtype == z.dtype == tf.float32
    assert (images.shape.as_list(), z.shape.as_list()) == ([None, 784], [None, 100])
    assert shapes == {
        "generator/hidden/kernel:0": [100, 128], "generator/hidden/bias:0": [128],
        "generator/out/kernel:0": [128, 784], "generator/out/bias:0": [784],
        "discriminator/hidden/kernel:0": [784, 128], "discriminator/hidden/bias:0": [128],
        "discriminator/logits/kernel:0": [128, 1], "discriminator/logits/bias:0": [1],
    }  # fmt: skip


def test_kernels_start_glorot_uniform_and_biases_zero(network, run):
    values = run(network["t_vars"])
    for kernel, bias in zip(values[::2], values[1::2]):
        limit = np.sqrt(6 / sum(kernel.shape))
        assert 0.9 * limit < np.abs(kernel).max() <= limit and not bias.any()


@pytest.mark.parametrize("smooth", [0, 0.1, 0.3])
def test_losses_smooth_the_label_of_real_images_alone(network, run, smooth):
    logits = RNG.normal(size=(2, 6, 1)).astype(np.float32)
    losses = run(network["model_loss"](*logits, smooth))
    assert losses._fields == ("d_loss_real", "d_loss_fake", "d_loss", "g_loss")
    real, fake = 1 / (1 + np.exp(-logits.astype(np.float64)))
    of_real = -((1 - smooth) * np.log(real) + smooth * np.log(1 - real)).mean()
    of_fake, of_g = -np.log(1 - fake).mean(), -np.log(fake).mean()
    np.testing.assert_allclose(losses, [of_real, of_fake, of_real + of_fake, of_g], rtol=1e-5)


def test_the_losses_that_the_text_names(network):
    """If D answers p to every image, its loss is lowest at some p on a fine grid; so is the loss of a label of 0.9."""
    p, label = np.linspace(0.001, 0.999, 9981), 1 - network["smooth"]
    of_real = -label * np.log(p) - (1 - label) * np.log(1 - p)
    d_losses = of_real - np.log(1 - p)
    best = d_losses.argmin()
    assert abs(p[best] - label / 2) < 1e-3
    assert [d_losses[best].round(2), -np.log(p[best]).round(2), of_real.min().round(3)] == [1.38, 0.80, 0.325]


@pytest.mark.parametrize("letter, other, rate", [("d", "g", "d_learning_rate"), ("g", "d", "learning_rate")])
def test_training_op_takes_adam_steps_on_its_own_variables_alone(network, run, letter, other, rate):
    own, others, beta1 = network[f"{letter}_vars"], network[f"{other}_vars"], network["beta1"]
    assert len(own) == len(others) == 4 and {v.name for v in own + others} == {v.name for v in network["t_vars"]}
    gradients = network["tf"].gradients(network[f"{letter}_loss"], own)
    others_before = run(others)
    m, v = [0] * 4, [0] * 4
    for t in (1, 2):
        before, slopes = run([own, gradients])
        run(network[f"{letter}_train_opt"])
        for k, after in enumerate(run(own)):
            m[k] = beta1 * m[k] + (1 - beta1) * slopes[k]
            v[k] = 0.999 * v[k] + 0.001 * slopes[k] ** 2
            step = network[rate] * np.sqrt(1 - 0.999**t) / (1 - beta1**t) * m[k] / (np.sqrt(v[k]) + 1e-8)
            np.testing.assert_allclose(after, before[k] - step, atol=2e-6)
            assert np.any(after != before[k])
    np.testing.assert_equal(run(others), others_before)
