"""One training on the R ranks of MPI. A gradient is a mean, so each rank computes its part of it:

    ∇Ṽ = Σ_r (m_r/m) ∇Ṽ_r        Ṽ_r the value on the m_r rows of rank r, Σ_r m_r = m

One all-reduce of a flat vector makes the sum on every rank. Each rank holds all of θ_d and θ_g and
draws the whole minibatch, so every rank makes the same step, and a run does not depend on R but
for the order of a sum. This is exact where rows do not interact. Batch norm, minibatch deviation,
packing and relativistic means do couple rows: they see the rows of their rank alone, a "ghost"
batch of m_r. What such layers remember is averaged over the ranks after every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numgan.backend import Array, namespace, to_device, to_host
from numgan.errors import InputError
from numgan.game import DiscriminatorStep, Game, GeneratorStep
from numgan.network import Network


def rows(m: int, comm: Any) -> slice:
    """The rows of this rank: R parts of m, whose sizes differ by at most one.

    >>> class Rank:
    ...     rank, size = 1, 3
    >>> rows(10, Rank)
    slice(3, 6, None)
    """
    return slice(m * comm.rank // comm.size, m * (comm.rank + 1) // comm.size)


def all_reduce(x: Array, comm: Any) -> Array:
    """Σ_r x_r, on every rank; an array of a GPU goes through the host, as not every MPI reads its
    memory.
    """
    here = np.ascontiguousarray(to_host(x))
    total = np.empty_like(here)
    comm.Allreduce(here, total)
    return total if isinstance(x, np.ndarray) else to_device(total, "cuda")


@dataclass(frozen=True)
class Draws:
    """A generator that draws for the whole minibatch of m rows, and returns the rows of this rank:
    so masks and interpolations are those of a single process.
    """

    rng: Any
    m: int
    mine: slice

    def random(self, shape: Sequence[int], **options: Any) -> Array:
        """Uniform on [0, 1)."""
        return self.rng.random((self.m, *shape[1:]), **options)[self.mine]

    def standard_normal(self, shape: Sequence[int], **options: Any) -> Array:
        """N(0, 1)."""
        return self.rng.standard_normal((self.m, *shape[1:]), **options)[self.mine]

    def integers(self, *arguments: Any, **options: Any) -> Array:
        """Whole numbers; nothing in a game draws them by rows."""
        return self.rng.integers(*arguments, **options)


class RankNetwork(Network):
    """A network whose remembered entries are the mean of those of all ranks."""

    comm: Any

    def observe(self, theta: Array, tape: list) -> None:
        super().observe(theta, tape)
        if self.fixed.any():
            theta[self.fixed] = all_reduce(theta[self.fixed], self.comm) / self.comm.size


@dataclass(frozen=True)
class RankGame(Game):
    """The game on all ranks: the steps of `Game`, each rank on its rows."""

    comm: Any = None

    def part(self, m: int, rng: Any) -> tuple[slice, Draws | None]:
        """The rows of this rank, and the draws for them."""
        mine = rows(m, self.comm)
        return mine, None if rng is None else Draws(rng, m, mine)

    def discriminator_step(
        self,
        theta_d: Array,
        theta_g: Array,
        x: Array,
        z: Array,
        rng: Any = None,
        penalized: float = 1.0,
    ) -> DiscriminatorStep:
        mine, draws = self.part(len(x), rng)
        step = super().discriminator_step(theta_d, theta_g, x[mine], z[mine], draws, penalized)
        dtheta_d, a_real, a_fake = self.mean(step.dtheta_d, mine, len(x), step.a_real, step.a_fake)
        return DiscriminatorStep(dtheta_d, a_real, a_fake, step.tape)

    def generator_step(
        self, theta_d: Array, theta_g: Array, z: Array, rng: Any = None, x: Array = None
    ) -> GeneratorStep:
        mine, draws = self.part(len(z), rng)
        data = None if x is None else x[mine]
        step = super().generator_step(theta_d, theta_g, z[mine], draws, data)
        logits = [a for a in (step.a_fake, step.a_real) if a is not None]
        dtheta_g, *found = self.mean(step.dtheta_g, mine, len(z), *logits)
        return GeneratorStep(dtheta_g, found[0], step.tape, found[1] if len(found) > 1 else None)

    def mean(self, dtheta: Array, mine: slice, m: int, *logits: Array) -> list[Array]:
        """Σ_r (m_r/m) ∇Ṽ_r, and the logits of all rows: one all-reduce of all of them."""
        xp = namespace(dtheta)
        share = (mine.stop - mine.start) / m
        vectors = [share * dtheta]
        for a in logits:
            everywhere = xp.zeros((m, 1), a.dtype)
            everywhere[mine] = a
            vectors.append(everywhere.ravel())
        total = all_reduce(xp.concatenate(vectors), self.comm)
        parts = np.cumsum([len(dtheta)] + [m] * len(logits))
        return [total[: parts[0]], *(total[b - m : b].reshape(m, 1) for b in parts[1:])]


def ranked(game: Game, comm: Any, m: int) -> Game:
    """The game with each rank on its part of m rows. Raises InputError for more ranks than rows."""
    if comm.size > m:
        raise InputError(
            f"{comm.size} ranks share a minibatch of {m} rows: expected at least one each"
        )
    networks = {}
    for name, network in (("G", game.G), ("D", game.D)):
        networks[name] = RankNetwork(network.layers, network.input_shape)
        networks[name].comm = comm
    fields = {name: getattr(game, name) for name in game.__dataclass_fields__}
    return RankGame(**{**fields, **networks}, comm=comm)


def coupled(game: Game, m: int, comm: Any) -> str:
    """What to say of a game whose rows interact; "" where none do.

    >>> from numgan import Dense, OBJECTIVES
    >>> net = Network([Dense(1, 1)], (1,))
    >>> coupled(Game(net, net, OBJECTIVES["minimax"]), 8, None)
    ''
    """
    layers = [*game.G.layers, *game.D.layers]
    names = sorted({type(layer).__name__ for layer in layers if layer.couples})
    # a pair (E54) is on one rank whole
    names += ["relativistic means"] * bool(game.objective.relative and not game.objective.paired)
    if not names:
        return ""
    return f"{', '.join(names)}: each rank uses its own rows, about {m // comm.size} of {m}"
