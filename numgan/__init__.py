"""numgan: generative adversarial networks from scratch in NumPy, every gradient derived by hand.

The parts that a loop of your own needs are here. More layers are in numgan.layers; theory, data,
metrics, dynamics and the checker are rooms of their own: numgan.theory, numgan.data,
numgan.metrics, numgan.dynamics, numgan.check.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numgan.costs import COSTS
    from numgan.errors import InputError
    from numgan.game import Game
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
    "Convolution",
    "Dense",
    "Dropout",
    "Flatten",
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
    "SiLU",
    "Sigmoid",
    "Softplus",
    "SpectralNorm",
    "Tanh",
    "Term",
    "Training",
    "TransposedConvolution",
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
}


def __getattr__(name: str):
    """A part is imported when it is first asked for, so `import numgan` costs less than `import
    numpy`.
    """
    if name not in HOME:
        raise AttributeError(f"module 'numgan' has no attribute {name!r}")
    return getattr(import_module(f"numgan.{HOME[name]}"), name)
