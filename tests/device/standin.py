"""A stand-in for CuPy where there is no GPU: as strict as CuPy or stricter, and it counts how often
Python would wait.

An array of it wraps one of NumPy's, which plays the memory of the device, and computes with NumPy
underneath. What the manifest does not list is refused: names, keywords, methods, operators. So is
every meeting of host and device: an array of NumPy in an expression, an index or an assignment, and
a function of NumPy that is given a device array (CuPy would take some of these; lines that ask
`namespace(x)` need none).

Where Python needs a number that the device computes (float, bool, an item, a copy to the host, the
size of what a mask selects) it waits until the device has finished everything before; each time is
noted in `waits`, and each copy to the device in `copies`.

What such an array cannot show: whether CuPy's kernels compute what NumPy's loops compute, to how
many digits (those of float32 take numbers below 1.2e-38 for 0), how fast, and in how much memory;
whether a driver and CUDA's libraries are there. That takes a GPU: `pytest -m gpu`.
"""

from __future__ import annotations

import inspect
import json
import operator
import types
from functools import cache
from typing import Any

import numpy as np

from tests.device.make_manifest import MANIFEST

OFFERED = json.loads(MANIFEST.read_text(encoding="utf-8"))
VERSION = OFFERED["cupy"]

waits: list[str] = []  # what made Python wait for the device
copies: list[str] = []  # what was copied to the device

TAKE_HOST_ARRAYS = {"array", "asarray"}
WAITING_METHODS = {
    "item",
    "get",
    "tolist",
    "tobytes",
    "tofile",
    "dump",
    "dumps",
    "nonzero",
    "compress",
}
WAITING_FUNCTIONS = {  # sliding_window_view compares the window's shape with 0 on the device
    "asnumpy",
    "argwhere",
    "bincount",
    "compress",
    "extract",
    "flatnonzero",
    "histogram",
    "nonzero",
    "trim_zeros",
    "unique",
    "lib.stride_tricks.sliding_window_view",
    "linalg.cholesky",
    "linalg.eigh",
    "linalg.eigvalsh",
    "linalg.inv",
    "linalg.lstsq",
    "linalg.solve",
}
# of NumPy's a Python bool, of CuPy's an array
ZERO_DIMENSIONAL = {"allclose", "array_equal", "array_equiv"}
SCALARS = (bool, int, float, complex, np.generic)


class Refused(TypeError):
    """What CuPy does not do, or this project does not want to ask of it."""


def unwrap(value: Any) -> Any:
    """The host's array inside an argument, or inside a tuple or list of them; host arrays are
    refused.
    """
    if isinstance(value, ndarray):
        return value._host
    if isinstance(value, np.ndarray):
        raise Refused(f"an array of NumPy of shape {value.shape} meets arrays of the device")
    if isinstance(value, (tuple, list)):
        return type(value)(unwrap(v) for v in value)
    return value


def wrap(value: Any) -> Any:
    """A result as the device's: every array and number of NumPy's is an array, also one without
    dimensions.
    """
    if isinstance(value, (np.ndarray, np.generic)):
        return ndarray(np.asarray(value))
    if isinstance(value, (tuple, list)):
        return tuple(wrap(v) for v in value)
    return value


def operand(value: Any) -> Any:
    """The other side of an operator: an array of the device or a number."""
    if isinstance(value, (ndarray, *SCALARS)):
        return unwrap(value)
    if isinstance(value, np.ndarray):
        unwrap(value)
    raise Refused(f"{type(value).__name__} is no operand for an array of the device")


