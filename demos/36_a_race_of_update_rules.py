# %% [markdown]
# # 36 · A race of update rules (E38, E40, E57, E59, E60, E61, E62)
#
# *Same game, same number of gradients: which rule ends nearer to rest, and how one can tell.*
#
# **Needs.** The Dirac-GAN and its rules (chapter 26), the Jacobian of a game by R-passes (chapter
# 30).
#
# A rule that needs two gradients a step must be twice as good as one that needs one. So here the
# price is counted: the gradient of both players is 1. A product $Ju$ costs about as much as 2
# gradients and $J^Tu$ as 5, as measured on the ring. First on the Dirac-GAN, where theory gives the
# factor, then on a real game.

# %%
from dataclasses import replace
from functools import partial

import numpy as np
from figure import LEVEL, LINES, answer, below, equal, heading, options, panels, save

from numgan.architectures import mlp
from numgan.data import Fresh
from numgan.dynamics import (
    GAME_RULES,
    METHODS,
    GameField,
    Jacobian,
    OwnBlock,
    RuleTraining,
    columns,
    duality_gap,
    measured_rate,
    path_angle,
    predicted_rate,
)
from numgan.game import Game
from numgan.metrics import mode_coverage
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, linear
from numgan.penalties import PENALTIES
from numgan.theory import Mixture
from numgan.training import Training

run = options()

# %% [markdown]
# ## On the Dirac-GAN: a factor per gradient (E40, E57, E59, E60)
#
# Near the origin a step multiplies the distance by $|z|$. With a price of $p$ gradients a step, a
# gradient is worth $|z|^{1/p}$. That ranks the rules anew: LOLA and consensus have the best factors
# and high prices. $h = 0.2$ for all; $\gamma$ and $\alpha$ are 1.

# %%
PRICES = {
    "minimax, simultaneous": ("E40", 1),
    "minimax, alternating": ("E40", 1),
    "momentum −0.5, alternating": ("E40", 1),
    "optimistic": ("E57", 1),
    "past extragradient": ("E57", 1),
    "extragradient": ("E57", 2),
    "lookahead, k = 5, α = ½": ("E60", 1),
    "consensus, γ = 1": ("E40", 1 + 5),
    "symplectic adjustment, γ = 1": ("E40", 1 + 2 + 5),
    "LOLA, α = 1": ("E59", 1 + 1 + 2 + 2),
    "unrolled, K = 5 of ½": ("E60", 1 + 5 + 1 + 5 * 5),
}
by_name = {method.name: method for method in METHODS}
heading("Factors per step, measured against theory; and per gradient")
worth = {}
for name, (label, price) in PRICES.items():
    theory, measured = predicted_rate(by_name[name]), measured_rate(by_name[name])
    worth[name] = theory ** (1 / price)
    what = f"{name}: {theory:.4f}, a gradient {worth[name]:.5f}"
    below(label, what[:52], abs(theory - measured), 1e-6)
drawing, (dirac, real, angle) = panels(
    1, 3, "A race at equal gradients   (E38, E57-E61)", width=14, height=4.8
)
n = np.arange(0, 2001, 20)
for (name, z), style in zip(
    sorted(worth.items(), key=lambda pair: pair[1])[:7], LINES, strict=True
):
    dirac.plot(n, z**n, label=name, **style)
dirac.set(
    yscale="log", ylim=(1e-12, 2), xlabel="gradients", ylabel="distance, in parts of the first"
)
dirac.set_title("Dirac-GAN, by theory: the seven best")
dirac.legend(loc="lower left")

# %% [markdown]
# ## A real game (E57, E59, E60)
#
# Three blobs in the plane, small networks, Adam for both players, its step falling to 0 over the
# same number of gradients. Each rule meets the same seeds. `RuleTraining` takes the rule's row of
# the table; alternating steps are Algorithm 1. How many samples lie near a mode says what $G$ has
# learnt, $\lVert v\rVert$ on 16 fresh minibatches whether the players still move.

# %%
budget, seeds = (240, 1) if run.quick else (3000, 10)
width, m, eta = (8, 64, 5e-3) if run.quick else (16, 64, 2e-3)
turn = 2 * np.pi * np.arange(3) / 3 + np.pi / 2
means = np.stack([np.cos(turn), np.sin(turn)], axis=1)
blobs = Mixture.of_gaussians(means, 0.15)
game = Game(
    mlp([2, width, width, 2], "tanh"),
    mlp([2, width, width, 1], "tanh"),
    OBJECTIVES["nonsaturating"],
    replace(PENALTIES["r1"], weight=0.03),
)
RACERS = {
    "alternating": 1,
    "simultaneous": 1,
    "extragradient": 2,
    "past-extragradient": 1,
    "optimistic": 1,
    "lookahead": 1,
    "consensus": 6,
    "lola": 6,
}


