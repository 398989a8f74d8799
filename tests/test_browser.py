"""The site as a visitor meets it: over HTTP, and in a real headless Chromium where there is one."""

import gzip
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qsl, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as Failed
from served import Served

from iomdash.declared.findings import FINDINGS
from iomdash.site.faults import OUT_OF_ORDER
from iomdash.site.navigation import LISTED
from iomdash.site.style import CSS

# The first page listed is the site's own address.
LISTED_ADDRESSES = ["", *(address for _, address, _ in LISTED[1:])]
FINDING_ADDRESSES = [finding.id for finding in FINDINGS]
# Levels A and AA of WCAG 2.2, and what its authors hold to be good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EVERY_ADDRESS = [
    *LISTED_ADDRESSES, *FINDING_ADDRESSES, "theme-pathways", "theme-selection", "cohort-PPO",
    "cohort-U", "search?q=police", "F07?wave=2017&cohort=SPOS", "F05?wave=2017",
    "compare?cohort=PPO&with=HCCU",
]  # fmt: skip
LONGEST = 300  # seconds until a server or a page must be there, on a machine however busy
LOOK = 50  # milliseconds between two looks at what is waited for
SHORT = 5000  # milliseconds for what can be done at once, or must be begun anew
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# A page of a test is gone before it pays to optimise its scripts.
WORDS = ["--no-sandbox", "--js-flags=--no-opt --no-maglev"]
DESK, TELEPHONE = (1280, 1400), (320, 640)

# A page is done when its script has ended and each chart is drawn: one selector, as Playwright's
# `wait_for_function` asks for `eval` from its second look on, which the page's own rules refuse.
DONE = (
    'body:has([data-testid="stApp"][data-test-script-state="notRunning"]):has(h1, .stAlert)'
    ':not(:has([data-testid="stSkeleton"])):not(:has(.stVegaLiteChart:not(:has(.marks))))'
)
# The page itself scrolls inside stMain, and charts take a moment to follow a window.
FITS = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
  .every((element) => element.scrollWidth <= innerWidth)"""

in_browser = pytest.mark.browser


class Site:
    """The server as `python -m iomdash serve` starts it, listening when entered."""

    words: tuple[str, ...] = ()
    log: Path | None = None

    def __init__(self, data: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        words = ["iomdash", "serve", "--data", str(data), "--port", str(self.port)]
        self._words = [*words, *self.words]
        self.again()

    def again(self) -> "Site":
        """Start it, or start it anew at the same address."""
        self._process = Served(self._words, self.log or Path(os.devnull))
        return self

    def __enter__(self) -> "Site":
        until = time.monotonic() + LONGEST
        while time.monotonic() < until and self._process.runs:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("The server did not start. Run `make run` to see why.")

    def __exit__(self, *_: object) -> None:
        self._process.end()

    def ask(self, path: str, method: str = "GET") -> tuple[int, dict[str, str], str]:
        """Status, headers and body, the path sent as it is."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        # As a browser does, who says from where it changes something.
        own = {} if method == "GET" else {"origin": f"http://127.0.0.1:{self.port}"}
        connection.request(method, path, headers=own)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, told, answer.read().decode("utf-8", "replace")


@pytest.fixture(scope="module")
def site(demo_dir: Path) -> Iterator[Site]:
    with Site(demo_dir) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so no page was opened in a browser.")
    expect.set_options(timeout=LONGEST * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=WORDS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A browser tab without history, and everything that went wrong or out in it."""

    page: Page
    site: Site
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(LONGEST * 1000)
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._went(request.url))
        self.page.on("websocket", lambda opened: self._went(opened.url))

    def _went(self, url: str) -> None:
        to = urlparse(url)
        if to.scheme not in ("data", "blob") and to.netloc != urlparse(self.site.address).netloc:
            self.elsewhere.append(url)

    def open(self, path: str) -> None:
        """Ask for a path and wait until its page is drawn."""
        self.page.goto(f"{self.site.address}/{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until the present page is drawn."""
        self.page.wait_for_selector(DONE, state="attached")

    def asks(self, *chosen: tuple[str, str], only: bool = True) -> None:
        """Wait until the address holds these filters, and none besides unless told otherwise."""

        def holds(url: str) -> bool:
            now = parse_qsl(urlparse(url).query)
            return sorted(now) == sorted(chosen) if only else {*chosen} <= {*now}

        self.page.wait_for_url(holds)

    def resize(self, size: tuple[int, int]) -> None:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.settle()

    @property
    def words(self) -> str:
        return self.page.locator('[data-testid="stMain"]').inner_text()

    def filter(self, name: str) -> Locator:
        return self.page.get_by_role("combobox", name=name)

    def menu(self, name: str, link: str) -> None:
        """Go where a menu leads, opened again where the next page came meanwhile and closed it."""
        called = self.page.locator(f'summary:text-is("{name}")')
        inside = self.page.locator(".io-head details", has=called)
        leads = inside.get_by_role("link", name=link, exact=True)
        last = time.monotonic() + LONGEST
        while time.monotonic() < last:
            if not leads.is_visible():
                called.click()
            with suppress(Failed):
                return leads.click(timeout=SHORT)
        raise AssertionError(f"{name} never stayed open until {link} was pressed.")


def until(page: Page, look: str) -> None:
    """Look again and again whether a function of the page says yes, asked from here each time."""
    last = time.monotonic() + LONGEST
    while not page.evaluate(look):
        assert time.monotonic() < last, f"after {LONGEST} s not yet: {look}"
        page.wait_for_timeout(LOOK)


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window that keeps what any page fetches, as a visitor's does."""
    with browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}) as window:
        yield window


