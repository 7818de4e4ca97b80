"""The introduction before the first stage: the two networks, and how to read the stages."""

from __future__ import annotations

import re
from typing import NamedTuple

from numgan.network import Network, batch_shape_text
from numgan.training import Training


class Opening(NamedTuple):
    """Paragraphs, the table of both networks by lines, and paragraphs."""

    above: list[str]
    networks: list[str]
    below: list[str]


def opening(training: Training, about: str) -> Opening:
    """The introduction; `about` says what is traced."""
    game = training.game
    D, G = len(game.D.layers) - 1, len(game.G.layers) - 1
    steps = "a step" if training.k == 1 else f"{training.k} steps"
    above = [
        f"One iteration of Algorithm 1: D takes {steps} up its value Ṽ (E31), then G takes a step "
        f"down its own value Ṽ_g (E32). {about}.",
        "G(z) is a sample. D returns a logit a(x); D(x) = σ(a(x)) estimates the probability that "
        "x is data.",
    ]
    below = [
        f"D[0] … D[{D}] and G[0] … G[{G}] are the layers, numbered from the input. In a stage, x "
        "goes into the layer and y comes out: y of one layer is x of the next. Rows are samples, "
        f"N = m = {training.m}. On the way back dy comes in and dx goes out: dx of one layer is dy "
        "of the layer before. In D's step dx is ∂Ṽ/∂x and dW is ∂Ṽ/∂W; in G's step dx is ∂Ṽ_g/∂x "
        "and dW is ∂Ṽ_g/∂W. Σ is over the samples, a mean is Σ/m.",
        "D meets two batches, with the same W: the headings «D on the data» and «D on the samples» "
        "say which. The drawing at the head of a step shows its arrays; before each arrow's tip "
        "stands who makes the array: a network, G or D, forward or back, or an equation.",
        "E… and L… are labels of the derivation, numgan/study/derivation.md. Beside each stands "
        "the line that computes it.",
        "✓ compares a number with the same number by other means, at the entry where the two "
        "differ most: E48 is the complex step, which runs forward passes alone and uses no "
        "gradient; formula is the equation evaluated apart; by D is the value computed from D "
        "itself. ✗ would mark a difference. Arrays are shown with four digits and computed with "
        "sixteen.",
    ]
    return Opening(above, [*table("G", "z", game.G), "", *table("D", "x or G(z)", game.D)], below)


def table(player: str, goes_in: str, network: Network) -> list[str]:
    """One line for each layer: its name, the shape of its output, and its kind."""
    names = [player, *(f"{player}[{n}]" for n in range(len(network.layers)))]
    shapes = [batch_shape_text(shape) for shape in network.shapes]
    says = [
        f"{goes_in} goes in",
        *(re.sub(r", init='.*?'", "", str(layer)) for layer in network.layers),
    ]
    wide = max(map(len, shapes)) + 2
    return [
        f"{name:7}{shape:{wide}}{said}"
        for name, shape, said in zip(names, shapes, says, strict=True)
    ]
