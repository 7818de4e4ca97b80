"""Code of the user's own, of every kind: right code passes, a planted mistake is named, from Python
and the shell.
"""

import sys
from dataclasses import replace

import numpy as np
import pytest

from numgan import Adam, Dense, Game, Network, Objective, Optimizer, Penalty, Tanh, Term
from numgan.check import (
    Report,
    assert_game,
    assert_layer,
    assert_network,
    assert_objective,
    assert_optimizer,
    assert_penalty,
    check_game,
    check_layer,
    check_network,
    check_objective,
    check_optimizer,
    check_penalty,
)
from numgan.cli import main
from numgan.errors import InputError
from numgan.objectives import Relativistic
from numgan.penalties import Price, at_data

NEAR_ONE = Term(lambda a: -((a - 1) ** 2), lambda a: -2 * (a - 1), lambda a: -2 + 0 * a)
FAR = Term(lambda a: -((a + 1) ** 2), lambda a: -2 * (a + 1), lambda a: -2 + 0 * a)
FLIPPED = replace(FAR, dt=lambda a: 2 * (a + 1), ddt=lambda a: 2 + 0 * a)
MINE = Objective("mine", "the squared distance of the logit from 1", NEAR_ONE, FAR, FAR)
CUBE = Penalty("cube", "‖∇a‖⁶ at data", at_data, Price(lambda s: s**3, lambda s: 3 * s**2), 1.0)


class Doubled(Dense):
    def gradient(self, P, cache, dy):
        return 2 * cache.T @ dy, dy.sum(0)


class Uncorrected(Adam):
    def direction(self, g, m, v):
        m *= self.beta1
        m += (1 - self.beta1) * g
        v *= self.beta2
        v += (1 - self.beta2) * g * g
        return m / (v**0.5 + self.epsilon)


class Sign(Optimizer):
    def direction(self, g):
        return np.sign(g)


def players(layer=Dense):
    return Network([layer(2, 3), Tanh(), Dense(3, 2)], (2,)), Network(
        [layer(2, 3), Tanh(), Dense(3, 1)], (2,)
    )


G, D = players()
GAME = Game(G, D, MINE, CUBE)

RIGHT = {
    "layer": (check_layer, assert_layer, (Dense(3, 2), (4, 3))),
    "network": (check_network, assert_network, (G,)),
    "objective": (check_objective, assert_objective, (MINE,)),
    "relativistic": (check_objective, assert_objective, (Relativistic("mine", "", MINE, MINE),)),
    "penalty": (check_penalty, assert_penalty, (CUBE,)),
    "game": (check_game, assert_game, (GAME,)),
    "optimizer": (check_optimizer, assert_optimizer, (Adam(0.1, beta1=0.5),)),
    "class of optimizers": (check_optimizer, assert_optimizer, (Adam,)),
    "optimizer without a rule": (check_optimizer, assert_optimizer, (Sign,)),
}

