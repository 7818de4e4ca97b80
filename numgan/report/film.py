"""The samples of a run as they came: a picture of the data that stays, and over it one PNG for each
frame.
"""

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
DATA = 1000  # as many data are shown as a frame has samples


def window(data: Array) -> list[tuple[float, float]]:
    """Where to look: for each of the first two coordinates the range of the data, and a quarter of
    it on both sides.
    """
    low, high = np.quantile(data[:, :2], [0.001, 0.999], axis=0)
    margin = 0.25 * (high - low) + 1e-9
    return list(zip((low - margin).tolist(), (high + margin).tolist(), strict=True))


def filmed(run: Run) -> tuple[str, list[str]]:
    """What stays, an element of the page, and the frames, as addresses of images."""
    data = run.data.peek(DATA)
    if run.data.image_shape is not None:
        return "", [image(run, run.data.image_shape, frame) for frame in run.frames]
    plane = axes(4.8, 4.6)
    scene = histograms(plane, data) if run.data.dim == 1 else scatter(plane, data)
    stays = svg(plane.figure, "the data", "data")
    plane.figure.set_layout_engine("none")  # every frame has its axes where the data have theirs
    plane.set_axis_off()
    for artist in (*plane.lines, *plane.patches, plane.get_legend()):
        artist.set_visible(False)
    return stays, [scene(frame) for frame in run.frames]


def scatter(plane, data: Array):
    """Points in the plane of the first two coordinates;
    the function that draws a frame over them."""
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
    """A histogram on the line; the function that draws that of a frame over it."""
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
    """Flattened images on one sheet, a pixel a pixel; a conditional run's in rows of one class."""
    from PIL import Image  # matplotlib's own reader and writer of images

    columns = None if run.training.classes is None else len(rows) // run.training.classes.shape[1]
    page = sheet(rows.reshape(-1, *shape), columns)
    content = io.BytesIO()
    Image.fromarray(np.rint(255 * page).astype("uint8").squeeze()).save(
        content, "png", optimize=True
    )
    return address(content.getvalue())
