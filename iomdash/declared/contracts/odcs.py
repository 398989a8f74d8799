"""Contracts as data: the files in data_contracts/ read into tables, columns and rules."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml
from open_data_contract_standard.model import (
    DataQuality,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)
from pydantic import ValidationError

from iomdash import settings
from iomdash.declared.contracts import absence, columns, relations, rules, standard
from iomdash.declared.contracts.absence import Absence
from iomdash.declared.contracts.quality import Quality
from iomdash.declared.contracts.relations import Reference
from iomdash.declared.contracts.rules import Rule
from iomdash.declared.contracts.standard import Place
from iomdash.errors import EnvironmentFault, UsageError

FOLDER = settings.PROJECT / "data_contracts"

# In the order in which they are loaded: each refers to those before it only.
TABLES = (
    "interviews", "codings", "excerpts", "approaches", "caseloads", "board_answers",
)  # fmt: skip

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
    `absence` is what becomes of rows that a later extract of the file no longer holds.
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
    references: tuple[Reference, ...]
    absence: Absence | None = None

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


def mark() -> str:
    """What tells the contracts as they stand in their files from any others."""
    digest = hashlib.sha256()
    for file in _files().values():
        digest.update(file.read_bytes())
    return digest.hexdigest()


@cache
def load(table: str) -> Contract:
    """The contract of a table. Raises UsageError for a table that has none, else as `read` does."""
    file = _files().get(table)
    if file is None:
        raise UsageError(
            f"'{table}' is no table. The tables are: {', '.join((*TABLES, *feed_names()))}."
        )
    return read(file)


def read(file: Path) -> Contract:
    """The contract in a file. Raises EnvironmentFault where a key of it is not kept here."""
    document = _document(file)
    schemas = document.schema_ or []
    if len(schemas) != 1:
        raise Place(file.name, path=("schema",)).wrong("it has several tables.", "Give one a file.")
    schema, described = schemas[0], document.description
    properties, table = schema.properties or [], schema.name or ""
    return Contract(
        table=table,
        stored=schema.physicalName or table,
        name=document.name or table,
        version=document.version or "",
        row=rules.text_of(schema.description),
        purpose=rules.text_of(described.purpose if described else None),
        limitations=rules.text_of(described.limitations if described else None),
        retention=rules.custom(schema.customProperties, "retentionClass"),
        columns=tuple(_column(field) for field in properties),
        key=rules.key_of(properties),
        rules=_rules(schema, file.name),
        references=tuple(relations.references(schema, properties)),
        absence=absence.of(schema, Place(file.name)),
    )


def _document(file: Path) -> OpenDataContractStandard:
    """The file as the standard has it, every key of it being one that is kept or mere words."""
    try:
        # The standard's own reader is written in Python throughout: ten times as slow.
        stated: object = yaml.load(file.read_bytes(), yaml.CSafeLoader)
        document = cast("dict[str, Any]", stated) if isinstance(stated, dict) else {}
        standard.demand(document, file.name)
        return OpenDataContractStandard(**document)
    except yaml.YAMLError as fault:
        raise EnvironmentFault(
            f"The contract {file.name} is no YAML. Correct it: {fault}"
        ) from None
    except ValidationError as faults:
        first = faults.errors()[0]
        place = Place(file.name, path=tuple(str(part) for part in first["loc"]))
        raise place.wrong(f"{first['msg']}.", "Correct it.") from None


def _rules(schema: SchemaObject, file: str) -> tuple[Rule, ...]:
    """Every rule of a table: column by column, then those of its key and of whole rows."""
    table, properties = schema.name or "", schema.properties or []
    every: list[Rule] = []
    for field in properties:
        place = Place(file, field.name or "")
        once = schema.physicalType != "file" and schema.physicalName is None
        every += columns.rules(columns.Field(table, once, field, place))
        every += _stated(table, field.name or "", field.quality, place)
    every += relations.keys(schema, properties)
    every += relations.compound_references(schema, properties)
    every += _stated(table, "", schema.quality, Place(file))
    ids = [rule.id for rule in every]
    for twice in (id for id in ids if ids.count(id) > 1):
        raise Place(file, path=("quality", "id")).wrong(
            f"two rules are called '{twice}'.", "Give each an id of its own."
        )
    return tuple(every)


def _stated(
    table: str, column: str, quality: list[DataQuality] | None, place: Place
) -> Iterator[Rule]:
    for stated in quality or []:
        yield from Quality(table, column, stated, place.under("quality")).rule()


def _column(field: SchemaProperty) -> Column:
    options = field.logicalTypeOptions or {}
    return Column(
        name=field.name or "",
        header=rules.header_of(field),
        kind=_KINDS[field.logicalType or ""],
        sql_type=field.physicalType or "",
        required=bool(field.required),
        classification=field.classification or "",
        description=rules.text_of(field.description),
        allowed=rules.allowed(field),
        refers_to=rules.refers_to(field),
        style=options.get("format") if field.logicalType == "date" else None,
        pattern=options.get("pattern"),
        least=options.get("minimum"),
        most=options.get("maximum"),
    )
