"""The pictures of a run folder."""

from __future__ import annotations

from pathlib import Path

from numgan.files import write_whole
from numgan.run.loop import Run


def draw(run: Run) -> list[Path]:
    """Draw samples.png, training.png and training.gif from what the run has recorded; returns all of its files."""
    from numgan.study import plots

    data, shape = run.data, run.data.image_shape
    backdrop = data.peek(2000)
    samples = run.samples(64 if shape else 2500, part=1)
    title = f"{run.config.dataset}, iteration {run.training.iterations}"
    write_whole(run.folder / "samples.png", plots.samples_png(samples, backdrop, shape, title))
    write_whole(run.folder / "training.png", plots.training_png(run.columns(), run.metric))
    write_whole(run.folder / "training.gif", plots.training_gif(run.frames, run.frame_steps, backdrop, shape))
    names = ("config.json", "metrics.csv", "checkpoint.npz", "samples.png", "training.png", "training.gif")
    return [run.folder / name for name in names]
