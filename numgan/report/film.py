"""The samples of a run over time: a picture of the data, and one PNG over it for each frame."""

from __future__ import annotations

import io

import numpy as np

from numgan.backend import Array
from numgan.html import address
from numgan.layers.layer import Shape
from numgan.report.drawing import FAKE, INK, axes, png, svg
from numgan.run.run import Run
from numgan.study.plots import sheet

BINS = 40
DATA = 1000  # equally many data and samples


def window(data: Array) -> list[tuple[float, float]]:
    """The limits of a plot: the range of the data on each of the first two axes, and a quarter of
    it on both sides.
    """
    low, high = np.quantile(data[:, :2], [0.001, 0.999], axis=0)
    margin = 0.25 * (high - low) + 1e-9
    return list(zip((low - margin).tolist(), (high + margin).tolist(), strict=True))


def filmed(run: Run) -> tuple[str, list[str]]:
    """The fixed part, an element of the page, and the frames, as data URLs of images."""
    data = run.data.peek(DATA)
    if run.data.image_shape is not None:
        return "", [image(run, run.data.image_shape, frame) for frame in run.frames]
    plane = axes(4.8, 4.6)
    scene = histograms(plane, data) if run.data.dim == 1 else scatter(plane, data)
    stays = svg(plane.figure, "the data", "data")
    plane.figure.set_layout_engine("none")  # the axes of all frames coincide with those of the data
    plane.set_axis_off()
    for artist in (*plane.lines, *plane.patches, plane.get_legend()):
        artist.set_visible(False)
    return stays, [scene(frame) for frame in run.frames]


def scatter(plane, data: Array):
    """The data as points in the plane of the first two coordinates, and the function that draws a
    frame.
    """
    x, y = window(data)
    plane.plot(
        data[:, 0],
        data[:, 1],
        ".",
        color=INK,
        alpha=0.25,
        markersize=3,
        markeredgewidth=0,
        label="data",
    )
    (cloud,) = plane.plot([], [], ".", color=FAKE, markersize=4, markeredgewidth=0, label="G(z)")
    plane.set(xlim=x, ylim=y, xlabel="x₁", ylabel="x₂", aspect="equal")
    plane.legend(loc="upper right", markerscale=2)

    def scene(frame: Array) -> str:
        cloud.set(data=(frame[:, 0], frame[:, 1]), visible=True)
        return png(plane.figure)

    return scene


def histograms(plane, data: Array):
    """The data as a histogram on the line, and the function that draws the histogram of a frame."""
    ((left, right),) = window(data)
    edges = np.linspace(left, right, BINS + 1)
    heights, _ = np.histogram(data[:, 0], edges, density=True)
    plane.stairs(heights, edges, fill=True, color=INK, alpha=0.2, label="data")
    steps = plane.stairs(np.zeros(BINS), edges, color=FAKE, linewidth=1.4, label="G(z)")
    plane.set(xlim=(left, right), ylim=(0, 1.5 * heights.max()), xlabel="x", ylabel="density")
    plane.legend(loc="upper right")

    def scene(frame: Array) -> str:
        inside = np.histogram(frame[:, 0], edges)[0]
        steps.set_data(inside / (len(frame) * (right - left) / BINS))
        steps.set_visible(True)
        return png(plane.figure)

    return scene


def image(run: Run, shape: Shape, rows: Array) -> str:
    """Flattened images on one sheet, one pixel for each pixel; in a conditional run, a row for each
    class.
    """
    from PIL import Image  # matplotlib.image needs no figure

    columns = None if run.training.classes is None else len(rows) // run.training.classes.shape[1]
    page = sheet(rows.reshape(-1, *shape), columns)
    content = io.BytesIO()
    Image.fromarray(np.rint(255 * page).astype("uint8").squeeze()).save(
        content, "png", optimize=True
    )
    return address(content.getvalue())
