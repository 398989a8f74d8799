"""Headers that every answer carries."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
