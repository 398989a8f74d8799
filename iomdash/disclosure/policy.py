"""What each audience may see: the policy file read, checked and turned into figures.

A wrong or missing figure is an error that names the file and the line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import yaml

from iomdash import settings
from iomdash.declared import audiences
from iomdash.disclosure.lines import Lines

FILE = Path(__file__).parent / "policy.yaml"
DECLARED = " Audiences are declared in iomdash/declared/audiences.py."
# With more filters at once the groups are so small that the figures are those of single people.
MOST_FILTERS = 2
# Between two counts that are each off by this much, one may be any neighbour of the other.
LEAST_NOISE = 2
# Record keys have 8 bits, two for each step of noise.
MOST_NOISE = 4
# How many sizes of groups, from the smallest on, bands are tried out for.
_TRIED = 60


@dataclass(frozen=True)
class Figure:
    """One figure of the policy, as the Methods page prints it."""

    audience: str
    kind: str
    name: str
    value: int
    reason: str
    source: str


@dataclass(frozen=True)
class Band:
    """Shares from 0 to 1 between two bounds, each within the band unless it is open."""

    words: str
    low: Fraction
    high: Fraction
    low_open: bool = False
    high_open: bool = False

    def counts(self, n: int) -> range:
        """The numbers of `n` people that lie in the band."""
        least = self.low * n
        most = self.high * n
        first = int(least) + (1 if self.low_open or least != int(least) else 0)
        last = int(most) - (1 if self.high_open and most == int(most) else 0)
        return range(first, last + 1)


Bands = tuple[Band, ...]


@dataclass(frozen=True)
class PublicFact:
    """A wave whose totals stand in print."""

    wave: str
    what: str
    reason: str
    source: str


@dataclass(frozen=True)
class InterviewRules:
    """Smallest group and smallest base of a conditional claim, in interviews; bounds, in people."""

    smallest_group: int = 5
    smallest_base: int = 5
    bounds_width: int = 1


@dataclass(frozen=True)
class AgencyRules:
    """Counts of people from agencies: fewest that are shown, of a group or of what it did; the most
    that noise adds or takes; how many filters may narrow them beside the period; and the share of
    a sum, in hundredths, that two people may make of it."""

    smallest_count: int = 5
    noise: int = 2
    filters_at_once: int = 1
    largest_two: int = 85

    @property
    def person_level(self) -> bool:
        """Whether single people can be read, as the audience works with them."""
        return self.smallest_count == 1 or self.filters_at_once > MOST_FILTERS


@dataclass(frozen=True)
class Policy:
    """One audience's rules. `figures` are those of the file, for documentation."""

    audience: str
    interviews: InterviewRules
    people: AgencyRules
    bands: tuple[Bands, ...]
    public: tuple[PublicFact, ...] = ()
    figures: tuple[Figure, ...] = ()
    why_bands: str = ""

    @property
    def smallest(self) -> int:
        """Interviews in the smallest group that may be shown or worked out."""
        return self.interviews.smallest_group

    @property
    def public_waves(self) -> frozenset[str]:
        """Waves whose totals are published."""
        return frozenset(fact.wave for fact in self.public)


def for_audience(audience: str) -> Policy:
    """The rules for an audience, from the file that is set. Raises EnvironmentFault, UsageError."""
    rules = load(Path(settings.POLICY.read() or FILE))[audiences.find(audience).policy]
    return replace(rules, audience=audience)


def load(path: Path) -> Mapping[str, Policy]:
    """The policies of a file by the keys that audiences name. Raises EnvironmentFault with file
    and line, also where the file's audiences are not those that are declared.
    """
    return _load(path, tuple(dict.fromkeys(audience.policy for audience in audiences.AUDIENCES)))


@cache
def _load(path: Path, keys: tuple[str, ...]) -> Mapping[str, Policy]:
    lines = Lines(path)
    return _Reader(lines, keys).policies(lines.root)


