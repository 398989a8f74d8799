"""Signing in as tests need it: a file of settings, cookies as Streamlit signs them, sessions."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from iomdash.access import terms
from iomdash.access.sessions import Sessions

SECRET = "s" * 40
MAPPED = {
    "Board": "board", "Coordinator": "coordinator", "Analyst": "analyst", "Approver": "approver",
    "Admin": "administrator",
}  # fmt: skip
CLAIMS = {role: claim for claim, role in MAPPED.items()}


@dataclass
class House:
    """A site with a provider: its address, its folder of state and its file of settings."""

    folder: Path
    address: str
    port: int
    provider: str

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def sessions(self) -> Sessions:
        return Sessions(self.state)

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    def write(self, **more: object) -> dict[str, str]:
        """Write the file of settings; the environment that names it."""
        for name, held in (("client", "client-secret"), ("cookie", SECRET)):
            path = self.folder / name
            path.touch(mode=0o600)
            path.write_text(held)
        values: dict[str, object] = {
            "address": self.address, "provider": self.provider, "client": "iomdash",
            "client_secret": str(self.folder / "client"), "state": str(self.state),
            "cookie_secret": str(self.folder / "cookie"), "scope": "openid profile", **more,
        }  # fmt: skip
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        lines += ["[roles]", *(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in MAPPED.items())]
        self.settings.write_text("\n".join(lines))
        return {"IOMDASH_SETTINGS": str(self.settings), "IOMDASH_ALONE": "no"}

    def claims(self, subject: str, *roles: str, **more: Any) -> dict[str, Any]:
        now = int(time.time())
        return {
            "sub": subject, "iat": now, "exp": now + 3600, "is_logged_in": True,
            "origin": self.address, "provider": "idp", "roles": [CLAIMS[role] for role in roles],
            **more,
        }  # fmt: skip

    def signed_in(self, subject: str, *roles: str, **more: Any) -> dict[str, str]:
        """Cookies of somebody who signed in and accepted the terms."""
        claims = self.claims(subject, *roles, **more)
        assert self.sessions.open(subject, claims["iat"], claims["exp"], " ".join(roles))
        self.sessions.accept(subject, terms.VERSION)
        return cookies(claims)


def cookies(claims: object, secret: str = SECRET, name: str = USER_COOKIE_NAME) -> dict[str, str]:
    """The cookie in which Streamlit keeps claims."""
    return {USER_COOKIE_NAME: create_signed_value(secret, name, json.dumps(claims)).decode()}


def header(cookies: dict[str, str]) -> dict[str, Any]:
    line = "; ".join(f"{k}={v}" for k, v in cookies.items())
    return {"cookie": line.encode("latin-1")} if cookies else {}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A site with a provider, set in this process's environment."""
    house = House(tmp_path, "http://127.0.0.1:8501", 8501, "http://127.0.0.1:9/.well-known/x")
    for name, value in house.write().items():
        monkeypatch.setenv(name, value)
    return house
