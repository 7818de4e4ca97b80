"""Tables with kinds of columns: what is found, how it becomes numbers and comes back, how samples
are measured, and what is refused.
"""

from contextlib import nullcontext

import numpy as np
import pytest

from numgan.cli import main
from numgan.data import Choices, dataset
from numgan.data.kinds import decimals, parse_kinds
from numgan.data.scores import Scores, normal_cdf, normal_quantile
from numgan.data.smooth import Smoothed, effective_dimension, neighbour_width
from numgan.errors import InputError
from numgan.metrics import gaussian_distance, table_quality, two_sample_auc
from numgan.metrics.two_sample import auc
from numgan.run import begin, loop
from numgan.run.config import Config
from numgan.run.plan import planned

SMALL = ["--steps", "30", "--hidden", "8,8", "--quiet"]
R = 120


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("numgan.run.train_command.draw", lambda run: [])
    for name in ("FRAMES", "METRICS", "SAVES"):
        monkeypatch.setattr(loop, name, 2)
    monkeypatch.setattr("numgan.metrics.two_sample.STEPS", 60)


def table(rows=R, seed=0):
    """A city, an age, a level of three, a price of two decimals with a heavy tail, a constant."""
    rng = np.random.default_rng(seed)
    city = rng.choice(["Lima", "Oslo", "Rome"], rows, p=[0.5, 0.3, 0.2])
    age, level = rng.integers(18, 70, rows), rng.integers(0, 3, rows)
    price = np.round(np.exp(2 * rng.standard_normal(rows)) + level + 0.01, 2)
    lines = [f"{c},{a},{k},{p},7" for c, a, k, p in zip(city, age, level, price, strict=True)]
    return "city,age,level,price,unit\n" + "\n".join(lines) + "\n"


def write(text, name="t.csv"):
    with open(name, "w") as file:
        file.write(text)
    return name


def read(text, columns="auto", **choices):
    return dataset("file", path=write(text), choices=Choices(columns=columns, **choices))


# ── the transforms ───────────────────────────────────────────────────────────────────────────────


def test_normal_quantile_is_the_inverse_of_the_distribution_function():
    """Φ' ≥ 1e-6 on |z| ≤ 5, so an error of rounding in Φ, 1e-16, is 1e-10 in z."""
    from scipy.special import ndtri

    u = np.array([1e-6, 0.001, 0.3, 0.5, 0.975, 1 - 1e-6])
    assert np.allclose(normal_quantile(u), ndtri(u), atol=1e-9, rtol=0)
    assert np.allclose(normal_cdf(normal_quantile(u)), u, atol=1e-15, rtol=0)


@pytest.mark.parametrize("law", ["lognormal", "poisson", "capped", "cauchy"])
def test_scores_are_standard_normal_whatever_the_law_and_come_back(law):
    """The least possible KS distance of R values from a law is 1/2R; u of values that occur once is
    the middle of its interval, of tied ones uniform in it: 1.95/√R is passed by 1 in 1,000."""
    rng = np.random.default_rng(0)
    x = {
        "lognormal": lambda: rng.lognormal(size=2000),
        "poisson": lambda: rng.poisson(2.0, 2000).astype(float),
        "capped": lambda: np.minimum(rng.standard_normal(2000), 0.5),
        "cauchy": lambda: rng.standard_cauchy(2000),
    }[law]()
    scores = Scores.of(x)
    z = scores.forward(x, rng)
    distance = abs(np.sort(normal_cdf(z)) - (np.arange(2000) + 0.5) / 2000).max()
    assert distance < 1.95 / np.sqrt(2000)
    assert np.allclose(scores.inverse(z), x, rtol=1e-8, atol=0)
    assert np.allclose(scores.inverse(scores.forward(x)), x, rtol=1e-8, atol=0)
    far = scores.inverse(np.array([-9.0, 9.0]))
    assert far.tolist() == [x.min(), x.max()]  # no value leaves the data's range


