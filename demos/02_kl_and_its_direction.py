# %% [markdown]
# # 2 · The Kullback-Leibler divergence, and its direction (E2, E3, E4, E5, E6)
#
# *KL is never negative, is no distance, and its direction decides between covering all modes and
# keeping one.*
#
# **Needs.** Chapter 1 (entropy, E1).
#
# How far is a model $Q$ from the truth $P$? Draw $x$ from $P$, and take the mean of the surprise
# under $Q$ minus the surprise under $P$:
#
# $$\mathrm{KL}(P\|Q) = \mathbb{E}_{x\sim P}\Big[\log\frac{P(x)}{Q(x)}\Big] \qquad (\mathrm{E2})$$

# %%
import numpy as np
from figure import (
    DATA,
    JUDGE,
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
    Discrete,
    Gaussian,
    Mixture,
    Uniform,
    both_directions,
    covering_fit,
    cross_entropy,
    entropy,
    gibbs_gap,
    integral,
    kl,
    seeking_fit,
)

run = options()

# %% [markdown]
# ## Zeros
#
# Where $P$ is zero the integrand is zero: $0\log 0 = 0$. Where $Q$ is zero and $P$ is not, the
# ratio is infinite, and so is the mean: $\mathrm{KL} = \infty$. So the order of the two matters.

# %%
heading("KL (nats)")
fair, heads, biased = Discrete([0.5, 0.5]), Discrete([1.0, 0.0]), Discrete([0.25, 0.75])
equal("E2", "KL(heads ‖ fair) = log 2", kl(heads, fair), np.log(2))
equal("E2", "KL(fair ‖ heads) = ∞", kl(fair, heads), np.inf)
boxes = Uniform(0, 1), Uniform(0, 2)
equal(
    "E2", "KL(box [0, 1] ‖ box [0, 2]) = log 2", kl(*boxes, closed=False), np.log(2), "quadrature"
)
equal(
    "E2",
    "KL(box [0, 2] ‖ box [0, 1]) = ∞",
    kl(Uniform(0, 2), Uniform(0, 1), closed=False),
    np.inf,
    "quadrature",
)

# %% [markdown]
# ## Never negative, and zero only for the same distribution (E3, E4)
#
# The integrand $p\log(p/q)$ takes both signs. Add $q - p$, whose integral is 0. The sum
# $p\log(p/q) - p + q$ is nowhere negative, since $t\log t \ge t - 1$, and it is zero only
# where $p = q$. So KL is the integral of a function that is at least zero *at every point*. That
# is the whole proof.

# %%
P, Q = Gaussian(0, 1), Gaussian(1, 2)
gap, x = gibbs_gap(P, Q), line(-12, 12)
exact = np.log(2) + (1 + 1) / 8 - 0.5  # log(s_q/s_p) + (s_p² + (m_p − m_q)²)/2s_q² − ½
heading("P = N(0, 1), Q = N(1, 2²)")
below("E3", "0 against the least gap p log(p/q) − p + q", 0.0, gap(x).min())
equal("E3", "the integral of the gap is KL(P‖Q)", integral(gap, P, Q), exact, "quadrature")
equal("E4", "KL(P‖P)", kl(P, P, closed=False), 0.0, "quadrature")
below(
    "E3",
    "0 against the least KL of 1,000 random pairs",
    0.0,
    min(
        kl(Discrete(p), Discrete(q))
        for p, q in np.random.default_rng(2).dirichlet(np.ones(5), (1000, 2))
    ),
)

# %% [markdown]
# ## No distance (E5)
#
# The two directions are two different numbers: KL is no metric.

# %%
forward, backward = both_directions(P, Q, closed=False)
equal("E5", "KL(P‖Q)", forward, exact, "quadrature")
equal("E5", "KL(Q‖P)", backward, -np.log(2) + (4 + 1) / 2 - 0.5, "quadrature")
below("E5", "KL(fair‖biased) against KL(biased‖fair)", *sorted(both_directions(fair, biased)))

