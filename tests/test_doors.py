"""The doors of the server: every path as everybody, against the application itself behind them."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from httpx import Response
from signing import SECRET, House, cookies, header, house
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg

from iomdash import settings
from iomdash.access import audit_log
from iomdash.access.visitor import Mode
from iomdash.declared import access
from iomdash.declared.access import ANYBODY, NOBODY, SIGNING_IN, SOCKET
from iomdash.declared.uploads import LARGEST, SUFFIXES
from iomdash.site import doors, gate, uploads
from iomdash.site.doors import Doors
from iomdash.site.identify import Reception
from iomdash.site.limits import Bucket, Rates, Table, Tabs
from iomdash.site.sockets import PLAIN_RUN

__all__ = ["house"]

ADDRESS = "http://127.0.0.1:8501"
INSIDE = "inside"
# A path of every row of the table, and others that none of them means.
PATHS = (
    "/", "/overview", "/F01", "/no-such-page", "/pages/finding.py", "/healthz", "/static/a.js",
    "/favicon.png", "/sign-in", "/sign-out", "/terms", "/auth/login", "/auth/other",
    "/oauth2callback", "/role", "/media/0123.png", "/_stcore/health", "/_stcore/host-config",
    "/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/upload_file/s/f",
    "/_stcore/agent/interact", "/_stcore/bidi-components/x", "/_stcore", "/_stcore/",
    "/component/x.y/index.html", "/component", "/app/static/x", "//_stcore/metrics",
    "/auth/logout",  # the last, as it ends the session
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that hands everything to everybody, and says back what a stream sends."""
    if scope["type"] == "http":
        await PlainTextResponse(INSIDE)(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": message["bytes"] or b"?"})


def client(reception: Reception, *, address: str = ADDRESS, peer: str = "127.0.0.1") -> TestClient:
    return TestClient(
        Doors(inside, reception), base_url=address, client=(peer, 5000), follow_redirects=False
    )


def everybody(house: House) -> dict[str, tuple[dict[str, str], str | None]]:
    """Cookies of everybody whom the doors tell apart, and the role that is theirs."""
    own = {role: (house.signed_in(f"a {role}", role), role) for role in access.BY_NAME}
    copied = house.signed_in("who left", "analyst")
    Reception().left(copied)
    denied = house.signed_in("who is denied", "analyst")
    house.sessions.deny("who is denied", by="test")
    now = int(time.time())
    expired = house.claims("who is late", "analyst", exp=now - 1)
    house.sessions.open("who is late", now, now + 3600, "analyst")
    elsewhere = house.claims("ana", "analyst", origin="http://127.0.0.1:9999")
    unknown = house.claims("who never came", "analyst")
    early = house.signed_in("who comes early", "analyst", iat=now + 3600)
    forged = house.claims("a analyst", "administrator")
    tampered = {name: value[:-2] + "AA" for name, value in own["board"][0].items()}
    others = {
        "nobody": {},
        "of another role": {
            **house.signed_in("a second", "board"),
            "iomdash_role": "administrator",
        },
        "copied after sign-out": copied,
        "denied": denied,
        "expired": cookies(expired),
        "of another site": cookies(elsewhere),
        "unknown to the server": cookies(unknown),
        "of tomorrow": early,
        "forged": cookies(forged, secret="x" * 40),
        "signed for another cookie": cookies(forged, name="_streamlit_user_tokens"),
        "tampered with": tampered,
        "no JSON": cookies("words"),
        "without a role": house.signed_in("who has none", roles=[]),
        "of no encoding": {"_streamlit_user": "ÿ"},
    }
    return {**own, **{name: (held, None) for name, held in others.items()},
            "of another role": (others["of another role"], "board")}  # fmt: skip


def allowed(path: str, method: str, role: str | None) -> bool:
    row = access.route(path)
    # The site takes no uploads and hands out no files of Streamlit's.
    if row.workbench or row.to == NOBODY or method not in row.methods:
        return False
    return row.to in (ANYBODY, SIGNING_IN) or role in row.to


async def asked_plainly(
    app: ASGIApp, method: str, path: str, headers: Mapping[str, bytes]
) -> tuple[int, bytes]:
    """Status and body of an answer, by a server's own interface, as a client's takes most of the
    time of so many.
    """
    own = [(name.encode(), value) for name, value in headers.items()]
    scope: Scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "query_string": b"",
        "headers": [(b"host", ADDRESS[7:].encode()), *own], "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 8501), "scheme": "http", "root_path": "",
    }  # fmt: skip
    status, body = 0, b""

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    await app(scope, receive, send)
    return status, body


