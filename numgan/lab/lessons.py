"""Six lessons: each an experiment as a sequence of states and sentences, in two languages.

A step is a text and commands of the protocol. `next` carries out the step's own commands; a jump
carries out those of all steps from the first on, without playing in between: so a step is the same
state however it was reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

Command = dict[str, Any]
Words = dict[str, str]


class Step(NamedTuple):
    """What is said, and what is done for it."""

    text: Words
    do: tuple[Command, ...]


class Lesson(NamedTuple):
    """A chapter's experiment."""

    title: Words
    steps: tuple[Step, ...]


def step(en: str, zh: str, *do: Command) -> Step:
    """A step in both languages."""
    return Step({"en": " ".join(en.split()), "zh": "".join(zh.split("\n"))}, do)


def restart(**choices: Any) -> Command:
    """Begin a new run with these choices."""
    return {"do": "restart", "choices": choices}


def train(times: int, player: str = "both") -> Command:
    """Train this many times: both players, or one."""
    return {"do": "step", "player": player, "times": times}


def settings(**settings: Any) -> Command:
    """Set these in the run that stands, as its controls do."""
    return {"do": "set", "settings": settings}


def watch(*show: str, field: str = "D") -> Command:
    """Show these views, and colour the plane by this field."""
    return {"do": "watch", "show": list(show), "field": field}


def second_game(**change: Any) -> Command:
    """Begin a second game beside the first, with these choices changed."""
    return {"do": "two", "change": change}


PLAY: Command = {"do": "play"}
ADAM = {"optimizer": "adam", "beta1": 0.5, "penalty": None, "k": 1, "k_g": 1, "batch": 128}
ADAM |= {"rule": "alternating"}
PAIR = {"activation": "relu", "activation_d": "leaky_relu", "pack": 1, "seed": 0}
LINE = {**ADAM, **PAIR, "dataset": "gaussian", "latent": 1, "hidden": [32, 32]}
LINE |= {"lr_d": 1e-3, "lr_g": 1e-3, "activation": "leaky_relu"}
RING = {**ADAM, **PAIR, "dataset": "ring", "latent": 2, "hidden": [64, 64]}
RING |= {"lr_d": 2e-3, "lr_g": 2e-3}
ALWAYS = ("data", "samples", "field", "curves")

BESIDE = Lesson(
    {"en": "D beside D*", "zh": "D 与 D*"},
    (
        step(
            """The data are N(1, 2²), G has one latent. Beside D stands the best D there is, D* =
            p/(p + q) (E18): p is known, and q is a sum over preimages (E12), so D* is exact.
            Nothing is trained yet.""",
            """数据服从 N(1, 2²)，G 有一个隐变量。D 旁边画的是最好的判别器 D* = p/(p + q)（E18）：
p 已知，q 是对原像求和（E12），所以 D* 是精确的。现在还没有训练。""",
            restart(**LINE, objective="minimax"),
            watch(*ALWAYS, "manifold"),
        ),
        step(
            """300 ascents of D, while G waits (E31). Where there are points D lies on D*; where
            there are none, nothing says what D should be.""",
            """D 上升 300 步，G 等待（E31）。有点的地方 D 落在 D* 上；没有点的地方，没有
什么规定 D 的取值。""",
            train(300, "d"),
        ),
        step(
            """30 descents of G (E32). G follows the slope of D, q moves, and with it D*. D stays
            behind: it is the best answer to a G that is gone.""",
            """G 下降 30 步（E32）。G 沿着 D 的斜率走，q 移动，D* 也随之移动。D 留在后面：
它是对已经过去的 G 的最佳回答。""",
            train(30, "g"),
        ),
        step(
            """Now both play. V rises to −log 4 and D to ½ (E20, E25): where p = q, even the best D
            can only guess.""",
            """现在双方一起训练。V 升向 −log 4，D 趋于 ½（E20、E25）：当 p = q 时，最好的 D 也
只能猜。""",
            PLAY,
        ),
    ),
)

