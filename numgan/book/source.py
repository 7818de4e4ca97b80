"""Collect: the files that the book is made of, read once."""

from __future__ import annotations

import ast
import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import numgan
from numgan.errors import InputError

DERIVATION = "numgan/study/derivation.md"
GUIDE = "numgan/study/guide.md"
SPINE = (
    "__init__",
    "backend",
    "network",
    "terms",
    "relativistic",
    "objectives",
    "points",
    "penalties",
    "costs",
    "game",
    "optimizers",
    "training",
)
CHECKER = (  # in the order in which its docstring says to read it
    "numgan/check/means",
    "numgan/check",
    "numgan/check/diagnosis",
    "numgan/check/subjects",
)
# in this order; the other rooms follow in alphabetical order
ROOMS = ("numgan", "numgan/layers", "numgan/theory", "numgan/dynamics", *CHECKER)
# a line such as [中文](README.zh.md)
EDITION = re.compile(r"^\[[^\]]+\]\(\w+\.\w+\.md\)\n\n", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """A Python file, by its path in the repository: numgan/layers/dense.py."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.text)
        except SyntaxError as error:
            raise InputError(f"{self.path}, line {error.lineno}: not Python: {error.msg}") from None

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @property
    def room(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """As it is imported: numgan.layers.dense."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def page(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".") + ".html"

    @property
    def is_chapter(self) -> bool:
        return self.room == "demos" and self.text.startswith("# %%")

    @property
    def says(self) -> str:
        """The first paragraph of the docstring, on one line."""
        return " ".join((ast.get_docstring(self.tree) or "").partition("\n\n")[0].split())


@dataclass(frozen=True)
class Source:
    """The derivation, the modules of the package, the tests and the demos, and the README where
    there is one.
    """

    root: Path
    derivation: str
    modules: tuple[Module, ...]
    readme: str | None
    guide: str | None = None

    @property
    def chapters(self) -> list[Module]:
        return [module for module in self.modules if module.is_chapter]

    @property
    def rooms(self) -> dict[str, list[Module]]:
        """{folder: its modules} without the chapters, in the order of the book."""
        found: dict[str, list[Module]] = {}
        for module in self.modules:
            if not module.is_chapter:
                found.setdefault(module.room, []).append(module)
        return found


def collect(root: Path | None = None) -> Source:
    """Read a repository; without one, the package that is running and what lies around it.

    An installed package has no tests, no demos and no README beside it: these belong to a folder
    with a setup.cfg.
    """
    root = Path(numgan.__file__).resolve().parents[1] if root is None else root
    if not (root / DERIVATION).is_file():
        raise InputError(f"--source must be a folder that holds {DERIVATION}, got {root}")
    folders = ["numgan", "tests", "demos"] if (root / "setup.cfg").is_file() else ["numgan"]
    paths = [path for folder in folders for path in (root / folder).rglob("*.py")]
    modules = [
        Module(path.relative_to(root).as_posix(), text)
        for path in paths
        if (text := read(path)).strip()
    ]
    readme, guide = root / "README.md", root / GUIDE
    return Source(
        root,
        without_edition_link(read(root / DERIVATION)),
        tuple(sorted(modules, key=reading_order)),
        without_edition_link(read(readme)) if len(folders) > 1 and readme.is_file() else None,
        without_edition_link(rooted(read(guide), GUIDE)) if guide.is_file() else None,
    )


def rooted(text: str, path: str) -> str:
    """The text of the file at a path, with its links as from the root of the repository.

    >>> rooted("[game](../game.py)", "numgan/study/guide.md")
    '[game](numgan/game.py)'
    """
    folder = PurePosixPath(path).parent

    def link(found: re.Match) -> str:
        if re.match(r"[a-z]+:|#", found[1]):
            return found[0]
        return f"]({posixpath.normpath((folder / found[1]).as_posix())})"

    return re.sub(r"\]\(([^)\s]+)\)", link, text)


def read(path: Path) -> str:
    """A file's text. Raises InputError where it cannot be read, or is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read {path}: {getattr(error, 'strerror', None) or 'not UTF-8'}"
        ) from None


def without_edition_link(text: str) -> str:
    """The document without the line that links its other edition, which the book lacks."""
    return EDITION.sub("", text)


def reading_order(module: Module) -> tuple:
    """The package, the demos, the tests; rooms and spine in the order in which they build on each
    other.
    """
    top, name = module.path.split("/")[0], Path(module.path).stem
    room = ROOMS.index(module.room) if module.room in ROOMS else len(ROOMS)
    place = SPINE.index(name) if name in SPINE else len(SPINE)
    return (("numgan", "demos", "tests").index(top), room, module.room, place, name)
