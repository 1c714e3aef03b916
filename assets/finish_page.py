"""Finish the page that nbconvert wrote from the notebook: python assets/finish_page.py gan_mnist.html

It embeds the pictures of the text, gives the pictures of the outputs their alternative texts, and drops the scripts
that would be loaded from the network, so that the page is one file that opens anywhere. The page stands beside the
notebook.
"""

import base64
import json
import mimetypes
import sys
from pathlib import Path

from bs4 import BeautifulSoup


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
    page.write_text(str(soup), encoding="utf-8")


if __name__ == "__main__":
    finish(Path(sys.argv[1]))
