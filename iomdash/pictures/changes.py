"""What changed between two releases, in words: findings first, then the rest."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, cast

from iomdash.declared.agencies import BY_ID
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import EVERYONE, KEY, Group, spoken
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.pictures.wording import standing
from iomdash.release.cells import ClaimCell
from iomdash.release.comparison import LOG, Change, Comparison, Stamp
from iomdash.release.file import Row

# More lines than this of one finding or measure are counted; the JSON holds all of them.
MOST_LINES = 8
TITLES = {finding.id: finding.title for finding in FINDINGS}
# Tables that have a section of their own; agencies' figures are told by measure.
SECTIONS = ("claims", "groups", "waves", "recorded_dates", *LOG)
# Parts of a policy whose values are lists of reasons, too long for a line.
LONG = ("figures", "bands", "public")
KINDS = {
    "moved": "moved",
    "shown": "newly shown",
    "withheld": "newly withheld",
    "added": "new",
    "removed": "no longer there",
}


def words(comparison: Comparison) -> list[str]:
    """Lines that say what changed, the findings first, and how many rows were compared."""
    before, after = comparison.before, comparison.after
    first = f"For the {comparison.audience}: {_named(before)}, held against {_named(after)}."
    if comparison.same:
        return [first, "Nothing changed: every figure, group, wave and date is the same.",
                *_policy(comparison), *_rows(comparison)]  # fmt: skip
    sections = (_findings, _groups, _waves, _dates, _measures, _others, _policy, _rows)
    return [first, *(line for section in sections for line in section(comparison))]


def _named(stamp: Stamp) -> str:
    published = f" of {_day(stamp.published_at)}" if stamp.published_at else ""
    reach = f", data to {_day(stamp.data_to)}" if stamp.data_to else ""
    return f"release {stamp.number}{published}{reach}"


def _day(value: Any) -> str:
    day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return f"{day.day} {day:%B %Y}"


def _findings(comparison: Comparison) -> Iterator[str]:
    changed = comparison.findings
    if not changed:
        yield "No claim of any finding changed."
        return
    yield f"Findings that changed: {len(changed)} of {len({*TITLES} | {*changed})}."
    for finding, changes in changed.items():
        yield f"{finding} {TITLES.get(finding, '')}".rstrip()
        yield from _listed(changes, _claim)


def _claim(change: Change) -> str:
    row = change.after or change.before or {}
    return f"{row.get('statement', 'Claim')}, {_where(change)}: {_was_is(change, _said)}"


def _where(change: Change) -> str:
    """A group with its wave: "PPO in wave 2026"."""
    group = _group_of(change)
    return f"{spoken(group)} in wave {group.wave}" if group.filtered else spoken(group)


def _group_of(change: Change) -> Group:
    return Group(*(str(change.key.get(name, EVERYONE)) for name in KEY))


def _said(row: Row) -> str:
    """A claim's verdict with figures, interval and chance: "Weaker than claimed (9 of 11; 48 to 98
    of 100; could be chance)".
    """
    if row.get("hidden") is not None:
        return "withheld"
    verdict = Verdict.__members__.get(str(row.get("verdict")), Verdict.UNTOLD)
    cells: dict[str, Any] = {name: row.get(name) for name in ClaimCell.__dataclass_fields__}
    cells["verdict"] = verdict
    cells["sure"] = Sureness.__members__.get(str(row.get("sure")))
    words = standing(ClaimCell(**cells))
    low, high = row.get("low"), row.get("high")
    bounds = "" if low is None or high is None else f"; {100 * low:.0f} to {100 * high:.0f} of 100"
    chance = f"; {cells['sure'].value}" if cells["sure"] else ""
    return f"{verdict.words} ({words}{bounds}{chance})"


def _was_is(change: Change, say: Callable[[Row], str]) -> str:
    """Both sides in words, and the cells that differ where the words do not show it."""
    if change.before is None:
        return f"new, {say(change.after or {})}"
    if change.after is None:
        return f"no longer there, was {say(change.before)}"
    was, now = say(change.before), say(change.after)
    if was != now:
        return f"was {was}, is {now}"
    return "; ".join(_cell(change.before, change.after, name) for name in change.columns)


def _cell(was: Row, now: Row, name: str) -> str:
    return f"{name.replace('_', ' ')} was {_value(was[name])}, is {_value(now[name])}"


def _value(value: Any) -> str:
    if value is None:
        return "not given"
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(str, cast(list[Any], value))) if isinstance(value, list) else str(value)


def _groups(comparison: Comparison) -> Iterator[str]:
    changes = comparison.of("groups")
    if changes:
        yield f"Groups: {_counted(changes)}."
        yield from _listed(changes, _group)


def _group(change: Change) -> str:
    return f"{_where(change)}: {_was_is(change, _people)}"


def _people(row: Row) -> str:
    return "withheld" if row.get("hidden") is not None else f"{row.get('n') or 0:,} interviews"


def _waves(comparison: Comparison) -> Iterator[str]:
    for change in comparison.of("waves"):
        yield f"Wave {change.key['wave']}: {_was_is(change, _round)}."


def _round(row: Row) -> str:
    n = row.get("n")
    size = "size withheld" if n is None else f"{n:,} interviews"
    first, last = row.get("first_on"), row.get("last_on")
    return f"{size}, {_day(first)} to {_day(last)}" if first and last else size


def _dates(comparison: Comparison) -> Iterator[str]:
    for change in comparison.of("recorded_dates"):
        yield f"{title_of(str(change.key['measure']))}: {_was_is(change, _reach)}."


def _reach(row: Row) -> str:
    return f"data to {_day(row['data_to'])}" if row.get("data_to") else "no date"


def title_of(measure: str) -> str:
    """A measure's title, or its id where it is not declared any more."""
    return BY_ID[measure].title if measure in BY_ID else measure.replace("_", " ")


