# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# PyArrow carries no types.
"""A whole release as a folder of tables with a `datapackage.json`, CSV or Parquet, in one ZIP.

The tables are those of the release of one audience, which holds what that audience is shown and
nothing else, with whom they count and why a figure is not shown in words. Source of the form:
Frictionless, Data Package and Table Schema.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.parquet as pq

from iomdash.declared.agencies import BY_ID
from iomdash.declared.reasons import Reason
from iomdash.exports.tidy import csv_file
from iomdash.pictures.theme import BAND, SHOWN, WITHHELD, Row
from iomdash.release.memo import remembered
from iomdash.release.reader import Release

CSV, PARQUET = FORMS = ("csv", "parquet")
DESCRIPTOR = "datapackage.json"
# The manifest is the descriptor; of which release the records of a group are is no figure.
_NOT_TABLES = ("manifest", "recorded_versions")
_REASONS = ("hidden", "untold", "why")
_AGENCIES = "recorded_"
_NAMES = {"x": "numerator", "n": "base", "yes": "numerator"}
_TYPES = (
    (bool, "boolean"), (int, "integer"), (float, "number"), (datetime, "datetime"), (date, "date"),
)  # fmt: skip


def tables(release: Release) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every table of a release as tidy rows, by name; empty ones are left out."""
    names = release.rows("select table_name as it from duckdb_tables() order by 1")
    for name in (str(row["it"]) for row in names):
        if name not in _NOT_TABLES and (rows := release.table(name)):
            yield name, [_tidy(release, name, row) for row in rows]


def _tidy(release: Release, table: str, row: Row) -> dict[str, Any]:
    """A row with the release and its origin, the share where it is one, its state and reason."""
    named = {**row}
    renamed = _renamed(named)
    share = renamed.get("base") and renamed.get("numerator") is not None
    out = {
        "release": release.number, "audience": release.manifest["audience"]["name"],
        **_origin(release, table, named), **renamed,
    }  # fmt: skip
    if {"numerator", "base"} <= renamed.keys():
        out["share"] = round(renamed["numerator"] / renamed["base"], 6) if share else None
    state, reason = _state(release, table, named)
    return {name: _flat(value) for name, value in {**out, "state": state, "reason": reason}.items()}


def _state(release: Release, table: str, row: Row) -> tuple[str, str]:
    """Whether a row's figure is shown, and in words why not, or how far to trust it."""
    why = [release.words(Reason(v)) for k in _REASONS if (v := row.get(k)) in _CODES]
    if table in _RECONSTRUCTED and row["wave"] in _open_waves(release):
        return "reconstructed", "; ".join([*why, OPEN])
    if row.get("hidden") is not None:
        return WITHHELD, "; ".join(why)
    return (BAND if row.get("band") else SHOWN), "; ".join(why)


def _open_waves(release: Release) -> set[str]:
    return {wave.id for wave in release.waves if wave.reconstructed}


# Tables whose counts the project had to choose where a wave is known from print alone.
_RECONSTRUCTED = ("codes", "pairs")
OPEN = "chosen by the project where the source leaves it open: read the table stated"
_CODES = {reason.value for reason in Reason}


def _renamed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Columns under the names of tidy files: a numerator and its base, or a count alone."""
    counted = "x" in row or "yes" in row
    return {
        (_NAMES.get(name, name) if counted else "count" if name == "n" else name): value
        for name, value in row.items()
        if name not in _REASONS
    }


def _origin(release: Release, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Whether what a row tells was made up, where that is of its wave or of its measure."""
    if "origin" in row or "origins" in row:
        return {}
    measure = str(row.get("measure") or table.removeprefix(_AGENCIES))
    if dated := release.recorded_dates.get(_measure_of(table, measure)):
        return {"origin": dated["origin"], "data_to": dated["data_to"]}
    waves = {wave.id: ", ".join(wave.origins) for wave in release.waves}
    return {"origin": waves[str(row["wave"])]} if row.get("wave") in waves else {}


