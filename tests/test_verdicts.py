"""What is said of a range of counts, how sure that is, and what would change it, by brute force."""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from math import comb

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from iomdash.declared.findings import FINDINGS, Claim, find
from iomdash.declared.groups import KEY, Group
from iomdash.declared.quantifiers import (
    ALL,
    AT_LEAST_HALF,
    AT_LEAST_ONE,
    LARGE_MAJORITY,
    MAJORITY,
    MINORITY,
    NEARLY_ALL,
    NOT_ALL,
    QUANTIFIERS,
    SOME,
    Quantifier,
)
from iomdash.declared.reasons import Reason
from iomdash.declared.verdicts import Sureness, Verdict, worst
from iomdash.disclosure.interviews.protect import Releasable
from iomdash.disclosure.policy import for_audience
from iomdash.evidence.judge import judge
from iomdash.evidence.settling import Range, interviews_needed, sureness, tipping, verdict
from iomdash.evidence.stats import interval

WORDS = st.sampled_from(QUANTIFIERS)
RANGES = st.integers(1, 60).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.integers(0, n)).map(
        lambda ends: Range(min(ends), max(ends), n)
    )
)
SURE, CHANCE = Sureness.BEYOND_CHANCE, Sureness.COULD_BE_CHANCE

# ------------------------------------------------------------------------------ one range


@pytest.mark.parametrize(
    ("least", "most", "n", "word", "expected"),
    [
        # What was "all" of eleven is "nearly all" of 160, which is weaker and no failure.
        (139, 158, 160, ALL, Verdict.WEAKER),
        (155, 160, 160, ALL, Verdict.UNTOLD),
        (27, 27, 48, SOME, Verdict.STRONGER),
        (21, 27, 160, AT_LEAST_HALF, Verdict.AGAINST),
        (94, 124, 160, MINORITY, Verdict.AGAINST),
        (49, 92, 160, SOME, Verdict.UNTOLD),
        (6, 11, 11, MAJORITY, Verdict.AS_CLAIMED),
        (8, 11, 11, LARGE_MAJORITY, Verdict.AS_CLAIMED),
    ],
)
def test_a_verdict_is_given_where_both_ends_of_the_range_give_it(
    least: int, most: int, n: int, word: Quantifier, expected: Verdict
) -> None:
    assert verdict(Range(least, most, n), word) is expected


@given(RANGES, WORDS)
def test_a_verdict_is_that_of_every_count_in_the_range(said: Range, word: Quantifier) -> None:
    every = {word.verdict(x, said.n) for x in range(said.least, said.most + 1)}
    assert verdict(said, word) is (every.pop() if len(every) == 1 else Verdict.UNTOLD)


@given(RANGES, WORDS)
def test_beyond_chance_means_that_no_share_of_any_interval_would_say_otherwise(
    said: Range, word: Quantifier
) -> None:
    now = verdict(said, word)
    spans = [interval(x, said.n) for x in range(said.least, said.most + 1)]
    shares = [low + (high - low) * i / 50 for low, high in spans for i in range(51)]
    sure = now is not Verdict.UNTOLD and all(word.at(share) is now for share in shares)
    if sureness(said, word) is SURE:
        assert sure


@pytest.mark.parametrize(
    ("x", "n", "word", "expected"),
    [
        (11, 11, ALL, CHANCE),  # no sample shows that nobody else would differ
        (139, 160, ALL, SURE), (1, 11, AT_LEAST_ONE, SURE), (10, 11, NOT_ALL, SURE),
        (6, 11, MAJORITY, CHANCE), (9, 11, MAJORITY, SURE), (9, 11, NEARLY_ALL, CHANCE),
    ],
)  # fmt: skip
def test_one_yes_proves_at_least_one_and_no_sample_proves_all(
    x: int, n: int, word: Quantifier, expected: Sureness
) -> None:
    assert sureness(Range(x, x, n), word) is expected


@pytest.mark.parametrize(("least", "most", "n"), [(-1, 0, 3), (2, 1, 3), (0, 4, 3), (0, 0, 0)])
def test_what_is_no_range_is_refused_in_words(least: int, most: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no range: give 0 <= least <= most <= n and n > 0"):
        Range(least, most, n)


def test_the_worst_of_several_verdicts_is_the_findings() -> None:
    assert worst([Verdict.AS_CLAIMED, Verdict.AGAINST, Verdict.UNTOLD]) is Verdict.AGAINST
    assert worst([Verdict.AS_CLAIMED, Verdict.STRONGER]) is Verdict.STRONGER


# ------------------------------------------------------------------------- how many more


ends = cache(interval)


def power(x: int, n: int, size: int, word: Quantifier) -> float:
    """The chance of a verdict beyond chance, sample by sample, with the interval of the judge."""
    share, now = x / n, word.verdict(x, n)
    return sum(
        comb(size, k) * share**k * (1 - share) ** (size - k)
        for k in range(size + 1)
        if all(word.at(end) is now for end in ends(k, size))
    )


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([(6, 11), (8, 11), (9, 11), (3, 11), (11, 20), (15, 20)]), WORDS)
def test_the_interviews_needed_are_the_fewest_that_tell_in_four_cases_of_five(
    case: tuple[int, int], word: Quantifier
) -> None:
    x, n = case
    needed = interviews_needed(Range(x, x, n), word, 90)
    enough = [size for size in range(n + 1, 91) if power(x, n, size, word) >= 0.8]
    assert needed == (enough[0] if enough else None)


