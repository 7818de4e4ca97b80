# %% [markdown]
# # 11 · Algorithm 1 (E29, E30, E31, E32, E33, E35, E36)
#
# *Networks play the game on a line, where G's density and the best D can be drawn beside them.*
#
# **Needs.** Chapter 8 (the ideal loop), chapter 10 (backpropagation, L1, L2), chapter 9 for the
# complex step (E48).
#
# The ideal loop (chapter 8) needs both densities, and the best discriminator at every step.
# Algorithm 1 of the GAN paper replaces the densities by samples and the maximum by one or a few
# gradient steps. The data here are numbers from $N(1, 2^2)$, and generator and discriminator are
# two small networks from the line to the line. On a line we can draw what is usually unknown: the
# density that $G$ generates, and the discriminator $D^\ast$ that is best against it.

# %%
import numpy as np
from figure import (
    DATA,
    JUDGE,
    LEVEL,
    LINES,
    MODEL,
    answer,
    below,
    equal,
    film,
    heading,
    line,
    options,
    panels,
    save,
)

from numgan.architectures import mlp
from numgan.check import exactly, jacobian
from numgan.data import dataset
from numgan.game import Game
from numgan.layers.functions import sigmoid
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, Optimizer, linear
from numgan.theory import LOG4, Gaussian, V_through
from numgan.theory.logarithms import log_sigmoid
from numgan.training import Training

run = options()

data, prior = dataset("gaussian", "float64"), Gaussian(0, 1)
P = data.density
G, D = mlp([1, 32, 32, 1], "silu"), mlp([1, 32, 32, 1], "silu")
game = Game(G, D, OBJECTIVES["minimax"])
rng = np.random.default_rng(9)
theta_d, theta_g = game.D.initial(rng, "float64"), game.G.initial(rng, "float64")
print(f"G has {game.G.size} weights, D has {game.D.size}")

# %% [markdown]
# ## The value, from samples (E29)
#
# $$\tilde V = \frac1m\sum_i\log D(x^i) + \frac1m\sum_i\log(1 - D(\tilde x^i)),
# \qquad \tilde x^i = G(z^i) \qquad
# (\mathrm{E29})$$
#
# Each sum is a mean of independent draws, so whatever $m$ is, the mean of $\tilde V$ is $V(D,G)$
# itself: many small batches must agree with one integral. And an undecided discriminator, $a = 0$
# and $D = \tfrac12$ everywhere, gets exactly $-\log 4$ from any batch.

# %%
m = 64
x, z = data.batch(m, rng), rng.standard_normal((m, 1))
a_real, a_fake = game.D(theta_d, x), game.D(theta_d, game.G(theta_g, z))
batches = np.array(
    [
        game.value(theta_d, theta_g, data.batch(m, rng), rng.standard_normal((m, 1)))
        for _ in range(1000)
    ]
)
V = V_through(lambda t: game.D(theta_d, t)[:, 0], P, prior, lambda t: game.G(theta_g, t), tol=1e-9)
heading("The value of two untrained networks (nats)")
equal(
    "E29",
    "mean Ṽ of 1,000 batches of 64 is V(D, G)",
    batches.mean(),
    V,
    batches.std(ddof=1) / np.sqrt(len(batches)),
)
equal("E29", "Ṽ of a D that says ½: −log 4", game.objective.value(0 * a_real, 0 * a_fake), -LOG4)

