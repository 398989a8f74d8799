"""The analyst's way in Chromium: an empty folder, a broken file read and mended, and the load."""

import io
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import kinds
import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, expect
from test_browser import DESK, FITS, TELEPHONE, Visitor, in_browser, unharmed, until
from test_browser import browser as browser
from test_browser_publishing import Workbench, accessible, shows

BROKEN = kinds.INTERVIEWS.replace("NPS", "NSP", 2).replace("male", "mal", 1)


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": DESK[0], "height": 4000}) as window:
        yield window


def send(visitor: Visitor, **files: str) -> None:
    """Files as a hand would choose them, each by its name without .csv."""
    payloads: list[FilePayload] = [
        {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": text.encode()}
        for name, text in files.items()
    ]
    visitor.page.locator("input[type=file]").set_input_files(payloads)
    for name in files:
        expect(visitor.page.get_by_role("heading", name=f"{name}.csv").first).to_be_visible()


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name, exact=True).click()


def looks_well(visitor: Visitor) -> None:
    """The page as it is now, for whoever sees little or on a telephone."""
    visitor.settle()
    accessible(visitor)
    visitor.resize(TELEPHONE)
    until(visitor.page, FITS)
    visitor.resize((DESK[0], 4000))


@in_browser
def test_an_analyst_mends_a_file_by_its_messages_and_loads_it_with_its_codings(
    window: BrowserContext, tmp_path: Path
) -> None:
    with Workbench(tmp_path / "data") as bench:
        analyst = Visitor(window.new_page(), bench)
        analyst.open("workbench")
        shows(analyst.page, "Start with your own data")
        looks_well(analyst)
        analyst.page.get_by_role("link", name="Go to Upload").click()
        send(analyst, spring=BROKEN)
        looks_well(analyst)
        press(analyst, "Check the file")
        shows(analyst.page, "spring.csv: 3 things to mend")
        looks_well(analyst)
        marked = downloaded(analyst, "Download with the cells marked (XLSX)")
        cells = fastexcel.read_excel(marked).load_sheet(0, dtypes="string").to_polars()
        assert cells["provider"].to_list()[:3] == ["NSP", "NSP", "NPS"]
        send(analyst, coded=kinds.CODINGS)
        send(analyst, spring=kinds.INTERVIEWS)
        press(analyst, "Check the 2 files")
        shows(analyst.page, "coded.csv: in order")
        shows(analyst.page, "spring.csv: in order")
        press(analyst, "Show what it would change")
        shows(analyst.page, "Nothing is published yet: this would be the first release")
        looks_well(analyst)
        press(analyst, "Load")
        shows(analyst.page, "spring.csv is loaded into interviews")
        shows(analyst.page, "coded.csv is loaded into codings")
        looks_well(analyst)
        analyst.open("workbench")
        shows(analyst.page, "Loaded: 2 batches")
        shows(analyst.page, "Not in the last release yet: spring.csv, coded.csv")
        looks_well(analyst)
        unharmed(analyst)


def downloaded(visitor: Visitor, name: str) -> bytes:
    with visitor.page.expect_download() as begun:
        press(visitor, name)
    return io.FileIO(begun.value.path()).readall()
