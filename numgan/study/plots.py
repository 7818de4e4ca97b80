"""Pictures of a run. matplotlib draws without a display, and is imported only here and only when
called.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from math import ceil, log, sqrt
from typing import Any

import numpy as np

from numgan.agg import load_matplotlib

TILES = 8  # channels of an image that are drawn


def figure(width: float, height: float, fitted: bool = True):
    """A figure that needs no display. With margins that are known, not fitted, it is drawn
    in half the time.
    """
    load_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(width, height), layout="constrained" if fitted else None)
    FigureCanvasAgg(drawing)
    return drawing


def png(drawing) -> bytes:
    """The figure as a PNG file."""
    content = io.BytesIO()
    drawn(drawing, dpi=120).save(content, format="png", dpi=(120, 120))
    return content.getvalue()


def drawn(drawing, dpi: float):
    """The figure as a picture of Pillow's. It is drawn once; `savefig` draws twice."""
    before, drawing.dpi = drawing.dpi, dpi
    drawing.canvas.draw()
    picture = picture_of(drawing)
    drawing.dpi = before
    return picture


def picture_of(drawing):
    """What is on the figure's canvas, as a picture of Pillow's."""
    from PIL import Image

    return Image.fromarray(np.array(drawing.canvas.buffer_rgba())).convert("RGB")


