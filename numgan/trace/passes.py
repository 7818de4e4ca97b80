"""The passes of one step of Algorithm 1, found among all that were recorded."""

from __future__ import annotations

from dataclasses import dataclass

from numgan.trace.penalty import PenaltyPasses
from numgan.trace.recorder import Pass
from numgan.training import Training


@dataclass(frozen=True)
class StepPasses:
    """The passes of one step, found by what they were given: G(z), D on it, and D on the data where
    there are any.
    """

    training: Training
    passes: list[Pass]

    @property
    def latent(self) -> Pass:
        return next(p for p in self.passes if p.player == "G" and p.method == "forward")

    @property
    def fake(self) -> Pass:
        samples = self.latent.calls[-1].result
        return next(
            p
            for p in self.passes
            if p.player == "D" and p.method == "forward" and p.input is samples
        )

    @property
    def real(self) -> Pass | None:
        others = (
            p
            for p in self.passes
            if p.player == "D" and p.method == "forward" and p is not self.fake
        )
        return next(others, None)

    @property
    def penalties(self) -> list[PenaltyPasses]:
        """The passes of each penalty, where they were taken: the only ones that change anything
        along a direction, each with a tape of its own.
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
        """The pass back through a forward pass: the one that was handed its tape."""
        return next(p for p in self.passes if p.method != "forward" and p.tape is forward.tape)
