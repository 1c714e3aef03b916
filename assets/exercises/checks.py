"""The checks of the exercise edition, which make.py copies into one of its cells, inside a function, so that no name of a
student's can be one of theirs.

A check runs an answer anew and alone: in a copy of the notebook's names, in a graph of its own, and with sizes and settings
that the notebook does not use. So it tells of the answer, and not of what else was run. It names a cause only where it has
established it; else it says what happened, and in which line. In, Jupyter's list of what was run, and experimenting are the
notebook's.
"""
# ruff: noqa: F821

import contextlib
import inspect
import io
import re
import symtable
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
CAUSES = {  # by a kind of sentence: what in an error's text, or in the line that it came from, establishes it
    "tf-layers": r"tf\.layers|compat\.v1\.layers",
    "dense-name": r"dense\(\) missing",
    "dense-activation": r"dense\(\) got an unexpected keyword",
    "no-name": r"name '(\w+)' is not defined",
    "same-name": r"already exists",
    "reuse-always": r"does not exist, or was not created",
    "python-if": r"as a Python `?bool|OperatorNotAllowedInGraph",
    "by-name": r"numpy\(\) is only available",
    "numpy": r"to a (NumPy|numpy) array|__array__",
    "other-graph": r"must be from the same graph",
    "label-shape": r"labels.*must have the same shape",
    "integer": r"\bint32\b",
    "session": r"must feed a value",
    "batch": r"^InvalidArgumentError",
}


class Wrong(AssertionError):
    """What a check has found: a sentence in English and in Chinese, and the line of the answer that it is about. Jupyter
    shows these lines, and no traceback."""

    def __init__(self, kind, line="", **values):
        super().__init__(*(text.format(**values) for text in SAYS[kind]))
        self.line = line

    def __str__(self):
        return "\n".join([*self.args, "    " + self.line] if self.line else self.args)

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
        lines = dict(enumerate(map(str.strip, source.splitlines()), 1))
        frames = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<answer>"]
        line = lines.get((frames or [getattr(error, "lineno", 0)])[-1], "")
        if isinstance(error, Wrong):
            error.line = error.line or line
            raise error from None
        said = f"{type(error).__name__}: {error}"
        for kind, pattern in CAUSES.items():
            if match := re.search(pattern, line if kind == "tf-layers" else said):
                kind = causes.get(kind.replace("-", "_"), kind)
                if kind.startswith("reuse"):
                    line = next((each for each in lines.values() if "variable_scope" in each), line)
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
    """Return the names that the source of a cell defines; none if it is no Python."""
    with contextlib.suppress(SyntaxError):
        symbols = symtable.symtable(source, "<answer>", "exec").get_symbols()
        return {symbol.get_name() for symbol in symbols if symbol.is_assigned()}
    return set()


def answer(blank):
    """Return the source of the cells that were the last to define the names of a blank, as Jupyter keeps them in In."""
    cells = set()
    for name in NAMES[blank]:
        numbers = [k for k, source in enumerate(In) if name in defined(source)]
        tell(numbers, "not-run", name=name)
        cells.add(numbers[-1])
    return "\n".join(In[k] for k in sorted(cells))


def short(value):
    """Return a value's name, or how it is written, cut off where it is long."""
    return getattr(value, "name", None) or " ".join(repr(value).split())[:60]


def tell_tensor(value, name):
    """Tell unless a value is a tensor."""
    tell(isinstance(value, tf.Tensor), "none", name=name, found=short(value))


def tell_pair(made, name, what):
    """Tell unless what was made are two tensors."""
    tell(isinstance(made, (tuple, list)) and len(made) == 2, "two", name=name, what=what)
    for value in made:
        tell_tensor(value, name)


