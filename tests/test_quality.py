"""Part 2: the measures against direct computations, and the results that a run leaves."""

import json
import platform
from pathlib import Path

import numpy as np
import pytest
from notebook import run_cells, run_notebook

RNG = np.random.default_rng(0)


def test_frechet_distance(trained):
    """With A = L Lᵀ and B = M Mᵀ, the trace of the root of A B is the sum of the singular values of Lᵀ M."""
    a = RNG.normal(size=(500, 8)) @ RNG.normal(size=(8, 8)) + RNG.normal(size=8)
    b = RNG.normal(size=(300, 8)) @ RNG.normal(size=(8, 8))
    left, right = (np.linalg.cholesky(np.cov(x, rowvar=False)) for x in (a, b))
    expected = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() + (left**2).sum() + (right**2).sum()
    expected -= 2 * np.linalg.norm(left.T @ right, "nuc")
    np.testing.assert_allclose(trained["frechet_distance"](a, b), expected, rtol=1e-8)
    np.testing.assert_allclose(trained["frechet_distance"](a, a + 2), 4 * 8, rtol=1e-8)


def test_measures_of_images_are_those_of_what_the_referee_says_of_them(trained):
    """The shares are compared with the training labels, the features with the test images or those handed in."""
    images = trained["x_test"][:150]
    features, probabilities = trained["classify"](images)
    assert features.shape == (150, 256)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    counts = np.array([np.sum(probabilities.argmax(axis=1) == k) for k in range(10)])
    labels = np.array([np.mean(trained["y_train"] == k) for k in range(10)])
    for real, others in ((None, trained["x_test"]), (trained["x_valid"], trained["x_valid"])):
        measures = trained["measure"](images, real)
        distance = trained["frechet_distance"](features, trained["classify"](others)[0])
        expected = [np.mean(probabilities.max(axis=1) > 0.9), np.abs(counts / 150 - labels).sum() / 2, distance]
        np.testing.assert_allclose(list(measures.values()), expected, rtol=1e-5)
        assert list(measures) == ["readable", "class_variation", "frechet_distance"]
        assert all(isinstance(value, float) for value in measures.values())
    np.testing.assert_array_equal(trained["class_shares"](probabilities), counts / 150)


def test_referee_reads_digits_and_depends_on_nothing_of_the_gan(small, trained):
    """Another seed, slope or layer of the GAN changes no bit of it."""
    namespace = run_notebook("build", **small | {"seed": 3, "alpha": 0.3})
    namespace |= {"dense": None, "leaky_relu": None, "batches": None}
    run_cells(namespace, "referee-layer", "classify")
    for mine, theirs in zip(namespace["classify"](trained["x_test"]), trained["classify"](trained["x_test"])):
        np.testing.assert_array_equal(mine, theirs)
    assert np.mean(mine.argmax(axis=1) == trained["y_test"]) > 0.75


def test_a_few_images_again_and_again_fool_one_measure_and_not_the_others(trained):
    images = trained["x_test"]
    surest = images[trained["classify"](images)[1].max(axis=1).argsort()[-4:]]
    fooled, real = trained["measure"](np.tile(surest, (100, 1))), trained["measure"](images)
    assert fooled["readable"] >= real["readable"]
    assert fooled["class_variation"] > 0.5 and fooled["frechet_distance"] > 10 * real["frechet_distance"] + 1


def test_nearest_training_images_are_found(trained):
    images = trained["plain_digits"][:40]
    distances, which = trained["nearest"](images)
    expected = [np.sqrt(((trained["x_train"].astype(float) - image) ** 2).sum(axis=1)) for image in images]
    np.testing.assert_allclose(distances, np.min(expected, axis=1), rtol=1e-3)
    np.testing.assert_array_equal(which, np.argmin(expected, axis=1))


def test_results_tell_parameters_settings_epochs_versions_and_measures_of_both_gans(trained, small):
    results = json.loads(Path(trained["run"], "results.json").read_text(encoding="utf-8"))
    assert list(results) == ["parameters", "settings", "epochs", "versions", "measures"]
    assert len(results["parameters"]) == 14 and results["parameters"].items() >= small.items()
    assert results["settings"] == trained["better"] and results["epochs"] == {"plain": 3, "better": 3}
    assert results["versions"]["Python"] == platform.python_version()
    for name in ("plain", "better"):
        assert len(trained[f"{name}_digits"]) == 10_000
        assert results["measures"][name] == trained["measure"](trained[f"{name}_digits"])


def test_a_g_that_draws_nothing_has_measures_and_results_without_nan(trained, tmp_path):
    black = np.full((10_000, 784), -1, np.float32)
    namespace = dict(trained, run=str(tmp_path), plain_digits=black, better_digits=black)
    namespace["plain_probabilities"] = trained["classify"](black)[1]
    run_cells(namespace, "measure-both", "copies")
    run_cells(namespace, "results")
    text = (tmp_path / "results.json").read_text(encoding="utf-8")
    results = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert results["measures"]["plain"]["class_variation"] > 0.5


@pytest.mark.parametrize("classes, n", [(list(range(30, 56)), 1200), ([5], 60)])
def test_other_classes_and_few_images_give_numbers(small, small_data, tmp_path, classes, n):
    with np.load(small_data) as file:
        arrays = {name: array[:n] for name, array in file.items()}
    labels = {name: np.resize(np.uint8(classes), len(arrays[name])) for name in ("y_train", "y_test")}
    np.savez(tmp_path / "other.npz", **arrays | labels)
    changes = {"data_path": str(tmp_path / "other.npz"), "epochs": 1, "batch_size": 20}
    namespace = run_notebook("copies", **small | changes, checkpoint_dir=str(tmp_path / "run"))
    assert namespace["classes"].tolist() == classes
    assert np.isfinite(list(namespace["measure"](namespace["plain_digits"]).values())).all()
