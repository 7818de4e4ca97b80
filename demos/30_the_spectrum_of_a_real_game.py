# %% [markdown]
# # 30 · The spectrum of a real game (E38, E44, E45)
#
# *All eigenvalues of a real game, at an equilibrium and in training, with R1 and without.*
#
# **Needs.** Chapters 26 and 27 (E38), chapter 18 (E44, E45), chapter 17 (R1).
#
# The Dirac-GAN has two eigenvalues and a formula for both. A real game has as many as it has
# weights, and no formula. But the outermost of them need no matrix, only products $Ju$. A product
# $Ju$ is the change of the gradient as the weights move along $u$, which the R-operator computes
# (Pearlmutter 1994):
#
# $$R\lbrace f\rbrace
# = \frac{d}{d\varepsilon}f(w + \varepsilon u)\Big|_{\varepsilon=0} \quad (\mathrm{E44}), \qquad
# \nabla^2V\,u = R\lbrace\nabla V\rbrace \quad (\mathrm{E45})$$
#
# The example is a small GAN in the plane with three blobs as data. We compute the eigenvalues of
# its Jacobian first at an equilibrium that we construct, then at several times of a training, with
# R1 and without.

# %%
from dataclasses import replace

import numpy as np
from figure import JUDGE, LEVEL, MODEL, OTHER, answer, below, equal, heading, options, panels, save

from numgan.architectures import mlp
from numgan.data import Fresh
from numgan.dynamics import (
    GameField,
    Jacobian,
    columns,
    dense,
    kind,
    largest_step,
    leading,
    simultaneous,
    trajectory,
)
from numgan.game import Game
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam
from numgan.penalties import PENALTIES
from numgan.theory import Mixture
from numgan.training import Training

run = options()
rng = np.random.default_rng(27)
angle = 2 * np.pi * np.arange(3) / 3 + np.pi / 2
blobs = Mixture.of_gaussians(np.stack([np.cos(angle), np.sin(angle)], axis=1), 0.15)
width = 6 if run.quick else 10
G, D = mlp([2, width, width, 2], "tanh"), mlp([2, width, width, 1], "tanh")


def game(gamma):
    """The non-saturating game, with R1 of weight γ."""
    return Game(
        G, D, OBJECTIVES["nonsaturating"], replace(PENALTIES["r1"], weight=gamma) if gamma else None
    )


x, z = blobs.sample(128, rng), rng.standard_normal((128, 2))
theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
start = np.concatenate([theta_d, theta_g])
random = rng.standard_normal(start.size)
print(f"D has {D.size} weights, G has {G.size}: the Jacobian is {start.size} × {start.size}")

# %% [markdown]
# ## A column in three ways (E44, E45)
#
# `Jacobian(field, w) @ u` makes R-passes: the change of the samples, of the logits, and back
# through both networks. It differentiates the code of the gradient line by line, and uses neither a
# matrix nor a difference. The complex step uses only the gradient, $\mathrm{Im}\,v(w + ihu)/h$.
# They must agree to the last digits, column by column; with the penalty too, whose gradient is an
# R-pass already.


# %%
def apart(a, b):
    """The largest difference, relative to the largest entry."""
    return np.abs(a - b).max() / np.abs(b).max()


heading("At the random start, relative to the largest entry")
for gamma in (0.0, 1.0):
    field = GameField(game(gamma), x, z)
    J, exact = Jacobian(field, start), dense(field, start)
    u = random / np.linalg.norm(random)
    name = f"γ = {gamma:g}"
    equal(
        "E44",
        f"{name}: R{{v}} along a random u, and Im v(w + ihu)/h",
        apart(J @ u, field(start + 1e-200j * u).imag / 1e-200),
        0.0,
        "rounding",
    )
    equal("E45", f"{name}: all {start.size} columns", apart(columns(J), exact), 0.0, "rounding")
    found = leading(J, random, 50)
    values, size = np.linalg.eigvals(exact), np.abs(found.values).max()
    sure = found.values[found.residuals < 1e-12 * size]
    nearest = np.abs(sure[:, None] - values).min(1).max() / size
    equal(
        "E38",
        f"{name}: Arnoldi, 50 products: {len(sure)} eigenvalues, to",
        nearest,
        0.0,
        "rounding",
    )
    equal(
        "E38",
        f"{name}: their sum is the trace",
        values.sum().real / size,
        np.trace(exact) / size,
        "rounding",
    )
