"""The caseload of the IOM unit: a workbook kept by the coordinator, one row per case.

It is the only file that holds what every agency calls a person, so the others meet through it.
"""

from iomdash.intake.feeds.declaration import (
    ORIGIN,
    AgeBand,
    Feed,
    FromColumn,
    IdentifierColumns,
    Person,
    Source,
    Table,
)

CASELOAD = IdentifierColumns("caseload", ("iom_ref",))
IDENTIFIERS = (
    IdentifierColumns("pnc", ("pnc_id",)),
    IdentifierColumns("nhs", ("nhs_no",)),
    IdentifierColumns("crn", ("crn",)),
    IdentifierColumns("nino", ("ni_number",)),
    IdentifierColumns("name_and_birth", ("surname", "forename", "dob")),
)


def _common() -> dict[str, Source]:
    return {
        "person_id": Person((CASELOAD,)),
        "extracted_on": FromColumn("extract_date"),
        "origin": ORIGIN,
    }


FEEDS = (
    Feed(
        "iom_caseload", "IOM unit", "who is in which cohort, from when to when, and why they left",
        (
            Table("adoptions", {
                **_common(),
                "adoption_id": FromColumn("case_no"),
                "cohort": FromColumn("cohort", {"DVA": "DV&A"}),
                # The company was renamed; both names stand in one file for a while.
                "provider": FromColumn("om_organisation", {
                    "NPS": "NPS", "CRC": "CRC", "Community Rehab Co": "CRC",
                }),
                "supervision": FromColumn(
                    "supervision", {"Stat": "statutory", "Vol": "voluntary"}, empty="not_stated"
                ),
                "area": FromColumn("town", {
                    "Oldbury": "oldbury", "Rowley Regis": "rowley_regis", "Smethwick": "smethwick",
                    "Tipton": "tipton", "Wednesbury": "wednesbury",
                    "West Bromwich": "west_bromwich",
                }),
                "age_band": AgeBand("dob", "adopted"),
                "adopted_on": FromColumn("adopted"),
                "left_on": FromColumn("de_selected"),
                "left_reason": FromColumn("reason", {
                    "6M clear": "six_months_clear", "Custody": "custody", "Moved": "moved",
                    "Deceased": "died", "Expired": "expired", "Other": "other",
                }),
            }),
            *(
                Table("person_links", {**_common(), "identifier": identifier})
                for identifier in IDENTIFIERS
            ),
        ),
    ),
)  # fmt: skip
