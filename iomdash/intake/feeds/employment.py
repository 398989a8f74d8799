"""The job centre: work and benefits, people named by National Insurance number."""

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
        "employment_status", "Job centre", "work, training and benefits",
        (
            Table("work_spells", {
                "work_id": FromColumn("record_id"),
                "person_id": Person((IdentifierColumns("nino", ("national_insurance_no",)),)),
                "kind": FromColumn("status", {
                    "EMP": "employed", "TRN": "training", "UNE": "unemployed",
                    "LCW": "unable_to_work",
                }),
                "benefit": FromColumn("in_receipt_of_benefit"),
                "from_on": FromColumn("status_from"),
                "to_on": FromColumn("status_to"),
                "extracted_on": FromColumn("extract"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
