"""Releases: which there are, what differs between two, and which of them readers see."""

import json
from datetime import datetime
from html import escape
from pathlib import Path

import streamlit as st

from iomdash.declared import audiences
from iomdash.pictures import changes_json
from iomdash.publishing import releases as published
from iomdash.publishing.releases import Entry
from iomdash.release import shelf
from iomdash.site.show import note, table
from iomdash.workbench import jobs, parts
from iomdash.workbench.acting import noted, tried

STATES = {"present": "readers see it", "kept": "kept", "retired": "retired"}


@parts.guarded
def page() -> None:
    """The page Releases."""
    data, releases = parts.folders()
    st.title("Releases")
    parts.outcome()
    if (job := jobs.newest(data)) and job.running:
        note(f"{jobs.begun(job)} Releases are listed here when it is done.")
        return
    entries = published.listed(data, releases)[::-1]
    if not entries:
        note("Nothing is published yet.")
        return
    table([_row(entry) for entry in entries], "Releases, the newest first")
    kept = [entry.number for entry in entries if not entry.retired]
    present = next((entry.number for entry in entries if entry.present), None)
    _show(kept, present)
    if len(kept) > 1:
        _compare(releases, kept)


def _row(entry: Entry) -> dict[str, object]:
    at = entry.published_at
    put = entry.pointed_at
    return {
        "Release": str(entry.number),
        "Published (UTC)": f"{datetime.fromisoformat(at):%d/%m/%Y %H:%M}" if at else "unknown",
        "By": entry.published_by or "unknown",
        "Batches": str(len(entry.batches)),
        "State": STATES[entry.state],
        "Last put on": f"{put:%d/%m/%Y %H:%M} by {entry.pointed_by}" if put else "",
    }


def _show(kept: list[int], present: int | None) -> None:
    st.header("Show another release")
    others = [number for number in kept if number != present]
    if not others:
        note("There is no other one to show.")
        return
    st.html(
        "<p>Readers see it from their next click on. What they saw meanwhile was seen, and the "
        "next release is held against it.</p>"
    )
    chosen = st.selectbox("Release to show", others)
    st.button(f"Show release {chosen}", type="primary", on_click=_put, args=(chosen,))


def _put(number: int) -> None:
    data, releases = parts.folders()
    before = shelf.latest(releases)
    now, refused = tried(lambda: _put_back(data, releases, number))
    words = f"Readers see release {number} from their next click on. Release {before} is kept."
    parts.leave([words] if now else (), refused)


def _put_back(data: Path, releases: Path, number: int) -> Entry:
    with noted(data, "rollback", release=number):
        return published.roll_back(data, releases, number)


def _compare(releases: Path, kept: list[int]) -> None:
    st.header("Compare two releases")
    with st.container(horizontal=True):
        before = st.selectbox("First", kept, index=1)
        after = st.selectbox("Second", kept, index=0)
        audience = st.selectbox("Audience", audiences.names())
    comparison, refused = tried(lambda: parts.compared(releases, audience, before, after))
    if comparison is None:
        parts.refusal(refused)
        return
    parts.changed(comparison)
    st.download_button(
        "Download as JSON",
        json.dumps(changes_json.as_json(comparison), indent=1, default=str),
        file_name=f"releases-{before}-{after}-{escape(audience)}.json",
        mime="application/json",
        on_click="ignore",
    )
