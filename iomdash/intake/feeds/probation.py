"""Probation: five extracts of its case system, people named by case reference number (CRN)."""

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
        "person_id": Person((IdentifierColumns("crn", ("crn",)),)),
        "extracted_on": FromColumn("extract_date"),
        "origin": ORIGIN,
    }


FEEDS = (
    Feed(
        "probation_sentences", "Probation", "sentences",
        (
            Table("sentences", {
                **_of("event_no", "sentence_id"),
                "sentenced_on": FromColumn("sentence_date"),
                "kind": FromColumn("sentence_type", {
                    "CUST": "custody", "CO": "community", "SSO": "suspended", "FINE": "fine",
                    "OTH": "other",
                }),
            }),
        ),
    ),
    Feed(
        "probation_appointments", "Probation", "appointments with every agency, and their outcome",
        (
            Table("appointments", {
                **_of("contact_id", "appointment_id"),
                "agency": FromColumn("seen_by", {
                    "PROB": "probation", "POL": "police", "DRUG": "drug_service",
                    "MH": "mental_health", "HSG": "housing", "CS": "childrens_services",
                    "YOS": "youth_offending",
                }),
                "site": FromColumn("office"),
                "due_on": FromColumn("appt_date"),
                "joint": FromColumn("joint"),
                "outcome": FromColumn("outcome", {
                    "ATT": "kept", "FTA": "missed", "RES": "rearranged",
                }),
            }),
        ),
    ),
    Feed(
        "probation_enforcement", "Probation", "breaches and recalls",
        (
            Table("breaches", {
                **_of("enforcement_id", "breach_id"),
                "breached_on": FromColumn("action_date"),
                "kind": FromColumn("action", {"BREACH": "breach", "RECALL": "recall"}),
            }),
        ),
    ),
    Feed(
        "probation_custody", "Probation", "stays in prison",
        (
            Table("custody_spells", {
                **_of("spell_id", "custody_id"),
                "from_on": FromColumn("received"),
                "to_on": FromColumn("released"),
            }),
        ),
    ),
    Feed(
        "probation_assessments", "Probation", "needs on the seven pathways",
        (
            Table("pathway_needs", {
                **_of("assessment_id", "need_id"),
                "pathway": FromColumn("pathway", {
                    "1 ACC": "accommodation", "2 ETE": "ete", "3 HLTH": "health",
                    "4 D&A": "substances", "5 FIN": "finance", "6 FAM": "families",
                    "7 ATB": "attitudes",
                }),
                "assessed_on": FromColumn("assessed"),
                "need": FromColumn("need_identified"),
                "referred_on": FromColumn("referred"),
                "started_on": FromColumn("started"),
                "completed_on": FromColumn("completed"),
            }),
        ),
    ),
)  # fmt: skip
