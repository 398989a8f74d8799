"""Findings on partners' roles, the police and joint meetings."""

from iomdash.declared.codebook import CODES
from iomdash.declared.findings.claims import STUDY, Claim, Exhibit, Finding
from iomdash.declared.quantifiers import ALL, AT_LEAST_ONE, MINORITY, SOME

FINDINGS = (
    Finding(
        "F03",
        "Police and probation blur",
        "roles",
        STUDY,
        (
            Claim("confused the roles of police and probation", "roles.blurred", SOME),
            Claim("thought that the police enforce licences", "roles.police_enforce", MINORITY),
        ),
        (
            Exhibit(
                "codes",
                "Who people think enforces licences, and drives appointments",
                (
                    "roles.police_enforce",
                    "roles.probation_enforce",
                    "roles.police_drive_appointments",
                ),
            ),
            Exhibit("cohorts", "Roles blurred", ("roles.blurred",)),
            Exhibit("providers", "Roles blurred, by provider", ("roles.blurred",)),
        ),
        caveat="Partners share a building, so people may see roles blur rather than miss the line.",
        contradiction=(
            "Others of 2017 told the roles apart, and two of the three who are quoted for "
            "confusing them are quoted for telling them apart as well."
        ),
        ask="Who tells each person, in writing, who leads on their case?",
    ),
    Finding(
        "F04",
        "Police help is noticed",
        "police",
        STUDY,
        (Claim("valued the help of the police", "police.supportive", AT_LEAST_ONE),),
        (
            Exhibit(
                "pair",
                "How people see the police",
                ("police.supportive", "police.controlling"),
            ),
        ),
        caveat="One person is enough for this claim: it shows that it happens, not how often.",
        ask="What did the officers do whom people praise, and can others do it?",
    ),
    Finding(
        "F13",
        "Joint meetings work",
        "meetings",
        STUDY,
        (
            Claim(
                "found it good",
                "meetings.positive",
                ALL,
                among="meetings.experienced",
                base="who had been at a joint meeting",
            ),
        ),
        (
            Exhibit(
                "codes",
                "Agencies that were at the meeting",
                tuple(code for code in CODES if code.startswith("meetings.with_")),
            ),
            Exhibit("cohorts", "Joint meetings found good", ("meetings.positive",)),
            Exhibit("recorded", "Appointments kept, joint and single", ("kept by joint",)),
        ),
        caveat="Counted among those who spoke of a joint meeting; silence is not a view.",
        ask="Which appointments could be held together from next month?",
    ),
)
