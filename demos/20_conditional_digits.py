# %% [markdown]
# # 20 · Digits on demand: the class as an input (L8, L15)
#
# *A class is one more input; G draws the digit that it is told to.*
#
# **Needs.** Chapter 10 (L1), chapter 5 (E18), chapter 11 (the game), chapter 17 (R1).
#
# A conditional GAN plays the same game on *pairs* $(x, c)$ of a picture and its class. $G$ gets the
# class to draw, $D$ gets the class that is claimed, and a pair is a longer row $[x\,|\,c]$: nothing
# in E13 to E35 changes. What is new is how a class becomes numbers. As a row $c$ with a 1 at the
# class and 0 elsewhere it becomes a vector by a matrix, and a matrix is a dense layer:
#
# $$y = cE, \qquad dE = c^T dy \qquad (\mathrm{L8})$$

# %%
import numpy as np
from figure import answer, below, equal, heading, options, panels, save

from numgan.architectures import mlp
from numgan.check import exactly, jacobian
from numgan.data import dataset
from numgan.game import Game
from numgan.layers import (
    Categories,
    Conditioned,
    Dense,
    Embedding,
    LeakyReLU,
    Projection,
    Tanh,
    one_hot,
)
from numgan.metrics import class_accuracy, train_classifier
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, linear
from numgan.penalties import PENALTIES
from numgan.study.plots import sheet
from numgan.training import Training

run = options()
rng = np.random.default_rng(16)


def same(label, what, computed, exact):
    """A row on a whole array: its largest difference from what it should be."""
    equal(label, f"{what}, largest |Δ|", np.abs(computed - exact).max(), 0.0)


# %% [markdown]
# ## The embedding: a row for each class (L8)
#
# The product $cE$ picks a row of $E$. So its gradient puts each sample's $dy$ back into the row
# that was picked; where a class occurs twice they add up, and a class that does not occur learns
# nothing from this batch. Five samples of the classes 2, 0, 2, 1, 2 out of four, in whole numbers:

# %%
classes = [2, 0, 2, 1, 2]
c = one_hot(classes, 4, "float64")
E = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 1.0], [5.0, 5.0]])
dy = np.array([[1.0, 0.0], [2.0, 1.0], [-1.0, 4.0], [3.0, 3.0], [2.0, -2.0]])
embedding = Embedding(4, 2)
y, cache = embedding.forward((E,), c)
(dE,) = embedding.gradient((E,), cache, dy)
heading("Classes 2, 0, 2, 1, 2; dy = (1, 0), (2, 1), (−1, 4), (3, 3), (2, −2)")
same("L8", "y = c E picks the rows 2, 0, 2, 1, 2", y, E[classes])
sums = {2: "(1, 0) + (−1, 4) + (2, −2)", 0: "(2, 1)", 1: "(3, 3)", 3: "nothing: no sample of it"}
exact = {2: (2, 2), 0: (2, 1), 1: (3, 3), 3: (0, 0)}
for k, terms in sums.items():
    same("L8", f"dE[{k}] = {terms}", dE[k], np.array(exact[k]))

# %% [markdown]
# The generator needs no layer of its own for it. Its first dense layer reads $[z\,|\,c]$, and the
# part of its matrix that meets $c$ *is* an embedding: each class has a bias of its own.

# %%
z, W, b = rng.standard_normal((5, 3)), rng.standard_normal((7, 2)), rng.standard_normal(2)
first = Dense(7, 2)
y, cache = first.forward((W, b), np.concatenate([z, c], axis=1))
dW, _ = first.gradient((W, b), cache, dy)
heading("A dense layer on [z | c], z of 3 numbers")
same("L8", "y = z W_z + c E + b with E the last rows of W", y, z @ W[:3] + W[3:][classes] + b)
same("L8", "and the last rows of dW are dE", dW[3:], dE)

