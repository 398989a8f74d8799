"""What was loaded and may be taken out again: the log of loads, and a batch undone."""

import argparse
import json

from iomdash.cli.commands import Commands, answers_json


def add(commands: Commands) -> None:
    """The commands loads and unload."""
    loads = commands.add(
        "loads", "list every batch that was loaded, and what became of it", "loads", _loads
    )
    answers_json(loads)
    unload = commands.add(
        "unload", "take a batch out again; its file may be loaded another time (an interviewee who "
        "takes back their consent is no batch: withdraw)",
        "unload codings-3faa849aa55a9cc8", _unload,
    )  # fmt: skip
    unload.add_argument("batch", metavar="BATCH", help="its name, as load and loads tell it")
    unload.add_argument(
        "--with-dependents", action="store_true",
        help="undo the batches, too, that cannot stay without it; they are named first otherwise",
    )  # fmt: skip
    answers_json(unload)


def _loads(chosen: argparse.Namespace) -> None:
    from iomdash.vault import log, reader

    with reader.read(chosen.data) as con:
        batches = log.batches(con)
    if chosen.json:
        print(json.dumps([batch.as_json() for batch in batches], indent=1))
        return
    for batch in batches:
        print(batch)
    if not batches:
        print("Nothing was loaded yet.")


def _unload(chosen: argparse.Namespace) -> None:
    from iomdash.vault import undo
    from iomdash.vault.writer import Vault

    with Vault.open(chosen.data) as vault:
        gone = undo.unload(vault, chosen.batch, with_dependents=chosen.with_dependents)
    if chosen.json:
        print(json.dumps([batch.as_json() for batch in gone], indent=1))
        return
    for batch in gone:
        print(f"{batch.batch_id} ({batch.file}) is undone: its rows are out of {batch.table}.")
    print(
        "The log keeps that it was loaded, and its file may be loaded again. What was published "
        "stays published; the next release does without it."
    )
