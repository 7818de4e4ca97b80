"""How good are samples? Each value comes with its standard error and its floor: the value of real
data.

    histogram_jsd       a divergence, on the line and in the plane
    mode_coverage       how many modes of a mixture the samples reach
    kernel_distance     MMD², in any dimension
    near_copies         the share of samples that copy training rows
    precision_recall    fidelity and variety, by nearest neighbours
    table_quality       rows of columns: each column, all pairs, and the whole, by a classifier
    two_sample_auc      how well a classifier tells two sets of rows apart
    gaussian_distance   MMD² with a Gaussian kernel as wide as the data
    image_quality       images: accuracy, MMD², precision and recall, by a classifier
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from numgan.metrics.copies import near_copies
from numgan.metrics.estimate import Estimate
from numgan.metrics.histogram import Histogram, bin_edges, histogram_jsd, jsd
from numgan.metrics.kernel import gaussian_distance, kernel_distance, mmd2
from numgan.metrics.modes import SAMPLES, ModeCoverage, mode_coverage

if TYPE_CHECKING:
    from numgan.metrics.classifier import Classifier, class_accuracy, train_classifier
    from numgan.metrics.features import image_quality
    from numgan.metrics.manifold import precision_recall
    from numgan.metrics.table import TableQuality, table_quality
    from numgan.metrics.two_sample import two_sample_auc

__all__ = [
    "SAMPLES",
    "Classifier",
    "Estimate",
    "Histogram",
    "ModeCoverage",
    "TableQuality",
    "class_accuracy",
    "bin_edges",
    "gaussian_distance",
    "histogram_jsd",
    "image_quality",
    "jsd",
    "kernel_distance",
    "mmd2",
    "mode_coverage",
    "near_copies",
    "precision_recall",
    "table_quality",
    "train_classifier",
    "two_sample_auc",
]

HOME = dict.fromkeys(("Classifier", "class_accuracy", "train_classifier"), "classifier") | {
    "image_quality": "features",
    "precision_recall": "manifold",
    "TableQuality": "table",
    "table_quality": "table",
    "two_sample_auc": "two_sample",
}


def __getattr__(name: str) -> Any:
    """Import what needs networks only when it is used."""
    if name not in HOME:
        raise AttributeError(f"module 'numgan.metrics' has no attribute {name!r}")
    return getattr(import_module(f"numgan.metrics.{HOME[name]}"), name)
