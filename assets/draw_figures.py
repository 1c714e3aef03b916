"""Draw the notebook's diagrams and copy the README's picture, which is the animation in the executed notebook.

The digits in the diagrams are a real training image and one of a run's last sample.
"""

import argparse
import base64
import itertools
import re
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

ASSETS = Path(__file__).parent
D_COLOR, G_COLOR, LINE_COLOR = "#0072B2", "#D55E00", "#444444"


def canvas(width, height):
    """Return a white figure of width x height inches and its axes, whose unit is an inch too."""
    figure = Figure(figsize=(width, height), dpi=150, facecolor="white")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.axis("off")
    return figure, ax


def box(ax, x, y, letter, name, color):
    """Draw a network as a coloured box of 1.3 x 1.1 inches around (x, y)."""
    patch = FancyBboxPatch(
        (x - 0.65, y - 0.55),
        1.3,
        1.1,
        boxstyle="round,pad=0,rounding_size=0.12",
        fc=color,
        ec="none",
    )
    ax.add_patch(patch)
    ax.text(
        x,
        y + 0.12,
        letter,
        ha="center",
        va="center",
        color="white",
        fontsize=22,
        fontweight="bold",
    )
    ax.text(x, y - 0.3, name, ha="center", va="center", color="white", fontsize=10)


def arrow(ax, start, end, color=LINE_COLOR):
    """Draw an arrow from start (x, y) to end (x, y)."""
    ax.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=16, lw=1.6, color=color)
    )


def picture(ax, x, y, pixels, label):
    """Draw an image (28, 28) of an inch around (x, y), with a label below."""
    ax.imshow(pixels, cmap="gray", extent=(x - 0.5, x + 0.5, y - 0.5, y + 0.5), zorder=2)
    ax.text(x, y - 0.68, label, ha="center", va="center", fontsize=10, color=LINE_COLOR)


def draw_gan(real, fake):
    """Return the diagram of the game, with a real and a fake image (28, 28)."""
    figure, ax = canvas(9, 3.5)
    z = np.random.default_rng(0).random((8, 1))
    ax.imshow(z, cmap="gray", extent=(0.55, 0.75, 0.35, 1.75), zorder=2, vmin=0, vmax=1)
    ax.text(
        0.65,
        0.17,
        "latent vector z",
        ha="center",
        va="center",
        fontsize=10,
        color=LINE_COLOR,
    )
    box(ax, 2.3, 1.05, "G", "generator", G_COLOR)
    picture(ax, 4.3, 1.05, fake, "fake image G(z)")
    picture(ax, 4.3, 2.75, real, "real image x")
    box(ax, 6.5, 1.9, "D", "discriminator", D_COLOR)
    ax.text(
        8.3,
        2.08,
        "probability",
        ha="center",
        va="center",
        fontsize=11,
        color=LINE_COLOR,
    )
    ax.text(
        8.3,
        1.78,
        "that it is real",
        ha="center",
        va="center",
        fontsize=11,
        color=LINE_COLOR,
    )
    arrow(ax, (0.85, 1.05), (1.6, 1.05))
    arrow(ax, (3.0, 1.05), (3.75, 1.05), G_COLOR)
    arrow(ax, (4.85, 1.15), (5.8, 1.7), G_COLOR)
    arrow(ax, (4.85, 2.65), (5.8, 2.1))
    arrow(ax, (7.2, 1.9), (7.72, 1.9), D_COLOR)
    ax.set(xlim=(0, 9), ylim=(0, 3.5))
    return figure


def layer(ax, x, y, units, label, color):
    """Draw a layer as a column of circles around (x, y) and a label of two lines below; return the circles' places."""
    places = [(x, y + 0.2 * (k - (units - 1) / 2)) for k in range(units)]
    ax.scatter(*zip(*places), s=70, color=color, edgecolors="white", linewidths=0.8, zorder=3)
    ax.text(
        x,
        0.42,
        label,
        ha="center",
        va="center",
        fontsize=10,
        color=LINE_COLOR,
        linespacing=1.35,
    )
    return places


