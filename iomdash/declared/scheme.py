"""The partnership's nouns as data: cohorts, pathways, agencies, providers, areas, offences.

Each exists here and nowhere else. The vault's contracts, the filters, the pages and the
documents read these tuples, so a new cohort is one entry. Every line says where it comes from.
"""

from dataclasses import dataclass

from iomdash.declared.sources import PARTNERSHIP, STUDY, Line, Source

PLACE = "Sandwell"


@dataclass(frozen=True)
class Cohort:
    """A group of people managed together, with its Terms of Reference in short."""

    id: str
    name: str
    who: Line
    referral: tuple[Line, ...]
    purpose: tuple[Line, ...]
    way_out: Line
    adult: bool = True


@dataclass(frozen=True)
class Principle:
    """What a scheme of this kind rests on everywhere."""

    name: str
    meaning: Line


@dataclass(frozen=True)
class Pathway:
    """One of the seven areas of need that can lead out of offending."""

    id: str
    name: str
    aim: Line
    source: Source = Source.PLAN


@dataclass(frozen=True)
class Agency:
    """A partner of the scheme; `key` is what codes and tables call it."""

    key: str
    name: str
    role: Line
    source: Source = Source.STUDY


@dataclass(frozen=True)
class Choice:
    """One value of a filter or list, with the words shown for it."""

    id: str
    name: str
    source: Source


def _lines(source: Source, *texts: str) -> tuple[Line, ...]:
    return tuple(Line(text, source) for text in texts)


def _choices(source: Source, **names: str) -> tuple[Choice, ...]:
    return tuple(Choice(id, name, source) for id, name in names.items())


_SIX_MONTHS = "De-selected after six months without offending."

COHORTS: tuple[Cohort, ...] = (
    Cohort(
        "PPO",
        "Prolific and Priority Offenders",
        Line(
            "People who offend often, are likely to offend again and have needs on the pathways.",
            STUDY,
        ),
        _lines(
            STUDY,
            "High offending and a high likelihood of re-offending",
            "Needs on one or more of the seven pathways",
            "Willing to change, or too great a risk to leave to one agency",
        ),
        _lines(STUDY, "Prevent and deter", "Catch and convict", "Rehabilitate and resettle"),
        # Of this cohort alone does the study say so.
        Line(_SIX_MONTHS, STUDY),
    ),
    Cohort(
        "HCCU",
        "High Crime Causing Users",
        Line("People whose offending is driven by the use of Class A drugs.", STUDY),
        _lines(
            STUDY,
            "Offending linked to Class A drugs",
            "Three positive Class A tests in 12 months",
            "Willing to engage with the drug service",
        ),
        _lines(STUDY, "Treat the drug misuse that drives the offending"),
        Line(_SIX_MONTHS, PARTNERSHIP),
    ),
    Cohort(
        "SPOS",
        "Sandwell Priority Offender Scheme",
        Line(
            "People in, or at risk of, organised crime or gangs, or convicted over a firearm.",
            STUDY,
        ),
        _lines(
            STUDY,
            "At risk of joining, or known to be in, organised crime or a gang",
            "Or a conviction for a firearms offence",
        ),
        _lines(STUDY, "Share information", "Manage high risk together", "Keep communities safe"),
        Line(_SIX_MONTHS, PARTNERSHIP),
    ),
    Cohort(
        "DV&A",
        "Domestic Violence and Abuse",
        Line("High-risk perpetrators of domestic violence and abuse.", STUDY),
        _lines(STUDY, "Assessed as a high-risk perpetrator"),
        _lines(
            STUDY,
            "Fewer incidents of domestic abuse",
            "Safer victims and children",
            "Support on the pathways, centred on the perpetrator",
        ),
        Line(_SIX_MONTHS, PARTNERSHIP),
    ),
    Cohort(
        "U18",
        "Under 18",
        Line("Young people under 18 who are managed by the scheme.", STUDY),
        _lines(PARTNERSHIP, "Under 18 and referred by the youth offending service"),
        _lines(PARTNERSHIP, "Early help out of offending"),
        Line("On turning 18, or after six months without offending.", PARTNERSHIP),
        adult=False,
    ),
)

