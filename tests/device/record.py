"""Write down in RESULTS.md what the tests say of the GPU of this machine.

    python -m tests.device.record       at the root of the repository, where there is a GPU and cupy

Exit status: that of the tests, 2 where there is no GPU.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from numgan.backend import cuda_problem
from numgan.files import write_whole

RESULTS = Path(__file__).with_name("RESULTS.md")
NONE_YET = "So far no device has been available"


def card() -> list[str]:
    """The name of the GPU, the versions of CUDA that the driver and CuPy speak,
    and that of CuPy."""
    import cupy

    name = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)["name"].decode()
    versions = cupy.cuda.runtime.driverGetVersion(), cupy.cuda.runtime.runtimeGetVersion()
    return [name, ", ".join(f"{v // 1000}.{v % 1000 // 10}" for v in versions), cupy.__version__]


def tested() -> tuple[str, int]:
    """The last line of pytest, as in "120 passed, 3 skipped in 40.12s", and its exit status."""
    # -v undoes the -q of setup.cfg
    command = [sys.executable, "-m", "pytest", "tests/device", "-m", "gpu", "-v"]
    done = subprocess.run(command, cwd=RESULTS.parents[2], stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    return done.stdout.strip().splitlines()[-1].strip("= "), done.returncode


def added(text: str, row: list[str]) -> str:
    """The file with one row more; the sentence that there is none goes."""
    paragraphs = [p for p in text.rstrip().split("\n\n") if not p.startswith(NONE_YET)]
    return "\n\n".join(paragraphs) + "\n| " + " | ".join(row) + " |\n"


def main() -> int:
    """Test, and write the row."""
    if missing := cuda_problem():
        print(f"nothing to record: {missing}", file=sys.stderr)
        return 2
    result, status = tested()
    row = [f"{datetime.now(timezone.utc):%Y-%m-%d}", *card(), result]
    write_whole(RESULTS, added(RESULTS.read_text(encoding="utf-8"), row).encode())
    print(" | ".join(row))
    return status


if __name__ == "__main__":
    raise SystemExit(main())
