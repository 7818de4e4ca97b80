"""A classifier of images that numgan trains itself: a small network that separates the classes of
labelled rows.

Its last hidden layer maps images of one class close together, whatever their pixels. So distances
there compare what images show, as the features of an Inception network do for photographs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from numgan.backend import Array, namespace
from numgan.data.sources import Shuffled
from numgan.errors import InputError
from numgan.layers import Dense, Dropout, ReLU
from numgan.layers.conditioning import one_hot
from numgan.metrics.copies import binomial
from numgan.metrics.estimate import Estimate, finite_rows
from numgan.metrics.modes import SAMPLES
from numgan.network import Network
from numgan.optimizers import Adam, cosine

STEPS, BATCH, ETA, DROPPED = 2000, 64, 2e-3, 0.2
LEAST = 32  # rows: half are held out, and half of those must fill a neighbourhood (manifold.py)


def cross_entropy(a: Array, c: Array) -> tuple[Array, Array]:
    """L and ∂L/∂a (N, K) for logits a (N, K) and the true classes c (N, K), one-hot.

    The model is p_nk = exp a_nk / Σ_j exp a_nj, and L is the mean of −log p over the true classes:

        L = (1/N) Σ_n [log Σ_j exp a_nj − Σ_k c_nk a_nk]

    The derivative of the first term by a_nk is exp a_nk / Σ_j exp a_nj = p_nk, of the second c_nk:

        ∂L/∂a_nk = (p_nk − c_nk)/N

    Adding a constant to a_n changes neither L nor p. So m_n = max_j a_nj is subtracted first: then
    no exponent is positive and one is 0, nothing overflows, and each sum of exponentials is ≥ 1.

        >>> L, dL = cross_entropy(np.zeros((1, 2)), np.array([[1.0, 0.0]]))
        >>> round(float(L), 6), dL  # log 2
        (0.693147, array([[-0.5,  0.5]]))
    """
    xp, N = namespace(a), len(a)
    a = a - a.real.max(1, keepdims=True)  # a_n − m_n
    e = xp.exp(a)
    total = e.sum(1, keepdims=True)
    return (xp.log(total).sum() - (c * a).sum()) / N, (e / total - c) / N


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained network (logits of classes 0 … K−1), its θ, its accuracy on held-out rows, and the
    indices `held` (H,) of those rows.

    The accuracy is measured on real data, so it is its own floor.

        >>> network, theta = Network([Dense(1, 2)], (1,)), np.array([-1.0, 1.0, 0.0, 0.0])
        >>> signs = Classifier(network, theta, Estimate(1.0, 0.0), held=np.arange(0))
        >>> signs.predict(np.array([[-3.0], [5.0]]))  # logits −x and x
        array([0, 1])
    """

    network: Network
    theta: Array
    accuracy: Estimate
    held: Array

    def predict(self, x: Array) -> Array:
        """The class with the greatest logit for each row:  (N, dim) -> (N,)."""
        return self.network.each(self.theta, x.astype(self.theta.dtype)).argmax(1)

    def features(self, x: Array) -> Array:
        """The last hidden layer:  (N, dim) -> (N, 64). All layers but the last."""
        body = Network(self.network.layers[:-1], self.network.input_shape)
        return body.each(self.theta[: body.size], x.astype(self.theta.dtype))


def train_classifier(x: Array, labels: Array, rng: Any) -> Classifier:
    """Train a dense network of 128 and 64 ReLUs with dropout on rows x (R, dim).

    The optimizer is Adam; its η follows half a cosine. Half of the rows, 5,000 at most, are held
    out. All later measurements use only these, because a network fits its training rows better than
    other rows. Error of the accuracy: binomial. The same rng gives the same bits.
    Raises InputError for rows that are not finite or fewer than 32, and for labels that are
    missing, that are not one whole number ≥ 0 for each row, or that are all equal.

        >>> train_classifier(np.zeros((32, 1)), np.zeros(32, int), np.random.default_rng(0))
        Traceback (most recent call last):
            ...
        numgan.errors.InputError: all labels are 0: expected at least two classes to tell apart
    """
    x = finite_rows(x, "real samples", least=LEAST).astype(np.float32)
    labels = known_classes(labels, len(x), "labels")
    if (labels == labels[0]).all():
        raise InputError(f"all labels are {labels[0]}: expected at least two classes to tell apart")
    I, K = x.shape[1], int(labels.max()) + 1
    c = one_hot(labels, K)
    order, H = rng.permutation(len(x)), min(len(x) // 2, 2 * SAMPLES)
    held, batches = np.sort(order[:H]), Shuffled(order[H:], "int64")

    network = Network(
        [
            Dropout(DROPPED),
            Dense(I, 128),
            ReLU(),
            Dropout(DROPPED),
            Dense(128, 64),
            ReLU(),
            Dropout(DROPPED),
            Dense(64, K),
        ],
        (I,),
    )
    theta, optimizer = network.initial(rng), Adam(cosine(ETA, STEPS))
    for _ in range(STEPS):
        rows = batches.batch(min(BATCH, len(x) - H), rng)
        a, tape = network.forward(theta, x[rows], rng)
        _, da = cross_entropy(a, c[rows])
        optimizer.descend(theta, network.gradient(theta, tape, da))

    network = network.evaluation()
    right = float((network.each(theta, x[held]).argmax(1) == labels[held]).mean())
    error = binomial(right, H)
    return Classifier(network, theta, Estimate(right, error, right, error), held)


def class_accuracy(judge: Classifier, x: Array, asked: Array) -> Estimate:
    """The share of samples x (N, dim) that the classifier assigns to their class, `asked` (N,).

    `asked` are the classes requested from the generator. Error: binomial. Floor: the same share of
    real data, the classifier's accuracy on held-out rows. Samples can exceed it: a generator that
    makes only typical images is easier to classify than real data.
    Raises InputError for classes that the classifier does not know.

        >>> network, theta = Network([Dense(1, 2)], (1,)), np.array([-1.0, 1.0, 0.0, 0.0])
        >>> signs = Classifier(network, theta, Estimate(1.0, 0.0), held=np.arange(0))
        >>> class_accuracy(signs, np.array([[-3.0], [5.0]]), asked=np.array([1, 1])).value
        0.5
    """
    K = judge.network.output_shape[0]
    asked = known_classes(asked, len(x), "classes asked for")
    if asked.max() >= K:
        raise InputError(
            f"class {asked.max()} asked for: expected one of 0 to {K - 1}, "
            "which the classifier knows"
        )
    right = float((judge.predict(x) == asked).mean())
    return Estimate(right, binomial(right, len(x)), judge.accuracy.value, judge.accuracy.error)


def known_classes(labels: Array, n: int, name: str) -> Array:
    """labels as whole numbers (n,). Raises InputError for anything else.

    >>> known_classes([0, 2, 1], 3, "labels")
    array([0, 2, 1])
    """
    if labels is None:
        raise InputError(f"{name} are missing: expected the class of each row, a whole number ≥ 0")
    labels = np.asarray(labels)
    if labels.shape != (n,) or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise InputError(
            f"{name} of shape {labels.shape} and dtype {labels.dtype}: "
            f"expected {n} whole numbers ≥ 0"
        )
    return labels
