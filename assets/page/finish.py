"""Finish the page that nbconvert wrote from the notebook, so that it is one file that opens anywhere.

It embeds the pictures of the text, gives those of the outputs their alternative texts, draws the formulas, folds the cells
that are tagged so, follows the dark theme, drops the scripts that would be loaded from the network, and adds what
assets/page/ holds: a button that switches the language, a table of contents, the game of section 1 live, in section 11
sixteen images to be told apart, in section 12 a slider over the epochs, and in section 18 a panel that draws by the better G.
The page stands where the notebook was executed: its run is the one that Part 3 printed, checkpoint_dir = "...".
"""

import argparse
import base64
import contextlib
import html
import io
import json
import mimetypes
import os
import re
import sys
from pathlib import Path

import numpy as np
from bs4 import BeautifulSoup
from jupyter_core.paths import jupyter_path
from matplotlib import rcParams
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import math_to_image
from PIL import Image

SOURCES = Path(__file__).resolve().parent
sys.path.insert(0, str(SOURCES.parent))  # before Jupyter's package notebook
LAYERS = [f"generator/{layer}/{part}" for layer in ("h1", "logits") for part in ("kernel", "bias")]
FOLD = """<details class="folded"><summary><span class="en">Code that is not about GANs</span><span class="zh" lang="zh">与 GAN 无关的代码</span>
</summary></details>"""
THEME = "templates", "lab", "static", "theme-dark.css"
PLACES = {  # widgets, and a text of the cell that each follows
    "game": "## 1 What a GAN is",
    "be-d": "D's probability that it is real",
    "epochs": '"GIF"',
    "panel": '"Each column is a category"',
}

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg"}
rcParams["savefig.facecolor"] = "none"


def data_uri(data, media_type):
    """Return bytes as an address that holds them."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def widget(name, **values):
    """Return the HTML and JavaScript of a widget, with values as constants of the script."""
    constants = "".join(f"const {key} = {json.dumps(value)};\n" for key, value in values.items())
    script = constants + (SOURCES / f"{name}.js").read_text(encoding="utf-8")
    markup = SOURCES / f"{name}.html"
    body = markup.read_text(encoding="utf-8") if markup.exists() else ""
    return BeautifulSoup(f"{body}<script>\n{script}</script>", "html.parser")


def definitions():
    """Return the notebook's definitions, without what its cells print."""
    from notebook import definitions  # only now: it takes seconds

    with contextlib.redirect_stdout(io.StringIO()):
        return definitions(referee=False)


