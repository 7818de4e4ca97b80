"""Minibatches: shape, dtype, epochs that leave nothing out, and the same bits after a stop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.data import Fresh, Shuffled
from numgan.errors import InputError
from numgan.theory import Gaussian


def numbered(R):
    """R rows that say which they are."""
    return np.arange(R, dtype=np.float64)[:, None] * [1, 10]


def test_fresh_draws_are_the_densitys_own():
    P = Gaussian([1.0, 2.0], 0.5)
    source = Fresh(P, "float32")
    x = source.batch(7, np.random.default_rng(3))
    assert source.shape == (2,) and x.shape == (7, 2) and x.dtype == np.float32
    assert np.array_equal(x, P.sample(7, np.random.default_rng(3)).astype(np.float32))
    source.restore(source.state())
    assert source.state() == {}


@settings(deadline=None)
@given(
    R=st.integers(1, 40),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=30),
    seed=st.integers(0, 2**32),
)
def test_every_epoch_holds_every_row_once(R, sizes, seed):
    rng, source = np.random.default_rng(seed), Shuffled(numbered(R), "float64")
    batches = [source.batch(min(m, R), rng) for m in sizes]
    assert [len(b) for b in batches] == [min(m, R) for m in sizes]
    seen = np.concatenate(batches)[:, 0]
    # whole epochs, and a last one that is not over: no row twice
    for start in range(0, len(seen), R):
        epoch = seen[start : start + R]
        assert len(np.unique(epoch)) == len(epoch)
    assert all(np.array_equal(b[:, 1], 10 * b[:, 0]) for b in batches)


def test_permutations_are_equally_likely():
    """χ² over the 24 orders of 4 rows in 2,400 epochs of one seed. Its 99.9 % quantile at 23
    degrees is 49.7.
    """
    rng, source = np.random.default_rng(0), Shuffled(np.arange(4.0)[:, None], "float64")
    orders, counts = np.unique(
        [source.batch(4, rng)[:, 0] for _ in range(2400)], axis=0, return_counts=True
    )
    assert len(orders) == 24
    assert np.sum((counts - 100) ** 2 / 100) < 49.7


@settings(deadline=None)
@given(
    R=st.integers(1, 20), m=st.integers(1, 20), before=st.integers(0, 9), seed=st.integers(0, 2**32)
)
def test_restored_state_gives_the_same_batches(R, m, before, seed):
    m, rng, source = min(m, R), np.random.default_rng(seed), Shuffled(numbered(R))
    for _ in range(before):
        source.batch(m, rng)
    state, bits = {k: v.copy() for k, v in source.state().items()}, rng.bit_generator.state
    expected = [source.batch(m, rng) for _ in range(5)]

    again = Shuffled(numbered(R))
    again.batch(m, np.random.default_rng(seed + 1))  # whatever it did before is forgotten
    again.restore(state)
    rng.bit_generator.state = bits
    assert all(np.array_equal(again.batch(m, rng), batch) for batch in expected)


def test_batches_do_not_share_memory_with_the_data():
    source = Shuffled(numbered(3), "float64")
    source.batch(3, np.random.default_rng(0))[...] = np.nan
    assert np.isfinite(source.rows).all()


def test_rows_of_any_shape_in_the_asked_dtype():
    source = Shuffled(np.zeros((5, 2, 3), dtype=np.uint8), "float32")
    x = source.batch(4, np.random.default_rng(0))
    assert source.shape == (2, 3) and x.shape == (4, 2, 3) and x.dtype == np.float32


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (
            lambda s, rng: s.batch(6, rng),
            "a batch of 6 from data of 5 rows: expected between 1 and 5",
        ),
        (lambda s, rng: s.batch(0, rng), "a batch of 0 from data of 5 rows"),
        (
            lambda s, rng: Fresh(Gaussian(0.0)).batch(0, rng),
            "a batch of 0 samples: expected at least 1",
        ),
        (lambda s, rng: Shuffled(np.zeros((0, 2))), r"shape \(0, 2\): expected at least one row"),
        (lambda s, rng: Shuffled(np.float64(1)), r"shape \(\): expected at least one row"),
        (lambda s, rng: s.restore({}), r"has \[\]: expected order and position"),
        (
            lambda s, rng: s.restore({"order": np.arange(4), "position": np.array(0)}),
            "4 rows: expected a perm.* of 5",
        ),
        (
            lambda s, rng: s.restore({"order": np.zeros(5), "position": np.array(0)}),
            "expected a permutation of 5",
        ),
        (
            lambda s, rng: s.restore({"order": np.arange(5), "position": np.array(6)}),
            "stands at 6: expected 0 to 5",
        ),
        (
            lambda s, rng: s.restore({"order": np.arange(5), "position": np.arange(2)}),
            r"stands at "
            r"\[0 1\]",
        ),
    ],
)
def test_what_cannot_be_is_refused(act, says):
    source = Shuffled(numbered(5))
    with pytest.raises(InputError, match=says) as refused:
        act(source, np.random.default_rng(0))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            [[0.0, 1.0], [2.0, np.nan], [np.nan, 0.0]],
            "row 1 of the data, counted from 0, is not finite in float32",
        ),
        (np.array([1.0, 2.0, np.inf]), "row 2 of the data"),
        (np.array([[1e300]]), "row 0 of the data, counted from 0, is not finite in float32"),
        ([["a", "b"]], "rows are <U1 of shape .*: expected real numbers"),
        (np.ones((2, 2)) + 0j, "rows are complex128"),
        (np.array([None, 1]), "rows are object"),
        ([[1.0], [1.0, 2.0]], "rows of different lengths"),
        ([], "at least one row"),
        (5.0, "at least one row"),
        (None, "rows are object"),
    ],
    ids=str,
)
def test_rows_are_finite_numbers(rows, says):
    with pytest.raises(InputError, match=says):
        Shuffled(rows)


def test_rows_whose_squares_overflow_are_finite():
    assert Shuffled(np.float32([[3e30], [4e30]])).rows.dtype == np.float32
    assert Shuffled([[1, 2], [3, 4]]).rows.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("rng", [None, np.random.RandomState(0), np.random, 5], ids=str)
def test_batches_are_drawn_by_a_generator(rng):
    for source in (Shuffled(numbered(3)), Fresh(Gaussian([0.0], 1.0))):
        with pytest.raises(
            InputError, match="rng must be a generator such as numpy.random.default_rng"
        ):
            source.batch(2, rng)
