"""The standard's keys: each is kept, is mere words, or is refused with file, column and key."""

import json
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from open_data_contract_standard import model

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import Contract
from iomdash.declared.contracts.standard import LEVELS, METRICS, OPERATORS
from iomdash.errors import ContractBroken, EnvironmentFault
from iomdash.intake import staging
from iomdash.intake.contracts import checking
from iomdash.intake.contracts.checked import Checked

TODAY = date(2026, 11, 1)

# What the model of the standard has at each level that is refused here, so that a version of the
# package that brings another key fails until somebody has decided what becomes of it.
REFUSED: dict[str, set[str]] = {
    "contract": {
        "customProperties", "roles", "servers", "slaDefaultElement", "slaProperties",
    },
    "description": {"customProperties"},
    "schema": {"logicalType"},
    "property": {
        "customProperties", "encryptedName", "items", "map", "partitionKeyPosition",
        "partitioned", "physicalName", "properties", "semanticType", "transformDescription",
        "transformLogic", "transformSourceObjects",
    },
    "value": {"customProperties"},
    "relationship": {"customProperties", "from"},
    "relationship of columns": set(),
    "quality/text": {
        "arguments", "customProperties", "engine", "implementation", "metric", "query", "rule",
        "schedule", "scheduler", "severity", "unit", *OPERATORS,
    },
    "quality/library": {"engine", "implementation", "query", "rule", "schedule", "scheduler"},
    "quality/sql": {
        "arguments", "engine", "implementation", "metric", "rule", "schedule", "scheduler",
    },
    "quality/custom": {
        "arguments", "metric", "query", "rule", "schedule", "scheduler", "unit", *OPERATORS,
    },
}  # fmt: skip

MODELS = {
    "contract": model.OpenDataContractStandard, "description": model.Description,
    "schema": model.SchemaObject, "property": model.SchemaProperty, "value": model.EnumValue,
    "relationship": model.Relationship, "relationship of columns": model.Relationship,
    **{level: model.DataQuality for level in LEVELS if level.startswith("quality/")},
}  # fmt: skip


def fields(level: str) -> set[str]:
    return {field.alias or name for name, field in MODELS[level].model_fields.items()}


@pytest.mark.parametrize("level", MODELS)
def test_every_key_of_the_standard_is_kept_or_words_or_refused(level: str) -> None:
    kept, words = set(LEVELS[level].kept), set(LEVELS[level].words)
    assert not kept & words
    assert kept | words | REFUSED[level] == fields(level)
    assert not (kept | words) & REFUSED[level]


def options(kind: str) -> set[str]:
    """The options of a type, from the standard's own schema."""
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())
    for part in schema["$defs"]["SchemaBaseProperty"]["allOf"]:
        for case in part.get("if", {}).get("anyOf", [part.get("if", {})]):
            if case.get("properties", {}).get("logicalType") == {"const": kind}:
                return set(part["then"]["properties"]["logicalTypeOptions"]["properties"])
    raise AssertionError(kind)


@pytest.mark.parametrize(("kind", "refused"), [
    ("string", {"format"}), ("integer", set()), ("date", set()),
])  # fmt: skip
def test_every_option_of_a_type_is_kept_or_refused(kind: str, refused: set[str]) -> None:
    assert set(LEVELS[f"options/{kind}"].kept) | refused == options(kind)


def test_every_metric_and_operator_of_the_standard_is_known() -> None:
    schema = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text())
    library = schema["$defs"]["DataQualityLibrary"]["properties"]["metric"]["enum"]
    assert set(METRICS) == set(library)
    assert set(OPERATORS) == {name for name in fields("quality/library") if name.startswith("must")}


# ------------------------------------------------------------------------------------- a contract

TEXT, NUMBER, DAY = "word", "number", "day"


def quality(kind: str, **more: Any) -> dict[str, Any]:
    remedy = {"property": "remedy", "value": "Mend it."}
    return {"id": "odd", "type": kind, "description": "It is odd.",
            "customProperties": [remedy], **more}  # fmt: skip


