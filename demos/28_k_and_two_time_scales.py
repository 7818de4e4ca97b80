# %% [markdown]
# # 28 · k, and two time scales (E31, E38, E40)
#
# *Many steps of D for one of G, or two learning rates: what helps, and when.*
#
# **Needs.** Chapter 11 (Algorithm 1, E31), chapters 26 and 27 (E38-E40).
#
# Algorithm 1 lets $D$ take $k$ steps for each step of $G$. Another common choice is a larger
# learning rate for $D$. Both keep $D$ ahead of $G$. Does it help? In theory $G$ needs the *best*
# $D$ (chapter 8), which suggests that more is better. On the Dirac-GAN (chapter 26) there is an
# answer in closed form, and it depends on whether the game is damped.

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

from numgan.dynamics import (
    alternating,
    dense,
    dirac_jacobian,
    minimax,
    r1,
    radius,
    runge_kutta,
    scaled,
    simultaneous,
    softmax_flow,
    table_game,
    trajectory,
)

run = options()
h, c = 0.5, 0.5


def measured(v, rule, h):
    """The largest |z| of the linear map w_n ↦ w_{n+1} of a path near (0, 0)."""
    w = 1e100 * trajectory(v, rule, 1e-100 * np.array([1.0, 0.5]), h, 40)
    return radius(np.linalg.eigvals(np.linalg.lstsq(w[:-1], w[1:], rcond=None)[0]))


# %% [markdown]
# ## k steps of D (E31)
#
# With R1 of weight $\gamma$, $D$'s step near the solution is $\psi \leftarrow \psi - h(\gamma\psi +
# c\,\theta)$ (E31). After $k$ steps with $\theta$ fixed, $\psi$ is $r\psi - (1-r)\tfrac
# c\gamma\theta$ with $r = (1-h\gamma)^k$. Then $G$ moves: $\theta \leftarrow \theta + hc\,\psi$. So
# one iteration is a matrix with
#
# $$\det = r = (1-h\gamma)^k, \qquad \mathrm{trace} = 1 + r - \frac{hc^2}{\gamma}(1-r)$$
#
# and its factors are the roots of $z^2 - \mathrm{trace}\,z + \det = 0$. While they are conjugate,
# $|z| = \sqrt{\det}$.


# %%
def factor(k, gamma, h=h):
    """The largest |z| of an iteration with k steps of D, in closed form;
    (1 − r)/γ → kh as γ → 0."""
    r = (1 - h * gamma) ** k
    gone = (1 - r) / gamma if gamma else k * h
    return radius(np.roots([1, -(1 + r - h * c**2 * gone), r]))


w, v = np.array([0.7, -0.4]), r1(minimax, 0.2)
psi, theta = w
for _ in range(3):
    psi = psi + h * v(np.array([psi, theta]))[0]  # E31
theta = theta + h * v(np.array([psi, theta]))[1]
heading(f"The Dirac-GAN, h = {h}: factor per iteration, measured, and in closed form")
equal(
    "E31",
    "k = 3 by hand, from (0.7, −0.4): largest difference",
    np.abs(alternating(1, k=3).step(v, w, h)[0] - [psi, theta]).max(),
    0.0,
)
for gamma in (0.0, 0.2, 0.5):
    for k in (1, 2, 5, 20):
        equal(
            "E38",
            f"γ = {gamma:g}, k = {k}",
            measured(r1(minimax, gamma), alternating(1, k=k), h),
            factor(k, gamma),
            "rounding",
        )

# %% [markdown]
# ## Without damping k changes nothing (E31, E38)
#
# With $\gamma = 0$ the determinant is 1 for every $k$: each iteration is a product of shears, which
# preserve areas. $|z| = 1$, and the players circle, a little faster than before. From $k =
# 4/(hc)^2$ on $|\mathrm{trace}| > 2$, and they diverge. There is no best $D$ to approach: the
# supremum is at $\psi \to \mp\infty$.
#
# ## With damping there is a best D, and a limit (E31)
#
# With R1 the best answer to $\theta$ is $\psi^* = -\tfrac c\gamma\theta$. For $k \to \infty$, $r
# \to 0$ and the iteration becomes the ideal loop of chapter 8, with the factor
#
# $$1 - \frac{hc^2}{\gamma}$$
#
# So beyond some $k$ nothing is gained: the inner problem is solved. And the limit is not always
# good: if $hc^2 > 2\gamma$, a perfect $D$ is so steep that $G$ overshoots, while an imperfect one
# may converge.

