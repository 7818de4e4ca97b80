"""Where a method does not apply: at a kink, or in code that drops the imaginary part."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from numgan.check.means.differences import STEP, Line, central, exactly, noise, one_sided


class Kink(NamedTuple):
    """The derivatives from the two sides, where they differ."""

    left: float
    right: float

    def between(self, slope: float) -> bool:
        """True for a slope that a convention at the kink may choose: one of the two sides, or
        between them.
        """
        low, high = sorted((self.left, self.right))
        margin = 1e-6 * max(abs(low), abs(high))
        return low - margin <= slope <= high + margin

    def __str__(self) -> str:
        return (
            f"the point sits on a kink, or within 1e−5 of one: the derivative is "
            f"{self.left:.6g} from the left and "
            f"{self.right:.6g} from the right, so nothing can be said here; move the point"
        )


def at_a_kink(phi: Line) -> Kink | None:
    """The kink of φ at 0; None unless the one-sided derivatives differ by more than ten times their
    errors, and by more than 1e−5 of themselves.
    """
    left, right = one_sided(phi, rounding=noise(phi))
    gap = abs(right.value - left.value)
    if gap > 10 * (left.error + right.error) and gap > 1e-5 * max(
        abs(left.value), abs(right.value)
    ):
        return Kink(float(left.value), float(right.value))
    return None


def why_not_complex(phi: Line) -> str | None:
    """Why E48 does not apply to φ, in words; None if it does.

    np.abs, np.linalg.norm and .real drop the imaginary part, .conj() changes its sign, a cast to
    float32 rounds h = 1e−200 to 0, and math.exp refuses complex numbers. In all these cases E48
    differs from E47 by more than the error of E47.
    """
    at_0 = np.asarray(phi(0.0))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            stepped = np.asarray(phi(1j * STEP))
            step = exactly(phi).value
    except (TypeError, ValueError, np.exceptions.ComplexWarning) as error:
        return f"the code does not run on complex numbers ({type(error).__name__}: {error})"
    if stepped.dtype.kind != "c":
        return "the result is real: np.abs, np.linalg.norm or .real has dropped the imaginary part"
    rough = central(phi, rounding=noise(phi))
    scale = float(np.max(np.abs(rough.value), initial=0))
    if not np.allclose(
        stepped.real, at_0, rtol=1e-6, atol=1e-6 * float(np.max(np.abs(at_0), initial=0))
    ):
        return (
            "the value changes on complex numbers: a comparison, abs or a norm sees the imaginary "
            "part"
        )
    if not np.all(np.abs(step - rough.value) <= 10 * rough.error + 1e-12 * scale) and smooth(phi):
        return (
            "part of the imaginary part is lost (abs, norm, conj, a cast to float32): E48 and E47 "
            "disagree"
        )
    return None


def smooth(phi: Line) -> bool:
    """True if no entry of φ has a kink at 0."""
    left, right = one_sided(phi, rounding=noise(phi))
    gap = np.abs(right.value - left.value)
    return not np.any((gap > 10 * (left.error + right.error)) & (gap > 1e-5 * np.abs(right.value)))
