"""Each question's SQL against tables small enough to count by hand, and the lint of its dialect."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
import sqlglot
from sqlglot import exp

from benchmarks.cubes import make
from iomdash.counting import agencies, interviews
from iomdash.counting.agencies import merged
from iomdash.declared.contracts import odcs
from iomdash.declared.groups import EVERYONE, as_one
from iomdash.declared.information_sheet import FIELDS, NOT_STATED, Field
from iomdash.declared.scheme import SETTINGS, SUPERVISIONS
from iomdash.vault import current
from iomdash.vault.engine import TWO_LARGEST, DuckDB
from iomdash.vault.spark import in_spark

PACKAGE = Path(interviews.__file__).parents[1]
FILES = sorted(PACKAGE.rglob("*.sql"))
EVERY = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)

# ---------------------------------------------------------------- the dialect that Spark reads too


REFUSED: tuple[tuple[type[exp.Expression], str], ...] = (
    (exp.Div, "divides: SQL counts, Python divides"),
    (exp.IntDiv, "divides: SQL counts, Python divides"),
    (exp.Avg, "divides: SQL counts, Python divides"),
    (exp.Median, "a quantile: it fails on Spark"),
    (exp.Quantile, "a quantile: it fails on Spark"),
    (exp.ApproxQuantile, "a quantile: it fails on Spark"),
    (exp.PercentileCont, "a quantile: it fails on Spark"),
    (exp.PercentileDisc, "a quantile: it fails on Spark"),
    (exp.Pivot, "PIVOT: it fails on Spark"),
    (exp.DateDiff, "counts boundaries here and whole months on Spark; make the period at load"),
    (exp.TimestampDiff, "counts boundaries here and whole months on Spark"),
    (exp.DateTrunc, "its type differs on Spark; make the period a column at load"),
    (exp.TimestampTrunc, "its type differs on Spark; make the period a column at load"),
    (exp.Extract, "days of the week differ on Spark; make the period a column at load"),
    (exp.DayOfWeek, "days of the week differ on Spark"),
    (exp.Qualify, "Spark does not parse it: number the rows in a subquery"),
    (exp.ArgMax, "which of equal ones is taken differs"),
    (exp.ArgMin, "which of equal ones is taken differs"),
)
# Columns that hold a day, by the contracts' naming.
A_DAY = re.compile(r"(_on|_at|_date|^as_of)$")


def faults(text: str) -> list[str]:
    """What in a query lies outside the subset that DuckDB and Spark read alike."""
    tree = sqlglot.parse_one(text, read="duckdb")
    result = [
        f"{node.sql('duckdb')}: {why}" for kind, why in REFUSED for node in tree.find_all(kind)
    ]
    result += [
        f"{node.sql('duckdb')}: a function that not both engines know"
        for node in tree.find_all(exp.Anonymous) if node.name.lower() != TWO_LARGEST
    ]  # fmt: skip
    result += [
        f"{node.sql('duckdb')}: say in which order rows are numbered"
        for node in tree.find_all(exp.Window)
        if isinstance(node.this, exp.RowNumber) and not node.args.get("order")
    ]
    # One engine sorts nulls first and the other last, so the order must say which.
    orders = re.findall(r"\border\s+by\b(.*?)(?=\border\s+by\b|$)", _code(text), re.I | re.S)
    keys = sum(1 for _ in tree.find_all(exp.Ordered))
    said = sum(len(re.findall(r"\bnulls\s+(?:first|last)\b", order, re.I)) for order in orders)
    if keys > said:
        result.append("order by: say nulls first or nulls last for every key")
    days = [node for node in tree.find_all(exp.Sub) if _is_day(node.left) and _is_day(node.right)]
    return result + [f"{node.sql()}: a day minus a day is another type on Spark" for node in days]


def _code(text: str) -> str:
    return re.sub(r"--[^\n]*", "", text)


def _is_day(node: exp.Expression) -> bool:
    if isinstance(node, exp.Cast):
        return node.to.is_type("date", "timestamp")
    if isinstance(node, exp.CurrentDate | exp.CurrentTimestamp):
        return True
    if isinstance(node, exp.Column):
        return bool(A_DAY.search(node.name))
    return isinstance(node, exp.Paren | exp.Min | exp.Max) and _is_day(node.this)


@pytest.mark.parametrize(
    "text",
    [
        "select date_diff('month', a, b) from t",
        "select datediff('month', a, b) from t",
        "select extract(dow from a) from t",
        "select dayofweek(a) from t",
        "select interviewed_on - last_offence_on from t",
        "select max(interviewed_on) - min(interviewed_on) from t",
        "select a::date - b::date from t",
        "select current_date - interviewed_on from t",
        "select date_trunc('month', a) from t",
        "select a // b from t",
        "select a / b from t",
        "select count(*) filter (where a) / count(*) from t",
        "select avg(a) from t",
        "select quantile_cont(a, 0.5) from t",
        "select quantile_disc(a, 0.5) from t",
        "select median(a) from t",
        "select a from t order by a",
        "select a from t order by a nulls last, b",
        "select row_number() over (partition by a order by b) from t",
        "pivot t on a using count(*)",
        "select * from t pivot (count(*) for a in ('x', 'y'))",
        "select no_such_function(a) from t",
        "select a from t qualify count(*) over (partition by a) > 1",
        "select row_number() over () from t",
        "select row_number() over (partition by a) from t",
        "select arg_max(a, b) from t",
    ],
)
def test_a_construct_that_the_engines_read_differently_is_refused(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "select count(*) filter (where a = 'yes') as yes from t",
        "select a from t where b > c - interval '18' month",
        "select a from t where b is distinct from c",
        "select a from t order by a nulls last, b desc nulls first",
        "select row_number() over (partition by a order by b nulls last) from t",
        "select a, count(distinct b) as n from t group by a  -- a / b order by a",
        "select n - m as rest from t",
        "select a, two_largest(n) as two from t group by a",
        "select count(*) over (partition by a) as many from t",
    ],
)
def test_a_construct_that_both_engines_read_alike_passes(text: str) -> None:
    assert faults(text) == []


@EVERY
def test_a_query_stays_in_the_portable_subset(path: Path) -> None:
    assert faults(path.read_text("utf-8")) == []


@EVERY
def test_a_query_can_be_written_for_spark(path: Path) -> None:
    assert sqlglot.parse_one(in_spark(path.read_text("utf-8")), read="spark")


class Noted(DuckDB):
    """DuckDB, and every text that it was asked."""

    texts: list[str]

    def keep(self, name: str, query: str) -> None:
        self.texts.append(query)
        super().keep(name, query)

    def name(self, name: str, query: str) -> None:
        self.texts.append(query)
        super().name(name, query)

    def frame(self, query: str) -> pl.DataFrame:
        self.texts.append(query)
        return super().frame(query)


@pytest.fixture(scope="module")
def written() -> list[str]:
    """Every text that counts agencies' records, from the logs to the last cube."""
    with duckdb.connect() as con:
        make(con, 100)
        engine = Noted(con)
        engine.texts = []
        current.records(con, engine)
        records = current.records(con, engine, numbered=True)
        agencies.close(records)
        everybody = as_one(sorted(kind.id for kind in SUPERVISIONS))
        settled = pl.DataFrame(
            [(str(year), everybody, "") for year in range(2000, 2100, 2)],
            schema=merged.SETTLED, orient="row",
        )  # fmt: skip
        agencies.count(records, agencies.Wanted(
            1, ("quarter", EVERYONE), smallest=5, settled=settled))  # fmt: skip
        return engine.texts


