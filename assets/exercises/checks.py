"""The check cells of the exercise edition: make.py copies each function, as it stands, into the notebook.

Each raises AssertionError with a sentence, in English and in Chinese, that says what is wrong and where to look. It compares
values with NumPy, in a small graph of its own for a function, and else on the notebook's graph. The names that a function
uses, np, tf and what the notebook has defined, are those of the notebook.
"""

import numpy as np
import tensorflow.compat.v1 as tf


def check_model_inputs(model_inputs):
    """Check that model_inputs(real_dim, z_dim) returns two float32 placeholders of the right shapes."""
    with tf.Graph().as_default():
        try:
            inputs = model_inputs(784, 100)
        except Exception as error:
            raise AssertionError(
                f"model_inputs fails: tf.placeholder takes a type, then a shape. / "
                f"model_inputs 出错：tf.placeholder 的参数先是类型，再是形状。 ({error})"
            ) from None
    assert inputs is not None, (
        "model_inputs returns nothing yet: make two placeholders and return them. / "
        "model_inputs 还没有返回值：请创建两个占位符并返回。"
    )
    pair = isinstance(inputs, tuple | list) and len(inputs) == 2
    assert pair and all(x.op.type == "Placeholder" for x in inputs), (
        "Return two placeholders, made by tf.placeholder. / 请返回两个由 tf.placeholder 创建的占位符。"
    )
    assert all(x.dtype == tf.float32 for x in inputs), "Both are tf.float32. / 类型都应是 tf.float32。"
    shapes = [x.shape.as_list() if x.shape.rank else None for x in inputs]
    assert shapes != [[None, 100], [None, 784]], (
        "The images come first, then the latent vectors. / 先返回图像，再返回潜在向量。"
    )
    assert shapes == [[None, 784], [None, 100]], (
        f"The shapes are {shapes}: expected (None, real_dim) and (None, z_dim), so that a batch of any size fits. / "
        f"形状是 {shapes}，应为 (None, real_dim) 和 (None, z_dim)，这样任意大小的批次都能放进去。"
    )
    print("model_inputs: right. / 正确。")


