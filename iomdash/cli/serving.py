"""The server of pages on this machine."""

import argparse
import os
import re
import sys
from pathlib import Path

from iomdash import settings, workbench
from iomdash.access import sign_in, visitor
from iomdash.access.visitor import Mode
from iomdash.cli.commands import Commands
from iomdash.cli.intake import demo
from iomdash.declared import audiences
from iomdash.declared.uploads import LARGEST
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.release import shelf
from iomdash.release.reader import Release


def add(commands: Commands) -> None:
    """The command serve."""
    serve = commands.add("serve", "serve the pages on this machine", "serve", _serve)
    serve.add_argument("--port", type=_port, default=8501, help="default: 8501")
    serve.add_argument("--audience", choices=audiences.names(), help=settings.AUDIENCE.help)
    serve.add_argument(
        "--base-path", type=_base, help=f"{settings.BASE_PATH.help}; default: the root"
    )
    serve.add_argument("--workers", metavar="N", help=settings.WORKERS.help)
    serve.add_argument(
        "--workbench",
        action="store_true",
        help="with the analyst's pages, which read the vault; on this machine only",
    )


def _port(word: str) -> int:
    if not (word.isdigit() and 0 < int(word) < 65536):
        raise argparse.ArgumentTypeError(f"'{word}' is no port; give a number from 1 to 65535")
    return int(word)


def _base(word: str) -> str:
    path = word.strip("/")
    parts = path.split("/") if path else []
    if not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", part) for part in parts):
        raise argparse.ArgumentTypeError(
            f"'{word}' is no path; give letters, digits, dots and dashes, such as /iom"
        )
    return f"/{path}" if path else ""


def _serve(chosen: argparse.Namespace) -> None:
    audience = chosen.audience or audiences.chosen()
    workers = _workers(chosen)
    how = sign_in.mode(workbench=chosen.workbench)
    listen = sign_in.listening(how)
    releases = _releases(chosen)
    if not chosen.workbench:
        _with_data(chosen, releases, audience, how)
    app = settings.PROJECT / "app.py"
    if not app.is_file():
        raise EnvironmentFault(f"{app} is missing. Run from a whole checkout of the project.")
    given = {
        settings.RELEASES.variable: str(releases),
        settings.STATE.variable: str(settings.state_dir(chosen.data).absolute()),
        settings.AUDIENCE.variable: audience,
    }
    # The board's server is given where releases lie and not where the vault does.
    inherited = {k: v for k, v in settings.inherited().items() if k != settings.DATA.variable}
    if chosen.workbench:
        app = Path(workbench.__path__[0]) / "app.py"
        given[settings.DATA.variable] = str(chosen.data.resolve())
    base = chosen.base_path or settings.BASE_PATH.read()
    given |= {settings.BASE_PATH.variable: base, settings.WORKERS.variable: str(workers)}
    first = "/workbench" if chosen.workbench else "/" if base else ""
    begins = settings.ADDRESS.read() if how is Mode.SIGN_IN else f"http://{listen}:{chosen.port}"
    address = f"{begins}{base}{first}"
    print(f"Open {address} in a browser. Stop with Ctrl-C.", flush=True)
    os.chdir(settings.PROJECT)
    run = ["iomdash.site.workers"] if workers > 1 else ["streamlit", "run"]
    words = [sys.executable, "-m", *run, str(app), *_listening(listen)]
    words += ["--server.maxUploadSize", str(LARGEST // 2**20)] if chosen.workbench else []
    words += ["--server.port", str(chosen.port)]
    os.execve(sys.executable, words, {**inherited, **given})


def _releases(chosen: argparse.Namespace) -> Path:
    """The folder of releases: as it is set, where a server has no data folder, else of the data.
    The workbench publishes into its own.
    """
    set_ = "" if chosen.workbench else settings.RELEASES.read()
    return Path(set_ or chosen.data / settings.RELEASES_FOLDER).resolve()


def _workers(chosen: argparse.Namespace) -> int:
    """How many processes answer. Raises UsageError for none, too many, or several workbenches."""
    if chosen.workers:
        os.environ[settings.WORKERS.variable] = chosen.workers
    if not chosen.workbench:
        return settings.WORKERS.number()
    if chosen.workers:
        raise UsageError("The workbench is one process. Leave out --workers, or --workbench.")
    return 1


def _listening(address: str) -> list[str]:
    """Options of the server for where it listens, and for TLS where it speaks that itself."""
    words = ["--server.address", address]
    if files := sign_in.certificate():
        words += ["--server.sslCertFile", files[0], "--server.sslKeyFile", files[1]]
    return words


def _with_data(chosen: argparse.Namespace, releases: Path, audience: str, how: Mode) -> None:
    """Something to show: the demonstration where there is nothing yet, and no folder is named that
    should hold releases. Raises EnvironmentFault for real data where nobody signs in.
    """
    if not (settings.RELEASES.read() or settings.has_data(chosen.data)):
        demo(chosen)
    release = Release(shelf.path_of(releases, _opened(releases, audience, how)))
    if how is Mode.OPEN and not release.demonstration:
        raise EnvironmentFault(visitor.REAL.format(release.number))


def _opened(releases: Path, audience: str, how: Mode) -> str:
    """Whose release is opened to see that there is one: where people sign in, any that is there."""
    number = shelf.latest(releases)
    if how is not Mode.SIGN_IN or number is None:
        return audience
    there = [name for name in audiences.names() if number in shelf.kept(releases, name)]
    return audience if audience in there or not there else there[0]
