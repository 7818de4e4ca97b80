"""How good are samples? Each figure comes with its standard error and with what real data would have got."""

from numgan.metrics.copies import near_copies
from numgan.metrics.estimate import Estimate
from numgan.metrics.histogram import Histogram, edges, histogram_jsd, jsd
from numgan.metrics.kernel import kernel_distance, mmd2
from numgan.metrics.modes import SAMPLES, ModeCoverage, mode_coverage

__all__ = [
    "SAMPLES",
    "Estimate",
    "Histogram",
    "ModeCoverage",
    "edges",
    "histogram_jsd",
    "jsd",
    "kernel_distance",
    "mmd2",
    "mode_coverage",
    "near_copies",
]
