"""The vault's file: made, opened and written to, with nothing left behind."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from iomdash.errors import EnvironmentFault

# DuckDB would otherwise fetch extensions from the internet when a query seems to need one.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # What spills to disk may hold identifiers of a file that is being read.
    "temp_file_encryption": True,
    # DuckDB refuses to write such files without an extension that it would fetch. Its own random
    # keys are weaker, and still better than no file, or one that anybody can read.
    "force_mbedtls_unsafe": True,
}


def made(folder: Path) -> None:
    """The data folder, for its owner alone. Raises EnvironmentFault."""
    try:
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True)
    except OSError as fault:
        raise EnvironmentFault(
            f"The data folder {folder} cannot be made ({fault.strerror}). "
            "Choose another with IOMDASH_DATA, or make it."
        ) from None


def connected(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """The file, open. Raises EnvironmentFault where it is in use or damaged."""
    try:
        return quiet(duckdb.connect(str(path), read_only=read_only, config=_CONFIG))
    except duckdb.IOException as fault:
        if "lock" not in str(fault).lower():
            raise _damaged(path) from None
        raise EnvironmentFault(
            f"The vault {path} is in use by another process. Wait until it is done, then try again."
        ) from None
    except duckdb.Error:
        raise _damaged(path) from None


def quiet(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The connection without DuckDB's progress bar, which would stand in the output of --json."""
    return con.execute("set enable_progress_bar = false")


def _damaged(path: Path) -> EnvironmentFault:
    return EnvironmentFault(
        f"The vault {path} cannot be read: it is damaged or no DuckDB file. "
        "Restore it from a backup, or move it away and load the files again."
    )


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Generator[None]:
    """All of what is done within, or nothing of it."""
    con.execute("begin")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # an error may have ended the transaction already
            con.execute("rollback")
        raise
    con.execute("commit")
