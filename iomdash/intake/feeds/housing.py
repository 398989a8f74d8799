"""Housing and landlords: a workbook of stays, tenants named by name and date of birth."""

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
        "housing_stays", "Housing and landlords", "kinds and spells of accommodation",
        (
            Table("housing_spells", {
                "housing_id": FromColumn("stay_ref"),
                "person_id": Person((
                    IdentifierColumns(
                        "name_and_birth", ("tenant_surname", "tenant_forename", "dob")
                    ),
                )),
                "kind": FromColumn("accommodation_type", {
                    "Supported housing": "supported", "Council tenancy": "permanent",
                    "Private tenancy": "permanent", "Family home": "permanent",
                    "Temporary accommodation": "temporary", "Sofa surfing": "transient",
                    "Rough sleeping": "transient",
                }),
                "from_on": FromColumn("moved_in"),
                "to_on": FromColumn("moved_out"),
                "extracted_on": FromColumn("as_at"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
