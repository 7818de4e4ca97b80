"""L1-L13: the layers, each with its forward pass, its gradients and its R-passes side by side."""

from numgan.layers.batchnorm import BatchNorm, RunningNorm
from numgan.layers.composite import Chain, Composite
from numgan.layers.conditioning import ClassPlanes, Conditioned, Embedding, Projection, one_hot
from numgan.layers.convolution import Convolution, TransposedConvolution
from numgan.layers.dense import Dense
from numgan.layers.dropout import Dropout, Identity
from numgan.layers.elementwise import ACTIVATIONS, ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from numgan.layers.layer import Layer, Linear
from numgan.layers.minibatch import MinibatchDeviation
from numgan.layers.normalisation import InstanceNorm, LayerNorm
from numgan.layers.resampling import AveragePool, PixelShuffle, Upsample
from numgan.layers.reshape import Flatten, Pack, Reshape
from numgan.layers.residual import Residual
from numgan.layers.spectral import SpectralNorm

__all__ = [
    "ACTIVATIONS", "ELU", "GELU", "AveragePool", "BatchNorm", "Chain", "ClassPlanes", "Composite", "Conditioned",
    "Convolution", "Dense", "Dropout", "Embedding", "Flatten", "Identity", "InstanceNorm", "Layer", "LayerNorm",
    "LeakyReLU", "Linear", "MinibatchDeviation", "Pack", "PixelShuffle", "Projection", "ReLU", "Reshape", "Residual",
    "RunningNorm", "SiLU", "Sigmoid", "Softplus", "SpectralNorm", "Tanh", "TransposedConvolution", "Upsample",
    "one_hot",
]  # fmt: skip
