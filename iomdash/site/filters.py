"""Filters: what each offers in a release, which are set, and the strip that shows and sets them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape

from iomdash.declared.agencies.groups import AGENCY_FILTERS, AgencyGroup
from iomdash.declared.groups import EVERYONE, Group, joined, named
from iomdash.declared.scheme import COHORTS, PROVIDERS, SUPERVISIONS
from iomdash.pictures.wording import listed
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site.address import FILTERS, Asked

KEPT = 512
LONGEST = 40
EVERY_FILTER = ("cohort", "provider", "supervision")
NAMES = {"quarter": "Period"}
CHOICES = {
    "cohort": [cohort.id for cohort in COHORTS if cohort.adult],
    "provider": [provider.id for provider in PROVIDERS],
    "supervision": [kind.id for kind in SUPERVISIONS],
}
TOO_FEW = "▨ {}: too few to show"


@dataclass(frozen=True)
class Page:
    """What a page makes of the filters: those that it `uses`, whether its figures are of `wave`s,
    whether it shows `people` of agencies' records too, and the `cohort` that it is of whatever is
    asked.
    """

    uses: tuple[str, ...] = EVERY_FILTER
    wave: bool = True
    people: bool = False
    cohort: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The filters that it offers, in order."""
        return ("wave", *self.uses) if self.wave else self.uses


def name_of(filter: str) -> str:
    """A filter as pages call it."""
    return NAMES.get(filter, filter.capitalize())


@lru_cache(maxsize=KEPT)
def label(value: str) -> str:
    """A filter's value as it is shown and as the URL holds it."""
    return named(value)


# A page of what people said; one of agencies' figures; one of both; one of both of a cohort, or of
# all cohorts; one of no figures.
OF_INTERVIEWS = Page()
OF_PEOPLE = Page(AGENCY_FILTERS, wave=False, people=True)
OF_BOTH = Page(AGENCY_FILTERS, people=True)
OF_COHORTS = Page(AGENCY_FILTERS[1:], people=True, cohort=EVERYONE)
OF_NOTHING = Page((), wave=False)


@dataclass(frozen=True)
class Choice:
    """Whom a page is about as its address asks: every filter's value, the interviews and the
    people of agencies' records, who are never the same people, and what the address asks for that
    is not there, in words.
    """

    values: Mapping[str, str]
    group: Group
    people: AgencyGroup
    unknown: tuple[str, ...]


def whose(release: Release, page: Page, asked: Asked) -> Choice:
    """The choice of a page's address: for the page, and for what is taken away of it."""
    values = chosen(release, page, asked)
    own = {n: values[n] for n in page.uses if n != "wave"}
    if page.cohort is not None:
        own["cohort"] = page.cohort
    group = Group(values["wave"], **{n: own[n] for n in EVERY_FILTER if n in own})
    people = AgencyGroup(**own)
    if len(joined(people.cohort)) > 1:  # agencies count each cohort by itself
        people = people.where(cohort=EVERYONE)
    return Choice(values, group, people, tuple(unknown(release, page, values["wave"], asked)))


def picked(release: Release, asked: Asked) -> Mapping[str, str]:
    """Every filter's value as the address asks for it, where the release knows it."""
    waves = [wave.id for wave in release.waves]
    wave = asked.choice("wave", waves)
    values = {
        name: _meant(asked.get(name), offered(release, wave, name)) for name in AGENCY_FILTERS
    }
    return {"wave": wave, **values}


def kept(release: Release, values: Mapping[str, str]) -> Mapping[str, str]:
    """Of all filters' values those that are set, as the URL holds them: what a link to another
    page takes along, and one to a file.
    """
    newest = release.waves[0].id
    return {n: label(v) for n, v in values.items() if v not in (EVERYONE, newest)}


def chosen(release: Release, page: Page, asked: Asked) -> Mapping[str, str]:
    """As `picked`, without what a page does not know of the filters that it uses."""
    values = picked(release, asked)
    return {
        name: value if value in known(release, page, values["wave"], name) else EVERYONE
        for name, value in values.items()
    }


def known(release: Release, page: Page, wave: str, name: str) -> tuple[str, ...]:
    """What a page knows of a filter; of one that it does not use, all that any page does."""
    return options(release, wave, name, people=page.people or name not in page.names)


def _meant(word: str, values: Sequence[str]) -> str:
    return next((value for value in values if label(value) == word), EVERYONE)


def options(release: Release, wave: str, name: str, *, people: bool) -> tuple[str, ...]:
    """What a filter offers; with agencies' people, also what they alone know."""
    if name == "wave":
        return tuple(wave.id for wave in release.waves)
    return offered(release, wave, name) if people else (EVERYONE, *choices(release, wave, name))


@remembered(KEPT)
def offered(release: Release, wave: str, name: str) -> tuple[str, ...]:
    """All that interviews of a wave or agencies know of a filter, everybody first."""
    return tuple(dict.fromkeys([EVERYONE, *choices(release, wave, name), *release.choices(name)]))


