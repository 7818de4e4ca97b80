"""Draw samples from the averaged generator of a run, as a picture, or as numbers in the units of the data."""

from __future__ import annotations

import io
from argparse import ArgumentParser, Namespace
from math import inf, prod

import numpy as np

from numgan.backend import DEVICES
from numgan.errors import InputError
from numgan.files import nonempty_path, writable, write_whole
from numgan.run.config import DEVICE
from numgan.run.folders import run_folder
from numgan.run.loop import resume
from numgan.run.memory import enough
from numgan.run.options import Whole

FORMATS = (".png", ".npy", ".npz")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan sample`."""
    parser.add_argument("folder", type=nonempty_path, metavar="RUN", help="a run folder, or the name of one in runs/")
    parser.add_argument("-n", type=int, default=64, metavar="N", help="how many samples (default 64)")
    units = "the numbers are in the units of the data, as your file or its pixels have them (digits: 0 to 16)"
    classes = "an .npz holds samples, and of a conditional run classes, which they were asked for"
    file = f"a file {', '.join(FORMATS)}; {units}; {classes}"
    parser.add_argument("-o", "--output", type=nonempty_path, metavar="FILE", required=True, help=file)
    parser.add_argument("--class", type=int, metavar="C", dest="klass", help="this class alone, of a conditional run")
    parser.add_argument("--seed", type=int, default=0, help="seed of the latents (default 0)")
    where = f"where G computes, {' or '.join(DEVICES)}, wherever it was trained (default cpu); the latents are the same"
    parser.add_argument("--device", type=DEVICE.read, metavar="NAME", default="cpu", help=where)


def of_class(z: np.ndarray, klass: int, classes: np.ndarray | None) -> np.ndarray:
    """The latents [z | c] with c at one class. Raises InputError for a class that the run does not know."""
    if classes is None:
        raise InputError("--class is for conditional runs: this one was not trained with --conditional")
    K = classes.shape[1]
    if not 0 <= klass < K:
        raise InputError(f"--class must lie between 0 and {K - 1}, got {klass}")
    z[:, -K:] = np.eye(K)[klass]
    return z


def run(options: Namespace) -> int:
    """Draw, and write the file whole."""
    from numgan.study.plots import samples_png

    Whole(1).check("-n", options.n)
    Whole(0, below=inf).check("--seed", options.seed)
    kind = options.output.suffix.lower()
    if kind not in FORMATS:
        raise InputError(f"cannot tell a format from {options.output}: its name must end in {', '.join(FORMATS)}")
    DEVICE.check("--device", options.device)
    writable(options.output)
    run = resume(run_folder(options.folder), options.device)
    data, G = run.data, run.training.game.G
    both = prod(G.input_shape) + 2 * data.dim  # z, and the samples in blocks and then in one
    enough(f"-n {options.n}", options.n * both, run.config.dtype)
    z = run.drawn(options.n, options.seed)
    if options.klass is not None:
        z = of_class(z, options.klass, run.training.classes)
    samples = run.generate(z)[:, : data.dim]
    shape = data.image_shape or (data.dim,)
    if kind == ".png":
        backdrop = data.peek(2000)
        content = samples_png(samples, backdrop, data.image_shape, f"{options.n} samples")
    else:
        arrays = {"samples": data.original(samples).reshape(-1, *shape)}
        if run.training.classes is not None:
            arrays["classes"] = z[:, -run.training.classes.shape[1] :].argmax(axis=1)
        buffer = io.BytesIO()
        np.save(buffer, arrays["samples"]) if kind == ".npy" else np.savez_compressed(buffer, **arrays)
        content = buffer.getvalue()
    write_whole(options.output, content)
    print(f"wrote {options.n} samples of shape {shape} to {options.output}")
    return 0