# %% [markdown]
# ## A class as an output: a softmax head (L15)
#
# Rows of a table may have a class among what $G$ *makes*. Then a block of its last logits goes
# through a softmax, which comes near to a row $c$ as the temperature $\tau$ falls:
#
# $$y_k=\frac{e^{x_k/\tau}}{\sum_je^{x_j/\tau}},
# \qquad dx=\frac{1}{\tau}\,y\odot(dy-\langle y,dy\rangle) \qquad (\mathrm{L15})$$
#
# The logits $\log 1, \log 2, \log 5$ have $y = (1, 2, 5)/8$. With $dy = (8, 0, 0)$ the inner
# product is 1, so $dx = (1, 2, 5)/8 \odot (7, -1, -1)$: what one category gains, the others lose.

# %%
head, x = Categories(free=1, sizes=(3,)), np.log([[2.0, 1.0, 2.0, 5.0]])
y, cache = head.forward((), x)
heading("One number, and a category of three")
same("L15", "y = (log 2, 1/8, 2/8, 5/8)", y, np.array([[np.log(2.0), 1 / 8, 2 / 8, 5 / 8]]))
dx = head.backward((), cache, np.array([[3.0, 8.0, 0.0, 0.0]]))
same("L15", "dx = (3, 7/8, −2/8, −5/8)", dx, np.array([[3.0, 7 / 8, -2 / 8, -5 / 8]]))
equal("L15", "the sum of dx over the block", dx[0, 1:].sum(), 0.0)

# %% [markdown]
# ## The discriminator: a projection (L8)
#
# How should $D$ use the class? The logit of the best $D$ on pairs (E18) is a sum of two terms,
#
# $$a^*(x, c) = \log\frac{p(x, c)}{q(x, c)}
# = \underbrace{\log\frac{p(x)}{q(x)}}_{\text{is it real?}} +
# \underbrace{\log\frac{p(c|x)}{q(c|x)}}_{\text{is it of this class?}}$$
#
# Let $p(c|x)$ and $q(c|x)$ each be a softmax of numbers that are linear in some features $h(x)$.
# Then the second is linear in $h$ too, with weights that depend on the class (and the two
# denominators, which do not, go to the first). This is the *projection discriminator* of Miyato and
# Koyama (arXiv:1802.05637):
#
# $$a = \langle h, w + cE\rangle + b,
# \qquad dh = dy\,(w + cE), \quad dw = \sum_n dy_n h_n, \quad dE = c^T(dy\,h),
# \quad db = \sum_n dy_n \qquad (\mathrm{L8})$$

# %%
# p(x, c), q(x, c)
p, q = rng.dirichlet(np.ones(12)).reshape(4, 3), rng.dirichlet(np.ones(12)).reshape(4, 3)
px, qx = p.sum(axis=1, keepdims=True), q.sum(axis=1, keepdims=True)
heading("Two joint distributions of 4 values of x and 3 classes")
same(
    "E18",
    "the two questions add up to a*",
    np.log(px / qx) + np.log((p / px) / (q / qx)),
    np.log(p / q),
)

projection = Projection(2, 3)
w, b, E = np.array([1.0, -1.0]), np.array([2.0]), np.array([[0.0, 1.0], [2.0, 0.0], [-1.0, 3.0]])
h, asked = np.array([[3.0, 1.0], [2.0, -2.0], [1.0, 4.0]]), [1, 2, 1]
rows, da = np.concatenate([h, one_hot(asked, 3)], axis=1), np.array([[1.0], [-1.0], [2.0]])
P = (w, b, E)
a, cache = projection.forward(P, rows)
dx = projection.backward(P, cache, da)
dw, db, dE = projection.gradient(P, cache, da)
heading("h = (3, 1), (2, −2), (1, 4) of the classes 1, 2, 1; w = (1, −1), b = 2; da = 1, −1, 2")
equal("L8", "a[0] = 3·(1 + 2) + 1·(−1 + 0) + 2", a[0, 0], 10.0)
equal("L8", "a[1] = 2·(1 − 1) + (−2)·(−1 + 3) + 2", a[1, 0], -2.0)
same("L8", "dh[0] = 1·(w + E[1]) = (3, −1)", dx[0, :2], np.array([3, -1]))
same("L8", "dw = 1·(3, 1) − (2, −2) + 2·(1, 4)", dw, np.array([3, 11]))
same("L8", "dE[1] = 1·(3, 1) + 2·(1, 4)", dE[1], np.array([5, 9]))
same("L8", "dE[2] = −1·(2, −2)", dE[2], np.array([-2, 2]))
same("L8", "dE[0] = 0: no sample of it", dE[0], 0.0)
equal("L8", "db = 1 − 1 + 2", db[0], 2.0)

