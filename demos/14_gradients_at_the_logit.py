# %% [markdown]
# # 14 · The gradient at the logit, nineteen times (E33, E34, E41, E42, E43, E54)
#
# *Nineteen objectives differ in three numbers at the logit, and in the pull on a sample at D's
# best.*
#
# **Needs.** Chapter 11 (E33), chapter 12 (E34), chapter 13 (E41-E43).
#
# An objective enters a network only by the numbers with which backpropagation starts: one at the
# logit of each datum, one at the logit of each sample, and another one there in the step of $G$.
# For the game of the derivation they are
#
# $$\frac{\partial\tilde V}{\partial a(x^i)} = \frac{1-\sigma(a)}{m},\qquad
# \frac{\partial\tilde V}{\partial a(\tilde x^i)} = -\frac{\sigma(a)}{m} \qquad (\mathrm{E33})$$
#
# Change the objective and these three curves change; the networks, the chain rule and the loop do
# not. So many GANs fit on one sheet of small pictures, with two questions for each: where is the
# gradient of $G$ nearly zero, and what is it when $D$ is at its best?

# %%
import numpy as np
from figure import (
    DATA,
    JUDGE,
    LEVEL,
    LINES,
    MODEL,
    answer,
    below,
    equal,
    heading,
    line,
    options,
    panels,
    save,
)

from numgan.check import complex_step, exactly, jacobian
from numgan.check import line as along
from numgan.objectives import OBJECTIVES
from numgan.theory.ftable import GAN, HELLINGER, JS, KL, PEARSON, REVERSE_KL, TOTAL_VARIATION

run = options()

LABEL = {name: "E42" if name.startswith("f-") else "E43" for name in OBJECTIVES}
LABEL |= {"minimax": "E33", "nonsaturating": "E34", "relativistic": "E33"}
LABEL |= {name: "E54" for name, objective in OBJECTIVES.items() if objective.paired}
WHO = ("D on data", "D on samples", "G")

# %% [markdown]
# ## Nineteen pairs of functions, differentiated twice over
#
# Six logits of data and six of samples. Each objective's value is a function of these twelve
# numbers. The complex step of chapter 9 differentiates it numerically, and the library's gradient
# is the same to the last digits. The factor $1/m$ is in it already: no layer ever divides by $m$.

# %%
a_real, a_fake = np.array([[-3.1, -1.4, -0.2, 0.3, 0.9, 2.6], [-2.7, -1.2, -0.6, 0.1, 1.3, 2.2]])[
    ..., None
]
heading("largest difference of 18 numbers from the complex step of the value")
for name, objective in OBJECTIVES.items():
    by_hand = (*objective.gradient(a_real, a_fake), objective.generator_gradient(a_fake, a_real))
    without_thinking = (
        jacobian(lambda a, o=objective: o.value(a, a_fake), a_real, exactly).value,
        jacobian(lambda a, o=objective: o.value(a_real, a), a_fake, exactly).value,
        jacobian(lambda a, o=objective: o.generator_value(a, a_real), a_fake, exactly).value,
    )
    apart = max(
        np.abs(mine - other).max() for mine, other in zip(by_hand, without_thinking, strict=True)
    )
    equal(LABEL[name], f"{name}: D on data, D on samples, G", apart, 0.0)

# %% [markdown]
# ## The same in closed form
#
# With pencil and paper, $m = 1$. "Label minus prediction", $1-D$ and $0-D$, is how to remember the
# first. The relativistic game compares one logit with the other side's mean, a paired one with the
# other side's logit; there that is put to 0. What is left of the paired games is $f'$ (E54): the
# datum enters $b=a(x)-a(G(z))$ with a plus and the sample with a minus.


# %%
def s(a):
    """σ(a), as on paper."""
    return 1 / (1 + np.exp(-a))


def sech2(a):
    """1/cosh²(a), the derivative of tanh."""
    return np.cosh(a) ** -2


