"""Days as people and programs write them, to ISO where only one day can be meant."""

import re
from dataclasses import dataclass
from datetime import date

import polars as pl

from iomdash.declared.contracts.standard import STYLES
from iomdash.intake.sources.raw import Order

_FORMS = {
    "dd-MMM-yy": r"^[0-9]{1,2}-[A-Za-z]{3}-[0-9]{2}$",
    "dd MMM yyyy": r"^[0-9]{1,2} [A-Za-z]{3} [0-9]{4}$",
    "yyyyMMdd": r"^[0-9]{8}$",
}
MIDNIGHT = r"[ T]00:00(?::00(?:\.0+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$"
FIGURES = r"^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})$"
BEGINS_IN_FIGURES = FIGURES.removesuffix("$")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_MONTH = re.compile(
    r"(?:([a-z]{3,9})\.?,?\s+)?([0-9]{1,2})(?:st|nd|rd|th)?[\s./-]+(?:of\s+)?([a-z]{3,9})\.?,?"
    r"[\s./-]+([0-9]{4}|[0-9]{2})"
)
_MONTH_DAY = re.compile(
    r"(?:([a-z]{3,9})\.?,?\s+)?([a-z]{3,9})\.?[\s-]+([0-9]{1,2})(?:st|nd|rd|th)?,?[\s-]+([0-9]{4})"
)
_YEAR_FIRST = re.compile(r"([0-9]{4})(?:([/.])([0-9]{2})\2|-([a-z]{3,9})-)([0-9]{2})")
_PIVOT = 69  # two figures from here on are of 19xx: POSIX strptime, %y


@dataclass(frozen=True)
class Evidence:
    """Cells of a column that can be read in one order only: the first of each, and how many."""

    day_first: tuple[str, ...]
    month_first: tuple[str, ...]
    either: tuple[str, ...]


def evidence(values: pl.Series) -> Evidence:
    """What the distinct values of a column tell of the order of figures."""
    if values.is_empty():
        return Evidence((), (), ())
    bare = values.to_frame("day").select(
        "day", pl.col("day").str.replace(MIDNIGHT, "").str.extract_groups(FIGURES).alias("parts")
    ).unnest("parts").drop_nulls()  # fmt: skip
    first, second = pl.col("1").cast(pl.Int32), pl.col("2").cast(pl.Int32)

    def those(which: pl.Expr) -> tuple[str, ...]:
        return tuple(bare.filter(which).get_column("day").sort())

    return Evidence(
        those((first > 12) & (first <= 31) & second.is_between(1, 12)),
        those((second > 12) & (second <= 31) & first.is_between(1, 12)),
        those(first.is_between(1, 12) & second.is_between(1, 12) & (first != second)),
    )


def iso(values: pl.Series, style: str | None, order: Order) -> pl.Series:
    """Distinct values as ISO days; what is no day for certain stays as it is."""
    days = _in_figures(_in_style(values, style), order)
    rest = days.filter(~days.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$").fill_null(value=True))
    written = {value: day for value in rest if (day := in_words(value))}
    return days.replace([*written], [*written.values()]) if written else days


def _in_style(values: pl.Series, style: str | None) -> pl.Series:
    if style is None:
        return values
    fitting = values.to_frame("day").select(
        pl.when(pl.col("day").str.contains(_FORMS[style])).then("day")
    ).to_series()  # fmt: skip
    days = fitting.str.to_date(STYLES[style], strict=False)
    return days.dt.to_string("%Y-%m-%d").fill_null(values)


def _in_figures(values: pl.Series, order: Order) -> pl.Series:
    parts = values.str.replace(MIDNIGHT, "").to_frame("day")
    day, month = (1, 2) if order == "day-first" else (2, 1)
    iso = pl.format(
        "{}-{}-{}",
        pl.col("day").str.extract(FIGURES, 3),
        pl.col("day").str.extract(FIGURES, month).str.zfill(2),
        pl.col("day").str.extract(FIGURES, day).str.zfill(2),
    )
    written = pl.when(pl.col("day").str.contains(FIGURES)).then(iso).otherwise("day")
    # A cast by itself would take 2025-1-5.
    known = written.str.contains("^.{10}$") & (
        written.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    )
    return parts.select(pl.when(known).then(written).otherwise(pl.lit(values))).to_series()


def in_words(text: str) -> str | None:
    """The day of a text that names the month or begins with the year; None where it is none."""
    text = re.sub(MIDNIGHT, "", text).strip().lower()
    if match := _DAY_MONTH.fullmatch(text):
        weekday, day, month, year = match.groups()
    elif match := _MONTH_DAY.fullmatch(text):
        weekday, month, day, year = match.groups()
    elif match := _YEAR_FIRST.fullmatch(text):
        year, _, month, name, day = match.groups()
        weekday, month = None, name or month
    else:
        return None
    number = int(month) if month.isdigit() else _place(month, _MONTHS)
    try:
        day_on = date(_full(year), number or 0, int(day))
    except ValueError:
        return None
    if weekday and _place(weekday, _WEEKDAYS) != day_on.isoweekday():
        return None
    return day_on.isoformat()


def _place(word: str, names: tuple[str, ...]) -> int | None:
    """The place of the name that the word begins, from 1."""
    return next((at for at, name in enumerate(names, 1) if name.startswith(word)), None)


def _full(year: str) -> int:
    if len(year) == 4:
        return int(year)
    return int(year) + (1900 if int(year) >= _PIVOT else 2000)
