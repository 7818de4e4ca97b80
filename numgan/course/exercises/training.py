"""Section 6, at the logits: the sampled value, its gradient, and the optimizer."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, between, normal, sigma, whole


def sampled_value(a_real, a_fake):
    """Ṽ = mean log σ(a_real) + mean log(1 − σ(a_fake)) (E29)."""
    # log σ(a) = −log(1 + e^−a), and logaddexp neither over- nor underflows
    return -np.logaddexp(0, -a_real).mean() - np.logaddexp(0, a_fake).mean()  # E29


def logit_gradient(a_real, a_fake):
    """∂Ṽ/∂a: label minus prediction, over the batch (E33)."""
    return (1 - sigma(a_real)) / len(a_real), -sigma(a_fake) / len(a_fake)  # E33


def nonsaturating_gradient(a_fake):
    """∂Ṽ_g/∂a of −mean log σ(a_fake) (E34)."""
    return -(1 - sigma(a_fake)) / len(a_fake)  # E34


def adam_step(theta, m, v, g, t, eta, beta1, beta2, eps):
    """θ, m and v after a step of descent (E36)."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    mhat, vhat = m / (1 - beta1**t), v / (1 - beta2**t)
    return theta - eta * mhat / (np.sqrt(vhat) + eps), m, v  # E36


def adam_with(step=None, m=None, v=None):
    """Adam with another step of m̂, v̂, or other averages."""

    def wrong(theta, m_0, v_0, g, t, eta, beta1, beta2, eps):
        m_1 = m(m_0, g, beta1) if m else beta1 * m_0 + (1 - beta1) * g
        v_1 = v(v_0, g, beta2) if v else beta2 * v_0 + (1 - beta2) * g**2
        found = {"m": m_1} if m else {"v": v_1} if v else {}
        if step:
            found["theta"] = theta - eta * step(m_1, v_1, t, beta1, beta2, eps, g)
        else:
            right = np.sqrt(v_1 / (1 - beta2**t)) + eps
            found["theta"] = theta - eta * m_1 / (1 - beta1**t) / right
        return found

    return wrong


def log_sigma(a):
    """log σ(a), naively."""
    return np.log(sigma(a))


