"""Pages of the workbench run without a browser, as whoever sits before them reads them."""

import re
import time
from html import unescape

from streamlit.testing.v1 import AppTest

LONGEST = 300  # seconds for one run, on a machine however busy
DESK = "workbench desk"


def page(address: str) -> None:
    """A page of the workbench, or of the board, as a script."""
    import streamlit as st

    from iomdash.site.frame import page
    from iomdash.site.navigation import pages
    from iomdash.workbench.navigation import LISTED

    drawn = {path: draw for _, path, draw in LISTED}
    if address in drawn:
        page(drawn[address])()
    else:
        every = pages()
        st.navigation(list(every.values()), position="top")
        every[address]._page()


def opened(address: str, **query: str) -> AppTest:
    """A page run as a visitor's first."""
    app = AppTest.from_function(page, default_timeout=LONGEST, args=(address,))
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """What a page says, without its marks."""
    parts: list[str] = []
    for each in app.main:
        proto = getattr(each, "proto", None)
        parts.append(str(getattr(proto, "body", "") or getattr(each, "value", "")))
    text = " ".join(re.sub(r"<[^>]+>", " ", unescape(part)) for part in parts)
    return re.sub(r"\s+", " ", text.replace("\\", ""))


def press(app: AppTest, label: str) -> AppTest:
    """The page after a button was pressed."""
    next(each for each in app.button if each.label == label).click().run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    """What its buttons say."""
    return [each.label for each in app.button]


def settled(app: AppTest) -> AppTest:
    """The page once its work has ended."""
    until = time.monotonic() + LONGEST
    while app.session_state[DESK].task and time.monotonic() < until:
        app.run()
    return app
