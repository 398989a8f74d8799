"""Fields of the information sheet: what each is called and in which order its answers stand.

The answers are those of `counting/interviews/profile.sql`; a test keeps the two together.
"""

from dataclasses import dataclass

NOT_STATED = "not stated"

_YES_NO = ("yes", "no")
_SINCE = ("under 6 months before", "6 to 12 months before", "over a year before")
_TREATMENT = ("no misuse", "misuse, in treatment", "misuse, not in treatment")


@dataclass(frozen=True)
class Field:
    """One field, with its answers in the order in which a chart shows them.

    Fields on offending, drugs and health are `sensitive`: they are not broken down by cohort.
    """

    id: str
    name: str
    answers: tuple[str, ...]
    sensitive: bool = False


FIELDS: tuple[Field, ...] = (
    Field("age", "Age", ("18 to 24", "25 to 34", "35 to 44", "45 or over")),
    Field("sex", "Sex", ("male", "female", "other")),
    Field("ethnicity", "Ethnicity", ("asian", "black", "mixed", "white", "other")),
    Field(
        "age_first_offence",
        "Age at first offence",
        ("under 12", "12 to 14", "15 to 17", "18 or over"),
        sensitive=True,
    ),
    Field("still_offending", "Still offending, by own account", _YES_NO, sensitive=True),
    Field("last_offence", "Last offence", _SINCE, sensitive=True),
    Field("last_arrest", "Last arrest", _SINCE, sensitive=True),
    Field("single", "Single", _YES_NO),
    Field("children", "Has children", _YES_NO),
    Field("childrens_services", "Known to children's services", _YES_NO),
    Field("alcohol", "Alcohol", _TREATMENT, sensitive=True),
    Field("drugs", "Drugs", _TREATMENT, sensitive=True),
    Field(
        "mental_health",
        "Mental health",
        ("no concern", "concern, getting help", "concern, no help"),
        sensitive=True,
    ),
    Field("accommodation", "Accommodation", ("supported", "permanent", "temporary", "transient")),
    Field("employment", "Employment", ("employed", "training", "unemployed", "unable_to_work")),
    Field("benefit", "On benefit", _YES_NO),
    Field("setting", "Where the interview was held", ("community", "custody")),
    Field(
        "length_minutes",
        "Length of the interview",
        ("under 45 minutes", "45 to 59 minutes", "60 to 90 minutes", "over 90 minutes"),
    ),
)