def test_every_path_answers_those_whom_the_table_names_and_nobody_else(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IOMDASH_REQUESTS", "100000")
    app = Doors(inside, Reception())
    visitors = everybody(house)

    async def attack() -> int:
        tried = 0
        for who, (held, role) in visitors.items():
            own: dict[str, bytes] = header(held)
            for path in PATHS:
                for method in METHODS:
                    headers = {**own, "origin": ADDRESS.encode()}
                    status, body = await asked_plainly(app, method, path, headers)
                    tried += 1
                    got = status == 200
                    assert got is allowed(path, method, role), (who, path, method, status)
                    assert got or INSIDE.encode() not in body
                    if method not in ("GET", "HEAD"):  # nobody changes anything without an origin
                        status, body = await asked_plainly(app, method, path, own)
                        tried += 1
                        assert (status, INSIDE.encode() in body) == (403, False)
        return tried

    tried = asyncio.run(attack())
    with capsys.disabled():
        print(f"\n{tried:,} requests as {len(visitors)} visitors: 0 wrong answers")


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("path", ["/", "/F01", "/media-of-mine"])
def test_whoever_is_not_signed_in_is_led_to_sign_in_from_a_page(path: str) -> None:
    answer = client(Reception()).get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_whoever_has_not_accepted_the_terms_is_led_to_them(house: House) -> None:
    claims = house.claims("ana", "board")
    house.sessions.open("ana", claims["iat"], claims["exp"], "board")
    reception = Reception()
    answer = client(reception).get("/", headers=header(cookies(claims)))
    assert answer.headers["location"] == "/terms"
    assert (
        client(reception).get("/_stcore/health", headers=header(cookies(claims))).status_code == 401
    )
    assert reception.accepted(cookies(claims))
    assert not reception.accepted(cookies(claims))
    assert client(reception).get("/", headers=header(cookies(claims))).text == INSIDE
    assert [line.event for line in audit_log.lines(house.state)] == ["terms accepted"]


# ---------------------------------------------------------------------------------- from where


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8501", 200), ("127.0.0.1", 403), ("127.0.0.1:8502", 403),
        ("localhost:8501", 403), ("iomdash.example:8501", 403), ("127.0.0.1:8501.evil", 403),
        ("", 403), ("127.0.0.1.:8501", 403), ("127.0.0.1:8501.", 403), ("127.0.0.1:08501", 403),
        ("a@127.0.0.1:8501", 403), ("127.0.0.1:8501, evil", 403), ("127.1:8501", 403),
        ("2130706433:8501", 403), ("0.0.0.0:8501", 403),
    ],
)  # fmt: skip
def test_a_site_with_a_provider_answers_to_its_own_name_alone(
    house: House, host: str, status: int
) -> None:
    own = header(house.signed_in("ana", "board"))
    asked = client(Reception())
    assert asked.get("/", headers={**own, "host": host}).status_code == status


