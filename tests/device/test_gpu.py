"""What only a GPU can show, beside what the other files here ask of it and of the stand-in alike.

These tests run on the stand-in too, so that they are known to run; there they say little.
"""

import numpy as np
import pytest

from numgan.architectures import dcgan28, mlp784
from numgan.backend import generator, namespace, to_device, to_host
from numgan.data.sources import Shuffled
from numgan.game import Game
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam
from numgan.training import Training


def training(make, device, noise, m):
    """The networks that users train, in float32 and with Adam."""
    rng = np.random.default_rng(0)
    G, D = make()
    data = Shuffled(np.tanh(rng.standard_normal((4 * m, 784)))).on(device)
    theta_d, theta_g = (to_device(network.initial(rng), device) for network in (D, G))
    return Training(
        Game(G, D, OBJECTIVES["nonsaturating"]),
        data,
        generator(device, rng, noise),
        theta_d,
        theta_g,
        Adam(2e-4, beta1=0.5),
        Adam(2e-4, beta1=0.5),
        m,
    )


@pytest.mark.parametrize("noise", ["host", "device"])
@pytest.mark.parametrize("make", [mlp784, dcgan28])
def test_the_same_seed_gives_the_same_bits_twice(make, noise, device):
    runs = [training(make, "cuda", noise, m=128 if device.real else 2) for _ in range(2)]
    for run in runs:
        for _ in range(20 if device.real else 1):
            run.iteration()
    one, other = (to_host(run.theta_g) for run in runs)
    assert np.isfinite(one).all() and one.tobytes() == other.tobytes()


@pytest.mark.parametrize("make", [mlp784, dcgan28])
def test_gradients_of_large_networks(make, device):
    """In float32 both sides round: 2e-4 of the largest entry, as everywhere here, for each of
    twenty layers.
    """
    here, there = (
        training(make, name, "host", m=64 if device.real else 2) for name in ("cpu", "cuda")
    )
    x, z = (
        here.data.batch(here.m, np.random.default_rng(1)),
        here.latents(here.m, np.random.default_rng(2)),
    )
    x_there, z_there = device.put(x), device.put(z)
    right = here.game.discriminator_step(here.theta_d, here.theta_g, x, z)
    found = there.game.discriminator_step(there.theta_d, there.theta_g, x_there, z_there)
    device.agree(found.dtheta_d, right.dtheta_d, steps=20)
    right_g = here.game.generator_step(here.theta_d, here.theta_g, z)
    found_g = there.game.generator_step(there.theta_d, there.theta_g, z_there)
    device.agree(found_g.dtheta_g, right_g.dtheta_g, steps=20)


def test_everything_that_training_changes_lives_on_the_device(device):
    run = training(mlp784, "cuda", "device", m=8)
    discriminator, generator_step = run.iteration()
    arrays = [
        run.theta_d,
        run.theta_g,
        run.theta_bar,
        run.data.rows,
        run.data.order,
        *run.optimizer_d.state.values(),
        *run.optimizer_g.state.values(),
        *discriminator[:3],
        *generator_step[:2],
    ]
    assert all(namespace(array).__name__ == "cupy" for array in arrays)


def test_memory_does_not_grow(device):
    """After the first iterations no new memory is asked of the GPU: every array of a step is freed
    by its end.
    """
    if not device.real:
        pytest.skip("the stand-in has no memory pool")
    import cupy

    run, pool = training(mlp784, "cuda", "device", m=128), cupy.get_default_memory_pool()
    for _ in range(10):
        run.iteration()
    before = pool.total_bytes()
    for _ in range(50):
        run.iteration()
    assert pool.total_bytes() == before