# %%
heading(f"h = {h}: 4/(hc)² = {4 / (h * c) ** 2:g}")
equal("E31", "γ = 0, k = 63: |z|", measured(minimax, alternating(1, k=63), h), 1.0, "rounding")
below("E31", "γ = 0, k = 65: 1, and |z|", 1.0, measured(minimax, alternating(1, k=65), h))
for gamma in (0.05, 0.2, 0.5, 1.0):
    equal(
        "E31",
        f"γ = {gamma}, k = 1000: |1 − hc²/γ|",
        radius(alternating(1, k=1000).factors(dirac_jacobian(c, gamma), h)),
        abs(1 - h * c**2 / gamma),
        "rounding",
    )
below("E31", "γ = 0.05: |z| with k = 5, and 1 (a perfect D: 1.5)", factor(5, 0.05), 1.0)
ks = np.arange(1, 201)
per_gradient = {
    gamma: np.array([factor(k, gamma) ** (1 / (k + 1)) for k in ks]) for gamma in (0.05, 0.2, 0.5)
}
for gamma, rates in per_gradient.items():
    best = [factor(k, gamma) for k in ks]
    print(
        f"E31     γ = {gamma}: least factor per iteration {min(best):.4f} at k = "
        f"{ks[np.argmin(best)]}, "
        f"per gradient {rates.min():.4f} at k = {ks[rates.argmin()]}"
    )

# %% [markdown]
# A game on a table of $K$ outcomes (chapter 27) is damped without a penalty. There, too, a large
# $k$ gives the ideal loop: descent on $C(\mathrm{softmax}(\theta))$, whose Jacobian at $p = 1/K$
# has the eigenvalue $-1/2K$.

# %%
heading("A table of 3 outcomes, p = ⅓, h = 2: many steps of D, and the ideal loop")
K, step = 3, 2.0
J = dense(table_game(np.full(K, 1 / K)), np.zeros(2 * K))
ideal = np.linalg.eigvals(dense(softmax_flow(np.full(K, 1 / K)), np.zeros(K)))
# the largest, 1, is a shift of all θ, which changes no q
z = np.sort(np.abs(alternating(K, k=300).factors(J, step)))
equal("E38", "ideal loop: the least eigenvalue is −1/2K", ideal.real.min(), -1 / (2 * K))
equal("E31", "k = 300: |z| is 1 − h/2K", z[-2], 1 - step / (2 * K), "rounding")
one = np.sort(np.abs(alternating(K).factors(J, step)))
equal("E31", "k = 1: |z| is √(1 − h/2K)", one[-2], np.sqrt(1 - step / (2 * K)), "rounding")

# %% [markdown]
# Lines are theory, marks are measured on paths. Left: the factor per iteration against $k$. Dashed
# levels are the ideal loops, where $k$ leads. Right: the same per gradient computed, since an
# iteration costs $k+1$ of them: $(1-h\gamma)^{k/2(k+1)}$, so $k = 1$ makes a quarter of
# $\log(1-h\gamma)$ out of a gradient, $k = 5$ five twelfths, and no $k$ more than a half. The fifth
# step of $D$ is worth something, the fiftieth hardly.

