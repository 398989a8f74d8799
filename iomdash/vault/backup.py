"""One file with all that a data folder holds but the key, and a data folder made of it again.

    backup.json          what it holds: format, when, by which version, and of each file the SHA-256
    vault.duckdb ledger.duckdb releases/0001/... state/audit-log.jsonl

It is made under the vault's lock, so that it is of one moment, and encrypted for a public key of
age, as it holds microdata.
"""

import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import IO, Any

from iomdash import __version__, settings
from iomdash.access import audit_log
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.vault import age, connection, ledger
from iomdash.vault.lock import lock_for

FORMAT = 1
LIST = "backup.json"
LOG = f"{settings.STATE_FOLDER}/{audit_log.FILE}"
# Seconds to wait for whoever loads or publishes.
PATIENCE = 600.0
_LEFT = ".restoring-"


@dataclass(frozen=True)
class Backup:
    """What a file holds: when it was made (ISO 8601), by which version, and SHA-256 by path."""

    made_at: str
    version: str
    files: Mapping[str, str]


def backup(data_dir: Path, file: Path, *, recipient: str | None, log: Path) -> Backup:
    """Write a backup of a data folder, and of the audit log, encrypted for `recipient` where one
    is given. It is there whole or not at all.

    Raises EnvironmentFault where there is nothing, somebody writes for too long or there is no
    room; UsageError for a recipient that is none, or a file that exists.
    """
    if not settings.has_data(data_dir):
        raise EnvironmentFault(f"There are no data in {data_dir}. Nothing was written.")
    if file.exists():
        raise UsageError(f"{file} exists. Give another name, or move it away.")
    if recipient is not None:
        age.require_recipient(recipient)
    part = file.with_name(f".{file.name}.part")
    try:
        with closing(lock_for(data_dir, wait=PATIENCE)), connection.scratch(data_dir) as folder:
            plain = folder / "plain.tar"
            held = _written(data_dir, plain, folder, log)
            with plain.open("rb") as source, _own(part) as target:
                _through(source, target, recipient)
        part.rename(file)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise EnvironmentFault(
            f"The backup could not be written to {file} ({fault.strerror}). Make room or mend the "
            "folder's rights, then try again."
        ) from None
    return held


def _through(source: IO[bytes], target: IO[bytes], recipient: str | None) -> None:
    if recipient is None:
        shutil.copyfileobj(source, target)
    else:
        age.encrypt(source, target, recipient)
    target.flush()
    os.fsync(target.fileno())


def _written(data_dir: Path, plain: Path, folder: Path, log: Path) -> Backup:
    """Everything as one archive, its list first."""
    every = {str(path.relative_to(data_dir).as_posix()): path for path in _files(data_dir)}
    if log.exists():
        # Copied first, as it may grow meanwhile.
        every[LOG] = Path(shutil.copyfile(log, folder / "log"))
    sums = {name: _sum(path) for name, path in sorted(every.items())}
    held = Backup(datetime.now(UTC).isoformat(timespec="seconds"), __version__, sums)
    with plain.open("xb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        _add_list(archive, held)
        for name in sums:
            archive.add(every[name], name, recursive=False, filter=_plain)
    return held


def _files(data_dir: Path) -> Iterator[Path]:
    for name in (settings.VAULT_FILE, ledger.FILE):
        for path in (data_dir / name, data_dir / f"{name}.wal"):
            if path.exists():
                yield path
    releases = data_dir / settings.RELEASES_FOLDER
    for path in releases.rglob("*"):
        inside = path.relative_to(releases).parts
        if path.is_file() and not any(part.startswith(".") for part in inside):
            yield path


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _add_list(archive: tarfile.TarFile, held: Backup) -> None:
    text = json.dumps({"format": FORMAT, **vars(held)}, indent=1).encode()
    about = tarfile.TarInfo(LIST)
    about.size = len(text)
    archive.addfile(about, BytesIO(text))


def _plain(about: tarfile.TarInfo) -> tarfile.TarInfo:
    """A member without who owned it here."""
    about.uid = about.gid = 0
    about.uname = about.gname = ""
    return about


def restore(file: Path, data_dir: Path, *, identity: Path | None) -> Backup:
    """Make a data folder of a backup, with a private key of age in the file `identity` where it is
    encrypted. It is there whole, every sum checked, or not at all.

    Raises UsageError where the folder holds anything or the key is missing, EnvironmentFault where
    the file is none, is damaged or was changed.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise UsageError(f"{data_dir} is not empty. Give an empty folder with --data.")
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=_LEFT, dir=data_dir.parent))
    try:
        plain = folder / "plain.tar"
        _decrypted(file, plain, identity)
        held = _unpacked(plain, folder / "data")
        plain.unlink()
        if data_dir.exists():
            data_dir.rmdir()
        (folder / "data").rename(data_dir)
    except (OSError, tarfile.TarError) as fault:
        raise EnvironmentFault(
            f"{file} cannot be restored ({fault}); nothing was. Take another backup."
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return held


def _decrypted(file: Path, plain: Path, identity: Path | None) -> None:
    with file.open("rb") as source, _own(plain) as target:
        encrypted = source.read(len(age.MARK)) == age.MARK
        source.seek(0)
        if not encrypted:
            shutil.copyfileobj(source, target)
        elif identity is None:
            raise UsageError(
                f"{file} is encrypted. Give the file of your private key: --identity FILE"
            )
        else:
            age.decrypt(source, target, identity)


def _unpacked(plain: Path, folder: Path) -> Backup:
    folder.mkdir(mode=0o700)
    with tarfile.open(plain) as archive:
        held = _list(archive)
        missing = {*held.files}
        for about in archive:
            if about.name == LIST:
                continue
            _place(archive, about, folder, held)
            missing.discard(about.name)
    if missing:
        raise EnvironmentFault(f"The backup lacks {min(missing)}; nothing was restored.")
    return held


def _list(archive: tarfile.TarFile) -> Backup:
    first = archive.next()
    file = archive.extractfile(first) if first is not None and first.name == LIST else None
    try:
        held: dict[str, Any] = json.loads(file.read()) if file else {}
        if held.pop("format", None) == FORMAT:
            return Backup(**held)
    except (ValueError, TypeError, AttributeError):
        pass
    raise EnvironmentFault(
        "The file is no backup of this version of iomdash; nothing was restored."
    )


def _place(archive: tarfile.TarFile, about: tarfile.TarInfo, folder: Path, held: Backup) -> None:
    """Write one file where it belongs, and hold it to its sum."""
    inside = PurePosixPath(about.name)
    source = archive.extractfile(about) if about.isfile() else None
    if about.name not in held.files or ".." in inside.parts or inside.is_absolute() or not source:
        raise EnvironmentFault(f"The backup holds '{about.name}', which is no part of one.")
    path = folder / inside
    for parent in reversed(path.relative_to(folder).parents[:-1]):
        open_to_readers = str(parent).startswith(settings.RELEASES_FOLDER)
        (folder / parent).mkdir(mode=0o755 if open_to_readers else 0o700, exist_ok=True)
    with _own(path) as target:
        shutil.copyfileobj(source, target)
    if _sum(path) != held.files[about.name]:
        raise EnvironmentFault(f"The backup is damaged: {about.name}. Nothing was restored.")
    path.chmod(about.mode & 0o644 if inside.parts[0] == settings.RELEASES_FOLDER else 0o600)


def _own(path: Path) -> IO[bytes]:
    """A new file for its owner alone, open for writing."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
