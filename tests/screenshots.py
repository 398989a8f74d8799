"""Every page of the board's site and of the workbench as a picture, whole, at three widths.

    python tests/screenshots.py FOLDER [DATA]

DATA is a data folder; without one the demonstration is built for it. Names say page and width.
"""

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from test_browser import CHROMIUM, Site, Visitor
from test_browser_publishing import Workbench

from iomdash import cli
from iomdash.site.navigation import titles
from iomdash.workbench.navigation import MENU

WIDTHS = (1280, 768, 320)
HEIGHT = 900
# Pages that show something else once they are asked for it.
ASKED = ("F05?cohort=PPO", "F05?wave=2017", "compare?cohort=PPO&with=HCCU", "search?q=housing")
# What scrolls is a part of the page, so the page is made as high as that part.
PLAIN = str.maketrans("?&=", "---")
HIGH = "() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight"


def taken(page: Page, site: Site, addresses: Iterable[str], folder: Path) -> Iterator[Path]:
    """A picture of each page at each width, named after its address."""
    visitor = Visitor(page, site)
    for address in addresses:
        for width in WIDTHS:
            visitor.resize((width, HEIGHT))
            visitor.open(address)
            visitor.resize((width, page.evaluate(HIGH)))
            visitor.settle()
            file = folder / f"{address.translate(PLAIN)}-{width}.png"
            page.screenshot(path=file)
            yield file


def main(folder: Path, data: Path) -> None:
    """Write all pictures into a folder, saying each."""
    folder.mkdir(parents=True, exist_ok=True)
    workbench = dict(MENU.lists[0][1])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for kind, addresses in ((Site, [*titles(), *ASKED]), (Workbench, [*workbench])):
            with kind(data) as site, browser.new_page() as page:
                for file in taken(page, site, addresses, folder):
                    print(file, flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        shown = Path(sys.argv[2] if len(sys.argv) > 2 else made)
        if shown == Path(made):
            cli.main(["demo", "--data", made])
        main(Path(sys.argv[1]), shown)
