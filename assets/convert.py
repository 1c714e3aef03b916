"""Turn a data set like MNIST into the file that the notebook reads.

FROM is an npz file, or a folder with the four idx files in which MNIST and its relatives were published, whatever they
are called (train-images-idx3-ubyte, train-images.idx3-ubyte, emnist-letters-train-images-idx3-ubyte.gz, in folders of
their own names, with or without gzip). Where a folder holds several data sets, FROM ends with the beginning of the names:
gzip/emnist-letters. Written are x_train and x_test, uint8 (n, 28, 28), and y_train and y_test, integers (n,).
"""

import argparse
import gzip
import os
import re
import zlib
from pathlib import Path

import numpy as np

NAMES = {
    "x_train": ("x_train", "train_images", "X_train", "train_x"),
    "y_train": ("y_train", "train_labels", "Y_train", "train_y"),
    "x_test": ("x_test", "test_images", "X_test", "test_x"),
    "y_test": ("y_test", "test_labels", "Y_test", "test_y"),
}
IDX = {
    "x_train": r"train-images[-.]idx3-ubyte",
    "y_train": r"train-labels[-.]idx1-ubyte",
    "x_test": r"(t10k|test)-images[-.]idx3-ubyte",
    "y_test": r"(t10k|test)-labels[-.]idx1-ubyte",
}


def read_idx(path):
    """Read an idx file of bytes, plain or gzip, whatever its name: array of the shape in its header. ValueError, with
    what was found and expected, for anything else."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(f"{path}: {error}; expected a whole gzip file") from error
    if data[:3] != b"\0\0\x08" or len(data) < 4 + 4 * data[3]:
        raise ValueError(f"{path}: begins with {data[:4].hex(' ')}; expected an idx file: 00 00 08")
    shape = tuple(np.frombuffer(data, ">i4", data[3], 4).tolist())
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape))
    if len(values) != np.prod(shape):
        raise ValueError(f"{path}: {len(values)} values; expected {shape}, as its header says")
    return values.reshape(shape)


def read_folder(folder, start, say):
    """Read the four idx files below a folder whose names begin with start; return a dict by the names in NAMES."""
    arrays = {}
    for name, pattern in IDX.items():
        full = re.compile(rf"{re.escape(start)}(.*[-_])?{pattern}(\.gz)?")
        paths = [p for p in sorted(folder.rglob("*")) if p.is_file() and full.fullmatch(p.name)]
        found = [read_idx(path) for path in paths]
        if not found or any(not np.array_equal(found[0], other) for other in found):
            names = ", ".join(str(path.relative_to(folder)) for path in paths) or "none"
            raise ValueError(
                f"{folder}: files for {name}: {names}; expected one like {start}{pattern}"
            )
        arrays[name] = found[0]
        if "emnist" in paths[0].name and name.startswith("x"):
            say(f"{name}: EMNIST's images are stored turned; rows and columns exchanged")
            arrays[name] = found[0].swapaxes(1, 2)
    return arrays


def read_npz(path, say):
    """Read the four arrays of an npz file under any of their NAMES."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {
                name: [file[key] for key in keys if key in file] for name, keys in NAMES.items()
            }
            names = file.files
    except Exception as error:
        raise ValueError(
            f"{path}: no npz file ({type(error).__name__}); expected one, or a folder"
        ) from error
    missing = [name for name, found in arrays.items() if not found]
    if missing:
        raise ValueError(f"{path}: has {names}; expected also {missing}, or {NAMES[missing[0]][1]}")
    if left := [name for name in names if not any(name in keys for keys in NAMES.values())]:
        say(f"left out: {left}")
    return {name: found[0] for name, found in arrays.items()}


def to_images(name, a, say):
    """Return images as uint8 (n, 28, 28), 0 to 255. ValueError if they are not understood."""
    before = f"{a.dtype} {a.shape}"
    if a.ndim == 4 and 1 in (a.shape[1], a.shape[-1]):
        a = a.squeeze(-1 if a.shape[-1] == 1 else 1)
    if a.ndim == 2 and a.shape[1] == 784:
        a = a.reshape(-1, 28, 28)
    elif a.ndim == 2 and a.shape[0] == 784:
        a = a.T.reshape(-1, 28, 28)
    elif a.ndim == 3 and a.shape[1:] != (28, 28) and a.shape[:2] == (28, 28):
        a = np.moveaxis(a, -1, 0)
    if a.ndim != 3 or a.shape[1:] != (28, 28) or not len(a) or a.dtype.kind not in "biuf":
        raise ValueError(f"{name}: {before}; expected grey images of 28x28 pixels")
    low, high = float(a.min()), float(a.max())
    if not (np.isfinite([low, high]).all() and high > 0):
        raise ValueError(f"{name}: values from {low} to {high}; expected finite ones, not all 0")
    if low < 0 and -1 <= low and high <= 1:
        a = (a + 1) * 127.5
    elif low >= 0 and high <= 1:
        a = a * 255.0
    elif low < 0 or high > 255:
        raise ValueError(
            f"{name}: values from {low} to {high}; expected 0 to 1, -1 to 1 or 0 to 255"
        )
    images = np.rint(a).astype(np.uint8)
    say(f"{name}: {before}, {low:g} to {high:g}, became {images.dtype} {images.shape}")
    return images


def to_labels(name, a, n, say):
    """Return labels as integers (n,). ValueError if they are not understood."""
    before = f"{a.dtype} {a.shape}"
    if a.ndim == 2 and a.shape[1] == 1:
        a = a[:, 0]
    elif (
        a.ndim == 2
        and a.dtype.kind in "biuf"
        and set(np.unique(a)) == {0, 1}
        and (a.sum(axis=1) == 1).all()
    ):
        a = a.argmax(axis=1)
    if a.shape != (n,) or a.dtype.kind not in "biuf" or (a != np.rint(a)).any():
        raise ValueError(f"{name}: {before}; expected {n} whole numbers, one for each image")
    labels = a if a.dtype.kind in "iu" else a.astype(np.int64)
    say(f"{name}: {before} became {labels.dtype} {labels.shape}")
    return labels


def convert(source, target, say=print):
    """Convert source into an npz file target; ValueError, before anything is written, if it is not understood."""
    source, target = Path(source), Path(target)
    if source.is_dir():
        arrays = read_folder(source, "", say)
    elif source.is_file():
        arrays = read_npz(source, say)
    elif source.parent.is_dir():
        arrays = read_folder(source.parent, source.name, say)
    else:
        raise FileNotFoundError(f"{source.absolute()} is not there")
    for part in ("train", "test"):
        arrays[f"x_{part}"] = to_images(f"x_{part}", arrays[f"x_{part}"], say)
        n = len(arrays[f"x_{part}"])
        arrays[f"y_{part}"] = to_labels(f"y_{part}", arrays[f"y_{part}"], n, say)
    part = target.with_name(target.name + ".part")
    try:
        with open(part, "wb") as file:
            np.savez_compressed(file, **arrays)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    say(f"wrote {target}")


def main():
    """Convert what is named; return nothing."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python assets/convert.py fashion-mnist fashion.npz",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="FROM", help="an npz file, or a folder of idx files")
    parser.add_argument("target", metavar="TO.npz", help="the file to write")
    options = parser.parse_args()
    try:
        convert(options.source, options.target)
    except (ValueError, OSError) as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
