"""How files are to be read, as options of a command."""

import argparse
from pathlib import Path

from iomdash import settings
from iomdash.intake.sources.raw import MOST_ABOVE, ORDERS, Options


def add_options_of_reading(command: argparse.ArgumentParser) -> None:
    """Add the options of a command that reads files."""
    command.add_argument("--sheet", metavar="NAME", help="the one sheet of a workbook to read")
    command.add_argument(
        "--days", choices=ORDERS, metavar="ORDER",
        help="how days in figures are written: day-first (3/4/2026 is 3 April) or month-first",
    )  # fmt: skip
    command.add_argument(
        "--header", metavar="ROW", type=_row, help="the row in which the header stands"
    )
    command.add_argument(
        "--column", dest="columns", type=_pair, action="append", default=[], metavar="OURS=THEIRS",
        help="the header under which the file has a column of the contract; may be repeated",
    )  # fmt: skip
    command.add_argument(
        "--names", type=Path, metavar="FILE.toml",
        help="what the names of Taguette's or QualCoder's export stand for",
    )  # fmt: skip
    command.add_argument(
        "--value", dest="values", type=_value, action="append", default=[],
        metavar="COLUMN:OURS=THEIRS",
        help="what the file writes for a value of a column's list; may be repeated",
    )  # fmt: skip
    command.add_argument(
        "--yes-absent", dest="absent", type=_rows, metavar="N",
        help="of an agency's file: N rows that it no longer holds are over, where so many would "
        "end that it may be a part of an extract",
    )  # fmt: skip


def add_engine_of_reading(command: argparse.ArgumentParser) -> None:
    """Add which engine reads an agency's extract."""
    command.add_argument(
        "--engine", choices=settings.ENGINES, default=settings.ENGINES[0],
        help="spark: FILE is Parquet, one file or a folder of them, also s3a://...",
    )  # fmt: skip


def options_of(chosen: argparse.Namespace) -> Options:
    """What was chosen of them."""
    return Options(
        chosen.sheet, chosen.days, chosen.names, chosen.header, tuple(chosen.columns),
        tuple(chosen.values), chosen.absent, getattr(chosen, "engine", settings.ENGINES[0]),
    )  # fmt: skip


def _pair(word: str) -> tuple[str, str]:
    ours, sign, theirs = word.partition("=")
    if not (ours and sign and theirs):
        raise argparse.ArgumentTypeError(f"'{word}' is no pair; write interview_id='Interview No'")
    return ours, theirs


def _value(word: str) -> tuple[str, str, str]:
    column, sign, pair = word.partition(":")
    if not (column and sign):
        raise argparse.ArgumentTypeError(f"'{word}' names no column; write cohort:PPO=Prolific")
    return (column, *_pair(pair))


def _rows(word: str) -> int:
    if not (word.isdigit() and int(word)):
        raise argparse.ArgumentTypeError(f"'{word}' is no number; give that of the message")
    return int(word)


def _row(word: str) -> int:
    if not (word.isdigit() and 0 < int(word) <= MOST_ABOVE):
        raise argparse.ArgumentTypeError(
            f"'{word}' is no row; give a number from 1 to {MOST_ABOVE}"
        )
    return int(word)
