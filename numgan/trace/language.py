"""The trace in another language: zh.md has each English text of the trace beside the Chinese one.

The code says everything in English, where it is read. A finished trace is translated as a whole,
text by text; formulas, names and code stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from importlib.resources import files

from numgan.trace.stage import Check, Stage

LANGUAGES = ("en", "zh")
Say = Callable[[str], str]

ROW = re.compile(r"^\| (.+?) \| (.+) \|$", re.MULTILINE)
# ① stands for a text that stays as it is, ❶ for one that is translated itself
HOLE = re.compile("[①-⑨❶-❾]")
NUMBERS = dict(zip("①②③④⑤⑥⑦⑧⑨❶❷❸❹❺❻❼❽❾", [*range(1, 10)] * 2, strict=True))


def speaker(language: str) -> Say:
    """The function that says an English text of the trace in a language.

    >>> speaker("zh")("D step 1 of 2: θ_d ascends Ṽ (E31)")
    'D 的第 1 步，共 2 步：θ_d 沿 Ṽ 上升（E31）'
    >>> speaker("en")("Open all")
    'Open all'
    """
    return chinese if language == "zh" else str


@lru_cache(maxsize=1)
def rows() -> tuple[dict[str, str], list[tuple[re.Pattern, str]]]:
    """The texts of zh.md without holes, and those with holes, as patterns: the longest first."""
    document = files("numgan.trace").joinpath("zh.md").read_text(encoding="utf-8")
    pairs = [
        (english, chinese)
        for english, chinese in ROW.findall(document.replace(r"\|", "\0"))
        if english not in ("English", "---")
    ]
    pairs = [(a.replace("\0", "|"), b.replace("\0", "|")) for a, b in pairs]
    whole = {english: chinese for english, chinese in pairs if not HOLE.search(english)}
    holed = [pair for pair in pairs if pair[0] not in whole]
    return whole, [(pattern(english), chinese) for english, chinese in sorted(holed, key=least)]


def least(pair: tuple[str, str]) -> int:
    """Minus the number of characters around the holes: the most particular row is tried first."""
    return -len(HOLE.sub("", pair[0]))


def pattern(english: str) -> re.Pattern:
    """The pattern of a text with holes; the hole ② or ❷ is the group h2."""
    return re.compile(
        HOLE.sub(lambda hole: f"(?P<h{NUMBERS[hole[0]]}>.+?)", re.escape(english)), re.DOTALL
    )


@lru_cache(maxsize=8192)
def chinese(text: str) -> str:
    """The text in Chinese, or the text itself where zh.md has no row for it."""
    whole, holed = rows()
    if text in whole:
        return whole[text]
    for english, says in holed:
        if found := english.fullmatch(text):
            return HOLE.sub(partial(held, found), says)
    return text


def held(found: re.Match, hole: re.Match) -> str:
    """What a hole holds, in Chinese where it is black."""
    text = found[f"h{NUMBERS[hole[0]]}"]
    return text if hole[0] < "❶" else chinese(text)


def spoken(stages: Sequence[Stage], say: Say) -> list[Stage]:
    """The stages with every text said in a language."""
    return [stage_in(stage, say) for stage in stages]


def stage_in(stage: Stage, say: Say) -> Stage:
    """One stage; what is code stays."""

    def check_in(check: Check) -> Check:
        return replace(check, name=say(check.name), by=say(check.by))

    return replace(
        stage,
        title=say(stage.title),
        part=say(stage.part),
        heading=say(stage.heading),
        lines=tuple(
            line if line.is_code else line._replace(formula=say(line.formula))
            for line in stage.lines
        ),
        arrays=tuple(
            replace(array, name=say(array.name), what=say(array.what)) for array in stage.arrays
        ),
        checks=tuple(map(check_in, stage.checks)),
        says=tuple(map(say, stage.says)),
        sum=stage.sum and (say(stage.sum[0]), check_in(stage.sum[1])),
        table=tuple(tuple(map(say, row)) for row in stage.table),
    )