@given(RANGES, WORDS, st.integers(1, 80))
def test_never_more_interviews_are_asked_for_than_people_are_managed(
    said: Range, word: Quantifier, managed: int
) -> None:
    needed = interviews_needed(said, word, managed)
    assert needed is None or said.n < needed <= managed


# ------------------------------------------------------------------ those not reached


@given(RANGES, WORDS, st.integers(1, 40))
def test_a_tipping_point_is_where_the_word_stops_being_true_of_everybody(
    said: Range, word: Quantifier, others: int
) -> None:
    if not (word.holds(said.least, said.n) and word.holds(said.most, said.n)):
        return
    everybody, tips = said.n + others, dict(tipping(said, word, said.n + others))
    for more in range(others + 1):
        share = more / others
        low = word.admits(Fraction(said.least + more, everybody))
        if share < tips.get("fewer", -1) - 1e-9:
            assert not low
        high = word.admits(Fraction(said.most + more, everybody))
        if share > tips.get("more", 2) + 1e-9:
            assert not high
        if tips.get("fewer", -1) + 1e-9 < share < tips.get("more", 2) - 1e-9:
            assert low
            assert high
        if len(tips) == 0:
            assert low
            assert high


def test_eleven_of_twenty_two_can_undo_a_majority_if_fewer_than_5_in_11_agree() -> None:
    # Over half of 22 is 12 or more: 6 said so, so 5 of the other 11 would make exactly a half.
    assert dict(tipping(Range(6, 6, 11), MAJORITY, 22)) == {"fewer": pytest.approx(5 / 11)}


# --------------------------------------------------------------------- what is said of a wave

WAVE = "2030"
NONE = dict.fromkeys(("band", "hidden", "instead"))
Counts = Mapping[str, tuple[int, int, int]]


def wave(n: int, said: Counts, *, approached: int = 0, managed: int = 0) -> Releasable:
    """Protected counts (yes, mixed, no) of one wave of `n` people; other codes were not raised."""
    key = dict(zip(KEY, Group(WAVE).key, strict=True))
    asked = {(c.code, c.among) for f in FINDINGS for c in f.claims if isinstance(c, Claim)}
    codes = [
        {**key, "code": code, "among": among, "n": n, "yes": yes, "mixed": mixed, "no": no} | NONE
        for code, among in sorted(asked)
        for yes, mixed, no in [said.get(code, (0, 0, 0))]
    ]
    outcomes = [("Interviewed", n), ("Declined", approached - n)] if approached else []
    flow = [(WAVE, "All", outcome, people) for outcome, people in outcomes]
    caseloads = [(WAVE, "PPO", managed)] if managed else []
    frames = {name: pl.DataFrame() for name in ("pairs", "profile", "excerpts", "voices", "waves")}
    return Releasable(
        policy=for_audience("board"), groups=pl.DataFrame([{**key, "n": n, **NONE}]),
        codes=pl.DataFrame(codes, infer_schema_length=None),
        recruitment=pl.DataFrame(flow, ["wave", "cohort", "outcome", "n"], orient="row"),
        caseloads=pl.DataFrame(caseloads, ["wave", "cohort", "n"], orient="row"), **frames,
    )  # fmt: skip


def told(safe: Releasable, finding: str, claim: int = 0) -> dict[str, object]:
    frame = judge(safe)["claims"]
    [row] = frame.filter(finding=finding, claim=claim).to_dicts()
    return row


def test_a_code_that_nobody_raised_was_not_asked_and_has_no_figure() -> None:
    # Twelve interviews coded for one code only said "None understood" and "None agreed: holds".
    safe = wave(12, {"scheme.positive": (12, 0, 0)})
    for claim in (1, 2):
        row = told(safe, "F01", claim)
        assert (row["verdict"], row["untold"]) == ("UNTOLD", Reason.NOT_ASKED.value)
        assert (row["x"], row["least"], row["low"], row["sentence"]) == (None, None, None, None)


