"""Batches corrected by other files: old rows out and new ones in, all of it in one transaction.

Correcting is not withdrawing: an interview keeps its id, and counts as the same interview. Of a
batch that the last release counted, the vault keeps the old rows until a release counts the new
ones: a correction of few people waits, as every small batch does, and theirs must not go missing.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from iomdash.errors import Break, ContractBroken, UsageError
from iomdash.intake import recognition
from iomdash.intake.contracts.checked import Checked
from iomdash.intake.sources.raw import AS_IT_IS, Options
from iomdash.vault import difference, ledger, log, tables, undo
from iomdash.vault.connection import transaction
from iomdash.vault.difference import Difference
from iomdash.vault.lock import signed_in
from iomdash.vault.log import Batch, Loaded
from iomdash.vault.writer import Vault, not_stored, silent


@dataclass(frozen=True)
class Correction:
    """A file that takes the place of a batch, and how it is read."""

    batch: str
    path: Path | str
    options: Options = AS_IT_IS


# Called with what differs in each batch, in the order of loading.
Show = Callable[[Sequence[Difference]], None]


class _Shown(Exception):
    """Ends the transaction of a preview."""


def preview(
    vault: Vault, corrections: Sequence[Correction], *, today: date | None = None,
    progress: Callable[[str], None] = silent,
) -> tuple[Difference, ...]:  # fmt: skip
    """What files would change in batches; nothing is changed. Raises as `together` does."""
    differences: list[Difference] = []
    with suppress(_Shown), _stored(corrections), transaction(vault.connection):
        within(vault, corrections, today=today, progress=progress, show=differences.extend)
        raise _Shown
    return tuple(differences)


def replace(
    vault: Vault, batch: str, path: Path | str, *, user: str | None = None,
    today: date | None = None, options: Options = AS_IT_IS,
    progress: Callable[[str], None] = silent, show: Show = lambda _: None,
) -> Loaded:  # fmt: skip
    """One file in the place of a batch, as `together` does it; what was loaded."""
    [loaded] = together(
        vault, [Correction(batch, path, options)], user=user, today=today, progress=progress,
        show=show,
    )  # fmt: skip
    return loaded


def together(
    vault: Vault, corrections: Sequence[Correction], *, user: str | None = None,
    today: date | None = None, progress: Callable[[str], None] = silent,
    show: Show = lambda _: None,
) -> tuple[Loaded, ...]:  # fmt: skip
    """Files in the place of batches, all of them or none; what was loaded, in the order of loading.

    `show` gets the differences before anything is kept, and may raise to stop. Raises as
    `Vault.check` does, ContractBroken too where something refers to rows that no file has, and
    UsageError where the vault does not hold a batch or a file is not of its table; every old batch
    then stays as it was.
    """
    with _stored(corrections), transaction(vault.connection):
        loaded = within(
            vault, corrections, user=user, today=today, progress=progress, show=show
        )  # fmt: skip
    vault.sweep()
    return loaded


@contextmanager
def _stored(corrections: Sequence[Correction]) -> Generator[None]:
    try:
        yield
    except duckdb.Error as fault:
        files = ", ".join(Path(each.path).name for each in corrections)
        raise not_stored(files, fault) from None


def within(
    vault: Vault, corrections: Sequence[Correction], *, user: str | None = None,
    today: date | None = None, progress: Callable[[str], None] = silent,
    show: Show = lambda _: None,
) -> tuple[Loaded, ...]:  # fmt: skip
    """The same within an open transaction, which is to be rolled back where this raises."""
    con, who = vault.connection, user or signed_in()
    pairs = _paired(con, corrections)
    counted = ledger.counted(vault.folder)
    every: list[Checked] = []
    loaded: list[Loaded] = []
    try:
        for _, old in reversed(pairs):
            _set_aside(con, old)
        for new, old in pairs:
            step = _named(progress, new) if len(pairs) > 1 else progress
            every.append(
                vault.check(old.table, new.path, today=today, progress=step, options=new.options)
            )
            show(difference.of(con, old, every[-1]))
            step("storing")
            loaded.append(vault.store(every[-1], user=who))
            log.mark_gone(con, old.batch_id, who, loaded[-1].batch_id)
        log.mark_together(con, [each.batch_id for each in loaded])
        _refuse_hanging(con, every)
        for _, old in pairs:
            _keep(con, old, counted=old.batch_id in counted)
        return tuple(loaded)
    finally:
        for checked in every:
            with suppress(duckdb.Error):  # it may be in a transaction that cannot go on
                vault.release(checked)


def _named(progress: Callable[[str], None], new: Correction) -> Callable[[str], None]:
    return lambda stage: progress(f"{Path(new.path).name}: {stage}")


def _paired(
    con: duckdb.DuckDBPyConnection, corrections: Sequence[Correction]
) -> list[tuple[Correction, Batch]]:
    """Each correction and its batch, in the order of loading. Raises UsageError."""
    held = [log.held(con, each.batch) for each in corrections]
    for place, batch in enumerate(held):
        if batch in held[:place]:
            raise UsageError(
                f"{batch.batch_id} is named twice, and one file takes the place of a batch; "
                "nothing was changed."
            )
    pairs = list(zip(corrections, held, strict=True))
    if len(pairs) > 1:
        for new, old in pairs:
            _refuse_another_table(new, old)
    return [pairs[at] for at in recognition.in_order([batch.table for batch in held])]


def _refuse_another_table(new: Correction, old: Batch) -> None:
    """Raises UsageError for a file that was given to the batch of another table, by its headers."""
    if new.options.columns or new.options.names:
        return  # its headers are none of ours
    path = Path(new.path)
    likely = recognition.recognised(path).tables
    if likely and old.table not in likely:
        raise UsageError(
            f"{path.name} has the headers of {likely[0]}, and {old.batch_id} is a batch of "
            f"{old.table}. Give each batch the file that corrects it; nothing was changed."
        )


def _set_aside(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Move the rows of a batch into temporary tables."""
    for contract in tables.filled(batch.table):
        con.execute(
            f"create or replace temp table {difference.old(contract.stored, batch)} as "
            f"from {contract.stored} where batch_id = ?",
            [batch.batch_id],
        )
    undo.take_out(con, batch)


def _keep(con: duckdb.DuckDBPyConnection, batch: Batch, *, counted: bool) -> None:
    """Keep the old rows of a batch that counted in a release, and let go of all others."""
    for table in (contract.stored for contract in tables.filled(batch.table)):
        if counted and table in tables.REPLACED:
            con.execute(
                f"insert into {tables.replaced(table)} by name from {difference.old(table, batch)}"
            )
        con.execute(f"drop table {difference.old(table, batch)}")


def _refuse_hanging(con: duckdb.DuckDBPyConnection, every: Sequence[Checked]) -> None:
    files = {checked.staged.table: checked.staged.file for checked in every}
    hanging = [one for one in undo.hanging_rows(con) if one.of in files]
    breaks = [
        Break(
            files[one.of], None, one.columns, one.cells,
            f"The file has it no more, and rows of {one.table} refer to it: {one.rows:,}.",
            "Keep the row; or correct the batch that refers to it in the same act; or unload the "
            "batches that refer to it first (python -m iomdash unload names them). If the "
            "interviewee takes back their consent, that is no correction: run python -m iomdash "
            "withdraw.",
        )
        for one in hanging
    ]  # fmt: skip
    if breaks:
        raise ContractBroken(hanging[0].of, breaks)
