# %% [markdown]
# # 25 · Mode collapse, watched (E18, E24, E41, E46, E53)
#
# *D says that a mode is lost, and no sample stands where it says so; R1 and packing help.*
#
# **Needs.** Chapter 5 (E18), chapter 7 (E24), chapter 14 (E53), chapter 17 (R1), chapter 22 (mode
# coverage).
#
# A GAN is trained on eight modes and makes six of them. The samples and the loss look good, but two
# modes are missing. Does $D$ detect it, and why does $G$ not recover them? This chapter looks at
# $D$: first the exact $D^*$ of two modes, then a trained $D$ during a training that loses modes.
# Then come two remedies that work, and the reason why a third, another objective, does not.

# %%
from dataclasses import replace

import numpy as np
from figure import (
    DATA,
    JUDGE,
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

from numgan.architectures import mlp
from numgan.data import dataset
from numgan.game import Game
from numgan.layers import Pack
from numgan.layers.functions import sigmoid
from numgan.metrics import mode_coverage
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam
from numgan.penalties import PENALTIES
from numgan.theory import (
    C,
    Discrete,
    Gaussian,
    Mixture,
    expect,
    f_divergence,
    gradient_by_path,
    log_ratio,
    optimal_discriminator,
)
from numgan.theory.ftable import TOTAL_VARIATION
from numgan.theory.pull import pull
from numgan.training import Training

run = options()

# %% [markdown]
# ## The best D at a lost mode (E18)
#
# Let the data be two far modes, $P = \tfrac12N(-5, \tfrac12^2) + \tfrac12N(5, \tfrac12^2)$, and let
# $G$ make only the left one, $Q = N(-5, \tfrac12^2)$. At the lost mode the best discriminator is 1:
# certainly data. At the kept mode there are twice as many samples as data, so $D^* =
# \tfrac{1/2}{1/2 + 1} = \tfrac13$. The cost is far from its minimum too, so $V$ shows the loss.

# %%
left, right = Gaussian(-5, 0.5), Gaussian(5, 0.5)
P, Q = Mixture([0.5, 0.5], [left, right]), left
D = optimal_discriminator(P, Q)
heading("P has two modes, Q has the left one")
equal("E18", "D* at the kept mode, x = −5: ⅓", D(np.array([[-5.0]]))[0], 1 / 3)
equal("E18", "D* at the lost mode, x = 5: 1", D(np.array([[5.0]]))[0], 1.0)
equal(
    "E24",
    "C(G) = ½ log ⅓ + log ⅔ (nats)",
    C(P, Q),
    0.5 * np.log(1 / 3) + np.log(2 / 3),
    "quadrature",
)
below("E24", "the floor −log 4, and C(G)", -np.log(4), C(P, Q))

# %% [markdown]
# ## Why it does not reach G (E53)
#
# The gradient of $G$ comes from its samples alone: each sample is pulled by $g(u)\,\nabla_x u$ with
# $u = \log p/q$. At the kept mode $p = \tfrac12q$, so $u = \log\tfrac12$ *everywhere that samples
# lie*, and a constant has no slope. The factor $g$ depends on the objective. The gradient does not,
# since $g\cdot0 = 0$: all objectives that have a $D^*$ have this problem. (Between the modes
# $\nabla u$ is large. But no sample is there.)

# %%
u = log_ratio(P, Q)


def slope(x):
    """|∇u| = |∇ log p − ∇ log q|"""
    return np.abs(P.score(x) - Q.score(x))[:, 0]


felt = expect(Q, slope, P, tol=1e-14)
print(f"\nE53     E_Q|∇u| = {felt:.1e}: the mean slope that the samples feel")
heading("the pull on the samples of the kept mode, g(log ½)·E_Q|∇u|, and 1e-12")
solved = {
    name: game for name, game in OBJECTIVES.items() if name != "wasserstein" and not game.relative
}
pulls = {name: abs(pull(game, np.log([0.5]))[0]) for name, game in solved.items()}
for name, g in pulls.items():
    below("E53", f"{name}: g(log ½) = {g:.3f}", g * felt, 1e-12)
along = gradient_by_path(P, Q, np.ones_like, saturating=False)
equal("E53", "non-saturating: ∂/∂μ of G's cost, by the integral", along, 0.0, "quadrature")

# %% [markdown]
# (Wasserstein and the relativistic games have no $D^*$ that depends on $u$ alone. A Lipschitz
# critic has a slope all the way from one mode to the other.)
#
# $G$ moves samples, step by step; it cannot lift mass over a region without samples. With a weight
# $w$ on the left mode, $Q_w = wN_{-5} + (1-w)N_5$, the cost falls at once when some mass is at the
# right, and a generator that could change $w$ would. A continuous $G$ has to carry samples across.

# %%
weights = np.linspace(0.5, 1.0, 11)
costs = [C(P, Mixture([w, 1 - w], [left, right])) if w < 1 else C(P, left) for w in weights]
heading("C(G) as the weight of the left mode falls from 1 to ½")
for i in (10, 9, 7):
    below(
        "E24", f"C at w = {weights[i - 1]:.2f}, and at w = {weights[i]:.2f}", costs[i - 1], costs[i]
    )
equal("E24", "w = ½: the floor −log 4", costs[0], -np.log(4), "quadrature")

# %% [markdown]
# Left: the data, the samples, and $D^*$. Right: the size of the pull along $x$ for three objectives
# on a logarithmic axis. Where the samples are it is zero to the last digit; it is large only
# between the modes.

# %%
drawing, (known, heard) = panels(
    1, 2, "A lost mode with a perfect D   (E18, E53)", width=12.0, height=4.4
)
x = line(-8, 8, 801)
known.plot(x, P.density(x), **DATA, label="P, data")
known.plot(x, Q.density(x), **MODEL, label="Q, samples")
certain = known.twinx()
certain.plot(x, D(x[:, None]), **JUDGE, label="D*, right axis")
certain.set(ylim=(0, 1.05), ylabel="D*(x)", yticks=[0, 1 / 3, 1], yticklabels=["0", "⅓", "1"])
certain.grid(False)
known.set(xlabel="x", ylabel="density", ylim=(0, 1.05), title="D* knows: ⅓ here, 1 there")
known.legend(
    handles=[*known.lines, *certain.lines], loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3
)
heard.axvspan(-6.5, -3.5, color=MODEL["color"], alpha=0.15, linewidth=0)
heard.text(-5, 1e-19, "samples", ha="center", color=MODEL["color"])
heard.axvspan(3.5, 6.5, color="0.85", linewidth=0)
heard.text(5, 1e-19, "lost mode", ha="center", color="0.3")
for style, name in zip(LINES, ("minimax", "nonsaturating", "leastsquares"), strict=False):
    size = np.abs(pull(OBJECTIVES[name], np.clip(u(x[:, None]), -300, 300))) * slope(x[:, None])
    heard.semilogy(x, np.maximum(size, 1e-30), **style, label=name)
heard.set(xlabel="x", ylabel="|g(u) ∇u|", title="what a sample at x would feel", ylim=(1e-21, 1e3))
heard.legend(loc="upper left")
save(drawing, "25_mode_collapse_watched_exact", run)

# %% [markdown]
# ## A training, watched
#
# Now networks. The data are the ring: eight modes on the unit circle, each of standard deviation
# 0.01. $D$ has ReLUs, the step is large, and there is no penalty: such a training often loses
# modes. Every 25 steps we note the share of samples that is nearest to each mode and within 0.15 of
# it, and $D$ at the eight means.

# %%
data = dataset("ring")
steps, seeds = (1500, (0,)) if run.quick else (4000, range(3))
latent, width, m, eta, every = 2, 64, 64, 2e-3, 25
watched = np.random.default_rng(9).standard_normal((2000, latent), dtype="float32")
PENALTY = replace(PENALTIES["r1"], weight=0.1)
GAMES = {"nothing": (None, 1), "R1": (PENALTY, 1), "packs of 2": (None, 2)}


def shares(samples):
    """The share of samples at each mode."""
    distance = np.linalg.norm(samples[:, None] - data.modes, axis=2)
    near = distance.argmin(axis=1)[distance.min(axis=1) < 0.15]
    return np.bincount(near, minlength=len(data.modes)) / len(samples)


def training(seed, penalty, pack):
    """The game at its start."""
    rng = np.random.default_rng(seed)
    G, D = mlp([latent, width, width, 2], "relu"), mlp([2 * pack, width, width, 1], "relu")
    D = Network([Pack(pack), *D.layers], (2,)) if pack > 1 else D
    game = Game(G, D, OBJECTIVES["nonsaturating"], penalty)
    start = D.initial(rng), G.initial(rng)
    return Training(game, data.source, rng, *start, Adam(eta, 0.5), Adam(eta, 0.5), m=m)


def watch(seed, penalty, pack):
    """The training at its end; and over time the shares, and D at the modes."""
    now, seen, says = training(seed, penalty, pack), [], []
    for step in range(steps):
        now.iteration()
        if (step + 1) % every == 0:
            seen.append(shares(now.game.G(now.theta_g, watched)))
            if pack == 1:
                says.append(sigmoid(now.game.D(now.theta_d, data.modes.astype("float32"))[:, 0]))
    return now, np.array(seen), np.array(says)


runs = {name: [watch(seed, *how) for seed in seeds] for name, how in GAMES.items()}
LOST = 0.01  # less than one sample in a hundred
_, seen, says = runs["nothing"][0]
lost = seen[len(seen) // 5 :] < LOST
told = says[len(seen) // 5 :]
print(
    f"\nthe ring, {steps} steps; share of samples at each of the 8 modes, and D there, at the end:"
)
print("        share   " + "".join(f"{share:8.3f}" for share in seen[-1]))
print("        D       " + "".join(f"{value:8.3f}" for value in says[-1]))
heading("D at the modes after the first fifth of the steps, nothing done against collapse")
below("E18", "mean of D at kept modes, and at lost ones", told[~lost].mean(), told[lost].mean())
below("E18", "a half, and the mean of D at lost modes", 0.5, told[lost].mean())

# %% [markdown]
# The trained $D$ agrees with $D^*$: where samples are missing it is near 1. So $D$ has the
# information. It does not reach $G$, because there are no samples where $D$ rises.
#
# Top: each row is a mode; left the share of samples over time, right $D$ at the mode. White in the
# left picture (no samples) goes with dark in the right one (certainly data). Bottom: $D$ in the
# plane at the end, the samples, and the way each is pulled. Around a lost mode $D$ has a hill, and
# hardly an arrow starts on its slope.

# %%
drawing, axes = panels(
    2,
    2,
    "The ring: a mode is lost, and D says so",
    width=12.0,
    height=8.2,
    height_ratios=[1, 1.6],
    slides=[(0, 1), (2,), (3,)],
)
(share, belief), (plane, legend) = axes
extent = (0, steps, len(data.modes) - 0.5, -0.5)
for axis, values, top, name in (
    (share, seen, 0.3, "share of the samples"),
    (belief, says, 1.0, "D at the mode"),
):
    shades = axis.imshow(
        values.T, cmap="Greys", vmin=0, vmax=top, aspect="auto", extent=extent,
        interpolation="nearest",
    )  # fmt: skip
    axis.set(xlabel="step", ylabel="mode", title=name, yticks=range(len(data.modes)))
    axis.grid(False)
    drawing.colorbar(shades, ax=axis)


def landscape(axis, now, name):
    """D in the plane, samples, and the step −∂Ṽ_g/∂x that each would take, shortened."""
    game, side = now.game, np.linspace(-1.6, 1.6, 121, dtype="float32")
    points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    height = sigmoid(game.D(now.theta_d, points)).reshape(121, 121)
    shades = axis.contourf(side, side, height, np.linspace(0, 1, 11), cmap="PuOr_r", alpha=0.8)
    samples = game.G(now.theta_g, watched[:300])
    a, tape = game.D.forward(now.theta_d, samples)
    way = -game.D.backward(now.theta_d, tape, game.objective.generator.dt(a))
    way *= 0.2 / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 0.2)
    axis.plot(*data.modes.T, "o", color="none", markeredgecolor="black", markersize=11)
    axis.plot(*samples.T, ".", color="black", markersize=3)
    axis.quiver(*samples.T, *way.T, angles="xy", scale_units="xy", scale=1, width=0.004)
    for number, (x, y) in enumerate(data.modes):
        axis.text(1.3 * x, 1.3 * y, str(number), ha="center", va="center")
    axis.set(aspect="equal", xticks=[], yticks=[], title=name)
    axis.grid(False)
    return shades


for axis, name in ((plane, "nothing"), (legend, "R1")):
    shades = landscape(axis, runs[name][0][0], f"D and the samples at the end: {name}")
drawing.colorbar(shades, ax=[plane, legend], label="D(x)", shrink=0.9)
save(drawing, "25_mode_collapse_watched", run)

# %% [markdown]
# ## Two remedies (E46, E41)
#
# **R1** (chapter 17) makes $D$ pay for its slope at the data, $\tfrac\gamma2\|\nabla_xa\|^2$. So
# $D$ is no longer $D^*$: it does not rise steeply at a lost mode, but begins to rise farther away,
# where there are samples. This is the right one of the two planes above.
#
# **Packing** (arXiv:1712.04086) shows $D$ two samples at a time. One sample of a kept mode is
# perfect; that two of them are so often alike is not. With $k$ of 8 modes the total variation
# between one datum and one sample is $1 - k/8$, and between packs of $M$ it is $1 - (k/8)^M$: $G$
# pays more for the same loss. But a perfect $D$ of packs has the logit $u(x_1) + u(x_2)$, whose
# gradient is 0 where that of $u$ is. So packing prevents a loss rather than repairing it: it acts
# while a mode is getting rare, not after it is lost.


# %%
def packs(k, M):
    """The law of M independent draws from the first k of 8 modes, on 8^M outcomes."""
    one = np.where(np.arange(8) < k, 1 / k, 0.0)
    law = np.ones(1)
    for _ in range(M):
        law = np.outer(law, one).ravel()
    return Discrete(law)


heading("total variation between packs of data and of samples with 6 of 8 modes")
for M in (1, 2, 3):
    distance = f_divergence(TOTAL_VARIATION, packs(8, M), packs(6, M))
    equal("E41", f"packs of {M}: 1 − (6/8)^{M}", distance, 1 - 0.75**M)


thin = Mixture([0.75, 0.25], [left, right])
few, pair = np.array([[-5.2], [-4.9]]), log_ratio(P, thin)
packed = np.log(P.density(few).prod()) - np.log(thin.density(few).prod())
equal("E53", "a pack of two: log p/q is the sum of both u", packed, pair(few).sum())


def steepness(now):
    """Mean of ‖∇ₓa‖² at the data."""
    rows = data.source.batch(512, np.random.default_rng(1))
    a, tape = now.game.D.forward(now.theta_d, rows)
    return (now.game.D.backward(now.theta_d, tape, np.ones_like(a)) ** 2).sum(axis=1).mean()


kept = {
    name: [(seen[-10:].mean(axis=0) > LOST).sum() for _, seen, _ in each]
    for name, each in runs.items()
}
print(f"\nmodes with more than a hundredth of the samples, mean of the last {10 * every} steps")
for name, counts in kept.items():
    print(f"        {name:14}" + "".join(f"{count:4d}" for count in counts))
heading("what the remedies did")
below(
    "E46",
    "mean ‖∇ₓa‖² at data: R1, and nothing",
    *(steepness(runs[name][0][0]) for name in ("R1", "nothing")),
)
for name in ("R1", "packs of 2"):
    below(
        "E53",
        f"modes kept: nothing, and {name}",
        np.mean(kept["nothing"]) + 0.5,
        np.mean(kept[name]),
    )
now = runs["R1"][0][0]
found = mode_coverage(now.game.G(now.theta_g, watched), data.modes, 0.05)
below("E24", "R1, by numgan.metrics.mode_coverage: 7, and the modes", 7, found.covered)

# %% [markdown]
# The share of the samples at each mode over time, three ways to play.

# %%
drawing, axes = panels(1, 3, "Who keeps the modes?", width=13.0, height=3.6, sharey=True)
for axis, (name, each) in zip(axes, runs.items(), strict=True):
    shades = axis.imshow(
        each[0][1].T, cmap="Greys", vmin=0, vmax=0.3, aspect="auto", extent=extent,
        interpolation="nearest",
    )  # fmt: skip
    axis.set(xlabel="step", title=f"{name}: {kept[name][0]} of 8 at the end")
    axis.set_yticks(range(len(data.modes)))
    axis.grid(False)
axes[0].set_ylabel("mode")
drawing.colorbar(shades, ax=axes, label="share of the samples")
save(drawing, "25_mode_collapse_watched_remedies", run)

# %% [markdown]
# In short: $D$ detects a lost mode, but its gradient at the samples does not show it, whatever the
# objective. What helps acts where the samples are: a $D$ that rises gently, so that its slope
# reaches far, or a $D$ that judges samples together, so that it detects a mode that is getting
# rare. None of this proves that a training keeps its modes: count them (chapter 22).

# %% [markdown]
# ## Recap
#
# * The best $D$ says that a mode is lost, but at the samples its logit has no slope, whatever the
#   objective (E53).
# * R1 helps because $D$ rises gently and from afar (E46); packing helps because a rare mode shows
#   in pairs (E41).
# * Nothing of this proves that a training keeps its modes: count them.
#
# **What we still owe.** Why the two players circle instead of arriving, and what damps them:
# chapters 26 to 28 (E38-E40).
#
# ## Exercises
#
# **1 · Predict.** Data have four equal far modes and $G$ makes one of them well. What does $D^*$
# say at the kept mode?
#
# **2 · On paper.** Data draw from 8 equal outcomes, samples from $k$ of them equally. Show that the
# total variation between packs of $M$ is $1-(k/8)^M$ (E41).
#
# <details><summary>Answer</summary>
#
# It is half of $\sum|p-q|$, or $\sum_{p>q}(p-q)$. A pack of data has the probability $8^{-M}$ each.
# Packs of samples have $k^{-M} > 8^{-M}$ on $k^M$ packs and 0 on the others. So $p > q$ on
# $8^M-k^M$ packs, with the sum $(8^M-k^M)/8^M = 1-(k/8)^M$.
#
# </details>
#
# **3 · Change a line.** Replace `left, right = Gaussian(-5, 0.5), Gaussian(5, 0.5)` by
# `left, right = Gaussian(-5, 2.5), Gaussian(5, 2.5)`: the modes overlap a little. Which rows now
# say WRONG, and is that bad for $G$? (Stop the chapter when the training begins.)
#
# <details><summary>What you see</summary>
#
# Thirteen rows. $D^*$ at the lost mode is 0.9993 in place of 1, and the pulls at the samples are no
# longer below $10^{-12}$. That is good for $G$: some samples stand where $u$ has a slope, and they
# are pulled to the lost mode.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 84` (the discriminator's step with a penalty)
# and `numgan check --exercise 85` (the discriminator's step with a penalty).

# %%
four, one = Discrete([0.25] * 4), Discrete([1.0, 0.0, 0.0, 0.0])
at_kept, at_lost = optimal_discriminator(four, one)(four.support)[:2]
answer(
    1,
    f"{at_kept:g}: p = ¼ and q = 1 there, so D* = ¼/(¼ + 1). At the lost modes it says "
    f"{at_lost:g}.",
    abs(at_kept - 0.2) < 1e-12,
)
