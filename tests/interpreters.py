"""numgan on the oldest and the newest that it promises: `python tests/interpreters.py`, by hand, as
it takes minutes.

Each plan is an interpreter and the versions of what numgan needs, in an environment of its own: one
short run as a user starts it, and a selection of the tests that draws, prints, reads and computes.
On the newest every warning is an error. An interpreter that is not found is passed over, and said;
the one that runs this file is always there. Words on the command line choose the plans that have
one of them in their names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
LOWEST = ("numpy==2.0.*", "matplotlib==3.8.*")  # as setup.cfg promises them
SELECTION = (
    "tests/test_network.py",
    "tests/test_training.py",
    "tests/test_optimizers.py",
    "tests/test_checkpoint.py",
    "tests/test_commands.py",
    "tests/test_streams.py",
    "tests/data/test_pictures.py",
    "tests/check/test_command.py",
    "tests/trace/test_trace.py",
    "tests/test_report.py",
)


class Plan(NamedTuple):
    """Names of an interpreter, the first that is there; versions of packages; what becomes of a
    warning.
    """

    names: tuple[str, ...]
    packages: tuple[str, ...]
    warnings: str  # of old packages upon newer ones there are many, and none is ours


PLANS = {
    "oldest Python, oldest packages": Plan(("python3.10",), LOWEST, "default"),
    "this Python, oldest packages": Plan((sys.executable,), LOWEST, "default"),
    "newest Python, newest packages": Plan(("python3.15", "python3.14", "python3.13"), (), "error"),
}


def interpreter(names: tuple[str, ...]) -> str | None:
    """The first of them that starts: on the PATH, or below pyenv's folder."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for name in names:
        version = Path(name).name.removeprefix("python")
        found = [
            shutil.which(name),
            *map(str, sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)),
        ]
        for path in filter(None, found):
            if (
                subprocess.run(
                    [path, "-c", "import venv, ensurepip"], capture_output=True
                ).returncode
                == 0
            ):
                return path
    return None


def tried(path: str, plan: Plan, folder: Path) -> bool:
    """Install into a new environment, and try. True where all is well."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHONPATH", "PYTHONWARNINGS")
    }
    environment |= {"OPENBLAS_NUM_THREADS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    install = [str(python), "-m", "pip", "install", "--quiet", "--prefer-binary"]
    train = [
        str(python),
        "-W",
        plan.warnings,
        "-m",
        "numgan",
        "train",
        "digits",
        "--steps",
        "20",
        "--quiet",
        "--out",
        str(folder / "run"),
    ]
    for command in (
        [path, "-m", "venv", str(folder)],
        [
            *install,
            "pytest>=8",
            "hypothesis>=6.100",
            "scipy>=1.11",
            "-e",
            str(ROOT),
            *plan.packages,
        ],
        train,
        [
            str(python),
            "-W",
            plan.warnings,
            "-m",
            "pytest",
            "-q",
            "-W",
            plan.warnings,
            "-p",
            "no:cacheprovider",
            *SELECTION,
        ],
    ):
        if subprocess.run(command, cwd=ROOT, env=environment).returncode:
            print(f"failed: {' '.join(command)}", flush=True)
            return False
    return True


def main() -> int:
    """Every plan. Returns 1 if one that could be tried failed."""
    failed = 0
    wanted = sys.argv[1:] or [""]
    for name, plan in PLANS.items():
        if not any(word in name for word in wanted):
            continue
        if (path := interpreter(plan.names)) is None:
            print(f"{name}: passed over, there is no {' or '.join(plan.names)}", flush=True)
            continue
        with TemporaryDirectory() as folder:
            well = tried(path, plan, Path(folder))
        version = subprocess.run([path, "-V"], capture_output=True, text=True).stdout.strip()
        print(
            f"{name} ({version}{''.join(', ' + package for package in plan.packages)}): "
            f"{'well' if well else 'FAILED'}",
            flush=True,
        )
        failed |= not well
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
