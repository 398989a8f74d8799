"""A file as a load reads it: in memory, in pieces where it is large, or by Spark from a lake."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from iomdash.declared.contracts.odcs import Contract
from iomdash.errors import Break, ContractBroken, EnvironmentFault, UsageError
from iomdash.intake import staging
from iomdash.intake.cells import Known
from iomdash.intake.feeds import FEEDS
from iomdash.intake.sources import large
from iomdash.intake.sources.raw import Options
from iomdash.intake.staging import Staged
from iomdash.vault import spark

# What DuckDB holds at once of a file that is read in pieces; those and Python need as much more.
MOST_HELD = "900MiB"


@contextmanager
def staged(
    con: duckdb.DuckDBPyConnection, folder: Path, path: Path | str, contract: Contract,
    options: Options, known: Known,
) -> Generator[Staged]:  # fmt: skip
    """The file under the contract's names, as long as its cells may be asked for.

    Raises Unreadable, and UsageError where Spark is to read what is no agency's extract.
    """
    if options.engine == "spark":
        if contract.table not in FEEDS:
            raise UsageError(
                f"Spark reads agencies' extracts, and {contract.table} is none. "
                "Leave out --engine spark."
            )
        with (
            _room_for(str(path)), _held_back(con),
            spark.extract(con, folder, str(path), contract) as table,
        ):  # fmt: skip
            yield staging.in_pieces(table, contract, options, known, con)
    elif contract.table in FEEDS and large.is_large(Path(path)):
        with _room_for(str(path)), _held_back(con):
            yield staging.read_large(path, contract, options, known, con)
    else:
        yield staging.read(path, contract, options, known)


@contextmanager
def _room_for(file: str) -> Generator[None]:
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as fault:
        raise EnvironmentFault(
            f"There is no room for what was read of {file}; nothing was loaded. "
            f"Make some on the disk of the data folder, then load it again. ({fault})"
        ) from None


@contextmanager
def _held_back(con: duckdb.DuckDBPyConnection) -> Generator[None]:
    [(before,)] = con.execute("select current_setting('memory_limit')").fetchall()
    con.execute(f"set memory_limit = '{MOST_HELD}'")
    try:
        yield
    finally:
        con.execute(f"set memory_limit = '{before}'")


def refuse_known(con: duckdb.DuckDBPyConnection, staged: Staged) -> None:
    """Raises ContractBroken where the same content was loaded before."""
    known = con.execute(
        "select batch_id, file_name, loaded_at from loads "
        "where table_name = ? and sha256 = ? and undone_at is null",
        [staged.table, staged.sha256],
    ).fetchall()
    for batch, name, at in known:
        why = (
            f"The same content was loaded on {at:%d/%m/%Y at %H:%M} UTC from '{name}' as batch "
            f"{batch}."
        )
        once = Break(staged.file, None, None, None, why, "Nothing needs to be done.")
        raise ContractBroken(staged.table, [once])
