"""The checks of the exercise edition, which make.py copies into one of its cells.

A check runs an answer anew and alone: in a copy of the notebook's names, in a graph of its own, and with sizes and settings
that the notebook does not use. So it tells of the answer, and not of what else was run. It names a cause only where it has
established it; else it says what happened, and in which line. In, Jupyter's list of what was run, and experimenting are the
notebook's.
"""
# ruff: noqa: F821

import ast
import contextlib
import io
import re
import traceback

import numpy as np
import tensorflow.compat.v1 as tf
from texts import SAYS

NAMES = {  # by the id of a cell: what its answer defines
    "model-inputs": ["model_inputs"],
    "leaky-relu": ["leaky_relu"],
    "generator": ["generator"],
    "discriminator": ["discriminator"],
    "build": ["input_real", "input_z", "g_model", "d_model_real", "d_logits_real", "d_model_fake", "d_logits_fake"],
    "cross-entropy": ["cross_entropy"],
    "losses": ["d_loss_real", "d_loss_fake", "d_loss", "g_loss"],
    "variables": ["g_vars", "d_vars"],
    "optimizers": ["d_train_opt", "g_train_opt"],
}
CAUSES = [  # what an error's text and the line it came from establish
    (r"tf\.layers|compat\.v1\.layers", "tf-layers"),
    (r"dense\(\) missing", "dense-name"),
    (r"dense\(\) got an unexpected keyword", "dense-activation"),
    (r"name '(\w+)' is not defined", "no-name"),
    (r"already exists", "same-name"),
    (r"does not exist, or was not created", "reuse-always"),
    (r"as a Python `?bool|OperatorNotAllowedInGraph", "python-if"),
    (r"to a (NumPy|numpy) array|__array__", "numpy"),
    (r"Trying to share variable", "sizes"),
    (r"'str' object has no attribute 'name'", "names"),
    (r"labels.*must have the same shape", "label-shape"),
    (r"^InvalidArgumentError", "batch"),
]


class Wrong(AssertionError):
    """What a check has found: a sentence in English and in Chinese, and the line of the answer that it is about. Jupyter
    shows these lines, and no traceback."""

    def __init__(self, kind, line="", **values):
        self.kind = kind
        sentences = [text.format(**values) for text in SAYS[kind]]
        super().__init__("\n".join(sentences + ([f"    {line}"] if line else [])))

    def _render_traceback_(self):
        return str(self).splitlines()


def tell(right, kind, **values):
    """Raise Wrong of a kind, unless it is right."""
    if not right:
        raise Wrong(kind, **values)


@contextlib.contextmanager
def errors_told(source, **causes):
    """Tell of an error inside in the answer's own line, and of its cause where the error establishes one; causes: other
    kinds in place of some."""
    try:
        yield
    except Wrong:
        raise
    except Exception as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<answer>"]
        number = frames[-1].lineno if frames else getattr(error, "lineno", None)
        line = source.splitlines()[number - 1].strip() if number else ""
        said = f"{type(error).__name__}: {str(error).strip()}".splitlines()[0][:300]
        for pattern, kind in CAUSES:
            if match := re.search(pattern, f"{said} {line if kind == 'tf-layers' else ''}"):
                values = {"error": said, "match": match[match.lastindex or 0]}
                raise Wrong(causes.get(kind.replace("-", "_"), kind), line, **values) from None
        raise Wrong("error", line, error=said) from None


def replay(source, **values):
    """Run an answer in a copy of the notebook's names, with other values of some; return the names."""
    names = globals() | values
    source = source.replace("tf.reset_default_graph()", "pass")  # this would end the check's own graph
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, "<answer>", "exec"), names)
    return names