@cache
def signature(parameters: str) -> inspect.Signature:
    """The signature that the manifest's text describes."""
    found, kind = [], inspect.Parameter.POSITIONAL_OR_KEYWORD
    for part in filter(None, parameters.split(", ")):
        if part == "*":
            kind = inspect.Parameter.KEYWORD_ONLY
        elif part != "/":
            name = part.strip("*=")
            stars = {"*": inspect.Parameter.VAR_POSITIONAL, "**": inspect.Parameter.VAR_KEYWORD}
            starred = stars.get(part[: len(part) - len(part.lstrip("*"))])
            default = None if part.endswith("=") else inspect.Parameter.empty
            found.append(inspect.Parameter(name, starred or kind, default=default))
            kind = (
                inspect.Parameter.KEYWORD_ONLY
                if starred == inspect.Parameter.VAR_POSITIONAL
                else kind
            )
    return inspect.Signature(found)


def check(name: str, parameters: str, args: tuple, kwargs: dict) -> None:
    """Refuse arguments that do not fit CuPy's parameters."""
    try:
        signature(parameters).bind(*args, **kwargs)
    except TypeError as error:
        raise Refused(f"CuPy {VERSION} has {name}({parameters}): {error}") from None


# ── the array
# ──────────────────────────────────────────────────────────────────────────────────────────────────


class ndarray:
    """An array on the device that is not there."""

    __array_ufunc__ = None  # so that an operator of NumPy leaves the word to this class
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, host: np.ndarray):
        self._host = host

    def __array__(self, *args, **kwargs):
        raise Refused("implicit conversion to an array of NumPy")

    def __array_function__(self, function, *rest):
        raise Refused(f"numpy.{function.__name__} is given an array of the device")

    def __getattr__(self, name: str) -> Any:
        if name in OFFERED["array attributes"]:
            value = getattr(self._host, name)
            return wrap(value) if isinstance(value, np.ndarray) else value
        if name not in OFFERED["array methods"]:
            raise AttributeError(f"an array of CuPy {VERSION} has no {name}")

        def method(*args, **kwargs):
            check(f"ndarray.{name}", OFFERED["array methods"][name], args, kwargs)
            if name in WAITING_METHODS:
                waits.append(f".{name}()")
            if name == "get":
                return self._host.copy()
            result = getattr(self._host, name)(
                *unwrap(args), **{key: unwrap(value) for key, value in kwargs.items()}
            )
            return result if name in ("item", "tolist", "tobytes") else wrap(result)

        return method

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self):
        return (self[n] for n in range(len(self)))

    def __repr__(self) -> str:
        waits.append("repr")
        return f"device {self._host!r}"

    # ── indices
    # ──────────────────────────────────────────────────────────────────────────────────────────────

    def __getitem__(self, key):
        key = self.key(key, "read")
        return wrap(self._host[key])

    def __setitem__(self, key, value):
        key = self.key(key, "write")
        for index in key:
            if (
                isinstance(index, np.ndarray)
                and index.dtype.kind in "iu"
                and len(np.unique(index)) < index.size
            ):
                raise Refused(
                    "an assignment to the same place twice: which is last is undefined on a device"
                )
        self._host[key] = operand(value)

    def key(self, key: Any, what: str) -> tuple:
        """The index as a tuple. Basic ones get an ellipsis, so that even a single entry is a view,
        as it is in CuPy.
        """
        key = unwrap(key if isinstance(key, tuple) else (key,))
        if any(isinstance(index, list) for index in key):
            raise Refused("a list is an index that lives on the host")
        arrays = [index for index in key if isinstance(index, np.ndarray)]
        if any(index.dtype == bool for index in arrays):
            waits.append(f"{what} by a mask")
        return key if arrays or Ellipsis in key else (*key, Ellipsis)


