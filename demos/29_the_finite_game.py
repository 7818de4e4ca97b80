# %% [markdown]
# # 29 · The finite game (E37)
#
# *With three outcomes the whole game is a triangle; only a generator that is too small gets
# caught.*
#
# **Needs.** Chapter 8 (the ideal loop, E37), chapter 3 (E9), chapter 7 (JSD).
#
# Can the ideal loop of chapter 8 stop before it reaches the data? Let there be only $K = 3$
# outcomes. The generator's distribution $q$ is a point of a triangle, so we can start everywhere in
# it. With $D$ always at its best,
#
# $$C(q) = \sum_k p_k\log\frac{p_k}{p_k+q_k} + q_k\log\frac{q_k}{p_k+q_k}, \qquad
# g_k = \frac{\partial C}{\partial q_k} = \log\frac{q_k}{p_k+q_k} \qquad (\mathrm{E37})$$
#
# and three generators descend on it: one that may move $q$ itself, one with a softmax, and one that
# is too small.

# %%
import matplotlib.pyplot as plt
import numpy as np
from figure import (
    DATA,
    JUDGE,
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
    coins,
    curve_flow,
    dense,
    mirror_flow,
    runge_kutta,
    softmax,
    softmax_flow,
    trajectory,
)
from numgan.theory import LOG4, C, Discrete, kl, simplex_gradient, simplex_loop
from numgan.theory.logarithms import log, times

run = options()
rng = np.random.default_rng(26)
p = np.array([0.2, 0.3, 0.5])
P = Discrete(p)
starts = np.array([q for q in rng.dirichlet(np.full(3, 0.7), 60) if q.min() > 0.01])[
    : 6 if run.quick else 14
]


def above(p, path):
    """C(q) + log 4 = 2 JSD(p, q) along a path of q."""
    q = np.asarray(path)
    q = q / q.sum(axis=-1, keepdims=True)
    middle = (p + q) / 2
    return (times(p, log(p / middle)) + times(q, log(q / middle))).sum(axis=-1)


# %% [markdown]
# ## q itself: from everywhere to the data (E37)
#
# The step $q_k \leftarrow q_ke^{-\eta g_k}/\ldots$ with $\eta \to 0$ is a flow on the triangle,
#
# $$\frac{dq_k}{dt} = -q_k\Big(g_k - \sum_jq_jg_j\Big)$$
#
# Along it $\frac{d}{dt}\mathrm{KL}(p\|q) = \langle g, p - q\rangle$, which by convexity is at most
# $C(p) - C(q)$. So KL falls as long as $C$ is above its minimum, and $C(q_t) + \log 4 \le
# \mathrm{KL}(p\|q_0)/t$, whatever the start. There is no other stopping point. Close to $p$ all
# directions decay alike, as $e^{-t/2}$. Steps with $\eta = 1$ are faster: each halves the error, on
# a straight line.

# %%
h, steps = 0.25, 240
flows = [trajectory(mirror_flow(p), runge_kutta, q, h, steps) for q in starts]
loops = [simplex_loop(P, Discrete(q), 45) for q in starts]
heading(f"p = (0.2, 0.3, 0.5), {len(starts)} random starts")
v = mirror_flow(p)
falling = [-(p / q) @ v(q) - simplex_gradient(P, Discrete(q)) @ (p - q) for q in starts]
equal("E37", "largest |d/dt KL(p‖q) − ⟨g, p − q⟩|", np.abs(falling).max(), 0.0)
some = starts[:3]
exact = max(abs(above(p, q) - C(P, Discrete(q)) - LOG4) for q in some)
equal("E37", "C + log 4 here, and numgan.theory's: largest |Δ|", exact, 0.0)
values = [above(p, path[:80]) for path in flows]
t = h * np.arange(1, 80)
below(
    "E37",
    "flow: largest rise of C in a step, and rounding",
    max(np.diff(a).max() for a in values),
    1e-15,
)
share = max((t * a[1:] / kl(P, Discrete(q))).max() for a, q in zip(values, starts, strict=True))
below("E37", "flow: largest t(C + log 4)/KL(p‖q₀), and 1", share, 1.0)
equal(
    "E37",
    "flow: largest |q − p| at t = 60",
    max(np.abs(path[-1] - p).max() for path in flows),
    0.0,
    "rounding",
)
equal(
    "E37",
    "steps with η = 1: largest |q − p| after 45",
    max(np.abs(loop.points[-1] - p).max() for loop in loops),
    0.0,
    "rounding",
)
inward = np.linalg.eigvals(dense(v, p))
equal("E37", "decay near p, one direction of the triangle", np.sort(inward)[1], -0.5)
equal("E37", "decay near p, the other", np.sort(inward)[2], -0.5)