LAG = Lesson(
    {"en": "k and lag", "zh": "k 与滞后"},
    (
        step(
            """D has one step for each step of G, and a small learning rate. Look at D beside D*: D
            answers a G of some time ago.""",
            """G 每走一步，D 也只走一步，而且学习率较小。看 D 与 D*：D 回答的是一段时间以
前的 G。""",
            restart(**{**LINE, "lr_d": 3e-4}, objective="minimax"),
            watch(*ALWAYS, field="difference"),
            train(150),
        ),
        step(
            """Two games from this very state: at the right k = 10, so that D has ten steps for
            each of G (Algorithm 1). All else is the same.""",
            """从这个状态开始的两局：右边 k = 10，D 每次走十步（算法 1）。其余都相同。""",
            second_game(k=10),
            train(300),
        ),
        step(
            """At the right D lies closer to D*. That costs ten times as many steps of D. Play on,
            and watch which G comes to the data first.""",
            """右边的 D 更贴近 D*，代价是 D 的步数多十倍。继续训练，看哪个 G 先到达数据。""",
            PLAY,
        ),
    ),
)

SATURATION = Lesson(
    {"en": "Saturating or not", "zh": "饱和与不饱和"},
    (
        step(
            """The ring, and 1,000 ascents of D while G waits: D is sure of itself, D(G(z)) is
            nearly 0 for almost every sample.""",
            """圆环数据。D 上升 1,000 步，G 等待：D 很有把握，对几乎每个样本 D(G(z)) 都接近 0。""",
            restart(**RING, objective="minimax"),
            watch(*ALWAYS, "arrows"),
            train(1000, "d"),
        ),
        step(
            """The same state twice, and arrows of one scale (E35). At the left G descends log(1 −
            D), the game of the derivation: its slope at the logit is −D, and D is nearly 0. At
            the right G descends −log D: its slope is −(1 − D) (E34). The directions are the
            same.""",
            """同一个状态的两局，箭头用同一比例（E35）。左边 G 下降 log(1 − D)，即推导中
的博弈：它在 logit 处的斜率是 −D，而 D 几乎为 0。右边 G 下降 −log D，斜率
是 −(1 − D)（E34）。方向相同。""",
            second_game(objective="nonsaturating"),
        ),
        step(
            """Plain gradient steps show it best, for Adam divides the length away (E36). Both games
            go on with SGD for 200 iterations: the right one is at the ring, the left one is far
            from it.""",
            """用普通梯度步最清楚，因为 Adam 会把长度除掉（E36）。两局都改用 SGD，
再走 200 次迭代：右边到了圆环，左边还离得很远。""",
            settings(optimizer="sgd", lr_d=0.01, lr_g=0.01),
            train(200),
        ),
        step(
            """Play on. The optimum of both is the same; the way there is not.""",
            """继续训练。两者的最优点相同，到那里的路不同。""",
            PLAY,
        ),
    ),
)

COLLAPSE = Lesson(
    {"en": "Mode collapse and packing", "zh": "模式崩溃与打包"},
    (
        step(
            """A hard game for G: D takes three steps for each of G, G descends the saturating
            value, and D has ReLUs. After 1,500 iterations look at the modes: several have no
            samples.""",
            """对 G 很难的一局：D 每次走三步，G 用会饱和的目标，D 用 ReLU。1,500 次迭代后
看模式：有几个没有样本。""",
            restart(**{**RING, "k": 3, "activation_d": "relu"}, objective="minimax"),
            watch(*ALWAYS),
            train(1500),
        ),
        step(
            """One sample at a time, D cannot see that others are missing: each of those that are
            there looks like data.""",
            """一次只看一个样本，D 看不出还缺别的样本：在场的每一个都像数据。""",
        ),
        step(
            """The same game, and D judges four samples together (L10, PacGAN). Four that are alike
            give themselves away. The same 1,500 iterations.""",
            """同样的一局，但 D 一次判断四个样本（L10，PacGAN）。四个彼此相像的样本会露出
马脚。同样 1,500 次迭代。""",
            restart(pack=4),
            train(1500),
        ),
        step("Play on.", "继续训练。", PLAY),
    ),
)

