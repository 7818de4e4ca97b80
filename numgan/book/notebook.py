"""Write: the chapters as notebooks, in the format of Jupyter, and run them where that is asked for.

nbformat, nbclient and ipykernel, of the extra `notebooks`, are named here alone.
"""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from numgan.book.cells import Cell, cells
from numgan.book.source import Module, Source
from numgan.book.write import NOTEBOOKS, book_files, new_folder, write
from numgan.errors import InputError
from numgan.progress import Progress

FORMAT = ("nbformat",)
RUN = ("nbclient", "ipykernel")
OPTIONS = "NUMGAN_CHAPTER"  # numgan/study/figure.py reads a notebook's options there
LIMIT = 1200  # seconds that one cell may take
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
HELPER = re.compile(r"^from figure import", re.MULTILINE)


def missing(run: bool) -> list[str]:
    """What is not installed of that which is needed to write notebooks, or to run them too."""
    return [name for name in (*FORMAT, *RUN * run) if find_spec(name) is None]


def make_notebooks(folder: Path, source: Source, run: bool = False) -> int:
    """Write all chapters into a folder, and return how many. Nothing is written where one fails.

    Raises InputError for a source without chapters, a folder that holds anything else or a notebook
    that was changed, and a chapter that does not run.
    """
    if not source.chapters:
        raise InputError(
            f"there are no chapters in {source.root}: give the repository with --source DIR"
        )
    book_files(folder, NOTEBOOKS)  # a folder that holds something else is refused before any work
    import nbformat

    content = {}
    with new_folder(folder, NOTEBOOKS), Progress(len(source.chapters), "chapter") as bar:
        for chapter in source.chapters:
            book = notebook(chapter)
            if run:
                execute(book, chapter.path, source.root)
            name = Path(chapter.path).with_suffix(".ipynb").name
            content[name] = (nbformat.writes(book) + "\n").encode()
            bar.advance(chapter.path)
        write(folder, content, NOTEBOOKS)
    return len(content)


def notebook(chapter: Module) -> Any:
    """A chapter, cell by cell. What chapters share comes from the package, so that a notebook runs
    in any folder.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    found = []
    for n, cell in enumerate(cells(chapter)):
        new = new_markdown_cell if cell.is_prose else new_code_cell
        found.append(new(text(cell, chapter), id=f"cell-{n}"))
    return new_notebook(cells=found, metadata=KERNEL)


def text(cell: Cell, chapter: Module) -> str:
    """The words of prose, or the code."""
    if cell.is_prose:
        return cell.prose(chapter)
    code = "\n".join(chapter.lines[n - 1] for n in cell.lines).strip("\n")
    return HELPER.sub("from numgan.study.figure import", code)


def execute(book: Any, path: str, root: Path) -> None:
    """Run a notebook with --quick in an empty folder, with the package that lies at the root; its
    outputs stay in it. Raises InputError where it fails.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from traitlets.config import Config

    with TemporaryDirectory() as folder:
        client = NotebookClient(
            book,
            timeout=LIMIT,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            config=Config({"KernelManager": sockets(folder)}),
        )
        environment = os.environ | {
            OPTIONS: "--quick",
            "PYTHONPATH": str(root.resolve()),
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        environment.pop("MPLBACKEND", None)  # the kernel's own draws into the notebook
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            raise InputError(f"{path} does not run: {error.ename}: {error.evalue}") from None
        except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
            last = (str(error).strip().splitlines() or ["no message"])[-1]
            raise InputError(f"{path} does not run: {last}") from None
    for cell in book.cells:
        cell.metadata.pop("execution", None)  # the times: the same run has the same file
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)


def sockets(folder: str) -> dict[str, str]:
    """Where Python and the kernel talk: in a folder of ours, to which nobody else can connect; by
    TCP where the system has no such sockets, or the folder's name is too long for one.
    """
    place = os.path.join(folder, "kernel")
    return {"transport": "ipc", "ip": place} if os.name == "posix" and len(place) < 90 else {}


def joined(outputs: list[Any]) -> list[Any]:
    """The outputs, with what was printed in pieces as one: where it is cut is a matter of time."""
    found: list[Any] = []
    for output in outputs:
        last = found[-1] if found else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            found.append(output)
    return found
