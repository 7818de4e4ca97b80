"""Arrays on the host and on the GPU: their library, moves between the two, random generators.

The data decide: a function calls `namespace(x)` for the library of its array and computes with that
library, so one source line runs on NumPy and on CuPy. There is no global switch. This is the only
file that names cupy, and it imports cupy only if an array or a user needs it.

    require("cuda")                              raises InputError unless there is a usable GPU
    x = to_device(x, "cuda")                     and back: to_host(x), which waits for the result
    rng = generator("cuda", seed, noise="host")  draws arrays on the device

Between the two, Python does not wait: it queues work on the GPU and continues. It waits only for a
number (float, bool, an index, to_host), so a training step needs none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, wraps
from math import prod
from types import ModuleType
from typing import Any

import numpy as np

from numgan.errors import InputError

DEVICES = ("cpu", "cuda")
NOISE = {
    "host": "drawn by NumPy and moved to the device: the same numbers on every device",
    "device": "drawn on the device itself, which is faster for large layers",
}

Array = Any  # numpy or cupy ndarray of float32, float64 or complex128; docstrings give shapes


def namespace(x: Array) -> ModuleType:
    """The module whose functions work on x: numpy, or cupy for an array on the GPU.

    >>> namespace(np.zeros(3)).__name__
    'numpy'
    """
    cupy = sys.modules.get("cupy")  # without an import of cupy there is no cupy array
    if cupy is not None and isinstance(x, cupy.ndarray):
        return cupy
    return np


def require(device: str) -> None:
    """Raise InputError, with the reason, unless this process can compute on the device.

    >>> require("cpu")
    >>> require("tpu")
    Traceback (most recent call last):
        ...
    numgan.errors.InputError: a device is one of cpu, cuda, got 'tpu'
    """
    if device not in DEVICES:
        raise InputError(f"a device is one of {', '.join(DEVICES)}, got {device!r}")
    if device == "cuda" and (missing := cuda_problem()):
        raise InputError(f"cannot compute on device cuda: {missing}")


def cuda_problem() -> str:
    """The reason why this process cannot use a GPU; "" if it can multiply two arrays on one.

    >>> device = "cpu" if cuda_problem() else "cuda"
    >>> device in DEVICES
    True
    """
    try:
        import cupy

        if not cupy.is_available():
            return (
                "CuPy is installed, but finds no NVIDIA GPU with a driver recent enough for it "
                "(gpu-cuda12 accepts older drivers than gpu-cuda13)"
            )
        one = cupy.ones((2, 2), "float32")
        float((one @ one).sum())  # compiles a kernel and calls cuBLAS: each needs a CUDA library
        return ""
    except ModuleNotFoundError as error:
        return (
            f"the package {error.name} is not installed; "
            "pip install '.[gpu-cuda12]', or '.[gpu-cuda13]' for a driver of CUDA 13"
        )
    except Exception as raised:  # CuPy has many errors for a missing driver or CUDA library
        cause = raised.__cause__ or raised  # the error itself, without a page of advice around it
        message = " ".join(str(cause).split())[:200]
        return f"CuPy is installed, but {type(cause).__name__}: {message}"


def to_device(x: Array, device: str) -> Array:
    """x on the device: x itself if it is already there, otherwise a copy.

    >>> x = np.zeros(3)
    >>> to_device(x, "cpu") is x
    True
    """
    if device == "cpu":
        return to_host(x)
    import cupy

    return x if isinstance(x, cupy.ndarray) else cupy.asarray(x)


def to_host(x: Array) -> np.ndarray:
    """x as a NumPy array: x itself, or a copy from the GPU once its value has been computed.

    >>> to_host([1.0, 2.0])
    array([1., 2.])
    """
    xp = namespace(x)
    return np.asarray(x) if xp is np else xp.asnumpy(x)


# ── random numbers ───────────────────────────────────────────────────────────────────────────────
#
# The generators of NumPy and of CuPy have few methods in common. Training uses only these three:
#
#     standard_normal(shape, dtype)      random(shape, dtype)      integers(high, size)
#
# A checkpoint stores rng.bit_generator.state, which JSON can represent.


def generator(device: str, seed: Any, noise: str = "host") -> Any:
    """A generator of arrays on the device. `noise` is one of NOISE; on the CPU both are the same.

    The seed is a number, a list of numbers, or a NumPy generator. A NumPy generator continues its
    own sequence (with noise="device", it draws the seed).

        >>> rng = generator("cpu", seed=7)
        >>> rng.standard_normal((2, 3), "float32").shape
        (2, 3)
    """
    rng = np.random.default_rng(seed)
    if device == "cpu":
        return rng
    if noise == "host":
        return HostNoise(rng, device)
    return DeviceNoise(int(rng.integers(2**63)) if seed is rng else seed)


class HostNoise:
    """Draws with a NumPy generator and moves each array to the device.

    >>> one, other = np.random.default_rng(7), HostNoise(np.random.default_rng(7), "cpu")
    >>> np.array_equal(one.random(4), other.random(4))
    True
    """

    def __init__(self, rng: np.random.Generator, device: str):
        self.rng, self.device = rng, device
        self.bit_generator = rng.bit_generator

    def standard_normal(self, size: int | tuple[int, ...], dtype: Any = "float64") -> Array:
        return to_device(self.rng.standard_normal(size, np.dtype(dtype)), self.device)

    def random(self, size: int | tuple[int, ...], dtype: Any = "float64") -> Array:
        return to_device(self.rng.random(size, np.dtype(dtype)), self.device)

    def integers(self, high: int, size: int | tuple[int, ...]) -> Array:
        return to_device(self.rng.integers(high, size=size), self.device)


class DeviceNoise:
    """Draws on the GPU. Each draw has its own generator: Philox, with seed and draw number as key.

    CuPy does not expose the state of a generator, so a run with one persistent generator could not
    be resumed. Philox is based on a counter and needs no warm-up: the seed and the number of draws
    are its whole state.
    CuPy uses 32 bits of a key: among 100,000 draws about one pair has the same key, which has no
    effect on training.

        >>> DeviceNoise(seed=7).bit_generator.state
        {'bit_generator': 'Philox on the device', 'seed': 7, 'draws': 0}
    """

    def __init__(self, seed: Any):
        self.bit_generator = DrawCounter(seed)

    def standard_normal(self, size: int | tuple[int, ...], dtype: Any = "float64") -> Array:
        return self.bit_generator.next(size).standard_normal(size, dtype)

    def random(self, size: int | tuple[int, ...], dtype: Any = "float64") -> Array:
        return self.bit_generator.next(size).random(size, dtype)

    def integers(self, high: int, size: int | tuple[int, ...]) -> Array:
        return self.bit_generator.next(size).integers(high, size=size)


class DrawCounter:
    """A seed and the number of draws made with it.

    >>> count = DrawCounter(seed=7)
    >>> count.state = {"bit_generator": "Philox on the device", "seed": 7, "draws": 40}
    >>> count.draws
    40
    """

    def __init__(self, seed: Any):
        self.seed, self.draws = seed, 0

    def next(self, size: int | tuple[int, ...]) -> Any:
        """The generator of the next draw, for `size` numbers.

        It has one state for each number, in blocks of 256 as CuPy requires, and at most 2¹⁸ states,
        which it reuses. CuPy's default is one state for each thread of the GPU: slow for a small
        draw, and a large draw differs on another GPU.
        """
        import cupy

        key = np.random.SeedSequence(self.seed, spawn_key=(self.draws,))
        self.draws += 1
        count = prod(size) if isinstance(size, tuple) else size
        states = min(2**18, 256 * max(1, -(-count // 256)))
        return cupy.random.Generator(cupy.random.Philox4x3210(key, size=states))

    @property
    def state(self) -> dict[str, Any]:
        return {"bit_generator": "Philox on the device", "seed": self.seed, "draws": self.draws}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        if state.get("bit_generator") != self.state["bit_generator"]:
            raise InputError("the random numbers so far were drawn on the host: use noise='host'")
        self.seed, self.draws = state["seed"], state["draws"]


def is_complex(x: Array) -> bool:
    """True for a complex array, the input of a complex step (E48).

    >>> is_complex(np.array([1.0 + 1e-200j])), is_complex(np.array([1.0]))
    (True, False)
    """
    return x.dtype.kind == "c"


def fused(f: Callable) -> Callable:
    """f as one kernel where its first array is on a GPU (cupy.fuse); elsewhere f itself.

    f works entry by entry on arrays and numbers, with operators and `astype`; it may change arrays
    in place. Numbers meet arrays only: what CuPy computes of numbers alone, it computes in float16.
    On a GPU each line of f would be a kernel of its own, and a pass through memory. Complex arrays,
    those of a complex step, take f itself.

    >>> move = fused(lambda theta, u, eta: theta + eta * u)
    >>> move(np.array([1.0, 2.0]), np.array([1.0, -1.0]), 0.5)
    array([1.5, 1.5])
    """
    kernel = cache(lambda xp: xp.fuse(f))  # traced anew for other dtypes by CuPy

    @wraps(f)
    def of_entries(x: Array, *others: Any) -> Any:
        xp = namespace(x)
        return (f if xp is np or is_complex(x) else kernel(xp))(x, *others)

    return of_entries


def keep_memory() -> None:
    """Tell the C library to keep freed memory for later arrays of this process, if it is glibc.

    By default glibc may return every array above 128 KiB to the system and request it again page by
    page, which costs a sixth of the time of a training step. The numbers are those of mallopt(3):
    M_TRIM_THRESHOLD and M_MMAP_THRESHOLD.

        >>> keep_memory()  # before the first large array; it changes no result
    """
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # absent in musl, for example
    if mallopt is not None:
        mallopt(-1, 1 << 28)  # M_TRIM_THRESHOLD: return only memory above 256 MiB
        mallopt(-3, 1 << 25)  # M_MMAP_THRESHOLD: arrays up to 32 MiB come from the heap
