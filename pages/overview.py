"""A briefing: what changed, what no longer holds, what agencies record, what to discuss; then every
finding, a row of one table.
"""

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import groupby

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.codebook import THEMES
from iomdash.declared.findings import FINDINGS, Finding, by_theme
from iomdash.declared.groups import EVERYONE, Group, joined
from iomdash.declared.verdicts import Verdict, worst
from iomdash.pictures import briefing
from iomdash.pictures.briefing import Cells, Point, Tile
from iomdash.pictures.claims import as_figure
from iomdash.pictures.theme import Picture, tabled
from iomdash.pictures.wording import headline, relation, standing, sure, together
from iomdash.release.cells import ClaimCell
from iomdash.release.reader import Release
from iomdash.site.address import ORDER
from iomdash.site.frame import choose
from iomdash.site.parts import key, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import axis, badge, theme_link, within

BY_THEME, BY_DOUBT, BY_SIZE = "By theme", "Furthest from the claim first", "Largest share first"
ORDERS = (BY_THEME, BY_DOUBT, BY_SIZE)
COLUMNS = ("Theme", "What holds now", "Against the claim")
SCALE = ("0", "50", "100 of 100")


def page(sheet: Sheet) -> None:
    """Overview of all findings for the chosen group."""
    release, group = sheet.release, choose(sheet).group
    switch = sheet.asked.switch(ORDER, ORDERS, "Order of the findings")
    sheet.html(
        f"<h1>What service users say, and what agencies record</h1>{whole_page(sheet)}"
        f"{_briefing(release, group)}<h2>The findings</h2>{switch}"
        f"{_list(release, group, sheet.asked.choice(ORDER, ORDERS))}"
    )


def figures(release: Release, group: Group, _: AgencyGroup) -> dict[str, Picture]:
    """All claims of all findings under the filters, as a table to take away."""
    cells = [cell for those in by_finding(release, group).values() for cell in those]
    rows = [
        {"Finding": c.finding, "Claim": c.statement, "Counts": standing(c),
         "Verdict": c.verdict.words, "How sure": sure(c)}
        for c in cells
    ]  # fmt: skip
    known = [replace(as_figure(c), group=f"{c.finding} {c.statement}") for c in cells]
    return {"findings": replace(tabled("All findings", rows), figures=known)}


def _briefing(release: Release, group: Group) -> str:
    """What stands before the findings, as HTML."""
    cells = by_finding(release, group)
    alone = len(joined(group.cohort)) == 1
    cohort = group.cohort if alone else EVERYONE
    people = AgencyGroup(cohort, group.provider, group.supervision)
    tiles = "".join(_tile(tile) for tile in briefing.tiles(release, group, people, cells))
    points = "".join(_point(p) for p in briefing.to_discuss(release, group, people, cells))
    agenda = f"<h2>To discuss</h2><ol>{points}</ol>" if points else ""
    return f'<div class="io-tiles">{tiles}</div><div class="io-agenda">{agenda}</div>'


def _tile(tile: Tile) -> str:
    return (
        f'<section class="{tile.kind}"><p><strong>{escape(tile.figure)}</strong> '
        f"{escape(tile.what)}</p><p>{escape(tile.words)}</p></section>"
    )


def _point(point: Point) -> str:
    """A point of the agenda: what holds, with its page, and the question it leads to."""
    ask = f" <em>{escape(point.ask)}</em>" if point.ask else ""
    return f"<li>{within(point.address, point.what)} {escape(point.words)}{ask}</li>"


