"""The drug and alcohol service: treatment episodes and Class A tests, people named by NHS number.

Where the number is not known, name and date of birth stand instead.
"""

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
        "person_id": Person((
            IdentifierColumns("nhs", ("nhs_number",)),
            IdentifierColumns("name_and_birth", ("surname", "first_name", "date_of_birth")),
        )),
        "extracted_on": FromColumn("report_date"),
        "origin": ORIGIN,
    }  # fmt: skip


FEEDS = (
    Feed(
        "drug_service_treatment", "Drug and alcohol service", "referrals and spells of treatment",
        (
            Table("treatments", {
                **_of("episode_id", "treatment_id"),
                "substance": FromColumn("main_substance", {
                    "Opiates": "drugs", "Crack": "drugs", "Cocaine": "drugs", "Cannabis": "drugs",
                    "Other drug": "drugs", "Alcohol": "alcohol",
                }),
                "referred_on": FromColumn("referral_date"),
                "started_on": FromColumn("treatment_start"),
                "ended_on": FromColumn("exit_date"),
                "ending": FromColumn("exit_reason", {
                    "Completed": "completed", "Dropped out": "dropped_out",
                    "Transferred": "transferred", "Prison": "custody",
                }),
            }),
        ),
    ),
    Feed(
        "drug_service_tests", "Drug and alcohol service", "tests for Class A drugs",
        (
            Table("drug_tests", {
                **_of("test_ref", "test_id"),
                "tested_on": FromColumn("test_date"),
                "result": FromColumn("result", {"P": "positive", "N": "negative", "R": "refused"}),
            }),
        ),
    ),
)  # fmt: skip
