"""That the benchmarks of a GPU time work of the GPU: nothing in an iteration waits for it, and its
work is on it.
"""

import pytest

from tests.benchmarks import contenders, dcgan28
from tests.benchmarks.contenders import Workload

TINY = {
    "ring": Workload((2, 4, 2), (2, 4, 1), False, 3),
    "mlp784": Workload((2, 4, 6), (6, 4, 1), True, 3),
    "wgangp": Workload((2, 4, 2), (2, 4, 1), False, 3, k=2, weight=10.0),
}


@pytest.mark.parametrize("contender", [contenders.numgan, contenders.floor])
@pytest.mark.parametrize("name", TINY)
def test_an_iteration_never_waits_for_the_device(name, contender, device):
    run = contender(TINY[name], device.name)
    device.without_waiting(lambda: run(2))


@pytest.mark.parametrize("contender", [dcgan28.numgan, dcgan28.floor])
def test_nor_does_one_of_the_dcgan(contender, device):
    run = contender(2, device.name)
    device.without_waiting(lambda: run(1))


@pytest.mark.parametrize("name", ["ring", "mlp784"])
def test_everyone_is_given_the_same_work(name):
    """The products of the floor are those that PyTorch's own profiler counts in its iteration."""
    torch = pytest.importorskip("torch")
    run = contenders.torch(TINY[name])
    with torch.profiler.profile(with_flops=True) as profile:
        run(1)
    counted = sum(
        event.flops for event in profile.events() if event.name in ("aten::addmm", "aten::mm")
    )
    assert counted == sum(2 * n * k * o for n, k, o in contenders.products(TINY[name]))