def run_of(soup, folder):
    """Return the folder of the run that the page's Part 3 printed, and its results, or None and None."""
    outputs = "".join(area.get_text() for area in soup.select(".jp-OutputArea-output"))
    named = re.search(r'checkpoint_dir = "(.+)"', outputs)
    run = folder / named[1] if named else folder
    try:
        return run, json.loads((run / "results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        print(f"The page has no panel: expected a finished run, with results.json, in {run}.")
        return None, None


def halves(run, names):
    """Return variables of a run's checkpoint in half precision and base64."""
    from tensorflow.train import load_checkpoint  # only now: it takes seconds

    reader = load_checkpoint(str(run))
    return [base64.b64encode(reader.get_tensor(name).astype("<f2").tobytes()).decode() for name in names]


def panel(notebook, run, results):
    """Return the panel. ValueError where the notebook's generate does not draw the run's own last sample."""
    s, plain, better = results["settings"], results["parameters"], run / "better"
    z = notebook["random_code"](np.random.default_rng([s["seed"], 0, 1]), 16, s["z_categories"], s["z_size"])
    with np.load(better / f"epoch-{results['epochs']['better']}.npz") as file:
        gap = np.abs(notebook["generate"](better, z, mean=False) - file["sample"]).max()
    if gap > 0.02:
        raise ValueError("this G is not that of section 4")
    means = halves(better, [f"{layer}/ExponentialMovingAverage" for layer in LAYERS])
    g = {name: s[name] for name in ("z_size", "z_categories", "alpha")} | {"weights": means}
    plain_g = {name: plain[name] for name in ("z_size", "alpha")} | {"weights": halves(run / "plain", LAYERS)}
    return widget("panel", G=g, PLAIN=plain_g)


def sprite(images, columns):
    """Return an address that holds images (n, 784), n a multiple of columns, in one picture."""
    picture, file = np.vstack([np.hstack(row) for row in images.reshape(-1, columns, 28, 28)]), io.BytesIO()
    Image.fromarray(np.uint8(127.5 * (picture + 1))).save(file, "WEBP", lossless=True, method=4)
    return data_uri(file.getvalue(), "image/webp")


def epochs(notebook, run, results):
    """Return the slider over the epochs of both trainings, the untrained G first and at most 60 others."""
    with np.load(run / "plain" / "history.npz") as file:
        plain = file["losses"].reshape(len(file["samples"]) - 1, -1, 2).mean(axis=1), file["samples"]
    names = {"en": "Part 1's GAN", "zh": "第一部分的 GAN"}, {"en": "the better GAN", "zh": "更好的 GAN"}
    runs = []
    for name, (losses, samples) in zip(names, (plain, notebook["history"](run / "better"))):
        if len(losses):
            chosen = np.unique(np.linspace(1, len(losses), 60).round().astype(int))
            pictures = sprite(samples[[0, *chosen]].reshape(-1, 784), columns=4)
            losses = losses[chosen - 1].tolist()
            runs.append({"name": name, "epochs": [0, *chosen.tolist()], "losses": losses, "sprite": pictures})
    return widget("epochs", RUNS=runs) if runs else None


def be_d(notebook, run, results):
    """Return the images to be told apart: real test images, and those of G after some epochs and of the better G, with what
    their Ds say of them."""
    tf, plain, s = notebook["tf"], results["parameters"], results["settings"]
    with np.load(run / "plain" / "history.npz") as file:
        samples = file["samples"]
    chosen = sorted({0, 1, min(3, len(samples) - 1), len(samples) - 1})
    names = [{"en": f"Part 1's G after epoch {k}", "zh": f"第一部分的 G，第 {k} 轮之后"} for k in chosen]
    names[0] = {"en": "the untrained G", "zh": "未经训练的 G"}
    names.append({"en": "the better G", "zh": "更好的 G"})
    real, better = notebook["x_test"][:96], notebook["new_digits"](208, 11, run / "better")
    centre = notebook["x_train"].mean() if s["centre"] else 0
    ds = [(run / "plain", plain, 0)] * len(chosen) + [(run / "better", s, centre)]
    opponents, first = [], len(real)
    for name, fakes, (folder, sizes, centred) in zip(names, [*samples[chosen], better], ds):
        with tf.Graph().as_default(), tf.Session() as session:
            images = tf.constant(np.concatenate([real, fakes]) - np.float32(centred))
            p, _ = notebook["discriminator"](images, sizes["d_hidden_size"], alpha=sizes["alpha"])
            tf.train.Saver().restore(session, tf.train.latest_checkpoint(str(folder)))
            verdicts = session.run(p)[:, 0].round(3).astype(float).tolist()
        opponents.append({"name": name, "first": first, "real": verdicts[: len(real)], "fake": verdicts[len(real) :]})
        first += len(fakes)
    pictures = sprite(np.concatenate([real, *samples[chosen], better]), columns=16)
    guess = (1 - plain["smooth"]) / 2  # what a D says that can only guess
    shown = {"columns": 16, "sprite": pictures, "n_real": len(real), "guess": guess, "opponents": opponents}
    return widget("be-d", FAKES=shown)


def widgets(soup, folder):
    """Return the widgets by name: the game, and those of the page's run; one that cannot be made is left out with a line."""
    made, (run, results) = {"game": widget("game")}, run_of(soup, folder)
    if run:
        notebook = definitions()
        for name, make in {"be-d": be_d, "epochs": epochs, "panel": panel}.items():
            try:
                made[name] = make(notebook, run, results)
            except Exception as error:  # TensorFlow has another error for each thing that is not there
                said = (str(error).splitlines() or [type(error).__name__])[0]
                print(
                    f"The page has no {name}: expected the checkpoints of this notebook's networks in {run} ({said[:150]})."
                )
    return made


def lighten(image):
    """Store a picture of a page in at most 128 colours, which no eye tells from all, as WebP, if that makes it smaller."""
    data, file = base64.b64decode(image["src"].split(",")[1]), io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").quantize(128).convert("RGB").save(file, "WEBP", lossless=True, method=4)
    if len(file.getvalue()) < len(data):
        image["src"] = data_uri(file.getvalue(), "image/webp")


def still(animation):
    """Let an animated image stand still, at its last frame, for whoever asked the system for less motion."""
    gif = Image.open(io.BytesIO(base64.b64decode(animation["src"].split(",")[1])))
    gif.seek(gif.n_frames - 1)
    file = io.BytesIO()
    gif.save(file, "PNG")
    source = data_uri(file.getvalue(), "image/png")
    picture = BeautifulSoup("<picture></picture>", "html.parser").picture
    animation.wrap(picture)
    html_source = f'<source media="(prefers-reduced-motion: reduce)" srcset="{source}">'
    picture.insert(0, BeautifulSoup(html_source, "html.parser"))


def draw_formula(match):
    """Return a formula in TeX, matched between $ and $ or between $$ and $$, as a picture in HTML; where Matplotlib does
    not know it, as it stands."""
    formula, block = html.unescape(match[1] or match[2]), match[1] is not None
    drawn = formula.replace("\\frac", "\\dfrac") if block else formula
    file, font = io.BytesIO(), FontProperties(size=12 if block else 10.5, math_fontfamily="stix")
    try:
        depth = math_to_image(f"${drawn}$", file, prop=font, format="svg")
    except ValueError:
        return f"<code>{html.escape(formula)}</code>"
    style = "display: block; margin: 1em auto" if block else f"vertical-align: -{depth}pt"
    source = data_uri(file.getvalue(), "image/svg+xml")
    return f'<img class="formula" alt="{html.escape(formula)}" style="{style}" src="{source}">'


def embed(image, folder):
    """Put a picture of the text into the page; one of another place becomes a link to it."""
    path = folder / image["src"]
    if re.match(r"\w+://", image["src"]) or not path.is_file():
        link = BeautifulSoup("<a></a>", "html.parser").a
        link["href"], link.string = image["src"], image.get("alt") or image["src"]
        image.replace_with(link)
        return
    image["src"] = data_uri(path.read_bytes(), mimetypes.guess_type(path)[0])


def notebook_of(page):
    """Return the notebook that a page was made from: beside it, in the working directory, or the repository's own."""
    beside = page.with_suffix(".ipynb")
    places = [beside, Path(beside.name), SOURCES.parents[1] / "gan_mnist.ipynb"]
    return next(path for path in places if path.exists()).absolute()


def places_of(soup, cells):
    """Return each cell of a notebook that is on the page, and its place there: that of this id or, since some editors drop the
    ids, that of this code or this heading."""
    places = {place["id"]: place for place in soup.select(".jp-Cell[id]")}
    for part in soup.select(".jp-Cell h2, .jp-InputArea-editor"):
        places["".join(part.get_text().rstrip("¶").split())] = part.find_parent(class_="jp-Cell")
    found = []
    for cell in cells:
        source = "".join(cell["source"])
        text = source if cell["cell_type"] == "code" else (re.findall("^## (.+)", source, re.MULTILINE) or [""])[0]
        place = places.get(f"cell-id={cell.get('id')}") or places.get("".join(text.split()))
        found += [(cell, place)] if place else []
    return found


def finish(page, soup):
    """Rewrite an HTML page, given as parsed, in place."""
    notebook = notebook_of(page)
    for script in soup.select("script[src]"):
        script.decompose()
    for image in soup.select("img:not([src^='data:'])"):
        embed(image, notebook.parent)
    places = places_of(soup, json.loads(notebook.read_text(encoding="utf-8"))["cells"])
    for cell, place in places:
        for image in place.select("img") if "alt" in cell["metadata"] else []:
            image["alt"] = cell["metadata"]["alt"]
    for code in soup.select(".celltag_folded > .jp-Cell-inputWrapper"):
        fold = BeautifulSoup(FOLD, "html.parser").details
        code.wrap(fold)
    for image in soup.select("img[src^='data:image/png']"):
        lighten(image)
    for animation in soup.select("img[src^='data:image/gif']"):
        still(animation)
    for text in soup.find_all(string=re.compile(r"\$")):
        if text.find_parent(class_="jp-RenderedMarkdown") and not text.find_parent(["code", "pre"]):
            escaped = html.escape(text, quote=False)
            drawn = re.sub(r"(?s)\$\$(.+?)\$\$|\$(.+?)\$", draw_formula, escaped)
            text.replace_with(BeautifulSoup(drawn, "html.parser"))
    for summary in soup.find_all("summary", string="中文"):
        fold = summary.parent
        fold["class"], fold["lang"] = "zh", "zh"
        for part in fold.find_previous_siblings():
            part["class"], part["lang"] = "en", "en"

    dark = next(Path(p) for p in jupyter_path("nbconvert", *THEME) if Path(p).exists()).read_text(encoding="utf-8")
    own = (SOURCES / "style.css").read_text(encoding="utf-8")
    style = f"<style>\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{own}</style>"
    soup.head.append(BeautifulSoup(style, "html.parser"))
    first = BeautifulSoup("<div></div>", "html.parser").div
    first.extend([widget("language"), widget("contents")])
    soup.body.insert(0, first)
    for name, made in widgets(soup, notebook.parent).items():
        code = [place for cell, place in places if PLACES[name] in "".join(cell["source"])]
        if made and code:
            code[0].insert_after(made)
    soup.body.append(BeautifulSoup("<script>showLanguage(true);</script>", "html.parser"))
    page.write_text(str(soup), encoding="utf-8")


def main():
    """Finish the page that is named, once."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python assets/page/finish.py gan_mnist.html",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("page", type=Path, help="the HTML page, which is rewritten in place")
    page = parser.parse_args().page
    if not page.is_file():
        parser.error(f"{page} is not there: expected a page that nbconvert wrote")
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    if not soup.select(".jp-Cell"):
        parser.error(f"{page}: expected a page of nbconvert's template lab, its default")
    if not soup.select(".en"):
        finish(page, soup)


if __name__ == "__main__":
    main()
