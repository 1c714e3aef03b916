"""How fast the notebook trains beside other ways, and how good its digits are beside other GANs' after equal seconds: for
whoever asks what its plainness costs.

Two tables, each by its name. "steps": steps per second of train_gan's loop, of the same loop compiled, and of PyTorch in eager
mode. "peers": what the judge says after 30, 60 and 120 seconds of training on the processor, of the better GAN, of the
tutorial's own settings, and of two GANs that are often picked for a start, written anew from their published sizes and
settings. They were not tuned for this machine or this judge, as ours was: so the table says what a beginner gets in two
minutes, not which framework or design is better. What it needs is in assets/research/requirements.txt. For example:

    python assets/research/benchmark.py steps
"""

import argparse
import contextlib
import io
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[k]) for k in (1, 0)]  # before Jupyter's package notebook
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg"}


def load():
    """Return the notebook's definitions, without what its cells print."""
    from notebook import definitions

    with contextlib.redirect_stdout(io.StringIO()):
        return definitions(referee=False)


def codes(ns, s, n):
    """Return n latent vectors of the settings s."""
    return ns["random_code"](np.random.default_rng(7), n, s["z_categories"], s["z_size"])


def loop(ns, s, n, mean=True):
    """Return a function that takes n steps by the notebook's train_epoch, and one that draws by G's mean or last weights."""
    ns, tf = load(), ns["tf"]  # of its own, since train_epoch takes all images that it finds there
    with tf.Graph().as_default():
        gan = ns["build_gan"](s)
        session, saver = tf.Session(), tf.train.Saver(save_relative_paths=True)
        session.run(tf.global_variables_initializer())
    size = n * s["batch_size"]
    parts = itertools.cycle(np.split(ns["x_train"][: len(ns["x_train"]) // size * size], len(ns["x_train"]) // size))
    epochs = itertools.count(1)

    def run():
        ns["x_train"] = next(parts)
        ns["train_epoch"](session, gan, s, next(epochs))

    def draw(count):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "settings.json").write_text(json.dumps(s))
            saver.save(session, f"{folder}/gan", 1, write_meta_graph=False)
            return ns["generate"](folder, codes(ns, s, count), mean)

    return run, draw


def compiled(ns, s, n):
    """Return a function that takes n steps in one operation, compiled, of the notebook's own networks and losses."""
    tf = ns["tf"]
    images = ns["x_train"][: n * s["batch_size"]].reshape(n, -1, 784)
    z = codes(ns, s, n * s["batch_size"]).reshape(n, s["batch_size"], -1)
    with tf.Graph().as_default():
        ns["build_gan"](s)
        g_vars, d_vars = (tf.trainable_variables("generator/"), tf.trainable_variables("discriminator/"))
        d_adam = tf.train.AdamOptimizer(s["d_learning_rate"], s["beta1"], s["beta2"], name="d")
        g_adam = tf.train.AdamOptimizer(s["g_learning_rate"], s["beta1"], s["beta2"], name="g")
        mean, centre = (tf.train.ExponentialMovingAverage(0.998, name="mean"), ns["x_train"].mean() * s["centre"])

        def judged(x):
            return ns["discriminator"](x - centre, s["d_hidden_size"], reuse=True, alpha=s["alpha"])[1]

        @tf.function(jit_compile=True, autograph=False)
        def steps(images, z):
            def step(i):
                fake = ns["generator"](z[i], 784, s["g_hidden_size"], reuse=True, alpha=s["alpha"])
                real_loss = ns["cross_entropy"](judged(images[i]), 1 - s["smooth"])
                d_adam.minimize(real_loss + ns["cross_entropy"](judged(fake), 0), var_list=d_vars)
                g_adam.minimize(ns["cross_entropy"](judged(fake), 1), var_list=g_vars)
                mean.apply(g_vars)
                return i + 1

            return tf.while_loop(lambda i: i < n, step, (0,))

        fed = tf.placeholder(tf.float32, images.shape), tf.placeholder(tf.float32, z.shape)
        done, session = steps(*fed), tf.Session()
        session.run(tf.global_variables_initializer())
    return lambda: session.run(done, dict(zip(fed, (images, z))))


def pytorch(ns, s, n):
    """Return a function that takes n steps in PyTorch's eager mode, with the mean of G's weights."""
    import torch
    from torch import nn
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    g_units, d_units, slope, betas = s["g_hidden_size"], s["d_hidden_size"], s["alpha"], (s["beta1"], s["beta2"])
    g = nn.Sequential(nn.Linear(s["z_size"], g_units), nn.LeakyReLU(slope), nn.Linear(g_units, 784), nn.Tanh())
    d = nn.Sequential(nn.Linear(784, d_units), nn.LeakyReLU(slope), nn.Linear(d_units, 1))
    g_adam = torch.optim.Adam(g.parameters(), s["g_learning_rate"], betas)
    d_adam = torch.optim.Adam(d.parameters(), s["d_learning_rate"], betas)
    mean = AveragedModel(g, multi_avg_fn=get_ema_multi_avg_fn(0.998))
    batch, centre = s["batch_size"], float(ns["x_train"].mean())
    ones, zeros = torch.ones(batch, 1), torch.zeros(batch, 1)
    images = torch.from_numpy(ns["x_train"][: n * batch] - centre).split(batch)
    z = torch.from_numpy(codes(ns, s, n * batch)).split(batch)

    def run():
        for real, latents in zip(images, z):
            fake = g(latents) - centre
            d_adam.zero_grad()
            d_loss = cross_entropy(d(real), ones * (1 - s["smooth"])) + cross_entropy(d(fake.detach()), zeros)
            d_loss.backward()
            d_adam.step()
            d.requires_grad_(False)
            g_adam.zero_grad()
            cross_entropy(d(fake), ones).backward()
            g_adam.step()
            d.requires_grad_(True)
            mean.update_parameters(g)

    return run


def print_steps(n=200, turns=7):
    """Print the steps per second of each way, n of them in turns."""
    ns = load()
    s = ns["better"]
    ways = {"train_gan": loop(ns, s, n)[0], "the same loop, compiled": compiled(ns, s, n)}
    ways["PyTorch, eager"] = pytorch(ns, s, n)
    rates = {name: [] for name in ways}
    for turn in range(turns + 1):  # the first one warms up
        for name, run in ways.items():
            started = time.perf_counter()
            run()
            rates[name].append(n / (time.perf_counter() - started))
    print("| | steps/s, median | min to max | time of train_gan's step, to this |\n|:--|--:|--:|--:|")
    for name, values in rates.items():
        ratio = statistics.median(b / a for a, b in zip(rates["train_gan"][1:], values[1:]))
        spread = f"{min(values[1:]):.0f} to {max(values[1:]):.0f}"
        print(f"| {name} | {statistics.median(values[1:]):.0f} | {spread} | {ratio:.2f} |")


def forever(images, batch_size):
    """Yield batches of images (n, 784), -1 to 1, over and over, in a new random order each time."""
    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(len(images))
        for k in range(0, len(order) - batch_size + 1, batch_size):
            yield images[order[k : k + batch_size]]


def tensorflow_examples(ns):
    """GAN of TensorFlow-Examples (aymericdamien): 100 uniform numbers, 256 ReLU units in G and in D, a sigmoid and pixels
    0 to 1, kernels of deviation sqrt(2 / inputs), Adam of 0.0002, batches of 128, both updates in one run."""
    tf, rng, data = ns["tf"], np.random.default_rng(0), forever(ns["x_train"], 128)
    start = tf.variance_scaling_initializer(2.0, distribution="untruncated_normal")

    def network(x, scope, n_out):
        with tf.variable_scope(scope, initializer=start, reuse=tf.AUTO_REUSE):
            return tf.sigmoid(ns["dense"](tf.nn.relu(ns["dense"](x, 256, "h1")), n_out, "out"))

    with tf.Graph().as_default():
        z, x = tf.placeholder(tf.float32, (None, 100)), tf.placeholder(tf.float32, (None, 784))
        fake = network(z, "g", 784)
        real_p, fake_p = network(x, "d", 1), network(fake, "d", 1)
        losses = {"g/": -tf.reduce_mean(tf.log(fake_p)), "d/": -tf.reduce_mean(tf.log(real_p) + tf.log(1 - fake_p))}
        adam = tf.train.AdamOptimizer
        updates = [adam(0.0002).minimize(loss, var_list=tf.trainable_variables(name)) for name, loss in losses.items()]
        session = tf.Session()
        session.run(tf.global_variables_initializer())

    def run():
        session.run([updates, losses], {x: (next(data) + 1) / 2, z: rng.uniform(-1, 1, (128, 100))})

    return run, lambda n: 2 * session.run(fake, {z: rng.uniform(-1, 1, (n, 100))}) - 1


def pytorch_gan(ns):
    """GAN of PyTorch-GAN (eriklindernoren): 100 normal numbers; G of 128, 256, 512 and 1024 units, batch normalization
    with an epsilon of 0.8 from the second on; D of 512 and 256; leaky ReLU of slope 0.2; Adam of 0.0002 with beta1 0.5,
    batches of 64, G before D."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    layers = [nn.Linear(100, 128), nn.LeakyReLU(0.2)]
    for units in (256, 512, 1024):
        layers += [nn.Linear(units // 2, units), nn.BatchNorm1d(units, eps=0.8), nn.LeakyReLU(0.2)]
    g = nn.Sequential(*layers, nn.Linear(1024, 784), nn.Tanh())
    d_layers = nn.Linear(784, 512), nn.LeakyReLU(0.2), nn.Linear(512, 256), nn.LeakyReLU(0.2)
    d = nn.Sequential(*d_layers, nn.Linear(256, 1), nn.Sigmoid())
    g_adam, d_adam = (torch.optim.Adam(net.parameters(), 0.0002, (0.5, 0.999)) for net in (g, d))
    cross_entropy, ones, zeros = nn.BCELoss(), torch.ones(64, 1), torch.zeros(64, 1)
    data = forever(ns["x_train"], 64)

    def run():
        real, fake = torch.from_numpy(next(data)), g(torch.randn(64, 100))
        g_adam.zero_grad()
        cross_entropy(d(fake), ones).backward()
        g_adam.step()
        d_adam.zero_grad()
        ((cross_entropy(d(real), ones) + cross_entropy(d(fake.detach()), zeros)) / 2).backward()
        d_adam.step()

    return (run, lambda n: g(torch.randn(n, 100)).detach().numpy())  # by the batch's own statistics, as the original


def print_peers(seconds=(30, 60, 120)):
    """Print what the judge says of each peer's digits after the same seconds of training."""
    import judge
    from notebook import tutorial

    ns = load()
    real = judge.look(ns["x_test"])

    better, plain = ns["better"], ns["better"] | tutorial(ns)
    peers = {
        "the better GAN": lambda: loop(ns, better, 20),
        "Part 1's settings": lambda: loop(ns, plain, 20, mean=False),
        "the original tutorial's": lambda: loop(ns, plain | {"beta1": 0.9}, 20, mean=False),
        "TensorFlow-Examples, `gan`": lambda: tensorflow_examples(ns),
        "PyTorch-GAN, `gan`": lambda: pytorch_gan(ns),
    }
    print(f"| | {' | '.join(f'after {t} s' for t in seconds)} |\n|:--|{'--:|' * len(seconds)}")
    for name, make in peers.items():
        (run, draw), spent, row = make(), 0, []
        for target in seconds:
            while spent < target:
                started = time.perf_counter()
                run()
                spent += time.perf_counter() - started
            readable, _, distance = judge.verdict(ns, draw(10_000), real)
            row.append(f"{readable:.1%}, {distance:.1f}")
        print(f"| {name} | {' | '.join(row)} |", flush=True)


def main():
    """Print the table that is asked for."""
    tables = {"steps": print_steps, "peers": print_peers}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=tables, help="which table to print")
    table = parser.parse_args().table
    import torch._dynamo  # noqa: F401  # before TensorFlow, after which it crashes

    tables[table]()


if __name__ == "__main__":
    main()
