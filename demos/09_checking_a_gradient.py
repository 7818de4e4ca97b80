# %% [markdown]
# # 9 · Checking a gradient (E47, E48, E49, E50)
#
# *Four ways to check a gradient, what each can see, and three planted mistakes.*
#
# **Needs.** Derivatives and Taylor's formula. No network: chapters 10 and 11 explain what is
# differentiated here.
#
# A wrong gradient rarely crashes. The network still trains, only worse. So every derivative that
# was found by hand should be compared with a numerical one. All checks are made along a line,
#
# $$\varphi(\varepsilon) = f(w + \varepsilon u), \qquad \varphi'(0) = \langle\nabla f(w), u\rangle$$
#
# and the $f$ of this chapter is the value $\tilde V(\theta_d)$ of a small game, as a function of
# all the weights of its discriminator. Its gradient $\nabla\tilde V$ comes from the backward pass
# that training uses. Chapter 10 explains that pass and chapter 11 the game; here you need to know
# neither.

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
    options,
    panels,
    save,
)

from numgan.architectures import mlp
from numgan.check import (
    Report,
    adjoint,
    assert_gradient,
    assert_layer,
    central,
    check_adjoint,
    check_gradient,
    check_layer,
    complex_step,
    line,
    noise,
    taylor,
)
from numgan.game import Game
from numgan.layers import Convolution, Dense, LayerNorm, Tanh, TransposedConvolution
from numgan.objectives import OBJECTIVES

run = options()

rng = np.random.default_rng(12)
game = Game(mlp([2, 6, 2], "tanh"), mlp([2, 8, 1], "tanh"), OBJECTIVES["minimax"])
theta_d, theta_g = (
    net.initial(rng, "float64") + 0.3 * rng.standard_normal(net.size) for net in (game.D, game.G)
)
x, z = rng.standard_normal((16, 2)) + 1, rng.standard_normal((16, 2))


def V(theta):
    """Ṽ as a function of θ_d."""
    return game.value(theta, theta_g, x, z)


def dV(theta):
    """∂Ṽ/∂θ_d by hand."""
    return game.discriminator_step(theta, theta_g, x, z).dtheta_d


u = rng.standard_normal(theta_d.shape)
u /= np.linalg.norm(u)
phi, slope = line(V, theta_d, u), float(dV(theta_d) @ u)
print(
    f"a discriminator of {game.D.size} weights: Ṽ = {V(theta_d):.6f} nats, ⟨∇Ṽ, u⟩ = {slope:.6f} "
    f"along a random u"
)

# %% [markdown]
# ## The central difference, a V (E47)
#
# $$\frac{\varphi(h) - \varphi(-h)}{2h} = \varphi' + \frac{h^2}{6}\varphi''' + O(h^4)
# \qquad (\mathrm{E47})$$
#
# A large $h$ has the truncation error $h^2\varphi'''/6$. A small $h$ subtracts two numbers that
# agree in nearly all their digits and divides their rounding by $h$: about $\epsilon|\varphi|/h$.
# One side of the V rises with slope 2, the other with slope −1. The bottom is at $h =
# (3\epsilon|\varphi|/|\varphi'''|)^{1/3}$, with about ten right digits. No choice of $h$ gives
# more. So a test that demands the last digit fails on correct code, and one that allows $10^{-4}$,
# to be safe, lets small mistakes pass.

# %%
steps = 10.0 ** np.arange(-15, 0.01, 0.5 if run.quick else 0.125)


def D(h):
    return (phi(h) - phi(-h)) / (2 * h)  # E47


# φ'''
third = (
    complex_step(lambda e: phi(e + 1e-3)) - 2 * slope + complex_step(lambda e: phi(e - 1e-3))
) / 1e-6
eps = 2.0**-53
best_h = (3 * eps * abs(phi(0.0)) / abs(third)) ** (1 / 3)
error_D = np.array([abs(D(h) - slope) for h in steps])
model = steps**2 * abs(third) / 6 + eps * abs(phi(0.0)) / steps

heading("Error of the central difference (nats per unit of θ), and what theory allows")
for h in (1e-1, 1e-3, 1e-5, 1e-8, 1e-12):
    allowed = (
        1.5 * h**2 * abs(third) / 6 + 4 * eps * abs(phi(0.0)) / h
    )  # E47, and the roundings inside φ
    below("E47", f"h = {h:g}: error, and 1.5 truncation + 4 rounding", abs(D(h) - slope), allowed)
