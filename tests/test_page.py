"""A headless run and its page in a browser: all works in both languages, and the panel draws by G."""

import re
import shutil

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from conftest import nbconvert, run_in, saved
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


@pytest.fixture(params=[(1400, "light", "no-preference"), (400, "dark", "reduce")], ids=str)
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
    animation = "gif" if tab.viewport_size["width"] == 1400 else "png"  # still for whoever asks for less motion
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
    assert len(re.findall("data:image/(png|webp);base64", page)) >= 12
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


CANVASES = "() => [...document.querySelectorAll('#panel canvas:not(#walk)')].map(canvas => canvas.toDataURL())"


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


def test_panel_tells_values_is_reset_and_walks_by_part_1s_g(open_page, drawer, run):
    slider = open_page.locator("#panel input[type=range]").first
    slider.press("End")
    assert open_page.locator("#panel output").first.inner_text() == "1.00"
    open_page.click("#reset")
    values = open_page.locator("#panel input[type=range]").evaluate_all("sliders => sliders.map(s => +s.value)")
    assert set(values) == {0} and open_page.locator("#panel output").first.inner_text() == "0.00"
    walked = "document.getElementById('walk').toDataURL()"
    before = open_page.evaluate(walked)
    open_page.click("#walk-again")
    assert open_page.evaluate(walked) != before

    with np.load(run / "plain" / "history.npz") as history:
        expected = history["samples"][-1]
    z = drawer["random_z"](np.random.default_rng([0, 0, 1]), 16)  # sample_z
    drawn = open_page.evaluate("zs => zs.map(z => Array.from(generate(z, PLAIN)))", z.tolist())
    np.testing.assert_allclose(drawn, expected, atol=0.02)


def test_slider_over_the_epochs_shows_the_samples_of_both_runs_and_their_losses(open_page, drawer, run):
    """In place of the animation, which nothing could stop; the untrained G first."""
    assert not open_page.locator("img[src^='data:image/gif']").count()
    with np.load(run / "plain" / "history.npz") as history:
        plain = history["losses"].reshape(2, -1, 2).mean(axis=1), history["samples"]
    slider = open_page.locator("#epoch")
    for k, (losses, samples) in enumerate([plain, drawer["history"](run / "better")]):
        open_page.select_option("#epoch-run", str(k))
        assert open_page.locator("#epoch-label .en").inner_text() == "epoch 2"
        for epoch, key in ((2, "End"), (1, "ArrowLeft"), (0, "Home")):
            slider.press(key)
            told = "D {:.2f} G {:.2f}".format(*losses[epoch - 1]) if epoch > 0 else "untrained"
            assert told in open_page.locator("#epoch-losses").inner_text()
            assert open_page.locator("#epoch-label .en").inner_text() == f"epoch {epoch}"
            pixels = "() => Array.from(samples.getContext('2d').getImageData(0, 0, 112, 112).data)"
            shown = np.reshape(open_page.evaluate(pixels), (112, 112, 4))[..., 0]
            expected = np.block([list(row) for row in samples[epoch].reshape(4, 4, 28, 28)])
            np.testing.assert_allclose(shown, 127.5 * (expected + 1), atol=1.5)
    open_page.click("#epoch-play")
    open_page.wait_for_function(
        "epoch.value === epoch.max && /Play/.test(document.getElementById('epoch-play').innerText)"
    )


