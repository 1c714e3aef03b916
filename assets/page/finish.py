"""Finish the page that nbconvert wrote from the notebook, so that it is one file that opens anywhere.

It embeds the pictures of the text, gives those of the outputs their alternative texts, draws the formulas, drops the
scripts that would be loaded from the network, and adds what assets/page/ holds: a button that switches the language, the
game of section 1 live, a slider over the epochs in section 12, and in section 18 a panel that draws by the better G. The
page stands where the notebook was executed: its run is the one that Part 3 printed, checkpoint_dir = "...".
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
from matplotlib import rcParams
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import math_to_image
from PIL import Image

SOURCES = Path(__file__).resolve().parent
sys.path.insert(0, str(SOURCES.parent))  # before Jupyter's package notebook
LAYERS = [f"generator/{layer}/{part}" for layer in ("h1", "logits") for part in ("kernel", "bias")]

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


def panel(run, results):
    """Return the panel, or None, with a sentence, where the notebook's generate does not draw the run's own last sample."""
    notebook = definitions()
    s, better = results["settings"], run / "better"
    z = notebook["random_code"](np.random.default_rng([s["seed"], 0, 1]), 16, s["z_categories"], s["z_size"])
    try:
        with np.load(better / f"epoch-{results['epochs']['better']}.npz") as file:
            gap = np.abs(notebook["generate"](better, z, mean=False) - file["sample"]).max()
        reader = notebook["tf"].train.load_checkpoint(str(better))
        means = [reader.get_tensor(f"{layer}/ExponentialMovingAverage") for layer in LAYERS]
    except Exception:  # TensorFlow has another error for each thing that is not there
        gap = np.inf
    if not gap < 0.02:
        print("The page has no panel: this G is not that of section 4, which the panel computes.")
        return None
    halves = [base64.b64encode(mean.astype("<f2").tobytes()).decode() for mean in means]
    return widget("panel", G={name: s[name] for name in ("z_size", "z_categories", "alpha")} | {"weights": halves})


def epochs(run, results):
    """Return the slider over the epochs of Part 1's run, of at most 60 of them."""
    n = results["epochs"]["plain"]
    chosen = np.unique(np.linspace(1, n, 60).round().astype(int)) if n > 0 else []
    if not len(chosen):
        return None
    with np.load(run / "plain" / "history.npz") as file:
        samples = file["samples"][chosen].reshape(-1, 8, 28, 28)
        losses = file["losses"].reshape(n, -1, 2).mean(axis=1)[chosen - 1].tolist()
    picture = np.vstack([np.hstack(row) for row in samples])
    sprite = io.BytesIO()
    Image.fromarray(np.uint8(127.5 * (picture + 1))).save(sprite, "PNG", optimize=True)
    shown = {"columns": 8, "epochs": chosen.tolist(), "losses": losses}
    return widget("epochs", RUN=shown | {"sprite": data_uri(sprite.getvalue(), "image/png")})


def lighten(image):
    """Store a picture of a page in at most 128 colours, which no eye tells from all, if that makes it smaller."""
    data, file = base64.b64decode(image["src"].split(",")[1]), io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").quantize(128).save(file, "PNG", optimize=True)
    if len(file.getvalue()) < len(data):
        image["src"] = data_uri(file.getvalue(), "image/png")


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
    if path.name == "gan_game.png":
        image["class"] = "still-game"
    image["src"] = data_uri(path.read_bytes(), mimetypes.guess_type(path)[0])


def notebook_of(page):
    """Return the notebook that a page was made from: beside it, in the working directory, or the repository's own."""
    beside = page.with_suffix(".ipynb")
    places = [beside, Path(beside.name), SOURCES.parents[1] / "gan_mnist.ipynb"]
    return next(path for path in places if path.exists()).absolute()


def finish(page, soup):
    """Rewrite an HTML page, given as parsed, in place."""
    notebook = notebook_of(page)
    for script in soup.select("script[src]"):
        script.decompose()
    for image in soup.select("img:not([src^='data:'])"):
        embed(image, notebook.parent)
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    places = {}
    for cell, place in zip(cells, soup.select(".jp-Cell")):  # an editor may have dropped the ids
        for image in place.select("img") if "alt" in cell["metadata"] else []:
            image["alt"] = cell["metadata"]["alt"]
        for text in ("## 1 What a GAN is", '"Each column is a category"', '"GIF"'):
            if text in "".join(cell["source"]):
                places[text] = place
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

    style = BeautifulSoup(f"<style>\n{(SOURCES / 'style.css').read_text()}</style>", "html.parser")
    soup.head.append(style)
    first = BeautifulSoup("<div></div>", "html.parser").div
    first.append(widget("language"))
    soup.body.insert(0, first)
    widgets = {"## 1 What a GAN is": widget("game")}
    run, results = run_of(soup, notebook.parent)
    if run:
        widgets['"GIF"'] = epochs(run, results)
        widgets['"Each column is a category"'] = panel(run, results)
    for text, made in widgets.items():
        if made and text in places:
            places[text].insert_after(made)
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
