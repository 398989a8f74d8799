"""What differs between two releases of one audience: row by row, matched by the key of each table.

Both are read as they are, whatever version of iomdash wrote them. The comparison holds nothing
that the two releases do not hold.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from iomdash.errors import UsageError
from iomdash.release.file import Row
from iomdash.release.matching import WORDS, differing, key_of, matched, only_words, ordered
from iomdash.release.reader import Release

RECORDED = "recorded_"
# The measure that a table is derived from; of others it stands in the row.
DERIVED = {
    "median_waits": "waits",
    "offending_rates": "offending",
    "offending_ratios": "offending",
    "reoffending_shares": "reoffending",
}
# How a release came about, not what it says.
LOG = ("changes", "checks", "loads", "manifest")
# Columns of a manifest's parts, which are compared instead of its one long cell.
MANIFEST = ("name", "value")


@dataclass(frozen=True)
class Change:
    """One row that differs: what names it, and the row in either release, None where it has none.

    `columns` are those whose cells differ; empty where one release lacks the row.
    """

    table: str
    key: Mapping[str, Any]
    before: Row | None
    after: Row | None
    columns: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """One of added, removed, shown, withheld and moved."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        was, now = _is_withheld(self.before), _is_withheld(self.after)
        return "moved" if was == now else "withheld" if now else "shown"

    @property
    def measure(self) -> str | None:
        """The measure of agencies' records that the row belongs to, if it is one of those."""
        if self.table == "recorded_dates":
            return None
        if self.table in ("curves", "shares", "recorded_versions"):
            return str(self.key["measure"])
        recorded = self.table.removeprefix(RECORDED)
        return DERIVED.get(self.table) or (recorded if recorded != self.table else None)

    @property
    def mirrored(self) -> "Change":
        """The same with before and after exchanged."""
        return Change(self.table, self.key, self.after, self.before, self.columns)


@dataclass(frozen=True)
class TableComparison:
    """One table: rows that are equal, those that say the same figures in other words, the rest.

    `only_before` and `only_after` name columns that one release lacks and that are not compared;
    `missing` is 'before' or 'after' where that release lacks the table.
    """

    table: str
    equal: int
    reworded: int
    changes: tuple[Change, ...]
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()
    missing: str | None = None

    @cached_property
    def kinds(self) -> Mapping[str, int]:
        """How many rows changed, by the kind of change."""
        return Counter(change.kind for change in self.changes)

    @property
    def changed(self) -> int:
        """Rows of both releases whose figures differ."""
        return len(self.changes) - self.kinds.get("added", 0) - self.kinds.get("removed", 0)

    @cached_property
    def columns(self) -> Mapping[str, int]:
        """In how many rows each column differs."""
        return Counter(column for change in self.changes for column in change.columns)

    @property
    def mirrored(self) -> "TableComparison":
        """The same with before and after exchanged."""
        missing = {"before": "after", "after": "before", None: None}[self.missing]
        changes = tuple(change.mirrored for change in self.changes)
        return TableComparison(
            self.table, self.equal, self.reworded, changes,
            self.only_after, self.only_before, missing,
        )  # fmt: skip


@dataclass(frozen=True)
class Stamp:
    """Which release it is: number, when it was published (ISO 8601), and its last day of data."""

    number: int
    published_at: str | None
    data_to: str | None


@dataclass(frozen=True)
class Comparison:
    """Two releases of one audience, and every table that one of them holds, by name."""

    audience: str
    before: Stamp
    after: Stamp
    tables: tuple[TableComparison, ...]

    @property
    def same(self) -> bool:
        """Whether no figure, group, wave or date differs."""
        return not any(table.changes for table in self.tables if table.table not in LOG)

    def of(self, table: str) -> Sequence[Change]:
        """Changes of one table; none where neither release holds it."""
        return next((other.changes for other in self.tables if other.table == table), ())

    @cached_property
    def findings(self) -> Mapping[str, Sequence[Change]]:
        """Changes of claims by finding, only those that changed."""
        return _grouped(self.of("claims"), "finding")

    @cached_property
    def measures(self) -> Mapping[str, Sequence[Change]]:
        """Changes of agencies' figures, and of what is derived from them, by measure."""
        changes: dict[str, list[Change]] = defaultdict(list)
        for table in self.tables:
            for change in table.changes:
                if change.measure:
                    changes[change.measure].append(change)
        return dict(sorted(changes.items()))

    @property
    def mirrored(self) -> "Comparison":
        """The comparison the other way round."""
        tables = tuple(table.mirrored for table in self.tables)
        return Comparison(self.audience, self.after, self.before, tables)


