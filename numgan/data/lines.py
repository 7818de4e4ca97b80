"""The lines with data of a table of text, and their cells."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

from numgan.errors import InputError

HEAD, LONG = 1000, 1 << 16  # lines and characters that show the dialect
BINARY = {  # the first bytes of files that are no tables, whatever their name
    b"PK\x03\x04": "a workbook or an archive: save its table as .csv",
    b"\xd0\xcf\x11\xe0": "a workbook: save its table as .csv",
    b"\x89HDF": "an HDF5 file: write its array with numpy.save, as .npy",
    b"PAR1": "a Parquet file: write it with pandas.read_parquet(…).to_csv('rows.csv', index=False)",
    b"\x93NUMPY": "a NumPy array: give it a name that ends in .npy",
    b"\x1f\x8b": "compressed: give it a name that ends in .gz",
    b"\x80\x04": "a pickle: write its array with numpy.save, as .npy",
}


@dataclass(frozen=True)
class Dialect:
    """How a table is written: the separator of cells (None if a line is one cell), the decimal
    mark, and the number of columns. `ragged` is True if the header lacks the index's name;
    `separator_text` and `doubt` are the account's words about the separator and the decimal mark.

    >>> Dialect(";", ",", width=3).separator
    ';'
    """

    separator: str | None
    decimal: str
    width: int
    ragged: bool = False
    separator_text: str = ""
    doubt: str = ""


class Lines:
    """The lines of a file. Comments (#) and blank lines are skipped and counted.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     _ = path.write_text("# made by hand\\n1,2\\n\\n3,4\\n")
    ...     lines = Lines(path)
    ...     list(lines.records(","))
    [(2, ['1', '2']), (4, ['3', '4'])]
    >>> lines.above, lines.blanks
    ('made by hand', 1)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.comments = self.blanks = 0
        self.last_comment = ""
        self.comment_names = False  # True if the last comment holds the columns' names
        # the separator in a line sep=…, which Excel writes and reads
        self.named_separator: str | None = None
        self.number = 0
        self.encoding = self._find_encoding()
        self.first = self._read_beginning()
        self.above = self.last_comment if self.comments else ""

    @property
    def packed(self) -> bool:
        """True for a file that ends in .gz."""
        return self.path.suffix.lower() == ".gz"

    def _find_encoding(self) -> str:
        """The encoding that the file's first bytes show. Raises InputError if the file cannot be
        read or holds no text.
        """
        try:
            with self.open_bytes() as file:
                start = file.read(8)
        except OSError as error:
            raise InputError(f"cannot read {self.path}: {error.strerror or error}") from None
        except EOFError:
            raise InputError(f"{self.path} is cut short: unpack or download it again") from None
        if not start:
            raise InputError(f"{self.path} is empty: expected rows of numbers")
        for begins, what in BINARY.items():
            if start.startswith(begins):
                raise InputError(f"{self.path} is no table of text but {what}")
        return "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"

    def _read_beginning(self) -> list[str]:
        """The first lines, enough to recognise the dialect."""
        first, long = [], 0
        for line in islice(self.data_lines(), HEAD):
            first.append(line)
            long += len(line)
            if long > LONG and len(first) > 20:
                break
        return first

    def open_bytes(self) -> IO[bytes]:
        """The open file, decompressed if its name ends in .gz."""
        return gzip.open(self.path) if self.packed else self.path.open("rb")  # type: ignore

    def data_lines(self) -> Iterator[str]:
        """The lines that may hold data; `number` is the number of the last one."""
        self.comments = self.blanks = 0
        opener: Any = partial(gzip.open, self.path) if self.packed else self.path.open
        try:
            with opener("rt", newline="", encoding=self.encoding) as file:
                for self.number, line in enumerate(file, 1):
                    if not line.strip():
                        self.blanks += 1
                    elif line.lstrip().startswith("#"):
                        self.comments += 1
                        self.last_comment = line.strip().lstrip("#").strip()
                    elif (
                        self.number == 1
                        and line.startswith("sep=")
                        and len(line.strip("\r\n")) == 5
                    ):
                        self.named_separator = line[4]
                    else:
                        yield line
        except UnicodeError:
            raise InputError(
                f"{self.path} is not text in UTF-8: expected numbers separated by commas; save it "
                f"in UTF-8"
            ) from None
        except (OSError, EOFError) as error:
            raise InputError(
                f"cannot read {self.path}: {getattr(error, 'strerror', None) or error}"
            ) from None

    def cells(self, lines: Iterator[str], separator: str | None) -> Iterator[list[str]]:
        """The cells of lines."""
        if separator is None:
            return ([line.strip().strip('"')] for line in lines)
        if separator == " ":
            return (
                next(csv.reader([line], delimiter=" ", skipinitialspace=True))
                if '"' in line
                else line.split()
                for line in lines
            )
        return csv.reader(lines, delimiter=separator, skipinitialspace=True)

    def head(self, separator: str | None) -> list[list[str]]:
        """The cells of the first lines; an empty list if they cannot be read."""
        try:
            return [
                cells
                for cells in self.cells(iter(self.first), separator)
                if any(map(str.strip, cells))
            ]
        except csv.Error:
            return []

    def records(self, separator: str | None) -> Iterator[tuple[int, list[str]]]:
        """The number and the cells of each line with data."""
        try:
            for cells in self.cells(self.data_lines(), separator):
                if any(map(str.strip, cells)):
                    yield self.number, cells
                else:
                    self.blanks += 1
        except csv.Error as error:
            raise InputError(f"{self.path}, line {self.number}: {error}") from None

    def columns(
        self, separator: str | None, places: list[int], below: int
    ) -> Iterator[tuple[str, ...]]:
        """The cells of whole columns, without those of the first `below` lines."""
        cells = [[row[j].strip() for j in places] for _, row in self.records(separator)]
        return zip(*cells[below:], strict=True)
