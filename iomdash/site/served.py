"""The server around Streamlit: security headers, doors, and the page's HTML made whole."""

import re
from base64 import b64encode
from collections.abc import Collection
from functools import partial
from hashlib import sha256

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iomdash.site.acts import SCRIPT
from iomdash.site.style import CSS

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)

# Vega interprets its expressions, so no script is ever made from text; styles are Streamlit's.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
# Uploads, metrics, media of other servers and programs that drive the app have no use here.
DOOR = "/_stcore/"
OPEN_DOORS = tuple(DOOR + name for name in ("health", "host-config", "stream"))

# After Streamlit's own styles, so that they win where both say something, and once for a visitor:
# as an element it would be sent again in every run of every page.
STYLED = CSS.encode() + b"</body>"
# Without these the browser asks for the server and its scripts below every page's own address.
ROOTED = b"<script>window.__streamlit={BACKEND_BASE_URL:location.origin+'/'}</script></head>"
PAGE = (
    (b"</head>", ROOTED),
    (b"</head>", SCRIPT.encode() + b"</head>"),
    (b"</body>", STYLED),
    (b'="./', b'="/'),
    (b'<html lang="en">', b'<html lang="en-GB">'),
)


class SecurityHeaders:
    """Adds the headers to every HTTP response; WebSocket traffic passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *HEADERS]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class Doors:
    """Answers 404 to every door of Streamlit that the pages do not need."""

    def __init__(self, app: ASGIApp, more: tuple[str, ...] = ()) -> None:
        self.app, self.more = app, tuple(f"{DOOR}{door}/" for door in more)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        opened = path in OPEN_DOORS or path.startswith(self.more)
        shut = path.startswith(DOOR) and not opened
        answer = PlainTextResponse("There is nothing here.", 404) if shut else self.app
        await answer(scope, receive, send)


class Shell:
    """Tells the page's HTML where the server's root is and which language it is in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(
            ("/static/", "/_stcore/", "/media/", "/download/")
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
    """Send a gathered response, with what PAGE says put into it where it is HTML."""
    headers = dict(start["headers"])
    if headers.get(b"content-type", b"").startswith(b"text/html"):
        for old, new in PAGE:
            body = body.replace(old, new)
        headers[b"content-length"] = str(len(body)).encode()
        headers[b"content-security-policy"] = policy(body)
    await send({**start, "headers": list(headers.items())})
    await send({"type": "http.response.body", "body": body})


def policy(page: bytes) -> bytes:
    """The policy of one page: its own scripts, and of those written into it these very ones."""
    sums = (b64encode(sha256(script).digest()).decode() for script in INLINE.findall(page))
    return POLICY.format(hashes="".join(f" 'sha256-{s}'" for s in sums)).encode()


def middleware(doors: Collection[str] = ()) -> list[Middleware]:
    """What stands around a Streamlit script, with more doors open than pages need."""
    return [
        Middleware(SecurityHeaders),
        Middleware(partial(Doors, more=tuple(doors))),
        Middleware(Shell),
    ]
