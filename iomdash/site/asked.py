"""What an address asks for, without Streamlit: the same choice of filters as its page shows."""

from collections.abc import Mapping
from dataclasses import replace

from iomdash.declared.agencies.groups import AGENCY_FILTERS, AgencyGroup
from iomdash.declared.groups import EVERYONE, FILTERS, Group, joined
from iomdash.errors import UsageError
from iomdash.release.reader import Release
from iomdash.site.filters import label


def choice(release: Release, asked: Mapping[str, str]) -> tuple[Group, AgencyGroup]:
    """The interviews, and the people in agencies' records, that an address's filters name.

    Raises UsageError for what the release does not have.
    """
    waves = [wave.id for wave in release.waves]
    wave = asked.get("wave") or waves[0]
    if wave not in waves:
        raise UsageError(f"There is no wave '{wave[:40]}' here.")
    picked = {name: _value(release, name, asked.get(name, "")) for name in AGENCY_FILTERS}
    group = Group(wave, **{name: picked[name] for name in FILTERS})
    people = AgencyGroup(**picked)
    if len(joined(people.cohort)) > 1:  # agencies count each cohort by itself
        people = replace(people, cohort=EVERYONE)
    return group, people


def _value(release: Release, name: str, words: str) -> str:
    """A filter's value, as its page shows it and as its address holds it."""
    if words in ("", EVERYONE):
        return EVERYONE
    interviewed = [str(getattr(g, name)) for g in release.sizes if name in FILTERS]
    known = {label(value): value for value in {*interviewed, *release.choices(name)}}
    if words not in known:
        raise UsageError(f"There is no {name} '{words[:40]}' here.")
    return known[words]
