"""Made-up agencies, drawn from a seed: each file in its agency's own form, labelled synthetic.

They have the flaws that real files have: rows sent twice, late corrections, open spells, people
in two cohorts at different times, a provider renamed. All parameters stand in agencies.toml.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import Column
from iomdash.intake.days import STYLES
from iomdash.study import records

WORKBOOKS = ("iom_caseload", "probation_assessments", "housing_stays", "programme_places")
# Cells that say how something ended stand and fall with the day on which it did.
_ENDINGS = {"de_selected": "reason", "exit_date": "exit_reason", "discharged": "discharge_reason"}
_ISO = ("mental_health_care", "probation_sentences", "probation_custody")


@cache
def parameters() -> Mapping[str, Any]:
    """The whole of agencies.toml."""
    file = Path(__file__).with_name("agencies.toml")
    return tomllib.loads(file.read_text("utf-8"))


def write(
    folder: Path, *, people: int | None = None, seed: int | None = None
) -> dict[str, list[Path]]:
    """Write each agency's files, an earlier extract and the last; files by feed.

    The same number and seed give the same rows. Both default to those of agencies.toml. A feed
    without a row gets no file: few people may bring no event of a kind.
    """
    known = parameters()
    dice = np.random.default_rng(known["seed"] if seed is None else seed)
    frames = records.drawn(dice, people or known["people"], known)
    return {
        feed: _extracts(folder, feed, frame, dice) for feed, frame in frames.items() if frame.height
    }


def _extracts(folder: Path, feed: str, last: pl.DataFrame, dice: np.random.Generator) -> list[Path]:
    known, contract = parameters(), odcs.load(feed)
    days = [c.name for c in contract.columns if c.kind == "date" and not c.identifies]
    taken, happened = days[-1], [day for day in days[:-1] if day in last.columns]
    main = next((day for day in happened if last[day].null_count() == 0), happened[0])
    early = _early(last, main, happened, dice)
    files: list[Path] = []
    for frame, day in ((early, known["early_extract"]), (last, known["last_day"])):
        if frame.height:
            sent = _sent(frame, dice).with_columns(
                pl.lit(day).alias(taken), origin=pl.lit("synthetic")
            )
            files.append(_written(folder / f"synthetic_{feed}_{day:%Y-%m}", feed, sent))
    return files


def _early(
    last: pl.DataFrame, main: str, happened: list[str], dice: np.random.Generator
) -> pl.DataFrame:
    """What was known at the earlier extract, with some days off by a few, put right later."""
    day = parameters()["early_extract"]
    known = last.filter(pl.col(main) <= day)
    later = {name: pl.when(pl.col(name) <= day).then(pl.col(name)) for name in happened}
    ended = [
        pl.when(pl.col(end) <= day).then(pl.col(how)).alias(how)
        for end, how in _ENDINGS.items()
        if end in last.columns
    ]
    wrong = pl.Series(dice.random(known.height) < parameters()["flaws"]["corrected"])
    slip = pl.when(wrong).then(pl.col(main).dt.offset_by("-3d")).otherwise(pl.col(main))
    return known.with_columns(*ended, **later).with_columns(slip.alias(main))


def _sent(frame: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    twice = pl.Series(dice.random(frame.height) < parameters()["flaws"]["sent_twice"])
    return pl.concat([frame, frame.filter(twice)])


def _written(path: Path, feed: str, frame: pl.DataFrame) -> Path:
    """The file in its agency's form: its headers, its way to write a day, CSV or workbook."""
    contract, book = odcs.load(feed), feed in WORKBOOKS
    columns = [column for column in contract.columns if column.name in frame.columns]
    sheet = frame.select(_cell(column, feed, book=book) for column in columns)
    if book:
        path = path.with_suffix(".xlsx")
        sheet.write_excel(path)
    else:
        path = path.with_suffix(".csv")
        sheet.write_csv(path)
    return path


def _cell(column: Column, feed: str, *, book: bool) -> pl.Expr:
    cell = pl.col(column.name)
    if column.kind == "date" and not book:
        plain = "%Y-%m-%d" if feed in _ISO else "%d/%m/%Y"
        cell = cell.dt.to_string(STYLES[column.style] if column.style else plain)
    return cell.alias(column.header)
