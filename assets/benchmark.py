"""How fast the notebook trains, and how good its digits are after equal seconds, beside other ways to do it.

Three tables, each by its name. "steps": steps per second of the notebook's loop and of the compiled one of its last
section, in turns with the same model in PyTorch and JAX, where they are installed. "size": how the time of a step grows
with hidden units and batch. "peers": what assets/judge.py says after 30, 60 and 120 seconds of training on the processor,
of the notebook, of the original tutorial and of two GANs that are often picked for a start, written anew from their
published sizes and settings.
"""

import argparse
import contextlib
import importlib.util
import io
import os
import resource
import statistics
import sys
import time

import numpy as np
from cells import MNIST, run_cells, run_notebook, to_paste

TUTORIAL = {
    "batch_size": 100, "z_size": 100, "z_categories": 0, "g_hidden_size": 128, "d_hidden_size": 128, "alpha": 0.01,
    "beta1": 0.9, "beta2": 0.999, "g_learning_rate": 0.002, "d_learning_rate": 0.002,
}  # fmt: skip


def notebook(pixel_mean=None, **parameters):
    """Return the namespace of the notebook, run up to the training, without its outputs."""
    with contextlib.redirect_stdout(io.StringIO()):
        ns = run_notebook("rescale", data_path=str(MNIST), **parameters)
        if pixel_mean is not None:
            ns["pixel_mean"] = pixel_mean
        run_cells(ns, "show-digits", "show-digits")
        run_cells(ns, "random-latents", "build")
        run_cells(ns, "losses")
        run_cells(ns, "variables", "optimizers")
        return run_cells(ns, "train-epoch", "history")


def initialized(ns):
    """Return a session with the variables of a namespace's graph."""
    session = ns["tf"].Session(graph=ns["d_loss"].graph)
    with session.graph.as_default():
        session.run(ns["tf"].global_variables_initializer())
    return session


def loop(ns, images, z):
    """Return a function that takes the given steps by the notebook's loop."""
    session, train_epoch = initialized(ns), ns["train_epoch"]
    return lambda: train_epoch(session, images, z)


def compiled(ns, images, z):
    """Return a function that takes the given steps by the compiled loop of the notebook's last section."""
    pasted = dict(ns)
    with ns["d_loss"].graph.as_default():
        exec(to_paste("jit_compile")[0], pasted)
    return loop(pasted, images, z)


def products(ns, images, z):
    """Return a function that computes the eleven matrix products of each of the given steps in NumPy, and nothing
    else."""
    rng = np.random.default_rng(0)
    n, z_size, g, d = len(z[0]), z.shape[2], ns["g_hidden_size"], ns["d_hidden_size"]
    forward = [(n, z_size, g), (n, g, 784), (n, 784, d), (n, 784, d), (n, 784, d)]
    of_d = [(784, n, d), (784, n, d)]
    of_g = [(n, d, 784), (g, n, 784), (n, 784, g), (z_size, n, g)]
    shapes = [((i, j), (j, k)) for i, j, k in forward + of_d + of_g]
    pairs = [[rng.random(shape, dtype=np.float32) for shape in pair] for pair in shapes]
    outs = [np.empty((len(a), b.shape[1]), np.float32) for a, b in pairs]

    def run():
        for _ in images:
            for (a, b), out in zip(pairs, outs):
                np.matmul(a, b, out=out)

    return run


