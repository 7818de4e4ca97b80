"""The pictures of a run folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from numgan.files import write_whole
from numgan.run.loop import EACH, FILES, Run


def draw(run: Run) -> list[Path]:
    """Draw samples.png, training.png and training.gif from what the run has recorded; returns all
    of its files.
    """
    from numgan.study import plots
    from numgan.study.table_plots import table_png

    data, shape = run.data, run.data.image_shape
    backdrop = data.peek(2000)
    samples = run.exhibits(part=1)
    columns = None if run.training.classes is None else EACH
    title = f"{run.config.dataset}, iteration {run.training.iterations}"
    content = (
        plots.samples_png(samples, backdrop, shape, title, columns)
        if data.columns is None
        else table_png(data.columns, data.columns.train, data.columns.back(samples), title)
    )
    write_whole(run.folder / "samples.png", content)
    logistic = run.training.game.objective.logistic
    write_whole(
        run.folder / "training.png", plots.training_png(run.columns(), run.metric, logistic)
    )
    write_whole(
        run.folder / "training.gif",
        plots.training_gif(run.frames, run.frame_steps, backdrop, shape, columns),
    )
    if run.spectra:
        steps = np.arange(len(run.spectra)) * run.config.spectrum
        write_whole(run.folder / "spectrum.png", plots.spectrum_png(np.array(run.spectra), steps))
    return [path for name in FILES if (path := run.folder / name).exists()]
