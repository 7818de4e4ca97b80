# %% [markdown]
# # 15 · A convolution's gradient by hand (L1, L3, L4, L9, L10, L17)
#
# *A convolution as wires, each one product, and so its gradient and its transpose.*
#
# **Needs.** Chapter 10 (the dense layer, L1) and chapter 9 (E48, E50).
#
# A convolution has four nested loops, and so has its gradient. This one is small enough to write
# out every sum: an image of 3×3 pixels, a kernel of 2×2, and whole numbers, so that nothing is
# rounded and *equal* means equal. Think of a convolution as a set of wires. Each wire joins one
# pixel, one tap of the kernel and one output, and carries one product:
#
# $$V = \langle dy, y\rangle = \sum_{\mathrm{wires}} dy_{ij}\,x_{ab}\,W_{uv} + b\sum_{ij}dy_{ij},
# \qquad (a,b) = (si+u,\ sj+v)$$
#
# Each of the three factors occurs once in a product. So the derivative by one factor is the product
# of the other two, summed over all wires that end there:
#
# $$y_{ij} = \sum x_{ab}W_{uv} + b,\qquad dx_{ab} = \sum dy_{ij}W_{uv},\qquad dW_{uv}
# = \sum dy_{ij}x_{ab},\qquad
# db = \sum_{ij}dy_{ij} \qquad (\mathrm{L3})$$

# %%
from itertools import product
from typing import NamedTuple

import numpy as np
from figure import answer, equal, heading, options, panels, save

from numgan.check import exactly, jacobian
from numgan.layers import AveragePool, Convolution, Dense, Flatten, TransposedConvolution, Upsample

run = options()


class Wire(NamedTuple):
    """One product of a convolution: a pixel of x, a tap of W,
    and the place in y where it arrives."""

    x: tuple[int, int]
    W: tuple[int, int]
    y: tuple[int, int]


