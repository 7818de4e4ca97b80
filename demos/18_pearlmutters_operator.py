# %% [markdown]
# # 18 · Pearlmutter's operator (E44, E45)
#
# *The derivative of every line gives Hessian-vector products for less than three gradients.*
#
# **Needs.** Chapters 10 and 17 (L1, L2, E46), chapter 9 (E47, E48).
#
# The Hessian of a network with a million weights has a million million entries, too many to store.
# Methods of second order need only *products* $\nabla^2V\,u$, and a product is the change of the
# gradient when the weights move along $u$. So take the derivative along $u$ of every line that
# computes the gradient (Pearlmutter 1994):
#
# $$R\{h\} = \frac{d}{d\varepsilon}h(w+\varepsilon u)\Big|_{\varepsilon=0}
# \qquad (\mathrm{E44}),\qquad
# \nabla^2V(w)\,u = R_u\{\nabla V\} \qquad (\mathrm{E45})$$
#
# $R$ is a derivative and obeys the rules of one: sum, product, chain. Every layer of the library
# carries, beside its forward and backward line, the same two lines under $R$.

# %%
import numpy as np
from figure import JUDGE, LEVEL, MODEL, OTHER, answer, below, equal, heading, options, panels, save

from numgan.architectures import mlp
from numgan.check import complex_step
from numgan.check import line as along
from numgan.dynamics import GameField, Jacobian, columns
from numgan.game import Game
from numgan.layers import Dense, Tanh
from numgan.objectives import OBJECTIVES

run = options()
rng = np.random.default_rng(20)

# %% [markdown]
# ## One layer (E44)
#
# The dense layer is three products, so it is the product rule three times:
#
# $$\begin{array}{rlrl}
# y &= xW + b & R\{y\} &= R\{x\}W + x\,R\{W\} + R\{b\}\\
# dx &= dy\,W^T & R\{dx\} &= R\{dy\}W^T + dy\,R\{W\}^T\\
# dW &= x^T dy & R\{dW\} &= R\{x\}^T dy + x^T R\{dy\}\\
# db &= \textstyle\sum dy & R\{db\} &= \textstyle\sum R\{dy\}
# \end{array}$$
#
# and an element-wise layer is the chain rule twice: $R\{y\} = \varphi'R\{x\}$, $R\{dx\} =
# \varphi''R\{x\}\,dy + \varphi'R\{dy\}$. Below, $x$, $W$, $b$ and $dy$ move together. Each R-pass
# is compared with the complex step of the ordinary pass along the same direction (E48).


# %%
def whole(layer, P, x, dy):
    """Every ordinary pass: y, dx, dP."""
    y, cache = layer.forward(P, x)
    return y, layer.backward(P, cache, dy), *layer.gradient(P, cache, dy)


def moved(layer, P, x, dy, RP, Rx, Rdy):
    """Every R-pass: Ry, Rdx, RdP."""
    _, cache = layer.forward(P, x)
    Ry, Rcache = layer.rforward(P, cache, RP, Rx)
    passes = (P, cache, RP, Rcache, dy, Rdy)
    return Ry, layer.rbackward(*passes), *layer.rgradient(*passes)


def beside(layer, shape):
    """For each pass of a layer: R{·} by its formula, and by the complex step of all inputs
    together.
    """
    x, Rx = rng.standard_normal((2, *shape))
    dy, Rdy = rng.standard_normal((2, len(x), *layer.output_shape(shape[1:])))
    P = tuple(rng.standard_normal(s) for s in layer.parameters().values())
    RP = tuple(rng.standard_normal(s) for s in layer.parameters().values())

    def go(e, k):
        at = tuple(p + e * Rp for p, Rp in zip(P, RP, strict=True))
        return whole(layer, at, x + e * Rx, dy + e * Rdy)[k]

    formulas = moved(layer, P, x, dy, RP, Rx, Rdy)
    return [(R, complex_step(lambda e, k=k: go(e, k))) for k, R in enumerate(formulas)]


for name, layer, shape, faces in (
    ("dense 3 → 2", Dense(3, 2), (4, 3), ("y", "dx", "dW", "db")),
    ("tanh", Tanh(), (4, 3), ("y", "dx")),
):
    heading(f"{name}: largest difference between R{{·}} by its formula and by the complex step")
    for what, (formula, stepped) in zip(faces, beside(layer, shape), strict=True):
        equal("E44", f"R{{{what}}}", np.abs(formula - stepped).max(), 0.0)

