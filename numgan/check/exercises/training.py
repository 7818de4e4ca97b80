"""Exercises on Algorithm 1: who moves when, which way, and on which samples."""

from __future__ import annotations

from numgan.check.exercises.exercise import Exercise
from numgan.check.subjects.training import training_findings
from numgan.training import Training


class TrainingA(Training):
    """k steps of D, then one of G"""

    def iteration(self):
        discriminator = self.discriminator_step()
        return discriminator, self.generator_step()


class TrainingB(Training):
    """k steps of D, then one of G"""

    def iteration(self):
        z = self.latents(self.m)
        for _ in range(self.k):
            x = self.data.batch(self.m, self.rng)
            discriminator = self.game.discriminator_step(self.theta_d, self.theta_g, x, z, self.rng)
            self.optimizer_d.ascend(self.theta_d, discriminator.dtheta_d)
            self.game.D.observe(self.theta_d, discriminator.tape)
        return discriminator, self.generator_step()


class TrainingC(Training):
    """θ_g moves along ∇V_g"""

    def generator_step(self):
        step = self.game.generator_step(self.theta_d, self.theta_g, self.latents(self.m), self.rng)
        self.optimizer_g.ascend(self.theta_g, step.dtheta_g)
        self.game.G.observe(self.theta_g, step.tape)
        return step


class TrainingD(Training):
    """θ_d moves along ∇V"""

    def discriminator_step(self):
        step = super().discriminator_step()
        self.generator_step()
        return step


def as_training(kind):
    """That kind of training, on a small game."""
    return lambda seed: training_findings(kind, kind.__name__, seed)


TRAINING = [
    Exercise(
        "one iteration of Algorithm 1",
        TrainingA,
        as_training(TrainingA),
        where="k",
        why="DGDG",
        mistake="k is ignored",
        solution="for _ in range(self.k). E31 is done k times for each E32.",
    ),
    Exercise(
        "one iteration of Algorithm 1",
        TrainingB,
        as_training(TrainingB),
        where="z",
        why="uses the z of an earlier step",
        mistake="one z for all k steps",
        solution="Fresh z in each of the k steps: otherwise D is fitted to m samples, not to P_G.",
    ),
    Exercise(
        "the generator's update",
        TrainingC,
        as_training(TrainingC),
        where="theta_g",
        why="against its aim",
        mistake="G ascends",
        solution="self.optimizer_g.descend. D goes up V, G goes down V_g: the sign stands here and "
        "nowhere "
        "else.",
    ),
    Exercise(
        "the discriminator's update",
        TrainingD,
        as_training(TrainingD),
        where="k",
        why="DGDGDGG",
        mistake="G moves with D",
        solution="Leave the last line out. G moves once an iteration (E32), after the k steps of "
        "D, so that D "
        "stays ahead of it.",
    ),
]
