"""Where data lie, who signs in and what a server allows: each setting a row, with its variable, its
default and what it is for. One file of settings may hold them all; the environment goes before it.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from iomdash.errors import EnvironmentFault, UsageError

# The folder that holds app.py, pages/ and data_contracts/: a checkout's own, or where an installed
# package keeps its copy.
_INSTALLED = Path(__file__).resolve().with_name("_project")
PROJECT = _INSTALLED if _INSTALLED.is_dir() else _INSTALLED.parents[1]
VAULT_FILE = "vault.duckdb"
RELEASES_FOLDER = "releases"
STATE_FOLDER = "state"
JOBS_FOLDER = ".jobs"
PREFIX = "IOMDASH_"


@dataclass(frozen=True)
class Setting:
    """One setting: environment variable, default, what it is for, and whether it is a path that
    is made absolute when it is read, as `serve` changes the folder. `about` is the part of the
    document under which it stands, `least` and `most` bound a number.
    """

    variable: str
    default: str
    help: str
    is_path: bool = False
    about: str = "Data"
    least: int | None = None
    most: int | None = None

    @property
    def key(self) -> str:
        """Its name in the file of settings."""
        return self.variable.removeprefix(PREFIX).lower()

    def read(self) -> str:
        """The value of the environment variable, else of the file of settings, else the default;
        empty counts as unset. Raises UsageError where the file cannot be read.
        """
        value = os.environ.get(self.variable) or self._filed() or self.default
        return str(Path(value).expanduser().absolute()) if self.is_path and value else value

    def _filed(self) -> str:
        return "" if self is FILE else str(filed().get(self.key, ""))

    def number(self) -> int:
        """The value as a whole number. Raises UsageError for a word or one out of bounds."""
        word, least, most = self.read(), self.least or 0, self.most
        if not word.isdecimal() or int(word) < least or (most is not None and int(word) > most):
            bounds = f"from {least:,}" + (f" to {most:,}" if most else "")
            raise UsageError(f"{self.variable} is '{word}'. Set it to a whole number {bounds}.")
        return int(word)

    def yes(self) -> bool:
        """Whether it is switched on. Raises UsageError for any word but yes and no."""
        word = self.read().lower()
        if word not in ("", "no", "yes"):
            raise UsageError(f"{self.variable} is '{word}'. Set it to yes or no.")
        return word == "yes"


# Stays as it is written, for messages to name it so; it goes into commands as an option.
DATA = Setting("IOMDASH_DATA", "data", "folder that holds the vault and the releases")
RELEASES = Setting(
    "IOMDASH_RELEASES",
    "",
    "folder of releases; default: releases/ in the data folder",
    is_path=True,
)
AUDIENCE = Setting(
    "IOMDASH_AUDIENCE", "",
    "whose release is shown first where nobody signs in; default: the first audience that is "
    "declared",
)  # fmt: skip

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

ENGINES = ("duckdb", "spark")
ENGINE = Setting("IOMDASH_ENGINE", ENGINES[0], "what counts agencies' records: duckdb, or spark")
SPARK = Setting(
    "IOMDASH_SPARK", "local[*]", "where Spark counts: local[*], or a master, spark://host:7077"
)

FILE = Setting(
    "IOMDASH_SETTINGS", "", "file of settings (TOML); in the environment only", is_path=True
)
STATE = Setting(
    "IOMDASH_STATE", "",
    "folder of the audit log and of who is signed in; default: state/ in the data folder",
    is_path=True,
)  # fmt: skip

SIGNING_IN = "Signing in"
ADDRESS = Setting(
    "IOMDASH_ADDRESS", "",
    "address of the site as browsers have it, https://... without a path; it is the only one that "
    "is answered to; without sign-in one of this machine, of a proxy on it", about=SIGNING_IN,
)  # fmt: skip
PROVIDER = Setting(
    "IOMDASH_PROVIDER", "",
    "address of the identity provider's description "
    "(.../.well-known/openid-configuration); without it nobody signs in", about=SIGNING_IN,
)  # fmt: skip
CLIENT = Setting(
    "IOMDASH_CLIENT", "", "name of this application at the provider (client id)", about=SIGNING_IN
)
CLIENT_SECRET = Setting(
    "IOMDASH_CLIENT_SECRET", "",
    "file of the secret that the provider gave for it, readable by its owner alone",
    is_path=True, about=SIGNING_IN,
)  # fmt: skip
COOKIE_SECRET = Setting(
    "IOMDASH_COOKIE_SECRET", "",
    "file of at least 32 random letters and digits that sign cookies, readable by its owner alone",
    is_path=True, about=SIGNING_IN,
)  # fmt: skip
CLAIM = Setting(
    "IOMDASH_CLAIM", "roles",
    "claim of the ID token that says what somebody may see; [roles] in the file of settings maps "
    "its values", about=SIGNING_IN,
)  # fmt: skip
SCOPE = Setting(
    "IOMDASH_SCOPE", "openid profile", "scopes that are asked of the provider", about=SIGNING_IN
)
HOURS = Setting(
    "IOMDASH_HOURS", "8",
    "hours after which whoever signed in signs in again, or before where their token expires",
    about=SIGNING_IN, least=1, most=24,
)  # fmt: skip
ALONE = Setting(
    "IOMDASH_ALONE", "no",
    "yes: real data are shown without sign-in, on the machine of one analyst alone; every page "
    "says so", about=SIGNING_IN,
)  # fmt: skip

SERVING = "Serving"
PARTNERSHIP = Setting(
    "IOMDASH_PARTNERSHIP", "Sandwell IOM", "the partnership's name, above every page",
    about=SERVING,
)  # fmt: skip
BASE_PATH = Setting(
    "IOMDASH_BASE_PATH", "", "where the site begins, such as /iom, behind a server of more sites",
    about=SERVING,
)  # fmt: skip
LISTEN = Setting(
    "IOMDASH_LISTEN", "127.0.0.1",
    "address that the server listens on; any other than this machine's own needs sign-in, and TLS "
    "or a named proxy", about=SERVING,
)  # fmt: skip
PROXY = Setting(
    "IOMDASH_PROXY", "",
    "addresses of the proxy in front, apart by commas: what it says of visitors is believed",
    about=SERVING,
)  # fmt: skip
CERTIFICATE = Setting(
    "IOMDASH_CERTIFICATE", "", "file of the certificate, where the server itself speaks TLS",
    is_path=True, about=SERVING,
)  # fmt: skip
CERTIFICATE_KEY = Setting(
    "IOMDASH_CERTIFICATE_KEY", "", "file of its private key", is_path=True, about=SERVING
)
WORKERS = Setting(
    "IOMDASH_WORKERS", "1", "processes that answer: as many as there are cores to spare, each of a "
    "third of a gigabyte", about=SERVING, least=1, most=16,
)  # fmt: skip
LOGS = Setting(
    "IOMDASH_LOGS", "text", "json: each line of the server's log is an object", about=SERVING
)
MESSAGE = Setting(
    "IOMDASH_MESSAGE", "256", "KiB of the longest message of a browser", about=SERVING,
    least=16, most=65_536,
)  # fmt: skip
MESSAGES = Setting(
    "IOMDASH_MESSAGES", "20", "messages a second of one tab, after a start of ten times as many",
    about=SERVING, least=1, most=10_000,
)  # fmt: skip
REQUESTS = Setting(
    "IOMDASH_REQUESTS", "100",
    "requests a second of one address, after a start of ten times as many", about=SERVING,
    least=1, most=100_000,
)  # fmt: skip
TABS = Setting(
    "IOMDASH_TABS", "50", "tabs that one address has open at once", about=SERVING,
    least=1, most=10_000,
)  # fmt: skip

SETTINGS = (
    DATA, RELEASES, STATE, AUDIENCE, KEY, POLICY, PLACES, ENGINE, SPARK, FILE,
    ADDRESS, PROVIDER, CLIENT, CLIENT_SECRET, COOKIE_SECRET, CLAIM, SCOPE, HOURS, ALONE,
    PARTNERSHIP, BASE_PATH, LISTEN, PROXY, CERTIFICATE, CERTIFICATE_KEY, WORKERS, LOGS,
    MESSAGE, MESSAGES, REQUESTS, TABS,
)  # fmt: skip
ROLES = "roles"  # the one table in the file of settings


def filed() -> Mapping[str, Any]:
    """What the file of settings holds; empty without one. Raises UsageError."""
    return _parsed(name) if (name := FILE.read()) else {}


@lru_cache(maxsize=4)
def _parsed(name: str) -> Mapping[str, Any]:
    try:
        held = tomllib.loads(Path(name).read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise UsageError(f"{name} cannot be read as settings: {fault}. Mend it.") from None
    known = {setting.key for setting in SETTINGS if setting is not FILE} | {ROLES}
    if unknown := sorted(set(held) - known):
        raise UsageError(f"{name}: '{unknown[0]}' is no setting. docs/settings.md lists every one.")
    return held


def roles() -> Mapping[str, str]:
    """Value of the claim to role, as the file of settings maps them. Raises UsageError."""
    table = filed().get(ROLES, {})
    if not isinstance(table, dict):
        raise UsageError(f"{FILE.read()}: [{ROLES}] is no table. See docs/settings.md.")
    return {str(value): str(role) for value, role in table.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


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


def base_path() -> str:
    """Where the site begins: '' for the root of its name, else a path such as /iom."""
    word = BASE_PATH.read().strip("/")
    return f"/{word}" if word else ""


def releases_dir() -> Path:
    """The folder of releases. Pages know this one only, so that no path leads them to the vault."""
    return Path(RELEASES.read() or data_dir() / RELEASES_FOLDER)


def state_dir(data: Path | None = None) -> Path:
    """The folder of the audit log and of who is signed in, of a data folder where none is set."""
    return Path(STATE.read() or (data or data_dir()) / STATE_FOLDER)
