"""What comes through a tab's stream: only whole messages of a size, at a pace, of whoever may.

Every run of a page, every press of a button and every part that draws itself anew begins with a
message here, so that whoever may no longer come in is stopped before any of them.
"""

import logging
from collections.abc import Callable

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from iomdash.site.limits import Bucket

LOG = logging.getLogger("iomdash.site")
# Codes of RFC 6455.
BROKEN, NO_TEXT, NOT_ALLOWED, TOO_BIG = 1002, 1003, 1008, 1009
# A plain run, without what was typed or pressed: the page then says why it ends.
PLAIN_RUN = BackMsg(rerun_script=ClientState()).SerializeToString()
PROTOCOLS = b"sec-websocket-protocol"
# Messages that pages have a use for. Others clear what all visitors share, or are for developers.
KINDS = frozenset({
    "rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "load_git_info",
    "backend_operation_request",
})  # fmt: skip


class Stream:
    """One tab's stream around the application. `may` is asked at every message; `longest` is in
    bytes, `rate` messages a second.
    """

    def __init__(self, app: ASGIApp, may: Callable[[], bool], longest: int, rate: int) -> None:
        self.app, self.may, self.longest = app, may, longest
        self.bucket = Bucket(rate)
        self.closed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def checked() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive" or self.closed:
                return message
            data = message.get("bytes")
            code = self._why_not(data)
            if code is None and data is not None:
                return message if self.may() else {**message, "bytes": PLAIN_RUN}
            LOG.warning("A stream was closed with code %s.", code)
            self.closed = True
            await send({"type": "websocket.close", "code": code})
            return {"type": "websocket.disconnect", "code": code}

        async def open_only(message: Message) -> None:
            if not self.closed:
                await send(message)

        await self.app(scope, checked, open_only)

    def _why_not(self, data: bytes | None) -> int | None:
        """The code to close with; None for a message that may pass."""
        if data is None:
            return NO_TEXT
        if len(data) > self.longest:
            return TOO_BIG
        if not self.bucket.take():
            return NOT_ALLOWED
        try:
            kind = BackMsg.FromString(data).WhichOneof("type")
        except DecodeError:
            return BROKEN
        return None if kind in KINDS else NOT_ALLOWED


def as_new(scope: Scope) -> Scope:
    """The request for a stream without the name of a session that it would take up again: that one
    may have been somebody else's.
    """
    headers = [
        (name, b",".join(value.split(b",")[:2]) if name == PROTOCOLS else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers}


async def refuse(send: Send) -> None:
    """Refuse a stream before it is opened."""
    await send({"type": "websocket.close", "code": NOT_ALLOWED})
