# %% [markdown]
# # 5 · The best discriminator is a density ratio (E13, E14, E15, E16, E17, E18)
#
# *At each point one number D(x) is best, p/(p + q), and every other D loses by a known amount.*
#
# **Needs.** Chapter 2 (KL, E3) and chapter 4 (E11); the derivative of a logarithm.
#
# Someone tosses a fair coin. For heads you see an $x$ from the data $P$, for tails one from the
# generator, $x = G(z)$. $D(x)\in[0,1]$ is your probability of "data", and your score is the
# logarithm of the probability that you gave to the right answer. The sum of its means over the two
# sides is the value of the game:
#
# $$V(D,G) = \mathbb{E}_{x\sim P}[\log D(x)] + \mathbb{E}_{z\sim p_z}[\log(1 - D(G(z)))]
# \qquad (\mathrm{E13})$$
#
# $G$ minimises it and $D$ maximises it. This chapter keeps $G$ fixed and finds the best $D$.

# %%
import numpy as np
from figure import (
    DATA,
    JUDGE,
    LEVEL,
    LINES,
    MODEL,
    OTHER,
    answer,
    below,
    equal,
    heading,
    line,
    options,
    panels,
    save,
)

from numgan.theory import (
    LOG4,
    Discrete,
    Gaussian,
    Mixture,
    V,
    V_integral,
    V_through,
    kl,
    maps,
    monte_carlo,
    optimal_discriminator,
    optimal_logit,
    pointwise,
    pointwise_best,
    pointwise_curvature,
    pointwise_slope,
    value_gap,
)
from numgan.theory.logarithms import log_sigmoid, sigmoid

run = options()
P = Mixture([0.6, 0.4], [Gaussian(-1.5, 0.6), Gaussian(1.8, 0.8)])
prior, Q = Gaussian(0, 1), Gaussian(0.5, 1.4)  # Q is the law of G(z) = 0.5 + 1.4 z

# %% [markdown]
# ## Three ways to the same number (E13, E14)
#
# A discriminator is written as its *logit* $a(x)$, $D = \sigma(a) = 1/(1+e^{-a})$. Take a careless
# one, $a(x) = 0.3 - 0.5x$, and compute $V$
#
# * through $z$, as training does: no density of $G(z)$ is needed (E13);
# * as two expectations over $x$, the second under the law $Q$ of $G(z)$: the same, by the
#   push-forward rule E11;
# * as one integral:
#
# $$V = \int \big[\,p(x)\log D(x) + q(x)\log(1 - D(x))\,\big]\,dx \qquad (\mathrm{E14})$$
#
# $G$ need not be invertible. The second $G$ folds the line, $G(z) = |z|$, and nothing changes.


# %%
def careless(x):
    return 0.3 - 0.5 * x[:, 0]


heading("D = σ(0.3 − 0.5x), G(z) = 0.5 + 1.4 z")
by_x = V(careless, P, Q)  # E13
equal(
    "E13",
    "V through z, and by two expectations over x",
    V_through(careless, P, prior, lambda z: 0.5 + 1.4 * z),
    by_x,
    "quadrature",
)
equal("E14", "V as one integral", V_integral(careless, P, Q), by_x, "quadrature")  # E14
rng, n = np.random.default_rng(5), 20_000 if run.quick else 200_000
real = monte_carlo(P, lambda x: log_sigmoid(careless(x)), n, rng)
fake = monte_carlo(prior, lambda z: log_sigmoid(-careless(0.5 + 1.4 * z)), n, rng)
equal(
    "E13",
    f"V from {n:,} samples of each",
    real.value + fake.value,
    by_x,
    np.hypot(real.error, fake.error),
)
folded = maps.absolute(prior)
heading("the same D, G(z) = |z|")
equal(
    "E13",
    "V through z, and by two expectations over x",
    V_through(careless, P, prior, np.abs),
    V(careless, P, folded),
    "quadrature",
)
equal(
    "E14",
    "V as one integral",
    V_integral(careless, P, folded),
    V(careless, P, folded),
    "quadrature",
)
heading("the undecided D = ½")
equal("E13", "V = −log 4, whatever G", V(lambda x: np.zeros(len(x)), P, Q), -LOG4, "quadrature")

