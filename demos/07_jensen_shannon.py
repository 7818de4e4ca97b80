# %% [markdown]
# # 7 · The Jensen-Shannon divergence (E24, E25)
#
# *The Jensen-Shannon divergence is bounded and symmetric; without overlap it has no slope.*
#
# **Needs.** Chapter 6 (E22, E23) and chapter 2 (KL).
#
# Chapter 6 ended with two KL divergences to the midpoint $M = \tfrac12(P+Q)$. Half of their sum is
# the Jensen-Shannon divergence:
#
# $$\mathrm{JSD}(P\|Q) = \tfrac12\mathrm{KL}(P\|M) + \tfrac12\mathrm{KL}(Q\|M)
# \qquad (\mathrm{E24})$$
#
# It is what a generator descends on while its discriminator is at its best. This chapter shows its
# properties, and where it fails.

# %%
import numpy as np
from figure import (
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
    LOG2,
    LOG4,
    C,
    Discrete,
    Gaussian,
    Mixture,
    Uniform,
    gradient_by_path,
    js_distance,
    jsd,
    jsd_by_entropy,
    kl,
    midpoint,
    wasserstein,
)

run = options()

# %% [markdown]
# ## Bounded, and symmetric (E24)
#
# Exchange $P$ and $Q$: $M$ stays the same, and the two halves are swapped. Both halves are KL
# divergences, so the sum is at least 0, and 0 only if $P = M = Q$. And $M$ contains half of $P$, so
# $p/m \le 2$: $M$ has mass wherever $P$ has, and each half is at most $\log 2$. Where KL is ∞, JSD
# is $\log 2$.

# %%
rng = np.random.default_rng(7)
pairs = [(Discrete(p), Discrete(q)) for p, q in rng.dirichlet(np.full(5, 0.3), (1000, 2))]
there, back = np.array([[jsd(P, Q), jsd(Q, P)] for P, Q in pairs]).T
heading("1,000 random pairs on five points")
equal("E24", "largest |JSD(P‖Q) − JSD(Q‖P)|", np.abs(there - back).max(), 0.0)
below("E24", "0 against the least JSD", 0.0, there.min())
below("E24", "the largest JSD against log 2", there.max(), LOG2)
equal("E24", "largest |JSD(P‖P)|", max(abs(jsd(P, P)) for P, _ in pairs), 0.0)
heads, tails, fair = Discrete([1.0, 0.0]), Discrete([0.0, 1.0]), Discrete([0.5, 0.5])
heading("Two coins that never agree")
equal("E24", "JSD(heads‖tails) = log 2", jsd(heads, tails), LOG2)
equal("E24", "KL(heads‖tails) = ∞", kl(heads, tails), np.inf)

# %% [markdown]
# *Another interpretation.* Toss a fair coin, draw $x$ from $P$ or from $Q$ accordingly, and show
# only $x$. The information in $x$ about the coin is $H(M) - \tfrac12H(P) - \tfrac12H(Q)$, which is
# the JSD. It is at most the coin's entropy, one bit.

# %%
P, Q = Mixture([0.6, 0.4], [Gaussian(-2, 0.6), Gaussian(1.5, 0.8)]), Gaussian(0.3, 1.4)
M = midpoint(P, Q)
heading("P = 0.6 N(−2, 0.6²) + 0.4 N(1.5, 0.8²), Q = N(0.3, 1.4²)")
equal("E24", "JSD = ½KL(P‖M) + ½KL(Q‖M)", jsd(P, Q), 0.5 * kl(P, M) + 0.5 * kl(Q, M), "quadrature")
equal("E24", "JSD = H(M) − ½H(P) − ½H(Q)", jsd_by_entropy(P, Q), jsd(P, Q), "quadrature")

# %% [markdown]
# ## Its root is a distance (E24)
#
# JSD can be written as $\iint(F_P - F_Q)^2$ with one function $F_P$ for each distribution. So
# $\sqrt{\mathrm{JSD}}$ is the length of a difference and obeys the triangle inequality. Without the
# root it is a squared length, and squared lengths do not: from heads to tails by way of a fair coin
# is shorter than straight.

