# %% [markdown]
# # 4 · No inverse of G is needed (E11, E12)
#
# *Expectations under G need samples only: no inverse of G, and no density where there is none.*
#
# **Needs.** Expectations under a density, and the substitution rule for integrals. Chapter 3 says
# why a generator's density is missing.
#
# A generator takes noise $z\sim p_z$ and returns $x = G(z)$. The law of $x$ is called $P_G$. A GAN
# needs only expectations under it, and these are expectations over $z$:
#
# $$\mathbb{E}_{z\sim p_z}[\varphi(G(z))] = \mathbb{E}_{x\sim P_G}[\varphi(x)]
# \qquad (\mathrm{E11})$$
#
# For $\varphi = 1$ on a set and 0 elsewhere this *is* the definition of $P_G$; sums of such
# functions follow, and limits of sums. $G$ only has to be measurable. It may fold the line, or map
# a line into the plane. It needs no inverse, no Jacobian and no density, although many texts assume
# all three. This chapter shows what goes wrong with them.

# %%
import math

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
    line,
    options,
    panels,
    save,
)

from numgan.theory import (
    LOG2,
    Discrete,
    Gaussian,
    Mixture,
    expect,
    expect_through,
    jsd,
    maps,
    monte_carlo,
    push_discrete,
)

run = options()
Z = Gaussian(0, 1)
MAPS = {
    "2z + 1": maps.affine(Z, 2, 1),  # invertible
    "|z|": maps.absolute(Z),  # two preimages of every x
    "z²": maps.square(Z),  # two, and a density that is infinite at 0
    "zigzag": maps.zigzag(Z),  # the line folded onto [0, 1]: infinitely many
}


def through(P_G):
    """The generator of P_G for rows (N, 1)."""
    return lambda z: P_G.G(z[:, 0])[:, None]


# %% [markdown]
# ## Under z and under x (E11)
#
# Each map below carries its exact density. So each expectation can be computed twice: as an
# integral over $z$ that does not use $p_G$, and as an integral over $x$ that does not use $z$. The
# last $\varphi$ is the one in the GAN's value function, $\log(1-D(x))$ for a discriminator $D(x) =
# \sigma(x-1)$. It is unbounded, but never positive, and that is enough.

# %%
PHI = {
    "cos 3x": lambda x: np.cos(3 * x[:, 0]),
    "exp(−x²)": lambda x: np.exp(-(x[:, 0] ** 2)),
    "[x < ½]": lambda x: 1.0 * (x[:, 0] < 0.5),
    "log(1−D)": lambda x: -np.logaddexp(0.0, x[:, 0] - 1),
}
heading("E_z[φ(G(z))] and E_x[φ(x)], z ~ N(0, 1)")
for name, P_G in MAPS.items():
    for what, phi in PHI.items():
        under_x = expect(P_G, phi, bends=[0.5])  # E11, the right side; [x < ½] jumps at ½
        equal(
            "E11",
            f"{name}, φ = {what}",
            expect_through(through(P_G), Z, phi),
            under_x,
            "quadrature",
        )

# %% [markdown]
# The zigzag $G(z)$ is the distance from $z$ to the nearest even number. Every $x$ has infinitely
# many preimages, and E11 holds all the same. With samples: draw $z$, apply $G$, average.

# %%
heading("The mean over 20,000 samples x = G(z)")
for name, P_G in MAPS.items():
    estimate = monte_carlo(P_G, PHI["log(1−D)"], 20_000, np.random.default_rng(6))
    equal(
        "E11", f"{name}, φ = log(1−D)", estimate.value, expect(P_G, PHI["log(1−D)"]), estimate.error
    )
