# %% [markdown]
# # 21 · Between two latents, and between two classes (L8, E11, E44)
#
# *Walks between latents and between classes, and the speed of the picture on the way.*
#
# **Needs.** Chapter 20 (L8), chapter 4 (E11), chapter 18 (E44).
#
# Walk from one latent to another: if every picture on the way is good, $G$ has not learnt a list of
# pictures but a surface. Which path is best? How fast does the picture change on it? And what is
# between two *classes*, where there are no data?
#
# The speed is a forward derivative: along a path $z(t)$ the picture moves by
#
# $$\dot x = J\dot z, \qquad J = \frac{\partial G}{\partial z} \qquad (\mathrm{E44})$$
#
# which is the R-pass with the input moving along $\dot z$ and the weights fixed. It takes one pass
# and no matrix $J$.

# %%
import numpy as np
from figure import JUDGE, MODEL, OTHER, answer, below, equal, heading, line, options, panels, save

from numgan.architectures import mlp
from numgan.check import complex_step
from numgan.data import dataset
from numgan.game import Game
from numgan.layers import Conditioned, LeakyReLU, Projection, Tanh
from numgan.metrics import train_classifier
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, linear
from numgan.penalties import PENALTIES
from numgan.study.plots import sheet
from numgan.training import Training

run = options()
rng = np.random.default_rng(17)
d, K = 64, 10


def same(label, what, computed, exact):
    """A row on a whole array: its largest difference from what it should be."""
    equal(label, f"{what}, largest |Δ|", np.abs(computed - exact).max(), 0.0)


# %% [markdown]
# ## The latents lie on a sphere, nearly (E11)
#
# Draw $z\sim N(0, I)$ in $d = 64$ dimensions. $\|z\|^2$ is a sum of 64 independent squares: its
# mean is $d$ and its variance $2d$, so nearly all draws have a length near $\sqrt d = 8$, give or
# take $1/\sqrt2$. Two draws are nearly perpendicular, and halfway between them on a straight line
# lies a point of squared length $d/2$: a region in which $G$ has hardly been trained. But $\cos
# t\,z_0 + \sin t\,z_1$ is normal with the identity as covariance, *for every* $t$: so each point of
# this path is a typical draw, and by E11 so is each picture.

# %%
draws = 40_000 if run.quick else 200_000
norms, midway, turned = np.empty((3, draws))
for start in range(0, draws, 20_000):
    part = slice(start, start + 20_000)
    z0, z1 = rng.standard_normal((2, 20_000, d))
    norms[part], midway[part] = (z0**2).sum(axis=1), ((z0 + z1) ** 2).sum(axis=1) / 4
    turned[part] = ((np.cos(0.7) * z0 + np.sin(0.7) * z1) ** 2).sum(axis=1)


def mean(label, what, values, exact):
    """A row on a mean over draws."""
    equal(label, what, values.mean(), exact, values.std(ddof=1) / np.sqrt(len(values)))


heading(f"{draws:,} pairs in 64 dimensions")
mean("E11", "E‖z‖² = d", norms, d)
mean("E11", "its variance, 2d", (norms - d) ** 2, 2 * d)
mean("E11", "halfway on a straight line: d/2", midway, d / 2)
mean("E11", "on cos t z₀ + sin t z₁, t = 0.7: d again", turned, d)
mean("E11", "and the variance 2d again", (turned - d) ** 2, 2 * d)
below("E11", "share of draws as short as halfway, and one in 1,000", (norms < d / 2).mean(), 1e-3)

# %% [markdown]
# Between two *given* latents of length $\sqrt d$ and the angle $\Omega$ the same idea is the great
# circle,
#
# $$z(t) = \frac{\sin((1-t)\Omega)\,z_0 + \sin(t\Omega)\,z_1}{\sin\Omega}$$
#
# On it the length stays, $\dot z$ is perpendicular to $z$, and the speed $\|\dot z\| = \Omega\sqrt
# d$ is constant.


# %%
def straight(z0, z1, t):
    """z(t) and its derivative, a row for each t."""
    return (1 - t[:, None]) * z0 + t[:, None] * z1, np.tile(z1 - z0, (len(t), 1))


