"""Section 10: two ways to a derivative that nobody derived."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, a_function, between, normal


def central(f, x, h):
    """(f(x + h) − f(x − h))/2h, E47."""
    return (f(x + h) - f(x - h)) / (2 * h)  # E47


def complex_step(f, x, h):
    """Im f(x + ih)/h, E48."""
    return f(x + 1j * h).imag / h  # E48


def an_analytic_function(rng):
    """An analytic function, entry by entry."""
    phase = rng.uniform(0.5, 1.5)
    return lambda x: np.exp(0.5 * x) * np.sin(phase * x)


ANALYTIC = a_function(an_analytic_function)

CHECKING = (
    Exercise(
        central,
        "warm-up",
        "E47",
        (9,),
        (),
        {"f": ANALYTIC, "x": normal("K"), "h": between(0.1, 0.3)},
        {"df": "K"},
        ("check.means.differences.central",),
        mistakes={
            "one_sided": lambda f, x, h: (f(x + h) - f(x)) / h,
            "backward": lambda f, x, h: (f(x) - f(x - h)) / h,
            "not_2h": lambda f, x, h: (f(x + h) - f(x - h)) / h,
            "not_divided": lambda f, x, h: (f(x + h) - f(x - h)) / 2,
            "plus": lambda f, x, h: (f(x + h) + f(x - h)) / (2 * h),
            "second": lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / h**2,
            "half_steps": lambda f, x, h: (f(x + h / 2) - f(x - h / 2)) / h,
            "half_and_2h": lambda f, x, h: (f(x + h / 2) - f(x - h / 2)) / (2 * h),
        },
    ),
    Exercise(
        complex_step,
        "warm-up",
        "E48",
        (9,),
        ("central",),
        {"f": ANALYTIC, "x": normal("K"), "h": between(0.1, 0.3)},
        {"df": "K"},
        ("check.means.differences.complex_step",),
        mistakes={
            "real": lambda f, x, h: f(x + 1j * h).real / h,
            "not_divided": lambda f, x, h: f(x + 1j * h).imag,
            "difference": lambda f, x, h: ((f(x + 1j * h) - f(x)) / h).real,
            "modulus": lambda f, x, h: np.abs(f(x + 1j * h)) / h,
            "half": lambda f, x, h: f(x + 1j * h).imag / (2 * h),
            "real_step": lambda f, x, h: (f(x + h) - f(x)) / h,
            "one": lambda f, x, h: f(x + 1j).imag / h,
            "minus": lambda f, x, h: f(x - 1j * h).imag / h,
        },
        edges={"tiny": lambda: (np.exp, np.array([0.0, 1.0]), 1e-200)},
    ),
)
