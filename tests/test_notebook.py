"""The notebook as a file, and as people run it: headless, through nbconvert, in a kernel that may be killed."""

import ast
import base64
import io
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time

import nbformat
import numpy as np
import psutil
import pytest
from conftest import (
    MNIST,
    NOTEBOOK,
    ROOT,
    assert_same_run,
    checkpoint,
    code_cells,
    run_notebook,
)
from PIL import Image

COMMITTED = nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)
CODE = [cell for cell in COMMITTED.cells if cell.cell_type == "code"]
TEXT = [cell for cell in COMMITTED.cells if cell.cell_type == "markdown"]
OUTPUTS = [output for cell in CODE for output in cell.outputs]


def nbconvert(directory, epochs, data=MNIST, **variables):
    """Start a headless run of a copy of the notebook in a directory; it writes page.html there."""
    (directory / "assets").mkdir()
    shutil.copy(NOTEBOOK, directory)
    shutil.copy(data, directory / "assets" / "mnist.npz")
    command = [
        sys.executable,
        "-m",
        "nbconvert",
        "--to",
        "html",
        "--execute",
        NOTEBOOK.name,
        "--output",
        "page",
    ]
    environment = os.environ | {"GAN_EPOCHS": str(epochs)}
    environment.pop("MPLBACKEND")
    environment.update(variables)
    return subprocess.Popen(
        command, cwd=directory, env=environment, stderr=subprocess.PIPE, text=True
    )


def test_format():
    nbformat.validate(COMMITTED)
    assert (COMMITTED.nbformat, COMMITTED.nbformat_minor) == (4, 5)
    assert COMMITTED.metadata.kernelspec.name == "python3"
    assert [cell.id for cell in CODE if "parameters" in cell.metadata.get("tags", [])] == [
        "parameters"
    ]
    assert NOTEBOOK.stat().st_size < 2_000_000


def test_outputs_are_those_of_one_clean_run():
    assert [cell.execution_count for cell in CODE] == list(range(1, len(CODE) + 1))
    assert not [
        output
        for output in OUTPUTS
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert sum("image/png" in output.get("data", {}) for output in OUTPUTS) >= 8
    pages = [output.get("data", {}).get("text/html", "") for output in OUTPUTS]
    assert sum('<img alt="Animation' in page for page in pages) == 1
    assert sum("data:image/gif;base64,R0lGOD" in page for page in pages) == 1
    text = "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in OUTPUTS
    )
    assert not re.search(r"/(home|root|tmp|work|Users|usr)/|[Ww]arning", text)


