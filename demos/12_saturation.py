# %% [markdown]
# # 12 · Saturation, and what the cure really minimises (E34)
#
# *Why G learns nothing where D is sure, and what the non-saturating cure minimises.*
#
# **Needs.** Chapters 5 to 8 (E18, E25, E27) and the gradient at the logit (chapter 11, E33).
#
# At the start a generator is bad and $D$ is sure of it. Then $\log(1-D(G(z)))$, which $G$
# minimises, is flat: at the logit $a$ of a sample its slope is
#
# $$\Big|\frac{\partial}{\partial a}\log(1-\sigma(a))\Big|
# = \sigma(a) \to 0 \quad (a\to-\infty), \qquad
# \Big|\frac{\partial}{\partial a}\big(-\log\sigma(a)\big)\Big| = 1-\sigma(a) \to 1 \qquad
# (\mathrm{E34})$$
#
# The second is the *non-saturating* choice of the GAN paper: minimise $-\log D(G(z))$ instead. It
# pulls each sample in the same direction, towards larger $D$, and only the strength differs. But
# what does it minimise? The answer has a proof of one line, and it is not the JSD.

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

from numgan.objectives import OBJECTIVES
from numgan.theory import (
    Discrete,
    Gaussian,
    Mixture,
    expect,
    gradient_by_path,
    gradient_of_C,
    ideal_update,
    jsd,
    kl,
    log_ratio,
    midpoint,
    optimal_logit,
)
from numgan.theory.logarithms import sigmoid

run = options()
minimax, nonsaturating = OBJECTIVES["minimax"], OBJECTIVES["nonsaturating"]

# %% [markdown]
# ## At one logit (E34)
#
# The gradients of the library's objectives at a single sample. Both are negative, so both increase
# $a$. Their sum is always $-1$.

# %%
heading("∂/∂a of what G minimises, at one sample")
for a in (-20.0, -5.0, 0.0, 5.0):
    logit = np.array([[a]])
    sat, non = (objective.generator_gradient(logit)[0, 0] for objective in (minimax, nonsaturating))
    equal("E34", f"a = {a:+g}: of log(1 − σ(a)), and −σ(a)", sat, -1 / (1 + np.exp(-a)))
    equal("E34", f"a = {a:+g}: of −log σ(a), and −(1 − σ(a))", non, -1 / (1 + np.exp(a)))
    equal("E34", "        their sum", sat + non, -1.0)

# %% [markdown]
# ## The identity of Arjovsky and Bottou, in one line (E34)
#
# Let $D = D^*$, so that $a^* = \log p/q$, and let $\theta$ move the samples $x = G_\theta(z)$, with
# $D$ held fixed (E27). The two expected gradients are
#
# $$g_{\mathrm{sat}}
# = \mathbb{E}_Q\Big[-\sigma(a^*)\,\nabla a^*\cdot\frac{\partial x}{\partial\theta}\Big], \qquad
# g_{\mathrm{non}} = \mathbb{E}_Q\Big[-(1-\sigma(a^*))\,\nabla a^*\cdot\frac{\partial
# x}{\partial\theta}\Big]$$
#
# *Add them.* The sigmoids add up to one, and what is left, $\mathbb{E}_Q[\nabla\log\frac
# qp\cdot\partial x/\partial\theta]$, is the gradient of $\mathrm{KL}(Q\|P)$. But $g_{\mathrm{sat}}$
# is the gradient of $C = -\log 4 + 2\,\mathrm{JSD}$. Therefore
#
# $$g_{\mathrm{non}} = \nabla_\theta\big[\,\mathrm{KL}(P_G\|P_{\mathrm{data}}) -
# 2\,\mathrm{JSD}(P_{\mathrm{data}}\|P_G)\,\big]$$
#
# (arXiv:1701.04862, Theorem 2.5). The right-hand sides below are found another way: there $\theta$
# moves the *density*, not the samples. Three generators: one that shifts, one that stretches, and
# one that shifts before data of two modes.


# %%
def unit(x):
    """∂x/∂θ of x = θ + s z."""
    return np.ones_like(x)


def kl_gradient(P, Q, dlog_q):
    """∂KL(Q‖P)/∂θ = E_Q[log(q/p)·∂log q/∂θ], since E_Q[∂log q/∂θ] = 0: θ moves the density."""
    u = log_ratio(Q, P)
    return expect(Q, lambda x: u(x) * dlog_q(x), P)


