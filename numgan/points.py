"""Where a penalty takes the slope of D (E46): points from data x, samples x̃ = G(z) and draws.

The first line of each docstring is the formula that `numgan trace` shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numgan.arguments import random_generator
from numgan.backend import Array
from numgan.errors import InputError


def at_data(x: Array, samples: Array, rng: Any) -> Array:
    """x̂ = x

    Where D must be flat for the game to rest (E40).

    >>> at_data(1.0, 2.0, None)
    1.0
    """
    return x


def at_samples(x: Array, samples: Array, rng: Any) -> Array:
    """x̂ = G(z)

    The samples stand still: the penalty is no part of G's gradient.

    >>> at_samples(1.0, 2.0, None)
    2.0
    """
    return samples


def between(x: Array, samples: Array, rng: Any) -> Array:
    """x̂ = εx + (1 − ε)G(z),   ε ~ U(0, 1), one for each pair

    Raises InputError where there are no pairs.

    >>> import numpy as np
    >>> x = np.zeros((3, 1))
    >>> middle = between(x, x + 1, np.random.default_rng(0))
    >>> bool(np.all((0 <= middle) & (middle <= 1)))
    True
    """
    if x.shape != samples.shape:
        raise InputError(
            f"a penalty between data and samples takes as many of both, got {x.shape} "
            f"and {samples.shape}"
        )
    epsilon = require_generator(rng).random((len(x), *[1] * (x.ndim - 1)), dtype=x.real.dtype)
    return epsilon * x + (1 - epsilon) * samples


def around_data(x: Array, samples: Array, rng: Any) -> Array:
    """x̂ = x + ½ std(x) ξ,   ξ ~ N(0, I)

    std(x) is the standard deviation of all numbers of the minibatch.

    >>> import numpy as np
    >>> around_data(np.zeros((2, 1)), None, np.random.default_rng(0)).shape
    (2, 1)
    """
    return x + 0.5 * x.std() * require_generator(rng).standard_normal(x.shape, dtype=x.real.dtype)


def share_of_samples(points: Callable, x: Array, rng: Any) -> Any:
    """∂x̂/∂x̃ of the points above, a number for each sample, with the same draws.

    Raises InputError for points of another kind.

    >>> import numpy as np
    >>> share_of_samples(at_samples, np.zeros((2, 1)), None)
    1.0
    """
    if points is between:
        return 1 - require_generator(rng).random((len(x), *[1] * (x.ndim - 1)), dtype=x.real.dtype)
    if points not in (at_data, at_samples, around_data):
        raise InputError(
            "how these points of a penalty depend on samples is not known: expected one of "
            "at_data, at_samples, between, around_data"
        )
    return 1.0 if points is at_samples else 0.0


def require_generator(rng: Any) -> Any:
    """The generator. Raises InputError where there is none.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> require_generator(rng) is rng
    True
    """
    if rng is None:
        raise InputError("a penalty at random points draws them: pass a generator rng")
    random_generator(rng)
    return rng
