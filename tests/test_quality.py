"""The Parzen window log-likelihood and nearest neighbours against direct computations in float64."""

import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import run_cell, run_notebook

RNG = np.random.default_rng(0)


def direct(x, samples, sigma):
    """Log of the mean of Gaussian densities, one image and one sample at a time."""
    densities = [
        [-((image - sample) ** 2).sum() / (2 * sigma**2) for sample in samples.astype(float)]
        for image in x.astype(float)
    ]
    constant = np.log(len(samples)) + x.shape[1] / 2 * np.log(2 * np.pi * sigma**2)
    return np.logaddexp.reduce(densities, axis=1) - constant


@pytest.mark.parametrize(
    "n, m, d, sigma",
    [(1, 1, 1, 1.0), (7, 5, 3, 0.3), (1203, 40, 784, 0.2), (3, 40, 784, 0.01)],
)
def test_parzen_log_likelihood(trained, n, m, d, sigma):
    x, samples = (
        RNG.random((n, d), dtype=np.float32),
        RNG.random((m, d), dtype=np.float32),
    )
    found = trained["parzen_log_likelihood"](x, samples, sigma)
    assert found.shape == (n,)
    np.testing.assert_allclose(found, direct(x, samples, sigma), rtol=1e-5, atol=1e-3)


def test_parzen_window_is_a_density(trained):
    grid = np.linspace(-3, 4, 7001)[:, None]
    density = np.exp(trained["parzen_log_likelihood"](grid, np.array([[0.2], [0.9]]), 0.4))
    assert abs(density.sum() * 0.001 - 1) < 1e-4


@pytest.mark.parametrize("x, samples", [((2, 3), (2, 4)), ((2, 3), (0, 3)), ((3,), (2, 3))])
def test_parzen_refuses_what_does_not_fit(trained, x, samples):
    with pytest.raises(ValueError):
        trained["parzen_log_likelihood"](np.zeros(x), np.zeros(samples), 1)


def test_score_is_mean_and_standard_error_at_the_sigma_that_suits_validation_images(trained):
    samples = trained["x_train"][:100] / np.float32(255)
    valid, sigmas = trained["x_valid"][:1000] / 255, np.arange(0.12, 0.27, 0.01)
    sigma = sigmas[np.argmax([direct(valid, samples, s).mean() for s in sigmas])]
    assert sigmas[0] < sigma < sigmas[-1]
    expected = direct(trained["pixels"], samples, sigma)
    np.testing.assert_allclose(
        trained["score"](trained["pixels"], samples),
        [expected.mean(), expected.std() / np.sqrt(200)],
        rtol=1e-4,
    )


def frechet(a, b):
    """Fréchet distance of two Gaussians by the square root of a symmetric matrix."""
    values, vectors = np.linalg.eigh(np.cov(a, rowvar=False))
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    product = np.linalg.eigvalsh(root @ np.cov(b, rowvar=False) @ root)
    traces = a.var(axis=0, ddof=1).sum() + b.var(axis=0, ddof=1).sum()
    gap = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return gap + traces - 2 * np.sqrt(np.maximum(product, 0)).sum()


def test_frechet_distance(trained):
    a = RNG.normal(size=(500, 8)) @ RNG.normal(size=(8, 8)) + RNG.normal(size=8)
    b = RNG.normal(size=(300, 8)) @ RNG.normal(size=(8, 8))
    np.testing.assert_allclose(trained["frechet_distance"](a, b), frechet(a, b), rtol=1e-8)
    np.testing.assert_allclose(trained["frechet_distance"](a, a), 0, atol=1e-8)
    np.testing.assert_allclose(trained["frechet_distance"](a, a + 2), 4 * 8, rtol=1e-8)


def test_measures_of_images_with_known_answers(trained):
    features, sure = RNG.normal(size=(100, 256)), np.full((100, 10), 0.01)
    sure[:80, :] = np.eye(10)[np.repeat(range(10), [1, 9, 10, 10, 10, 10, 10, 10, 5, 5])]
    sure[80:, 3] = 0.9
    images = RNG.random((100, 784), dtype=np.float32)
    found = trained["measures"](images, features, sure)
    np.testing.assert_allclose(found["readable"], (0.8, np.sqrt(0.8 * 0.2 / 100)))
    np.testing.assert_allclose(found["rarest class"], (0.01, 0.01))
    expected = frechet(features, trained["test"][0].astype(float))
    np.testing.assert_allclose(found["Fréchet distance"][0], expected, rtol=1e-3)
    np.testing.assert_allclose(found["log-likelihood"], trained["score"](trained["pixels"], images))


