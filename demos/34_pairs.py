# %% [markdown]
# # 34 · Pairs (E38, E39, E54, E55)
#
# *A discriminator that compares each sample with a datum, and why R1 and R2 make that game settle.*
#
# **Needs.** The Dirac-GAN (chapter 26), eigenvalues of a game (chapters 27 and 30), R1 (chapter
# 17).
#
# In the ordinary game $D$ judges every sample by one threshold. In the *paired relativistic* game
# (arXiv:1807.00734, arXiv:2501.05441) each sample meets one datum, and $D$ only says which of the
# two is more real:
#
# $$b_i = a(x^i) - a(\tilde x^i), \qquad \tilde V = \frac1m\sum_i f(b_i), \qquad f(b) =
# \log\sigma(b) \qquad (\mathrm{E54})$$
#
# Two questions follow. Is $\sup_DV$ least for the right $G$ alone? And do the players converge?
# With R1 and R2 together, one penalty at the data and one at the samples, they do so even on the
# Dirac-GAN.

# %%
from dataclasses import replace

import numpy as np
from figure import JUDGE, LINES, MODEL, OTHER, answer, below, equal, heading, options, panels, save

from numgan.architectures import mlp
from numgan.dynamics import (
    METHODS,
    GameField,
    Jacobian,
    alternating,
    columns,
    dense,
    dirac_eigenvalues,
    dirac_field,
    measured_rate,
    predicted_rate,
    r1,
    trajectory,
)
from numgan.game import Game
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES

run = options()
rng = np.random.default_rng(31)
paired = OBJECTIVES["paired"]

# %% [markdown]
# ## The adjoint of a difference (E54)
#
# $b$ is a linear map of the two logits, so its adjoint sends $db$ to $(db, -db)$: what raises the
# logit of the datum lowers that of its sample by as much. The sum of all gradients at the logits is
# 0. So a constant that is added to $a$ changes nothing: the last bias of $D$ is no variable of this
# game. The complex step knows only the value.

# %%
m = 5
a, b = rng.standard_normal((2, m, 1))
da, db = paired.gradient(a, b)
heading("The gradient at the logits, five pairs")
eye = np.eye(m)[:, :, None]
by_step = [np.imag(paired.value(a + 1e-200j * e, b)) / 1e-200 for e in eye]
equal("E54", "da against the complex step", np.abs(da[:, 0] - by_step).max(), 0.0)
by_step = [np.imag(paired.value(a, b + 1e-200j * e)) / 1e-200 for e in eye]
equal("E54", "dã against the complex step", np.abs(db[:, 0] - by_step).max(), 0.0)
equal("E54", "da + dã, pair by pair", np.abs(da + db).max(), 0.0)
equal("E54", "V with a constant added to a", paired.value(a + 3, b + 3), paired.value(a, b))

# %% [markdown]
# ## Two data, two samples, and every D (E54)
#
# Let the data be two points, $x_1$ and $x_2$, and let $G$ be two points as well, $y_1$ and $y_2$.
# $D$ may be any function, so $\sup_DV$ is known exactly for each place of the samples. A collapsed
# $G$ has $y_1 = y_2 = x_1$. To be right, $y_2$ must go to $x_2$, and on its way it is at neither.
#
# * *Minimax.* At $x_1$ there are one datum and two samples: $D = \tfrac13$. On the way $D =
#   \tfrac12$ at $x_1$. So the cost has to *rise* before it falls: the collapse is a local minimum.
# * *Pairs that stay.* $x_1$ is always compared with $y_1$, and $x_2$ with $y_2$. In the collapse
#   the first pair gives $f(0)$, and the second $f(\infty) = 0$. On the way nothing changes: **there
#   is no rise**. Sun, Fang and Schwing (arXiv:2011.04926) show this for $n$ points.
# * *Pairs drawn anew.* A training draws data and latents independently, so each sample meets each
#   datum in turn, and $V$ is the mean over all pairs (E54). Then the collapse gives
#   $\tfrac12f(0)$, and the way $\tfrac14f(0)$. **The rise is back.**
#
# So the theorem speaks of pairs that stay. It is no promise for a training that shuffles its data.
# In both cases $\sup_aV > f(0)$ unless $P = Q$.

# %%
FAR = 40.0  # f(40) is 0 to the last digit


def cost(weights, logits):
    """V and its gradient for weights of the pairs (datum, sample) at points with these logits."""
    i, j = np.indices(weights.shape)
    t = logits[i] - logits[j]
    slope = weights / (1 + np.exp(t))
    return (weights * -np.logaddexp(0, -t)).sum(), slope.sum(1) - slope.sum(0)


