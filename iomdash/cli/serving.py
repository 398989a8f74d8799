"""The server of pages on this machine."""

import argparse
import os
import sys

from iomdash import settings
from iomdash.cli.commands import Commands
from iomdash.cli.intake import demo
from iomdash.declared import audiences
from iomdash.errors import EnvironmentFault
from iomdash.release import shelf


def add(commands: Commands) -> None:
    """The command serve."""
    serve = commands.add("serve", "serve the pages on this machine", "serve", _serve)
    serve.add_argument("--port", type=_port, default=8501, help="default: 8501")
    serve.add_argument("--audience", choices=audiences.names(), help=settings.AUDIENCE.help)


def _port(word: str) -> int:
    if not (word.isdigit() and 0 < int(word) < 65536):
        raise argparse.ArgumentTypeError(f"'{word}' is no port; give a number from 1 to 65535")
    return int(word)


def _serve(chosen: argparse.Namespace) -> None:
    if not settings.has_data(chosen.data):
        demo(chosen)
    audience = chosen.audience or audiences.chosen()
    shelf.path_of(chosen.data / settings.RELEASES_FOLDER, audience)
    app = settings.PROJECT / "app.py"
    if not app.is_file():
        raise EnvironmentFault(f"{app} is missing. Run from a whole checkout of the project.")
    # The server is told where releases lie and not where the vault does.
    told = {
        settings.RELEASES.variable: str((chosen.data / settings.RELEASES_FOLDER).resolve()),
        settings.AUDIENCE.variable: audience,
    }
    inherited = {k: v for k, v in settings.inherited().items() if k != settings.DATA.variable}
    print(f"Open http://127.0.0.1:{chosen.port} in a browser. Stop with Ctrl-C.", flush=True)
    os.chdir(app.parent)
    words = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(chosen.port)]
    os.execve(sys.executable, words, {**inherited, **told})
