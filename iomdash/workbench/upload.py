"""Upload: files in, which table each is for, what is wrong or what would change, and the load."""

from html import escape

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from iomdash import settings
from iomdash.declared.uploads import LARGEST, SUFFIXES
from iomdash.intake.feeds import ENTRIES
from iomdash.site.show import note
from iomdash.vault.log import Loaded
from iomdash.vault.trial import Broken
from iomdash.workbench import parts, reading, results
from iomdash.workbench.acting import tried
from iomdash.workbench.desk import LOAD, Desk, Upload

EVERY = 0.5  # seconds between two looks at work that goes on
SOON = 0.6  # seconds that a page waits for work before it shows how far it is
DESK, SENT = "workbench desk", "workbench uploads"
REPLACES = "replaces"  # in the address: a batch
ASK = "Choose a table"
STEPS = (
    "Choose files. You see what is wrong with each, cell by cell, or what it would change. "
    "Nothing is loaded until you say so."
)


def desk() -> Desk:
    """What this visitor has uploaded."""
    if DESK not in st.session_state:
        st.session_state[DESK] = Desk(settings.data_dir())
    return st.session_state[DESK]


@parts.guarded
def page() -> None:
    """The page Upload."""
    st.title("Upload")
    st.write(STEPS)
    held = desk()
    if held.task and not held.task.wait(SOON):
        _under_way()
        return
    held.settle()
    _told(held)
    parts.refusal(tried(lambda: _correction(held))[1])
    _choose(held)
    if held.uploads:
        _check(held)
    if held.sound:
        results.would_change(held)
        _load(held)


@st.fragment(run_every=EVERY)
def _under_way() -> None:
    held = desk()
    task = held.task
    if task is None or task.done:
        st.rerun()
        return
    st.subheader(f"{task.what}…", anchor=False)
    seconds = f"{task.seconds:.0f} s"
    step = "stopping at the next step" if task.stopping else task.step or "beginning"
    st.html(f'<p role="status">{escape(parts.STEPS.get(step, step))} ({seconds})</p>')
    if st.button("Cancel", key="cancel", disabled=task.stopping):
        task.cancel()
    if task.what == LOAD:
        note("A file that is loaded already stays loaded.")


def _told(held: Desk) -> None:
    if held.loaded:
        _loaded(held.loaded)
    if held.note:
        st.info(parts.plain(held.note))
    if held.error:
        st.error(parts.plain(held.error))


def _loaded(batches: list[Loaded]) -> None:
    lines = [
        f"{b.file} is loaded into {b.table} as {b.batch_id}. Rows: {b.rows:,}." for b in batches
    ]
    st.success("\n\n".join(map(parts.plain, lines)))
    st.write("Readers see nothing of it until the next release is published.")
    parts.link("publish", "Go on to Publish")


def _correction(held: Desk) -> None:
    """The batches that the address names are those that the next files replace."""
    if named := st.query_params.get_all(REPLACES):
        del st.query_params[REPLACES]
        held.corrects = []
        held.correct(*named)
    if not held.corrects:
        return
    waits = "; ".join(
        f"the next file of {batch.table} takes the place of {parts.batch(batch)}"
        for batch in held.corrects
    )
    together = " All corrections here are loaded in one act, or none." if _several(held) else ""
    st.info(parts.plain(
        f"{waits[0].upper()}{waits[1:]}. You see what differs before anything is changed.{together}"
    ))  # fmt: skip
    if st.button("It corrects no batch", key="corrects"):
        held.corrects = []
        st.rerun()


def _several(held: Desk) -> bool:
    """Whether more than one batch is corrected."""
    return len(held.corrects) + sum(upload.replaces is not None for upload in held.uploads) > 1


# --------------------------------------------------------------------------------- 1. choose files


def _choose(held: Desk) -> None:
    st.header("1. Choose files", anchor=False)
    turn: int = st.session_state.get(SENT, 0)
    sent = st.file_uploader(
        "Files of interviews, codings or agencies: CSV, XLSX or Parquet",
        accept_multiple_files=True,
        key=f"{SENT} {turn}",
        max_upload_size=LARGEST // 2**20,
        type=[*SUFFIXES],
    )
    if sent:
        held.loaded = []
        for file in sent:
            held.add(file.name, file)
            _let_go(file)
        st.session_state[SENT] = turn + 1  # a new widget, as what the last one was sent is gone
        st.rerun()
    for upload in held.uploads:
        with st.container(border=True):
            _file(held, upload)
    if held.names is not None:
        st.write(f"Names of another program's export: {parts.plain(held.names.name)}")


def _let_go(file: UploadedFile) -> None:
    """Free the memory in which Streamlit keeps what was sent for as long as the session."""
    run = get_script_run_ctx()
    if run is not None and isinstance(run.uploaded_file_mgr, MemoryUploadedFileManager):
        run.uploaded_file_mgr.remove_file(run.session_id, file.file_id)


def _file(held: Desk, upload: Upload) -> None:
    st.subheader(parts.plain(upload.name), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        table = st.selectbox(
            f"Table of {upload.name}",
            ENTRIES,
            index=ENTRIES.index(upload.table) if upload.table else None,
            placeholder=ASK,
            format_func=parts.named,
            key=f"table {upload.key}",
        )
        if st.button("Remove", key=f"remove {upload.key}", help=f"Remove {upload.name} from here"):
            held.dismiss(upload)
            st.rerun()
    if table != upload.table:
        held.choose(upload, table)
        st.rerun()
    note(_why(upload))
    if upload.table:
        reading.shown(held, upload)


def _why(upload: Upload) -> str:
    likely = upload.recognised.tables
    if upload.table and upload.table == upload.recognised.table:
        return "Recognised by its headers. Choose another table if that is wrong."
    if upload.table:
        return "The table that you chose."
    if likely:
        return f"Its headers fit several tables: {', '.join(map(parts.named, likely))}. Choose one."
    return "Its headers are those of no table. Choose the table that it is for."


# --------------------------------------------------------------------------------------- 2. check


def _check(held: Desk) -> None:
    st.header("2. Check", anchor=False)
    if not held.checked:
        if held.undecided:
            st.write("Choose the table of every file first.")
        many = "file" if len(held.uploads) == 1 else f"{len(held.uploads)} files"
        wanting = bool(held.undecided)
        if st.button(f"Check the {many}", type="primary", disabled=wanting, key="check"):
            held.check()
            st.rerun()
    if any(each.outcome for each in held.uploads):
        for upload in held.ordered + held.undecided:
            with st.container(border=True):
                results.shown(held, upload)
    if held.checked and not held.sound:
        _again(held)


def _again(held: Desk) -> None:
    broken = [each.name for each in held.uploads if isinstance(each.outcome, Broken)]
    st.write(
        f"Mend {parts.plain(', '.join(broken))} and upload it again under the same name: it takes "
        "the place of the one that is here."
    )


# ---------------------------------------------------------------------------------------- 4. load


def _load(held: Desk) -> None:
    st.header("4. Load", anchor=False)
    many = len(held.uploads)
    what = (
        "The file is loaded whole"
        if many == 1
        else f"The {many} files are loaded in the order above, each whole"
    )
    if sum(upload.replaces is not None for upload in held.uploads) > 1:
        what += " or not at all, those that correct a batch all together,"
    st.write(f"{what} or not at all. A batch can be taken back later.")
    if st.button("Load", type="primary", key="load"):
        held.load()
        st.rerun()
