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
from iomdash.pictures.rates import RateRow, plain, rates
from iomdash.pictures.reoffending import ALLOWS
from iomdash.pictures.theme import EVERY, GROUP, Picture, spread
from iomdash.pictures.wording import listed, of
from iomdash.release.file import Row
from iomdash.release.reader import Release

PERIODS = {
    "earlier": "months 24 to 13 before",
    "before": "12 months before",
    "after": "12 months after",
}
TOGETHER = "All cohorts"
YEARS = "who joined in years that have closed, 12 months since"
DAYS_A_YEAR = 365.25
# What the intervals of rates allow for.
WHY_WIDE = "Intervals allow for people who offend often, and for the noise in the sums"


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
    subtitle = subtitle_of(release, everyone, measure.id)
    return spread(rates(title, subtitle, items, note=WHY_WIDE), quarter=EVERY)


def _rates(release: Release, people: AgencyGroup) -> Mapping[tuple[str, str], Row]:
    return {(row["period"], row["what"]): row for row in release.rates(people)}


def _row(label: str, row: Row | None, name: str = "rate") -> RateRow:
    if row is None:
        return RateRow(label, None, hidden=HIDDEN)
    return RateRow(label, row[name], row["low"], row["high"])


def by_cohort(release: Release, people: AgencyGroup) -> Picture:
    """Offending after joining as a multiple of that before it, in every cohort."""
    topic = "Offending after joining, as a multiple of before"
    groups = {TOGETHER: people.where(cohort=EVERYONE, quarter=EVERYONE)} | {
        cohort.id: people.where(cohort=cohort.id, quarter=EVERYONE) for cohort in COHORTS
    }
    if why := absent(release, "offending", groups[TOGETHER]):
        return nothing(topic, why)
    items = [
        _row(name, _ratio(release, group, "offences"), "ratio") for name, group in groups.items()
    ]
    shown = [item for item in items if item.rate is not None]
    if not shown:
        return nothing(topic, HIDDEN)
    # One picture makes as many statements as it has rows: those of a whole interval only.
    less = [item.label for item in shown if item.high is not None and item.high < 1]
    named = ["all cohorts together" if name == TOGETHER else name for name in less]
    words = f"less in {listed(named)}" if named else "no clear change"
    subtitle = subtitle_of(release, groups[TOGETHER], "offending")
    drawn = rates(
        f"{topic}: {words}", f"{subtitle}; {YEARS}", items,
        measure="After, as a multiple of before", same=1.0, note=WHY_WIDE,
    )  # fmt: skip
    return spread(drawn, cohort=GROUP, quarter=EVERY)


def _ratio(
    release: Release, people: AgencyGroup, what: str, period: str = "after", against: str = "before"
) -> Row | None:
    asked = (period, against, what)
    rows = [r for r in release.ratios(people) if (r["period"], r["against"], r["what"]) == asked]
    return rows[0] if rows else None


def rows(release: Release, people: AgencyGroup) -> list[dict[str, str]]:
    """Rates around joining and what they are of each other: a row a cohort, and one of all."""
    named = [(EVERYONE, TOGETHER), *((cohort.id, cohort.id) for cohort in COHORTS)]
    return [
        _rated(release, name, people.where(cohort=cohort, quarter=EVERYONE))
        for cohort, name in named
    ]


def _rated(release: Release, name: str, people: AgencyGroup) -> dict[str, str]:
    known = _rates(release, people)
    return {
        "Cohort": name,
        **{
            words.capitalize(): _told(known.get((period, "offences")))
            for period, words in PERIODS.items()
        },
        **{
            f"After to {against}": _times(_ratio(release, people, "offences", "after", against))
            for against in ("before", "earlier")
        },
    }


def _told(row: Row | None) -> str:
    return "▨ too few" if row is None else plain(row["rate"])


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
    known = _rates(release, everyone)
    before, after = (_years(known[period, "offences"]) for period in ("before", "after"))
    words = (
        f"A person-year after joining holds {plain(row['ratio'])} times the recorded offences of "
        f"one before it ({_ends(row)}): {_verdict(row, 'fewer', 'more', 'no clear change')}. They "
        f"were at large for {before} years before joining and {after} after it."
    )
    earlier = _ratio(release, everyone, "offences", "after", "earlier")
    if earlier is None:
        return f"{words} How much it would have fallen anyway is not known here."
    verdict = _verdict(
        earlier, "fewer than then", "more than then", "no clear difference from then"
    )
    return (
        f"{words} People join at a peak. Held against months 24 to 13 before joining, ahead of "
        f"that peak, it is {plain(earlier['ratio'])} times as many ({_ends(earlier)}): {verdict}."
    )


def _years(row: Row) -> str:
    return f"{row['days'] / DAYS_A_YEAR:,.0f}"


def _verdict(row: Row, fewer: str, more: str, unclear: str) -> str:
    """What a ratio's whole interval bears."""
    return fewer if row["high"] < 1 else more if row["low"] > 1 else unclear


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
    drawn = dots(f"{topic}: {words}", f"{subtitle}, with {ALLOWS}", items)
    return spread(drawn, cohort=GROUP, quarter=EVERY)


def _less(release: Release, people: AgencyGroup) -> Dot:
    row = release.share("offending_change", people)
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
        f"{plain(row['rate'])} days a person-year after joining are as much as "
        f"{plain(10 * row['rate'] / ROBBERY)} robberies by ten people in a year, or "
        f"{plain(row['rate'] / SHOP_THEFT)} thefts from shops by each of them. Left out: drugs and "
        "weapons, which tell how much the police searched."
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
    verdict = _verdict(row, "fewer", "more", "no clear change")
    return f"{words}, {plain(row['ratio'])} times as many ({_ends(row)}): {verdict}."
