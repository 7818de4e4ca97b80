"""What a run says of its own convergence: ‖v‖, the eigenvalues of the game and of each player's own
block (E38), the path-angle (E61) and the duality gap (E62).

`numgan train --spectrum N` records `record` every N steps. `measure_convergence` is the whole of it
at the last step. The host computes, in double precision, and nothing of the run changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from numgan.backend import generator, to_host
from numgan.data import Dataset, Shuffled
from numgan.dynamics import GameField, Jacobian, leading
from numgan.dynamics.convergence import (
    Gap,
    Minibatch,
    OwnBlock,
    PathAngle,
    duality_gap,
    mean_field,
    path_angle,
)
from numgan.dynamics.spectrum import kind
from numgan.run.build import first_parameters
from numgan.training import Training

if TYPE_CHECKING:
    from numgan.run.run import Run

RESPONSE, RATE = 100, 1e-3  # steps of Adam that look for a best response, and their η at the start
KEPT = 16  # minibatches that measure it
PRODUCTS = 20  # R-passes for each player's own block
ALPHAS = np.linspace(0, 1.5, 31)
# of a row of the record
COLUMNS = ("norm", "sampling", "own_d", "own_g", "gap_d", "error_d", "gap_g", "error_g")


def minibatches(
    training: Training, data: Dataset, rng: Any, device: str
) -> tuple[Callable[[], Minibatch], list[Minibatch]]:
    """A function that draws a minibatch, and KEPT others that it does not draw from: of finite data
    each has a half of the rows.
    """
    source, halves = data.source, [np.zeros(0, int)] * 2
    if isinstance(source, Shuffled):
        halves = np.array_split(rng.permutation(len(source)), 2)

    def draw(half: int) -> Minibatch:
        if isinstance(source, Shuffled):
            x = source.take(rng.choice(halves[half], training.m))
        else:
            x = source.batch(training.m, rng)
        z = to_host(training.latents(training.m, generator(device, rng)))
        return x.astype("float64"), z.astype("float64")

    return lambda: draw(0), [draw(1) for _ in range(KEPT)]


def joint(training: Training) -> np.ndarray:
    """w = (θ_d, θ_g), on the host, in double precision."""
    both = to_host(training.theta_d), to_host(training.theta_g)
    return np.concatenate(both).astype("float64")


def own_spectrum(J: Jacobian, player: str, rng: Any) -> np.ndarray:
    """The eigenvalues of a player's own block that PRODUCTS R-passes find, rising."""
    game = J.field.game
    free = ~(game.D.fixed if player == "D" else game.G.fixed)
    start = rng.standard_normal(free.size) * free
    found = leading(OwnBlock(J, player), start, min(PRODUCTS, int(free.sum())))
    return np.sort(found.values.real)


def record(training: Training, data: Dataset, rng: Any, device: str = "cpu") -> np.ndarray:
    """A row of the record, (len(COLUMNS),): the same rng gives the same minibatches, so that one
    row can be compared with the next."""
    return Measured.of(training, data, rng, device).row()


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything but the path, which needs the run's start."""

    norm: float
    sampling: float
    own_d: np.ndarray
    own_g: np.ndarray
    gap: Gap

    @staticmethod
    def of(training: Training, data: Dataset, rng: Any, device: str = "cpu") -> Measured:
        """Where the players are now."""
        draw, kept = minibatches(training, data, rng, device)
        game, w = training.game, joint(training)
        norm, sampling = mean_field([GameField(game, x, z)(w) for x, z in kept])
        J = Jacobian(GameField(game, *kept[0]), w)
        own_d, own_g = (own_spectrum(J, player, rng) for player in ("D", "G"))
        gap = duality_gap(game, w, draw, kept, RESPONSE, RATE)
        return Measured(norm, sampling, own_d, own_g, gap)

    def row(self) -> np.ndarray:
        """As COLUMNS has it."""
        (d, error_d), (g, error_g) = self.gap
        own = self.own_d[-1], self.own_g[-1]
        return np.array([self.norm, self.sampling, *own, d, error_d, g, error_g])


