"""A headless run and its page in a browser: all works in both languages, and the panel draws by G."""

import json
import re
import shutil
from urllib.parse import quote, unquote

import nbformat
import numpy as np
import pytest
from cells import NOTEBOOK, run_cells, run_to_training
from conftest import nbconvert, run_in

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome", "msedge"]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of the page of the committed notebook, not executed; no file is beside it. Tools without cell ids
    have been at the notebook, and the page is in another folder."""
    notebook = nbformat.read(NOTEBOOK, 4)
    for cell in notebook.cells:
        del cell["id"]
    notebook.nbformat_minor = 4
    path = tmp_path_factory.mktemp("copy") / "copy.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    directory = tmp_path_factory.mktemp("page")
    process = nbconvert(directory, "--to", "html", "--output-dir", "public", notebook=path)
    assert process.returncode == 0, process.stderr
    assert "no panel" in run_in(directory, "assets/finish_page.py", "public/gan_mnist.html").stdout
    page = directory / "public" / "gan_mnist.html"
    text = page.read_text(encoding="utf-8")
    assert 'src="assets/' not in text and "Sixteen blots that G draws after one epoch" in text
    shutil.rmtree(directory / "assets")
    return page.as_uri()


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        pytest.skip("no Chromium here")
    with sync_api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.fixture(params=[(1100, "light"), (400, "dark")], ids=str)
def tab(browser, request):
    """A tab of some width and colours, which counts requests to the network as errors."""
    width, scheme = request.param
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab.errors = []
    tab.on("pageerror", lambda error: tab.errors.append(error))
    tab.on("request", lambda r: None if r.url[:5] in ("file:", "data:") else tab.errors.append(r))
    yield tab
    assert not tab.errors
    tab.close()


def visible(tab):
    """Return the visible text of the page's text cells."""
    return "\n".join(tab.locator(".jp-RenderedMarkdown").all_inner_texts())


@pytest.mark.parametrize("language, other", [("en", ".zh"), ("zh", ".en")])
def test_page_shows_one_language_and_its_formulas_pictures_and_links_work(tab, address, language, other):
    tab.goto(f"{address}#{language}")
    assert tab.locator(other).count() > 50 and tab.locator(f"{other}:visible").count() == 0
    assert tab.locator("html").get_attribute("lang") == language
    assert tab.locator(".zh > summary:visible").count() == 0
    texts = tab.locator(".jp-RenderedMarkdown p:visible, .jp-RenderedMarkdown li:visible").all_inner_texts()
    assert len(texts) > 80 and "$" not in visible(tab)
    assert all(bool(CHINESE.search(text)) == (language == "zh") for text in texts if text.strip())

    for image in tab.locator("img:visible").all():
        assert image.evaluate("image => image.naturalWidth") > 0
        assert len(image.get_attribute("alt")) > 10
    assert tab.locator("img.formula:visible").count() == 8
    assert tab.locator("img:not(.formula):visible").count() >= 13
    parts = tab.locator("p:visible, li:visible, img:visible")
    boxes = parts.evaluate_all("parts => parts.map(part => part.getBoundingClientRect().toJSON())")
    assert all(box["left"] >= 0 and box["right"] <= tab.viewport_size["width"] + 1 for box in boxes)

    links = tab.locator(".jp-RenderedMarkdown li > a[href^='#']:visible")
    assert links.count() == 19
    for link in links.all():
        link.click()
        place = tab.locator(f"[id='{quote(unquote(link.get_attribute('href')[1:]), safe=',')}']")
        assert place.is_visible() and -5 < place.bounding_box()["y"] < 900
        assert tab.locator("html").get_attribute("lang") == language


def test_button_switches_and_the_address_keeps_the_choice(browser, address):
    tab = browser.new_page()
    tab.goto(address)
    before = visible(tab)
    tab.click("#switch")
    chinese = visible(tab)
    assert tab.url.endswith("#zh") and chinese != before
    tab.reload()
    assert visible(tab) == chinese
    tab.click("#switch")
    assert visible(tab) == before
    tab.close()


