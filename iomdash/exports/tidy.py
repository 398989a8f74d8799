"""Pictures as rows: one a figure, with whom it counts, how sure it is, and why where it is not."""

from collections.abc import Iterable, Iterator, Mapping

from iomdash.declared.groups import EVERYONE
from iomdash.exports.about import About, Cell
from iomdash.pictures.theme import MISSING, SHOWN, WITHHELD, Figure, Picture, Row
from iomdash.release.table_csv import csv_of

# What each column of a tidy file means, in its order after those that say whom it counts.
MEANING = {
    "figure": "what the page says of it",
    "measure": "measure, place and period in words",
    "group": "the row of the chart or table",
    "part": "the stance, step, month or column of it; empty where there is one",
    "numerator": "people, or records, counted",
    "base": "of how many; empty where a count is of nothing",
    "share": "numerator of base, from 0 to 1",
    "value": "where the figure is no share: a rate or a ratio",
    "unit": "what the value counts",
    "words": "where a table holds words",
    "low": "lower end of the 95 % interval",
    "high": "upper end of the 95 % interval",
    "state": "shown, band, range, withheld or not sent",
    "reason": "why it is not shown, or what stands in its place",
}
_DIGITS = 6
MARK = "▨"
NOT_SENT = "not sent"


def rows(pictures: Iterable[Picture], about: About) -> list[dict[str, Cell]]:
    """One row a figure of every picture."""
    return [
        {**about.columns(picture), **_across(picture, row), "figure": picture.title,
         "measure": picture.subtitle, **row}
        for picture in pictures
        for row in _figures(picture)
    ]  # fmt: skip


def _across(picture: Picture, row: Mapping[str, Cell]) -> dict[str, Cell]:
    """Values of the filters that a picture shows side by side, or does not follow."""
    return {name: row.get(place, EVERYONE) for name, place in picture.across}


def _figures(picture: Picture) -> Iterator[dict[str, Cell]]:
    figures = picture.figures or list(_of_table(picture.table)) or [_nothing(picture)]
    return (_row(figure) for figure in figures)


def _row(figure: Figure) -> dict[str, Cell]:
    share = None if figure.share is None else round(figure.share, _DIGITS)
    return {
        "group": figure.group, "part": figure.part, "numerator": figure.numerator,
        "base": figure.base, "share": share, "value": figure.value, "unit": figure.unit,
        "words": figure.words, "low": figure.low, "high": figure.high, "state": figure.state,
        "reason": figure.reason,
    }  # fmt: skip


def _nothing(picture: Picture) -> Figure:
    """The one row of a picture that has no figures: why."""
    state = WITHHELD if picture.withheld else MISSING
    return Figure("", state=state, reason=picture.title)


def _of_table(table: Iterable[Row]) -> Iterator[Figure]:
    """The cells of a table of words, a row each, named by their row's first cell."""
    for line in table:
        (_, first), *cells = line.items()
        for column, cell in cells:
            yield _worded(str(first), column, str(cell))


def _worded(group: str, part: str, words: str) -> Figure:
    if words.startswith(MARK):
        reason = words.removeprefix(MARK).strip()
        state = MISSING if reason.startswith(NOT_SENT) else WITHHELD
        return Figure(group, part, state=state, reason=reason)
    return Figure(group, part, words=words, state=SHOWN)


def csv_file(table: list[dict[str, Cell]]) -> bytes:
    """Rows as CSV for spreadsheets of any country: UTF-8 that says so, no cell a formula."""
    header = list(table[0]) if table else list(MEANING)
    return csv_of(header, [[_text(row[name]) for name in header] for row in table]).encode(
        "utf-8-sig"
    )


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)


def notes(about: Mapping[str, Cell]) -> list[tuple[str, str]]:
    """What a workbook says of itself before its figures."""
    return [
        *((name.capitalize(), _text(value)) for name, value in about.items()),
        ("", ""),
        *((name, meaning) for name, meaning in MEANING.items()),
    ]