def check_leaky_relu(leaky_relu):
    """Check leaky_relu(x, alpha) on some numbers."""
    x = np.linspace(-2, 2, 9, dtype=np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        try:
            out = leaky_relu(tf.constant(x), alpha=0.2)
        except Exception as error:
            raise AssertionError(
                "leaky_relu fails: x is a tensor, so use tf.maximum, and not max, if or np.maximum. / "
                f"leaky_relu 出错：x 是张量，请用 tf.maximum，而不是 max、if 或 np.maximum。 ({error})"
            ) from None
        assert out is not None, "leaky_relu returns nothing yet. / leaky_relu 还没有返回值。"
        y = session.run(out)
    below, above = y[x < 0], y[x > 0]
    assert not np.allclose(below, 0), (
        "Below zero it cuts off, like a ReLU: there should be a slope of alpha. / "
        "零以下被截断了，与 ReLU 一样：这里应保留斜率 alpha。"
    )
    assert np.allclose(above, x[x > 0]), (
        "Above zero x should stay as it is: the slope alpha is for x below zero. / "
        "零以上应保持 x 不变：斜率 alpha 用于零以下。"
    )
    assert np.allclose(below, 0.2 * x[x < 0]), "Below zero it should be alpha * x. / 零以下应为 alpha * x。"
    print("leaky_relu: right. / 正确。")


def check_generator(generator):
    """Check generator(z, out_dim, n_units, reuse, alpha) against two layers in NumPy."""
    z = np.random.default_rng(0).normal(size=(5, 100)).astype(np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        try:
            out = generator(tf.constant(z), 784, n_units=32, alpha=0.3)
        except Exception as error:
            assert tf.global_variables(), (
                "The first call fails before it has made a variable: give the scope reuse=reuse, not reuse=True. / "
                "第一次调用时一个变量也没有创建就出错了：变量作用域的参数应为 reuse=reuse，而不是 reuse=True。"
                f" ({error})"
            )
            raise AssertionError(
                "The call fails: each dense needs a name of its own, and tensors need functions of tf, such as tf.tanh. / "
                "调用出错：每个 dense 要有自己的名字，张量要用 tf 的函数，例如 tf.tanh。"
                f" ({error})"
            ) from None
        assert out is not None, "generator returns nothing yet. / generator 还没有返回值。"
        variables = tf.trainable_variables()
        assert all(v.name.startswith("generator/") for v in variables), (
            'Some variables lie outside the scope "generator": make all layers inside '
            'tf.variable_scope("generator", reuse=reuse). / 有变量不在作用域 "generator" 里：'
            '请在 tf.variable_scope("generator", reuse=reuse) 内创建各层。'
        )
        by_shape = {tuple(v.shape.as_list()): v for v in variables}
        assert by_shape.keys() == {(100, 32), (32,), (32, 784), (784,)} and len(variables) == 4, (
            "Expected a hidden layer of n_units and an output layer of out_dim, so four variables. / "
            "应有一个 n_units 个单元的隐藏层和一个 out_dim 个单元的输出层，共四个变量。"
        )
        try:
            generator(tf.constant(z), 784, n_units=32, reuse=True, alpha=0.3)
        except ValueError as error:
            raise AssertionError(
                "A second call with reuse=True fails: hand reuse on to the variable scope. / "
                "以 reuse=True 再次调用时出错：请把 reuse 传给变量作用域。"
            ) from error
        assert len(tf.trainable_variables()) == 4, (
            "A second call with reuse=True makes new variables: hand reuse on to the variable scope. / "
            "以 reuse=True 再次调用时又创建了新变量：请把 reuse 传给变量作用域。"
        )
        session.run(tf.global_variables_initializer())
        values = {shape: session.run(v) for shape, v in by_shape.items()}
        images = session.run(out)
    hidden = z @ values[100, 32] + values[32,]
    leaky = np.where(hidden > 0, hidden, 0.3 * hidden)
    last = leaky @ values[32, 784] + values[784,]
    if not np.allclose(images, np.tanh(last), atol=1e-4):
        assert not np.allclose(images, 1 / (1 + np.exp(-last)), atol=1e-4), (
            "The pixels lie between 0 and 1, by a sigmoid: which function keeps them between -1 and 1? / "
            "像素在 0 到 1 之间，用的是 sigmoid：哪个函数使它们在 -1 到 1 之间？"
        )
        assert np.abs(images).max() <= 1 and not np.allclose(images, last, atol=1e-4), (
            "Pixels lie outside -1 to 1: which function keeps them there? / "
            "像素超出了 -1 到 1：哪个函数使它们在这个范围内？"
        )
        raise AssertionError(
            "The images are not the tanh of hidden layer, leaky ReLU of slope alpha, and output layer. / "
            "图像不等于依次经过隐藏层、斜率为 alpha 的 Leaky ReLU、输出层和 tanh 的结果。"
        )
    print("generator: right. / 正确。")


def check_discriminator(discriminator):
    """Check discriminator(x, n_units, reuse, alpha) against two layers in NumPy."""
    x = np.random.default_rng(0).normal(size=(5, 784)).astype(np.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        try:
            out = discriminator(tf.constant(x), n_units=32, alpha=0.3)
        except Exception as error:
            assert tf.global_variables(), (
                "The first call fails before it has made a variable: give the scope reuse=reuse, not reuse=True. / "
                "第一次调用时一个变量也没有创建就出错了：变量作用域的参数应为 reuse=reuse，而不是 reuse=True。"
                f" ({error})"
            )
            raise AssertionError(
                "The call fails: each dense needs a name of its own, and tensors need functions of tf, such as tf.tanh. / "
                "调用出错：每个 dense 要有自己的名字，张量要用 tf 的函数，例如 tf.tanh。"
                f" ({error})"
            ) from None
        assert isinstance(out, tuple | list) and len(out) == 2, (
            "Return two tensors: the probability and the logits. / 请返回两个张量：概率和对数几率。"
        )
        variables = tf.trainable_variables()
        assert all(v.name.startswith("discriminator/") for v in variables), (
            'Some variables lie outside the scope "discriminator": make all layers inside '
            'tf.variable_scope("discriminator", reuse=reuse). / 有变量不在作用域 "discriminator" 里：'
            '请在 tf.variable_scope("discriminator", reuse=reuse) 内创建各层。'
        )
        by_shape = {tuple(v.shape.as_list()): v for v in variables}
        assert by_shape.keys() == {(784, 32), (32,), (32, 1), (1,)} and len(variables) == 4, (
            "Expected a hidden layer of n_units and an output of one number, so four variables. / "
            "应有一个 n_units 个单元的隐藏层和只有一个数的输出层，共四个变量。"
        )
        try:
            discriminator(tf.constant(x), n_units=32, reuse=True, alpha=0.3)
        except ValueError as error:
            raise AssertionError(
                "A second call with reuse=True fails: hand reuse on to the variable scope. / "
                "以 reuse=True 再次调用时出错：请把 reuse 传给变量作用域。"
            ) from error
        assert len(tf.trainable_variables()) == 4, (
            "A second call with reuse=True makes new variables: hand reuse on to the variable scope. / "
            "以 reuse=True 再次调用时又创建了新变量：请把 reuse 传给变量作用域。"
        )
        session.run(tf.global_variables_initializer())
        values = {shape: session.run(v) for shape, v in by_shape.items()}
        p, logits = session.run(out)
    hidden = x @ values[784, 32] + values[32,]
    leaky = np.where(hidden > 0, hidden, 0.3 * hidden)
    expected = leaky @ values[32, 1] + values[1,]
    probability = 1 / (1 + np.exp(-expected))
    assert not (np.allclose(p, expected, atol=1e-4) and np.allclose(logits, probability, atol=1e-4)), (
        "The order is the probability first, then the logits. / 顺序应是先概率，后对数几率。"
    )
    assert not np.allclose(logits, probability, atol=1e-4), (
        "The second is a probability, but should be the logits: what goes into the sigmoid. / "
        "第二个返回值是概率，应为对数几率，即送入 sigmoid 之前的值。"
    )
    assert np.allclose(logits, expected, atol=1e-4), (
        "The logits are not those of hidden layer, leaky ReLU of slope alpha, and output layer. / "
        "对数几率不等于依次经过隐藏层、斜率为 alpha 的 Leaky ReLU 和输出层的结果。"
    )
    assert np.allclose(p, probability, atol=1e-4), (
        "The first should be the sigmoid of the logits. / 第一个返回值应为对数几率的 sigmoid。"
    )
    print("discriminator: right. / 正确。")


def check_network(found):
    """Check the network of section 7, by the notebook's globals, against NumPy."""
    graph_variables = [v.name for v in tf.trainable_variables()]
    d_names = [name for name in graph_variables if name.startswith("discriminator")]
    tensors = ["input_real", "input_z", "g_model", "d_model_real", "d_logits_real", "d_model_fake", "d_logits_fake"]
    graph = tf.get_default_graph()
    missing = [name for name in tensors if getattr(found.get(name), "graph", None) is not graph]
    assert not (missing[:1] == ["d_model_fake"] and found.get("d_model_fake") is not ...), (
        "D's second call failed or is missing: it should find the variables of the first, by reuse=True. / "
        "D 的第二次调用出错或者没有写：它应当以 reuse=True 找到第一次的变量。"
    )
    assert not (missing[:1] == ["d_model_real"] and not d_names and found.get("d_model_real") is not ...), (
        "D's first call failed or is missing: its variables do not exist yet, so it must not have reuse=True. / "
        "D 的第一次调用出错或者没有写：这时变量还不存在，不能写 reuse=True。"
    )
    assert not missing, (
        f"Still to be built in this cell: {missing}. Hand sizes and slope on by name, n_units=, alpha=. / "
        f"这个单元格里还没有搭建：{missing}。大小和斜率请写明参数名，即 n_units=、alpha=。"
    )
    assert len(graph_variables) == 8, (
        f"There are {len(graph_variables)} variables, expected 8: both calls of D must share theirs. / "
        f"共有 {len(graph_variables)} 个变量，应为 8 个：D 的两次调用必须共享变量。"
    )
    shapes = sorted(v.shape.as_list() for v in tf.trainable_variables() if v.shape.rank == 2)
    g_units, d_units = found["g_hidden_size"], found["d_hidden_size"]
    pixels = found["input_size"]
    expected = sorted([[found["z_size"], g_units], [g_units, pixels], [pixels, d_units], [d_units, 1]])
    assert shapes == expected, (
        "The sizes are not those of section 6: z_size, g_hidden_size, d_hidden_size. / "
        "大小与第 6 节的不符：z_size、g_hidden_size、d_hidden_size。"
    )
    real = found["x_train"][:16]
    feed = {found["input_real"]: real, found["input_z"]: found["sample_z"]}
    layers = {v.name.split("/")[0]: [] for v in tf.trainable_variables()}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for v in tf.trainable_variables():
            layers[v.name.split("/")[0]].append(session.run(v))
        images, of_real, of_fake = session.run([found["g_model"], found["d_logits_real"], found["d_logits_fake"]], feed)

    def network(values, x):
        """Two layers, whose variables may have been made in any order; the first kernel is the one that fits x."""
        kernel = next(v for v in values if v.ndim == 2 and len(v) == x.shape[1])
        out_kernel = next(v for v in values if v.ndim == 2 and v is not kernel)
        bias = next(v for v in values if v.shape == (kernel.shape[1],))
        out_bias = next(v for v in values if v.shape == (out_kernel.shape[1],))
        hidden = x @ kernel + bias
        return np.where(hidden > 0, hidden, found["alpha"] * hidden) @ out_kernel + out_bias

    g_values, d_values = layers["generator"], layers["discriminator"]
    assert np.allclose(images, np.tanh(network(g_values, found["sample_z"])), atol=1e-3), (
        "g_model is not what G draws of input_z with slope alpha. / "
        "g_model 不是 G 根据 input_z、以 alpha 为斜率画的图像。"
    )
    for name, logits, x in (("real", of_real, real), ("fake", of_fake, images)):
        assert np.allclose(logits, network(d_values, x), atol=1e-3), (
            f"d_logits_{name} is not what D says, with slope alpha, of the {name} images. / "
            f"d_logits_{name} 不是 D 以 alpha 为斜率、对相应图像的输出。"
        )
    print("The network: right. / 网络正确。")


def check_losses(found):
    """Check the three losses of section 8, by the notebook's globals, against NumPy."""
    logits = {"real": np.array([[1.5], [-0.4]]), "fake": np.array([[-2.0], [0.7]])}
    feed = {found[f"d_logits_{name}"]: value for name, value in logits.items()}
    losses = {}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        feed[found["input_real"]] = found["x_train"][:2]
        feed[found["input_z"]] = found["sample_z"][:2]
        for name in ("d_loss_real", "d_loss_fake", "g_loss", "d_loss"):
            tensor = found.get(name)
            assert getattr(tensor, "graph", None) is tf.get_default_graph(), (
                f"{name} is missing: it should be a tensor of this graph. / 还没有 {name}：它应是这张计算图中的张量。"
            )
            losses[name] = session.run(tensor, feed)

    def mean_cross_entropy(logit, label):
        """Return the mean sigmoid cross-entropy of logits and a label."""
        return np.mean(np.logaddexp(0, logit) - label * logit)

    labels = {"d_loss_real": 1 - found["smooth"], "d_loss_fake": 0, "g_loss": 1}
    for name, label in labels.items():
        logit, loss = logits["real" if name == "d_loss_real" else "fake"], losses[name]
        assert np.ndim(loss) == 0, f"{name} should be one number, the mean. / {name} 应是一个数，即平均值。"
        if np.allclose(loss, mean_cross_entropy(logit, label), atol=1e-4):
            continue
        probability = 1 / (1 + np.exp(-logit))
        assert not np.allclose(loss, mean_cross_entropy(probability, label), atol=1e-4), (
            f"{name} is computed from probabilities: cross_entropy takes logits. / "
            f"{name} 是由概率计算的：cross_entropy 的输入应是对数几率。"
        )
        swapped = 1 - label if name != "d_loss_real" else 0
        assert not np.allclose(loss, mean_cross_entropy(logit, swapped), atol=1e-4), (
            f"{name} has the wrong label, as if real and fake were swapped. / {name} 的标签弄反了。"
        )
        assert not (name == "d_loss_real" and np.allclose(loss, mean_cross_entropy(logit, 1), atol=1e-4)), (
            "d_loss_real: the label of real images should be smoothed, 1 - smooth. / "
            "d_loss_real：真图的标签应当平滑，即 1 - smooth。"
        )
        not_smooth = name == "d_loss_real" and np.allclose(loss, mean_cross_entropy(logit, found["smooth"]), atol=1e-4)
        assert not not_smooth, (
            "d_loss_real: the label should be 1 - smooth, not smooth. / d_loss_real：标签应为 1 - smooth，而不是 smooth。"
        )
        for smoothed in (found["smooth"], 1 - found["smooth"]):
            assert not np.allclose(loss, mean_cross_entropy(logit, smoothed), atol=1e-4), (
                f"{name}: the label of fakes should not be smoothed. / {name}：假图的标签不应平滑。"
            )
        raise AssertionError(
            f"{name} is not the mean cross-entropy of its logits and its label: see the table above. / "
            f"{name} 不等于相应的对数几率与标签的平均交叉熵，请看上面的表。"
        )
    assert np.allclose(losses["d_loss"], losses["d_loss_real"] + losses["d_loss_fake"], atol=1e-4), (
        "d_loss should be the sum of d_loss_real and d_loss_fake. / d_loss 应为 d_loss_real 与 d_loss_fake 之和。"
    )
    print("The losses: right. / 损失正确。")


def check_variables(found):
    """Check the two lists of variables of section 9, by the notebook's globals."""
    for letter, scope, name in (("G", "generator/", "g_vars"), ("D", "discriminator/", "d_vars")):
        expected = [v.name for v in tf.trainable_variables(scope)]
        names = [v.name for v in found[name]] if isinstance(found.get(name), list | tuple) else []
        assert names, f"{name} is still empty. / {name} 还是空的。"
        assert sorted(names) == sorted(expected), (
            f"{name} should have the variables of {letter}, whose names start with {scope}, and no others. / "
            f"{name} 里应当只有 {letter} 的变量，即名字以 {scope} 开头的变量。"
        )
    print("g_vars, d_vars: right. / 正确。")


def check_optimizers(found):
    """Check which variables each training operation of section 9 moves, by the notebook's globals, and how far."""
    images, z = found["x_train"][:16], found["sample_z"]
    feed = {found["input_real"]: images, found["input_z"]: z}
    other_feed = {found["input_real"]: images[::2].repeat(2, axis=0), found["input_z"]: -z}
    for letter, other in (("d", "g"), ("g", "d")):
        name, own, others = f"{letter}_train_opt", found[f"{letter}_vars"], found[f"{other}_vars"]
        assert getattr(found.get(name), "graph", None) is tf.get_default_graph(), (
            f"{name} is missing: minimize(loss, var_list=...) of an Adam optimizer. Then run section 7 and the cells below it. / "
            f"还没有 {name}：请用 Adam 优化器的 minimize(loss, var_list=...) 创建，再从第 7 节起重新运行。"
        )
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            loss_gradients = tf.gradients(found[f"{letter}_loss"], own)
            gradients = session.run(loss_gradients, feed)
            before = session.run([own, others])
            session.run(found[name], feed)
            after = session.run([own, others])
            next_gradients = session.run(loss_gradients, other_feed)
            session.run(found[name], other_feed)
            end = session.run(own)
        own_moves, other_moves = ([a - b for a, b in zip(new, old)] for new, old in zip(after, before))
        own_moved, others_moved = (any(np.any(m) for m in moves) for moves in (own_moves, other_moves))
        assert not (own_moved and others_moved), (
            f"{name} moves the variables of both networks: which parameter of minimize names those that it may change? / "
            f"{name} 改动了两个网络的变量：minimize 的哪个参数指定可以更新的变量？"
        )
        assert own_moved and not others_moved, (
            f"{name} moves the other network's variables: its var_list should be {letter}_vars. / "
            f"{name} 改动的是另一个网络的变量：它的 var_list 应为 {letter}_vars。"
        )
        move, gradient = (max(values, key=np.size).ravel() for values in (own_moves, gradients))
        largest = np.argsort(np.abs(gradient))[-len(gradient) // 4 :]
        assert np.mean(np.sign(move[largest]) == -np.sign(gradient[largest])) > 0.99, (
            f"{name} does not lower {letter}_loss: which loss does it minimize? / "
            f"{name} 没有减小 {letter}_loss：它最小化的是哪个损失？"
        )
        rate = found["learning_rate"]  # the length of Adam's first step
        assert np.allclose(np.abs(move[largest[-9:]]), rate, rtol=0.05), (
            f"The first step of {name} is not learning_rate long. / {name} 的第一步的步长不等于 learning_rate。"
        )
        second = max((b - a for a, b in zip(after[0], end)), key=np.size).ravel()
        next_gradient, beta1, beta2 = (max(next_gradients, key=np.size).ravel(), found["beta1"], 0.999)
        m = ((1 - beta1) * (beta1 * gradient + next_gradient)) / (1 - beta1**2)
        v = ((1 - beta2) * (beta2 * gradient**2 + next_gradient**2)) / (1 - beta2**2)
        expected = -rate * m / (np.sqrt(v) + 1e-8)
        assert np.allclose(second[largest], expected[largest], rtol=0.02, atol=rate / 50), (
            f"The second step of {name} is not that of Adam on {letter}_loss with momentum beta1. / "
            f"{name} 的第二步与对 {letter}_loss 使用动量 beta1 的 Adam 不符。"
        )
    print("The optimizers: right. / 优化器正确。")
