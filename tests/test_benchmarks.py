"""Every benchmark runs, at tiny sizes, and waits only for what a page has."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from served import Served

from benchmarks import __main__ as benchmarks
from benchmarks import clicks, server, sessions, start
from benchmarks.data import made
from benchmarks.rows import Row
from benchmarks.server import APP, Server
from iomdash.settings import RELEASES

# Of tiny sizes nothing is judged, so nothing waits until a server is at rest.
ANY = 1e9
# Of what is expected of a busy machine, a part: a server looks soon whether it listens, a visitor
# comes often, a page that stands still is done.
OFTEN, SAME = 0.2, 200  # seconds, milliseconds
MODULES = {path.stem for path in Path(benchmarks.__file__).parent.glob("*.py")}
# It times a start, which is that of a new process.
NEW = "start"
# They serve data of their own.
ALONE = (NEW, "cubes", "sessions", "preview")
Running = dict[tuple[str | None, ...], Server]
END = Server.__exit__


class Forked(Served):
    """A server's process as benchmarks know it, forked as its start is not what is tried."""

    def __init__(self, words: Sequence[str], environment: dict[str, str]) -> None:
        self.args = words
        super().__init__(words[2:], Path(os.devnull), environment)

    def poll(self) -> int | None:
        return None if self.runs else 1

    def terminate(self) -> None:
        self.end()

    def wait(self) -> None:
        pass


def forked(server: Server) -> Server:
    """A server that has begun."""
    server._process = Forked(server._words, server._environment)
    return server


def begun(servers: Running, server: Server) -> Server:
    """The server that was begun for the same script, options and releases, else this one, begun."""
    script, options, releases = (
        server._words[4], server._words[7:], server._environment.get(RELEASES.variable)
    )  # fmt: skip
    same = (script, *options, releases)
    if same not in servers:
        servers[same] = forked(server)
    return servers[same]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """Servers that stay for the next topic, by script, options and releases."""
    servers: Running = {}
    yield servers
    for each in servers.values():
        END(each, None, None, None)


@pytest.fixture
def shared(running: Running, topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server starts fast, and one that an earlier topic began is not begun again."""

    def entered(self: Server) -> Server:
        first = begun(running, self)
        self.port, self._process = first.port, first._process
        return self

    if topic != NEW:
        monkeypatch.setattr(Server, "__enter__", forked)
    if topic not in ALONE:
        monkeypatch.setattr(Server, "__enter__", entered)
        monkeypatch.setattr(Server, "__exit__", lambda *_: None)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("topic", benchmarks.TOPICS)
def test_a_topic_runs_at_tiny_sizes_and_prints_as_it_goes(
    topic: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (server, sessions):
        monkeypatch.setattr(module, "QUIET", ANY)
    monkeypatch.setattr(sessions, "LOOK", OFTEN)
    monkeypatch.setattr(sessions, "PACE", OFTEN)
    monkeypatch.setattr(clicks, "SAME", SAME)
    assert benchmarks.main(["--smoke", topic]) == 0
    out = capsys.readouterr().out
    assert f"\n{topic}: " in out
    assert "\n... " in out
    assert "no bar was judged" in out
    assert not {"met", "MISSED"} & set(out.split())


def test_every_topic_is_listed() -> None:
    helpers = {"__init__", "__main__", "data", "peer", "reference", "rows", "server"}
    assert MODULES - helpers == set(benchmarks.TOPICS)


def test_a_topic_that_does_not_exist_is_refused_with_those_that_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        benchmarks.main(["nothing"])
    assert "no topic nothing; choose from load, feeds" in capsys.readouterr().err


@pytest.fixture(scope="module")
def site(running: Running) -> Server:
    """The project with its smallest releases."""
    return begun(running, Server(APP, made(0, 0).environment))


@pytest.fixture(params=["browser", "server"])
def reach(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[start.Reach]:
    """A page waited for as rendered in Chromium, and as sent by the server."""
    if request.param == "server":
        monkeypatch.setattr(shutil, "which", lambda _: None)
    elif shutil.which("chromium") is None:
        pytest.skip("no Chromium: install it with apt-get install chromium")
    with start._reach() as (_, asked):
        yield asked


def test_what_a_start_waits_for_is_there_and_what_no_page_has_fails(
    site: Server, reach: start.Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(site, "", start.OVERVIEW_DONE)
    monkeypatch.setattr(start, "LONGEST_START", 1)
    gone = start.Done(".io-row", "words that no page says")
    with pytest.raises(Exception, match=r"Timeout|never says 'words that no page says'"):
        reach(site, "", gone)


@pytest.mark.parametrize(
    ("least", "outcome"), [(1.49, "met"), (1.5, "met"), (1.51, "MISSED")]
)  # fmt: skip
def test_a_line_prints_its_bar_and_whether_it_is_met(least: float, outcome: str) -> None:
    line = str(Row("a page, rerun", least, 1.6, 1.5))
    assert line.split()[-2:] == ["1.50", outcome]
    assert str(Row("a page, rerun", least, 1.6)).split()[-1] == "1.60"
