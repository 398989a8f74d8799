"""Where the data lie and who is reading: each setting a row, with its variable and its default."""

import os
from dataclasses import dataclass
from pathlib import Path

# The folder that holds app.py, pages/ and data_contracts/: a checkout's own, or where an installed
# package keeps its copy.
_INSTALLED = Path(__file__).resolve().with_name("_project")
PROJECT = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1]
VAULT_FILE = "vault.duckdb"
RELEASES_FOLDER = "releases"


@dataclass(frozen=True)
class Setting:
    """One setting: environment variable, default, and what it is for."""

    variable: str
    default: str
    help: str

    def read(self) -> str:
        """The value of the environment variable, or the default where it is unset or empty."""
        return os.environ.get(self.variable) or self.default


DATA = Setting("IOMDASH_DATA", "data", "folder that holds the vault and the releases")
RELEASES = Setting(
    "IOMDASH_RELEASES", "", "folder of releases; default: releases/ in the data folder"
)
AUDIENCE = Setting(
    "IOMDASH_AUDIENCE", "", "whose release is shown; default: the first audience that is declared"
)

POLICY = Setting("IOMDASH_POLICY", "", "policy of disclosure control; default: the project's own")

KEY = Setting(
    "IOMDASH_KEY", "~/.config/iomdash/key", "file of the key of pseudonyms, outside the data folder"
)

PLACES = Setting(
    "IOMDASH_PLACES", "", "sites and local names of the partnership; default: the project's own"
)

SETTINGS = (DATA, RELEASES, AUDIENCE, KEY, POLICY, PLACES)


def data_dir() -> Path:
    """The folder of vault and releases, as set; it need not exist."""
    return Path(DATA.read())


def key_file() -> Path:
    """The file of the key that makes pseudonyms; it need not exist yet."""
    return Path(KEY.read()).expanduser()


def has_data(folder: Path) -> bool:
    """Whether a folder already holds a vault or a release, demonstration or not."""
    return (folder / VAULT_FILE).exists() or (folder / RELEASES_FOLDER).exists()


def releases_dir() -> Path:
    """The folder of releases. Pages know this one only, so that no path leads them to the vault."""
    return Path(RELEASES.read() or data_dir() / RELEASES_FOLDER)
