"""E57-E60 in training: one rule for the Dirac-GAN and for networks."""

from dataclasses import replace

import numpy as np
import pytest

from numgan import Adam, Dense, Network, Optimizer
from numgan.check.subjects.play import DEFINITIONS, GAME, rule_findings
from numgan.data import dataset
from numgan.dynamics import GameField, Jacobian, columns, dense
from numgan.dynamics.opponents import OffDiagonal
from numgan.dynamics.play import GAME_RULES, RuleTraining, with_penalty
from numgan.errors import InputError
from numgan.game import Game
from numgan.layers import BatchNorm, Dropout, Tanh
from numgan.layers.layer import Layer
from numgan.objectives import OBJECTIVES
from numgan.penalties import PENALTIES
from numgan.run.build import build, restore, snapshot
from numgan.run.config import Config
from tests.dynamics.games import at_random, close, small

every = pytest.mark.parametrize("name", GAME_RULES)


class Fixed:
    """The same minibatch each time."""

    def batch(self, m, rng):
        return np.random.default_rng(8).standard_normal((m, 2))


def training(name, optimizer=Optimizer, eta=0.1, **options):
    rng = np.random.default_rng(3)
    theta = [network.initial(rng, "float64") for network in (GAME.D, GAME.G)]
    rule = GAME_RULES[name]
    optimizers = optimizer(eta), optimizer(eta)
    return RuleTraining(GAME, Fixed(), rng, *theta, *optimizers, m=6, rule=rule, **options)


@every
def test_E57_E58_E59_E60_every_rule_is_its_definition(name):
    """Two seeds; the complex step stands for every product."""
    assert set(DEFINITIONS) == set(GAME_RULES)
    for seed in range(2):
        findings = rule_findings(GAME_RULES[name], name, seed)
        assert len(findings) == 4 and not [f for f in findings if f.failed]


def test_E57_extragradient_with_adam_updates_it_at_both_evaluations():
    """ExtraAdam, written out with one Adam for all of w."""
    t, adam = training("extragradient", Adam, 0.01), Adam(0.01)
    for _ in range(3):
        state = t.rng.bit_generator.state
        v, w = t.sampled(), np.concatenate([t.theta_d, t.theta_g])
        t.rng.bit_generator.state = state
        half, end = w.copy(), w.copy()
        adam.ascend(half, v(w))
        adam.ascend(end, v(half))
        t.iteration()
        assert np.allclose(np.concatenate([t.theta_d, t.theta_g]), end, rtol=0, atol=1e-14)
    assert t.optimizer_d.t == t.optimizer_g.t == 6


def test_E57_optimistic_adam_extrapolates_the_directions():
    t, adam, before = training("optimistic", Adam, 0.01), Adam(0.01), None
    for _ in range(3):
        state = t.rng.bit_generator.state
        v, w = t.sampled(), np.concatenate([t.theta_d, t.theta_g])
        t.rng.bit_generator.state = state
        u = 0 * w
        adam.ascend(u, v(w))
        t.iteration()
        end = w + 2 * u - (u if before is None else before)
        before = u
        assert np.allclose(np.concatenate([t.theta_d, t.theta_g]), end, rtol=0, atol=1e-14)


def test_one_iteration_is_one_step_of_the_rule_on_the_field():
    """The Dirac-GAN's own rule, on two networks of one weight."""
    one = Network([Dense(1, 1)], (1,))

    class Zeros:
        def batch(self, m, rng):
            return np.zeros((m, 1))

    game = Game(one, one, OBJECTIVES["minimax"])
    t = RuleTraining(
        game,
        Zeros(),
        np.random.default_rng(0),
        np.array([0.3, 0.0]),
        np.array([0.0, 0.5]),  # G(z) = 0·z + θ
        Optimizer(0.2),
        Optimizer(0.2),
        m=1,
        rule=GAME_RULES["extragradient"],
    )
    v = GameField(game, np.zeros((1, 1)), t.latents(1, np.random.default_rng(0)))
    w = np.array([0.3, 0.0, 0.0, 0.5])
    t.iteration()
    end, _ = GAME_RULES["extragradient"].rule(0, 0).step(v, w, 0.2)
    assert np.allclose(np.concatenate([t.theta_d, t.theta_g]), end, rtol=0, atol=1e-15)


@every
def test_every_rule_goes_on_with_the_same_bits(name):
    """Three iterations, a snapshot into a training built afresh, three more; against six."""
    optimizer = "sgd" if GAME_RULES[name].plain else "adam"
    config = Config(
        "ring",
        rule=name,
        optimizer=optimizer,
        hidden=(6,),
        batch=8,
        steps=6,
        penalty="r1,r2",
        every=2,
        objective="paired",
    )
    data = dataset("ring", "float32")
    whole, first, second = (build(config, data, data) for _ in range(3))
    for _ in range(6):
        whole.iteration()
    for _ in range(3):
        first.iteration()
    restore(second, data, *snapshot(first, data))
    for _ in range(3):
        second.iteration()
    for vector in ("theta_d", "theta_g", "theta_bar"):
        assert getattr(whole, vector).tobytes() == getattr(second, vector).tobytes()
        assert getattr(whole, vector).dtype == np.float32
    assert whole.memory.keys() == set(GAME_RULES[name].remembers)


