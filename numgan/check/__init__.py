"""Section 10, checking a gradient: numgan's own, and yours.

In a test of your own, one import and one line, whose failure says what is wrong:

    from numgan.check import assert_gradient
    assert_gradient(f, df, x)

The same for Jacobians, derivatives along a direction (Hessian-vector products), adjoints and whole layers. Each
`assert_…` has a `check_…` that returns the Report instead. On the command line: `numgan check`.
"""

from numgan.check.differences import (
    adjoint,
    central,
    complex_step,
    exactly,
    jacobian,
    line,
    noise,
    one_sided,
    random_directions,
    roughly,
    taylor,
    units,
)  # fmt: skip
from numgan.check.finding import Finding
from numgan.check.functions import assert_gradient, check_gradient
from numgan.check.layers import assert_layer, check_layer
from numgan.check.maps import (
    assert_adjoint,
    assert_directional,
    assert_jacobian,
    check_adjoint,
    check_directional,
    check_jacobian,
)  # fmt: skip
from numgan.check.report import Report

__all__ = [
    "Finding", "Report", "adjoint", "assert_adjoint", "assert_directional", "assert_gradient", "assert_jacobian",
    "assert_layer", "central", "check_adjoint", "check_directional", "check_gradient", "check_jacobian", "check_layer",
    "complex_step", "exactly", "jacobian", "line", "noise", "one_sided", "random_directions", "roughly", "taylor",
    "units",
]  # fmt: skip