def test_without_javascript_chinese_is_in_folds(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address)
    assert tab.locator(".zh > summary:visible").count() == tab.locator("details.zh").count() > 50
    assert tab.locator(".en").first.is_visible() and not tab.locator("#switch, #panel:visible").count()
    assert not tab.locator(".zh p").first.is_visible()
    tab.locator(".zh > summary").first.click()
    assert tab.locator(".zh p").first.is_visible()
    context.close()


def test_headless_run_on_real_digits_whatever_people_have_set(executed):
    page = (executed / "gan_mnist.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64") >= 12 and "Traceback" not in page
    assert 'data-mime-type="application/vnd.jupyter.stderr"' not in page
    assert float(re.search(r"right about ([\d.]+)% of the test images", page)[1]) >= 90
    (epoch,) = executed.glob("checkpoints/*/epoch-2.npz")
    with np.load(epoch) as file:
        assert np.isfinite(file["losses"]).all() and file["sample"].std(axis=0).mean() > 0.05


def test_panel_draws_what_generate_draws(browser, executed):
    """Within half precision; with a button, switches and dials that the keyboard moves, and in less than 5 ms."""
    paths = {"data_path": executed / "assets" / "mnist.npz", "checkpoint_dir": executed / "checkpoints"}
    namespace = run_to_training(epochs=2, resume=True, **paths)
    run_cells(namespace, "train", "generate")
    z = namespace["random_latents"](np.random.default_rng(3), 20)
    tab = browser.new_page()
    tab.add_init_script("Math.random = () => 0.4")  # a switch in the middle, and not the last one
    tab.goto((executed / "gan_mnist.html").as_uri())
    drawn = tab.evaluate("zs => zs.map(z => Array.from(generate(z)))", z.tolist())
    np.testing.assert_allclose(drawn, namespace["generate"](z), atol=0.02)
    timing = "zs => { const t = performance.now(); zs.map(z => generate(z)); return performance.now() - t; }"
    assert np.median([tab.evaluate(timing, z.tolist()) / len(z) for _ in range(9)]) < 5

    picture = "() => document.getElementById('digit').toDataURL()"
    strip = "() => document.getElementById('strip').toDataURL()"
    switches, dials = tab.locator("#switches input"), tab.locator("#dials input")
    assert switches.count() == namespace["z_kinds"]
    shown = [tab.evaluate(picture)]
    for act in (
        lambda: tab.click("#random"),
        lambda: switches.last.check(),
        lambda: tab.keyboard.press("ArrowLeft"),
        lambda: dials.first.press("End"),
        lambda: dials.last.press("PageDown"),
    ):
        act()
        assert tab.evaluate(picture) not in shown
        shown.append(tab.evaluate(picture))
    tab.wait_for_timeout(300)
    before = tab.evaluate(strip)
    dials.first.press("Home")
    tab.wait_for_timeout(300)
    assert tab.evaluate(strip) != before
    tab.close()


@pytest.mark.parametrize("language, other", [("en", ".zh"), ("zh", ".en")])
def test_panel_is_accessible_in_both_languages_and_themes(tab, executed, language, other):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-core").Axe()
    tab.goto(f"{(executed / 'gan_mnist.html').as_uri()}#{language}")
    results = axe.run(tab, context="#panel")
    assert results.violations_count == 0, results.generate_report()
    assert tab.locator("#panel").bounding_box()["width"] <= tab.viewport_size["width"]
    assert tab.locator(f"#panel {other}:visible").count() == 0


def test_page_stands_still_for_whoever_asks_for_less_motion_and_is_light(browser, executed):
    tab = browser.new_page(reduced_motion="reduce")
    tab.goto((executed / "gan_mnist.html").as_uri())
    shown = tab.locator("picture img").evaluate("image => image.currentSrc")
    assert shown.startswith("data:image/png")
    tab.close()
    assert (executed / "gan_mnist.html").stat().st_size < 4_000_000
