"""The likely cause of a wrong gradient, from the form of its error.

Each pattern describes one form of error: a is what the code says, n is what is right, r = a − n is
the residual. A pattern returns a sentence, or None where it does not fit. A form that any single
entry fits proves nothing, so patterns that relate entries need several of them. The most specific
pattern comes first.

Arrays have any shape and any numbers. Most patterns compare a and n entry by entry and need equal
shapes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.factors import (
    constant_ratio,
    factor_array,
    known_ratio,
    ratio_per_slice,
)
from numgan.check.diagnosis.likeness import real_numbers
from numgan.check.diagnosis.normalization import (
    factor_of_another_axis,
    lost_invariance,
    path_of_a_centred_map,
    path_through_a_mean,
)
from numgan.check.diagnosis.paths import factor_of_a_path, operations_tried, wrong_path
from numgan.check.diagnosis.places import (
    a_few_entries,
    another_mask,
    entries_of_dy,
    right_in_a_region,
    right_in_some_slices,
    shifted,
    slices_in_another_order,
    summed_too_far,
)
from numgan.check.diagnosis.precision import nearly_right, not_finite, zero_everywhere
from numgan.check.diagnosis.shapes import other_axes, other_shape
from numgan.check.diagnosis.terms import (
    absent_formula,
    absent_term,
    known_mistake,
    unrelated_term,
    weights_of_terms,
)

PATTERNS: tuple[Callable[[Array, Array, Context], str | None], ...] = (
    not_finite,
    nearly_right,
    zero_everywhere,
    other_axes,
    other_shape,
    slices_in_another_order,
    known_mistake,
    known_ratio,
    factor_array,
    summed_too_far,
    shifted,
    absent_term,
    weights_of_terms,
    absent_formula,
    right_in_a_region,
    path_of_a_centred_map,
    wrong_path,
    constant_ratio,
    unrelated_term,
    another_mask,
    entries_of_dy,
    right_in_some_slices,
    path_through_a_mean,
    factor_of_another_axis,
    ratio_per_slice,
    factor_of_a_path,
    a_few_entries,
    lost_invariance,
)
# the other patterns need a and n of the same shape
ANY_SHAPE = (not_finite, zero_everywhere, other_axes, other_shape)
UNKNOWN = "no known pattern: read the formula of this term again"


def likely_cause(analytic: Array, numeric: Array, context: Context) -> str:
    """The sentence of the first pattern that fits. A pattern that raises an exception is a fault of
    numgan: the result names it, and the next pattern is tried.
    """
    a, n = real_numbers(analytic), real_numbers(numeric)
    sentence, faults = None, []
    with np.errstate(all="ignore"):
        for pattern in PATTERNS if a.shape == n.shape else ANY_SHAPE:
            try:
                sentence = pattern(a, n, context)
            except Exception as error:
                faults.append(own_fault(f"the pattern {pattern.__name__}", error))
            if sentence:
                break
    return "; ".join([sentence or unknown(a, n, context), *faults])


def unknown(a: Array, n: Array, context: Context) -> str:
    """What was ruled out, and what to look at next."""
    if context.function is None or a.shape != n.shape or a.size < 2:
        return UNKNOWN
    tried = operations_tried(context)
    ruled_out = "one factor for all entries or for each row, turned axes, a shift, another mask"
    if tried:
        ruled_out += (
            f", a path through any of the {tried} operations of the function that is absent or has "
            "another factor, and the usual slips in each of them"
        )
        advice = "check the pieces of the formula one by one, each with check_vjp"
    else:
        advice = (
            "write the function with NumPy operations on its arguments, so that its paths can be "
            "tried one by one, or name its terms"
        )
    return f"{UNKNOWN}. Ruled out: {ruled_out}. Next: {advice}"


def own_fault(where: str, error: Exception) -> str:
    """The sentence for an exception in the diagnosis itself."""
    return f"numgan's own diagnosis failed in {where} ({type(error).__name__}): please report it"