ON_PAPER = {  # ∂/∂a for D on data, for D on samples, for G
    "minimax": (lambda a: 1 - s(a), lambda a: -s(a), lambda a: -s(a)),
    "nonsaturating": (lambda a: 1 - s(a), lambda a: -s(a), lambda a: s(a) - 1),
    "leastsquares": (lambda a: 1 - a, lambda a: -a, lambda a: a - 1),
    "leastsquares-pearson": (lambda a: 1 - a, lambda a: -1 - a, lambda a: a),
    "hinge": (lambda a: 1.0 * (a < 1), lambda a: -1.0 * (a > -1), lambda a: -1 + 0 * a),
    "wasserstein": (lambda a: 1 + 0 * a, lambda a: -1 + 0 * a, lambda a: -1 + 0 * a),
    "f-kl": (lambda a: 1 + 0 * a, lambda a: -np.exp(a - 1), lambda a: -np.exp(a - 1)),
    "f-reverse-kl": (lambda a: np.exp(-a), lambda a: -1 + 0 * a, lambda a: -1 + 0 * a),
    "f-pearson": (lambda a: 1 + 0 * a, lambda a: -1 - a / 2, lambda a: -1 - a / 2),
    "f-hellinger": (lambda a: np.exp(-a), lambda a: -np.exp(a), lambda a: -np.exp(a)),
    "f-js": (lambda a: (1 - s(a)) / 2, lambda a: -s(a) / 2, lambda a: -s(a) / 2),
    "f-variation": (lambda a: sech2(a) / 2, lambda a: -sech2(a) / 2, lambda a: -sech2(a) / 2),
    "relativistic": (lambda a: 2 - 2 * s(a), lambda a: -2 * s(a), lambda a: 2 * s(a) - 2),
    "paired": (lambda a: 1 - s(a), lambda a: -s(a), lambda a: s(a) - 1),
    "paired-saturating": (lambda a: 1 - s(a), lambda a: -s(a), lambda a: -s(a)),
    "paired-hinge": (lambda a: 1.0 * (a < 1), lambda a: -1.0 * (a > -1), lambda a: -1.0 * (a < 1)),
    "paired-hinge-saturating": (
        lambda a: 1.0 * (a < 1),
        lambda a: -1.0 * (a > -1),
        lambda a: -1.0 * (a > -1),
    ),
    "paired-leastsquares": (lambda a: 1 - a, lambda a: -1 - a, lambda a: a - 1),
    "paired-leastsquares-saturating": (lambda a: 1 - a, lambda a: -1 - a, lambda a: -1 - a),
}


def three(objective, a):
    """The three gradients at one logit a, while the one of the other side is 0: (3, len(a))."""
    zero, logits = np.zeros((1, 1)), np.reshape(a, (-1, 1, 1))
    return np.array(
        [
            [objective.gradient(one, zero)[0].item() for one in logits],
            [objective.gradient(zero, one)[1].item() for one in logits],
            [objective.generator_gradient(one, zero).item() for one in logits],
        ]
    )


heading("the three numbers at a = 0.7, by the library and on paper")
for name, formulas in ON_PAPER.items():
    for who, computed, f in zip(WHO, three(OBJECTIVES[name], [0.7]), formulas, strict=True):
        equal(LABEL[name], f"{name}: {who}", computed.item(), f(0.7))

# %% [markdown]
# Nineteen sheets, the three gradients over the logit. Where the background is grey, the gradient of
# $G$ is less than 1/20. Grey at the left means that samples which $D$ rejects have no gradient: the
# objective saturates.

# %%
rows = len(OBJECTIVES) // 5 + 1  # the last panel is the legend's
drawing, axes = panels(
    rows,
    5,
    "The gradient at the logit of nineteen objectives   (E33, E34, E42, E43, E54)",
    width=13.5,
    height=2.6 * rows,
    sharex=True,
    sharey=True,
)
logit = line(-6, 6, 121 if run.quick else 481)
for axis, (name, objective) in zip(axes.flat, OBJECTIVES.items(), strict=False):
    real, fake, generator = three(objective, logit)
    axis.fill_between(logit, -2.4, 2.4, where=np.abs(generator) < 0.05, color="0.88", linewidth=0)
    axis.axhline(0, **LEVEL)
    axis.plot(
        logit,
        generator,
        **{**MODEL, "linewidth": 3.4, "alpha": 0.75},
        label="G, at a sample: descends",
    )
    axis.plot(logit, fake, **JUDGE, label="D, at a sample: ascends")
    axis.plot(logit, real, **DATA, label="D, at a datum: ascends")
    other = "\nother side at 0" if objective.relative else ""
    axis.set(title=name + other, ylim=(-2.4, 2.4), xlim=(-6, 6), xticks=[-6, -3, 0, 3, 6])
    axis.label_outer()
