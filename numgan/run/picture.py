"""The pictures of a run, in its folder and in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from numgan.files import write_whole
from numgan.run.convergence import COLUMNS, path_of
from numgan.run.loop import FILES
from numgan.run.run import EACH, Run


def draw(run: Run) -> list[Path]:
    """Draw samples.png, training.png and training.gif from a run's records, and return the paths of
    all its files.
    """
    from numgan.study import plots
    from numgan.study.table_plots import table_png

    folder = run.folder
    assert folder is not None
    data, shape = run.data, run.data.image_shape
    backdrop = data.peek(2000)
    samples = run.exhibits(part=1)
    columns = None if run.training.classes is None else EACH
    title = f"{run.config.dataset}, iteration {run.training.iterations}"
    content = (
        plots.samples_png(samples, backdrop, shape, title, columns)
        if data.columns is None
        else table_png(data.columns, data.columns.train, data.columns.inverse(samples), title)
    )
    write_whole(folder / "samples.png", content)
    logistic = run.training.game.objective.logistic
    write_whole(folder / "training.png", plots.training_png(run.columns(), run.metric, logistic))
    write_whole(
        folder / "training.gif",
        plots.training_gif(run.frames, run.frame_steps, backdrop, shape, columns),
    )
    if run.spectra:
        steps = np.arange(len(run.spectra)) * run.config.spectrum
        progress = dict(zip(COLUMNS, np.array(run.progress).T, strict=True))
        content = plots.spectrum_png(np.array(run.spectra), steps, progress, path_of(run))
        write_whole(folder / "spectrum.png", content)
    return [path for name in FILES if (path := folder / name).exists()]


def plot(run: Run) -> Any:
    """Samples of the averaged generator over data, and the curves of both players, as one
    matplotlib Figure, which a notebook shows.
    """
    from numgan.study import plots

    drawing = plots.run_figure(
        run.columns(),
        run.metric,
        run.training.game.objective.logistic,
        f"{run.title}, iteration {run.training.iterations:,}",
        samples=run.exhibits(part=1),
        data=run.data.peek(2000),
        image_shape=run.data.image_shape,
        columns=None if run.training.classes is None else EACH,
    )
    drawing._repr_png_ = lambda: plots.png(drawing)  # works without a display for pyplot
    return drawing


def plot_png(run: Run) -> bytes:
    """The same Figure as a PNG file."""
    return plot(run)._repr_png_()
