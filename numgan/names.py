"""Names as people write them: LeakyReLU and leaky-relu for leaky_relu, wgan for wasserstein; and
what a typo meant.

An alias stands once, in the row of its table (a row's `aliases`) or in the kind of its option.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any


def plain(text: str) -> str:
    """The letters and digits that tell names apart: no case, hyphens, underscores or spaces."""
    return "".join(c for c in text.casefold() if c not in "-_ ")


def spellings(choices: Iterable[str], aliases: Mapping[str, str] | None = None) -> dict[str, str]:
    """{plain spelling: name} for the names, the aliases that their rows have, and further {alias:
    name}.
    """
    rows: Mapping[str, Any] = choices if isinstance(choices, Mapping) else {}
    named = {plain(alias): name for name in rows for alias in getattr(rows[name], "aliases", ())}
    named |= {plain(alias): name for alias, name in (aliases or {}).items()}
    return named | {plain(name): name for name in choices}


def canonical(text: str, choices: Iterable[str], aliases: Mapping[str, str] | None = None) -> str:
    """The name that the text spells; the text itself where it spells none."""
    return spellings(choices, aliases).get(plain(text), text)


def unknown(text: Any, choices: Iterable[str]) -> str:
    """The end of a sentence that refuses a name: what may have been meant, and what there is."""
    hint = guess(text, choices)
    return f"{hint + ' There' if hint else '; there'} are {', '.join(choices)}"


def guess(text: Any, choices: Iterable[str], aliases: Mapping[str, str] | None = None) -> str:
    """`, did you mean NAME?` for the name that is nearest to the text;
    nothing where none is near."""
    known = spellings(choices, aliases)
    near = get_close_matches(plain(text), known, 1) if isinstance(text, str) else []
    return f", did you mean {known[near[0]]}?" if near else ""