def race(rule, seed):
    """The start, the end, and the training, after the budget is spent."""
    rng = np.random.default_rng(seed)
    theta_d, theta_g = game.D.initial(rng, "float64"), game.G.initial(rng, "float64")
    steps = budget // RACERS[rule]
    often = 1 if rule == "alternating" else GAME_RULES[rule].evaluations
    adam = partial(Adam, linear(eta, steps * often), 0.5)
    players = theta_d.copy(), theta_g.copy(), adam(), adam()
    make = Training if rule == "alternating" else partial(RuleTraining, rule=GAME_RULES[rule])
    now = make(game, Fresh(blobs, "float64"), rng, *players, m=m)
    for _ in range(steps):
        now.iteration()
    return np.concatenate([theta_d, theta_g]), np.concatenate([now.theta_d, now.theta_g])


def minibatch(rng):
    return blobs.sample(m, rng), rng.standard_normal((m, 2))


def measured(w, seed=7):
    """The share of samples near a mode, and ‖v‖."""
    rng = np.random.default_rng(seed)
    v = np.mean([GameField(game, *minibatch(rng))(w) for _ in range(16)], axis=0)
    samples = game.G(w[game.D.size :], rng.standard_normal((2000, 2)))
    return mode_coverage(samples, means, 0.15).high_quality.value, np.linalg.norm(v)


ends = {rule: [race(rule, seed) for seed in range(seeds)] for rule in RACERS}
table = {rule: np.array([measured(end) for _, end in found]) for rule, found in ends.items()}
print(f"\n{budget} gradients, {seeds} seeds: mean ± standard error")
print(f"{'':8}{'rule':22}{'steps':>8}{'near a mode':>20}{'‖v‖':>20}")
for rule, found in table.items():
    error = found.std(0, ddof=1) / np.sqrt(seeds) if seeds > 1 else np.zeros(2)
    label = "E38" if rule in ("alternating", "simultaneous") else GAME_RULES[rule].label
    cells = "".join(f"{a:>12.3f} ± {e:<5.3f}" for a, e in zip(found.mean(0), error, strict=True))
    print(f"{label:8}{rule:22}{budget // RACERS[rule]:>8}{cells}")
for row, (_, found) in enumerate(table.items()):
    real.plot(found[:, 1], np.full(seeds, row), "o", color="0.7", markersize=4)
    real.plot(found[:, 1].mean(), row, "d", color=LINES[0]["color"], markersize=8)
real.set_yticks(range(len(table)), list(table))
real.invert_yaxis()
real.set(xscale="log", xlabel="‖v‖ at the end", title=f"a real game, {budget} gradients")

# %% [markdown]
# ## What the end says of itself: the path-angle (E61)
#
# Let $w$ be the start, $w'$ the end, $d = w' - w$. Along the straight path between them, and a
# little beyond,
#
# $$\cos(\alpha) = \frac{\langle d, v(w + \alpha d)\rangle}{\lVert d\rVert\,\lVert v\rVert}
# \qquad (\mathrm{E61})$$
#
# If the field is linear and $w'$ its zero, this is $-s$ before the end and $s$ beyond it, with $s =
# \cos\angle(d, Jd)$. From $+$ to $-$: the end attracts. A small size: the field mostly turns. In a
# pure rotation that ends beside its zero it has one sign and a bump.

# %%
rng = np.random.default_rng(33)
J, start, zero = rng.standard_normal((6, 6)) - 3 * np.eye(6), *rng.standard_normal((2, 6))
d = zero - start
s = d @ J @ d / np.linalg.norm(d) / np.linalg.norm(J @ d)
linear_path = path_angle(lambda w: J @ (w - zero), start, zero, np.array([0.0, 0.5, 1.5]))
heading("Of a linear field that ends at its zero")
for alpha, cosine in zip(linear_path.alphas, linear_path.cosines, strict=True):
    equal("E61", f"cos at α = {alpha:g}", cosine, s if alpha > 1 else -s, "rounding")
alphas = np.linspace(0, 1.5, 16 if run.quick else 61)
points = 128 if run.quick else 512
x, z = blobs.sample(points, rng), rng.standard_normal((points, 2))
field = GameField(game, x, z)
for rule, style in zip(("alternating", "extragradient", "lola"), LINES, strict=False):
    path = path_angle(field, *ends[rule][0], alphas)
    angle.plot(alphas, path.cosines, label=rule, **style)
    before, after = path.change()
    print(f"E61     {rule:22} from {before:+.3f} to {after:+.3f} at the end")
angle.axhline(0, **LEVEL)
angle.axvline(1, **LEVEL)
angle.set(xlabel="α: start 0, end 1", ylabel="cos ∠(path, v)", title="path-angle, seed 0")
angle.legend(loc="lower left")
save(drawing, "36_a_race_of_update_rules", run)

