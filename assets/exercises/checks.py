"""The checks of the exercise edition, which make.py copies into one of its cells, inside a function, so that no name of a
student's can be one of theirs.

A check runs an answer anew and alone: in a copy of the notebook's names, in a graph of its own, and with sizes and settings
that the notebook does not use. So it tells of the answer, and not of what else was run. It names a cause only where it has
established it; else it says what happened, and in which line. In, Jupyter's list of what was run, and experimenting are the
notebook's.
"""
# ruff: noqa: F821

import ast
import contextlib
import inspect
import io
import itertools
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
CAUSES = [  # what an error's text, or the line it came from, establishes
    (r"tf\.layers|compat\.v1\.layers", "tf-layers"),
    (r"dense\(\) missing", "dense-name"),
    (r"dense\(\) got an unexpected keyword", "dense-activation"),
    (r"name '(\w+)' is not defined", "no-name"),
    (r"already exists", "same-name"),
    (r"does not exist, or was not created", "reuse-always"),
    (r"as a Python `?bool|OperatorNotAllowedInGraph", "python-if"),
    (r"numpy\(\) is only available", "by-name"),
    (r"to a (NumPy|numpy) array|__array__", "numpy"),
    (r"must be from the same graph", "other-graph"),
    (r"labels.*must have the same shape", "label-shape"),
    (r"\bint32\b", "integer"),
    (r"must feed a value", "session"),
    (r"^InvalidArgumentError", "batch"),
]


class Wrong(AssertionError):
    """What a check has found: a sentence in English and in Chinese, and the line of the answer that it is about. Jupyter
    shows these lines, and no traceback."""

    def __init__(self, kind, line="", **values):
        self.kind, self.line, self.values = kind, line, values
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
    except Exception as error:
        lines = source.splitlines()
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<answer>"]
        number = frames[-1].lineno if frames else getattr(error, "lineno", None)
        line = lines[number - 1].strip() if number else ""
        if isinstance(error, Wrong):
            raise Wrong(error.kind, error.line or line, **error.values) from None
        said = f"{type(error).__name__}: {error}".strip()
        for pattern, kind in CAUSES:
            if match := re.search(pattern, line if kind == "tf-layers" else said):
                if kind.startswith("reuse") or kind == "same-name" and causes:
                    line = next((each.strip() for each in lines if "variable_scope" in each), line)
                kind = causes.get(kind.replace("-", "_"), kind)
                raise Wrong(kind, line, match=match[match.lastindex or 0]) from None
        raise Wrong("error", line, error=said.splitlines()[0][:300]) from None


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