@pytest.fixture
def visitor(window: BrowserContext, site: Site) -> Iterator[Visitor]:
    with window.new_page() as page:
        yield Visitor(page, site)


@pytest.fixture(scope="module")
def tab(window: BrowserContext, site: Site) -> Iterator[Visitor]:
    """A tab that stays, for pages looked at one after the other: opening one costs a third more."""
    with window.new_page() as page:
        yield Visitor(page, site)


# ------------------------------------------------------------------------------------- over HTTP


def test_a_page_may_run_no_script_but_its_own(site: Site) -> None:
    _, headers, body = site.ask("/")
    rules = dict(
        rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";")
    )
    assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
    assert rules["connect-src"] == "'self'"
    words = rules["script-src"].split()
    assert words[:2] == ["'self'", "'wasm-unsafe-eval'"]
    assert all(word.startswith("'sha256-") for word in words[2:])
    assert len(words[2:]) == body.count("<script>")
    assert "unsafe-eval" not in rules["script-src"].replace("wasm-unsafe-eval", "")


FAULTY_APP = """
from pathlib import Path
import streamlit as st
from iomdash.site.navigation import titles
from iomdash.site.served import around

app = st.App(Path(__file__).with_name("faulty.py"), **around(titles()))
"""
FAULTY = """
import streamlit as st

st.title("A")
raise ValueError("of one person")
"""


class Faulty(Site):
    """The server around a script with a fault, which lies in a folder with its log."""

    def __init__(self, folder: Path) -> None:
        (folder / "app.py").write_text(FAULTY_APP, "utf-8")
        (folder / "faulty.py").write_text(FAULTY, "utf-8")
        self.folder, self.log = folder, folder / "log"
        super().__init__(folder)

    def again(self) -> "Faulty":
        """Start it as `serve` ends by doing."""
        serve = ["streamlit", "run", str(self.folder / "app.py"), "--server.port"]
        self._words = [*serve, str(self.port)]
        super().again()
        return self


@in_browser
def test_a_fault_of_the_program_is_a_neutral_sentence_and_its_kind_and_place_in_the_log(
    browser: Browser, tmp_path: Path
) -> None:
    with Faulty(tmp_path) as site, browser.new_page() as page:
        Visitor(page, site).open("")
        assert page.locator(".stAlert").all_inner_texts() == [OUT_OF_ORDER]
    said = (tmp_path / "log").read_text("utf-8")
    assert "ValueError at <module>, line 5" in said
    assert "Traceback" not in said
    assert "of one person" not in said


@in_browser
def test_however_many_come_first_at_once_each_finds_their_page(
    browser: Browser, demo_dir: Path
) -> None:
    paths = ("F05?cohort=PPO", "", "F09", "cohort-PPO", "F05?wave=2017", "trends")
    with Site(demo_dir) as site, browser.new_context() as window:
        pages = [window.new_page() for _ in paths]
        for page, path in zip(pages, paths, strict=True):
            page.goto(f"{site.address}/{path}", wait_until="commit")
        for page in pages:
            Visitor(page, site).settle()
            assert page.locator(".stAlert").count() == 0, page.url
            assert page.locator("h1").count() == 1, page.url


