"""Files held against the vault and one another, in the order of loading, and none of it kept."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from iomdash import settings
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import TABLES
from iomdash.errors import ContractBroken
from iomdash.intake.contracts.checking import Checked
from iomdash.intake.sources.raw import AS_IT_IS, Options
from iomdash.vault import log, replace, tables
from iomdash.vault.connection import transaction
from iomdash.vault.log import Batch, Loaded
from iomdash.vault.replace import Difference
from iomdash.vault.writer import Vault, not_stored, silent

Step = Callable[[str], None]
# Rows of which a page that stays open is not to keep the cells.
_MANY = 100_000


@dataclass(frozen=True)
class File:
    """A file that would be loaded into a table, in the place of a batch where it `replaces` one."""

    table: str
    path: Path
    options: Options = AS_IT_IS
    replaces: str | None = None

    def load(self, vault: Vault, step: Step) -> Loaded:
        """Load it. Raises as `Vault.load` and `replace` do."""
        if self.replaces is None:
            return vault.load(self.table, self.path, progress=step, options=self.options)
        return replace.replace(vault, self.replaces, self.path, progress=step, options=self.options)


@dataclass(frozen=True)
class Sound:
    """A file that no rule refuses; of one that replaces a batch, what differs instead."""

    checked: Checked | None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Broken:
    """A file that its contract refuses. `collides` are the batches that hold keys of its rows,
    the one with most of them first: it may be a correction of one.
    """

    error: ContractBroken
    collides: tuple[Batch, ...] = ()


@dataclass(frozen=True)
class Held:
    """A file that was not checked, as it refers to tables whose own files are broken."""

    after: tuple[str, ...]


Outcome = Sound | Broken | Held


class _Tried(Exception):
    """Ends the transaction of a trial."""


@contextmanager
def vault_of(data_dir: Path) -> Generator[Vault]:
    """The vault of a data folder; where it has none, an empty one that is gone afterwards."""
    if (data_dir / settings.VAULT_FILE).exists():
        with Vault.open(data_dir) as vault:
            yield vault
        return
    with TemporaryDirectory() as folder, Vault.open(folder) as vault:
        yield vault


def check(vault: Vault, files: Sequence[File], *, step: Step = silent) -> list[Outcome]:
    """What becomes of each file, those before it taken for loaded; nothing of it is kept.

    Raises as `Vault.check` does where it is no fault of a file.
    """
    found: list[Outcome] = []
    with suppress(_Tried), transaction(vault.connection):
        for file in files:
            found.append(_outcome(vault, file, _broken_tables(files, found), step))
        raise _Tried
    return found


def _broken_tables(files: Sequence[File], found: Sequence[Outcome]) -> set[str]:
    done = zip(files, found, strict=False)
    return {file.table for file, one in done if not isinstance(one, Sound)}


def _outcome(vault: Vault, file: File, broken: set[str], step: Step) -> Outcome:
    after = {each.table for each in odcs.load(file.table).references} & (broken - {file.table})
    if after:
        return Held(tuple(sorted(after)))

    def named(stage: str) -> None:
        step(f"{file.path.name}: {stage}")

    try:
        if file.replaces:
            return _differing(vault, file, file.replaces, named)
        checked = vault.check(file.table, file.path, progress=named, options=file.options)
        vault.store(checked)
    except ContractBroken as broken_file:
        collides = () if file.replaces else _collides(vault.connection, broken_file)
        return Broken(broken_file, collides)
    except duckdb.Error as fault:
        raise not_stored(file.path.name, fault) from None
    vault.release(checked)
    many = checked.staged.rows.height > _MANY
    return Sound(checked.without_cells() if many else checked)


def _differing(vault: Vault, file: File, batch: str, step: Step) -> Sound:
    differences: list[Difference] = []
    replace.within(
        vault, batch, file.path, progress=step, options=file.options, show=differences.extend
    )
    return Sound(None, tuple(differences))


def _collides(con: duckdb.DuckDBPyConnection, broken: ContractBroken) -> tuple[Batch, ...]:
    """The batches of the table that hold keys which the file brings again."""
    if broken.table not in (*TABLES, *odcs.feed_names()):
        return ()
    filled = tables.filled(broken.table)
    taken = {r.reason for each in filled for r in each.rules if r.id.endswith(".key.new")}
    keys = [b.value.casefold() for b in broken.breaks if b.rule in taken and b.value is not None]
    if not keys and not any(b.rule in taken for b in broken.breaks):
        return ()
    hits: dict[str, int] = {}
    for each in filled:
        for batch, rows in con.execute(
            f"select batch_id, count(*) from {each.stored} "
            f"where list_contains(?, lower(cast({each.key[0]} as varchar))) group by batch_id",
            [keys],
        ).fetchall():
            hits[str(batch)] = hits.get(str(batch), 0) + int(rows)
    loaded = [b for b in log.batches(con) if b.table == broken.table and b.state == "loaded"]
    nearest = [(hits.get(batch.batch_id, 0), batch.loaded_at, batch) for batch in loaded]
    return tuple(batch for *_, batch in sorted(nearest, key=lambda each: each[:2], reverse=True))
