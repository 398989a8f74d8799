"""What comes in: the demonstration, a check of a file, a load into the vault."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from iomdash import settings
from iomdash.cli.commands import ENTRIES_HELP, FILES_HELP, Commands, answers_json
from iomdash.cli.loaded import as_json_of, batch_of, noted, say
from iomdash.cli.options import add_engine_of_reading, add_options_of_reading, options_of
from iomdash.declared import audiences
from iomdash.errors import UsageError
from iomdash.intake.feeds import ENTRIES
from iomdash.progress import steps

if TYPE_CHECKING:  # the vault loads Great Expectations, which most commands do without
    import duckdb

    from iomdash.vault.difference import Difference
    from iomdash.vault.log import Loaded
    from iomdash.vault.replace import Correction
    from iomdash.vault.trial import File
    from iomdash.vault.writer import Vault


def add(commands: Commands) -> None:
    """The commands demo, check, load and template."""
    shown = commands.add("demo", "build the demonstration data and publish them", "demo", demo)
    shown.add_argument(
        "--remove", action="store_true", help="remove it again, where no data were collected"
    )
    check = commands.add(
        "check", "check a file against its contract and load nothing",
        "check codings batch.csv", _check,
    )  # fmt: skip
    _reads(check, "show what it would change in")
    _tries(check)
    load = commands.add(
        "load", "load files into the vault, each whole or not at all; with --replace BATCH FILE "
        "correct what was loaded",
        "load codings a.csv b.xlsx", _load,
    )  # fmt: skip
    _reads(load, "put it in place of")
    add_engine_of_reading(load)
    template = commands.add(
        "template", "write an empty file of a table, to fill in",
        "template codings spring.xlsx", _template,
    )  # fmt: skip
    template.add_argument("table", metavar="TABLE", choices=ENTRIES, help=ENTRIES_HELP)
    template.add_argument("file", metavar="FILE", type=Path, help="a new .xlsx or .csv")
    template.add_argument("--wide", action="store_true", help="codings with a column for each code")


def _reads(command: argparse.ArgumentParser, replaces: str) -> None:
    """Which files, how they are read, and the batch that one takes the place of."""
    table = command.add_argument("table", metavar="TABLE", choices=ENTRIES, help=ENTRIES_HELP)
    command.add_argument("files", metavar="FILE", type=_place, nargs="+", help=FILES_HELP)
    correction = command.add_argument(
        "--replace", metavar="BATCH", action=_Replaces,
        help=f"{replaces} a batch, whose table it has; to correct, not to withdraw",
    )  # fmt: skip
    cast("_Replaces", correction).table = table
    command.add_argument(
        "--and", dest="beside", nargs=2, action="append", default=[], metavar=("BATCH", "FILE"),
        help="with --replace: another batch and its file, put in place in the same act, all or "
        "none, as codings beside their interviews; may be repeated",
    )  # fmt: skip
    add_options_of_reading(command)
    answers_json(command)


def _tries(check: argparse.ArgumentParser) -> None:
    """What would change if files were loaded and published."""
    check.add_argument(
        "--effect",
        action="store_true",
        help="say what would change if the files were loaded and published",
    )
    check.add_argument(
        "--with", dest="others", nargs=2, action="append", default=[], metavar=("TABLE", "FILE"),
        help="with --effect: another file that would be loaded after these; may be repeated",
    )  # fmt: skip
    check.add_argument(
        "--audience",
        choices=audiences.names(),
        default=audiences.names()[0],
        help=f"with --effect: whose release is compared (default: {audiences.names()[0]})",
    )


def _place(word: str) -> Path | str:
    """A path, or an address as it is written."""
    return word if "://" in word else Path(word)


class _Replaces(argparse.Action):
    """A batch to replace: its table is known, so TABLE may be left out after it."""

    table: argparse.Action

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        self.table.nargs = "?"
        setattr(namespace, self.dest, values)


def demo(chosen: argparse.Namespace) -> None:
    """Build the demonstration in the data folder and say where its release lies; or remove it."""
    if getattr(chosen, "remove", False):  # `serve` builds it too, without this word
        from iomdash.demo import remove

        remove(chosen.data)
        print(f"The demonstration in {chosen.data} is removed: vault, ledger and releases.")
        return
    if not settings.has_data(chosen.data):
        print(f"Building the demonstration in {chosen.data}: a minute or two.", file=sys.stderr)
    from iomdash.demo import build  # slow, so after the line that says what goes on

    published = build(chosen.data)
    print(f"Release {published.number} is published in {published.folder}.")


def _check(chosen: argparse.Namespace) -> None:
    _refuse_beside(chosen)
    if chosen.effect:
        _effect(chosen)
    elif chosen.others or len(chosen.files) > 1:
        raise UsageError("Without --effect, check takes one file. Check one after the other.")
    elif chosen.replace:
        _difference(chosen)
    else:
        _sound(chosen)


def _sound(chosen: argparse.Namespace) -> None:
    from iomdash.vault import trial

    [file] = chosen.files
    with trial.vault_of(chosen.data) as vault, steps(f"Checking {file}") as progress:
        checked = vault.check(chosen.table, file, progress=progress, options=options_of(chosen))
    staged, warned = checked.staged, checked.every_warning
    if chosen.json:
        answer = {
            "table": chosen.table, "total": 0, "kinds": [], "breaks": [],
            "warnings": as_json_of(warned), "absent": as_json_of(checked.absent),
        }  # fmt: skip
        print(json.dumps({**answer, "reading": staged.reading.as_json()}))
    else:
        print(f"{file} keeps the contract of {chosen.table}. Rows: {staged.rows.height:,}.")
        for warning in (*staged.warnings, *checked.absent, *warned):
            print(warning, file=sys.stderr)


def _difference(chosen: argparse.Namespace) -> None:
    from iomdash.vault import replace
    from iomdash.vault.writer import Vault

    corrections = _corrections(chosen)
    with Vault.open(chosen.data) as vault, steps(f"Checking {_files(corrections)}") as progress:
        _same_table(vault.connection, chosen)
        differences = replace.preview(vault, corrections, progress=progress)
    if chosen.json:
        of = {"replaces": chosen.replace, "together": [batch for batch, _ in chosen.beside]}
        print(json.dumps({**of, "differences": as_json_of(differences)}))
    else:
        print("\n".join(line for difference in differences for line in difference.sentences))
        print("Nothing was changed.")


def _effect(chosen: argparse.Namespace) -> None:
    from iomdash.publishing import effect

    options = options_of(chosen)
    if chosen.replace:
        files = _replacing(chosen)
    else:
        files = [effect.File(chosen.table, file, options) for file in chosen.files]
    for table, file in chosen.others:
        if table not in ENTRIES:
            raise UsageError(f"'{table}' is no table. The tables are: {', '.join(ENTRIES)}.")
        files.append(effect.File(table, Path(file), options))
    with steps("Trying") as progress:
        releases = chosen.data / settings.RELEASES_FOLDER
        change = effect.of(chosen.data, releases, files, step=progress)
    if chosen.json:
        print(json.dumps(change.as_json(chosen.audience), indent=1, default=str))
    else:
        print("\n".join(change.sentences(chosen.audience)))


def _replacing(chosen: argparse.Namespace) -> "list[File]":
    """The files that correct batches, for a trial, each with the table of its batch."""
    from iomdash.vault import log, reader
    from iomdash.vault.trial import File

    with reader.read(chosen.data) as con:
        _same_table(con, chosen)
        return [
            File(log.held(con, each.batch).table, Path(each.path), each.options, each.batch)
            for each in _corrections(chosen)
        ]


def _corrections(chosen: argparse.Namespace) -> "list[Correction]":
    """The files in the place of batches, that of --replace first, all read alike."""
    from iomdash.vault.replace import Correction

    if len(chosen.files) != 1:
        raise UsageError("A batch is replaced by one file. Give one, and others with --and.")
    pairs = [(chosen.replace, chosen.files[0]), *((b, Path(file)) for b, file in chosen.beside)]
    return [Correction(batch, file, options_of(chosen)) for batch, file in pairs]


def _files(corrections: "Sequence[Correction]") -> str:
    return " and ".join(str(each.path) for each in corrections)


def _refuse_beside(chosen: argparse.Namespace) -> None:
    if chosen.beside and not chosen.replace:
        raise UsageError("--and names another batch that is replaced; name the first: --replace.")


def _same_table(con: "duckdb.DuckDBPyConnection", chosen: argparse.Namespace) -> None:
    from iomdash.vault import log

    table = log.held(con, chosen.replace).table
    if chosen.table not in (None, table):
        raise UsageError(f"{chosen.replace} is a batch of {table}, not of {chosen.table}.")


def _load(chosen: argparse.Namespace) -> None:
    from iomdash.vault.writer import Vault

    _refuse_beside(chosen)
    with Vault.open(chosen.data) as vault:
        if chosen.replace:
            _replace(vault, chosen)
            return
        loaded: list[Loaded] = []
        for file in chosen.files:
            with steps(f"Loading {file}") as progress:
                batch = vault.load(
                    chosen.table, file, progress=progress, options=options_of(chosen)
                )
            loaded.append(batch)
            noted(vault, chosen, batch)
            if not chosen.json:
                say(batch)  # at once: a later file that is broken leaves this one loaded
    if chosen.json:
        print(json.dumps([batch_of(batch) for batch in loaded]))


def _replace(vault: "Vault", chosen: argparse.Namespace) -> None:
    from iomdash.vault import log, replace

    corrections = _corrections(chosen)
    _same_table(vault.connection, chosen)
    shown: list[Sequence[Difference]] = []

    def show(some: "Sequence[Difference]") -> None:
        shown.append(some)
        for difference in some if not chosen.json else ():
            print(*difference.sentences, sep="\n", flush=True)

    with steps(f"Loading {_files(corrections)}") as progress:
        batches = replace.together(vault, corrections, progress=progress, show=show)
    for batch in batches:
        noted(vault, chosen, batch)
    every = {one.batch_id: str(one.replaces) for one in log.batches(vault.connection)}
    replaced = [every[batch.batch_id] for batch in batches]
    if chosen.json:
        told = [
            {**batch_of(batch), "replaces": old, "differences": as_json_of(some)}
            for batch, old, some in zip(batches, replaced, shown, strict=True)
        ]
        print(json.dumps(told))
        return
    for batch in batches:
        say(batch)
    which = "It replaces" if len(batches) == 1 else "In one act they replace"
    print(
        f"{which} {' and '.join(replaced)}. What was published stays published; the next release "
        "counts the correction, or lets it wait where it moves too few people."
    )


def _template(chosen: argparse.Namespace) -> None:
    from iomdash.intake import templates

    templates.write(chosen.table, chosen.file, wide=chosen.wide)
    print(f"The template of {chosen.table} is written to {chosen.file}.")
