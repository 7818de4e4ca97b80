"""The layers, each with its forward pass, its gradients and its R-passes side by side.

`LAYERS` lists them in the order of the derivation. `numgan check`, the tests and the comparison
with PyTorch go through this list; the cases are each layer's own `examples`.
"""

from numgan.layers.attention import SelfAttention
from numgan.layers.augmentation import AUGMENTATIONS, Brightness, Cutout, Translation
from numgan.layers.batchnorm import BatchNorm, RunningNorm
from numgan.layers.categories import Categories
from numgan.layers.composite import Chain, Composite
from numgan.layers.conditioning import ClassPlanes, Conditioned, Embedding, one_hot
from numgan.layers.convolution import Convolution, TransposedConvolution
from numgan.layers.dense import Dense
from numgan.layers.dropout import Dropout, Identity
from numgan.layers.elementwise import (
    ACTIVATIONS,
    ELU,
    GELU,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from numgan.layers.layer import Layer, Linear
from numgan.layers.minibatch import MinibatchDeviation
from numgan.layers.noise import InstanceNoise
from numgan.layers.normalisation import GroupNorm, InstanceNorm, LayerNorm
from numgan.layers.pixelnorm import PixelNorm
from numgan.layers.projection import Projection
from numgan.layers.resampling import AveragePool, PixelShuffle, Upsample
from numgan.layers.reshape import Flatten, Pack, Reshape
from numgan.layers.residual import Residual
from numgan.layers.spectral import SpectralNorm

LAYERS: tuple[type[Layer], ...] = (
    Dense,  # L1
    *ACTIVATIONS.values(),  # L2
    Convolution,
    TransposedConvolution,  # L3, L4, L17
    BatchNorm,
    RunningNorm,
    LayerNorm,
    InstanceNorm,  # L5, L6
    Dropout,
    Identity,  # L7
    Embedding,
    Conditioned,
    ClassPlanes,
    Projection,  # L8
    AveragePool,
    Upsample,
    PixelShuffle,  # L9
    Reshape,
    Pack,
    Flatten,  # L10
    SpectralNorm,  # L11
    MinibatchDeviation,  # L12
    Residual,
    Chain,  # L13
    GroupNorm,  # L14
    Categories,  # L15
    PixelNorm,  # L16
    SelfAttention,  # L18
    InstanceNoise,  # L19
    Translation,
    Cutout,
    Brightness,  # L20
)

__all__ = [
    "ACTIVATIONS",
    "AUGMENTATIONS",
    "ELU",
    "GELU",
    "LAYERS",
    "AveragePool",
    "BatchNorm",
    "Brightness",
    "Categories",
    "Chain",
    "ClassPlanes",
    "Composite",
    "Conditioned",
    "Convolution",
    "Cutout",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GroupNorm",
    "Identity",
    "InstanceNoise",
    "InstanceNorm",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "MinibatchDeviation",
    "Pack",
    "PixelNorm",
    "PixelShuffle",
    "Projection",
    "ReLU",
    "Reshape",
    "Residual",
    "RunningNorm",
    "SelfAttention",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "SpectralNorm",
    "Tanh",
    "Translation",
    "TransposedConvolution",
    "Upsample",
    "one_hot",
]
