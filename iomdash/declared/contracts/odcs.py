"""Contracts as data: the files in data_contracts/ read into tables, columns and rules."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

from iomdash import settings
from iomdash.declared.contracts import rules
from iomdash.declared.contracts.rules import Rule
from iomdash.errors import UsageError

FOLDER = settings.PROJECT / "data_contracts"

# In the order in which they are loaded: each refers to those before it only.
TABLES = ("interviews", "codings", "excerpts", "approaches", "caseloads")

# Filled by feeds only, in any order: what an agency's file becomes.
AGENCY_TABLES = (
    "person_links", "adoptions", "offences", "arrests", "domestic_incidents", "sentences",
    "custody_spells", "appointments", "breaches", "treatments", "health_spells", "drug_tests",
    "housing_spells", "work_spells", "children_spells", "programmes", "pathway_needs",
)  # fmt: skip

EXTRACT = "extracted_on"

Kind = Literal["text", "integer", "date"]

_KINDS: dict[str, Kind] = {"string": "text", "integer": "integer", "date": "date"}


@dataclass(frozen=True)
class Column:
    """One column: `kind` is how a cell is read, `sql_type` how the vault keeps it.

    `header` is what the file calls it, which is its name except in an agency's own file, and
    `style` how that writes a day, where it writes it in a way of its own: dd-MMM-yy. `least` and
    `most` bound a whole number.
    """

    name: str
    header: str
    kind: Kind
    sql_type: str
    required: bool
    classification: str
    description: str
    allowed: tuple[str, ...]
    refers_to: str | None
    style: str | None
    pattern: str | None = None
    least: int | None = None
    most: int | None = None

    @property
    def identifies(self) -> bool:
        """Whether a direct identifier is expected here; it leaves the file as a pseudonym."""
        return self.classification == "identifier"

    @property
    def yes_or_no(self) -> bool:
        """Whether its cells answer yes or no."""
        return bool(self.allowed) and set(self.allowed) <= {"yes", "no"}

    @property
    def lower_case(self) -> bool:
        """Whether its form has small letters only, so that a capital is a slip."""
        form = self.pattern or ""
        return "a-z" in form and "A-Z" not in form and "(?i)" not in form


@dataclass(frozen=True)
class Contract:
    """What one table promises; `row` says what one row is and why it exists.

    `stored` is the vault's table of its rows: another than `table` where every extract is kept.
    """

    table: str
    stored: str
    name: str
    version: str
    row: str
    purpose: str
    limitations: str
    retention: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[Rule, ...]

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        return {column.name: column for column in self.columns}[name]


def feed_names() -> tuple[str, ...]:
    """The agencies' files that have a contract, each by its name, in alphabetical order."""
    return tuple(file.name.split(".")[0] for file in sorted((FOLDER / "feeds").glob("*.odcs.yaml")))


@cache
def _files() -> dict[str, Path]:
    tables = {name: FOLDER / f"{name}.odcs.yaml" for name in (*TABLES, *AGENCY_TABLES)}
    return tables | {name: FOLDER / "feeds" / f"{name}.odcs.yaml" for name in feed_names()}


@cache
def load(table: str) -> Contract:
    """The contract of a table. Raises UsageError for a table that has none."""
    file = _files().get(table)
    if file is None:
        raise UsageError(
            f"'{table}' is no table. The tables are: {', '.join((*TABLES, *feed_names()))}."
        )
    # The standard's own reader is written in Python throughout: ten times as slow.
    document = OpenDataContractStandard(**yaml.load(file.read_bytes(), yaml.CSafeLoader))
    schema = (document.schema_ or [])[0]
    properties = schema.properties or []
    described = document.description
    return Contract(
        table=table,
        stored=schema.physicalName or table,
        name=document.name or table,
        version=document.version or "",
        row=rules.text_of(schema.description),
        purpose=rules.text_of(described.purpose if described else None),
        limitations=rules.text_of(described.limitations if described else None),
        retention=rules.custom(schema.customProperties, "retentionClass"),
        columns=tuple(_column(each) for each in properties),
        key=rules.key_of(properties),
        rules=tuple(rules.derive(schema)),
    )


def _column(each: SchemaProperty) -> Column:
    options = each.logicalTypeOptions or {}
    return Column(
        name=each.name or "",
        header=rules.header_of(each),
        kind=_KINDS[each.logicalType or ""],
        sql_type=each.physicalType or "",
        required=bool(each.required),
        classification=each.classification or "",
        description=rules.text_of(each.description),
        allowed=rules.allowed(each),
        refers_to=rules.refers_to(each),
        style=options.get("format"),
        pattern=options.get("pattern"),
        least=options.get("minimum"),
        most=options.get("maximum"),
    )
