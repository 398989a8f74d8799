"""Who may see and do what: one table. What has no row in it is open to nobody.

Pages, routes and commands are rows; a row names the roles to which it is open. Navigation, the
guard before every page, the doors of the server, the release that is read and the events of the
audit log follow from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from iomdash.declared.findings import FINDINGS
from iomdash.errors import UsageError


@dataclass(frozen=True)
class Role:
    """What somebody is to the partnership. `audiences` are those whose releases they may read, the
    first unless they choose; `views` are the roles as which they may look at the site.
    """

    name: str
    who: str
    audiences: tuple[str, ...] = ()
    views: tuple[str, ...] = ()


ROLES: tuple[Role, ...] = (
    Role("board", "decides, and knows no case", ("board",)),
    Role("coordinator", "works with the people themselves", ("coordinator",)),
    Role("analyst", "loads, checks and publishes", ("coordinator", "board"),
         ("board", "coordinator")),
    Role("approver", "lets releases go out, or takes them back", ("coordinator", "board"),
         ("board", "coordinator")),
    Role("administrator", "runs the server, and reads no figures"),
)  # fmt: skip
BY_NAME = {role.name: role for role in ROLES}

READERS = frozenset({"board", "coordinator", "analyst", "approver"})
ANALYST = frozenset({"analyst"})
PUBLISHERS = frozenset({"analyst", "approver"})
ADMINISTRATOR = frozenset({"administrator"})
EVERY_ROLE = frozenset(BY_NAME)
# Beside roles: whoever asks, and whoever asks where there is a provider to sign in with.
ANYBODY = frozenset({"anybody"})
SIGNING_IN = frozenset({"signing in"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Page:
    """A page by its address, or pages by a pattern of theirs. A view of one that is `sensitive` is
    written into the audit log.
    """

    address: str
    to: frozenset[str]
    sensitive: bool = False


PAGES: tuple[Page, ...] = (
    *(Page(address, READERS) for address in (
        "overview", "themes", "theme-*", "cohorts", "cohort-*", "pathways", "outcomes",
        "attendance", "said-and-recorded", "recruitment", "conditions", "about", "methods",
        "data-quality", "trends", "compare", "search",
    )),
    # People's own words, and their age, ethnicity and health as counts.
    *(Page(finding.id, READERS, sensitive=True) for finding in FINDINGS),
    Page("profile", READERS, sensitive=True),
    *(Page(address, ANALYST) for address in ("upload", "answers", "batches")),
    *(Page(address, PUBLISHERS) for address in ("workbench", "publish", "releases")),
    Page("signed-in", ADMINISTRATOR, sensitive=True),
    Page("audit-log", ADMINISTRATOR, sensitive=True),
)  # fmt: skip


@dataclass(frozen=True)
class Route:
    """A path of the server, or a pattern of paths, below the site's root. One for the
    `workbench` is closed on any other server. `page` says that whoever may not is led to sign in,
    rather than refused.
    """

    path: str
    to: frozenset[str]
    methods: tuple[str, ...] = ("GET", "HEAD")
    workbench: bool = False
    page: bool = False


SOCKET = "WEBSOCKET"
# The first that fits holds.
ROUTES: tuple[Route, ...] = (
    Route("/healthz", ANYBODY),
    Route("/static/*", ANYBODY),
    Route("/favicon.png", ANYBODY),
    Route("/sign-in", SIGNING_IN),
    Route("/terms", SIGNING_IN, ("GET", "HEAD", "POST")),
    Route("/auth/login", SIGNING_IN, ("GET",)),
    Route("/sign-out", SIGNING_IN),
    # A change, so no link and no picture elsewhere can ask for it.
    Route("/auth/logout", SIGNING_IN, ("POST",)),
    Route("/oauth2callback", SIGNING_IN, ("GET",)),
    Route("/auth/*", NOBODY),
    Route("/role", EVERY_ROLE, ("GET",), page=True),
    Route("/media/*", ANALYST, workbench=True),
    # Of a page's figures only whoever may see the page, of a release its own audience.
    Route("/download/*", READERS),
    Route("/_stcore/stream", EVERY_ROLE, (SOCKET,)),
    Route("/_stcore/health", EVERY_ROLE),
    Route("/_stcore/host-config", EVERY_ROLE),
    Route("/_stcore/upload_file/*", ANALYST, ("PUT", "DELETE"), workbench=True),
    Route("/_stcore/*", NOBODY),
    Route("/_stcore", NOBODY),
    Route("/component/*", NOBODY),
    Route("/component", NOBODY),
    Route("/app/static/*", NOBODY),
    # The page's shell, which holds nothing; what a page shows comes through the stream.
    Route("/*", EVERY_ROLE, page=True),
)


@dataclass(frozen=True)
class Command:
    """A command, whose it is, and whether the audit log says that it was done. Who may give it is
    for the system to say: whoever may read the folders that it works on.
    """

    name: str
    to: frozenset[str]
    logged: bool = False


COMMANDS: tuple[Command, ...] = (
    Command("demo", ANALYST),
    Command("template", ANALYST),
    Command("check", ANALYST),
    Command("load", ANALYST, logged=True),
    Command("loads", ANALYST),
    Command("unload", ANALYST, logged=True),
    Command("publish", PUBLISHERS, logged=True),
    Command("releases", PUBLISHERS),
    Command("rollback", PUBLISHERS, logged=True),
    Command("withdraw", ANALYST, logged=True),
    Command("audit", PUBLISHERS),
    Command("findings", READERS),
    Command("codebook", ANALYST),
    Command("compare", READERS),
    Command("export", READERS, logged=True),
    Command("serve", ADMINISTRATOR | ANALYST),
    Command("audit-log", ADMINISTRATOR),
    Command("signed-in", ADMINISTRATOR),
    Command("sign-out", ADMINISTRATOR),
    Command("deny", ADMINISTRATOR),
    Command("allow", ADMINISTRATOR),
    Command("settings", ADMINISTRATOR),
    Command("doctor", ADMINISTRATOR),
    Command("backup", ADMINISTRATOR, logged=True),
    Command("restore", ADMINISTRATOR, logged=True),
)


def role(name: str) -> Role:
    """The role of a name. Raises UsageError for any other word."""
    if name not in BY_NAME:
        raise UsageError(f"'{name}' is no role. Choose one of: {', '.join(BY_NAME)}.")
    return BY_NAME[name]


def page(address: str) -> Page:
    """The row of a page, whatever the case of its address; of one without, a row that is open to
    nobody.
    """
    fits = (row for row in PAGES if fnmatchcase(address.casefold(), row.address.casefold()))
    return next(fits, Page(address, NOBODY))


def route(path: str) -> Route:
    """The row of a path below the site's root; of one without, a row that is open to nobody."""
    fits = (row for row in ROUTES if fnmatchcase(path, row.path))
    return next(fits, Route(path, NOBODY))


def command(name: str) -> Command:
    """The row of a command; of one without, a row that is open to nobody."""
    return next((row for row in COMMANDS if row.name == name), Command(name, NOBODY))


def seen_as(names: Iterable[str]) -> tuple[Role, ...]:
    """The roles as which somebody of these roles may see the site: their own, in the order of the
    table backwards, then those that they may look as.
    """
    own = [role for role in reversed(ROLES) if role.name in {*names}]
    views = [BY_NAME[name] for role in own for name in role.views]
    return tuple(dict.fromkeys([*own, *views]))