P = Gaussian(0, 1)
two = Mixture([0.6, 0.4], [Gaussian(-2, 0.6), Gaussian(2.5, 0.8)])
stretch = Gaussian(0, 1.8)
cases = [
    (f"shift θ = {t:g}", P, Gaussian(t, 1), unit, lambda x, t=t: x[:, 0] - t)
    for t in (0.5, 2.0, 4.0, 8.0)
]
cases += [
    ("stretch s = 1.8", P, stretch, lambda x: x / 1.8, lambda x: (x[:, 0] ** 2 / 1.8**2 - 1) / 1.8),
    ("two modes, θ = 1", two, Gaussian(1, 0.7), unit, lambda x: (x[:, 0] - 1) / 0.7**2),
]
heading(
    "gradients by moving the samples, against gradients by moving the density (nats per unit of θ)"
)
for name, data, Q, dx, dlog_q in cases:
    sat, non = gradient_by_path(data, Q, dx), gradient_by_path(data, Q, dx, saturating=False)  # E34
    dC, dKL = gradient_of_C(data, Q, dlog_q)[1][0], kl_gradient(data, Q, dlog_q)
    equal("E34", f"{name}: saturating = 2 ∂JSD", sat, dC, "quadrature")
    equal("E34", f"{name}: non-saturating = ∂KL − 2 ∂JSD", non, dKL - dC, "quadrature")
equal(
    "E34",
    "shift θ = 8: the sum of the two is ∂KL(Q‖P) = θ",
    gradient_by_path(P, Gaussian(8, 1), unit)
    + gradient_by_path(P, Gaussian(8, 1), unit, saturating=False),
    8.0,
    "quadrature",
)
equal(
    "E34",
    "stretch s: the sum is ∂KL(Q‖P) = s − 1/s",
    sum(gradient_by_path(P, stretch, lambda x: x / 1.8, saturating=way) for way in (True, False)),
    1.8 - 1 / 1.8,
    "quadrature",
)


def cost(theta):
    """KL(Q‖P) − 2·JSD(P‖Q) of Q = N(θ, 1)."""
    return kl(Gaussian(theta, 1), P) - 2 * jsd(P, Gaussian(theta, 1))


h = 1e-4
quotient = (cost(2 + h) - cost(2 - h)) / (2 * h)
below(
    "E34",
    "θ = 2: distance from a central difference of KL − 2 JSD",
    abs(gradient_by_path(P, Gaussian(2, 1), unit, saturating=False) - quotient),
    1e-7,
)

# %% [markdown]
# ## Read the right-hand side again
#
# The JSD has a *minus* sign there, but the whole is a divergence: with $M = \tfrac12(P+Q)$
#
# $$\mathrm{KL}(Q\|P) - 2\,\mathrm{JSD}(P\|Q) = \int (p+q)\log\frac{p+q}{2p}\,dx
# = 2\,\mathrm{KL}(M\|P) \ge 0$$
#
# and it is 0 only for $P = Q$ (E53). Take two outcomes. A generator that never makes one of them
# pays a small, finite price. A generator that makes what the data never contain pays without limit.
# This is one proposed reason for lost modes. It is contested: generators drop modes under other
# divergences too (arXiv:1701.00160, section 3.2.5).

# %%
both, one = Discrete([0.5, 0.5]), Discrete([1.0, 0.0])
heading("KL(Q‖P) − 2·JSD (nats)")
equal(
    "E34",
    "forgets: P = (½, ½), Q = (1, 0): log 2 − 3⁄2 log 4⁄3",
    kl(one, both) - 2 * jsd(both, one),
    np.log(2) - 1.5 * np.log(4 / 3),
)
equal(
    "E53", "... = 2·KL(M‖P)", kl(one, both) - 2 * jsd(both, one), 2 * kl(midpoint(both, one), both)
)
equal("E34", "invents: P = (1, 0), Q = (½, ½): ∞", kl(both, one) - 2 * jsd(one, both), np.inf)

# %% [markdown]
# ## How fast does it vanish?
#
# Let $P = N(0,1)$, $Q = N(\theta,1)$. The saturating gradient is
# $\theta\,\mathbb{E}_Q[D^*] = \theta\int pq/(p+q)\,dx$. Twice $pq/(p+q)$ is a harmonic mean,
# never more than the geometric one, so
#
# $$g_{\mathrm{sat}} \le \frac{\theta}{2}\int\sqrt{pq}\,dx = \frac{\theta}{2}e^{-\theta^2/8}, \qquad
# g_{\mathrm{non}} = \theta - g_{\mathrm{sat}}$$
#
# The worse the generator, the smaller the first gradient and the larger the second.

# %%
heading("the saturating gradient, and its bound (nats per unit of θ)")
for theta in (1.0, 4.0, 8.0, 12.0):
    g = gradient_by_path(P, Gaussian(theta, 1), unit)
    below(
        "E34", f"θ = {theta:g}: g_sat, and (θ/2) exp(−θ²/8)", g, theta / 2 * np.exp(-(theta**2) / 8)
    )
