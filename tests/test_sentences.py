"""Every sentence about a claim, for any counts, held against forms that no page may use."""

import re
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_verdicts import wave

from iomdash.declared.findings import FINDINGS, Claim
from iomdash.declared.reasons import Reason, words
from iomdash.declared.verdicts import Sureness, Verdict
from iomdash.evidence.judge import judge
from iomdash.pictures.recruitment import needed_words
from iomdash.pictures.wording import (
    answered,
    headline,
    relation,
    standing,
    sure,
    together,
    typical,
    unreached,
)
from iomdash.release.cells import ClaimCell, Reach

POLICY = {"smallest": 5, "smallest_base": 5, "smallest_count": 5}
# What no sentence may hold, and why.
BANNED = {
    r"\b1 (people|interviews|claims|figures|releases|batches)\b": "number and noun disagree",
    r"\b(None|nan|NaN|null)\b(?! (spoke|understood|agreed|said|felt|confused|thought|valued|had|"
    r"found|stood|lacked|appreciated|favoured|could|of those))": "a missing value",
    r"  | ,| \.(?!\d)|\.\.|;\.|,\.": "a gap or doubled stop",
    r"(?<![\d,.=])\b(?!2017)\d{4,}\b": "a number without its comma",
    r"\bof of\b|\bthe the\b|\bof any any\b": "a word twice",
    r"not interviewed would say so": "nobody says that of themselves",
    r"\b0 of 0\b|of any 0 ": "a share of nobody",
    r"between (\d+) and \1\b": "an interval without width",
    r"100 % if none|, 0 % if all": "extremes the wrong way round",
}
CLAIMS = [(f.id, c) for f in FINDINGS for c in f.claims if isinstance(c, Claim)]
COUNTS = st.tuples(*[st.integers(0, 40)] * 3)


def cell_of(row: dict[str, object]) -> ClaimCell:
    """A row of the judge's as readers see it."""
    reason = None if row["untold"] is None else Reason(str(row["untold"]))
    said = None if reason is None else words(reason, POLICY)
    values = {name: row.get(name) for name in ClaimCell.__dataclass_fields__}
    return ClaimCell(**{
        **values, "verdict": Verdict[str(row["verdict"])], "reason": reason, "untold": said,
        "sure": None if row["sure"] is None else Sureness[str(row["sure"])],
        "hidden": None if row["hidden"] is None else said,
    })  # fmt: skip


def sentences(frames: dict[str, pl.DataFrame]) -> Iterator[str]:
    """All that pages say of every claim."""
    cells = [cell_of(row) for row in frames["claims"].iter_rows(named=True)]
    for cell in cells:
        every = (headline(cell), standing(cell), relation(cell), sure(cell), answered(cell),
                 typical(cell), needed_words(cell) if cell.sure else "")  # fmt: skip
        yield from filter(None, every)
    for finding in FINDINGS:
        yield together([cell for cell in cells if cell.finding == finding.id])
    by_claim = {(cell.finding, cell.claim): cell for cell in cells}
    for row in frames["reach"].iter_rows(named=True):
        reach = Reach(**{name: row[name] for name in Reach.__dataclass_fields__})
        yield unreached(reach, by_claim[row["finding"], row["claim"]])


@settings(max_examples=40, deadline=None)
@given(
    st.fixed_dictionaries({claim.code: COUNTS for _, claim in CLAIMS}),
    st.integers(0, 40), st.integers(1, 2000), st.integers(0, 2000),
)  # fmt: skip
def test_no_sentence_of_any_wave_has_a_form_that_is_banned(
    said: dict[str, tuple[int, int, int]], silent: int, not_reached: int, managed: int
) -> None:
    n = max(1, silent + max(sum(counts) for counts in said.values()))
    safe = wave(n, said, approached=n + not_reached, managed=managed)
    for sentence in sentences(judge(safe)):
        for form, why in BANNED.items():
            assert not re.search(form, sentence), f"{why}: {sentence}"
        assert sentence == "" or sentence[0] not in ".,; "


@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.value)
def test_a_reason_reads_after_a_colon_and_ends_without_a_stop(reason: Reason) -> None:
    said = words(reason, POLICY)
    assert said
    assert not said.endswith(".")
    assert "{" not in said


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("1 people would say so", "number and noun disagree"),
        ("1537 interviews would settle it", "a number without its comma"),
        ("of any 0 people", "a share of nobody"),
        ("between 7 and 7 of any 100 people", "an interval without width"),
        ("those not interviewed would say so", "nobody says that of themselves"),
    ],
)
def test_the_banned_forms_are_found(sentence: str, why: str) -> None:
    assert why in {reason for form, reason in BANNED.items() if re.search(form, sentence)}
