"""A judge of images that numgan trains itself: a small network that tells the classes of labelled rows apart.

Its last hidden layer is a space in which images of one kind lie together, whatever their pixels. Distances there see
what an image shows, as those of Inception's features do for photographs.
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
LEAST = 32  # rows: half of them are held out, and a quarter against a quarter must still fill a neighbourhood


def cross_entropy(a: Array, c: Array) -> tuple[Array, Array]:
    """L and ∂L/∂a (N, K) of the logits a (N, K), where the right classes are c (N, K), one-hot.

    The network says p_nk = exp a_nk / Σ_j exp a_nj, and L is the mean of −log p at the right classes:

        L = (1/N) Σ_n [log Σ_j exp a_nj − Σ_k c_nk a_nk]

    The derivative of the first term by a_nk is exp a_nk / Σ_j exp a_nj, which is p_nk again, of the second c_nk. So

        ∂L/∂a_nk = (p_nk − c_nk)/N

    A shift of a_n by one number changes neither L nor p; with m_n = max_j a_nj taken off every logit no exponent is
    positive and one is 0: nothing overflows, and no logarithm is of less than 1.
    """
    xp, N = namespace(a), len(a)
    a = a - a.real.max(1, keepdims=True)                                # a_n − m_n
    e = xp.exp(a)
    total = e.sum(1, keepdims=True)
    return (xp.log(total).sum() - (c * a).sum()) / N, (e / total - c) / N


@dataclass(frozen=True, eq=False)
class Classifier:
    """The trained network (logits of classes 0 … K−1) with its θ, its accuracy on the rows that were held out from its
    training, and their numbers `held` (H,). That accuracy is of real data, and so its own floor."""

    network: Network
    theta: Array
    accuracy: Estimate
    held: Array

    def predict(self, x: Array) -> Array:
        """The class with the greatest logit for each row:  (N, dim) -> (N,)."""
        return self.network.each(self.theta, x.astype(self.theta.dtype)).argmax(1)

    def features(self, x: Array) -> Array:
        """The last hidden layer:  (N, dim) -> (N, 64). All layers but one, whose θ is the beginning of θ."""
        body = Network(self.network.layers[:-1], self.network.input_shape)
        return body.each(self.theta[: body.size], x.astype(self.theta.dtype))


def train_classifier(x: Array, labels: Array, rng: Any) -> Classifier:
    """A dense network of 128 and 64 ReLUs with dropout, trained on rows x (R, dim) by Adam along half a cosine.

    Half of the rows, 5,000 at most, are held out: what follows is measured on them alone, since a network knows the
    rows that it was trained on better than any others. Error of the accuracy: binomial. The same rng, the same bits.
    Raises InputError for rows that are not finite or fewer than 32, and for labels that are missing, not one whole
    number ≥ 0 a row, or all of one class.
    """
    x = finite_rows(x, "real samples", least=LEAST).astype(np.float32)
    labels = known_classes(labels, len(x), "labels")
    if (labels == labels[0]).all():
        raise InputError(f"all labels are {labels[0]}: expected at least two classes to tell apart")
    I, K = x.shape[1], int(labels.max()) + 1
    c = one_hot(labels, K)
    order, H = rng.permutation(len(x)), min(len(x) // 2, 2 * SAMPLES)
    held, batches = np.sort(order[:H]), Shuffled(order[H:], "int64")

    network = Network([
        Dropout(DROPPED), Dense(I, 128), ReLU(),
        Dropout(DROPPED), Dense(128, 64), ReLU(),
        Dropout(DROPPED), Dense(64, K),
    ], (I,))  # fmt: skip
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
    """The share of samples x (N, dim) that the judge takes for the class they were asked for as, `asked` (N,).

    Error: binomial. Floor: the same share of real data, the judge's accuracy on the rows that were held out. It can be
    passed: a generator that makes only typical images is easier to read than real data.
    """
    K = judge.network.output_shape[0]
    asked = known_classes(asked, len(x), "classes asked for")
    if asked.max() >= K:
        raise InputError(f"class {asked.max()} asked for: expected one of 0 to {K - 1}, which the classifier knows")
    right = float((judge.predict(x) == asked).mean())
    return Estimate(right, binomial(right, len(x)), judge.accuracy.value, judge.accuracy.error)


def known_classes(labels: Array, n: int, name: str) -> Array:
    """labels as whole numbers (n,). Raises InputError for anything else."""
    if labels is None:
        raise InputError(f"{name} are missing: expected the class of each row, a whole number ≥ 0")
    labels = np.asarray(labels)
    if labels.shape != (n,) or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise InputError(f"{name} of shape {labels.shape} and dtype {labels.dtype}: expected {n} whole numbers ≥ 0")
    return labels
