"""All codes of one theme, also those on which no finding rests: what people said, code by code.

A code that nobody in a wave raised was not asked, or is not reported by the source of the wave:
it has no figure.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from iomdash.declared.codebook import CODES, DERIVED, STANCE_LABELS, STEPS, Code, Theme
from iomdash.declared.findings import FINDINGS, Difference, Finding
from iomdash.declared.groups import EVERYONE, Group, named
from iomdash.declared.scheme import PATHWAYS
from iomdash.pictures.captions import base
from iomdash.pictures.stances import Stances, stances
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import of, of_stated, unseen
from iomdash.release.cells import CodeCell, Stated
from iomdash.release.reader import Release

Labels = tuple[str, str, str]
Ranges = Mapping[tuple[str, str], Stated]

NOT_ASKED, NOT_REPORTED = "not asked", "not reported"
NOBODY = "nobody here raised it"
# What a matrix of pathways shows.
STEP_CODES = tuple(f"pathways.{pathway.id}.{step}" for pathway in PATHWAYS for step in STEPS)
ONLY_SOME = "What concerns only some was asked of them alone: the others did not raise it."


def of_theme(theme: Theme) -> tuple[Code, ...]:
    """The codes of a theme, in the codebook's order."""
    return tuple(code for code in CODES.values() if code.theme == theme.id)


def findings_on(code: Code) -> tuple[str, ...]:
    """Ids of the findings that claim something of a code or show it beside their claims."""
    return tuple(f.id for f in FINDINGS if code.id in _codes_of(f))


@cache
def _codes_of(finding: Finding) -> frozenset[str]:
    named: list[str] = []
    for claim in finding.claims:
        named += claim.codes if isinstance(claim, Difference) else (claim.code, claim.among)
    for exhibit in finding.exhibits:
        named += STEP_CODES if exhibit.kind == "matrix" else exhibit.of
    parts = [DERIVED[code].parts if code in DERIVED else (code,) for code in named]
    return frozenset(code for part in parts for code in part)


def unraised(release: Release, wave: str) -> Mapping[str, str]:
    """Codes that nobody in a whole wave raised, with what is said in place of a figure."""
    rebuilt = bool(release.stated(wave))
    return {
        id: NOT_REPORTED if rebuilt else NOT_ASKED
        for id, cell in release.codes(Group(wave)).items()
        if cell.unasked
    }


def wordings(theme: Theme, release: Release, group: Group) -> list[Labels]:
    """The ways to word the answers to a theme's codes that its wave raised, the usual one first.

    Of a wave that the source leaves open there is none, as `table` alone can say that.
    """
    if release.size(group).hidden or release.stated(group.wave):
        return []
    known = {code.labels for code in _raised(theme, release, group)}
    return sorted(known, key=lambda labels: labels != STANCE_LABELS)


def picture(theme: Theme, labels: Labels, release: Release, group: Group) -> Picture:
    """What a group said to each code of a theme whose answers are worded in one way."""
    codes = [code for code in _raised(theme, release, group) if code.labels == labels]
    cells = release.codes(group)
    items = [_item(code, cells[code.id]) for code in codes]
    measure = f"{release.size(group).n:,} interviewees"
    subtitle = f"{base(release, group, measure)}. {ONLY_SOME}"
    return stances(_title(theme, codes, items), subtitle, items, labels, bases=False)


def _raised(theme: Theme, release: Release, group: Group) -> list[Code]:
    silent = unraised(release, group.wave)
    return [code for code in of_theme(theme) if code.id not in silent]


def _title(theme: Theme, codes: Sequence[Code], items: Sequence[Stances]) -> str:
    counted = [item for item in items if item.n]
    if codes[0].labels != STANCE_LABELS or not counted:
        return f"{theme.name if len(codes) > 1 else codes[0].name}: what people said"
    most = sum(item.yes * 2 > (item.n or 0) for item in counted)
    return f"{theme.name}: more than half said so on {most} of {len(counted)}"


def _item(code: Code, cell: CodeCell) -> Stances:
    n = None if cell.yes is None else cell.n
    return Stances(code.name, cell.yes or 0, cell.no, cell.mixed, n, cell.hidden, cell.band)


def table(theme: Theme, release: Release, group: Group) -> list[dict[str, str]]:
    """Every code of a theme, what a group said to it, and the findings that rest on it."""
    cells, silent = release.codes(group), unraised(release, group.wave)
    stated: Ranges = {} if group.filtered else release.stated(group.wave)
    return [
        {
            "What people were asked": code.name,
            "Said so": silent.get(code.id)
            or _worded(code, figure(cells.get(code.id), stated, release, group)),
            "Findings": ", ".join(findings_on(code)) or "none",
        }
        for code in of_theme(theme)
    ]


def _worded(code: Code, figure: str) -> str:
    """A figure with what a code calls yes, where that is not to have said so."""
    usual = code.labels == STANCE_LABELS or " of " not in figure
    return figure if usual else f"{figure}: {code.labels[0].lower()}"


def figure(cell: CodeCell | None, stated: Ranges, release: Release, group: Group) -> str:
    """How many said so, as far as it may be told and as far as a wave's source tells it."""
    if cell is None:
        return unseen(release.size(group).hidden or "", release.size(group).instead)
    if cell.yes is None or cell.n is None:
        return cell.band or unseen(cell.hidden or "", cell.instead)
    if cell.unasked:
        return NOBODY
    if not stated:
        return of(cell.yes, cell.n)
    said = next((s for (code, _), s in stated.items() if code == cell.code), None)
    return reported(cell, said)


def reported(cell: CodeCell, said: Stated | None) -> str:
    """What a printed source tells of a code; whoever it quotes may not be all who said so."""
    if said is not None:
        return of_stated(said)
    return f"at least {of(cell.yes, cell.n or 0)}" if cell.yes else NOT_REPORTED


def by_cohort(codes: Sequence[Code], release: Release, group: Group) -> list[dict[str, str]]:
    """Codes that the wave raised, and how many said so in each cohort of it."""
    silent = unraised(release, group.wave)
    whole = group.of_cohort(EVERYONE)
    shown = {other: release.codes(other) for other in release.cohorts(whole)}
    return [
        {
            "What people were asked": code.name,
            **{
                named(other.cohort): _worded(code, figure(cells.get(code.id), {}, release, other))
                for other, cells in shown.items()
            },
        }
        for code in codes
        if code.id not in silent
    ]
