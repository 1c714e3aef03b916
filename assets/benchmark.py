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
from conftest import MNIST, run_cells, run_notebook

REPEATS = 7


def notebook(**parameters):
    """Return the namespace of the notebook, run up to the compiled epoch, without its outputs."""
    with contextlib.redirect_stdout(io.StringIO()):
        return run_notebook("compiled-epoch", data_path=str(MNIST), **parameters)


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
    ones, zeros = torch.ones(len(z[0]), 1), torch.zeros(len(z[0]), 1)
    all_images, all_z = torch.from_numpy(images), torch.from_numpy(z)

    def run():
        for image, latents in zip(all_images, all_z):
            fake = g(latents)
            d_loss = cross_entropy(d(image / 127.5 - 1), ones * (1 - ns["smooth"])) + cross_entropy(
                d(fake.detach()), zeros
            )
            d_adam.zero_grad()
            d_loss.backward()
            d_adam.step()
            for p in d.parameters():
                p.requires_grad_(False)
            g_adam.zero_grad()
            cross_entropy(d(fake), ones).backward()
            g_adam.step()
            for p in d.parameters():
                p.requires_grad_(True)

    return run


def jax_scan(ns, images, z):
    """Return a function that takes the given steps in one compiled lax.scan of JAX."""
    import jax
    import jax.numpy as jnp

    alpha, b1 = ns["alpha"], ns["beta1"]

    def network(p, x):
        hidden = x @ p["k1"] + p["b1"]
        return jnp.maximum(alpha * hidden, hidden) @ p["k2"] + p["b2"]

    def cross_entropy(logits, label):
        return jnp.mean(
            jnp.maximum(logits, 0) - logits * label + jnp.log1p(jnp.exp(-jnp.abs(logits)))
        )

    def d_loss(d, real, fake):
        return cross_entropy(network(d, real), 1 - ns["smooth"]) + cross_entropy(
            network(d, fake), 0
        )

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
        g_value, slope = jax.value_and_grad(lambda fake: cross_entropy(network(d, fake), 1))(fake)
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
    "z_size": 100, "z_kinds": 0, "g_hidden_size": 128, "d_hidden_size": 128, "alpha": 0.01, "beta1": 0.9,
    "learning_rate": 0.002, "d_learning_rate": 0.002, "averaged": False,
}  # fmt: skip
FORMER = {
    "z_size": 10, "z_kinds": 0, "alpha": 0.2, "beta1": 0.5, "learning_rate": 0.002, "d_learning_rate": 0.0007,
}  # fmt: skip


def former_latents(ns):
    """Let the namespace draw latent numbers as earlier versions of the notebook did: cube roots of uniform ones."""
    draw = ns["random_latents"]
    ns["random_latents"] = lambda rng, *shape: np.cbrt(draw(rng, *shape))


def first(times, values, target):
    """Return the first of the times at which the values reach the target, as text."""
    reached = [time for time, value in zip(times, values) if value >= target]
    return f"{reached[0]:.0f} s" if reached else f"not in {times[-1]:.0f} s"


def time_to_quality(label, epochs, prepare=None, **parameters):
    """Print the seconds of training until the images of the test images' log-likelihood pass 225 nats, and until
    80 % and 85 % of them are readable; they are looked at ten times in a run of the given epochs."""
    with contextlib.redirect_stdout(io.StringIO()):
        ns = run_notebook("switches", data_path=str(MNIST), epochs=epochs, **parameters)
        if prepare:
            prepare(ns)
        run_cells(ns, "average", "progress")
        run_cells(ns, "squared-distances", "frechet")
    tf, seconds, times, groups = ns["tf"], 0, [], []
    pixels, z = (
        ns["x_test"] / np.float32(255),
        ns["random_latents"](np.random.default_rng(2), 10_000),
    )
    images = ns["draw"](ns["input_z"])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for epoch in range(1, epochs + 1):
            started = time.perf_counter()
            losses = ns["train_epoch"](session, *ns["epoch_batches"](epoch))
            session.run(ns["average_opt"])
            feed = {ns["new_losses"]: losses, ns["input_z"]: ns["fixed_z"]}
            session.run(ns["add_row"], feed)
            seconds += time.perf_counter() - started
            if epoch % (epochs // 10) == 0:
                times.append(seconds)
                groups.append((session.run(images, {ns["input_z"]: z}) + 1) / 2)
    likelihoods = [ns["score"](pixels, group)[0] for group in groups]
    with tf.Graph().as_default():
        readable = [np.mean(sure.max(axis=1) > 0.9) for _, sure in ns["judge"](*groups)]
    columns = [
        first(times, likelihoods, 225),
        first(times, readable, 0.8),
        first(times, readable, 0.85),
    ]
    columns += [f"{times[-1]:.0f} s", f"{likelihoods[-1]:.0f}", f"{readable[-1]:.1%}"]
    print("|", label, "|", " | ".join(columns), "|", flush=True)


if __name__ == "__main__":
    print("\n| settings | to 225 nats | to 80 % readable | to 85 % | training | nats | readable |")
    print("|:--|--:|--:|--:|--:|--:|--:|")
    time_to_quality("the defaults", 40)
    time_to_quality("former defaults", 100, former_latents, **FORMER)
    time_to_quality("the tutorial's", 100, **TUTORIAL)
    compare()
    compare(g_hidden_size=128, d_hidden_size=128)
    print(
        f"\npeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB"
    )
    scaling()
