"""The partnership's nouns as data: cohorts, pathways, agencies, providers, areas, offences.

Each exists here and nowhere else. The vault's contracts, the filters, the pages and the
documents read these tuples, so a new cohort is one entry.
Source: study of 2017, scheme and Terms of Reference; Home Office and Ministry of Justice
key principles of IOM, 2010 and 2015.
"""

from dataclasses import dataclass

PLACE = "Sandwell"


@dataclass(frozen=True)
class Cohort:
    """A group of people managed together, with its Terms of Reference in short."""

    id: str
    name: str
    who: str
    referral: tuple[str, ...]
    purpose: tuple[str, ...]
    way_out: str
    adult: bool = True


@dataclass(frozen=True)
class Pathway:
    """One of the seven areas of need that can lead out of offending."""

    id: str
    name: str
    aim: str


@dataclass(frozen=True)
class Agency:
    """A partner of the scheme; `key` is what codes and tables call it."""

    key: str
    name: str
    role: str


@dataclass(frozen=True)
class Choice:
    """One value of a filter, with the words shown for it."""

    id: str
    name: str


_SIX_MONTHS = "De-selected after six months without offending, by decision of the partners."

COHORTS: tuple[Cohort, ...] = (
    Cohort(
        "PPO",
        "Prolific and Priority Offenders",
        "People who offend often, are likely to offend again and have needs on the pathways.",
        (
            "High offending and a high likelihood of re-offending",
            "Needs on one or more of the seven pathways",
            "Willing to change, or too great a risk to leave to one agency",
        ),
        ("Prevent and deter", "Catch and convict", "Rehabilitate and resettle"),
        _SIX_MONTHS,
    ),
    Cohort(
        "HCCU",
        "High Crime Causing Users",
        "People whose offending is driven by the use of Class A drugs.",
        (
            "Offending linked to Class A drugs",
            "Three positive Class A tests in 12 months",
            "Willing to engage with the drug service",
        ),
        ("Treat the drug misuse that drives the offending",),
        _SIX_MONTHS,
    ),
    Cohort(
        "SPOS",
        "Sandwell Priority Offender Scheme",
        "People in, or at risk of, organised crime or gangs, or convicted over a firearm.",
        (
            "At risk of joining, or known to be in, organised crime or a gang",
            "Or a conviction for a firearms offence",
        ),
        ("Share information", "Manage high risk together", "Keep communities safe"),
        _SIX_MONTHS,
    ),
    Cohort(
        "DV&A",
        "Domestic Violence and Abuse",
        "High-risk perpetrators of domestic violence and abuse.",
        ("Assessed as a high-risk perpetrator",),
        (
            "Fewer incidents of domestic abuse",
            "Safer victims and children",
            "Support on the pathways, centred on the perpetrator",
        ),
        _SIX_MONTHS,
    ),
    Cohort(
        "U18",
        "Under 18",
        "Young people under 18 who are managed by the scheme.",
        ("Under 18 and referred by the youth offending service",),
        ("Early help out of offending",),
        "On turning 18, or after six months without offending.",
        adult=False,
    ),
)

PATHWAYS: tuple[Pathway, ...] = (
    Pathway("accommodation", "Accommodation", "A suitable and stable place to live"),
    Pathway("ete", "Education, training and employment", "Work, or the way to it"),
    Pathway("health", "Mental and physical health", "Health needs met and taken into account"),
    Pathway("substances", "Drugs and alcohol", "Less harm from drugs and alcohol"),
    Pathway("finance", "Finance, benefit and debt", "Money problems under control"),
    Pathway("families", "Children and families", "Ties that encourage and support"),
    Pathway("attitudes", "Attitudes, thinking and behaviour", "Solving problems without crime"),
)

AGENCIES: tuple[Agency, ...] = (
    Agency("police", "Police", "Prevents, detects and helps to manage risk"),
    Agency("probation", "Probation", "Supervises and enforces licences and sentences"),
    Agency("drug_service", "Drug and alcohol service", "Treats drug and alcohol misuse"),
    Agency("mental_health", "Mental health services", "Treats and supports mental health"),
    Agency("childrens_services", "Children's services", "Keeps children safe, supports families"),
    Agency("housing", "Housing and landlords", "Finds and keeps accommodation"),
    Agency("youth_offending", "Youth offending service", "Supervises people under 18"),
    Agency("prison", "Prison", "Custody and the way out of it"),
)

PROVIDERS: tuple[Choice, ...] = (
    Choice("NPS", "National Probation Service"),
    Choice("CRC", "Community Rehabilitation Company"),
)

SUPERVISIONS: tuple[Choice, ...] = (
    Choice("statutory", "Statutory (licence, community sentence, post-sentence)"),
    Choice("voluntary", "Voluntary"),
    Choice("not_stated", "Not stated"),
)

SETTINGS: tuple[Choice, ...] = (Choice("community", "Community"), Choice("custody", "Custody"))

OUTCOMES: tuple[Choice, ...] = (
    Choice("interviewed", "Interviewed"),
    Choice("declined", "Declined"),
    Choice("did_not_attend", "Did not attend"),
    Choice("returned_to_custody", "Returned to custody"),
)

AREAS: tuple[Choice, ...] = (
    Choice("oldbury", "Oldbury"),
    Choice("rowley_regis", "Rowley Regis"),
    Choice("smethwick", "Smethwick"),
    Choice("tipton", "Tipton"),
    Choice("wednesbury", "Wednesbury"),
    Choice("west_bromwich", "West Bromwich"),
)

# Why somebody leaves a cohort.
LEAVING: tuple[Choice, ...] = (
    Choice("six_months_clear", "Six months without offending"),
    Choice("custody", "Long custody"),
    Choice("moved", "Moved away"),
    Choice("died", "Died"),
    Choice("expired", "Order or licence expired"),
    Choice("other", "Other"),
)

HARM_GROUPS: tuple[Choice, ...] = (
    Choice("violence_with_injury", "Violence with injury"),
    Choice("violence_without_injury", "Violence without injury"),
    Choice("sexual", "Sexual offences"),
    Choice("robbery", "Robbery"),
    Choice("burglary", "Burglary"),
    Choice("vehicle", "Vehicle crime"),
    Choice("theft", "Other theft"),
    Choice("shoplifting", "Shoplifting"),
    Choice("criminal_damage", "Criminal damage and arson"),
    Choice("drugs_supply", "Trafficking of drugs"),
    Choice("drugs_possession", "Possession of drugs"),
    Choice("weapons", "Possession of weapons"),
    Choice("public_order", "Public order"),
    Choice("other", "Other"),
)

ORIGINS: tuple[Choice, ...] = (
    Choice("collected", "Collected in an interview for this wave"),
    Choice("reported", "Stated in the 2017 report"),
    Choice("reconstructed", "Chosen by the project where the 2017 report leaves a figure open"),
    Choice("synthetic", "Made up by a seeded generator, for demonstration"),
)
