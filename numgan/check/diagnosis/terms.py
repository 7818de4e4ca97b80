"""Patterns of whole terms: another formula, or a term that is absent, extra, or off by a factor."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.factors import meaning_of_ratio
from numgan.check.diagnosis.likeness import alike, multiple, perpendicular
from numgan.check.diagnosis.normalization import through_the_norm


def known_mistake(a: Array, n: Array, context: Context) -> str | None:
    """a is what a known mistake gives."""
    for sentence, array in context.mistakes.items():
        try:
            would = array() if callable(array) else array
        except Exception:  # the code under check is not defined where this mistake would take it
            continue
        if alike(a, would) and not alike(would, n):
            return sentence
    return None


def absent_term(a: Array, n: Array, context: Context) -> str | None:
    """r = c·t for a named term t of the right answer."""
    for name, term in context.terms.items():
        c = multiple(a - n, term)
        if c is None:
            continue
        if np.isclose(c, -1, rtol=1e-6):
            return f"one term is absent: {name}"
        if np.isclose(c, -2, rtol=1e-6):
            return f"one term has the wrong sign: {name}"
        if np.isclose(c, 1, rtol=1e-6):
            return f"one term is counted twice: {name}"
        if np.size(term) > 1:
            return f"one term is off, {name}: {meaning_of_ratio(1 + c, context)}"
    return None


def unrelated_term(a: Array, n: Array, context: Context) -> str | None:
    """r = c·s for an array s that may not belong here. Only where the terms of the value are known
    can one say that s is extra. Where n ⟂ s, so that scaling s changes nothing, the path through
    the norm of s is absent.
    """
    for name, array in context.unrelated.items():
        c = multiple(a - n, array) if np.size(array) > 1 else None
        if c is None:
            continue
        if perpendicular(n, array):
            return through_the_norm(name)
        if np.isclose(c, -1, rtol=1e-6):
            return f"one term is absent: {name}"
        if name in context.not_in_value:
            return f"there is a term too many, {c:.6g} × {name}, which the value does not have"
        hint = f" (λ‖{name}‖² has the gradient 2λ {name})" if len(context.unrelated) == 1 else ""
        return (
            f"analytic − numeric = {c:.6g} × {name}: a term along {name} is absent, stands "
            f"there once too often, "
            f"or has another factor{hint}"
        )
    return None


def absent_formula(a: Array, n: Array, context: Context) -> str | None:
    """r = −s for a formula s with a name, such as x n(x) dy."""
    for name, array in context.unrelated.items():
        c = multiple(a - n, array) if " " in name and np.size(array) > 1 else None
        if c is not None and np.isclose(c, -1, rtol=1e-6):
            return f"one term is absent: {name}"
    return None


def weights_of_terms(a: Array, n: Array, context: Context) -> str | None:
    """a = Σ c_k t_k over all terms: the c_k other than 1 are wrong."""
    terms = {
        name: np.asarray(t)
        for name, t in context.terms.items()
        if np.shape(t) == a.shape and np.any(t)
    }
    if len(terms) < 2 or a.size <= len(terms):
        return None
    matrix = np.stack([t.ravel() for t in terms.values()], 1)
    if not np.isfinite(matrix).all():
        return None
    c, _, rank, _ = np.linalg.lstsq(matrix, a.ravel(), rcond=None)
    if rank < len(terms) or not alike(a.ravel(), matrix @ c):
        return None
    wrong = [
        f"{name} has {k:.4g}"
        for name, k in zip(terms, c, strict=True)
        if not np.isclose(k, 1, rtol=1e-6)
    ]
    return (
        "the terms are right, their factors are not: where it should be 1, " + ", ".join(wrong)
        if wrong
        else None
    )
