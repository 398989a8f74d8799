"""Uploads at the door: what a page's widget allows is asked again here, as Streamlit itself keeps
whatever comes, of any kind and up to its own size.
"""

from collections import deque
from contextlib import suppress
from pathlib import PurePath

from python_multipart.exceptions import FormParserError, MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iomdash.declared.uploads import LARGEST, SUFFIXES

AROUND = 64 * 1024  # bytes of a body that are no file: boundaries and headers
NO_LENGTH, TOO_LARGE, NO_FORM, OTHER = 411, 413, 415, 415
WORDS = {
    NO_LENGTH: "An upload says first how long it is.",
    TOO_LARGE: f"A file may have {LARGEST // 2**20} MB. Split it into several files.",
    OTHER: f"An upload is one file, and its name ends in one of: {' '.join(SUFFIXES)}.",
}


def too_large(headers: Headers) -> int | None:
    """Why a body is refused before any of it is read; None for one that may come."""
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return NO_LENGTH
    return TOO_LARGE if int(length) > LARGEST + AROUND else None


class Form:
    """A form as it comes in, by the very parser that the application reads it with: `why` it is
    refused, once that is known, and whether the head of its one file was `seen`.
    """

    def __init__(self, kind: str) -> None:
        """Raises KeyError or FormParserError where `kind` is no form with files."""
        boundary = parse_options_header(kind)[1][b"boundary"]
        self.why: int | None = None
        self.seen = False
        self._parts = self._bytes = 0
        self._name = self._value = self._held = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._field,
                "on_header_value": self._more,
                "on_header_end": self._header,
                "on_headers_finished": self._head,
            },
        )

    def take(self, data: bytes) -> int | None:
        """Read on; why it is refused, as far as is known by now."""
        self._bytes += len(data)
        try:
            self._parser.write(data)
        except MultipartParseError:
            self.why = NO_FORM
        if self._bytes > LARGEST + AROUND:
            self.why = TOO_LARGE
        elif not self.seen and self._bytes > AROUND:
            self.why = NO_FORM
        return self.why

    def _begin(self) -> None:
        self._parts += 1
        self._held = b""
        if self._parts > 1:
            self.why = OTHER

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _more(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._held = self._value
        self._name = self._value = b""

    def _head(self) -> None:
        self.seen = True
        name = parse_options_header(self._held)[1].get(b"filename", b"").decode("utf-8", "replace")
        if PurePath(name).suffix.lower() not in SUFFIXES:
            self.why = OTHER


async def checked(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let an application take an upload, or refuse it before the application has all of it."""
    headers = Headers(scope=scope)
    why = too_large(headers)
    form = None if why else _form(headers)
    if form is None:
        await _refused(why or NO_FORM, scope, receive, send)
        return
    came = await _begun(form, receive)

    async def onwards() -> Message:
        if came:
            return came.popleft()
        message = await receive()
        return {"type": "http.disconnect"} if form.take(message.get("body", b"")) else message

    async def unless_refused(message: Message) -> None:
        if not form.why:
            await send(message)

    if not form.why:
        # The application is told that whoever uploads has left, where the rest is refused.
        with suppress(ClientDisconnect):
            await app(scope, onwards, unless_refused)
    if form.why:
        await _refused(form.why, scope, receive, send)


def _form(headers: Headers) -> Form | None:
    try:
        return Form(headers.get("content-type", ""))
    except (KeyError, FormParserError):
        return None


async def _begun(form: Form, receive: Receive) -> deque[Message]:
    """What came until the head of the file was seen, or why there is none is known."""
    came: deque[Message] = deque()
    while not (form.seen or form.why):
        came.append(message := await receive())
        form.take(message.get("body", b""))
        if not (message.get("more_body") or form.seen):
            form.why = form.why or NO_FORM
    return came


async def _refused(why: int, scope: Scope, receive: Receive, send: Send) -> None:
    # The rest of a body that nobody reads would be taken for the next request.
    answer = PlainTextResponse(WORDS[why], why, {"connection": "close"})
    await answer(scope, receive, send)
