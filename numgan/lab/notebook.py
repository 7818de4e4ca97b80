"""The lab from a notebook: `numgan.show_lab("ring")`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numgan.errors import InputError
from numgan.lab.checks import short
from numgan.lab.command import first
from numgan.lab.protocol import CHOICES
from numgan.names import guess
from numgan.run.options import Whole, read

if TYPE_CHECKING:
    from numgan.lab.widget import LabWidget


def show_lab(
    dataset: str | Path = "ring",
    *,
    lesson: int | None = None,
    folder: str | Path = "runs",
    height: int = 760,
    **choices: Any,
) -> LabWidget:
    """The lab as a widget, which a notebook shows as the last value of a cell.

        numgan.show_lab("ring", seed=3, k=5, hidden=[32, 32])

    `dataset` is a name or a file or folder of your own, `lesson` 1 to 6 begins with a lesson, runs
    are saved in `folder`, `height` is in pixels of the page. The choices are the settings of
    `numgan.lab.play.Play`: seed, latent, hidden, k, lr_d, lr_g, objective, penalty, ….

    The widget's `session` is the game; `close()` ends it. Raises InputError where anywidget (the
    extra `notebook`) is missing, and for data or choices that there are not.
    """
    if find_spec("anywidget") is None:
        raise InputError('the lab in a notebook needs anywidget: pip install "numgan[notebook]"')
    from numgan.lab.widget import LabWidget

    Whole(200).check("height", height)
    for name, place in (("dataset", dataset), ("folder", folder)):
        if not isinstance(place, str | Path):
            raise InputError(f"{name} must be a text or a path, got {short(place)}")
    chosen = {name: choice(name, value) for name, value in choices.items()}
    return LabWidget(first(str(dataset), lesson, folder=folder, **chosen), height)


def choice(name: str, value: Any) -> Any:
    """A choice, checked as a page's are, which have lists for tuples and numbers of Python's for
    NumPy's."""
    if name not in CHOICES:
        raise InputError(f"there is no choice {name!r}{guess(name, CHOICES)}")
    plain = read(None, name, value)
    return CHOICES[name](name, list(plain) if isinstance(plain, tuple) else plain)
