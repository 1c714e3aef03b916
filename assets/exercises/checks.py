"""The checks of the exercise edition, which make.py copies into one of its cells, inside a function, so that no name of a
student's can be one of theirs.

A check runs an answer anew and alone: in a copy of the notebook's names, in a graph of its own, and with sizes and settings
that the notebook does not use. So it tells of the answer, and not of what else was run. It names a cause only where it has
established it; else it says what happened, and in which line. In, Jupyter's list of what was run, and experimenting are the
notebook's.
"""
# ruff: noqa: F821

import contextlib
import functools
import inspect
import io
import os
import re
import symtable
import traceback

import numpy as np
import tensorflow.compat.v1 as tf
from texts import KEPT, NAMES, SAYS

CAUSES = {kind: told[2] for kind, told in SAYS.items() if len(told) > 2}


class Wrong(AssertionError):
    """What a check has found: a sentence in English and in Chinese, and the line of the answer that it is about. Jupyter
    shows these lines, and no traceback."""

    def __init__(self, kind, line="", **values):
        super().__init__(*(text.format(**values) for text in SAYS[kind][:2]))
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
def errors_told(source, same_name="same-name"):
    """Tell of an error inside in the answer's own line, and of its cause where the error establishes one: by the kind
    same_name that a variable is made again."""
    try:
        yield
    except Exception as error:
        lines = dict(enumerate(map(str.strip, source.splitlines()), 1))
        frames = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "this cell"]
        line = lines.get((frames or [getattr(error, "lineno", 0)])[-1], "")
        if isinstance(error, Wrong):
            error.line = error.line or line
            raise error from None
        said = f"{type(error).__name__}: {error}"
        for kind, pattern in CAUSES.items():
            if match := re.search(pattern, line if kind == "tf-layers" else said):
                kind = same_name if kind == "same-name" else kind
                if kind.startswith("reuse"):
                    line = next((each for each in lines.values() if "variable_scope" in each), line)
                raise Wrong(kind, line, match=match[match.lastindex or 0]) from None
        raise Wrong("error", line, error=said.splitlines()[0][:300]) from None


def leaky_relu(x, alpha):
    """Return x where x > 0, else alpha * x."""
    return tf.nn.leaky_relu(x, alpha)


def cross_entropy(logits, label):
    """Return the mean sigmoid cross-entropy of logits and a label, in nats."""
    tell(isinstance(logits, tf.Tensor), "logits-first")
    return tf.reduce_mean(tf.nn.softplus(logits) - label * logits)


def replay(source, **values):
    """Run an answer in a copy of the notebook's names, with right functions in place of other answers, and other values
    of some; return the names."""
    names = globals() | {"leaky_relu": leaky_relu, "cross_entropy": cross_entropy} | values
    source = source.replace("tf.reset_default_graph()", "pass")  # this would end the check's own graph
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, "this cell", "exec"), names)
    return names


def function_of(source, name):
    """Return the function of an answer, after the rest of its cell has run in a graph of its own."""
    with tf.Graph().as_default():
        return replay(source)[name]


def defined(source):
    """Return the names that the source of a cell defines or, if it is no Python, the words that its lines begin with."""
    try:
        symbols = symtable.symtable(source, "this cell", "exec").get_symbols()
        return {symbol.get_name() for symbol in symbols if symbol.is_assigned()}
    except SyntaxError:
        return set(re.findall(r"\w+", " ".join(re.findall(r"^\w[^=(]*", source, re.M))))


def answer(blank):
    """Return the source of the last cell that defines names of a blank, as Jupyter keeps it in In, and of cells before it
    that define others."""
    cells, missing = [], set(NAMES[blank])
    for source in reversed(In):
        names = defined(source) & set(NAMES[blank])
        if names and names <= missing:
            cells.insert(0, source)
            missing -= names
    tell(cells, "not-run", name=", ".join(NAMES[blank]))
    return "\n".join(cells)


def short(value):
    """Return a value's name, or how it is written or, where that is long, its type."""
    written = repr(value)
    return getattr(value, "name", None) or (written if len(written) < 30 else type(value).__name__)


def tell_tensors(made, name, n):
    """Tell unless what was made are n tensors of the present graph, which can be run; return them as a sequence."""
    made = [made] if n == 1 else made
    tell(isinstance(made, (tuple, list)) and len(made) == n, "two", name=name)
    graph, branches = tf.get_default_graph(), {"If", "StatelessIf", "Switch"}
    for value in made:
        tell(isinstance(value, tf.Tensor), "none", name=name, found=type(value).__name__)
        tell(value.graph is graph, "other-graph")
    # of a tensor of many numbers these end the whole process
    tell(not branches & {operation.type for operation in graph.get_operations()}, "cond")
    return made


