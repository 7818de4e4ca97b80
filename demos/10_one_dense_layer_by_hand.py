# %% [markdown]
# # 10 · One dense layer by hand (L1, L2)
#
# *From the chain rule of one variable to three matrix products, with every index written out.*
#
# **Needs.** The chain rule of one variable, and products of matrices. Chapter 9 for the complex
# step (E48).
#
# A network learns through one rule, the chain rule, and most of its numbers sit in one kind of
# layer, the dense layer. This chapter goes from the chain rule of one variable to the three matrix
# products that every backward pass is made of,
#
# $$y = xW + b,\qquad dx = dy\,W^T,\qquad dW = x^T dy,\qquad db = \sum_n dy_n \qquad (\mathrm{L1})$$
#
# with every index and with whole numbers, so that nothing is rounded and *equal* means equal.
# Chapter 11 trains networks with these gradients.
#
# One notation: $V$ is the number that a player wants to change, and $dx$ stands for $\partial
# V/\partial x$, an array of the shape of $x$.

# %%
import numpy as np
from figure import JUDGE, MODEL, OTHER, answer, equal, heading, options, panels, save
from matplotlib.patches import Rectangle

from numgan.check import complex_step, exactly, jacobian
from numgan.layers import Dense, Tanh

run = options()


def number(n):
    """As one writes it in a product: (−1)."""
    return f"{n:g}" if n >= 0 else f"(−{-n:g})"


def written(pairs):
    """1·2 + (−1)·3"""
    return " + ".join(f"{number(p)}·{number(q)}" for p, q in pairs)


def total(pairs):
    """Σ p q"""
    return sum(p * q for p, q in pairs)


# %% [markdown]
# ## One number in, one number out
#
# Let $y = xw + b$, and let $V = y^2$ be all that happens afterwards. The chain rule multiplies two
# slopes: how $V$ changes with $y$, and how $y$ changes with what you ask about.
#
# $$dx = \frac{\partial V}{\partial y}\,\frac{\partial y}{\partial x} = dy\,w,\qquad
# dw = dy\,x,\qquad db = dy$$
#
# The layer does not need $V$. It needs one number, $dy = \partial V/\partial y$, which comes from
# the next layer. Here $dy = 2y$.

# %%
x, w, b = 3.0, 2.0, -1.0
y = x * w + b
dy = 2 * y
heading("x = 3, w = 2, b = −1, y = 5, V = y² = 25: by the complex step of V (E48), and on paper")
equal("L1", "dx = dy w = 10·2", complex_step(lambda e: ((x + e) * w + b) ** 2), dy * w)
equal("L1", "dw = dy x = 10·3", complex_step(lambda e: (x * (w + e) + b) ** 2), dy * x)
equal("L1", "db = dy = 10", complex_step(lambda e: (x * w + b + e) ** 2), dy)

# %% [markdown]
# ## Two in, four out: sum over the paths
#
# Now $x$ has two entries and $y$ has four, $y_o = \sum_i x_iW_{io} + b_o$. An $x_i$ reaches $V$
# through *every* $y_o$. The chain rule of several variables says: multiply along each path, and
# add the paths.
#
# $$dx_i = \sum_o \frac{\partial V}{\partial y_o}\frac{\partial y_o}{\partial x_i}
# = \sum_o dy_o\,W_{io}$$
#
# A weight $W_{io}$ stands on one path only, from $x_i$ to $y_o$: $dW_{io} = x_i\,dy_o$.
#
# ## A batch: the samples share the weights
#
# Three samples are three rows of $x$. Each has a $y$ of its own, $y_{no} = \sum_i x_{ni}W_{io} +
# b_o$. So $x_{ni}$ still reaches $V$ through the four $y_{no}$ of its own row. But a weight is used
# by all samples, so now it has three paths, one for each $n$:
#
# $$dx_{ni} = \sum_o dy_{no}W_{io},\qquad dW_{io} = \sum_n x_{ni}\,dy_{no},\qquad
# db_o = \sum_n dy_{no} \qquad (\mathrm{L1})$$
#
# Below is every entry. The sum is written out on the left. The two columns are what
# `numgan.layers.Dense` returns, and the value of the sum.