def test_noise_leaves_mean_and_covariance_and_categories_alone():
    """Of n draws a mean is off by std/√n, a covariance by about √2/√n: five of these."""
    rng, n = np.random.default_rng(1), 20_000
    x = rng.standard_normal((200, 2)) @ np.array([[1.0, 2.0], [0.0, 0.1]]) + [3.0, -1.0]
    rows = np.concatenate([x, rng.integers(0, 2, (200, 1))], axis=1)
    source = Smoothed(rows, "float64", h=0.7, free=2)
    drawn = np.concatenate([source.batch(200, rng) for _ in range(n // 200)])
    C = np.cov(x.T, ddof=0)
    spread = np.sqrt(np.diag(C))
    assert (abs(drawn[:, :2].mean(0) - x.mean(0)) < 5 * spread / np.sqrt(n)).all()
    assert (abs(np.cov(drawn[:, :2].T) - C) < 5 * np.sqrt(2 / n) * np.outer(spread, spread)).all()
    assert set(drawn[:, 2]) == {0.0, 1.0} and drawn[:, 2].mean() == pytest.approx(rows[:, 2].mean())
    again = Smoothed(rows, "float64", h=0.0, free=2).batch(200, rng)
    assert np.allclose(np.sort(again, 0), np.sort(rows, 0), atol=1e-12)


def test_effective_dimension_and_gap():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4000, 5))
    assert 4.9 < effective_dimension(x) <= 5
    assert effective_dimension(x * [100, 1, 1, 1, 1]) < 1.01
    # the gap is in units of the covariance's root: no linear map changes it
    assert neighbour_width(x[:500]) == pytest.approx(
        neighbour_width(x[:500] @ rng.standard_normal((5, 5))), rel=1e-6
    )
    assert neighbour_width(x[:500]) > neighbour_width(x)


# ── what is found, and what comes back ───────────────────────────────────────────────────────────


def test_kinds_are_found_and_told():
    data = read(table())
    assert [c.kind for c in data.columns.columns] == [
        "category", "integer", "category", "number", "constant",
    ]  # fmt: skip
    told = [sentence for topic, sentence in data.account if topic == "column"]
    assert told == [
        "city: 3 categories", "age: integer", "level: 3 categories", "price: number, 2 decimals",
        "unit: always 7",
    ]  # fmt: skip
    assert (data.dim, data.rows, len(data.columns.held)) == (2 + 3 + 3, 96, 24)
    assert data.columns.names == ("city", "age", "level", "price", "unit")


def test_rows_come_back_as_they_came():
    data = read(table())
    back = data.stored(data.all_rows())
    assert back.dtype.names == data.columns.names
    assert set(zip(*(back[name].tolist() for name in back.dtype.names), strict=True)) <= {
        (c, int(a), int(k), float(p), 7)
        for c, a, k, p, _ in (line.split(",") for line in table().split()[1:])
    }
    assert np.allclose(data.columns.inverse(data.all_rows()), data.columns.train)


def test_names_of_kinds_decide():
    data = read(table(), "level=integer,4=log,unit=drop")
    assert [c.kind for c in data.columns.columns] == ["category", "integer", "integer", "log"]
    assert np.allclose(data.columns.inverse(data.all_rows()), data.columns.train, rtol=1e-5)
    plain = dataset("file", path=write("a,b\n" + "1,2\n3,5\n" * 20), choices=Choices())
    assert plain.columns is None and plain.rows == 40


def test_decimals():
    assert decimals(np.array([5.1, 3.25])) == 2
    assert decimals(np.array([1 / 3])) is None and decimals(np.array([1e20])) is None
    assert parse_kinds("auto", ("a",)) == {}


@pytest.mark.parametrize(
    ("text", "columns", "says"),
    [
        ("a,b\n1,2\n", "auto", "has 1 rows: expected at least 6"),
        ("a,a\n" + "1,2\n3,1\n" * 9, "auto", "columns 1 and 2 are both named 'a': rename one"),
        ("a,b\n" + "1,1\n4,4\n" * 9, "auto", "columns a and b are the same: leave one out"),
        ("b,n\n" + "".join(f"{i * i % 7},{i}\n" for i in range(30)), "auto", "numbers the rows"),
        ("d,b\n" + "".join(f"2020-01-{i:02},{i % 7}\n" for i in range(1, 30)), "auto", "is a date"),
        ("k,b\n" + "".join(f"x{i},{i % 7}\n" for i in range(30)), "k=category", ""),
        ("d,b\n" + "".join(f"x{i},{i % 7}\n" for i in range(30)), "auto", "name the rows"),
        ("a,b\n" + "1,\n2,3\n" * 9, "auto", "column 2 (b): 9 missing values in 18 rows"),
        ("a,b\n" + "1,2\n2,3\n" * 9, "c=drop", "the data have no column 'c'"),
        ("a,b\n" + "1,2\n2,3\n" * 9, "a=categry", "got 'categry', did you mean category?"),
        ("a,b\n" + "1,2\n2,3\n" * 9, "yes", "auto, plain, or name=kind"),
        ("a,b\n" + "1,2\n2,3\n" * 9, "a=drop,b=drop", "drops every column"),
        ("a,b\n" + "1,-2\n2,3\n" * 9, "b=log", "it holds -2, which has no logarithm"),
        ("a,b\n" + "1,.5\n2,3\n" * 9, "b=integer", "it holds 0.5"),
        ("a,b\n" + "x,.5\ny,3\n" * 9, "a=number", "it holds words, such as 'x'"),
        ("a,b\n" + "1,2\n" * 9, "auto", "every column is constant"),
    ],
)
def test_what_is_refused_is_refused_in_a_line(text, columns, says):
    if not says:
        assert read(text, columns).columns.columns[0].kind == "category"
        return
    with pytest.raises(InputError) as refused:
        read(text, columns)
    assert says in str(refused.value) and "\n" not in str(refused.value)


# ── a run ────────────────────────────────────────────────────────────────────────────────────────


def test_the_data_choose_what_the_user_does_not_name():
    data = read(table())
    config = Config("file", data="t.csv", columns="auto", steps=50)
    chosen, told = planned(config, data, {"steps"})
    assert (chosen.latent, chosen.batch, chosen.steps, chosen.penalty) == (4, 64, 50, "r1")
    assert 0 < chosen.smooth <= 0.8
    lines = [sentence for topic, sentence in told.account if topic == "chosen"]
    assert lines[0].startswith("4 columns of effective dimension 2.0: 4 latents")
    assert not any("--steps" in line for line in lines)
    named = {"latent", "batch", "steps", "penalty", "smooth"}
    assert planned(config, data, named)[0] == config


class Event:
    """What Ctrl-C sets, after as many looks as there are Falses."""

    def __init__(self, looks):
        self.looks = looks

    def is_set(self):
        return next(self.looks)


def test_a_run_goes_on_with_the_same_bits_and_samples_come_as_the_rows_did(monkeypatch):
    write(table())
    assert main(["train", "t.csv", "--out", "run", *SMALL]) == 0
    config = loop.Config.read(loop.Path("run/config.json"))
    assert (config.columns, config.latent) == ("auto", 4)
    run = loop.resume(loop.Path("run"))
    whole = run.training.theta_bar.copy()
    assert main(["sample", "run", "-n", "40", "-o", "s.csv"]) == 0
    with open("s.csv") as file:
        lines = file.read().splitlines()
    assert lines[0] == "city,age,level,price,unit"
    for line in lines[1:]:
        city, age, level, price, unit = line.split(",")
        assert city in ("Lima", "Oslo", "Rome") and int(level) in range(3) and unit == "7"
        assert 18 <= int(age) < 70 and round(float(price), 2) == float(price)
    assert main(["sample", "run", "-n", "3", "-o", "s.npy"]) == 0
    assert np.load("s.npy").dtype.names == ("city", "age", "level", "price", "unit")

    half = begin.start(config, loop.Path("half"))
    stop = iter([False] * 14 + [True])
    with monkeypatch.context() as patch:
        patch.setattr(loop, "interrupts", lambda: nullcontext(Event(stop)))
        assert not loop.proceed(half)
    resumed = loop.resume(loop.Path("half"))
    loop.proceed(resumed)
    assert np.array_equal(resumed.training.theta_bar, whole)


# ── what is measured ─────────────────────────────────────────────────────────────────────────────


def test_auc_and_its_error():
    """Of normal scores a distance apart AUC is Φ(1/√2); within four of its own errors, and the
    error that of 100 repetitions within a third."""
    rng = np.random.default_rng(0)
    found = [auc(1 + rng.standard_normal(80), rng.standard_normal(60)) for _ in range(100)]
    values = np.array([estimate.value for estimate in found])
    exact = normal_cdf(np.array([1 / np.sqrt(2)]))[0]
    assert abs(values.mean() - exact) < 4 * values.std() / 10
    assert values.std() == pytest.approx(np.mean([e.error for e in found]), rel=1 / 3)
    assert auc(np.array([1.0, 1.0]), np.array([1.0, 1.0])).value == 0.5


def test_the_classifier_sees_what_means_and_correlations_do_not(monkeypatch):
    """A ring and a normal of the same covariance; and nothing between two rings."""
    monkeypatch.setattr("numgan.metrics.two_sample.STEPS", 300)
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, (3, 300))
    one, other, _ = np.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], -1)
    assert two_sample_auc(one, rng.standard_normal((300, 2)), rng).value > 0.8
    same = two_sample_auc(one, other, rng)
    assert abs(same.value - 0.5) < 4 * same.error + 0.02


