"""The page is always what the address says, whichever way a visitor came to it."""

import os
import random
import re
import time
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from urllib.parse import parse_qsl, urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from test_browser import LONGEST, LOOK, Site, Visitor, in_browser, unharmed, until
from test_browser import browser as browser
from test_browser import site as site
from test_browser import visitor as visitor
from test_browser import window as window

STEPS = 20
# The element that a figure's chart is drawn in follows the one that its card ends.
CHART_OF = '.stElementContainer:has([data-figure="{}"]) + .stElementContainer'
# Few for every run; IOMDASH_WALKS=10 walks more.
SEEDS = range(int(os.environ.get("IOMDASH_WALKS", "2")))
PAGES = ("", "F05", "pathways", "methods", "cohort-PPO")
SETTINGS = {"wave": ("", "2017"), "cohort": ("", "PPO"), "area": ("", "Oldbury")}
ASKED = """() => [...document.querySelectorAll('.io-filters select')]
  .map((field) => [field.name, field.value])"""


def where(visitor: Visitor) -> str:
    return visitor.page.url.removeprefix(f"{visitor.site.address}/")


def seen_by(visitor: Visitor) -> tuple[str, str]:
    """All words of the page, and what its filters stand at."""
    main = visitor.page.locator('[data-testid="stMain"]')
    # Of menus too, open or not.
    return main.text_content() or "", str(visitor.page.evaluate(ASKED))


def differences(seen: tuple[str, str], fresh: tuple[str, str]) -> list[tuple[str, str]]:
    """What the one page says in place of what the other does."""
    return [
        (one[a:b], other[c:d])
        for one, other in zip(seen, fresh, strict=True)
        for kind, a, b, c, d in SequenceMatcher(None, one, other, False).get_opcodes()
        if kind != "equal"
    ]


class Walker:
    """A visitor who walks about, beside what their history must be, and what a page was `fresh`."""

    def __init__(
        self, visitor: Visitor, other: Visitor, fresh: dict[str, tuple[str, str]], seed: int
    ) -> None:
        self.visitor, self.other, self.fresh = visitor, other, fresh
        self.chance = random.Random(seed)
        self.history, self.at = [""], 0
        visitor.open("")
        self.entries = self.length()

    def length(self) -> int:
        return self.visitor.page.evaluate("history.length")

    def step(self) -> str:
        """One step of a kind that is possible here; what it was."""
        kinds = [self.link, self.link, self.set, self.set]
        kinds += [self.back] if self.at else []
        kinds += [self.forward] if self.at + 1 < len(self.history) else []
        kinds += [self.reload] if self.chance.random() < 0.2 else []
        kind = self.chance.choice(kinds)
        kind()
        return f"{kind.__name__} to {self.history[self.at]!r}"

    def link(self) -> None:
        """Any link of the page or of the menus that leads to one of the pages."""
        links = self.visitor.page.locator('[data-testid="stMain"] a[href]:not([data-exact])')
        here = urlparse(where(self.visitor)).path
        known = [
            i
            for i, href in enumerate(links.evaluate_all("all => all.map((a) => a.pathname)"))
            if href.removeprefix("/") in PAGES and href.removeprefix("/") != here
        ]
        link = links.nth(self.chance.choice(known))
        link.evaluate("(a) => a.closest('details')?.setAttribute('open', '')")
        link.focus()  # which makes the address complete
        to = str(link.evaluate("(a) => a.href")).removeprefix(f"{self.visitor.site.address}/")
        link.click()
        self.went(to)

    def set(self) -> None:
        """Another choice of a filter that the page offers."""
        offered = [name for name, _ in self.visitor.page.evaluate(ASKED) if name in SETTINGS]
        if not offered:
            self.link()
            return
        name = self.chance.choice(offered)
        before = dict(self.visitor.page.evaluate(ASKED))[name]
        value = self.chance.choice([v for v in SETTINGS[name] if v != before])
        self.visitor.page.locator(".io-filters").evaluate("(all) => { all.open = true }")
        self.visitor.page.locator(f'.io-filters select[name="{name}"]').select_option(value)
        asked = dict(parse_qsl(urlparse(self.history[self.at]).query)) | {name: value}
        query = "&".join(f"{n}={v}" for n, v in asked.items() if v)
        path = urlparse(self.history[self.at]).path
        self.went(f"{path}?{query}" if query else path)

    def went(self, to: str) -> None:
        self.history[self.at + 1 :] = [to]
        self.at += 1

    def back(self) -> None:
        self.at -= 1
        self.visitor.page.go_back()

    def forward(self) -> None:
        self.at += 1
        self.visitor.page.go_forward()

    def reload(self) -> None:
        self.visitor.page.reload()

    def check(self, steps: str) -> None:
        """Once the page is drawn: the address as expected, one entry of history a click, and
        everything on the page as whoever opens that address finds it.
        """
        to = self.history[self.at]
        expected = (urlparse(to).path, sorted(parse_qsl(urlparse(to).query)))
        now = urlparse(where(self.visitor))
        assert (now.path, sorted(parse_qsl(now.query))) == expected, steps
        assert self.length() == self.entries + len(self.history) - 1, steps
        if to not in self.fresh:
            self.other.open(to)
        last = time.monotonic() + LONGEST
        while (seen := seen_by(self.visitor)) != (fresh := self.alone(to)):
            assert time.monotonic() < last, f"{steps}: {differences(seen, fresh)}"
            self.visitor.page.wait_for_timeout(LOOK)
        self.fresh[to] = seen

    def alone(self, to: str) -> tuple[str, str]:
        """What whoever opens an address sees there: once it was drawn, it is the same for all."""
        return self.fresh.get(to) or seen_by(self.other)


