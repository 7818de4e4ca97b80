"""Draw samples from the averaged generator of a run, as a picture, or as numbers in the units of
the data.
"""

from __future__ import annotations

import csv
import io
from argparse import ArgumentParser, Namespace
from math import inf
from typing import Any

import numpy as np

from numgan.backend import DEVICES
from numgan.data.columns import Columns
from numgan.data.dataset import Form
from numgan.errors import InputError
from numgan.files import nonempty_path, writable, write_whole
from numgan.run.config import DEVICE
from numgan.run.folders import run_folder
from numgan.run.loop import resume
from numgan.run.options import Whole
from numgan.run.samples import latents_of

FORMATS = (".png", ".npy", ".npz", ".csv")
ASKED = ("-n", "--seed", "--class")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan sample`."""
    parser.add_argument(
        "folder",
        type=nonempty_path,
        metavar="RUN",
        help="a run folder, or the name of one in runs/",
    )
    parser.add_argument(
        "-n", type=int, default=64, metavar="N", help="how many samples (default 64)"
    )
    units = (
        "the numbers are in the units and of the type of the data, as your file or its pixels have "
        "them"
    )
    named = "an .npz holds samples, and of a conditional run classes, which they were asked for"
    named += "; a .csv has the names of your columns"
    file = f"a file {', '.join(FORMATS)}; {units}; {named}"
    parser.add_argument(
        "-o", "--output", type=nonempty_path, metavar="FILE", required=True, help=file
    )
    alone = "this class alone, as the data name it, of a conditional run"
    parser.add_argument("--class", metavar="C", dest="klass", help=alone)
    parser.add_argument("--seed", type=int, default=0, help="seed of the latents (default 0)")
    where = (
        f"where G computes, {' or '.join(DEVICES)}, wherever it was trained (default cpu); the "
        f"latents are the same"
    )
    parser.add_argument("--device", type=DEVICE.read, metavar="NAME", default="cpu", help=where)


def csv_text(samples: np.ndarray, form: Form | Columns | None, classes: np.ndarray | None) -> str:
    """Samples (n, dim) as a table with the names of the data's columns; the classes are the last
    column.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    whole = np.zeros(len(samples[0]), bool) if form is None else form.whole
    if form is not None and form.names is not None:
        writer.writerow([*form.names, *([] if classes is None else [form.label_name])])
    for n, row in enumerate(samples.tolist()):
        cells = [
            int(value) if is_whole else value  # records already have whole numbers and words
            for value, is_whole in zip(row, whole, strict=True)
        ]
        writer.writerow([*cells, *([] if classes is None else [classes[n]])])
    return text.getvalue()


def packed(kind: str, arrays: dict[str, Any]) -> bytes:
    """The samples as .npy, or all arrays as .npz."""
    buffer = io.BytesIO()
    if kind == ".npy":
        np.save(buffer, arrays["samples"])
    else:
        np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def run(options: Namespace) -> int:
    """Draw, and write the file whole."""
    from numgan.study.plots import samples_png
    from numgan.study.table_plots import table_png

    Whole(1).check("-n", options.n)
    Whole(0, below=inf).check("--seed", options.seed)
    kind = options.output.suffix.lower()
    if kind not in FORMATS:
        raise InputError(
            f"cannot tell a format from {options.output}: its name must end in {', '.join(FORMATS)}"
        )
    DEVICE.check("--device", options.device)
    writable(options.output)
    run = resume(run_folder(options.folder), options.device)
    data = run.data
    z = latents_of(run, options.n, options.seed, options.klass, ASKED)
    classes = None if run.training.classes is None else data.classes
    samples = run.generate(z)[:, : data.dim]
    columns = data.dim if data.columns is None else len(data.columns.columns)
    shape = data.image_shape or (columns,)
    if kind == ".png":
        backdrop = data.peek(2000)
        title = f"{options.n} samples"
        if data.columns is None:
            content = samples_png(samples, backdrop, data.image_shape, title)
        else:
            rows = data.columns.inverse(samples)
            content = table_png(data.columns, data.columns.train, rows, title)
    else:
        numbers = data.stored(samples)
        arrays = {"samples": numbers.reshape(-1, *shape) if data.image_shape else numbers}
        if classes is not None:
            arrays["classes"] = np.array(classes)[z[:, -len(classes) :].argmax(axis=1)]
        if kind == ".csv":
            content = csv_text(numbers, data.form, arrays.get("classes")).encode()
        else:
            content = packed(kind, arrays)
    write_whole(options.output, content)
    print(f"wrote {options.n} samples of shape {shape} to {options.output}")
    return 0
