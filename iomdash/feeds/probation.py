"""Probation: five extracts of its case system, people named by case reference number (CRN)."""

from iomdash.feeds.model import ORIGIN, Feed, Identifier, Person, Source, Table, Told


def _of(reference: str, ours: str) -> dict[str, Source]:
    return {
        ours: Told(reference),
        "person_id": Person((Identifier("crn", ("crn",)),)),
        "extracted_on": Told("extract_date"),
        "origin": ORIGIN,
    }


FEEDS = (
    Feed(
        "probation_sentences", "Probation", "sentences",
        (
            Table("sentences", {
                **_of("event_no", "sentence_id"),
                "sentenced_on": Told("sentence_date"),
                "kind": Told("sentence_type", {
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
                "agency": Told("seen_by", {
                    "PROB": "probation", "POL": "police", "DRUG": "drug_service",
                    "MH": "mental_health", "HSG": "housing", "CS": "childrens_services",
                    "YOS": "youth_offending",
                }),
                "site": Told("office"),
                "due_on": Told("appt_date"),
                "joint": Told("joint"),
                "outcome": Told("outcome", {
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
                "breached_on": Told("action_date"),
                "kind": Told("action", {"BREACH": "breach", "RECALL": "recall"}),
            }),
        ),
    ),
    Feed(
        "probation_custody", "Probation", "stays in prison",
        (
            Table("custody_spells", {
                **_of("spell_id", "custody_id"),
                "from_on": Told("received"),
                "to_on": Told("released"),
            }),
        ),
    ),
    Feed(
        "probation_assessments", "Probation", "needs on the seven pathways",
        (
            Table("pathway_needs", {
                **_of("assessment_id", "need_id"),
                "pathway": Told("pathway", {
                    "1 ACC": "accommodation", "2 ETE": "ete", "3 HLTH": "health",
                    "4 D&A": "substances", "5 FIN": "finance", "6 FAM": "families",
                    "7 ATB": "attitudes",
                }),
                "assessed_on": Told("assessed"),
                "need": Told("need_identified"),
                "referred_on": Told("referred"),
                "started_on": Told("started"),
                "completed_on": Told("completed"),
            }),
        ),
    ),
)  # fmt: skip
