"""A student's folder: the files, and `course.json` with what was tried, shown and solved."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from numgan.course.exercise import Exercise
from numgan.course.exercises import EXERCISES, NUMBERS, section_of
from numgan.course.stubs import notebook_name, stub
from numgan.course.texts import LANGUAGES
from numgan.course.verdict import Verdict
from numgan.errors import InputError
from numgan.files import read_regular, write_whole

STATE = "course.json"
VERSION = 1  # of the numbers, names and arguments of the exercises
MOST = 1_000_000  # bytes of a state
HINTS = 3


@dataclass
class Record:
    """What happened to one exercise."""

    solved: bool = False
    tries: int = 0  # checks of an answer that had changed since the one before
    hints: int = 0  # that were shown, of 3
    solution: bool = False  # whether it was shown
    causes: dict[str, int] = field(default_factory=dict)  # of wrong answers, and how often
    values: dict[str, dict[str, str]] = field(default_factory=dict)  # of the first one of a cause
    digest: str = ""  # of the answer that was judged last

    def add(self, verdict: Verdict, digest: str) -> None:
        """Count a verdict."""
        self.solved = verdict.is_right
        if verdict.status == "empty" or digest == self.digest:
            return
        self.tries += 1
        self.digest = digest
        if not verdict.is_right:
            self.causes[verdict.cause] = self.causes.get(verdict.cause, 0) + 1
            self.values.setdefault(verdict.cause, verdict.values)

    def hint(self) -> None:
        """Show one more hint."""
        self.hints = min(self.hints + 1, HINTS)

    @property
    def commonest(self) -> str:
        """The cause that came most often; "" for none."""
        return Counter(self.causes).most_common(1)[0][0] if self.causes else ""


@dataclass
class State:
    """What `course.json` says."""

    language: str = "en"
    kind: str = "files"  # or notebooks
    last: str = ""  # the exercise that was looked at last
    records: dict[str, Record] = field(default_factory=dict)

    def of(self, exercise: Exercise) -> Record:
        """The record of an exercise."""
        return self.records.setdefault(exercise.name, Record())

    def solved(self) -> set[str]:
        """The names of the exercises that are solved."""
        return {name for name, record in self.records.items() if record.solved}

    def next(self) -> Exercise | None:
        """The first exercise that is not solved, one whose needs are solved if there is one."""
        done = self.solved()
        rest = [e for e in EXERCISES.values() if e.name not in done]
        ready = [e for e in rest if done.issuperset(e.needs)]
        return next(iter(ready or rest), None)

    def path(self, folder: Path, exercise: Exercise) -> Path:
        """The file in which the student writes."""
        if self.kind == "notebooks":
            return folder / notebook_name(section_of(exercise))
        return folder / file_name(exercise)


def file_name(exercise: Exercise) -> str:
    """03_kl.py"""
    return f"{NUMBERS[exercise.name]:02}_{exercise.name}.py"


def digest_of(path: Path) -> str:
    """A short digest of a file; "" where there is none."""
    try:
        return hashlib.sha256(read_regular(path, MOST)).hexdigest()[:16]
    except (OSError, InputError):
        return ""


def load(folder: Path) -> State:
    """The state of a folder. Raises InputError where there is no course, or one that cannot be
    read.
    """
    path = folder / STATE
    start = f"numgan course start {folder if folder != Path() else 'FOLDER'}"
    try:
        found = json.loads(read_regular(path, MOST))
    except FileNotFoundError:
        raise InputError(
            f"there is no course in {folder.absolute()}: begin one with {start}"
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}; move it away, then {start}") from None
    version = found.get("course") if isinstance(found, dict) else None
    if version != VERSION:
        raise InputError(
            f"{path} is of version {version!r} of the course, this numgan has {VERSION}: start in "
            f"a new folder, and copy your functions into its files"
        )
    try:
        return read_state(found)
    except (TypeError, ValueError, AttributeError, KeyError):
        raise InputError(
            f"{path} does not hold the state of a course: move it away, then {start}; "
            f"your answers stay"
        ) from None


def read_state(found: dict[str, Any]) -> State:
    """The state of the values of a file. Raises ValueError or TypeError for others."""
    records = {
        name: Record(**record) for name, record in found["exercises"].items() if name in EXERCISES
    }
    for record in records.values():
        if not all(
            isinstance(n, int) for n in (record.tries, record.hints, *record.causes.values())
        ):
            raise ValueError("a count is no whole number")
    if found["language"] not in LANGUAGES or found["kind"] not in ("files", "notebooks"):
        raise ValueError("another language or kind")
    return State(found["language"], found["kind"], str(found["last"]), records)


def save(folder: Path, state: State) -> None:
    """Write the state whole."""
    values = {
        "course": VERSION,
        "language": state.language,
        "kind": state.kind,
        "last": state.last,
        "exercises": {name: asdict(record) for name, record in state.records.items()},
    }
    text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / STATE, text.encode())


def start(folder: Path, language: str, notebooks: bool) -> tuple[State, list[str], list[str]]:
    """Write the files that are not there. Returns the state, the names that were written, and those
    that were there and stay as they are. Raises InputError where the folder holds another course.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, expected the name of a folder")
    kind = "notebooks" if notebooks else "files"
    if (folder / STATE).exists():
        state = load(folder)
        if state.kind != kind:
            raise InputError(
                f"{folder} has the course as {state.kind}: take another folder for {kind}"
            )
        state.language = language
    else:
        state = State(language, kind)
    contents = dict(notebook_files(language) if notebooks else stub_files(language))
    folder.mkdir(parents=True, exist_ok=True)
    there = [name for name in contents if (folder / name).exists()]
    written = [name for name in contents if name not in there]
    for name in written:
        write_whole(folder / name, contents[name].encode())
    save(folder, state)
    return state, written, there


def stub_files(language: str) -> Iterable[tuple[str, str]]:
    """The file of each exercise, with the statement and the place for the answer."""
    return ((file_name(e), stub(e, language)) for e in EXERCISES.values())


def notebook_files(language: str) -> Iterable[tuple[str, str]]:
    """A notebook for each section."""
    from numgan.course.notebook import notebooks  # which needs nbformat

    return notebooks(language)