# the points are x₁, x₂, and a place that is neither; the logits are D's best
CASES = {
    "stay: collapse": ([[1, 0, 0], [1, 0, 0], [0, 0, 0]], (0, FAR, 0), 2, -np.log(2) / 2),
    "stay: on the way": ([[1, 0, 0], [0, 0, 1], [0, 0, 0]], (0, 0, -FAR), 2, -np.log(2) / 2),
    "stay: right": ([[1, 0, 0], [0, 1, 0], [0, 0, 0]], (0, 0, 0), 2, -np.log(2)),
    "anew: collapse": ([[2, 0, 0], [2, 0, 0], [0, 0, 0]], (0, FAR, 0), 4, -np.log(2) / 2),
    "anew: on the way": ([[1, 0, 1], [1, 0, 1], [0, 0, 0]], (0, FAR, -FAR), 4, -np.log(2) / 4),
    "anew: right": ([[1, 1, 0], [1, 1, 0], [0, 0, 0]], (0, 0, 0), 4, -np.log(2)),
}
heading("sup V over all D, in nats, and its slope there")
found = {}
for name, (pairs, logits, n, exact) in CASES.items():
    found[name], slope = cost(np.array(pairs) / n, np.array(logits, dtype=float))
    equal("E54", f"pairs that {name}" if "stay" in name else f"pairs {name}", found[name], exact)
    equal("E54", "  no D is better: largest |∂V/∂a|", np.abs(slope).max(), 0.0)
collapse, way = np.log(1 / 3) / 2 + np.log(2 / 3), -np.log(2)
print(
    f"E13     minimax: {collapse:.4f} in the collapse, {way:.4f} on the way, {-np.log(4):.4f} right"
)

# %% [markdown]
# The same with points that have a width, so that the way has a slope. Data are two blobs at 0 and
# 3; one blob of samples stays at 0, and the other one moves from 0 to 3. For each place the best
# $D$ is computed: a table of logits on a grid, by Newton's method for the two paired games, and by
# E21 for minimax. Each curve is drawn from its value in the collapse.

# %%
grid = np.linspace(-2, 5, 57 if run.quick else 113)


def blob(c):
    """A normal density of deviation 0.4 on the grid, as weights."""
    p = np.exp(-((grid - c) ** 2) / (2 * 0.4**2))
    return p / p.sum()


def best(weights, ridge=1e-7):
    """sup V over tables of logits. V is concave: Newton's method, the step halved while V falls. A
    little ridge keeps logits finite where there are only data, or only samples."""
    logits = np.zeros(len(weights))
    value = lambda a: cost(weights, a)[0] - ridge / 2 * a @ a  # noqa: E731
    for _ in range(60):
        gradient = cost(weights, logits)[1] - ridge * logits
        t = logits[:, None] - logits
        curved = weights / (2 + np.exp(t) + np.exp(-t))
        curved = curved + curved.T
        H = np.diag(curved.sum(1) + ridge) - curved
        step, size = np.linalg.solve(H, gradient), 1.0
        while value(logits + size * step) < value(logits) and size > 1e-6:
            size /= 2
        logits = logits + size * step
        if np.abs(gradient).max() < 1e-10:
            break
    return cost(weights, logits)[0]


places = np.linspace(0, 3, 13 if run.quick else 31)
curves = {"minimax": [], "pairs that stay": [], "pairs drawn anew": []}
first, second = blob(0), blob(3)
for place in places:
    moving = blob(place)
    p, q = (first + second) / 2, (first + moving) / 2
    mid = (p + q) / 2
    twice_jsd = (p * np.log(p / mid)).sum() + (q * np.log(q / mid)).sum()
    curves["minimax"].append(twice_jsd - np.log(4))
    stay = (np.outer(first, first) + np.outer(second, moving)) / 2
    curves["pairs that stay"].append(best(stay))
    curves["pairs drawn anew"].append(best(np.outer(p, q)))
heading("The rise on the way from the collapse, in nats")
for name, exact in (("minimax", way - collapse), ("pairs drawn anew", np.log(2) / 4)):
    rise = max(curves[name]) - curves[name][0]
    below("E54", f"{name}: the rise, and that of points", rise, exact)
    below("E54", f"{name}: 0.1, and the rise", 0.1, rise)
steps_up = np.diff(curves["pairs that stay"]).max()
below("E54", "pairs that stay: the largest step upwards, and 1e-5", steps_up, 1e-5)
drawing, (way_panel, spiral) = panels(1, 2, "Paired games   (E54, E55)", width=11.5, height=4.4)
for (name, values), style in zip(curves.items(), (JUDGE, MODEL, OTHER), strict=True):
    way_panel.plot(places, np.array(values) - values[0], label=name, **style)
way_panel.set(xlabel="place of the second blob of samples", ylabel="cost, from the collapse (nats)")
way_panel.set_title("from the collapse (0) to the data (3)")
way_panel.legend(loc="lower left")

