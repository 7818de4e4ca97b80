"""A course of exercises along the derivation: write every gradient yourself.

start FOLDER [--notebook] writes a file, or a notebook, with a place for each answer. check grades
them, in a process of its own, and says what is wrong. next, hint, solution and progress do what
they say; report FOLDER … sums up a class. An exercise is named by its number or its name; the
folder is the present one where none is named.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from numgan.course.exercise import Exercise
from numgan.course.exercises import EXERCISES, find, title
from numgan.course.folder import State, digest_of, load, save, start
from numgan.course.grade import grade
from numgan.course.show import WIDTH, hints_text, progress_text, verdict_text
from numgan.course.solution import solution
from numgan.course.stubs import statement
from numgan.course.texts import LANGUAGES, words
from numgan.errors import InputError
from numgan.files import nonempty_path
from numgan.names import canonical, unknown
from numgan.trace.wrap import filled


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan course`."""
    parser.add_argument("action", metavar="ACTION", help=f"one of {', '.join(ACTIONS)}")
    parser.add_argument(
        "words",
        nargs="*",
        metavar="FOLDER or EXERCISE",
        help="a folder that start wrote, and exercises: 3, 03, kl, or their files",
    )
    parser.add_argument(
        "--notebook", action="store_true", help="start: a notebook for each section"
    )
    parser.add_argument(
        "--lang", choices=LANGUAGES, metavar="LANGUAGE", help="en or zh; start remembers it"
    )
    parser.add_argument("--yes", action="store_true", help="solution: do not ask")
    parser.add_argument("--csv", type=nonempty_path, metavar="FILE", help="report: as CSV")
    parser.add_argument("--html", type=nonempty_path, metavar="FILE", help="report: as a page")


def run(args: Namespace) -> int:
    """Do one action. Returns the exit status."""
    action = canonical(args.action, ACTIONS)
    if action not in ACTIONS:
        raise InputError(f"there is no action {args.action!r}{unknown(args.action, ACTIONS)}")
    for option, owner in (
        ("notebook", "start"),
        ("yes", "solution"),
        ("csv", "report"),
        ("html", "report"),
    ):
        if getattr(args, option) and action != owner:
            raise InputError(f"--{option} goes with numgan course {owner}")
    return ACTIONS[action](args)


def begin(args: Namespace) -> int:
    """start FOLDER"""
    if len(args.words) != 1:
        raise InputError("expected one folder: numgan course start FOLDER")
    folder = nonempty_path(args.words[0])
    state, written, there = start(folder, args.lang or "en", args.notebook)
    say = words(state.language)
    here = folder.samefile(".")
    key, place = "started_one" if len(written) == 1 else "started", Path.cwd() if here else folder
    print(say(key, count=len(written), folder=place))
    if there:
        print(say("stays_one" if len(there) == 1 else "stays", count=len(there)))
    print(filled(say("begin_notebook" if args.notebook else "begin"), WIDTH))
    where = "" if here else f' "{folder}"' if " " in str(folder) else f" {folder}"
    for action in ("progress",) if args.notebook else ("check", "next"):
        print(f"    numgan course {action}{where}")
    return 0


def check(args: Namespace) -> int:
    """check [FOLDER] [EXERCISE …]: 0 where all that was begun is right, else 1."""
    folder, state, chosen = read_words(args)
    names = chosen or list(EXERCISES.values())
    files = [(exercise.name, state.path(folder, exercise)) for exercise in names]
    paths = dict(files)
    found = []
    for verdict in grade(files):
        found.append(verdict)
        digest = digest_of(paths[verdict.exercise])
        state.of(EXERCISES[verdict.exercise]).add(verdict, digest)
        if verdict.status != "empty" or chosen:
            print(verdict_text(verdict, state.language), flush=True)
            state.last = verdict.exercise
    save(folder, state)
    say = words(state.language)
    begun = [v for v in found if v.status != "empty"]
    right = sum(v.is_right for v in found)
    if not chosen:
        print(say("checked", right=right, begun=len(begun), total=len(found)))
    if not begun:
        print(filled(say("nothing_begun"), WIDTH))
    elif right == len(EXERCISES):
        print(say("all_done"))
    return 0 if right == len(begun) and begun else 1


