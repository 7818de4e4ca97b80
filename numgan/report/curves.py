"""The story of a run in pictures, each beside what the theory or real data would give."""

from __future__ import annotations

from math import log

import numpy as np

from numgan.dynamics.convergence import PathAngle
from numgan.metrics import Estimate
from numgan.report.drawing import FAKE, LEVEL, REAL, THIRD, axes
from numgan.run.convergence import COLUMNS
from numgan.run.run import Run

Columns = dict[str, np.ndarray]


def value(columns: Columns, objective):
    """V on the minibatch (E29) against −log 4 (E20), if that is the game."""
    plane = axes()
    plane.plot(columns["step"], columns["V"], color=REAL, label="V")
    if objective.logistic:
        plane.axhline(-log(4), label="−log 4  (E20)", **LEVEL)
    return finish(plane, f"what D maximises, V ({objective.name})", "V")


def generator_value(columns: Columns, objective):
    """V_g on the minibatch (E29, E32, E34) against its value for D = ½, that is a = 0."""
    plane = axes()
    plane.plot(columns["step"], columns["V_g"], color=FAKE, label="V_g")
    if objective.logistic:
        plane.axhline(
            float(objective.generator_value(np.zeros(1))), label="where D = ½  (E19)", **LEVEL
        )
    return finish(plane, f"what G minimises, V_g ({objective.name})", "V_g")


def beliefs(columns: Columns, objective):
    """The means of D = σ(a) on data and on samples against ½ (E19)."""
    plane = axes()
    plane.plot(columns["step"], columns["D_real"], color=REAL, label="D(x)")
    plane.plot(columns["step"], columns["D_fake"], color=FAKE, linestyle="-.", label="D(G(z))")
    if objective.logistic:
        plane.axhline(0.5, label="½  (E19)", **LEVEL)
    plane.set_ylim(0, 1)
    return finish(plane, "mean of D = σ(a) on the minibatch", "probability")


def gradients(columns: Columns):
    """The norms of the gradients that the players follow (E31, E32): for D, of ∇(V − R) if it pays
    a penalty R.
    """
    plane = axes()
    plane.set_yscale("log")
    plane.plot(columns["step"], columns["norm_d"], color=REAL, label="‖dθ_d‖  (E31)")
    plane.plot(
        columns["step"], columns["norm_g"], color=FAKE, linestyle="-.", label="‖dθ_g‖  (E32)"
    )
    return finish(plane, "gradients of both players", "norm")


def metric(columns: Columns, name: str, final: Estimate):
    """The recorded metric of the averaged generator against that of real data."""
    plane = axes()
    measured = ~np.isnan(columns[name])
    plane.plot(
        columns["step"][measured], columns[name][measured], color=THIRD, marker=".", label=name
    )
    plane.axhline(final.floor, label="real data", **LEVEL)
    return finish(plane, f"{name} of the averaged generator", name)


def progress(run: Run):
    """‖v‖ and what each player gains alone, at the recorded steps (E38, E62)."""
    plane, steps = axes(), np.arange(len(run.progress)) * run.config.spectrum
    columns = dict(zip(COLUMNS, np.array(run.progress).T, strict=True))
    plane.plot(steps, columns["norm"], color=THIRD, linestyle=":", label="‖v‖")
    for name, color in (("d", REAL), ("g", FAKE)):
        gap, error = columns[f"gap_{name}"], columns[f"error_{name}"]
        plane.errorbar(
            steps, gap, 2 * error, color=color, marker=".", label=f"{name.upper()} alone gains"
        )
    plane.axhline(0, label="at an equilibrium", **LEVEL)
    plane.set_yscale("symlog", linthresh=0.01)
    return finish(plane, "‖v‖ and the duality gap (E62)", "")


def path(found: PathAngle):
    """The cosine of path and field from the run's start to its end and beyond (E61)."""
    plane = axes()
    plane.plot(found.alphas, found.cosines, color=REAL, label="cos ∠(path, v)")
    plane.axhline(0, **LEVEL)
    plane.axvline(1, label="the end", **LEVEL)
    plane.set_ylim(-1.05, 1.05)
    finish(plane, "path-angle (E61)", "")
    plane.set(xlabel="α")
    return plane.figure


def finish(plane, title: str, unit: str):
    """Title, labels and legend; returns the figure."""
    plane.set(title=title, xlabel="iteration", ylabel=unit)
    plane.legend()
    return plane.figure
