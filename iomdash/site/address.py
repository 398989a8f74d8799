"""What the address asks for: the one place that says whom a page is about, read and written here.

Nothing else is kept of a visitor's choices, so the page is always what its address says: after
Back, Forward, a reload, in another tab and on another server.
"""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from iomdash.declared.agencies.groups import AGENCY_FILTERS

# What follows a visitor from page to page, in the order of the filters.
FILTERS = ("wave", *AGENCY_FILTERS)
# The other of two groups that are compared.
WITH = "with"
CHOSEN = ' aria-current="true"'


def asked(name: str) -> str:
    """What the address gives a parameter, the last time that it does; '' where it does not."""
    return st.query_params.get(name, "")


def repeated(names: Sequence[str] = FILTERS) -> list[str]:
    """Those of some parameters that the address gives more than once."""
    return [name for name in names if len(st.query_params.get_all(name)) > 1]


def choice(name: str, options: Sequence[str]) -> str:
    """One of a page's own options as the address names it; the first where it names none."""
    return asked(name) if asked(name) in options else options[0]


def changed(**to: str) -> str:
    """A link to the present page with some parameters set, or left out where '', for an attribute
    of HTML.
    """
    now = {name: asked(name) for name in st.query_params}
    return escape(f"?{urlencode([(n, v) for n, v in {**now, **to}.items() if v])}")


def switch(name: str, options: Sequence[str], about: str) -> str:
    """A page's own options as links, the chosen one marked, as HTML. `about` names them."""
    chosen = choice(name, options)
    links = "".join(
        f'<a href="{changed(**{name: "" if option == options[0] else option})}" data-exact="1"'
        f"{CHOSEN if option == chosen else ''}>{escape(option)}</a>"
        for option in options
    )
    return f'<p class="io-switch" role="group" aria-label="{escape(about)}">{links}</p>'