def _measures(comparison: Comparison) -> Iterator[str]:
    for measure, changes in comparison.measures.items():
        yield f"{title_of(measure)}, agencies' figures: {_counted(changes)}."
        yield from _listed(changes, _figure)


def _figure(change: Change) -> str:
    """One of agencies' figures: "kept, PPO, 2026 Q3: was 40, is 45"."""
    named = {k: v for k, v in change.key.items() if v not in (EVERYONE, "") and k != "measure"}
    what = [str(named.pop("what"))] if "what" in named else []
    labels = [*what, *(f"month {v}" if k == "month" else str(v) for k, v in named.items())]
    return f"{', '.join(labels) or 'everybody'}: {_was_is(change, _count)}"


def _count(row: Row) -> str:
    if row.get("hidden") is not None:
        return "withheld"
    if row.get("x") is not None:
        return f"{row['x']:,} of {row['n']:,}"
    if "n" in row:
        return _value(row["n"])
    return _value(next((row[name] for name in ("rate", "free") if name in row), None))


def _others(comparison: Comparison) -> Iterator[str]:
    for table in comparison.tables:
        if table.table not in SECTIONS and table.changes and not table.changes[0].measure:
            yield f"{table.table.capitalize()}: {_counted(table.changes)}."


def _policy(comparison: Comparison) -> Iterator[str]:
    for change in comparison.of("manifest"):
        part, _, name = str(change.key["name"]).partition(".")
        if part == "policy" and name not in LONG:
            yield f"Policy of disclosure, {name}: {_was_is(change, _plain)}."


def _plain(row: Row) -> str:
    return str(row["value"])


def _rows(comparison: Comparison) -> Iterator[str]:
    """How many rows were compared, and what only one of the releases has room for."""
    tables = comparison.tables
    yield (
        f"Rows compared: {sum(t.equal for t in tables):,} equal, "
        f"{sum(t.reworded for t in tables):,} with the same figures in other words, "
        f"{sum(t.changed for t in tables):,} changed, "
        f"{sum(t.kinds.get('removed', 0) for t in tables):,} in the first release only, "
        f"{sum(t.kinds.get('added', 0) for t in tables):,} in the second only."
    )
    for table in tables:
        if table.missing:
            which = "first" if table.missing == "before" else "second"
            yield f"Table {table.table} is missing in the {which} release."
        for which, names in (("first", table.only_before), ("second", table.only_after)):
            if names:
                yield f"Columns of {table.table} in the {which} release only: {', '.join(names)}."


def _counted(changes: Sequence[Change]) -> str:
    """How many of every kind: "3 moved, 1 newly shown"."""
    kinds = [change.kind for change in changes]
    return ", ".join(f"{kinds.count(k):,} {word}" for k, word in KINDS.items() if k in kinds)


def _listed(changes: Sequence[Change], say: Callable[[Change], str]) -> Iterator[str]:
    for change in changes[:MOST_LINES]:
        yield f"  {say(change)}"
    if len(changes) > MOST_LINES:
        yield f"  and {len(changes) - MOST_LINES:,} more"


def before_and_after(comparison: Comparison) -> list[dict[str, str]]:
    """What changed of findings, groups and agencies' figures as a table: what, who, before, after.

    The same words as the lines, and every row, claims of whole waves first.
    """
    changed = [(finding, c) for finding, found in comparison.findings.items() for c in found]
    claims = [
        _row(f"{finding} {(c.after or c.before or {}).get('statement', 'Claim')}", c, _said)
        for finding, c in sorted(changed, key=lambda one: _group_of(one[1]).filtered)
    ]
    groups = [_row("Interviews in the group", c, _people) for c in comparison.of("groups")]
    figures = [
        _row(title_of(measure), c, _count, who=_figure(c).rpartition(": ")[0])
        for measure, found in comparison.measures.items()
        for c in found
    ]
    return [*claims, *groups, *figures]


def _row(what: str, change: Change, say: Callable[[Row], str], who: str = "") -> dict[str, str]:
    sides = (change.before, change.after)
    before, after = ("" if side is None else say(side) for side in sides)
    return {"What": what, "Who": who or _where(change), "Before": before, "After": after}
