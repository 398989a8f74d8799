"""Agencies' figures that the attacker could make nothing of."""

from collections.abc import Iterator, Sequence

from iomdash.counting.agencies import RawAgencies
from iomdash.declared.agencies.groups import is_quarter
from iomdash.disclosure.agencies.protect import ReleasableAgencies, protect_agencies
from iomdash.disclosure.attacker.agencies import Attacked, attack, read, tables
from iomdash.disclosure.attacker.worlds import CONTRADICTION, Fallen
from iomdash.disclosure.policy import AgencyRules
from iomdash.errors import Revealing
from iomdash.release.reader import Release


def checked(
    raw: RawAgencies, rules: AgencyRules, before: ReleasableAgencies, earlier: Sequence[Release]
) -> tuple[ReleasableAgencies, Attacked]:
    """What may be told, and the attack on it. Where noise leaves one number possible, or records
    that have come since leave none beside what was told before, the measure is withheld in that
    period.

    Raises Revealing where something falls nevertheless. An audience that the policy lets read
    single people is not attacked.
    """
    safe = protect_agencies(raw, rules, before)
    if rules.person_level:
        return safe, Attacked()
    known = read(earlier)
    attacked = attack(tables(safe.cubes), known, raw, rules)
    fallen = {(fall.measure, period) for fall in attacked.falls for period in _withheld(fall)}
    if fallen:
        safe = protect_agencies(raw, rules, before, fallen)
        attacked = attack(tables(safe.cubes), known, raw, rules)
    if known:
        attacked.falls = [fall for fall in attacked.falls if fall.how != CONTRADICTION]
    if attacked.falls:
        raise Revealing(f"Nothing is published: the attacker found something.\n{attacked.words}")
    return safe, attacked


def _withheld(fall: Fallen) -> Iterator[str]:
    """The periods in which a measure is withheld. Where figures contradict each other, no statement
    about a year or its quarters could be tried, so all of them are.
    """
    period = fall.group[-1]
    yield period
    if fall.how == CONTRADICTION and not is_quarter(period):
        yield from (f"{period} Q{n}" for n in range(1, 5))
