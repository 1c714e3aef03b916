"""Write the exercise edition of the notebook: what the reader of the original tutorial had to write gives way to tasks.

There is one source, the notebook itself: its cells are taken by their ids, and a cell or a name that is not there is an
error. After each task stands a check cell, copied from checks.py.
"""

import argparse
import ast
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE.parents[1] / "gan_mnist.ipynb"

# by the id of a cell: what becomes blank in it, the check, and task and hint in both languages
TASKS = {
    "model-inputs": (
        ["model_inputs"], "check_model_inputs(model_inputs)",
        "Make the two placeholders, of type `tf.float32`, and return them: first that of the images, then that of the "
        "latent vectors.",
        "创建两个 `tf.float32` 类型的占位符并返回：先是图像的，再是潜在向量的。",
        "`tf.placeholder` takes a type, a shape and a name. A dimension that stays open is `None`.",
        "`tf.placeholder` 的参数依次是类型、形状和名字；留空的维度写作 `None`。",
    ),
    "leaky-relu": (
        ["leaky_relu"], "check_leaky_relu(leaky_relu)",
        "Write the formula above, for a tensor `x` of any shape.",
        "按上面的公式写出这个函数，`x` 是任意形状的张量。",
        "`tf.maximum` takes the larger one of two tensors, element by element.",
        "`tf.maximum` 逐个元素地取两个张量中较大的那个。",
    ),
    "generator": (
        ["generator"], "check_generator(generator)",
        "Write the generator: inside the variable scope `generator`, a hidden layer by `dense`, its leaky ReLU, and an "
        "output layer whose values lie between −1 and 1.",
        "写出生成器：在变量作用域 `generator` 里，用 `dense` 写一个隐藏层，经过 Leaky ReLU，再写一个输出层，使输出在 "
        "−1 到 1 之间。",
        'Open the scope by `with tf.variable_scope("generator", reuse=reuse):`; what `reuse` is for, the next section tells. '
        "Each `dense` needs a name of its own. `tf.tanh` keeps numbers between −1 and 1.",
        '用 `with tf.variable_scope("generator", reuse=reuse):` 打开作用域，`reuse` 的用途见下一节；每个 `dense` 要有自己的名字；'
        "`tf.tanh` 使输出在 −1 到 1 之间。",
    ),
    "discriminator": (
        ["discriminator"], "check_discriminator(discriminator)",
        "Write the discriminator in the same way, in the scope `discriminator`. Return two tensors: the probability, and "
        "the logits.",
        "用同样的方法在作用域 `discriminator` 里写出判别器，返回两个张量：概率和对数几率。",
        "The output layer has one unit and no activation function: these are the logits. `tf.sigmoid` makes the "
        "probability of them.",
        "输出层只有一个单元，不用激活函数，它的输出就是对数几率；`tf.sigmoid` 把它变成概率。",
    ),
    "build": (
        ["input_real", "g_model", "d_model_real", "d_model_fake"], "check_network(globals())",
        "Build the network: the two inputs, what G draws of `input_z`, what D says of the real images, and what the same D "
        "says of G's. Use the sizes and the slope of section 6 by their names.",
        "搭建网络：两个输入、G 根据 `input_z` 画的图像、D 对真图的输出，以及同一个 D 对 G 的图像的输出。大小和斜率用第 6 节的参数名。",
        "Hand them on by keyword, `alpha=alpha`. D returns two tensors, so there are two names on the left. The second call of D must find the variables of the "
        "first. After an error run this cell again, from its first line.",
        "用关键字传参数，例如 `alpha=alpha`。D 返回两个张量，所以左边有两个名字。D 的第二次调用必须找到第一次的变量。出错之后，改好再重新运行整个单元格。",
    ),
    "losses": (
        ["d_loss_real", "d_loss_fake", "d_loss", "g_loss"], "check_losses(globals())",
        "Compute the three losses of the table by `cross_entropy`, and D's sum, `d_loss`. Write the label of real images by the "
        "parameter `smooth`.",
        "用 `cross_entropy` 计算表中的三个损失，以及 D 的总损失 `d_loss`。真图的标签请用参数 `smooth` 写出。",
        "`cross_entropy` takes logits and one label. Which logits, and which label, stands in the table.",
        "`cross_entropy` 的参数是对数几率和一个标签；用哪个对数几率、哪个标签，看上面的表。",
    ),
    "variables": (
        ["g_vars", "d_vars"], "check_variables(globals())",
        "Sort the variables themselves into a list of G's and a list of D's, by the beginning of their names.",
        "按名字的开头，把变量分成 G 的和 D 的两个列表。",
        "Each variable `v` has a `v.name`. A list comprehension does it.",
        "每个变量 `v` 都有名字 `v.name`；用列表推导式即可。",
    ),
    "optimizers": (
        ["d_train_opt", "g_train_opt"], "check_optimizers(globals())",
        "Make the two training operations: for each network the `minimize` of an Adam optimizer with `learning_rate` and "
        "`beta1`. After an error run section 7 and the cells below it again.",
        "创建两个训练操作：每个网络各用一个以 `learning_rate` 和 `beta1` 为参数的 Adam 优化器的 `minimize`。出错之后，请从第 7 节起重新运行。",
        "`tf.train.AdamOptimizer(learning_rate, beta1)` makes an optimizer; its `minimize(loss, var_list=...)` takes a loss and "
        "the variables that it may change.",
        "`tf.train.AdamOptimizer(learning_rate, beta1)` 创建优化器；它的 `minimize(loss, var_list=...)` 的参数是损失和它可以更新的变量。",
    ),
}  # fmt: skip

