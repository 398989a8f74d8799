"""What a finding is made of: its origin, claims that data can test, exhibits beside them."""

from dataclasses import dataclass
from typing import Literal

from iomdash.declared.quantifiers import Quantifier
from iomdash.declared.scheme import PLACE

NOT_INTERVIEWED = "recruitment.not_interviewed"
DIFFERENCE = "difference"


@dataclass(frozen=True)
class Origin:
    """Who made a finding first, where and in which year.

    `wave` is the wave of interviews that it was made from, whose verdict stands beside later
    ones; empty where there was none.
    """

    name: str
    place: str
    year: int
    wave: str = ""

    @property
    def words(self) -> str:
        """The origin as pages name it, for example "the study in Sandwell, 2017"."""
        return f"{self.name} in {self.place}, {self.year}"


STUDY = Origin("the study", "Sandwell", 2017, wave="2017")


def partnership(year: int, wave: str = "") -> Origin:
    """The origin of a finding that the partnership made itself."""
    return Origin("the partnership", PLACE, year, wave)


@dataclass(frozen=True)
class Claim:
    """`quantifier` of the people in `among` (a code; empty for everybody) `said` what `code` means.

    `said` is in the past tense, so that any quantifier may stand before it. `base` says who those
    of `among` are, for example "who named a need"; empty for everybody. `opposite` is what those
    said who said no, where a page should say that when the claim fails.
    """

    said: str
    code: str
    quantifier: Quantifier
    among: str = ""
    base: str = ""
    opposite: str = ""

    @property
    def statement(self) -> str:
        """The claim as the finding makes it, for example "All spoke well of the scheme"."""
        return self.sentence(self.quantifier.word)

    def sentence(self, word: str) -> str:
        """What people said, with a word or a band for how many, without a full stop."""
        who = f"{word} of those {self.base}" if self.base else word
        return f"{who[:1].upper()}{who[1:]} {self.said}"


@dataclass(frozen=True)
class Difference:
    """A claim that the cohorts differ on at least one of `codes`, by Fisher's exact test."""

    said: str
    codes: tuple[str, ...]
    code: str = DIFFERENCE

    @property
    def statement(self) -> str:
        """The claim as the finding makes it."""
        return self.said


ExhibitKind = Literal[
    "codes",  # how many said each of several codes
    "cohorts",  # stances on one code, by cohort
    "providers",  # stances on one code, by provider
    "heat",  # codes by cohort
    "test",  # the exact tests behind the Difference on just these codes
    "funnel",  # each step among those of the first
    "pair",  # two codes: one, the other, both, neither
    "profile",  # one field of the information sheet
    "matrix",  # pathways by need, offered, relevant, helped
    "recruitment",  # approached, and what came of it
    "reached",  # the same, by cohort
    "recorded",  # agencies' figures, beside the finding and never matched with it
    "needed",  # interviews that would settle each open claim
]


@dataclass(frozen=True)
class Exhibit:
    """A picture beside the claims. `of` names its codes, its profile field or agencies' picture."""

    kind: ExhibitKind
    topic: str
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What somebody found out once, held against every release.

    `theme` is a theme of the codebook; `title` stands in lists.
    """

    id: str
    title: str
    theme: str
    origin: Origin
    claims: tuple[Claim | Difference, ...]
    exhibits: tuple[Exhibit, ...] = ()
    caveat: str = ""
    contradiction: str = ""
    ask: str = ""
