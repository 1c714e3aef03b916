"""The measures against direct computations, and the pictures and results that a run leaves."""

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from cells import NOTEBOOK, run_cells, run_notebook

RNG = np.random.default_rng(0)
TUTORIAL = {"z_size": 100, "z_kinds": 0, "alpha": 0.01, "beta1": 0.9, "learning_rate": 0.002}


def direct(x, samples, sigma):
    """Log of the mean of Gaussian densities, one image at a time, in double precision."""
    distances = np.array([((image - samples.astype(float)) ** 2).sum(axis=1) for image in x])
    constant = np.log(len(samples)) + x.shape[1] / 2 * np.log(2 * np.pi * sigma**2)
    return np.logaddexp.reduce(-distances / (2 * sigma**2), axis=1) - constant


@pytest.mark.parametrize("n, m, d, sigma", [(1, 1, 1, 1.0), (7, 5, 3, 0.3), (1203, 40, 784, 0.2), (3, 40, 784, 0.01)])
def test_parzen_log_likelihood(trained, n, m, d, sigma):
    x, samples = RNG.random((n, d), dtype=np.float32), RNG.random((m, d), dtype=np.float32)
    distances = trained["squared_distances"](x, samples)
    found = trained["parzen_log_likelihood"](distances, sigma, d)
    assert found.shape == (n,)
    np.testing.assert_allclose(found, direct(x, samples, sigma), rtol=1e-5, atol=1e-3)


def test_score_is_at_the_width_that_suits_validation_images_and_reports_one_at_the_edge(trained, capsys):
    """It is the mean over the test images, and its standard error."""
    samples = trained["x_train"][:100] / np.float32(255)
    valid, sigmas = trained["x_valid"][:1000] / 255, np.arange(0.12, 0.27, 0.01)
    sigma = sigmas[np.argmax([direct(valid, samples, s).mean() for s in sigmas])]
    assert sigmas[0] < sigma < sigmas[-1]
    expected = direct(trained["x_test"] / 255, samples, sigma)
    found = trained["score"](2 * samples - 1)
    np.testing.assert_allclose(found, [expected.mean(), expected.std(ddof=1) / np.sqrt(200)], rtol=1e-4)
    assert "edge" not in capsys.readouterr().out
    trained["score"](np.ones((5, 784), np.float32))
    assert "edge" in capsys.readouterr().out


def test_frechet_distance(trained):
    """With A = L Lᵀ and B = M Mᵀ, the trace of the root of A B is the sum of the singular values of Lᵀ M."""
    a = RNG.normal(size=(500, 8)) @ RNG.normal(size=(8, 8)) + RNG.normal(size=8)
    b = RNG.normal(size=(300, 8)) @ RNG.normal(size=(8, 8))
    left, right = (np.linalg.cholesky(np.cov(x, rowvar=False)) for x in (a, b))
    expected = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() + (left**2).sum() + (right**2).sum()
    expected -= 2 * np.linalg.norm(left.T @ right, "nuc")
    np.testing.assert_allclose(trained["frechet_distance"](a, b), expected, rtol=1e-8)
    np.testing.assert_allclose(trained["frechet_distance"](a, a), 0, atol=1e-8)
    np.testing.assert_allclose(trained["frechet_distance"](a, a + 2), 4 * 8, rtol=1e-8)


def test_what_the_referee_cannot_read_counts_for_no_class(trained):
    probabilities = np.full((100, 10), 0.01)
    probabilities[:80] = np.eye(10)[np.repeat(range(10), [1, 9, 10, 10, 10, 10, 10, 10, 5, 5])]
    probabilities[80:, 0] = 0.9
    np.testing.assert_allclose(trained["shares"](probabilities)[:3], [0.01, 0.09, 0.1])
    assert (trained["readable"](probabilities), trained["rarest"](probabilities)) == (0.8, 0.01)


def test_bootstrap_is_the_standard_error_of_a_mean(trained):
    rows = RNG.normal(size=400)
    value, error = trained["bootstrap"](np.mean, rows)
    assert value == rows.mean() and 0.5 < error / (rows.std() / 20) < 1.6


def test_referee_reads_digits_and_depends_on_nothing_of_the_gan(small, trained):
    """It is given what it needs: another seed, slope or graph of the GAN changes no bit of it."""
    images = trained["rescale"](trained["x_train"])
    for changes in ({}, {"seed": 3, "alpha": 0.3}):
        namespace = run_cells(run_notebook("build", **small | changes), "referee", "classify")
        referee = namespace["train_referee"](images, trained["y_train"], 10)
        np.testing.assert_equal(referee, trained["referee"])
    kernel, bias, out_kernel, out_bias = (array.astype(float) for array in referee)
    hidden = trained["x_test"] / 255 @ kernel + bias
    expected = np.where(hidden > 0, hidden, 0.1 * hidden)
    odds = np.exp(expected @ out_kernel + out_bias)
    features, found = trained["classify"](referee, trained["rescale"](trained["x_test"]))
    np.testing.assert_allclose(features, expected, atol=1e-4)
    np.testing.assert_allclose(found, odds / odds.sum(axis=1, keepdims=True), atol=1e-4)
    assert np.mean(found.argmax(axis=1) == trained["y_test"]) > 0.75


