"""The command line: `numgan …`, the same as `python -m numgan …`. Thin: it reads options and calls the library."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from numgan import __version__
from numgan.errors import InputError


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message):
        raise InputError(f"{message} (see {self.prog} --help)")


def parser() -> argparse.ArgumentParser:
    """The whole command line, one subcommand a line; each command's module says what it takes."""
    from numgan.book import command as book
    from numgan.check import command as check
    from numgan.report import command as report
    from numgan.run import sample_command, train_command
    from numgan.trace import command as trace

    top = Parser(prog="numgan", description="Generative adversarial networks in NumPy, every gradient by hand.")
    top.add_argument("--version", action="version", version=f"numgan {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, says, module in (
        ("train", "train a GAN by Algorithm 1", train_command),
        ("sample", "draw samples from a run's generator", sample_command),
        ("report", "draw a run as one HTML page", report),
        ("check", "check every gradient by independent means", check),
        ("trace", "follow one iteration of Algorithm 1 line by line", trace),
        ("book", "make the annotated source as static pages", book),
    ):
        subparser = commands.add_parser(name, help=says, description=module.__doc__)
        module.add_arguments(subparser)
        subparser.set_defaults(run=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 a check or a run failed, 2 bad input, 130 interrupted."""
    try:
        options = parser().parse_args(arguments)
        return options.run(options)
    except InputError as error:
        print(f"numgan: {error}", file=sys.stderr)
        return 2
    except MemoryError as error:
        print(f"numgan: not enough memory: {' '.join(str(error).split()) or 'ask for less'}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has left
        sys.stderr.close()
        return 141
