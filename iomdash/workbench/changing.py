"""A batch undone as an analyst saw it: what was named before is what goes."""

from collections.abc import Sequence
from pathlib import Path

from iomdash.errors import UsageError
from iomdash.vault import undo
from iomdash.vault.log import Batch
from iomdash.vault.writer import Vault
from iomdash.workbench.acting import noted


def undone(data_dir: Path, batch: str, named: Sequence[str]) -> tuple[Batch, ...]:
    """Take a batch out with the batches that were named as depending on it; those that went.

    Raises UsageError where others depend on it by now, or it is gone already.
    """
    with noted(data_dir, "unload", batch=batch), Vault.open(data_dir) as vault:
        hanging = {other.batch.batch_id for other in undo.dependents(vault.connection, batch)}
        if hanging != {*named}:
            raise UsageError(
                f"What depends on {batch} has changed meanwhile, so nothing was undone. Look at it "
                "again, then decide."
            )
        return undo.unload(vault, batch, with_dependents=True)