def test_results_hold_the_settings_of_the_run_and_each_measure_with_its_error(trained):
    run = Path(trained["run"])
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    assert (results["epochs"], results["settings"]) == (3, json.loads((run / "settings.json").read_text()))
    np.testing.assert_allclose(results["losses"], trained["losses"][-1], rtol=1e-6)
    probabilities = trained["fake_probabilities"]
    read_as = probabilities.argmax(axis=1)[probabilities.max(axis=1) > 0.9]
    shares = np.bincount(read_as, minlength=10) / len(probabilities)
    names = "readable", "rarest class", "log-likelihood", "Fréchet distance"
    values, errors = np.transpose([results[name] for name in names])
    np.testing.assert_allclose(values[:2], [shares.sum(), shares.min()])
    assert np.isfinite(values).all() and np.all(errors >= 0)


@pytest.mark.parametrize("classes, n, settings", [(list(range(30, 56)), 1200, {}), ([5], 48, TUTORIAL)])
def test_other_classes_few_images_and_no_switches_give_numbers(small, small_data, tmp_path, classes, n, settings):
    """All cells run, also with the tutorial's own settings, but for its sizes."""
    with np.load(small_data) as file:
        arrays = {name: array[:n] for name, array in file.items()}
    labels = {name: np.resize(np.uint8(classes), len(arrays[name])) for name in ("y_train", "y_test")}
    np.savez(tmp_path / "other.npz", **arrays | labels)
    settings = settings | {"data_path": str(tmp_path / "other.npz"), "epochs": 1, "batch_size": 20}
    namespace = run_notebook("nearest", **small | settings, checkpoint_dir=str(tmp_path / "run"))
    assert namespace["classes"].tolist() == classes
    assert len(namespace["shares"](namespace["fake_probabilities"])) == len(classes)
    assert np.isfinite([namespace["results"][name] for name in ("readable", "log-likelihood")]).all()


def test_digits_are_drawn_row_by_row_also_under_the_readers_own_settings(trained):
    plt, images = trained["plt"], RNG.uniform(-1, 1, (6, 28, 28))
    with plt.rc_context({"image.origin": "lower", "image.cmap": "jet"}):
        ax = plt.figure().add_subplot()
        trained["draw_digits"](ax, images.reshape(6, 784), "title", columns=3)
    (picture,) = ax.images
    assert (picture.cmap.name, picture.origin, picture.get_clim()) == ("gray", "upper", (-1, 1))
    np.testing.assert_array_equal(picture.get_array(), np.block([list(images[:3]), list(images[3:])]))


def test_pictures_show_what_their_titles_say(trained, monkeypatch):
    """The nearest training images, a walk in equal steps that leaves the switch alone, the sample of an epoch."""
    real = trained["x_train"] / 127.5 - 1
    expected = [((real - fake) ** 2).sum(axis=1).argmin() for fake in trained["fakes"][:16].astype(float)]
    np.testing.assert_array_equal(trained["nearest"], expected)

    walks, kinds = trained["walks"], trained["z_kinds"]
    steps = np.diff(walks, axis=1)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[:, :1], steps.shape), atol=4e-7)
    assert walks.shape == (6, 12, trained["z_size"]) and not steps[..., :kinds].any() and steps[..., kinds:].all()

    shown, samples = [], trained["samples"]
    monkeypatch.setitem(trained, "show_digits", lambda *arguments: shown.append(arguments))
    for epoch, title in ((-1, "Samples after epoch 3"), (0, "Samples after epoch 1")):
        trained["view_samples"](epoch, samples)
        np.testing.assert_equal(shown.pop(), (samples[epoch], title))
    with pytest.raises(IndexError):
        trained["view_samples"](3, samples)


def test_widgets_of_the_last_section_draw(trained):
    """The lines to paste are run as they stand, in both languages the same."""
    text = "".join(cell.source for cell in nbformat.read(NOTEBOOK, 4).cells if cell.id.startswith("text-19"))
    blocks = [block for block in re.findall(r"(?s)```python\n(.*?)```", text) if "interact" in block]
    code, chinese_code = (re.sub("(?m)^   ", "", block) for block in blocks)
    assert code == chinese_code
    namespace, shown = dict(trained), []
    namespace["show_digits"] = lambda images, title, columns: shown.append(images)
    exec(code, namespace)
    kinds, size = namespace["z_kinds"], namespace["z_size"]
    namespace["draw"](switch=2, dial_0=0.5, **{f"dial_{k}": 0.0 for k in range(1, size - kinds)})
    z = np.zeros((1, size), np.float32)
    z[0, [2, kinds]] = 1, 0.5
    np.testing.assert_allclose(shown[-1], namespace["generate"](z), atol=1e-5)
