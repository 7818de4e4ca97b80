# %% [markdown]
# # 27 · Eigenvalues and step sizes (E38)
#
# *Where the eigenvalues of a game lie, and which steps they allow.*
#
# **Needs.** Chapter 26 (the Dirac-GAN), complex numbers, eigenvalues.
#
# Both players at once are one point $w = (\theta_d, \theta_g)$ that moves along
#
# $$v(w) = (\nabla_{\theta_d}V,\ -\nabla_{\theta_g}V),
# \qquad J = \frac{\partial v}{\partial w} \qquad (\mathrm{E38})$$
#
# Near a place where $v = 0$ a step $w \leftarrow w + hv(w)$ multiplies each eigenvector of $J$ by
# $1 + h\lambda$. So two things decide: where the eigenvalues are in the complex plane, and for
# which of them the step converges.

# %%
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

from numgan.dynamics import (
    alternating,
    dense,
    dirac_jacobian,
    extragradient,
    kind,
    largest_step,
    minimax,
    momentum,
    optimistic,
    r1,
    radius,
    runge_kutta,
    simultaneous,
    table_eigenvalues,
    table_game,
    trajectory,
)

run = options()
c = 0.5
rng = np.random.default_rng(24)

# %% [markdown]
# ## One step is a disc (E38)
#
# $$|1 + h\lambda|^2 = 1 + 2h\,\mathrm{Re}\,\lambda + h^2|\lambda|^2 < 1
# \quad\Leftrightarrow\quad h < \frac{-2\,\mathrm{Re}\,\lambda}{|\lambda|^2}$$
#
# In the plane of $\lambda$ that is a disc of radius $1/h$ about $-1/h$. It touches the imaginary
# axis from the left, whatever $h$ is: an eigenvalue *on* the axis is in none of these discs. The
# factor is least at half the largest step. It is $|\mathrm{Im}\,\lambda|/|\lambda|$, the sine of
# the angle that $\lambda$ makes with the negative axis: a component that turns fast and decays
# slowly converges slowly, whatever the step is.

# %%
values = -rng.exponential(1, 1000) + 1j * rng.standard_normal(1000)
steps = rng.exponential(1, 1000)
heading("1,000 random λ with Re λ < 0, and h > 0")
squares = abs(1 + steps * values) ** 2 - (1 + 2 * steps * values.real + steps**2 * abs(values) ** 2)
equal(
    "E38",
    "largest | |1+hλ|² − (1 + 2h Re λ + h²|λ|²) |, over h²|λ|²",
    np.abs(squares / (1 + steps**2 * abs(values) ** 2)).max(),
    0.0,
)
inside = abs(values + 1 / steps) < 1 / steps
equal(
    "E38",
    "how often the disc and h < −2 Re λ/|λ|² disagree",
    np.sum(inside != [h < largest_step(np.array([z])) for h, z in zip(steps, values, strict=True)]),
    0,
)
best = np.array([largest_step(np.array([z])) for z in values]) / 2
equal(
    "E38",
    "half the largest step: largest ||1+hλ| − |Im λ|/|λ||",
    np.abs(abs(1 + best * values) - abs(values.imag / values)).max(),
    0.0,
)

# %% [markdown]
# ## Games whose eigenvalues are known (E38)
#
# The Dirac-GAN has $\lambda = \pm ic$ and, with R1, $-\tfrac\gamma2 \pm \sqrt{\gamma^2/4 - c^2}$
# (chapter 26). The largest step is then $\gamma/c^2$ as long as $\gamma < 2c$; beyond that both
# eigenvalues are real and the farther one decides.
#
# A table game has $K$ outcomes, data $p = 1/K$, a logit $a_k$ for each, and $G =
# \mathrm{softmax}(\theta)$. There $\lambda = (-1 \pm i\sqrt3)/4K$. There is no penalty, but the
# data have mass everywhere, so $V$ is curved in $D$, and that is a damping. So the largest step is
# $2K$, the best one $K$, and its factor $|\mathrm{Im}\lambda|/|\lambda| = \tfrac12\sqrt3$ for any
# number of outcomes.

