# %% [markdown]
# # 19 · The layers of pictures, and a DCGAN (L2, L5, L7, L9, L10, L11, L12, L13)
#
# *One fact about each layer of pictures, and a DCGAN that learns clothes.*
#
# **Needs.** Chapters 10, 15 and 16 (L1, L3-L5), chapter 11 (the game), chapter 17 (R1).
#
# A network for pictures needs a dozen kinds of layers, and each is a line or two of mathematics.
# Chapters 15 and 16 worked out two of them. Here are the others, with *one* fact about each that is
# easy to miss. At the end a DCGAN (Radford et al. 2015, arXiv:1511.06434) learns to make clothes.
#
# Every backward pass says how $V$ changes with the layer's input, given $dy = \partial V/\partial
# y$; so all of them are compared with the complex step of $\langle dy, y\rangle$ (E48).

# %%
import numpy as np
from figure import answer, below, equal, heading, options, panels, save

from numgan.architectures import dcgan
from numgan.check import adjoint, complex_step, exactly, jacobian
from numgan.data import dataset
from numgan.game import Game
from numgan.layers import (
    AveragePool,
    BatchNorm,
    Chain,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    MinibatchDeviation,
    PixelShuffle,
    ReLU,
    Residual,
    SpectralNorm,
    Tanh,
    Upsample,
)
from numgan.metrics import kernel_distance, near_copies
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, linear
from numgan.penalties import PENALTIES
from numgan.study.plots import sheet
from numgan.training import Training

run = options()
rng = np.random.default_rng(15)


def passes(layer, x, dy, P=()):
    """y, and dx by the layer's own pass and by the complex step."""
    y, cache = layer.forward(P, x)
    stepped = jacobian(lambda x: (dy * layer.forward(P, x)[0]).sum(), x, exactly).value
    return y, layer.backward(P, cache, dy), stepped


def same(label, what, computed, exact):
    """A row on a whole array: its largest difference from what it should be."""
    equal(label, f"{what}, largest |Δ|", np.abs(computed - exact).max(), 0.0)


# %% [markdown]
# ## Entry by entry (L2)
#
# $$y = \varphi(x), \qquad dx = \varphi'(x)\odot dy \qquad (\mathrm{L2})$$
#
# Why is $D$ made of *leaky* ReLUs? Because $G$ learns through it (E35). Where a ReLU of $D$ is off
# its slope is exactly zero, and no gradient passes: half of the entries, if $x$ is symmetric. A
# leaky ReLU passes a fifth. In $G$ plain ReLUs work well.

# %%
x, dy = np.array([-2.0, -0.5, 0.5, 1.0, 3.0]), np.array([1.0, -1.0, 2.0, 3.0, 1.0])
many = rng.standard_normal(100_000)
heading("x = −2, −½, ½, 1, 3")
for activation, name in ((ReLU(), "ReLU"), (LeakyReLU(0.2), "leaky ReLU"), (Tanh(), "tanh")):
    _, dx, stepped = passes(activation, x, dy)
    same("L2", f"{name}: dx, and the complex step", dx, stepped)
closed = ReLU().backward((), ReLU().forward((), many)[1], 1.0) == 0
equal(
    "L2", "ReLU: share of 100,000 slopes that are 0", closed.mean(), 0.5, np.sqrt(0.25 / len(many))
)
below(
    "L2",
    "leaky ReLU: its least slope",
    0.2,
    LeakyReLU().backward((), LeakyReLU().forward((), many)[1], 1.0).min(),
)

# %% [markdown]
# ## Batch norm, over pixels too (L5)
#
# In a picture a feature has one number at each pixel of each sample, and all of them share a mean
# and a deviation: $M = N\cdot H\cdot W$. So $dx$ is perpendicular to $\mathbf 1$ and to $\hat x$ in
# each channel (chapter 16), and a bias in the layer before has no effect: the mean removes whatever
# it adds. So the convolutions of a DCGAN have none, except where no batch norm follows.

# %%
x, dy = rng.standard_normal((2, 4, 6, 6, 2))
norm = BatchNorm(2, epsilon=1e-30)  # as good as 0: σ² + ε rounds to σ²
P = norm.initial(rng)
y, cache = norm.forward(P, x)
dx = norm.backward(P, cache, dy)
heading("Four pictures of 6×6 with 2 channels: M = 144")
for channel in range(2):
    equal("L5", f"channel {channel}: ⟨dx, 1⟩/M = 0", dx[..., channel].mean(), 0.0)
    equal("L5", f"channel {channel}: ⟨dx, x̂⟩/M = 0", (dx * cache.xhat)[..., channel].mean(), 0.0)
