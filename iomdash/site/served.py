"""The server around Streamlit: security headers, doors, and the page's HTML made whole."""

import gzip
import json
import os
import re
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

# Else two first visitors would find half of it, and a chart of theirs would break.
import pandas as pandas  # pyright: ignore[reportMissingTypeStubs]
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from iomdash import settings
from iomdash.access import audit_log, changed
from iomdash.access.sign_in import listening
from iomdash.access.visitor import Mode
from iomdash.errors import IomdashError
from iomdash.site import gate, logs
from iomdash.site.acts import SCRIPT
from iomdash.site.begun import begun_as_set
from iomdash.site.doors import Doors
from iomdash.site.faults import broken
from iomdash.site.files import STATIC, Compressed, files_alone, gathered
from iomdash.site.headers import ALWAYS_TLS, SecurityHeaders
from iomdash.site.identify import Reception, serve
from iomdash.site.style import CSS

# Vega interprets its expressions, so no script is ever made from text; styles are Streamlit's.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
DOOR = "/_stcore/"
UNTOUCHED = (STATIC, DOOR, "/media/", "/download/")
LONGEST, MOST_NEAR, LIKE = 60, 4, 0.5

# After Streamlit's own styles, so that they win where both say something, and once for a visitor:
# as an element it would be sent again in every run of every page.
HERE = Path(__file__).parent
STYLED = f"{CSS}<style>{(HERE / 'head.css').read_text('utf-8')}</style>"
ROUTER = (HERE / "router.js").read_text("utf-8")


class Based:
    """Takes the path that the site begins with off every address, so that nothing inside knows of
    it. Addresses without it are answered too, as a server in front may have taken it off.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app, self.base = app, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if self.base and path == self.base:
            await RedirectResponse(f"{self.base}/{_query(scope)}")(scope, receive, send)
            return
        if self.base and path.startswith(f"{self.base}/"):
            raw = scope.get("raw_path", path.encode()).removeprefix(self.base.encode())
            scope = {**scope, "path": path.removeprefix(self.base), "raw_path": raw}
        await self.app(scope, receive, self._leading_back(send) if self.base else send)

    def _leading_back(self, send: Send) -> Send:
        """Sends answers on that lead to where the site begins, and not before it."""
        base = self.base.encode()

        def led(to: bytes) -> bytes:
            inside = not to.startswith(b"/") or to.startswith((base + b"/", b"//"))
            return to if inside else base + to

        async def rewritten(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, led(value) if name == b"location" else value)
                    for name, value in message.get("headers", [])
                ]
            await send(message)

        return rewritten


class Shell:
    """Makes Streamlit's one page of HTML the site's: where its root is, in which language, how it
    looks, which script follows links. An address is spelt in one way; one that no page has is
    answered with the nearest.
    """

    def __init__(self, app: ASGIApp, base: str, titles: Mapping[str, str]) -> None:
        self.app, self.base, self.titles = app, base, titles
        self.spelt = {address.lower(): address for address in titles}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNTOUCHED):
            await self.app(scope, receive, files_alone(send))
            return
        meant = self._meant(scope["path"])
        if meant is not None and scope["path"] != meant:
            await RedirectResponse(self.base + meant + _query(scope))(scope, receive, send)
            return
        start, body = await gathered(self.app, scope, receive)
        if b'<div id="root"' in body:
            await self._page(scope, start, body, known=meant is not None)(scope, receive, send)
            return
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def _meant(self, path: str) -> str | None:
        """The one way to spell the address of a page; None where there is no such page."""
        address = self.spelt.get(path.strip("/").lower())
        first = next(iter(self.titles), "")
        return "/" if path == "/" or address == first else address and f"/{address}"

    def _page(self, scope: Scope, start: Message, body: bytes, *, known: bool) -> Response:
        if not known:
            asked = scope["path"].strip("/")
            return page_of(missing(asked, self.titles, self.base).encode(), 404, scope)
        for old, new in shell(self.base):
            body = body.replace(old, new)
        return page_of(body, start["status"], scope)


def shell(base: str) -> Iterator[tuple[bytes, bytes]]:
    """What is put in place of what in Streamlit's page."""
    # Without these the browser asks for the server and its files below every page's own address.
    rooted = f"window.__streamlit={{BACKEND_BASE_URL:location.origin+{json.dumps(f'{base}/')}}}"
    scripts = f"<script>{rooted}</script><script>{ROUTER}</script>{SCRIPT}</head>"
    yield b"</head>", scripts.encode()
    yield b"</body>", f"{STYLED}</body>".encode()
    yield b'="./', f'="{base}/'.encode()
    yield b'<html lang="en">', b'<html lang="en-GB">'