def test_game_covers_a_ring_collapses_on_blobs_and_comes_back(browser, executed):
    """G covers the ring by the settings that the game starts with; with D rarely trained it leaves a blob, and with D trained
    as often as G it finds both again; D far ahead sees through the fakes; D standing still lets them run away."""
    tab = browser.new_page()
    tab.goto((executed / "gan_mnist.html").as_uri())
    code = """() => {
      const ring = makeGame(5, "ring"), ahead = makeGame(5, "ring"), still = makeGame(5, "ring");
      for (let k = 0; k < 600; k++) ring.step(1);
      for (let k = 0; k < 10; k++) ahead.step(25);
      for (let k = 0; k < 100; k++) still.learnD();
      for (let k = 0; k < 600; k++) still.step(0);
      const judged = [ahead.reals(200), ahead.fakes(200)].map(points => points.map(([x, y]) => ahead.D(x, y)));
      const blobs = makeGame(5, "blobs", {rates: {D: 0.02, G: 0.005}}), left = [];
      for (let k = 0; k < 3300; k++) {
        blobs.step(k < 3000 ? 0.02 : 1);
        if (k % 100 === 99) left.push(blobs.fakes(200).filter(([x]) => x < 0).length / 200);
      }
      return [ring.fakes(400), judged, still.fakes(400), left];
    }"""
    ring, (on_real, on_fakes), ran_away, left = tab.evaluate(code)
    tab.close()
    radius, sector = np.hypot(*np.transpose(ring)), np.floor(6 * np.arctan2(*np.transpose(ring)) / np.pi)
    assert np.mean(np.abs(radius - 1) < 0.2) > 0.8 and len(np.unique(sector[np.abs(radius - 1) < 0.2])) == 12
    assert np.mean(on_real) > 0.9 and np.mean(on_fakes) < 0.1
    assert np.median(np.hypot(*np.transpose(ran_away))) > 1.3
    assert max(max(share, 1 - share) for share in left[:30]) > 0.95 and 0.25 < left[-1] < 0.75


def test_game_is_stepped_played_paused_and_given_other_points(open_page):
    told, plot = open_page.locator("#game-text .en"), "document.getElementById('game-plot').toDataURL()"
    assert "of G: 0." in told.inner_text()
    seen = {open_page.evaluate(plot)}
    steps = {"#game-step-d": (10, 0), "#game-step-g": (10, 10), "#game-step": (11, 11), "#game-again": (0, 0)}
    for button, (d, g) in steps.items():
        open_page.click(button)
        assert f"Steps of D: {d}, of G: {g}." in told.inner_text()
        seen.add(open_page.evaluate(plot))
    assert len(seen) == 4  # the last is the first again
    for data in ("blobs", "ring"):
        open_page.select_option("#game-data", data)
        open_page.click("#game-play")
        open_page.wait_for_function("/of G: [1-9]/.test(document.getElementById('game-text').innerText)")
        open_page.click("#game-play")
        assert open_page.locator("#game-play .en").inner_text() == "Play"
    open_page.select_option("#game-data", "draw")
    assert "Draw on the plane" in told.inner_text()
    open_page.locator("#game-plot").scroll_into_view_if_needed()
    box = open_page.locator("#game-plot").bounding_box()
    open_page.mouse.move(box["x"] + 60, box["y"] + 60)
    open_page.mouse.down()
    open_page.mouse.move(box["x"] + 120, box["y"] + 90, steps=5)
    open_page.mouse.up()
    open_page.click("#game-step")
    assert "of G: 1." in told.inner_text() and "Draw" not in told.inner_text()
    for button in open_page.locator("#game [data-try]").all():
        button.click()
        open_page.wait_for_function("/of G: [1-9]/.test(document.getElementById('game-text').innerText)")
    open_page.click("#game-cure")
    assert open_page.locator("#game-d-steps").input_value() == "1"


def test_one_can_be_d_against_each_opponent(open_page, run):
    choices, result = open_page.locator("#be-d .choice"), open_page.locator("#be-d-result .en")
    assert (
        choices.count() == 16 and open_page.locator("#be-d-opponent option").count() == 4
    )  # two epochs: 0, 1, 2, better
    for opponent in range(4):
        open_page.select_option("#be-d-opponent", str(opponent))
        choices.nth(2).click()
        choices.nth(5).press("Enter")
        choices.nth(5).press("Enter")
        pressed = choices.evaluate_all("all => all.map(c => c.ariaPressed === 'true')")
        assert pressed == [k == 2 for k in range(16)]
        open_page.click("#be-d-check")
        captions = open_page.locator("#be-d .choice .en").all_inner_texts()
        fake = [caption == "fake" for caption in captions]
        assert 5 <= sum(fake) <= 11 and result.inner_text().startswith(f"{sum(fake)} were fakes")
        right = sum(is_fake == mark for is_fake, mark in zip(fake, pressed))
        assert (
            f"You got {right} of 16 right" in result.inner_text() and f"of {16 * opponent + 16}." in result.inner_text()
        )
        wrong = choices.evaluate_all("all => all.map(c => c.classList.contains('wrong'))")
        assert wrong == [is_fake != mark for is_fake, mark in zip(fake, pressed)]


