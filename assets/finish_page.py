"""Finish the page that nbconvert wrote from the notebook.

It embeds the pictures of the text, gives the pictures of the outputs their alternative texts, draws the formulas, drops
the scripts that would be loaded from the network, adds a button that switches the language and, in section 15, a panel
that draws digits by the trained G, so that the page is one file that opens anywhere. The page stands where the notebook
was executed: G's weights come from the run that its training printed, checkpoint_dir = "...".
"""

import argparse
import base64
import html
import io
import json
import mimetypes
import os
import re
from pathlib import Path

from bs4 import BeautifulSoup
from matplotlib import rcParams
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import math_to_image
from PIL import Image

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

rcParams["savefig.facecolor"] = "none"

# Without JavaScript, Chinese stays in its folds.
SWITCH = """
<style>
html.english .zh, html.chinese .en, html.chinese .zh > summary { display: none; }
#switch { position: fixed; top: 8px; right: 16px; z-index: 9; padding: 4px 12px; font-size: 14px; cursor: pointer;
  color: var(--jp-ui-font-color1); background: var(--jp-layout-color1); border: 1px solid var(--jp-border-color1); }
h1, h2, h3, h4 { scroll-margin-top: 24px; }
@media print { #switch { display: none; } }
</style>
<script>
const button = document.createElement("button"), page = document.documentElement;
button.id = "switch";
document.body.append(button);

function show() {  // the address says the language: #zh, or the place in a text that it leads to
  const id = location.hash.slice(1);
  const place = document.getElementById(id) || document.getElementById(decodeURIComponent(id));
  const chinese = id === "zh" || Boolean(place && place.closest(".zh"));
  page.classList.toggle("chinese", chinese);
  page.classList.toggle("english", !chinese);
  page.lang = chinese ? "zh" : "en";
  button.textContent = chinese ? "English" : "中文";
  button.lang = chinese ? "en" : "zh";
  document.querySelectorAll(".zh").forEach(fold => fold.open = chinese);
  if (place) place.scrollIntoView();
}

button.onclick = () => {
  const cells = [...document.querySelectorAll(".jp-Cell")];
  const cell = cells.find(cell => cell.getBoundingClientRect().bottom > 0);
  history.replaceState(null, "", page.lang === "zh" ? "#en" : "#zh");
  show();
  cell.scrollIntoView();
};
addEventListener("hashchange", show);
show();
</script>
"""


