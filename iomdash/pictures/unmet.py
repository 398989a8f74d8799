"""Needs that meet no help, pathway by pathway: not referred, not started, and how long it took."""

from dataclasses import dataclass

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import Group
from iomdash.declared.scheme import PATHWAYS, Pathway
from iomdash.pictures.agency_figures import Counts, counts, figure
from iomdash.pictures.wording import of
from iomdash.release.cells import CodeCell
from iomdash.release.file import Row
from iomdash.release.reader import Release

STEPS = ("need", "referred", "started")
WEEKS = (2, 4, 8, 16)
LONGEST = WEEKS[-1]


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
    said, waits = release.codes(group), release.waits(people)
    return [
        {
            "Pathway": item.pathway.name,
            "In need": figure(*item.figures["need"]),
            "Not referred": _lost(item.not_referred, item.figures["referred"][1]),
            "Referred, not started": _lost(item.not_started, item.figures["started"][1]),
            "Weeks to referral": wait(waits.get((item.pathway.id, "referred"))),
            "Weeks to start": wait(waits.get((item.pathway.id, "started"))),
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


def wait(row: Row | None) -> str:
    """Between how many weeks the median wait lies, in words; what is known of it may be little."""
    if row is None:
        return "▨ too few"
    may, have = row["from_weeks"], row["to_weeks"]
    if may is None:
        return f"over {LONGEST}"
    shorter = max((week for week in WEEKS if week < may), default=0)
    if have is None:
        return f"over {shorter}" if shorter else "cannot be told"
    return f"{shorter} to {have}" if shorter else f"up to {have}"


def _helped(cell: CodeCell | None) -> str:
    if cell is None or cell.n is None:
        return f"▨ {cell.hidden}" if cell else "▨ not shown"
    return cell.band or (of(cell.yes, cell.n) if cell.yes is not None else f"▨ {cell.hidden}")


WAITS = (
    "Weeks until half of those who were referred had been, since the assessment, and until half of "
    "those who started had, since the referral: between which weeks that lies, with 95 % "
    "confidence, allowing for the noise in the counts; of all periods."
)
