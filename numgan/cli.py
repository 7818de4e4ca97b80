"""The command line: `numgan …`, the same as `python -m numgan …`. Thin: it reads options and calls
the library.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from numgan import __version__
from numgan.errors import InputError
from numgan.names import canonical, guess, plain, unknown
from numgan.streams import abandon, complain, flush, open_streams

COMMANDS = {
    "train": ("train a GAN by Algorithm 1", "numgan.run.train_command"),
    "sweep": ("train with many seeds and choices", "numgan.sweeps.command"),
    "sample": ("draw samples from a run's generator", "numgan.run.sample_command"),
    "report": ("draw a run as one HTML page", "numgan.report.command"),
    "check": ("check every gradient by independent means", "numgan.check.command"),
    "trace": ("follow one iteration of Algorithm 1 line by line", "numgan.trace.command"),
    "course": ("write every gradient yourself, and be told what is wrong", "numgan.course.command"),
    "lab": ("play with a GAN in the browser while it learns", "numgan.lab.command"),
    "book": ("make the annotated source as static pages", "numgan.book.command"),
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, which names the help to look at and the option
    that is meant.
    """

    def error(self, message):
        raise InputError(f"{message} (see {self.prog} --help)")

    def parse_known_args(self, args=None, namespace=None):
        """As a parser does, but what a command does not know is its own error, not that of
        `numgan`.
        """
        options, extra = super().parse_known_args(args, namespace)
        if unknown := [word for word in extra if word.startswith("-") and word != "--"]:
            self.error(f"there is no option {unknown[0]}{self.nearest(unknown[0])}")
        if extra:
            self.error(f"{extra[0]!r} is one argument too many")
        return options, extra

    def _print_message(self, message, file=None):
        """Print the help; argparse's own keeps silent where that fails."""
        print(message, end="", file=file or sys.stderr)

    def nearest(self, word: str) -> str:
        """`, did you mean --OPTION?`, where one is near."""
        return guess(
            word.partition("=")[0],
            [name for action in self._actions for name in action.option_strings],
        )


def parser(chosen: str | None = None) -> argparse.ArgumentParser:
    """The whole command line, one subcommand a line; each command's module says what it takes. With
    one chosen only its module is imported, which is most of the time that a command needs to start.
    """
    top = Parser(
        prog="numgan",
        description="Generative adversarial networks in NumPy, every gradient by hand.",
    )
    top.add_argument("--version", action="version", version=f"numgan {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (says, where) in COMMANDS.items():
        if chosen in (None, name):
            module = import_module(where)
            subparser = commands.add_parser(name, help=says, description=module.__doc__)
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
        else:
            commands.add_parser(name, help=says)
    return top


def command(arguments: Sequence[str]) -> int:
    """Read the command line and do what it says; without a command, print the help. Returns the
    exit status.
    """
    if not arguments or plain(arguments[0]) == "help":
        arguments = [*arguments[1:], "--help"]
    first, *rest = arguments
    for word in rest:
        # argparse takes the -- out, and leaves a list
        if word.startswith("-") and word.endswith("=--"):
            raise InputError(f"argument {word[:-3]}: expected a value, got '--'")
    if not first.startswith("-"):
        first = command_name(first)
    try:
        options = parser(first).parse_args([first, *rest])
    except SystemExit as done:  # of --help and --version
        return int(done.code or 0)
    return options.run(options)


def command_name(word: str) -> str:
    """The command that is meant. Raises InputError for a word that is none, with what may have been
    meant.
    """
    name = canonical(word, COMMANDS)
    if name in COMMANDS:
        return name
    from numgan.data import DATASETS

    if (data := canonical(word, DATASETS)) in DATASETS:
        raise InputError(
            f"{word!r} is no command, but a data set: numgan train {data} (see numgan --help)"
        )
    raise InputError(f"there is no command {word!r}{unknown(word, COMMANDS)} (see numgan --help)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 a check or a run failed, 2 bad input, or output that
    the system refuses, 130 interrupted, 141 the reader of our output has left."""
    open_streams()
    try:
        status = command(sys.argv[1:] if arguments is None else list(arguments))
        flush()
        return status
    except InputError as error:
        complain(str(error))
        return 2
    except MemoryError as error:
        complain(f"not enough memory: {' '.join(str(error).split()) or 'ask for less'}")
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141
    # of a standard stream, which has no file name, or of a path that the system refuses
    except OSError as error:
        where = f"cannot use {error.filename}" if error.filename else "cannot write the output"
        complain(f"{where}: {error.strerror or error}")
        return 2
    finally:
        abandon()
