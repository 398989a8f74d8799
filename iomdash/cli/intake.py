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
from iomdash.progress import steps

if TYPE_CHECKING:  # the vault loads Great Expectations, which most commands do without
    from iomdash.intake.contracts.checking import Warned
    from iomdash.vault.writer import Loaded


def add(commands: Commands) -> None:
    """The commands demo, check and load."""
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
        checked = vault.check(chosen.table, chosen.file, progress=progress)
    staged, warned = checked.staged, checked.every_warning
    if chosen.json:
        told = {"table": chosen.table, "total": 0, "breaks": [], "warnings": _as_json(warned)}
        print(json.dumps(told))
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
                batch = vault.load(chosen.table, file, progress=progress)
            loaded.append(batch)
            if not chosen.json:
                _told(batch)  # at once: a later file that is broken leaves this one loaded
    if chosen.json:
        told = [
            {"batch": b.batch_id, "file": b.file, "rows": b.rows, "warnings": _as_json(b.warned)}
            for b in loaded
        ]
        print(json.dumps(told))


def _told(batch: "Loaded") -> None:
    print(f"{batch.file} is loaded into {batch.table} as {batch.batch_id}. Rows: {batch.rows:,}.")
    for warning in (*batch.warnings, *batch.warned):
        print(warning, file=sys.stderr)
