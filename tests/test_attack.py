"""The real server attacked: every route that it has, page, file and stream, as everybody.

`ATTACK=whole` tries every way to write each address, and every page of each role thrice.
"""

import os
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
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
# Words that a page has for some roles alone.
THEIRS = {
    "Who is signed in": {"administrator"},
    "What was done, the newest first": {"administrator"},
    "small groups are protected</a>": READERS,
}
EVERY_THIRD = 1 if WHOLE else 3


@pytest.fixture(scope="module")
def attacked(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    folder = tmp_path_factory.mktemp("every door")
    house = House(folder, f"http://{HOST}:{port}", port, "http://127.0.0.1:9/x")
    with Server(house, releases, requests=100_000) as server:
        yield server


@pytest.fixture(scope="module")
def visitors(attacked: Server) -> dict[str, tuple[dict[str, str], str | None]]:
    with pytest.MonkeyPatch.context() as patch:
        settings._parsed.cache_clear()
        for name, value in attacked.house.write(requests=100_000).items():
            patch.setenv(name, value)
        return everybody(attacked.house)


class Caller:
    """One connection to the server that is kept, as whoever has these cookies."""

    def __init__(self, house: House, held: dict[str, str]) -> None:
        self.house, self.held = house, held
        self.connection = HTTPConnection(HOST, house.port, timeout=60)

    def ask(self, method: str, path: str) -> tuple[int, str, str]:
        """Status, body, and where it leads."""
        headers = {**header(self.held), "origin": self.house.address}
        self.connection.request(method, path, headers=headers)
        answer = self.connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        return answer.status, body, answer.getheader("location", "")


def addresses(house: House) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Path as it is sent, the path that is meant, and the methods to try."""
    environment = {**os.environ, **house.write(requests=100_000)}
    routes = [path for path in every_route.routes(environment) if path != "/auth/logout"]
    for path in routes:
        yield path, path, METHODS
        for other in every_route.spelt(path) if WHOLE else every_route.spelt(path)[::3]:
            yield other, path, ("GET",)
    for page in every_route.pages()[::EVERY_THIRD]:
        yield page, page, ("GET",)


def test_every_route_of_the_server_answers_those_whom_the_table_names_and_nobody_else(
    attacked: Server, visitors: dict[str, tuple[dict[str, str], str | None]],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    every = [*addresses(attacked.house)]
    assert len({meant for _, meant, _ in every}) > 40
    answers: Counter[int] = Counter()
    for who, (held, role) in visitors.items():
        caller = Caller(attacked.house, held)
        for path, meant, methods in every:
            for method in methods:
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
                if role != "coordinator":
                    assert ",coordinator," not in body or role in ("analyst", "approver"), tried
                if role not in READERS:
                    assert "interviews" not in body.lower(), tried
    with capsys.disabled():
        print(
            f"\n{answers.total():,} requests of {len(every)} addresses as {len(visitors)} "
            f"visitors: 0 answers that are not theirs {dict(sorted(answers.items()))}"
        )


def test_a_stream_shows_each_role_its_own_pages_through_any_number_of_reruns(
    attacked: Server, visitors: dict[str, tuple[dict[str, str], str | None]],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
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


SLOW, LARGE = 300, 1_000_000


def test_many_who_send_slowly_or_very_much_keep_nobody_waiting(
    attacked: Server, visitors: dict[str, tuple[dict[str, str], str | None]],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
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
