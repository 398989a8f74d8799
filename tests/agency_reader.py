"""A reader of agencies' figures: what follows about few people from tables of releases alone.

Nothing here is shared with what protects the figures. A *statement* is about a group that filters
name: everybody in it has a kind, or nobody has, or just so many have.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from iomdash.declared.agencies import MEASURES
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.release.reader import Release

KINDS = tuple(m for m in MEASURES if m.adds_up)
SMALLEST = 5
Name = tuple[Any, ...]
Row = dict[str, Any]


def rows(release: Release, measure: str) -> list[Row]:
    """Rows of a measure's table; none where it is missing."""
    held = {r["table_name"] for r in release.rows("select table_name from duckdb_tables()")}
    table = f"recorded_{measure}"
    return [dict(r) for r in release.rows(f"select * from {table}")] if table in held else []


def described(release: Release) -> list[Name]:
    """Groups and quarters whose number in the caseload is not shown, of whom a measure has rows
    for some kinds and none for others: who has no row is nobody.
    """
    size = {
        tuple(r[f] for f in AGENCY_FILTERS): r["n"]
        for r in rows(release, "caseload") if r["what"] == "in" and r["reason"] == "All"
    }  # fmt: skip
    names: list[Name] = []
    for measure in KINDS:
        kinds: dict[Name, set[str]] = defaultdict(set)
        for r in rows(release, measure.id):
            kinds[tuple(r[f] for f in AGENCY_FILTERS)].add(r["what"])
        every = set().union(*kinds.values()) if kinds else set()
        names += [
            (measure.id, group, tuple(sorted(whats)))
            for group, whats in kinds.items() if size.get(group) is None and whats != every
        ]  # fmt: skip
    return names


def changed(one: Release, other: Release) -> list[Name]:
    """Figures of periods that the first release had that differ in the second."""
    names: list[Name] = []
    for measure in MEASURES:
        keys = (*AGENCY_FILTERS, *measure.dimensions, "what")
        old, new = (
            {tuple(r[k] for k in keys): (r["n"], r["hidden"]) for r in rows(item, measure.id)}
            for item in (one, other)
        )
        periods = {key[4] for key in old} - {"All"}
        same = {key: figure for key, figure in new.items() if key[4] in periods}
        names += [
            (measure.id, *key)
            for key in {**old, **same} if key[4] != "All" and old.get(key) != same.get(key)
        ]  # fmt: skip
    for table in ("reoffending_shares", "offending_rates", "curves"):
        sides = [{tuple(r.values()) for r in item.rows(f"select * from {table}")}
                 for item in (one, other)]  # fmt: skip
        if {r for r in sides[0] if " Q" in str(r)} - sides[1]:
            names.append((table,))
    return names


def few(release: Release, most: int = SMALLEST - 1) -> list[Name]:
    """Figures of fewer people than the smallest that are told as they are."""
    return [
        (m.id, *(r[f] for f in AGENCY_FILTERS), r["what"])
        for m in MEASURES for r in rows(release, m.id)
        if r["n"] is not None and 0 < r["n"] <= most
    ]  # fmt: skip


def alone(release: Release) -> list[Name]:
    """Groups of one person who ever joined, of whom anything else is told."""
    joined = {
        tuple(r[f] for f in AGENCY_FILTERS[:4])
        for r in rows(release, "caseload")
        if r["what"] == "joined" and r["quarter"] == "All" and r["n"] == 1
    }
    return sorted({name[1:5] for name in few(release, 10**9) if name[1:5] in joined})


def twice(release: Release) -> Iterator[Name]:
    """Figures that repeat another measure's, group by group: reasons and de-selection, and what is
    not recorded of work and of benefits.
    """
    left = {
        tuple(r[f] for f in AGENCY_FILTERS): (r["n"], r["hidden"])
        for r in rows(release, "caseload")
        if r["what"] == "left" and r["reason"] == "six_months_clear"
    }  # fmt: skip
    pairs = [
        (left, [r for r in rows(release, "deselection") if r["what"] == "deselected"]),
        ({tuple(r[f] for f in AGENCY_FILTERS): (r["n"], r["hidden"])
          for r in rows(release, "work") if r["what"] == "not_recorded"},
         [r for r in rows(release, "benefit") if r["what"] == "not_recorded"]),
    ]  # fmt: skip
    for known, others in pairs:
        for r in others:
            key = tuple(r[f] for f in AGENCY_FILTERS)
            if key in known:
                yield (r["what"], *key)