def document(
    column: str = "", change: dict[str, Any] | None = None, **schema: Any
) -> dict[str, Any]:
    kinds = {TEXT: "string", NUMBER: "integer", DAY: "date"}
    properties: list[dict[str, Any]] = [
        {"name": name, "logicalType": kind, "physicalType": "VARCHAR",
         **(change or {} if name == column else {})}
        for name, kind in kinds.items()
    ]  # fmt: skip
    return {"kind": "DataContract", "schema": [{"name": "odd", "properties": properties, **schema}]}


def contract(folder: Path, written: dict[str, Any]) -> Contract:
    file = folder / "odd.odcs.yaml"
    file.write_text(yaml.safe_dump(written))
    return odcs.read(file)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("create table odd (word varchar, number bigint, day date)")
        opened.execute("insert into odd values ('held', 1, '2025-01-01')")
        yield opened


def checked(
    con: duckdb.DuckDBPyConnection, folder: Path, written: dict[str, Any], rows: list[str]
) -> Checked:
    stated, file = contract(folder, written), folder / "odd.csv"
    file.write_text("\n".join(["word,number,day", *rows]) + "\n")
    done = checking.check(con, stated, staging.read(file, stated), today=TODAY)
    con.unregister(done.stage)
    return done


ROWS = ["abc,5,2025-01-01", "defgh,7,2025-06-01", "q,,", "abc,10,2026-01-01"]

