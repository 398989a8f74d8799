"""Search over what the site is made of: findings, themes, codes, measures, methods and pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from iomdash.declared.agencies import MEASURES
from iomdash.declared.codebook import CODES, THEMES
from iomdash.declared.findings import FINDINGS
from iomdash.declared.quantifiers import QUANTIFIERS
from iomdash.declared.scheme import COHORTS, PATHWAYS
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.site.address import SOUGHT
from iomdash.site.parts import whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import theme_address
from pages import cohorts

LONGEST = 80
MOST = 12
NOTHING = "Nothing is called so. Try one word of it, such as accommodation, police or protection."
# What people say for what the declarations call otherwise.
MEANT = {
    "housing": "accommodation", "home": "accommodation", "homeless": "accommodation",
    "job": "employment", "jobs": "employment", "drink": "alcohol", "money": "finance",
    "withheld": "hidden", "suppressed": "hidden", "recidivism": "reoffending",
}  # fmt: skip
EMPTY = "Write one or two words above, such as housing, F05 or re-offending."


@dataclass(frozen=True)
class Entry:
    """One thing that can be sought: its kind, where it is told, its name and words about it."""

    kind: str
    address: str
    name: str
    about: str

    def rank(self, sought: Sequence[str]) -> int:
        """0 where its name begins with the first word sought, 1 where all are in the name, 2 where
        all are anywhere, 3 where one is missing.
        """
        name, whole = _plain(self.name), _plain(f"{self.name} {self.about}")
        if not all(f" {word}" in whole for word in sought):
            return 3
        in_name = all(f" {word}" in name for word in sought)
        return 0 if name.startswith(f" {sought[0]}") and in_name else 1 if in_name else 2


def page(sheet: Sheet) -> None:
    """What was sought, kind by kind, the nearest first."""
    sought = sheet.asked.get(SOUGHT).strip()[:LONGEST]
    title = escape(f"Search: {sought}" if sought else "Search")
    sheet.html(f"<h1>{title}</h1>{whole_page(sheet, figures=False)}{_found(sought)}")


def _found(sought: str) -> str:
    by_kind = found(sought)
    if not by_kind:
        return f"<p>{NOTHING if sought else EMPTY}</p>"
    return "".join(
        f"<h2>{kind}</h2><ul class='io-found'>{''.join(map(_line, entries[:MOST]))}</ul>"
        + (f"<p class='io-sub'>and {len(entries) - MOST} more</p>" if entries[MOST:] else "")
        for kind, entries in by_kind.items()
    )


def _line(entry: Entry) -> str:
    about = f"<span>{escape(entry.about)}</span>" if entry.about else ""
    return f'<li><a href="./{entry.address}">{escape(entry.name)}</a>{about}</li>'


def found(sought: str) -> dict[str, list[Entry]]:
    """Entries that hold every word sought, by kind, in the order of what is nearest."""
    words = [MEANT.get(word, word) for word in _plain(sought).split()]
    if not words:
        return {}
    ranked = sorted(((entry.rank(words), i, entry) for i, entry in enumerate(entries())))
    by_kind: dict[str, list[Entry]] = {}
    for rank, _, entry in ranked:
        if rank < 3:
            by_kind.setdefault(entry.kind, []).append(entry)
    return by_kind


def _plain(text: str) -> str:
    """Small letters and digits, a blank before every word."""
    return " " + " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("-", "")))


@lru_cache(maxsize=1)
def entries() -> tuple[Entry, ...]:
    """Everything that can be sought."""
    themes = {theme.id: theme_address(theme) for theme in THEMES}
    return (
        *(Entry("Findings", f.id, f"{f.id} {f.title}", f.ask) for f in FINDINGS),
        *(Entry("Themes", themes[t.id], t.name, t.about) for t in THEMES),
        *(Entry("Cohorts", cohorts.address(c), f"{c.name} ({c.id})", str(c.who)) for c in COHORTS),
        *(Entry("Codes", themes[c.theme], c.name, c.definition) for c in CODES.values()),
        *(Entry("Measures of agencies", "methods", m.title, m.definition)
          for m in MEASURES if m.shown),
        *(Entry("Pathways", "pathways", p.name, str(p.aim)) for p in PATHWAYS),
        *(Entry("Methods", "methods", word, about) for word, about in METHODS),
    )  # fmt: skip


METHODS: tuple[tuple[str, str], ...] = (
    *((verdict.words, "a verdict") for verdict in Verdict),
    *((sure.value, "how sure a verdict is") for sure in Sureness),
    *((quantifier.word, f"a word of a claim, which holds at {quantifier.bounds}")
      for quantifier in QUANTIFIERS),
    ("Protection of small groups", "what is withheld, hidden or shown in bands, and why"),
    ("Intervals", "what chance allows for, at 95 %"),
    ("Contracts", "what may enter, and the rules that it must keep"),
    ("Codebook", "what counts as yes and as no"),
)  # fmt: skip
