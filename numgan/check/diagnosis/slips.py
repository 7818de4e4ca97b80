"""The usual slips in the derivative of one operation.

A slip is a sentence, and the result of the operation as a gradient with this slip has it: from the
result with the operand held, and from how far the operand moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from numgan.backend import Array
from numgan.check.diagnosis.operations import Operation

Slip = tuple[str, Callable[[Any, Any], Any]]
SMALL = 1e-6  # the step of φ' by a central difference: only to recognize it


def slips(operation: Operation, j: int) -> Iterator[Slip]:
    """The slips in the derivative by the operand j."""
    x, y = operation.operands[j], operation.result
    if not isinstance(y, np.ndarray) or not isinstance(x, np.ndarray):
        return
    others = [v for k, v in enumerate(operation.operands) if k != j]
    name = operation.name
    if name in BY_NAME:
        yield from BY_NAME[name](operation, j, x, y, others)
    if len(operation.operands) == 1 and x.shape == y.shape and name not in NOT_ELEMENTWISE:
        yield from of_elementwise(operation, x, y)
    elif name in ("sum", "mean", "max", "min", "norm", "std"):
        yield from of_reduction(operation, x, y)


def slope(sentence: str, factor: Any) -> Slip:
    """The slip that puts a factor in the place of the derivative."""
    return sentence, lambda held, moved: held + factor * moved


def of_elementwise(operation: Operation, x: Array, y: Array) -> Iterator[Slip]:
    """Of y = φ(x) for each number by itself."""

    def derivative(at: Array) -> Array:
        with np.errstate(all="ignore"):
            up, down = operation.compute(at + SMALL), operation.compute(at - SMALL)
        return (up - down) / (2 * SMALL)

    d, name = derivative(x), operation.name
    yield slope(f"the derivative of {name} is not applied", 1.0)
    yield slope(f"{name} itself stands where its derivative belongs", y)
    yield slope(f"the derivative of {name} is taken at its output, not at its input", derivative(y))
    yield slope(f"the derivative of {name} is applied twice", d * d)
    yield slope(f"the derivative of {name} is divided by where it should be multiplied", 1 / d)
    yield slope(f"the derivative of {name} has one power of its argument too many", d * x)
    yield slope(f"the derivative of {name} has one power of its argument too few", d / x)
    if name == "tanh":
        yield slope("1 − x² stands where 1 − y² belongs, y = tanh x", 1 - x * x)
        yield slope("1 − y stands where 1 − y² belongs: the square is missing", 1 - y)


def of_reduction(operation: Operation, x: Array, y: Array) -> Iterator[Slip]:
    """Of a sum, a mean or a maximum over axes."""
    name, axis = operation.name, operation.options.get("axis")
    keep = operation.options.get("keepdims", False)
    if axis is not None and not keep:
        expand: Callable = lambda r: np.expand_dims(r, axis)  # noqa: E731
    else:
        expand = lambda r: r  # noqa: E731
    weight = y.size / x.size if name == "mean" else 1.0
    if name in ("norm", "std"):
        change = lambda moved: operation.compute(x + moved) - y  # noqa: E731
        missing = f"the division by the {name} in its own derivative is missing"
        yield missing, lambda held, moved: held + y * change(moved)
        again = f"the derivative of the {name} is divided by the {name} once too often"
        yield again, lambda held, moved: held + change(moved) / y
    if name in ("sum", "mean"):
        own = (
            f"each entry sees only its own part of the {name}, not that of the others: only the "
            f"diagonal of the Jacobian is there"
        )
        yield own, lambda held, moved: held + weight * moved
        yield own, lambda held, moved: expand(held) + weight * moved
        axes = range(x.ndim) if axis is not None else ()
        taken = {a % x.ndim for a in np.atleast_1d(axis)} if axis is not None else set()
        for other in axes:
            if other in taken:
                continue

            def crossed(held: Any, moved: Any, other: int = other) -> Any:
                return expand(held) + getattr(moved, name)(axis=other, keepdims=True)

            yield f"the {name} runs over axis {other}, where it is over axis {axis}", crossed
        if axis is not None:

            def over_all(held: Any, moved: Any) -> Any:
                return held + getattr(moved, name)()

            yield f"the {name} runs over all axes, where it is over axis {axis}", over_all
    if name in ("max", "min") and x.size > y.size:

        def everywhere(held: Any, moved: Any) -> Any:
            return held + moved.sum(axis=axis, keepdims=keep)

        yield f"the gradient goes to every entry, not to the {name}imum alone", everywhere


def of_product(operation: Operation, j: int, x: Array, y: Array, others: list) -> Iterator[Slip]:
    """Of a·b."""
    yield slope("the derivative by one factor is 1, where it is the other factor", 1.0)
    if others:
        yield slope("the derivative by one factor has the other one squared", others[0] ** 2)
        with np.errstate(all="ignore"):
            yield slope("it is divided by the other factor, not multiplied", 1 / others[0])
    yield slope("the derivative by one factor is that factor, not the other", x)


def of_quotient(operation: Operation, j: int, x: Array, y: Array, others: list) -> Iterator[Slip]:
    """Of a/b."""
    if not others:
        return
    with np.errstate(all="ignore"):
        if j == 0:
            yield slope("the division by the denominator is missing", 1.0)
            yield slope("it is multiplied by the denominator, not divided", others[0])
            yield slope("it is divided by the denominator twice", 1 / others[0] ** 2)
        else:
            a, b = others[0], x
            yield slope("−a/b stands where −a/b² belongs", -a / b)
            yield slope("−a/b³ stands where −a/b² belongs", -a / b**3)
            yield slope("−1/b² stands where −a/b² belongs: the numerator is missing", -1 / b**2)
            yield slope("1/b stands where −a/b² belongs", 1 / b)
            yield slope("1/b² stands where −a/b² belongs", 1 / b**2)


def of_power(operation: Operation, j: int, x: Array, y: Array, others: list) -> Iterator[Slip]:
    """Of xᵖ."""
    if not others:
        return
    p = others[0]
    if j:
        with np.errstate(all="ignore"):
            yield slope(
                "b xᵇ⁻¹ stands there for x the exponent: bˣ log b belongs", p * x ** (p - 1.0)
            )
            yield slope("log b is missing: bˣ log b belongs, x the exponent", y)
            yield slope(
                "x bˣ⁻¹ stands there for x the exponent: bˣ log b belongs", x * p ** (x - 1)
            )
        return
    with np.errstate(all="ignore"):
        yield slope("p xᵖ stands where p xᵖ⁻¹ belongs: the exponent is not lowered", p * y)
        yield slope("xᵖ⁻¹ stands where p xᵖ⁻¹ belongs: the factor p is missing", x ** (p - 1))
        yield slope("(p − 1) xᵖ⁻¹ stands where p xᵖ⁻¹ belongs", (p - 1) * x ** (p - 1))
        yield slope("p xᵖ⁻² stands where p xᵖ⁻¹ belongs", p * x ** (p - 2))


def of_matrix_product(
    operation: Operation, j: int, x: Array, y: Array, others: list
) -> Iterator[Slip]:
    """Of a matrix product."""
    if not others or np.ndim(others[0]) != 2 or np.ndim(x) > 2:
        return
    W, says = others[0], "a matrix stands where its transpose belongs"
    if j == 0:
        yield says, lambda held, moved: held + moved @ W.T
    else:
        yield says, lambda held, moved: held + W.T @ moved


def of_selection(operation: Operation, j: int, x: Array, y: Array, others: list) -> Iterator[Slip]:
    """Of a maximum, a minimum, a clip: where the operand is not taken, its slope is 0."""
    yield slope(f"the slope is 1 everywhere, also where {operation.name} is flat", 1.0)


def of_index(operation: Operation, j: int, x: Array, y: Array, others: list) -> Iterator[Slip]:
    """Of x[index], with an index that names an entry more than once."""
    numbers = np.arange(x.size).reshape(x.shape)
    where = operation.options["index"]
    if isinstance(where, slice) and where.step not in (None, 1):

        def without_step(held: Any, moved: Any) -> Any:
            return held + moved[slice(where.start, None)][: len(held)]

        yield f"the step {where.step} of the slice is ignored: a stride", without_step
    try:
        taken = numbers[operation.options["index"]]
    except (IndexError, TypeError):
        return
    _, counts = np.unique(taken, return_counts=True)
    if np.ndim(taken) == 0 or counts.max(initial=1) == 1:
        return
    flat = np.ravel(taken)
    for which, order in (("last", flat[::-1]), ("first", flat)):
        _, first = np.unique(order, return_index=True)
        kept = np.zeros(flat.size)
        kept[first] = 1
        kept = (kept[::-1] if which == "last" else kept).reshape(np.shape(taken))

        def only(held: Any, moved: Any, kept: Array = kept) -> Any:
            return held + kept * operation.compute(moved)

        yield (
            f"of an entry that is taken several times, only the {which} counts: dx[index] += … "
            "adds once, np.add.at(dx, index, …) adds all",
            only,
        )


def of_shift(operation: Operation, j: int, x: Array, y: Array, others: list) -> Iterator[Slip]:
    """Of np.roll, np.cumsum and their kind: the operation in the place of its transpose."""
    size = x.size
    if size > 200:
        return
    J = np.stack([np.ravel(operation.compute(e.reshape(x.shape))) for e in np.eye(size)], 1)
    if J.shape[0] != size:
        return
    yield (
        f"the gradient of {operation.name} runs the same way as {operation.name} itself, where it "
        "runs the other way",
        lambda held, moved: held + (J.T @ np.ravel(moved)).reshape(held.shape),
    )


BY_NAME: dict[str, Callable[..., Iterator[Slip]]] = {
    "multiply": of_product,
    "divide": of_quotient,
    "power": of_power,
    "square": lambda *given: iter([slope("x² stands where 2x belongs", given[3])]),
    "matmul": of_matrix_product,
    "dot": of_matrix_product,
    "maximum": of_selection,
    "minimum": of_selection,
    "clip": of_selection,
    "where": of_selection,
    "index": of_index,
    "roll": of_shift,
    "cumsum": of_shift,
    "sort": of_shift,
}
NOT_ELEMENTWISE = ("roll", "cumsum", "sort", "index", "flip", "transpose", "copy")
