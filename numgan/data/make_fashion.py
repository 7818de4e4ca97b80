"""Make fashion.npz from Fashion-MNIST; run by hand, once.

    python -m numgan.data.make_fashion [FOLDER]

FOLDER holds the original's files in IDX format, as Debian's package dataset-fashion-mnist installs
them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from numgan.data.fashion import FOLDER, KINDS
from numgan.data.idx import choose_images_file, read_images

EACH = 300  # images of each kind


def write_fashion(folder: Path, target: Path) -> None:
    """Write images (3000, 28, 28) and labels (3000,), uint8: the first 300 training images of each
    kind, in order. The same input gives the same bytes.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     folder, start = Path(name), bytes([0, 0, 8])
    ...     size = bytes([0, 0, 11, 184])  # 3000 = 11·256 + 184, with four bytes an image
    ...     shape = bytes([3]) + size + bytes([0, 0, 0, 2, 0, 0, 0, 2])
    ...     _ = (folder / "images-idx3-ubyte").write_bytes(start + shape + bytes(12000))
    ...     labels = bytes([1]) + size + bytes(range(10)) * 300
    ...     _ = (folder / "labels-idx1-ubyte").write_bytes(start + labels)
    ...     write_fashion(folder, folder / "small.npz")
    ...     print(np.load(folder / "small.npz")["images"].shape)
    (3000, 2, 2)
    """
    images, labels, _ = read_images(choose_images_file(folder))
    chosen = np.sort(
        np.concatenate([np.flatnonzero(labels == kind)[:EACH] for kind in range(len(KINDS))])
    )
    if len(chosen) != EACH * len(KINDS):
        raise SystemExit(f"{folder}: expected at least {EACH} images of each of {len(KINDS)} kinds")
    np.savez_compressed(target, images=images[chosen], labels=labels[chosen])


if __name__ == "__main__":
    write_fashion(
        Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, Path(__file__).with_name("fashion.npz")
    )
