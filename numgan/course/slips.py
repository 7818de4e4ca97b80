"""One slip of the pen: the right answer with one sign, factor, term, power or function changed.

If a student's numbers are those of such a variant, the slip is the cause, however the code was
written. Variants are made from the source of the right answer, where nothing else is known.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from numgan.course.exercise import Exercise

LONGEST = 20  # characters of a piece that is shown: a longer one would be the solution
ABSENT = ("slip_term", "slip_factor", "slip_divisor")
OPPOSITE = {ast.Add: ast.Sub, ast.Sub: ast.Add}
INVERSE = {ast.Mult: ast.Div, ast.Div: ast.Mult}
OTHER_CALLS = {"sum": "mean", "mean": "sum", "min": "max", "max": "min", "log": "log2"}
AROUND = ("sqrt", "abs", "log", "exp", "sort")
OTHER_NUMBERS = {0: (1,), 1: (0, 2), 2: (1, 3), 4: (2,)}


class Slip(NamedTuple):
    """A variant: the key of its sentence, the values in it, and the function."""

    key: str
    values: dict[str, str]
    answer: Callable


@cache
def slips(exercise: Exercise) -> tuple[Slip, ...]:
    """All variants of the right answer with one slip.

    >>> from numgan.course.exercises import find
    >>> slips(find("tanh_backward"))[0].key
    'slip_inverse'
    """
    tree = ast.parse(exercise.source())
    found = []
    for number, node in enumerate(ast.walk(tree)):
        for key, values, replacement in changes(node):
            if key in ABSENT and len(values["piece"]) > LONGEST:
                continue
            changed = deepcopy(tree)
            target = list(ast.walk(changed))[number]
            other = Replace(target, deepcopy(replacement)).visit(changed)
            names: dict[str, Any] = {"np": np}
            exec(compile(ast.fix_missing_locations(other), exercise.name, "exec"), names)
            found.append(Slip(key, values, names[exercise.name]))
    return tuple(found)


class Replace(ast.NodeTransformer):
    """One node of a tree, replaced."""

    def __init__(self, target: ast.AST, replacement: ast.expr):
        self.target, self.replacement = target, replacement

    def visit(self, node: ast.AST) -> Any:
        return self.replacement if node is self.target else self.generic_visit(node)


def changes(node: ast.AST) -> Iterator[tuple[str, dict[str, str], ast.expr]]:
    """What may be written wrong at one node: the key, the values and the wrong expression."""
    if isinstance(node, ast.BinOp):
        yield from in_operation(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "slip_sign", {"piece": text(node.operand)}, node.operand
    elif isinstance(node, ast.Attribute):
        if node.attr == "T":
            yield "slip_transposed", {"piece": text(node.value)}, node.value
        elif node.attr in OTHER_CALLS:
            other = OTHER_CALLS[node.attr]
            values = {"now": other, "piece": text(node.value)}
            yield "slip_call", values, ast.Attribute(node.value, other, node.ctx)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr in AROUND:
            inside = node.args[0]
            values = {"function": node.func.attr, "piece": text(inside)}
            yield "slip_function", values, inside
        elif node.func.attr == "outer":
            for index, factor in enumerate(node.args):
                ones = ast.parse(f"np.ones_like({ast.unparse(factor)})", mode="eval").body
                args = [*node.args[:index], ones, *node.args[index + 1 :]]
                values = {"piece": text(factor)}
                yield "slip_factor", values, ast.Call(node.func, args, node.keywords)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        for other_number in OTHER_NUMBERS.get(node.value, ()):
            values = {"number": str(other_number)}
            yield "slip_number", values, ast.Constant(other_number)


def in_operation(node: ast.BinOp) -> Iterator[tuple[str, dict[str, str], ast.expr]]:
    """The wrong operation, or one side alone."""
    kind, left, right = type(node.op), node.left, node.right
    if kind in OPPOSITE:
        yield "slip_sign", {"piece": text(right)}, ast.BinOp(left, OPPOSITE[kind](), right)
        yield "slip_term", {"piece": text(right)}, left
        yield "slip_term", {"piece": text(left)}, right
    elif kind in INVERSE:
        yield "slip_inverse", {"piece": text(right)}, ast.BinOp(left, INVERSE[kind](), right)
        yield "slip_factor" if kind is ast.Mult else "slip_divisor", {"piece": text(right)}, left
        if kind is ast.Mult:
            yield "slip_factor", {"piece": text(left)}, right
    elif kind is ast.Pow:
        yield "slip_power", {"piece": text(left)}, left


def text(node: ast.AST) -> str:
    """The code of a piece."""
    return ast.unparse(node).replace("np.", "")
