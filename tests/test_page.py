"""The finished page in a browser: one language at a time, and all that is in it works in both."""

import re
import shutil
import subprocess
import sys
from urllib.parse import quote, unquote

import pytest
from conftest import NOTEBOOK, ROOT

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome", "msedge"]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of the page that the README's command makes of the committed notebook, but for executing it."""
    directory = tmp_path_factory.mktemp("page")
    shutil.copy(NOTEBOOK, directory)
    shutil.copytree(ROOT / "assets", directory / "assets", ignore=shutil.ignore_patterns("*.npz"))
    convert = [sys.executable, "-m", "nbconvert", "--to", "html", NOTEBOOK.name]
    subprocess.run(convert, cwd=directory, check=True, capture_output=True)
    page = directory / NOTEBOOK.with_suffix(".html").name
    subprocess.run([sys.executable, "assets/finish_page.py", page.name], cwd=directory, check=True)
    shutil.rmtree(directory / "assets")
    return page.as_uri()


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        pytest.skip("no Chromium here")
    with sync_api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.fixture(params=[(1100, "light"), (1100, "dark"), (400, "light"), (400, "dark")], ids=str)
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


def assert_all_works(tab, language):
    """Assert that the page shows one language, and that its formulas, pictures and links work."""
    other = {"en": ".zh", "zh": ".en"}[language]
    assert tab.locator(other).count() > 50
    assert tab.locator(f"{other}:visible").count() == 0
    assert tab.locator("html").get_attribute("lang") == language
    assert tab.locator("summary:visible").count() == 0
    for image in tab.locator("img:visible").all():
        assert image.evaluate("image => image.naturalWidth") > 0
        assert len(image.get_attribute("alt")) > 10
    assert tab.locator("img.formula:visible").count() == 8
    assert tab.locator("img:not(.formula):visible").count() >= 13
    assert "$" not in visible(tab)
    links = tab.locator(".jp-RenderedMarkdown li > a[href^='#']:visible")
    assert links.count() == 18
    for link in links.all():
        link.click()
        place = tab.locator(f"[id='{quote(unquote(link.get_attribute('href')[1:]))}']")
        assert place.is_visible() and -5 < place.bounding_box()["y"] < 900
        assert tab.locator("html").get_attribute("lang") == language
    width = tab.viewport_size["width"]
    boxes = tab.locator("p:visible, li:visible, img:visible").evaluate_all(
        "parts => parts.map(part => part.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) > 80
    assert all(box["left"] >= 0 and box["right"] <= width + 1 for box in boxes)


def test_english_shows_no_chinese(tab, address):
    tab.goto(address)
    assert_all_works(tab, "en")
    assert not CHINESE.search(visible(tab))


def test_chinese_shows_no_english_text(tab, address):
    tab.goto(address + "#zh")
    assert_all_works(tab, "zh")
    paragraphs = tab.locator(".jp-RenderedMarkdown p:visible, .jp-RenderedMarkdown li:visible")
    texts = [text for text in paragraphs.all_inner_texts() if text.strip()]
    assert len(texts) > 80
    assert [text for text in texts if not CHINESE.search(text)] == []


def test_button_switches_and_the_address_keeps_the_choice(browser, address):
    tab = browser.new_page()
    tab.goto(address)
    before = visible(tab)
    tab.click("#switch")
    assert tab.url.endswith("#zh") and visible(tab) != before
    chinese = visible(tab)
    tab.reload()
    assert visible(tab) == chinese
    tab.click("#switch")
    assert visible(tab) == before
    tab.close()


def test_without_javascript_chinese_is_in_folds(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address)
    assert tab.locator("summary:visible").count() == tab.locator(".zh").count() > 50
    assert tab.locator(".en").first.is_visible() and not tab.locator("#switch").count()
    assert not tab.locator(".zh p").first.is_visible()
    tab.locator("summary").first.click()
    assert tab.locator(".zh p").first.is_visible()
    context.close()
