# %% [markdown]
# # 1 · Entropy (E1)
#
# *Entropy is expected surprise; for a density it may be negative.*
#
# **Needs.** Sums, integrals, the logarithm, and what an expectation is.
#
# An event of probability $p$ carries the surprise $-\log p$. A certain event has none, and a rarer
# one has more. The surprises of independent events add, because their probabilities multiply; only
# the logarithm does that. Entropy is the expected surprise,
#
# $$H(P) = \mathbb{E}_{x\sim P}[-\log P(x)] \qquad (\mathrm{E1})$$
#
# With the natural logarithm its unit is the *nat*; one bit is $\log 2 = 0.693$ nats. Everything
# that follows, up to the Jensen-Shannon divergence that a GAN minimises, is a difference of such
# numbers.

# %%
import numpy as np
from figure import (
    DATA,
    JUDGE,
    LEVEL,
    MODEL,
    OTHER,
    answer,
    equal,
    heading,
    line,
    options,
    panels,
    save,
)

from numgan.theory import Discrete, Gaussian, Mixture, Uniform, entropy, monte_carlo

run = options()

# %% [markdown]
# ## Coins and dice
#
# A fair coin has $\log 2$ nats, one bit. A coin that always falls on heads has none: $0\cdot\log
# 0 = 0$, because $p\log p \to 0$. Among all distributions on $K$ points the uniform one has the
# most, $\log K$.

# %%
heading("Entropy of finitely many outcomes (nats)")
equal("E1", "a fair coin: log 2", entropy(Discrete([0.5, 0.5])), np.log(2))
equal("E1", "a coin that always falls on heads", entropy(Discrete([1.0, 0.0])), 0.0)
equal("E1", "a fair die: log 6", entropy(Discrete(np.full(6, 1 / 6))), np.log(6))
equal(
    "E1",
    "halves: 1/2, 1/4, 1/8, 1/8 is 7/4 bits",
    entropy(Discrete([0.5, 0.25, 0.125, 0.125])),
    1.75 * np.log(2),
)

# %% [markdown]
# The entropy of a coin of any bias is the sum of two terms $-p\log p$, one for each side.

# %%
drawing, left = panels(1, 1, "The entropy of a coin   (E1)", width=8.0, height=3.8)
p = line(0.0, 1.0)
H = np.array([entropy(Discrete([t, 1 - t])) for t in p])
side = np.array([0.0, *(-p[1:] * np.log(p[1:]))])
left.plot(p, H, **MODEL, label="H of the coin")
left.plot(p, side, **JUDGE, label="heads: −p log p")
left.plot(p, side[::-1], **OTHER, label="tails: −(1−p) log(1−p)")
left.axhline(np.log(2), **LEVEL)
left.text(0.02, np.log(2) + 0.012, "log 2 = one bit", color="0.3")
left.set(xlabel="p, probability of heads", ylabel="entropy (nats)", ylim=(0, 0.78))
left.legend(loc="lower center")
save(drawing, "01_entropy", run)

# %% [markdown]
# ## Densities
#
# Replace the sum by an integral, and a Gaussian of standard deviation $\sigma$ has $H =
# \tfrac12\log(2\pi e\,\sigma^2)$. The first row below uses that formula. The second is an integral,
# and the third a mean over samples. All three agree.

# %%
heading("Entropy of densities (nats)")
P = Gaussian(1.0, 2.0)
exact = 0.5 * np.log(2 * np.pi * np.e * 2.0**2)
equal("E1", "N(1, 2²), closed form", entropy(P), exact)
equal("E1", "N(1, 2²), the integral", entropy(P, closed=False), exact, "quadrature")
estimate = monte_carlo(P, lambda x: -P.log_density(x), 10_000, np.random.default_rng(1))
equal("E1", "N(1, 2²), mean surprise of 10,000 samples", estimate.value, exact, estimate.error)

# %% [markdown]
# ## A surprise: entropy below zero
#
# A density may exceed 1, and then its logarithm is positive. A Gaussian with $\sigma < 1/\sqrt{2\pi
# e} = 0.242$ has *negative* entropy. This is no error: the entropy of a density depends on the unit
# of $x$. In millimetres it is $\log 1000$ larger than in metres. Differences of entropies do not
# depend on the unit, which is one reason why the next chapter is about a difference.
#
# Two more facts. Two far copies of $P$ with equal weights have one bit more than $P$, because the
# choice of the copy is a fair coin. And at a given variance no density has more entropy than the
# Gaussian.

