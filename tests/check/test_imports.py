"""A researcher who checks a function pays for no GAN: what an import of the checker loads."""

import subprocess
import sys

import pytest

HEAVY = (
    "numgan.layers numgan.network numgan.objectives numgan.values numgan.penalties "
    "numgan.optimizers numgan.game numgan.training numgan.architectures numgan.dynamics "
    "numgan.theory numgan.data numgan.run matplotlib tqdm argparse"
).split()


def loaded(code):
    """The names in sys.modules after the code has run in an interpreter of its own."""
    code = f"import numpy as np\n{code}\nimport sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.split()


@pytest.mark.parametrize(
    "code",
    [
        "import numgan.check",
        "from numgan.check import assert_gradient",
        "from numgan.check import check_gradient, check_jacobian\n"
        "print(check_gradient(lambda x: (x * x).sum(), lambda x: x, np.ones(3)))\n"
        "print(check_jacobian(lambda x: x * x, lambda x: np.diag(x), np.ones(3)))",
        "import numgan.check.diagnosis.causes, numgan.check.report, numgan.check.means.methods",
    ],
)
def test_the_check_of_a_function_loads_no_layer(code):
    modules = loaded(code)
    assert not [name for name in modules if name.startswith(tuple(HEAVY))]
    assert "numgan.check" in modules


def test_import_of_the_checker_loads_only_what_is_asked_for():
    """`import numgan.check` beside NumPy: the packages, the table of names, nothing else."""
    more = set(loaded("import numgan.check")) - set(loaded(""))
    assert {name for name in more if name.startswith("numgan")} == {"numgan", "numgan.check"}
    assert len(more) < 10


def test_every_public_name_is_found_at_its_home():
    import numgan.check

    assert set(numgan.check.HOME_OF) == set(numgan.check.__all__)
    for name in numgan.check.__all__:
        assert getattr(numgan.check, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'checks'"):
        _ = numgan.check.checks
