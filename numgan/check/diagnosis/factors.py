"""Patterns of a factor: one for the whole array, or one for each slice."""

from __future__ import annotations

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.likeness import alike, multiple
from numgan.check.diagnosis.regions import axis_name


def known_ratio(a: Array, n: Array, context: Context) -> str | None:
    """a = c·n, and the c has a meaning."""
    sentence = constant_ratio(a, n, context)
    if sentence and sentence.startswith("the sign"):
        return sentence
    return sentence if sentence and (":" in sentence and ": if " not in sentence) else None


def constant_ratio(a: Array, n: Array, context: Context) -> str | None:
    """a = c·n"""
    c = multiple(a, n)
    if c is None or alike(a, n):
        return None
    sentence = meaning_of_ratio(c, context)
    return (
        None
        if n.size == 1 and sentence.startswith("the ratio") and ":" not in sentence
        else sentence
    )


def meaning_of_ratio(c: float, context: Context) -> str:
    """What a constant ratio c ≠ 1 means: a flipped sign, a hyper-parameter, a factor 2, or a size
    such as the batch. A ratio that nothing explains is a constant of the formula, or a size that is
    not known here.
    """
    if np.isclose(c, -1, rtol=1e-6):
        return "the sign is flipped: analytic = −numeric"
    size, readings = abs(c), hyperparameter_readings(abs(c), context)
    counts = set(context.sizes.values())
    if any(np.isclose(max(size, 1 / size), count, rtol=1e-6) for count in counts):
        readings = [r for r in readings if "²" not in r and "factor 2" not in r]
    if np.isclose(size, 2, rtol=1e-6):
        readings.append("a factor 2 too many, counted twice")
    if np.isclose(size, 0.5, rtol=1e-6):
        readings.append("a factor 2 is missing")
    for count in sorted(set(context.sizes.values()) - {0, 1}):
        names = " or ".join(name for name, value in context.sizes.items() if value == count)
        if np.isclose(size, count, rtol=1e-6):
            readings.append(
                f"{count} is {names}, a mean is written as a sum (1/{count} is missing)"
            )
        if np.isclose(size, 1 / count, rtol=1e-6):
            readings.append(
                f"{count} is {names}, a sum is written as a mean (1/{count} once too often)"
            )
        if count > 2 and np.isclose(size, (count - 1) / count, rtol=1e-9):
            readings.append(
                f"{count} is {names}, it is divided by n where n − 1 belongs: the variance without "
                "and with bias correction"
            )
        if count > 2 and np.isclose(size, count / (count - 1), rtol=1e-9):
            readings.append(
                f"{count} is {names}, it is divided by n − 1 where n belongs: the variance with "
                "and without bias correction"
            )
    if not readings:
        for whole, often, says in (
            (size, "too often", "a mean written as a sum"),
            (1 / size, "too seldom", "a sum written as a mean"),
        ):
            if 2.5 < whole < 1e5 and np.isclose(whole, round(whole), rtol=1e-6):
                readings.append(
                    f"if {round(whole)} is a constant of the formula, such as λ, it "
                    f"stands once {often}; "
                    f"if {round(whole)} is a number of samples or of features, {says}"
                )
    ratio = f"the ratio is constant, analytic = {factor_text(c)} × numeric"
    return (
        ratio
        + (", its sign flipped" if c < 0 else "")
        + (": " + "; or ".join(readings) if readings else "")
    )


def hyperparameter_readings(size: float, context: Context) -> list[str]:
    """The hyper-parameters of the object that explain the ratio: h, 1 − h, h² or 2h."""
    readings = []
    for name, number in context.factors.items():
        value = np.float64(number)  # whose powers overflow to ∞, without an exception
        for what, v in (
            (name, value),
            (f"1 − {name}", 1 - value),
            (f"{name}²", value**2),
            (f"2{name}", 2 * value),
        ):
            telling = np.isfinite(v) and v > 0 and not np.isclose(v, 1, rtol=1e-6)
            # 2 and ½ have readings of their own
            if telling and (what == name or size not in (2, 0.5)):
                if np.isclose(size, v, rtol=1e-6, atol=0):
                    readings.append(f"the factor {what} = {v:.6g} stands there once too often")
                elif np.isclose(size, 1 / v, rtol=1e-6, atol=0):
                    readings.append(f"the factor {what} = {v:.6g} is missing")
    return readings[:2]


def factor_text(c: float) -> str:
    """A factor other than 1, with enough digits to show that."""
    return f"{c:.6g}" if f"{c:.6g}" != "1" else f"(1 {'+' if c > 1 else '−'} {abs(c - 1):.2g})"


def factor_array(a: Array, n: Array, context: Context) -> str | None:
    """a = n·s, or n = a·s, for a named array s."""
    for name, s in context.unrelated.items():
        if np.shape(s) != n.shape or n.size < 2 or alike(np.abs(s), np.ones_like(n)):
            continue
        if np.any(n) and alike(a, n * s):
            return f"the factor {name} stands there once too often" + (
                ": dy twice" if name == "dy" else ""
            )
        if np.any(a) and np.any(s) and alike(a * s, n):
            return f"the factor {name} is missing"
    return None


def ratio_per_slice(a: Array, n: Array, context: Context) -> str | None:
    """a = n times one factor for each row, or for each column."""
    for axis in range(n.ndim if n.ndim > 1 else 0):
        rest = tuple(i for i in range(n.ndim) if i != axis)
        if n.shape[axis] < 2 or n.size // n.shape[axis] < 2:
            continue
        c = (a * n).sum(rest, keepdims=True) / (n * n).sum(rest, keepdims=True)
        if alike(a, c * n) and np.any(np.abs(c - 1) > 1e-4):  # else four digits are all 1
            factors = ", ".join(f"{v:.4g}" for v in c.ravel()[:6]) + (" …" if c.size > 6 else "")
            return f"each {axis_name(axis, n.ndim)} is off by a factor of its own: {factors}"
    return None