# %% [markdown]
# ## Through a softmax (E37)
#
# Let $q = \mathrm{softmax}(\theta)$ and descend in $\theta$: $\dot\theta = -\partial
# C/\partial\theta$ is the right side of the flow above. But that is now the velocity of $\theta$,
# and $q$ moves with $(\mathrm{diag}\,q - qq^T)\,\dot\theta$: it is multiplied by the probabilities
# once more. Where $q$ is small it hardly moves, so paths go slowly along the sides of the triangle
# before they turn inwards. In $\theta$ $C$ is not convex. But the flow stops only where all $g_k$
# are equal, and that is at $q = p$. So it arrives, but it may take long.

# %%
thetas = np.log(starts)
soft = [trajectory(softmax_flow(p), runge_kutta, theta, 2.0, 1200) for theta in thetas]
soft_q = [np.array([softmax(theta) for theta in path]) for path in soft]
heading("q = softmax(θ), the same starts")
chain = [
    dense(softmax, theta) @ softmax_flow(p)(theta)
    - (np.diag(q) - np.outer(q, q)) @ mirror_flow(p)(q)
    for theta, q in zip(thetas, starts, strict=True)
]
equal("E37", "velocity of q: (diag q − qqᵀ) times that of the flow", np.abs(chain).max(), 0.0)
found = np.sort(np.linalg.eigvals(dense(softmax_flow(p), np.log(p))).real)
exact = np.sort(-np.linalg.eigvalsh(np.diag(p) - np.outer(p, p)) / 2)
for which, name in ((0, "fastest"), (1, "slowest"), (2, "a shift of all θ")):
    equal("E37", f"decay near p, {name}: −½ of diag p − ppᵀ", found[which], exact[which])
pairs = 3 * rng.standard_normal((300, 2, 3))
sag = [above(p, [softmax(a), softmax((a + b) / 2), softmax(b)]) @ [-0.5, 1, -0.5] for a, b in pairs]
below("E37", "not convex in θ: 0, and the highest point above a chord", 0.0, max(sag))
values = [above(p, path[:: 1 if run.quick else 4]) for path in soft_q]
below(
    "E37",
    "flow: largest rise of C in a step, and rounding",
    max(np.diff(a).max() for a in values),
    1e-15,
)
equal(
    "E37",
    "flow: largest |q − p| at t = 2,400",
    max(np.abs(path[-1] - p).max() for path in soft_q),
    0.0,
    "rounding",
)

# %% [markdown]
# Each corner is an outcome that is certain; the levels are those of $C + \log 4$. Left: $q$ itself,
# as a flow (green) and in steps with $\eta = 1$ (straight, to the midpoint each time). Right: the
# softmax, from the same starts; a dot every 10 units of time: where they crowd, it is slow.

# %%
corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])
n = 40 if run.quick else 80
i, j = np.meshgrid(np.arange(n + 1), np.arange(n + 1))
inside = i + j <= n
grid = np.stack([i[inside], j[inside], n - i[inside] - j[inside]], axis=1) / n


