"""A folder of pictures, or a folder of folders of pictures, one for each class."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from numgan.backend import Array
from numgan.data.choices import Choices
from numgan.data.content import Content, listing, quantity
from numgan.data.picture import ENDINGS, read_picture
from numgan.data.pixels import FEW, WHITES
from numgan.errors import InputError

SYSTEM = ("thumbs.db", "desktop.ini", "__macosx")  # of systems, beside names with a dot
# folders with these names are no classes
PARTS = {"train", "training", "test", "testing", "val", "valid", "validation"}
DATA = (".npy", ".npz", ".csv", ".tsv", ".txt")


@dataclass
class _FolderContents:
    """The content of a folder: its pictures, its other files, its folders, and the number of files
    that belong to the operating system.
    """

    pictures: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    system: int = 0


def read(folder: Path, choices: Choices) -> Content:
    """The pictures of a folder, (R, H, W, C) of float32 in [0, 1], in the order of their names; C =
    1 if all pictures are grey, else 3. If the folder holds no pictures, but folders that do, each
    of these folders is a class.

    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> with TemporaryDirectory() as name:
    ...     for kind, level in ("cat", 0), ("dog", 255):
    ...         (Path(name) / kind).mkdir()
    ...         Image.new("L", (3, 2), level).save(Path(name) / kind / "1.png")
    ...     content = read(Path(name), Choices())
    >>> content.x.shape, content.x[:, 0, 0, 0].tolist(), content.labels.tolist()
    ((2, 2, 3, 1), [0.0, 1.0], ['cat', 'dog'])
    """
    choices.refuse_others(f"{folder.name}, a folder of pictures", "range", "labels")
    held = _list_folder(folder)
    classes = [] if held.pictures else _add_subfolders(held)
    names = sorted(set(classes))
    parts = [path.name for path in held.folders if path.name.lower() in PARTS]
    if parts and (not held.pictures or {name.lower() for name in names} & PARTS):
        raise InputError(
            f"{folder} holds the parts {listing(parts)} of a data set: name one of them, "
            f"as in --data {folder / parts[0]}"
        )
    if not held.pictures:
        raise InputError(_no_pictures_text(folder, held))
    ends = choices.black_and_white()
    x, white = _stack_pictures(held.pictures, ends)
    content = Content(x, black=ends[0] / ends[1] if ends else 0.0, white=1.0)
    R, H, W, C = x.shape
    kinds = Counter(path.suffix.lower() for path in held.pictures)
    many = f"{quantity(R, 'picture')} ({listing([f'{n:,} {kind}' for kind, n in kinds.items()])})"
    content.note("images", f"{many} of {H}×{W} pixels, {'grey' if C == 1 else 'colour'}")
    content.note("range", white)
    if len(names) > 1 and choices.labels is None:
        numbers = all(name.isdecimal() for name in names)
        content.labels = np.array([int(name) for name in classes] if numbers else classes)
        content.note("labels", "the names of the folders (--labels none passes them over)")
    elif len(names) == 1:
        content.note("labels", f"none: all pictures are in the one folder {names[0]}")
    _note_passed_over(content, held, names)
    return content


def _list_folder(folder: Path) -> _FolderContents:
    """The content of a folder, in the order of the names."""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot read the folder {folder}: {error.strerror}") from None
    held = _FolderContents()
    for path in paths:
        if path.name[0] == "." or path.name.lower() in SYSTEM:
            held.system += 1
        elif path.suffix.lower() in ENDINGS:
            held.pictures.append(path)
        else:
            (held.folders if path.is_dir() else held.others).append(path)
    return held


def _add_subfolders(held: _FolderContents) -> list[str]:
    """Add the contents of the folders in a folder, and return the class of each of their pictures:
    the name of its folder.
    """
    classes = []
    for one in held.folders:
        inner = _list_folder(one)
        held.pictures += inner.pictures
        held.others += inner.others + inner.folders
        held.system += inner.system
        classes += [one.name] * len(inner.pictures)
    return classes


def _note_passed_over(content: Content, held: _FolderContents, classes: list[str]) -> None:
    """Add the files that were passed over to the account."""
    for thing, paths in (
        ("other file", held.others),
        ("folder", [path for path in held.folders if path.name not in classes]),
    ):
        if paths:
            names = listing([path.name for path in paths])
            content.note("passed over", f"{quantity(len(paths), thing)}: {names}")
    if held.system:
        files = quantity(held.system, "file")
        content.note("passed over", f"{files} of the system's, such as ._… or .DS_Store")


def _no_pictures_text(folder: Path, held: _FolderContents) -> str:
    """The message about a folder without pictures."""
    tables = [path for path in held.others if path.suffix.lower() in DATA and path.parent == folder]
    if tables:
        names = listing([path.name for path in tables])
        return f"{folder} holds no picture, but {names}: name the file, as in --data {tables[0]}"
    names = listing([path.name for path in held.others + held.folders])
    if not names:
        return f"the folder {folder} is empty: expected pictures, {', '.join(ENDINGS)}"
    return (
        f"{folder} holds no picture ({', '.join(ENDINGS)}), but {names}: expected some in it, or "
        f"in "
        "a folder for each class"
    )


def _stack_pictures(paths: list[Path], ends: tuple[float, float] | None) -> tuple[Array, str]:
    """The pictures as one array, and the sentence that says which level is white."""
    pictures = [read_picture(path) for path in paths]
    H, W = pictures[0].levels.shape[:2]
    for path, picture in zip(paths, pictures, strict=True):
        if picture.levels.shape[:2] != (H, W):
            h, w = picture.levels.shape[:2]
            raise InputError(
                f"{path} has {h}×{w} pixels: expected {H}×{W} as in {paths[0].name}; "
                "resize them to one size"
            )
    whites, sentences = {}, []
    for bits in sorted({picture.bits for picture in pictures}):
        of_bits = [picture.levels for picture in pictures if picture.bits == bits]
        least, most = min(int(x.min()) for x in of_bits), max(int(x.max()) for x in of_bits)
        if ends and not ends[0] <= least <= most <= ends[1]:
            raise InputError(
                f"{paths[0].parent} has levels from {least} to {most}, outside "
                f"--range {ends[0]:g},{ends[1]:g}: name a wider range"
            )
        whites[bits] = ends[1] if ends else _white_level(most, bits)
        sentences.append(f"level {whites[bits]:g} of {bits} bits is white; the largest is {most}")
    if any(picture.coarse for picture in pictures):
        sentences.append("colours of 16 bits are read as 8")
    C = max(picture.levels.shape[2] for picture in pictures)
    x = np.empty((len(pictures), H, W, C), np.float32)
    for n, picture in enumerate(pictures):
        x[n] = picture.on_white(whites[picture.bits])
    how = ", as --range says" if ends else " (--range LOW,HIGH says otherwise)"
    return x, "; ".join(sentences) + how


def _white_level(most: int, bits: int) -> int:
    """The level of white. If the largest level is at most FEW, that level; of 8 bits 255; of 16
    bits the largest level of the fewest bits that can hold it.
    """
    if 0 < most <= FEW:
        return most
    fewest = next(white for white in WHITES if most <= white)
    return 2**bits - 1 if bits == 8 or most == 0 else fewest