# %% [markdown]
# The gradient by $c$ is useful too: $\partial a/\partial c_k = \langle h, E_k\rangle$ is what the
# claim "it is a $k$" adds to the logit, for every $k$ at once. All of it is compared with the
# complex step (E48).

# %%
heading("The same, by the complex step of ⟨da, a⟩")
same("L8", "dc[0] = ⟨h[0], E_k⟩ for each class k", dx[0, 2:], E @ h[0])
for number, (name, computed) in enumerate((("dw", dw), ("db", db), ("dE", dE))):

    def V(value, number=number):
        """⟨da, a⟩ with one of the parameters replaced."""
        return (da * projection.forward((*P[:number], value, *P[number + 1 :]), rows)[0]).sum()

    same("L8", name, computed, jacobian(V, P[number], exactly).value)
stepped = jacobian(lambda x: (da * projection.forward(P, x)[0]).sum(), rows, exactly).value
same("L8", "dh and dc", dx, stepped)

# %% [markdown]
# ## Digits
#
# 1,797 handwritten digits of 8×8 pixels. $G$ takes $[z\,|\,c]$ to $[x\,|\,c]$, and $c$ bypasses the
# layers. $D$ makes features of $x$ alone, and the class enters in the projection. Classes are drawn
# as often as the data have them, so that $q(c) = p(c)$. R1 (chapter 17) limits the slope of $D$.
# One minute.

# %%
data = dataset("digits")
pairs = data.conditional()
latent, width, steps = (16, 128, 1200) if run.quick else (16, 256, 20_000)
eta, moments = (2e-3, (50, 1200)) if run.quick else (2e-4, (500, 20_000))
K, x_dim = 10, data.dim
G = Network(
    [Conditioned(mlp([latent + K, width, width, x_dim], last=[Tanh()]).layers, K)], (latent + K,)
)
features = (*mlp([x_dim, width, width]).layers, LeakyReLU())
D = Network([Conditioned(features, K, seen=False), Projection(width, K)], (x_dim + K,))
training = Training(
    Game(G, D, OBJECTIVES["nonsaturating"], PENALTIES["r1"], classes=K),
    pairs,
    rng,
    D.initial(rng),
    G.initial(rng),
    Adam(linear(eta, steps), 0.5),
    Adam(linear(eta, steps), 0.5),
    m=64,
    classes=pairs.all_rows()[:, x_dim:],
    every=4,
    average=0.98 if run.quick else 0.99,
)
judge = train_classifier(data.all_rows(), data.labels, np.random.default_rng(0))
# the same ten everywhere
z = np.tile(np.random.default_rng(2).standard_normal((10, latent), dtype="float32"), (K, 1))
asked_for = np.concatenate([z, np.eye(K, dtype="float32").repeat(10, axis=0)], axis=1)
many = training.latents(2000, np.random.default_rng(3))
sheets, right = {}, {}
print(f"\nG:\n{G}\n\nD:\n{D}\n\n{'iteration':>17}{'read as the class that was asked for':>40}")
for _ in range(steps):
    training.iteration()
    if training.iterations in moments:
        sheets[training.iterations] = G(training.theta_bar, asked_for)[:, :x_dim]
        accuracy = class_accuracy(
            judge, G(training.theta_bar, many)[:, :x_dim], many[:, latent:].argmax(axis=1)
        )
        right[training.iterations] = accuracy.value
        print(f"L8      {training.iterations:>9}{accuracy.value:>40.1%}")
