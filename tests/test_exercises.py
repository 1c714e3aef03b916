"""The exercise edition: what is blank, what the checks say of usual mistakes, and that a right solution trains."""

import json

import nbformat
import pytest
from conftest import assert_same_plain, run_in
from make import TASKS, exercise_edition
from notebook import NOTEBOOK, ROOT, cells


@pytest.fixture(scope="module")
def edition():
    """The cells of the exercise edition, by id."""
    made = exercise_edition(json.loads(NOTEBOOK.read_text(encoding="utf-8")))
    nbformat.validate(nbformat.from_dict(made))
    return {cell["id"]: cell for cell in made["cells"]}


def run(edition, last, solutions, parameters):
    """Run the edition's code cells up to last, the blank ones as the solutions, by id, or else as the notebook has them;
    return the namespace."""
    namespace = {}
    for name, cell in edition.items():
        if cell["cell_type"] == "code":
            source = solutions.get(name, cells()[name]) if name in TASKS else cell["source"]
            exec(compile(source, name, "exec"), namespace)
            if name == "parameters":
                namespace.update(parameters)
        if name == last:
            return namespace


def test_it_is_written_once_with_tasks_for_solutions_and_no_outputs(edition, tmp_path):
    command = tmp_path, ROOT / "assets" / "exercises" / "make.py"
    assert run_in(*command).returncode == 0
    path = tmp_path / "gan_mnist_exercises.ipynb"
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    path.write_text("my solutions", encoding="utf-8")
    process = run_in(*command)
    assert (process.returncode, path.read_text(encoding="utf-8")) == (2, "my solutions") and "--force" in process.stderr
    assert run_in(*command, "--force").returncode == 0 and path.read_text(encoding="utf-8") != "my solutions"

    assert not any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    everything = "".join(cell.source for cell in notebook.cells if not cell.id.startswith("check-"))
    for line in ("tf.tanh(", "tf.sigmoid(logits)", "tf.maximum(alpha", "cross_entropy(d_logits", "var_list=g_vars"):
        assert line in "".join(cells().values()) and line not in everything, line
    assert "train_gan" not in everything
    for name in TASKS:
        assert edition[name]["source"].count("...") >= 1 and "任务" in edition[f"task-{name}"]["source"]


def test_blank_the_first_check_says_what_to_do(edition, small):
    with pytest.raises(AssertionError, match="returns nothing yet"):
        run(edition, "check-model-inputs", {"model-inputs": edition["model-inputs"]["source"]}, small)


def test_filled_in_it_runs_to_the_end_and_is_the_notebooks_own_run(edition, trained, small, tmp_path):
    assert_same_plain(trained, run(edition, "walk", {}, small | {"checkpoint_dir": str(tmp_path)}))


OTHER_STYLES = {
    "model-inputs": """
def model_inputs(real_dim, z_dim):
    return tf.placeholder(tf.float32, [None, real_dim]), tf.placeholder(tf.float32, [None, z_dim], name="z")
""",
    "leaky-relu": "def leaky_relu(x, alpha):\n    return tf.nn.leaky_relu(x, alpha)",
    "generator": """
def generator(z, out_dim, n_units=128, reuse=False, alpha=0.01):
    with tf.variable_scope("generator", reuse=reuse):
        normal = tf.random_normal_initializer(stddev=0.1)
        out_bias = tf.get_variable("c", (out_dim,), initializer=normal)
        out_kernel = tf.get_variable("v", (n_units, out_dim), initializer=normal)
        kernel = tf.get_variable("w", (z.shape[1], n_units), initializer=normal)
        hidden = tf.nn.bias_add(z @ kernel, tf.get_variable("b", (n_units,), initializer=normal))
        return tf.nn.tanh(tf.nn.bias_add(tf.nn.leaky_relu(hidden, alpha) @ out_kernel, out_bias))
""",
    "discriminator": """
def discriminator(x, n_units=128, reuse=False, alpha=0.01):
    with tf.variable_scope("discriminator", reuse=reuse):
        logits = dense(tf.nn.leaky_relu(dense(x, n_units, "first"), alpha=alpha), 1, "second")
    return tf.nn.sigmoid(logits), logits
""",
    "losses": """
cross = tf.nn.sigmoid_cross_entropy_with_logits
d_loss_real = tf.reduce_mean(cross(logits=d_logits_real, labels=tf.ones_like(d_logits_real) * (1 - smooth)))
d_loss_fake = tf.reduce_mean(cross(logits=d_logits_fake, labels=tf.zeros_like(d_model_fake)))
d_loss = tf.add(d_loss_real, d_loss_fake)
g_loss = tf.reduce_mean(cross(logits=d_logits_fake, labels=tf.ones_like(d_model_fake)))
""",
}


