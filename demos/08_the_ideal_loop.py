# %% [markdown]
# # 8 · The ideal loop (E26, E27, E28, E37)
#
# *With the best D at every step, the loop goes down to the data, where the generator can.*
#
# **Needs.** Chapters 5 to 7 (E18, E25); a gradient step.
#
# For every generator we know the best discriminator $D^*$. So let $G$ play against a perfect $D$.
# In each iteration $D$ is replaced by $D^*$, and $G$ takes one step:
#
# $$\theta_g \leftarrow \theta_g - \eta\,\frac{\partial V(G, D^*)}{\partial\theta_g}
# \qquad (\mathrm{E26})$$
#
# Does that descend on $C(\theta) = \max_D V$? Yes. Does it reach the data? That depends on what is
# moved: a density or parameters.

# %%
import matplotlib.pyplot as plt
import numpy as np
from figure import (
    JUDGE,
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

from numgan.theory import (
    LOG4,
    C,
    Discrete,
    Gaussian,
    Mixture,
    V,
    gradient_by_path,
    gradient_of_C,
    ideal_loop,
    ideal_update,
    kl,
    maximum_slope,
    optimal_logit,
    shifted,
    simplex_gradient,
    simplex_loop,
    softmax,
)
from numgan.theory.ideal import dlog_softmax

run = options()


def slope(f, t, h=0.05):
    """f'(t) by eight differences: the error is of order h⁸."""
    return (
        sum(
            c * (f(t + k * h) - f(t - k * h))
            for k, c in ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))
        )
        / h
    )


# %% [markdown]
# ## A maximum may be differentiated with its maximiser held fixed (E27)
#
# $D^*$ depends on $\theta$. The step above treats $D^*$ as constant. The gradient is right all the
# same:
#
# $$\nabla C(\theta)
# = \nabla_\theta V(\phi^*, \theta) \quad\text{with } \phi^* \text{ held
# fixed}\qquad(\mathrm{E27})$$
#
# $V(\phi^*, \cdot)$ lies below $C$, which is the *largest* $V$, and touches it at $\theta$: two
# curves that touch without crossing have the same slope. Here is a generator with one parameter,
# $x = \theta + z$, and $C'$ in four ways: moving the density, moving the samples, and differences
# of $V(D^*,\cdot)$ and of $C$. A discriminator that is not the best one gives something else.

# %%
P, family_and_slope = Mixture([0.3, 0.7], [Gaussian(1, 0.5), Gaussian(-2, 1.5)]), shifted(1.0)
family, dlog_q = family_and_slope
heading(
    "P = 0.3 N(1, 0.5²) + 0.7 N(−2, 1.5²), G(z) = θ + z: the derivative, and the difference of C"
)
for theta in (-3.0, 0.5, 2.0):
    Q, best = family(theta), optimal_logit(P, family(theta))
    exact = slope(lambda t: C(P, family(t)), theta)
    equal(
        "E27",
        f"θ = {theta:g}: E_Q[log(1−D*) ∂log q/∂θ]",
        gradient_of_C(P, Q, lambda x, t=theta: dlog_q([t], x))[1][0],
        exact,
        "quadrature",
    )
    equal(
        "E27",
        f"θ = {theta:g}: E_z[∂/∂θ log(1−D*(θ+z))]",
        gradient_by_path(P, Q, np.ones_like),
        exact,
        "quadrature",
    )
    equal(
        "E27",
        f"θ = {theta:g}: difference of V(D*, ·), D* fixed",
        slope(lambda t, a=best: V(a, P, family(t)), theta),
        exact,
        "quadrature",
    )
theta = 0.5
best = optimal_logit(P, family(theta))
other = slope(lambda t: V(lambda x: best(x) + 1, P, family(t)), theta)
print(f"E27     at θ = 0.5 the logit a* + 1 gives the slope {other:.4f} where C' = "
      f"{gradient_by_path(P, family(theta), np.ones_like):.4f}")  # fmt: skip
thetas = line(-6, 5, 45 if run.quick else 111)
Cs = np.array([C(P, family(t)) for t in thetas])
touching = np.array([V(best, P, family(t)) for t in thetas])
apart = np.abs(thetas - theta) > 0.04
heading("V(D*, ·) of θ = 0.5 lies below C and touches it there")
below(
    "E27", "the largest V(D*, θ') − C(θ') elsewhere, against 0", (touching - Cs)[apart].max(), 0.0
)
equal("E27", "V(D*, θ) = C(θ)", V(best, P, family(theta)), C(P, family(theta)), "quadrature")

