"""Which array library an array belongs to.

The data decide: a function asks `namespace(x)` for the library of the array it was given and computes with that, so
one source line runs on NumPy and on CuPy. There is no global switch. This is the only file that names cupy, and it
imports it only when an array or a user asks for it.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np

Array = Any  # numpy.ndarray or cupy.ndarray of float32, float64 or complex128; shapes stand in the docstrings


def namespace(x: Array) -> ModuleType:
    """The module whose functions work on x: numpy, or cupy for an array that lives on the GPU."""
    cupy = sys.modules.get("cupy")  # an array of cupy exists only where cupy was imported
    if cupy is not None and isinstance(x, cupy.ndarray):
        return cupy
    return np


def is_complex(x: Array) -> bool:
    """True for an array on which a complex step (E48) travels."""
    return x.dtype.kind == "c"


def keep_memory() -> None:
    """Ask the C library to keep freed memory for the next array of this process, where it is glibc; else do nothing.

    Otherwise every array over 128 KiB may be handed back to the system and fetched again page by page, which costs a
    training step a sixth of its time. The numbers are those of mallopt(3): M_TRIM_THRESHOLD and M_MMAP_THRESHOLD.
    """
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl, for one, has none
    if mallopt is not None:
        mallopt(-1, 1 << 28)  # M_TRIM_THRESHOLD: give back only what is over 256 MiB
        mallopt(-3, 1 << 25)  # M_MMAP_THRESHOLD: arrays up to 32 MiB come from the heap