both = Chain((Convolution(2, 3, 3), BatchNorm(3)))
P = both.initial(rng)
y, tape = both.forward(P, x)
dW, db, *_ = both.gradient(P, tape, rng.standard_normal(y.shape))
same("L5", "db of a convolution before it", db, 0.0)
below("L5", "dW is not dead: 0.1, and its largest entry", 0.1, np.abs(dW).max())

# %% [markdown]
# ## Dropout (L7)
#
# $$y = k\odot x, \qquad dx = k\odot dy, \qquad k_i = \tfrac1{1-p}\ \text{or}\ 0
# \qquad (\mathrm{L7})$$
#
# The expectation of $y$ is $x$, so outside training the layer is the identity. And the $k$ of the
# backward pass is the *same* $k$: a fresh draw there would have the right expectation too, and be
# the gradient of nothing.

# %%
x, draws = np.array([1.0, 2.0, 4.0]), 40_000
dropout = Dropout(0.25)
y, k = dropout.forward((), np.tile(x, (draws, 1)), rng)
heading(f"p = ¼, x = 1, 2, 4, mean of {draws:,} draws")
for i, number in enumerate(x):
    equal("L7", f"E y[{i}] = x[{i}]", y[:, i].mean(), number, number * np.sqrt(1 / 3 / draws))
dx = dropout.backward((), k, np.ones_like(y))
equal("L7", "E dx = dy = 1", dx.mean(), 1.0, np.sqrt(1 / 3 / dx.size))
same("L7", "dx/dy and y/x, the same k", dx, y / x)
same("L7", "outside training y = x", dropout.evaluation().forward((), x)[0], x)

# %% [markdown]
# ## Larger, smaller, and another shape (L9, L10)
#
# Pooling, upsampling, pixel shuffle and flattening are linear maps with fixed numbers, $y = Ax$, so
# $dx = A^Tdy$ (E50). Pooling and upsampling are each other's transpose up to the factor $s^2$;
# shuffle and reshape are permutations, whose transpose is their inverse.

# %%
x = np.arange(2 * 4 * 4 * 4).reshape(2, 4, 4, 4) % 7 - 3.0
heading("Whole numbers, so nothing is rounded")
for layer, name in (
    (AveragePool(2), "pooling"),
    (Upsample(2), "upsampling"),
    (PixelShuffle(2), "pixel shuffle"),
):
    y, cache = layer.forward((), x)
    v = np.arange(y.size).reshape(y.shape) % 5 - 2.0
    equal("L9", f"{name}: ⟨Ax, v⟩ = ⟨x, Aᵀv⟩", *adjoint(y, v, [x], [layer.backward((), cache, v)]))
shuffled, cache = PixelShuffle(2).forward((), x)
same("L9", "pixel shuffle: Aᵀ(Ax) = x", PixelShuffle(2).backward((), cache, shuffled), x)
same("L9", "pooling of upsampling: x again", AveragePool(2).map(Upsample(2).map(x)), x)
row, shape = Flatten().forward((), x)
same("L10", "flatten: back in its shape", Flatten().backward((), shape, row), x)
equal("L10", "and it is the very same memory (1: yes)", np.shares_memory(row, x), 1)

# %% [markdown]
# ## Spectral norm (L11)
#
# $\hat W = W/\sigma$, where $\sigma$ is the largest singular value: the map $x\mapsto x\hat W$
# lengthens nothing, and $D$ cannot become steep. The layer finds $\sigma$ by power iteration, one
# step an update. Two rows follow because $\hat W$ does not depend on the size of $W$: the norm is
# 1, and $dW$ is perpendicular to $W$,
#
# $$dW = \frac1\sigma\big(d\hat W - \langle d\hat W, \hat W\rangle\,uv^T\big),
# \qquad \langle dW, W\rangle = 0
# \qquad (\mathrm{L11})$$
#
# and a third is often passed over. In a convolution $W$ is read as a matrix from the $K\cdot K\cdot
# I$ numbers of one patch to $O$ channels. That has norm 1; but a pixel lies in up to $(K/s)^2$
# patches, so the *convolution* may lengthen a picture by $K/s$, and with 4×4 taps and stride 2 it
# is 2, not 1, that bounds it.

