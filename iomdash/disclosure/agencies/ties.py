"""Which of agencies' counts add up to which, as everybody who reads them knows.

The choices of each filter add up to one whole, which is not told; everybody in the caseload has one
kind of what adds up to it; the choices of a dimension told apart add up to its total; and the
caseload flows: who was in and who joined are those who are in and who left.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import polars as pl

from iomdash.declared.agencies import BY_ID, MEASURES, MONTH, WHOLE, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.suppression import UNKNOWN, Block, Key, Known
from iomdash.disclosure.policy import AgencyRules

# What is worth most comes first: of tables that do not go together the later is withheld.
BREAKDOWNS = ("cohort", "quarter", "provider", "supervision", "area")
ALWAYS = ""
"""The quarter of what is not told at the end of one, and the month of what is not told by month."""

Row = dict[str, Any]


class Place(NamedTuple):
    """Where a row stands; `own` are the measure's own dimensions but the month."""

    measure: str
    what: str
    own: tuple[str, ...]
    filters: tuple[str, ...]


class Family(NamedTuple):
    """Counts of one thing, by every filter: its choices add up to the same whole."""

    measure: Measure
    what: str
    own: tuple[str, ...]
    quarter: str = ALWAYS
    month: int | str = ALWAYS

    def key(self, name: str = "", value: str = EVERYONE) -> Key:
        """The whole, or the part that one choice of a filter is."""
        choice = {"quarter": self.quarter or EVERYONE, **({name: value} if name else {})}
        filters = tuple(choice.get(each, EVERYONE) for each in AGENCY_FILTERS)
        return Place(self.measure.id, self.what, self.own, filters), self.month

    @property
    def filters(self) -> tuple[str, ...]:
        """By which it is broken down."""
        fixed = self.quarter or self.month
        return tuple(name for name in BREAKDOWNS if name != "quarter" or not fixed)


def place(measure: Measure, row: Mapping[str, Any]) -> Place:
    """Where a row stands."""
    own = tuple(row[name] for name in measure.dimensions if name != MONTH)
    return Place(measure.id, row["what"], own, tuple(row[name] for name in AGENCY_FILTERS))


def base(rules: AgencyRules) -> int:
    """What running totals by month are rounded down to multiples of."""
    return max(rules.smallest_count, rules.rounding)


