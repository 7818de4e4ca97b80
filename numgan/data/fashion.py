"""Fashion-MNIST: photographs of ten kinds of clothes, 28×28 grey pixels (arXiv:1708.07747).

`fashion` has all 60,000 training images, from the files of Debian's package; `fashion_small` has
the 3,000 that are shipped here: the first 300 of each kind, in the original's order. MIT licence,
Zalando SE; `fashion.txt` beside this file has its text.
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
    """Rows (60000, 784) of x = pixel/127.5 − 1 in [−1, 1], and labels (60000,). Pixels are 127.5 (x
    + 1). Raises InputError if the package is not installed.

    >>> data = fashion() if FOLDER.is_dir() else fashion_small()
    >>> data.dim, data.image_shape
    (784, (28, 28, 1))
    """
    if not FOLDER.is_dir():
        raise InputError(
            f"Fashion-MNIST is not in {FOLDER}: install Debian's package dataset-fashion-mnist, "
            f"name your own copy's "
            "folder as the data of 'idx', or take 'fashion-small', which is here"
        )
    return from_idx(FOLDER, dtype)


def fashion_small(dtype: str = "float32") -> Dataset:
    """Rows (3000, 784), 300 of each kind, and labels (3000,), scaled as in `fashion`.

    >>> fashion_small()
    <Dataset: 3,000 rows of shape (28, 28, 1), 10 classes>
    """
    with np.load(Path(__file__).with_name("fashion.npz")) as file:
        return from_images(file["images"], 0, 255, dtype, file["labels"])