WRONG = {
    "layer": (check_layer, assert_layer, (Doubled(3, 2), (4, 3)), "dW", "counted twice"),
    "network": (
        check_network,
        assert_network,
        (players(Doubled)[0],),
        "dW of layer 0 Doubled",
        "counted twice",
    ),
    "objective": (
        check_objective,
        assert_objective,
        (replace(MINE, fake=FLIPPED),),
        "t'(a)",
        "the sign is flipped",
    ),
    "relativistic": (
        check_objective,
        assert_objective,
        (Relativistic("mine", "", MINE, replace(MINE, real=FLIPPED)),),
        "t'(a)",
        "the sign is flipped",
    ),
    "penalty": (
        check_penalty,
        assert_penalty,
        (replace(CUBE, price=Price(lambda s: s**3, lambda s: 1.5 * s**2)),),
        "h'(s)",
        "a factor 2 is missing",
    ),
    "game": (
        check_game,
        assert_game,
        (Game(*players(Doubled), MINE),),
        "dW of D's layer 0 Doubled",
        "counted twice",
    ),
    "optimizer": (
        check_optimizer,
        assert_optimizer,
        (Uncorrected,),
        "θ after",
        "there is no bias correction",
    ),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_right_code_passes_and_check_returns_the_report_of_assert(kind):
    check, assertion, arguments = RIGHT[kind]
    report = check(*arguments)
    assert isinstance(report, Report) and report.ok and list(report) == report.findings
    assert assertion(*arguments) is None


@pytest.mark.parametrize("kind", WRONG)
def test_a_planted_mistake_is_named(kind):
    check, assertion, arguments, where, why = WRONG[kind]
    failures = check(*arguments).failures
    assert any(where in f.parameter and why in f.cause for f in failures)
    with pytest.raises(AssertionError) as told:
        assertion(*arguments)
    assert where in str(told.value) and why in str(told.value)


@pytest.mark.parametrize(
    "check", [check_network, check_objective, check_penalty, check_game, check_optimizer]
)
def test_another_kind_of_thing_is_said_to_be_one(check):
    with pytest.raises(InputError, match="expected an? .*, got the number 3"):
        check(3)


def test_a_formula_that_does_not_run_on_complex_numbers_is_checked_by_central_differences():
    to_one = Term(lambda a: -np.abs(a - 1), lambda a: -np.sign(a - 1), lambda a: 0 * a)
    for sign, ok in ((1, True), (-1, False)):
        term = replace(to_one, dt=lambda a, sign=sign: -sign * np.sign(a - 1))
        report = check_objective(replace(MINE, fake=term))
        assert report.ok is ok and any("E47 still applies" in f.note for f in report)
        price = Price(
            lambda s: np.abs(s**0.5 - 1),
            lambda s, sign=sign: sign * np.sign(s**0.5 - 1) / 2 / s**0.5,
        )
        assert check_penalty(replace(CUBE, price=price)).ok is ok
        objective = replace(MINE, fake=term, generator=term)
        report = check_game(Game(G, D, objective))
        assert report.ok is ok and any("E47 and E49 still apply" in f.note for f in report)


def test_an_optimizer_is_held_against_the_rule_it_is_named_after_or_is_said_to_follow():
    class Heavy(Optimizer):
        remembers = ("v",)
        beta = 0.9

        def direction(self, g, v):
            v *= self.beta
            v += g
            return v

    unknown = check_optimizer(Heavy)
    assert unknown.ok and any(
        f.verdict == "skipped" and "no closed form" in f.note for f in unknown
    )
    for report in (check_optimizer(Heavy, "momentum"), check_optimizer(Heavy(0.1), "momentum")):
        assert report.ok and not any(f.verdict == "skipped" for f in report)
    assert not check_optimizer(Heavy, "nesterov").ok
    assert not check_optimizer(Uncorrected, "adam").ok and check_optimizer(Uncorrected, "none").ok
    assert (
        check_optimizer(Sign, lambda o, g: np.sign(g)).ok
        and not check_optimizer(Sign, lambda o, g: g).ok
    )
    with pytest.raises(InputError, match="there is no rule 'adm': expected one of sgd"):
        check_optimizer(Heavy, "adm")
    with pytest.raises(InputError, match="has no attribute 'beta1'"):
        check_optimizer(Heavy, "adam")


def test_what_an_optimizer_does_to_theta_is_checked_whatever_its_rule():
    class Keeps(Optimizer):
        v = 0

        def direction(self, g):
            self.v = 0.9 * self.v + g
            return self.v

    class Elsewhere(Optimizer):
        def move(self, theta, g, signed_eta):
            theta = theta + signed_eta * g

    class Normed(Optimizer):
        def direction(self, g):
            return g / np.linalg.norm(g)

    class Overwrites(Optimizer):
        def direction(self, g):
            g *= 2
            return g

    for optimizer, why in (
        (Keeps, "a checkpoint loses it"),
        (Elsewhere, "θ does not move"),
        (Normed, "depends on the others"),
        (Overwrites, "changes the gradient"),
    ):
        assert [f.cause for f in check_optimizer(optimizer).failures if why in f.cause]


def test_a_network_whose_jacobian_is_too_large_is_refused_at_once():
    with pytest.raises(
        InputError, match="too many for their Jacobian: check a smaller one of its kind"
    ):
        check_network(Network([Dense(500, 1000)], (500,)))


MODULE = """
from dataclasses import replace
import helper
from numgan import Adam, Dense, Game, Network, Objective, OBJECTIVES, PENALTIES
from numgan import Optimizer, Penalty, Term

toward = Term(lambda a: -(a - 1) ** 2, lambda a: -2 * (a - 1), lambda a: -2 + 0 * a)
away = Term(lambda a: -(a + 1) ** 2, lambda a: 2 * (a + 1), lambda a: -2 + 0 * a)
good = Objective("mine", "", toward, toward, toward)
bad = replace(good, fake=away)
relativistic = OBJECTIVES["relativistic"]
penalty = PENALTIES["wgan-gp"]
net = Network([Dense(2, 3), Dense(3, 1)], (2,))
game = Game(Network([Dense(2, 2)], (2,)), net, good)
adam = Adam(0.1)

class Mine(Optimizer):
    def direction(self, g): return 2 * g

def make_game(width=3): return Game(Network([Dense(width, 2)], (width,)), net, good, penalty)
def makes(): return game
def number(): return helper.NUMBER
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a file `things.py` that has one thing of every kind, and imports from a file
    beside it.
    """
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "things.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "elsewhere" / "helper.py").write_text("NUMBER = 3\n")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in ("things", "things.py", "broken.py", "helper"):
        sys.modules.pop(name, None)


def run(capsys, *arguments):
    status = main(["check", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


THINGS = [
    "good",
    "relativistic",
    "penalty",
    "net",
    "game",
    "makes()",
    "make_game(4)",
    "adam",
    "Mine",
]


@pytest.mark.parametrize("thing", THINGS)
def test_every_kind_of_thing_from_the_command_line(folder, capsys, thing):
    status, out, err = run(capsys, f"things:{thing}")
    assert (status, err) == (0, "") and "0 failed" in out


def test_a_file_is_named_as_well_as_a_module(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    status, out, err = run(capsys, "elsewhere/things.py:bad")
    assert (status, err) == (1, "")
    assert (
        "FAIL    bad, the term of fake · t'(a) · complex step E48" in out
        and "the sign is flipped" in out
    )
    assert "wrong itself" in out  # t'' is held against a t' that is wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["elsewhere/none.py:bad"], "there is no file elsewhere/none.py"),
        (["broken.py:f"], "importing broken.py raised ZeroDivisionError"),
        (
            ["elsewhere/things:bad"],
            "expected a module such as my_module, or a file such as my_file.py",
        ),
        (["elsewhere/things.py:no"], "has no no"),
        (["elsewhere/things.py:makes"], "one that makes what is to be checked is called: makes()"),
        (
            ["elsewhere/things.py:number()"],
            "number is the number 3: expected a layer, a function, an Objective",
        ),
        (["elsewhere/things.py:good", "--input-shape", "3"], "the objective good goes without"),
        (["elsewhere/things.py:Mine", "--input-shape", "3"], "the optimizer Mine goes without"),
        (
            ["elsewhere/things.py:good", "--rule", "adam"],
            "--rule is that of an optimizer, good is an Objective",
        ),
        (["elsewhere/things.py:Mine", "--rule", "adm"], "there is no rule 'adm'"),
        (["--rule", "adam"], "--rule goes with an optimizer of your own"),
    ],
)
def test_bad_input_about_things_is_one_line_and_status_2(
    folder, capsys, monkeypatch, arguments, said
):
    monkeypatch.chdir(folder)
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert said in err and err.startswith("numgan: ") and err.count("\n") == 1


def test_the_rule_of_an_optimizer_from_the_command_line(folder, capsys):
    status, out, _ = run(capsys, "things:Mine", "--rule", "sgd")
    assert status == 1 and "counted twice" in out
