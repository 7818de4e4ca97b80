"""The index of the chapters:  python demos/index.py [FIGURES]      a second

Writes demos/README.md: each chapter's picture, title and sentence, read from the chapter itself.
With a folder of figures (`for chapter in demos/[0-9]*.py; do python $chapter; done` makes figures/)
the small pictures in demos/pictures/ are made anew.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

DEMOS = Path(__file__).resolve().parent
PICTURES = DEMOS / "pictures"
WIDTH, COLOURS = 560, 128  # of a small picture: 10 to 40 kB

HEAD = """# The chapters

Each is a script of one story: it prints the numbers that it claims, beside what they must be, and
draws its figures. Each imports numgan and matplotlib alone and runs by itself:

```sh
python demos/05_optimal_discriminator.py            # figures go to the folder figures/
python demos/05_optimal_discriminator.py --show     # ... or into windows
python demos/05_optimal_discriminator.py --quick    # shorter, and its figures say "quick"
python demos/05_optimal_discriminator.py --slides   # figures for a screen: 16:9, a panel on each
python demos/05_optimal_discriminator.py --exercises     # its questions, and nothing is computed
python demos/05_optimal_discriminator.py --answers       # ... with the answers
```

Each ends in a recap, in what it still owes, and in exercises: a prediction to make before the run,
whose answer the run prints at its end; a derivation on paper; a line to change; a mistake to find
with `numgan check --exercise N`; a function to write in `numgan course`. For lecturers there are
[plans of two hours, of a day and of twelve weeks](../numgan/study/lectures.md).

A chapter is a notebook too. Editors that know cells marked `# %%` (VS Code, PyCharm, Spyder) run it
cell by cell. For Jupyter, `pip install ".[notebooks]"` and `numgan book --notebooks notebooks`
write them all; they run in any folder, and with `--run` they come with their outputs.

`python demos/index.py` makes this page.
"""


def chapters() -> list[Path]:
    return sorted(DEMOS.glob("[0-9][0-9]_*.py"))


def title(chapter: Path) -> tuple[str, str, str]:
    """The number and name of a chapter, its labels, and its sentence."""
    text = chapter.read_text(encoding="utf-8")
    found = re.match(r"# %% \[markdown\]\n# # (\d+ · .+) \((.+)\)\n#\n((?:# .+\n)+)#\n", text)
    assert found, f"{chapter.name}: expected a title with labels, and a sentence in *…* below it"
    sentence = " ".join(line[2:] for line in found[3].splitlines())
    assert re.fullmatch(r"\*[^*]+\*", sentence), f"{chapter.name}: expected one sentence in *…*"
    return found[1], found[2], sentence.strip("*")


def page() -> str:
    """The text of demos/README.md."""
    rows = ["| | |", "| --- | --- |"]
    for chapter in chapters():
        name, labels, sentence = title(chapter)
        picture = f'<img src="pictures/{chapter.stem}.png" width="280" alt="">'
        rows.append(f"| {picture} | [{name}]({chapter.name})<br>{sentence} ({labels}) |")
    return "\n".join([HEAD, *rows, ""])


def shrink(figure: Path, picture: Path) -> None:
    """A small copy of a figure with few colours."""
    from PIL import Image

    image = Image.open(figure).convert("RGB")
    size = WIDTH, round(image.height * WIDTH / image.width)
    small = image.resize(size, Image.Resampling.LANCZOS)
    # an octree keeps the colours of thin lines
    small.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(picture, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        PICTURES.mkdir(exist_ok=True)
        for chapter in chapters():
            figure = Path(sys.argv[1], f"{chapter.stem}.png")
            if figure.is_file():
                shrink(figure, PICTURES / figure.name)
    (DEMOS / "README.md").write_text(page(), encoding="utf-8")
