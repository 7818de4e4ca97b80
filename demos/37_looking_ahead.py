# %% [markdown]
# # 37 · Looking ahead (E40, E58, E59, E60)
#
# *Players that reckon with the other's next move: competitive steps, LOLA, an unrolled D.*
#
# **Needs.** The Dirac-GAN (chapter 26), products with the Jacobian by R-passes (chapters 18 and
# 30).
#
# A plain step takes the other player to be fixed. But the other will move. Three methods reckon
# with it, and each needs second derivatives *across* the players. Let $J_o$ be $J$ without its two
# diagonal blocks: what each player's gradient changes when the other one moves.
#
# * *Competitive gradient descent* (arXiv:1905.12103): each steps along its gradient at the point
#   where the other's step leads, and both know this of each other: $\Delta = E(v + J_o\Delta)$
#   (E58).
# * *LOLA* (arXiv:1709.04326): each descends on its loss after a plain step of the other, and
#   differentiates that step too: $(I + \alpha J_o)v - \alpha J_o^Tc$ (E59).
# * *Unrolled* (arXiv:1611.02163): $G$ descends on its loss after $K$ steps of $D$, differentiated
#   through all of them (E60).

# %%
from dataclasses import replace
from functools import partial

import numpy as np
from figure import LEVEL, LINES, answer, below, equal, heading, options, panels, save

from numgan.architectures import mlp
from numgan.data import dataset
from numgan.dynamics import (
    GAME_RULES,
    GameField,
    Jacobian,
    RuleTraining,
    competitive,
    dense,
    lola,
    radius,
    simultaneous,
    trajectory,
    unrolled,
)
from numgan.dynamics.opponents import OffDiagonal, conjugate_gradients
from numgan.game import Game
from numgan.metrics import mode_coverage
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, linear
from numgan.training import Training

run = options()

# %% [markdown]
# ## The bilinear game: three formulas (E40, E58, E59, E60)
#
# $V = -\psi\theta$: $D$ raises it by $\psi$, $G$ lowers it by $\theta$, and $v = (-\theta, \psi)$
# turns. All that there is, is coupling: $J_o = J$. With the step $h$ a pair of eigenvalues $\pm i$
# becomes the factors
#
# | plain | competitive | LOLA | unrolled, $K$ steps of $\alpha$, $a = 2K\alpha h$ |
# | --- | --- | --- | --- |
# | $1 \pm ih$ | $1/(1 \mp ih)$ | $1 - 2\alpha h \pm ih$ | $z^2 - (2 - a)z + 1 - a + h^2 = 0$ |
#
# The competitive factor is inside the unit circle for *every* $h$: it is the implicit step. LOLA
# has a damping $2\alpha$ in both players. The unrolled $D$ gives $G$ a damping $2K\alpha$, and $D$
# itself none.

# %%
h, alpha, K = 0.2, 0.5, 3
turning = np.array([[0.0, -1.0], [1.0, 0.0]])
FIELDS = {
    "plain": lambda w: turning @ w,
    "competitive": competitive(lambda w: turning @ w, lambda w: turning, 1, h),
    "LOLA": lola(lambda w: turning @ w, lambda w: turning, 1, alpha),
    "unrolled": unrolled(lambda w: turning @ w, lambda w: turning, 1, alpha, K),
}
a = 2 * K * alpha * h
EXACT = {
    "plain": ("E40", np.array([1 + 1j * h, 1 - 1j * h])),
    "competitive": ("E58", 1 / np.array([1 - 1j * h, 1 + 1j * h])),
    "LOLA": ("E59", np.array([1 - 2 * alpha * h + 1j * h, 1 - 2 * alpha * h - 1j * h])),
    "unrolled": ("E60", np.roots([1, -(2 - a), 1 - a + h**2])),
}
heading(f"Factors of a step, h = {h}, α = {alpha}, K = {K}")
for name, field in FIELDS.items():
    label, exact = EXACT[name]
    step = np.stack([e + h * field(e) for e in np.eye(2)], axis=1)
    values = np.linalg.eigvals(step)
    equal(label, f"{name}: the larger |z|", radius(values), radius(exact), "rounding")
    equal(label, f"{name}: the sum of both", values.sum().real, exact.sum().real, "rounding")
