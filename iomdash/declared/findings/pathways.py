"""Findings on the pathways, on drugs and alcohol, and on the place of reporting."""

from iomdash.declared.findings.claims import STUDY, Claim, Exhibit, Finding
from iomdash.declared.quantifiers import ALL, MAJORITY, MINORITY, SOME

FINDINGS = (
    Finding(
        "F09",
        "Drug and alcohol help satisfies",
        "substances",
        STUDY,
        (
            Claim(
                "felt satisfied with the help",
                "substance.satisfied",
                ALL,
                among="substance.need",
                base="who named a need",
            ),
        ),
        (
            Exhibit(
                "funnel",
                "From need to satisfaction",
                ("substance.need", "substance.in_treatment", "substance.satisfied"),
            ),
            Exhibit("recorded", "Treatment by cohort", ("treatment",)),
        ),
        caveat="Not matched with treatment records, and never will be, person by person.",
        ask="Why do those in need who are not in treatment stay away?",
    ),
    Finding(
        "F10",
        "Where people report matters",
        "environment",
        STUDY,
        (Claim("felt deterred by the place where they report", "environment.deters", SOME),),
        (
            Exhibit(
                "codes",
                "Places that people name",
                (
                    "environment.police_building",
                    "environment.probation_office",
                    "environment.drug_service",
                ),
            ),
            Exhibit("cohorts", "Deterred by the place of reporting", ("environment.deters",)),
            Exhibit("recorded", "Appointments kept by site", ("kept by site",)),
        ),
        caveat="Those whom the place keeps away altogether were not there to be interviewed.",
        ask="Where else could people report?",
    ),
    Finding(
        "F11",
        "Pathways valued, seldom credited",
        "pathways",
        STUDY,
        (
            Claim("found the pathways relevant", "pathways.relevant", MAJORITY),
            Claim("said that the pathways helped them change", "pathways.helped", MINORITY),
        ),
        (
            Exhibit("matrix", "Seven pathways: need, offered, relevant, helped"),
            Exhibit("recorded", "Seven pathways in agencies' records", ("pathways",)),
        ),
        caveat="People who change tend to credit themselves, and may overlook what helped.",
        contradiction=(
            "The 2017 report says that most found the pathways relevant, and in the next paragraph "
            "that a majority found them irrelevant to their behaviour."
        ),
        ask="On which pathway is the step from need to help the longest?",
    ),
)