# %% [markdown]
# ## A network, and the game (E45)
#
# A network is done in the order of its ordinary passes: one R-sweep forward, one back. So is the
# value of a game, $\tilde V(\theta_d)$, whose gradient starts from numbers at the logits that move
# as well, $R\{da_i\} = t''(a_i)R\{a_i\}/m$. Three ways to one vector $\nabla^2\tilde V\,u$, for a
# random $u$:

# %%
game = Game(mlp([2, 4, 2], "tanh"), mlp([2, 6, 5, 1], "tanh"), OBJECTIVES["minimax"])
G, D = game.G, game.D
x, z = rng.standard_normal((32, 2)) * [1.0, 0.3] + [1.0, 0.0], rng.standard_normal((32, 2))
theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
for _ in range(150):  # D learns a little, so that its landscape is no accident of the start
    theta_d += 0.3 * game.discriminator_step(theta_d, theta_g, x, z).dtheta_d
w = np.concatenate([theta_d, theta_g])
J = Jacobian(GameField(game, x, z), w)


def gradient_d(theta):
    """∇_d Ṽ"""
    return game.discriminator_step(theta, theta_g, x, z).dtheta_d


u = rng.standard_normal(D.size)
u /= np.linalg.norm(u)
Hu = J.dd(u)  # E45, by R-passes
stepped = complex_step(along(gradient_d, theta_d, u))
print(
    f"\na discriminator of {D.size} weights; ‖∇²Ṽ u‖ = {np.linalg.norm(Hu):.6f} along a random u "
    f"of length 1"
)
heading("largest entry of the difference between ∇²Ṽ u by R-passes and …")
equal("E45", "… the complex step of the gradient (E48)", np.abs(Hu - stepped).max(), 0.0)
steps = 10.0 ** np.arange(-12, 0.1, 0.5 if run.quick else 0.25)
quotients = [(gradient_d(theta_d + h * u) - gradient_d(theta_d - h * u)) / (2 * h) for h in steps]
error = np.array([np.abs(q - Hu).max() for q in quotients])
best = error.argmin()
below("E45", f"… the best central difference, h = {steps[best]:.0e} (E47)", error[best], 1e-8)
below("E45", "… one with h = 1e-12: 1e-6, and the error", 1e-6, error[0])

# %% [markdown]
# ## What it costs
#
# Most of the time goes into matrix products. To count them, an array that counts its
# multiplications takes the place of $\theta$ and $x$. Each product of the gradient has two factors,
# so under $R$ it becomes two products. And the backward R-pass needs the ordinary $dy$ of each
# layer too, so it computes both: more than two gradients, less than three, whatever the network.
# The whole Hessian, column by column, costs that times the number of weights.


# %%
class Counted(np.ndarray):
    """An array that counts the multiplications in the matrix products that it enters."""

    tally = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **how):
        plain = [a.view(np.ndarray) if isinstance(a, Counted) else a for a in inputs]
        if ufunc is np.matmul:
            Counted.tally += plain[0].size * plain[1].shape[-1]
        out = (
            {}
            if out is None
            else {"out": tuple(a.view(np.ndarray) if isinstance(a, Counted) else a for a in out)}
        )
        y = getattr(ufunc, method)(*plain, **out, **how)
        return y.view(Counted) if isinstance(y, np.ndarray) else y


def counted(job):
    """How many multiplications of numbers are in the matrix products of a job."""
    Counted.tally = 0
    job()
    return Counted.tally


heading("multiplications in matrix products, at 32 points: of R{gradient}, and of three gradients")
for sizes in ([2, 6, 5, 1], [2, 64, 64, 1], [784, 128, 64, 1]):
    net = mlp(sizes, "tanh")
    theta, points = (
        net.initial(rng, "float64").view(Counted),
        rng.standard_normal((32, sizes[0])).view(Counted),
    )
    one = np.ones((32, 1))
    a, tape = net.forward(theta, points)

    def plain(net=net, theta=theta, points=points, one=one):
        _, tape = net.forward(theta, points)
        net.gradient(theta, tape, one)

    def with_R(net=net, theta=theta, points=points, one=one, tape=tape):
        Ra, Rtape = net.rforward(theta, tape, theta, 0 * points)
        net.rgradient(theta, tape, theta, Rtape, one, Ra)

    once, R = counted(plain), counted(with_R)
    below("E45", f"{' → '.join(map(str, sizes))}, {net.size} weights", R, 3 * once)
    print(
        f"        {R / once:.2f} gradients; the whole Hessian: {net.size} such products, "
        f"{net.size**2:,} numbers"
    )

