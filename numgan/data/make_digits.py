"""Make digits.npz from digits.csv.gz; run by hand, once.

    python -m numgan.data.make_digits digits.csv.gz

digits.txt names the source of the images. The package scikit-learn contains them as
`sklearn/datasets/data/digits.csv.gz`; a wheel is a zip file, so `pip download --no-deps
scikit-learn` and `unzip` extract it. A line holds 64 pixels, 0 to 16, row by row, and the digit.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def write_digits(source: Path, target: Path) -> None:
    """Write images (1797, 8, 8) and labels (1797,), both uint8. The same input gives the same
    bytes.

    >>> from io import StringIO
    >>> try:
    ...     write_digits(StringIO("0,16,5"), Path("digits.npz"))
    ... except SystemExit as refusal:
    ...     print(str(refusal).rpartition(": ")[2])
    expected 1797 lines of 64 pixels from 0 to 16 and a digit
    """
    table = np.loadtxt(source, delimiter=",")
    expected = table.shape == (1797, 65) and np.array_equal(table, np.round(table))
    if not expected or table.min() < 0 or table[:, :64].max() > 16 or table[:, 64].max() > 9:
        raise SystemExit(f"{source}: expected 1797 lines of 64 pixels from 0 to 16 and a digit")
    table = table.astype(np.uint8)
    np.savez_compressed(target, images=table[:, :64].reshape(-1, 8, 8), labels=table[:, 64])


if __name__ == "__main__":
    write_digits(Path(sys.argv[1]), Path(__file__).with_name("digits.npz"))
