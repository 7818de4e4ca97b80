# %% [markdown]
# # 3 · Maximum likelihood is a KL divergence (E7, E8, E9, E10)
#
# *To maximise the likelihood is to minimise KL; other divergences choose other generators.*
#
# **Needs.** Chapters 1 and 2 (entropy E1, KL E2, its direction E6).
#
# How should a model be fitted to data? Maximum likelihood chooses the parameters under which the
# data have the largest density. For independent samples $x^1,\ldots,x^m$ and a model with the
# density $p_G(x;\theta)$ that is the product
#
# $$L(\theta) = \prod_{i=1}^m p_G(x^i;\theta) \qquad (\mathrm{E7})$$
#
# This chapter shows that to maximise it is to minimise the divergence of chapter 2, in its covering
# direction. Then it asks what else one might minimise. The GAN is one answer.

# %%
import numpy as np
from figure import (
    DATA,
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
    Discrete,
    Gaussian,
    Mixture,
    best_generator,
    covering_fit,
    entropy,
    expected_log_likelihood,
    fit_gaussian,
    fit_mixture,
    jsd,
    kl,
    likelihood,
    log_likelihood,
)

run = options()
P = Mixture([0.6, 0.4], [Gaussian(-2, 0.6), Gaussian(2.5, 0.8)])  # the truth of chapter 2
x = P.sample(4_000 if run.quick else 20_000, np.random.default_rng(3))[:, 0]
m = len(x)

# %% [markdown]
# ## The likelihood of a sample, and why nobody computes it (E7)
#
# A thousand points have a thousand factors of about 0.1. Their product is smaller than any number
# that the machine can hold, so it is zero for good and bad models alike. The sum of their
# logarithms is an ordinary number.

# %%
heading("The likelihood of a few points, and of many")
Q = Gaussian(0, 1)
equal(
    "E7",
    "N(0, 1) at 0, 1, 2: (2π)^(−3/2) exp(−5/2)",
    likelihood(Q, np.array([0.0, 1.0, 2.0])),
    (2 * np.pi) ** -1.5 * np.exp(-2.5),
)
equal("E7", "the truth itself, at 1,000 of its samples: underflow", likelihood(P, x[:1000]), 0.0)
print(
    f"E8      its logarithm is no trouble: log L = {log_likelihood(P, x[:1000]):.4f} nats, that "
    f"is "
    f"10^{log_likelihood(P, x[:1000]) / np.log(10):.1f}"
)

# %% [markdown]
# ## The logarithm (E8)
#
# The logarithm grows, so it moves no maximum, and it makes a sum of the product. Divide by $m$,
# which moves no maximum either, and by the law of large numbers the sum becomes an expectation:
#
# $$\theta^* = \arg\max_\theta \sum_{i=1}^m \log p_G(x^i;\theta) \;\longrightarrow\;
# \arg\max_\theta \mathbb{E}_{x\sim P}[\log p_G(x;\theta)] \qquad (\mathrm{E8})$$
#
# **One Gaussian.** The sum has its maximum at the samples' mean and variance, divided by $m$ and
# not by $m-1$. There $\sum (x^i-\bar x)^2/s^2 = m$, so its height is $-\tfrac12(\log 2\pi s^2 + 1)$
# a sample: minus the entropy of the Gaussian that was fitted. Move the mean or the width, and it
# can only fall.

# %%
Q = fit_gaussian(x)  # E8
mean, s = Q.mean[0], Q.std[0]
per_sample = log_likelihood(Q, x) / m
heading(f"The likeliest Gaussian for {m:,} samples of P")
equal("E8", "its mean: the mean of the samples", mean, x.mean())
equal("E8", "its variance: that of the samples", Q.cov[0, 0], x.var())
equal("E8", "(1/m) log L = −H of the Gaussian fitted", per_sample, -entropy(Q))
for what, R in (
    ("mean + 0.05", Gaussian(mean + 0.05, s)),
    ("mean − 0.05", Gaussian(mean - 0.05, s)),
    ("width · 1.02", Gaussian(mean, 1.02 * s)),
    ("width / 1.02", Gaussian(mean, s / 1.02)),
):
    below("E8", f"(1/m) log L at {what}, and at the fit", log_likelihood(R, x) / m, per_sample)

# %% [markdown]
# **Two Gaussians.** A mixture has no such formula, but it has an algorithm that never lowers the
# likelihood: expectation-maximisation. For any guess $r_{nk}$ of which component made which point,
#
# $$\log p(x_n)
# = \sum_k
# r_{nk}\log\frac{w_k\,p_k(x_n)}{r_{nk}} + \mathrm{KL}\big(r_n\,\|\,\mathrm{Pr}(k|x_n)\big)$$
#
# Set $r$ to the posterior: the KL is zero. Raise the sum with $r$ held fixed: weighted means and
# variances. The new KL can only add. Chapter 2 proved that a KL is never negative; here that fact
# drives an algorithm. The fit should find the parameters of $P$ to within their standard errors.