HOW_TO = (
    "**This is the exercise edition.** It is Part 1 of the notebook. The code is there, but for eight cells with `...`, which are yours. Above each stands "
    "your task, with a hint to unfold. Below each stands a check. It tells you in a sentence what is wrong and where to "
    "look, so run it after each change. When the last check is right, your GAN trains. Run the cells in their order.",
    "**这是练习版。** 它是笔记本的第一部分。除了八个带有 `...` 的单元格要由你来写，其他代码都已写好。每个空白的上面是任务，并折叠着一条提示；"
    "下面是检查单元格，它会用一句话指出哪里不对、该看什么地方，所以每次修改之后都运行它。最后一项检查通过之后，你的 GAN "
    "就可以训练了。请按顺序运行各个单元格。",
)


def blank(source, names):
    """Return a cell's source without the bodies of functions and the values of assignments that define the given names;
    the first name of a line counts. ValueError if one is not there."""
    lines, found = source.splitlines(), set()
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.Assign)]
    for node in sorted(nodes, key=lambda node: -node.lineno):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            found.add(node.name)
            lines[node.body[0].end_lineno : node.end_lineno] = ["    ..."]
        elif isinstance(node, ast.Assign):
            left = ast.unparse(node.targets[0]).strip("()")
            if left.split(", ")[0] in names:
                found.add(left.split(", ")[0])
                lines[node.lineno - 1 : node.end_lineno] = [" " * node.col_offset + left + " = ..."]
    if missing := set(names) - found:
        raise ValueError(f"a cell of the notebook no longer defines {sorted(missing)}")
    return "\n".join(lines)


def cell(kind, cell_id, source, metadata=None):
    """Return a cell of the notebook's format."""
    made = {"cell_type": kind, "id": cell_id, "metadata": metadata or {}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def text(english, chinese):
    """Return a text in both languages, the Chinese folded away."""
    return f"{english}\n\n<details><summary>中文</summary>\n\n{chinese}\n\n</details>"


def task(name, solution, checks):
    """Return the three cells of a task: text, blank, check."""
    names, call, english, chinese, hint, chinese_hint = TASKS[name]
    fold = "<details><summary>{}</summary>\n\n{}\n\n</details>"
    told = text(
        f"**Your task.** {english}\n\n{fold.format('Hint', hint)}",
        f"**任务。** {chinese}\n\n{fold.format('提示', chinese_hint)}",
    )
    check = f"{checks[call.partition('(')[0]]}\n\n\n{call}"
    return [
        cell("markdown", f"task-{name}", told),
        cell("code", name, blank(solution, names)),
        cell("code", f"check-{name}", check, {"jupyter": {"source_hidden": True}}),
    ]


def exercise_edition(notebook):
    """Return the exercise edition of a notebook, both as dicts of the notebook format."""
    code = (HERE / "checks.py").read_text(encoding="utf-8")
    functions = [n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef)]
    checks = {function.name: ast.get_source_segment(code, function) for function in functions}
    cells, left = [], set(TASKS)
    for old in notebook["cells"]:
        source = "".join(old["source"])
        if old["id"] in TASKS:
            left.remove(old["id"])
            cells += task(old["id"], source, checks)
            continue
        if old["id"] == "text-14-a-classifier-as-referee":
            break  # Parts 2 and 3 hold answers
        cells.append(cell(old["cell_type"], old["id"], source, old["metadata"]))
        if len(cells) == 1:
            cells.append(cell("markdown", "how-to", text(*HOW_TO)))
    if left:
        raise ValueError(f"the notebook no longer has the cells {sorted(left)}")
    return notebook | {"cells": cells}


def main():
    """Write the exercise edition into a file."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python assets/exercises/make.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        default="gan_mnist_exercises.ipynb",
        help="the notebook to write; else gan_mnist_exercises.ipynb in the working directory",
    )
    parser.add_argument("--force", action="store_true", help="overwrite the file if it exists")
    options = parser.parse_args()
    if options.file.exists() and not options.force:
        parser.error(f"{options.file} exists: name another file, or overwrite it by --force")
    notebook = exercise_edition(json.loads(NOTEBOOK.read_text(encoding="utf-8")))
    content = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    options.file.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
