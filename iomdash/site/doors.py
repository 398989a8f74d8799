"""The doors of the server: each path open only to whom the table of access says."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_server_config import (
    SESSION_COOKIE_NAME,
    USER_COOKIE_NAME,
    XSRF_COOKIE_NAME,
)

from iomdash import settings
from iomdash.access.audit_log import signed_in
from iomdash.access.sign_in import is_loopback
from iomdash.access.visitor import Mode, Refused, Visitor
from iomdash.declared import access
from iomdash.declared.access import ANYBODY, NOBODY, SIGNING_IN, SOCKET, Route
from iomdash.site import gate, sockets, uploads
from iomdash.site.identify import Reception
from iomdash.site.limits import Rates, Tabs, table

NOTHING = "There is nothing here."
ONLY_HERE = "This server answers to this machine alone, by its own address."
NOT_FROM_THERE = "Another site asked for this."
TOO_MANY = "Too many requests. Wait a moment."
# What a proxy adds: where nobody signs in, whoever comes through one comes from elsewhere.
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
SIGN_IN, CALLBACK, SIGN_OUT, STREAM = (
    "/sign-in", "/oauth2callback", "/auth/logout", "/_stcore/stream",
)  # fmt: skip
READING = ("GET", "HEAD")
UPLOAD, MEDIA = "/_stcore/upload_file/", "/media/"
COOKIES = (USER_COOKIE_NAME, SESSION_COOKIE_NAME, XSRF_COOKIE_NAME)
_MAX_AGE = re.compile(rb"(?i)(max-age=)\d+")


class Doors:
    """Answers in place of the application to whoever may not come in."""

    def __init__(self, app: ASGIApp, reception: Reception) -> None:
        self.app, self.reception = app, reception
        held = table()
        self.rates = Rates(settings.REQUESTS.number(), held)
        self.tabs = Tabs(settings.TABS.number(), held)
        self.longest = settings.MESSAGE.number() * 1024
        self.pace = settings.MESSAGES.number()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        row = access.route(scope["path"])
        no = self._not_from_here(asked, row)
        if no is None and not self.rates.take(self.address(asked)):
            no = PlainTextResponse(TOO_MANY, 429)
        if scope["type"] == "websocket":
            await self._stream(asked, row, no, receive, send)
            return
        answer = no or self._no(asked, row)
        if answer is not None:
            await answer(scope, receive, send)
            return
        await self._answered(asked, receive, send)

    # -------------------------------------------------------------------------------- where from

    def address(self, asked: HTTPConnection) -> str:
        """Who asks, as an address: of a proxy that is named, whom it names last."""
        peer = _peer(asked)
        if peer in self.reception.proxies:
            # The last of the last line: what stands before may have been sent by anybody.
            return ",".join(asked.headers.getlist("x-forwarded-for")).split(",")[-1].strip() or peer
        return peer

    def _not_from_here(self, asked: HTTPConnection, row: Route) -> Response | None:
        """Why it is not for this server to answer; None where it is."""
        signing = self.reception.signing
        host = asked.headers.get("host", "").lower()
        if signing is None:
            wrong = not self._is_local(asked, host)
            origin = f"http://{host}"
        else:
            probe = row.to == ANYBODY and is_loopback(_peer(asked))
            wrong = not probe and (host != signing.host or not self._is_private(asked))
            origin = signing.address
        if wrong:
            return PlainTextResponse(ONLY_HERE, 403)
        return None if _is_same(asked, origin) else PlainTextResponse(NOT_FROM_THERE, 403)

    def _is_local(self, asked: HTTPConnection, host: str) -> bool:
        """Whether this machine asks itself, by its own name and no proxy."""
        server = asked.scope.get("server") or ("", None)
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        return (
            is_loopback(_peer(asked))
            and is_loopback(str(server[0]))
            and is_loopback(name)
            and (port == server[1] or host == self.reception.front)
            and not any(name in asked.headers for name in FORWARDED)
        )

    def _is_private(self, asked: HTTPConnection) -> bool:
        """Whether nobody on the way can read it: TLS to here, or to a proxy that is named."""
        signing = self.reception.signing
        if signing is None or not signing.is_secure:
            return is_loopback(_peer(asked))
        if _peer(asked) in self.reception.proxies:
            said = {*asked.headers.getlist("x-forwarded-proto")}
            return bool(said) and said <= {"https", "wss"}
        return asked.scope.get("scheme") in ("https", "wss")

    # -------------------------------------------------------------------------------- who may

    def _no(self, asked: HTTPConnection, row: Route) -> Response | None:
        """What is answered to whoever may not; None to whoever may."""
        if row.to == NOBODY or self._is_elsewhere(row):
            return PlainTextResponse(NOTHING, 404)
        if asked.scope["method"] not in row.methods:
            return PlainTextResponse(NOTHING, 405)
        if row.to in (ANYBODY, SIGNING_IN):
            return None
        visitor = self.reception.who(asked.cookies)
        if isinstance(visitor, Refused):
            if row.page:
                return RedirectResponse("/terms" if visitor.terms else SIGN_IN, 303)
            return PlainTextResponse(visitor.why, 401)
        if not visitor.may(row.to):
            if visitor.signed_in:
                self.reception.once("refused", visitor, route=row.path)
            return PlainTextResponse(NOTHING, 404)
        return None

    def _is_elsewhere(self, row: Route) -> bool:
        """Whether a path belongs to another kind of server than this."""
        if row.to == SIGNING_IN:
            return self.reception.signing is None
        return row.workbench and self.reception.mode is not Mode.WORKBENCH

    async def _answered(self, asked: HTTPConnection, receive: Receive, send: Send) -> None:
        """Let the application answer, and see what it answers to who signs in or out."""
        path, method = asked.scope["path"], asked.scope["method"]
        if path == SIGN_OUT:
            await self._signed_out(asked, receive, send)
            return
        if path.startswith(MEDIA) and method == "GET":
            await run_in_threadpool(self._log_taken, path)
        if path.startswith(UPLOAD) and method == "PUT":
            await uploads.checked(self.app, asked.scope, receive, send)
            return
        if path != CALLBACK:
            await self.app(asked.scope, receive, self._with_cookies(send))
            return
        held = await self._held(asked.scope, receive)
        given = _given(held[0])
        if any(name.startswith(USER_COOKIE_NAME) and value for name, value in given.items()):
            refused = await run_in_threadpool(self.reception.arrived, given)
            if refused is not None:
                await RedirectResponse(f"{SIGN_IN}?no=role", 303)(asked.scope, receive, send)
                return
        pass_on = self._with_cookies(send)
        for message in held:
            await pass_on(message)

    async def _held(self, scope: Scope, receive: Receive) -> list[Message]:
        """What the application answers, kept back."""
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self.app(scope, receive, hold)
        return held

    async def _signed_out(self, asked: HTTPConnection, receive: Receive, send: Send) -> None:
        """End the session, and let Streamlit say which cookies go and where the provider signs
        out; it knows of no method but GET, and leads there at once.
        """
        await run_in_threadpool(self.reception.left, asked.cookies)
        start = (await self._held({**asked.scope, "method": "GET"}, receive))[0]
        leads = [value.decode("latin-1") for name, value in start["headers"] if name == b"location"]
        answer = gate.signed_out(next(iter(leads), ""))
        answer.raw_headers += [pair for pair in start["headers"] if pair[0] == b"set-cookie"]
        await answer(asked.scope, receive, self._with_cookies(send))

    def _log_taken(self, path: str) -> None:
        """Write that a file of the workbench's was taken away: its kind, as its name is a hash."""
        kind = PurePosixPath(path).suffix
        self.reception.log("download", signed_in(), what=f"a file of the workbench {kind}".strip())

    def _with_cookies(self, send: Send) -> Send:
        """Sends cookies on as short as a session lasts, and over TLS alone where there is TLS."""
        signing = self.reception.signing

        async def rewritten(message: Message) -> None:
            if message["type"] == "http.response.start" and signing is not None:
                message["headers"] = [
                    (name, _kept(value, signing.seconds, secure=signing.is_secure))
                    if name == b"set-cookie"
                    else (name, value)
                    for name, value in message["headers"]
                ]
            await send(message)

        return rewritten

    # -------------------------------------------------------------------------------- the stream

    async def _stream(
        self, asked: HTTPConnection, row: Route, no: Response | None, receive: Receive, send: Send
    ) -> None:
        cookies, address = asked.cookies, self.address(asked)
        visitor = self.reception.who(cookies)
        may = isinstance(visitor, Visitor) and visitor.may(row.to) and SOCKET in row.methods
        if no or not may or "origin" not in asked.headers or not self.tabs.enter(address):
            await receive()
            await sockets.refuse(send)
            return
        bench = self.reception.mode is Mode.WORKBENCH
        scope = asked.scope if bench else sockets.as_new(asked.scope)
        still = lambda: self.reception.who(cookies) == visitor  # noqa: E731
        try:
            stream = sockets.Stream(self.app, still, self.longest, self.pace)
            await stream(scope, receive, send)
        finally:
            self.tabs.leave(address)


