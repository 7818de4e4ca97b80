"""Where training starts: the standard deviation of a normal weight matrix, from its fans.

fan_in counts the inputs that one output sums over, fan_out the outputs that one input reaches.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from numgan.errors import InputError

STANDARD_DEVIATION = {
    # keeps E[y²] through a ReLU (He et al. 2015, arXiv:1502.01852)
    "he": lambda fan_in, fan_out: sqrt(2 / fan_in),
    # both ways (Glorot, Bengio 2010)
    "glorot": lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
    # normal(0, 0.02) (Radford et al. 2015, arXiv:1511.06434)
    "dcgan": lambda fan_in, fan_out: 0.02,
    # the last layer of a residual branch, which then starts as nothing (Zhang et al. 2019,
    # arXiv:1901.09321)
    "zero": lambda fan_in, fan_out: 0.0,
}


def normal(rng, name: str, shape: tuple[int, ...], fan_in: int, fan_out: int) -> np.ndarray:
    """W ~ N(0, s²) of the given shape, float64, with s = STANDARD_DEVIATION[name](fan_in,
    fan_out)."""
    return rng.standard_normal(shape) * STANDARD_DEVIATION[name](fan_in, fan_out)


def require_initialisation(name: str) -> None:
    """Raise InputError unless there is an initialisation of that name."""
    if name not in STANDARD_DEVIATION:
        raise InputError(
            f"unknown initialisation {name!r}; there are {', '.join(STANDARD_DEVIATION)}"
        )
