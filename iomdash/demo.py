"""The demonstration: the 2017 study, a synthetic wave and synthetic agencies.

All of it enters through the same doors as any data.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from iomdash import settings
from iomdash.declared import audiences
from iomdash.declared.contracts.odcs import TABLES
from iomdash.declared.sources import MADE_UP
from iomdash.errors import EnvironmentFault
from iomdash.progress import steps
from iomdash.publishing.publish import Published, publish
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.settings import RELEASES_FOLDER, has_data
from iomdash.study import STUDY_FILES, agencies, synthetic
from iomdash.vault import ledger, log, origins, reader
from iomdash.vault.lock import lock_for
from iomdash.vault.writer import Vault

USER = "demonstration"


def build(data_dir: Path) -> Published:
    """Load both waves and the agencies' files into an empty vault and publish.

    Raises EnvironmentFault where the folder holds data: a demonstration never mixes with them.
    """
    if has_data(data_dir):
        raise EnvironmentFault(
            f"{data_dir} already holds data, and the demonstration would mix with them. "
            "Give an empty folder with --data, or remove that one first."
        )
    with tempfile.TemporaryDirectory() as folder, steps("Building the demonstration") as progress:
        made, sent = synthetic.write(Path(folder)), agencies.write(Path(folder))
        with Vault.open(data_dir) as vault:
            for table in TABLES:
                for files in (STUDY_FILES, made):
                    if table in files:
                        progress(f"{table} from {files[table].name}")
                        vault.load(table, files[table], user=USER)
            for feed, extracts in sent.items():
                for file in extracts:
                    progress(file.name)
                    vault.load(feed, file, user=USER)
        return publish(data_dir, data_dir / RELEASES_FOLDER, step=progress)


def remove(data_dir: Path) -> None:
    """Remove vault, ledger and releases of a data folder that holds a demonstration only.

    Raises EnvironmentFault where anything was collected, nothing is there, or somebody writes.
    """
    with closing(lock_for(_there(data_dir))):
        _refuse_collected(data_dir)
        for folder in (settings.JOBS_FOLDER, RELEASES_FOLDER):
            shutil.rmtree(data_dir / folder, ignore_errors=True)
        # The vault last: what is left half done is known for what it was.
        for name in (ledger.FILE, settings.VAULT_FILE):
            for path in (data_dir / f"{name}.wal", data_dir / name):
                path.unlink(missing_ok=True)


def is_all(data_dir: Path) -> bool:
    """Whether a data folder holds a demonstration and nothing else, so that it may be removed."""
    return (data_dir / settings.VAULT_FILE).exists() and not any(_collected(data_dir))


def _there(data_dir: Path) -> Path:
    if not (data_dir / settings.VAULT_FILE).exists():
        raise EnvironmentFault(f"There is no demonstration in {data_dir}. Nothing was removed.")
    return data_dir


def _refuse_collected(data_dir: Path) -> None:
    if found := [*_collected(data_dir)]:
        raise EnvironmentFault(
            f"{data_dir} does not hold a demonstration alone: {'; '.join(found)}. Nothing was "
            "removed. Take single batches out with python -m iomdash unload, or start with your "
            "own data in another folder."
        )


def _collected(data_dir: Path) -> Iterator[str]:
    """What a data folder holds beside a demonstration, in words."""
    with reader.read(data_dir) as con:
        rows = origins.collected(con)
        gone = int(con.execute("select count(*) from withdrawn").fetchall()[0][0])
        built = any(batch.loaded_by == USER for batch in log.batches(con))
    if not built:
        yield "it was not built as one"
    for name, n in rows.items():
        yield f"{name.removesuffix('_log')}: {n:,} collected rows"
    if gone:
        yield f"it remembers who withdrew: {gone:,}"
    yield from _published(data_dir / RELEASES_FOLDER)


def _published(releases: Path) -> list[str]:
    """Releases whose waves hold interviews that were collected, of batches undone by now too."""
    return [
        f"release {number} has figures of collected interviews"
        for number in shelf.numbers(releases)
        if any(
            not {*wave.origins} <= MADE_UP
            for audience in audiences.names()
            if number in shelf.kept(releases, audience)
            for wave in Release(shelf.path_of(releases, audience, number)).waves
        )
    ]
