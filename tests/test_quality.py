"""The measures against direct computations, and the pictures and results that a run leaves."""

import json
from pathlib import Path

import numpy as np
import pytest
from cells import run_cells, run_notebook

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
    "n, m, d, sigma", [(1, 1, 1, 1.0), (7, 5, 3, 0.3), (1203, 40, 784, 0.2), (3, 40, 784, 0.01)]
)
def test_parzen_log_likelihood(trained, n, m, d, sigma):
    x, samples = RNG.random((n, d), dtype=np.float32), RNG.random((m, d), dtype=np.float32)
    distances = trained["squared_distances"](x, samples)
    found = trained["parzen_log_likelihood"](distances, sigma, d)
    assert found.shape == (n,)
    np.testing.assert_allclose(found, direct(x, samples, sigma), rtol=1e-5, atol=1e-3)


def test_score_is_mean_and_standard_error_at_the_sigma_that_suits_validation_images(trained):
    samples = trained["x_train"][:100] / np.float32(255)
    valid, sigmas = trained["x_valid"][:1000] / 255, np.arange(0.12, 0.27, 0.01)
    sigma = sigmas[np.argmax([direct(valid, samples, s).mean() for s in sigmas])]
    assert sigmas[0] < sigma < sigmas[-1]
    expected = direct(trained["x_test"] / 255, samples, sigma)
    found = trained["score"](2 * samples - 1)
    np.testing.assert_allclose(
        found, [expected.mean(), expected.std(ddof=1) / np.sqrt(200)], rtol=1e-4
    )


def test_a_width_at_the_edge_of_those_tried_is_reported(trained, capsys):
    trained["score"](trained["rescale"](trained["x_train"][:100]))
    assert "edge" not in capsys.readouterr().out
    trained["score"](np.ones((5, 784), np.float32))
    assert "edge" in capsys.readouterr().out


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


def test_what_the_referee_cannot_read_counts_for_no_class(trained):
    probabilities = np.full((100, 10), 0.01)
    probabilities[:80, :] = np.eye(10)[np.repeat(range(10), [1, 9, 10, 10, 10, 10, 10, 10, 5, 5])]
    probabilities[80:, 0] = 0.9
    assert trained["readable"](probabilities) == 0.8
    np.testing.assert_allclose(trained["shares"](probabilities)[:3], [0.01, 0.09, 0.1])
    assert trained["rarest"](probabilities) == 0.01


def test_bootstrap_is_the_standard_error_of_a_mean(trained):
    rows = RNG.normal(size=400)
    value, error = trained["bootstrap"](np.mean, rows)
    assert value == rows.mean()
    assert 0.5 < error / (rows.std() / 20) < 1.6


def test_referee_reads_digits_and_depends_on_nothing_of_the_gan(small, trained):
    """It is given what it needs: another seed, slope or graph of the GAN changes no bit of it."""
    referees = []
    for changes in ({}, {"seed": 3, "alpha": 0.3}):
        namespace = run_notebook("build", **small | changes)
        run_cells(namespace, "referee", "read")
        images = namespace["rescale"](trained["x_train"])
        referees.append(namespace["train_referee"](images, trained["y_train"], 10))
    for a, b, c in zip(*referees, trained["referee"]):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)
    kernel, bias, out_kernel, out_bias = (array.astype(float) for array in trained["referee"])
    images = trained["rescale"](trained["x_test"])
    hidden = (images + 1) / 2 @ kernel + bias
    expected = np.where(hidden > 0, hidden, 0.1 * hidden)
    odds = np.exp(expected @ out_kernel + out_bias)
    features, found = trained["read"](trained["referee"], images)
    np.testing.assert_allclose(features, expected, atol=1e-4)
    np.testing.assert_allclose(found, odds / odds.sum(axis=1, keepdims=True), atol=1e-4)
    assert np.mean(found.argmax(axis=1) == trained["y_test"]) > 0.75