def test_what_python_writes_stays_in_the_portable_subset(written: list[str]) -> None:
    files = {file.stem for file in agencies.FOLDER.glob("*.sql")}
    logs = {odcs.load(table).stored for table in odcs.AGENCY_TABLES}
    asked = {name for name in files if any(agencies.sql(name) in text for text in written)}
    assert asked == files
    # As of the years in which choices are counted as one.
    assert sum("left join merged" in text for text in written) > 2
    assert {log for log in logs if any(f"from {log}" in text for text in written)} == logs
    assert {text: wrong for text in written if (wrong := faults(text))} == {}


def test_what_python_writes_can_be_written_for_spark(written: list[str]) -> None:
    spoken = {in_spark(text) for text in written}
    assert any("COLLECT_LIST" in text for text in spoken)
    assert not any(TWO_LARGEST in text.lower() for text in spoken)
    assert all(sqlglot.parse_one(text, read="spark") for text in spoken)


@EVERY
def test_a_query_says_its_grain_and_the_tables_that_it_reads(path: Path) -> None:
    text = path.read_text("utf-8")
    header = " ".join(re.findall(r"^--\s*(.*)$", text.split("select", 1)[0], re.M))
    assert header.startswith("Grain: one row per ")
    assert re.search(r"Read by: \S+", header)
    tree = sqlglot.parse_one(text, read="duckdb")
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    read = {table.name for table in tree.find_all(exp.Table)} - inner
    [said] = re.findall(r"Reads: (.*?)\.", header)
    assert set(said.split(", ")) == read


