"""Exercises on a function and its gradient, each checked as a reader's own would be."""

from __future__ import annotations

import numpy as np

from numgan.check.exercises.exercise import Exercise
from numgan.check.subjects.functions import check_gradient

X = np.array(
    [[0.5, -1.2, 0.3], [1.7, 0.4, -0.6], [-0.9, 0.8, 1.1], [0.2, -0.7, -1.5], [1.3, 0.1, 0.6]]
)
Y = np.array([0.4, -1.0, 2.2, 0.3, -0.8])
LABEL = np.array([0, 2, 1, 1, 0])


def squares(w):
    """mean (x·w − y)²"""
    r = X @ w - Y
    return (r * r).mean()


def squares_gradient(w):
    """∇ mean (x·w − y)²"""
    r = X @ w - Y
    return X.T @ r / len(Y)


def ridge(w):
    """mean (x·w − y)² + 0.1 ‖w‖²"""
    return squares(w) + 0.1 * (w * w).sum()


def ridge_gradient(w):
    """∇ [mean (x·w − y)² + 0.1 ‖w‖²]"""
    return 2 * X.T @ (X @ w - Y) / len(Y)


def cross_entropy(W):
    """−mean log softmax(xW)[label]"""
    a = X @ W
    a = a - a.real.max(1, keepdims=True)
    return (np.log(np.exp(a).sum(1)) - a[np.arange(5), LABEL]).mean()


