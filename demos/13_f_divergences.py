# %% [markdown]
# # 13 · A family of divergences, and one outsider (E41, E42, E43)
#
# *Every convex f has a divergence and a game; Wasserstein's distance is outside the family.*
#
# **Needs.** Chapter 2 (KL), chapters 5 to 7 (V, C, JSD), convex functions and their tangents.
#
# The Jensen-Shannon divergence is one of many. Take any convex $f$ on $t > 0$ and average $f$ of
# the density ratio:
#
# $$D_f(P\|Q) = \int q(x)\, f\Big(\frac{p(x)}{q(x)}\Big)\,dx \qquad (\mathrm{E41})$$
#
# By Jensen $D_f \ge f(1)$, with equality for $P = Q$. Each choice of $f$ is one row of a table, and
# each has its own adversarial game. The GAN of 2014 is the row called GAN.

# %%
import math

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

from numgan.objectives import OBJECTIVES
from numgan.theory import (
    LOG2,
    LOG4,
    C,
    Discrete,
    Gaussian,
    Mixture,
    Uniform,
    V,
    best_critic,
    best_lipschitz_critic,
    covering_fit,
    crossings,
    f_divergence,
    hinge_optimum,
    hinge_value,
    jsd,
    kl,
    least_squares_cost,
    least_squares_optimum,
    least_squares_value,
    lipschitz_value,
    log_ratio,
    midpoint,
    optimal_logit,
    pull_gradient,
    seeking_fit,
    variational_bound,
    wasserstein,
)
from numgan.theory.ftable import GAN, HELLINGER, JS, KL, PEARSON, REVERSE_KL, TABLE, TOTAL_VARIATION

run = options()

# %% [markdown]
# ## The table (E41)
#
# Between $P = N(0, 1)$ and $Q = N(\mu, 1)$ most rows have a formula. The integrals below do not use
# it.

# %%
mu = 1.5
P, Q = Gaussian(0, 1), Gaussian(mu, 1)
D = {name: f_divergence(row, P, Q) for name, row in TABLE.items()}
heading(f"D_f(P‖Q), P = N(0, 1), Q = N({mu}, 1)")
equal("E41", "KL: μ²/2", D["KL"], mu**2 / 2, "quadrature")
equal(
    "E41",
    "reverse KL: μ²/2, equal widths hide the direction",
    D["reverse KL"],
    mu**2 / 2,
    "quadrature",
)
equal("E41", "Pearson χ²: exp(μ²) − 1", D["Pearson χ²"], np.expm1(mu**2), "quadrature")
equal(
    "E41",
    "squared Hellinger: 2 − 2 exp(−μ²/8)",
    D["squared Hellinger"],
    -2 * np.expm1(-(mu**2) / 8),
    "quadrature",
)
equal("E41", "Jensen-Shannon: JSD of chapter 7", D["Jensen-Shannon"], jsd(P, Q), "quadrature")
equal(
    "E41", "total variation: erf(μ/√8)", D["total variation"], math.erf(mu / 8**0.5), "quadrature"
)
equal("E41", "GAN: C(G), the value at the best D", D["GAN"], C(P, Q), "quadrature")
equal("E41", "GAN: 2·JSD − log 4", D["GAN"], 2 * jsd(P, Q) - LOG4, "quadrature")
heading("P = Q: every row is f(1), the least that it can be")
for name, row in TABLE.items():
    equal("E41", name, f_divergence(row, P, P), -LOG4 if row is GAN else 0.0, "quadrature")

# %% [markdown]
# The last row is no divergence in the strict sense, since it begins at $f(1) = -\log 4$. But a
# constant has no gradient: for the generator the GAN's row and Jensen-Shannon are the same, up to a
# factor 2.
#
# ## Some saturate, some run away
#
# Let $Q$ move away. Total variation cannot exceed 1, squared Hellinger 2, Jensen-Shannon $\log 2$,
# the GAN's row 0: far away they are flat, and a generator that starts there has hardly a gradient.
# The two KLs grow as the square, and χ² as the exponential of the square: there a single outlier
# dominates the gradient. The reason is the density ratio: far away it is near 0 or enormous nearly
# everywhere, and $D_f$ depends on nothing else.

