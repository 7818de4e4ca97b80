# %% [markdown]
# # 33 · A gradient is a mean (E29, E33, L5, L12)
#
# *One training on many machines is one sum a step; what breaks it, and what it costs.*
#
# **Needs.** Chapter 11 (E29, E33), chapter 16 (batch norm, L5), chapter 19 (minibatch deviation,
# L12).
#
# The value of a minibatch is a mean over its rows (E29), and so is its gradient. Give each of $R$
# machines, called ranks, its part of the rows: $m_r$ of $m$. Each computes the gradient of the mean
# over its own rows, and
#
# $$\nabla\tilde V = \frac1m\sum_{i=1}^m \nabla v_i = \sum_{r=1}^{R}\frac{m_r}{m}\,\nabla\tilde V_r
# \qquad (\mathrm{E29})$$
#
# All parameters are one flat vector, so this is one sum of $R$ vectors. If every rank gets the sum,
# every rank makes the same step, and no parameters are sent. MPI calls it an **all-reduce**;
# `mpiexec -n 4 numgan train fashion --parallel` is a training on four ranks.

# %%
import threading

import numpy as np
from figure import JUDGE, LINES, MODEL, OTHER, answer, below, equal, heading, options, panels, save

from numgan.architectures import mlp
from numgan.game import Game
from numgan.layers import BatchNorm, Dense, MinibatchDeviation, Tanh
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.ranks import ranked, rows
from numgan.synced import RankBatchNorm

run = options()
rng = np.random.default_rng(31)
m = 48
x, z = rng.standard_normal((2, m, 2))


class Rank:
    """A rank that is a thread, with the one thing that a training asks of MPI."""

    def __init__(self, rank, size, table, barrier):
        self.rank, self.size, self.table, self.barrier = rank, size, table, barrier

    def Allreduce(self, here, total):
        self.table[self.rank] = here
        self.barrier.wait()
        total[...] = sum(self.table)
        self.barrier.wait()


