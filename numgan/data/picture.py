"""One picture from a file: levels of grey or colour, and opacity. This is the only module that
imports Pillow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.errors import InputError

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp")
DEEP = ("I;16", "I;16B", "I;16L", "I")  # Pillow's names of grey levels of 16 bits


@dataclass(frozen=True)
class Picture:
    """Levels (H, W, C), C = 1 or 3, whole numbers of `bits` bits; opacity (H, W, 1) in [0, 1], or
    None if nothing is transparent. `coarse` is True if the file has 16 bits of colour, because
    Pillow reads 8.

    >>> picture = Picture(np.array([[[0], [51]]]), opacity=np.array([[[1.0], [0.0]]]))
    >>> picture.on_white(255).ravel().tolist()  # the second pixel is transparent
    [0.0, 1.0]
    """

    levels: Array
    opacity: Array | None = None
    bits: int = 8
    coarse: bool = False

    def on_white(self, white: float) -> Array:
        """levels/white in float32, drawn over white:  colour · opacity + 1 − opacity."""
        colour = np.divide(self.levels, white, dtype=np.float32)
        return colour if self.opacity is None else colour * self.opacity + 1 - self.opacity


def read_picture(path: Path) -> Picture:
    """The picture in a file. Raises InputError, with the name of the file, if it cannot be read.

    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> with TemporaryDirectory() as folder:
    ...     Image.new("RGB", (3, 2), (255, 0, 0)).save(Path(folder) / "red.png")
    ...     read_picture(Path(folder) / "red.png").levels[0, 0]
    array([255,   0,   0], dtype=uint8)
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as image:
            raw = str(image.tile[0][3]) if image.tile else ""  # how the file itself has its levels
            image.load()
            if image.format in ("JPEG", "MPO"):
                return _decode(ImageOps.exif_transpose(image), raw)  # as the camera was held
            return _decode(image, raw)
    except Exception as error:  # damage shows as OSError, SyntaxError, ValueError, EOFError, …
        if isinstance(error, OSError) and error.strerror:
            raise InputError(f"cannot read {path}: {error.strerror}") from None
        kind = {".jpg": "JPEG", ".jpeg": "JPEG"}.get(path.suffix.lower(), path.suffix[1:].upper())
        raise InputError(f"{path} is damaged or is not really a {kind} file") from None


def _decode(image: Any, raw: str) -> Picture:
    """The picture in one of Pillow's images. A level or a colour may be marked as transparent: the
    mark is in the file's own bits, and is converted to 8 bits here, as the levels are.
    """
    clear = image.info.get("transparency")
    if image.mode == "1":
        grey = 255 * np.asarray(image)[:, :, None].astype(np.uint8)
        return Picture(grey, None if clear is None else _opacity(grey, 255 * bool(clear)))
    if image.mode in (*DEEP, "L"):
        grey = np.asarray(image)[:, :, None]
        scale = {"L;2": 85, "L;4": 17}.get(raw, 1)
        bits = 8 if image.mode == "L" else 16
        return Picture(grey, None if clear is None else _opacity(grey, scale * clear), bits)
    if image.mode == "LA" or raw.startswith("LA"):
        both = np.asarray(image)
        return Picture(both[:, :, :1], np.divide(both[:, :, -1:], 255, dtype=np.float32))
    coarse = ";16" in raw
    if coarse and clear is not None:
        image.info["transparency"] = tuple(level >> 8 for level in clear)
    if image.mode in ("RGBA", "PA", "P") or clear is not None:
        colours = np.asarray(image.convert("RGBA"))
        return Picture(
            colours[:, :, :3], np.divide(colours[:, :, 3:], 255, dtype=np.float32), coarse=coarse
        )
    return Picture(np.asarray(image.convert("RGB")), coarse=coarse)


def _opacity(grey: Array, clear: int) -> Array:
    """1 where a level is not the transparent one, else 0, (H, W, 1)."""
    return (grey != clear).astype(np.float32)