# %% [markdown]
# ## One point at a time (E15, E16, E17)
#
# The integrand contains only the value of $D$ *at* $x$, and the values at different $x$ are
# independent of each other. So choose each by itself. With $a = p(x)$, $b = q(x)$, $y = D(x)$ the
# integrand is
#
# $$f(y) = a\log y + b\log(1-y) \qquad (\mathrm{E15})$$
#
# Its slope is zero at one place,
#
# $$f'(y) = \frac{a}{y} - \frac{b}{1-y} = 0 \iff y^* = \frac{a}{a+b} \qquad (\mathrm{E16})$$
#
# and the curve bends downwards everywhere, so that place is the only maximum:
#
# $$f''(y) = -\frac{a}{y^2} - \frac{b}{(1-y)^2} < 0, \qquad f''(y^*) = -\frac{(a+b)^3}{ab}
# \qquad (\mathrm{E17})$$

# %%
y, step = np.linspace(0.0005, 0.9995, 2000, retstep=True)
for a, b in ((0.4, 0.1), (0.25, 0.25), (0.05, 0.3)):
    best = pointwise_best(a, b)  # E16
    curve, h = pointwise(y, a, b), 1e-5  # E15
    heading(f"a = {a:g}, b = {b:g}: y* = a/(a + b) = {best:.6f}")
    below(
        "E15",
        "the largest f(y) of 2,000 values of y, and f(y*)",
        curve.max(),
        pointwise(best, a, b),
    )
    below("E15", "distance of that y from y*, and one step", abs(y[curve.argmax()] - best), step)
    equal("E16", "f'(y*)", pointwise_slope(best, a, b), 0.0)
    central = (pointwise(0.3 + h, a, b) - pointwise(0.3 - h, a, b)) / (2 * h)
    below(
        "E16",
        "f'(0.3) against a central difference of f",
        abs(pointwise_slope(0.3, a, b) - central),
        1e-8,
    )
    below("E17", "the largest f''(y), and 0", pointwise_curvature(y, a, b).max(), 0.0)  # E17
    equal(
        "E17",
        "f''(y*) · ab/(a + b)³ = −1",
        pointwise_curvature(best, a, b) * a * b / (a + b) ** 3,
        -1.0,
    )
heading("where only one of the two ever comes, the maximum is at an end")
equal("E16", "a = 0.3, b = 0: y* = 1", pointwise_best(0.3, 0.0), 1.0)
equal("E15", "... and f(1) = 0: certain, and right", pointwise(1.0, 0.3, 0.0), 0.0)
equal("E15", "a = 0, b = 0.3: f(1) = −∞: certain, and wrong", pointwise(1.0, 0.0, 0.3), -np.inf)

# %% [markdown]
# ## The optimal discriminator (E18)
#
# $$D^*(x) = \frac{p(x)}{p(x)+q(x)},
# \qquad a^*(x) = \log\frac{D^*(x)}{1-D^*(x)} = \log p(x) - \log q(x)
# \qquad (\mathrm{E18})$$
#
# It is Bayes' rule for the coin: the probability of "data", given $x$. In logits it is the log
# density ratio, so a trained discriminator is an estimate of $p/q$, learned from samples, with
# neither density known. Between $N(0,1)$ and $N(\mu,1)$ the ratio is a straight line,
# $a^* = \mu^2/2 - \mu x$: there a single neuron is a perfect judge.

# %%
a_best, D_best = optimal_logit(P, Q), optimal_discriminator(P, Q)  # E18
x5 = np.array([[-3.0], [-1.5], [0.0], [0.7], [3.0]])
p5, q5 = P.density(x5), Q.density(x5)
heading("D* and its logit")
equal("E18", "largest |D* − p/(p + q)| at 5 points", np.abs(D_best(x5) - p5 / (p5 + q5)).max(), 0.0)
equal("E18", "largest |a* − log(p/q)| at 5 points", np.abs(a_best(x5) - np.log(p5 / q5)).max(), 0.0)
equal(
    "E18",
    "N(0,1) and N(2,1): largest |a* − (2 − 2x)|",
    np.abs(optimal_logit(prior, Gaussian(2, 1))(x5) - (2 - 2 * x5[:, 0])).max(),
    0.0,
)
P3, Q3 = Discrete([1 / 2, 1 / 4, 1 / 4]), Discrete([1 / 4, 1 / 4, 1 / 2])
heading("by hand: P = (½, ¼, ¼), Q = (¼, ¼, ½), so D* = (⅔, ½, ⅓)")
equal(
    "E18",
    "largest error of D*",
    np.abs(optimal_discriminator(P3, Q3)(P3.support) - [2 / 3, 1 / 2, 1 / 3]).max(),
    0.0,
)
equal(
    "E18",
    "V(D*) = ½ log 2 − 3⁄2 log 3",
    V(optimal_logit(P3, Q3), P3, Q3),
    0.5 * np.log(2) - 1.5 * np.log(3),
)

# %% [markdown]
# Compute with the logit, never with the logarithm of a computed $D$. Far out $D^*$ rounds to 1, and
# $\log(1-D^*)$ with it to $-\infty$; $\log(1-D) = \log\sigma(-a)$ loses nothing.

