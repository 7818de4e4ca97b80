# %% [markdown]
# # 31 · Attention by hand (L18)
#
# *Self-attention on three positions: its softmax, its three paths, and its second derivative.*
#
# **Needs.** Chapter 10 (L1), chapter 9 (E48), chapter 20 (the softmax, L15); chapter 18 for the
# last sections (E44).
#
# In a convolution each output depends on neighbouring pixels. In self-attention each output depends
# on all positions, with weights that are computed from the positions themselves (Vaswani et al.
# 2017; in GANs, Zhang et al. 2018). The positions are the rows of $X$, and
#
# $$Q=XW_q,\quad K=XW_k,\quad U=XW_v,\qquad S=\tfrac{1}{\sqrt d}QK^T,\quad
# A=\mathrm{softmax}(S)\text{ by rows},\quad Y=AU \qquad (\mathrm{L18})$$
#
# $S$ has the product of each query with each key, the softmax turns each row into weights, and $Y$
# is a weighted mean of the values. Here $T=3$ positions with one query, one key and one value each.
# $X$ is the identity, so that $W_q$, $W_k$ and $W_v$ *are* the queries, keys and values, and the
# keys are logarithms, so that the weights are fractions.

# %%
import numpy as np
from figure import answer, below, equal, heading, options, panels, save

from numgan.check import Report, check_layer, complex_step, exactly, jacobian
from numgan.layers import Convolution, SelfAttention
from numgan.layers.attention import softmax, through, turned

run = options()

q, k, u = np.array([1.0, 2.0, 0.0]), np.log([1.0, 2.0, 3.0]), np.array([0.0, 21.0, 42.0])
dy = np.array([1.0, -1.0, 2.0])
layer = SelfAttention(3, 1, 1)  # 3 numbers in, 1 out, queries of width d = 1
P, X, dY = (q[:, None], k[:, None], u[:, None]), np.eye(3)[None], dy[None, :, None]
Y, cache = layer.forward(P, X)
A = cache.A[0]

heading("q = 1, 2, 0;  k = log 1, log 2, log 3;  u = 0, 21, 42")
for t, weights in enumerate(([1 / 6, 2 / 6, 3 / 6], [1 / 14, 4 / 14, 9 / 14], [1 / 3] * 3)):
    for j in range(3):
        equal("L18", f"A[{t},{j}], as {3 * '· '}k_j^{q[t]:g}", A[t, j], weights[j])
for t, mean in enumerate((28.0, 33.0, 21.0)):
    equal("L18", f"Y[{t}] = Σ_j A[{t},j] u[j]", Y[0, t, 0], mean)

# %% [markdown]
# The third position has the query $q=0$: it gets the plain mean. The second query is twice the
# first, so its weights are the squares of the first's, divided by their sum.
#
# ## Through the softmax
#
# Go back through $Y=AU$, a product of matrices: $dU=A^TdY$ and $dA=dY\,U^T$. Then the softmax. Each
# weight grows with its own logit and shrinks with those of its row:
# $R\{A\}=A\odot(RS-\mathrm{rowsum}(A\odot RS))$. That is the matrix $\mathrm{diag}(a)-aa^T$ for a
# row $a$. It is symmetric, so the gradient has the same form:
#
# $$dS = A\odot(dA-r),\qquad r=\mathrm{rowsum}(A\odot dA)$$
#
# A row of weights sums to 1 whatever its logits are. So a row of $dS$ sums to 0: what one position
# gains in weight, others lose.

# %%
dQ, dK, dU, dA, dS = (array[0] for array in layer.toward(cache, dY))
J = jacobian(softmax, np.log([[1.0, 2.0, 3.0]]), exactly).value[0, :, 0]
a = A[0]
heading("dy = 1, −1, 2;  the softmax of the first row, a = 1/6, 2/6, 3/6")
for i in range(3):
    for j in range(i, 3):
        equal("L18", f"∂a_{j}/∂s_{i} = a_{i}(δ − a_{j})", J[i, j], a[i] * ((i == j) - a[j]))
equal("L18", "largest |J − Jᵀ|", np.abs(J - J.T).max(), 0.0)
by_hand = [[-14 / 3, -7 / 3, 7.0], [33 / 14, 48 / 14, -81 / 14], [-14.0, 0.0, 14.0]]
for t in range(3):
    for j in range(3):
        equal("L18", f"dS[{t},{j}]", dS[t, j], by_hand[t][j], by="rounding")
    equal("L18", f"the row dS[{t}] sums to", dS[t].sum(), 0.0, by="rounding")

# %% [markdown]
# ## Three copies of $X$
#
# $X$ enters three times: in the queries, in the keys and in the values. Give each use a copy of its
# own, move one and fix the others: three derivatives by the complex step, and their sum is $dX$.
#
# $$dX = \underbrace{dQ\,W_q^T}_{\text{queries}}+\underbrace{dK\,W_k^T}_{\text{keys}}+
# \underbrace{dU\,W_v^T}_{\text{values}}$$

