"""Signing in at a real provider, in a real Chromium, and the real server's answers to others.

The provider is one that runs within the test; `make provider` goes the same ways with
another (PROVIDER=node), which has PKCE, consent and a page to sign out.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from served import Served
from signing import MAPPED, House, header
from test_browser import CHROMIUM, DONE, LONGEST, in_browser
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from iomdash.access import audit_log
from iomdash.declared import access

HOST = "127.0.0.1"
PATIENCE = 60  # seconds that a page may take, on a busy machine
SHORT = 12  # seconds that a token lasts where it is to run out
SECOND = os.environ.get("PROVIDER") == "node"
SCRIPT = Path(__file__).with_name("second_provider") / "provider.mjs"
CLAIMED = {**{name: [claim] for claim, name in MAPPED.items()}, "stranger": ["Press"],
           "both": ["Board", "Analyst"]}  # fmt: skip


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


class Server:
    """`python -m iomdash serve` with a provider, listening when entered, and what it printed."""

    def __init__(self, house: House, data: Path, **settings: object) -> None:
        self.house = house
        self.log = house.folder / "server.log"
        words = ["iomdash", "serve", "--data", str(data), "--port", str(house.port)]
        given = {"scope": "openid roles", **settings} if SECOND else settings
        self.process = Served(words, self.log, house.write(**given))

    def __enter__(self) -> "Server":
        until = time.monotonic() + LONGEST
        while time.monotonic() < until and self.process.runs:
            try:
                socket.create_connection((HOST, self.house.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(self.log.read_text())

    def __exit__(self, *_: object) -> None:
        self.process.end()

    def ask(
        self, path: str, held: dict[str, str], method: str = "GET", **more: str
    ) -> tuple[int, str, str]:
        """Status, body, and where it leads."""
        connection = HTTPConnection(HOST, self.house.port, timeout=LONGEST)
        connection.request(method, path, headers={**header(held), **more})
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        return answer.status, body, answer.getheader("location", "")


def house_for(folder: Path, stack: ExitStack, token: timedelta) -> House:
    port = free_port()
    address = f"http://localhost:{port}"
    at = _second(address, stack, token) if SECOND else _first(stack, token)
    metadata = f"http://localhost:{at}/.well-known/openid-configuration"
    return House(folder, address, port, metadata)


def _first(stack: ExitStack, token: timedelta) -> int:
    users = [User(sub=name, claims={"roles": roles}) for name, roles in CLAIMED.items()]
    made = run_server_in_thread(user_claims=users, access_token_max_age=token)
    return int(stack.enter_context(made).server_port)


def _second(address: str, stack: ExitStack, token: timedelta) -> int:
    port = free_port()
    words = ["node", SCRIPT, str(port), address, str(int(token.total_seconds()))]
    made = subprocess.Popen([*words, json.dumps(CLAIMED)], stdout=subprocess.PIPE)
    stack.callback(made.wait)
    stack.callback(made.terminate)
    assert made.stdout is not None
    if made.stdout.readline() != b"listening\n":
        raise RuntimeError("The second provider did not start. Run: make provider")
    return port


@pytest.fixture(scope="module")
def server(demo_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with ExitStack() as stack:
        house = house_for(tmp_path_factory.mktemp("house"), stack, timedelta(hours=1))
        yield stack.enter_context(Server(house, demo_dir))


# -------------------------------------------------------------------------- the server by itself


PATHS = (
    "/", "/F01", "/profile", "/no-such-page", "/pages/finding.py", "/_stcore/health",
    "/_stcore/host-config", "/_stcore/metrics", "/_stcore/script-health-check",
    "/_stcore/upload_file/s/f", "/_stcore/agent/openapi.json", "/_stcore/bidi-components/x",
    "/media/0123456789abcdef.csv", "/component/x/index.html", "/app/static/x", "/healthz",
    "/static/favicon.png", "/role?as=analyst", "/oauth2callback?state=x&code=y", "/auth/login",
)  # fmt: skip


def test_nobody_is_answered_anything_but_the_way_in(server: Server) -> None:
    shut = {path: server.ask(path, {}, host=f"localhost:{server.house.port}") for path in PATHS}
    inside = {path for path, (status, _, _) in shut.items() if status == 200}
    assert inside <= {"/healthz", "/static/favicon.png"}
    assert "/healthz" in inside
    assert {to for _, _, to in shut.values()} <= {"", "/", "/sign-in"}


@pytest.mark.parametrize("role", [*access.BY_NAME])
def test_a_role_is_answered_its_pages_shell_and_no_door_besides(server: Server, role: str) -> None:
    held, host = server.house.signed_in(f"one {role}", role), f"localhost:{server.house.port}"
    status = {path: server.ask(path, held, host=host)[0] for path in PATHS}
    assert status["/"] == status["/_stcore/health"] == 200
    for path in PATHS[7:15]:
        assert status[path] == 404, path
    # The shell holds nothing of a release.
    assert "interviews" not in server.ask("/F01", held, host=host)[1].lower()


def test_a_stream_is_refused_to_whoever_is_not_signed_in(server: Server) -> None:
    address = f"ws://localhost:{server.house.port}/_stcore/stream"
    with pytest.raises(WebSocketException):
        connect(address, origin=server.house.address, subprotocols=["streamlit"])


# ---------------------------------------------------------------------------------- in Chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so no page was opened in a browser.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as window:
        window.set_default_timeout(PATIENCE * 1000)
        # The provider's own look comes from elsewhere.
        window.route("**/*jsdelivr*/**", lambda route: route.abort())
        yield window


def sign_in(page: Page, house: House, who: str, *, first: bool = True) -> None:
    page.goto(f"{house.address}/")
    at_provider(page, who)
    if first:
        page.get_by_role("button", name="I accept these terms").click()
    settle(page)


def at_provider(page: Page, who: str) -> None:
    """From our page to the provider's and back again."""
    page.get_by_role("link", name="Sign in").click()
    if not SECOND:
        page.get_by_role("button", name=who, exact=True).click()
        return
    page.fill('input[name="login"]', who)
    page.fill('input[name="password"]', "any")
    page.get_by_role("button", name="Sign-in").click()
    consent = page.get_by_role("button", name="Continue")
    consent.or_(page.get_by_text("Handling terms")).or_(
        page.locator(".io-head, main h1").first
    ).first.wait_for()
    if consent.is_visible():
        consent.click()