# %% [markdown]
# ## The Dirac-GAN with R1 and R2 (E39, E55)
#
# All data at 0, so the logit of the datum is 0, and the paired game has the eigenvalues $\pm ic$:
# alone it does not arrive. The slope of the logit is $\psi$ at the datum and at the sample alike,
# so R1 with $\gamma_1$ and R2 with $\gamma_2$ damp $\psi$ by their sum:
#
# $$\lambda = -\frac{\gamma_1+\gamma_2}2 \pm \sqrt{\frac{(\gamma_1+\gamma_2)^2}4 - c^2}
# \qquad (\mathrm{E39},\ \mathrm{E55})$$
#
# Both laws are single points here. They are singular whenever they differ, the case in which a game
# without a penalty fails.

# %%
field = dirac_field(paired)
heading("Eigenvalues at the origin, by the complex step of the field")
for gammas in ((0.0, 0.0), (0.25, 0.25), (0.1, 0.6), (1.0, 1.0)):
    found_values = np.linalg.eigvals(dense(r1(r1(field, gammas[0]), gammas[1]), np.zeros(2)))
    first_value = found_values[np.argsort(-found_values.imag - found_values.real)][0]
    exact_value = dirac_eigenvalues(0.5, sum(gammas))[0]
    name = f"γ₁ = {gammas[0]:g}, γ₂ = {gammas[1]:g}"
    label = "E55" if any(gammas) else "E39"
    equal(label, f"{name}: Re λ₁", first_value.real, exact_value.real)
    equal(label, f"{name}: Im λ₁", first_value.imag, exact_value.imag)
for method in METHODS:
    if method.name.startswith("paired"):
        theory, measured = predicted_rate(method), measured_rate(method)
        below("E39", f"{method.name}: rate {theory:.6f}, error", abs(theory - measured), 1e-6)
for name, gamma, style in (("no penalty", 0.0, JUDGE), ("R1 + R2, γ = ¼ each", 0.25, MODEL)):
    path = trajectory(r1(r1(field, gamma), gamma), alternating(1), np.ones(2), 0.2, 300)
    spiral.plot(*path.T, label=name, **{**style, "linewidth": 1.2})
spiral.plot(0, 0, "*", color="black", markersize=11)
spiral.set(aspect="equal", xlabel="ψ", ylabel="θ", title="alternating steps on the Dirac-GAN")
spiral.legend(loc="upper right")
save(drawing, "34_pairs", run)

# %% [markdown]
# ## Near an equilibrium of a real game: Mescheder's theorem (E38, E54, E55)
#
# Assume that $G$ can reach the data, $p_G = p$ at $\theta_g^\ast$, and that there $D$ is constant
# on a neighbourhood of the support, with its slope in $x$ zero. Then neither player moves, and
#
# $$J = \begin{pmatrix} -A - L & -B\\ B^T & 0\end{pmatrix}, \qquad A =
# -f''(0)\,\overline{(\nabla a(x) - \nabla a(\tilde x))(\nabla a(x) - \nabla a(\tilde x))^T}, \quad
# L = (\gamma_1 + \gamma_2)\,\overline{(\partial_x\nabla a)(\partial_x\nabla a)^T}$$
#
# with gradients in $\theta_d$. R1 and R2 have the same $L$, since both laws are the same there.
# $G$'s own block is 0, because $a$ is constant around its samples.
#
# **Theorem** (Mescheder et al. 2018, arXiv:1801.04406; for this loss arXiv:2501.05441). If $A + L$
# is positive definite and $B$ has full column rank, then all eigenvalues have a negative real part,
# so small steps of both players converge from near enough.
#
# *Proof.* Let $Jy = \lambda y$ with $\lVert y\rVert = 1$ and the parts $y_d, y_g$. The blocks $B$
# and $B^T$ cancel in the real part: $\mathrm{Re}\,\lambda = -y_d^\ast(A + L)y_d \le 0$. If it is 0
# then $y_d = 0$; the first row gives $By_g = 0$, so $y_g = 0$, a contradiction. ∎
#
# *Its conditions, said plainly.* (1) $G$ can reach the data: with more data than weights it cannot.
# (2) $D$ is flat where the data are; the theorem says nothing about other equilibria. (3) The two
# ranks. A network never has them in all of its weights: the last bias of $D$ is in the kernel, and
# so are weights behind a zero. The theorem then speaks of the directions across the set of
# solutions. (4) It is local, for the expectation and not for minibatches, and its step size may be
# small. No single law needs a density, so it covers the Dirac-GAN.