# %% [markdown]
# ## The discriminator is a classifier (E30)
#
# Label data 1 and samples 0 and fit a classifier by the binary cross-entropy. For each example only
# one of its two logarithms is not zero, and the sum is $-\tilde V$:
#
# $$L = -\frac1m\sum_i\log D(x^i) - \frac1m\sum_i\log(1 - D(\tilde x^i)) = -\tilde V
# \qquad (\mathrm{E30})$$
#
# ## Where backpropagation starts (E33)
#
# In terms of the logit, $D = \sigma(a)$, the derivatives lose every logarithm and every division:
#
# $$\frac{\partial\tilde V}{\partial a(x^i)} = \frac{1 - \sigma(a(x^i))}{m}, \qquad
# \frac{\partial\tilde V}{\partial a(\tilde x^i)} = -\frac{\sigma(a(\tilde x^i))}{m} \qquad
# (\mathrm{E33})$$
#
# that is, (label − prediction)/m. The complex step (chapter 9) differentiates without subtracting,
# so it gives the derivative of $\tilde V$ to the last digit, without these two formulas.

# %%
labels = np.concatenate([np.ones((m, 1)), np.zeros((m, 1))])
said = sigmoid(np.concatenate([a_real, a_fake]))
cross_entropies = -labels * np.log(said) - (1 - labels) * np.log(1 - said)
heading("One batch of 64 (nats)")
equal(
    "E30",
    "−(sum of 128 cross-entropies)/64 is Ṽ",
    -cross_entropies.sum() / m,
    game.objective.value(a_real, a_fake),
)
da_real, da_fake = game.objective.gradient(a_real, a_fake)
by_step_real = jacobian(lambda a: game.objective.value(a, a_fake), a_real, exactly).value
by_step_fake = jacobian(lambda a: game.objective.value(a_real, a), a_fake, exactly).value
equal("E33", "∂Ṽ/∂a of the first x", da_real[0, 0], (1 - sigmoid(a_real[0, 0])) / m)
equal("E33", "∂Ṽ/∂a of the first G(z)", da_fake[0, 0], -sigmoid(a_fake[0, 0]) / m)
equal(
    "E33",
    "64 of data, largest distance from the complex step",
    np.abs(da_real - by_step_real).max(),
    0.0,
)
equal("E33", "64 of samples, the same", np.abs(da_fake - by_step_fake).max(), 0.0)

# %% [markdown]
# ## One step of each player (E31, E32, E35)
#
# $D$ ascends. Its inputs $G(z^i)$ are constants in this step: nothing is differentiated through
# $G$.
#
# $$\theta_d \leftarrow \theta_d + \eta\,\nabla_{\theta_d}\tilde V \quad (\mathrm{E31}), \qquad
# \theta_g \leftarrow \theta_g - \eta\,\nabla_{\theta_g}\tilde V_g, \quad
# \tilde V_g = \frac1m\sum_i\log(1 - D(G(z^i))) \quad (\mathrm{E32})$$
#
# $G$ never sees data at all. Its gradient comes *through* $D$: backpropagate to the input of $D$,
# with $\theta_d$ held fixed, and continue into $G$.
#
# $$\nabla_{\theta_g}\tilde V_g = \sum_i\Big(\frac{\partial G(z^i)}{\partial\theta_g}\Big)^{\!T}
# \nabla_x\Big[\tfrac1m\log(1 - D(x))\Big]_{x = G(z^i)} \qquad (\mathrm{E35})$$
#
# Below, the library takes one plain step with each player, and so do we, on the same draws, with a
# gradient that the complex step found weight by weight: another way to every one of the weights.

