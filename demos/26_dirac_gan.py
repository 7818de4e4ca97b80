# %% [markdown]
# # 26 · The Dirac-GAN (E39, E40, E54-E60)
#
# *The smallest GAN there is: which methods circle, which leave, and which arrive.*
#
# **Needs.** Chapter 8 (E28), chapter 17 (R1), eigenvalues of a 2×2 matrix.
#
# Does the game converge when both players only take gradient steps? The smallest GAN shows it
# (Mescheder et al. 2018, arXiv:1801.04406). All data are at 0, all samples at $\theta$, and the
# discriminator's logit is a line through the origin, $a(x) = \psi x$. With $f(t) = \log\sigma(t)$
# the value is
#
# $$V(\psi,\theta) = f(0) + f(-\psi\theta) \qquad (\mathrm{E39})$$
#
# There are two numbers, so everything can be drawn: the players are a point $(\psi, \theta)$ of the
# plane, and the solution is the origin. Nothing is random here, and no network is too small. Both
# laws are single points, so they are singular wherever they differ: with absolutely continuous laws
# a game without a penalty can converge near its solution (Nagarajan and Kolter, arXiv:1706.04156),
# as the row of instance noise shows.

# %%
import numpy as np
from figure import (
    JUDGE,
    LINES,
    MODEL,
    OTHER,
    answer,
    below,
    equal,
    film,
    heading,
    options,
    panels,
    save,
)

from numgan.dynamics import (
    METHODS,
    Method,
    alternating,
    dense,
    dirac_eigenvalues,
    gradient_penalty,
    invariant,
    lazy_converges,
    measured_rate,
    minimax,
    nonsaturating,
    predicted_rate,
    r1,
    radius,
    runge_kutta,
    simultaneous,
    trajectory,
    wasserstein,
)

run = options()
h, c = 0.2, 0.5
rng = np.random.default_rng(23)

# %% [markdown]
# ## The field turns (E39)
#
# $D$ goes up, $G$ goes down: $v = (\partial_\psi V, -\partial_\theta V) = (-\theta,
# \psi)\,c(\psi\theta)$ with $c(t) = f'(-t) = \sigma(t)$. That is at right angles to the radius,
# everywhere. At the origin $c = \tfrac12$, and the Jacobian has the eigenvalues $\pm ic$: neither
# in nor out. With R1, $D$ pays $\tfrac\gamma2\psi^2$, and
#
# $$\lambda = -\frac\gamma2 \pm \sqrt{\frac{\gamma^2}{4} - c^2} \qquad (\mathrm{E39})$$
#
# The complex step (chapter 9) gives the Jacobian without these formulas.

# %%
points = rng.standard_normal((1000, 2))
heading("Eigenvalues at the origin, by the complex step of the field")
equal("E39", "1,000 points: largest |⟨v, w⟩|", max(abs(minimax(w) @ w) for w in points), 0.0)
for name, field, gamma, speed in (
    ("minimax", minimax, 0.0, 0.5),
    ("non-saturating", nonsaturating, 0.0, 0.5),
    ("Wasserstein", wasserstein, 0.0, 1.0),
    ("minimax with R1, γ = ½", r1(minimax, 0.5), 0.5, 0.5),
    ("minimax with R1, γ = 2", r1(minimax, 2.0), 2.0, 0.5),
):
    found = np.linalg.eigvals(dense(field, np.zeros(2)))
    first, second = found[np.argsort(-found.imag - found.real)], dirac_eigenvalues(speed, gamma)
    label = "E40" if name == "Wasserstein" else "E39"
    equal(label, f"{name}: real part of λ₁", first[0].real, second[0].real)
    equal(label, f"{name}: imaginary part of λ₁", first[0].imag, second[0].imag)

# %% [markdown]
# ## Three ways to follow the field, and none converges (E39)
#
# In continuous time $\theta^2 + \psi^2$ is constant. A simultaneous step goes along the tangent, so
# it always ends farther out: the squared radius is multiplied by exactly $1 + h^2c(\psi\theta)^2$.
# If $G$ moves after $D$ (alternating steps), the linear game stays on the ellipse $\psi^2 +
# \theta^2 - hc\,\psi\theta = $ const; the full game stays near one.