# %%
heading("Three facts (nats)")
s0 = 1 / np.sqrt(2 * np.pi * np.e)
equal(
    "E1",
    f"N(0, σ²) at σ = 1/√(2πe) = {s0:.4f}",
    entropy(Gaussian(0, s0), closed=False),
    0.0,
    "quadrature",
)
equal(
    "E1",
    "N(0, 0.1²): negative",
    entropy(Gaussian(0, 0.1), closed=False),
    np.log(0.1 / s0),
    "quadrature",
)
metres, millimetres = Gaussian(0, 0.1), Gaussian(0, 100.0)
equal(
    "E1",
    "the same in millimetres minus in metres: log 1000",
    entropy(millimetres, closed=False) - entropy(metres, closed=False),
    np.log(1000),
    "quadrature",
)
copies = Mixture([0.5, 0.5], [Gaussian(-50, 2), Gaussian(50, 2)])
equal(
    "E1",
    "two far copies of N(0, 2²), minus one: log 2",
    entropy(copies) - exact,
    np.log(2),
    "quadrature",
)
box = Uniform(-np.sqrt(3), np.sqrt(3))
equal(
    "E1",
    "N(0, 1) minus the box of variance 1: ½ log(πe/6)",
    entropy(Gaussian(0, 1), closed=False) - entropy(box),
    0.5 * np.log(np.pi * np.e / 6),
    "quadrature",
)

# %% [markdown]
# The entropy of a Gaussian is a straight line in $\log\sigma$ that passes through zero at 0.242.
# The box of the same variance lies below it.

# %%
drawing, right = panels(
    1, 1, "The entropy of a density: negative for small σ   (E1)", width=8.0, height=3.8
)
sigma = np.geomspace(0.05, 4, 120)
right.plot(
    sigma, [entropy(Gaussian(0, s)) for s in sigma], **MODEL, label="Gaussian, standard deviation σ"
)
right.plot(
    sigma,
    [entropy(Uniform(-s * 3**0.5, s * 3**0.5)) for s in sigma],
    **DATA,
    label="box of the same σ",
)
right.axhline(0, **LEVEL)
right.plot([s0], [0], "o", color="black")
right.annotate(
    "σ = 1/√(2πe) = 0.242", (s0, 0), (0.45, -0.75), arrowprops={"arrowstyle": "->", "color": "0.3"}
)
right.set(xscale="log", xlabel="σ (unit of x)", ylabel="entropy (nats)")
right.set_xticks(
    [0.05, 0.1, 0.2, 0.5, 1, 2, 4], labels=["0.05", "0.1", "0.2", "0.5", "1", "2", "4"]
)
right.minorticks_off()
right.legend(loc="upper left")
save(drawing, "01_entropy_densities", run)

# %% [markdown]
# ## Recap
#
# * The surprise of an event of probability $p$ is $-\log p$; entropy is its mean (E1).
# * The uniform law has the most entropy on $K$ points, the Gaussian at a given variance.
# * The entropy of a density depends on the unit of $x$ and may be negative; differences do not.
#
# **What we still owe.** A number for two laws at once: how far is a model from the data? Chapter 2
# has one, the KL divergence (E2).
#
# ## Exercises
#
# **1 · Predict.** A coin falls on heads with probability 0.9. Is its entropy more or less than half
# of the fair coin's? Decide from the first figure before you run the chapter.
#
# **2 · On paper.** Show that $y = 2x$ has $\log 2$ more entropy than $x$, whatever the density $p$
# of $x$ is (E1).
#
# <details><summary>Answer</summary>
#
# The density of $y$ is $\tfrac12p(y/2)$. So $-\log$ of it at $y = 2x$ is $-\log p(x) + \log 2$, and
# the mean of that is $H(x) + \log 2$. With 1000 in place of 2 this is the row about millimetres.
#
# </details>
#
# **3 · Change a line.** Replace `P = Gaussian(1.0, 2.0)` by `P = Gaussian(7.0, 2.0)`. Which numbers
# in the table of densities change?
#
# <details><summary>What you see</summary>
#
# Only the names of the rows would have to change: both computed entropies stay, to the last digit
# shown. A shift changes no density's values, only their places. The mean over samples stays too,
# since the same draws are shifted.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 5` (the gradient of a KL divergence at logits).
# Its value is made of terms $p\log p$, as E1 is; the derivative of a softmax comes on top.
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint entropy` and `numgan course hint coin_slope`.

# %%
coin = entropy(Discrete([0.9, 0.1]))
answer(
    1,
    f"Less: {coin:.4f} nats, and half of log 2 is {np.log(2) / 2:.4f}. The curve of the coin is "
    f"flat at ½ and steep at the ends.",
    coin < np.log(2) / 2,
)
