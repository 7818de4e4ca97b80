"""The optimizers' formulas, evaluated apart from numgan/optimizers.py: every moment of one step
under its name.
"""

from __future__ import annotations

from collections.abc import Callable

from numgan.backend import Array
from numgan.optimizers import Adam, Momentum, Optimizer, RMSProp
from numgan.trace.recorder import Update

Moments = dict[str, tuple[str, Array]]  # name: formula, value


def sgd(o: Optimizer, step: Update) -> Moments:
    """u = g."""
    return {"u": ("g", step.g)}


def momentum(o: Momentum, step: Update) -> Moments:
    """Heavy ball, or Nesterov's."""
    v = o.beta * step.state["v"] + step.g
    return {"v": ("βv + g", v), "u": ("g + βv", step.g + o.beta * v) if o.nesterov else ("v", v)}


def rmsprop(o: RMSProp, step: Update) -> Moments:
    """g over the root of its running mean square."""
    v = o.rho * step.state["v"] + (1 - o.rho) * step.g**2
    return {"v": ("ρv + (1−ρ)g²", v), "u": ("g/(√v + ε)", step.g / (v**0.5 + o.epsilon))}


def adam(o: Adam, step: Update) -> Moments:
    """E36, with m̂ and v̂ written out."""
    m = o.beta1 * step.state["m"] + (1 - o.beta1) * step.g
    v = o.beta2 * step.state["v"] + (1 - o.beta2) * step.g**2
    m_hat, v_hat = m / (1 - o.beta1**step.t), v / (1 - o.beta2**step.t)
    return {
        "m": ("β₁m + (1−β₁)g", m),
        "v": ("β₂v + (1−β₂)g²", v),
        "m̂": ("m/(1−β₁ᵗ)", m_hat),
        "v̂": ("v/(1−β₂ᵗ)", v_hat),
        "u": ("m̂/(√v̂ + ε)", m_hat / (v_hat**0.5 + o.epsilon)),
    }


FORMULAS: dict[type[Optimizer], Callable[..., Moments]] = {
    Optimizer: sgd,
    Momentum: momentum,
    RMSProp: rmsprop,
    Adam: adam,
}


def moments(optimizer: Optimizer, step: Update) -> Moments:
    """What the formula gives, from the state before the step, for an optimizer or one derived from
    it.
    """
    return next(FORMULAS[kind] for kind in type(optimizer).__mro__ if kind in FORMULAS)(
        optimizer, step
    )
