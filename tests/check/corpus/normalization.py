"""Norms, means, variances: paths that are forgotten, and axes that are confused."""

import numpy as np

from tests.check.corpus.fault import Fault, normal

X = 1 + 2 * normal(6, 3)
GAMMA = np.array([1.5, 0.7, -1.2])
EPSILON = 1e-5


def batch_norm(x, gamma):
    mean = x.mean(0)
    variance = ((x - mean) ** 2).mean(0)
    return gamma * (x - mean) / np.sqrt(variance + EPSILON)


def layer_norm(x, gamma):
    mean = x.mean(1, keepdims=True)
    variance = ((x - mean) ** 2).mean(1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + EPSILON)


def normalized(x, gamma, axis, mean=True, variance=True, once=1):
    """dx and dγ as functions of dy, with or without each path; `once` is the factor of γ."""
    s = np.sqrt(x.var(axis, keepdims=True) + EPSILON)
    z = (x - x.mean(axis, keepdims=True)) / s

    def vjp(dy):
        d = dy * gamma**once
        dx = d - mean * d.mean(axis, keepdims=True)
        dx = dx - variance * z * (d * z).mean(axis, keepdims=True)
        return dx / s, (dy * z).sum(0)

    return vjp


def rms_norm(x, gamma):
    return gamma * x / np.sqrt((x * x).mean(-1, keepdims=True))


def rms_vjp(x, gamma, dy, power=1):
    r = np.sqrt((x * x).mean(-1, keepdims=True))
    z, d = x / r, dy * gamma
    return (d - gamma ** (power - 1) * z * (d * z).mean(-1, keepdims=True)) / r, (dy * z).sum(0)


def unit(x):
    return x / np.sqrt((x * x).sum(-1, keepdims=True))


def unit_vjp(x, dy, path=1.0):
    s = np.sqrt((x * x).sum(-1, keepdims=True))
    return dy / s - path * x * (dy * x).sum(-1, keepdims=True) / s**3


def spectral(W):
    return W / np.linalg.norm(W, 2)


def spectral_vjp(W, dy, path=1.0):
    u, s, v = np.linalg.svd(W)
    return dy / s[0] - path * np.outer(u[:, 0], v[0]) * (dy * W).sum() / s[0] ** 2


def l1_normalized(x):
    return x / np.abs(x).sum(1, keepdims=True)


def l1_vjp(x, dy, slope=np.sign):
    s = np.abs(x).sum(1, keepdims=True)
    return dy / s - slope(x) * (dy * x).sum(1, keepdims=True) / s**2


NORMALIZATION = [
    Fault(
        "batch norm without the path through the mean",
        "caffe #3878",
        batch_norm,
        lambda x, gamma, dy: normalized(x, gamma, 0, mean=False)(dy),
        lambda x, gamma, dy: normalized(x, gamma, 0)(dy),
        (X, GAMMA),
        "mean",
        ("dx",),
    ),
    Fault(
        "batch norm without the path through the variance",
        "caffe #4110",
        batch_norm,
        lambda x, gamma, dy: normalized(x, gamma, 0, variance=False)(dy),
        lambda x, gamma, dy: normalized(x, gamma, 0)(dy),
        (X, GAMMA),
        r"variance|\*\* 2\).mean",
        ("dx",),
    ),
    Fault(
        "batch norm with mean and variance held",
        "mxnet #1053",
        batch_norm,
        lambda x, gamma, dy: normalized(x, gamma, 0, mean=False, variance=False)(dy),
        lambda x, gamma, dy: normalized(x, gamma, 0)(dy),
        (X, GAMMA),
        "two paths",
        ("dx",),
    ),
    Fault(
        "γ is missing in dx",
        "Knet #288",
        batch_norm,
        lambda x, gamma, dy: normalized(x, gamma, 0, once=0)(dy),
        lambda x, gamma, dy: normalized(x, gamma, 0)(dy),
        (X, GAMMA),
        r"gamma|each column is off",
        ("dx",),
    ),
    Fault(
        "layer norm's sums over the batch",
        "FlagGems PR 59",
        layer_norm,
        lambda x, gamma, dy: (normalized(x, gamma, 0)(dy)[0], normalized(x, gamma, 1)(dy)[1]),
        lambda x, gamma, dy: normalized(x, gamma, 1)(dy),
        (X, GAMMA),
        "axis|batch",
        ("dx",),
    ),
    Fault(
        "the weight twice in RMS norm's dx",
        "Megatron-LM PR 6859",
        rms_norm,
        lambda x, gamma, dy: rms_vjp(x, gamma, dy, 2),
        rms_vjp,
        (X, GAMMA),
        "gamma|norm of x",
        ("dx",),
    ),
    Fault(
        "the norm is held constant",
        "HIPS/autograd #268",
        unit,
        lambda x, dy: unit_vjp(x, dy, 0.0),
        unit_vjp,
        (X,),
        r"absent.*\(x \* x\).sum|norm of x",
    ),
    Fault(
        "the norm's path has the wrong sign",
        "zhreshold/mxnet-ssd #48",
        unit,
        lambda x, dy: unit_vjp(x, dy, -1.0),
        unit_vjp,
        (X,),
        "wrong sign",
    ),
    Fault(
        "the spectral norm is held constant",
        "pytorch/pytorch #7298",
        spectral,
        lambda W, dy: spectral_vjp(W, dy, 0.0),
        spectral_vjp,
        (normal(3, 3),),
        r"absent.*norm\(W, 2\)",
    ),
    Fault(
        "the variance's 1/n is missing",
        "darknet #4605",
        lambda x: ((x - x.mean(0)) ** 2).mean(0).sum(),
        lambda x: 2 * (x - x.mean(0)),
        lambda x: 2 * (x - x.mean(0)) / 6,
        (X,),
        "mean is written as a sum",
    ),
    Fault(
        "dy of ones hides a batch norm: the gradient is 0",
        "HomericIntelligence/Odyssey #3174",
        batch_norm,
        lambda x, gamma, dy: (0 * x, normalized(x, gamma, 0)(dy)[1]),
        lambda x, gamma, dy: normalized(x, gamma, 0)(dy),
        (X, GAMMA),
        "zero everywhere",
        ("dx",),
    ),
    Fault(
        "an L1 norm with x² where its sign belongs",
        "happynear/caffe-windows #205",
        l1_normalized,
        lambda x, dy: l1_vjp(x, dy, np.square),
        l1_vjp,
        (X,),
        "abs",
    ),
]