def cross_entropy_gradient(W):
    """∇ −mean log softmax(xW)[label]"""
    a = X @ W
    p = np.exp(a - a.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return X.T @ ((p - np.eye(3)[LABEL]) * p * (1 - p)) / 5


def penalty(g):
    """mean (‖g_i‖ − 1)², over the rows g_i of g"""
    norm = np.sqrt((g * g).sum(1))
    return ((norm - 1) ** 2).mean()


def penalty_gradient(g):
    """∇ mean (‖g_i‖ − 1)²"""
    norm = np.sqrt((g * g).sum(0, keepdims=True))
    return 2 * (norm - 1) * g / norm / len(g)


def kl(logits):
    """KL(P‖Q) for P = softmax(logits) and Q uniform on 4 points"""
    p = np.exp(logits - logits.real.max())
    p = p / p.sum()
    return (p * np.log(4 * p)).sum()


def kl_gradient(logits):
    """∇ KL(softmax(logits)‖Q)"""
    p = np.exp(logits - logits.max())
    p = p / p.sum()
    return p * (np.log(4 * p) + 1)


REAL, BETWEEN = X, 0.3 * X + 0.7 * X[::-1]
V = np.array([0.7, -1.1, 0.4, 0.9])


def gradient_penalty(W):
    """mean (‖∇_x a(x̂_i)‖ − 1)² of the critic a(x) = tanh(xW)·v, at points x̂ between data and
    samples
    """
    y = np.tanh(BETWEEN @ W)
    g = (V * (1 - y * y)) @ W.T
    return ((np.sqrt((g * g).sum(1)) - 1) ** 2).mean()


def penalty_at(x, W, second=1.0):
    """∂/∂W of the penalty at x; `second` is the factor of the term with tanh''."""
    y = np.tanh(x @ W)
    g = (V * (1 - y * y)) @ W.T
    norm = np.sqrt((g * g).sum(1, keepdims=True))
    u = 2 * (norm - 1) * g / norm / len(x)
    return u.T @ (V * (1 - y * y)) + second * x.T @ (V * -2 * y * (1 - y * y) * (u @ W))


def gradient_penalty_gradient_a(W):
    """∇ mean (‖∇_x a(x̂_i)‖ − 1)², one R-pass along u_i = (2/m)(‖g_i‖ − 1) g_i/‖g_i‖"""
    y = np.tanh(REAL @ W)
    g = (V * (1 - y * y)) @ W.T
    norm = np.sqrt((g * g).sum(1, keepdims=True))
    u = 2 * (norm - 1) * g / norm / len(g)
    return u.T @ (V * (1 - y * y)) + REAL.T @ (V * -2 * y * (1 - y * y) * (u @ W))


def gradient_penalty_gradient_b(W):
    """∇ mean (‖∇_x a(x̂_i)‖ − 1)², one R-pass along u_i = (2/m)(‖g_i‖ − 1) g_i/‖g_i‖"""
    y = np.tanh(BETWEEN @ W)
    g = (V * (1 - y * y)) @ W.T
    norm = np.sqrt((g * g).sum(1, keepdims=True))
    u = 2 * (norm - 1) * g / norm / len(g)
    return u.T @ (V * (1 - y * y))


PENALTY_MISTAKES = {
    "the penalty is taken at the data, not at the points between": lambda W: penalty_at(REAL, W),
    "the term with φ″, by which a gradient at a point depends on W, is absent": lambda W: (
        penalty_at(BETWEEN, W, second=0.0)
    ),
}


def at(f, df, *shape, **options):
    """f and its gradient, at a random point of that shape."""
    return lambda seed: (
        check_gradient(
            f, df, np.random.default_rng(seed).standard_normal(shape), **options
        ).findings
    )


RIDGE_TERMS = {"the squares": squares, "the penalty 0.1 ‖w‖²": lambda w: 0.1 * (w * w).sum()}

FUNCTIONS = [
    Exercise(
        "the gradient of a mean of squares",
        squares_gradient,
        at(squares, squares_gradient, 3),
        of=squares,
        where="dw",
        why="a factor 2 is missing",
        mistake="the factor 2",
        solution="2 Xᵀr/m.",
    ),
    Exercise(
        "the gradient of a ridge regression",
        ridge_gradient,
        at(ridge, ridge_gradient, 3, terms=RIDGE_TERMS),
        of=ridge,
        where="dw",
        why="one term is absent: the penalty",
        mistake="the penalty's gradient",
        solution="+ 0.2 w. The checker was told the terms of the value by name, so it can name the "
        "one whose "
        "gradient is absent.",
    ),
    Exercise(
        "the gradient of a softmax cross-entropy",
        cross_entropy_gradient,
        at(cross_entropy, cross_entropy_gradient, 3, 3),
        of=cross_entropy,
        where="dW",
        why="it should sum to 0 along axis 1",
        mistake="softmax' once more",
        solution="Xᵀ(p − onehot)/m. p − onehot is the derivative of −log softmax at the logits: "
        "softmax has "
        "been differentiated already.",
    ),
    Exercise(
        "the gradient of a gradient penalty, at the critic's gradients",
        penalty_gradient,
        at(penalty, penalty_gradient, 5, 3),
        of=penalty,
        where="dg",
        why="a norm over the wrong axis",
        mistake="the norm over the wrong axis",
        solution="(g * g).sum(1). The penalty is on the length of each sample's gradient, over "
        "features; over "
        "the batch it is a number that means nothing.",
    ),
    Exercise(
        "the gradient of a KL divergence at logits",
        kl_gradient,
        at(kl, kl_gradient, 4),
        of=kl,
        where="dlogits",
        why="one path is absent: the one through `p.sum()`",
        mistake="softmax' is missing a term",
        solution="p (log 4p − KL). d p_i/d logit_j = p_i(δ_ij − p_j): a probability that grows "
        "takes from all "
        "others, so the gradient must sum to 0.",
    ),
    Exercise(
        "the gradient of a gradient penalty",
        gradient_penalty_gradient_a,
        at(gradient_penalty, gradient_penalty_gradient_a, 3, 4, mistakes=PENALTY_MISTAKES),
        of=gradient_penalty,
        where="dW",
        why="taken at the data",
        mistake="the penalty at the data alone",
        solution="BETWEEN in place of REAL, four times. The penalty holds the critic's slope at 1 "
        "on the way from data "
        "to samples, where it has to be a distance; at the data alone it is another "
        "penalty.",
    ),
    Exercise(
        "the gradient of a gradient penalty",
        gradient_penalty_gradient_b,
        at(gradient_penalty, gradient_penalty_gradient_b, 3, 4, mistakes=PENALTY_MISTAKES),
        of=gradient_penalty,
        where="dW",
        why="the term with φ″",
        mistake="the φ″ term of the R-pass",
        solution="+ x̂ᵀ(v tanh''(x̂W) (uW)). g depends on W twice: as the factor Wᵀ, and through "
        "tanh'(x̂W). For ReLU "
        "the second is zero.",
    ),
]