heading("Finitely many points: no limits, only sums")
dice = Discrete([0.1, 0.2, 0.3, 0.4], [-2, -1, 1, 2])
squared = push_discrete(np.square, dice)
phi = squared.table([0.7, -1.3])  # its values at x = 1 and x = 4
equal("E11", "z² of −2, −1, 1, 2: Pr(x = 4) = 0.1 + 0.4", squared.p[1], 0.5)
equal("E11", "E_z[φ(z²)] = E_x[φ(x)]", expect_through(np.square, dice, phi), expect(squared, phi))

# %% [markdown]
# **A line into the plane.** $G(z) = (z, 0)$ goes up in dimension, as every image generator does.
# Its law has no density in the plane at all, and still every expectation: $\cos(x_1 + x_2)$ has the
# mean $e^{-1/2}$.

# %%
heading("G(z) = (z, 0)")
wave = lambda x: np.cos(x[:, 0] + x[:, 1])  # noqa: E731
# draws of x, two numbers each
on_line = maps.line_in_plane(Z.sample(20_000, np.random.default_rng(7)))
dice_line = push_discrete(maps.line_in_plane, dice)
equal(
    "E11",
    "E_z[cos(x₁+x₂)] = exp(−½)",
    expect_through(maps.line_in_plane, Z, wave),
    np.exp(-0.5),
    "quadrature",
)
equal(
    "E11",
    "the same over 20,000 points x of the plane",
    wave(on_line).mean(),
    np.exp(-0.5),
    wave(on_line).std() / np.sqrt(len(on_line)),
)
equal(
    "E11",
    "the same for the four points: under z, under x",
    expect_through(maps.line_in_plane, dice, wave),
    expect(dice_line, wave),
)

# %% [markdown]
# ## The density, where there is one (E12)
#
# $$\int \varphi(G(z))\,p_z(z)\,dz = \int \varphi(x)\,p_G(x)\,dx, \qquad
# p_G(x) = \sum_b p_z(z_b(x))\,\Big|\frac{dz_b}{dx}\Big| \qquad (\mathrm{E12})$$
#
# The sum goes over *all* preimages $z_b$ of $x$: near $x$ there is one small interval of $z$ about
# each of them. The formula of the textbooks, $p_z(G^{-1}(x))\,|dG^{-1}/dx|$, is one term of it. For
# an invertible $G$ that is the whole sum. For $|z|$ and $z^2$ it is half of the density at every
# $x$, and its integral is $\tfrac12$ where it should be 1.

# %%
normal = lambda x: np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)  # noqa: E731
below_one = math.erf(1 / 2**0.5) / 2  # Pr(0 < z < 1)
at = np.array([1.5])
exact = {
    "2z + 1": normal(0.25) / 2,
    "|z|": 2 * normal(1.5),
    "z²": normal(1.5**0.5) / 1.5**0.5,  # χ² with one degree of freedom
}
heading("p_G(1.5), the sum over the preimages")
for name, value in exact.items():
    equal("E12", name, MAPS[name].density(at)[0], value)
heading("Its mass")
for name, P_G in MAPS.items():
    equal("E12", f"{name}: ∫ of the sum over the preimages", P_G.total(), 1.0, "quadrature")
for name, mass in (("2z + 1", 1.0), ("|z|", 0.5), ("z²", 0.5), ("zigzag", below_one)):
    equal(
        "E12",
        f"{name}: ∫ of the one-branch formula",
        MAPS[name].one_branch_mass(),
        mass,
        "quadrature",
    )  # E12
heading("The size of the error: p_G over the one-branch formula")
for name, ratio in (("2z + 1", 1.0), ("|z|", 2.0), ("z²", 2.0)):
    equal(
        "E12",
        f"{name}, at x = 1.5",
        MAPS[name].density(at)[0] / MAPS[name].one_branch(at)[0],
        ratio,
    )
x = line(0.001, 0.999, 999)
fold, single = MAPS["zigzag"].density(x), MAPS["zigzag"].one_branch(x)
print(
    f"E12     zigzag: p_G / one branch from {np.min(fold / single):.4f} to "
    f"{np.max(fold / single):.4f} on (0, 1); "
    f"mass lost {1 - MAPS['zigzag'].one_branch_mass():.4f}"
)