def test_the_width_of_the_kernel_comes_from_the_data():
    """So units change nothing, and one outlier moves MMD² by little."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 200, 3))
    here = gaussian_distance(x, y, np.random.default_rng(1))
    far = gaussian_distance(1000 * x, 1000 * y, np.random.default_rng(1))
    assert far.value == pytest.approx(here.value, rel=1e-6, abs=1e-9)
    x[0] = 1e6
    assert abs(gaussian_distance(x, y, np.random.default_rng(1)).value - here.value) < 2 * 2 / 200
    assert gaussian_distance(x + 2, y, np.random.default_rng(1)).value > 10 * here.error


def test_a_table_is_judged_column_by_column_and_copies_are_named():
    data = read(table(640), held=0.5)
    columns, rng = data.columns, np.random.default_rng(0)
    real = table_quality(columns, columns.held, rng)
    assert real.verdict().startswith("good") and not real.copied()
    assert all(c.distance < 0.01 for c in real.columns)  # the held-out rows are what is compared

    wrong = columns.held.copy()
    wrong[:, 3] *= 3  # the price
    off = table_quality(columns, wrong, rng)
    farthest = max(off.columns, key=lambda column: column.distance)
    assert farthest.name == "price" and farthest.distance > 0.15 > farthest.floor
    assert off.mmd2.value > real.mmd2.value

    copies = table_quality(columns, columns.train, rng)
    assert copies.copied() and "near copies" in copies.verdict() and "--smooth" in copies.verdict()