def short(value):
    """Return a few words for a value."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    return f"{type(value).__name__} {getattr(value, 'name', '')}".strip()


def tell_tensor(value, name):
    """Tell unless a value is a tensor."""
    tell(isinstance(value, tf.Tensor), "none", name=name, found=short(value))


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
        tell(y.shape == x.shape, "shape", name="leaky_relu", found=y.shape, expected=x.shape)
        tell(near(y[x > 0], x[x > 0]), "above")
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
        tell(len(tf.global_variables()) == 4, "reuse-new")

        rng = np.random.default_rng(0)
        session.run([tf.assign(v, rng.normal(size=v.shape)) for v in variables])
        feed = {inputs: rng.normal(size=(3, n_in))}
        kernel, bias, out_kernel, out_bias = (variables[shapes.index(shape)] for shape in expected)
        hidden = inputs @ kernel + bias
        returned, again = (session.run(list(made), feed) for _ in range(2))
        for value in returned:
            tell(value.shape == (3, n_out), "shape", name=name, found=value.shape, expected=(3, n_out))
        tell(all(near(*pair) for pair in zip(returned, again)), "random", name=name)

        def returns(of_hidden, of_logits):
            """Tell whether the answer returns these functions of the hidden layer and of the logits."""
            tensors = of_logits(of_hidden(hidden) @ out_kernel + out_bias)
            return all(near(a, b) for a, b in zip(returned, session.run(tensors, feed)))

        def leaky(x, slope=0.3):
            """Return the leaky ReLU of a tensor."""
            return tf.nn.leaky_relu(x, slope)

        if not returns(leaky, outputs):
            for kind, of_logits in wrong.items():
                tell(not returns(leaky, of_logits), kind)
            tell(not returns(leaky, lambda logits: outputs(leaky(logits))), "leaky-out")
            others = {"no activation function": tf.identity, "a ReLU that cuts off": tf.nn.relu, "a tanh": tf.tanh}
            others |= {
                "a sigmoid": tf.sigmoid,
                "a slope of 0.01": lambda x: leaky(x, 0.01),
                "a slope of 0.2": lambda x: leaky(x, 0.2),
            }
            for found, activation in others.items():
                tell(not returns(activation, outputs), "hidden", found=found)
            if name == "generator":
                tell(np.min(returned) < 0, "sigmoid-image")
                tell(np.max(np.abs(returned)) <= 1, "no-tanh")
            raise Wrong("network", name=name)
        right = outputs(leaky(hidden) @ out_kernel + out_bias)
        for tensor, of_right in zip(made, right):
            tell(same_gradients(session, feed, tensor, of_right, [inputs, *variables]), "no-gradient", name=name)
        large = session.run(list(made), {inputs: 1000 * feed[inputs]})
        tell(np.isfinite(large).all(), "overflow", name=name)


def check_generator(source):
    """Check generator(z, out_dim, n_units, reuse, alpha)."""
    check_network(source, "generator", 5, 11, lambda logits: [tf.tanh(logits)], {})


def check_discriminator(source):
    """Check discriminator(x, n_units, reuse, alpha)."""
    wrong = {
        "order": lambda logits: [logits, tf.sigmoid(logits)],
        "logits-p": lambda logits: [tf.sigmoid(logits), tf.sigmoid(logits)],
        "no-sigmoid": lambda logits: [logits, logits],
        "tanh-p": lambda logits: [tf.tanh(logits), logits],
        "fake-p": lambda logits: [tf.sigmoid(-logits), logits],
        "sigmoid-twice": lambda logits: [tf.sigmoid(tf.sigmoid(logits)), tf.sigmoid(logits)],
    }
    check_network(source, "discriminator", 12, 1, lambda logits: [tf.sigmoid(logits), logits], wrong)


def check_build(source):
    """Check what the cell of section 7 hands to the notebook's own functions, and where it puts what they return."""
    sizes = {"input_size": 12, "z_size": 5, "g_hidden_size": 7, "d_hidden_size": 6, "alpha": 0.3, "batch_size": 3}
    made, given = {}, {name: [] for name in ("model_inputs", "generator", "discriminator")}

    def expected_of(function):
        """Return for the next call of a function its expected arguments: how they are written, and their values."""
        if function == "model_inputs":
            return {"input_size": 12, "z_size": 5}
        real, z = given["model_inputs"][0][1] if given["model_inputs"] else (None, None)
        if function == "generator":
            return {"input_z": z, "input_size": 12, "g_hidden_size": 7, "no reuse": False, "alpha": 0.3}
        reuse = {"reuse=True": True} if given[function] else {"no reuse": False}
        drawn = given["generator"][0][1] if given["generator"] else None
        images = {"g_model": drawn} if given[function] else {"input_real": real}
        return images | {"d_hidden_size": 6} | reuse | {"alpha": 0.3}

    def recorded(function):
        """Return one of the notebook's functions that tells of wrong arguments before it does what it does."""

        def call(*args, **kwargs):
            bound = inspect.signature(made[function]).bind(*args, **kwargs)
            bound.apply_defaults()
            for (name, value), (text, right) in zip(bound.arguments.items(), expected_of(function).items()):
                number = isinstance(value, (bool, int, float)) and not isinstance(right, tf.Tensor)
                if not (value == right if number else value is right):
                    kind = {"no reuse": "first-call", "reuse=True": "second-call"}.get(text, "argument")
                    raise Wrong(kind, name=name, found=short(value), call=function, expected=text)
            given[function].append((bound.arguments, made[function](*args, **kwargs)))
            return given[function][-1][1]

        return call

    with errors_told(source), tf.Graph().as_default() as graph:
        made |= {name: globals()[name] for name in given}
        names = replay(source, **sizes, **{name: recorded(name) for name in given})
        tell_made("build", names, graph)
        returned = [
            tensor
            for calls in given.values()
            for _, out in calls
            for tensor in (out if isinstance(out, (tuple, list)) else [out])
        ]
        for name, right in itertools.zip_longest(NAMES["build"], returned[:7]):
            other = right is not None and any(names[name] is tensor for tensor in returned)
            tell(names[name] is right, "swapped" if other else "build", name=name)
        variables = {variable.op.name for variable in tf.global_variables()}
        outside = [name for name in variables if not name.startswith(("generator/", "discriminator/"))]
        tell(not outside, "around", found=outside[:1])
    tell_graph("build")
    tell({v.op.name for v in tf.trainable_variables()} == variables, "twice")


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
        large = session.run(losses[0.3], {logits: [[200.0], [-200.0]]})
        tell(np.isfinite(large), "overflow", name="cross_entropy")
        mean = tf.reduce_mean(tf.nn.softplus(logits) - 0.3 * logits)
        tell(same_gradients(session, feed, losses[0.3], mean, [logits]), "no-gradient", name="cross_entropy")