@pytest.mark.parametrize("path", ["/", "/F07"])
def test_the_look_comes_with_the_page_after_streamlits_own(site: Site, path: str) -> None:
    _, _, body = site.ask(path)
    assert body.count(CSS) == 1
    assert body.index(CSS) > body.index("</head>")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_stcore/metrics"),
        ("GET", "/%5fstcore/metrics"),
        ("PUT", "/_stcore/upload_file/session/file"),
        ("DELETE", "/_stcore/upload_file/session/file"),
        ("POST", "/_stcore/agent/interact"),
        ("GET", "/_stcore/agent/openapi.json"),
        ("GET", "/_stcore/script-health-check"),
    ],
)
def test_doors_that_the_pages_do_not_need_are_shut(site: Site, method: str, path: str) -> None:
    status, headers, body = site.ask(path, method)
    assert (status, body) == (404, "There is nothing here.")
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/overview", "/"),
        ("/f01", "/F01"),
        ("/COHORT-ppo/", "/cohort-PPO"),
        ("/f05?cohort=DV%26A&wave=2017", "/F05?cohort=DV%26A&wave=2017"),
    ],
)
def test_an_address_is_spelt_in_one_way(site: Site, path: str, meant: str) -> None:
    status, headers, _ = site.ask(path)
    assert (status, headers["location"]) == (307, meant)


@pytest.mark.parametrize(
    ("path", "near"),
    [("/pathway", "/pathways"), ("/F5", "/F05"), ("/FO5", "/F05"),
     ("/data_quality", "/data-quality"), ("/police", "/theme-police")],
)  # fmt: skip
def test_an_address_of_no_page_is_answered_with_the_nearest(
    site: Site, path: str, near: str
) -> None:
    status, headers, body = site.ask(path)
    assert (status, f'href="{near}"' in body) == (404, True)
    assert "script-src 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/pages/finding", "/a/b/c", "/" + "x" * 2000, "/%3Cb%3Ex"])
def test_an_address_like_none_is_said_to_be_none_and_written_out(site: Site, path: str) -> None:
    status, _, body = site.ask(path)
    assert status == 404
    assert "There is no page of this address" in body
    assert "<b>x" not in body
    assert len(body) < 30_000


def test_what_a_first_visitor_fetches_is_compressed_and_kept(site: Site) -> None:
    _, _, body = site.ask("/")
    [script] = re.findall(r'src="(/static/js/index[^"]+)"', body)
    connection = HTTPConnection("127.0.0.1", site.port, timeout=LONGEST)
    for _ in range(2):
        connection.request("GET", script, headers={"Accept-Encoding": "gzip, br"})
        answer = connection.getresponse()
        sent = answer.read()
        assert answer.getheader("content-encoding") == "gzip"
        assert "immutable" in (answer.getheader("cache-control") or "")
    assert gzip.decompress(sent).decode() == site.ask(script)[2]


@pytest.mark.parametrize("path", ["//_stcore/metrics", "/overview/_stcore/metrics"])
def test_no_roundabout_address_leads_to_a_shut_door(site: Site, path: str) -> None:
    _, _, body = site.ask(path)
    assert "# TYPE" not in body


def test_the_doors_that_the_pages_need_are_open(site: Site) -> None:
    assert [site.ask(f"/_stcore/{door}")[0] for door in ("health", "host-config")] == [200, 200]


@pytest.mark.parametrize(
    "path", ["/pages/finding.py", "/app.py", "/../app.py", "/static/../app.py"]
)
def test_no_source_is_served(site: Site, path: str) -> None:
    assert "import" not in site.ask(path)[2].replace("important", "")


# ------------------------------------------------------------------------------------ in Chromium


def unharmed(visitor: Visitor) -> None:
    """No error in the console or on the page, and nothing asked of another machine."""
    assert visitor.errors == []
    assert visitor.elsewhere == []
    assert visitor.page.locator('[data-testid="stException"]').count() == 0
    assert "Traceback" not in visitor.words


APP = '<div data-testid="stApp" data-test-script-state="{}"><h1>Words</h1>{}</div>'
CHART = '<div class="stVegaLiteChart"><svg class="marks"></svg></div>'


@in_browser
@pytest.mark.parametrize(
    ("html", "done"),
    [
        (APP.format("notRunning", ""), 1),
        (APP.format("notRunning", CHART * 2), 1),
        (APP.format("running", CHART), 0),
        (APP.format("notRunning", "").replace("h1", "p"), 0),
        (APP.format("notRunning", CHART + '<div class="stVegaLiteChart"></div>'), 0),
        (APP.format("notRunning", CHART + '<div data-testid="stSkeleton"></div>'), 0),
    ],
)
def test_a_page_is_done_when_its_script_has_ended_and_every_chart_is_drawn(
    window: BrowserContext, html: str, done: int
) -> None:
    with window.new_page() as page:
        page.set_content(html)
        assert page.locator(DONE).count() == done


@in_browser
def test_the_first_visitor_of_a_server_may_come_by_any_link(
    browser: Browser, demo_dir: Path
) -> None:
    with Site(demo_dir) as fresh:
        status, _, body = fresh.ask("/finding")
        assert (status, "There is no page of this address" in body) == (404, True)
        with browser.new_context() as context:
            visitor = Visitor(context.new_page(), fresh)
            visitor.open("F07")
            expect(visitor.page.locator("h1")).to_have_text(re.compile("^Nearly all"))
            assert "Traceback" not in visitor.words
            assert visitor.elsewhere == []