# %%
em = fit_mixture(x, 2, np.random.default_rng(4))  # E8
order = np.argsort(em.mixture.means[:, 0])
weight, centres, widths = (
    em.mixture.weights[order][0],
    em.mixture.means[order, 0],
    em.mixture.stds[order, 0],
)
heading(f"The likeliest mixture of two, after {len(em.history) - 1} steps of EM")
equal("E8", "weight of the left mode", weight, 0.6, np.sqrt(0.24 / m))
for name, share, centre, width, true in (
    ("left", 0.6, centres[0], widths[0], P.components[0]),
    ("right", 0.4, centres[1], widths[1], P.components[1]),
):
    error = true.std[0] / np.sqrt(share * m)
    equal("E8", f"mean of the {name} mode", centre, true.mean[0], error)
    equal("E8", f"width of the {name} mode", width, true.std[0], error / np.sqrt(2))
below("E8", "the largest fall in a step, and rounding", max(0.0, -np.diff(em.history).min()), 1e-13)
below(
    "E8",
    "(1/m) log L of the truth, and of the fit to the samples",
    log_likelihood(P, x) / m,
    em.history[-1],
)

# %% [markdown]
# Look at the last line. On its own samples the fit is *likelier than the truth*: it has fitted the
# noise too.

# %% [markdown]
# What the samples make of one Gaussian, and of two.

# %%
drawing, fits = panels(1, 1, "Maximum-likelihood fits   (E8)", width=8.0, height=4.0)
t = line(-6, 7)
one = fit_gaussian(x)
fits.hist(x, bins=80, density=True, color="0.85", label=f"{m:,} samples")
fits.plot(t, P.density(t), **DATA, label="P")
fits.plot(
    t, one.density(t), **OTHER, label=f"likeliest Gaussian: N({one.mean[0]:.2f}, {one.std[0]:.2f}²)"
)
fits.plot(t, em.mixture.density(t), **MODEL, label="likeliest mixture of two, by EM")
fits.set(xlabel="x", ylabel="density (1/unit of x)", ylim=(0, 0.68))
fits.legend(loc="upper right")
save(drawing, "03_maximum_likelihood_is_kl_fits", run)

# %% [markdown]
# ## Where the mean log-likelihood goes (E9)
#
# $$\mathbb{E}_{x\sim P}[\log q(x)] = -H(P) - \mathrm{KL}(P\|Q) \qquad (\mathrm{E9})$$
#
# Proof: subtract $\mathbb{E}_P[\log p]$ on both sides. The entropy depends on the data alone. So
# the model that makes the left side largest makes $\mathrm{KL}(P\|Q)$ smallest, and the largest
# possible value is $-H(P)$, that of the truth. Both sides below are integrals, each computed
# without the other.

# %%
models = {
    "N(0, 2²)": Gaussian(0, 2),
    "N(−1, 1)": Gaussian(-1, 1),
    "the nearest Gaussian": covering_fit(P),
    "P itself": P,
}
heading("E_P[log q], and −H(P) − KL(P‖Q): two ways to one number (nats a sample)")
for name, Q in models.items():
    equal(
        "E9",
        name,
        expected_log_likelihood(P, Q),
        -entropy(P) - kl(P, Q, closed=False),
        "quadrature",
    )
heading("(1/m) log L of m samples tends to it")
for n in (100, 1_000, m):
    for name in ("N(0, 2²)", "N(−1, 1)"):
        Q, error = models[name], models[name].log_density(x[:n]).std(ddof=1) / np.sqrt(n)
        equal(
            "E9", f"{name}, m = {n:,}", log_likelihood(Q, x[:n]) / n, -entropy(P) - kl(P, Q), error
        )

# %% [markdown]
# ## The likeliest is the nearest (E9)
#
# Take a family: $N(\theta, 2^2)$, 141 values of $\theta$. At each of them the two sides agree, so
# the maximum of one is the minimum of the other. With $m$ samples the maximum is at their mean,
# which is within four standard errors of the mean of $P$.