PANEL = """
<section id="panel" aria-labelledby="panel-title" hidden>
<style>
#panel { margin: 1.5em 0; padding: 12px 16px; border: 1px solid; border-radius: 6px;
  color: #1a1a1a; background: #f6f6f4; border-color: #8a8a8a;
  font: 14px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { #panel { color: #f0f0f0; background: #26282b; } }
#panel h3 { margin: 0 0 8px; color: inherit; }
#panel fieldset { border: 0; margin: 8px 0; padding: 0; min-width: 0; }
#panel legend { padding: 0; }
#panel .work { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
#panel .work > div { flex: 1 1 220px; min-width: 0; }
#panel #categories { display: flex; flex-wrap: wrap; gap: 4px 10px; }
#panel #categories label { display: inline-flex; align-items: center; gap: 3px; min-width: 3em; min-height: 24px; }
#panel #sliders label { display: flex; align-items: center; gap: 8px; min-height: 28px; }
#panel input[type=range] { flex: 1; min-width: 0; accent-color: #D55E00; }
#panel input[type=radio] { accent-color: #D55E00; }
#panel button { padding: 6px 14px; font-size: 14px; cursor: pointer; color: inherit; background: transparent;
  border: 1px solid; border-radius: 4px; }
#panel :focus-visible { outline: 3px solid #0072B2; outline-offset: 2px; }
@media (prefers-color-scheme: dark) { #panel :focus-visible { outline-color: #56B4E9; } }
#panel canvas { image-rendering: pixelated; background: #000; }
#panel #digit { width: 224px; height: 224px; max-width: 100%; }
#panel #strip { width: 100%; max-width: 448px; height: auto; aspect-ratio: 8 / 2; }
</style>
<h3 id="panel-title"><span class="en">Your turn: draw by G</span><span class="zh" lang="zh">轮到你了：让 G 来画</span></h3>
<p><span class="en">This is the trained generator itself. Nothing leaves your computer.</span><span class="zh" lang="zh">\
这就是训练好的生成器本身，一切都在你的电脑上计算。</span></p>
<div class="work">
<div><canvas id="digit" width="28" height="28" role="img" aria-label="digit 数字"></canvas>
<p><button id="random"><span class="en">Random vector</span><span class="zh" lang="zh">随机向量</span></button></p></div>
<div>
<fieldset id="categories"><legend><span class="en">Category</span><span class="zh" lang="zh">类别</span></legend></fieldset>
<fieldset id="sliders"><legend><span class="en">Continuous code</span><span class="zh" lang="zh">连续编码</span></legend></fieldset>
</div></div>
<p id="strip-text"><span class="en">The next categories, with the same continuous code:</span><span class="zh" lang="zh">\
接下来的各个类别，连续编码不变：</span></p>
<canvas id="strip" width="224" height="56" role="img" aria-labelledby="strip-text"></canvas>
</section>
<script>
const G = @MODEL@;

function floats(text) {  // half precision, in base64, to Float32Array
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0)), halves = new Uint16Array(bytes.buffer);
  return Float32Array.from(halves, h => {
    const sign = h & 0x8000 ? -1 : 1, exponent = (h >> 10) & 31, fraction = h & 1023;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * fraction / 1024);
  });
}
const [kernel, bias, outKernel, outBias] = G.weights.map(floats);

function generate(z) {  // an image, 784 numbers from -1 to 1, of a latent vector: section 4
  const image = Float32Array.from(outBias), units = bias.length;
  for (let unit = 0; unit < units; unit++) {
    let sum = bias[unit];
    for (let i = 0; i < z.length; i++) if (z[i]) sum += z[i] * kernel[i * units + unit];
    const hidden = Math.max(G.alpha * sum, sum);
    for (let p = 0, k = unit * 784; p < 784; p++, k++) image[p] += hidden * outKernel[k];
  }
  return image.map(Math.tanh);
}

function paint(canvas, x, y, image) {
  const pixels = new ImageData(28, 28);
  image.forEach((v, p) => pixels.data.set([0, 1, 2].map(() => 127.5 * (v + 1)).concat(255), 4 * p));
  canvas.getContext("2d").putImageData(pixels, x, y);
}

const z = new Float32Array(G.z_size), byId = id => document.getElementById(id);
const radios = [], sliders = [];

function show_strip() {
  for (let k = 1; k <= 16; k++) {
    const next = Float32Array.from(z);
    const on = (z.indexOf(1) + k) % G.z_categories;
    next.fill(0, 0, G.z_categories)[on] = 1;
    paint(byId("strip"), 28 * ((k - 1) % 8), k > 8 ? 28 : 0, generate(next));
  }
}
let waiting = 0;
function show_digit() {  // the large digit at once, the strip when the browser has time for it
  paint(byId("digit"), 0, 0, generate(z));
  clearTimeout(waiting);
  if (G.z_categories > 1) waiting = setTimeout(show_strip, 30);
}
function turn(on, code) {
  if (G.z_categories) z.fill(0, 0, G.z_categories)[on] = 1;
  code.forEach((value, i) => z[G.z_categories + i] = value);
  radios.forEach((radio, i) => radio.checked = i === on);
  sliders.forEach((slider, i) => slider.value = code[i]);
  show_digit();
}
function control(parent, type, name, settings) {
  const label = document.createElement("label"), input = document.createElement("input");
  Object.assign(input, {type, ...settings});
  label.append(...(type === "radio" ? [input, name] : [name, input]));
  byId(parent).append(label);
  return input;
}
for (let k = 0; k < G.z_categories; k++) {
  radios.push(control("categories", "radio", k + 1, {name: "category"}));
  radios[k].onchange = () => { z.fill(0, 0, G.z_categories)[k] = 1; show_digit(); };
}
for (let d = 0; d < Math.min(10, G.z_size - G.z_categories); d++) {
  sliders.push(control("sliders", "range", d + 1, {min: -1, max: 1, step: 0.01}));
  sliders[d].oninput = () => { z[G.z_categories + d] = sliders[d].value; show_digit(); };
}
byId("categories").hidden = !G.z_categories;
byId("sliders").hidden = !sliders.length;
byId("strip").hidden = byId("strip-text").hidden = G.z_categories < 2;
byId("random").onclick = () => turn(Math.floor(Math.random() * G.z_categories),
  Array.from({length: G.z_size - G.z_categories}, () => 2 * Math.random() - 1));
turn(0, new Array(G.z_size - G.z_categories).fill(0));
byId("panel").hidden = false;
</script>
"""


