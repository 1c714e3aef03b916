"""Steps per second of the notebook's training beside other ways to train the same GAN. Run it by hand:

    python assets/benchmark.py

It times, in turns, the textbook loop and the compiled epoch of the notebook, the matrix products of a step alone in
NumPy, and, where they are installed, PyTorch and JAX. Then it shows how cost grows with hidden units and batch size.
First of all it shows how long the training takes to a given quality.
"""

import contextlib
import importlib.util
import io
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from cells import MNIST, run_cells, run_notebook, run_to_training

REPEATS = 7
with contextlib.redirect_stdout(io.StringIO()):
    DEFAULTS = run_notebook("check-parameters")


def notebook(**parameters):
    """Return the namespace of the notebook, run up to the compiled epoch, without its outputs."""
    with contextlib.redirect_stdout(io.StringIO()):
        return run_to_training(data_path=str(MNIST), **parameters)


def of_the_notebook(name):
    """Return what makes, for a namespace of the notebook, a function that takes steps by its function of that name."""

    def make(ns, images, z):
        graph = ns["d_loss"].graph
        session = ns["tf"].Session(graph=graph)
        with graph.as_default():
            session.run(ns["tf"].global_variables_initializer())
        return lambda: ns[name](session, images, z)

    return make


def limit(ns, images, z):
    """Return a function that computes the eleven matrix products of each of the given steps, and nothing else."""
    rng = np.random.default_rng(0)
    batch, z_size, g, d = (
        len(z[0]),
        z.shape[2],
        ns["g_hidden_size"],
        ns["d_hidden_size"],
    )
    forward = [
        (batch, z_size, g),
        (batch, g, 784),
        (batch, 784, d),
        (batch, 784, d),
        (batch, 784, d),
    ]
    backward = [
        (784, batch, d),
        (784, batch, d),
        (batch, d, 784),
        (g, batch, 784),
        (batch, 784, g),
        (z_size, batch, g),
    ]
    pairs = [
        [rng.random(shape, dtype=np.float32) for shape in ((n, k), (k, m))]
        for n, k, m in forward + backward
    ]
    outs = [np.empty((a.shape[0], b.shape[1]), np.float32) for a, b in pairs]

    def run():
        for _ in images:
            for (a, b), out in zip(pairs, outs):
                np.matmul(a, b, out=out)

    return run