def compare(before: Release, after: Release) -> Comparison:
    """Every table of both releases, row by row.

    Raises UsageError where they are releases of two audiences.
    """
    one, other = audience_of(before), audience_of(after)
    if one != other:
        raise UsageError(
            f"{before.path} is the {one}'s and {after.path} the {other}'s. What one audience sees "
            "and another does not is no change: give two releases of one audience."
        )
    there, here = _columns(before), _columns(after)
    tables = tuple(
        _compared(name, before, after, there.get(name), here.get(name))
        for name in sorted({*there, *here})
    )
    return Comparison(one, _stamp(before), _stamp(after), tables)


def audience_of(release: Release) -> str:
    """Whose release it is, by its own policy; by the name of its file where that says nothing."""
    figures = release.manifest.get("policy", {}).get("figures", [])
    return str(figures[0]["audience"]) if figures else release.path.stem


def _stamp(release: Release) -> Stamp:
    manifest = release.manifest
    return Stamp(release.number, manifest.get("published_at"), manifest.get("data_to"))


def _columns(release: Release) -> dict[str, tuple[str, ...]]:
    """Columns of every table, in order."""
    names: dict[str, list[str]] = defaultdict(list)
    for row in release.rows(
        "select table_name, column_name from duckdb_columns() where not internal"
        " order by table_name, column_index"
    ):
        names[row["table_name"]].append(row["column_name"])
    return {**{name: tuple(columns) for name, columns in names.items()}, "manifest": MANIFEST}


def _compared(
    table: str, before: Release, after: Release,
    there: tuple[str, ...] | None, here: tuple[str, ...] | None,
) -> TableComparison:  # fmt: skip
    both = _shared(there, here)
    key = key_of(table, both)
    values = sorted({*both} - {*key}, key=lambda name: (name in WORDS, name))
    was_rows = [] if there is None else _rows(before, table)
    now_rows = [] if here is None else _rows(after, table)
    changes: list[Change] = []
    equal = reworded = 0
    for was, now in matched(was_rows, now_rows, key, values):
        columns = differing(was, now, values) if was and now else ()
        if was is None or now is None or not only_words(was, now, columns):
            named = {name: (was or now or {})[name] for name in key}
            changes.append(Change(table, named, was, now, columns))
        elif columns:
            reworded += 1
        else:
            equal += 1
    changes.sort(key=lambda change: ordered(change.key, key))
    return TableComparison(
        table, equal, reworded, tuple(changes), _lacking(there, here), _lacking(here, there),
        "before" if there is None else "after" if here is None else None,
    )  # fmt: skip


def _shared(there: tuple[str, ...] | None, here: tuple[str, ...] | None) -> tuple[str, ...]:
    """Columns of both, in the order of their names; of one, where the other lacks the table."""
    if there is None or here is None:
        return tuple(sorted(there or here or ()))
    return tuple(sorted({*there} & {*here}))


def _lacking(columns: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...]:
    if columns is None or other is None:
        return ()
    return tuple(sorted({*columns} - {*other}))


def _rows(release: Release, table: str) -> list[Row]:
    if table == "manifest":
        return list(_flat("", release.manifest))
    return release.table(table)


def _flat(name: str, value: Any) -> Iterator[Row]:
    """A manifest as rows: "policy.smallest", "5"."""
    if isinstance(value, dict) and value:
        parts = cast(dict[str, Any], value)
        for inner, part in parts.items():
            yield from _flat(f"{name}.{inner}" if name else inner, part)
    else:
        yield {"name": name, "value": json.dumps(value)}


def _is_withheld(row: Row) -> bool:
    return row.get("hidden") is not None


def _grouped(changes: Sequence[Change], name: str) -> Mapping[str, Sequence[Change]]:
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        groups[str(change.key[name])].append(change)
    return dict(sorted(groups.items()))
