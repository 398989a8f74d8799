"""From a click to a rendered page in Chromium, against the same four charts in Dash.

Both servers run at once and are clicked in turn. A page is rendered once its heading and the words
in all its charts are those that it was seen with before, so nothing is timed for the first time.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.data import made
from benchmarks.first import FULL as FULL
from benchmarks.first import SMOKE as SMOKE
from benchmarks.first import opened
from benchmarks.rows import Row, plain, ratio, step
from benchmarks.server import APP, LONGEST_START, ROOT, Server, free_port, listens
from benchmarks.start import Sizes
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.findings import FINDINGS
from iomdash.declared.groups import EVERYONE, Group
from iomdash.pictures.theme import Figure, Picture
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.settings import RELEASES
from iomdash.site.filters import choices
from pages.figures import of_page

# Two findings beside one another, of four charts each.
ONE, OTHER = "F12", "F13"


MOST = 1.0
SAME = 1000  # milliseconds after which a page that did not change is done

# What a page shows; how long it takes from an act until it shows what is expected.
SCRIPT = """
window.shown = (charts) => [
  document.querySelector("h1")?.innerText ?? "",
  ...[...document.querySelectorAll(charts)].map((chart) => chart.textContent),
].join("|");
window.took = (charts, expected, act) => new Promise((done) => {
  const begun = performance.now();
  act();
  const look = () => requestAnimationFrame(() =>
    window.shown(charts) === expected ? done(performance.now() - begun) : look());
  look();
});
"""


@dataclass(frozen=True)
class Kind:
    """How one application is told to go somewhere: acts as JavaScript, by the way that they lead;
    and what selects its charts.
    """

    charts: str
    acts: Mapping[str, str]


def _click(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)}).click()"


def _chosen(cohort: str) -> str:
    return (
        "{ const field = document.querySelector('.io-filters select[name=cohort]');"
        f" field.value = {json.dumps(cohort)};"
        " field.dispatchEvent(new Event('change', { bubbles: true })); }"
    )


def _ours(cohort: str) -> Kind:
    return Kind(
        '[data-testid="stVegaLiteChart"] svg.marks',
        {
            "overview": _click(".io-head nav a"),
            "finding": _click(f'[data-testid="stMain"] .io-findings a[href^="{ONE}"]'),
            "next": _click(f'.io-ends a[href^="{OTHER}"]'),
            "filter": _chosen(cohort),
            "back": _chosen(""),
        },
    )


def _theirs(cohort: str) -> Kind:
    return Kind(
        ".js-plotly-plot .main-svg",
        {
            "overview": _click('a[href="/"]'),
            "finding": _click(f'a[href="/{ONE}"]'),
            "next": _click("a.next"),
            "filter": _click(f'#cohort input[value="{cohort}"]'),
            "back": _click(f'#cohort input[value="{EVERYONE}"]'),
        },
    )


# Every round goes these ways in order and ends where it began.
ROUND = ("finding", "next", "filter", "back", "overview")
TIMED = {
    "finding": f"overview to {ONE}", "next": f"{ONE} to {OTHER}", "filter": f"{OTHER}, a cohort",
}  # fmt: skip


def run(sizes: Sizes) -> Iterator[Row]:
    """Ratios of the time from a click."""
    if shutil.which("chromium") is None:
        step("Chromium is not installed, so nothing is measured: apt-get install chromium")
        return
    data = made(sizes.interviews, sizes.people)
    release = Release(path_of(Path(data.environment[RELEASES.variable]), "board"))
    cohort = next(iter(choices(release, release.waves[0].id, "cohort")), EVERYONE)
    pages = _pages(release, cohort)
    charts = min(len(of) for id in (ONE, OTHER) for of in pages[id]["charts"].values())
    with ExitStack() as stack:
        browser = stack.enter_context(opened())
        ours = stack.enter_context(Server(APP, data.environment))
        ours.idle()
        tabs = {"ours": _opened(browser, ours.port, _ours(cohort), charts)}
        if find_spec("dash") is None:
            step("Dash is not installed, so ours are timed alone: see requirements-dev.txt")
        else:
            port = stack.enter_context(_peer(pages))
            tabs["Dash"] = _opened(browser, port, _theirs(cohort), charts)
        times = _rounds(tabs, sizes.trials)
    for way, words in TIMED.items():
        if "Dash" in tabs:
            # Of medians, as a visitor has no best of twenty; the best stand below.
            middle = [median(times[name, way]) for name in ("ours", "Dash")]
            yield ratio(f"{words}, to Dash, medians", middle[:1], middle[1:], MOST)
        for name in tabs:
            yield plain(f"{words}, {name}, ms", times[name, way])


def _rounds(tabs: Mapping[str, "Tab"], trials: int) -> Mapping[tuple[str, str], list[float]]:
    for tab in tabs.values():
        tab.learn()
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for trial in range(trials):
        step(f"round {trial + 1} of {trials}")
        for name, tab in tabs.items():
            for way in ROUND:
                times[name, way].append(tab.go(way))
    return times


@dataclass
class Tab:
    """One application in a tab, at the least how many charts a finding has in it, and what it
    showed after each way when that was gone first.
    """

    page: Any
    kind: Kind
    charts: int
    known: dict[str, str] = field(default_factory=dict[str, str])

    def learn(self) -> None:
        """Go every way once, and remember what is shown when nothing changes any more."""
        before = self.settled("overview", "")
        for way in ROUND:
            self.page.evaluate(self.kind.acts[way])
            self.known[way] = before = self.settled(way, before)

    def settled(self, way: str, before: str) -> str:
        """What a way leads to: something else than before, once it has been the same for a while,
        with charts where there are some.
        """
        for _ in range(LONGEST_START):
            now = self.shown()
            self.page.wait_for_timeout(SAME)
            is_whole = now.count("|") >= (0 if way == "overview" else self.charts)
            if now and now == self.shown() and now != before and is_whole:
                return now
        raise RuntimeError(f"The way '{way}' leads nowhere: {now[:200]}")

    def shown(self) -> str:
        """Heading, and words of all charts."""
        return str(self.page.evaluate("(charts) => window.shown(charts)", self.kind.charts))

    def go(self, way: str) -> float:
        """Milliseconds from the act until all is there."""
        timed = f"([charts, expected]) => took(charts, expected, () => {self.kind.acts[way]})"
        took = float(self.page.evaluate(timed, [self.kind.charts, self.known[way]]))
        self.page.wait_for_timeout(150)  # what is still at work after a page is seen
        return took


def _opened(browser: Any, port: int, kind: Kind, charts: int) -> Tab:
    page = browser.new_context().new_page()
    page.set_default_timeout(1000 * LONGEST_START)
    page.add_init_script(SCRIPT)
    page.goto(f"http://127.0.0.1:{port}/")
    page.locator("h1").first.wait_for()
    return Tab(page, kind, charts)


# ------------------------------------------------------------------------------- the same in Dash


@contextmanager
def _peer(pages: Mapping[str, Any]) -> Iterator[int]:
    """The peer with these pages on a port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        held = Path(folder) / "pages.json"
        held.write_text(json.dumps(pages), "utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.peer", str(held), str(port)], cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            listens(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def _pages(release: Release, cohort: str) -> dict[str, Any]:
    """Titles and figures of every finding's page, of everybody and of one cohort."""
    wave = release.waves[0].id
    return {
        finding.id: {
            "title": f"{finding.id} {finding.title}",
            "charts": {
                name: [
                    _chart(picture)
                    for picture in of_page(
                        finding.id, release, Group(wave, name), AgencyGroup(name)
                    ).values()
                    if picture.spec is not None
                ]
                for name in dict.fromkeys((EVERYONE, cohort))
            },
        }
        for finding in FINDINGS
    }


def _chart(picture: Picture) -> dict[str, Any]:
    table = [{name: str(cell) for name, cell in row.items()} for row in picture.table]
    rows = [_row(figure) for figure in picture.figures]
    return {"title": picture.title, "subtitle": picture.subtitle, "rows": rows, "table": table}


def _row(figure: Figure) -> dict[str, Any]:
    value = figure.share if figure.share is not None else figure.value
    words = f"{figure.numerator} of {figure.base}" if figure.base else figure.reason or figure.words
    name = " ".join(filter(None, (figure.group, figure.part)))
    return {"name": name, "value": value, "low": figure.low, "high": figure.high, "words": words}