def draw_networks(sizes, real, fake):
    """Return the diagram of the layers of G and D, G feeding D; sizes are those of z, G's hidden layer, an image, D's
    hidden layer; real and fake are images (28, 28)."""
    z, g_hidden, image, d_hidden = sizes
    figure, ax = canvas(9, 4.1)
    g_layers = [
        (0.7, 5, f"{z}\nlatent vector z"),
        (2.0, 7, f"{g_hidden}\nleaky ReLU"),
        (3.3, 10, f"{image}\ntanh"),
    ]
    d_layers = [(6.2, 7, f"{d_hidden}\nleaky ReLU"), (7.5, 1, "1\nlogit")]
    picture(ax, 4.7, 1.85, fake, "fake image G(z)")
    picture(ax, 4.7, 3.4, real, "real image x")
    for name, x, layers, color in [
        ("generator G", 2.0, g_layers, G_COLOR),
        ("discriminator D", 6.85, d_layers, D_COLOR),
    ]:
        ax.text(x, 3.6, name, ha="center", va="center", color=color, fontsize=13, fontweight="bold")
        columns = [layer(ax, at, 1.85, units, label, color) for at, units, label in layers]
        for left, right in itertools.pairwise(columns):
            for start in left:
                for end in right:
                    ax.plot(*zip(start, end), color=color, lw=0.5, alpha=0.35, zorder=1)
    arrow(ax, (3.45, 1.85), (4.15, 1.85), G_COLOR)
    arrow(ax, (5.25, 1.85), (6.0, 1.85), G_COLOR)
    arrow(ax, (5.25, 3.2), (6.05, 2.65))
    arrow(ax, (7.65, 1.85), (8.15, 1.85), D_COLOR)
    ax.text(
        8.2, 1.85, "sigmoid:\nprobability", ha="left", va="center", fontsize=9, color=LINE_COLOR
    )
    ax.set(xlim=(0, 9), ylim=(0, 4.1))
    return figure


def draw_game():
    """Return the picture of the game in one dimension, with bell curves: D is the best one against the fakes of each
    panel, p(x) / (p(x) + q(x)) for densities p of real data and q of fakes (Goodfellow et al., 2014, equation 2)."""
    figure = Figure(figsize=(9, 2.7), dpi=150, facecolor="white", layout="constrained")
    x = np.linspace(-4, 4, 400)
    real = np.exp(-(x**2) / 2)
    titles = [
        "early: D sees through most fakes",
        "later: the fakes move closer",
        "the end: D says one half",
    ]
    for ax, title, center in zip(figure.subplots(1, 3), titles, (2.2, 1, 0)):
        fakes = np.exp(-((x - center) ** 2) / 2)
        ax.fill_between(x, 0.4 * real, color=LINE_COLOR, alpha=0.2, lw=0, label="real data")
        ax.plot(x, 0.4 * fakes, color=G_COLOR, lw=2.5, label="fakes")
        ax.plot(x, real / (real + fakes), color=D_COLOR, lw=2, ls="--", label="D(x)")
        ax.set(xlim=(-4, 4), ylim=(0, 1.05), xlabel="x", xticks=[], yticks=[0, 0.5, 1])
        ax.set_title(title, fontsize=10, color=LINE_COLOR)
        ax.spines[["top", "right"]].set_visible(False)
    figure.legend(
        *ax.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False
    )
    return figure


def last_sample(run):
    """Return the last sample (16, 784) of a run, or None if its folder has none."""
    paths = sorted(run.glob("epoch-*.npz"), key=lambda path: int(path.stem.split("-")[1]))
    return np.load(paths[-1])["sample"] if paths else None


def draw_samples(tutorial, ours):
    """Return the picture of two samples (16, 784), the tutorial's above ours."""
    figure, ax = canvas(9, 1.5)
    titles = ("the tutorial's settings, 100 epochs", "ours")
    for y, sample, title in zip((0.78, 0.03), (tutorial, ours), titles):
        row = np.hstack(sample.reshape(16, 28, 28))
        ax.imshow(row, cmap="gray", extent=(0.1, 8.9, y, y + 0.55), vmin=-1, vmax=1)
        ax.text(0.1, y + 0.63, title, va="center", fontsize=9, color=LINE_COLOR)
    ax.set(xlim=(0, 9), ylim=(0, 1.5))
    return figure


def main():
    """Write the pictures into the folder of this script."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python assets/draw_figures.py checkpoints/2026-01-31_12-00-00_000000",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", type=Path, help="the folder of the run that the notebook shows")
    parser.add_argument("--tutorial", type=Path, help="that of a run with the tutorial's settings")
    options = parser.parse_args()
    samples = {run: last_sample(run) for run in (options.run, options.tutorial) if run}
    for run, sample in samples.items():
        if sample is None:
            parser.error(f"{run}: expected the folder of a run")
    fake = samples[options.run][0].reshape(28, 28)
    real = np.load(ASSETS / "mnist.npz")["x_train"][7]
    draw_gan(real, fake).savefig(ASSETS / "gan_diagram.png")
    draw_networks((100, 128, 784, 128), real, fake).savefig(ASSETS / "gan_network.png")
    draw_game().savefig(ASSETS / "gan_game.png")
    if options.tutorial:
        picture = draw_samples(samples[options.tutorial], samples[options.run])
        picture.savefig(ASSETS / "tutorial_digits.png")
    notebook = (ASSETS.parent / "gan_mnist.ipynb").read_text(encoding="utf-8")
    gif = re.search("data:image/gif;base64,([A-Za-z0-9+/=]+)", notebook)[1]
    (ASSETS / "learning.gif").write_bytes(base64.b64decode(gif))


if __name__ == "__main__":
    main()
