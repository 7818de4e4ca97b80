"""The lines of a table of text, less those without data, and their cells."""

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

HEAD, LONG = 1000, 1 << 16  # lines, and characters, by which a table is recognised
BINARY = {  # how files begin that are no tables, whatever their name
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
    """How a table is written: what separates cells (None where a line is one), the decimal mark,
    how many columns, and True where the header lacks the index's name; what is said of the
    separator, and of the decimal mark's doubt."""

    separator: str | None
    decimal: str
    width: int
    ragged: bool = False
    says: str = ""
    doubt: str = ""


class Lines:
    """The lines of a file. Comments (#) and blank lines are passed over and counted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.comments = self.blanks = 0
        self.last_comment = ""
        self.comment_names = False  # the names of the columns stand in the last comment
        # the separator that a line sep=… names, as Excel writes and reads it
        self.named: str | None = None
        self.number = 0
        self.encoding = self.recognise()
        self.first = self.beginning()
        self.above = self.last_comment if self.comments else ""

    @property
    def packed(self) -> bool:
        """True for a file that ends in .gz."""
        return self.path.suffix.lower() == ".gz"

    def recognise(self) -> str:
        """The encoding by the file's first bytes. Raises InputError for a file that cannot be read
        or is no text.
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

    def beginning(self) -> list[str]:
        """The first lines, as many as recognise a table."""
        first, long = [], 0
        for line in islice(self.raw(), HEAD):
            first.append(line)
            long += len(line)
            if long > LONG and len(first) > 20:
                break
        return first

    def open_bytes(self) -> IO[bytes]:
        """The file, unpacked where it ends in .gz."""
        return gzip.open(self.path) if self.packed else self.path.open("rb")  # type: ignore

    def raw(self) -> Iterator[str]:
        """The lines that may be data; `number` is the number of the last one."""
        self.comments = self.blanks = 0
        opened: Any = partial(gzip.open, self.path) if self.packed else self.path.open
        try:
            with opened("rt", newline="", encoding=self.encoding) as file:
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
                        self.named = line[4]
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
        """The cells of the first lines; none where they cannot be read."""
        try:
            return [
                cells
                for cells in self.cells(iter(self.first), separator)
                if any(map(str.strip, cells))
            ]
        except csv.Error:
            return []

    def records(self, separator: str | None) -> Iterator[tuple[int, list[str]]]:
        """The number and the cells of every line with data."""
        try:
            for cells in self.cells(self.raw(), separator):
                if any(map(str.strip, cells)):
                    yield self.number, cells
                else:
                    self.blanks += 1
        except csv.Error as error:
            raise InputError(f"{self.path}, line {self.number}: {error}") from None

    def columns(
        self, separator: str | None, places: list[int], below: int
    ) -> Iterator[tuple[str, ...]]:
        """The cells of columns, each column whole, without the first `below` lines."""
        cells = [[row[j].strip() for j in places] for _, row in self.records(separator)]
        return zip(*cells[below:], strict=True)