print(
    f"E47     best h = (3ε|φ|/|φ'''|)^⅓ = {best_h:.1e} by theory; the least error seen is "
    f"{error_D.min():.1e}, "
    f"at h = {steps[error_D.argmin()]:.1e}"
)
far, near = (
    np.polyfit(np.log(steps[k]), np.log(np.maximum(error_D[k], 1e-18)), 1)[0]
    for k in ((steps >= 1e-3) & (steps <= 1e-1), steps <= 1e-8)
)
print(
    f"E47     the two sides of the V: error grows as h^{far:.2f} to the right, as h^{near:.2f} "
    f"to the left"
)

# %% [markdown]
# ## Richardson extrapolation: the errors cancel
#
# The error has only even powers of $h$. Halve $h$ and the first term falls to a quarter, so
# $(4D(h/2) - D(h))/3$ does not have it: its error is $O(h^4)$, at an $h$ that is still large, where
# there is little rounding. Repeat this, and keep the entry of the triangle that differs least from
# its neighbours. The library's `central` does that and estimates its error.

# %%
error_R = np.array([abs((4 * D(h / 2) - D(h)) / 3 - slope) for h in steps])
estimate = central(phi, rounding=noise(phi))
heading("Error after extrapolation")
below("E47", "one extrapolation: least error, and without", error_R.min(), error_D.min())
below(
    "E47",
    "the whole triangle: error, and 10 × its own estimate",
    abs(estimate.value - slope),
    10 * estimate.error,
)
print(
    f"E47     one evaluation of φ is off by {noise(phi):.1e} (measured); the triangle claims ± "
    f"{estimate.error:.1e}"
)

# %% [markdown]
# ## The complex step: subtract nothing (E48)
#
# Take a step in the imaginary direction. $f(w + ih) = f + ihf' - \tfrac{h^2}{2}f'' - \cdots$ with
# real $f, f', f''$, so
#
# $$\frac{\mathrm{Im}\,\varphi(ih)}{h} = \varphi' - \frac{h^2}{6}\varphi''' + O(h^4)
# \qquad (\mathrm{E48})$$
#
# The imaginary part is the derivative times $h$; nothing is subtracted, so nothing cancels. At $h =
# 10^{-200}$ the square of $h$ is exactly zero in floating point, and what remains is the derivative
# to the last digit. The condition: the code must run on complex numbers, and every `max`, `abs` and
# `if` must use the real part alone.

# %%
tiny = 10.0 ** -np.arange(0.0, 300.1, 10 if run.quick else 4)


def error_complex(h):
    return abs(np.imag(phi(1j * h)) / h - slope)  # E48


heading("Im φ(ih)/h, and ⟨∇Ṽ, u⟩ by hand")
for exponent in (2, 4, 8, 20, 100, 200, 300):
    h = 10.0**-exponent
    what, computed = f"h = 1e-{exponent}", np.imag(phi(1j * h)) / h
    if exponent < 8:
        below(
            "E48",
            f"{what}: error, and 1.5 h²|φ'''|/6",
            abs(computed - slope),
            1.5 * h**2 * abs(third) / 6 + 1e-15,
        )
    else:
        equal("E48", what, computed, slope)

# %% [markdown]
# Left: the V of the central difference with its two theoretical sides, and the extrapolation, which
# is deeper and farther right. Right: the complex step is flat at the rounding for 290 decades.
# Logarithmic axes have no zero: an error of exactly 0 is drawn at 1e−17.

# %%
drawing, (vee, flat) = panels(
    1, 2, "Differences, and the complex step   (E47, E48)", width=11.0, height=4.3
)
unit = "nats per unit of θ"
vee.loglog(steps, [max(error_complex(h), 1e-17) for h in steps], **MODEL, label="complex step")
vee.loglog(
    steps, model, color="black", linewidth=0.8, zorder=3, label="theory: h²|φ'''|/6 + ε|φ|/h"
)
vee.loglog(steps, np.maximum(error_D, 1e-17), **JUDGE, label="central difference D(h)")
vee.loglog(steps, np.maximum(error_R, 1e-17), **OTHER, label="one extrapolation")
least = best_h**2 * abs(third) / 6 + eps * abs(phi(0.0)) / best_h
vee.plot(best_h, least, "o", color="black", label="best h by theory")
vee.set(
    xlabel="h (unit of θ)", ylabel=f"error ({unit})", title="truncation against rounding   (E47)"
)
vee.set(ylim=(3e-18, 1e5))
vee.legend(loc="upper right", ncols=2)

