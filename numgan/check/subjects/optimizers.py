"""The optimizers against their formulas in extended precision over a thousand steps, and their
behavior.

The path has a closed form, θ_t = θ_0 − Σ_{i≤t} η_i u_i with the u_i of rules.py: long doubles, no
recursion. For an optimizer of another kind you may pass the closed form; its behavior is checked in
any case.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from copy import deepcopy

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context, hyperparameters
from numgan.check.diagnosis.likeness import alike
from numgan.check.finding import Finding, claim, compare, skipped
from numgan.check.means.tolerance import rounding
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.calls import named_errors
from numgan.check.subjects.protocol import kind_of, require_kind, require_real_array
from numgan.check.subjects.rules import MISTAKES, RULES, Rule, overrides_rule, rule_applies, rule_of
from numgan.check.subjects.watch import changed_names, mixed_values, same, watch
from numgan.errors import InputError
from numgan.optimizers import Optimizer, constant, linear

STEPS, ETA = 1000, 0.01
SEEN = [0, 1, 2, 9, 99, 999]  # θ is compared after steps 1, 2, 3, 10, 100, 1000
EARLY = SEEN[:-1]

Make = Callable[..., Optimizer]


def check_optimizer(
    optimizer: Optimizer | Make,
    rule: str | Rule | None = None,
    name: str | None = None,
    *,
    seed: int = 0,
) -> Report:
    """The path of θ against its closed form; that `ascend` mirrors `descend`; that nothing is
    changed or stored that should not be.

    `optimizer` is an instance (its η is not used) or a function that makes one from η, such as its
    class. `rule` is a name in rules.py or a function (o, g) ↦ u of the same kind; “none” says that
    there is no closed form. Without it, the rule is the one that the class or a base class is named
    after. A class that derives from a rule and moves otherwise may be another optimizer, as
    AdaBelief and AdamW derive from Adam: it fails if it computes a known mistake in that rule, and
    is skipped otherwise. Raises InputError for an unknown rule, and if the optimizer cannot be
    checked: it raises an exception, or its direction is no array like g.

    >>> from numgan import Optimizer
    >>> check_optimizer(Optimizer(0.1)).ok
    True
    """
    make = maker_of(optimizer) if isinstance(optimizer, Optimizer) else optimizer
    if not callable(make):
        raise InputError(
            f"expected an Optimizer, or what makes one from η, got {kind_of(optimizer)}"
        )
    kind = optimizer if inspect.isclass(optimizer) else type(optimizer)
    name = name or (
        kind.__name__ if isinstance(optimizer, Optimizer) or kind is optimizer else "optimizer"
    )
    with named_errors(f"the optimizer {name}"):
        well_formed(make(0.1), name)
        inherited = False
        if rule is None:
            rule, inherited = rule_of(make(0.1)) or "none", overrides_rule(make(0.1))
        elif isinstance(rule, str) and rule not in (*RULES, "none"):
            raise InputError(
                f"there is no rule {rule!r}: expected one of {', '.join(RULES)}, or none"
            )
        return Report(optimizer_findings(make, rule, name, seed, inherited))


def assert_optimizer(
    optimizer: Optimizer | Make,
    rule: str | Rule | None = None,
    name: str | None = None,
    *,
    seed: int = 0,
) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless the optimizer passes
    check_optimizer.

    >>> from numgan import Optimizer
    >>> assert_optimizer(Optimizer(0.1))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_optimizer(optimizer, rule, name, seed=seed))


def maker_of(optimizer: Optimizer) -> Make:
    """A function that makes an optimizer like this one from an η, before its first step."""

    def make(eta: float | Callable[[int], float]) -> Optimizer:
        other = deepcopy(optimizer)
        other.eta, other.t, other.state = eta if callable(eta) else constant(eta), 0, {}
        return other

    return make


def well_formed(optimizer: Optimizer, name: str) -> None:
    """Raise InputError unless this is an optimizer whose direction is an array like the
    gradient."""
    require_kind(optimizer, Optimizer, f"an Optimizer from {name}(0.1)")
    for needed in ("eta", "t", "state"):
        if not hasattr(optimizer, needed):
            raise InputError(
                f"{name} has no {needed}: its __init__ must call super().__init__(eta)"
            )
    if isinstance(optimizer.remembers, str):
        raise InputError(
            f"remembers of {name} is a string: expected a tuple ({optimizer.remembers!r},)"
        )
    g = np.array([1.0, -2.0, 3.0])
    optimizer.t = 1
    state = {each: 0 * g for each in optimizer.remembers}  # noqa: C420  (each an array of its own)
    u = optimizer.direction(g.copy(), **state)
    if require_real_array(u, f"direction of {name}", "u").shape != g.shape:
        raise InputError(
            f"direction of {name} is {kind_of(u)} for a gradient of shape {g.shape}: "
            f"expected its shape"
        )


def optimizer_findings(
    make: Make, rule: str | Rule, name: str, seed: int = 0, inherited: bool = False
) -> list[Finding]:
    """What check_optimizer reports. The coordinates have gradients of sizes from ε to 100."""
    rng = np.random.default_rng(seed)
    g = rng.standard_normal((STEPS, 6)) * [1e-8, 1e-4, 1e-2, 1.0, 1.0, 100.0] + [0, 0, 0, 1, 0, 0]
    start = rng.standard_normal(6)
    optimizer, closed = (
        make(linear(ETA, 2 * STEPS)),
        RULES.get(rule) if isinstance(rule, str) else rule,
    )
    down, up, opposite = (
        path_under(getattr(make(linear(ETA, 2 * STEPS)), way), start, sign * g)
        for way, sign in (("descend", 1), ("ascend", 1), ("descend", -1))
    )

    def displacement(rule: Rule, seen: list[int] = SEEN) -> Array:
        """θ_t − θ_0 by the closed form, after the steps in `seen`."""
        steps = seen[-1] + 1
        eta = ETA * (1 - np.arange(steps) / np.longdouble(2 * STEPS))
        with np.errstate(all="ignore"):
            return -np.cumsum(eta[:, None] * rule(optimizer, g[:steps].astype(np.longdouble)), 0)[
                seen
            ]

    def paths_under(rules: dict[str, Rule]) -> dict[str, Array]:
        """The paths of other rules over the first hundred steps, which are enough to distinguish
        them.
        """
        rules = {why: other for why, other in rules.items() if rule_applies(other, optimizer)}
        return {why: displacement(other, EARLY).astype(np.float64) for why, other in rules.items()}

    mistakes = MISTAKES.get(str(rule), {})

    def explain(a: Array, n: Array) -> str:
        others = {f"this is the rule of {other}": RULES[other] for other in RULES if other != rule}
        factors = {what: value for what, value in hyperparameters(optimizer).items() if what != "t"}
        return likely_cause(
            (a - start)[: len(EARLY)],
            (n - start)[: len(EARLY)],
            Context(paths_under(mistakes | others), factors=factors),
        )

    tolerance, path = (
        rounding(2.0**-52, STEPS, ", one for each step"),
        "θ after 1, 2, 3, 10, 100, 1000 steps",
    )
    if closed is None:
        scale = np.abs(down - start).max(0) + np.abs(start)
        why = f"no closed form is known: say which rule it is, of {', '.join(RULES)}, or write it"
        beside = skipped(name, path, "extended precision", why)
    else:
        right = start + displacement(closed)
        scale = np.abs(right - start).max(0) + np.abs(start)
        beside = compare(
            name,
            path,
            "extended precision",
            down,
            right.astype(np.float64),
            tolerance,
            scale,
            explain=explain,
        )
        early = (down - start)[: len(EARLY)]
        if (
            inherited
            and beside.failed
            and not any(alike(early, would) for would in paths_under(mistakes).values())
        ):
            why = (
                f"it is made of {rule} and moves otherwise: say which rule it is, of "
                f"{', '.join(RULES)}, write it, "
                "or say none"
            )
            beside = skipped(name, path, "extended precision", why)
    # weight decay pulls to 0 on both ways
    mirrored = up, 2 * start - down
    turned = up, opposite
    return [
        beside,
        compare(
            name,
            "ascend",
            "descend by −g",
            *(mirrored if alike(*mirrored) else turned),
            tolerance,
            scale,
            explain=lambda a, n: (
                "to ascend by g is not to descend by −g: the direction has "
                "the wrong sign, or a "
                "weight decay that does not shrink θ on both ways"
            ),
        ),
        claim(
            name,
            "g",
            "unchanged",
            leaves_gradient(make),
            "the optimizer changes the gradient in place",
        ),
        *behavior_findings(make, name, start, g[:10]),
    ]


def behavior_findings(make: Make, name: str, start: Array, g: Array) -> Iterator[Finding]:
    """θ moves, and each entry independently; t and state are all that is stored, so a checkpoint
    resumes bit for bit.
    """
    theta, halves, resumed = start.copy(), start.copy(), start.copy()
    whole, first, second, before, after = make(ETA), make(ETA), make(ETA), make(ETA), make(ETA)
    half = len(start) // 2
    for i, gradient in enumerate(g):
        whole.descend(theta, gradient.copy())
        first.descend(halves[:half], gradient[:half].copy())
        second.descend(halves[half:], gradient[half:].copy())
        if i == len(g) // 2:
            after.t, after.state = (
                before.t,
                {each: array.copy() for each, array in before.state.items()},
            )
        (before if i < len(g) // 2 else after).descend(resumed, gradient.copy())
    yield claim(
        name,
        "θ",
        "moves in place",
        not np.array_equal(theta, start),
        "θ does not move: a "
        "new array is made, "
        "or nothing is done; write theta += … or theta[...] = …",
    )
    yield claim(
        name,
        "θ",
        "entry by entry",
        same(theta, halves),
        "how one entry moves depends on the others: training hands θ over in slices",
    )
    yield claim(
        name,
        "t, state",
        "all that is remembered",
        same(theta, resumed),
        "something is remembered outside t and state: a checkpoint loses it; name it in remembers",
    )


def path_under(move: Callable[[Array, Array], None], start: Array, g: Array) -> Array:
    """θ after the steps in SEEN."""
    theta, path = start.copy(), []
    with np.errstate(all="ignore"):
        for gradient in g:
            move(theta, gradient.copy())
            path.append(theta.copy())
    return np.array(path)[SEEN]


def leaves_gradient(make: Make) -> bool:
    """True if two steps either way leave the gradient unchanged."""
    for way in ("ascend", "descend"):
        optimizer, theta, g = make(0.1), np.zeros(12), mixed_values(np.zeros(12))
        watched = watch(g=g)
        for _ in range(2):
            getattr(optimizer, way)(theta, g)
        if changed_names(watched):
            return False
    return True
