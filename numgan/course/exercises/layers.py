"""Section 6, the layers without a mean over the batch: L1, L2, L8, L13, L15."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, between, distribution, normal, one_of_K, sigma


def dense_backward(W, x, dy):
    """dx = dy Wᵀ, dW = xᵀ dy, db = Σ_n dy_n (L1)."""
    return dy @ W.T, x.T @ dy, dy.sum(0)  # L1


def leaky_relu_backward(x, dy, alpha):
    """dx = φ'(x) dy, φ' = 1 or alpha (L2)."""
    return np.where(x > 0, 1, alpha) * dy  # L2


def tanh_backward(y, dy):
    """dx = (1 − y²) dy (L2)."""
    return (1 - y**2) * dy  # L2


def silu_backward(x, dy):
    """dx = φ'(x) dy of φ = x σ(x) (L2)."""
    s = 1 / (1 + np.exp(-x))
    return s * (1 + x * (1 - s)) * dy  # L2


def softmax_backward(y, dy, tau):
    """dx = y (dy − Σ y dy)/τ in each row (L15)."""
    return y * (dy - (y * dy).sum(1, keepdims=True)) / tau  # L15


def residual_backward(W, x, dy):
    """dx and dW of y = x + tanh(x W) (L13, L2, L1)."""
    through = (1 - np.tanh(x @ W) ** 2) * dy
    return dy + through @ W.T, x.T @ through  # L13, L2, L1


def projection_backward(w, E, h, c, da):
    """dh, dw and dE of a = h·(w + c E) (L8)."""
    dh = da[:, None] * (w + c @ E)
    return dh, da @ h, c.T @ (da[:, None] * h)  # L8


def through(W, x, dy):
    """dy through the tanh of residual_backward."""
    return (1 - np.tanh(x @ W) ** 2) * dy


def overwritten(h, c, da):
    """dE where each sample overwrites its class's row."""
    dE = np.zeros((c.shape[1], h.shape[1]))
    for n, k in enumerate(c.argmax(1)):
        dE[k] = da[n] * h[n]
    return dE


