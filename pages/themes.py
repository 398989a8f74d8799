"""All themes of the interviews, a line each: what it asks, how many codes, which findings."""

from html import escape

from iomdash.declared.codebook import THEMES, Theme
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import Group
from iomdash.pictures.theme_codes import of_theme, unraised
from iomdash.release.reader import Release
from iomdash.site.frame import choose
from iomdash.site.parts import whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import theme_link


def page(sheet: Sheet) -> None:
    """A line for each section of the study, and from it to the theme's own page."""
    group = choose(sheet).group
    lines = "".join(_line(theme, sheet.release, group) for theme in THEMES)
    sheet.html(
        f"<h1>Themes: everything that people were asked</h1>{whole_page(sheet, figures=False)}"
        f'<ul class="io-list">{lines}</ul>'
    )


def _line(theme: Theme, release: Release, group: Group) -> str:
    on = ", ".join(f.id for f in FINDINGS if f.theme == theme.id)
    rests = f"Findings: {on}" if on else "No finding rests on it"
    return (
        f"<li>{theme_link(theme)}<span>{_asked(theme, release, group)}<br>{rests}</span>"
        f"<span>{escape(theme.about)}</span></li>"
    )


def _asked(theme: Theme, release: Release, group: Group) -> str:
    """How many of a theme's codes a wave raised."""
    codes, silent = of_theme(theme), unraised(release, group.wave)
    raised = sum(code.id not in silent for code in codes)
    many = {0: "no code", 1: "1 code"}.get(raised, f"{raised} codes")
    return f"{many} raised in {escape(group.wave)}, {len(codes)} declared"
