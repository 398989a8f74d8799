"""Protected counts to verdicts: what holds of every claim, how sure, who differs, what changed.

Takes `Releasable` only, so a verdict can rest on nothing that is hidden; and what a source in print
states of a wave that had to be reconstructed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import polars as pl

from iomdash.declared.findings import FINDINGS, Claim, Difference
from iomdash.declared.findings.claims import NOT_INTERVIEWED
from iomdash.declared.groups import KEY, Group
from iomdash.declared.quantifiers import AT_LEAST_ONE, strongest
from iomdash.declared.reasons import Reason
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.disclosure.interviews.protect import Releasable
from iomdash.evidence import cohorts, contrasts, reach, waves
from iomdash.evidence.figures import ClaimCounts, Figures, index, span
from iomdash.evidence.settling import ALPHA, Range, interviews_needed, sureness, verdict
from iomdash.evidence.stats import interval
from iomdash.pictures.wording import of
from iomdash.study import Stated

Row = dict[str, object]

NO_DIFFERENCE = "No clear difference between cohorts"

_KEY = {**dict.fromkeys(KEY, pl.String), "finding": pl.String, "claim": pl.Int64}
_CLAIMS = {
    **_KEY, "code": pl.String, "among": pl.String, "statement": pl.String,
    "quantifier": pl.String, "x": pl.Int64, "n": pl.Int64, "mixed": pl.Int64, "no": pl.Int64,
    "least": pl.Int64, "most": pl.Int64, "low": pl.Float64, "high": pl.Float64,
    "verdict": pl.String, "sure": pl.String, "untold": pl.String, "sentence": pl.String,
    "needed": pl.Int64, "p": pl.Float64, "population": pl.Int64, "band": pl.String,
    "hidden": pl.String, "instead": pl.String,
}  # fmt: skip


def judge(safe: Releasable) -> dict[str, pl.DataFrame]:
    """Frames `claims` (one row per group and claim), `tests` (per group, finding and code, between
    cohorts), `contrasts` (per pair of groups and claim), `shifts` (per wave and finding, between
    waves) and `reach` (per group, claim and whom the interviews did not reach).
    """
    figures = index(safe)
    tests = cohorts.tests(figures)
    resting = cohorts.by_claim(tests)
    rows = [
        {**asdict(group), "finding": finding.id, "claim": i} | _held(claim, group, figures, under)
        for group in figures.groups
        for finding in FINDINGS
        for i, claim in enumerate(finding.claims)
        for under in [resting.get((group, finding.id, i), [])]
    ]
    return {
        "claims": pl.DataFrame([{**dict.fromkeys(_CLAIMS), **row} for row in rows], schema=_CLAIMS),
        "tests": pl.DataFrame(tests, schema=cohorts.TESTS),
        "contrasts": contrasts.contrasts(figures),
        "shifts": waves.shifts(figures),
        "reach": reach.reach(figures),
    }


def _held(
    claim: Claim | Difference, group: Group, figures: Figures, tests: Sequence[Mapping[str, object]]
) -> Row:
    if isinstance(claim, Difference):
        return _difference(claim, group, figures, tests)
    shared: Row = {
        "code": claim.code,
        "among": claim.among,
        "statement": claim.statement,
        "quantifier": claim.quantifier.word,
        "population": figures.managed(group),
    }
    if stated := figures.stated(claim, group):
        return {**shared, **_reported(claim, stated)}
    counts = figures.counts(claim, group)
    said = span(claim, counts)
    rebuilt = group.wave in figures.rebuilt and claim.code != NOT_INTERVIEWED
    if said is None:
        words = None if rebuilt or not counts.band else claim.sentence(counts.band)
        return {**shared, "n": counts.n, **_hidden(counts), "sentence": words}
    shown: Row = {"x": counts.x, "n": counts.n, "mixed": counts.mixed, "no": counts.no}
    if not counts.raised:
        return {**shared, **_untold(Reason.NOT_ASKED), "n": counts.n}
    if rebuilt:
        return {**shared, **shown, **_untold(Reason.NOT_BY_SOURCE)}
    return {**shared, **shown, **_judged(claim, said, counts, figures.managed(group))}


def _hidden(counts: ClaimCounts) -> Row:
    """A claim whose counts are withheld, or shown in a band."""
    why = counts.hidden or (Reason.BAND if counts.band else Reason.NO_DATA).value
    return {
        "verdict": Verdict.UNTOLD.name, "untold": why,
        "hidden": why, "instead": counts.instead, "band": counts.band,
    }  # fmt: skip


def _untold(why: Reason) -> Row:
    return {"verdict": Verdict.UNTOLD.name, "untold": why.value}


def _reported(claim: Claim, stated: Stated) -> Row:
    """A claim as its source states it; where that counts no base, in the source's words alone."""
    if stated.of is None:
        words = claim.sentence(claim.quantifier.word)
        sure = Sureness.COULD_BE_CHANCE.name
        return {"verdict": Verdict.AS_CLAIMED.name, "sure": sure, "sentence": words}
    said = Range(stated.least, stated.most, stated.of)
    x = stated.least if stated.least == stated.most else None
    row = {"x": x, "n": stated.of, **_judged(claim, said, ClaimCounts(x), None), **_bounds(said)}
    if row["verdict"] == Verdict.AS_CLAIMED.name:
        return {**row, "sentence": claim.statement}
    return {**row, "untold": row["untold"] and Reason.SOURCE_OPEN.value}


