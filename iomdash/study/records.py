"""What each made-up agency has on record: one frame a feed, under the names of its contract."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from iomdash.study.draw import Draw

_TOWNS = ("Oldbury", "Rowley Regis", "Smethwick", "Tipton", "Wednesbury", "West Bromwich")
# How each agency writes the number of a person.
_PNC = pl.format("{}/{}{}", "pnc_year", pl.col("pnc_number").cast(str).str.zfill(7), "pnc_letter")
_PNC_RUN = _PNC.str.replace("/", "")
_PNC_SHORT = pl.format(
    "{}/{}{}", pl.col("pnc_year").cast(str).str.slice(2), "pnc_number", "pnc_letter"
)
_NHS = pl.format(
    "{} {} {}", *(pl.col("nhs").str.slice(at, n) for at, n in ((0, 3), (3, 3), (6, 4)))
)


def drawn(dice: np.random.Generator, n: int, known: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Every agency's records of `n` people, by feed, dates as dates."""
    draw = Draw(dice, n, known)
    frames = {
        "iom_caseload": _caseload(draw),
        **_police(draw),
        **_probation(draw),
        **_drug_service(draw),
        **_others(draw),
    }
    return {feed: _numbered(feed, frame) for feed, frame in frames.items()}


def _numbered(feed: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The first column is the agency's reference: its letters and a number."""
    reference = frame.columns[0]
    letters = "".join(word[0] for word in feed.split("_")).upper()
    return frame.with_columns(
        (pl.int_range(pl.len()) + 100_001).cast(str).alias(reference)
    ).with_columns(pl.format("{}-{}", pl.lit(letters), reference).alias(reference))


def _of(draw: Draw, records: pl.DataFrame, reference: str, **cells: Any) -> pl.DataFrame:
    """Records beside what the agency calls the person, under the names of its contract."""
    return records.join(draw.people, on="person", how="left", maintain_order="left").select(
        pl.lit("").alias(reference), **cells
    )


def _caseload(draw: Draw) -> pl.DataFrame:
    known, cases = draw.known, draw.cases.sort("adopted", "person")
    n, adoption, ids = cases.height, known["adoption"], known["identifiers"]
    nps = draw.chance(adoption["nps"], n)
    renamed = pl.col("adopted") >= adoption["renamed"]
    company = pl.when(renamed).then(pl.lit("Community Rehab Co")).otherwise(pl.lit("CRC"))
    not_stated = draw.chance(adoption["not_stated"], n)
    statutory = pl.when(draw.chance(adoption["statutory"], n)).then(pl.lit("Stat"))
    nhs, nino = (
        pl.col("person").is_in(np.flatnonzero(draw.dice.random(draw.people.height) < ids[kind]))
        for kind in ("nhs", "nino")
    )
    towns: dict[str, float] = dict.fromkeys(_TOWNS, 1.0)
    return _of(
        draw, cases, "case_no", iom_ref="iom_ref", surname="surname", forename="forename",
        dob="dob", pnc_id=_PNC.str.to_lowercase(), nhs_no=pl.when(nhs).then(_NHS), crn="crn",
        ni_number=pl.when(nino).then("nino"), cohort="cohort",
        om_organisation=pl.when(nps).then(pl.lit("NPS")).otherwise(company),
        supervision=pl.when(~not_stated).then(statutory.otherwise(pl.lit("Vol"))),
        town=draw.codes(towns, n), adopted="adopted", de_selected="left", reason="reason",
    )  # fmt: skip


def _police(draw: Draw) -> dict[str, pl.DataFrame]:
    known, crimes = draw.known["offending"], draw.offending()
    proven = draw.chance(known["proven"], crimes.height)
    outcome = draw.until(pl.col("day"), known["proven_days"], crimes.height)
    arrests = crimes.filter(draw.chance(known["arrested"], crimes.height))
    abuse = draw.at_large(draw.events(draw.by_cohort(known["domestic"]), draw.start))
    risks = draw.codes({"S": 0.5, "M": 0.35, "H": 0.15}, abuse.height)
    return {
        "police_offences": _of(
            draw, crimes, "crime_ref", pnc=_PNC, offence_date="day",
            offence_group=draw.codes(known["groups"], crimes.height),
            outcome_date=pl.when(proven).then(outcome),
        ),
        "police_arrests": _of(draw, arrests, "custody_ref", pnc=_PNC_RUN, arrest_date="day"),
        "police_domestic": _of(
            draw, abuse, "incident_no", pnc=_PNC_SHORT, incident_date="day", risk=risks
        ),
    }  # fmt: skip


def _probation(draw: Draw) -> dict[str, pl.DataFrame]:
    rates = draw.known["rates"]
    sentences, actions = (draw.events(rates[kind]) for kind in ("sentences", "enforcement"))
    kinds = {"CUST": 0.3, "CO": 0.3, "SSO": 0.2, "FINE": 0.15, "OTH": 0.05}
    return {
        "probation_sentences": _of(
            draw, sentences, "event_no", crn="crn", sentence_date="day",
            sentence_type=draw.codes(kinds, sentences.height),
        ),
        "probation_appointments": _appointments(draw),
        "probation_enforcement": _of(
            draw, actions, "enforcement_id", crn="crn", action_date="day",
            action=draw.codes({"BREACH": 0.7, "RECALL": 0.3}, actions.height),
        ),
        "probation_custody": _of(
            draw, draw.custody, "spell_id", crn="crn", received="day", released="to"
        ),
        "probation_assessments": _assessments(draw),
    }  # fmt: skip


def _appointments(draw: Draw) -> pl.DataFrame:
    known = draw.known["appointments"]
    diary = draw.at_large(draw.events(known["per_year"]))
    n, seen_by = diary.height, draw.codes(known["seen_by"], diary.height)
    office = [
        known["offices"][agency][number % len(known["offices"][agency])]
        for agency, number in zip(seen_by, draw.dice.integers(0, 12, n), strict=True)
    ]
    winter = pl.col("day").dt.month().is_in([12, 1]) & draw.chance(known["winter_missed"], n)
    outcome = draw.codes(known["outcome"], n)
    return _of(
        draw, diary, "contact_id", crn="crn", appt_date="day", seen_by=seen_by,
        office=pl.Series(office, dtype=pl.String), joint=draw.yes(known["joint"], n),
        outcome=pl.when(winter).then(pl.lit("FTA")).otherwise(pl.lit(outcome)),
    )  # fmt: skip


def _assessments(draw: Draw) -> pl.DataFrame:
    frames = [_pathway(draw, code, shares) for code, shares in draw.known["pathways"].items()]
    return pl.concat(frames)


def _pathway(draw: Draw, code: str, shares: Sequence[float]) -> pl.DataFrame:
    cases, (need, *steps) = draw.cases.select("person", day="adopted"), shares
    n = cases.height
    needed = pl.Series(draw.dice.random(n) < need)
    days, passed, last = {}, needed, pl.col("day")
    for name, share in zip(("referred", "started", "completed"), steps, strict=True):
        passed = passed & draw.chance(share, n)
        last = pl.when(passed).then(draw.until(last, 40, n))
        days[name] = last
    need_said = pl.when(needed).then(pl.lit("Y")).otherwise(pl.lit("N"))
    return _of(
        draw, cases, "assessment_id", crn="crn", assessed="day", pathway=pl.lit(code),
        need_identified=need_said, **days,
    )  # fmt: skip


def _care(draw: Draw, rate: float, starts: float) -> pl.DataFrame:
    """person, day, start, end: referrals, of which some start and some end."""
    care = draw.events(rate)
    n = care.height
    care = care.with_columns(
        start=pl.when(draw.chance(starts, n)).then(draw.until(pl.col("day"), 18, n))
    )
    return care.with_columns(end=draw.until(pl.coalesce("start", "day"), 150, n))


def _drug_service(draw: Draw) -> dict[str, pl.DataFrame]:
    care = _care(draw, draw.known["rates"]["treatment"], 0.75)
    tests = draw.at_large(draw.events(draw.known["rates"]["tests"]))
    # Name and birth stand where the number is not known to the service.
    unknown = pl.col("person") % 10 == 0
    whom: dict[str, Any] = {
        "nhs_number": pl.when(~unknown).then(_NHS),
        "surname": pl.when(unknown).then(pl.col("surname").str.to_uppercase()),
        "first_name": pl.when(unknown).then("forename"),
        "date_of_birth": pl.when(unknown).then("dob"),
    }
    substances = {"Opiates": 0.35, "Crack": 0.2, "Cocaine": 0.1, "Cannabis": 0.1, "Alcohol": 0.25}
    exits = {"Completed": 0.38, "Dropped out": 0.4, "Transferred": 0.08, "Prison": 0.14}
    return {
        "drug_service_treatment": _of(
            draw, care, "episode_id", **whom, main_substance=draw.codes(substances, care.height),
            referral_date="day", treatment_start="start", exit_date="end",
            exit_reason=pl.when(pl.col("end").is_not_null()).then(
                pl.lit(draw.codes(exits, care.height))
            ),
        ),
        "drug_service_tests": _of(
            draw, tests, "test_ref", **whom, test_date="day",
            result=draw.codes({"P": 0.42, "N": 0.5, "R": 0.08}, tests.height),
        ),
    }  # fmt: skip


def _others(draw: Draw) -> dict[str, pl.DataFrame]:
    rates = draw.known["rates"]
    care = _care(draw, rates["mental_health"], 0.6)
    stays, work = draw.spells(rates["housing"], 260), draw.spells(rates["employment"], 240)
    families, places = draw.spells(rates["children"], 300), _care(draw, rates["programmes"], 0.5)
    homes = {"Supported housing": 0.24, "Council tenancy": 0.2, "Private tenancy": 0.14,
             "Family home": 0.12, "Temporary accommodation": 0.18, "Sofa surfing": 0.09,
             "Rough sleeping": 0.03}  # fmt: skip
    return {
        "mental_health_care": _of(
            draw, care, "referral_id", nhs_no="nhs", referral_received="day",
            first_contact="start", discharged="end",
            discharge_reason=pl.when(pl.col("end").is_not_null()).then(
                pl.lit(draw.codes({"1": 0.45, "2": 0.45, "3": 0.1}, care.height))
            ),
        ),
        "housing_stays": _of(
            draw, stays, "stay_ref", tenant_surname=pl.col("surname").str.to_uppercase(),
            tenant_forename="forename", dob="dob", moved_in="day", moved_out="to",
            accommodation_type=draw.codes(homes, stays.height),
        ),
        "employment_status": _of(
            draw, work, "record_id", national_insurance_no="nino", status_from="day",
            status_to="to", in_receipt_of_benefit=draw.yes(0.66, work.height),
            status=draw.codes({"EMP": 0.24, "TRN": 0.1, "UNE": 0.48, "LCW": 0.18}, work.height),
        ),
        "childrens_involvement": _of(
            draw, families, "case_id", parent_surname="surname", parent_forename="forename",
            parent_dob="dob", opened="day", closed="to",
            plan=draw.codes({"EH": 0.35, "CIN": 0.35, "CPP": 0.2, "LAC": 0.1}, families.height),
        ),
        "programme_places": _of(
            draw, places, "place_ref", crn="crn", needed=draw.yes(0.9, places.height),
            programme=draw.codes(
                {"Offence focused": 0.6, "RJ": 0.2, "Peer mentor": 0.2}, places.height
            ),
            offered="day", started="start",
            completed=pl.when(pl.col("start").is_not_null()).then("end"),
        ),
    }  # fmt: skip
