"""load_mnist: the real file, and what it refuses."""

import hashlib
import re

import numpy as np
import pytest
from conftest import MNIST, run_notebook

LABELS, IMAGES = np.zeros(300, np.uint8), np.zeros((300, 28, 28), np.uint8)
GOOD = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES, "y_test": LABELS}


@pytest.fixture(scope="module")
def notebook(small):
    return run_notebook("load-mnist", **small)


def test_real_file_is_the_original_mnist(notebook):
    arrays = notebook["load_mnist"](MNIST)
    assert [array.shape for array in arrays] == [
        (60000, 28, 28),
        (60000,),
        (10000, 28, 28),
        (10000,),
    ]
    headers = [
        (0x803, 60000, 28, 28),
        (0x801, 60000),
        (0x803, 10000, 28, 28),
        (0x801, 10000),
    ]
    sums = [
        hashlib.md5(np.array(h, ">i4").tobytes() + a.tobytes()).hexdigest()
        for h, a in zip(headers, arrays)
    ]
    assert sums == [
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ]


def test_5000_images_are_held_out_and_55000_trained_on():
    namespace = run_notebook("load-data", data_path=str(MNIST))
    assert [len(namespace[name]) for name in ("x_valid", "x_train", "y_train", "x_test")] == [
        5000,
        55000,
        55000,
        10000,
    ]
    with np.load(MNIST) as file:
        np.testing.assert_array_equal(namespace["x_valid"], file["x_train"][:5000].reshape(-1, 784))
        np.testing.assert_array_equal(namespace["x_train"], file["x_train"][5000:].reshape(-1, 784))
        np.testing.assert_array_equal(namespace["y_train"], file["y_train"][5000:])


def test_rescale_maps_bytes_to_the_range_of_tanh():
    namespace = run_notebook("rescale", data_path=str(MNIST))
    scaled = namespace["rescale"](np.array([0, 51, 255], np.uint8))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [-1, -0.6, 1], rtol=1e-6)


def test_missing_file(notebook, tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"none\.npz.*expected an npz file of uint8.*x_train"
    ):
        notebook["load_mnist"](tmp_path / "none.npz")


@pytest.mark.parametrize("content", [b"", b"no npz", b"PK\x03\x04", b"\x93NUMPY"], ids=repr)
def test_file_that_is_no_npz(notebook, tmp_path, content):
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    with pytest.raises(
        ValueError,
        match=rf"{re.escape(str(path))}.*expected an npz file of uint8.*x_train",
    ):
        notebook["load_mnist"](path)


def test_folder_and_single_array(notebook, tmp_path):
    np.save(tmp_path / "array.npy", IMAGES)
    for path in (tmp_path, tmp_path / "array.npy"):
        with pytest.raises((ValueError, OSError), match="expected an npz file"):
            notebook["load_mnist"](path)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_truncated_file(notebook, small_data, tmp_path, share):
    content = small_data.read_bytes()
    path = tmp_path / "cut.npz"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"cut\.npz.*expected an npz"):
        notebook["load_mnist"](path)


def test_damaged_bytes(notebook, small_data, tmp_path):
    content = bytearray(small_data.read_bytes())
    content[len(content) // 2] ^= 255
    path = tmp_path / "damaged.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged\.npz.*expected an npz"):
        notebook["load_mnist"](path)


@pytest.mark.parametrize("name", GOOD)
def test_missing_array(notebook, tmp_path, name):
    path = tmp_path / "missing.npz"
    np.savez(path, **{key: array for key, array in GOOD.items() if key != name})
    with pytest.raises(ValueError, match=rf"missing\.npz.*expected an npz.*{name}"):
        notebook["load_mnist"](path)


BAD_ARRAYS = {
    "int16": ("x_train", IMAGES.astype(np.int16), r"'int16 \(300, 28, 28\)'"),
    "float32": ("x_train", IMAGES / np.float32(255), "'float32"),
    "NaN": ("x_test", np.full((300, 28, 28), np.nan), "'float64"),
    "float labels": ("y_train", LABELS.astype(float), r"'float64 \(300,\)'"),
    "pickled objects": ("x_train", np.array([{}] * 300, object), "allow_pickle"),
    "flat images": ("x_train", IMAGES.reshape(-1, 784), r"'uint8 \(300, 784\)'"),
    "32x32 images": ("x_test", np.zeros((300, 32, 32), np.uint8), r"\(300, 32, 32\)"),
    "too few labels": ("y_test", LABELS[:10], r"'uint8 \(10,\)'"),
    "a number": ("x_train", np.uint8(3), r"'uint8 \(\)'"),
}


@pytest.mark.parametrize("name, array, message", BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_array_of_wrong_dtype_or_shape(notebook, tmp_path, name, array, message):
    path = tmp_path / "wrong.npz"
    np.savez(path, **GOOD | {name: array})
    with pytest.raises(ValueError, match=rf"wrong\.npz: expected an npz file.*{message}"):
        notebook["load_mnist"](path)


@pytest.mark.parametrize("n_train, n_test", [(0, 300), (53, 300), (300, 0)])
def test_too_few_images(notebook, tmp_path, n_train, n_test):
    path = tmp_path / "few.npz"
    sizes = {"x_train": n_train, "y_train": n_train, "x_test": n_test, "y_test": n_test}
    np.savez(path, **{name: array[: sizes[name]] for name, array in GOOD.items()})
    with pytest.raises(
        ValueError,
        match=rf"few\.npz.*not only {n_train} and {n_test} images",
    ):
        notebook["load_mnist"](path)


def test_fewest_images_that_do(notebook, tmp_path):
    path = tmp_path / "enough.npz"
    np.savez(path, **{name: array[:54] for name, array in GOOD.items()})
    assert len(notebook["load_mnist"](path)[0]) == 54