PRINCIPLES: tuple[Principle, ...] = tuple(
    Principle(name, Line(meaning, Source.PRINCIPLES))
    for name, meaning in (
        (
            "All partners together",
            "The agencies manage a person as one team, under one roof where they can, with "
            "what they know in common and many kinds of help to offer.",
        ),
        (
            "Local answers to local problems",
            "Every area builds its scheme around the crimes that trouble it most.",
        ),
        (
            "Anybody may be in scope",
            "Whoever gives the area most concern can be chosen, under a sentence or of their "
            "own will.",
        ),
        (
            "Responsibility, or consequences",
            "Who takes part is helped; who goes on offending is dealt with at once.",
        ),
        (
            "Use what there is",
            "The scheme draws together the programmes and boards that exist; it does not build "
            "others beside them.",
        ),
        (
            "Out of crime for good",
            "Partners keep a person in sight after a sentence has ended, and help comes in the "
            "order in which it is needed.",
        ),
    )
)

PATHWAYS: tuple[Pathway, ...] = tuple(
    Pathway(id, name, Line(aim, Source.GUIDANCE))
    for id, name, aim in (
        ("accommodation", "Accommodation", "A suitable and stable place to live"),
        (
            "ete",
            "Education, training and employment",
            "Work or learning, kept up, and a lawful income of one's own",
        ),
        (
            "health",
            "Mental and physical health",
            "Everyday health looked after; mental health treated, and weighed with the risk",
        ),
        (
            "substances",
            "Drugs and alcohol",
            "Other habits with drugs and alcohol, by whatever help that takes",
        ),
        ("finance", "Finance, benefit and debt", "Money trouble under control, and a budget"),
        (
            "families",
            "Children and families",
            "Ties to family and neighbours that encourage, support and bind",
        ),
        (
            "attitudes",
            "Attitudes, thinking and behaviour",
            "Problems solved and hard moments met without harm to others",
        ),
    )
)

AGENCIES: tuple[Agency, ...] = tuple(
    Agency(key, name, Line(role, PARTNERSHIP))
    for key, name, role in (
        ("police", "Police", "Prevents, detects and helps to manage risk"),
        ("probation", "Probation", "Supervises and enforces licences and sentences"),
        ("drug_service", "Drug and alcohol service", "Treats drug and alcohol misuse"),
        ("mental_health", "Mental health services", "Treats and supports mental health"),
        (
            "childrens_services",
            "Children's services",
            "Keeps children safe, supports families",
        ),
        ("housing", "Housing and landlords", "Finds and keeps accommodation"),
        ("youth_offending", "Youth offending service", "Supervises people under 18"),
        ("prison", "Prison", "Custody and the way out of it"),
    )
)

PROVIDERS = _choices(
    STUDY, NPS="National Probation Service", CRC="Community Rehabilitation Company"
)

SUPERVISIONS = (
    *_choices(
        STUDY,
        statutory="Statutory (licence, community sentence, post-sentence)",
        voluntary="Voluntary",
    ),
    *_choices(Source.PROJECT, not_stated="Not stated"),
)

SETTINGS = _choices(STUDY, community="Community", custody="Custody")

OUTCOMES = _choices(
    STUDY,
    interviewed="Interviewed",
    declined="Declined",
    did_not_attend="Did not attend",
    returned_to_custody="Returned to custody",
)

AREAS = _choices(
    PARTNERSHIP,
    oldbury="Oldbury",
    rowley_regis="Rowley Regis",
    smethwick="Smethwick",
    tipton="Tipton",
    wednesbury="Wednesbury",
    west_bromwich="West Bromwich",
)

# Why somebody leaves a cohort.
LEAVING = _choices(
    PARTNERSHIP,
    six_months_clear="Six months without offending",
    custody="Long custody",
    moved="Moved away",
    died="Died",
    expired="Order or licence expired",
    other="Other",
)

HARM_GROUPS = _choices(
    Source.CRIME_GROUPS,
    violence_with_injury="Violence with injury",
    violence_without_injury="Violence without injury",
    sexual="Sexual offences",
    robbery="Robbery",
    burglary="Burglary",
    vehicle="Vehicle crime",
    theft="Other theft",
    shoplifting="Shoplifting",
    criminal_damage="Criminal damage and arson",
    drugs_supply="Trafficking of drugs",
    drugs_possession="Possession of drugs",
    weapons="Possession of weapons",
    public_order="Public order",
    other="Other",
)

ORIGINS = _choices(
    Source.PROJECT,
    collected="Collected in an interview for this wave",
    reported="Stated in the 2017 report",
    reconstructed="Chosen by the project where the 2017 report leaves a figure open",
    synthetic="Made up by a seeded generator, for demonstration",
)
