"""The ASGI entry: security headers around the Streamlit script. Run with `streamlit run app.py`."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


# Without it the browser asks for the server's address below every page's own, and logs a 404.
ROOTED = b"<script>window.__streamlit={BACKEND_BASE_URL:location.origin+'/'}</script></head>"
PAGE = ((b"</head>", ROOTED), (b'<html lang="en">', b'<html lang="en-GB">'))


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
    """Send a gathered response, with what PAGE says put into it where it is HTML."""
    headers = dict(start["headers"])
    if headers.get(b"content-type", b"").startswith(b"text/html"):
        for old, new in PAGE:
            body = body.replace(old, new, 1)
        headers[b"content-length"] = str(len(body)).encode()
    await send({**start, "headers": list(headers.items())})
    await send({"type": "http.response.body", "body": body})


app = st.App(
    ROOT / "iomdash" / "web" / "script.py",
    middleware=[Middleware(SecurityHeaders), Middleware(Shell)],
)