def define_operators() -> None:
    """The arithmetic that the manifest lists, in all three forms; conversions that wait; and
    nothing else.
    """
    symbols = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split()

    def forward(f):
        return lambda self, other: wrap(f(self._host, operand(other)))

    def backward(f):
        return lambda self, other: wrap(f(operand(other), self._host))

    def in_place(f):
        def change(self, other):
            f(self._host, operand(other), out=self._host, casting="same_kind")
            return self

        return change

    ufuncs = {
        "sub": "subtract",
        "mul": "multiply",
        "truediv": "true_divide",
        "floordiv": "floor_divide",
        "mod": "remainder",
        "pow": "power",
        "and": "bitwise_and",
        "or": "bitwise_or",
        "xor": "bitwise_xor",
        "lshift": "left_shift",
        "rshift": "right_shift",
    }
    made: dict[str, Any] = {}
    for name in symbols:
        plain = getattr(operator, name + "_" * (name in ("and", "or")))
        made |= {f"__{name}__": forward(plain), f"__r{name}__": backward(plain)}
        made[f"__i{name}__"] = in_place(getattr(np, ufuncs.get(name, name)))
    for name in ("lt", "le", "eq", "ne", "gt", "ge"):
        made[f"__{name}__"] = forward(getattr(operator, name))
    for f in (operator.neg, operator.pos, operator.abs, operator.invert):
        made[f"__{f.__name__}__"] = lambda self, f=f: wrap(f(self._host))
    for kind in (bool, int, float, complex):

        def convert(self, kind=kind):
            waits.append(kind.__name__)
            return kind(self._host)

        made[f"__{kind.__name__}__"] = convert
    for name in set(made) & set(OFFERED["array operators"]):
        setattr(ndarray, name, made[name])


define_operators()


# ── functions
# ──────────────────────────────────────────────────────────────────────────────────────────────────


class Function:
    """A function of CuPy's: its parameters, computed by NumPy's function of the same name."""

    def __init__(self, name: str, parameters: str):
        self.name, self.parameters = name, parameters

    def __call__(self, *args, **kwargs):
        check(self.name, self.parameters, args, kwargs)
        if self.name in WAITING_FUNCTIONS:
            waits.append(self.name)
        if self.name == "asnumpy":
            return args[0]._host.copy() if isinstance(args[0], ndarray) else np.asarray(args[0])
        if (
            self.name in TAKE_HOST_ARRAYS
            and not isinstance(args[0], ndarray)
            and not holds_device_arrays(args[0])
        ):
            copies.append(self.name)
            return wrap(np.array(*args, **kwargs))
        result = self.numpy(*unwrap(args), **{key: unwrap(value) for key, value in kwargs.items()})
        if self.name == "empty" and result.dtype.kind in "fc":
            result.fill(np.nan)  # what nobody has written, nobody may read
        return wrap(np.asarray(result) if self.name in ZERO_DIMENSIONAL else result)

    @property
    def numpy(self):
        """NumPy's function of the same name."""
        found: Any = np
        for part in self.name.split("."):
            found = getattr(found, part)
        return found


class Ufunc(Function):
    """An elementwise function, which has out=, casting= and dtype= but no where=,
    and few methods."""

    def outer(self, a, b):
        return wrap(self.numpy.outer(operand(a), operand(b)))

    def __getattr__(self, name: str) -> Any:
        if self.name not in OFFERED["ufunc methods"].get(name, ()):
            raise AttributeError(
                f"CuPy {VERSION} has no {self.name}.{name}, or none that is modelled here"
            )
        return lambda a, axis=0, **options: wrap(
            getattr(self.numpy, name)(operand(a), axis, **options)
        )