for axis in axes[:, 0]:
    axis.set_ylabel("m · ∂/∂a (no unit)")
for axis in axes.flat[len(OBJECTIVES) - 5 : len(OBJECTIVES)]:
    axis.set_xlabel("a, logit")
    axis.tick_params(labelbottom=True)
for axis in axes.flat[len(OBJECTIVES) :]:
    axis.set_axis_off()
axis.legend(handles=axes[0, 0].lines[1:], loc="center left", fontsize=10)
save(drawing, "14_gradients_at_the_logit", run)

# %% [markdown]
# The six that are called f- come from the table of chapter 13: on data $T = g_f(a)$, on samples
# $-f^*(T)$. The library's objective and the row of the theory are separate code, and they agree.

# %%
ROWS = {
    "f-kl": KL,
    "f-reverse-kl": REVERSE_KL,
    "f-pearson": PEARSON,
    "f-hellinger": HELLINGER,
    "f-js": JS,
    "f-variation": TOTAL_VARIATION,
}
at = np.array([-3.0, -1.5, -0.5, 0.0, 0.7, 2.0, 3.0])
heading("largest difference of the terms, at 7 logits, from g_f(a) and −f*(g_f(a))")
for name, row in ROWS.items():
    T, objective = row.activation(at), OBJECTIVES[name]
    equal("E42", f"{name}: on data", np.abs(objective.real.t(at) - T).max(), 0.0)
    equal("E42", f"{name}: on samples", np.abs(objective.fake.t(at) + row.dual(T)).max(), 0.0)

# %% [markdown]
# ## What the logit means
#
# At a point where data have the density $p$ and samples $q$, $D$ maximises
# $p\,t_{\mathrm{real}}(a) + q\,t_{\mathrm{fake}}(a)$, so at the maximum
#
# $$-\frac{t_{\mathrm{fake}}'(a^*)}{t_{\mathrm{real}}'(a^*)} = \frac pq = e^u$$
#
# The quotient of the two curves of $D$ turns a logit into a density ratio. For the sigmoid it is
# $\sigma/(1-\sigma) = e^a$, and so $a^* = u$ (E18). In every game the best logit is another
# function of the same $u = \log p/q$. (Not for hinge, Wasserstein and total variation: their best
# $D$ is a sign, or does not depend on one point alone.)

# %%
BEST = {  # a* as a function of u = log p/q
    "minimax": lambda u: u,
    "nonsaturating": lambda u: u,
    "leastsquares": lambda u: 1 / (1 + np.exp(-u)),
    "leastsquares-pearson": lambda u: np.tanh(u / 2),
    "f-kl": lambda u: 1 + u,
    "f-reverse-kl": lambda u: u,
    "f-pearson": lambda u: 2 * (np.exp(u) - 1),
    "f-hellinger": lambda u: u / 2,
    "f-js": lambda u: u,
}
heading("p/q = 3: the best logit a*, and what its two gradients say of p/q")
for name, best in BEST.items():
    a = best(np.log(3.0))
    real, fake, _ = three(OBJECTIVES[name], [a])
    equal(LABEL[name], f"{name}: a* = {a:.4f}", (-fake / real).item(), 3.0)

# %% [markdown]
# ## The pull on a sample at the best $D$
#
# Gradients *at the logit* have different units in different games, so they cannot be compared. The
# pull on a sample along $\nabla_x u$ can. By the chain rule that is $t_g'(a^*)\,\partial
# a^*/\partial u$, and for a game in which $G$ descends what $D$ ascends, $t_g = -f^*(T)$ with $T^*
# = f'(t)$, $t = e^u$:
#
# $$\frac{\partial}{\partial u}\big[-f^*(f'(t))\big]
# = -t\cdot f''(t)\,\frac{\partial t}{\partial u} = -t^2 f''(t)
# \qquad (\mathrm{E53})$$
#
# since $f^{*\prime}$ is the inverse of $f'$. All of saturation is in this line. Where there are
# samples but no data, $t$ is nearly 0, and what counts is how fast $f''$ grows there: KL $-t$,
# Pearson $-2t^2$, Hellinger $-\frac12\sqrt t$, Jensen-Shannon $-\frac12\sigma(u)$ all tend to 0,
# and reverse KL alone has $-1$ at any distance.