def test_results_hold_the_settings_the_last_losses_and_the_measures(trained):
    path = Path(trained["checkpoint_dir"], "results.json")
    results = json.loads(path.read_text(encoding="utf-8"))
    assert results["epochs"] == 3
    assert results["settings"] == trained["settings"]().split()
    np.testing.assert_array_equal(np.float32(results["losses"]), trained["losses"][-1])
    _, answers = trained["of_fakes"]
    assert results["readable"][0] == np.mean(answers.max(axis=1) > 0.9)
    reads = np.bincount(answers.argmax(axis=1), minlength=10) / 10_000
    assert results["rarest class"][0] == reads.min()
    np.testing.assert_allclose(trained["share"], reads)
    for name in ("log-likelihood", "readable", "Fréchet distance", "rarest class"):
        value, error = results[name]
        assert np.isfinite(value) and error >= 0


@pytest.mark.parametrize("classes", [[3, 7], list(range(30, 56))])
def test_labels_that_are_not_0_to_9(small, small_data, tmp_path, classes, capsys):
    with np.load(small_data) as file:
        arrays = dict(file)
    for name in ("y_train", "y_test"):
        n = len(arrays[name])
        arrays[name] = np.uint8(classes)[np.arange(n) % len(classes)]
    np.savez(tmp_path / "other.npz", **arrays)
    parameters = small | {"data_path": str(tmp_path / "other.npz"), "epochs": 1}
    namespace = run_notebook("results", **parameters, checkpoint_dir=str(tmp_path / "run"))
    assert namespace["classes"].tolist() == classes
    assert len(namespace["share"]) == len(classes)
    right = re.search(r"right about ([\d.]+)%", capsys.readouterr().out).group(1)
    assert 0 <= float(right) <= 100


def test_nearest_training_images(trained):
    fakes = trained["fakes"][:16].astype(float)
    real = trained["x_train"] / 127.5 - 1
    expected = [((real - fake) ** 2).sum(axis=1).argmin() for fake in fakes]
    np.testing.assert_array_equal(trained["nearest"], expected)


def test_digits_are_drawn_row_by_row(trained):
    images = RNG.uniform(-1, 1, (6, 784))
    ax = plt.figure().gca()
    trained["show_digits"](images, "title", columns=3, ax=ax)
    picture = ax.images[0].get_array()
    assert picture.shape == (56, 84) and ax.get_title() == "title"
    assert ax.images[0].get_clim() == (-1, 1)
    for k, image in enumerate(images):
        row, column = divmod(k, 3)
        tile = picture[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
        np.testing.assert_array_equal(tile, image.reshape(28, 28))


def test_walk_turns_the_dials_in_equal_steps_and_leaves_the_switch(trained):
    kinds = trained["z_kinds"]
    walks = trained["walks"].reshape(6, 12, trained["z_size"])
    assert np.all(walks[..., :kinds] == walks[:, :1, :kinds])
    starts, ends = walks[:, 0, kinds:], walks[:, -1, kinds:]
    assert np.abs(ends - starts).max() > 0.5
    steps = np.repeat(((ends - starts) / 11)[:, None], 11, axis=1)
    np.testing.assert_allclose(np.diff(walks[..., kinds:], axis=1), steps, atol=1e-6)


def test_view_samples_names_the_epoch_it_shows(trained, monkeypatch):
    shown = []
    monkeypatch.setitem(trained, "show_digits", lambda images, title: shown.append((images, title)))
    trained["view_samples"](-1, trained["samples"])
    trained["view_samples"](0, trained["samples"])
    assert [title for _, title in shown] == [
        "Samples after epoch 3",
        "Samples after epoch 1",
    ]
    np.testing.assert_array_equal(shown[0][0], trained["samples"][-1])
    with pytest.raises(IndexError):
        trained["view_samples"](3, trained["samples"])
    run_cell(trained, "view-samples")
