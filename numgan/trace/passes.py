"""The passes of one step of Algorithm 1, found among all recorded passes."""

from __future__ import annotations

from dataclasses import dataclass

from numgan.trace.penalty import PenaltyPasses
from numgan.trace.recorder import Pass
from numgan.training import Training


@dataclass(frozen=True)
class StepPasses:
    """The passes of one step, found by their inputs: G(z), D on it, and D on the data if there are
    any; the last two are one pass where rows are separate (E30).
    """

    training: Training
    passes: list[Pass]

    @property
    def latent(self) -> Pass:
        return next(p for p in self.passes if p.player == "G" and p.method == "forward")

    @property
    def of_d(self) -> list[Pass]:
        """D's forward passes."""
        return [p for p in self.passes if p.player == "D" and p.method == "forward"]

    @property
    def both(self) -> Pass | None:
        """D on data and samples in one pass."""
        first = self.of_d[0]
        return first if len(first.input) > len(self.latent.input) else None

    @property
    def fake(self) -> Pass:
        if self.both:
            return self.both.rows(slice(-len(self.latent.input), None))
        samples = self.latent.calls[-1].result
        return next(p for p in self.of_d if p.input is samples)

    @property
    def real(self) -> Pass | None:
        if self.both:
            return self.both.rows(slice(-len(self.latent.input)))
        samples = self.latent.calls[-1].result
        return next((p for p in self.of_d if p.input is not samples), None)

    @property
    def penalties(self) -> list[PenaltyPasses]:
        """The passes of each penalty, if there are any: the only passes with R-passes, each with
        its own tape.
        """
        game = self.training.game
        tapes = [p.tape for p in self.passes if p.method == "rforward"]
        if game.penalty is None or not tapes:
            return []
        return [
            PenaltyPasses(part, game.classes, *(p for p in self.passes if p.tape is tape))
            for part, tape in zip(game.penalty.parts, tapes, strict=True)
        ]

    def back(self, forward: Pass) -> Pass:
        """The backward pass of a forward pass: the one that received its tape."""
        return next(p for p in self.passes if p.method != "forward" and p.tape is forward.tape)
