"""The measures of offending and of what the police record: what each counts, in words."""

from iomdash.declared.agencies.measure import (
    MOJ,
    MONTH,
    POLICE,
    REGRESSION,
    SCHEME,
    WHOLE,
    Measure,
    Place,
)  # fmt: skip

# Days of harm of one offence, to say what a number of them means: as in the table of the index.
ROBBERY, SHOP_THEFT = 365, 1

OFFENDING: tuple[Measure, ...] = (
    Measure(
        "reoffending",
        "Proven re-offending within 12 months",
        "Of the people who joined a cohort, those who committed an offence within 12 months after "
        "the index date that was proven within those or a further 6 months. The index date is "
        "the day of adoption, or of release for whoever was in custody then; the day itself does "
        "not count, its anniversary does. People count once, from their first index date on "
        "record, in the cohort that they joined then. People whose 18 months have not passed at "
        "the police's extract are not yet mature; whoever is still in custody then has no index "
        "date. Later custody does not shorten the 12 months.",
        MOJ,
        ("adoptions", "custody_spells", "offences"),
        {
            "people": "followed for 18 months",
            "reoffenders": "re-offended",
            "offences": "proven re-offences",
            "not_mature": "not yet mature",
        },
        of="indexed",
        matures=18,
        within={"reoffenders": "people"},
        unpublished=("not_mature",),
    ),
    Measure(
        "first_reoffence",
        "First recorded offence, proven or not",
        "Months from the index date (as for proven re-offending) to the first recorded offence, "
        "proven or not, or to custody if that came first: whoever is in custody cannot offend at "
        "large, so the two compete. Whoever has neither by the extract or within 36 months is "
        "last seen then.",
        "Aalen and Johansen 1978",
        ("adoptions", "custody_spells", "offences"),
        {
            "events": "had a recorded offence",
            "custody": "went into custody first",
            "censored": "last seen with neither",
        },
        (MONTH,),
        of="indexed",
        matures=12,
    ),
    Measure(
        "offending",
        "Offending before and after adoption",
        "Offences recorded, proven or not, and arrests in the 12 months up to the day of adoption "
        "and in the 12 months after it, per year at large; beside them those of months 24 to 13 "
        "before it, of adoptions for which the police's records go back so far. Days in custody "
        "after the day of entering it, and what is dated on them, are left out; what the extracts "
        "do not reach yet is no time at risk. The police's extract has to reach back a year before "
        "the first adoption: a shorter one makes the rate before it too low.",
        SCHEME,
        POLICE,
        {"days": "days at large", "offences": "offences", "arrests": "arrests"},
        ("period",),
        warning=REGRESSION,
        weighed=("days",),
        of="joined",
        matures=12,
    ),
    Measure(
        "offending_change",
        "Who offended less after joining",
        "Of those who joined, whether their recorded offences a day at large in the 12 months "
        "after adoption were fewer than in the 12 months before it. It counts people and not "
        "offences, so a few who offend very often do not decide it.",
        SCHEME,
        POLICE,
        {
            "fewer": "less often",
            "not_fewer": "as often or more",
            "not_at_large": "not at large in one of the years",
        },
        warning=REGRESSION,
        of="joined",
        matures=12,
    ),
    Measure(
        "offending_spread",
        "Spread of offending between people",
        "Sums over adoptions of squares and products of offences, their harm and days, from which "
        "the intervals of rates around adoption allow for people who offend often.",
        "Cochran, Sampling Techniques, 1977, section 6.3",
        POLICE,
        {
            "adoptions": "adoptions",
            "offences_squared": "offences squared",
            "offences_days": "offences times days",
            "days_squared": "days squared",
            "harm_squared": "days of harm squared",
            "harm_days": "days of harm times days",
        },
        ("period",),
        warning=REGRESSION,
        shown=False,
        of="joined",
        matures=12,
    ),
    Measure(
        "lately",
        "People with an offence in the quarter",
        "Of the people in the cohort at the end of the quarter, those of whom an offence in that "
        "quarter is recorded, proven or not, on a day on which they were in the cohort. Who left "
        "before its end is in neither.",
        SCHEME,
        ("adoptions", "offences"),
        {"offended": "with an offence in the quarter"},
        at_end=("offended",),
        of="in",
    ),
    Measure(
        "harm",
        "Harm before and after adoption",
        "The offences of the measure of offending, each weighed by the days of imprisonment that a "
        "published index gives its group. Not weighed and counted apart: offences that only the "
        "police's own activity brings to light (drugs, weapons), as the index's authors do, since "
        "they tell how much the police searched; and groups of offences too unlike for one weight "
        "(sexual, damage with arson). Divide by its days at large.",
        "Sherman, Neyroud and Neyroud, The Cambridge Crime Harm Index, 2016; its update of 2026",
        POLICE,
        {
            "harm": "days of harm",
            "weighed": "offences weighed",
            "unweighed": "offences not weighed",
        },
        ("period",),
        warning=REGRESSION,
        weighed=("harm",),
        of="joined",
        matures=12,
    ),
    Measure(
        "domestic",
        "Domestic incidents",
        "Domestic incidents recorded while the person was in the cohort, by assessed risk.",
        "Police records",
        ("adoptions", "domestic_incidents"),
        {"incidents": "domestic incidents"},
        ("risk",),
        one_at_a_time=True,
    ),
    Measure(
        "domestic_change",
        "Domestic incidents before and after adoption",
        "Domestic incidents of any risk in the 12 months up to the day of adoption and in the 12 "
        "months after it, on days at large. Divide by the days at large of offending.",
        SCHEME,
        (*POLICE, "domestic_incidents"),
        {"incidents": "domestic incidents"},
        ("period",),
        warning=REGRESSION,
        of="joined",
        matures=12,
    ),
    Measure(
        "domestic_spread",
        "Spread of domestic incidents between people",
        "Sums over adoptions of incidents squared and incidents times days, from which the "
        "interval of their rate allows for people of whom many are recorded.",
        "Cochran, Sampling Techniques, 1977, section 6.3",
        (*POLICE, "domestic_incidents"),
        {"incidents_squared": "incidents squared", "incidents_days": "incidents times days"},
        ("period",),
        warning=REGRESSION,
        shown=False,
        of="joined",
        matures=12,
    ),
    Measure(
        "since_first_offence",
        "From first recorded offence to joining",
        "Full years between the first offence on record, proven or not, and the day of adoption, "
        "as far back as the police's extract goes: where it does not hold a whole career, these "
        "years are too few.",
        SCHEME,
        ("adoptions", "offences"),
        {
            "none": "no offence on record",
            "under_1": "less than 1 year",
            "under_3": "1 to 2 years",
            "under_10": "3 to 9 years",
            "longer": "10 years or more",
        },
        of="joined",
    ),
    Measure(
        "deselection",
        "Six months without offending",
        "People who at the end of the quarter had been in the cohort for six months and in these "
        "months had no recorded offence, proven or not, and were not in custody; those who left "
        "in the quarter as six months clear; and of these the ones whose records agree. The "
        "partners decide, and may know more than the records.",
        SCHEME,
        ("adoptions", "custody_spells", "offences"),
        {
            "eligible": "six months clear and still in",
            "deselected": "de-selected as six months clear",
            "deselected_clear": "de-selected, with records that agree",
        },
        at_end=("eligible",),
        same={"deselected": Place(WHOLE, "left", (("reason", "six_months_clear"),))},
        within={"deselected_clear": "deselected"},
    ),
)
