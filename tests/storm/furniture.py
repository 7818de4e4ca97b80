"""The files that a sandbox has before a random command line: data, wrong data, code of a user's,
links, devices.
"""

from __future__ import annotations

import contextlib
import os


def furnish(folder) -> None:
    """The files that command lines speak of; device nodes only where they can be made, and only
    here.
    """
    import stat

    import numpy as np

    rows = np.random.default_rng(0).standard_normal((12, 2))
    np.save(folder / "rows.npy", rows)
    np.savetxt(folder / "rows.csv", rows, delimiter=",")
    np.save(folder / "text.npy", np.array(["a", "b"]))
    (folder / "empty.csv").write_bytes(b"")
    (folder / "folder").mkdir()
    (folder / "sub.npy").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "loop.npy").symlink_to("loop.npy")
    (folder / "link.npy").symlink_to("rows.npy")
    (folder / "own.py").write_text(OWN)
    for name, device in (("null.npy", "/dev/null"), ("full.npy", "/dev/full")):
        with contextlib.suppress(OSError, AttributeError):
            os.mknod(folder / name, stat.S_IFCHR | 0o666, os.stat(device).st_rdev)


OWN = """import numpy as np
from numgan.layers import Layer


class Good(Layer):
    def forward(self, P, x):
        return x**2, x

    def backward(self, P, x, dy):
        return 2 * x * dy


class Wrong(Good):
    def backward(self, P, x, dy):
        return x * dy


def raises(x):
    raise RuntimeError("a mistake\\\\nof two lines")
"""
