"""What holds, how sure, what changed: one line a finding."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from iomdash.declared.codebook import THEMES
from iomdash.declared.findings import FINDINGS, Finding, by_theme
from iomdash.declared.groups import Group
from iomdash.declared.verdicts import Sureness, Verdict, worst
from iomdash.pictures.wording import listed, standing, together
from iomdash.release.cells import ClaimCell
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site.address import choice, switch
from iomdash.site.frame import choose, current
from iomdash.site.show import badge, link, span, theme_link

MOST_NAMED = 3
KEPT = 512
BY_THEME, BY_DOUBT = "By theme", "Furthest from the claim first"
CHANGED = "Clear change."

Cells = Mapping[str, Sequence[ClaimCell]]


def page() -> None:
    """Overview of all findings for the chosen group."""
    release = current()
    st.title("What service users say of Integrated Offender Management")
    group, orders = choose(release), (BY_THEME, BY_DOUBT)
    st.html(switch("order", orders, "Order") + _list(release, group, choice("order", orders)))


@remembered(KEPT)
def _list(release: Release, group: Group, order: str) -> str:
    """The summary and a line for each finding, as HTML."""
    cells = by_finding(release, group)
    parts = [f"<p>{line}</p>" for line in summary(release, group, cells)]
    for heading, findings in _sections(order, cells):
        lines = [_line(finding, cells[finding.id], release, group) for finding in findings]
        parts.append(
            f"<h2>{_heading(heading, group)}</h2><ul class='io-list'>{''.join(lines)}</ul>"
        )
    return "".join(parts)


def _heading(words: str, group: Group) -> str:
    """A theme leads to its own page; a verdict leads nowhere."""
    theme = next((theme for theme in THEMES if theme.name == words), None)
    return escape(words) if theme is None else theme_link(theme, group)


def by_finding(release: Release, group: Group) -> Cells:
    """The claims of every finding in a group, by finding."""
    cells: dict[str, list[ClaimCell]] = {finding.id: [] for finding in FINDINGS}
    for cell in release.claims(group):
        cells[cell.finding].append(cell)
    return cells


def _whole(cells: Sequence[ClaimCell]) -> Verdict:
    """A finding's verdict: the worst of its claims'."""
    return worst(cell.verdict for cell in cells)


def _sections(order: str, cells: Cells) -> Sequence[tuple[str, Sequence[Finding]]]:
    if order == BY_THEME:
        return list(by_theme().items())
    groups = [(v.words, [f for f in FINDINGS if _whole(cells[f.id]) is v]) for v in Verdict]
    return [(words, findings) for words, findings in groups if findings]


def summary(release: Release, group: Group, cells: Cells) -> list[str]:
    """At most three sentences, as HTML: what changed, what stands otherwise, what is open."""
    return [s for s in (_changed(release), _otherwise(cells), _untold(release, group)) if s]


def _changed(release: Release) -> str:
    changes = release.rows("select distinct finding from changes order by finding")
    before = release.manifest["previous"]
    if before is None:
        return "There is no earlier release to compare with, so nothing can have changed since."
    if not changes:
        return f"No verdict reads differently since release {before}."
    names = listed([str(row["finding"]) for row in changes])
    count = f"<strong>{len(changes)} of {len(FINDINGS)} read differently</strong>"
    return f"{count} since release {before}: {names}."


def _otherwise(cells: Cells) -> str:
    """Findings that do not stand as claimed, by how they stand."""
    parts = [_those(v, cells) for v in (Verdict.AGAINST, Verdict.WEAKER, Verdict.STRONGER)]
    return " ".join(filter(None, parts)) or "Every finding that can be told stands as claimed."


def _those(verdict: Verdict, cells: Cells) -> str:
    those = [f for f in FINDINGS if _whole(cells[f.id]) is verdict]
    if not those:
        return ""
    few = len(those) <= MOST_NAMED
    names = listed([f"{f.id} {f.title.lower()}" if few else f.id for f in those])
    return f"<strong>{verdict.words}: {len(those)} of {len(FINDINGS)}:</strong> {names}."


def _untold(release: Release, group: Group) -> str:
    every = release.claims(group)
    untold = Counter(cell.untold or "" for cell in every if cell.verdict is Verdict.UNTOLD)
    unsure = sum(cell.sure is Sureness.COULD_BE_CHANCE for cell in every)
    reasons = "; ".join(f"{n}: {escape(why)}" for why, n in untold.items())
    return (
        f"<strong>Cannot be told:</strong> {untold.total()} of {len(every)} claims"
        f"{f' ({reasons})' if reasons else ''}. <strong>Could be chance:</strong> {unsure}."
    )


def _line(finding: Finding, cells: Sequence[ClaimCell], release: Release, group: Group) -> str:
    row = _now(cells) + _then(finding, release, group)
    return f"<li>{link(finding, group)}{row}</li>"


def _now(cells: Sequence[ClaimCell]) -> str:
    first = cells[0]
    words = " · ".join(filter(None, (standing(first), together(cells))))
    return f"<span>{badge(first, _whole(cells))}<br>{span(first)}{escape(words)}</span>"


def _then(finding: Finding, release: Release, group: Group) -> str:
    """What the wave that the finding was made from said beside the present one, and a word where
    the two differ beyond chance.
    """
    first = finding.origin.wave
    if group.wave == first or first not in [wave.id for wave in release.waves]:
        return ""
    then = release.claims(Group(first), finding)[0]
    changed = not group.filtered and release.shifted(group.wave, finding)
    word = f"<strong>{CHANGED}</strong> " if changed else ""
    return f'<span class="io-then">{word}{escape(first)}: {escape(standing(then))}</span>'
