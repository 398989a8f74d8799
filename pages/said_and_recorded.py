"""A finding on the left, what agencies record of the same cohort on the right, never matched."""

from dataclasses import replace
from html import escape

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.comparisons import COMPARISONS, Comparison
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.findings import find
from iomdash.declared.groups import Group
from iomdash.pictures.agency_figures import blurring, counts, figure, subtitle_of
from iomdash.pictures.claims import as_figure
from iomdash.pictures.theme import Picture, tabled
from iomdash.pictures.wording import headline, period, standing
from iomdash.release.reader import Release
from iomdash.site.filters import OF_BOTH
from iomdash.site.frame import choose, dated
from iomdash.site.parts import FIGURES, key, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import badge, link, quiet

NEVER = (
    "The two sides are about different people and are never matched person to person. They count "
    "different things on different days, so no figure may be taken from another."
)


def figures(release: Release, group: Group, people: AgencyGroup) -> dict[str, Picture]:
    """What stands on either side, by name: the claims, and the counts of each measure."""
    cells = [release.claims(group, find(pair.finding))[0] for pair in COMPARISONS]
    rows = [{"Claim": headline(cell), "Counts": standing(cell)} for cell in cells]
    known = [replace(as_figure(c), group=f"{c.finding} {c.statement}") for c in cells]
    said = replace(tabled("What interviewees say", rows), figures=known)
    recorded = {f"recorded-{i}": _table(p, release, people) for i, p in enumerate(COMPARISONS, 1)}
    return {"said": said, **recorded}


def _table(pair: Comparison, release: Release, people: AgencyGroup) -> Picture:
    measure = BY_ID[pair.measure]
    rows = [
        {measure.title: what, "How many": told} for what, told in _counts(pair, release, people)
    ]
    subtitle = subtitle_of(release, people, pair.measure)
    return tabled(measure.title, rows, subtitle, measure=pair.measure)


def _counts(pair: Comparison, release: Release, people: AgencyGroup) -> list[tuple[str, str]]:
    """What agencies count beside a finding, in words, each with how many."""
    known = counts(release, pair.measure, people, pair.whats, **dict(pair.own))
    return [(BY_ID[pair.measure].whats[what], figure(*known[what])) for what in pair.whats]


def page(sheet: Sheet) -> None:
    """A row for each finding with agencies' figures beside it."""
    release, choice = sheet.release, choose(sheet, OF_BOTH)
    measures = dict.fromkeys(pair.measure for pair in COMPARISONS)
    rows = "".join(_row(pair, release, choice.group, choice.people) for pair in COMPARISONS)
    sheet.html(
        f"<h1>Said and recorded, side by side</h1>{whole_page(sheet)}"
        f'<p class="io-note">{NEVER}</p>{dated(release, *measures)}'
        f'{FIGURES}<div class="io-pairs">{rows}</div>{quiet(blurring(release))}{key()}'
    )


def _row(pair: Comparison, release: Release, group: Group, people: AgencyGroup) -> str:
    return (
        f"<section><div>{_said(pair, release, group)}</div>"
        f"<div>{_recorded(pair, release, people)}</div></section>"
    )


def _said(pair: Comparison, release: Release, group: Group) -> str:
    """The finding's sentence, verdict, base, period and caveat, as HTML."""
    finding = find(pair.finding)
    cell = release.claims(group, finding)[0]
    wave = release.wave(group.wave)
    return (
        f"<h3>{escape(headline(cell))}</h3><p>{badge(cell)} {escape(standing(cell))}</p>"
        f"{quiet(f'Interviewees. {period(wave)}. {finding.caveat}')}<p>{link(finding)}</p>"
    )


def _recorded(pair: Comparison, release: Release, people: AgencyGroup) -> str:
    """The agencies' counts, their day and caveat, as HTML."""
    lines = "".join(
        f"<li><strong>{escape(told)}</strong> {escape(what)}</li>"
        for what, told in _counts(pair, release, people)
    )
    about = f"{subtitle_of(release, people, pair.measure)}. {pair.care}"
    return f"<h3>{escape(BY_ID[pair.measure].title)}</h3><ul>{lines}</ul>{quiet(about)}"
