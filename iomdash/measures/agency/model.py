"""What a measure of agencies' records is: one cube, declared in words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One cube: its definition in words, where that comes from, and the tables that it reads.

    `whats` maps each value of `what` to the words for it; `warning` stands beside the figure. One
    that is not `shown` serves the interval of another and is never published itself.
    """

    id: str
    title: str
    definition: str
    source: str
    reads: tuple[str, ...]
    whats: dict[str, str]
    dimensions: tuple[str, ...] = ()
    warning: str = ""
    shown: bool = True
