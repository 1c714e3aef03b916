"""What the exercise edition says: its own texts, the tasks, and the sentences of the checks, each in English and Chinese."""

HOW_TO = (
    "**This is the exercise edition** of Part 1: you build a GAN yourself. Take two to three hours. Nine cells have dots, `...`, "
    "which are yours to fill in. Above each stands your task, with a hint to unfold, and in the hint a second one. Below each stands "
    "a check. Run your cell, then the check: it says in a sentence what is wrong and, where it can, in which line. It tries your cell "
    "with other sizes and settings than the notebook's, so refer to them by name. Keep the lines that are given, and write each answer only in its own cell: only what stands there is graded. Where your own cell ends in a long error, "
    "read its last line, and run the check all the same. When the last check is right, your GAN trains.\n\n"
    "Run the cells in their order. Once all is right and you try experiments of your own, set `experimenting = True`, in section 2: "
    "the checks then still say what is wrong, but stop nothing.",
    "**这是练习版**，内容是第一部分：由你亲手搭建一个 GAN，需要两到三小时。有九个单元格带有 `...`，由你来写。每个空白的上面是任务，"
    "折叠着一条提示，提示里还折叠着更具体的一条；下面是检查单元格。先运行你写的单元格，再运行检查：它用一句话指出哪里不对，"
    "并尽量显示是哪一行。检查时所用的大小和设置与笔记本不同，所以请写变量名，不要直接写数值。请保留已给出的行，答案只写在它自己的单元格里：评分时只看这个单元格。如果你的单元格报出很长的错误，请读最后一行，然后照样运行检查。最后一项检查通过之后，你的 GAN 就可以训练了。\n\n"
    "请按顺序运行各个单元格。全部写对之后，如果想自己做实验，就在第 2 节设 `experimenting = True`，"
    "这样检查仍会提示，但不会中断运行。",
)
# in place of a cell's text, or of a part of it
INTRODUCTION = (
    """# A generative adversarial network on MNIST: exercises

Two small neural networks play a game against each other. One forges handwritten digits, the other tries to catch the
forgeries. Neither is told what a 3 is, and yet shapes like digits come out. You will build both players yourself, watch them
play, and look hard at what comes out.

You need Python, some NumPy, and a rough idea of what a neural network is. Nothing has to be downloaded but the Python
packages: the data is in the repository. Below each text, the same in Chinese is folded away.

It is a port of [`gan_mnist` from udacity/deep-learning](https://github.com/udacity/deep-learning/tree/master/gan_mnist) (MIT
licence), in the TensorFlow 1.x style of the original.""",
    """### 在 MNIST 上训练生成对抗网络：练习

两个小型神经网络在进行一场博弈（game，即双方对抗的游戏）：一个伪造手写数字，另一个设法识破伪造。没有人告诉它们 3 是什么样子，可是画出的图像会渐渐像数字。你将亲手搭建这两个网络，看它们对抗，再仔细检查画出来的图像。

你需要会 Python，了解一点 NumPy，并大致知道神经网络是什么。除了 Python 软件包，什么都不用下载，数据就在仓库里。每段英文下面都折叠着对应的中文。

它移植自 [udacity/deep-learning 的 `gan_mnist`](https://github.com/udacity/deep-learning/tree/master/gan_mnist)（MIT 许可证），保留了原教程的 TensorFlow 1.x 风格。""",
)
END = (
    """The images change gradually, since G is a continuous function. And there lies a fault that more training may narrow, but not
mend: digits come in ten kinds, and somewhere on the way from one kind to another G must pass through shapes that are neither.

**You have built the classic GAN**, trained it, and drawn with it. You know how the two networks play, why their losses do not
measure quality, and what you do not like about the digits. How many of them can be read, and how to draw much better ones, is the subject of
Parts 2 and 3. They are in `gan_mnist.ipynb`, which also has the code of all nine cells.""",
    """图像逐渐变化，因为 G 是连续函数。这里有一个毛病，多训练也许能减轻，但不能消除：数字有十种，从一种过渡到另一种，G 必然会在途中某处画出两者都不是的形状。

**你已经搭建了经典的 GAN**，训练了它，还用它画了图。你知道了两个网络怎样对抗，为什么它们的损失不能衡量质量，也看到了画出的数字有哪些毛病。有多少数字认得出来，怎样才能画得好得多，请看第二、第三部分：这两部分在 `gan_mnist.ipynb` 里，那里也有这九个单元格的完整代码。""",
)
REPLACED = {  # what would point to other parts
    "(Do smoothing and this loss matter here? Experiments 2 and 3 at the end ask.)": "",
    "标签平滑和非饱和损失在这里是否必要？第 19 节的实验 2 和实验 3 就要回答这个问题。": "",
    "How many of all images can be read, Part 2 will count. First, where": "Where",
    "可辨认的图像占多少，留到第二部分再统计。先来看看，": "来看看，",
    "；第三部分另有一组设置，见第 16 节": "",
    "; both GANs then train for 2 epochs": "",
    "；例如设为 2，第一部分的 GAN 和第三部分更好的 GAN 就都只训练 2 轮": "，例如设为 2",
    "所有报错信息和提示的意思，见第 19 节末尾的表。": "",
    # here the cell may be run again, after a mistake
    'assert len(tf.global_variables()) == len(t_vars), "run section 7 first, then 8 and 9"\n': "",
    "如果要再次运行下面这个单元格，请先重新运行第 7、8 节，否则会报错。": "",
}
SCOPE = (
    "Before you write one yourself, see what a scope does. The first time, `shop` makes its variable. The second time, with "
    "`reuse=True`, it finds the same one again.",
    "自己动手写之前，先看看作用域怎样工作。第一次，在作用域 `shop` 里创建变量；第二次，因为 `reuse=True`，找到的还是这个变量。",
    """with tf.Graph().as_default():
    for reuse in (False, True):
        with tf.variable_scope("shop", reuse=reuse):
            price = tf.get_variable("price", (2,))
        print([variable.name for variable in tf.trainable_variables()])""",
)
# by the id of a cell: task, pointer and near-answer, each in English and Chinese
TASKS = {
    "model-inputs": (
        ("Make the two placeholders, of type `tf.float32`: that of the images, and that of the latent vectors.",
         "创建两个 `tf.float32` 类型的占位符：图像的，以及潜在向量的。"),
        ("`tf.placeholder` takes a type, a shape and a name. Which dimension must stay open, and how is that written?",
         "`tf.placeholder` 的参数依次是类型、形状和名字。哪一维要留空？怎样写？"),
        ('A matrix with any number of rows of five numbers would be `tf.placeholder(tf.float32, (None, 5), name="five")`.',
         '每行五个数、行数任意的矩阵写作 `tf.placeholder(tf.float32, (None, 5), name="five")`。'),
    ),
    "leaky-relu": (
        ("Write the formula above, for a tensor `x` of any shape.", "按上面的公式写出这个函数，`x` 是任意形状的张量。"),
        ("Python's `max` needs values, and a tensor has none yet. TensorFlow has a function for the larger one of two tensors.",
         "Python 的 `max` 需要具体的值，而张量还没有值。TensorFlow 有一个函数，取两个张量中较大的那个。"),
        ("`tf.maximum(a, b)` takes the larger number at each place. Which two tensors are compared in the formula?",
         "`tf.maximum(a, b)` 在每个位置取较大的数。公式里比较的是哪两个张量？"),
    ),
    "generator": (
        ("Write the generator: in the variable scope `generator` a hidden layer of `n_units`, its leaky ReLU, and an output layer of "
         "`out_dim` whose values lie between −1 and 1. (The original calls `tf.layers.dense`; here it is `dense`, with a name.)",
         "写出生成器：在变量作用域 `generator` 里，先写一个有 `n_units` 个单元的隐藏层，对它的输出用 Leaky ReLU，再写一个有 `out_dim` 个单元的输出层，"
         "使输出在 −1 到 1 之间。（原教程调用的是 `tf.layers.dense`，这里用 `dense`，并给出名字。）"),
        ("The scope gets the parameter `reuse` that `generator` was given. Each `dense` needs its input, its size, and a name of its "
         "own. The activation function is called on what `dense` returns.",
         "作用域的 `reuse` 就是 `generator` 得到的那个参数。每个 `dense` 需要输入、单元数和自己的名字。激活函数作用于 `dense` 的返回值。"),
        ('In the scope, `dense(…, n_units, "h1")`, `leaky_relu(…, alpha)`, '
         '`dense(…, out_dim, "logits")`, `tf.tanh(…)`, each applied to the one before.',
         '在作用域里依次是 `dense(…, n_units, "h1")`、`leaky_relu(…, alpha)`、'
         '`dense(…, out_dim, "logits")`、`tf.tanh(…)`，每一步作用于上一步的结果。'),
    ),
    "discriminator": (
        ("Write the discriminator in the same way, in the scope `discriminator`. It returns two tensors: the probability, and the "
         "logits.",
         "用同样的方法在作用域 `discriminator` 里写出判别器，它返回两个张量：概率和对数几率。"),
        ("What the output layer gives, with no activation function, are the logits. How many numbers are there for an image?",
         "输出层不用激活函数，它的输出就是对数几率。每张图像对应几个数？"),
        ('`dense(…, 1, "logits")`, and `tf.sigmoid` makes the probability of it.', '`dense(…, 1, "logits")`，再用 `tf.sigmoid` 把它变成概率。'),
    ),
    "build": (
        ("Build the network: the two inputs, what G draws from `input_z`, what D says of the real images, and what the same D says of "
         "G's. Use the sizes and the slope of section 6 by their names.",
         "搭建网络：两个输入、G 根据 `input_z` 画的图像、D 对真图的输出，以及同一个 D 对 G 的图像的输出。大小和斜率用第 6 节的参数名。"),
        ("D returns two tensors, so there are two names on the left. The second call of D must find the variables of the first.",
         "D 返回两个张量，所以左边有两个名字。D 的第二次调用必须找到第一次的变量。"),
        ("`discriminator(…, d_hidden_size, alpha=alpha)`, and the second time `reuse=True` besides. After an error run the whole cell "
         "again, from its first line, which begins a fresh graph.",
         "`discriminator(…, d_hidden_size, alpha=alpha)`，第二次再加上 `reuse=True`。出错之后，请从第一行起重新运行整个单元格，第一行会开始一张新的计算图。"),
    ),
    "cross-entropy": (
        ("Write the mean sigmoid cross-entropy of some logits and one label for all of them. TensorFlow has the formula as "
         "`tf.nn.sigmoid_cross_entropy_with_logits(labels=…, logits=…)`.",
         "写出一批对数几率与同一个标签的平均 sigmoid 交叉熵。TensorFlow 提供了这个公式："
         "`tf.nn.sigmoid_cross_entropy_with_logits(labels=…, logits=…)`。"),
        ("It wants a label for each logit, so `labels` must have the shape of `logits`, whatever the batch. And it returns one loss for "
         "each.",
         "每个对数几率都要有一个标签，所以无论批次多大，`labels` 的形状都要与 `logits` 相同。它给每个对数几率返回一个损失。"),
        ("`tf.ones_like(logits)` has this shape and is filled with ones: multiply it by the label. `tf.reduce_mean` takes the mean of many numbers.",
         "`tf.ones_like(logits)` 的形状与之相同，元素都是 1，再乘以标签即可。`tf.reduce_mean` 把许多数变成一个平均值。"),
    ),
    "losses": (
        ("Compute the three losses of the table by `cross_entropy`, and D's sum, `d_loss`. Write the label of real images by the "
         "parameter `smooth`.",
         "用 `cross_entropy` 计算表中的三个损失，以及 D 的总损失 `d_loss`。真图的标签请用参数 `smooth` 写出。"),
        ("`cross_entropy` takes logits and one label. Which images, and which label, stands in the table.",
         "`cross_entropy` 的参数是对数几率和一个标签。用哪种图像、哪个标签，看上面的表。"),
        ("`d_logits_real` are D's logits of real images, `d_logits_fake` those of G's. The smoothed label is `1 - smooth`.",
         "`d_logits_real` 是 D 对真图的对数几率，`d_logits_fake` 是对 G 的图像的。平滑后的标签是 `1 - smooth`。"),
    ),
    "variables": (
        ("Sort the variables themselves into a list of G's and a list of D's, by the beginning of their names.",
         "按名字的开头，把变量本身分到两个列表里，一个放 G 的变量，一个放 D 的。"),
        ("Each variable has a `.name`. How do the names of G's begin?", "每个变量都有 `.name`。G 的变量名以什么开头？"),
        ('A list comprehension: `[var for var in t_vars if …]`. For a string, `.startswith("ab")` tells whether it begins with "ab".',
         '用列表推导式：`[var for var in t_vars if …]`。字符串的 `.startswith("ab")` 判断它是否以此开头。'),
    ),
    "optimizers": (
        ("Make the two training operations: for each network the `minimize` of an Adam optimizer of its own, with `learning_rate` and "
         "`beta1`.",
         "创建两个训练操作：为每个网络各建一个 Adam 优化器，参数为 `learning_rate` 和 `beta1`，再调用它的 `minimize`。"),
        ("`minimize` takes a loss and, by name, the list of variables that it may change.",
         "`minimize` 的参数是损失，以及允许它更新的变量列表；后者要写明参数名。"),
        ("`tf.train.AdamOptimizer(learning_rate, beta1)` makes an optimizer, and `.minimize(…, var_list=…)` the operation.",
         "`tf.train.AdamOptimizer(learning_rate, beta1)` 创建优化器，`.minimize(…, var_list=…)` 创建训练操作。"),
    ),
}  # fmt: skip
# questions after the check of a blank, and their answers
WHY = {
    "build": (
        "Suppose D's second call made variables of its own, and only those of the first were trained. What could G learn from it?",
        "Nothing of use. Its verdicts on G's images would come from a network that has never learnt to tell real from fake, so their "
        "gradient would point nowhere in particular.",
        "假如 D 的第二次调用用的是另一组变量，而训练只更新第一组，G 能学到什么？",
        "学不到有用的东西。这时判断 G 的图像的，是一个从没学过分辨真假的网络，它的梯度并不指向更真的图像。",
    ),
    "losses": (
        "What would G learn if the label of `g_loss` were 0?",
        "To draw what D finds out most easily: a loss is small when D's answer is near the label. G would help D.",
        "如果 `g_loss` 的标签是 0，G 会学到什么？",
        "学会画 D 最容易识破的图：D 的输出越接近标签，损失就越小。这样 G 反而帮了 D。",
    ),
    "optimizers": (
        "In D's step, PyTorch code cuts the fakes off from G, by `fake.detach()`. Why is nothing like it needed here?",
        "`minimize` computes gradients only for the variables in its `var_list`, and these are D's. No gradient is sent on into G.",
        "在训练 D 的那一步里，PyTorch 代码用 `fake.detach()` 切断从假图到 G 的梯度。这里为什么不需要这样做？",
        "`minimize` 只对 `var_list` 里的变量求梯度，而那里只有 D 的变量，梯度不会传进 G。",
    ),
}  # fmt: skip
# the rest is for the checks, by the id of a cell or by a kind of sentence
NAMES = {  # what an answer defines
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
KEPT = {  # lines of the cell that are no part of it
    "model-inputs": ["def model_inputs(real_dim, z_dim):"],
    "leaky-relu": ["def leaky_relu(x, alpha):"],
    "generator": ["def generator(z, out_dim, n_units=128, reuse=False, alpha=0.01):"],
    "discriminator": ["def discriminator(x, n_units=128, reuse=False, alpha=0.01):"],
    "cross-entropy": ["def cross_entropy(logits, label):"],
    "build": ["tf.reset_default_graph()", "tf.set_random_seed(seed)"],
    "variables": ["t_vars = tf.trainable_variables()"],
    "optimizers": ["optimized = d_loss, g_loss"],
}
SAYS = {  # in English and in Chinese, and a pattern of the error's text that establishes it
    # whatever the blank; the first pattern that fits counts
    "not-run": ("{name} is not there yet: run the cell above (without a line that begins with %%).",
        "还没有 {name}：请先运行上面的单元格（不要有以 %% 开头的行）。"),
    "not-there": ("The cell does not define {name}: keep the names that stood there.",
        "这个单元格没有定义 {name}：请保留原来的名字。"),
    "kept": ("Keep this line of the cell as it was: {given}",
        "请保留单元格里原来的这一行：{given}"),
    "old-graph": ("The answer is right, but {name} is not in the present graph: see that all checks above are right, then run section 7, and all cells below it.",
        "答案正确，但现在的计算图里没有 {name}：请先确认上面各项检查都正确，再从第 7 节起重新运行各单元格。"),
    "to-write": ("This line is still to be written.",
        "这一行还没有写。",
        r"'ellipsis'|Ellipsis"),
    "tf-layers": ("tf.layers is gone from today's TensorFlow: use dense of section 4, dense(inputs, n_units, name).",
        "如今的 TensorFlow 里没有 tf.layers 了：请用第 4 节的 dense(inputs, n_units, name)。",
        r"tf\.layers|compat\.v1\.layers"),
    "library": ("There is no {match} here: TensorFlow's own functions begin with tf.",
        "这里没有 {match}：TensorFlow 的函数以 tf. 开头。",
        r"name '(torch|nn|F|K|keras|math)' is not defined"),
    "session": ("Only build the graph here: compute nothing yet (no session.run or eval), and make variables only by dense.",
        "这里只搭建计算图：还不要计算（不用 session.run 或 eval），变量只能由 dense 创建。",
        r"name 'sess' is not|must feed a value|FailedPrecondition"),
    "no-name": ("There is no {match}: is it spelt right, and has the cell that defines it been run?",
        "没有 {match} 这个名字：拼写对吗？定义它的单元格运行过吗？",
        r"name '(\w+)' is not defined"),
    "iterating": ("A placeholder or tensor cannot be taken apart by Python: do not loop over it, or assign one to two names.",
        "Python 无法把占位符或张量拆开：不能用循环遍历它，也不能把一个张量拆开赋给两个变量。",
        r"Iterating over"),
    "python-if": ("A tensor has no value yet, so Python's if, and, max and min cannot compare it: use a function of tf.",
        "张量还没有值，Python 的 if、and、max、min 无法比较：请用 tf 的函数。",
        r"as a Python `?bool|OperatorNotAllowedInGraph"),
    "numpy": ("A tensor has no value yet, so NumPy cannot compute with it: use the function of tf.",
        "张量还没有值，NumPy 无法计算：请用 tf 的函数。",
        r"to a (?:NumPy|numpy) array|__array__|attribute 'numpy'|float\(\) argument"),
    "cond": ("tf.cond decides once for a whole tensor, but each of its numbers needs a decision of its own.",
        "tf.cond 对整个张量只判断一次，而每个数都要分别判断。"),
    "other-graph": ("A tensor of another graph is used here. Did you write a name from elsewhere instead of a parameter or a name of this cell, or make a tf.Graph() of your own?",
        "这里用了别的计算图里的张量：是不是误用了别处的变量，而没有用函数的参数或本单元格里的变量？或者另建了 tf.Graph()？",
        r"must be from the same graph|is not an element of this graph"),
    "integer": ("Whole numbers stand here where numbers of type float32 are needed: 0 or 1 should be 0.0 or 1.0, or be multiplied by a tensor.",
        "这里需要 float32 类型的数，现在是整数：0 或 1 应写成 0.0 或 1.0，或与张量相乘。",
        r"type int32"),
    "error": ("This fails: {error}",
        "出错：{error}"),
    "none": ("{name} gives a {found}: expected a tensor, as tf.placeholder and dense make it. (Without return it is a NoneType; a comma at the end of a line makes a tuple.)",
        "{name} 得到的是 {found}，应为张量，即 tf.placeholder 或 dense 所返回的那种。（漏写 return 会得到 NoneType，行末多一个逗号会得到 tuple。）"),
    "two": ("{name} should return two tensors, as the line with return did.",
        "{name} 应返回两个张量，与原来的 return 那一行一样。"),
    "one-number": ("{name} should be one number, the mean over the batch.",
        "{name} 应为一个数，即批次的平均值。"),
    "shape": ("{name} gives the shape {found}: expected {expected}.",
        "{name} 得到的形状是 {found}，应为 {expected}。"),
    "random": ("{name} gives different numbers each time for the same input.",
        "对同样的输入，{name} 每次给出不同的数。"),
    "nan": ("{name} gives infinity, or nan, which is no number: is there a logarithm, a root or a division?",
        "{name} 得到无穷大或 nan（不是数）：是不是用了对数、开方或除法？"),
    "no-gradient": ("The numbers are right, but the gradient that runs back through {name} is not: nothing can be learnt through it.",
        "数值正确，但经过 {name} 传回的梯度不对，这样就无法学习。"),
    "overflow": ("{name} is right for small inputs, but not for large ones, where numbers overflow: use TensorFlow's own function, and logits, not probabilities.",
        "输入较小时 {name} 正确，很大时却会溢出：请用 TensorFlow 自带的函数，并用对数几率而不是概率。"),
    # model_inputs and leaky_relu
    "images-first": ("The sizes are the other way round: first come the images, (None, real_dim), then the latent vectors, (None, z_dim).",
        "大小弄反了：先是图像 (None, real_dim)，后是潜在向量 (None, z_dim)。"),
    "inputs": ("model_inputs(12, 5) makes {found}: expected {expected}.",
        "model_inputs(12, 5) 得到的是 {found}，应为 {expected}。"),
    "slope": ("leaky_relu should be x where x is above zero and alpha * x where it is below, with the alpha that is handed over.",
        "leaky_relu 在 x 大于零处应为 x，小于零处应为 alpha * x，alpha 用传入的值。"),
    # generator and discriminator
    "dense-name": ("dense takes three arguments, and the third is a name: dense(inputs, n_units, name).",
        "dense 有三个参数，第三个是名字：dense(inputs, n_units, name)。",
        r"dense\(\) (missing|takes|got multiple)"),
    "dense-argument": ("dense has no argument {match}: it is dense(inputs, n_units, name). An activation function is called on what dense returns, and reuse is the scope's.",
        "dense 没有参数 {match}，它是 dense(inputs, n_units, name)。激活函数要作用于 dense 的返回值，reuse 是作用域的参数。",
        r"dense\(\) got an unexpected keyword argument '(\w+)'"),
    "dense-inputs": ("Here a {match} stands where a tensor is expected: look at the line that made it. (A comma at its end makes a tuple.)",
        "这里应为张量，得到的却是 {match}：请看创建它的那一行。（行末多一个逗号会得到 tuple。）",
        r"'(\w+)' object has no attribute 'shape'"),
    "quotes": ("A name in quotes is expected here: that of tf.variable_scope, or the third argument of dense(inputs, n_units, name).",
        "这里应有带引号的名字：tf.variable_scope 的名字，或 dense(inputs, n_units, name) 的第三个参数。",
        r"name_or_scope must be"),
    "same-name": ("The same variable is made twice: each dense needs a name of its own.",
        "同一个变量创建了两次：每个 dense 要有自己的名字。",
        r"already exists"),
    "reuse-always": ("No earlier call has made the variable {match}, which is looked for here: give the scope reuse=reuse, not True, and each layer the same name in every call.",
        "要找的变量 {match} 之前没有创建过：作用域的参数应为 reuse=reuse，而不是 True；同一层在每次调用中要用同一个名字。",
        r"Variable (\S+) does not exist"),
    "reuse-never": ("A second call, with reuse=True, makes variables again: hand reuse on to the variable scope, by name, reuse=reuse.",
        "以 reuse=True 再次调用时又去创建变量：请把 reuse 传给变量作用域，并写明参数名：reuse=reuse。"),
    "reuse-new": ("A second call, with reuse=True, makes new variables: only tf.get_variable, and so dense, finds them again.",
        "以 reuse=True 再次调用时又创建了新变量：只有 tf.get_variable（以及用到它的 dense）能找到原来的变量。"),
    "scope": ('These variables lie outside the scope "{name}": {found}. Make all layers inside tf.variable_scope("{name}", reuse=reuse).',
        '这些变量不在作用域 "{name}" 里：{found}。请在 tf.variable_scope("{name}", reuse=reuse) 内创建各层。'),
    "layers": ("For {n_in} inputs, {n_units} hidden units and {n_out} outputs two layers have variables of the shapes {expected}; here are {found}.",
        "有 {n_in} 个输入、{n_units} 个隐藏单元、{n_out} 个输出时，两层的变量形状应为 {expected}，现在是 {found}。"),
    "first-dense": ("The first dense should take the inputs of {name} as they are: the check found no result of such a layer.",
        "第一个 dense 应直接作用于 {name} 的输入：检查没有找到这样算出的结果。"),
    "hidden": ("The first dense is right, but the hidden layer should be leaky_relu(x, alpha) of it, with the alpha that is handed over.",
        "第一个 dense 正确，但对它的输出还要用 leaky_relu(x, alpha)，才得到隐藏层；alpha 用传入的值。"),
    "second-dense": ("The hidden layer is right, but the second dense should take it as it is.",
        "隐藏层正确，但第二个 dense 的输入应当就是隐藏层。"),
    "images": ("The output layer is right, but the images should be its output after one activation function alone, the one that in section 4 keeps pixels between -1 and 1.",
        "输出层正确，但它的输出应当只经过一个激活函数，得到图像：第 4 节讲过这个函数，它使像素在 -1 到 1 之间。"),
    "first-p": ("The logits are right, but the first that is returned should be their sigmoid, the probability of a real image.",
        "对数几率正确，但第一个返回值应为它的 sigmoid，即图像为真的概率。"),
    "second-logits": ("The output layer is right, but the second that is returned should be the logits, its output as it is; the probability comes first.",
        "输出层正确，但第二个返回值应为对数几率，即它的输出本身；概率在前。"),
    # build
    "argument": ("{call} gets {found} as {name}: expected {expected}.",
        "{call} 的参数 {name} 是 {found}，应为 {expected}。"),
    "first-call": ("In the first call of a network its variables do not exist yet: no reuse=True.",
        "网络第一次调用时，变量还不存在，不能写 reuse=True。"),
    "second-call": ("The second call of D must find the variables of the first: reuse=True.",
        "D 的第二次调用必须找到第一次的变量：reuse=True。"),
    "place": ("{call} gets {found} as reuse, which stands before alpha: name the parameter, alpha=alpha.",
        "{call} 的参数 reuse 得到的是 {found}，因为它在 alpha 前面：请写明参数名 alpha=alpha。"),
    "again": ("{call} is called once too often: use what it returned before.",
        "{call} 多调用了一次：请用它之前的返回值。"),
    "build": ("{name} is {found}: model_inputs returns the images first, and discriminator the probability; G draws from input_z, D judges input_real, and then g_model.",
        "{name} 得到的是 {found}：model_inputs 先返回图像，discriminator 先返回概率；G 根据 input_z 画图，D 先判断 input_real，再判断 g_model。"),
    "around": ("{found} is a scope or variable that this cell makes itself: it should only call the three functions, which have scopes of their own.",
        "这个单元格另建了作用域或变量 {found}：这里只需调用三个函数，它们有自己的作用域。"),
    # losses
    "label-shape": ("There is one label, but the loss wants labels of the shape of the logits: tf.ones_like(logits) has this shape.",
        "标签只有一个数，而这个损失函数要求标签与对数几率形状相同：tf.ones_like(logits) 的形状就是这样。",
        r"labels.*must have the same shape"),
    "open-size": ("The batch size is not known yet: tf.ones_like(logits) has the shape of the logits, whatever the batch.",
        "批次大小现在还不知道：无论批次多大，tf.ones_like(logits) 的形状都与 logits 相同。",
        r"partially known TensorShape"),
    "batch": ("With other sizes than the notebook's this cannot be computed: is a size, or a batch size, written into it?",
        "换一种大小就无法计算：是不是写死了某个大小或批次大小？",
        r"^InvalidArgumentError"),
    "logits-first": ("First the logits, then the label: cross_entropy(logits, label).",
        "先写对数几率，再写标签：cross_entropy(logits, label)。"),
    "label": ("{name} has the label {found}: expected {expected}.",
        "{name} 所用的标签是 {found}，应为 {expected}。"),
    "not-mean": ("{name} is the sum over the batch, but should be the mean.",
        "{name} 是批次的和，应为平均值。"),
    "probabilities": ("{name} takes the sigmoid twice: the loss wants logits, not probabilities.",
        "{name} 取了两次 sigmoid：这个损失函数的输入应是对数几率，而不是概率。"),
    "from-logits": ("{name} takes the logits for probabilities: Keras's loss needs from_logits=True.",
        "{name} 把对数几率当成了概率：Keras 的损失函数要写 from_logits=True。"),
    "softmax": ("cross_entropy is always 0, as it is with the softmax of a single number, which is always 1: use the sigmoid.",
        "cross_entropy 总是 0：只对一个数取 softmax，结果总是 1，损失就总是 0。请用 sigmoid。"),
    "swapped": ("Labels and logits are swapped: labels=…, logits=…",
        "labels 和 logits 弄反了：labels=…, logits=…"),
    "cross-entropy": ("cross_entropy is not the mean of -y log p - (1 - y) log(1 - p), where y is the label and p the sigmoid of the logits.",
        "cross_entropy 不等于 -y log p - (1 - y) log(1 - p) 的平均值，其中 y 是标签，p 是对数几率的 sigmoid。"),
    "from": ("{name} is computed from {found}: expected {own}.",
        "{name} 用的是 {found}，应为 {own}。"),
    "loss": ("{name} is not the cross-entropy of its logits and its label: see the table above.",
        "{name} 不等于相应的对数几率与标签的交叉熵：请看上面的表。"),
    "sum": ("d_loss should be the sum of d_loss_real and d_loss_fake.",
        "d_loss 应为 d_loss_real 与 d_loss_fake 之和。"),
    # variables and optimizers
    "list": ("{name} should be a list of variables, in [ ], and is of the type {found}.",
        "{name} 应为变量的列表，写在 [ ] 里，现在的类型是 {found}。"),
    "not-variables": ("{name} should hold the variables themselves: it holds {found}.",
        "{name} 里应是变量本身，现在是 {found}。"),
    "vars": ("{name} holds {found}: expected all variables whose names begin with the network's, as generator/h1/kernel does, and no others. (The check has them in an order of its own.)",
        "{name} 得到的是 {found}：应为名字以该网络开头的全部变量（例如 generator/h1/kernel），不多也不少。（检查时变量的顺序不同。）"),
    "no-operation": ("{name} should be what minimize returns, and is {found}.",
        "{name} 应为 minimize 的返回值，现在是 {found}。"),
    "by-name": ("The second place belongs to another parameter of this function: write the name of yours, as in var_list=…",
        "这个函数的第二个位置属于另一个参数：请写明参数名，例如 var_list=…",
        r"numpy\(\) is only available"),
    "keras-adam": ("Use tf.train.AdamOptimizer here: Keras has another Adam, which has no minimize.",
        "这里要用 tf.train.AdamOptimizer：Keras 的 Adam 是另一种，没有 minimize。",
        r"'Adam' object has no attribute|no attribute '(Adam|optimizers)'"),
    "not-adam": ("{name} does not come from tf.train.AdamOptimizer.",
        "{name} 不是由 tf.train.AdamOptimizer 得到的。"),
    "both-move": ("{name} moves the variables of both networks: which parameter of minimize names those that it may change?",
        "{name} 改动了两个网络的变量：minimize 的哪个参数指定可以更新的变量？"),
    "other-moves": ("{name} moves the other network's variables.",
        "{name} 改动的是另一个网络的变量。"),
    "stands-still": ("{name} moves nothing.",
        "{name} 什么也没有改动。"),
    "some-move": ("{name} moves only some of the variables: it needs all of {list}.",
        "{name} 只改动了一部分变量：应当更新整个 {list}。"),
    "other-loss": ("{name} minimizes {found}: expected {loss}.",
        "{name} 减小的是 {found}，应为 {loss}。"),
    "rate": ("{name} uses a learning rate of {found}, but learning_rate is {rate} in this check: hand learning_rate to the optimizer.",
        "{name} 所用的学习率是 {found}，而检查时 learning_rate 是 {rate}：请把 learning_rate 传给优化器。"),
    "rate-first": ("{name}: the learning rate comes first, then beta1.",
        "{name}：先写学习率，再写 beta1。"),
    "momentum": ("{name} has a momentum of {found}, where beta1 is {beta1} in this check: use the parameter.",
        "{name} 的动量系数是 {found}，而检查时 beta1 是 {beta1}：请用这个参数。"),
    "own-adam": ("Both come from one optimizer, which then counts the steps of both together: each network needs one of its own.",
        "两个训练操作出自同一个优化器，步数会混在一起：每个网络要有自己的优化器。"),
    "optimizer": ("{name} does not move as Adam with learning_rate and beta1 does on its loss.",
        "{name} 的更新与用 learning_rate 和 beta1 的 Adam 减小相应损失时的更新不符。"),
}  # fmt: skip
