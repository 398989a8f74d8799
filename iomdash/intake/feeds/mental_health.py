"""Mental health services: referrals and spells of care, people named by NHS number."""

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
        "mental_health_care", "Mental health services", "referrals and spells of care",
        (
            Table("health_spells", {
                "health_id": FromColumn("referral_id"),
                "person_id": Person((IdentifierColumns("nhs", ("nhs_no",)),)),
                "referred_on": FromColumn("referral_received"),
                "started_on": FromColumn("first_contact"),
                "ended_on": FromColumn("discharged"),
                "ending": FromColumn("discharge_reason", {
                    "1": "completed", "2": "dropped_out", "3": "transferred",
                }),
                "extracted_on": FromColumn("extracted"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
