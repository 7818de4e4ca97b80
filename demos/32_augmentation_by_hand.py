# %% [markdown]
# # 32 · Augmentation by hand (L19, L20)
#
# *What D may see: a random map of every image, the same law for data and samples, and its adjoint.*
#
# **Needs.** Chapter 7 (JSD, E24), chapter 11 (the game), chapter 9 (E48, E50).
#
# With few data $D$ memorises the rows (E52). So change each image at random before $D$ sees it:
# move it, cut a box out, make it lighter (Zhao et al. 2020). Two rules are needed. Data *and*
# samples go through maps of one law, or $D$ would tell them apart by the augmentation. And $G$'s
# gradient goes *through* the map:
#
# $$y_n=A_nx_n,\qquad dx_n=A_n^T\,dy_n \qquad (\mathrm{L20})$$
#
# The maps are linear, so the gradient is a transpose: $A^T$ with the *same* $A$.

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

from numgan.check import Report, check_layer, complex_step
from numgan.data import dataset
from numgan.game import Game
from numgan.layers import (
    AUGMENTATIONS,
    Brightness,
    Cutout,
    Dense,
    Flatten,
    InstanceNoise,
    Reshape,
    Tanh,
    Translation,
)
from numgan.layers.augmentation import moved
from numgan.network import Network
from numgan.objectives import OBJECTIVES

run = options()
rng = np.random.default_rng(32)

# %% [markdown]
# ## A translation and its way back
#
# An image of 3×3 numbers is moved one pixel down and one to the left. A third row and a first
# column leave it, and zeros come in. The adjoint moves *back*, by $-a$ and $-b$: what came in from
# outside is dropped, and what had left gets 0. It is no inverse. It satisfies $\langle
# Ax,y\rangle=\langle x,A^Ty\rangle$.

# %%
x = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
y = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5]).reshape(1, 3, 3, 1)
a, b = np.array([1]), np.array([-1])
Ax, Aty = moved(x, a, b), moved(y, -a, -b)
print("\nx, A x, y and Aᵀ y:")
for rows in zip(x[0, :, :, 0], Ax[0, :, :, 0], y[0, :, :, 0], Aty[0, :, :, 0], strict=True):
    print("        " + "        ".join(" ".join(f"{number:g}" for number in row) for row in rows))
heading("the numbers above")
equal("L20", "⟨A x, y⟩ = 2·1 + 3·5 + 5·2 + 6·6", (Ax * y).sum(), 63.0)
equal("L20", "⟨x, Aᵀ y⟩", (x * Aty).sum(), 63.0)
again = (x * moved(y, a, b)).sum()
equal("L20", "moved the same way again, another number: ⟨x, A y⟩", again, 131.0)

for layer in (Translation(0.3), Cutout(), Brightness()):
    report = check_layer(layer, (4, 4, 6, 1))
    worst = max(f.relative for f in report.findings if "E48" in f.method)
    equal("L20", f"{layer}, its six passes: worst error", worst, 0.0)

# %% [markdown]
# ## Drawn anew
#
# The commonest mistake: forward draws a map, backward draws another. Each is a valid map, and $A'^T
# dy$ is a gradient, but of another function.


# %%
class DrawnAnew(Translation):
    """dx = A'ᵀ dy with a fresh A'."""

    again = np.random.default_rng(1)

    def backward(self, P, k, dy):
        return self.adjoint(self.draw(dy.shape, self.again), dy)


print()
failed = check_layer(DrawnAnew(0.3), (4, 4, 6, 1)).failures
print(Report([f for f in failed if (f.parameter, f.method) == ("dx", "complex step E48")]))

# %% [markdown]
# ## G's gradient, through A
#
# A small game on the digits. $D$ begins with the three augmentations. With fixed draws, $\tilde
# V_g$ is a smooth function of $\theta_g$, and its slope along a random direction by the complex
# step is what the chain rule through $A^T$ gives. The same holds for a penalty's gradient: R1's
# slope is that of $x\mapsto a(Ax)$ at the image itself. Outside training there is no augmentation:
# `evaluation` drops it.

