"""One theme: all its codes, with what people said to each, also where no finding rests on it."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from iomdash.declared.codebook import CODES, THEMES, Code, Theme
from iomdash.declared.findings import FINDINGS, find
from iomdash.declared.groups import Group
from iomdash.declared.study import CONCLUSIONS, Conclusion
from iomdash.pictures import theme_codes
from iomdash.pictures.captions import GUESSED
from iomdash.pictures.theme import Picture
from iomdash.pictures.theme_codes import Labels
from iomdash.pictures.wording import listed
from iomdash.release.reader import Release
from iomdash.site.frame import choose, current
from iomdash.site.show import bullets, drawn, link, quiet, show, table, theme_link

YES_NO = {True: "yes", False: "no"}
OPEN = (
    "A range is what the words of the 2017 report allow; “at least” counts those whose words it "
    "shows; “not reported” is unknown, and not nobody."
)


@drawn
def _said(theme: Theme, labels: Labels, release: Release, group: Group) -> Picture:
    return theme_codes.picture(theme, labels, release, group)


def page(theme: Theme) -> None:
    """Findings on the theme, what people said code by code, by cohort, and what each code means."""
    release = current()
    st.html(_head(theme))
    group = choose(release)
    st.html(_findings(theme, group))
    for labels in theme_codes.wordings(theme, release, group):
        show(_said(theme, labels, release, group))
    _every_code(theme, release, group)
    with st.expander("By cohort"):
        _by_cohort(theme.name, theme_codes.of_theme(theme), release, group)
    for conclusion in CONCLUSIONS:
        if find(conclusion.against).theme == theme.id:
            _concluded(conclusion, release, group)
    with st.expander("What counts as yes and as no"):
        table(_definitions(theme), f"Codes: {theme.name}")
    st.html(_neighbours(theme, group))


def _head(theme: Theme) -> str:
    return (
        '<p class="io-theme"><a href="themes">← All themes</a></p>'
        f"<h1>{escape(theme.name)}</h1><p>{escape(theme.about)}</p>"
    )


def _findings(theme: Theme, group: Group) -> str:
    links = [link(finding, group) for finding in FINDINGS if finding.theme == theme.id]
    return f"<h2>Findings</h2>{bullets(links) or quiet('No finding rests on this theme alone.')}"


def _every_code(theme: Theme, release: Release, group: Group) -> None:
    """Every code with its figure; those that nobody raised are named before it."""
    silent = theme_codes.unraised(release, group.wave)
    names = [code.name for code in theme_codes.of_theme(theme) if code.id in silent]
    source = OPEN if release.stated(group.wave) else ""
    st.html(f"<h2>Code by code</h2>{_nobody(names, silent, group.wave)}{quiet(source)}")
    table(theme_codes.table(theme, release, group), f"{theme.name}, code by code")


def _nobody(names: list[str], silent: Mapping[str, str], wave: str) -> str:
    """The codes that nobody in a wave raised, as HTML; '' without any."""
    if not names:
        return ""
    return quiet(f"{min(silent.values()).capitalize()} in wave {wave}: {listed(names)}.")


def _by_cohort(topic: str, codes: Sequence[Code], release: Release, group: Group) -> None:
    rows = theme_codes.by_cohort(codes, release, group)
    guessed = GUESSED if release.stated(group.wave) else ""
    if not rows or len(rows[0]) == 1:
        st.html(quiet(f"{guessed} No figure by cohort can be shown.".strip()))
        return
    if guessed:
        st.html(quiet(guessed))
    table(rows, f"{topic}, by cohort")


def _concluded(conclusion: Conclusion, release: Release, group: Group) -> None:
    """What the study concludes against a finding of the theme, with what would tell them apart."""
    finding = find(conclusion.against)
    st.html(
        f"<h2>The study also concludes the opposite</h2><p>{escape(conclusion.statement)}</p>"
        f"<p>It stands against {link(finding, group)}.</p>{quiet(conclusion.test)}"
    )
    _by_cohort("Needs", [CODES[code] for code in conclusion.needs], release, group)


def _definitions(theme: Theme) -> list[dict[str, str]]:
    return [
        {
            "Code": code.id, "Name": code.name, "Counts as yes": code.yes,
            "Counts as no": code.no, "Sensitive": YES_NO[code.sensitive],
        }
        for code in theme_codes.of_theme(theme)
    ]  # fmt: skip


def _neighbours(theme: Theme, group: Group) -> str:
    at = THEMES.index(theme)
    before = f"← {theme_link(THEMES[at - 1], group)}" if at else ""
    after = f"{theme_link(THEMES[at + 1], group)} →" if at + 1 < len(THEMES) else ""
    return f'<p class="io-ends"><span>{before}</span><span>{after}</span></p>'
