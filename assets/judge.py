"""Judge the digits of runs from outside, by a convolutional network that the notebook does not know.

It is small (two convolutions, 64 features), was trained on the 55,000 training images before any setting was chosen, and
is frozen. It prints the share of images of which it is more than 90 % sure, the total variation between the shares of
the classes and those of real images, and the Fréchet distance of the features to those of real images.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np

ASSETS = Path(__file__).parent


def images_and_labels():
    """Return validation, training and test images (n, 28, 28, 1), -1 to 1, each with its labels; split as in the
    notebook."""
    with np.load(ASSETS / "mnist.npz") as file:
        x, y, x_test, y_test = (file[k] for k in ("x_train", "y_train", "x_test", "y_test"))
    order = np.random.default_rng([0, 0, 3]).permutation(len(x))
    held_out, kept = np.split(order, [len(x) // 12])
    parts = (x[held_out], y[held_out]), (x[kept], y[kept]), (x_test, y_test)
    return [(images[..., None] / np.float32(127.5) - 1, labels) for images, labels in parts]


def train():
    """Train the judge for eight epochs and write its weights, in half precision, into judge.npz."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dropout(0.25),
        layers.Dense(64, activation="relu"), layers.Dropout(0.25),
        layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
    _, (x, y), _ = images_and_labels()
    rate = keras.optimizers.schedules.CosineDecay(2e-3, 8 * 430)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=128, epochs=8, verbose=2)
    weights = {f"w{i}": w.astype(np.float16) for i, w in enumerate(model.get_weights())}
    np.savez_compressed(ASSETS / "judge.npz", **weights)


def look(images):
    """Return the judge's features (n, 64) and probabilities (n, 10) of images (n, 28, 28, 1), -1 to 1."""
    import tensorflow as tf

    with np.load(ASSETS / "judge.npz") as file:
        w = [file[f"w{i}"].astype(np.float32) for i in range(8)]
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        placeholder = x = tf.compat.v1.placeholder(tf.float32, (None, 28, 28, 1))
        for kernel, bias in (w[0:2], w[2:4]):
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID") + bias)
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        features = tf.nn.relu(tf.reshape(x, (-1, len(w[4]))) @ w[4] + w[5])
        outputs = features, tf.nn.softmax(features @ w[6] + w[7])
        blocks = np.array_split(images, len(images) // 1000 + 1)
        parts = [session.run(outputs, {placeholder: block}) for block in blocks]
    return [np.concatenate(part) for part in zip(*parts)]


def frechet_distance(a, b):
    """Squared Fréchet distance of Gaussians fit to a (n, k) and b (m, k) (Heusel et al., 2017, equation 6)."""
    gap, cov_a, cov_b = a.mean(axis=0) - b.mean(axis=0), np.cov(a.T), np.cov(b.T)
    roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).astype(complex)).real
    return gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum()


def measure(images, real):
    """Return the readable share, the total variation and the Fréchet distance of images (n, 784) or (n, 28, 28, 1), -1
    to 1; real is what look() returns of real images."""
    features, probabilities = look(images.reshape(-1, 28, 28, 1))
    a, b = (np.bincount(p.argmax(axis=1), minlength=10) / len(p) for p in (probabilities, real[1]))
    readable = np.mean(probabilities.max(axis=1) > 0.9)
    return readable, np.abs(a - b).sum() / 2, frechet_distance(features, real[0])


def draw(run, n=10_000):
    """Draw n images (n, 784) by the mean of G's weights in a run's last checkpoint, as results.json says how."""
    import tensorflow as tf

    settings = json.loads((run / "results.json").read_text(encoding="utf-8"))["settings"]
    reader = tf.train.load_checkpoint(str(run))
    names = [
        f"generator/{layer}/{part}" for layer in ("hidden", "out") for part in ("kernel", "bias")
    ]
    kernel, bias, out_kernel, out_bias = (
        reader.get_tensor(f"{name}/ExponentialMovingAverage") for name in names
    )
    rng, categories = np.random.default_rng([7, 7, 7]), settings["z_categories"]
    z = rng.uniform(-1, 1, (n, settings["z_size"])).astype(np.float32)
    if categories:
        z[:, :categories] = np.eye(categories)[rng.integers(categories, size=n)]
    hidden = z @ kernel + bias
    return np.tanh(np.maximum(settings["alpha"] * hidden, hidden) @ out_kernel + out_bias)


def main():
    """Print a table of the runs, and of real images for scale."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python assets/judge.py checkpoints/*/",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("runs", nargs="*", type=Path, help="folders of finished runs")
    parser.add_argument(
        "--valid", action="store_true", help="judge by validation images, for choosing"
    )
    parser.add_argument("--train", action="store_true", help="train the judge and write judge.npz")
    options = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if options.train:
        train()
    (valid, _), (train_images, _), (test, _) = images_and_labels()
    name, real_images = ("validation images", valid) if options.valid else ("test images", test)
    real = look(real_images)
    print("| images | readable | total variation | Fréchet distance |\n|:--|--:|--:|--:|")
    row = "| {} | {:.1%} | {:.1%} | {:.2f} |"
    for run in options.runs:
        try:
            print(row.format(run.name, *measure(draw(run), real)), flush=True)
        except (OSError, ValueError, KeyError):
            parser.error(f"{run}: expected the folder of a finished run, with results.json")
    print(row.format("training images", *measure(train_images[:10_000], real)))
    print(row.format(name, *measure(real_images, real)))


if __name__ == "__main__":
    main()