# %% [markdown]
# $C$, and one $V(D^*,\cdot)$ that touches it from below.

# %%
drawing, touch = panels(
    1, 1, "The step with D* fixed is a step on C   (E26, E27)", width=8.0, height=4.0
)
touch.plot(thetas, Cs, **MODEL, label="C(θ) = max V over D")
touch.plot(thetas, touching, **JUDGE, label="V(D*, ·), D* of θ = 0.5 held fixed")
touch.plot(theta, C(P, family(theta)), "o", color="black")
touch.annotate(
    "same slope",
    (theta, C(P, family(theta))),
    (1.4, -1.33),
    arrowprops={"arrowstyle": "->", "color": "0.3"},
)
touch.set(xlabel="θ, shift of the generator (unit of x)", ylabel="value (nats)", ylim=(-3.2, 0.6))
touch.legend(loc="upper center")
save(drawing, "08_the_ideal_loop_touch", run)

# %% [markdown]
# ## The same with finitely many functions, and at a tie (E27)
#
# Take the largest of a few curves. Off a tie the slope is that of the one on top. At a tie there
# are two slopes. To the right the curve that rises fastest takes the lead: the largest of the
# active slopes. To the left the slope is the smallest of the active slopes.

# %%
f = [lambda t: -t, lambda t: t**2 - 2, lambda t: 0.5 * t]
df = [lambda t: -1.0, lambda t: 2 * t, lambda t: 0.5]
heading("max(−θ, θ² − 2, θ/2): its slope, and that of the function on top")
for at, on_top in ((-3.0, 1), (-1.0, 0), (1.0, 2), (3.0, 1)):
    got = maximum_slope(f, df, at)  # E27
    by_difference = slope(lambda t: max(g(t) for g in f), at, h=0.01)
    equal("E27", f"θ = {at:g}, on top f{on_top + 1}: slope", got.right, by_difference, "quadrature")
    equal(
        "E27",
        f"θ = {at:g}: only f{on_top + 1} is active",
        got.active[0] + len(got.active) - 1,
        on_top,
    )
for at, left, right in ((0.0, -1.0, 0.5), (-2.0, -4.0, -1.0)):
    got, h = maximum_slope(f, df, at), 1e-3
    equal("E27", f"tie at θ = {at:g}: slope to the left", got.left, left)
    equal("E27", f"tie at θ = {at:g}: slope to the right", got.right, right)
    ahead = (max(g(at + h) for g in f) - got.value) / h
    equal("E27", f"tie at θ = {at:g}: a step of 0.001 to the right", ahead, right, "quadrature")

# %% [markdown]
# ## The ideal loop (E28)
#
# $$G_0 \to D_0^* \to G_1 \to D_1^* \to G_2 \to \cdots \qquad (\mathrm{E28})$$
#
# Each arrow to a $D$ is an exact maximum, each arrow to a $G$ one step of E26. By E27 it is
# gradient descent on $C = -\log 4 + 2\,\mathrm{JSD}$. Data $N(2, 1)$, generator $N(\theta, 1)$ from
# $\theta = -1$: close to the data $C \approx -\log 4 + (\theta-2)^2/4$, so that a step $\eta$
# leaves $1 - \eta/2$ of the error.

# %%
data, start, eta, steps = Gaussian(2, 1), -1.0, 1.0, 40
path = ideal_loop(data, *shifted(), start, eta=eta, steps=steps)  # E28
theta_t = path.points[:, 0]
print(f"\n{'':8}{'step':>5}{'θ':>16}{'C (nats)':>16}{'C + log 4':>12}")
for k in (0, 1, 2, 3, 5, 8, 13, 20, 30, 40):
    print(f"E28     {k:5d}{theta_t[k]:16.10f}{path.C[k]:16.10f}{path.C[k] + LOG4:12.2e}")
