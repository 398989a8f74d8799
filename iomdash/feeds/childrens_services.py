"""Children's services: involvement with a person's children, the parent named by name and birth."""

from iomdash.feeds.model import ORIGIN, Feed, Identifier, Person, Table, Told

FEEDS = (
    Feed(
        "childrens_involvement", "Children's services", "involvement with a person's children",
        (
            Table("children_spells", {
                "children_id": Told("case_id"),
                "person_id": Person((
                    Identifier(
                        "name_and_birth", ("parent_surname", "parent_forename", "parent_dob")
                    ),
                )),
                "level": Told("plan", {
                    "EH": "early_help", "CIN": "child_in_need", "CPP": "child_protection",
                    "LAC": "looked_after",
                }),
                "from_on": Told("opened"),
                "to_on": Told("closed"),
                "extracted_on": Told("report_run"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
