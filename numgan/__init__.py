"""numgan: generative adversarial networks from scratch in NumPy, every gradient derived by hand.

The parts that a loop of your own needs are here; theory, data, metrics and the checker are rooms of their own:
numgan.theory, numgan.data, numgan.metrics, numgan.check.
"""

from numgan.errors import InputError
from numgan.game import Game
from numgan.layers import ELU, GELU, Dense, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from numgan.network import Network
from numgan.objectives import OBJECTIVES
from numgan.optimizers import Adam, Momentum, Optimizer, RMSProp
from numgan.training import Training

__version__ = "0.1.0"

__all__ = [
    "ELU",
    "GELU",
    "OBJECTIVES",
    "Adam",
    "Dense",
    "Game",
    "InputError",
    "LeakyReLU",
    "Momentum",
    "Network",
    "Optimizer",
    "RMSProp",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
    "Training",
]
