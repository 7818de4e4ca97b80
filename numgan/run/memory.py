"""What is too much for the machine is refused before it is asked for: a system may end the process
without a word.
"""

from __future__ import annotations

import os
from math import inf

import numpy as np

from numgan.errors import InputError


def enough(asked: str, numbers: int, dtype: str) -> None:
    """Raise InputError, naming the option, if so many numbers are more than the machine's memory.
    Callers count the least that must exist at the same time, so what passes here may still be too
    much.
    """
    needed, there = numbers * np.dtype(dtype).itemsize, memory()
    if needed > there:
        raise InputError(
            f"{asked} takes {amount(needed)} of memory at least: this machine has {amount(there)}"
        )


def memory() -> float:
    """The bytes of this machine's memory; infinity where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return inf


def amount(size: float) -> str:
    """Bytes as people say them."""
    return f"{size / 2**30:,.1f} GiB"
