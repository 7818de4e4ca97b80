# %% [markdown]
# # 16 · Batch norm's gradient (L5, L6, L14, L16)
#
# *Batch norm's gradient in three paths, and why it is a projection.*
#
# **Needs.** Chapter 10 (L1) and chapter 9 (E48); the mean and the variance of a batch.
#
# Batch norm subtracts the batch's mean and divides by its deviation. With $E$ the mean over the
# batch,
#
# $$\mu = E x,\qquad \sigma^2 = E(x-\mu)^2,\qquad r = \frac{1}{\sqrt{\sigma^2+\varepsilon}},\qquad
# \hat x = r(x-\mu),\qquad y = \gamma\hat x + \beta$$
#
# One sample reaches $V = \langle dy, y\rangle$ by three paths: by itself, through the mean, and
# through the variance. So the gradient of each sample depends on all the others, and it has a term
# for each path:
#
# $$dx = \gamma r\,\big(\underbrace{dy}_{\text{direct}}\;\underbrace{-\,E\,dy}_{\text{mean}}\;
# \underbrace{-\,\hat x\,E[\hat x\,dy]}_{\text{variance}}\big) \qquad (\mathrm{L5})$$
#
# Here there are four samples of one feature with simple numbers: the mean is 8 and the deviation 5.
# ($\varepsilon = 0$ until the section on $\varepsilon$.)

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
    line,
    options,
    panels,
    save,
)

from numgan.check import Report, check_layer, complex_step, exactly, jacobian
from numgan.layers import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, PixelNorm

run = options()

x = np.array([1.0, 7.0, 9.0, 15.0])
dy = np.array([3.0, 1.0, -1.0, 1.0])
gamma, beta, M = 2.0, 1.0, 4


def minus(text):
    """The text with the typographer's minus."""
    return text.replace("-", "−")


def signed(value):
    """A factor in a product: in brackets if it is negative."""
    return f"{value:g}" if value >= 0 else f"(−{-value:g})"


mu = x.mean()
r = 1 / np.sqrt(((x - mu) ** 2).mean())
xhat = r * (x - mu)
heading("x = 1, 7, 9, 15    dy = 3, 1, −1, 1    γ = 2, β = 1")
equal("L5", "μ = (1 + 7 + 9 + 15)/4", mu, 8)
equal("L5", "σ² = (49 + 1 + 1 + 49)/4, and r = 1/σ", r, 1 / 5)
for n, exact in enumerate((-1.4, -0.2, 0.2, 1.4)):
    equal("L5", f"x̂[{n}] = 0.2·({x[n]:g} − 8)", xhat[n], exact)
equal("L5", "E dy = (3 + 1 − 1 + 1)/4", dy.mean(), 1.0)
equal("L5", "E[x̂ dy] = (−4.2 − 0.2 − 0.2 + 1.4)/4", (xhat * dy).mean(), -0.8)

# %% [markdown]
# ## Three copies of $x$
#
# To separate the paths, give each its own copy of $x$: one that is normalised, one of which the
# mean is taken, one of which the variance is taken. When the three are equal this is batch norm;
# the complex step (E48) in each copy alone is one path, and by the chain rule they sum to $dx$. On
# paper, with $V = \sum_n dy_n\,(\gamma\,r\,(x_n-\mu) + \beta)$:
#
# * **direct**: $\partial V/\partial x_n = \gamma r\,dy_n$.
# * **through the mean**: $\partial V/\partial\mu = -\gamma r\sum dy$ and $\partial\mu/\partial
#   x_n = 1/M$: together $-\gamma r\,E\,dy$, the same for every sample.
# * **through the variance**: $\partial V/\partial r = \gamma\sum dy\,(x-\mu) = \frac{\gamma}{r}\sum
#   dy\,\hat x$; $\partial r/\partial\sigma^2 = -\frac12 r^3$; and $\partial\sigma^2/\partial
#   x_n = \frac2M(x_n-\mu) = \frac{2}{Mr}\hat x_n$, where the mean inside the variance moves too,
#   but $E(x-\mu) = 0$ stands before it. The product: $-\gamma r\,\hat x_n\,E[\hat x\,dy]$.


