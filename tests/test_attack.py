"""The real server attacked: every route that it has, page, file and stream, as everybody.

Every kind of visitor asks for every route, and every role by every method. What is the same to the
doors takes turns, others every day: `ATTACK=whole` has everybody ask for everything.
"""

import os
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import every_route
import pytest
from signing import House, header
from test_doors import allowed, everybody
from test_running import SLOWEST, opened, releases, shown
from test_sign_in import HOST, Server, free_port
from websockets.exceptions import WebSocketException

from iomdash import settings
from iomdash.declared import access
from iomdash.declared.access import READERS

__all__ = ["releases"]

WHOLE = os.environ.get("ATTACK") == "whole"
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE")
# What whoever may not come in is answered: no longer than a sentence, and none of these.
NO, SENTENCE = {303, 400, 401, 403, 404, 405}, 300
PAGE = 'id="root"'  # of Streamlit's page, whoever made it
# Words that a page has for some roles alone.
THEIRS = {
    "Who is signed in": {"administrator"},
    "What was done, the newest first": {"administrator"},
    "small groups are protected</a>": READERS,
}
# Of so many visitors one tries a way to write an address, a page, a method that is nobody's.
OF_SPELLINGS, OF_PAGES, OF_METHODS = (1, 1, 1) if WHOLE else (6, 4, 8)
TODAY = datetime.now(UTC).toordinal()
AT_ONCE = 8  # visitors, so that the server need not wait for one
WAIT = 600  # seconds for one answer, where the machine has much else to do
Attempt = tuple[str, str, str]