J = Jacobian(GameField(game(0.0), x, z), start)
dd = np.stack([J.dd(e) for e in np.eye(D.size)])
equal("E38", "the block of D alone is symmetric: no turning", apart(dd, dd.T), 0.0)

# %% [markdown]
# ## An equilibrium that we can build (E38)
#
# Training does not reach an equilibrium exactly, and E38 needs a point where $v = 0$. Here is one.
# Take a random generator and let *its* samples be the data, $x = G(z)$; give $D$ zeros in its last
# layer, so that $a = 0$ everywhere. Then $v = 0$ exactly. There, as in the Dirac-GAN,
#
# $$J = \begin{pmatrix} -A - \gamma L & -B\\ B^T & 0\end{pmatrix}, \qquad
# A = \tfrac12\,\overline{\nabla a\,\nabla a^T}, \quad
# L = \overline{(\partial_x\nabla a)(\partial_x\nabla a)^T}$$
#
# with gradients in $\theta_d$ and means over the data. ($B$ is the mixed block; it is the same for
# both players, even in the non-saturating game, as both slopes are $\tfrac12$ at $a = 0$.) Now for
# any eigenvector with the parts $y_d, y_g$, the real part of $\lambda\|y\|^2 = y^*Jy$ is
# $-y_d^*(A + \gamma L)\,y_d \le 0$: **nothing can be to the right of the axis**, and every turn
# that makes $D$'s slope change is damped by R1.

# %%
built_d, built_g = D.initial(rng, "float64"), 1.5 * G.initial(rng, "float64")
for view in D.views(built_d)[-1]:
    view[...] = 0
own, built = G(built_g, z), np.concatenate([built_d, built_g])
spectra, gammas = {}, (0.0, 0.1, 0.5, 1.0, 3.0)
heading("Data x = G(z), and a = 0")
for gamma in gammas:
    field = GameField(game(gamma), own, z)
    J = columns(Jacobian(field, built))
    values = np.linalg.eigvals(J)
    # the others move nothing: w may drift along a surface of solutions
    spectra[gamma] = values[np.abs(values) > 1e-6]
    if gamma in (0.0, 1.0):
        equal("E38", f"γ = {gamma:g}: largest |v|", np.abs(field(built)).max(), 0.0)
        equal(
            "E38",
            f"γ = {gamma:g}: J against the complex step",
            apart(J, dense(field, built)),
            0.0,
            "rounding",
        )
        equal(
            "E38", f"γ = {gamma:g}: J_gg, largest entry", np.abs(J[D.size :, D.size :]).max(), 0.0
        )
        equal(
            "E38",
            f"γ = {gamma:g}: J_dg + J_gdᵀ",
            np.abs(J[: D.size, D.size :] + J[D.size :, : D.size].T).max(),
            0.0,
        )
        below(
            "E38",
            f"γ = {gamma:g}, {kind(spectra[gamma])}: max Re λ, and 0",
            spectra[gamma].real.max(),
            0.0,
        )
L = {
    gamma: columns(Jacobian(GameField(game(gamma), own, z), built))[: D.size, : D.size]
    for gamma in (0.0, 1.0)
}
A, L = -L[0.0], L[0.0] - L[1.0]
below(
    "E38",
    "A has no negative eigenvalue: −its least, and rounding",
    -np.linalg.eigvalsh((A + A.T) / 2)[0],
    1e-13,
)
below(
    "E38",
    "L has no negative eigenvalue: −its least, and rounding",
    -np.linalg.eigvalsh((L + L.T) / 2)[0],
    1e-13,
)
for gamma in gammas[1:]:
    shift = spectra[gamma].sum().real - spectra[0.0].sum().real
    equal(
        "E38",
        f"γ = {gamma:g}: the real parts have moved by −γ tr L",
        shift,
        -gamma * np.trace(L),
        "rounding",
    )
fastest = spectra[0.0][spectra[0.0].imag.argmax()]
turning = ", ".join(f"{spectra[g][spectra[g].imag.argmax()]:.3f} (γ = {g:g})" for g in gammas[1:])
print(f"E38     what turns fastest: λ = {fastest:.4f} without R1; {turning}")

# %% [markdown]
# Do steps of the nonlinear game behave like this? Move $w$ by $10^{-7}$ along the eigenvector that
# turns fastest. In theory each step multiplies that by $1 + h\lambda$, and there is a largest step.

