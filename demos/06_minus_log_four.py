# %% [markdown]
# # 6 · Where minus log four comes from (E19, E20, E21, E22, E23, E51)
#
# *With the best D the generator's cost is −log 4 plus two KL divergences, and 0 at most.*
#
# **Needs.** Chapter 5 (the best discriminator, E18) and chapter 2 (KL, E3).
#
# Chapter 5 found the best discriminator. Now the generator moves. What is the least value that it
# can reach against this $D$? Write $P$ for the data, $Q$ for the law of $G(z)$, $p$ and $q$ for
# their densities.

# %%
import numpy as np
from figure import (
    JUDGE,
    LEVEL,
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
    LOG2,
    LOG4,
    C,
    C_by_kl,
    Discrete,
    Gaussian,
    Mixture,
    Uniform,
    V,
    confused_value,
    integral,
    kl,
    log_two_step,
    maps,
    midpoint,
    optimal_discriminator,
    optimal_logit,
    saddle,
)

run = options()

# %% [markdown]
# ## The confused discriminator (E19, E20)
#
# Suppose the generator is perfect, $P_G = P_{\mathrm{data}}$. Then
#
# $$D^*(x) = \frac{p(x)}{p(x)+p(x)} = \frac12 \quad\text{everywhere} \qquad (\mathrm{E19})$$
#
# The two laws are the same, so the best answer is ½ everywhere. The value there is the mean of a
# constant:
#
# $$V = \log\tfrac12 + \log\tfrac12 = -\log 4 = -1.386294\ldots \qquad (\mathrm{E20})$$
#
# The converse of E19 holds as well: if $D^* = \frac12$ wherever $p + q > 0$, then $p = q$. But a
# $V$ of $-\log 4$ proves nothing about $G$ if $D$ is not the best: the *undecided* $D = \frac12$
# has that value against every generator.


# %%
def undecided(x):
    return np.zeros(len(x))


P = Mixture([0.6, 0.4], [Gaussian(-1.5, 0.6), Gaussian(1.8, 0.8)])
bad = Gaussian(3, 0.5)
x = line(-9, 9)[:, None]
heading("Q = P")
equal(
    "E19",
    "largest |D* − ½| at 601 points, p of two modes",
    np.abs(optimal_discriminator(P, P)(x) - 0.5).max(),
    0.0,
)
pushed = maps.affine(Gaussian(0, 1), 2.0, -1.0)  # the law of 2z − 1
equal(
    "E19",
    "data N(−1, 2²), G(z) = 2z − 1: largest |D* − ½|",
    np.abs(optimal_discriminator(Gaussian(-1, 2), pushed)(x) - 0.5).max(),
    0.0,
)
equal("E20", "log ½ + log ½ = −log 4", confused_value(), -LOG4)  # E19, E20
equal("E20", "V(D*, G) at Q = P", V(optimal_logit(P, P), P, P), -LOG4, "quadrature")
below(
    "E20",
    "any other D is worse there: a(x) = x/2, and D*",
    V(lambda x: 0.5 * x[:, 0], P, P),
    confused_value(),
)
heading("D = ½ against a bad generator, Q = N(3, ¼): the same value, and no merit of G")
equal("E20", "V(½, G)", V(undecided, P, bad), -LOG4, "quadrature")
below(
    "E19",
    "0.4, and the largest |D* − ½|",
    0.4,
    np.abs(optimal_discriminator(P, bad)(x) - 0.5).max(),
)

# %% [markdown]
# ## The generator's cost (E21)
#
# Put $D^*$ and $1 - D^* = q/(p+q)$ into $V$. The generator's cost against the best $D$ is
#
# $$C(G) = \max_D V(D,G) = \mathbb{E}_{x\sim P}\Big[\log\frac{p}{p+q}\Big]
#  + \mathbb{E}_{x\sim Q}\Big[\log\frac{q}{p+q}\Big] \qquad (\mathrm{E21})$$
#
# Both fractions are at most 1, so $C \le 0$. And $D = \frac12$ was among the candidates, so $C \ge
# -\log 4$. This argument gives the floor, but not which $G$ reaches it. The next two steps do.

# %%
Q = Gaussian(0.5, 1.4)
heading("P of two modes, Q = N(0.5, 1.4²)")
cost = C(P, Q)  # E21
equal("E21", "C(G) = V(D*, G)", cost, V(optimal_logit(P, Q), P, Q), "quadrature")
below("E21", "V(½, G), and C(G)", V(undecided, P, Q), cost)
below(
    "E21", "V of the logit 0.9 a*, and C(G)", V(lambda x: 0.9 * optimal_logit(P, Q)(x), P, Q), cost
)
below("E21", "C(G), and 0", cost, 0.0)
heading("the ceiling: supports that do not meet, so D* is never wrong")
equal("E21", "boxes [0, 1] and [2, 3]: C = 0", C(Uniform(0, 1), Uniform(2, 3)), 0.0, "quadrature")