# %%
drawing, (iteration, gradient) = panels(
    1, 2, "k steps of D for one of G   (E31)", width=11.5, height=4.4
)
some = np.array([1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 80])
for gamma, style in ((0.0, DATA), (0.05, OTHER), (0.2, MODEL), (0.5, JUDGE)):
    z = np.array([factor(k, gamma) for k in ks])
    found = np.array([measured(r1(minimax, gamma), alternating(1, k=k), h) for k in some])
    for axis, cost in ((iteration, 0), (gradient, 1)):
        axis.semilogx(
            ks, z ** (1 / (1 + cost * ks)), **style | {"linewidth": 1.6}, label=f"R1 γ = {gamma:g}"
        )
        axis.semilogx(
            some, found ** (1 / (1 + cost * some)), "o", color=style["color"], markersize=4
        )
    if gamma > 0.1:
        iteration.axhline(1 - h * c**2 / gamma, **LEVEL)
for axis, name in ((iteration, "iteration"), (gradient, "gradient")):
    axis.set(
        xlabel="k, steps of D for one of G",
        ylabel=f"|z| per {name}",
        title=f"factor per {name}, h = {h}   (E31)",
    )
    axis.set_xticks(
        [1, 2, 5, 10, 20, 50, 100, 200], labels=["1", "2", "5", "10", "20", "50", "100", "200"]
    )
    axis.minorticks_off()
iteration.text(1.05, 1 - h * c**2 / 0.2 + 0.015, "ideal loop, γ = 0.2", color="0.3", fontsize=8.5)
iteration.text(105, 1 - h * c**2 / 0.5 + 0.015, "γ = 0.5", color="0.3", fontsize=8.5)
iteration.set(ylim=(0.2, 1.6))
iteration.legend(loc="upper left")
gradient.set(ylim=(0.84, 1.03))
save(drawing, "28_k_and_two_time_scales", run)

# %% [markdown]
# ## Two learning rates (E40)
#
# Give $D$ the rate $\alpha h$ and $G$ the rate $\beta h$. The rows of $J$ are multiplied, and
#
# $$\lambda = -\frac{\alpha\gamma}2 \pm \sqrt{\frac{\alpha^2\gamma^2}4 - \alpha\beta c^2}
# \qquad\text{without R1: } \lambda = \pm i\sqrt{\alpha\beta}\,c \qquad (\mathrm{E40})$$
#
# Without R1 the eigenvalues stay on the axis, whatever the ratio. With R1, keep $\alpha\beta = 1$,
# so that the game turns at the same speed, and let the ratio be $\rho = \alpha/\beta$: then $\alpha
# = \sqrt\rho$, and the ratio does exactly what a stronger penalty would, $\gamma \to
# \sqrt\rho\,\gamma$. The best one is $\rho = (2c/\gamma)^2$, where the damping is critical; for
# $\gamma = 0.1$ that is 100. Beyond it $G$ is too slow and limits the rate.


# %%
def rates(ratio):
    """α and β of D and G, with αβ = 1."""
    return np.array([np.sqrt(ratio), 1 / np.sqrt(ratio)])


def decay(ratio, gamma):
    """−max Re λ, in closed form."""
    damping = np.sqrt(ratio) * gamma
    return damping / 2 - np.sqrt(max(damping**2 / 4 - c**2, 0.0))


heading("Decay −max Re λ, by the complex step of the field, and in closed form")
for gamma, ratios in (
    (0.0, (0.25, 4.0, 100.0)),
    (0.1, (1.0, 4.0, 400.0)),
    (0.5, (0.25, 1.0, 25.0)),
):
    for ratio in ratios:
        found = np.linalg.eigvals(dense(scaled(r1(minimax, gamma), rates(ratio)), np.zeros(2)))
        equal(
            "E40", f"γ = {gamma:g}, D : G = {ratio:g} : 1", -found.real.max(), decay(ratio, gamma)
        )
for gamma in (0.1, 0.3):
    around = [decay(factor * (2 * c / gamma) ** 2, gamma) for factor in (0.9, 1.1)]
    best = decay((2 * c / gamma) ** 2, gamma)
    below(
        "E40",
        f"γ = {gamma}, ρ = (2c/γ)² = {(2 * c / gamma) ** 2:.4g}: |decay − c|, √ε",
        abs(best - c),
        1.5e-8,
    )
    below("E40", f"γ = {gamma}, 10 % to either side: slower", max(around), best)

# %% [markdown]
# The decay of the flow against the ratio of the rates, at constant product: lines are theory, marks
# are measured.

