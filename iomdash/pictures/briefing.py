"""What a board should know before the findings: four figures, and what to discuss.

Nothing is said that a test, a verdict or an agency's count does not carry.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.findings import FINDINGS, Finding
from iomdash.declared.groups import Group
from iomdash.declared.scheme import PATHWAYS
from iomdash.declared.verdicts import Sureness, Verdict, worst
from iomdash.pictures.agencies import largest_drop, need
from iomdash.pictures.agency_figures import absent, counts, figure
from iomdash.pictures.wording import headline, listed, of, standing
from iomdash.release.cells import ClaimCell
from iomdash.release.reader import Release

CHANGED = "Clear change."
MOST_NAMED, MOST_POINTS, MOST_CHANGED = 4, 4, 2
# As a finding brings its question, agencies' figures do.
ASK_OF_LOST = "What keeps people from that step, and who could open it?"
ASK_OF_LEFT = "What is six months clear held against before somebody leaves?"
NO_TEST = "changes are tested for the whole of a later wave only"
DESELECTED = ("deselected", "deselected_clear")

Cells = Mapping[str, Sequence[ClaimCell]]


@dataclass(frozen=True)
class Tile:
    """A figure, what it counts, and more words; `kind` is how its card is marked."""

    kind: str
    figure: str
    what: str
    words: str


@dataclass(frozen=True)
class Point:
    """Something to discuss: what holds, on which page it stands, and what the board may ask."""

    address: str
    what: str
    words: str
    ask: str = ""


def tiles(
    release: Release, group: Group, people: AgencyGroup, cells: Cells
) -> tuple[Tile, Tile, Tile, Tile]:
    """What changed, what does not hold any more, what agencies say of leaving, what is open."""
    return _change(release, group), _fallen(cells), _deselected(release, people), _untold(cells)


def changed(release: Release, group: Group) -> list[Finding]:
    """Findings that differ, beyond chance, from the wave that they were made from."""
    if group.filtered:
        return []
    return [finding for finding in FINDINGS if release.shifted(group.wave, finding)]


def _change(release: Release, group: Group) -> Tile:
    tested = [f for f in FINDINGS if release.shifted(group.wave, f) is not None]
    if group.filtered or not tested:
        return Tile("change", "–", "not tested for change", f"{NO_TEST}; {_since(release)}")
    those = changed(release, group)
    first = listed(sorted({f.origin.wave for f in tested}))
    names = listed([f"{f.title.lower()} ({f.id})" for f in those[:MOST_NAMED]])
    what = f"clear change{'' if len(those) == 1 else 's'} since {first}"
    words = f"{f'{names}; ' if names else ''}of {len(tested)} tested, {_since(release)}"
    return Tile("change", f"{len(those)}", what, words)


def _since(release: Release) -> str:
    """How many findings read differently in the release before this one."""
    before = release.manifest["previous"]
    if before is None:
        return "and no earlier release"
    rows = release.rows("select distinct finding from changes order by finding")
    names = f": {listed([str(row['finding']) for row in rows])}" if rows else ""
    return f"{len(rows) or 'none'} reading differently since release {before}{names}"


def _fallen(cells: Cells) -> Tile:
    against, weaker = (_standing(verdict, cells) for verdict in (Verdict.AGAINST, Verdict.WEAKER))
    parts = [
        f"{word}: {listed([f.id for f in those])}"
        for word, those in (("against it", against), ("weaker", weaker)) if those
    ]  # fmt: skip
    what = f"of {len(FINDINGS)} no longer as the claim said"
    words = "; ".join(parts) or "what can be told stands as claimed, or stronger"
    return Tile("fallen", f"{len(against) + len(weaker)}", what, words)


def _standing(verdict: Verdict, cells: Cells) -> list[Finding]:
    return [f for f in FINDINGS if worst(c.verdict for c in cells[f.id]) is verdict]


def _deselected(release: Release, people: AgencyGroup) -> Tile:
    what = "left as six months clear"
    if why := absent(release, "deselection", people):
        return Tile("recorded", "–", what, f"agencies' records: {why}")
    left, agree = counts(release, "deselection", people, DESELECTED).values()
    if left[0] is None:
        return Tile("recorded", "▨", what, f"agencies' records: {left[1]}")
    return Tile("recorded", figure(*left), what, f"the records agree for {figure(*agree)}")


def _untold(cells: Cells) -> Tile:
    every = [cell for those in cells.values() for cell in those]
    untold = Counter(cell.untold or "" for cell in every if cell.verdict is Verdict.UNTOLD)
    chance = sum(cell.sure is Sureness.COULD_BE_CHANCE for cell in every)
    reasons = [f"{n}: {why}" for why, n in untold.most_common()]
    words = "; ".join([*reasons, f"{chance} more could be chance"])
    return Tile("open", f"{untold.total()}", f"of {len(every)} claims cannot be told", words)


def to_discuss(
    release: Release, group: Group, people: AgencyGroup, cells: Cells
) -> Sequence[Point]:
    """At most four points: what changed or stands against its claim, then what agencies record."""
    moved = [*changed(release, group), *_standing(Verdict.AGAINST, cells)]
    said = [_said(f, cells, release, group) for f in dict.fromkeys(moved)][:MOST_CHANGED]
    return [*said, *_lost(release, people), *_left(release, people)][:MOST_POINTS]


def _said(finding: Finding, cells: Cells, release: Release, group: Group) -> Point:
    """The claim that moved, or that stands against what was said, with its figures."""
    those = cells[finding.id]
    first = min(those, key=lambda cell: list(Verdict).index(cell.verdict))
    since = ""
    if finding in changed(release, group):
        first = those[0]
        then = release.claims(Group(finding.origin.wave), finding)[0]
        since = f", in {then.wave} {standing(then)}: a clear change"
    words = f"Claimed: {first.statement.lower()}. Said so: {standing(first)}{since}."
    return Point(finding.id, f"{headline(first)}.", words, finding.ask)


def _lost(release: Release, people: AgencyGroup) -> list[Point]:
    """On which pathway most are lost between two steps."""
    if absent(release, "pathways", people):
        return []
    names = {pathway.id: pathway.name for pathway in PATHWAYS}
    drops = {names[path]: largest_drop(figures) for path, figures in need(release, people).items()}
    known = {name: drop for name, drop in drops.items() if drop and drop[0] > 0}
    if not known:
        return []
    most = max(known, key=lambda name: known[name])
    words = "The largest loss of any pathway."
    return [Point("pathways", f"{most}: {known[most][1]}.", words, ASK_OF_LOST)]


def _left(release: Release, people: AgencyGroup) -> list[Point]:
    """Who left as six months clear, where the records agree for fewer."""
    if absent(release, "deselection", people):
        return []
    left, agree = (n for n, _ in counts(release, "deselection", people, DESELECTED).values())
    if left is None or agree is None or agree >= left:
        return []
    words = f"Records of offences and custody agree for {of(agree, left)} who left so."
    return [
        Point("outcomes", f"De-selection: {left:,} left as six months clear.", words, ASK_OF_LEFT)
    ]
