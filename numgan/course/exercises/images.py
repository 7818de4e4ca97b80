"""Section 6, images and the layers whose statistics couple numbers: L3, L5, L6, L9, L11, L12."""

from __future__ import annotations

import numpy as np

from numgan.course.exercise import Exercise, between, normal, unit, whole


def pool_backward(dy):
    """dx of a mean over 2 × 2 pixels: a quarter of dy to each (L9)."""
    return dy.repeat(2, 1).repeat(2, 2) / 4  # L9


def conv_backward(W, x, dy, stride):
    """dW and dx of y_j = Σ_u W_u x_{sj+u} (L3)."""
    dW, dx = np.zeros_like(W), np.zeros_like(x)
    for j in range(dy.shape[1]):
        for u in range(len(W)):
            dW[u] += (x[:, stride * j + u] * dy[:, j]).sum()  # L3
            dx[:, stride * j + u] += dy[:, j] * W[u]  # L4
    return dx, dW


def batchnorm_backward(gamma, x, dy, eps):
    """dx, dγ and dβ, with means over samples (L5)."""
    r = 1 / np.sqrt(x.var(0) + eps)
    xhat = r * (x - x.mean(0))
    dx = gamma * r * (dy - dy.mean(0) - xhat * (xhat * dy).mean(0))  # L5
    return dx, (dy * xhat).sum(0), dy.sum(0)


def layernorm_backward(gamma, x, dy, eps):
    """dx, with means over the entries of a row (L6)."""
    r = 1 / np.sqrt(x.var(1, keepdims=True) + eps)
    xhat = r * (x - x.mean(1, keepdims=True))
    g = gamma * dy  # L6: γ has another entry at each place of the mean
    return r * (g - g.mean(1, keepdims=True) - xhat * (xhat * g).mean(1, keepdims=True))


def spectral_backward(W, u, v, dWhat):
    """dW of Ŵ = W/(uᵀWv), u and v fixed (L11)."""
    s = u @ W @ v
    return (dWhat - (dWhat * W).sum() / s * np.outer(u, v)) / s  # L11


def deviation_backward(x, ds, eps):
    """dx of s, the mean over features of the standard deviation (L12)."""
    N, F = x.shape
    centred = x - x.mean(0)
    return ds * centred / (F * N * np.sqrt((centred**2).mean(0) + eps))  # L12


# ── what people write instead ────────────────────────────────────────────────────────────────────


def conv_at(read, write):
    """conv_backward whose x is read at read(j, u, s), and whose dx is written at write(j, u, s)."""

    def wrong(W, x, dy, stride):
        dW, dx = np.zeros_like(W), np.zeros_like(x)
        for j in range(dy.shape[1]):
            for u in range(len(W)):
                dW[u] += (x[:, read(j, u, stride)] * dy[:, j]).sum()
                dx[:, write(j, u, stride)] += dy[:, j] * W[u]
        return dx, dW

    return wrong


def conv_overwritten(W, x, dy, stride):
    """dx where overlapping windows overwrite each other."""
    dx = np.zeros_like(x)
    for j in range(dy.shape[1]):
        for u in range(len(W)):
            dx[:, stride * j + u] = dy[:, j] * W[u]
    return {"dx": dx}


def parts(gamma, x, dy, eps, axis=0):
    """γ r, x̂, E dy and E x̂dy of a norm over an axis."""
    r = 1 / np.sqrt(x.var(axis, keepdims=True) + eps)
    xhat = r * (x - x.mean(axis, keepdims=True))
    mean, slope = dy.mean(axis, keepdims=True), (xhat * dy).mean(axis, keepdims=True)
    return gamma * r, r, xhat, mean, slope


def batchnorm_with(dx):
    """The dx of a formula of γr, r, x̂, dy, E dy and E x̂dy."""

    def wrong(gamma, x, dy, eps):
        gr, r, xhat, mean, slope = parts(gamma, x, dy, eps)
        return {"dx": dx(gr, r, xhat, dy, mean, slope)}

    return wrong