# %%
eta = 0.01
one = Training(
    game,
    data,
    np.random.default_rng(1),
    theta_d.copy(),
    theta_g.copy(),
    Optimizer(eta),
    Optimizer(eta),
    m=m,
)
again = np.random.default_rng(1)  # draws what `one` draws
x, z = data.batch(m, again), again.standard_normal((m, 1))
one.discriminator_step()
dV_d = jacobian(lambda t: game.value(t, theta_g, x, z), theta_d, exactly).value
heading("One plain step, η = 0.01, on a batch of 64 (nats)")
equal(
    "E31",
    "largest |θ_d − (θ_d + η∇Ṽ by complex step)|",
    np.abs(one.theta_d - (theta_d + eta * dV_d)).max(),
    0.0,
)
below(
    "E31",
    "Ṽ before, and after D's step uphill",
    game.value(theta_d, theta_g, x, z),
    game.value(one.theta_d, theta_g, x, z),
)
z = again.standard_normal((m, 1))
by_hand = game.generator_step(one.theta_d, theta_g, z).dtheta_g
dV_g = jacobian(lambda t: game.generator_value(one.theta_d, t, z), theta_g, exactly).value
step_g = one.generator_step()
equal("E35", "largest |∇Ṽ_g through D − complex step of Ṽ_g|", np.abs(by_hand - dV_g).max(), 0.0)
equal(
    "E32",
    "largest |θ_g − (θ_g − η∇Ṽ_g by complex step)|",
    np.abs(one.theta_g - (theta_g - eta * dV_g)).max(),
    0.0,
)
below(
    "E32",
    "Ṽ_g after G's step downhill, and before",
    game.generator_value(one.theta_d, one.theta_g, z),
    game.generator_value(one.theta_d, theta_g, z),
)

# %% [markdown]
# ## Adam (E36)
#
# Plain steps work, but slowly. Adam divides a running mean of the gradient by the root of a running
# mean of its square, so that every weight moves by about $\eta$, however steep or flat its
# direction is:
#
# $$m \leftarrow \beta_1 m + (1-\beta_1)g, \quad v \leftarrow \beta_2 v + (1-\beta_2)g^2, \quad
# \theta \leftarrow \theta - \eta\,\frac{m/(1-\beta_1^t)}{\sqrt{v/(1-\beta_2^t)} + \epsilon} \qquad
# (\mathrm{E36})$$
#
# Both means start from zero and are too small at first; the divisions by $1-\beta^t$ correct
# exactly that (bias correction). numgan keeps the sums $m/(1-\beta_1)$ and $v/(1-\beta_2)$, which
# gives the same step. So the first step is $\eta\,g/(|g| + \epsilon)$, about $\eta$
# times the gradient's sign.

# %%
first, second = dV_g, game.generator_step(theta_d, theta_g, z).dtheta_g
adam, theta = Adam(1e-3, 0.5), theta_g.copy()
adam.descend(theta, first)
m1, v1 = (1 - 0.5) * first, (1 - 0.999) * first**2
by_hand = theta_g - 1e-3 * (m1 / (1 - 0.5)) / (np.sqrt(v1 / (1 - 0.999)) + 1e-8)
heading("Adam, η = 0.001, β₁ = 0.5, β₂ = 0.999, ε = 1e-8")
equal("E36", "first step, largest |optimizer − by hand|", np.abs(theta - by_hand).max(), 0.0)
equal(
    "E36",
    "the same as η g/(|g| + ε)",
    np.abs(theta_g - theta - 1e-3 * first / (np.abs(first) + 1e-8)).max(),
    0.0,
)
adam.descend(theta, second)
m2, v2 = 0.5 * m1 + (1 - 0.5) * second, 0.999 * v1 + (1 - 0.999) * second**2
by_hand = by_hand - 1e-3 * (m2 / (1 - 0.5**2)) / (np.sqrt(v2 / (1 - 0.999**2)) + 1e-8)
equal("E36", "second step, with another gradient", np.abs(theta - by_hand).max(), 0.0)

# %% [markdown]
# ## The density that G generates
#
# What density does $G$ generate? Put $z$ on a fine grid and join the values $G(z)$ by straight
# lines. (The networks are of SiLUs, so $G$ is smooth; of ReLUs it would have corners, and its
# density a jump at each.) A piece of slope $s$ spreads the prior's density by $|s|$, and where $G$
# folds back, several pieces reach the same $x$ and their contributions add up:
#
# $$p_G(x) = \sum_{z:\,G(z)=x}\frac{p_z(z)}{|G'(z)|}$$
#
# This is the exact density of the interpolated $G$ (E12, the sum over branches). Where $G$ turns
# round its slope is zero and the density infinite: a spike in the curves below belongs to $G$ and
# is not noise. With $p_G$ known we also know $D^\ast = p/(p+p_G)$ and the JSD. The algorithm itself
# uses samples alone.