# %%
x = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0]])  # (N, I) = (3, 2)
W = np.array([[1.0, 0.0, -2.0, 1.0], [2.0, 1.0, 1.0, -1.0]])  # (I, O) = (2, 4)
b = np.array([0.0, 1.0, -1.0, 2.0])  # (O,)
dy = np.array([[1.0, -1.0, 0.0, 2.0], [2.0, 1.0, -1.0, 0.0], [0.0, 3.0, 1.0, 1.0]])  # (N, O)
N, I, O = 3, 2, 4
layer, P = Dense(I, O), (W, b)
y, cache = layer.forward(P, x)
dx = layer.backward(P, cache, dy)
dW, db = layer.gradient(P, cache, dy)

heading("y[n, o] = Σ over i of x[n, i] W[i, o], and b[o]")
for n in range(N):
    for o in range(O):
        pairs = [(x[n, i], W[i, o]) for i in range(I)]
        equal("L1", f"y[{n},{o}] = {written(pairs)} + {number(b[o])}", y[n, o], total(pairs) + b[o])
heading("dx[n, i] = Σ over o of dy[n, o] W[i, o]")
for n in range(N):
    for i in range(I):
        pairs = [(dy[n, o], W[i, o]) for o in range(O)]
        equal("L1", f"dx[{n},{i}] = {written(pairs)}", dx[n, i], total(pairs))
heading("dW[i, o] = Σ over n of x[n, i] dy[n, o], and db[o] = Σ over n of dy[n, o]")
for i in range(I):
    for o in range(O):
        pairs = [(x[n, i], dy[n, o]) for n in range(N)]
        equal("L1", f"dW[{i},{o}] = {written(pairs)}", dW[i, o], total(pairs))
for o in range(O):
    terms = " + ".join(number(dy[n, o]) for n in range(N))
    equal("L1", f"db[{o}] = {terms}", db[o], sum(dy[n, o] for n in range(N)))

# %% [markdown]
# ## Read the sums as products of matrices
#
# A product of matrices $AB$ sums over the *last* index of $A$ and the *first* of $B$. In $\sum_o
# dy_{no}W_{io}$ the index $o$ is last in both, so $W$ is transposed: $dx = dy\,W^T$. In $\sum_n
# x_{ni}\,dy_{no}$ the index $n$ is first in both, so $x$ is transposed: $dW = x^T dy$. No other
# product has the right shape, since $N$, $I$ and $O$ are three different numbers:
#
# | product | shapes | sum over |
# | --- | --- | --- |
# | $y = xW$ | $(N, I)(I, O) = (N, O)$ | inputs $i$ |
# | $dx = dy\,W^T$ | $(N, O)(O, I) = (N, I)$ | outputs $o$ |
# | $dW = x^T dy$ | $(I, N)(N, O) = (I, O)$ | samples $n$ |
#
# The figure marks one entry of each, and the row and the column that it is made of.

# %%
drawing, axes = panels(1, 3, "A dense layer: three products   (L1)", width=13.0, height=4.4)


def table(axis, A, name, left, top, marked, colour):
    """The numbers of a matrix from the corner (left, top) on; `marked` entries are coloured."""
    rows, columns = A.shape
    for r in range(rows):
        for c in range(columns):
            face = colour if (r, c) in marked else "white"
            shade = {"facecolor": face, "edgecolor": "0.6", "alpha": 0.35 if face != "white" else 1}
            axis.add_patch(Rectangle((left + c, -top - r - 1), 1, 1, **shade))
            text = f"{A[r, c]:g}".replace("-", "−")
            axis.text(left + c + 0.5, -top - r - 0.5, text, ha="center", va="center")
    axis.text(left + columns / 2, -top + 0.25, name, ha="center", va="bottom", fontsize=11)


def product(axis, first, second, names, entry, colour):
    """A B: A to the left, B above, AB between them; an entry, its row of A and its column of B."""
    (R, S), (_, C) = first.shape, second.shape
    r, c = entry
    table(axis, first, names[0], 0, S + 1, {(r, s) for s in range(S)}, colour)
    table(axis, second, names[1], S + 1, 0, {(s, c) for s in range(S)}, colour)
    table(axis, first @ second, names[2], S + 1, S + 1, {(r, c)}, colour)
    axis.set(xlim=(-0.2, S + C + 1.2), ylim=(-S - R - 1.2, 1), aspect="equal")
    axis.set_axis_off()


