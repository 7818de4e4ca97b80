"""A run's folder belongs to one process while a run trains in it.

The lock is the operating system's, on the folder itself: it ends with its process, even after a
crash, and leaves no file. The library filelock does the same with a file of its own, which is left
behind, or removed while another process uses it.
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
    """A context in which no other process trains in the folder. Unfinished files of dead processes
    are removed first.

    Raises InputError if another process trains there, or if the folder does not exist.
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
    """A context with a folder that exists and in which no other process trains. If no folder is
    given, it is runs/NAME, or the first of runs/NAME-2, -3, … that does not exist. Empty folders
    that were made for it are removed at the end.
    """
    made: list[Path] = []
    try:
        for attempts_left in reversed(range(100)):
            place = make(folder, made) if folder is not None else make_next(name, made)
            try:
                descriptor = lock(place)
                break
            except FileNotFoundError:  # removed by another process whose run failed
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
    """Make the folder and its parents, and note which of them did not exist. Raises InputError if
    the system refuses.
    """
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
    """Make runs/NAME, or the first of runs/NAME-2, -3, … that does not exist. Two processes that
    call this at the same time get different folders.
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
    """Remove the empty folders, the last one made first."""
    for path in reversed(made):
        with suppress(OSError):
            path.rmdir()
    made.clear()


def lock(folder: Path) -> int:
    """A descriptor that locks the folder until it is closed. Raises InputError if another process
    has locked it.
    """
    taken = InputError(
        f"another process trains a run in {folder}: wait for it, or name another folder with --out"
    )
    if sys.platform == "win32":
        try:  # Windows cannot open a folder; this file is removed when its process ends
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
    except OSError:  # a file system without locks, such as some networks': go on without
        return descriptor
    if not same_folder(descriptor, folder):
        os.close(descriptor)
        raise FileNotFoundError(0, "it was removed", str(folder))
    return descriptor


def same_folder(descriptor: int, folder: Path) -> bool:
    """True if the name still refers to the folder that was opened."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(folder))
    except OSError:
        return False