def page_of(body: bytes, status: int, scope: Scope) -> Response:
    """A page of HTML with its policy, compressed where the browser can read that."""
    headers = {"content-security-policy": policy(body).decode(), "cache-control": "no-cache"}
    if b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b""):
        headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
        body = gzip.compress(body, 6)
    return Response(body, status, headers, "text/html")


def missing(asked: str, titles: Mapping[str, str], base: str) -> str:
    """The page of an address that there is none of, with the nearest, as HTML."""
    links = "".join(
        f'<li><a href="{base}/{address}">{escape(titles[address])}</a></li>'
        for address in nearest(asked, titles)
    )
    near = f"<p>Did you mean:</p><ul>{links}</ul>" if links else ""
    name = escape(settings.PARTNERSHIP.read())
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>No such page</title>'
        f'<meta name="viewport" content="width=device-width">'
        f'<link rel="icon" href="{base}/favicon.png">{STYLED}</head><body class="io-alone">'
        f'<div class="io-head"><div><a class="io-name" href="{base}/">{name}</a></div></div>'
        f"<main><h1>There is no page of this address</h1><p>Nothing lies at "
        f"<strong>/{escape(asked[:LONGEST])}</strong>.</p>{near}"
        f'<p><a href="{base}/">To the first page</a></p></main></body></html>'
    )


def nearest(asked: str, titles: Mapping[str, str]) -> list[str]:
    """Addresses of pages that are spelt, or called, most like one."""
    names = {**{t.lower(): a for a, t in titles.items()}, **{a.lower(): a for a in titles}}
    word = asked[:LONGEST].lower().replace("_", "-")
    typed = [w for w in (word, word.replace("o", "0")) if w in names]  # "FO5" for "F05"
    near = [*typed, *get_close_matches(word, names, 2 * MOST_NEAR, LIKE)]
    return list(dict.fromkeys(names[name] for name in near))[:MOST_NEAR]


def _query(scope: Scope) -> str:
    query: bytes = scope.get("query_string", b"")
    return f"?{query.decode('latin-1')}" if query else ""


def policy(page: bytes) -> bytes:
    """The policy of one page: its own scripts, and of those written into it these very ones."""
    sums = (b64encode(sha256(script).digest()).decode() for script in INLINE.findall(page))
    return POLICY.format(hashes="".join(f" 'sha256-{s}'" for s in sums)).encode()


def middleware(reception: Reception, titles: Mapping[str, str]) -> list[Middleware]:
    """What stands around a Streamlit script whose pages have these titles by address, the first
    page first.
    """
    base = settings.base_path()
    secure = reception.signing is not None and reception.signing.is_secure
    return [
        Middleware(Based, base=base),
        Middleware(SecurityHeaders, more=(ALWAYS_TLS,) if secure else ()),
        Middleware(Doors, reception=reception),
        Middleware(Compressed),
        Middleware(Shell, base=base, titles=titles),
    ]


def around(
    titles: Mapping[str, str], routes: Sequence[Route] = (), *, workbench: bool = False
) -> dict[str, Any]:
    """What stands around a Streamlit script, as its application takes it: secrets, routes, those
    of the site's own first, and middleware. Ends the process, with words, where it may not be
    served as it is set.
    """
    try:
        reception = serve(Reception(workbench=workbench))
        begun_as_set(listening(reception.mode), workbench=workbench)
        if reception.mode is not Mode.OPEN:
            changed.note(
                reception.state, audit_log.signed_in(), "workbench" if workbench else "server"
            )
    except IomdashError as refused:
        sys.exit(str(refused))
    if reception.signing:
        # Streamlit takes what it signs the way to the provider with before it is handed secrets,
        # else one of this process alone, to which whoever comes back may not come.
        config.set_option("server.cookieSecret", reception.signing.cookie_secret)
    logs.quiet()
    # Streamlit reads all options of its theme in every run, a fifth of what a run costs. They are
    # settled once it serves.
    config.get_options_for_section = cache(config.get_options_for_section)
    # Who asks is for the doors to know: the server below would believe any proxy of this machine.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    return {
        "secrets": reception.signing.secrets() if reception.signing else None,
        "routes": [*routes, *gate.routes(reception)],
        "middleware": middleware(reception, titles),
        "on_script_error": broken,
    }
