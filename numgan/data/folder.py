"""A folder of pictures, or of folders of pictures, each of them a class."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from numgan.backend import Array
from numgan.data.choices import Choices
from numgan.data.content import Content, listed, number_of
from numgan.data.picture import ENDINGS, read_picture
from numgan.data.pixels import FEW, WHITES
from numgan.errors import InputError

SYSTEM = ("thumbs.db", "desktop.ini", "__macosx")  # what systems leave beside names with a dot
# they are no classes
PARTS = {"train", "training", "test", "testing", "val", "valid", "validation"}
DATA = (".npy", ".npz", ".csv", ".tsv", ".txt")


@dataclass
class Held:
    """The content of a folder: its pictures, other files, folders, and how many files belong to the
    system.
    """

    pictures: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    system: int = 0


def read(folder: Path, choices: Choices) -> Content:
    """The pictures of a folder, (R, H, W, C) of float32 in [0, 1], in the order of their names;
    C = 1 where every one is grey, else 3. Where it holds none, but folders that do, each folder is
    a class."""
    choices.refuse_others(f"{folder.name}, a folder of pictures", "range", "labels")
    held = look_into(folder)
    classes = [] if held.pictures else look_deeper(held)
    names = sorted(set(classes))
    parts = [path.name for path in held.folders if path.name.lower() in PARTS]
    if parts and (not held.pictures or {name.lower() for name in names} & PARTS):
        raise InputError(
            f"{folder} holds the parts {listed(parts)} of a data set: name one of them, "
            f"as in --data {folder / parts[0]}"
        )
    if not held.pictures:
        raise InputError(no_pictures(folder, held))
    ends = choices.black_and_white()
    x, white = stack(held.pictures, ends)
    content = Content(x, black=ends[0] / ends[1] if ends else 0.0, white=1.0)
    R, H, W, C = x.shape
    kinds = Counter(path.suffix.lower() for path in held.pictures)
    many = f"{number_of(R, 'picture')} ({listed([f'{n:,} {kind}' for kind, n in kinds.items()])})"
    content.say("images", f"{many} of {H}×{W} pixels, {'grey' if C == 1 else 'colour'}")
    content.say("range", white)
    if len(names) > 1 and choices.labels is None:
        numbers = all(name.isdecimal() for name in names)
        content.labels = np.array([int(name) for name in classes] if numbers else classes)
        content.say("labels", "the names of the folders (--labels none passes them over)")
    elif len(names) == 1:
        content.say("labels", f"none: all pictures are in the one folder {names[0]}")
    tell_others(content, held, names)
    return content


def look_into(folder: Path) -> Held:
    """The content of a folder, in the order of the names."""
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot read the folder {folder}: {error.strerror}") from None
    held = Held()
    for path in paths:
        if path.name[0] == "." or path.name.lower() in SYSTEM:
            held.system += 1
        elif path.suffix.lower() in ENDINGS:
            held.pictures.append(path)
        else:
            (held.folders if path.is_dir() else held.others).append(path)
    return held


def look_deeper(held: Held) -> list[str]:
    """Add the content of the folders in a folder; each of their pictures gets the name of its
    folder.
    """
    classes = []
    for one in held.folders:
        within = look_into(one)
        held.pictures += within.pictures
        held.others += within.others + within.folders
        held.system += within.system
        classes += [one.name] * len(within.pictures)
    return classes


def tell_others(content: Content, held: Held, classes: list[str]) -> None:
    """What was passed over."""
    for thing, paths in (
        ("other file", held.others),
        ("folder", [path for path in held.folders if path.name not in classes]),
    ):
        if paths:
            names = listed([path.name for path in paths])
            content.say("passed over", f"{number_of(len(paths), thing)}: {names}")
    if held.system:
        files = number_of(held.system, "file")
        content.say("passed over", f"{files} of the system's, such as ._… or .DS_Store")


def no_pictures(folder: Path, held: Held) -> str:
    """What to say of a folder without pictures."""
    tables = [path for path in held.others if path.suffix.lower() in DATA and path.parent == folder]
    if tables:
        names = listed([path.name for path in tables])
        return f"{folder} holds no picture, but {names}: name the file, as in --data {tables[0]}"
    names = listed([path.name for path in held.others + held.folders])
    if not names:
        return f"the folder {folder} is empty: expected pictures, {', '.join(ENDINGS)}"
    return (
        f"{folder} holds no picture ({', '.join(ENDINGS)}), but {names}: expected some in it, or "
        f"in "
        "a folder for each class"
    )


def stack(paths: list[Path], ends: tuple[float, float] | None) -> tuple[Array, str]:
    """The pictures as one array, and what of their levels is white."""
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
        whites[bits] = ends[1] if ends else white_of(most, bits)
        sentences.append(f"level {whites[bits]:g} of {bits} bits is white; the largest is {most}")
    if any(picture.coarse for picture in pictures):
        sentences.append("colours of 16 bits are read as 8")
    C = max(picture.levels.shape[2] for picture in pictures)
    x = np.empty((len(pictures), H, W, C), np.float32)
    for n, picture in enumerate(pictures):
        x[n] = picture.on_white(whites[picture.bits])
    how = ", as --range says" if ends else " (--range LOW,HIGH says otherwise)"
    return x, "; ".join(sentences) + how


def white_of(most: int, bits: int) -> int:
    """The level of white: the largest where few occur; of 16 bits that of the fewest that hold it,
    of 8 that of 8.
    """
    if 0 < most <= FEW:
        return most
    fewest = next(white for white in WHITES if most <= white)
    return 2**bits - 1 if bits == 8 or most == 0 else fewest