@pytest.fixture
def other(window: BrowserContext, site: Site) -> Iterator[Visitor]:
    with window.new_page() as page:
        yield Visitor(page, site)


@pytest.fixture(scope="module")
def fresh() -> dict[str, tuple[str, str]]:
    """What pages were to whoever opened their address, by it."""
    return {}


@in_browser
@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_walk_the_page_is_what_the_address_says(
    visitor: Visitor, other: Visitor, fresh: dict[str, tuple[str, str]], seed: int
) -> None:
    walker = Walker(visitor, other, fresh, seed)
    steps: list[str] = []
    for _ in range(STEPS):
        steps.append(walker.step())
        walker.check(" | ".join(steps))
    unharmed(visitor)


@in_browser
def test_a_mark_of_a_cohort_in_a_chart_leads_to_that_cohort_without_loading_anew(
    visitor: Visitor,
) -> None:
    visitor.open("F03?wave=2026&provider=NPS")
    visitor.page.evaluate("() => { window.same = true }")
    before = visitor.page.evaluate("history.length")
    chart = visitor.page.locator(CHART_OF.format("by-cohort"))
    chart.locator('text[aria-label*="SPOS"]').first.click(force=True)
    visitor.asks(("cohort", "SPOS"), ("provider", "NPS"))
    visitor.settle()
    assert visitor.page.evaluate("history.length") == before + 1
    assert visitor.page.evaluate("window.same")
    expect(visitor.page.locator(".io-set")).to_contain_text("SPOS")
    unharmed(visitor)


CLICK = """() => {
  const link = [...document.querySelectorAll('.io-head a')].find(
    (a) => a.pathname.endsWith('/ADDRESS'));
  link?.click();
  return !!link;
}"""


@in_browser
def test_clicks_faster_than_pages_leave_one_entry_each_and_the_last_page(visitor: Visitor) -> None:
    visitor.open("F05?cohort=PPO")
    before = visitor.page.evaluate("history.length")
    for address in ("F06", "methods", "F07", "pathways"):
        # The link as it is at that moment, since pages come and go meanwhile.
        until(visitor.page, CLICK.replace("ADDRESS", address))
    visitor.page.wait_for_url("**/pathways?cohort=PPO")
    expect(visitor.page.locator("h1")).to_have_text(re.compile("^Pathways"))
    visitor.settle()
    assert visitor.page.evaluate("history.length") == before + 4
    for address in ("F07", "methods", "F06", "F05"):
        visitor.page.go_back()
        visitor.page.wait_for_url(f"**/{address}?cohort=PPO")
    visitor.settle()
    expect(visitor.page.locator('.io-head [aria-current="page"]')).to_have_attribute(
        "href", re.compile("F05")
    )
    unharmed(visitor)