def check_losses(source):
    """Check the losses of section 8 against NumPy, where smooth is 0.3 and real and fake batches differ in size."""
    smooth = 0.3
    values = {"real": np.array([[1.5], [-0.4], [0.2]]), "fake": np.array([[-2.0], [0.7]])}
    labels = {"d_loss_real": ("real", 1 - smooth), "d_loss_fake": ("fake", 0), "g_loss": ("fake", 1)}
    with errors_told(source, label_shape="logits-first"), tf.Graph().as_default() as graph, tf.Session() as session:
        logits = {name: tf.placeholder(tf.float32, (None, 1)) for name in values}
        given = {f"d_logits_{name}": tensor for name, tensor in logits.items()}
        given |= {f"d_model_{name}": tf.sigmoid(tensor) for name, tensor in logits.items()}
        images = {"input_real": tf.ones((3, 12)), "g_model": tf.zeros((2, 12)), "input_z": tf.ones((2, 5))}
        names = replay(source, smooth=smooth, **given, **images)
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
        large = session.run(
            [names[name] for name in NAMES["losses"]], {tensor: [[-200.0]] for tensor in logits.values()}
        )
        for name, loss in zip(NAMES["losses"], large):
            tell(np.isfinite(loss), "overflow", name=name)
        learnt = {"d_loss": logits.values(), "g_loss": [logits["fake"]]}
        for name, tensors in learnt.items():
            tell(None not in tf.gradients(names[name], list(tensors)), "no-gradient", name=name)
    tell_graph("losses")


def made_variables(scope):
    """Make four variables of one number each, with the names of a network's; return them."""
    layers = [f"{layer}/{part}" for layer in ("h1", "logits") for part in ("kernel", "bias")]
    return [tf.get_variable(f"{scope}/{layer}", 1) for layer in layers]


def check_variables(source):
    """Check the two lists of section 9, also where D's variables were made first."""
    source = "\n".join(line for line in source.splitlines() if not line.startswith("print("))
    for scopes in (("discriminator", "generator"), ("generator", "discriminator")):
        with errors_told(source), tf.Graph().as_default():
            made = {f"{scope[0]}_vars": made_variables(scope) for scope in scopes}
            t_vars = sum(made.values(), [])
            names = replay(source, t_vars=t_vars)
            for name, own in made.items():
                found = names.get(name)
                tell(isinstance(found, (list, tuple)), "list", name=name, found=short(found))
                others = [short(value) for value in found if not any(value is variable for variable in t_vars)]
                tell(not others, "not-variables", name=name, found=", ".join(others[:2]))
                told = {"all": [v.op.name for v in t_vars], "found": [v.op.name for v in found]}
                tell(sorted(told["found"]) == sorted(v.op.name for v in own), "vars", name=name, **told)
    tell_graph("variables")


def adam(slope, start, rate, beta1, steps=3):
    """Return where a variable goes in some steps of Adam (Kingma and Ba, 2015), given its slope as a function."""
    w, m, v = start, 0, 0
    for t in range(1, steps + 1):
        m, v = beta1 * m + (1 - beta1) * slope(w), 0.999 * v + 0.001 * slope(w) ** 2
        w = w - rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w


