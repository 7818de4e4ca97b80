"""Gradient penalties (E46): the discriminator pays for the slope of its logit, and the price is
differentiated by hand.

    R(θ) = (λ/m) Σ_i h(s_i),      s_i = ‖g_i‖²,      g_i = ∂/∂x_i Σ_j a(x_j)      at m points x_i

g comes from a backward pass, so ∂R/∂θ differentiates a backward pass. Term by term:

    δR = (λ/m) Σ_i h'(s_i) 2⟨g_i, δg_i⟩ = Σ_i ⟨u_i, δg_i⟩
        u_i = (2λ/m) h'(s_i) g_i

so with u held fixed   ∂R/∂θ = ∂/∂θ Σ_i ⟨u_i, ∂/∂x_i⟩ Σ_j a(x_j).
    The inner operator is a derivative along a
direction, and derivatives may be taken in either order:

    ∂R/∂θ = R_u{ ∂/∂θ Σ_j a(x_j) }

one R-pass (E44) through the ordinary gradient: inputs move along u, θ and the output gradient, all
1, stand still. That holds for every network here, off its kinks; with batch norm g_i holds x_i's
part in the others' logits too.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from numgan.arguments import is_number, not_negative
from numgan.backend import Array, namespace
from numgan.errors import InputError
from numgan.layers.functions import step
from numgan.network import Network
from numgan.points import around_data, at_data, at_samples, between, share_of_samples

# ── what it costs: h(s) and h'(s) of the squared norm
# ────────────────────────────────────────────────────────────────


class Price(NamedTuple):
    """A function of s = ‖g‖² and its derivative, and both as the tracer writes them.

    >>> import numpy as np
    >>> SQUARE.h(np.array([9.0])), SQUARE.dh(np.array([9.0]))
    (array([9.]), array([1.]))
    """

    h: Callable[[Array], Array]
    dh: Callable[[Array], Array]
    formula: str = "h(s)"
    dformula: str = "h′(s)"


def root(s: Array) -> Array:
    """√s, and 1 where s = 0: there ‖g‖ has no derivative, u = 2λ h' g is 0 whatever finite number
    stands for h'.

    >>> import numpy as np
    >>> root(np.array([0.0, 9.0]))
    array([1., 3.])
    """
    xp = namespace(s)
    return xp.sqrt(xp.where(s == 0, 1, s))


# fmt: off
#                        h(s)                                    h'(s)
SQUARE    = Price(lambda s: s,                             lambda s: 1 + 0 * s,         "s", "1")
HALF      = Price(lambda s: s / 2,                         lambda s: 0.5 + 0 * s,       "½ s", "½")
UNIT_NORM = Price(lambda s: ((s != 0) * root(s) - 1) ** 2, lambda s: 1 - 1 / root(s),
                  "(√s − 1)²", "(1 − 1/√s)")
# max(0, ‖g‖ − 1)²: flat where ‖g‖ ≤ 1. h′ is continuous; h″ jumps at ‖g‖ = 1, from 0 to ½.
ABOVE_ONE = Price(lambda s: (step(s - 1) * (root(s) - 1)) ** 2,
                  lambda s: step(s - 1) * (1 - 1 / root(s)),
                  "max(0, √s − 1)²", "max(0, 1 − 1/√s)")
CUBE      = Price(lambda s: s**3,                         lambda s: 3 * s**2,          "s³", "3 s²")
# fmt: on


def power(p: float) -> Price:
    """‖g‖^p = s^(p/2), for p ≥ 2; below that its slope at g = 0 is infinite, or none.

    >>> power(4).dh(3.0)  # h = s², so h′ = 2s
    6.0
    """
    if not is_number(p, 2):
        raise InputError(f"the power of a slope must be a number of at least 2, got {p!r}")
    h = p / 2
    return Price(lambda s: s**h, lambda s: h * s ** (h - 1), f"s**{h:g}", f"{h:g}*s**{h - 1:g}")


class Priced:
    """What D may pay: a penalty, or a sum of them. R1 + R2 is written `r1 + r2` (E55).

    >>> isinstance(PENALTIES['r1'], Priced)
    True
    """

    name: str

    @property
    def parts(self) -> tuple[Penalty, ...]:
        """The penalties that this is the sum of."""
        raise NotImplementedError

    def __add__(self, other: Priced) -> PenaltySum:
        return PenaltySum((*self.parts, *other.parts))

    def value(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any = None, classes: int = 0
    ) -> Array:
        """R, a scalar."""
        raise NotImplementedError

    def gradient(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any = None, classes: int = 0
    ) -> Array:
        """∂R/∂θ, (D.size,)."""
        raise NotImplementedError

    def dsamples(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any = None, classes: int = 0
    ) -> Array:
        """∂R/∂x̃, in the shape of the samples: no player moves along it, but a game's Jacobian
        asks for its change."""
        raise NotImplementedError


@dataclass(frozen=True)
class Penalty(Priced):
    """One of the table below. `weight` is λ (γ for R1 and R2).

    >>> import numpy as np
    >>> from numgan.layers import Dense
    >>> D, theta = Network([Dense(2, 1)], (2,)), np.array([3.0, 4.0, 0.0])  # a = 3x₁ + 4x₂
    >>> x = np.zeros((5, 2))
    >>> PENALTIES['r1'].value(D, theta, x, x)  # ½·‖(3, 4)‖²
    np.float64(12.5)
    >>> PENALTIES['r1'].gradient(D, theta, x, x)
    array([3., 4., 0.])
    """

    name: str
    says: str
    points: Callable[[Array, Array, Any], Array]
    price: Price
    weight: float

    def __post_init__(self) -> None:
        not_negative(weight=self.weight)

    @property
    def parts(self) -> tuple[Penalty, ...]:
        return (self,)

    def value(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any = None, classes: int = 0
    ) -> Array:
        """R, a scalar. The last `classes` numbers of a row say the class: the slope along them is
        free.
        """
        *_, s = self.slopes(D, theta, x, samples, rng, classes)
        return self.weight * self.price.h(s).mean()

    def gradient(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any = None, classes: int = 0
    ) -> Array:
        """∂R/∂θ, (D.size,): a forward, a backward and one R-pass, which reads the dy's of g."""
        tape, dys, g, s = self.slopes(D, theta, x, samples, rng, classes)
        u = 2 * self.weight / len(s) * self.price.dh(s) * g  # E46
        _, Rtape = D.rforward(theta, tape, None, u)
        return D.rgradient(theta, tape, None, Rtape, dys[-1], None, dys)  # E44    R_u{∂/∂θ Σ a}

    @property
    def damping(self) -> float:
        """γ of λh(ψ²) ≈ ½γψ² near ψ = 0: 2λh'(0), and 0 where a slope of 0 is no rest (E39)."""
        rests = self.price.h(np.zeros(1))[0] == 0
        return 2 * self.weight * float(self.price.dh(np.zeros(1))[0]) if rests else 0.0

    def dsamples(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any = None, classes: int = 0
    ) -> Array:
        """By the same R-pass as the gradient: ∂R/∂x̂ = R_u{∂/∂x̂ Σ a}, times ∂x̂/∂x̃."""
        share = share_of_samples(self.points, x, deepcopy(rng))
        tape, (*_, one), g, s = self.slopes(D, theta, x, samples, rng, classes)
        u = 2 * self.weight / len(s) * self.price.dh(s) * g
        _, Rtape = D.rforward(theta, tape, None, u)
        dx = share * D.rbackward(theta, tape, None, Rtape, one, 0 * one)
        if classes:
            dx[:, -classes:] = 0
        return dx

    def at(self, x: Array, samples: Array, rng: Any, classes: int) -> Array:
        """The points, (m, *D.input_shape). Of rows [x | c] only x is moved; c is the samples' at
        the samples, else the data's."""
        if not classes:
            return self.points(x, samples, rng)
        c = samples if self.points is at_samples else x
        points = self.points(x[:, :-classes], samples[:, :-classes], rng)
        return namespace(x).concatenate([points, c[:, -classes:]], axis=1)

    def slopes(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any, classes: int
    ) -> tuple[list, list[Array], Array, Array]:
        """The tape at the points, the dy's of the way back from 1s, g where it leads to, and s with
        one number a point.
        """
        a, tape = D.forward(theta, self.at(x, samples, rng, classes), rng)
        # g_i = ∂/∂x_i Σ_j a(x_j)
        dys = D.walk(theta, tape, 1 + 0 * a)
        g = dys[0]
        if classes:
            g = g.copy()
            g[:, -classes:] = 0
        # s_i = ‖g_i‖²
        return tape, dys, g, (g * g).sum(axis=tuple(range(1, g.ndim)), keepdims=True)


