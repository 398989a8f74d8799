"""Mental health services: referrals and spells of care, people named by NHS number."""

from iomdash.feeds.model import ORIGIN, Feed, Identifier, Person, Table, Told

FEEDS = (
    Feed(
        "mental_health_care", "Mental health services", "referrals and spells of care",
        (
            Table("health_spells", {
                "health_id": Told("referral_id"),
                "person_id": Person((Identifier("nhs", ("nhs_no",)),)),
                "referred_on": Told("referral_received"),
                "started_on": Told("first_contact"),
                "ended_on": Told("discharged"),
                "ending": Told("discharge_reason", {
                    "1": "completed", "2": "dropped_out", "3": "transferred",
                }),
                "extracted_on": Told("extracted"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