def settle(page: Page) -> None:
    page.wait_for_selector(DONE, state="attached")


def go_on(page: Page) -> None:
    """The next click in an open tab, on a link of its menus, which loads no page anew."""
    page.evaluate("""document.querySelector('.io-head nav a[href$="methods"]').click()""")


def words(page: Page) -> str:
    return page.locator('[data-testid="stMain"]').inner_text()


@in_browser
def test_an_analyst_signs_in_looks_as_the_board_and_signs_out_of_two_tabs(
    server: Server, window: BrowserContext
) -> None:
    house = server.house
    with window.new_page() as page, window.new_page() as other:
        sign_in(page, house, "analyst")
        assert "Signed in; you see the site as the analyst." in words(page)
        held = {str(each.get("name")): each for each in window.cookies()}
        user = held["_streamlit_user"]
        assert user.get("httpOnly")
        assert user.get("expires", 0) - time.time() < 8 * 3600 + 60
        copied = {name: str(each.get("value")) for name, each in held.items()}
        other.goto(f"{house.address}/themes")
        settle(other)
        page.get_by_role("link", name="board", exact=True).click()
        page.wait_for_selector("text=you see the site as the board", state="attached")
        page.get_by_role("link", name="Sign out").click()
        page.get_by_role("button", name="Sign out").click()
        # Here it is done; the page goes on to the provider, which asks about there.
        page.wait_for_url(lambda url: not url.startswith(house.address))
        if SECOND:
            page.get_by_role("button", name="Yes, sign me out").click()
            page.wait_for_url(lambda url: url.startswith(house.address))
        # A tab that stayed open, at its next click.
        go_on(other)
        other.wait_for_selector("text=You are signed out", state="attached")
        # And a cookie that somebody copied.
        assert server.ask("/", copied, host=f"localhost:{house.port}")[2] == "/sign-in"
    events = [line.event for line in audit_log.lines(house.state) if line.who == "analyst"]
    assert events == ["sign-in", "terms accepted", "sign-out"]


@in_browser
def test_whoever_has_no_role_sees_no_more_than_that(server: Server, window: BrowserContext) -> None:
    with window.new_page() as page:
        page.goto(f"{server.house.address}/")
        at_provider(page, "stranger")
        page.wait_for_selector("text=Your account has no role here.")
        assert not [c for c in window.cookies() if c.get("name") == "_streamlit_user"]


@in_browser
def test_a_deny_list_ends_an_open_tab_and_keeps_them_out(
    server: Server, window: BrowserContext
) -> None:
    house = server.house
    with window.new_page() as page:
        sign_in(page, house, "board")
        house.sessions.deny("board", by="test")
        go_on(page)
        page.wait_for_selector("text=You are signed out", state="attached")
        page.goto(f"{house.address}/")
        at_provider(page, "board")
        page.wait_for_selector("text=Your account has no role here.")
    house.sessions.allow("board")


@in_browser
def test_a_token_that_has_run_out_ends_the_tab_and_the_cookie(
    demo_dir: Path, tmp_path: Path, window: BrowserContext
) -> None:
    with ExitStack() as stack:
        house = house_for(tmp_path, stack, timedelta(seconds=SHORT))
        stack.enter_context(Server(house, demo_dir))
        page = stack.enter_context(window.new_page())
        sign_in(page, house, "coordinator")
        assert "as the coordinator" in words(page)
        [session] = house.sessions.every()
        page.wait_for_timeout(max(session.until + 1 - time.time(), 0) * 1000)
        go_on(page)
        page.wait_for_selector("text=You are signed out", state="attached")
        page.goto(f"{house.address}/F01")
        page.wait_for_selector("text=Your session is over.")


def test_what_the_server_printed_names_nobody_and_has_no_trace(server: Server) -> None:
    printed = server.log.read_text()
    assert "Traceback" not in printed
    assert 'File "' not in printed
    assert not [name for name in ("one board", "stranger") if name in printed]
