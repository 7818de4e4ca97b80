"""What each optimizer computes, in closed form, and what it computes with a usual mistake.

An optimizer runs a recursion, v_t = βv_{t−1} + g_t from v_0 = 0; its closed form is v_t = Σ_{i≤t}
βᵗ⁻ⁱ g_i, one product with a triangular matrix. A rule maps all gradients g (T, n), long doubles, to
all directions u (T, n). It shares nothing with the optimizer o except its hyper-parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.optimizers import Optimizer

Rule = Callable[[Any, Array], Array]


def discounted_sum(beta: float, g: Array) -> Array:
    """Σ_{i≤t} βᵗ⁻ⁱ g_i"""
    return np.dot(triangle(beta, len(g)), np.asfortranarray(g))


@lru_cache(maxsize=8)  # 16 megabytes each for a thousand steps; every rule asks for the same few
def triangle(beta: float, T: int) -> Array:
    """βᵗ⁻ⁱ for i ≤ t, else 0, (T, T)."""
    age = np.subtract.outer(np.arange(T), np.arange(T))
    powers = np.longdouble(beta) ** np.arange(T)
    return np.where(age >= 0, powers[np.maximum(age, 0)], 0)


def discounted_mean(beta: float, g: Array) -> Array:
    """(1−β) Σ βᵗ⁻ⁱ g_i: a mean that starts from 0."""
    return (1 - np.longdouble(beta)) * discounted_sum(beta, g)


def corrected_mean(beta: float, g: Array, ahead: int = 0) -> Array:
    """The same over 1−βᵗ: a mean whose weights sum to one."""
    return discounted_mean(beta, g) / (1 - np.longdouble(beta) ** (step_numbers(g) + ahead))


def uncorrected_power(beta: float, g: Array) -> Array:
    """The same over 1−β: the power t is missing."""
    return discounted_mean(beta, g) / (1 - np.longdouble(beta))


def step_numbers(g: Array) -> Array:
    """t = 1 … T, as a column."""
    return np.arange(1, len(g) + 1)[:, None]


def over_root(o: Any, m: Array, v: Array) -> Array:
    """m/(√v + ε)"""
    return m / (np.sqrt(v) + np.longdouble(o.epsilon))


def over_root_inside(o: Any, m: Array, v: Array) -> Array:
    """m/√(v + ε)"""
    return m / np.sqrt(v + np.longdouble(o.epsilon))


RULES: dict[str, Rule] = {
    "sgd": lambda o, g: g,
    "momentum": lambda o, g: discounted_sum(o.beta, g),
    "nesterov": lambda o, g: g + np.longdouble(o.beta) * discounted_sum(o.beta, g),
    "rmsprop": lambda o, g: over_root(o, g, discounted_mean(o.rho, g * g)),
    "adam": lambda o, g: over_root(
        o, corrected_mean(o.beta1, g), corrected_mean(o.beta2, g * g)
    ),  # E36
}

MISTAKES: dict[str, dict[str, Rule]] = {
    "sgd": {},
    "momentum": {
        "v is a mean, v ← βv + (1−β)g: steps are (1−β) times as long": lambda o, g: discounted_mean(
            o.beta, g
        ),
        "v is not kept from step to step": lambda o, g: g,
    },
    "nesterov": {
        "the look ahead is missing: u = v, not g + βv": lambda o, g: discounted_sum(o.beta, g),
        "β is missing in g + βv": lambda o, g: g + discounted_sum(o.beta, g),
    },
    "rmsprop": {
        "ε stands inside the root": lambda o, g: over_root_inside(
            o, g, discounted_mean(o.rho, g * g)
        ),
        "v averages g, not g²": lambda o, g: over_root(o, g, abs(discounted_mean(o.rho, g))),
        "the weights of v and g² are exchanged": lambda o, g: over_root(
            o, g, discounted_mean(1 - o.rho, g * g)
        ),
        "v is a sum, v ← ρv + g²": lambda o, g: over_root(o, g, discounted_sum(o.rho, g * g)),
    },
    "adam": {
        "the bias correction lacks the power t: 1 − β where 1 − βᵗ belongs": lambda o, g: over_root(
            o, uncorrected_power(o.beta1, g), uncorrected_power(o.beta2, g * g)
        ),
        "there is no bias correction": lambda o, g: over_root(
            o, discounted_mean(o.beta1, g), discounted_mean(o.beta2, g * g)
        ),
        "m is a sum, m ← β₁m + g: it is 1/(1−β₁) times as long": lambda o, g: over_root(
            o,
            corrected_mean(o.beta1, g) / (1 - np.longdouble(o.beta1)),
            corrected_mean(o.beta2, g * g),
        ),
        "v is a sum, v ← β₂v + g²": lambda o, g: over_root(
            o,
            corrected_mean(o.beta1, g),
            corrected_mean(o.beta2, g * g) / (1 - np.longdouble(o.beta2)),
        ),
        "only v is corrected, m is not": lambda o, g: over_root(
            o, discounted_mean(o.beta1, g), corrected_mean(o.beta2, g * g)
        ),
        "only m is corrected, v is not": lambda o, g: over_root(
            o, corrected_mean(o.beta1, g), discounted_mean(o.beta2, g * g)
        ),
        "ε stands inside the root": lambda o, g: over_root_inside(
            o, corrected_mean(o.beta1, g), corrected_mean(o.beta2, g * g)
        ),
        "the count t is one ahead": lambda o, g: over_root(
            o, corrected_mean(o.beta1, g, ahead=1), corrected_mean(o.beta2, g * g, ahead=1)
        ),
        "v averages g, not g²": lambda o, g: over_root(
            o, corrected_mean(o.beta1, g), abs(corrected_mean(o.beta2, g))
        ),
        "β₁ and β₂ are exchanged": lambda o, g: over_root(
            o, corrected_mean(o.beta2, g), corrected_mean(o.beta1, g * g)
        ),
    },
}


def rule_of(optimizer: Optimizer) -> str | None:
    """The rule that the optimizer's class, or its first base class with such a name, is named
    after.
    """
    if type(optimizer) is Optimizer:
        return "sgd"
    names = [kind.__name__.lower() for kind in type(optimizer).__mro__]
    rule = next((name for name in names if name in RULES), None)
    return "nesterov" if rule == "momentum" and getattr(optimizer, "nesterov", False) else rule


def overrides_rule(optimizer: Optimizer) -> bool:
    """True if the class is not named after a rule and overrides a method that moves θ."""
    for kind in type(optimizer).__mro__:
        if kind is Optimizer or kind.__name__.lower() in RULES:
            return False
        if {"direction", "move", "ascend", "descend"} & set(vars(kind)):
            return True
    return False


def rule_applies(rule: Rule, optimizer: Optimizer) -> bool:
    """True if the optimizer has the hyper-parameters of the rule."""
    try:
        rule(optimizer, np.ones((2, 1), np.longdouble))
    except AttributeError:
        return False
    return True