# %%
spectral = SpectralNorm(Dense(6, 4))
P = spectral.initial(rng)
for _ in range(500):
    spectral.observe(P, None)
x, dy = rng.standard_normal((5, 6)), rng.standard_normal((5, 4))
y, cache = spectral.forward(P, x)
dW = spectral.gradient(P, cache, dy)[0]
heading("A dense layer 6 → 4 and its singular values, by numpy.linalg.svd")
equal("L11", "σ = uᵀWv, and the largest singular value of W", cache[1], np.linalg.svd(P[0])[1][0])
equal("L11", "the largest singular value of Ŵ = 1", np.linalg.svd(cache[0])[1][0], 1.0)
equal("L11", "⟨dW, W⟩ = 0", (dW * P[0]).sum(), 0.0)
stepped = jacobian(lambda W: (dy * spectral.forward((W, *P[1:]), x)[0]).sum(), P[0], exactly).value
same("L11", "dW, and the complex step with u and v fixed", dW, stepped)
strided = SpectralNorm(Convolution(1, 3, 4, stride=2, padding=1, bias=False))
P = strided.initial(rng)
for _ in range(500):
    strided.observe(P, None)
matrix = strided.forward(P, np.eye(64).reshape(64, 8, 8, 1))[0].reshape(64, -1)
below("L11", "8×8 pictures: norm of the convolution, and K/s = 2", np.linalg.svd(matrix)[1][0], 2.0)

# %% [markdown]
# ## Minibatch deviation (L12)
#
# One more feature $s$ for $D$: how much the samples of its batch differ, on average over the
# features. If $G$ has collapsed, $s$ is small, although each sample by itself may look perfect.
# With $e = \partial s/\partial x$,
#
# $$dx = dy_x + ds\,e, \qquad e = \frac{x - Ex}{FN\sigma},
# \qquad \langle e, x - Ex\rangle = s \qquad (\mathrm{L12})$$
#
# so where the logit grows with $s$, $ds > 0$, a generator that climbs it moves its samples *apart*:
# each away from the mean of all, in every feature.

# %%
x = rng.standard_normal((8, 5))
deviation = MinibatchDeviation(epsilon=1e-30)  # as good as 0
only_s = np.zeros((8, 6))
only_s[0, -1] = 1.0  # V = s, seen at one place
y, e, stepped = passes(deviation, x, only_s)
collapsed = MinibatchDeviation(epsilon=1e-8).forward((), np.tile(x[0], (8, 1)))[0]
heading("A batch of 8 with 5 features")
equal("L12", "s, and the mean of the features' deviations", y[0, -1], x.std(axis=0).mean())
equal("L12", "s of a batch of equal samples: √ε", collapsed[0, -1], 1e-4)
same("L12", "e, and the complex step", e, stepped)
equal("L12", "Σ e = 0: nothing moves as a whole", e.sum(), 0.0)
equal("L12", "⟨e, x − Ex⟩ = s: they move apart", (e * (x - x.mean(axis=0))).sum(), y[0, -1])

# %% [markdown]
# ## The residual sum (L13)
#
# $$y = f(x) + x, \qquad dx = \Big(\frac{\partial f}{\partial x}\Big)^{\!T}dy + dy
# \qquad (\mathrm{L13})$$
#
# Both terms of a sum get the whole of $dy$. Along the identity the gradient passes unchanged
# through any number of blocks. Twenty layers $\tanh(xW)$ with small weights, with and without:


# %%
def block(Layers):
    """Twenty blocks of a dense layer and tanh, joined as told."""
    return Chain(tuple(Layers((Dense(8, 8), Tanh())) for _ in range(20)))


def arrives(deep, scale):
    """‖dx‖/‖dy‖ through all of it, with weights of that scale."""
    draw = np.random.default_rng(13)
    P = tuple(scale * draw.standard_normal(shape) for shape in deep.parameters().values())
    x, dy = draw.standard_normal((2, 16, 8))
    return np.linalg.norm(deep.backward(P, deep.forward(P, x)[1], dy)) / np.linalg.norm(dy)