# %%
steps = 500 if run.quick else 3000
heading(f"From (1, 1), h = {h}, {steps} steps")
flow = trajectory(minimax, runge_kutta, np.ones(2), h / 4, 4 * steps)
below(
    "E39",
    "continuous time: change of the radius, h⁵ a step",
    np.ptp(np.hypot(*flow.T)),
    4 * steps * (h / 4) ** 5,
)
out = trajectory(minimax, simultaneous, np.ones(2), h, steps)
r2, turning = (out**2).sum(1), 1 / (1 + np.exp(-out.prod(1)))
growth = r2[1:] / r2[:-1] - (1 + h**2 * turning[:-1] ** 2)
equal("E39", "simultaneous: largest |r₊²/r² − (1 + h²c(ψθ)²)|", np.abs(growth).max(), 0.0)
ellipse = invariant(trajectory(wasserstein, alternating(1), np.ones(2), h, steps), h)
equal(
    "E39", "alternating, V = −ψθ: largest change of the invariant", np.ptp(ellipse), 0.0, "rounding"
)
full = np.hypot(*trajectory(minimax, alternating(1), np.ones(2), 0.5, 10_000).T)
print(
    f"E39     alternating, the full game, h = 0.5: from radius {full[0]:.2f} to {full[-1]:.2f} "
    f"in 10,000 steps"
)

# %% [markdown]
# ## What the eigenvalues leave open: the non-saturating game (E39)
#
# Its eigenvalues are $\pm\tfrac i2$ too, yet its flow is not that of the minimax game:
#
# $$\frac{d}{dt}\tfrac12r^2 = \psi\theta\,[\sigma(-\psi\theta) - \sigma(\psi\theta)]
# = -\psi\theta\tanh\frac{\psi\theta}{2} \le 0$$
#
# It moves inwards, but the pull is of the fourth order in $r$: $r^2 \approx 1/(1/r_0^2 + t/8)$,
# slower than any geometric rate. Simultaneous steps push out by $h^2r^2/4$, which wins near the
# origin. They end on a circle, $r^2 \approx 2h$.

# %%
heading("The non-saturating game")
psi, theta = points.T
inward = np.array([nonsaturating(w) @ w for w in points]) + psi * theta * np.tanh(psi * theta / 2)
equal("E39", "1,000 points: largest |⟨v, w⟩ + ψθ tanh ½ψθ|", np.abs(inward).max(), 0.0)
r2 = (trajectory(nonsaturating, runge_kutta, np.array([0.1, 0.0]), h, 5 * steps)[-1] ** 2).sum()
t = h * 5 * steps
below(
    "E39", f"flow, t = {t:g}: |r²(1/r₀² + t/8) − 1|, and 0.005", abs(r2 * (100 + t / 8) - 1), 5e-3
)
for step in (0.05, 0.2):
    circle = (
        trajectory(nonsaturating, simultaneous, np.array([0.3, 0.0]), step, int(600 / step))[-200:]
        ** 2
    ).sum(1)
    below(
        "E39",
        f"steps h = {step}: |r²/2h − 1| at the end, and h",
        abs(circle.mean() / (2 * step) - 1),
        step,
    )

# %% [markdown]
# ## A penalty on the norm, about a wrong point (E40)
#
# WGAN-GP lets $D$ pay $\lambda(|\psi| - 1)^2$. For $\psi > 0$ that is a damping of $2\lambda$, as
# R1's, but about $(0, 2\lambda)$; for $\psi < 0$ about $(0, -2\lambda)$. On neither side is the
# solution an equilibrium. With $\lambda \ge 1$ (no spiral) small steps converge to the wrong point.
# A weak one spirals towards it, crosses to the other side, is pulled to the other wrong point, and
# so on: around the solution, without reaching it.

# %%
heading("Wasserstein with a gradient penalty")
for weight in (0.25, 1.5):
    right = [np.abs(w) * [1, np.sign(w[1])] for w in points]  # ψ > 0
    away = [
        gradient_penalty(wasserstein, weight)(w) - r1(wasserstein, 2 * weight)(w - [0, 2 * weight])
        for w in right
    ]
    equal(
        "E40",
        f"λ = {weight}, ψ > 0: v is R1's field about (0, {2 * weight:g})",
        np.abs(away).max(),
        0.0,
    )