def defined(source):
    """Return the names that the source of a cell defines."""
    try:
        nodes = ast.parse(source).body
    except SyntaxError:
        return set()
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    others = [part for node in nodes if node not in functions for part in ast.walk(node)]
    stored = {part.id for part in others if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return stored | {function.name for function in functions}


def answer(blank):
    """Return the source of the cells that were the last to define the names of a blank, as Jupyter keeps them in In."""
    cells = []
    for name in NAMES[blank]:
        numbers = [k for k, source in enumerate(In) if name in defined(source)]
        tell(numbers, "not-run", name=name)
        cells.append(numbers[-1])
    return "\n".join(In[k] for k in sorted(set(cells)))


def still_to_write(source):
    """Return the first line of an answer that still has its dots, or None."""
    nodes = list(ast.walk(ast.parse(source)))
    slices = {part for node in nodes if isinstance(node, ast.Subscript) for part in ast.walk(node.slice)}
    dots = [
        node.lineno for node in nodes if isinstance(node, ast.Constant) and node.value is ... and node not in slices
    ]
    return source.splitlines()[min(dots) - 1].strip() if dots else None


def tell_tensor(value, name):
    """Tell unless a value is a tensor."""
    tell(isinstance(value, tf.Tensor), "none", name=name, found=type(value).__name__)


def tell_made(blank, names, graph):
    """Tell unless the names that a blank defines are tensors of a graph."""
    for name in NAMES[blank]:
        tell(name in names, "elsewhere", name=name)
        tell_tensor(names[name], name)
        tell(names[name].graph is graph, "elsewhere", name=name)


def tell_graph(blank):
    """Tell if what the notebook itself has of a blank belongs to an older graph than the present one."""
    for name in NAMES[blank]:
        values = globals().get(name)
        for value in values if isinstance(values, (list, tuple)) else [values]:
            tell(getattr(value, "graph", None) is tf.get_default_graph(), "old-graph", name=name)


def near(a, b):
    """Tell whether two values have one shape and are equal but for rounding."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-3, atol=1e-4)


def same_gradients(session, feed, tensor, expected, inputs):
    """Tell whether two tensors, equal in value, have the same gradients at the inputs."""
    found = tf.gradients(tensor, inputs)
    if any(gradient is None for gradient in found):
        return False
    return all(near(*pair) for pair in session.run(list(zip(found, tf.gradients(expected, inputs))), feed))


def check_model_inputs(source):
    """Check that model_inputs(real_dim, z_dim) returns two float32 placeholders of the right shapes."""
    with errors_told(source), tf.Graph().as_default():
        made = replay(source)["model_inputs"](12, 5)
    pair = isinstance(made, (tuple, list)) and len(made) == 2
    tell(pair, "two", name="model_inputs", what="images, latent vectors")
    for value in made:
        tell_tensor(value, "model_inputs")
    tell(all(value.op.type == "Placeholder" for value in made), "placeholders")
    tell(all(value.dtype == tf.float32 for value in made), "float32", found=[value.dtype.name for value in made])
    shapes = [tuple(value.shape.as_list()) if value.shape.rank is not None else None for value in made]
    tell(shapes != [(None, 5), (None, 12)], "images-first")
    tell(shapes == [(None, 12), (None, 5)], "input-shapes", found=shapes)


def check_leaky_relu(source):
    """Check leaky_relu(x, alpha) on some numbers, and its gradients."""
    x = np.array([[-2, -0.5, 0.7], [0.1, 3, -1]], dtype=np.float32)
    with errors_told(source), tf.Graph().as_default() as graph, tf.Session() as session:
        inputs = tf.placeholder(tf.float32, (None, 3))
        out = replay(source)["leaky_relu"](inputs, 0.3)
        tell_tensor(out, "leaky_relu")
        branches = {"If", "StatelessIf", "Switch"}  # of a tensor of many numbers they end the whole process
        tell(not any(operation.type in branches for operation in graph.get_operations()), "cond")
        y = session.run(out, {inputs: x})
        tell(near(y[x > 0], x[x > 0]), "above") if y.shape == x.shape else tell(False, "below")
        tell(not near(y, np.maximum(x, 0)), "cuts-off")
        tell(near(y, np.maximum(0.3 * x, x)), "below")
        right = same_gradients(session, {inputs: x}, out, tf.nn.leaky_relu(inputs, 0.3), [inputs])
        tell(right, "no-gradient", name="leaky_relu")


def check_network(source, name, n_in, n_out, outputs, wrong):
    """Check generator or discriminator, of seven hidden units and slope 0.3, against two layers on the same variables;
    outputs(logits) are the tensors that it should return, and wrong has, by kind, what usual mistakes return."""
    sizes = ((n_out,) if name == "generator" else ()) + (7,)
    with errors_told(source), tf.Graph().as_default(), tf.Session() as session:
        network = replay(source)[name]
        inputs = tf.placeholder(tf.float32, (None, n_in))
        made = network(inputs, *sizes, alpha=0.3)
        if len(outputs(inputs)) == 2:
            pair = isinstance(made, (tuple, list)) and len(made) == 2
            tell(pair, "two", name=name, what="out, logits")
        made = made if len(outputs(inputs)) == 2 else [made]
        for value in made:
            tell_tensor(value, name)
        variables = tf.global_variables()
        outside = [v.op.name for v in variables if not v.name.startswith(f"{name}/")]
        tell(not outside, "scope", name=name, found=outside)
        shapes, expected = [tuple(v.shape.as_list()) for v in variables], [(n_in, 7), (7,), (7, n_out), (n_out,)]
        found = {"n_in": n_in, "n_units": 7, "n_out": n_out, "expected": expected, "found": shapes}
        tell(sorted(shapes) == sorted(expected), "layers", **found)
        with errors_told(source, same_name="reuse-never"):
            network(inputs, *sizes, reuse=True, alpha=0.3)
        tell(len(tf.global_variables()) == 4, "reuse-never")

        rng = np.random.default_rng(0)
        session.run([tf.assign(v, rng.normal(size=v.shape)) for v in variables])
        feed = {inputs: rng.normal(size=(3, n_in))}
        kernel, bias, out_kernel, out_bias = (variables[shapes.index(shape)] for shape in expected)
        hidden = inputs @ kernel + bias
        returned = session.run(list(made), feed)

        def returns(slope, of_logits):
            """Tell whether the answer returns these functions of the logits, with a slope of the leaky ReLU."""
            tensors = of_logits(tf.nn.leaky_relu(hidden, slope) @ out_kernel + out_bias)
            return all(near(a, b) for a, b in zip(returned, session.run(tensors, feed)))

        if not returns(0.3, outputs):
            for kind, of_logits in wrong.items():
                tell(not returns(0.3, of_logits), kind)
            for slope, kind in {1.0: "no-activation", 0.0: "relu", 0.01: "alpha-fixed", 0.2: "alpha-fixed"}.items():
                tell(not returns(slope, outputs), kind, slope=slope)
            raise Wrong("network", name=name)
        right = outputs(tf.nn.leaky_relu(hidden, 0.3) @ out_kernel + out_bias)
        for tensor, of_right in zip(made, right):
            tell(same_gradients(session, feed, tensor, of_right, [inputs, *variables]), "no-gradient", name=name)


def check_generator(source):
    """Check generator(z, out_dim, n_units, reuse, alpha)."""
    wrong = {"sigmoid-image": lambda logits: [tf.sigmoid(logits)], "no-tanh": lambda logits: [logits]}
    check_network(source, "generator", 5, 11, lambda logits: [tf.tanh(logits)], wrong)


def check_discriminator(source):
    """Check discriminator(x, n_units, reuse, alpha)."""
    wrong = {
        "order": lambda logits: [logits, tf.sigmoid(logits)],
        "logits-p": lambda logits: [tf.sigmoid(logits), tf.sigmoid(logits)],
        "no-sigmoid": lambda logits: [logits, logits],
    }
    check_network(source, "discriminator", 12, 1, lambda logits: [tf.sigmoid(logits), logits], wrong)


def check_build(source):
    """Check the network of section 7 against other calls of the notebook's own functions on the same variables."""
    sizes = {"input_size": 12, "z_size": 5, "g_hidden_size": 7, "d_hidden_size": 6, "alpha": 0.3, "batch_size": 3}
    causes = {"same_name": "second-call", "reuse_always": "first-call"}
    with tf.Graph().as_default() as graph, tf.Session() as session:
        with errors_told(source, **causes):
            names = replay(source, **sizes)
        tell_made("build", names, graph)
        real, z = names["input_real"], names["input_z"]
        shapes = [tensor.shape.as_list() if tensor.shape.rank else None for tensor in (real, z)]
        tell(real.op.type == z.op.type == "Placeholder" and shapes == [[None, 12], [None, 5]], "inputs")
        made = {variable.op.name for variable in tf.global_variables()}

        def expected(**slope):
            """Return what the five other names should be, with a slope handed on."""
            images = names["generator"](z, 12, 7, reuse=True, **slope)
            of_real = names["discriminator"](real, 6, reuse=True, **slope)
            return [images, *of_real, *names["discriminator"](names["g_model"], 6, reuse=True, **slope)]

        try:
            right, other_slope = expected(alpha=0.3), expected()
        except ValueError:  # of TensorFlow, where a variable has another shape
            raise Wrong("sizes") from None
        session.run(tf.global_variables_initializer())
        feed = dict(zip((real, z), map(np.random.default_rng(0).normal, (0, 0), (1, 1), ((3, 12), (3, 5)))))
        found, right, other_slope = session.run([[names[n] for n in NAMES["build"][2:]], right, other_slope], feed)
        swapped = [None, right[2], right[1], right[4], right[3]]
        for k, name in enumerate(NAMES["build"][2:]):
            if not near(found[k], right[k]):
                tell(not near(found[k], other_slope[k]), "alpha", name=name)
                tell(not near(found[k], swapped[k]), "swapped", name=name)
                raise Wrong("build", name=name)
        tell(tf.gradients(names["d_logits_fake"], z)[0] is not None, "no-gradient", name="d_logits_fake")
    tell_graph("build")
    tell({v.op.name for v in tf.trainable_variables()} == made, "twice")


def cross_entropies(logits, label):
    """Return the sigmoid cross-entropies of logits and a label, in nats, by NumPy."""
    return np.logaddexp(0, logits) - label * logits


def check_cross_entropy(source):
    """Check cross_entropy(logits, label) for some logits and labels, and its gradients."""
    values = np.array([[1.5], [-0.4], [3]], dtype=np.float32)
    with errors_told(source), tf.Graph().as_default(), tf.Session() as session:
        logits, function = tf.placeholder(tf.float32, (None, 1)), replay(source)["cross_entropy"]
        feed, losses = {logits: values}, {label: function(logits, label) for label in (0.3, 0, 1)}
        for loss in losses.values():
            tell_tensor(loss, "cross_entropy")
        found = session.run(losses, feed)
        for label, loss in found.items():
            right = cross_entropies(values, label)
            tell(np.ndim(loss) == 0, "one-number", name="cross_entropy")
            tell(not near(loss, right.sum()), "not-mean", name="cross_entropy")
            twice = cross_entropies(1 / (1 + np.exp(-values)), label).mean()
            tell(not near(loss, twice), "probabilities", name="cross_entropy")
            tell(not near(found[0], found[1]), "no-label")
            tell(near(loss, right.mean()), "cross-entropy")
        mean = tf.reduce_mean(tf.nn.softplus(logits) - 0.3 * logits)
        tell(same_gradients(session, feed, losses[0.3], mean, [logits]), "no-gradient", name="cross_entropy")


def check_losses(source):
    """Check the losses of section 8 against NumPy, where smooth is 0.3 and real and fake batches differ in size."""
    smooth = 0.3
    values = {"real": np.array([[1.5], [-0.4], [0.2]]), "fake": np.array([[-2.0], [0.7]])}
    labels = {"d_loss_real": ("real", 1 - smooth), "d_loss_fake": ("fake", 0), "g_loss": ("fake", 1)}
    with errors_told(source), tf.Graph().as_default() as graph, tf.Session() as session:
        logits = {name: tf.placeholder(tf.float32, (None, 1)) for name in values}
        given = {f"d_logits_{name}": tensor for name, tensor in logits.items()}
        given |= {f"d_model_{name}": tf.sigmoid(tensor) for name, tensor in logits.items()}
        names = replay(source, smooth=smooth, **given)
        tell_made("losses", names, graph)
        feed = {logits[name]: value for name, value in values.items()}
        found = session.run({name: names[name] for name in NAMES["losses"]}, feed)
        for name, (kind, label) in labels.items():
            tell(np.ndim(found[name]) == 0, "one-number", name=name)
            if near(found[name], cross_entropies(values[kind], label).mean()):
                continue
            other = "fake" if kind == "real" else "real"
            for wrong in (0, 1, smooth, 1 - smooth, 0.9, 0.1):
                is_wrong = near(found[name], cross_entropies(values[kind], wrong).mean())
                tell(not (is_wrong and wrong in (0.9, 0.1) and kind == "real"), "smooth-fixed", found=wrong)
                tell(not is_wrong, "label", name=name, found=wrong, smooth=smooth)
                twice = cross_entropies(1 / (1 + np.exp(-values[kind])), wrong).mean()
                tell(not near(found[name], twice), "probabilities", name=name)
            tell(not near(found[name], cross_entropies(values[other], label).mean()), "other-logits", name=name)
            raise Wrong("loss", name=name)
        tell(near(found["d_loss"], found["d_loss_real"] + found["d_loss_fake"]), "sum")
        learnt = {"d_loss": logits.values(), "g_loss": [logits["fake"]]}
        for name, tensors in learnt.items():
            tell(None not in tf.gradients(names[name], list(tensors)), "no-gradient", name=name)
    tell_graph("losses")


def check_variables(source):
    """Check the two lists of section 9 where D's variables were made first."""
    with errors_told(source), tf.Graph().as_default():
        made = [tf.get_variable(f"{scope}/v{k}", 1) for scope in ("discriminator", "generator") for k in range(3)]
        names = replay(source, t_vars=made)
        for name, own in {"g_vars": made[3:], "d_vars": made[:3]}.items():
            found = names.get(name)
            tell(isinstance(found, (list, tuple)), "list", name=name, found=type(found).__name__)
            kinds = {type(value).__name__ for value in found if not any(value is variable for variable in made)}
            tell(not kinds, "not-variables", name=name, found=kinds)
            told = {"all": [v.op.name for v in made], "found": [v.op.name for v in found]}
            tell(sorted(told["found"]) == [v.op.name for v in own], "vars", name=name, **told)
    tell_graph("variables")


def adam(slope, start, rate, beta1, steps=3):
    """Return where a variable goes in some steps of Adam (Kingma and Ba, 2015), given its slope as a function."""
    w, m, v = start, 0, 0
    for t in range(1, steps + 1):
        m, v = beta1 * m + (1 - beta1) * slope(w), 0.999 * v + 0.001 * slope(w) ** 2
        w = w - rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w


def check_optimizers(source):
    """Check three steps of each training operation on two small losses against Adam in NumPy."""
    rate, beta1, start = 0.05, 0.4, np.array([1.0, -2.0, 0.5])
    with errors_told(source), tf.Graph().as_default(), tf.Session() as session:
        g, d = (tf.get_variable(f"{scope}/w", 3) for scope in ("generator", "discriminator"))
        losses = {"d_loss": tf.reduce_sum(d**4 + g**3 * d), "g_loss": tf.reduce_sum(tf.exp(g - d) + g**2)}
        slopes = {  # of each variable, on each loss, where the other variable stays
            ("d", "d_loss"): lambda w: 4 * w**3 + start**3, ("d", "g_loss"): lambda w: -np.exp(start - w),
            ("g", "g_loss"): lambda w: np.exp(w - start) + 2 * w, ("g", "d_loss"): lambda w: 3 * w**2 * start,
        }  # fmt: skip
        lists = {"t_vars": [g, d], "g_vars": [g], "d_vars": [d]}
        names = replay(source, learning_rate=rate, beta1=beta1, **losses, **lists)
        for player, own, other in (("d", d, g), ("g", g, d)):
            name, loss, other_loss = f"{player}_train_opt", f"{player}_loss", {"d": "g_loss", "g": "d_loss"}[player]
            operation = names.get(name)
            right = isinstance(operation, (tf.Operation, tf.Tensor))
            tell(right, "no-operation", name=name, found=type(operation).__name__)
            session.run(tf.global_variables_initializer())
            session.run([tf.assign(variable, start) for variable in (g, d)])
            for _ in range(3):
                session.run(operation)
            moved, others = session.run([own, other])
            own_moves, other_moves = not near(moved, start), not near(others, start)
            tell(not (own_moves and other_moves), "both-move", name=name)
            tell(not other_moves, "other-moves", name=name)
            tell(own_moves, "stands-still", name=name)
            slope, other_slope = slopes[player, loss], slopes[player, other_loss]
            if near(moved, adam(slope, start, rate, beta1)):
                continue
            tell(not near(moved, adam(lambda w: -slope(w), start, rate, beta1)), "ascent", name=name)
            tell(not near(moved, adam(other_slope, start, rate, beta1)), "other-loss", name=name)
            for other_rate in (0.001, 0.002, 0.0002):
                for other_beta1 in (beta1, 0.9, 0):
                    slow = adam(slope, start, other_rate, other_beta1)
                    tell(not np.allclose(moved, slow, atol=1e-5), "rate", name=name, found=other_rate)
            for other_beta1 in (0.9, 0.5, 0):
                tell(not near(moved, adam(slope, start, rate, other_beta1)), "momentum", name=name, found=other_beta1)
            raise Wrong("optimizer", name=name)
    tell_graph("optimizers")


def check(blank, source=None):
    """Check the answer of a blank, which has the name of its cell: as it was run last or, if given, its source. Print that it
    is right, or raise Wrong; where one is experimenting, only print what is wrong."""
    try:
        source = source or answer(blank)
        with errors_told(source):
            line = still_to_write(source)
        if line:
            raise Wrong("to-write", line)
        globals()[f"check_{blank.replace('-', '_')}"](source)
        print(f"{blank}: right. / 正确。")
    except Wrong as wrong:
        if not experimenting:
            raise
        print(wrong)
