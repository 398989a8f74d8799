"""How an analyst has a file read: sheet, header, days, their words for columns and values."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from iomdash.declared.contracts import odcs
from iomdash.declared.contracts.odcs import Column
from iomdash.intake import meanings
from iomdash.intake.sources import matrix
from iomdash.intake.sources.header import as_called, column_name
from iomdash.intake.sources.raw import MOST_ABOVE, ORDERS, Order
from iomdash.site.show import note
from iomdash.workbench.desk import Desk, Upload

MOST_UNKNOWN = 12  # headers for which a column may be chosen, and words for which a value
AS_FOUND = "As found in the file"


def shown(held: Desk, upload: Upload) -> None:
    """How a file is read, and the way to say so where it does not itself."""
    if upload.recalled:
        note("Read as the last file with these headers was: see below.")
    unlisted = upload.unlisted
    with st.expander("How it is read", expanded=upload.recalled or bool(unlisted)):
        chosen = upload.options
        sheets = upload.recognised.sheets
        sheet = chosen.sheet
        if len(sheets) > 1:
            sheet = st.selectbox(
                "Sheet", [None, *sheets], index=[None, *sheets].index(_known(chosen.sheet, sheets)),
                format_func=_or_as_found, key=f"sheet {upload.key}",
            )  # fmt: skip
        row = st.number_input(
            "Row in which the header stands", 1, MOST_ABOVE, chosen.header_row,
            placeholder=AS_FOUND, key=f"row {upload.key}",
        )  # fmt: skip
        orders: list[Order | None] = [None, *ORDERS]
        order = st.selectbox(
            "Days written in figures, such as 3/4/2026", orders,
            index=orders.index(chosen.order), format_func=_order, key=f"days {upload.key}",
        )  # fmt: skip
        columns = _columns(upload)
        values = _values(upload, unlisted)
        note("What you set here is remembered for files with the same headers.")
    options = replace(
        chosen, sheet=sheet, order=order, header_row=row, columns=columns, values=values
    )
    if options != chosen:
        held.read_so(upload, options)
        st.rerun()


def _columns(upload: Upload) -> tuple[tuple[str, str], ...]:
    """Which column of the table a header stands for that the table does not know."""
    contract, headers = odcs.load(str(upload.table)), upload.recognised.headers
    given = {theirs: ours for ours, theirs in upload.options.columns}
    known = {column_name(column.header): column.name for column in contract.columns}
    unknown = [h for h in headers if h not in known and not matrix.code_of(h)][:MOST_UNKNOWN]
    free = [name for header, name in known.items() if header not in headers]
    pairs: list[tuple[str, str]] = []
    for theirs in unknown if free else ():
        chosen = given.get(theirs)
        options = [None, *(name for name in free if name not in given.values() or name == chosen)]
        ours = st.selectbox(
            f"Column '{theirs}' of the file is", options, index=options.index(chosen),
            format_func=_or_left_out, key=f"column {upload.key} {theirs}",
        )  # fmt: skip
        if ours:
            pairs.append((ours, theirs))
    return tuple(pairs)


def _values(
    upload: Upload, unlisted: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str, str], ...]:
    """Which value of a column's list a word of the file stands for."""
    contract = as_called(odcs.load(str(upload.table)), upload.options.columns)
    listed = {column.name: meanings.values_of(column) for column in contract.columns}
    given = {(column, theirs): ours for column, ours, theirs in upload.options.values}
    stated: list[tuple[str, str, str]] = []
    for column, theirs in dict.fromkeys([*given, *unlisted[:MOST_UNKNOWN]]):
        values = [None, *listed.get(column, ())]
        chosen = given.get((column, theirs))
        ours = st.selectbox(
            question(contract.column(column), theirs), values,
            index=values.index(chosen if chosen in values else None),
            format_func=_or_nothing, key=f"value {upload.key} {column} {theirs}",
        )  # fmt: skip
        if ours:
            stated.append((column, ours, theirs))
    return tuple(stated)


def question(column: Column, theirs: str) -> str:
    """What is asked of a word that is not on the list of a column, under the file's own header."""
    return f"'{theirs}' in {column.header} stands for"


def _or_nothing(value: str | None) -> str:
    return value or "No value: mend it"


def _or_left_out(name: str | None) -> str:
    return name or "None of the table's: it is left out"


def _known(sheet: str | None, sheets: tuple[str, ...]) -> str | None:
    return sheet if sheet in sheets else None


def _or_as_found(word: str | None) -> str:
    return word or AS_FOUND


def _order(order: Order | None) -> str:
    words = {"day-first": "Day first: 3 April", "month-first": "Month first: 4 March"}
    return words[order] if order else AS_FOUND