def on_ranks(size, work):
    """work(comm) on every rank, and what came of it, in their order."""
    table, found, barrier = [None] * size, [None] * size, threading.Barrier(size)

    def one(r):
        found[r] = work(Rank(r, size, table, barrier))

    threads = [threading.Thread(target=one, args=(r,)) for r in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


# %% [markdown]
# ## The sum
#
# By hand, with 48 rows on 5 ranks, of which some have 9 and some 10. The weights $m_r/m$ matter: in
# a plain mean of the five gradients the rows of a small part count more than the others.

# %%
G = mlp([2, 16, 2], "tanh")
D = mlp([2, 16, 1], "tanh")
theta_d, theta_g = D.initial(rng, "float64"), G.initial(rng, "float64")
plain = Game(G, D, OBJECTIVES["nonsaturating"])
whole = plain.discriminator_step(theta_d, theta_g, x, z).dtheta_d

parts = [rows(m, Rank(r, 5, None, None)) for r in range(5)]
counts = [part.stop - part.start for part in parts]
gradients = [plain.discriminator_step(theta_d, theta_g, x[i], z[i]).dtheta_d for i in parts]
summed = sum(n / m * g for n, g in zip(counts, gradients, strict=True))
heading(f"48 rows on 5 ranks: {', '.join(map(str, counts))}")
equal("E29", "Σ (m_r/m) ∇Ṽ_r and ∇Ṽ: largest |Δ|", np.abs(summed - whole).max(), 0.0)
unweighted = np.abs(sum(gradients) / 5 - whole).max()
below("E29", "a plain mean of the five, largest |Δ|: above 1e-5", 1e-5, unweighted)

# %% [markdown]
# ## The all-reduce
#
# No rank needs all $R$ vectors to get their sum. Cut the vectors of $n$ numbers into $R$ pieces and
# put the ranks in a ring. In each of $R-1$ rounds every rank sends one piece to its right and adds
# what came from its left: then each has one piece of the sum. In $R-1$ more rounds the finished
# pieces are passed on. Every rank has sent $2(R-1)$ pieces of $n/R$ numbers: less than $2n$,
# however many ranks there are.


# %%
def ring_all_reduce(vectors):
    """The sum, on every rank, and how many numbers each rank sent."""
    R = len(vectors)
    pieces, sent = [np.array_split(v.copy(), R) for v in vectors], 0
    for step in range(2 * (R - 1)):
        going = [pieces[r][(r - step) % R].copy() for r in range(R)]
        for r in range(R):
            here = pieces[r][(r - 1 - step) % R]
            here[...] = going[r - 1] + (here if step < R - 1 else 0)  # add, then pass on
        sent += len(going[0])
    return [np.concatenate(p) for p in pieces], sent


size = 840
vectors = [rng.standard_normal(size) for _ in range(7)]
sums, sent = ring_all_reduce(vectors)
heading("Seven vectors of 840 numbers, once round the ring and once more")
for r in (0, 6):
    worst = np.abs(sums[r] - sum(vectors)).max()
    equal("E29", f"the sum on rank {r}: largest |Δ|", worst, 0.0)
equal("E29", "numbers that a rank sends: 2·(6/7)·840", sent, 2 * 6 * size / 7)

# %% [markdown]
# ## What breaks it
#
# The sum is exact where $\tilde V$ is a mean over rows. It is not where a row's logit depends on
# other rows. Batch norm (L5) subtracts the batch's mean, minibatch deviation (L12) adds a feature
# that all rows share, and a relativistic objective compares each logit with the mean of the other
# side's. A rank that uses the rows it has, a *ghost batch*, computes the gradient of another value.
# How far from $\nabla\tilde V$ the sum of the parts then is, as a part of its length:


# %%
def game(*inside, objective="nonsaturating"):
    """The game with layers inside D, and θ_d."""
    wide = 16 + any(isinstance(layer, MinibatchDeviation) for layer in inside)
    judge = Network([Dense(2, 16), *inside, Tanh(), Dense(wide, 1)], (2,))
    theta = judge.initial(np.random.default_rng(1), "float64")
    return Game(G, judge, OBJECTIVES[objective]), theta


def error(case, R, sync):
    """|Σ_r ∇(m_r/m Ṽ_r) − ∇Ṽ|/|∇Ṽ| on R ranks."""
    one, theta = case
    exact = one.discriminator_step(theta, theta_g, x, z).dtheta_d

    def part(comm):
        return ranked(one, comm, m, sync).discriminator_step(theta, theta_g, x, z).dtheta_d

    found = on_ranks(R, part)[0]
    return np.linalg.norm(found - exact) / np.linalg.norm(exact)


LABELS = {"batch norm (L5)": "L5", "minibatch deviation (L12)": "L12", "relativistic means": "E33"}
CASES = {
    "rows alone": game(),
    "batch norm (L5)": game(BatchNorm(16)),
    "minibatch deviation (L12)": game(MinibatchDeviation()),
    "relativistic means": game(objective="relativistic"),
}
RANKS = [1, 2, 4, 8, 16]
ghost = {name: [error(case, R, sync=False) for R in RANKS] for name, case in CASES.items()}
synced = {name: [error(case, R, sync=True) for R in RANKS] for name, case in CASES.items()}

print(f"\n{'|Δ|/|∇Ṽ|, 48 rows':28}" + "".join(f"{f'{R} ranks':>12}" for R in RANKS))
for name in CASES:
    print(f"{name:28}" + "".join(f"{e:12.1e}" for e in ghost[name]))
heading("Each rank with its own rows, and with the sums of all")
equal("E29", "rows alone, 16 ranks", ghost["rows alone"][-1], 0.0)
for name, label in LABELS.items():
    below(label, f"{name}, 2 ranks: above 1e-3", 1e-3, ghost[name][1])
for name, label in LABELS.items():
    equal(label, f"{name}, 16 ranks, with --sync", synced[name][-1], 0.0)

# %% [markdown]
# The cure is to give the layers the sums of all ranks: `--sync`. Forward, $Ex = \sum_r\sum x\,/
# \sum_r M_r$. The backward pass is often wrong in practice: a row moves the mean and the variance,
# and with them the rows of *every* rank. The chain rule adds up over all rows,
#
# $$dx = \gamma r\,\big(dy - E\,dy - \hat x\,E[\hat x\,dy]\big) \qquad (\mathrm{L5})$$
#
# and $E$ is again the mean over all ranks: $\sum dy$ and $\sum\hat x\,dy$ need an all-reduce too.
# (Chapter 16 derives the formula.) With reduced statistics and a backward pass of each rank alone,
# the result is not a gradient:


# %%
class HalfSynced(RankBatchNorm):
    """Forward with the sums of all ranks, backward with those of its own rows."""

    def project(self, cache, g):
        own = BatchNorm(self.C)
        return own.project(cache, g)


def dx(layer_of, R):
    """dx of batch norm, with the rows on R ranks."""
    y_rows, dy = np.random.default_rng(2).standard_normal((2, m, 3)) + 1
    P = BatchNorm(3).initial(None)

    def part(comm):
        layer, mine = layer_of(comm), rows(m, comm)
        _, cache = layer.forward(P, y_rows[mine])
        return layer.backward(P, cache, dy[mine])

    return np.concatenate(on_ranks(R, part))


exact = dx(lambda comm: BatchNorm(3), 1)
right = dx(lambda comm: RankBatchNorm(3, comm=comm), 4)
half = dx(lambda comm: HalfSynced(3, comm=comm), 4)
heading("Batch norm's dx, 48 rows on 4 ranks")
equal("L5", "Σ dy and Σ x̂ dy of all ranks: largest |Δ|", np.abs(right - exact).max(), 0.0)
below("L5", "those of the own rows: 0.01", 0.01, np.abs(half - exact).max())

drawing, (left, spread) = panels(
    1,
    2,
    "A gradient is a mean, where rows do not interact   (E29, L5, L12)",
    width=11.5,
    height=4.4,
)
for (name, errors), how in zip(ghost.items(), LINES, strict=False):
    left.plot(RANKS, np.maximum(errors, 1e-17), marker="o", **how, label=name)
left.plot(
    RANKS,
    [max(s[i] for s in synced.values()) + 1e-17 for i in range(5)],
    "k.",
    label="--sync, the worst",
)
left.set(
    xscale="log", yscale="log", xlabel="ranks that share 48 rows", ylabel="|Σ parts − ∇Ṽ| / |∇Ṽ|"
)
left.set_xticks(RANKS, labels=map(str, RANKS))
left.set_title("each rank with its own rows")
left.legend(loc="center right")
R = np.arange(1, 65)
spread.plot(R, 2 * (R - 1) / R, **MODEL, label="ring: 2(R−1)/R")
spread.plot(R, R - 1, **OTHER, label="all to one, and back: R−1 at that one")
spread.set(xlabel="ranks R", ylabel="vectors that the busiest rank receives", ylim=(0, 8))
spread.set_title("what an all-reduce moves")
spread.legend(loc="upper right")
save(drawing, "33_a_gradient_is_a_mean", run)

# %% [markdown]
# ## What it costs
#
# An iteration on $R$ ranks has a part that is shared, $c\,m/R$; a part $s$ that every rank does
# alone, such as Adam on all of $\theta$ and the draws of the whole minibatch; and two all-reduces,
# one for each player. In the $\alpha$-$\beta$ model a message of $b$ bytes takes $\alpha+\beta b$:
#
# $$T(m,R) = s + \frac{c\,m}{R} + \sum_{\theta_d,\,\theta_g}\Big(2\alpha\log_2R +
# 2\,\frac{R-1}{R}\,\beta\,b\Big)$$
#
# with $\log_2R$ messages each way, as MPI's algorithms for long vectors have them. (The ring has
# $R-1$.) The numbers below are measurements of one machine with two cores, written here by the
# command that stands beside them; measure your own.
#
# $s$ and $c$ are fitted to one rank alone, $\alpha$ and $\beta$ to bare all-reduces. So the
# iterations on two ranks are a test of the model. Two games are measured. mlp784 has a million
# parameters and little work for each of them: the hardest case. fashion's convolutions use each of
# far fewer parameters at many pixels, so nearly all of its work is shared.

# %%
# OPENBLAS_NUM_THREADS=1 mpiexec -n 2 python -m tests.benchmarks.ranks --write
# (ranks, rows of the minibatch): seconds of an iteration of mlp784
ITERATION = {
    (1, 64): 0.0121,
    (1, 128): 0.0197,
    (1, 256): 0.0342,
    (1, 512): 0.0648,
    (2, 64): 0.0109,
    (2, 128): 0.0145,
    (2, 256): 0.0223,
    (2, 512): 0.0375,
}
# the same of fashion: convolutions, and R1 at every fourth step
FASHION = {(1, 64): 0.0735, (1, 256): 0.306, (2, 64): 0.0379, (2, 256): 0.151}
# bytes: seconds of one all-reduce on two ranks
ALL_REDUCE = {
    8: 3.21e-06,
    4096: 7.01e-06,
    65536: 5.45e-05,
    524288: 0.000324,
    2097152: 0.00122,
    4194304: 0.00227,
}
BYTES = 4 * 550_416, 4 * 533_505  # of θ_g and θ_d, float32

batches = sorted({rows for _, rows in ITERATION})
alone = np.array([ITERATION[1, rows] for rows in batches])
design = np.stack([np.ones(len(batches)), batches], 1) / alone[:, None]  # relative errors
s, c = np.linalg.lstsq(design, np.ones(len(batches)), rcond=None)[0]
sizes, times = np.array(list(ALL_REDUCE)), np.array(list(ALL_REDUCE.values()))
design = np.stack([2 * np.ones(len(sizes)), sizes], 1) / times[:, None]  # at R = 2
alpha, beta = np.linalg.lstsq(design, np.ones(len(sizes)), rcond=None)[0]


def model(rows, R, alpha=alpha, beta=beta):
    """T(m, R), seconds."""
    messages = sum(2 * alpha * np.log2(R) + 2 * (R - 1) / R * beta * b for b in BYTES)
    return s + c * rows / R + messages


print(f"\nfitted: s = {1e3 * s:.2f} ms, c = {1e6 * c:.1f} µs a row")
print(f"        α = {1e6 * alpha:.1f} µs, 1/β = {1e-9 / beta:.2f} GB/s")
print(
    f"\n{'rows':>6}{'one rank':>12}{'two ranks':>12}{'model':>12}{'speed-up':>12}{'efficiency':>12}"
)
for n, t in zip(batches, alone, strict=True):
    two = ITERATION[2, n]
    print(
        f"{n:6}{1e3 * t:9.2f} ms{1e3 * two:9.2f} ms{1e3 * model(n, 2):9.2f} ms{t / two:12.2f}"
        f"{t / two / 2:12.0%}"
    )
print(f"\n{'fashion':>6}{'one rank':>11}{'two ranks':>12}{'':12}{'speed-up':>12}{'efficiency':>12}")
for n in sorted({count for _, count in FASHION}):
    t, two = FASHION[1, n], FASHION[2, n]
    print(f"{n:6}{1e3 * t:9.2f} ms{1e3 * two:9.2f} ms{'':12}{t / two:12.2f}{t / two / 2:12.0%}")

# %% [markdown]
# ## And on a thousand machines?
#
# This was not measured: the figure *predicts*, by the model alone, from 8 to 1,024 ranks. Two
# networks are assumed: 10 Gbit/s with $\alpha = 30$ µs, and 100 Gbit/s with $\alpha = 2$ µs. With a
# minibatch of fixed size the shared part vanishes, $s$ and the messages remain: the speed-up ends
# at $T(m,1)/(s + \text{messages})$. With 512 rows on *each* rank it keeps growing, because the
# messages are then a fixed part of a step; but that is another training, with a minibatch of half a
# million rows.

# %%
NETWORKS = {"10 Gbit/s, 30 µs": (30e-6, 8e-10), "100 Gbit/s, 2 µs": (2e-6, 8e-11)}
many = 2.0 ** np.arange(3, 11)
drawing, (fit, far) = panels(
    1, 2, "The cost of a step: measured on two cores, predicted beyond", width=11.5, height=4.4
)
for R, how, mark in ((1, MODEL, "o"), (2, JUDGE, "s")):
    fit.plot(batches, [1e3 * model(n, R) for n in batches], **how, label=f"model, R = {R}")
    seen = [1e3 * ITERATION[R, n] for n in batches]
    fit.plot(batches, seen, mark, color=how["color"], label=f"measured, R = {R}")
fit.set(xlabel="rows of the minibatch m", ylabel="ms an iteration", ylim=(0, None))
fit.set_title("measured")
fit.legend(loc="upper left")
colours = MODEL["color"], JUDGE["color"]
print(f"\n{'predicted speed-up':24}{'rows':>14}" + "".join(f"{R:8.0f}" for R in many))
for (name, network), colour in zip(NETWORKS.items(), colours, strict=True):
    for kind, rows_at in (("512 in all", 512 + 0 * many), ("512 a rank", 512 * many)):
        gain = rows_at / 512 * model(512, 1) / model(rows_at, many, *network)
        dash = "--" if "all" in kind else "-"
        far.plot(many, gain, dash, marker=".", color=colour, label=f"{kind}, {name}")
        print(f"{name:24}{kind:>14}" + "".join(f"{g:8.1f}" for g in gain))
far.plot(many, many, color="0.7", linewidth=1, label="R times")
far.set(xscale="log", yscale="log", xlabel="ranks R", ylabel="speed-up in rows a second")
far.set_xticks(many, labels=[f"{R:.0f}" for R in many])
far.minorticks_off()
far.set_title("predicted, not measured")
far.legend(loc="upper left")
save(drawing, "33_a_gradient_is_a_mean_cost", run)

# %% [markdown]
# ## Recap
#
# * The gradient of a mean over rows is the weighted mean of the parts' gradients (E29): one sum a
#   step.
# * Layers that couple rows break it (L5, L12); the sums of all ranks, forward and backward, repair
#   it.
# * A fixed minibatch has a largest speed-up, since messages and what each rank does alone remain.
#
# **What we still owe.** A measurement on many machines: here it is a model, fitted on two cores.
#
# ## Exercises
#
# **1 · Predict.** 48 rows on 5 ranks are parts of 9 and 10 rows. Is the plain mean of the five
# gradients the gradient of the minibatch?
#
# **2 · On paper.** In a ring of $R$ ranks, how many numbers of a vector of $n$ does each rank send
# in an all-reduce, and what is the limit for large $R$?
#
# <details><summary>Answer</summary>
#
# In each of $2(R-1)$ rounds it sends one piece of $n/R$ numbers: $2n(R-1)/R$ in all, which is less
# than $2n$ for every $R$ and tends to it.
#
# </details>
#
# **3 · Change a line.** Replace `unweighted = np.abs(sum(gradients) / 5 - whole).max()` by
# `unweighted = np.abs(sum(gradients[:3]) / 3 - whole).max()`: two ranks are lost. Compare the error
# with that of the plain mean of all five.
#
# <details><summary>What you see</summary>
#
# The largest difference grows from 0.005 to 0.039: without two ranks the gradient is that of
# another minibatch. The plain mean weights the rows a little wrong; it does not lose any.
#
# </details>
#
# **4 · Find the mistake.** `numgan check --exercise 36` (the minimax objective) and
# `numgan check --exercise 37` (the minimax objective). Where does the factor 1/m of a minibatch
# belong?

# %%
answer(
    1,
    f"No: it differs by up to {unweighted:.1e}. Rows of the small parts count more in it. With the "
    f"weights m_r/m the sum is exact to {np.abs(summed - whole).max():.0e}.",
    unweighted > 1e-5,
)