# %%
PULL = {  # ∂/∂u of what G minimises, at D's best
    "minimax": (lambda u: -s(u), "−σ(u)", "E41"),
    "f-kl": (lambda u: -np.exp(u), "−t", "E41"),
    "f-reverse-kl": (lambda u: -1 + 0 * u, "−1", "E41"),
    "f-pearson": (lambda u: -2 * np.exp(2 * u), "−2t²", "E41"),
    "f-hellinger": (lambda u: -np.exp(u / 2) / 2, "−½√t", "E41"),
    "f-js": (lambda u: -s(u) / 2, "−½σ(u)", "E41"),
    "nonsaturating": (lambda u: -s(-u), "−σ(−u)", "E34"),
    "leastsquares": (lambda u: -(s(-u) ** 2) * s(u), "−σ(−u)²σ(u)", "E43"),
    "leastsquares-pearson": (
        lambda u: np.tanh(u / 2) / 2 / np.cosh(u / 2) ** 2,
        "tanh(u/2)/(2cosh²(u/2))",
        "E43",
    ),
}


def pull(name, u):
    """t_g'(a*) ∂a*/∂u, by the library's gradient and the complex step of a*."""
    change = np.array([complex_step(along(BEST[name], x, np.array(1.0))) for x in u])
    return three(OBJECTIVES[name], BEST[name](u))[2] * change


u5 = np.array([-6.0, -2.0, 0.0, 1.0, 2.0])
heading("largest difference, at 5 ratios, of G's gradient through the best D from")
for name, (closed, formula, label) in PULL.items():
    size = np.maximum(1, np.abs(closed(u5)))
    equal(label, f"{name}: {formula}", (np.abs(pull(name, u5) - closed(u5)) / size).max(), 0.0)
heading("−t² f''(t) from the table's f, f'' by a central difference with h = t/1000, at t = 1/4")
for row, name in ((GAN, "minimax"), *((row, name) for name, row in ROWS.items() if name in BEST)):
    t, h = 0.25, 0.25e-3
    curved = float(row.f(t + h) - 2 * row.f(t) + row.f(t - h)) / h**2
    apart = abs(-(t**2) * curved - pull(name, np.log([t])).item())
    below("E41", f"{row.name}: distance, and h²/t²", apart, (h / t) ** 2)

# %% [markdown]
# ## A sample that $D$ rejects
#
# A good $D$ on a bad sample, $u = -8$: about 3000 times more samples than data there. The first
# column of figures is the gradient at the logit where backpropagation starts, the second the pull
# on the sample, which alone can be compared. Minimax and the non-saturating choice (E34) share $D$
# and differ by a factor of 3000 here. The pull of least squares with labels 0 and 1 vanishes too:
# its best $D$ is bounded, so it is flat far out.

# %%
far = np.array([-8.0])
print(f"\n        {'u = log p/q = −8':26}{'a*':>12}{'∂/∂a for G':>16}{'∂/∂u for G':>16}")
for name, (_, _, label) in PULL.items():
    a = BEST[name](far)
    print(
        f"{label:8}{name:26}{a[0]:>12.4g}{three(OBJECTIVES[name], a)[2, 0]:>16.3e}"
        f"{pull(name, far)[0]:>16.3e}"
    )
heading("the size of the pull at u = −8, and the bound")
for name, bound in (
    ("minimax", np.exp(-8)),
    ("f-kl", np.exp(-8) * (1 + 1e-12)),
    ("f-pearson", 2.1 * np.exp(-16)),
    ("f-hellinger", 0.51 * np.exp(-4)),
    ("leastsquares", np.exp(-8)),
):
    below(PULL[name][2], f"{name} is at most", -pull(name, far)[0], bound)
for name in ("nonsaturating", "f-reverse-kl"):
    below(PULL[name][2], f"{name} is at least", 0.999, -pull(name, far)[0])
both = three(OBJECTIVES["minimax"], at)[2] + three(OBJECTIVES["nonsaturating"], at)[2]
equal("E34", "minimax + nonsaturating + 1, largest at 7 logits", np.abs(both + 1).max(), 0.0)
below(
    "E43",
    "leastsquares-pearson at u = 2: pushed back, 0 <",
    0.0,
    pull("leastsquares-pearson", np.array([2.0]))[0],
)

