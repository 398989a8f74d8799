"""Links to what can be taken away of a page, as HTML; `taken` answers them."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote, urlencode

from iomdash.site.address import WITH
from iomdash.site.sheet import Sheet

WHOLE_PAGE = "page"
OF_FIGURE = {"png": "PNG, a picture", "svg": "SVG, a drawing", "csv": "CSV, the figures"}
OF_PAGE = {"xlsx": "all of this page as XLSX", "ods": "as ODS"}
OF_RELEASE = {"csv": "Everything in this release (CSV)", "parquet": "the same as Parquet"}


def of_figure(sheet: Sheet, name: str, kinds: Sequence[str]) -> str:
    """Links to one figure and to all of its page, under the filters of the page."""
    links = [_link(sheet, name, kind, OF_FIGURE[kind]) for kind in kinds]
    return _listed([*links, *_of_page(sheet)])


def of_page(sheet: Sheet, *, figures: bool) -> str:
    """Links to all figures of a page, where it has some, and to the whole release."""
    return _listed([*(_of_page(sheet) if figures else ()), *_of_release()])


def _of_page(sheet: Sheet) -> list[str]:
    return [_link(sheet, WHOLE_PAGE, kind, words) for kind, words in OF_PAGE.items()]


def _of_release() -> list[str]:
    return [
        f'<a href="download/release.{form}.zip" target="_self" download>{words}</a>'
        for form, words in OF_RELEASE.items()
    ]


def _link(sheet: Sheet, name: str, kind: str, words: str) -> str:
    other = {WITH: sheet.asked.get(WITH)} if sheet.asked.get(WITH) else {}
    query = urlencode({**sheet.query, **other})
    address = f"download/{quote(sheet.here)}/{quote(name)}.{kind}{f'?{query}' if query else ''}"
    return f'<a href="{escape(address)}" target="_self" download>{words}</a>'


def _listed(links: Sequence[str]) -> str:
    return f'<ul class="io-takes">{"".join(f"<li>{link}</li>" for link in links)}</ul>'