def angle(z0, z1):
    return np.arccos(z0 @ z1 / np.linalg.norm(z0) / np.linalg.norm(z1))


def great_circle(z0, z1, t):
    """z(t) and its derivative, a row for each t."""
    Omega, t = angle(z0, z1), t[:, None]
    z = (np.sin((1 - t) * Omega) * z0 + np.sin(t * Omega) * z1) / np.sin(Omega)
    return z, Omega * (np.cos(t * Omega) * z1 - np.cos((1 - t) * Omega) * z0) / np.sin(Omega)


ends = np.random.default_rng(4).standard_normal((4, d))
ends *= np.sqrt(d) / np.linalg.norm(ends, axis=1, keepdims=True)
z0, z1, z2, z3 = ends
t = line(0, 1, 101)
z, dz = great_circle(z0, z1, t)
heading(f"A great circle; the angle is {np.degrees(angle(z0, z1)):.1f}°")
same("E11", "‖z(t)‖/√d = 1", np.linalg.norm(z, axis=1) / 8, 1.0)
same("E44", "⟨z, ż⟩/d = 0", (z * dz).sum(axis=1) / d, 0.0)
same("E44", "‖ż‖/√d = Ω", np.linalg.norm(dz, axis=1) / 8, angle(z0, z1))
same(
    "E44",
    "ż, and the complex step of z(t), t = 0.3",
    great_circle(z0, z1, np.array([0.3]))[1],
    complex_step(lambda h: great_circle(z0, z1, np.array([0.3]) + h)[0]),
)
shortest = np.linalg.norm(straight(z0, z1, t)[0], axis=1).min()
equal("E11", "straight: the least ‖z‖ = 8 cos Ω/2", shortest, 8 * np.cos(angle(z0, z1) / 2))

# %% [markdown]
# Left: the lengths of many draws, and of a point halfway on a straight line. Right: the length
# on both ways from one latent to another, with the band in which 95 of 100 draws lie.

# %%
ways = {"straight": straight, "great circle": great_circle}
drawing, (spread, lengths) = panels(
    1, 2, "Latents lie near a sphere   (E11)", width=11.0, height=3.6
)
bins = np.linspace(4, 11, 141)
for squares, how, name in ((norms, MODEL, "a draw z"), (midway, JUDGE, "halfway, (z₀ + z₁)/2")):
    spread.hist(
        np.sqrt(squares), bins, density=True, histtype="stepfilled", color=how["color"], alpha=0.35,
        label=name,
    )  # fmt: skip
spread.set(xlabel="length", ylabel="density", title="lengths in 64 dimensions", ylim=(0, 0.85))
spread.legend(loc="upper right")
low, high = np.sqrt(np.quantile(norms, [0.025, 0.975]))
lengths.axhspan(low, high, color="0.9", label="95 of 100 draws")
for (name, way), how in zip(ways.items(), (JUDGE, MODEL), strict=True):
    lengths.plot(t, np.linalg.norm(way(z0, z1, t)[0], axis=1), **how, label=name)
lengths.set(xlabel="t", ylabel="‖z‖", ylim=(5, 10.5), title="from z₀ to z₁")
lengths.legend(loc="upper center", ncols=3)
save(drawing, "21_between_latents_lengths", run)

# %% [markdown]
# ## A generator of digits (L8)
#
# The conditional game of chapter 20, but with smooth units (SiLU) in $G$, so that its pictures
# change smoothly along a path. A third of a minute.

# %%
data = dataset("digits")
pairs = data.conditional()
width, steps, eta = (128, 1200, 2e-3) if run.quick else (256, 6000, 3e-4)
G = Network(
    [Conditioned(mlp([d + K, width, width, data.dim], "silu", [Tanh()]).layers, K)], (d + K,)
)
features = (*mlp([data.dim, width, width]).layers, LeakyReLU())
D = Network([Conditioned(features, K, seen=False), Projection(width, K)], (data.dim + K,))
training = Training(
    Game(G, D, OBJECTIVES["nonsaturating"], PENALTIES["r1"], classes=K),
    pairs,
    rng,
    D.initial(rng),
    G.initial(rng),
    Adam(linear(eta, steps), 0.5),
    Adam(linear(eta, steps), 0.5),
    m=64,
    classes=pairs.all_rows()[:, data.dim :],
    every=4,
    average=0.98 if run.quick else 0.99,
)
for _ in range(steps):
    training.iteration()
