"""What a scheme needs if it is to succeed, and how a board answers for each, once a quarter.

Source: eight criteria of organisational change by which the study of 2017 says that schemes fail,
and a ninth that it adds itself. The words are ours.
"""

from dataclasses import dataclass

from iomdash.declared.scheme import Choice
from iomdash.declared.sources import PARTNERSHIP, STUDY, Line


@dataclass(frozen=True)
class Condition:
    """One condition, what the board asks itself of it, and the findings that bear on it."""

    id: str
    name: str
    asks: Line
    findings: tuple[str, ...]


def _condition(id: str, name: str, asks: str, *findings: str) -> Condition:
    return Condition(id, name, Line(asks, STUDY), findings)


CONDITIONS: tuple[Condition, ...] = (
    _condition(
        "urgency",
        "It cannot wait",
        "Do all partners know, from figures, why offending by these people cannot wait?",
        "F06",
        "F08",
    ),
    _condition(
        "coalition",
        "Those who can act stand together",
        "Does whoever can decide for each partner come, and decide, in the same room?",
        "F03",
        "F13",
    ),
    _condition(
        "vision",
        "A picture of where it leads",
        "Is there one picture of what the scheme is to have changed, which every partner shares?",
        "F01",
        "F16",
    ),
    _condition(
        "told",
        "The picture is passed on",
        "Do staff, and the people who are managed, hear it in words that they use themselves?",
        "F01",
        "F03",
    ),
    _condition(
        "means",
        "Others have the means to act",
        "Do those who work with people have the time, the programmes and the say that it takes?",
        "F08",
        "F11",
        "F16",
    ),
    _condition(
        "early_gains",
        "Gains that show soon",
        "Was something planned that shows within months, and did those who did it hear of it?",
        "F04",
        "F09",
    ),
    _condition(
        "more_change",
        "Gains lead to more",
        "Did what worked lead to the next change, rather than to rest?",
        "F05",
        "F11",
        "F14",
    ),
    _condition(
        "rooted",
        "New ways take root",
        "Would it go on if the two people who carry it most left tomorrow?",
        "F10",
        "F13",
    ),
    _condition(
        "voice",
        "Service users have a voice",
        "Were the people who are managed asked this quarter, and what came of what they said?",
        "F15",
        "F17",
        "F18",
    ),
)

# Shape and words of an answer; the shape is never alone.
ANSWERS: tuple[Choice, ...] = (
    Choice("in_place", "● In place", PARTNERSHIP),
    Choice("partly", "◐ Partly in place", PARTNERSHIP),
    Choice("not_in_place", "○ Not in place", PARTNERSHIP),
    Choice("not_discussed", "– Not discussed", PARTNERSHIP),
)

# Who may answer for the board: a post, never a person's name.
POSTS: tuple[Choice, ...] = (
    Choice("chair", "Chair of the board", PARTNERSHIP),
    Choice("coordinator", "Coordinator of the scheme", PARTNERSHIP),
    Choice("police_lead", "Lead of the police", PARTNERSHIP),
    Choice("probation_lead", "Lead of probation", PARTNERSHIP),
    Choice("health_lead", "Lead of health and treatment", PARTNERSHIP),
    Choice("council_lead", "Lead of the council", PARTNERSHIP),
)