class _Reader:
    """Nodes of the file, which know their lines, to policies."""

    def __init__(self, lines: Lines, audiences: tuple[str, ...]) -> None:
        self._lines, self._audiences = lines, audiences

    def policies(self, root: yaml.Node | None) -> Mapping[str, Policy]:
        top = self._lines.keys(root, ("audiences", "bands", "public_facts"))
        audiences = self._lines.keys(top["audiences"], self._audiences, DECLARED)
        public = tuple(self._fact(node) for node in self._lines.items(top["public_facts"]))
        bands = self._lines.keys(top["bands"], ("reason", "source", "sets"))
        policies_of: dict[str, Policy] = {}
        for audience, node in audiences.items():
            kinds = self._lines.keys(node, ("interviews", "people"))
            figures = [
                *self._figures(audience, "interviews", kinds["interviews"], InterviewRules),
                *self._figures(audience, "people", kinds["people"], AgencyRules),
            ]
            values = {(f.kind, f.name): f.value for f in figures}
            interviews = InterviewRules(
                **{n: v for (k, n), v in values.items() if k == "interviews"}
            )
            sets = tuple(
                self._bands(part, interviews.smallest_group)
                for part in self._lines.items(bands["sets"])
            )
            people = AgencyRules(**{n: v for (k, n), v in values.items() if k == "people"})
            self._people(kinds["people"], people)
            policies_of[audience] = Policy(
                audience, interviews, people, sets, public, tuple(figures),
                self._lines.text(bands["reason"]),
            )  # fmt: skip
        return policies_of

    def _people(self, node: yaml.Node, rules: AgencyRules) -> None:
        lines = dict(self._lines.pairs(node))
        if rules.noise >= rules.smallest_count:
            self._lines.wrong(
                lines["noise"],
                f"noise is {rules.noise} and smallest_count {rules.smallest_count}, so a few "
                "people would read as many. Give less than smallest_count.",
            )
        if rules.noise < LEAST_NOISE and not rules.person_level:
            self._lines.wrong(
                lines["noise"],
                f"noise is {rules.noise}, so nobody and everybody would be certain. Give at least "
                f"{LEAST_NOISE}.",
            )
        if rules.noise > MOST_NOISE:
            self._lines.wrong(
                lines["noise"],
                f"noise is {rules.noise}, and keys have 8 bits. Give at most {MOST_NOISE}.",
            )
        if rules.largest_two >= 100:
            self._lines.wrong(
                lines["largest_two"],
                f"largest_two is {rules.largest_two}, and two people may then make the whole sum. "
                "Give less than 100.",
            )

    def _figures(
        self,
        audience: str,
        kind: str,
        node: yaml.Node,
        of: type[InterviewRules] | type[AgencyRules],
    ) -> list[Figure]:
        names = tuple(of.__dataclass_fields__)
        return [
            self._figure(audience, kind, name, part)
            for name, part in self._lines.keys(node, names).items()
        ]

    def _figure(self, audience: str, kind: str, name: str, node: yaml.Node) -> Figure:
        parts = self._lines.keys(node, ("value", "reason", "source"))
        least = {"smallest_group": 2, "noise": 0}.get(name, 1)
        value = self._lines.whole(parts["value"], name, least)
        return Figure(
            audience,
            kind,
            name,
            value,
            self._lines.text(parts["reason"]),
            self._lines.text(parts["source"]),
        )

    def _bands(self, node: yaml.Node, smallest: int) -> Bands:
        keys = {k for k, _ in self._lines.pairs(node)}
        lower = "below" if "below" in keys else "at_most"
        parts = self._lines.keys(node, (lower, "at_least", "words"))
        low, high = self._lines.share(parts[lower]), self._lines.share(parts["at_least"])
        words = [self._lines.text(word) for word in self._lines.items(parts["words"])]
        if lower == "below" and low == high and len(words) == 2:
            made = (
                Band(words[0], Fraction(0), low, high_open=True),
                Band(words[1], high, Fraction(1)),
            )
        elif lower == "at_most" and low < high and len(words) == 3:
            made = (
                Band(words[0], Fraction(0), low),
                Band(words[1], low, high, low_open=True, high_open=True),
                Band(words[2], high, Fraction(1)),
            )
        else:
            self._lines.wrong(
                node,
                "these bands leave a gap or overlap. Give at_most below at_least with three "
                "words, or below equal to at_least with two.",
            )
        for n in range(smallest, smallest + _TRIED):
            if any(len(made[i].counts(n)) < 2 for i in (0, -1)):
                self._lines.wrong(
                    node,
                    f"'{words[0]}' or '{words[-1]}' of {n} people leaves a single value, which "
                    "tells about each of them. Widen the bands, or raise smallest_group.",
                )
        return made

    def _fact(self, node: yaml.Node) -> PublicFact:
        parts = self._lines.keys(node, ("wave", "what", "reason", "source"))
        return PublicFact(**{name: self._lines.text(part) for name, part in parts.items()})
