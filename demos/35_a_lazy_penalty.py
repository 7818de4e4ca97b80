# %% [markdown]
# # 35 · A lazy penalty (E39, E56)
#
# *A penalty at every n-th step, n times as strong, saves time until hγn = 2.*
#
# **Needs.** R1 (chapter 17), the Dirac-GAN (chapter 26), the pairs of chapter 34.
#
# R1 costs an R-pass at each step of $D$. StyleGAN2 takes it at every 16th step only, 16 times as
# strong (arXiv:1912.04958): over 16 steps $D$ pays the same. How rare may it be? On the Dirac-GAN
# the question has an exact answer. Let $h$ be the step and $\gamma$ the weight, and
#
# $$k = hc, \qquad q = h\gamma n, \qquad \cos\varphi = 1 - \tfrac12k^2 \qquad (\mathrm{E56})$$

# %%
from dataclasses import replace
from functools import partial

import numpy as np
from figure import (
    JUDGE,
    LEVEL,
    LINES,
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
from numgan.data import Fresh
from numgan.dynamics import dense, lazy, lazy_converges, minimax, radius, rate, trajectory
from numgan.game import Game
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, Optimizer
from numgan.penalties import PENALTIES
from numgan.theory import Mixture
from numgan.training import Training

run = options()
c = 0.5
PAIRS = {(0.2, 0.5): 19, (0.2, 2.0): 5, (0.05, 2.0): 20, (0.05, 0.5): 79, (0.01, 1.0): 200}
GAN = np.array([[0.0, -c], [c, 0.0]])


def rule(gamma, n):
    """Alternating steps with the penalty of D at every n-th."""
    return lazy(1, np.diag([-gamma, 0.0]), n)


# %% [markdown]
# ## One cycle is one matrix (E39, E56)
#
# A plain step of both players, $\psi^+ = \psi - k\theta$ and then $\theta^+ = \theta + k\psi^+$,
# has the determinant 1: it neither damps nor drives (E39). The penalised step multiplies $\psi$
# by $1 - q$ first. So a cycle of $n$ steps is $M = A^n\,\mathrm{diag}(1 - q, 1)$, with
#
# $$\det M = 1 - q, \qquad \mathrm{tr}\,M = 2\cos n\varphi - q\,\frac{\cos(n -
# \frac12)\varphi}{\cos\frac12\varphi}$$
#
# Both eigenvalues of $M$ lie inside the unit circle if and only if $|\det M| < 1$ and
# $|\mathrm{tr}\,M| < 1 + \det M$. The first of these is $0 < q < 2$: **no lazy penalty converges
# beyond $h\gamma n = 2$.** The second one asks for a little more.

# %%
heading("One cycle, as a product of n matrices and by E56")
for (h, gamma), n in PAIRS.items():
    k, q = h * c, h * gamma * n
    phi = np.arccos(1 - k**2 / 2)
    A = np.array([[1.0, -k], [k, 1 - k**2]])
    M = np.linalg.matrix_power(A, n) @ np.diag([1 - q, 1.0])
    trace = 2 * np.cos(n * phi) - q * np.cos((n - 0.5) * phi) / np.cos(phi / 2)
    equal("E39", f"h = {h:g}: det of a plain step", np.linalg.det(A), 1.0)
    equal("E56", f"h = {h:g}, γ = {gamma:g}, n = {n}: det M", np.linalg.det(M), 1 - q, "rounding")
    equal("E56", f"h = {h:g}, γ = {gamma:g}, n = {n}: tr M", np.trace(M), trace, "rounding")

# %% [markdown]
# ## The first n that fails (E56)
#
# For five pairs of step and weight, the first $n$ at which the steps diverge, three times: by the
# conditions of E56, by the eigenvalues of the cycle, and by a trajectory that starts so near the
# origin that only the linear part counts. There $q$ is 1.9, 2, 2, 1.975 and 2.


# %%
def first(converges):
    """The first n that does not converge."""
    return next(n for n in range(1, 400) if not converges(n))


heading("The first n that diverges")
for (h, gamma), known in PAIRS.items():
    by_law = first(lambda n, h=h, g=gamma: lazy_converges(c, h, g, n))
    by_cycle = first(lambda n, h=h, g=gamma: radius(rule(g, n).factors(GAN, h)) < 1)
    name = f"h = {h:g}, γ = {gamma:g}"
    equal("E56", f"{name}: by E56", by_law, known)
    equal("E56", f"{name}: by the eigenvalues", by_cycle, known)
h, gamma = 0.2, 2.0
for n in (1, 4, 5):
    factor = radius(rule(gamma, n).factors(GAN, h))
    path = trajectory(minimax, rule(gamma, n), 1e-100 * np.array([1.0, 0.5]), h, 1000)
    error = abs(rate(path) - factor)
    below("E56", f"h = {h:g}, γ = {gamma:g}, n = {n}: |z| = {factor:.6f}, measured", error, 1e-6)

# %% [markdown]
# Left, the factor per step over $q = h\gamma n$: below 1 it converges. Each curve ends its good
# part near $q = 2$. Right, for $h = 0.2$, every pair of $n$ and $\gamma$: white converges. The
# hyperbola is $h\gamma n = 2$. The teeth below it are *resonances*: near $n\varphi = \pi, 2\pi,
# \ldots$ the penalty meets $\psi$ in the same phase of its turn each time, at its zero, and does
# nothing.

# %%
drawing, (left, right) = panels(1, 2, "A penalty at every n-th step   (E56)", width=12, height=4.6)
for ((h, gamma), known), style in zip(PAIRS.items(), LINES, strict=False):
    ns = np.arange(1, int(1.25 * known) + 1)
    z = [radius(rule(gamma, n).factors(GAN, h)) for n in ns]
    left.plot(h * gamma * ns, z, label=f"h = {h:g}, γ = {gamma:g}", **style)
left.axhline(1, **LEVEL)
left.axvline(2, **LEVEL)
left.set(xlabel="q = hγn", ylabel="|z| per step", title="factor per step of the Dirac-GAN")
left.legend(loc="lower left")
h, most = 0.2, 100
gammas = np.geomspace(0.02, 10, 60 if run.quick else 240)
ns = np.arange(1, most + 1)
good = np.array([[lazy_converges(c, h, g, n) for n in ns] for g in gammas])
right.pcolormesh(ns, gammas, ~good, cmap="Greys", vmin=0, vmax=2, shading="nearest")
right.plot(ns, 2 / (h * ns), label="hγn = 2", **JUDGE)
right.set(yscale="log", ylim=(0.02, 10), xlabel="n", ylabel="γ", title=f"h = {h:g}: grey diverges")
right.legend(loc="upper right")
save(drawing, "35_a_lazy_penalty", run)

# %% [markdown]
# ## A real game, with plain steps and with Adam (E56)
#
# A discriminator has many weights, so the Hessian of $R/\gamma$ has many eigenvalues, and the
# largest one, $\rho$, stands in the place of 1: the limit becomes $h\gamma n\rho < 2$, as far as
# the players' other forces do not matter. Here is a game of three blobs. $\rho$ is that of the
# random start. Below the limit the plain steps train. Far above it $D$'s weights grow without
# bound within a few penalised steps.
#
# **Adam is another matter.** It divides by the root mean square of its gradients, the penalised
# ones among them, so the size of a step does not grow with $n$. E56 says nothing about it.

# %%
angle = 2 * np.pi * np.arange(3) / 3 + np.pi / 2
blobs = Mixture.of_gaussians(np.stack([np.cos(angle), np.sin(angle)], axis=1), 0.15)
width, steps = (8, 100) if run.quick else (16, 1500)
G, D = (mlp([2, width, width, out], "leaky_relu") for out in (2, 1))
R1, h, gamma = replace(PENALTIES["r1"], weight=1.0), 0.05, 1.0
game = Game(G, D, OBJECTIVES["nonsaturating"], R1)


def train(n, optimizer):
    """The size of θ_d on the way."""
    rng = np.random.default_rng(32)
    theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
    players = theta_d, theta_g, optimizer(), optimizer()
    now = Training(game, Fresh(blobs, "float64"), rng, *players, m=64, every=n)
    sizes = [np.linalg.norm(theta_d)]
    with np.errstate(all="ignore"):
        for _ in range(steps):
            now.iteration()
            sizes.append(np.linalg.norm(now.theta_d))
            if not sizes[-1] < 1e6:
                break
    return np.array(sizes)


rng = np.random.default_rng(32)
theta_d, x = D.initial(rng, "float64"), blobs.sample(256, rng)
hessian = dense(lambda t: R1.gradient(D, t, x, x), theta_d)
rho = np.linalg.eigvalsh((hessian + hessian.T) / 2)[-1] / gamma
limit = 2 / (h * gamma * rho)
few, many = max(1, int(limit / 4)), int(8 * limit)
plain, adam = partial(Optimizer, h), partial(Adam, 1e-3)
found = {
    f"plain, n = {few}": train(few, plain),
    f"plain, n = {many}": train(many, plain),
    f"Adam, n = {few}": train(few, adam),
    f"Adam, n = {many}": train(many, adam),
}
heading(f"Three blobs, h = {h:g}, γ = {gamma:g}, ρ = {rho:.3f}: the limit is n = {limit:.1f}")
symmetry = np.abs(hessian - hessian.T).max() / np.abs(hessian).max()
equal("E56", "R1's Hessian, by its gradient's complex step, is symmetric", symmetry, 0.0)
for name, sizes in found.items():
    print(
        f"E56     {name:16} ‖θ_d‖ from {sizes[0]:.3g} to {sizes[-1]:.3g}, at most {sizes.max():.3g}"
    )
plain_few, plain_many = found[f"plain, n = {few}"], found[f"plain, n = {many}"]
largest = plain_many.max() if np.isfinite(plain_many).all() else np.inf
below("E56", "plain steps: ‖θ_d‖, far below the limit and far above", plain_few.max(), largest)

title = "R1 at every n-th step of a real game   (E56)"
drawing, plane = panels(1, 1, title, width=8, height=4)
for (name, sizes), style in zip(found.items(), (MODEL, OTHER, JUDGE, LINES[4]), strict=True):
    plane.plot(sizes, label=name, **style)
plane.set(xlabel="iteration", ylabel="‖θ_d‖", ylim=(0, 20))
plane.legend()
save(drawing, "35_a_lazy_penalty_game", run)

# %% [markdown]
# ## Recap
#
# * A penalty at every $n$-th step, $n$ times as strong, costs an $n$-th of the R-passes.
# * A cycle multiplies areas by $1 - h\gamma n$, so $h\gamma n < 2$ is necessary; it is nearly
#   sufficient but for resonances (E56).
# * In a real game $\gamma\rho$ stands for $\gamma$. Adam does not obey the limit. `numgan train`
#   says where a run lies beyond it.
#
# **What we still owe.** The penalty is one way to make a game settle. Chapter 36 races it against
# rules that change the step itself.
#
# ## Exercises
#
# **1 · Predict.** $h = 0.02$ and $\gamma = 5$: about how rare may the penalty be?
#
# **2 · On paper.** Why does a plain alternating step have the determinant 1, whatever $h$ is (E39)?
#
# <details><summary>Answer</summary>
#
# It is $D$'s step, then $G$'s. Each changes one coordinate by a multiple of the other one: a shear.
# The determinant of a shear is 1, and determinants multiply.
#
# </details>
#
# **3 · Change a line.** Replace `h, gamma = 0.2, 2.0` by `h, gamma = 0.2, 0.1` and the three $n$ by
# 30, 31, 32. Which of them converges?
#
# <details><summary>What you see</summary>
#
# 30 and 32, not 31: $q = 0.62$ is far from 2, but $31\varphi$ is close to $\pi$, the first
# resonance. The rows print the factors.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 98` (an iteration with a lazy penalty).

# %%
last = max(n for n in range(1, 100) if lazy_converges(c, 0.02, 5.0, n))
answer(1, f"hγn < 2 gives n < 20; the last n that converges is {last}.", 17 <= last <= 20)