def following(args: Namespace) -> int:
    """next [FOLDER]: the statement of the next exercise, and its file."""
    folder, state, chosen = read_words(args)
    exercise = chosen[0] if chosen else state.next()
    say = words(state.language)
    if exercise is None:
        print(say("all_done"))
        return 0
    state.last = exercise.name
    save(folder, state)
    print(statement(exercise, say, WIDTH))
    print()
    print(say("file", file=state.path(folder, exercise)))
    return 0


def hint(args: Namespace) -> int:
    """hint [FOLDER] [EXERCISE]: one more of the three."""
    folder, state, chosen = read_words(args)
    exercise = the_one(state, chosen)
    state.of(exercise).hint()
    state.last = exercise.name
    save(folder, state)
    print(hints_text(state, exercise))
    return 0


def show_solution(args: Namespace) -> int:
    """solution [FOLDER] [EXERCISE]: after a question."""
    folder, state, chosen = read_words(args)
    exercise = the_one(state, chosen)
    say = words(state.language)
    if not args.yes and not state.of(exercise).solved:
        question = say("sure", title=title(exercise))
        if not sys.stdin.isatty():
            raise InputError(
                f"{question} Then say --yes" if state.language == "en" else question + " --yes"
            )
        print(question, end=" ", flush=True)
        if sys.stdin.readline().strip().casefold() not in ("y", "yes", "是", "好"):
            print(say("not_shown"))
            return 1
    state.of(exercise).solution = True
    state.last = exercise.name
    save(folder, state)
    print(solution(exercise, state.language))
    return 0


def progress(args: Namespace) -> int:
    """progress [FOLDER]: a bar and a map."""
    _, state, _ = read_words(args)
    print(progress_text(state))
    return 0


def report(args: Namespace) -> int:
    """report FOLDER …: a class's table."""
    from numgan.course.report import write_report

    if not args.words:
        raise InputError("expected folders: numgan course report FOLDER … --csv FILE --html FILE")
    folders = [Path(word) for word in args.words]
    print(write_report(folders, args.lang, args.csv, args.html))
    return 0


ACTIONS: dict[str, Callable[[Namespace], int]] = {
    "start": begin,
    "check": check,
    "next": following,
    "hint": hint,
    "solution": show_solution,
    "progress": progress,
    "report": report,
}


def read_words(args: Namespace) -> tuple[Path, State, list[Exercise]]:
    """The folder, its state, and the exercises that are named. Raises InputError for what is
    neither.
    """
    folder, chosen = None, []
    for word in args.words:
        path = Path(word)
        if path.is_dir() and not word.isdigit():
            if folder is not None:
                raise InputError(f"two folders are named, {folder} and {path}: expected one")
            folder = path
        elif path.suffix == ".py" and path.parent != Path():
            folder = folder or path.parent
            chosen.append(find(path.stem))
        else:
            chosen.append(the_exercise(word))
    folder = folder or Path()
    state = load(folder)
    state.language = args.lang or state.language
    return folder, state, list(dict.fromkeys(chosen))


def the_exercise(word: str) -> Exercise:
    """The exercise of a word. Raises InputError for a folder that is not there, too."""
    try:
        return find(word.removesuffix(".py"))
    except InputError as error:
        if "/" in word or "\\" in word:
            raise InputError(f"there is no folder {word}: numgan course start {word}") from None
        raise InputError(f"{error}; nor is there a folder {word}") from None


def the_one(state: State, chosen: Sequence[Exercise]) -> Exercise:
    """The exercise that is named, or that was looked at last, or the next one."""
    if len(chosen) > 1:
        raise InputError("expected one exercise")
    if chosen:
        return chosen[0]
    last = EXERCISES.get(state.last)
    exercise = last if last and not state.of(last).solved else state.next()
    return exercise or list(EXERCISES.values())[-1]
