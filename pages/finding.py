"""One finding: the sentence that holds, how sure, who differs, their words, and everything else."""

from collections.abc import Mapping
from dataclasses import replace
from html import escape

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.codebook import CODES, DERIVED, THEMES
from iomdash.declared.findings import FINDINGS, Claim, Exhibit, Finding
from iomdash.declared.groups import Group
from iomdash.declared.quantifiers import QUANTIFIERS
from iomdash.declared.study import CONCLUSIONS, Conclusion
from iomdash.pictures import claims, exhibits
from iomdash.pictures.captions import GUESSED
from iomdash.pictures.terms import sourced
from iomdash.pictures.theme import Picture, tabled
from iomdash.pictures.wording import (
    headline,
    percent,
    standing,
    sure,
    together,
    typical,
    unreached,
)
from iomdash.release.cells import ClaimCell
from iomdash.release.file import Row
from iomdash.release.reader import Release
from iomdash.site.frame import choose
from iomdash.site.parts import folded, html_table, key, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import dots, drawn, figure, link, quiet, show, theme_link
from iomdash.site.takes import of_figure

MOST_EXCERPTS = 6
CHANGED = {True: "Changed beyond chance since then", False: "No clear change since then"}
OWN_ACCOUNT = "These are people's own accounts. They are not matched with any agency's records."
INTERVALS = (
    "Intervals are Wilson's at 95 %, of those who said so. A verdict is given only where it would "
    "be the same whether none or all of those who did not raise it, or were of two minds, are "
    "counted with them."
)
NEVER_APPROACHED = "People who seldom kept appointments were not approached."


@drawn
def _exhibit(exhibit: Exhibit, release: Release, group: Group) -> Picture:
    return exhibits.picture(exhibit, release, group)


@drawn
def _by_cohort(claim: Claim, finding: Finding, release: Release, group: Group) -> Picture:
    return claims.by_cohort(claim, finding, release, group)


@drawn
def _across_waves(claim: Claim, finding: Finding, release: Release) -> Picture:
    return claims.across_waves(claim, finding, release)


def figures(finding: Finding, release: Release, group: Group, _: AgencyGroup) -> dict[str, Picture]:
    """The page's pictures and tables by name."""
    claim = finding.claims[0]
    of_claim = {
        "by-cohort": _by_cohort(claim, finding, release, group),
        "across-waves": _across_waves(claim, finding, release),
    } if isinstance(claim, Claim) else {}  # fmt: skip
    beside = {
        f"{exhibit.kind}-{i}": _exhibit(exhibit, release, group)
        for i, exhibit in enumerate(finding.exhibits, start=1)
    }
    return {"claims": _claims(finding, release, group), **of_claim, **beside}


@drawn
def _claims(finding: Finding, release: Release, group: Group) -> Picture:
    """What is claimed, how many said so, and how it stands, as a table."""
    cells = release.claims(group, finding)
    rows = [_definition(c, q) for c, q in zip(cells, _bounds(finding), strict=True)]
    figures = [claims.as_figure(cell) for cell in cells]
    return replace(tabled(f"{finding.id} {finding.title}", rows), figures=figures)


def page(finding: Finding, sheet: Sheet) -> None:
    """The page of any finding."""
    release, group = sheet.release, choose(sheet).group
    theme = next(t for t in THEMES if t.id == finding.theme)
    cells = release.claims(group, finding)
    sheet.html(_head(finding, cells, theme_link(theme)))
    sheet.html(whole_page(sheet) + _verdict(cells[0], finding, release, group))
    taken = figures(finding, release, group, AgencyGroup())
    _differ(sheet, group, taken)
    sheet.html(_words(finding, release, group))
    _next(finding, cells[1:], sheet, taken)
    about = _care(finding) + _counted(finding, taken["claims"], sheet)
    sheet.html(f"{about}{key()}{_neighbours(finding)}")


