"""Write: whole files, into a folder that is empty or holds what was written there before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from numgan.errors import InputError
from numgan.files import writable, write_whole


@dataclass(frozen=True)
class Kind:
    """What a folder holds, and the file in it that says so and which of its files belong to it."""

    option: str
    what: str
    list: str
    edited: bool = False  # whether readers change the files, so that a changed one is kept

    @property
    def key(self) -> str:
        return f"numgan {self.what}"


BOOK = Kind("--out", "book", "book.json")
NOTEBOOKS = Kind("--notebooks", "notebooks", "notebooks.json", edited=True)
Digests = dict[str, list[str]]  # of each file those that it may have; none where nobody changes it


def book_files(folder: Path, kind: Kind = BOOK) -> Digests:
    """The files of the book in a folder, none if there is nothing yet. Raises InputError if it
    holds anything else, and for a file that readers change and have changed.
    """
    try:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return {}
        known = json.loads((folder / kind.list).read_text(encoding="utf-8"))[kind.key]
        names = known.items() if kind.edited else dict.fromkeys(known).items()
        found = {n: ds or [] for n, ds in names if isinstance(n, str) and Path(n).name == n}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        earlier = f"earlier {kind.what}" if kind.edited else f"an earlier {kind.what}"
        raise InputError(
            f"{kind.option} must be a new or empty folder, or {earlier}, got {folder}"
        ) from None
    for name, digests in found.items() if kind.edited else ():
        if (folder / name).is_file() and digest((folder / name).read_bytes()) not in digests:
            raise InputError(
                f"{folder / name} was changed since it was written, and would be lost: "
                f"give {kind.option} another folder"
            )
    return found


def digest(content: bytes) -> str:
    """By which a file is known again."""
    return sha256(content).hexdigest()[:24]


@contextmanager
def new_folder(folder: Path, kind: Kind) -> Iterator[None]:
    """The folder, made where it is not there, and known to be writable before the work that fills
    it; where that fails, a folder that was made is gone again.
    """
    made = not folder.exists()
    make_folder(folder)
    try:
        writable(folder / kind.list)
        yield
    finally:
        if made:
            with suppress(OSError):
                folder.rmdir()  # as long as it is empty


def make_folder(folder: Path) -> None:
    """Raises InputError where the system refuses."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}") from None


def write(folder: Path, files: dict[str, bytes], kind: Kind = BOOK) -> None:
    """Write the files and remove those of an earlier book that this one has no more. Nothing else
    is touched.
    """
    old = book_files(folder, kind)
    make_folder(folder)
    new: Digests = {
        name: [digest(content)] if kind.edited else [] for name, content in files.items()
    }
    both = {name: old.get(name, []) + new.get(name, []) for name in {**old, **new}}
    write_list(folder, both, kind)
    for name, content in files.items():
        if not (folder / name).is_file() or (folder / name).read_bytes() != content:
            write_whole(folder / name, content)
    for name in set(old) - set(files):
        (folder / name).unlink(missing_ok=True)
    write_list(folder, new, kind)


def write_list(folder: Path, names: Digests, kind: Kind) -> None:
    """Leave the list by which `book_files` knows the folder again."""
    told = dict(sorted(names.items())) if kind.edited else sorted(names)
    write_whole(folder / kind.list, json.dumps({kind.key: told}, indent=1).encode())
