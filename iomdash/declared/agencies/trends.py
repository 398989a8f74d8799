"""What is followed quarter by quarter: one chart each, of counts or of a share."""

from collections.abc import Mapping
from dataclasses import dataclass

from iomdash.declared.agencies.measure import WHOLE, Place
from iomdash.declared.groups import EVERYONE


@dataclass(frozen=True)
class Trend:
    """A chart over quarters: `lines` of counts by their names, or the share that a measure tells.

    `measure` is whose feeds have to be there; `unit` names what is counted, or whose share it is.
    """

    id: str
    title: str
    measure: str
    unit: str
    lines: Mapping[str, Place]

    @property
    def is_share(self) -> bool:
        """Whether it is a share of a whole, with an interval, and no count."""
        return not self.lines


TRENDS: tuple[Trend, ...] = (
    Trend(
        "caseload", "People in at the end of the quarter", WHOLE, "people",
        {"People": Place(WHOLE, "in", (("reason", EVERYONE),))},
    ),
    Trend(
        "moves", "Joined and left", WHOLE, "people",
        {
            "Joined": Place(WHOLE, "joined", (("reason", EVERYONE),)),
            "Left": Place(WHOLE, "left", (("reason", EVERYONE),)),
        },
    ),
    Trend("attendance", "Appointments kept", "attendance", "appointments due", {}),
    Trend("lately", "People with an offence in the quarter", "lately", "people at its end", {}),
    Trend(
        "domestic", "Domestic incidents", "domestic", "incidents",
        {"Incidents": Place("domestic", "incidents", (("risk", EVERYONE),))},
    ),
)  # fmt: skip
BY_ID: Mapping[str, Trend] = {trend.id: trend for trend in TRENDS}
