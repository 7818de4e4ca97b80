"""Where the code stands that computes an array: file, line, and the lines around it.

Known for what the command line names, `numgan check my_file.py:NAME`, and for the checks that
`pytest --gradients` collects. A wrong dW of a layer is computed in `gradient`, a wrong dx in
`backward`, RdW in `rgradient`; the gradient of `loss` in `dloss`.
"""

from __future__ import annotations

import ast
import inspect
import os
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, NamedTuple

PASSES = ("forward", "backward", "gradient", "rforward", "rbackward", "rgradient", "direction")
LINES = 12  # of a function that are shown


class Place(NamedTuple):
    """A line of a file, and what stands there.

    >>> print(Place("own.py", 12))
    own.py:12
    """

    file: str  # from the current folder where it lies in it
    line: int
    first: int = 0  # the number of the first of `lines`
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def place_of(code: Any) -> Place | None:
    """A function's only return, or its first line; a class's first line; None if the source is not
    known.
    """
    try:
        code = inspect.unwrap(code)
        file = inspect.getsourcefile(code)
        lines, first = inspect.getsourcelines(code)
    except (TypeError, OSError, ValueError):
        return None
    if file is None or not os.path.isfile(file):  # a cell of a notebook
        return None
    first = max(first, 1)
    line = first if inspect.isclass(code) else first + only_return(lines)
    near = max(0, min(line - first - LINES // 2, len(lines) - LINES))
    shown = lines[near : near + LINES] if not inspect.isclass(code) else lines[:1]
    return Place(short(file), line, first + near, tuple(text.rstrip("\n") for text in shown))


def only_return(lines: list[str]) -> int:
    """The number of lines before the one return of a function; 0 if it has none or several."""
    indent = len(lines[0]) - len(lines[0].lstrip())
    try:
        tree = ast.parse("".join(text[indent:] or "\n" for text in lines))
    except SyntaxError:  # a lambda within an expression
        return 0
    returns = [node.lineno - 1 for node in ast.walk(tree) if isinstance(node, ast.Return)]
    return returns[0] if len(returns) == 1 else 0


def short(file: str) -> str:
    """The path from the current folder if the file lies in it, else the whole; with slashes."""
    try:
        near = os.path.relpath(file)
    except ValueError:  # another drive
        return file.replace(os.sep, "/")
    return (file if near.startswith("..") else near).replace(os.sep, "/")


def place_in(
    thing: Any, module: ModuleType, name: str, parameter: str, method: str
) -> Place | None:
    """Where MODULE:NAME computes the array `parameter`, which `method` compared."""
    kind = thing if inspect.isclass(thing) else type(thing)
    if inspect.isfunction(thing):
        gradient = getattr(module, "d" + name, None)
        return place_of(gradient if callable(gradient) and "d" in parameter[:1] else thing)
    for each in passes_of(parameter, method):
        code = getattr(kind, each, None)
        if code is not None and place_of(code) is not None:
            return place_of(code)
    return line_of(module, name) or place_of(kind)


def passes_of(parameter: str, method: str) -> list[str]:
    """The passes that may compute an array, the likeliest first.

    >>> passes_of("RdW (RP = None)", "R-pass, complex step E48")
    ['rgradient', 'rbackward']
    """
    named = [each for each in PASSES if each in method.replace(",", "").split()]
    array = parameter.removesuffix(" (RP = None)")
    if named or "," in array or " " in array:
        return named
    known = {"y": ["forward"], "Ry": ["rforward"], "dx": ["backward"], "Rdx": ["rbackward"]}
    if array in known:
        return known[array]
    if array.startswith("Rd"):
        return ["rgradient", "rbackward"]
    return ["gradient", "backward"] if array.startswith("d") else ["direction"]


def line_of(module: ModuleType, name: str) -> Place | None:
    """The line on which a module defines a name at its top level."""
    try:
        file, text = inspect.getsourcefile(module), inspect.getsource(module)
        tree = ast.parse(text)
    except (TypeError, OSError, SyntaxError):
        return None
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = [getattr(target, "id", "") for target in targets] + [getattr(node, "name", "")]
        if name in names and file is not None:
            last = min(node.end_lineno or node.lineno, node.lineno + LINES - 1)
            last = node.lineno if isinstance(node, ast.ClassDef) else last
            lines = tuple(text.splitlines()[node.lineno - 1 : last])
            return Place(short(file), node.lineno, node.lineno, lines)
    return None


def gradient_code(check: Callable) -> Callable:
    """The function that a check is about: of partial(check_gradient, f, df, x) it is df.

    >>> gradient_code(partial(print, len, abs, 3)) is abs
    True
    """
    if not isinstance(check, partial):
        return check
    code = [each for each in check.args if inspect.isroutine(each) or inspect.isclass(each)]
    return code[-1] if code else check.func
