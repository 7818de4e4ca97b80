"""The point of a function: what it may hold, what is said where it allows no verdict, and in which
precision it is.
"""

import numpy as np
import pytest

from numgan.check import check_gradient, check_jacobian, check_jvp
from numgan.cli import main
from numgan.errors import InputError

W = np.random.default_rng(0).standard_normal(4)
LABELS = np.array([1, 0, 1, 1])


def squares(w):
    return (w * w).sum()


def twice(w):
    return 2 * w


@pytest.mark.parametrize("x", [np.array([1 + 2j, 3]), 1 + 2j, np.ones(2, np.complex64), [1.0, 2j]])
@pytest.mark.parametrize("check", [check_gradient, check_jacobian, check_jvp])
def test_a_complex_point_is_refused(check, x):
    with pytest.raises(
        InputError, match="is complex: derivatives here are by real numbers"
    ) as error:
        check(lambda w: (abs(w) ** 2).sum(), twice, x)
    assert "\n" not in str(error.value)


def test_a_complex_argument_among_others_is_refused_by_name():
    with pytest.raises(InputError, match="^z is complex"):
        check_gradient(lambda w, z: (w * abs(z)).sum(), lambda w, z: (abs(z), w), (W, W + 1j))


@pytest.mark.parametrize("x", [[1, 2], np.array([1, 2]), 3, True, np.array([True])])
def test_whole_numbers_alone_are_refused_and_the_next_step_said(x):
    with pytest.raises(InputError, match=r"w has whole numbers, write them as 1.0"):
        check_gradient(squares, twice, x)


def test_a_value_that_is_complex_at_a_real_point_is_refused():
    with pytest.raises(InputError, match="returned complex numbers where x is real"):
        check_gradient(lambda w: np.fft.fft(w)[1], twice, W)


def test_digits_that_float64_lacks_are_not_dropped():
    third = np.ones(2, np.longdouble) / 3
    if np.finfo(np.longdouble).eps < 2.0**-52:
        with pytest.raises(InputError, match="digits that float64 does not hold"):
            check_gradient(squares, twice, third)
    assert check_gradient(squares, twice, np.ones(2, np.longdouble)).ok  # these it holds


@pytest.mark.parametrize(
    "df",
    [
        lambda w, y, how: (np.where(y, 2 * w, 0), None, None),
        lambda w, y, how: (np.where(y, 2 * w, 0),),
        lambda w, y, how: np.where(y, 2 * w, 0),
    ],
    ids=["one for each", "one for each that moves", "bare"],
)
def test_integers_labels_and_strings_are_handed_on_as_they_are(df):
    seen = []

    def picked(w, y, how):
        seen.append((y.dtype.kind, how))
        return (w[y == 1] ** 2).sum() if how == "sum" else 1 / 0

    assert check_gradient(picked, df, (W, LABELS, "sum")).ok
    assert set(seen) == {("i", "sum")}
    wrong = check_gradient(picked, lambda w, y, how: (w, None, None), (W, LABELS, "sum"))
    assert {f.parameter for f in wrong.failures} == {"dw"}


MODULE = """
import numpy as np
def picked(w=np.array([0.5, -2.0]), k=1, labels=np.array([1, 0]), how="sum"):
    assert isinstance(k, int) and labels.dtype.kind == "i"
    return (w[labels] ** 2).sum() * k, 2 * k * w
def island(w=np.ones(2)): return (1.0 if (w == 1).all() else np.inf), w
def half(w=np.ones(2)): return 1e200 * (w * w).sum(), 1e200 * w
def all_of_it(w=np.ones(2)): return 1e200 * (w * w).sum(), 2e200 * w
def single(w=np.array([0.3, 0.7])):
    return (w.astype(np.float32) ** 3).sum(), 3 * w**2 * np.float32(1 + 3e-4)
"""


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("picked", 0, "0 failed"),
        ("island", 3, "2 not judged"),
        ("half", 1, "a factor 2 is missing"),
        ("all_of_it", 0, "0 failed"),
        ("single", 0, "single precision (float32)"),
    ],
)
def test_the_status_of_what_is_right_wrong_and_not_judged(tmp_path, capsys, name, status, said):
    (tmp_path / "points.py").write_text(MODULE)
    assert main(["check", f"{tmp_path}/points.py:{name}"]) == status
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("size", [1e-250, 1e-200, 1e160, 1e200, 1e300])
def test_values_of_any_size_are_judged(size):
    def f(w):
        return size * squares(w)

    assert check_gradient(f, lambda w: 2 * size * w, W).ok
    assert "a factor 2 is missing" in str(check_gradient(f, lambda w: size * w, W))


def test_what_rounding_hides_is_not_judged():
    # next to 1e20 nothing is left of the rest; |w| keeps the complex step from seeing it
    def hidden(w):
        return 1e20 + np.abs(w).sum()

    for df in (np.sign, lambda w: 5 * np.sign(w)):
        report = check_gradient(hidden, df, W)
        assert not report.ok and not report.failures and report.status == 3
    assert check_gradient(lambda w: 1e8 + squares(w), twice, W).ok


def test_what_one_method_cannot_judge_and_another_does_is_judged():
    # e^(709.75 + h) is ∞
    report = check_gradient(lambda w: np.exp(w).sum(), np.exp, np.array([709.75, 1.0]))
    assert report.ok, str(report)


@pytest.mark.parametrize(
    ("f", "df", "said"),
    [
        (
            lambda w: squares(w.astype(np.float32)),
            twice,
            "the function computes in single precision",
        ),
        (
            squares,
            lambda w: np.float32(2) * w.astype(np.float32),
            "the gradient is computed in single precision",
        ),
        (
            lambda w: float(squares(w.astype(np.float32))),
            twice,
            "single precision (float32) on the way",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_single_precision_passes_by_name_only(f, df, said):
    report = check_gradient(f, df, W)
    assert report.ok and said in str(report)
    assert "single" not in str(check_gradient(squares, twice, W))
    assert not check_gradient(f, lambda w: 1.01 * df(w), W).ok


def test_nan_is_called_nan():
    report = check_gradient(squares, lambda w: np.where(w > 0, 2 * w, np.nan), W)
    assert "nan" in str(report) and "two answers" not in str(report)
    assert all(f.failed for f in report if f.parameter == "dw")


def test_a_function_that_writes_in_place_the_second_time_in_vain():
    def clipped(w):
        w *= w > 0
        return squares(w)

    for w in (W, abs(W)):
        report = check_gradient(clipped, lambda w: 2 * w * (w > 0), w)
        assert report.failures[0].cause == "clipped changes w in place"
        report = check_gradient(squares, lambda w: 2 * np.maximum(w, -1, out=w), w)
        assert "the gradient of squares changes w in place" in str(report)
