"""Judge the digits of runs from outside, by a convolutional network that the notebook does not know: for whoever checks the
notebook's numbers or chooses settings.

It is small (two convolutions, 64 features), was trained on the 55,000 training images before any setting was chosen, and
is frozen. It prints the share of images of which it is more than 90 % sure, the total variation between the shares of
the classes and those of real images, and the Fréchet distance of the features to those of real images. A run is a folder of
the notebook, whose two GANs are judged, or one of train_gan. For example:

    python assets/research/judge.py checkpoints/*/
"""

import argparse
import contextlib
import io
import json
import os
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # before Jupyter's package notebook


def train(x, y):
    """Train the judge on images (n, 784) and labels (n,) for eight epochs; write its weights, halved, into judge.npz."""
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
    rate = keras.optimizers.schedules.CosineDecay(2e-3, 8 * 430)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(x.reshape(-1, 28, 28, 1), y, batch_size=128, epochs=8, verbose=2)
    weights = {f"w{i}": w.astype(np.float16) for i, w in enumerate(model.get_weights())}
    np.savez_compressed(HERE / "judge.npz", **weights)


def look(images):
    """Return the judge's features (n, 64) and probabilities (n, 10) of images (n, 784), -1 to 1."""
    import tensorflow as tf

    with np.load(HERE / "judge.npz") as file:
        w = [file[f"w{i}"].astype(np.float32) for i in range(8)]
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        placeholder = x = tf.compat.v1.placeholder(tf.float32, (None, 28, 28, 1))
        for kernel, bias in (w[0:2], w[2:4]):
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID") + bias)
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        features = tf.nn.relu(tf.reshape(x, (-1, len(w[4]))) @ w[4] + w[5])
        outputs = features, tf.nn.softmax(features @ w[6] + w[7])
        blocks = np.array_split(images.reshape(-1, 28, 28, 1), len(images) // 1000 + 1)
        parts = [session.run(outputs, {placeholder: block}) for block in blocks]
    return [np.concatenate(part) for part in zip(*parts)]


def verdict(notebook, images, real):
    """Return the readable share, the total variation and the Fréchet distance of images (n, 784), -1 to 1; real is what
    look returns of real images."""
    features, probabilities = look(images)
    shares, real_shares = (notebook["class_shares"](p) for p in (probabilities, real[1]))
    distance = notebook["frechet_distance"](features, real[0])
    return notebook["readable"](probabilities), np.abs(shares - real_shares).sum() / 2, distance


def draw(notebook, run, mean=True, n=10_000):
    """Draw n images (n, 784), -1 to 1, by the G of a run: of train_gan, by the mean of its weights or by the last, or the
    folder plain of a run of the notebook. OSError or ValueError if it is neither."""
    tf, rng = notebook["tf"], np.random.default_rng([7, 7, 7])
    if run.name != "plain":
        s = notebook["read_settings"](run)
        return notebook["generate"](run, notebook["random_code"](rng, n, s["z_categories"], s["z_size"]), mean)
    p = json.loads((run.parent / "results.json").read_text(encoding="utf-8"))["parameters"]
    with tf.Graph().as_default(), tf.Session() as session:
        z = tf.constant(notebook["random_code"](rng, n, 0, p["z_size"]))
        drawn = notebook["generator"](z, p["input_size"], p["g_hidden_size"], alpha=p["alpha"])
        tf.train.Saver().restore(session, str(run / "gan"))
        return session.run(drawn)


def main():
    """Print a table of the runs, and of real images for scale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", type=Path, help="folders of runs")
    parser.add_argument("--last", action="store_true", help="draw by the last weights, not by their mean")
    parser.add_argument("--valid", action="store_true", help="judge by validation images, for choosing")
    parser.add_argument("--train", action="store_true", help="train the judge and write judge.npz")
    options = parser.parse_args()
    pairs = [[run / "plain", run / "better"] if (run / "plain").is_dir() else [run] for run in options.runs]
    runs = [run for pair in pairs for run in pair]
    for run in runs:
        if not (run / "checkpoint").is_file():
            parser.error(f"{run}: expected the folder of a run, which holds a checkpoint")
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg"}
    from notebook import definitions

    with contextlib.redirect_stdout(io.StringIO()):
        notebook = definitions(referee=False)
    if options.train:
        train(notebook["x_train"], notebook["y_train"])
    name, images = ("validation images", "x_valid") if options.valid else ("test images", "x_test")
    real = look(notebook[images])
    print("| images | readable | total variation | Fréchet distance |\n|:--|--:|--:|--:|")
    row = "| {} | {:.1%} | {:.1%} | {:.2f} |"
    for run in runs:
        digits = draw(notebook, run, mean=not options.last)
        print(row.format("/".join(run.parts[-2:]), *verdict(notebook, digits, real)), flush=True)
    print(row.format("training images", *verdict(notebook, notebook["x_train"][:10_000], real)))
    print(row.format(name, *verdict(notebook, notebook[images], real)))


if __name__ == "__main__":
    main()