def choices(release: Release, wave: str, name: str) -> list[str]:
    """Values of a filter in a wave: those of the scheme, and cohorts that are shown together."""
    if name not in CHOICES:
        return []
    known = {str(getattr(group, name)) for group in release.sizes if group.wave == wave}
    joint = [value for value in sorted(known) if len(joined(value)) > 1]
    whole = [value for value in joint if release.size(Group(wave, value)).n is not None]
    return [value for value in CHOICES[name] if value in known] + whole


def too_small(release: Release, group: Group, name: str, values: Sequence[str]) -> list[str]:
    """Choices of a filter that would lead to hidden figures, given the other filters."""
    others = ((value, replace(group, **{name: value})) for value in values)
    return [label(value) for value, other in others if release.size(other).hidden]


# ------------------------------------------------------------------------------------ as HTML


def strip(
    release: Release, page: Page, values: Mapping[str, str], about: Sequence[str], asked: Asked
) -> str:
    """The row under the header: what is set, each with a way to take it back, what the figures are
    `about`, and the filters.
    """
    chips = [_chip(page, name, values[name], release, asked) for name in FILTERS]
    more = [f'<span class="io-chip">{escape(part)}</span>' for part in about]
    fields = "".join(_field(release, page, name, values) for name in page.names)
    clear = f'<a href="{asked.changed(**dict.fromkeys(FILTERS, ""))}" data-exact="1">Clear all</a>'
    panel = f"<div>{fields}{clear if any(map(asked.get, FILTERS)) else ''}</div>"
    filters = f'<details class="io-filters"><summary>Filters</summary>{panel}</details>'
    shown = f'<p class="io-set" data-said="{_said(values, about)}">{"".join([*chips, *more])}</p>'
    return f'<div class="io-strip"><div>{shown}{filters if fields else ""}</div></div>'


def _said(values: Mapping[str, str], about: Sequence[str]) -> str:
    """What the row shows, for whoever hears that it has changed."""
    is_set = [label(value) for value in values.values() if value != EVERYONE]
    return escape(", ".join([*is_set, *about]))


def _chip(page: Page, name: str, value: str, release: Release, asked: Asked) -> str:
    """What one filter is set to, as HTML; '' where it is not, but a page of waves names its own."""
    unused = "" if name in page.names else " <small>(not used here)</small>"
    if name == "wave" and value == release.waves[0].id:
        return "" if unused else f'<span class="io-chip"><b>{escape(value)}</b> wave</span>'
    if value == EVERYONE:
        return ""
    words = f"{name_of(name)} <b>{escape(label(value))}</b>{unused}"
    back = f'<a class="io-chip" href="{asked.changed(**{name: ""})}" data-exact="1">'
    return (
        f'{back}<span class="io-away">Remove: </span>{words} <span aria-hidden="true">×</span></a>'
    )


def _field(release: Release, page: Page, name: str, values: Mapping[str, str]) -> str:
    """A filter with its choices, those marked that would show nothing, as HTML."""
    all_ = options(release, values["wave"], name, people=page.people)
    if len(all_) < 2:
        return ""
    few = _few(release, page, name, values, all_)
    lines = "".join(
        f'<option value="{"" if value == all_[0] else escape(label(value))}"'
        f"{' selected' if value == values[name] else ''}>"
        f"{escape(TOO_FEW.format(label(value)) if label(value) in few else label(value))}</option>"
        for value in all_
    )
    return f'<label>{name_of(name)}<select name="{name}">{lines}</select></label>'


def _few(
    release: Release, page: Page, name: str, values: Mapping[str, str], offers: Sequence[str]
) -> Sequence[str]:
    if name not in EVERY_FILTER or not page.wave:
        return ()
    group = Group(values["wave"], **{n: values[n] for n in EVERY_FILTER if n in page.uses})
    return too_small(release, group, name, offers)


# ------------------------------------------------------------------------------------ in words


def unknown(release: Release, page: Page, wave: str, asked: Asked) -> list[str]:
    """What the address asks for and the release does not have, or asks for twice, in words."""
    names = FILTERS if page.people else ("wave", *EVERY_FILTER)
    every = {name: known(release, page, wave, name) for name in names}
    given = {name: asked.get(name) for name in names if asked.get(name)}
    strange = [name for name, words in given.items() if words not in map(label, every[name])]
    return [
        *(
            f"There is no {name_of(n).lower()} '{given[n][:LONGEST]}' here; "
            f"{label(every[n][0])} is shown.{_with_others(given[n], every[n])}"
            for n in strange
        ),
        *(
            f"The address gives the {name_of(n).lower()} more than once; the last, "
            f"'{asked.get(n)[:LONGEST]}', counts."
            for n in asked.repeated()
        ),
    ]


def _with_others(word: str, values: Sequence[str]) -> str:
    """Under which name a choice is counted that nobody counts by itself, in words."""
    whole = next((v for v in values if word in map(label, joined(v))), None)
    return f" It is counted together with others: choose “{label(whole)}”." if whole else ""


def unused(page: Page, values: Mapping[str, str], newest: str) -> list[str]:
    """Filters that are set and that the page does not use, in words."""
    ignored = [n for n in FILTERS if n not in page.names and values[n] not in (EVERYONE, newest)]
    names = listed([name_of(name).lower() for name in ignored])
    return [f"This page does not use the {names} filter."] if ignored else []
