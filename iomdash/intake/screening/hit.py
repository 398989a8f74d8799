"""One thing that screening found."""

from typing import NamedTuple


class Hit(NamedTuple):
    """Characters of a text from `start` up to, not with, `end`, and what they look like."""

    start: int
    end: int
    kind: str

    def __str__(self) -> str:
        return f"{self.kind} (characters {self.start + 1} to {self.end})"
