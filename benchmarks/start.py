"""Cold start, from the start of the process to the first rendered page, against a one-chart app.

Rendered means in headless Chromium, started beforehand, where it is installed: the last line of
the overview, or the drawn chart. Else it means that the server has sent all of the page.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.data import DEMONSTRATION, Data
from benchmarks.rows import Row, plain, ratio
from benchmarks.server import APP, REFERENCE, Server
from iomdash.declared.findings import FINDINGS

TRIALS = 5
MOST = 1.3
ONE_CHART = "altair&charts=5"
OVERVIEW_DONE = f".io-row >> nth={len(FINDINGS) - 1}"
CHART_DONE = "[data-testid=stVegaLiteChart] :is(canvas, svg.marks)"

Reach = Callable[[Server, str, str], None]


def run() -> list[Row]:
    """The ratio of both starts, and each in seconds."""
    with tempfile.TemporaryDirectory() as folder, _reach() as (how, reach):
        data = Data(Path(folder) / "usual", DEMONSTRATION).environment
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(TRIALS):
            ours.append(_start(APP, data, reach, "", OVERVIEW_DONE))
            theirs.append(_start(REFERENCE, {}, reach, ONE_CHART, CHART_DONE))
    return [
        ratio(f"overview to one chart, {how}", ours, theirs, MOST),
        plain("overview, s", ours),
        plain("one chart, s", theirs),
    ]


def _start(
    script: Path, environment: Mapping[str, str], reach: Reach, query: str, done: str
) -> float:
    begun = time.perf_counter()
    with Server(script, environment) as server:
        reach(server, query, done)
        return time.perf_counter() - begun


@contextmanager
def _reach() -> Iterator[tuple[str, Reach]]:
    """How a page is asked for and waited for, in words and as a function."""
    executable = shutil.which("chromium")
    if executable is None:
        yield "sent by the server (no Chromium)", _sent
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield "rendered in Chromium", lambda *asked: _rendered(browser, *asked)
        browser.close()


def _sent(server: Server, query: str, done: str) -> None:  # noqa: ARG001
    visit = server.visit()
    visit.run("", query)
    visit.close()


def _rendered(browser: Any, server: Server, query: str, done: str) -> None:
    server.wait()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/?{query}", wait_until="commit")
    page.locator(done).first.wait_for(state="visible")
    context.close()
