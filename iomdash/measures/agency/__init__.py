"""Counts of what agencies hold, by cohort, provider, supervision, area and quarter.

Every cube is long: the columns of `GROUP`, the measure's own dimensions, `what` was counted,
`n` (of it) and `people` (distinct, behind n). A count of nothing has no row. Nothing here
divides, and nothing here is protected.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl

FOLDER = Path(__file__).parent

GROUP = ("cohort", "provider", "supervision", "area", "quarter")
# Read by other queries, in this order, before the counts.
VIEWS = {
    "stays": ("adoptions",),
    "custody": ("custody_spells",),
    "indexed": ("adoptions", "custody_spells"),
}

MOJ = "Ministry of Justice, Guide to proven reoffending statistics"
SCHEME = "Terms of Reference of the scheme"


@dataclass(frozen=True)
class Measure:
    """One cube: its definition in words, where that comes from, and the tables that it reads.

    `whats` maps each value of `what` to the words for it.
    """

    id: str
    title: str
    definition: str
    source: str
    reads: tuple[str, ...]
    whats: dict[str, str]
    dimensions: tuple[str, ...] = ()


MEASURES: tuple[Measure, ...] = (
    Measure(
        "caseload",
        "Caseload",
        "People in a cohort at the end of the quarter (the running one: on the day of the "
        "extract), and those who joined or left in it, by reason. Whoever leaves is no longer in "
        "on that day. A person in two cohorts counts in each.",
        SCHEME,
        ("adoptions",),
        {"in": "in", "joined": "joined", "left": "left"},
        ("reason",),
    ),
    Measure(
        "reoffending",
        "Proven re-offending",
        "Of the people who joined a cohort, those who committed an offence within 12 months after "
        "the index date that was proven within those or a further 6 months. The index date is "
        "the day of adoption, or of release for whoever was in custody then; the day itself does "
        "not count, its anniversary does. People whose 18 months have not passed at the police's "
        "extract are not yet mature. Later custody does not shorten the 12 months.",
        MOJ,
        ("adoptions", "custody_spells", "offences"),
        {
            "people": "followed for 18 months",
            "reoffenders": "re-offended",
            "offences": "proven re-offences",
            "not_mature": "not yet mature",
        },
    ),
    Measure(
        "attendance",
        "Attendance",
        "Appointments due while the person was in the cohort, by outcome, agency, site and "
        "whether they were joint.",
        "Probation's diary",
        ("adoptions", "appointments"),
        {"kept": "kept", "missed": "missed", "rearranged": "rearranged"},
        ("agency", "site", "joint"),
    ),
    Measure(
        "pathways",
        "Needs on the pathways",
        "Assessments made while the person was in the cohort that found a need, and of those "
        "the ones that led to a referral, a start and a completion by the extract.",
        SCHEME,
        ("adoptions", "pathway_needs"),
        {
            "assessed": "assessed",
            "need": "in need",
            "referred": "referred",
            "started": "started",
            "completed": "completed",
        },
        ("pathway",),
    ),
)


def sql(name: str) -> str:
    """The text of one query file."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def count(con: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame | None]:
    """Each measure's cube by id; None where a table that it reads was never sent.

    The connection sees the tables of `feeds.current.views`.
    """
    rows = con.sql("select table_name from extracts").fetchall()
    sent = {str(name) for (name,) in rows}
    declare(con)
    for view, reads in VIEWS.items():
        if sent.issuperset(reads):
            con.execute(f"create or replace temp table {view} as {sql(view)}")
    return {
        measure.id: con.sql(sql(measure.id)).pl() if sent.issuperset(measure.reads) else None
        for measure in MEASURES
    }


def declare(con: duckdb.DuckDBPyConnection) -> None:
    """Temporary tables of the calendar: `days` with its quarter and running number, `quarters`."""
    _table(con, "days", _calendar())
    con.execute(
        "create or replace temp table quarters as select quarter, min(day_on) as first_on, "
        "max(day_on) as last_on from days group by quarter"
    )


def _calendar() -> pl.DataFrame:
    # As wide as any date that a contract passes for somebody alive.
    first, last = date(1900, 1, 1), date(2100, 1, 1) - timedelta(days=1)
    day = pl.col("day_on")
    quarter = pl.concat_str(day.dt.year(), pl.lit(" Q"), day.dt.quarter()).alias("quarter")
    days = pl.select(pl.date_range(first, last, eager=False).alias("day_on"))
    return days.with_row_index("number").select(day, pl.col("number").cast(pl.Int64), quarter)


def _table(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    con.register("declared", frame)
    con.execute(f"create or replace temp table {name} as select * from declared")
    con.unregister("declared")
