"""Whom the interviews reached, cohort by cohort, and how many more would settle what is open."""

from collections.abc import Mapping, Sequence

from iomdash.declared.groups import Group, named
from iomdash.declared.reasons import Reason
from iomdash.declared.verdicts import Sureness
from iomdash.pictures.bars import Bar, bars
from iomdash.pictures.captions import base, hidden
from iomdash.pictures.heat import HeatCell, heat
from iomdash.pictures.theme import EVERY, PART, Picture, spread
from iomdash.pictures.wording import base_of, listed, of, standing
from iomdash.release.cells import ClaimCell
from iomdash.release.reader import Release

TOPIC = "From approach to interview"
APPROACHED, INTERVIEWED = "Approached", "Interviewed"


def flow(release: Release, group: Group, topic: str = TOPIC) -> Picture:
    """What came of the approaches of a wave, or of one of its cohorts."""
    rows = release.recruitment(Group(group.wave, group.cohort))
    if not rows:
        return hidden(topic, release.words(Reason.COHORT_UNKNOWN))
    n = sum(r["n"] for r in rows)
    wave = release.wave(group.wave)
    # A source that names no such outcome has not said that there was none.
    told = [r for r in rows if r["n"] or not wave.reconstructed]
    silent = [r["outcome"].lower() for r in rows if r not in told]
    items = [Bar(APPROACHED, n, n), *(Bar(r["outcome"], r["n"], n) for r in told)]
    interviewed = next((r["n"] for r in rows if r["outcome"] == INTERVIEWED), None)
    message = (
        "" if interviewed is None else f"{interviewed} of {n} people approached were interviewed"
    )
    subtitle = base(release, Group(group.wave, group.cohort), "People approached")
    note = f"Not reported: {listed(silent)}." if silent else ""
    drawn = bars(topic, subtitle, items, message=message, note=note)
    return spread(drawn, provider=EVERY, supervision=EVERY)


def by_cohort(release: Release, group: Group, topic: str) -> Picture:
    """What came of the approaches of a wave in each cohort; hidden cohorts with their reason."""
    wave = Group(group.wave)
    counted = {other: _counts(release, other) for other in release.cohorts(wave)}
    steps = list(dict.fromkeys(step for counts in counted.values() for step in counts))
    if not steps:
        return hidden(topic, release.words(Reason.COHORT_UNKNOWN))
    cells = [_cell(release, other, step, counted[other]) for step in steps for other in counted]
    title = f"{topic}: {_apart(cells)}"
    subtitle = base(release, wave, "People approached, by cohort")
    drawn = heat(title, subtitle, cells, rows_are="Step")
    return spread(drawn, cohort=PART, provider=EVERY, supervision=EVERY)


def _counts(release: Release, group: Group) -> dict[str, int]:
    """People approached and each outcome, in the release's order; empty where not shown."""
    rows = release.recruitment(group)
    every = {APPROACHED: sum(r["n"] for r in rows)} if rows else {}
    return {**every, **{r["outcome"]: r["n"] for r in rows}}


def _cell(release: Release, group: Group, step: str, counts: Mapping[str, int]) -> HeatCell:
    x, n = counts.get(step), counts.get(APPROACHED)
    why = release.size(group).hidden or release.words(Reason.COHORT_UNKNOWN)
    return HeatCell(step, named(group.cohort), x, n, why if x is None else None)


def _apart(cells: Sequence[HeatCell]) -> str:
    """In which cohorts most and fewest of those approached were interviewed."""
    reached = [
        (cell.x / cell.n, cell.column, of(cell.x, cell.n))
        for cell in cells
        if cell.row == INTERVIEWED and cell.x is not None and cell.n
    ]
    if len(reached) < 2:
        return "too few cohorts to compare"
    most, least = max(reached)[1:], min(reached)[1:]
    return f"most often interviewed in {' ('.join(most)}), least often in {' ('.join(least)})"


def needed(release: Release, group: Group, topic: str) -> Picture:
    """Interviews that would tell, of each claim whose verdict could be chance, that it is not."""
    open_claims = [c for c in release.claims(group) if c.sure is Sureness.COULD_BE_CHANCE]
    if not open_claims:
        return Picture(f"{topic}: no claim is open", "", "", None, [])
    table = [
        {
            "Claim": f"{c.finding} {c.statement}",
            "Now": standing(c),
            "Interviews needed in all": needed_words(c),
        }
        for c in open_claims
    ]
    can = [c.needed for c in open_claims if c.needed]
    title = f"{topic}: {len(open_claims)} are open"
    if can:
        title += f"; {max(can):,} interviews would settle {len(can)} of them"
    subtitle = (
        "Fewest interviews after which the verdict would be beyond chance with a power of 80 %, "
        "if the shares seen so far are the true ones"
    )
    return Picture(title, subtitle, title, None, table)


def needed_words(cell: ClaimCell) -> str:
    """How many interviews, or people of the claim's base, would settle it, or that none would."""
    if cell.needed:
        base = base_of(cell)
        return f"{cell.needed:,}{f' people{base}' if base else ''}"
    managed = cell.population
    people = "1 person is" if managed == 1 else f"{managed or 0:,} people are"
    return f"cannot be settled: {people} managed" if managed else "none would do"
