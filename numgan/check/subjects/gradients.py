"""One array of a gradient, ∂s/∂x for a scalar s, against E48, E47 and E49.

A short array is checked entry by entry. A longer one is checked along random directions, on which
every entry depends; where that fails, the wrong entries are located by bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import UNKNOWN, likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.factors import meaning_of_ratio
from numgan.check.diagnosis.likeness import multiple
from numgan.check.finding import Finding, compare, judged_by_another, skipped
from numgan.check.means.bisection import wrong_entries
from numgan.check.means.differences import (
    Estimate,
    Line,
    central,
    epsilon,
    line,
    noise,
    random_directions,
    units,
)
from numgan.check.means.kinks import at_a_kink
from numgan.check.means.methods import Method, methods_for, remembered, stack_entries
from numgan.check.means.tolerance import SAFETY, Tolerance
from numgan.check.subjects.arguments import Arguments
from numgan.check.subjects.slopes import excuse_kink, order_two, slope_along
from numgan.errors import InputError

FEW = 32  # arrays of up to this many entries are checked entry by entry;
EVERY = 1000  # up to this many, if a random direction fails;
CHOSEN = 100  # longer ones at this many drawn by the seed, if very many entries are wrong
DIRECTIONS = 3
BEND = 1e-5  # a kink farther away is not at the point
SHARE = 1 / 256  # of the tolerance of one entry: what each term of a long sum may be off by

Derive = Callable[[Line], Estimate]


@dataclass(frozen=True)
class Claim:
    """∂s/∂x as the code computes it: the array dx, beside s as a function of the variable i."""

    at: Arguments
    i: int
    dx: Array
    s: Callable[[Array], Any]
    at_0: float  # s(x)
    whole: float  # the largest entry of all arrays of the gradient
    context: Callable[[list[int], Derive], Context]  # what is known at the chosen entries
    seed: int = 0

    @property
    def x(self) -> Array:
        return self.at.leaves[self.i]

    @property
    def parameter(self) -> str:
        return "d" + self.at.names[self.i]

    @property
    def size(self) -> float:
        """The largest |entry| of dx."""
        return float(np.abs(self.dx).max(initial=0))

    def slope(
        self, each: Method, u: Array, phi: Line | None = None
    ) -> tuple[float, Estimate, float]:
        """⟨dx, u⟩, the same by a method, and a bound for the rounding of both.

        φ is the line along u, if it is known already.
        """
        v = self.at.fit(self.i, u)
        shortened = float(np.abs(v).max()) / float(np.abs(u).max() or 1)
        value, error = each.derive(line(self.s, self.x, v) if phi is None else phi)
        terms = float(np.abs(self.dx * u).sum())
        bound = each.relative * (self.size + SHARE * terms)
        return float((self.dx * u).sum()), Estimate(value / shortened, error / shortened), bound


def gradient_findings(claim: Claim, coordinates: Iterable[int] | None = None) -> list[Finding]:
    """∂s/∂x by each method that applies."""
    at, x, dx, parameter = claim.at, claim.x, claim.dx, claim.parameter
    if dx.shape != x.shape:
        numeric = partials(claim.s, x, list(range(x.size)), central).value if x.size <= EVERY else x
        return [compare(at.name, parameter, "shape", dx, numeric, Tolerance(0, 0, "exact"))]
    if x.size == 0:
        return [Finding(at.name, parameter, "shape", "ok", note="empty")]
    u = at.fit(claim.i, random_directions(x, 1, claim.seed)[0])
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(dx).all() and not np.isfinite((dx * u).sum()):
            u = u / 2**10  # a slope that would overflow
    phi = remembered(line(claim.s, x, u))
    methods, obstacle = methods_for(phi, max(epsilon(dx), epsilon(phi(0.0))))
    best, findings = methods[0], []
    if coordinates is None and x.size > FEW:
        findings = [along_directions(claim, best, phi, u)]
    located = False
    if not findings or findings[0].verdict != "ok":
        chosen, located = entries_to_check(claim, best, coordinates)
        findings = [at_entries(claim, best, chosen, located)]
    slope, terms = float((dx * u).sum()), float(np.abs(dx * u).sum())
    if obstacle:
        why = f"{obstacle}; E47 and E49 still apply"
        findings = [skipped(at.name, parameter, "complex step E48", why), *findings]
        remainder = order_two(at.name, parameter, phi, slope, noise(phi))
        return [*findings, excuse_kink(remainder, phi, slope)]
    if located and findings[0].failed:
        return findings  # along the line the same entries would fail once more
    difference, remainder = slope_along(at.name, parameter, phi, slope, terms)
    return [*judged_by_another([*findings, difference]), remainder]


def along_directions(claim: Claim, each: Method, phi: Line, u: Array) -> Finding:
    """⟨dx, u⟩ along random directions, on each of which every entry has a part; until one fails.

    φ is the line along the first direction u.
    """
    others = random_directions(claim.x, DIRECTIONS, claim.seed)[1:]
    reason = f"{each.reason}, along {DIRECTIONS} random directions"
    for direction, known in ((u, phi), *((v, None) for v in others)):
        with np.errstate(all="ignore"):
            analytic, (value, error), bound = claim.slope(each, direction, known)
        found = compare(
            claim.at.name,
            claim.parameter,
            each.name,
            np.asarray(analytic),
            value,
            Tolerance(0.0, bound + SAFETY * error, reason, each.remark),
            np.asarray(max(claim.size, 1e-300)),
            explain=lambda a, n: UNKNOWN,
        )
        if found.verdict != "ok":
            break
    return found


def entries_to_check(
    claim: Claim, each: Method, coordinates: Iterable[int] | None
) -> tuple[list[int], bool]:
    """The entries of x.flat to take the derivative by, and whether they are all the wrong ones."""
    size = claim.x.size
    if coordinates is not None:
        chosen = [int(i) for i in coordinates]
        if not chosen or not all(0 <= i < size for i in chosen):
            raise InputError(f"coordinates must lie between 0 and {size - 1}, got {chosen}")
        return chosen, False
    if size <= EVERY:
        return list(range(size)), False
    drawn = np.random.default_rng(claim.seed).choice(size, CHOSEN, replace=False).tolist()
    if not np.isfinite(claim.dx).all():
        return sorted({*drawn, *np.flatnonzero(~np.isfinite(claim.dx))[:CHOSEN].tolist()}), False

    def residual(u: Array) -> tuple[Array, Array]:
        analytic, (value, error), bound = claim.slope(each, u)
        return analytic - value, bound + SAFETY * error

    with np.errstate(all="ignore"):
        found, all_of_them = wrong_entries(residual, claim.x.shape, claim.seed)
    if all_of_them and found:
        return found, True
    return sorted({*drawn, *found}), False


def at_entries(claim: Claim, each: Method, chosen: list[int], located: bool) -> Finding:
    """∂s/∂x at the chosen entries. If they are located, all others are right."""
    x, size = claim.x, claim.x.size
    analytic = entries_of(claim.dx, chosen, size)
    numeric = partials(claim.s, x, chosen, each.derive)
    tolerance = each.tolerance(numeric)
    lines = [line(claim.s, x, claim.at.fit(claim.i, e)) for e in units(x, chosen)]
    settled, kinks = settle_kinks(analytic, numeric, tolerance, lines, claim.at_0)

    def explain(a: Array, n: Array) -> str:
        context = claim.context(chosen, each.derive)
        if len(chosen) == size:
            return likely_cause(a, n, context)
        wrong = np.flatnonzero(~(np.abs(a - n) <= 1e-6 * np.abs(n).max(initial=0)))
        if not located and len(wrong) > len(chosen) // 2:
            return likely_cause(a, n, context)
        wrong = np.arange(len(chosen)) if located else wrong
        where = ", ".join(str(index_of(chosen[k], x.shape)) for k in wrong[:10])
        more = ", …" if len(wrong) > 10 else ""
        looked = f"{size} entries" if located else f"the {len(chosen)} entries that were chosen"
        right = f"right but for {len(wrong)} of {looked}, at {where}{more}"
        ratio = multiple(a[wrong], n[wrong]) if len(wrong) > 1 else None
        return right if ratio is None else f"{right}, where {meaning_of_ratio(ratio, context)}"

    found = compare(
        claim.at.name,
        claim.parameter,
        each.name,
        settled,
        numeric.value,
        tolerance,
        None,
        claim.whole,
        explain,
    )
    if found.index and len(chosen) != size:
        found = replace(found, index=index_of(chosen[found.index[0]], x.shape))
    if kinks:
        found = replace(found, verdict="FAIL" if found.failed else "kink", note=kinks[0])
    return found


def index_of(k: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The index of x.flat[k] in x."""
    return tuple(int(i) for i in np.unravel_index(k, shape))


