"""The student's function, out of a file that may be anything."""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numgan.course.exercise import Exercise
from numgan.course.judge import Broken, judge
from numgan.course.verdict import Verdict
from numgan.errors import InputError
from numgan.files import read_regular
from numgan.names import guess

MOST = 1_000_000  # bytes of a file that a student wrote
# numgan itself computes gradients; the others compute derivatives of what they are given
SOLVERS = ("numgan", "torch", "jax", "tensorflow", "autograd", "mxnet")


def verdict_of(exercise: Exercise, path: Path) -> Verdict:
    """The verdict on a file. It is executed, in this process."""
    try:
        source = source_of(path, exercise)
        tree = parsed(source, path.name)
        if stub(tree, exercise.name):
            return Verdict(exercise.name, "empty", "empty")
        function = executed(source, path, exercise)
    except Broken as broken:
        return Verdict(exercise.name, "broken", *broken.cause)
    found = judge(exercise, function)
    return Verdict(found.exercise, found.status, found.cause, found.values, notes(tree))


def source_of(path: Path, exercise: Exercise) -> str:
    """The text of a file, or of the cell of a notebook that defines the function."""
    try:
        text = read_regular(path, MOST).decode("utf-8-sig")
    except FileNotFoundError:
        raise Broken("no_file", file=path.name) from None
    except (OSError, UnicodeDecodeError, InputError) as error:
        raise Broken("unreadable", file=path.name, error=" ".join(str(error).split())) from None
    return cell_of(text, exercise) if path.suffix == ".ipynb" else text


def cell_of(text: str, exercise: Exercise) -> str:
    """The code of the notebook's cell that defines the function, as if NumPy were imported above.

    Lines of IPython's own are left out.
    """
    try:
        cells = json.loads(text)["cells"]
        codes = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError):
        raise Broken("no_notebook") from None
    for code in codes:
        if f"def {exercise.name}(" in code:
            lines = ["" if line[:1] in "%!" else line for line in code.splitlines()]
            return "import numpy as np\n" + "\n".join(lines)
    raise Broken("no_function", name=exercise.name, call=exercise.call)


def parsed(source: str, file: str) -> ast.Module:
    """The syntax tree. Raises Broken where Python cannot read it."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        if error.lineno is None:  # of the whole, such as a byte 0 in it
            raise Broken("unreadable", file=file, error=error.msg) from None
        line = (error.text or "").strip()[:60]
        raise Broken("syntax", line=str(error.lineno), error=str(error.msg), code=line) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Broken("unreadable", file=file, error=str(error)) from None


def stub(tree: ast.Module, name: str) -> bool:
    """Whether the function is still as it was written for the student: a docstring and `...`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return all(nothing(statement) for statement in node.body)
    return False


def is_stub(f: Callable, name: str) -> bool:
    """The same for a function, where its source is known, as in a notebook."""
    try:
        return stub(ast.parse(textwrap.dedent(inspect.getsource(f))), name)
    except (OSError, TypeError, SyntaxError):
        return False


def nothing(statement: ast.stmt) -> bool:
    """`...`, `pass`, a docstring, or raise NotImplementedError."""
    if isinstance(statement, ast.Raise):
        return "NotImplementedError" in ast.unparse(statement)
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass)


def notes(tree: ast.Module) -> tuple[tuple[str, dict[str, str]], ...]:
    """A note for each import of a library that knows the answer."""
    modules = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules.append(node.module or "")
    tops = dict.fromkeys(module.partition(".")[0] for module in modules)
    return tuple(("imports", {"library": top}) for top in tops if top in SOLVERS)


def executed(source: str, path: Path, exercise: Exercise) -> Callable:
    """The function, after its file has run. Raises Broken where that fails or there is none."""
    names: dict[str, Any] = {"__name__": path.stem, "__file__": str(path)}
    folder = str(path.absolute().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last: a student's random.py must not hide Python's
    try:
        exec(compile(source, str(path), "exec", dont_inherit=True), names)
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        line = str(frames[-1].lineno) if frames else "?"
        words = " ".join(str(error).split())
        raise Broken("import", line=line, error=f"{type(error).__name__}: {words}") from None
    if exercise.name not in names:
        own = [n for n, value in names.items() if callable(value) and not n.startswith("_")]
        near = guess(exercise.name, own)
        key = "another_name" if own else "no_function"
        there = near.removeprefix(", did you mean ").rstrip("?") or ", ".join(own[:3])
        raise Broken(key, name=exercise.name, call=exercise.call, there=there)
    return names[exercise.name]