@in_browser
@pytest.mark.parametrize("address", EVERY_ADDRESS)
def test_a_page_opens_breaks_no_rule_of_accessibility_and_fits_a_telephone(
    tab: Visitor, address: str
) -> None:
    tab.errors.clear()
    tab.elsewhere.clear()
    tab.page.set_viewport_size({"width": DESK[0], "height": 6000})
    tab.open(address)
    unharmed(tab)
    assert broken(tab.page) == []
    tab.resize(TELEPHONE)
    until(tab.page, FITS)
    unharmed(tab)


@in_browser
@pytest.mark.parametrize("opens", [".io-head details > summary", ".io-filters > summary"])
def test_an_open_menu_breaks_no_rule_of_accessibility(visitor: Visitor, opens: str) -> None:
    visitor.open("F07?cohort=PPO")
    visitor.page.locator(opens).first.click()
    # What lies under it cannot be pressed until it is closed, and is tried by itself.
    assert broken(visitor.page, within=opens.split(" ")[0]) == []


@in_browser
def test_the_menu_and_folded_rows_of_a_telephone_break_no_rule_of_accessibility(
    visitor: Visitor,
) -> None:
    visitor.open("pathways")
    visitor.resize((TELEPHONE[0], 6000))
    visitor.page.get_by_role("button", name="Menu").click()
    expect(visitor.page.get_by_role("navigation", name="Pages")).to_be_visible()
    cell = visitor.page.locator("td[data-label='In need']").first
    assert cell.evaluate("(td) => getComputedStyle(td).display") == "grid"
    assert broken(visitor.page) == []


def broken(page: Page, within: str | None = None) -> list[str]:
    """Rules of accessibility that a page breaks, or a part of it, and where."""
    # Where a rule is kept axe would write out every place too, which takes longer than the search;
    # and it would read all style sheets anew, of which no rule that is asked for knows anything.
    asked = {
        "runOnly": RULES, "resultTypes": ["violations"], "preload": {"assets": ["media"]},
    }  # fmt: skip
    found = Axe().run(page, context=within, options=asked)
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


def choose(visitor: Visitor, name: str, value: str, key: str | None = None) -> None:
    """Set a filter as a hand would."""
    visitor.page.locator(".io-filters").evaluate("(all) => { all.open = true }")
    visitor.filter(name).select_option(value)
    visitor.asks((key or name.lower(), value), only=False)
    visitor.settle()


@in_browser
def test_filters_live_in_the_address_and_survive_every_way_to_another_page(
    visitor: Visitor, browser: Browser, site: Site
) -> None:
    visitor.open("")
    choose(visitor, "Wave", "2017")
    choose(visitor, "Cohort", "PPO")
    holds(visitor)
    visitor.page.locator(".io-findings").get_by_role("link", name="F02").click()
    visitor.page.wait_for_url("**/F02**")
    holds(visitor)
    visitor.menu("Agencies", "Pathways")
    visitor.page.wait_for_url("**/pathways**")
    holds(visitor)
    with browser.new_context() as context:
        other = Visitor(context.new_page(), site)
        other.open(visitor.page.url.removeprefix(f"{site.address}/"))
        holds(other)
        other.menu("Voices", "Profile")
        other.page.wait_for_url("**/profile**")
        holds(other)


@in_browser
def test_area_and_period_live_in_the_address_from_page_to_page(visitor: Visitor) -> None:
    visitor.open("outcomes?area=Oldbury")
    choose(visitor, "Period", "2025 Q2", "quarter")
    visitor.menu("Agencies", "Attendance")
    visitor.page.wait_for_url("**/attendance**")
    visitor.asks(("area", "Oldbury"), ("quarter", "2025 Q2"))
    stand(visitor, area="Oldbury", quarter="2025 Q2")


def stand(visitor: Visitor, **values: str) -> None:
    """The page's filters stand at these values, once it is there."""
    for name, value in values.items():
        field = visitor.page.locator(f'.io-filters select[name="{name}"]')
        expect(field).to_have_value(value)


def holds(visitor: Visitor) -> None:
    """The wave 2017 and its PPO, in the address and on the page, once the page has settled."""
    visitor.asks(("cohort", "PPO"), ("wave", "2017"))
    chip = visitor.page.locator(".io-chip", has_text="Wave 2017 is partly reconstructed")
    expect(chip).to_be_visible()
    stand(visitor, cohort="PPO", wave="2017")