# %%
def V(direct, mean, variance, epsilon=0.0):
    """⟨dy, y⟩, with a copy of x for each path."""
    sigma2 = ((variance - variance.mean()) ** 2).mean()
    return (dy * (gamma * (direct - mean.mean()) / np.sqrt(sigma2 + epsilon) + beta)).sum()


seen = {
    "direct": jacobian(lambda copy: V(copy, x, x), x, exactly).value,
    "mean": jacobian(lambda copy: V(x, copy, x), x, exactly).value,
    "variance": jacobian(lambda copy: V(x, x, copy), x, exactly).value,
}
paths = {
    "direct": gamma * r * dy,
    "mean": -gamma * r * dy.mean() * np.ones(M),
    "variance": -gamma * r * xhat * (xhat * dy).mean(),
}
layer = BatchNorm(1, epsilon=1e-30)  # as good as 0: σ² + ε rounds to σ²
# the last two: the running mean and variance
P = np.array([gamma]), np.array([beta]), np.zeros(1), np.ones(1)
y, cache = layer.forward(P, x[:, None])
dx = layer.backward(P, cache, dy[:, None])[:, 0]
dgamma, dbeta = (d[0] for d in layer.gradient(P, cache, dy[:, None])[:2])

heading("Each path by the complex step in its own copy of x, and by its formula")
said = {
    "direct": lambda n: f"γ r dy = 0.4·{signed(dy[n])}",
    "mean": lambda n: "−γ r E dy = −0.4·1",
    "variance": lambda n: f"−γ r x̂ E[x̂ dy] = −0.4·{signed(round(xhat[n], 3))}·(−0.8)",
}
for path, sentence in said.items():
    for n in range(M):
        equal("L5", f"{path}[{n}] = {sentence(n)}", seen[path][n], paths[path][n])

heading("numgan's dx, and the sum of the three paths")
for n in range(M):
    a, b, c = (path[n] for path in paths.values())
    equal("L5", minus(f"dx[{n}] = {a:g} + {signed(b)} + {signed(round(c, 6))}"), dx[n], a + b + c)
equal("L5", "dγ = Σ dy x̂", dgamma, -3.2)
equal("L5", "dβ = Σ dy", dbeta, 4.0)

# %% [markdown]
# For each sample the three paths, one after the other, and their sum, $dx$.

# %%
COLOURS = {"direct": MODEL["color"], "mean": JUDGE["color"], "variance": OTHER["color"]}
NAMES = {
    "direct": "direct: γ r dy",
    "mean": "mean: −γ r E dy",
    "variance": "variance: −γ r x̂ E[x̂ dy]",
}

drawing, steps = panels(1, 1, "Batch norm's gradient: three paths   (L5)", width=9.0, height=4.6)
reached, width = np.zeros(M), 0.2
for place, (path, values) in enumerate(paths.items()):
    at = np.arange(M) + (place - 1) * width
    steps.bar(
        at, values, width, bottom=reached, color=COLOURS[path], edgecolor="white", label=NAMES[path]
    )
    reached = reached + values
    steps.hlines(reached, at - width / 2, at + 1.5 * width, color="0.3", linewidth=0.9)
steps.plot(np.arange(M) + 2 * width, dx, "D", color="black", markersize=6, label="dx, their sum")
for n in range(M):
    steps.annotate(
        minus(f"{dx[n]:.3f}"),
        (n + 2 * width, dx[n]),
        (0, 8 if paths["variance"][n] > 0 else -17),
        textcoords="offset points",
        ha="center",
        fontsize=11,
    )
