"""A batch undone or replaced as an analyst saw it: what was named before is what goes."""

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from iomdash.errors import UsageError
from iomdash.vault import replace, undo
from iomdash.vault.connection import scratch
from iomdash.vault.log import Batch, Loaded
from iomdash.vault.replace import Difference
from iomdash.vault.writer import Vault


def undone(data_dir: Path, batch: str, named: Sequence[str]) -> tuple[Batch, ...]:
    """Take a batch out with the batches that were named as depending on it; those that went.

    Raises UsageError where others depend on it by now, or it is gone already.
    """
    with Vault.open(data_dir) as vault:
        hanging = {other.batch.batch_id for other in undo.dependents(vault.connection, batch)}
        if hanging != {*named}:
            raise UsageError(
                f"What depends on {batch} has changed meanwhile, so nothing was undone. Look at it "
                "again, then decide."
            )
        return undo.unload(vault, batch, with_dependents=True)


def difference(data_dir: Path, batch: str, name: str, source: IO[bytes]) -> tuple[Difference, ...]:
    """What a file would change in a batch; nothing is changed. Raises as `replace` does."""
    with _beside(data_dir, name, source) as (vault, file):
        return replace.preview(vault, batch, file)


def replaced(data_dir: Path, batch: str, name: str, source: IO[bytes]) -> Loaded:
    """A file in the place of a batch. Raises as `replace` does."""
    with _beside(data_dir, name, source) as (vault, file):
        return replace.replace(vault, batch, file)


@contextmanager
def _beside(data_dir: Path, name: str, source: IO[bytes]) -> Generator[tuple[Vault, Path]]:
    """The vault, and the file that was sent, under its own name in a folder that goes with it."""
    with Vault.open(data_dir) as vault, scratch(data_dir) as folder:
        file = folder / (Path(name).name or "file")
        source.seek(0)
        with file.open("xb") as target:
            shutil.copyfileobj(source, target)
        yield vault, file
