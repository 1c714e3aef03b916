"""The Parzen window log-likelihood and nearest neighbours against direct computations in float64."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import run_cell

RNG = np.random.default_rng(0)


def direct(x, samples, sigma):
    """Log of the mean of Gaussian densities, one image and one sample at a time."""
    densities = [
        [
            -((image - sample) ** 2).sum() / (2 * sigma**2)
            for sample in samples.astype(float)
        ]
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
    density = np.exp(
        trained["parzen_log_likelihood"](grid, np.array([[0.2], [0.9]]), 0.4)
    )
    assert abs(density.sum() * 0.001 - 1) < 1e-4


@pytest.mark.parametrize(
    "x, samples", [((2, 3), (2, 4)), ((2, 3), (0, 3)), ((3,), (2, 3))]
)
def test_parzen_refuses_what_does_not_fit(trained, x, samples):
    with pytest.raises(ValueError):
        trained["parzen_log_likelihood"](np.zeros(x), np.zeros(samples), 1)


def test_score_is_mean_and_standard_error_at_the_sigma_that_suits_validation_images(
    trained,
):
    samples = trained["x_train"][:100] / np.float32(255)
    valid, sigmas = trained["x_valid"][:1000] / 255, np.arange(0.12, 0.27, 0.01)
    sigma = sigmas[np.argmax([direct(valid, samples, s).mean() for s in sigmas])]
    assert sigmas[0] < sigma < sigmas[-1]
    expected = direct(trained["x_test"] / 255, samples, sigma)
    np.testing.assert_allclose(
        trained["score"](trained["x_test"], samples),
        [expected.mean(), expected.std() / np.sqrt(200)],
        rtol=1e-4,
    )


def test_nearest_training_images(trained):
    fakes = trained["fakes"][:5000:50].astype(float)
    real = trained["x_train"] / 127.5 - 1
    expected = [((real - fake) ** 2).sum(axis=1).argmin() for fake in fakes]
    np.testing.assert_array_equal(trained["nearest"][::50], expected)
    labels = trained["y_train"][trained["nearest"]]
    expected = [np.mean(labels == digit) for digit in range(10)]
    np.testing.assert_allclose(trained["shares"], expected)


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


def test_walk_goes_from_start_to_end_in_equal_steps(trained):
    walks, starts, ends = trained["walks"], trained["starts"], trained["ends"]
    np.testing.assert_allclose(walks[:, 0], starts)
    np.testing.assert_allclose(walks[:, -1], ends)
    np.testing.assert_allclose(
        np.diff(walks, axis=1),
        ((ends - starts) / 11)[:, None].repeat(11, axis=1),
        atol=1e-6,
    )


def test_view_samples_names_the_epoch_it_shows(trained, monkeypatch):
    shown = []
    monkeypatch.setitem(
        trained, "show_digits", lambda images, title: shown.append((images, title))
    )
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
