"""The vault's file: made, opened and written to, with nothing left behind."""

import shutil
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import duckdb

from iomdash.errors import EnvironmentFault
from iomdash.vault.lock import BETWEEN, PATIENCE

# Folders of whoever holds the vault's lock, with files that hold microdata.
SCRATCH = ".rewriting-"
# What DuckDB says where a file is open already: in another process, or in this one.
_BUSY = ("set lock on file", "different configuration", "unique file handle")

T = TypeVar("T")

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
        return quiet(_patiently(lambda: _read(path) if read_only else _written(path)))
    except duckdb.Error as fault:
        if not _busy(fault):
            raise _damaged(path) from None
        raise EnvironmentFault(
            f"The vault {path} is in use by another process. Wait until it is done, then try again."
        ) from None


def _written(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), config=_CONFIG)


def _read(path: Path) -> duckdb.DuckDBPyConnection:
    """The file in an instance of its own: connections to one file share theirs, functions too, and
    the first reader of a server that is done would take them from the others.
    """
    con = duckdb.connect(config=_CONFIG)
    try:
        con.execute(f"set temp_directory = {_quoted(f'{path}.tmp')}")
        con.execute(f"attach {_quoted(str(path))} as {path.stem} (read_only)")
        return con.execute(f"use {path.stem}")
    except duckdb.Error:
        con.close()
        raise


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _patiently(open_: Callable[[], T]) -> T:
    """Open a file, waiting a moment for whoever has it open: a page reads for less than that."""
    last = time.monotonic() + PATIENCE
    while True:
        try:
            return open_()
        except duckdb.Error as fault:
            if not _busy(fault) or time.monotonic() > last:
                raise
        time.sleep(BETWEEN)


def _busy(fault: duckdb.Error) -> bool:
    return any(words in str(fault).lower() for words in _BUSY)


@contextmanager
def scratch(folder: Path) -> Generator[Path]:
    """A folder for its owner alone beside the vault, gone afterwards. For whoever holds the lock:
    what a killed process left is gone when the vault is next opened for writing.
    """
    made = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=folder))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def left(folder: Path) -> list[Path]:
    """The folders of `scratch` that are there."""
    return [*folder.glob(f"{SCRATCH}*")]


def sweep(folder: Path) -> None:
    """Remove what killed processes left; for whoever holds the lock."""
    for place in left(folder):
        shutil.rmtree(place, ignore_errors=True)


def rewrite(path: Path) -> None:
    """Write the file anew, of what it holds now; call it while nobody has it open.

    What was deleted would otherwise stay readable in it, as DuckDB keeps the blocks for later.
    Raises EnvironmentFault where there is no room; the file is then as it was.
    """
    try:
        with scratch(path.parent) as folder:
            fresh = folder / path.name
            with quiet(duckdb.connect(config=_CONFIG)) as con:
                for name, file in (("old", path), ("fresh", fresh)):
                    attach = f"attach {_quoted(str(file))} as {name}"
                    _patiently(lambda attach=attach: con.execute(attach))
                con.execute("copy from database old to fresh")
            fresh.chmod(0o600)
            fresh.replace(path)
    except (duckdb.Error, OSError) as fault:
        raise EnvironmentFault(
            f"The rows are deleted, but {path} could not be written anew, so they may still be "
            f"readable in it. Make room on the disk, then load or undo anything. ({fault})"
        ) from None


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