def _peer(asked: HTTPConnection) -> str:
    return asked.client.host if asked.client else ""


def _is_same(asked: HTTPConnection, origin: str) -> bool:
    """Whether the site itself asks, as far as a browser says who does. To change something, it has
    to say so.
    """
    named = asked.headers.get("origin")
    if named is None:
        reads = asked.scope.get("method", "GET") in READING
        return reads or asked.headers.get("sec-fetch-site") == "same-origin"
    return named.lower() == origin


def _given(start: Message) -> Mapping[str, str]:
    """Cookies that a response sets."""
    pairs = [
        value.decode("latin-1").split(";")[0].partition("=")
        for name, value in start["headers"]
        if name == b"set-cookie"
    ]
    return {name: value.strip('"') for name, _, value in pairs}


def _kept(cookie: bytes, seconds: int, *, secure: bool) -> bytes:
    """A cookie of Streamlit's with the life of a session and for TLS alone; others as they are."""
    name = cookie.split(b"=")[0].decode("latin-1")
    if not name.startswith(COOKIES):
        return cookie
    if name.startswith(USER_COOKIE_NAME) and b"max-age=0" not in cookie.lower():
        cookie = _MAX_AGE.sub(rb"\g<1>%d" % seconds, cookie)
    return cookie + b"; Secure" if secure and b"; secure" not in cookie.lower() else cookie