# %%
z_line, x_line = line(-6, 6, 2401), line(-15, 17, 2561)
dx, p = x_line[1] - x_line[0], P.density(x_line)


def generated(g, x):
    """p_G at the points x, where g = G(z_line)."""
    low, high = np.minimum(g[:-1], g[1:]), np.maximum(g[:-1], g[1:])
    point, cell = np.nonzero((low <= x[:, None]) & (x[:, None] < high))
    slope = np.diff(g)[cell] / np.diff(z_line)[cell]
    z = z_line[cell] + (x[point] - g[cell]) / slope
    return np.bincount(point, prior.density(z) / np.abs(slope), len(x))


def measured(training):
    """What the pictures and the table need of this moment. Integrals with p are sums over x, those
    with p_G over z.
    """
    g = game.G(training.theta_g, z_line[:, None])[:, 0]
    x_fake = (g[:-1] + g[1:]) / 2  # G in the middle of each cell
    q, q_fake, p_fake = generated(g, x_line), generated(g, x_fake), P.density(x_fake)
    a, a_fake = (game.D(training.theta_d, x[:, None])[:, 0] for x in (x_line, x_fake))
    V = dx * p @ log_sigmoid(a) + weights @ log_sigmoid(-a_fake)
    C = dx * p @ np.log(p / (p + q)) + weights @ np.log(q_fake / (p_fake + q_fake))
    return {
        "q": q,
        "D": sigmoid(a),
        "best": p / (p + q),
        "V": V,
        "C": C,
        "jsd": (C + LOG4) / 2,
        "mass": dx * q.sum(),
        "arrows": game.G(training.theta_g, starts[:, None])[:, 0],
        "iteration": training.iterations,
    }


# of the cells, together 1
weights = prior.density((z_line[:-1] + z_line[1:]) / 2) * np.diff(z_line)
# latents of equal probability
starts = np.interp((np.arange(21) + 0.5) / 21, np.cumsum(weights), z_line[1:])

# %% [markdown]
# ## The algorithm
#
# All of it is `numgan.training.Training`: $k$ steps of E31, one step of E32, fresh draws for each;
# here $k = 1$, Adam with a learning rate that runs down to zero, batches of 256. We stop at some
# iterations to measure.

# %%
steps = 300 if run.quick else 5000
moments = (1, 30, 100, 300) if run.quick else (1, 100, 400, 5000)
frames = sorted({*moments, *np.geomspace(1, steps, 3 if run.quick else 64).astype(int).tolist()})
training = Training(
    game,
    data.source,
    rng,
    theta_d,
    theta_g,
    Adam(linear(1e-3, steps), 0.5),
    Adam(linear(1e-3, steps), 0.5),
    m=256,
    k=1,
)
seen = []
print(
    f"\n{'iteration':>17}{'Ṽ (E29)':>12}{'V(D, G)':>12}{'V(D*, G)':>12}{'JSD':>12}    nats;  "
    f"−log 4 = {-LOG4:.6f}"
)
for _ in range(steps):
    of_d, of_g = training.iteration()
    if training.iterations in frames:
        seen.append(measured(training))
        if training.iterations in moments or len(seen) % 8 == 0:
            now, sampled = seen[-1], game.objective.value(of_d.a_real, of_d.a_fake)
            print(
                f"E29     "
                f"{now['iteration']:>9}{sampled:>12.6f}{now['V']:>12.6f}{now['C']:>12.6f}{now['jsd']:>12.6f}"
            )

