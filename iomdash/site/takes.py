"""Links to what can be taken away of a page, as HTML; `taken` answers them."""

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote, urlencode

import streamlit as st

from iomdash.site.address import FILTERS, WITH
from iomdash.site.frame import HERE, visitor

WHOLE_PAGE = "page"
FIRST_PAGE = "overview"
OF_FIGURE = {"png": "PNG, a picture", "svg": "SVG, a drawing", "csv": "CSV, the figures"}
OF_PAGE = {"xlsx": "all of this page as XLSX", "ods": "as ODS"}
OF_RELEASE = {"csv": "Everything in this release (CSV)", "parquet": "the same as Parquet"}


def of_figure(name: str, kinds: Sequence[str]) -> str:
    """Links to one figure and to all of its page, under the filters of the address."""
    links = [_link(name, kind, OF_FIGURE[kind]) for kind in kinds]
    return _listed([*links, *(_link(WHOLE_PAGE, kind, OF_PAGE[kind]) for kind in OF_PAGE)])


def of_page() -> str:
    """Links to all figures of a page, and to the whole release."""
    return _listed([
        *(_link(WHOLE_PAGE, kind, words) for kind, words in OF_PAGE.items()),
        *_of_release(),
    ])  # fmt: skip


def _of_release() -> list[str]:
    return [
        f'<a href="download/release.{form}.zip" target="_self" download>{words}</a>'
        for form, words in OF_RELEASE.items()
    ]


def _link(name: str, kind: str, words: str) -> str:
    address = f"download/{quote(_here())}/{quote(name)}.{kind}{_query(st.query_params)}"
    return f'<a href="{escape(address)}" target="_self" download>{words}</a>'


def _listed(links: Sequence[str]) -> str:
    return f'<ul class="io-takes">{"".join(f"<li>{link}</li>" for link in links)}</ul>'


def _here() -> str:
    return str(visitor().get(HERE) or FIRST_PAGE)


def _query(asked: Mapping[str, str]) -> str:
    chosen = {name: asked[name] for name in (*FILTERS, WITH) if name in asked}
    return f"?{urlencode(chosen)}" if chosen else ""