def entries_of(array: Array, chosen: list[int], size: int) -> Array:
    """The chosen entries of an array: all of it in its shape, or a vector of some."""
    return array if len(chosen) == size else np.ravel(array)[chosen]


def partials(f: Callable, x: Array, chosen: list[int], derive: Derive) -> Estimate:
    """∂f/∂x at the chosen entries."""
    columns = [derive(line(f, x, e)) for e in units(x, chosen)]
    return stack_entries(columns, x.shape if len(chosen) == x.size else (len(chosen),))


def settle_kinks(
    analytic: Array, numeric: Estimate, tolerance: Tolerance, lines: list[Line], at_0: float
) -> tuple[Array, list[str]]:
    """The analytic values, with the numeric one where a kink allows any slope between its two
    sides; and a sentence for each kink. at_0 is the value at the point.
    """
    settled, kinks = np.array(analytic, np.float64), []
    allowed = tolerance.relative * np.abs(numeric.value).max(initial=0) + tolerance.absolute
    with np.errstate(invalid="ignore"):
        doubtful = np.flatnonzero(np.abs(analytic - numeric.value) > allowed)
    for i in doubtful[:50]:
        apart = abs(float(analytic.flat[i]) - float(numeric.value.flat[i]))
        kink = at_a_kink(lines[i]) if may_bend(lines[i], at_0, apart) else None
        if kink and kink.between(float(analytic.flat[i])):
            settled.flat[i] = numeric.value.flat[i]
            kinks.append(f"entry {i}: {kink}")
    return settled, kinks


def may_bend(phi: Line, at_0: float, apart: float) -> bool:
    """False where φ cannot have a kink that excuses a slope so far `apart` from the right one: the
    quotients from the two sides, (φ(h) − φ(0))/h and (φ(0) − φ(−h))/h, are almost equal.
    """
    with np.errstate(all="ignore"):
        bend = abs(float(np.real(phi(BEND))) + float(np.real(phi(-BEND))) - 2 * at_0) / BEND
    return not bend < 0.1 * apart
