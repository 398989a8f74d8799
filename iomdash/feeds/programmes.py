"""The programmes team: a workbook of what was needed, offered, started and completed."""

from iomdash.feeds.model import ORIGIN, Feed, Identifier, Person, Table, Told

FEEDS = (
    Feed(
        "programme_places", "Programmes team", "offence-focused work, restorative justice, mentors",
        (
            Table("programmes", {
                "programme_id": Told("place_ref"),
                "person_id": Person((Identifier("crn", ("crn",)),)),
                "kind": Told("programme", {
                    "Offence focused": "offence_focused", "RJ": "restorative_justice",
                    "Peer mentor": "peer_mentoring",
                }),
                "needed": Told("needed"),
                "offered_on": Told("offered"),
                "started_on": Told("started"),
                "completed_on": Told("completed"),
                "extracted_on": Told("report_date"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
