"""Rows of batches that were replaced, kept until a release counts others: how they go.

They go once that release is out. Where somebody reads the vault just then, what is owed is written
down in the data folder, and done when the vault is next opened for writing.
"""

from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import duckdb

from iomdash import settings
from iomdash.errors import EnvironmentFault
from iomdash.vault import tables
from iomdash.vault.connection import connected, rewrite
from iomdash.vault.lock import PATIENCE, lock_for

OWED = ".settling"


def owe(data_dir: Path, batches: Collection[str]) -> None:
    """Write down that what is kept of some batches is to go."""
    if batches:
        (data_dir / OWED).touch(mode=0o600)
        (data_dir / OWED).write_text("\n".join([*_owed(data_dir), *batches]))


def settle(data_dir: Path) -> bool:
    """Delete what is owed, for good; whether nothing is owed any more."""
    if not _owed(data_dir):
        return True
    try:
        with closing(lock_for(data_dir, wait=PATIENCE)):
            return settle_locked(data_dir)
    except EnvironmentFault:
        return False


def settle_locked(data_dir: Path) -> bool:
    """The same for whoever holds the vault's lock and has not opened it."""
    batches, path = _owed(data_dir), data_dir / settings.VAULT_FILE
    try:
        if batches and path.exists():
            with connected(path, read_only=False) as con:
                forget(con, batches)
            rewrite(path)
    except EnvironmentFault:
        return False
    (data_dir / OWED).unlink(missing_ok=True)
    return True


def forget(con: duckdb.DuckDBPyConnection, batches: Collection[str]) -> None:
    """Delete what is kept of batches that were replaced."""
    for table in tables.REPLACED:
        con.execute(
            f"delete from {tables.replaced(table)} where list_contains(?, batch_id)",
            [list(batches)],
        )


def _owed(data_dir: Path) -> list[str]:
    path = data_dir / OWED
    return path.read_text().split() if path.exists() else []
