"""What comes in: the demonstration, a check of a file, a load into the vault."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from iomdash import settings
from iomdash.cli.commands import ENTRIES, ENTRIES_HELP, FILES_HELP, Commands, answers_json
from iomdash.intake.sources.raw import ORDERS, Options
from iomdash.progress import steps

if TYPE_CHECKING:  # the vault loads Great Expectations, which most commands do without
    from iomdash.intake.contracts.checking import Warned
    from iomdash.vault.writer import Loaded


def add(commands: Commands) -> None:
    """The commands demo, check, load and template."""
    commands.add("demo", "build the demonstration data and publish them", "demo", demo)
    check = commands.add(
        "check", "check a file against its contract and load nothing",
        "check codings batch.csv", _check,
    )  # fmt: skip
    check.add_argument("table", metavar="TABLE", choices=ENTRIES, help=ENTRIES_HELP)
    check.add_argument("file", metavar="FILE", type=Path, help=FILES_HELP)
    answers_json(check)
    load = commands.add(
        "load", "load files into the vault, each whole or not at all",
        "load codings a.csv b.xlsx", _load,
    )  # fmt: skip
    load.add_argument("table", metavar="TABLE", choices=ENTRIES, help=ENTRIES_HELP)
    load.add_argument("files", metavar="FILE", type=Path, nargs="+", help=FILES_HELP)
    answers_json(load)
    for reading in (check, load):
        _add_options_of_reading(reading)
    template = commands.add(
        "template", "write an empty file of a table, to fill in",
        "template codings spring.xlsx", _template,
    )  # fmt: skip
    template.add_argument("table", metavar="TABLE", choices=ENTRIES, help=ENTRIES_HELP)
    template.add_argument("file", metavar="FILE", type=Path, help="a new .xlsx or .csv")
    template.add_argument("--wide", action="store_true", help="codings with a column for each code")


def _add_options_of_reading(command: argparse.ArgumentParser) -> None:
    command.add_argument("--sheet", metavar="NAME", help="the one sheet of a workbook to read")
    command.add_argument(
        "--days", choices=ORDERS, metavar="ORDER",
        help="how days in figures are written: day-first (3/4/2026 is 3 April) or month-first",
    )  # fmt: skip
    command.add_argument(
        "--names", type=Path, metavar="FILE.toml",
        help="what the names of Taguette's or QualCoder's export stand for",
    )  # fmt: skip


def _options(chosen: argparse.Namespace) -> Options:
    return Options(sheet=chosen.sheet, order=chosen.days, names=chosen.names)


def demo(chosen: argparse.Namespace) -> None:
    """Build the demonstration in the data folder and say where its release lies."""
    if not settings.has_data(chosen.data):
        print(f"Building the demonstration in {chosen.data}: a minute or two.", file=sys.stderr)
    from iomdash.demo import build  # slow, so after the line that says what goes on

    published = build(chosen.data)
    print(f"Release {published.number} is published in {published.folder}.")


def _check(chosen: argparse.Namespace) -> None:
    from iomdash.vault.writer import Vault

    with ExitStack() as stack:
        folder = chosen.data
        if not (folder / settings.VAULT_FILE).exists():
            folder = Path(stack.enter_context(TemporaryDirectory()))
        vault = stack.enter_context(Vault.open(folder))
        progress = stack.enter_context(steps(f"Checking {chosen.file}"))
        checked = vault.check(
            chosen.table, chosen.file, progress=progress, options=_options(chosen)
        )
    staged, warned = checked.staged, checked.every_warning
    if chosen.json:
        told = {"table": chosen.table, "total": 0, "breaks": [], "warnings": _as_json(warned)}
        print(json.dumps({**told, "reading": staged.reading.as_json()}))
    else:
        print(f"{chosen.file} keeps the contract of {chosen.table}. Rows: {staged.frame.height:,}.")
        for warning in (*staged.warnings, *warned):
            print(warning, file=sys.stderr)


def _as_json(warned: "Sequence[Warned]") -> list[object]:
    return [each.as_json() for each in warned]


def _load(chosen: argparse.Namespace) -> None:
    from iomdash.vault.writer import Vault

    loaded: list[Loaded] = []
    with Vault.open(chosen.data) as vault:
        for file in chosen.files:
            with steps(f"Loading {file}") as progress:
                batch = vault.load(chosen.table, file, progress=progress, options=_options(chosen))
            loaded.append(batch)
            if not chosen.json:
                _told(batch)  # at once: a later file that is broken leaves this one loaded
    if chosen.json:
        told = [
            {
                "batch": b.batch_id, "file": b.file, "rows": b.rows, "reading": b.reading,
                "warnings": _as_json(b.warned),
            }
            for b in loaded
        ]  # fmt: skip
        print(json.dumps(told))


def _told(batch: "Loaded") -> None:
    print(f"{batch.file} is loaded into {batch.table} as {batch.batch_id}. Rows: {batch.rows:,}.")
    for warning in (*batch.warnings, *batch.warned):
        print(warning, file=sys.stderr)


def _template(chosen: argparse.Namespace) -> None:
    from iomdash.intake import templates

    templates.write(chosen.table, chosen.file, wide=chosen.wide)
    print(f"The template of {chosen.table} is written to {chosen.file}.")