product(axes[0], x, W, ("x", "W", "x W"), (2, 1), MODEL["color"])
product(axes[1], dy, W.T, ("dy", "Wᵀ", "dx"), (1, 0), JUDGE["color"])
product(axes[2], x.T, dy, ("xᵀ", "dy", "dW"), (0, 3), OTHER["color"])
axes[0].set_title("forward: sum over inputs")
axes[1].set_title("to the input: sum over outputs")
axes[2].set_title("to the weights: sum over samples")
save(drawing, "10_one_dense_layer_by_hand", run)

# %% [markdown]
# ## The same without a formula
#
# $V = \sum_{no}dy_{no}\,y_{no}$ has exactly the derivative $dy$ in $y$. The complex step (chapter
# 9) derives this $V$ in each of the 18 variables, one after the other, from the forward pass alone.


# %%
def V(x, W, b):
    """⟨dy, y⟩"""
    return (dy * layer.forward((W, b), x)[0]).sum()


def same(label, what, computed, exact):
    """A row on a whole array: its largest difference from what it should be."""
    assert np.shape(computed) == np.shape(exact)
    equal(label, f"{what}, largest |Δ|", np.abs(computed - exact).max(), 0.0)


heading("numgan's passes, and the complex step through the forward pass")
same("L1", "dx: 6 entries", dx, jacobian(lambda x: V(x, W, b), x, exactly).value)
same("L1", "dW: 8 entries", dW, jacobian(lambda W: V(x, W, b), W, exactly).value)
same("L1", "db: 4 entries", db, jacobian(lambda b: V(x, W, b), b, exactly).value)

# %% [markdown]
# ## A second layer, and why it is called backpropagation (L2)
#
# Put two layers and a nonlinearity in a row, $y = xW_1 + b_1$, $h = \varphi(y)$, $a = hW_2 + b_2$.
# Each $h$ depends on one $y$ alone, so there is one path, and the chain rule is that of one
# variable, entry by entry:
#
# $$h = \varphi(y),\qquad dy = \varphi'(y)\odot dh \qquad (\mathrm{L2})$$
#
# Start with $da$. The second layer makes $dh = da\,W_2^T$ of it, the nonlinearity makes $dy$ of
# that, and the first layer makes $dW_1 = x^Tdy$. Each layer takes the gradient of its output and
# returns that of its input. It needs nothing else of the other layers, so any stack of layers can
# be differentiated, from the last to the first. A generator learns in this way through the
# discriminator (E35).

# %%
W2, b2, da = (
    np.array([[1.0], [-2.0], [0.5], [1.0]]),
    np.array([0.5]),
    np.array([[1.0], [2.0], [-1]]),
)
second, phi = Dense(O, 1), Tanh()
y, tape_1 = layer.forward((W, b), 0.25 * x)
h, tape_phi = phi.forward((), y)
a, tape_2 = second.forward((W2, b2), h)

dh = second.backward((W2, b2), tape_2, da)  # dL1      dh = da W₂ᵀ
dW2, db2 = second.gradient((W2, b2), tape_2, da)
dy = phi.backward((), tape_phi, dh)  # dL2      dy = φ'(y) ⊙ dh
dx = layer.backward((W, b), tape_1, dy)  # dL1      dx = dy W₁ᵀ
dW1, db1 = layer.gradient((W, b), tape_1, dy)  # dL1      dW₁ = xᵀ dy


def through(x, W, b, W2, b2):
    """⟨da, a⟩"""
    return (da * (np.tanh(x @ W + b) @ W2 + b2)).sum()


inputs = {"dx": 0.25 * x, "dW₁": W, "db₁": b, "dW₂": W2, "db₂": b2}
heading("Two layers, back to front, and the complex step of the whole")
same("L2", "dy = (1 − h²) ⊙ dh", dy, (1 - h**2) * dh)
for place, (name, computed) in enumerate(zip(inputs, (dx, dW1, db1, dW2, db2), strict=True)):
    stepped = jacobian(
        lambda t, place=place: through(
            *[*inputs.values()][:place], t, *[*inputs.values()][place + 1 :]
        ),
        inputs[name],
        exactly,
    ).value
    same("L1", name, computed, stepped)

