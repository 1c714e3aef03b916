"""load_mnist: the real file, and what it refuses; the converter: what it reads."""

import gzip
import hashlib
import re
import sys
import traceback

import numpy as np
import pytest
from cells import MNIST, ROOT, run_notebook
from conftest import run_in

sys.path.append(str(ROOT / "assets"))
from convert import convert

IMAGES = np.random.default_rng(0).integers(0, 256, (300, 28, 28), np.uint8)
LABELS = np.arange(300, dtype=np.uint8) % 10
GOOD = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:50], "y_test": LABELS[:50]}
IDX = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]


@pytest.fixture(scope="module")
def load_mnist(small):
    return run_notebook("load-mnist", **small)["load_mnist"]


def idx(array, magic=b"\0\0\x08"):
    """Return a uint8 array as the bytes of an idx file: magic number, shape, values."""
    shape = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return magic + bytes([array.ndim]) + shape + array.tobytes()


def write_idx(folder, rename=str, pack=bytes, arrays=GOOD):
    """Write arrays as four idx files, with names made from MNIST's by a function and packed by another."""
    for name, array in zip(IDX, arrays.values()):
        path = folder / rename(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pack(idx(array)))


def test_real_file_is_the_original_mnist(load_mnist):
    sums = [hashlib.md5(idx(array)).hexdigest() for array in load_mnist(MNIST)]
    assert sums == [
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ]


def test_a_twelfth_of_each_class_is_held_out_also_of_sorted_data(tmp_path):
    with np.load(MNIST) as file:
        arrays = dict(file)
    order = np.argsort(arrays["y_train"], kind="stable")
    np.savez(tmp_path / "sorted.npz", **arrays | {name: arrays[name][order] for name in ("x_train", "y_train")})
    for path in (MNIST, tmp_path / "sorted.npz"):
        namespace = run_notebook("load-data", repeats=2, data_path=str(path))
        together = np.vstack([namespace["x_valid"], namespace["x_train"]])
        assert len(namespace["x_valid"]) == 5000 and together.shape == (60_000, 784)
        checksums = [np.sort(images @ np.arange(784)) for images in (together, arrays["x_train"].reshape(-1, 784))]
        np.testing.assert_array_equal(*checksums)
        left, everything = np.bincount(namespace["y_train"]), np.bincount(arrays["y_train"])
        np.testing.assert_allclose(1 - left / everything, 1 / 12, atol=0.02)


def test_rescale_maps_bytes_to_the_range_of_tanh(small):
    scaled = run_notebook("rescale", **small)["rescale"](np.array([0, 51, 255], np.uint8))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [-1, -0.6, 1], rtol=1e-6)


def refused(load_mnist, path, found):
    """Assert that load_mnist refuses a path with what was found, what was expected, and who converts it."""
    pattern = rf"(?s)^{re.escape(str(path))}: found {found}.*expected x_train.*assets/convert\.py"
    with pytest.raises(ValueError, match=pattern) as refusal:
        load_mnist(path)
    assert "unsafely" not in "".join(traceback.format_exception(refusal.value))  # as NumPy would advise


def test_missing_file_is_named_with_its_whole_path(load_mnist, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "data" / "none.npz"))):
        load_mnist("data/none.npz")


def test_what_is_no_npz_file_is_refused(load_mnist, small_data, tmp_path):
    whole = small_data.read_bytes()
    cut = [whole[: int(share * len(whole))] for share in (0, 0.01, 0.5, 0.999)]
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    for content in [*cut, b"<!DOCTYPE html>", pointer, idx(LABELS), gzip.compress(idx(LABELS)), b"\x93NUMPY"]:
        (tmp_path / "bad.npz").write_bytes(content)
        refused(load_mnist, tmp_path / "bad.npz", "no npz file")
    refused(load_mnist, tmp_path, "no npz file")
    middle = len(whole) // 2
    (tmp_path / "bad.npz").write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    refused(load_mnist, tmp_path / "bad.npz", "the arrays")


