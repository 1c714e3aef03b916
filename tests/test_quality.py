"""The measures against direct computations, and the pictures and results that a run leaves."""

import json
import platform
from pathlib import Path

import numpy as np
import pytest
from cells import run_cells, run_notebook

RNG = np.random.default_rng(0)
MEASURES = ["readable", "class_variation", "frechet_distance", "log_likelihood"]


def direct(x, samples, sigma):
    """Log of the mean of Gaussian densities, one image at a time, in double precision."""
    distances = np.array([((image - samples.astype(float)) ** 2).sum(axis=1) for image in x])
    constant = np.log(len(samples)) + x.shape[1] / 2 * np.log(2 * np.pi * sigma**2)
    return np.logaddexp.reduce(-distances / (2 * sigma**2), axis=1) - constant


@pytest.mark.parametrize("n, m, d, sigma", [(1, 1, 1, 1.0), (7, 5, 3, 0.3), (3, 40, 784, 0.01)])
def test_parzen_log_likelihood(trained, n, m, d, sigma):
    x, samples = RNG.random((n, d), dtype=np.float32), RNG.random((m, d), dtype=np.float32)
    distances = trained["squared_distances"](x, samples)
    found = trained["parzen_log_likelihood"](distances, sigma, d)
    assert found.shape == (n,)
    np.testing.assert_allclose(found, direct(x, samples, sigma), rtol=1e-5, atol=1e-3)


def test_score_is_of_the_test_images_at_the_width_that_suits_validation_images(trained):
    samples = trained["x_train"][:100] / np.float32(255)
    valid, sigmas = trained["x_valid"][:1000] / 255, np.arange(0.12, 0.265, 0.01)
    sigma = sigmas[np.argmax([direct(valid, samples, s).mean() for s in sigmas])]
    assert sigmas[0] < sigma < sigmas[-1]
    expected = direct(trained["x_test"] / 255, samples, sigma)
    found = trained["score"](2 * samples - 1)
    np.testing.assert_allclose(found, [expected.mean(), expected.std(ddof=1) / np.sqrt(200)], rtol=1e-4)


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


def test_readable_share_and_total_variation_of_the_classes(trained):
    """Seventy images of which the referee is sure, and thirty of which it is not, against as many of each class."""
    probabilities = np.full((100, 10), 0.01)
    probabilities[:70] = np.eye(10)[np.repeat(range(10), 7)]
    probabilities[70:, 0] = 0.9
    namespace = dict(trained, test_probabilities=np.eye(10))
    run_cells(namespace, "class-variation")
    assert trained["readable"](probabilities) == 0.7
    np.testing.assert_allclose(namespace["class_shares"](probabilities)[:3], [0.37, 0.07, 0.07])
    np.testing.assert_allclose(namespace["class_variation"](probabilities), 0.27)


def test_bootstrap_is_the_standard_error_of_a_mean(trained):
    rows = RNG.normal(size=400)
    value, error = trained["bootstrap"](np.mean, rows)
    assert value == rows.mean() and 0.5 < error / (rows.std() / 20) < 1.6


def test_referee_reads_digits_and_depends_on_nothing_of_the_gan(small, trained):
    """Another seed, slope or layer of the GAN changes no bit of it."""
    namespace = run_notebook("build", **small | {"seed": 3, "alpha": 0.3})
    namespace |= {"dense": None, "leaky_relu": None}
    run_cells(namespace, "build-referee", "classify")
    for mine, theirs in zip(namespace["classify"](trained["fakes"]), trained["classify"](trained["fakes"])):
        np.testing.assert_array_equal(mine, theirs)
    right = trained["test_probabilities"].argmax(axis=1) == trained["y_test"]
    assert right.mean() > 0.75
    np.testing.assert_allclose(trained["test_probabilities"].sum(axis=1), 1, rtol=1e-5)


