"""The counts that the 2017 report states, as bounds, with the words that they were stated in.

Words are ours. Bounds are those under which the source's words are true of the people
interviewed, or of those whom a condition names.
"""

from dataclasses import dataclass

from iomdash.declared.codebook import STEPS
from iomdash.declared.findings.claims import NOT_INTERVIEWED

INTERVIEWED = 11
APPROACHED = 22


@dataclass(frozen=True)
class Stated:
    """`least` to `most` people of `of` said yes to `code`, among those who did to `among`.

    `of` is None where the source does not count the people that it speaks of; `note` says where
    it contradicts itself, or words things in a way that needs a reading.
    """

    code: str
    among: str | None
    words: str
    least: int
    most: int
    of: int | None
    note: str | None = None

    @property
    def exact(self) -> bool:
        """Whether the source leaves nothing open about the figure."""
        return self.least == self.most and self.of is not None


def _all(code: str, note: str | None = None) -> Stated:
    return Stated(code, None, "all", INTERVIEWED, INTERVIEWED, INTERVIEWED, note)


def _count(code: str, n: int, words: str, note: str | None = None) -> Stated:
    return Stated(code, None, words, n, n, INTERVIEWED, note)


def _more_than_half(code: str, words: str = "a majority", note: str | None = None) -> Stated:
    return Stated(code, None, words, 6, INTERVIEWED, INTERVIEWED, note)


def _nearly_all(code: str, note: str | None = None) -> Stated:
    return Stated(code, None, "nearly all", 9, 10, INTERVIEWED, note)


def _some(code: str, note: str | None = None) -> Stated:
    return Stated(code, None, "some", 2, 5, INTERVIEWED, note)


def _several(code: str) -> Stated:
    note = "A plain plural, which says no more than that it was more than one."
    return Stated(code, None, "those interviewed", 2, INTERVIEWED, INTERVIEWED, note)


def _named(code: str) -> Stated:
    return Stated(code, None, "named at a meeting", 1, INTERVIEWED, INTERVIEWED)


_STOPPING = (
    "The report says that support made people less likely to stop offending, which is at odds with "
    "the rest of it and may be a slip for less likely to offend. It is kept as reported."
)

STATED: tuple[Stated, ...] = (
    _all("scheme.positive"),
    _more_than_half(
        "selection.understands", "all in its conclusion, a majority in its text",
        "The report contradicts itself, so both are allowed.",
    ),
    Stated(
        "selection.agrees", None, "not all, and most do not", 1, 5, INTERVIEWED,
        "That most do not agree leaves at most 5 who do; 'not all' leaves at least one. Most may "
        "be of those who understood.",
    ),
    _more_than_half(
        "selection.reason_offending",
        note="The majority who could explain their selection put offending first, on one reading.",
    ),
    _all("offending.stopped", "The researcher doubts it."),
    _more_than_half("support.effect_on_stopping", "at least half", _STOPPING),
    _more_than_half("change.self", "most"),
    Stated(
        "roles.blurred", None, "some", 3, 5, INTERVIEWED,
        "Three of them are quoted for it: interviewees 1, 4 and 6; the last two are quoted for "
        "telling the roles apart as well.",
    ),
    _count("roles.police_enforce", 3, "three"),
    _some("supervision.laxer"),
    _more_than_half("substance.need", "most"),
    Stated(
        "substance.in_treatment", "substance.need", "all who named a need", 6, INTERVIEWED, None,
        "The report says that all of them engage fully with the service.",
    ),
    Stated(
        "substance.satisfied", "substance.need", "all who named a need", 6, INTERVIEWED, None
    ),
    Stated(
        "police.supportive", None, "at least one", 2, INTERVIEWED, INTERVIEWED,
        "Two of them are quoted for it: interviewees 6 and 7.",
    ),
    Stated(
        "meetings.positive", "meetings.experienced", "all those interviewed", INTERVIEWED,
        INTERVIEWED, INTERVIEWED, "The report does not say that all 11 had been at one.",
    ),
    _all(
        "meetings.experienced",
        "Follows from all of them finding it positive; the report shows it of four.",
    ),
    _named("meetings.with_police"),
    Stated("meetings.with_probation", None, "named at a meeting", 2, INTERVIEWED, INTERVIEWED),
    _named("meetings.with_drug_service"),
    _named("meetings.with_mental_health"),
    _more_than_half(
        "pathways.relevant",
        note=(
            "The report contradicts itself: most find the pathways relevant in one paragraph, "
            "and a majority find them irrelevant to their behaviour in the next."
        ),
    ),
    _count("pathways.helped", 3, "only three"),
    _several("pathways.quicker_access"),
    _more_than_half("offence_work.lacking"),
    _several("offence_work.not_for_me"),
    _some("rj.asked"),
    Stated(
        "rj.open", "rj.asked", "a majority", 2, 5, None,
        "Read as of those who were asked, as it was brought up with some only.",
    ),
    _several("victims.needs_work"),
    Stated(
        "trauma.unresolved", None, "a large majority", 8, INTERVIEWED, INTERVIEWED,
        "A large majority in the conclusion, most in the text.",
    ),
    _several("meetings.said_once"),
    Stated(
        "programmes.in_custody", None, "those who had such work", 1, INTERVIEWED, INTERVIEWED,
        "In long sentences in custody, or long ago; the report gives no number.",
    ),
    _more_than_half("pathways.substances.need", "most"),
    _some("environment.deters"),
    _some("environment.old_company"),
    Stated(
        "behaviour_work.lacking", None, "that such work is lacking, without a number", 6,
        INTERVIEWED, INTERVIEWED, "Ours follows from the majority who lack offence-focused work.",
    ),
    _count("early_help.would_have_helped", 9, "nine"),
    _more_than_half("peers.would_listen", "most"),
    _count("voice.appreciates", 9, "all but two"),
    _nearly_all("voice.forums", "Nearly all favour them, though some hesitate about forums."),
    _nearly_all("rapport.apprehensive", "Nearly all in the conclusion, perhaps most in the text."),
    _all("rapport.again"),
    Stated(NOT_INTERVIEWED, "approached", "11 of 22", 11, 11, APPROACHED),
)  # fmt: skip

# Codes on which the report shows nobody's words and says nothing that counts anybody.
UNREPORTED = frozenset(
    (
        "programmes.in_community", "peers.offered", "pathways.accommodation.relevant",
        "pathways.substances.relevant", "pathways.substances.helped",
        *(f"pathways.ete.{step}" for step in ("need", "offered", "relevant")),
        *(f"pathways.{pathway}.{step}" for pathway in ("finance", "families") for step in STEPS),
        *(f"pathways.health.{step}" for step in ("relevant", "helped")),
        *(f"pathways.attitudes.{step}" for step in ("need", "relevant", "helped")),
    )
)  # fmt: skip