def near(a, b):
    """Tell whether two values have one shape and are equal but for rounding."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True)


def compare(feed, inputs, name, found, right, wrong, general):
    """Tell unless a tensor has the values of the right one, and its gradients at the inputs: by the first of the wrong
    ones, (kind, values of its sentence, tensor), that has its values; else by the kind general."""
    session = tf.get_default_session()
    tell_tensors(found, name, 1)
    value, expected, *others = session.run([found, right, *(tensor for *_, tensor in wrong)], feed)
    tell(np.isfinite(value).all(), "nan", name=name)
    shapes = {"found": np.shape(value), "expected": np.shape(expected)}
    kind = "shape" if shapes["expected"] else "one-number"
    tell(len(shapes["found"]) == len(shapes["expected"]), kind, name=name, **shapes)
    tell(near(value, session.run(found, feed)), "random", name=name)
    if not near(value, expected):
        for (kind, values, _), other in zip(wrong, others):
            tell(not near(value, other), kind, name=name, **values)
        raise Wrong(general, name=name)
    slopes = [tf.gradients(tensor, inputs, unconnected_gradients="zero") for tensor in (found, right)]
    tell(all(map(near, *session.run(slopes, feed))), "no-gradient", name=name)
    large = session.run([found, right], {tensor: 1000 * number for tensor, number in feed.items()})
    tell(near(*large), "overflow", name=name)


def check_model_inputs(source):
    """Check that model_inputs(real_dim, z_dim) returns two float32 placeholders of the right shapes."""
    made = tell_tensors(function_of(source, "model_inputs")(12, 5), "model_inputs", 2)
    found = [f"{value.op.type} {value.dtype.name} {value.shape}" for value in made]
    expected = [f"Placeholder float32 (None, {size})" for size in (12, 5)]
    tell(found != expected[::-1], "images-first")
    tell(found == expected, "inputs", found=", ".join(found), expected=", ".join(expected))


def check_leaky_relu(source):
    """Check leaky_relu(x, alpha) on some numbers."""
    x = tf.placeholder(tf.float32, (None,))
    feed, found = {x: np.array([-2, -0.5, 0.7, 0.1, 3])}, function_of(source, "leaky_relu")(x, 0.3)
    compare(feed, [x], "leaky_relu", found, leaky_relu(x, 0.3), [], "slope")


def check_network(source, name, n_in, n_out, returned):
    """Check generator or discriminator, with seven hidden units and a slope of 0.3, against two layers on the same
    variables; returned has for each tensor that it returns the function of the logits that it is, by the kind of sentence
    that tells if only this is wrong."""
    network, inputs = function_of(source, name), tf.placeholder(tf.float32, (None, n_in))
    sizes = (n_out, 7) if name == "generator" else (7,)
    made = tell_tensors(network(inputs, *sizes, alpha=0.3), name, len(returned))
    results = [operation.outputs[0] for operation in inputs.graph.get_operations() if operation.outputs]
    results = [result for result in results if result.dtype == tf.float32 and result.shape.rank == 2]
    variables = tf.trainable_variables()
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
    steps = {"first-dense": inputs @ kernel + bias}
    steps["hidden"] = leaky_relu(steps["first-dense"], 0.3)
    steps["second-dense"] = steps["hidden"] @ out_kernel + out_bias
    feed = {inputs: rng.normal(size=(3, n_in))}
    rights, found = session.run(steps, feed), [session.run(result, feed) for result in results]
    missing = [kind for kind, right in rights.items() if not any(near(right, value) for value in found)]
    for tensor, (kind, function) in list(zip(made, returned.items()))[::-1]:
        right = function(steps["second-dense"])
        compare(feed, [inputs, *variables], name, tensor, right, [], [*missing, kind][0])


def check_generator(source):
    """Check generator(z, out_dim, n_units, reuse, alpha)."""
    check_network(source, "generator", 5, 11, {"images": tf.tanh})


def check_discriminator(source):
    """Check discriminator(x, n_units, reuse, alpha)."""
    check_network(source, "discriminator", 12, 1, {"first-p": tf.sigmoid, "second-logits": tf.identity})


def check_build(source):
    """Check what the cell of section 7 hands to the notebook's functions, whose place others take here, and where it puts
    what they return."""
    values = {"input_size": 12, "z_size": 5, "g_hidden_size": 7, "d_hidden_size": 6, "alpha": 0.3}
    dims = dict(zip(NAMES["build"], (12, 5, 12, 1, 1, 1, 1)))
    values |= {name: tf.placeholder(tf.float32, (None, dim), name) for name, dim in dims.items()}
    calls = [  # of which function, with what but for reuse, and what it returns
        ("model_inputs", "input_size z_size", "input_real input_z"),
        ("generator", "input_z input_size g_hidden_size alpha", "g_model"),
        ("discriminator", "input_real d_hidden_size alpha", "d_model_real d_logits_real"),
        ("discriminator", "g_model d_hidden_size alpha", "d_model_fake d_logits_fake"),
    ]

    def tell_places(names):
        """Tell unless what was made so far stands under its names."""
        for name in NAMES["build"]:
            tell(names[name] is values[name], "build", name=name, found=short(names[name]))

    def stand_in(function, *args, **kwargs):
        """Take the place of a function: tell of wrong arguments, and return what has a name already."""
        tell_places(inspect.currentframe().f_back.f_globals)
        scope, left = tf.get_variable_scope().name, [call for call in calls if call[0] == function]
        tell(not scope, "around", found=scope)
        tell(left, "again", call=function)
        bound = inspect.signature(globals()[function]).bind(*args, **kwargs)
        bound.apply_defaults()
        reuse, again = bound.arguments.pop("reuse", False), function == "discriminator" and len(left) == 1
        tell(reuse is not values["alpha"], "place", call=function, found=reuse)
        tell(reuse is tf.AUTO_REUSE or bool(reuse) == again, "second-call" if again else "first-call")
        first = next(iter(bound.arguments.values()))
        call = next((call for call in left if values[call[1].split()[0]] is first), left[0])
        for written, (name, value) in zip(call[1].split(), bound.arguments.items()):
            found = {"name": name, "found": short(value), "call": function, "expected": written}
            tell(value is values[written], "argument", **found)
        calls.remove(call)
        returned = [values[name] for name in call[2].split()]
        return returned if len(returned) > 1 else returned[0]

    stand_ins = {function: functools.partial(stand_in, function) for function, *_ in calls}
    tell_places(replay(source, batch_size=3, **values, **stand_ins))
    made = [variable.op.name for variable in tf.global_variables()]
    tell(not made, "around", found=", ".join(made))


def tell_label(name, loss, logits, label, expected, feed):
    """Tell if a loss is the cross-entropy of logits with another label: its gradient there is (sigmoid - label) / batch."""
    tell_tensors(loss, name, 1)
    (slope,) = tf.gradients(loss, logits, unconnected_gradients="zero")
    labels = tf.get_default_session().run(tf.sigmoid(logits) - len(feed[logits]) * slope, feed)
    found = round(float(labels.mean()), 3) + 0.0  # no -0
    other = np.allclose(labels, found, atol=1e-3) and abs(found - label) > 1e-3
    tell(not other, "label", name=name, found=f"{found:g}", expected=expected)


def check_cross_entropy(source):
    """Check cross_entropy(logits, label) for some logits and labels."""
    logits = tf.placeholder(tf.float32, (None, 1))
    feed, function = {logits: np.array([[1.5], [-0.4], [3]])}, function_of(source, "cross_entropy")
    for label in (0.3, 0, 1):
        loss, right = function(logits, label), cross_entropy(logits, label)
        tell_label(f"cross_entropy(logits, {label})", loss, logits, label, label, feed)
        wrong = [("not-mean", {}, 3 * right), ("probabilities", {}, cross_entropy(tf.sigmoid(logits), label))]
        wrong += [("softmax", {}, tf.zeros(())), ("swapped", {}, cross_entropy(label + 0 * logits, logits))]
        p = tf.clip_by_value(logits, 1e-7, 1 - 1e-7)  # as Keras does
        wrong += [("from-logits", {}, -tf.reduce_mean(label * tf.log(p) + (1 - label) * tf.log(1 - p)))]
        compare(feed, [logits], "cross_entropy", loss, right, wrong, "cross-entropy")


def check_losses(source):
    """Check the losses of section 8 where smooth is 0.3 and real and fake batches differ in size."""
    real, fake = (tf.placeholder(tf.float32, (None, 1)) for _ in range(2))
    given = {"d_logits_real": real, "d_logits_fake": fake}
    given |= {"d_model_real": tf.sigmoid(real), "d_model_fake": tf.sigmoid(fake)}
    given |= {"input_real": tf.ones((3, 12)), "g_model": tf.zeros((2, 12)), "input_z": tf.ones((2, 5))}
    names = replay(source, smooth=0.3, **given)
    feed, rights = {real: np.array([[1.5], [-0.4], [0.2]]), fake: np.array([[-2.0], [0.7]])}, {}
    expected = {"d_loss_real": ("d_logits_real", 0.7, "1 - smooth = 1 - 0.3"), "d_loss_fake": ("d_logits_fake", 0, 0)}
    expected |= {"g_loss": ("d_logits_fake", 1, 1)}
    for name, (own, label, written) in expected.items():
        tell_label(name, names[name], given[own], label, written, feed)
        wrong = [("from", {"found": each, "own": own}, cross_entropy(given[each], label)) for each in given]
        rights[name] = cross_entropy(given[own], label)
        compare(feed, [given[own]], name, names[name], rights[name], wrong, "loss")
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
        tell(isinstance(found, (list, tuple)), "list", name=name, found=type(found).__name__)
        others = [short(value) for value in found if not any(value is variable for variable in t_vars)]
        tell(not others, "not-variables", name=name, found=", ".join(others[:2]))
        names_found = [variable.op.name for variable in found]
        tell(sorted(names_found) == sorted(v.op.name for v in right), "vars", name=name, found=names_found)


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
        ends = [("rate-first", {}, (loss, beta1, rate))]
        for each in centres:
            for sign, found in ((1, each), (-1, f"-{each}")):
                ends += [("other-loss", {"found": found, "loss": loss}, (each, rate, beta1, sign))]
        ends += [("momentum", {"found": each, "beta1": beta1}, (loss, rate, each)) for each in (0.9, 0.5, 0, 1 - beta1)]
        ends += [
            ("rate", {"found": each, "rate": rate}, (loss, each, beta1))
            for each in (0.001, 0.002, 0.0002, rate / 2, 2 * rate)
        ]
        for kind, values, (wrong_loss, *settings) in ends:
            tell(not near(moved, adam(centres[wrong_loss], start, *settings)), kind, name=name, **values)
        adams = [operation for operation in session.graph.get_operations() if "ApplyAdam" in operation.type]
        tell(len(adams) == len(t_vars), "not-adam", name=name)
        one = 3 * len(t_vars) + 2  # variables in all, with two moments of each and one optimizer's two powers of beta
        tell(len(tf.global_variables()) != one, "own-adam")
        raise Wrong("optimizer", name=name)


CHECKS = [check_model_inputs, check_leaky_relu, check_generator, check_discriminator, check_build]
CHECKS += [check_cross_entropy, check_losses, check_variables, check_optimizers]


def check_present_graph(blank):
    """Tell if what the notebook itself has of a blank belongs to an older graph than the present one."""
    graph = tf.get_default_graph()
    for name in NAMES[blank]:
        values = globals().get(name)
        for value in values if isinstance(values, (list, tuple)) else [values]:
            tell(callable(value) or getattr(value, "graph", None) is graph, "old-graph", name=name)


def check(blank, source=None):
    """Check the answer of a blank, which has the name of its cell: as it was run last or, if given, its source. Print that it
    is right, or raise Wrong; where one is experimenting, only print what is wrong."""
    try:
        source = answer(blank) if source is None else source
        for line in source.splitlines():
            tell(not re.search(r"^[^#]*(=|return|with)\s*\.\.\.", line), "to-write", line=line.strip())
        with errors_told(source):
            compile(source, "this cell", "exec")
        missing = set(NAMES[blank]) - defined(source)
        tell(not missing, "not-there", name=", ".join(sorted(missing)))
        for line in KEPT.get(blank, []):
            bare, bare_source = (re.sub(r"[\s()]", "", text) for text in (line, source))
            tell(bare in bare_source, "kept", given=line)
        with errors_told(source), tf.Graph().as_default(), tf.Session():
            dict(zip(NAMES, CHECKS))[blank](source)
        check_present_graph(blank)
        print(f"{blank}: right. / 正确。")
    except Wrong as wrong:
        if not experimenting or "NBGRADER_EXECUTION" in os.environ:
            raise
        print(wrong)