def _head(finding: Finding, cells: list[ClaimCell], theme: str) -> str:
    """What the page is about, the sentence that holds, who made the finding, and their claim
    where it differs.
    """
    about = f'<p class="io-theme">{finding.id} · {theme} · {escape(finding.title)}</p>'
    differs = cells[0].sentence not in (None, cells[0].statement)
    claim = f"Claim of {finding.origin.words}: {cells[0].statement.lower()}."
    several = together(cells)
    made = quiet(
        (claim if differs else f"A finding of {finding.origin.words}.")
        + (f" {several}." if several else "")
    )
    return f"{about}<h1>{escape(headline(cells[0]))}</h1>{made}"


def _verdict(cell: ClaimCell, finding: Finding, release: Release, group: Group) -> str:
    others = [
        f"{c.wave}: {c.verdict.shape} {c.verdict.words.lower()}, {escape(standing(c))}"
        for c in (release.claims(Group(w.id), finding)[0] for w in release.waves)
        if c.wave != group.wave
    ]
    if not group.filtered and (shifted := release.shifted(group.wave, finding)) is not None:
        others.append(CHANGED[shifted])
    flag = f'<p class="io-flag"><strong>Flagged.</strong> {escape(finding.contradiction)}</p>'
    parts = (
        figure(cell, " · ".join(others)), dots(cell), flag if finding.contradiction else "",
        f"<p>{escape(typical(cell))}</p>", quiet(provenance(cell, release)),
        _reached(cell, release),
    )  # fmt: skip
    return "".join(parts)


def provenance(cell: ClaimCell, release: Release) -> str:
    """What the source leaves open of a figure, from the release; '' where it states it."""
    stated = release.stated(cell.wave).get((cell.code, cell.among))
    if stated is None or Group(cell.wave, cell.cohort, cell.provider, cell.supervision).filtered:
        return ""
    open_ = stated.base is None or stated.least < stated.most
    said = f"The source says: {stated.words}." if open_ else ""
    return " ".join(filter(None, (said, stated.note)))


def _reached(cell: ClaimCell, release: Release) -> str:
    """Whom the interviews did not reach, and what they could change, as HTML; '' if not known."""
    lines = [f"<p>{escape(unreached(reach, cell))}</p>" for reach in release.reach(cell)]
    if not lines:
        return ""
    # Of its own approaches a partnership has to say whom they left out; the study does.
    volunteers = NEVER_APPROACHED if release.stated(cell.wave) else ""
    return f"<h2>Those not reached</h2>{''.join(lines)}{quiet(volunteers)}"


def _differ(sheet: Sheet, group: Group, taken: Mapping[str, Picture]) -> None:
    if "by-cohort" not in taken:
        return
    wave = sheet.release.wave(group.wave)
    sheet.html(f"<h2>Who differs</h2>{quiet(GUESSED if wave.reconstructed else '')}")
    show(sheet, taken["by-cohort"], "by-cohort")
    show(sheet, taken["across-waves"], "across-waves")


def _words(finding: Finding, release: Release, group: Group) -> str:
    """Excerpts with how many people they come from and who sees it otherwise; '' without any."""
    codes = tuple(dict.fromkeys(c for claim in finding.claims for c in _parts(claim.code)))
    rows = release.excerpts(group, codes)
    if not rows:
        return ""
    people = release.voices(group.wave, codes)
    n = release.size(Group(group.wave)).n
    source = (
        # One person may be quoted on two codes of a finding.
        f"Paraphrased, from {'' if len(codes) == 1 else 'up to '}{people['yes'] + people['other']} "
        f"of {n} people of the whole wave; {people['other']} of them see it otherwise or are in "
        "two minds. "
        "Excerpts are by wave and cohort only."
    )
    agree = [row for row in rows if row["stance"] == "yes"][:MOST_EXCERPTS]
    other = [row for row in rows if row["stance"] != "yes"][:MOST_EXCERPTS]
    quotes = [_quote(str(r["text"]), _who(r)) for r in agree]
    quotes += ["<h3>Otherwise</h3>"] if other else []
    quotes += [_quote(str(r["text"]), _who(r), other=True) for r in other]
    return f"<h2>In their words</h2>{quiet(source)}{''.join(quotes)}"


