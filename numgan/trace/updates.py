"""The optimizers' formulas, evaluated apart from numgan/optimizers.py: every moment of one step
under its name, and the direction of the step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from numgan.backend import Array
from numgan.optimizers import Adam, Momentum, Optimizer, RMSProp
from numgan.trace.recorder import Update


class Formulas(NamedTuple):
    """{name of a moment: (formula, value)}; then what η multiplies: formula, value. {g} is the
    name of the gradient.
    """

    moments: dict[str, tuple[str, Array]]
    direction: str
    value: Array


def sgd(o: Optimizer, step: Update) -> Formulas:
    """The gradient itself (E31, E32)."""
    return Formulas({}, "{g}", step.g)


def momentum(o: Momentum, step: Update) -> Formulas:
    """Heavy ball, or Nesterov's method."""
    v = o.beta * step.state["v"] + step.g
    moments = {"v": ("βv + g", v)}
    if o.nesterov:
        return Formulas(moments, "g + βv", step.g + o.beta * v)
    return Formulas(moments, "v", v)


def rmsprop(o: RMSProp, step: Update) -> Formulas:
    """g over the root of its running mean square."""
    v = o.rho * step.state["v"] + (1 - o.rho) * step.g**2
    return Formulas({"v": ("ρv + (1−ρ)g²", v)}, "g/(√v + ε)", step.g / (v**0.5 + o.epsilon))


def adam(o: Adam, step: Update) -> Formulas:
    """E36, with m̂ and v̂ written out."""
    m = o.beta1 * step.state["m"] + step.g
    v = o.beta2 * step.state["v"] + step.g**2
    m_hat, v_hat = (
        total * (1 - beta) / (1 - beta**step.t) for total, beta in ((m, o.beta1), (v, o.beta2))
    )
    moments = {
        "m": ("β₁m + g", m),
        "v": ("β₂v + g²", v),
        "m̂": ("m (1−β₁)/(1−β₁ᵗ)", m_hat),
        "v̂": ("v (1−β₂)/(1−β₂ᵗ)", v_hat),
    }
    return Formulas(moments, "m̂/(√v̂ + ε)", m_hat / (v_hat**0.5 + o.epsilon))


FORMULAS: dict[type[Optimizer], Callable[..., Formulas]] = {
    Optimizer: sgd,
    Momentum: momentum,
    RMSProp: rmsprop,
    Adam: adam,
}


def formulas(optimizer: Optimizer, step: Update) -> Formulas:
    """The values of the formulas, from the state before the step, for an optimizer or a class
    derived from it.
    """
    return next(FORMULAS[kind] for kind in type(optimizer).__mro__ if kind in FORMULAS)(
        optimizer, step
    )
