"""The caseload of the IOM unit: a workbook kept by the coordinator, one row per case.

It is the only file that holds what every agency calls a person, so the others meet through it.
"""

from iomdash.feeds.model import ORIGIN, AgeBand, Feed, Identifier, Person, Source, Table, Told

CASELOAD = Identifier("caseload", ("iom_ref",))
IDENTIFIERS = (
    Identifier("pnc", ("pnc_id",)),
    Identifier("nhs", ("nhs_no",)),
    Identifier("crn", ("crn",)),
    Identifier("nino", ("ni_number",)),
    Identifier("name_and_birth", ("surname", "forename", "dob")),
)


def _common() -> dict[str, Source]:
    return {
        "person_id": Person((CASELOAD,)),
        "extracted_on": Told("extract_date"),
        "origin": ORIGIN,
    }


FEEDS = (
    Feed(
        "iom_caseload", "IOM unit", "who is in which cohort, from when to when, and why he left",
        (
            Table("adoptions", {
                **_common(),
                "adoption_id": Told("case_no"),
                "cohort": Told("cohort", {"DVA": "DV&A"}),
                # The company was renamed; both names stand in one file for a while.
                "provider": Told("om_organisation", {
                    "NPS": "NPS", "CRC": "CRC", "Community Rehab Co": "CRC",
                }),
                "supervision": Told(
                    "supervision", {"Stat": "statutory", "Vol": "voluntary"}, empty="not_stated"
                ),
                "area": Told("town", {
                    "Oldbury": "oldbury", "Rowley Regis": "rowley_regis", "Smethwick": "smethwick",
                    "Tipton": "tipton", "Wednesbury": "wednesbury",
                    "West Bromwich": "west_bromwich",
                }),
                "age_band": AgeBand("dob", "adopted"),
                "adopted_on": Told("adopted"),
                "left_on": Told("de_selected"),
                "left_reason": Told("reason", {
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