def test_what_is_put_in_order_as_it_is_read_is_read_once() -> None:
    trees = [sqlglot.parse_one(agencies.sql(file.stem), read="duckdb")
             for file in agencies.FOLDER.glob("*.sql")]  # fmt: skip
    read = Counter(table.name for tree in trees for table in tree.find_all(exp.Table))
    assert {name: read[name] for name in current.READ_ONCE if read[name] > 1} == {}


@EVERY
def test_a_query_is_worked_out_by_hand_in_a_test(path: Path) -> None:
    tests = [p.read_text("utf-8") for p in Path(__file__).parent.glob("test_*.py")]
    assert any(f'"{path.stem}"' in text for text in tests)


# ------------------------------------------------------------------------- answers worked by hand


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """Empty tables of the vault and of what the declarations ask."""
    with duckdb.connect() as held:
        for table in odcs.TABLES:
            columns = [f"{c.name} {c.sql_type}" for c in odcs.load(table).columns]
            held.execute(f"create table {table} ({', '.join(columns)}, life varchar default '')")
        for table, columns in (
            ("stances", "interview_id, code, stance"), ("asks", "code, among"),
            ("derived", "code, part"), ("pairs", "one, other"),
        ):  # fmt: skip
            typed = ", ".join(f"{c} varchar" for c in columns.split(", "))
            held.execute(f"create table {table} ({typed})")
        yield held


def put(con: duckdb.DuckDBPyConnection, table: str, text: str) -> None:
    """Rows of a text table, its first line the column names; `.` is an empty cell."""
    header, *lines = [line.split() for line in text.strip().splitlines()]
    for line in lines:
        cells = [None if cell == "." else cell.replace("_", " ") for cell in line]
        marks = ", ".join("?" for _ in cells)
        con.execute(f"insert into {table} ({', '.join(header)}) values ({marks})", cells)


def answer(
    con: duckdb.DuckDBPyConnection, name: str, by: str, counts: str
) -> set[tuple[object, ...]]:
    """A query's counts added up by some of its columns; rows that count nobody are left out."""
    sums = ", ".join(f"sum({c})::bigint as {c}" for c in counts.split(", "))
    some = " or ".join(f"{c} > 0" for c in counts.split(", "))
    query = f"select {by}, {sums} from ({interviews.sql(name)}) group by {by}"
    return set(con.execute(f"select * from ({query}) where {some}").fetchall())


PEOPLE = """
interview_id wave cohort provider supervision
i1           2030 PPO    CRC      statutory
i2           2030 PPO    CRC      statutory
i3           2030 PPO    NPS      statutory
i4           2030 HCCU   NPS      voluntary
i5           2031 PPO    CRC      statutory
"""
# i1 says both, i2 is mixed on a, i3 denies a, i4 raised b only, i5 is of another wave.
SAID = """
interview_id code stance
i1           a    yes
i1           b    yes
i2           a    mixed
i2           b    yes
i3           a    no
i4           b    no
i5           a    yes
"""


def test_sizes_count_the_interviews_of_each_atom(con: duckdb.DuckDBPyConnection) -> None:
    put(con, "interviews", PEOPLE)
    assert answer(con, "sizes", "wave, cohort, provider, supervision", "n") == {
        ("2030", "PPO", "CRC", "statutory", 2),
        ("2030", "PPO", "NPS", "statutory", 1),
        ("2030", "HCCU", "NPS", "voluntary", 1),
        ("2031", "PPO", "CRC", "statutory", 1),
    }


