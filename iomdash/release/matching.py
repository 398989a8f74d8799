"""Rows of two releases side by side, by the columns that name a row of each table."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, cast

from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.groups import KEY
from iomdash.release.file import Row

# Columns that name a row; of any other table, every column except `n` and `hidden`.
KEYS: Mapping[str, tuple[str, ...]] = {
    "board_answers": ("quarter", "condition"),
    "caseloads": ("wave", "cohort"),
    "changes": ("wave", "finding", "claim"),
    "checks": ("table_name", "rule"),
    "claims": (*KEY, "finding", "claim"),
    "contrasts": ("wave", "dimension", "one", "other", "finding", "claim"),
    "codes": (*KEY, "code", "among"),
    "curves": ("measure", *AGENCY_FILTERS, "cause", "month"),
    "excerpts": ("wave", "cohort", "code", "stance", "kind", "text"),
    "groups": KEY,
    "loads": ("table_name", "sha256"),
    "manifest": ("name",),
    "median_waits": (*AGENCY_FILTERS, "pathway", "step"),
    "offending_rates": (*AGENCY_FILTERS, "period", "what"),
    "offending_ratios": (*AGENCY_FILTERS, "period", "against", "what"),
    "pairs": (*KEY, "one", "other"),
    "profile": ("wave", "cohort", "field", "answer"),
    "recorded_dates": ("measure",),
    "recorded_versions": ("measure", *AGENCY_FILTERS),
    "recruitment": ("wave", "cohort", "outcome"),
    "reoffending_shares": AGENCY_FILTERS,
    "reach": (*KEY, "finding", "claim", "whom"),
    "shares": ("measure", *AGENCY_FILTERS),
    "shifts": ("wave", "finding"),
    "stated": ("wave", "code", "among"),
    "tests": (*KEY, "finding", "code", "among"),
    "voices": ("wave", "code", "stance"),
    "waves": ("wave",),
}
NO_KEY = ("n", "hidden")
# Reasons and sentences: where both releases have one, another wording is no other figure.
WORDS = ("hidden", "note", "reason", "sentence", "statement", "why")
# Relative; the same interval computed in another order of sums differs by some 1e-15.
NOISE = 1e-9

Pair = tuple[Row | None, Row | None]


def key_of(table: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Those of a table's columns that name its rows."""
    if table in KEYS:
        return tuple(name for name in columns if name in KEYS[table])
    return tuple(name for name in columns if name not in NO_KEY)


def matched(
    before: Sequence[Row], after: Sequence[Row], key: Sequence[str], values: Sequence[str]
) -> Iterator[Pair]:
    """Every row of both, None where one has none of that key.

    Where several rows share a key, equal ones meet first, then the rest in the order of cells.
    """
    there, here = _by(before, key), _by(after, key)
    for cells in {**there, **here}:
        yield from _paired(there.get(cells, []), here.get(cells, []), values)


def _by(rows: Sequence[Row], key: Sequence[str]) -> Mapping[tuple[Any, ...], list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[_cells(row, key)].append(row)
    return groups


def _paired(there: list[Row], here: list[Row], values: Sequence[str]) -> Iterator[Pair]:
    if len(there) > 1 or len(here) > 1:
        alike = Counter(_cells(r, values) for r in there) & Counter(_cells(r, values) for r in here)
        there, here = (_alike_first(rows, alike, values) for rows in (there, here))
    yield from zip_longest(there, here)


def _alike_first(
    rows: list[Row], alike: Counter[tuple[Any, ...]], values: Sequence[str]
) -> list[Row]:
    left = Counter(alike)
    first: list[Row] = []
    rest: list[Row] = []
    for row in sorted(rows, key=lambda row: ordered(row, values)):
        cells = _cells(row, values)
        (first if left[cells] > 0 else rest).append(row)
        left[cells] -= 1
    return [*first, *rest]


def _cells(row: Row, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(_hashable(row[name]) for name in names)


def _hashable(cell: Any) -> Any:
    return tuple(cast(list[Any], cell)) if isinstance(cell, list) else cell


def ordered(row: Row, names: Sequence[str]) -> tuple[tuple[str, Any], ...]:
    """Cells to sort by, also where one is null or of another type in the other release."""
    return tuple((type(cell).__name__, cell) for cell in _cells(row, names))


def differing(was: Row, now: Row, values: Sequence[str]) -> tuple[str, ...]:
    """Columns in which two rows differ by more than the noise of computing."""
    if was == now:
        return ()
    return tuple(name for name in values if not _alike(was[name], now[name]))


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        neither = math.isnan(one) and math.isnan(other)
        return neither or math.isclose(one, other, rel_tol=NOISE, abs_tol=NOISE)
    return one == other


def only_words(was: Row, now: Row, columns: Sequence[str]) -> bool:
    """Whether these columns, in which two rows differ, say the same in other words."""
    return all(
        name in WORDS and was[name] is not None and now[name] is not None for name in columns
    )
