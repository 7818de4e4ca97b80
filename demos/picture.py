"""The picture of the README:  python demos/picture.py [FILE]      two minutes

What D believes on the ring, early and late, with samples and the gradient that moves each of them
(E35); and what a conditional game learns of handwritten digits, a class in each row.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from numgan.cli import main
from numgan.layers.functions import sigmoid
from numgan.report.judge import push, shorten
from numgan.run.loop import resume
from numgan.study.plots import sheet

STOPS = (700, 8000)


def train(folder: Path, *options: str):
    """A finished run."""
    main(["train", *options, "--quiet", "--out", str(folder)])
    return resume(folder)


def landscape(axes, run) -> None:
    """D as colours, samples as dots, −∂Ṽ_g/∂x̃ as arrows."""
    training = run.training
    x, y = np.meshgrid(*[np.linspace(-1.6, 1.6, 161, dtype="float32")] * 2)
    D = sigmoid(training.game.D(training.theta_d, np.stack([x.ravel(), y.ravel()], 1))).reshape(
        x.shape
    )
    samples = training.game.G(training.theta_g, run.latents(500, part=1))
    way = shorten(push(training.game, training.theta_d, samples), 0.25)
    axes.contourf(x, y, D, np.linspace(0, 1, 21), cmap="RdBu", alpha=0.75)
    axes.plot(*run.data.modes.T, "o", color="none", markeredgecolor="black", markersize=9)
    axes.plot(*samples.T, ".", color="black", markersize=2.5)
    axes.quiver(*samples.T, *way.T, angles="xy", scale_units="xy", scale=1, width=0.0025)
    axes.set(aspect="equal", xticks=[], yticks=[], title=f"ring, iteration {training.iterations}")


if __name__ == "__main__":
    drawing, panels = plt.subplots(1, 3, figsize=(11, 3.9), layout="constrained")
    with TemporaryDirectory() as folder:
        for axes, steps in zip(panels, STOPS, strict=False):
            options = (
                "ring",
                "--penalty",
                "r1",
                "--weight",
                "0.1",
                "--steps",
                str(steps),
                "--schedule",
                "constant",
            )
            landscape(axes, train(Path(folder, str(steps)), *options))
        digits = train(Path(folder, "digits"), "digits", "--conditional")
        page = sheet(digits.exhibits(part=1).reshape(-1, *digits.data.image_shape), 10)
        panels[2].imshow(page[..., 0], cmap="gray", interpolation="nearest")
        panels[2].set(
            xticks=[], yticks=[], title=f"digits, by class, iteration {digits.training.iterations}"
        )
    drawing.savefig(
        sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_suffix(".png"), dpi=110
    )
