"""How fresh the data are, what is missing, which warnings stand; then every load and check."""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from itertools import groupby

from iomdash.declared.agencies import MEASURES
from iomdash.declared.agencies.senders import SENDERS, senders
from iomdash.declared.agencies.versions import State
from iomdash.declared.findings import FINDINGS
from iomdash.declared.reasons import Reason
from iomdash.pictures.wording import listed
from iomdash.release.file import Row
from iomdash.release.memo import remembered
from iomdash.release.reader import Release
from iomdash.site.filters import OF_NOTHING
from iomdash.site.frame import choose, day
from iomdash.site.parts import Topic, folded, html_table, topics, whole_page
from iomdash.site.sheet import Sheet
from iomdash.site.show import quiet

LOADS = (
    'select table_name as "Table",'
    ' coalesce(cast(row_count as varchar), ?) as "Rows", checks as "Checks",'
    ' strftime(loaded_at, \'%d %b %Y %H:%M\') as "Loaded (UTC)", left(sha256, 12) as "SHA-256"'
    " from loads order by loaded_at, table_name"
)
CHECKS = (
    'select * from (select table_name as "Table", rule as "Rule", reason as "Why",'
    ' severity as "Kind",'
    " case result when 'passed' then 'passed' when 'failed' then 'not passed'"
    " when 'implied' then 'implied by ' || implied_by else 'not shown: few interviews' end"
    ' as "Result", count(*) as "Loads" from checks'
    " group by all) order by \"Result\" <> 'not passed', 1, 2, 5"
)
NOT_PASSED = "not passed"
ENTERS = (
    "A file enters whole or not at all. No load below broke a rule that is an error; a file that "
    "did left no trace in the data. A warning lets a file in and stands here as not passed, "
    "without a count of its rows. What another rule has said already is implied, not run, and "
    "counts as neither."
)

CORRECTED = (
    "Periods of which records have changed since figures were told. They are told anew, group by "
    "group, once the changes concern enough people that nobody can be recognised by them; until "
    "then they wait, and a year is told as its quarters added up."
)


def page(sheet: Sheet) -> None:
    """First what a reader needs, then loads, checks and versions where somebody opens them."""
    choose(sheet, OF_NOTHING)
    passed, every = (sheet.release.manifest[what] for what in ("checks_passed", "checks"))
    sheet.html(
        f"<h1>Data quality: {passed:,} of {every:,} checks passed</h1>"
        f"{whole_page(sheet, figures=False)}{_told(sheet.release)}"
    )


@remembered(1)
def _told(release: Release) -> str:
    checks = release.rows(CHECKS)
    fresh = html_table(_interviews(release) + _agencies(release), "How fresh the data are")
    changed = f"<h2>What changed since the last release</h2>{_changed(release)}"
    return (
        f"<h2>How fresh the data are</h2>{fresh}{_missing(release)}{_standing(checks)}{changed}"
        f"{_corrected(release)}{_details(release, checks)}"
    )


def _interviews(release: Release) -> list[dict[str, str]]:
    return [
        {
            "Who sent it": f"Interviews, wave {wave.id}",
            "Data to": day(wave.last_on) if wave.last_on else "not stated",
            "Age at this release": _age(release, wave.last_on) if wave.last_on else "not stated",
            "Kind": listed(list(wave.origins)),
            "What it serves": f"{wave.n:,} interviews" if wave.n else "interviews",
        }
        for wave in release.waves
    ]


def _agencies(release: Release) -> list[dict[str, str]]:
    """A row a sender: what is counted of its records, and the day that the oldest reaches."""
    rows: list[dict[str, str]] = []
    for sender in dict.fromkeys(SENDERS.values()):
        own = [m for m in MEASURES if m.shown and sender in senders([m])]
        sent = [release.recorded_dates[m.id] for m in own if m.id in release.recorded_dates]
        if sent:
            to = min(row["data_to"] for row in sent)
            rows.append({
                "Who sent it": f"{sender[0].upper()}{sender[1:]}",
                "Data to": day(to),
                "Age at this release": _age(release, to),
                "Kind": listed(sorted({row["origin"] for row in sent})),
                "What it serves": listed([m.title for m in own if m.id in release.recorded_dates]),
            })  # fmt: skip
    return rows


