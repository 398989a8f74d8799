"""Whether two groups of a wave that one filter tells apart differ on a claim: Fisher's exact test.

Holm's adjustment is for all claims that a reader sees of the two groups side by side.
"""

from collections.abc import Iterator
from itertools import combinations

import polars as pl

from iomdash.declared.findings import FINDINGS, Claim
from iomdash.declared.findings.claims import NOT_INTERVIEWED
from iomdash.declared.groups import FILTERS, Group, joined
from iomdash.evidence.figures import Figures
from iomdash.evidence.settling import ALPHA
from iomdash.evidence.stats import exact_test, holm

_CONTRASTS = {
    "wave": pl.String, "dimension": pl.String, "one": pl.String, "other": pl.String,
    "finding": pl.String, "claim": pl.Int64, "p": pl.Float64, "adjusted": pl.Float64,
    "differs": pl.Boolean,
}  # fmt: skip


def contrasts(figures: Figures) -> pl.DataFrame:
    """A row for each pair of groups with one filter each, and each claim that is counted of both.

    `one` and `other` are values of the filter `dimension`, in alphabetical order. Waves of which
    the source does not say who of which group said what have none.
    """
    rows = [row for name in FILTERS for row in _of_filter(name, figures)]
    return pl.DataFrame(rows, schema=_CONTRASTS, orient="row")


def _of_filter(name: str, figures: Figures) -> Iterator[tuple[object, ...]]:
    groups = sorted(
        (
            group for group, size in figures.groups.items()
            if group.filters == (name,) and not size.hidden and group.wave not in figures.rebuilt
        ),
        key=lambda group: group.key,
    )  # fmt: skip
    for one, other in combinations(groups, 2):
        if one.wave == other.wave and not _shared(one, other):
            values = (getattr(one, name), getattr(other, name))
            yield from ((one.wave, name, *values, *row) for row in _tested(one, other, figures))


def _shared(one: Group, other: Group) -> bool:
    """Whether cohorts that are shown as one have one in common."""
    return bool({*joined(one.cohort)} & {*joined(other.cohort)}) and one.cohort != other.cohort


def _tested(
    one: Group, other: Group, figures: Figures
) -> Iterator[tuple[str, int, float, float, bool]]:
    results = list(_claims(one, other, figures))
    adjusted = holm([p for _, _, p in results])
    for (finding, claim, p), q in zip(results, adjusted, strict=True):
        yield finding, claim, p, q, q < ALPHA


def _claims(one: Group, other: Group, figures: Figures) -> Iterator[tuple[str, int, float]]:
    for finding in FINDINGS:
        for i, claim in enumerate(finding.claims):
            if not isinstance(claim, Claim) or claim.code == NOT_INTERVIEWED:
                continue
            cells = [figures.counts(claim, group) for group in (one, other)]
            yes, n = [c.x for c in cells], [c.n for c in cells]
            if all(yes_ is not None for yes_ in yes) and all(n) and any(c.raised for c in cells):
                p = exact_test([x or 0 for x in yes], [m or 0 for m in n]).p
                yield finding.id, i, p
