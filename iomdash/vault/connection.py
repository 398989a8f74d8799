"""The vault's file: made, opened and written to, with nothing left behind."""

import shutil
import tempfile
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


def rewrite(path: Path) -> None:
    """Write the file anew, of what it holds now; call it while nobody has it open.

    What was deleted would otherwise stay readable in it, as DuckDB keeps the blocks for later.
    Raises EnvironmentFault where there is no room; the file is then as it was.
    """
    folder = Path(tempfile.mkdtemp(prefix=".rewriting-", dir=path.parent))
    fresh = folder / path.name
    try:
        with quiet(duckdb.connect(config=_CONFIG)) as con:
            for name, file in (("old", path), ("fresh", fresh)):
                named = str(file).replace("'", "''")
                con.execute(f"attach '{named}' as {name}")
            con.execute("copy from database old to fresh")
        fresh.chmod(0o600)
        fresh.replace(path)
    except (duckdb.Error, OSError) as fault:
        raise EnvironmentFault(
            f"The rows are deleted, but {path} could not be written anew, so they may still be "
            f"readable in it. Make room on the disk, then load or undo anything. ({fault})"
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
