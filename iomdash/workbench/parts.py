"""Parts that the analyst's pages share: refusals, what was done, and lines of changes."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, wraps
from html import escape
from pathlib import Path

import streamlit as st

from iomdash import settings
from iomdash.declared.contracts import odcs
from iomdash.intake.feeds import FEEDS
from iomdash.pictures import changes
from iomdash.release import shelf
from iomdash.release.comparison import Comparison, compare
from iomdash.release.reader import Release
from iomdash.site.show import bullets, note, table
from iomdash.workbench.acting import tried

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGES = "workbench pages"
# What an act left to tell, until the next run of a page tells it.
DONE, REFUSED = "workbench done", "workbench refused"
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|$~:])")


def guarded(draw: Callable[[], None]) -> Callable[[], None]:
    """A page on which whatever goes wrong is told in words."""

    @wraps(draw)
    def run() -> None:
        refusal(tried(draw)[1])

    return run


def refusal(why: Sequence[str]) -> None:
    """Say why something was refused; nothing where it was not."""
    if why:
        st.error("\n\n".join(map(plain, why)))


def folders() -> tuple[Path, Path]:
    """The data folder and its releases."""
    data = settings.data_dir()
    return data, data / settings.RELEASES_FOLDER


def leave(done: Sequence[str], refused: Sequence[str]) -> None:
    """Keep what came of an act for the page that is drawn next."""
    st.session_state[DONE], st.session_state[REFUSED] = tuple(done), tuple(refused)


def outcome() -> None:
    """Say what came of the last act, once."""
    if done := st.session_state.pop(DONE, ()):
        st.success("\n\n".join(map(plain, done)))
    refusal(st.session_state.pop(REFUSED, ()))


def plain(text: str) -> str:
    """Text as it is, where Streamlit would read marks in it."""
    return _MARKS.sub(r"\\\1", text)


def named(table: str) -> str:
    """A table or an agency's file in words."""
    what = odcs.load(table).name
    return f"{what}: {FEEDS[table].what}" if table in FEEDS else what


def link(address: str, label: str) -> None:
    """A link to another page of the workbench, which keeps what this visitor has open here."""
    page = st.session_state.get(PAGES, {}).get(address)
    if page is not None:
        st.page_link(page, label=label, icon=":material/arrow_forward:")


def lines(words: Sequence[str]) -> None:
    """Lines as paragraphs, those that are indented as lists under them."""
    st.html("".join(_html(words)))


def _html(words: Sequence[str]) -> Iterator[str]:
    under: list[str] = []
    for line in words:
        if line.startswith("  "):
            under.append(escape(line.strip()))
            continue
        yield bullets(under)
        under = []
        yield f"<p>{escape(line)}</p>"
    yield bullets(under)


def changed(comparison: Comparison) -> None:
    """What changed: claims on whole waves as a table, all of it line by line behind it."""
    rows = changes.of_whole_waves(comparison)
    every = sum(len(of_finding) for of_finding in comparison.findings.values())
    if rows:
        table(rows, "Claims that changed, of whole waves")
        note(f"Claims that changed, in cohorts and other groups besides: {every - len(rows):,}.")
    else:
        note(f"No claim changed of a whole wave; of cohorts and other groups: {every:,}.")
    with st.expander("Every change, line by line"):
        lines(changes.words(comparison))


def compared(releases: Path, audience: str, before: int, after: int) -> Comparison:
    """Two releases of an audience, held against one another. Raises EnvironmentFault."""
    return _compared(*(shelf.path_of(releases, audience, n) for n in (before, after)))


# Releases never change, and a page runs at every click.
@lru_cache(maxsize=8)
def _compared(before: Path, after: Path) -> Comparison:
    return compare(Release(before), Release(after))