def wires(size, K, s=1):
    """All wires of a square image of `size`, a kernel of K and the stride s, without padding."""
    out = range((size - K) // s + 1)
    return [
        Wire((s * i + u, s * j + v), (u, v), (i, j))
        for i, j, u, v in product(out, out, range(K), range(K))
    ]


def gather(bundle, end, **arrays):
    """For each place at one end of the wires: the pairs of numbers at their two other ends."""
    pairs = {}
    for wire in bundle:
        pairs.setdefault(getattr(wire, end), []).append(
            [A[getattr(wire, other)] for other, A in arrays.items()]
        )
    return dict(sorted(pairs.items()))


def total(terms):
    """Σ p q"""
    return sum(p * q for p, q in terms)


def written(terms):
    """The sum as one writes it: 1·2 + (−1)·3."""
    numbers = [[f"{n:g}" if n >= 0 else f"(−{-n:g})" for n in pair] for pair in terms]
    return " + ".join(f"{p}·{q}" for p, q in numbers)


def image(A):
    """The numbers as a batch of one image with one channel, (1, H, W, 1)."""
    return A[None, :, :, None]


def kernel(A):
    """The numbers as a kernel from one channel to one, (K, K, 1, 1)."""
    return A[:, :, None, None]


def same(label, what, computed, exact):
    """A row on a whole array: its largest difference from what it should be."""
    assert np.shape(computed) == np.shape(exact)
    equal(label, f"{what}, largest |Δ|", np.abs(computed - exact).max(), 0.0)


# %% [markdown]
# ## Every entry, written out (L3)
#
# Each row below has the sum on the left, then what the library's layer returns, and in the right
# column the value of the sum by Python's own arithmetic. The four corners of $dx$ have one wire
# each, the edges two, and the middle pixel, which all four outputs read, four.

# %%
x = np.array([[1.0, 2.0, 0.0], [3.0, 1.0, 2.0], [0.0, 2.0, 1.0]])
W = np.array([[1.0, 2.0], [-1.0, 3.0]])
b = np.array([1.0])
dy = np.array([[1.0, -1.0], [2.0, 1.0]])

layer, P = Convolution(1, 1, 2), (kernel(W), b)
y, cache = layer.forward(P, image(x))
dx = layer.backward(P, cache, image(dy))
dW, db = layer.gradient(P, cache, image(dy))
y, dx, dW = y[0, :, :, 0], dx[0, :, :, 0], dW[:, :, 0, 0]

bundle = wires(3, 2)
heading(
    f"x (3×3) and W (2×2), stride 1: {len(bundle)} wires. On the left the sum, then numgan, "
    f"then the sum's value"
)
for (i, j), terms in gather(bundle, "y", x=x, W=W).items():
    equal("L3", f"y[{i},{j}] = {written(terms)} + {b[0]:g}", y[i, j], total(terms) + b[0])
for (i, j), terms in gather(bundle, "x", y=dy, W=W).items():
    equal("L3", f"dx[{i},{j}] = {written(terms)}", dx[i, j], total(terms))
for (i, j), terms in gather(bundle, "W", y=dy, x=x).items():
    equal("L3", f"dW[{i},{j}] = {written(terms)}", dW[i, j], total(terms))
equal("L3", "db = 1 + (−1) + 2 + 1", db[0], sum(dy.flat))

# %% [markdown]
# The same from outside: $V$ alone, and a complex step in each of its 14 variables (E48).


# %%
def V(x, W, b):
    """⟨dy, y⟩"""
    return (image(dy) * layer.forward((kernel(W), b), image(x))[0]).sum()


heading("numgan's gradients, and the complex step through its forward pass")
same("L3", "dx", dx, jacobian(lambda x: V(x, W, b), x, exactly).value)
same("L3", "dW", dW, jacobian(lambda W: V(x, W, b), W, exactly).value)
same("L3", "db", db, jacobian(lambda b: V(x, W, b), b, exactly).value)

# %% [markdown]
# First row: the forward pass, and the gradient of the kernel: a convolution of $x$ with $dy$.
# Second row: each number of $dy$, times the whole kernel, at the place that it had read; the sum of
# the four is $dx$.

# %%
LARGE = 15


def cells(ax, A, title, span, sign="", largest=None, colours=None):
    """The numbers of A in cells, coloured by their value (from the largest) or as told; nan is a
    cell without a number. All pictures of the same span have cells of the same size. `sign` stands
    before the picture."""
    import matplotlib as mpl

    # pale: black figures stand on every colour
    (h, w), reach = A.shape, 1.8 * (largest or np.nanmax(np.abs(A)))
    for i, j in product(range(h), range(w)):
        value = A[i, j]
        colour = (
            mpl.colormaps["RdBu_r"](0.5 + 0.5 * value / reach) if colours is None else colours[i, j]
        )
        empty = np.isnan(value)
        ax.add_patch(
            mpl.patches.Rectangle(
                (j, i), 1, 1, facecolor="0.96" if empty else colour, edgecolor="0.45"
            )
        )
        if not empty:
            size = LARGE if span < 4 else LARGE - 4
            ax.text(
                j + 0.5,
                i + 0.54,
                f"{value:g}".replace("-", "−"),
                ha="center",
                va="center",
                fontsize=size,
            )
    ax.set(
        xlim=(w / 2 - span / 2, w / 2 + span / 2),
        ylim=(h / 2 + span / 2, h / 2 - span / 2),
        aspect="equal",
    )
    ax.set_axis_off()
    ax.text(w / 2, -0.04 * span, title, fontsize=13, ha="center", va="bottom")
    ax.text(-0.09, 0.5, sign, transform=ax.transAxes, fontsize=22, ha="center", va="center")


drawing, ((a, b1, c, d, e), parts) = panels(
    2,
    5,
    "A convolution and its gradient, number by number   (L3)",
    width=13.0,
    height=5.8,
    slides=[(0, 1, 2), (3, 4), (5, 6, 7), (8, 9)],
)
drawing.get_layout_engine().set(wspace=0.07, hspace=0.06)
cells(a, x, "x", 3.1)
cells(b1, W, f"W,   and b = {b[0]:g}", 3.1, "∗")
cells(c, y, "y = conv(x, W) + b", 3.1, "=")
cells(d, dy, f"dy,   db = Σ dy = {db[0]:g}", 3.1)
cells(e, dW, "dW = conv(x, dy)", 3.1, "→")
for ax, (i, j), sign in zip(parts, product(range(2), repeat=2), " +++", strict=False):
    laid = np.full((3, 3), np.nan)
    laid[i : i + 2, j : j + 2] = dy[i, j] * W
    cells(
        ax,
        laid,
        f"dy[{i},{j}] · W = {dy[i, j]:g} · W".replace("-", "−"),
        3.1,
        sign,
        largest=dx.max(),
    )
cells(parts[4], dx, "dx = convᵀ(dy, W)", 3.1, "=")
save(drawing, "15_convolution_by_hand", run)

# %% [markdown]
# ## Laid out as a dense layer (L1, L10)
#
# Write the pixels in one row (L10: the same numbers in another shape). Then $y = xA + b$ is a dense
# layer (chapter 10), and its matrix has a $W_{uv}$ wherever there is a wire and a zero wherever
# there is none. Its gradients are those of L1,
#
# $$dx = dy\,A^T, \qquad dA = x^T dy,$$
#
# with one thing to add: four entries of $A$ are the *same* tap. A weight that is used four times
# changes $V$ in four places, so its gradient is the sum of the four entries of $dA$. This is weight
# sharing.

# %%
A, tap = np.zeros((9, 4)), np.full((9, 4), -1)
for wire in bundle:
    entry = 3 * wire.x[0] + wire.x[1], 2 * wire.y[0] + wire.y[1]
    A[entry], tap[entry] = W[wire.W], 2 * wire.W[0] + wire.W[1]
print("\nAᵀ, a row for each output, a column for each pixel:")
for row in A.T:
    print(
        "        " + "".join(f"{entry:>4g}" if entry else "   ." for entry in row).replace("-", "−")
    )

row, shape = Flatten().forward((), image(x))
dense, Q = Dense(9, 4), (A, np.repeat(b, 4))
y_dense, cache_dense = dense.forward(Q, row)
dA, _ = dense.gradient(Q, cache_dense, dy.reshape(1, 4))
drow = dense.backward(Q, cache_dense, dy.reshape(1, 4))
heading("The dense layer with the matrix A, and the convolution")
same("L1", "y = x A + b", y_dense.reshape(2, 2), y)
same("L10", "dx = dy Aᵀ, back in its shape", Flatten().backward((), shape, drow)[0, :, :, 0], dx)
for u, v in product(range(2), repeat=2):
    places = tap == 2 * u + v
    equal(
        "L1",
        f"dW[{u},{v}], from dA: {' + '.join(f'{d:g}' for d in dA[places])}".replace("-", "−"),
        dA[places].sum(),
        dW[u, v],
    )

# %% [markdown]
# At the other end of the scale, let the kernel be as large as the image. Then there is one output
# place, every pixel has its own tap, nothing is shared, and the convolution *is* a dense layer.
# Here with two features, and a batch of two images: the given one and itself on its side.

# %%
both = np.stack([x, x.T])[..., None]
whole = np.arange(-9.0, 9.0).reshape(3, 3, 1, 2)
d2 = np.array([[1.0, -2.0], [3.0, 1.0]])
conv, full = Convolution(1, 2, 3), Dense(9, 2)
Pc, Pd = (whole, np.array([1.0, -1.0])), (whole.reshape(9, 2), np.array([1.0, -1.0]))
yc, cc = conv.forward(Pc, both)
rows, _ = Flatten().forward((), both)
yd, cd = full.forward(Pd, rows)
heading("A kernel as large as the image, and Flatten then Dense")
same("L1", "y", yc.reshape(2, 2), yd)
same(
    "L1",
    "dW",
    conv.gradient(Pc, cc, d2.reshape(2, 1, 1, 2))[0].reshape(9, 2),
    full.gradient(Pd, cd, d2)[0],
)
same(
    "L10",
    "dx",
    conv.backward(Pc, cc, d2.reshape(2, 1, 1, 2)),
    full.backward(Pd, cd, d2).reshape(both.shape),
)

# %% [markdown]
# ## The transposed convolution (L4)
#
# The convolution without its bias is $A^T$ for columns; the backward pass of it is $A$. As a layer
# it is called *transposed convolution*, with this definition (E50):
#
# $$\langle\mathrm{conv}(x, W), v\rangle = \langle x, \mathrm{conv}^T(v, W)\rangle
# \qquad (\mathrm{L4})$$
#
# Both sides are one and the same sum over the 16 wires, gathered at one end or at the other;
# gathered at the third end it is $\langle W, dW\rangle$. Forward and backward exchange their roles.
# A transpose is no inverse: it does not recover $x$. For one pixel of $dx$ it is also a convolution
# of $dy$, with a border of zeros and the kernel rotated by 180°, because the wire with the tap $(u,
# v)$ leads *back* by $(u, v)$.

# %%
transposed, PT = TransposedConvolution(1, 1, 2), (kernel(W), np.zeros(1))
scattered, cache_T = transposed.forward(PT, image(dy))
plain = y - b  # conv(x, W)
heading("Stride 1, and v = dy")
equal("L4", "⟨conv(x), v⟩ = 5·1 + 7·(−1) + 11·2 + 6·1", (plain * dy).sum(), 26.0)
equal("L4", "⟨x, convᵀ(v)⟩", (x * scattered[0, :, :, 0]).sum(), 26.0)
equal("L4", "⟨W, dW⟩", (W * dW).sum(), 26.0)
same("L4", "convᵀ(dy) is dx of the convolution", scattered[0, :, :, 0], dx)
same(
    "L4",
    "dx of convᵀ, for dy = x, is conv(x)",
    transposed.backward(PT, cache_T, image(x))[0, :, :, 0],
    plain,
)
same(
    "L4",
    "dW of convᵀ, for dy = x, is dW",
    transposed.gradient(PT, cache_T, image(x))[0][:, :, 0, 0],
    dW,
)
padded = Convolution(1, 1, 2, padding=1, bias=False)
around, _ = padded.forward((kernel(W[::-1, ::-1]),), image(dy))
same("L4", "dy with a border, W turned by 180°: dx", around[0, :, :, 0], dx)
back = transposed.forward(PT, image(plain))[0][0, :, :, 0]
print(
    f"L4      no inverse: convᵀ(conv(x)) has {back[1, 1]:g} where x has {x[1, 1]:g}, in the middle"
)

# %% [markdown]
# ## Stride 2, and its phases (L4)
#
# With stride 2 the pixel $(a, b)$ is reached by the taps with $u \equiv a$ and $v \equiv b \pmod
# 2$, and by no others. So the image falls into four *phases*, even and odd rows by even and odd
# columns, and each phase of $dx$ has a small kernel of its own: of a 3×3 kernel one phase has the
# four corners, two have two taps each, and one has the middle tap alone. The backward pass is four
# convolutions of stride 1 with interleaved outputs.

# %%
W3 = np.arange(1.0, 10.0).reshape(3, 3)
strided, P3 = Convolution(1, 1, 3, stride=2, bias=False), (kernel(W3),)
x5 = (np.arange(25.0) % 7 - 3).reshape(5, 5)
y5, cache5 = strided.forward(P3, image(x5))
dx5 = strided.backward(P3, cache5, image(dy))[0, :, :, 0]
by_hand = gather(wires(5, 3, 2), "x", y=dy, W=W3)
heading("W = 1, 2, 3 / 4, 5, 6 / 7, 8, 9, stride 2, x of 5×5: a pixel of each phase")
for i, j in ((2, 2), (2, 1), (1, 2), (1, 1)):
    equal("L3", f"dx[{i},{j}] = {written(by_hand[i, j])}", dx5[i, j], total(by_hand[i, j]))
same("L3", "all 25", dx5, np.reshape([total(terms) for terms in by_hand.values()], (5, 5)))


def stride_one(dy, taps):
    """Every number of dy sends the taps, times itself, to the places from its own on."""
    h, w = dy.shape
    out = np.zeros((h + taps.shape[0] - 1, w + taps.shape[1] - 1))
    for u, v in product(*map(range, taps.shape)):
        out[u : u + h, v : v + w] += dy * taps[u, v]
    return out


for i, j in product(range(2), repeat=2):
    taps = W3[i::2, j::2]
    name = f"dx[{i}::2, {j}::2], taps {', '.join(f'{tap:g}' for tap in taps.flat)}"
    same("L4", name, dx5[i::2, j::2], stride_one(dy, taps))
equal(
    "L4",
    "⟨conv(x), v⟩ = ⟨x, convᵀ(v)⟩ with stride 2",
    (y5[0, :, :, 0] * dy).sum(),
    (x5 * dx5).sum(),
)

# %% [markdown]
# A generator uses this as its forward pass, to make images larger. The number of wires at each
# pixel then makes a pattern in the image before any training. Where the stride does not divide the
# kernel's size the phases have different numbers of taps, 4, 2, 2, 1, and the image has a
# checkerboard pattern. With 4×4 taps and stride 2 each phase has 2×2.


# %%
def count(K, s=2, h=3):
    """The number of wires at each pixel, of an output of h×h."""
    size = s * (h - 1) + K
    ends = gather(wires(size, K, s), "x", W=np.ones((K, K)))
    return np.reshape([len(terms) for terms in ends.values()], (size, size))


heading("Wires of a pixel inside, away from the border")
for K, least, most in ((3, 1, 4), (4, 4, 4)):
    inner = count(K)[2:-2, 2:-2]
    equal("L4", f"K = {K}, stride 2: the fewest", inner.min(), least)
    equal("L4", f"K = {K}, stride 2: the most", inner.max(), most)

# %% [markdown]
# Stride 2: the colour of a pixel is the colour of its taps. And the number of wires at each pixel,
# for two kernels.

# %%
PHASES = np.array([["#f6c89f", "#b9d7f2"], ["#bfe3c2", "#e3c6ee"]])
drawing, (f, g, h, k3, k4) = panels(
    1, 5, "Stride 2: phases, and wires   (L4)", width=13.0, height=3.2, slides=[(0, 1, 2), (3, 4)]
)
drawing.get_layout_engine().set(wspace=0.07)
phases = np.tile(PHASES, (3, 3))
cells(f, dy, "dy,   stride 2", 5.2, colours=np.full((2, 2), "white"))
cells(g, W3, "W:   four phases", 5.2, "∗ᵀ", colours=phases)
cells(h, dx5, "dx, phase by phase", 5.2, "=", colours=phases)
cells(k3, count(3), "wires, K = 3: uneven", 8.2)
cells(k4, count(4), "wires, K = 4: even inside", 8.2)
save(drawing, "15_convolution_by_hand_stride", run)

# %% [markdown]
# ## Groups of channels (L17)
#
# With several channels a wire ties a channel of $x$ to a channel of $y$, and there are as many
# wires as pairs. Cut the channels into $G$ groups and keep the wires within a group: $1/G$ of the
# weights and of the products are left. What is cut had the weight 0, a constant; so nothing else
# changes, and each group goes back through its own kernel. With one channel a group, the
# *depthwise* convolution, every channel has a kernel for itself.

# %%
whole, grouped = Convolution(4, 4, 2, bias=False), Convolution(4, 4, 2, bias=False, groups=2)
lone = Convolution(4, 4, 2, bias=False, groups=4)
x8, d8 = np.arange(36.0).reshape(1, 3, 3, 4) % 7, np.arange(16.0).reshape(1, 2, 2, 4) % 5
W2 = np.arange(32.0).reshape(2, 2, 2, 4) % 3 - 1
W4 = np.zeros((2, 2, 4, 4))
W4[:, :, :2, :2], W4[:, :, 2:, 2:] = W2[..., :2], W2[..., 2:]
heading("4 channels in 2 groups, and one kernel with zeros between the groups")
for layer in (whole, grouped, lone):
    print(f"L17     {layer.groups} groups: {np.prod(layer.kernel)} weights")
(yw, cw), (y2, c2) = whole.forward((W4,), x8), grouped.forward((W2,), x8)
same("L17", "y", y2, yw)
same("L17", "dx", grouped.backward((W2,), c2, d8), whole.backward((W4,), cw, d8))
dW2, dW4 = grouped.gradient((W2,), c2, d8)[0], whole.gradient((W4,), cw, d8)[0]
same("L17", "dW of the first group", dW2[..., :2], dW4[:, :, :2, :2])
same("L17", "dW of the second group", dW2[..., 2:], dW4[:, :, 2:, 2:])

# %% [markdown]
# ## One wire for each pixel: pooling and upsampling (L9)
#
# When the kernel is as large as the stride, the windows do not overlap and each pixel has exactly
# one wire. With all taps $1/s^2$ that is average pooling; its gradient hands each pixel of the
# block the same share. With all taps 1, the transposed convolution repeats a pixel over its block:
# upsampling, whose gradient collects the block.

# %%
x4, d4 = image(np.arange(16.0).reshape(4, 4)), image(dy)
quarter, ones = kernel(np.full((2, 2), 0.25)), kernel(np.ones((2, 2)))
pooling, growing = (
    Convolution(1, 1, 2, stride=2, bias=False),
    TransposedConvolution(1, 1, 2, stride=2, bias=False),
)
yp, cp = pooling.forward((quarter,), x4)
yg, cg = growing.forward((ones,), d4)
heading("x of 4×4, K = s = 2")
equal("L9", "wires of a pixel: the fewest, and the most", count(2, h=2).min(), count(2, h=2).max())
same("L9", "pooling's y", AveragePool(2).forward((), x4)[0], yp)
same(
    "L9",
    "pooling's dx",
    AveragePool(2).backward((), x4.shape, d4),
    pooling.backward((quarter,), cp, d4),
)
equal(
    "L9",
    "pooling's dx[0,0] = dy[0,0]/4",
    AveragePool(2).backward((), x4.shape, d4)[0, 0, 0, 0],
    0.25,
)
same("L9", "upsampling's y", Upsample(2).forward((), d4)[0], yg)
same(
    "L9",
    "upsampling's dx",
    Upsample(2).backward((), d4.shape, x4),
    growing.backward((ones,), cg, x4),
)
equal(
    "L9",
    "upsampling's dx[0,0] = 0 + 1 + 4 + 5",
    Upsample(2).backward((), d4.shape, x4)[0, 0, 0, 0],
    10.0,
)

# %% [markdown]
# ## Recap
#
# * A convolution is a sum of products, one for each output and tap; each gradient is the product of
#   the other two factors (L3).
# * The transposed convolution is the backward pass as a layer (L4): it is no inverse.
# * Shared weights add their gradients; with stride 2 the pixels fall into four phases with their
#   own taps.
#
# **What we still owe.** A layer that couples the samples of a batch: chapter 16 (L5).
#
# ## Exercises
#
# **1 · Predict.** The image grows from 3×3 to 5×5, with the kernel 2×2 and stride 1. How many terms
# has each entry of $dW$ then, in place of 4?
#
# **2 · On paper.** Show from the sum over wires that $\langle\mathrm{conv}(x,W),v\rangle = \langle
# x,\mathrm{conv}^T(v,W)\rangle = \langle W, dW\rangle$ with $dy = v$ (L4).
#
# <details><summary>Answer</summary>
#
# All three are $\sum x_{ab}W_{uv}v_{ij}$ over all wires. Grouped by $(i,j)$ it is $\sum
# v_{ij}\,\mathrm{conv}(x)_{ij}$, grouped by $(a,b)$ it is $\sum x_{ab}\,dx_{ab}$, and grouped by
# $(u,v)$ it is $\sum W_{uv}\,dW_{uv}$.
#
# </details>
#
# **3 · Change a line.** Replace `W = np.array([[1.0, 2.0], [-1.0, 3.0]])` by
# `W = np.array([[0.0, 0.0], [0.0, 1.0]])`, a kernel with one tap. What are $y$ and $dx$ now?
#
# <details><summary>What you see</summary>
#
# $y$ is the lower right 2×2 of $x$, plus 1, and $dx$ is $dy$ at the lower right with zeros around:
# a shift, and the shift back. Three rows say WRONG, those that expect the inner product 26; the two
# sides are still equal to each other.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 73` (a convolution),
# `numgan check --exercise 74` (a convolution that keeps the size) and `numgan check --exercise 72`
# (a transposed convolution).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint pool_backward` and `numgan course hint conv_backward`.

# %%
terms = [len(each) for each in gather(wires(5, 2), "W", x=np.ones((5, 5))).values()]
answer(
    1,
    f"{terms[0]}: one for each place of the output, which is 4×4. dx does not change in this way, "
    f"its middle pixels still have 4 terms.",
    terms == [16] * 4,
)