# %% [markdown]
# ## What the direction means (E6)
#
# Let the truth have two modes and the model, a Gaussian, only one.
#
# * $\min_Q \mathrm{KL}(P\|Q)$ is averaged under $P$: where $P$ has mass, $Q$ must have some. The
#   best Gaussian takes $P$'s mean and variance. It *covers* both modes, and also the empty region
#   between them.
# * $\min_Q \mathrm{KL}(Q\|P)$ is averaged under $Q$: where $Q$ puts mass, $P$ must have some. The
#   best Gaussian fits *one* mode and ignores the other, if the modes are far apart (two equal ones
#   at $\pm c$ of width $s$ with $c/s > 2.80$; nearer ones it covers too). The start of the fit
#   decides which.
#
# Maximum likelihood is the first (chapter 3): its samples are blurred. A GAN is nearer to the
# second: its samples are sharp, and modes may be missing.

# %%
P = Mixture([0.6, 0.4], [Gaussian(-2, 0.6), Gaussian(2.5, 0.8)])
cover = covering_fit(P)
seek = [seeking_fit(P, Gaussian(start, 0.7)) for start in (-1.0, 2.0)]
mean = 0.6 * -2 + 0.4 * 2.5
var = 0.6 * (0.6**2 + (-2 - mean) ** 2) + 0.4 * (0.8**2 + (2.5 - mean) ** 2)
heading("P = 0.6 N(−2, 0.6²) + 0.4 N(2.5, 0.8²), and the nearest Gaussian Q")
equal("E6", "covering: the mean of Q is the mean of P", cover.mean[0], mean)
equal("E6", "covering: the variance of Q is the variance of P", cover.cov[0, 0], var)
for Q, start in zip(seek, (-1, 2), strict=True):
    print(f"E6      seeking, from {start:+d}: N({Q.mean[0]:.4f}, {Q.std[0]:.4f}²)"
          f"   KL(Q‖P) = {kl(Q, P):.4f},  KL(P‖Q) = {kl(P, Q):.4f} nats")  # fmt: skip
print(f"E6      covering:         N({cover.mean[0]:.4f}, {cover.std[0]:.4f}²)"
      f"    KL(Q‖P) = {kl(cover, P):.4f},  KL(P‖Q) = {kl(P, cover):.4f} nats")  # fmt: skip
print(
    f"        a fit that knows only its own mode pays about the log of that mode's weight: −log "
    f"0.6 = "
    f"{-np.log(0.6):.4f}, −log 0.4 = {-np.log(0.4):.4f}"
)
equal(
    "E6",
    "cross-entropy H(P,Q) = H(P) + KL(P‖Q)",
    cross_entropy(P, cover),
    entropy(P) + kl(P, cover),
    "quadrature",
)

# %% [markdown]
# ## The figure
#
# Left: one truth, three "nearest" Gaussians. Right: hold the width of $Q$ at 0.7 and slide its mean
# $m$. Seen from $P$ the cost is exactly a parabola, $\mathrm{KL} = (m-\mu)^2/2s^2 + \text{const}$,
# whatever the shape of $P$. Seen from $Q$ it is a landscape with a valley for each mode, and a
# generator that descends into one stays there.

# %%
s = 0.7
means = line(-4.0, 4.5, 121)
from_P = np.array([kl(P, Gaussian(m, s)) for m in means])
from_Q = np.array([kl(Gaussian(m, s), P) for m in means])
least = kl(P, Gaussian(mean, s))
parabola = (means - mean) ** 2 / (2 * s**2) + least
heading("Q = N(m, 0.7²), 121 values of m")
equal("E6", "largest |KL(P‖Q) − parabola|", np.abs(from_P - parabola).max(), 0.0, "quadrature")