# %%
thetas = line(-4.2, 4.2, 141)
family = lambda theta: Gaussian(theta, 2.0)  # noqa: E731
limit = np.array([expected_log_likelihood(P, family(theta)) for theta in thetas])
nearest, from_P = best_generator(P, family, thetas, kl)
heading("The family N(θ, 2²), 141 values of θ")
equal(
    "E9",
    "largest |E_P[log q] + H(P) + KL(P‖Q)|",
    np.abs(limit + entropy(P) + from_P).max(),
    0.0,
    "quadrature",
)
equal("E9", "θ of largest E_P[log q] = θ of least KL(P‖Q)", thetas[limit.argmax()], thetas[nearest])
below(
    "E9",
    "its distance to the mean of P, and half a grid step",
    abs(thetas[nearest] - P.mean[0]),
    0.03,
)
scan = {
    n: np.array([log_likelihood(family(theta), x[:n]) / n for theta in thetas])
    for n in (10, 100, m)
}
for n, values in scan.items():
    below(
        "E9",
        f"m = {n:,}: from its peak to the mean of the samples",
        abs(thetas[values.argmax()] - x[:n].mean()),
        0.03 + 1e-14,
    )
    equal(
        "E9",
        f"m = {n:,}: mean of the samples, mean of P",
        x[:n].mean(),
        P.mean[0],
        np.sqrt(P.cov[0, 0] / n),
    )

# %% [markdown]
# Left: the running mean over the samples tends to $-H - \mathrm{KL}$. Right: log-likelihoods of few
# and many samples, and their limit, which is KL turned upside down.

# %%
drawing, (stream, peak) = panels(
    1, 2, "Maximum likelihood is a KL divergence   (E8, E9)", width=11.0, height=4.2
)
n = np.arange(1, m + 1)
for name, style in (("N(0, 2²)", MODEL), ("N(−1, 1)", JUDGE)):
    Q = models[name]
    logs, end = Q.log_density(x), expected_log_likelihood(P, Q)
    stream.plot(n[9:], (np.cumsum(logs) / n)[9:], **style, label=f"(1/m) log L of {name}")
    stream.fill_between(
        n[9:],
        end - 4 * logs.std() / np.sqrt(n[9:]),
        end + 4 * logs.std() / np.sqrt(n[9:]),
        color=style["color"],
        alpha=0.12,
        linewidth=0,
    )
    stream.axhline(end, **LEVEL)
stream.set(
    xlabel="m, number of samples",
    ylabel="log-likelihood (nats a sample)",
    xscale="log",
    ylim=(-8.5, 1),
)
stream.set(title="it tends to −H(P) − KL(P‖Q), band: 4 standard errors   (E9)")
stream.legend(loc="upper right")

for (n, values), style in zip(scan.items(), (OTHER, JUDGE, MODEL), strict=True):
    peak.plot(thetas, values, **style, label=f"(1/m) log L, m = {n:,}")
    peak.plot(thetas[values.argmax()], values.max(), "o", color=style["color"])
peak.plot(thetas, -entropy(P) - from_P, **DATA, label="−H(P) − KL(P‖Q)")
peak.axvline(P.mean[0], **LEVEL)
peak.set(xlabel="θ, mean of Q = N(θ, 2²)   (unit of x)", ylabel="log-likelihood (nats a sample)")
peak.set(title="the likeliest θ has the least KL   (E8, E9)", ylim=(-5.6, -1.0))
peak.legend(loc="upper center", ncols=2)
save(drawing, "03_maximum_likelihood_is_kl", run)

# %% [markdown]
# ## Another divergence, another best generator (E10)
#
# So maximum likelihood is one case of a more general problem:
#
# $$G^* = \arg\min_G \mathrm{Div}(P_G, P_{\mathrm{data}}) \qquad (\mathrm{E10})$$
#
# If the family contains the truth, it does not matter which Div: each is zero there and only there.
# If it does not, the choice matters. Below, one Gaussian of width 0.7 stands for both modes. KL
# puts it at the mean, where $P$ has hardly any density. Jensen-Shannon, and KL the other way round,
# put it on the heavier mode: one mode is lost, but every sample is plausible. That is a reason for
# another Div. Chapters 6 and 7 show that Jensen-Shannon is the one a GAN minimises.

# %%
divergences = {"KL(P‖Q)": kl, "KL(Q‖P)": lambda P, Q: kl(Q, P), "JSD": jsd}
grid = line(-4.5, 4.5, 91)
heading("P = N(0.5, 1) and the family N(θ, 1), which contains it: the best θ")
for name, div in divergences.items():
    best, values = best_generator(
        Gaussian(0.5, 1), lambda theta: Gaussian(theta, 1), grid, div
    )  # E10
    equal("E10", f"{name}: best θ", grid[best], 0.5)
    equal("E10", f"{name}: its value there", values[best], 0.0, "quadrature")
heading(
    "The two modes and the family N(θ, 0.7²), which does not: the best θ, and the nearest on "
    "the grid to ..."
)
narrow = lambda theta: Gaussian(theta, 0.7)  # noqa: E731
chosen = {name: best_generator(P, narrow, grid, div) for name, div in divergences.items()}  # E10
for name, (target, where) in {
    "KL(P‖Q)": ("the mean of P", P.mean[0]),
    "KL(Q‖P)": ("the heavier mode", -2.0),
    "JSD": ("the heavier mode", -2.0),
}.items():
    equal("E10", f"{name}: {target}", grid[chosen[name][0]], grid[np.abs(grid - where).argmin()])
