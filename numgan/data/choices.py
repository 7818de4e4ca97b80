"""The user's choices about a file that can be read in two ways. Without a choice, the values
decide.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite

from numgan.errors import InputError

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
DECIMALS = {"point": ".", "comma": ","}
AXES = ("NHW", "NHWC")  # the orders in use; a file may have these letters in any order


@dataclass(frozen=True)
class Choices:
    """One field for each option; None if the values decide. Raises InputError, with the option's
    name, for a value that the option does not have.

    >>> Choices(decimal="comma").decimal_mark()
    ','
    >>> Choices(header="maybe")
    Traceback (most recent call last):
        ...
    numgan.errors.InputError: --header must be yes or no, got 'maybe'
    """

    header: str | None = None  # "yes" or "no": the first line holds the names of the columns
    # between the cells of a line: a name in SEPARATORS, or the character
    separator: str | None = None
    decimal: str | None = None  # the mark before the digits of a fraction
    # "yes" or "no": the first column numbers the rows and is not data
    index: str | None = None
    axes: str | None = None  # the order of an array's axes: NHW, HWN, NHWC, NCHW, …
    range: str | None = None  # "LOW,HIGH": the values of black and white
    array: str | None = None  # which array of an .npz
    # the column, array or file that holds the classes; "none" for no classes
    labels: str | None = None
    # the kinds of the columns: "plain", "auto", or NAME=KIND,… (data/columns.py)
    columns: str | None = None
    held: float | None = None  # the share of rows held out to measure by

    def __post_init__(self) -> None:
        for name in ("header", "index"):
            if getattr(self, name) not in (None, "yes", "no"):
                raise InputError(f"--{name} must be yes or no, got {getattr(self, name)!r}")
        for name, marks in (("separator", SEPARATORS), ("decimal", DECIMALS)):
            if (value := getattr(self, name)) is not None:
                _mark(name, value, marks)
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
        """True if columns have kinds; else all are numbers of mean 0 and deviation 1."""
        return self.columns not in (None, "plain")

    def separator_mark(self) -> str | None:
        """The character between cells; None if the user chose none.

        >>> Choices(separator="tab").separator_mark()
        '\\t'
        """
        return None if self.separator is None else _mark("separator", self.separator, SEPARATORS)

    def decimal_mark(self) -> str | None:
        """The character before a fraction; None if the user chose none."""
        return None if self.decimal is None else _mark("decimal", self.decimal, DECIMALS)

    def black_and_white(self) -> tuple[float, float] | None:
        """The two ends of --range; None if the user gave no range.

        >>> Choices(range="0,255").black_and_white()
        (0.0, 255.0)
        """
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
        """Raise InputError for a choice that has no meaning for `what`; the choices in `fitting`
        have one.

        >>> Choices(axes="NHW").refuse_others("rows", "header")
        Traceback (most recent call last):
            ...
        numgan.errors.InputError: --axes says nothing about rows: leave it out (there are --header)
        """
        for field in fields(self):
            if field.name not in fitting and getattr(self, field.name) not in (None, "auto"):
                means = ", ".join(f"--{name}" for name in fitting)
                others = f" (there are {means})" if fitting else ""
                raise InputError(f"--{field.name} says nothing about {what}: leave it out{others}")


def _mark(option: str, value: str, marks: dict[str, str]) -> str:
    """The character of a name, or the character itself. Raises InputError for any other text."""
    mark = marks.get(value.lower(), "\t" if value == "\\t" else value)
    if mark not in marks.values():
        raise InputError(
            f"--{option} must be one of {', '.join(marks)}, or the character itself, got {value!r}"
        )
    return mark


def mark_name(marks: dict[str, str], mark: str | None) -> str:
    """The name of a character in SEPARATORS or DECIMALS; "none" if it has none.

    >>> mark_name(SEPARATORS, ";")
    'semicolon'
    """
    return next((name for name, character in marks.items() if character == mark), "none")