# %%
logit = optimal_logit(prior, Gaussian(1, 1))(np.array([[-40.0]]))  # ½ − x
with np.errstate(divide="ignore"):
    rounded = np.log(1 - sigmoid(logit)[0])
heading("N(0, 1) and N(1, 1), at x = −40: a* = ½ − x = 40.5")
equal("E18", "log(1 − D*) by log σ(−a*)", log_sigmoid(-logit)[0], -40.5)
equal("E18", "log(1 − D*) of a rounded D* = 1", rounded, -np.inf)

# %% [markdown]
# Left: $f(y)$ for three pairs $(a, b)$, each with its one maximum. Right: the two densities, and
# $D^*$; it passes ½ exactly where they cross.

# %%
drawing, (curves, laws) = panels(
    1, 2, "The optimal discriminator   (E15 to E18)", width=11.0, height=4.3
)
for style, (a, b) in zip(
    (MODEL, JUDGE, OTHER), ((0.4, 0.1), (0.25, 0.25), (0.05, 0.3)), strict=True
):
    best = pointwise_best(a, b)
    curves.plot(y, pointwise(y, a, b), **style, label=f"a = {a:g}, b = {b:g}: y* = {best:.3g}")
    curves.plot(best, pointwise(best, a, b), "o", color=style["color"])
curves.set(
    xlabel="y = D(x), probability", ylabel="f(y) = a log y + b log(1 − y)   (nats/unit of x)"
)
curves.set(title="point by point: one maximum, at a/(a + b)   (E15, E16, E17)", ylim=(-1.45, 0.05))
curves.legend(loc="lower center")

x = line(-5, 5.5)
column = x[:, None]
laws.plot(x, P.density(x), **DATA, label="p, data")
laws.plot(x, Q.density(x), **MODEL, label="q, generator")
laws.plot(x, D_best(column), **JUDGE, label="D* = p/(p + q)")
laws.axhline(0.5, **LEVEL)
laws.set(
    xlabel="x",
    ylabel="density (1/unit of x);  D* (probability)",
    title="D* is ½ where p = q   (E18)",
)
laws.set(ylim=(0, 1.25))
laws.legend(loc="upper center", ncols=3)
save(drawing, "05_optimal_discriminator", run)

# %% [markdown]
# ## How much worse is any other D? (E18)
#
# Write $p = (p+q)D^*$ and $q = (p+q)(1-D^*)$ in E14 and subtract. What any other $D$ falls short by
# is
#
# $$V(D^*,G) - V(D,G) = \int (p+q)\Big[D^*\log\frac{D^*}{D} + (1-D^*)\log\frac{1-D^*}{1-D}\Big]dx$$
#
# The bracket is a KL divergence between two *coins*, one with probability $D^*(x)$ and one with
# $D(x)$. By E3 it is never negative, by E4 zero only where $D = D^*$. So $D^*$ is the maximum
# again, without calculus, and it is unique wherever $p + q > 0$.

# %%
top = V(a_best, P, Q)
trials = 20 if run.quick else 100


def random_logit():
    """A straight line and three waves, of random height."""
    c, height = rng.normal(size=2), rng.normal(size=3)
    return lambda x: c[0] + c[1] * x[:, 0] + np.sin(x * [1.0, 2.0, 3.0] + [0.0, 1.0, 2.0]) @ height


heading("one point, x = 0.7: the coins")
p, q, D = p5[3], q5[3], sigmoid(careless(x5))[3]
coin, other = Discrete([D_best(x5)[3], 1 - D_best(x5)[3]]), Discrete([D, 1 - D])
equal(
    "E18",
    "f(D*) − f(D) = (p + q)·KL(coin D*‖coin D)",
    pointwise(coin.p[0], p, q) - pointwise(D, p, q),
    (p + q) * kl(coin, other),
)
heading(f"the whole line: V(D*, G) = {top:.12f}; V(D*) − V(D), and the formula of the deficit")
for name, judge in (
    ("D = ½", lambda x: np.zeros(len(x))),
    ("the careless D", careless),
    ("the logit a*/2: too timid", lambda x: 0.5 * a_best(x)),
    ("the logit 2a*: too bold", lambda x: 2.0 * a_best(x)),
    ("the logit a* + 1: biased towards data", lambda x: a_best(x) + 1),
    ("D* itself", a_best),
):
    equal("E18", name, top - V(judge, P, Q), value_gap(judge, P, Q), "quadrature")