one = Residual((Dense(8, 8), Tanh()))
P, (x, dy) = one.initial(rng), rng.standard_normal((2, 3, 8))
_, dx, stepped = passes(one, x, dy, P)
heading("One block, then twenty: the length of dx over that of dy")
same("L13", "one block: dx, and the complex step", dx, stepped)
equal("L13", "W = 0, with the identity: all of dy arrives", arrives(block(Residual), 0.0), 1.0)
equal("L13", "W = 0, without: nothing", arrives(block(Chain), 0.0), 0.0)
below(
    "L13",
    "W of size 0.1: without, and with the identity",
    arrives(block(Chain), 0.1),
    arrives(block(Residual), 0.1),
)

# %% [markdown]
# ## Put together: a DCGAN
#
# $D$ halves the picture twice, each time with more channels; $G$ goes the same way back, by
# transposed convolutions. No pooling, no dense layer inside, batch norm nearly everywhere: with
# this recipe GANs of pictures first trained well. Before training, one check of the whole: the
# gradient of each player along a random direction, and the complex step. (R1, the penalty of
# chapter 17, keeps $D$ from learning 3,000 pictures by heart.)

# %%
objective, penalty = OBJECTIVES["nonsaturating"], PENALTIES["r1"]
small = Game(*dcgan((8, 8, 1), (4, 8), 3), objective, penalty)
theta_d, theta_g = (net.initial(rng, "float64") for net in (small.D, small.G))
x, z = rng.uniform(-1, 1, (6, 64)), rng.standard_normal((6, 3))
u_d, u_g = (
    rng.standard_normal(net.size) * ~net.fixed / np.sqrt(net.size) for net in (small.D, small.G)
)
heading("A small one: pictures of 8×8, 4 and 8 channels, in double precision")
equal(
    "E46",
    "⟨∇(Ṽ − R1), u⟩ of D, and the complex step",
    small.discriminator_step(theta_d, theta_g, x, z).dtheta_d @ u_d,
    complex_step(lambda h: small.discriminator_value(theta_d + h * u_d, theta_g, x, z)),
)
equal(
    "E35",
    "⟨∇Ṽ_g, u⟩ of G, and the complex step",
    small.generator_step(theta_d, theta_g, z).dtheta_g @ u_g,
    complex_step(lambda h: small.generator_value(theta_d, theta_g + h * u_g, z)),
)

# %% [markdown]
# ## Clothes
#
# 3,000 grey pictures of 28×28 pixels, a tenth of each of ten kinds; $G$ gets no labels. Some four
# minutes. MMD² is a distance between samples and data (arXiv:1801.01401) and would be 0, give or
# take chance, for a perfect $G$.

# %%
data = dataset("fashion-small")
widths, steps, m, eta = ((8, 16), 120, 32, 2e-3) if run.quick else ((32, 64), 4000, 64, 2e-4)
moments = (
    (0, 10, 20, 30, 40, 60, 80, 100, 120)
    if run.quick
    else (0, 100, 200, 300, 500, 800, 1300, 2300, 4000)
)
G, D = dcgan(data.image_shape, widths, latent=64)
print(f"\nG, {G.size:,} numbers:\n{G}\n\nD, {D.size:,} numbers:\n{D}")
training = Training(
    Game(G, D, objective, penalty),
    data,
    rng,
    D.initial(rng),
    G.initial(rng),
    Adam(linear(eta, steps), 0.5),
    Adam(linear(eta, steps), 0.5),
    m=m,
    every=4,
    average=0.9 if run.quick else 0.99,
)
watched = np.random.default_rng(1).standard_normal((100, 64), dtype="float32")
measured = np.random.default_rng(2).standard_normal(
    (200 if run.quick else 2000, 64), dtype="float32"
)
real, sheets, distances, V = data.all_rows(), {}, {}, ""
print(f"\n{'iteration':>17}{'Ṽ (E29)':>12}{'MMD²':>12}")
while True:
    if training.iterations in moments:
        shown = G.evaluation()
        sheets[training.iterations] = shown.each(training.theta_bar, watched)
        samples = shown.each(training.theta_bar, measured)
        distances[training.iterations] = kernel_distance(
            samples, real, np.random.default_rng(3)
        ).value
        print(f"E32     {training.iterations:>9}{V:>12}{distances[training.iterations]:>12.4f}")
    if training.iterations == steps:
        break
    of_d, _ = training.iteration()
    V = f"{objective.value(of_d.a_real, of_d.a_fake):.4f}"