# What a contract says of a column (or, of '', the table), and the lines of ROWS that break it.
# None is the file as a whole.
BROKEN: list[tuple[str, dict[str, Any], list[int | None]]] = [
    (NUMBER, {"logicalTypeOptions": {"minimum": 6}}, [2]),
    (NUMBER, {"logicalTypeOptions": {"maximum": 7}}, [5]),
    (NUMBER, {"logicalTypeOptions": {"minimum": 6, "maximum": 7}}, [2, 5]),
    (NUMBER, {"logicalTypeOptions": {"exclusiveMinimum": 5}}, [2]),
    (NUMBER, {"logicalTypeOptions": {"exclusiveMaximum": 10}}, [5]),
    (NUMBER, {"logicalTypeOptions": {"multipleOf": 5}}, [3]),
    (NUMBER, {"logicalTypeOptions": {"format": "i8"}}, []),
    (DAY, {"logicalTypeOptions": {"minimum": "2025-06-01"}}, [2]),
    (DAY, {"logicalTypeOptions": {"maximum": date(2025, 6, 1)}}, [5]),
    (DAY, {"logicalTypeOptions": {"exclusiveMinimum": "2025-01-01"}}, [2]),
    (DAY, {"logicalTypeOptions": {"exclusiveMaximum": "2026-01-01"}}, [5]),
    (TEXT, {"logicalTypeOptions": {"minLength": 3}}, [4]),
    (TEXT, {"logicalTypeOptions": {"maxLength": 3}}, [3]),
    (TEXT, {"logicalTypeOptions": {"minLength": 2, "maxLength": 3}}, [3, 4]),
    (TEXT, {"logicalTypeOptions": {"pattern": "^[a-h]{3,5}$"}}, [4]),
    (TEXT, {"unique": True}, [2, 5]),
    (TEXT, {"enum": [{"value": "abc"}, {"value": "q"}]}, [3]),
    (NUMBER, {"required": True}, [4]),
    (NUMBER, {"quality": [quality("library", metric="nullValues", mustBe=0)]}, [4]),
    (NUMBER, {"quality": [quality("library", metric="nullValues", mustBeLessThan=2)]}, []),
    (NUMBER, {"quality": [quality("library", metric="nullValues", mustBe=2)]}, [None]),
    (NUMBER, {"quality": [quality("library", metric="nullValues", mustBe=1)]}, []),
    (NUMBER, {"quality": [quality("library", metric="nullValues", unit="percent",
                                  mustBeLessOrEqualTo=24)]}, [4]),
    (NUMBER, {"quality": [quality("library", metric="nullValues", unit="percent",
                                  mustBeLessOrEqualTo=25)]}, []),
    (TEXT, {"quality": [quality("library", metric="missingValues", mustBe=0,
                                arguments={"missingValues": ["q", None]})]}, [4]),
    (TEXT, {"quality": [quality("library", metric="invalidValues", mustBe=0,
                                arguments={"validValues": ["abc", "q"]})]}, [3]),
    (TEXT, {"quality": [quality("library", metric="invalidValues", mustBe=0,
                                arguments={"pattern": "^[a-h]{3,5}$"})]}, [4]),
    (TEXT, {"quality": [quality("library", metric="duplicateValues", mustBe=0)]}, [5]),
    (TEXT, {"quality": [{k: v for k, v in quality(
        "library", metric="duplicateValues", mustBe=0).items() if k != "type"}]}, [5]),
    ("", {"quality": [quality("library", metric="duplicateValues", mustBe=0,
                              arguments={"properties": ["word"]})]}, [5]),
    ("", {"quality": [quality("library", metric="duplicateValues", mustBe=0,
                              arguments={"properties": ["word", "number"]})]}, []),
    ("", {"quality": [quality("library", metric="rowCount", mustBeGreaterThan=4)]}, [None]),
    ("", {"quality": [quality("library", metric="rowCount", mustBeGreaterThan=3)]}, []),
    *(
        (TEXT, {"quality": [quality("sql", **{operator: bound}, query=(
            "SELECT COUNT(*) FROM ${table} WHERE ${column} IS NOT NULL;"))]}, broken)
        for operator, bound, broken in (
            ("mustBe", 4, []), ("mustBe", 3, [None]), ("mustNotBe", 4, [None]),
            ("mustNotBe", 3, []), ("mustBeGreaterThan", 3, []), ("mustBeGreaterThan", 4, [None]),
            ("mustBeGreaterOrEqualTo", 4, []), ("mustBeGreaterOrEqualTo", 5, [None]),
            ("mustBeLessThan", 5, []), ("mustBeLessThan", 4, [None]),
            ("mustBeLessOrEqualTo", 4, []), ("mustBeLessOrEqualTo", 3, [None]),
            ("mustBeBetween", [4, 5], []), ("mustBeBetween", [1, 3], [None]),
            ("mustNotBeBetween", [1, 3], []), ("mustNotBeBetween", [4, 5], [None]),
        )
    ),
    ("", {"quality": [quality("sql", mustBe="abc", query="select max(word) from {batch}")]},
     [None]),
    ("", {"quality": [quality("sql", mustBe="it's {x}", query="select 'it''s {x}'")]}, []),
    ("", {"quality": [quality("sql", mustBe=1, query="select null")]}, [None]),
    ("", {"quality": [quality("sql", mustBe="2026-11-01", query="select {today}")]}, []),
    (NUMBER, {"quality": [quality("custom", engine="greatExpectations", implementation={
        "type": "expect_column_values_to_not_be_null", "kwargs": {"column": "number"}})]}, [4]),
]  # fmt: skip


def contract_with(column: str, change: dict[str, Any]) -> dict[str, Any]:
    return document(column, change) if column else document(**change)


@pytest.mark.parametrize(("column", "change", "broken"), BROKEN)
def test_what_a_contract_says_is_asked_of_every_row(
    column: str, change: dict[str, Any], broken: list[int | None],
    con: duckdb.DuckDBPyConnection, tmp_path: Path,
) -> None:  # fmt: skip
    if not broken:
        checked(con, tmp_path, contract_with(column, change), ROWS)
        return
    with pytest.raises(ContractBroken) as refused:
        checked(con, tmp_path, contract_with(column, change), ROWS)
    assert [item.row for item in refused.value.breaks] == broken, refused.value.breaks
    assert refused.value.total == len(broken)


