"""Offending, harm and domestic incidents around the day of joining, as pictures and in words."""

from collections.abc import Mapping

from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.agencies.offending import ROBBERY, SHOP_THEFT
from iomdash.declared.groups import EVERYONE
from iomdash.declared.scheme import COHORTS
from iomdash.pictures.agency_figures import (
    HIDDEN,
    absent,
    counts,
    few,
    figure,
    nothing,
    subtitle_of,
)
from iomdash.pictures.dots import Dot, dots
from iomdash.pictures.heat import HeatCell, heat
from iomdash.pictures.rates import RateRow, plain, rates
from iomdash.pictures.reoffending import ALLOWS
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import of
from iomdash.release.file import Row
from iomdash.release.reader import Release

PERIODS = {
    "earlier": "12 months before that",
    "before": "12 months before joining",
    "after": "12 months after joining",
}
YEARS = "who joined in years that have closed, 12 months since"
DAYS_A_YEAR = 365.25
# What the intervals of rates allow for.
WHY_WIDE = "Intervals allow for people who offend often, and for the noise in the sums"
# Bands of years from the first offence to adoption, the shortest first.
SINCE = ("under_1", "under_3", "under_10", "longer", "none")


def before_and_after(release: Release, people: AgencyGroup) -> Picture:
    """Offences and arrests a person-year at large around joining, with their intervals."""
    measure = BY_ID["offending"]
    everyone = people.where(quarter=EVERYONE)
    if why := absent(release, measure.id, everyone):
        return nothing(measure.title, why)
    known = _rates(release, everyone)
    items = [
        _row(f"{measure.whats[what].capitalize()}, {words}", known.get((period, what)))
        for what in ("offences", "arrests")
        for period, words in PERIODS.items()
    ]
    if all(item.rate is None for item in items):
        return nothing(measure.title, HIDDEN)
    before, after = (known.get((period, "offences")) for period in ("before", "after"))
    title = (
        f"Offences a person-year: {plain(before['rate'])} before joining, "
        f"{plain(after['rate'])} after"
        if before and after
        else measure.title
    )
    return rates(title, subtitle_of(release, everyone, measure.id), items, note=WHY_WIDE)


def _rates(release: Release, people: AgencyGroup) -> Mapping[tuple[str, str], Row]:
    return {(row["period"], row["what"]): row for row in release.rates(people)}


def _row(label: str, row: Row | None, name: str = "rate") -> RateRow:
    if row is None:
        return RateRow(label, None, hidden=HIDDEN)
    return RateRow(label, row[name], row["low"], row["high"])


def by_cohort(release: Release, people: AgencyGroup) -> Picture:
    """Offending after joining as a multiple of that before it, in every cohort."""
    topic = "Offending after joining, as a multiple of before"
    groups = {"All cohorts": people.where(cohort=EVERYONE, quarter=EVERYONE)} | {
        cohort.id: people.where(cohort=cohort.id, quarter=EVERYONE) for cohort in COHORTS
    }
    if why := absent(release, "offending", groups["All cohorts"]):
        return nothing(topic, why)
    items = [
        _row(name, _ratio(release, group, "offences"), "ratio") for name, group in groups.items()
    ]
    shown = [item for item in items if item.rate is not None]
    if not shown:
        return nothing(topic, HIDDEN)
    # One picture makes as many statements as it has rows: those of a whole interval only.
    less = [item.label for item in shown if item.high is not None and item.high < 1]
    words = f"less in {', '.join(less)}" if less else "no clear change in any cohort"
    subtitle = subtitle_of(release, groups["All cohorts"], "offending")
    return rates(
        f"{topic}: {words}", f"{subtitle}; {YEARS}", items,
        measure="After, as a multiple of before", same=1.0, note=WHY_WIDE,
    )  # fmt: skip


def _ratio(
    release: Release, people: AgencyGroup, what: str, period: str = "after", against: str = "before"
) -> Row | None:
    asked = (period, against, what)
    rows = [r for r in release.ratios(people) if (r["period"], r["against"], r["what"]) == asked]
    return rows[0] if rows else None


