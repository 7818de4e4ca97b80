# %% [markdown]
# # 24 · The critic of WGAN (E43, E46)
#
# *Trained critics beside the exact one: what a penalty makes, and what clipping makes.*
#
# **Needs.** Chapter 13 (E43), chapter 17 (E46), chapter 11 (Algorithm 1).
#
# On the line $W_1$ is known exactly. It is the area between the two distribution functions, and the
# critic that attains it has slope $\pm1$:
#
# $$W_1(P,Q) = \int|F_P-F_Q|\,dx = \max_{|T'|\le1}\mathbb{E}_P[T]-\mathbb{E}_Q[T],\qquad
# T^{*\prime} = -\mathrm{sign}(F_P-F_Q) \qquad (\mathrm{E43})$$
#
# So here a network can be compared with the exact critic. Its slope must be bounded: a *gradient
# penalty* (E46) pulls it to one, *clipping* keeps every weight in a small box. Which critic is the
# result? For the penalty it has a closed form too, and it is not quite $T^*$.

# %%
from dataclasses import replace

import numpy as np
from figure import (
    DATA,
    JUDGE,
    LEVEL,
    LINES,
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
from numgan.data.sources import Fresh
from numgan.game import Game
from numgan.layers import Dense
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, linear
from numgan.penalties import PENALTIES, between
from numgan.theory import (
    Gaussian,
    Mixture,
    best_lipschitz_critic,
    crossings,
    expect,
    integrate,
    lipschitz_value,
    wasserstein,
)
from numgan.training import Training

run = options()
P, Q = Mixture([0.3, 0.7], [Gaussian(-2, 0.5), Gaussian(2, 0.5)]), Gaussian(0, 1)


def d(x):
    """F_P − F_Q"""
    return P.cdf(x) - Q.cdf(x)


# %% [markdown]
# ## The truth (E43)
#
# $P$ has two modes, $Q$ is the standard normal in between. Mass at the left must move left, mass at
# the right must move right. The critic is a valley, and its bottom is where $F_P$ and $F_Q$ cross,
# among the samples.

# %%
W1, best, meet = wasserstein(P, Q), best_lipschitz_critic(P, Q), crossings(d, P, Q)
bottom = meet[np.abs(meet).argmin()]
heading("P = 0.3 N(−2, ½²) + 0.7 N(2, ½²), Q = N(0, 1) (unit of x)")
equal("E43", "E_P[T*] − E_Q[T*], and the area W₁", lipschitz_value(best, P, Q), W1, "quadrature")
equal(
    "E43",
    "where T* turns: F_P, and F_Q",
    P.cdf(np.array([bottom]))[0],
    Q.cdf(np.array([bottom]))[0],
)
absolute = lambda x: np.abs(x[:, 0] - bottom)  # noqa: E731
below(
    "E43",
    f"|x − ({bottom:.3f})|, its value, and W₁",
    expect(P, absolute, bends=[bottom]) - expect(Q, absolute, bends=[bottom]),
    W1,
)
below(
    "E43",
    "W₁ less that: the tails turn too, for a mass of almost 0",
    W1 - lipschitz_value(absolute, P, Q),
    1e-3,
)

# %% [markdown]
# Left: the two distribution functions; the area between them is $W_1$. Right: the critic that
# attains it, drawn so that it is 0 at the bottom of the valley.

# %%
x = line(-4.5, 4.5, 901)
drawing, (area, path) = panels(1, 2, "The best critic on the line   (E43)", height=4.2)
area.fill_between(x, P.cdf(x), Q.cdf(x), color="0.88", label=f"W₁ = {W1:.4f}")
area.plot(x, P.cdf(x), **DATA, label="$F_P$, data")
area.plot(x, Q.cdf(x), **MODEL, label="$F_Q$, samples")
area.plot(x, P.density(x), color="0.5", linewidth=0.9, linestyle=(0, (1, 1.2)))
area.plot(x, Q.density(x), color="0.5", linewidth=0.9, label="densities")
area.set(xlabel="x", ylabel="F, and density", title="the area between", ylim=(0, 1.05))
area.legend(loc="upper left")
path.plot(x, best(x) - best(np.array([bottom])), color="0.5", linewidth=4)
path.axvline(bottom, **LEVEL)
path.text(bottom + 0.1, 3.6, "here $F_P = F_Q$", color="0.3")
path.set(xlabel="x", ylabel="T*(x) (unit of x)", title="T*, of slope 1 or −1", ylim=(-0.5, 5))
save(drawing, "24_the_critic_of_wgan_exact", run)

# %% [markdown]
# ## What the penalty makes of it (E46)
#
# WGAN-GP maximises $\mathbb{E}_P[T]-\mathbb{E}_Q[T]-\lambda\,\mathbb{E}_{\hat x}[(|T'(\hat
# x)|-1)^2]$. Let $r$ be the density of the points $\hat x = \varepsilon x+(1-\varepsilon)\tilde x$
# between data and samples. By parts, with $d = F_P-F_Q$, all of it is one integral over the slope
# $s = T'(x)$, and on the line every slope is allowed:
#
# $$\int\big[-s\,d-\lambda r\,(|s|-1)^2\big]dx \quad\Rightarrow\quad
# s^*(x) = -\mathrm{sign}(d)\Big(1+\frac{|d|}{2\lambda r}\Big),\qquad
# \max = W_1+\int\frac{d^2}{4\lambda r}\,dx$$
#
# (Put the derivative in $|s|$ to zero: $|d| = 2\lambda r(|s|-1)$.) So the penalised critic is
# *always steeper* than one where it matters. The penalty is a spring, not a wall: it yields by
# $|d|/2\lambda r$, which is much where $r$ is small, that is where points between data and samples
# are rare.
#
# Given $\varepsilon$, $\hat x$ is a sum of independent normal numbers, so $r$ is a mixture of
# Gaussians over the two modes and all $\varepsilon$, of which 64 points of Gauss's rule are enough.

# %%
nodes, weights = np.polynomial.legendre.leggauss(64)
epsilons, weights = (nodes + 1) / 2, weights / weights.sum()
R = Mixture(
    np.concatenate([0.3 * weights, 0.7 * weights]),
    [Gaussian(e * mode, np.hypot(0.5 * e, 1 - e)) for mode in (-2, 2) for e in epsilons],
)
# beyond ±7: mass 1e-12
KNOTS = [np.unique(np.concatenate([[-7.0, 7.0], np.linspace(-6, 6, 13), meet]))]


def integral(f):
    return integrate(f, KNOTS, 1e-12).value


def steepest(lam):
    """s*(x) of the penalised critic."""
    return lambda x: -np.sign(d(x)) * (1 + np.abs(d(x)) / (2 * lam * R.density(x)))


def penalised(slope, lam):
    """∫ −s d − λ r (|s| − 1)²"""
    return integral(lambda x: -slope(x) * d(x) - lam * R.density(x) * (np.abs(slope(x)) - 1) ** 2)


optimum = {
    lam: W1 + integral(lambda x, lam=lam: d(x) ** 2 / (4 * lam * R.density(x)))
    for lam in (1.0, 10.0)
}
heading("the value less the penalty, at its best slope s*: by its definition, and W₁ + ∫ d²/4λr")
inside = np.linspace(-2.5, 2.5, 501)
for lam, most in optimum.items():
    s = steepest(lam)
    equal("E46", f"λ = {lam:g}", penalised(s, lam), most, "quadrature")
    below(
        "E46",
        f"λ = {lam:g}: at the slope of T*, ±1",
        penalised(lambda x: -np.sign(d(x)), lam),
        most,
    )
    below(
        "E46", f"λ = {lam:g}: 5 % steeper than s*", penalised(lambda x, s=s: 1.05 * s(x), lam), most
    )
    print(
        f"E46     λ = {lam:g}: |s*| between −2.5 and 2.5 is at most "
        f"{np.abs(s(inside)).max():.3f}; "
        f"its value E_P[T] − E_Q[T] is {integral(lambda x, s=s: -s(x) * d(x)):.4f}, W₁ = "
        f"{W1:.4f}"
    )

# %% [markdown]
# Is $r$ the density of the points that the library draws? The mean price of $s^*$ over 100,000 of
# them tests it.

# %%
rng = np.random.default_rng(22)
n = 100_000
drawn = between(P.sample(n, rng), Q.sample(n, rng), rng)
price = (np.abs(steepest(1.0)(drawn)) - 1) ** 2
heading("E[(|s*| − 1)²] at points between data and samples, λ = 1")
equal(
    "E46",
    f"over {n} points, and by r",
    price.mean(),
    integral(lambda x: d(x) ** 2 / (4 * R.density(x))),
    price.std() / n**0.5,
)

# %% [markdown]
# ## A trap in one dimension (E46)
#
# Look at the integrand $-s\,d-\lambda r(|s|-1)^2$ once more, at one $x$, as a function of the slope
# $s$: it has two maxima, near $\pm1$, and between them at $s = 0$ a minimum, wherever $|d| <
# 2\lambda r$. A critic whose slope starts on the wrong side climbs to the wrong maximum, since on
# the way to the other one its value would fall first. In the plane it could rotate its gradient at
# length one. On the line $\lVert g\rVert = 1$ is two points, and the only path leads through 0.
# With a small $\lambda$ there is no minimum between, so begin with one.

# %%
deepest = (np.abs(d(inside)) / (2 * R.density(inside))).max()
wrong = lambda lam: lambda x: np.sign(d(x)) * (1 - np.abs(d(x)) / (2 * lam * R.density(x)))  # noqa: E731
heading("on the wrong hill everywhere, s = sign(d)(1 − |d|/2λr): its value less the penalty")
equal(
    "E46",
    "λ = 10: by its definition, and −W₁ + ∫ d²/4λr",
    penalised(wrong(10.0), 10.0),
    optimum[10.0] - 2 * W1,
    "quadrature",
)
below("E46", "largest |d|/2r between −2.5 and 2.5, and λ = 1: trapped", deepest, 1.0)

# %% [markdown]
# WGAN-LP pays for slopes above one alone, $\lambda\max(0,|s|-1)^2$. Its best slope is the same
# $s^*$, for $|s^*|\ge 1$: so is its optimum. But its integrand $-s\,d-\lambda r\max(0,|s|-1)^2$ is
# concave in $s$. There is no minimum between and no wrong maximum: from the wrong side every step
# towards $s^*$ increases the value.


# %%
def penalised_above_one(slope, lam):
    """∫ −s d − λ r max(0, |s| − 1)²"""
    price = PENALTIES["wgan-lp"].price.h
    return integral(lambda x: -slope(x) * d(x) - lam * R.density(x) * price(slope(x) ** 2))


heading("WGAN-LP, λ = 10: its optimum, and its value on the way from the wrong slope to s*")
equal(
    "E46",
    "at s*, and the optimum of WGAN-GP",
    penalised_above_one(steepest(10.0), 10.0),
    optimum[10.0],
    "quadrature",
)
way = [
    penalised_above_one(lambda x, t=t: (1 - t) * wrong(10.0)(x) + t * steepest(10.0)(x), 10.0)
    for t in (0.0, 0.25, 0.5, 0.75, 1.0)
]
for before, after in zip(way, way[1:], strict=False):
    below("E46", "one quarter of the way further", before, after)

# %% [markdown]
# ## Trained critics
#
# Algorithm 1 with a fixed generator: 1 → 32 → 32 → 1 with tanh. One starts with $\lambda = 10$ at
# once; two spend their first steps with $\lambda = 0.1$; three have no penalty, and every weight is
# clipped to $\pm c$. Two bounds hold for each of them, trained or not. A function of slope at most
# $K$ has a value of at most $K\cdot W_1$. And no function has more than the optimum above.

# %%
steps, m, eta, record = (*((800, 128, 1e-2) if run.quick else (3000, 256, 5e-3)), 10)
G, T = Network([Dense(1, 1)], (1,)), mlp([1, 32, 32, 1], "tanh")
theta_g = np.array([1.0, 0.0])  # G(z) = z: its samples are Q
start = T.initial(np.random.default_rng(1), "float64")
gp = PENALTIES["wgan-gp"]


def slope(theta, x):
    """T'(x)"""
    a, tape = T.forward(theta, np.reshape(x, (-1, 1)))
    return T.backward(theta, tape, np.ones_like(a))[:, 0]


def value(theta):
    """E_P[T] − E_Q[T] = −∫ T' d"""
    return integral(lambda x: -slope(theta, x) * d(x))


def trained(*stages, clip=None):
    """θ after a number of steps with each λ (None: no penalty), and the value on the way."""
    theta, way, rng = start.copy(), [], np.random.default_rng(23)
    grid = np.linspace(-7, 7, 1401)
    for lam, count in stages:
        game = Game(G, T, OBJECTIVES["wasserstein"], lam and replace(gp, weight=lam))
        adam = Adam(linear(eta, count, count // 4), beta1=0.5)
        training = Training(
            game, Fresh(P, "float64"), rng, theta, theta_g, adam, Adam(0), m=m, clip=clip
        )
        for t in range(count):
            if t % record == 0:
                way.append((-slope(theta, grid) * d(grid)).sum() * 0.01)
            training.discriminator_step()
    return theta, np.array(way)


critics = {
    "GP, λ = 10": trained((0.1, steps // 3), (10.0, steps)),
    "GP, λ = 1": trained((0.1, steps // 3), (1.0, steps)),
    "GP, λ = 10 at once": trained((10.0, steps)),
    "clipped, c = 0.05": trained((None, steps // 3), clip=0.05),
    "clipped, c = 0.15": trained((None, steps // 3), clip=0.15),
    "clipped, c = 0.5": trained((None, steps // 3), clip=0.5),
}
grid = line(-7, 7, 2801)
print(f"\nW₁ = {W1:.4f}; after {steps} steps, K between −7 and 7")
print(f"        {'':22}{'E_P[T] − E_Q[T]':>18}{'K = max |T′|':>16}{'value/K':>12}{'of W₁':>10}")
V, K = {}, {}
for name, (theta, _) in critics.items():
    V[name], K[name] = value(theta), np.abs(slope(theta, grid)).max()
    print(
        f"E43     {name:22}{V[name]:>18.3f}{K[name]:>16.3f}"
        f"{V[name] / K[name]:>12.3f}{V[name] / K[name] / W1:>10.0%}"
    )
heading("a critic of slope at most K: its value, and K·W₁")
for name in critics:
    below("E43", name, V[name], K[name] * W1)
heading("a critic with a penalty: its value less the penalty, and the optimum of all functions")
for name, lam in (("GP, λ = 10", 10.0), ("GP, λ = 1", 1.0), ("GP, λ = 10 at once", 10.0)):
    theta = critics[name][0]
    below("E46", name, penalised(lambda x, theta=theta: slope(theta, x), lam), optimum[lam])

# %% [markdown]
# The penalised critics are as computed: slope one and a little more, more of it for the smaller
# $\lambda$, so their values are near those of $s^*$ above, 1.40 and 2.25, and not $W_1$. (Beyond
# $\pm4$ there are no points and no price, and they are steeper: that is their $K$.) The one that
# began with $\lambda = 10$ is at the wrong maximum at the right, and its value is negative. The
# clipped ones have a $K$ that does not follow from the box in a simple way: a box ten times as wide
# made it hundreds of times larger. Divided by $K$ they are still the wrong function. A box for the
# weights is not a ball of Lipschitz functions: the narrow one holds straight lines, the wider ones
# a single rise, flat on both sides, and none of them the valley. $G$ would be pushed away from the
# smaller mode.
#
# Left: critics, 0 at the bottom of the valley, the clipped one divided by its $K$. Middle: their
# slopes; thin lines are the exact $s^*$ of each penalty. Right: the value on the way; at the
# vertical line $\lambda$ goes up, and the clipped critic has ended.

# %%
drawing, (path, slopes, way) = panels(
    1, 3, "Trained critics against the exact one   (E43, E46)", width=13.5, height=4.8
)
shown = dict(
    zip(
        ("GP, λ = 10", "GP, λ = 1", "GP, λ = 10 at once", "clipped, c = 0.15"),
        (MODEL, OTHER, LINES[4], JUDGE),
        strict=True,
    )
)
path.plot(x, best(x) - best(np.array([bottom])), color="0.75", linewidth=5, label="T*, exact")
slopes.plot(x, -np.sign(d(x)), color="0.75", linewidth=5)
for name, style in shown.items():
    theta, climbed = critics[name]
    scale, note = (K[name], ", over K") if name.startswith("clipped") else (1.0, "")
    a = T(theta, np.append(x, bottom)[:, None])[:, 0]
    path.plot(x, (a[:-1] - a[-1]) / scale, **style, label=name + note)
    slopes.plot(x, slope(theta, x) / scale, **style)
    way.plot(record * np.arange(len(climbed)), climbed, **style)
for lam, style in ((10.0, MODEL), (1.0, OTHER)):
    slopes.plot(x, steepest(lam)(x), color=style["color"], linewidth=0.9)
path.set(xlabel="x", ylabel="T(x) (unit of x)", title="critics", ylim=(-3.5, 6))
slopes.axhline(0, **LEVEL)
slopes.set(xlabel="x", ylabel="T′(x)", title="their slopes", ylim=(-2.2, 2.2))
way.axhline(W1, **LEVEL)
way.axvline(steps // 3, **LEVEL)
way.text(steps * 1.33, W1 - 0.1, "W₁", color="0.3", ha="right", va="top")
way.set(xlabel="step of D", ylabel="$E_P[T] − E_Q[T]$ (unit of x)", title="the value on the way")
way.set_ylim(-1, 6)
drawing.legend(handles=path.lines, loc="outside lower center", ncols=5)
save(drawing, "24_the_critic_of_wgan", run)

# %% [markdown]
# ## Recap
#
# * On the line $W_1$ is the area between two distribution functions, and the best critic has slope
#   $\pm1$ (E43).
# * WGAN-GP makes the critic steeper than one, by $|d|/2\lambda r$; its optimum is $W_1 + \int
#   d^2/4\lambda r$ (E46).
# * Clipping gives some Lipschitz constant that nobody chose, and a function that is far from the
#   best critic.
#
# **What we still owe.** How such a critic acts on a generator that moves: chapter 26 (E40).
#
# ## Exercises
#
# **1 · Predict.** Between $-2.5$ and 2.5, is the slope of the best critic with a gradient penalty,
# $\lambda = 1$, at most 1?
#
# **2 · On paper.** At one $x$ maximise $-s\,d - \lambda r(|s|-1)^2$ over $s$, for $d > 0$ (E46).
# When is there a second, lower maximum?
#
# <details><summary>Answer</summary>
#
# For $s < 0$ put $s = -\sigma$: $\sigma d - \lambda r(\sigma-1)^2$ has its maximum at $\sigma = 1 +
# d/2\lambda r$. For $s > 0$ the derivative $-d - 2\lambda r(s-1)$ is zero at $s = 1 - d/2\lambda
# r$, which is positive if $d < 2\lambda r$: the wrong hill.
#
# </details>
#
# **3 · Change a line.** Replace `absolute = lambda x: np.abs(x[:, 0] - bottom)` by
# `absolute = lambda x: x[:, 0] - bottom`: a critic that does not turn. What is its value, and what
# does it measure?
#
# <details><summary>What you see</summary>
#
# 0.8, the difference of the two means, in place of $W_1 = 1.305$; the row about the tails is WRONG.
# A straight critic measures nothing but the means: the narrowly clipped critic below is such a
# line.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 81` (a gradient penalty),
# `numgan check --exercise 83` (the points of a gradient penalty) and `numgan check --exercise 78`
# (a gradient penalty).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint wasserstein`.

# %%
steep = np.abs(steepest(1.0)(inside))
answer(
    1,
    f"No: it is between {steep.min():.3f} and {steep.max():.3f}. The price of a little more slope "
    f"is of second order, and the gain is of first order.",
    steep.min() >= 1 and steep.max() > 1.1,
)