def triangle(axis, p, title):
    """The levels of C for data p."""
    levels = axis.tricontourf(
        *(grid @ corners).T,
        above(p, grid),
        levels=np.linspace(0, 1.4, 15),
        cmap="Greys",
        alpha=0.55,
    )
    axis.add_patch(plt.Polygon(corners, fill=False, edgecolor="0.3"))
    axis.plot(
        *(p @ corners),
        "*",
        color="black",
        markersize=15,
        markeredgecolor="white",
        zorder=5,
        label="the data p",
    )
    for place, name, up in zip(
        corners, ("outcome 1", "outcome 2", "outcome 3"), (-12, -12, 5), strict=True
    ):
        axis.annotate(name, place, (0, up), textcoords="offset points", ha="center", fontsize=9)
    axis.set(
        aspect="equal", xlim=(-0.1, 1.1), ylim=(-0.09, 0.96), xticks=[], yticks=[], title=title
    )
    axis.grid(False)
    axis.spines[["left", "bottom"]].set_visible(False)
    return levels


drawing, (direct, through) = panels(
    1, 2, "The game on three outcomes   (E37)", width=11.5, height=5
)
triangle(direct, p, "q moves itself")
levels = triangle(through, p, "q = softmax(θ)")
drawing.colorbar(
    levels, ax=through, label="C + log 4 (nats)", shrink=0.8, ticks=np.linspace(0, 1.4, 8)
)
for number, (path, loop, slow) in enumerate(zip(flows, loops, soft_q, strict=True)):
    first = number == 0
    direct.plot(
        *(loop.points[:9] @ corners).T,
        ":",
        color=JUDGE["color"],
        linewidth=1.0,
        marker="s",
        markersize=3,
        label="steps, η = 1" if first else None,
    )
    direct.plot(*(path @ corners).T, **MODEL | {"linewidth": 1.3}, label="flow" if first else None)
    through.plot(
        *(slow @ corners).T, color=LINES[4]["color"], linewidth=1.3, label="flow" if first else None
    )
    through.plot(*(slow[::5] @ corners).T, "o", color=LINES[4]["color"], markersize=3)
    for axis in (direct, through):
        axis.plot(
            *(path[0] @ corners), "o", color="black", markersize=4, label="start" if first else None
        )
direct.legend(loc="upper left")
through.legend(loc="upper left")
save(drawing, "29_the_finite_game", run)

# %% [markdown]
# ## A generator that is too small (E37)
#
# Now $G$ throws one coin twice and counts: $q = ((1-s)^2, 2s(1-s), s^2)$, $s = \sigma(\theta)$. One
# parameter, a curve in the triangle, and the data need not lie on it. The flow stops where $g$ is
# perpendicular to the curve: there is a descent in the triangle, but not along the curve. For
# symmetric data it stops at the fair coin. Data on the curve are reached.
#
# It is the nearest point by $C$, that is by the Jensen-Shannon divergence, and that is not the one
# that maximum likelihood finds (E9): that one is nearest by KL, its coin shows heads as often as
# the data do. This is the difference between a GAN and maximum likelihood in its smallest form:
# with too small a model they have different solutions.


# %%
def rest(p, theta, steps=600):
    """Where the flow on the curve stops."""
    return trajectory(curve_flow(p, coins), runge_kutta, np.array([theta]), 2.0, steps)[-1]


heading("Two throws of one coin")
symmetric = np.array([0.45, 0.1, 0.45])
for theta in (-2.0, 3.0):
    gap = np.abs(coins(rest(symmetric, theta))[0] - [0.25, 0.5, 0.25]).max()
    equal(
        "E37", f"data (0.45, 0.1, 0.45), from θ = {theta:g}: |q − (¼, ½, ¼)|", gap, 0.0, "rounding"
    )