def test_verdicts_in_the_game_against_d_are_those_of_the_runs_d(open_page, executed, run):
    """Of Part 1's D, computed by NumPy from its checkpoint."""
    shown = open_page.evaluate("FAKES.opponents.map(o => [o.real, o.fake])")
    weights = [
        saved(run / "plain")[f"discriminator/{name}"]
        for name in ("h1/kernel", "h1/bias", "logits/kernel", "logits/bias")
    ]
    with np.load(run / "plain" / "history.npz") as history:
        fakes = history["samples"][2]
    with np.load(executed / "assets" / "data" / "mnist.npz") as file:
        real = file["x_test"][:96].reshape(-1, 784) / 127.5 - 1
    for x, found in zip((real, fakes), shown[2]):
        hidden = x @ weights[0] + weights[1]
        logits = np.maximum(0.01 * hidden, hidden) @ weights[2] + weights[3]
        np.testing.assert_allclose(found, 1 / (1 + np.exp(-logits[:, 0])), atol=2e-3)


def test_code_that_is_not_about_gans_is_folded_and_contents_follow_the_reading(open_page):
    folds = open_page.locator("details.folded")
    assert folds.count() == 6 and not open_page.locator("details.folded[open]").count()
    assert not folds.first.locator("pre").is_visible()
    folds.first.locator("summary").click()
    assert folds.first.locator("pre").is_visible()
    open_page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert open_page.locator("details.folded[open]").count() == 6
    open_page.evaluate("dispatchEvent(new Event('afterprint'))")
    contents = open_page.locator("#contents")
    assert contents.is_visible() == (open_page.viewport_size["width"] == 1400)
    if contents.is_visible():
        assert contents.locator("a").count() == 19
        contents.locator("a", has_text="8 Losses").click()
        open_page.wait_for_function("/^8/.test(document.querySelector('#contents [aria-current]').innerText)")
        open_page.click("#switch")
        assert contents.locator("a").nth(7).inner_text() == "8 损失"
    assert open_page.evaluate("document.documentElement.scrollWidth") <= open_page.viewport_size["width"]


def test_what_plays_is_accessible_in_both_languages_and_themes(open_page):
    for other in (".zh", ".en"):
        for part in ("#panel", "#learning", "#game", "#be-d", "#contents"):
            assert open_page.locator(f"{part} {other}:visible").count() == 0
            box = open_page.locator(part).bounding_box()
            assert box is None or box["width"] <= open_page.viewport_size["width"]
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


def test_alternative_texts_belong_to_their_pictures(tmp_path):
    """Also with cells removed, without the output of another, and with a picture of a reader's own."""
    notebook = nbformat.read(NOTEBOOK, 4)
    alts = {cell.id: cell.metadata.alt for cell in notebook.cells if "alt" in cell.metadata}
    own = nbformat.v4.new_code_cell("my_picture", id="mine")
    for cell in notebook.cells:
        if cell.id in ("real-digits", "untrained", "dense"):
            cell.metadata.tags = ["removed"]
        if cell.id == "curves":
            cell.outputs = []
        if cell.id == "show-verdicts":
            own.outputs = cell.outputs
    notebook.cells.insert(3, own)
    nbformat.write(notebook, tmp_path / "copy.ipynb")
    removed = ["--TagRemovePreprocessor.enabled=True", "--TagRemovePreprocessor.remove_cell_tags=removed"]
    nbconvert(tmp_path, "--to", "html", *removed, notebook=tmp_path / "copy.ipynb")
    assert finish(tmp_path).returncode == 0
    soup = BeautifulSoup((tmp_path / "gan_mnist.html").read_text(encoding="utf-8"), "html.parser")
    for place in soup.select(".jp-Cell[id]"):
        name = place["id"].removeprefix("cell-id=")
        for image in place.select(".jp-OutputArea img:not([src^='data:image/gif'])"):
            assert image["alt"] == alts.get(name, "No description has been provided for this image"), name
    assert len(soup.select(".jp-OutputArea img")) > 15 and not soup.find(id="cell-id=untrained")