steps.axhline(0, color="black", linewidth=0.8)
steps.set_xticks(np.arange(M) + width / 2, labels=[f"x = {number:g}" for number in x])
steps.set(ylabel="∂V/∂x (unit of V per unit of x)", ylim=(-1.25, 1.75))
steps.grid(axis="x", visible=False)
steps.legend(loc="upper right")
save(drawing, "16_batch_norms_gradient_paths", run)

# %% [markdown]
# ## A projection
#
# Why these two terms? Add a number to the whole batch: the mean removes it, and $y$ stays the same.
# Stretch the batch about its mean: the division by the deviation removes that. So $V$ is constant
# in two directions, along $\mathbf 1$ and along $\hat x$, and the gradient is zero along them. $dx$
# must be perpendicular to both, and the formula does just this: it takes $\gamma r\,dy$ and removes
# its components along $\mathbf 1$ and $\hat x$. The operator $\Pi g = g - Eg - \hat x E[\hat x g]$
# is the orthogonal projection on the rest, and the lengths obey Pythagoras. The formula follows
# from the two symmetries alone.

# %%
direct, by_mean, by_variance = paths.values()


def project(g):
    """Πg"""
    return g - g.mean() - xhat * (xhat * g).mean()


def whole(x):
    """V with nothing taken apart."""
    return V(x, x, x)


heading("What the batch may do unnoticed, and what follows")
equal("L5", "V(x + 3) = V(x)", whole(x + 3), whole(x))
equal("L5", "V(μ + 2(x − μ)) = V(x)", whole(mu + 2 * (x - mu)), whole(x))
equal("L5", "⟨dx, 1⟩ = 0", dx.sum(), 0.0)
equal("L5", "⟨dx, x̂⟩ = 0", dx @ xhat, 0.0)
equal("L5", "⟨1, x̂⟩ = 0", xhat.sum(), 0.0)
equal("L5", "Π(Π dy) = Π dy, largest |Δ|", np.abs(project(project(dy)) - project(dy)).max(), 0.0)
equal(
    "L5",
    "|dx|² = |direct|² − |mean|² − |variance|²",
    dx @ dx,
    direct @ direct - by_mean @ by_mean - by_variance @ by_variance,
)

# %% [markdown]
# Left: four samples are four dimensions, but $\gamma r\,dy$ lies in the space of just three
# directions, $\mathbf 1$, $\hat x$ and $dx$: two steps remove its components in the floor, and the
# rest is perpendicular to it. Right: $V$ along the three directions. In the floor $V$ is constant.

# %%
drawing, (floor, flat) = panels(
    1, 2, "Batch norm's gradient: one projection   (L5)", width=11.5, height=4.8
)


def seen_from_the_side(along_one, along_xhat, up):
    """A point of the three-dimensional space, drawn: 1 goes right, x̂ to the back, dx up."""
    return np.array([along_one - 0.55 * along_xhat, -0.1 * along_one + 0.38 * along_xhat + up])


c1, c2, c3 = direct.sum() / 2, direct @ xhat / 2, np.linalg.norm(dx)  # |1| = |x̂| = √M = 2
corners = [
    seen_from_the_side(*corner, 0)
    for corner in ((-0.25, -0.9), (1.4, -0.9), (1.4, 0.55), (-0.25, 0.55))
]
floor.fill(*np.transpose(corners), color="0.93", zorder=0)
for end, name in (((1.35, 0, 0), "1"), ((0, 0.55, 0), "x̂")):
    tip = seen_from_the_side(*end)
    floor.annotate(
        "", tip, seen_from_the_side(0, 0, 0), arrowprops={"arrowstyle": "->", "color": "0.45"}
    )
    floor.text(*(tip + (0.02, 0.05)), name, fontsize=13, color="0.3")
