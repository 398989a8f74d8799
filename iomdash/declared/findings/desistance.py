"""Findings on offending, support, trauma and offence-focused work."""

from iomdash.declared.findings.claims import STUDY, Claim, Exhibit, Finding
from iomdash.declared.quantifiers import ALL, AT_LEAST_HALF, LARGE_MAJORITY, MAJORITY

FINDINGS = (
    Finding(
        "F05",
        "Support and the likelihood of stopping",
        "offending",
        STUDY,
        (
            Claim(
                "said that support made them less likely to stop, as the 2017 report words it",
                "support.effect_on_stopping",
                AT_LEAST_HALF,
                opposite="said that support made them more likely to stop",
            ),
        ),
        (Exhibit("cohorts", "What support does to stopping", ("support.effect_on_stopping",)),),
        caveat="What people say about a cause is not proof of a cause.",
        contradiction=(
            "The 2017 report's wording contradicts the rest of it: it says less likely to stop "
            "offending, and may mean less likely to offend. It is shown as reported, and flagged."
        ),
        ask="Is the next batch asked this in words that cannot be misread?",
    ),
    Finding(
        "F06",
        "Everyone says they have stopped",
        "offending",
        STUDY,
        (Claim("said that they no longer offend", "offending.stopped", ALL),),
        (
            Exhibit("cohorts", "No longer offending, by own account", ("offending.stopped",)),
            Exhibit("recorded", "Proven re-offending", ("reoffending",)),
            Exhibit("recorded", "Time to first re-offence", ("first_reoffence",)),
        ),
        caveat="By own account, to somebody from the scheme. The researcher doubted it.",
        contradiction=(
            "One interviewee of 2017 also said that he had kept away from appointments, for fear "
            "of arrest, while he knew that he was offending."
        ),
        ask="Do proven offences of the same cohorts tell the same story?",
    ),
    Finding(
        "F07",
        "Trauma lies unresolved",
        "trauma",
        STUDY,
        (Claim("spoke of trauma that is not resolved", "trauma.unresolved", LARGE_MAJORITY),),
        (
            Exhibit(
                "codes",
                "Trauma spoken of, and help with mental health",
                ("trauma.unresolved", "trauma.help_offered"),
            ),
            Exhibit(
                "heat",
                "Need and help with mental health",
                ("pathways.health.need", "trauma.unresolved", "trauma.help_offered"),
            ),
            Exhibit("profile", "Mental health, from the information sheet", ("mental_health",)),
        ),
        caveat="Sensitive. Excerpts appear only with consent to be quoted and after a review.",
        ask="How long does somebody wait from asking for help to the first session?",
    ),
    Finding(
        "F08",
        "Offence-focused work is missing",
        "offence_work",
        STUDY,
        (
            Claim("lacked offence-focused work at present", "offence_work.lacking", MAJORITY),
            Claim("said that change is their own decision", "change.self", MAJORITY),
        ),
        (
            Exhibit(
                "codes",
                "Programmes done, where and when",
                (
                    "programmes.done",
                    "programmes.in_custody",
                    "programmes.in_community",
                    "programmes.long_ago",
                ),
            ),
            Exhibit(
                "codes",
                "Attitudes, thinking and behaviour: need and support",
                (
                    "pathways.attitudes.need",
                    "pathways.attitudes.offered",
                    "pathways.attitudes.helped",
                ),
            ),
        ),
        caveat="What people remember of programmes, not what records say they did.",
        ask="Who in the community delivers offence-focused work to these cohorts?",
    ),
)
