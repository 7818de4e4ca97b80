"""A run's folder belongs to one process while a run is trained in it.

The lock is the system's own, on the folder itself: it ends with its process, however that ends, and
leaves no file. The library filelock does the same, but on a file of its own, which stays or is
removed under another's hands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from numgan.errors import InputError
from numgan.files import remove_leftovers


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """A context in which no other process trains in the folder. It first removes what dead
    processes left half written.

    Raises InputError where another process trains there, or where there is no such folder.
    """
    try:
        descriptor = lock(folder)
    except OSError as error:
        raise InputError(f"cannot open the folder {folder}: {error.strerror}") from None
    try:
        remove_leftovers(folder)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def claimed(folder: Path | None, name: str) -> Iterator[Path]:
    """A context with a folder that exists and that no other process trains in. Without a folder it
    is runs/NAME, or the first of runs/NAME-2, -3, … that does not exist. Empty folders that were
    made for it are removed at the end.
    """
    made: list[Path] = []
    try:
        for attempts_left in reversed(range(100)):
            place = make(folder, made) if folder is not None else make_next(name, made)
            try:
                descriptor = lock(place)
                break
            except FileNotFoundError:  # another, whose run came to nothing, took it back: once more
                if not attempts_left:
                    raise
    except OSError as error:
        raise InputError(f"cannot open the folder {folder or name}: {error.strerror}") from None
    try:
        remove_leftovers(place)
        yield place
    finally:
        take_back(made)
        os.close(descriptor)


def make(folder: Path, made: list[Path]) -> Path:
    """Make the folder and those it lies in, and note which were not there. Raises InputError where
    the system refuses."""
    try:
        for path in (*reversed(folder.parents), folder):
            if not os.path.isdir(path):
                with suppress(FileExistsError):
                    path.mkdir()
                    made.append(path)
        if not os.path.isdir(folder):
            raise FileExistsError(0, "a file is there")
    except (OSError, ValueError) as error:
        take_back(made)
        raise InputError(
            f"cannot make the folder {folder}: {getattr(error, 'strerror', error)}"
        ) from None
    return folder


def make_next(name: str, made: list[Path]) -> Path:
    """Make runs/NAME, or the first of runs/NAME-2, -3, … that does not exist. Two processes that do
    this at once get one each.
    """
    parent, number = make(Path("runs"), made), 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            take_back(made)
            raise InputError(f"cannot make the folder {folder}: {error.strerror}") from None
        made.append(folder)
        return folder


def take_back(made: list[Path]) -> None:
    """Remove the folders, the last one made first, as far as they are empty."""
    for path in reversed(made):
        with suppress(OSError):
            path.rmdir()
    made.clear()


def lock(folder: Path) -> int:
    """A descriptor that holds the folder until it is closed. Raises InputError where another
    process has one."""
    taken = InputError(
        f"another process trains a run in {folder}: wait for it, or name another folder with --out"
    )
    if sys.platform == "win32":
        try:  # Windows opens no folder; this file goes when its process does
            return os.open(folder / ".lock", os.O_CREAT | os.O_EXCL | os.O_TEMPORARY)
        except (FileExistsError, PermissionError):
            raise taken from None
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise taken from None
    except OSError:  # a file system without locks, as some networks have: we go on without one
        return descriptor
    if not same_folder(descriptor, folder):
        os.close(descriptor)
        raise FileNotFoundError(0, "it was removed", str(folder))
    return descriptor


def same_folder(descriptor: int, folder: Path) -> bool:
    """True where the name still leads to what was opened by it."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(folder))
    except OSError:
        return False
