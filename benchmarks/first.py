"""A first visit until it is drawn, and what it fetches, against Streamlit with one chart.

Both servers run and have had a visitor; each visit is of a browser that knows nothing yet.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.data import DEMONSTRATION, made
from benchmarks.rows import Row, plain, ratio, step
from benchmarks.server import APP, LONGEST_START, REFERENCE, Server
from benchmarks.start import CHART_DONE, ONE_CHART, OVERVIEW_DONE, Done, Sizes

FULL = Sizes(DEMONSTRATION, None, 10)
SMOKE = Sizes(0, 0, 1)
MOST, MOST_BYTES = 1.2, 1.0


def run(sizes: Sizes) -> Iterator[Row]:
    """The ratio of both, and MB."""
    if shutil.which("chromium") is None:
        step("Chromium is not installed, so nothing is measured: apt-get install chromium")
        return
    with ExitStack() as stack:
        browser = stack.enter_context(opened())
        ours = stack.enter_context(Server(APP, made(sizes.interviews, sizes.people).environment))
        alone = stack.enter_context(Server(REFERENCE))
        yield from _first(browser, ours, alone, sizes.trials)


@contextmanager
def opened() -> Iterator[Any]:
    """Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


def _first(browser: Any, ours: Server, alone: Server, trials: int) -> Iterator[Row]:
    """First visits in turn, each in a browser that knows nothing yet."""
    seen: dict[str, list[float]] = defaultdict(list)
    fetched: list[float] = []
    for server, query, done in ((ours, "", OVERVIEW_DONE), (alone, ONE_CHART, CHART_DONE)):
        _visited(browser, server, query, done)
    for trial in range(trials):
        step(f"first visits, {trial + 1} of {trials}")
        took, size = _visited(browser, ours, "", OVERVIEW_DONE)
        seen["ours"].append(took)
        fetched.append(size)
        seen["one chart"].append(_visited(browser, alone, ONE_CHART, CHART_DONE)[0])
    yield ratio("first visit, overview to one chart", seen["ours"], seen["one chart"], MOST)
    for name, times in seen.items():
        yield plain(f"first visit, {name}, ms", times)
    yield plain("first visit, overview, MB", fetched, MOST_BYTES)


def _visited(browser: Any, server: Server, query: str, done: Done) -> tuple[float, float]:
    """Milliseconds from asking until it is drawn, and MB that came over the network."""
    server.wait()
    context = browser.new_context()
    page = context.new_page()
    size = counted(context.new_cdp_session(page))
    begun = page.evaluate("performance.timeOrigin + performance.now()")
    page.goto(f"http://127.0.0.1:{server.port}/?{query}", wait_until="commit")
    page.locator(done.element).first.wait_for(state="visible", timeout=1000 * LONGEST_START)
    ended = page.evaluate("performance.timeOrigin + performance.now()")
    context.close()
    return ended - begun, size() / 1e6


def counted(session: Any) -> Callable[[], float]:
    """What came over the network of a page: answers as they are sent, and its stream's frames."""
    sizes: list[float] = []
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.on(
        "Network.webSocketFrameReceived",
        # A frame of bytes is told in base 64.
        lambda event: sizes.append(len(event["response"]["payloadData"]) * 3 / 4),
    )
    return lambda: sum(sizes)