def check_optimizers(source):
    """Check three steps of each training operation on small losses against Adam in NumPy."""
    rate, beta1, start = 0.05, 0.4, np.array([1.0, -2.0, 0.5, 1.5])
    slopes = {  # of the losses at a player's own variables, while the other's stay
        "d": {
            "d_loss": lambda w: 4 * w**3 + start**3, "d_loss_real": lambda w: 4 * w**3,
            "d_loss_fake": lambda w: start**3, "g_loss": lambda w: -np.exp(start - w),
        },
        "g": {
            "g_loss": lambda w: np.exp(w - start) + 2 * w, "d_loss": lambda w: 3 * w**2 * start,
            "d_loss_fake": lambda w: 3 * w**2 * start,
        },
    }  # fmt: skip
    with errors_told(source), tf.Graph().as_default(), tf.Session() as session:
        lists = {f"{scope[0]}_vars": made_variables(scope) for scope in ("generator", "discriminator")}
        g, d = (tf.concat(variables, axis=0) for variables in lists.values())
        losses = {"d_loss_real": tf.reduce_sum(d**4), "d_loss_fake": tf.reduce_sum(g**3 * d)}
        losses |= {
            "d_loss": losses["d_loss_real"] + losses["d_loss_fake"],
            "g_loss": tf.reduce_sum(tf.exp(g - d) + g**2),
        }
        t_vars = lists["g_vars"] + lists["d_vars"]
        names = replay(source, learning_rate=rate, beta1=beta1, t_vars=t_vars, **losses, **lists)
        for name in NAMES["optimizers"]:
            right = isinstance(names.get(name), (tf.Operation, tf.Tensor))
            tell(right, "no-operation", name=name, found=short(names.get(name)))
        optimized = names.get("optimized")
        right = isinstance(optimized, tuple) and all(a is losses[b] for a, b in zip(optimized, ("d_loss", "g_loss")))
        tell(right, "last-line")
        session.run(tf.global_variables_initializer())
        for player, own, other in (("d", d, g), ("g", g, d)):
            name, loss = f"{player}_train_opt", f"{player}_loss"
            session.run([tf.assign(variable, [value]) for variable, value in zip(t_vars, [*start, *start])])
            for _ in range(3):
                session.run(names[name])
            moved, others = session.run([own, other])
            own_moves, other_moves = ~np.isclose(moved, start), not near(others, start)
            tell(not (own_moves.any() and other_moves), "both-move", name=name)
            tell(not other_moves, "other-moves", name=name)
            tell(own_moves.any(), "stands-still", name=name)
            tell(own_moves.all(), "some-move", name=name, loss=loss, list=f"{player}_vars")
            slope = slopes[player][loss]
            if near(moved, adam(slope, start, rate, beta1)):
                continue
            tell(not near(moved, adam(lambda w: -slope(w), start, rate, beta1)), "ascent", name=name)
            for other_loss, other_slope in slopes[player].items():
                is_other = near(moved, adam(other_slope, start, rate, beta1))
                tell(not is_other, "other-loss", name=name, found=other_loss, loss=loss)
            tell(not near(moved, adam(slope, start, beta1, rate)), "rate-first", name=name)
            for other_rate in (0.001, 0.002, 0.0002):
                for other_beta1 in (beta1, 0.9, 0):
                    slow = adam(slope, start, other_rate, other_beta1)
                    tell(not np.allclose(moved, slow, atol=1e-5), "rate", name=name, found=other_rate, rate=rate)
            for other_beta1 in (0.9, 0.5, 0):
                is_other = near(moved, adam(slope, start, rate, other_beta1))
                tell(not is_other, "momentum", name=name, found=other_beta1, beta1=beta1)
            one = (
                3 * len(t_vars) + 2
            )  # variables in all, with two moments of each and one optimizer's two powers of beta
            tell(len(tf.global_variables()) != one, "own-adam")
            raise Wrong("optimizer", name=name)
    tell_graph("optimizers")


CHECKS = [check_model_inputs, check_leaky_relu, check_generator, check_discriminator, check_build]
CHECKS += [check_cross_entropy, check_losses, check_variables, check_optimizers]


def check(blank, source=None):
    """Check the answer of a blank, which has the name of its cell: as it was run last or, if given, its source. Print that it
    is right, or raise Wrong; where one is experimenting, only print what is wrong."""
    try:
        source = answer(blank) if source is None else source
        with errors_told(source):
            line = still_to_write(source)
        if line:
            raise Wrong("to-write", line)
        missing = set(NAMES[blank]) - defined(source)
        tell(not missing, "not-there", name=", ".join(sorted(missing)))
        dict(zip(NAMES, CHECKS))[blank](source)
        print(f"{blank}: right. / 正确。")
    except Wrong as wrong:
        if not experimenting:
            raise
        print(wrong)