def test_outputs_are_those_of_the_default_parameters():
    defaults = run_notebook("check-parameters")
    outputs = {cell.id: cell.outputs for cell in CODE}
    batch_size, z_size = defaults["batch_size"], defaults["z_size"]
    batches = f"({55_000 // batch_size}, {batch_size}, 784) uint8"
    assert batches in outputs["epoch-batches"][0].text
    kernel = f"shape=({z_size}, {defaults['g_hidden_size']})"
    assert kernel in outputs["try-generator"][0].text
    kernel = f"shape=(784, {defaults['d_hidden_size']})"
    assert kernel in outputs["try-discriminator"][0].text
    page = outputs["animate"][0].data["text/html"]
    data = re.search('base64,([^"]+)', page).group(1)
    animation = Image.open(io.BytesIO(base64.b64decode(data)))
    assert animation.n_frames == len(
        range(0, defaults["epochs"], (defaults["epochs"] - 1) // 40 + 1)
    )


def lines(cell):
    """Return the number of lines of a cell that are not blank."""
    return len([line for line in cell.source.splitlines() if line.strip()])


def test_code_stays_within_its_budget():
    ids = [cell.id for cell in CODE]
    assert max(lines(cell) for cell in CODE) <= 22
    assert sum(lines(cell) for cell in CODE[: ids.index("model-inputs")]) <= 65
    assert sum(lines(cell) for cell in CODE) <= 450
    assert statistics.median(lines(cell) for cell in CODE) <= 7
    raises = [line for cell in CODE for line in cell.source.splitlines()]
    assert sum(line.lstrip().startswith("raise ") for line in raises) <= 8


def test_every_function_and_class_has_a_docstring():
    for cell_id, source in code_cells().items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert ast.get_docstring(node), f"{cell_id}: {node.name}"


def test_pictures_exist_and_have_alternative_texts():
    texts = [cell.source for cell in TEXT] + [(ROOT / "README.md").read_text(encoding="utf-8")]
    pictures = [
        picture for text in texts for picture in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", text)
    ]
    assert len(pictures) >= 3
    for alternative, path in pictures:
        assert len(alternative) > 10 and (ROOT / path).is_file(), path
    for cell in CODE:
        if any({"image/png", "image/gif"} & set(output.get("data", {})) for output in cell.outputs):
            assert len(cell.metadata.get("alt", "")) > 10, cell.id


def test_links_within_the_notebook_lead_to_headings_of_their_language():
    folds = re.compile("<details>.*?</details>", re.DOTALL)
    english = "\n".join(folds.sub("", cell.source) for cell in TEXT)
    chinese = "\n".join("".join(folds.findall(cell.source)) for cell in TEXT)
    for text in (english, chinese):
        lines = [line for line in text.splitlines() if line.startswith("#")]
        headings = {line.lstrip("# ").replace(" ", "-") for line in lines}
        links = re.findall(r"\]\(#([^)]+)\)", text)
        assert len(set(links)) == 18 and set(links) <= headings


def test_every_text_is_in_both_languages():
    for cell in TEXT:
        assert re.search(
            r"<details>\s*<summary>中文</summary>\n\n.*[\u4e00-\u9fff].*\n\n</details>",
            cell.source,
            re.DOTALL,
        ), cell.id


def test_headless_run_on_mnist(tmp_path):
    with nbconvert(tmp_path, epochs=2) as process:
        log = process.stderr.read()
    assert process.returncode == 0, log
    rows = checkpoint(tmp_path / "checkpoints")["history/rows"]
    losses, samples = rows[:, :2], rows[:, 2:].reshape(2, 16, 784)
    assert np.isfinite(losses).all() and np.abs(samples).max() <= 1
    assert samples[-1].std(axis=0).mean() > 0.05
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "epoch 2 of 2" in page or page.count("data:image/png;base64") >= 8
    assert "Traceback" not in page
    right = re.search(r"The referee is right about ([\d.]+)% of the test images", page)
    assert float(right.group(1)) >= 98
    namespace = run_notebook(
        "new-digits",
        epochs=2,
        checkpoint_dir=str(tmp_path / "checkpoints"),
        resume=True,
    )
    np.testing.assert_array_equal(namespace["losses"], losses)


def test_environment_variables_that_people_set_do_no_harm(small_data, tmp_path):
    variables = {"MPLBACKEND": "agg", "TF_DETERMINISTIC_OPS": "1", "OMP_NUM_THREADS": "1"}
    variables |= {"TF_XLA_FLAGS": "--tf_xla_cpu_global_jit", "KERAS_BACKEND": "jax"}
    with nbconvert(tmp_path, 1, small_data, **variables) as process:
        log = process.stderr.read()
    assert process.returncode == 0, log
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64") >= 8


@pytest.fixture(scope="module")
def uninterrupted(small_data, tmp_path_factory):
    """The namespace of a run of 30 epochs that nobody stops."""
    directory = str(tmp_path_factory.mktemp("whole"))
    return run_notebook("train", data_path=str(small_data), epochs=30, checkpoint_dir=directory)


@pytest.mark.parametrize("kill", range(2))
def test_killed_kernel_resumes_as_if_nothing_had_happened(
    uninterrupted, small_data, tmp_path, kill
):
    checkpoints = tmp_path / "checkpoints"
    with nbconvert(tmp_path, epochs=30, data=small_data) as process:
        while not (checkpoints / "checkpoint").exists():
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(random.uniform(0, 2))
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        assert "DeadKernelError" in process.stderr.read()
    assert 1 <= len(checkpoint(checkpoints)["history/rows"]) < 30
    parameters = {"data_path": str(small_data), "epochs": 30, "checkpoint_dir": str(checkpoints)}
    assert_same_run(uninterrupted, run_notebook("train", **parameters, resume=True))
