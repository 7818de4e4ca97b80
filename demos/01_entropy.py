# %% [markdown]
# # 1 · Entropy (E1)
#
# *Entropy is expected surprise; for a density it may be negative.*
#
# An event of probability $p$ carries the surprise $-\log p$: none if it was certain, more the rarer
# it is, and the surprises of independent events add, because their probabilities multiply. Only the
# logarithm does that. Entropy is the surprise to be expected,
#
# $$H(P) = \mathbb{E}_{x\sim P}[-\log P(x)] \qquad (\mathrm{E1})$$
#
# With the natural logarithm its unit is the *nat*; one bit is $\log 2 = 0.693$ nats. Everything
# that follows, up to the Jensen-Shannon divergence that a GAN minimises, is a difference of such
# numbers.

# %%
import numpy as np
from figure import DATA, JUDGE, LEVEL, MODEL, OTHER, equal, heading, line, options, panels, save

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
# The entropy of a coin of every bias, built of its two sides' terms $-p\log p$.

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
# Replace the sum by an integral, and a Gaussian of standard deviation $\sigma$ has
# $H = \tfrac12\log(2\pi e\,\sigma^2)$. The library knows that formula; the integral below does not
# use it, and the mean over samples knows even less. All three agree.

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
# e} = 0.242$ has *negative* entropy. Nothing is broken: the entropy of a density is measured
# against the unit of $x$, and in millimetres it is $\log 1000$ larger than in metres. Differences
# of entropies do not depend on the unit, which is one reason why the next chapter is about a
# difference.
#
# Two more facts to keep. Two far copies of $P$ with equal weights have one bit more than $P$: which
# copy is one fair coin. And at a given variance no density has more entropy than the Gaussian.

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
# The entropy of a Gaussian is a straight line in $\log\sigma$ that passes through zero at 0.242 as
# if nothing had happened there. The box of the same variance lies below it.

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
