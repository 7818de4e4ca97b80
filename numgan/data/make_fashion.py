"""Makes fashion.npz from Fashion-MNIST: run by hand, once.

    python -m numgan.data.make_fashion [FOLDER]

FOLDER holds the original's files in IDX format, as Debian's package dataset-fashion-mnist installs
them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from numgan.data.fashion import FOLDER, KINDS
from numgan.data.idx import images_file, read_images

EACH = 300  # images of a kind


def make(folder: Path, target: Path) -> None:
    """Write images (3000, 28, 28) and labels (3000,), uint8: the first 300 training images of each
    kind, in order. The same input gives the same bytes."""
    images, labels, _ = read_images(images_file(folder))
    chosen = np.sort(
        np.concatenate([np.flatnonzero(labels == kind)[:EACH] for kind in range(len(KINDS))])
    )
    if len(chosen) != EACH * len(KINDS):
        raise SystemExit(f"{folder}: expected at least {EACH} images of each of {len(KINDS)} kinds")
    np.savez_compressed(target, images=images[chosen], labels=labels[chosen])


if __name__ == "__main__":
    make(
        Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, Path(__file__).with_name("fashion.npz")
    )
