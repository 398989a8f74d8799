"""The police: three extracts of the crime and custody systems, people named by PNC ID."""

from iomdash.intake.feeds.declaration import (
    ORIGIN,
    Feed,
    FromColumn,
    IdentifierColumns,
    Person,
    Source,
    Table,
)


def _of(reference: str, ours: str) -> dict[str, Source]:
    return {
        ours: FromColumn(reference),
        "person_id": Person((IdentifierColumns("pnc", ("pnc",)),)),
        "extracted_on": FromColumn("run_date"),
        "origin": ORIGIN,
    }


FEEDS = (
    Feed(
        "police_offences", "Police", "recorded offences, and when they were proven",
        (
            Table("offences", {
                **_of("crime_ref", "offence_id"),
                "committed_on": FromColumn("offence_date"),
                "proven_on": FromColumn("outcome_date"),
                "harm_group": FromColumn("offence_group", {
                    "VIOL WITH INJ": "violence_with_injury",
                    "VIOL WITHOUT INJ": "violence_without_injury", "SEXUAL": "sexual",
                    "ROBBERY": "robbery", "BURGLARY": "burglary", "VEHICLE": "vehicle",
                    "OTHER THEFT": "theft", "SHOPLIFTING": "shoplifting",
                    "CRIM DAM & ARSON": "criminal_damage", "DRUGS TRAFF": "drugs_supply",
                    "DRUGS POSS": "drugs_possession", "WEAPONS": "weapons",
                    "PUBLIC ORDER": "public_order", "MISC": "other",
                }),
            }),
        ),
    ),
    Feed(
        "police_arrests", "Police", "arrests",
        (
            Table("arrests", {
                **_of("custody_ref", "arrest_id"),
                "arrested_on": FromColumn("arrest_date"),
            }),
        ),
    ),
    Feed(
        "police_domestic", "Police", "incidents of domestic abuse",
        (
            Table("domestic_incidents", {
                **_of("incident_no", "incident_id"),
                "happened_on": FromColumn("incident_date"),
                "risk": FromColumn("risk", {"S": "standard", "M": "medium", "H": "high"}),
            }),
        ),
    ),
)  # fmt: skip