def pytorch(ns, images, z):
    """Return a function that takes the given steps in PyTorch's eager mode, with the mean of G's weights."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    def network(*sizes):
        first, last = torch.nn.Linear(*sizes[:2]), torch.nn.Linear(*sizes[1:])
        return torch.nn.Sequential(first, torch.nn.LeakyReLU(ns["alpha"]), last)

    def adam(net, rate):
        return torch.optim.Adam(net.parameters(), rate, (ns["beta1"], ns["beta2"]))

    torch.manual_seed(0)
    g = torch.nn.Sequential(network(z.shape[2], ns["g_hidden_size"], 784), torch.nn.Tanh())
    d = network(784, ns["d_hidden_size"], 1)
    g_adam, d_adam = adam(g, ns["g_learning_rate"]), adam(d, ns["d_learning_rate"])
    mean = torch.optim.swa_utils.AveragedModel(
        g, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998)
    )
    ones, zeros = torch.ones(len(z[0]), 1), torch.zeros(len(z[0]), 1)
    all_images, all_z, pixel_mean = torch.from_numpy(images), torch.from_numpy(z), ns["pixel_mean"]

    def run():
        for image, latents in zip(all_images, all_z):
            fake, real = g(latents), image / 127.5 - 1
            d_loss = cross_entropy(d(real - pixel_mean), ones * (1 - ns["smooth"]))
            d_loss = d_loss + cross_entropy(d(fake.detach() - pixel_mean), zeros)
            d_adam.zero_grad()
            d_loss.backward()
            d_adam.step()
            d.requires_grad_(False)
            g_adam.zero_grad()
            cross_entropy(d(fake - pixel_mean), ones).backward()
            g_adam.step()
            d.requires_grad_(True)
            mean.update_parameters(g)

    return run


def jax_scan(ns, images, z):
    """Return a function that takes the given steps in one compiled lax.scan of JAX, with the mean of G's weights."""
    import jax
    import jax.numpy as jnp

    alpha, b1, b2, pixel_mean = (ns[name] for name in ("alpha", "beta1", "beta2", "pixel_mean"))

    def network(p, x):
        hidden = x @ p["k1"] + p["b1"]
        return jnp.maximum(alpha * hidden, hidden) @ p["k2"] + p["b2"]

    def cross_entropy(logits, label):
        losses = jnp.maximum(logits, 0) - logits * label + jnp.log1p(jnp.exp(-jnp.abs(logits)))
        return jnp.mean(losses)

    def d_loss(d, real, fake):
        of_real = cross_entropy(network(d, real - pixel_mean), 1 - ns["smooth"])
        return of_real + cross_entropy(network(d, fake - pixel_mean), 0)

    def adam(p, slopes, m, v, t, rate):
        m = jax.tree.map(lambda m, s: b1 * m + (1 - b1) * s, m, slopes)
        v = jax.tree.map(lambda v, s: b2 * v + (1 - b2) * s * s, v, slopes)
        scale = rate * jnp.sqrt(1 - b2**t) / (1 - b1**t)
        return jax.tree.map(lambda p, m, v: p - scale * m / (jnp.sqrt(v) + 1e-8), p, m, v), m, v

    def step(state, batch):
        (g, gm, gv), (d, dm, dv), mean, t = state
        real, latents = batch[0].astype(jnp.float32) / 127.5 - 1, batch[1]
        fake, pull = jax.vjp(lambda g: jnp.tanh(network(g, latents)), g)
        d_value, slopes = jax.value_and_grad(d_loss)(d, real, fake)
        d, dm, dv = adam(d, slopes, dm, dv, t, ns["d_learning_rate"])
        g_loss = lambda fake: cross_entropy(network(d, fake - pixel_mean), 1)  # noqa: E731
        g_value, slope = jax.value_and_grad(g_loss)(fake)
        g, gm, gv = adam(g, pull(slope)[0], gm, gv, t, ns["g_learning_rate"])
        mean = jax.tree.map(lambda a, w: 0.998 * a + 0.002 * w, mean, g)
        return ((g, gm, gv), (d, dm, dv), mean, t + 1), jnp.stack([d_value, g_value])

    def parameters(key, n, hidden, out):
        k1, k2 = jax.random.split(key)
        glorot = jax.nn.initializers.glorot_uniform()
        kernels = {"k1": glorot(k1, (n, hidden)), "k2": glorot(k2, (hidden, out))}
        return kernels | {"b1": jnp.zeros(hidden), "b2": jnp.zeros(out)}

    def with_slots(p):
        return p, jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)

    g = parameters(jax.random.key(0), z.shape[2], ns["g_hidden_size"], 784)
    d = parameters(jax.random.key(1), 784, ns["d_hidden_size"], 1)
    epoch = jax.jit(
        lambda state, images, z: jax.lax.scan(step, state, (images, z)), donate_argnums=0
    )
    state = [(with_slots(g), with_slots(d), jax.tree.map(jnp.copy, g), jnp.float32(1))]

    def run():
        state[0], losses = epoch(state[0], images, z)
        losses.block_until_ready()

    return run


def measure(runs, steps, repeats=7):
    """Time the functions of a dict in turns; return for each the list of its steps per second."""
    rates = {name: [] for name in runs}
    for run in runs.values():
        run()
    for _ in range(repeats):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            rates[name].append(steps / (time.perf_counter() - started))
    return rates


