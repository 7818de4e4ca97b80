"""Slips of a first layer, objective, penalty or optimizer: each is one line that says what was
expected, or a FAIL.
"""

from dataclasses import replace

import numpy as np
import pytest

from numgan import Dense, Network, Objective, Optimizer, Penalty, Term
from numgan.check import (
    check_game,
    check_layer,
    check_network,
    check_objective,
    check_optimizer,
    check_penalty,
)
from numgan.errors import InputError
from numgan.game import Game
from numgan.layers import Layer, ReLU
from numgan.penalties import Price, at_data


class Scale(Layer):
    """y = x w, right."""

    def parameters(self):
        return {"w": (3,)}

    def initial(self, rng):
        return (rng.standard_normal(3),)

    def forward(self, P, x):
        return x * P[0], x

    def backward(self, P, x, dy):
        return dy * P[0]

    def gradient(self, P, x, dy):
        return ((x * dy).sum(0),)

    def rforward(self, P, x, RP, Rx):
        return Rx * P[0] + (0 if RP is None else x * RP[0]), Rx

    def rbackward(self, P, x, RP, Rx, dy, Rdy):
        return Rdy * P[0] + (0 if RP is None else dy * RP[0])

    def rgradient(self, P, x, RP, Rx, dy, Rdy):
        return ((Rx * dy + x * Rdy).sum(0),)


def scale(**methods):
    """Scale with a slip in it."""
    return type("Slip", (Scale,), methods)()


# What is different from Scale, and what is said of it.
REFUSED = [
    ({"initial": Layer.initial}, "initial gives 0 arrays for the parameters w"),
    (
        {"initial": lambda self, rng: np.ones(3)},
        r"initial returns an array .*: expected a tuple "
        r"\(w,\)",
    ),
    ({"initial": lambda self, rng: None}, r"initial returns None: expected a tuple \(w,\)"),
    (
        {"initial": lambda self, rng: (np.ones(4),)},
        r"initial gives w of shape \(4,\), parameters "
        r"says \(3,\)",
    ),
    (
        {"parameters": lambda self: {"w": 3}},
        r"gives w the shape 3: expected a tuple such as "
        r"\(3,\)",
    ),
    ({"parameters": lambda self: ["w"]}, "parameters returns a list of 1: expected a dict"),
    (
        {"fixed": ("v",)},
        r"fixed is \('v',\): expected a tuple of names of its parameters, which "
        r"are w",
    ),
    ({"fixed": "w"}, "fixed is 'w': expected a tuple of names"),
    ({"forward": Layer.forward}, r"Slip has no forward: expected forward\(P, x\)"),
    (
        {"forward": lambda self, P, x: x * P[0]},
        r"forward returns an array .*: expected \(y, "
        r"cache\)",
    ),
    ({"forward": lambda self, P, x: None}, r"forward returns None: expected \(y, cache\)"),
    (
        {"forward": lambda self, P, x: (None, x)},
        "forward's y is None: expected y, an array of floating-point",
    ),
    ({"forward": lambda self, P, x: (x.tolist(), x)}, "forward's y is a list of 4: expected y"),
    ({"forward": lambda self, P, x: (x > 0, x)}, "forward's y is an array of bool, .*: expected y"),
    (
        {"forward": lambda self, P, x: (x.mean(), x)},
        r"y of shape \(\): expected a row for each of "
        r"the 4 of x",
    ),
    (
        {"forward": lambda self, P, x: (x[:, :2], x)},
        r"y of shape \(4, 2\), output_shape says \(4, "
        r"3\)",
    ),
    ({"forward": lambda P, x: (x, x)}, r"forward\(x\) does not take \(P, x\)"),
    ({"forward": lambda self, P, x, rng: (x, x)}, r"does not take \(P, x\); .* says random = True"),
    ({"random": True}, r"forward\(P, x\) does not take \(P, x, rng\); .* this one says True"),
    ({"forward": lambda self, P, x: (x / 0, x)}, "not finite at standard normal x"),
    (
        {"forward": lambda self, P, x: (x @ P[0][:2], x)},
        r"Slip with input of shape \(4, 3\) raised "
        r"ValueError: matmul",
    ),
    ({"backward": Layer.backward}, r"Slip has no backward: expected backward\(P, cache, dy\)"),
    ({"backward": lambda self, P, x, dy: None}, "backward's dx is None: expected dx"),
    (
        {"backward": lambda self, P, x, dy: (dy, dy)},
        "backward returns a tuple of 2: expected dx alone",
    ),
    ({"backward": lambda self, x, dy: dy}, r"backward\(x, dy\) does not take \(P, cache, dy\)"),
    (
        {"gradient": Layer.gradient},
        r"has the parameters w and no gradient: expected .* which "
        r"returns \(dw,\)",
    ),
    (
        {"gradient": lambda self, P, x, dy: x.sum(0)},
        r"gradient returns an array .*: expected a "
        r"tuple \(dw,\)",
    ),
    ({"gradient": lambda self, P, x, dy: None}, r"gradient returns None: expected a tuple \(dw,\)"),
    ({"gradient": lambda self, P, x, dy: (None,)}, "gradient's dw is None: expected dw"),
    (
        {"rforward": lambda self, P, x, RP, Rx: Rx},
        r"rforward returns an array .*: expected \(Ry, "
        r"Rcache\)",
    ),
    (
        {"rforward": lambda self, P, x, RP, Rx: (x * RP[0], Rx)},
        "with RP = None, which says that P does not move, rai",
    ),
    ({"rforward": lambda self, P, x, RP, Rx: (self.v, Rx)}, "has no attribute 'v'"),
    (
        {"rgradient": lambda self, P, x, RP, Rx, dy, Rdy: x[0]},
        r"rgradient returns an array .* "
        r"tuple \(Rdw,\)",
    ),
    (
        {"rgradient": lambda self, P, x, RP, Rx, dy, Rdy: ()},
        r"rgradient returns 0 arrays: expected "
        r".* \(Rdw,\)",
    ),
]


