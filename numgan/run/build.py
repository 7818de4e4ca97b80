"""From a configuration to the training that it describes, and between a training and the vectors of a checkpoint."""

from __future__ import annotations

from typing import Any

import numpy as np

from numgan.architectures import mlp
from numgan.data import Dataset
from numgan.errors import InputError
from numgan.game import Game
from numgan.layers import Tanh
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS, SCHEDULES, Optimizer
from numgan.run.config import Config
from numgan.training import Training


def build(config: Config, data: Dataset) -> Training:
    """The training at its first step. Raises InputError where the data do not fit the configuration."""
    if data.rows is not None and config.batch > data.rows:
        raise InputError(f"--batch {config.batch} is larger than the data, which has {data.rows} rows")
    rng = np.random.default_rng(config.seed)
    G = mlp([config.latent, *config.hidden, data.dim], config.activation, [Tanh()] if data.bounded else [])
    D = mlp([data.dim, *reversed(config.hidden), 1], config.activation_d or config.activation)
    return Training(
        game=Game(G, D, OBJECTIVES[config.objective]),
        data=data,
        rng=rng,
        theta_d=D.initial(rng, config.dtype),
        theta_g=G.initial(rng, config.dtype),
        optimizer_d=optimizer(config, config.lr if config.lr_d is None else config.lr_d, config.k),
        optimizer_g=optimizer(config, config.lr, 1),
        m=config.batch,
        k=config.k,
        average=config.ema,
    )


def optimizer(config: Config, lr: float, k: int) -> Optimizer:
    """A player's optimizer: it takes k steps an iteration, so its schedule is k times as long."""
    eta = SCHEDULES[config.schedule](lr, config.steps * k)
    options = {"adam": {"beta1": config.beta1}, "momentum": {"beta": config.beta1}, "nesterov": {"beta": config.beta1}}
    return OPTIMIZERS[config.optimizer](eta, **options.get(config.optimizer, {}))


def snapshot(training: Training, data: Dataset) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """All that Algorithm 1 has changed so far: arrays, and what is no array."""
    arrays = {name: getattr(training, name) for name in ("theta_d", "theta_g", "theta_bar")}
    for name, source in (("optimizer_d", training.optimizer_d.state), ("optimizer_g", training.optimizer_g.state),
                         ("data", data.state())):  # fmt: skip
        arrays |= {f"{name}.{key}": value for key, value in source.items()}
    return arrays, {
        "iterations": training.iterations,
        "t_d": training.optimizer_d.t,
        "t_g": training.optimizer_g.t,
        "rng": training.rng.bit_generator.state,
    }


def restore(training: Training, data: Dataset, arrays: dict[str, np.ndarray], about: dict[str, Any]) -> None:
    """Put a snapshot back into a training built from the same configuration."""

    def part(name: str) -> dict[str, np.ndarray]:
        return {key.removeprefix(name + "."): value for key, value in arrays.items() if key.startswith(name + ".")}

    for name in ("theta_d", "theta_g", "theta_bar"):
        getattr(training, name)[...] = arrays[name]
    training.optimizer_d.state, training.optimizer_d.t = part("optimizer_d"), about["t_d"]
    training.optimizer_g.state, training.optimizer_g.t = part("optimizer_g"), about["t_g"]
    data.restore(part("data"))
    training.rng.bit_generator.state = about["rng"]
    training.iterations = about["iterations"]
