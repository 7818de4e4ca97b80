"""Files are written whole or not at all, and what is no regular file is never replaced by one."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from numgan.errors import InputError
from numgan.signals import delayed_signals

TEMPORARY = re.compile(r"\.numgan-(\d+)-[0-9a-f]{16}")  # the number is the process that writes it
# what a system says that cannot flush a folder
NO_FSYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)


def nonempty_path(text: str) -> Path:
    """A path from the command line. Raises ArgumentTypeError for no name, which to Path is the
    folder one is in."""
    if not text:
        raise ArgumentTypeError("expected a path, got an empty name")
    return Path(text)


def writable(path: Path) -> None:
    """Raise InputError unless a file can be written there; for the beginning of a command that will
    write one.

    A temporary file is made in the same folder, since only that shows what the system allows, and
    removed again.
    """
    place = destination(path)
    if place is not None:
        try:
            with temporary_file(place) as temporary, open(temporary, "xb"):
                pass
        except OSError as error:
            raise refusal(path, error) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` under a temporary name beside `path`, flush it to the disk, and only then
    take the name.

    Whoever reads `path` sees the old file or the new one, whenever the power goes. A link stays,
    and what it leads to is replaced. A device or a pipe is written through. Raises InputError,
    naming the file and the system's reason, where the folder or the disk refuses; what was there
    before is still there.
    """
    place = destination(path)
    if place is None:
        write_through(path, content)
        return
    try:
        with temporary_file(place) as temporary:
            with open(temporary, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if os.path.exists(place):
                os.chmod(temporary, stat.S_IMODE(os.stat(place).st_mode))
            os.replace(temporary, place)
        flush_folder(os.path.dirname(place))
    except OSError as error:
        raise refusal(path, error) from None


def destination(path: Path) -> str | None:
    """The file that a whole one may replace, at the end of all links; None for what is written
    through instead.

    Raises InputError for a folder, a socket, a disk, a file that may not be written, or a folder
    that is not there.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:  # nothing is there yet, or a link leads to nothing
        mode = None
    except (OSError, ValueError) as error:
        raise refusal(path, error) from None
    if mode is not None and (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
        return None
    if mode is not None and not stat.S_ISREG(mode):
        raise InputError(f"cannot write {path}: {kind(mode)} is there, expected the name of a file")
    place = os.path.realpath(path)
    if mode is not None and not os.path.exists(
        place
    ):  # an open file without a name, such as /dev/stdout may be
        return None
    if mode is not None and not os.access(place, os.W_OK):
        raise InputError(f"cannot write {path}: it may not be written to")
    folder = os.path.dirname(place)
    if not os.path.isdir(folder):
        missing = folder if path.is_symlink() else path.parent
        raise InputError(f"cannot write {path}: there is no folder {missing}")
    return place


def write_through(path: Path, content: bytes) -> None:
    """Write to a device or a pipe. Raises InputError where that fails, or no process reads the
    pipe."""
    try:
        at_once = getattr(os, "O_NONBLOCK", 0)  # do not wait for a reader of the pipe
        flags = os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOCTTY", 0) | at_once
        with open(os.open(path, flags), "wb") as file:
            os.set_blocking(file.fileno(), True)
            file.write(content)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise InputError(f"cannot write {path}: no process reads this pipe") from None
        raise refusal(path, error) from None


def read_regular(path: Path, most: int) -> bytes:
    """The content of a regular file of at most so many bytes. Raises OSError, or InputError for
    another kind of file: to open a pipe would wait for whoever writes to it."""
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"cannot read {path}: {kind(found.st_mode)} is there, expected a file")
    if found.st_size > most:
        raise InputError(
            f"cannot read {path}: it has {found.st_size:,} bytes, expected at most {most:,}"
        )
    return path.read_bytes()


def kind(mode: int) -> str:
    """What a file that is no regular one is called."""
    names = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFBLK: "a disk",
    }
    return names.get(stat.S_IFMT(mode), "a device")


def refusal(path: Path, error: OSError | ValueError) -> InputError:
    """The error of a file that the system does not let one write."""
    return InputError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}")


def flush_folder(folder: str) -> None:
    """Flush a folder to the disk, so that a new name in it stays. Some systems need no flush."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folder, and others none that may not be read
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in NO_FSYNC:
            raise
    finally:
        os.close(descriptor)


# ── temporary files ───────────────────────────────────────────────────────────────────────────────


@contextmanager
def temporary_file(place: str) -> Iterator[str]:
    """A context with a name beside `place` for a file, removed at the end unless it moved to
    `place`. Ctrl-C waits until then: it could stop the removal."""
    temporary = temporary_beside(place)
    with delayed_signals():
        try:
            yield temporary
        finally:
            remove(temporary)


def temporary_beside(place: str) -> str:
    """An unused name in the same folder. It contains the process's number, and is short even where
    the name of `place` is long."""
    return os.path.join(os.path.dirname(place), f".numgan-{os.getpid()}-{secrets.token_hex(8)}")


def remove(temporary: str) -> None:
    """Remove a file, if it is there."""
    with suppress(OSError):
        os.unlink(temporary)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of processes that ended before they could."""
    with suppress(OSError):
        for name in os.listdir(folder):
            found = TEMPORARY.fullmatch(name)
            if found and not runs(int(found[1])):
                remove(os.path.join(folder, name))


def runs(process: int) -> bool:
    """True for a process that still runs, other than this one, which writes nothing when it looks
    for leftovers."""
    if (
        process == os.getpid() or os.name == "nt"
    ):  # Windows removes no open file, and os.kill would end the process
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
