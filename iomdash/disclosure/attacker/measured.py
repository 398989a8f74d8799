"""What the figures of one measure say of who is where, with what adds up to what.

Of counts of people alone: of events, days and weights nobody knows how many one person has, so a
figure that is shown says no more than that somebody had some.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    measure: Measure, told: Sequence[tuple[pl.DataFrame, World]], rules: AgencyRules,
    counts: pl.DataFrame,
) -> Sums:  # fmt: skip
    """What the rows of one quarter, or of a year and its quarters, say: of people as they stand, or
    a curve, whose running totals are rounded down, by each month and at its end. Rows are told of a
    world each, of the same cells. `counts` are numbers of cells that may fit them.
    """
    read = _totals if MONTH in measure.dimensions else _figures
    kinds = _kinds(measure, [rows for rows, _ in told])
    at = {kind: i for i, kind in enumerate(kinds)}
    rows_of = [(_numbered(measure, rows, at), world) for rows, world in told]
    figures = [f for rows, world in rows_of for f in read(rows, world, rules, range(len(kinds)))]
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
    if not counts.is_empty():
        by = [*AGENCY_FILTERS, PART][: len(world.cells[0])]
        cells = pl.DataFrame(world.cells, schema=by, orient="row").with_row_index("place")
        rows = _numbered(measure, counts, at).join(cells, on=by)
        places = rows["kind_at"].to_numpy(), rows["place"].to_numpy()
        np.add.at(likely, places, rows["n"].to_numpy())
    return likely


def _kinds(measure: Measure, told: Sequence[pl.DataFrame]) -> Sequence[Kind]:
    """Every kind, also those of nobody."""
    hidden = {*measure.unpublished, *measure.same}
    whats = [w for w in OF_PEOPLE[measure.id] or measure.whats if w not in hidden]
    if MONTH in measure.dimensions:
        # A total that is rounded down grows as the number does, so no month narrows another.
        months = sorted({month for rows in told for month in rows[MONTH].cast(pl.Int64).unique()})
        return [(what, by) for by in (END, *map(str, months[:-1])) for what in whats]
    if not measure.dimensions:
        return [(what,) for what in whats]
    rows = pl.concat(rows.select("what", *measure.dimensions) for rows in told).unique()
    return sorted(rows.filter(pl.col("what").is_in(whats)).rows())


def _numbered(measure: Measure, rows: pl.DataFrame, at: Mapping[Kind, int]) -> pl.DataFrame:
    """Rows of the kinds that are asked, each with the number of its kind."""
    by = ["what", *measure.dimensions]
    schema = {**dict.fromkeys(by, pl.String), "kind_at": pl.Int64}
    named = pl.DataFrame([(*kind, i) for kind, i in at.items()], schema=schema, orient="row")
    if MONTH not in by:
        return rows.join(named, on=by, maintain_order="left")
    until = pl.col("until").cast(pl.Int64, strict=False)  # null at the end
    every = rows.join(named.rename({MONTH: "until"}), on="what", maintain_order="left")
    return every.filter(until.is_null() | (pl.col(MONTH).cast(pl.Int64) <= until))


def _groups(rows: pl.DataFrame, world: World) -> list[tuple[str, ...]]:
    """The rows' groups as the world's cells are named: a year's is of all its quarters."""
    quarter = pl.col("quarter")
    if len(world.cells[0]) == len(STAY):
        return rows.select(STAY).rows()
    whole = pl.when(quarter.str.contains(" Q")).then(quarter).otherwise(pl.lit(EVERYONE))
    return rows.select(*STAY, whole).rows()


def _figures(
    rows: pl.DataFrame, world: World, rules: AgencyRules, _: Iterable[int]
) -> Iterator[Figure]:
    """Each figure: what is told is as much away as noise may move it."""
    rows = rows.filter(pl.col("hidden").ne_missing(Reason.WORKED_OUT.value))
    for group, kind, n in zip(_groups(rows, world), rows["kind_at"], rows["n"], strict=True):
        # Over a year somebody may count in several quarters, and noise as many times.
        times = world.times_of.get(group, 1)
        away, few = rules.noise * times, (rules.smallest_count - 1 + rules.noise) * times
        least, most = (0, few) if n is None else (n - away, n + away)
        # A count is never told as more than its group: one as large may have been cut to it.
        cut = n is not None and n >= world.sizes_of.get(group, 0)
        yield Figure(kind, world.inside(group), least, np.inf if cut else most)


def _totals(
    rows: pl.DataFrame, world: World, rules: AgencyRules, kinds: Iterable[int]
) -> Iterator[Figure]:
    """What a curve comes to by each month and at its end, of each group that has a step."""
    base = rules.smallest_count
    totals: dict[tuple[str, ...], Counter[int]] = {}
    for group, kind, n in zip(_groups(rows, world), rows["kind_at"], rows["n"], strict=True):
        totals.setdefault(group, Counter())[kind] += n
    for group, total in totals.items():
        inside, size = world.inside(group), world.sizes_of.get(group, 0)
        for kind in kinds:
            n = total[kind]
            most = np.inf if n >= size // base * base else n + base - 1
            yield Figure(kind, inside, n - base + 1, most)


def _law(measure: Measure, tie: Tie, kinds: Sequence[Kind]) -> Iterator[Law]:
    """A declared tie, where it is of this measure's kinds and of known wholes; of a curve by each
    month as well, when some are still to come.
    """
    sides = [_side(measure, places, kinds) for places in (tie.left, tie.right)]
    if None in sides or not any(side and side[0] for side in sides):
        return
    (left, known_left), (right, known_right) = (side or ([], False) for side in sides)
    known = known_right - known_left
    ends = [kind[1] if MONTH in measure.dimensions else END for kind in kinds]
    for end in (end for end in dict.fromkeys(ends) if end == END or known > 0):
        factors = np.zeros(len(kinds), dtype=np.int64)
        for side, sign in ((left, 1), (right, -1)):
            np.add.at(factors, [i for i in side if ends[i] == end], sign)
        yield Law(factors, known, tie.relation == "=" and end == END)


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
