"""An objective of scipy.optimize with its derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numgan.check.adapters.library import as_text
from numgan.check.report import Report, raise_unless_ok
from numgan.check.subjects.functions import check_gradient
from numgan.check.subjects.jacobians import check_jacobian
from numgan.check.subjects.maps import check_jvp
from numgan.errors import InputError


def check_scipy(
    fun: Callable,
    x0: Any,
    jac: Any = True,
    hess: Callable | None = None,
    hessp: Callable | None = None,
    args: tuple[Any, ...] = (),
    *,
    domain: Any = None,
    name: str | None = None,
    seed: int = 0,
) -> Report:
    """An objective of scipy.optimize.minimize with its jac, hess and hessp, given as there.

    jac is a function, or True if fun returns (value, gradient). hess is checked as the Jacobian of
    jac, and hessp(x, p) as its derivative along p. `args` follow x in every call and are constants.
    Raises InputError as check_gradient does.
    """
    if not (callable(jac) or jac is True):
        raise InputError(f"jac is {jac!r}: expected a function, or True if fun returns both")
    name = name or as_text(fun)

    def value(x: Any) -> Any:
        return fun(x, *args)[0] if jac is True else fun(x, *args)

    def gradient(x: Any) -> Any:
        return fun(x, *args)[1] if jac is True else jac(x, *args)

    reports = [check_gradient(value, gradient, x0, domain=domain, name=name, seed=seed)]
    slope = f"the gradient of {name}"
    if hess is not None:

        def matrix(x: Any) -> Any:
            return hess(x, *args)

        reports.append(check_jacobian(gradient, matrix, x0, domain=domain, name=slope, seed=seed))
    if hessp is not None:

        def product(x: Any, p: Any) -> Any:
            return hessp(x, p, *args)

        reports.append(check_jvp(gradient, product, x0, domain=domain, name=slope, seed=seed))
    findings = [finding for report in reports for finding in report]
    return Report(findings, sum(report.evaluations for report in reports))


def assert_scipy(fun: Callable, x0: Any, *more: Any, **options: Any) -> None:
    """Raise AssertionError, with the diagnosis as its message, unless check_scipy passes.

    >>> import numpy as np
    >>> assert_scipy(lambda x: (x @ x, 2 * x), np.ones(3), hess=lambda x: 2 * np.eye(3))
    """
    __tracebackhide__ = True  # pytest then points at the line of the test
    raise_unless_ok(check_scipy(fun, x0, *more, **options))
