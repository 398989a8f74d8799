"""The programmes team: a workbook of what was needed, offered, started and completed."""

from iomdash.intake.feeds.declaration import (
    ORIGIN,
    Feed,
    FromColumn,
    IdentifierColumns,
    Person,
    Table,
)

FEEDS = (
    Feed(
        "programme_places", "Programmes team", "offence-focused work, restorative justice, mentors",
        (
            Table("programmes", {
                "programme_id": FromColumn("place_ref"),
                "person_id": Person((IdentifierColumns("crn", ("crn",)),)),
                "kind": FromColumn("programme", {
                    "Offence focused": "offence_focused", "RJ": "restorative_justice",
                    "Peer mentor": "peer_mentoring",
                }),
                "needed": FromColumn("needed"),
                "offered_on": FromColumn("offered"),
                "started_on": FromColumn("started"),
                "completed_on": FromColumn("completed"),
                "extracted_on": FromColumn("report_date"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