@pytest.fixture(scope="module")
def attacked(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    folder = tmp_path_factory.mktemp("every door")
    house = House(folder, f"http://{HOST}:{port}", port, "http://127.0.0.1:9/x")
    with Server(house, releases, requests=100_000) as server:
        yield server


@pytest.fixture(scope="module")
def visitors(attacked: Server) -> "Visitors":
    with pytest.MonkeyPatch.context() as patch:
        settings._parsed.cache_clear()
        for name, value in attacked.house.write(requests=100_000).items():
            patch.setenv(name, value)
        return everybody(attacked.house)


class Caller:
    """One connection to the server that is kept, as whoever has these cookies."""

    def __init__(self, house: House, held: dict[str, str]) -> None:
        self.house, self.held = house, held
        self.connection = HTTPConnection(HOST, house.port, timeout=WAIT)

    def ask(self, method: str, path: str) -> tuple[int, str, str]:
        """Status, body, and where it leads."""
        headers = {**header(self.held), "origin": self.house.address}
        self.connection.request(method, path, headers=headers)
        answer = self.connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        return answer.status, body, answer.getheader("location", "")


Visitors = dict[str, tuple[dict[str, str], str | None]]


def attempts(house: House, visitors: Visitors) -> dict[str, list[Attempt]]:
    """What everybody asks for: the method, the path as it is sent, and the path that is meant."""
    environment = {**os.environ, **house.write(requests=100_000)}
    routes = [path for path in every_route.routes(environment) if path != "/auth/logout"]
    assert len(routes) > 20
    whole = {*access.BY_NAME, "nobody", "of another role"}
    return {
        who: [*_attempts(routes, number, whole=who in whole)] for number, who in enumerate(visitors)
    }


def _attempts(routes: list[str], number: int, *, whole: bool) -> Iterator[Attempt]:
    def turn(of: int, *of_others: int) -> bool:
        return (TODAY + number + sum(of_others)) % of == 0

    for i, path in enumerate(routes):
        for j, method in enumerate(METHODS):
            if whole or method == "GET" or turn(OF_METHODS, i, j):
                yield method, path, path
        for j, other in enumerate(every_route.spelt(path)):
            if turn(OF_SPELLINGS, i, j):
                yield "GET", other, path
    for i, page in enumerate(every_route.pages()):
        if turn(OF_PAGES, i):
            yield "GET", page, page


def attack(house: House, who: str, held: dict[str, str], role: str | None,
           every: list[Attempt]) -> Counter[int]:  # fmt: skip
    """How often which status was answered. Raises AssertionError for what is not theirs."""
    answers: Counter[int] = Counter()
    caller = Caller(house, held)
    for method, path, meant in every:
        status, body, leads = caller.ask(method, path)
        answers[status] += 1
        tried = (who, method, path, status, body[:200])
        # Another way to write an address is that address, or a page that there is none of.
        may = allowed(meant, method, role) or (path != meant and allowed("/", "GET", role))
        if not may:
            assert status in NO, tried
            assert len(body) < SENTENCE, tried
            assert leads in ("", "/sign-in", "/terms"), tried
        else:
            assert status not in (401, 403, 500), tried
        assert role is not None or PAGE not in body, tried
        if role != "coordinator":
            assert ",coordinator," not in body or role in ("analyst", "approver"), tried
        if role not in READERS:
            assert "interviews" not in body.lower(), tried
    return answers


def test_every_route_of_the_server_answers_those_whom_the_table_names_and_nobody_else(
    attacked: Server, visitors: Visitors, capsys: pytest.CaptureFixture[str]
) -> None:
    every = attempts(attacked.house, visitors)
    meant = {meant for who in every for _, _, meant in every[who]}
    assert meant > {*every_route.pages()}
    with ThreadPoolExecutor(AT_ONCE) as together:
        each = [
            together.submit(attack, attacked.house, who, held, role, every[who])
            for who, (held, role) in visitors.items()
        ]
    answers = sum((one.result() for one in each), Counter[int]())
    assert answers.total() == sum(map(len, every.values()))
    with capsys.disabled():
        print(
            f"\n{answers.total():,} requests of {len(meant)} addresses as {len(visitors)} "
            f"visitors: 0 answers that are not theirs {dict(sorted(answers.items()))}"
        )


def test_a_stream_shows_each_role_its_own_pages_through_any_number_of_reruns(
    attacked: Server, visitors: Visitors, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"ws://{HOST}:{attacked.house.port}/_stcore/stream"
    refused = runs = 0
    pages = [page.strip("/") for page in every_route.pages()]
    some = pages if WHOLE else ["overview", "F01", "profile", "signed-in", "audit-log", "upload"]
    for who, (held, role) in visitors.items():
        if role is None:
            with pytest.raises(WebSocketException):
                opened(address, attacked.house.address, held)
            refused += 1
            continue
        first = access.BY_NAME[role].audiences[:1]
        with opened(address, attacked.house.address, held) as stream:
            for page in some * (3 if WHOLE else 2):
                words = shown(stream, page)
                runs += 1
                for mark, roles in THEIRS.items():
                    assert mark not in words or role in roles, (who, page, mark)
                banners = {a for a in ("Board", "Coordinator") if f">{a}" in words}
                assert banners <= {a.capitalize() for a in first}, (who, page, banners)
                assert bool(first) is bool(banners), (who, page)
    with capsys.disabled():
        print(f"\n{refused} streams refused, {runs} runs of pages: 0 that are not theirs")


# As nobody would write a request who had read this program's tables.
TARGETS = (
    "/static/none.js", "/static/index.html", "/static/%252e%252e/F01", "/static/..%2fF01",
    "/static/%2e%2e/F01", "/static/..;/F01", "/static\\..\\F01", "/static/..%5cF01", "/static/a/",
    "/healthz/../F01", "/healthz%2f..%2fF01", "/healthz%00/F01", "/healthz;/../F01",
    "/healthz#/F01",
    "/%64ownload/F01/page.csv", "/download%2fF01%2fpage.csv", "/%2564ownload/F01/page.csv",
    "//download/F01/page.csv", "/DOWNLOAD/F01/page.csv", "/sign-in/../download/F01/page.csv",
    "/favicon.png/../download/F01/page.csv", "http://{host}/download/F01/page.csv",
    "http://evil/F01", "*", "{host}:80", "/_stcore/%73tream", "/_stcore/upload_file/../health",
)  # fmt: skip
OVERRIDES = (
    "X-HTTP-Method-Override: GET", "X-Method-Override: GET", "X-Original-URL: /healthz",
    "X-Rewrite-URL: /healthz", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Prefix: /static",
    "X-Forwarded-User: a board", "Remote-User: a board", "Authorization: Bearer a",
    "Cookie: _streamlit_user=chunks-999999999; _streamlit_user__1=a", "Cookie: iomdash_role=board",
    "Cookie: _streamlit_user=" + "a" * 60_000, "Cookie: " + "a=b; " * 10_000, "Upgrade: h2c",
)  # fmt: skip
# After the first line, with the cookie of whoever is signed in.
MISDIRECTED = (
    "", "Host: evil", "Host: {host}\r\nHost: evil", "Host: evil\r\nHost: {host}", "Host : {host}",
    "Host: {host}\r\nOrigin: http://evil", "Host: {host}.", "Host: {host}, evil", "Host: {host}/",
)  # fmt: skip
HIDING = (
    "Content-Length: 200\r\nTransfer-Encoding: chunked", "Transfer-Encoding: x",
    "Content-Length: 0\r\nContent-Length: 99", "Transfer-Encoding:\tchunked",
)  # fmt: skip
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
OPENED, INSIDE = b"HTTP/1.1 101", "GET /download/F01/page.csv HTTP/1.1\r\nHost: {host}\r\n\r\n"


def raw(server: Server, text: str, held: dict[str, str] | None = None) -> bytes:
    """All that is answered to what is sent as it stands; {host} is the server's."""
    cookie = "; ".join(f"{name}={value}" for name, value in (held or {}).items())
    sent = text.replace("{host}", f"{HOST}:{server.house.port}")
    if cookie:
        first, _, rest = sent.partition("\r\n")
        sent = f"{first}\r\nCookie: {cookie}\r\n{rest}"
    answered = b""
    with socket.create_connection((HOST, server.house.port), timeout=60) as link:
        link.sendall(sent.encode("latin-1"))
        link.settimeout(10 if "close" in text else 1)
        with suppress(OSError):
            while part := link.recv(65_536):
                answered += part
    return answered


def test_a_stranger_who_writes_requests_by_hand_is_answered_nothing(
    attacked: Server, visitors: Visitors
) -> None:
    close = "Connection: close\r\n\r\n"
    board = visitors["board"][0]
    for target in TARGETS:
        for method in ("GET", "get", "HEAD"):
            got = raw(attacked, f"{method} {target} HTTP/1.1\r\nHost: {{host}}\r\n{close}")
            assert b"HTTP/1.1 200" not in got or b'"release"' in got, (method, target, got[:300])
            assert PAGE.encode() not in got, (method, target)
    for line in OVERRIDES:
        for method in ("GET", "POST"):
            own = f"Host: {{host}}\r\nOrigin: {attacked.house.address}\r\n{line}\r\n{close}"
            got = raw(attacked, f"{method} /F01 HTTP/1.1\r\n{own}")
            assert got[9:12] in (b"303", b"400", b"403", b"405"), (method, line[:60], got[:300])
    for lines in MISDIRECTED:
        for version in ("1.1", "1.0"):
            end = f"{lines}\r\n{close}" if lines else close
            got = raw(attacked, f"GET / HTTP/{version}\r\n{end}", board)
            assert got[9:12] in (b"400", b"403"), (version, lines, got[:300])
    # What is hidden in a request is its own, and as whoever sends it: nobody.
    for lines in HIDING:
        got = raw(
            attacked, f"POST /F01 HTTP/1.1\r\nHost: {{host}}\r\n{lines}\r\n\r\n0\r\n\r\n{INSIDE}"
        )
        assert b" 200 " not in got, (lines, got[:300])


def test_a_stranger_who_opens_streams_by_hand_is_let_into_none(
    attacked: Server, visitors: Visitors
) -> None:
    address, board = attacked.house.address, visitors["board"][0]
    for path in ("/_stcore/stream", "/_stcore/%73tream"):
        own = f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\n{UPGRADE}"
        assert raw(attacked, f"{own}Origin: {address}\r\n\r\n", board).startswith(OPENED)
        signed = f"Sec-WebSocket-Protocol: streamlit, {board['_streamlit_user']}\r\n"
        for lines in ("", signed, f"Cookie2: {header(board)['cookie'].decode()}\r\n"):
            got = raw(attacked, f"{own}Origin: {address}\r\n{lines}\r\n")
            assert not got.startswith(OPENED), (path, lines)
        evil, ours = "Origin: http://evil\r\n", f"Origin: {address}\r\n"
        for lines in ("", evil + ours, ours + evil, "Origin: null\r\n"):
            assert not raw(attacked, f"{own}{lines}\r\n", board).startswith(OPENED), (path, lines)
    for path in ("/_stcore/stream/", "//_stcore/stream", "/_STCORE/stream", "/F01", "/healthz",
                 "/static/a", "/sign-in", "/x/_stcore/stream", "/_stcore/stream;a"):  # fmt: skip
        own = f"GET {path} HTTP/1.1\r\nHost: {{host}}\r\n{UPGRADE}Origin: {address}\r\n\r\n"
        assert not raw(attacked, own, board).startswith(OPENED), path


SLOW, LARGE = 300, 1_000_000


def test_many_who_send_slowly_or_very_much_keep_nobody_waiting(
    attacked: Server, visitors: Visitors, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a request on each of many connections, one that never ends, and headers without end."""
    begun = b"GET / HTTP/1.1\r\nHost: x\r\n"
    host = f"Host: {HOST}:{attacked.house.port}\r\n".encode()
    with ExitStack() as stack:
        for number in range(SLOW):
            one = stack.enter_context(socket.create_connection((HOST, attacked.house.port)))
            one.sendall(begun if number % 2 else b"PUT /x HTTP/1.1\r\n" + host +
                        b"Content-Length: 1000000000\r\n\r\nx")  # fmt: skip
        large = stack.enter_context(socket.create_connection((HOST, attacked.house.port)))
        with suppress(OSError):
            large.sendall(b"GET / HTTP/1.1\r\n" + host + b"Cookie: " + b"a" * LARGE)
            large.sendall(b"\r\n\r\n")
        with suppress(OSError):
            assert not large.recv(100).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        assert Caller(attacked.house, visitors["board"][0]).ask("GET", "/")[0] == 200
        waited = time.monotonic() - began
    with capsys.disabled():
        print(f"\n{SLOW} slow connections: the next visitor waited {waited:.2f} s")
    assert waited < SLOWEST


def test_whoever_was_signed_out_everywhere_has_no_cookie_that_opens_anything(
    attacked: Server,
) -> None:
    house = attacked.house
    cookies = [house.signed_in("ida", "analyst", iat=int(time.time()) - n) for n in range(3)]
    for held in cookies:
        assert Caller(house, held).ask("GET", "/")[0] == 200
    house.sessions.end("ida", by="test")
    for held in [*cookies, {**cookies[0], "iomdash_role": "board"}]:
        assert Caller(house, held).ask("GET", "/")[::2] == (303, "/sign-in")
        assert Caller(house, held).ask("GET", "/download/F01/page.csv")[0] == 401
        with pytest.raises(WebSocketException):
            opened(f"ws://{HOST}:{house.port}/_stcore/stream", house.address, held)


def test_what_the_server_printed_under_attack_has_no_trace_and_no_name(attacked: Server) -> None:
    printed = attacked.log.read_text()
    assert "Traceback" not in printed
    assert not [name for name in ("a board", "who is denied", "streamlit_user") if name in printed]