for name, (best, values) in chosen.items():
    print(
        f"E10     {name:8} best θ = {grid[best]:+.1f}: {name} = {values[best]:.4f} nats, and the "
        f"density of P there "
        f"is {P.density(np.array([grid[best]]))[0]:.4f}"
    )

# %% [markdown]
# The same truth, three ideas of the best $\theta$.

# %%
drawing, choice = panels(
    1, 1, "Each divergence has its own best generator   (E10)", width=8.0, height=4.0
)
for (name, (best, values)), style in zip(chosen.items(), (MODEL, JUDGE, OTHER), strict=True):
    height = values / values.max()
    choice.plot(grid, height, **style, label=f"{name}, least at θ = {grid[best]:+.1f}")
    choice.plot(grid[best], height[best], "o", color=style["color"])
choice.set(
    xlabel="θ, mean of Q = N(θ, 0.7²)   (unit of x)", ylabel="divergence / its largest value shown"
)
choice.set(ylim=(-0.03, 1.42))
choice.legend(loc="upper center")
save(drawing, "03_maximum_likelihood_is_kl_choice", run)

# %% [markdown]
# ## The difficulty
#
# Every number so far needed $p_G(x)$, the density of the model at a given point. A generator $x =
# G(z)$ has no formula for it: we can only draw samples. Of the data we have only samples too. Taken
# as discrete distributions, two sets of samples share no point, so their Jensen-Shannon divergence
# is $\log 2$, whatever the model is. We need a way to estimate a divergence from samples of both
# sides. Chapter 4 prepares it.

# %%
other = P.sample(200, np.random.default_rng(5))[:, 0]
both = np.concatenate([x[:200], other])
heading("200 samples of P, and 200 others of the same P, as distributions on points")
first, second = (Discrete(np.repeat(share, 200) / 200, both) for share in ([1.0, 0.0], [0.0, 1.0]))
equal("E10", "their JSD: log 2, although P = P (E52)", jsd(first, second), np.log(2))
equal("E10", "their KL", kl(first, second), np.inf)

# %% [markdown]
# ## Recap
#
# * To maximise the likelihood is to minimise $\mathrm{KL}(P\|Q)$ (E8, E9): the entropy of the data
#   is a constant.
# * With finitely many samples the fit is likelier than the truth on those samples, and less likely
#   on new ones.
# * If the family contains the truth, every divergence chooses it; if not, each chooses its own
#   generator (E10).
#
# **What we still owe.** Every number here needed the density of the model. Chapter 4 computes
# expectations of a generator that has none (E11).
#
# ## Exercises
#
# **1 · Predict.** The mixture was fitted to $m$ samples, and on these samples its mean
# log-likelihood is above that of the truth. On *new* samples of $P$, with their mean over all of
# $P$: above or below?
#
# **2 · On paper.** Find the $\mu$ and $\sigma^2$ that maximise the log-likelihood of
# $x^1,\ldots,x^m$ under $N(\mu,\sigma^2)$ (E8).
#
# <details><summary>Answer</summary>
#
# $\log L = -\tfrac m2\log 2\pi\sigma^2 - \sum(x^i-\mu)^2/2\sigma^2$. The slope in $\mu$ is
# $\sum(x^i-\mu)/\sigma^2$, so $\mu$ is the mean. The slope in $\sigma^2$ is $-m/2\sigma^2 +
# \sum(x^i-\mu)^2/2\sigma^4$, so $\sigma^2 = \frac1m\sum(x^i-\mu)^2$, with $m$ and not $m-1$.
#
# </details>
#
# **3 · Change a line.** Replace `narrow = lambda theta: Gaussian(theta, 0.7)` by
# `narrow = lambda theta: Gaussian(theta, 2.0)`. Which of the three divergences still prefers one
# mode?
#
# <details><summary>What you see</summary>
#
# None of them. With a wide Gaussian the best mean is about 0.6 by $\mathrm{KL}(Q\|P)$, $-0.1$ by
# the JSD and $-0.2$ by $\mathrm{KL}(P\|Q)$: all cover both modes. Two rows say WRONG, because they
# expect the heavier mode at $-2$. The taste for one mode shows where $Q$ fits into one.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 3` (the gradient of a softmax cross-entropy). A
# classifier is fitted by maximum likelihood too: its loss is minus the mean log-probability of the
# right class.
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint fit_gaussian` and `numgan course hint likelihood_slopes`.

# %%
fit, truth = expected_log_likelihood(P, em.mixture), -entropy(P)
answer(
    1,
    f"Below: {fit:.6f} nats a sample, and the truth has {truth:.6f}. No model gets above −H(P) "
    f"(E9), so what the fit gained on its samples was noise.",
    fit < truth,
)
