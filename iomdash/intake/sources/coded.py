"""Exports of coded passages (Taguette, QualCoder), as codings under our own codes.

A TOML file says whose names stand for what:

    coder = "ab"                          # or a column of the export, under [columns]
    coded_on = "12/03/2026"               # where it is known
    [columns]                             # Taguette's, unless stated
    document = "document"
    tag = "tag"
    [documents]
    "First interview.docx" = "S26-001"    # a name that is an id already needs no line
    [codes]
    "Likes it" = "scheme.positive"        # says yes
    "Dislikes it" = "scheme.positive:no"
    "memo" = ""                           # left out

The passages themselves are not kept.
"""

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import polars as pl

from iomdash.declared.codebook import STANCES
from iomdash.errors import UsageError
from iomdash.intake.sources.header import column_name
from iomdash.intake.sources.matrix import code_of
from iomdash.intake.sources.raw import Raw

_MARK = ":"


@dataclass(frozen=True)
class Names:
    """What the names of an export stand for; `columns` are headers as `column_name` gives them."""

    coder: str | None = None
    coded_on: str | None = None
    columns: dict[str, str] = field(default_factory=dict[str, str])
    documents: dict[str, str] = field(default_factory=dict[str, str])
    codes: dict[str, str] = field(default_factory=dict[str, str])


def names_of(path: Path) -> Names:
    """The names in a TOML file. Raises UsageError."""
    try:
        stated = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        why = getattr(fault, "strerror", None) or "it is no text in UTF-8"
        raise UsageError(f"The names {path} cannot be read ({why}). Check the file.") from None
    except tomllib.TOMLDecodeError as fault:
        raise UsageError(f"The names {path} are no TOML: {fault}. Mend the line.") from None
    except RecursionError:
        raise UsageError(f"The names {path} are nested too deeply. Write them flat.") from None
    tables = {name: _table(path, name, stated.pop(name, {})) for name in _TABLES}
    words = {name: stated.pop(name, None) for name in ("coder", "coded_on")}
    if stated:
        raise UsageError(
            f"The names {path} hold '{next(iter(stated))}', which means nothing here. "
            f"They may hold: coder, coded_on, {', '.join(_TABLES)}."
        )
    if not all(word is None or isinstance(word, str) for word in words.values()):
        raise UsageError(f"The names {path} give a coder or day that is no text. Quote it.")
    for name, code in tables["codes"].items():
        _refuse_unknown(path, name, code)
    return Names(words["coder"], words["coded_on"], **tables)


_TABLES = ("columns", "documents", "codes")


def _table(path: Path, name: str, stated: object) -> dict[str, str]:
    pairs: dict[str, Any] = cast("dict[str, Any]", stated) if isinstance(stated, dict) else {"": 0}
    if not all(isinstance(value, str) for value in pairs.values()):
        raise UsageError(f'The names {path} need lines as "theirs" = "ours" under [{name}].')
    return pairs


def _refuse_unknown(path: Path, name: str, code: str) -> None:
    begin, _, stance = code.partition(_MARK)
    if code and (code_of(begin) is None or (stance or "yes") not in STANCES):
        raise UsageError(
            f"The names {path} say that '{name}' is '{code}', which the codebook does not know. "
            "Write a code, or a code with its stance, as scheme.positive:no."
        )


def as_codings(raw: Raw, names: Names) -> Raw:
    """One coding for each document and code; raises UsageError where a column is missing."""
    if "coder" not in names.columns and names.coder is None:
        raise UsageError('The names do not say who coded. Add a line as coder = "ab".')
    wanted = {"document": "document", "tag": "tag", **names.columns}
    cells = raw.frame.select("row_number", *(_column(raw, what, wanted[what]) for what in wanted
                                             if what in ("document", "tag", "coder")))  # fmt: skip
    rows: dict[tuple[str | None, ...], int] = {}
    passages = 0
    for row, of, what, *who in cells.iter_rows():
        code, stance = _coded(what, names)
        if code == "":
            continue
        passages += 1
        key = (names.documents.get(of or "", of), code, stance, who[0] if who else names.coder)
        rows.setdefault(key, row)
    frame = pl.DataFrame(
        [(row, *key, names.coded_on) for key, row in rows.items()],
        schema={"row_number": pl.UInt32, "interview_id": pl.String, "code": pl.String,
                "stance": pl.String, "coder": pl.String, "coded_on": pl.String},
        orient="row",
    )  # fmt: skip
    words = (
        f"{passages:,} coded passages became {frame.height:,} codings; the passages are not kept."
    )
    reading = replace(raw.reading, notes=(*raw.reading.notes, words))
    return Raw(frame, reading)


def _column(raw: Raw, what: str, stated: str) -> str:
    headers = {column_name(header): header for header in raw.frame.columns[1:]}
    if column_name(stated) not in headers:
        raise UsageError(
            f"The export has no column '{stated}' for the {what}. "
            f'Name it under [columns], as {what} = "its header".'
        )
    return headers[column_name(stated)]


def _coded(tag: str | None, names: Names) -> tuple[str | None, str]:
    """The code and stance of a tag; '' for one that is left out, the tag where it is unknown."""
    ours = names.codes.get(tag or "", tag)
    if not ours:
        return ours, "yes"
    begin, _, stance = ours.partition(_MARK)
    known = code_of(begin)
    return (known, stance or "yes") if known else (ours, "yes")