def panel(soup, folder):
    """Return the panel of the run that the page names, or None, with a sentence, where its folder is not there."""
    outputs = "".join(area.get_text() for area in soup.select(".jp-OutputArea-output"))
    named = re.search(r'checkpoint_dir = "(.+)"', outputs)
    run = folder / named[1] if named else folder
    try:
        settings = json.loads((run / "results.json").read_text(encoding="utf-8"))["settings"]
        model = {name: settings[name] for name in ("z_size", "z_categories", "alpha")}
    except (OSError, ValueError, KeyError):
        print(f"The page has no panel: expected a finished run, with results.json, in {run}.")
        return None
    terminal = os.dup(2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # TensorFlow's first log lines
    from tensorflow import train  # now that it is needed: it takes seconds

    os.dup2(terminal, 2)

    reader = train.load_checkpoint(str(run))
    names = [
        f"generator/{layer}/{part}" for layer in ("hidden", "out") for part in ("kernel", "bias")
    ]
    halves = [reader.get_tensor(f"{name}/ExponentialMovingAverage").astype("<f2") for name in names]
    model["weights"] = [base64.b64encode(half.tobytes()).decode() for half in halves]
    return BeautifulSoup(PANEL.replace("@MODEL@", json.dumps(model)), "html.parser")


def lighten(image):
    """Store a picture of a page in at most 128 colours, which no eye tells from all, if that makes it smaller."""
    data, file = base64.b64decode(image["src"].split(",")[1]), io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").quantize(128).save(file, "PNG", optimize=True)
    if len(file.getvalue()) < len(data):
        image["src"] = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def still(animation):
    """Let an animated image stand still, at its last frame, for whoever asked the system for less motion."""
    gif = Image.open(io.BytesIO(base64.b64decode(animation["src"].split(",")[1])))
    gif.seek(gif.n_frames - 1)
    file = io.BytesIO()
    gif.save(file, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    picture = BeautifulSoup("<picture></picture>", "html.parser").picture
    animation.wrap(picture)
    html_source = f'<source media="(prefers-reduced-motion: reduce)" srcset="{source}">'
    picture.insert(0, BeautifulSoup(html_source, "html.parser"))


def draw_formula(match):
    """Return a formula in TeX, matched between $ and $ or between $$ and $$, as a picture in HTML."""
    formula, block = match[1] or match[2], match[1] is not None
    drawn = formula.replace("\\frac", "\\dfrac") if block else formula
    file, font = io.BytesIO(), FontProperties(size=12 if block else 10.5, math_fontfamily="stix")
    depth = math_to_image(f"${drawn}$", file, prop=font, format="svg")
    data = base64.b64encode(file.getvalue()).decode()
    style = "display: block; margin: 1em auto" if block else f"vertical-align: -{depth}pt"
    alt = html.escape(formula, quote=True)
    source = f"data:image/svg+xml;base64,{data}"
    return f'<img class="formula" alt="{alt}" style="{style}" src="{source}">'


def notebook_of(page):
    """Return the notebook that a page was made from: beside it, in the working directory, or the repository's own."""
    beside = page.with_suffix(".ipynb")
    places = [beside, Path(beside.name), Path(__file__).parents[1] / "gan_mnist.ipynb"]
    return next(path for path in places if path.exists()).absolute()


def finish(page):
    """Rewrite an HTML page in place."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    notebook = notebook_of(page)
    for script in soup.select("script[src]"):
        script.decompose()
    for image in soup.select("img:not([src^='data:'])"):
        data = base64.b64encode((notebook.parent / image["src"]).read_bytes()).decode()
        image["src"] = f"data:{mimetypes.guess_type(image['src'])[0]};base64,{data}"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for cell, place in zip(cells, soup.select(".jp-Cell")):  # an editor may have dropped the ids
        for image in place.select("img") if "alt" in cell["metadata"] else []:
            image["alt"] = cell["metadata"]["alt"]
        if "Each column is a category" in "".join(cell["source"]) and cell["cell_type"] == "code":
            categories = place
    for image in soup.select("img[src^='data:image/png']"):
        lighten(image)
    for animation in soup.select("img[src^='data:image/gif']"):
        still(animation)
    for text in soup.find_all(string=re.compile(r"\$")):
        if text.find_parent(class_="jp-RenderedMarkdown") and not text.find_parent(["code", "pre"]):
            drawn = re.sub(
                r"(?s)\$\$(.+?)\$\$|\$(.+?)\$", draw_formula, html.escape(text, quote=False)
            )
            text.replace_with(BeautifulSoup(drawn, "html.parser"))
    for summary in soup.find_all("summary", string="中文"):
        fold = summary.parent
        fold["class"], fold["lang"] = "zh", "zh"
        for part in fold.find_previous_siblings():
            part["class"], part["lang"] = "en", "en"
    if drawing := panel(soup, notebook.parent):
        categories.insert_after(drawing)
    soup.body.append(BeautifulSoup(SWITCH, "html.parser"))
    page.write_text(str(soup), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python assets/finish_page.py gan_mnist.html",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("page", type=Path, help="the HTML page, which is rewritten in place")
    options = parser.parse_args()
    if not options.page.is_file():
        parser.error(f"{options.page}: expected a page that nbconvert wrote")
    finish(options.page)