# %%
Wq, Wk, Wv = P


def value(asking, answering, passing):
    """V = ⟨dy, Y⟩ with a copy of X for each use."""
    weights = softmax((asking @ Wq) @ turned(answering @ Wk))
    return (dY * (weights @ (passing @ Wv))).sum()


def slope(n):
    """∂V/∂(copy n of X), entry by entry."""
    dX = np.zeros((3, 3))
    for at in np.ndindex(3, 3):
        E = np.zeros((1, 3, 3))
        E[(0, *at)] = 1
        dX[at] = complex_step(lambda e, E=E: value(*(X + e * E * (n == m) for m in range(3))))
    return dX


paths = {"queries": dQ @ Wq.T, "keys": dK @ Wk.T, "values": dU @ Wv.T}
dX = layer.backward(P, cache, dY)[0]
heading("largest difference of each path from the complex step of its own copy")
for n, (name, path) in enumerate(paths.items()):
    equal("L18", f"the path through the {name}", np.abs(path - slope(n)).max(), 0.0, by="rounding")
equal(
    "L18",
    "their sum, and dX of the layer",
    np.abs(sum(paths.values()) - dX).max(),
    0.0,
    by="rounding",
)
for name, path in paths.items():
    print(f"L18     largest entry of the path through the {name}: {np.abs(path).max():.4g}")

# %% [markdown]
# ## A forgotten path
#
# If the weights are treated as constants, as a `detach` in the wrong place does, two of three paths
# are missing. $Y$ is right, the training runs, and $dW_q$ and $dW_k$ are right too. Only the layers
# *before* this one get a wrong gradient. The check names it.


# %%
class HeldConstant(SelfAttention):
    """dX = dU W_vᵀ: A is taken for a constant."""

    def backward(self, P, cache, dy):
        dU = self.toward(cache, self.rows(dy))[2]
        return self.like(dU @ P[2].T, dy)


class NoRowSum(SelfAttention):
    """dS = A ⊙ dA: a softmax entry by entry."""

    def toward(self, cache, dY):
        _, Q, K, U, A = cache
        dA = dY @ turned(U)
        dS = A * dA
        root = np.sqrt(self.d)
        return dS @ K / root, turned(dS) @ Q / root, turned(A) @ dY, dA, dS


def cause(layer, array):
    """The checker's word on one array of a layer of 3 to 2 numbers, d = 4, at 5 positions."""
    failed = [f for f in check_layer(layer, (2, 5, 3)).failures if f.parameter == array]
    return Report(failed[:1])


print()
print(cause(HeldConstant(3, 2, 4), "dx"))
print()
print(cause(NoRowSum(3, 2, 4), "dWq"))
w = paths["values"]
heading("a step along w, the path through the values alone")
keeps = complex_step(lambda e: value(*([X + e * w] * 3)))
equal("L18", "the slope of V along w: ⟨dX, w⟩", keeps, (dX * w).sum(), by="rounding")
below(
    "L18",
    "the slope that w promises, |w|², is off by over 0.1",
    0.1,
    abs(1 - (w * w).sum() / keeps),
)

# %% [markdown]
# ## Its change
#
# A gradient penalty differentiates $dX$, so it needs $R\{dS\}$. $dS=A\odot(dA-r)$ is a product:
#
# $$R\{dS\}=RA\odot(dA-r)+A\odot(RdA-Rr),\qquad Rr=\mathrm{rowsum}(RA\odot dA+A\odot RdA)$$
#
# All first derivatives are right without the terms of $RA$. The second are not. A layer with 2
# numbers at each of 5 positions, everything random; R-passes against the complex step of the
# ordinary passes along the same direction:

# %%
rng = np.random.default_rng(31)
wide = SelfAttention(2, 3, 2)
Pw = wide.initial(rng)
RPw = tuple(rng.standard_normal(W.shape) for W in Pw)
x, Rx = rng.standard_normal((2, 2, 5, 2))
d, Rd = rng.standard_normal((2, 2, 5, 3))


def ordinary(e):
    """y, dx and the three dW where everything has moved by e."""
    at = tuple(W + e * RW for W, RW in zip(Pw, RPw, strict=True))
    y, kept = wide.forward(at, x + e * Rx)
    return y, wide.backward(at, kept, d + e * Rd), *wide.gradient(at, kept, d + e * Rd)


_, found = wide.forward(Pw, x)
Ry, Rfound = wide.rforward(Pw, found, RPw, Rx)
at = (Pw, found, RPw, Rfound, d, Rd)
passes = (Ry, wide.rbackward(*at), *wide.rgradient(*at))
heading("largest difference between R{·} by its formula and by the complex step")
for n, (name, R) in enumerate(zip(("y", "dx", "dWq", "dWk", "dWv"), passes, strict=True)):
    stepped = complex_step(lambda e, n=n: ordinary(e)[n])
    equal("L18", f"R{{{name}}}", np.abs(R - stepped).max(), 0.0, by="rounding")

