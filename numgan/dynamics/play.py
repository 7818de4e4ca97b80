"""E57-E60 on a real game: both players at once, by any rule, on the sampled field.

An iteration draws one minibatch of data x and latents z, which makes v one function of
w = (θ_d, θ_g), and the rule that steps a field on the Dirac-GAN makes one step of it:

    v      the field of the game on the minibatch, or one made of it (consensus, lola, …)
    u(v)   what the optimizers make of v, η included; they see every evaluation, in order
    w      ← rule.step(u(v), w, 1, what the rule remembers)

So with Adam extragradient is ExtraAdam, whose Adam is updated at both of its evaluations, and
optimistic is Optimistic Adam. Dropout and random points are drawn once an iteration, from a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from numgan.backend import Array, namespace
from numgan.dynamics.field import GameField, VectorField
from numgan.dynamics.jacobian import Jacobian
from numgan.dynamics.opponents import competitive, lola, unrolled
from numgan.dynamics.rules import (
    Rule,
    consensus,
    extragradient,
    lookahead,
    optimistic,
    past_extragradient,
    simultaneous,
    symplectic,
)
from numgan.errors import InputError
from numgan.game import DiscriminatorStep, Game, GeneratorStep
from numgan.layers.layer import Layer
from numgan.network import Network
from numgan.optimizers import move_average
from numgan.penalties import PenaltySum
from numgan.training import Training

TOLERANCE = {"float32": 1e-4, "float64": 1e-14}  # of competitive steps


@dataclass(frozen=True)
class GameRule:
    """A row of the table: a rule, the field that it steps, and its two numbers.

    >>> row = GAME_RULES["lookahead"]
    >>> row.strength, row.horizon
    (0.5, 5)
    """

    name: str
    says: str
    label: str
    rule: Callable[[float, int], Rule] = lambda strength, horizon: simultaneous
    field: Callable[..., VectorField] = lambda v, J, d, strength, horizon, rates: v
    strength: float | None = None  # the default of γ or α, where there is one
    horizon: int | None = None  # of k or K
    evaluations: int = 1  # of u(v) an iteration
    remembers: tuple[str, ...] = ()
    plain: bool = False  # for plain gradient steps only

    @property
    def second_order(self) -> bool:
        """True where its field needs products with the Jacobian.

        >>> GAME_RULES["lola"].second_order, GAME_RULES["optimistic"].second_order
        (True, False)
        """
        return self.field is not GameRule.field

    @property
    def help(self) -> str:
        """The row's line in the help of the command line."""
        numbers = {"--strength": self.strength, "--horizon": self.horizon}
        said = [f"{flag} {value:g}" for flag, value in numbers.items() if value is not None]
        return f"{self.says} ({', '.join([self.label, *said])})"


GAME_RULES = {
    row.name: row
    for row in (
        GameRule("simultaneous", "both players from the same point", "E38"),
        GameRule(
            "extragradient",
            "with the field at the point where a first step leads (arXiv:1802.10551)",
            "E57",
            rule=lambda strength, horizon: extragradient,
            evaluations=2,
        ),
        GameRule(
            "past-extragradient",
            "the same, the first step with the last field: one gradient (arXiv:1802.10551)",
            "E57",
            rule=lambda strength, horizon: past_extragradient,
            remembers=("before",),
        ),
        GameRule(
            "optimistic",
            "2u − the u before (arXiv:1711.00141)",
            "E57",
            rule=lambda strength, horizon: optimistic,
            remembers=("before",),
        ),
        GameRule(
            "consensus",
            "both also descend on γ½‖v‖² (arXiv:1705.10461)",
            "E40",
            field=lambda v, J, d, gamma, horizon, rates: consensus(v, J, gamma),
            strength=0.1,
        ),
        GameRule(
            "symplectic",
            "v + γ·½(J − Jᵀ)v (arXiv:1802.05642)",
            "E40",
            field=lambda v, J, d, gamma, horizon, rates: symplectic(v, J, gamma),
            strength=0.1,
        ),
        GameRule(
            "competitive",
            "each where the other's step leads, a linear system of at most K products a step "
            "(arXiv:1905.12103)",
            "E58",
            field=lambda v, J, d, strength, most, rates: competitive(
                v, J, d, rates, TOLERANCE[rates.dtype.name], most
            ),
            horizon=50,
            plain=True,
        ),
        GameRule(
            "lola",
            "through a plain step α of the other (arXiv:1709.04326)",
            "E59",
            field=lambda v, J, d, alpha, horizon, rates: lola(v, J, d, alpha),
            strength=0.1,
        ),
        GameRule(
            "lookahead",
            "after K steps back to w̄ + α(w − w̄) (arXiv:2006.14567)",
            "E60",
            rule=lambda alpha, k: lookahead(simultaneous, k, alpha),
            strength=0.5,
            horizon=5,
            remembers=("slow", "t"),
        ),
        GameRule(
            "unrolled",
            "G through K plain steps α of D (arXiv:1611.02163)",
            "E60",
            field=lambda v, J, d, alpha, K, rates: unrolled(v, J, d, alpha, K),
            strength=0.1,
            horizon=5,
        ),
    )
}


