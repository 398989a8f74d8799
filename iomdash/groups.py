"""Groups of interviews, named by the filters that a page offers."""

from dataclasses import dataclass, replace

EVERYONE = "All"
FILTERS = ("cohort", "provider", "supervision")
ATOM = ("wave", *FILTERS)


@dataclass(frozen=True)
class Group:
    """Interviews of one wave that pass every filter; `All` passes everything."""

    wave: str
    cohort: str = EVERYONE
    provider: str = EVERYONE
    supervision: str = EVERYONE

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Values in the order of ATOM."""
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