@pytest.mark.parametrize(
    ("host", "peer", "more", "status"),
    [
        ("127.0.0.1:8501", "127.0.0.1", {}, 200),
        ("localhost:8501", "127.0.0.1", {}, 200),
        ("[::1]:8501", "::1", {}, 200),
        ("127.0.0.1:8502", "127.0.0.1", {}, 403),
        ("iomdash.example:8501", "127.0.0.1", {}, 403),
        ("10.0.0.4:8501", "127.0.0.1", {}, 403),
        ("127.0.0.1:8501", "10.0.0.5", {}, 403),
        ("localhost.evil.example:8501", "127.0.0.1", {}, 403),
        ("127.0.0.1:x", "127.0.0.1", {}, 403),
        ("localhost.:8501", "127.0.0.1", {}, 403),
        ("evil@localhost:8502", "127.0.0.1", {}, 403),
        ("0.0.0.0:8501", "127.0.0.1", {}, 403),
        ("2130706433:8501", "127.0.0.1", {}, 403),
        ("127.0.0.1:8501", "10.0.0.5", {"x-forwarded-for": "127.0.0.1"}, 403),
        ("127.0.0.1:8501", "127.0.0.1", {"x-forwarded-host": "127.0.0.1:8501"}, 403),
        ("127.0.0.1:8501", "127.0.0.1", {"x-forwarded-for": "10.0.0.5"}, 403),
        ("127.0.0.1:8501", "127.0.0.1", {"forwarded": "for=10.0.0.5"}, 403),
        ("127.0.0.1:8501", "127.0.0.1", {"x-real-ip": "10.0.0.5"}, 403),
        ("127.0.0.1:8501", "127.0.0.1", {"via": "1.1 proxy"}, 403),
    ],
)
def test_without_a_provider_this_machine_alone_is_answered(
    host: str, peer: str, more: dict[str, str], status: int
) -> None:
    asked = client(Reception(), peer=peer)
    assert asked.get("/", headers={"host": host, **more}).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (ADDRESS, 200), ("http://127.0.0.1:8502", 403), ("http://localhost:8501", 403),
        ("https://127.0.0.1:8501", 403), ("null", 403), ("http://127.0.0.1:8501.evil", 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("signing", [True, False])
def test_another_origin_even_of_this_machine_is_refused(
    request: pytest.FixtureRequest, origin: str, status: int, signing: bool
) -> None:
    own: dict[str, str] = {}
    if signing:
        house: House = request.getfixturevalue("house")
        own = header(house.signed_in("ana", "board"))
    asked = client(Reception())
    assert asked.get("/", headers={**own, "origin": origin}).status_code == status


@pytest.fixture
def behind(house: House) -> House:
    """The site behind a proxy that speaks TLS."""
    house.address = "https://iomdash.example"
    house.write(proxy="10.0.0.5")
    settings._parsed.cache_clear()
    return house


@pytest.mark.parametrize(
    ("peer", "more", "status"),
    [
        ("10.0.0.5", {"x-forwarded-proto": "https"}, 200),
        ("10.0.0.5", {"x-forwarded-proto": "http"}, 403),
        ("10.0.0.5", {}, 403),
        ("10.0.0.5", {"x-forwarded-proto": "https, http"}, 403),
        ("10.0.0.5", {"x-forwarded-proto": "https", "X-Forwarded-Proto": "http"}, 403),
        ("10.0.0.5", {"x-forwarded-ssl": "on", "forwarded": "proto=https"}, 403),
        ("10.0.0.6", {"x-forwarded-proto": "https"}, 403),
        ("127.0.0.1", {"x-forwarded-proto": "https"}, 403),
    ],
)
def test_the_word_of_a_proxy_that_is_named_alone_is_believed(
    behind: House, peer: str, more: dict[str, str], status: int
) -> None:
    own = header(behind.signed_in("ana", "board"))
    asked = client(Reception(), address="http://iomdash.example", peer=peer)
    assert asked.get("/", headers={**own, **more}).status_code == status


@pytest.mark.usefixtures("behind")
def test_a_machine_may_ask_itself_how_the_server_is() -> None:
    for peer, status in (("127.0.0.1", 200), ("10.0.0.9", 403)):
        assert client(Reception(), peer=peer).get("/healthz").status_code == status


@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        ("10.0.0.5", ["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.5", ["1.2.3.4, 192.0.2.7"], "192.0.2.7"),
        ("10.0.0.5", ["1.2.3.4", "192.0.2.7"], "192.0.2.7"),
        ("10.0.0.5", [], "10.0.0.5"),
        ("10.0.0.6", ["192.0.2.7"], "10.0.0.6"),
    ],
)
@pytest.mark.usefixtures("behind")
def test_limits_are_of_whom_the_proxy_names_last_and_of_nobody_whom_a_visitor_names(
    peer: str, lines: list[str], address: str
) -> None:
    scope = {
        "type": "http", "client": (peer, 1),
        "headers": [(b"x-forwarded-for", line.encode()) for line in lines],
    }  # fmt: skip
    assert Doors(inside, Reception()).address(HTTPConnection(scope)) == address


# ------------------------------------------------------------------------------------- cookies


def setting(*lines: bytes) -> object:
    async def answer(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"set-cookie", line) for line in lines]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    return answer


def coming_back(reception: Reception, held: Mapping[str, str], address: str = ADDRESS) -> object:
    """The answer to whoever comes back from the provider, which gives them these cookies."""
    lines = [
        f"{k}={v}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax".encode()
        for k, v in held.items()
    ]
    app = Doors(setting(*lines), reception)  # pyright: ignore[reportArgumentType]
    peer = ("127.0.0.1" if address == ADDRESS else "10.0.0.5", 5000)
    asked = TestClient(app, base_url=address, client=peer, follow_redirects=False)
    return asked.get("/oauth2callback?state=x", headers={"x-forwarded-proto": "https"})