theta = training.theta_bar.astype("float64")
judge = train_classifier(data.all_rows(), data.labels, np.random.default_rng(0))

# %% [markdown]
# ## The speed of the picture (E44)
#
# $G$ reads rows $[z\,|\,c]$ and carries $c$ past its layers; we keep $c$ fixed and move $z$. The
# R-pass gives $\dot x$ at all points of the path in one pass. The class has the speed 0. And the
# speeds add up to the whole change, $\int_0^1\dot x\,dt = x(1) - x(0)$: pixel by pixel, by Gauss's
# quadrature.


# %%
def moves(zc, dzc):
    """x(t) and ẋ(t) from the rows [z | c] and their derivatives: a forward pass and an R-pass."""
    y, tape = G.forward(theta, zc)
    Ry, _ = G.rforward(theta, tape, None, dzc)  # E44  ẋ = J ż
    return y, Ry


def of_class(k, way, t):
    """The rows [z | c] on a way through the latents with the class k, and their derivatives."""
    z, dz = way
    c = np.tile(np.eye(K)[k], (len(t), 1))
    return np.concatenate([z, c], axis=1), np.concatenate([dz, 0 * c], axis=1)


at = np.array([0.0, 0.25, 0.5, 1.0])
zc, dzc = of_class(8, great_circle(z0, z1, at), at)
_, dx = moves(zc, dzc)
stepped = complex_step(lambda h: G(theta, zc + h * dzc))
heading("The digit 8 on the great circle from z₀ to z₁")
for i, moment in enumerate(at):
    same("E44", f"t = {moment:g}: ẋ, and the complex step", dx[i], stepped[i])
same("E44", "the class does not move", dx[:, data.dim :], 0.0)

nodes, weights = np.polynomial.legendre.leggauss(40)
nodes, weights = (nodes + 1) / 2, weights / 2
for name, way in ways.items():
    travelled = weights @ moves(*of_class(8, way(z0, z1, nodes), nodes))[1]
    x = G(theta, of_class(8, way(z0, z1, np.array([0.0, 1.0])), np.zeros(2))[0])
    equal(
        "E44",
        f"{name}: ∫ẋ dt = x(1) − x(0), largest |Δ|",
        np.abs(travelled - (x[1] - x[0])).max(),
        0.0,
        "quadrature",
    )

# %% [markdown]
# The length of a way is measured in pictures, $\int\|\dot x\|\,dt$. A polygon through $n$ pictures
# is never longer and converges to it. No direction is faster than the largest singular value of
# $J$. All of $J$ comes from one R-pass: a batch of 64 equal latents, the $i$-th moving along the
# $i$-th unit vector.

# %%
heading("Lengths on the great circle (root of the summed squares of 64 pixels)")
length = weights @ np.linalg.norm(
    moves(*of_class(8, great_circle(z0, z1, nodes), nodes))[1], axis=1
)
polygons = []
for n in (1, 4, 16, 64):
    corners = line(0, 1, n + 1)
    x = G(theta, of_class(8, great_circle(z0, z1, corners), corners)[0])
    polygons.append(np.linalg.norm(np.diff(x, axis=0), axis=1).sum())
    below("E44", f"{n} chord{'s' * (n > 1)}, and ∫‖ẋ‖ dt", polygons[-1], length)
here = np.tile(zc[2], (d, 1))
J = moves(here, np.eye(d, d + K))[1]
sigma = np.linalg.svd(J)[1]
same("E44", "t = 0.5: ż J from all of J, and the R-pass", dzc[2, :d] @ J, dx[2])
below("E44", "t = 0.5: ‖ẋ‖/‖ż‖, and σ₁", np.linalg.norm(dx[2]) / np.linalg.norm(dzc[2]), sigma[0])
few = np.searchsorted(np.cumsum(sigma**2), 0.9 * (sigma**2).sum()) + 1
print(f"E44     of 64 directions {few} make nine tenths of ‖J‖²")

