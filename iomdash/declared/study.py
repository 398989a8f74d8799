"""The study of 2017 in our own words: why, who, how, and what was promised to those interviewed.

Source: study of 2017, its text, information sheet and consent form.
"""

from dataclasses import dataclass

from iomdash.declared.sources import STUDY, Line


@dataclass(frozen=True)
class Part:
    """A heading of the study and its lines, each a sentence or two."""

    heading: str
    lines: tuple[Line, ...]


def _part(heading: str, *lines: str) -> Part:
    return Part(heading, tuple(Line(line, STUDY) for line in lines))


WHY = _part(
    "Why it was done",
    "Each agency measured re-offending in its own way, nobody brought the figures together, and "
    "what the people who are managed think was missing from all of them.",
    "It is to show partners which themes tell of success or failure, so that they can move what "
    "they have to where it helps.",
    "It does not call anything good or bad, is about no single agency and no single person, and "
    "does not hold what somebody said against what an agency has on record. Nor does this site.",
)

WHO = _part(
    "Who was interviewed",
    "In scope were adults who lived in the community and had been in a cohort for six months or "
    "more, under a sentence or of their own will.",
    "22 people were asked and 11 were interviewed: 5 of PPO and 2 each of HCCU, SPOS and DV&A, all "
    "of them men. Of the other 11, 3 declined and 8 did not attend.",
    "Whoever missed many appointments was never asked, so the 22 are a choice already. Some said "
    "yes and then stayed away, or offended and were taken into custody; how many is not reported.",
)

HOW = _part(
    "How it was done",
    "One to one, with open questions along a guide, for 45 to 90 minutes, recorded where the "
    "person agreed.",
    "First a sheet on the person, kept apart from the notes: age, sex, ethnicity, offending, "
    "cohort, family, drugs and alcohol, mental health, housing, work and benefits.",
    "Then five topics: the scheme, oneself and one's offending, the partners, support on the "
    "pathways, and one's own view.",
    "The interviewer worked in the scheme; people may have said what suited that.",
)

PROMISED = _part(
    "What was promised",
    "Nobody is managed any differently for taking part or for not taking part.",
    "Names and whatever else could give somebody away are changed, also of people who are talked "
    "about, and only the researcher can tell whose words they are.",
    "What was collected is kept for five years and then destroyed; recordings go after six to "
    "nine months.",
)

DISCLOSE = _part(
    "The limit of the promise: the duty to disclose",
    "What somebody says of a danger to others, of abuse of themselves or of anybody else, or of "
    "thoughts of suicide has to be passed on to whoever must know.",
    "In prison that holds for a breach of its rules, too, if it can be punished there.",
    "People were told so before they began. Whoever interviews for a new wave says it again.",
)

PARTS: tuple[Part, ...] = (WHY, WHO, HOW, PROMISED, DISCLOSE)


@dataclass(frozen=True)
class Conclusion:
    """What the study concludes beside its findings, and against one of them.

    `test` is what would tell which of the two holds; `needs` the codes that it is made on.
    """

    against: str
    statement: Line
    test: str
    needs: tuple[str, ...]


COMMON_NEEDS = Conclusion(
    "F02",
    Line(
        "Which cohort people are in matters less than the needs that they share, and the way out "
        "is the same for all of them.",
        STUDY,
    ),
    "The exact test by which cohorts are compared on their attitudes, made on their needs: the "
    "finding stands where cohorts differ beyond chance on attitudes and not on needs; this "
    "conclusion, where people with the same need differ less between cohorts than people of one "
    "cohort with other needs. Needs on health and on drugs are sensitive and shown in bands, which "
    "no test can use.",
    tuple(
        f"pathways.{id}.need" for id in ("accommodation", "ete", "finance", "families", "attitudes")
    ),
)

CONCLUSIONS: tuple[Conclusion, ...] = (COMMON_NEEDS,)
