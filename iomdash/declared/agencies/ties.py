"""What adds up to what among agencies' figures of one group and period.

Whoever reads one figure of a tie reads something of the others. Of one measure they follow from its
declaration; those across measures stand here. A test compares all of them with what made-up records
show, so that none is forgotten.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from iomdash.declared.agencies.measure import Measure, Place
from iomdash.declared.agencies.measures import MEASURES, WHOLE

# A dimension of which every value is added up.
EACH = "*"


@dataclass(frozen=True)
class Tie:
    """The sum of `left` equals that of `right`, or is at most that, in every group and period.

    A place without a choice of one of its measure's dimensions is of all of them together.
    """

    left: tuple[Place, ...]
    relation: Literal["=", "<="]
    right: tuple[Place, ...]
    why: str


def _places(measure: str, *whats: str, **own: str) -> tuple[Place, ...]:
    return tuple(Place(measure, what, tuple(own.items())) for what in whats)


_IN = _places(WHOLE, "in")
_PERIODS = ("earlier", "before", "after")

ACROSS: tuple[Tie, ...] = (
    Tie(_places("in_custody", "in_custody", "at_large"), "=", _IN,
        "Everybody in the cohort is in custody or not."),
    Tie(_places("lately", "offended"), "<=", _IN, "They are some of those in the cohort."),
    Tie(_places("benefit", "drawn", "not_drawn", "not_recorded"), "=", _IN,
        "Of everybody in the cohort one of three things is known of a benefit."),
    Tie(_places("time_in_cohort", "left", "still_in"), "=", _places(WHOLE, "joined"),
        "The curve follows everybody who joined, until one thing or the other."),
    Tie(_places("first_reoffence", "events", "custody", "censored"), "=",
        _places("reoffending", "people", "not_mature"),
        "The curve follows everybody who has an index date."),
    *(Tie(_places("harm", "weighed", "unweighed", period=period), "=",
          _places("offending", "offences", period=period),
          "The index weighs an offence or leaves it open.") for period in _PERIODS),
    *(Tie(_places("offending_spread", "adoptions", period=period), "=", _places(WHOLE, "joined"),
          "Each adoption has a year before it and one after it.") for period in _PERIODS[1:]),
    Tie(_places("offending_spread", "adoptions", period="earlier"), "<=", _places(WHOLE, "joined"),
        "The police's records reach back to the year before that of some adoptions."),
    Tie(_places("offending_change", "fewer", "not_fewer", "not_at_large"), "=",
        _places(WHOLE, "joined"), "Everybody who joined offended less often or not."),
    Tie(_places("since_first_offence", "none", "under_1", "under_3", "under_10", "longer"), "=",
        _places(WHOLE, "joined"), "Everybody who joined had offended for some time or not at all."),
    *(Tie(_places("waits", "weeks_16", step=step), "<=", _places("pathways", step),
          "Whoever took a step soon took it.") for step in ("referred", "started")),
    Tie(_places("reoffending", "reoffenders"), "<=", _places("reoffending", "offences"),
        "Whoever re-offended did so at least once."),
)  # fmt: skip


def every() -> tuple[Tie, ...]:
    """The ties of each measure, as it is declared, and those across measures."""
    return (*(tie for measure in MEASURES for tie in _of(measure)), *ACROSS)


def _of(measure: Measure) -> Iterator[Tie]:
    for what, place in measure.same.items():
        yield Tie(_places(measure.id, what), "=", (place,), "The same fact, told there.")
    for part, whole in measure.within.items():
        yield Tie(_places(measure.id, part), "<=", _places(measure.id, whole),
                  "Whoever has the one has the other.")  # fmt: skip
    if measure.adds_up:
        yield Tie(_IN, "<=", _places(measure.id, *measure.whats),
                  "Everybody in the cohort has one, some have two.")  # fmt: skip
    for name in measure.dimensions if measure.one_at_a_time else ():
        for what in (other for other in measure.whats if other not in measure.unpublished):
            yield Tie(_places(measure.id, what), "=", _places(measure.id, what, **{name: EACH}),
                      "The whole is told beside its parts.")  # fmt: skip
