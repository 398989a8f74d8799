# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false
# SciPy carries no types; what leaves this module does.
"""The attack on agencies' figures: of what a reader who knows who was in which group can be sure.

A *statement* is about a group of few that filters name: just so many of them have a kind. The
reader knows everybody's group, every rule, every release, and what adds up to what. Nothing here
is shared with what protects the figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import polars as pl

from iomdash.declared.agencies import MEASURES, MONTH, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY, is_quarter
from iomdash.declared.groups import EVERYONE
from iomdash.declared.reasons import Reason
from iomdash.disclosure.policy import AgencyRules
from iomdash.disclosure.solvers import Programme
from iomdash.release.reader import FORMAT, Release, Row

# Whole people: a world in which less than half a person moves is no other one.
APART = 0.5
CONTRADICTION = "no people could have given these figures"
# How many worlds are tried before each statement that is left is tried by itself.
DIRECTIONS = 12
PRIME = 998_244_353
PERIOD = AGENCY_FILTERS.index("quarter")
Group = tuple[str, ...]
Tables = Mapping[str, Sequence[Row]]
# Unknowns with their factors, and the least and the most of their sum.
Tie = tuple[Mapping[int, float], float, float]


@dataclass(frozen=True)
class Fallen:
    """What a reader can be certain of, in words without the figure, and of how many people."""

    measure: str
    what: str
    group: Group
    people: int
    how: str

    @property
    def words(self) -> str:
        """The statement as a message."""
        chosen = ", ".join(part for part in self.group if part != EVERYONE)
        return f"{self.measure} {self.what}, {chosen or 'everybody'}: {self.how}"


@dataclass
class Attacked:
    """How many groups, figures and statements were tried, and what fell."""

    groups: int = 0
    cells: int = 0
    statements: int = 0
    falls: list[Fallen] = field(default_factory=list[Fallen])

    @property
    def words(self) -> str:
        """The attack in a few lines."""
        head = (
            f"Agencies' figures: {self.groups:,} groups, {self.cells:,} figures, "
            f"{self.statements:,} statements about few people attacked."
        )
        fell = [f"{len(self.falls)} fell:"] if self.falls else []
        return "\n".join([head, *fell, *(fall.words for fall in self.falls)])


def tables(cubes: Mapping[str, pl.DataFrame]) -> Tables:
    """Rows of each measure, as a reader of the release will see them."""
    return {name: cube.to_dicts() for name, cube in cubes.items()}


def of_release(release: Release) -> Tables:
    """Rows of each measure, as the release holds them."""
    sent = [m.id for m in MEASURES if m.id in release.recorded_dates]
    return {name: release.rows(f"select * from recorded_{name}") for name in sent}


def read(releases: Sequence[Release]) -> Mapping[int, Tables]:
    """What releases told, by number; those of before figures were fixed are of another kind."""
    kept = (each for each in releases if each.manifest.get("format") == FORMAT)
    return {each.number: of_release(each) for each in kept}


def attack(
    tables: Tables, before: Mapping[int, Tables], people: pl.DataFrame, rules: AgencyRules
) -> Attacked:
    """Attack what is told of each measure, together with all earlier releases.

    `people` has of, person, cohort, provider, supervision, area, quarter of everybody counted.
    Periods that an earlier release told were attacked then, and must be told as they were.
    """
    found, told = Attacked(), set[tuple[str, str]]()
    for number, old in before.items():
        told |= {(name, row["quarter"]) for name, rows in old.items() for row in rows}
        found.falls += _moved(number, old, tables)
    worlds = {key: World.of(part, rules) for key, part in _parts(people)}
    spans: dict[object, list[Fallen]] = {}
    for measure in (m for m in MEASURES if m.id in tables):
        rows = [r for r in tables[measure.id] if r["quarter"] != EVERYONE]
        found.cells += len(rows)
        found.falls += _few(measure, rows, rules)
        for period in sorted({r["quarter"] for r in rows}):
            world = worlds.get((measure.of, period))
            now = [r for r in rows if r["quarter"] == period]
            if world is None or (measure.id, period) in told:
                continue
            groups = sorted({tuple(r[f] for f in STAY) for r in now})
            found.groups += len(groups)
            if (seen := (measure.of, period, *groups)) not in spans:
                spans[seen] = list(_small(measure, period, world, groups, rules))
            found.falls += spans[seen]
            if MONTH not in measure.dimensions and _of_people(measure):
                tried, falls = _certain(measure, period, world, now, rules)
                found.statements += tried
                found.falls += falls
    return found


def _moved(number: int, then: Tables, now: Tables) -> Iterator[Fallen]:
    """Figures of a period that was told that are other ones now: their difference is people."""
    for measure in MEASURES:
        if measure.id not in then:
            continue
        keys = (*AGENCY_FILTERS, *measure.dimensions, "what")
        old = {tuple(r[k] for k in keys): r["n"] for r in then[measure.id]}
        new = {tuple(r[k] for k in keys): r["n"] for r in now.get(measure.id, [])}
        periods = {key[PERIOD] for key in old} - {EVERYONE}
        for key in old.keys() | new.keys():
            if key[PERIOD] in periods and old.get(key, "none") != new.get(key, "none"):
                how = f"another figure than in release {number}"
                yield Fallen(measure.id, str(key[-1]), key[:5], 0, how)


def _few(measure: Measure, rows: Sequence[Row], rules: AgencyRules) -> Iterator[Fallen]:
    """Figures that are themselves of few, and rows that are missing where others stand."""
    own = (*measure.dimensions, "what")
    for row in rows:
        if row["n"] is not None and 0 <= row["n"] < rules.smallest_count:
            group = tuple(row[f] for f in AGENCY_FILTERS)
            yield Fallen(measure.id, row["what"], group, row["n"], "a figure of few")
    if MONTH in measure.dimensions:
        return
    every: dict[str, set[Group]] = {}
    by_group: dict[Group, set[Group]] = {}
    for row in rows:
        group, thing = tuple(row[f] for f in AGENCY_FILTERS), tuple(row[k] for k in own)
        at_end = "end" if row["what"] in measure.at_end else ""
        every.setdefault(f"{row['quarter']}{at_end}", set()).add(thing)
        by_group.setdefault((*group, at_end), set()).add(thing)
    for group, things in by_group.items():
        if things != every[f"{group[4]}{group[5]}"]:
            yield Fallen(measure.id, "", group[:5], 0, "a missing row says nobody")


def _of_people(measure: Measure) -> bool:
    """Whether its figures are people and not events: whoever is counted counts once."""
    return measure.adds_up or measure.id in {"in_treatment", "reoffending"}


def _parts(people: pl.DataFrame) -> Iterator[tuple[tuple[str, str], pl.DataFrame]]:
    """People of each population in each quarter and in each year."""
    years = people.filter(pl.col("of") != "in").with_columns(pl.col("quarter").str.head(4))
    for frame in (people, years):
        for (of, period), part in frame.partition_by(["of", "quarter"], as_dict=True).items():
            yield (str(of), str(period)), part


@dataclass(frozen=True)
class World:
    """Who is where in one period: the size of each cell of all filters, and every group of few.

    A person in two cells counts in both.
    """

    cells: tuple[Group, ...]
    sizes: np.ndarray
    small: tuple[tuple[Group, int, np.ndarray], ...]
    sizes_of: Mapping[Group, int]
    known: dict[Group, np.ndarray] = field(default_factory=dict[Group, np.ndarray])

    @classmethod
    def of(cls, people: pl.DataFrame, rules: AgencyRules) -> "World":
        """From rows person, cohort, provider, supervision, area."""
        who: dict[Group, set[int]] = {}
        for person, *cell in people.select("person", *STAY).iter_rows():
            who.setdefault(tuple(cell), set()).add(person)
        cells = tuple(sorted(who))
        named: dict[Group, list[int]] = {}
        for chosen in product((True, False), repeat=len(STAY)):
            for i, cell in enumerate(cells):
                pairs = zip(cell, chosen, strict=True)
                named.setdefault(tuple(c if o else EVERYONE for c, o in pairs), []).append(i)
        sizes_of = {
            g: len(set[int]().union(*(who[cells[i]] for i in at))) for g, at in named.items()
        }
        small = tuple(
            (group, sizes_of[group], np.array(at))
            for group, at in named.items() if sizes_of[group] < rules.smallest_count
        )  # fmt: skip
        return cls(cells, np.array([len(who[cell]) for cell in cells]), small, sizes_of)

    def inside(self, group: Group) -> np.ndarray:
        """Which cells a group holds."""
        if group not in self.known:
            self.known[group] = np.flatnonzero(
                [all(g in (EVERYONE, c) for g, c in zip(group, cell, strict=True))
                 for cell in self.cells]
            )  # fmt: skip
        return self.known[group]


def _small(
    measure: Measure, period: str, world: World, groups: Sequence[Group], rules: AgencyRules
) -> Iterator[Fallen]:
    """Groups of few that are told of, or that others give when they are added and taken."""
    rows = np.zeros((len(groups), len(world.cells)), dtype=np.int64)
    for i, group in enumerate(groups):
        rows[i, world.inside(group)] = 1
        if 0 < world.sizes_of.get(group, 0) < rules.smallest_count:
            people = world.sizes_of[group]
            yield Fallen(measure.id, "", (*group, period), people, "a group of few is told of")
    reduced = _reduced(rows)
    for group, people, inside in world.small:
        one = np.zeros(len(world.cells), dtype=np.int64)
        one[inside] = 1
        if not _left(one, reduced).any():
            how = "others give it when they are added and taken"
            yield Fallen(measure.id, "", (*group, period), people, how)


def _reduced(rows: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Rows that span the same, each with its pivot, modulo a prime."""
    found: list[tuple[int, np.ndarray]] = []
    for row in rows:
        left = _left(row, found)
        if left.any():
            pivot = int(np.flatnonzero(left)[0])
            found.append((pivot, left * pow(int(left[pivot]), -1, PRIME) % PRIME))
    return found