# %%
heading("The largest step, h = min −2 Re λ/|λ|², at the solution")
equal(
    "E38",
    "Dirac-GAN without a penalty: no step",
    largest_step(np.linalg.eigvals(dense(minimax, np.zeros(2)))),
    0.0,
)
for gamma in (0.2, 0.5, 0.9):
    found = np.linalg.eigvals(dense(r1(minimax, gamma), np.zeros(2)))
    equal(
        "E38", f"Dirac-GAN, R1 γ = {gamma} ({kind(found)}): γ/c²", largest_step(found), gamma / c**2
    )
found = np.linalg.eigvals(dense(r1(minimax, 2.0), np.zeros(2)))
equal(
    "E38",
    f"Dirac-GAN, R1 γ = 2 ({kind(found)}): 2/(1 + √¾)",
    largest_step(found),
    2 / (1 + np.sqrt(0.75)),
)
tables = {}
for K in (2, 3, 10):
    J = dense(table_game(np.full(K, 1 / K)), np.zeros(2 * K))
    found = np.linalg.eigvals(J)
    # without the λ = 0 of a shift of all θ, which changes no q
    tables[K] = found[np.abs(found) > 1e-9]
    apart = np.abs(tables[K][:, None] - table_eigenvalues(K)).min(1).max()
    equal(
        "E38", f"table of {K}: largest distance from (−1 ± i√3)/4K, −1/2K", apart, 0.0, "rounding"
    )
    equal("E38", f"table of {K}: largest step 2K", largest_step(tables[K]), 2 * K, "rounding")
    equal(
        "E38",
        f"table of {K}, step K: factor √3/2",
        radius(1 + K * tables[K]),
        np.sqrt(0.75),
        "rounding",
    )

# %% [markdown]
# Left: discs of four steps, and eigenvalues. With growing $\gamma$, R1 moves them from the axis
# along a circle of radius $c$ to $-c$; from there one moves to the left and one back to the right.
# Right: the factor of a step, $\max|1 + h\lambda|$, as $h$ grows. Each curve starts at 1 with the
# slope $\mathrm{Re}\,\lambda$ and comes back to 1 at the largest step; without a penalty it never
# goes below 1.

# %%
title = "Eigenvalues of a game, and the steps that they allow   (E38)"
drawing, (discs, rates) = panels(1, 2, title, width=12.0, height=5.6)
angle = np.linspace(0, 2 * np.pi, 400)
for h, shade in ((1.2, "0.70"), (2.0, "0.55"), (4.0, "0.35"), (8.0, "0.15")):
    discs.plot((np.cos(angle) - 1) / h, np.sin(angle) / h, color=shade, linewidth=1.2)
    discs.text(
        -1.72 / h,
        0.74 / h,
        f"h = {h:g}",
        color=shade,
        ha="right",
        fontsize=9,
        backgroundcolor="#ffffffb0",
    )
gammas = np.concatenate([np.linspace(0, 1, 60), np.linspace(1, 2, 60)])
locus = np.array([np.linalg.eigvals(dirac_jacobian(c, gamma)) for gamma in gammas])
discs.plot(locus.real, locus.imag, ".", color=JUDGE["color"], markersize=2)
for gamma, mark in ((0.0, "o"), (0.2, "s"), (0.5, "^"), (2.0, "D")):
    z = np.linalg.eigvals(dirac_jacobian(c, gamma))
    discs.plot(
        z.real,
        z.imag,
        mark,
        color=JUDGE["color"],
        markersize=7,
        label=f"Dirac-GAN, R1 γ = {gamma:g}",
    )
for K, mark in ((2, "P"), (3, "X")):
    discs.plot(
        tables[K].real,
        tables[K].imag,
        mark,
        color=OTHER["color"],
        markersize=7,
        label=f"table of {K}",
    )
discs.axvline(0, **LEVEL)
discs.set(xlim=(-1.85, 0.2), ylim=(-1.15, 0.9), aspect="equal", xlabel="Re λ", ylabel="Im λ")
discs.set_title("inside the disc of h the step converges")
discs.legend(loc="lower left", fontsize=8, ncols=2)

h_line = np.linspace(0, 9, 400)
for (name, z), style in zip(
    {
        **{
            f"Dirac-GAN, R1 γ = {gamma:g}": np.linalg.eigvals(dirac_jacobian(c, gamma))
            for gamma in (0.0, 0.2, 0.5, 2.0)
        },
        "table of 2": tables[2],
        "table of 3": tables[3],
    }.items(),
    LINES,
    strict=False,
):
    rates.plot(h_line, [radius(1 + h * z) for h in h_line], **style, label=name)
