"""Figures as a visitor takes them away, prints them, links to them and sees them in the dark."""

import pytest
from playwright.sync_api import Browser, expect
from test_browser import DESK, Site, Visitor, broken, browser, in_browser, site, visitor, window

__all__ = ["browser", "site", "visitor", "window"]


@in_browser
def test_a_figure_is_taken_from_its_card_under_the_filters_of_the_page(visitor: Visitor) -> None:
    visitor.open("F03?cohort=PPO")
    card = visitor.page.locator(".st-key-figure-by-cohort")
    card.get_by_text("Download", exact=True).click()
    with visitor.page.expect_download() as begun:
        card.get_by_role("link", name="CSV, the figures").click()
    assert begun.value.suggested_filename.startswith("iomdash_F03_by-cohort_wave-2026_")
    assert visitor.page.url.endswith("/F03?cohort=PPO")
    assert visitor.errors == []


@in_browser
def test_the_link_of_a_page_is_copied_and_the_button_says_so(browser: Browser, site: Site) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    with browser.new_context(permissions=allowed) as window, window.new_page() as page:
        visitor = Visitor(page, site)
        visitor.open("F03?cohort=PPO")
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("button", name="Link copied")).to_be_visible()
        assert page.evaluate("() => navigator.clipboard.readText()") == page.url


@in_browser
def test_on_paper_every_table_is_open_and_shut_again_afterwards(visitor: Visitor) -> None:
    visitor.open("methods")
    every = "[...document.querySelectorAll('.io-topic, .io-more details')]"
    shut = f"() => {every}.filter((part) => !part.open)"
    many = visitor.page.evaluate(f"({shut})().length")
    assert many > 10
    visitor.page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert visitor.page.evaluate(f"({shut})().length") == 0
    visitor.page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert visitor.page.evaluate(f"({shut})().length") == many


@in_browser
def test_a_topic_opens_at_its_address_and_has_it_while_it_is_open(visitor: Visitor) -> None:
    visitor.open("methods#protection")
    topic = visitor.page.locator("#protection")
    expect(topic).to_have_attribute("open", "")
    visitor.page.locator("#codebook > summary").click()
    expect(topic).not_to_have_attribute("open", "")
    visitor.page.wait_for_url("**/methods#codebook")


@in_browser
@pytest.mark.parametrize("address", ["", "F03", "pathways"])
def test_a_page_in_the_dark_breaks_no_rule_of_accessibility(
    browser: Browser, site: Site, address: str
) -> None:
    size = {"width": DESK[0], "height": 5000}
    with (
        browser.new_context(color_scheme="dark", viewport=size) as window,
        window.new_page() as page,
    ):
        visitor = Visitor(page, site)
        visitor.open(address)
        ground = "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
        assert page.evaluate(ground) == "rgb(20, 24, 29)"
        assert broken(page) == []