def holds_device_arrays(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and any(
        isinstance(v, ndarray) or holds_device_arrays(v) for v in value
    )


# ── functions in one kernel
# ──────────────────────────────────────────────────────────────────────────────────────────────────


class Traced:
    """An array, or a number, inside a function that becomes one kernel: it has operators, `astype`
    and a dtype, and no value to branch on. CuPy 14 computes numbers alone in float16.
    """

    def __init__(self, host: Any):
        self._host, self.dtype = host, np.asarray(host).dtype

    def other(self, value: Any) -> Any:
        """What an operator meets on its other side."""
        value = value._host if isinstance(value, Traced) else value
        if isinstance(self._host, SCALARS) and isinstance(value, SCALARS):
            raise Refused("numbers alone inside a function that becomes one kernel")
        return value

    def astype(self, dtype):
        return Traced(np.asarray(self._host).astype(dtype))

    def __bool__(self):
        raise Refused("a branch inside a function that becomes one kernel")


def define_traced_operators() -> None:
    """Those of cupy.fuse: arithmetic in three forms, comparisons, and −x."""
    for name in "add sub mul truediv floordiv mod pow lt le eq ne gt ge".split():
        plain = getattr(operator, name)
        in_place = getattr(operator, f"i{name}", None)
        setattr(Traced, f"__{name}__", lambda a, b, f=plain: Traced(f(a._host, a.other(b))))
        setattr(Traced, f"__r{name}__", lambda a, b, f=plain: Traced(f(a.other(b), a._host)))
        if in_place is not None:

            def change(a, b, f=in_place):
                a._host = f(a._host, a.other(b))  # an array of the host's changes where it is
                return a

            setattr(Traced, f"__i{name}__", change)
    Traced.__neg__ = lambda a: Traced(-a._host)  # type: ignore[attr-defined]


define_traced_operators()


def fuse(f: Any) -> Any:
    """One kernel: arrays of the device and numbers in, arrays out."""

    def kernel(*arguments):
        if not all(isinstance(a, (ndarray, *SCALARS)) for a in arguments):
            raise Refused("a fused function takes arrays of the device and numbers")
        result = f(*(Traced(unwrap(a)) for a in arguments))
        if isinstance(result, tuple):
            return tuple(wrap(part._host) for part in result)
        return wrap(result._host)

    return kernel


# ── random numbers
# ──────────────────────────────────────────────────────────────────────────────────────────────────


def bit_generator(seed=None, *, size=-1):
    """NumPy's Philox. CuPy writes its states in blocks of 256, past the end where `size` is no
    multiple of that.
    """
    if size >= 0 and size % 256:
        raise Refused(f"{size} states of a bit generator, which come in blocks of 256")
    return np.random.Philox(seed)


class Generator:
    """The methods of CuPy's generator, drawn by NumPy's."""

    def __init__(self, bit_generator: np.random.BitGenerator):
        self._rng = np.random.Generator(bit_generator)

    def __getattr__(self, name: str) -> Any:
        if name not in OFFERED["generator methods"]:
            raise AttributeError(f"a generator of CuPy {VERSION} has no {name}")

        def draw(*args, **kwargs):
            check(f"Generator.{name}", OFFERED["generator methods"][name], args, kwargs)
            return wrap(getattr(self._rng, name)(*unwrap(args), **kwargs))

        return draw


class Module(types.ModuleType):
    """cupy, or one of its modules: what the manifest lists, and `here` in the place of what NumPy
    has no like of.
    """

    def __init__(self, name: str, prefix: str = "", **here: Any):
        super().__init__(name)
        self.__dict__.update(here, prefix=prefix)

    def __getattr__(self, name: str) -> Any:
        full = self.__dict__["prefix"] + name
        for kind, make in (("functions", Function), ("ufuncs", Ufunc)):
            if full in OFFERED[kind]:
                return make(full, OFFERED[kind][full])
        if full in OFFERED["constants and types"] and hasattr(np, name):
            return getattr(np, name)
        raise AttributeError(f"CuPy {VERSION} has no {full}")


cupy = Module(
    "cupy",
    ndarray=ndarray,
    fuse=fuse,
    is_available=lambda: True,
    linalg=Module("cupy.linalg", "linalg."),
    lib=Module(
        "cupy.lib", "lib.", stride_tricks=Module("cupy.lib.stride_tricks", "lib.stride_tricks.")
    ),
    random=Module(
        "cupy.random",
        "random.",
        Generator=Generator,
        **dict.fromkeys(OFFERED["bit generators"], bit_generator),
    ),
)