def test_coders_who_agree_give_the_stance_and_coders_who_differ_make_it_mixed(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put(
        con,
        "codings",
        """
        interview_id code stance coder
        i1           a    yes    c1
        i1           a    yes    c2
        i2           a    yes    c1
        i2           a    no     c2
        i3           a    mixed  c1
        i3           a    mixed  c2
        i4           a    no     c1
        """,
    )
    assert set(con.execute(interviews.sql("stances")).fetchall()) == {
        ("i1", "a", "yes"), ("i2", "a", "mixed"), ("i3", "a", "mixed"), ("i4", "a", "no"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "follows"),
    [("yes", "no", "yes"), ("no", "yes", "yes"), ("mixed", "no", "mixed"), ("mixed", "yes", "yes"),
     ("no", "no", "no"), (".", "yes", "yes"), ("no", ".", "no"), (".", ".", None)],
)  # fmt: skip
def test_a_code_that_follows_is_yes_when_any_part_is(
    con: duckdb.DuckDBPyConnection, one: str, other: str, follows: str | None
) -> None:
    put(con, "derived", "code part\nd a\nd b")
    for code, stance in (("a", one), ("b", other)):
        if stance != ".":
            put(con, "codings", f"interview_id code stance coder\ni1 {code} {stance} c1")
    rows = con.execute(f"select stance from ({interviews.sql('stances')}) where code = 'd'")
    assert rows.fetchall() == ([] if follows is None else [(follows,)])


def test_codes_count_each_stance_and_only_those_who_meet_the_condition(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put(con, "interviews", PEOPLE)
    put(con, "stances", SAID)
    con.execute("insert into asks values ('a', ''), ('b', ''), ('a', 'b')")
    assert answer(con, "codes", "wave, cohort, provider, code, among", "yes, mixed, no") == {
        ("2030", "PPO", "CRC", "a", "", 1, 1, 0),
        ("2030", "PPO", "NPS", "a", "", 0, 0, 1),
        ("2031", "PPO", "CRC", "a", "", 1, 0, 0),
        ("2030", "PPO", "CRC", "b", "", 2, 0, 0),
        ("2030", "HCCU", "NPS", "b", "", 0, 0, 1),
        ("2030", "PPO", "CRC", "a", "b", 1, 1, 0),
    }


def test_conditions_count_those_who_said_yes_to_what_is_asked_among(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put(con, "interviews", PEOPLE)
    put(con, "stances", SAID)
    con.execute("insert into asks values ('a', ''), ('a', 'b')")
    assert answer(con, "conditions", "wave, cohort, provider, among", "n") == {
        ("2030", "PPO", "CRC", "b", 2)
    }


def test_pairs_count_one_the_other_and_both_and_never_a_mixed_answer(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put(con, "interviews", PEOPLE)
    put(con, "stances", SAID)
    con.execute("insert into pairs values ('a', 'b')")
    counts = "only_one, only_other, both_codes"
    assert answer(con, "pairs", "wave, cohort, one, other", counts) == {
        ("2030", "PPO", "a", "b", 0, 1, 1),  # i1 both, i2 the other only
        ("2031", "PPO", "a", "b", 1, 0, 0),
    }


def test_recruitment_counts_approaches_and_keeps_an_unstated_cohort_apart(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put(
        con,
        "approaches",
        """
        wave cohort outcome
        2030 PPO    interviewed
        2030 PPO    interviewed
        2030 PPO    declined
        2030 .      declined
        2031 PPO    declined
        """,
    )
    assert answer(con, "recruitment", "wave, cohort, outcome", "n") == {
        ("2030", "PPO", "interviewed", 2), ("2030", "PPO", "declined", 1),
        ("2030", "", "declined", 1), ("2031", "PPO", "declined", 1),
    }  # fmt: skip


def test_caseloads_are_read_as_they_were_loaded(con: duckdb.DuckDBPyConnection) -> None:
    put(con, "caseloads", "wave cohort people\n2030 PPO 96\n2030 HCCU 68")
    assert answer(con, "caseloads", "wave, cohort", "n") == {
        ("2030", "PPO", 96), ("2030", "HCCU", 68),
    }  # fmt: skip


def test_waves_count_by_origin_and_give_the_dates_of_the_field_work(
    con: duckdb.DuckDBPyConnection,
) -> None:
    put(
        con,
        "interviews",
        """
        interview_id wave origin    interviewed_on
        i1           2030 collected 2030-03-01
        i2           2030 collected 2030-05-31
        i3           2030 synthetic .
        """,
    )
    query = f"select wave, origin, n, first_on, last_on from ({interviews.sql('waves')})"
    assert set(con.execute(query).fetchall()) == {
        ("2030", "collected", 2, date(2030, 3, 1), date(2030, 5, 31)),
        ("2030", "synthetic", 1, None, None),
    }


def quoted(con: duckdb.DuckDBPyConnection) -> None:
    """i1 consents and has two cleared excerpts, i2 does not consent, i3 has one uncleared."""
    put(
        con,
        "interviews",
        """
        interview_id wave cohort provider supervision consent_quotation origin
        i1           2030 PPO    CRC      statutory   yes               collected
        i2           2030 PPO    CRC      statutory   no                collected
        i3           2030 HCCU   NPS      voluntary   yes               collected
        i4           2030 HCCU   NPS      voluntary   yes               collected
        """,
    )
    put(con, "stances", "interview_id code stance\ni1 a yes\ni2 a yes\ni3 a no\ni4 a mixed")
    put(
        con,
        "excerpts",
        """
        excerpt_id interview_id code kind       text  cleared
        e1         i1           a    paraphrase One   yes
        e2         i1           a    paraphrase Two   yes
        e3         i2           a    paraphrase Three yes
        e4         i3           a    paraphrase Four  no
        e5         i4           a    quotation  Five  yes
        """,
    )


def test_excerpts_pass_only_when_cleared_and_with_consent_to_quote(
    con: duckdb.DuckDBPyConnection,
) -> None:
    quoted(con)
    query = f"select cohort, code, stance, kind, text from ({interviews.sql('excerpts')})"
    assert set(con.execute(query).fetchall()) == {
        ("PPO", "a", "yes", "paraphrase", "One"),
        ("HCCU", "a", "mixed", "quotation", "Five"),
    }


def test_an_excerpt_leaves_every_key_of_a_person_behind(con: duckdb.DuckDBPyConnection) -> None:
    columns = {row[0] for row in con.execute(f"describe {interviews.sql('excerpts')}").fetchall()}
    assert not columns & {"interview_id", "excerpt_id", "batch_id"}


def test_voices_count_people_and_not_their_excerpts(con: duckdb.DuckDBPyConnection) -> None:
    quoted(con)
    assert answer(con, "voices", "wave, code, stance", "n") == {
        ("2030", "a", "yes", 1), ("2030", "a", "mixed", 1),
    }  # fmt: skip


WHEN = "2026-07-01"
PROFILE = [
    ("age", {"age": "18"}, "18 to 24"),
    ("age", {"age": "24"}, "18 to 24"),
    ("age", {"age": "25"}, "25 to 34"),
    ("age", {"age": "34"}, "25 to 34"),
    ("age", {"age": "35"}, "35 to 44"),
    ("age", {"age": "44"}, "35 to 44"),
    ("age", {"age": "45"}, "45 or over"),
    ("age", {}, ""),
    ("age_first_offence", {"age_first_offence": "11"}, "under 12"),
    ("age_first_offence", {"age_first_offence": "12"}, "12 to 14"),
    ("age_first_offence", {"age_first_offence": "14"}, "12 to 14"),
    ("age_first_offence", {"age_first_offence": "15"}, "15 to 17"),
    ("age_first_offence", {"age_first_offence": "17"}, "15 to 17"),
    ("age_first_offence", {"age_first_offence": "18"}, "18 or over"),
    ("last_offence", {"last_offence_on": "2026-01-02"}, "under 6 months before"),
    ("last_offence", {"last_offence_on": "2026-01-01"}, "6 to 12 months before"),
    ("last_offence", {"last_offence_on": "2025-07-02"}, "6 to 12 months before"),
    ("last_offence", {"last_offence_on": "2025-07-01"}, "over a year before"),
    ("last_offence", {}, ""),
    ("last_arrest", {"last_arrest_on": "2026-01-02"}, "under 6 months before"),
    ("last_arrest", {"last_arrest_on": "2025-07-02"}, "6 to 12 months before"),
    ("last_arrest", {"last_arrest_on": "2025-07-01"}, "over a year before"),
    ("alcohol", {"alcohol_misuse": "no"}, "no misuse"),
    ("alcohol", {"alcohol_misuse": "yes", "alcohol_in_treatment": "yes"}, "misuse, in treatment"),
    ("alcohol", {"alcohol_misuse": "yes", "alcohol_in_treatment": "no"},
     "misuse, not in treatment"),
    ("alcohol", {"alcohol_in_treatment": "no"}, ""),
    ("alcohol", {"alcohol_misuse": "yes"}, ""),  # whether it is treated was not said
    ("alcohol", {}, ""),
    ("drugs", {"drug_misuse": "no"}, "no misuse"),
    ("drugs", {"drug_misuse": "yes", "drug_in_treatment": "yes"}, "misuse, in treatment"),
    ("drugs", {"drug_misuse": "yes", "drug_in_treatment": "no"}, "misuse, not in treatment"),
    ("mental_health", {"mental_health_concern": "no"}, "no concern"),
    ("mental_health", {"mental_health_concern": "yes", "mental_health_in_intervention": "yes"},
     "concern, getting help"),
    ("mental_health", {"mental_health_concern": "yes", "mental_health_in_intervention": "no"},
     "concern, no help"),
    ("drugs", {"drug_misuse": "yes"}, ""),
    ("mental_health", {"mental_health_concern": "yes"}, ""),
    ("length_minutes", {"length_minutes": "44"}, "under 45 minutes"),
    ("length_minutes", {"length_minutes": "45"}, "45 to 59 minutes"),
    ("length_minutes", {"length_minutes": "59"}, "45 to 59 minutes"),
    ("length_minutes", {"length_minutes": "60"}, "60 to 90 minutes"),
    ("length_minutes", {"length_minutes": "90"}, "60 to 90 minutes"),
    ("length_minutes", {"length_minutes": "91"}, "over 90 minutes"),
    ("sex", {"sex": "male"}, "male"),
    ("setting", {"setting": "custody"}, "custody"),
    ("benefit", {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("field", "cells", "message"), PROFILE)
def test_an_answer_of_the_information_sheet_falls_into_its_band(
    con: duckdb.DuckDBPyConnection, field: str, cells: dict[str, str], message: str
) -> None:
    columns = {"interview_id": "i1", "wave": "2026", "interviewed_on": WHEN, **cells}
    put(con, "interviews", f"{' '.join(columns)}\n{' '.join(columns.values())}")
    result = answer(con, "profile", "field, answer", "n")
    assert {row for row in result if row[0] == field} == {(field, message, 1)}


@pytest.mark.parametrize("what", ["offence", "arrest"])
def test_how_long_ago_is_not_stated_where_the_interview_has_no_date(
    con: duckdb.DuckDBPyConnection, what: str
) -> None:
    put(con, "interviews", f"interview_id wave last_{what}_on\ni1 2026 2020-01-01")
    result = answer(con, "profile", "field, answer", "n")
    assert (f"last_{what}", "", 1) in result


def branches() -> dict[str, set[str]]:
    """Answers that profile.sql gives in words, by field; empty where it passes a column on."""
    result: dict[str, set[str]] = {}
    tree = sqlglot.parse_one(interviews.sql("profile"), read="duckdb")
    [inner] = tree.find_all(exp.CTE)
    for select in inner.find_all(exp.Select):
        # The field is the only text among what is selected.
        [field] = [e.unalias().this for e in select.expressions
                   if isinstance(e.unalias(), exp.Literal) and e.unalias().is_string]  # fmt: skip
        result[field] = {
            end.args["true"].this for case in select.find_all(exp.Case) for end in case.args["ifs"]
        }
    return result


def passed_on(field: str) -> set[str]:
    """Values that a column may hold by its contract, for fields that are shown as they are."""
    return {s.id for s in SETTINGS} if field == "setting" else {
        *odcs.load("interviews").column(field).allowed
    }  # fmt: skip


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.id)
def test_a_field_lists_the_answers_that_its_query_gives(field: Field) -> None:
    result = branches()[field.id] or passed_on(field.id)
    assert set(field.answers) == result


def test_the_profile_lists_every_field_that_its_query_counts() -> None:
    assert set(branches()) == {field.id for field in FIELDS}
    assert not any(NOT_STATED in field.answers for field in FIELDS)