strong = trajectory(gradient_penalty(wasserstein, 1.5), alternating(1, k=5), np.ones(2), 0.02, 5000)
equal("E40", "λ = 1.5: |ψ| after 5,000 small steps", abs(strong[-1, 0]), 0.0, "rounding")
equal("E40", "λ = 1.5: |θ| there is 2λ", abs(strong[-1, 1]), 3.0, "rounding")
weak = trajectory(
    gradient_penalty(wasserstein, 0.25), alternating(1, k=5), np.full(2, 1e-3), 0.02, 10_000
)
below(
    "E40",
    "λ = 0.25, from 0.001: ⅓, and the least late radius",
    1 / 3,
    np.hypot(*weak[-3000:].T).min(),
)

# %% [markdown]
# ## The methods, each with its rate (E39, E40, E54, E55, E57-E60)
#
# Near the origin every method is a linear map, and the largest $|z|$ of its eigenvalues is the
# factor by which the distance to the solution changes at each step. In theory it is a formula in
# $k = hc$. We measure it: start so near (at $10^{-100}$) that nothing else can matter, look at
# where each point of the path goes to, and fit the linear map that does this.
#
# For optimistic steps the equation $z^2 - (1+2ik)z + ik = 0$ has the discriminant $1 - 4k^2$. For
# $k \le \tfrac12$, $|z|^2 = \tfrac12(1 + \sqrt{1-4k^2})$, less than 1. For $k \ge \tfrac12$ the
# larger root has $|z|^2 = \tfrac14[1 + (2k + \sqrt{4k^2-1})^2]$, which reaches 1 at $k = 1/\sqrt3$.
# Alternating steps with R1 are simpler: the product of the two factors is $1 - h\gamma$, and while
# they are conjugate $|z| = \sqrt{1 - h\gamma}$, whatever $c$ is.


# %%
def measured(method):
    """The largest |z| of the linear map w_n ↦ w_{n+1}, from points 50 to 100: what fades faster is
    gone.
    """
    w = 1e100 * trajectory(method.field, method.rule, 1e-100 * np.array([1.0, 0.5]), h, 100)[50:]
    return radius(np.linalg.eigvals(np.linalg.lstsq(w[:-1], w[1:], rcond=None)[0]))


k = h * c
heavy = 1.5 + 1j * k
turns, pushed, damped = 1.0, np.hypot(1, k), np.sqrt(1 - 0.5 * h)
CLOSED = {
    "minimax, simultaneous": pushed,
    "minimax, alternating": turns,
    "minimax, alternating, k = 5": turns,
    "minimax, continuous time": np.sqrt(1 - k**6 / 72 + k**8 / 576),
    "non-saturating, simultaneous": pushed,
    "non-saturating, alternating": turns,
    "Wasserstein, clipped, k = 5": turns,
    "instance noise, s = 1": damped,
    "R1 or R2, γ = 0.5": damped,
    "R1 or R2, γ = 2": 1 - h * (1 - np.sqrt(1 - c**2)),
    "consensus, γ = 1": np.hypot(1 - h * c**2, k),
    "symplectic adjustment, γ = 1": np.hypot(1 - h * c**2, k),
    "extragradient": np.sqrt(1 - k**2 + k**4),
    "optimistic": np.sqrt((1 + np.sqrt(1 - 4 * k**2)) / 2),
    "momentum 0.5, simultaneous": abs(heavy + np.sqrt(heavy**2 - 2)) / 2,
    "momentum −0.5, alternating": radius(
        np.roots(np.polymul([1, -2, 1], [1, 1, 0.25]) + [0, k**2, 0, 0, 0])
    ),
    "two time scales 4 : 1": pushed,
    "paired, alternating": turns,  # E54: the logit of the datum is 0
    "paired, R1 + R2, γ = 0.25 each": damped,  # E55: γ₁ + γ₂
}
AHEAD = {
    "past extragradient": ("E57", CLOSED["optimistic"]),
    "competitive": ("E58", 1 / np.hypot(1, k)),
    "LOLA, α = 1": ("E59", np.hypot(1 - 2 * h * c**2, k)),
    "unrolled, K = 5 of ½": ("E60", 1 - h * (0.625 - np.sqrt(0.625**2 - c**2))),  # γ = 1.25
}
CLOSED |= {name: value for name, (_, value) in AHEAD.items()}
LAZY = {"R1 at every 4th step, γ = 0.5": 4, "R1 at every 32nd step, γ = 0.5": 32}
heading(f"Factor per step near the solution, h = {h}: measured, and its closed form")
for method in METHODS:
    label = "E39" if method.name.startswith(("minimax", "non-sat", "R1")) else "E40"
    label = "E54" if method.name.startswith("paired") else label
    label = AHEAD.get(method.name, (label,))[0]
    if method.name in LAZY or method.name.startswith("lookahead"):
        continue  # below: no single step is a linear map
    if method.name in CLOSED:
        equal(
            label,
            f"{method.name}{': converges' * method.converges}",
            measured(method),
            CLOSED[method.name],
            "rounding",
        )
    else:
        print(f"{label:8}{method.name:52}{'not a linear map at the solution':>40}")