_, _, _, dAw, _ = wide.toward(found, d)
RdA = Rd @ turned(found.U) + d @ turned(Rfound.U)
RdS = complex_step(lambda e: through(found.A + e * Rfound.A, dAw + e * RdA))
half = through(found.A, RdA)
gap = np.abs(RdS - half).max() / np.abs(RdS).max()
below("L18", "R{dS} without the terms of RA: 0.1, and its error", 0.1, gap)

# %% [markdown]
# ## Which pixels an output depends on
#
# Left: the four matrices of the example, in the order in which they are computed. Right: which
# pixels of an image of 8×8 can move the pixel that is marked, $\lVert\partial y_t/\partial
# x_j\rVert$, through a convolution of 3×3 and through self-attention, both at random weights.
# Through the convolution it depends on 9 pixels. Through attention it depends on all of them, by
# the keys and the values, and most on the pixel itself, because its query changes all of its
# weights.

# %%
H, C, t = 8, 4, (2, 5)
image = rng.standard_normal((1, H, H, C))
reach = {}
for name, one in (
    ("convolution", Convolution(C, C, 3, 1, 1)),
    ("attention", SelfAttention(C, C, 2)),
):
    W = tuple(2 * p for p in one.initial(rng))
    D = jacobian(lambda x, one=one, W=W: one.forward(W, x)[0][0][t], image, exactly).value
    reach[name] = np.sqrt((D**2).sum(axis=-1).sum(axis=-1))[0]
heading("pixels that move y at the marked one, of 64")
equal("L18", "through a convolution of 3×3", (reach["convolution"] > 0).sum(), 9)
equal("L18", "through self-attention", (reach["attention"] > 0).sum(), 64)

drawing, axes = panels(
    1,
    6,
    "Self-attention: weights, their gradients, and reach   (L18)",
    width=13.0,
    height=2.9,
    slides=[(0, 1), (2, 3), (4, 5)],
)
S = np.outer(q, k)
for axis, (name, M) in zip(axes, {"S = QKᵀ": S, "A": A, "dA": dA, "dS": dS}.items(), strict=False):
    top = np.abs(M).max()
    axis.imshow(M, cmap="PuOr_r", clim=(-1.6 * top, 1.6 * top))
    for i, j in np.ndindex(3, 3):
        axis.text(j, i, f"{M[i, j]:.3g}".replace("-", "−"), ha="center", va="center")
    axis.set(title=name, xticks=range(3), yticks=range(3), xlabel="looked at, j")
    axis.grid(visible=False)
axes[0].set_ylabel("looking, t")
for axis, (name, M) in zip(axes[4:], reach.items(), strict=True):
    axis.imshow(np.log10(np.maximum(M, 1e-4)), cmap="gray")
    axis.plot(t[1], t[0], "s", markersize=13, markerfacecolor="none", color="#d9660a")
    axis.set(title=f"reach of {name}", xticks=[], yticks=[])
    axis.grid(visible=False)
save(drawing, "31_attention_by_hand", run)

# %% [markdown]
# ## Recap
#
# * Self-attention is three dense layers, a softmax of rows, and a weighted mean (L18).
# * A row of $dS$ sums to 0; $dX$ is the sum of three paths, through queries, keys and values.
# * Its R-pass is the product rule; without the terms of $RA$ first derivatives are right and second
#   ones wrong.
#
# **What we still owe.** What $D$ may see of a picture at all: chapter 32 (L19, L20).
#
# ## Exercises
#
# **1 · Predict.** A query is 0. Which weights does it give to the three positions, and what does
# its row of $dS$ depend on?
#
# **2 · On paper.** Let $a = \mathrm{softmax}(s)$. Show that $\sum_jds_j = 0$ for any $da$, without
# the formula for $ds$ (L18).
#
# <details><summary>Answer</summary>
#
# Adding $t$ to all logits does not change $a$, so $V(s + t\mathbf1) = V(s)$. The derivative in $t$
# at 0 is $\sum_jds_j$.
#
# </details>
#
# **3 · Change a line.** Replace `dy = np.array([1.0, -1.0, 2.0])` by
# `dy = np.array([1.0, 0.0, 0.0])`: $V$ depends on the first position's output alone. Which rows of
# $dS$ and which entries of $dX$ become 0?
#
# <details><summary>What you see</summary>
#
# The second and third rows of $dS$: no output of theirs enters $V$ (five rows say WRONG, which
# expect other numbers). With them the path through the queries is 0 at these positions. $dX$ is not
# 0 there: as keys and values they still take part in the first output.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 101` (self-attention) and
# `numgan check --exercise 103` (self-attention, its R-pass).

# %%
asks_nothing = softmax(np.zeros((1, 3)))[0]
answer(
    1,
    f"{asks_nothing[0]:.4f} each, the plain mean. Its logits q·k are 0 for all keys, so its "
    f"row of dS depends on the values and dy alone: dS[2] = {dS[2][0]:g}, {dS[2][1]:g}, "
    f"{dS[2][2]:g}.",
    np.abs(asks_nothing - 1 / 3).max() < 1e-15,
)