# %% [markdown]
# Left: four ways between two latents, nine pictures each. Right: the speed of the picture.


# %%
few = line(0, 1, 9)


def strips(axis, rows):
    """Nine pictures for each row, from t = 0 to t = 1."""
    pictures = np.concatenate([G(theta, row)[:, : data.dim] for row in rows.values()])
    page = sheet(pictures.reshape(-1, 8, 8, 1), 9)[..., 0]
    axis.imshow(page, cmap="gray", interpolation="nearest")
    axis.set_yticks(9 * np.arange(len(rows)) + 5, labels=rows)
    axis.set_xticks(9 * np.arange(0, 9, 4) + 5, labels=["t = 0", "t = ½", "t = 1"])
    axis.tick_params(length=0)
    axis.grid(False)
    axis.spines[:].set_visible(False)


title = "Between two latents: ẋ = J ż by the R-pass   (E44)"
drawing, (pictures, speeds) = panels(1, 2, title, height=3.6, width_ratios=[1.2, 1])
strips(
    pictures,
    {
        f"{k}, {name}": of_class(k, way(start, end, few), few)[0]
        for k, start, end in ((8, z0, z1), (2, z2, z3))
        for name, way in ways.items()
    },
)
for (name, way), how in zip(ways.items(), (JUDGE, MODEL), strict=True):
    speed = np.linalg.norm(moves(*of_class(8, way(z0, z1, t), t))[1], axis=1)
    speeds.plot(t, speed, **how, label=name)
speeds.set(xlabel="t", ylabel="‖ẋ‖ (unit of x)", title="speed of the digit 8", ylim=(0, None))
speeds.legend(loc="lower left")
save(drawing, "21_between_latents", run)

# %% [markdown]
# ## From one class to another (L8)
#
# There are no data between two classes, and $G$ was not trained there. But a class is only a row
# $c$, so $c(t) = (1-t)c_0 + t\,c_1$ is a possible input. The first layer is linear in it: $cE$
# moves on a straight line. After the first SiLU it does not.


# %%
def between_classes(k0, k1, z, t):
    """The rows [z | c] from one class to another with z fixed, and their derivatives."""
    c, dc = straight(np.eye(K)[k0], np.eye(K)[k1], t)
    z = np.tile(z, (len(t), 1))
    return np.concatenate([z, c], axis=1), np.concatenate([0 * z, dc], axis=1)


def belief(x):
    """The classifier's probabilities (N, K)."""
    a = judge.network.each(judge.theta, x[:, : data.dim].astype("float32"))
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


first, P = G.layers[0].f.layers[0], G.views(theta)[0][:2]
three = np.array([0.0, 0.5, 1.0])
zc, dzc = between_classes(3, 8, z0, three)
u = first.forward(P, zc)[0]
_, dx = moves(zc, dzc)
heading("From 3 to 8 with the same z")
same("L8", "first layer: halfway is the mean of the ends", u[1], (u[0] + u[2]) / 2)
same(
    "L8",
    "first layer: its speed is E[8] − E[3]",
    first.rforward(P, zc, None, dzc)[0],
    P[0][d + 8] - P[0][d + 3],
)
stepped = complex_step(lambda h: G(theta, zc + h * dzc))
for i, moment in enumerate(three):
    same(
        "L8",
        f"t = {moment:g}: ẋ along c, and the complex step",
        dx[i, : data.dim],
        stepped[i, : data.dim],
    )
same("L8", "ċ comes out as it went in", dx[:, data.dim :], dzc[:, d:])
travelled = weights @ moves(*between_classes(3, 8, z0, nodes))[1]
x = G(theta, zc)
equal(
    "L8",
    "∫ẋ dt = x(1) − x(0), largest |Δ|",
    np.abs(travelled - (x[2] - x[0])).max(),
    0.0,
    "quadrature",
)
x, dx = moves(*between_classes(3, 8, z0, t))
speed_c, says = np.linalg.norm(dx[:, : data.dim], axis=1), belief(x)
turn = t[(says[:, 8] > 0.5).argmax()]
below("L8", "t = 0: read as 8, and as 3", says[0, 8], says[0, 3])
below("L8", "t = 1: read as 3, and as 8", says[-1, 3], says[-1, 8])
print(
    f"L8      fastest at t = {t[speed_c.argmax()]:.2f}; a classifier reads an 8 from t = "
    f"{turn:.2f} on"
)