AXIS = Lesson(
    {"en": "R1 and the axis", "zh": "R1 与虚轴"},
    (
        step(
            """Wasserstein's value, and nothing that bounds D. The eigenvalues of the game's
            Jacobian (E38) show what two players do that one cannot: pairs far from the real
            axis, around which the game turns.""",
            """Wasserstein 目标，而且没有限制 D。博弈雅可比矩阵的特征值（E38）显示了两个
参与者才有的现象：远离实轴的共轭对，博弈绕着它转。""",
            restart(**{**LINE, "hidden": [16]}, objective="wasserstein"),
            watch(*ALWAYS, "spectrum"),
            train(1500),
        ),
        step(
            """V does not settle: as far as D may rise, it does. A real part above 0 means that the
            linear game moves away; the step below which it converges is then 0.""",
            """V 停不下来：D 能升多高就升多高。实部大于 0 表示线性化的博弈会远离；此时能
收敛的步长为 0。""",
            train(500),
        ),
        step(
            """R1 (E46): D pays for its slope at the data. The penalty adds −γ∇²R to D's part of
            the Jacobian, which moves eigenvalues to the left, and V comes back to 0.""",
            """R1（E46）：D 为它在数据处的斜率付费。惩罚项给雅可比矩阵中 D 的部分加上 −γ∇²R，
把特征值推向左边，V 回到 0。""",
            settings(penalty="r1", weight=1.0),
            train(1500),
        ),
        step(
            """Play on, and change the weight. On a minibatch the point is no exact equilibrium, so
            a small eigenvalue may stay at the right.""",
            """继续训练，并改变权重。在小批量上这一点不是精确的平衡点，所以右边可能留有一
个小的特征值。""",
            PLAY,
        ),
    ),
)

STAR = [
    [round(x + dx, 3), round(y + dy, 3)]
    for n in range(40)
    for x, y in [((n - 20) / 20, 0.0), (0.0, (n - 20) / 20), ((n - 20) / 28, (n - 20) / 28)]
    for dx, dy in [(0.0, 0.0), (0.02, -0.02), (-0.02, 0.02)]
]
OWN = Lesson(
    {"en": "Draw your own", "zh": "画自己的数据"},
    (
        step(
            """Data drawn by hand: three strokes that cross. Here no density is known, so D* is
            estimated, and says so.""",
            """手绘的数据：三条相交的线。这里密度未知，所以 D* 是估计的，并且如实说明。""",
            {"do": "draw", "points": STAR},
            watch(*ALWAYS, "manifold"),
        ),
        step(
            """A thousand iterations. G bends the grid of its latents (the manifold) to the
            strokes; between them it cannot tear, and leaves threads.""",
            """一千次迭代。G 把隐变量的网格（流形）弯到线条上；它不能撕裂，于是在线条之间
留下细丝。""",
            train(1000),
        ),
        step(
            """Now draw your own: the brush is at the side. Then play. What is hard for it: gaps,
            thin lines, few points?""",
            """现在画你自己的数据：画笔在旁边。然后开始训练。什么对它最难：缺口、细线，还
是点太少？""",
        ),
    ),
)

LESSONS: Sequence[Lesson] = (BESIDE, LAG, SATURATION, COLLAPSE, AXIS, OWN)


def commands(number: int, step: int, after: tuple[int, int] | None) -> list[Command]:
    """What leads to a step of a lesson: from the step before it, its own commands; from elsewhere
    those of all steps up to it."""
    steps = LESSONS[number - 1].steps
    if step and after == (number, step - 1):
        return list(steps[step].do)
    before = [command for s in steps[:step] for command in s.do if command != PLAY]
    alone = [{"do": "two", "change": None}]
    return [*alone, *before, *steps[step].do]
