"""The data sets that a GAN can be trained on. Importing this module reads no file: a data set is
made on request.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from numgan.data.choices import Choices
from numgan.data.dataset import Dataset, from_density, from_mixture
from numgan.data.digits import digits
from numgan.data.fashion import fashion, fashion_small
from numgan.data.files import from_file, load_rows
from numgan.data.idx import from_idx
from numgan.data.sources import Fresh, Shuffled
from numgan.data.toy import gaussian, grid, moons, pinwheel, ring, swissroll
from numgan.errors import InputError
from numgan.names import unknown

__all__ = ["DATASETS", "Choices", "Dataset", "Fresh", "Shuffled", "dataset", "load_rows"]


class Entry(NamedTuple):
    """A row of the table DATASETS: what the data set is, the function that makes it, and whether
    that function needs a path of the user's.

    >>> DATASETS["ring"].says, DATASETS["file"].needs_path
    ('8 Gaussians on a circle, σ = 0.01', True)
    """

    says: str
    make: Callable[..., Dataset]  # called with (dtype), or with (path, dtype, choices)
    needs_path: bool = False


DATASETS: dict[str, Entry] = {
    "gaussian": Entry(
        "the normal distribution N(1, 2²) on the line",
        lambda dtype: from_density(gaussian(), dtype),
    ),
    "ring": Entry("8 Gaussians on a circle, σ = 0.01", lambda dtype: from_mixture(ring(), dtype)),
    "grid": Entry("25 Gaussians on a grid, σ = 0.05", lambda dtype: from_mixture(grid(), dtype)),
    "swissroll": Entry("a spiral in the plane", lambda dtype: from_density(swissroll(), dtype)),
    "moons": Entry("two interleaved half circles", lambda dtype: from_density(moons(), dtype)),
    "pinwheel": Entry(
        "five bent blades in the plane", lambda dtype: from_density(pinwheel(), dtype)
    ),
    "digits": Entry("1,797 handwritten digits of 8×8 pixels", digits),
    "fashion": Entry(
        "60,000 pictures of clothes, 28×28 pixels, where Debian's package has put them", fashion
    ),
    "fashion-small": Entry("3,000 of them, which are shipped with numgan", fashion_small),
    "idx": Entry("your own folder or file in MNIST's format", from_idx, needs_path=True),
    "file": Entry(
        "your own rows or images: .npy, .npz, .csv, a folder of pictures",
        from_file,
        needs_path=True,
    ),
}


def require_dataset_name(name: str) -> str:
    """The name, unchanged. Raises InputError if no data set has it, with the most similar name.

    >>> require_dataset_name("ring")
    'ring'
    >>> try:
    ...     require_dataset_name("rings")
    ... except InputError as error:
    ...     print(str(error).partition("?")[0])
    unknown data set 'rings', did you mean ring
    """
    if not isinstance(name, str) or name not in DATASETS:
        raise InputError(f"unknown data set {name!r}{unknown(name, DATASETS)}")
    return name


def dataset(
    name: str,
    dtype: str = "float32",
    path: str | Path | None = None,
    choices: Choices | None = None,
) -> Dataset:
    """The data set of this name; `choices` say how ambiguous files are read. Raises InputError for
    a name that is not in DATASETS, a missing path, or a path that the data set does not need.

    >>> data = dataset("ring")
    >>> data
    <Dataset: fresh draws of shape (2,)>
    >>> data.dim, len(data.modes)
    (2, 8)
    """
    entry = DATASETS[require_dataset_name(name)]
    if entry.needs_path != (path is not None):
        raise InputError(
            f"the data set {name!r} needs {'a' if entry.needs_path else 'no'} path of your own data"
        )
    return entry.make(dtype) if path is None else entry.make(Path(path), dtype, choices)