# %% [markdown]
# Let the data be $N(0,1)$, and let the generator change in two ways: its mean $\mu$ moves at the
# right width, or its width $\sigma$ grows at the right mean. Both curves touch the floor $-\log 4$
# at one point and flatten below the ceiling 0: near it there is hardly a slope. The rest of the
# chapter proves the floor.

# %%
normal = Gaussian(0, 1)
mus = line(-6, 6, 49 if run.quick else 97)
sigmas = np.geomspace(1 / 64, 64, 49 if run.quick else 97)
slide = np.array([C(normal, Gaussian(mu, 1)) for mu in mus])
widen = np.array([C(normal, Gaussian(0, sigma)) for sigma in sigmas])
heading(f"P = N(0, 1): {len(mus)} generators N(μ, 1) and {len(sigmas)} generators N(0, σ²)")
for name, values, at, best in (("N(μ, 1)", slide, mus, 0.0), ("N(0, σ²)", widen, sigmas, 1.0)):
    below("E23", f"{name}: −log 4 less a rounding, and the least C", -LOG4 - 1e-12, values.min())
    equal("E23", f"{name}: the least C", values.min(), -LOG4, "quadrature")
    equal("E23", f"{name}: the parameter that attains it", at[values.argmin()], best)
    below("E21", f"{name}: the largest C, and 0", values.max(), 0.0)
equal("E23", "largest |C(μ) − C(−μ)|", np.abs(slide - slide[::-1]).max(), 0.0, "quadrature")
equal(
    "E23",
    "largest |C(σ) − C(1/σ)|: no unit of x in C",
    np.abs(widen - widen[::-1]).max(),
    0.0,
    "quadrature",
)

drawing, (by_mean, by_width) = panels(
    1, 2, "The generator's cost: floor −log 4, ceiling 0   (E21)", height=4.3
)
for axis, at, values, style in ((by_mean, mus, slide, MODEL), (by_width, sigmas, widen, MODEL)):
    axis.axhline(-LOG4, **LEVEL)
    axis.axhline(0, **LEVEL)
    axis.plot(at, values, **style)
    axis.plot(at[values.argmin()], values.min(), "o", color=style["color"])
    axis.set(ylabel="C(G)   (nats)", ylim=(-1.6, 0.2))
by_mean.text(-6, -LOG4 + 0.03, "floor −log 4", color="0.3")
by_mean.text(0, 0.03, "ceiling 0", color="0.3", ha="center")
by_mean.set(
    xlabel="μ, mean of Q = N(μ, 1)   (unit of x)", title="sliding past the data N(0, 1)   (E21)"
)
by_width.text(1 / 64, -LOG4 + 0.03, "floor −log 4", color="0.3")
by_width.text(1, 0.03, "ceiling 0", color="0.3", ha="center")
by_width.set(
    xscale="log",
    xlabel="σ, width of Q = N(0, σ²)   (unit of x)",
    title="from a needle to a fog   (E21)",
)
save(drawing, "06_minus_log_four", run)

# %% [markdown]
# ## The log 2 step (E22)
#
# $p/(p+q)$ looks like the ratio of a KL divergence, but $p+q$ is no density: its integral is 2.
# Halve it, and subtract the $\log 2$:
#
# $$\log\frac{p}{p+q} = -\log 2 + \log\frac{p}{\frac12(p+q)}$$
#
# and the same for $q$. Then take expectations, each term under its own density:
#
# $$C(G) = \underbrace{-\log 2\int p\,dx - \log 2\int q\,dx}_{-\log 4}
#  + \int p\log\frac{p}{\frac12(p+q)}\,dx
#  + \int q\log\frac{q}{\frac12(p+q)}\,dx \qquad (\mathrm{E22})$$
#
# It is often said that one "adds and subtracts $\log 2$". There are *two* of them, each in an
# integral with its own weight, and they become constants only because $p$ and $q$ each integrate to
# 1.


# %%
def show(name, P, Q, by="quadrature"):
    """Every term of E22, from the ratio of densities alone, and their sum."""
    step = log_two_step(P, Q)  # E22
    heading(name)
    equal("E22", "∫p", step.mass_data, 1.0, by)
    equal("E22", "∫q", step.mass_model, 1.0, by)
    equal("E22", "−log 2·∫p − log 2·∫q = −log 4", step.minus_log4, -LOG4, by)
    equal("E22", "∫p log[p/½(p+q)] = KL(P‖M)", step.data_term, kl(P, midpoint(P, Q)), by)
    equal("E22", "∫q log[q/½(p+q)] = KL(Q‖M)", step.model_term, kl(Q, midpoint(P, Q)), by)
    together = step.minus_log4 + step.data_term + step.model_term
    equal("E22", "the sum of the three, and C(G) of E21", together, step.C, by)
    return step


