"""What a page is told first: the words that each option may be, and the lessons."""

from __future__ import annotations

from typing import Any

from numgan import __version__
from numgan.data import DATASETS
from numgan.dynamics.play import GAME_RULES
from numgan.lab.lessons import LESSONS
from numgan.lab.protocol import SHIPPED
from numgan.lab.session import Session
from numgan.layers import ACTIVATIONS
from numgan.objectives import OBJECTIVES
from numgan.optimizers import OPTIMIZERS
from numgan.penalties import PENALTIES


def hello(session: Session) -> dict[str, Any]:
    """The first message."""
    data = {name: DATASETS[name].says for name in SHIPPED} | {"drawn": "points drawn by hand"}
    if session.own is not None:
        data["file"] = "data of your own"
    activations = dict.fromkeys(ACTIVATIONS, "")
    choices = {
        "dataset": data,
        "objective": {name: row.help for name, row in OBJECTIVES.items()},
        "penalty": {name: f"{row.says}, weight {row.weight:g}" for name, row in PENALTIES.items()},
        "rule": {"alternating": "D, and then G against the new D (E31, E32)"}
        | {name: f"{row.says} ({row.label})" for name, row in GAME_RULES.items()},
        "optimizer": dict.fromkeys(OPTIMIZERS, ""),
        "activation": activations,
        "activation_d": activations,
    }
    return {
        "kind": "hello",
        "version": __version__,
        "folder": str(session.folder),
        "lessons": [
            {"number": n, "title": lesson.title, "steps": len(lesson.steps)}
            for n, lesson in enumerate(LESSONS, 1)
        ],
        "choices": {
            name: [{"name": word, "help": says} for word, says in words.items()]
            for name, words in choices.items()
        },
    }
