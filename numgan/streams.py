"""Standard input, output and error as they may be: closed, full, without a reader, or of an
encoding without θ.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

# what to do with a character that cannot be encoded
RAISING = ("strict", "surrogateescape", "surrogatepass")
STANDARD = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def open_streams() -> None:
    """Open closed streams to the null device, and print `?` for characters that an encoding lacks.

    The order is that of the descriptors, so that no file of ours takes the place of a stream.
    """
    for name, mode in STANDARD:
        stream = getattr(sys, name)
        if stream is None or getattr(stream, "closed", False):
            nowhere = os.open(os.devnull, os.O_RDONLY if mode == "r" else os.O_WRONLY)
            setattr(
                sys, name, open(nowhere, mode, encoding="utf-8", errors="replace", closefd=False)
            )
        elif mode == "w" and isinstance(stream, io.TextIOWrapper) and stream.errors in RAISING:
            stream.reconfigure(errors="replace")


def complain(text: str) -> None:
    """Print one line on standard error, if standard error works."""
    with suppress(OSError, ValueError):
        print(f"numgan: {' '.join(text.splitlines())}", file=sys.stderr, flush=True)


def flush() -> None:
    """Flush both streams. Raises OSError for a full device or a reader that left."""
    sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.flush()


def abandon() -> None:
    """Point streams that cannot be written to the null device.

    Otherwise Python complains of them once more when it ends.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
            continue
        # io.UnsupportedOperation, of a stream that is no file, is both
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
            stream.flush()
