"""Indices, maxima, windows, convolutions, sums that run along."""

import numpy as np

from tests.check.corpus.fault import Fault, normal

X = normal(5, 4)
ROWS = np.array([0, 2, 2, 1, 2])


def rows(E):
    return E[ROWS]


def rows_vjp(E, dy):
    dE = np.zeros_like(E)
    np.add.at(dE, ROWS, dy)
    return dE


def rows_overwritten(E, dy):
    dE = np.zeros_like(E)
    dE[ROWS] = dy
    return dE


def pooled(x):
    return x.reshape(len(x), 2, 2).max(2)


def pool_vjp(x, dy, everywhere=False):
    windows = x.reshape(len(x), 2, 2)
    mask = np.ones(windows.shape) if everywhere else windows == windows.max(2, keepdims=True)
    return (mask * dy[:, :, None]).reshape(x.shape)


def convolved(x, k):
    """y_i = Σ_j k_j x_{2i+j}: stride 2"""
    return sum(k[j] * x[j : j + 7 : 2] for j in range(3))


def conv_vjp(x, k, dy, stride=2, flip=False):
    dx, kernel = np.zeros_like(x), k[::-1] if flip else k
    for j in range(3):
        dx[j : j + (len(dy) - 1) * stride + 1 : stride] += kernel[j] * dy
    return dx, np.array([(dy * x[j : j + 7 : 2]).sum() for j in range(3)])


def kernel_mean(x, k, dy):
    dx, dk = conv_vjp(x, k, dy)
    return dx, dk / len(dy)


def padded(x, k):
    wide = np.concatenate([0 * x[:1], x, 0 * x[:1]])
    return sum(k[j] * wide[j : j + len(x)] for j in range(3))


def pad_vjp(x, k, dy, first=1):
    wide, dwide = np.pad(x, 1), np.zeros(len(x) + 2)
    for j in range(3):
        dwide[j : j + len(x)] += k[j] * dy
    return dwide[first : first + len(x)], np.array(
        [(dy * wide[j : j + len(x)]).sum() for j in range(3)]
    )


def tied(W):
    """an auto-encoder with one matrix"""
    return ((np.tanh(X @ W) @ W.T - X) ** 2).sum()


def tied_gradient(W, encoder=True, decoder=True):
    h = np.tanh(X @ W)
    r = 2 * (h @ W.T - X)
    return decoder * (r.T @ h) + encoder * (X.T @ ((r @ W) * (1 - h * h)))


def recurrent(W, h):
    for x in X[:3]:
        h = np.tanh(W @ h + x)
    return (h * h).sum()


def through_time(W, h, steps=3):
    states = [h]
    for x in X[:3]:
        states.append(np.tanh(W @ states[-1] + x))
    d, dW = 2 * states[-1], np.zeros_like(W)
    for t in (2, 1, 0)[:steps]:
        d = d * (1 - states[t + 1] ** 2)
        dW += np.outer(d, states[t])
        d = W.T @ d
    return dW, d if steps == 3 else through_time(W, h)[1]


def log_sum(x):
    return np.log(np.cumsum(np.exp(x)))


def log_sum_vjp(x, dy, forwards=False):
    d = dy * np.exp(-log_sum(x))
    return np.exp(x) * (np.cumsum(d) if forwards else np.cumsum(d[::-1])[::-1])


def spread(x):
    y = np.zeros(2 * len(x) - 1, x.dtype)
    y[::2] = x
    return y


def log_det(A):
    return np.log(np.linalg.det(A))


SQUARE = normal(3, 3) @ np.diag([3.0, 2.0, 4.0]) + 3 * np.eye(3)
k, x9 = np.array([0.5, -1.2, 0.8]), normal(9)