def test_right_solutions_in_other_styles_pass(edition, small):
    run(edition, "check-optimizers", OTHER_STYLES, small)


WRONG = [
    ("model-inputs", "return inputs_real, inputs_z", "return inputs_z, inputs_real", "images come first"),
    ("model-inputs", "(None, z_dim)", "(100, z_dim)", "any size"),
    ("leaky-relu", "alpha * x, x", "0 * x, x", "cuts off"),
    ("leaky-relu", "tf.maximum(alpha * x, x)", "tf.minimum(alpha * x, x)", "Above zero"),
    ("leaky-relu", "tf.maximum(", "max(", "use tf.maximum"),
    ("generator", '"logits")', '"h1")', "name of its own"),
    ("generator", "tf.tanh(", "tf.sigmoid(", "by a sigmoid"),
    ("generator", "tf.tanh(logits)", "logits", "outside -1 to 1"),
    ("generator", ", reuse=reuse", "", "hand reuse on"),
    ("generator", "reuse=reuse", "reuse=True", "first call fails"),
    ("generator", '"generator", reuse', '"gen", reuse', "outside the scope"),
    ("generator", '"h1"), alpha)', '"h1"), 0.01)', "slope alpha"),
    ("discriminator", "return out, logits", "return logits, out", "order is"),
    ("discriminator", "return out, logits", "return out, out", "is a probability"),
    ("discriminator", ", reuse=reuse", "", "hand reuse on"),
    ("discriminator", '"discriminator", reuse', '"disc", reuse', "outside the scope"),
    ("build", "reuse=True, ", "", "D's second call failed"),
    ("build", "(input_real, d_hidden_size", "(input_real, d_hidden_size, reuse=True", "D's first call failed"),
    ("build", "g_hidden_size, ", "", "sizes are not"),
    ("build", "(g_model, ", "(input_real, ", "d_logits_fake is not"),
    ("losses", "d_logits_real, 1 - smooth", "d_logits_real, 1", "should be smoothed"),
    ("losses", "d_logits_real, 1 - smooth", "d_logits_real, 0", "wrong label"),
    ("losses", "d_logits_real, 1 - smooth", "d_logits_real, smooth", "not smooth"),
    ("losses", "d_logits_fake, 0", "d_logits_fake, 1", "wrong label"),
    ("losses", "d_logits_fake, 0", "d_logits_fake, smooth", "should not be smoothed"),
    ("losses", "d_logits_fake, 1", "d_logits_fake, 0", "wrong label"),
    ("losses", "d_logits_fake, 1", "d_logits_fake, 1 - smooth", "should not be smoothed"),
    ("losses", "(d_logits_real,", "(d_model_real,", "from probabilities"),
    ("losses", "d_loss_real + d_loss_fake", "d_loss_real", "the sum of"),
    ("variables", '"generator/"', '"discriminator/"', "g_vars should have"),
    ("optimizers", ", var_list=d_vars", "", "which parameter of minimize"),
    ("optimizers", "var_list=d_vars", "var_list=g_vars", "other network's"),
    ("optimizers", "minimize(g_loss", "minimize(-g_loss", "does not lower g_loss"),
    ("optimizers", "(learning_rate, beta1).minimize(g", "(alpha, beta1).minimize(g", "learning_rate long"),
    ("optimizers", "minimize(d_loss,", "minimize(d_loss_fake,", "Adam on d_loss with"),
    ("optimizers", "(learning_rate, beta1).minimize(g", "(learning_rate).minimize(g", "momentum beta1"),
]  # fmt: skip


@pytest.mark.parametrize("name, right, wrong, message", WRONG)
def test_each_usual_mistake_is_named(edition, small, name, right, wrong, message):
    """Where TensorFlow refuses the cell itself, the check is run after it, as a learner would."""
    solution = cells()[name].replace(right, wrong)
    assert solution != cells()[name]
    ids = [other for other, cell in edition.items() if cell["cell_type"] == "code"]
    namespace = run(edition, ids[ids.index(name) - 1], {}, small)
    try:
        exec(compile(solution, name, "exec"), namespace)
    except ValueError:
        pass
    with pytest.raises(AssertionError, match=message) as mistake:
        exec(edition[f"check-{name}"]["source"], namespace)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in str(mistake.value))
