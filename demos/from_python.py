# %% [markdown]
# # From Python
#
# A run of numgan is an object: train it, look at it, ask it, train on. Everything here is also a
# command (`numgan train`, `sample`, `report`), with the same numbers to the last bit.
#
# This page is a notebook for an editor that knows cells marked `# %%`, and a script:
# `python demos/from_python.py`, with `--quick` for a short one.

# %%
import sys
import tempfile
from pathlib import Path

import numpy as np

import numgan

QUICK = "--quick" in sys.argv
STEPS = 12 if QUICK else 2000
SMALL = {"steps": STEPS, "hidden": (16, 16)} if QUICK else {"steps": STEPS}
place = Path(tempfile.mkdtemp())

# %% [markdown]
# ## Train, and look
#
# The data set's name first; every option of `numgan train` is a keyword, with the same presets.
# `help(numgan.train)` lists them. Nothing is written.

# %%
run = numgan.train("ring", seed=0, quiet=True, **SMALL)
print(run)
print(run.summary())

# %% [markdown]
# In a notebook `run` alone shows its samples, its curves and where it stands; `run.plot()` is a
# figure of matplotlib's, and the numbers behind it are arrays.

# %%
figure = run.plot()
figure.savefig(place / "run.png")
print({name: column.shape for name, column in run.metrics.items()})

# %% [markdown]
# ## Ask it
#
# Samples are in the units and of the type of the data. $D(x) = \sigma(a(x))$ is D's belief (E18 at
# its best), $a$ the logit that gradients work in.

# %%
x = run.sample(5, seed=1)
print(x)
print("D(x)", run.D(x))
print(
    "a(x)", run.logit(x), "and σ(a) − D(x):", abs(1 / (1 + np.exp(-run.logit(x))) - run.D(x)).max()
)

# %% [markdown]
# ## Keep it, and go on
#
# `save` writes a run folder, which the commands take; `load` reads one. `more` trains on: within
# the run's length the same bits as if it had not stopped, beyond it with a new end.

# %%
folder = run.save(place / "ring")
again = numgan.load(folder)
print(again, "same θ:", np.array_equal(again.training.theta_g, run.training.theta_g))
print(again.more(STEPS // 10, quiet=True))

# %% [markdown]
# ## Watch, and interfere
#
# An iterator gives the run after each iteration of Algorithm 1. A callback is a function of the
# run. `step_d` and `step_g` are the two halves of an iteration (E31, E32), for experiments that no
# option has, and η may be set at any time.

# %%
for state in numgan.iterations("gaussian", steps=STEPS, hidden=(16,)):
    if state.training.iterations % (STEPS // 3) == 0:
        D, G = state.last
        slope = np.linalg.norm(G.dtheta_g)
        print(f"{state} mean logit on samples {D.a_fake.mean():+.3f}, ‖dθ_g‖ {slope:.3f}")

means = []


def watch(run):
    """The mean of 200 samples; with ema=0 the averaged generator is G itself."""
    means.append(run.sample(200).mean())


numgan.train("gaussian", steps=STEPS, hidden=(16,), ema=0.0, quiet=True, callback=watch)
print(
    "the mean of 200 samples, as G learns that of the data, 1:", np.round(means[:: STEPS // 5], 2)
)

game = numgan.start("gaussian", steps=STEPS, hidden=(16,))
game.training.optimizer_d.eta = 1e-2
for _ in range(50):  # D runs ahead: 50 ascents against a G that stands still
    game.step_d()
x = game.data.peek(1000)
print(
    "D on data, on samples:", game.D(x).mean().round(2), game.D(game.sample(1000)).mean().round(2)
)

# %% [markdown]
# ## Rows of your own
#
# An array, a frame of pandas or Polars, the path of a file. What was read is told; columns keep
# their names, whole numbers stay whole, and labels make the run conditional.

# %%
rng = np.random.default_rng(0)
kind = np.repeat(["small", "large"], 300)
rows = np.column_stack(
    [np.where(kind == "small", 3, 8) + rng.standard_normal(600), rng.poisson(4, 600)]
)
own = numgan.train(rows, labels=kind, conditional=True, **{**SMALL, "quiet": False})
print(own.sample(4, classes=["small", "small", "large", "large"]).round(2))

# %% [markdown]
# ## With the habits of scikit-learn

# %%
sampler = numgan.GANSampler(seed=0, **SMALL).fit(rows)
print(sampler, sampler.sample(3).round(2), sep="\n")

# %% [markdown]
# ## Weights elsewhere
#
# θ is one vector; by names it is a dictionary of arrays, `NUMBER.PARAMETER`, which
# `numgan.save_tensors` writes for PyTorch and JAX. Three lines of NumPy are D without numgan.

# %%
D = own.training.game.D
weights = own.weights("D")
print({name: array.shape for name, array in weights.items()})
print("θ again:", np.array_equal(D.theta(weights), own.training.theta_d))

# %% [markdown]
# ## What cannot be is one line
#
# An `InputError`, which is a `ValueError`, says what was wrong, what was expected and what to do.

# %%
wrong = [
    lambda: numgan.train("rign"),
    lambda: numgan.train("ring", step=100),
    lambda: numgan.train(rows.tolist()),
    lambda: own.sample(-1),
    lambda: own.sample(2, classes="huge"),
]


def refusal(call):
    """What the call is refused with."""
    try:
        call()
    except numgan.InputError as refused:
        return f"InputError: {refused}"


for call in wrong:
    print(refusal(call))
