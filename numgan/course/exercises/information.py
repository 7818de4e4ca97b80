"""Sections 1 to 3: entropy, KL, likelihood, push-forward."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, between, distribution, normal, softmax


def entropy(p):
    """H = −Σ p log p, in nats (E1)."""
    logs = np.log(np.where(p > 0, p, 1))  # 0 log 0 = 0
    return -(p * logs).sum()  # E1


def coin_slope(h):
    """dH/dh of a coin (E1)."""
    return np.log(1 - h) - np.log(h)  # E1: the two terms ∓1 cancel


def kl(p, q):
    """KL(p‖q) = Σ p log(p/q), in nats (E2)."""
    with np.errstate(divide="ignore"):
        logs = np.log(np.where(p > 0, p, 1)) - np.log(np.where(p > 0, q, 1))
    return (p * logs).sum()  # E2


def kl_at_logits(p, a):
    """∂KL(p‖softmax a)/∂a = q − p (E6)."""
    q = np.exp(a - a.max())
    q = q / q.sum()
    return q - p  # ∂KL(p‖q)/∂a_k = q_k − p_k, from E6


def fit_gaussian(x):
    """The mean and covariance of largest likelihood (E8)."""
    mu = x.mean(0)
    return mu, (x - mu).T @ (x - mu) / len(x)  # E8: divided by m


def likelihood_slopes(x, mu, s):
    """∂/∂μ and ∂/∂s of the mean log-likelihood (E8)."""
    u = (x - mu) / s
    return u.mean() / s, ((u**2).mean() - 1) / s  # E8


def square_density(x):
    """The density of z², z ~ N(0, 1): a sum over preimages (E12)."""
    z = np.sqrt(x)
    normal_density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return 2 * normal_density / (2 * z)  # E12: two preimages ±√x, |dz/dx| = 1/(2√x)


def half_and_half() -> tuple:
    """A point with a probability of 0 in both places."""
    return (np.array([0.5, 0.0, 0.5]),)


INFORMATION = (
    Exercise(
        entropy,
        "warm-up",
        "E1",
        (1,),
        (),
        {"p": distribution("K")},
        {"H": ""},
        ("theory.information.entropy",),
        mistakes={
            "log2": lambda p: -(p * np.log2(p)).sum(),
            "log10": lambda p: -(p * np.log10(p)).sum(),
            "mean": lambda p: -(p * np.log(p)).mean(),
            "no_weight": lambda p: -np.log(p).sum(),
            "mean_surprise": lambda p: -np.log(p).mean(),
            "no_log": lambda p: (p * p).sum(),
        },
        edges={"zero": half_and_half},
    ),
    Exercise(
        coin_slope,
        "warm-up",
        "E1",
        (1,),
        ("entropy",),
        {"h": between(0.05, 0.95, "K")},
        {"dh": "K"},
        ("theory.information.entropy",),
        mistakes={
            "one_side": lambda h: -np.log(h) - 1,
            "no_inner": lambda h: -np.log(h) - np.log(1 - h) - 2,
            "entropy": lambda h: -h * np.log(h) - (1 - h) * np.log(1 - h),
            "minus_one": lambda h: np.log(1 - h) - np.log(h) - 1,
            "minus_two": lambda h: np.log(1 - h) - np.log(h) - 2,
            "log2": lambda h: np.log2(1 - h) - np.log2(h),
            "second": lambda h: -1 / h - 1 / (1 - h),
            "quotient": lambda h: np.log(1 - h) / np.log(h),
            "no_log": lambda h: (1 - h) / h,
        },
    ),
    Exercise(
        kl,
        "warm-up",
        "E2 E3",
        (2,),
        ("entropy",),
        {"p": distribution("K"), "q": distribution("K")},
        {"KL": ""},
        ("theory.information.kl",),
        mistakes={
            "log2": lambda p, q: (p * np.log2(p / q)).sum(),
            "cross": lambda p, q: -(p * np.log(q)).sum(),
            "absolute": lambda p, q: (p * np.abs(np.log(p / q))).sum(),
            "no_weight": lambda p, q: np.log(p / q).sum(),
            "other_weight": lambda p, q: (q * np.log(p / q)).sum(),
            "inverse": lambda p, q: (p * np.log(q / p)).sum(),
            "mean": lambda p, q: (p * np.log(p / q)).mean(),
            "symmetric": lambda p, q: ((p - q) * np.log(p / q)).sum(),
        },
        edges={
            "zero_p": lambda: (np.array([0.5, 0.0, 0.5]), np.array([0.2, 0.3, 0.5])),
            "zero_q": lambda: (np.array([0.5, 0.3, 0.2]), np.array([0.5, 0.5, 0.0])),
        },
    ),
    Exercise(
        kl_at_logits,
        "core",
        "E2 E6",
        (2,),
        ("kl",),
        {"p": distribution("K"), "a": normal("K")},
        {"da": "K"},
        ("theory.information.cross_entropy",),
        mistakes={
            "at_q": lambda p, a: -p / softmax(a),
            "no_softmax": lambda p, a: a - p,
            "diagonal": lambda p, a: -p * (1 - softmax(a)),
            "log_ratio": lambda p, a: np.log(softmax(a) / p),
            "sigmoid": lambda p, a: 1 / (1 + np.exp(-a)) - p,
            "no_sum": lambda p, a: np.exp(a) - p,
            "times_q": lambda p, a: softmax(a) * (softmax(a) - p),
            "only_p": lambda p, a: -p,
            "only_q": lambda p, a: softmax(a),
        },
        terms=lambda p, a: {"da": {"q": softmax(a), "−p": -p}},
        edges={"large": lambda: (np.array([0.5, 0.5]), np.array([1000.0, 999.0]))},
    ),
    Exercise(
        fit_gaussian,
        "warm-up",
        "E8",
        (3,),
        (),
        {"x": normal("m I")},
        {"mu": "I", "S": "I I"},
        ("theory.likelihood.fit_gaussian",),
        mistakes={
            "unbiased": lambda x: {"S": np.cov(x.T)},
            "no_mean": lambda x: {"S": x.T @ x / len(x)},
            "not_divided": lambda x: {"mu": x.sum(0), "S": (x - x.mean(0)).T @ (x - x.mean(0))},
            "diagonal": lambda x: {"S": np.diag(x.var(0))},
            "outer": lambda x: {"S": np.outer(x.std(0), x.std(0))},
            "one_mean": lambda x: {"mu": np.full(x.shape[1], x.mean())},
            "one_mean_inside": lambda x: {"S": (x - x.mean()).T @ (x - x.mean()) / len(x)},
            "median": lambda x: {"mu": np.median(x, 0)},
            "inverse": lambda x: {"S": np.linalg.pinv(np.cov(x.T, bias=True))},
        },
    ),
    Exercise(
        likelihood_slopes,
        "core",
        "E8 E9",
        (3,),
        ("fit_gaussian",),
        {"x": normal("m"), "mu": between(-1, 1), "s": between(1.2, 1.8)},
        {"dmu": "", "ds": ""},
        ("theory.likelihood.log_likelihood",),
        mistakes={
            "no_log_s": lambda x, mu, s: {"ds": ((x - mu) ** 2).mean() / s**3},
            "variance": lambda x, mu, s: {
                "ds": -1 / (2 * s**2) + ((x - mu) ** 2).mean() / (2 * s**4)
            },
            "half": lambda x, mu, s: {"ds": -1 / s + ((x - mu) ** 2).mean() / (2 * s**3)},
            "power": lambda x, mu, s: {
                "dmu": (x - mu).mean() / s,
                "ds": -1 / s + ((x - mu) ** 2).mean() / s**2,
            },
            "no_s": lambda x, mu, s: {"dmu": (x - mu).mean()},
            "s_of_sum": lambda x, mu, s: {"ds": -1 / s + ((x - mu) ** 2).sum() / s**3},
            "m_times": lambda x, mu, s: {"ds": -len(x) / s + ((x - mu) ** 2).mean() / s**3},
        },
        terms=lambda x, mu, s: {
            "ds": {"−1/s": -1 / s, "mean (x − μ)²/s³": ((x - mu) ** 2).mean() / s**3}
        },
    ),
    Exercise(
        square_density,
        "core",
        "E11 E12",
        (4,),
        (),
        {"x": between(0.2, 3.0, "K")},
        {"p": "K"},
        ("theory.pushforward.Pushforward",),
        mistakes={
            "one_branch": lambda x: np.exp(-x / 2) / np.sqrt(2 * np.pi) / (2 * np.sqrt(x)),
            "no_slope": lambda x: 2 * np.exp(-x / 2) / np.sqrt(2 * np.pi),
            "one_no_slope": lambda x: np.exp(-x / 2) / np.sqrt(2 * np.pi),
            "slope_of_G": lambda x: 2 * np.exp(-x / 2) / np.sqrt(2 * np.pi) * 2 * np.sqrt(x),
            "at_x": lambda x: 2 * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi) / (2 * np.sqrt(x)),
            "slope_at_x": lambda x: 2 * np.exp(-x / 2) / np.sqrt(2 * np.pi) / (2 * x),
            "not_normalised": lambda x: np.exp(-x / 2) / np.sqrt(x),
            "root_2": lambda x: np.exp(-x / 2) / (2 * np.pi) / np.sqrt(x),
        },
    ),
)
