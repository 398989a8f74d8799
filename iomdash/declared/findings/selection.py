"""Findings on the scheme, on selection, and on how the cohorts see both."""

from iomdash.declared.codebook import CODES
from iomdash.declared.findings.claims import STUDY, Claim, Difference, Exhibit, Finding
from iomdash.declared.quantifiers import ALL, NOT_ALL
from iomdash.declared.study import COMMON_NEEDS

ATTITUDES = tuple(
    code for code in CODES if code.startswith(("scheme.", "selection.")) and "reason" not in code
)
REASONS = tuple(code for code in CODES if code.startswith("selection.reason"))

FINDINGS = (
    Finding(
        "F01",
        "Valued and understood, not always agreed with",
        "selection",
        STUDY,
        (
            Claim("spoke well of the scheme", "scheme.positive", ALL),
            Claim("understood why they were selected", "selection.understands", ALL),
            Claim("agreed with being selected", "selection.agrees", NOT_ALL),
        ),
        (
            Exhibit("codes", "Reasons that people give for being selected", REASONS),
            Exhibit("cohorts", "Agreement with being selected", ("selection.agrees",)),
        ),
        caveat="The interviewer worked within the scheme, which may have kept people kind.",
        contradiction=(
            "The 2017 report contradicts itself: its conclusion says that all understood why they "
            "were selected, its text says a majority. So that claim cannot be told of 2017."
        ),
        ask="Can everybody say how one leaves their cohort, and who decides?",
    ),
    Finding(
        "F02",
        "Cohorts see the scheme differently",
        "selection",
        STUDY,
        (Difference("The attitude to the scheme differs between cohorts", ATTITUDES),),
        (
            Exhibit("heat", "Attitudes to scheme and selection", ATTITUDES),
            Exhibit("test", "Is the difference between cohorts more than chance?", ATTITUDES),
            Exhibit("heat", "Needs on the pathways", COMMON_NEEDS.needs),
        ),
        caveat="Cohorts of two, as in 2017, cannot carry a comparison.",
        ask="Which cohort needs another way of being told why it was selected?",
    ),
)
