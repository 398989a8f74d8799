"""Processes behind one address share limits and logs; one that ends costs a reconnection."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.request import urlopen

import httpx
import psutil
import pytest
import test_sign_in as sign_in
from signing import header
from test_running import opened, shown
from websockets.sync.client import ClientConnection

from benchmarks.server import ROOT, Server, Visit, free_port
from iomdash import settings
from iomdash.access import audit_log
from iomdash.site.limits import Rates, Table, Tabs

HERE = "203.0.113.7"


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


class Several(Server):
    """The site as `serve --workers 2` runs it."""

    def __init__(self, data: Path, state: Path, **given: str) -> None:
        super().__init__(ROOT / "app.py", {"IOMDASH_STATE": str(state), **given})
        self._words = [
            sys.executable, "-m", "iomdash", "serve", "--workers", "2",
            "--port", str(self.port), "--data", str(data),
        ]  # fmt: skip

    def workers(self) -> list[psutil.Process]:
        """The processes that answer."""
        return workers_of(self._process.pid)

    def listening(self) -> int:
        """How many processes take connections."""
        return listening(self.workers(), self.port)


def workers_of(server: int) -> list[psutil.Process]:
    """The processes that answer, of a server by its process's number."""
    ours = psutil.Process(server).children()
    return [one for one in ours if "iomdash.site.worker" in one.cmdline()]


def listening(workers: list[psutil.Process], port: int) -> int:
    """How many of these processes take connections."""
    return sum(
        link.status == psutil.CONN_LISTEN and link.laddr.port == port
        for worker in workers
        for link in worker.net_connections()
    )


