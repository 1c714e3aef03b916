"""The exercise edition: what is blank, what the checks say of usual mistakes, and that a right solution trains."""

import json

import nbformat
import pytest
from cells import NOTEBOOK, ROOT, cells
from conftest import assert_same_run, run_in
from exercises import TASKS, exercise_edition


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
    command = tmp_path, ROOT / "assets" / "exercises.py"
    assert run_in(*command).returncode == 0
    path = tmp_path / "gan_mnist_exercises.ipynb"
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    path.write_text("my solutions", encoding="utf-8")
    process = run_in(*command)
    assert (process.returncode, path.read_text(encoding="utf-8")) == (2, "my solutions") and "--force" in process.stderr
    assert run_in(*command, "--force").returncode == 0 and path.read_text(encoding="utf-8") != "my solutions"

    assert not any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    everything = "".join(cell.source for cell in notebook.cells if not cell.id.startswith("check-"))
    for line in (
        "tf.tanh(",
        "tf.sigmoid(logits)",
        "tf.maximum(alpha",
        "cross_entropy(d_logits",
        "var_list=g_vars",
        "jit",
    ):
        assert line in "".join(cells().values()) + cells("markdown")["text-17-where-to-go-next"]
        assert line not in everything, line
    for name in TASKS:
        assert edition[name]["source"].count("...") >= 1 and "任务" in edition[f"task-{name}"]["source"]


def test_blank_the_first_check_says_what_to_do(edition, small):
    with pytest.raises(AssertionError, match="returns nothing yet"):
        run(edition, "check-model-inputs", {"model-inputs": edition["model-inputs"]["source"]}, small)


def test_filled_in_it_runs_to_the_end_and_is_the_notebooks_own_run(edition, trained, small, tmp_path):
    assert_same_run(trained, run(edition, "results", {}, small | {"checkpoint_dir": str(tmp_path)}))


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
    "losses": cells()["losses"].split("d_loss_real =")[0]
    + """
cross = tf.nn.sigmoid_cross_entropy_with_logits
d_loss_real = tf.reduce_mean(cross(logits=d_logits_real, labels=tf.ones_like(d_logits_real) * (1 - smooth)))
d_loss_fake = tf.reduce_mean(cross(logits=d_logits_fake, labels=tf.zeros_like(d_model_fake)))
d_loss = tf.add(d_loss_real, d_loss_fake)
g_loss = tf.reduce_mean(cross(logits=d_logits_fake, labels=tf.ones_like(d_model_fake)))
""",
}


def test_right_solutions_in_other_styles_pass(edition, small):
    run(edition, "check-train-epoch", OTHER_STYLES, small)


WRONG = [
    ("model-inputs", "return inputs_real, inputs_z", "return inputs_z, inputs_real", "images come first"),
    ("model-inputs", "(None, z_dim)", "(100, z_dim)", "any size"),
    ("leaky-relu", "alpha * x, x", "0 * x, x", "cuts off"),
    ("leaky-relu", "tf.maximum(alpha * x, x)", "tf.minimum(alpha * x, x)", "Above zero"),
    ("leaky-relu", "tf.maximum(", "max(", "use tf.maximum"),
    ("generator", '"out"))', '"hidden"))', "name of its own"),
    ("generator", "tf.tanh(", "tf.sigmoid(", "by a sigmoid"),
    ("generator", "tf.tanh(", "(", "outside -1 to 1"),
    ("generator", ", reuse=reuse", "", "hand reuse on"),
    ("generator", "reuse=reuse", "reuse=True", "first call fails"),
    ("generator", '"generator", reuse', '"gen", reuse', "outside the scope"),
    ("generator", '"hidden"), alpha)', '"hidden"), 0.01)', "slope alpha"),
    ("discriminator", "tf.sigmoid(logits), logits", "logits, tf.sigmoid(logits)", "order is"),
    ("discriminator", "tf.sigmoid(logits), logits", "tf.sigmoid(logits), tf.sigmoid(logits)", "is a probability"),
    ("discriminator", ", reuse=reuse", "", "hand reuse on"),
    ("discriminator", '"discriminator", reuse', '"disc", reuse', "outside the scope"),
    ("build", "reuse=True, ", "", "D's second call failed"),
    ("build", "d_hidden_size, alpha=alpha", "d_hidden_size, reuse=True, alpha=alpha", "D's first call failed"),
    ("build", "input_real - pixel_mean", "input_real", "minus pixel_mean"),
    ("build", "g_hidden_size, ", "", "sizes are not"),
    ("build", "g_model - pixel_mean", "input_real - pixel_mean", "d_logits_fake is not"),
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
    ("optimizers", "Optimizer(g_learning_rate", "Optimizer(d_learning_rate", "g_learning_rate long"),
    ("optimizers", ", global_step=step", "", "count the steps"),
    ("optimizers", "minimize(d_loss,", "minimize(d_loss_fake,", "Adam on d_loss with"),
    ("optimizers", "(d_learning_rate, beta1, beta2)", "(d_learning_rate, beta2, beta1)", "in this order"),
    ("optimizers", "(g_learning_rate, beta1, beta2)", "(g_learning_rate)", "in this order"),
    ("train-epoch", "d_loss_value, _ =", "d_loss_value =", "unpack it"),
    ("train-epoch", ", average_opt", "", "mean of G's weights"),
    ("train-epoch", "[g_loss, g_train_opt, average_opt]", "[g_loss, g_loss, g_loss]", "generator did not learn"),
    ("train-epoch", "session.run([d_loss, d_train_opt], d_feed)", "session.run([d_loss, d_loss], d_feed)", "discriminator did not"),
    ("train-epoch", "{input_z: batch_z})", "{input_z: -batch_z})", "what is fed"),
]  # fmt: skip
G_FIRST = cells()["train-epoch"].splitlines()
G_FIRST[6], G_FIRST[7] = G_FIRST[7], G_FIRST[6]
WRONG.append(("train-epoch", cells()["train-epoch"], "\n".join(G_FIRST), "G learns before D"))


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
