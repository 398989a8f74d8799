"""What would change if files were loaded and published: tried on a copy of the vault.

The copy lies in the data folder, for its owner alone, and goes by the same path as the vault:
load, publish, compare. Vault, ledger and releases are read only.
"""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb

from iomdash import settings
from iomdash.declared import audiences
from iomdash.declared.codebook import CODES
from iomdash.declared.groups import EVERYONE, Group, spoken
from iomdash.disclosure.policy import for_audience
from iomdash.errors import EnvironmentFault
from iomdash.pictures import changes, changes_json
from iomdash.publishing.publish import Step, publish
from iomdash.publishing.published import Published, needed, waits
from iomdash.release import shelf
from iomdash.release.comparison import Comparison, compare
from iomdash.release.reader import Release
from iomdash.vault import ledger, reader, trial
from iomdash.vault.lock import lock_for
from iomdash.vault.log import Loaded
from iomdash.vault.trial import File
from iomdash.vault.writer import Vault

PREFIX = ".effect-"
# Held as long as a copy is in use, so that one that was left behind is known.
IN_USE = "effect.lock"
# Codes and interviews that a sentence names; the JSON has all of them.
MOST_NAMED = 10


@dataclass(frozen=True)
class Missing:
    """A wave, or a cohort of one, with too few interviews to be shown by itself."""

    group: Group
    n: int
    missing: int

    def __str__(self) -> str:
        group = self.group
        where = f"{spoken(group)} in wave {group.wave}" if group.filtered else f"Wave {group.wave}"
        has = "1 interview" if self.n == 1 else f"{self.n} interviews"
        return f"{where} has {has}: {needed(self.missing)} before it may be shown by itself."


@dataclass(frozen=True)
class Effect:
    """What loading and publishing some files would do.

    `comparisons` hold the release that each audience has now against the one that would come, by
    audience; none where nothing is published yet, or nothing would change (`published.made`).
    `unused` are codes with no coding at all, `uncoded` interviews without any.
    """

    loaded: tuple[Loaded, ...]
    published: Published
    comparisons: Mapping[str, Comparison]
    missing: tuple[Missing, ...]
    unused: tuple[str, ...]
    uncoded: tuple[str, ...]

    def sentences(self, audience: str) -> Sequence[str]:
        """What one audience would see change, and what an analyst should know, a line each."""
        return (*self._outcome(audience), *self._figures(audience), *self._else())

    def notes(self, audience: str) -> Sequence[str]:
        """The same without the figures that change, for whoever shows those as a table."""
        return (*self._outcome(audience), *self._else())

    def _else(self) -> Sequence[str]:
        retired = self.published.retired if self.published.made else ()
        return (
            *(f"Release {number} would be retired." for number in retired),
            *map(waits, self.published.waiting),
            *map(str, self.missing),
            *_named("Codes never used", self.unused),
            *_named("Interviews without codings", self.uncoded),
            "Nothing was loaded and nothing published.",
        )

    def _outcome(self, audience: str) -> Iterator[str]:
        if not self.published.made:
            yield self.published.unchanged
        elif audience in self.comparisons:
            yield f"Loaded and published, this would be release {self.published.number}."
        else:
            yield "Nothing is published yet: this would be the first release."

    def _figures(self, audience: str) -> Sequence[str]:
        comparison = self.comparisons.get(audience)
        return () if comparison is None else changes.words(comparison)

    def as_json(self, audience: str) -> Mapping[str, object]:
        """The form that docs/findings-json.md describes."""
        comparison = self.comparisons.get(audience)
        return {
            "files": [{"table": b.table, "file": b.file, "rows": b.rows} for b in self.loaded],
            "release": self.published.number if self.published.made else None,
            "unchanged": None if self.published.made else self.published.unchanged,
            "comparison": None if comparison is None else changes_json.as_json(comparison),
            "waiting": [
                {"batch": w.batch_id, "table": w.table, "file": w.file, "group": vars(w.group),
                 "moves": w.moves, "missing": w.missing}
                for w in self.published.waiting
            ],
            "retired": list(self.published.retired),
            "missing": [
                {"group": vars(m.group), "n": m.n, "missing": m.missing} for m in self.missing
            ],
            "unused_codes": list(self.unused),
            "uncoded_interviews": list(self.uncoded),
        }  # fmt: skip


