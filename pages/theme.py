"""One theme: all its codes, with what people said to each, also where no finding rests on it."""

from collections.abc import Mapping, Sequence
from html import escape

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.codebook import CODES, THEMES, Code, Theme
from iomdash.declared.findings import FINDINGS, find
from iomdash.declared.groups import Group
from iomdash.declared.study import CONCLUSIONS, Conclusion
from iomdash.pictures import theme_codes
from iomdash.pictures.captions import GUESSED
from iomdash.pictures.theme import Picture, tabled
from iomdash.pictures.theme_codes import Labels
from iomdash.pictures.wording import listed
from iomdash.release.reader import Release
from iomdash.site.frame import choose
from iomdash.site.parts import folded, html_table, key, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import bullets, drawn, link, quiet, show, theme_link

YES_NO = {True: "yes", False: "no"}
OPEN = (
    "A range is what the words of the 2017 report allow; “at least” counts those whose words it "
    "shows; “not reported” is unknown, and not nobody."
)


@drawn
def _said(theme: Theme, labels: Labels, release: Release, group: Group) -> Picture:
    return theme_codes.picture(theme, labels, release, group)


def figures(theme: Theme, release: Release, group: Group, _: AgencyGroup) -> dict[str, Picture]:
    """The page's pictures and tables by name."""
    ways = theme_codes.wordings(theme, release, group)
    said = {f"said-{i}": _said(theme, ways[i - 1], release, group) for i in range(1, len(ways) + 1)}
    rows = theme_codes.table(theme, release, group)
    return {**said, "codes": tabled(f"{theme.name}, code by code", rows)}


def page(theme: Theme, sheet: Sheet) -> None:
    """Findings on the theme, what people said code by code, by cohort, and what each code means."""
    release, group = sheet.release, choose(sheet).group
    sheet.html(f"{_head(theme)}{whole_page(sheet)}{_findings(theme)}")
    taken = figures(theme, release, group, AgencyGroup())
    for name, picture in taken.items():
        if name == "codes":
            sheet.html(_every_code(theme, release, group))
        show(sheet, picture, name)
    by_cohort = _by_cohort(theme.name, theme_codes.of_theme(theme), release, group)
    sheet.html(folded("By cohort", by_cohort))
    for conclusion in CONCLUSIONS:
        if find(conclusion.against).theme == theme.id:
            sheet.html(_concluded(conclusion, release, group))
    codes = html_table(_definitions(theme), f"Codes: {theme.name}")
    sheet.html(folded("What counts as yes and as no", codes) + key() + _neighbours(theme))


def _head(theme: Theme) -> str:
    return (
        '<p class="io-theme"><a href="themes">← All themes</a></p>'
        f"<h1>{escape(theme.name)}</h1><p>{escape(theme.about)}</p>"
    )


def _findings(theme: Theme) -> str:
    links = [link(finding) for finding in FINDINGS if finding.theme == theme.id]
    return f"<h2>Findings</h2>{bullets(links) or quiet('No finding rests on this theme alone.')}"


def _every_code(theme: Theme, release: Release, group: Group) -> str:
    """What stands above every code with its figure, as HTML: those that nobody raised."""
    silent = theme_codes.unraised(release, group.wave)
    names = [code.name for code in theme_codes.of_theme(theme) if code.id in silent]
    source = OPEN if release.stated(group.wave) else ""
    return f"<h2>Code by code</h2>{_nobody(names, silent, group.wave)}{quiet(source)}"


def _nobody(names: list[str], silent: Mapping[str, str], wave: str) -> str:
    """The codes that nobody in a wave raised, as HTML; '' without any."""
    if not names:
        return ""
    return quiet(f"{min(silent.values()).capitalize()} in wave {wave}: {listed(names)}.")


def _by_cohort(topic: str, codes: Sequence[Code], release: Release, group: Group) -> str:
    rows = theme_codes.by_cohort(codes, release, group)
    guessed = GUESSED if release.stated(group.wave) else ""
    if not rows or len(rows[0]) == 1:
        return quiet(f"{guessed} No figure by cohort can be shown.".strip())
    return quiet(guessed) + html_table(rows, f"{topic}, by cohort")


def _concluded(conclusion: Conclusion, release: Release, group: Group) -> str:
    """What the study concludes against a finding of the theme, with what would tell them apart."""
    finding = find(conclusion.against)
    needs = _by_cohort("Needs", [CODES[code] for code in conclusion.needs], release, group)
    return (
        f"<h2>The study also concludes the opposite</h2><p>{escape(conclusion.statement)}</p>"
        f"<p>It stands against {link(finding)}.</p>{quiet(conclusion.test)}{needs}"
    )


def _definitions(theme: Theme) -> list[dict[str, str]]:
    return [
        {
            "Code": code.id, "Name": code.name, "Counts as yes": code.yes,
            "Counts as no": code.no, "Sensitive": YES_NO[code.sensitive],
        }
        for code in theme_codes.of_theme(theme)
    ]  # fmt: skip


def _neighbours(theme: Theme) -> str:
    at = THEMES.index(theme)
    before = f"← {theme_link(THEMES[at - 1])}" if at else ""
    after = f"{theme_link(THEMES[at + 1])} →" if at + 1 < len(THEMES) else ""
    return f'<p class="io-ends"><span>{before}</span><span>{after}</span></p>'