for big in (1.0, 10.0):
    field = competitive(lambda w: turning @ w, lambda w: turning, 1, big)
    step = np.stack([e + big * field(e) for e in np.eye(2)], axis=1)
    factor = radius(np.linalg.eigvals(step))
    equal("E58", f"competitive, h = {big:g}: |z|", factor, 1 / np.hypot(1, big), "rounding")
drawing, ((paths, sizes), (modes, price)) = panels(
    2, 2, "Looking ahead   (E58-E60)", width=11, height=9
)
for (name, field), style in zip(FIELDS.items(), LINES, strict=False):
    path = trajectory(field, simultaneous, np.array([1.0, 0.0]), h, 40)
    paths.plot(*path.T, label=name, **style)
    sizes.plot(np.hypot(*path.T), label=name, **style)
paths.plot(0, 0, "*", color="black", markersize=11)
paths.set(aspect="equal", xlabel="ψ", ylabel="θ", title=f"the bilinear game, 40 steps, h = {h}")
sizes.set(yscale="log", xlabel="step", ylabel="distance to the solution", title="the same")
sizes.axhline(1, **LEVEL)
sizes.legend(loc="lower left")

# %% [markdown]
# ## The linear system of competitive steps, on a real game (E58)
#
# On the ring $J_o$ is never formed. The code solves $(I - J_oE)p = v$ by conjugate gradients on
# $A^TA$, two R-passes a product. **In a zero-sum game $J_o$ is skew**, so $A^TA = I +
# \eta^2J_o^TJ_o$ has no eigenvalue below 1: the system is solvable for every step size, and a
# larger $\eta$ only takes more products. The non-saturating game is not zero-sum, $A^TA$ may come
# near 0, and the products run out. A residual above the tolerance is an error there, not a step.


# %%
def solve(J_o, v, eta, tolerance, most):
    """p with (I − ηJ_o)p = v, so the step is Δ = ηp; with its residual and its products."""
    return conjugate_gradients(
        lambda p: p - eta * (J_o @ p), lambda p: p - eta * (J_o.T @ p), v, tolerance, most
    )


rng = np.random.default_rng(34)
G, D = mlp([2, 16, 16, 2], "tanh"), mlp([2, 16, 16, 1], "tanh")
data = dataset("ring", "float64")
theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
w = np.concatenate([theta_d, theta_g])
x, z = data.batch(64, rng), rng.standard_normal((64, 2))
heading("Products until the residual is 1e-6, at a random start of the ring")
for objective in ("paired-saturating", "nonsaturating"):
    field = GameField(Game(G, D, OBJECTIVES[objective]), x, z)
    J, v = Jacobian(field, w), field(w)
    J_o = OffDiagonal(J, D.size)
    u, t = rng.standard_normal((2, w.size))
    exact = dense(field, w)
    exact[: D.size, : D.size] = exact[D.size :, D.size :] = 0
    error = np.abs(J_o @ u - exact @ u).max() / np.abs(exact @ u).max()
    equal("E58", f"{objective}: J_o u, by R-passes and complex step", error, 0.0, "rounding")
    error = np.abs(J_o.T @ t - exact.T @ t).max() / np.abs(exact.T @ t).max()
    equal("E58", f"{objective}: J_oᵀ u", error, 0.0, "rounding")
    skew = np.abs(exact + exact.T).max() / np.abs(exact).max()
    if objective == "paired-saturating":
        equal("E58", f"{objective}: J_o + J_oᵀ, zero-sum", skew, 0.0, "rounding")
    counts = []
    for eta in (0.1, 1.0, 10.0):
        solved = solve(J_o, v, eta, 1e-6, 80)
        counts.append(f"η = {eta:g}: {solved.products} (residual {solved.residual:.0e})")
    print(f"E58     {objective}: J_o + J_oᵀ {skew:.2g}; {', '.join(counts)}")

# %% [markdown]
# ## LOLA and an unrolled D on the ring (E59, E60)
#
# Eight modes, small networks, and the same number of *iterations* for plain simultaneous steps,
# LOLA and the unrolled $D$, with Adam. (Chapter 36 counts gradients instead: a LOLA iteration costs
# about 6, an unrolled one with $K = 5$ about 32.) How many modes has $G$, and how many of its
# samples lie near one?

