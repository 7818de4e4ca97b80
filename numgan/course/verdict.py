"""What is said of one answer: whether it is right, and if not the cause, as a key of the language
files and the values in its sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STATUS = ("right", "wrong", "broken", "empty")  # broken: there is nothing to compare yet


@dataclass(frozen=True)
class Verdict:
    """Of the answer to one exercise.

    >>> Verdict("entropy", "wrong", "sign", {"what": "H"}).is_right
    False
    """

    exercise: str
    status: str
    cause: str = ""  # a key: of messages.md, or of the exercise's own mistakes as "name.mistake"
    values: dict[str, str] = field(default_factory=dict)
    notes: tuple[tuple[str, dict[str, str]], ...] = ()  # keys with values, of what else was seen
    printed: str = ""  # what the file printed

    @property
    def is_right(self) -> bool:
        return self.status == "right"

    def as_dict(self) -> dict[str, Any]:
        """As plain values, which JSON has."""
        return {**vars(self), "notes": [list(note) for note in self.notes]}

    @classmethod
    def of_dict(cls, values: dict[str, Any]) -> Verdict:
        """The verdict of such values."""
        return cls(**{**values, "notes": tuple((key, said) for key, said in values["notes"])})
