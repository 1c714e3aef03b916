"""Finish the page that nbconvert wrote from the notebook: python assets/finish_page.py gan_mnist.html

It embeds the pictures of the text, gives the pictures of the outputs their alternative texts, draws the formulas, drops
the scripts that would be loaded from the network, and adds a button that switches the language, so that the page is one
file that opens anywhere. The page stands beside the notebook.
"""

import base64
import html
import io
import json
import mimetypes
import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup
from matplotlib import rcParams
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import math_to_image

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


def finish(page):
    """Rewrite an HTML page in place; its notebook has the same name and the ending .ipynb."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    for script in soup.select("script[src]"):
        script.decompose()
    for image in soup.select("img:not([src^='data:'])"):
        data = base64.b64encode((page.parent / image["src"]).read_bytes()).decode()
        image["src"] = f"data:{mimetypes.guess_type(image['src'])[0]};base64,{data}"
    notebook = json.loads(page.with_suffix(".ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "alt" in cell["metadata"]:
            for image in soup.find(id=f"cell-id={cell['id']}").select("img"):
                image["alt"] = cell["metadata"]["alt"]
    for text in soup.find_all(string=re.compile(r"\$")):
        if text.find_parent(class_="jp-RenderedMarkdown") and not text.find_parent(["code", "pre"]):
            drawn = re.sub(
                r"(?s)\$\$(.+?)\$\$|\$(.+?)\$", draw_formula, html.escape(text, quote=False)
            )
            text.replace_with(BeautifulSoup(drawn, "html.parser"))
    for fold in soup.select("details"):
        fold["class"], fold["lang"] = "zh", "zh"
        for part in fold.find_previous_siblings():
            part["class"], part["lang"] = "en", "en"
    soup.body.append(BeautifulSoup(SWITCH, "html.parser"))
    page.write_text(str(soup), encoding="utf-8")


if __name__ == "__main__":
    finish(Path(sys.argv[1]))
