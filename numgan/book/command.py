"""Make the annotated source: the derivation, the code, the tests and the chapters as static pages
with links both ways.

The pages need no server and no network, and but for the search no script. What the command needs
beside numgan: pip install '.[book]'.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib.util import find_spec

from numgan.errors import InputError
from numgan.files import nonempty_path

NEEDED = ("latex2mathml", "markdown_it", "mdit_py_plugins", "pygments")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan book`."""
    parser.add_argument(
        "--out",
        type=nonempty_path,
        required=True,
        metavar="DIR",
        help="folder of the book: new, empty, or an earlier book",
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
    """Make the book. Returns the exit status."""
    if any(find_spec(name) is None for name in NEEDED):
        raise InputError("the book needs a few packages more: pip install '.[book]'")
    from numgan.book.make import make

    pages = make(args.out, args.source, args.run_chapters)
    print(f"{args.out / 'index.html'}: {pages} pages")
    return 0