def _parts(code: str) -> tuple[str, ...]:
    return DERIVED[code].parts if code in DERIVED else (code,)


def _quote(text: str, who: str, *, other: bool = False) -> str:
    kind = "io-quote other" if other else "io-quote"
    return f'<p class="{kind}">{escape(text)}<small>{escape(who)}</small></p>'


def _who(row: Row) -> str:
    cohort = row["cohort"] or f"cohort {row['why']}"
    return f"{row['kind']} · {cohort}"


def _next(
    finding: Finding, cells: list[ClaimCell], sheet: Sheet, taken: Mapping[str, Picture]
) -> None:
    claims = [
        f"<h3>{escape(headline(cell))}</h3>{figure(cell)}{dots(cell)}"
        + quiet(" ".join(filter(None, (typical(cell), provenance(cell, sheet.release)))))
        for cell in cells
    ]
    head = f"<h2>What the board may ask next</h2><p>{escape(finding.ask)}</p>"
    sheet.html(head + "".join(claims))
    for i, exhibit in enumerate(finding.exhibits, start=1):
        name = f"{exhibit.kind}-{i}"
        show(sheet, taken[name], name)
    for conclusion in CONCLUSIONS:
        if conclusion.against == finding.id:
            sheet.html(_against(conclusion))


def _against(conclusion: Conclusion) -> str:
    """What the study concludes against the finding, and the test that would tell, as HTML."""
    said = escape(sourced(conclusion.statement))
    return f"<h2>Against it</h2><p>{said}</p>{quiet(conclusion.test)}"


def _care(finding: Finding) -> str:
    words = filter(None, (finding.caveat, OWN_ACCOUNT, finding.contradiction))
    return folded("Read with care", "".join(f"<p>{escape(line)}</p>" for line in words))


def _counted(finding: Finding, claims: Picture, sheet: Sheet) -> str:
    """Claims with their figures to take away, what the codes mean, and by what they are counted."""
    codes = dict.fromkeys(p for claim in finding.claims for p in _parts(claim.code))
    known = [CODES[code] for code in codes if code in CODES]
    definitions = "".join(
        f"<p><code>{c.id}</code>: {escape(f'{c.definition} Yes: {c.yes} No: {c.no}')}</p>"
        for c in known
    )
    source = (
        f"Computed in release {sheet.release.number} from data_contracts/codings.odcs.yaml and "
        "data_contracts/interviews.odcs.yaml."
    )
    rows = html_table(claims.table, "Claims, counts and definitions")
    about = f"{definitions}<p>{INTERVALS} {source}</p>"
    return folded("How this is counted", f"{rows}{of_figure(sheet, 'claims', ('csv',))}{about}")


def _bounds(finding: Finding) -> list[str]:
    known = {q.word: q.bounds for q in QUANTIFIERS}
    return [
        known[c.quantifier.word] if isinstance(c, Claim) else "an adjusted p value under 0.05"
        for c in finding.claims
    ]


def _definition(cell: ClaimCell, bounds: str) -> dict[str, str]:
    wide = (
        "not shown"
        if cell.low is None or cell.high is None
        else (f"{percent(cell.low)} to {percent(cell.high)}")
    )
    return {
        "Claim": cell.statement,
        "Counts": standing(cell),
        "95 % interval": wide,
        "Verdict": f"{cell.verdict.shape} {cell.verdict.words}",
        "How sure": sure(cell),
        "Its word holds at": bounds,
        "Base": cell.among or "all interviewees",
        "Caseload": "not known" if cell.population is None else str(cell.population),
    }


def _neighbours(finding: Finding) -> str:
    at = FINDINGS.index(finding)
    before = link(FINDINGS[at - 1], "←") if at else ""
    after = link(FINDINGS[at + 1], "→") if at + 1 < len(FINDINGS) else ""
    return f'<p class="io-ends"><span>{before}</span><span>{after}</span></p>'
