# %% [markdown]
# # 38 · Why data are standardised first (E24, E38)
#
# *The eigenvalues of a game scale with the width and the mean of its data, and one line mends it.*
#
# **Needs.** Eigenvalues and step sizes of a game (chapter 27), Algorithm 1 (chapter 11).
#
# Train a GAN on raw numbers from $N(4, (\tfrac12)^2)$: after thousands of steps the mean is right
# and the width is wrong by a factor of 2 or more, in numgan and in PyTorch alike. No gradient is
# wrong. The data are in the wrong units, and the eigenvalues say why.

# %%
import numpy as np
from figure import JUDGE, LEVEL, MODEL, OTHER, answer, below, equal, heading, options, panels, save

from numgan.architectures import mlp
from numgan.data import Fresh
from numgan.dynamics import dense, largest_step, simultaneous, trajectory
from numgan.game import Game
from numgan.metrics import histogram_jsd
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, linear
from numgan.theory import Gaussian
from numgan.training import Training

run = options()
mu, sigma = 4.0, 0.5

# %% [markdown]
# ## One weight each: the damping is the square of the width (E38)
#
# Data $N(0, \sigma^2)$, samples $\theta + \sigma z$, logit $a(x) = \psi x$, minimax. At the
# solution the curvature of $V$ in $\psi$ is $-\tfrac12\mathbb{E}[x^2] = -\tfrac12\sigma^2$, and
# the coupling is $\tfrac12$, whatever $\sigma$ is:
#
# $$J = \begin{pmatrix} -\frac12\sigma^2 & -\frac12\\ \frac12 & 0\end{pmatrix}, \qquad \lambda =
# -\frac{\sigma^2}4 \pm \sqrt{\frac{\sigma^4}{16} - \frac14}, \qquad h < 2\sigma^2 \quad (\sigma^2 <
# 2)$$
#
# by E38. The data damp the game, with the square of their width. Data of width $\tfrac12$ damp a
# quarter as much as data of width 1, and those of width $\tfrac1{100}$ hardly at all: then the game
# is the Dirac-GAN, whose data have no width.

# %%
nodes, weights = np.polynomial.hermite_e.hermegauss(80)
weights = weights / weights.sum()


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def one_weight(width):
    """v(ψ, θ) of that game."""

    def v(w):
        psi, theta = w
        x, y = width * nodes, theta + width * nodes
        of_d = weights @ (sigmoid(-psi * x) * x) - weights @ (sigmoid(psi * y) * y)
        return np.array([of_d, weights @ sigmoid(psi * y) * psi])

    return v


heading("One weight each")
for width in (1.0, 0.5, 0.1):
    values = np.linalg.eigvals(dense(one_weight(width), np.zeros(2)))
    equal("E38", f"σ = {width:g}: Re λ, and −σ²/4", values.real.max(), -(width**2) / 4)
    equal("E38", f"σ = {width:g}: the largest step, and 2σ²", largest_step(values), 2 * width**2)

# %% [markdown]
# ## Mean and width: three weights against two (E38)
#
# Now $D$ may find both moments: $a(x) = r + \psi x + \tfrac12\varphi x^2$, and $G(z) = \theta +
# sz$. At the solution $\theta = \mu$, $s = \sigma$ and $a = 0$. With $u = (1, x, \tfrac12x^2)$,
#
# $$J = \begin{pmatrix} -\frac12\mathbb{E}[uu^T] & -B\\ B^T & 0\end{pmatrix}, \qquad B =
# \tfrac12\mathbb{E}[u'(x)\,(1, z)] = \tfrac12\begin{pmatrix} 0 & 0\\ 1 & 0\\ \mu & \sigma
# \end{pmatrix}$$
#
# Two things go wrong for $N(4, (\tfrac12)^2)$. The three features $1$, $x$ and $x^2$ are nearly
# multiples of each other on the data, so $\mathbb{E}[uu^T]$ has one huge eigenvalue, which limits
# the step, and tiny ones. And $s$, the width, is seen through $\sigma$ alone. The slowest
# direction is the width's.

