# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyrage carries no types.
"""Encryption for a public key of age (age-encryption.org/v1), so that whoever keeps backups cannot
read them.
"""

from pathlib import Path
from typing import IO

import pyrage

from iomdash.errors import EnvironmentFault, UsageError

MARK = b"age-encryption.org"
PRIVATE = "AGE-SECRET-KEY-"


def require_recipient(word: str) -> None:
    """Raises UsageError for what is no public key."""
    try:
        pyrage.x25519.Recipient.from_str(word)
    except pyrage.RecipientError:
        raise UsageError(
            f"'{word}' is no public key of age, which begins with age1. Make a pair: age-keygen"
        ) from None


def encrypt(source: IO[bytes], target: IO[bytes], recipient: str) -> None:
    """Encrypt for the owner of a public key."""
    pyrage.encrypt_io(source, target, [pyrage.x25519.Recipient.from_str(recipient)])


def decrypt(source: IO[bytes], target: IO[bytes], identity: Path) -> None:
    """Decrypt with the private keys of a file.

    Raises UsageError where it holds none, EnvironmentFault where none fits or a bit was changed.
    """
    try:
        lines = [line.strip() for line in identity.read_text("utf-8").splitlines()]
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith(PRIVATE)]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        keys = []
    if not keys:
        raise UsageError(f"{identity} holds no private key of age, which begins with {PRIVATE}1.")
    try:
        pyrage.decrypt_io(source, target, keys)
    except (pyrage.DecryptError, OSError):
        raise EnvironmentFault(
            "The backup cannot be decrypted with that key, or it was changed; nothing was restored."
        ) from None
