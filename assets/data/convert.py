"""Turn a data set like MNIST into the file that the notebook reads: for whoever wants to draw something else.

FROM is
- an npz file with images and labels for training and for testing;
- a folder with the files in which MNIST and its relatives are published, plain or gzip: four idx files (MNIST,
  Fashion-MNIST, EMNIST), four npz files of one array each (KMNIST, K49), or two CSV files with the label first (Kaggle);
- the beginning of these files' names, where a folder holds several data sets: gzip/emnist-letters;
- the files themselves, those for testing named test or t10k, or of two CSV files the second.

Written are x_train and x_test, uint8 (n, 28, 28), 0 to 255, and y_train and y_test, integers (n,). For example:

    python assets/data/convert.py fashion-mnist fashion.npz
"""

import argparse
import gzip
import io
import os
import re
import zipfile
import zlib
from pathlib import Path

import numpy as np

EXPECTED = "expected an npz file with x_train, y_train, x_test, y_test: images (n, 28, 28) and labels (n,)"
PUBLISHED = re.compile(r"(.*[-_])?(train|test|t10k)([-_.](images|imgs|labels).*(ubyte|npz)|.*csv)(\.gz)?")
OTHERS = {
    b"\x80": "is a pickle, which may run code when it is read",
    b"\x93NUMPY": "is a single array",
    b"\x89PNG": "is a picture",
    b"\xff\xd8": "is a picture",
    b"": "is something else or empty",
}


def read_npz(path, data):
    """Return the arrays of an npz file as a dict: under x and y if it holds one array, else under x_train, y_train,
    x_test and y_test, also if they are called train_images or X_train or train_x."""
    if not any(name.endswith(".npy") for name in zipfile.ZipFile(io.BytesIO(data)).namelist()):
        raise ValueError(f"{path}: is a zip archive; unpack it, and name the folder")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = dict(file)
    except ValueError as error:
        raise ValueError(f"{path}: of Python objects, which may run code; {EXPECTED}") from error
    if list(arrays) == ["arr_0"]:
        return {"x" if arrays["arr_0"].ndim > 1 else "y": arrays["arr_0"]}
    named = {}
    for key, array in arrays.items():
        letters = {"x": "x", "images": "x", "y": "y", "labels": "y"}
        a, _, b = key.lower().partition("_")
        part, kind = (a, b) if a in ("train", "test") else (b, a)
        if part in ("train", "test") and kind in letters:
            named[f"{letters[kind]}_{part}"] = array
    if len(named) < 4:
        raise ValueError(f"{path}: holds {list(arrays)}; {EXPECTED}")
    return named


def read_idx(path, data):
    """Return the array of an idx file of bytes in a dict, under x for images, y for labels."""
    shape = tuple(np.frombuffer(data, ">i4", data[3], 4).tolist())
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape))
    if len(values) != np.prod(shape):
        raise ValueError(f"{path}: {len(values)} values; expected {shape}, as its header says")
    return {"x" if len(shape) > 1 else "y": values.reshape(shape)}


def read_csv(path, data):
    """Return images (n, 784) and labels (n,) of a CSV file, with commas, semicolons or tabs, with or without a header or
    a column that counts, under x and y."""
    text = data.decode("utf-8-sig")
    first = text.split("\n", 1)[0].strip()
    mark = max(",;\t", key=first.count)
    names = [name.strip('"') for name in first.split(mark)]
    header = len(set(names)) == len(names)  # 784 pixels are never all different, names are
    table = np.loadtxt(io.StringIO(text), delimiter=mark, skiprows=int(header), ndmin=2)
    if table.shape[1] == 786 and np.array_equal(np.diff(table[:, 0]), np.ones(len(table) - 1)):
        table, names = table[:, 1:], names[1:]
    if table.shape[1] != 785 or (header and names[-1] == "label"):
        raise ValueError(f"{path}: {len(names)} columns, the first {names[0][:20]}; expected 785, the label first")
    return {"x": table[:, 1:], "y": table[:, 0]}


def read(path):
    """Return a dict of the arrays of a file, by what it begins with. ValueError if it is not understood."""
    data = path.read_bytes()
    try:
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        if data[:2] == b"PK":
            return read_npz(path, data)
        if data[:3] == b"\0\0\x08" and len(data) >= 4 + 4 * data[3]:
            return read_idx(path, data)
        if re.match(rb'(\xef\xbb\xbf)?"?[\w :.]*"?[,;\t]', data):
            return read_csv(path, data)
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile, UnicodeError) as error:
        raise ValueError(f"{path}: broken: {error}; expected a whole file") from error
    kind = next(kind for start, kind in OTHERS.items() if data.startswith(start))
    raise ValueError(f"{path}: {kind}; {EXPECTED}, or what the help names")


