"""A game of the lab as a run folder, which `numgan train --out FOLDER --resume` continues."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from numgan.dynamics.play import GAME_RULES
from numgan.errors import InputError
from numgan.files import write_whole
from numgan.lab.play import POINTS, Play, zeros
from numgan.run import loop
from numgan.run.build import evaluations
from numgan.run.claim import claimed
from numgan.run.record import film


def save(play: Play, folder: Path) -> Path:
    """Write the folder and return it; of drawn data the points lie in it. Raises InputError where a
    run is there already, or where `numgan train` has no such game."""
    if play.k_g != 1:
        raise InputError(
            f"numgan train takes one step of G an iteration, here G takes {play.k_g}: set k of G "
            f"to 1 and save again"
        )
    if not play.iterations:
        raise InputError("there is nothing to go on with before the first iteration: play one")
    row = GAME_RULES.get(play.config.rule)
    if row and row.remembers and not play.training.memory:  # type: ignore[attr-defined]
        raise InputError(f"the rule {row.name} has made no step yet: play one iteration, then save")
    with claimed(folder, "lab") as place:
        if found := [name for name in (*loop.FILES, POINTS) if os.path.lexists(place / name)]:
            raise InputError(f"{place} holds another run ({found[0]}): choose another name")
        copy = play.copy()
        run, training = copy.run, copy.training
        run.folder = place
        if copy.points is not None:
            content = io.BytesIO()
            np.lib.format.write_array(content, copy.points, allow_pickle=False)
            write_whole(place / POINTS, content.getvalue())
            run.config = replace(run.config, data=os.path.abspath(place / POINTS))
        d, g = training.optimizer_d, training.optimizer_g
        # of a checkpoint the configuration says how many steps were taken, unless it was changed
        each = evaluations(run.config) * training.iterations
        steps = (training.k * each, each)
        run.changed = (d.t, g.t) != steps
        if training.iterations:
            d.state, g.state = zeros(d, training.theta_d), zeros(g, training.theta_g)
        if training.iterations > run.frame_steps[-1]:
            film(run)
        loop.save(run)
    return place
