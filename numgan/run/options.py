"""The kinds of a run's options: each reads the text of the command line, and checks a value from
any source.

A field of the configuration is written once, as `option(default, kind, help)`. The parser, the
checks, the documentation and a report's «reproduce» line are made from it.
"""

from __future__ import annotations

import dataclasses
from argparse import SUPPRESS, Action, ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from numgan.errors import InputError
from numgan.names import canonical, guess, plain


def option(
    default: Any,
    kind: Any,
    says: str | Callable[[], str],
    metavar: str | None = None,
    also: tuple[str, ...] = (),
) -> Any:
    """A field of a configuration: its default, its kind, its help, and other names of the option.

    A kind has `read(text)`, for the command line, and `check(name, value)`, which raises
    InputError. A field whose default is None may be None: the user chose nothing.
    """
    return dataclasses.field(
        default=default, metadata={"kind": kind, "says": says, "metavar": metavar, "also": also}
    )


def check_fields(record: Any) -> None:
    """Raise InputError, with the option's name, for the first field with a value that its kind does
    not allow.
    """
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if value is not None or field.default is not None:
            field.metadata["kind"].check(flag(field.name), value)


def add_fields(parser: ArgumentParser, record: Any, *positional: str) -> None:
    """Add an option for each field to the parser, in their order. An option that the user leaves
    out is None.
    """
    for field in dataclasses.fields(record):
        kind, says, metavar = (field.metadata[key] for key in ("kind", "says", "metavar"))
        says = (says() if callable(says) else says).replace("%", "%%")
        if isinstance(kind, Switch):
            parser.add_argument(flag(field.name), action="store_true", default=None, help=says)
        elif field.name in positional:
            add_positional(parser, field.name, kind, metavar, says)
        else:
            also = [flag(name) for name in field.metadata["also"]]
            says += f" (also {', '.join(also)})" if also else ""
            parser.add_argument(
                flag(field.name), type=kind.read, metavar=metavar or kind.metavar, help=says
            )
            for name in also:
                parser.add_argument(
                    name, dest=field.name, type=kind.read, metavar=kind.metavar, help=SUPPRESS
                )