below(
    "E34",
    "θ = 12: 11.999, and the non-saturating gradient",
    11.999,
    gradient_by_path(P, Gaussian(12, 1), unit, saturating=False),
)

# %% [markdown]
# Left: the two strengths at one logit. Right: the expected gradients; they add up to the straight
# line $\theta$ of the KL.

# %%
drawing, (at_logit, expected) = panels(
    1,
    2,
    "Saturating against non-saturating: ∇ of 2·JSD, and of KL − 2·JSD   (E34)",
    width=11.0,
    height=4.3,
)
a = line(-12, 6)
at_logit.semilogy(
    a, -a.size * minimax.generator_gradient(a), **MODEL, label="|∂ log(1 − σ(a))| = σ(a)"
)
at_logit.semilogy(
    a, -a.size * nonsaturating.generator_gradient(a), **JUDGE, label="|∂ (−log σ(a))| = 1 − σ(a)"
)
at_logit.axvline(0, **LEVEL)
at_logit.text(-11.8, 0.42, "D sure: fake", color="0.3")
at_logit.text(2.6, 2e-5, "D fooled", color="0.3")
at_logit.set(xlabel="a, logit of a sample (nats)", ylabel="size of the gradient (no unit)")
at_logit.set(title="at one logit   (E34)")
at_logit.legend(loc="lower center")

thetas = np.linspace(0, 8, 17 if run.quick else 81)
sat, non = (
    np.array([gradient_by_path(P, Gaussian(t, 1), unit, way, tol=1e-10) for t in thetas])
    for way in (True, False)
)
expected.plot(thetas, sat, **MODEL, label="saturating: ∂ 2·JSD")
expected.plot(thetas, non, **JUDGE, label="non-saturating: ∂ (KL − 2·JSD)")
expected.plot(thetas, sat + non, **DATA, label="their sum: ∂ KL(Q‖P) = θ")
expected.plot(
    thetas, thetas / 2 * np.exp(-(thetas**2) / 8), **LINES[6], label="bound (θ/2) exp(−θ²/8)"
)
expected.set(
    xlabel="θ, distance of Q = N(θ, 1) from P = N(0, 1)", ylabel="gradient (nats per unit of θ)"
)
expected.set(title="expected, with D = D*   (E34)")
expected.legend(loc="upper left")
save(drawing, "12_saturation", run)

# %% [markdown]
# ## "But Adam divides the size away"
#
# It does: a gradient that is small everywhere by the same factor is no problem. The problem is
# *where* the gradient comes from. Far out, nearly all of $\mathbb{E}_Q[D^*]$ comes from the few
# samples near the data. One sample carries the gradient $\theta\sigma(a^*)$, of mean $g$ and
# standard deviation $s$, and the mean of $m$ of them is right to a tenth when $m = 100\,s^2/g^2$.
# No optimizer can replace samples that are not in the minibatch.


# %%
def samples_needed(theta, sign):
    """100·Var/mean² of σ(±a*) under Q = N(θ, 1), but at least one; the factor θ drops out."""
    Q = Gaussian(theta, 1)
    a = optimal_logit(P, Q)
    mean, square = (
        expect(Q, lambda x, k=k: sigmoid(sign * a(x)) ** k, P, tol=1e-14) for k in (1, 2)
    )
    return 100 * max(square / mean**2 - 1, 0.01)


heading("samples for the gradient to a tenth, D = D*")
print(f"{'E34':8}{'θ':>6}{'saturating':>20}{'non-saturating':>20}")
for theta in (1.0, 2.0, 4.0, 6.0, 8.0):
    print(
        f"{'E34':8}{theta:>6g}{samples_needed(theta, +1):>20,.0f}"
        f"{samples_needed(theta, -1):>20,.0f}"
    )
below(
    "E34",
    "needed at θ = 6: non-saturating, and saturating",
    samples_needed(6.0, -1),
    samples_needed(6.0, +1),
)

# %% [markdown]
# ## Two descents with the exact $D^*$
#
# Both start at $\theta = 6$ and take plain steps of 0.5 with the exact expected gradient: an ideal
# $D$, an infinite minibatch. The one on the JSD hardly moves at first. In the end both stop at the
# same place, $P_G = P_{\mathrm{data}}$, and near it their gradients agree: at $D^* = \tfrac12$ both
# sigmoids are one half.

