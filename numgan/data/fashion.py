"""Fashion-MNIST: photographs of ten kinds of clothes, 28×28 grey pixels (arXiv:1708.07747).

All 60,000 training images where Debian's package puts them, or the 3,000 that are shipped here: the
first 300 of each kind, in the original's order. MIT licence, Zalando SE; `fashion.txt` beside this
file has its text.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from numgan.data.dataset import Dataset, from_images
from numgan.data.idx import from_idx
from numgan.errors import InputError

FOLDER = Path("/usr/share/datasets/fashion-mnist")  # of Debian's package dataset-fashion-mnist
KINDS = (
    "T-shirt",
    "trousers",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def fashion(dtype: str = "float32") -> Dataset:
    """Rows (60000, 784) of x = pixel/127.5 − 1 in [−1, 1], and labels (60000,). Back to pixels:
    127.5 (x + 1).
    """
    if not FOLDER.is_dir():
        raise InputError(
            f"Fashion-MNIST is not in {FOLDER}: install Debian's package dataset-fashion-mnist, "
            f"name your own copy's "
            "folder as the data of 'idx', or take 'fashion-small', which is here"
        )
    return from_idx(FOLDER, dtype)


def fashion_small(dtype: str = "float32") -> Dataset:
    """Rows (3000, 784), 300 of each kind, and labels (3000,), scaled as above."""
    with np.load(Path(__file__).with_name("fashion.npz")) as file:
        return from_images(file["images"], 0, 255, dtype, file["labels"])
