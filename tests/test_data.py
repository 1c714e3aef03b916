"""load_mnist: the real file, and what it refuses."""

import gzip
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


EXPECTED = r"Load x_train, y_train.*npz file with these arrays or a folder of MNIST's four idx files.*keras"


def refused(notebook, path, error=ValueError, because=""):
    """Assert that load_mnist refuses a path with a message of path, reason and what it expects."""
    pattern = rf"(?s)^{re.escape(str(path))}: .*{because}.*{EXPECTED}"
    with pytest.raises(error, match=pattern) as refusal:
        notebook["load_mnist"](path)
    assert "load it unsafely" not in str(refusal.value)


def test_missing_file(notebook, tmp_path, monkeypatch):
    refused(notebook, tmp_path / "none.npz", FileNotFoundError, "No such file")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "data" / "none.npz"))):
        notebook["load_mnist"]("data/none.npz")


def test_what_the_message_recommends_exists(notebook):
    assert callable(notebook["tf"].keras.datasets.mnist.load_data)


@pytest.mark.parametrize("content", [b"", b"no npz", b"PK\x03\x04", b"\x93NUMPY"], ids=repr)
def test_file_that_is_no_npz(notebook, tmp_path, content):
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    refused(notebook, path)


def test_empty_folder_and_single_files(notebook, tmp_path):
    refused(notebook, tmp_path, FileNotFoundError, "train-images-idx3-ubyte not found")
    np.save(tmp_path / "array.npy", IMAGES)
    refused(notebook, tmp_path / "array.npy")
    write_idx(tmp_path, "t10k-labels-idx1", LABELS, gzip.open)
    refused(notebook, tmp_path / "t10k-labels-idx1-ubyte.gz")


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_truncated_file(notebook, small_data, tmp_path, share):
    content = small_data.read_bytes()
    path = tmp_path / "cut.npz"
    path.write_bytes(content[: int(share * len(content))])
    refused(notebook, path)


def test_damaged_bytes(notebook, small_data, tmp_path):
    content = bytearray(small_data.read_bytes())
    content[len(content) // 2] ^= 255
    path = tmp_path / "damaged.npz"
    path.write_bytes(content)
    refused(notebook, path)


@pytest.mark.parametrize("name", GOOD)
def test_missing_array(notebook, tmp_path, name):
    path = tmp_path / "missing.npz"
    np.savez(path, **{key: array for key, array in GOOD.items() if key != name})
    refused(notebook, path, because=name)


BAD_ARRAYS = {
    "int16": ("x_train", IMAGES.astype(np.int16), "int16"),
    "float32": ("x_train", IMAGES / np.float32(255), "float32"),
    "NaN": ("x_test", np.full((300, 28, 28), np.nan), "float64"),
    "float labels": ("y_train", LABELS.astype(float), "float64"),
    "float test labels": ("y_test", LABELS.astype(float), "float64"),
    "one-hot labels": ("y_train", np.eye(10, dtype=int)[LABELS], r"size 3000 .*\(300,?\)"),
    "pickled objects": ("x_train", np.array([{}] * 300, object), "allow_pickle"),
    "32x32 images": ("x_test", np.zeros((300, 32, 32), np.uint8), r"size 307200 .*28,28\)"),
    "too few labels": ("y_test", LABELS[:10], r"size 10 .*\(300,?\)"),
    "no labels": ("y_test", LABELS[:0], r"size 0 .*\(300,?\)"),
    "a number": ("x_train", np.uint8(3), r"size 1 "),
}


@pytest.mark.parametrize("name, array, message", BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_array_of_wrong_dtype_or_shape(notebook, tmp_path, name, array, message):
    path = tmp_path / "wrong.npz"
    np.savez(path, **GOOD | {name: array})
    refused(notebook, path, because=message)


@pytest.mark.parametrize(
    "name, array",
    [
        *[("y_train", LABELS.astype(dtype)) for dtype in ("int8", "uint64", ">i4")],
        ("y_test", LABELS[:, None]),
        ("x_train", IMAGES[..., None]),
        ("x_test", IMAGES.reshape(-1, 784)),
    ],
)
def test_harmless_differences_are_accepted(notebook, tmp_path, name, array):
    path = tmp_path / "other.npz"
    np.savez(path, **GOOD | {name: array})
    found = notebook["load_mnist"](path)
    for expected, values in zip(GOOD.values(), found):
        np.testing.assert_array_equal(values, expected)


def test_fewest_images_that_do(small, tmp_path):
    path = tmp_path / "enough.npz"
    np.savez(path, **{name: array[:54] for name, array in GOOD.items()})
    parameters = small | {"data_path": str(path), "batch_size": 50}
    assert len(run_notebook("epoch-batches", **parameters)["x_train"]) == 50
    with pytest.raises(ValueError, match="batch_size is 51, expected"):
        run_notebook("epoch-batches", **parameters | {"batch_size": 51})


def test_no_images_to_test_on(small, tmp_path):
    path = tmp_path / "untestable.npz"
    np.savez(path, **GOOD | {"x_test": IMAGES[:0], "y_test": LABELS[:0]})
    with pytest.raises(ValueError, match="size 0"):
        run_notebook("load-data", **small | {"data_path": str(path)})


NAMES = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]


def write_idx(folder, name, array, opener, magic=b"\0\0\x08"):
    """Write a uint8 array as an idx file, by open or gzip.open: magic number, shape, values."""
    ending = ".gz" if opener is gzip.open else ""
    with opener(folder / f"{name}-ubyte{ending}", "wb") as file:
        shape = b"".join(size.to_bytes(4, "big") for size in array.shape)
        file.write(magic + bytes([array.ndim]) + shape + array.tobytes())


@pytest.fixture
def small_arrays(small_data):
    with np.load(small_data) as file:
        return [file[name] for name in GOOD]


@pytest.mark.parametrize("opener", [open, gzip.open])
def test_the_four_original_files(small, small_arrays, tmp_path, opener):
    folder = tmp_path / "MNIST_data [1] 数据"
    folder.mkdir()
    for name, array in zip(NAMES, small_arrays):
        write_idx(folder, name, array, opener)
    namespace = run_notebook("load-data", **small | {"data_path": str(folder)})
    for values, expected in zip(namespace["load_mnist"](folder), small_arrays):
        np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(namespace["y_train"], small_arrays[1][100:])


@pytest.mark.parametrize("opener", [open, gzip.open])
@pytest.mark.parametrize("name", NAMES)
def test_bad_idx_files(notebook, small_arrays, tmp_path, name, opener):
    for each, array in zip(NAMES, small_arrays):
        write_idx(tmp_path, each, array, opener)
    path = next(tmp_path.glob(f"{name}*"))
    content, array = path.read_bytes(), small_arrays[NAMES.index(name)]
    for share in (0, 0.01, 0.5, 0.999):
        path.write_bytes(content[: int(share * len(content))])
        refused(notebook, tmp_path, (ValueError, OSError))
    for magic in (b"\0\0\x0d", b"\0\0\x0b", b"\0\0\x09", b"\0\0\0", b"\1\0\x08"):
        write_idx(tmp_path, name, array, opener, magic)
        refused(notebook, tmp_path, because="(cannot reshape|offset must be)")
    write_idx(tmp_path, name, array[:-1], opener)
    refused(notebook, tmp_path)
    path.unlink()
    refused(notebook, tmp_path, FileNotFoundError, f"{name}-ubyte not found")
