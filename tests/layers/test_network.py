"""A network is θ and a chain of layers: the six passes on flat vectors, and the architectures made
of them.
"""

import numpy as np
import pytest

from numgan.architectures import dcgan, dcgan8, dcgan28, dcgan32, mlp784
from numgan.errors import InputError
from numgan.layers import (
    AveragePool,
    BatchNorm,
    Convolution,
    Dense,
    Flatten,
    MinibatchDeviation,
    PixelShuffle,
    Reshape,
    Residual,
    Softplus,
    SpectralNorm,
    Tanh,
    TransposedConvolution,
)
from numgan.network import Network

H = 1e-200


def everything():
    """One layer of most kinds in a row, smooth, so that R-passes have every term."""
    return Network(
        [
            Dense(5, 18),
            Reshape((3, 3, 2)),
            TransposedConvolution(2, 4, 3, 2, 1, 1, bias=False),
            BatchNorm(4, 0.1),
            Tanh(),
            Residual((Convolution(4, 4, 3, 1, 1), Softplus(), Convolution(4, 4, 1))),
            PixelShuffle(2),
            AveragePool(3),
            SpectralNorm(Convolution(1, 3, 2, 2)),
            MinibatchDeviation(0.1),
            Flatten(),
            Dense(16, 2),
        ],
        (5,),
    )


def test_the_passes_of_a_whole_network_against_the_complex_step():
    """Forward, backward, gradient and the three R-passes at once; twelve layers deep, relative to
    the largest entry.
    """
    net, rng = everything(), np.random.default_rng(0)
    theta, x, Rx = net.initial(rng, "float64"), *rng.standard_normal((2, 4, 5))
    Rtheta = np.where(net.fixed, 0, rng.standard_normal(net.size))
    dy, Rdy = rng.standard_normal((2, 4, 2))
    y, tape = net.forward(theta, x)
    dtheta, dx = net.gradient(theta, tape, dy), net.backward(theta, tape, dy)
    Ry, Rtape = net.rforward(theta, tape, Rtheta, Rx)
    Rdtheta = net.rgradient(theta, tape, Rtheta, Rtape, dy, Rdy)
    Rdx = net.rbackward(theta, tape, Rtheta, Rtape, dy, Rdy)

    step = theta + 1j * H * Rtheta
    cy, ctape = net.forward(step, x + 1j * H * Rx)
    close(Ry, cy.imag / H)
    close(Rdtheta, net.gradient(step, ctape, dy + 1j * H * Rdy).imag / H)
    close(Rdx, net.backward(step, ctape, dy + 1j * H * Rdy).imag / H)
    terms = [dy * Ry, dtheta * Rtheta, dx * Rx]
    assert abs(terms[0].sum() - terms[1].sum() - terms[2].sum()) <= 1e-12 * sum(
        abs(t).sum() for t in terms
    )


def close(ours, exact):
    """1e-11 of the largest entry: second derivatives through a dozen layers."""
    assert np.abs(ours - exact).max() <= 1e-11 * np.abs(exact).max()


def test_a_theta_that_stands_still():
    net, rng = everything(), np.random.default_rng(0)
    theta, x, Rx = net.initial(rng, "float64"), *rng.standard_normal((2, 4, 5))
    dy, Rdy = rng.standard_normal((2, 4, 2))
    _, tape = net.forward(theta, x)
    results = []
    for Rtheta in (None, 0 * theta):
        Ry, Rtape = net.rforward(theta, tape, Rtheta, Rx)
        walk = theta, tape, Rtheta, Rtape, dy, Rdy
        results.append((Ry, net.rgradient(*walk), net.rbackward(*walk)))
    for still, zero in zip(*results, strict=True):
        np.testing.assert_allclose(still, zero, rtol=1e-12, atol=1e-12)


def test_parameters_are_views_into_theta():
    net = everything()
    theta = net.initial(np.random.default_rng(0))
    assert theta.dtype == np.float32 and theta.shape == (net.size,)
    for P, layer in zip(net.views(theta), net.layers, strict=True):
        assert [p.shape for p in P] == list(layer.parameters().values())
        for p in P:
            assert np.shares_memory(p, theta)
    with pytest.raises(InputError, match="expected theta of shape"):
        net.forward(theta[1:], np.zeros((2, 5)))
    with pytest.raises(
        InputError,
        match=r"layer 0, Dense.*expected a batch \(N, 5\), got \(2, "
        r"6\)",
    ):
        net.forward(theta, np.zeros((2, 6)))


ARCHITECTURES = {
    "dcgan8": (dcgan8, 64),
    "dcgan28": (dcgan28, 784),
    "dcgan32": (dcgan32, 3072),
    "mlp784": (mlp784, 784),
}


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize(
    "options", [{}, {"classes": 10}, {"classes": 10, "judge": "concatenation"}]
)
def test_architectures(name, options):
    """G's samples are what D judges, and θ's gradients are there for both, with and without
    classes.
    """
    make, dim = ARCHITECTURES[name]
    if name == "mlp784":
        options = {key: value for key, value in options.items() if key != "judge"}
    G, D = make(**options)
    classes, rng = options.get("classes", 0), np.random.default_rng(0)
    assert D.input_shape == G.output_shape == (dim + classes,)
    theta_g, theta_d = G.initial(rng), D.initial(rng)
    z = rng.standard_normal((3, *G.input_shape), dtype="float32")
    x, tape_g = G.forward(theta_g, z)
    assert x.dtype == np.float32 and np.array_equal(x[:, dim:], z[:, z.shape[1] - classes :])
    a, tape_d = D.forward(theta_d, x)
    assert a.shape == (3, 1) and a.dtype == np.float32
    dtheta_g = G.gradient(theta_g, tape_g, D.backward(theta_d, tape_d, np.ones_like(a)))
    dtheta_d = D.gradient(theta_d, tape_d, np.ones_like(a))
    for net, dtheta in ((G, dtheta_g), (D, dtheta_d)):
        assert (
            dtheta.dtype == np.float32 and np.isfinite(dtheta).all() and not dtheta[net.fixed].any()
        )
    assert str(G.size) in repr(G)


def test_dcgan28_is_the_network_of_its_description():
    G, D = dcgan28()
    assert G.shapes == [
        (64,),
        (6272,),
        *3 * [(7, 7, 128)],
        *3 * [(14, 14, 64)],
        *2 * [(28, 28, 1)],
        (784,),
    ]
    assert D.shapes == [(784,), (28, 28, 1), *2 * [(14, 14, 64)], *3 * [(7, 7, 128)], (6272,), (1,)]
    with pytest.raises(InputError, match="cannot be halved 3 times"):
        dcgan((28, 28, 1), (8, 16, 32), 4)
    with pytest.raises(InputError, match="judge must be projection or concatenation, got 'magic'"):
        dcgan8(classes=10, judge="magic")