def in_place(self, P, x):
    x *= P[0]
    return x, x


# What is different from Scale, the array or the means that must fail, and why.
FAILING = [
    ({"forward": in_place}, "unchanged by forward", "forward changes x in place"),
    (
        {"forward": lambda self, P, x: (x * np.random.default_rng().random(x.shape), x)},
        "forward, called twice",
        "draws random numbers other than from rng",
    ),
    (
        {"forward": lambda self, P, x: ((x * P[0]).astype(np.float32), x)},
        "float64 stays float64",
        "y is float32",
    ),
    ({"backward": lambda self, P, x, dy: (dy * P[0]).sum(0)}, "dx", "shape"),
    ({"gradient": lambda self, P, x, dy: (x * dy,)}, "dw", "the sum over axis 0 is missing"),
    (
        {"gradient": lambda self, P, x, dy: ((x * dy).sum(0), dy.sum(0))},
        "one array for each",
        "returns 2 arrays",
    ),
]


def one_line(error):
    return "\n" not in str(error.value) and "argument 2" not in str(error.value)


def test_a_right_layer_passes():
    report = check_layer(Scale(), (4, 3))
    assert report.ok and not any(f.verdict == "skipped" for f in report)


@pytest.mark.parametrize(
    ("slip", "said"), REFUSED, ids=[f"{i}-{'-'.join(s)}" for i, (s, _) in enumerate(REFUSED)]
)
def test_a_slip_in_a_layer_is_one_line(slip, said):
    with pytest.raises(InputError, match=said) as error:
        check_layer(scale(**slip), (4, 3))
    assert one_line(error)


@pytest.mark.parametrize(("slip", "where", "why"), FAILING)
def test_a_slip_in_a_layer_that_can_be_judged_fails_with_its_cause(slip, where, why):
    failures = check_layer(scale(**slip), (4, 3)).failures
    assert any(
        where in (f.parameter, f.method) or where in f.method and why in f.cause for f in failures
    )
    assert any(why in f.cause + f.note for f in failures)


@pytest.mark.parametrize("slip", [s for s, _ in REFUSED if "initial" in s or "gradient" in s])
def test_in_a_network_the_layer_with_the_slip_is_named(slip):
    with pytest.raises(InputError, match=r"layer 1 of (network|D), Slip") as error:
        check_network(Network([Dense(2, 3), scale(**slip), Dense(3, 1)], (2,)))
    assert one_line(error)


def test_shapes_in_a_network_and_in_a_game():
    gathered = scale(gradient=lambda self, P, x, dy: (x * dy,))
    D = Network([Dense(2, 3), gathered, Dense(3, 1)], (2,))
    with pytest.raises(
        InputError,
        match=r"layer 1 of network, Slip: dw has the shape \(5, 3\), "
        r"expected \(3,\)",
    ):
        check_network(D)
    with pytest.raises(InputError, match=r"layer 1 of D, Slip: dw has the shape"):
        check_game(Game(Network([Dense(2, 2)], (2,)), D, MINE))


def test_r_passes_that_are_not_there_are_skipped_and_named():
    def said(layer):
        return [f.note for f in check_layer(layer, (4, 3)) if f.verdict == "skipped"]

    assert said(scale(rbackward=Layer.rbackward)) == ["the layer has no rbackward"]
    assert said(scale(rgradient=Layer.rgradient)) == ["the layer has no rgradient"]

    class WithoutSecond(ReLU):
        def ddphi(self, cache):
            raise NotImplementedError

    assert "NotImplementedError" in said(WithoutSecond())[0]


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (Scale, (4, 3), r"expected a layer, got the class Scale: write Scale\(…\)"),
        (3, (4, 3), "3 has no forward"),
        (Scale(), (4,), r"expected its shape \(N, …\), such as \(4, 3\), got \(4,\)"),
        (Scale(), 4, "got 4"),
        (Scale(), (4, 0), r"got \(4, 0\)"),
    ],
)
def test_what_is_no_layer_or_no_batch(layer, shape, said):
    with pytest.raises(InputError, match=said):
        check_layer(layer, shape)


