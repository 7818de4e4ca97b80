"""The optimizers against their own formulas in extended precision, over a thousand steps.

The whole path has a closed form, θ_t = θ_0 − Σ_{i≤t} η_i u_i, with the u_i of rules.py: long doubles, and no recursion.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.check.clues import Clues
from numgan.check.diagnosis import likely_cause
from numgan.check.finding import Finding, claim, compare, rounding
from numgan.check.rules import MISTAKES, RULES, Rule
from numgan.optimizers import Optimizer, linear

STEPS, ETA = 1000, 0.01
SEEN = [0, 1, 2, 9, 99, 999]  # θ is compared after steps 1, 2, 3, 10, 100, 1000


def check_optimizer(make: Callable[..., Optimizer], rule: str, name: str, seed: int = 0) -> list[Finding]:
    """The path of θ under `descend` beside its closed form; that `ascend` mirrors it; that the gradient is left alone.

    `make` makes the optimizer from its η. The coordinates have gradients of sizes from ε to 100.
    """
    rng = np.random.default_rng(seed)
    g = rng.standard_normal((STEPS, 6)) * [1e-8, 1e-4, 1e-2, 1.0, 1.0, 100.0] + [0, 0, 0, 1, 0, 0]
    start = rng.standard_normal(6)
    optimizer = make(linear(ETA, 2 * STEPS))
    down, up = followed(optimizer.descend, start, g), followed(make(linear(ETA, 2 * STEPS)).ascend, start, g)

    def moved(rule: Rule) -> Array:
        """θ_t − θ_0 by the closed form."""
        eta = ETA * (1 - np.arange(STEPS) / np.longdouble(2 * STEPS))
        with np.errstate(all="ignore"):
            return -np.cumsum(eta[:, None] * rule(optimizer, g.astype(np.longdouble)), 0)[SEEN]

    def explain(a: Array, n: Array) -> str:
        rules = MISTAKES[rule] | {f"this is the rule of {other}": RULES[other] for other in RULES if other != rule}
        would_be = {why: moved(wrong).astype(np.float64) for why, wrong in rules.items() if applies(wrong, optimizer)}
        return likely_cause(a - start, n - start, Clues(would_be))

    right = start + moved(RULES[rule])
    scale = np.abs(right - start).max(0) + np.abs(start)
    tolerance = rounding(2.0**-52, STEPS, ", one for each step")
    mirrored = "ascend and descend do not move in opposite directions"
    return [
        compare(name, "θ after 1, 2, 3, 10, 100, 1000 steps", "extended precision", down, right.astype(np.float64),
                tolerance, scale, explain=explain),
        compare(name, "ascend", "mirror of descend", up - start, start - down, tolerance, scale,
                explain=lambda a, n: mirrored),
        claim(name, "g", "unchanged", gradient_kept(make), "the optimizer changes the gradient in place"),
    ]  # fmt: skip


def followed(move: Callable[[Array, Array], None], start: Array, g: Array) -> Array:
    """θ after the steps that are looked at."""
    theta, path = start.copy(), []
    with np.errstate(all="ignore"):
        for gradient in g:
            move(theta, gradient.copy())
            path.append(theta.copy())
    return np.array(path)[SEEN]


def applies(rule: Rule, optimizer: Optimizer) -> bool:
    """True where the rule finds its hyper-parameters in this optimizer."""
    try:
        rule(optimizer, np.ones((2, 1), np.longdouble))
    except AttributeError:
        return False
    return True


def gradient_kept(make: Callable[..., Optimizer]) -> bool:
    """True if two steps leave the gradient that they were given as it was."""
    g = np.array([1.0, -2.0, 3.0])
    optimizer, theta, given = make(0.1), np.zeros(3), g.copy()
    optimizer.descend(theta, given)
    optimizer.descend(theta, given)
    return bool(np.array_equal(g, given))
