"""How different those whom the interviews did not reach would have to be to undo a sentence."""

from collections.abc import Iterator
from dataclasses import asdict

import polars as pl

from iomdash.declared.findings import FINDINGS, Claim
from iomdash.declared.findings.claims import NOT_INTERVIEWED
from iomdash.declared.groups import KEY, Group
from iomdash.declared.quantifiers import QUANTIFIERS, strongest
from iomdash.evidence.figures import Figures
from iomdash.evidence.settling import tipping

APPROACHED, MANAGED = "approached", "managed"
_REACH = {
    **dict.fromkeys(KEY, pl.String), "finding": pl.String, "claim": pl.Int64, "whom": pl.String,
    "people": pl.Int64, "word": pl.String, "fewer": pl.Float64, "more": pl.Float64,
    "worst": pl.Float64, "best": pl.Float64,
}  # fmt: skip
_WORDS = {quantifier.word: quantifier for quantifier in QUANTIFIERS}


def reach(figures: Figures) -> pl.DataFrame:
    """A row for each group by cohort, claim on everybody interviewed, and `whom`: all who were
    approached, or all who are managed (`people` of them).

    `word` would no longer be true of them if a share of those not reached under `fewer`, or over
    `more`, said so; null where they could not undo it. `worst` and `best` are the shares of all if
    none or all of those not reached said so.
    """
    rows = [
        {**asdict(group), "finding": finding.id, "claim": i, **row}
        for group in figures.groups
        for finding in FINDINGS
        for i, claim in enumerate(finding.claims)
        if isinstance(claim, Claim) and not claim.among and claim.code != NOT_INTERVIEWED
        for row in _rows(claim, group, figures)
    ]
    return pl.DataFrame([{**dict.fromkeys(_REACH), **row} for row in rows], schema=_REACH)


def _rows(claim: Claim, group: Group, figures: Figures) -> Iterator[dict[str, object]]:
    said = figures.said(claim, group)
    word = said and strongest(said.least, said.most, said.n)
    if said is None or word not in _WORDS:
        return
    everybody = {APPROACHED: figures.approached(group), MANAGED: figures.managed(group)}
    for whom, people in everybody.items():
        if people is not None and people > said.n:
            yield {
                "whom": whom, "people": people, "word": word,
                "worst": said.least / people, "best": (said.most + people - said.n) / people,
                **dict(tipping(said, _WORDS[word], people)),
            }  # fmt: skip
