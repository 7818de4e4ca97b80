"""The stand-in is as strict as the manifest says, and notices every number that Python asks for."""

import numpy as np
import pytest

from tests.device import standin
from tests.device.standin import cupy


@pytest.fixture
def x(pretended):
    return pretended.put(np.array([3.0, 1.0, 2.0]))


@pytest.fixture
def k(pretended):
    return pretended.put(np.array([0, 1, 1]))


HOST = np.ones(3)
REFUSED = {
    "a host array on the right": lambda x, k: x + HOST,
    "a host array on the left": lambda x, k: HOST + x,
    "a host array of no dimensions": lambda x, k: np.array(1.0) * x,
    "a host array in place": lambda x, k: x.__iadd__(HOST),
    "a host array in place, on the host": lambda x, k: HOST.__iadd__(x),
    "a host array as an index": lambda x, k: x[np.array([0, 1])],
    "a list as an index": lambda x, k: x[[0, 1]],
    "a host array assigned": lambda x, k: x.__setitem__(slice(0, 3), HOST),
    "a device array assigned to the host": lambda x, k: HOST.__setitem__(slice(0, 3), x),
    "a host array in a function": lambda x, k: cupy.exp(HOST),
    "a host array among device arrays": lambda x, k: cupy.concatenate([x, HOST]),
    "a function of NumPy": lambda x, k: np.sum(x),
    "a ufunc of NumPy": lambda x, k: np.exp(x),
    "np.asarray": lambda x, k: np.asarray(x),
    "a list in an expression": lambda x, k: x + [1, 2, 3],
    "where= of a ufunc": lambda x, k: cupy.exp(x, where=x > 0),
    "correction= of var": lambda x, k: x.var(correction=1),
    "clip with one bound": lambda x, k: cupy.clip(x, a_min=0),
    "where= of sum": lambda x, k: cupy.sum(x, where=x > 0),
    "initial= of max": lambda x, k: x.max(initial=0),
    "two writes to one place": lambda x, k: x.__setitem__(k, 1.0),
    "range of a device number": lambda x, k: range(k[1]),
    "a branch in a fused function": lambda x, k: cupy.fuse(lambda x: x if x > 0 else -x)(x),
    "numbers alone in a fused function": lambda x, k: cupy.fuse(lambda x, a: (1 - a) * x)(x, 0.2),
    "a host array in a fused function": lambda x, k: cupy.fuse(lambda x, y: x + y)(x, HOST),
}
MISSING = {
    "a method in a fused function": lambda x, k: cupy.fuse(lambda x: x.sum())(x),
    "the real part in a fused function": lambda x, k: cupy.fuse(lambda x: x.real)(x),
    "errstate": lambda x, k: cupy.errstate,
    "geomspace": lambda x, k: cupy.geomspace,
    "insert": lambda x, k: cupy.insert,
    "vecdot": lambda x, k: cupy.vecdot,
    "maximum.reduce": lambda x, k: cupy.maximum.reduce,
    "logaddexp.accumulate": lambda x, k: cupy.logaddexp.accumulate,
    "a generator's normal": lambda x, k: cupy.random.Generator(cupy.random.Philox4x3210(0)).normal,
    "a generator's permutation": lambda x, k: (
        cupy.random.Generator(cupy.random.Philox4x3210(0)).permutation
    ),
    "a generator's choice": lambda x, k: cupy.random.Generator(cupy.random.Philox4x3210(0)).choice,
    "a generator's shuffle": lambda x, k: (
        cupy.random.Generator(cupy.random.Philox4x3210(0)).shuffle
    ),
}
WAITING = {
    "float": lambda x, k: float(x[0]),
    "int": lambda x, k: int(k[0]),
    "bool": lambda x, k: bool(x[0] > 0),
    "if": lambda x, k: 1 if x[0] > 0 else 0,
    "max of Python": lambda x, k: max(x),
    "item": lambda x, k: x[0].item(),
    "get": lambda x, k: x.get(),
    "tolist": lambda x, k: x.tolist(),
    "print": lambda x, k: f"{x}",
    "reading by a mask": lambda x, k: x[x > 1],
    "writing by a mask": lambda x, k: x.__setitem__(x > 1, 0.0),
    "nonzero": lambda x, k: cupy.nonzero(x),
    "unique": lambda x, k: cupy.unique(k),
}
FREE = {
    "arithmetic": lambda x, k: -x * 2 + x**2 - np.float64(3) * x,
    "comparisons": lambda x, k: (x > 1) & (x == x),
    "reductions": lambda x, k: x.sum() + x.mean() * x.std() - x.max(),
    "a gather": lambda x, k: x[k],
    "shapes": lambda x, k: len(x) + x.size + x.ndim + x.shape[0],
    "sorting": lambda x, k: x[x.argsort()],
    "where of two": lambda x, k: cupy.where(x > 1, x, 0),
    "allclose, unread": lambda x, k: cupy.allclose(x, x),
    "add.reduce": lambda x, k: cupy.add.reduce(x),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what, x, k):
    with pytest.raises((TypeError, ValueError)):
        REFUSED[what](x, k)
    assert standin.waits == []


@pytest.mark.parametrize("what", MISSING)
def test_missing(what, x, k):
    with pytest.raises(AttributeError, match="has no"):
        MISSING[what](x, k)


@pytest.mark.parametrize("what", WAITING)
def test_waiting_is_noticed(what, x, k):
    WAITING[what](x, k)
    assert standin.waits


@pytest.mark.parametrize("what", FREE)
def test_what_is_free(what, x, k):
    FREE[what](x, k)
    assert standin.waits == []


def test_every_result_lives_on_the_device(x, k):
    for result in (
        x + 1,
        x.sum(),
        x[0],
        cupy.exp(x),
        x.T,
        x.real,
        cupy.zeros(3),
        x > 0,
        cupy.random.Generator(cupy.random.Philox4x3210(0)).random(3),
    ):
        assert isinstance(result, cupy.ndarray)


def test_an_entry_is_a_view(x):
    """As in CuPy, and unlike NumPy, where it is a number of its own."""
    first = x[0]
    first += 10
    assert float(x[0]) == 13


def test_what_is_empty_is_not_zero(pretended):
    assert np.isnan(cupy.asnumpy(cupy.empty(3))).all()


def test_the_manifest_is_that_of_the_package_that_is_installed():
    """Where a real cupy is installed, of the version of the manifest."""
    real = pytest.importorskip("cupy")
    if real.__version__ != standin.VERSION:
        pytest.skip(
            f"the manifest is that of cupy {standin.VERSION}, installed is {real.__version__}"
        )
    from tests.device.make_manifest import manifest

    assert manifest() == standin.OFFERED