gap = max(
    abs(predicted_rate(method) - CLOSED[method.name]) for method in METHODS if method.name in CLOSED
)
equal("E40", "numgan.dynamics.predicted_rate against all of these", gap, 0.0)
gap = max(
    abs(measured_rate(method) - CLOSED[method.name]) for method in METHODS if method.name in CLOSED
)
below("E40", "numgan.dynamics.measured_rate (a slope of log r), and 1e-6", gap, 1e-6)

# %% [markdown]
# ## A lazy penalty (E56)
#
# R1 at every $n$-th step, $n$ times as strong. A cycle of $n$ steps has the determinant $1 - q$, $q
# = h\gamma n$, and the trace $2\cos n\varphi - q\cos((n-\tfrac12)\varphi)/\cos\tfrac\varphi2$ with
# $\cos\varphi = 1 - \tfrac{k^2}{2}$. At $q = 3.2$ it diverges, as at every $q \ge 2$. Below 2 it
# converges, but not at each $n$: where the penalty comes once in half a turn, it pushes. Lookahead
# has a cycle too: five simultaneous steps and the way halfway back (E60).

# %%
phi = np.arccos(1 - k**2 / 2)
heading(f"Factor per step near the solution, h = {h}, γ = 0.5, penalty at every n-th step")
for method in METHODS:
    if method.name in LAZY:
        n = LAZY[method.name]
        q = h * 0.5 * n
        trace = 2 * np.cos(n * phi) - q * np.cos((n - 0.5) * phi) / np.cos(phi / 2)
        closed = radius(np.roots([1, -trace, 1 - q])) ** (1 / n)
        equal("E56", f"n = {n}: of the cycle's map", predicted_rate(method), closed, "rounding")
        below("E56", f"n = {n}: measured, off by", abs(measured_rate(method) - closed), 1e-6)
method = next(method for method in METHODS if method.name.startswith("lookahead"))
closed = abs(0.5 + 0.5 * (1 + 1j * k) ** 5) ** (1 / 5)
equal("E60", method.name, predicted_rate(method), closed, "rounding")
below("E60", f"{method.name}: measured, off by", abs(measured_rate(method) - closed), 1e-6)
print("γ = 0.1 diverges at n =", [n for n in range(1, 70) if not lazy_converges(c, h, 0.1, n)])

# %% [markdown]
# ## Methods that do not converge
#
# Eight of them from $(1, 1)$, over the field that they follow. Blue circles, orange leaves, purple
# stops, but elsewhere; green would arrive. The titles of the panels are measured: what the drawn
# path does, and the rate near the origin. In the fourth the players have different rates, and the
# field is stretched: a circle becomes an ellipse, nothing else.

# %%
listed = {method.name: method for method in METHODS}
WITHOUT = (
    listed["minimax, continuous time"],
    listed["minimax, simultaneous"],
    listed["minimax, alternating"],
    listed["two time scales 4 : 1"],
    listed["non-saturating, simultaneous"],
    listed["Wasserstein, clipped, k = 5"],
    listed["Wasserstein, gradient penalty, k = 5"]._replace(
        name="Wasserstein, penalty λ = ¼, k = 5"
    ),
    Method(
        "Wasserstein, penalty λ = 1, k = 5",
        False,
        "E40",
        gradient_penalty(wasserstein, 1.0),
        alternating(1, k=5),
        None,
    ),
)
REMEDIES = (
    listed["extragradient"],
    listed["optimistic"],
    listed["momentum −0.5, alternating"],
    listed["consensus, γ = 1"],
    listed["instance noise, s = 1"],
    listed["R1 or R2, γ = 0.5"],
)
FATES = {"converges": MODEL, "circles": JUDGE, "leaves": OTHER, "stops elsewhere": LINES[4]}
steps = 600