# %% [markdown]
# Two things go wrong most often. The *sum over samples* is forgotten: then $dW$ has one row too
# many, or is that of the last sample alone. And *what was kept* is overwritten: $dW = x^Tdy$ needs
# the $x$ of the same forward pass. A GAN applies $D$ twice in a step, to data and to samples, and
# code that keeps one $x$ for both gets a wrong gradient without an error. Here each forward pass
# returns its own cache.

# %%
real, fake = x, 1.0 - 2.0 * x
dy = np.ones((N, O))
_, kept = layer.forward(P, real)
_, kept_too = layer.forward(P, fake)
right = layer.gradient(P, kept, dy)[0] + layer.gradient(P, kept_too, -dy)[0]
stashed = layer.gradient(P, kept_too, dy)[0] + layer.gradient(P, kept_too, -dy)[0]
stepped = jacobian(lambda W: (real @ W).sum() - (fake @ W).sum(), W, exactly).value
heading("V = Σ D(data) − Σ D(samples), one layer applied twice")
same("L1", "a cache for each pass, and the complex step", right, stepped)
same("L1", "the last x for both: nothing is left of dW", stashed, 0 * stashed)

# %% [markdown]
# ## Recap
#
# * $dx = dy\,W^T$, $dW = x^Tdy$, $db = \sum_ndy_n$ (L1): each is a sum over the index that two
#   factors share.
# * The samples of a batch share the weights, so $dW$ and $db$ sum over samples.
# * Each layer turns the gradient of its output into that of its input (L2); its cache belongs to
#   one forward pass.
#
# **What we still owe.** A game of two networks, and the gradient with which backpropagation starts:
# chapter 11 (E33, E35).
#
# ## Exercises
#
# **1 · Predict.** Each sample of the batch is given twice, with the same $dy$. What happens to $dW$
# and to the rows of $dx$?
#
# **2 · On paper.** Some weights are always zero: $y = x(W\odot M) + b$ with a fixed mask $M$ of
# zeros and ones. What are $dx$ and $dW$ (L1)?
#
# <details><summary>Answer</summary>
#
# Put $W' = W\odot M$. Then $dx = dy\,W'^T$ and $dW' = x^Tdy$ as before. Each $W_{io}$ enters
# $W'_{io}$ alone, with the factor $M_{io}$, so $dW = M\odot(x^Tdy)$.
#
# </details>
#
# **3 · Change a line.** Replace `[[1.0, -1.0, 0.0, 2.0], [2.0, 1.0, -1.0, 0.0]` by
# `[[0.0, 0.0, 0.0, 0.0], [2.0, 1.0, -1.0, 0.0]`, so that $V$ does not depend on the first sample.
# Which entries of $dx$, $dW$ and $db$ become zero?
#
# <details><summary>What you see</summary>
#
# The first row of $dx$ is 0. No entry of $dW$ or $db$ is zero for that reason: they lose the first
# sample's term and keep the other two ($dW_{01}$ becomes 9, $dW_{10}$ becomes $-2$). That is the
# sum over samples.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 8` (a dense layer), `numgan check --exercise 9`
# (a dense layer) and `numgan check --exercise 11` (a dense layer). For each, ask which index is
# summed.
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint dense_backward`, `numgan course hint leaky_relu_backward` and
# `numgan course hint tanh_backward`.

# %%
cache = layer.forward(P, np.concatenate([real, real]))[1]
ones = np.ones((2 * N, O))
twice, once = layer.gradient(P, cache, ones)[0], layer.gradient(P, kept, ones[:N])[0]
rows = layer.backward(P, cache, ones)
answer(
    1,
    f"dW doubles: its first entry goes from {once[0, 0]:g} to {twice[0, 0]:g}. The rows of dx stay "
    f"as they are, and each comes twice: samples share weights, and nothing else.",
    bool((twice == 2 * once).all() and (rows[:N] == rows[N:]).all()),
)