# %% [markdown]
# Left: three ways through the classes; in the last one $z$ moves too. Right: on the way from 3 to 8
# the speed, and what a classifier reads.

# %%
both = np.concatenate(
    [great_circle(z2, z3, few)[0], straight(np.eye(K)[4], np.eye(K)[9], few)[0]], axis=1
)
title = "Between two classes   (L8, E44)"
drawing, (pictures, speeds) = panels(1, 2, title, height=3.4, width_ratios=[1.2, 1])
strips(
    pictures,
    {
        "3 → 8, z fixed": between_classes(3, 8, z0, few)[0],
        "1 → 7, z fixed": between_classes(1, 7, z2, few)[0],
        "4 → 9, z moves too": both,
    },
)
speeds.plot(t, speed_c, **OTHER, label="‖ẋ‖, left axis")
speeds.set(xlabel="t", ylabel="‖ẋ‖ (unit of x)", title="from 3 to 8", ylim=(0, None))
reading = speeds.twinx()
reading.plot(t, says[:, 3], **JUDGE, label="read as 3")
reading.plot(t, says[:, 8], **MODEL, label="read as 8")
reading.set(ylabel="probability", ylim=(0, 1.02))
reading.grid(False)
reading.spines["right"].set_visible(True)
drawing.legend(handles=[*speeds.lines, *reading.lines], loc="outside lower right", ncols=3)
save(drawing, "21_between_latents_classes", run)

# %% [markdown]
# ## Recap
#
# * In many dimensions latents lie near a sphere; a great circle stays among typical draws, a
#   straight line does not (E11).
# * The speed of the picture along a path is an R-pass of $G$ with the weights fixed (E44).
# * Between two classes the first layer moves on a straight line; what comes after it is up to $G$.
#
# **What we still owe.** Whether the pictures on the way are good: chapter 22 measures samples.
#
# ## Exercises
#
# **1 · Predict.** In 64 dimensions hardly one draw in 1,000 is as short as a point halfway between
# two draws, $\|z\|^2 < d/2$. Which share of the draws is it in $d = 2$?
#
# **2 · On paper.** Let $z_0$ and $z_1$ be independent and $N(0,I)$. Show that $\cos t\,z_0 + \sin
# t\,z_1$ is $N(0,I)$ for every $t$, and find the law of $(z_0+z_1)/2$.
#
# <details><summary>Answer</summary>
#
# A linear combination of independent Gaussians is Gaussian with mean 0, and its covariance is
# $(\cos^2t + \sin^2t)I = I$. For the midpoint it is $(\frac14+\frac14)I = \frac12I$, so the squared
# length has the mean $d/2$.
#
# </details>
#
# **3 · Change a line.** Replace
# `turned[part] = ((np.cos(0.7) * z0 + np.sin(0.7) * z1) ** 2).sum(axis=1)` by
# `turned[part] = ((0.3 * z0 + 0.7 * z1) ** 2).sum(axis=1)`. Which mean and variance come out?
#
# <details><summary>What you see</summary>
#
# The mean of the squared length is 37.1, in theory $(0.09 + 0.49)\cdot64 = 37.12$: the points lie
# inside the sphere. The other row measures the mean of $(\|z\|^2 - 64)^2$, which is 767 since the
# center is wrong. Both are WRONG.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 18` (a dense layer's R-forward). In $\dot x =
# J\dot z$ the weights stand still: would you notice this mistake here?

# %%
plane = (np.random.default_rng(0).standard_normal((20_000, 2)) ** 2).sum(axis=1)
answer(
    1,
    f"{(plane < 1).mean():.3f} of 20,000 draws, in theory 1 − e^(−½) = {1 - np.exp(-0.5):.3f}. In "
    f"the plane the middle is a common place; in 64 dimensions it is not.",
    abs((plane < 1).mean() - (1 - np.exp(-0.5))) < 4 * np.sqrt(0.24 / len(plane)),
)