def test_whoever_comes_back_from_the_provider_has_a_session_of_eight_hours(house: House) -> None:
    reception, claims = Reception(), house.claims("ana", "board", exp=int(time.time()) + 86_400)
    answer = coming_back(reception, cookies(claims))
    [given] = answer.headers.get_list("set-cookie")
    assert "Max-Age=28800" in given
    assert "HttpOnly" in given
    [session] = house.sessions.every()
    assert session.until - time.time() == pytest.approx(8 * 3600, abs=5)
    assert [line.event for line in audit_log.lines(house.state)] == ["sign-in"]


def test_behind_tls_every_cookie_goes_over_tls_alone(behind: House) -> None:
    reception = Reception()
    held = {**cookies(behind.claims("ana", "board")), "_streamlit_xsrf": "2|a", "other": "1"}
    answer = coming_back(reception, held, "http://iomdash.example")
    given = {line.split("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    assert {name for name, line in given.items() if "Secure" in line} == {
        "_streamlit_user", "_streamlit_xsrf",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("now", "old"), [(["Analyst"], 200), (["Board"], 303), (["Analyst", "Board"], 303), ([], 303)]
)
def test_with_other_roles_from_the_provider_what_was_begun_before_ends(
    house: House, now: list[str], old: int
) -> None:
    reception, then = Reception(), int(time.time()) - 60
    before = house.signed_in("ana", "analyst", iat=then)
    elsewhere = house.signed_in("eve", "analyst", iat=then)
    later = house.signed_in("ana", "analyst", iat=then + 90)
    coming_back(reception, cookies(house.claims("ana", roles=now)))
    asked = client(reception)
    held = {"before": before, "elsewhere": elsewhere, "later": later}
    got = {name: asked.get("/", headers=header(own)).status_code for name, own in held.items()}
    assert got == {"before": old, "elsewhere": 200, "later": 200}


@pytest.mark.parametrize(("roles", "denied"), [(["Press"], False), ([], False), (["Board"], True)])
def test_whoever_has_no_role_or_is_denied_gets_no_cookie(
    house: House, roles: list[str], denied: bool
) -> None:
    if denied:
        house.sessions.deny("ana", by="test")
    answer = coming_back(Reception(), cookies(house.claims("ana", roles=roles)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?no=role")
    assert "set-cookie" not in answer.headers
    assert house.sessions.every() == []
    assert [line.event for line in audit_log.lines(house.state)] == ["sign-in refused"]


def sign_out(asked: TestClient, held: dict[str, str], **more: str) -> Response:
    return asked.post("/auth/logout", headers={**header(held), "origin": ADDRESS, **more})


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_no_link_picture_or_form_of_another_site_signs_anybody_out_or_changes_their_role(
    house: House, method: str, site: str | None
) -> None:
    """Not even where a browser says nothing of where a request comes from."""
    held, reception = house.signed_in("ana", "analyst"), Reception()
    asked = client(reception)
    more = {"sec-fetch-site": site} if site else {}
    for origin in ({}, {"origin": "https://elsewhere.example"}, {"origin": "null"}):
        headers = {**header(held), **more, **origin}
        assert asked.request(method, "/auth/logout", headers=headers).status_code in (403, 405)
        assert asked.get("/", headers=header(held)).text == INSIDE
    assert audit_log.anchor(house.state) is None


@pytest.mark.parametrize(
    ("site", "changes"),
    [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False),
     (None, False)],
)  # fmt: skip
def test_the_role_is_picked_on_the_site_itself(
    house: House, site: str | None, changes: bool
) -> None:
    held, reception = house.signed_in("ana", "analyst"), Reception()
    asked = TestClient(
        Doors(Starlette(routes=gate.routes(reception)), reception), base_url=ADDRESS,
        client=("127.0.0.1", 5000), follow_redirects=False,
    )  # fmt: skip
    more = {"sec-fetch-site": site} if site else {}
    answer = asked.get("/role?as=board", headers={**header(held), **more})
    assert ("iomdash_role=board" in answer.headers.get("set-cookie", "")) is changes


@pytest.mark.parametrize(
    ("leads", "to"),
    [
        ('https://login.example/end?a=1&b="2', 'https://login.example/end?a=1&b="2'),
        ("/", None),
        ("javascript:alert(1)", None),
    ],
)
def test_whoever_signs_out_is_led_on_to_the_provider_by_the_page_itself(
    house: House, leads: str, to: str | None
) -> None:
    """Not by a redirection, as the page's form may lead to this site alone."""

    async def streamlit(scope: Scope, _: Receive, send: Send) -> None:
        assert scope["method"] == "GET"
        headers = [(b"location", leads.encode()), (b"set-cookie", b"_streamlit_user=; Max-Age=0")]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    asked = TestClient(
        Doors(streamlit, Reception()), base_url=ADDRESS, client=("127.0.0.1", 5000),
        follow_redirects=False,
    )  # fmt: skip
    answer = sign_out(asked, house.signed_in("ana", "board"))
    assert answer.status_code == 200
    assert answer.headers.get("refresh") == (f"0; url={to}" if to else None)
    assert "location" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert "_streamlit_user=;" in answer.headers["set-cookie"]
    assert "javascript" not in answer.text
    assert '"2' not in answer.text
    assert [line.event for line in audit_log.lines(house.state)] == ["sign-out"]


def test_signing_out_asks_first(house: House) -> None:
    asked = TestClient(
        Starlette(routes=gate.routes(Reception())), base_url=ADDRESS, follow_redirects=False
    )
    page = asked.get("/sign-out", headers=header(house.signed_in("ana", "board")))
    assert '<form method="post" action="./auth/logout">' in page.text
    assert asked.get("/sign-out").headers["location"] == "/sign-in"


def test_signing_out_ends_every_copy_of_a_cookie_and_no_other_session(house: House) -> None:
    one = house.signed_in("ana", "board")
    other = house.signed_in("ana", "board", iat=int(time.time()) - 100)
    asked = client(Reception())
    assert sign_out(asked, one).status_code == 200
    assert asked.get("/", headers=header(one)).status_code == 303
    assert asked.get("/", headers=header(other)).text == INSIDE
    # Nobody is signed in again by a cookie that was kept and a provider's answer played again.
    claims = house.claims("ana", "board")
    assert coming_back(Reception(), one).headers["location"] == "/sign-in?no=role"
    house.sessions.end("ana", by="test")
    assert asked.get("/", headers=header(other)).status_code == 303
    assert claims["sub"] == "ana"


# -------------------------------------------------------------------------------------- streams


def frame(**more: object) -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = str(more)
    return message.SerializeToString()


def opened(asked: TestClient, held: Mapping[str, str], **more: str) -> object:
    headers = {"origin": ADDRESS, **header(dict(held)), **more}
    return asked.websocket_connect("ws://127.0.0.1:8501/_stcore/stream", headers=headers)


def test_a_stream_opens_to_whoever_has_a_role_and_to_nobody_else(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = client(Reception())
    tried = 0
    for who, (held, role) in everybody(house).items():
        tried += 1
        if role is None:
            with pytest.raises(WebSocketDisconnect), opened(asked, held):
                raise AssertionError(who)
            continue
        with opened(asked, held) as stream:
            stream.send_bytes(frame())
            assert stream.receive_bytes() == frame()
    with capsys.disabled():
        print(f"\n{tried} streams tried")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8502", "null", ""])
def test_a_stream_needs_the_sites_own_origin(house: House, origin: str) -> None:
    held, asked = house.signed_in("ana", "board"), client(Reception())
    with pytest.raises(WebSocketDisconnect), opened(asked, held, origin=origin):
        raise AssertionError
    with (
        pytest.raises(WebSocketDisconnect),
        asked.websocket_connect("ws://127.0.0.1:8501/_stcore/stream", headers=header(held)),
    ):
        raise AssertionError


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("text", 1003), (b"\xff\xff", 1002), (b"", 1008), (b"\x0a" * 300_000, 1009),
        (BackMsg(clear_cache=True).SerializeToString(), 1008),
        (BackMsg(debug_shutdown_runtime=True).SerializeToString(), 1008),
    ],
    ids=["text", "no message", "empty", "too long", "for all visitors", "for developers"],
)  # fmt: skip
def test_a_frame_that_no_page_sends_closes_the_stream_in_one_line_of_the_log(
    house: House, sent: str | bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(client(Reception()), house.signed_in("ana", "board")) as stream:
        stream.send_text(sent) if isinstance(sent, str) else stream.send_bytes(sent)
        with pytest.raises(WebSocketDisconnect) as closed:
            stream.receive_bytes()
    assert closed.value.code == code
    ours = [r for r in caplog.records if r.name.startswith(("iomdash", "streamlit"))]
    assert [(r.exc_info, r.getMessage()) for r in ours] == [
        (None, f"A stream was closed with code {code}.")
    ]


@pytest.mark.parametrize("how", ["signed out", "denied", "expired"])
def test_what_an_open_tab_sends_after_the_session_is_over_becomes_a_plain_run(
    house: House, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, reception = house.signed_in("ana", "analyst"), Reception()
    with opened(client(reception), held) as stream:
        stream.send_bytes(frame(press="a button"))
        assert stream.receive_bytes() == frame(press="a button")
        if how == "signed out":
            reception.left(held)
        elif how == "denied":
            house.sessions.deny("ana", by="test")
        else:
            real = time.time
            monkeypatch.setattr(time, "time", lambda: real() + 4000)
        stream.send_bytes(frame(press="a button"))
        assert stream.receive_bytes() == PLAIN_RUN


def test_a_stream_takes_up_no_session_that_may_have_been_anothers(house: House) -> None:
    seen: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(v for k, v in scope["headers"] if k == b"sec-websocket-protocol")
        await inside(scope, receive, send)

    asked = TestClient(Doors(app, Reception()), base_url=ADDRESS, client=("127.0.0.1", 5))
    with opened(asked, house.signed_in("ana", "board"),
                **{"sec-websocket-protocol": "streamlit, token, session-of-eve"}):  # fmt: skip
        pass
    assert seen == [b"streamlit, token"]


def test_an_address_has_so_many_tabs_and_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOMDASH_TABS", "1")
    held, asked = house.signed_in("ana", "board"), client(Reception())
    with opened(asked, held), pytest.raises(WebSocketDisconnect), opened(asked, held):
        raise AssertionError
    with opened(asked, held):
        pass


def test_a_tab_that_sends_too_fast_is_closed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOMDASH_MESSAGES", "1")
    with opened(client(Reception()), house.signed_in("ana", "board")) as stream:
        for _ in range(10):
            stream.send_bytes(frame())
            assert stream.receive_bytes()
        stream.send_bytes(frame())
        with pytest.raises(WebSocketDisconnect) as closed:
            stream.receive_bytes()
    assert closed.value.code == 1008


def test_an_address_that_asks_too_fast_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOMDASH_REQUESTS", "1")
    asked = client(Reception())
    statuses = [asked.get("/").status_code for _ in range(15)]
    assert statuses[:10] == [200] * 10
    assert 429 in statuses[10:]


def test_a_bucket_fills_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    bucket = Bucket(2)
    assert [bucket.take() for _ in range(21)] == [True] * 20 + [False]
    now[0] = 1.0
    assert [bucket.take() for _ in range(3)] == [True, True, False]


def test_what_is_remembered_of_addresses_is_bounded() -> None:
    table = Table()
    size = len(table._held)
    rates, tabs = Rates(5, table), Tabs(5, table)
    for number in range(10_500):
        rates.take(str(number))
        assert tabs.enter(str(number))
        tabs.leave(str(number))
    assert len(table._held) == size < 4 * 2**20
    assert table.open() == 0


# ------------------------------------------------------------------------------------- uploads


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reception:
    monkeypatch.setenv("IOMDASH_STATE", str(tmp_path))
    return Reception(workbench=True)


UPLOADED = "/_stcore/upload_file/session/file"
BOUNDARY = "----edge"
KIND = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str | None = "spring.csv", content: bytes = b"a,b", field: str = "file") -> bytes:
    named = "" if name is None else f'; filename="{name}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def taking(kept: list[str]) -> ASGIApp:
    """An application that keeps what it is sent, as Streamlit does."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        form = await Request(scope, receive).form()
        kept.extend(str(getattr(each, "filename", each)) for each in form.values())
        await PlainTextResponse(INSIDE)(scope, receive, send)

    return app


def uploaded(
    reception: Reception, body: bytes, held: Mapping[str, str] = {}, **more: str
) -> tuple[int, list[str]]:
    """The answer to an upload in pieces, and what the application kept of it."""
    kept: list[str] = []
    asked = TestClient(Doors(taking(kept), reception), base_url=ADDRESS, client=("127.0.0.1", 5))
    headers = {"origin": ADDRESS, "content-type": KIND, "content-length": str(len(body)), **more}
    pieces = (body[at : at + 50] for at in range(0, len(body), 50))
    answer = asked.put(UPLOADED, content=pieces, headers={**header(dict(held)), **headers})
    return answer.status_code, kept


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        *((f"spring{suffix}", True) for suffix in SUFFIXES), ("SPRING.CSV", True),
        ("spring", False), ("spring.exe", False), ("spring.csv.exe", False), ("spring.html", False),
        ("spring.csv ", False), ("spring.csv\\x00.exe", False), (".csv", False), ("", False),
        ("spring.xlsm", False), ("spring.ods", False), ("../../spring.svg", False), (None, False),
        ("a;b.csv", True), ("ü.csv", True),
    ],
)  # fmt: skip
def test_a_kind_of_file_that_no_table_comes_in_is_refused_before_it_is_kept(
    bench: Reception, name: str | None, kept: bool
) -> None:
    status, held = uploaded(bench, part(name) + END)
    assert (status, held) == ((200, [name]) if kept else (415, []))


@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        (part() + part("b.csv") + END, {}, 415),
        (part() + part("b.exe") + END, {}, 415),
        (part() + part(None, field="words") + END, {}, 415),
        (part(None, field="words") + part("b.exe") + END, {}, 415),
        (b"words", {}, 415),
        (b"", {}, 415),
        (part() + END, {"content-type": "text/csv"}, 415),
        (part() + END, {"content-type": "multipart/form-data"}, 415),
        (part() + END, {"content-type": f"multipart/form-data; boundary={'x' * 500}"}, 415),
        (part() + END, {"content-length": str(LARGEST + 2**20)}, 413),
        (part() + END, {"content-length": "many"}, 411),
        (part("x" * 70_000), {}, 415),
    ],
    ids=["two files", "one hidden", "words behind", "words before", "no form", "nothing",
         "no form said", "no edge", "endless edge", "too large", "no length", "endless head"],
)  # fmt: skip
def test_an_upload_that_is_no_one_file_is_refused_before_it_is_kept(
    bench: Reception, body: bytes, more: dict[str, str], status: int
) -> None:
    assert uploaded(bench, body, **more) == (status, [])


def test_a_file_that_is_longer_than_it_said_is_refused_before_it_is_kept(
    bench: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    short = part(content=b"x" * 900) + END
    long = part(content=b"x" * (1001 + uploads.AROUND)) + END
    assert uploaded(bench, short) == (200, ["spring.csv"])
    assert uploaded(bench, long, **{"content-length": "1000"}) == (413, [])
    assert uploaded(bench, long) == (413, [])


@pytest.mark.parametrize("role", [*access.BY_NAME, None])
@pytest.mark.parametrize("name", ["spring.csv", "spring.exe"])
def test_the_site_takes_no_upload_of_anybody(house: House, role: str | None, name: str) -> None:
    held = house.signed_in("ana", role) if role else {}
    assert uploaded(Reception(), part(name) + END, held) == (404, [])


def test_uploads_and_files_of_streamlit_are_the_workbenchs_alone(bench: Reception) -> None:
    assert bench.mode is Mode.WORKBENCH
    assert uploaded(bench, part() + END) == (200, ["spring.csv"])
    own = {"origin": ADDRESS}
    assert client(bench).post(UPLOADED, headers=own).status_code == 405
    assert client(bench).put(UPLOADED).status_code == 403
    assert client(Reception()).put(UPLOADED, headers=own).status_code == 404
    assert client(bench).get("/media/0123.csv").text == INSIDE
    assert client(Reception()).get("/media/0123.csv").status_code == 404
    [line] = audit_log.lines(bench.state)
    assert (line.event, line.what["what"]) == ("download", "a file of the workbench .csv")


def test_the_log_holds_no_name_of_whoever_asks(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for held, _ in everybody(house).values():
        client(Reception()).get("/F01", headers=header(held))
    assert "ana" not in json.dumps([record.getMessage() for record in caplog.records])
    assert SECRET not in caplog.text


def test_the_socket_is_a_row_like_any_other() -> None:
    assert access.route(doors.STREAM).methods == (SOCKET,)