_DERIVED = {
    "offending_rates": "offending", "offending_ratios": "offending", "median_waits": "waits",
    "reoffending_shares": "reoffending",
}  # fmt: skip


def _measure_of(table: str, measure: str) -> str:
    base = _DERIVED.get(table, measure)
    return base if base in BY_ID else measure


def _flat(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else value


@remembered(len(FORMS))
def zipped(release: Release, form: str) -> bytes:
    """The whole release as one ZIP of CSVs or of Parquet files, with its descriptor."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as zip:
        for name, content in files(release, form):
            zip.writestr(f"{folder(release)}/{name}", content)
    return file.getvalue()


def folder(release: Release) -> str:
    """The name of a release's folder: its number, audience and whether any of it was made up."""
    made_up = any(wave.synthetic for wave in release.waves) or any(
        dated["origin"] == "synthetic" for dated in release.recorded_dates.values()
    )
    audience = release.manifest["audience"]["name"]
    return f"iomdash_release-{release.number}_{audience}{'_SYNTHETIC' if made_up else ''}"


def files(release: Release, form: str) -> Iterator[tuple[str, bytes]]:
    """Every file of the folder, the descriptor last."""
    resources: list[dict[str, Any]] = []
    for name, rows in tables(release):
        columns = list(dict.fromkeys(column for row in rows for column in row))
        whole = [{column: row.get(column) for column in columns} for row in rows]
        content = csv_file(whole) if form == CSV else _parquet(whole)
        resources.append(_resource(name, whole, form, len(content)))
        yield f"{name}.{form}", content
    yield DESCRIPTOR, json.dumps(_descriptor(release, resources), indent=1).encode()


def _parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([*map(dict, rows)]), file)
    return file.getvalue()


def _resource(name: str, rows: Sequence[Mapping[str, Any]], form: str, size: int) -> dict[str, Any]:
    about = {
        "name": name, "path": f"{name}.{form}", "bytes": size, "format": form,
        "title": _title(name),
    }  # fmt: skip
    if form == PARQUET:
        return {**about, "mediatype": "application/vnd.apache.parquet"}
    fields = [{"name": column, "type": _type(rows, column)} for column in rows[0]]
    return {
        **about, "mediatype": "text/csv", "encoding": "utf-8", "profile": "tabular-data-resource",
        "schema": {"fields": fields, "missingValues": [""]},
    }  # fmt: skip


def _title(name: str) -> str:
    measure = BY_ID.get(name.removeprefix(_AGENCIES))
    return measure.title if measure else name.replace("_", " ").capitalize()


def _type(rows: Sequence[Mapping[str, Any]], column: str) -> str:
    """The type of a column's values by Table Schema; of mixed numbers, number."""
    types = {type(row[column]) for row in rows} - {type(None)}
    kinds = {_kind(each) for each in types}
    if len(kinds) > 1:
        return "number" if kinds <= {"integer", "number"} else "string"
    return kinds.pop() if kinds else "string"


def _kind(of: type) -> str:
    return next((name for kind, name in _TYPES if issubclass(of, kind)), "string")


def _descriptor(release: Release, resources: list[dict[str, Any]]) -> dict[str, Any]:
    manifest = release.manifest
    return {
        "profile": "data-package",
        "name": folder(release).lower(),
        "title": f"Release {release.number} of iomdash, for {manifest['audience']['who']}",
        "description": (
            "Protected figures only. What is withheld stands as withheld, with the reason. "
            + (" ".join(f"Wave {w.label}." for w in release.waves))
        ),
        "created": manifest["published_at"],
        "release": release.number,
        "audience": manifest["audience"]["name"],
        "data_to": manifest["data_to"],
        "policy": {k: v for k, v in manifest["policy"].items() if isinstance(v, int)},
        "resources": resources,
    }
