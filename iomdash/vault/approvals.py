"""Excerpts that a second person has cleared for releases, in the audit log as they come in."""

from pathlib import Path

import duckdb

from iomdash.access import audit_log
from iomdash.vault.lock import signed_in
from iomdash.vault.log import Loaded

TABLE = "excerpts"


def note(con: duckdb.DuckDBPyConnection, state: Path, batch: Loaded) -> None:
    """Write how many excerpts of a batch are cleared, where some are. Who read them stands in the
    vault. Raises EnvironmentFault where the log cannot be written.
    """
    if batch.table != TABLE:
        return
    [(cleared,)] = con.execute(
        f"select count(*) from {TABLE} where batch_id = ? and cleared = 'yes'", [batch.batch_id]
    ).fetchall()
    if cleared:
        audit_log.record(state, "approve", signed_in(), batch=batch.batch_id, excerpts=cleared)