def near(a, b):
    """Tell whether two values have one shape and are equal but for rounding."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-5)


def compare(feed, inputs, name, found, right, wrong, general):
    """Tell unless a tensor has the values of the right one, and its gradients at the inputs: by the first of the wrong
    ones, (kind, values of its sentence, tensor), that has its values; else by the kind general."""
    session = tf.get_default_session()
    tell_tensor(found, name)
    branches = {"If", "StatelessIf", "Switch"}  # of a tensor of many numbers they end the whole process
    tell(not branches & {operation.type for operation in session.graph.get_operations()}, "cond")
    value, expected, *others = session.run([found, right, *(tensor for *_, tensor in wrong)], feed)
    shapes = {"found": np.shape(value), "expected": np.shape(expected)}
    same_shape = shapes["found"] == shapes["expected"]
    tell(same_shape, "shape" if shapes["expected"] else "one-number", name=name, **shapes)
    tell(near(value, session.run(found, feed)), "random", name=name)
    if not near(value, expected):
        for (kind, values, _), other in zip(wrong, others):
            tell(not near(value, other), kind, name=name, **values)
        raise Wrong(general, name=name)
    slopes = list(zip(tf.gradients(found, inputs), tf.gradients(right, inputs)))
    same_slopes = all(slope is not None for slope, _ in slopes) and all(
        near(*pair) for pair in session.run(slopes, feed)
    )
    tell(same_slopes, "no-gradient", name=name)
    large = session.run(found, {tensor: 1000 * number for tensor, number in feed.items()})
    tell(np.isfinite(large).all(), "overflow", name=name)


def check_model_inputs(source):
    """Check that model_inputs(real_dim, z_dim) returns two float32 placeholders of the right shapes."""
    made = replay(source)["model_inputs"](12, 5)
    tell_pair(made, "model_inputs", "images, latent vectors")
    found = [f"{value.op.type} {value.dtype.name} {value.shape}" for value in made]
    expected = [f"Placeholder float32 (None, {size})" for size in (12, 5)]
    tell(found != expected[::-1], "images-first")
    tell(found == expected, "inputs", found=", ".join(found), expected=", ".join(expected))


def check_leaky_relu(source):
    """Check leaky_relu(x, alpha) on some numbers."""
    x = tf.placeholder(tf.float32, (None, 3))
    feed, right = {x: np.array([[-2, -0.5, 0.7], [0.1, 3, -1]])}, tf.nn.leaky_relu(x, 0.3)
    found = replay(source)["leaky_relu"](x, 0.3)
    compare(feed, [x], "leaky_relu", found, right, [("cuts-off", {}, tf.nn.relu(x))], "slope")


def check_network(source, name, n_in, n_out, outputs):
    """Check generator or discriminator, with seven hidden units and a slope of 0.3, against two layers on the same
    variables; outputs has for each tensor that it returns, from the last to the first, the function of the logits that it
    is, and functions by which it goes wrong, with their kinds."""
    network, inputs = replay(source)[name], tf.placeholder(tf.float32, (None, n_in))
    sizes = (n_out, 7) if name == "generator" else (7,)
    made = network(inputs, *sizes, alpha=0.3)
    if name == "discriminator":
        tell_pair(made, name, "out, logits")
    variables = tf.global_variables()
    outside = [variable.op.name for variable in variables if not variable.name.startswith(f"{name}/")]
    tell(not outside, "scope", name=name, found=outside)
    shapes, expected = [tuple(v.shape.as_list()) for v in variables], [(n_in, 7), (7,), (7, n_out), (n_out,)]
    sizes_told = {"n_in": n_in, "n_units": 7, "n_out": n_out, "expected": expected, "found": shapes}
    tell(sorted(shapes) == sorted(expected), "layers", **sizes_told)
    with errors_told(source, same_name="reuse-never"):
        network(inputs, *sizes, reuse=True, alpha=0.3)
    tell(len(tf.global_variables()) == 4, "reuse-new")

    session, rng = tf.get_default_session(), np.random.default_rng(0)
    session.run([tf.assign(variable, rng.normal(size=variable.shape)) for variable in variables])
    kernel, bias, out_kernel, out_bias = (variables[shapes.index(shape)] for shape in expected)

    def logits(activation):
        """Return the logits with an activation function of the hidden layer."""
        return activation(inputs @ kernel + bias) @ out_kernel + out_bias

    leaky = tf.nn.leaky_relu
    others = {"no activation function": tf.identity, "a ReLU that cuts off": tf.nn.relu, "a tanh": tf.tanh}
    others |= {"a sigmoid": tf.sigmoid, "a slope of 0.01": lambda x: leaky(x, 0.01), "a slope of 0.2": leaky}
    right = logits(lambda x: leaky(x, 0.3))
    for tensor, (output, ends) in zip(made[::-1] if name == "discriminator" else [made], outputs):
        wrong = [(kind, {}, end(right)) for kind, end in ends]
        wrong += [("leaky-out", {}, output(leaky(right, 0.3)))]
        wrong += [("hidden", {"found": found}, output(logits(other))) for found, other in others.items()]
        feed = {inputs: rng.normal(size=(3, n_in))}
        compare(feed, [inputs, *variables], name, tensor, output(right), wrong, "network")


def check_generator(source):
    """Check generator(z, out_dim, n_units, reuse, alpha)."""
    ends = [("sigmoid-image", tf.sigmoid), ("sigmoid-image", lambda logits: (tf.tanh(logits) + 1) / 2)]
    ends += [("no-tanh", tf.identity), ("no-tanh", tf.nn.relu), ("tanh-twice", lambda logits: tf.tanh(tf.tanh(logits)))]
    check_network(source, "generator", 5, 11, [(tf.tanh, ends)])


def check_discriminator(source):
    """Check discriminator(x, n_units, reuse, alpha)."""
    ends = [("no-sigmoid", tf.identity), ("tanh-p", tf.tanh), ("fake-p", lambda logits: tf.sigmoid(-logits))]
    ends += [("sigmoid-twice", lambda logits: tf.sigmoid(tf.sigmoid(logits)))]
    outputs = [(tf.identity, [("logits-p", tf.sigmoid)]), (tf.sigmoid, ends)]
    check_network(source, "discriminator", 12, 1, outputs)


def check_build(source):
    """Check what the cell of section 7 hands to the notebook's functions, whose place others take here, and where it puts
    what they return."""
    values = {"input_size": 12, "z_size": 5, "g_hidden_size": 7, "d_hidden_size": 6, "alpha": 0.3}
    values |= {name: tf.placeholder(tf.float32, (None, 1), name) for name in NAMES["build"]}
    calls = {  # of each function: what it should be given, but for reuse, and what it returns
        "model_inputs": [("input_size z_size", "input_real input_z")],
        "generator": [("input_z input_size g_hidden_size alpha", "g_model")],
        "discriminator": [
            ("input_real d_hidden_size alpha", "d_model_real d_logits_real"),
            ("g_model d_hidden_size alpha", "d_model_fake d_logits_fake"),
        ],
    }
    called = []

    def stand_in(function):
        """Return what takes the place of a function and tells of wrong arguments."""

        def call(*args, **kwargs):
            scope, first_call = tf.get_variable_scope().name, function not in called
            tell(not scope, "around", found=scope)
            called.append(function)
            bound = inspect.signature(globals()[function]).bind(*args, **kwargs)
            bound.apply_defaults()
            right_reuse = bound.arguments.pop("reuse", not first_call) in (not first_call, tf.AUTO_REUSE)
            tell(right_reuse, "first-call" if first_call else "second-call")
            first = next(iter(bound.arguments.values()))
            rows = calls[function]
            row = next((row for row in rows if values[row[0].split()[0]] is first), rows[0])
            for written, (name, value) in zip(row[0].split(), bound.arguments.items()):
                found = {"name": name, "found": short(value), "call": function, "expected": written}
                tell(value is values[written], "argument", **found)
            if len(rows) > 1:
                rows.remove(row)
            returned = [values[name] for name in row[1].split()]
            return returned if len(returned) > 1 else returned[0]

        return call

    names = replay(source, batch_size=3, **values, **{name: stand_in(name) for name in calls})
    for name in NAMES["build"]:
        tell(names[name] is values[name], "build", name=name, found=short(names[name]))
    made = [variable.op.name for variable in tf.global_variables()]
    tell(not made, "around", found=", ".join(made))


def mean_cross_entropy(logits, label):
    """Return the mean sigmoid cross-entropy of logits and a label, in nats."""
    return tf.reduce_mean(tf.nn.softplus(logits) - label * logits)


def check_cross_entropy(source):
    """Check cross_entropy(logits, label) for some logits and labels."""
    logits = tf.placeholder(tf.float32, (None, 1))
    feed, function = {logits: np.array([[1.5], [-0.4], [3]])}, replay(source)["cross_entropy"]
    for label in (0.3, 0, 1):
        right = mean_cross_entropy(logits, label)
        wrong = [("not-mean", {}, 3 * right), ("probabilities", {}, mean_cross_entropy(tf.sigmoid(logits), label))]
        wrong += [("no-label", {}, mean_cross_entropy(logits, 1)), ("no-label", {}, tf.zeros(()))]
        compare(feed, [logits], "cross_entropy", function(logits, label), right, wrong, "cross-entropy")


def check_losses(source):
    """Check the losses of section 8 where smooth is 0.3 and real and fake batches differ in size."""
    smooth, real, fake = 0.3, tf.placeholder(tf.float32, (None, 1)), tf.placeholder(tf.float32, (None, 1))
    given = {"d_logits_real": real, "d_logits_fake": fake}
    given |= {"d_model_real": tf.sigmoid(real), "d_model_fake": tf.sigmoid(fake)}
    given |= {"input_real": tf.ones((3, 12)), "g_model": tf.zeros((2, 12)), "input_z": tf.ones((2, 5))}
    with errors_told(source, label_shape="logits-first"):
        names = replay(source, smooth=smooth, **given)
    feed, rights = {real: np.array([[1.5], [-0.4], [0.2]]), fake: np.array([[-2.0], [0.7]])}, {}
    pairs = {"d_loss_real": (real, fake, 1 - smooth), "d_loss_fake": (fake, real, 0), "g_loss": (fake, real, 1)}
    for name, (own, other, label) in pairs.items():
        wrong = [("other-logits", {}, mean_cross_entropy(other, label))]
        for each in (0, 1, smooth, 1 - smooth, 0.9, 0.1):
            wrong += [("label", {"found": each, "smooth": smooth}, mean_cross_entropy(own, each))]
            wrong += [("probabilities", {}, mean_cross_entropy(tf.sigmoid(own), each))]
        rights[name] = mean_cross_entropy(own, label)
        compare(feed, [own], name, names[name], rights[name], wrong, "loss")
    right = rights["d_loss_real"] + rights["d_loss_fake"]
    compare(feed, [real, fake], "d_loss", names["d_loss"], right, [], "sum")


def made_variables():
    """Make four variables of one number each for both networks, in turns, with their names; return G's and D's."""
    layers = [f"{layer}/{part}" for layer in ("h1", "logits") for part in ("kernel", "bias")]
    pairs = [[tf.get_variable(f"{scope}/{layer}", 1) for scope in ("generator", "discriminator")] for layer in layers]
    return zip(*pairs)


def check_variables(source):
    """Check the two lists of section 9."""
    source = "\n".join(line for line in source.splitlines() if not line.startswith("print("))
    rights, t_vars = dict(zip(NAMES["variables"], made_variables())), tf.trainable_variables()
    names = replay(source, t_vars=t_vars)
    for name, right in rights.items():
        found = names[name]
        tell(isinstance(found, (list, tuple)), "list", name=name, found=short(found))
        others = [short(value) for value in found if not any(value is variable for variable in t_vars)]
        tell(not others, "not-variables", name=name, found=", ".join(others[:2]))
        told = {"all": [variable.op.name for variable in t_vars], "found": [variable.op.name for variable in found]}
        tell(sorted(told["found"]) == sorted(v.op.name for v in right), "vars", name=name, **told)


def adam(centre, start, rate, beta1, sign=1, steps=3):
    """Return where variables go from start in some steps of Adam (Kingma and Ba, 2015) on a loss that grows with the
    square of their distance from a centre; a sign of -1 makes it shrink."""
    w, m, v = start, 0, 0
    for t in range(1, steps + 1):
        slope = sign * (w - centre)
        m, v = beta1 * m + (1 - beta1) * slope, 0.999 * v + 0.001 * slope**2
        w = w - rate * m / (1 - beta1**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w


def check_optimizers(source):
    """Check three steps of each training operation, on losses that are least at a centre, against Adam in NumPy."""
    rate, beta1, start = 0.4, 0.3, np.array([0.3, 1.6, 2.7, 4.5])
    centres = {"d_loss_real": 3, "d_loss_fake": -1, "d_loss": 1, "g_loss": 2}
    g_vars, d_vars = map(list, made_variables())
    t_vars = g_vars + d_vars
    squares = {name: [(variable - centre) ** 2 for variable in t_vars] for name, centre in centres.items()}
    losses = {name: tf.reduce_sum(distances) for name, distances in squares.items()}
    losses["d_loss"] = losses["d_loss_real"] + losses["d_loss_fake"]
    given = {"learning_rate": rate, "beta1": beta1, "t_vars": t_vars, "g_vars": g_vars, "d_vars": d_vars}
    names = replay(source, **given, **losses)
    for name in NAMES["optimizers"]:
        right = isinstance(names[name], (tf.Operation, tf.Tensor))
        tell(right, "no-operation", name=name, found=short(names[name]))
    optimized = names.get("optimized")
    right = isinstance(optimized, tuple) and all(a is losses[b] for a, b in zip(optimized, ("d_loss", "g_loss")))
    tell(right, "last-line")
    session = tf.get_default_session()
    session.run(tf.global_variables_initializer())
    for player, own, other in (("d", d_vars, g_vars), ("g", g_vars, d_vars)):
        name, loss = f"{player}_train_opt", f"{player}_loss"
        session.run([tf.assign(variable, [value]) for variable, value in zip(own + other, [*start, *start])])
        for _ in range(3):
            session.run(names[name])
        moved, others = np.split(np.ravel(session.run(own + other)), 2)
        moves, other_moves = ~np.isclose(moved, start), not near(others, start)
        tell(not other_moves, "both-move" if moves.any() else "other-moves", name=name)
        tell(moves.any(), "stands-still", name=name)
        tell(moves.all(), "some-move", name=name, list=f"{player}_vars")
        if near(moved, adam(centres[loss], start, rate, beta1)):
            continue
        ends = [("ascent", {}, (loss, rate, beta1, -1)), ("rate-first", {}, (loss, beta1, rate))]
        ends += [("other-loss", {"found": each, "loss": loss}, (each, rate, beta1)) for each in centres]
        ends += [("momentum", {"found": each, "beta1": beta1}, (loss, rate, each)) for each in (0.9, 0.5, 0)]
        ends += [("rate", {"found": each, "rate": rate}, (loss, each, beta1)) for each in (0.001, 0.002, 0.0002)]
        for kind, values, (wrong_loss, *settings) in ends:
            tell(not near(moved, adam(centres[wrong_loss], start, *settings)), kind, name=name, **values)
        one = 3 * len(t_vars) + 2  # variables in all, with two moments of each and one optimizer's two powers of beta
        tell(len(tf.global_variables()) != one, "own-adam")
        raise Wrong("optimizer", name=name)


CHECKS = [check_model_inputs, check_leaky_relu, check_generator, check_discriminator, check_build]
CHECKS += [check_cross_entropy, check_losses, check_variables, check_optimizers]


def check_present_graph(blank):
    """Tell if what the notebook itself has of a blank belongs to an older graph than the present one, or if there are
    parts of the network twice."""
    graph = tf.get_default_graph()
    for name in NAMES[blank]:
        values = globals().get(name)
        for value in values if isinstance(values, (list, tuple)) else [values]:
            tell(callable(value) or getattr(value, "graph", None) is graph, "old-graph", name=name)
    types = [operation.type for operation in graph.get_operations()]
    tell(blank != "build" or types.count("Placeholder") == 2, "twice")


def check(blank, source=None):
    """Check the answer of a blank, which has the name of its cell: as it was run last or, if given, its source. Print that it
    is right, or raise Wrong; where one is experimenting, only print what is wrong."""
    try:
        source = answer(blank) if source is None else source
        for line in source.splitlines():
            tell(not re.search(r"^[^#]*(=|return|with)\s*\.\.\.", line), "to-write", line=line.strip())
        with errors_told(source):
            compile(source, "<answer>", "exec")
        missing = set(NAMES[blank]) - defined(source)
        tell(not missing, "not-there", name=", ".join(sorted(missing)))
        with errors_told(source), tf.Graph().as_default(), tf.Session():
            dict(zip(NAMES, CHECKS))[blank](source)
        check_present_graph(blank)
        print(f"{blank}: right. / 正确。")
    except Wrong as wrong:
        if not experimenting:
            raise
        print(wrong)
