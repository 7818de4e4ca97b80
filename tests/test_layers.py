"""L1 and L2 against other people's formulas: einsum, SciPy's special functions, and their values
far out.
"""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from numgan.errors import InputError
from numgan.layers import (
    ACTIVATIONS,
    ELU,
    GELU,
    Dense,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from numgan.layers.functions import erf, expm1, sigmoids, softplus, step
from numgan.layers.initial import STANDARD_DEVIATION

EPS = np.finfo(float).eps
x = np.concatenate([np.linspace(-8, 8, 401), [-700.0, -100.0, -20.0, 20.0, 100.0, 700.0]])
# φ and φ' by SciPy, and how many roundings of max(1, |φ|) apart the two may be: each is a few
# operations long; erf is a sum of 24 terms, to 1e−15 by its own account
REFERENCE = {
    ReLU(): (np.maximum(x, 0), x > 0, 1),
    LeakyReLU(0.1): (np.where(x > 0, x, 0.1 * x), np.where(x > 0, 1, 0.1), 2),
    ELU(1.5): (
        np.where(x > 0, x, 1.5 * special.expm1(np.minimum(x, 0))),
        np.where(x > 0, 1, 1.5 * np.exp(np.minimum(x, 0))),
        4,
    ),
    Tanh(): (np.tanh(x), 1 / np.cosh(np.clip(x, -300, 300)) ** 2, 4),
    Sigmoid(): (special.expit(x), special.expit(x) * special.expit(-x), 4),
    Softplus(): (np.logaddexp(0, x), special.expit(x), 4),
    SiLU(): (x * special.expit(x), special.expit(x) * (1 + x * special.expit(-x)), 8),
    GELU(): (x * stats.norm.cdf(x), stats.norm.cdf(x) + x * stats.norm.pdf(x), 32),
}


@pytest.mark.parametrize("layer", REFERENCE, ids=str)
def test_activations_are_those_of_scipy_far_out_too(layer):
    phi, dphi, roundings = REFERENCE[layer]
    y, cache = layer.forward((), x)
    dx = layer.backward((), cache, np.ones_like(x))
    assert np.all(np.abs(y - phi) <= roundings * EPS * np.maximum(1, np.abs(phi)))
    assert np.all(np.abs(dx - dphi) <= roundings * EPS * np.maximum(1, np.abs(x)))
    assert np.isfinite(y).all() and np.isfinite(dx).all()


def test_every_activation_has_a_reference():
    assert {type(layer) for layer in REFERENCE} == set(ACTIVATIONS.values())


@pytest.mark.parametrize(
    ("layer", "slope"), [(ReLU(), 0), (LeakyReLU(0.3), 0.3), (ELU(2.0), 2.0)], ids=str
)
def test_the_convention_at_the_kink(layer, slope):
    y, cache = layer.forward((), np.zeros(1))
    assert y == 0 and layer.backward((), cache, np.ones(1)) == slope


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
def test_dense_is_its_sums(N, I, O, seed):
    rng = np.random.default_rng(seed)
    x, W, b, dy = (rng.standard_normal(s) for s in ((N, I), (I, O), O, (N, O)))
    layer = Dense(I, O)
    y, cache = layer.forward((W, b), x)
    dW, db = layer.gradient((W, b), cache, dy)
    dx = layer.backward((W, b), cache, dy)
    close = {"rtol": 0, "atol": 40 * EPS * 5}  # sums of five products, each below 10 or so
    assert np.allclose(y, np.einsum("ni,io->no", x, W) + b, **close)
    assert np.allclose(dW, np.einsum("ni,no->io", x, dy), **close) and np.allclose(
        db, np.einsum("no->o", dy), **close
    )
    assert np.allclose(dx, np.einsum("no,io->ni", dy, W), **close)


@given(st.floats(-700, 700))
def test_the_two_sigmoids_are_exact_where_one_of_them_vanishes(a):
    s, t = (float(v) for v in sigmoids(np.array(a)))
    # a relative error of four roundings, also of a number like e^−700
    assert s == pytest.approx(special.expit(a), rel=4 * EPS) and t == pytest.approx(
        special.expit(-a), rel=4 * EPS
    )


def test_special_functions():
    assert np.all(np.abs(erf(x) - special.erf(x)) <= 1e-15)  # what its docstring promises
    assert np.all(np.abs(erf(x.astype("float32")) - special.erf(x.astype("float32"))) <= 5e-7)
    assert np.allclose(softplus(x), np.logaddexp(0, x), rtol=4 * EPS, atol=0)
    assert expm1(np.array(1e-12)) == np.expm1(1e-12)
    assert np.allclose(expm1(np.array(0.3 + 1e-200j)).imag, np.exp(0.3) * 1e-200, rtol=4 * EPS)
    assert np.array_equal(step(np.array([-1.0, 0.0, 2.0, -1 + 5j])), [0, 0, 1, 0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_float32_stays_float32(name):
    layer = ACTIVATIONS[name]()
    z = np.float32([-1.5, 0.25, 3.0])
    y, cache = layer.forward((), z)
    dx = layer.backward((), cache, z)
    Ry, Rcache = layer.rforward((), cache, None, z)
    assert {a.dtype for a in (y, dx, Ry, layer.rbackward((), cache, None, Rcache, z, z))} == {
        np.dtype("float32")
    }


@pytest.mark.parametrize("name", STANDARD_DEVIATION)
def test_initial_weights_have_the_deviation_of_their_name(name):
    W, b = Dense(200, 100, name).initial(np.random.default_rng(0))
    expected = {"he": (2 / 200) ** 0.5, "glorot": (2 / 300) ** 0.5, "dcgan": 0.02, "zero": 0}[name]
    # 20,000 draws: the deviation of a deviation is 1/√40,000 of it; six of them
    assert (
        W.std() == pytest.approx(expected, rel=6 / 200)
        and abs(W.mean()) <= 6 * expected / 20_000**0.5
    )
    assert not b.any()


def test_layers_are_frozen_values():
    assert Dense(2, 3) == Dense(2, 3) != Dense(3, 2) and hash(Tanh()) == hash(Tanh())
    with pytest.raises(dataclasses.FrozenInstanceError):
        Dense(2, 3).I = 4


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Dense(0, 3), "I must be a whole number of at least 1, got 0"),
        (lambda: Dense(2, 3.0), "O must be"),
        (lambda: Dense(True, 3), "I must be"),
        (lambda: Dense(2, 3, "xavier"), "unknown initialisation 'xavier'"),
        (lambda: LeakyReLU(float("nan")), "a must be a finite number"),
        (lambda: ELU("1"), "alpha must be a finite number"),
        (lambda: Dense(2, 3).output_shape((5,)), "expected rows of shape (2,), got (5,)"),
    ],
)
def test_bad_input_is_one_line(make, said):
    with pytest.raises(InputError) as raised:
        make()
    assert said in str(raised.value) and "\n" not in str(raised.value)