# %%
triples = [[Discrete(p) for p in three] for three in rng.dirichlet(np.full(4, 0.5), (1000, 3))]
straight = np.array([js_distance(P, Q) for P, Q, R in triples])
detour = np.array([js_distance(P, R) + js_distance(R, Q) for P, Q, R in triples])
heading("P → Q, and P → R → Q: 1,000 random triples on four points")
below("E24", "√JSD: largest of straight − detour, against 0", (straight - detour).max(), 0.0)
heading("heads → tails by way of a fair coin")
half = (0.75 * np.log(4 / 3) + 0.25 * np.log(4)) - 0.5 * LOG2  # H(M) − ½H(fair), M = (¾, ¼)
equal("E24", "JSD(heads‖fair) = H(¾, ¼) − ½ log 2", jsd(heads, fair), half)
below(
    "E24", "√JSD: straight against detour", js_distance(heads, tails), 2 * js_distance(heads, fair)
)
below("E24", "JSD, no root: the detour against straight", 2 * jsd(heads, fair), jsd(heads, tails))

# %% [markdown]
# ## The main theorem (E25)
#
# $$C(G) = \max_D V(D,G) = -\log 4 + 2\,\mathrm{JSD}(P_{\mathrm{data}}\|P_G) \qquad (\mathrm{E25})$$
#
# So $C$ lies between $-\log 4$, reached when $P_G = P_{\mathrm{data}}$ and never otherwise, and 0,
# reached when $D$ can tell every sample. So a classifier that is trained on samples alone measures
# a divergence between two laws whose densities are unknown. Left below: $C$ from the best
# discriminator's two averages; right: from the KLs to $M$.

# %%
heading("C(G), from D* and from JSD (nats)")
for what, A, B in (
    ("the two modes and the Gaussian above", P, Q),
    ("N(0, 1) and N(1, 2²)", Gaussian(0, 1), Gaussian(1, 2)),
    ("box [0, 1] and N(0.5, 0.3²)", Uniform(0, 1), Gaussian(0.5, 0.3)),
):
    M = midpoint(A, B)
    equal("E25", what, C(A, B), -LOG4 + 2 * (0.5 * kl(A, M) + 0.5 * kl(B, M)), "quadrature")
equal("E25", "P_G = P_data: the least, −log 4", C(P, P), -LOG4, "quadrature")
equal("E25", "disjoint boxes: the most, 0", C(Uniform(0, 1), Uniform(2, 3)), 0.0, "quadrature")
off = [C(A, B) + LOG4 - 2 * jsd(A, B) for A, B in pairs]
equal("E25", "largest |C + log 4 − 2·JSD| of the 1,000 pairs", np.abs(off).max(), 0.0)

# %% [markdown]
# ## Where it fails: no overlap, no slope (E24, E25)
#
# Data in a box $[0, 1]$, generator in a box $[\ell, \ell+1]$. While they overlap, a share $\ell$ of
# each lies outside the other: $\mathrm{JSD} = \ell\log 2$. From $\ell = 1$ on the JSD stays at
# $\log 2$, near or far. On the generator's samples $D^* = 0$, so $\log(1 - D^*)$ is flat and the
# derivative is 0: the generator gets no direction. The Wasserstein distance $W_1$, the mean
# distance that the mass must move, is $\ell$ throughout. (For two points, 0 and $\ell$, the JSD is
# $\log 2$ at every $\ell > 0$.)


# %%
def slope(f, t, h=0.05):
    """f'(t) by eight differences: the error is of order h⁸."""
    return (
        sum(
            c * (f(t + k * h) - f(t - k * h))
            for k, c in ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))
        )
        / h
    )


box = Uniform(0, 1)
heading("Boxes [0, 1] and [ℓ, ℓ+1]")
for ell in (0.25, 0.75):
    equal(
        "E24",
        f"overlapping, JSD at ℓ = {ell}: ℓ log 2",
        jsd(box, Uniform(ell, ell + 1)),
        ell * LOG2,
        "quadrature",
    )
for ell in (1.5, 10.0, 1000.0):
    equal(
        "E24",
        f"disjoint, JSD at ℓ = {ell:g}: log 2",
        jsd(box, Uniform(ell, ell + 1)),
        LOG2,
        "quadrature",
    )
    equal(
        "E25",
        f"disjoint, ∂C/∂ℓ at ℓ = {ell:g}",
        slope(lambda t: C(box, Uniform(t, t + 1)), ell),
        0.0,
        "quadrature",
    )
    equal(
        "E43",
        f"disjoint, W₁ at ℓ = {ell:g}: ℓ",
        wasserstein(box, Uniform(ell, ell + 1)),
        ell,
        "quadrature",
    )
