"""What comes in: the demonstration, a check of a file, a load into the vault."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from iomdash import settings
from iomdash.cli.commands import ENTRIES_HELP, FILES_HELP, Commands, answers_json
from iomdash.cli.options import add_options_of_reading, options_of
from iomdash.declared import audiences
from iomdash.errors import UsageError
from iomdash.intake.feeds import ENTRIES
from iomdash.progress import steps

if TYPE_CHECKING:  # the vault loads Great Expectations, which most commands do without
    from iomdash.vault.log import Loaded
    from iomdash.vault.replace import Difference
    from iomdash.vault.writer import Vault


class Told(Protocol):
    """Whatever says itself as JSON."""

    def as_json(self) -> Mapping[str, object]: ...


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
    command.add_argument("files", metavar="FILE", type=Path, nargs="+", help=FILES_HELP)
    correction = command.add_argument(
        "--replace", metavar="BATCH", action=_Replaces,
        help=f"{replaces} a batch, whose table it has; to correct, not to withdraw",
    )  # fmt: skip
    cast("_Replaces", correction).table = table
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
            "table": chosen.table, "total": 0, "breaks": [], "warnings": _as_json(warned),
            "absent": _as_json(checked.absent),
        }  # fmt: skip
        print(json.dumps({**answer, "reading": staged.reading.as_json()}))
    else:
        print(f"{file} keeps the contract of {chosen.table}. Rows: {staged.frame.height:,}.")
        for warning in (*staged.warnings, *checked.absent, *warned):
            print(warning, file=sys.stderr)


def _difference(chosen: argparse.Namespace) -> None:
    from iomdash.vault import replace
    from iomdash.vault.writer import Vault

    file = _one_file(chosen)
    with Vault.open(chosen.data) as vault, steps(f"Checking {file}") as progress:
        _same_table(vault, chosen)
        differences = replace.preview(
            vault, chosen.replace, file, progress=progress, options=options_of(chosen)
        )
    if chosen.json:
        print(json.dumps({"replaces": chosen.replace, "differences": _as_json(differences)}))
    else:
        print("\n".join(line for difference in differences for line in difference.sentences))
        print("Nothing was changed.")


def _effect(chosen: argparse.Namespace) -> None:
    from iomdash.publishing import effect

    options = options_of(chosen)
    first = [_one_file(chosen)] if chosen.replace else chosen.files
    files = [effect.File(chosen.table, file, options, chosen.replace) for file in first]
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


def _one_file(chosen: argparse.Namespace) -> Path:
    if len(chosen.files) != 1:
        raise UsageError("A batch is replaced by one file. Give one.")
    return chosen.files[0]


def _same_table(vault: "Vault", chosen: argparse.Namespace) -> None:
    from iomdash.vault import log

    table = log.held(vault.connection, chosen.replace).table
    if chosen.table not in (None, table):
        raise UsageError(f"{chosen.replace} is a batch of {table}, not of {chosen.table}.")


def _as_json(values: "Sequence[Told]") -> list[object]:
    return [value.as_json() for value in values]


def _load(chosen: argparse.Namespace) -> None:
    from iomdash.vault.writer import Vault

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
            _noted(vault, chosen, batch)
            if not chosen.json:
                _loaded(batch)  # at once: a later file that is broken leaves this one loaded
    if chosen.json:
        print(json.dumps([_batch(batch) for batch in loaded]))


def _replace(vault: "Vault", chosen: argparse.Namespace) -> None:
    from iomdash.vault import replace

    file = _one_file(chosen)
    _same_table(vault, chosen)
    differences: list[Difference] = []

    def show(some: "Sequence[Difference]") -> None:
        differences.extend(some)
        if not chosen.json:
            print(
                "\n".join(line for difference in some for line in difference.sentences), flush=True
            )

    with steps(f"Loading {file}") as progress:
        batch = replace.replace(
            vault, chosen.replace, file, progress=progress, options=options_of(chosen), show=show
        )
    _noted(vault, chosen, batch)
    if chosen.json:
        of = {"replaces": chosen.replace, "differences": _as_json(differences)}
        print(json.dumps([{**_batch(batch), **of}]))
        return
    _loaded(batch)
    print(
        f"It replaces {chosen.replace}. What was published stays published; the next release "
        "counts the correction, or lets it wait where it moves too few people."
    )


def _noted(vault: "Vault", chosen: argparse.Namespace, batch: "Loaded") -> None:
    """For the audit log: a batch that is in, and what of it is cleared for releases."""
    from iomdash.vault import approvals

    chosen.noted["batches"] = [*chosen.noted.get("batches", []), batch.batch_id]
    approvals.note(vault.connection, settings.state_dir(chosen.data), batch)


def _batch(loaded: "Loaded") -> dict[str, object]:
    return {
        "batch": loaded.batch_id, "file": loaded.file, "rows": loaded.rows,
        "reading": loaded.reading, "warnings": _as_json(loaded.warned),
        "absent": _as_json(loaded.absent),
    }  # fmt: skip


def _loaded(batch: "Loaded") -> None:
    print(f"{batch.file} is loaded into {batch.table} as {batch.batch_id}. Rows: {batch.rows:,}.")
    for warning in (*batch.warnings, *batch.warned):
        print(warning, file=sys.stderr)


def _template(chosen: argparse.Namespace) -> None:
    from iomdash.intake import templates

    templates.write(chosen.table, chosen.file, wide=chosen.wide)
    print(f"The template of {chosen.table} is written to {chosen.file}.")