print(
    f"        {'data':>9}{judge.accuracy.value:>40.1%}    of real digits that the classifier had "
    f"not seen"
)
heading("After the training")
first, last = moments
below("L8", "2,000 samples read as asked for: nine tenths, and of G", 0.9, right[last])
wrong = one_hot((data.labels + 1) % K, K)
claims = (pairs.all_rows(), np.concatenate([data.all_rows(), wrong], axis=1))
told, misled = (D(training.theta_d, rows).mean() for rows in claims)
below("L8", "mean logit of real digits: class wrong by one, right", misled, told)

# %% [markdown]
# ## The figure
#
# Each row is a class, each column one $z$, the same in every row. The training does not say what
# $z$ should mean: look down a column of the middle sheet to see whether a slanted 4 comes with a
# slanted 9.

# %%
drawing, axes = panels(1, 3, "Digits on demand: a row for each class c, a column for each z   (L8)",
                       width=13.5, height=5.2)  # fmt: skip
real = np.concatenate([data.all_rows()[data.labels == k][:10] for k in range(K)])
titles = [f"G after {first:,} iterations", f"G after {last:,} iterations", "the data"]
for ax, images, title in zip(axes, (sheets[first], sheets[last], real), titles, strict=True):
    ax.imshow(sheet(images.reshape(-1, 8, 8, 1), 10)[..., 0], cmap="gray", interpolation="nearest")
    ax.set_yticks(9 * np.arange(K) + 5, labels=range(K), fontsize=12)
    ax.set(title=title, xticks=[])
    ax.tick_params(length=0)
    ax.grid(False)
    ax.spines[:].set_visible(False)
for ax in axes[:2]:
    ax.set_xticks(
        9 * np.arange(10) + 5, labels=[f"z{'₀₁₂₃₄₅₆₇₈₉'[n]}" for n in range(10)], fontsize=11
    )
save(drawing, "20_conditional_digits", run)

# %% [markdown]
# ## Recap
#
# * A class is a row $c$ with one 1; its embedding is a dense layer, $y = cE$ (L8).
# * The best conditional logit is a sum of two questions, real or not, and of this class or not; the
#   projection discriminator has this form.
# * A softmax head makes a class (L15); its gradient sums to zero over the categories.
#
# **What we still owe.** What lies between two classes, and how fast a picture changes on the way:
# chapter 21 (E44).
#
# ## Exercises
#
# **1 · Predict.** The logits of a softmax head are $\log1$, $\log2$, $\log5$. Add 10 to all three.
# What happens to $y$?
#
# **2 · On paper.** Derive $dx = \frac1\tau\,y\odot(dy - \langle y,dy\rangle)$ for $y =
# \mathrm{softmax}(x/\tau)$ (L15).
#
# <details><summary>Answer</summary>
#
# $\partial y_k/\partial x_j = \frac1\tau y_k([k=j] - y_j)$. So $dx_j = \sum_kdy_k\frac1\tau
# y_k([k=j]-y_j) = \frac1\tau y_j(dy_j - \sum_ky_kdy_k)$.
#
# </details>
#
# **3 · Change a line.** Replace `classes = [2, 0, 2, 1, 2]` by `classes = [2, 0, 2, 1, 3]`. Which
# rows of $dE$ change, and by what?
#
# <details><summary>What you see</summary>
#
# Row 2 of $dE$ loses $(2,-2)$ and is $(0,4)$; row 3, which was 0, becomes $(2,-2)$. Both rows say
# WRONG. Only the row that was picked gets the gradient.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 3` (the gradient of a softmax cross-entropy)
# and `numgan check --exercise 17` (a dense layer).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint softmax_backward` and `numgan course hint projection_backward`.

# %%
shifted = head.forward((), x + np.array([[0.0, 10.0, 10.0, 10.0]]))[0][0, 1:]
answer(
    1,
    f"Nothing: it stays at {shifted[0]:.3f}, {shifted[1]:.3f}, {shifted[2]:.3f}. So the gradient "
    f"along (1, 1, 1) is 0, which is the last row about the head.",
    np.abs(shifted - [1 / 8, 2 / 8, 5 / 8]).max() < 1e-12,
)
