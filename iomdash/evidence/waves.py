"""Whether a finding's first claim stands otherwise than in the wave that it was made from.

Fisher's exact test of two shares, Holm's adjustment for all findings that can be compared. Where
a source leaves a count open, its nearest value is compared, so that no difference hangs on it.
"""

from collections.abc import Iterator

import polars as pl

from iomdash.declared.findings import FINDINGS, Claim
from iomdash.declared.findings.claims import NOT_INTERVIEWED
from iomdash.declared.groups import Group
from iomdash.evidence.figures import Figures
from iomdash.evidence.settling import ALPHA, Range
from iomdash.evidence.stats import exact_test, holm

_SHIFTS = {
    "wave": pl.String, "since": pl.String, "finding": pl.String, "p": pl.Float64,
    "adjusted": pl.Float64, "differs": pl.Boolean,
}  # fmt: skip


def shifts(figures: Figures) -> pl.DataFrame:
    """A row for each wave and finding whose first claim both waves count."""
    waves = dict.fromkeys(group.wave for group in figures.groups)
    rows = [row for wave in waves for row in _of_wave(wave, figures)]
    return pl.DataFrame(rows, schema=_SHIFTS, orient="row")


def _of_wave(wave: str, figures: Figures) -> Iterator[tuple[object, ...]]:
    results = list(_compared(wave, figures))
    adjusted = holm([p for _, _, p in results])
    for (finding, since, p), q in zip(results, adjusted, strict=True):
        yield wave, since, finding, p, q, q < ALPHA


def _compared(wave: str, figures: Figures) -> Iterator[tuple[str, str, float]]:
    for finding in FINDINGS:
        claim, since = finding.claims[0], finding.origin.wave
        if not isinstance(claim, Claim) or claim.code == NOT_INTERVIEWED:
            continue
        if wave == since or Group(since) not in figures.groups:
            continue
        then, now = (figures.seen(claim, Group(w)) for w in (since, wave))
        if then and now:
            yield finding.id, since, _p(then, now)


def _p(then: Range, now: Range) -> float:
    """The p value at the counts that lie nearest each other; 1 where the shares may be equal."""
    if then.least / then.n <= now.least / now.n <= then.most / then.n:
        return 1.0
    nearest = then.least if now.least / now.n < then.least / then.n else then.most
    return exact_test([nearest, now.least], [then.n, now.n]).p