@dataclass(frozen=True, eq=False, repr=False)
class Convergence:
    """What a run says of its own convergence at its last step."""

    measured: Measured
    values: np.ndarray  # outermost eigenvalues of the game, complex
    path: PathAngle | None  # None where the run has not moved

    def rows(self) -> list[tuple[str, str, str]]:
        """A name, what was measured, and what that means."""
        m, found = self.measured, self.values[~np.isnan(self.values)]
        rows = [
            ("‖v‖", f"{m.norm:.3g}, sampling {m.sampling:.2g}", says_norm(m.norm, m.sampling)),
            ("game, max Re λ", f"{found.real.max():.3g}", says_game(found)),
            ("D’s own block, max λ", f"{m.own_d[-1]:.3g}", says_own("D", m.own_d)),
            ("G’s own block, max λ", f"{m.own_g[-1]:.3g}", says_own("G", m.own_g)),
        ]
        for player, gain in zip("DG", m.gap, strict=True):
            what = f"{gain.value:.3g} ± {gain.error:.1g}"
            rows.append((f"gap of {player}", what, says_gap(player, *gain)))
        if self.path is not None:
            before, after = self.path.change()
            what = f"cos {before:+.2f} → {after:+.2f}"
            rows.append(("path-angle at the end", what, says_path(before, after)))
        return rows

    def json(self) -> dict[str, dict[str, float | None]]:
        """‖v‖ and the gaps, as a summary has its numbers; the optimum of each is 0."""
        m = self.measured
        parts = {"‖v‖": (m.norm, m.sampling), "gap of D": m.gap.of_d, "gap of G": m.gap.of_g}
        return {
            name: {"value": value, "error": error, "optimum": 0.0}
            for name, (value, error) in parts.items()
        }

    def __str__(self) -> str:
        head = f"{'convergence':24}{'measured':>22}   what it says"
        return "\n".join([head, *(f"{a:24}{b:>22}   {c}" for a, b, c in self.rows())])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from numgan.html import table

        return table(("convergence", "measured", "what it says"), self.rows())


def measure_convergence(run: Run) -> Convergence:
    """All of it at the run's last step."""
    from numgan.run.spectrum import spectrum

    rng = np.random.default_rng([run.config.seed, 6])
    measured = Measured.of(run.training, run.pairs, rng, run.device)
    seed = np.random.default_rng([run.config.seed, 5])
    values = spectrum(run.training, run.pairs, seed, run.device)
    return Convergence(measured, values, path_of(run))


def path_of(run: Run) -> PathAngle | None:
    """The path-angle from the run's first parameters to its last; None where they are the same.
    What layers remember is no variable of the game: it is that of the end, all along the path.
    """
    game, end = run.training.game, joint(run.training)
    rng = np.random.default_rng([run.config.seed, 7])
    _, kept = minibatches(run.training, run.pairs, rng, run.device)
    field = GameField(game, *kept[0])
    first = np.concatenate(first_parameters(run.config, game.G, game.D)).astype("float64")
    start = np.where(field.free, first, end)
    return path_angle(field, start, end, ALPHAS) if np.any(start - end) else None


# ── what each number says ────────────────────────────────────────────────────────────────────────


def says_norm(norm: float, sampling: float) -> str:
    """0 at an equilibrium (E38)."""
    if norm < 2 * sampling:
        return "not told from 0 by these minibatches; it is 0 at an equilibrium (E38)"
    return "it is 0 at an equilibrium (E38): the players still move"


def says_game(values: np.ndarray) -> str:
    """The sign decides for plain simultaneous steps."""
    name = kind(values, 1e-6)
    if values.real.max() > 1e-6 * np.abs(values).max():
        return f"{name}: plain steps leave such a point along some direction (E38)"
    return f"{name} among those found: small plain steps do not leave such a point (E38)"


def says_own(player: str, values: np.ndarray) -> str:
    """A player's own second-order condition."""
    if values[-1] > 1e-6 * np.abs(values).max():
        return f"> 0: on this minibatch {player} alone could gain: no Nash equilibrium"
    return f"≤ 0: {player} alone is at an optimum, to second order, if its gradient is 0"


def says_gap(player: str, value: float, error: float) -> str:
    """A lower bound of what the player's best response gains."""
    found = f"{RESPONSE} steps of {player} alone"
    if value > 2 * error:
        return f"{found} gain at least that: no equilibrium yet (E62)"
    return f"{found} gain nothing that is told from 0; at an equilibrium the gap is 0 (E62)"


def says_path(before: float, after: float) -> str:
    """A change of sign from + to − at the end is attraction."""
    if before > 0 > after:
        much = "mostly" if min(before, -after) > 0.5 else "and turns more than it attracts"
        return f"+ to −: the field leads to the end from both sides, {much} (E61)"
    if before < 0 < after:
        return "− to +: the field leads away from the end on both sides (E61)"
    onward = "onward past" if after > 0 else "back from"
    return f"no change of sign: along the path the field leads {onward} the end (E61)"