rates.axhline(1, **LEVEL)
rates.set(xlim=(0, 9), ylim=(0, 2.0), xlabel="step h", ylabel="max |1 + hλ|, factor per step")
rates.set_title("below 1 the step converges")
rates.legend(loc="lower right", fontsize=8)
save(drawing, "27_eigenvalues_and_step_sizes", run)

# %% [markdown]
# A test: a trajectory near the solution shrinks a little below the largest step, and grows a little
# above it.


# %%
def ratio(J, rule, h):
    """Of a path of the linear game: its largest size in the last 20 of 1,000 steps, over that in
    the 20 after 500.
    """
    size = np.linalg.norm(trajectory(lambda w: J @ w, rule, np.array([1.0, 0.5]), h, 1000), axis=1)
    return size[-20:].max() / size[500:520].max()


heading("1,000 steps of the linear game: late size over earlier size")
for gamma in (0.2, 0.5, 2.0):
    J = dirac_jacobian(c, gamma)
    h = largest_step(np.linalg.eigvals(J))
    below(
        "E38",
        f"γ = {gamma}, 0.99 of the largest step {h:.4f}: shrinks",
        ratio(J, simultaneous, 0.99 * h),
        1.0,
    )
    below("E38", f"γ = {gamma}, 1.01 of it: grows", 1.0, ratio(J, simultaneous, 1.01 * h))

# %% [markdown]
# ## Other rules, other regions
#
# Most rules treat all of $w$ alike. Then each $\lambda$ gets factors $z$ of its own, from a
# polynomial in $z$ with $x = h\lambda$ in its coefficients:
#
# | rule | factors |
# | --- | --- |
# | simultaneous | $z = 1 + x$ |
# | extragradient | $z = 1 + x + x^2$ |
# | optimistic | $z^2 - (1+2x)z + x = 0$ |
# | Runge-Kutta | $z = 1 + x + \tfrac{x^2}{2} + \tfrac{x^3}{6} + \tfrac{x^4}{24}$ |
#
# For a game that turns it matters how far a region reaches along the imaginary axis: not at all, up
# to 1, up to $1/\sqrt3$, up to $2\sqrt2$. The last one, with four evaluations a step, follows the
# flow closely, so it does not help when the flow itself circles: its factor there is only slightly
# below 1.
#
# Alternating steps are different: $D$ moves first, then $G$, and the result does not depend on the
# eigenvalues alone. For the Dirac-GAN with R1 the map is $\begin{pmatrix}1-h\gamma & -k\\
# k(1-h\gamma) & 1-k^2\end{pmatrix}$, $k = hc$, of determinant $1-h\gamma$ and trace
# $2-h\gamma-k^2$. Both factors are inside the circle if and only if $|\mathrm{trace}| < 1 + \det <
# 2$:
#
# $$0 < h\gamma < 2 - \tfrac12k^2 \ \text{(alternating)}, \qquad
# k^2 < h\gamma < 2 + \tfrac12k^2 \ \text{(simultaneous)}$$
#
# Simultaneous steps must *overcome* the growth $k^2$; alternating steps have none, and any damping
# is enough.


