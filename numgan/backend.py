"""Which array library an array belongs to, the way to a device and back, and random numbers there.

The data decide: a function asks `namespace(x)` for the library of the array it was given and computes with that, so
one source line runs on NumPy and on CuPy. There is no global switch. This is the only file that names cupy, and it
imports it only when an array or a user asks for it.

    require("cuda")                              InputError, in one line, where there is no GPU to compute on
    x = to_device(x, "cuda")                     and back: to_host(x), which waits until x has been computed
    rng = generator("cuda", seed, noise="host")  draws arrays that live on the device

Between the two nothing waits: work is handed to the GPU and goes on while Python hands over more. What makes Python
wait is to ask for a number (float, bool, an index, to_host), so a training step asks for none.
"""

from __future__ import annotations

import sys
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

Array = Any  # numpy.ndarray or cupy.ndarray of float32, float64 or complex128; shapes stand in the docstrings


def namespace(x: Array) -> ModuleType:
    """The module whose functions work on x: numpy, or cupy for an array that lives on the GPU."""
    cupy = sys.modules.get("cupy")  # an array of cupy exists only where cupy was imported
    if cupy is not None and isinstance(x, cupy.ndarray):
        return cupy
    return np


def require(device: str) -> None:
    """Raise InputError, which says what is missing, unless arrays can be computed with on the device."""
    if device not in DEVICES:
        raise InputError(f"a device is one of {', '.join(DEVICES)}, got {device!r}")
    if device == "cuda" and (missing := why_no_cuda()):
        raise InputError(f"cannot compute on device cuda: {missing}")


def why_no_cuda() -> str:
    """What stands between this process and a GPU; nothing where a product of two arrays succeeds on one."""
    try:
        import cupy

        if not cupy.is_available():
            return ("CuPy is installed, but finds no NVIDIA GPU with a driver recent enough for it "
                    "(gpu-cuda12 asks for less than gpu-cuda13)")  # fmt: skip
        one = cupy.ones((2, 2), "float32")
        float((one @ one).sum())  # compiles a kernel and calls cuBLAS: each needs a library of CUDA's
        return ""
    except ModuleNotFoundError as error:
        package = f"the package {error.name} is"
        return f"{package} not installed; pip install '.[gpu-cuda12]', or '.[gpu-cuda13]' for a driver of CUDA 13"
    except Exception as raised:  # cupy says in many ways that a driver or a library of CUDA is missing
        cause = raised.__cause__ or raised  # what failed, without a page of advice around it
        return f"CuPy is installed, but {type(cause).__name__}: {' '.join(str(cause).split())[:200]}"


def to_device(x: Array, device: str) -> Array:
    """x on the device: x itself where it is there already, else a copy."""
    if device == "cpu":
        return to_host(x)
    import cupy

    return x if isinstance(x, cupy.ndarray) else cupy.asarray(x)


def to_host(x: Array) -> np.ndarray:
    """x as a NumPy array: x itself, or a copy of what lives on the GPU once that has been computed."""
    xp = namespace(x)
    return np.asarray(x) if xp is np else xp.asnumpy(x)


# ── random numbers ───────────────────────────────────────────────────────────────────────────────────────────────────
#
# NumPy's generators and CuPy's have few methods in common. What is drawn while training uses these three alone:
#
#     standard_normal(shape, dtype)      random(shape, dtype)      integers(high, size)
#
# and what stands for a generator in a checkpoint is rng.bit_generator.state, which JSON can hold.


def generator(device: str, seed: Any, noise: str = "host") -> Any:
    """A generator whose arrays live on the device. The seed is a number, a list of numbers, or a generator of NumPy's,
    which then goes on (with noise="device" it gives the seed). `noise` is one of NOISE; on the CPU both are one."""
    rng = np.random.default_rng(seed)
    if device == "cpu":
        return rng
    if noise == "host":
        return HostNoise(rng, device)
    return DeviceNoise(int(rng.integers(2**63)) if seed is rng else seed)


class HostNoise:
    """Draws with a generator of NumPy and moves what was drawn to the device."""

    def __init__(self, rng: np.random.Generator, device: str):
        self.rng, self.device = rng, device
        self.bit_generator = rng.bit_generator

    def standard_normal(self, size, dtype="float64") -> Array:
        return to_device(self.rng.standard_normal(size, np.dtype(dtype)), self.device)

    def random(self, size, dtype="float64") -> Array:
        return to_device(self.rng.random(size, np.dtype(dtype)), self.device)

    def integers(self, high: int, size) -> Array:
        return to_device(self.rng.integers(high, size=size), self.device)


class DeviceNoise:
    """Draws on the GPU, each draw by a generator of its own: Philox, keyed by the seed and the number of the draw.

    CuPy cannot say what state a generator is in, so a stopped run could not go on with one that is kept. Philox counts
    where others iterate: it starts anywhere at once, and seed and count are all there is to remember.
    CuPy takes 32 bits of a key: among 100,000 draws one pair or so shares its key, which no training notices.
    """

    def __init__(self, seed: Any):
        self.bit_generator = Count(seed)

    def standard_normal(self, size, dtype="float64") -> Array:
        return self.bit_generator.next(size).standard_normal(size, dtype)

    def random(self, size, dtype="float64") -> Array:
        return self.bit_generator.next(size).random(size, dtype)

    def integers(self, high: int, size) -> Array:
        return self.bit_generator.next(size).integers(high, size=size)


class Count:
    """A seed and how many draws it has given."""

    def __init__(self, seed: Any):
        self.seed, self.draws = seed, 0

    def next(self, size: int | tuple[int, ...]) -> Any:
        """The generator of the next draw, of so many numbers.

        It has a state for each of them, in blocks of 256 as CuPy needs, and from 2¹⁸ on uses them again. Left to itself
        CuPy makes as many as the GPU has threads: slow for a small draw, and on another GPU a large one differs.
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
            raise InputError("the random numbers so far were drawn on the host: go on with noise='host'")
        self.seed, self.draws = state["seed"], state["draws"]


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