# %%
steps, eta = (40, 0.5) if run.quick else (160, 0.5)
paths = {}
for name, saturating in (("saturating", True), ("non-saturating", False)):
    path = [6.0]
    for _ in range(steps):
        g = gradient_by_path(P, Gaussian(path[-1], 1), unit, saturating, tol=1e-10)
        path.append(ideal_update(path[-1], g, eta))
    paths[name] = np.array(path)
    inside = np.flatnonzero(np.abs(paths[name]) < 0.1)
    arrived = (
        f"within 0.1 of the data after {inside[0]} steps"
        if len(inside)
        else f"not there after {steps} steps"
    )
    print(
        f"E34     {name + ':':16} θ = 6.0000 → {path[10]:.4f} after 10 steps, {path[40]:.4f} "
        f"after 40;  {arrived}"
    )
below(
    "E34",
    "after 10 steps: way of the saturating, of the other",
    6 - paths["saturating"][10],
    6 - paths["non-saturating"][10],
)
near = Gaussian(1e-3, 1)
for way, name in ((True, "g_sat"), (False, "g_non")):
    below(
        "E34",
        f"at θ = 0.001: distance of {name}/θ from ½, and θ²",
        abs(gradient_by_path(P, near, unit, way) / 1e-3 - 0.5),
        1e-6,
    )

# %% [markdown]
# Left: the price of saturation in samples. Right: the two descents.

# %%
drawing, (price, descents) = panels(1, 2, "What saturation costs   (E34)", width=11.0, height=4.3)
far = np.linspace(0.25, 8, 16 if run.quick else 63)
price.semilogy(far, [samples_needed(t, +1) for t in far], **MODEL, label="saturating")
price.semilogy(far, [samples_needed(t, -1) for t in far], **JUDGE, label="non-saturating")
price.axhline(256, **LEVEL)
price.text(0.1, 330, "a minibatch of 256", color="0.3")
price.set(xlabel="θ, distance of Q = N(θ, 1) from P = N(0, 1)", ylabel="samples", ylim=(0.5, None))
price.set(title="samples that know the gradient to a tenth")
price.legend(loc="upper left", bbox_to_anchor=(0, 0.9))

descents.plot(paths["saturating"], **MODEL, label="saturating")
descents.plot(paths["non-saturating"], **JUDGE, label="non-saturating")
descents.axhline(0, **{**OTHER, "linewidth": 1.0}, label="the data, θ = 0")
descents.set(xlabel="step of the ideal loop", ylabel="θ (unit of x)")
descents.set(title="plain descent with the exact D*, η = 0.5   (E26)")
descents.legend(loc="center", bbox_to_anchor=(0.4, 0.5))
save(drawing, "12_saturation_price", run)

# %% [markdown]
# ## Recap
#
# * $\log(1-D)$ is flat where $D$ is sure; $-\log D$ is steep there, and pulls in the same direction
#   (E34).
# * With $D^*$ the non-saturating gradient is that of $\mathrm{KL}(P_G\|P) - 2\,\mathrm{JSD} =
#   2\,\mathrm{KL}(M\|P)$, a divergence (E53).
# * Adam cannot repair saturation: the gradient of a minibatch comes from a few samples and is
#   mostly noise.
#
# **What we still owe.** All other objectives in the same light: chapter 13 the divergences (E41),
# chapter 14 their gradients at the logit.
#
# ## Exercises
#
# **1 · Predict.** A sample has the logit $-5$. By which factor is the non-saturating gradient
# larger than the saturating one?
#
# **2 · On paper.** Show that $\mathrm{KL}(Q\|P) - 2\,\mathrm{JSD}(P\|Q) = 2\,\mathrm{KL}(M\|P)$
# with $M = \frac12(P+Q)$ (E53).
#
# <details><summary>Answer</summary>
#
# $2\,\mathrm{JSD} = \int p\log\frac pm + q\log\frac qm$. So the left side is $\int q\log\frac qp -
# p\log\frac pm - q\log\frac qm = \int q\log\frac mp + p\log\frac mp = \int(p+q)\log\frac mp$, and
# $p+q = 2m$.
#
# </details>
#
# **3 · Change a line.** Replace `path = [6.0]` by `path = [3.0]`, so that the descents start nearer
# to the data. Does the saturating one arrive?
#
# <details><summary>What you see</summary>
#
# Yes: it is within 0.1 of the data after 19 steps, the non-saturating one after 10. At $\theta = 3$
# the laws overlap enough. From 6 the saturating one is still at 5.69 after 40 steps.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 40` (the saturating generator) and
# `numgan check --exercise 50` (the generator's step).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint nonsaturating_gradient`.

# %%
weak, strong = (
    game.generator_gradient(np.array([[-5.0]])).item() for game in (minimax, nonsaturating)
)
answer(
    1,
    f"By {strong / weak:.1f} = e⁵: (1 − σ(a))/σ(a) = e^(−a).",
    abs(strong / weak / np.exp(5) - 1) < 1e-12,
)
