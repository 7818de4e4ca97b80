"""Write manifest.json: what CuPy offers, asked of the package itself.

    python tests/device/make_manifest.py        where some cupy is installed; it need not find a GPU

Every public name of the modules that the library could meet, each function with its parameters; the
methods and operators of an array; the methods of a ufunc; what a generator draws. Nothing runs on a
device: signatures are read, and where a ufunc lacks a method, it says so before it looks at the
argument. The stand-in (standin.py) refuses whatever is not listed here.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MANIFEST = Path(__file__).with_name("manifest.json")
MODULES = ("linalg", "lib.stride_tricks")


def manifest() -> dict[str, Any]:
    """All of it, as JSON has it."""
    import cupy

    namespaces = {"": cupy} | {f"{name}.": follow(cupy, name) for name in MODULES}
    members = {
        prefix + name: member
        for prefix, module in namespaces.items()
        for name, member in public(module)
    }
    ufuncs = {name: member for name, member in members.items() if isinstance(member, cupy.ufunc)}
    plain = {
        name: member
        for name, member in members.items()
        if not callable(member) or isinstance(member, type)
    }
    array = dict(public(cupy.ndarray))
    return {
        "cupy": cupy.__version__,
        "constants and types": sorted(
            name for name, member in plain.items() if not inspect.ismodule(member)
        ),
        "ufuncs": signatures(ufuncs.items()),
        "functions": signatures(
            (name, f) for name, f in members.items() if name not in ufuncs and name not in plain
        ),
        "ufunc methods": {
            m: sorted(n for n, u in ufuncs.items() if has(u, m)) for m in ("reduce", "accumulate")
        },
        "array attributes": sorted(name for name, member in array.items() if not callable(member)),
        "array methods": signatures(
            (name, member) for name, member in array.items() if callable(member)
        ),
        "array operators": sorted(
            n for n in dir(cupy.ndarray) if n.startswith("__") and callable(array_member(n))
        ),
        "generator methods": signatures(public(cupy.random.Generator)),
        "bit generators": sorted(
            n for n, m in public(cupy.random) if issubclass_of(m, cupy.random.BitGenerator)
        ),
    }


def follow(module: Any, path: str) -> Any:
    """cupy.lib.stride_tricks from "lib.stride_tricks"."""
    for name in path.split("."):
        module = getattr(module, name)
    return module


def public(owner: Any) -> Iterable[tuple[str, Any]]:
    """Its members whose names begin with a letter."""
    return [(name, getattr(owner, name)) for name in dir(owner) if not name.startswith("_")]


def array_member(name: str) -> Any:
    import cupy

    return getattr(cupy.ndarray, name)


def issubclass_of(member: Any, base: type) -> bool:
    return isinstance(member, type) and issubclass(member, base) and member is not base


def has(ufunc: Any, method: str) -> bool:
    """Whether the ufunc has the method: if not, it says so before it looks at what it was given,
    which is nothing.
    """
    try:
        getattr(ufunc, method)(None)
    except NotImplementedError:
        return False
    except AttributeError:
        return True
    raise AssertionError(f"{ufunc}.{method} took None for an array")


def signatures(members: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """The parameters of each: "a, axis=, *, dtype=" says their names, which may be left out, which
    need their name.

    Those whose parameters cannot be read (divmod, modf and frexp, among those that numpy has too)
    are left out.
    """
    return {name: text for name, member in members if (text := parameters(member)) is not None}


def parameters(function: Any) -> str | None:
    """From the signature, or where compiled code has none, from the first line of the docstring."""
    try:
        told = str(inspect.signature(function))
    except (TypeError, ValueError):
        told = (function.__doc__ or "").strip().split("\n")[0].replace("\\", "")
    found = re.fullmatch(r"[\w.]*\((.*)\)( -> .*)?", told)
    if found is None or "[" in found[1].replace("[Any]", ""):
        return None
    parts = [
        re.sub(r"^(?:\w+ )?(\**\w*|/)(?:: [^=]+)?( ?=.*)?$", shortened, part)
        for part in split(found[1])
    ]
    return ", ".join(part for part in parts if part not in ("self", ""))


def shortened(part: re.Match) -> str:
    """A name, and = where it has a default."""
    return part[1] + ("=" if part[2] else "")


def split(text: str) -> list[str]:
    """At the commas that stand in no bracket."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([{<") - (letter in ")]}>")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


if __name__ == "__main__":
    MANIFEST.write_text(json.dumps(manifest(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{MANIFEST}: {MANIFEST.stat().st_size} bytes")
