# %% [markdown]
# # 17 · A gradient penalty by hand (E46)
#
# *R1 and WGAN-GP on nine weights by hand, and what they do to a discriminator.*
#
# **Needs.** Chapter 10 (L1, L2), chapter 9 (E48), chapter 11 (the game).
#
# A gradient penalty makes a critic pay for its slope $\lVert\nabla_xa\rVert$. It is a function of a
# *gradient*, so its own gradient is the derivative of a backward pass. Other libraries record the
# backward pass and differentiate the record. By hand it is one line. Let $\theta$ change a little;
# then
#
# $$\mathrm{GP} = \frac\lambda m\sum_i(\lVert g_i\rVert-1)^2,\qquad
# \delta\mathrm{GP} = \sum_i\langle u_i,\delta g_i\rangle,\qquad
# u_i = \frac{2\lambda}{m}\,(\lVert g_i\rVert-1)\,\frac{g_i}{\lVert g_i\rVert}$$
#
# and $\langle u, g\rangle$ is the derivative of $a$ along $u$, which may be exchanged with the one
# by $\theta$:
#
# $$\nabla_\theta\mathrm{GP} = \nabla_\theta\langle u,\nabla_x a\rangle
# = R_u\{\nabla_\theta a\} \qquad (\mathrm{E46})$$
#
# How does the ordinary gradient of the weights change when the *inputs* move along $u$? Here is
# every number of it, for a network of nine weights and one point.