# %% [markdown]
# ## The blocks of the game
#
# Let one player move and read the change of the *other's* gradient: the mixed blocks of the game's
# Jacobian. Second derivatives are symmetric: their order does not matter. So $\nabla^2_{dg}$ and
# $\nabla^2_{gd}$ of the minimax game, found by sweeps that start at opposite ends, are each other's
# transpose, and the diagonal blocks are symmetric.

# %%
u_d, v_d = rng.standard_normal((2, D.size)) / D.size**0.5
u_g, v_g = rng.standard_normal((2, G.size)) / G.size**0.5
heading("random directions u and v of both players: the two sides of a symmetry")
equal("E45", "⟨v_d, ∇²_dd u_d⟩ and ⟨u_d, ∇²_dd v_d⟩", v_d @ J.dd(u_d), u_d @ J.dd(v_d))
equal("E45", "⟨v_g, ∇²_gg u_g⟩ and ⟨u_g, ∇²_gg v_g⟩", v_g @ J.gg(u_g), u_g @ J.gg(v_g))
equal("E45", "⟨v_d, ∇²_dg u_g⟩ and ⟨u_g, ∇²_gd v_d⟩", v_d @ J.dg(u_g), u_g @ J.gd(v_d))

# %% [markdown]
# ## The whole Hessian, for once
#
# $D$ is small enough: column $j$ is $\nabla^2\tilde V\,e_j$. It is symmetric, although the code
# does not enforce it. Its eigenvalues are the curvatures of $\tilde V$ in $\theta_d$. $D$ ascends,
# so along a negative one it is at a maximum, and along a positive one it can still leave a saddle.

# %%
H = np.stack([J.dd(e) for e in np.eye(D.size)], axis=1)
eigenvalues = np.linalg.eigvalsh(H)
largest = eigenvalues[np.abs(eigenvalues).argmax()]
heading("the Hessian of Ṽ in θ_d, column by column")
equal("E45", "largest |H − Hᵀ|", np.abs(H - H.T).max(), 0.0)
equal("E45", "H u, and the R-pass along u: largest difference", np.abs(H @ u - Hu).max(), 0.0)
below_zero, above_zero = (eigenvalues < -1e-9).sum(), (eigenvalues > 1e-9).sum()
print(f"E45     of {D.size} eigenvalues: {below_zero} negative, {above_zero} positive; "
      f"from {eigenvalues[0]:.4f} to {eigenvalues[-1]:.2e}")  # fmt: skip

# %% [markdown]
# Left: the Hessian of $D$; lines separate the parameters of its layers. Right: the Jacobian of the
# game on $(\theta_d,\theta_g)$, made of four blocks; the mixed ones have opposite signs, since one
# player ascends what the other descends. Shown is the cube root of the entries, so that small ones
# are seen. Dark is negative and light is positive, in colour and in grey.

# %%
drawing, (hessian, blocks) = panels(1, 2, "Second derivatives as matrices   (E45)", height=4.8)


def image(axis, A, title):
    A = np.cbrt(A)
    top = np.abs(A).max()
    shades = axis.imshow(A, cmap="cividis", clim=(-top, top), interpolation="nearest")
    axis.grid(visible=False)
    axis.set(title=title)
    drawing.colorbar(shades, ax=axis, label="cube root of the entry")


image(hessian, H, f"∇²Ṽ of D, {D.size} × {D.size}, column by column")
places = [(name, place) for layer in D.layout for name, place, _ in layer]
for _, place in places[1:]:
    hessian.axhline(place.start - 0.5, color="white", linewidth=0.7)
    hessian.axvline(place.start - 0.5, color="white", linewidth=0.7)
marks = [(place.start + place.stop - 1) / 2 for _, place in places[:-1]]
named = [f"{name}{number}" for (name, _), number in zip(places, "₁₁₂₂₃", strict=False)]
hessian.set_xticks(marks, labels=named)
hessian.set_yticks(marks, labels=named)

image(blocks, columns(J), f"the game's Jacobian, {len(w)} × {len(w)}")
blocks.axhline(D.size - 0.5, color="white", linewidth=1.2)
blocks.axvline(D.size - 0.5, color="white", linewidth=1.2)
halves = [(D.size - 1) / 2, D.size + (G.size - 1) / 2]
blocks.set_xticks(halves, labels=["$θ_d$ moves", "$θ_g$ moves"])
blocks.set_yticks(halves, labels=["$∇_d$ Ṽ", "$−∇_g$ Ṽ"], rotation=90, va="center")
save(drawing, "18_pearlmutters_operator", run)

# %% [markdown]
# ## The leading eigenvalue without the matrix
#
# The power iteration needs products only: $v \leftarrow \nabla^2\tilde V\,v$, made a unit vector
# again. Its error has a bound: for a symmetric matrix some eigenvalue lies within the residual
# $\lVert Hv-\rho v\rVert$ of $\rho = \langle v, Hv\rangle$. The error falls much faster than the
# residual, as its square.