def layernorm_with(dx):
    """The same of layer norm, for g = γ dy."""

    def wrong(gamma, x, dy, eps):
        _, r, xhat, mean, slope = parts(gamma, x, gamma * dy, eps, 1)
        return dx(gamma, r, xhat, gamma * dy, mean, slope)

    return wrong


def gamma_outside(gamma, x, dy, eps):
    """γ after the means of layer norm, in place of before them."""
    _, r, xhat, mean, slope = parts(gamma, x, dy, eps, 1)
    return gamma * r * (dy - mean - xhat * slope)


def over_the_batch(gamma, x, dy, eps):
    """Layer norm's dx with the means of batch norm."""
    _, r, xhat, mean, slope = parts(gamma, x, gamma * dy, eps)
    return r * (gamma * dy - mean - xhat * slope)


def batchnorm_over_samples(gamma, x, dy, eps):
    """Batch norm's dx and dγ with the means of layer norm."""
    gr, r, xhat, mean, slope = parts(gamma, x, dy, eps, 1)
    return {"dx": gr * (dy - mean - xhat * slope), "dgamma": (dy * xhat).sum(0)}


def without_eps(gamma, x, dy, eps):
    """Batch norm without ε."""
    return dict(zip(("dx", "dgamma"), batchnorm_backward(gamma, x, dy, 0.0), strict=False))


def eps_outside(gamma, x, dy, eps):
    """ε added to the deviation, not to the variance."""
    r = 1 / (x.std(0) + eps)
    xhat = r * (x - x.mean(0))
    return {
        "dx": gamma * r * (dy - dy.mean(0) - xhat * (xhat * dy).mean(0)),
        "dgamma": (dy * xhat).sum(0),
    }


def unbiased(gamma, x, dy, eps):
    """Batch norm with the variance divided by N − 1."""
    r = 1 / np.sqrt(x.var(0, ddof=1) + eps)
    xhat = r * (x - x.mean(0))
    dx = gamma * r * (dy - dy.mean(0) - xhat * (xhat * dy).mean(0))
    return {"dx": dx, "dgamma": (dy * xhat).sum(0)}


def deviation_parts(x, eps):
    """x − mean, and the deviation with ε."""
    centred = x - x.mean(0)
    return centred, np.sqrt((centred**2).mean(0) + eps)


def deviation_with(rule):
    """deviation_backward with another rule(centred x, s_f) before ds and the two means."""
    return lambda x, ds, eps: ds * rule(*deviation_parts(x, eps)) / x.size


def unbiased_deviation(x, ds, eps):
    """L12 with N − 1 for N."""
    centred = x - x.mean(0)
    return ds * centred / np.sqrt(x.var(0, ddof=1) + eps) / x.shape[1] / (len(x) - 1)


