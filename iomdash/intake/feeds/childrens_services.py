"""Children's services: involvement with a person's children, the parent named by name and birth."""

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
        "childrens_involvement", "Children's services", "involvement with a person's children",
        (
            Table("children_spells", {
                "children_id": FromColumn("case_id"),
                "person_id": Person((
                    IdentifierColumns(
                        "name_and_birth", ("parent_surname", "parent_forename", "parent_dob")
                    ),
                )),
                "level": FromColumn("plan", {
                    "EH": "early_help", "CIN": "child_in_need", "CPP": "child_protection",
                    "LAC": "looked_after",
                }),
                "from_on": FromColumn("opened"),
                "to_on": FromColumn("closed"),
                "extracted_on": FromColumn("report_run"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