# %% [markdown]
# Two remarks. The folded Gaussian is almost flat: by Poisson's summation $p_G(x) = 1 + 2\sum_n
# e^{-n^2\pi^2/2}\cos n\pi x$, and the first term is already below 0.015. And a factor 2 at every
# $x$ could be repaired by dividing by the mass; but only where the prior is symmetric. For a
# lopsided prior the branches differ, and the one-branch formula has the wrong *shape* too.

# %%
flat = 1 + 2 * sum(np.exp(-((n * np.pi) ** 2) / 2) * np.cos(n * np.pi * x) for n in range(1, 7))
skew = maps.absolute(Mixture([0.3, 0.7], [Gaussian(-1.5, 0.4), Gaussian(0.5, 0.8)]))
positive = 1 - skew.prior.cdf(np.zeros(1))[0]
heading("The zigzag, and |z| of a lopsided prior 0.3 N(−1.5, 0.4²) + 0.7 N(0.5, 0.8²)")
equal("E12", "zigzag: largest |p_G − Poisson's sum| (999 points)", np.abs(fold - flat).max(), 0.0)
equal(
    "E12",
    "lopsided: mass of the branch z = x is Pr(z > 0)",
    skew.one_branch_mass(0),
    positive,
    "quadrature",
)
equal(
    "E12",
    "lopsided: the masses of both branches",
    skew.one_branch_mass(0) + skew.one_branch_mass(1),
    1.0,
    "quadrature",
)
wide = line(0.001, 4, 801)
repaired, true = skew.one_branch(wide) / positive, skew.density(wide)  # mass 1, and still wrong
worst = np.abs(repaired - true).argmax()
print(
    f"E12     lopsided: largest error of the rescaled branch {abs(repaired - true)[worst]:.4f}, "
    f"at x = "
    f"{wide[worst]:.2f}, where p_G = {true[worst]:.4f}"
)

# %% [markdown]
# Left: three folds, and the preimages of one $x$. Middle and right: histograms of samples decide
# between the sum over the preimages and the formula with one branch.

# %%
drawing, (fold_axes, half, zig) = panels(
    1, 3, "No inverse of G is needed   (E11, E12)", width=14.0, height=4.4
)
z = line(-3, 3)
for (name, P_G), style in zip(list(MAPS.items())[1:], (MODEL, OTHER, JUDGE), strict=True):
    fold_axes.plot(z, P_G.G(z), **style, label=f"G(z) = {name}" if name != "zigzag" else "zigzag")
fold_axes.axhline(0.6, **LEVEL)
for points, mark, colour in (
    (np.array([-0.6, 0.6]), "o", MODEL["color"]),
    (np.array([-1, 1]) * 0.6**0.5, "s", OTHER["color"]),
    (np.array([-2.6, -1.4, -0.6, 0.6, 1.4, 2.6]), "x", JUDGE["color"]),
):
    fold_axes.plot(points, np.full(len(points), 0.6), mark, color=colour)
fold_axes.set(
    xlabel="z", ylabel="x = G(z)", title="all preimages of x = 0.6   (E12)", ylim=(-0.1, 4.2)
)
fold_axes.legend(loc="upper center")

draws = 20_000
x = line(0.02, 4)
seen = MAPS["z²"].sample(draws, np.random.default_rng(8))[:, 0]
bins = np.linspace(0, 4, 41)
half.hist(
    seen[seen < 4],
    bins=bins,
    weights=np.full((seen < 4).sum(), 1 / (draws * 0.1)),
    color="0.85",
    label=f"{draws:,} samples G(z)",
)
half.plot(x, MAPS["z²"].density(x), **MODEL, label="sum over ±√x: mass 1")
half.plot(x, MAPS["z²"].one_branch(x), **JUDGE, label="one branch, √x: mass ½")
half.set(
    xlabel="x = z²",
    ylabel="density (1/unit of x)",
    title="x = z², z ~ N(0, 1)   (E12)",
    ylim=(0, 2.2),
)
half.legend(loc="upper right")