judges = [random_logit() for _ in range(trials)]
values, missing = (
    np.array([measure(judge, P, Q) for judge in judges]) for measure in (V, value_gap)
)
below("E18", f"the best V of {trials} random D's, and V(D*)", values.max(), top)
below("E18", "0, and the least of their deficits", 0.0, missing.min())
equal(
    "E18",
    "largest |V(D*) − V(D) − deficit| of them",
    np.abs(top - values - missing).max(),
    0.0,
    "quadrature",
)

# %% [markdown]
# Left: for the careless $D$, where the deficit arises, the integrand of the formula: it is zero
# where $D = D^*$. Right: what $D$ loses if its logit is $t\,a^* + s$: a bowl with its bottom, zero,
# at $t = 1$, $s = 0$. Being too bold costs more and more.

# %%
drawing, (where, bowl) = panels(1, 2, "Any other D does worse   (E18)", width=11.0, height=4.3)
gap = pointwise(D_best(column), P.density(x), Q.density(x)) - pointwise(
    sigmoid(careless(column)), P.density(x), Q.density(x)
)
where.fill_between(x, gap, color="0.85")
where.plot(
    x,
    gap,
    color="black",
    linewidth=1.4,
    label=f"f(D*) − f(D); area {value_gap(careless, P, Q):.4f} nats",
)
where.set(
    xlabel="x", ylabel="loss at x (nats/unit of x)", title="where D = σ(0.3 − 0.5x) loses   (E18)"
)
where.set(ylim=(0, 1.3 * gap.max()))
where.legend(loc="upper right")

ts = line(-0.5, 3.0, 36)
for style, s in zip((MODEL, OTHER, LINES[4]), (0.0, 0.7, -1.4), strict=True):
    lost = [value_gap(lambda x, t=t, s=s: t * a_best(x) + s, P, Q) for t in ts]
    bowl.plot(ts, lost, **style, label=f"logit t·a* {s:+g}" if s else "logit t·a*")
bowl.plot(1, 0, "o", color="black", zorder=5, clip_on=False, label="D*: deficit 0")
bowl.plot(0, value_gap(lambda x: np.zeros(len(x)), P, Q), "s", color="black", label="D = ½")
bowl.set(
    xlabel="t, boldness of the logit",
    ylabel="V(D*) − V(D)   (nats)",
    title="any other D does worse   (E18)",
)
bowl.set(ylim=(0, 1.6))
bowl.legend(loc="upper right")
save(drawing, "05_optimal_discriminator_loss", run)

# %% [markdown]
# ## Recap
#
# * The value of a GAN is the expected log score of a classifier that tells data from samples (E13).
# * At each $x$ the best answer is $D^*(x) = p/(p+q)$ (E16, E18), and its logit is the log density
#   ratio.
# * Every other $D$ loses an expected KL divergence between two coins, so $D^*$ is unique where $p +
#   q > 0$ (E18).
#
# **What we still owe.** What the generator's cost is once $D$ is at its best: chapter 6 puts $D^*$
# into $V$ (E21).
#
# ## Exercises
#
# **1 · Predict.** Two discriminators are not quite right: the logit $a^*/2$ is too timid and the
# logit $2a^*$ too bold. Which of them loses more of $V$?
#
# **2 · On paper.** Let data have the label 0.9 in place of 1, so that $D$ maximises
# $p\,[0.9\log y + 0.1\log(1-y)] + q\log(1-y)$. What is the best $y$? What is it where
# there are no samples?
#
# <details><summary>Answer</summary>
#
# It is E15 with $a = 0.9p$ and $b = 0.1p + q$, so $y^* = 0.9p/(p+q)$ by E16. Without samples $y^* =
# 0.9$ and the logit is at most $\log 9$: one-sided label smoothing bounds the logit. It no longer
# is the log density ratio.
#
# </details>
#
# **3 · Change a line.** Replace `return 0.3 - 0.5 * x[:, 0]` by `return 0.3 + 0.5 * x[:, 0]`. What
# happens to the value of this careless $D$, and to its deficit?
#
# <details><summary>What you see</summary>
#
# $V$ falls from $-1.384$ to $-1.743$ nats and the deficit grows from 0.230 to 0.589: this $D$ says
# "data" on the wrong side, and is now worse than the undecided one, whose $V$ is $-\log4 = -1.386$.
# No row says WRONG, since every identity holds for any $D$.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 41` (log(1 − D)). The section on $D^*$ far out
# has the reason.
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint best_discriminator`.

# %%
timid, bold = (value_gap(lambda x, t=t: t * a_best(x), P, Q) for t in (0.5, 2.0))
answer(
    1,
    f"The bold one loses {bold:.4f} nats, the timid one {timid:.4f}. A sure answer that is wrong "
    f"costs more than a careful one.",
    bold > timid,
)