on_curve = coins(np.array([0.4]))[0]
equal(
    "E37",
    "data on the curve, θ = 0.4, from −2: θ at the end",
    rest(on_curve, -2.0)[0],
    0.4,
    "rounding",
)
off = np.array([0.6, 0.1, 0.3])
nearest, likely = rest(off, 1.0), np.array([np.log(0.35 / 0.65)])
q, dq = coins(nearest)
q_likely = coins(likely)[0]
slope = simplex_gradient(Discrete(off), Discrete(q))
equal("E37", "data (0.6, 0.1, 0.3): ⟨g, dq/dθ⟩ at the end", slope @ dq, 0.0, "rounding")
below("E37", "though 0.1 ≤ the spread of the g_k", 0.1, np.ptp(slope))
line_C = above(off, [coins(np.array([t]))[0] for t in np.linspace(-6, 6, 601)])
below(
    "E37",
    "C + log 4 there, and the least on a grid of the curve",
    above(off, [q])[0],
    line_C.min() + 1e-15,
)
below(
    "E37",
    "C + log 4 there, and at the most likely coin",
    above(off, [q])[0],
    above(off, [q_likely])[0],
)
off_P = Discrete(off)
below(
    "E9",
    "KL(p‖q) at the most likely coin, and there",
    kl(off_P, Discrete(q_likely)),
    kl(off_P, Discrete(q)),
)
heads = 1 / (1 + np.exp(-np.concatenate([nearest, likely])))
print(f"E37     heads: {heads[0]:.4f} nearest by C, {heads[1]:.4f} most likely")

# %% [markdown]
# And a curve can have two valleys, though $C$ has only one. With data $(0.55, 0.02, 0.43)$, nearly
# always all heads or all tails, there are two places to stop: a coin that is nearly fair, and one
# that nearly drops one of the two outcomes. A start far out ends at the second. It is the smallest
# example of a dropped mode, and $D$ is perfect here.

# %%
split = np.array([0.55, 0.02, 0.43])
tosses = np.array([-5.5, -4.5, -3.0, -2.0, 0.5, 2.5, 5.0])
stops = np.array([rest(split, theta, 1500)[0] for theta in tosses])
heading("Data (0.55, 0.02, 0.43): where the coin stops")
for theta, stop in zip(tosses, stops, strict=True):
    q = coins(np.array([stop]))[0]
    print(
        f"E37     from θ = {theta:+.1f}: θ = {stop:+.6f}, q = ({q[0]:.4f}, {q[1]:.4f}, "
        f"{q[2]:.4f}), "
        f"C + log 4 = {above(split, [q])[0]:.6f}"
    )
places = np.unique(np.round(stops, 6))
equal("E37", "number of places", len(places), 2)
low, high = (above(split, [coins(np.array([place]))[0]])[0] for place in places[::-1])
below("E37", "C + log 4 at the two", low, high)
ends = [
    np.abs(
        simplex_loop(Discrete(split), Discrete(coins(np.array([t]))[0]), 45).points[-1] - split
    ).max()
    for t in tosses
]
equal("E37", "steps on q itself from there: largest |q − p|", max(ends), 0.0, "rounding")

# %% [markdown]
# Left: the coin is on its curve (grey) and stops at one of two points (filled), short of the data;
# the diamond is the most likely coin. Right: $C$ along all of these.

# %%
drawing, (small, fall) = panels(
    1, 2, "A generator that is too small   (E37)", width=11.5, height=5.0
)
triangle(small, split, "two throws of one coin, data off its curve")
curve = np.array([coins(np.array([t]))[0] for t in np.linspace(-9, 9, 400)])
small.plot(*(curve @ corners).T, **LINES[5] | {"linewidth": 2.0}, label="what the coin can do")
tracks = [
    trajectory(curve_flow(split, coins), runge_kutta, np.array([theta]), 2.0, 200)
    for theta in tosses
]
track_q = [np.array([coins(t)[0] for t in track]) for track in tracks]
for number, path in enumerate(track_q):
    first = number == 0
    small.plot(*(path @ corners).T, **OTHER | {"linestyle": "-"})
    small.plot(
        *(path[0] @ corners), "o", color="black", markersize=4, label="start" if first else None
    )
