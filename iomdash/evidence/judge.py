"""Claims held against protected counts: x, n, interval, verdict and sentence for each group.

Takes `Releasable` only, so a verdict can rest on nothing that is hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import polars as pl

from iomdash.declared.findings import FINDINGS, Claim, Difference
from iomdash.declared.findings.claims import NOT_INTERVIEWED, sentence
from iomdash.declared.groups import EVERYONE, KEY, Group, joined
from iomdash.declared.quantifiers import strongest
from iomdash.declared.reasons import Reason
from iomdash.declared.scheme import OUTCOMES
from iomdash.declared.verdicts import Verdict
from iomdash.disclosure.interviews.protect import Releasable
from iomdash.evidence.settling import difference, interviews_needed, verdict
from iomdash.evidence.stats import exact_test, holm, interval

Row = dict[str, object]


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


@dataclass(frozen=True)
class _Evidence:
    """Protected frames, indexed for the judge."""

    groups: Mapping[Group, ClaimCounts]
    codes: Mapping[tuple[Group, str, str], ClaimCounts]
    outcomes: Mapping[tuple[str, str], Mapping[str, int]]
    caseloads: Mapping[tuple[str, str], int]


def judge(safe: Releasable) -> dict[str, pl.DataFrame]:
    """Frames `claims` (one row per group and claim) and `tests` (one per group, claim and code)."""
    evidence = _index(safe)
    claims: list[Row] = []
    tests: list[Row] = []
    for group in evidence.groups:
        for finding in FINDINGS:
            for i, claim in enumerate(finding.claims):
                key = {**asdict(group), "finding": finding.id, "claim": i}
                judged, tested = _held(claim, group, evidence)
                claims.append({**key, **judged})
                tests += [{**key, **test} for test in tested]
    return {"claims": _claims_frame(claims), "tests": pl.DataFrame(tests, schema=_TESTS)}


_KEY = {**dict.fromkeys(KEY, pl.String), "finding": pl.String, "claim": pl.Int64}
_TESTS = {**_KEY, "code": pl.String, "p": pl.Float64, "adjusted": pl.Float64, "exact": pl.Boolean}
_CLAIMS = {
    **_KEY, "code": pl.String, "among": pl.String,
    "statement": pl.String, "quantifier": pl.String, "x": pl.Int64, "n": pl.Int64,
    "mixed": pl.Int64, "no": pl.Int64, "low": pl.Float64, "high": pl.Float64,
    "verdict": pl.String, "sentence": pl.String, "needed": pl.Int64, "p": pl.Float64,
    "population": pl.Int64, "band": pl.String, "hidden": pl.String, "instead": pl.String,
}  # fmt: skip


def _claims_frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame([{**dict.fromkeys(_CLAIMS), **row} for row in rows], schema=_CLAIMS)


def _index(safe: Releasable) -> _Evidence:
    return _Evidence(
        groups={
            _group(row): ClaimCounts(hidden=row["hidden"], instead=row["instead"])
            for row in safe.groups.iter_rows(named=True)
        },
        codes={
            (_group(row), row["code"], row["among"]): ClaimCounts(
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
    )


def _group(row: Row) -> Group:
    return Group(*(str(row[name]) for name in KEY))


def _held(
    claim: Claim | Difference, group: Group, evidence: _Evidence
) -> tuple[Row, Sequence[Row]]:
    """A claim's row, and those of the tests that it rests on; a `Claim` rests on none."""
    if isinstance(claim, Claim):
        return _claim(claim, group, evidence), ()
    tests = _tests(claim, group, evidence)
    return _difference(claim, group, evidence, tests), tests


def _claim(claim: Claim, group: Group, evidence: _Evidence) -> Row:
    counts = _counts(claim, group, evidence)
    shared: Row = {
        "code": claim.code,
        "among": claim.among,
        "statement": claim.statement,
        "quantifier": claim.quantifier.word,
    }
    if counts.x is None or counts.n is None:
        hidden = counts.hidden or (Reason.BAND if counts.band else Reason.NO_DATA).value
        why = {"hidden": hidden, "instead": counts.instead, "band": counts.band}
        words = sentence(counts.band, claim.said) if counts.band else None
        return {**shared, "n": counts.n, "verdict": Verdict.HIDDEN.name, "sentence": words, **why}
    return {**shared, **_judged(claim, counts.x, counts.n, counts, _population(group, evidence))}


