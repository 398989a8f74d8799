"""Each agency measure against tables small enough to count by hand."""

from collections.abc import Iterator

import duckdb
import pytest

from iomdash import odcs
from iomdash.measures import agency
from iomdash.measures.agency import GROUP, MEASURES, Measure

TABLES = tuple(table for table in odcs.AGENCY_TABLES if table != "person_links")
EACH = pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.id)
HEADS = {
    "adoptions": "adoption_id person_id cohort adopted_on left_on left_reason",
    "offences": "offence_id person_id committed_on proven_on harm_group",
    "custody_spells": "custody_id person_id from_on to_on",
}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """The agencies' tables, empty, each sent on 1 July 2030."""
    with duckdb.connect() as held:
        for table in TABLES:
            columns = [f"{c.name} {c.sql_type}" for c in odcs.load(table).columns]
            held.execute(f"create table {table} ({', '.join(columns)})")
        held.execute("create table extracts (table_name varchar, extracted_on date)")
        for table in TABLES:
            held.execute("insert into extracts values (?, '2030-07-01')", [table])
        yield held


def put(con: duckdb.DuckDBPyConnection, table: str, text: str) -> None:
    """Rows of a text table, its first line the column names; `.` is an empty cell."""
    header, *lines = [line.split() for line in text.splitlines() if line.strip()]
    for line in lines:
        marks = ", ".join("?" for _ in line)
        cells = [None if cell == "." else cell for cell in line]
        con.execute(f"insert into {table} ({', '.join(header)}) values ({marks})", cells)


def told(con: duckdb.DuckDBPyConnection, name: str, by: str) -> set[tuple[object, ...]]:
    """A cube's rows: the columns named, n and people."""
    cube = agency.count(con)[name]
    assert cube is not None
    return set(cube.select(*by.split(), "n", "people").rows())


def adopt(con: duckdb.DuckDBPyConnection, text: str) -> None:
    """Adoptions, one a line."""
    put(con, "adoptions", f"{HEADS['adoptions']}\n{text}")
    con.execute("update adoptions set provider = 'CRC', supervision = 'statutory'")


def view(con: duckdb.DuckDBPyConnection, name: str, columns: str) -> set[tuple[str, ...]]:
    """Rows of a view that the counts read, as text."""
    agency.count(con)
    rows = con.sql(f"select {columns} from {name}").fetchall()
    return {tuple(str(cell) for cell in row) for row in rows}


def test_spells_in_custody_that_overlap_or_touch_are_one(con: duckdb.DuckDBPyConnection) -> None:
    # a: the second lies within the first, the third touches it, the fourth is apart and open.
    put(
        con,
        "custody_spells",
        f"""{HEADS["custody_spells"]}
        1 a 2028-01-01 2028-06-01
        2 a 2028-02-01 2028-03-01
        3 a 2028-06-01 2028-07-01
        4 a 2028-07-02 .
        5 b 2028-07-01 2028-07-05
        """,
    )
    assert view(con, "custody", "person_id, from_on, until_on") == {
        ("a", "2028-01-01", "2028-07-01"),
        ("a", "2028-07-02", "9999-12-31"),
        ("b", "2028-07-01", "2028-07-05"),
    }


def test_a_stay_without_an_end_or_an_area_says_so(con: duckdb.DuckDBPyConnection) -> None:
    adopt(con, "1 a PPO 2030-01-01 . .\n2 b PPO 2030-01-01 2030-02-01 moved")
    assert view(con, "stays", "person_id, area, until_on, left_reason") == {
        ("a", "", "9999-12-31", ""),
        ("b", "", "2030-02-01", "moved"),
    }
    assert view(con, "indexed", "person_id, index_on") == {
        ("a", "2030-01-01"), ("b", "2030-01-01"),
    }  # fmt: skip


def test_caseload_is_who_is_in_at_the_end_of_a_quarter_and_who_came_and_went(
    con: duckdb.DuckDBPyConnection,
) -> None:
    # a: in at the end of Q1 and at the extract. b: leaves on the last day of Q1, so is not in
    # then. c: joins in the running quarter, on the day of the extract.
    adopt(
        con,
        """
        1 a PPO 2030-01-01 .          .
        2 b PPO 2030-01-02 2030-03-31 moved
        3 c PPO 2030-07-01 .          .
        """,
    )
    assert told(con, "caseload", "quarter reason what") == {
        ("2030 Q1", "", "joined", 2, 2),
        ("2030 Q1", "", "in", 1, 1),
        ("2030 Q1", "moved", "left", 1, 1),
        ("2030 Q2", "", "in", 1, 1),
        ("2030 Q3", "", "joined", 1, 1),
        ("2030 Q3", "", "in", 2, 2),
    }


REOFFENDING = [
    # index date, offence, proven: does it count?
    ("2028-03-10", "2028-03-10", "2028-04-01", False),  # on the index date
    ("2028-03-10", "2028-03-11", "2028-04-01", True),
    ("2028-03-10", "2029-03-10", "2029-04-01", True),  # 12 months to the day
    ("2028-03-10", "2029-03-11", "2029-04-01", False),
    ("2028-03-10", "2029-01-01", "2029-09-10", True),  # 18 months to the day
    ("2028-03-10", "2029-01-01", "2029-09-11", False),
    ("2028-03-10", "2028-05-01", ".", False),  # not proven
    ("2028-02-29", "2029-02-28", "2029-03-01", True),  # a leap day's 12 months end on the 28th
    ("2028-02-29", "2029-03-01", "2029-03-02", False),
    ("2027-02-28", "2028-02-28", "2028-03-01", True),
    ("2027-02-28", "2028-02-29", "2028-03-01", False),
    ("2027-08-31", "2028-08-31", "2029-02-28", True),  # 18 months from a 31st end in February
    ("2027-08-31", "2028-08-31", "2029-03-01", False),
]