# %%
heading(
    "P = N(0, 1), Q = N(μ, 1): the value, and the slope ∂D_f/∂μ as a central difference over ±0.005"
)
far = 10.0


def slope(row, at):
    return (
        f_divergence(row, P, Gaussian(at + 0.005, 1))
        - f_divergence(row, P, Gaussian(at - 0.005, 1))
    ) / 0.01


for name, limit in (
    ("total variation", 1.0),
    ("squared Hellinger", 2.0),
    ("Jensen-Shannon", LOG2),
    ("GAN", 0.0),
):
    below(
        "E41",
        f"{name}: D_f at μ = {far:g}, and its ceiling",
        f_divergence(TABLE[name], P, Gaussian(far, 1)),
        limit,
    )
    below(
        "E41",
        f"{name}: slope at μ = {far:g}, and at 1.5",
        abs(slope(TABLE[name], far)),
        slope(TABLE[name], 1.5),
    )
print(
    f"E41     KL: slope {slope(KL, far):.4f} at μ = {far:g} and {slope(KL, 1.5):.4f} at μ = 1.5: "
    f"it is μ"
)
print(
    f"E41     Pearson χ²: D_f = {f_divergence(PEARSON, P, Gaussian(4.0, 1)):.6g} at μ = 4; "
    f"exp(16) − 1 = "
    f"{np.expm1(16):.6g}"
)

# %% [markdown]
# ## Every row has its game (E42)
#
# A convex $f$ is the upper envelope of its tangents, $f(t) = \sup_s\,[\,s t - f^*(s)\,]$. Put
# $t = p/q$, choose the tangent at each $x$ by a function, $s = T(x)$, multiply by $q$ and
# integrate:
#
# $$D_f(P\|Q) \ge \mathbb{E}_{x\sim P}[T(x)] - \mathbb{E}_{x\sim Q}[f^*(T(x))]
# \qquad (\mathrm{E42})$$
#
# with equality for the tangent that touches, $T^*(x) = f'(p(x)/q(x))$. The ratio is gone: on the
# right are two means, which samples can estimate. $T$ is a discriminator. A network $v$ may have
# any value, so $T = g_f(v)$, with an increasing $g_f$ into the domain of $f^*$; for the row GAN,
# $g_f = \log\sigma$ and the bound is $V(D, G)$ letter by letter.
#
# Below each row is bounded twice: by its $T^*$, and by a careless critic, $v = 0.2 - 0.3x$.

# %%
heading("The bound at T* = f'(p/q), and D_f: tight")
for name, row in TABLE.items():
    equal("E42", name, variational_bound(row, best_critic(row, P, Q), P, Q), D[name], "quadrature")
heading("The bound at T = g_f(0.2 − 0.3x), and D_f: below")
for name, row in TABLE.items():
    T = lambda x, row=row: row.activation(0.2 - 0.3 * x[:, 0])  # noqa: E731
    below("E42", name, variational_bound(row, T, P, Q), D[name])
a, halved = optimal_logit(P, Q), lambda x: 0.5 * optimal_logit(P, Q)(x)
heading("The row GAN is the game of chapter 5, for any logit a: T = log σ(a)")
for what, logit in (("a* = log p/q", a), ("a*/2", halved)):
    bound = variational_bound(GAN, lambda x, logit=logit: GAN.activation(logit(x)), P, Q)
    equal("E42", f"bound = V(D,G) at a = {what}", bound, V(logit, P, Q), "quadrature")

# %% [markdown]
# Left: the generators; all but the GAN's are zero at $t = 1$, and each lies above its tangents.
# Right: flat or wild.

# %%
drawing, (gen, walk) = panels(1, 2, "The f-divergences   (E41, E42)", width=11.0, height=4.4)
t = line(0.001, 4, 401)
for style, (name, row) in zip(LINES, TABLE.items(), strict=True):
    gen.plot(t, row.f(t), **style, label=name)