def find(source):
    """Return the paths of the files that a source stands for."""
    if source.is_file():
        return [source]
    if not source.is_dir() and not source.parent.is_dir():
        raise ValueError(f"{source}: not there")
    if source.is_dir():
        paths = [path for path in source.rglob("*") if not path.name.startswith(".")]  # macOS leaves such files
    else:
        paths = [path for path in source.parent.iterdir() if path.name.startswith(source.name)]
    found = [path for path in sorted(paths) if PUBLISHED.fullmatch(path.name) and path.is_file()]
    if not found:
        raise ValueError(f"{source}: no files named as MNIST's or its relatives' are; {EXPECTED}")
    return found


def to_images(name, a):
    """Return images as uint8 (n, 28, 28), 0 to 255. ValueError if they are not understood."""
    shape, a = a.shape, a.squeeze()
    if a.ndim == 2 and 784 in a.shape:
        a = (a if a.shape[1] == 784 else a.T).reshape(-1, 28, 28)
    elif a.ndim == 3 and a.shape[:2] == (28, 28):
        a = np.moveaxis(a, -1, 0)
    if a.ndim != 3 or a.shape[1:] != (28, 28) or not len(a) or a.dtype.kind not in "biuf":
        raise ValueError(f"{name}: {a.dtype} {shape}; expected grey images of 28x28 pixels")
    low, high, rounding = float(a.min()), float(a.max()), 0.001
    if np.allclose([low, high], [-1, 1], atol=rounding):
        a = (a + 1) * 127.5
    elif -rounding <= low and high <= 1 + rounding:
        a = a * 255.0
    if not (-1 < a.min() and 127 < a.max() < 256):
        raise ValueError(
            f"{name}: values from {low:g} to {high:g}; expected 0 to 255, 0 to 1 or -1 to 1;"
            " rescale them: x = (x - x.min()) / (x.max() - x.min())"
        )
    return np.rint(a).clip(0, 255).astype(np.uint8)


def to_labels(name, a, n):
    """Return labels as integers (n,). ValueError if they are not understood."""
    labels = a.squeeze()
    if labels.ndim == 2 and (np.sort(labels)[:, :-1] == 0).all():  # one-hot
        labels = labels.argmax(axis=1)
    try:
        whole = labels.astype(np.int64)
    except ValueError:  # letters
        whole = np.empty(0)
    if whole.shape != (n,) or (whole != labels.astype(float)).any():
        raise ValueError(f"{name}: {a.dtype} {a.shape}; expected {n} whole numbers, one an image")
    return whole


def convert(*paths):
    """Convert all paths but the last into an npz file, the last, and say so in one line. ValueError or OSError, before
    anything is written, if they are not understood."""
    *sources, target = map(Path, paths)
    found, turned = {}, ""
    for i, source in enumerate(sources):
        for path in find(source):
            named = re.search("test|t10k", path.name)
            part = "test" if named or (i and path == source) else "train"
            for name, array in read(path).items():
                if name == "x" and "emnist" in path.name:
                    array, turned = array.reshape(-1, 28, 28).swapaxes(1, 2), ", turned upright"
                name = name if "_" in name else f"{name}_{part}"
                if name in found and not np.array_equal(array, found[name]):
                    raise ValueError(
                        f"{path}: a second {name}; expected one data set: name its files, or how their names begin"
                    )
                found[name] = array
    if missing := {"x_train", "y_train", "x_test", "y_test"} - found.keys():
        raise ValueError(f"{sources[0]}: no {', '.join(sorted(missing))}; {EXPECTED}")
    arrays = {}
    for part in ("train", "test"):
        images = arrays[f"x_{part}"] = to_images(f"x_{part}", found[f"x_{part}"])
        arrays[f"y_{part}"] = to_labels(f"y_{part}", found[f"y_{part}"], len(images))
    scratch = target.with_name(target.name + ".part")
    try:
        with open(scratch, "wb") as file:
            np.savez_compressed(file, **arrays)
        os.replace(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)
    x, classes = found["x_train"], len(np.unique(arrays["y_train"]))
    print(
        f"{target}: {len(arrays['x_train'])} + {len(arrays['x_test'])} images of {classes} classes,"
        f" from {x.dtype} {x.shape}, {float(x.min()):g} to {float(x.max()):g}{turned}"
    )


def main():
    """Convert what is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", metavar="FROM", nargs="+", help="what to read, as above")
    parser.add_argument("target", metavar="TO.npz", help="the file to write")
    options = parser.parse_args()
    try:
        convert(*options.sources, options.target)
    except (ValueError, OSError) as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
