"""Needs that meet no help, pathway by pathway: not referred, not started, and how long it took."""

from dataclasses import dataclass

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import Group
from iomdash.declared.scheme import PATHWAYS, Pathway
from iomdash.pictures.agency_figures import Counts, counts, figure
from iomdash.pictures.wording import of
from iomdash.release.cells import CodeCell
from iomdash.release.reader import Release

STEPS = ("need", "referred", "started")
WEEKS = {"weeks_2": 2, "weeks_4": 4, "weeks_8": 8, "weeks_16": 16}
LONGER = "over 16 weeks"


@dataclass(frozen=True)
class Unmet:
    """People's needs on one pathway that were not referred, or not started; None where hidden."""

    pathway: Pathway
    figures: Counts

    @property
    def not_referred(self) -> int | None:
        """In need and not referred."""
        return self._lost("need", "referred")

    @property
    def not_started(self) -> int | None:
        """Referred and not started."""
        return self._lost("referred", "started")

    @property
    def affected(self) -> int:
        """Needs without a start, as far as they are shown."""
        return (self.not_referred or 0) + (self.not_started or 0)

    def _lost(self, one: str, other: str) -> int | None:
        n, m = self.figures[one][0], self.figures[other][0]
        return None if n is None or m is None else max(n - m, 0)


def unmet(release: Release, people: AgencyGroup) -> list[Unmet]:
    """Every pathway, that on which most needs have no start first."""
    needs = [
        Unmet(pathway, counts(release, "pathways", people, STEPS, pathway=pathway.id))
        for pathway in PATHWAYS
    ]
    return sorted(needs, key=lambda item: -item.affected)


def rows(release: Release, people: AgencyGroup, group: Group) -> list[dict[str, str]]:
    """A line a pathway, the most affected first, with waits, and who says that it helped."""
    said = release.codes(group)
    return [
        {
            "Pathway": item.pathway.name,
            "In need": figure(*item.figures["need"]),
            "Not referred": _lost(item.not_referred, item.figures["referred"][1]),
            "Referred, not started": _lost(item.not_started, item.figures["started"][1]),
            "Half referred": wait(release, people, item, "referred"),
            "Half started": wait(release, people, item, "started"),
            "Interviewees whom it helped": _helped(said.get(f"pathways.{item.pathway.id}.helped")),
        }
        for item in unmet(release, people)
    ]


def message(items: list[Unmet]) -> str:
    """On which pathway most needs have no start, in words; '' where nothing is shown."""
    most = items[0]
    need = most.figures["need"][0]
    if not need or not most.affected:
        return ""
    return (
        f"Most needs without a start: {most.pathway.name.lower()}, "
        f"{of(min(most.affected, need), need)} in need."
    )


def _lost(n: int | None, why: str | None) -> str:
    return figure(n, why or "not shown")


def wait(release: Release, people: AgencyGroup, item: Unmet, step: str) -> str:
    """Within how many weeks half of those who took a step had taken it."""
    of_all = item.figures[step][0]
    told = counts(release, "waits", people, tuple(WEEKS), pathway=item.pathway.id, step=step)
    known = {what: n for what, (n, _) in told.items() if n is not None}
    if not of_all or not known:
        return figure(None, item.figures[step][1] or told["weeks_16"][1])
    # One that is hidden is of few, so less than half of enough people.
    half = next((WEEKS[what] for what in WEEKS if 2 * known.get(what, 0) >= of_all), None)
    return f"within {half} weeks" if half else LONGER


def _helped(cell: CodeCell | None) -> str:
    if cell is None or cell.n is None:
        return f"▨ {cell.hidden}" if cell else "▨ not shown"
    return cell.band or (of(cell.yes, cell.n) if cell.yes is not None else f"▨ {cell.hidden}")


WAITS = (
    f"{BY_ID['waits'].title}: half referred since the assessment, half started since the referral, "
    "of those who were."
)
