"""What a measure of agencies' records is: one cube, declared in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

MOJ = "Ministry of Justice, Guide to proven reoffending statistics"
SCHEME = "Terms of Reference of the scheme"
POLICE = ("adoptions", "custody_spells", "offences", "arrests")
WHOLE = "caseload"
MONTH = "month"
REGRESSION = (
    "People join a cohort when their offending is at its highest. It would fall afterwards in "
    "many of them without the scheme (regression to the mean), so the fall is not its effect."
)

Population = Literal["in", "present", "joined", "indexed"]
"""In the cohort at the end of a quarter, on any day of it, joined in it, or indexed in it."""


class Place(NamedTuple):
    """Where a figure stands: a measure, a `what` and values of the measure's own dimensions."""

    measure: str
    what: str
    own: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Measure:
    """One cube: its definition in words, where that comes from, and the tables that it reads.

    `whats` maps each value of `what` to the words for it; those in `at_end` are told at the end of
    a quarter, so they are not added over quarters. Where it `adds_up`, everybody in the caseload
    then has one of them, hardly anybody two. Dimensions told `one_at_a_time` are `All` where
    another is told, and all are in the total. `warning` stands beside the figure. One that is not
    `shown` serves the interval of another and has no page. A `what` that is `weighed` adds up
    weights and is no count.

    `of` are the people among whom it counts. A quarter is told `matures` months after its end, when
    what is followed can be known. What is the `same` fact as another measure's is told there alone.
    Whoever has a `what` has the one that it is `within`. `unpublished` whats serve the counts only.
    What is the kind of a spell on the last day of a quarter is `recorded_in` a table of spells.
    What is counted `once`, of people on the day of an extract, no later one counts again.
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
    one_at_a_time: bool = False
    warning: str = ""
    shown: bool = True
    weighed: tuple[str, ...] = ()
    of: Population = "present"
    matures: int = 0
    same: Mapping[str, Place] = field(default_factory=dict[str, Place])
    within: Mapping[str, str] = field(default_factory=dict[str, str])
    unpublished: tuple[str, ...] = ()
    recorded_in: str = ""
    once: bool = False

    @property
    def cuts(self) -> tuple[tuple[str, ...], ...]:
        """The dimensions of each table that it is told by, the plainest first."""
        if not self.one_at_a_time:
            return (self.dimensions,)
        return ((), *((name,) for name in self.dimensions))
