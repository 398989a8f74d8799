"""Publish: what is new, a publishing that is under way, and what came of the last one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from iomdash import settings
from iomdash.declared import audiences
from iomdash.errors import MOST_NAMED
from iomdash.publishing.planned import Planned, planned
from iomdash.publishing.published import waits
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.release.withheld import withheld
from iomdash.site.show import bullets, note, table
from iomdash.workbench import jobs, parts
from iomdash.workbench.acting import tried
from iomdash.workbench.jobs import Job

EVERY = 1.0  # seconds between two looks at a job that runs
# Parts of a release by the names of their tables; all others are agencies' figures.
PARTS = {
    "groups": "Groups",
    "claims": "Claims",
    "codes": "Codes",
    "excerpts": "Cohorts of excerpts",
}
AGENCIES = "Agencies' figures"


@parts.guarded
def page() -> None:
    """The page Publish."""
    data, releases = parts.folders()
    st.title("Publish")
    parts.outcome()
    job = jobs.newest(data)
    if job and job.running:
        _progress(job.folder)
        return
    plan, refused = tried(lambda: _planned(data, releases, *_stand(data, releases)))
    news = job is not None and _is_news(job, data)
    if job and news:
        _ended(job, releases)
    _next(plan, refused)
    if job and not news:
        _ended(job, releases)


def _is_news(job: Job, data: Path) -> bool:
    """Whether nobody has written the vault since the job ended."""
    result, vault = job.folder / jobs.RESULT, data / settings.VAULT_FILE
    if not (result.exists() and vault.exists()):
        return True
    return result.stat().st_mtime_ns >= vault.stat().st_mtime_ns


@st.fragment(run_every=EVERY)
def _progress(folder: Path) -> None:
    job = jobs.read(folder)
    if not job.running:
        st.rerun()
    st.html(f"<p>{escape(jobs.begun(job))} It goes on where this page is closed.</p>")
    st.html(f'<ol class="io-lines" aria-label="Steps">{_steps(job.steps)}</ol>')


def _steps(begun: Sequence[str]) -> str:
    """Every step with how it stands, as items of a list."""
    now = begun[-1] if begun else None
    states = {
        name: "under way" if name == now else "done" if name in begun else "to come"
        for name in parts.STEPS
    }
    bold = {"under way": "<strong>{}</strong>"}
    return "".join(
        f"<li>{bold.get(state, '{}').format(escape(f'{parts.STEPS[name]}: {state}'))}</li>"
        for name, state in states.items()
    )


# ------------------------------------------------------------------------ what came of the last one


def _ended(job: Job, releases: Path) -> None:
    by = f"{job.who}, {job.began:%d/%m/%Y at %H:%M} UTC"
    if job.result is None:
        st.header("The last publishing was stopped")
        present = shelf.latest(releases)
        see = "nothing yet" if present is None else f"release {present}"
        st.warning(
            parts.plain(
                f"It was begun by {by} and ended before it could say what came of it: its process "
                "was stopped, or the machine went off. Nothing is half made: readers see "
                f"{see}. Publish again."
            )
        )
    elif refused := job.result["refused"]:
        st.header("The last publishing was refused")
        st.error(parts.plain(f"Begun by {by}. {refused}"))
    elif not job.result["made"]:
        st.header("Nothing new to publish")
        st.info(parts.plain(_unchanged(job.result)))
        _waiting(job.result["waiting"])
        st.button("Publish anyway", on_click=_start, args=(True, True))
    else:
        _made(job, job.result, releases, by)


def _unchanged(result: Mapping[str, Any]) -> str:
    return f"{result['unchanged']} Release {result['number']} stays; no other was made."


def _made(job: Job, result: Mapping[str, Any], releases: Path, by: str) -> None:
    number = int(result["number"])
    st.header(f"Release {number} is published")
    present = shelf.latest(releases)
    see = "it" if present == number else f"release {present}"
    note(f"By {by}. Readers see {see} from their next click on.")
    for old in result["retired"]:
        note(
            f"Release {old} is retired: its difference from this one would show who left, or whose "
            "batch was undone."
        )
    for sentence in result.get("unsettled", ()):
        note(sentence)
    audience = st.selectbox("Audience", audiences.names(), key="publish audience")
    for head, draw in (
        ("What changed", lambda: _changed(releases, audience, job.before, number)),
        ("What was withheld, and why", lambda: _withheld(releases, audience, number)),
    ):
        st.subheader(head)
        parts.refusal(tried(draw)[1])
    _waiting(result["waiting"])
    with st.expander("The attack on it"):
        parts.lines(result["attacks"])


def _changed(releases: Path, audience: str, before: int | None, number: int) -> None:
    if before is None:
        note("It is the first release.")
        return
    parts.changed(parts.compared(releases, audience, before, number))


def _withheld(releases: Path, audience: str, number: int) -> None:
    release = Release(shelf.path_of(releases, audience, number)).readable()
    hidden = withheld(release)
    if not hidden:
        note("Nothing was withheld.")
        return
    counts = {reason: _by_part(tables) for reason, tables in hidden.items()}
    shown = [p for p in (*PARTS.values(), AGENCIES) if any(p in by for by in counts.values())]
    rows = [
        {"Reason": _capital(release.words(reason)), **{p: f"{by.get(p, 0):,}" for p in shown}}
        for reason, by in counts.items()
    ]
    total = sum(sum(by.values()) for by in counts.values())
    note(f"{total:,} figures of release {number}, as any reader of the {audience} could count.")
    table(rows, f"Figures withheld from the {audience}, by reason")


def _by_part(tables: Mapping[str, int]) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for name, n in tables.items():
        counts[PARTS.get(name, AGENCIES)] += n
    return counts


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _waiting(sentences: Sequence[str]) -> None:
    if sentences:
        st.subheader("What waits")
        st.html(bullets([escape(sentence) for sentence in sentences]))


# --------------------------------------------------------------------------------- what would come


def _next(plan: Planned | None, refused: Sequence[str]) -> None:
    st.header("What would be published now")
    if plan is None:
        parts.refusal(refused)
        return
    after = "Nothing is published yet." if plan.since is None else f"Since release {plan.since}:"
    new = [escape(f"{b.file} ({b.table}), {b.rows:,} rows, by {b.loaded_by}") for b in plan.new]
    gone = [escape(f"{b.file} ({b.table}) is {b.standing}") for b in plan.gone]
    if plan.nothing:
        after = f"No batch was loaded, undone or replaced since release {plan.since}."
    st.html(f"<p>{escape(after)}</p>{bullets([*new, *gone])}")
    for number in plan.retire:
        note(f"Release {number} would be retired.")
    _waiting([waits(batch) for batch in plan.waiting])
    agreed = _without(plan.uncoded)
    st.button(
        "Publish", type="primary", disabled=not agreed, on_click=_start,
        args=(False, bool(plan.uncoded)),
    )  # fmt: skip


def _without(uncoded: Sequence[str]) -> bool:
    """Whether to publish although some interviews have no coding; True where all have one."""
    if not uncoded:
        return True
    some = ", ".join(uncoded[:MOST_NAMED]) + (", ..." if len(uncoded) > MOST_NAMED else "")
    n = "1 interview has" if len(uncoded) == 1 else f"{len(uncoded):,} interviews have"
    st.warning(parts.plain(f"{n} no coding ({some}), so what they said counts nowhere."))
    return st.checkbox("Publish without them")


# A page runs at every click, and planning reads every release.
@lru_cache(maxsize=1)
def _planned(data: Path, releases: Path, *_stand: object) -> Planned:
    return planned(data, releases)


def _stand(data: Path, releases: Path) -> tuple[object, ...]:
    """What differs as soon as vault or releases do."""
    vault = data / settings.VAULT_FILE
    changed = vault.stat().st_mtime_ns if vault.exists() else None
    kept = tuple(tuple(shelf.kept(releases, name)) for name in audiences.names())
    return (changed, kept)


def _start(anyway: bool, without: bool) -> None:
    data, releases = parts.folders()
    before = shelf.latest(releases)
    _, refused = tried(
        lambda: jobs.start(data, before=before, anyway=anyway, without_uncoded=without)
    )
    parts.leave((), refused)
