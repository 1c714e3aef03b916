"""A headless run and its page in a browser: all works in both languages, and the panel draws by G."""

import re
import shutil

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import nbconvert, run_in
from notebook import NOTEBOOK, cells, definitions
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
    process = nbconvert(
        directory, "--to", "html", "--output-dir", f"{directory}/public", notebook=directory / "copy.ipynb"
    )
    assert process.returncode == 0, process.stderr
    assert "no panel" in run_in(directory, "assets/page/finish.py", "public/gan_mnist.html").stdout
    return (directory / "public" / "gan_mnist.html").as_uri()


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium or Chrome; without one these tests fail."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        where = {"executable_path": path} if path else {"channel": "chrome"}
        yield playwright.chromium.launch(**where, args=["--no-sandbox"])


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

    links = tab.locator(f"{TEXT} p > a[href^='#']:visible")
    assert links.count() == 19
    for link in links.all():
        link.click()
        place = tab.locator(":target")
        assert place.is_visible() and -5 < place.bounding_box()["y"] < 900
        assert tab.locator("html").get_attribute("lang") == language


def test_without_javascript_chinese_is_in_folds(browser, address):
    tab = browser.new_page(java_script_enabled=False)
    tab.goto(address)
    assert tab.locator(".zh > summary:visible").count() == tab.locator("details.zh").count() > 50
    assert tab.locator(".en").first.is_visible() and not tab.locator("#switch, .play:visible, .zh p:visible").count()
    tab.locator(".zh > summary").first.click()
    assert tab.locator(".zh p").first.is_visible()


def test_headless_run_on_real_digits_gives_a_light_page(executed):
    page = (executed / "gan_mnist.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64") >= 12
    assert "Traceback" not in page and 'data-mime-type="application/vnd.jupyter.stderr"' not in page
    assert float(re.search(r"right about ([\d.]+)% of the validation images", page)[1]) >= 85
    assert (executed / "gan_mnist.html").stat().st_size < 4_500_000
    for pattern, name in (("plain/history.npz", "samples"), ("better/epoch-2.npz", "sample")):
        (path,) = executed.glob(f"checkpoints/*/{pattern}")
        with np.load(path) as file:
            assert np.isfinite(file["losses"]).all() and file[name][-16:].std(axis=0).mean() > 0.03


@pytest.fixture
def open_page(tab, executed):
    """The tab, with the page of the headless run."""
    tab.goto((executed / "gan_mnist.html").as_uri())
    return tab


@pytest.fixture(scope="module")
def run(executed):
    """The folder of the headless run."""
    (run,) = executed.glob("checkpoints/*")
    return run


@pytest.fixture(scope="module")
def drawer():
    """The namespace of the notebook's definitions."""
    return definitions(referee=False)


def test_panel_draws_what_generate_draws(open_page, drawer, run):
    """Within half precision, and in less than 16 ms."""
    z = drawer["random_code"](np.random.default_rng(3), 20, 40, 48)
    drawn = open_page.evaluate("zs => zs.map(z => Array.from(generate(z)))", z.tolist())
    np.testing.assert_allclose(drawn, drawer["generate"](run / "better", z), atol=0.02)
    timing = "zs => { const t = performance.now(); zs.map(z => generate(z)); return performance.now() - t; }"
    assert np.median([open_page.evaluate(timing, z.tolist()) / len(z) for _ in range(9)]) < 16


CANVASES = "() => [...document.querySelectorAll('#panel canvas')].map(canvas => canvas.toDataURL())"


def test_panel_shows_each_category_and_keeps_what_is_chosen_in_the_address(open_page, drawer):
    """A click, the keyboard, a slider and the button draw anew; a link to a digit shows it, in its language."""
    thumbnails, sliders = open_page.locator("#panel .category"), open_page.locator("#panel input[type=range]")
    size, categories = drawer["better"]["z_size"], drawer["better"]["z_categories"]
    assert (thumbnails.count(), sliders.count()) == (categories, size - categories)
    label = open_page.locator("#digit-label .en")
    acts = {
        "category 7 of 40": lambda: thumbnails.nth(6).click(),
        "category 8 of 40": lambda: thumbnails.nth(6).press("ArrowRight"),
        "category 8 of 40 again": lambda: sliders.first.press("End"),
    }
    seen = open_page.evaluate(CANVASES)
    for text, act in acts.items():
        act()
        assert label.inner_text() == text.replace(" again", "")
        assert open_page.evaluate("digit.toDataURL()") != seen[0]
        open_page.wait_for_function("between.ariaBusy === 'false'")  # the last that is drawn
        old, seen = seen, open_page.evaluate(CANVASES)
        assert seen[-1] != old[-1]
    assert open_page.url.endswith("#z=8,1" + ",0" * (size - categories - 1))
    assert seen[0] == seen[8]  # the thumbnail of the category that is chosen

    address = open_page.url.replace("#z", "#zh&z")
    open_page.goto("about:blank")
    open_page.goto(address)
    assert open_page.evaluate("digit.toDataURL()") == seen[0]
    assert open_page.locator("html").get_attribute("lang") == "zh"
    open_page.click("#random")
    assert re.search("#zh&z=", open_page.url) and open_page.evaluate("digit.toDataURL()") != seen[0]
    open_page.click("#switch")
    assert re.search("#z=", open_page.url) and label.is_visible()


