"""What to do first, and where the data stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from iomdash import demo, settings
from iomdash.declared import audiences
from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import TABLES
from iomdash.errors import IomdashError
from iomdash.intake import templates
from iomdash.intake.feeds import ENTRIES, FEEDS
from iomdash.release import shelf
from iomdash.site.frame import day
from iomdash.site.show import bullets, note, table
from iomdash.vault import ledger, log, reader
from iomdash.vault.log import Batch
from iomdash.workbench import parts
from iomdash.workbench.acting import tried

WIDE = "codings, a column for each code"
TEMPLATES = (*TABLES, WIDE, *FEEDS)
FIRST = (
    "<strong>Take a template.</strong> Interviews come first, then their codings; agencies' files "
    "come in their own form.",
    "<strong>Fill it in.</strong> Its sheet Explanation says what a row is and what each column "
    "means.",
    "<strong>Upload it.</strong> You see what is wrong, cell by cell, before anything is loaded.",
    "<strong>Publish.</strong> The board sees figures of groups large enough to be shown, and "
    "nobody's answers.",
)


@dataclass(frozen=True)
class Standing:
    """What a vault holds, and what the releases made of it say."""

    batches: tuple[Batch, ...]
    uncounted: tuple[Batch, ...]
    release: int | None
    published_at: object | None

    @property
    def last(self) -> Batch | None:
        """The batch that was loaded last."""
        return max(self.batches, key=lambda batch: batch.loaded_at, default=None)


def standing(data_dir: Path) -> Standing | None:
    """Where the data stand; None without a vault, or with one that never held a batch.

    Raises EnvironmentFault.
    """
    if not (data_dir / settings.VAULT_FILE).exists():
        return None
    with reader.read(data_dir) as con:
        every = log.batches(con)
    loaded = tuple(batch for batch in every if batch.state == "loaded")
    counted = ledger.counted(data_dir)
    releases = data_dir / settings.RELEASES_FOLDER
    number = shelf.latest(releases)
    if not every and number is None:
        return None
    at = None if number is None else _published_at(releases, number)
    return Standing(loaded, tuple(b for b in loaded if b.batch_id not in counted), number, at)


def _published_at(releases: Path, number: int) -> object | None:
    return shelf.manifests(releases, number).get(audiences.chosen(), {}).get("published_at")


@parts.guarded
def page() -> None:
    """The page Start."""
    data, _ = parts.folders()
    state = standing(data)
    if state is None:
        st.title("Start with your own data")
        parts.outcome()
        _first()
    else:
        st.title("Where the data stand")
        parts.outcome()
        _stands(state)
    _templates()
    if state is not None:
        _demonstration(data)
    note(f"Data folder: {data}")


def _first() -> None:
    st.html(f"<ol class='io-lines'>{''.join(f'<li>{line}</li>' for line in FIRST)}</ol>")
    parts.link("upload", "Go to Upload")


def _stands(found: Standing) -> None:
    st.html(bullets(_facts(found)))
    if found.batches:
        with st.expander("Batches by table"):
            table(_by_table(found.batches), "Batches and rows of each table")
    if found.uncounted:
        parts.link("publish", "Next: publish what is new")
    parts.link("upload", "Upload more files")


def _facts(found: Standing) -> list[str]:
    last = found.last
    many = "1 batch" if len(found.batches) == 1 else f"{len(found.batches):,} batches"
    return [
        f"Loaded: {many}.",
        "Last load: none."
        if last is None
        else f"Last load: {escape(last.file)}, {last.rows:,} rows, on "
        f"{last.loaded_at:%d/%m/%Y at %H:%M} UTC by {escape(last.loaded_by)}.",
        "Last release: none yet."
        if found.release is None
        else f"Last release: {found.release}, published {day(found.published_at)}.",
        _new(found.uncounted),
    ]


def _new(uncounted: Sequence[Batch]) -> str:
    if not uncounted:
        return "In no release yet: nothing. The last release has all that is loaded."
    names = ", ".join(escape(batch.file) for batch in uncounted[:5])
    more = f" and {len(uncounted) - 5} more" if len(uncounted) > 5 else ""
    return f"Not in the last release yet: {names}{more}."


def _by_table(batches: Sequence[Batch]) -> list[dict[str, Any]]:
    return [
        {
            "Table": odcs.load(name).name,
            "Batches": len(mine),
            "Rows": sum(batch.rows for batch in mine),
            "Last loaded": f"{max(batch.loaded_at for batch in mine):%d/%m/%Y}",
        }
        for name in ENTRIES
        if (mine := [batch for batch in batches if batch.table == name])
    ]


# -------------------------------------------------------------------------------------- templates


def _templates() -> None:
    st.header("Templates", anchor=False)
    chosen = st.selectbox("Template of", TEMPLATES, format_func=_named, key="template")
    name, wide = ("codings", True) if chosen == WIDE else (chosen, False)
    file = f"{name} wide" if wide else name
    with st.container(horizontal=True):
        st.download_button(
            "Download as XLSX", lambda: templates.template_xlsx(name, wide=wide), f"{file}.xlsx",
            parts.XLSX, key="template xlsx", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Download as CSV", lambda: templates.template_csv(name, wide=wide), f"{file}.csv",
            "text/csv", key="template csv", on_click="ignore",
        )  # fmt: skip
    note("The workbook has lists of allowed values, notes on each column, and an example.")


def _named(name: str) -> str:
    if name == WIDE:
        return "Codings, a column for each code"
    return parts.named(name)


# -------------------------------------------------------------------------- the demonstration goes


def _demonstration(data: Path) -> None:
    try:
        if not demo.is_all(data):
            return
    except IomdashError:
        return  # somebody writes; the page says so where it matters
    st.header("The demonstration", anchor=False)
    st.write("All data here are made up. Remove them before you load your own.")
    sure = st.checkbox("Vault, ledger and releases of this folder are to be removed", key="sure")
    if st.button("Remove the demonstration", disabled=not sure, key="remove"):
        _, refused = tried(lambda: demo.remove(data))
        parts.leave([] if refused else ["The demonstration is removed."], refused)
        st.rerun()