def pytorch(ns, images, z):
    """Return a function that takes the given steps in PyTorch's eager mode."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

    def network(*sizes):
        layers = [
            torch.nn.Linear(sizes[0], sizes[1]),
            torch.nn.LeakyReLU(ns["alpha"]),
            torch.nn.Linear(sizes[1], sizes[2]),
        ]
        return torch.nn.Sequential(*layers)

    torch.manual_seed(0)
    g = torch.nn.Sequential(network(z.shape[2], ns["g_hidden_size"], 784), torch.nn.Tanh())
    d = network(784, ns["d_hidden_size"], 1)
    g_adam, d_adam = (
        torch.optim.Adam(net.parameters(), ns[rate], (ns["beta1"], 0.999))
        for net, rate in ((g, "learning_rate"), (d, "d_learning_rate"))
    )
    shift = ns["shift"]
    ones, zeros = torch.ones(len(z[0]), 1), torch.zeros(len(z[0]), 1)
    all_images, all_z = torch.from_numpy(images), torch.from_numpy(z)

    def run():
        for image, latents in zip(all_images, all_z):
            fake = g(latents)
            real = image / 127.5 - 1
            d_loss = cross_entropy(d(real + shift), ones * (1 - ns["smooth"]))
            d_loss = d_loss + cross_entropy(d(fake.detach() + shift), zeros)
            d_adam.zero_grad()
            d_loss.backward()
            d_adam.step()
            for p in d.parameters():
                p.requires_grad_(False)
            g_adam.zero_grad()
            cross_entropy(d(fake + shift), ones).backward()
            g_adam.step()
            for p in d.parameters():
                p.requires_grad_(True)

    return run


def jax_scan(ns, images, z):
    """Return a function that takes the given steps in one compiled lax.scan of JAX."""
    import jax
    import jax.numpy as jnp

    alpha, b1, shift = ns["alpha"], ns["beta1"], ns["shift"]

    def network(p, x):
        hidden = x @ p["k1"] + p["b1"]
        return jnp.maximum(alpha * hidden, hidden) @ p["k2"] + p["b2"]

    def cross_entropy(logits, label):
        return jnp.mean(
            jnp.maximum(logits, 0) - logits * label + jnp.log1p(jnp.exp(-jnp.abs(logits)))
        )

    def d_loss(d, real, fake):
        of_real = cross_entropy(network(d, real + shift), 1 - ns["smooth"])
        return of_real + cross_entropy(network(d, fake + shift), 0)

    def adam(p, slopes, m, v, t, rate):
        m = jax.tree.map(lambda m, s: b1 * m + (1 - b1) * s, m, slopes)
        v = jax.tree.map(lambda v, s: 0.999 * v + 0.001 * s * s, v, slopes)
        scale = rate * jnp.sqrt(1 - 0.999**t) / (1 - b1**t)
        return (
            jax.tree.map(lambda p, m, v: p - scale * m / (jnp.sqrt(v) + 1e-8), p, m, v),
            m,
            v,
        )

    def step(state, batch):
        (g, gm, gv), (d, dm, dv), t = state
        real, latents = batch[0].astype(jnp.float32) / 127.5 - 1, batch[1]
        fake, pull = jax.vjp(lambda g: jnp.tanh(network(g, latents)), g)
        d_value, slopes = jax.value_and_grad(d_loss)(d, real, fake)
        d, dm, dv = adam(d, slopes, dm, dv, t, ns["d_learning_rate"])
        g_loss = lambda fake: cross_entropy(network(d, fake + shift), 1)  # noqa: E731
        g_value, slope = jax.value_and_grad(g_loss)(fake)
        g, gm, gv = adam(g, pull(slope)[0], gm, gv, t, ns["learning_rate"])
        return ((g, gm, gv), (d, dm, dv), t + 1), jnp.stack([d_value, g_value])

    def parameters(key, n, hidden, out):
        keys = jax.random.split(key)
        kernels = [
            jax.nn.initializers.glorot_uniform()(k, shape)
            for k, shape in zip(keys, [(n, hidden), (hidden, out)])
        ]
        return {
            "k1": kernels[0],
            "b1": jnp.zeros(hidden),
            "k2": kernels[1],
            "b2": jnp.zeros(out),
        }

    def with_slots(p):
        return p, jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)

    g = parameters(jax.random.key(0), z.shape[2], ns["g_hidden_size"], 784)
    d = parameters(jax.random.key(1), 784, ns["d_hidden_size"], 1)
    epoch = jax.jit(
        lambda state, images, z: jax.lax.scan(step, state, (images, z)),
        donate_argnums=0,
    )
    state = [(with_slots(g), with_slots(d), jnp.float32(1))]

    def run():
        state[0], losses = epoch(state[0], images, z)
        losses.block_until_ready()

    return run


def measure(runs, steps):
    """Time the functions of a dict in turns; return for each the list of its steps per second."""
    rates = {name: [] for name in runs}
    for name, run in runs.items():
        run()
    for _ in range(REPEATS):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            rates[name].append(steps / (time.perf_counter() - started))
    return rates


def compare(**parameters):
    """Print the table of all ways to train, with the given parameters of the notebook."""
    ns = notebook(**parameters)
    images, z = ns["epoch_batches"](1)
    ways = {
        "textbook loop, two runs a step": of_the_notebook("textbook_epoch"),
        "**compiled epoch (this notebook)**": of_the_notebook("compiled_epoch"),
    }
    if importlib.util.find_spec("torch"):
        ways["PyTorch, eager"] = pytorch
    if importlib.util.find_spec("jax"):
        ways["JAX, `lax.scan`"] = jax_scan
    ways["limit: matrix products alone, NumPy"] = limit
    rates = measure({name: way(ns, images, z) for name, way in ways.items()}, len(images))
    top = statistics.median(rates["limit: matrix products alone, NumPy"])
    print(
        f"\n{ns['g_hidden_size']} hidden units in G, {ns['d_hidden_size']} in D, batches of {ns['batch_size']}"
    )
    print(
        "\n| | steps/s, median | min to max | share of the limit | compiled epoch / this |\n|:--|--:|--:|--:|--:|"
    )
    for name, values in rates.items():
        median = statistics.median(values)
        ratio = statistics.median(np.array(rates["**compiled epoch (this notebook)**"]) / values)
        print(
            f"| {name} | {median:.0f} | {min(values):.0f} to {max(values):.0f} | {median / top:.2f} | {ratio:.2f} |"
        )


def scaling():
    """Print how the time of a step and its share of the limit change with hidden units and with batch size."""
    print(
        "\n| hidden units of G and D | batch size | ms a step | images/s | share of the limit |\n|--:|--:|--:|--:|--:|"
    )
    settings = [(n, 100) for n in (64, 128, 256, 512, 1024)] + [
        (128, n) for n in (32, 64, 128, 256, 512, 1024)
    ]
    for units, batch in settings:
        ns = notebook(g_hidden_size=units, d_hidden_size=units, batch_size=batch)
        images, z = ns["epoch_batches"](1)
        runs = {
            "compiled": of_the_notebook("compiled_epoch")(ns, images, z),
            "limit": limit(ns, images, z),
        }
        rates = {
            name: statistics.median(values) for name, values in measure(runs, len(images)).items()
        }
        rate, share = rates["compiled"], rates["compiled"] / rates["limit"]
        print(
            f"| {units} | {batch} | {1000 / rate:.2f} | {rate * batch:.0f} | {share:.2f} |",
            flush=True,
        )


TUTORIAL = {
    "z_size": 100, "z_kinds": 0, "g_hidden_size": 128, "d_hidden_size": 128, "alpha": 0.01,
    "beta1": 0.9, "learning_rate": 0.002, "d_learning_rate": 0.002, "batch_size": 100, "shift": 0,
}  # fmt: skip


def first(times, values, target):
    """Return the first of the times at which the values reach the target, as text."""
    reached = [time for time, value in zip(times, values) if value >= target]
    return f"{reached[0]:.0f} s" if reached else f"not in {times[-1]:.0f} s"


def time_to_quality(label, epochs, **parameters):
    """Print the seconds of training until 80 % and 90 % of the images are readable, as the notebook's referee reads
    them, and what they are at the end; they are looked at ten times in a run of the given epochs."""
    with contextlib.redirect_stdout(io.StringIO()):
        ns = run_to_training(data_path=str(MNIST), epochs=epochs, **parameters)
        run_cells(ns, "referee", "train-referee")
        run_cells(ns, "readable", "readable")
        run_cells(ns, "frechet", "frechet")
    tf, seconds, times, shares = ns["tf"], 0, [], []
    z = ns["random_latents"](np.random.default_rng([0, 0, 2]), 10_000)
    with tf.Graph().as_default():
        images = ns["generator"](tf.constant(z), 784, ns["g_hidden_size"], alpha=ns["alpha"])
        mean = tf.trainable_variables()
        feeds = [tf.placeholder(tf.float32, v.shape) for v in mean]
        assign = [v.assign(feed) for v, feed in zip(mean, feeds)]
        drawing = tf.Session()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for epoch in range(1, epochs + 1):
            started = time.perf_counter()
            ns["train_epoch"](session, *ns["epoch_batches"](epoch))
            session.run(ns["average_opt"])
            seconds += time.perf_counter() - started
            if epoch % (epochs // 10) == 0:
                times.append(seconds)
                values = session.run([ns["ema"].average(v) for v in ns["g_vars"]])
                drawing.run(assign, dict(zip(feeds, values)))
                features, probabilities = ns["classify"](ns["referee"], drawing.run(images))
                shares.append(ns["readable"](probabilities))
    distance = ns["frechet_distance"](features, ns["test_features"])
    columns = [first(times, shares, 0.8), first(times, shares, 0.9), f"{times[-1]:.0f} s"]
    print(
        "|",
        label,
        "|",
        " | ".join([*columns, f"{shares[-1]:.1%}", f"{distance:.2f}"]),
        "|",
        flush=True,
    )


if __name__ == "__main__":
    print("\n| settings | to 80 % readable | to 90 % | training | readable | Fréchet distance |")
    print("|:--|--:|--:|--:|--:|--:|")
    time_to_quality("the defaults", DEFAULTS["epochs"])
    time_to_quality("the tutorial's", 100, **TUTORIAL)
    compare()
    compare(batch_size=100)
    print(
        f"\npeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB"
    )
    scaling()
