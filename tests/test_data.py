"""load_mnist: the real file, and what it refuses; the converter: what it reads."""

import gzip
import hashlib
import re
import subprocess
import sys

import numpy as np
import pytest
from cells import MNIST, ROOT, run_notebook

sys.path.append(str(ROOT / "assets"))
from convert import convert

IMAGES = np.random.default_rng(0).integers(0, 256, (300, 28, 28), np.uint8)
LABELS = np.arange(300, dtype=np.uint8) % 10
GOOD = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:50], "y_test": LABELS[:50]}
IDX = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]


@pytest.fixture(scope="module")
def load_mnist(small):
    return run_notebook("load-mnist", **small)["load_mnist"]


def idx(array, magic=b"\0\0\x08"):
    """Return a uint8 array as the bytes of an idx file: magic number, shape, values."""
    shape = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return magic + bytes([array.ndim]) + shape + array.tobytes()


def write_idx(folder, name="{}-ubyte", pack=lambda data: data):
    """Write GOOD as four idx files of names made from those of MNIST, packed by a function."""
    for each, array in zip(IDX, GOOD.values()):
        path = folder / name.format(each)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pack(idx(array)))


def assert_good(arrays, expected=GOOD):
    for found, array in zip(arrays, expected.values()):
        np.testing.assert_array_equal(found, array)


def test_real_file_is_the_original_mnist(load_mnist):
    sums = [hashlib.md5(idx(array)).hexdigest() for array in load_mnist(MNIST)]
    assert sums == [
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ]


def test_a_twelfth_of_each_class_is_held_out_also_of_sorted_data(small, tmp_path):
    with np.load(MNIST) as file:
        arrays = dict(file)
    order = np.argsort(arrays["y_train"], kind="stable")
    arrays |= {name: arrays[name][order] for name in ("x_train", "y_train")}
    np.savez(tmp_path / "sorted.npz", **arrays)
    for path in (MNIST, tmp_path / "sorted.npz"):
        namespace = run_notebook("load-data", repeats=2, data_path=str(path))
        x_valid, x_train = namespace["x_valid"], namespace["x_train"]
        assert (x_valid.shape, x_train.shape) == ((5000, 784), (55_000, 784))
        together = np.sort(np.vstack([x_valid, x_train])[:, 300:310].view("S10").ravel())
        everything = arrays["x_train"].reshape(-1, 784)[:, 300:310]
        everything = np.sort(np.ascontiguousarray(everything).view("S10").ravel())
        np.testing.assert_array_equal(together, everything)
        left, held = np.bincount(namespace["y_train"]), np.bincount(arrays["y_train"])
        assert np.all(abs((held - left) / held - 1 / 12) < 0.02)


def test_rescale_maps_bytes_to_the_range_of_tanh(small):
    rescale = run_notebook("rescale", **small)["rescale"]
    scaled = rescale(np.array([0, 51, 255], np.uint8))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, [-1, -0.6, 1], rtol=1e-6)


def refused(load_mnist, path, found):
    """Assert that load_mnist refuses a path with what was found, what was expected, and who converts it."""
    pattern = rf"(?s)^{re.escape(str(path))}: found {found}.*expected x_train.*assets/convert\.py"
    with pytest.raises(ValueError, match=pattern) as refusal:
        load_mnist(path)
    assert "unsafely" not in str(refusal.value)


def test_missing_file_is_named_with_its_whole_path(load_mnist, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / "data" / "none.npz"))):
        load_mnist("data/none.npz")


NO_NPZ = {
    "empty": b"", "web page": b"<!DOCTYPE html><title>404</title>", "cut archive": b"PK\x03\x04", "npy": b"\x93NUMPY",
    "LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "idx": idx(LABELS), "packed idx": gzip.compress(idx(LABELS)),
}  # fmt: skip


@pytest.mark.parametrize("content", NO_NPZ.values(), ids=NO_NPZ)
def test_what_is_no_npz_file_is_refused(load_mnist, tmp_path, content):
    (tmp_path / "bad.npz").write_bytes(content)
    refused(load_mnist, tmp_path / "bad.npz", "no npz file")


