"""Right code of unusual kinds, which must pass; and beside each the mistake that it might be taken
for.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from numgan import Adam, Dense, Game, Network, Objective, Optimizer, Tanh, Term
from numgan.check import check_game, check_objective, check_optimizer
from numgan.layers.functions import softplus
from numgan.objectives import OBJECTIVES

# ── optimizers
# ──────────────────────────────────────────────────────────────────────────────────────────────────


class AdamW(Adam):
    """Decoupled weight decay, arXiv:1711.05101: θ shrinks whichever way it goes."""

    decay = 0.01

    def move(self, theta, g, signed_eta):
        theta *= 1 - abs(signed_eta) * self.decay
        super().move(theta, g, signed_eta)


class Growing(AdamW):
    """The decay follows the sign of the step, so that the player who ascends grows."""

    def move(self, theta, g, signed_eta):
        theta *= 1 + signed_eta * self.decay
        Adam.move(self, theta, g, signed_eta)


class Decayed(Optimizer):
    """The same with nothing of Adam, in ascend and descend."""

    def ascend(self, theta, g):
        theta *= 1 - 0.1 * self.eta(self.t)
        super().ascend(theta, g)

    def descend(self, theta, g):
        theta *= 1 - 0.1 * self.eta(self.t)
        super().descend(theta, g)


class AdaBelief(Adam):
    """arXiv:2010.07468: v is the mean of (g − m)²."""

    def direction(self, g, m, v):
        m *= self.beta1
        m += (1 - self.beta1) * g
        v *= self.beta2
        v += (1 - self.beta2) * (g - m) ** 2 + self.epsilon
        return m / (1 - self.beta1**self.t) / (np.sqrt(v / (1 - self.beta2**self.t)) + self.epsilon)


class Lion(Optimizer):
    """arXiv:2302.06675: the sign of a mean."""

    remembers = ("m",)

    def direction(self, g, m):
        u = np.sign(0.9 * m + 0.1 * g)
        m *= 0.99
        m += 0.01 * g
        return u


class Adam2(Adam):
    """Adam by another name."""


class Slower(Adam):
    """Adam with half the step, written in move: another η, but the rule's own mistakes do not
    explain it.
    """

    def move(self, theta, g, signed_eta):
        super().move(theta, g, signed_eta / 2)


@pytest.mark.parametrize("optimizer", [AdamW, AdaBelief, Lion, Adam2, Decayed, Slower])
def test_an_optimizer_that_no_rule_names_is_judged_by_what_can_be(optimizer):
    report = check_optimizer(optimizer)
    assert report.ok and report.status == 0, str(report)
    named = optimizer is Adam2  # which has all of its moving from Adam
    assert any("extended precision" in f.method and (f.verdict == "ok") is named for f in report)


class Summed(Adam):
    def direction(self, g, m, v):
        m *= self.beta1
        m += g
        v *= self.beta2
        v += (1 - self.beta2) * g * g
        return m / (1 - self.beta1**self.t) / ((v / (1 - self.beta2**self.t)) ** 0.5 + self.epsilon)


class Halved(Adam):
    def direction(self, g, m, v):
        return super().direction(g, m, v) * self.beta1


@pytest.mark.parametrize(
    ("optimizer", "rule", "why"),
    [
        (Growing, None, "a weight decay that does not shrink θ on both ways"),
        (Summed, None, "m is a sum, m ← β₁m + g: it is 1/(1−β₁) times as long"),
        (Summed, "adam", "m is a sum"),
        (Halved, "adam", "the factor beta1 = 0.9 stands there once too often"),
        (AdaBelief, "adam", ""),
        (AdamW, "adam", ""),
    ],
)
def test_what_is_said_to_follow_a_rule_or_makes_its_known_mistakes_fails(optimizer, rule, why):
    assert any(why in f.cause for f in check_optimizer(optimizer, rule).failures)


def test_a_nan_is_not_called_a_dependence_on_others():
    class Nan(Optimizer):
        def direction(self, g):
            return g * np.nan

    assert not [
        f for f in check_optimizer(Nan, "none").failures if "depends on the others" in f.cause
    ]


# ── objectives
# ──────────────────────────────────────────────────────────────────────────────────────────────────

# −log cosh: t'' = tanh² − 1 is 0 in rounding where it is −4e−35
LOG_COSH = Term(
    lambda a: np.log(2) + a - softplus(2 * a), lambda a: -np.tanh(a), lambda a: np.tanh(a) ** 2 - 1
)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_a_saturated_tail_that_is_zero_in_rounding_passes_and_a_wrong_one_does_not(size):
    term = Term(*(lambda a, f=f: size * f(a) for f in (LOG_COSH.t, LOG_COSH.dt, LOG_COSH.ddt)))
    assert check_objective(Objective("log-cosh", "", term, term, term)).ok
    # 1e−3 is no rounding
    for wrong in (
        replace(term, ddt=lambda a: size * (np.tanh(a) ** 2 - 1) * (abs(a) < 4)),
        replace(term, ddt=lambda a: size * (np.tanh(a) - 1)),
        replace(term, dt=lambda a: 0 * a),
    ):
        assert not check_objective(Objective("log-cosh", "", term, term, wrong)).ok


def test_an_objective_by_way_of_a_saturated_D_fails_still():
    def D(a):
        return 1 / (1 + np.exp(-a))

    by_D = Term(lambda a: np.log(1 - D(a)), lambda a: -D(a), lambda a: -D(a) * (1 - D(a)))
    report = check_objective(replace(OBJECTIVES["minimax"], fake=by_D, generator=by_D))
    assert any("saturated D" in f.cause for f in report.failures)


# ── a game with a value of its own
# ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Decay(Game):
    """G pays ½λ‖θ_g‖², D is paid −½λ‖θ_d‖²."""

    decay: float = 0.1
    forgets: str = ""
    times: float = 1.0

    def generator_value(self, theta_d, theta_g, z, rng=None, x=None):
        return (
            super().generator_value(theta_d, theta_g, z, rng, x)
            + self.decay / 2 * (theta_g * theta_g).sum()
        )

    def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
        step = super().generator_step(theta_d, theta_g, z, rng, x)
        share = 0 if self.forgets == "G" else self.times
        return step._replace(dtheta_g=step.dtheta_g + share * self.decay * theta_g)

    def discriminator_value(self, theta_d, theta_g, x, z, rng=None):
        return (
            super().discriminator_value(theta_d, theta_g, x, z, rng)
            - self.decay / 2 * (theta_d * theta_d).sum()
        )

    def discriminator_step(self, theta_d, theta_g, x, z, rng=None, penalized=1.0):
        step = super().discriminator_step(theta_d, theta_g, x, z, rng, penalized)
        return step._replace(dtheta_d=step.dtheta_d - (self.forgets != "D") * self.decay * theta_d)


G = Network([Dense(2, 3), Tanh(), Dense(3, 2)], (2,))
D = Network([Dense(2, 3), Tanh(), Dense(3, 1)], (2,))


def test_a_game_whose_players_pay_weight_decay_is_held_against_its_own_value():
    for objective in ("nonsaturating", "relativistic"):
        assert check_game(Decay(G, D, OBJECTIVES[objective])).ok
    for player in ("G", "D"):
        causes = [
            f.cause for f in check_game(Decay(G, D, OBJECTIVES["minimax"], forgets=player)).failures
        ]
        assert any(
            "one term is absent: what the game adds to the objective" in cause for cause in causes
        )
        assert not any("which the value does not have" in cause for cause in causes)
    causes = [f.cause for f in check_game(Decay(G, D, OBJECTIVES["minimax"], times=2)).failures]
    assert any("counted twice: what the game adds" in cause for cause in causes)


def test_a_decay_in_the_step_alone_is_a_term_that_the_value_does_not_have():
    class InTheStep(Game):
        def generator_step(self, theta_d, theta_g, z, rng=None, x=None):
            step = super().generator_step(theta_d, theta_g, z, rng, x)
            return step._replace(dtheta_g=step.dtheta_g + 0.1 * theta_g)

    causes = [f.cause for f in check_game(InTheStep(G, D, OBJECTIVES["minimax"])).failures]
    said = "a term too many, 0.1 × W of G's layer 0 Dense, which the value does not have"
    assert any(said in cause for cause in causes)
