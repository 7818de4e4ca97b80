"""Mistakes that were written after the patterns, to measure them; no pattern was changed for them.

Of our own invention, over the kinds that the checker should know: constants of the formula and
their powers, paths that are taken as constants, weights that are used twice, indices, variances,
groups of axes, strides, masks, precision, writing in place.
"""

import numpy as np

from tests.check.corpus.fault import Fault, normal, sigmoid, softmax

X, Y, W = normal(7, 4, seed=11), normal(7, seed=12), normal(4, 3, seed=13)
TEMPERATURE, MARGIN, DECAY = 0.7, 0.4, 0.15
ORDER = np.array([3, 0, 0, 1, 2, 3, 3])


def tempered(x):
    return softmax(x / TEMPERATURE)


def tempered_vjp(x, dy, factor=1 / TEMPERATURE):
    p = softmax(x / TEMPERATURE)
    return factor * p * (dy - (p * dy).sum(-1, keepdims=True))


def swish(x, beta=1.7):
    return x * sigmoid(beta * x)


def swish_vjp(x, dy, beta=1.7, inner=1.7, path=1.0):
    s = sigmoid(beta * x)
    return dy * (s + path * inner * x * s * (1 - s))


def elastic(w):
    return (
        0.5 * ((X @ w - Y) ** 2).mean() + DECAY * (w * w).sum() + 0.05 * np.sqrt(w * w + 1e-4).sum()
    )


def elastic_gradient(w, ridge=2 * DECAY, lasso=0.05, data=1.0):
    smooth = w / np.sqrt(w * w + 1e-4)
    return data * X.T @ (X @ w - Y) / 7 + ridge * w + lasso * smooth


def attention(q, k):
    return softmax(q @ k.T / np.sqrt(q.shape[1])) @ k


def attention_vjp(q, k, dy, keys=1.0, values=1.0, scale=1.0):
    s = np.sqrt(q.shape[1])
    p = softmax(q @ k.T / s)
    dp = dy @ k.T
    da = scale * p * (dp - (p * dp).sum(-1, keepdims=True)) / s
    return da @ k, keys * da.T @ q + values * p.T @ dy


def standardized(x):
    m = x.mean()
    v = ((x - m) ** 2).sum() / (x.size - 1)
    return (x - m) / np.sqrt(v)


def standardized_vjp(x, dy, n=None, mean=True, variance=True):
    s, z = x.std(ddof=1), (x - x.mean()) / x.std(ddof=1)
    n = x.size - 1 if n is None else n
    return (dy - mean * dy.mean() - variance * z * (dy * z).sum() / n) / s


def grouped(x):
    g = x.reshape(len(x), 2, 2)
    return (g / np.sqrt((g * g).mean(2, keepdims=True) + 1e-3)).reshape(x.shape)


def grouped_vjp(x, dy, axes=2, path=1.0):
    g, d = x.reshape(len(x), 2, 2), dy.reshape(len(x), 2, 2)
    r = np.sqrt((g * g).mean(2, keepdims=True) + 1e-3)
    return (d / r - path * g * (d * g).mean(axes, keepdims=True) / r**3).reshape(x.shape)


def hinge(w):
    return np.maximum(0, MARGIN - np.sign(Y) * (X @ w)).mean()


def hinge_gradient(w, where=lambda v: v > 0, sign=True):
    slack = MARGIN - np.sign(Y) * (X @ w)
    return -X.T @ (where(slack) * (np.sign(Y) if sign else 1.0)) / 7


def cell(x, h, U):
    """a gated step of a recurrent network"""
    z = sigmoid(x + h @ U)
    return (1 - z) * h + z * np.tanh(x)


def cell_vjp(x, h, U, dy, gate=1.0, keep=1.0, through=1.0):
    z, c = sigmoid(x + h @ U), np.tanh(x)
    da = dy * (c - h) * z * (1 - z)
    return (gate * da + dy * z * (1 - c * c), keep * dy * (1 - z) + through * da @ U.T, h.T @ da)


def contrastive(a):
    n = a / np.sqrt((a * a).sum(1, keepdims=True))
    s = n @ n.T
    return (np.log(np.exp(s).sum(1)) - np.diag(s)).mean()


def contrastive_gradient(a, both=True, norm=1.0):
    length = np.sqrt((a * a).sum(1, keepdims=True))
    n = a / length
    p = softmax(n @ n.T)
    ds = (p - np.eye(len(a))) / len(a)
    dn = ds @ n + (ds.T @ n if both else 0)
    return dn / length - norm * n * (dn * n).sum(1, keepdims=True) / length


def pooled_attention(x, w):
    """rows of x averaged with weights that depend on them"""
    p = softmax((x @ w)[None])[0]
    return p @ x


def pooled_vjp(x, w, dy, weights=1.0):
    p = softmax((x @ w)[None])[0]
    dp = x @ dy
    da = p * (dp - (p * dp).sum())
    return np.outer(p, dy) + weights * np.outer(da, w), x.T @ da


def strided(x):
    """means of three neighbors, every second place"""
    return (x[0:-2:2] + x[1:-1:2] + x[2::2]) / 3