def rows(release: Release, people: AgencyGroup) -> list[dict[str, str]]:
    """Rates around joining and what they are of each other: a row a cohort, and one of all."""
    named = [(EVERYONE, "All cohorts"), *((cohort.id, cohort.id) for cohort in COHORTS)]
    return [
        _rated(release, name, people.where(cohort=cohort, quarter=EVERYONE))
        for cohort, name in named
    ]


def _rated(release: Release, name: str, people: AgencyGroup) -> dict[str, str]:
    known = _rates(release, people)
    both = {
        f"{a.capitalize()} to {b}": _times(_ratio(release, people, "offences", a, b))
        for a, b in (("after", "before"), ("before", "earlier"), ("after", "earlier"))
    }
    at_large = [known.get((period, "offences")) for period in ("before", "after")]
    years = " and ".join("▨" if r is None else f"{r['days'] / DAYS_A_YEAR:.0f}" for r in at_large)
    return {
        "Cohort": name,
        **{
            words.capitalize(): _told(known.get((period, "offences")))
            for period, words in PERIODS.items()
        },
        **both,
        "Years at large before and after": years,
    }


def _told(row: Row | None) -> str:
    return f"▨ {HIDDEN}" if row is None else plain(row["rate"])


def _times(row: Row | None) -> str:
    return "▨" if row is None else f"{plain(row['ratio'])} ({_ends(row)})"


def _ends(row: Row) -> str:
    return f"{plain(row['low'])} to {plain(row['high'])}"


def fallen(release: Release, people: AgencyGroup) -> str:
    """How much less was recorded after joining, and whether less than before the peak."""
    everyone = people.where(quarter=EVERYONE)
    row = _ratio(release, everyone, "offences")
    if row is None:
        return ""
    words = (
        f"A person-year after joining holds {plain(row['ratio'])} times the recorded offences of "
        f"one before it ({_ends(row)})."
    )
    earlier = _ratio(release, everyone, "offences", "after", "earlier")
    if earlier is None:
        return f"{words} How much it would have fallen anyway is not known here."
    verdict = (
        "less than even then" if earlier["high"] < 1
        else "more than then" if earlier["low"] > 1
        else "no clear difference from then"
    )  # fmt: skip
    return (
        f"{words} People join at a peak. Held against the 12 months before that peak, it is "
        f"{plain(earlier['ratio'])} times as many ({_ends(earlier)}): {verdict}."
    )


def less_often(release: Release, people: AgencyGroup) -> Picture:
    """People who offended less often after joining than before it, in every cohort."""
    topic = BY_ID["offending_change"].title
    everyone = people.where(quarter=EVERYONE)
    if why := absent(release, "offending_change", everyone.where(cohort=COHORTS[0].id)):
        return nothing(topic, why)
    items = [_less(release, everyone.where(cohort=cohort.id)) for cohort in COHORTS]
    every = _less(release, everyone.where(cohort=EVERYONE))
    if not any(dot.n for dot in items):
        return nothing(topic, HIDDEN)
    words = of(every.x, every.n) if every.x is not None and every.n else "not shown of all cohorts"
    subtitle = subtitle_of(release, everyone.where(cohort=EVERYONE), "offending_change")
    return dots(f"{topic}: {words}", f"{subtitle}, with {ALLOWS}", items)


def _less(release: Release, people: AgencyGroup) -> Dot:
    row = release.less_often(people)
    if row is None:
        return Dot(people.cohort, None, None, None, None, HIDDEN)
    return Dot(people.cohort, row["x"], row["n"], row["low"], row["high"])


