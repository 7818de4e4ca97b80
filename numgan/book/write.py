"""Write: whole files, into a folder that is empty or holds a book already."""

from __future__ import annotations

import json
from pathlib import Path

from numgan.errors import InputError
from numgan.files import write_whole

LIST = "book.json"  # says that the folder is a book, and which of its files are the book's


def book_files(folder: Path) -> list[str]:
    """The files of the book in a folder, none if there is nothing yet. Raises InputError if it
    holds anything else.
    """
    try:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return []
        known = json.loads((folder / LIST).read_text(encoding="utf-8"))["numgan book"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"--out must be a new or empty folder, or an earlier book, got {folder}"
        ) from None
    return [name for name in known if isinstance(name, str) and Path(name).name == name]


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Write the files and remove those of an earlier book that this one has no more. Nothing else
    is touched.
    """
    old = book_files(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}") from None
    write_list(folder, {*old, *files})
    for name, content in files.items():
        if not (folder / name).is_file() or (folder / name).read_bytes() != content:
            write_whole(folder / name, content)
    for name in set(old) - set(files):
        (folder / name).unlink(missing_ok=True)
    write_list(folder, set(files))


def write_list(folder: Path, names: set[str]) -> None:
    """Leave the list by which `book_files` knows the book again."""
    write_whole(folder / LIST, json.dumps({"numgan book": sorted(names)}, indent=1).encode())