# %%
field, h, tiny = GameField(game(0.0), own, z), 0.25, 1e-7
values, vectors = np.linalg.eig(columns(Jacobian(field, built)))
which = values.imag.argmax()
lam, y = values[which], vectors[:, which]
path = trajectory(field, simultaneous, built + tiny * y.real, h, 60) - built
n = np.arange(61)[:, None]
linear = tiny * ((1 + h * lam) ** n * y).real
heading(f"Steps of the game, h = {h}, from a push along the eigenvector of λ = {lam:.4f}")
error = np.linalg.norm(path - linear, axis=1).max() / tiny
below("E38", "60 steps against Re[(1 + hλ)ⁿ y], relative, and 1e-5", error, 1e-5)
for factor in (0.95, 1.05):
    step = factor * largest_step(np.array([lam]))
    ends = np.linalg.norm(
        trajectory(field, simultaneous, built + tiny * y.real, step, 60) - built, axis=1
    )
    grows, name = (
        ends[-8:].max() / ends[:8].max(),
        f"h = {factor} · (−2 Re λ/|λ|²) = {step:.3f}: size after 60 steps",
    )
    below("E38", *((name, grows, 1.0) if factor < 1 else (name, 1.0, grows)))

# %% [markdown]
# Each line below follows one eigenvalue as $\gamma$ grows from 0 (circles) through 1 (triangles) to
# 3. Left, all of them: the pairs near the axis turn to the left and down to the real line, as the
# Dirac-GAN's do (chapter 27). Middle, the turning ones alone, $\mathrm{Im}\,\lambda > 0$: both axes
# are logarithmic, so to the left is *strongly damped* and the axis $\mathrm{Re}\,\lambda = 0$ lies
# far out at the right. Right: the push, and what the eigenvalue says it must do.

# %%
title = "An equilibrium of a real game, and R1   (E38)"
drawing, (locus, near, pushed) = panels(1, 3, title, width=13.5, height=4.8)
fine = np.concatenate([np.linspace(0, 0.2, 9), np.geomspace(0.25, 3, 15)])[:: 2 if run.quick else 1]
J0 = columns(Jacobian(GameField(game(0.0), own, z), built))
for gamma in fine:
    J = J0.copy()
    J[: D.size, : D.size] -= gamma * L
    values = np.linalg.eigvals(J)
    values = values[np.abs(values) > 1e-6]
    locus.plot(values.real, values.imag, ".", color="0.6", markersize=3)
    turning = values[values.imag > 1e-6]
    near.plot(-turning.real, turning.imag, ".", color="0.6", markersize=3)
MARKS = {0.0: ("o", MODEL["color"], "no R1"), 1.0: ("^", JUDGE["color"], "R1, γ = 1")}
for gamma, (mark, color, name) in MARKS.items():
    values, how = spectra[gamma], {"color": color, "markersize": 6, "alpha": 0.8}
    locus.plot(values.real, values.imag, mark, **how, label=name)
    turning = values[values.imag > 1e-6]
    near.plot(-turning.real, turning.imag, mark, **how)
locus.axvline(0, **LEVEL)
locus.set(xlabel="Re λ", ylabel="Im λ", title="all eigenvalues, linear axes")
locus.legend(loc="upper left")
near.set(xscale="log", yscale="log", xlabel="−Re λ, damping (logarithmic)")
near.set(ylabel="Im λ, turning (logarithmic)", title="the turning ones")
near.invert_xaxis()
along = np.stack([y.real, y.imag], axis=1)
coordinates = np.linalg.lstsq(along, path.T / tiny, rcond=None)[0]
inside = np.linalg.lstsq(along, linear.T / tiny, rcond=None)[0]
pushed.plot(*inside, **JUDGE, label="Re[(1 + hλ)ⁿ y]")
pushed.plot(*coordinates, "o", color=OTHER["color"], markersize=4, label="60 steps of the game")
pushed.plot(0, 0, "*", color="black", markersize=12)
pushed.set(
    aspect="equal", xlim=(-1.1, 1.1), xlabel="along Re y", ylabel="along Im y", ylim=(-1.35, 1.1)
)
pushed.set_title(f"a push of {tiny:g}, h = {h}, λ = −{-lam.real:.3f} + {lam.imag:.3f}i")
pushed.legend(loc="lower left")
save(drawing, "30_the_spectrum_of_a_real_game", run)

