"""Pictures of appointments: how many were kept of those due, by site, agency, kind and quarter."""

from collections.abc import Sequence

from iomdash.declared import scheme
from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.groups import EVERYONE
from iomdash.pictures.agency_figures import HIDDEN, absent, nothing, subtitle_of
from iomdash.pictures.bars import Bar, bars
from iomdash.pictures.theme import Picture
from iomdash.pictures.wording import listed, percent
from iomdash.release.file import Row
from iomdash.release.reader import Release

MOST_NAMED = 3
DIMENSIONS = {"site": "site", "agency": "agency", "joint": "kind of meeting"}
NAMES = {
    "yes": "joint meetings", "no": "meetings with one agency",
    **{agency.key: agency.name for agency in scheme.AGENCIES},
}  # fmt: skip


def kept(release: Release, people: AgencyGroup, by: str) -> Picture:
    """Appointments kept, of those due, by one dimension of the measure: agency, site or joint."""
    topic = f"Appointments kept by {DIMENSIONS[by]}"
    if why := absent(release, "attendance", people):
        return nothing(topic, why)
    rows = release.recorded("attendance", people)
    pairs = [
        (value, _kept(rows, by, value)) for value in sorted({r[by] for r in rows} - {EVERYONE})
    ]
    items = [Bar(_label(value), *figures) for value, figures in pairs if figures]
    if not items:
        return nothing(topic, HIDDEN)
    withheld = [_label(value) for value, figures in pairs if not figures]
    note = f"▨ {HIDDEN}: {listed(withheld)}." if withheld else ""
    # One person may have many appointments, so no test of these counts could rank them.
    counts = [f"{bar.label.lower()} {percent(bar.share)}" for bar in items]
    title = f"{topic}: {listed(counts)}" if len(items) <= MOST_NAMED else topic
    return bars(topic, subtitle_of(release, people, "attendance"), items, message=title, note=note)


def _kept(rows: Sequence[Row], by: str, value: str) -> tuple[int, int] | None:
    """Appointments kept and due; None where any outcome is hidden."""
    figures = {row["what"]: row["n"] for row in rows if row[by] == value}
    counted = [n for n in figures.values() if n is not None]
    return (figures["kept"], sum(counted)) if counted and len(counted) == len(figures) else None


def _label(value: str) -> str:
    words = NAMES.get(value) or value.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"
