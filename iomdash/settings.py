"""Where the data lie and who is reading: each setting a row, with its variable and its default."""

import os
from dataclasses import dataclass
from pathlib import Path

from iomdash.errors import EnvironmentFault

# The folder that holds app.py, pages/ and data_contracts/: a checkout's own, or where an installed
# package keeps its copy.
_INSTALLED = Path(__file__).resolve().with_name("_project")
PROJECT = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1]
VAULT_FILE = "vault.duckdb"
RELEASES_FOLDER = "releases"
JOBS_FOLDER = ".jobs"


@dataclass(frozen=True)
class Setting:
    """One setting: environment variable, default, what it is for, and whether it is a path that
    is made absolute when it is read, as `serve` changes the folder.
    """

    variable: str
    default: str
    help: str
    is_path: bool = False

    def read(self) -> str:
        """The value of the environment variable, or the default where it is unset or empty."""
        value = os.environ.get(self.variable) or self.default
        return str(Path(value).expanduser().absolute()) if self.is_path and value else value


# Stays as it is written, for messages to name it so; it goes into commands as an option.
DATA = Setting("IOMDASH_DATA", "data", "folder that holds the vault and the releases")
RELEASES = Setting(
    "IOMDASH_RELEASES",
    "",
    "folder of releases; default: releases/ in the data folder",
    is_path=True,
)
AUDIENCE = Setting(
    "IOMDASH_AUDIENCE", "", "whose release is shown; default: the first audience that is declared"
)

POLICY = Setting(
    "IOMDASH_POLICY", "", "policy of disclosure control; default: the project's own", is_path=True
)

KEY = Setting(
    "IOMDASH_KEY", "~/.config/iomdash/key",
    "file of the key of pseudonyms, outside the data folder", is_path=True,
)  # fmt: skip

PLACES = Setting(
    "IOMDASH_PLACES", "", "sites and local names of the partnership; default: the project's own",
    is_path=True,
)  # fmt: skip

PARTNERSHIP = Setting(
    "IOMDASH_PARTNERSHIP", "Sandwell IOM", "the partnership's name, above every page"
)

BASE_PATH = Setting(
    "IOMDASH_BASE_PATH", "", "where the site begins, such as /iom, behind a server of more sites"
)

ENGINES = ("duckdb", "spark")
ENGINE = Setting("IOMDASH_ENGINE", ENGINES[0], "what counts agencies' records: duckdb, or spark")
SPARK = Setting(
    "IOMDASH_SPARK", "local[*]", "where Spark counts: local[*], or a master, spark://host:7077"
)

SETTINGS = (
    DATA, RELEASES, AUDIENCE, KEY, POLICY, PLACES, PARTNERSHIP, BASE_PATH, ENGINE, SPARK,
)  # fmt: skip


def inherited() -> dict[str, str]:
    """The environment for a program that starts in another folder: paths that are set, absolute."""
    paths = {s.variable: s.read() for s in SETTINGS if s.is_path and os.environ.get(s.variable)}
    return {**os.environ, **paths}


def engine() -> str:
    """What counts agencies' records, one of ENGINES. Raises EnvironmentFault."""
    if (name := ENGINE.read()) not in ENGINES:
        raise EnvironmentFault(
            f"{ENGINE.variable} is '{name}'. Set it to one of {', '.join(ENGINES)}, or unset it."
        )
    return name


def data_dir() -> Path:
    """The folder of vault and releases, as set; it need not exist."""
    return Path(DATA.read())


def key_file() -> Path:
    """The file of the key that makes pseudonyms; it need not exist yet."""
    return Path(KEY.read())


def has_data(folder: Path) -> bool:
    """Whether a folder already holds a vault or a release, demonstration or not."""
    return (folder / VAULT_FILE).exists() or (folder / RELEASES_FOLDER).exists()


def releases_dir() -> Path:
    """The folder of releases. Pages know this one only, so that no path leads them to the vault."""
    return Path(RELEASES.read() or data_dir() / RELEASES_FOLDER)
