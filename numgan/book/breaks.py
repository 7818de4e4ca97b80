"""Render: where a wide formula may go on in the next line.

Browsers do not break a <math> element. So a formula is several elements, one after the other: it
may break before a relation, and where the text leaves a wide space.
"""

from __future__ import annotations

import re

TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|.", re.DOTALL)
GAPS = {r"\quad", r"\qquad"}
RELATIONS = {"=", "<", ">", r"\le", r"\ge", r"\ne", r"\approx", r"\leftarrow", r"\rightarrow"}
RELATIONS |= {r"\to", r"\longrightarrow", r"\Longleftrightarrow", r"\propto", r"\mapsto"}
OPEN = {"{", "(", "[", r"\lbrace", r"\langle", r"\left", r"\begin"}
CLOSE = {"}", ")", "]", r"\rbrace", r"\rangle", r"\right", r"\end"}
BARS = {"|", r"\Vert"}  # of two the first opens


def pieces(latex: str) -> list[tuple[str, bool]]:
    """The formula in pieces; True for one that a wide space stands before.

    No piece begins or ends within brackets, bars or an environment.
    """
    found, piece, wide = [], "", False
    depth, bars, before = 0, dict.fromkeys(BARS, 0), ""
    for token in TOKEN.findall(latex):
        if before not in (r"\left", r"\right"):  # the bracket after these is theirs
            depth += (token in OPEN) - (token in CLOSE)
            if token in BARS:
                bars[token] += 1
        outside = depth == 0 and not any(count % 2 for count in bars.values())
        if outside and (token in GAPS or token in RELATIONS and before != r"\not"):
            if piece.strip():
                found.append((piece.strip(), wide))
                piece, wide = "", token in GAPS
            piece += "" if token in GAPS else token
        else:
            piece += token
        before = token if token.strip() else before
    return [*found, (piece.strip(), wide)] if piece.strip() else found
