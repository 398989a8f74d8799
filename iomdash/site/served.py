"""The server around Streamlit: security headers, doors, and the page's HTML made whole."""

import os
import re
import sys
from base64 import b64encode
from functools import partial
from hashlib import sha256
from typing import Any

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iomdash.access.sign_in import listening
from iomdash.errors import IomdashError
from iomdash.site import gate, logs
from iomdash.site.doors import Doors
from iomdash.site.identify import Reception, serve
from iomdash.site.style import CSS

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# Two years, as browsers' own lists ask for.
ALWAYS_TLS = (b"strict-transport-security", b"max-age=63072000")
# What is about somebody, or for them alone, stays in no cache.
PERSONAL = ("/media/", "/_stcore/upload_file/", "/auth/", "/oauth2callback")

# Vega interprets its expressions, so no script is ever made from text; styles are Streamlit's.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
POLICY_NAME = b"content-security-policy"
INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
# After Streamlit's own styles, so that they win where both say something, and once for a visitor:
# as an element it would be sent again in every run of every page.
STYLED = CSS.encode() + b"</body>"
# Without these the browser asks for the server and its scripts below every page's own address.
ROOTED = b"<script>window.__streamlit={BACKEND_BASE_URL:location.origin+'/'}</script></head>"
PAGE = (
    (b"</head>", ROOTED),
    (b"</body>", STYLED),
    (b'="./', b'="/'),
    (b'<html lang="en">', b'<html lang="en-GB">'),
)


class SecurityHeaders:
    """Adds the headers to every HTTP response, `more` behind TLS; streams pass untouched."""

    def __init__(self, app: ASGIApp, more: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        self.app, self.headers = app, (*HEADERS, *more)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        personal = scope.get("path", "").startswith(PERSONAL)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._with(message.get("headers", []), personal=personal)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)

    def _with(
        self, given: list[tuple[bytes, bytes]], *, personal: bool
    ) -> list[tuple[bytes, bytes]]:
        """Headers of a response with ours; what a response says itself holds, but for caches."""
        kept = [pair for pair in given if not (personal and pair[0].lower() == b"cache-control")]
        has = {name.lower() for name, _ in kept}
        ours = [pair for pair in self.headers if pair[0] not in has]
        return [*kept, *ours, *([(b"cache-control", b"no-store")] if personal else [])]


class Shell:
    """Tells the page's HTML where the server's root is and which language it is in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(
            ("/static/", "/_stcore/", "/media/")
        ):
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                await send_page(start, bytes(body), send)

        # Compressed bytes could not be searched.
        plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, gather)


async def send_page(start: Message, body: bytes, send: Send) -> None:
    """Send a gathered response, with what PAGE says put into it where it is HTML of Streamlit's.

    Headers stay a list, as a response may set several cookies.
    """
    headers: list[tuple[bytes, bytes]] = list(start["headers"])
    has = dict(headers)
    if has.get(b"content-type", b"").startswith(b"text/html") and POLICY_NAME not in has:
        for old, new in PAGE:
            body = body.replace(old, new)
        headers = [pair for pair in headers if pair[0] != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        headers.append((POLICY_NAME, policy(body)))
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def policy(page: bytes) -> bytes:
    """The policy of one page: its own scripts, and of those written into it these very ones."""
    sums = (b64encode(sha256(script).digest()).decode() for script in INLINE.findall(page))
    return POLICY.format(hashes="".join(f" 'sha256-{s}'" for s in sums)).encode()


def middleware(reception: Reception) -> list[Middleware]:
    """What stands around a Streamlit script."""
    secure = reception.signing is not None and reception.signing.is_secure
    return [
        Middleware(partial(SecurityHeaders, more=(ALWAYS_TLS,) if secure else ())),
        Middleware(partial(Doors, reception=reception)),
        Middleware(Shell),
    ]


def around(*, workbench: bool = False) -> dict[str, Any]:
    """What stands around a Streamlit script, as its application takes it: secrets, routes,
    middleware. Ends the process, with words, where it may not be served as it is set.
    """
    try:
        reception = serve(Reception(workbench=workbench))
        listening(reception.mode)
    except IomdashError as refused:
        sys.exit(str(refused))
    logs.quiet()
    # Who asks is for the doors to know: the server below would believe any proxy of this machine.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    return {
        "secrets": reception.signing.secrets() if reception.signing else None,
        "routes": gate.routes(reception),
        "middleware": middleware(reception),
    }