LAYERS = (
    Exercise(
        dense_backward,
        "core",
        "L1",
        (10,),
        (),
        {"W": normal("I O"), "x": normal("N I"), "dy": normal("N O")},
        {"dx": "N I", "dW": "I O", "db": "O"},
        ("layers.dense.Dense",),
        mistakes={
            "mean": lambda W, x, dy: {"dW": x.T @ dy / len(x), "db": dy.mean(0)},
            "last_row": lambda W, x, dy: {"dW": np.outer(x[-1], dy[-1]), "db": dy[-1]},
            "first_row": lambda W, x, dy: {"dW": np.outer(x[0], dy[0]), "db": dy[0]},
            "ones": lambda W, x, dy: {"db": np.ones(W.shape[1])},
            "count": lambda W, x, dy: {"db": np.full(W.shape[1], float(len(x)))},
            "no_dy": lambda W, x, dy: {"dx": np.tile(W.sum(1), (len(x), 1))},
            "through_y": lambda W, x, dy: {"dW": x.T @ (x @ W), "dx": (x @ W) @ W.T},
        },
    ),
    Exercise(
        leaky_relu_backward,
        "warm-up",
        "L2",
        (10,),
        (),
        {"x": normal("N I"), "dy": normal("N I"), "alpha": between(0.1, 0.3)},
        {"dx": "N I"},
        ("layers.elementwise.LeakyReLU", "layers.elementwise.Elementwise.backward"),
        mistakes={
            "relu": lambda x, dy, alpha: (x > 0) * dy,
            "forward": lambda x, dy, alpha: np.where(x > 0, x, alpha * x),
            "of_dy": lambda x, dy, alpha: np.where(dy > 0, dy, alpha * dy),
            "no_dy": lambda x, dy, alpha: np.where(x > 0, 1, alpha),
            "times_x": lambda x, dy, alpha: np.where(x > 0, x, alpha * x) * dy,
            "other_side": lambda x, dy, alpha: np.where(x > 0, alpha, 1) * dy,
            "minus": lambda x, dy, alpha: np.where(x > 0, 1, -alpha) * dy,
            "alpha_alone": lambda x, dy, alpha: np.where(x > 0, dy, alpha),
            "one_alone": lambda x, dy, alpha: np.where(x > 0, 1, alpha * dy),
        },
    ),
    Exercise(
        tanh_backward,
        "warm-up",
        "L2",
        (10,),
        (),
        {"y": between(-0.95, 0.95, "N I"), "dy": normal("N I")},
        {"dx": "N I"},
        ("layers.elementwise.Tanh", "layers.elementwise.Elementwise.backward"),
        mistakes={
            "tanh_again": lambda y, dy: (1 - np.tanh(y) ** 2) * dy,
            "no_dy": lambda y, dy: 1 - y**2,
            "no_square": lambda y, dy: (1 - y) * dy,
            "sigmoid": lambda y, dy: y * (1 - y) * dy,
            "inverse": lambda y, dy: dy / (1 - y**2),
            "plus": lambda y, dy: (1 + y**2) * dy,
            "no_one": lambda y, dy: y**2 * dy,
            "of_dy": lambda y, dy: 1 - dy**2,
            "forward": lambda y, dy: y * dy,
        },
    ),
    Exercise(
        silu_backward,
        "core",
        "L2",
        (10,),
        ("tanh_backward",),
        {"x": normal("N I"), "dy": normal("N I")},
        {"dx": "N I"},
        ("layers.elementwise.SiLU", "layers.elementwise.Elementwise.backward"),
        mistakes={
            "first_factor": lambda x, dy: sigma(x) * dy,
            "second_factor": lambda x, dy: x * sigma(x) * (1 - sigma(x)) * dy,
            "product_of_slopes": lambda x, dy: sigma(x) * (1 - sigma(x)) * dy,
            "no_dy": lambda x, dy: sigma(x) * (1 + x * (1 - sigma(x))),
            "no_x": lambda x, dy: (sigma(x) + sigma(x) * (1 - sigma(x))) * dy,
            "forward": lambda x, dy: x * sigma(x) * dy,
            "no_one_minus": lambda x, dy: (sigma(x) + x * sigma(x)) * dy,
            "sigma_twice": lambda x, dy: (sigma(x) + x * sigma(x) ** 2) * dy,
            "other_sigma": lambda x, dy: (sigma(-x) + x * sigma(x) * sigma(-x)) * dy,
        },
        terms=lambda x, dy: {
            "dx": {"σ(x) dy": sigma(x) * dy, "x σ(x) σ(−x) dy": x * sigma(x) * sigma(-x) * dy}
        },
    ),
    Exercise(
        softmax_backward,
        "core",
        "L15",
        (20,),
        ("kl_at_logits",),
        {"y": distribution("N K"), "dy": normal("N K"), "tau": between(0.4, 0.8)},
        {"dx": "N K"},
        ("layers.categories.Categories",),
        mistakes={
            "diagonal": lambda y, dy, tau: y * (1 - y) * dy / tau,
            "no_inner": lambda y, dy, tau: y * dy / tau,
            "mean_over_K": lambda y, dy, tau: y * (dy - (y * dy).mean(1, keepdims=True)) / tau,
            "over_batch": lambda y, dy, tau: y * (dy - (y * dy).sum(0)) / tau,
            "over_all": lambda y, dy, tau: y * (dy - (y * dy).sum()) / tau,
            "no_y_inside": lambda y, dy, tau: y * (dy - dy.sum(1, keepdims=True)) / tau,
            "mean_dy": lambda y, dy, tau: y * (dy - dy.mean(1, keepdims=True)) / tau,
            "no_y_outside": lambda y, dy, tau: (dy - (y * dy).sum(1, keepdims=True)) / tau,
            "no_tau": lambda y, dy, tau: y * (dy - (y * dy).sum(1, keepdims=True)),
            "times_tau": lambda y, dy, tau: y * (dy - (y * dy).sum(1, keepdims=True)) * tau,
            "cross_entropy": lambda y, dy, tau: (y - dy) / tau,
        },
        terms=lambda y, dy, tau: {
            "dx": {
                "y dy/τ": y * dy / tau,
                "−y ⟨y, dy⟩/τ": -y * (y * dy).sum(1, keepdims=True) / tau,
            }
        },
    ),
    Exercise(
        residual_backward,
        "core",
        "L13 L2 L1",
        (19,),
        ("dense_backward", "tanh_backward"),
        {"W": normal("I I"), "x": normal("N I"), "dy": normal("N I")},
        {"dx": "N I", "dW": "I I"},
        ("layers.residual.Residual", "layers.dense.Dense", "layers.elementwise.Tanh"),
        mistakes={
            "no_shortcut": lambda W, x, dy: {"dx": through(W, x, dy) @ W.T},
            "only_shortcut": lambda W, x, dy: {"dx": dy},
            "one": lambda W, x, dy: {"dx": 1 + through(W, x, dy) @ W.T},
            "x": lambda W, x, dy: {"dx": x + through(W, x, dy) @ W.T},
            "no_tanh": lambda W, x, dy: {"dx": dy + dy @ W.T, "dW": x.T @ dy},
            "no_transpose": lambda W, x, dy: {"dx": dy + through(W, x, dy) @ W},
            "after_W": lambda W, x, dy: {"dx": dy + (1 - np.tanh(x @ W) ** 2) * (dy @ W.T)},
            "shortcut_in_dW": lambda W, x, dy: {"dW": x.T @ (through(W, x, dy) + dy)},
            "tanh_of_x": lambda W, x, dy: {
                "dW": x.T @ ((1 - np.tanh(x) ** 2) * dy),
                "dx": dy + ((1 - np.tanh(x) ** 2) * dy) @ W.T,
            },
            "tanh_of_y": lambda W, x, dy: {
                "dW": x.T @ ((1 - (x + np.tanh(x @ W)) ** 2) * dy),
                "dx": dy + ((1 - (x + np.tanh(x @ W)) ** 2) * dy) @ W.T,
            },
        },
        terms=lambda W, x, dy: {"dx": {"dy": dy, "(tanh′ dy) Wᵀ": through(W, x, dy) @ W.T}},
    ),
    Exercise(
        projection_backward,
        "core",
        "L8",
        (20,),
        ("dense_backward",),
        {
            "w": normal("I"),
            "E": normal("K I"),
            "h": normal("N I"),
            "c": one_of_K("N K"),
            "da": normal("N"),
        },
        {"dh": "N I", "dw": "I", "dE": "K I"},
        ("layers.projection.Projection",),
        mistakes={
            "no_class": lambda w, E, h, c, da: {"dh": np.outer(da, w)},
            "only_class": lambda w, E, h, c, da: {"dh": da[:, None] * (c @ E)},
            "all_rows": lambda w, E, h, c, da: {"dE": np.tile(da @ h, (len(E), 1))},
            "last_of_class": lambda w, E, h, c, da: {"dE": overwritten(h, c, da)},
            "no_da": lambda w, E, h, c, da: {"dh": w + c @ E, "dw": h.sum(0), "dE": c.T @ h},
            "no_h": lambda w, E, h, c, da: {"dE": np.outer(c.T @ da, np.ones(h.shape[1]))},
            "w_for_h": lambda w, E, h, c, da: {"dE": np.outer(c.T @ da, w), "dw": da.sum() * w},
            "mean": lambda w, E, h, c, da: {
                "dw": da @ h / len(h),
                "dE": c.T @ (da[:, None] * h) / len(h),
            },
            "mean_of_class": lambda w, E, h, c, da: {
                "dE": c.T @ (da[:, None] * h) / np.maximum(c.sum(0), 1)[:, None]
            },
        },
        terms=lambda w, E, h, c, da: {
            "dh": {"da w": np.outer(da, w), "da (cE)": da[:, None] * (c @ E)}
        },
    ),
)
