"""Section 10, checking a gradient: numgan's own, and yours.

In a test of your own, one import and one line, whose failure says what is wrong:

    from numgan.check import assert_gradient
    assert_gradient(f, df, x)

The same for functions of several arrays, of trees of arrays, with values of any shape:

    assert_vjp(f, vjp, args)        assert_jacobian(f, J, args)      assert_adjoint(Rf, adjoint, x)
    assert_jvp(f, jvp, args)        assert_hessian_product(f, hvp, args)

and for whole layers, networks, objectives, penalties, games and optimizers:

    assert_layer(layer, shape)      assert_objective(objective)      assert_penalty(penalty)
    assert_network(network)         assert_game(game)                assert_optimizer(optimizer)
    assert_training(training)

Each `assert_…` has a `check_…` of the same arguments that returns the Report instead: `report.ok`,
`str(report)`, and its findings one by one, `for finding in report`. On the command line: `numgan
check`.

To read the source, in this order:

    means/        What is the derivative by other means? differences, kinks, methods, tolerance
    finding       One comparison of an array with the same array by other means
    diagnosis/    Why is it wrong? One file for each family of patterns; causes asks them in order
    subjects/     What is checked? functions first, then maps, layers, networks, and the rest
    adapters/     Gradients written for PyTorch, JAX and SciPy
    report        All findings: in words, as a table, as JSON
    place, picture, page, ci, plugin    Where the code stands; HTML; GitHub, JUnit and pytest
    suite, user, command    numgan's own gradients, yours, and the command line
    exercises/    Code with one mistake each, for you to find

means/, diagnosis/, finding, report, and functions and maps of subjects/ import nothing of numgan
but errors and backend. A name of this page is imported when it is first asked for, so a check of a
function loads no layer.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numgan.check.means.differences import (
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
    )
    from numgan.check.report import Report
    from numgan.check.subjects.functions import assert_gradient, check_gradient
    from numgan.check.subjects.games import assert_game, check_game
    from numgan.check.subjects.jacobians import (
        assert_hessian_product,
        assert_jacobian,
        check_hessian_product,
        check_jacobian,
    )
    from numgan.check.subjects.layers import assert_layer, check_layer
    from numgan.check.subjects.maps import (
        assert_adjoint,
        assert_jvp,
        assert_vjp,
        check_adjoint,
        check_jvp,
        check_vjp,
    )
    from numgan.check.subjects.networks import assert_network, check_network
    from numgan.check.subjects.objectives import assert_objective, check_objective
    from numgan.check.subjects.optimizers import assert_optimizer, check_optimizer
    from numgan.check.subjects.options import assert_training, check_training
    from numgan.check.subjects.penalties import assert_penalty, check_penalty

__all__ = [
    "Finding",
    "Report",
    "adjoint",
    "assert_adjoint",
    "assert_game",
    "assert_gradient",
    "assert_hessian_product",
    "assert_jacobian",
    "assert_jvp",
    "assert_layer",
    "assert_network",
    "assert_objective",
    "assert_optimizer",
    "assert_penalty",
    "assert_training",
    "assert_vjp",
    "central",
    "check_adjoint",
    "check_game",
    "check_gradient",
    "check_hessian_product",
    "check_jacobian",
    "check_jvp",
    "check_layer",
    "check_network",
    "check_objective",
    "check_optimizer",
    "check_penalty",
    "check_training",
    "check_vjp",
    "complex_step",
    "exactly",
    "jacobian",
    "line",
    "noise",
    "one_sided",
    "random_directions",
    "roughly",
    "taylor",
    "units",
]

HOME = {  # module: the names that live there
    "means.differences": "adjoint central complex_step exactly jacobian line noise one_sided"
    " random_directions roughly taylor units",
    "finding": "Finding",
    "report": "Report",
    "subjects.functions": "assert_gradient check_gradient",
    "subjects.maps": "assert_adjoint assert_jvp assert_vjp check_adjoint check_jvp check_vjp",
    "subjects.options": "assert_training check_training",
    "subjects.jacobians": "assert_hessian_product assert_jacobian"
    " check_hessian_product check_jacobian",
} | {
    f"subjects.{kind}s"
    if kind != "penalty"
    else "subjects.penalties": f"assert_{kind} check_{kind}"
    for kind in ("game", "layer", "network", "objective", "optimizer", "penalty")
}

HOME_OF = {name: home for home, names in HOME.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """The public name, imported when it is first used."""
    if name not in HOME_OF:
        raise AttributeError(f"module 'numgan.check' has no attribute {name!r}")
    return getattr(import_module(f"numgan.check.{HOME_OF[name]}"), name)
