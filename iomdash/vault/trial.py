"""Files held against the vault and one another, in the order of loading, and none of it kept."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from iomdash import settings
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import TABLES
from iomdash.errors import ContractBroken
from iomdash.intake import recognition
from iomdash.intake.contracts.checked import Checked
from iomdash.intake.sources.raw import AS_IT_IS, Options
from iomdash.vault import log, replace, tables
from iomdash.vault.connection import transaction
from iomdash.vault.difference import Difference
from iomdash.vault.log import Batch, Loaded
from iomdash.vault.replace import Correction
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

    @property
    def correction(self) -> Correction:
        """The same as what takes the place of a batch."""
        return Correction(str(self.replaces), self.path, self.options)


def acts(files: Sequence[File]) -> list[list[File]]:
    """The files by acts, each of which is done whole or not at all, in the order of loading: all
    that correct batches are one.
    """
    corrections = [file for file in files if file.replaces]
    corrected = {file.table for file in corrections}
    after = [f for f in files if not f.replaces and recognition.needs(f.table) & corrected]
    first = [file for file in files if not file.replaces and file not in after]
    both = [[file] for file in first], [corrections] if corrections else [], [[f] for f in after]
    return [act for some in both for act in some]


def load(vault: Vault, act: Sequence[File], step: Step) -> tuple[Loaded, ...]:
    """Load the files of an act. Raises as `Vault.load` and `replace.together` do."""
    [first, *_] = act
    if first.replaces is None:
        return (vault.load(first.table, first.path, progress=step, options=first.options),)
    return replace.together(vault, [file.correction for file in act], progress=step)


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

    def __post_init__(self) -> None:
        # Where it was raised, all cells of the file are in memory, and would stay as long as it.
        self.error.__traceback__ = self.error.__context__ = None


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
    found: dict[File, Outcome] = {}
    with suppress(_Tried), transaction(vault.connection):
        for act in acts(files):
            found |= _outcomes(vault, act, _broken_tables(found), step)
        raise _Tried
    return [found[file] for file in files]


def _broken_tables(found: Mapping[File, Outcome]) -> set[str]:
    return {file.table for file, one in found.items() if not isinstance(one, Sound)}


def _outcomes(
    vault: Vault, act: Sequence[File], broken: set[str], step: Step
) -> Mapping[File, Outcome]:
    after = {table for file in act for table in recognition.needs(file.table) - {file.table}}
    if after & broken:
        return dict.fromkeys(act, Held(tuple(sorted(after & broken))))
    [first, *_] = act
    if first.replaces:
        return _differing(vault, act, step)
    return {first: _outcome(vault, first, step)}


def _outcome(vault: Vault, file: File, step: Step) -> Outcome:
    def named(stage: str) -> None:
        step(f"{file.path.name}: {stage}")

    try:
        checked = vault.check(file.table, file.path, progress=named, options=file.options)
        vault.store(checked)
    except ContractBroken as broken_file:
        return Broken(broken_file, _collides(vault.connection, broken_file))
    except duckdb.Error as fault:
        raise not_stored(file.path.name, fault) from None
    vault.release(checked)
    many = checked.staged.rows.height > _MANY
    return Sound(checked.without_cells() if many else checked)


def _differing(vault: Vault, act: Sequence[File], step: Step) -> Mapping[File, Outcome]:
    """Of files that correct batches, what differs; where one is broken, those behind it wait."""
    ordered = [act[at] for at in recognition.in_order([file.table for file in act])]
    shown: list[Sequence[Difference]] = []
    error = None
    try:
        replace.within(
            vault, [file.correction for file in act], progress=step, show=shown.append
        )  # fmt: skip
    except ContractBroken as broken:
        error = broken
    except duckdb.Error as fault:
        raise not_stored(", ".join(file.path.name for file in act), fault) from None
    found: dict[File, Outcome] = {
        file: Sound(None, tuple(each)) for file, each in zip(ordered, shown, strict=False)
    }
    if error is None:
        return found
    # What refers to rows that are gone is found when all of them are stored.
    blamed = next((file for file in ordered if file not in found), None) or next(
        file for file in ordered if file.table == error.table
    )
    behind = {file: Held((blamed.table,)) for file in ordered if file not in found}
    return {**found, **behind, blamed: Broken(error)}


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