@pytest.fixture(scope="module")
def several(demo_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    state = tmp_path_factory.mktemp("state")
    with Several(demo_dir, state, IOMDASH_TABS="6") as server:
        until(lambda: server.listening() == 2)
        yield server


def open_tabs(worker: psutil.Process, port: int) -> int:
    return sum(
        link.status == psutil.CONN_ESTABLISHED and link.laddr.port == port
        for link in worker.net_connections()
    )


def test_tabs_are_shared_out_and_counted_together_whichever_process_has_them(
    several: Several,
) -> None:
    visits = [several.visit() for _ in range(6)]
    try:
        assert all(visit.run("F01") for visit in visits)
        held = [open_tabs(worker, several.port) for worker in several.workers()]
        assert sum(held) == 6
        with pytest.raises(RuntimeError, match="takes no visitor"):
            several.visit()
    finally:
        for visit in visits:
            visit.close()
    until(lambda: sum(open_tabs(worker, several.port) for worker in several.workers()) == 0)
    several.visit().close()


def anew(several: Several) -> Visit:
    """A visit as a browser makes it, again where the killed process had taken the connection."""
    for _ in range(10):
        with suppress(RuntimeError):
            return several.visit()
    return several.visit()


def test_a_process_that_is_killed_costs_its_tabs_a_reconnection_and_is_begun_anew(
    several: Several,
) -> None:
    before = {worker.pid for worker in several.workers()}
    visits = [several.visit() for _ in range(3)]
    for visit in visits:
        visit.run("F01", "cohort=PPO")
    victim = max(several.workers(), key=lambda worker: open_tabs(worker, several.port))
    victim.kill()
    answers = 0
    for visit in visits:
        try:
            visit.run("F02")
        except Exception:  # what a browser sees: the stream is gone, so it opens another
            again = anew(several)
            assert again.run("F01", "cohort=PPO")
            again.close()
        answers += 1
        visit.close()
    assert answers == 3
    with urlopen(f"http://127.0.0.1:{several.port}/healthz") as answer:
        assert answer.status == 200
    until(lambda: several.listening() == 2)
    after = {worker.pid for worker in several.workers()}
    assert len(before & after) == 1
    assert victim.pid not in after
    # What the killed one had open is forgotten: there is room for six again.
    visits = [several.visit() for _ in range(6)]
    for visit in visits:
        visit.close()


def test_a_second_server_of_the_same_address_is_refused(several: Several, demo_dir: Path) -> None:
    words = [
        sys.executable, "-m", "iomdash", "serve", "--workers", "2",
        "--port", str(several.port), "--data", str(demo_dir),
    ]  # fmt: skip
    refused = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert refused.returncode == 1
    assert f"127.0.0.1, port {several.port}, cannot be listened on" in refused.stderr
    assert "End what listens there" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_whoever_began_it(
    demo_dir: Path, tmp_path: Path, wish: signal.Signals
) -> None:
    with Several(demo_dir, tmp_path) as server:
        until(lambda: len(server.workers()) == 2)
        workers = server.workers()
        os.kill(server._process.pid, wish)
        until(lambda: not any(worker.is_running() for worker in workers))


def test_what_cannot_be_begun_ends_the_server(demo_dir: Path) -> None:
    words = [sys.executable, "-m", "iomdash.site.workers", "app.py"]
    words += ["--server.port", str(free_port())]
    given = {**os.environ, "IOMDASH_WORKERS": "2", "IOMDASH_LISTEN": "0.0.0.0"}
    given["IOMDASH_RELEASES"] = str(demo_dir / "releases")
    done = subprocess.run(
        words, capture_output=True, text=True, cwd=ROOT, env=given, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "nobody signs in" in done.stdout + done.stderr


# ------------------------------------------------------------------------------------ signing in


class House:
    """A server of two processes, a real provider, and whom of the two one talks to."""

    def __init__(self, server: sign_in.Server) -> None:
        self.server, self.house = server, server.house
        until(lambda: listening(workers_of(server.process.pid), self.house.port) == 2)
        self.both = workers_of(server.process.pid)

    def connected(self, worker: psutil.Process) -> socket.socket:
        """A connection that this process has taken, of those that the system shares out."""
        while True:
            link = socket.create_connection((sign_in.HOST, self.house.port), timeout=60)
            mine = link.getsockname()[1]
            until(lambda: self.taken_by(mine))  # noqa: B023
            if self.taken_by(mine) == worker.pid:
                return link
            link.close()

    def taken_by(self, port: int) -> int:
        """The process that has the other end of a connection from a port; 0 while nobody has."""
        for worker in self.both:
            for link in worker.net_connections():
                if link.raddr and link.raddr.port == port:
                    return worker.pid
        return 0

    def ask(
        self, worker: psutil.Process, path: str, held: dict[str, str], method: str = "GET"
    ) -> tuple[int, str, str, dict[str, str]]:
        """Status, body, where it leads, and the cookies that are held afterwards."""
        connection = HTTPConnection(sign_in.HOST, self.house.port)
        connection.sock = self.connected(worker)
        own = {"host": self.house.address.partition("//")[2], "origin": self.house.address}
        connection.request(method, path, headers={**header(held), **own})
        answer = connection.getresponse()
        body = answer.read().decode()
        given = SimpleCookie("\r\n".join(answer.msg.get_all("set-cookie", [])))
        gone = {name for name, one in given.items() if one["max-age"] == "0" or not one.value}
        now = {**held, **{name: one.coded_value for name, one in given.items()}}
        left = {name: value for name, value in now.items() if name not in gone}
        return answer.status, body, answer.getheader("location", ""), left

    def sign_in(
        self, who: str, first: psutil.Process, second: psutil.Process
    ) -> tuple[str, dict[str, str]]:
        """Go to the provider from one process and come back to another: where that leads, and the
        cookies of whoever did.
        """
        _, page, _, held = self.ask(first, "/sign-in", {})
        [to] = re.findall(r'href="[.](/auth/login[^"]+)"', page)
        _, _, provider, held = self.ask(first, to, held)
        back = httpx.post(provider, data={"sub": who}).headers["location"]
        _, _, leads, held = self.ask(second, back.removeprefix(self.house.address), held)
        return leads, held

    def tab(self, worker: psutil.Process, held: dict[str, str]) -> ClientConnection:
        """A tab's stream at a process."""
        address = f"ws://{self.house.address.partition('//')[2]}/_stcore/stream"
        return opened(address, self.house.address, held, sock=self.connected(worker))


@pytest.fixture(scope="module")
def house(demo_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as stack:
        made = sign_in.house_for(tmp_path_factory.mktemp("house"), stack, timedelta(hours=1))
        yield House(stack.enter_context(sign_in.Server(made, demo_dir, workers=2)))


def viewed(house: House, who: str) -> list[str]:
    lines = audit_log.lines(house.house.state, of="view")
    return [line.what["page"] for line in lines if line.who == who]


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0)])
def test_whoever_signs_in_at_one_process_is_signed_in_and_out_at_every_one(
    house: House, first: int, second: int
) -> None:
    one, other = house.both[first], house.both[second]
    leads, held = house.sign_in("analyst", one, other)
    assert leads == "/"
    if "terms accepted" not in {line.event for line in audit_log.lines(house.house.state)}:
        assert house.ask(one, "/", held)[2] == "/terms"
        assert house.ask(other, "/terms", held, "POST")[2] == "/"
    before = viewed(house, "analyst")
    with house.tab(one, held) as here, house.tab(other, held) as there:
        for tab in (here, there):
            assert "you see the site as the analyst." in shown(tab, "F01")
        assert viewed(house, "analyst") == [*before, "F01"]
        status, body, _, left = house.ask(other, "/auth/logout", held, "POST")
        assert (status, "You are signed out" in body) == (200, True)
        assert "_streamlit_user" not in left
        for tab in (here, there):
            assert "You are signed out" in shown(tab, "F01")
    for worker in house.both:
        assert house.ask(worker, "/", held)[2] == "/sign-in"


