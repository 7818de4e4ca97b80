"""How good are samples? Each figure comes with its standard error and with what real data would have got."""

from importlib import import_module
from typing import TYPE_CHECKING

from numgan.metrics.copies import near_copies
from numgan.metrics.estimate import Estimate
from numgan.metrics.histogram import Histogram, edges, histogram_jsd, jsd
from numgan.metrics.kernel import kernel_distance, mmd2
from numgan.metrics.modes import SAMPLES, ModeCoverage, mode_coverage

if TYPE_CHECKING:
    from numgan.metrics.classifier import Classifier, class_accuracy, train_classifier
    from numgan.metrics.features import image_quality
    from numgan.metrics.manifold import precision_recall

__all__ = [
    "SAMPLES",
    "Classifier",
    "Estimate",
    "Histogram",
    "ModeCoverage",
    "class_accuracy",
    "edges",
    "histogram_jsd",
    "image_quality",
    "jsd",
    "kernel_distance",
    "mmd2",
    "mode_coverage",
    "near_copies",
    "precision_recall",
    "train_classifier",
]

HOME = dict.fromkeys(("Classifier", "class_accuracy", "train_classifier"), "classifier") | {
    "image_quality": "features", "precision_recall": "manifold",
}  # fmt: skip


def __getattr__(name: str):
    """What needs networks is imported when it is first asked for."""
    if name not in HOME:
        raise AttributeError(f"module 'numgan.metrics' has no attribute {name!r}")
    return getattr(import_module(f"numgan.metrics.{HOME[name]}"), name)
