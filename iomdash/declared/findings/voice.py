"""Findings on being heard, on rapport, and on whom the interviews did not reach."""

from iomdash.declared.findings.claims import NOT_INTERVIEWED, STUDY, Claim, Exhibit, Finding
from iomdash.declared.quantifiers import ALL, AT_LEAST_HALF, MAJORITY, NEARLY_ALL

FINDINGS = (
    Finding(
        "F15",
        "Being heard counts",
        "voice",
        STUDY,
        (
            Claim("appreciated being heard", "voice.appreciates", NEARLY_ALL),
            Claim("favoured forums or interviews", "voice.forums", MAJORITY),
        ),
        (Exhibit("cohorts", "Glad to be heard", ("voice.appreciates",)),),
        caveat="Asked by the person who was listening.",
        ask="What has the board changed because of what it heard, and who told them?",
    ),
    Finding(
        "F17",
        "Rapport opens people up",
        "rapport",
        STUDY,
        (
            Claim("felt apprehensive at first", "rapport.apprehensive", NEARLY_ALL),
            Claim("agreed to be interviewed again", "rapport.again", ALL),
        ),
        (Exhibit("profile", "How long interviews lasted", ("length_minutes",)),),
        caveat="The interviewer's reading of the person. Interviews of 2017 took 45 to 90 minutes.",
        ask="Is there time for rapport in an ordinary appointment?",
    ),
    Finding(
        "F18",
        "More interviews are needed",
        "rapport",
        STUDY,
        (
            Claim(
                "could not be interviewed",
                NOT_INTERVIEWED,
                AT_LEAST_HALF,
                among="approached",
                base="who were approached",
            ),
        ),
        (
            Exhibit("recruitment", "From approach to interview"),
            Exhibit("reached", "From approach to interview, by cohort"),
            Exhibit("needed", "Interviews that would settle each open claim"),
            Exhibit("profile", "Where interviews were held", ("setting",)),
        ),
        caveat="A recommendation of the 2017 study: this is evidence for it, not a count of it.",
        ask="Who can reach those in custody and those who do not attend?",
    ),
)
