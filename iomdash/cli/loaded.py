"""What is said of a batch that was loaded: in words, as JSON, and to the audit log."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from iomdash import settings

if TYPE_CHECKING:  # the vault loads Great Expectations, which most commands do without
    from iomdash.vault.log import Loaded
    from iomdash.vault.writer import Vault


class Told(Protocol):
    """Whatever says itself as JSON."""

    def as_json(self) -> Mapping[str, object]: ...


def as_json_of(values: Sequence[Told]) -> list[object]:
    """Each of some as JSON."""
    return [value.as_json() for value in values]


def noted(vault: "Vault", chosen: argparse.Namespace, batch: "Loaded") -> None:
    """For the audit log: a batch that is in, and what of it is cleared for releases."""
    from iomdash.vault import approvals

    chosen.noted["batches"] = [*chosen.noted.get("batches", []), batch.batch_id]
    approvals.note(vault.connection, settings.state_dir(chosen.data), batch)


def batch_of(loaded: "Loaded") -> dict[str, object]:
    """A batch as JSON."""
    return {
        "batch": loaded.batch_id, "file": loaded.file, "rows": loaded.rows,
        "reading": loaded.reading, "warnings": as_json_of(loaded.warned),
        "absent": as_json_of(loaded.absent),
    }  # fmt: skip


def say(batch: "Loaded") -> None:
    """A batch in words, its warnings apart."""
    print(f"{batch.file} is loaded into {batch.table} as {batch.batch_id}. Rows: {batch.rows:,}.")
    for warning in (*batch.warnings, *batch.warned):
        print(warning, file=sys.stderr)
