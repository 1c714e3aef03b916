"""What the exercise edition says: its own texts, the tasks, and the sentences of the checks, each in English and Chinese."""

HOW_TO = (
    "**This is the exercise edition** of Part 1: you build a GAN yourself. Take two to three hours. Nine cells have dots, `...`, "
    "which are yours to fill in. Above each stands your task, with a hint to unfold, and in the hint a second one. Below each stands "
    "a check. Run your cell, then the check: it says in a sentence what is wrong and, where it can, in which line. It tries your cell "
    "with other sizes and settings than the notebook's, so write these by their names. Where your own cell ends in a long error, "
    "read its last line, and run the check all the same. When the last check is right, your GAN trains.\n\n"
    "Run the cells in their order. Once all is right and you try experiments of your own, set `experimenting = True`, in section 2: "
    "the checks then still tell, but stop nothing.",
    "**这是练习版**，内容是第一部分：由你亲手搭建一个 GAN，需要两到三小时。有九个单元格带有 `...`，由你来写。每个空白的上面是任务，"
    "折叠着一条提示，提示里还折叠着更具体的一条；下面是检查单元格。先运行你写的单元格，再运行检查：它用一句话指出哪里不对，"
    "并尽量显示是哪一行。检查时所用的大小和设置与笔记本不同，所以请用名字来写，不要写成数。如果你的单元格报出很长的错误，请读最后一行，然后照样运行检查。最后一项检查通过之后，你的 GAN 就可以训练了。\n\n"
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

两个小型神经网络在进行一场博弈（game，即双方对抗的游戏）：一个伪造手写数字，另一个设法识破伪造。没有人告诉它们什么是 3，可是像数字的图像会出现。你将亲手搭建这两个网络，看它们对抗，再仔细检查画出来的图像。

你需要会 Python，了解一点 NumPy，并大致知道神经网络是什么。除了 Python 软件包，什么都不用下载，数据就在仓库里。每段英文下面都折叠着对应的中文。

它移植自 [udacity/deep-learning 的 `gan_mnist`](https://github.com/udacity/deep-learning/tree/master/gan_mnist)（MIT 许可证），保留了原教程的 TensorFlow 1.x 风格。""",
)
END = (
    """The images change gradually, since G is a continuous function. And there lies a fault that more training may narrow, but not
mend: digits come in ten kinds, and somewhere on the way from one kind to another G must pass through shapes that are neither.

**You have built the classic GAN**, trained it, and drawn with it. You know how the two networks play, why their losses do not
measure quality, and what you do not like about the digits. How many of them can be read, and how to draw much better ones, say
Parts 2 and 3: they are in `gan_mnist.ipynb`, with all that you have written here.""",
    """图像逐渐变化，因为 G 是连续函数。这里有一个毛病，多训练只能减轻，不能消除：数字只有十种，从一种走到另一种，途中某处 G 必然会画出两者都不是的形状。

**你已经搭建了经典的 GAN**，训练了它，还用它画了图。你知道了两个网络怎样对抗，为什么它们的损失不能衡量质量，也看到了画出的数字有哪些毛病。有多少数字认得出来，怎样才能画得好得多，请看第二、第三部分：它们在 `gan_mnist.ipynb` 里，那里也有你在这里所写的全部代码。""",
)
REPLACED = {  # what would point to other parts
    "(Do smoothing and this loss matter here? Experiments 2 and 3 at the end ask.)": "",
    "标签平滑和这个损失在这里是否要紧？文末的实验 2 和实验 3 会来检验。": "",
    "How many of all images can be read, Part 2 will count. First, where": "Where",
    "可辨认的图像占多少，留到第二部分再统计。先来看看，": "来看看，",
    "；第三部分另有一组设置，见第 16 节": "",
    "；例如设为 2，两个 GAN 就都只训练 2 轮": "，例如设为 2",
    "所有报错信息和提示的意思，见第 19 节末尾的表。": "",
    # here the cell may be run again, after a mistake
    'assert len(tf.global_variables()) == len(t_vars), "run section 7 first, then 8 and 9"\n': "",
    "如果要再次运行下面这个单元格，请先重新运行第 7、8 节，否则会报错。": "",
}
SCOPE = (
    "Before you write one yourself, see what a scope does. The first time, `shop` makes its variable. The second time, with "
    "`reuse=True`, it finds the same one again.",
    "自己动手写之前，先看看作用域的作用。第一次，`shop` 创建它的变量；第二次，因为 `reuse=True`，它找到的是同一个变量。",
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
         "写出生成器：在变量作用域 `generator` 里，写一个有 `n_units` 个单元的隐藏层，经过 Leaky ReLU，再写一个有 `out_dim` 个单元的输出层，"
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
        ("Build the network: the two inputs, what G draws of `input_z`, what D says of the real images, and what the same D says of "
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
        ("`tf.ones_like(logits)` has the shape, with ones; multiply it. `tf.reduce_mean` makes one number of many.",
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
         "按名字的开头，把变量分成 G 的和 D 的两个列表。"),
        ("Each variable has a `.name`. How do the names of G's begin?", "每个变量都有 `.name`。G 的变量名以什么开头？"),
        ('A list comprehension: `[var for var in t_vars if …]`. Of a text, `.startswith("ab")` tells whether it begins so.',
         '用列表推导式：`[var for var in t_vars if …]`。字符串的 `.startswith("ab")` 判断它是否以此开头。'),
    ),
    "optimizers": (
        ("Make the two training operations: for each network the `minimize` of an Adam optimizer of its own, with `learning_rate` and "
         "`beta1`.",
         "创建两个训练操作：每个网络各用一个以 `learning_rate` 和 `beta1` 为参数的 Adam 优化器的 `minimize`。"),
        ("`minimize` takes a loss and, by name, the list of variables that it may change.",
         "`minimize` 的参数是损失，以及（写明参数名的）可以更新的变量的列表。"),
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
        "在 D 的一步里，PyTorch 代码用 `fake.detach()` 把假图与 G 断开。这里为什么不需要？",
        "`minimize` 只对 `var_list` 里的变量求梯度，而那里只有 D 的变量，梯度不会传进 G。",
    ),
}  # fmt: skip
SAYS = {
    "not-run": ("{name} is not there yet: run the cell above.",
        "还没有 {name}：请先运行上面的单元格。"),
    "to-write": ("This line is still to be written.",
        "这一行还没有写。"),
    "error": ("This fails: {error}",
        "出错：{error}"),
    "no-name": ("There is no {match}: is it spelt so, and was the cell run that defines it?",
        "没有 {match} 这个名字：拼写对吗？定义它的单元格运行过吗？"),
    "tf-layers": ("tf.layers is gone from today's TensorFlow: use dense of section 4, dense(inputs, n_units, name).",
        "如今的 TensorFlow 里没有 tf.layers 了：请用第 4 节的 dense(inputs, n_units, name)。"),
    "dense-name": ("dense takes three arguments, and the third is a name: dense(inputs, n_units, name).",
        "dense 有三个参数，第三个是名字：dense(inputs, n_units, name)。"),
    "dense-activation": ("dense has no such argument: call the activation function on what dense returns.",
        "dense 没有这个参数：请对 dense 的返回值调用激活函数。"),
    "same-name": ("In the first call a variable is made twice: each dense needs a name of its own.",
        "第一次调用时，同一个变量创建了两次：每个 dense 要有自己的名字。"),
    "reuse-always": ("The first call looks for variables that do not exist yet: the scope should get reuse=reuse, not reuse=True.",
        "第一次调用时就去找还不存在的变量：作用域的参数应为 reuse=reuse，而不是 reuse=True。"),
    "reuse-never": ("A second call, with reuse=True, makes variables again: hand reuse on to the variable scope, by name, reuse=reuse.",
        "以 reuse=True 再次调用时又去创建变量：请把 reuse 传给变量作用域，并写明参数名：reuse=reuse。"),
    "python-if": ("A tensor has no value yet, so Python's if, and, max and min cannot compare it: use a function of tf.",
        "张量还没有值，Python 的 if、and、max、min 无法比较：请用 tf 的函数。"),
    "numpy": ("A tensor has no value yet, so NumPy cannot compute with it: use the function of tf.",
        "张量还没有值，NumPy 无法计算：请用 tf 的函数。"),
    "cond": ("tf.cond decides once for a whole tensor, but each of its numbers needs a decision of its own.",
        "tf.cond 对整个张量只判断一次，而每个数都要分别判断。"),
    "label-shape": ("There is one label, but the loss wants labels of the shape of the logits: tf.ones_like(logits) has this shape.",
        "标签只有一个数，而这个损失函数要求标签与对数几率形状相同：tf.ones_like(logits) 的形状就是这样。"),
    "batch": ("With other sizes than the notebook's this cannot be computed: is a size, or a batch size, written into it?",
        "换一种大小就无法计算：是不是写死了某个大小或批次大小？"),
    "none": ("{name} gives {found}, where a tensor is expected.",
        "{name} 得到的是 {found}，应为张量。"),
    "two": ("{name} should return two tensors, {what}.",
        "{name} 应返回两个张量：{what}。"),
    "images-first": ("The images come first, then the latent vectors.",
        "先返回图像，再返回潜在向量。"),
    "cuts-off": ("Below zero it cuts off, like a ReLU: there should be a slope of alpha.",
        "零以下被截断了，与 ReLU 一样：这里应保留斜率 alpha。"),
    "scope": ('These variables lie outside the scope "{name}": {found}. Make all layers inside tf.variable_scope("{name}", reuse=reuse).',
        '这些变量不在作用域 "{name}" 里：{found}。请在 tf.variable_scope("{name}", reuse=reuse) 内创建各层。'),
    "layers": ("For {n_in} inputs, {n_units} hidden units and {n_out} outputs two layers have variables of the shapes {expected}; here are {found}.",
        "有 {n_in} 个输入、{n_units} 个隐藏单元、{n_out} 个输出时，两层的变量形状应为 {expected}，现在是 {found}。"),
    "no-gradient": ("The numbers are right, but the gradient that runs back through {name} is not: nothing can be learnt through it.",
        "数值正确，但经过 {name} 传回的梯度不对，这样就无法学习。"),
    "sigmoid-image": ("The images are from 0 to 1: which function gives -1 to 1?",
        "图像的取值在 0 到 1 之间：哪个函数的结果在 -1 到 1 之间？"),
    "no-tanh": ("Pixels lie outside -1 to 1: which function keeps them there?",
        "像素超出了 -1 到 1：哪个函数使它们在这个范围内？"),
    "logits-p": ("The second that is returned is a probability: it should be the logits, which go into the sigmoid. The probability comes first.",
        "第二个返回值是概率，应为对数几率，即送入 sigmoid 之前的值。概率应是第一个。"),
    "no-sigmoid": ("The first should be the sigmoid of the logits.",
        "第一个返回值应为对数几率的 sigmoid。"),
    "network": ("{name} is not what its layers and activation functions should give: see the picture of section 4.",
        "{name} 的结果与各层和激活函数应有的结果不符：请看第 4 节的图。"),
    "around": ("{found} is made around or beside the networks: this cell only calls the three functions, which have scopes of their own.",
        "网络外面还有 {found}：这个单元格只调用三个函数，它们有自己的作用域。"),
    "first-call": ("In the first call of a network its variables do not exist yet: no reuse=True. Name the parameter alpha, alpha=alpha, since reuse stands before it.",
        "网络第一次调用时，变量还不存在，不能写 reuse=True。alpha 前面还有参数 reuse，所以请写明参数名：alpha=alpha。"),
    "second-call": ("The second call of D must find the variables of the first: reuse=True.",
        "D 的第二次调用必须找到第一次的变量：reuse=True。"),
    "build": ("{name} is {found}: G draws from input_z; D judges input_real, and then g_model, and returns the probability first.",
        "{name} 得到的是 {found}：G 根据 input_z 画图；D 先判断 input_real，再判断 g_model，返回值中概率在前。"),
    "old-graph": ("The answer is right, but {name} is not in the present graph: run section 7, and then all cells below it.",
        "答案正确，但现在的计算图里没有 {name}：请从第 7 节起重新运行各单元格。"),
    "twice": ("The answer is right, but the present graph has more in it than this cell makes, or less: run the whole cell, from its first line.",
        "答案正确，但现在的计算图与这个单元格所搭建的不同：请从第一行起运行整个单元格。"),
    "one-number": ("{name} should be one number, the mean over the batch.",
        "{name} 应为一个数，即批次的平均值。"),
    "not-mean": ("{name} is the sum over the batch, but should be the mean.",
        "{name} 是批次的和，应为平均值。"),
    "probabilities": ("{name} takes the sigmoid twice: the loss wants logits, not probabilities.",
        "{name} 取了两次 sigmoid：这个损失函数的输入应是对数几率，而不是概率。"),
    "no-label": ("cross_entropy gives the same loss for any label.",
        "cross_entropy 对任何标签都给出同样的损失。"),
    "cross-entropy": ("cross_entropy is not the mean of -y log p - (1 - y) log(1 - p), p the sigmoid of the logits.",
        "cross_entropy 不等于 -y log p - (1 - y) log(1 - p) 的平均值，其中 p 是对数几率的 sigmoid。"),
    "other-logits": ("{name} is computed from the logits of the other images.",
        "{name} 用的是另一种图像的对数几率。"),
    "label": ("{name} has a label of {found}, where smooth is {smooth} in this check: see the table above, and write smooth by its name.",
        "{name} 所用的标签是 {found}，而检查时 smooth 是 {smooth}：请看上面的表，smooth 请用名字来写。"),
    "loss": ("{name} is not the cross-entropy of its logits and its label: see the table above.",
        "{name} 不等于相应的对数几率与标签的交叉熵：请看上面的表。"),
    "sum": ("d_loss should be the sum of d_loss_real and d_loss_fake.",
        "d_loss 应为 d_loss_real 与 d_loss_fake 之和。"),
    "list": ("{name} should be a list of variables, in [ ], and is a Python {found}.",
        "{name} 应为变量的列表，写在 [ ] 里，现在是 Python 的 {found}。"),
    "not-variables": ("{name} should hold the variables themselves: it holds {found}.",
        "{name} 里应是变量本身，现在是 {found}。"),
    "vars": ("Where the variables are {all}, {name} holds {found}: go by the beginning of their names.",
        "如果变量是 {all}，{name} 得到的是 {found}：请按名字的开头来分。"),
    "no-operation": ("{name} should be what minimize returns, and is {found}.",
        "{name} 应为 minimize 的返回值，现在是 {found}。"),
    "both-move": ("{name} moves the variables of both networks: which parameter of minimize names those that it may change?",
        "{name} 改动了两个网络的变量：minimize 的哪个参数指定可以更新的变量？"),
    "other-moves": ("{name} moves the other network's variables.",
        "{name} 改动的是另一个网络的变量。"),
    "stands-still": ("{name} moves nothing.",
        "{name} 什么也没有改动。"),
    "ascent": ("{name} makes its loss larger.",
        "{name} 使损失变大了。"),
    "other-loss": ("{name} minimizes {found}: expected {loss}.",
        "{name} 减小的是 {found}，应为 {loss}。"),
    "rate": ("{name} takes steps of {found}, where learning_rate is {rate} in this check: use the parameter.",
        "{name} 的步长是 {found}，而检查时 learning_rate 是 {rate}：请用这个参数。"),
    "momentum": ("{name} has a momentum of {found}, where beta1 is {beta1} in this check: use the parameter.",
        "{name} 的动量系数是 {found}，而检查时 beta1 是 {beta1}：请用这个参数。"),
    "optimizer": ("{name} does not move as Adam with learning_rate and beta1 does on its loss.",
        "{name} 的更新与使用 learning_rate 和 beta1 的 Adam 不符。"),
    "not-there": ("The cell does not define {name}: keep the names on the left.",
        "这个单元格没有定义 {name}：请保留左边的名字。"),
    "by-name": ("The second parameter of this function is another one: name yours, as in var_list=…",
        "这个函数的第二个参数不是它：请写明参数名，例如 var_list=…"),
    "other-graph": ("This line uses a tensor of another graph: is a name from elsewhere in place of a parameter or of a name of this cell?",
        "这一行用了别的计算图里的张量：是不是该用参数或这个单元格里的名字，却用了别处的名字？"),
    "integer": ("Here are integers where numbers of type float32 are needed: the label may be 0 or 1.",
        "这里需要 float32 类型的数，现在是整数：标签可能是整数 0 或 1。"),
    "session": ("Nothing is to be computed here yet: build the graph only, without session.run.",
        "这里还不需要计算：只搭建计算图，不要运行会话。"),
    "reuse-new": ("A second call, with reuse=True, makes new variables: only tf.get_variable, and so dense, finds them again.",
        "以 reuse=True 再次调用时又创建了新变量：只有 tf.get_variable（以及用到它的 dense）能找到原来的变量。"),
    "shape": ("{name} has the shape {found}: expected {expected}.",
        "{name} 的形状是 {found}，应为 {expected}。"),
    "random": ("{name} gives other numbers each time, for the same input.",
        "对同样的输入，{name} 每次给出不同的数。"),
    "hidden": ("The hidden layer has {found}: expected a leaky ReLU with the slope alpha.",
        "隐藏层所用的是 {found}，应为斜率是 alpha 的 Leaky ReLU。"),
    "leaky-out": ("The output layer has a leaky ReLU: it belongs to the hidden layer alone.",
        "输出层也用了 Leaky ReLU：它只用于隐藏层。"),
    "tanh-p": ("The first is a tanh, from -1 to 1, and no probability.",
        "第一个返回值是 tanh，在 -1 到 1 之间，不是概率。"),
    "fake-p": ("The first is the probability of a fake, not of a real image.",
        "第一个返回值是图像为假的概率，应为图像为真的概率。"),
    "sigmoid-twice": ("The sigmoid is taken twice.",
        "取了两次 sigmoid。"),
    "overflow": ("{name} becomes infinite or no number where the logits are large: compute from the logits, not from probabilities.",
        "对数几率很大时，{name} 成了无穷大或 NaN：请由对数几率计算，不要由概率计算。"),
    "argument": ("{call} gets {found} as {name}: expected {expected}. (The check uses other sizes than the notebook.)",
        "{call} 的参数 {name} 是 {found}，应为 {expected}。（检查所用的大小与笔记本不同。）"),
    "logits-first": ("First the logits, then the label: cross_entropy(logits, label).",
        "先写对数几率，再写标签：cross_entropy(logits, label)。"),
    "some-move": ("{name} moves only some of the variables: it needs all of {list}.",
        "{name} 只改动了一部分变量：应当更新整个 {list}。"),
    "rate-first": ("{name}: the learning rate comes first, then beta1.",
        "{name}：先写学习率，再写 beta1。"),
    "own-adam": ("Both come from one optimizer, which mixes up their steps: each network needs one of its own.",
        "两个训练操作出自同一个优化器，步数会混在一起：每个网络要有自己的优化器。"),
    "last-line": ("Leave the last line of the cell as it was: optimized = d_loss, g_loss.",
        "请保留单元格的最后一行：optimized = d_loss, g_loss。"),
    "slope": ("It should be x above zero and alpha * x below it, with the alpha that is handed over.",
        "零以上应为 x，零以下应为 alpha * x，alpha 用传入的值。"),
    "tanh-twice": ("The tanh is taken twice.",
        "取了两次 tanh。"),
    "inputs": ("model_inputs(12, 5) makes {found}: expected {expected}.",
        "model_inputs(12, 5) 得到的是 {found}，应为 {expected}。"),
}  # fmt: skip
