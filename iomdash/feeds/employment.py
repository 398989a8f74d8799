"""The job centre: work and benefits, people named by National Insurance number."""

from iomdash.feeds.model import ORIGIN, Feed, Identifier, Person, Table, Told

FEEDS = (
    Feed(
        "employment_status", "Job centre", "work, training and benefits",
        (
            Table("work_spells", {
                "work_id": Told("record_id"),
                "person_id": Person((Identifier("nino", ("national_insurance_no",)),)),
                "kind": Told("status", {
                    "EMP": "employed", "TRN": "training", "UNE": "unemployed",
                    "LCW": "unable_to_work",
                }),
                "benefit": Told("in_receipt_of_benefit"),
                "from_on": Told("status_from"),
                "to_on": Told("status_to"),
                "extracted_on": Told("extract"),
                "origin": ORIGIN,
            }),
        ),
    ),
)  # fmt: skip