# %%
width, n = 4, 24
G, D = mlp([2, width, 2], "tanh"), mlp([2, width, width, 1], "tanh")
theta_d, theta_g = D.initial(rng, "float64"), 1.5 * G.initial(rng, "float64")
for view in D.views(theta_d)[-1]:
    view[...] = 0
z = rng.standard_normal((n, 2))
# the data are the samples; each sample meets another one's place
x = np.roll(G(theta_g, z), 1, axis=0)
w, spectra = np.concatenate([theta_d, theta_g]), {}
heading("Data x = G(z), and a = 0")
for gamma in (0.0, 0.1, 1.0):
    penalty = replace(PENALTIES["r1"], weight=gamma) + replace(PENALTIES["r2"], weight=gamma)
    field = GameField(Game(G, D, paired, penalty if gamma else None), x, z)
    J = columns(Jacobian(field, w))
    d = D.size
    values = np.linalg.eigvals(J)
    spectra[gamma] = values[np.abs(values) > 1e-6]
    equal("E54", f"γ = {gamma:g}: largest |v|", np.abs(field(w)).max(), 0.0)
    equal("E38", f"γ = {gamma:g}: J_gg, largest entry", np.abs(J[d:, d:]).max(), 0.0)
    equal("E38", f"γ = {gamma:g}: J_dg + J_gdᵀ", np.abs(J[:d, d:] + J[d:, :d].T).max(), 0.0)
    slowest = spectra[gamma][spectra[gamma].imag > 1e-6].real.max()
    below("E55", f"γ = {gamma:g} each: what turns slowest inwards, Re λ", slowest, 0.0)
fastest = {g: s[s.imag.argmax()] for g, s in spectra.items()}
print(
    "E55     what turns fastest: " + ", ".join(f"{v:.4f} (γ = {g:g})" for g, v in fastest.items())
)

# %% [markdown]
# Each mark is an eigenvalue of that equilibrium; both axes are logarithmic, so to the left is
# *strongly damped*. Without penalties the pairs stand far to the right. R1 and R2 move all of them.

# %%
drawing, plane = panels(1, 1, "An equilibrium of a paired game   (E38, E55)", width=8.0, height=4.2)
for (gamma, values), style, mark in zip(spectra.items(), LINES, "o^s", strict=False):
    turning = values[values.imag > 1e-6]
    name = f"γ = {gamma:g} each" if gamma else "no penalty"
    plane.plot(-turning.real, turning.imag, mark, color=style["color"], label=name)
plane.set(xscale="log", yscale="log", xlabel="−Re λ, damping", ylabel="Im λ, turning")
plane.invert_xaxis()
plane.legend()
save(drawing, "34_pairs_equilibrium", run)

# %% [markdown]
# ## Recap
#
# * The adjoint of a difference is $(db, -db)$; $\sup_aV = f(0)$ only where $P = Q$ (E54).
# * A collapse is no local minimum if the pairs stay. If they are drawn anew, it is one.
# * R1 and R2 damp by the sum of their weights, and near a flat equilibrium the theorem of Mescheder
#   holds for singular laws too (E39, E55).
#
# **What we still owe.** A penalty costs an R-pass at every step. Chapter 35 takes it more rarely.
#
# ## Exercises
#
# **1 · Predict.** With $\gamma_1 = 0.1$ and $\gamma_2 = 0.6$, does the Dirac-GAN turn as it comes
# in, or not? Decide before you look at the table.
#
# **2 · On paper.** Show that the hinge $f(b) = \min(0, b - 1)$ gives the same Dirac-GAN with $c =
# 1$ near the origin (E54).
#
# <details><summary>Answer</summary>
#
# Near $b = 0$ the hinge is $b - 1$, with the slope $f'(0) = 1$. So $V = -1 - \psi\theta$ there, the
# field is $(-\theta, \psi)$, and $c = f'(0) = 1$ as in Wasserstein's game.
#
# </details>
#
# **3 · Change a line.** Replace `np.roll(G(theta_g, z), 1, axis=0)` by `G(theta_g, z)`. What
# becomes of $A$, and why does the game without a penalty stop turning inwards?
#
# <details><summary>What you see</summary>
#
# Each sample now meets itself. $\nabla a(x) - \nabla a(\tilde x)$ is 0 for every pair, so $A = 0$,
# and without a penalty nothing damps: all eigenvalues lie on the axis, and the row for γ = 0 is
# wrong. With R1 and R2 they move to the left again.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 42` (a paired objective),
# `numgan check --exercise 43` (the change of a paired objective's gradient) and
# `numgan check --exercise 44` (a paired objective).

# %%
turns = abs(dirac_eigenvalues(0.5, 0.7)[0].imag) > 0
answer(1, "It turns: γ₁ + γ₂ = 0.7 is less than 2c = 1, where the two eigenvalues meet.", turns)
