"""Turn a data set like MNIST into the file that the notebook reads.

FROM is
- an npz file with images and labels for training and for testing;
- a folder with the files in which MNIST and its relatives are published, plain or gzip: four idx files (MNIST,
  Fashion-MNIST, EMNIST), four npz files of one array each (KMNIST, K49), or two CSV files with the label first (Kaggle);
- the beginning of these files' names, where a folder holds several data sets: gzip/emnist-letters;
- the two CSV files themselves, that for training first.

Written are x_train and x_test, uint8 (n, 28, 28), 0 to 255, and y_train and y_test, integers (n,).
"""

import argparse
import gzip
import io
import os
import re
import zlib
from pathlib import Path

import numpy as np

EXPECTED = (
    "expected an npz file with x_train, y_train, x_test, y_test: images (n, 28, 28) and labels (n,)"
)
PUBLISHED = re.compile(
    r"(.*[-_])?(train|test|t10k)([-_.](images|imgs|labels).*(ubyte|npz)|.*csv)(\.gz)?"
)
OTHERS = {
    b"\x80": "a pickle, which may run code when it is read",
    b"\x93NUMPY": "a single array",
    b"\x89PNG": "a picture",
    b"\xff\xd8": "a picture",
}


def read_npz(path, data):
    """Return the arrays of an npz file as a dict: under x and y if it holds one array, else under x_train, y_train,
    x_test and y_test, also if they are called train_images or X_train or train_x."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = dict(file)
    except Exception as error:
        raise ValueError(f"{path}: broken, or of Python objects; {EXPECTED}") from error
    if list(arrays) == ["arr_0"]:
        return {"x" if arrays["arr_0"].ndim > 1 else "y": arrays["arr_0"]}
    named = {}
    for letter, kind in (("x", "images"), ("y", "labels")):
        for part in ("train", "test"):
            for name in (f"{letter}_{part}", f"{part}_{kind}", f"{part}_{letter}"):
                named |= {f"{letter}_{part}": a for key, a in arrays.items() if key.lower() == name}
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
    """Return images (n, 784) and labels (n,) of a CSV file, with or without a header, under x and y."""
    first = data.split(b"\n", 1)[0].decode(errors="replace").strip().split(",")
    header = not first[0].isdecimal()
    if len(first) != 785 or (header and first[0].strip('"') != "label"):
        raise ValueError(
            f"{path}: {len(first)} columns, the first {first[0][:20]}; expected 785, the label first"
        )
    table = np.loadtxt(io.BytesIO(data), delimiter=",", skiprows=int(header), ndmin=2)
    return {"x": table[:, 1:], "y": table[:, 0]}


def read(path):
    """Return a dict of the arrays of a file, by what it begins with. ValueError if it is not understood."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (EOFError, OSError, zlib.error) as error:
            raise ValueError(f"{path}: {error}; expected a whole gzip file") from error
    if data[:2] == b"PK":
        return read_npz(path, data)
    if data[:3] == b"\0\0\x08" and len(data) >= 4 + 4 * data[3]:
        return read_idx(path, data)
    if re.match(rb'"?\w+"?,', data):
        return read_csv(path, data)
    unknown = "something else" if data else "empty"
    kind = next((kind for start, kind in OTHERS.items() if data.startswith(start)), unknown)
    raise ValueError(f"{path}: is {kind}; {EXPECTED}, or what the help names")


def find(source):
    """Return the paths of the files that a source stands for."""
    if source.is_file():
        return [source]
    if source.is_dir():
        paths = source.rglob("*")
    elif source.parent.is_dir():
        paths = (path for path in source.parent.iterdir() if path.name.startswith(source.name))
    else:
        raise ValueError(f"{source}: not there")
    found = [path for path in sorted(paths) if path.is_file() and PUBLISHED.fullmatch(path.name)]
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
    try:
        if labels.ndim == 2 and (np.sort(labels)[:, :-1] == 0).all():  # one-hot
            labels = labels.argmax(axis=1)
        whole = labels.astype(np.int64)
        assert whole.shape == (n,) and (whole == labels.astype(float)).all()
    except (ValueError, AssertionError) as error:
        raise ValueError(
            f"{name}: {a.dtype} {a.shape}; expected {n} whole numbers, one an image"
        ) from error
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
                    raise ValueError(f"{path}: a second {name}; expected one data set, by its name")
                found[name] = array
    if missing := {"x_train", "y_train", "x_test", "y_test"} - found.keys():
        raise ValueError(f"{sources[0]}: no {', '.join(sorted(missing))}; {EXPECTED}")
    arrays = {}
    for part in ("train", "test"):
        x, y = found[f"x_{part}"], found[f"y_{part}"]
        images = arrays[f"x_{part}"] = to_images(f"x_{part}", x)
        arrays[f"y_{part}"] = to_labels(f"y_{part}", y, len(images))
    scratch = target.with_name(target.name + ".part")
    try:
        with open(scratch, "wb") as file:
            np.savez_compressed(file, **arrays)
        os.replace(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)
    x = found["x_train"]
    print(
        f"{target}: {len(arrays['x_train'])} + {len(arrays['x_test'])} images of {len(np.unique(arrays['y_train']))}"
        f" classes, from {x.dtype} {x.shape}, {float(x.min()):g} to {float(x.max()):g}{turned}"
    )


def main():
    """Convert what is named; return nothing."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python assets/data/convert.py fashion-mnist fashion.npz",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sources", metavar="FROM", nargs="+", help="what to read, as above")
    parser.add_argument("target", metavar="TO.npz", help="the file to write")
    options = parser.parse_args()
    try:
        convert(*options.sources, options.target)
    except (ValueError, OSError) as error:
        parser.exit(2, f"{error}\n")


if __name__ == "__main__":
    main()
