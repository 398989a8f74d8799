"""Protected counts as the judge asks for them, and the range that each of them stands for.

A claim is judged over the range from those who said so to those who may have: whoever did not
raise it, and whoever was of two minds, may be counted either way, unless the codebook gives being
mixed a meaning of its own. A wave that a source reports has the range that its words allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from iomdash.declared.codebook import CODES, STANCE_LABELS
from iomdash.declared.findings import Claim
from iomdash.declared.findings.claims import NOT_INTERVIEWED
from iomdash.declared.groups import EVERYONE, KEY, Group, joined
from iomdash.declared.reasons import Reason
from iomdash.declared.scheme import OUTCOMES
from iomdash.disclosure.interviews.protect import Releasable
from iomdash.evidence.settling import Range
from iomdash.study import STATED, Stated

INTERVIEWED = OUTCOMES[0].name


@dataclass(frozen=True)
class ClaimCounts:
    """Protected counts of one code in one group; `hidden` is a Reason's value where none."""

    x: int | None = None
    n: int | None = None
    mixed: int | None = None
    no: int | None = None
    band: str | None = None
    hidden: str | None = None
    instead: str | None = None

    @property
    def raised(self) -> bool:
        """Whether anybody is known to have taken a stance."""
        return any((self.x, self.mixed, self.no)) or self.mixed is None


@dataclass(frozen=True)
class Figures:
    """Protected frames, indexed; `rebuilt` are waves whose codings had to be reconstructed."""

    groups: Mapping[Group, ClaimCounts]
    codes: Mapping[tuple[Group, str, str], ClaimCounts]
    outcomes: Mapping[tuple[str, str], Mapping[str, int]]
    caseloads: Mapping[tuple[str, str], int]
    rebuilt: frozenset[str]

    def counts(self, claim: Claim, group: Group) -> ClaimCounts:
        """What may be shown of a claim in a group."""
        if claim.code == NOT_INTERVIEWED:
            return self._not_interviewed(group)
        whole = self.groups[group]
        return whole if whole.hidden else self.codes[group, claim.code, claim.among]

    def _not_interviewed(self, group: Group) -> ClaimCounts:
        if not group.by_cohort_only:
            return ClaimCounts(hidden=Reason.NOT_BY_FILTER.value)
        n, interviewed = self.approached(group), self.interviewed(group)
        if n is None or interviewed is None:
            why = Reason.COHORT_UNKNOWN if group.filtered else Reason.NO_APPROACHES
            return ClaimCounts(hidden=why.value)
        return ClaimCounts(n - interviewed, n, 0, interviewed)

    def approached(self, group: Group) -> int | None:
        """People of a wave, or of a cohort of it, who were approached; None where not known."""
        outcomes = self.outcomes.get((group.wave, group.cohort))
        known = group.by_cohort_only and outcomes is not None and INTERVIEWED in outcomes
        return sum(outcomes.values()) if known and outcomes else None

    def interviewed(self, group: Group) -> int | None:
        """Those of them who were interviewed."""
        return self.outcomes.get((group.wave, group.cohort), {}).get(INTERVIEWED)

    def managed(self, group: Group) -> int | None:
        """Caseload of a cohort, or of all cohorts; None for any other filter, or if not known."""
        if not group.by_cohort_only:
            return None
        people = {cohort: n for (wave, cohort), n in self.caseloads.items() if wave == group.wave}
        cohorts = joined(group.cohort) if group.cohort != EVERYONE else tuple(people)
        if not cohorts or any(people.get(cohort) is None for cohort in cohorts):
            return None
        return sum(people[cohort] for cohort in cohorts)

    def stated(self, claim: Claim, group: Group) -> Stated | None:
        """What the source states of a claim on a whole wave that had to be reconstructed."""
        if group.wave not in self.rebuilt or group.filtered:
            return None
        asked = (claim.code, claim.among)
        return next((s for s in STATED if (s.code, s.among or "") == asked), None)

    def said(self, claim: Claim, group: Group) -> Range | None:
        """From those who said so to those who may have; None where that cannot be told."""
        if group.wave in self.rebuilt and claim.code != NOT_INTERVIEWED:
            stated = self.stated(claim, group)
            return Range(stated.least, stated.most, stated.of) if stated and stated.of else None
        counts = self.counts(claim, group)
        return span(claim, counts) if counts.raised else None

    def seen(self, claim: Claim, group: Group) -> Range | None:
        """Those who said so, as a range only where a source leaves it open."""
        said = self.said(claim, group)
        if said is None or group.wave in self.rebuilt:
            return said
        return Range(said.least, said.least, said.n)


def span(claim: Claim, counts: ClaimCounts) -> Range | None:
    """From those who said so to those who may have; None where nothing is counted."""
    if counts.x is None or not counts.n:
        return None
    if counts.mixed is None or counts.no is None:
        return Range(counts.x, counts.n, counts.n)
    certain = counts.no + (counts.mixed if _is_answer(claim.code) else 0)
    return Range(counts.x, counts.n - certain, counts.n)


def _is_answer(code: str) -> bool:
    """Whether being mixed on a code is an answer of its own, which is not yes."""
    return code in CODES and CODES[code].labels[2] != STANCE_LABELS[2]


def index(safe: Releasable) -> Figures:
    """The figures of protected answers."""
    return Figures(
        groups={
            group_of(row): ClaimCounts(hidden=row["hidden"], instead=row["instead"])
            for row in safe.groups.iter_rows(named=True)
        },
        codes={
            (group_of(row), row["code"], row["among"]): ClaimCounts(
                row["yes"],
                row["n"],
                row["mixed"],
                row["no"],
                row["band"],
                row["hidden"],
                row["instead"],
            )
            for row in safe.codes.iter_rows(named=True)
        },
        outcomes={
            (str(wave), str(cohort)): dict(part.select("outcome", "n").iter_rows())
            for (wave, cohort), part in safe.recruitment.group_by("wave", "cohort")
        },
        caseloads={(wave, cohort): n for wave, cohort, n in safe.caseloads.iter_rows()},
        rebuilt=frozenset(
            row["wave"]
            for row in safe.waves.iter_rows(named=True)
            if "reconstructed" in row["origins"]
        ),
    )


def group_of(row: Mapping[str, object]) -> Group:
    """The group that a row of a frame of groups is about."""
    return Group(*(str(row[name]) for name in KEY))