def strided_vjp(x, dy, factor=1 / 3, last=True):
    dx = np.zeros_like(x)
    dx[0:-2:2] += dy * factor
    dx[1:-1:2] += dy * factor
    if last:
        dx[2::2] += dy * factor
    return dx


def gaussian(mean, log_scale):
    return (0.5 * ((Y - mean) / np.exp(log_scale)) ** 2 + log_scale).mean()


def gaussian_gradient(mean, log_scale, chain=True, constant=1.0):
    z = (Y - mean) / np.exp(log_scale)
    ds = constant - (z * z).mean()
    return -z.mean() / np.exp(log_scale), ds if chain else ds / np.exp(log_scale)


def wrong_in_place(x, dy):
    dy *= x > 0
    return dy


def in_place_of_x(x, dy):
    x *= x > 0
    return 2 * x * dy


def relu(x):
    return np.where(x > 0, x, 0)


w4 = normal(4, seed=14)

HELD_OUT = [
    Fault("temperature forgotten", "", tempered, lambda x, dy: tempered_vjp(x, dy, 1.0),
          tempered_vjp, (X,), "TEMPERATURE = 0.7 is missing|0.7"),
    Fault("temperature twice", "", tempered, lambda x, dy: tempered_vjp(x, dy, TEMPERATURE**-2),
          tempered_vjp, (X,), "TEMPERATURE"),
    Fault("temperature multiplied", "", tempered, lambda x, dy: tempered_vjp(x, dy, TEMPERATURE),
          tempered_vjp, (X,), "TEMPERATURE"),
    Fault("swish's β of the inner derivative", "", swish,
          lambda x, dy: swish_vjp(x, dy, inner=1.0), swish_vjp, (X,), "beta"),
    Fault("swish's gate held", "", swish, lambda x, dy: swish_vjp(x, dy, path=0.0), swish_vjp,
          (X,), "absent"),
    Fault("elastic net: λ counted once", "", elastic, lambda w: elastic_gradient(w, ridge=DECAY),
          elastic_gradient, (w4,), "factor 2 is missing"),
    Fault("elastic net: no lasso", "", elastic, lambda w: elastic_gradient(w, lasso=0),
          elastic_gradient, (w4,), r"absent.*sqrt"),
    Fault("elastic net: lasso's sign", "", elastic, lambda w: elastic_gradient(w, lasso=-0.05),
          elastic_gradient, (w4,), r"wrong sign.*sqrt"),
    Fault("elastic net: ½ forgotten", "", elastic, lambda w: elastic_gradient(w, data=2.0),
          elastic_gradient, (w4,), r"counted twice.*X @ w"),
    Fault("attention: keys as weights held", "", attention,
          lambda q, k, dy: attention_vjp(q, k, dy, keys=0), attention_vjp,
          (normal(3, 4), normal(5, 4)), r"absent.*q @ k", ("dk",)),
    Fault("attention: keys as values held", "", attention,
          lambda q, k, dy: attention_vjp(q, k, dy, values=0), attention_vjp,
          (normal(3, 4), normal(5, 4)), r"absent.*@ k", ("dk",)),
    Fault("attention: √d twice", "", attention,
          lambda q, k, dy: attention_vjp(q, k, dy, scale=0.5), attention_vjp,
          (normal(3, 4), normal(5, 4)), "factor 2|sqrt", ("dq", "dk")),
    Fault("standardized: n for n − 1", "", standardized,
          lambda x, dy: standardized_vjp(x, dy, n=x.size), standardized_vjp, (Y,),
          "bias correction|n − 1"),
    Fault("standardized: no mean", "", standardized,
          lambda x, dy: standardized_vjp(x, dy, mean=False), standardized_vjp, (Y,), "mean"),
    Fault("standardized: no variance", "", standardized,
          lambda x, dy: standardized_vjp(x, dy, variance=False), standardized_vjp, (Y,),
          r"variance|\*\* 2"),
    Fault("groups: mean over the groups", "", grouped,
          lambda x, dy: grouped_vjp(x, dy, axes=1), grouped_vjp, (X,), "axis 1"),
    Fault("groups: mean over both", "", grouped,
          lambda x, dy: grouped_vjp(x, dy, axes=(1, 2)), grouped_vjp, (X,), "all axes|axis"),
    Fault("groups: norm held", "", grouped, lambda x, dy: grouped_vjp(x, dy, path=0), grouped_vjp,
          (X,), "absent"),
    Fault("hinge: everywhere active", "", hinge, lambda w: hinge_gradient(w, lambda v: v < 9),
          hinge_gradient, (5 * w4,), "maximum"),
    Fault("hinge: the sign of the label", "", hinge, lambda w: hinge_gradient(w, sign=False),
          hinge_gradient, (w4,), "sign|label"),
    Fault("cell: gate not passed to x", "", cell, lambda x, h, U, dy: cell_vjp(x, h, U, dy, gate=0),
          cell_vjp, (normal(3, 2), normal(3, 2, seed=5), normal(2, 2)), r"absent.*x \+", ("dx",)),
    Fault("cell: state not kept", "", cell, lambda x, h, U, dy: cell_vjp(x, h, U, dy, keep=0),
          cell_vjp, (normal(3, 2), normal(3, 2, seed=5), normal(2, 2)), r"absent.*\* h", ("dh",)),
    Fault("cell: state not through the gate", "", cell,
          lambda x, h, U, dy: cell_vjp(x, h, U, dy, through=0), cell_vjp,
          (normal(3, 2), normal(3, 2, seed=5), normal(2, 2)), r"absent.*h @ U", ("dh",)),
    Fault("cell: the gate's sign", "", cell, lambda x, h, U, dy: cell_vjp(x, h, U, dy, gate=-1),
          cell_vjp, (normal(3, 2), normal(3, 2, seed=5), normal(2, 2)), "wrong sign", ("dx",)),
    Fault("contrastive: one of two uses", "", contrastive,
          lambda a: contrastive_gradient(a, both=False), contrastive_gradient, (normal(4, 3),),
          r"absent.*n @ n"),
    Fault("contrastive: norm held", "", contrastive,
          lambda a: contrastive_gradient(a, norm=0), contrastive_gradient, (normal(4, 3),),
          r"absent.*a \* a|norm of a"),
    Fault("weights of a mean held", "", pooled_attention,
          lambda x, w, dy: pooled_vjp(x, w, dy, weights=0), pooled_vjp, (X, w4),
          r"absent.*x @ w", ("dx",)),
    Fault("a third forgotten", "", strided, lambda x, dy: strided_vjp(x, dy, 1.0), strided_vjp,
          (normal(9, seed=3),), "3"),
    Fault("one of three neighbors", "", strided, lambda x, dy: strided_vjp(x, dy, last=False),
          strided_vjp, (normal(9, seed=3),), r"absent.*x\[2::2\]"),
    Fault("log σ: the chain to σ", "", gaussian,
          lambda m, s: gaussian_gradient(m, s, chain=False), gaussian_gradient,
          (np.array(0.2), np.array(0.4)), "exp", ("dlog_scale",)),
    Fault("log σ: its own term", "", gaussian, lambda m, s: gaussian_gradient(m, s, constant=0.0),
          gaussian_gradient, (np.array(0.2), np.array(0.4)), r"absent.*log_scale",
          ("dlog_scale",)),
    Fault("embedding's rows overwritten", "", lambda E: np.tanh(E[ORDER]).sum(0),
          lambda E, dy: _rows(E, dy, add=False), lambda E, dy: _rows(E, dy), (W,),
          "taken several times"),
    Fault("dy written in place", "", relu, wrong_in_place, lambda x, dy: dy * (x > 0), (X,),
          "in place"),
    Fault("x written in place", "", lambda x: relu(x) ** 2, in_place_of_x,
          lambda x, dy: 2 * relu(x) * dy, (X,), "in place"),
    Fault("single precision on the way", "", np.tanh,
          lambda x, dy: (1 - np.tanh(x.astype(np.float32)) ** 2) * dy,
          lambda x, dy: (1 - np.tanh(x) ** 2) * dy, (X,), "float32"),
    Fault("half precision on the way", "", np.tanh,
          lambda x, dy: (1 - np.tanh(x.astype(np.float16)).astype(float) ** 2) * dy,
          lambda x, dy: (1 - np.tanh(x) ** 2) * dy, (X,), "float16|half precision"),
    Fault("the exponent is not lowered", "", lambda x: np.exp(x) ** 1.5 + x**4,
          lambda x, dy: (1.5 * np.exp(x) ** 1.5 + 4 * x**4) * dy,
          lambda x, dy: (1.5 * np.exp(x) ** 1.5 + 4 * x**3) * dy, (X,), "not lowered"),
    Fault("quotient without the square", "", lambda a, b: a / (1 + b * b),
          lambda a, b, dy: (dy / (1 + b * b), -2 * a * b / (1 + b * b) * dy),
          lambda a, b, dy: (dy / (1 + b * b), -2 * a * b / (1 + b * b) ** 2 * dy),
          (X, normal(7, 4)), "a/b", ("db",)),
    Fault("a clipped norm held", "", lambda g: g * np.minimum(1, 0.9 / np.linalg.norm(g)),
          lambda g, dy: dy * 0.9 / np.linalg.norm(g), lambda g, dy: _clip(g, dy), (Y,),
          r"absent.*norm"),
    Fault("the transpose of a product's gradient", "", lambda A: np.trace(A @ A @ W[:3].T),
          lambda A: (A @ W[:3].T + W[:3].T @ A), lambda A: (A @ W[:3].T + W[:3].T @ A).T,
          (normal(3, 3),), "transposed"),
]  # fmt: skip


def _rows(E, dy, add=True):
    rows, dE = dy * (1 - np.tanh(E[ORDER]) ** 2), np.zeros_like(E)
    if add:
        np.add.at(dE, ORDER, rows)
    else:
        dE[ORDER] = rows
    return dE


def _clip(g, dy):
    s = np.linalg.norm(g)
    return 0.9 * (dy / s - g * (g * dy).sum() / s**3)