BAD_ARRAYS = [
    ("x_train", None, r"the arrays \['y_train'"),
    ("x_train", np.array([{}] * 300, object), "the arrays"),
    ("x_train", IMAGES / np.float32(255), "float32"),
    ("x_train", IMAGES // 128, r"uint8 \(300, 28, 28\) up to 1"),
    ("x_test", IMAGES[:50] // 4, r".*uint8 \(50, 28, 28\) up to 63"),
    ("x_train", np.moveaxis(IMAGES, 0, -1), r"uint8 \(28, 28, 300\)"),
    ("x_test", IMAGES[:50].reshape(50, 784), r".*uint8 \(50, 784\)"),
    ("x_train", IMAGES[..., None], r"uint8 \(300, 28, 28, 1\)"),
    ("x_test", np.full((50, 32, 32), 200, np.uint8), r".*\(50, 32, 32\)"),
    ("x_test", IMAGES[:0], r".*uint8 \(0, 28, 28\)"),
    ("y_test", LABELS[:50].astype(float), ".*float64"),
    ("y_train", np.eye(10, dtype=int)[LABELS], r".*\(300, 10\)"),
    ("y_test", LABELS[:10], r".*\(10,\)"),
]


def test_arrays_of_another_kind_are_refused(load_mnist, tmp_path):
    for name, array, found in BAD_ARRAYS:
        arrays = GOOD | {name: array}
        np.savez(tmp_path / "bad.npz", **{key: a for key, a in arrays.items() if a is not None})
        refused(load_mnist, tmp_path / "bad.npz", found)


def assert_converts(load_mnist, source, tmp_path, expected=GOOD):
    """Assert that a source is converted to the expected arrays, in a folder that gets no other file."""
    (tmp_path / "out").mkdir()
    convert(source, tmp_path / "out" / "new.npz")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["new.npz"]
    for found, array in zip(load_mnist(tmp_path / "out" / "new.npz"), expected.values()):
        np.testing.assert_array_equal(found, array)


FILES = {
    "plain": {},
    "with a dot": {"rename": lambda name: name.replace("-idx", ".idx")},
    "gzip": {"rename": "{}.gz".format, "pack": gzip.compress},
    "gzip without its ending": {"pack": gzip.compress},
    "unpacked under the old name": {"rename": "{}.gz".format},
    "in folders of their own, with a prefix": {"rename": "{0}/kmnist-{0}".format},
}


@pytest.mark.parametrize("options", FILES.values(), ids=FILES)
def test_converter_reads_the_four_files(load_mnist, tmp_path, options):
    write_idx(tmp_path / "MNIST_data [1] 数据", **options)
    assert_converts(load_mnist, tmp_path / "MNIST_data [1] 数据", tmp_path)


def test_converter_turns_emnist_and_takes_the_beginning_of_the_names(load_mnist, tmp_path, capsys):
    write_idx(tmp_path / "gzip", "emnist-letters-{}".format)
    write_idx(tmp_path / "gzip", "emnist-digits-{}".format, arrays={name: a[::-1] for name, a in GOOD.items()})
    with pytest.raises(ValueError, match="emnist-digits.*emnist-letters.*expected one"):
        convert(tmp_path / "gzip", tmp_path / "no.npz")
    turned = {name: GOOD[name].swapaxes(1, 2) for name in ("x_train", "x_test")}
    assert_converts(load_mnist, tmp_path / "gzip" / "emnist-letters", tmp_path, GOOD | turned)
    assert "turned" in capsys.readouterr().out


ARRAYS = {
    "MedMNIST": {
        "train_images": IMAGES, "train_labels": LABELS[:, None], "val_images": IMAGES[:9], "val_labels": LABELS[:9],
        "test_images": IMAGES[:50], "test_labels": LABELS[:50, None],
    },
    "channel axis": GOOD | {"x_train": IMAGES[..., None], "x_test": IMAGES[:50, None]},
    "floats 0 to 1": GOOD | {"x_train": IMAGES / 255, "x_test": np.float32(IMAGES[:50] / 255)},
    "floats -1 to 1, and 0 to 255": GOOD | {"x_train": IMAGES / 127.5 - 1, "x_test": IMAGES[:50].astype(float)},
    "rows and int64": GOOD | {"x_train": IMAGES.reshape(300, 784), "x_test": IMAGES[:50].astype(np.int64)},
    "columns": GOOD | {"x_train": IMAGES.reshape(300, 784).T},
    "last axis": GOOD | {"x_train": np.moveaxis(IMAGES, 0, -1)},
    "labels": GOOD | {"y_train": np.eye(10)[LABELS], "y_test": LABELS[:50].astype(float)},
}  # fmt: skip


@pytest.mark.parametrize("arrays", ARRAYS.values(), ids=ARRAYS)
def test_converter_reads_npz_files_as_people_have_them(load_mnist, tmp_path, arrays):
    np.savez(tmp_path / "theirs.npz", **arrays)
    assert_converts(load_mnist, tmp_path / "theirs.npz", tmp_path)


def test_converter_makes_white_of_ones(load_mnist, tmp_path):
    binary = {"x_train": IMAGES // 128, "x_test": IMAGES[:50] > 127}
    np.savez(tmp_path / "binary.npz", **GOOD | binary)
    white = {name: 255 * np.uint8(array) for name, array in binary.items()}
    assert_converts(load_mnist, tmp_path / "binary.npz", tmp_path, GOOD | white)


REFUSED = {
    "colour": (GOOD | {"x_train": np.stack([IMAGES] * 3, -1)}, r"\(300, 28, 28, 3\); expected grey"),
    "larger": (GOOD | {"x_test": np.full((50, 64, 64), 9)}, r"\(50, 64, 64\); expected grey"),
    "NaN": (GOOD | {"x_train": np.full((300, 28, 28), np.nan)}, "nan; expected finite"),
    "black": (GOOD | {"x_train": 0 * IMAGES}, "not all 0"),
    "other range": (GOOD | {"x_train": IMAGES * 3.0}, "to 765.0; expected 0 to 1"),
    "labels": (GOOD | {"y_train": LABELS[:9]}, r"\(9,\); expected 300 whole numbers"),
    "names": ({"images": IMAGES}, r"has \['images'\]; expected also \['x_train'"),
}


@pytest.mark.parametrize("arrays, message", REFUSED.values(), ids=REFUSED)
def test_converter_refuses_what_it_does_not_know_and_writes_nothing(tmp_path, arrays, message):
    np.savez(tmp_path / "theirs.npz", **arrays)
    (tmp_path / "out.npz").write_text("mine")
    process = run_in(tmp_path, ROOT / "assets" / "convert.py", "theirs.npz", "out.npz")
    assert process.returncode == 1 and re.search(message, process.stderr), process.stderr
    assert "Traceback" not in process.stderr and (tmp_path / "out.npz").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


def test_converter_refuses_bad_idx_files(tmp_path):
    write_idx(tmp_path)
    for content in [b"", idx(IMAGES)[:-1], idx(IMAGES, b"\0\0\x0d"), b"\x1f\x8b\0"]:
        (tmp_path / IDX[0]).write_bytes(content)
        with pytest.raises(ValueError, match=f"{IDX[0]}: .*expected"):
            convert(tmp_path, tmp_path / "out.npz")
    (tmp_path / IDX[0]).unlink()
    with pytest.raises(ValueError, match="files for x_train: none; expected one like"):
        convert(tmp_path, tmp_path / "out.npz")
    with pytest.raises(FileNotFoundError, match="none"):
        convert(tmp_path / "none" / "mnist", tmp_path / "out.npz")
