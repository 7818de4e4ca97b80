"""Whether a user's path exists, and which path the user may have meant if not."""

from __future__ import annotations

from pathlib import Path

from numgan.errors import InputError


def require_path(path: Path) -> Path:
    """The path, unchanged. Raises InputError if nothing is there, with similar names.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     (Path(folder) / "rows.csv").touch()
    ...     try:
    ...         require_path(Path(folder) / "rows.npy")
    ...     except InputError as error:
    ...         print(str(error).partition("; ")[2])
    there is rows.csv
    """
    try:
        there = path.exists()
    except OSError as error:  # a name that is too long, a folder that may not be read
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    if not there:
        raise InputError(f"no such file: {path}{_similar_names_text(path)}")
    return path


def _similar_names_text(path: Path) -> str:
    """The files beside a path whose name differs only in the ending or in the case of letters, as
    text.
    """
    if not path.parent.exists():
        return f" (there is no folder {path.parent})"
    try:
        beside = sorted(other.name for other in path.parent.iterdir())
    except OSError:
        return ""
    alike = [name for name in beside if Path(name).stem.lower() == path.stem.lower()]
    return f"; there is {', '.join(alike)}" if alike else ""