heading("Data N(2, 1), generator N(θ, 1), η = 1")
gradient = gradient_of_C(data, family(start), lambda x: dlog_q([start], x))[1]
equal(
    "E26",
    "the first step is θ − η ∂V/∂θ",
    theta_t[1],
    ideal_update(np.array([start]), gradient, eta)[0],
)
below("E28", "C falls: largest C(t+1) − C(t), 20 steps, against 0", np.diff(path.C[:21]).max(), 0.0)
equal("E28", "θ after 40 steps", theta_t[-1], 2.0, "quadrature")
equal("E28", "C after 40 steps: −log 4", path.C[-1], -LOG4, "quadrature")
print(
    f"E28     share of the error left by step 20: {(2 - theta_t[20]) / (2 - theta_t[19]):.8f};  "
    f"1 − η/2 = 0.5"
)

# %% [markdown]
# ## What a perfect discriminator does not solve (E28)
#
# Descent on $C$ has the usual problems of descent. Let the data have two modes and the generator
# one narrow bump. In $\theta$ there are two valleys, and the loop stays in the one where it began,
# though the other may be deeper. Far away there is a plateau: $C$ is nearly 0, $D^*$ recognises
# every sample, and its gradient is nearly zero.

# %%
two, (narrow, dlog_narrow) = (
    Mixture([0.3, 0.7], [Gaussian(-3, 0.7), Gaussian(3, 0.7)]),
    shifted(0.7),
)
steps = 40 if run.quick else 80
runs = {
    at: ideal_loop(two, narrow, dlog_narrow, at, eta=0.5, steps=steps) for at in (-5.0, 5.5, 12.0)
}
heading("P = 0.3 N(−3, 0.7²) + 0.7 N(3, 0.7²), generator N(θ, 0.7²), η = 0.5")
for at, trip in runs.items():
    print(f"E28     from θ = {at:5.1f}: θ = {trip.points[-1, 0]:+9.5f}, C = {trip.C[-1]:+.5e} nats"
          f"   (C at the start {trip.C[0]:+.5e})")  # fmt: skip
below("E28", "the deeper valley, against the one that was found", runs[5.5].C[-1], runs[-5.0].C[-1])
below("E28", "−log 4, against both: one bump cannot be two", -LOG4, runs[5.5].C[-1])
below(
    "E28",
    "from θ = 12, on the plateau: |θ(end) − 12|, against",
    abs(runs[12.0].points[-1, 0] - 12),
    1e-6,
)

# %% [markdown]
# Two valleys and a plateau, and the loop from three starts.

# %%
drawing, valley = panels(1, 1, "In θ: valleys, and a plateau   (E28)", width=8.0, height=4.0)
at = line(-7, 13, 81 if run.quick else 201)
valley.plot(at, [C(two, narrow(t)) for t in at], **MODEL, label="C(θ)")
for (begin, trip), mark, style in zip(runs.items(), "^sD", (OTHER, JUDGE, LINES[4]), strict=True):
    valley.plot(
        trip.points[:, 0], trip.C, mark, color=style["color"], markersize=5, label=f"from {begin:g}"
    )
valley.set(xlabel="θ, shift of the generator N(θ, 0.7²) (unit of x)", ylabel="C (nats)")
valley.set(ylim=(-1.2, 0.12))
valley.legend(loc="lower right")
save(drawing, "08_the_ideal_loop_valleys", run)

# %% [markdown]
# ## In the space of distributions there is only one valley (E37)
#
# The problems come from $\theta$. Move the probabilities themselves: for a fixed $D$, $V$ is
# *linear* in $p_G$, and a maximum of linear functions is convex. So
#
# $$C(p_G) = \sup_D V(D, p_G) \qquad (\mathrm{E37})$$
#
# is convex, and its only minimum is $p_{\mathrm{data}}$. On three outcomes it can be drawn: $q =
# p_G$ is a point of a triangle, $D$ a table of three numbers, $\partial C/\partial q_k =
# \log\frac{q_k}{p_k+q_k}$. The step that keeps $q$ in the triangle multiplies, $q_k \leftarrow q_k
# e^{-\eta\,\partial C/\partial q_k}$ over the sum. It never raises $C$, which is within
# $\mathrm{KL}(p\|q_0)/\eta t$ of the bottom after $t$ steps; and for $\eta = 1$ it is the midpoint
# $\tfrac12(p+q)$ exactly, so that every step halves the error.

