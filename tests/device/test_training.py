"""Algorithm 1 on a device: the θ of NumPy after whole iterations that never wait; what a run stops
and goes on with.
"""

import json

import numpy as np
import pytest

from numgan import Game, Training
from numgan.architectures import mlp
from numgan.backend import generator, to_device, to_host
from numgan.check.suite import ARCHITECTURES
from numgan.data import DATASETS, dataset
from numgan.data.sources import Fresh, Shuffled
from numgan.layers.conditioning import one_hot
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Momentum
from numgan.penalties import PENALTIES
from tests.device import standin

M = 6
SHIPPED = [name for name, entry in DATASETS.items() if not entry.needs_path and name != "fashion"]
TOYS = {name: P for name in SHIPPED if (P := dataset(name).density) is not None}
GAMES = ARCHITECTURES | {"in the plane": lambda: (mlp([2, 5, 2]), mlp([2, 5, 1]))}


def rows(shape, classes):
    """Twenty rows for the source; the last numbers of each are its class,
    where there are classes."""
    x = np.random.default_rng(4).standard_normal((20, shape[0] - classes))
    return np.concatenate([x, one_hot(np.arange(20) % classes, classes)], axis=1) if classes else x


def training(architecture, device, dtype="float64", noise="host", penalty=None, source=None):
    """The same start on every device. Heavy ball rather than Adam: where a gradient is zero but for
    rounding, as that of a bias before batch norm is, Adam makes a whole step of it, to a side that
    the order of summation decides."""
    G, D = GAMES[architecture]()
    classes = 3 if "dcgan, " in architecture else 0
    rng = np.random.default_rng(0)
    data = rows(D.input_shape, classes) if source is None else None
    source = Shuffled(data, dtype) if source is None else source
    theta_d, theta_g = (to_device(network.initial(rng, dtype), device) for network in (D, G))
    return Training(
        Game(G, D, OBJECTIVES["nonsaturating"], PENALTIES[penalty] if penalty else None, classes),
        source.on(device),
        generator(device, rng, noise),
        theta_d,
        theta_g,
        Momentum(1e-2, 0.5),
        Momentum(1e-2, 0.5),
        M,
        k=2,
        classes=to_device(data[:, -classes:].astype(dtype), device) if classes else None,
        average=0.5,
    )


def iterate(run, device, times=4):
    """That many iterations, none of which waits; more than an epoch of the twenty rows."""
    return device.without_waiting(lambda: [run.iteration() for _ in range(times)][-1])


def same(here, there, device, steps):
    """Everything that Algorithm 1 changes."""
    for name in ("theta_d", "theta_g", "theta_bar"):
        device.agree(getattr(there, name), getattr(here, name), steps)
    for one, other in (
        (here.optimizer_d, there.optimizer_d),
        (here.optimizer_g, there.optimizer_g),
    ):
        for key, state in one.state.items():
            device.agree(other.state[key], state, steps)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_iterations_of_each_architecture(architecture, dtype, device):
    here, there = training(architecture, "cpu", dtype), training(architecture, "cuda", dtype)
    for _ in range(4):
        d, g = here.iteration()
    d_there, g_there = iterate(there, device)
    # twelve steps, each of which starts from what rounding left of the one before
    same(here, there, device, 40)
    device.agree(d_there.a_real, d.a_real, 40)
    device.agree(g_there.a_fake, g.a_fake, 40)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_iterations_with_a_penalty(penalty, device):
    here, there = (training("mlp tanh", name, penalty=penalty) for name in ("cpu", "cuda"))
    for _ in range(4):
        here.iteration()
    iterate(there, device)
    same(here, there, device, 40)


@pytest.mark.parametrize("name", [name for name, P in TOYS.items() if P.dim == 2])
def test_iterations_on_fresh_draws(name, device):
    source = Fresh(TOYS[name], "float64")
    here, there = (training("in the plane", where, source=source) for where in ("cpu", "cuda"))
    for _ in range(4):
        here.iteration()
    iterate(there, device)
    same(here, there, device, 40)


