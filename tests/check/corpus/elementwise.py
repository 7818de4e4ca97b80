"""Activations and their kind: each number by itself, or almost."""

import numpy as np

from tests.check.corpus.fault import Fault, normal, sigmoid, softmax

X = normal(4, 3)
ALPHA = 0.3


def relu(x):
    return np.where(x > 0, x, 0)


def leaky(x):
    return np.where(x > 0, x, ALPHA * x)


def elu(x, alpha=0.7):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def softplus(x):
    return np.log1p(np.exp(x))


def softmax_vjp(x, dy):
    p = softmax(x)
    return p * (dy - (p * dy).sum(-1, keepdims=True))


def dropout(x, mask, p=0.25):
    return x * mask / (1 - p)


MASK = (normal(4, 3, seed=1) > -0.6).astype(int)
OTHER = (normal(4, 3, seed=2) > -0.6).astype(int)

ELEMENTWISE = [
    Fault(
        "softmax as p(1 − p)",
        "eriklindernoren/ML-From-Scratch #71",
        softmax,
        lambda x, dy: softmax(x) * (1 - softmax(x)) * dy,
        softmax_vjp,
        (X,),
        "diagonal of the Jacobian|own part of the sum",
    ),
    Fault(
        "the logistic function's x(1 − x) at its input",
        "shiffman/Neural-Network-p5 #22",
        sigmoid,
        lambda x, dy: x * (1 - x) * dy,
        lambda x, dy: sigmoid(x) * (1 - sigmoid(x)) * dy,
        (X,),
        r"x\(1 − x\) for y\(1 − y\)",
    ),
    Fault(
        "1 − tanh² at the output of the layer above",
        "dennybritz/nn-from-scratch #3",
        np.tanh,
        lambda x, dy: (1 - np.tanh(np.tanh(x)) ** 2) * dy,
        lambda x, dy: (1 - np.tanh(x) ** 2) * dy,
        (X,),
        "at (the|its) output",
    ),
    Fault(
        "leaky ReLU with ReLU's derivative",
        "scientific-computing/FKB #15",
        leaky,
        lambda x, dy: (x > 0) * dy,
        lambda x, dy: np.where(x > 0, 1, ALPHA) * dy,
        (X,),
        "right where x > 0, wrong elsewhere|ALPHA \\* x",
    ),
    Fault(
        "the mask is taken of the gradient",
        "explosion/thinc #492",
        relu,
        lambda x, dy: (dy > 0) * dy,
        lambda x, dy: (x > 0) * dy,
        (X,),
        "dy|another mask",
    ),
    Fault(
        "ELU's α is forgotten",
        "RoboticsClubIITJ/ML-DL-implementation #126",
        elu,
        lambda x, dy: np.where(x > 0, 1, np.exp(x)) * dy,
        lambda x, dy: np.where(x > 0, 1, 0.7 * np.exp(x)) * dy,
        (X,),
        "alpha = 0.7 is missing",
    ),
    Fault(
        "the derivative of the last sigmoid is not applied",
        "Bot-Academy/NeuralNetworkFromScratch #3",
        lambda W: ((sigmoid(X @ W) - 0.5) ** 2).sum(),
        lambda W: 2 * X.T @ (sigmoid(X @ W) - 0.5),
        lambda W: 2 * X.T @ ((sigmoid(X @ W) - 0.5) * sigmoid(X @ W) * (1 - sigmoid(X @ W))),
        (normal(3, 2),),
        "sigmoid|logistic|not applied|diagonal",
    ),
    Fault(
        "dropout's mask is not applied",
        "ddbourgin/numpy-ml #94",
        dropout,
        lambda x, mask, dy: dy / 0.75,
        lambda x, mask, dy: dy * mask / 0.75,
        (X, MASK),
        "mask",
    ),
    Fault(
        "dropout's scale is missing",
        "rohitg00/ai-engineering-from-scratch #17",
        dropout,
        lambda x, mask, dy: dy * mask,
        lambda x, mask, dy: dy * mask / 0.75,
        (X, MASK),
        "1 − p = 0.75",
    ),
    Fault(
        "dropout draws another mask on the way back",
        "ai.stackexchange 6154",
        dropout,
        lambda x, mask, dy: dy * OTHER / 0.75,
        lambda x, mask, dy: dy * mask / 0.75,
        (X, MASK),
        "another mask",
    ),
    Fault(
        "zoneout's mask of the first step at every step",
        "lmnt-com/haste #43",
        lambda h: (h * MASK) + 0 * h,
        lambda h, dy: dy * MASK[2:3],
        lambda h, dy: dy * MASK,
        (X,),
        "another mask|right but for row|only row",
    ),
    Fault(
        "softplus with its own value for its slope",
        "FluxML/Flux.jl #38",
        softplus,
        lambda x, dy: softplus(x) * dy,
        lambda x, dy: sigmoid(x) * dy,
        (X,),
        "y itself stands",
    ),
    Fault(
        "x² with the slope x",
        "jax-ml/jax #29485",
        lambda x: x**2,
        lambda x, dy: x * dy,
        lambda x, dy: 2 * x * dy,
        (X,),
        "factor 2 is missing",
    ),
    Fault(
        "dropout that compares its output with its input, which is 0 in places",
        "kaldi-asr/kaldi #3890",
        dropout,
        lambda x, mask, dy: np.where(x == 0, 1, dropout(x, mask) / np.where(x == 0, 1, x)) * dy,
        lambda x, mask, dy: dy * mask / 0.75,
        (np.where(MASK, X, 0), MASK),
        "mask|right but for|≠ 0",
    ),
    Fault(
        "a clip that multiplies by dy twice",
        "elixir-nx/nx #1779",
        lambda x: np.clip(x, -0.5, 0.5),
        lambda x, dy: dy * dy * (np.abs(x) < 0.5),
        lambda x, dy: dy * (np.abs(x) < 0.5),
        (X,),
        "dy twice|dy stands there twice",
    ),
    Fault(
        "a clip whose mask is inverted",
        "tenstorrent/tt-metal #48201",
        lambda x: np.clip(x, -0.5, 0.5),
        lambda x, dy: dy * ((x <= -0.5) & (x >= 0.5)),
        lambda x, dy: dy * (np.abs(x) < 0.5),
        (X,),
        "zero everywhere",
    ),
    Fault(
        "a clip that takes its bound as a constant",
        "Theano/Theano #1010",
        lambda x, bound: np.minimum(x, bound),
        lambda x, bound, dy: (dy * (x < bound), 0 * bound),
        lambda x, bound, dy: (dy * (x < bound), (dy * (x >= bound)).sum(0)),
        (X, np.array([0.1, -0.2, 0.3])),
        "zero everywhere",
        ("dbound",),
    ),
    Fault(
        "x^e differentiated where eˣ is computed",
        "tenstorrent/tt-metal #52144",
        lambda x: 3.0**x,
        lambda x, dy: 3.0 * x**2.0 * dy,
        lambda x, dy: np.log(3.0) * 3.0**x * dy,
        (X,),
        "exponent",
    ),
    Fault(
        "a power through logarithms, of negative numbers",
        "tinygrad/tinygrad #155",
        lambda x: x**3,
        lambda x, dy: 3 * np.exp(2 * np.log(x)) * dy,
        lambda x, dy: 3 * x**2 * dy,
        (X,),
        "not finite, all where x ≤ 0",
    ),
    Fault(
        "a power at 0: 0 · 0⁻¹",
        "HIPS/autograd #116",
        lambda x: x**2,
        lambda x, dy: 2 * x**2 / x * dy,
        lambda x, dy: 2 * x * dy,
        (np.array([0.0, 1.0, -2.0, 0.5]),),
        "not finite",
    ),
    Fault(
        "the logarithm of a saturated σ",
        "tinygrad/tinygrad #1113",
        lambda a: np.where(a > 0, -np.log1p(np.exp(-np.abs(a))), a - np.log1p(np.exp(-np.abs(a)))),
        lambda a, dy: sigmoid(a) * (1 - sigmoid(a)) / sigmoid(a) * dy,
        lambda a, dy: (1 - sigmoid(a)) * dy,
        (np.array([1.0, -3.0, -800.0]),),
        "not finite",
    ),
    Fault(
        "the square of a norm at 0",
        "HIPS/autograd #586",
        lambda x: (x * x).sum(1),
        lambda x, dy: (
            2
            * x
            / np.linalg.norm(x, axis=1)[:, None]
            * np.sqrt((x * x).sum(1))[:, None]
            * dy[:, None]
        ),
        lambda x, dy: 2 * x * dy[:, None],
        (np.array([[0.0, 0.0], [1.0, 2.0]]),),
        "not finite",
    ),
]
