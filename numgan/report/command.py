"""Draw a run folder as one HTML page: its numbers, its curves, its samples over time, and D's
output.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from numgan.files import nonempty_path, writable, write_whole
from numgan.run.folders import run_folder
from numgan.run.loop import resume


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `numgan report`."""
    parser.add_argument(
        "folder",
        type=nonempty_path,
        metavar="RUN",
        help="a run folder, or the name of one in runs/",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=nonempty_path,
        metavar="FILE",
        help="the page (default RUN/report.html)",
    )


def run(options: Namespace) -> int:
    """Read the run, and write its page whole."""
    from numgan.report.page import page

    folder = run_folder(options.folder)
    output = options.output or folder / "report.html"
    run = resume(folder)
    writable(output)
    content = page(run).encode(errors="backslashreplace")  # a file name may not be valid UTF-8
    write_whole(output, content)
    print(f"wrote {output} ({len(content) / 1e6:.1f} MB)")
    return 0
