"""The microdata store, and its sole writer. Analysts only; pages never open it.

One DuckDB file in the data folder. A load is read, checked and then promoted in one short
transaction together with its log, so that the vault holds all of a file or nothing of it. The
batch id follows from table and content, so that a load that was cut off can be repeated.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import duckdb

from iomdash import settings
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import AGENCY_TABLES, TABLES, Contract
from iomdash.errors import ContractBroken, EnvironmentFault, Unconfirmed, UsageError
from iomdash.intake import messages, pseudonyms, screening, shape, staging
from iomdash.intake.contracts import checking, lists
from iomdash.intake.contracts.checked import Checked
from iomdash.intake.feeds import FEEDS, entry
from iomdash.intake.sources import header
from iomdash.intake.sources.raw import AS_IT_IS, Options
from iomdash.vault import connection, kept, log, reading, tables
from iomdash.vault.connection import connected, made, rewrite, transaction
from iomdash.vault.lock import PATIENCE, lock_for, signed_in
from iomdash.vault.log import Loaded
from iomdash.vault.reader import key_of


def silent(_stage: str) -> None:
    """Nothing, for whoever wants to hear of no stage."""


def not_stored(file: str, fault: duckdb.Error) -> EnvironmentFault:
    """The error of a sound file for which there is no room."""
    return EnvironmentFault(
        f"{file} is sound but could not be stored; nothing was loaded. "
        f"Check the space on the disk, then load it again. ({fault})"
    )


class Vault:
    """The vault open for writing, by one process at a time."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, lock: IO[str], key: bytes, folder: Path
    ) -> None:
        self.connection = con
        screening.enable(con)
        self.folder = folder
        self._lock = lock
        self._key = key

    @classmethod
    def open(cls, data_dir: Path | str) -> Self:
        """The vault of a data folder, made where there is none.

        Raises EnvironmentFault where another process writes, the file is damaged, or the key of
        its pseudonyms is not there.
        """
        folder = Path(data_dir)
        made(folder)
        lock = lock_for(folder, wait=PATIENCE)
        try:
            connection.sweep(folder)
            kept.settle_locked(folder)
            con = connected(folder / settings.VAULT_FILE, read_only=False)
            os.chmod(folder / settings.VAULT_FILE, 0o600)
            tables.prepare(con)
            key = key_of(con, folder)
            with transaction(con):
                con.execute("insert or ignore into key_marks values (?)", [pseudonyms.mark(key)])
        except BaseException:
            lock.close()
            raise
        return cls(con, lock, key, folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the vault back; the next writer can open it."""
        self.connection.close()
        self._lock.close()

    def load(
        self,
        table: str,
        path: Path | str,
        *,
        user: str | None = None,
        today: date | None = None,
        progress: Callable[[str], None] = silent,
        options: Options = AS_IT_IS,
    ) -> Loaded:
        """One file read, checked and stored whole, or not at all.

        `progress` is told each stage as it begins. Raises as `check` does.
        """
        checked = self.check(table, path, today=today, progress=progress, options=options)
        progress("storing")
        return self.promote(checked, user=user)

    def check(
        self,
        table: str,
        path: Path | str,
        *,
        today: date | None = None,
        progress: Callable[[str], None] = silent,
        options: Options = AS_IT_IS,
    ) -> Checked:
        """One file read and held against its contract and the rows already in the vault.

        `options` state what the file does not say of itself.

        Raises ContractBroken, Unreadable among them, with every broken cell; Unconfirmed where it
        would end more rows than `options` confirm; UsageError for an unknown table.
        """
        if table in AGENCY_TABLES:
            raise UsageError(
                f"'{table}' is filled from agencies' files. Load one of: {', '.join(FEEDS)}."
            )
        contract = header.as_called(odcs.load(table), options.columns)
        progress("reading")
        known = partial(lists.known, self.connection)
        read = reading.staged(self.connection, self.folder, path, contract, options, known)
        with read as staged:
            staged = screening.noted(staged)
            reading.refuse_known(self.connection, staged)
            shape.refuse_another(staged, contract)
            progress("checking")
            try:
                return self._checked(staged, contract, today, options.absent)
            except Unconfirmed:
                raise
            except ContractBroken as broken:
                raise messages.completed(broken, staged, contract, known) from None

    def _checked(
        self, staged: staging.Staged, contract: Contract, today: date | None, absent: int | None
    ) -> Checked:
        if contract.table not in FEEDS:
            return checking.check(self.connection, contract, staged, today=today)
        return entry.check(
            self.connection, FEEDS[contract.table], contract, staged, self._key, today=today,
            confirmed=absent,
        )  # fmt: skip

    def promote(self, checked: Checked, *, user: str | None = None) -> Loaded:
        """Cast the checked rows into their table and log the load, in one transaction.

        Raises EnvironmentFault where they cannot be stored; the vault is then as it was.
        """
        try:
            with transaction(self.connection):
                loaded = self.store(checked, user=user)
        except duckdb.Error as fault:
            raise not_stored(checked.staged.file, fault) from None
        self.release(checked)
        return loaded

    def store(self, checked: Checked, *, user: str | None = None) -> Loaded:
        """Cast the checked rows into their table and log the load, within an open transaction."""
        staged = checked.staged
        loaded = Loaded(
            batch_id=log.id_of(self.connection, staged.table, staged.sha256),
            table=staged.table,
            file=staged.file,
            rows=staged.rows.height,
            checks=len(checked.log),
            warnings=(*staged.warnings, *map(str, checked.absent)),
            loaded_at=datetime.now(UTC).replace(tzinfo=None),
            warned=checked.every_warning,
            absent=checked.absent,
            reading=staged.reading.as_json(),
        )
        self._log(loaded, checked, user or signed_in())
        for part in checked.parts or (checked,):
            self.connection.execute(_insert(part), [loaded.batch_id])
        return loaded

    def release(self, checked: Checked) -> None:
        """Let go of the rows that were checked."""
        for part in checked.parts or (checked,):
            part.forget(self.connection)

    def loads(self) -> list[Loaded]:
        """Every batch that the vault holds, oldest first."""
        rows = self.connection.execute(
            "select batch_id, table_name, file_name, row_count, checks, warnings, loaded_at, "
            "coalesce(reading, '{}') from loads where undone_at is null "
            "order by loaded_at, batch_id"
        ).fetchall()
        return [
            Loaded(a, b, c, d, e, tuple(warnings), at, reading=json.loads(reading))
            for a, b, c, d, e, warnings, at, reading in rows
        ]

    def withdraw(self, interview_id: str, *, user: str | None = None) -> int:
        """Delete an interview with all that was coded and quoted of it; the rows that went.

        It is for good: no file brings the interview back. To correct one, `replace` its batch.
        What stays is that somebody withdrew, when, and who noted it. The next release says what
        it did to the groups. Raises UsageError where the vault holds no such interview.
        """
        gone = 0
        with transaction(self.connection):
            about = [table for table in TABLES if tables.about_interviews(table)]
            kept = [tables.replaced(table) for table in about if table in tables.REPLACED]
            for table in (*kept, *reversed(about)):
                rows = self.connection.execute(
                    f"delete from {table} where interview_id = ?", [interview_id]
                ).fetchall()
                gone += int(rows[0][0])
            if not gone:
                raise UsageError(
                    f"The vault holds no interview '{interview_id}'. Check the id; nothing was "
                    "changed. Withdrawing is for good; to correct an interview, load its file "
                    "anew with: python -m iomdash load --replace"
                )
            self.connection.execute(
                "insert or replace into withdrawn values (keyed_interview(?), ?, ?)",
                [interview_id, datetime.now(UTC).replace(tzinfo=None), user or signed_in()],
            )
        self.sweep()
        return gone

    def sweep(self) -> None:
        """Make what was deleted unreadable in the file, too. Raises EnvironmentFault."""
        path = self.folder / settings.VAULT_FILE
        self.connection.close()
        try:
            rewrite(path)
        finally:
            self.connection = connected(path, read_only=False)
            pseudonyms.enable(self.connection, self._key)
            screening.enable(self.connection)

    def _log(self, loaded: Loaded, checked: Checked, user: str) -> None:
        self.connection.execute(
            "insert into loads (batch_id, table_name, file_name, sha256, row_count, loaded_at, "
            "loaded_by, checks, warnings, reading) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                loaded.batch_id, loaded.table, loaded.file, checked.staged.sha256, loaded.rows,
                loaded.loaded_at, user, loaded.checks, list(loaded.warnings),
                json.dumps(loaded.reading),
            ],
        )  # fmt: skip
        ran = zip(*(vars(check).values() for check in checked.log), strict=True)
        self.connection.execute(
            "insert into load_checks by name select ? as batch_id, unnest(?) as rule, "
            "unnest(?) as reason, unnest(?) as result, unnest(?) as severity, "
            "unnest(?) as broken, unnest(?) as implied_by",
            [loaded.batch_id, *(list(check) for check in ran)],
        )


def _insert(checked: Checked) -> str:
    return (
        f"insert into {checked.contract.stored} by name "
        f"select *, cast(? as varchar) as batch_id from ({cast_rows(checked)})"
    )


def cast_rows(checked: Checked) -> str:
    """The query of the rows that were checked, as the vault keeps them."""
    cells = ", ".join(
        f"cast({column.name} as {column.sql_type}) as {column.name}"
        for column in checked.contract.columns
    )
    return f"select {cells} from {checked.stage}"
