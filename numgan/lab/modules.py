"""The page of page/ as text for a document that no server serves.

A part is (name, pieces): pieces[0], pieces[2], … are text as it is; pieces[1], pieces[3], … are
names of other parts, in whose place their addresses stand. A part comes after those that it names,
so that who makes them one after the other knows every address in time. The last is the document.
"""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from importlib.resources import files

IMPORT = re.compile(r'(?<=from ")\./([\w-]+\.js)(?=";)')
SCRIPT = re.compile(r'(?<=src=")([\w-]+\.js)(?=")')
STYLE = '<link rel="stylesheet" href="style.css">'
# a document from srcdoc takes the addresses of its parent, and #board would lead there
BASE = '<base href="about:srcdoc">'

Part = tuple[str, list[str]]


def parts() -> list[Part]:
    """Every module of the page, and the document with its style. Raises CycleError, a ValueError,
    where two modules import each other: neither could have its address first."""
    texts = {
        entry.name: entry.read_text("utf-8")
        for entry in files("numgan.lab").joinpath("page").iterdir()
    }
    pieces = {name: IMPORT.split(text) for name, text in texts.items() if name.endswith(".js")}
    style = f"<style>\n{texts['style.css']}</style>"
    document = texts["index.html"].replace("<head>", f"<head>\n{BASE}").replace(STYLE, style)
    pieces["index.html"] = SCRIPT.split(document)
    order = TopologicalSorter({name: split[1::2] for name, split in pieces.items()})
    return [(name, pieces[name]) for name in order.static_order()]