def test_damaged_file_and_folder_are_refused(load_mnist, small_data, tmp_path):
    content, path = bytearray(small_data.read_bytes()), tmp_path / "cut.npz"
    for share in (0.01, 0.5, 0.999):
        path.write_bytes(content[: int(share * len(content))])
        refused(load_mnist, path, "no npz file")
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    refused(load_mnist, path, "the arrays")
    refused(load_mnist, tmp_path, "no npz file")


BAD_ARRAYS = {
    "missing": ("x_train", None, r"the arrays \['y_train'"),
    "objects": ("x_train", np.array([{}] * 300, object), "the arrays"),
    "int16": ("x_train", IMAGES.astype(np.int16), "int16"),
    "floats": ("x_train", IMAGES / np.float32(255), "float32"),
    "zeros and ones": ("x_train", IMAGES // 128, r"uint8 \(300, 28, 28\) up to 1"),
    "black test images": ("x_test", IMAGES[:50] // 4, r".*uint8 \(50, 28, 28\) up to 63"),
    "last axis": ("x_train", np.moveaxis(IMAGES, 0, -1), r"uint8 \(28, 28, 300\)"),
    "columns": ("x_train", IMAGES.reshape(300, 784).T, r"uint8 \(784, 300\)"),
    "rows": ("x_test", IMAGES[:50].reshape(50, 784), r".*uint8 \(50, 784\)"),
    "channel": ("x_train", IMAGES[..., None], r"uint8 \(300, 28, 28, 1\)"),
    "32x32": ("x_test", np.full((50, 32, 32), 200, np.uint8), r".*\(50, 32, 32\)"),
    "no test images": ("x_test", IMAGES[:0], r".*uint8 \(0, 28, 28\)"),
    "float labels": ("y_train", LABELS.astype(float), ".*float64"),
    "float test labels": ("y_test", LABELS[:50].astype(float), ".*float64"),
    "one-hot labels": ("y_train", np.eye(10, dtype=int)[LABELS], r".*\(300, 10\)"),
    "too few labels": ("y_test", LABELS[:10], r".*\(10,\)"),
    "a number": ("y_train", np.uint8(3), r".*\(\)"),
}


@pytest.mark.parametrize("name, array, found", BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_arrays_of_another_kind_are_refused(load_mnist, tmp_path, name, array, found):
    arrays = GOOD | {name: array}
    np.savez(tmp_path / "bad.npz", **{k: a for k, a in arrays.items() if a is not None})
    refused(load_mnist, tmp_path / "bad.npz", found)


def converted(load_mnist, source, tmp_path):
    """Convert a source into a file in an empty folder, and load it."""
    (tmp_path / "out").mkdir()
    lines = []
    convert(source, tmp_path / "out" / "new.npz", lines.append)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["new.npz"]
    return load_mnist(tmp_path / "out" / "new.npz"), "\n".join(lines)


FILES = {
    "plain": {},
    "gzip": {"name": "{}-ubyte.gz", "pack": gzip.compress},
    "gzip without its ending": {"pack": gzip.compress},
    "unpacked under the old name": {"name": "{}-ubyte.gz"},
    "in folders of their own": {"name": "{0}-ubyte/{0}-ubyte"},
    "with a prefix": {"name": "kmnist-{}-ubyte"},
}


@pytest.mark.parametrize("options", FILES.values(), ids=FILES)
def test_converter_reads_the_four_files(load_mnist, tmp_path, options):
    write_idx(tmp_path / "MNIST_data [1] 数据", **options)
    arrays, _ = converted(load_mnist, tmp_path / "MNIST_data [1] 数据", tmp_path)
    assert_good(arrays)


def test_converter_reads_names_with_a_dot(load_mnist, tmp_path):
    write_idx(tmp_path / "raw")
    for path in (tmp_path / "raw").iterdir():
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert_good(converted(load_mnist, tmp_path / "raw", tmp_path)[0])


def test_converter_turns_emnist_and_takes_the_beginning_of_the_names(load_mnist, tmp_path):
    write_idx(tmp_path / "gzip", "emnist-letters-{}-ubyte")
    other = {name: array[::-1] for name, array in GOOD.items()}
    for each, array in zip(IDX, other.values()):
        (tmp_path / "gzip" / f"emnist-digits-{each}-ubyte").write_bytes(idx(array))
    with pytest.raises(ValueError, match="emnist-digits.*emnist-letters.*expected one"):
        convert(tmp_path / "gzip", tmp_path / "no.npz")
    arrays, said = converted(load_mnist, tmp_path / "gzip" / "emnist-letters", tmp_path)
    turned = {name: GOOD[name].swapaxes(1, 2) for name in ("x_train", "x_test")}
    assert_good(arrays, GOOD | turned)
    assert "turned" in said


ARRAYS = {
    "MedMNIST": {
        "train_images": IMAGES, "train_labels": LABELS[:, None], "val_images": IMAGES[:9], "val_labels": LABELS[:9],
        "test_images": IMAGES[:50], "test_labels": LABELS[:50, None],
    },
    "channel axis": GOOD | {"x_train": IMAGES[..., None], "x_test": IMAGES[:50, None]},
    "floats 0 to 1": GOOD | {"x_train": IMAGES / 255, "x_test": np.float32(IMAGES[:50] / 255)},
    "floats -1 to 1": GOOD | {"x_train": IMAGES / 127.5 - 1},
    "floats 0 to 255": GOOD | {"x_train": IMAGES.astype(float)},
    "int64": GOOD | {"x_test": IMAGES[:50].astype(np.int64)},
    "rows": GOOD | {"x_train": IMAGES.reshape(300, 784)},
    "columns": GOOD | {"x_train": IMAGES.reshape(300, 784).T},
    "last axis": GOOD | {"x_train": np.moveaxis(IMAGES, 0, -1)},
    "labels": GOOD | {"y_train": np.eye(10)[LABELS], "y_test": LABELS[:50].astype(float)},
}  # fmt: skip


@pytest.mark.parametrize("arrays", ARRAYS.values(), ids=ARRAYS)
def test_converter_reads_npz_files_as_people_have_them(load_mnist, tmp_path, arrays):
    np.savez(tmp_path / "theirs.npz", **arrays)
    assert_good(converted(load_mnist, tmp_path / "theirs.npz", tmp_path)[0])


def test_converter_makes_white_of_ones(load_mnist, tmp_path):
    binary = {"x_train": IMAGES // 128, "x_test": IMAGES[:50] > 127}
    np.savez(tmp_path / "binary.npz", **GOOD | binary)
    arrays, _ = converted(load_mnist, tmp_path / "binary.npz", tmp_path)
    assert_good(arrays, GOOD | {name: 255 * np.uint8(array) for name, array in binary.items()})


REFUSED = {
    "colour": (
        GOOD | {"x_train": np.stack([IMAGES] * 3, -1)},
        r"\(300, 28, 28, 3\); expected grey",
    ),
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
    command = [sys.executable, ROOT / "assets" / "convert.py", "theirs.npz", "out.npz"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.returncode == 1 and re.search(message, process.stderr), process.stderr
    assert "Traceback" not in process.stderr and (tmp_path / "out.npz").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "content", [b"", idx(IMAGES)[:-1], idx(IMAGES, b"\0\0\x0d"), b"\x1f\x8b\0"]
)
def test_converter_refuses_bad_idx_files(tmp_path, content):
    write_idx(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(ValueError, match="train-images-idx3-ubyte: .*expected"):
        convert(tmp_path, tmp_path / "out.npz")
    (tmp_path / "train-images-idx3-ubyte").unlink()
    with pytest.raises(ValueError, match="files for x_train: none; expected one like"):
        convert(tmp_path, tmp_path / "out.npz")
    with pytest.raises(FileNotFoundError, match="none"):
        convert(tmp_path / "none" / "mnist", tmp_path / "out.npz")