flat.loglog(
    tiny, [max(error_complex(h), 1e-17) for h in tiny], **MODEL, label="complex step, Im φ(ih)/h"
)
flat.loglog(steps, np.maximum(error_D, 1e-17), **JUDGE, label="central difference, for comparison")
flat.axvline(1e-200, **LEVEL)
flat.text(1e-197, 1e-9, "the library's h", color="0.3")
flat.set(
    xlabel="h (unit of θ)",
    ylabel=f"error ({unit})",
    title="nothing cancels   (E48)",
    ylim=(3e-18, 3e2),
)
flat.set_xticks([1e-300, 1e-200, 1e-100, 1], labels=["1e−300", "1e−200", "1e−100", "1"])
flat.minorticks_off()
flat.legend(loc="upper left")
save(drawing, "09_checking_a_gradient", run)

# %% [markdown]
# ## The Taylor test: no $h$ to choose (E49)
#
# $$|\varphi(h) - \varphi(0) - h\,\langle\nabla f, u\rangle| = O(h^2) \qquad (\mathrm{E49})$$
#
# The remainder falls by two digits for each digit of $h$ if and only if the gradient is right along
# $u$. With a gradient that is wrong by 1/1000 it falls by two digits at first and then by one: on
# log-log axes the line bends from slope 2 to slope 1. The test reads an order, over decades,
# instead of one number at one $h$.

# %%
level = noise(phi)
right, wrong = taylor(phi, slope, rounding=level), taylor(phi, 1.001 * slope, rounding=level)  # E49
heading("Order of the Taylor remainder: 2 if the gradient is right, 1 if it is not")
below("E49", "right: |order − 2|, and a tenth", abs(right.order - 2), 0.1)
below("E49", "wrong by 1/1000: |order − 1|, and a tenth", abs(wrong.order - 1), 0.1)
print("E49     h               " + "".join(f"{h:>10.0e}" for h in right.h[:11:2]))
print("E49     remainder, right" + "".join(f"{r:>10.1e}" for r in right.remainder[:11:2]))
print("E49     remainder, wrong" + "".join(f"{r:>10.1e}" for r in wrong.remainder[:11:2]))

# %% [markdown]
# ## The adjoint test: one pass against the other (E50)
#
# A layer's backward pass multiplies by the transpose of its Jacobian $J$. Its R-pass, the
# derivative along a direction, multiplies by $J$ itself. They are different code, and
#
# $$\langle J u, v\rangle = \langle u, J^T v\rangle \qquad (\mathrm{E50})$$
#
# holds for every $u$ and $v$ to the last digits, with no step size at all. A mistake in one of the
# two shows in nearly every random pair. (A mistake that both share stays hidden: E48 is there for
# that.)


# %%
def both_sides(layer, shape, seed=0):
    """⟨Ju, v⟩ and ⟨u, Jᵀv⟩ of a layer in x and all of its parameters at once, and the size of the
    terms.
    """
    draw = np.random.default_rng(seed)
    inputs, Rx = draw.standard_normal((2, *shape))
    P = tuple(draw.standard_normal(s) for s in layer.parameters().values())
    RP = tuple(draw.standard_normal(p.shape) for p in P)
    y, cache = layer.forward(P, inputs)
    v = draw.standard_normal(y.shape)
    Ju = layer.rforward(P, cache, RP, Rx)[0]
    JTv = (layer.backward(P, cache, v), *layer.gradient(P, cache, v))
    return *adjoint(Ju, v, (Rx, *RP), JTv), float(np.abs(Ju * v).sum())  # E50


class Untransposed(Dense):
    """A square dense layer whose backward pass forgets the ᵀ."""

    def backward(self, P, cache, dy):
        return dy @ P[0]


