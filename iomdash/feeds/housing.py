"""Housing and landlords: a workbook of stays, tenants named by name and date of birth."""

from iomdash.feeds.model import ORIGIN, Feed, Identifier, Person, Table, Told

FEEDS = (
    Feed(
        "housing_stays", "Housing and landlords", "kinds and spells of accommodation",
        (
            Table("housing_spells", {
                "housing_id": Told("stay_ref"),
                "person_id": Person((
                    Identifier("name_and_birth", ("tenant_surname", "tenant_forename", "dob")),
                )),
                "kind": Told("accommodation_type", {
                    "Supported housing": "supported", "Council tenancy": "permanent",
                    "Private tenancy": "permanent", "Family home": "permanent",
                    "Temporary accommodation": "temporary", "Sofa surfing": "transient",
                    "Rough sleeping": "transient",
                }),
                "from_on": Told("moved_in"),
                "to_on": Told("moved_out"),
                "extracted_on": Told("as_at"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