def sheet(images: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Images (N, H, W, C) in [−1, 1] side by side on one sheet, (rows·(H+1)+1, columns·(W+1)+1, C)
    in [0, 1].

    Where C is no number of colours, an image is its channels in grey, side by side, the first TILES
    of them.
    """
    N, H, W, C = images.shape
    if C not in (1, 3, 4):
        images = images[..., :TILES].transpose(0, 1, 3, 2).reshape(N, H, -1, 1)
        N, H, W, C = images.shape
    columns = columns or ceil(sqrt(N))
    rows = ceil(N / columns)
    page = np.ones((rows * (H + 1) + 1, columns * (W + 1) + 1, C))
    for n in range(N):
        i, j = 1 + n // columns * (H + 1), 1 + n % columns * (W + 1)
        page[i : i + H, j : j + W] = np.clip((images[n] + 1) / 2, 0, 1)
    return page


def draw_samples(
    axes,
    samples: np.ndarray,
    data: np.ndarray,
    image_shape: Sequence[int] | None = None,
    columns: int | None = None,
) -> tuple[Any, Callable[[np.ndarray], Any]]:
    """Samples as images, as a histogram (one dimension) or as points in the plane of the first two
    coordinates. Returns what was drawn of them, and the function that gives it other samples.
    """
    if image_shape is not None:

        def page(samples):
            return sheet(samples.reshape(-1, *image_shape), columns).squeeze()

        picture = axes.imshow(page(samples), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.set_axis_off()
        return picture, lambda samples: picture.set_data(page(samples))
    if samples.shape[1] == 1:
        low, high = np.quantile(data, [0.001, 0.999])
        margin = 0.3 * (high - low) + 1e-9
        edges = np.linspace(low - margin, high + margin, 80)

        def density(x):
            return np.histogram(x[:, 0], edges)[0] / (len(x) * (edges[1] - edges[0]))

        axes.stairs(density(data), edges, fill=True, color="0.75", label="data")
        steps = axes.stairs(density(samples), edges, color="C0", label="G(z)")
        axes.set(xlabel="x", ylabel="density")
        axes.legend(loc="upper right")
        return steps, lambda samples: steps.set_data(density(samples))
    axes.plot(data[:, 0], data[:, 1], ".", color="0.75", markersize=3, label="data")
    (cloud,) = axes.plot(samples[:, 0], samples[:, 1], ".", color="C0", markersize=2, label="G(z)")
    low, high = data[:, :2].min(0), data[:, :2].max(0)
    margin = 0.25 * (high - low) + 1e-9
    axes.set(xlabel="x₁", ylabel="x₂", xlim=(low[0] - margin[0], high[0] + margin[0]))
    axes.set(ylim=(low[1] - margin[1], high[1] + margin[1]))
    axes.legend(loc="upper right")
    return cloud, lambda samples: cloud.set_data(samples[:, 0], samples[:, 1])


def samples_png(
    samples: np.ndarray, data: np.ndarray, image_shape=None, title: str = "", columns=None
) -> bytes:
    """One picture of samples over data."""
    drawing = figure(5.5, 5.5)
    axes = drawing.subplots()
    draw_samples(axes, samples, data, image_shape, columns)
    axes.set_title(title)
    return png(drawing)


def training_png(columns: dict[str, np.ndarray], metric: str, logistic: bool = True) -> bytes:
    """The story of a run: V against −log 4 (E20), D against ½ (E19), what the players move along,
    the metric.

    Where the game is not logistic, −log 4 means nothing, and D is σ(a), to have the logits on a
    bounded scale.
    """
    drawing = figure(9, 6.5, fitted=False)
    drawing.subplots_adjust(0.1, 0.08, 0.985, 0.95, wspace=0.29, hspace=0.15)
    draw_training(drawing, columns, metric, logistic)
    return png(drawing)


def run_figure(
    story: dict[str, np.ndarray], metric: str, logistic: bool, title: str, **of_samples: Any
):
    """Samples beside the story of a run, in one figure; `of_samples` are for `draw_samples`."""
    drawing = figure(13.5, 6)
    left, right = drawing.subfigures(1, 2, width_ratios=[1, 1.5])
    axes = left.subplots()
    draw_samples(axes, **of_samples)
    axes.set_title(title)
    draw_training(right, story, metric, logistic)
    return drawing


def draw_training(drawing, columns: dict[str, np.ndarray], metric: str, logistic: bool) -> None:
    """The four curves of `training_png`, on a figure or a part of one."""
    (value, confusion), (norms, quality) = drawing.subplots(2, 2, sharex=True)
    steps = columns["step"]

    value.plot(steps, columns["V"], color="C0", label="V")
    if logistic:
        value.axhline(-log(4), color="0.4", linestyle="--", label="−log 4  (E20)")
    value.set(title="V(θ_d, θ_g) on the minibatch (E29)", ylabel="V (nats)" if logistic else "V")

    confusion.plot(steps, columns["D_real"], color="C0", label="D(x)" if logistic else "σ(a(x))")
    confusion.plot(
        steps,
        columns["D_fake"],
        color="C1",
        linestyle="-.",
        label="D(G(z))" if logistic else "σ(a(G(z)))",
    )
    if logistic:
        confusion.axhline(0.5, color="0.4", linestyle="--", label="½  (E19)")
    confusion.set(
        title="mean belief of the discriminator",
        ylabel="probability" if logistic else "σ",
        ylim=(0, 1),
    )

    norms.semilogy(steps, columns["norm_d"], color="C0", label="‖dθ_d‖  (E31)")
    norms.semilogy(steps, columns["norm_g"], color="C1", linestyle="-.", label="‖dθ_g‖  (E32)")
    norms.set(title="gradients of both players", xlabel="iteration", ylabel="norm")

    measured = ~np.isnan(columns[metric])
    quality.plot(steps[measured], columns[metric][measured], color="C2", marker=".", label=metric)
    quality.set(title="metric of the averaged generator", xlabel="iteration", ylabel=metric)
    for axes in (value, confusion, norms, quality):
        axes.set_title(axes.get_title(), y=1)  # to look for its place costs a fifth of drawing
        axes.legend()
        axes.grid(alpha=0.3)


def spectrum_png(
    spectra: np.ndarray,
    steps: np.ndarray,
    progress: dict[str, np.ndarray] | None = None,
    path: Any = None,
) -> bytes:
    """Eigenvalues (records, n) of the game's Jacobian: where they lie, and how their extremes move
    (E38). Below, what else the run recorded of its convergence, and the path-angle (E61, E62).
    """
    if progress is None:
        drawing = figure(10, 4.6)
        plane, story = drawing.subplots(1, 2)
    else:
        drawing = figure(10, 8.4)
        (plane, story), below = drawing.subplots(2, 2)
        draw_progress(below, steps, progress, path)
    when = np.broadcast_to(steps[:, None], spectra.shape)
    dots = plane.scatter(spectra.real, spectra.imag, c=when, s=14, cmap="viridis")
    drawing.colorbar(dots, ax=plane, label="iteration")
    plane.axvline(0, color="0.4", linestyle="--", linewidth=1)
    plane.set(title="leading eigenvalues λ of the game's Jacobian", xlabel="Re λ", ylabel="Im λ")
    for axis in ("x", "y"):
        plane.set(**{f"{axis}scale": "symlog"})

    story.plot(
        steps, np.nanmax(spectra.real, axis=1), color="C3", marker=".", label="max Re λ: growth"
    )
    story.plot(
        steps, np.nanmin(spectra.real, axis=1), color="C0", marker=".", label="min Re λ: damping"
    )
    story.plot(
        steps,
        np.nanmax(abs(spectra.imag), axis=1),
        color="C2",
        marker=".",
        label="max |Im λ|: turning",
    )
    story.axhline(0, color="0.4", linestyle="--", linewidth=1)
    story.set(title="extremes", xlabel="iteration", yscale="symlog")
    story.legend()
    for axes in (plane, story):
        axes.grid(alpha=0.3)
    return png(drawing)


def draw_progress(axes, steps: np.ndarray, progress: dict[str, np.ndarray], path: Any) -> None:
    """The duality gap, each player's own rightmost eigenvalue and ‖v‖; and the path-angle."""
    story, angle = axes
    for player, color in (("D", "C0"), ("G", "C1")):
        gap, error = (progress[f"{name}_{player.lower()}"] for name in ("gap", "error"))
        what = f"{player} alone gains (E62)"
        story.errorbar(steps, gap, 2 * error, color=color, marker=".", label=what)
        own = progress[f"own_{player.lower()}"]
        what = f"max λ of {player}’s own block"
        story.plot(steps, own, color=color, linestyle=":", label=what)
    story.plot(steps, progress["norm"], color="C2", linestyle="-.", label="‖v‖")
    story.axhline(0, color="0.4", linestyle="--", linewidth=1)
    story.set(title="gap and ‖v‖: 0 at an equilibrium", xlabel="iteration")
    story.set_yscale("symlog", linthresh=0.01)
    story.legend()
    story.grid(alpha=0.3)
    draw_path(angle, path)


def draw_path(angle, path: Any) -> None:
    """The path-angle (E61) over α, and ‖v‖ on the same path, in parts of its largest."""
    angle.axhline(0, color="0.4", linestyle="--", linewidth=1)
    angle.axvline(1, color="0.4", linestyle="--", linewidth=1)
    if path is not None:
        angle.plot(path.alphas, path.cosines, color="C3", marker=".", label="cos ∠(path, v)")
        norms = path.norms / path.norms.max()
        angle.plot(path.alphas, norms, color="0.6", label="‖v‖, in parts of its largest")
        angle.legend()
    angle.set(title="path-angle: the start is 0, the end 1   (E61)", xlabel="α")
    angle.set_ylim(-1.05, 1.05)
    angle.grid(alpha=0.3)


def training_gif(
    frames: Sequence[np.ndarray],
    steps: Sequence[int],
    data: np.ndarray,
    image_shape=None,
    columns=None,
) -> bytes:
    """The same latents through the generator as it learns, eight frames a second. What stays is
    drawn once, on the scale of the last frame.
    """
    from PIL import Image

    drawing = figure(4, 4, fitted=False)
    drawing.dpi, axes = 80, drawing.subplots()
    samples, change = draw_samples(axes, frames[-1], data, image_shape, columns)
    title, legend = axes.set_title(" "), axes.get_legend()
    moving = [artist for artist in (samples, legend, title) if artist is not None]
    for artist in moving:
        artist.set_animated(True)  # the canvas leaves it out
    drawing.canvas.draw()
    ground = drawing.canvas.copy_from_bbox(drawing.bbox)
    pictures = []
    for frame, step in zip(frames, steps, strict=True):
        change(frame)
        title.set_text(f"iteration {step}")
        drawing.canvas.restore_region(ground)
        for artist in moving:
            axes.draw_artist(artist)
        pictures.append(picture_of(drawing))
    if image_shape is None:  # few colours, which the octree finds in a seventh of the time
        octree = Image.Quantize.FASTOCTREE
        pictures = [picture.quantize(method=octree) for picture in pictures]
    first, *others = pictures
    content, animated = io.BytesIO(), {"save_all": True, "duration": 125, "loop": 0}
    first.save(content, format="gif", append_images=others, **animated)
    return content.getvalue()
