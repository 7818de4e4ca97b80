"""Section 8: the hinge, Wasserstein's distance on a line, paired values."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, between, normal, sigma


def hinge_gradient(a_real, a_fake):
    """Hinge's ∂Ṽ/∂a: 1/m where a_real < 1, −1/m where a_fake > −1 (E43)."""
    # V = mean min(0, a − 1) + mean min(0, −ã − 1)
    return (a_real < 1) / len(a_real), -1.0 * (a_fake > -1) / len(a_fake)  # E43


def wasserstein(x, y):
    """W₁ of two samples of one size: the mean distance of their quantiles (E43)."""
    return np.abs(np.sort(x) - np.sort(y)).mean()  # E43: quantile meets quantile


def paired_gradient(a_real, a_fake):
    """∂Ṽ/∂a of Ṽ = mean f(a_real − a_fake), f = log σ (E54)."""
    slope = 1 / (1 + np.exp(a_real - a_fake)) / len(a_real)  # f′(b)/m, f = log σ
    return slope, -slope  # E54


DIVERGENCES = (
    Exercise(
        hinge_gradient,
        "core",
        "E43",
        (14,),
        ("logit_gradient",),
        {"a_real": between(-3, 3, "m"), "a_fake": between(-3, 3, "N")},
        {"da_real": "m", "da_fake": "N"},
        ("values.Means.gradient",),
        mistakes={
            "at_0": lambda a_real, a_fake: {
                "da_real": (a_real < 0) / len(a_real),
                "da_fake": -1.0 * (a_fake > 0) / len(a_fake),
            },
            "other_side": lambda a_real, a_fake: {
                "da_real": (a_real > 1) / len(a_real),
                "da_fake": -1.0 * (a_fake < -1) / len(a_fake),
            },
            "no_margin": lambda a_real, a_fake: {
                "da_real": np.full(len(a_real), 1 / len(a_real)),
                "da_fake": np.full(len(a_fake), -1 / len(a_fake)),
            },
            "no_m": lambda a_real, a_fake: {
                "da_real": 1.0 * (a_real < 1),
                "da_fake": -1.0 * (a_fake > -1),
            },
            "margin_of_data": lambda a_real, a_fake: {"da_fake": -1.0 * (a_fake < 1) / len(a_fake)},
            "margin_sign": lambda a_real, a_fake: {
                "da_real": (a_real < -1) / len(a_real),
                "da_fake": -1.0 * (a_fake > 1) / len(a_fake),
            },
            "value": lambda a_real, a_fake: {
                "da_real": np.minimum(0, a_real - 1) / len(a_real),
                "da_fake": np.minimum(0, -a_fake - 1) / len(a_fake),
            },
        },
    ),
    Exercise(
        wasserstein,
        "core",
        "E43",
        (24,),
        (),
        {"x": normal("m"), "y": normal("m")},
        {"W": ""},
        ("theory.wasserstein.wasserstein",),
        mistakes={
            "not_sorted": lambda x, y: np.abs(x - y).mean(),
            "means": lambda x, y: np.abs(x.mean() - y.mean()),
            "signed": lambda x, y: (np.sort(x) - np.sort(y)).mean(),
            "squares": lambda x, y: ((np.sort(x) - np.sort(y)) ** 2).mean(),
            "root": lambda x, y: np.sqrt(((np.sort(x) - np.sort(y)) ** 2).mean()),
            "sum": lambda x, y: np.abs(np.sort(x) - np.sort(y)).sum(),
            "all_pairs": lambda x, y: np.abs(x[:, None] - y).mean(),
            "turned": lambda x, y: np.abs(np.sort(x) - np.sort(y)[::-1]).mean(),
            "largest": lambda x, y: np.abs(np.sort(x) - np.sort(y)).max(),
            "nearest": lambda x, y: np.abs(x[:, None] - y).min(1).mean(),
            "one_sorted": lambda x, y: np.abs(np.sort(x) - y).mean(),
            "argsort": lambda x, y: np.abs(np.argsort(x) - np.argsort(y)).mean(),
        },
    ),
    Exercise(
        paired_gradient,
        "core",
        "E54",
        (14,),
        ("logit_gradient",),
        {"a_real": normal("m"), "a_fake": normal("m")},
        {"da_real": "m", "da_fake": "m"},
        ("relativistic.Paired",),
        mistakes={
            "apart": lambda a_real, a_fake: {
                "da_real": (1 - sigma(a_real)) / len(a_real),
                "da_fake": -sigma(a_fake) / len(a_fake),
            },
            "same_sign": lambda a_real, a_fake: {"da_fake": paired_gradient(a_real, a_fake)[0]},
            "of_other": lambda a_real, a_fake: {
                "da_real": sigma(a_real - a_fake) / len(a_real),
                "da_fake": -sigma(a_real - a_fake) / len(a_real),
            },
            "no_m": lambda a_real, a_fake: {
                "da_real": 1 - sigma(a_real - a_fake),
                "da_fake": sigma(a_real - a_fake) - 1,
            },
            "means": lambda a_real, a_fake: {
                "da_real": (1 - sigma(a_real - a_fake.mean())) / len(a_real),
                "da_fake": -(1 - sigma(a_real.mean() - a_fake)) / len(a_real),
            },
            "slope_of_sigma": lambda a_real, a_fake: {
                "da_real": sigma(a_real - a_fake) * (1 - sigma(a_real - a_fake)) / len(a_real),
                "da_fake": -sigma(a_real - a_fake) * (1 - sigma(a_real - a_fake)) / len(a_real),
            },
            "half": lambda a_real, a_fake: {
                "da_real": (1 - sigma(a_real - a_fake)) / len(a_real) / 2,
                "da_fake": -(1 - sigma(a_real - a_fake)) / len(a_real) / 2,
            },
            "sum": lambda a_real, a_fake: {
                "da_real": (1 - sigma(a_real + a_fake)) / len(a_real),
                "da_fake": -(1 - sigma(a_real + a_fake)) / len(a_real),
            },
            "zero": lambda a_real, a_fake: {"da_fake": np.zeros(len(a_fake))},
        },
    ),
)
