"""A reader of agencies' figures: what follows about few people from tables of releases alone.

Nothing here is shared with what protects the figures. A *statement* is about a group that filters
name: everybody in it has a kind, or nobody has, or just so many have.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from iomdash.declared.agencies import BY_ID, MEASURES
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.agencies.ties import EACH, every
from iomdash.disclosure.policy import AgencyRules
from iomdash.release.reader import Release

KINDS = tuple(m for m in MEASURES if m.adds_up)
SMALLEST = 5
# Measures of which every figure is so many people, and what is told of the two largest of a sum.
OF_PEOPLE = {
    *(m.id for m in KINDS), "caseload", "in_custody", "benefit", "deselection", "offending_change",
    "since_first_offence", "in_treatment",
}  # fmt: skip
MOST_OF_TWO = 0.85
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
    """Figures of periods that the first release had that differ in the second, unless it says that
    the group was told anew.
    """
    names: list[Name] = []
    anew = {
        (r["measure"], *(r[f] for f in AGENCY_FILTERS))
        for r in other.rows("select * from recorded_versions where release = ?", [other.number])
    }
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
            for key in {**old, **same}
            if key[4] != "All" and old.get(key) != same.get(key)
            and (measure.id, *key[:5]) not in anew
        ]  # fmt: skip
    for table in ("reoffending_shares", "offending_rates") if not anew else ():
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


def dominated(
    release: Release, older: Release | None, counted: Mapping[str, pl.DataFrame]
) -> list[Name]:
    """Sums that the release tells for the first time, of which two people make more than may be;
    years that are added up are of what quarters told.
    """
    names: list[Name] = []
    added = {
        (r["measure"], *(r[f] for f in AGENCY_FILTERS))
        for r in release.rows("select * from recorded_versions where state = 'added'")
    }
    for measure in MEASURES:
        keys = [*AGENCY_FILTERS, *measure.dimensions, "what"]
        told = {r["quarter"] for r in rows(older, measure.id)} if older else set()
        new = [r for r in rows(release, measure.id)
               if r["n"] is not None and r["quarter"] not in told | {"All"}]  # fmt: skip
        if new and "month" not in keys:
            parts = counted[measure.id].filter(pl.col("top") > 1).select(*keys, "n", "two")
            two = {tuple(row[:-2]): row[-1] / row[-2] for row in parts.iter_rows() if row[-2]}
            at = [tuple(r[k] for k in keys) for r in new]
            own = [key for key in at if (measure.id, *key[: len(AGENCY_FILTERS)]) not in added]
            names += [(measure.id, *key) for key in own if two.get(key, 0) > MOST_OF_TWO]
    return names


def pinned(release: Release, rules: AgencyRules) -> list[Name]:
    """Hidden counts of people that declared sums leave one number, the bounds of each figure
    followed from sum to sum until none is narrower.
    """
    bounds: dict[Name, tuple[float, float]] = {}
    for measure in OF_PEOPLE:
        own = BY_ID[measure].dimensions
        for r in rows(release, measure):
            if r["quarter"] != "All" and r["hidden"] in (None, "few_people"):
                few_, noise = r["n"] is None, rules.noise
                low, high = (0, SMALLEST - 1 + noise) if few_ else (r["n"] - noise, r["n"] + noise)
                group = tuple(r[f] for f in AGENCY_FILTERS)
                # A year adds up people who may be in several of its quarters.
                if " Q" in r["quarter"]:
                    bounds[measure, r["what"], tuple(str(r[d]) for d in own), group] = low, high
    hidden = {key for key, (low, _) in bounds.items() if low == 0}
    sums = [*_sums(bounds)]
    for _ in range(20):
        if not sum(_narrowed(bounds, left, right) for left, right in sums):
            break
    return [key for key in hidden if bounds[key][1] - bounds[key][0] < 1]


def _sums(bounds: Mapping[Name, Any]) -> Iterator[tuple[list[Name], list[Name]]]:
    """Figures of one group that add up to others, as far as all of them are told."""
    places: dict[tuple[str, str], dict[Name, dict[Name, Name]]] = defaultdict(dict)
    for key in bounds:
        measure, what, own, group = key
        places[measure, what].setdefault(group, {})[own] = key
    groups = {key[3] for key in bounds}
    for tie in (tie for tie in every() if tie.relation == "="):
        for group in groups:
            sides = [_side(places, side, group) for side in (tie.left, tie.right)]
            if all(sides):
                yield sides[0], sides[1]


def _side(places: Mapping[Any, Any], side: Any, group: Name) -> list[Name]:
    keys: list[Name] = []
    for place in side:
        dimensions, chosen = BY_ID[place.measure].dimensions, dict(place.own)
        alone_ = "All" if BY_ID[place.measure].one_at_a_time else EACH
        wanted = [chosen.get(name, alone_) for name in dimensions]
        held = places.get((place.measure, place.what), {}).get(group, {})
        here = [
            key for own, key in held.items()
            if all(v == w or (w == EACH and v != "All") for v, w in zip(own, wanted, strict=True))
        ]  # fmt: skip
        if not here:
            return []
        keys += here
    return keys


def _narrowed(bounds: dict[Name, tuple[float, float]], left: list[Name], right: list[Name]) -> bool:
    """Whether a sum narrows the bounds of one of its figures."""
    narrower = False
    for one, other in ((left, right), (right, left)):
        for key in one:
            rest = [bounds[k] for k in one if k != key]
            low = sum(bounds[k][0] for k in other) - sum(high for _, high in rest)
            high = sum(bounds[k][1] for k in other) - sum(low for low, _ in rest)
            new = max(low, bounds[key][0]), min(high, bounds[key][1])
            narrower |= new != bounds[key]
            bounds[key] = new
    return narrower
