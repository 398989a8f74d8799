"""The dialect against every expectation type that a contract uses, and against its promises."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.pool import StaticPool

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import TABLES
from iomdash.declared.contracts.rules import Rule, query_rule
from iomdash.intake.contracts import in_sql, suite
from iomdash.intake.contracts.gx_duckdb import Borrowed
from iomdash.intake.rows import Aside

# Expectation type -> arguments, and the rows of the staged column that break it.
EXPECTATIONS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "expect_column_values_to_not_be_null": ({"column": "word"}, [5]),
    "expect_column_values_to_be_in_set": ({"column": "word", "value_set": ["yes", "no"]}, [4]),
    "expect_column_values_to_match_regex": ({"column": "word", "regex": "^[a-z]+$"}, [4]),
    "expect_column_value_lengths_to_be_between": (
        {"column": "word", "min_value": 3, "max_value": 3},
        [3, 4],
    ),
    "unexpected_rows_expectation": (
        {"unexpected_rows_query": "select row_number from {batch} where word = 'no'"},
        [3],
    ),
}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute(
        "create temp table stage as select * from "
        "(values (2, 'yes'), (3, 'no'), (4, 'it''s; -- 1'), (5, null)) as t(row_number, word)"
    )
    yield con
    con.close()


def engine_of(con: duckdb.DuckDBPyConnection) -> sa.Engine:
    return sa.create_engine("duckdb://", creator=lambda: Borrowed(con), poolclass=StaticPool)


def batch_of(con: duckdb.DuckDBPyConnection) -> Any:
    import great_expectations as gx

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    kwargs = {"creator": lambda: Borrowed(con), "poolclass": StaticPool}
    source = context.data_sources.add_sql("x", connection_string="duckdb://", kwargs=kwargs)
    return (
        source.add_table_asset("stage", "stage").add_batch_definition_whole_table("x").get_batch()
    )


def test_every_type_that_a_contract_uses_is_tested_here() -> None:
    used = {rule.expectation for table in TABLES for rule in odcs.load(table).rules}
    assert used == set(EXPECTATIONS)


@pytest.mark.parametrize("type", EXPECTATIONS)
def test_an_expectation_finds_the_rows_that_break_it(
    type: str, con: duckdb.DuckDBPyConnection
) -> None:
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )

    kwargs, rows = EXPECTATIONS[type]
    expectation = ExpectationConfiguration(type=type, kwargs=kwargs).to_domain_obj()
    form = {"result_format": "COMPLETE", "unexpected_index_column_names": ["row_number"]}
    result = batch_of(con).validate(expectation, result_format=form)
    assert not suite._raised(result)
    broken_rows = result.result.get("unexpected_index_list")
    broken_rows = broken_rows or result.result["details"]["unexpected_rows"]
    assert [item["row_number"] for item in broken_rows] == rows
    assert not result.success


def test_the_dialect_sees_temporary_tables_of_the_connection_it_borrows(con) -> None:
    with engine_of(con).connect() as borrowed:
        assert borrowed.execute(sa.text("select count(*) from stage")).scalar() == 4


def test_closing_the_engine_leaves_the_connection_open(con) -> None:
    engine = engine_of(con)
    with engine.connect() as borrowed:
        borrowed.execute(sa.text("select 1"))
        borrowed.commit()
    engine.dispose()
    assert con.execute("select count(*) from stage").fetchall() == [(4,)]


def test_the_transaction_of_the_loader_is_left_alone(con) -> None:
    con.execute("begin")
    con.execute("insert into stage values (6, 'new')")
    with engine_of(con).connect() as borrowed:
        borrowed.execute(sa.text("select 1"))
        borrowed.rollback()
    con.execute("commit")
    assert con.execute("select count(*) from stage").fetchall() == [(5,)]


def test_columns_are_listed_in_order_with_their_types(con) -> None:
    columns = sa.inspect(engine_of(con)).get_columns("stage")
    assert [(item["name"], type(item["type"])) for item in columns] == [
        ("row_number", sa.Integer), ("word", sa.String),
    ]  # fmt: skip


@pytest.mark.parametrize(("operator", "count"), [("~", 1), ("!~", 2)])
def test_a_match_may_lie_anywhere_in_the_text(operator: str, count: int, con) -> None:
    word = sa.column("word", sa.String)
    query = (
        sa.select(sa.func.count())
        .select_from(sa.table("stage", word))
        .where(word.op(operator)("e"))
    )
    with engine_of(con).connect() as borrowed:
        assert borrowed.execute(query).scalar() == count


def test_other_operators_are_compiled_as_they_are() -> None:
    text = sa.select(sa.column("a").op("||")("b")).compile(
        dialect=engine_of(duckdb.connect()).dialect
    )
    assert "a || ?" in str(text)


def test_rows_are_handed_out_one_by_one_in_parts_and_all_at_once(con) -> None:
    cursor = Borrowed(con).cursor()
    cursor.execute("select row_number from stage order by 1")
    assert cursor.fetchone() == (2,)
    assert cursor.fetchmany(2) == [(3,), (4,)]
    assert cursor.fetchall() == [(5,)]
    assert cursor.fetchone() is None


WORDS = st.one_of(st.none(), st.text("aé'{}\"%\n 1", max_size=4), st.sampled_from(["yes", "no"]))
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("expect_column_values_to_not_be_null", {}),
    ("expect_column_values_to_be_in_set", {"value_set": ["yes", "it's", "{a}", ""]}),
    ("expect_column_values_to_match_regex", {"regex": "^[a-z']{1,3}$"}),
    ("expect_column_values_to_match_regex", {"regex": "a|\\d"}),
    ("expect_column_value_lengths_to_be_between", {"min_value": 1, "max_value": 2}),
    ("expect_column_value_lengths_to_be_between", {"max_value": 3}),
]


@pytest.mark.parametrize(("type", "kwargs"), ASKED)
@given(words=st.lists(WORDS, min_size=1, max_size=6))
@settings(max_examples=20)
def test_a_rule_of_cells_says_in_sql_what_its_expectation_says(
    type: str, kwargs: dict[str, Any], words: list[str | None]
) -> None:
    rule = Rule("t.word.rule", "word", type, {"column": "word", **kwargs}, "Why.", "How.")
    assert in_sql.known(rule)
    with duckdb.connect() as con:
        con.execute("create table stage (row_number integer, word varchar)")
        con.executemany("insert into stage values (?, ?)", [*enumerate(words)])
        query = in_sql.broken_by_any([rule]).format(batch="stage")
        told = {row for (row,) in con.execute(query).fetchall()}
        with suite.over(con, "stage", [rule]) as asked:
            refused = asked._passed(rule, asked._results([rule])) is False
            rows = {row for row, _ in asked.broken(rule)[0]} if refused else set[int]()
    assert told == rows


WORD = "it's; -- 1"
CELLS = [
    Rule(f"t.word.{name}", "word", type, {"column": "word", **kwargs}, "Why.", "How.")
    for name, type, kwargs in (
        ("required", "expect_column_values_to_not_be_null", {}),
        ("allowed", "expect_column_values_to_be_in_set", {"value_set": ["yes", "no", WORD]}),
        ("length", "expect_column_value_lengths_to_be_between", {"max_value": 3}),
        ("form", "expect_column_values_to_match_regex", {"regex": "^[a-z]"}),
    )
]  # fmt: skip


@pytest.mark.parametrize("found", [{"t.word.required", "t.word.length"}, set()])
def test_of_a_broken_file_those_rules_are_judged_that_find_rows_or_else_all(
    found: set[str], con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[set[str]] = []
    really = suite.Suite._results

    def results(self: suite.Suite, rules: list[Rule]) -> list[Any]:
        judged.append({rule.id for rule in rules})
        return really(self, rules)

    monkeypatch.setattr(suite.Suite, "_results", results)
    with suite.over(con, "stage", CELLS) as asked:
        assert asked._with_rows(CELLS) == {"t.word.required", "t.word.length"}
        monkeypatch.setattr(asked, "_with_rows", lambda _: found)
        refused = [rule.id for rule in asked.refused()]
    assert refused == ["t.word.required", "t.word.length"]
    assert judged == [{suite._TOGETHER}, found or {rule.id for rule in CELLS}]


def test_a_rule_that_has_no_words_in_sql_is_asked_by_itself() -> None:
    for type, kwargs in (
        ("expect_column_values_to_be_unique", {}),
        ("expect_column_values_to_not_be_null", {"mostly": 0.9}),
        ("expect_column_values_to_be_in_set", {"value_set": []}),
    ):
        rule = Rule("t.word.rule", "word", type, {"column": "word", **kwargs}, "Why.", "How.")
        assert not in_sql.known(rule)


BY_ROW = "select row_number, word from {batch} where "
QUERIES = {
    "word = 'no'": True,
    "word is null or word like '%;%'": True,
    "word in (select 'no')": False,
    "true qualify row_number() over (order by word) = 1": False,
    "word = 'no' order by row_number": False,
    "word = 'none' union all select row_number, word from {batch} where word is null": False,
    "(select count(*) from {batch}) > 9": False,
}


def by_query(number: int, condition: str) -> Rule:
    return query_rule(f"t.word.rule{number}", "word", f"{BY_ROW}{condition}", "Why.", "How.")


@pytest.mark.parametrize("condition", QUERIES)
def test_a_query_is_asked_in_the_scan_of_others_where_it_asks_each_row_by_itself(
    condition: str, con: duckdb.DuckDBPyConnection
) -> None:
    rules = [by_query(0, condition), by_query(1, "word = 'perhaps'"), *CELLS]
    query = in_sql.broken_by_any(rules[:2]).format(batch="stage")
    assert query.count("from stage") - condition.count("{batch}") == (
        1 if QUERIES[condition] else 2
    )
    assert con.execute(f"select distinct * from ({query}) order by 1").fetchall() == rows_of(
        rules[0], con
    )
    found = con.execute(in_sql.found_by(rules).format(batch="stage")).fetchall()[0]
    assert found == tuple(bool(rows_of(rule, con)) for rule in rules)


def rows_of(rule: Rule, con: duckdb.DuckDBPyConnection) -> list[tuple[int]]:
    query = rule.query or in_sql.broken_by_any([rule])
    query = f"select row_number from ({query}) order by 1"
    return con.execute(query.format(batch="stage")).fetchall()


def test_what_only_rows_alike_can_break_is_not_asked_where_none_are(
    con: duckdb.DuckDBPyConnection,
) -> None:
    alike = query_rule("t.key", "word", f"{BY_ROW}word = 'no'", "Why.", "How.", alike=True)
    asked = in_sql.broken_by_any([alike], Aside(distinct=True)).format(batch="stage")
    assert con.execute(asked).fetchall() == []
    assert con.execute(in_sql.found_by([alike], Aside(distinct=True))).fetchall() == [(False,)]


def test_every_rule_of_a_contract_is_asked_in_the_one_statement() -> None:
    rules = [rule for table in TABLES for rule in odcs.load(table).rules]
    assert [rule.id for rule in rules if not in_sql.known(rule)] == []


def test_what_great_expectations_has_of_pandas_is_nobody_elses() -> None:
    script = """
from iomdash.intake.contracts import suite
suite.warm()
import pandas
assert pandas.DataFrame({"a": [1]}).shape == (1, 1)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