P3, Q3 = Discrete([1 / 2, 1 / 2, 0]), Discrete([1 / 4, 1 / 4, 1 / 2])
three = show("By hand: P = (½, ½, 0), Q = (¼, ¼, ½), so ½(p + q) = (⅜, ⅜, ¼)", P3, Q3, "sum")
equal("E22", "data term, by hand: log 4⁄3", three.data_term, np.log(4 / 3))
equal(
    "E22",
    "model term, by hand: ½ log ⅔ + ½ log 2",
    three.model_term,
    0.5 * np.log(2 / 3) + 0.5 * np.log(2),
)
show("On the line: P of two modes, Q = N(0.5, 1.4²)", P, Q)

heading("The trap: let the second weight be 0.8 q, no density")
p, q = P3.p[:2], 0.8 * Q3.p[:2]  # the two points at which p > 0 ...
r = 0.8 * Q3.p  # ... and all three for the generator
plain = np.sum(p * np.log(p / (p + q))) + np.sum(r * np.log(r / (P3.p + r)))
halved = np.sum(p * np.log(p / ((p + q) / 2))) + np.sum(r * np.log(r / ((P3.p + r) / 2)))
equal("E22", "the constant is −(1 + 0.8) log 2, and not −log 4", plain - halved, -1.8 * LOG2)

# %% [markdown]
# ## Two KL divergences (E23)
#
# $m = \frac12(p+q)$ *is* a density: the law $M$ of $x$ when a fair coin chooses the source. So both
# integrals are KL divergences, and neither is negative (E3):
#
# $$C(G) = -\log 4 + \mathrm{KL}(P\|M) + \mathrm{KL}(Q\|M) \;\ge\; -\log 4 \qquad (\mathrm{E23})$$
#
# This is the reason for the halving. Without it Gibbs' inequality does not apply: $\int
# p\log\frac{p}{p+q}\,dx$ is *never* positive. On the floor both KL are zero, so $P = M = Q$ (E4):
# only the perfect generator reaches it. And each KL is at most $\log 2$, because $p/m \le 2$:
# mutually singular laws reach the ceiling, 0.
#
# So $V(D, p_{\mathrm{data}}) \le -\log 4 = V(\tfrac12, p_G)$ for every $D$ and every $p_G$: the
# pair $(\tfrac12, p_{\mathrm{data}})$ is a saddle point, a Nash equilibrium of the game over
# functions (E51).

# %%
M = midpoint(P, Q)
heading("P of two modes, Q = N(0.5, 1.4²), M = (P + Q)/2")
equal("E23", "∫m", integral(M.density, P, Q), 1.0, "quadrature")
equal("E23", "C(G) = −log 4 + KL(P‖M) + KL(Q‖M)", C_by_kl(P, Q), cost, "quadrature")  # E23
below("E23", "KL(P‖M), and log 2", kl(P, M), LOG2)
below("E23", "KL(Q‖M), and log 2", kl(Q, M), LOG2)
below("E23", "without the half: ∫p log[p/(p+q)], and 0", kl(P, M) - LOG2, 0.0)
heading("the floor")
pairs = np.random.default_rng(6).dirichlet(np.ones(5), (1000, 2))
costs = np.array([C(Discrete(p), Discrete(q)) for p, q in pairs])
parts = np.array([C_by_kl(Discrete(p), Discrete(q)) for p, q in pairs])
below("E23", "−log 4, and the least C of 1,000 random pairs", -LOG4, costs.min())
equal("E23", "largest |C by E21 − C by E23| of them", np.abs(costs - parts).max(), 0.0)
equal("E23", "C at Q = P", C_by_kl(P, P), -LOG4, "quadrature")
heading("the saddle point: D = σ(x) against the data, D = ½ against Q")
at = saddle(lambda x: x[:, 0], P, Q)
below("E51", "V(D, p_data), and −log 4", at.of_D, at.value)
equal("E51", "V(½, p_G) = −log 4", at.of_G, at.value, "quadrature")
equal(
    "E23",
    "disjoint boxes: −log 4 + log 2 + log 2 = 0",
    C_by_kl(Uniform(0, 1), Uniform(2, 3)),
    0.0,
    "quadrature",
)

# %% [markdown]
# Left: E22 as a balance. From $-\log 4$ upwards stand the two KL divergences, and their top is $C$.
# The blocks are equal when $P$ and $Q$ are mirror images, and not otherwise. Right: the two terms
# as the width changes.

