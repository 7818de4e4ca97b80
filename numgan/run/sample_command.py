"""Draw samples from the averaged generator of a run, as a picture or as numbers."""

from __future__ import annotations

import io
from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from numgan.errors import InputError
from numgan.files import write_whole
from numgan.run.loop import resume

FORMATS = (".png", ".npy", ".npz")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan sample`."""
    parser.add_argument("folder", type=Path, metavar="RUN", help="a run folder")
    parser.add_argument("-n", type=int, default=64, metavar="N", help="how many samples (default 64)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", required=True, help=f"a file {', '.join(FORMATS)}")
    parser.add_argument("--seed", type=int, default=0, help="seed of the latents (default 0)")


def run(options: Namespace) -> int:
    """Draw, and write the file whole."""
    from numgan.study.plots import samples_png

    if options.n < 1:
        raise InputError(f"-n must be a whole number of at least 1, got {options.n}")
    if options.seed < 0:
        raise InputError(f"--seed must be a whole number of at least 0, got {options.seed}")
    kind = options.output.suffix.lower()
    if kind not in FORMATS:
        raise InputError(f"cannot tell a format from {options.output}: its name must end in {', '.join(FORMATS)}")
    run = resume(options.folder)
    training, data = run.training, run.data
    rng = np.random.default_rng(options.seed)
    z = rng.standard_normal((options.n, *training.game.G.input_shape), dtype=training.theta_g.dtype)
    samples = training.game.G.evaluation()(training.theta_bar, z)
    if kind == ".png":
        backdrop = data.peek(2000)
        content = samples_png(samples, backdrop, data.image_shape, f"{options.n} samples")
    else:
        shaped = samples.reshape(-1, *data.image_shape) if data.image_shape else samples
        buffer = io.BytesIO()
        np.save(buffer, shaped) if kind == ".npy" else np.savez_compressed(buffer, samples=shaped)
        content = buffer.getvalue()
    write_whole(options.output, content)
    print(f"wrote {options.n} samples of shape {samples.shape[1:]} to {options.output}")
    return 0