def first_order_layers(network: Network) -> list[Any]:
    """The layers of a network that have no R-pass of their own.

    >>> from numgan.architectures import mlp
    >>> first_order_layers(mlp([2, 3, 1]))
    []
    """
    missing = (None, Layer.rforward)
    return [layer for layer in network.layers if getattr(type(layer), "rforward", None) in missing]


class KnownField(NamedTuple):
    """A field, with its value at one w: there it is not computed again.

    >>> known = KnownField(np.negative, np.ones(1), np.array([7.0]))
    >>> known(known.w), known(np.ones(1))
    (array([7.]), array([-1.]))
    """

    field: Any
    w: Array
    at: Array

    def __call__(self, u: Array) -> Array:
        return self.at if u is self.w else self.field(u)

    def cross(self, u: Array) -> Array:
        """What the field has of the other player's gradients."""
        return self.field.cross(u)


@dataclass
class RuleTraining(Training):
    """A training whose iteration is one step of a rule, for both players at once.

    strength and horizon are the rule's numbers, None for its own. Raises InputError for k > 1, and
    for an optimizer that the rule is not for.

        >>> from numgan.architectures import mlp
        >>> from numgan.data import dataset
        >>> from numgan.objectives import OBJECTIVES
        >>> from numgan.optimizers import Adam
        >>> rng, G, D = np.random.default_rng(0), mlp([2, 8, 2]), mlp([2, 8, 1])
        >>> game, theta = Game(G, D, OBJECTIVES["paired"]), (D.initial(rng), G.initial(rng))
        >>> data = dataset("ring", "float32")
        >>> optimizers = Adam(1e-3), Adam(1e-3)
        >>> t = RuleTraining(game, data, rng, *theta, *optimizers, rule=GAME_RULES["optimistic"])
        >>> _ = t.iteration()
        >>> t.iterations, list(t.memory)
        (1, ['before'])
    """

    rule: GameRule = field(default_factory=lambda: GAME_RULES["simultaneous"])
    strength: float | None = None
    horizon: int | None = None
    memory: dict[str, Array] = field(default_factory=dict)  # what the rule remembers

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.k > 1:
            raise InputError(f"the rule {self.rule.name} moves both players at once: k must be 1")
        if self.rule.plain and any(o.remembers for o in (self.optimizer_d, self.optimizer_g)):
            raise InputError(f"the rule {self.rule.name} solves for a plain step: expected sgd")
        for name, network in (("D", self.game.D), ("G", self.game.G)):
            lacking = first_order_layers(network)
            if self.rule.second_order and lacking:
                raise InputError(
                    f"the rule {self.rule.name} needs R-passes, and {lacking[0]} of {name} has no "
                    f"rforward and rbackward: write them (E44), or take a rule of first order: "
                    f"{', '.join(row.name for row in GAME_RULES.values() if not row.second_order)}"
                )

    def sampled(self) -> GameField:
        """The field of the next iteration: x, z and a seed are drawn."""
        x, z = self.data.batch(self.m, self.rng), self.latents(self.m)
        seed = int(self.rng.integers(2**31, size=1)[0])
        penalized = 0 if self.iterations % self.every else self.every
        return GameField(with_penalty(self.game, penalized), x, z, seed)

    def made_of(self, v: KnownField) -> VectorField:
        """The field that the rule steps."""
        d, g = self.game.D.size, self.game.G.size
        rates = np.repeat([self.optimizer_d.rate(), self.optimizer_g.rate()], [d, g])
        rates = namespace(self.theta_d).asarray(rates.astype(self.theta_d.dtype))
        return self.rule.field(v, partial(Jacobian, v.field), d, *self.numbers, rates)

    @property
    def numbers(self) -> tuple[Any, Any]:
        """strength and horizon, the user's or the rule's own."""
        rule = self.rule
        return (
            rule.strength if self.strength is None else self.strength,
            rule.horizon if self.horizon is None else self.horizon,
        )

    def move(self, v: VectorField, w: Array) -> Array:
        """u(v(w)): each optimizer's direction times its η. v points uphill for D, downhill for
        G, and u is odd, so both ascend."""
        d = self.game.D.size
        at = v(w).astype(w.dtype)
        u = 0 * at
        self.optimizer_d.ascend(u[:d], at[:d])  # E31
        self.optimizer_g.ascend(u[d:], at[d:])  # E32
        return u

    def iteration(self) -> tuple[DiscriminatorStep, GeneratorStep]:
        """One step of the rule; returns what an iteration of Algorithm 1 does, at the start."""
        v, d = self.sampled(), self.game.D.size
        w = namespace(self.theta_d).concatenate([self.theta_d, self.theta_g])
        at = v.look(w)
        g = v.gradients(at)

        field, rule = self.made_of(KnownField(v, w, g)), self.rule.rule(*self.numbers)
        end, state = rule.step(partial(self.move, field), w, 1.0, self.recalled())
        self.keep(state, w.dtype)
        if not v.free.all():  # what layers remember is no variable: no average of it either
            xp = namespace(w)
            end = xp.where(xp.asarray(v.free), end, w)
        self.theta_d[...], self.theta_g[...] = end[:d], end[d:]

        self.game.D.observe(self.theta_d, at.tape_real)
        self.game.G.observe(self.theta_g, at.tape_g)
        if self.clip is not None:
            self.game.D.clip(self.theta_d, self.clip)
        move_average(self.theta_bar, self.theta_g, self.average)
        self.iterations += 1
        return (
            DiscriminatorStep(g[:d], at.a_real, at.a_fake, at.tape_real),
            GeneratorStep(-g[d:], at.a_fake, at.tape_g, at.a_real),
        )

    def recalled(self) -> Any:
        """The rule's state, from its arrays."""
        if not self.memory:
            return None
        if self.rule.remembers == ("before",):
            return self.memory["before"]
        return self.memory["slow"], int(self.memory["t"]), None

    def keep(self, state: Any, dtype: Any) -> None:
        """The arrays of the rule's state."""
        if self.rule.remembers == ("before",):
            self.memory = {"before": state.astype(dtype)}
        elif self.rule.remembers:
            slow, t, _ = state
            self.memory = {"slow": slow.astype(dtype), "t": np.array(t)}


def with_penalty(game: Game, times: float) -> Game:
    """The game with its penalty so many times as strong; 0: with none.

    >>> from numgan.architectures import mlp
    >>> from numgan.objectives import OBJECTIVES
    >>> from numgan.penalties import PENALTIES
    >>> game = Game(mlp([1, 1]), mlp([1, 1]), OBJECTIVES["minimax"], PENALTIES["r1"])
    >>> with_penalty(game, 4).penalty.parts[0].weight
    4.0
    """
    if game.penalty is None or times == 1:
        return game
    parts = tuple(replace(part, weight=times * part.weight) for part in game.penalty.parts)
    return replace(game, penalty=PenaltySum(parts) if times else None)