layers = {
    "dense 3 → 5": (Dense(3, 5), (7, 3)),
    "tanh": (Tanh(), (7, 4)),
    "layer norm": (LayerNorm((6,)), (7, 6)),
    "convolution 3×3": (Convolution(2, 3, 3, padding=1), (2, 6, 6, 2)),
    "transposed conv.": (TransposedConvolution(2, 3, 4, stride=2, padding=1), (2, 5, 5, 2)),
    "dense, ᵀ forgotten": (Untransposed(4, 4), (7, 4)),
}
heading("⟨Ju, v⟩ and ⟨u, Jᵀv⟩")
gaps = {}
for name, (layer, shape) in layers.items():
    left, back, size = both_sides(layer, shape)
    gaps[name] = max(abs(left - back) / size, 1e-18)
    if name == "dense, ᵀ forgotten":
        below("E50", f"{name}: 1/1000, and the gap, relative", 1e-3, gaps[name])
    else:
        equal("E50", f"{name}, divided by the size of the terms", back / size, left / size)

# %% [markdown]
# Left: order 2, and order 1. Right: the two sides of the adjoint identity, apart by rounding, or by
# a forgotten transpose. A gap of exactly 0 is drawn at 1e−18.

# %%
drawing, (orders, sides) = panels(1, 2, "Two tests   (E49, E50)", width=11.0, height=4.3)
orders.loglog(
    right.h,
    np.maximum(right.remainder, 1e-18),
    **MODEL,
    marker="o",
    markersize=4,
    label="right gradient",
)
orders.loglog(wrong.h, wrong.remainder, **JUDGE, marker="s", markersize=4, label="wrong by 1/1000")
orders.loglog(
    right.h, 0.3 * right.remainder[2] * (right.h / right.h[2]) ** 2, **LEVEL, label="h², h"
)
orders.loglog(right.h, 3 * wrong.remainder[-1] * right.h / right.h[-1], **LEVEL)
orders.axhline(level, **DATA)
orders.text(1e-4, level * 2, "rounding of φ", ha="left")
orders.set(
    xlabel="h (unit of θ)",
    ylabel="|φ(h) − φ(0) − h⟨∇f, u⟩| (nats)",
    title="order 2 over decades   (E49)",
)
orders.set(ylim=(1e-18, 3))
orders.legend(loc="upper left")

place = np.arange(len(gaps))
sides.hlines(place, 1e-19, list(gaps.values()), color="0.6", linewidth=1)
sides.plot(list(gaps.values())[:-1], place[:-1], "o", color=MODEL["color"], label="numgan's passes")
sides.plot(
    list(gaps.values())[-1:],
    place[-1:],
    "X",
    color=JUDGE["color"],
    markersize=9,
    label="the mistake",
)
sides.axvline(2.0**-52, **LEVEL)
sides.text(2.0**-51, 4.4, "ε", color="0.3")
sides.set(
    xscale="log",
    xlim=(1e-19, 10),
    xlabel="|⟨Ju, v⟩ − ⟨u, Jᵀv⟩| over the size of the terms (no unit)",
)
sides.set(title="the adjoint identity   (E50)", ylim=(-0.6, 5.6))
sides.set_yticks(place, labels=list(gaps))
sides.legend(loc="center right")
save(drawing, "09_checking_a_gradient_tests", run)

# %% [markdown]
# ## All of it in one line
#
# In a test of your own: `assert_gradient(f, df, x)`, or `assert_layer(layer, shape)`. They run E47
# to E50 at every entry and along a random direction, with tolerances that follow from rounding, and
# print nothing if all is right. `check_gradient` and `check_layer` return the report.

# %%
report = check_gradient(V, dV, theta_d, name="game")
print("\ncheck_gradient on the game, the worst error relative to the largest entry of ∇Ṽ:")
for found in report.findings:
    if found.method.endswith(("E47", "E48", "E49")):
        label = found.method.split()[-1]
        said = found.note or f"{found.relative:.1e} ≤ {found.tolerance:.1e}"
        print(f"{label:8}{found.method:28}{said:28}{found.verdict}")
assert_gradient(V, dV, theta_d)
assert_layer(Tanh(), (5, 3))
print(f"check_gradient: {report}")
print(
    f"check_layer on a 3×3 convolution: "
    f"{Report(check_layer(Convolution(2, 3, 3, padding=1), (2, 4, 4, 2)))}"
)