# %%
def limit(factors, low, high):
    """The h at which the largest |z| crosses 1, by bisection; below 1 at `low`, above at `high`."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if radius(factors(middle)) < 1 else (low, middle)
    return low


heading("The largest step of each rule, by bisection on its factors")
turning = dirac_jacobian(c)
for name, rule, exact in (
    ("extragradient, λ = ±ic: 1/c", extragradient, 1 / c),
    ("optimistic, λ = ±ic: 1/√3c", optimistic, 1 / (np.sqrt(3) * c)),
    ("Runge-Kutta, λ = ±ic: 2√2/c", runge_kutta, np.sqrt(8) / c),
):
    found = limit(lambda h, rule=rule: rule.factors(turning, h), 0.5, 7.0)
    equal("E38", name, found, exact, "rounding")
for gamma in (0.1, 0.5):
    J = dirac_jacobian(c, gamma)
    equal(
        "E38",
        f"simultaneous, R1 γ = {gamma}: γ/c²",
        limit(lambda h, J=J: simultaneous.factors(J, h), 0.01, 9.0),
        gamma / c**2,
        "rounding",
    )
    equal(
        "E38",
        f"alternating, R1 γ = {gamma}: (√(γ² + 4c²) − γ)/c²",
        limit(lambda h, J=J: alternating(1).factors(J, h), 0.01, 9.0),
        (np.sqrt(gamma**2 + 4 * c**2) - gamma) / c**2,
        "rounding",
    )
    below(
        "E38",
        f"γ = {gamma}: 0.99 of that step shrinks",
        ratio(J, alternating(1), 0.99 * (np.sqrt(gamma**2 + 4 * c**2) - gamma) / c**2),
        1.0,
    )
pairs = 3 * rng.random((300, 2))
inside = [[g < 2 - k**2 / 2, k**2 < g < 2 + k**2 / 2] for g, k in pairs]
found = [
    [radius(rule.factors(dirac_jacobian(k, g), 1.0)) < 1 for rule in (alternating(1), simultaneous)]
    for g, k in pairs
]
equal(
    "E38",
    "300 random (hγ, hc): where formula and factors disagree",
    np.sum(np.not_equal(inside, found)),
    0,
)

# %% [markdown]
# Left: the regions of rules that see only $x = h\lambda$. Middle: the Dirac-GAN with R1, where
# alternation counts: shaded is where alternating steps converge. Right: the factor of each rule as
# $h$ grows, measured on paths (marks) and in theory (lines), for $\gamma = 0.2$.

# %%
title = "Other rules, other regions   (E38)"
drawing, (regions, order, factors) = panels(1, 3, title, width=14.0, height=5.4)
STYLES = {
    "simultaneous": MODEL,
    "alternating": LINES[3],
    "extragradient": JUDGE,
    "optimistic": OTHER,
    "momentum −0.3": LINES[6],
    "Runge-Kutta": LINES[4],
}


def region(axis, x, y, z, name):
    """The line on which the largest |z| is 1."""
    style = STYLES[name]
    how = {"colors": [style["color"]], "linestyles": [style["linestyle"]]}
    axis.contour(x, y, z, levels=[1.0], linewidths=[1.8], **how)


n = 121 if run.quick else 301
X = np.linspace(-3.1, 0.6, n) + 1j * np.linspace(-3, 3, n)[:, None]
SIGNS = np.array([1, -1])[:, None, None]
polynomial = {  # of x, the largest |z|
    "simultaneous": lambda x: abs(1 + x),
    "extragradient": lambda x: abs(1 + x + x**2),
    "optimistic": lambda x: np.maximum(*abs(1 + 2 * x + SIGNS * np.sqrt(1 + 4 * x**2))) / 2,
    "momentum −0.3": lambda x: (
        np.maximum(*abs(0.7 + x + SIGNS * np.sqrt((0.7 + x) ** 2 + 1.2))) / 2
    ),
    "Runge-Kutta": lambda x: abs(1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24),
}
for name, z in polynomial.items():
    region(regions, X.real, X.imag, z(X), name)
regions.axvline(0, **LEVEL)
regions.set(xlim=(-3.2, 0.9), ylim=(-3.05, 3.05), aspect="equal", xlabel="Re hλ", ylabel="Im hλ")
regions.set_title("where |z| < 1, by rule")

k = np.linspace(0, 2, 301)
order.fill_betweenx(k, 0, 2 - k**2 / 2, color="0.9", linewidth=0)
order.plot(2 - k**2 / 2, k, **STYLES["alternating"])
order.plot(k**2, k, **STYLES["simultaneous"])
order.plot(2 + k**2 / 2, k, **STYLES["simultaneous"])
order.text(0.35, 1.95, "hγ = 2 − ½k²", color="0.2")
order.text(2.45, 1.45, "hγ = k²", color=MODEL["color"])
order.text(2.75, 1.1, "hγ = 2 + ½k²", color=MODEL["color"])
g, kk = np.meshgrid(np.linspace(0, 4.2, 43), np.linspace(0, 2.2, 45))
for rule, name in ((extragradient, "extragradient"), (optimistic, "optimistic")):
    z = np.array(
        [
            [radius(rule.factors(dirac_jacobian(b, a), 1.0)) for a, b in zip(*row, strict=True)]
            for row in zip(g, kk, strict=True)
        ]
    )
    region(order, g, kk, z, name)
order.set(
    xlim=(0, 4.2),
    ylim=(0, 2.2),
    xlabel="hγ, damping in one step",
    ylabel="k = hc, turning in one step",
)
order.set_title("the Dirac-GAN with R1: order counts")


def measured(J, rule, h):
    """The largest |z| of the linear map that takes two points of a path to the next two."""
    w = trajectory(lambda w: J @ w, rule, np.array([1.0, 0.5]), h, 60)
    pairs = np.concatenate([w[10:-1], w[11:]], axis=1)
    return radius(np.linalg.eigvals(np.linalg.lstsq(pairs[:-1], pairs[1:], rcond=1e-10)[0]))


J = dirac_jacobian(c, 0.2)
h_line = np.linspace(0.02, 4.6, 231)
for name, rule in (
    ("simultaneous", simultaneous),
    ("alternating", alternating(1)),
    ("extragradient", extragradient),
    ("optimistic", optimistic),
    ("momentum −0.3", momentum(-0.3)),
):
    style = STYLES[name] | {"linewidth": 1.5}
    factors.plot(h_line, [radius(rule.factors(J, h)) for h in h_line], **style)
    some = np.arange(0.3, 4.6, 0.3)
    dots = [measured(J, rule, h) for h in some]
    factors.plot(some, dots, "o", color=style["color"], markersize=3.5)
factors.axhline(1, **LEVEL)
factors.set(xlim=(0, 4.6), ylim=(0.75, 1.3), xlabel="step h", ylabel="largest |z|, factor per step")
factors.set_title("the Dirac-GAN, R1 γ = 0.2")
handles = [factors.plot([], [], **style, label=name)[0] for name, style in STYLES.items()]
drawing.legend(handles=handles, loc="outside lower center", ncols=6)
save(drawing, "27_eigenvalues_and_step_sizes_rules", run)

# %% [markdown]
# ## Recap
#
# * Near a solution a simultaneous step multiplies each eigenvector by $1+h\lambda$; it converges if
#   $h < -2\,\mathrm{Re}\,\lambda/|\lambda|^2$ for all $\lambda$ (E38).
# * An eigenvalue on the imaginary axis allows no simultaneous step; R1 and data with mass
#   everywhere move it to the left.
# * Other rules have other regions; alternating steps need only some damping.
#
# **What we still owe.** The eigenvalues of a game of networks: chapter 30 (E44, E45). What $k$ and
# two learning rates do to them: chapter 28.
#
# ## Exercises
#
# **1 · Predict.** A table game has 5 outcomes. What is its largest step, and the best one?
#
# **2 · On paper.** Show that $|1+h\lambda|$ is least at half of the largest step, and that it is
# $|\mathrm{Im}\,\lambda|/|\lambda|$ there (E38).
#
# <details><summary>Answer</summary>
#
# $|1+h\lambda|^2 = 1 + 2h\,\mathrm{Re}\,\lambda + h^2|\lambda|^2$ is a parabola in $h$ with its
# minimum at $h = -\mathrm{Re}\,\lambda/|\lambda|^2$. The value there is $1 -
# (\mathrm{Re}\,\lambda)^2/|\lambda|^2 = (\mathrm{Im}\,\lambda)^2/|\lambda|^2$.
#
# </details>
#
# **3 · Change a line.** Replace `J = dirac_jacobian(c, 0.2)` by `J = dirac_jacobian(c, 0.0)`: no
# penalty in the right panel of the last figure. Which rules still have a factor below 1?
#
# <details><summary>What you see</summary>
#
# Extragradient up to $h = 2$ and optimistic up to $h = 1.15$. Alternating steps have exactly 1 up
# to $h = 4$. Simultaneous steps and momentum are above 1 for every $h$: without damping a rule must
# look ahead or alternate.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 89` (an extragradient step) and
# `numgan check --exercise 64` (momentum).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint dirac_jacobian` and `numgan course hint largest_step`.

# %%
five = table_eigenvalues(5)
five = five[np.abs(five) > 1e-9]
longest = largest_step(five)
trial_steps = np.linspace(0.01, longest, 1000)
best_step = trial_steps[np.argmin([radius(1 + h * five) for h in trial_steps])]
answer(
    1,
    f"The largest is {longest:.4g} = 2K and the best about {best_step:.2f} = K, with the factor "
    f"{radius(1 + 5 * five):.4f} = √3/2.",
    abs(longest - 10) < 1e-9 and abs(best_step - 5) < 0.05,
)
