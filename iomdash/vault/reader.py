"""The vault open for reading: what the builder of releases counts. Pages never open it."""

from pathlib import Path

import duckdb
import polars as pl

from iomdash import settings
from iomdash.errors import EnvironmentFault
from iomdash.intake import pseudonyms
from iomdash.vault import tables
from iomdash.vault.connection import connected


def read(data_dir: Path | str) -> duckdb.DuckDBPyConnection:
    """A read-only connection for the release builder, with the key known to its SQL.

    Raises EnvironmentFault.
    """
    path = Path(data_dir) / settings.VAULT_FILE
    if not path.exists():
        raise EnvironmentFault(f"There is no vault in {data_dir}. Load a file first.")
    con = connected(path, read_only=True)
    if tables.outdated(con):
        con.close()
        with connected(path, read_only=False) as older:
            tables.prepare(older)
        con = connected(path, read_only=True)
    try:
        key_of(con, Path(data_dir))
    except BaseException:
        con.close()
        raise
    return con


def key_of(con: duckdb.DuckDBPyConnection, folder: Path) -> bytes:
    """The key of this vault's pseudonyms, known to its SQL from now on.

    Raises EnvironmentFault where it is missing, or is not the one that made them.
    """
    path = settings.key_file()
    marks = con.execute("select mark from key_marks").fetchall()
    key = pseudonyms.key_of(path, folder, make=not marks)
    if marks and marks != [(pseudonyms.mark(key),)]:
        raise EnvironmentFault(
            f"The vault's pseudonyms were made with another key than {path}, so the same person "
            "would get a second one. Restore that key, or load every file anew into a fresh vault."
        )
    pseudonyms.enable(con, key)
    return key


def record_keys(con: duckdb.DuckDBPyConnection, person_id: pl.Series) -> pl.Series:
    """The keys of people's records, whole numbers, by a connection that knows the key."""
    con.register("whom", person_id.alias("person_id").to_frame())
    keyed = "cast('0x' || left(keyed_hash('record:' || person_id), 8) as bigint)"
    keys = con.sql(f"select {keyed} as key from whom").pl()["key"]
    con.unregister("whom")
    return keys
