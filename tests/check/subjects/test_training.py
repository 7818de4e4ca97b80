"""check_training: Algorithm 1 with its options, one mistake at a time."""

import pytest

from numgan.check import assert_training, check_training
from numgan.errors import InputError
from numgan.optimizers import constant
from numgan.training import Training


def test_the_training_of_the_package_is_right():
    assert_training(Training)


class NoAverage(Training):
    def generator_step(self):
        step = super().generator_step()
        self.theta_bar[...] = self.theta_g
        return step


class Exchanged(Training):
    def __post_init__(self):
        super().__post_init__()
        self.average = 1 - self.average


def d_step(self, lazy, observe=True):
    """A step of D with a factor of the penalty."""
    x, z = self.data.batch(self.m, self.rng), self.latents(self.m)
    step = self.game.discriminator_step(self.theta_d, self.theta_g, x, z, self.rng, lazy)
    self.optimizer_d.ascend(self.theta_d, step.dtheta_d)
    if observe:
        self.game.D.observe(self.theta_d, step.tape)
    if self.clip is not None:
        self.game.D.clip(self.theta_d, self.clip)
    return step


class WeakPenalty(Training):
    def discriminator_step(self):
        return d_step(self, 0 if self.optimizer_d.t % self.every else 1)


class Eager(Training):
    def discriminator_step(self):
        return d_step(self, self.every)


class Forgetful(Training):
    def discriminator_step(self):
        lazy = 0 if self.optimizer_d.t % self.every else self.every
        return d_step(self, lazy, observe=False)


class ConstantRate(Training):
    def __post_init__(self):
        super().__post_init__()
        self.optimizer_g.eta = constant(0.1)


class Unclipped(Training):
    def discriminator_step(self):
        clip, self.clip = self.clip, None
        try:
            return super().discriminator_step()
        finally:
            self.clip = clip


@pytest.mark.parametrize(
    ("training", "parameter", "said"),
    [
        (NoAverage, "theta_bar", "θ̄_g is θ_g itself"),
        (Exchanged, "theta_bar", "β and 1 − β are exchanged"),
        (WeakPenalty, "penalty", "n times as strong"),
        (Eager, "penalty", "the penalty's factors"),
        (Forgetful, "theta_d", "observe is not called"),
        (ConstantRate, "theta_g", "the schedule is not followed"),
        (Unclipped, "theta_d", "it is not clipped"),
    ],
)
def test_a_mistake_in_an_option_is_named(training, parameter, said):
    report = check_training(training)
    assert {f.parameter for f in report.failures} == {parameter}
    assert said in report.failures[0].cause


def test_what_is_no_training_is_refused():
    with pytest.raises(InputError, match="expected a class such as Training, got float"):
        check_training(1.5)
