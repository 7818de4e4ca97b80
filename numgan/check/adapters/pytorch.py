"""PyTorch: the backward pass of a function or a module against its forward pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from numgan.check.adapters.library import arguments_of, as_text, loaded
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.maps import check_vjp
from numgan.check.subjects.trees import flat, mapped, rebuild


def check_torch(
    function: Any,
    args: Any,
    kwargs: dict[str, Any] | None = None,
    *,
    domain: Any = None,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """The backward pass of a torch.autograd.Function, a module, or a function of tensors.

    args are NumPy arrays or tensors, as for check_vjp. Of a module, the gradients by its parameters
    are checked too. Where the forward pass does not run on complex numbers, E47 is used. Raises
    InputError as check_vjp does.
    """
    torch = loaded("torch", function)
    name = name or as_text(function)
    trees = args if isinstance(args, tuple) else (args,)
    count, is_module = len(trees), isinstance(function, torch.nn.Module)
    fixed = {k: t for k, t in enumerate(trees) if isinstance(t, float) and not is_module}
    trees = tuple(tree for k, tree in enumerate(trees) if k not in fixed)
    trees = tuple(mapped(lambda _, leaf: as_numbers(torch, leaf), tree, "") for tree in trees)
    run: Any = function
    state: dict[str, Any] = {}
    signature = getattr(function, "forward", function)
    if isinstance(function, type):
        run = getattr(function, "apply")  # noqa: B009  (of torch.autograd.Function)
    if fixed:  # PyTorch differentiates by tensors alone: a number is a constant
        run = with_numbers(run, fixed)
    if is_module:
        module = function.double().cpu()
        state = {key: as_numbers(torch, p) for key, p in module.named_parameters()}
        run = module_call(torch, module)
        trees = (state, *trees) if state else trees
        run = run if state else module

    def f(*arrays: Any, **options: Any) -> Any:
        """The forward pass alone."""
        with torch.no_grad():
            return call_torch(torch, run, arrays, options, requires=False)[1]

    def vjp(*arguments: Any, **options: Any) -> Any:
        """dx from the library's own backward pass."""
        *arrays, dy = arguments
        tensors, _, y = call_torch(torch, run, arrays, options, requires=True)
        pairs = [
            (part, torch.as_tensor(np.asarray(d)))
            for part, d in zip(flat(y), flat(dy), strict=True)
            if d is not None and torch.is_tensor(part) and part.requires_grad
        ]
        inputs = [t for t in tensors if torch.is_tensor(t) and t.requires_grad]
        found = torch.autograd.grad(
            [p for p, _ in pairs], inputs, [d for _, d in pairs], allow_unused=True
        )
        by_id = {id(t): as_gradient(t, g) for t, g in zip(inputs, found, strict=True)}
        values = iter([by_id.get(id(t)) for t in tensors])
        return tuple(rebuild(tree, values) for tree in arrays)

    first = ("parameters",) if state else ()
    named = list(arguments_of(signature, count + len(first), first).parameters.values())
    kept = [name for k, name in enumerate(named) if k not in fixed]
    names = inspect.Signature(kept)
    setattr(f, "__signature__", names)  # noqa: B010
    return check_vjp(f, vjp, trees, kwargs, domain=domain, name=name, seed=seed)


def with_numbers(run: Callable, fixed: dict[int, float]) -> Callable:
    """The function of its other arguments, with these numbers in their places."""

    def of_the_others(*arrays: Any, **options: Any) -> Any:
        args = list(arrays)
        for place, number in fixed.items():
            args.insert(place, number)
        return run(*args, **options)

    return of_the_others


def module_call(torch: Any, module: Any) -> Callable:
    """A module as a function of its parameters and its inputs."""

    def run(parameters: dict[str, Any], *inputs: Any, **options: Any) -> Any:
        return torch.func.functional_call(module, parameters, inputs, options)

    return run


def call_torch(
    torch: Any, run: Callable, arrays: Sequence[Any], options: dict[str, Any], requires: bool
) -> tuple[list[Any], Any, Any]:
    """The tensors of the arguments, the value as arrays, and the value as tensors."""
    tensors: list[Any] = []

    def tensor(_: str, leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray):
            # PyTorch multiplies no real matrix with a complex one
            as_complex = moving and leaf.dtype == np.float64
            leaf = torch.from_numpy(leaf.astype(np.complex128) if as_complex else np.array(leaf))
            if requires and leaf.dtype == torch.float64:
                leaf.requires_grad_()
        tensors.append(leaf)
        return leaf

    moving = any(is_complex_array(leaf) for tree in arrays for leaf in flat(tree))
    given = [mapped(tensor, tree, "") for tree in arrays]
    try:
        y = run(*given, **options)
    except Exception as error:
        if moving:  # no kernel for complex numbers: E48 does not apply
            raise TypeError(str(error).split("\n")[0]) from error
        raise
    return tensors, mapped(lambda _, leaf: as_numbers(torch, leaf), y, ""), y


def is_complex_array(leaf: Any) -> bool:
    """True for an array in a complex step."""
    return isinstance(leaf, np.ndarray) and leaf.dtype.kind == "c"


def as_numbers(torch: Any, leaf: Any) -> Any:
    """A tensor as an array, in double precision if it is real; anything else unchanged."""
    if not torch.is_tensor(leaf):
        return leaf
    array = leaf.detach().cpu().resolve_conj().resolve_neg().numpy()
    return array.astype(np.float64) if array.dtype.kind == "f" else np.array(array)


def as_gradient(tensor: Any, gradient: Any) -> Any:
    """A gradient as an array; zeros where the value does not depend on the tensor."""
    return np.zeros(tuple(tensor.shape)) if gradient is None else gradient.detach().numpy()


def assert_torch(function: Any, args: Any, *more: Any, **options: Any) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless check_torch passes."""
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_torch(function, args, *more, **options))
