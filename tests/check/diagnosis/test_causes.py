"""Each pattern of error is recognised in arrays that have it, and not in arrays that do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numgan.check.diagnosis.causes import ANY_SHAPE, PATTERNS, likely_cause
from numgan.check.diagnosis.context import Context
from numgan.check.diagnosis.likeness import alike, multiple, real_numbers
from numgan.check.finding import compare
from numgan.check.means.tolerance import rounding

rng = np.random.default_rng(0)
N = rng.standard_normal((5, 3))  # what is right
X = rng.standard_normal((5, 3))
T = rng.standard_normal((5, 3))
SQUARE, CUBE = rng.standard_normal((4, 4)), rng.standard_normal((3, 3, 2))
CENTRED = X - X.mean(0)
MASK = X > 0


def only(rows, array=N, otherwise=0.0):
    return np.where(np.isin(np.arange(len(array)), rows)[:, None], array, otherwise)


CASES = [
    # what it is, a, n, clues, what must be said
    (
        "nan",
        np.where(MASK, N, np.nan),
        N,
        Context(regions={"x ≤ 0": ~MASK}),
        "not finite, all where x ≤ 0",
    ),
    ("zero", 0 * N, N, Context(), "zero everywhere"),
    ("sign", -N, N, Context(), "the sign is flipped"),
    ("half", N / 2, N, Context(sizes={"the batch N": 5}), "a factor 2 is missing"),
    ("double", 2 * N, N, Context(), "counted twice"),
    (
        "sum for mean",
        5 * N,
        N,
        Context(sizes={"the batch N": 5}),
        "5 is the batch N, a mean is written as a sum",
    ),
    (
        "mean for sum",
        N / 5,
        N,
        Context(sizes={"the batch N": 5}),
        "5 is the batch N, a sum is written as a mean",
    ),
    ("a size nobody named", N / 64, N, Context(), "if 64 is a number of samples"),
    ("negative ratio", -3 * N, N, Context(sizes={"C": 3}), "its sign flipped: 3 is C"),
    ("any ratio", 1.7 * N, N, Context(), "analytic = 1.7 × numeric"),
    ("transposed", SQUARE.T, SQUARE, Context(), "transposed"),
    ("transposed, and of another shape", N.T, N, Context(), "transposed"),
    ("axes", CUBE.transpose(1, 0, 2), CUBE, Context(), "its axes are in the order (1, 0, 2)"),
    ("flipped", CUBE[::-1, ::-1], CUBE, Context(), "read backwards along axis 0, 1"),
    ("unsummed", N, N.sum(0), Context(), "the sum over axis 0 is missing"),
    ("reshaped", N.ravel(), N, Context(), "the numbers are right, in the shape (15,)"),
    ("a shape of its own", np.ones(7), N, Context(), "its shape is (7,)"),
    ("a known mistake", T, N, Context(mistakes={"it is T": T}), "it is T"),
    ("absent term", N - T, N, Context(terms={"the penalty": T}), "one term is absent: the penalty"),
    (
        "term with wrong sign",
        N - 2 * T,
        N,
        Context(terms={"the penalty": T}),
        "wrong sign: the penalty",
    ),
    ("term twice", N + T, N, Context(terms={"the penalty": T}), "counted twice: the penalty"),
    (
        "term off",
        N - T / 2,
        N,
        Context(terms={"the penalty": T}),
        "off, the penalty: the ratio is constant, analytic = 0.5",
    ),
    ("factors", 3 * X - T, X + T, Context(terms={"one": X, "two": T}), "one has 3, two has -1"),
    (
        "a term too many",
        N + 0.01 * X,
        N,
        Context(unrelated={"W": X}, not_in_value={"W"}),
        "a term too many, 0.01 × W",
    ),
    (
        "a term of the value's",
        N - 0.01 * X,
        N,
        Context(unrelated={"W": X}),
        "is absent, stands there once too often, or",
    ),
    (
        "constant norm",
        N - X * (N * X).sum() / (X * X).sum() + X,
        N - X * (N * X).sum() / (X * X).sum(),
        Context(unrelated={"W": X}),
        "perpendicular to W, whose length changes nothing",
    ),
    (
        "λ forgotten",
        N / 10,
        N,
        Context(factors={"weight": 10.0}),
        "the factor weight = 10 is missing",
    ),
    ("α forgotten", N * 2, N, Context(factors={"alpha": 0.5}), "the factor alpha = 0.5 is missing"),
    (
        "a sum for a mean by β",
        N * 10,
        N,
        Context(factors={"beta": 0.9}),
        "the factor 1 − beta = 0.1 is missing",
    ),
    (
        "β too often",
        N * 0.9,
        N,
        Context(factors={"beta": 0.9}),
        "the factor beta = 0.9 stands there once too often",
    ),
    (
        "squared",
        N * 9,
        N,
        Context(factors={"K": 3}),
        "the factor K² = 9 stands there once too often",
    ),
    ("just not 1", N * (1 + 2e-6), N, Context(), "analytic = (1 + 2e-06) × numeric"),
    ("factors that print as 1", N * (1 + 3e-6 * np.arange(1, 4)), N, Context(), "no known pattern"),
    ("values of 1e200", N * 0.5e200, N * 1e200, Context(), "a factor 2 is missing"),
    ("values of 1e−200", N * 0.5e-200, N * 1e-200, Context(), "a factor 2 is missing"),
    (
        "a region",
        np.where(MASK, N, T),
        N,
        Context(regions={"x > 0": MASK}),
        "right where x > 0, wrong elsewhere",
    ),
    (
        "ratio in a region",
        np.where(MASK, N, N / 20),
        N,
        Context(regions={"x > 0": MASK}),
        "analytic = 0.05 × numeric",
    ),
    (
        "first row",
        only([0]),
        N,
        Context(),
        "only row 0 is right, of 5; the others are wrong, which are zero",
    ),
    ("last column", only([2], N.T, 9.0).T, N, Context(), "only column 2 is right"),
    ("a bad row", only([0, 1, 3, 4], N, 9.0), N, Context(), "right but for row 2"),
    ("mean path", N + T[0], N, Context(x=X), "through the mean over the batch"),
    ("variance path", N + T[0] * CENTRED, N, Context(x=X), "through the variance over the batch"),
    (
        "both paths",
        N + T[0] + T[1] * CENTRED,
        N,
        Context(x=X),
        "the mean and the variance over the batch",
    ),
    (
        "paths too many",
        T * 2 - T[0],
        T * 2,
        Context(x=X, unrelated={"dy": T}),
        "too many, for the map takes each number by",
    ),
    ("another mask", N * MASK[::-1], N * MASK, Context(), "another mask than forward's"),
    ("the wrong axis", X * T[0], X * T[:, :1], Context(x=X), "a norm over the wrong axis"),
    ("each column", N * T[0], N, Context(), "each column is off by a factor of its own"),
    ("each row", N * T[:, :1], N, Context(), "each row is off by a factor of its own"),
    (
        "a few",
        np.where(np.arange(15).reshape(5, 3) == 7, 9.0, N),
        N,
        Context(),
        "right but for 1 of 15 entries, at (2, 1)",
    ),
    ("float32", N.astype(np.float32) + 0.0, N, Context(), "cast to float32"),
    ("digits", N + 1e-11 * T, N, Context(), "too few digits"),
    ("lost invariance", T, N - N.mean(0), Context(), "it should sum to 0 along axis 0"),
    ("nothing known", T, N, Context(x=X), "no known pattern"),
]


@pytest.mark.parametrize(
    ("a", "n", "clues", "said"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_pattern_is_recognised(a, n, clues, said):
    assert said in likely_cause(a, n, clues)


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_noise_has_no_pattern(seed):
    """Two unrelated arrays: whatever is said must not pretend to know."""
    a, n, x, t = np.random.default_rng(seed).standard_normal((4, 4, 3))
    clues = Context(
        {"a mistake": x}, {"a term": t}, {"W": x}, {"N": 4}, {"x > 0": x > 0, "x ≤ 0": x <= 0}, x
    )
    assert likely_cause(a, n, clues).startswith("no known pattern")


def test_a_single_entry_proves_no_ratio_but_a_telling_one():
    assert likely_cause(np.array([0.71]), np.array([0.33]), Context()).startswith("no known")
    assert "sign" in likely_cause(np.array([-0.33]), np.array([0.33]), Context())
    assert "8" in likely_cause(np.array([8 * 0.33]), np.array([0.33]), Context(sizes={"N": 8}))


def test_alike_is_six_digits_and_multiple_finds_the_factor():
    assert alike(N, N + 0.9e-6 * np.abs(N).max()) and not alike(N, N + 1.1e-6 * np.abs(N).max())
    assert not alike(N, N.T) and multiple(-2.5 * N, N) == pytest.approx(-2.5)
    assert multiple(T, N) is None and multiple(N, 0 * N) is None


DTYPES = [np.float64, np.float32, np.float16, np.longdouble, np.int64, np.uint8, np.bool_]
SHAPES = st.one_of(
    st.sampled_from(
        [(), (0,), (1,), (4,), (3, 4), (4, 3), (0, 3), (3, 3), (2, 3, 3, 2), (2, 2, 2, 2, 2, 2, 2)]
    ),
    st.lists(st.integers(0, 3), max_size=5).map(tuple),
)


@st.composite
def arrays(draw, shapes=SHAPES):
    """An array of any shape and type, often with nan, infinities, zeros, and numbers at the ends of
    the range.
    """
    shape, dtype = draw(shapes), draw(st.sampled_from(DTYPES))
    generator = np.random.default_rng(draw(st.integers(0, 99)))
    kind = draw(st.sampled_from(["normal", "zero", "constant", "nan", "mixed", "huge"]))
    normal = generator.standard_normal(shape)
    odd = generator.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, 1e-300, 1.0], size=shape)
    values = {
        "normal": normal,
        "zero": 0 * normal,
        "constant": 0 * normal + 2,
        "nan": normal * np.nan,
        "mixed": odd,
        "huge": normal * 1e300,
    }[kind]
    with np.errstate(all="ignore"):
        return np.asarray(values).astype(dtype)


@st.composite
def any_clues(draw, one_shape):
    """Clues of which each array has the shape of the rest, or any other."""
    array = arrays(st.one_of(st.just(one_shape), SHAPES))
    mask = array.map(lambda a: np.asarray(a > 0))
    return Context(
        {"mistake": draw(array), "raises": lambda: 1 / 0},
        {"one": draw(array), "two": draw(array)},
        {"dy": draw(array), "x": draw(array)},
        {"N": draw(st.integers(0, 5))},
        {"x > 0": draw(mask)},
        draw(st.one_of(st.none(), array)),
        {"x"},
        {"alpha": draw(st.sampled_from([0.0, 0.5, 1.0, np.inf]))},
    )


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_no_pattern_raises_whatever_the_arrays(data):
    a, n = data.draw(arrays()), data.draw(arrays())
    # the same shape is the common case, and reaches all of the patterns
    if data.draw(st.booleans()):
        n = data.draw(arrays(st.just(a.shape)))
    clues = data.draw(any_clues(n.shape))
    real_a, real_n = real_numbers(a), real_numbers(n)
    with np.errstate(all="ignore"):
        for pattern in PATTERNS if a.shape == n.shape else ANY_SHAPE:
            sentence = pattern(real_a, real_n, clues)
            assert sentence is None or isinstance(sentence, str) and sentence
    assert "numgan's own diagnosis" not in likely_cause(a, n, clues)


def test_a_pattern_that_raises_is_numgans_own_fault_and_the_others_are_asked(monkeypatch):
    def broken(a, n, clues):
        raise IndexError("no such axis")

    monkeypatch.setattr("numgan.check.diagnosis.causes.PATTERNS", (broken, *PATTERNS))
    said = likely_cause(-N, N, Context())
    assert "the sign is flipped" in said
    assert (
        "numgan's own diagnosis failed in the pattern broken (IndexError): please report it" in said
    )


def test_a_search_for_the_cause_that_raises_leaves_the_verdict():
    def broken(a, n):
        raise ValueError("shapes")

    found = compare("Mine", "dx", "E48", -N, N, rounding(2.0**-52), explain=broken)
    assert found.failed and "numgan's own diagnosis failed in the clues (ValueError)" in found.cause


def test_many_axes_take_no_time():
    a, n = np.random.default_rng(0).standard_normal((2, *[2] * 12))
    assert likely_cause(a, n, Context()).startswith("no known")