def fate(path):
    """From the largest distance in the last turn, and in one in the middle of the path. A turn is
    about 63 steps.
    """
    r = np.hypot(*path.T)
    late, earlier = r[-70:].max(), r[len(r) // 2 :][:70].max()
    if late > 2 * r[0]:
        return "leaves"
    if late < 0.9 * earlier:
        return "converges"
    return "stops elsewhere" if np.ptp(path[-70:], axis=0).max() < 0.1 * late else "circles"


grid = np.linspace(-2.2, 2.2, 15)
at = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
paths = {}


def plane(axis, method):
    """The field of a method, and its path from (1, 1)."""
    path = paths[method.name] = trajectory(method.field, method.rule, np.ones(2), h, steps)
    end = fate(path)
    print(f"E40     {method.name:36}{end:16} radius at the end {np.hypot(*path[-1]):.4g}")
    arrows = np.array([method.field(w) for w in at])
    length = np.hypot(*arrows.T)[:, None]
    arrows *= 0.22 / np.where(length > 0, length, 1)
    how = {"angles": "xy", "scale_units": "xy", "scale": 1, "pivot": "mid", "width": 0.004}
    axis.quiver(*at.T, *arrows.T, color="0.72", **how)
    axis.plot(*path.T, **FATES[end] | {"linewidth": 1.0, "linestyle": "-"})
    axis.plot(*path.T, ".", color=FATES[end]["color"], markersize=2.2)
    axis.plot(1, 1, "s", color="black", markersize=5)
    axis.plot(0, 0, "*", color="black", markersize=11, markeredgecolor="white", markeredgewidth=0.6)
    law = "no rate: v jumps at ψ = 0"
    if method.J is not None:
        law = f"|z| = {measured(method):.5f}, theory {predicted_rate(method):.5f}"
    axis.set_title(f"{method.name}\n{end}; {law}", fontsize=9, color=FATES[end]["color"])
    axis.set(
        xlim=(-2.3, 2.3), ylim=(-2.3, 2.3), aspect="equal", xticks=[-2, 0, 2], yticks=[-2, 0, 2]
    )


def planes(methods, columns, title, width):
    """A plane for each method, in two rows."""
    drawing, axes = panels(2, columns, title, width=width, height=7.0)
    for axis, method in zip(axes.flat, methods, strict=True):
        plane(axis, method)
    for axis in axes[:, 0]:
        axis.set_ylabel("θ, where the samples are")
    for axis in axes[-1]:
        axis.set_xlabel("ψ, slope of the logit")
    return drawing


print(f"from (1, 1), {steps} steps of {h}:")
drawing = planes(WITHOUT, 4, "The Dirac-GAN: (ψ, θ) over the field   (E39, E40)", 13.0)
save(drawing, "26_dirac_gan", run)

# %% [markdown]
# ## Remedies that work
#
# The first three use more than the present gradient, and the last three change the field.

# %%
print(f"from (1, 1), {steps} steps of {h}:")
drawing = planes(REMEDIES, 3, "The Dirac-GAN: six remedies   (E39, E40)", 10.5)
equal(
    "E40",
    "remedies that converge on this path",
    sum(fate(paths[method.name]) == "converges" for method in REMEDIES),
    len(REMEDIES),
)
save(drawing, "26_dirac_gan_remedies", run)

# %% [markdown]
# And as a film: six of them at once, from the same point, with the same step. On the right the
# distance to the solution, on a logarithmic scale: only what goes down a straight line has a
# geometric rate.

# %%
RACE = {
    "minimax, simultaneous": LINES[2],
    "minimax, alternating": LINES[1],
    "non-saturating, simultaneous": LINES[4],
    "Wasserstein, penalty λ = ¼, k = 5": LINES[6],
    "optimistic": LINES[3],
    "R1 or R2, γ = 0.5": LINES[0],
}
screen, (field, distance) = panels(
    1, 2, "Six methods, one step each at a time   (E39, E40)", width=11.0, height=5.6
)
field.quiver(
    *at.T,
    *(np.array([minimax(w) for w in at]) * 0.15).T,
    color="0.8",
    angles="xy",
    scale_units="xy",
    scale=1,
    width=0.003,
    pivot="mid",
)
field.plot(0, 0, "*", color="black", markersize=13)
field.set(
    xlim=(-2.6, 2.6),
    ylim=(-2.6, 2.6),
    aspect="equal",
    xlabel="ψ, slope of the logit",
    ylabel="θ, samples",
)
distance.set(
    yscale="log", xlim=(0, 300), ylim=(0.01, 6), xlabel="step", ylabel="distance to the solution"
)
tails, heads, curves = {}, {}, {}
for name, style in RACE.items():
    color = style["color"]
    (tails[name],) = field.plot([], [], "-", color=color, linewidth=1.2, alpha=0.7)
    (heads[name],) = field.plot([], [], "o", color=color, markersize=8, markeredgecolor="white")
    (curves[name],) = distance.plot([], [], **style | {"linewidth": 1.6}, label=name)
screen.legend(handles=list(curves.values()), loc="outside lower center", ncols=3)


def picture(n):
    """Step n."""
    for name in RACE:
        path = paths[name]
        tails[name].set_data(*path[max(0, n - 25) : n + 1].T)
        heads[name].set_data(*path[n : n + 1].T)
        curves[name].set_data(np.arange(n + 1), np.hypot(*path[: n + 1].T))
    field.set_title(f"step {n}")


every = 50 if run.quick else 4
save(screen, "26_dirac_gan_film", run, film(screen, picture, range(0, 301, every)))

# %% [markdown]
# ## Recap
#
# * The field of the Dirac-GAN turns about the solution: flows circle, simultaneous steps leave,
#   alternating steps stay (E39).
# * A rule converges near the solution if its linear map there has $|z| < 1$; each has a closed form
#   (E40, E54-E60).
# * Damping helps (R1, noise, consensus), and so does looking ahead (extragradient, optimistic);
#   clipping and GP do not arrive.
#
# **What we still owe.** The same in general: where eigenvalues lie and which step they allow,
# chapter 27 (E38); many steps of $D$, chapter 28.
#
# ## Exercises
#
# **1 · Predict.** With $h = 0.2$ optimistic steps converge. Do they converge with $h = 1.5$, where
# $k = hc = 0.75$?
#
# **2 · On paper.** Show that a simultaneous step multiplies $r^2 = \psi^2+\theta^2$ by $1 +
# h^2c(\psi\theta)^2$ (E39).
#
# <details><summary>Answer</summary>
#
# $v = c(\psi\theta)\,(-\theta,\psi)$ is perpendicular to $w = (\psi,\theta)$ and $|v| =
# c(\psi\theta)\,r$. So $|w + hv|^2 = r^2 + h^2|v|^2 = r^2(1 + h^2c(\psi\theta)^2)$.
#
# </details>
#
# **3 · Change a line.** Replace
# `full = np.hypot(*trajectory(minimax, alternating(1), np.ones(2), 0.5, 10_000).T)` by
# `full = np.hypot(*trajectory(minimax, simultaneous, np.ones(2), 0.5, 10_000).T)` (the text still
# says alternating). Where is the radius after 10,000 steps?
#
# <details><summary>What you see</summary>
#
# At 5.68, where alternating steps end at 2.88, which is on their closed curve. Simultaneous steps
# go outwards for ever, but slowly: far out $c(\psi\theta)$ is nearly 0 on much of the way.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 89` (an extragradient step),
# `numgan check --exercise 92` (consensus optimisation) and `numgan check --exercise 94`
# (competitive gradient descent).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint dirac_field`, `numgan course hint extragradient` and
# `numgan course hint optimistic`.

# %%
ends = {
    step: np.hypot(*trajectory(minimax, listed["optimistic"].rule, np.full(2, 0.01), step, 400)[-1])
    for step in (0.2, 1.5)
}
answer(
    1,
    f"No. From radius 0.014, 400 steps end at {ends[0.2]:.2g} with h = 0.2 and at {ends[1.5]:.2g} "
    f"with h = 1.5: the limit is k = 1/√3 = {3**-0.5:.3f}, that is h = {2 * 3**-0.5:.3f}.",
    ends[0.2] < 0.014 < ends[1.5],
)