u = line(0.001, 4)
seen = skew.sample(draws, np.random.default_rng(9))[:, 0]
zig.hist(seen, bins=60, range=(0, 4), density=True, color="0.85", label=f"{draws:,} samples G(z)")
zig.plot(u, skew.density(u), **MODEL, label="sum over ±x: mass 1")
zig.plot(u, skew.one_branch(u), **JUDGE, label=f"one branch, z = x: mass {positive:.2f}")
zig.plot(u, skew.one_branch(u) / positive, **OTHER, label="the same, rescaled to mass 1")
zig.set(
    xlabel="x = |z|",
    ylabel="density (1/unit of x)",
    title="x = |z|, lopsided prior: wrong shape too   (E12)",
)
zig.set(ylim=(0, 1.15))
zig.legend(loc="upper right")
save(drawing, "04_no_inverse_needed", run)

# %% [markdown]
# ## Where there is no density
#
# Back to the line in the plane. Any $G$ with bounded slopes maps a line onto a set $S$ of area
# zero, while $P_G(S) = 1$. If the data have a density then $P_{\mathrm{data}}(S) = 0$. So $x\in S$
# or not tells the two apart without a single error. With $M$ the average of the two laws,
# $dP_{\mathrm{data}}/dM = 2$ off $S$ and $dP_G/dM = 2$ on $S$: both divergences to $M$ are $\log
# 2$, and so
#
# $$\mathrm{JSD}(P_{\mathrm{data}}, P_G) = \log 2 \quad\text{for every such } G$$
#
# whether the line goes through the middle of the data or far away from it. A constant function has
# no slope to descend. To watch it happen, give the line a thickness: $(z, 0) + \varepsilon e$ with
# $e\sim N(0, 1)$ in both coordinates has a density for every $\varepsilon > 0$. As $\varepsilon\to
# 0$ its expectations tend to those of the line, $\mathbb{E}[\cos(x_1+x_2)] =
# e^{-1/2-\varepsilon^2}$, but its JSD to the data climbs to $\log 2$.

# %%
data = Gaussian([0.0, 0.0])
epsilons = np.array([1e-1, 1e-2, 1e-3, 1e-4, 1e-6])
heading("Data N(0, 1) in the plane, and (z, 0) + ε e")
for eps in (0.1, 0.01):
    equal(
        "E11",
        f"E_x[cos(x₁+x₂)] at ε = {eps:g}: exp(−½ − ε²)",
        expect(maps.thick_line(eps), wave),
        np.exp(-0.5 - eps**2),
        "quadrature",
    )
gaps = np.array([LOG2 - jsd(data, maps.thick_line(eps)) for eps in epsilons])  # E12
for (small, large), eps in zip(zip(gaps[1:], gaps[:-1], strict=True), epsilons[1:], strict=True):
    below("E12", f"log 2 − JSD at ε = {eps:.0e}, and at the one before", small, large)
below("E12", "log 2 − JSD at ε = 1e-06, and 1e-4", gaps[-1], 1e-4)


# %% [markdown]
# Now let the line and the middle of the data be a distance $d$ apart. For a thick line the JSD
# grows with $d$. For a thin one it hardly changes: the difference goes to zero with $\varepsilon$.
# Noise on the samples is thus one remedy for the gradient that vanished; another is a measure of
# distance that is not made of ratios (chapter 13).
# %%
def apart(d, eps, tol=1e-12):
    """JSD of N((0, −d), 1) and (z, 0) + ε·e."""
    return jsd(Gaussian([0.0, -d]), maps.thick_line(eps), tol)  # E12


