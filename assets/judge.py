"""Judge the digits of runs from outside, by a convolutional network that the notebook does not know:

    python assets/judge.py checkpoints/*/          # of the last checkpoint of each run, against the test images
    python assets/judge.py --train                 # how assets/judge.npz was made, before any setting was chosen

It is small (two convolutions, 64 features), was trained on the 55,000 training images and is frozen. It prints the share
of images of which it is more than 90 % sure, the rarest digit among these, as a share of all images, and the Fréchet
distance of the features to those of the test images (or, with --valid, of the validation images, for choosing).
"""

import argparse
import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

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
    with np.load(ASSETS / "judge.npz") as file:
        w = [file[f"w{i}"].astype(np.float32) for i in range(8)]
    parts = []
    for x in np.array_split(images, len(images) // 1000 + 1):
        for kernel, bias in (w[0:2], w[2:4]):
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID") + bias)
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        features = tf.nn.relu(tf.reshape(x, (len(x), -1)) @ w[4] + w[5])
        parts.append((features.numpy(), tf.nn.softmax(features @ w[6] + w[7]).numpy()))
    return [np.concatenate(part) for part in zip(*parts)]


def frechet_distance(a, b):
    """Squared Fréchet distance of Gaussians fit to a (n, k) and b (m, k) (Heusel et al., 2017, equation 6)."""
    gap, cov_a, cov_b = a.mean(axis=0) - b.mean(axis=0), np.cov(a.T), np.cov(b.T)
    roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).astype(complex)).real
    return gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * roots.sum()


def draw(run, n=10_000):
    """Draw n images (n, 28, 28, 1) by the mean of G's weights in a run's last checkpoint."""
    settings = json.loads((run / "settings.json").read_text(encoding="utf-8"))
    reader = tf.train.load_checkpoint(str(run))
    names = [
        f"generator/{layer}/{part}" for layer in ("hidden", "out") for part in ("kernel", "bias")
    ]
    kernel, bias, out_kernel, out_bias = (
        reader.get_tensor(f"{name}/ExponentialMovingAverage") for name in names
    )
    rng, kinds = np.random.default_rng([7, 7, 7]), settings["z_kinds"]
    z = rng.uniform(-1, 1, (n, settings["z_size"])).astype(np.float32)
    if kinds:
        z[:, :kinds] = np.eye(kinds)[rng.integers(kinds, size=n)]
    hidden = z @ kernel + bias
    images = np.tanh(np.maximum(settings["alpha"] * hidden, hidden) @ out_kernel + out_bias)
    return images.reshape(n, 28, 28, 1)


def row(name, images, real_features):
    """Print a row of the table."""
    features, probabilities = look(images)
    sure = probabilities.max(axis=1) > 0.9
    rarest = np.bincount(probabilities[sure].argmax(axis=1), minlength=10).min() / len(images)
    distance = frechet_distance(features, real_features)
    print(f"| {name} | {sure.mean():.1%} | {rarest:.1%} | {distance:.2f} |", flush=True)


def main():
    """Print a table of the runs, and of real images for scale."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("runs", nargs="*", type=Path)
    parser.add_argument("--valid", action="store_true")
    parser.add_argument("--train", action="store_true")
    options = parser.parse_args()
    if options.train:
        train()
    (valid, _), (train_images, _), (test, _) = images_and_labels()
    real = valid if options.valid else test
    real_features, _ = look(real)
    print("| images | readable | rarest digit | Fréchet distance |\n|:--|--:|--:|--:|")
    for run in options.runs:
        row(run.name, draw(run), real_features)
    row("training images", train_images[:10_000], real_features)
    row("validation images" if options.valid else "test images", real, real_features)


if __name__ == "__main__":
    main()