# %%


def three_weights(mean, width):
    """v(r, ψ, φ, θ, s) of that game."""

    def v(w):
        (r, psi, phi), (theta, s) = w[:3], w[3:]
        x, y = mean + width * nodes, theta + s * nodes
        a = lambda x: r + psi * x + phi * x**2 / 2  # noqa: E731
        u = lambda x: np.array([x**0, x, x**2 / 2])  # noqa: E731
        of_d = u(x) @ (weights * sigmoid(-a(x))) - u(y) @ (weights * sigmoid(a(y)))
        push = weights * sigmoid(a(y)) * (psi + phi * y)
        return np.concatenate([of_d, [push.sum(), push @ nodes]])

    return v


def by_formula(mean, width):
    """J at the solution."""
    x = mean + width * nodes
    u = np.array([x**0, x, x**2 / 2])
    B = np.array([[0, 0], [1, 0], [mean, width]]) / 2
    return np.block([[-(u * weights) @ u.T / 2, -B], [B.T, np.zeros((2, 2))]])


heading("Mean and width")
spectra = {}
for name, mean, width in (("raw", mu, sigma), ("standardised", 0.0, 1.0)):
    v, at = three_weights(mean, width), np.array([0, 0, 0, mean, width])
    J = by_formula(mean, width)
    error = np.abs(dense(v, at) - J).max() / np.abs(J).max()
    equal("E38", f"{name}: J by the complex step and the formula", error, 0.0, "rounding")
    spectra[name] = values = np.linalg.eigvals(J)
    h = largest_step(values) / 2
    slow = -values.real.max()
    print(
        f"E38     {name:14} Re λ from {values.real.min():.4g} to {values.real.max():.4g}; with "
        f"half the largest step, h = {h:.4g}, a factor e takes {1 / (h * slow):,.0f} steps"
    )
needs = {
    name: 1 / (largest_step(values) / 2 * -values.real.max()) for name, values in spectra.items()
}
below("E38", "steps for a factor e: standardised, and raw", needs["standardised"], needs["raw"])

# %% [markdown]
# Left: the real parts of all five eigenvalues, on a logarithmic axis. The step must suit the
# leftmost, the time depends on the rightmost. Middle: the width of $G$ in this game, from a start
# that is a tenth of a width too wide, with half the largest step of each.

# %%
drawing, (spectrum, story, densities) = panels(
    1, 3, "Raw and standardised data   (E24, E38)", width=14, height=4.4
)
styles = {"raw": OTHER, "standardised": MODEL}
steps = 400 if run.quick else 3000
for row, (name, values) in enumerate(spectra.items()):
    spectrum.plot(-values.real, np.full(5, row), "o", color=styles[name]["color"], markersize=8)
    mean, width = (mu, sigma) if name == "raw" else (0.0, 1.0)
    start = np.array([0, 0, 0, mean, 1.1 * width])
    h = largest_step(values) / 2
    path = trajectory(three_weights(mean, width), simultaneous, start, h, steps)
    story.plot(np.abs(path[:, 4] / width - 1) + 1e-16, label=name, **styles[name])
spectrum.set_yticks([0, 1], list(spectra))
spectrum.set(xscale="log", xlabel="−Re λ", ylim=(-0.5, 1.5), title="damping of each direction")
spectrum.invert_xaxis()
story.set(yscale="log", ylim=(1e-6, 1), xlabel="step", ylabel="relative error of the width")
story.set_title("the exact game, plain steps")
story.legend(loc="lower right")

# %% [markdown]
# ## Two networks (E24)
#
# The same with networks and Adam, on the raw numbers $y$ and on
#
# ```python
# x = (y - 4) / 0.5
# ```
#
# which is the one line; samples go back by $4 + 0.5x$. Networks, seeds and steps are the same. The
# divergence between the histograms is JSD (E24); it does not depend on the units.