# %% [markdown]
# Read the table from right to left. The JSD falls to nearly zero, so $V(D^\ast,G) = -\log 4 +
# 2\,\mathrm{JSD}$ falls to its minimum. $V(D,G)$ stays below it, as for any $D$ (E18), and the gap
# is what $D$ has not learnt yet. $\tilde V$ scatters about it from batch to batch. Note what
# *cannot* be read off $\tilde V$ alone: a value near $-\log 4$ comes from a good generator or from
# a weak discriminator. $D^\ast$ tells the two apart.

# %%
samples = game.G(training.theta_g, rng.standard_normal((100_000, 1)))
heading(f"After {steps} iterations")
below("E18", "V(D, G) and V(D*, G)", seen[-1]["V"], seen[-1]["C"])
below("E25", "−log 4 and V(D*, G)", -LOG4, seen[-1]["C"])
below("E29", "JSD at the end and at the beginning (nats)", seen[-1]["jsd"], seen[0]["jsd"])
print(
    f"        mean of 100,000 samples {samples.mean():.4f} (data 1), standard deviation "
    f"{samples.std():.4f} (data 2)"
)
print(f"        the generated density, summed over a grid of x: {seen[-1]['mass']:.4f}")
doubt = np.abs(seen[-1]["D"] - 0.5)[np.abs(x_line - 1) < 4].max()
print(f"        largest |D − ½| within two standard deviations of the data's mean: {doubt:.4f}")

# %% [markdown]
# ## The figure
#
# Figure 1 of the GAN paper, computed instead of sketched. Below, 21 latents of equal probability
# are sent along arrows to $x = G(z)$: where arrows crowd, the density is high. Above, the data, the
# generated density, and two discriminators: the trained $D$ (dashed) follows $D^\ast$ (grey), which
# depends on the present $G$. At the end both are nearly flat lines at one half.


# %%
def curves(top, bottom, now, right=None):
    """Draw one moment; the axis on the right is that of D."""
    right = right or top.twinx()
    right.yaxis.tick_right()
    right.yaxis.set_label_position("right")
    right.plot(x_line, now["best"], **LINES[5], label="D*, the best against this G")
    right.plot(x_line, now["D"], **JUDGE, label="D, trained")
    right.axhline(0.5, **LEVEL)
    right.set(ylim=(0, 1.02), yticks=[0, 0.5, 1])
    right.grid(False)
    top.plot(x_line, p, **DATA, label="data, N(1, 2²)")
    top.plot(x_line, now["q"], **MODEL, label="generated density")
    top.set(ylim=(0, 0.51), xlim=(-7, 9))
    top.set_title(f"iteration {now['iteration']:,}:  JSD = {now['jsd']:.4f} nats")
    top.set_zorder(right.get_zorder() + 1)
    top.patch.set_visible(False)
    for start, end in zip(starts, now["arrows"], strict=True):
        bottom.annotate(
            "",
            (end, 1),
            (start, 0),
            arrowprops={"arrowstyle": "->", "color": "0.35", "linewidth": 0.8},
        )
    bottom.set(
        ylim=(-0.05, 1.05),
        xlim=(-7, 9),
        xlabel="z below, x = G(z) above (unit of x)",
        yticks=[0, 1],
    )
    bottom.set_yticklabels(["z", "x"])
    bottom.grid(False)
    return right


title = "Algorithm 1 on a line: G and D against D* = p/(p + $p_G$)   (E29, E31, E32)"
tall = {"gridspec_kw": {"height_ratios": [3, 1]}}
pairs = [(n, n + 4) for n in range(4)]
drawing, axes = panels(2, 4, title, width=14.0, height=4.8, slides=pairs, **tall)
stills = [next(now for now in seen if now["iteration"] == moment) for moment in moments]
for (top, bottom), now in zip(axes.T, stills, strict=True):
    right = curves(top, bottom, now)
    if top is not axes[0, 0]:
        top.tick_params(labelleft=False)
    if top is not axes[0, -1]:
        right.tick_params(labelright=False)
