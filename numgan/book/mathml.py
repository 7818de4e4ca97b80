"""Render: LaTeX as MathML, which browsers draw by themselves, without a script and without a font
of ours.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import cache

from latex2mathml.converter import convert

from numgan.errors import InputError

# What latex2mathml says, and what is meant: its identifiers that are operators, with their space
# left and right.
OPERATORS = {
    "~": ("∼", "0.25em"),
    "‖": ("‖", "0.2em"),
    "±": ("±", None),
    "⟶": ("⟶", "0.28em"),
    "⟺": ("⟺", "0.5em"),
    "⟨": ("⟨", "0"),
    "⟩": ("⟩", "0"),
    "{": ("{", "0"),
    "}": ("}", "0"),
}
THIN = "0.167em"
ROWS = ("mrow", "math", "msqrt", "mtd", "mstyle")
CLOSING = (")", "]", "}", "⟩", "|", "‖", ".")
OWN = {"form", "lspace"}  # a bar with one of these has been told its place
RELATIONS = ("=", "∼", "→", "≤", "≥", "<", ">", "+", "−", "∈")


@cache
def mathml(latex: str, display: bool) -> str:
    """A formula as a <math> element."""
    latex = re.sub(
        r"\\arg(?![A-Za-z])", r"\\mathrm{arg}", latex
    )  # the one command in use that it does not know
    latex = re.sub(r"\\[bB]ig(?=[(\[])", r"\\left", re.sub(r"\\[bB]ig(?=[)\]])", r"\\right", latex))
    latex = latex.replace("{aligned}", "{align*}")
    try:
        root = ET.fromstring(convert(latex, display="block" if display else "inline"))
    except (
        Exception
    ) as error:  # latex2mathml has an exception for each mistake, and no name for all of them
        raise InputError(f"cannot draw the formula {latex!r}: {type(error).__name__}") from None
    if "\\" in "".join(root.itertext()):
        raise InputError(
            f"cannot draw the formula {latex!r}: it has a command that latex2mathml does not know"
        )
    elements = list(root.iter())
    for repair in (plain, words, accents, operators, spaces, signs, bars, scripts, rows):
        for element in elements:
            repair(element)
    if root.get("display") == "inline":  # as it is without a word
        del root.attrib["display"]
    return ET.tostring(root, encoding="unicode")


def plain(element: ET.Element) -> None:
    """HTML knows the element by its name alone."""
    element.tag = element.tag.rpartition("}")[2]


def words(element: ET.Element) -> None:
    r"""`\mathrm{KL}` is one upright name, not K times L."""
    letters = list(element)
    if (
        element.tag == "mrow"
        and letters
        and all(each.get("mathvariant") == "normal" for each in letters)
    ):
        name = "".join(each.text or "" for each in letters)
        element[:], element.tag, element.text = [], "mi", name
        element.attrib = {} if len(name) > 1 else {"mathvariant": "normal"}


def operators(element: ET.Element) -> None:
    """Relations and brackets get their spaces, and a raised star its place in the middle."""
    if element.tag == "mi" and element.text in OPERATORS:
        element.tag, (element.text, space) = "mo", OPERATORS[element.text]
        element.attrib = {"stretchy": "false"} | (
            {"lspace": space, "rspace": space} if space else {}
        )
    elif element.tag == "mo" and element.text == "∞":
        element.tag = "mi"
    elif element.tag == "mo" and element.text in (".", "*"):
        element.text = {".": ".", "*": "∗"}[element.text]
        element.attrib |= {"lspace": "0", "rspace": "0"}
    elif element.tag == "mi" and element.text in ("′", "″", "‴"):
        element.tag, element.attrib = "mo", {"lspace": "0", "rspace": "0"}
    elif element.tag == "mo" and element.text in ("∫", "∬"):
        element.set("rspace", "0.12em")
    elif element.tag == "mo" and element.text == "/":
        element.attrib |= {"lspace": "0.05em", "rspace": "0.05em"}
    elif element.tag == "mo" and (element.text or "").isalpha():  # max, min, sup
        element.attrib |= {"lspace": "0", "rspace": THIN}


def accents(element: ET.Element) -> None:
    """A hat, a tilde or a bar belongs to its letter and is no wider."""
    if element.tag == "mover" and len(element) == 2 and element[1].text in ("^", "~", "¯"):
        element.set("accent", "true")
        element[1].text = {"^": "\u02c6", "~": "\u02dc", "¯": "\u00af"}[element[1].text or ""]
        element[1].attrib = {"stretchy": "false"}


def spaces(element: ET.Element) -> None:
    """log p and 2 log p: a function's name keeps a thin space from what it touches, but not from
    its bracket.
    """
    if element.tag not in ROWS:
        return
    children, found = list(element), []
    for n, child in enumerate(children):
        name = child.tag == "mi" and len(child.text or "") > 1
        before = children[n - 1] if n else None
        after = children[n + 1] if n + 1 < len(children) else None
        if (
            name
            and before is not None
            and (before.tag not in ("mo", "mspace") or before.text in CLOSING)
        ):
            found.append(ET.Element("mspace", width=THIN))
        found.append(child)
        if name and after is not None and after.tag not in ("mo", "mspace") and not is_name(after):
            found.append(ET.Element("mspace", width=THIN))
    element[:] = found


def signs(element: ET.Element) -> None:
    """A minus after a relation or a bracket that opens is a sign, and stands close to what it
    negates.
    """
    for before, child in zip([None, *element], element, strict=False):
        first = (
            before is None
            or before.tag == "mspace"
            or (before.tag == "mo" and before.text not in CLOSING)
        )
        if element.tag in ROWS and child.tag == "mo" and child.text in ("−", "+", "±") and first:
            child.set("form", "prefix")


def bars(element: ET.Element) -> None:
    """|x| and ‖x‖: of two bars in a row the first opens and the second closes.

    A single bar, as in KL(P‖Q), stands between.
    """
    for kind in ("|", "‖") if element.tag in ROWS else ():
        row = [child[0] if child.tag in ("msub", "msup", "msubsup") else child for child in element]
        places = [
            n
            for n, bar in enumerate(row)
            if bar.tag == "mo" and bar.text == kind and not OWN & set(bar.attrib)
        ]
        opens = places and (
            kind == "|" or places[0] == 0 or row[places[0] - 1].tag in ("mo", "mspace")
        )
        paired = opens and len(places) % 2 == 0
        for count, n in enumerate(places):
            row[n].set("stretchy", "false")
            if paired:
                row[n].attrib |= {
                    "form": ("prefix", "postfix")[count % 2],
                    "lspace": "0",
                    "rspace": "0",
                }
            elif kind == "‖":
                row[n].attrib |= {"lspace": "0.2em", "rspace": "0.2em"}


def scripts(element: ET.Element) -> None:
    """In a subscript or a superscript nothing is spaced."""
    if element.tag in ("msub", "msup", "msubsup", "munder", "mover", "munderover"):
        for operator in (each for script in list(element)[1:] for each in script.iter("mo")):
            operator.attrib |= (
                {"lspace": "0.06em", "rspace": "0.06em"} if operator.text in RELATIONS else {}
            )


def rows(element: ET.Element) -> None:
    """A row of one element is that element."""
    for n, child in enumerate(element):
        while child.tag == "mrow" and len(child) == 1 and not child.attrib:
            child = element[n] = child[0]


def is_name(element: ET.Element) -> bool:
    """The next name brings its own space."""
    return element.tag == "mi" and len(element.text or "") > 1
