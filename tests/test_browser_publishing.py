"""The analyst publishes, undoes and puts back in Chromium, while the board reads beside them."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from test_browser import DESK, FITS, TELEPHONE, Site, Visitor, broken, unharmed, until
from test_browser import browser as browser
from test_publish import add

from iomdash.vault import log, reader
from iomdash.workbench import jobs

in_browser = pytest.mark.browser
PAGES = ("publish", "batches", "releases")


class Workbench(Site):
    """The server as `python -m iomdash serve --workbench` starts it."""

    words = ("--workbench",)

    def kill(self) -> None:
        """As a machine would that runs out of memory."""
        self._process.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 30 interviews that nobody has published yet."""
    folder = tmp_path_factory.mktemp("analyst") / "data"
    add(folder, 0, 30, "yes")
    return folder


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}) as window:
        yield window


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name, exact=True).click()


@contextmanager
def halted(data: Path) -> Iterator[None]:
    """The next publishing stops after its first step, until the end: a fast one would be over."""
    last, found = jobs.newest(data), Event()

    def halt() -> None:
        while not ((job := jobs.newest(data)) and job != last and job.steps):
            time.sleep(0.002)
        os.kill(pid(job), signal.SIGSTOP)
        found.set()

    Thread(target=halt, daemon=True).start()
    try:
        yield
    finally:
        assert found.wait(1)
        job = jobs.newest(data)
        assert job
        os.kill(pid(job), signal.SIGCONT)


def pid(job: jobs.Job) -> int:
    return int((job.folder / jobs.PID).read_text())


def publish(visitor: Visitor) -> None:
    """Ask for a release, and wait until its first step has begun."""
    visitor.open("publish")
    press(visitor, "Publish")
    expect(visitor.page.get_by_text("under way")).to_have_count(1)


def shows(page: Page, words: str) -> None:
    expect(page.locator('[data-testid="stMain"]')).to_contain_text(re.compile(words))


def accessible(visitor: Visitor) -> None:
    assert broken(visitor.page) == []


@in_browser
def test_an_analyst_publishes_undoes_and_puts_back_and_the_board_reads_it_at_the_next_click(
    data: Path, window: BrowserContext
) -> None:
    with Workbench(data) as bench, halted(data):
        first = Visitor(window.new_page(), bench)
        publish(first)
        first.page.close()  # the tab, while it runs
        # A server that is killed while it runs takes nothing along either.
        bench.kill()
        job = jobs.newest(data)
        assert job
        assert job.running
    with Workbench(data) as bench:
        analyst = Visitor(window.new_page(), bench)
        analyst.open("publish")
        shows(analyst.page, "Release 1 is published")
        shows(analyst.page, "It is the first release")
        with Site(data) as board:
            reader_ = Visitor(window.new_page(), board)
            reader_.open("F01")
            shows(reader_.page, "30 of 30")
            add(data, 30, 30, "no")
            publish(analyst)
            shows(analyst.page, "Release 2 is published")
            shows(analyst.page, "F01 Valued and understood")
            click(reader_, "Overview", "Release 2, published")
            reader_.open("F01")
            shows(reader_.page, "30 of 60")
            undo(analyst, data)
            analyst.open("releases")
            press(analyst, "Show release 1")
            shows(analyst.page, "Readers see release 1 from their next click on")
            reader_.menu("Cohorts", "All cohorts")
            shows(reader_.page, "Release 1, published")
            press(analyst, "Show release 2")
            shows(analyst.page, "Readers see release 2 from their next click on")
            click(reader_, "Overview", "Release 2, published")
            unharmed(reader_)
        looks_well(analyst)
        unharmed(analyst)


def click(visitor: Visitor, name: str, words: str) -> None:
    visitor.page.get_by_role("link", name=name, exact=True).first.click()
    shows(visitor.page, words)


def undo(analyst: Visitor, data: Path) -> None:
    """Take out the batch that is listed first, the newest."""
    analyst.open("batches")
    press(analyst, "Undo this batch")
    press(analyst, "Yes, undo it")
    shows(analyst.page, "codings_30.csv is undone")
    with reader.read(data) as con:
        states = {each.file: each.state for each in log.batches(con)}
    assert states.pop("codings_30.csv") == "undone"
    assert {*states.values()} == {"loaded"}


def looks_well(analyst: Visitor) -> None:
    """Every page, for whoever sees little or on a telephone."""
    for address in PAGES:
        analyst.page.set_viewport_size({"width": DESK[0], "height": 4000})
        analyst.open(address)
        accessible(analyst)
        analyst.resize(TELEPHONE)
        until(analyst.page, FITS)