def fields_by_keyword(record: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments as fields of the record: text is read as on the command line, a list
    becomes a tuple, and a NumPy number a Python number. A keyword may be another name of the
    option. Raises InputError, with the most similar name, for an unknown keyword.
    """
    names, found = field_names(record), {}  # type: ignore[var-annotated]
    for keyword, value in values.items():
        if keyword not in names:
            raise InputError(f"there is no keyword {keyword!r}{guess(keyword, names)}")
        name = names[keyword]
        if name in found and found[name] is not None:
            raise InputError(f"{name} is given twice, as {keyword} too: leave one of them out")
        found[name] = read(kind_of(record, name), flag(name), value)
    return found


def field_names(record: Any) -> dict[str, str]:
    """The field of each keyword: its own name, and the option's other names."""
    fields = dataclasses.fields(record)
    own = {field.name: field.name for field in fields}
    also = {name: field.name for field in fields for name in field.metadata["also"]}
    return own | {flag(name)[2:].replace("-", "_"): field for name, field in also.items()}


def read(kind: Any, name: str, value: Any) -> Any:
    """A value as its kind has it. An unreadable value stays unchanged; `check` refuses it."""
    if isinstance(value, str) and hasattr(kind, "read"):
        try:
            return kind.read(value)
        except (ArgumentTypeError, ValueError):
            raise InputError(f"{name} cannot be {value!r}") from None
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return value.item()
    if hasattr(value, "tolist"):
        value = value.tolist()
    return tuple(value) if isinstance(value, list) else value


def add_positional(
    parser: ArgumentParser, name: str, kind: Any, metavar: str | None, says: str
) -> None:
    """Add an argument that may be given by position or as an option."""
    parser.add_argument(
        name, type=kind.read, metavar=metavar, nargs="?", default=SUPPRESS, action=Once, help=says
    )
    parser.add_argument(
        flag(name), type=kind.read, metavar=metavar, dest=name, action=Once, help=SUPPRESS
    )


class Once(Action):
    """An argument that may not be given twice with different values."""

    def __call__(
        self, parser: Any, namespace: Any, values: Any, option_string: str | None = None
    ) -> None:
        before = getattr(namespace, self.dest, None)
        if before is not None and before != values:
            parser.error(f"{self.dest} is given twice: {before!r} and {values!r}")
        setattr(namespace, self.dest, values)


def kind_of(record: Any, name: str) -> Any:
    """The kind of one field."""
    return next(
        field.metadata["kind"] for field in dataclasses.fields(record) if field.name == name
    )


def flag(name: str) -> str:
    """The command line's name of a field."""
    return "--" + name.replace("_", "-")


@dataclass(frozen=True)
class Whole:
    """A whole number, least ≤ n < below, usually one that fits in 64 bits."""

    least: int
    below: float = 2**63
    metavar = "N"
    read = int

    def check(self, name: str, value: Any) -> None:
        """Raise InputError for anything else."""
        if isinstance(value, bool) or not isinstance(value, int) or value < self.least:
            raise InputError(
                f"{name} must be a whole number of at least {self.least}, got {value!r}"
            )
        if value >= self.below:
            raise InputError(f"{name} must be a whole number below 2⁶³, got {value!r}")


@dataclass(frozen=True)
class Real:
    """A finite number, low ≤ x < high; low < x if `strict`."""

    low: float
    high: float = inf
    strict: bool = False
    metavar = "X"
    read = float

    def check(self, name: str, value: Any) -> None:
        """Raise InputError for anything else."""
        finite = isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
        if (
            not finite
            or value < self.low
            or value >= self.high
            or (self.strict and value == self.low)
        ):
            bound = f"{'above' if self.strict else 'of at least'} {self.low:g}"
            bound += "" if self.high == inf else f" and below {self.high:g}"
            raise InputError(f"{name} must be a finite number {bound}, got {value!r}")


@dataclass(frozen=True)
class OneOf:
    """A name of a table, or one of several words. On the command line its spelling may vary
    (`numgan.names`); it may be an alias, or the word for None. A hint says what to write instead of
    a common wrong name.
    """

    choices: Iterable[str]
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    absent: str = ""
    hints: Mapping[str, str] = dataclasses.field(default_factory=dict)
    metavar = "NAME"

    def read(self, text: str) -> str:
        """LeakyReLU → leaky_relu; an unknown name stays unchanged, and `check` refuses it."""
        known = dict(self.aliases, **{self.absent: self.absent} if self.absent else {})
        return canonical(text, self.choices, known)

    def check(self, name: str, value: Any) -> None:
        """Raise InputError for an unknown name."""
        if not isinstance(value, str) or value not in self.choices:
            names = [*self.choices, *([self.absent] if self.absent else [])]
            hints = {plain(often): hint for often, hint in self.hints.items()}
            hint = hints.get(plain(value)) if isinstance(value, str) else None
            hint = f": {hint}" if hint else guess(value, self.choices, self.aliases)
            raise InputError(f"{name} must be one of {', '.join(names)}, got {value!r}{hint}")


@dataclass(frozen=True)
class Several:
    """Several names of a table, such as r1,r2: one text, each name once."""

    one: OneOf
    metavar = "NAME,…"

    def read(self, text: str) -> str:
        """R1, r2 → r1,r2"""
        return ",".join(self.one.read(name.strip()) for name in text.split(","))

    def check(self, name: str, value: Any) -> None:
        """Raise InputError for an unknown name, or one that occurs twice."""
        names = value.split(",") if isinstance(value, str) else [value]
        for each in names:
            self.one.check(name, each)
        if twice := [each for each in names if names.count(each) > 1]:
            raise InputError(f"{name} names {twice[0]} twice: name each once, with its weight")


@dataclass(frozen=True)
class Reals:
    """A number, or several, such as 0.1,0.1."""

    one: Real
    metavar = "X,…"

    @staticmethod
    def read(text: str) -> float | tuple[float, ...]:
        """0.1 → 0.1; 0.1,2 → (0.1, 2.0)"""
        try:
            numbers = tuple(float(number) for number in text.split(","))
        except ValueError:
            raise ArgumentTypeError(
                f"must be a number, or several like 0.1,0.1, got {text!r}"
            ) from None
        return numbers[0] if len(numbers) == 1 else numbers

    def check(self, name: str, value: Any) -> None:
        """Raise InputError for anything else."""
        for number in value if isinstance(value, tuple) else (value,):
            self.one.check(name, number)


@dataclass(frozen=True)
class Widths:
    """The widths of a network's layers, such as 128,128: at least one, each at least 1."""

    metavar = "W,W,…"

    @staticmethod
    def read(text: str) -> tuple[int, ...]:
        """128,128 → (128, 128)"""
        try:
            return tuple(int(width) for width in text.split(","))
        except ValueError:
            raise ArgumentTypeError(f"must be widths like 128,128, got {text!r}") from None

    def check(self, name: str, value: Any) -> None:
        """Raise InputError for no width, or one that is not a whole number of at least 1."""
        if not isinstance(value, tuple) or not value:
            raise InputError(
                f"{name} must name at least one layer width, for example 128,128, got {value!r}"
            )
        for width in value:
            Whole(1).check(name, width)


@dataclass(frozen=True)
class Text:
    """Any text, such as a path."""

    metavar = "TEXT"
    read = str

    def check(self, name: str, value: Any) -> None:
        """Raise InputError for anything but text."""
        if not isinstance(value, str):
            raise InputError(f"{name} must be text, got {value!r}")


@dataclass(frozen=True)
class Switch:
    """On or off."""

    def check(self, name: str, value: Any) -> None:
        """Raise InputError for anything else."""
        if not isinstance(value, bool):
            raise InputError(f"{name} is either on or off, got {value!r}")
