"""Refuse what does not fit into memory before it is allocated: an operating system may kill the
process without a message.
"""

from __future__ import annotations

import os
from math import inf

import numpy as np

from numgan.errors import InputError


def enough(asked: str, numbers: int, dtype: str) -> None:
    """Raise InputError, with the option's name, if this many numbers exceed the machine's memory.
    Callers count the least that must exist at the same time, so passing the check is no guarantee.
    """
    needed, there = numbers * np.dtype(dtype).itemsize, memory()
    if needed > there:
        raise InputError(
            f"{asked} takes {amount(needed)} of memory at least: this machine has {amount(there)}"
        )


def memory() -> float:
    """The bytes of this machine's memory; infinity if the system does not report it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return inf


def amount(size: float) -> str:
    """A number of bytes as text, in usual units."""
    return f"{size / 2**30:,.1f} GiB"
