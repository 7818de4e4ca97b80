"""Every layer, on shapes drawn at random: its gradients, its R-passes, and the manners that
networks rely on.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.layers import ACTIVATIONS
from tests.layers.cases import CASES, distance, point

H = 1e-200  # a complex step has no cancellation: h may be so small that its square is 0
every = pytest.mark.parametrize("kind", CASES)
several = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 10**6)


@every
@several
@given(data=st.data(), seed=seeds)
def test_gradients_against_the_complex_step(kind, data, seed):
    """⟨dx, Rx⟩ + ⟨dP, RP⟩ = Im ⟨dy, y(x + ihRx, P + ihRP)⟩/h: both sides are exact, so only
    rounding is between them.

    Sums of up to a few thousand terms at ε = 2e-16, relative to the sum of their sizes: below 1e-12
    with room.
    """
    at = point(*data.draw(CASES[kind]), seed=seed)
    _, cache = at.forward(at.P, at.x)
    dx, dP = at.layer.backward(at.P, cache, at.dy), at.layer.gradient(at.P, cache, at.dy)
    for n, (name, value) in enumerate(zip(("x", *at.layer.parameters()), (dx, *dP), strict=True)):
        assert value.shape == (at.x if n == 0 else at.P[n - 1]).shape
        R = (at.Rx, *at.RP)[n]
        P = tuple(
            p + 1j * H * Rp if n == m + 1 else p
            for m, (p, Rp) in enumerate(zip(at.P, at.RP, strict=True))
        )
        y, _ = at.forward(P, at.x + 1j * H * at.Rx if n == 0 else at.x)
        terms = at.dy * y.imag / H
        assert abs(terms.sum() - (value * R).sum()) <= 1e-12 * max(
            1, abs(terms).sum(), abs(value * R).sum()
        ), name


@every
@several
@given(data=st.data(), seed=seeds)
def test_r_passes_against_the_complex_step_of_the_ordinary_passes(kind, data, seed):
    """R{·} = Im (·)(everything + ihR)/h, entry by entry; 1e-11 because r = 1/√(σ² + ε) ≤ 10 enters
    up to its cube.
    """
    at = point(*data.draw(CASES[kind]), seed=seed)
    named = at.passes()
    P = tuple(p + 1j * H * Rp if Rp.any() else p for p, Rp in zip(at.P, at.RP, strict=True))
    x, dy = at.x + 1j * H * at.Rx, at.dy + 1j * H * at.Rdy
    y, cache = at.forward(P, x)
    assert distance(named["Ry"], y.imag / H) <= 1e-11
    assert distance(named["Rdx"], at.layer.backward(P, cache, dy).imag / H) <= 1e-11
    for name, d in zip(at.layer.parameters(), at.layer.gradient(P, cache, dy), strict=True):
        assert distance(named["Rd" + name], d.imag / H) <= 1e-11, name


@every
@several
@given(data=st.data(), seed=seeds)
def test_r_passes_where_the_parameters_stand_still(kind, data, seed):
    """RP = None gives what RP = 0 gives, to the last few digits: terms are left out, not
    approximated.
    """
    at = point(*data.draw(CASES[kind]), seed=seed)
    at.RP = tuple(0 * Rp for Rp in at.RP)
    zero = at.passes()
    at.RP = None
    for name, value in at.passes().items():
        assert distance(value, zero[name]) <= 1e-13, name


@every
@several
@given(data=st.data(), seed=seeds)
def test_adjoint(kind, data, seed):
    """⟨dy, R{y}⟩ = ⟨dx, Rx⟩ + ⟨dP, RP⟩ (E50), without complex numbers."""
    at = point(*data.draw(CASES[kind]), seed=seed)
    named = at.passes()
    left = at.dy * named["Ry"]
    right = [
        named["dx"] * at.Rx,
        *(named["d" + n] * Rp for n, Rp in zip(at.layer.parameters(), at.RP, strict=True)),
    ]
    scale = max(1, abs(left).sum(), *(abs(term).sum() for term in right))
    assert abs(left.sum() - sum(term.sum() for term in right)) <= 1e-12 * scale


@every
@several
@given(data=st.data(), seed=seeds)
def test_what_is_fixed_has_gradient_zero(kind, data, seed):
    at = point(*data.draw(CASES[kind]), seed=seed)
    named = at.passes()
    for name in at.layer.fixed:
        assert not named["d" + name].any() and not named["Rd" + name].any()


@every
@several
@given(data=st.data(), seed=seeds)
def test_float32(kind, data, seed):
    """float32 comes out of float32, and agrees with float64 as far as float32 reaches.

    ε = 6e-8. The steepest that is drawn is r = 1/√(σ² + ε) ≤ 10, which enters a pass of first order
    once or twice and an R-pass up to its cube: 1e3 ε and 1e4 ε, and sums of some hundred terms on
    top. Kinks do no harm: rounding keeps the sign of an input.
    """
    case = data.draw(CASES[kind])
    single, double = point(*case, "float32", seed), point(*case, "float64", seed)
    for name in ("x", "dy", "Rx", "Rdy"):  # the same numbers, not the same numbers before rounding
        setattr(double, name, getattr(single, name).astype("float64"))
    double.P, double.RP = (
        tuple(p.astype("float64") for p in single.P),
        tuple(p.astype("float64") for p in single.RP),
    )
    exact = double.passes()
    for name, value in single.passes().items():
        assert value.dtype == np.float32, name
        assert distance(value, exact[name]) <= (1e-3 if name.startswith("R") else 1e-4), name


@every
@several
@given(data=st.data(), seed=seeds)
def test_complex_numbers_stay_complex(kind, data, seed):
    at = point(*data.draw(CASES[kind]), "complex128", seed)
    assert all(value.dtype == np.complex128 for value in at.passes().values())


@every
@several
@given(data=st.data(), seed=seeds)
def test_two_forward_passes_share_nothing(kind, data, seed):
    """The gradient at one batch is the same, to the bit, after another batch went through, and when
    asked for twice.
    """
    layer, shape = data.draw(CASES[kind])
    one, other = point(layer, shape, seed=seed), point(layer, shape, seed=seed + 1)
    _, cache = one.forward(one.P, one.x)
    first = layer.backward(one.P, cache, one.dy), *layer.gradient(one.P, cache, one.dy)
    _, cache = one.forward(one.P, one.x)
    other.draw = 8
    other.forward(one.P, other.x)
    for _ in range(2):
        again = layer.backward(one.P, cache, one.dy), *layer.gradient(one.P, cache, one.dy)
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


@every
@several
@given(data=st.data(), seed=seeds)
def test_results_do_not_depend_on_the_order_in_memory(kind, data, seed):
    """Columns first, or every second entry of a larger array: the same numbers, but for the order
    of sums.
    """
    at = point(*data.draw(CASES[kind]), seed=seed)
    plain = at.passes()
    for change in (
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
        lambda a: a[::-1].copy()[::-1],
    ):
        for name in ("x", "dy", "Rx", "Rdy"):
            setattr(at, name, change(getattr(at, name)))
        for name, value in at.passes().items():
            assert distance(value, plain[name]) <= 1e-12, name


def test_E44_the_term_with_the_second_derivative_is_absent_for_relu_and_leaky_relu_only():
    x = np.linspace(-2, 2, 8)  # no kink at 0
    bent = {name for name, layer in ACTIVATIONS.items() if np.any(layer().ddphi(layer().phi(x)[1]))}
    assert set(ACTIVATIONS) - bent == {"relu", "leaky_relu"}
