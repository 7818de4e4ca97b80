"""A user's own data: an array, a table of text, a folder of pictures, or MNIST's files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from numgan.backend import Array
from numgan.data import folder, idx, npy, table
from numgan.data.choices import Choices
from numgan.data.content import Content
from numgan.data.dataset import Dataset
from numgan.data.labels import is_label_file, read_labels
from numgan.data.paths import require_path
from numgan.errors import InputError

TABLES = (".csv", ".tsv", ".txt", ".dat", ".csv.gz", ".tsv.gz", ".txt.gz")
ARRAYS = (".npy", ".npz")
NOT_READ = {  # endings that are not read, and the step that makes a readable file
    (".xlsx", ".xls", ".xlsm", ".ods"): "save its table as .csv",
    (".parquet", ".feather"): "pandas.read_parquet(…).to_csv('rows.csv', index=False) writes a "
    ".csv",
    (".pkl", ".pickle", ".joblib"): "numpy.save('rows.npy', array) writes its array; a pickle may "
    "run any program",
    (".h5", ".hdf5", ".nc"): "h5py reads it, and numpy.save('rows.npy', array) writes its array",
    (".mat",): "scipy.io.loadmat reads it, and numpy.save('rows.npy', array) writes its array",
    (".pt", ".pth", ".safetensors"): "numpy.save('rows.npy', tensor.numpy()) writes a tensor",
    (".zip", ".tar", ".tgz", ".tar.gz", ".7z", ".rar", ".gz", ".bz2", ".xz"): "unpack it first",
    (
        ".json",
        ".jsonl",
        ".arff",
        ".xml",
        ".sav",
        ".dta",
        ".sas7bdat",
        ".rds",
        ".rdata",
        ".db",
        ".sqlite",
    ): ("write its rows as .csv"),
    (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"): (
        "one picture is no data: name the folder that holds many, .png, .jpg or .bmp"
    ),
}


def from_file(path: str | Path, dtype: str = "float32", choices: Choices | None = None) -> Dataset:
    """The data set in a file: rows of measurements if the array is (R,) or (R, dim), images if it
    is (R, H, W) or (R, H, W, C). A folder holds pictures or MNIST's files. The account of the data
    set says what was read.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     _ = path.write_text("height,width\\n1.5,2.5\\n3.5,4.5\\n")
    ...     data = from_file(path)
    >>> data
    <Dataset: 2 rows of shape (2,)>
    >>> data.account[1]
    ('rows', '2 rows × 2 columns')
    """
    path, choices = Path(path), choices or Choices()
    content = read(path, choices)
    if is_label_file(choices.labels):
        assert choices.labels is not None
        content.labels, content.label_name = (
            read_labels(Path(choices.labels), len(content.x)),
            "class",
        )
        content.note("labels", f"the file {choices.labels}")
    content.account.insert(0, ("data", str(path)))
    return content.dataset(dtype, choices, path)


def read(path: Path, choices: Choices) -> Content:
    """The content of a file or folder. Raises InputError, with the next step, if it cannot be read.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.npy"
    ...     np.save(path, np.array([1.0, 2.0]))
    ...     read(path, Choices()).x.tolist()
    [[1.0], [2.0]]
    >>> with TemporaryDirectory() as folder:
    ...     (Path(folder) / "rows.xlsx").touch()
    ...     try:
    ...         read(Path(folder) / "rows.xlsx", Choices())
    ...     except InputError as error:
    ...         print(str(error).rpartition(": ")[2])
    a file that ends in .xlsx is not read; save its table as .csv
    """
    if require_path(path).is_dir():
        return idx.read(path, choices) if idx.image_files(path) else folder.read(path, choices)
    name = path.name.lower()
    if name.endswith(ARRAYS):
        return npy.read(path, choices)
    if name.endswith(TABLES):
        return table.read(path, choices)
    if idx.is_idx(path):
        return idx.read(path, choices)
    for endings, step in NOT_READ.items():
        if name.endswith(endings):
            raise InputError(f"{path}: a file that ends in {path.suffix} is not read; {step}")
    raise InputError(
        f"{path}: expected a file that ends in .npy, .npz, .csv, .tsv or .txt, a folder of "
        f"pictures, or MNIST's files"
    )


def load_rows(path: str | Path) -> Array:
    """The rows of a file, (R, dim) float64; a vector (R,) is R rows of one number. Raises
    InputError as `read` does, and for images.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     _ = path.write_text("1,2\\n3,4\\n5,7\\n")
    ...     load_rows(path).tolist()
    [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]
    """
    x = read(Path(path), Choices()).x
    if x.ndim > 2:
        raise InputError(f"{path} has shape {x.shape}: expected rows (R, dim)")
    return x.astype(np.float64)
