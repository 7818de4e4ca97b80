"""numgan: generative adversarial networks from scratch in NumPy, every gradient derived by hand.

    run = numgan.train("ring", steps=2000)      run.sample(100)   run.plot()   run.summary()

`train` and what goes with it (load, start, iterations, GANSampler) make the runs of the command
line. The parts that a loop of your own needs are here too. More layers are in numgan.layers;
theory, data, metrics, dynamics and the checker are rooms of their own: numgan.theory,
numgan.data, numgan.metrics, numgan.dynamics, numgan.check.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numgan.costs import COSTS
    from numgan.data import Dataset
    from numgan.errors import InputError
    from numgan.game import Game
    from numgan.lab.notebook import show_lab
    from numgan.layers import (
        ELU,
        GELU,
        BatchNorm,
        Convolution,
        Dense,
        Dropout,
        Flatten,
        Layer,
        LeakyReLU,
        ReLU,
        Reshape,
        Sigmoid,
        SiLU,
        Softplus,
        SpectralNorm,
        Tanh,
        TransposedConvolution,
    )
    from numgan.network import Network
    from numgan.objectives import OBJECTIVES, Objective, Pairwise, Relativistic, Term
    from numgan.optimizers import Adam, Momentum, Optimizer, RMSProp
    from numgan.penalties import PENALTIES, Penalty, Price
    from numgan.run.config import Config
    from numgan.run.finite import Diverged
    from numgan.run.python import GANSampler, iterations, load, start, train
    from numgan.run.run import Run
    from numgan.tensors import load_tensors, save_tensors
    from numgan.training import Training

__version__ = "0.1.0"

__all__ = [
    "COSTS",
    "ELU",
    "GELU",
    "OBJECTIVES",
    "PENALTIES",
    "Adam",
    "BatchNorm",
    "Config",
    "Convolution",
    "Dataset",
    "Dense",
    "Diverged",
    "Dropout",
    "Flatten",
    "GANSampler",
    "Game",
    "InputError",
    "Layer",
    "LeakyReLU",
    "Momentum",
    "Network",
    "Objective",
    "Optimizer",
    "Pairwise",
    "Penalty",
    "Price",
    "RMSProp",
    "ReLU",
    "Relativistic",
    "Reshape",
    "Run",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "SpectralNorm",
    "Tanh",
    "Term",
    "Training",
    "TransposedConvolution",
    "iterations",
    "load",
    "load_tensors",
    "save_tensors",
    "show_lab",
    "start",
    "sweep",
    "train",
]

HOME = dict.fromkeys(__all__, "layers") | {
    "InputError": "errors",
    "Game": "game",
    "Network": "network",
    "Training": "training",
    "OBJECTIVES": "objectives",
    "Objective": "objectives",
    "Pairwise": "objectives",
    "Relativistic": "objectives",
    "Term": "objectives",
    "COSTS": "costs",
    "PENALTIES": "penalties",
    "Penalty": "penalties",
    "Price": "penalties",
    "Adam": "optimizers",
    "Momentum": "optimizers",
    "Optimizer": "optimizers",
    "RMSProp": "optimizers",
    "sweep": "sweeps.api",
    # not numgan.lab("ring"): lab is a package, and to call it a module class of its own would be
    # needed, which neither a type checker nor help() knows
    "show_lab": "lab.notebook",
    "Dataset": "data",
    "Config": "run.config",
    "Diverged": "run.finite",
    "Run": "run.run",
    "load_tensors": "tensors",
    "save_tensors": "tensors",
    **dict.fromkeys(("GANSampler", "iterations", "load", "start", "train"), "run.python"),
}


def __getattr__(name: str):
    """A part is imported when it is first asked for, so `import numgan` costs less than `import
    numpy`.
    """
    if name not in HOME:
        raise AttributeError(f"module 'numgan' has no attribute {name!r}")
    return getattr(import_module(f"numgan.{HOME[name]}"), name)


def __dir__() -> list[str]:
    """The parts, and the rooms that are imported, so that a prompt completes them."""
    return sorted({*__all__, *globals()} - {"HOME", "TYPE_CHECKING", "import_module"})