# %%
v, rho, residual = rng.standard_normal(D.size), [], []
for _ in range(40):
    v /= np.linalg.norm(v)
    Hv = J.dd(v)
    rho.append(v @ Hv)
    residual.append(np.linalg.norm(Hv - rho[-1] * v))
    v = Hv
rho, residual = np.array(rho), np.array(residual)
heading("the power iteration, and numpy.linalg.eigvalsh")
for k in (3, 10, 20):
    nearest = np.abs(eigenvalues - rho[k]).min()
    below(
        "E45",
        f"after {k} products, ρ = {rho[k]:.6f}: error, residual",
        nearest,
        residual[k] + 1e-14,
    )
equal("E45", f"after {len(rho)} products", rho[-1], largest)

# %% [markdown]
# Left: three ways to one product $\nabla^2\tilde V\,u$; the central difference has at best ten
# right digits. Right: the power iteration. An error of exactly 0 is drawn at 1e−17.

# %%
drawing, (vee, power) = panels(1, 2, "Products with the Hessian   (E45)", height=4.2)
vee.loglog(
    steps,
    np.maximum(error, 1e-17),
    **JUDGE,
    marker="o",
    markersize=4,
    label="central difference (E47)",
)
vee.axhline(
    max(np.abs(Hu - stepped).max(), 1e-17), **MODEL, label="complex step of the gradient (E48)"
)
vee.set(xlabel="h", ylabel="largest difference from R{∇Ṽ}", title="three ways to ∇²Ṽ u")
vee.set_ylim(1e-17, 100)
vee.legend(loc="upper left")
power.semilogy(np.maximum(np.abs(rho - largest), 1e-17), **MODEL, label="|ρ − λ|, λ by eigvalsh")
power.semilogy(np.maximum(residual, 1e-17), **OTHER, label="residual ‖Hv − ρv‖")
power.axhline(np.abs(largest) * 2.0**-52, **LEVEL)
power.text(26, np.abs(largest) * 20 * 2.0**-52, "one rounding of λ", color="0.3")
power.set(xlabel="Hessian-vector products", ylabel="error")
power.set_title(f"the leading eigenvalue, λ = {largest:.4f}".replace("-", "−"))
power.legend(loc="upper right")
save(drawing, "18_pearlmutters_operator_products", run)

# %% [markdown]
# ## Recap
#
# * $R\{\cdot\}$ is the derivative along a direction of every line of the code (E44); a
#   Hessian-vector product is $R\{\nabla V\}$ (E45).
# * It costs more than two gradients and less than three, and is exact to rounding.
# * Products are enough for blocks of the game's Jacobian, for its columns, and for leading
#   eigenvalues.
#
# **What we still owe.** What the eigenvalues of a game mean for its training: chapters 27 and 30
# (E38).
#
# ## Exercises
#
# **1 · Predict.** A network has 784 → 128 → 64 → 1 units. How many gradients does one product with
# its Hessian cost: about one, between two and three, or as many as it has weights?
#
# **2 · On paper.** For $y = \sigma(x)$, $dx = \sigma'(x)\,dy$, write $R\{y\}$ and $R\{dx\}$ (E44).
#
# <details><summary>Answer</summary>
#
# $R\{y\} = \sigma'(x)R\{x\}$ with $\sigma' = y(1-y)$. By the product rule $R\{dx\} =
# \sigma''(x)R\{x\}\,dy + \sigma'(x)R\{dy\}$ with $\sigma'' = y(1-y)(1-2y)$.
#
# </details>
#
# **3 · Change a line.** Replace `u = rng.standard_normal(D.size)` by `u = np.eye(D.size)[0]`, a
# unit vector. What is $\nabla^2\tilde V\,u$ now, and which later row shows it?
#
# <details><summary>What you see</summary>
#
# It is the first column of the Hessian. The row "H u, and the R-pass along u" in the section on the
# whole Hessian shows it: the two still agree. All identities hold, since they hold for every $u$.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 18` (a dense layer's R-forward),
# `numgan check --exercise 19` (a dense layer's R-backward) and `numgan check --exercise 53` (the
# R-gradient of a network).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint dense_rbackward`, `numgan course hint tanh_rbackward` and
# `numgan course hint hessian_product`.

# %%
answer(
    1,
    f"Between two and three: {R / once:.2f} gradients. Each matrix product becomes two, and the "
    f"ordinary backward pass runs along.",
    2 < R / once < 3,
)
