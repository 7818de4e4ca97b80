"""What stands between a user and a GPU is said in one line; random numbers go on where they
stopped.
"""

import json
import sys
import types

import numpy as np
import pytest

from numgan.backend import NOISE, generator, require, to_host
from numgan.errors import InputError


def without(monkeypatch, **members):
    """A cupy that has just these members."""
    cupy = types.ModuleType("cupy")
    cupy.__dict__.update(members)
    monkeypatch.setitem(sys.modules, "cupy", cupy)


def told():
    with pytest.raises(InputError) as error:
        require("cuda")
    assert "\n" not in str(error.value)
    return str(error.value)


def test_no_cupy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert "not installed" in told() and "gpu-cuda12" in told() and "gpu-cuda13" in told()


def test_no_driver(monkeypatch):
    without(monkeypatch, is_available=lambda: False)
    assert "finds no NVIDIA GPU" in told()


def test_a_library_of_cuda_is_missing(monkeypatch):
    def ones(*_):
        raise RuntimeError(
            "CuPy failed to load libnvrtc.so.12:\n  OSError: cannot open\n  shared object file"
        )

    without(monkeypatch, is_available=lambda: True, ones=ones)
    assert "libnvrtc.so.12: OSError: cannot open shared object file" in told()


def test_the_cause_is_told_and_not_the_advice_around_it(monkeypatch):
    def ones(*_):
        raise ImportError("=" * 80 + "Failed to import CuPy. " * 20) from OSError(
            "libcublas.so.12: cannot open"
        )

    without(monkeypatch, is_available=lambda: True, ones=ones)
    assert "OSError: libcublas.so.12: cannot open" in told()


def test_another_device():
    require("cpu")
    with pytest.raises(InputError, match="one of cpu, cuda"):
        require("tpu")


def test_there_is_one(device):
    require("cuda")


@pytest.mark.parametrize("noise", NOISE)
def test_draws_live_on_the_device_and_go_on_where_they_stopped(noise, device):
    def draw(rng):
        normal = rng.standard_normal((2, 3), dtype="float32")
        return (
            normal,
            rng.random((4,), dtype=np.dtype("float32")),
            rng.random(5),
            rng.integers(7, size=6),
        )

    rng = generator("cuda", [3, 4], noise)
    first = draw(rng)
    state = json.loads(json.dumps(rng.bit_generator.state))
    second, other = draw(rng), generator("cuda", 5, noise)
    other.bit_generator.state = state
    assert not np.array_equal(to_host(first[0]), to_host(second[0]))
    for one, again in zip(second, draw(other), strict=True):
        assert (
            not isinstance(one, np.ndarray) and to_host(one).tobytes() == to_host(again).tobytes()
        )
    for one, again in zip(first, draw(generator("cuda", [3, 4], noise)), strict=True):
        assert to_host(one).tobytes() == to_host(again).tobytes()
    assert [str(a.dtype) for a in first[:3]] == ["float32", "float32", "float64"]
    assert [a.shape for a in first] == [(2, 3), (4,), (5,), (6,)]


def test_the_hosts_noise_is_numpys(device):
    here, there = generator("cpu", 9), generator("cuda", 9)
    assert np.array_equal(
        to_host(there.standard_normal((3, 2), "float32")), here.standard_normal((3, 2), "float32")
    )
    assert np.array_equal(to_host(there.random(4)), here.random(4))
    assert np.array_equal(to_host(there.integers(5, size=9)), here.integers(5, size=9))
    assert there.bit_generator.state == here.bit_generator.state


@pytest.mark.parametrize("noise", NOISE)
def test_a_generator_of_numpy_may_be_the_seed(noise, device):
    """So a run draws its first weights on the host, and the rest with what is made of the same
    generator.
    """
    one, other = (generator("cuda", np.random.default_rng(1), noise) for _ in range(2))
    assert np.array_equal(to_host(one.random(4)), to_host(other.random(4)))


def test_noise_of_the_host_is_no_state_for_noise_of_the_device(device):
    rng = generator("cuda", 0, "device")
    with pytest.raises(InputError, match="drawn on the host"):
        rng.bit_generator.state = np.random.default_rng(0).bit_generator.state


@pytest.mark.parametrize("noise", NOISE)
def test_moments_of_draws(noise, device):
    """Mean and variance within five standard errors of 100,000 draws; every whole number as often
    as the others.
    """
    rng, n = generator("cuda", 11, noise), 100_000
    z, u, i = (
        to_host(a) for a in (rng.standard_normal(n), rng.random(n), rng.integers(10, size=n))
    )
    assert abs(z.mean()) < 5 / n**0.5 and abs(z.var() - 1) < 5 * (2 / n) ** 0.5
    assert abs(u.mean() - 0.5) < 5 * (1 / 12 / n) ** 0.5 and 0 <= u.min() and u.max() < 1
    assert (
        np.abs(np.bincount(i, minlength=10) / n - 0.1).max() < 5 * (0.09 / n) ** 0.5
        and len(np.bincount(i)) == 10
    )
