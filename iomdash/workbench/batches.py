"""Batches: every load with its checks, and the way back: undone, or replaced by another file."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from iomdash.site.show import bullets, note, table
from iomdash.vault import log, reader, undo
from iomdash.vault.log import Batch, Details
from iomdash.vault.undo import Dependent
from iomdash.workbench import changing, parts, upload
from iomdash.workbench.acting import tried

# Batches that the table lists, the newest of them.
MOST_ROWS = 200
UNDOING = "batch that is to be undone"
NEXT = "What was published stays published; the next release does without it."
COUNTED = (
    "What was published stays published; the next release counts the correction, or lets it wait "
    "where it moves too few people."
)


@parts.guarded
def page() -> None:
    """The page Batches."""
    data, _ = parts.folders()
    st.title("Batches")
    parts.outcome()
    with reader.read(data) as con:
        batches = log.batches(con)[::-1]
    if not batches:
        note("Nothing was loaded yet.")
        return
    table([_row(batch) for batch in batches[:MOST_ROWS]], "Batches, the newest first")
    if len(batches) > MOST_ROWS:
        note(f"And {len(batches) - MOST_ROWS:,} older ones, which the list below has too.")
    known = {batch.batch_id: batch for batch in batches}
    chosen = st.selectbox("Choose a batch", [*known], format_func=lambda b: _label(known[b]))
    _one(data, known[chosen])


def _row(batch: Batch) -> dict[str, object]:
    checks = {"passed": batch.passed, "failed": batch.failed, "warned": batch.warned}
    return {
        "Loaded (UTC)": f"{batch.loaded_at:%d/%m/%Y %H:%M}",
        "By": batch.loaded_by,
        "Table": batch.table,
        "File": batch.file,
        "Rows": f"{batch.rows:,}",
        "Checks": ", ".join(f"{n:,} {word}" for word, n in checks.items() if n or word == "passed"),
        "SHA-256": batch.sha256[:12],
        "State": batch.state,
    }


def _label(batch: Batch) -> str:
    return f"{batch.file}, {batch.table}, {batch.loaded_at:%d/%m/%Y %H:%M}: {batch.state}"


def _one(data: Path, batch: Batch) -> None:
    with reader.read(data) as con:
        details = log.details(con, batch.batch_id)
        held = batch.state == "loaded"
        hanging = undo.dependents(con, batch.batch_id) if held else ()
    st.header(parts.plain(batch.file))
    st.html(f"<p class='io-release'>{escape(f'{batch.batch_id}: {batch.standing}')}</p>")
    _details(details)
    if held:
        _undo(batch, hanging)
        _replace(batch, hanging)


def _details(details: Details) -> None:
    parts_of = (("What was decided of the file", details.decided), ("Warnings", details.warnings))
    for head, sentences in parts_of:
        if sentences:
            st.subheader(head)
            st.html(bullets([escape(sentence) for sentence in sentences]))
    st.subheader("Rules")
    rows = [
        {"Rule": rule.rule, "Why": rule.reason, "Result": _result(rule)} for rule in details.rules
    ]
    broken = [row for row, rule in zip(rows, details.rules, strict=True) if rule.result == "failed"]
    if broken:
        table(broken, "Rules that did not pass")
    else:
        note("Every rule that was run passed.")
    with st.expander(f"All {len(rows)} rules"):
        table(rows, "Rules of this load")


def _result(rule: log.Rule) -> str:
    if rule.result == "failed":
        kind = "warning" if rule.severity == "warning" else "failed"
        return f"{kind} ({rule.broken:,})"
    return f"implied by {rule.implied_by}" if rule.result == "implied" else rule.result


# --------------------------------------------------------------------------------------------- undo


def _undo(batch: Batch, hanging: Sequence[Dependent]) -> None:
    st.subheader("Undo")
    st.html(f"<p>Its rows go out of the vault; its file may be loaded again. {NEXT}</p>")
    if hanging:
        st.html(f"<p>{escape(undo.words(batch, hanging))} They would go with it.</p>")
    if st.session_state.get(UNDOING) != batch.batch_id:
        st.button("Undo this batch", on_click=_ask, args=(batch.batch_id,))
        return
    every = f"Yes, undo all {len(hanging) + 1} batches" if hanging else "Yes, undo it"
    named = tuple(other.batch.batch_id for other in hanging)
    with st.container(horizontal=True):
        st.button(every, type="primary", on_click=_do_undo, args=(batch.batch_id, named))
        st.button("No, keep it", on_click=_ask, args=(None,))


def _ask(batch: str | None) -> None:
    st.session_state[UNDOING] = batch


def _do_undo(batch: str, named: tuple[str, ...]) -> None:
    _ask(None)
    data, _ = parts.folders()
    gone, refused = tried(lambda: changing.undone(data, batch, named))
    done = [f"{batch.file} is undone: its rows are out of {batch.table}." for batch in gone or ()]
    parts.leave([*done, NEXT] if done else (), refused)


# ------------------------------------------------------------------------------------------ replace


def _replace(batch: Batch, hanging: Sequence[Dependent]) -> None:
    st.subheader("Replace")
    st.html(f"<p>Upload the corrected file: you see what differs before it changes. {COUNTED}</p>")
    parts.link("upload", "Upload its correction", **{upload.REPLACES: batch.batch_id})
    if hanging:
        others = [other.batch for other in hanging]
        st.html(
            f"<p>Where {escape(', '.join(other.file for other in others))} changes with it, upload "
            "all of the files: they are corrected in one act, all or none.</p>"
        )
        every = [batch.batch_id, *(other.batch_id for other in others)]
        parts.link("upload", "Upload the correction of all of them", **{upload.REPLACES: every})