# %% [markdown]
# ## Three planted mistakes
#
# First, the discriminator's gradient without the samples' term. It is the gradient of another
# function. Give the check the terms of $\tilde V$, and it names the missing one. Second, a tanh
# whose derivative is written with $x$ in place of $y$. Third, a forgotten transpose, found by E50.


# %%
def half(theta):
    """∂Ṽ/∂θ_d, wrong: only the data's half."""
    a, tape = game.D.forward(theta, x)
    return game.D.gradient(theta, tape, game.objective.real.gradient(a))


terms = {
    "the data": lambda theta: game.objective.real.mean(game.D(theta, x)),
    "the samples": lambda theta: game.objective.fake.mean(game.D(theta, game.G(theta_g, z))),
}


class WrongTanh(Tanh):
    """tanh with 1 − x² for 1 − y²."""

    def forward(self, P, x):
        return np.tanh(x), x

    def backward(self, P, x, dy):
        return dy * (1 - x * x)


def refused(what, check):
    """The report that the check stops with."""
    try:
        check()
    except AssertionError as problem:
        print(f"\n{what}:{problem}")
    else:
        print(f"\n{what}: not noticed   WRONG")


refused(
    "1. the samples' half forgotten",
    lambda: assert_gradient(V, half, theta_d, terms=terms, name="game"),
)
first = next(found for found in check_layer(WrongTanh(), (5, 3)) if found.parameter == "dx")
print(f"\n2. tanh with 1 − x² for 1 − y²:\n{Report([first])}")
W = np.random.default_rng(3).standard_normal((4, 4))
transposed = check_adjoint(lambda x, u: u @ W, lambda x, v: v @ W, np.ones((7, 4)), name="dense")
print(f"\n3. the transpose forgotten:\n{transposed}")

# %% [markdown]
# ## Recap
#
# * A central difference has at best about ten digits (E47); the complex step has all of them (E48).
# * The Taylor remainder shows an order, over decades of $h$ (E49); the adjoint identity compares
#   two passes (E50).
# * `assert_gradient` and `assert_layer` run all four, and say what is wrong.
#
# **What we still owe.** The derivatives that are checked here: one dense layer in chapter 10 (L1),
# the game in chapter 11 (E33, E35).
#
# ## Exercises
#
# **1 · Predict.** At $h = 0.1$ you halve $h$. By which factor does the error of the central
# difference fall? And at $h = 10^{-12}$, does halving help?
#
# **2 · On paper.** Find the $h$ at which the bound $h^2|\varphi'''|/6 + \epsilon|\varphi|/h$ on the
# error is least (E47).
#
# <details><summary>Answer</summary>
#
# Its derivative is $h|\varphi'''|/3 - \epsilon|\varphi|/h^2 = 0$, so $h^3 =
# 3\epsilon|\varphi|/|\varphi'''|$. There the rounding is twice the truncation.
#
# </details>
#
# **3 · Change a line.** Replace `return game.value(theta, theta_g, x, z)` by
# `return game.value(theta, theta_g, x, z) + 1000`. A constant changes no derivative. What does it
# change in E47, and what in E48?
#
# <details><summary>What you see</summary>
#
# In E47 the rounding grows with $|\varphi|$: the best $h$ is $1.9\cdot10^{-4}$ in place of
# $2\cdot10^{-5}$, and the least error $2\cdot10^{-10}$ in place of $6\cdot10^{-12}$. The rows of
# E48 do not change: the constant has no imaginary part.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 28` (tanh) and `numgan check --exercise 27`
# (tanh). Both are wrong in one symbol, and both train.
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint central` and `numgan course hint complex_step`.

# %%
halved = abs(D(0.1) - slope) / abs(D(0.05) - slope)
tiny_h = abs(D(5e-13) - slope)
answer(
    1,
    f"By {halved:.2f}: the error is of order h², so a quarter is left. At h = 1e−12 rounding "
    f"dominates and grows as 1/h: the error at 5e−13 is {tiny_h:.0e}, and the best one is "
    f"{error_D.min():.0e}.",
    3.5 < halved < 4.5 and tiny_h > 100 * error_D.min(),
)
