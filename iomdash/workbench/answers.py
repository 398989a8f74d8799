"""The board's answers for a quarter, given on a form: written as a file and loaded as any other."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from iomdash.declared.conditions import ANSWERS, CONDITIONS, POSTS
from iomdash.errors import UsageError
from iomdash.pictures.board import before
from iomdash.site.show import note
from iomdash.vault import replace
from iomdash.vault.connection import scratch
from iomdash.vault.log import Loaded
from iomdash.vault.writer import Vault
from iomdash.workbench import parts
from iomdash.workbench.acting import noted, tried

TABLE = "board_answers"
OFFERED = 4  # quarters, the present one and those before it
POST_NAMES = {post.id: post.name for post in POSTS}
ANSWER_NAMES = {answer.id: answer.name for answer in ANSWERS}
ABOUT = (
    "One answer for each condition, by the post that answers for the board. A quarter that was "
    "answered for before is put right: its answers are replaced. The board sees them after the "
    "next publishing."
)


@dataclass(frozen=True)
class Given:
    """The board's answers for a quarter, by condition, and which post gave them when."""

    quarter: str
    post: str
    day: date
    answers: Mapping[str, str]


@parts.guarded
def page() -> None:
    """The page Answers."""
    data, _ = parts.folders()
    st.title("The board's answers")
    parts.outcome()
    note(ABOUT)
    with st.form("answers"):
        quarter = st.selectbox("Quarter", quarters(date.today()))  # noqa: DTZ011  as a board dates it
        post = st.selectbox("Answered by", [*POST_NAMES], format_func=POST_NAMES.__getitem__)
        day = st.date_input("Day of the answer", format="DD/MM/YYYY")
        chosen = {c.id: _asked(c.name, c.asks) for c in CONDITIONS}
        sent = st.form_submit_button("Load these answers", type="primary")
    if sent:
        _load(data, Given(quarter, post, day, {c: a for c, a in chosen.items() if a}))


def quarters(today: date) -> list[str]:
    """The quarter of a day and those before it, the latest first."""
    found = [f"{today.year} Q{(today.month + 2) // 3}"]
    while len(found) < OFFERED:
        found.append(before(found[-1]))
    return found


def _asked(name: str, asks: str) -> str | None:
    return st.selectbox(
        f"{name}: {asks}",
        [*ANSWER_NAMES],
        index=None,
        placeholder="No answer",
        format_func=ANSWER_NAMES.__getitem__,
    )


def _load(data: Path, given: Given) -> None:
    loaded, refused = tried(lambda: entered(data, given))
    parts.leave([_told(loaded.rows, given.quarter)] if loaded else (), refused)
    st.rerun()


def _told(n: int, quarter: str) -> str:
    what = "1 answer for {} is" if n == 1 else f"{n} answers for {{}} are"
    return f"{what.format(quarter)} loaded."


def entered(data_dir: Path, given: Given) -> Loaded:
    """Load the answers for a quarter, in the place of those that were given for it before.

    Raises UsageError where there is no answer, or where a file of several quarters holds it.
    """
    if not given.answers:
        raise UsageError("There is no answer to load. Answer at least one condition.")
    with (
        noted(data_dir, "load", table=TABLE) as more,
        Vault.open(data_dir) as vault,
        scratch(data_dir) as folder,
    ):
        file = folder / f"{TABLE} {given.quarter}.csv"
        _write(file, given)
        batch = _batch_of(vault, given.quarter)
        done = replace.replace(vault, batch, file) if batch else vault.load(TABLE, file)
        more["batches"] = [done.batch_id]
    return done


def _write(file: Path, given: Given) -> None:
    fixed: dict[str, Any] = {
        "quarter": given.quarter, "answered_by": given.post,
        "answered_on": given.day.isoformat(), "origin": "collected",
    }  # fmt: skip
    rows = [{**fixed, "condition": c, "answer": a} for c, a in given.answers.items()]
    with file.open("w", newline="", encoding="utf-8") as target:
        sheet = csv.DictWriter(target, [*rows[0]])
        sheet.writeheader()
        sheet.writerows(rows)


def _batch_of(vault: Vault, quarter: str) -> str | None:
    """The batch that holds a quarter's answers; None where there is none yet."""
    held = vault.connection.execute(
        f"select batch_id, count(distinct quarter) from {TABLE} where batch_id in"
        f" (select batch_id from {TABLE} where quarter = ?) group by batch_id",
        [quarter],
    ).fetchall()
    if any(others > 1 for _, others in held):
        raise UsageError(
            f"The answers for {quarter} came in a file with those of other quarters. Put that file "
            "right and replace its batch on the page Batches."
        )
    return str(held[0][0]) if held else None
