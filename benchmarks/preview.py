"""A million codings, sound or each row broken: from a file chosen in Chromium to its preview.

The workbench is started as an analyst starts it, with a vault of 20,000 interviews. A page is
silent as long as its words stay the same; another tab is opened while the broken file is checked,
and a check of it is stopped as soon as that can be pressed.
"""

import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import TimeoutError as TooLate

from benchmarks import load
from benchmarks.first import counted, opened
from benchmarks.rows import Row, plain, step
from benchmarks.server import APP, LONGEST_START, Server, peak_of
from iomdash.settings import ALONE

FULL, SMOKE = load.FULL, load.SMOKE
MOST_MEMORY = 1.5  # GiB
MOST_SILENT = 10.0  # seconds after which people turn to something else
SOON = 2  # seconds in which a button that is there is pressed
LOOK = 50  # milliseconds between two looks at a page
MAIN = '[data-testid="stMain"]'
DONE = 'body:has([data-testid="stApp"][data-test-script-state="notRunning"]):has(h1)'
UPLOAD, OTHER = "upload", "batches"
CHECK, CANCEL, REMOVE = "Check the file", "Cancel", "Remove"
IN_ORDER, TO_MEND, STOPPED = " in order", " things to mend", "Stopped."
SILENT = "the longest without a new word, s"


class Workbench(Server):
    """The analyst's server of a data folder."""

    def __init__(self, data: Path) -> None:
        super().__init__(APP, {ALONE.variable: "yes"})
        words = "-m", "iomdash", "serve", "--workbench", "--data", str(data), "--port"
        self._words = [sys.executable, *words, str(self.port)]

    def peak(self) -> float:
        """GiB that it has had at most."""
        return peak_of(self._process.pid)


@dataclass
class Tab:
    """The page Upload in a tab: what has come of it over the network, in bytes, and the longest
    that it was silent, in seconds.
    """

    page: Any
    size: Callable[[], float]
    silent: float = 0.0

    def send(self, file: Path) -> None:
        """Send a file and begin to check it."""
        self.page.locator("input[type=file]").set_input_files(file)
        self.says(CHECK)
        self.press(CHECK)

    def says(self, *words: str) -> str:
        """Wait until it says one of these, and return which."""
        last, changed = "", time.monotonic()
        until = changed + LONGEST_START
        while time.monotonic() < until:
            now = str(self.page.locator(MAIN).inner_text())
            changed = changed if now == last else time.monotonic()
            self.silent = max(self.silent, time.monotonic() - changed)
            if said := next((each for each in words if each in now), None):
                return said
            last = now
            self.page.wait_for_timeout(LOOK)
        raise RuntimeError(f"The page never says {' or '.join(words)}. It says: {last[-300:]}")

    def press(self, button: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def stop(self) -> bool:
        """Press Cancel; False where the file is done sooner."""
        try:
            button = self.page.get_by_role("button", name=CANCEL, exact=True)
            button.click(timeout=1000 * SOON)
        except TooLate:
            return False
        return True

    def remove(self) -> None:
        """Remove the file."""
        self.press(REMOVE)
        self.page.get_by_role("button", name=REMOVE, exact=True).wait_for(state="detached")


def run(sizes: load.Sizes) -> Iterator[Row]:
    """Seconds, GiB and MB."""
    if shutil.which("chromium") is None:
        step("Chromium is not installed, so nothing is measured: apt-get install chromium")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        step(f"making two files of {sizes.codings:,} codings, and a vault of their interviews")
        sound = load.codings(folder / "sound.csv", sizes)
        broken = _broken(sound, folder / "broken.csv")
        load.prepare(folder / "vault", folder / "interviews.csv", sizes.interviews)
        seen: dict[str, list[float]] = defaultdict(list)
        with opened() as browser, Workbench(folder / "vault") as server:
            server.wait()
            window = browser.new_context()
            window.set_default_timeout(1000 * LONGEST_START)
            for trial in range(sizes.trials):
                step(f"trial {trial + 1} of {sizes.trials}")
                _measure(window, server, {IN_ORDER: sound, TO_MEND: broken}, seen)
            peak = server.peak()
    bars = {SILENT: MOST_SILENT}
    yield from (plain(what, trials, bars.get(what)) for what, trials in seen.items())
    yield plain("peak memory of the server, GiB", [peak], MOST_MEMORY)


def _broken(sound: Path, path: Path) -> Path:
    """The same codings, a cell of each row broken: by turns stance, interview, day and code."""
    breaks = ((",coder-a,", ",Coder A,"), ("iv-", "iv-x"), (",2026-", ",1826-"), (".", ".x."))
    with sound.open() as file, path.open("w") as made:
        made.write(next(file))
        for number, line in enumerate(file):
            made.write(line.replace(*breaks[number % len(breaks)], 1))
    return path


def _measure(
    window: Any, server: Workbench, files: Mapping[str, Path], seen: dict[str, list[float]]
) -> None:
    """Each file once; the broken one again, with another tab meanwhile, and again to be stopped."""
    broken = files[TO_MEND]
    page, other = window.new_page(), window.new_page()
    tab = Tab(page, counted(window.new_cdp_session(page)))
    _open(page, server, UPLOAD)
    for words, file in files.items():
        cpu, size, begun = server.cpu(), tab.size(), time.monotonic()
        tab.send(file)
        assert tab.says(*files) == words
        seen[f"a file{words}, s"].append(time.monotonic() - begun)
        seen[f"a file{words}, CPU of the server, s"].append(server.cpu() - cpu)
        seen[f"a file{words}, over the network, MB"].append((tab.size() - size) / 1e6)
        tab.remove()
    seen[SILENT].append(tab.silent)
    seen["another page alone, s"].append(_open(other, server, OTHER))
    tab.send(broken)
    seen["another page while a file is checked, s"].append(_open(other, server, OTHER))
    tab.says(TO_MEND)
    tab.remove()
    tab.send(broken)
    if tab.says(CANCEL, TO_MEND) == CANCEL and tab.stop():
        begun = time.monotonic()
        tab.says(STOPPED, TO_MEND)
        seen["cancelled, s"].append(time.monotonic() - begun)
    page.close()
    other.close()


def _open(page: Any, server: Workbench, address: str) -> float:
    """Seconds until the page of an address is there."""
    begun = time.monotonic()
    page.goto(f"http://127.0.0.1:{server.port}/{address}")
    page.locator(DONE).wait_for(state="attached")
    return time.monotonic() - begun