def _left(row: np.ndarray, reduced: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
    left = row % PRIME
    for pivot, other in reduced:
        if left[pivot]:
            left = (left - left[pivot] * other) % PRIME
    return left


class Known:
    """Worlds that give the figures: rows of people that lie between two numbers."""

    def __init__(self, ties: Sequence[Tie], most: np.ndarray) -> None:
        self._ties, self._most = ties, most
        self._programme = Programme(*zip(*ties, strict=True), most)

    def world(self, goal: np.ndarray) -> np.ndarray | None:
        """The world with the least sum of people, each times its goal; None where there is none."""
        return self._programme.least(goal)

    def may(self, fewest: np.ndarray) -> np.ndarray:
        """Which unknowns can be above 0, by one programme.

        Of worlds that each have another unknown above 0 the mean has all of them so, if by little:
        as many as possible are counted, each up to that little.
        Source: Freund, Roundy and Todd 1985.
        """
        wide = len(fewest)
        little = APART / (wide + 1)
        counted = [({wide + i: 1.0, i: -1.0}, -np.inf, 0.0) for i in range(wide)]
        upper = np.concatenate([self._most, np.full(wide, little)])
        both = Programme(*zip(*self._ties, *counted, strict=True), upper)
        found = both.least(np.concatenate([np.zeros(wide), -np.ones(wide)]))
        return fewest > APART if found is None else found[wide:] > little / 2


def _certain(
    measure: Measure, period: str, world: World, rows: Sequence[Row], rules: AgencyRules
) -> tuple[int, list[Fallen]]:
    """Statements about groups of few that hold in every world that gives these figures."""
    whats = [what for what in measure.whats if what not in measure.unpublished]
    if measure.id == "reoffending":
        whats = ["people", "reoffenders"]
    cells = len(world.cells)
    ties: list[Tie] = []
    for row in rows:
        if row["what"] in whats and is_quarter(period) and row["hidden"] != Reason.WORKED_OUT.value:
            base = whats.index(row["what"]) * cells
            inside = world.inside(tuple(row[f] for f in STAY))
            n, noise = row["n"], rules.noise
            least, most = (
                (0, rules.smallest_count - 1 + noise) if n is None else (n - noise, n + noise)
            )
            ties.append(({base + int(c): 1.0 for c in inside}, least, _open(most, n, world, row)))
    for cell in range(cells):
        if measure.adds_up:
            terms = {k * cells + cell: 1.0 for k in range(len(whats))}
            ties.append((terms, float(world.sizes[cell]), np.inf))
        for part, whole in measure.within.items():
            if part in whats and whole in whats:
                a, b = whats.index(part) * cells + cell, whats.index(whole) * cells + cell
                ties.append(({a: 1.0, b: -1.0}, -np.inf, 0))
    if not ties or not world.small:
        return 0, []
    return _tried(measure, period, world, whats, Known(ties, np.tile(world.sizes, len(whats))))


def _open(most: float, n: int | None, world: World, row: Row) -> float:
    """The greatest count behind a figure: one as large as the group may have been cut to it."""
    size = world.sizes_of.get(tuple(row[f] for f in STAY), 0)
    return np.inf if n is not None and n >= size else most


def _tried(
    measure: Measure, period: str, world: World, whats: Sequence[str], known: Known
) -> tuple[int, list[Fallen]]:
    """Each group of few and each what: in the world with fewest they have a number, and another
    one in some world, or it is certain.
    """
    cells = len(world.cells)
    fewest = known.world(np.ones(len(whats) * cells))
    if fewest is None:
        return 0, [Fallen(measure.id, "", (*(EVERYONE,) * len(STAY), period), 0, CONTRADICTION)]
    may = known.may(fewest)
    some = {(k, i): k * cells + inside for k in range(len(whats))
            for i, (_, _, inside) in enumerate(world.small)}  # fmt: skip
    sure = [at for at, own in some.items() if fewest[own].sum() <= APART and not may[own].any()]
    left = [at for at, own in some.items() if fewest[own].sum() > APART]
    dice = np.random.default_rng(0)
    for _ in range(DIRECTIONS):
        if len(left) > DIRECTIONS:
            other = known.world(dice.uniform(-1, 1, len(fewest)))
            left = [at for at in left if _alike(fewest, other, some[at])]
    for at in left:
        goal = np.zeros(len(fewest))
        goal[some[at]] = 1
        ends = [known.world(sign * goal) for sign in (1.0, -1.0)]
        sure += [at] if all(_alike(fewest, end, some[at]) for end in ends) else []
    how = "only one number is possible"
    falls = [
        Fallen(measure.id, whats[k], (*world.small[i][0], period), world.small[i][1], how)
        for k, i in sure
    ]
    return len(whats) * len(world.small), falls


def _alike(one: np.ndarray, other: np.ndarray | None, own: np.ndarray) -> bool:
    """Whether two worlds give some unknowns the same sum."""
    return other is None or abs(float(one[own].sum() - other[own].sum())) < APART