equal(
    "E43",
    "disjoint, ∂W₁/∂ℓ at ℓ = 1.5",
    slope(lambda t: wasserstein(box, Uniform(t, t + 1)), 1.5),
    1.0,
    "quadrature",
)
heading("Two points, 0 and ℓ")
for ell in (1e-6, 1.0, 1e6):
    at_0, at_ell = Discrete([1.0, 0.0], [0.0, ell]), Discrete([0.0, 1.0], [0.0, ell])
    equal("E24", f"JSD at ℓ = {ell:g}: log 2", jsd(at_0, at_ell), LOG2)
    equal("E43", f"W₁ / ℓ at ℓ = {ell:g}", wasserstein(at_0, at_ell) / ell, 1.0)

# %% [markdown]
# As the boxes separate, the JSD rises to $\log 2$ and stays there, while $W_1$ goes on rising.

# %%
drawing, part = panels(1, 1, "No overlap, no slope   (E24)", width=8.0, height=4.0)
ells = np.linspace(0, 3, 61)
part.plot(ells, [jsd(box, Uniform(t, t + 1)) for t in ells], **MODEL, label="JSD (nats)")
part.plot(
    ells, [wasserstein(box, Uniform(t, t + 1)) for t in ells], **JUDGE, label="W₁ (unit of x)"
)
part.axhline(LOG2, **LEVEL)
part.text(0.03, LOG2 + 0.05, "log 2", color="0.3")
part.axvline(1, **LEVEL)
part.text(1.04, 0.08, "disjoint from here on", color="0.3")
part.set(
    xlabel="ℓ, distance of the boxes [0, 1] and [ℓ, ℓ+1]", ylabel="divergence", ylim=(-0.05, 3.2)
)
part.legend(loc="upper left")
save(drawing, "07_jensen_shannon", run)

# %% [markdown]
# ## Noise gives the slope back (E25)
#
# Blur both: add to data and samples alike a noise $N(0, s^2)$. The two points become $N(0, s^2)$
# and $N(\ell, s^2)$, which overlap everywhere, and $C$ has a slope everywhere. But how much of one?
# The overlap falls like $e^{-\ell^2/8s^2}$: with noise much narrower than the distance the slope is
# smaller than a rounding error. With too much noise the two laws are nearly the same. In between is
# a best width, in proportion to the distance. (So begin with much noise and take it away as $\ell$
# shrinks.)
#
# The slope is computed by moving samples, $\mathbb{E}_z[\partial\log(1 - D^*(z +
# \ell))/\partial\ell]$ with $D^*$ held fixed, and compared with differences of $2\,\mathrm{JSD}$.
# Chapter 8 proves that $D^*$ may be held fixed (E27).


# %%
def pull(ell, s):
    """∂C/∂ℓ of N(0, s²) and N(ℓ, s²), by moving the samples."""
    return gradient_by_path(Gaussian(0, s), Gaussian(ell, s), np.ones_like)  # E25, E27


ell = 2.0
heading(f"N(0, s²) and N(ℓ, s²) at ℓ = {ell:g}: ∂C/∂ℓ by D*, and ∂(2·JSD)/∂ℓ by differences")
for s in (0.5, 1.0, 2.0, 4.0):
    by_difference = slope(lambda t, s=s: 2 * jsd(Gaussian(0, s), Gaussian(t, s)), ell, h=0.05 * s)
    equal("E25", f"s = {s:g}", pull(ell, s), by_difference, "quadrature")
equal("E25", "s = 0.05: nothing left of it", pull(ell, 0.05), 0.0, "quadrature")
widths = np.geomspace(0.15, 8, 41 if run.quick else 121)
pulls = {at: np.array([pull(at, s) for s in widths]) for at in (1.0, 2.0, 4.0)}
for at, values in pulls.items():
    best = values.argmax()
    print(
        f"E25     ℓ = {at:g}: the steepest slope, {values[best]:.4f} nats/unit, is at s = "
        f"{widths[best]:.3f} = "
        f"{widths[best] / at:.3f} ℓ"
    )
heading("The same proportion for every distance: ∂C/∂ℓ depends on ℓ/s, over s")
equal(
    "E25",
    "slope at (ℓ, s) = (4, 2), twice, and at (2, 1)",
    2 * pull(4.0, 2.0),
    pull(2.0, 1.0),
    "quadrature",
)
heading("Blurring hides, it never reveals: JSD after noise s = 1, and before")
below("E24", "points 0 and 2", jsd(Gaussian(0, 1), Gaussian(2, 1)), LOG2)
equal(
    "E24",
    "at ℓ = 0, where they are equal, still 0",
    jsd(Gaussian(0, 1), Gaussian(0, 1)),
    0.0,
    "quadrature",
)