@pytest.mark.parametrize("name", TOYS)
def test_fresh_draws(name, device):
    source = Fresh(TOYS[name])
    found = device.without_waiting(lambda: source.batch(100, generator("cuda", 3)))
    device.agree(found, source.batch(100, generator("cpu", 3)))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_both_gradients_of_each_objective(name, device):
    G, D = ARCHITECTURES["mlp gelu, tanh last"]()
    game, rng = Game(G, D, OBJECTIVES[name]), np.random.default_rng(6)
    here = [
        D.initial(rng, "float64"),
        G.initial(rng, "float64"),
        rng.standard_normal((M, *D.input_shape)),
        rng.standard_normal((M, *G.input_shape)),
    ]

    def gradients(theta_d, theta_g, x, z):
        yield game.discriminator_step(theta_d, theta_g, x, z).dtheta_d
        yield game.generator_step(theta_d, theta_g, z, x=x).dtheta_g
        yield game.value(theta_d, theta_g, x, z)
        yield game.generator_value(theta_d, theta_g, z, x=x)

    there = [device.put(array) for array in here]
    found = device.without_waiting(lambda: list(gradients(*there)))
    for value, right in zip(found, gradients(*here), strict=True):
        device.agree(value, right, steps=10)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_second_order_of_each_architecture(architecture, device):
    """The network's R-passes along a direction in θ and x, its remembered numbers, and its passes
    outside training.
    """
    for network in ARCHITECTURES[architecture]():
        rng = np.random.default_rng(7)
        theta = network.initial(rng, "float64")
        Rtheta = np.where(network.fixed, 0, rng.standard_normal(network.size))
        x, Rx = rng.standard_normal((2, M, *network.input_shape))
        dy, Rdy = rng.standard_normal((2, M, *network.output_shape))

        def passes(name, theta, Rtheta, x, Rx, dy, Rdy, network=network):
            _, tape = network.forward(theta, x, generator(name, 8))
            Ry, Rtape = network.rforward(theta, tape, Rtheta, Rx)
            yield Ry
            yield network.rgradient(theta, tape, Rtheta, Rtape, dy, Rdy)
            yield network.rbackward(theta, tape, Rtheta, Rtape, dy, Rdy)
            theta = theta.copy()
            network.observe(theta, tape)
            yield theta
            yield network.evaluation().each(theta, x, block=4)

        there = [device.put(array) for array in (theta, Rtheta, x, Rx, dy, Rdy)]
        found = device.without_waiting(lambda at=there: list(passes("cuda", *at)))
        for value, right in zip(found, passes("cpu", theta, Rtheta, x, Rx, dy, Rdy), strict=True):
            device.agree(value, right, steps=10)


# ── stopping and going on
# ────────────────────────────────────────────────────────────────────────────────────────────


def stopped(run):
    """What a checkpoint holds of a training: arrays on the host, and text."""
    arrays = {name: to_host(getattr(run, name)) for name in ("theta_d", "theta_g", "theta_bar")}
    states = {
        "d": {k: to_host(v) for k, v in run.optimizer_d.state.items()},
        "g": {k: to_host(v) for k, v in run.optimizer_g.state.items()},
    }
    text = json.dumps([run.optimizer_d.t, run.optimizer_g.t, run.rng.bit_generator.state])
    return arrays, states, run.data.state(), text


def gone_on(run, stop, device):
    """A new training that goes on from there, on whatever device it is."""
    arrays, states, data, text = stop
    for name, value in arrays.items():
        getattr(run, name)[...] = to_device(value, device)
    run.optimizer_d.state = {k: to_device(v, device) for k, v in states["d"].items()}
    run.optimizer_g.state = {k: to_device(v, device) for k, v in states["g"].items()}
    run.data.restore(data)
    run.optimizer_d.t, run.optimizer_g.t, run.rng.bit_generator.state = json.loads(text)
    return run


@pytest.mark.parametrize("first, second", [("cuda", "cuda"), ("cuda", "cpu"), ("cpu", "cuda")])
def test_a_run_goes_on_on_any_device(first, second, device):
    """With the host's noise the random numbers are the same everywhere, so even the device may
    change on the way.
    """
    whole, half = training("mlp with dropout", "cpu"), training("mlp with dropout", first)
    for _ in range(4):
        whole.iteration()
    for _ in range(2):
        half.iteration()
    again = gone_on(training("mlp with dropout", second), stopped(half), second)
    for _ in range(2):
        again.iteration()
    same(whole, again, device, 40)


def test_a_run_with_the_devices_own_noise_goes_on_bit_for_bit(device):
    def run():
        return training("mlp with dropout", "cuda", noise="device")

    whole, half = run(), run()
    iterate(whole, device, 4)
    iterate(half, device, 2)
    again = gone_on(run(), stopped(half), "cuda")
    iterate(again, device, 2)
    for name in ("theta_d", "theta_g", "theta_bar"):
        assert to_host(getattr(again, name)).tobytes() == to_host(getattr(whole, name)).tobytes()


def test_the_devices_own_noise_is_copied_from_nowhere(pretended):
    run = training("mlp with dropout", "cuda", noise="device")
    pretended.forget()
    run.iteration()
    assert standin.copies == []