floor = kernel_distance(samples, real, np.random.default_rng(3)).floor
print(f"        {'floor':>9}{'':12}{floor:>12.4f}    two halves of the data")
heading("After the training")
below("E32", "MMD² at the end, and before", distances[steps], distances[0])
copies = near_copies(samples, real)
print(
    f"        near copies of training pictures: {copies.value:.1%} of samples; "
    f"{copies.floor:.1%} of the pictures"
)

# %% [markdown]
# ## The figure
#
# Left: the same ten latents as $G$ learns, and below, for each of the last samples, the training
# picture that is nearest to it: alike, and not the same. Right: a hundred samples at the end.

# %%
drawing, (story, end) = panels(
    1,
    2,
    f"A DCGAN learns clothes: {len(real):,} pictures of 28×28, {steps:,} iterations   (L2, "
    f"L3, L4, L5, E32)",
    width=13.0,
    height=6.6,
)
last = sheets[steps][:10]
nearest = real[[np.linalg.norm(real - image, axis=1).argmin() for image in last]]
rows = np.concatenate([*(images[:10] for images in sheets.values()), nearest])
names = ["start", *(f"{moment:,}" for moment in moments[1:]), "nearest\nof the data"]
for axes, images in ((story, rows), (end, sheets[steps])):
    axes.imshow(
        sheet(images.reshape(-1, *data.image_shape), 10)[..., 0],
        cmap="gray",
        interpolation="nearest",
    )
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.set(xticks=[], yticks=[])
H = data.image_shape[0] + 1
story.set_yticks(H * (np.arange(len(names)) + 0.5), labels=names)
story.axhline(H * (len(names) - 1), color="#d9660a", linewidth=2.5)
story.tick_params(length=0, labelsize=11)
story.set_title("ten latents, by iteration")
end.set_title(f"100 samples after {steps:,} iterations")
save(drawing, "19_dcgan", run)

# %% [markdown]
# ## Recap
#
# * Each layer of a picture network is a line or two: dropout (L7), resampling (L9), reshape (L10),
#   spectral norm (L11), minibatch deviation (L12), residual sum (L13).
# * One fact about each decides how it is used: leaky slopes in $D$, no bias before batch norm,
#   $K/s$ in a strided convolution.
# * A DCGAN is these layers in a row; the whole is checked by one complex step for each player.
#
# **What we still owe.** How to tell $G$ what to draw: chapter 20 (L8). How to measure what it drew:
# chapter 22.
#
# ## Exercises
#
# **1 · Predict.** Half of the slopes of a ReLU are zero if its input is $N(0,1)$. Which share is it
# for $N(1,1)$?
#
# **2 · On paper.** What is the variance of $y = kx$ under dropout with probability $p$, $k =
# 1/(1-p)$ or 0 (L7)?
#
# <details><summary>Answer</summary>
#
# $E[k^2] = (1-p)\cdot(1-p)^{-2} = 1/(1-p)$ and $E[k] = 1$, so the variance is $x^2\,p/(1-p)$. With
# $p = \frac14$ it is $x^2/3$: the chapter's standard errors use it.
#
# </details>
#
# **3 · Change a line.** Replace
# `strided = SpectralNorm(Convolution(1, 3, 4, stride=2, padding=1, bias=False))` by
# `strided = SpectralNorm(Convolution(1, 3, 4, stride=1, padding=1, bias=False))`. What is the norm
# of the convolution now, and what is its bound?
#
# <details><summary>What you see</summary>
#
# The norm is 2.10 and the row is WRONG: with stride 1 the bound is $K/s = 4$, since a pixel lies in
# up to 16 patches. Spectral norm of the matrix is 1 in both cases; the convolution of stride 1 may
# still be steeper.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 76` (dropout), `numgan check --exercise 75`
# (average pooling) and `numgan check --exercise 24` (a leaky ReLU).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint residual_backward`, `numgan course hint spectral_backward` and
# `numgan course hint deviation_backward`.

# %%
moved_slopes = ReLU().backward((), ReLU().forward((), many + 1)[1], 1.0)
share = (moved_slopes == 0).mean()
answer(
    1,
    f"{share:.3f} of 100,000: the probability of a standard normal number below −1. A bias opens "
    f"or closes a ReLU.",
    abs(share - 0.1587) < 4 * np.sqrt(0.16 * 0.84 / len(many)),
)
