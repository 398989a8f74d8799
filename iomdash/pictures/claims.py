"""One claim as dots: in every cohort, and in every wave, with what a test lets one say of them."""

from collections.abc import Sequence
from dataclasses import replace

from iomdash.declared.codebook import name_of
from iomdash.declared.findings.claims import Claim, Finding
from iomdash.declared.groups import EVERYONE, Group, named
from iomdash.pictures.captions import base, hidden
from iomdash.pictures.dots import Dot, dots
from iomdash.pictures.theme import (
    BAND,
    EVERY,
    GROUP,
    RANGE,
    WITHHELD,
    Figure,
    Picture,
    spread,
)
from iomdash.pictures.wording import listed, of, standing, sure
from iomdash.release.cells import ClaimCell
from iomdash.release.reader import Release

ALIKE = "no clear difference between cohorts"
UNRANKED = "reconstructed, so nothing is ranked"
BANDS = "in bands by cohort"
WHY_BANDS = "Sensitive, so a band stands for the count: nobody and everybody are never certain."


def by_cohort(claim: Claim, finding: Finding, release: Release, group: Group) -> Picture:
    """Share and interval of one claim in every cohort."""
    cells = [
        next(c for c in release.claims(other, finding) if c.code == claim.code)
        for other in release.cohorts(group)
    ]
    items = [_dot(named(c.cohort), c) for c in cells]
    shown = [dot for dot in items if dot.n]
    topic = _topic(claim)
    if not shown and any(dot.band for dot in items):
        subtitle = base(release, group.of_cohort(EVERYONE))
        banded = dots(f"{topic}, {BANDS}", subtitle, items, note=WHY_BANDS)
        return spread(banded, cohort=GROUP)
    if not shown:
        return hidden(
            f"{topic}, by cohort", items[0].hidden if items and items[0].hidden else "no cohort"
        )
    if len(shown) == 1:
        [only] = shown
        told = f"only {only.label} is large enough to show, {of(only.x or 0, only.n or 0)}"
    else:
        told = differing(release, group, finding.id, claim.code, claim.among)
    subtitle = base(release, group.of_cohort(EVERYONE)) + _interval(items)
    return spread(dots(f"{topic}: {told}", subtitle, items), cohort=GROUP)


def as_figure(cell: ClaimCell) -> Figure:
    """A claim as data: who said so of whom, its interval, and its verdict in words."""
    words = ", ".join(filter(None, (cell.verdict.words, sure(cell))))
    own = Figure(cell.statement, low=cell.low, high=cell.high, words=words)
    if cell.band is not None:
        return replace(own, state=BAND, reason=cell.band)
    if cell.hidden is not None:
        return replace(own, state=WITHHELD, reason=cell.hidden)
    if cell.ranged:
        return replace(own, base=cell.n, state=RANGE, reason=standing(cell))
    told = cell.untold or ""
    return replace(own, part="said so", numerator=cell.x, base=cell.n, reason=told)


def differing(release: Release, group: Group, finding: str, code: str, among: str = "") -> str:
    """Which cohorts differ on a code, as far as a test carries that, in words for a title."""
    if release.wave(group.wave).reconstructed:
        return UNRANKED
    test = release.apart(group, finding, code, among)
    if test is None or not test["differs"]:
        return ALIKE
    if test["highest"] is None:
        return "cohorts differ, though no single pair of them stands apart"
    return f"most often in {named(test['highest'])}, least often in {named(test['lowest'])}"


def across_waves(claim: Claim, finding: Finding, release: Release) -> Picture:
    """Share and interval of one claim in every whole wave."""
    cells = [
        next(c for c in release.claims(Group(wave.id), finding) if c.code == claim.code)
        for wave in reversed(release.waves)
    ]
    names = {wave.id: wave.label for wave in release.waves}
    items = [_dot(names[c.wave], c) for c in cells]
    standings = [f"{'not shown' if c.hidden else standing(c)} in {c.wave}" for c in cells]
    title = f"{_topic(claim)}: {listed(standings)}"
    subtitle = f"Whole waves{_interval(items)}; different people each time"
    drawn = dots(title, subtitle, items)
    return spread(drawn, wave=GROUP, cohort=EVERY, provider=EVERY, supervision=EVERY)


def _interval(items: Sequence[Dot]) -> str:
    return ", with 95 % interval" if any(dot.low is not None for dot in items) else ""


def _dot(label: str, cell: ClaimCell) -> Dot:
    """A claim as a dot; a band has none, and its words stand in its place."""
    n = None if cell.x is None and not cell.ranged else cell.n
    ranged = standing(cell) if cell.ranged else ""
    why = cell.hidden or (standing(cell) if n is None and cell.band is None else None)
    return Dot(label, cell.x, n, cell.low, cell.high, why, cell.band, ranged)


def _topic(claim: Claim) -> str:
    """What a claim is of, and among whom where that is not everybody: other figures of the same
    code may be shown where this one is not.
    """
    if claim.code.startswith("recruitment"):
        return "Approached and not interviewed"
    among = f", among those of '{name_of(claim.among).lower()}'" if claim.among else ""
    return f"{name_of(claim.code)}{among}"
