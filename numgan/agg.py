"""The way to matplotlib, which draws with Agg here: into files, on no display."""

from __future__ import annotations

import os
import sys
from contextlib import suppress


def load_matplotlib() -> None:
    """Import matplotlib, if that has not been done.

    A backend that MPLBACKEND names and matplotlib does not know would end the import; so its name
    is handed over afterwards, for pictures of the user's own, and an unknown one dropped.
    """
    if "matplotlib" in sys.modules:
        return
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if backend:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = backend
