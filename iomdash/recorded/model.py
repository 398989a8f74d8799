"""What a measure of agencies' records is: one cube, declared in words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One cube: its definition in words, where that comes from, and the tables that it reads.

    `whats` maps each value of `what` to the words for it; those in `at_end` are told at the end of
    a quarter, so they are not added over quarters. Where it `adds_up`, everybody in the caseload
    then has one of them, hardly anybody two. `warning` stands beside the figure. One that is
    not `shown` serves the interval of another and is never published itself.
    """

    id: str
    title: str
    definition: str
    source: str
    reads: tuple[str, ...]
    whats: dict[str, str]
    dimensions: tuple[str, ...] = ()
    at_end: tuple[str, ...] = ()
    adds_up: bool = False
    warning: str = ""
    shown: bool = True
