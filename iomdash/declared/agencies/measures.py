"""The measures of what agencies hold: what each counts, in words."""

from iomdash.declared.agencies.measure import Measure, Place

MOJ = "Ministry of Justice, Guide to proven reoffending statistics"
SCHEME = "Terms of Reference of the scheme"
POLICE = ("adoptions", "custody_spells", "offences", "arrests")
WHOLE = "caseload"
MONTH = "month"
# Why a measure is not told in a period in which noise alone would leave one number possible.
REGRESSION = (
    "People join a cohort when their offending is at its highest. It would fall afterwards in "
    "many of them without the scheme (regression to the mean), so the fall is not its effect."
)


MEASURES: tuple[Measure, ...] = (
    Measure(
        WHOLE,
        "Caseload",
        "People in a cohort at the end of the quarter (the running one: on the day of the "
        "extract), and those who joined or left in it, by reason. Whoever leaves is no longer in "
        "on that day. A person in two cohorts counts in each.",
        SCHEME,
        ("adoptions",),
        {"in": "in", "joined": "joined", "left": "left"},
        ("reason",),
        one_at_a_time=True,
        at_end=("in",),
    ),
    Measure(
        "reoffending",
        "Proven re-offending",
        "Of the people who joined a cohort, those who committed an offence within 12 months after "
        "the index date that was proven within those or a further 6 months. The index date is "
        "the day of adoption, or of release for whoever was in custody then; the day itself does "
        "not count, its anniversary does. People whose 18 months have not passed at the police's "
        "extract are not yet mature; whoever is still in custody then has no index date. Later "
        "custody does not shorten the 12 months.",
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
        "attendance",
        "Attendance",
        "Appointments due while the person was in the cohort, by outcome, agency, site and "
        "whether they were joint.",
        "Probation's diary",
        ("adoptions", "appointments"),
        {"kept": "kept", "missed": "missed", "rearranged": "rearranged"},
        ("agency", "site", "joint"),
        one_at_a_time=True,
    ),
    Measure(
        "pathways",
        "Needs on the pathways",
        "Assessments made while the person was in the cohort that found a need, and of those "
        "the ones that led to a referral, a start and a completion by the extract.",
        SCHEME,
        ("adoptions", "pathway_needs"),
        {
            "assessed": "assessed",
            "need": "in need",
            "referred": "referred",
            "started": "started",
            "completed": "completed",
        },
        ("pathway",),
        matures=6,
        within={"need": "assessed", "referred": "need", "started": "need", "completed": "need"},
    ),
    Measure(
        "offending",
        "Offending before and after adoption",
        "Offences recorded, proven or not, and arrests in the 12 months up to the day of adoption "
        "and in the 12 months after it, per year at large. Days in custody after the day of "
        "entering it, and what is dated on them, are left out; what the extracts do not reach "
        "yet is no time at risk. The police's extract has to reach back a year before the first "
        "adoption: a shorter one makes the rate before it too low.",
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
        "offending_spread",
        "Spread of offending between people",
        "Sums over adoptions of offences squared, offences times days and days squared, from which "
        "the interval of the rate before and after adoption allows for people who offend often.",
        "Cochran, Sampling Techniques, 1977, section 6.3",
        POLICE,
        {
            "adoptions": "adoptions",
            "offences_squared": "offences squared",
            "offences_days": "offences times days",
            "days_squared": "days squared",
        },
        ("period",),
        warning=REGRESSION,
        shown=False,
        of="joined",
        matures=12,
    ),
    Measure(
        "harm",
        "Harm before and after adoption",
        "The offences of the measure of offending, each weighed by the days of imprisonment that a "
        "published index gives its group; groups of unlike offences have no weight, and theirs are "
        "counted apart. Divide by its days at large.",
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
        "first_reoffence",
        "Time to first re-offence",
        "Months from the index date (as for proven re-offending) to the first recorded offence, "
        "proven or not. Whoever goes into custody first, or has not offended by the extract or "
        "within 36 months, is censored then.",
        "Kaplan and Meier 1958",
        ("adoptions", "custody_spells", "offences"),
        {"events": "offended", "censored": "last seen without an offence"},
        (MONTH,),
        of="indexed",
        matures=12,
    ),
    Measure(
        "breaches_and_recalls",
        "Breaches and recalls",
        "Breaches of orders and recalls to custody while the person was in the cohort.",
        "Probation's records",
        ("adoptions", "breaches"),
        {"breach": "breaches", "recall": "recalls"},
    ),
    Measure(
        "domestic",
        "Domestic incidents",
        "Domestic incidents recorded while the person was in the cohort, by assessed risk.",
        "Police records",
        ("adoptions", "domestic_incidents"),
        {"standard": "standard risk", "medium": "medium risk", "high": "high risk"},
    ),
    Measure(
        "tests_of_drugs",
        "Class A tests",
        "Tests for Class A drugs while the person was in the cohort, by result.",
        "Drug service's records",
        ("adoptions", "drug_tests"),
        {"positive": "positive", "negative": "negative", "refused": "refused"},
    ),
    Measure(
        "treatment",
        "Treatment for drugs and alcohol",
        "Treatments referred while in the cohort or under way at adoption, in the quarter of the "
        "later day; of those started, the ones that lasted 12 weeks (84 days) or were completed "
        "before, those too early to say at the extract, and those completed.",
        "National Drug Treatment Monitoring System, effective treatment",
        ("adoptions", "treatments"),
        {
            "referred": "referred",
            "started": "started",
            "stayed": "stayed 12 weeks or completed",
            "too_early": "too early to say",
            "completed": "completed",
        },
        ("substance",),
        one_at_a_time=True,
        matures=6,
        within={"started": "referred", "stayed": "started", "completed": "stayed"},
        unpublished=("too_early",),
    ),
    Measure(
        "programmes_done",
        "Programmes",
        "Of people in the cohort at the extract: programmes needed, offered, started and "
        "completed, whenever that was. An offer may be made without a recorded need.",
        SCHEME,
        ("adoptions", "programmes"),
        {
            "needed": "needed",
            "offered": "offered",
            "started": "started",
            "completed": "completed",
        },
        ("kind",),
        at_end=("needed", "offered", "started", "completed"),
        of="in",
        within={"completed": "started"},
    ),
    Measure(
        "housing",
        "Accommodation",
        "Where people in the cohort lived at the end of the quarter; a person with two kinds "
        "recorded counts in both.",
        "Housing's records",
        ("adoptions", "housing_spells"),
        {
            "supported": "supported",
            "permanent": "permanent",
            "temporary": "temporary",
            "transient": "transient",
            "not_recorded": "not recorded",
        },
        adds_up=True,
        at_end=("supported", "permanent", "temporary", "transient", "not_recorded"),
        of="in",
        recorded_in="housing_spells",
    ),
    Measure(
        "work",
        "Work",
        "What people in the cohort did at the end of the quarter; a person with two kinds "
        "recorded counts in both.",
        "Employment service's records",
        ("adoptions", "work_spells"),
        {
            "employed": "employed",
            "training": "in training",
            "unemployed": "unemployed",
            "unable_to_work": "unable to work",
            "not_recorded": "not recorded",
        },
        adds_up=True,
        at_end=("employed", "training", "unemployed", "unable_to_work", "not_recorded"),
        of="in",
        recorded_in="work_spells",
    ),
    Measure(
        "children",
        "Children's services",
        "The involvement of children's services with people in the cohort at the end of the "
        "quarter; a person with two levels recorded counts in both.",
        "Children's services' records",
        ("adoptions", "children_spells"),
        {
            "early_help": "early help",
            "child_in_need": "child in need",
            "child_protection": "child protection",
            "looked_after": "looked after",
            "not_recorded": "not recorded",
        },
        adds_up=True,
        at_end=("early_help", "child_in_need", "child_protection", "looked_after", "not_recorded"),
        of="in",
        recorded_in="children_spells",
    ),
    Measure(
        "time_in_cohort",
        "Time in the cohort",
        "Months from adoption to leaving, for whatever reason. Whoever is still in at the extract "
        "or after 36 months is censored then.",
        "Kaplan and Meier 1958",
        ("adoptions",),
        {"left": "left", "still_in": "last seen in the cohort"},
        (MONTH,),
        of="joined",
        matures=12,
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
    Measure(
        "in_custody",
        "In custody",
        "People in the cohort who were in custody at the end of the quarter.",
        "Probation's records",
        ("adoptions", "custody_spells"),
        {"in_custody": "in custody", "at_large": "at large"},
        adds_up=True,
        at_end=("in_custody", "at_large"),
        of="in",
    ),
    Measure(
        "in_treatment",
        "In treatment",
        "People in the cohort whose treatment for drugs or alcohol was under way at the end of the "
        "quarter; a person treated for both counts in both.",
        "Drug service's records",
        ("adoptions", "treatments"),
        {"drugs": "for drugs", "alcohol": "for alcohol"},
        at_end=("drugs", "alcohol"),
        of="in",
    ),
    Measure(
        "mental_health",
        "Mental health services",
        "Referrals made while in the cohort or under way at adoption, in the quarter of the later "
        "day; of those the ones started, and of those the ones completed.",
        "Mental health services' records",
        ("adoptions", "health_spells"),
        {"referred": "referred", "started": "started", "completed": "completed"},
        matures=6,
        within={"started": "referred", "completed": "started"},
    ),
    Measure(
        "benefit",
        "Benefit",
        "Whether people in the cohort drew a benefit at the end of the quarter.",
        "Employment service's records",
        ("adoptions", "work_spells"),
        {"drawn": "draw one", "not_drawn": "draw none", "not_recorded": "not recorded"},
        adds_up=True,
        at_end=("drawn", "not_drawn", "not_recorded"),
        of="in",
        same={"not_recorded": Place("work", "not_recorded")},
    ),
)