@pytest.mark.parametrize(
    ("counts", "most", "verdict"),
    [
        ((55, 14, 67), 93, "UNTOLD"),  # 24 did not raise it and 14 were of two minds
        ((55, 0, 105), 55, "AS_CLAIMED"),
        ((55, 25, 80), 80, "AS_CLAIMED"),
        ((55, 26, 79), 81, "UNTOLD"),
    ],
)
def test_who_did_not_raise_it_and_who_was_of_two_minds_count_either_way(
    counts: tuple[int, int, int], most: int, verdict: str
) -> None:
    row = told(wave(160, {"roles.blurred": counts}), "F03")
    assert (row["x"], row["least"], row["most"], row["verdict"]) == (55, 55, most, verdict)


def test_being_mixed_where_that_is_an_answer_of_its_own_is_not_yes() -> None:
    row = told(wave(160, {"support.effect_on_stopping": (21, 36, 97)}), "F05")
    assert (row["least"], row["most"]) == (21, 27)


def test_a_failed_claim_says_what_the_wave_found_in_the_words_that_were_asked() -> None:
    row = told(wave(160, {"support.effect_on_stopping": (21, 36, 97)}), "F05")
    assert row["sentence"] == (
        "A majority, 97 of 160, said that support made them more likely to stop"
    )


def test_where_no_word_says_enough_the_count_is_the_sentence() -> None:
    row = told(wave(160, {"environment.deters": (49, 6, 68)}), "F10")
    assert row["sentence"] == "49 of 160 felt deterred by the place where they report"


def test_people_who_were_all_counted_have_no_interval() -> None:
    row = told(wave(160, {}, approached=333), "F18")
    assert (row["x"], row["n"], row["low"], row["sure"]) == (173, 333, None, "COUNTED")


def test_no_caseload_is_too_small_for_the_number_that_is_asked_for() -> None:
    # 84 of 160 is a majority that 1,537 interviews would settle, of 265 people.
    row = told(wave(160, {"voice.forums": (84, 0, 76)}, managed=265), "F15", 1)
    assert (row["verdict"], row["sure"], row["needed"]) == ("AS_CLAIMED", "COULD_BE_CHANCE", None)


def test_what_those_not_reached_could_change_is_said_of_the_word_that_is_used() -> None:
    safe = wave(160, {"scheme.positive": (139, 9, 2)}, approached=333, managed=265)
    rows = judge(safe)["reach"].filter(finding="F01", claim=0).to_dicts()
    # Four fifths of 333 are 266.4: 127.4 of the 173 not interviewed would have to say so.
    assert [(r["whom"], r["people"], r["word"]) for r in rows] == [
        ("approached", 333, "nearly all"), ("managed", 265, "nearly all"),
    ]  # fmt: skip
    assert rows[0]["fewer"] == pytest.approx((0.8 * 333 - 139) / 173)
    assert (rows[0]["worst"], rows[0]["best"]) == (139 / 333, (158 + 173) / 333)


def test_a_wave_differs_from_the_studys_only_by_a_corrected_test_of_two_shares() -> None:
    shifts = judge(with_study({"support.effect_on_stopping": (21, 36, 97),
                               "pathways.relevant": (107, 14, 21)}))["shifts"]  # fmt: skip
    rows = {row["finding"]: row for row in shifts.filter(wave=WAVE).to_dicts()}
    assert set(rows) == {"F05", "F11"}
    # The report leaves 6 to 11 of 11 open; 6 lies nearest to 21 of 160, and 107 of 160 within.
    assert rows["F05"]["p"] == pytest.approx(fisher_exact([[6, 5], [21, 139]]).pvalue)
    assert rows["F05"]["adjusted"] == pytest.approx(2 * rows["F05"]["p"])
    assert (rows["F05"]["differs"], rows["F11"]["differs"]) == (True, False)
    assert rows["F11"]["p"] == 1


def with_study(said: Counts) -> Releasable:
    """A wave of 160 beside that of 2017, which was reconstructed."""
    safe = wave(160, said)
    study = Group("2017").key
    groups = pl.concat([safe.groups, safe.groups.with_columns(
        pl.lit(study[0]).alias("wave"), n=pl.lit(11, pl.Int64))])  # fmt: skip
    codes = pl.concat([safe.codes, safe.codes.with_columns(pl.lit(study[0]).alias("wave"))])
    waves = pl.DataFrame({"wave": [WAVE, "2017"], "origins": [["collected"], ["reconstructed"]]})
    return Releasable(**{**vars(safe), "groups": groups, "codes": codes, "waves": waves})


def test_every_claim_on_some_of_those_interviewed_says_who_they_are() -> None:
    claims = [c for f in FINDINGS for c in f.claims if isinstance(c, Claim)]
    assert [c.statement for c in claims if bool(c.among) != bool(c.base)] == []
    assert find("F09").claims[0].statement == (
        "All of those who named a need felt satisfied with the help"
    )