def of(
    data_dir: Path, releases: Path, files: Sequence[File], *, step: Step = lambda _: None
) -> Effect:
    """What would change if these files were loaded in turn and published.

    Raises as loading and publishing do: ContractBroken, Revealing, EnvironmentFault.
    """
    with _copied(data_dir, releases) as copy:
        with Vault.open(copy) as vault:
            done = [trial.load(vault, act, step) for act in trial.acts(files)]
        tried = copy / settings.RELEASES_FOLDER
        present = shelf.latest(tried)
        now = {} if present is None else _opened(tried, present)
        published = publish(copy, tried, step=step, without_uncoded=True)
        then = _opened(tried, published.number) if published.made else {}
        both = {name: compare(now[name], then[name]) for name in now if name in then}
        with reader.read(copy) as con:
            return Effect(
                tuple(chain(*done)),
                published,
                both,
                _missing(con),
                _unused(con),
                ledger.uncoded(con),
            )


def _opened(releases: Path, number: int) -> dict[str, Release]:
    return {
        audience: Release(shelf.path_of(releases, audience, number))
        for audience in audiences.names()
        if number in shelf.kept(releases, audience)
    }


@contextmanager
def _copied(data_dir: Path, releases: Path) -> Generator[Path]:
    """A data folder of its own with copies of vault, ledger and releases; gone afterwards."""
    if not data_dir.is_dir():
        with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
            yield Path(folder)
        return
    with closing(lock_for(data_dir)):
        _clear(data_dir)
        copy = Path(tempfile.mkdtemp(prefix=PREFIX, dir=data_dir))
        in_use = lock_for(copy, IN_USE)
        try:
            _copy(data_dir, releases, copy)
        except BaseException:
            shutil.rmtree(copy, ignore_errors=True)
            raise
    try:
        yield copy
    finally:
        in_use.close()
        shutil.rmtree(copy, ignore_errors=True)


def _clear(data_dir: Path) -> None:
    """Remove the copies of whoever was killed."""
    for left in data_dir.glob(f"{PREFIX}*"):
        try:
            lock_for(left, IN_USE).close()
        except EnvironmentFault:
            continue
        shutil.rmtree(left, ignore_errors=True)


def _copy(data_dir: Path, releases: Path, copy: Path) -> None:
    for name in (settings.VAULT_FILE, ledger.FILE):
        # What was written last may lie beside the file still.
        for path in (data_dir / name, data_dir / f"{name}.wal"):
            if path.exists():
                with path.open("rb") as source, _own(copy / path.name) as target:
                    shutil.copyfileobj(source, target)
    if releases.is_dir():
        kept = shutil.ignore_patterns(".*")
        shutil.copytree(releases, copy / settings.RELEASES_FOLDER, ignore=kept, copy_function=_link)


def _own(path: Path) -> Any:
    """A new file for its owner alone, open for writing."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _link(source: str, target: str) -> None:
    """The same file under another name: releases never change. A copy on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _missing(con: duckdb.DuckDBPyConnection) -> tuple[Missing, ...]:
    smallest = max(for_audience(audience).smallest for audience in audiences.names())
    rows = con.execute(
        "select wave, coalesce(cohort, $everyone), count(*) as n from interviews "
        "group by grouping sets ((wave), (wave, cohort)) having n < $smallest order by all",
        {"everyone": EVERYONE, "smallest": smallest},
    ).fetchall()
    return tuple(Missing(Group(wave, cohort), n, smallest - n) for wave, cohort, n in rows)


def _unused(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    used = {str(row[0]) for row in con.execute("select distinct code from codings").fetchall()}
    return tuple(code for code in CODES if code not in used)


def _named(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
        yield f"{what}: {len(names):,}: {', '.join(names[:MOST_NAMED])}{more}."