def test_slider_over_the_epochs_shows_the_samples_of_the_run_and_its_losses(open_page, run):
    """In place of the animation, which nothing could stop."""
    assert not open_page.locator("img[src^='data:image/gif']").count()
    with np.load(run / "plain" / "history.npz") as history:
        losses, samples = history["losses"].reshape(2, -1, 2).mean(axis=1), history["samples"][1:]
    slider = open_page.locator("#epoch")
    for epoch, key in ((2, "End"), (1, "Home")):
        slider.press(key)
        d, g = losses[epoch - 1]
        assert f"D {d:.2f} G {g:.2f}" in open_page.locator("#epoch-losses").inner_text()
        assert open_page.locator("#epoch-label .en").inner_text() == f"epoch {epoch}"
        pixels = "() => Array.from(samples.getContext('2d').getImageData(0, 0, 224, 56).data)"
        shown = np.reshape(open_page.evaluate(pixels), (56, 224, 4))[..., 0]
        expected = np.block([list(row) for row in samples[epoch - 1].reshape(2, 8, 28, 28)])
        np.testing.assert_allclose(shown, 127.5 * (expected + 1), atol=1.5)
    open_page.click("#epoch-play")
    open_page.wait_for_function(
        "epoch.value === epoch.max && /Play/.test(document.getElementById('epoch-play').innerText)"
    )


def test_game_reaches_one_half_with_the_setting_that_it_starts_with(open_page):
    """On average over places where real numbers are, and over three games; before, D sees through the fakes."""
    code = """() => [1, 2, 3].map(seed => {
      const game = makeGame(seed), places = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5];
      const off = () => places.reduce((sum, x) => sum + Math.abs(game.D(x) - 0.5), 0) / places.length;
      for (let k = 0; k < 40; k++) game.step(25);
      const ahead = off(), again = makeGame(seed);
      for (let k = 0; k < 1500; k++) again.step(1);
      const end = places.reduce((sum, x) => sum + Math.abs(again.D(x) - 0.5), 0) / places.length;
      const fakes = again.fakes(4000), mean = fakes.reduce((a, b) => a + b) / 4000;
      return [ahead, end, mean];
    })"""
    ahead, end, means = np.transpose(open_page.evaluate(code))
    assert np.all(ahead > 0.1) and np.all(end < 0.07) and np.all(np.abs(means) < 0.4)
    assert open_page.locator("#game-d-steps").input_value() == "1"
    for text, button in {"After 1 steps": "#game-step", "After 0 steps": "#game-again"}.items():
        open_page.click(button)
        assert text in open_page.locator("#game-text .en").inner_text()
    open_page.click("#game-play")
    open_page.wait_for_function("/After [1-9]/.test(document.getElementById('game-text').innerText)")
    open_page.click("#game-play")
    paused = open_page.locator("#game-text").inner_text()
    open_page.wait_for_timeout(200)
    assert open_page.locator("#game-text").inner_text() == paused
    assert not open_page.locator("img.still-game:visible").count()


def test_what_plays_is_accessible_in_both_languages_and_themes(open_page):
    for other in (".zh", ".en"):
        for part in ("#panel", "#learning", "#game"):
            assert open_page.locator(f"{part} {other}:visible").count() == 0
            assert open_page.locator(part).bounding_box()["width"] <= open_page.viewport_size["width"]
            results = Axe().run(open_page, context=part)
            assert results.violations_count == 0, results.generate_report()
        open_page.click("#switch")


def finish(folder, name="gan_mnist.html"):
    """Finish a page in a folder; return the process."""
    return run_in(folder, "assets/page/finish.py", name)


def test_a_page_is_finished_once_and_only_one_of_the_template_that_is_known(executed, tmp_path):
    before = (executed / "gan_mnist.html").read_bytes()
    assert finish(executed).returncode == 0 and (executed / "gan_mnist.html").read_bytes() == before
    shutil.copytree(executed / "assets", tmp_path / "assets")
    (tmp_path / "other.html").write_text("<html><body>other</body></html>")
    for name in ("other.html", "none.html"):
        process = finish(tmp_path, name)
        assert process.returncode == 2 and "expected a page" in process.stderr.splitlines()[-1]


def test_what_a_teacher_added_does_not_break_the_page_and_another_g_gets_no_panel(run, tmp_path):
    """A formula that Matplotlib does not know is shown as it stands, a picture of another place is a link."""
    shutil.copytree(run, tmp_path / "checkpoints" / run.name)
    notebook = nbformat.read(NOTEBOOK, 4)
    for cell in notebook.cells:
        if cell.id == "better-run":
            cell.outputs = [nbformat.v4.new_output("stream", text=f'checkpoint_dir = "checkpoints/{run.name}"\n')]
    formula = "$$\\begin{aligned} a &= \\lVert b \\rVert < c \\end{aligned}$$"
    picture = "![A picture elsewhere](https://example.org/a.png)"
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"{formula}\n\n{picture}", id="added"))
    nbformat.write(notebook, tmp_path / "copy.ipynb")
    nbconvert(tmp_path, "--to", "html", notebook=tmp_path / "copy.ipynb")
    shutil.copy(tmp_path / "gan_mnist.html", tmp_path / "second.html")
    assert (finish(tmp_path).returncode, finish(tmp_path).stdout) == (0, "")
    page = (tmp_path / "gan_mnist.html").read_text(encoding="utf-8")
    assert "\\lVert b \\rVert &lt; c" in page and '<a href="https://example.org/a.png">' in page
    assert 'id="panel"' in page and "example.org/a.png" not in "".join(re.findall("<img[^>]*>", page))

    with np.load(tmp_path / "checkpoints" / run.name / "better" / "epoch-2.npz") as file:
        changed = dict(file, sample=file["sample"] * 0.5)  # as if G had another activation function
    np.savez(tmp_path / "checkpoints" / run.name / "better" / "epoch-2.npz", **changed)
    assert "no panel" in finish(tmp_path, "second.html").stdout
    page = (tmp_path / "second.html").read_text(encoding="utf-8")
    assert 'id="panel"' not in page and 'id="epoch"' in page
