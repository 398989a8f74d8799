"""Which queries of a contract ask each row by itself, and are asked with others in one scan."""

import duckdb
import pytest

from iomdash.declared.contracts.odcs import AGENCY_TABLES, TABLES, load
from iomdash.declared.contracts.rules import Rule
from iomdash.intake.contracts import in_sql
from iomdash.intake.feeds import FEEDS

ROWS = [(1, "a", "b"), (2, "b", "a"), (3, None, "b"), (4, "a", None), (5, "--", "select")]
CONDITIONS = {
    "a > b": "a > b",
    "a > b or\n  b is null": "a > b or\n  b is null",
    # What is none, or would be cut short, is left as it is.
    "a > b order by a": None,
    "a > b group by all": None,
    "a in (select b from {batch})": None,
    "a > b -- or so": None,
    "a > b /* or so": None,
    "a = 'select'": None,
    "a > b union all select 2, 'b'": None,
}


def rule(query: str, id: str = "made_up") -> Rule:
    kwargs = {"unexpected_rows_query": query}
    return Rule(id, None, "unexpected_rows_expectation", kwargs, "Made up.", "")


@pytest.mark.parametrize(("condition", "kept"), CONDITIONS.items())
def test_a_query_of_each_row_by_itself_is_known_by_its_form(
    condition: str, kept: str | None
) -> None:
    assert in_sql._of_rows(f"select row_number, a from {{batch}} where {condition}") == kept


@pytest.mark.parametrize(
    "query",
    [
        "select row_number, a from {batch} as x where a > b",
        "select row_number, a from {batch} inner join {batch} using (a) where a > b",
        "select row_number + 1, a from {batch} where a > b",
    ],
)
def test_any_other_form_is_asked_as_it_stands(query: str) -> None:
    assert in_sql._of_rows(query) is None


def test_rules_in_one_scan_find_the_rows_that_each_finds_by_itself() -> None:
    rules = [
        rule(f"select row_number, a from {{batch}} where {condition}", f"rule {n}")
        for n, condition in enumerate(["a > b", "a is null", "b = 'c'", "b is null or a = b"])
    ]
    with duckdb.connect() as con:
        con.execute("create table rows_of (row_number integer, a varchar, b varchar)")
        con.executemany("insert into rows_of values (?, ?, ?)", ROWS)
        alone = [
            {n for n, _ in con.execute((one.query or "").format(batch="rows_of")).fetchall()}
            for one in rules
        ]
        together = con.execute(in_sql.broken_by_any(rules).format(batch="rows_of")).fetchall()
        [found] = con.execute(in_sql.found_by(rules).format(batch="rows_of")).fetchall()
    assert {n for (n,) in together} == set[int]().union(*alone) == {2, 3, 4}
    assert found == tuple(bool(rows) for rows in alone) == (True, True, False, True)


def test_most_rules_of_our_contracts_that_ask_rows_are_asked_in_one_scan() -> None:
    queries = {
        each.query for name in (*TABLES, *AGENCY_TABLES, *FEEDS) for each in load(name).rules
        if each.query is not None
    }  # fmt: skip
    of_rows = [query for query in queries if in_sql._of_rows(query)]
    assert len(of_rows) > len(queries) // 3
