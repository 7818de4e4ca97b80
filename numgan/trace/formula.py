r"""A formula of the trace as mathematics: from Unicode text to LaTeX, and to MathML as in the book.

    g/(√v̂ + ε)     ↦     g/(\sqrt{\hat{v}}+\varepsilon)

MathML needs latex2mathml, from the extra `book`. Without it, a page shows the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec

from numgan.trace.stage import Named

ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}
# fmt: off
SIGNS = {
    "−": "-", "·": r"\cdot ", "Σ": r"\sum ", "∂": r"\partial ", "∇": r"\nabla ", "⊙": r"\odot ",
    "‖": r"\Vert ", "~": r"\sim ", "…": r"\ldots ", "←": r"\leftarrow ", "½": r"\frac{1}{2}",
    "¼": r"\frac{1}{4}", "{": r"\lbrace ", "}": r"\rbrace ", "′": "'", "*": r"\ast ",
    "φ": r"\varphi ", "ε": r"\varepsilon ", "≤": r"\le ", "%": r"\%",
}
# fmt: on
FUNCTIONS = {"log", "exp", "min", "max", "tanh"}
NAMES = {"mean", "conv", "std", "GP"}  # upright, as \mathrm{KL} of the derivation
GRADIENT = re.compile(r"d[A-Za-z]")  # dW: the letters d and W side by side
ATOM = re.compile(
    r"(?P<label>(?<!\w)[EL]\d+)"
    r"|(?P<word>[A-Za-z]{2,}(?![\u0300-\u036f])|[\u2e80-\u9fff\uff00-\uffef]+)"
    r"|(?P<letter>\w[\u0300-\u036f]?)"
    r"|(?P<gap> {2,})"
    r"|(?P<sign>.)",
    re.DOTALL,
)
LOW = re.compile(r"_(\{[^}]*\}|\w+)")
ARRAYS = 0xE000  # private characters stand for arrays' names, which are replaced by links


def available() -> bool:
    """True if formulas can be set: latex2mathml is installed with the extra `book`."""
    return find_spec("latex2mathml") is not None


def latex(formula: str) -> str:
    """The formula in LaTeX. Words become text; √ takes the letter that follows, with its accent."""
    text = unicodedata.normalize("NFD", formula)
    joined = "".join(pieces(text)).replace(r" }\text{ ", " ").replace(r" } \text{ ", " ")
    return re.sub(r" +", " ", joined).strip()


def pieces(text: str):
    """The LaTeX of each atom."""
    at = 0
    while at < len(text):
        if (low := LOW.match(text, at)) and at:
            inside = low[1].strip("{}")
            yield f"_{{{upright(inside) if len(inside) > 1 and inside.isalpha() else inside}}}"
            at = low.end()
            continue
        script = scripted(text, at)
        if script is not None:
            shown, at = script
            yield shown
            continue
        if text[at] == "√":
            atom = ATOM.match(text, at + 1)
            assert atom is not None
            yield rf"\sqrt{{{one(atom)}}}"
        else:
            atom = ATOM.match(text, at)
            assert atom is not None
            yield one(atom)
        at = atom.end()


def scripted(text: str, at: int) -> tuple[str, int] | None:
    """A run of superscript or subscript characters from `at`, and its end: ᵀ, ¹, ᵢ."""
    for kind, mark in (("<super>", "^"), ("<sub>", "_")):
        end = at
        while end < len(text) and unicodedata.decomposition(text[end]).startswith(kind):
            end += 1
        if end > at:
            return f"{mark}{{{unicodedata.normalize('NFKD', text[at:end])}}}", end
    return None


def one(atom: re.Match) -> str:
    """LaTeX for a label, a word, a letter with its accent, a gap, or a sign."""
    if atom["label"]:
        return upright(atom["label"])
    if word := atom["word"]:
        return of_word(word)
    if letter := atom["letter"]:
        base = SIGNS.get(letter[0]) or greek(letter[0])
        return rf"\{ACCENTS[letter[1]]}{{{base.strip()}}}" if len(letter) > 1 else base
    return r"\quad " if atom["gap"] else SIGNS.get(atom["sign"], atom["sign"])


def of_word(word: str) -> str:
    """A function, a name, a gradient dW, or text."""
    name = word.strip()
    if name in FUNCTIONS:
        return rf"\{name} "
    if name in NAMES:
        return upright(name)
    return f"{name} " if GRADIENT.fullmatch(name) else rf"\text{{ {name} }}"


def upright(name: str) -> str:
    """A name of several letters, set upright."""
    return rf"\mathrm{{{name}}}"


def greek(letter: str) -> str:
    r"""θ as \theta; any other letter unchanged."""
    name = unicodedata.name(letter, "")
    if not name.startswith("GREEK"):
        return letter
    last = name.split()[-1].lower().replace("lamda", "lambda")
    return f"\\{last.capitalize() if 'CAPITAL' in name else last} "


def mathml(formula: str, arrays: Sequence[Named]) -> str:
    """A <math> element, in which the names of the arrays react to the pointer.

    Needs latex2mathml: see `available`.
    """
    from numgan.book.mathml import mathml as drawn

    marked = ""
    found: list[Named] = []
    for text, array in split(formula, arrays):
        if array is None:
            marked += text
        else:
            marked += chr(ARRAYS + len(found))
            found.append(array)
    result = drawn(latex(marked), False)
    for n, array in enumerate(found):
        result = result.replace(f"<mi>{chr(ARRAYS + n)}</mi>", of_array(array, drawn))
    return result


def of_array(array: Named, drawn) -> str:
    """The name of an array in a formula, for the pointer only: the Tab key goes to the array
    itself, and screen readers read a formula without buttons.
    """
    inside = re.sub(r"^<math[^>]*>|</math>$", "", drawn(latex(array.name), False))
    return f'<mrow class="sym" data-a="{array.key}">{inside}</mrow>'


def split(formula: str, arrays: Sequence[Named]):
    """The formula in pieces: (text, the array that it names or None).

    A name ends where no letter, prime or accent follows, so x is not found in x̂ or in dx; xᵀ is x.
    Before the arrow of θ_d ← θ_d + …, the name is that of the new θ_d.
    """
    by_name = {array.name: array for array in arrays}
    names = "|".join(map(re.escape, sorted(by_name, key=len, reverse=True))) or "(?!)"
    name = rf"(?<![A-Za-z0-9_])({names})(?![A-Za-z0-9_'′\u0300-\u036f])"
    moved = {array.name.split()[-1]: array for array in arrays if array.key.endswith("-new")}
    arrow = formula.find("←")
    at = 0
    for n, text in enumerate(re.split(name, formula)):
        array = by_name[text] if n % 2 else None
        if array is not None and at < arrow:
            array = moved.get(text, array)
        at += len(text)
        yield text, array