def test_what_layers_remember_is_learned_from_the_data_and_the_penalty_is_lazy():
    G, D = (
        Network([Dense(2, 4), BatchNorm(4), Dropout(0.3), Tanh(), Dense(4, n)], (2,))
        for n in (2, 1)
    )
    rng = np.random.default_rng(0)
    game = replace(GAME, G=G, D=D, cost=None)
    t = RuleTraining(
        game, Fixed(), rng, D.initial(rng), G.initial(rng), Adam(0.01), Adam(0.01), m=6, every=3
    )
    start = t.theta_d[D.fixed].copy()
    assert [with_penalty(game, n).penalty is None for n in (0, 1, 3)] == [True, False, False]
    weights = []
    for _ in range(4):
        penalty = t.sampled().game.penalty
        weights.append(0 if penalty is None else penalty.parts[0].weight)
        t.iteration()
    assert weights == [3, 0, 0, 3]
    assert not np.array_equal(t.theta_d[D.fixed], start)


def test_lookahead_averages_variables_and_nothing_that_layers_remember():
    G, D = (Network([Dense(2, 4), BatchNorm(4), Tanh(), Dense(4, n)], (2,)) for n in (2, 1))
    ends = []
    for alpha in (1.0, 0.25):  # 1: plain simultaneous steps
        rng = np.random.default_rng(0)
        t = RuleTraining(
            Game(G, D, OBJECTIVES["minimax"]),
            Fixed(),
            rng,
            D.initial(rng, "float64"),
            G.initial(rng, "float64"),
            Optimizer(0.0),
            Optimizer(0.0),
            m=6,
            rule=GAME_RULES["lookahead"],
            strength=alpha,
            horizon=2,
        )
        for _ in range(3):
            t.iteration()
        ends.append(t.theta_d)
    assert np.array_equal(*ends)  # steps of 0: only the running averages move


def test_what_does_not_go_with_a_rule_is_refused():
    with pytest.raises(InputError, match="optimistic moves both players at once: k must be 1"):
        training("optimistic", k=2)
    with pytest.raises(InputError, match="competitive solves for a plain step: expected sgd"):
        training("competitive", Adam)
    t = training("competitive", eta=1e3, horizon=1)
    before = t.theta_d.copy()
    with pytest.raises(InputError, match="no step is taken"):
        t.iteration()
    assert np.array_equal(t.theta_d, before)


def test_a_field_that_is_not_finite_is_no_unsolved_system():
    t = training("competitive")
    t.theta_d[0] = np.nan
    t.iteration()
    assert np.isnan(t.theta_d).all()


class FirstOrder(Layer):
    """y = 2x, with no R-pass."""

    def forward(self, P, x):
        return 2 * x, None

    def backward(self, P, cache, dy):
        return 2 * dy


@pytest.mark.parametrize("name", GAME_RULES)
def test_a_rule_of_second_order_refuses_a_layer_without_r_passes(name):
    """In one line, before the first step, that names the layer and rules that need none."""
    G, D = Network([Dense(2, 2)], (2,)), Network([Dense(2, 2), FirstOrder(), Dense(2, 1)], (2,))
    game, rng = Game(G, D, OBJECTIVES["minimax"]), np.random.default_rng(0)
    theta = D.initial(rng, "float64"), G.initial(rng, "float64")
    rule, optimizers = GAME_RULES[name], (Optimizer(0.1), Optimizer(0.1))
    if rule.second_order:
        with pytest.raises(InputError, match="FirstOrder.* of D has no rforward.*extragradient"):
            RuleTraining(game, Fixed(), rng, *theta, *optimizers, m=4, rule=rule)
    else:
        RuleTraining(game, Fixed(), rng, *theta, *optimizers, m=4, rule=rule).iteration()


@pytest.mark.parametrize("name", ["nonsaturating", "paired-saturating"])
def test_the_couplings_alone_are_those_of_the_whole_jacobian(name):
    """J_o and J_oᵀ by the passes across the players, and by the whole matrix without its blocks."""
    penalty = PENALTIES["r1"] + PENALTIES["r2"]
    field, w = at_random(small("tanh"), name, penalty)
    J, d = Jacobian(field, w), field.game.D.size
    whole = dense(field, w)
    whole[:d, :d] = whole[d:, d:] = 0
    close(columns(OffDiagonal(J, d)), whole, 1e-11)  # second derivatives through two networks
    close(columns(OffDiagonal(J, d).T), whole.T, 1e-11)


@pytest.mark.parametrize("name", ["consensus", "symplectic", "lola", "optimistic"])
def test_v_is_computed_once_where_it_is_needed_once(name, monkeypatch):
    """What the record and the rule both need is not computed twice."""
    calls, original = [], GameField.gradients
    monkeypatch.setattr(GameField, "gradients", lambda v, at: calls.append(1) or original(v, at))
    training(name).iteration()
    assert len(calls) == 1