# %% [markdown]
# Left: two points under noise; the cliff at $\ell = 0$ becomes a valley, as wide as the noise.
# Right: the slope of the generator's cost.

# %%
drawing, (noisy, felt) = panels(
    1, 2, "Noise gives the slope back   (E24, E25)", width=11.0, height=4.2
)
t = line(-5, 5, 81 if run.quick else 161)
for style, s in zip((MODEL, JUDGE, OTHER), (0.25, 1.0, 2.5), strict=True):
    noisy.plot(t, [jsd(Gaussian(0, s), Gaussian(at, s)) for at in t], **style, label=f"s = {s:g}")
noisy.axhline(LOG2, color="black", linewidth=1.0)
noisy.plot(0, 0, "o", color="black")
noisy.plot(0, LOG2, "o", color="black", markerfacecolor="white")
noisy.text(-4.9, LOG2 + 0.035, "no noise: log 2 for all ℓ ≠ 0", color="0.2")
noisy.set(xlabel="ℓ, distance of the two points", ylabel="JSD (nats)", ylim=(-0.17, 0.83))
noisy.set(title="two points under noise N(0, s²)   (E24)")
noisy.legend(loc="lower center", ncols=3)

for style, (at, values) in zip((LINES[4], JUDGE, OTHER), pulls.items(), strict=True):
    felt.loglog(widths / at, np.maximum(values, 1e-300), **style, label=f"ℓ = {at:g}")
felt.set(
    xlabel="s/ℓ, width of the noise over the distance", ylabel="∂C/∂ℓ (nats/unit)", ylim=(1e-9, 3)
)
felt.set(title="the slope that the generator feels   (E25)")
felt.legend(loc="lower right")
save(drawing, "07_jensen_shannon_noise", run)

# %% [markdown]
# ## Recap
#
# * JSD is half the sum of the KL divergences to the midpoint (E24): symmetric, at most $\log2$, and
#   its root is a distance.
# * The generator's cost against the best $D$ is $C = -\log4 + 2\,\mathrm{JSD}$ (E25).
# * Without overlap the JSD is constant and has no slope; noise on both sides gives a slope back.
#
# **What we still owe.** Whether a generator that follows this slope arrives. Chapter 8 plays the
# game with a perfect $D$ (E26-E28).
#
# ## Exercises
#
# **1 · Predict.** Two points at a distance of 4 are blurred with noise of width $s$. At which of $s
# = 0.4$, 2 and 8 is the slope of $C$ steepest?
#
# **2 · On paper.** Show that the boxes $[0,1]$ and $[\ell,\ell+1]$ with $0\le\ell\le1$ have
# $\mathrm{JSD} = \ell\log2$ (E24).
#
# <details><summary>Answer</summary>
#
# On the overlap, of length $1-\ell$, $p = q = m$ and both logarithms are 0. On the rest of $P$, of
# mass $\ell$, $m = \frac12$ and $\log(p/m) = \log2$; so $\mathrm{KL}(P\|M) = \ell\log2$. The same
# holds for $Q$, and the mean of the two is $\ell\log2$.
#
# </details>
#
# **3 · Change a line.** Replace `ell = 2.0` by `ell = 20.0`. What is left of the slope at $s =
# 0.5$, and at $s = 4$?
#
# <details><summary>What you see</summary>
#
# At $s = 0.5$ the slope is $4\cdot10^{-87}$: zero for every purpose. The difference of the JSD
# shows $6\cdot10^{-15}$ there, which is rounding. At $s = 4$ it is 0.012. The best width grows with
# the distance.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 40` (the saturating generator). Its gradient is
# the one that vanishes when $D$ is sure.
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint jsd`.

# %%
slopes = {s: pull(4.0, s) for s in (0.4, 2.0, 8.0)}
steepest = max(slopes, key=slopes.get)
answer(
    1,
    f"At s = {steepest:g}: the slopes are "
    + ", ".join(f"{value:.2g} at s = {s:g}" for s, value in slopes.items())
    + ". Less noise leaves no overlap, more makes everything alike.",
    steepest == 2.0,
)