# %%
import numpy as np
from figure import (
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

from numgan.architectures import mlp
from numgan.check import complex_step
from numgan.check import line as along
from numgan.data.toy import moons
from numgan.game import Game
from numgan.layers import Dense, LeakyReLU, Tanh
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam
from numgan.penalties import HALF, PENALTIES, UNIT_NORM, Penalty, at_data

run = options()

LAMBDA = 10.0
x = np.array([[0.5, -1.0]])
W1, b1 = np.array([[1.0, -0.5], [0.5, 2.0]]), np.array([0.25, 0.5])
W2, b2 = np.array([[1.5], [-1.0]]), np.array([0.1])

# %% [markdown]
# ## First the ordinary passes
#
# $$h = xW_1 + b_1,\quad y = \varphi(h),\quad a = yW_2 + b_2
# \qquad\text{and back, from } da = 1\text{:}\qquad
# dy = W_2^T,\quad dh = \varphi'(h)\,dy,\quad g = dx = dh\,W_1^T$$
#
# For $\varphi = \tanh$, $\varphi' = 1-y^2$ and $\varphi'' = -2y(1-y^2)$. For contrast
# $\varphi$ = leaky ReLU with slope 0.2 on the left, whose $\varphi''$ is 0.


# %%
def tanh(h):
    """φ, φ', φ''"""
    y = np.tanh(h)
    return y, 1 - y**2, -2 * y * (1 - y**2)


def leaky_relu(h):
    slope = np.where(h.real > 0, 1, 0.2)
    return slope * h, slope, 0 * h


def passes(phi):
    """All that the backward pass leaves on the table."""
    h = x @ W1 + b1
    y, dphi, ddphi = phi(h)
    a, dy = y @ W2 + b2, W2.T
    dh = dphi * dy
    return {"h": h, "y": y, "φ'": dphi, "φ''": ddphi, "a": a, "dy": dy, "dh": dh, "g": dh @ W1.T}


def by_hand(phi, direction):
    """R_u{∂a/∂θ}: inputs move along u, all the weights and da = 1 stand still."""
    at = passes(phi)
    g, dy, dh = at["g"], at["dy"], at["dh"]
    u = direction(g)
    # fmt: off
    Rh = u @ W1                                     # R{h} = R{x} W₁,  R{x} = u
    Ry = at["φ'"] * Rh                              # R{y} = φ' R{h}
    # R{dh} = φ'' R{h} dy + φ' R{dy},  R{dy} = R{W₂ᵀ} = 0
    Rdh = at["φ''"] * Rh * dy
    # fmt: on
    return at | {
        "‖g‖": np.linalg.norm(g),
        "u": u,
        "Rh": Rh,
        "Ry": Ry,
        "Ra": Ry @ W2,
        "Rdh": Rdh,
        "uᵀ dh": u.T @ dh,  # R{xᵀ dh} = uᵀ dh + xᵀ R{dh}:  the term of φ',
        "xᵀ Rdh": x.T @ Rdh,  # … and the term of φ''
        "RdW₁": u.T @ dh + x.T @ Rdh,
        "Rdb₁": Rdh[0],
        "RdW₂": Ry.T,
        "Rdb₂": np.zeros(1),  # R{yᵀ · 1}
    }


def wgan_gp(g):
    norm = np.linalg.norm(g)
    return 2 * LAMBDA * (norm - 1) * g / norm


def show(at, *names):
    for name in names:
        numbers = "   ".join(" ".join(f"{n:9.5f}" for n in row) for row in np.atleast_2d(at[name]))
        print(f"E46     {name:10}{numbers}")


ORDINARY, MOVED = ("h", "y", "φ'", "φ''", "a", "dh", "g", "‖g‖"), ("u", "Rh", "Ry", "Ra", "Rdh")
TERMS = ("uᵀ dh", "xᵀ Rdh", "RdW₁", "Rdb₁", "RdW₂", "Rdb₂")
smooth, kinked = by_hand(tanh, wgan_gp), by_hand(leaky_relu, wgan_gp)
print(f"tanh, λ = {LAMBDA:g}: the ordinary passes; a matrix row after row")
show(smooth, *ORDINARY)
print("their change as x moves along u")
show(smooth, *MOVED)
print("and what is read off: the two terms of W₁, their sum, and the rest")
show(smooth, *TERMS)
heading("a first test that costs nothing: R{a} is the derivative of a along u, so it must be")
equal("E46", "tanh: ⟨u, g⟩", smooth["Ra"].item(), (smooth["u"] * smooth["g"]).sum())
equal("E46", "leaky ReLU: ⟨u, g⟩", kinked["Ra"].item(), (kinked["u"] * kinked["g"]).sum())

# %% [markdown]
# ## Is it right? The complex step, and the library
#
# The penalty is a plain function of nine weights: one number from a forward and a backward pass.
# Chapter 9's complex step differentiates it without R-passes. The library's `Penalty.gradient` does
# the above for any network; it gives the same vector.

# %%
here = Penalty("here", "(‖∇ₓa‖ − 1)² at x", at_data, UNIT_NORM, LAMBDA)
networks = {
    "tanh": Network([Dense(2, 2), Tanh(), Dense(2, 1)], (2,)),
    "leaky ReLU": Network([Dense(2, 2), LeakyReLU(0.2), Dense(2, 1)], (2,)),
}
theta = np.concatenate([W1.ravel(), b1, W2.ravel(), b2])
NAMES = ["W₁[0,0]", "W₁[0,1]", "W₁[1,0]", "W₁[1,1]", "b₁[0]", "b₁[1]", "W₂[0]", "W₂[1]", "b₂"]


def flat(at, W="RdW₁", b="Rdb₁"):
    return np.concatenate([at[W].ravel(), at[b], at["RdW₂"].ravel(), at["Rdb₂"]])


def numerically(penalty, D, theta):
    """∂R/∂θ by the complex step, one weight at a time (E48)."""
    value = lambda w: penalty.value(D, w, x, x)  # noqa: E731
    return np.array([complex_step(along(value, theta, e)) for e in np.eye(theta.size)])


for (name, D), at in zip(networks.items(), (smooth, kinked), strict=True):
    mine, other = flat(at), numerically(here, D, theta)
    heading(f"{name}: ∂GP/∂θ by hand, and by the complex step, both divided by the largest entry")
    for what, one, two in zip(NAMES, mine, other, strict=True):
        equal("E46", what, one / np.abs(other).max() + 0.0, two / np.abs(other).max() + 0.0)
    apart = np.abs(here.gradient(D, theta, x, x) - mine).max() / np.abs(mine).max()
    equal("E46", "the library's gradient: largest difference", apart, 0.0)

# %% [markdown]
# ## What is lost with φ″
#
# The R-pass of an activation has two terms, $R\{dh\} = \varphi''R\{h\}\,dy + \varphi'R\{dy\}$. The
# first is easy to forget: the ordinary backward pass has no such term, and a test with ReLUs does
# not show its absence, since there $\varphi'' = 0$. For tanh it is more than half of the gradient.
# Without it the gradient of $b_1$ is zero, and the largest entry, $W_1[1,0]$, is a third of the
# right value. (A missing term does not stop a training. It trains another objective.)

# %%
without = {
    name: flat(at | {"Rdb₁": 0 * b1}, W="uᵀ dh")
    for name, at in zip(networks, (smooth, kinked), strict=True)
}
truth = {name: numerically(here, D, theta) for name, D in networks.items()}
lost = {
    name: np.linalg.norm(without[name] - truth[name]) / np.linalg.norm(truth[name])
    for name in networks
}
print(f"\n{'∂GP/∂θ':28}" + "".join(f"{name:>9}" for name in NAMES))
for name in networks:
    for what, vector in (("whole", truth[name]), ("without φ''", without[name])):
        print(f"E46     {name:11}{what:12}" + "".join(f"{n:9.4f}" for n in vector + 0.0))
heading("the gradient without φ'': its distance from the whole, relative")
equal("E46", "leaky ReLU: nothing is lost", lost["leaky ReLU"], 0.0)
below("E46", "tanh: a half, and what is lost", 0.5, lost["tanh"])

# %% [markdown]
# The two terms of each of the nine gradients: for tanh the term of $\varphi''$ is as large as the
# other, for leaky ReLU it is zero.

# %%
drawing, axes = panels(1, 2, "What is lost with φ″   (E46)", width=11.0, height=4.2)
for axis, (name, at) in zip(axes, (("tanh", smooth), ("leaky ReLU", kinked)), strict=False):
    first = without[name]
    second = flat(at) - first
    place = np.arange(len(NAMES))
    axis.bar(place - 0.27, first, 0.27, color=JUDGE["color"], label="terms of φ'")
    axis.bar(place, second, 0.27, color=OTHER["color"], label="terms of φ''")
    axis.bar(place + 0.27, first + second, 0.27, color="0.6", label="their sum: ∂GP/∂θ")
    axis.plot(place + 0.27, truth[name], "k.", label="complex step")
    axis.axhline(0, **LEVEL)
    axis.set_xticks(place, labels=NAMES, rotation=60)
    axis.set(title=f"{name}: ‖∇ₓa‖ = {at['‖g‖']:.2f}", ylim=(-10, 24))
axes[0].set_ylabel("∂GP/∂θ (unit of a)")
axes[0].legend(loc="upper right")
save(drawing, "17_gradient_penalty_by_hand_terms", run)

# %% [markdown]
# ## R1 is the same pass with another $u$
#
# $$\mathrm{R1} = \frac{\gamma}{2m}\sum_i\lVert g_i\rVert^2 \quad\Rightarrow\quad u_i
# = \frac\gamma m\,g_i$$
#
# The same holds for any price of the slope: only the length of $u$ changes, not its direction, so
# for one point all these gradients are multiples of one another. R1 pulls the slope to zero,
# WGAN-GP to one.

# %%
GAMMA = 1.0
heading("R1: ∂R1/∂θ by hand with u = γg, and by the complex step")
for name, phi in (("tanh", tanh), ("leaky ReLU", leaky_relu)):
    r1, D = Penalty("R1 here", "½γ‖∇ₓa‖²", at_data, HALF, GAMMA), networks[name]
    mine, other = flat(by_hand(phi, lambda g: GAMMA * g)), numerically(r1, D, theta)
    equal("E46", f"{name}: largest difference", np.abs(mine - other).max(), 0.0)
    equal(
        "E46",
        f"{name}: the library's gradient",
        np.abs(r1.gradient(D, theta, x, x) - mine).max(),
        0.0,
    )
    norm = np.linalg.norm(passes(phi)["g"])
    ratio = 2 * LAMBDA * (1 - 1 / norm) / GAMMA
    gp = flat(by_hand(phi, wgan_gp))
    equal(
        "E46", f"{name}: GP's over 2λ(1 − 1/‖g‖)/γ, less R1's", np.abs(gp / ratio - mine).max(), 0.0
    )

# %% [markdown]
# The two prices, and the length of the $u$ that they send through the R-pass.

# %%
drawing, price = panels(
    1, 1, "Steep is dear, and for WGAN-GP flat as well   (E46)", width=8.0, height=4.2
)
s = line(0, 2.5, 201)
price.plot(s, LAMBDA * (s - 1) ** 2 / 10, **MODEL, label="WGAN-GP: (‖g‖ − 1)², λ = 1")
price.plot(s, 2 * (s - 1), **{**MODEL, "linestyle": ":"}, label="its u: 2(‖g‖ − 1) along g/‖g‖")
price.plot(s, s**2 / 2, **JUDGE, label="R1: ½‖g‖², γ = 1")
price.plot(s, s, **{**JUDGE, "linestyle": ":"}, label="its u: ‖g‖ along g/‖g‖")
price.axhline(0, **LEVEL)
price.axvline(1, **LEVEL)
price.set(xlabel="‖g‖ = ‖∇ₓa‖", ylabel="price, and length of u")
price.legend(loc="upper left")
save(drawing, "17_gradient_penalty_by_hand_prices", run)

# %% [markdown]
# ## What it does to a discriminator
#
# Two moons are the data, the samples come from a broad Gaussian, and only $D$ learns. Without a
# penalty $D$ becomes sure and steep, so a sample near the moons gets a very large gradient. Each
# penalty acts where it is evaluated. R1 is evaluated at data alone: there the logit is flat, and
# steep around them. WGAN-GP is evaluated between data and samples, and there the slope is one.

# %%
rng = np.random.default_rng(19)
P, steps, m = moons(0.1), 400 if run.quick else 3000, 128
D = mlp([2, 32, 32, 1], "tanh")
start = D.initial(rng, "float64")


def learned(penalty):
    """θ_d after `steps` ascents of D alone on Ṽ − R, with the same data for each penalty."""
    draw, theta, adam = np.random.default_rng(20), start.copy(), Adam(3e-3, beta1=0.5)
    G = mlp([2, 2])
    # G(z) = 1.2z + c
    game, theta_g = (
        Game(G, D, OBJECTIVES["minimax"], penalty),
        np.array([1.2, 0, 0, 1.2, 0.5, 0.25]),
    )
    for _ in range(steps):
        data, z = P.sample(m, draw), draw.standard_normal((m, 2))
        adam.ascend(theta, game.discriminator_step(theta, theta_g, data, z, draw).dtheta_d)
    return theta


def slope(theta, points):
    """‖∇ₓa‖ at the points."""
    a, tape = D.forward(theta, points)
    return np.linalg.norm(D.backward(theta, tape, np.ones_like(a)), axis=1)


trained = {
    "at the start": start,
    "no penalty": learned(None),
    "R1, γ = 1": learned(PENALTIES["r1"]),
    "WGAN-GP, λ = 10": learned(PENALTIES["wgan-gp"]),
}
data, samples = P.sample(2000, rng), 1.2 * rng.standard_normal((2000, 2)) + [0.5, 0.25]
mixed = rng.random((2000, 1))
middle = mixed * data + (1 - mixed) * samples
print(
    f"\nafter {steps} steps: mean of ‖∇ₓa‖ at 2000 data, and mean of (‖∇ₓa‖ − 1)² at 2000 points "
    f"between" + ("  (only a try: --quick)" if run.quick else "")
)
for name, theta_d in trained.items():
    print(
        f"E46     "
        f"{name:18}{slope(theta_d, data).mean():10.2f}"
        f"{((slope(theta_d, middle) - 1) ** 2).mean():10.2f}"
    )
heading("what each was asked for, and what no penalty gives")
below(
    "E46",
    "R1: mean of ‖∇ₓa‖² at data",
    (slope(trained["R1, γ = 1"], data) ** 2).mean(),
    (slope(trained["no penalty"], data) ** 2).mean(),
)
below(
    "E46",
    "WGAN-GP: mean of (‖∇ₓa‖ − 1)² between",
    ((slope(trained["WGAN-GP, λ = 10"], middle) - 1) ** 2).mean(),
    ((slope(trained["no penalty"], middle) - 1) ** 2).mean(),
)

# %% [markdown]
# The slope of the logit over the plane; black dots are data.

# %%
drawing, axes = panels(
    1, 4, "A gradient penalty, and a discriminator   (E46)", width=14, height=3.6
)
side = 61 if run.quick else 161
xs, ys = np.linspace(-2.5, 3.5, side), np.linspace(-2.25, 2.75, side)
plane = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
for axis, (name, theta_d) in zip(axes, trained.items(), strict=True):
    height = slope(theta_d, plane).reshape(side, side)
    shades = axis.pcolormesh(
        xs, ys, np.maximum(height, 0.03), norm="log", vmin=0.1, vmax=30, cmap="viridis"
    )
    if (height > 1).any() and (height < 1).any():
        axis.contour(xs, ys, height, levels=[1.0], colors="white", linewidths=1.0)
    axis.plot(*data[:250].T, "k.", markersize=1.5)
    axis.set(title=name, xlabel="x₁", aspect="equal")
    axis.grid(visible=False)
axes[0].set_ylabel("x₂")
drawing.colorbar(shades, ax=axes, label="‖∇ₓa‖, white line: 1", shrink=0.8)
save(drawing, "17_gradient_penalty_by_hand", run)

# %% [markdown]
# ## Recap
#
# * The gradient of a penalty on $\nabla_xa$ is the change of $\nabla_\theta a$ as the inputs move
#   along $u$ (E46).
# * The R-pass of an activation has a term with $\varphi''$; ReLUs hide its absence, tanh does not.
# * R1 makes the logit flat at the data, WGAN-GP makes its slope one between data and samples.
#
# **What we still owe.** R-passes for all layers and their cost: chapter 18 (E44, E45). What R1 does
# to the dynamics: chapters 26 and 27.
#
# ## Exercises
#
# **1 · Predict.** At a point the slope is exactly $\|g\| = 1$. What are $u$ and the gradient of
# WGAN-GP there, whatever the weights are? And those of R1?
#
# **2 · On paper.** WGAN-LP has the price $\lambda\max(0,\|g\|-1)^2$. What is its $u$ (E46)?
#
# <details><summary>Answer</summary>
#
# For $\|g\|\le1$ the price is 0 and $u = 0$. Above, it is that of WGAN-GP: $u =
# 2\lambda(\|g\|-1)\,g/\|g\|$. Together $u = 2\lambda\max(0,\|g\|-1)\,g/\|g\|$, continuous at 1.
#
# </details>
#
# **3 · Change a line.** Replace `return y, 1 - y**2, -2 * y * (1 - y**2)` by
# `return y, 1 - y**2, 0 * y`: $\varphi''$ is forgotten. Which of the nine weights of the tanh
# network are still right?
#
# <details><summary>What you see</summary>
#
# $W_2$ and $b_2$ are right; the four entries of $W_1$ and both of $b_1$ are WRONG, $b_1$ is even 0.
# The term with $\varphi''$ enters through $R\{dh\}$, which only the first layer uses. With the
# leaky ReLU all nine stay right.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 79` (a gradient penalty, layer by layer),
# `numgan check --exercise 80` (a gradient penalty) and `numgan check --exercise 4` (the gradient of
# a gradient penalty, at the critic's gradients).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint penalty_direction` and `numgan course hint r1_gradient`.

# %%
unit_g = np.array([[0.6, -0.8]])
answer(
    1,
    f"WGAN-GP: u is 0 (largest entry {np.abs(wgan_gp(unit_g)).max():.0e}), and so is its "
    f"gradient, which is linear in u. R1: the length of u is {np.linalg.norm(GAMMA * unit_g):g}, "
    f"so R1 makes D flatter.",
    np.abs(wgan_gp(unit_g)).max() < 1e-13,
)
