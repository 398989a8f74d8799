"""Who sends the records behind a measure, in words for whoever misses them."""

from collections.abc import Iterable

from iomdash.declared.agencies.measure import Measure

SENDERS = {
    "adoptions": "the IOM team", "offences": "police", "arrests": "police",
    "domestic_incidents": "police", "appointments": "probation", "pathway_needs": "probation",
    "custody_spells": "probation", "breaches": "probation", "sentences": "probation",
    "programmes": "those who run programmes", "drug_tests": "the drug service",
    "treatments": "the drug service", "health_spells": "mental health services",
    "housing_spells": "housing", "work_spells": "the employment service",
    "children_spells": "children's services",
}  # fmt: skip


def senders(measures: Iterable[Measure]) -> list[str]:
    """Who would send what measures are counted from; the caseload's, which all need, if alone."""
    tables = dict.fromkeys(table for measure in measures for table in measure.reads)
    known = dict.fromkeys(SENDERS[table] for table in tables if table in SENDERS)
    own = [sender for sender in known if sender != SENDERS["adoptions"]]
    return own or list(known)