@dataclass(frozen=True)
class Tied:
    """Everything that an audience may see of agencies' counts, and the rules for it."""

    rows: Mapping[Place, list[Row]]
    values: Mapping[str, list[str]]
    rules: AgencyRules

    @classmethod
    def of(cls, told: Mapping[str, pl.DataFrame], rules: AgencyRules) -> "Tied":
        """From each measure's rows: filters, its dimensions, what, n, hidden, true and unit."""
        rows: dict[Place, list[Row]] = {}
        for name, frame in told.items():
            for row in frame.to_dicts():
                rows.setdefault(place(BY_ID[name], row), []).append(row)
        values = {
            name: sorted({at.filters[i] for at in rows} - {EVERYONE})
            for i, name in enumerate(AGENCY_FILTERS)
        }
        return cls(rows, values, rules)

    def withheld(self, before: Set[Place]) -> set[Place]:
        """Where no row may have a figure, or be missing as if it had happened to nobody, knowing
        where earlier releases had none.
        """
        keys = {(at, ALWAYS) for at in before}

        def of(block: Block) -> list[Place]:
            return [at for name in block.withheld(keys) for at, _ in block.tables[name]]

        # The solver leaves other threads alone while it runs.
        with ThreadPoolExecutor() as pool:
            return set(chain.from_iterable(pool.map(of, self._blocks())))

    def _blocks(self) -> Iterable[Block]:
        """The caseload's flow, its state in each quarter with all kinds, and each other `what`."""
        blocks: dict[Key, Block] = {}
        sent = {at.measure for at in self.rows}
        measures = [measure for measure in MEASURES if measure.id in sent]
        for family in (each for measure in measures for each in self._families(measure)):
            self._enter(blocks.setdefault(self._block_of(family), Block()), family)
        for measure in (each for each in measures if each.adds_up):
            self._kinds(blocks, measure)
        for measure in (each for each in measures if each.one_at_a_time):
            self._apart(blocks, measure)
        if self.values["quarter"]:
            self._flow(blocks)
        return blocks.values()

    def _block_of(self, family: Family) -> Key:
        state = family.measure.adds_up or (family.measure.id == WHOLE and family.quarter)
        if state and family.quarter != self.values["quarter"][-1]:
            return "state", family.quarter
        return (WHOLE,) if state or family.measure.id == WHOLE else (family.measure.id, family.what)

    def _families(self, measure: Measure) -> Iterator[Family]:
        mine = [at for at in self.rows if at.measure == measure.id]
        months = {row[MONTH] for at in mine for row in self.rows[at]} if _by_month(measure) else ()
        for what, own in sorted({(at.what, at.own) for at in mine}):
            for quarter in self.values["quarter"] if what in measure.at_end else (ALWAYS,):
                for month in sorted(months) or (ALWAYS,):
                    yield Family(measure, what, own, quarter, month)

    def _enter(self, block: Block, family: Family) -> None:
        """Its counts, the sums that hold between them, and the tables that may be withheld."""
        whole = family.key()
        block.told[whole] = self._known(whole, is_whole=True)
        for name in family.filters:
            keys = [family.key(name, value) for value in self.values[name]]
            block.told.update((key, self._known(key)) for key in keys)
            block.equal(keys, [whole])
            worth = (
                family.measure.id != WHOLE,
                BREAKDOWNS.index(name),
                MEASURES.index(family.measure),
            )
            table = (worth, family.what, family.own, family.quarter)
            block.tables[table] = (*block.tables.get(table, ()), *keys)

    def _kinds(self, blocks: Mapping[Key, Block], measure: Measure) -> None:
        for quarter in self.values["quarter"]:
            everybody = Family(BY_ID[WHOLE], "in", (EVERYONE,), quarter)
            kinds = [Family(measure, what, (), quarter) for what in measure.whats]
            for choice in self._choices(everybody):
                parts = [kind.key(*choice) for kind in kinds]
                blocks[self._block_of(everybody)].equal(parts, [everybody.key(*choice)])

    def _apart(self, blocks: Mapping[Key, Block], measure: Measure) -> None:
        everything = (EVERYONE,) * len(measure.dimensions)
        mine = {at for at in self.rows if at.measure == measure.id}
        for family in (each for each in self._families(measure) if each.own == everything):
            for i in range(len(measure.dimensions)):
                owns = sorted({at.own for at in mine if at.own[i] != EVERYONE})
                parts = [family._replace(own=own) for own in owns]
                block = blocks[self._block_of(family)]
                for choice in self._choices(family):
                    block.equal([part.key(*choice) for part in parts], [family.key(*choice)])

    def _flow(self, blocks: dict[Key, Block]) -> None:
        """Tie the quarters, which share nothing but how many were in at the end of each."""
        flow = blocks.setdefault((WHOLE,), Block())
        joined, left = (Family(BY_ID[WHOLE], what, (EVERYONE,)) for what in ("joined", "left"))
        inside = [Family(BY_ID[WHOLE], "in", (EVERYONE,), q) for q in self.values["quarter"]]
        before, last = inside[:-1], inside[-1]
        for family in before:
            flow.told[family.key()] = self._known(family.key(), is_whole=True)
        # Nobody was in before the first quarter.
        for was, now in zip([[], *([each.key()] for each in before)], inside, strict=True):
            came, went = (each.key("quarter", now.quarter) for each in (joined, left))
            flow.equal([*was, came], [now.key(), went])
        for choice in self._choices(last):
            flow.equal([joined.key(*choice)], [last.key(*choice), left.key(*choice)])
        states = {family.key(): blocks[self._block_of(family)] for family in before}
        for key, state in states.items():
            state.narrow(flow, key)
        for key, state in states.items():
            flow.narrow(state, key)

    def _choices(self, family: Family) -> list[tuple[str, str]]:
        """Nothing, and every choice of one filter."""
        parts = [(name, value) for name in family.filters for value in self.values[name]]
        return [("", EVERYONE), *parts]

    def _known(self, key: Key, *, is_whole: bool = False) -> Known:
        """What a figure says of its count."""
        at: Place = key[0]
        month: int | str = key[1]
        rows = self.rows.get(at, [])
        if month != ALWAYS:
            return self._running(row["true"] for row in rows if row[MONTH] <= month)
        true = rows[0]["true"] if rows else 0
        if is_whole:
            return Known(0, UNKNOWN, true=true)
        if not rows:
            return Known(0, 0)
        smallest, rounding = (
            each * rows[0]["unit"] for each in (self.rules.smallest_count, self.rules.rounding)
        )
        if rows[0]["n"] is None:
            # Many events of few people are hidden as well.
            return Known(1, smallest - 1 if true < smallest else UNKNOWN, small=True, true=true)
        least = rows[0]["n"] - rounding // 2
        return Known(max(least, smallest), least + rounding - 1, true=true)

    def _running(self, so_far: Iterable[int]) -> Known:
        true = max(so_far, default=0)
        floor = true // base(self.rules) * base(self.rules)
        return Known(floor, floor + base(self.rules) - 1, small=floor == 0, true=true)


def _by_month(measure: Measure) -> bool:
    return MONTH in measure.dimensions
