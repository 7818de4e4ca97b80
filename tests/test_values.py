"""An objective whose value is no sum of means of one-logit terms: three methods, and all the rest
goes through them.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from numgan import Game, Objective
from numgan.check.subjects.games import check_game
from numgan.check.subjects.objectives import check_objective
from numgan.dynamics import GameField, Jacobian, dense
from numgan.errors import InputError
from numgan.objectives import LOGIT, MINUS_LOGIT
from numgan.relativistic import Averaged
from numgan.trace import record
from numgan.values import BaseObjective, OfSamples, Value
from tests.dynamics.games import small
from tests.trace.test_trace import agrees, tiny


@dataclass(frozen=True)
class DonskerVaradhan(Value):
    """V = mean a − log mean exp ã, a bound of KL(p_data‖p_G): its second term couples all samples.

    With w_j = exp(ã_j)/Σ exp(ã): ∂V/∂a_i = 1/m, ∂V/∂ã_j = −w_j, R{w_j} = w_j (Rã_j − Σ_k w_k Rã_k).
    """

    formula = "mean[a(x)] − log mean[exp(a(G(z)))]"
    dformulas = "da(x) = 1/m", "da(G(z)) = −exp(a(G(z)))/Σ exp(a(G(z)))"
    wrong: float = 1.0

    def weights(self, a):
        e = np.exp(a)
        return e / e.sum()

    def value(self, a_real, a_fake):
        return a_real.mean() - np.log(np.exp(a_fake).mean())

    def gradient(self, a_real, a_fake):
        return (1 + 0 * a_real) / a_real.size, -self.weights(a_fake)

    def rgradient(self, a_real, a_fake, Ra_real, Ra_fake):
        w = self.weights(a_fake)
        return 0 * Ra_real, -self.wrong * w * (Ra_fake - (w * Ra_fake).sum())


@dataclass(frozen=True)
class Bound(BaseObjective):
    """D ascends the bound, G lifts its logits."""

    V_d: Value = DonskerVaradhan()  # type: ignore[assignment]
    V_g: Value = OfSamples(MINUS_LOGIT)  # type: ignore[assignment]
    name: str = "dv"
    says: str = "−a"
    label: str = ""


DV = Bound()
BOTH = {"dv": DV, "dv for both": Bound(V_g=DonskerVaradhan())}


@pytest.mark.parametrize("name", BOTH)
def test_the_checker_the_game_and_its_jacobian_take_a_value_of_another_kind(name):
    objective = BOTH[name]
    assert objective.relative == (name == "dv for both")
    G, D = small("tanh")
    assert check_objective(objective).ok and check_game(Game(G, D, objective)).ok
    rng = np.random.default_rng(0)
    field = GameField(
        Game(G, D, objective),
        rng.standard_normal((5, *D.input_shape)),
        rng.standard_normal((5, *G.input_shape)),
    )
    w = rng.standard_normal(D.size + G.size)
    u, J = rng.standard_normal(w.size), dense(field, w)
    close = {"rtol": 0, "atol": 1e-12 * abs(J).max() * w.size}  # sums of w.size products
    assert np.allclose(Jacobian(field, w) @ u, J @ u, **close)
    assert np.allclose(Jacobian(field, w).T @ u, J.T @ u, **close)


@pytest.mark.parametrize("seed", range(5))
def test_a_change_that_cancels_to_rounding_is_right(seed):
    """Σ w_j = 1, so R{∂V/∂a} of the relativistic average is 0 up to rounding, not exactly."""
    averaged = Averaged(DonskerVaradhan())
    assert check_objective(Bound(averaged, averaged), seed=seed).ok
    assert not check_objective(Bound(Averaged(DonskerVaradhan(wrong=2.0))), seed=seed).ok


def test_a_mistake_in_it_is_found():
    assert not check_objective(Bound(DonskerVaradhan(wrong=2.0))).ok


def test_the_tracer_shows_its_formulas():
    training = tiny()
    training.game = replace(training.game, objective=DV)
    stages = record(training)
    agrees(stages)
    formulas = [line.formula for s in stages for line in s.lines]
    assert "Ṽ = mean[a(x)] − log mean[exp(a(G(z)))]" in formulas
    assert "da(x) = 1/m,   da(G(z)) = −exp(a(G(z)))/Σ exp(a(G(z)))" in formulas


def test_shares_that_are_not_told_are_equal():
    a, b = np.random.default_rng(1).standard_normal((2, 6, 1))
    parts = DV.summands(a, b)
    assert [part.shape for part in parts] == [a.shape, b.shape]
    # a dozen shares below 1
    assert sum(part.sum() for part in parts) == pytest.approx(DV.value(a, b), abs=1e-15)


def test_what_is_no_objective():
    G, D = small("tanh")
    for thing in (Objective, LOGIT, DonskerVaradhan()):
        with pytest.raises(InputError, match="expected an objective such as"):
            Game(G, D, thing)