def harm(release: Release, people: AgencyGroup) -> list[dict[str, str]]:
    """Days of harm a person-year around joining, and the offences behind them, as a table."""
    everyone, whats = people.where(quarter=EVERYONE), BY_ID["harm"].whats
    known = _rates(release, everyone)
    lines = {
        "Days of harm a person-year": {
            period: _told(row) if (row := known.get((period, "harm"))) is None or row["low"] is None
            else f"{plain(row['rate'])} ({_ends(row)})"
            for period in PERIODS
        },
        **{
            whats[what].capitalize(): {
                period: figure(*counts(release, "harm", everyone, (what,), period=period)[what])
                for period in PERIODS
            }
            for what in ("weighed", "unweighed")
        },
    }  # fmt: skip
    return [
        {"Harm": name, **{PERIODS[period].capitalize(): cell for period, cell in cells.items()}}
        for name, cells in lines.items()
    ]


def harm_in_words(release: Release, people: AgencyGroup) -> str:
    """What the days of harm of a person-year after joining mean; '' where they are not shown."""
    row = _rates(release, people.where(quarter=EVERYONE)).get(("after", "harm"))
    if row is None:
        return ""
    return (
        "A day of harm is a day in prison that a court would start from for a first offence. "
        f"{plain(row['rate'])} days a person-year after joining are those of "
        f"{plain(row['rate'] / ROBBERY)} robberies, or of {plain(row['rate'] / SHOP_THEFT)} thefts "
        "from shops. Left out: drugs and weapons, which tell how much the police searched."
    )


def domestic(release: Release, people: AgencyGroup) -> str:
    """Domestic incidents a person-year before and after joining, in words; why where not shown."""
    topic, everyone = BY_ID["domestic_change"].title, people.where(quarter=EVERYONE)
    if why := absent(release, "domestic_change", everyone):
        return f"{topic}: {why}."
    known = _rates(release, everyone)
    before, after = (known.get((period, "incidents")) for period in ("before", "after"))
    if before is None or after is None:
        return f"{topic}: ▨ {few(release)}."
    row = _ratio(release, everyone, "incidents")
    words = (
        f"Domestic incidents a person-year: {plain(before['rate'])} before joining, "
        f"{plain(after['rate'])} after"
    )
    if row is None:
        return f"{words}."
    verdict = "fewer" if row["high"] < 1 else "more" if row["low"] > 1 else "no clear change"
    return f"{words}, {plain(row['ratio'])} times as many ({_ends(row)}): {verdict}."


def since_first_offence(release: Release, people: AgencyGroup) -> Picture:
    """Years from the first recorded offence to joining: a row a cohort, a column a band."""
    measure = BY_ID["since_first_offence"]
    figures = {
        cohort.id: counts(release, measure.id, people.where(cohort=cohort.id), SINCE)
        for cohort in COHORTS
    }
    every = counts(release, measure.id, people.where(cohort=EVERYONE), SINCE)
    cells = [
        HeatCell(cohort, measure.whats[what].capitalize(), n, _sum(counted), why)
        for cohort, counted in figures.items()
        for what, (n, why) in counted.items()
    ]
    if all(cell.x is None for cell in cells):
        return nothing(measure.title, cells[0].hidden or HIDDEN)
    early = sum(every[what][0] or 0 for what in ("under_1", "under_3"))
    title = f"{measure.title}: {of(early, _sum(every))} joined within 3 years"
    subtitle = subtitle_of(release, people.where(cohort=EVERYONE), measure.id)
    note = "As far back as the police's extract goes: where it lacks early years, these are too few"
    picture = heat(title, subtitle, cells, rows_are="Cohort")
    return Picture(title, subtitle, picture.alt, picture.spec, picture.table, note)


def _sum(figures: Mapping[str, tuple[int | None, str | None]]) -> int:
    return sum(n or 0 for n, _ in figures.values())


def deselected(release: Release, people: AgencyGroup) -> str:
    """How many left as six months clear, and for how many of them the records agree, in words."""
    whats = ("deselected", "deselected_clear", "eligible")
    if why := absent(release, "deselection", people):
        return f"{BY_ID['deselection'].title}: {why}."
    left, agree, still = (
        figure(*counts(release, "deselection", people, whats)[what]) for what in whats
    )
    return (
        f"{left} left as six months clear; the records of offences and custody agree for {agree}. "
        f"{still} are six months clear by the records and still in. The partners decide, and may "
        "know more than the records."
    )