corner, top, foot = (seen_from_the_side(*p) for p in ((0, c2, c3), (0, 0, c3), (c1, c2, 0)))
start, away = seen_from_the_side(0, 0, 0), seen_from_the_side(c1, c2, c3)
for low, high in (
    (away, foot),
    (foot, seen_from_the_side(0, c2, 0)),
    (foot, seen_from_the_side(c1, 0, 0)),
    (corner, seen_from_the_side(0, c2, 0)),
):
    floor.plot(*np.transpose([low, high]), **LEVEL)
arrows = (
    (start, away, "direct", (0.17, -0.08)),
    (away, corner, "mean", (0.0, 0.06)),
    (corner, top, "variance", (0.22, 0.05)),
)
for low, high, path, shift in arrows:
    how = {
        "arrowstyle": "-|>",
        "color": COLOURS[path],
        "linewidth": 2.4,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    floor.annotate("", high, low, arrowprops=how | {"mutation_scale": 18})
    floor.text(*((low + high) / 2 + shift), path, color=COLOURS[path], fontsize=13, ha="center")
how = {
    "arrowstyle": "-|>",
    "color": "black",
    "linewidth": 3.0,
    "shrinkA": 0,
    "shrinkB": 0,
    "mutation_scale": 20,
}
floor.annotate("", top, start, arrowprops=how)
floor.text(*(top + (-0.14, 0.02)), "dx", fontsize=14)
floor.text(
    *(seen_from_the_side(0.45, -0.9, 0) - (0, 0.15)),
    "the floor: here V is flat",
    color="0.3",
    ha="center",
)
floor.set_title("a projection: dx = Π(γ r dy)")
floor.set_aspect("equal", adjustable="datalim")
floor.plot(*(top + (0, 0.3)), alpha=0)  # room for the words
floor.set_axis_off()

t = line(-4, 4, 161)
units = {"along 1": np.ones(M) / 2, "along x̂": xhat / 2, "along dx": dx / np.linalg.norm(dx)}
for (name, u), how in zip(
    units.items(), (JUDGE, OTHER | {"linestyle": (0, (2, 4)), "linewidth": 3.2}, DATA), strict=True
):
    flat.plot(t, [whole(x + s * u) for s in t], **how, label=name)
near = t[np.abs(t) <= 2.2]
flat.plot(
    near, whole(x) + near * np.linalg.norm(dx), color="0.5", linewidth=1.0, label="slope |dx|"
)
flat.set(xlabel="length of the step (unit of x)", ylabel="V", title="V along the three directions")
flat.legend(loc="upper left")
save(drawing, "16_batch_norms_gradient", run)

# %% [markdown]
# ## And $\varepsilon$?
#
# With $\varepsilon > 0$ stretching the batch changes $y$ a little, because $\varepsilon$ is not
# stretched. The formula for $dx$ stays exact; the second symmetry becomes approximate: $E\hat x^2 =
# 1 - \varepsilon r^2$ now, and so $\langle dx,\hat x\rangle = \gamma r\,M\,E[\hat
# x\,dy]\,\varepsilon r^2$. Usually $\varepsilon = 10^{-5}$ and the effect is tiny. With
# $\varepsilon = 11$ (then $r = 1/6$) it is large.

# %%
wide = BatchNorm(1, epsilon=11.0)
_, cache_wide = wide.forward(P, x[:, None])
dx_wide = wide.backward(P, cache_wide, dy[:, None])[:, 0]
xhat_wide = (x - 8) / 6
exact_wide = jacobian(lambda x: V(x, x, x, epsilon=11.0), x, exactly).value
heading("ε = 11, r = 1/√(25 + 11) = 1/6")
equal("L5", "dx against the complex step, largest |Δ|", np.abs(dx_wide - exact_wide).max(), 0.0)
equal("L5", "⟨dx, 1⟩ = 0, still", dx_wide.sum(), 0.0)
equal(
    "L5",
    "⟨dx, x̂⟩ = γ r M E[x̂ dy]·11/36",
    dx_wide @ xhat_wide,
    gamma / 6 * (xhat_wide @ dy) * 11 / 36,
)

# %% [markdown]
# ## A forgotten path
#
# The usual mistake: the path through the mean is there, and the variance is treated as a constant.
# The training still works, because the wrong gradient is $dx$ plus a vector along $\hat x$, and
# along $\hat x$ $V$ is constant. But its length is wrong. To first order a small step along $w = $
# direct $+$ mean should gain $|w|^2$ per unit; it gains $\langle dx, w\rangle = |dx|^2$ only; the
# rest of the step only stretches the batch.

# %%
wrong = direct + by_mean
heading("w, without the path through the variance")
equal("L5", "promised: |w|² = 0.8² + 0.8²", wrong @ wrong, 1.28)
equal(
    "L5",
    "kept: the slope of V along w (complex step)",
    complex_step(lambda e: whole(x + e * wrong)),
    dx @ dx,
)
equal("L5", "lost: |variance|² of it", wrong @ wrong - dx @ dx, by_variance @ by_variance)
print(f"L5      of |w|² = 1.28 only {dx @ dx:.4g} is kept, {(dx @ dx) / (wrong @ wrong):.0%}")

# %% [markdown]
# The check finds the mistake by the complex step, and identifies it by the shape of the error: what
# is missing is constant over the batch if the mean was forgotten, and proportional to $x - \mu$ if
# the variance was.


# %%
class NoVariancePath(BatchNorm):
    """dx = γ r (dy − E dy): σ² is taken for a constant."""

    def backward(self, P, cache, dy):
        return P[0] * cache.r * (dy - self.mean(dy))


class NoMeanPath(BatchNorm):
    """dx = γ r (dy − x̂ E[x̂ dy]): μ is taken for a constant."""

    def backward(self, P, cache, dy):
        return P[0] * cache.r * (dy - cache.xhat * self.mean(cache.xhat * dy))


class NoPath(BatchNorm):
    """dx = γ r dy: both are."""

    def backward(self, P, cache, dy):
        return P[0] * cache.r * dy


def first_of(layer, shape):
    """What the check says first of dx."""
    found = next(
        found
        for found in check_layer(layer, shape, name=type(layer).__name__)
        if found.parameter == "dx"
    )
    print(f"{Report([found])}{'' if found.failed else '   WRONG'}")


print()
for mistaken in (NoVariancePath(2), NoMeanPath(2), NoPath(2)):
    first_of(mistaken, (6, 2))

# %% [markdown]
# ## Outside training
#
# In evaluation mode $\mu$ and $\sigma^2$ are stored numbers. Let them be 8 and 25, as in the batch:
# then $y$ is the same, and $dx$ is not. Only the direct path is left, and a batch of one sample
# works. The gradient depends on the map, not only on its values at this $x$.

# %%
evaluation = layer.evaluation()
Pe = P[0], P[1], np.array([8.0]), np.array([25.0])
y_eval, cache_eval = evaluation.forward(Pe, x[:, None])
dx_eval = evaluation.backward(Pe, cache_eval, dy[:, None])[:, 0]
heading("The running mean is 8, the running variance 25")
equal("L5", "y against y in training, largest |Δ|", np.abs(y_eval - y).max(), 0.0)
for n in range(M):
    equal("L5", f"dx[{n}] = γ r dy = 0.4·{signed(dy[n])}", dx_eval[n], 0.4 * dy[n])
_, alone = evaluation.forward(Pe, x[:1, None])
equal("L5", "dx of sample 0, alone", evaluation.backward(Pe, alone, dy[:1, None])[0, 0], 1.2)

# %% [markdown]
# ## The same over another axis (L6)
#
# Layer norm takes $E$ over the features of one sample, instance norm over the pixels of one channel
# of one image. With the same four numbers along *their* axis they give the same $dx$. One thing
# differs. In layer norm the numbers that share a mean have different $\gamma$, so it cannot be
# taken out of $\Pi$:
#
# $$dx = r\,\Pi(\gamma\odot dy) \qquad (\mathrm{L6})$$
#
# With $\gamma$ outside one gets $\gamma\odot r\,\Pi\,dy$: the Jacobian in place of its transpose.
# The check says so; with all $\gamma$ equal, as at the start of training, the two are the same.


# %%
def gradient_of(layer, P, shape):
    """dx of the four numbers in the given shape, as a row."""
    _, cache = layer.forward(P, x.reshape(shape))
    return layer.backward(P, cache, dy.reshape(shape)).ravel()


by_layer = gradient_of(LayerNorm((M,), epsilon=1e-30), (np.full(M, gamma), np.zeros(M)), (1, M))
by_instance = gradient_of(
    InstanceNorm(1, epsilon=1e-30), (np.array([gamma]), np.zeros(1)), (1, 2, 2, 1)
)
heading("γ = 2 everywhere: batch norm (4, 1), layer norm (1, 4), instance norm (1, 2, 2, 1)")
for n in range(M):
    equal("L6", f"layer norm, and batch norm: dx[{n}]", by_layer[n], dx[n])
for n in range(M):
    equal("L6", f"instance norm, and batch norm: dx[{n}]", by_instance[n], dx[n])

gammas = np.array([2.0, 1.0, -1.0, 3.0])
own = gradient_of(LayerNorm((M,), epsilon=1e-30), (gammas, np.zeros(M)), (1, M))
heading("Layer norm with γ = 2, 1, −1, 3: γ⊙dy = 6, 1, 1, 3, its mean 2.75, E[x̂⊙γ⊙dy] = −1.05")
for n in range(M):
    g = gammas[n] * dy[n]
    equal(
        "L6",
        f"dx[{n}] = 0.2·({g:g} − 2.75 + 1.05·{signed(round(xhat[n], 3))})",
        own[n],
        0.2 * (g - 2.75 + 1.05 * xhat[n]),
    )
equal("L6", "⟨dx, 1⟩ = 0", own.sum(), 0.0)
equal("L6", "⟨dx, x̂⟩ = 0", own @ xhat, 0.0)
below("L6", "γ outside Π: 0.1, and |⟨γ⊙rΠdy, 1⟩|", 0.1, abs((gammas * r * project(dy)).sum()))


class GammaOutside(LayerNorm):
    """dx = γ⊙r Π dy"""

    def backward(self, P, cache, dy):
        return P[0] * cache.r * self.project(cache, dy)


print()
first_of(GammaOutside((4,)), (5, 4))

# %% [markdown]
# ## The length alone (L16)
#
# Pixel norm divides a pixel's channels by the root of their mean square, and subtracts nothing. The
# path through the mean is gone, and so is the first invariance: $dx$ need not sum to 0. The second
# stays. Stretching $x$ changes nothing, so $\langle dx,x\rangle=0$. Four channels, 1, 7, 9 and 15,
# have the mean square 89:
#
# $$dx = r\,\big(dy - y\,E[y\,dy]\big),\qquad r=1/\sqrt{89}$$

# %%
norm = PixelNorm(1e-30)
by_length, kept = norm.forward((), x[None])
r_pixel = 89**-0.5
dx_pixel = norm.backward((), kept, dy[None])[0]
heading("The four numbers as the channels of one pixel")
equal("L16", "E[y²]", (by_length**2).mean(), 1.0)
for n in range(M):
    exact = r_pixel * (dy[n] - x[n] * (x @ dy) / 4 / 89)
    equal("L16", f"dx[{n}] = r ({signed(dy[n])} − {x[n]:g}·4/89)", dx_pixel[n], exact)
equal("L16", "⟨dx, x⟩ = 0", dx_pixel @ x, 0.0)
below("L16", "and 0.1, |⟨dx, 1⟩|: a shift changes y", 0.1, abs(dx_pixel.sum()))

# %% [markdown]
# ## Groups of channels (L14)
#
# Group norm takes $E$ over the pixels of $C/G$ channels of one image. $G$ chooses between the two
# layers above: with one channel a group it is instance norm, with one group its mean runs over all
# of the image. Each *channel* has its own $\gamma$, so inside a group $\gamma$ must stay in $\Pi$.
# Four channels of one pixel in one group give the numbers of layer norm; in two groups, a channel
# is coupled with its neighbour alone.

# %%
by_group = gradient_of(GroupNorm(M, 1, epsilon=1e-30), (gammas, np.zeros(M)), (1, 1, 1, M))
by_pairs = gradient_of(GroupNorm(M, 2, epsilon=0.1), (gammas, np.zeros(M)), (1, 1, 1, M))
by_channel = gradient_of(
    GroupNorm(1, 1, epsilon=1e-30), (np.array([gamma]), np.zeros(1)), (1, 2, 2, 1)
)
heading(
    "Four channels of one pixel in one group, γ = 2, 1, −1, 3; then one channel of four "
    "pixels, γ = 2"
)
for n in range(M):
    equal("L14", f"one group, and layer norm: dx[{n}]", by_group[n], own[n])
for n in range(M):
    equal("L14", f"one channel a group, and instance norm: dx[{n}]", by_channel[n], by_instance[n])
equal("L14", "two groups: ⟨dx, 1⟩ = 0 in the first", by_pairs[:2].sum(), 0.0)
equal("L14", "two groups: ⟨dx, 1⟩ = 0 in the second", by_pairs[2:].sum(), 0.0)

# %% [markdown]
# ## Recap
#
# * A sample reaches $V$ by three paths: directly, through the mean, through the variance (L5).
# * $dx$ is a projection of $\gamma r\,dy$: perpendicular to $\mathbf1$ and to $\hat x$, because $V$
#   does not change along them.
# * Layer, instance and group norm are the same with another set of numbers in the mean (L6, L14).
#
# **What we still owe.** The change of such gradients, which penalties and second-order methods
# need: chapters 17 and 18 (E44-E46).
#
# ## Exercises
#
# **1 · Predict.** All four samples have the same $dy = 1$. What is $dx$?
#
# **2 · On paper.** Without the formula for $dx$: show from $V(x + t\hat x) = V(x)$ to first order
# in $t$ that $\langle dx,\hat x\rangle = 0$ for $\varepsilon = 0$ (L5).
#
# <details><summary>Answer</summary>
#
# $x + t\hat x = \mu + (1 + tr)(x - \mu)$ since $\hat x = r(x-\mu)$: the batch is stretched about
# its mean. Mean and deviation are stretched with it, so $y$ stays and $V$ too. The derivative in
# $t$ at 0 is $\langle dx,\hat x\rangle$.
#
# </details>
#
# **3 · Change a line.** Replace `x = np.array([1.0, 7.0, 9.0, 15.0])` by
# `x = np.array([10.0, 70.0, 90.0, 150.0])`. What happens to $\hat x$, $y$ and $dx$?
#
# <details><summary>What you see</summary>
#
# $\hat x$ and $y$ do not change: the batch is stretched and normalised again. $dx$ is a tenth of
# what it was, since $r$ is. Nine rows say WRONG; they compare with numbers for the old batch, such
# as $\mu = 8$.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 67` (batch norm), `numgan check --exercise 68`
# (batch norm) and `numgan check --exercise 71` (batch norm). Which of the two symmetries does each
# break?
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint batchnorm_backward` and `numgan course hint layernorm_backward`.

# %%
flat_dx = gamma * r * project(np.ones(M))
answer(
    1,
    f"Zero, largest entry {np.abs(flat_dx).max():.0e}: the mean takes away whatever is added to "
    f"the whole batch, so V = Σ y cannot change.",
    np.abs(flat_dx).max() < 1e-15,
)
