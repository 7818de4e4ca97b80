"""Section 9, second order by hand: R-passes, Hessian-vector products, penalties."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, between, normal


def dense_rbackward(W, RW, x, Rx, dy, Rdy):
    """R{dx}, R{dW} and R{db} of a dense layer (E44)."""
    return Rdy @ W.T + dy @ RW.T, Rx.T @ dy + x.T @ Rdy, Rdy.sum(0)  # E44


def tanh_rbackward(y, Ry, dy, Rdy):
    """R{dx} of y = tanh x (E44)."""
    return (1 - y**2) * Rdy - 2 * y * Ry * dy  # E44


def batchnorm_rforward(gamma, x, Rx, eps):
    """R{y} of batch norm (E44, L5)."""
    r = 1 / np.sqrt(x.var(0) + eps)
    xhat = r * (x - x.mean(0))
    return gamma * r * (Rx - Rx.mean(0) - xhat * (xhat * Rx).mean(0))  # E44, L5


def hessian_product(x, w, u):
    """H u of the mean log-likelihood of logits x w (E45)."""
    s = 1 / (1 + np.exp(-x @ w))
    return -x.T @ (s * (1 - s) * (x @ u)) / len(x)  # E45


def penalty_direction(g, lam):
    """u of WGAN-GP: (2λ/m)(‖g‖ − 1) g/‖g‖ (E46)."""
    n = np.sqrt((g**2).sum(1, keepdims=True))
    return 2 * lam / len(g) * (n - 1) * g / n  # E46


def r1_gradient(U, u, x, gamma):
    """∂R1/∂U and ∂R1/∂u of a = tanh(x U) u (E46)."""
    h = np.tanh(x @ U)
    g = (u * (1 - h**2)) @ U.T  # the slope of a = tanh(x U) u in x
    along = gamma / len(x) * g  # x moves along it
    Rh = (1 - h**2) * (along @ U)
    dp, Rdp = u * (1 - h**2), -2 * u * h * Rh  # ∂a/∂(x U), and its change
    return along.T @ dp + x.T @ Rdp, Rh.sum(0)  # E46: R{∂(Σ a)/∂θ}


def slopes(U, u, x):
    """tanh(x U), and g = ∂a/∂x."""
    h = np.tanh(x @ U)
    return h, (u * (1 - h**2)) @ U.T


def r1_with(direction=lambda g, gamma: gamma / len(g) * g, first=True, second=True, change=2):
    """r1_gradient along another direction, or without a term."""

    def wrong(U, u, x, gamma):
        h, g = slopes(U, u, x)
        along = direction(g, gamma)
        Rh = (1 - h**2) * (along @ U)
        dU = along.T @ (u * (1 - h**2)) * first + x.T @ (-change * u * h * Rh) * second
        return dU, Rh.sum(0)

    return wrong


def statistics(x, eps):
    """1/√(var + ε), and x̂."""
    r = 1 / np.sqrt(x.var(0) + eps)
    return r, r * (x - x.mean(0))


SECOND = (
    Exercise(
        dense_rbackward,
        "core",
        "E44 L1",
        (18,),
        ("dense_backward",),
        {
            "W": normal("I O"),
            "RW": normal("I O"),
            "x": normal("N I"),
            "Rx": normal("N I"),
            "dy": normal("N O"),
            "Rdy": normal("N O"),
        },
        {"Rdx": "N I", "RdW": "I O", "Rdb": "O"},
        ("layers.dense.Dense",),
        mistakes={
            "of_changes": lambda W, RW, x, Rx, dy, Rdy: {"Rdx": Rdy @ RW.T, "RdW": Rx.T @ Rdy},
            "gradient": lambda W, RW, x, Rx, dy, Rdy: {
                "Rdx": dy @ W.T,
                "RdW": x.T @ dy,
                "Rdb": dy.sum(0),
            },
            "three_terms": lambda W, RW, x, Rx, dy, Rdy: {
                "Rdx": Rdy @ W.T + dy @ RW.T + Rdy @ RW.T,
                "RdW": Rx.T @ dy + x.T @ Rdy + Rx.T @ Rdy,
            },
            "both": lambda W, RW, x, Rx, dy, Rdy: {"Rdb": dy.sum(0) + Rdy.sum(0)},
            "mean": lambda W, RW, x, Rx, dy, Rdy: {"Rdb": Rdy.mean(0)},
        },
        terms=lambda W, RW, x, Rx, dy, Rdy: {
            "Rdx": {"Rdy Wᵀ": Rdy @ W.T, "dy RWᵀ": dy @ RW.T},
            "RdW": {"Rxᵀ dy": Rx.T @ dy, "xᵀ Rdy": x.T @ Rdy},
        },
    ),
    Exercise(
        tanh_rbackward,
        "core",
        "E44 L2",
        (18,),
        ("tanh_backward",),
        {
            "y": between(-0.95, 0.95, "N I"),
            "Ry": normal("N I"),
            "dy": normal("N I"),
            "Rdy": normal("N I"),
        },
        {"Rdx": "N I"},
        ("layers.elementwise.Tanh", "layers.elementwise.Elementwise.rbackward"),
        mistakes={
            "gradient": lambda y, Ry, dy, Rdy: (1 - y**2) * dy,
            "of_Rx": lambda y, Ry, dy, Rdy: (1 - y**2) * Rdy - 2 * y * (1 - y**2) * Ry * dy,
            "of_changes": lambda y, Ry, dy, Rdy: (1 - Ry**2) * Rdy,
            "no_y": lambda y, Ry, dy, Rdy: (1 - y**2) * Rdy - 2 * Ry * dy,
            "no_Ry": lambda y, Ry, dy, Rdy: (1 - y**2) * Rdy - 2 * y * dy,
            "Rdy_twice": lambda y, Ry, dy, Rdy: (1 - y**2) * Rdy - 2 * y * Ry * Rdy,
            "square": lambda y, Ry, dy, Rdy: (1 - y**2) * Rdy - 2 * y * Ry**2 * dy,
        },
        terms=lambda y, Ry, dy, Rdy: {
            "Rdx": {"(1 − y²) Rdy": (1 - y**2) * Rdy, "−2 y Ry dy": -2 * y * Ry * dy}
        },
    ),
    Exercise(
        batchnorm_rforward,
        "hard",
        "E44 L5",
        (16, 18),
        ("batchnorm_backward",),
        {"gamma": normal("I"), "x": normal("N I"), "Rx": normal("N I"), "eps": between(0.05, 0.2)},
        {"Ry": "N I"},
        ("layers.normalisation.Normalisation",),
        mistakes={
            "constants": lambda gamma, x, Rx, eps: gamma * statistics(x, eps)[0] * Rx,
            "no_deviation": lambda gamma, x, Rx, eps: (
                gamma * statistics(x, eps)[0] * (Rx - Rx.mean(0))
            ),
            "no_mean": lambda gamma, x, Rx, eps: (
                gamma
                * statistics(x, eps)[0]
                * (Rx - statistics(x, eps)[1] * (statistics(x, eps)[1] * Rx).mean(0))
            ),
            "of_Rx": lambda gamma, x, Rx, eps: gamma * statistics(Rx, eps)[1],
            "no_gamma": lambda gamma, x, Rx, eps: batchnorm_rforward(1.0, x, Rx, eps),
            "no_r": lambda gamma, x, Rx, eps: (
                batchnorm_rforward(gamma, x, Rx, eps) / statistics(x, eps)[0]
            ),
            "sums": lambda gamma, x, Rx, eps: (
                gamma
                * statistics(x, eps)[0]
                * (Rx - Rx.sum(0) - statistics(x, eps)[1] * (statistics(x, eps)[1] * Rx).sum(0))
            ),
            "no_eps": lambda gamma, x, Rx, eps: batchnorm_rforward(gamma, x, Rx, 0.0),
            "y": lambda gamma, x, Rx, eps: gamma * statistics(x, eps)[1],
            "plus": lambda gamma, x, Rx, eps: (
                gamma
                * statistics(x, eps)[0]
                * (Rx - Rx.mean(0) + statistics(x, eps)[1] * (statistics(x, eps)[1] * Rx).mean(0))
            ),
        },
    ),
    Exercise(
        hessian_product,
        "core",
        "E45 E33",
        (18,),
        ("logit_gradient",),
        {"x": normal("N I"), "w": normal("I"), "u": normal("I")},
        {"Hu": "I"},
        ("network.Network.rforward", "dynamics.jacobian.Jacobian"),
        mistakes={
            "gradient": lambda x, w, u: x.T @ (1 - sigma(x @ w)) / len(x),
            "slope_for_curvature": lambda x, w, u: x.T @ ((1 - sigma(x @ w)) * (x @ u)) / len(x),
            "gradient_times_u": lambda x, w, u: x.T @ (1 - sigma(x @ w)) / len(x) * u,
            "diagonal": lambda x, w, u: (
                -(x**2).T @ (sigma(x @ w) * (1 - sigma(x @ w))) / len(x) * u
            ),
            "no_slope": lambda x, w, u: -x.T @ (x @ u) / len(x),
            "along_w": lambda x, w, u: (
                -x.T @ (sigma(x @ w) * (1 - sigma(x @ w)) * (x @ w)) / len(x)
            ),
            "at_u": lambda x, w, u: -x.T @ (sigma(x @ u) * (1 - sigma(x @ u)) * (x @ u)) / len(x),
            "sigma_only": lambda x, w, u: -x.T @ (sigma(x @ w) * (x @ u)) / len(x),
            "no_u": lambda x, w, u: -x.T @ (sigma(x @ w) * (1 - sigma(x @ w))) / len(x),
        },
    ),
    Exercise(
        penalty_direction,
        "core",
        "E46",
        (17,),
        (),
        {"g": normal("N I"), "lam": between(2.5, 4.5)},
        {"u": "N I"},
        ("penalties.Penalty",),
        mistakes={
            "no_2": lambda g, lam: penalty_direction(g, lam) / 2,
            "no_m": lambda g, lam: penalty_direction(g, lam) * len(g),
            "no_norm": lambda g, lam: 2 * lam / len(g) * (norms(g) - 1) * g,
            "one_norm": lambda g, lam: (
                2 * lam / len(g) * (np.linalg.norm(g) - 1) * g / np.linalg.norm(g)
            ),
            "columns": lambda g, lam: 2 * lam / len(g) * (norms(g.T).T - 1) * g / norms(g.T).T,
            "zero_centred": lambda g, lam: 2 * lam / len(g) * g,
            "squared": lambda g, lam: 2 * lam / len(g) * (norms(g) ** 2 - 1) * g / norms(g),
            "squared_no_norm": lambda g, lam: 2 * lam / len(g) * (norms(g) ** 2 - 1) * g,
            "minus_one": lambda g, lam: 2 * lam / len(g) * (g - 1),
            "unit": lambda g, lam: 2 * lam / len(g) * g / norms(g),
            "hinge": lambda g, lam: 2 * lam / len(g) * np.maximum(norms(g) - 1, 0) * g / norms(g),
            "features": lambda g, lam: penalty_direction(g, lam) * len(g) / g.shape[1],
        },
        terms=lambda g, lam: {
            "u": {"2λ g/m": 2 * lam / len(g) * g, "−2λ g/(m‖g‖)": -2 * lam / len(g) * g / norms(g)}
        },
    ),
    Exercise(
        r1_gradient,
        "hard",
        "E46 E44",
        (17, 18),
        ("penalty_direction", "dense_rbackward", "tanh_rbackward"),
        {"U": normal("I O"), "u": normal("O"), "x": normal("N I"), "gamma": between(1.5, 1.9)},
        {"dU": "I O", "du": "O"},
        ("penalties.Penalty",),
        mistakes={
            "only_direct": r1_with(second=False),
            "only_change": r1_with(first=False),
            "twice": r1_with(lambda g, gamma: 2 * gamma / len(g) * g),
            "half": r1_with(lambda g, gamma: gamma / 2 / len(g) * g),
            "no_m": r1_with(lambda g, gamma: gamma * g),
            "no_2": r1_with(change=1),
            "plus": r1_with(change=-2),
            "gp": r1_with(lambda g, gamma: gamma / len(g) * (norms(g) - 1) * g / norms(g)),
            "unit": r1_with(lambda g, gamma: gamma / len(g) * g / norms(g)),
            "no_tanh": lambda U, u, x, gamma: {
                "dU": gamma * np.outer(U @ u, u),
                "du": gamma * U.T @ (U @ u),
            },
            "of_logit": lambda U, u, x, gamma: {
                "dU": gamma / len(x) * x.T @ (u * (1 - np.tanh(x @ U) ** 2)),
                "du": gamma / len(x) * np.tanh(x @ U).sum(0),
            },
        },
        terms=lambda U, u, x, gamma: {
            "dU": {
                "R{x}ᵀ ∂a/∂(xU)": r1_with(second=False)(U, u, x, gamma)[0],
                "xᵀ R{∂a/∂(xU)}": r1_with(first=False)(U, u, x, gamma)[0],
            }
        },
    ),
)


def norms(g):
    """The norm of each row, as a column."""
    return np.sqrt((g**2).sum(1, keepdims=True))


def sigma(a):
    return 1 / (1 + np.exp(-a))