@pytest.mark.parametrize(("index", "offence", "proven", "counts"), REOFFENDING)
def test_an_offence_counts_within_12_months_if_proven_within_18(
    con: duckdb.DuckDBPyConnection, index: str, offence: str, proven: str, counts: bool
) -> None:
    adopt(con, f"1 a PPO {index} . .")
    put(con, "offences", f"{HEADS['offences']}\no1 a {offence} {proven} theft")
    found = {what: n for what, n, _ in told(con, "reoffending", "what")}
    assert found == {"people": 1} | ({"reoffenders": 1, "offences": 1} if counts else {})


@pytest.mark.parametrize(
    ("index", "what"),
    [
        ("2029-01-01", "people"),  # 18 months end on the day of the extract
        ("2029-01-02", "not_mature"),
        ("2028-12-31", "people"),  # 30 June
    ],
)
def test_a_person_is_mature_when_18_months_have_passed_at_the_extract(
    con: duckdb.DuckDBPyConnection, index: str, what: str
) -> None:
    adopt(con, f"1 a PPO {index} . .")
    assert told(con, "reoffending", "what") == {(what, 1, 1)}


def test_whoever_is_in_custody_on_adoption_is_followed_from_release(
    con: duckdb.DuckDBPyConnection,
) -> None:
    # a: two spells that touch, released on 1 June, an offence before and one after.
    # b: not released. c: released on the day of adoption, so the index date is that day.
    adopt(con, "1 a PPO 2028-02-01 . .\n2 b PPO 2028-02-01 . .\n3 c PPO 2028-02-01 . .")
    put(
        con,
        "custody_spells",
        f"""{HEADS["custody_spells"]}
        1 a 2028-01-01 2028-03-01
        2 a 2028-03-01 2028-06-01
        3 b 2028-01-01 .
        4 c 2028-01-01 2028-02-01
        """,
    )
    put(
        con,
        "offences",
        f"{HEADS['offences']}\n1 a 2028-05-01 2028-08-01 theft\n2 a 2029-06-01 2029-12-01 theft",
    )
    assert told(con, "reoffending", "quarter what") == {
        ("2028 Q2", "people", 1, 1),
        ("2028 Q2", "reoffenders", 1, 1),
        ("2028 Q2", "offences", 1, 1),
        ("2028 Q1", "people", 1, 1),
    }


def test_a_person_who_joins_a_cohort_twice_in_a_quarter_is_followed_once(
    con: duckdb.DuckDBPyConnection,
) -> None:
    adopt(con, "1 a PPO 2028-01-01 2028-02-01 other\n2 a PPO 2028-03-01 . .")
    assert told(con, "reoffending", "quarter what") == {("2028 Q1", "people", 1, 1)}


def test_appointments_count_while_the_person_is_in_the_cohort(
    con: duckdb.DuckDBPyConnection,
) -> None:
    # Four in the stay (two missed by one person), one before it, one on the day of leaving.
    adopt(con, "1 a PPO 2030-01-10 2030-03-01 moved\n2 b PPO 2030-01-10 . .")
    put(
        con,
        "appointments",
        """
        appointment_id person_id agency    site  due_on     joint outcome
        1              a         probation north 2030-01-09 no    kept
        2              a         probation north 2030-01-10 no    kept
        3              a         probation north 2030-01-20 no    missed
        4              a         probation north 2030-02-28 no    missed
        5              a         probation north 2030-03-01 no    missed
        6              b         police    south 2030-04-01 yes   rearranged
        """,
    )
    assert told(con, "attendance", "quarter agency site joint what") == {
        ("2030 Q1", "probation", "north", "no", "kept", 1, 1),
        ("2030 Q1", "probation", "north", "no", "missed", 2, 1),
        ("2030 Q2", "police", "south", "yes", "rearranged", 1, 1),
    }


def test_a_pathway_counts_its_steps_among_those_in_need(con: duckdb.DuckDBPyConnection) -> None:
    # a goes all the way, b is only referred, c has no need (and a stray referral).
    adopt(con, "1 a PPO 2030-01-01 . .\n2 b PPO 2030-01-01 . .\n3 c PPO 2030-01-01 . .")
    put(
        con,
        "pathway_needs",
        """
        need_id person_id pathway assessed_on need referred_on started_on completed_on
        1       a         ete     2030-02-01  yes  2030-02-02  2030-02-03 2030-05-01
        2       b         ete     2030-02-01  yes  2030-02-02  .          .
        3       c         ete     2030-02-01  no   2030-02-02  .          .
        """,
    )
    assert told(con, "pathways", "pathway quarter what") == {
        ("ete", "2030 Q1", "assessed", 3, 3),
        ("ete", "2030 Q1", "need", 2, 2),
        ("ete", "2030 Q1", "referred", 2, 2),
        ("ete", "2030 Q1", "started", 1, 1),
        ("ete", "2030 Q1", "completed", 1, 1),
    }


@EACH
def test_a_measure_is_missing_where_nobody_sent_a_table_that_it_reads(
    con: duckdb.DuckDBPyConnection, measure: Measure
) -> None:
    for table in measure.reads:
        con.execute("begin")
        con.execute("delete from extracts where table_name = ?", [table])
        assert agency.count(con)[measure.id] is None
        con.execute("rollback")


@EACH
def test_a_table_that_was_sent_empty_counts_nothing_and_is_not_missing(
    con: duckdb.DuckDBPyConnection, measure: Measure
) -> None:
    cube = agency.count(con)[measure.id]
    assert cube is not None
    assert cube.columns == [*GROUP, *measure.dimensions, "what", "n", "people"]
    assert cube.is_empty()