def test_a_rule_that_is_stated_twice_is_refused(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    again = quality("custom", engine="greatExpectations", implementation={
        "type": "expect_column_values_to_not_be_null", "kwargs": {"column": "number"}})  # fmt: skip
    twice = contract_with(NUMBER, {"required": True, "quality": [again]})
    with pytest.raises(EnvironmentFault, match=r"Only 1 of 2 rules can be run.* stated twice"):
        checked(con, tmp_path, twice, ROWS)


@pytest.mark.parametrize(
    ("column", "change", "broken"), [each for each in BROKEN if "quality" in each[1]]
)
def test_as_a_warning_it_lets_the_file_in_and_is_logged_with_its_count(
    column: str, change: dict[str, Any], broken: list[int | None],
    con: duckdb.DuckDBPyConnection, tmp_path: Path,
) -> None:  # fmt: skip
    warning = {"quality": [{**change["quality"][0], "severity": "warning"}]}
    done = checked(con, tmp_path, contract_with(column, warning), ROWS)
    [check] = [item for item in done.log if item.rule == "odd.odd"]
    assert (check.severity, check.broken) == ("warning", len(broken))
    assert check.result == ("failed" if broken else "passed")
    assert [item.row for warned in done.every_warning for item in warned.breaks] == broken


def test_a_value_that_the_vault_holds_is_not_unique(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(ContractBroken, match="The vault already holds a row with this word"):
        checked(con, tmp_path, document(TEXT, {"unique": True}), ["held,1,2025-01-01"])


# ---------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("level", "key"), [(level, key) for level, keys in REFUSED.items() for key in sorted(keys)]
)
def test_a_key_that_nothing_enforces_is_refused_with_file_column_and_key(
    level: str, key: str, tmp_path: Path
) -> None:
    whole = document()
    table = whole["schema"][0]
    word = table["properties"][0]
    word["quality"], column = [], ", column 'word'"
    place: dict[str, Any]
    if level.startswith("quality/"):
        kind = level.partition("/")[2]
        stated = {"type": "x", "kwargs": {"column": "word"}}
        more = {"sql": {"query": "select 1", "mustBe": 1},
            "custom": {"engine": "greatExpectations", "implementation": stated},
            "library": {"metric": "nullValues", "mustBe": 0}, "text": {}}[kind]  # fmt: skip
        place = quality(kind, **more)
        if kind == "text":
            del place["customProperties"]
        word["quality"].append(place)
    elif level == "value":
        place = {"value": "a"}
        word["enum"] = [place]
    elif level == "relationship":
        place = {"to": "codes.id"}
        word["relationships"] = [place]
    else:
        whole["description"] = {}
        place = {"contract": whole, "description": whole["description"], "schema": table,
                 "property": word}[level]  # fmt: skip
        column = column if level == "property" else ""
    place[key] = "anything"
    with pytest.raises(EnvironmentFault) as refused:
        contract(tmp_path, whole)
    words = str(refused.value)
    assert words.startswith(f"The contract odd.odcs.yaml is wrong{column}, key '")
    assert f"{key}': nothing here enforces it" in words
    assert "Remove it" in words


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(key=st.text(min_size=1, max_size=12), level=st.sampled_from(["top", "schema", "property"]))
def test_a_key_that_the_standard_does_not_have_is_never_read_over(
    key: str, level: str, tmp_path: Path
) -> None:
    name = {"top": "contract"}.get(level, level)
    if key in {*LEVELS[name].kept, *LEVELS[name].words}:
        return
    whole = document()
    table = whole["schema"][0]
    {"top": whole, "schema": table, "property": table["properties"][0]}[level][key] = True
    with pytest.raises(EnvironmentFault, match="nothing here enforces it"):
        contract(tmp_path, whole)


@pytest.mark.parametrize(
    ("column", "change", "words"),
    [
        (NUMBER, {"logicalType": "number"}, "key 'logicalType': 'number' is not known. Give one"),
        (TEXT, {"classification": "identifer"}, "key 'classification': 'identifer' is not known"),
        (TEXT, {"logicalTypeOptions": {"minimum": 3}}, "key 'logicalTypeOptions.minimum': nothing"),
        (TEXT, {"logicalTypeOptions": {"format": "uuid"}}, "key 'logicalTypeOptions.format': noth"),
        (NUMBER, {"logicalTypeOptions": {"minimum": "ten"}}, "'ten' is no such bound. Give a num"),
        (NUMBER, {"logicalTypeOptions": {"multipleOf": 0}}, "'0' is no step. Give a number above"),
        (DAY, {"logicalTypeOptions": {"maximum": "31/12/2025"}}, "Give a day as 2025-12-31."),
        (DAY, {"logicalTypeOptions": {"format": "yyyy"}}, "'yyyy' is not known. Give one of: dd-M"),
        (TEXT, {"logicalTypeOptions": {"minLength": "3"}}, "Give a whole number of characters."),
        (TEXT, {"primaryKeyPosition": 1}, "key 'primaryKeyPosition': it stands without primaryKey"),
        (TEXT, {"relationships": [{"to": "a.b"}, {"to": "c.d"}]}, "refers to one column of one ta"),
        (TEXT, {"relationships": [{"to": "codes"}]}, "Give one, as to: table.column."),
        (TEXT, {"quality": [quality("soda")]}, "key 'quality.type': 'soda' is not known. Give one"),
        (TEXT, {"quality": [quality("sql", query="select 1")]},
         "key 'quality.mustBe': a rule has one bound. Give one of: mustBe, mustNotBe"),
        (TEXT, {"quality": [quality("sql", query="select 1", mustBe=1, mustNotBe=2)]},
         "key 'quality.mustBe and mustNotBe': a rule has one bound."),
        (TEXT, {"quality": [quality("library", metric="freshness", mustBe=1)]},
         "key 'quality.metric': 'freshness' is not known. Give one of: nullValues"),
        (TEXT, {"quality": [quality("library", metric="rowCount", mustBe=1)]},
         "rowCount is a metric of the table. Move the rule to the quality of the schema."),
        (TEXT, {"quality": [quality("library", metric="nullValues", mustBe=1,
                                    arguments={"odd": 1})]},
         "key 'quality.arguments.odd': nullValues knows no such argument. Remove it."),
        (TEXT, {"quality": [quality("library", metric="invalidValues", mustBe=1)]},
         "key 'quality.arguments': invalidValues needs one. Give one of: validValues, pattern."),
        (TEXT, {"quality": [quality("sql", query="select 1", mustBe=1, severity="info")]},
         "key 'quality.severity': 'info' is not known. Give one of: error, warning."),
        (TEXT, {"quality": [quality("sql", query="select 1", mustBe=1, id="")]},
         "key 'quality.id': it is missing. Add it."),
        (TEXT, {"quality": [quality("custom", engine="soda", implementation={"type": "x"})]},
         "key 'quality.engine': 'soda' is not known. Give one of: greatExpectations."),
        (TEXT, {"quality": [quality("custom", engine="greatExpectations", implementation={
            "type": "unexpected_rows_expectation",
            "kwargs": {"unexpected_rows_query": "select 1", "mostly": 0.9}})]},
         "key 'quality.implementation.kwargs.mostly': a rule of this type has a query"),
        (TEXT, {"quality": [quality("sql", query="select 1", mustBe=1)] * 2},
         "two rules are called 'odd.odd'. Give each an id of its own."),
        (TEXT, {"required": "perhaps"}, "key 'schema.0.properties.0.required'"),
    ],
)  # fmt: skip
def test_a_value_of_which_nothing_comes_is_refused_with_how_to_mend_it(
    column: str, change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(EnvironmentFault) as refused:
        contract(tmp_path, contract_with(column, change))
    assert words in str(refused.value)
    assert "odd.odcs.yaml" in str(refused.value)


def test_a_contract_of_two_tables_of_none_or_of_no_yaml_is_refused(tmp_path: Path) -> None:
    whole = document()
    with pytest.raises(EnvironmentFault, match="key 'schema': it has several tables"):
        contract(tmp_path, {**whole, "schema": whole["schema"] * 2})
    with pytest.raises(EnvironmentFault, match="key 'schema': it is missing"):
        contract(tmp_path, {"kind": "DataContract"})
    file = tmp_path / "odd.odcs.yaml"
    file.write_text("schema: [")
    with pytest.raises(EnvironmentFault, match=r"odd\.odcs\.yaml is no YAML"):
        odcs.read(file)
