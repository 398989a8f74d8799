"""Backups, and data folders made of them again."""

import argparse
from pathlib import Path

from iomdash import settings
from iomdash.access import audit_log
from iomdash.cli.commands import Commands
from iomdash.errors import UsageError
from iomdash.vault import backup as kept
from iomdash.vault.backup import Backup


def add(commands: Commands) -> None:
    """The commands backup and restore."""
    made = commands.add(
        "backup", "write vault, ledger, releases and audit log into one file, without the key",
        "backup 2026-11-27.age --to age1...", _backup,
    )  # fmt: skip
    made.add_argument("file", metavar="FILE", type=Path)
    made.add_argument("--to", metavar="AGE1...", help="public key of age that it is encrypted for")
    made.add_argument(
        "--unencrypted", action="store_true", help="leave it readable: it holds microdata"
    )
    restored = commands.add(
        "restore", "make a data folder of a backup; --data names it, and it has to be empty",
        "restore 2026-11-27.age --identity key.txt --data data", _restore,
    )  # fmt: skip
    restored.add_argument("file", metavar="FILE", type=Path)
    restored.add_argument(
        "--identity", metavar="FILE", type=Path, help="file of the private key of age"
    )


def _backup(chosen: argparse.Namespace) -> None:
    if bool(chosen.to) == chosen.unencrypted:
        raise UsageError(
            "A backup holds microdata. Give the public key that it is encrypted for "
            "(--to age1...), or say that it is not to be (--unencrypted)."
        )
    log = audit_log.path_in(settings.state_dir(chosen.data))
    held = kept.backup(chosen.data, chosen.file, recipient=chosen.to, log=log)
    how = "for the key given" if chosen.to else "NOT encrypted"
    print(f"{chosen.file} holds {_told(held)}, {how}. The key of pseudonyms is not in it.")


def _restore(chosen: argparse.Namespace) -> None:
    held = kept.restore(chosen.file, chosen.data, identity=chosen.identity)
    print(
        f"{chosen.data} holds {_told(held)} again, every sum as it was. With the same key, "
        "python -m iomdash publish now says that nothing would change."
    )


def _told(held: Backup) -> str:
    return f"{len(held.files):,} files of {held.made_at}"
