"""What holds, how sure, what changed: one line a finding."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from iomdash.declared.findings import FINDINGS, Finding, by_theme
from iomdash.declared.groups import Group
from iomdash.declared.verdicts import Verdict
from iomdash.pictures.wording import listed, standing
from iomdash.release.cells import ClaimCell
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site.frame import choose_quietly, current
from iomdash.site.show import badge, link, span

MOST_NAMED = 3
KEPT = 512
LEAST_SETTLED = (Verdict.FAILS, Verdict.HERE, Verdict.HIDDEN, Verdict.NO_DATA, Verdict.SETTLED)
BY_THEME, BY_DOUBT = "By theme", "Least settled first"


def page() -> None:
    """Overview of all findings for the chosen group."""
    release = current()
    st.title("What service users say of Integrated Offender Management")
    group, words = choose_quietly(release)
    order = st.segmented_control(
        "Order", [BY_THEME, BY_DOUBT], default=BY_THEME, key="order", bind="query-params"
    )
    st.html(words + _list(release, group, order or BY_THEME))


@remembered(KEPT)
def _list(release: Release, group: Group, order: str) -> str:
    """The summary and a line for each finding, as HTML."""
    cells = leading(release, group)
    parts = [f"<p>{line}</p>" for line in summary(release, group, cells)]
    for heading, findings in _sections(order, cells):
        lines = [_line(finding, cells[finding.id], release, group) for finding in findings]
        parts.append(f"<h2>{escape(heading)}</h2><ul class='io-list'>{''.join(lines)}</ul>")
    return "".join(parts)


def leading(release: Release, group: Group) -> dict[str, ClaimCell]:
    """The first claim of every finding in a group, by finding."""
    return {cell.finding: cell for cell in release.claims(group) if cell.claim == 0}


def _sections(order: str, cells: dict[str, ClaimCell]) -> Sequence[tuple[str, Sequence[Finding]]]:
    if order == BY_THEME:
        return list(by_theme().items())
    groups = [(v.words, [f for f in FINDINGS if cells[f.id].verdict is v]) for v in LEAST_SETTLED]
    return [(words, findings) for words, findings in groups if findings]


def summary(release: Release, group: Group, cells: dict[str, ClaimCell]) -> list[str]:
    """At most three sentences, as HTML: what changed, what does not hold, what is still open."""
    return [s for s in (_changed(release), _failing(cells), _untold(release, group)) if s]


def _changed(release: Release) -> str:
    changes = release.rows("select distinct finding from changes order by finding")
    before = release.manifest["previous"]
    if before is None:
        return "There is no earlier release to compare with, so nothing can have changed since."
    if not changes:
        return f"No verdict changed since release {before}."
    names = listed([str(row["finding"]) for row in changes])
    count = f"<strong>{len(changes)} of {len(FINDINGS)} changed</strong>"
    return f"{count} since release {before}: {names}."


def _failing(cells: dict[str, ClaimCell]) -> str:
    failing = [f for f in FINDINGS if cells[f.id].verdict is Verdict.FAILS]
    if not failing:
        return "No finding's first claim fails in this group."
    few = len(failing) <= MOST_NAMED
    names = listed([f"{f.id} {f.title.lower()}" if few else f.id for f in failing])
    count = f"<strong>{len(failing)} of {len(FINDINGS)} do not hold as stated:</strong>"
    return f"{count} {names}."


def _untold(release: Release, group: Group) -> str:
    every = release.claims(group)
    hidden = sum(cell.verdict is Verdict.HIDDEN for cell in every)
    open_claims = [cell for cell in every if cell.verdict is Verdict.HERE]
    needed = [cell.needed for cell in open_claims if cell.needed]
    words = "<strong>Cannot be told yet:</strong> "
    words += f"{len(open_claims)} of {len(every)} claims are not settled"
    if needed:
        words += f"; up to {max(needed):,} interviews would settle {len(needed)} of them"
    return f"{words}; {hidden} are too few to show." if hidden else f"{words}."


def _line(finding: Finding, cell: ClaimCell, release: Release, group: Group) -> str:
    row = _now(cell) + _then(finding, cell, release, group)
    return f"<li>{link(finding, group)}{row}</li>"


def _now(cell: ClaimCell) -> str:
    return f"<span>{badge(cell)}<br>{span(cell)}{escape(standing(cell))}</span>"


def _then(finding: Finding, cell: ClaimCell, release: Release, group: Group) -> str:
    """The verdict of the wave that the finding was made from beside the present one, and a word
    where whole waves differ.
    """
    first = finding.origin.wave
    if group.wave == first or first not in [wave.id for wave in release.waves]:
        return ""
    then = release.claims(Group(first), finding)[0]
    shown = Verdict.HIDDEN not in (then.verdict, cell.verdict) and not group.filtered
    changed = shown and then.verdict is not cell.verdict
    word = "<strong>Changed.</strong> " if changed else ""
    return (
        f'<span class="io-then">{word}{escape(first)}: '
        f"{then.verdict.shape} {then.verdict.words.lower()}"
        f"{'' if then.hidden else ', ' + escape(standing(then))}</span>"
    )