def test_results_hold_the_settings_of_the_run_and_each_measure_with_its_error(trained, small):
    results = json.loads(Path(trained["run"], "results.json").read_text(encoding="utf-8"))
    settings = results["settings"]
    assert len(settings) == 15 and settings.items() >= small.items()
    assert all(trained[name] == value for name, value in settings.items())
    assert (results["epochs"], results["versions"]["Python"]) == (3, platform.python_version())
    np.testing.assert_allclose(results["losses"], trained["losses"][-1])
    probabilities = trained["fake_probabilities"]
    values = [results["measures"][name]["value"] for name in MEASURES]
    np.testing.assert_allclose(values[0], (probabilities.max(axis=1) > 0.9).mean())
    np.testing.assert_allclose(
        values[2], trained["frechet_distance"](trained["fake_features"], trained["test_features"])
    )
    assert all(results["measures"][name]["standard_error"] >= 0 for name in MEASURES)


def test_a_g_that_draws_nothing_has_measures_and_results_without_nan(trained, tmp_path):
    namespace = dict(trained, run=str(tmp_path), new_digits=lambda n, seed: np.full((n, 784), -1, np.float32))
    run_cells(namespace, "readable", "results")
    text = (tmp_path / "results.json").read_text(encoding="utf-8")
    results = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert results["measures"]["readable"]["value"] in (0, 1)
    assert results["measures"]["class_variation"]["value"] > 0.5


@pytest.mark.parametrize("classes, n", [(list(range(30, 56)), 1200), ([5], 60)])
def test_other_classes_and_few_images_give_numbers(small, small_data, tmp_path, classes, n):
    with np.load(small_data) as file:
        arrays = {name: array[:n] for name, array in file.items()}
    labels = {name: np.resize(np.uint8(classes), len(arrays[name])) for name in ("y_train", "y_test")}
    np.savez(tmp_path / "other.npz", **arrays | labels)
    changes = {"data_path": str(tmp_path / "other.npz"), "epochs": 1, "batch_size": 20}
    namespace = run_notebook("results", **small | changes, checkpoint_dir=str(tmp_path / "run"))
    assert namespace["classes"].tolist() == classes
    assert np.isfinite([value for pair in namespace["measures"].values() for value in pair]).all()


def test_digits_are_laid_out_row_by_row(trained):
    images = RNG.uniform(-1, 1, (6, 28, 28))
    expected = np.block([list(images[:3]), list(images[3:])])
    np.testing.assert_array_equal(trained["tile"](images.reshape(6, 784), columns=3), expected)


def test_pictures_show_what_their_titles_say(trained, monkeypatch):
    """The nearest training images, a walk in equal steps that leaves the category alone but in its last row, the sample of an epoch."""
    real = trained["x_train"] / 127.5 - 1
    all_distances = [np.sqrt(((real - fake) ** 2).sum(axis=1)) for fake in trained["fakes"][:500].astype(float)]
    np.testing.assert_allclose(trained["distances"], np.min(all_distances, axis=1), rtol=1e-3)
    pairs = trained["pairs"]
    gaps = np.sqrt(((pairs[:16] - pairs[16:]) ** 2).sum(axis=1))
    np.testing.assert_allclose(gaps, np.sort(trained["distances"])[:16], rtol=1e-3)

    walks, categories = trained["walks"], trained["z_categories"]
    steps = np.diff(walks, axis=1)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[:, :1], steps.shape), atol=4e-7)
    assert not steps[:-1, :, :categories].any() and steps[-1, :, :categories].any() and steps[..., categories:].all()

    shown, samples = [], trained["samples"]
    monkeypatch.setitem(trained, "show_digits", lambda *arguments: shown.append(arguments))
    for epoch, title in ((-1, "Samples after epoch 3"), (0, "Samples after epoch 1")):
        trained["view_samples"](epoch, samples)
        np.testing.assert_equal(shown.pop(), (samples[epoch], title))