SELECTION = [
    Fault(
        "rows that are taken twice are overwritten",
        "pytorch/pytorch #1631",
        rows,
        rows_overwritten,
        rows_vjp,
        (X,),
        "taken several times",
    ),
    Fault(
        "the first of equal indices counts",
        "apache/mxnet #9172",
        lambda E: (E[ROWS] ** 3).sum(),
        lambda E: rows_overwritten(E, 3 * E[ROWS] ** 2),
        lambda E: rows_vjp(E, 3 * E[ROWS] ** 2),
        (X,),
        "taken several times",
    ),
    Fault(
        "max pooling sends the gradient to the whole window",
        "NNlib #205",
        pooled,
        lambda x, dy: pool_vjp(x, dy, True),
        pool_vjp,
        (X,),
        "not to the max",
    ),
    Fault(
        "a maximum taken as a constant",
        "NervanaSystems/neon #170",
        lambda x: (x * x.max()).sum(),
        lambda x: 0 * x + x.max(),
        lambda x: x.max() + x.sum() * (x == x.max()),
        (X,),
        r"absent.*x.max\(\)",
    ),
    Fault(
        "a convolution's gradient ignores the stride",
        "PKUFlyingPig/CMU10-714 #6",
        convolved,
        lambda x, k, dy: conv_vjp(x, k, dy, stride=1),
        conv_vjp,
        (x9, k),
        "stride",
        ("dx",),
    ),
    Fault(
        "the kernel is flipped once too often",
        "ddbourgin/numpy-ml #27",
        convolved,
        lambda x, k, dy: conv_vjp(x, k, dy, flip=True),
        conv_vjp,
        (x9, k),
        "backwards|flip",
        ("dx",),
    ),
    Fault(
        "the kernel's gradient is a mean over places",
        "sebgao/cTensor #3",
        convolved,
        kernel_mean,
        conv_vjp,
        (x9, k),
        "sum is written as a mean",
        ("dk",),
    ),
    Fault(
        "the padding is cut off at the wrong end",
        "neon #111",
        padded,
        lambda x, k, dy: pad_vjp(x, k, dy, 0),
        pad_vjp,
        (x9, k),
        "shifted",
        ("dx",),
    ),
    Fault(
        "a weight that is used twice counts once: the encoder",
        "micrograd #102",
        tied,
        lambda W: tied_gradient(W, encoder=False),
        tied_gradient,
        (normal(4, 2),),
        r"absent.*X @ W",
    ),
    Fault(
        "a weight that is used twice counts once: the decoder",
        "micrograd #102",
        tied,
        lambda W: tied_gradient(W, decoder=False),
        tied_gradient,
        (normal(4, 2),),
        r"absent.*W.T",
    ),
    Fault(
        "no gradient through time: the last step alone",
        "ooples/AiDotNet #722",
        recurrent,
        lambda W, h: through_time(W, h, 1),
        through_time,
        (0.5 * normal(4, 4), normal(4)),
        r"W @ h",
        ("dW",),
    ),
    Fault(
        "a running sum whose gradient runs the same way",
        "pytorch/pytorch #32876",
        log_sum,
        lambda x, dy: log_sum_vjp(x, dy, True),
        log_sum_vjp,
        (normal(5),),
        "runs the other way",
    ),
    Fault(
        "the inverse where its transpose belongs",
        "Theano/Theano #2066",
        log_det,
        np.linalg.inv,
        lambda A: np.linalg.inv(A).T,
        (SQUARE,),
        "transposed",
    ),
    Fault(
        "a transposed convolution's gradient ignores the stride",
        "pytorch/pytorch #63314",
        lambda x: spread(x),
        lambda x, dy: dy[: len(x)],
        lambda x, dy: dy[::2],
        (normal(4),),
        "stride",
    ),
    Fault(
        "the gradient of a Cholesky factor is not symmetrized",
        "HIPS/autograd #56",
        lambda A: np.log(np.diag(np.linalg.cholesky((A + A.T) / 2))).sum(),
        lambda A: np.tril(np.linalg.inv(A)) * (2 - np.eye(3)) / 2,
        lambda A: np.linalg.inv(A) / 2,
        (SQUARE @ SQUARE.T,),
        "triang|zero at other places",
    ),
]