def _judged(claim: Claim, x: int, n: int, counts: ClaimCounts, population: int | None) -> Row:
    if claim.among:
        population = None
    bounds = interval(x, n, population=population) if n else (None, None)
    return {
        "x": x,
        "n": n,
        "mixed": counts.mixed,
        "no": counts.no,
        "low": bounds[0],
        "high": bounds[1],
        "verdict": verdict(x, n, claim.quantifier, population=population).name,
        "sentence": sentence(strongest(x, n), claim.said) if n else None,
        "needed": interviews_needed(x, n, claim.quantifier),
        "population": population,
    }


def _counts(claim: Claim, group: Group, evidence: _Evidence) -> ClaimCounts:
    if claim.code == NOT_INTERVIEWED:
        return _not_interviewed(group, evidence)
    whole = evidence.groups[group]
    return whole if whole.hidden else evidence.codes[group, claim.code, claim.among]


def _not_interviewed(group: Group, evidence: _Evidence) -> ClaimCounts:
    if group != Group(group.wave, group.cohort):
        return ClaimCounts(hidden=Reason.NOT_BY_FILTER.value)
    outcomes = evidence.outcomes.get((group.wave, group.cohort))
    interviewed = OUTCOMES[0].name
    if outcomes is None or interviewed not in outcomes:
        why = Reason.COHORT_UNKNOWN if group.filtered else Reason.NO_APPROACHES
        return ClaimCounts(hidden=why.value)
    n = sum(outcomes.values())
    return ClaimCounts(n - outcomes[interviewed], n, 0, outcomes[interviewed])


def _population(group: Group, evidence: _Evidence) -> int | None:
    """Caseload of a cohort, or of all cohorts interviewed; unknown for any other filter."""
    if group != Group(group.wave, group.cohort):
        return None
    people = {cohort: n for (wave, cohort), n in evidence.caseloads.items() if wave == group.wave}
    cohorts = joined(group.cohort) if group.cohort != EVERYONE else tuple(people)
    if not cohorts or any(people.get(cohort) is None for cohort in cohorts):
        return None
    return sum(people[cohort] for cohort in cohorts)


def _tests(claim: Difference, group: Group, evidence: _Evidence) -> list[Row]:
    """Fisher's exact test for each code of a claim, between the cohorts that are shown.

    Holm's adjustment is for the codes of this claim: it holds if any of them differs.
    """
    cohorts = _cohorts(group, evidence)
    if len(cohorts) < 2:
        return []
    cells = {code: [evidence.codes[g, code, ""] for g in cohorts] for code in claim.codes}
    tests = {
        code: exact_test([c.x or 0 for c in row], [c.n or 0 for c in row])
        for code, row in cells.items()
        if all(c.x is not None for c in row)
    }
    adjusted = holm([test.p for test in tests.values()])
    return [
        {"code": code, "p": test.p, "adjusted": p, "exact": test.exact}
        for (code, test), p in zip(tests.items(), adjusted, strict=True)
    ]


def _cohorts(group: Group, evidence: _Evidence) -> list[Group]:
    """The group's cohorts that are shown by themselves; none of a group of one cohort."""
    if group.cohort != EVERYONE:
        return []
    return [
        g for g, size in evidence.groups.items()
        if size.hidden is None and g.cohort != EVERYONE and g == group.of_cohort(g.cohort)
        and not len(joined(g.cohort)) > 1
    ]  # fmt: skip


def _difference(claim: Difference, group: Group, evidence: _Evidence, tests: Sequence[Row]) -> Row:
    shared: Row = {
        "code": claim.code, "among": "", "statement": claim.statement, "quantifier": "a difference"
    }  # fmt: skip
    if not tests:
        hidden = evidence.groups[group].hidden or Reason.FEW_COHORTS.value
        return {**shared, "verdict": Verdict.HIDDEN.name, "hidden": hidden}
    adjusted = [float(str(test["adjusted"])) for test in tests]
    outcome = difference(adjusted)
    differs = outcome is Verdict.SETTLED
    return {
        **shared,
        "verdict": outcome.name,
        "sentence": claim.statement if differs else "No difference between cohorts beyond chance",
        "p": min(adjusted),
    }