@in_browser
def test_a_click_inside_the_site_loads_nothing_anew(visitor: Visitor) -> None:
    visitor.open("?cohort=PPO")
    visitor.page.evaluate("() => { window.same = true }")
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.resource_type))
    visitor.page.locator('[data-testid="stMain"] table a[href*="F01"]').first.click()
    visitor.page.wait_for_url("**/F01?**")
    visitor.page.locator(".io-theme a").click()
    visitor.page.wait_for_url("**/theme-selection?**")
    visitor.menu("Cohorts", "Prolific and Priority Offenders (PPO)")
    visitor.page.wait_for_url("**/cohort-PPO?**")
    expect(visitor.page.locator("h1")).to_have_text(re.compile("^Prolific"))
    assert visitor.page.evaluate("window.same")
    assert "document" not in asked


@in_browser
def test_a_link_opened_in_a_new_tab_takes_the_filters_along(
    visitor: Visitor, window: BrowserContext
) -> None:
    visitor.open("outcomes?cohort=PPO&area=Oldbury")
    with window.expect_page() as opened:
        visitor.page.locator(".io-head summary", has_text="About").click()
        visitor.page.get_by_role("link", name="Methods", exact=True).click(modifiers=["Control"])
    with opened.value as page:
        page.bring_to_front()  # a tab behind draws nothing
        page.wait_for_url("**/methods?cohort=PPO&area=Oldbury")
        expect(
            page.get_by_text("This page does not use the cohort and area filter")
        ).to_be_visible()


@in_browser
def test_a_choice_is_said_and_the_hand_stays_where_it_was(visitor: Visitor) -> None:
    visitor.open("F05")
    visitor.page.locator(".io-filters > summary").click()
    visitor.filter("Cohort").select_option("PPO")
    said = visitor.page.get_by_role("status").filter(has_text="48 interviews")
    expect(said).to_contain_text("27 of 48, said that support made them")
    expect(visitor.filter("Cohort")).to_be_focused()


@in_browser
def test_the_hand_is_at_the_page_that_was_asked_for_last_though_the_one_before_is_not_done(
    visitor: Visitor,
) -> None:
    for _ in range(8):
        visitor.open("F05?cohort=PPO")
        visitor.page.get_by_role("link", name="Remove: Cohort PPO").click()
        visitor.asks()
        visitor.menu("Agencies", "Pathways")
        # The link is that of the page before where the next one is not there yet.
        visitor.page.wait_for_url(re.compile(r"/pathways(\?cohort=PPO)?$"))
        expect(visitor.page.locator("h1", has_text="Pathways")).to_be_focused()


@in_browser
def test_a_server_that_starts_anew_shows_what_the_address_says(
    browser: Browser, demo_dir: Path
) -> None:
    first = Site(demo_dir)
    with browser.new_context() as context:
        page = context.new_page()
        with first:
            visitor = Visitor(page, first)
            visitor.open("F05?cohort=PPO")
            visitor.menu("Agencies", "Pathways")
            visitor.page.wait_for_url("**/pathways?cohort=PPO")
        with first.again():
            visitor.page.locator('[data-test-connection-state="CONNECTED"]').wait_for()
            visitor.page.go_back()
            visitor.page.wait_for_url("**/F05?cohort=PPO")
            expect(visitor.page.locator("h1")).to_have_text(re.compile("27 of 48"))


@in_browser
def test_keys_search_close_a_menu_and_run_nothing(visitor: Visitor) -> None:
    visitor.open("methods?cohort=PPO")
    visitor.page.get_by_label("Search", exact=True).fill("housing")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/search?q=housing&cohort=PPO")
    expect(visitor.page.locator("h1")).to_have_text("Search: housing")
    about = visitor.page.locator(".io-head details").filter(has_text="About")
    about.locator("summary").click()
    visitor.page.keyboard.press("Escape")
    expect(about).not_to_have_attribute("open", "")
    expect(about.locator("summary")).to_be_focused()
    states = "() => document.querySelector('.stApp').dataset.testScriptState"
    visitor.page.keyboard.press("r")
    assert visitor.page.evaluate(states) == "notRunning"
