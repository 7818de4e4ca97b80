"""A user's own data: the array in a .npy, .npz or .csv file, or a folder of images. One line says what is refused."""

from __future__ import annotations

import csv
import os
from array import array
from pathlib import Path

import numpy as np

from numgan.backend import Array
from numgan.data.dataset import Dataset, from_images, from_rows
from numgan.data.png import read_png_folder
from numgan.errors import InputError

NAMES = ("x", "data")  # which array of an .npz is meant when there are several


def from_file(path: str | Path, dtype: str = "float32") -> Dataset:
    """The data set in a file: rows of measurements where the array is (R,) or (R, dim), images where it is (R, H, W) or
    (R, H, W, C). A folder is one of images, a .png file each."""
    if os.path.isdir(path):
        return from_images(read_png_folder(Path(path)), 0, 1, dtype)
    x = load_array(Path(path))
    if x.ndim <= 2:
        return from_rows(finite(x.reshape(len(x), -1), path), dtype)
    low, high = pixel_range(x, path)
    return from_images(x, low, high, dtype)


def load_rows(path: str | Path) -> Array:
    """The rows of a file, (R, dim) float64; a vector (R,) is R rows of one number. Raises InputError, see above."""
    x = load_array(Path(path))
    if x.ndim > 2:
        raise InputError(f"{path} has shape {x.shape}: expected rows (R, dim)")
    return finite(x.reshape(len(x), -1), path)


def load_array(path: Path) -> Array:
    """The array of real numbers in a file, (R,) to (R, H, W, C), not empty, as it was stored."""
    readers = {".npy": read_npy, ".npz": read_npy, ".csv": read_csv}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path}: expected a file that ends in .npy, .npz or .csv")
    try:
        x = readers[path.suffix.lower()](path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    if x.dtype.kind not in "biuf":
        raise InputError(f"{path} holds {x.dtype} values: expected real numbers")
    if not 1 <= x.ndim <= 4:
        raise InputError(f"{path} has shape {x.shape}: expected rows (R, dim) or images (R, H, W) or (R, H, W, C)")
    if x.size == 0:
        raise InputError(f"{path} is empty, of shape {x.shape}: expected at least one row of at least one number")
    return x


def finite(x: Array, path: str | Path) -> Array:
    """x in float64. Raises InputError, naming the place, for NaN or infinity."""
    with np.errstate(over="ignore"):  # a wider float may not fit
        x = x.astype(np.float64)
    if not np.all(np.isfinite(x)):
        place = np.unravel_index(int(np.argmin(np.isfinite(x))), x.shape)
        column = f", column {place[1] + 1}" if len(place) == 2 else ""
        raise InputError(f"{path}, row {place[0] + 1}{column}: {x[place]}, expected a finite number")
    return x


def pixel_range(x: Array, path: str | Path) -> tuple[float, float]:
    """What black and white are: 0 and 255 for whole numbers, 0 and 1 or −1 and 1 for fractions. InputError else."""
    low, high = float(finite(x, path).min()), float(x.max())
    ranges = [(0, 255)] if x.dtype.kind in "iu" else [(0, 1), (-1, 1)]
    for black, white in ranges:
        if black <= low and high <= white:
            return black, white
    expected = " or ".join(f"{black} to {white}" for black, white in ranges)
    raise InputError(f"{path} has pixels from {low:g} to {high:g}: expected {expected} for {x.dtype} images")


def read_npy(path: Path) -> Array:
    """The array of a .npy; of a .npz the only one, or the one named x or data. Nothing is unpickled."""
    try:
        with path.open("rb") as file:
            content = np.load(file, allow_pickle=False)
            if isinstance(content, np.ndarray):
                return content
            with content:
                names = content.files
                chosen = names if len(names) == 1 else [name for name in NAMES if name in names]
                found = content[chosen[0]] if chosen else None
    except OSError:
        raise
    except Exception as error:  # damage shows as ValueError, EOFError, BadZipFile, zlib.error, KeyError, MemoryError, …
        if "allow_pickle" in str(error) and "Object" in str(error):
            raise InputError(f"{path} holds Python objects: expected an array of real numbers") from None
        raise InputError(f"{path} is damaged or is not really a {path.suffix} file of numbers") from None
    if isinstance(found, np.ndarray):
        return found
    held = ", ".join(names) or "nothing"
    raise InputError(f"{path} holds {held}: expected one array, or one named {' or '.join(NAMES)}")


def read_csv(path: Path) -> Array:
    """The numbers of a .csv, (R, dim). The first line may be a header: no number in it. Blank lines are skipped."""
    numbers, width, first = array("d"), 0, 0
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                if not first:
                    first, width = reader.line_num, len(cells)
                    if not any(is_number(cell) for cell in cells):
                        continue
                if len(cells) != width:
                    raise InputError(
                        f"{path}, line {reader.line_num}: {len(cells)} columns, expected {width} as in line {first}"
                    )
                for column, cell in enumerate(cells, 1):
                    if not is_number(cell):
                        raise InputError(
                            f"{path}, line {reader.line_num}, column {column}: {cell[:40]!r}, expected a number"
                        )
                    if not np.isfinite(value := float(cell)):
                        raise InputError(
                            f"{path}, line {reader.line_num}, column {column}: {value}, expected a finite number"
                        )
                    numbers.append(value)
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8: expected numbers separated by commas") from None
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: {error}") from None
    return np.array(numbers).reshape(-1, width or 1)


def is_number(cell: str) -> bool:
    """True for what float() reads."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