s = KL.best(np.log(2.0))  # the slope f'(2)
gen.plot(t, s * t - KL.conjugate(s), color="black", linewidth=0.8)
gen.annotate("tangent s·t − f*(s) to KL   (E42)", (2, KL.f(2.0)), (0.3, 2.9),
             arrowprops={"arrowstyle": "->", "color": "0.3"})  # fmt: skip
gen.axvline(1, **LEVEL)
gen.text(1.05, -2.6, "p = q", color="0.3")
gen.set(
    xlabel="t = p/q, density ratio",
    ylabel="f(t)",
    title="the generators, lines as on the right   (E41)",
)
gen.set(ylim=(-2.8, 3.6))

mus = np.linspace(0, 7, 15 if run.quick else 57)
for style, (name, row) in zip(LINES, TABLE.items(), strict=True):
    shown = mus[mus <= 3] if row in (PEARSON, KL, REVERSE_KL) else mus
    walk.plot(shown, [f_divergence(row, P, Gaussian(m, 1)) for m in shown], **style, label=name)
walk.plot(
    mus,
    [wasserstein(P, Gaussian(m, 1)) for m in mus],
    color="black",
    linewidth=1,
    marker="o",
    markersize=4,
    markevery=max(1, len(mus) // 14),
    label="W₁ (unit of x)",
)
walk.set(xlabel="μ, distance of N(0, 1) and N(μ, 1)", ylabel="divergence (KLs, JS, GAN in nats)")
walk.set(title="some saturate, some run away   (E41)", ylim=(-4.2, 4.4))
walk.legend(loc="lower right", ncols=2)
save(drawing, "13_f_divergences", run)

# %% [markdown]
# ## The choice shows when the model is too small
#
# With enough capacity all rows agree, $Q = P$. Give $P$ two modes and $Q$ only one Gaussian, and
# they differ. KL covers both modes, reverse KL keeps one (chapter 2). Jensen-Shannon depends on the
# weights: at 0.6 and 0.4 it covers, but it drops a mode of weight ¼. Its price for a lost mode is
# bounded, so there is a weight below which forgetting is cheaper: a first look at mode collapse. To
# fit, the divergence is summed on a grid of $x$ for a grid of means $m$ and widths $s$, which is
# then narrowed around its best point.

# %%
xs, zooms = line(-16, 16, 801), 4 if run.quick else 9


def two_modes(weight):
    return Mixture([weight, 1 - weight], [Gaussian(-1, 0.6), Gaussian(2, 1.2)])


def fit(row, truth):
    """argmin over Gaussians N(m, s²) of D_f(truth‖N(m, s²)) by a grid that closes in."""
    p, log_p = truth.density(xs), truth.log_density(xs)
    m, s, dm, ds = 0.0, 1.3, 3.0, 1.1
    for _ in range(zooms):
        ms, ss = (
            m + dm * np.linspace(-1, 1, 13)[:, None, None],
            s + ds * np.linspace(-1, 1, 13)[:, None],
        )
        log_q = -0.5 * ((xs - ms) / ss) ** 2 - np.log(ss * np.sqrt(2 * np.pi))
        cost = row.weigh(p, np.exp(log_q), log_p - log_q).sum(-1)  # E41, but for the factor dx
        i, j = np.unravel_index(cost.argmin(), cost.shape)
        m, s, dm, ds = float(ms[i, 0, 0]), float(ss[j, 0]), dm / 3, ds / 3
    return Gaussian(m, s)


P2 = two_modes(0.75)
fits = {row.name: fit(row, P2) for row in (KL, JS, REVERSE_KL)}
heading(
    "The nearest Gaussian to P = 0.75 N(−1, 0.6²) + 0.25 N(2, 1.2²); error of the grid, and "
    "its last spacing"
)
for name, known in (("KL", covering_fit(P2)), ("reverse KL", seeking_fit(P2, Gaussian(-1, 0.7)))):
    Q2 = fits[name]
    apart = max(abs(Q2.mean[0] - known.mean[0]), abs(Q2.std[0] - known.std[0]))
    below("E41", f"{name}: (m, s) of the grid against chapter 2's", apart, 0.5 / 3 ** (zooms - 1))
for name, Q2 in fits.items():
    values = ",  ".join(
        f"{row.name} {f_divergence(row, P2, Q2):.4f}" for row in (KL, JS, REVERSE_KL)
    )
    print(f"E41     least {name + ':':16}N({Q2.mean[0]:+.3f}, {Q2.std[0]:.3f}²)   {values} nats")
even = fit(JS, two_modes(0.6))
print(
    f"E41     least Jensen-Shannon at the weights 0.6 and 0.4: N({even.mean[0]:+.3f}, "
    f"{even.std[0]:.3f}²): covers"
)

# %% [markdown]
# Three fits of a model that is too small.

# %%
drawing, modes = panels(1, 1, "One Gaussian for two modes   (E41)", width=8.0, height=4.0)
x = line(-5, 6)
modes.plot(x, P2.density(x), **DATA, label="P")
for style, name in zip((MODEL, OTHER, JUDGE), fits, strict=True):
    Q2 = fits[name]
    modes.plot(
        x, Q2.density(x), **style, label=f"least {name}: N({Q2.mean[0]:.2f}, {Q2.std[0]:.2f}²)"
    )
modes.set(xlabel="x", ylabel="density (1/unit of x)", ylim=(0, 0.85))
modes.legend(loc="upper right")
save(drawing, "13_f_divergences_small_model", run)

# %% [markdown]
# ## Least squares and hinge (E43)
#
# Two games with another price for a mistake, each solved as the first was, point by point.
#
# * **Least squares.** $D$ is any number, pulled to $+1$ on data and to $-1$ on samples:
#   $D^* = (p-q)/(p+q)$. If $G$ pulls it to 0, the cost is $\tfrac12\int
#   (p-q)^2/(p+q) = \chi^2(Q\|M)$, at most 1. But $G$ does not descend on it: its term is not $D$'s,
#   so E27 does not apply. With the exact $D^*$, the generator $sz$ leaves the optimum from
#   $s = 0.9$ (E53, below). With the targets 0, 1 and 1 it does not.
# * **Hinge.** Beyond $\pm1$ there is nothing more to earn. $D^* = \mathrm{sign}(p-q)$ and $\max_D V
#   = -2 + \int|p-q|$: total variation, up to constants.

# %%
heading(f"P = N(0, 1), Q = N({mu}, 1)")
Dls, Dh, meet = least_squares_optimum(P, Q), hinge_optimum(P, Q), crossings(log_ratio(P, Q), P, Q)
x5 = np.array([[-2.0], [0.0], [0.4], [1.0], [3.0]])
ratio = (P.density(x5) - Q.density(x5)) / (P.density(x5) + Q.density(x5))
equal(
    "E43",
    "least squares: largest |D* − (p−q)/(p+q)| at 5 points",
    np.abs(Dls(x5) - ratio).max(),
    0.0,
)
equal(
    "E43",
    "least squares: max V = cost − 1",
    least_squares_value(Dls, P, Q),
    least_squares_cost(P, Q) - 1,
    "quadrature",
)
below(
    "E43",
    "least squares: V at D = 0.8 D*, and at D*",
    least_squares_value(lambda x: 0.8 * Dls(x), P, Q),
    least_squares_value(Dls, P, Q),
)
equal(
    "E43",
    "least squares: cost = χ²(Q‖M)",
    least_squares_cost(P, Q),
    f_divergence(PEARSON, Q, midpoint(P, Q)),
    "quadrature",
)
for name, says in (
    ("leastsquares-pearson", "targets 1, −1, 0"),
    ("leastsquares", "targets 1, 0, 1"),
):
    s = 0.9
    for _ in range(6):
        s -= pull_gradient(OBJECTIVES[name], P, Gaussian(0, s), lambda x, s=s: x / s, tol=1e-6)
    print(
        f"E53     G = sz against N(0, 1), the exact D*, from s = 0.9: {says}: s = {s:.3f} after "
        f"6 steps"
    )
equal(
    "E43",
    "hinge: max V = −2 + 2·TV",
    hinge_value(Dh, P, Q),
    -2 + 2 * D["total variation"],
    "quadrature",
)
below(
    "E43", "hinge: V at the logit a*, and at sign(p−q)", hinge_value(a, P, Q), hinge_value(Dh, P, Q)
)
equal("E43", "D* of the hinge changes side at μ/2", meet[0], mu / 2)

# %% [markdown]
# ## The outsider: Wasserstein (E43)
#
# All of these compare $p$ with $q$ at the same $x$; the distance between two points does not enter.
# In $W_1$ it does: $W_1$ is the least work, mass times distance, that turns $Q$ into $P$. On the
# line it is the area between the two distribution functions, and the critic that attains it is a
# function of slope $\pm1$ (Kantorovich-Rubinstein duality):
#
# $$W_1(P,Q) = \int |F_P(x) - F_Q(x)|\,dx
# = \max_{|T'|\le 1} \mathbb{E}_P[T] - \mathbb{E}_Q[T] \qquad (\mathrm{E43})$$

# %%
heading("W₁ on the line (unit of x)")
equal("E43", f"N(0, 1) and N({mu}, 1): μ", wasserstein(P, Q), mu, "quadrature")
equal(
    "E43",
    "N(0, 1) and N(0, 3²): 2·√(2/π)",
    wasserstein(P, Gaussian(0, 3)),
    2 * np.sqrt(2 / np.pi),
    "quadrature",
)
equal(
    "E43",
    "boxes [0, 1] and [3, 4]: 3",
    wasserstein(Uniform(0, 1), Uniform(3, 4)),
    3.0,
    "quadrature",
)
equal(
    "E43",
    "two coins, ½+½ on {0, 1} and on {0, 5}: 2",
    wasserstein(Discrete([0.5, 0.5, 0.0], [0, 1, 5]), Discrete([0.5, 0.0, 0.5], [0, 1, 5])),
    2.0,
)
heading(
    "Its dual: E_P[T] − E_Q[T] for the best T, for half of it (weights clipped), and for a "
    "careless one"
)
best, W = best_lipschitz_critic(P2, Q), wasserstein(P2, Q)
equal(
    "E43",
    "the two modes above against N(1.5, 1): T*",
    lipschitz_value(best, P2, Q),
    W,
    "quadrature",
)
equal(
    "E43",
    "a critic held to |T'| ≤ ½ reaches W₁/2",
    lipschitz_value(lambda x: 0.5 * best(x), P2, Q),
    W / 2,
    "quadrature",
)
below("E43", "T = sin x, also |T'| ≤ 1", abs(lipschitz_value(lambda x: np.sin(x[:, 0]), P2, Q)), W)

# %% [markdown]
# ## Why it has a gradient where the others have none
#
# Two boxes of width 1, one at 0 and one at $\ell$. From $\ell = 1$ on they are disjoint, and every
# ratio is 0 or ∞: every $D_f$ has the same value at $\ell = 1.1$ and at $\ell = 100$. Two thin
# surfaces in a space of a million dimensions, images and samples, are in this position almost
# always. $W_1 = \ell$ still has the distance and a direction.
#
# A network does not obey $|T'| \le 1$ by itself. Clipping every weight to a box gives some other
# constant $K$: the value of the critic is at most $K\cdot W_1$ (above, $K = \tfrac12$).

# %%
heading(
    "Boxes [0, 1] and [ℓ, ℓ + 1]: value at ℓ = 2, and the slope there as a difference over ±0.25"
)
box = Uniform(0, 1)
for name, measure, value, by in (
    ("Jensen-Shannon", jsd, LOG2, 0.0),
    ("total variation", lambda P, Q: f_divergence(TOTAL_VARIATION, P, Q), 1.0, 0.0),
    ("squared Hellinger", lambda P, Q: f_divergence(HELLINGER, P, Q), 2.0, 0.0),
    ("least squares", least_squares_cost, 1.0, 0.0),
    ("W₁", wasserstein, 2.0, 1.0),
):
    equal("E43", f"{name} at ℓ = 2", measure(box, Uniform(2, 3)), value, "quadrature")
    difference = measure(box, Uniform(2.25, 3.25)) - measure(box, Uniform(1.75, 2.75))
    equal("E43", f"{name}: slope", difference / 0.5, by, "quadrature")
equal("E43", "KL at ℓ = 2: ∞, and so no slope", kl(box, Uniform(2, 3)), np.inf)

# %% [markdown]
# As the boxes separate, only $W_1$ keeps growing.

# %%
drawing, part = panels(1, 1, "Without overlap only W₁ has a slope   (E43)", width=8.0, height=4.2)
ells = np.linspace(0, 3, 61)
for style, name, measure in (
    (MODEL, "W₁ (unit of x)", wasserstein),
    (LINES[3], "squared Hellinger", lambda P, Q: f_divergence(HELLINGER, P, Q)),
    (
        JUDGE,
        "total variation; hinge is −2 + 2·TV",
        lambda P, Q: f_divergence(TOTAL_VARIATION, P, Q),
    ),
    (OTHER, "least squares", least_squares_cost),
    (LINES[4], "Jensen-Shannon (nats)", jsd),
):
    part.plot(ells, [measure(box, Uniform(ell, ell + 1)) for ell in ells], **style, label=name)
part.axvline(1, **LEVEL)
part.text(1.04, 0.1, "disjoint from here on", color="0.3")
part.set(xlabel="ℓ, distance of the boxes [0, 1] and [ℓ, ℓ+1] (unit of x)", ylabel="divergence")
part.set(ylim=(-0.1, 4.5))
part.legend(loc="upper left")
save(drawing, "13_f_divergences_wasserstein", run)

# %% [markdown]
# ## Recap
#
# * Each convex $f$ gives a divergence $D_f$ (E41) and a game, whose value is a lower bound of $D_f$
#   (E42).
# * Divergences of density ratios are flat or explode when the laws are far apart; $W_1$ grows with
#   the distance (E43).
# * If the generator is too small, the choice of $f$ decides between covering all modes and keeping
#   one.
#
# **What we still owe.** How an objective enters a network: by three numbers at the logit (chapter
# 14). How a critic of slope one is trained: chapters 17 and 24 (E46).
#
# ## Exercises
#
# **1 · Predict.** $Q = N(\mu,1)$ moves from $\mu = 5$ to $\mu = 10$, away from $P = N(0,1)$. How
# much do the JSD and $W_1$ change?
#
# **2 · On paper.** Find the conjugate $f^*$ of $f(t) = t\log t$, and the critic $T^*$ at which E42
# is an equality.
#
# <details><summary>Answer</summary>
#
# $f^*(s) = \sup_t[st - t\log t]$. The derivative is $s - \log t - 1 = 0$ at $t = e^{s-1}$, so
# $f^*(s) = e^{s-1}$. The critic is $T^* = f'(p/q) = 1 + \log p/q$.
#
# </details>
#
# **3 · Change a line.** Replace `P2 = two_modes(0.75)` by `P2 = two_modes(0.6)`. Which of the three
# fits changes its mind?
#
# <details><summary>What you see</summary>
#
# Jensen-Shannon and reverse KL. At 0.75 they keep the left mode, $N(-0.83, 0.79^2)$ and $N(-0.91,
# 0.69^2)$; at 0.6 they cover, $N(0.32, 1.70^2)$ and $N(0.57, 1.57^2)$. The right mode is wide, so
# once it weighs 0.4 even reverse KL includes it.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 1` (the gradient of a mean of squares) for the
# least-squares game and `numgan check --exercise 5` (the gradient of a KL divergence at logits) for
# the KL row.

# %%
away = [Gaussian(5.0, 1), Gaussian(10.0, 1)]
change_jsd, change_w = (measure(P, away[1]) - measure(P, away[0]) for measure in (jsd, wasserstein))
answer(
    1,
    f"The JSD by {change_jsd:.4f} nats, W₁ by {change_w:.4f}. At μ = 5 nearly every sample is "
    f"recognised already, so the JSD is close to log 2; W₁ = μ.",
    change_jsd < 0.02 and abs(change_w - 5) < 1e-9,
)