# %%
digits = dataset("digits", "float64")
seen = [Reshape((8, 8, 1)), *AUGMENTATIONS.values(), Flatten()]
D = Network([*seen, Dense(64, 16), Tanh(), Dense(16, 1)], (64,))
G = Network([Dense(4, 16), Tanh(), Dense(16, 64), Tanh()], (4,))
game = Game(G, D, OBJECTIVES["nonsaturating"])
theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
z, direction = rng.standard_normal((8, 4)), rng.standard_normal(G.size)


def draws():
    """The same draws again."""
    return np.random.default_rng(7)


step = game.generator_step(theta_d, theta_g, z, draws())
slope = complex_step(lambda e: game.generator_value(theta_d, theta_g + e * direction, z, draws()))
heading("∇_g Ṽ_g along a random direction, with the draws held")
equal("L20", "through Aᵀ, and by the complex step", step.dtheta_g @ direction, slope, by="rounding")
other = game.generator_step(theta_d, theta_g, z, np.random.default_rng(8)).dtheta_g @ direction
below("L20", "of other draws: differs by over 0.01", 0.01, abs(other - slope))
images = digits.all_rows()[:3]
plain = Network(D.layers[5:], (64,))
gap = np.abs(D.evaluation()(theta_d, images) - plain(theta_d, images)).max()
equal("L20", "D outside training, less D without augmentation", gap, 0.0)

# %% [markdown]
# ## Does D still see the difference?
#
# If the laws of $Ax$ and $A\,G(z)$ agree, do those of $x$ and $G(z)$? Only if the law of $Ax$
# determines the law of $x$. Take a point on a circle of 8 places and let $A$ move it by $-1$, 0 or
# 1: the law $p$ becomes $Mp$, and $M$ has an inverse, so $p$ can be read off. Moved by every
# distance with equal probability, every law becomes the same, and $D$ could not detect a $G$ that
# draws all digits off-centre. So augmentations are kept small, or rare.

# %%
shift = np.eye(8)
small = sum(np.roll(shift, s, axis=0) for s in (-1, 0, 1)) / 3
anywhere = np.full((8, 8), 1 / 8)
heading("the least singular value of M on the circle of 8: 0 says that laws become one")
least = np.linalg.svd(small, compute_uv=False)[-1]
exact = min(abs(1 + 2 * np.cos(2 * np.pi * n / 8)) / 3 for n in range(8))
equal("L20", "moved by −1, 0, 1: min |1 + 2 cos 2πn/8|/3", least, exact)
equal("L20", "moved anywhere", np.linalg.svd(anywhere, compute_uv=False)[-1], 0.0)

# %% [markdown]
# ## Noise that falls to nothing
#
# Another random map is noise on data and samples (Sønderby et al. 2016),
#
# $$y=x+s\,\xi,\qquad s=\sigma\max(0,1-t/T),\qquad dx=dy \qquad (\mathrm{L19})$$
#
# All data at 0, all samples at 1: mutually singular laws, for which the JSD is $\log 2$ wherever
# the samples are, and $G$ has no slope (E24). With noise both are normal laws that overlap. The
# best logit is a line of slope $-1/s^2$, and the JSD falls as the samples come nearer. $t$ counts
# the steps of $D$ and is stored with $\theta_d$, as batch norm's averages are.

# %%
grid = line(-12.0, 13.0, 20_001)


def normal(mean, s):
    """The density of N(mean, s²) on the grid."""
    return np.exp(-(((grid - mean) / s) ** 2) / 2) / (s * np.sqrt(2 * np.pi))


def jsd(distance, s):
    """The JSD of N(0, s²) and N(distance, s²), by the trapezoidal rule."""
    p, q = np.maximum(normal(0.0, s), 1e-300), np.maximum(normal(distance, s), 1e-300)
    both = (p + q) / 2
    integrand = (p * np.log(p / both) + q * np.log(q / both)) / 2
    return integrand.sum() * (grid[1] - grid[0])


noise = InstanceNoise(0.5, 4)
(t,), zeros = noise.initial(rng), np.zeros((1, 40_000))
heading("σ = ½, T = 4: the deviation of y − x, after each step of D")
for n in range(5):
    y, _ = noise.forward((t,), zeros, rng)
    s = 0.5 * max(0.0, 1 - n / 4)
    equal("L19", f"t = {n}", y.std(), s, by=s / np.sqrt(2 * zeros.size))
    noise.observe((t,), None)
