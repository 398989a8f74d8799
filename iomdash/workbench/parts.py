# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# Streamlit names types of packages that carry none, and PyArrow carries none.
"""Parts that the analyst's pages share: refusals, what was done, and lines of changes."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, wraps
from html import escape
from pathlib import Path

import pyarrow as pa
import streamlit as st

from iomdash import settings
from iomdash.declared.contracts import odcs
from iomdash.intake.feeds import FEEDS
from iomdash.pictures import changes
from iomdash.release import shelf
from iomdash.release.comparison import Comparison, compare
from iomdash.release.reader import Release
from iomdash.site.show import bullets, note
from iomdash.vault.log import Batch
from iomdash.workbench.acting import tried

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGES = "workbench pages"
# What publishing does, or trying it, in the order in which it does.
STEPS = {
    "count": "Count who said what",
    "protect": "Protect small groups",
    "judge": "Judge the findings",
    "write": "Write the release",
    "attack": "Attack it, as a reader could",
}
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


def batch(held: Batch) -> str:
    """A batch that the vault holds, in words."""
    return f"{held.file}, {held.rows:,} rows, loaded {held.loaded_at:%d/%m/%Y}"


def link(address: str, label: str, **chosen: str | list[str]) -> None:
    """A link to another page of the workbench, which keeps what this visitor has open here."""
    page = st.session_state.get(PAGES, {}).get(address)
    if page is not None:
        icon = ":material/arrow_forward:"
        st.page_link(page, label=label, icon=icon, query_params=chosen or None)


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
    """What changed: every figure before and after as a table, and line by line behind it."""
    rows = changes.before_and_after(comparison)
    if rows:
        st.dataframe(pa.Table.from_pylist(rows), hide_index=True, alt="Figures before and after")
        note("A click on the head of a column sorts, and one on a cell shows all of it.")
    else:
        note("No finding, group or figure of agencies changed.")
    with st.expander("Every change, line by line"):
        lines(changes.words(comparison))


def compared(releases: Path, audience: str, before: int, after: int) -> Comparison:
    """Two releases of an audience, held against one another. Raises EnvironmentFault."""
    return _compared(*(shelf.path_of(releases, audience, n) for n in (before, after)))


# Releases never change, and a page runs at every click.
@lru_cache(maxsize=8)
def _compared(before: Path, after: Path) -> Comparison:
    return compare(Release(before), Release(after))