@dataclass(frozen=True)
class PenaltySum(Priced):
    """R = Σ_j R_j, so ∂R/∂θ = Σ_j ∂R_j/∂θ (E55). Random points are drawn in the order of the parts.

    On the Dirac-GAN, where the slope is ψ at every x, R1 with γ₁ and R2 with γ₂ damp ψ by γ₁ + γ₂.

    >>> import numpy as np
    >>> from numgan.layers import Dense
    >>> D, theta = Network([Dense(2, 1)], (2,)), np.array([3.0, 4.0, 0.0])  # a = 3x₁ + 4x₂
    >>> x = np.zeros((5, 2))
    >>> both = PENALTIES['r1'] + PENALTIES['r2']
    >>> both.name, both.value(D, theta, x, x)
    ('r1 + r2', np.float64(25.0))
    """

    members: tuple[Penalty, ...]

    @property
    def parts(self) -> tuple[Penalty, ...]:
        return self.members

    @property
    def name(self) -> str:  # type: ignore[override]
        return " + ".join(penalty.name for penalty in self.members)

    def value(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any = None, classes: int = 0
    ) -> Array:
        return sum(R.value(D, theta, x, samples, rng, classes) for R in self.parts)  # E55

    def gradient(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any = None, classes: int = 0
    ) -> Array:
        return sum(R.gradient(D, theta, x, samples, rng, classes) for R in self.parts)  # E55

    def dsamples(
        self, D: Network, theta: Array, x: Array, samples: Array, rng: Any = None, classes: int = 0
    ) -> Array:
        return sum(R.dsamples(D, theta, x, samples, rng, classes) for R in self.parts)


PENALTIES = {
    penalty.name: penalty
    for penalty in (
        Penalty("r1", "½γ‖∇ₓa‖² at data (arXiv:1801.04406)", at_data, HALF, 1.0),
        Penalty("r2", "½γ‖∇ₓa‖² at samples (arXiv:1801.04406)", at_samples, HALF, 1.0),
        Penalty(
            "wgan-gp",
            "λ(‖∇ₓa‖ − 1)² between data and samples (arXiv:1704.00028)",
            between,
            UNIT_NORM,
            10.0,
        ),
        Penalty(
            "wgan-lp",
            "λ max(0, ‖∇ₓa‖ − 1)² between data and samples (arXiv:1709.08894)",
            between,
            ABOVE_ONE,
            10.0,
        ),
        Penalty(
            "wgan-div", "λ‖∇ₓa‖⁶ between data and samples (arXiv:1712.01026)", between, CUBE, 2.0
        ),
        Penalty(
            "zero-gp", "λ‖∇ₓa‖² between data and samples (arXiv:1902.03984)", between, SQUARE, 1.0
        ),
        Penalty(
            "dragan", "λ(‖∇ₓa‖ − 1)² around data (arXiv:1705.07215)", around_data, UNIT_NORM, 10.0
        ),
    )
}
