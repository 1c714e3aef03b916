"""A headless run and its page in a browser: all works in both languages, and the panel draws by G."""

import os
import re
import shutil

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from cells import NOTEBOOK, cells, run_notebook
from conftest import nbconvert, run_in
from playwright.sync_api import sync_playwright

TEXT = ".jp-RenderedMarkdown"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a page, alone in a folder, of the notebook as committed, but for the ids that some tools drop."""
    notebook = nbformat.read(NOTEBOOK, 4)
    for cell in notebook.cells:
        del cell["id"]
    notebook.nbformat_minor = 4
    directory = tmp_path_factory.mktemp("page")
    nbformat.write(notebook, directory / "copy.ipynb")
    process = nbconvert(directory, "--to", "html", "--output-dir", "public", notebook=directory / "copy.ipynb")
    assert process.returncode == 0, process.stderr
    assert "no panel" in run_in(directory, "assets/finish_page.py", "public/gan_mnist.html").stdout
    return (directory / "public" / "gan_mnist.html").as_uri()


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium; a machine may have none, but not one of continuous integration."""
    names = "chromium", "chromium-browser", "google-chrome", "chrome", "msedge"
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium here")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.fixture(params=[(1100, "light", "no-preference"), (400, "dark", "reduce")], ids=str)
def tab(browser, request):
    """A tab of some width, colours and motion, which counts requests for anything beside the page as errors."""
    width, scheme, motion = request.param
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion=motion)
    tab.errors = []
    tab.on("pageerror", lambda error: tab.errors.append(error))
    tab.on("request", lambda r: re.match("data:|file:.*/gan_mnist.html", r.url) or tab.errors.append(r))
    yield tab
    assert not tab.errors
    tab.close()


@pytest.mark.parametrize("language, other", [("en", "zh"), ("zh", "en")])
def test_page_shows_one_language_with_working_button_formulas_pictures_and_links(tab, address, language, other):
    tab.goto(f"{address}#zh" if language == "zh" else address)
    assert tab.locator(f".{other}").count() > 50 and not tab.locator(f".{other}:visible, .zh > summary:visible").count()
    assert tab.locator("html").get_attribute("lang") == language
    texts = tab.locator(f"{TEXT} p:visible, {TEXT} li:visible").all_inner_texts()
    assert len(texts) > 80
    assert all(bool(re.search("[\u4e00-\u9fff]", text)) == (language == "zh") for text in texts if text.strip())

    texts = tab.locator(TEXT).all_inner_texts()
    tab.click("#switch")
    switched = tab.locator(TEXT).all_inner_texts()
    assert tab.url.endswith(f"#{other}") and switched != texts
    tab.reload()
    assert tab.locator(TEXT).all_inner_texts() == switched
    tab.click("#switch")
    assert tab.locator(TEXT).all_inner_texts() == texts and "$" not in "".join(texts)

    images = tab.locator("img:visible")
    assert images.evaluate_all("images => images.every(image => image.naturalWidth > 0 && image.alt.length > 10)")
    formulas = "".join(cells("markdown").values()).count("$$") // 4  # two signs each, in two languages
    assert tab.locator("img.formula:visible").count() == formulas > 3 and images.count() >= formulas + 13
    assert tab.get_by_alt_text("Sixteen squares of grey noise drawn by the untrained generator").count() == 1
    animation = "gif" if tab.viewport_size["width"] == 1100 else "png"  # still for whoever asks for less motion
    assert tab.locator("picture img").evaluate("image => image.currentSrc").startswith(f"data:image/{animation}")
    inside = "parts => parts.map(p => p.getBoundingClientRect()).every(b => b.left >= 0 && b.right <= innerWidth + 1)"
    assert tab.locator("p:visible, li:visible, img:visible").evaluate_all(inside)

    links = tab.locator(f"{TEXT} li > a[href^='#']:visible")
    assert links.count() == 17
    for link in links.all():
        link.click()
        place = tab.locator(":target")
        assert place.is_visible() and -5 < place.bounding_box()["y"] < 900
        assert tab.locator("html").get_attribute("lang") == language


def test_without_javascript_chinese_is_in_folds(browser, address):
    tab = browser.new_page(java_script_enabled=False)
    tab.goto(address)
    assert tab.locator(".zh > summary:visible").count() == tab.locator("details.zh").count() > 50
    assert tab.locator(".en").first.is_visible() and not tab.locator("#switch, #panel:visible, .zh p:visible").count()
    tab.locator(".zh > summary").first.click()
    assert tab.locator(".zh p").first.is_visible()


def test_headless_run_on_real_digits_gives_a_light_page(executed):
    page = (executed / "gan_mnist.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64") >= 12
    assert "Traceback" not in page and 'data-mime-type="application/vnd.jupyter.stderr"' not in page
    assert float(re.search(r"right about ([\d.]+)% of the test images", page)[1]) >= 90
    assert (executed / "gan_mnist.html").stat().st_size < 4_000_000
    (epoch,) = executed.glob("checkpoints/*/epoch-2.npz")
    with np.load(epoch) as file:
        assert np.isfinite(file["losses"]).all() and file["sample"].std(axis=0).mean() > 0.05


def test_panel_draws_what_generate_draws(browser, executed):
    """Within half precision; with a button, categories and sliders that the keyboard moves, and in less than 5 ms."""
    (run,) = executed.glob("checkpoints/*")
    paths = {"data_path": str(executed / "assets" / "mnist.npz"), "checkpoint_dir": str(run)}
    namespace = run_notebook("generate", epochs=2, **paths)
    z = namespace["random_latents"](np.random.default_rng(3), 20)
    tab = browser.new_page()
    tab.add_init_script("Math.random = () => 0.4")  # a category in the middle, and not the last one
    tab.goto((executed / "gan_mnist.html").as_uri())
    drawn = tab.evaluate("zs => zs.map(z => Array.from(generate(z)))", z.tolist())
    np.testing.assert_allclose(drawn, namespace["generate"](z), atol=0.02)
    timing = "zs => { const t = performance.now(); zs.map(z => generate(z)); return performance.now() - t; }"
    assert np.median([tab.evaluate(timing, z.tolist()) / len(z) for _ in range(9)]) < 5

    categories, sliders = tab.locator("#categories input"), tab.locator("#sliders input")
    assert categories.count() == namespace["z_categories"]
    shown = tab.evaluate("[digit.toDataURL(), strip.toDataURL()]")  # the elements with these ids
    acts = [lambda: tab.click("#random"), lambda: categories.last.check(), lambda: categories.last.press("ArrowLeft")]
    for act in [*acts, lambda: sliders.first.press("End"), lambda: sliders.last.press("PageDown")]:
        act()
        assert tab.evaluate("digit.toDataURL()") not in shown
        tab.wait_for_function("shown => !shown.includes(strip.toDataURL())", arg=shown)  # is drawn a little later
        shown += tab.evaluate("[digit.toDataURL(), strip.toDataURL()]")


def test_panel_is_accessible_in_both_languages_and_themes(tab, executed):
    tab.goto((executed / "gan_mnist.html").as_uri())
    for other in (".zh", ".en"):
        assert tab.locator(f"#panel {other}:visible").count() == 0
        assert tab.locator("#panel").bounding_box()["width"] <= tab.viewport_size["width"]
        results = Axe().run(tab, context="#panel")
        assert results.violations_count == 0, results.generate_report()
        tab.click("#switch")
