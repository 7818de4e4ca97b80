"""One training on the R ranks of MPI. A gradient is a mean, so each rank computes its part of it:

    ∇Ṽ = Σ_r ∇(m_r/m Ṽ_r)        Ṽ_r the value on the m_r rows of rank r, Σ_r m_r = m

One all-reduce of a flat vector makes the sum on every rank. Each rank holds all of θ_d and θ_g and
draws the whole minibatch, so every rank makes the same step, and a run does not depend on R but
for the order of a sum. This is exact where rows do not interact. Batch norm, minibatch deviation,
packing and relativistic means do couple rows: they see the rows of their rank alone, a "ghost"
batch of m_r. What such layers remember is averaged over the ranks after every step. With `sync`
the coupling is that of all m rows, see numgan/synced.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Any

from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.game import DiscriminatorStep, Game, GeneratorStep
from numgan.network import Network
from numgan.synced import all_reduce, synced
from numgan.values import BaseObjective, Value


def rows(m: int, comm: Any) -> slice:
    """The rows of this rank: R parts of m, whose sizes differ by at most one.

    >>> class Rank:
    ...     rank, size = 1, 3
    >>> rows(10, Rank)
    slice(3, 6, None)
    """
    return slice(m * comm.rank // comm.size, m * (comm.rank + 1) // comm.size)


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

    def integers(self, high: int, size: int) -> Array:
        """Whole numbers from 0 to high − 1, one for each row."""
        return self.rng.integers(high, size=self.m)[self.mine]


class RankNetwork(Network):
    """A network whose remembered entries are the mean of those of all ranks."""

    comm: Any

    def observe(self, theta: Array, tape: list) -> None:
        super().observe(theta, tape)
        if self.remembers:
            theta[self.fixed] = all_reduce(theta[self.fixed], self.comm) / self.comm.size


def everywhere(logits: Sequence[Array], mine: slice, m: int) -> Array:
    """The logits in their places among those of all m rows, a line for each, and 0 elsewhere: their
    sum over the ranks has all of them.

    >>> import numpy as np
    >>> everywhere([np.array([[7.0], [8.0]])], slice(1, 3), 4)
    array([[0., 7., 8., 0.]])
    """
    lines = namespace(logits[0]).zeros((len(logits), m), logits[0].dtype)
    for line, a in zip(lines, logits, strict=True):
        line[mine] = a.ravel()
    return lines


@dataclass(frozen=True)
class RankObjective(BaseObjective):
    """The value of all m rows, with the gradients at the m_r logits of this rank:

        ∂Ṽ/∂a_i = (m_r/m) ∂Ṽ_r/∂a_i

    where a value is a mean over rows. A relativistic mean couples them: with `whole` the logits of
    all ranks are brought together first, by an all-reduce of m numbers a side.
    """

    of: BaseObjective
    mine: slice
    m: int
    comm: Any
    whole: bool = False

    @property
    def V_d(self) -> Value:
        return self.of.V_d

    @property
    def V_g(self) -> Value:
        return self.of.V_g

    def gradient(self, a_real: Array, a_fake: Array) -> tuple[Array, Array]:
        da_real, da_fake = self.of.gradient(*self.seen(a_real, a_fake))
        return self.own(da_real), self.own(da_fake)

    def generator_gradient(self, a_fake: Array, a_real: Array = None) -> Array:
        return self.own(self.of.generator_gradient(*self.seen(a_fake, a_real)))

    def seen(self, *logits: Array) -> Sequence[Array]:
        """The logits that the value is taken of."""
        if not self.whole:
            return logits
        total = all_reduce(everywhere(logits, self.mine, self.m), self.comm)
        return [line.reshape(self.m, 1) for line in total]

    def own(self, da: Array) -> Array:
        """Of a gradient at these logits the part of this rank."""
        return da[self.mine] if self.whole else (self.mine.stop - self.mine.start) / self.m * da


def times(share: float, paid: Any) -> Any:
    """The penalty or cost, or the sum of them, `share` times as strong; None for None."""
    if paid is None:
        return None
    return reduce(add, [replace(part, weight=share * part.weight) for part in paid.parts])


@dataclass(frozen=True)
class RankGame(Game):
    """The game on all ranks: the steps of `Game`, each rank on its rows, and the sum of them."""

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
        dtheta_d, a_real, a_fake = self.sums(step.dtheta_d, mine, len(x), step.a_real, step.a_fake)
        return DiscriminatorStep(dtheta_d, a_real, a_fake, step.tape)

    def generator_step(
        self, theta_d: Array, theta_g: Array, z: Array, rng: Any = None, x: Array = None
    ) -> GeneratorStep:
        mine, draws = self.part(len(z), rng)
        data = None if x is None else x[mine]
        step = super().generator_step(theta_d, theta_g, z[mine], draws, data)
        logits = [a for a in (step.a_fake, step.a_real) if a is not None]
        dtheta_g, *found = self.sums(step.dtheta_g, mine, len(z), *logits)
        return GeneratorStep(dtheta_g, found[0], step.tape, found[1] if len(found) > 1 else None)

    def sums(self, dtheta: Array, mine: slice, m: int, *logits: Array) -> list[Array]:
        """Σ_r ∇(m_r/m Ṽ_r), and the logits of all rows: one all-reduce of all of them."""
        lines = everywhere(logits, mine, m)
        total = all_reduce(namespace(dtheta).concatenate([dtheta, lines.ravel()]), self.comm)
        size = len(dtheta)
        return [total[:size], *total[size:].reshape(len(logits), m, 1)]


def ranked(game: Game, comm: Any, m: int, sync: bool = False) -> Game:
    """The game with each rank on its part of m rows; with `sync` rows couple across ranks as well.

    Raises InputError for more ranks than rows, and for a layer that `sync` does not reach.
    """
    if comm.size > m:
        raise InputError(
            f"{comm.size} ranks share a minibatch of {m} rows: expected at least one each"
        )
    mine, networks = rows(m, comm), {}
    for name, network in (("G", game.G), ("D", game.D)):
        layers = synced(network.layers, comm) if sync else network.layers
        networks[name] = RankNetwork(layers, network.input_shape)
        networks[name].comm = comm
    share, fields = (mine.stop - mine.start) / m, {**vars(game), **networks}
    fields["objective"] = RankObjective(game.objective, mine, m, comm, sync and relative(game))
    fields["penalty"], fields["cost"] = times(share, game.penalty), times(share, game.cost)
    return RankGame(**fields, comm=comm)


def relative(game: Game) -> bool:
    """Whether a logit is compared with a mean over rows. A pair (E54) is on one rank whole."""
    return game.objective.relative and not game.objective.paired


def coupled(game: Game, m: int, comm: Any) -> str:
    """What to say of a game whose rows interact; "" where none do.

    >>> from numgan import Dense, OBJECTIVES
    >>> net = Network([Dense(1, 1)], (1,))
    >>> coupled(Game(net, net, OBJECTIVES["minimax"]), 8, None)
    ''
    """
    layers = [*game.G.layers, *game.D.layers]
    names = sorted({type(layer).__name__ for layer in layers if layer.couples})
    names += ["relativistic means"] * relative(game)
    if not names:
        return ""
    return (
        f"{', '.join(names)}: each rank uses its own rows, about {m // comm.size} of {m}; "
        f"--sync uses those of all ranks"
    )
