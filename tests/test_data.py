"""load_mnist: the real file, and what it refuses; the converter: what it reads."""

import gzip
import hashlib
import io
import re
import traceback
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import run_in
from convert import convert
from notebook import MNIST, ROOT, run_notebook

IMAGES = np.random.default_rng(0).integers(0, 256, (300, 28, 28), np.uint8)
WHITE = IMAGES // 128 * 255
LABELS = np.arange(300, dtype=np.uint8) % 10
GOOD = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:50], "y_test": LABELS[:50]}
IDX = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]


@pytest.fixture(scope="module")
def load_mnist(small_data):
    return run_notebook("load-mnist", data_path=str(small_data))["load_mnist"]


def idx(array):
    """Return a uint8 array as the bytes of an idx file: magic number, shape, values."""
    return b"\0\0\x08" + bytes([array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes()


def zipped(name):
    """Return a zip archive with a file of some name as bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "content")
    return buffer.getvalue()


def write_idx(folder, rename, pack=bytes, arrays=GOOD):
    """Write arrays as four idx files, with names made from MNIST's by a function and packed by another."""
    for name, array in zip(IDX, arrays.values()):
        path = folder / rename(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pack(idx(array)))


def test_real_file_is_the_original_mnist(load_mnist):
    assert [hashlib.md5(idx(array)).hexdigest() for array in load_mnist(MNIST)] == [
        "6bbc9ace898e44ae57da46a324031adb", "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea", "27ae3e4e09519cfbb04c329615203637",
    ]  # fmt: skip


def test_a_twelfth_of_each_class_is_held_out_also_of_sorted_data(load_mnist, tmp_path):
    images, labels, x_test, y_test = load_mnist(MNIST)
    order = np.argsort(labels, kind="stable")
    np.savez(tmp_path / "new.npz", x_train=images[order], y_train=labels[order], x_test=x_test, y_test=y_test)
    for path in (MNIST, tmp_path / "new.npz"):
        namespace = run_notebook("load-mnist", data_path=str(path))
        assert len(namespace["x_valid"]) == 5000
        together = np.rint(127.5 * np.vstack([namespace["x_valid"], namespace["x_train"]]) + 127.5).astype(int)
        checksums = [np.sort(x @ np.arange(784)) for x in (together, images.reshape(-1, 784).astype(int))]
        np.testing.assert_array_equal(*checksums)
        np.testing.assert_allclose(1 - np.bincount(namespace["y_train"]) / np.bincount(labels), 1 / 12, atol=0.02)


def test_without_its_folder_the_notebook_takes_the_images_from_keras(monkeypatch, small_data, tmp_path, capsys):
    """As in Colab; a path that the user gave is still an error."""
    with np.load(small_data) as file:
        published = (file["x_train"], file["y_train"]), (file["x_test"], file["y_test"])
    monkeypatch.setattr("keras.datasets.mnist.load_data", lambda: published)  # needs a network
    monkeypatch.chdir(tmp_path)
    namespace = run_notebook("load-mnist")
    expected = run_notebook("load-mnist", data_path=str(small_data))
    for name in ("x_train", "y_train", "x_valid", "y_valid", "x_test", "y_test"):
        np.testing.assert_array_equal(namespace[name], expected[name])
    assert "--cwd" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="mine.npz: expected an npz file"):
        run_notebook("load-mnist", data_path="mine.npz")


def test_images_are_rows_of_784_numbers_from_black_to_white(small, small_data):
    namespace = run_notebook("load-mnist", **small)
    with np.load(small_data) as file:
        x_test = file["x_test"]
    np.testing.assert_allclose(namespace["x_test"], x_test.reshape(200, 784) / 255 * 2 - 1, atol=1e-6)
    for name, n in (("x_train", 1100), ("x_valid", 100), ("x_test", 200)):
        assert (namespace[name].shape, namespace[name].dtype) == ((n, 784), np.float32)


def assert_refused(load_mnist, path):
    """Assert that load_mnist refuses a path, says who converts it, and nobody advises to load it unsafely."""
    with pytest.raises(AssertionError, match=r"expected an npz file .* assets/data/convert\.py") as refusal:
        load_mnist(path)
    assert "unsafely" not in "".join(traceback.format_exception(refusal.value))


def test_what_is_missing_or_no_npz_file_is_refused(load_mnist, small_data, tmp_path):
    assert_refused(load_mnist, tmp_path / "none.npz")
    assert_refused(load_mnist, tmp_path)
    path, whole = tmp_path / "bad.npz", small_data.read_bytes()
    for content in [b"", whole[: len(whole) // 2], b"<!DOCTYPE html>", gzip.compress(idx(LABELS)), b"\x80\x04K\x01."]:
        path.write_bytes(content)
        assert_refused(load_mnist, path)


@pytest.mark.parametrize("arrays", [
    GOOD | {"x_train": np.moveaxis(IMAGES, 0, -1)},
    GOOD | {"x_test": IMAGES[:50].reshape(50, 784)},
    GOOD | {"x_train": IMAGES / np.float32(255)},
    GOOD | {"x_train": IMAGES // 2},
    GOOD | {"x_test": np.full((50, 32, 32), 200, np.uint8)},
    GOOD | {"y_train": LABELS[:, None]},
    GOOD | {"y_test": LABELS[:10]},
    {"x_train": IMAGES, "y_train": LABELS},
])  # fmt: skip
def test_arrays_of_another_kind_are_refused(load_mnist, tmp_path, arrays):
    np.savez(tmp_path / "bad.npz", **arrays)
    assert_refused(load_mnist, tmp_path / "bad.npz")


@pytest.mark.parametrize("rename, pack", [
    ("{}.gz".format, gzip.compress),
    (lambda name: name.replace("-idx", ".idx"), gzip.compress),  # gzip without its ending
    ("{0}/kmnist-{0}.gz".format, bytes),  # unpacked under the old name
])  # fmt: skip
def test_converter_reads_the_four_files(load_mnist, tmp_path, rename, pack):
    write_idx(tmp_path / "MNIST_data [1] 数据", rename, pack)
    convert(tmp_path / "MNIST_data [1] 数据", tmp_path / "new.npz")
    np.testing.assert_equal(load_mnist(tmp_path / "new.npz"), list(GOOD.values()))


def test_converter_turns_emnist_and_takes_the_beginning_of_the_names(load_mnist, tmp_path, capsys):
    write_idx(tmp_path, "emnist-letters-{}".format)
    write_idx(tmp_path, "emnist-digits-{}".format, arrays={name: array[::-1] for name, array in GOOD.items()})
    with pytest.raises(ValueError, match="emnist-letters.*a second .*name its files, or how their names begin"):
        convert(tmp_path, tmp_path / "new.npz")
    convert(tmp_path / "emnist-letters", tmp_path / "new.npz")
    turned = [IMAGES.swapaxes(1, 2), LABELS, IMAGES[:50].swapaxes(1, 2), LABELS[:50]]
    np.testing.assert_equal(load_mnist(tmp_path / "new.npz"), turned)
    assert "turned" in capsys.readouterr().out


def test_converter_reads_npz_files_of_one_array_each(load_mnist, tmp_path):
    """As KMNIST and K49 are published."""
    for name, array in zip(["train-imgs", "train-labels", "test-imgs", "test-labels"], GOOD.values()):
        np.savez(tmp_path / f"k49-{name}.npz", array)
    convert(tmp_path, tmp_path / "new.npz")
    np.testing.assert_equal(load_mnist(tmp_path / "new.npz"), list(GOOD.values()))


PIXELS = [f"pixel{i}" for i in range(784)]


@pytest.mark.parametrize("header, mark, start, counted", [
    ([], ",", "", False),
    (["label", *PIXELS], ",", "", False),
    (["0", *(f"0.{i}" for i in range(1, 785))], ",", "", False),  # the first row taken for names, as pandas does
    (["label", *PIXELS], ";", "\ufeff", False),  # as a spreadsheet saves it
    (["", "label", *PIXELS], ",", "", True),
    ([], "\t", "", True),
])  # fmt: skip
def test_converter_reads_csv_files(load_mnist, tmp_path, header, mark, start, counted):
    """As Kaggle has them, a folder or two files, and as people save them again."""
    for part, n in (("train", 300), ("test", 50)):
        table = np.column_stack([LABELS[:n], IMAGES[:n].reshape(n, 784)])
        if counted:
            table = np.column_stack([np.arange(n), table])
        for name in (f"folder/fashion-mnist_{part}.csv", f"{n}.csv"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            first = start + mark.join(header)
            np.savetxt(tmp_path / name, table, "%d", mark, header=first, comments="", encoding="utf-8")
            if not first:
                (tmp_path / name).write_bytes((tmp_path / name).read_bytes().lstrip(b"\n"))
    for sources in ([tmp_path / "folder"], [tmp_path / "300.csv", tmp_path / "50.csv"]):
        convert(*sources, tmp_path / "new.npz")
        np.testing.assert_equal(load_mnist(tmp_path / "new.npz"), list(GOOD.values()))


def test_converter_passes_over_the_files_that_macos_leaves(load_mnist, tmp_path):
    write_idx(tmp_path, str)
    write_idx(tmp_path, "._{}".format, lambda data: b"\0\5\x16\7")
    convert(tmp_path, tmp_path / "new.npz")
    np.testing.assert_equal(load_mnist(tmp_path / "new.npz"), list(GOOD.values()))


@pytest.mark.parametrize("arrays, expected", [
    ({"train_images": IMAGES, "train_labels": LABELS[:, None], "val_images": IMAGES[:9],
      "test_images": IMAGES[:50], "test_labels": LABELS[:50, None]}, GOOD),  # MedMNIST
    (GOOD | {"x_train": IMAGES[..., None], "y_train": np.eye(10)[LABELS], "x_test": IMAGES[:50, None]}, GOOD),
    (GOOD | {"x_train": np.float32(IMAGES / 255), "x_test": IMAGES[:50] / 127.5 - 1, "y_test": LABELS[:50] / 1}, GOOD),
    (GOOD | {"x_train": IMAGES.reshape(300, 784), "x_test": IMAGES[:50].astype(float)}, GOOD),
    (GOOD | {"x_train": IMAGES.reshape(300, 784).T.astype(int), "x_test": np.moveaxis(IMAGES[:50], 0, -1)}, GOOD),
    (GOOD | {"x_train": WHITE // 255, "x_test": WHITE[:50] > 0}, GOOD | {"x_train": WHITE, "x_test": WHITE[:50]}),
    (GOOD | {"x_train": IMAGES / 255 * 1.000001 - 1e-7, "y_train": LABELS.astype(str)}, GOOD),
])  # fmt: skip
def test_converter_reads_npz_files_as_people_have_them(load_mnist, tmp_path, capsys, arrays, expected):
    np.savez(tmp_path / "theirs.npz", **arrays)
    convert(tmp_path / "theirs.npz", tmp_path / "new.npz")
    np.testing.assert_equal(load_mnist(tmp_path / "new.npz"), list(expected.values()))
    assert {path.name for path in tmp_path.iterdir()} == {"theirs.npz", "new.npz"}
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize("arrays, message", [
    (GOOD | {"x_train": np.stack([IMAGES] * 3, -1)}, r"\(300, 28, 28, 3\); expected grey"),
    (GOOD | {"x_train": np.full((300, 28, 28), np.nan)}, "from nan to nan"),
    (GOOD | {"x_train": 0 * IMAGES}, "from 0 to 0"),
    (GOOD | {"x_train": IMAGES // 2}, "from 0 to 127"),
    (GOOD | {"x_train": IMAGES / 255 - 0.5}, r"from -0.5 to 0.5; .* x = "),
    (GOOD | {"x_train": IMAGES * 3.0}, "from 0 to 765"),
    (GOOD | {"y_train": LABELS[:9]}, r"\(9,\); expected 300 whole numbers"),
    (GOOD | {"y_train": np.array(list("abc") * 100)}, "expected 300 whole numbers"),
    ({"images": IMAGES}, r"holds \['images'\]; expected .* x_train"),
    (GOOD | {"y_test": np.array([{}])}, "Python objects.*expected"),
])  # fmt: skip
def test_converter_refuses_what_it_does_not_know_and_writes_nothing(tmp_path, arrays, message):
    np.savez(tmp_path / "theirs.npz", **arrays)
    (tmp_path / "out.npz").write_text("mine")
    process = run_in(tmp_path, ROOT / "assets" / "data" / "convert.py", "theirs.npz", "out.npz")
    assert process.returncode == 2 and re.search(message, process.stderr), process.stderr
    assert process.stderr.count("\n") == 1 and (tmp_path / "out.npz").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name, content, message", [
    ("mnist.pkl.gz", gzip.compress(b"\x80\x02("), "is a pickle"),
    ("images.npy", b"\x93NUMPY\x01\0", "is a single array"),
    ("7.png", b"\x89PNG\r\n", "is a picture"),
    ("page.npz", b"<!DOCTYPE html>", "is something else"),
    ("archive.zip", zipped("MNIST/t10k-images-idx3-ubyte"), "is a zip archive; unpack it"),
    ("broken.npz", b"PK\3\4", "broken"),
    ("test.csv", ",".join(f"pixel{i}" for i in range(784)).encode(), "784 columns, the first pixel0; expected 785"),
    ("last.csv", (",".join(f"pixel{i}" for i in range(784)) + ",label").encode(), "the first pixel0; .*label first"),
    ("train.csv", b"0," * 784 + b"0\n", "no x_test, y_test"),
    (IDX[0], b"", "empty"),
    (IDX[0], idx(IMAGES)[:-1], r"expected \(300, 28, 28\)"),
    (IDX[0], b"\0\0\x0d" + idx(IMAGES)[3:], "is something else"),
    (IDX[0], b"\x1f\x8b\0", "broken.*expected a whole file"),
    ("folder/7/1.png", b"\x89PNG\r\n", "no files named"),
    ("none", None, "not there"),
], ids=lambda value: "" if isinstance(value, bytes) else None)  # fmt: skip
def test_converter_refuses_files_by_their_kind(tmp_path, name, content, message):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        convert(tmp_path / Path(name).parts[0] / ("none" if content is None else ""), tmp_path / "out.npz")


def test_converter_does_not_look_beyond_what_is_named(tmp_path):
    """A mistyped folder beside the right one."""
    write_idx(tmp_path / "mnist", str)
    with pytest.raises(ValueError, match="no files named"):
        convert(tmp_path / "mist", tmp_path / "out.npz")
