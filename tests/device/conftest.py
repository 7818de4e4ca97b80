"""The device that a test runs on: the stand-in everywhere, and the GPU where there is one."""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass

import numpy as np
import pytest

from numgan.backend import require, to_device, to_host
from numgan.errors import InputError
from tests.device import standin


@dataclass(frozen=True)
class Device:
    """Where arrays live that cupy makes, and how far their numbers may be from NumPy's."""

    real: bool
    name: str = "cuda"

    def put(self, value):
        """A copy on the device of an array, or of every array in a tuple, list or dict; None stays
        None.
        """
        if value is None:
            return None
        if isinstance(value, dict):
            return {key: self.put(v) for key, v in value.items()}
        if isinstance(value, (tuple, list)):
            return type(value)(self.put(v) for v in value)
        return to_device(np.array(value), self.name)

    def agree(self, on_device, on_host, steps: int = 1):
        """Assert that the two are the same numbers: of the stand-in's, the same bits; of a GPU's,
        up to rounding.

        A kernel adds in another order and takes its exponentials from another library. Relative to
        the largest entry that is a few ε a layer: 1e-12 is 4,500 ε of float64, and 2e-4 is 1,700 ε
        of float32, for each of `steps`.
        """
        found, right = to_host(on_device), np.asarray(on_host)
        assert found.shape == right.shape and found.dtype == right.dtype
        if not self.real:
            assert found.tobytes() == right.tobytes(), (
                f"off by {np.abs(found - right).max(initial=0)}"
            )
            return
        bound = steps * (1e-12 if right.dtype in (np.float64, np.complex128) else 2e-4)
        scale = max(1.0, np.abs(right).max(initial=0))
        assert np.abs(found - right).max(initial=0) <= bound * scale

    def without_waiting(self, compute):
        """What compute() returns. On its way it may ask the device for no number: CuPy refuses, the
        stand-in notes.
        """
        if self.real:
            import cupyx

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of CuPy, that this is an experiment
                with cupyx.allow_synchronize(False):
                    return compute()
        self.forget()
        result = compute()
        assert standin.waits == []
        return result

    @property
    def waits(self) -> list[str]:
        """What made Python wait since `forget`; a GPU does not tell, so nothing there."""
        return [] if self.real else list(standin.waits)

    def forget(self):
        standin.waits.clear()
        standin.copies.clear()


@pytest.fixture(params=["stand-in", pytest.param("gpu", marks=pytest.mark.gpu)])
def device(request):
    """Each test twice: on the stand-in, and on a GPU or skipped with what is missing for that."""
    if request.param == "gpu":
        try:
            require("cuda")
        except InputError as error:
            pytest.skip(str(error))
        return Device(real=True)
    return request.getfixturevalue("pretended")


@pytest.fixture
def pretended(monkeypatch):
    """The stand-in alone."""
    monkeypatch.setitem(sys.modules, "cupy", standin.cupy)
    standin.waits.clear()
    standin.copies.clear()
    return Device(real=False)