def _judged(claim: Claim, said: Range, counts: ClaimCounts, managed: int | None) -> Row:
    """The verdict on a range; the interval is that of those who said so."""
    counted = claim.code == NOT_INTERVIEWED
    now = verdict(said, claim.quantifier)
    given = now is not Verdict.UNTOLD
    sure = Sureness.COUNTED if counted else sureness(said, claim.quantifier)
    unsure = given and sure is Sureness.COULD_BE_CHANCE
    seen = {} if counted else _bounds(Range(said.least, said.least, said.n))
    return {
        **seen,
        "least": said.least,
        "most": said.most,
        "verdict": now.name,
        "sure": sure.name if given else None,
        "untold": None if given else Reason.HANGS.value,
        "sentence": _sentence(claim, said, counts),
        "needed": interviews_needed(said, claim.quantifier, managed) if unsure else None,
    }


def _bounds(said: Range) -> Row:
    return {"low": interval(said.least, said.n).low, "high": interval(said.most, said.n).high}


def _sentence(claim: Claim, said: Range, counts: ClaimCounts) -> str:
    """The strongest word that is true at both ends, or the count where no word says enough."""
    against = verdict(said, claim.quantifier) is Verdict.AGAINST
    if against and claim.opposite and (counts.no or 0) > said.least:
        return _opposite(claim, said, counts.no or 0)
    word = strongest(said.least, said.most, said.n)
    if word is None or (word == AT_LEAST_ONE.word and claim.quantifier != AT_LEAST_ONE):
        return f"{' '.join(filter(None, (of(said.least, said.n), claim.base)))} {claim.said}"
    return claim.sentence(word)


def _opposite(claim: Claim, said: Range, no: int) -> str:
    word = strongest(no, said.n - said.least, said.n)
    count = of(no, said.n)
    who = f"{word[:1].upper()}{word[1:]}, {count}," if word else count
    return f"{who} {claim.opposite}"


def _difference(
    claim: Difference, group: Group, figures: Figures, tests: Sequence[Mapping[str, object]]
) -> Row:
    shared: Row = {
        "code": claim.code, "among": "", "statement": claim.statement, "quantifier": "a difference"
    }  # fmt: skip
    if not tests:
        hidden = figures.groups[group].hidden or Reason.FEW_COHORTS.value
        return {**shared, **_untold(Reason(hidden)), "hidden": hidden}
    p = min(float(str(test["adjusted"])) for test in tests)
    if p < ALPHA:
        now, sure = Verdict.AS_CLAIMED.name, Sureness.BEYOND_CHANCE.name
        return {**shared, "verdict": now, "sure": sure, "sentence": claim.statement, "p": p}
    return {**shared, **_untold(Reason.NO_CLEAR_DIFFERENCE), "sentence": NO_DIFFERENCE, "p": p}