IMAGES = (
    Exercise(
        pool_backward,
        "warm-up",
        "L9",
        (15,),
        (),
        {"dy": normal("N A B C")},
        {"dx": "N 2A 2B C"},
        ("layers.resampling.AveragePool", "layers.resampling.spread"),
        mistakes={
            "not_divided": lambda dy: dy.repeat(2, 1).repeat(2, 2),
            "half": lambda dy: dy.repeat(2, 1).repeat(2, 2) / 2,
            "one_pixel": lambda dy: np.kron(dy, np.array([1.0, 0, 0, 0]).reshape(1, 2, 2, 1)),
            "one_pixel_divided": lambda dy: np.kron(
                dy, np.array([1.0, 0, 0, 0]).reshape(1, 2, 2, 1) / 4
            ),
            "tiled": lambda dy: np.tile(dy, (1, 2, 2, 1)) / 4,
            "tiled_not_divided": lambda dy: np.tile(dy, (1, 2, 2, 1)),
        },
    ),
    Exercise(
        conv_backward,
        "hard",
        "L3 L4",
        (15,),
        ("dense_backward",),
        {"W": normal("U"), "x": normal("N L"), "dy": normal("N J"), "stride": whole(2, 2)},
        {"dx": "N L", "dW": "U"},
        (
            "layers.convolution.Convolution",
            "layers.convolution.conv_weight",
            "layers.convolution.conv_transpose",
        ),
        mistakes={
            "no_stride": conv_at(lambda j, u, s: j + u, lambda j, u, s: j + u),
            "stride_of_u": conv_at(lambda j, u, s: j + s * u, lambda j, u, s: j + s * u),
            "minus": conv_at(lambda j, u, s: s * j - u, lambda j, u, s: s * j - u),
            "flipped": lambda W, x, dy, stride: {
                "dx": conv_backward(W[::-1], x, dy, stride)[0],
                "dW": conv_backward(W, x, dy, stride)[1][::-1],
            },
            "overwritten": conv_overwritten,
            "mean": lambda W, x, dy, stride: {"dW": conv_backward(W, x, dy, stride)[1] / len(x)},
            "last_sample": lambda W, x, dy, stride: {
                "dW": conv_backward(W, x[-1:], dy[-1:], stride)[1]
            },
        },
    ),
    Exercise(
        batchnorm_backward,
        "hard",
        "L5",
        (16,),
        ("dense_backward",),
        {"gamma": normal("I"), "x": normal("N I"), "dy": normal("N I"), "eps": between(0.05, 0.2)},
        {"dx": "N I", "dgamma": "I", "dbeta": "I"},
        ("layers.batchnorm.BatchNorm", "layers.normalisation.Normalisation"),
        mistakes={
            "constants": batchnorm_with(lambda gr, r, xhat, dy, mean, slope: gr * dy),
            "no_variance": batchnorm_with(lambda gr, r, xhat, dy, mean, slope: gr * (dy - mean)),
            "no_mean": batchnorm_with(
                lambda gr, r, xhat, dy, mean, slope: gr * (dy - xhat * slope)
            ),
            "no_gamma": batchnorm_with(
                lambda gr, r, xhat, dy, mean, slope: r * (dy - mean - xhat * slope)
            ),
            "no_r": batchnorm_with(
                lambda gr, r, xhat, dy, mean, slope: gr / r * (dy - mean - xhat * slope)
            ),
            "over_r": batchnorm_with(
                lambda gr, r, xhat, dy, mean, slope: gr / r**2 * (dy - mean - xhat * slope)
            ),
            "sums": batchnorm_with(
                lambda gr, r, xhat, dy, mean, slope: (
                    gr * (dy - len(dy) * mean - len(dy) * xhat * slope)
                )
            ),
            "no_xhat": batchnorm_with(
                lambda gr, r, xhat, dy, mean, slope: gr * (dy - mean - slope)
            ),
            "plus": batchnorm_with(
                lambda gr, r, xhat, dy, mean, slope: gr * (dy - mean + xhat * slope)
            ),
            "of_x": lambda gamma, x, dy, eps: {"dgamma": (dy * x).sum(0)},
            "no_eps": without_eps,
            "eps_outside": eps_outside,
            "unbiased": unbiased,
            "samples": batchnorm_over_samples,
            "means": lambda gamma, x, dy, eps: {
                "dgamma": batchnorm_backward(gamma, x, dy, eps)[1] / len(x),
                "dbeta": dy.mean(0),
            },
        },
    ),
    Exercise(
        layernorm_backward,
        "hard",
        "L6",
        (16,),
        ("batchnorm_backward",),
        {"gamma": normal("I"), "x": normal("N I"), "dy": normal("N I"), "eps": between(0.05, 0.2)},
        {"dx": "N I"},
        ("layers.normalisation.LayerNorm", "layers.normalisation.Normalisation"),
        mistakes={
            "gamma_outside": gamma_outside,
            "batch": over_the_batch,
            "constants": layernorm_with(lambda gamma, r, xhat, g, mean, slope: r * g),
            "no_variance": layernorm_with(lambda gamma, r, xhat, g, mean, slope: r * (g - mean)),
            "no_mean": layernorm_with(
                lambda gamma, r, xhat, g, mean, slope: r * (g - xhat * slope)
            ),
            "no_gamma": lambda gamma, x, dy, eps: layernorm_backward(
                np.ones_like(gamma), x, dy, eps
            ),
            "no_r": layernorm_with(lambda gamma, r, xhat, g, mean, slope: g - mean - xhat * slope),
            "no_eps": lambda gamma, x, dy, eps: layernorm_backward(gamma, x, dy, 0.0),
            "plus": layernorm_with(
                lambda gamma, r, xhat, g, mean, slope: r * (g - mean + xhat * slope)
            ),
        },
    ),
    Exercise(
        spectral_backward,
        "hard",
        "L11 E27",
        (19,),
        ("dense_backward",),
        {"W": normal("I O"), "u": unit("I"), "v": unit("O"), "dWhat": normal("I O")},
        {"dW": "I O"},
        ("layers.spectral.SpectralNorm",),
        mistakes={
            "constant": lambda W, u, v, dWhat: dWhat / (u @ W @ v),
            "of_W": lambda W, u, v, dWhat: (
                (dWhat - (dWhat * W).sum() * np.outer(u, v)) / (u @ W @ v)
            ),
            "no_outer_s": lambda W, u, v, dWhat: (
                dWhat - (dWhat * W).sum() / (u @ W @ v) * np.outer(u, v)
            ),
            "times_W": lambda W, u, v, dWhat: (
                (dWhat - (dWhat * W).sum() / (u @ W @ v) ** 2 * W) / (u @ W @ v)
            ),
            "u_dW_v": lambda W, u, v, dWhat: (
                (dWhat - (u @ dWhat @ v) * np.outer(u, v)) / (u @ W @ v)
            ),
            "plus": lambda W, u, v, dWhat: (
                (dWhat + (dWhat * W).sum() / (u @ W @ v) * np.outer(u, v)) / (u @ W @ v)
            ),
            "norm": lambda W, u, v, dWhat: dWhat / np.linalg.norm(W),
            "times_s": lambda W, u, v, dWhat: dWhat * (u @ W @ v),
        },
        terms=lambda W, u, v, dWhat: {
            "dW": {
                "dŴ/s": dWhat / (u @ W @ v),
                "−⟨dŴ, Ŵ⟩ u vᵀ/s": -(dWhat * W).sum() / (u @ W @ v) ** 2 * np.outer(u, v),
            }
        },
    ),
    Exercise(
        deviation_backward,
        "hard",
        "L12",
        (19,),
        ("batchnorm_backward",),
        {"x": normal("N I"), "ds": between(0.5, 1.5), "eps": between(0.05, 0.2)},
        {"dx": "N I"},
        ("layers.minibatch.MinibatchDeviation",),
        mistakes={
            "no_N": deviation_with(lambda c, s: c / s * len(c)),
            "no_F": deviation_with(lambda c, s: c / s * c.shape[1]),
            "no_means": deviation_with(lambda c, s: c / s * c.size),
            "variance": deviation_with(lambda c, s: 2 * c),
            "no_root": deviation_with(lambda c, s: c),
            "half": deviation_with(lambda c, s: c / s / 2),
            "squared": deviation_with(lambda c, s: c / s**2),
            "not_centred": lambda x, ds, eps: ds * x / deviation_parts(x, eps)[1] / x.size,
            "eps_outside": lambda x, ds, eps: ds * (x - x.mean(0)) / (x.std(0) + eps) / x.size,
            "unbiased": unbiased_deviation,
            "one_deviation": lambda x, ds, eps: (
                ds * (x - x.mean(0)) / np.sqrt(((x - x.mean(0)) ** 2).mean() + eps) / x.size
            ),
            "no_eps": lambda x, ds, eps: (
                ds * deviation_parts(x, 0.0)[0] / deviation_parts(x, 0.0)[1] / x.size
            ),
            "samples": lambda x, ds, eps: deviation_backward(x.T, ds, eps).T,
            "no_ds": lambda x, ds, eps: deviation_backward(x, 1.0, eps),
        },
    ),
)