# %%
drawing, flow = panels(
    1, 1, "Two learning rates: critical at ρ = (2c/γ)²   (E40)", width=8.0, height=4.0
)
ratios = np.geomspace(0.1, 3000, 400)
few = np.geomspace(0.1, 3000, 16)
for gamma, style in ((0.0, DATA), (0.05, OTHER), (0.2, MODEL), (0.5, JUDGE)):
    line = [decay(ratio, gamma) for ratio in ratios]
    flow.semilogx(ratios, line, **style | {"linewidth": 1.6}, label=f"γ = {gamma:g}")
    found = []
    for ratio in few:
        v = scaled(r1(minimax, gamma), rates(ratio))
        found.append(-np.log(measured(v, runge_kutta, 0.05)) / 0.05)
    flow.semilogx(few, found, "o", color=style["color"], markersize=4)
    if gamma:
        flow.plot((2 * c / gamma) ** 2, c, "*", color="black", markersize=9)
flow.set(
    xlabel="ρ, rate of D : rate of G, at constant product",
    ylabel="decay −max Re λ (1/unit of time)",
)
flow.set(ylim=(-0.03, 0.6))
flow.legend(loc="upper left")
save(drawing, "28_k_and_two_time_scales_flow", run)

# %% [markdown]
# ## A slow generator makes a step possible (E38, E40)
#
# Often $G$ is made slower instead: $\alpha = 1$, $\beta = 1/\rho$. In the flow this gains nothing,
# $\mathrm{Re}\,\lambda = -\tfrac\gamma2$. But steps are not flows, and E38 says how large they may
# be: simultaneous steps have $|z|^2 = 1 - h\gamma + h^2c^2/\rho$, so they converge if and only if
#
# $$\rho > \frac{hc^2}\gamma$$
#
# Alternating steps have $|z|^2 = 1 - h\gamma$ without any condition on $\rho$ (up to where the
# factors are real). Where simultaneous updates need two time scales, alternating updates converge
# without them. And $k$ steps of $D$ are nearly a rate $k$ times as large, $(1-h\gamma)^k$ instead
# of $1 - kh\gamma$, only that they are never too large for $D$.

# %%
heading("h = 1, D's rate 1, G's rate 1/ρ: |z|, measured, and in closed form")
for gamma in (0.1, 0.2):
    for ratio in (1.0, 2.0, 4.0):
        slow = scaled(r1(minimax, gamma), np.array([1.0, 1 / ratio]))
        equal(
            "E40",
            f"γ = {gamma}, ρ = {ratio:g}, simultaneous: √(1 − γ + c²/ρ)",
            measured(slow, simultaneous, 1.0),
            np.sqrt(1 - gamma + c**2 / ratio),
            "rounding",
        )
        equal(
            "E40",
            f"γ = {gamma}, ρ = {ratio:g}, alternating: √(1 − γ)",
            measured(slow, alternating(1), 1.0),
            np.sqrt(1 - gamma),
            "rounding",
        )
    for sign, side in ((0.999, "below"), (1.001, "above")):
        z = measured(
            scaled(r1(minimax, gamma), np.array([1.0, gamma / (sign * c**2)])), simultaneous, 1.0
        )
        what = f"γ = {gamma}, ρ a little {side} c²/γ = {c**2 / gamma:g}"
        below(
            "E38",
            what + (": 1, and |z|" if sign < 1 else ": |z|, and 1"),
            *((1.0, z) if sign < 1 else (z, 1.0)),
        )
for k in (2, 5):
    equal(
        "E31",
        f"γ = 0.2, h = 0.5, k = {k}: |z| = √(1−hγ)^k",
        measured(r1(minimax, 0.2), alternating(1, k=k), h),
        np.sqrt((1 - h * 0.2) ** k),
        "rounding",
    )
    fast = measured(scaled(r1(minimax, 0.2), np.array([k, 1.0])), alternating(1), h)
    equal(
        "E40",
        f"the same, D's rate times {k}: |z| = √(1−khγ)",
        fast,
        np.sqrt(1 - k * h * 0.2),
        "rounding",
    )

