"""What the figures of one measure say of who is where, with what adds up to what.

Of counts of people alone: of events, days and weights nobody knows how many one person has, so a
figure that is shown says no more than that somebody had some.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from iomdash.declared.agencies import MEASURES, MONTH, WHOLE, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.agencies.measure import Place
from iomdash.declared.agencies.ties import EACH, Tie, every
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason
from iomdash.disclosure.attacker.worlds import Figure, Law, Sums, World
from iomdash.disclosure.policy import AgencyRules
from iomdash.release.file import Row

END = "at the end"
# Of people whose records changed: as they were when something was told, or as they are.
PART = "part"
Kind = tuple[str, ...]  # what, and the value of each dimension of the measure
# Figures that say how many are in a group, which a reader knows.
WHOLES = {(WHOLE, "in"): "in", (WHOLE, "joined"): "joined"}
BASES = {*WHOLES, ("reoffending", "people")}
# Measures whose figures are people and not events: whoever is counted counts once in a kind.
OF_PEOPLE: Mapping[str, Sequence[str]] = {
    WHOLE: ("joined", "left"),
    "deselection": (),
    "in_treatment": (),
    "lately": (),
    "reoffending": ("people", "reoffenders"),
    "offending_change": (),
    "since_first_offence": (),
    **{measure.id: () for measure in MEASURES if measure.adds_up or MONTH in measure.dimensions},
}


def sums(
    measure: Measure, told: Sequence[tuple[Sequence[Row], World]], rules: AgencyRules,
    counts: pl.DataFrame,
) -> Sums:  # fmt: skip
    """What the rows of one quarter, or of a year and its quarters, say: of people as they stand, or
    a curve, whose running totals are rounded down, at its end. Rows are told of a world each, of
    the same cells. `counts` are numbers of cells that may fit them.
    """
    read = _totals if MONTH in measure.dimensions else _figures
    kinds = [*_kinds(measure, [row for rows, _ in told for row in rows])]
    at = {kind: i for i, kind in enumerate(kinds)}
    figures = [f for rows, world in told for f in read(measure, rows, at, world, rules)]
    laws = [law for tie in every() for law in _law(measure, tie, kinds)]
    # Who is of a whole is known, and no attribute.
    asked = {
        " ".join(kind): i
        for kind, i in at.items() if (measure.id, kind[0]) not in BASES
    }  # fmt: skip
    return Sums(
        measure.id, len(kinds), figures, laws, asked, _likely(measure, counts, at, told[0][1])
    )


def _likely(
    measure: Measure, counts: pl.DataFrame, at: Mapping[Kind, int], world: World
) -> np.ndarray:
    """What was counted, by kind and cell; 0 where nothing was."""
    likely = np.zeros((len(at), len(world.cells)), dtype=np.int64)
    cell_of = {cell: i for i, cell in enumerate(world.cells)}
    by = (*AGENCY_FILTERS, PART)[: len(world.cells[0])]
    for row in counts.iter_rows(named=True):
        kind, cell = at.get(_kind(measure, row)), cell_of.get(tuple(row[name] for name in by))
        if kind is not None and cell is not None:
            likely[kind, cell] += row["n"]
    return likely


def _kinds(measure: Measure, rows: Sequence[Row]) -> Iterator[Kind]:
    """Every kind, also those of nobody."""
    hidden = {*measure.unpublished, *measure.same}
    whats = [w for w in OF_PEOPLE[measure.id] or measure.whats if w not in hidden]
    if MONTH in measure.dimensions:
        yield from ((what, END) for what in whats)
    elif measure.dimensions:
        yield from sorted({_kind(measure, row) for row in rows if row["what"] in whats})
    else:
        yield from ((what,) for what in whats)


def _kind(measure: Measure, row: Row) -> Kind:
    if MONTH in measure.dimensions:
        return row["what"], END
    return (row["what"], *(str(row[name]) for name in measure.dimensions))


def _group(row: Row, world: World) -> tuple[str, ...]:
    """A row's group as the world's cells are named: a year's is of all its quarters."""
    by_quarter = len(world.cells[0]) > len(STAY)
    quarter = row["quarter"] if " Q" in row["quarter"] else EVERYONE
    return (*(row[name] for name in STAY), *([quarter] if by_quarter else []))


def _figures(
    measure: Measure, rows: Sequence[Row], at: Mapping[Kind, int], world: World, rules: AgencyRules
) -> Iterator[Figure]:
    """Each figure: what is told is as much away as noise may move it."""
    for row in rows:
        kind = at.get(_kind(measure, row))
        if kind is None or row["hidden"] == Reason.WORKED_OUT.value:
            continue
        group, n = _group(row, world), row["n"]
        # Over a year somebody may count in several quarters, and noise as many times.
        times = world.times_of.get(group, 1)
        away, few = rules.noise * times, (rules.smallest_count - 1 + rules.noise) * times
        least, most = (0, few) if n is None else (n - away, n + away)
        # A count is never told as more than its group: one as large may have been cut to it.
        cut = n is not None and n >= world.sizes_of.get(group, 0)
        yield Figure(kind, world.inside(group), least, np.inf if cut else most)


def _totals(
    _: Measure, rows: Sequence[Row], at: Mapping[Kind, int], world: World, rules: AgencyRules
) -> Iterator[Figure]:
    """What a curve comes to at its end, of each group and what, whether it is told or not."""
    base = rules.smallest_count
    totals: dict[tuple[str, ...], Counter[str]] = {}
    for row in rows:
        totals.setdefault(_group(row, world), Counter())[row["what"]] += row["n"]
    for group, total in totals.items():
        inside, size = world.inside(group), world.sizes_of.get(group, 0)
        for (what, *_end), kind in at.items():
            n = total[what]
            most = np.inf if n >= size // base * base else n + base - 1
            yield Figure(kind, inside, n - base + 1, most)


def _law(measure: Measure, tie: Tie, kinds: Sequence[Kind]) -> Iterator[Law]:
    """A declared tie, where it is of this measure's kinds and of known wholes."""
    sides = [_side(measure, places, kinds) for places in (tie.left, tie.right)]
    if None in sides or not any(side and side[0] for side in sides):
        return
    (left, known_left), (right, known_right) = (side or ([], False) for side in sides)
    factors = np.zeros(len(kinds), dtype=np.int64)
    np.add.at(factors, left, 1)
    np.add.at(factors, right, -1)
    yield Law(factors, known_right - known_left, tie.relation == "=")


def _side(
    measure: Measure, places: Sequence[Place], kinds: Sequence[Kind]
) -> tuple[list[int], bool] | None:
    """The kinds that a side adds up, and whether everybody in the group is on it; None where some
    of it is not told here.
    """
    own: list[int] = []
    known = False
    for place in places:
        if WHOLES.get((place.measure, place.what)) == measure.of and place.measure != measure.id:
            known = True
        elif place.measure != measure.id:
            return None
        elif here := [i for i, kind in enumerate(kinds) if _at(measure, place, kind)]:
            own += here
        else:
            return None
    return own, known


def _at(measure: Measure, place: Place, kind: Kind) -> bool:
    what, *values = kind
    chosen = dict(place.own)
    alone = EVERYONE if measure.one_at_a_time else EACH
    wanted: list[Any] = [chosen.get(name, alone) for name in measure.dimensions]
    each = (
        value == want or (want == EACH and not (measure.one_at_a_time and value == EVERYONE))
        for value, want in zip(values, wanted, strict=True)
    )
    return what == place.what and all(each)
