"""The library that an object comes from, without an import of it."""

from __future__ import annotations

import inspect
import sys
from typing import Any

from numgan.errors import InputError


def library_of(thing: Any, name: str) -> Any:
    """The module of a library, if the object, its class or its values come from it; else None."""
    kinds = thing.__mro__ if isinstance(thing, type) else type(thing).__mro__
    homes = {str(kind.__module__).split(".")[0] for kind in kinds}
    return sys.modules.get(name) if name in homes or f"{name}lib" in homes else None


def loaded(name: str, thing: Any) -> Any:
    """The library, which whoever made the object has imported. Raises InputError else."""
    library = library_of(thing, name) or sys.modules.get(name)
    if library is None:
        raise InputError(f"{name} is not imported: import it, or check a function of arrays")
    return library


def as_text(thing: Any) -> str:
    """The name of a function or a class, or that of the class of an object."""
    return getattr(thing, "__name__", type(thing).__name__)


def arguments_of(function: Any, count: int, first: tuple[str, ...] = ()) -> inspect.Signature:
    """The names of so many arguments of a function, for the report, without ctx and self."""
    try:
        names = [n for n in inspect.signature(function).parameters if n not in ("ctx", "self")]
    except (TypeError, ValueError):
        names = []
    names = [*first, *names][:count]
    names = names if len(names) == count else [f"x{k}" for k in range(count)]
    kind = inspect.Parameter.POSITIONAL_ONLY
    return inspect.Signature([inspect.Parameter(name, kind) for name in names])