def test_results_hold_the_settings_of_the_run_and_each_measure_with_its_error(trained, small):
    run = Path(trained["run"])
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    assert results["epochs"] == 3
    assert results["settings"] == json.loads((run / "settings.json").read_text())
    np.testing.assert_array_equal(np.float32(results["losses"]), np.float32(trained["losses"][-1]))
    probabilities = trained["fake_probabilities"]
    assert np.isclose(results["readable"][0], np.mean(probabilities.max(axis=1) > 0.9))
    assert results["rarest class"][0] == trained["shares"](probabilities).min()
    for name in ("log-likelihood", "readable", "Fréchet distance", "rarest class"):
        value, error = results[name]
        assert np.isfinite(value) and error >= 0


@pytest.mark.parametrize("classes, n", [(list(range(30, 56)), 1200), ([5], 48)])
def test_other_classes_and_few_images_give_numbers(small, small_data, tmp_path, classes, n):
    with np.load(small_data) as file:
        arrays = {name: array[:n] for name, array in file.items()}
    for name in ("y_train", "y_test"):
        arrays[name] = np.uint8(classes)[np.arange(len(arrays[name])) % len(classes)]
    np.savez(tmp_path / "other.npz", **arrays)
    parameters = {"data_path": str(tmp_path / "other.npz"), "epochs": 1, "batch_size": 20}
    namespace = run_notebook("nearest", **small | parameters, checkpoint_dir=str(tmp_path / "run"))
    assert namespace["classes"].tolist() == classes
    assert len(namespace["shares"](namespace["fake_probabilities"])) == len(classes)
    assert np.isfinite(
        [namespace["results"][name] for name in ("readable", "log-likelihood")]
    ).all()


def test_nearest_training_images(trained):
    fakes = trained["fakes"][:16].astype(float)
    real = trained["x_train"] / 127.5 - 1
    expected = [((real - fake) ** 2).sum(axis=1).argmin() for fake in fakes]
    np.testing.assert_array_equal(trained["nearest"], expected)


def test_digits_are_drawn_row_by_row_also_under_the_readers_own_settings(trained):
    matplotlib = trained["matplotlib"]
    images = RNG.uniform(-1, 1, (6, 784))
    images[0, :2] = -1, 1
    with matplotlib.rc_context({"image.origin": "lower", "image.cmap": "jet"}):
        ax = trained["Figure"]().add_subplot()
        trained["draw_digits"](ax, images, "title", columns=3)
    (picture,) = ax.images
    assert ax.get_title() == "title" and picture.cmap.name == "gray" and picture.origin == "upper"
    assert picture.get_clim() == (-1, 1)
    for k, image in enumerate(images):
        row, column = divmod(k, 3)
        tile = picture.get_array()[28 * row :, 28 * column :][:28, :28]
        np.testing.assert_array_equal(tile, image.reshape(28, 28))


def test_walk_turns_the_dials_in_equal_steps_and_leaves_the_switch(trained):
    kinds, walks = trained["z_kinds"], trained["walks"]
    assert walks.shape == (6, 12, trained["z_size"])
    assert np.all(walks[..., :kinds] == walks[:, :1, :kinds])
    starts, ends = walks[:, 0, kinds:], walks[:, -1, kinds:]
    assert np.abs(ends - starts).max() > 0.5
    steps = np.repeat(((ends - starts) / 11)[:, None], 11, axis=1)
    np.testing.assert_allclose(np.diff(walks[..., kinds:], axis=1), steps, atol=1e-6)


def test_view_samples_names_the_epoch_it_shows(trained, monkeypatch):
    shown = []
    monkeypatch.setitem(trained, "show_digits", lambda images, title: shown.append((images, title)))
    for epoch in (-1, 0):
        trained["view_samples"](epoch, trained["samples"])
    assert [title for _, title in shown] == ["Samples after epoch 3", "Samples after epoch 1"]
    np.testing.assert_array_equal(shown[0][0], trained["samples"][-1])
    with pytest.raises(IndexError):
        trained["view_samples"](3, trained["samples"])


def test_without_switches_all_cells_run(small, tmp_path):
    """The tutorial's own settings, but for its sizes."""
    tutorial = {"z_size": 100, "z_kinds": 0, "alpha": 0.01, "beta1": 0.9, "learning_rate": 0.002}
    parameters = small | tutorial | {"epochs": 1, "checkpoint_dir": str(tmp_path)}
    namespace = run_notebook("switches", **parameters)
    assert namespace["fixed_z"].shape == (16, 100) and np.abs(namespace["fixed_z"]).max() > 0.9
