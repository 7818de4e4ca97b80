"""Layers, objectives, penalties and optimizers on a device: the numbers of NumPy, and nobody waits
for any of them.
"""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numgan.backend import generator, to_device, to_host
from numgan.check.suite import ARCHITECTURES
from numgan.layers import LAYERS
from numgan.layers.functions import erf, expm1, sigmoids, softplus, step
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS, linear
from numgan.penalties import PENALTIES
from tests.device import standin
from tests.layers.cases import CASES, Point, point

every = pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)


class OnDevice(Point):
    """A point whose arrays live on the device, and so do the random numbers of its layer."""

    def forward(self, P, x):
        rng = generator("cuda", self.draw)
        return self.layer.forward(P, x, rng) if self.layer.random else self.layer.forward(P, x)


def moved(at: Point, device) -> OnDevice:
    """The point on the device; the layer and the seed of its draws stay what they are."""
    values = {f.name: getattr(at, f.name) for f in fields(at)}
    return OnDevice(
        **{n: v if n in ("layer", "draw") else device.put(v) for n, v in values.items()}
    )


def same_passes(at: Point, device):
    """All six passes, with and without a direction in P."""
    there = moved(at, device)
    for RP in (at.RP, None):
        here, on_device = replace(at, RP=RP), replace(there, RP=device.put(RP))
        right = here.passes()
        for name, found in device.without_waiting(on_device.passes).items():
            device.agree(found, right[name])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@every
def test_layers(kind, dtype, device):
    for layer, shape in kind.examples():
        same_passes(point(layer, shape, dtype), device)


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_layers_of_any_shape(name, device, data):
    layer, shape = data.draw(CASES[name])
    same_passes(point(layer, shape), device)


@every
def test_what_a_layer_remembers_and_is_outside_training(kind, device):
    for example, shape in kind.examples():
        for layer in (example, example.evaluation()):
            here = replace(point(example, shape), layer=layer)
            there, P = moved(here, device), tuple(p.copy() for p in here.P)
            (y, cache), (y_there, cache_there) = (
                here.forward(P, here.x),
                there.forward(there.P, there.x),
            )
            layer.observe(P, cache)
            device.without_waiting(
                lambda at=there, cache=cache_there: at.layer.observe(at.P, cache)
            )
            device.agree(y_there, y)
            for p_there, p in zip(there.P, P, strict=True):
                device.agree(p_there, p)


@pytest.mark.parametrize(
    "f", [step, softplus, expm1, erf, lambda x: sigmoids(x)[0], lambda x: sigmoids(x)[1]]
)
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_special_functions(f, dtype, device):
    x = np.linspace(-9, 9, 301).astype(dtype) * (1 if dtype != "complex128" else 1 + 1e-9j)
    there = device.put(x)
    device.agree(device.without_waiting(lambda: f(there)), f(x))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_objectives(name, device):
    a = np.random.default_rng(0).standard_normal((4, 7, 1))
    objective, there = OBJECTIVES[name], [device.put(row) for row in a]

    def everything(a_real, a_fake, Ra_real, Ra_fake):
        yield from objective.gradient(a_real, a_fake)
        yield from objective.rgradient(a_real, a_fake, Ra_real, Ra_fake)
        yield from objective.summands(a_real, a_fake)
        yield objective.value(a_real, a_fake)
        yield objective.generator_value(a_fake, a_real)
        yield objective.generator_gradient(a_fake, a_real)
        yield objective.generator_rgradient(a_fake, Ra_fake, a_real, Ra_real)

    found = device.without_waiting(lambda: list(everything(*there)))
    for value, right in zip(found, everything(*a), strict=True):
        device.agree(value, right)


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_penalties(name, architecture, device):
    D = ARCHITECTURES[architecture]()[1]
    rng = np.random.default_rng(1)
    theta, x, samples = D.initial(rng, "float64"), *rng.standard_normal((2, 4, *D.input_shape))
    there = [device.put(array) for array in (theta, x, samples)]
    classes = 3 if "," in architecture and "dcgan" in architecture else 0

    def both(theta, x, samples, device):
        penalty = PENALTIES[name]
        yield penalty.value(D, theta, x, samples, generator(device, 5), classes)
        yield penalty.gradient(D, theta, x, samples, generator(device, 5), classes)

    found = device.without_waiting(lambda: list(both(*there, "cuda")))
    for value, right in zip(found, both(theta, x, samples, "cpu"), strict=True):
        # up to three walks through a network of up to nine layers
        device.agree(value, right, steps=10)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name, device):
    rng = np.random.default_rng(2)
    here, there = (OPTIMIZERS[name](linear(0.01, 20)) for _ in range(2))
    theta = rng.standard_normal(70_000)  # longer than the slice that the host works in
    on_device = device.put(theta)
    for g in rng.standard_normal((3, 70_000)):
        here.descend(theta, g)
        g_there = device.put(g)
        device.without_waiting(lambda g=g_there: there.descend(on_device, g))
        device.agree(on_device, theta)
    for key, state in here.state.items():
        device.agree(there.state[key], state)


def test_to_a_device_and_back(device):
    x = np.arange(6.0).reshape(2, 3)
    there = to_device(x, "cuda")
    assert to_host(x) is x and to_device(x, "cpu") is x and to_device(there, "cuda") is there
    assert type(to_host(there)) is np.ndarray and np.array_equal(to_host(there), x)
    assert np.array_equal(to_device(there, "cpu"), x)


def test_only_the_way_back_waits(pretended):
    there = pretended.put(np.ones(3))
    assert standin.waits == [] and standin.copies == ["asarray"]
    to_host(there + there)
    assert standin.waits == ["asnumpy"]
