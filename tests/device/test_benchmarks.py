"""That the benchmarks of a GPU time work of the GPU: nothing in an iteration waits for it, and its
work is on it.
"""

import pytest

from tests.benchmarks import contenders, dcgan28
from tests.benchmarks.workloads import Workload

TINY = {
    "ring": Workload((2, 4, 2), (2, 4, 1), False, 3),
    "mlp784": Workload((2, 4, 6), (6, 4, 1), True, 3),
    "wgangp": Workload((2, 4, 2), (2, 4, 1), False, 3, 2, "wasserstein", "wgan-gp", 10.0),
    "digits": Workload((3, 4, 6), (6, 4, 1), True, 3, penalty="r1", weight=0.3),
}


@pytest.mark.parametrize("name", TINY)
def test_an_iteration_never_waits_for_the_device(name, device):
    run = contenders.numgan(TINY[name], device.name)
    device.without_waiting(lambda: run(2))


@pytest.mark.parametrize("contender", [dcgan28.numgan, dcgan28.floor])
def test_nor_does_one_of_the_dcgan(contender, device):
    run = contender(2, device.name)
    device.without_waiting(lambda: run(1))


def products(w):
    """The matrix products of one iteration: (n, k, o) for one of (n, k) by (k, o)."""
    G, D = list(zip(w.G[:-1], w.G[1:], strict=True)), list(zip(w.D[:-1], w.D[1:], strict=True))
    forward = lambda net: [(w.m, i, o) for i, o in net]  # noqa: E731    x W
    weights = lambda net: [(i, w.m, o) for i, o in net]  # noqa: E731    xᵀ dy
    inputs = lambda net: [(w.m, o, i) for i, o in net]  # noqa: E731    dy Wᵀ
    yield from forward(G) + 2 * (forward(D) + weights(D) + inputs(D[1:]))  # D step
    yield from forward(G) + forward(D) + inputs(D) + weights(G) + inputs(G[1:])  # G step


@pytest.mark.parametrize("name", ["ring", "mlp784"])
def test_everyone_is_given_the_same_work(name):
    """PyTorch's own profiler counts the products of one iteration; `tests/test_limit.py` holds the
    others to the library's numbers."""
    torch = pytest.importorskip("torch")
    run = contenders.torch(TINY[name])
    with torch.profiler.profile(with_flops=True) as profile:
        run(1)
    counted = sum(
        event.flops for event in profile.events() if event.name in ("aten::addmm", "aten::mm")
    )
    assert counted == sum(2 * n * k * o for n, k, o in products(TINY[name]))