def _list(release: Release, group: Group, order: str) -> str:
    """A table of all findings, as HTML."""
    cells = by_finding(release, group)
    scale = "".join(f"<span>{mark}</span>" for mark in SCALE)
    shares = f'Share who say as claimed<span class="io-scale">{scale}</span>'
    heads = "".join(
        f'<th scope="col" role="columnheader">{name}</th>'
        for name in (*COLUMNS[:2], shares, COLUMNS[2])
    )
    rows = "".join(
        _rows(theme, list(those), cells, release, group)
        for theme, those in groupby(_ordered(order, cells), lambda f: _grouped(f, order))
    )
    marks = (
        '<p class="io-key"><span><b class="io-dot"></b> share now, with its 95 % interval</span>'
        '<span><s class="io-ring"></s> the wave that the finding was made from, or the range that '
        "its report allows</span></p>"
    )
    return (
        f'{marks}<table class="io-findings" role="table"><thead role="rowgroup"><tr role="row">'
        f'{heads}</tr></thead><tbody role="rowgroup">{rows}</tbody></table>{key()}'
    )


def _grouped(finding: Finding, order: str) -> tuple[str, str]:
    """Findings that stand together: those of one theme, where that is the order."""
    return finding.theme, "" if order == BY_THEME else finding.id


def _ordered(order: str, cells: Cells) -> Sequence[Finding]:
    if order == BY_THEME:
        return [finding for those in by_theme().values() for finding in those]
    worth = list(Verdict)
    if order == BY_DOUBT:
        return sorted(FINDINGS, key=lambda f: worth.index(whole(cells[f.id])))
    return sorted(FINDINGS, key=lambda f: -_share(cells[f.id][0]))


def _share(cell: ClaimCell) -> float:
    """The share of a finding's first claim; -1 where it has none to show."""
    return cell.x / cell.n if cell.x is not None and cell.n else -1.0


def _rows(
    theme: tuple[str, str], findings: Sequence[Finding], cells: Cells, release: Release,
    group: Group,
) -> str:  # fmt: skip
    """The rows of one theme, named once."""
    named = theme_link(next(t for t in THEMES if t.id == theme[0]))
    first = f'<th scope="rowgroup" role="rowheader" rowspan="{len(findings)}">{named}</th>'
    rows = [_row(finding, cells[finding.id], release, group) for finding in findings]
    return "".join(
        f'<tr role="row">{first if not i else ""}{row}</tr>' for i, row in enumerate(rows)
    )


def _row(finding: Finding, cells: Sequence[ClaimCell], release: Release, group: Group) -> str:
    first, then = cells[0], _then(finding, release, group)
    least = min(cells, key=lambda cell: list(Verdict).index(cell.verdict))
    about = " · ".join(filter(None, (finding.title, standing(first), together(cells))))
    link = within(finding.id, f"{finding.id} {headline(first)}")
    # A condition that the key beneath the table states once for all rows.
    how = relation(least) or sure(least).partition(",")[0]
    if least.verdict is not first.verdict:
        how = f"{headline(least)} ({standing(least)}); {how}"
    return (
        f'<td role="cell">{link}<small>{escape(about)}</small></td>'
        f'<td role="cell">{axis(first, then)}</td>'
        f'<td role="cell">{badge(first, whole(cells))}<small>{escape(how)}</small>'
        f"{_beside(finding, then, release, group)}</td>"
    )


def _then(finding: Finding, release: Release, group: Group) -> ClaimCell | None:
    """The first claim in the wave that the finding was made from, where that is another."""
    first = finding.origin.wave
    if group.wave == first or first not in [wave.id for wave in release.waves]:
        return None
    return release.claims(Group(first), finding)[0]


def _beside(finding: Finding, then: ClaimCell | None, release: Release, group: Group) -> str:
    """What that wave said, and a word where the two differ beyond chance."""
    if then is None:
        return ""
    changed = not group.filtered and release.shifted(group.wave, finding)
    word = f"<strong>{briefing.CHANGED}</strong> " if changed else ""
    return f"<small>{word}{escape(then.wave)}: {escape(standing(then))}</small>"


def by_finding(release: Release, group: Group) -> Cells:
    """The claims of every finding in a group, by finding."""
    cells: dict[str, list[ClaimCell]] = {finding.id: [] for finding in FINDINGS}
    for cell in release.claims(group):
        cells[cell.finding].append(cell)
    return cells


def whole(cells: Sequence[ClaimCell]) -> Verdict:
    """A finding's verdict: the worst of its claims'."""
    return worst(cell.verdict for cell in cells)