def print_steps():
    """Print steps per second of all ways to train, by the notebook's defaults and by batches of half the size."""
    default = notebook()["batch_size"]
    for batch_size in (default, default // 2):
        ns = notebook(batch_size=batch_size)
        images, z = (array[:200] for array in ns["epoch_batches"](1))
        ways = {"**the loop of this notebook**": loop, "the same loop, compiled": compiled}
        if importlib.util.find_spec("torch"):
            ways["PyTorch, eager"] = pytorch
        if importlib.util.find_spec("jax"):
            ways["JAX, `lax.scan`"] = jax_scan
        ways["for reference: the matrix products alone, NumPy"] = products
        rates = measure({name: way(ns, images, z) for name, way in ways.items()}, len(images))
        print(f"\nBatches of {batch_size}:\n")
        print("| | steps/s, median | min to max | the loop / this |\n|:--|--:|--:|--:|")
        for name, values in rates.items():
            ratio = statistics.median(np.array(rates["**the loop of this notebook**"]) / values)
            spread = f"{min(values):.0f} to {max(values):.0f}"
            print(f"| {name} | {statistics.median(values):.0f} | {spread} | {ratio:.2f} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\nPeak memory of this process: {peak:.1f} GiB.")


def print_size():
    """Print how the time of a step of the loop changes with hidden units and with batch size."""
    print("\n| hidden units of G and D | batch size | ms a step | images/s |\n|--:|--:|--:|--:|")
    settings = [(units, 100) for units in (64, 128, 256, 512, 1024)]
    settings += [(128, batch_size) for batch_size in (32, 64, 128, 256, 512, 1024)]
    for units, batch_size in settings:
        ns = notebook(g_hidden_size=units, d_hidden_size=units, batch_size=batch_size)
        images, z = (array[:200] for array in ns["epoch_batches"](1))
        rates = measure({"loop": loop(ns, images, z)}, len(images), repeats=5)
        rate = statistics.median(rates["loop"])
        print(
            f"| {units} | {batch_size} | {1000 / rate:.2f} | {rate * batch_size:.0f} |", flush=True
        )


def of_the_notebook(mean, **parameters):
    """Return a generator of training, which yields after a few steps each, and a function that draws n images
    (n, 784), by the mean of G's weights or by the last ones."""
    ns = notebook(**parameters)
    session = initialized(ns)

    def training():
        for e in range(1, 10_000):
            images, z = ns["epoch_batches"](e)
            for k in range(0, len(images), 20):
                ns["train_epoch"](session, images[k : k + 20], z[k : k + 20])
                yield

    def draw(n):
        weights = [ns["ema"].average(v) if mean else v for v in ns["g_vars"]]
        kernel, bias, out_kernel, out_bias = session.run(weights)
        hidden = ns["random_latents"](np.random.default_rng([7, 7, 7]), n) @ kernel + bias
        return np.tanh(np.maximum(ns["alpha"] * hidden, hidden) @ out_kernel + out_bias)

    return training(), draw


def shuffled_batches(images, batch_size):
    """Yield batches of images, float32 0 to 1, over and over, in a new random order each time."""
    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(len(images))
        for k in range(0, len(order) - batch_size + 1, batch_size):
            yield images[order[k : k + batch_size]] / np.float32(255)


def tensorflow_examples():
    """GAN of TensorFlow-Examples (aymericdamien): 100 uniform numbers, 256 ReLU units in G and in D, a sigmoid and pixels
    0 to 1, kernels of deviation sqrt(2 / inputs), Adam of 0.0002, batches of 128, both updates in one run."""
    ns = notebook()
    tf, images = ns["tf"], ns["x_train"]
    graph, rng = tf.Graph(), np.random.default_rng(0)

    def network(sizes, scope):
        layers = []
        with tf.variable_scope(scope):
            for i, (n, units) in enumerate(zip(sizes, sizes[1:])):
                start = tf.random_normal_initializer(stddev=(2 / n) ** 0.5)
                kernel = tf.get_variable(f"kernel_{i}", (n, units), initializer=start)
                layers.append((kernel, tf.get_variable(f"bias_{i}", initializer=tf.zeros(units))))
        (kernel, bias), (out_kernel, out_bias) = layers
        return lambda x: tf.nn.relu(x @ kernel + bias) @ out_kernel + out_bias

    with graph.as_default():
        z, x = tf.placeholder(tf.float32, (None, 100)), tf.placeholder(tf.float32, (None, 784))
        g, d = network((100, 256, 784), "g"), network((784, 256, 1), "d")
        fake = tf.sigmoid(g(z))
        real_p, fake_p = tf.sigmoid(d(x)), tf.sigmoid(d(fake))
        g_loss = -tf.reduce_mean(tf.log(fake_p))
        d_loss = -tf.reduce_mean(tf.log(real_p) + tf.log(1 - fake_p))
        steps = [
            tf.train.AdamOptimizer(0.0002).minimize(loss, var_list=tf.trainable_variables(scope))
            for loss, scope in ((g_loss, "g/"), (d_loss, "d/"))
        ]
        session = tf.Session()
        session.run(tf.global_variables_initializer())

    def training():
        for batch in shuffled_batches(images, 128):
            session.run([*steps, g_loss, d_loss], {x: batch, z: rng.uniform(-1, 1, (128, 100))})
            yield

    return training(), lambda n: 2 * session.run(fake, {z: rng.uniform(-1, 1, (n, 100))}) - 1


def pytorch_gan():
    """GAN of PyTorch-GAN (eriklindernoren): 100 normal numbers; G of 128, 256, 512 and 1024 units, batch normalization
    with an epsilon of 0.8 from the second on; D of 512 and 256; leaky ReLU of slope 0.2; Adam of 0.0002 with beta1 0.5,
    batches of 64, G before D."""
    import torch
    from torch import nn

    images = notebook()["x_train"]
    torch.manual_seed(0)
    layers = [nn.Linear(100, 128), nn.LeakyReLU(0.2)]
    for n, units in ((128, 256), (256, 512), (512, 1024)):
        layers += [nn.Linear(n, units), nn.BatchNorm1d(units, eps=0.8), nn.LeakyReLU(0.2)]
    g = nn.Sequential(*layers, nn.Linear(1024, 784), nn.Tanh())
    d_layers = nn.Linear(784, 512), nn.LeakyReLU(0.2), nn.Linear(512, 256), nn.LeakyReLU(0.2)
    d = nn.Sequential(*d_layers, nn.Linear(256, 1), nn.Sigmoid())
    g_adam, d_adam = (
        torch.optim.Adam(network.parameters(), 0.0002, (0.5, 0.999)) for network in (g, d)
    )
    cross_entropy, ones, zeros = nn.BCELoss(), torch.ones(64, 1), torch.zeros(64, 1)

    def training():
        for batch in shuffled_batches(images, 64):
            real, fake = torch.from_numpy(2 * batch - 1), g(torch.randn(64, 100))
            g_adam.zero_grad()
            cross_entropy(d(fake), ones).backward()
            g_adam.step()
            d_adam.zero_grad()
            d_loss = cross_entropy(d(real), ones) + cross_entropy(d(fake.detach()), zeros)
            (d_loss / 2).backward()
            d_adam.step()
            yield

    def draw(n):  # with the batch's own statistics, as the original draws
        with torch.no_grad():
            return g(torch.randn(n, 100)).numpy()

    return training(), draw


def print_peers():
    """Print what the judge says of each peer's digits after the same seconds of training."""
    import judge

    real = judge.look(judge.images_and_labels()[2][0])
    peers = {
        "**this notebook**": lambda: of_the_notebook(mean=True),
        "the original tutorial's settings": lambda: of_the_notebook(
            False, pixel_mean=0, **TUTORIAL
        ),
        "TensorFlow-Examples, `gan`": tensorflow_examples,
    }
    if importlib.util.find_spec("torch"):
        peers["PyTorch-GAN, `gan`"] = pytorch_gan
    print("\n| | after 30 s | 60 s | 120 s |\n|:--|--:|--:|--:|")
    for name, make in peers.items():
        (training, draw), seconds, row = make(), 0, []
        for target in (30, 60, 120):
            while seconds < target:
                started = time.perf_counter()
                next(training)
                seconds += time.perf_counter() - started
            readable, _, distance = judge.measure(draw(10_000), real)
            row.append(f"{readable:.1%}, {distance:.1f}")
        print(f"| {name} | {' | '.join(row)} |", flush=True)


def main():
    """Print the tables that are asked for."""
    tables = {"steps": print_steps, "size": print_size, "peers": print_peers}
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python assets/benchmark.py steps",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("table", nargs="*", metavar="table", help=f"{', '.join(tables)}; else all")
    options = parser.parse_args()
    if wrong := set(options.table) - set(tables):
        parser.error(f"there is no table {sorted(wrong)}; there are {list(tables)}")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    for name in options.table or tables:
        tables[name]()
        sys.stdout.flush()


if __name__ == "__main__":
    main()