def test_a_deny_list_holds_at_every_process(house: House) -> None:
    one, other = house.both
    leads, held = house.sign_in("board", one, one)
    assert house.ask(one, "/terms", held, "POST")[2] == leads == "/"
    with house.tab(one, held) as here, house.tab(other, held) as there:
        assert ["as the board." in shown(tab) for tab in (here, there)] == [True, True]
        house.house.sessions.deny("board", by="test")
        assert ["You are signed out" in shown(tab) for tab in (here, there)] == [True, True]
    for first, second in ((one, other), (other, one), (one, one)):
        leads, held = house.sign_in("board", first, second)
        assert leads == "/sign-in?no=role"
        assert "_streamlit_user" not in held


# --------------------------------------------------------------------------------- what is shared


def pair() -> tuple[Table, Table]:
    """One table as two processes see it."""
    one = Table()
    return one, Table(one.descriptor, 1)


def test_a_limit_is_that_of_the_server_whoever_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    one, other = (Rates(2, table) for table in pair())
    assert [(one, other)[i % 2].take(HERE) for i in range(21)] == [True] * 20 + [False]
    assert one.take("203.0.113.8")


def test_tabs_of_a_process_that_ended_are_forgotten_and_others_are_not() -> None:
    mine, others = pair()
    one, other = Tabs(3, mine), Tabs(3, others)
    assert [one.enter(HERE), other.enter(HERE), other.enter(HERE), one.enter(HERE)] == [
        True, True, True, False,
    ]  # fmt: skip
    mine.forget(1)
    assert mine.open() == 1
    assert [one.enter(HERE), one.enter(HERE), one.enter(HERE)] == [True, True, False]
    one.leave(HERE)
    assert other.enter(HERE)


COUNTING = """
import sys
from iomdash.site.limits import Rates, Table
rates = Rates(100, Table(int(sys.argv[1]), int(sys.argv[2])))
print(sum(rates.take("203.0.113.7") for _ in range(2000)))
"""


def test_processes_at_once_take_no_more_than_there_is() -> None:
    table = Table()
    began = time.monotonic()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", COUNTING, str(table.descriptor), str(number)],
            pass_fds=(table.descriptor,), stdout=subprocess.PIPE, cwd=ROOT,
        )
        for number in range(2)
    ]  # fmt: skip
    taken = sum(int(process.communicate()[0]) for process in started)
    # A thousand at once, and a hundred for every second since.
    assert 1000 <= taken <= 1000 + 100 * (time.monotonic() - began + 1)


LOGGING = """
import sys
from pathlib import Path
from iomdash.access import audit_log
for number in range(40):
    audit_log.record(Path(sys.argv[1]), "view", sys.argv[2], page=str(number))
"""


def test_lines_of_processes_at_once_are_one_chain(tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", LOGGING, str(tmp_path), who], cwd=ROOT)
        for who in ("ana", "bob")
    ]
    assert [process.wait() for process in started] == [0, 0]
    assert audit_log.faults(tmp_path) == []
    assert len(list(audit_log.lines(tmp_path))) == 80


def test_there_is_room_in_the_table_for_as_many_processes_as_may_be_asked_for() -> None:
    last = Tabs(1, Table(worker=(settings.WORKERS.most or 0) - 1))
    assert last.enter(HERE)
