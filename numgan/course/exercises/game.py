"""Sections 4 and 5: the best discriminator, and what the generator then pays. On K points."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, between, distribution


def best_discriminator(p, q):
    """D* = p/(p + q) and its logit (E18)."""
    return p / (p + q), np.log(p) - np.log(q)  # E18


def jsd(p, q):
    """½KL(p‖m) + ½KL(q‖m), m = (p + q)/2, in nats (E24)."""
    m = (p + q) / 2
    return ((p * np.log(p / m)).sum() + (q * np.log(q / m)).sum()) / 2  # E24


def generator_cost(p, q):
    """C(G) = V(D*, G), in nats (E21)."""
    return (p * np.log(p / (p + q))).sum() + (q * np.log(q / (p + q))).sum()  # E21


def simplex_step(p, q, eta):
    """∂C/∂q at a fixed D*, and q after a multiplicative step (E27, E37)."""
    g = np.log(q / (p + q))  # ∂C/∂q, D* held fixed: E27
    weighted = q * np.exp(-eta * g)
    return g, weighted / weighted.sum()  # E37


def js(p, q, m):
    """Half of each divergence to m."""
    return ((p * np.log(p / m)).sum() + (q * np.log(q / m)).sum()) / 2


def stepped(q, g, eta):
    """The step of E37 along a gradient."""
    weighted = q * np.exp(-eta * g)
    return weighted / weighted.sum()


def with_gradient(gradient):
    """simplex_step with another gradient of p and q."""
    return lambda p, q, eta: (gradient(p, q), stepped(q, gradient(p, q), eta))


GAME = (
    Exercise(
        best_discriminator,
        "warm-up",
        "E15 E16 E18",
        (5,),
        (),
        {"p": distribution("K"), "q": distribution("K")},
        {"D": "K", "a": "K"},
        ("theory.discriminator.optimal_discriminator", "theory.discriminator.optimal_logit"),
        mistakes={
            "ratio": lambda p, q: {"D": p / q, "a": p / q},
            "half": lambda p, q: {"D": p / (p + q) / 2},
            "logs": lambda p, q: {"D": np.log(p) / (np.log(p) + np.log(q))},
            "difference": lambda p, q: {"a": p - q},
            "log_D": lambda p, q: {"a": np.log(p / (p + q))},
            "sigmoid": lambda p, q: {"a": 1 / (1 + np.exp(-p / (p + q)))},
            "normalised": lambda p, q: {"D": p / (p + q) / (p / (p + q)).sum()},
            "sigmoid_of_ratio": lambda p, q: {"D": 1 / (1 + np.exp(-p / q))},
            "log2": lambda p, q: {"a": np.log2(p / q)},
            "of_sum": lambda p, q: {"a": np.log(p + q)},
        },
    ),
    Exercise(
        jsd,
        "warm-up",
        "E24",
        (7,),
        ("kl",),
        {"p": distribution("K"), "q": distribution("K")},
        {"JSD": ""},
        ("theory.generator.jsd",),
        mistakes={
            "twice": lambda p, q: 2 * jsd(p, q),
            "jeffreys": lambda p, q: ((p - q) * np.log(p / q)).sum() / 2,
            "jeffreys_twice": lambda p, q: ((p - q) * np.log(p / q)).sum(),
            "m_not_halved": lambda p, q: js(p, q, p + q),
            "one_side": lambda p, q: (p * np.log(2 * p / (p + q))).sum(),
            "one_side_half": lambda p, q: (p * np.log(2 * p / (p + q))).sum() / 2,
            "turned": lambda p, q: (
                (
                    ((p + q) / 2 * np.log((p + q) / 2 / p)).sum()
                    + ((p + q) / 2 * np.log((p + q) / 2 / q)).sum()
                )
                / 2
            ),
            "log2": lambda p, q: jsd(p, q) / np.log(2),
            "root": lambda p, q: np.sqrt(jsd(p, q)),
            "geometric": lambda p, q: js(p, q, np.sqrt(p * q)),
        },
    ),
    Exercise(
        generator_cost,
        "core",
        "E21 E22 E25",
        (6, 7),
        ("best_discriminator", "jsd"),
        {"p": distribution("K"), "q": distribution("K")},
        {"C": ""},
        ("theory.generator.C", "theory.generator.C_by_jsd"),
        mistakes={
            "no_log_4": lambda p, q: 2 * jsd(p, q),
            "one_log_2": lambda p, q: 2 * jsd(p, q) - np.log(2),
            "one_jsd": lambda p, q: jsd(p, q) - np.log(4),
            "only_jsd": lambda p, q: jsd(p, q),
            "only_data": lambda p, q: (p * np.log(p / (p + q))).sum(),
            "only_samples": lambda p, q: (q * np.log(q / (p + q))).sum(),
            "both_p": lambda p, q: ((p + q) * np.log(p / (p + q))).sum(),
            "plus_log_4": lambda p, q: 2 * jsd(p, q) + np.log(4),
            "no_weights": lambda p, q: np.log(p * q / (p + q) ** 2).sum(),
            "minus": lambda p, q: (p * np.log(p / (p + q))).sum() - (q * np.log(q / (p + q))).sum(),
            "log2": lambda p, q: generator_cost(p, q) / np.log(2),
            "constant": lambda p, q: -np.log(4),
            "minus_4": lambda p, q: 2 * jsd(p, q) - 4,
        },
    ),
    Exercise(
        simplex_step,
        "core",
        "E26 E27 E37",
        (8,),
        ("generator_cost",),
        {"p": distribution("K"), "q": distribution("K"), "eta": between(0.3, 0.7)},
        {"g": "K", "new": "K"},
        ("theory.ideal.simplex_gradient", "theory.ideal.simplex_step"),
        mistakes={
            "log_D": with_gradient(lambda p, q: np.log(p / (p + q))),
            "kl": with_gradient(lambda p, q: np.log(q / p)),
            "plus_one": with_gradient(lambda p, q: np.log(q / (p + q)) + 1),
            "weighted": with_gradient(lambda p, q: q * np.log(q / (p + q))),
            "one_over": with_gradient(lambda p, q: -1 / (1 - p / (p + q))),
            "through_D": with_gradient(lambda p, q: np.log(q / (p + q)) + 1 - q / (p + q)),
            "q_alone": with_gradient(lambda p, q: np.log(q)),
            "plain": lambda p, q, eta: {"new": q - eta * np.log(q / (p + q))},
            "not_normalised": lambda p, q, eta: {"new": q * np.exp(-eta * np.log(q / (p + q)))},
            "ascent": lambda p, q, eta: {"new": stepped(q, -np.log(q / (p + q)), eta)},
            "no_q": lambda p, q, eta: {"new": stepped(np.ones_like(q), np.log(q / (p + q)), eta)},
            "no_eta": lambda p, q, eta: {"new": stepped(q, np.log(q / (p + q)), 1.0)},
            "projected": lambda p, q, eta: {
                "new": (q - eta * np.log(q / (p + q))) / (q - eta * np.log(q / (p + q))).sum()
            },
        },
    ),
)
