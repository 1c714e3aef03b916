"""The networks, their losses and one step of each optimizer, against NumPy."""

import numpy as np
import pytest
from notebook import run_cells

RNG = np.random.default_rng(0)


@pytest.fixture
def run(network):
    """Session.run, where the network's variables are initialized and fifty real images and latent vectors are fed."""
    images, z = network["x_train"][:50], network["random_z"](RNG, 50)
    feed = {network["input_real"]: images, network["input_z"]: z}
    with network["tf"].Session() as session:
        session.run(network["tf"].global_variables_initializer())
        yield lambda fetches, extra={}: session.run(fetches, feed | extra)


def test_leaky_relu_of_each_slope(network, run):
    x, alpha = RNG.normal(size=(3, 9)), np.array([[0], [0.01], [0.2]])
    np.testing.assert_allclose(run(network["leaky_relu"](x, alpha)), np.where(x > 0, x, alpha * x))


def test_networks_are_two_layers_then_a_tanh_in_g_and_a_sigmoid_in_d(network, run):
    latents, real, fake = run([network[name] for name in ("input_z", "input_real", "g_model")])
    expected = []
    for variables, x in (("g_vars", latents), ("d_vars", real), ("d_vars", fake)):
        kernel, bias, out_kernel, out_bias = run(network[variables])
        hidden = x @ kernel + bias
        expected.append(np.where(hidden > 0, hidden, network["alpha"] * hidden) @ out_kernel + out_bias)
    logits = run([network["d_logits_real"], network["d_logits_fake"]])
    np.testing.assert_allclose(fake, np.tanh(expected[0]), atol=1e-5)
    np.testing.assert_allclose(logits, expected[1:], atol=1e-5)
    p = run([network["d_model_real"], network["d_model_fake"]])
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-np.array(logits))), atol=1e-6)
    assert fake.shape == (50, 784) and np.abs(fake).max() <= 1


def test_inputs_and_networks_have_the_tutorials_sizes_by_default_and_variables_that_are_made_once(network):
    """Batches may have any size. A second use of a network needs reuse, and adds no variable."""
    tf, discriminator = network["tf"], network["discriminator"]
    with tf.Graph().as_default():
        images, z = network["model_inputs"](784, 100)
        network["generator"](z, 784)
        discriminator(images)
        discriminator(images, reuse=True)
        shapes = {v.name: v.shape.as_list() for v in tf.global_variables()}
        with pytest.raises(ValueError, match="discriminator/h1/kernel"):
            discriminator(images)
    assert images.op.type == z.op.type == "Placeholder" and images.dtype == z.dtype == tf.float32
    assert (images.shape.as_list(), z.shape.as_list()) == ([None, 784], [None, 100])
    assert shapes == {
        "generator/h1/kernel:0": [100, 128], "generator/h1/bias:0": [128],
        "generator/logits/kernel:0": [128, 784], "generator/logits/bias:0": [784],
        "discriminator/h1/kernel:0": [784, 128], "discriminator/h1/bias:0": [128],
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
    namespace = run_cells(network | {"smooth": smooth}, "losses")
    names = "d_loss_real", "d_loss_fake", "d_loss", "g_loss"
    fed = dict(zip([network["d_logits_real"], network["d_logits_fake"]], logits))
    losses = run([namespace[name] for name in names], fed)
    real, fake = 1 / (1 + np.exp(-logits.astype(np.float64)))
    of_real = -((1 - smooth) * np.log(real) + smooth * np.log(1 - real)).mean()
    of_fake, of_g = -np.log(1 - fake).mean(), -np.log(fake).mean()
    np.testing.assert_allclose(losses, [of_real, of_fake, of_real + of_fake, of_g], rtol=1e-5)


@pytest.mark.parametrize("letter, other", [("d", "g"), ("g", "d")])
def test_training_op_takes_adam_steps_on_its_own_variables_alone(network, run, letter, other):
    own, others = network[f"{letter}_vars"], network[f"{other}_vars"]
    rate, beta1, beta2 = network["learning_rate"], network["beta1"], 0.999
    assert len(own) == len(others) == 4 and {v.name for v in own + others} == {v.name for v in network["t_vars"]}
    gradients = network["tf"].gradients(network[f"{letter}_loss"], own)
    others_before = run(others)
    m, v = [0] * 4, [0] * 4
    for t in (1, 2):
        before, slopes = run([own, gradients])
        run(network[f"{letter}_train_opt"])
        for k, after in enumerate(run(own)):
            m[k] = beta1 * m[k] + (1 - beta1) * slopes[k]
            v[k] = beta2 * v[k] + (1 - beta2) * slopes[k] ** 2
            step = rate * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m[k] / (np.sqrt(v[k]) + 1e-8)
            np.testing.assert_allclose(after, before[k] - step, atol=3e-6)
            assert np.any(after != before[k])
    np.testing.assert_equal(run(others), others_before)


def test_optimizers_cannot_be_made_twice_on_one_graph(network):
    """A second set of their variables would be saved beside the first."""
    names = [v.name for v in network["tf"].global_variables()]
    with pytest.raises(AssertionError, match="section 7"):
        run_cells(network, "optimizers")
    assert [v.name for v in network["tf"].global_variables()] == names
    assert {name.split("/")[-1].split("_power")[0] for name in names} == {
        "kernel:0", "bias:0", "Adam:0", "Adam_1:0", "beta1", "beta2"
    }  # fmt: skip
    run_cells(network, "build", "optimizers")