# %% [markdown]
# ## In training (E38, E45)
#
# Now Algorithm 1 with Adam on the three blobs, twice from the same start with the same draws:
# without R1, and with $\gamma = 1$. At some times we stop and take the spectrum of the game that is
# being played, on one fixed minibatch. (Of the plain field $v$; Adam, which rescales each weight,
# follows another.)
#
# R1's Hessian is $\gamma L$ and a term with the slope $\nabla_xa$ as a factor, which is zero at the
# solution and not here. So it need not damp: at the random start it makes $D$'s own rightmost
# eigenvalue larger (the table's second column). What is true everywhere is an identity: R1 touches
# $D$'s block alone, and the *sum* of the real parts moves by $-\mathrm{tr}\,\nabla^2R$. At each of
# the moments below, with either generator, that is to the left. What stays to the right of the axis
# at the end belongs to $G$: compare the table's first column with that of $G$ alone. No penalty on
# $D$ can remove it at that point; in training with R1 it is smaller because the players are
# elsewhere.

# %%
moments, eta = ((0, 100, 1000), 5e-3) if run.quick else ((0, 100, 3000), 2e-3)
seen, alone = {}, {}
heading("Sum of the real parts, Σ Re λ")
for gamma in (0.0, 1.0):
    training = Training(
        game(gamma),
        Fresh(blobs, "float64"),
        np.random.default_rng(1),
        theta_d.copy(),
        theta_g.copy(),
        Adam(eta, 0.5),
        Adam(eta, 0.5),
        m=128,
    )
    for moment in moments:
        while training.iterations < moment:
            training.iteration()
        w = np.concatenate([training.theta_d, training.theta_g])
        J = {weight: columns(Jacobian(GameField(game(weight), x, z), w)) for weight in (0.0, 1.0)}
        found = leading(Jacobian(GameField(game(gamma), x, z), w), random, 60)
        values = np.linalg.eigvals(J[gamma])
        own_G, own_D = (
            np.linalg.eigvalsh((B + B.T) / 2)[-1]
            for B in (J[gamma][D.size :, D.size :], J[gamma][: D.size, : D.size])
        )
        alone[gamma, moment] = own_D, own_G
        seen[gamma, moment] = (
            values,
            found,
            G(w[D.size :], np.random.default_rng(0).standard_normal((400, 2))),
        )
        R = PENALTIES["r1"]
        hessian = dense(lambda t: R.gradient(D, t, x, x), w[: D.size])  # noqa: B023
        scale = np.abs(values).max()
        shift = (np.linalg.eigvals(J[1.0]).sum() - np.linalg.eigvals(J[0.0]).sum()).real
        name = f"trained with γ = {gamma:g}, step {moment}"
        equal(
            "E38",
            f"{name}: −tr ∇²R, over |λ|max",
            shift / scale,
            -np.trace(hessian) / scale,
            "rounding",
        )
        equal(
            "E45",
            f"{name}: what R1 adds to J, the rest",
            np.abs((J[1.0] - J[0.0])[D.size :]).max(),
            0.0,
        )
        if moment:
            below("E38", f"{name}: with R1, and without", np.trace(J[1.0]), np.trace(J[0.0]))
print(
    f"\n{'':8}{'':19}{'rightmost Re λ':>16}{'of D alone':>12}"
    f"{'of G alone':>12}{'leftmost':>12}{'largest Im λ':>14}"
    f"{'found with 60 Ju':>18}"
)
for (gamma, moment), (values, found, _) in seen.items():
    sure = np.sum(found.residuals < 1e-6 * np.abs(values).max())
    own_D, own_G = alone[gamma, moment]
    print(
        f"E38     γ = {gamma:g}, step "
        f"{moment:<7}{values.real.max():>16.3f}{own_D:>12.3f}{own_G:>12.3f}"
        f"{values.real.min():>12.3f}{values.imag.max():>14.3f}{sure:>18}"
    )

# %% [markdown]
# Above, all eigenvalues of both trainings; rings and triangles are what Arnoldi found with 60
# products. The grey bands mark where the axes are linear, from −0.1 to 0.1; outside they are
# logarithmic, so that large eigenvalues fit in without hiding the small ones. Below, 400 samples of
# each training at the same moments; crosses are the means of the data.

# %%
title = "Eigenvalues of a game as it trains   (E38, E44, E45)"
moment_by_moment = [(0,), (1,), (2,), (3, 4), (5, 6), (7, 8)]
drawing, axes = panels(
    2, 6, title, width=13.5, height=7.2, height_ratios=[2.1, 1], slides=moment_by_moment
)
grid = axes[0, 0].get_gridspec()
for axis in axes[0]:
    axis.remove()
