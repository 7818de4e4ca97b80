"""What looks on while a GPU trains: the metrics, which fetch the samples once, and the checker."""

import numpy as np
import pytest

from numgan.check.subjects.device import OnDevice, on_device
from numgan.check.subjects.layers import check_layer
from numgan.check.subjects.networks import check_network
from numgan.check.suite import ARCHITECTURES
from numgan.cli import main
from numgan.data.toy import ring
from numgan.layers import LAYERS, BatchNorm, SpectralNorm, Tanh
from numgan.metrics import (
    histogram_jsd,
    image_quality,
    kernel_distance,
    mode_coverage,
    near_copies,
    precision_recall,
)
from tests.device import standin

RING = ring()
REAL = RING.sample(60, np.random.default_rng(1))
LABELS = np.arange(60) % 3
METRICS = {
    "modes": lambda x, rng: mode_coverage(x, RING.means, 0.01),
    "JSD of a density": lambda x, rng: histogram_jsd(x, RING, rng, repeats=5),
    "JSD of samples": lambda x, rng: histogram_jsd(x, REAL, rng, repeats=5),
    "MMD²": lambda x, rng: kernel_distance(x, REAL, rng),
    "near copies": lambda x, rng: near_copies(x, REAL),
    "precision and recall": lambda x, rng: precision_recall(x, REAL, rng),
    "image quality": lambda x, rng: image_quality(x, REAL, LABELS, rng, LABELS),
}


@pytest.mark.parametrize("name", METRICS)
def test_metrics_fetch_the_samples_once_and_say_what_they_say_of_numpys(name, device):
    x = RING.sample(60, np.random.default_rng(2)).astype(np.float32)
    there = device.put(x)
    device.forget()
    found = METRICS[name](there, np.random.default_rng(3))
    assert device.real or device.waits == ["asnumpy"]
    assert repr(found) == repr(METRICS[name](x, np.random.default_rng(3)))


def test_distance_between_rows_that_both_live_on_the_device(device):
    x, y = (RING.sample(40, np.random.default_rng(seed)) for seed in (4, 5))
    found = kernel_distance(device.put(x), device.put(y), np.random.default_rng(6))
    assert found == kernel_distance(x, y, np.random.default_rng(6))


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_the_checker_passes_every_layer_on_the_device(kind, device):
    """Complex step, central difference, Taylor remainder and adjoint identity, of what the device
    computes.
    """
    layer, shape = kind.examples()[0]
    failed = [
        finding for finding in check_layer(OnDevice(layer, device.name), shape) if finding.failed
    ]
    assert not failed, failed


@pytest.mark.parametrize("name", ["mlp tanh", "dcgan, projection"])
def test_the_checker_passes_networks_on_the_device(name, device):
    for network in ARCHITECTURES[name]():
        failed = [
            finding for finding in check_network(on_device(network, device.name)) if finding.failed
        ]
        assert not failed, failed


@pytest.mark.parametrize(
    "only", ["layer Conv*", "network mlp with dropout*", "game nonsaturating, r1, dcgan, proj*"]
)
def test_the_command_checks_on_the_device(only, device, capsys):
    before = len(standin.copies)
    assert main(["check", "--device", device.name, "--only", only]) == 0
    assert " 0 failed" in " " + capsys.readouterr().out.replace("\n", " ")
    assert device.real or len(standin.copies) > before


def test_the_command_leaves_out_what_computes_on_the_host(device, capsys):
    assert main(["check", "--device", device.name, "--only", "optimizer*"]) == 2
    assert "the names begin with layer, network, game," in capsys.readouterr().err


@pytest.mark.parametrize("kind", [BatchNorm, SpectralNorm])
def test_what_a_layer_remembers_on_the_device_comes_back(kind, device):
    layer, shape = kind.examples()[0]
    there = OnDevice(layer, device.name)
    x, rng = np.random.default_rng(7).standard_normal(shape), np.random.default_rng(8)
    P = layer.initial(rng)
    P_there = tuple(p.copy() for p in P)
    layer.observe(P, layer.forward(P, x)[1])
    there.observe(P_there, there.forward(P_there, x)[1])
    for one, other in zip(P, P_there, strict=True):
        assert isinstance(other, np.ndarray) and np.allclose(one, other, rtol=1e-12, atol=1e-12)


def test_the_checker_sees_a_mistake_on_the_device(device):
    class Doubled(Tanh):
        def backward(self, P, cache, dy):
            return 2 * super().backward(P, cache, dy)

    failed = [f for f in check_layer(OnDevice(Doubled(), device.name), (3, 2)) if f.failed]
    assert any(f.parameter == "dx" and "factor" in str(f.cause) for f in failed), failed
