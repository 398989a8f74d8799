"""Signing in, as the settings describe it, checked before anything is served."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from iomdash import settings
from iomdash.access.visitor import Mode
from iomdash.declared import access
from iomdash.errors import EnvironmentFault, UsageError
from iomdash.settings import Setting

CALLBACK = "/oauth2callback"
NAME = "idp"  # what Streamlit calls the one provider; it may hold no underscore
SHORTEST = 32  # letters of the secret that signs cookies
LOOPBACK_NAMES = ("localhost",)
NEEDED = (
    settings.ADDRESS, settings.CLIENT, settings.CLIENT_SECRET, settings.COOKIE_SECRET,
)  # fmt: skip


@dataclass(frozen=True)
class SignIn:
    """A provider, and what its claims mean. `address` is scheme and host as browsers have them."""

    address: str
    metadata: str
    client: str
    claim: str
    scope: str
    hours: int
    roles: Mapping[str, str]
    client_secret: str = field(repr=False)
    cookie_secret: str = field(repr=False)

    @property
    def seconds(self) -> int:
        """How long a session lasts at most."""
        return self.hours * 60 * 60

    @property
    def is_secure(self) -> bool:
        """Whether browsers speak TLS to the site."""
        return self.address.startswith("https://")

    @property
    def host(self) -> str:
        """Host and port as browsers name them."""
        return urlsplit(self.address).netloc

    def secrets(self) -> dict[str, Any]:
        """What Streamlit is handed, in the shape of its secrets. PKCE is asked for always."""
        return {
            "auth": {
                "redirect_uri": self.address + settings.base_path() + CALLBACK,
                "cookie_secret": self.cookie_secret,
                NAME: {
                    "client_id": self.client,
                    "client_secret": self.client_secret,
                    "server_metadata_url": self.metadata,
                    "client_kwargs": {
                        "scope": self.scope,
                        "prompt": "login",
                        "code_challenge_method": "S256",
                    },
                },
            }
        }


def sign_in() -> SignIn | None:
    """Signing in as it is set; None without a provider.

    Raises UsageError where a setting is missing or off, EnvironmentFault where a secret cannot be
    read or can be read by others.
    """
    metadata = settings.PROVIDER.read()
    if not metadata:
        return None
    if missing := [setting for setting in NEEDED if not setting.read()]:
        raise UsageError(
            f"{settings.PROVIDER.variable} is set and {missing[0].variable} is not, so nobody "
            f"could sign in. It is the {missing[0].help}. See docs/sign-in.md."
        )
    _require_tls(settings.PROVIDER, metadata)
    return SignIn(
        _address(), metadata, settings.CLIENT.read(), settings.CLAIM.read(),
        settings.SCOPE.read(), settings.HOURS.number(), _roles(),
        secret(settings.CLIENT_SECRET), _cookie_secret(),
    )  # fmt: skip


def mode(*, workbench: bool = False) -> Mode:
    """How a server that starts now would know its visitors. Raises as `sign_in` does."""
    if workbench:
        return Mode.WORKBENCH
    if sign_in() is not None:
        return Mode.SIGN_IN
    return Mode.ALONE if settings.ALONE.yes() else Mode.OPEN


def listening(how: Mode) -> str:
    """The address to listen on. Raises UsageError for one that is not this machine's own without
    sign-in, or without TLS or a proxy that is named.
    """
    address = settings.LISTEN.read()
    if is_loopback(address):
        return address
    if how is not Mode.SIGN_IN:
        raise UsageError(
            f"{settings.LISTEN.variable} is {address}, which other machines reach, and "
            f"{how.value}. Listen on 127.0.0.1, or set up signing in: docs/sign-in.md."
        )
    if not (certificate() or proxies()):
        raise UsageError(
            f"{settings.LISTEN.variable} is {address}, which other machines reach, without TLS. "
            f"Set {settings.CERTIFICATE.variable} and {settings.CERTIFICATE_KEY.variable}, or "
            f"name the proxy that speaks TLS in {settings.PROXY.variable}."
        )
    return address


def certificate() -> tuple[str, str] | None:
    """The files of certificate and key; None where TLS is somebody else's. Raises UsageError where
    one of the two is missing.
    """
    pair = settings.CERTIFICATE.read(), settings.CERTIFICATE_KEY.read()
    if any(pair) and not all(pair):
        raise UsageError(
            f"{settings.CERTIFICATE.variable} and {settings.CERTIFICATE_KEY.variable} belong "
            "together: set both or neither."
        )
    return pair if all(pair) else None


def proxies() -> frozenset[str]:
    """Addresses of proxies whose word on a visitor is believed. Raises UsageError."""
    named = [word.strip() for word in settings.PROXY.read().split(",") if word.strip()]
    for word in named:
        try:
            ip_address(word)
        except ValueError:
            raise UsageError(
                f"{settings.PROXY.variable} names '{word}', which is no address such as 10.0.0.5."
            ) from None
    return frozenset(named)


def is_loopback(host: str) -> bool:
    """Whether a host, without its port, is this machine as seen by itself."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK_NAMES


def secret(setting: Setting) -> str:
    """What a file of a secret holds. Raises EnvironmentFault where it cannot be read, is empty, or
    is readable by others.
    """
    path = Path(setting.read())
    try:
        open_to_others = path.stat().st_mode & 0o077
        held = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise EnvironmentFault(
            f"{setting.variable}: {path} cannot be read ({fault}). Write the secret into it."
        ) from None
    if open_to_others:
        raise EnvironmentFault(
            f"{setting.variable}: {path} can be read by others. Mend it: chmod 600 {path}"
        )
    if not held:
        raise EnvironmentFault(f"{setting.variable}: {path} is empty. Write the secret into it.")
    return held


def _cookie_secret() -> str:
    held = secret(settings.COOKIE_SECRET)
    if len(held) < SHORTEST:
        raise EnvironmentFault(
            f"{settings.COOKIE_SECRET.variable}: the secret is shorter than {SHORTEST} letters, so "
            "cookies could be forged. Make one: openssl rand -hex 32"
        )
    return held


def host() -> str:
    """Host and port of the site as it is set; '' where it is not. Raises UsageError."""
    return urlsplit(_address()).netloc if settings.ADDRESS.read() else ""


def _address() -> str:
    word = settings.ADDRESS.read()
    parts = urlsplit(word)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise UsageError(
            f"{settings.ADDRESS.variable} is '{word}'. Give it as https://iomdash.example.org, "
            "without a path."
        )
    _require_tls(settings.ADDRESS, word)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _require_tls(setting: Setting, address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise UsageError(
            f"{setting.variable} is '{address}', which is not https://, so that tokens could be "
            "read on their way. Only an address of this machine may do without."
        )


def _roles() -> Mapping[str, str]:
    mapped = settings.roles()
    if not mapped:
        raise UsageError(
            f"No value of the claim '{settings.CLAIM.read()}' has a role, so that nobody would see "
            f"anything. Write a table [{settings.ROLES}] into the file of settings: "
            "docs/sign-in.md."
        )
    for name in mapped.values():
        access.role(name)
    return mapped
