"""What a user may decide about a file that could be read in two ways. Without a word the values
decide.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite

from numgan.errors import InputError

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
DECIMALS = {"point": ".", "comma": ","}
AXES = ("NHW", "NHWC")  # as they are used; any order of these letters may be that of a file


@dataclass(frozen=True)
class Choices:
    """One choice an option, None where the values decide. Raises InputError, naming it, for what
    none can be.
    """

    header: str | None = None  # "yes" or "no": the first line has the names of the columns
    # between the cells of a line: a name of SEPARATORS, or the character
    separator: str | None = None
    decimal: str | None = None  # the mark before the digits of a fraction
    # "yes" or "no": the first column numbers the rows, and is no measurement
    index: str | None = None
    axes: str | None = None  # the order of an array's axes: NHW, HWN, NHWC, NCHW, …
    range: str | None = None  # "LOW,HIGH": the values of black and white
    array: str | None = None  # which array of an .npz
    # a column, an array or a file that holds the classes; "none" for no classes
    labels: str | None = None
    # what the columns of rows are: "plain", "auto", or NAME=KIND,… (data/columns.py)
    columns: str | None = None
    held: float | None = None  # the share of rows that is kept to measure by

    def __post_init__(self) -> None:
        for name in ("header", "index"):
            if getattr(self, name) not in (None, "yes", "no"):
                raise InputError(f"--{name} must be yes or no, got {getattr(self, name)!r}")
        for name, marks in (("separator", SEPARATORS), ("decimal", DECIMALS)):
            if (value := getattr(self, name)) is not None:
                marked(name, value, marks)
        if self.axes is not None and sorted(self.axes.upper()) not in [
            sorted(axes) for axes in AXES
        ]:
            raise InputError(
                f"--axes must have the letters N, H, W and perhaps C, each once, got {self.axes!r}"
            )
        if self.range is not None:
            self.black_and_white()

    @property
    def typed(self) -> bool:
        """True where columns have kinds; else all are numbers of mean 0 and deviation 1."""
        return self.columns not in (None, "plain")

    def separator_mark(self) -> str | None:
        """The character between cells, where it was named."""
        return None if self.separator is None else marked("separator", self.separator, SEPARATORS)

    def decimal_mark(self) -> str | None:
        """The character before a fraction, where it was named."""
        return None if self.decimal is None else marked("decimal", self.decimal, DECIMALS)

    def black_and_white(self) -> tuple[float, float] | None:
        """The two ends of --range, where it was given."""
        if self.range is None:
            return None
        try:
            low, high = (float(end) for end in self.range.split(","))
        except ValueError:
            low = high = 0.0
        if not (isfinite(low) and isfinite(high) and low < high):
            raise InputError(
                f"--range must be black,white, as in 0,255 (or --range=-1,1), got {self.range!r}"
            )
        return low, high

    def refuse_others(self, what: str, *fitting: str) -> None:
        """Raise InputError for a choice that says nothing about `what` is read."""
        for field in fields(self):
            if field.name not in fitting and getattr(self, field.name) not in (None, "auto"):
                means = ", ".join(f"--{name}" for name in fitting)
                others = f" (there are {means})" if fitting else ""
                raise InputError(f"--{field.name} says nothing about {what}: leave it out{others}")


def marked(option: str, value: str, marks: dict[str, str]) -> str:
    """The character of a name, or the character itself. Raises InputError for another."""
    mark = marks.get(value.lower(), "\t" if value == "\\t" else value)
    if mark not in marks.values():
        raise InputError(
            f"--{option} must be one of {', '.join(marks)}, or the character itself, got {value!r}"
        )
    return mark
