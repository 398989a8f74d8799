"""Groups of interviews, named by the filters that a page offers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from iomdash.declared.scheme import AREAS, COHORTS

EVERYONE = "All"
FILTERS = ("cohort", "provider", "supervision")
KEY = ("wave", *FILTERS)
# What else tells interviews apart: where they were held, and in which releases they counted.
ATOM = (*KEY, "setting", "life")
_JOIN = "+"
_AREAS = {"": "not stated", **{area.id: area.name for area in AREAS}}


@dataclass(frozen=True)
class Group:
    """Interviews of one wave that pass every filter; `All` passes everything.

    A cohort may be several joined ones, as `together` names them.
    """

    wave: str
    cohort: str = EVERYONE
    provider: str = EVERYONE
    supervision: str = EVERYONE

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Values in the order of KEY."""
        return self.wave, self.cohort, self.provider, self.supervision

    @property
    def whole_wave(self) -> "Group":
        """The same wave without filters."""
        return Group(self.wave)

    def of_cohort(self, cohort: str) -> "Group":
        """The same filters for another cohort."""
        return replace(self, cohort=cohort)

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return self != self.whole_wave

    @property
    def filters(self) -> tuple[str, ...]:
        """Names of the filters that are set."""
        return tuple(name for name in FILTERS if getattr(self, name) != EVERYONE)

    @property
    def by_cohort_only(self) -> bool:
        """Whether it is a whole wave or one cohort of it."""
        return self.filters in ((), ("cohort",))


def together(cohorts: Iterable[str]) -> str:
    """The name of cohorts that are shown as one, in the scheme's order; of one, its own."""
    order = [cohort.id for cohort in COHORTS]
    return as_one(sorted(cohorts, key=order.index))


def as_one(choices: Iterable[str]) -> str:
    """The name of choices of a filter that are counted as one, in their order."""
    return _JOIN.join(choices)


def joined(choice: str) -> tuple[str, ...]:
    """The choices of a filter behind a name; one, unless several are shown together."""
    return tuple(choice.split(_JOIN))


def spoken(group: Group) -> str:
    """A group in words, several cohorts named in full: "HCCU, SPOS and DV&A together, NPS"."""
    parts = [named(v) for v in (group.cohort, group.provider, group.supervision) if v != EVERYONE]
    return ", ".join(parts) or f"everybody in wave {group.wave}"


def named(choice: str) -> str:
    """A choice of a filter in words, or several in full: "HCCU, SPOS and DV&A together"."""
    names = [_AREAS.get(one, one.replace("_", " ")) for one in joined(choice)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} together"