axes[0, 0].set(ylabel="density (1/unit of x)")
right.set_ylabel("D(x), probability of data")
handles = [*axes[0, -1].lines, *right.lines[:2]]
drawing.legend(handles=handles, loc="outside lower center", ncols=4)
save(drawing, "11_algorithm_one", run)

# %% [markdown]
# The same as a film, one picture after another at growing intervals.

# %%
screen, (top, bottom) = panels(2, 1, title, width=8.0, height=5.4, **tall)
right = top.twinx()


def picture(number):
    """Frame `number` of the film."""
    for axis in (top, bottom, right):
        axis.clear()
    curves(top, bottom, seen[number], right)
    top.set(ylabel="density (1/unit of x)")
    right.set_ylabel("D(x), probability of data")
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.1), "ncols": 4}
    top.legend(handles=[*top.lines, *right.lines[:2]], **place)


save(screen, "11_algorithm_one_film", run, film(screen, picture, range(len(seen))))

# %% [markdown]
# ## Recap
#
# * $\tilde V$ is the mean of two logarithms over a minibatch (E29), minus the cross-entropy of a
#   classifier (E30).
# * Backpropagation starts with (label − prediction)/m at the logits (E33); $G$ learns through $D$
#   (E35).
# * Algorithm 1: $D$ ascends $k$ times, $G$ descends once (E31, E32), here with Adam (E36).
#
# **What we still owe.** Why nobody descends on $\log(1-D)$ in practice: chapter 12 (E34). Whether
# the two players arrive at all: chapters 26 to 28.
#
# ## Exercises
#
# **1 · Predict.** Adam takes its first step with a gradient $g$, and from the same start with
# $1000g$. How long are the two steps, and how long is one with $\eta = 0.001$ for all weights of
# $G$?
#
# **2 · On paper.** Derive $\partial\log\sigma(a)/\partial a$ and
# $\partial\log(1-\sigma(a))/\partial a$ (E33).
#
# <details><summary>Answer</summary>
#
# $\sigma' = \sigma(1-\sigma)$. So $(\log\sigma)' = \sigma'/\sigma = 1-\sigma$, and
# $(\log(1-\sigma))' = -\sigma'/(1-\sigma) = -\sigma$. Both are label minus prediction, with the
# labels 1 and 0. No division is left.
#
# </details>
#
# **3 · Change a line.** Replace `k=1,` by `k=5,`. Compare the column of $V(D,G)$ with that of
# $V(D^*,G)$ early in the training (with `--quick` it takes a few seconds).
#
# <details><summary>What you see</summary>
#
# In the first iterations $V(D,G)$ comes nearer to $V(D^*,G)$, as it should. But with `--quick` the
# JSD ends at 0.030 in place of 0.004. `linear(1e-3, steps)` counts the steps of its own player:
# with $k = 5$ the rate of $D$ is 0 after a fifth of the iterations, and $G$ moves on against a $D$
# that stands still. With `5 * steps` in the schedule of $D$ the JSD ends at 0.002.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 54` (one iteration of Algorithm 1),
# `numgan check --exercise 57` (the discriminator's update) and `numgan check --exercise 46` (the
# generator's step).
#
# **5 · Write it.** From an empty file, in a folder of `numgan course start`:
# `numgan course hint logit_gradient`, `numgan course hint generator_gradient` and
# `numgan course hint one_iteration`.

# %%
lengths = []
for scale in (1.0, 1000.0):
    moved = np.zeros(theta_g.size)
    Adam(1e-3, 0.5).descend(moved, scale * first)
    lengths.append(np.linalg.norm(moved))
answer(
    1,
    f"Equally long: {lengths[0]:.6f} and {lengths[1]:.6f}. Each of the {theta_g.size} weights "
    f"moves by about η, so the length is η√{theta_g.size} = {1e-3 * theta_g.size**0.5:.6f}.",
    abs(lengths[0] / lengths[1] - 1) < 0.01
    and abs(lengths[1] / 1e-3 / theta_g.size**0.5 - 1) < 0.01,
)
