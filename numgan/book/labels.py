"""The labels of the derivation, as they are written: E18, dL5, R{dL5}, test_E13_E14_…, and ranges,
E1-E6.
"""

from __future__ import annotations

import re

MENTION = re.compile(
    r"(?<![A-Za-z0-9])(?:R\{d?([EL][1-9]\d?)\}|[dR]?([EL][1-9]\d?))(?![A-Za-z0-9])"
)
RANGE = re.compile(r"(?<![A-Za-z0-9])([EL])([1-9]\d?)\s*(?:-|–|to)\s*\1([1-9]\d?)(?![A-Za-z0-9])")


def labels_in(text: str) -> set[str]:
    """The labels that a text mentions, ranges filled in: "R{dL5}, E1-E3" → L5, E1, E2, E3."""
    single = {inner or outer for inner, outer in MENTION.findall(text)}
    ranges = {
        f"{kind}{n}"
        for kind, first, last in RANGE.findall(text)
        for n in range(int(first), int(last) + 1)
    }
    return single | ranges


def sorted_labels(labels) -> list[str]:
    """E1, E2, …, then L1, L2, …"""
    return sorted(labels, key=lambda label: (label[0], int(label[1:])))