logit = np.log(normal(0.0, 0.5) / normal(1.0, 0.5))
measured = (logit[10_100] - logit[9_900]) / (grid[10_100] - grid[9_900])
equal("L19", "s = ½: slope of the best logit, −1/s²", measured, -4.0, by="rounding")
for s in (1.0, 0.5, 0.25):
    below("L19", f"s = {s:g}: the JSD at distance 1, and log 2", jsd(1.0, s), np.log(2))

# %% [markdown]
# Left: digits, and each of the maps on them, as $D$ sees them. Right: the JSD against the distance
# of two points, for noise that falls. Without noise it is flat: no slope for $G$.

# %%
drawing, (pictures, curves) = panels(
    1, 2, "What D may see   (L19, L20)", width=11.5, height=4.4, width_ratios=[1.5, 1]
)
shown = digits.all_rows()[:12].reshape(12, 8, 8, 1)
maps = {"data": None, "translation": Translation(), "cutout": Cutout(), "brightness": Brightness()}
sheet = np.ones((4 * 9 + 1, 12 * 9 + 1))
for row, augmentation in enumerate(maps.values()):
    drawn = shown if augmentation is None else augmentation.forward((), shown, draws())[0]
    for n in range(12):
        sheet[1 + 9 * row : 9 + 9 * row, 1 + 9 * n : 9 + 9 * n] = np.clip(drawn[n, :, :, 0], -1, 1)
pictures.imshow(sheet, cmap="gray", clim=(-1, 1), interpolation="nearest")
pictures.set(
    yticks=[4.5 + 9 * row for row in range(4)], xticks=[], title="twelve digits, as D sees them"
)
pictures.set_yticklabels(maps)
pictures.grid(visible=False)
distances = np.linspace(0, 4, 41)
for s, style in ((1.0, MODEL), (0.5, JUDGE), (0.25, OTHER)):
    curves.plot(distances, [jsd(d, s) for d in distances], **style, label=f"s = {s:g}")
curves.plot([0, 0, 4], [0, np.log(2), np.log(2)], **DATA, label="no noise")
curves.axhline(np.log(2), **LEVEL)
curves.set(xlabel="distance of data and samples", ylabel="JSD", title="two points, with noise")
curves.legend(loc="lower right")
save(drawing, "32_augmentation_by_hand", run)

# %% [markdown]
# ## Recap
#
# * Data and samples go through random maps of one law; $G$'s gradient goes back through $A^T$ with
#   the same $A$ (L20).
# * A map whose law on all data is the same hides differences from $D$: augmentations must be small,
#   or rare.
# * Noise on data and samples makes their laws overlap, so the JSD has a slope (L19).
#
# **What we still owe.** A measurement on few data: train with `numgan train` and compare the
# metrics of chapter 22 with and without augmentation.
#
# ## Exercises
#
# **1 · Predict.** A translation moves an image out of the frame by one pixel. Does $A^TA$ give back
# the image?
#
# **2 · On paper.** For $N(0,s^2)$ and $N(1,s^2)$ show that the best logit (data at 0) is a line of
# slope $-1/s^2$ (E18).
#
# <details><summary>Answer</summary>
#
# $a^* = \log p/q = [(x-1)^2 - x^2]/2s^2 = (1-2x)/2s^2$. Its slope is $-1/s^2$ everywhere, so less
# noise makes $D$ steeper.
#
# </details>
#
# **3 · Change a line.** Replace `small = sum(np.roll(shift, s, axis=0) for s in (-1, 0, 1)) / 3` by
# `small = sum(np.roll(shift, s, axis=0) for s in (-1, 1)) / 2`: always moved, to one side or the
# other. Can $p$ still be read off?
#
# <details><summary>What you see</summary>
#
# No: the least singular value is 0 (to rounding), and the row is WRONG. $M$ multiplies the wave of
# frequency $n$ by $\cos(2\pi n/8)$, which is 0 for $n = 2$: a law with this wave looks like one
# without it.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 110` (translation) and
# `numgan check --exercise 111` (cutout).

# %%
back = moved(Ax, -a, -b)
lost = int((back != x).sum())
answer(
    1,
    f"No: {lost} of 9 pixels differ. The row and the column that left the frame come back as 0; "
    f"the adjoint is no inverse.",
    lost == 5,
)
