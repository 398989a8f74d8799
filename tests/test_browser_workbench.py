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
from test_publish import add
from test_workbench_upload import APPROACHES, a_demonstration

from iomdash.release import shelf
from iomdash.vault import log, reader
from iomdash.vault.writer import Vault

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
        analyst.open("")  # the root is the board's, which has nothing to show yet
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


@in_browser
def test_a_batch_is_corrected_from_its_own_page_by_a_file_with_words_of_its_own(
    window: BrowserContext, tmp_path: Path
) -> None:
    (tmp_path / "asked.csv").write_text(APPROACHES)
    with Vault.open(tmp_path / "data") as vault:
        vault.load("approaches", tmp_path / "asked.csv")
    with Workbench(tmp_path / "data") as bench:
        analyst = Visitor(window.new_page(), bench)
        analyst.open("batches")
        looks_well(analyst)
        analyst.page.get_by_role("link", name="Upload its correction").click()
        shows(analyst.page, "The next file of approaches takes the place of asked.csv, 2 rows")
        send(analyst, mended=APPROACHES.replace("declined", "said no"))
        press(analyst, "Check the file")
        shows(analyst.page, "mended.csv: 1 thing to mend")
        looks_well(analyst)
        analyst.page.get_by_role("combobox", name="'said no' in outcome stands for").click()
        analyst.page.get_by_role("option", name="did_not_attend").click()
        press(analyst, "Check the file")
        shows(analyst.page, "approaches: 0 rows added, 0 gone, 1 changed, 1 the same")
        looks_well(analyst)
        press(analyst, "Load")
        shows(analyst.page, "mended.csv is loaded into approaches")
        assert batches(tmp_path / "data") == {"asked.csv": "replaced", "mended.csv": "loaded"}
        unharmed(analyst)


@in_browser
def test_of_two_analysts_at_once_one_is_told_and_nothing_is_there_twice(
    browser: Browser, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    add(data, 0, 30, "yes")
    with Workbench(data) as bench, browser.new_context() as one, browser.new_context() as other:
        both = [Visitor(window.new_page(), bench) for window in (one, other)]
        for analyst in both:
            analyst.open("upload")
            send(analyst, asked=APPROACHES)
            press(analyst, "Check the file")
        for analyst in both:
            shows(analyst.page, "asked.csv: in order")
        for analyst in both:
            press(analyst, "Load")
        for analyst in both:
            shows(analyst.page, "asked.csv is loaded into approaches|The same content was loaded")
        told = [each.words.count("The same content was loaded") > 0 for each in both]
        assert sorted(told) == [False, True]
        assert list(batches(data)) == ["interviews_0.csv", "codings_0.csv", "asked.csv"]
        for analyst in both:
            analyst.open("publish")
        for analyst in both:
            press(analyst, "Publish")
        shows(both[1].page, "One publishes at a time: wait until it is done")
        for analyst in both:
            shows(analyst.page, "Release 1 is published")
        assert shelf.numbers(data / "releases") == [1]
        for analyst in both:
            analyst.open("batches")
            press(analyst, "Undo this batch")
            analyst.page.get_by_role("button", name="Yes, undo it").wait_for()
        for analyst in both:
            press(analyst, "Yes, undo it")
        done = "asked.csv is undone: its rows are out of approaches"
        shows(both[0].page, done)
        shows(both[1].page, "was undone on .* nothing was changed|is being written by|is in use by")
        assert done not in both[1].words
        assert batches(data)["asked.csv"] == "undone"


@in_browser
def test_a_server_that_is_killed_while_it_loads_or_undoes_has_done_all_of_it_or_nothing(
    window: BrowserContext, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    rows = [line for n in range(5000) for line in APPROACHES.replace("A26", f"A{n}").split()[1:]]
    many = "\n".join([APPROACHES.split()[0], *rows])
    with Workbench(data) as bench:
        analyst = Visitor(window.new_page(), bench)
        analyst.open("upload")
        send(analyst, asked=many)
        press(analyst, "Check the file")
        shows(analyst.page, "asked.csv: in order")
        killed(analyst, bench, "Load")
    assert whole(data) in ({}, {"asked.csv": ("loaded", 10_000)})
    if not whole(data):
        (tmp_path / "asked.csv").write_text(many)
        with Vault.open(data) as vault:
            vault.load("approaches", tmp_path / "asked.csv")
    with Workbench(data) as bench:
        analyst = Visitor(window.new_page(), bench)
        analyst.open("batches")
        press(analyst, "Undo this batch")
        analyst.page.get_by_role("button", name="Yes, undo it").wait_for()
        killed(analyst, bench, "Yes, undo it")
    assert whole(data) in (
        {"asked.csv": ("loaded", 10_000)}, {"asked.csv": ("undone", 0)},
    )  # fmt: skip
    with Workbench(data) as bench:
        analyst = Visitor(window.new_page(), bench)
        analyst.open("batches")
        shows(analyst.page, "asked.csv")
        Vault.open(data).close()  # what a killed process left goes with the next who writes
        assert not [*data.glob(".rewriting-*"), *data.glob(".uploads/*/*/asked.csv")]


def killed(visitor: Visitor, bench: Workbench, button: str) -> None:
    press(visitor, button)
    visitor.page.wait_for_timeout(300)  # until it is under way
    bench.kill()
    visitor.page.close()


def whole(data: Path) -> dict[str, tuple[str, int]]:
    """Every batch that the log has, its state, and its rows that the vault holds."""
    if not (data / "vault.duckdb").exists():
        return {}
    with reader.read(data) as con:
        held = dict(con.execute("select batch_id, count(*) from approaches group by 1").fetchall())
        return {b.file: (b.state, held.get(b.batch_id, 0)) for b in log.batches(con)}


@in_browser
def test_the_demonstration_is_removed_in_the_browser(
    window: BrowserContext, tmp_path: Path
) -> None:
    data = a_demonstration(tmp_path)
    with Workbench(data) as bench:
        analyst = Visitor(window.new_page(), bench)
        analyst.open("workbench")
        shows(analyst.page, "All data here are made up. Remove them before you load your own")
        looks_well(analyst)
        button = analyst.page.get_by_role("button", name="Remove the demonstration")
        expect(button).to_be_disabled()
        analyst.page.get_by_text("Vault, ledger and releases of this folder are").click()
        button.click()
        shows(analyst.page, "The demonstration is removed")
        shows(analyst.page, "Start with your own data")
        looks_well(analyst)
        assert not (data / "vault.duckdb").exists()
        unharmed(analyst)


def batches(data: Path) -> dict[str, str]:
    with reader.read(data) as con:
        return {each.file: each.state for each in log.batches(con)}


def downloaded(visitor: Visitor, name: str) -> bytes:
    with visitor.page.expect_download() as begun:
        press(visitor, name)
    return io.FileIO(begun.value.path()).readall()
