# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# Streamlit names types of packages that carry none, and PyArrow carries none.
"""What became of each file of a desk: cells to mend, what was decided, what it would change."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import pyarrow as pa
import streamlit as st

from iomdash.declared import audiences
from iomdash.errors import Break, ContractBroken, Unconfirmed
from iomdash.intake.sources.raw import Reading
from iomdash.site.show import bullets, note, table
from iomdash.vault.log import Batch
from iomdash.vault.trial import Broken, Held, Sound
from iomdash.workbench import parts, to_do
from iomdash.workbench.desk import Desk, Upload

MOST_LINES = 12  # of an effect before the rest is folded away
MARKED = (
    "The workbook holds the cells of your file as they were read, all as text, each in its own "
    "row. Broken cells are yellow, and a note on each says what to do. Mend it and upload it."
)


def shown(held: Desk, upload: Upload) -> None:
    """One file after it was checked."""
    match upload.outcome:
        case Broken():
            _broken(held, upload, upload.outcome)
        case Held(after):
            st.subheader(f"{parts.plain(upload.name)}: not checked yet", anchor=False)
            st.write(f"Its rows refer to {', '.join(after)}. Mend that file first.")
        case Sound():
            _sound(held, upload, upload.outcome)
        case None:
            st.subheader(f"{parts.plain(upload.name)}: not checked yet", anchor=False)


# ------------------------------------------------------------------------------------ what to mend


def _broken(held: Desk, upload: Upload, outcome: Broken) -> None:
    error = outcome.error
    cells = "1 thing" if error.total == 1 else f"{error.total:,} things"
    st.subheader(f"{parts.plain(upload.name)}: {cells} to mend", anchor=False)
    if upload.replaces:
        _replaces(held, upload)
    elif outcome.collides:
        _may_replace(held, upload, outcome.collides)
    if all(each.row is None and each.column is None for each in error.breaks):
        st.html(bullets([escape(f"{each.rule} {each.remedy}") for each in error.breaks]))
        if isinstance(error, Unconfirmed):
            _confirm(held, upload, error.rows)
        return
    if upload.unlisted:
        note("A word that is yours for a value of a list is set above, under: How it is read.")
    if missing := to_do.left_out(error):
        st.write(missing)
    _counts(error)
    words = st.text_input(
        "Show only those that hold", key=f"filter {upload.key}", placeholder="row, column or word"
    )
    matching = to_do.matching(error.breaks, words)
    _list(matching, upload)
    if said := to_do.listed(len(matching), error):
        note(said)
    note("A click on the head of a column sorts, and one on a cell shows all of it.")
    _downloads(upload, outcome)
    _read_as(error.sentences)


def _confirm(held: Desk, upload: Upload, rows: int) -> None:
    """The way for an extract that is whole, though it lacks so many rows."""
    words = f"The {rows:,} rows are over, or come in another file of that day"
    if st.checkbox(words, key=f"absent {upload.key}"):
        held.read_so(upload, replace(upload.options, absent=rows))
        held.check()
        st.rerun()


def _counts(error: ContractBroken) -> None:
    kinds = to_do.kinds(error)
    if len(kinds) > 1:
        lines = [f"{escape(what)} <strong>{n:,}</strong>" for what, n in kinds[:MOST_LINES]]
        if more := sum(n for _, n in kinds[MOST_LINES:]):
            lines.append(f"Of other kinds <strong>{more:,}</strong>")
        st.html(bullets(lines))


def _list(breaks: Sequence[Break], upload: Upload) -> None:
    if not breaks:
        st.write("None holds that.")
        return
    st.dataframe(
        pa.Table.from_pylist(to_do.rows(breaks)),
        hide_index=True,
        key=f"list {upload.key}",
        alt=f"What to mend in {upload.name}",
        column_config={
            "Sheet": st.column_config.TextColumn(width="small"),
            "Row": st.column_config.NumberColumn(
                width="small", format="%d", help="As your own program numbers it"
            ),
            "Column": st.column_config.TextColumn(width=120),
            "Value": st.column_config.TextColumn(width=120),
            "What is wrong": st.column_config.TextColumn(width=280),
            "What to do": st.column_config.TextColumn(width="large"),
        },
    )


def _downloads(upload: Upload, outcome: Broken) -> None:
    stem = upload.path.stem.removesuffix(to_do.TO_MEND)
    with st.container(horizontal=True):
        why = to_do.unmarkable(outcome.error)
        if why is None:
            st.download_button(
                "Download with the cells marked (XLSX)",
                lambda: to_do.marked(upload.path, outcome.error, upload.options) or b"",
                f"{stem}{to_do.TO_MEND}.xlsx", parts.XLSX, key=f"marked {upload.key}",
                on_click="ignore",
            )  # fmt: skip
        st.download_button(
            "Download the list (CSV)", lambda: to_do.as_csv(outcome.error.breaks),
            f"{stem}{to_do.TO_MEND}.csv", "text/csv", key=f"csv {upload.key}", on_click="ignore",
        )  # fmt: skip
    note(why or MARKED)


def _may_replace(held: Desk, upload: Upload, batches: Sequence[Batch]) -> None:
    """The way for a file that corrects one that is loaded."""
    st.write("The vault holds rows with the same keys. Does this file correct one that is loaded?")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Batch to replace", list(batches), format_func=parts.batch, key=f"replaces {upload.key}"
        )
        if st.button("See what it would replace", key=f"replace {upload.key}") and chosen:
            held.put_in_place_of(upload, chosen.batch_id)
            held.check()
            st.rerun()


def _replaces(held: Desk, upload: Upload) -> None:
    """Which batch it takes the place of, and the way back."""
    st.write(f"It takes the place of batch {upload.replaces}.")
    if st.button("It corrects no batch", key=f"new {upload.key}"):
        held.put_in_place_of(upload, None)
        st.rerun()


# --------------------------------------------------------------------------------- what is in order


def _sound(held: Desk, upload: Upload, outcome: Sound) -> None:
    st.subheader(f"{parts.plain(upload.name)}: in order", anchor=False)
    if upload.replaces:
        _replaces(held, upload)
        _difference(outcome)
        return
    checked = outcome.checked
    if checked is None:
        return
    staged = checked.staged
    st.write(f"It keeps the contract of {upload.table}. Rows: {staged.rows.height:,}.")
    _read_as([*staged.warnings, *map(str, checked.absent)])
    _decided(staged.reading)
    if warned := checked.every_warning:
        cells = "1 warning" if len(warned) == 1 else f"{len(warned)} warnings"
        with st.expander(f"{cells}: it may be loaded all the same"):
            st.html(bullets([escape(str(each)) for each in warned]))


def _difference(outcome: Sound) -> None:
    st.write("What differs:")
    parts.lines([line for each in outcome.differences for line in each.sentences])
    rows = [
        {"Table": d.table, "Added": d.added, "Gone": d.gone, "Changed": d.changed, "Same": d.same}
        for d in outcome.differences
    ]
    table(rows, "Rows that differ, by table")


def _read_as(sentences: Sequence[str]) -> None:
    """What was repaired or has to be known."""
    if sentences:
        st.html(bullets([escape(sentence) for sentence in sentences]))


def _decided(reading: Reading) -> None:
    stated = {
        "Kind of file": reading.kind,
        "Encoding": reading.encoding,
        "Sign between cells": reading.delimiter,
        "Sheets": ", ".join(reading.sheets),
        "Row of the header": str(reading.header_row),
        "Days in figures": reading.order,
    }
    rows = [{"Decided": name, "As": value} for name, value in stated.items() if value]
    with st.expander("How it was read"):
        table(rows, "How the file was read")


# ----------------------------------------------------------------------------- 3. what would change


def would_change(held: Desk) -> None:
    """What loading and publishing would change, on request, as it takes seconds."""
    st.header("3. See what would change", anchor=False)
    if held.effect is None:
        st.write("Tries loading and publishing on a copy. It may take a minute; you may skip it.")
        if st.button("Show what it would change", key="effect"):
            held.try_out()
            st.rerun()
        return
    audience = audiences.chosen()
    lines = held.effect.notes(audience)
    parts.lines(lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        with st.expander(f"{len(lines) - MOST_LINES} lines more"):
            parts.lines(lines[MOST_LINES:])
    comparison = held.effect.comparisons.get(audience)
    if comparison is not None:
        parts.changed(comparison)
