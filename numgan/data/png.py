"""A folder of PNG files as images. matplotlib reads them, and is imported only when one is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from numgan.agg import load_matplotlib
from numgan.backend import Array
from numgan.errors import InputError


def read_png_folder(folder: Path) -> Array:
    """The images of a folder's .png files in the order of their names, (R, H, W, C) of float32 in [0, 1]; C = 1 where
    every one is grey, else 3. What is transparent is laid on white. Raises InputError that names the file which cannot
    be read or has another size than the first."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".png")
    except OSError as error:
        raise InputError(f"cannot read the folder {folder}: {error.strerror}") from None
    if not paths:
        raise InputError(f"{folder} holds no .png file: expected images in it")
    images = [read_png(path) for path in paths]
    for path, image in zip(paths, images, strict=True):
        if image.shape[:2] != images[0].shape[:2]:
            (H, W, _), (first_H, first_W, _) = image.shape, images[0].shape
            raise InputError(f"{path} has {H}×{W} pixels: expected {first_H}×{first_W} as in {paths[0].name}")
    C = max(image.shape[2] for image in images)
    return np.stack([np.broadcast_to(image, (*image.shape[:2], C)) for image in images])


def read_png(path: Path) -> Array:
    """One image (H, W, C) in [0, 1], C = 1 or 3:  colour · opacity + 1 − opacity."""
    load_matplotlib()
    from matplotlib.image import imread

    try:
        image = imread(path, format="png")
    except Exception as error:  # damage shows as OSError, SyntaxError, ValueError, struct.error, EOFError, …
        if isinstance(error, OSError) and error.strerror:
            raise InputError(f"cannot read {path}: {error.strerror}") from None
        raise InputError(f"{path} is damaged or is not really a PNG file") from None
    if image.ndim == 2:
        return image[:, :, None]
    return image[:, :, :3] * image[:, :, 3:] + 1 - image[:, :, 3:] if image.shape[2] == 4 else image
