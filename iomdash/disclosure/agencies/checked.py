"""Agencies' figures that the attacker could make nothing of."""

from collections.abc import Iterator, Mapping, Sequence, Set

import polars as pl

from iomdash.counting.agencies import RawAgencies
from iomdash.declared.agencies import BY_ID
from iomdash.declared.agencies.versions import block, quarters
from iomdash.disclosure import history
from iomdash.disclosure.agencies.corrections import Place
from iomdash.disclosure.agencies.protect import protect_agencies
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.attacker.agencies import Attacked, attack
from iomdash.disclosure.attacker.told import Tables, read, tables
from iomdash.disclosure.attacker.worlds import CONTRADICTION, Fallen
from iomdash.disclosure.policy import AgencyRules
from iomdash.errors import Revealing
from iomdash.release.reader import Release

# As it is; with what falls of what is told anew waiting; with what falls else withheld.
TRIES = 3


def checked(
    raw: RawAgencies, rules: AgencyRules, earlier: Sequence[Release], number: int
) -> tuple[ReleasableAgencies, Attacked]:
    """What may be told in a release of a number, and the attack on it, with earlier ones. What
    falls because it is told anew waits; where else noise leaves one number possible, the measure is
    withheld in that period.

    Raises Revealing where something falls nevertheless. An audience that the policy lets read
    single people is not attacked.
    """
    # The newest holds all that was told of records that are still the same.
    known = earlier[-1:] if raw.moved.is_empty() else earlier
    before = [ReleasableAgencies(versions=history.versions(release)) for release in known[:-1]]
    before += [history.agencies(release) for release in known[-1:]]
    return settled(raw, rules, before, read(known), number)


def settled(
    raw: RawAgencies, rules: AgencyRules, before: Sequence[ReleasableAgencies],
    then: Mapping[int, Tables], number: int,
) -> tuple[ReleasableAgencies, Attacked]:  # fmt: skip
    """The same, of what was told `before`, and `then` as rows of each release."""
    held, fallen = set[Place](), set[Place]()
    attacked = Attacked()
    for _ in range(TRIES):
        safe = protect_agencies(raw, rules, before, fallen, held=held, number=number)
        if rules.person_level:
            return safe, attacked
        attacked = attack(tables(safe), then, raw, rules)
        if not attacked.falls:
            return safe, attacked
        anew = _anew(safe, before, number) - held
        for fall in attacked.falls:
            if (place := _place(fall)) in anew:
                held.add(place)
            else:
                fallen |= {(fall.measure, period) for period in _withheld(fall)}
    raise Revealing(f"Nothing is published: the attacker found something.\n{attacked.words}")


def _anew(
    safe: ReleasableAgencies, before: Sequence[ReleasableAgencies], number: int
) -> Set[Place]:  # fmt: skip
    """Places that were told before and of which this release tells something of its own records."""
    then = {place for told in before[-1:] for place in _places(told.versions)}
    return then & _places(safe.versions.filter(release=number))


def _places(versions: pl.DataFrame) -> Set[Place]:
    told = versions.select("measure", "quarter").unique().iter_rows()
    return {(name, block(BY_ID[name].of, period)) for name, period in told}


def _place(fall: Fallen) -> Place:
    return fall.measure, block(BY_ID[fall.measure].of, fall.group[-1])


def _withheld(fall: Fallen) -> Iterator[str]:
    """The periods in which a measure is withheld. Where figures contradict each other, no statement
    about a year or its quarters could be tried, so all of them are.
    """
    period = fall.group[-1]
    yield period
    if fall.how == CONTRADICTION:
        yield from quarters(period)
