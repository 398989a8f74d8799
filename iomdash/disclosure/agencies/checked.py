"""Agencies' figures that the attacker could make nothing of."""

from collections.abc import Sequence

from iomdash.counting.agencies import RawAgencies
from iomdash.disclosure.agencies.protect import ReleasableAgencies, protect_agencies
from iomdash.disclosure.attacker.agencies import Attacked, attack, read, tables
from iomdash.disclosure.policy import AgencyRules
from iomdash.errors import Revealing
from iomdash.release.reader import Release


def checked(
    raw: RawAgencies, rules: AgencyRules, before: ReleasableAgencies, earlier: Sequence[Release]
) -> tuple[ReleasableAgencies, Attacked]:
    """What may be told, and the attack on it. Where noise leaves one number possible, the measure
    is withheld in that period.

    Raises Revealing where something falls nevertheless. An audience that the policy lets read
    single people is not attacked.
    """
    safe = protect_agencies(raw, rules, before)
    if rules.person_level:
        return safe, Attacked()
    known = read(earlier)
    attacked = attack(tables(safe.cubes), known, raw, rules)
    fallen = {(fall.measure, fall.group[-1]) for fall in attacked.falls}
    if fallen:
        safe = protect_agencies(raw, rules, before, fallen)
        attacked = attack(tables(safe.cubes), known, raw, rules)
    if attacked.falls:
        raise Revealing(f"Nothing is published: the attacker found something.\n{attacked.words}")
    return safe, attacked
