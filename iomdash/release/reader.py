"""A release as readers see it: what it says of interviews here, of agencies in `agencies`.

Pages, packs and downloads read this and nothing else.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from iomdash.declared.findings.claims import Finding
from iomdash.declared.groups import EVERYONE, KEY, Group, joined
from iomdash.declared.reasons import Reason
from iomdash.declared.scheme import COHORTS
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.release.agencies import AgencyFigures
from iomdash.release.cells import ClaimCell, CodeCell, Reach, Size, Stated, Wave
from iomdash.release.file import Param, Row

# What is told of a test that a claim rests on.
TESTED = ("code", "p", "adjusted", "differs", "exact")


class Release(AgencyFigures):
    """One published file, open for reading. Safe for threads: each query has its own cursor."""

    @cached_property
    def waves(self) -> tuple[Wave, ...]:
        """Waves, the newest first."""
        rows = self.rows("select * from waves order by wave desc")
        return tuple(
            Wave(r["wave"], r["n"], tuple(r["origins"]), r["first_on"], r["last_on"]) for r in rows
        )

    @property
    def demonstration(self) -> bool:
        """Whether the vault that it was made of held nothing but what was made up or comes from
        the study; of a release that does not say, it is not known, so no.
        """
        return bool(self.manifest.get("demonstration", False))

    def wave(self, id: str) -> Wave:
        """One of the waves. Raises StopIteration where there is none of that name."""
        return next(wave for wave in self.waves if wave.id == id)

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
        shown = [cohort.id for cohort in COHORTS if cohort.id in named or cohort.id in joint]
        seen = dict.fromkeys(joint.get(cohort, cohort) for cohort in shown)
        return [group.of_cohort(cohort) for cohort in seen]

    def claims(self, group: Group, finding: Finding | None = None) -> list[ClaimCell]:
        """Claims in a group, in the order of the findings."""
        rows = self._claims.get(group.key, [])
        asked = [r for r in rows if finding is None or r["finding"] == finding.id]
        return [_claim(self._explained(row) | self._untold(row)) for row in asked]

    @cached_property
    def _claims(self) -> Mapping[tuple[str, ...], list[Row]]:
        """Claims by group, read at once: a page shows those of a dozen groups."""
        return _grouped(self.table("claims", "finding, claim"))

    @cached_property
    def _tests(self) -> Mapping[tuple[str, ...], list[Row]]:
        return _grouped(self.table("tests", "rowid"))

    def _untold(self, row: Row) -> dict[str, Any]:
        """Why a claim has no verdict: the reason as a value, and in words."""
        if row["untold"] is None:
            return {"untold": None, "reason": None}
        reason = Reason(row["untold"])
        return {"untold": self.words(reason), "reason": reason}

    def across_waves(self, finding: Finding) -> list[ClaimCell]:
        """Claims of a finding on each whole wave, the newest wave first."""
        return [cell for wave in self.waves for cell in self.claims(Group(wave.id), finding)]

    def codes(self, group: Group, among: str = "") -> dict[str, CodeCell]:
        """Counts of every code in a group, by code; empty where the group is hidden. They are kept,
        as every page asks for those of some groups again and again: do not change them.
        """
        key = (*group.key, among)
        if key not in self._counted:
            where, params = _where(group)
            rows = self.rows(f"select * from codes where {where} and among = ?", [*params, among])
            self._counted[key] = {r["code"]: _code(self._explained(r)) for r in rows}
        return self._counted[key]

    @cached_property
    def _counted(self) -> dict[tuple[str, ...], dict[str, CodeCell]]:
        return {}

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

    def board_answers(self) -> list[Row]:
        """Rows quarter, condition, answer, answered_by, answered_on, origin, the newest quarter
        first.
        """
        return self.rows("select * from board_answers order by quarter desc, rowid")

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
        """Rows code, p, adjusted, differs, exact of the tests between cohorts that a claim of a
        finding, by its place in it, rests on; empty where not shown.
        """
        rows = self._tests.get(group.key, [])
        of_claim = [r for r in rows if (r["finding"], r["claim"]) == (finding.id, claim)]
        return [{name: row[name] for name in TESTED} for row in of_claim]

    def apart(self, group: Group, finding: str, code: str, among: str = "") -> Row | None:
        """How cohorts differ on a code that a finding's page shows: p, adjusted, differs, and the
        highest and lowest cohort where a test of the two carries that; None where they are not
        compared.
        """
        asked = (finding, code, among)
        rows = self._tests.get(group.of_cohort(EVERYONE).key, [])
        return next((r for r in rows if (r["finding"], r["code"], r["among"]) == asked), None)

    def contrasts(self, one: Group, other: Group) -> Mapping[tuple[str, int], bool]:
        """Whether two groups differ beyond chance, by finding and claim; empty where no test tells
        them apart: they have more than one filter, or not the same one.
        """
        if one.filters != other.filters or len(one.filters) != 1:
            return {}
        [name] = one.filters
        values = sorted(str(getattr(group, name)) for group in (one, other))
        rows = self.rows(
            "select finding, claim, differs from contrasts"
            " where wave = ? and dimension = ? and one = ? and other = ?",
            [one.wave, name, *values],
        )
        return {(row["finding"], row["claim"]): bool(row["differs"]) for row in rows}

    def shifted(self, wave: str, finding: Finding) -> bool | None:
        """Whether a finding's first claim differs, beyond chance, from the wave that it was made
        from; None where the two cannot be compared.
        """
        rows = self.rows(
            "select differs from shifts where wave = ? and finding = ?", [wave, finding.id]
        )
        return bool(rows[0]["differs"]) if rows else None

    def reach(self, cell: ClaimCell) -> list[Reach]:
        """What those whom the interviews did not reach could change of a claim's sentence."""
        where, params = _where(Group(cell.wave, cell.cohort, cell.provider, cell.supervision))
        rows = self.rows(
            "select whom, people, word, fewer, more, worst, best from reach"
            f" where {where} and finding = ? and claim = {cell.claim:d} order by rowid",
            [*params, cell.finding],
        )
        return [Reach(**row) for row in rows]

    def stated(self, wave: str) -> dict[tuple[str, str], Stated]:
        """What a printed source states of a wave that was reconstructed from it, by code and the
        code among whose people it is counted; empty for any other wave.
        """
        rows = self.rows(
            "select code, among, words, least, most, base, note from stated where wave = ?", [wave]
        )
        names = list(Stated.__dataclass_fields__)
        return {(r["code"], r["among"]): Stated(*(r[name] for name in names)) for r in rows}


def _grouped(rows: Iterable[Row]) -> Mapping[tuple[str, ...], list[Row]]:
    """Rows by the group that they are of."""
    held: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        held.setdefault(tuple(row[name] for name in KEY), []).append(row)
    return held


def _where(group: Group) -> tuple[str, list[Param]]:
    return "wave = ? and cohort = ? and provider = ? and supervision = ?", list(group.key)


def _claim(row: dict[str, Any]) -> ClaimCell:
    cell: dict[str, Any] = {
        **row,
        "verdict": Verdict[row["verdict"]],
        "sure": row["sure"] and Sureness[row["sure"]],
    }
    return ClaimCell(**cell)


def _code(row: Row) -> CodeCell:
    return CodeCell(**{name: row[name] for name in CodeCell.__dataclass_fields__})


def _none(group: Group, code: str, size: Size) -> CodeCell:
    return CodeCell(
        group.cohort, code, None, None, None, None, None, size.hidden, size.instead, size.reason
    )
