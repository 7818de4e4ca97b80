"""From a configuration to the training that it describes, and from a training to the arrays of a
checkpoint and back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

import numpy as np

from numgan.architectures import augmented, dcgan, mlp_pair, noisy, residual
from numgan.backend import Array, generator, to_device, to_host
from numgan.costs import COSTS, Cost
from numgan.data import Dataset, dataset, gaussian
from numgan.data.dataset import from_density
from numgan.dynamics.play import GAME_RULES, RuleTraining
from numgan.errors import InputError
from numgan.game import Game
from numgan.layers import AUGMENTATIONS, Categories, Layer, Tanh
from numgan.network import Network
from numgan.objectives import OBJECTIVES, smoothed
from numgan.optimizers import OPTIMIZERS, SCHEDULES, Adam, Optimizer
from numgan.penalties import PENALTIES, Priced
from numgan.run.config import Config
from numgan.run.memory import enough
from numgan.training import Training
from numgan.values import BaseObjective

TEMPERATURE = 0.5  # of the heads of categories

Schedule = Callable[[int], float]


def data_of(config: Config) -> Dataset:
    """The data that the configuration names. A normal distribution with the user's mean and
    deviation is scaled to mean 0 and standard deviation 1, as rows are:  x = (y − μ)/σ ~ N(0, 1)
    for  y ~ N(μ, σ²).
    """
    if config.mean is None and config.std is None:
        return dataset(config.dataset, config.dtype, config.data, config.choices())
    mean = 1.0 if config.mean is None else config.mean
    std = 2.0 if config.std is None else config.std
    return replace(from_density(gaussian(0.0, 1.0), config.dtype), offset=mean, scale=std)


def build(config: Config, data: Dataset, pairs: Dataset, device: str = "cpu") -> Training:
    """The training at its first step, on `pairs`: the data, or the data with their classes, on the
    device. Both θ are drawn on the host. Raises InputError if the data do not fit the
    configuration.
    """
    if data.rows is not None and config.batch > data.rows:
        raise InputError(
            f"--batch {config.batch} is larger than the data, which has {data.rows} rows: name a "
            f"smaller one, or none"
        )
    rng = np.random.default_rng(config.seed)
    classes = pairs.dim - data.dim
    G, D = networks(config, data, classes)
    fitting(config, G, D)
    theta_d, theta_g = (to_device(theta, device) for theta in drawn_parameters(config, G, D, rng))
    eta_d, eta_g = schedules(config)
    return kind_of_training(config)(
        game=Game(G, D, objective(config), penalty(config), classes, cost(config)),
        data=pairs,
        rng=generator(device, rng, config.noise),
        theta_d=theta_d,
        theta_g=theta_g,
        optimizer_d=optimizer(config, eta_d),
        optimizer_g=optimizer(config, eta_g),
        m=config.batch,
        k=config.k,
        classes=pairs.all_rows()[:, data.dim :] if config.conditional else None,
        every=config.every,
        clip=config.clip,
        average=config.ema,
    )


def drawn_parameters(config: Config, G: Network, D: Network, rng: Any) -> tuple[Array, Array]:
    """θ_d and θ_g of a new run, on the host."""
    theta_d = D.initial(rng, config.dtype)
    return theta_d, G.initial(rng, config.dtype)


def first_parameters(config: Config, G: Network, D: Network) -> tuple[Array, Array]:
    """Where a run of this configuration began: θ_d and θ_g, on the host."""
    return drawn_parameters(config, G, D, np.random.default_rng(config.seed))


def kind_of_training(config: Config) -> Callable[..., Training]:
    """Algorithm 1, or the rule for both players that the configuration names."""
    rule = GAME_RULES.get(config.rule)
    if rule is None:
        return Training
    return partial(RuleTraining, rule=rule, strength=config.strength, horizon=config.horizon)


def networks(config: Config, data: Dataset, classes: int) -> tuple[Network, Network]:
    """G and D for the shape of the data; D sees A x + s ξ, with the augmentations of the
    configuration (L20) and then its noise (L19). The noise stands next to D: so what D sees has a
    density. Raises InputError for an option that is for images where there are none."""
    G, D = plain_networks(config, data, classes)
    if config.instance_noise:
        D = noisy(D, config.instance_noise, config.steps * config.k, classes)
    if config.augment is None:
        return G, D
    if data.image_shape is None:
        raise InputError(f"--augment is for images, and {config.dataset!r} has none")
    maps = [AUGMENTATIONS[name] for name in config.augment.split(",")]
    return G, augmented(D, data.image_shape, maps, classes)


def plain_networks(config: Config, data: Dataset, classes: int) -> tuple[Network, Network]:
    """G and D of the chosen architecture, without augmentations and noise."""
    if config.arch != "mlp":
        if data.image_shape is None:
            raise InputError(f"--arch {config.arch} is for images, and {config.dataset!r} has none")
        if config.pack > 1:
            raise InputError("--pack is for --arch mlp")
        pair = {"dcgan": dcgan, "residual": residual}[config.arch]
        return pair(data.image_shape, config.hidden[::-1], config.latent, classes)
    last: list[Layer] = [Tanh()] if data.bounded else []
    if data.columns is not None and data.columns.sizes:
        last = [Categories(data.columns.free, data.columns.sizes, TEMPERATURE)]
    return mlp_pair(
        data.dim,
        config.hidden,
        config.latent,
        classes,
        config.activation,
        config.activation_d,
        last,
        config.pack,
    )


def fitting(config: Config, G: Network, D: Network) -> None:
    """Raise InputError if the memory is too small for the arrays of a checkpoint, or for the widest
    layer of a minibatch.
    """
    sizes = (
        f"--hidden {','.join(map(str, config.hidden))}, --latent {config.latent}, --pack "
        f"{config.pack}"
    )
    states = len(optimizer(config, 0.0).remembers)
    # θ_d, θ_g, θ̄_g, and the optimizers' states
    held = D.size + 2 * G.size + states * (D.size + G.size)
    enough(f"a game with {sizes}", 2 * held, config.dtype)
    enough(f"--batch {config.batch}", config.batch * max(map(prod, G.shapes)), config.dtype)


def objective(config: Config) -> BaseObjective:
    """The row of the table, with smoothed labels if the configuration asks for them."""
    row = OBJECTIVES[config.objective]
    return smoothed(row, config.smoothing) if config.smoothing else row


def penalty(config: Config) -> Priced | None:
    """The row of the table, or the sum of several, with the user's weights if there are any."""
    return total(PENALTIES, config.penalty, config.weight)


