"""Made-up people in agencies' records, counted in plain Python into cubes to be protected."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from random import Random

import polars as pl

from iomdash.counting.agencies import RawAgencies
from iomdash.counting.agencies.counted import COUNTED
from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.groups import AGENCY_FILTERS
from iomdash.declared.groups import EVERYONE

KINDS = ("supported", "permanent", "temporary", "not_recorded")
MEASURES = {"housing": "in", "in_custody": "in", "breaches_and_recalls": "present"}


@dataclass(frozen=True)
class Somebody:
    """One person: their stay, their record key, and of each quarter what they do and how often."""

    number: int
    stay: tuple[str, str, str, str]
    key: int
    does: dict[tuple[str, str, str], int]

    @property
    def quarters(self) -> set[str]:
        return {quarter for quarter, _, _ in self.does}


def drawn(number: int, dice: Random, quarters: Sequence[str]) -> Somebody:
    """Somebody who is in some quarters on end, from the first of them on."""
    stay = (
        dice.choices(("PPO", "HCCU", "SPOS"), (6, 3, 1))[0], dice.choice(("NPS", "CRC")),
        dice.choices(("statutory", "voluntary", "not_stated"), (6, 3, 1))[0],
        dice.choice(("tipton", "oldbury", "")),
    )  # fmt: skip
    first = dice.randrange(len(quarters))
    does: dict[tuple[str, str, str], int] = {}
    for quarter in quarters[first : first + dice.randrange(1, 9)]:
        does[quarter, "housing", dice.choice(KINDS)] = 1
        does[quarter, "in_custody", dice.choices(("in_custody", "at_large"), (1, 4))[0]] = 1
        if dice.random() < 0.5:
            does[quarter, "breaches_and_recalls", dice.choice(("breach", "recall"))] = (
                dice.randrange(1, 6)
            )
    return Somebody(number, stay, dice.randrange(256), does)


def quarters(years: Sequence[int]) -> list[str]:
    return [f"{year} Q{n}" for year in years for n in range(1, 5)]


def many(n: int, seed: int, over: Sequence[str]) -> list[Somebody]:
    dice = Random(seed)
    return [drawn(i, dice, over) for i in range(n)]


def groups_of(stay: Sequence[str]) -> list[tuple[str, ...]]:
    """Every group of at most two filters that a stay is in."""
    every = product(*((value, EVERYONE) for value in stay))
    return [g for g in dict.fromkeys(every) if sum(v != EVERYONE for v in g) <= 2]


def counted(people: Sequence[Somebody], until: str) -> RawAgencies:
    """Cubes and members as the vault would give them, of quarters up to one."""
    cells: dict[tuple[str, ...], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    keys = {p.number: p.key for p in people}
    for p in people:
        for (quarter, measure, what), n in p.does.items():
            periods = [quarter] if MEASURES[measure] == "in" else [quarter, quarter[:4]]
            for group, period in product(groups_of(p.stay), periods):
                cells[(measure, *group, period, what)][p.number] += n
    rows: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for (measure, *place), of in cells.items():
        parts = sorted(of.values())
        key = sum(keys[number] for number in of) % 256
        rows[measure].append((*place, sum(parts), len(of), key, parts[-1], sum(parts[-2:])))
    schema = {
        **dict.fromkeys((*AGENCY_FILTERS, "what"), pl.String),
        **dict.fromkeys(("n", "people", "key", "top", "two"), pl.Int64),
    }
    cubes = {m: pl.DataFrame(rows[m], schema=schema, orient="row") for m in MEASURES}
    members = [
        (of, p.number, *p.stay, quarter)
        for p in people for quarter in sorted(p.quarters) if quarter <= until
        for of in ("in", "present", *(["joined"] if quarter == min(p.quarters) else []))
    ]  # fmt: skip
    types = {"of": pl.String, "person": pl.Int64, **dict.fromkeys(AGENCY_FILTERS, pl.String)}
    frame = pl.DataFrame(members, schema=types, orient="row")
    assert all(BY_ID[m].of == of for m, of in MEASURES.items())
    until_ = dict.fromkeys(MEASURES, until)
    return RawAgencies(cubes, frame, until_, pl.DataFrame(), who(people, until))


def who(people: Sequence[Somebody], until: str) -> pl.DataFrame:
    """Who is counted as what in quarters up to one, as COUNTED."""
    rows = [
        (of, f"p:{p.number}", *p.stay, quarter, "", 1)
        for p in people for quarter in p.quarters if quarter <= until
        for of in ("in", "present", *(["joined"] if quarter == min(p.quarters) else []))
    ]  # fmt: skip
    rows += [
        (measure, f"p:{p.number}", *p.stay, quarter, what, n)
        for p in people for (quarter, measure, what), n in p.does.items() if quarter <= until
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=dict(COUNTED), orient="row")


def moved(person: Somebody, cohort: str) -> Somebody:
    """The same person in another cohort."""
    return replace(person, stay=(cohort, *person.stay[1:]))
