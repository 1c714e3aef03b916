"""Draw the pictures of this folder, which the notebook and the README show: for whoever changed what they show.

The diagrams need nothing but the data. cures.png needs four trainings, those of section 15, which it makes by the
notebook's train_gan in the folder runs/cures, or finds there; it also prints their measures as a table, by the notebook's
referee against the validation images. For example, in five minutes:

    python assets/images/draw.py
"""

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

IMAGES = Path(__file__).resolve().parent
sys.path.insert(0, str(IMAGES.parent))  # before Jupyter's package notebook
D_COLOR, G_COLOR, LINE_COLOR = "#0072B2", "#D55E00", "#444444"

# what each cure of section 15 changes: epochs, and the settings in place of better's
CURES = {
    "Part 1": (10, None),
    "larger networks, two learning rates": (17, {"z_categories": 0, "z_size": 100, "centre": False}),
    "categorical code": (17, {"centre": False}),
    "centring": (17, {}),
}


def canvas(width, height):
    """Return a white figure of width x height inches and its axes, whose unit is an inch too."""
    figure = Figure(figsize=(width, height), dpi=150, facecolor="white")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.axis("off")
    return figure, ax


def write(ax, x, y, text, color=LINE_COLOR, size=10, **style):
    """Write a text, centred at (x, y) unless the style says otherwise."""
    ax.text(x, y, text, **{"ha": "center", "va": "center", "color": color, "fontsize": size} | style)


def box(ax, x, y, letter, name, color):
    """Draw a network as a coloured box of 1.3 x 1.1 inches around (x, y)."""
    style = {"boxstyle": "round,pad=0,rounding_size=0.12", "fc": color, "ec": "none"}
    ax.add_patch(FancyBboxPatch((x - 0.65, y - 0.55), 1.3, 1.1, **style))
    write(ax, x, y + 0.12, letter, "white", 22, fontweight="bold")
    write(ax, x, y - 0.3, name, "white")


def arrow(ax, start, end, color=LINE_COLOR):
    """Draw an arrow from start (x, y) to end (x, y)."""
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=16, lw=1.6, color=color))


def picture(ax, x, y, pixels, label):
    """Draw an image (28, 28) of an inch around (x, y), with a label below."""
    ax.imshow(pixels, cmap="gray", extent=(x - 0.5, x + 0.5, y - 0.5, y + 0.5), zorder=2)
    write(ax, x, y - 0.68, label)


def draw_gan(real, fake):
    """Return the diagram of the game, with a real and a fake image (28, 28)."""
    figure, ax = canvas(9, 3.5)
    z = np.random.default_rng(0).random((8, 1))
    ax.imshow(z, cmap="gray", extent=(0.55, 0.75, 0.35, 1.75), zorder=2, vmin=0, vmax=1)
    write(ax, 0.65, 0.17, "latent vector z")
    box(ax, 2.3, 1.05, "G", "generator", G_COLOR)
    picture(ax, 4.3, 1.05, fake, "fake image G(z)")
    picture(ax, 4.3, 2.75, real, "real image x")
    box(ax, 6.5, 1.9, "D", "discriminator", D_COLOR)
    write(ax, 8.3, 1.93, "probability\nthat it is real", size=11)
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
    write(ax, x, 0.42, label, linespacing=1.35)
    return places


def draw_networks(s, real, fake):
    """Return the diagram of the layers of Part 1's G and D, G feeding D; s are its settings, real and fake images
    (28, 28)."""
    figure, ax = canvas(9, 4.1)
    g_layers = [
        (0.7, 5, f"{s['z_size']}\nlatent vector z"),
        (2.0, 7, f"{s['g_hidden_size']}\nleaky ReLU"),
        (3.3, 10, "784\ntanh"),
    ]
    d_layers = [(6.2, 7, f"{s['d_hidden_size']}\nleaky ReLU"), (7.5, 1, "1\nlogit")]
    picture(ax, 4.7, 1.85, fake, "fake image G(z)")
    picture(ax, 4.7, 3.4, real, "real image x")
    networks = [("generator G", 2.0, g_layers, G_COLOR), ("discriminator D", 6.85, d_layers, D_COLOR)]
    for name, x, layers, color in networks:
        write(ax, x, 3.6, name, color, 13, fontweight="bold")
        columns = [layer(ax, at, 1.85, units, label, color) for at, units, label in layers]
        for left, right in itertools.pairwise(columns):
            for start, end in itertools.product(left, right):
                ax.plot(*zip(start, end), color=color, lw=0.5, alpha=0.35, zorder=1)
    arrow(ax, (3.45, 1.85), (4.15, 1.85), G_COLOR)
    arrow(ax, (5.25, 1.85), (6.0, 1.85), G_COLOR)
    arrow(ax, (5.25, 3.2), (6.05, 2.65))
    arrow(ax, (7.65, 1.85), (8.15, 1.85), D_COLOR)
    write(ax, 8.2, 1.85, "sigmoid:\nprobability", size=9, ha="left")
    ax.set(xlim=(0, 9), ylim=(0, 4.1))
    return figure