# %% [markdown]
# Simultaneous steps that two time scales make converge, and alternating ones that need no such
# help.

# %%
drawing, slow = panels(
    1,
    1,
    "A slow generator, h = 1: simultaneous steps converge from ρ = hc²/γ   (E38)",
    width=8.0,
    height=4.4,
)
ratios = np.geomspace(0.5, 30, 300)
few = np.geomspace(0.5, 30, 14)
for gamma, style in ((0.0, DATA), (0.1, MODEL), (0.3, JUDGE)):
    J = dirac_jacobian(c, gamma)
    for rule, face in ((simultaneous, style["color"]), (alternating(1), "white")):
        z = [radius(rule.factors(np.diag([1.0, 1 / ratio]) @ J, 1.0)) for ratio in ratios]
        slow.semilogx(ratios, z, **style | {"linewidth": 1.5 if rule is simultaneous else 0.8})
        found = [
            measured(scaled(r1(minimax, gamma), np.array([1.0, 1 / ratio])), rule, 1.0)
            for ratio in few
        ]
        slow.semilogx(
            few,
            found,
            "o",
            color=style["color"],
            markerfacecolor=face,
            markersize=5,
            label=f"γ = {gamma:g}, {'simultaneous' if rule is simultaneous else 'alternating'}",
        )
    if gamma:
        slow.plot(c**2 / gamma, 1, "*", color="black", markersize=9)
slow.axhline(1, **LEVEL)
slow.set(xlabel="ρ, how much slower G is", ylabel="|z| per step")
slow.set_xticks([0.5, 1, 2, 5, 10, 20], labels=["½", "1", "2", "5", "10", "20"])
slow.minorticks_off()
slow.legend(loc="upper right")
save(drawing, "28_k_and_two_time_scales_slow", run)

# %% [markdown]
# ## Recap
#
# * Without damping neither $k$ nor two learning rates make the Dirac-GAN converge (E31, E40).
# * With damping, more steps of $D$ lead to the ideal loop; beyond some $k$ nothing is gained.
# * A slower $G$ makes simultaneous steps converge from $\rho = hc^2/\gamma$ on; alternating steps
#   need no such ratio.
#
# **What we still owe.** The same on games of networks, where no formula is left: chapter 30
# measures the spectrum.
#
# ## Exercises
#
# **1 · Predict.** There is no penalty, $\gamma = 0$. $D$ takes $k = 20$ steps for each of $G$. Do
# the players arrive?
#
# **2 · On paper.** Derive the matrix of one iteration with $k$ steps of $D$ and R1, and its
# determinant $(1-h\gamma)^k$ (E31).
#
# <details><summary>Answer</summary>
#
# $D$'s step is $\psi\leftarrow(1-h\gamma)\psi - hc\theta$. After $k$ of them $\psi' = r\psi -
# (1-r)\frac c\gamma\theta$ with $r = (1-h\gamma)^k$, since $\psi^* = -\frac c\gamma\theta$ is
# fixed. Then $\theta' = \theta + hc\psi'$. Both maps are shears or scalings: the first has the
# determinant $r$, the second 1.
#
# </details>
#
# **3 · Change a line.** Replace `h, c = 0.5, 0.5` by `h, c = 1.0, 0.5`. Up to which $k$ do the
# players still circle without damping?
#
# <details><summary>What you see</summary>
#
# Up to $k = 4/(hc)^2 = 16$. With $k = 20$ the factor is now 2.62, so the prediction's answer is
# WRONG too, and so is the row for $k = 63$. A third row has $1 - kh\gamma = 0$, where the roots are
# real and the formula does not hold.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 54` (one iteration of Algorithm 1). Where is
# the loop over $k$?

# %%
answer(
    1,
    f"No: |z| = {factor(20, 0.0):.6f}, they circle. The determinant of an iteration is 1 for every "
    f"k, so its factors cannot both be inside the circle.",
    abs(factor(20, 0.0) - 1) < 1e-9,
)
