"""A release as readers see it: an immutable DuckDB file.

Pages, packs and downloads read this and nothing else. Names are never reused, because a path
reopened in one process silently returns what it held before.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import duckdb

from iomdash.declared import findings
from iomdash.declared.agencies import BY_ID, WHOLE
from iomdash.declared.agencies.groups import AGENCY_FILTERS, AgencyGroup, is_quarter
from iomdash.declared.findings.claims import Finding
from iomdash.declared.groups import EVERYONE, KEY, Group, joined
from iomdash.declared.reasons import Reason, words
from iomdash.declared.scheme import COHORTS
from iomdash.declared.verdicts import Verdict
from iomdash.errors import EnvironmentFault
from iomdash.release.cells import ClaimCell, CodeCell, Size, Wave

AUDIT = "audit.json"
# Rises whenever a page needs what releases did not hold before.
FORMAT = 3
CACHED = 4096
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}

Row = Mapping[str, Any]
Param = str | tuple[str, ...]


class Release:
    """One published file, open for reading. Safe for threads: each query has its own cursor."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # What `remembered` functions made of this release: gone with it.
        self.memo: dict[Callable[..., Any], Callable[..., Any]] = {}
        try:
            con = duckdb.connect(path, read_only=True, config=CONFIG)
            # It would stand in the output of --json. Cursors take this over.
            con.execute("set enable_progress_bar = false")
            # Of the connection, as one of the release itself would keep the release alive.
            self._asked = partial(_query, con)
            self._cached = lru_cache(maxsize=CACHED)(self._asked)
            self.manifest: Mapping[str, Any] = json.loads(
                str(self.rows("select json from manifest")[0]["json"])
            )
        except duckdb.Error as error:
            raise EnvironmentFault(
                f"The release {path} cannot be read: it is damaged or another program's file. "
                "Restore it from a backup. If there is none, retire it: delete the .duckdb files "
                "in its folder, not the folder, then run: python -m iomdash publish"
            ) from error

    def readable(self) -> "Release":
        """Itself. Raises EnvironmentFault where another version of iomdash made it, or one that
        did not know all the findings and codes of this one.
        """
        if self.manifest.get("format") != FORMAT:
            raise EnvironmentFault(
                f"Release {self.number} was made by another version of iomdash, and pages cannot "
                "read it. Publish anew: python -m iomdash publish"
            )
        if missing := sorted(findings.questions().difference(self.manifest["questions"])):
            raise EnvironmentFault(
                f"Release {self.number} does not answer all that is declared by now: {missing[0]} "
                f"is new, one of {len(missing)}. Publish anew: python -m iomdash publish"
            )
        return self

    @property
    def number(self) -> int:
        """Number of the release, from 1."""
        return int(self.manifest["release"])

    @cached_property
    def attacked(self) -> Mapping[str, Any]:
        """What the attack before publishing tried: groups, cells, sets, seconds; empty if lost."""
        try:
            told = json.loads((self.path.parent / AUDIT).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return told.get(self.path.stem, {})

    def rows(self, sql: str, params: Iterable[Param] = ()) -> list[Row]:
        """Rows of one query as mappings, kept because a release is constant: do not change them."""
        return self._cached(sql, tuple(params))

    def table(self, name: str) -> list[Row]:
        """Every row of a table, which may be long and is not kept."""
        return self._asked(f'select * from "{name}"', ())

    @cached_property
    def waves(self) -> tuple[Wave, ...]:
        """Waves, the newest first."""
        rows = self.rows("select * from waves order by wave desc")
        return tuple(
            Wave(r["wave"], r["n"], tuple(r["origins"]), r["first_on"], r["last_on"]) for r in rows
        )

    @cached_property
    def sizes(self) -> Mapping[Group, Size]:
        """Every group that filters can name."""
        rows = self.rows("select * from groups")
        return {
            Group(*(r[name] for name in KEY)): Size(r["n"], r["hidden"], r["instead"], r["reason"])
            for r in map(self._explained, rows)
        }

    def size(self, group: Group) -> Size:
        """Size of a group; one that nobody belongs to is hidden with that reason."""
        return self.sizes.get(group) or self._nobody

    @cached_property
    def _nobody(self) -> Size:
        nobody = Reason.NOBODY_INTERVIEWED
        return Size(None, self.words(nobody), reason=nobody)

    def words(self, reason: Reason) -> str:
        """Why a figure is not shown, under this release's policy. See `reasons.words`."""
        return words(reason, self.manifest["policy"])

    def _explained(self, row: Row) -> dict[str, Any]:
        """A row with its `reason` as a value, and with the words for it as `hidden`."""
        if row["hidden"] is None:
            return {**row, "reason": None}
        reason = Reason(row["hidden"])
        return {**row, "hidden": self.words(reason), "reason": reason}

    def cohorts(self, group: Group) -> list[Group]:
        """The group's filters for each cohort of the wave, in the scheme's order.

        Cohorts that are shown joined with others under these filters stand as one.
        """
        named = [other.cohort for other in self.sizes if other == group.of_cohort(other.cohort)]
        joint = {c: name for name in named if len(joined(name)) > 1 for c in joined(name)}
        found = [cohort.id for cohort in COHORTS if cohort.id in named or cohort.id in joint]
        seen = dict.fromkeys(joint.get(cohort, cohort) for cohort in found)
        return [group.of_cohort(cohort) for cohort in seen]

    def claims(self, group: Group, finding: Finding | None = None) -> list[ClaimCell]:
        """Claims in a group, in the order of the findings."""
        where, params = _where(group)
        if finding is not None:
            where, params = f"{where} and finding = ?", [*params, finding.id]
        rows = self.rows(f"select * from claims where {where} order by finding, claim", params)
        return [_claim(self._explained(row)) for row in rows]

    def across_waves(self, finding: Finding) -> list[ClaimCell]:
        """Claims of a finding on each whole wave, the newest wave first."""
        return [cell for wave in self.waves for cell in self.claims(Group(wave.id), finding)]

    def codes(self, group: Group, among: str = "") -> dict[str, CodeCell]:
        """Counts of every code in a group, by code; empty where the group is hidden."""
        where, params = _where(group)
        rows = self.rows(f"select * from codes where {where} and among = ?", [*params, among])
        return {r["code"]: _code(self._explained(r)) for r in rows}

    def by_cohort(self, group: Group, codes: tuple[str, ...], among: str = "") -> list[CodeCell]:
        """Counts of codes for each cohort of the group's wave; hidden cohorts with their reason."""
        return self.in_groups(self.cohorts(group), codes, among)

    def in_groups(
        self, groups: Iterable[Group], codes: tuple[str, ...], among: str = ""
    ) -> list[CodeCell]:
        """Counts of codes, group after group; those of hidden groups with their reason."""
        cells: list[CodeCell] = []
        for other in groups:
            size = self.size(other)
            counted = self.codes(other, among)
            cells += (
                [_none(other, code, size) for code in codes]
                if size.hidden
                else [counted[code] for code in codes]
            )
        return cells

    def pair(self, group: Group, one: str, other: str) -> Row | None:
        """Counts of two codes crossed (size, only_one, only_other, both_codes), if shown."""
        where, params = _where(group)
        rows = self.rows(
            f"select * from pairs where {where} and one = ? and other = ?", [*params, one, other]
        )
        return rows[0] if rows else None

    def profile(self, group: Group) -> list[Row]:
        """Rows field, answer, n, merged of a wave, or of a cohort without sensitive ones."""
        return self.rows(
            "select field, answer, n, merged from profile where wave = ? and cohort = ?",
            [group.wave, group.cohort],
        )

    def recruitment(self, group: Group) -> list[Row]:
        """Rows outcome, n, merged of a wave or one of its cohorts; empty where not shown."""
        return self.rows(
            "select outcome, n, merged from recruitment where wave = ? and cohort = ?",
            [group.wave, group.cohort],
        )

    def excerpts(self, group: Group, codes: tuple[str, ...]) -> list[Row]:
        """Rows cohort, why, code, stance, kind, text of a wave, or of one cohort where named.

        `why` is why the cohort is not named, in words; None where it is.
        """
        rows = self.rows(
            "select cohort, why, code, stance, kind, text from excerpts"
            " where wave = ? and list_contains(?, code) and (? = 'All' or cohort = ?)",
            [group.wave, codes, group.cohort, group.cohort],
        )
        return [{**r, "why": r["why"] and self.words(Reason(r["why"]))} for r in rows]

    def voices(self, wave: str, codes: tuple[str, ...]) -> Row:
        """People behind the excerpts on these codes in a wave: `yes`, `other`, `all` stances."""
        rows = self.rows(
            "select coalesce(sum(n) filter (where stance = 'yes'), 0)::bigint as yes,"
            " coalesce(sum(n) filter (where stance <> 'yes'), 0)::bigint as other"
            " from voices where wave = ? and list_contains(?, code)",
            [wave, codes],
        )
        return rows[0]

    def tests(self, group: Group, finding: Finding, claim: int) -> list[Row]:
        """Rows code, p, adjusted, exact of the tests between cohorts that a claim of a finding,
        by its place in it, rests on; empty where not shown.
        """
        where, params = _where(group)
        return self.rows(
            "select code, p, adjusted, exact from tests"
            f" where {where} and finding = ? and claim = {claim:d} order by rowid",
            [*params, finding.id],
        )

    @cached_property
    def recorded_dates(self) -> Mapping[str, Row]:
        """The day that each measure of agencies' records reaches, data_to, and origin; a measure
        of which a feed was never sent is missing.
        """
        return {r["measure"]: r for r in self.rows("select * from recorded_dates")}

    @property
    def person_level(self) -> bool:
        """Whether the policy lets this audience read single people in agencies' figures."""
        return bool(self.manifest["policy"]["person_level"])

    def too_many_filters(self, people: AgencyGroup) -> bool:
        """Whether agencies' figures are withheld as more filters are set than the policy admits;
        a period is always admitted.
        """
        asked = people.where(quarter=EVERYONE)
        return asked.filters > self.manifest["policy"]["filters_at_once"]

    def recorded(self, measure: str, people: AgencyGroup) -> list[Row]:
        """Rows of a measure for a group: its own columns, what, n (null where few), and hidden, why
        in words.

        What is told at the end of a quarter is that of the latest, or of a chosen year's last. A
        group that is shown has every row; one without any is hidden, by its size.
        """
        rows = self._recorded(measure, people)
        at_end = BY_ID[measure].at_end
        latest = self.latest(measure) if people.quarter == EVERYONE else f"{people.quarter} Q4"
        if not at_end or not latest or is_quarter(people.quarter):
            return rows
        now = self._recorded(measure, people.where(quarter=latest))
        return [*rows, *(row for row in now if row["what"] in at_end)]

    def latest(self, measure: str) -> str | None:
        """The last quarter that a measure reaches; None where it is missing."""
        if measure not in self.recorded_dates:
            return None
        rows = self.rows(
            f"select max(quarter) as it from recorded_{measure} where contains(quarter, ' Q')"
        )
        return rows[0]["it"]

    def recorded_by(self, measure: str, people: AgencyGroup, name: str) -> list[Row]:
        """As `recorded`, for every choice of one filter in place of the group's."""
        if measure not in self.recorded_dates:
            return []
        others = [other for other in AGENCY_FILTERS if other != name]
        where = " and ".join(f"{other} = ?" for other in others)
        rows = self.rows(
            f"select * from recorded_{measure} where {where} and {name} <> 'All' order by {name}",
            [getattr(people, other) for other in others],
        )
        return self._worded(rows)

    @property
    def quarters(self) -> list[str]:
        """The quarters that are told, in order."""
        return [period for period in self.choices("quarter") if is_quarter(period)]

    def choices(self, name: str) -> list[str]:
        """Every choice of a filter in the caseload, in order; empty without one."""
        if WHOLE not in self.recorded_dates:
            return []
        found = (
            f"select distinct {name} as it from recorded_{WHOLE} where {name} not in ('All', '')"
        )
        rows = self.rows(found)
        return sorted(str(row["it"]) for row in rows)

    def reoffending(self, people: AgencyGroup) -> Row | None:
        """x of n people followed re-offended, offences, low, high; if shown."""
        rows = self._of_people("reoffending_shares", people, "reoffending")
        return rows[0] if rows else None

    def rates(self, people: AgencyGroup) -> list[Row]:
        """Rows period, what, events, rate a person-year, low, high; empty where not shown."""
        return self._of_people("offending_rates", people, "offending")

    def curve(self, measure: str, people: AgencyGroup) -> list[Row]:
        """Rows month, at_risk, events, free, low, high; empty where too few people are shown."""
        rows = self._of_people("curves", people, measure)
        return [row for row in rows if row["measure"] == measure]

    def _recorded(self, measure: str, people: AgencyGroup) -> list[Row]:
        return self._worded(self._of_people(f"recorded_{measure}", people, measure))

    def _worded(self, rows: list[Row]) -> list[Row]:
        """Rows of a measure with `hidden` in words."""
        return [
            {**r, "hidden": self.words(Reason(r["hidden"]))} if r["hidden"] else r for r in rows
        ]

    def _of_people(self, table: str, people: AgencyGroup, measure: str) -> list[Row]:
        if measure not in self.recorded_dates:
            return []
        where = " and ".join(f"{name} = ?" for name in AGENCY_FILTERS)
        return self.rows(f"select * from {table} where {where}", people.key)


def _query(con: duckdb.DuckDBPyConnection, sql: str, params: tuple[Param, ...]) -> list[Row]:
    cursor = con.cursor()
    given = [list(p) if isinstance(p, tuple) else p for p in params]
    found = cursor.execute(sql, given).fetchall()
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in found]


def _where(group: Group) -> tuple[str, list[Param]]:
    return "wave = ? and cohort = ? and provider = ? and supervision = ?", list(group.key)


def _claim(row: dict[str, Any]) -> ClaimCell:
    cell: dict[str, Any] = {**row, "verdict": Verdict[row["verdict"]]}
    return ClaimCell(**cell)


def _code(row: Row) -> CodeCell:
    return CodeCell(**{name: row[name] for name in CodeCell.__dataclass_fields__})


def _none(group: Group, code: str, size: Size) -> CodeCell:
    return CodeCell(
        group.cohort, code, None, None, None, None, None, size.hidden, size.instead, size.reason
    )
