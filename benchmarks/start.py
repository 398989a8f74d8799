"""Cold start, from the start of the process to the first rendered page, against a one-chart app.

Rendered means in headless Chromium, started beforehand, where it is installed: the last line of
the overview, or the drawn chart. Else it means that the server has sent all of the page.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.data import DEMONSTRATION, made
from benchmarks.rows import Row, plain, ratio, step
from benchmarks.server import APP, LONGEST_START, REFERENCE, Server
from iomdash.declared.findings import FINDINGS


@dataclass(frozen=True)
class Sizes:
    """Interviews and people of the releases; so many trials of what is measured."""

    interviews: int
    people: int | None
    trials: int


FULL = Sizes(DEMONSTRATION, None, 5)
SMOKE = Sizes(0, 0, 1)
MOST = 1.3
ONE_CHART = "altair&charts=5"


@dataclass(frozen=True)
class Done:
    """What a page shows when it is done: an element in a browser, words in what was sent."""

    element: str
    words: str


# The title of the last finding stands in the page, and not only in a menu beside it.
OVERVIEW_DONE = Done(
    f'[data-testid="stMain"] >> text={FINDINGS[-1].title} >> visible=true', FINDINGS[-1].title
)
CHART_DONE = Done('[data-testid="stVegaLiteChart"] :is(canvas, svg.marks)', "An empty page")
Reach = Callable[[Server, str, Done], None]


def run(sizes: Sizes) -> Iterator[Row]:
    """The ratio of both starts, and each in seconds."""
    data = made(sizes.interviews, sizes.people).environment
    with _reach() as (how, reach):
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(sizes.trials):
            step("both starts")
            ours.append(_start(APP, data, reach, "", OVERVIEW_DONE))
            theirs.append(_start(REFERENCE, {}, reach, ONE_CHART, CHART_DONE))
    yield from [
        ratio(f"overview to one chart, {how}", ours, theirs, MOST),
        plain("overview, s", ours),
        plain("one chart, s", theirs),
    ]


def _start(
    script: Path, environment: Mapping[str, str], reach: Reach, query: str, done: Done
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


def _sent(server: Server, query: str, done: Done) -> None:
    visit = server.visit()
    sent = visit.run("", query)
    visit.close()
    if not any(done.words.encode() in message.SerializeToString() for message in sent):
        raise RuntimeError(f"The page never says '{done.words}', so it is never done.")


def _rendered(browser: Any, server: Server, query: str, done: Done) -> None:
    server.wait()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/?{query}", wait_until="commit")
    page.locator(done.element).first.wait_for(state="visible", timeout=1000 * LONGEST_START)
    context.close()