# %%
drawing, (bars, pieces) = panels(1, 2, "−log 4 and two KL divergences   (E22, E23)", height=4.3)
cases = {
    "N(0, 1)": Gaussian(0, 1),
    "N(1, 1)": Gaussian(1, 1),
    "N(3, 1)": Gaussian(3, 1),
    "N(0, ¼²)": Gaussian(0, 0.25),
    "N(0, 4²)": Gaussian(0, 4),
    "N(6, ¼²)": Gaussian(6, 0.25),
}
steps = [log_two_step(normal, Q) for Q in cases.values()]
at = np.arange(len(cases))
data, model = np.array([s.data_term for s in steps]), np.array([s.model_term for s in steps])
bars.bar(
    at, data, 0.6, -LOG4, color="0.8", edgecolor="black", hatch="..", label="KL(P‖M), data term"
)
bars.bar(
    at,
    model,
    0.6,
    -LOG4 + data,
    color=MODEL["color"],
    edgecolor="black",
    hatch="//",
    alpha=0.75,
    label="KL(Q‖M), model term",
)
bars.plot(at, [s.C for s in steps], "D", color="black", markersize=5, label="C(G) of E21")
bars.axhline(-LOG4, **LEVEL)
bars.axhline(0, **LEVEL)
bars.set(
    xticks=at, xticklabels=list(cases), xlabel="Q   (P = N(0, 1))", ylabel="nats", ylim=(-1.6, 0.55)
)
bars.set(title="from −log 4 upwards: two KL divergences   (E22, E23)")
bars.legend(loc="upper center", ncols=3, columnspacing=1.0, handlelength=2.0)

pieces.axhline(LOG2, **LEVEL)
pieces.text(1 / 64, LOG2 + 0.01, "log 2: no KL to M is larger", color="0.3")
walk = [log_two_step(normal, Gaussian(0, sigma)) for sigma in sigmas]
pieces.plot(sigmas, [s.data_term for s in walk], **JUDGE, label="KL(P‖M)")
pieces.plot(sigmas, [s.model_term for s in walk], **OTHER, label="KL(Q‖M)")
pieces.set(
    xscale="log",
    xlabel="σ, width of Q = N(0, σ²)   (unit of x)",
    ylabel="KL   (nats)",
    ylim=(-0.02, 0.85),
)
pieces.set(title="the two terms along that road   (E22)")
pieces.legend(loc="lower left")
save(drawing, "06_minus_log_four_terms", run)

# %% [markdown]
# ## Recap
#
# * With the best $D$ the generator's cost is $C = -\log4 + \mathrm{KL}(P\|M) + \mathrm{KL}(Q\|M)$
#   with $M = \frac12(P+Q)$ (E21-E23).
# * It is $-\log 4$ only for $P_G = P_{\mathrm{data}}$, where $D^* = \frac12$ everywhere (E19, E20),
#   and at most 0.
# * A value of $-\log4$ alone proves nothing: the undecided $D$ has it against every generator. The
#   saddle point is a pair (E51).
#
# **What we still owe.** What kind of distance this sum of two KL divergences is, and where its
# slope vanishes: chapter 7 (E24, E25).
#
# ## Exercises
#
# **1 · Predict.** Data $N(0,1)$, samples $N(3,1)$. Is $C(G)$ nearer to its floor $-\log4 = -1.386$
# or to its ceiling 0?
#
# **2 · On paper.** Compute $C$ for the box $[0,1]$ as data and the box $[\frac12,\frac32]$ as
# samples (E21).
#
# <details><summary>Answer</summary>
#
# On $[0,\frac12]$ there are only data, $D^* = 1$, and the term is $\frac12\log1 = 0$. On
# $[1,\frac32]$ there are only samples, also 0. On the overlap $D^* = \frac12$ and both terms are
# $\frac12\log\frac12$. So $C = -\log2$, halfway between floor and ceiling.
#
# </details>
#
# **3 · Change a line.** In the section on E21 replace `Q = Gaussian(0.5, 1.4)` by
# `Q = Gaussian(0.5, 14.0)` (the headings still say 1.4). Which of the two KL terms grows more?
#
# <details><summary>What you see</summary>
#
# $C$ rises from $-1.154$ to $-0.492$. $\mathrm{KL}(P\|M)$ grows from 0.120 to 0.517 and
# $\mathrm{KL}(Q\|M)$ from 0.112 to 0.377: more is lost at the data. Near the data $Q$ has hardly
# any mass, while the wide $Q$ still has some of its own among the data. All identities hold.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 38` (the minimax objective). It is the value of
# this chapter, written at the logits.
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint generator_cost`.

# %%
apart = C(normal, Gaussian(3, 1))
answer(
    1,
    f"To the ceiling: C = {apart:.4f} nats. At a distance of 3 widths D* is right nearly always, "
    f"and little is left for G to lose.",
    -apart < apart + LOG4,
)
