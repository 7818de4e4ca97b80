"""1,797 handwritten digits of 8×8 pixels: small enough to learn in minutes, real enough to look at.

From "Optical Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, UCI Machine Learning
Repository, DOI 10.24432/C50P49, CC BY 4.0; `digits.txt` beside this file says so in full.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from numgan.data.dataset import Dataset, from_images


def digits(dtype: str = "float32") -> Dataset:
    """The digits: rows (1797, 64) of x = pixel/8 − 1 in [−1, 1], and labels (1797,). Pixels 0 … 16
    are 8 (x + 1).

    >>> digits()
    <Dataset: 1,797 rows of shape (8, 8, 1), 10 classes>
    """
    with np.load(Path(__file__).with_name("digits.npz")) as file:
        return from_images(file["images"], 0, 16, dtype, file["labels"])