# %%
steps, m, width = (40, 64, 16) if run.quick else (400, 64, 32)
game = Game(
    mlp([2, width, width, 2], "relu"),
    mlp([2, width, width, 1], "leaky_relu"),
    OBJECTIVES["nonsaturating"],
)


def seen_of(theta_g):
    """Of 1000 samples: modes with 2 % of them or more, the median distance to a mode, and modes
    covered and high quality by the protocol; None where the samples are not finite."""
    z = np.random.default_rng(0).standard_normal((1000, 2)).astype("float32")
    samples = game.G(theta_g, z)
    if not np.isfinite(samples).all():
        return None
    distance = np.linalg.norm(samples[:, None] - data.modes, axis=2)
    shares = np.bincount(distance.argmin(1), minlength=8) / len(samples)
    coverage = mode_coverage(samples, data.modes, data.std)
    quality = coverage.high_quality.value
    return (shares > 0.02).sum(), np.median(distance.min(1)), coverage.covered, quality


for rule, style in (("simultaneous", LINES[0]), ("lola", LINES[2]), ("unrolled", LINES[3])):
    rng = np.random.default_rng(34)
    theta_d, theta_g = game.D.initial(rng), game.G.initial(rng)
    adam = partial(Adam, linear(2e-3, steps), 0.5)
    players = theta_d, theta_g, adam(), adam()
    now: Training = RuleTraining(
        game, dataset("ring", "float32"), rng, *players, m=m, rule=GAME_RULES[rule]
    )
    seen = []
    for step in range(steps):
        now.iteration()
        if step % max(1, steps // 20) == 0 or step == steps - 1:
            seen.append((step + 1, *seen_of(now.theta_g)))
    seen = np.array(seen)
    label = GAME_RULES[rule].label
    print(
        f"{label:8}{rule:14} {seen[-1, 1]:.0f} modes with 2 % of the samples or more, "
        f"median distance to one {seen[-1, 2]:.3f}, {seen[-1, 3]:.0f} modes by the protocol"
    )
    modes.plot(seen[:, 0], seen[:, 2], label=rule, **style)
modes.set(yscale="log", xlabel="iteration", ylabel="median distance of samples to a mode")
modes.set_title("the ring, non-saturating with Adam, equal iterations")
modes.legend()

# %% [markdown]
# ## Competitive steps on the ring, and what they cost (E58)
#
# They solve for a plain step, and are at home in a zero-sum game: so minimax, without Adam, with an
# $\eta$ that falls to 0. A step costs a gradient, its products with $I - \eta J_o$, and one more
# with the transpose than with the matrix itself; each is worth about 2 gradients. Beside them stand
# plain simultaneous steps: of the same $\eta$ and number, and of $\eta = 0.03$ for as many
# *gradients*.

# %%
eta, small, tolerance, most = 1.0, 0.03, 1e-4, 50
steps = 12 if run.quick else 160
zero_sum = replace(game, objective=OBJECTIVES["minimax"])


def played(game, eta, steps, looking=False):
    """(gradients, *seen_of) now and then, and (residual, products) of each step; it ends where a
    system is not solved or a sample is not finite."""
    rng, source = np.random.default_rng(34), dataset("ring", "float32")
    w, spent = np.concatenate([game.D.initial(rng), game.G.initial(rng)]), 0
    seen, solved = [(0, *seen_of(w[game.D.size :]))], []
    for step in range(steps):
        rate = linear(eta, steps)(step)
        field = GameField(game, source.batch(m, rng), rng.standard_normal((m, 2), "float32"))
        p, spent = field(w), spent + 1
        if looking:
            J_o = OffDiagonal(Jacobian(field, w), game.D.size)
            p, *how = solve(J_o, p, rate, tolerance, most)
            solved.append(how)
            spent += 2 * (2 * how[1] + 1)
            if how[0] > tolerance:
                break
        w = w + np.float32(rate) * p
        if step < 4 or step % max(1, steps // 20) == 0 or step == steps - 1:
            found = seen_of(w[game.D.size :])
            if found is None:
                break
            seen.append((spent, *found))
    return np.array(seen), np.array(solved)


heading(f"Minimax with plain steps: the linear system of each, to {tolerance:g}")
with np.errstate(over="ignore", invalid="ignore"):
    competing, solved = played(zero_sum, eta, steps, looking=True)
    below("E58", f"competitive, η = {eta:g}: the largest residual", solved[:, 0].max(), tolerance)
    spent = int(competing[-1, 0])
    rows = {
        f"competitive, η = {eta:g}": competing,
        f"plain, η = {eta:g}": played(zero_sum, eta, steps)[0],
        f"plain, η = {small:g}": played(zero_sum, small, spent)[0],
    }
    stalled = played(game, eta, steps, looking=True)[1]
print(
    f"E58     products a step: {solved[:, 1].mean():.1f}, at most {solved[:, 1].max():.0f}; "
    f"an iteration costs {spent / steps:.0f} gradients"
)
print(
    f"E58     non-saturating, η = {eta:g}: step {len(stalled)} of {steps} has the residual "
    f"{stalled[-1, 0]:.1g} after {stalled[-1, 1]:.0f} products"
)
for (name, seen), style in zip(rows.items(), (LINES[1], LINES[0], LINES[4]), strict=True):
    gradients, found, distance, covered, quality = seen[-1]
    print(
        f"E58     {name:22} {gradients:6.0f} gradients: {found:.0f} modes, {covered:.0f} by the "
        f"protocol, median distance {distance:.3g}, high quality {quality:.3f}"
    )
    price.plot(seen[:, 0], seen[:, 2], label=name, **style)
price.set(yscale="log", ylim=(0.02, 30))
price.set(xlabel="gradients", ylabel="median distance of samples to a mode")
price.set_title("the ring, minimax with plain steps")
price.legend()
save(drawing, "37_looking_ahead", run)

# %% [markdown]
# Plain steps of $\eta = 1$ leave the ring at once. Competitive steps of the same size stay, and
# keep all eight modes in sight: that is what the damping of E58 buys. Its price is some 8 products
# a step, so an iteration costs about 35 gradients, and for as many gradients small plain steps come
# about three times nearer to the modes. (With four other seeds it is four to nine times; plain
# steps of $\eta = 0.1$ lose modes in four seeds of five.) In the non-saturating game the same
# $\eta$ ends within a few steps at a system that is not solved.

# %% [markdown]
# ## Recap
#
# * Reckoning with the other player turns a rotation into a damping: competitive steps for every
#   $h$, LOLA by $2\alpha$, an unrolled $D$ by $2K\alpha$ in $G$ alone (E58, E59, E60).
# * Every product with $J_o$ is an R-pass; no matrix is formed (E45).
# * The system of competitive steps is well-conditioned in a zero-sum game, and in others it need
#   not be. There it holds at steps where plain ones fly off, and is dear: at equal gradients small
#   plain steps came nearer (E58).
#
# **What we still owe.** All of this is about the game. Chapter 38 is about the units of the data.
#
# ## Exercises
#
# **1 · Predict.** In the bilinear game with $h = 0.2$, is LOLA with $\alpha = \tfrac12$ or the
# competitive step nearer to the solution after 40 steps?
#
# **2 · On paper.** Derive the competitive factor $1/(1 \mp ih)$ from $\Delta = h(v + J\Delta)$
# (E58).
#
# <details><summary>Answer</summary>
#
# For an eigenvector of $J$ with the eigenvalue $\pm i$, $\Delta = h(\pm iw \pm i\Delta)$. So
# $\Delta = \pm ihw/(1 \mp ih)$, and $w + \Delta = w/(1 \mp ih)$.
#
# </details>
#
# **3 · Change a line.** Replace `h, alpha, K = 0.2, 0.5, 3` by `h, alpha, K = 0.2, 0.5, 12`. What
# does the unrolled game do?
#
# <details><summary>What you see</summary>
#
# It diverges: $2K\alpha h = 2.4$, and one of the two factors is −1.38. An unrolled $D$ is a
# damping, and a damping that is too strong overshoots, as a lazy penalty does (chapter 35).
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 90` (LOLA), `numgan check --exercise 91` (LOLA
# in a game that is not zero-sum) and `numgan check --exercise 93` (an unrolled generator).

# %%
ends = {
    name: np.hypot(*trajectory(FIELDS[name], simultaneous, np.array([1.0, 0.0]), h, 40)[-1])
    for name in ("LOLA", "competitive")
}
answer(
    1,
    f"LOLA: {ends['LOLA']:.1e}, and {ends['competitive']:.2f}. It damps by 2α, the competitive "
    f"step by about h/2.",
    ends["LOLA"] < ends["competitive"],
)