TRAINING = (
    Exercise(
        sampled_value,
        "core",
        "E13 E29 E30",
        (11,),
        ("best_discriminator",),
        {"a_real": normal("m"), "a_fake": normal("N")},
        {"V": ""},
        ("values.Means.value",),
        mistakes={
            "sums": lambda a_real, a_fake: (
                np.log(sigma(a_real)).sum() + np.log(1 - sigma(a_fake)).sum()
            ),
            "one_mean": lambda a_real, a_fake: (
                (np.log(sigma(a_real)).sum() + np.log(1 - sigma(a_fake)).sum())
                / (len(a_real) + len(a_fake))
            ),
            "halved": lambda a_real, a_fake: sampled_value(a_real, a_fake) / 2,
            "fake_as_real": lambda a_real, a_fake: (
                log_sigma(a_real).mean() + log_sigma(a_fake).mean()
            ),
            "minus_fake": lambda a_real, a_fake: (
                log_sigma(a_real).mean() - log_sigma(a_fake).mean()
            ),
            "swapped": lambda a_real, a_fake: log_sigma(-a_real).mean() + log_sigma(a_fake).mean(),
            "no_log": lambda a_real, a_fake: sigma(a_real).mean() + (1 - sigma(a_fake)).mean(),
            "log_of_mean": lambda a_real, a_fake: (
                np.log(sigma(a_real).mean()) + np.log((1 - sigma(a_fake)).mean())
            ),
            "real_alone": lambda a_real, a_fake: log_sigma(a_real).mean(),
            "fake_alone": lambda a_real, a_fake: log_sigma(-a_fake).mean(),
            "log2": lambda a_real, a_fake: sampled_value(a_real, a_fake) / np.log(2),
            "minus_between": lambda a_real, a_fake: (
                log_sigma(a_real).mean() - log_sigma(-a_fake).mean()
            ),
        },
        edges={"large": lambda: (np.array([800.0, -800.0, 40.0]), np.array([-40.0, 800.0]))},
    ),
    Exercise(
        logit_gradient,
        "core",
        "E33",
        (11, 14),
        ("sampled_value",),
        {"a_real": normal("m"), "a_fake": normal("N")},
        {"da_real": "m", "da_fake": "N"},
        ("values.Means.gradient",),
        mistakes={
            "at_D": lambda a_real, a_fake: {
                "da_real": 1 / sigma(a_real) / len(a_real),
                "da_fake": -1 / (1 - sigma(a_fake)) / len(a_fake),
            },
            "no_m": lambda a_real, a_fake: {
                "da_real": 1 - sigma(a_real),
                "da_fake": -sigma(a_fake),
            },
            "no_one_minus": lambda a_real, a_fake: {"da_real": sigma(a_real) / len(a_real)},
            "fake_as_real": lambda a_real, a_fake: {"da_fake": (1 - sigma(a_fake)) / len(a_fake)},
            "minus_fake_as_real": lambda a_real, a_fake: {
                "da_fake": -(1 - sigma(a_fake)) / len(a_fake)
            },
            "slope_of_sigma": lambda a_real, a_fake: {
                "da_real": sigma(a_real) * (1 - sigma(a_real)) / len(a_real),
                "da_fake": -sigma(a_fake) * (1 - sigma(a_fake)) / len(a_fake),
            },
            "values": lambda a_real, a_fake: {
                "da_real": log_sigma(a_real) / len(a_real),
                "da_fake": log_sigma(-a_fake) / len(a_fake),
            },
            "both_sizes": lambda a_real, a_fake: {
                "da_real": (1 - sigma(a_real)) / (len(a_real) + len(a_fake)),
                "da_fake": -sigma(a_fake) / (len(a_real) + len(a_fake)),
            },
            "other_size": lambda a_real, a_fake: {"da_fake": -sigma(a_fake) / len(a_real)},
            "logits": lambda a_real, a_fake: {
                "da_real": (1 - a_real) / len(a_real),
                "da_fake": -a_fake / len(a_fake),
            },
        },
        edges={"large": lambda: (np.array([-800.0, 0.0]), np.array([800.0, 0.0]))},
    ),
    Exercise(
        nonsaturating_gradient,
        "core",
        "E32 E34",
        (12,),
        ("logit_gradient",),
        {"a_fake": normal("N")},
        {"da_fake": "N"},
        ("values.OfSamples.gradient",),
        mistakes={
            "saturating": lambda a_fake: -sigma(a_fake) / len(a_fake),
            "saturating_no_m": lambda a_fake: -sigma(a_fake),
            "no_m": lambda a_fake: -(1 - sigma(a_fake)),
            "at_D": lambda a_fake: -1 / sigma(a_fake) / len(a_fake),
            "slope_of_sigma": lambda a_fake: -sigma(a_fake) * (1 - sigma(a_fake)) / len(a_fake),
            "value": lambda a_fake: -log_sigma(a_fake) / len(a_fake),
            "of_fake_label": lambda a_fake: sigma(a_fake) * (1 - sigma(a_fake)) ** 2 / len(a_fake),
            "least_squares": lambda a_fake: (a_fake - 1) / len(a_fake),
            "constant": lambda a_fake: -np.ones(len(a_fake)) / len(a_fake),
        },
        edges={"large": lambda: (np.array([-800.0, 0.0, 800.0]),)},
    ),
    Exercise(
        adam_step,
        "core",
        "E36",
        (11,),
        (),
        {
            "theta": normal("K"),
            "m": normal("K"),
            "v": between(0.5, 1.5, "K"),
            "g": normal("K"),
            "t": whole(2, 6),
            "eta": between(0.05, 0.2),
            "beta1": between(0.5, 0.8),
            "beta2": between(0.85, 0.95),
            "eps": between(0.05, 0.1),
        },
        {"theta": "K", "m": "K", "v": "K"},
        ("optimizers.Adam",),
        mistakes={
            "no_correction": adam_with(lambda m, v, t, b1, b2, eps, g: m / (np.sqrt(v) + eps)),
            "only_m": adam_with(
                lambda m, v, t, b1, b2, eps, g: m / (1 - b1**t) / (np.sqrt(v) + eps)
            ),
            "only_v": adam_with(
                lambda m, v, t, b1, b2, eps, g: m / (np.sqrt(v / (1 - b2**t)) + eps)
            ),
            "eps_inside": adam_with(
                lambda m, v, t, b1, b2, eps, g: m / (1 - b1**t) / np.sqrt(v / (1 - b2**t) + eps)
            ),
            "no_eps": adam_with(
                lambda m, v, t, b1, b2, eps, g: m / (1 - b1**t) / np.sqrt(v / (1 - b2**t))
            ),
            "no_root": adam_with(
                lambda m, v, t, b1, b2, eps, g: m / (1 - b1**t) / (v / (1 - b2**t) + eps)
            ),
            "g_for_m": adam_with(
                lambda m, v, t, b1, b2, eps, g: g / (np.sqrt(v / (1 - b2**t)) + eps)
            ),
            "t_minus_1": adam_with(
                lambda m, v, t, b1, b2, eps, g: (
                    m / (1 - b1 ** (t - 1)) / (np.sqrt(v / (1 - b2 ** (t - 1))) + eps)
                )
            ),
            "t_plus_1": adam_with(
                lambda m, v, t, b1, b2, eps, g: (
                    m / (1 - b1 ** (t + 1)) / (np.sqrt(v / (1 - b2 ** (t + 1))) + eps)
                )
            ),
            "no_power": adam_with(
                lambda m, v, t, b1, b2, eps, g: m / (1 - b1) / (np.sqrt(v / (1 - b2)) + eps)
            ),
            "ascent": lambda theta, m, v, g, t, eta, beta1, beta2, eps: {
                "theta": 2 * theta - adam_step(theta, m, v, g, t, eta, beta1, beta2, eps)[0]
            },
            "heavy_ball": adam_with(m=lambda m, g, b: b * m + g),
            "betas": adam_with(m=lambda m, g, b: (1 - b) * m + b * g),
            "betas_v": adam_with(v=lambda v, g, b: (1 - b) * v + b * g**2),
            "no_square": adam_with(v=lambda v, g, b: b * v + (1 - b) * g),
            "sum_of_squares": adam_with(v=lambda v, g, b: v + g**2),
            "returns_hats": lambda theta, m, v, g, t, eta, beta1, beta2, eps: {
                "m": (beta1 * m + (1 - beta1) * g) / (1 - beta1**t),
                "v": (beta2 * v + (1 - beta2) * g**2) / (1 - beta2**t),
            },
        },
    ),
)
