"""What the figures of one measure say of who is where, with what adds up to what.

Of counts of people alone: of events, days and weights nobody knows how many one person has, so a
figure that is shown says no more than that somebody had some.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from iomdash.declared.agencies import MEASURES, MONTH, WHOLE, Measure
from iomdash.declared.agencies.groups import STAY
from iomdash.declared.agencies.measure import Place
from iomdash.declared.agencies.ties import EACH, Tie, every
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason
from iomdash.disclosure.attacker import worlds
from iomdash.disclosure.attacker.worlds import Sums, World
from iomdash.disclosure.policy import AgencyRules
from iomdash.release.file import Row

END = "at the end"
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


def sums(measure: Measure, rows: Sequence[Row], world: World, rules: AgencyRules) -> Sums:
    """What the rows of one quarter, or of a year and its quarters, say: of people as they stand, or
    a curve, whose running totals are rounded down, at its end.
    """
    curve = MONTH in measure.dimensions
    kinds = [*_kinds(measure, rows)]
    at = {kind: i for i, kind in enumerate(kinds)}
    ties = [*(_totals if curve else _figures)(measure, rows, at, world, rules)]
    for tie in every():
        ties += _tied(measure, tie, kinds, world)
    # Who is of a whole is known, and no attribute.
    asked = {
        " ".join(kind): [i]
        for kind, i in at.items() if (measure.id, kind[0]) not in BASES
    }  # fmt: skip
    return Sums(measure.id, len(kinds), ties, asked)


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
    return (row["what"], *(str(row[name]) for name in measure.dimensions))


def _group(row: Row, world: World) -> tuple[str, ...]:
    """A row's group as the world's cells are named: a year's is of all its quarters."""
    by_quarter = len(world.cells[0]) > len(STAY)
    quarter = row["quarter"] if " Q" in row["quarter"] else EVERYONE
    return (*(row[name] for name in STAY), *([quarter] if by_quarter else []))


def _figures(
    measure: Measure, rows: Sequence[Row], at: Mapping[Kind, int], world: World, rules: AgencyRules
) -> Iterator[worlds.Tie]:
    """Each figure as a tie: what is told is as much away as noise may move it."""
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
        yield _sum([kind], world.inside(group), world), least, np.inf if cut else most


def _totals(
    _: Measure, rows: Sequence[Row], at: Mapping[Kind, int], world: World, rules: AgencyRules
) -> Iterator[worlds.Tie]:
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
            yield _sum([kind], inside, world), n - base + 1, most


def _sum(kinds: Sequence[int], inside: np.ndarray, world: World) -> dict[int, float]:
    cells = len(world.cells)
    return {kind * cells + int(cell): 1.0 for kind in kinds for cell in inside}


def _tied(measure: Measure, tie: Tie, kinds: Sequence[Kind], world: World) -> Iterator[worlds.Tie]:
    """A declared tie in every cell, where it is of this measure's kinds and of known wholes."""
    sides = [_side(measure, places, kinds) for places in (tie.left, tie.right)]
    if None in sides or not any(side and side[0] for side in sides):
        return
    (left, known_left), (right, known_right) = (side or ([], False) for side in sides)
    cells = len(world.cells)
    for cell in range(cells):
        terms: dict[int, float] = {}
        for kind, sign in (*((k, 1.0) for k in left), *((k, -1.0) for k in right)):
            terms[kind * cells + cell] = terms.get(kind * cells + cell, 0.0) + sign
        known = float(world.sizes[cell]) * (known_right - known_left)
        yield terms, known if tie.relation == "=" else -np.inf, known


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
