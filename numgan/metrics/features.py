"""How good are images? Samples against real ones in the feature space of a classifier, which sees what they show."""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.metrics.classifier import LEAST, class_accuracy, train_classifier
from numgan.metrics.estimate import Estimate, finite_rows
from numgan.metrics.kernel import kernel_distance
from numgan.metrics.manifold import precision_recall


def image_quality(samples: Array, real: Array, labels: Array, rng: Any, asked: Array = None) -> dict[str, Estimate]:
    """Samples (N, dim) against real rows (R, dim) of known classes `labels` (R,), by the features φ of a classifier
    that is trained on one part of the real rows; the other part, held out, is what the samples are compared with.

        classifier's accuracy   of the judge itself, on the held-out rows
        MMD² of features        the kernel distance between φ(samples) and φ(held out), φ in units of its own root mean
                                square there
        precision, recall       the share of samples that look like real ones, and of real ones that samples look like
        class accuracy          where samples were asked for as classes `asked` (N,): the share that the judge takes for
                                that class

    Floors: for a distance, precision and recall, one half of the held-out rows in the place of the samples and the
    other in that of the real ones; for class accuracy the classifier's. A judge of another seed sees by other features:
    compare figures whose rng started from one seed; the judge is drawn from it before anything else.
    The judge was never shown what is no image at all, and may take it for one: uniform noise has a precision of 0.4 to
    0.5 on the digits, where its recall is 0.2 and its MMD² twenty of its errors. No one of these is enough alone.
    Raises InputError where the classifier cannot be trained, for fewer than 16 samples, and for `asked` that is not one
    of the classes for each sample.
    """
    real = finite_rows(real, "real samples", least=LEAST)
    samples = finite_rows(samples, "samples", real.shape[1], least=16)
    judge = train_classifier(real, labels, rng)
    held, found = (judge.features(x).astype(np.float64) for x in (real[judge.held], samples))
    unit = np.sqrt((held**2).mean())
    held, found = held / unit, found / unit

    precision, recall = precision_recall(found, held, rng)
    quality = {
        "classifier's accuracy": judge.accuracy,
        "MMD² of features": kernel_distance(found, held, rng),
        "precision": precision,
        "recall": recall,
    }
    if asked is not None:
        quality["class accuracy"] = class_accuracy(judge, samples, asked)
    return quality
