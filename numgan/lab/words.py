"""A label's paragraph of the derivation, in both languages, and the lines behind one sample."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from numgan.errors import InputError
from numgan.game import Game
from numgan.lab.observe import Observer, View
from numgan.lab.protocol import number
from numgan.lab.stages import LINES, STAGES, line

FILES = {"en": "derivation.md", "zh": "derivation.zh.md"}
HEAD = re.compile(r"^\*\*([EL]\d+)\s*[(（](.+?)[)）][.。]\*\*\s*", re.MULTILINE)
STOP = re.compile(r"^(?:\*\*[EL]\d+\s*[(（]|## |`code: )", re.MULTILINE)


@lru_cache(maxsize=2)
def paragraphs(language: str) -> dict[str, tuple[str, str]]:
    """The title and the text (Markdown, LaTeX between $) of every label."""
    document = files("numgan.study").joinpath(FILES[language]).read_text(encoding="utf-8")
    found = {}
    for head in HEAD.finditer(document):
        stop = STOP.search(document, head.end())
        found[head[1]] = (head[2], document[head.end() : stop.start() if stop else None].strip())
    return found


def paragraph(label: str, language: str) -> dict[str, Any]:
    """The message of a label. Raises InputError for one that the derivation does not have."""
    found = paragraphs(language).get(label)
    if found is None:
        raise InputError(f"the derivation has no {label[:12]!r}: expected a label such as E35")
    title, text = found
    return {"kind": "label", "label": label, "title": title, "text": text, "language": language}


def lines() -> list[dict[str, Any]]:
    """The lines that a sample and its arrow come from: G(z), the logit, its gradient, back to x."""
    steps = [LINES["g", stage] for stage in STAGES[:3]]
    first = line(Game.generator_step, "E11", "x̃ = G(z)", "samples, tape_g")
    return [first, *(line(*step) for step in steps)]


def picked(
    observer: Observer, view: View, sample: int | None, z: list[float] | None
) -> dict[str, Any]:
    """The message of one sample: of a number of the frame's latents, or of a z. Raises InputError
    for a z of another length."""
    if z is not None and len(z) != observer.latent:
        raise InputError(f"z has {observer.latent} numbers in this game, got {len(z)}")
    places = np.array([z]) if z is not None else observer.latents((sample or 0) + 1)[-1:]
    with np.errstate(all="ignore"):
        x, D, g = observer.arrows(view, places.astype(observer.dtype))
        a = observer.D(view.training.theta_d, x)
        arrow = observer.scaled(g, again=True)[0][0] if observer.extent else []
    return {
        "kind": "sample",
        "index": sample,
        "iteration": view.iteration,
        "z": places[0].tolist(),
        "x": [number(v) for v in observer.data.original(x)[0]],
        "a": number(a[0, 0]),
        "D": number(D[0]),
        "gradient": [number(v) for v in g[0]],
        "arrow": [number(v) for v in arrow],
        "lines": lines(),
    }