# %% [markdown]
# ## Stable is not Nash: each player alone (E38, E62)
#
# The *duality gap* is what the two players could gain by moving alone,
#
# $$\bigl[\max_{\theta_d'}V_d(\theta_d', \theta_g) - V_d\bigr] + \bigl[V_g -
# \min_{\theta_g'}V_g(\theta_d, \theta_g')\bigr] \ge 0 \qquad (\mathrm{E62})$$
#
# It is 0 exactly at a Nash equilibrium. We let each player make 100 steps of Adam while the other
# stays, and measure the gain on other minibatches: a lower bound. Over functions the gap of minimax
# is at least $2\,\mathrm{JSD}$, and at $(\tfrac12, p)$ it is 0. Beside it stand the largest
# eigenvalues of the game and of each player's own block. The game may be stable while a player's
# own block is not: then the players hold each other at a point that neither of them would choose.

# %%
p = rng.dirichlet(np.ones(5))
D = np.full(5, 0.5)
most = p @ np.log(0.5 * np.ones(5)) * 2  # the best D at q = p is ½
least = p @ np.log(D) + np.log(1 - D).min()
heading("The gap of tables, and of the race's first seed")
equal("E62", "tables: max V − min V at (½, p)", most - least, 0.0)
kept = [minibatch(rng) for _ in range(16)]
for rule in ("alternating", "extragradient"):
    w = ends[rule][0][1]
    gap = duality_gap(game, w, lambda: minibatch(rng), kept, 20 if run.quick else 100)
    at = Jacobian(field, w)
    own = [np.linalg.eigvalsh(columns(OwnBlock(at, player)))[-1] for player in "DG"]
    whole = np.linalg.eigvals(columns(at)).real.max()
    for player, gain in zip("DG", gap, strict=True):
        print(f"E62     {rule}: {player} alone gains {gain.value:.4f} ± {gain.error:.4f}")
    print(f"E38     {rule}: max Re λ {whole:.4f} of the game, {own[0]:.4f} of D, {own[1]:.4f} of G")
    block = columns(OwnBlock(at, "D"))
    symmetry = np.abs(block - block.T).max() / np.abs(block).max()
    equal("E38", f"{rule}: D's own block is symmetric", symmetry, 0.0, "rounding")

# %% [markdown]
# ## Recap
#
# * Rules must be compared at equal gradients: a factor per step is not a factor per gradient.
# * On the Dirac-GAN theory and measurement agree, and LOLA and consensus win even at their price
#   (E40, E57, E59, E60).
# * On the real game with Adam the order is the reverse. $\lVert v\rVert$ does not tell the rules
#   apart there; with the path-angle and the gap it can show that an end is no equilibrium, and none
#   of the three can prove that it is one (E61, E62).
#
# **What we still owe.** Three of these rules look at what the other player will do. Chapter 37
# takes them apart.
#
# ## Exercises
#
# **1 · Predict.** Extragradient and its past form have nearly the same factor per step. Which one
# is better per gradient? Decide before you look at the table.
#
# **2 · On paper.** Show that $\langle d, Jd\rangle = 0$ for every $d$ if $J$ is skew, $J^T = -J$.
# What does the path-angle of such a field look like, if the path ends at the zero (E61)?
#
# <details><summary>Answer</summary>
#
# $\langle d, Jd\rangle = \langle J^Td, d\rangle = -\langle Jd, d\rangle$, so it is 0. The cosine is
# 0 on the whole path: the field is at right angles to it.
#
# </details>
#
# **3 · Change a line.** Replace `weight=0.03` by `weight=1.0`, and run the chapter whole: it takes
# some minutes, as before the change. What becomes of $\lVert v\rVert$, of the samples, and of the
# path-angle? Is it what `--quick` shows?
#
# <details><summary>What you see</summary>
#
# $\lVert v\rVert$ falls by a third or more for the five rules that make 3000 steps; for those that
# make fewer the change is within its errors. The samples are not better: near a mode is 0.90 in
# place of 0.93 with alternating steps, and no rule gains. Along the path the cosine now changes
# from + to − at the end for all three rules that are drawn, where it stayed positive, and the
# game's largest $\mathrm{Re}\,\lambda$ is 0.2 in place of 2.0 with alternating steps. So the
# penalty damps the game and brings it nearer to rest, at a $D$ that teaches $G$ no more.
#
# `--quick` ends too early to see it. After 240 gradients the strong penalty is ahead: more samples
# near a mode for all rules but consensus and LOLA, which have made 40 steps.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 89` (an extragradient step).

# %%
better = worth["past extragradient"] < worth["extragradient"]
answer(1, "The past form: it needs one gradient where extragradient needs two.", better)
