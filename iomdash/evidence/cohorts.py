"""Whether cohorts differ on a code, by Fisher's exact test, and which of them stand apart.

Holm's adjustment is for the codes that are read together: those of a claim that cohorts differ, or
else all codes that a finding's page shows by cohort.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations

import polars as pl

from iomdash.declared.findings import FINDINGS, Claim, Difference, Finding
from iomdash.declared.findings.claims import NOT_INTERVIEWED
from iomdash.declared.groups import EVERYONE, KEY, Group, joined
from iomdash.evidence.figures import ClaimCounts, Figures, group_of
from iomdash.evidence.settling import ALPHA
from iomdash.evidence.stats import Test as Result
from iomdash.evidence.stats import exact_test, holm

TESTS = {
    **dict.fromkeys(KEY, pl.String), "finding": pl.String, "claim": pl.Int64, "code": pl.String,
    "among": pl.String, "p": pl.Float64, "adjusted": pl.Float64, "differs": pl.Boolean,
    "exact": pl.Boolean, "highest": pl.String, "lowest": pl.String,
}  # fmt: skip
BY_COHORT = ("cohorts", "heat")

Asked = tuple[str, str]
Test = dict[str, object]


def tests(figures: Figures) -> list[Test]:
    """A row for each test; `claim` is null where it belongs to no claim that cohorts differ.

    `differs` says whether it does beyond chance; `highest` and `lowest` are the cohorts that differ
    most on the code, where they do so beyond chance by themselves, corrected for the number of
    pairs.
    """
    return [
        {**asdict(group), "finding": finding.id, "claim": claim, **test}
        for group in figures.groups
        for cohorts in [_cohorts(group, figures)]
        if len(cohorts) > 1
        for finding in FINDINGS
        for claim, asked in _families(finding)
        for test in _tested(asked, cohorts, figures)
    ]


def by_claim(tests: Sequence[Test]) -> Mapping[tuple[Group, object, object], list[Test]]:
    """Tests by group, finding and claim."""
    kept: dict[tuple[Group, object, object], list[Test]] = defaultdict(list)
    for test in tests:
        kept[group_of(test), test["finding"], test["claim"]].append(test)
    return kept


def _families(finding: Finding) -> Iterator[tuple[int | None, tuple[Asked, ...]]]:
    """Codes that are read together, under the place of their claim where it is on a difference."""
    compared: set[Asked] = set()
    for i, claim in enumerate(finding.claims):
        if isinstance(claim, Difference):
            asked = tuple((code, "") for code in claim.codes)
            compared |= set(asked)
            yield i, asked
    counted = [
        (c.code, c.among)
        for c in finding.claims
        if isinstance(c, Claim) and c.code != NOT_INTERVIEWED
    ]
    pictured = [(code, "") for e in finding.exhibits if e.kind in BY_COHORT for code in e.of]
    others = tuple(a for a in dict.fromkeys([*counted, *pictured]) if a not in compared)
    if others:
        yield None, others


def _cohorts(group: Group, figures: Figures) -> list[Group]:
    """The group's cohorts that are shown by themselves; none of a group of one cohort, nor where
    the source does not say who of which cohort said what.
    """
    if group.cohort != EVERYONE or group.wave in figures.rebuilt:
        return []
    return [
        g for g, size in figures.groups.items()
        if size.hidden is None and g.cohort != EVERYONE and g == group.of_cohort(g.cohort)
        and not len(joined(g.cohort)) > 1
    ]  # fmt: skip


def _tested(asked: Sequence[Asked], cohorts: Sequence[Group], figures: Figures) -> Iterator[Test]:
    """Each code that was asked and is shown in every cohort, its p value adjusted for all."""
    cells = {a: {g.cohort: figures.codes[g, *a] for g in cohorts} for a in asked}
    shown = {
        a: row
        for a, row in cells.items()
        if all(c.x is not None and c.n for c in row.values())
        and any(c.raised for c in row.values())
    }
    results = {a: _p(row) for a, row in shown.items()}
    adjusted = holm([test.p for test in results.values()])
    for ((code, among), test), p in zip(results.items(), adjusted, strict=True):
        differs = p < ALPHA
        row = {"code": code, "among": among, "p": test.p, "adjusted": p, "exact": test.exact}
        apart = _apart(shown[code, among]) if differs else {}
        yield {**row, "differs": differs, **apart}


def _p(cells: Mapping[str, ClaimCounts]) -> Result:
    return exact_test([c.x or 0 for c in cells.values()], [c.n or 0 for c in cells.values()])


def _apart(cells: Mapping[str, ClaimCounts]) -> Test:
    """The cohorts with the largest and the smallest share, where a test of the two carries that."""
    order = sorted(cells, key=lambda cohort: (cells[cohort].x or 0) / (cells[cohort].n or 1))
    lowest, highest = order[0], order[-1]
    pairs = len(list(combinations(cells, 2)))
    p = _p({name: cells[name] for name in (lowest, highest)}).p
    return {"highest": highest, "lowest": lowest} if p * pairs < ALPHA else {}
