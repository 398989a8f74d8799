"""Streamlit's own files, which anybody may have: compressed once, and nothing in place of one."""

import gzip

from anyio import to_thread
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = "/static/"
TEXTS = (".js", ".css", ".json", ".svg")
LARGEST_KEPT = 256  # static files, compressed; all that pages fetch are fewer


class Compressed:
    """Compresses Streamlit's own files, once for all visitors, as their names change with them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: dict[str, Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        sent = dict(scope.get("headers", ()))
        wanted = b"gzip" in sent.get(b"accept-encoding", b"") and b"range" not in sent
        if not (wanted and scope.get("method") == "GET" and path.startswith(STATIC)
                and path.endswith(TEXTS)):  # fmt: skip
            await self.app(scope, receive, send)
            return
        if path not in self.kept:
            start, body = await gathered(self.app, scope, receive)
            if start["status"] != 200 or len(self.kept) >= LARGEST_KEPT:
                await send(start)
                await send({"type": "http.response.body", "body": body})
                return
            self.kept[path] = await to_thread.run_sync(zipped, start, body)
        await self.kept[path](scope, receive, send)


def zipped(start: Message, body: bytes) -> Response:
    """A gathered response, compressed."""
    headers = {k.decode(): v.decode() for k, v in start["headers"] if k != b"content-length"}
    more = {"content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(gzip.compress(body, 9), start["status"], {**headers, **more})


async def gathered(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """The start and the whole body of what an application answers, uncompressed."""
    start: Message = {}
    body = bytearray()

    async def gather(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
    await app({**scope, "headers": plain}, receive, gather)
    return start, bytes(body)


def files_alone(send: Send) -> Send:
    """Sends files on, and in place of Streamlit's page, which it answers where there is no such
    file, that there is none: whoever may have the files may not have the page.
    """
    missing = False

    async def sent(message: Message) -> None:
        nonlocal missing
        if message["type"] == "http.response.start":
            kinds = [value for name, value in message["headers"] if name == b"content-type"]
            missing = any(kind.startswith(b"text/html") for kind in kinds)
            message = {**message, "status": 404, "headers": []} if missing else message
        elif missing:
            message = {**message, "body": b""}
        await send(message)

    return sent
