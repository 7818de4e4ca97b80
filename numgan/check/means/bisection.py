"""Which entries of an array are wrong, by exact bisection along blocks with random factors.

A derivative along a direction is linear in the direction. So with random factors σ_i, the residual
of a block B of entries,

    r(B) = Σ_{i∈B} σ_i (a_i − n_i),

costs one derivative along the direction σ on B, and is 0 where every entry of B is right (errors of
two entries cancel with probability 0). A block that is wrong is halved; the residual of the right
half is that of the block less that of the left half, so a level costs one derivative, and k wrong
entries of n cost at most k log₂ n.

A block with one wrong entry j needs no halving: with weights that grow along the block,

    Σ_i (i/m) σ_i (a_i − n_i) = (j/m) r(B),

so the ratio of the two residuals is its place, and the residual of that entry alone confirms it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numgan.backend import Array

# from a direction to the residual along it, of any shape, and the rounding that it may have
Residual = Callable[[Array], tuple[Array, Array]]
MANY = 32  # blocks that are wrong at one level: this is no mistake of a few entries,
KEPT = 4  # and the search goes on in so many of them


def random_factors(size: int, seed: int) -> Array:
    """σ, (size,): of both signs, of sizes from ½ to 3/2, so that errors of one size do not cancel.

    >>> bool((np.abs(random_factors(9, seed=0)) >= 0.5).all())
    True
    """
    rng = np.random.default_rng(seed)
    return rng.choice([-1.0, 1.0], size) * rng.uniform(0.5, 1.5, size)


def wrong_entries(
    residual: Residual, shape: tuple[int, ...], seed: int = 0
) -> tuple[list[int], bool]:
    """The indices i of a.flat with a_i ≠ n_i, in order, and whether these are all of them.

    `residual` maps a direction in the given shape to (r, bound): |r| ≤ bound counts as right. Where
    more than MANY entries are wrong, a few of them come back.

    >>> a, n = np.arange(1000.0), np.arange(1000.0)
    >>> a[[17, 801]] += 1
    >>> wrong_entries(lambda u: ((a - n) @ u, 1e-12), a.shape)
    ([17, 801], True)
    """
    size = int(np.prod(shape))
    factors, all_of_them = random_factors(size, seed), True

    def of(start: int, stop: int) -> tuple[Array, Array]:
        u = np.zeros(size)
        u[start:stop] = factors[start:stop]
        return residual(u.reshape(shape))

    def wrong(pair: tuple[Array, Array]) -> bool:
        return not bool(np.all(np.abs(pair[0]) <= pair[1]))

    def only_entry(start: int, stop: int, block: tuple[Array, Array]) -> int | None:
        """The wrong entry of a block, if it is one and rounding allows to compute its place."""
        m, r = stop - start, np.ravel(block[0])
        u = np.zeros(size)
        u[start:stop] = factors[start:stop] * np.arange(1, m + 1) / m
        k = int(np.argmax(np.abs(r)))
        place = m * np.ravel(residual(u.reshape(shape))[0])[k] / r[k]
        if not (0.5 < place < m + 0.5 and abs(place - np.round(place)) < 0.1):
            return None
        j = start + int(np.round(place)) - 1
        value, bound = of(j, j + 1)
        return j if bool(np.all(np.abs(value - block[0]) <= bound + block[1])) else None

    found: list[int] = []
    whole = of(0, size)
    level: list[tuple[int, int, Any]] = [(0, size, whole)] if wrong(whole) else []
    while level:
        halves = []
        for start, stop, block in level:
            alone = start if stop - start == 1 else only_entry(start, stop, block)
            if alone is not None:
                found.append(alone)
                continue
            middle = (start + stop) // 2
            left = of(start, middle)
            rest = block[0] - left[0], block[1] + left[1]
            # below the rounding of the whole block the right half needs a look of its own
            right = rest if wrong(rest) else of(middle, stop) if not wrong(left) else rest
            halves += [(start, middle, left)] if wrong(left) else []
            halves += [(middle, stop, right)] if wrong(right) else []
        level = halves
        if len(level) + len(found) > MANY:
            level, all_of_them = level[:: -(-len(level) // KEPT)], False
    return sorted(found), all_of_them