# ── objectives, penalties, optimizers
# ────────────────────────────────────────────────────────────────────────────────

SQUARE = Term(lambda a: a * a, lambda a: 2 * a, lambda a: 2 + 0 * a)
MINE = Objective("mine", "", SQUARE, SQUARE, SQUARE)
PENALTY = Penalty("mine", "", at_data, Price(lambda s: s * s, lambda s: 2 * s), 1.0)


def half(self, a_real, a_fake):
    return self.real.gradient(a_real)


@pytest.mark.parametrize(
    ("objective", "said"),
    [
        (
            replace(MINE, real=np.tanh),
            r"expected a Term\(t, dt, ddt\) as the term of real of mine, got "
            r"a function",
        ),
        (
            replace(MINE, real=replace(SQUARE, ddt=None)),
            "ddt of the term of real of mine is None: expected a function",
        ),
        (
            replace(MINE, real=replace(SQUARE, t=np.mean)),
            "gives the number .*: expected a number for each; the mean over",
        ),
        (
            replace(MINE, real=replace(SQUARE, dt=lambda a: 1)),
            r"gives the number 1 .*; a constant is "
            r"written 1 \+ 0 \* a",
        ),
        (
            replace(MINE, real=replace(SQUARE, dt=lambda a: None)),
            "dt of mine, the term of real gives None",
        ),
        (replace(MINE, real=replace(SQUARE, dt=lambda a: a > 0)), "gives an array of bool"),
        (
            replace(MINE, real=replace(SQUARE, t=lambda a: a.no)),
            "raised AttributeError: .* has no attribute 'no'",
        ),
        (
            replace(MINE, real=replace(SQUARE, t=lambda a: np.multiply(a, a, out=a))),
            "changes the logits .* in place",
        ),
        (
            type("Slip", (Objective,), {"gradient": half})(**vars(MINE)),
            "gradient of mine returns an array .*: expected",
        ),
        (
            type("Slip", (Objective,), {"generator_gradient": lambda self, a: a})(**vars(MINE)),
            "takes 2 positional arg",
        ),
    ],
)
def test_a_slip_in_an_objective_is_one_line(objective, said):
    with pytest.raises(InputError, match=said) as error:
        check_objective(objective)
    assert one_line(error)


@pytest.mark.parametrize(
    ("penalty", "said"),
    [
        (
            replace(PENALTY, price=(lambda s: s, lambda s: 1)),
            r"expected Price\(h, dh\) as the price of "
            r"mine, got a tuple",
        ),
        (replace(PENALTY, price=Price(lambda s: None, lambda s: s)), "h of mine gives None"),
        (
            replace(PENALTY, price=Price(lambda s: s.mean(), lambda s: s)),
            "expected a number for each",
        ),
        (
            replace(PENALTY, points=lambda x, samples: x),
            r"points of mine is a function that does not "
            r"take \(x, samples, r",
        ),
        (
            replace(PENALTY, points=lambda x, samples, rng: None),
            "what points of mine returns is None",
        ),
        (
            replace(PENALTY, points=lambda x, samples, rng: x + np.random.default_rng().random()),
            "all of its draws from",
        ),
        (replace(PENALTY, points=lambda x, samples, rng: np.add(x, samples, out=x)), "in place"),
    ],
)
def test_a_slip_in_a_penalty_is_one_line(penalty, said):
    with pytest.raises(InputError, match=said) as error:
        check_penalty(penalty)
    assert one_line(error)


def test_points_of_another_shape_fail():
    report = check_penalty(replace(PENALTY, points=lambda x, samples, rng: x[:1]))
    assert [f.cause for f in report.failures] == ["their shape is (1, 3, 2, 2)"]


@pytest.mark.parametrize(
    ("methods", "said"),
    [
        ({"direction": lambda self, g: None}, "direction of Slip is None: expected u"),
        (
            {"direction": lambda self, g: g.sum()},
            r"is the number 2 for a gradient of shape \(3,\): "
            r"expected its shape",
        ),
        ({"direction": lambda self, g, v: g}, "missing 1 required positional argument: 'v'"),
        ({"remembers": "v"}, r"remembers of Slip is a string: expected a tuple \('v',\)"),
        (
            {"__init__": lambda self, eta: None},
            r"Slip has no eta: its __init__ must call "
            r"super\(\).__init__\(eta\)",
        ),
        ({"__init__": lambda self: None}, "takes 1 positional argument but 2 were given"),
    ],
)
def test_a_slip_in_an_optimizer_is_one_line(methods, said):
    with pytest.raises(InputError, match=said) as error:
        check_optimizer(type("Slip", (Optimizer,), methods))
    assert one_line(error)
