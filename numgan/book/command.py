"""Make the annotated source: the derivation, the code, the tests and the chapters as static pages
with links both ways.

The pages need no server and no network, and but for the search no script. With --notebooks the
chapters are written for Jupyter too, or alone. What the command needs beside numgan: pip install
'.[book]', and '.[notebooks]' for notebooks.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib.util import find_spec

from numgan.book import notebook
from numgan.book.source import collect
from numgan.errors import InputError
from numgan.files import nonempty_path

NEEDED = ("latex2mathml", "markdown_it", "mdit_py_plugins", "pygments")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan book`."""
    parser.add_argument(
        "--out",
        type=nonempty_path,
        metavar="DIR",
        help="folder of the book: new, empty, or an earlier book",
    )
    parser.add_argument(
        "--notebooks",
        type=nonempty_path,
        metavar="DIR",
        help="write the chapters as notebooks of Jupyter, into a folder that is new, empty, or "
        "holds earlier ones; with --out, or alone",
    )
    parser.add_argument(
        "--source",
        type=nonempty_path,
        metavar="DIR",
        help="repository to read (default: the one around this package, or the package alone)",
    )
    parser.add_argument(
        "--run",
        action="store_true",
        dest="run_chapters",
        help="run the chapters with --quick, and show what they print and draw",
    )


def run(args: Namespace) -> int:
    """Make the book, the notebooks, or both. Returns the exit status."""
    if args.out is None and args.notebooks is None:
        raise InputError("say where: --out DIR for the book, --notebooks DIR for the chapters")
    if args.out is not None and args.notebooks is not None:
        if args.out.resolve() == args.notebooks.resolve():
            raise InputError("--out and --notebooks must be two folders, got one")
    if args.out is not None and any(find_spec(name) is None for name in NEEDED):
        raise InputError("the book needs a few packages more: pip install '.[book]'")
    if args.notebooks is not None and notebook.missing(args.run_chapters):
        raise InputError("notebooks need a few packages more: pip install '.[notebooks]'")
    if args.notebooks is not None:
        count = notebook.make_notebooks(args.notebooks, collect(args.source), args.run_chapters)
        print(f"{args.notebooks}: {count} notebook{'s' * (count != 1)}")
    if args.out is not None:
        from numgan.book.make import make

        pages = make(args.out, args.source, args.run_chapters)
        print(f"{args.out / 'index.html'}: {pages} pages")
    return 0
