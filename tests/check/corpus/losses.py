"""Losses, regularizers, and the factors 1/m and 2 in them."""

import numpy as np

from tests.check.corpus.fault import Fault, normal, sigmoid, softmax

X, Y = normal(6, 3), normal(6)
LABEL = np.array([0, 2, 1, 1, 0, 2])
RATE = 0.3


def squares(w, b):
    return ((X @ w + b - Y) ** 2).mean()


def error(w, b):
    return X @ w + b - Y


def ridge(w):
    return ((X @ w - Y) ** 2).mean() + RATE * (w * w).sum()


def data_part(w):
    return 2 * X.T @ (X @ w - Y) / 6


def cross_entropy(W):
    a = X @ W
    return (np.log(np.exp(a).sum(1)) - a[np.arange(6), LABEL]).mean()


def probabilities_less_labels(W):
    return softmax(X @ W) - np.eye(3)[LABEL]


def logistic(w):
    a = X @ w
    return (np.log1p(np.exp(a)) - (Y > 0) * a).mean()


def dense(x, W, b):
    return x @ W + b


w, b, W = normal(3), np.array(0.4), normal(3, 3)

LOSSES = [
    Fault(
        "a factor 2 of a square",
        "fromscratchtoml #65",
        squares,
        lambda w, b: (X.T @ error(w, b) / 6, 2 * error(w, b).mean()),
        lambda w, b: (2 * X.T @ error(w, b) / 6, 2 * error(w, b).mean()),
        (w, b),
        "factor 2 is missing",
        ("dw",),
    ),
    Fault(
        "a sum where the loss is a mean",
        "CS231 #9",
        squares,
        lambda w, b: (2 * X.T @ error(w, b), 2 * error(w, b).mean()),
        lambda w, b: (2 * X.T @ error(w, b) / 6, 2 * error(w, b).mean()),
        (w, b),
        "mean is written as a sum",
        ("dw",),
    ),
    Fault(
        "a mean where the loss is a sum",
        "DeepLearningZeroToAll #173",
        lambda w: ((X @ w - Y) ** 2).sum(),
        data_part,
        lambda w: 2 * X.T @ (X @ w - Y),
        (w,),
        "sum is written as a mean",
    ),
    Fault(
        "the bias is averaged over the batch",
        "tensorflow/tfjs-core #398",
        dense,
        lambda x, W, b, dy: (dy @ W.T, x.T @ dy, dy.mean(0)),
        lambda x, W, b, dy: (dy @ W.T, x.T @ dy, dy.sum(0)),
        (X, W, normal(3)),
        "sum is written as a mean",
        ("db",),
    ),
    Fault(
        "the bias is not summed at all",
        "deeplearning4j/nd4j #2424",
        dense,
        lambda x, W, b, dy: (dy @ W.T, x.T @ dy, dy),
        lambda x, W, b, dy: (dy @ W.T, x.T @ dy, dy.sum(0)),
        (X, W, normal(3)),
        "sum over axis 0 is missing",
        ("db",),
    ),
    Fault(
        "the bias is summed to one number",
        "stat453 #5",
        dense,
        lambda x, W, b, dy: (dy @ W.T, x.T @ dy, dy.sum() + 0 * b),
        lambda x, W, b, dy: (dy @ W.T, x.T @ dy, dy.sum(0)),
        (X, W, normal(3)),
        "all axes|all of its entries",
        ("db",),
    ),
    Fault(
        "W where Wᵀ belongs",
        "wuziheng/CNN-Numpy #2",
        dense,
        lambda x, W, b, dy: (dy @ W, x.T @ dy, dy.sum(0)),
        lambda x, W, b, dy: (dy @ W.T, x.T @ dy, dy.sum(0)),
        (X, W, normal(3)),
        "transpose",
        ("dx",),
    ),
    Fault(
        "the gradient of the bias is another gate's",
        "hanbt/learn_dl #53",
        lambda f, i: sigmoid(f) * np.tanh(i),
        lambda f, i, dy: (dy * sigmoid(f) * (1 - sigmoid(f)) * np.tanh(i),) * 2,
        lambda f, i, dy: (
            dy * sigmoid(f) * (1 - sigmoid(f)) * np.tanh(i),
            dy * sigmoid(f) * (1 - np.tanh(i) ** 2),
        ),
        (X, normal(6, 3, seed=4)),
        "it is df",
        ("di",),
    ),
    Fault(
        "the regularizer replaces the gradient",
        "open-nudge/torchlayers #18",
        ridge,
        lambda w: 2 * RATE * w,
        lambda w: data_part(w) + 2 * RATE * w,
        (w,),
        r"absent.*\(X @ w - Y\)",
    ),
    Fault(
        "the 2 of ‖w‖²",
        "titu1994/DenseNet #57",
        ridge,
        lambda w: data_part(w) + RATE * w,
        lambda w: data_part(w) + 2 * RATE * w,
        (w,),
        r"w \* w.*factor 2 is missing",
    ),
    Fault(
        "the regularizer's gradient is forgotten",
        "mlpack/mlpack #2891",
        ridge,
        data_part,
        lambda w: data_part(w) + 2 * RATE * w,
        (w,),
        r"absent.*\(w \* w\).sum\(\)",
    ),
    Fault(
        "λ is forgotten",
        "mlpack/mlpack #3063",
        ridge,
        lambda w: data_part(w) + 2 * w,
        lambda w: data_part(w) + 2 * RATE * w,
        (w,),
        "RATE = 0.3 is missing",
    ),
    Fault(
        "softmax' is applied once more behind the cross entropy",
        "liashchynskyi/skynet #1",
        cross_entropy,
        lambda W: X.T @ (probabilities_less_labels(W) * softmax(X @ W) * (1 - softmax(X @ W))) / 6,
        lambda W: X.T @ probabilities_less_labels(W) / 6,
        (W,),
        "softmax|sum to 0",
    ),
    Fault(
        "the sign of the label's term",
        "YeonwooSung #5",
        cross_entropy,
        lambda W: X.T @ (softmax(X @ W) + np.eye(3)[LABEL]) / 6,
        lambda W: X.T @ probabilities_less_labels(W) / 6,
        (W,),
        r"wrong sign.*LABEL",
    ),
    Fault(
        "ascent where descent is meant",
        "martinarjovsky/WassersteinGAN #80",
        logistic,
        lambda w: -X.T @ (sigmoid(X @ w) - (Y > 0)) / 6,
        lambda w: X.T @ (sigmoid(X @ w) - (Y > 0)) / 6,
        (w,),
        "sign is flipped",
    ),
    Fault(
        "the sign of the mean's derivative",
        "STOR-i/GaussianProcesses.jl #26",
        lambda m, s: (-0.5 * ((Y - m) / s) ** 2 - np.log(s)).sum(),
        lambda m, s: (-(Y - m).sum() / s**2, ((Y - m) ** 2).sum() / s**3 - 6 / s),
        lambda m, s: ((Y - m).sum() / s**2, ((Y - m) ** 2).sum() / s**3 - 6 / s),
        (np.array(0.3), np.array(1.2)),
        "sign is flipped",
        ("dm",),
    ),
    Fault(
        "a mean of the absolute error, normalized by nothing",
        "MyCaffe/MyCaffe #25",
        lambda w: np.abs(X @ w - Y).mean(),
        lambda w: X.T @ np.sign(X @ w - Y),
        lambda w: X.T @ np.sign(X @ w - Y) / 6,
        (w,),
        "mean is written as a sum",
    ),
    Fault(
        "the angle's margin: a product that is an assignment",
        "xialuxi/arcface-caffe #19",
        lambda c: np.cos(np.arccos(c) + 0.5),
        lambda c, dy: np.sin(np.arccos(c) + 0.5) / np.sin(np.arccos(c)) + 0 * dy,
        lambda c, dy: np.sin(np.arccos(c) + 0.5) / np.sin(np.arccos(c)) * dy,
        (np.array([0.3, -0.4, 0.6, 0.1]),),
        "factor dy",
    ),
]