def _corrected(release: Release) -> str:
    """Agencies' figures of which records have changed since, by what became of them, as HTML."""
    waits, added, anew = (release.standing(s) for s in (State.WAITS, State.ADDED, State.ANEW))
    rows = [
        {
            "What is counted": m.title,
            "Waits": _span(waits.get(m.id, [])),
            "Quarters added up": _span(added.get(m.id, [])),
            "Told anew": _span(anew.get(m.id, [])),
        }
        for m in MEASURES if m.shown and (m.id in waits or m.id in added or m.id in anew)
    ]  # fmt: skip
    words = CORRECTED if rows else "Every figure of agencies' records is what they say now."
    return f"<h2>Records that changed after they were counted</h2><p>{words}</p>" + (
        html_table(rows, "Records that changed after they were counted") if rows else ""
    )


def _span(periods: Sequence[str]) -> str:
    if len(periods) < 3:
        return listed([*periods]) or "none"
    return f"{len(periods)} periods, {periods[0]} to {periods[-1]}"


def _age(release: Release, to: object) -> str:
    published, to = (str(day)[:10] for day in (release.manifest["published_at"], to))
    days = (date.fromisoformat(published) - date.fromisoformat(to)).days
    return "1 day" if days == 1 else f"{days:,} days"


def _missing(release: Release) -> str:
    """What nobody sent, with who would send it, as HTML."""
    missing = [m for m in MEASURES if m.shown and m.id not in release.recorded_dates]
    words = "Everything that is counted of agencies' records was sent."
    if missing:
        words = (
            f"Not sent yet: {listed([m.title for m in missing])}. "
            f"Who would send it: {listed(senders(missing))}."
        )
    return f"<h2>What is missing</h2><p>{escape(words)}</p>"


def _standing(checks: Sequence[Row]) -> str:
    """The warnings that files broke and came in with, as HTML."""
    broken = sorted(
        (row for row in checks if row["Result"] == NOT_PASSED), key=lambda row: str(row["Why"])
    )
    grouped = {
        why: [str(row["Table"]) for row in rows]
        for why, rows in groupby(broken, lambda row: str(row["Why"]))
    }
    rows = [
        {"Warning": why, "In": listed(list(dict.fromkeys(tables)))}
        for why, tables in sorted(grouped.items(), key=lambda item: -len(item[1]))
    ]
    words = "" if rows else "<p>No warning stands.</p>"
    return f"<h2>Warnings that stand: {len(rows)}</h2>{words}{html_table(rows, 'Warnings')}"


def _changed(release: Release) -> str:
    """Which findings read differently than in the release before, as HTML."""
    before = release.manifest["previous"]
    if before is None:
        return "<p>There is no earlier release to compare with.</p>"
    rows = release.rows("select distinct finding from changes order by finding")
    titles = {finding.id: finding.title for finding in FINDINGS}
    names = [f"{row['finding']} {titles.get(str(row['finding']), '')}".strip() for row in rows]
    words = f"{len(names)} of {len(FINDINGS)} read differently: {listed(names)}." if names else (
        "No verdict reads differently."
    )  # fmt: skip
    return f"<p>Since release {before}: {escape(words)}</p>"


def _details(release: Release, checks: Sequence[Row]) -> str:
    loads = release.rows(LOADS, [release.words(Reason.FEW_IN_FILE)])
    versions = [{"Package": name, "Version": v} for name, v in release.manifest["versions"].items()]
    tables = sorted(checks, key=lambda row: str(row["Table"]))
    by_table = "".join(
        _of_table(name, list(rows)) for name, rows in groupby(tables, lambda row: str(row["Table"]))
    )
    return topics((
        Topic("loads", "Loads", f"{len(loads)} files behind this release",
              quiet(ENTERS) + html_table(loads, "Loads of this release")),
        Topic("checks", "Checks", "every rule, table by table", by_table),
        Topic("built-with", "Built with", "versions of packages",
              html_table(versions, "Versions of packages")),
    ))  # fmt: skip


def _of_table(name: str, checks: Sequence[Mapping[str, object]]) -> str:
    """The checks of one table, under how many rules there are and which stand."""
    broken = sum(row["Result"] == NOT_PASSED for row in checks)
    stands = f", {broken} not passed" if broken else ""
    rows = [{k: v for k, v in row.items() if k != "Table"} for row in checks]
    return folded(f"{name}: {len(checks)} rules{stands}", html_table(rows, f"Checks of {name}"))