# %% [markdown]
# The last row is right. With targets $\pm1$ and 0 for $G$, a sample with $u > 0$ is pushed away
# from the data. A pull $-g(u)$ is that of the $D_f$ with $f''(t) = g(\log t)/t^2$ (E53), a
# divergence where $g \ge 0$. Here $g$ changes its sign at $u = 0$, and this game descends on no
# divergence. All the other rows do.
#
# The figure has the pulls of all games of the table on the same axes: samples where data are rare
# are at the left, samples that $D$ takes for data at the right. Two curves do not fall to the left,
# and one changes its sign at $p = q$.

# %%
u = line(-9, 3, 61 if run.quick else 241)
drawing, (hears, near) = panels(
    1, 2, "The pull on a sample at D's best   (E34, E43, E53)", width=12.5, height=5.0
)
ONE_SIGN = (
    "minimax",
    "nonsaturating",
    "leastsquares",
    "f-hellinger",
    "f-kl",
    "f-reverse-kl",
    "f-pearson",
)
styles = dict(zip(ONE_SIGN, LINES, strict=True))
styles["leastsquares-pearson"] = {"color": "#7a5a2b", "linestyle": "-", "linewidth": 1.4}
for name, style in styles.items():
    near.plot(u, -pull(name, u), **style, label=f"{name}: {PULL[name][1]}")
    if name in ONE_SIGN:
        hears.semilogy(u, np.abs(pull(name, u)), **style)
hears.axvline(0, **LEVEL)
hears.text(0.1, 3e-6, "p = q", color="0.3")
hears.set(xlabel="u = log p/q at the sample", ylabel="|∂/∂u| for G", ylim=(1e-6, 30), xlim=(-9, 3))
hears.set(title="its size: what falls to the left saturates")
shown = [*near.lines]
near.axhline(0, **LEVEL)
near.axvline(0, **LEVEL)
near.set(xlabel="u = log p/q at the sample", ylabel="−∂/∂u for G", ylim=(-0.35, 1.6), xlim=(-5, 3))
near.set(title="its sign: below 0 the sample is pushed away")
drawing.legend(handles=shown, loc="outside lower center", ncols=4)
save(drawing, "14_gradients_at_the_logit_pull", run)

# %% [markdown]
# ## Recap
#
# * An objective enters a network by three numbers: at each datum's logit, at each sample's logit,
#   and at a sample's logit for $G$.
# * The best logit is a function of $u = \log p/q$; each game has its own.
# * At the best $D$ a sample is pulled along $\nabla u$ with the strength $t^2f''(t)$ (E53): all of
#   saturation is in this factor.
#
# **What we still owe.** How the gradient at the logit reaches the weights of other layers: chapters
# 15 and 16 (L3, L5).
#
# ## Exercises
#
# **1 · Predict.** $D$ is undecided about a sample, $a = 0$. Which generator's gradient is larger
# there, the minimax one or the non-saturating one?
#
# **2 · On paper.** For `leastsquares-pearson` ($D$ is pulled to $+1$ on data and $-1$ on samples)
# show that $a^* = \tanh(u/2)$.
#
# <details><summary>Answer</summary>
#
# Where the densities are $p$ and $q$, $D$ minimises $p(a-1)^2 + q(a+1)^2$, so $a^* = (p-q)/(p+q)$.
# With $p/q = e^u$ this is $(e^u-1)/(e^u+1) = \tanh(u/2)$.
#
# </details>
#
# **3 · Change a line.** Replace `far = np.array([-8.0])` by `far = np.array([-2.0])`: a sample that
# $D$ rejects less firmly. Compare the last column for `minimax`, `nonsaturating` and
# `leastsquares`.
#
# <details><summary>What you see</summary>
#
# Minimax has 0.12 in place of 0.0003, non-saturating 0.88 in place of 1.00, least squares 0.09 in
# place of 0.0003. The pulls come together as $D$ gets less sure. The rows WRONG are bounds for $u =
# -8$.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 36` (the minimax objective),
# `numgan check --exercise 42` (a paired objective) and `numgan check --exercise 43` (the change of
# a paired objective's gradient).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint hinge_gradient` and `numgan course hint paired_gradient`.

# %%
undecided = [three(OBJECTIVES[name], [0.0])[2, 0] for name in ("minimax", "nonsaturating")]
answer(
    1,
    f"Neither: both are {undecided[0]:g}. They differ where D is sure, and agree at D = ½.",
    undecided[0] == undecided[1] == -0.5,
)
