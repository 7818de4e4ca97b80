"""Whether a path of the user's is there, and what may have been meant where it is not."""

from __future__ import annotations

from pathlib import Path

from numgan.errors import InputError


def existing(path: Path) -> Path:
    """The path. Raises InputError where nothing is there, with what has nearly the same name."""
    try:
        there = path.exists()
    except OSError as error:  # a name that is too long, a folder that may not be read
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    if not there:
        raise InputError(f"no such file: {path}{near(path)}")
    return path


def near(path: Path) -> str:
    """Files beside a path, with the same name but for its ending or the case of its letters."""
    if not path.parent.exists():
        return f" (there is no folder {path.parent})"
    try:
        beside = sorted(other.name for other in path.parent.iterdir())
    except OSError:
        return ""
    alike = [name for name in beside if Path(name).stem.lower() == path.stem.lower()]
    return f"; there is {', '.join(alike)}" if alike else ""