drawing, (left, right) = panels(1, 2, "The direction of KL: covering against seeking   (E6)")
x = line(-7, 8)
left.plot(x, P.density(x), **DATA, label="P")
left.plot(x, cover.density(x), **MODEL, label="argmin KL(P‖Q): covers")
left.plot(x, seek[0].density(x), **JUDGE, label="argmin KL(Q‖P), from m = −1")
left.plot(x, seek[1].density(x), **OTHER, label="argmin KL(Q‖P), from m = +2")
left.set(
    xlabel="x",
    ylabel="density (1/unit of x)",
    title="one truth, three nearest Gaussians",
    ylim=(0, 0.95),
)
left.legend(loc="upper center", ncols=2)
right.plot(means, from_P, **MODEL, label="KL(P‖Q): a parabola, whatever P")
right.plot(means, from_Q, **JUDGE, label="KL(Q‖P): a valley for each mode")
right.plot(means[from_P.argmin()], from_P.min(), "o", color=MODEL["color"])
inner = np.flatnonzero((from_Q[1:-1] < from_Q[:-2]) & (from_Q[1:-1] < from_Q[2:])) + 1
right.plot(means[inner], from_Q[inner], "s", color=JUDGE["color"])
right.set(
    xlabel="m, mean of Q = N(m, 0.7²)   (unit of x)",
    ylabel="divergence (nats)",
    title="the cost of a mean",
)
right.set(ylim=(0, 27))
right.legend(loc="upper center")
save(drawing, "02_kl_and_its_direction", run)

# %% [markdown]
# ## Recap
#
# * $\mathrm{KL}(P\|Q)$ is the mean under $P$ of the log ratio of densities (E2). It is 0 only for
#   $Q = P$ (E3, E4).
# * It is infinite where $Q$ misses what $P$ has, and its two directions are two numbers (E5).
# * Minimised over a $Q$ that is too small, $\mathrm{KL}(P\|Q)$ covers all modes and
#   $\mathrm{KL}(Q\|P)$ keeps one (E6).
#
# **What we still owe.** How to minimise a KL divergence from samples alone: in chapter 3 one of the
# directions becomes maximum likelihood (E8).
#
# ## Exercises
#
# **1 · Predict.** $P = N(0, 1)$ is narrow and $Q = N(0, 2^2)$ is wide. Which is larger,
# $\mathrm{KL}(P\|Q)$ or $\mathrm{KL}(Q\|P)$?
#
# **2 · On paper.** Derive $\mathrm{KL}(P\|Q)$ for $P = N(\mu, s^2)$ and $Q = N(m, s^2)$, two
# Gaussians of the same width (E2).
#
# <details><summary>Answer</summary>
#
# The normalising constants cancel, so $\log(p/q) = [(x-m)^2 - (x-\mu)^2]/2s^2$. Its mean under $P$
# is $[(\mu-m)^2 + s^2 - s^2]/2s^2 = (\mu-m)^2/2s^2$. It does not depend on the direction: equal
# widths hide it.
#
# </details>
#
# **3 · Change a line.** In the last section replace `s = 0.7` by `s = 2.0` (the labels still say
# 0.7). Look at the right panel: what becomes of the two valleys?
#
# <details><summary>What you see</summary>
#
# One valley is left. A wide $Q$ cannot fit into a single mode, so $\mathrm{KL}(Q\|P)$ no longer
# prefers one of them. The other curve stays an exact parabola, only flatter: its row has the same
# small difference.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 5` (the gradient of a KL divergence at logits).
# Write $\partial p_i/\partial a_k$ of a softmax first.
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint kl` and `numgan course hint kl_at_logits`.

# %%
narrow, wide = Gaussian(0, 1), Gaussian(0, 2)
one, other = both_directions(narrow, wide)
answer(
    1,
    f"KL(Q‖P) = {other:.4f} is larger than KL(P‖Q) = {one:.4f} nats. The wide law often draws "
    f"points that the narrow one calls nearly impossible.",
    other > one,
)