for number, place in enumerate(places):
    small.plot(
        *(coins(np.array([place]))[0] @ corners),
        "o",
        color=OTHER["color"],
        markersize=9,
        markeredgecolor="black",
        label="where it stops" if number == 0 else None,
    )
fair = np.array([np.log(0.44 / 0.56)])
small.plot(
    *(coins(fair)[0] @ corners),
    "D",
    color="white",
    markeredgecolor="black",
    label="the most likely coin",
)
small.legend(loc="upper left", fontsize=8)

for number, (path, loop, slow) in enumerate(zip(flows, loops, soft_q, strict=True)):
    first = number == 0
    for values, time, style, name in (
        (above(p, path[:200]), h * np.arange(200), MODEL, "q itself, flow"),
        (loop.C[:24] + LOG4, np.arange(24), JUDGE, "q itself, steps η = 1"),
        (above(p, slow[:120]), 2.0 * np.arange(120), LINES[4], "softmax, flow"),
    ):
        shown = values > 1e-12
        fall.semilogy(
            time[shown], values[shown], **style | {"linewidth": 0.9}, label=name if first else None
        )
for number, path in enumerate(track_q):
    values = above(split, path[:60])
    fall.semilogy(
        2.0 * np.arange(60),
        values,
        **OTHER | {"linewidth": 1.2},
        label=None if number else "a coin",
    )
fall.axhline(low, **DATA | {"linewidth": 1.0})
fall.set(xlim=(0, 120), ylim=(1e-12, 1e5), xlabel="time t of the flow, or number of steps")
fall.set(ylabel="C + log 4 (nats)", title="all the way down, or not")
fall.legend(loc="upper right")
save(drawing, "29_the_finite_game_coin", run)

# %% [markdown]
# ## Recap
#
# * On finitely many outcomes the game is a descent on the convex $C(q)$ over a triangle: every path
#   leads to the data (E37).
# * Through a softmax the path bends and is slow where $q$ is small, and still arrives.
# * A generator that is too small stops at the nearest point of its curve, or in one of two valleys:
#   a lost mode with a perfect $D$.
#
# **What we still owe.** The same questions for networks, where neither $C$ nor $D^*$ is known:
# chapter 30 looks at the spectrum of a real game.
#
# ## Exercises
#
# **1 · Predict.** Steps with $\eta = 1$ move $q$ itself. Which share of the distance to the data is
# left after 10 steps?
#
# **2 · On paper.** Show that along the flow $\dot q_k = -q_k(g_k - \bar g)$, $\bar g =
# \sum_jq_jg_j$, $\frac d{dt}\mathrm{KL}(p\|q) = \langle g,p-q\rangle$ (E37).
#
# <details><summary>Answer</summary>
#
# $\frac d{dt}\mathrm{KL}(p\|q) = -\sum_kp_k\dot q_k/q_k = \sum_kp_k(g_k-\bar g) = \langle
# g,p\rangle - \bar g$, since $\sum p_k = 1$, and $\bar g = \langle g,q\rangle$.
#
# </details>
#
# **3 · Change a line.** Replace `off = np.array([0.6, 0.1, 0.3])` by
# `off = np.array([0.49, 0.42, 0.09])`. Which coin is that, and which row now says WRONG?
#
# <details><summary>What you see</summary>
#
# The coin with $s = 0.3$: $(0.7^2,\,2\cdot0.3\cdot0.7,\,0.3^2)$. The data lie on the curve, the
# flow finds them, heads 0.3000, and all $g_k$ are equal there: the row that expects a spread of at
# least 0.1 is WRONG. So is the one about the most likely coin, which is still that of the old data,
# 0.35.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 5` (the gradient of a KL divergence at logits).
# The softmax is the one of this chapter.

# %%
left_over = np.abs(loops[0].points[10] - p).max() / np.abs(loops[0].points[0] - p).max()
answer(
    1,
    f"{left_over:.6f}, that is 2⁻¹⁰ = {2.0**-10:.6f}: each step goes to the midpoint of q and p.",
    abs(left_over * 2**10 - 1) < 1e-9,
)