def cost(config: Config) -> Cost | None:
    """The cost of G, made like the penalty."""
    return total(COSTS, config.cost, config.cost_weight)


def total(table: Mapping[str, Any], names: str | None, weights: Any) -> Any:
    """The sum of the rows with these names, such as r1,r2; None for no name."""
    if names is None:
        return None
    rows = [table[name] for name in names.split(",")]
    if weights is not None:
        weights = weights if isinstance(weights, tuple) else (weights,)
        rows = [replace(row, weight=weight) for row, weight in zip(rows, weights, strict=True)]
    return sum(rows[1:], rows[0])


def schedules(config: Config) -> tuple[Schedule, Schedule]:
    """η of D and of G. D takes k steps in each iteration, so its schedule is k times as long. All
    evaluations of a rule within one iteration use the same η.
    """
    lr_d = config.lr if config.lr_d is None else config.lr_d
    schedule, often = SCHEDULES[config.schedule], evaluations(config)
    eta_d, eta_g = schedule(lr_d, config.steps * config.k), schedule(config.lr, config.steps)
    if often == 1:
        return eta_d, eta_g
    return (lambda t: eta_d(t // often)), (lambda t: eta_g(t // often))


def optimizer(config: Config, eta: float | Schedule) -> Optimizer:
    """The optimizer of one player."""
    options = {
        "adam": {"beta1": config.beta1},
        "momentum": {"beta": config.beta1},
        "nesterov": {"beta": config.beta1},
    }
    return OPTIMIZERS[config.optimizer](eta, **options.get(config.optimizer, {}))


def sums_of_means(config: Config, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What Adam remembers, from the arrays of a checkpoint of 0.1: it kept m = (1−β₁) Σ β₁ⁱ g, and
    keeps the sum (E36).
    """
    if config.optimizer != "adam":
        return {}
    rule = Adam(0.0, beta1=config.beta1)
    names = {f"optimizer_{player}.{name}" for player in "dg" for name in "mv"} & arrays.keys()
    share = {"m": 1 - rule.beta1, "v": 1 - rule.beta2}
    return {name: arrays[name] / share[name[-1]] for name in names}


def evaluations(config: Config) -> int:
    """The number of steps that each optimizer takes in one iteration of the rule; 1 for alternating
    steps.
    """
    row = GAME_RULES.get(config.rule)
    return 1 if row is None else row.evaluations


def snapshot(training: Training, data: Dataset) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Everything that Algorithm 1 has changed so far: arrays, on the host, and values that are no
    arrays.
    """
    arrays = {
        name: to_host(getattr(training, name)) for name in ("theta_d", "theta_g", "theta_bar")
    }
    for name, source in (
        ("optimizer_d", training.optimizer_d.state),
        ("optimizer_g", training.optimizer_g.state),
        ("data", data.state()),
        ("rule", getattr(training, "memory", {})),
    ):
        arrays |= {f"{name}.{key}": to_host(value) for key, value in source.items()}
    return arrays, {
        "iterations": training.iterations,
        "t_d": training.optimizer_d.t,
        "t_g": training.optimizer_g.t,
        "rng": training.rng.bit_generator.state,
    }


def restore(
    training: Training,
    data: Dataset,
    arrays: dict[str, np.ndarray],
    about: dict[str, Any],
    device: str = "cpu",
) -> None:
    """Copy a snapshot that schema.py has checked into a training built from the same configuration,
    on any device. Raises InputError if the place in an epoch does not fit these data.
    """

    def part(name: str) -> dict[str, np.ndarray]:
        return {
            key.removeprefix(name + "."): value
            for key, value in arrays.items()
            if key.startswith(name + ".")
        }

    def moved(name: str) -> dict[str, Array]:
        return {key: to_device(value, device) for key, value in part(name).items()}

    for name in ("theta_d", "theta_g", "theta_bar"):
        getattr(training, name)[...] = to_device(arrays[name], device)
    training.optimizer_d.state, training.optimizer_d.t = moved("optimizer_d"), about["t_d"]
    training.optimizer_g.state, training.optimizer_g.t = moved("optimizer_g"), about["t_g"]
    data.restore(part("data"))
    if isinstance(training, RuleTraining):
        training.memory = {
            name: value if value.shape == () else to_device(value, device)
            for name, value in part("rule").items()
        }
    # noise of the GPU, in a run that is only inspected here
    if "draws" in about["rng"] and device == "cpu":
        training.rng = np.random.default_rng([about["rng"]["seed"], about["rng"]["draws"]])
    else:
        training.rng.bit_generator.state = about["rng"]
    training.iterations = about["iterations"]