for column, moment in enumerate(moments):
    axis = drawing.add_subplot(grid[0, 2 * column : 2 * column + 2])
    axis.axhspan(-0.1, 0.1, color="0.94")
    axis.axvspan(-0.1, 0.1, color="0.94")
    for gamma, (mark, color, name) in MARKS.items():
        values, found, samples = seen[gamma, moment]
        axis.plot(values.real, values.imag, ".", color=color, markersize=3.5)
        sure = found.values[found.residuals < 1e-6 * np.abs(values).max()]
        ring = {"markerfacecolor": "none", "markeredgecolor": color, "markersize": 8}
        axis.plot(sure.real, sure.imag, mark, **ring, label=name)
        plane = axes[1, 2 * column + int(gamma)]
        plane.plot(*samples.T, ".", color=color, markersize=2)
        plane.plot(*blobs.means.T, "+", color="black", markersize=9, markeredgewidth=1.6)
        plane.set(xlim=(-1.8, 1.8), ylim=(-1.6, 2.0), xticks=[], yticks=[], aspect="equal")
        plane.set_title(f"samples, {name}", fontsize=9)
        plane.grid(False)
    axis.axvline(0, **LEVEL)
    axis.set_xscale("symlog", linthresh=0.1)
    axis.set_yscale("symlog", linthresh=0.1)
    axis.set(xlim=(-40, 40), ylim=(-0.2, 12), xlabel="Re λ", title=f"training, step {moment:,}")
    ticks, labels = [-10, -1, -0.1, 0, 0.1, 1, 10], ["−10", "−1", "−0.1", "0", "0.1", "1", "10"]
    axis.set_xticks(ticks, labels=labels)
    axis.set_yticks(ticks[2:], labels=labels[2:])
    axis.minorticks_off()
    if column == 0:
        axis.set_ylabel("Im λ (the other half is its mirror image)")
        axis.legend(loc="upper left")
save(drawing, "30_the_spectrum_of_a_real_game_training", run)

# %% [markdown]
# ## Recap
#
# * Products $Ju$ by R-passes give the leading eigenvalues of a game of networks (E44, E45).
# * At an equilibrium no eigenvalue is right of the axis, and R1 moves the sum of the real parts by
#   $-\gamma\,\mathrm{tr}\,L$ (E38).
# * In training, away from an equilibrium, R1 changes the block of $D$ alone; what is right of the
#   axis then belongs to $G$.
#
# **What we still owe.** Whether larger networks behave in the same way. `numgan train --spectrum`
# measures it in a run of your own.
#
# ## Exercises
#
# **1 · Predict.** At the built equilibrium, does a game without R1 have an eigenvalue to the right
# of the imaginary axis?
#
# **2 · On paper.** Let $Jy = \lambda y$ with the $J$ of the equilibrium. Show that
# $\mathrm{Re}\,\lambda\,\|y\|^2 = -y_d^*(A+\gamma L)y_d$ (E38).
#
# <details><summary>Answer</summary>
#
# $\lambda\|y\|^2 = y^*Jy = -y_d^*(A+\gamma L)y_d - y_d^*By_g + y_g^*B^Ty_d$. For real $B$ the last
# two are $-\beta + \bar\beta$ with $\beta = y_d^*By_g$, which is imaginary. $A$ and $L$ are
# symmetric, so the first term is real.
#
# </details>
#
# **3 · Change a line.** Replace `view[...] = 0` by `view[...] *= 0.5`: $a$ is no longer 0
# everywhere. Is it still an equilibrium, and does $J_{gg}$ stay 0?
#
# <details><summary>What you see</summary>
#
# It is none: $|v|$ is up to 0.23, since $a$ is no longer 0 and $D$ can still learn. $J_{gg}$ has an
# entry of 2.0 and an eigenvalue is right of the axis, 0.11 without R1 and 0.20 with it. Seventeen
# rows of the section are WRONG. The structure of $J$ holds at $a = 0$ alone.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 53` (the R-gradient of a network) and
# `numgan check --exercise 20` (a dense layer's R-gradient).

# %%
rightmost = spectra[0.0].real.max()
answer(
    1,
    f"No: the largest real part is {rightmost:.1e}. Without R1 it is close to the axis: "
    f"little damping, but none in the wrong direction.",
    rightmost <= 0,
)