# %%
rng = np.random.default_rng(8)
heading("1,000 random (p, q, q') on three outcomes, one λ each")
sag = []
for (p, q, r), mix in zip(rng.dirichlet(np.ones(3), (1000, 3)), rng.random(1000), strict=True):
    A = Discrete(p)
    between = C(A, Discrete(mix * q + (1 - mix) * r))
    sag.append(between - mix * C(A, Discrete(q)) - (1 - mix) * C(A, Discrete(r)))
below("E37", "C between q and q', above the chord by at most", max(sag), 0.0)
p, q0 = Discrete([0.2, 0.3, 0.5]), Discrete([0.86, 0.12, 0.02])
toward = p.p - q0.p
along = slope(lambda t: C(p, Discrete(q0.p + t * toward)), 0.0, h=0.0005)
heading("p = (0.2, 0.3, 0.5), q₀ = (0.86, 0.12, 0.02)")
equal(
    "E37",
    "slope of C from q₀ toward p: Σ (p−q)·log q/(p+q)",
    simplex_gradient(p, q0) @ toward,
    along,
    "quadrature",
)
mirror = simplex_loop(p, q0, 40)  # E28, E37
gentle = simplex_loop(p, q0, 40, eta=0.3)
halved = p.p + 0.5 ** np.arange(41)[:, None] * (q0.p - p.p)
equal(
    "E37",
    "η = 1: largest |q_t − p − (q₀ − p)/2^t|, t ≤ 40",
    np.abs(mirror.points - halved).max(),
    0.0,
)
equal("E37", "η = 1: largest |q_40 − p|", np.abs(mirror.points[-1] - p.p).max(), 0.0, "quadrature")
equal("E37", "η = 1: C(q_40) = −log 4", mirror.C[-1], -LOG4)
error = np.abs(mirror.points - p.p).sum(1)
equal(
    "E37",
    "η = 1: the error after 10 steps, over that after 9",
    error[10] / error[9],
    0.5,
    "quadrature",
)
t = np.arange(1, 41)
for name, trip, rate in (("1", mirror, 1.0), ("0.3", gentle, 0.3)):
    below(
        "E37",
        f"η = {name}: t·(C(q_t) + log 4), largest, ≤ KL(p‖q₀)/η",
        (t * (trip.C[1:] + LOG4)).max(),
        kl(p, q0) / rate,
    )
    below(
        "E37",
        f"η = {name}: largest C(t+1) − C(t), 15 steps, against 0",
        np.diff(trip.C[:16]).max(),
        0.0,
    )

# %% [markdown]
# A generator does have parameters. Let them be the exponents of a softmax, $q_k =
# e^{\theta_k}/\sum_j e^{\theta_j}$, and run the loop on $\theta$. $C$ is convex in $q$ but not in
# $\theta$, and the path bends. But the parameters can express every positive $q$ and move it in
# every direction, so the loop arrives as well.

# %%
soft = ideal_loop(p, softmax, dlog_softmax, np.log(q0.p), eta=3.0, steps=120)  # E28
soft_q = np.array([softmax(theta).p for theta in soft.points])
heading("The ideal loop on the exponents of a softmax, η = 3")
below("E28", "largest C(t+1) − C(t), 15 steps, against 0", np.diff(soft.C[:16]).max(), 0.0)
equal(
    "E37",
    f"largest |q − p| after {len(soft_q) - 1} steps",
    np.abs(soft_q[-1] - p.p).max(),
    0.0,
    "quadrature",
)

# %% [markdown]
# Left: all loops on one logarithmic scale; straight lines are a constant share of the error at each
# step. Right: the triangle of three outcomes with the levels of $C$: the mirror steps go straight
# to the data, the softmax bends.

# %%
drawing, (fall, corner) = panels(1, 2, "The ideal loop   (E28, E37)", width=11.5, height=4.8)
for style, name, values in (
    (MODEL, "N(θ, 1) to N(2, 1), η = 1", path.C),
    (JUDGE, "three outcomes, η = 1", mirror.C),
    (OTHER, "three outcomes, η = 0.3", gentle.C),
    (LINES[4], "three outcomes, softmax, η = 3", soft.C[:41]),
):
    above = values + LOG4
    shown = above > 1e-14  # below that there is only rounding
    fall.semilogy(np.flatnonzero(shown), above[shown], **style, label=name)
fall.set(
    xlabel="step",
    ylabel="C + log 4 = 2 JSD (nats)",
    title="C falls to −log 4   (E28, E37)",
    ylim=(1e-15, 1e5),
)
fall.set(xlim=(-0.5, 40))
fall.legend(loc="upper right")

corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
n = 60
i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1))
inside = i + j <= n
q = np.stack([i[inside], j[inside], n - i[inside] - j[inside]], axis=1) / n
logs = p.p * np.log(p.p / (p.p + q)) + q * np.log(
    np.where(q > 0, q, 1.0) / np.where(q > 0, p.p + q, 1.0)
)
levels = corner.tricontourf(
    *(q @ corners).T, logs.sum(1) + LOG4, levels=12, cmap="Greys", alpha=0.6
)
drawing.colorbar(levels, ax=corner, label="C + log 4 (nats)", shrink=0.8)
corner.add_patch(plt.Polygon(corners, fill=False, edgecolor="0.3"))
for style, mark, name, points in (
    (JUDGE, "s", "probabilities, η = 1", mirror.points),
    (OTHER, "^", "probabilities, η = 0.3", gentle.points),
    (LINES[4], "o", "softmax, η = 3", soft_q),
):
    corner.plot(
        *(points @ corners).T, **style | {"linewidth": 1.2}, marker=mark, markersize=4, label=name
    )
corner.plot(*(p.p @ corners), "*", color="black", markersize=13, label="the data p")
for place, name, up in zip(
    corners, ("outcome 1", "outcome 2", "outcome 3"), (-11, -11, 5), strict=True
):
    corner.annotate(name, place, (0, up), textcoords="offset points", ha="center")
corner.set(
    aspect="equal",
    xlim=(-0.12, 1.12),
    ylim=(-0.09, 1.02),
    title="paths on the triangle of outcomes   (E37)",
)
corner.set(xlabel="(each corner: that outcome has probability 1)", xticks=[], yticks=[])
corner.grid(False)
corner.spines[["left", "bottom"]].set_visible(False)
corner.legend(loc="upper left", bbox_to_anchor=(-0.22, 1.0))
save(drawing, "08_the_ideal_loop", run)

# %% [markdown]
# ## Recap
#
# * The gradient of $C = \max_DV$ is that of $V$ with $D^*$ held fixed (E27), so the ideal loop is
#   gradient descent on $C$ (E26, E28).
# * In the parameters of $G$ it can stop in a valley or on a plateau, although $D$ is perfect.
# * In the space of distributions $C$ is convex, and every path leads to the data (E37).
#
# **What we still owe.** Networks in place of exact densities, and samples in place of integrals:
# chapter 11 (E29-E32). First their gradients, in chapters 9 and 10.
#
# ## Exercises
#
# **1 · Predict.** The loop for $N(2,1)$ from $\theta = -1$ converges with $\eta = 1$. Near the data
# a step leaves $1-\eta/2$ of the error. Does it arrive with $\eta = 5$?
#
# **2 · On paper.** On three outcomes, show that the multiplicative step with $\eta = 1$ is the
# midpoint $\frac12(p+q)$ (E37).
#
# <details><summary>Answer</summary>
#
# $e^{-\partial C/\partial q_k} = (p_k+q_k)/q_k$, so the step multiplies $q_k$ to $p_k+q_k$. The sum
# over $k$ is 2, and $q_k\leftarrow\frac12(p_k+q_k)$.
#
# </details>
#
# **3 · Change a line.** Replace `data, start, eta, steps = Gaussian(2, 1), -1.0, 1.0, 40` by
# `data, start, eta, steps = Gaussian(2, 1), -7.0, 1.0, 40`. Why do rows say WRONG?
#
# <details><summary>What you see</summary>
#
# From $-7$ the cost is $-0.00002$ at the start and the loop hardly moves: $\theta = -6.998$ after
# 40 steps. So the rows that claim its arrival at 2 and $C = -\log4$ are WRONG. $C$ still falls at
# every step, as E28 says; the plateau is the reason, not the loop.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 56` (the generator's update). Compare it with
# E26.
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint simplex_step`.

# %%
far = ideal_loop(Gaussian(2, 1), *shifted(), -1.0, eta=5.0, steps=40).points[:, 0]
late = np.abs(far[-10:] - 2).min()
answer(
    1,
    f"No. After 40 steps it is still at least {late:.2f} away: a step multiplies a small error by "
    f"1 − 5/2 = −1.5, so it jumps over the data and out again.",
    late > 0.1,
)