heading("JSD at the distances 0 and 3, and log 2 (nats)")
for eps in (0.3, 1e-2, 1e-4, 1e-6):
    near, far = apart(0.0, eps), apart(3.0, eps)
    below("E12", f"ε = {eps:g}: JSD at distance 0, and log 2", near, LOG2)
    below(
        "E12", f"ε = {eps:g}: what 3 units of way change, and log 2 − JSD", far - near, LOG2 - near
    )

# %% [markdown]
# For a thin line every distance costs $\log 2$.

# %%
drawing, thin = panels(
    1,
    1,
    "A generator onto a thin line: JSD = log 2 wherever it lies   (E12)",
    width=8.0,
    height=4.0,
)
ds = np.linspace(0, 4, 9 if run.quick else 21)
for eps, style in ((1.0, DATA), (0.3, OTHER), (0.03, JUDGE), (0.0003, MODEL)):
    thin.plot(ds, [apart(d, eps, tol=1e-8) for d in ds], **style, label=f"ε = {eps:g}")
thin.axhline(LOG2, **LEVEL)
thin.text(4, LOG2 + 0.012, "log 2", color="0.3", ha="right")
thin.set(
    xlabel="d, distance of the line from the middle of the data (unit of x)", ylabel="JSD (nats)"
)
thin.set(ylim=(0, 0.78))
thin.legend(loc="lower right")
save(drawing, "04_no_inverse_needed_line", run)

# %% [markdown]
# ## Recap
#
# * An expectation under $P_G$ is an expectation over $z$: draw $z$, apply $G$, average (E11). $G$
#   only has to be measurable.
# * Where $G$ has a density, it is a sum over *all* preimages of $x$; one branch alone loses mass
#   (E12).
# * A $G$ from a line into the plane has no density, and its JSD to data with a density is $\log 2$
#   wherever it lies.
#
# **What we still owe.** A divergence that is estimated from expectations alone. Chapter 5 builds it
# from a classifier (E13).
#
# ## Exercises
#
# **1 · Predict.** $G(z) = z^3$ is invertible, so E12 has one term. Is its density at $x = 0$
# finite?
#
# **2 · On paper.** Derive the density of $x = z^2$ for $z\sim N(0,1)$ from E12.
#
# <details><summary>Answer</summary>
#
# The preimages of $x > 0$ are $\pm\sqrt x$, and $|dz/dx| = 1/2\sqrt x$ at both. The prior is
# $e^{-x/2}/\sqrt{2\pi}$ at both. The sum of two equal terms is $e^{-x/2}/\sqrt{2\pi x}$: χ² with
# one degree of freedom. One branch alone is half of it.
#
# </details>
#
# **3 · Change a line.** Replace `Z = Gaussian(0, 1)` by `Z = Gaussian(0.5, 1)`. Which rows of E11
# now say WRONG, and which of E12?
#
# <details><summary>What you see</summary>
#
# All expectations under $z$ and under $x$ still agree, over $z$, over $x$ and over samples: E11
# does not depend on the prior. The rows that say WRONG compare with a closed form for $N(0,1)$: two
# of E11, $e^{-1/2}$ in the plane, and eight of E12. One of the branches of $|z|$ now has the mass
# $\Pr(z > 0) = 0.69$, and the factor at $x = 1.5$ is 1.22 in place of 2: the branches differ, so no
# single factor repairs the formula.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 55` (one iteration of Algorithm 1). E11 is a
# mean over independent draws of $z$: which draws does the code use?
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint square_density`.

# %%
near = [math.erf(d ** (1 / 3) / 2**0.5) / (2 * d) for d in (1e-3, 1e-6)]  # Pr(|z³| < d)/2d
answer(
    1,
    f"No. The mean density within 0.001 of zero is {near[0]:.1f}, and within 0.000001 it is "
    f"{near[1]:.0f}: it grows without bound, because G'(0) = 0 puts a zero below the fraction.",
    near[1] > 90 * near[0],
)