def draw_game():
    """Return the picture of the game in one dimension, with bell curves: D is the best one against the fakes of each
    panel, p(x) / (p(x) + q(x)) for densities p of real data and q of fakes (Goodfellow et al., 2014, equation 2)."""
    figure = Figure(figsize=(9, 2.7), dpi=150, facecolor="white", layout="constrained")
    x = np.linspace(-4, 4, 400)
    real = np.exp(-(x**2) / 2)
    panels = {"early: D sees through most fakes": 2.2, "later: the fakes move closer": 1, "the end: D says one half": 0}
    for ax, (title, center) in zip(figure.subplots(1, 3), panels.items()):
        fakes = np.exp(-((x - center) ** 2) / 2)
        ax.fill_between(x, 0.4 * real, color=LINE_COLOR, alpha=0.2, lw=0, label="real data")
        ax.plot(x, 0.4 * fakes, color=G_COLOR, lw=2.5, label="fakes")
        ax.plot(x, real / (real + fakes), color=D_COLOR, lw=2, ls="--", label="D(x)")
        ax.set(xlim=(-4, 4), ylim=(0, 1.05), xlabel="x", xticks=[], yticks=[0, 0.5, 1])
        ax.set_title(title, fontsize=10, color=LINE_COLOR)
        ax.spines[["top", "right"]].set_visible(False)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure


def draw_rows(rows):
    """Return the picture of rows of sixteen images (16, 784), -1 to 1, from a dict whose keys stand above them."""
    figure, ax = canvas(9, 0.8 * len(rows))
    for y, (title, images) in zip(itertools.count(0.8 * len(rows) - 0.77, -0.8), rows.items()):
        row = np.hstack(images.reshape(16, 28, 28))
        ax.imshow(row, cmap="gray", extent=(0.1, 8.9, y, y + 0.55), vmin=-1, vmax=1)
        write(ax, 0.1, y + 0.65, title, size=9, ha="left")
    ax.set(xlim=(0, 9), ylim=(0, 0.8 * len(rows)))
    return figure


def cures(notebook, plain, runs):
    """Train what is missing of CURES in the folder runs, Part 1's GAN by the settings plain, by the notebook's definitions;
    print the table, and return the rows of the picture."""
    digits, rows = {}, {}
    for name, (epochs, settings) in CURES.items():
        run = runs / name.replace(" ", "-").replace(",", "")
        print(name)
        notebook["train_gan"](run, epochs, **(plain if settings is None else settings))
        s = notebook["read_settings"](run)
        rng = np.random.default_rng([0, 0, 5])
        z = notebook["random_code"](rng, 10_000, s["z_categories"], s["z_size"])
        digits[name] = notebook["generate"](run, z, mean=False)
    digits["mean of the weights"] = notebook["generate"](run, z)
    print("| | readable | class variation | Fréchet distance |\n|:--|--:|--:|--:|")
    for name, images in digits.items():
        values = notebook["measure"](images, notebook["x_valid"])
        line = "{readable:.0%}", "{class_variation:.0%}", "{frechet_distance:.1f}"
        print("|", " | ".join([name, *line]).format(**values), "|")
        title = "{}: readable {}, class variation {}, Fréchet distance {}".format(name, *line)
        rows[title.format(**values)] = images[:16]
    return rows


def main():
    """Write the pictures."""
    raw = argparse.RawDescriptionHelpFormatter
    argparse.ArgumentParser(description=__doc__, formatter_class=raw).parse_args()
    from notebook import definitions, tutorial

    with np.load(IMAGES.parent / "data" / "mnist.npz") as file:
        real = file["x_train"]
    notebook = definitions()
    plain = tutorial(notebook)
    rows = cures(notebook, plain, Path("runs/cures"))
    fake = next(iter(rows.values()))[0].reshape(28, 28)
    draw_rows({"": real[:16].reshape(16, 784) / 127.5 - 1}).savefig(IMAGES / "digits.png")
    draw_gan(real[7], fake).savefig(IMAGES / "gan_diagram.png")
    draw_networks(plain, real[7], fake).savefig(IMAGES / "gan_network.png")
    draw_game().savefig(IMAGES / "gan_game.png")
    draw_rows(rows).savefig(IMAGES / "cures.png")


if __name__ == "__main__":
    main()