# %%
width, steps, m = (16, 150, 128) if run.quick else (32, 4000, 256)
game = Game(mlp([1, width, width, 1]), mlp([1, width, width, 1]), OBJECTIVES["nonsaturating"])
target = Gaussian(mu, sigma)


def train(data, seed):
    """100,000 samples of a training on these data."""
    rng = np.random.default_rng(seed)
    theta_d, theta_g = game.D.initial(rng), game.G.initial(rng)
    players = theta_d, theta_g, Adam(linear(1e-3, steps), 0.5), Adam(linear(1e-3, steps), 0.5)
    now = Training(game, Fresh(data), rng, *players, m=m)
    for _ in range(steps):
        now.iteration()
    z = rng.standard_normal((100_000, 1), dtype="float32")
    return game.G(now.theta_g, z).astype("float64")


heading("Networks")
for seed in range(1 if run.quick else 3):
    for name in ("raw", "standardised"):
        y = train(target, seed) if name == "raw" else mu + sigma * train(Gaussian(0.0, 1.0), seed)
        jsd = histogram_jsd(y, target, np.random.default_rng(0))
        print(
            f"E24     {name:14} seed {seed}: mean {y.mean():.3f}, width {y.std():.3f}, "
            f"JSD {jsd.value:.4f} ± {jsd.error:.4f} nats; data: {mu:g}, {sigma:g}, {jsd.floor:.4f}"
        )
        if seed == 0:
            edges = np.linspace(1, 7, 121)
            density = np.histogram(y[:, 0], edges)[0] / (len(y) * (edges[1] - edges[0]))
            densities.stairs(density, edges, label=name, **styles[name])
equal("E24", "JSD's largest value, log 2, of laws that do not meet", np.log(2), -np.log(0.5))
grid = np.linspace(1, 7, 400)
densities.plot(grid, target.density(grid), label="data", **JUDGE)
densities.axhline(0, **LEVEL)
densities.set(xlabel="y", ylabel="density", title=f"networks after {steps} steps")
densities.legend(loc="upper left")
save(drawing, "38_why_data_are_standardised", run)

# %% [markdown]
# ## Recap
#
# * The data damp the game with the square of their width; a mean far from 0 makes the features of
#   $D$ nearly parallel (E38).
# * The step must suit the largest eigenvalue, and the time depends on the smallest. Both change
#   with the units of the data.
# * `x = (y - mean) / std` mends it. numgan does it to the columns of your own rows, and to
#   `numgan train gaussian --mean 4 --std 0.5`.
#
# **What we still owe.** Nothing to the game on a line. For rows of many columns one would like
# their covariance to be the identity too, and not each variance alone.
#
# ## Exercises
#
# **1 · Predict.** Data $N(0, 2^2)$, one weight each. Does the game still turn as it comes in?
#
# **2 · On paper.** Show that $h < 2\sigma^2$ for $\sigma^2 < 2$ (E38).
#
# <details><summary>Answer</summary>
#
# The eigenvalues are a pair with $\mathrm{Re}\,\lambda = -\sigma^2/4$ and $|\lambda|^2 = \det J =
# \tfrac14$. So $h < -2\,\mathrm{Re}\,\lambda/|\lambda|^2 = 2\sigma^2$.
#
# </details>
#
# **3 · Change a line.** Replace `mu, sigma = 4.0, 0.5` by `mu, sigma = 0.0, 0.5`. Which of the two
# reasons is left, and how many steps does a factor e take?
#
# <details><summary>What you see</summary>
#
# The width alone. The features are no longer parallel, and the printed number of steps falls far
# below that of the raw data, but stays above that of the standardised ones.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 56` (the generator's update): units do not
# explain everything.

# %%
values = np.linalg.eigvals(dense(one_weight(2.0), np.zeros(2)))
answer(
    1,
    f"No: σ² = 4 is above 2, the eigenvalues {values.real.min():.3f} and {values.real.max():.3f} "
    f"are real.",
    bool(np.abs(values.imag).max() == 0),
)
