"""Every path that the server answers to, as its own tables of routes have them, so that a route
that is added is attacked without anybody naming it.
"""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from streamlit import config
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

from iomdash.site import administration, navigation
from iomdash.workbench.navigation import LISTED as WORKBENCH

ROOT = Path(__file__).parents[1]
# Routes that a setting of Streamlit's would open.
OPTIONAL = ("server.enableStaticServing", "server.scriptHealthCheckEnabled")
FILLED = {"page": "F01", "name": "page", "kind": "csv", "form": "csv", "session_id": "session",
          "file_id": "0123456789abcdef.csv", "path": "a/b.js"}  # fmt: skip
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def routes(environment: Mapping[str, str]) -> list[str]:
    """Paths of every route of the application that app.py is, with the settings of an environment
    in which it may be served, and of Streamlit; parameters are filled in.
    """
    # In a process of its own, as the application is one for the whole of it.
    done = subprocess.run(
        [sys.executable, __file__], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**environment, "PYTHONPATH": f"{ROOT}"},
    )  # fmt: skip
    patterns: list[str] = json.loads(done.stdout)
    return sorted(_PARAMETER.sub(lambda found: FILLED[found[1]], path) for path in patterns)


def pages() -> list[str]:
    """Addresses of every page of both servers, and names of the files that they are written in."""
    names = [*navigation.pages(), *(a for _, a, _ in (*administration.LISTED, *WORKBENCH))]
    files = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "pages").glob("*.py"))]
    stems = [Path(file).stem for file in files]
    return [f"/{name}" for name in dict.fromkeys([*names, *files, *stems, "app.py", "app"])]


def spelt(path: str) -> list[str]:
    """Other ways to write an address, which some server on the way may take for the same."""
    first = f"%{ord(path[1]):02x}{path[2:]}" if len(path) > 1 else ""
    return [f"/{path}", f"/{first}", f"{path}/", f"/.{path}", f"/x/..{path}", path.upper(),
            f"/static/..{path}", f"/static/%2e%2e{path}", f"{path};a=b", f"{path}%00",
            f"/iom{path}", path.replace("/", "%2f")]  # fmt: skip


def _path(route: Any) -> str:
    path = str(getattr(route, "path", ""))
    # A route without methods of its own takes whatever lies below it.
    return path if getattr(route, "endpoint", None) else f"{path}/index.html"


def _own() -> list[Any]:
    spec = importlib.util.spec_from_file_location("served_app", ROOT / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app._user_routes


def _streamlits() -> list[Any]:
    for name in OPTIONAL:
        config.set_option(name, True)
    return create_streamlit_routes(MagicMock())


if __name__ == "__main__":
    print(json.dumps(sorted({_path(route) for route in (*_own(), *_streamlits())})))
