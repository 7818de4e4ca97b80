"""How a layer behaves: it changes nothing, stores nothing, any memory order of its arrays gives the
same numbers, and its rows are separate unless it says that it couples them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.causes import likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.likeness import alike
from numgan.check.finding import Finding, claim, compare, skipped
from numgan.check.means.tolerance import SAFETY, Tolerance, rounding
from numgan.check.subjects.protocol import missing_passes
from numgan.check.subjects.trial import Trial
from numgan.check.subjects.watch import changed_names, restore, result_or_none, same, watch

DRAWS = 400
EXACT = rounding(2.0**-52)


def behavior_findings(trial: Trial, name: str) -> list[Finding]:
    """All findings on behavior except changes_nothing, which comes first of all checks."""
    return [
        *two_forward_passes(trial, name),
        *memory_order(trial, name),
        *float32(trial, name),
        *mean_over_draws(trial, name),
        *rows_apart(trial, name),
    ]


def rows_apart(trial: Trial, name: str) -> Iterator[Finding]:
    """Unless it says `couples`, another first row of x leaves the other rows of y as they are: on
    that word data and samples share a pass of D.
    """
    if getattr(trial.layer, "couples", False) or len(trial.x) == 1:
        return
    other = trial.x.copy()
    other[0] = other[-1]
    y, moved = (trial.forward(trial.P, x)[0] for x in (trial.x, other))
    why = "a row of y depends on other rows of x too: the layer must say so, couples = True"
    yield claim(name, "y", "rows are separate", np.array_equal(y[1:], moved[1:]), why)


def mean_over_draws(trial: Trial, name: str) -> Iterator[Finding]:
    """E[y] = x for a random layer that is the identity outside training."""
    layer = trial.layer
    if not (
        getattr(layer, "random", False)
        and getattr(layer, "keeps_mean", True)
        and hasattr(layer, "evaluation")
        and trial.x.shape == trial.dy.shape
    ):
        return
    # it may draw too, so the seed stays
    outside = replace(trial, layer=layer.evaluation())
    if not np.array_equal(outside.forward(trial.P, trial.x)[0], trial.x):
        return
    draws = np.stack(
        [replace(trial, seed=seed).forward(trial.P, trial.x)[0] for seed in range(DRAWS)]
    )
    tolerance = Tolerance(
        0.0, SAFETY * draws.std(0) / DRAWS**0.5, f"{SAFETY} standard errors of {DRAWS} draws"
    )

    def explain(a: Array, n: Array) -> str:
        ratio = float((a * n).sum() / (n * n).sum())
        return (
            f"it is not inverted: its mean is {ratio:.2g} x, outside training it is x (1/(1−p) is "
            f"missing)"
        )

    yield compare(
        name,
        "y",
        "mean over draws",
        draws.mean(0),
        trial.x,
        tolerance,
        explain=explain,
        most=np.inf,
    )


def changes_nothing(trial: Trial, name: str) -> Iterator[Finding]:
    """Each pass leaves its arguments bit for bit as they were: x, P, dy, the caches and the
    directions.
    """
    once: dict[str, list[str]] = {}
    elsewhere: dict[str, list[str]] = {}
    record_writes(trial.copy(), once)
    result_or_none(lambda: record_writes(trial.with_mixed_values(), elsewhere))
    for called, found in once.items():
        changed = list(dict.fromkeys(found + elsewhere.get(called, [])))
        why = f"{called} changes {', '.join(changed)} in place"
        yield claim(name, "x, dy, P", f"unchanged by {called}", not changed, why)
    if any(once.values()) or any(elsewhere.values()):
        return  # a second call would say nothing new
    yield from repeated_calls(trial, name)


def record_writes(trial: Trial, found: dict[str, list[str]]) -> None:
    """Call each pass for the first time at the trial's arrays, and put the names of the arrays that
    it writes to into `found`.
    """
    layer, P, x, dy, R = trial.layer, trial.P, trial.x, trial.dy, (trial.RP, trial.Rx, trial.Rdy)
    arrays: dict[str, Any] = {"x": x, "dy": dy, **dict(zip(trial.names, P, strict=True))}

    def called(by: str, run: Callable[[], Any], **more: Any) -> Any:
        watched = watch(**arrays, **more)
        result = run()
        found[by] = changed_names(watched)
        restore(watched)
        return result

    _, cache = called("forward", lambda: trial.forward(P, x))
    called("backward", lambda: layer.backward(P, cache, dy), cache=cache)
    called("gradient", lambda: trial.gradient(P, cache, dy), cache=cache)
    if missing_passes(layer):
        return
    more: dict[str, Any] = {"cache": cache, "RP": R[0], "Rx": R[1], "Rdy": R[2]}
    try:
        _, Rcache = called("rforward", lambda: layer.rforward(P, cache, R[0], R[1]), **more)
        more["Rcache"] = Rcache
        called("rbackward", lambda: layer.rbackward(P, cache, R[0], Rcache, dy, R[2]), **more)
        if trial.names:
            called("rgradient", lambda: layer.rgradient(P, cache, R[0], Rcache, dy, R[2]), **more)
    except Exception:  # the form of the R-passes is judged elsewhere
        return


def repeated_calls(trial: Trial, name: str) -> Iterator[Finding]:
    """A pass that is called twice returns the same twice."""
    at = trial.copy()
    _, cache = at.forward(at.P, at.x)
    passes: dict[str, Callable[[], Any]] = {
        "forward": lambda: at.forward(at.P, at.x)[0],
        "backward": lambda: at.layer.backward(at.P, cache, at.dy),
        "gradient": lambda: at.gradient(at.P, cache, at.dy),
    }
    for called, run in passes.items():
        first, second = copies(run()), copies(run())
        agree = len(first) == len(second) and all(
            same(a, b) for a, b in zip(first, second, strict=True)
        )
        doubled = not agree and all(alike(b, 2 * a) for a, b in zip(first, second, strict=False))
        why = (
            f"{called} adds to what the call before left: the second gives twice the first"
            if doubled
            else f"{called}, called twice, gives two answers: it changes its cache, keeps "
            f"something, "
            "or draws random numbers other than from rng"
        )
        yield claim(name, "dx, dP", f"{called}, called twice", agree, why)


def copies(result: Any) -> list[Array]:
    """The arrays of a result, copied, so that later calls of the layer cannot change them."""
    return [np.array(a) for a in (result if isinstance(result, tuple) else (result,))]


def two_forward_passes(trial: Trial, name: str) -> Iterator[Finding]:
    """forward(x), forward(another x), then the backward pass of each, as D does for data and
    samples.
    """
    other = replace(trial, x=trial.x[..., ::-1] + trial.Rx)
    cache, cache_other = (t.forward(t.P, t.x)[1] for t in (trial, other))
    first_made, second_made = (
        copies_by_name(trial.gradients_from(cache)),
        copies_by_name(other.gradients_from(cache_other)),
    )
    for which, t, computed, elsewhere in (
        ("first", trial, first_made, other),
        ("second", other, second_made, trial),
    ):
        right = copies_by_name(t.gradients())
        for array in right:

            def explain(
                a: Array, n: Array, array: str = array, elsewhere: Trial = elsewhere
            ) -> str:
                why = (
                    "the cache is stale: it is the gradient at the input of the other forward pass"
                )
                return likely_cause(a, n, Context({why: elsewhere.gradients()[array]}))

            method = f"two forward passes, the {which}"
            yield compare(
                name,
                array,
                method,
                computed[array],
                right[array],
                EXACT,
                None,
                largest_entry(right),
                explain,
            )


def copies_by_name(arrays: dict[str, Array]) -> dict[str, Array]:
    """Copies of the arrays, so that later calls of the layer cannot change them."""
    return {name: np.array(array) for name, array in arrays.items()}


def outputs_and_gradients(trial: Trial) -> dict[str, Array]:
    """y, dx and every dP."""
    return {"y": trial.forward(trial.P, trial.x)[0]} | trial.gradients()


def largest_entry(arrays: dict[str, Array]) -> float:
    """The largest |entry| of all the arrays."""
    return max(float(np.abs(a).max(initial=0)) for a in arrays.values())


def memory_order(trial: Trial, name: str) -> Iterator[Finding]:
    """The same numbers for x and dy in Fortran order, and as slices of a larger array."""
    right = outputs_and_gradients(trial)
    # sums may cancel
    scale = max(largest_entry(right), float(np.abs(trial.x).max()), float(np.abs(trial.dy).max()))
    for order, lay in (("Fortran-ordered", np.asfortranarray), ("strided", strided_copy)):
        for array, computed in outputs_and_gradients(
            replace(trial, x=lay(trial.x), dy=lay(trial.dy))
        ).items():
            why = (
                f"it is wrong for {order} input: the layer assumes that rows lie one after the "
                f"other in memory"
            )

            def explain(a: Array, n: Array, why: str = why) -> str:
                return why

            yield compare(
                name, array, f"{order} input", computed, right[array], EXACT, scale, 0.0, explain
            )


def strided_copy(x: Array) -> Array:
    """x as every other entry of the last axis of a larger array that is stored backwards."""
    larger = np.full((*x.shape[:-1], 2 * x.shape[-1]), np.nan)[::-1]
    larger[..., ::2] = x
    return larger[..., ::2]


def float32(trial: Trial, name: str) -> Iterator[Finding]:
    """float32 in, float32 out, with the same numbers up to its rounding.

    The effect of rounding is measured: every entry of x, dy and P moves by some ε of float32, and
    rounding inside the layer may do as much as that does in float64 (batch norm over a tiny
    variance amplifies it). y is judged on the scale of x if that is larger, and dx on that of dy:
    GELU at very negative x is a small difference of numbers of the size of x.
    """
    single = trial.as_type("float32")
    # so that both begin with the same numbers, on the same side of every kink
    trial = single.as_type("float64")
    right, computed = outputs_and_gradients(trial), outputs_and_gradients(single)
    nearby = [outputs_and_gradients(near) for near in trial.nearby(2.0**-23)]
    wide = ", ".join(array for array, value in computed.items() if value.dtype != np.float32)
    why = (
        f"{wide} is not float32 for float32 input: a float64 scalar or array on the way promotes it"
    )
    # slow, not wrong
    if wide and not type(trial.layer).__module__.startswith(("numgan.layers", "numgan.check")):
        yield skipped(name, wide, "float32", why)
        return
    yield claim(name, "y, dx, dP", "float32 stays float32", not wide, why)
    for array, value in right.items():
        if value.dtype != np.float64:
            why = (
                f"{array} is {value.dtype} for float64 input: half of its digits are lost on the "
                f"way"
            )
            yield claim(name, array, "float64 stays float64", False, why)
    came_in = {"y": np.abs(trial.x).max(), "dx": np.abs(trial.dy).max()}
    for array, value in computed.items():
        reach = SAFETY * max(np.abs(near[array] - right[array]).max(initial=0) for near in nearby)
        tolerance = Tolerance(
            512 * 2.0**-23,
            reach,
            f"512 ε of float32, and {SAFETY} × what moving the input 8 ε does",
        )
        scale = max(np.abs(right[array]).max(initial=0), came_in.get(array, 0))
        yield compare(
            name,
            array,
            "float32",
            value.astype(np.float64),
            right[array],
            tolerance,
            scale,
            largest_entry(right),
        )
