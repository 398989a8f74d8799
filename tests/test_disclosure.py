"""What protection shows and hides, as boundaries and as promises."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iomdash.disclosure import Policy, merge_small, protect
from iomdash.groups import ATOM, EVERYONE, FILTERS
from iomdash.measures import RawCounts

SCHEMAS = {
    "sizes": (*ATOM, "n"),
    "codes": (*ATOM, "code", "among", "yes", "mixed", "no"),
    "conditions": (*ATOM, "among", "n"),
    "pairs": (*ATOM, "one", "other", "only_one", "only_other", "both_codes"),
    "profile": (*ATOM, "field", "answer", "n"),
    "recruitment": ("wave", "cohort", "outcome", "n"),
    "caseloads": ("wave", "cohort", "n"),
    "excerpts": (*ATOM, "code", "stance", "kind", "text", "cohort_origin"),
    "voices": ("wave", "code", "stance", "n"),
    "waves": ("wave", "origin", "n", "first_on", "last_on"),
}
COUNTS = {"n", "yes", "mixed", "no", "only_one", "only_other", "both_codes"}


def raw(**rows: list[tuple[object, ...]]) -> RawCounts:
    """Raw counts with the given rows; every other frame is empty."""
    return RawCounts(
        **{
            name: pl.DataFrame(
                rows.get(name, []),
                schema={c: pl.Int64 if c in COUNTS else pl.String for c in columns},
                orient="row",
            )
            for name, columns in SCHEMAS.items()
        }
    )


def sized(*atoms: tuple[str, str, str, int], wave: str = "2030") -> RawCounts:
    return raw(sizes=[(wave, *atom) for atom in atoms])


def shown(safe: pl.DataFrame) -> dict[tuple[str, ...], int]:
    visible = safe.filter(pl.col("hidden").is_null())
    return {tuple(row[1:4]): row[4] for row in visible.iter_rows()}


@pytest.mark.parametrize(
    ("group", "rest", "is_shown"),
    [(4, 20, False), (5, 20, True), (20, 4, False), (20, 5, True), (5, 6, True), (5, 0, True),
     (1, 1, False), (4, 0, False)],
)  # fmt: skip
def test_a_group_is_shown_only_when_it_and_its_rest_are_large_enough(
    group: int, rest: int, is_shown: bool
) -> None:
    atoms = [("PPO", "CRC", "statutory", group)] + [("HCCU", "CRC", "statutory", rest)] * bool(rest)
    found = shown(protect(sized(*atoms)).groups)
    assert (("PPO", EVERYONE, EVERYONE) in found) is is_shown


def test_ten_works_as_a_threshold_without_other_change() -> None:
    atoms = [("PPO", "CRC", "statutory", 9), ("HCCU", "CRC", "statutory", 12)]
    assert ("PPO", EVERYONE, EVERYONE) in shown(protect(sized(*atoms)).groups)
    strict = protect(sized(*atoms), Policy(smallest=10))
    assert set(shown(strict.groups)) == {
        (EVERYONE, EVERYONE, EVERYONE), (EVERYONE, "CRC", EVERYONE),
        (EVERYONE, EVERYONE, "statutory"), (EVERYONE, "CRC", "statutory"),
    }  # fmt: skip


def test_a_published_total_passes_and_a_total_as_small_of_another_wave_does_not() -> None:
    for wave, passes in (("2017", True), ("2030", False)):
        safe = protect(sized(("PPO", "CRC", "statutory", 3), wave=wave))
        assert ((EVERYONE,) * 3 in shown(safe.groups)) is passes


ATOMS = st.dictionaries(
    st.tuples(
        st.sampled_from(["PPO", "HCCU", "SPOS", "DV&A"]),
        st.sampled_from(["NPS", "CRC"]),
        st.sampled_from(["statutory", "voluntary"]),
    ),
    st.integers(1, 40),
    min_size=1,
)


@settings(max_examples=60, deadline=None)
@given(ATOMS, st.integers(2, 12))
def test_no_group_shown_or_left_over_by_dropping_filters_is_small(
    atoms: dict[tuple[str, str, str], int], smallest: int
) -> None:
    found = shown(protect(sized(*[(*a, n) for a, n in atoms.items()]), Policy(smallest)).groups)
    for key, n in found.items():
        assert n >= smallest
        for i in range(len(FILTERS)):
            parent = tuple(EVERYONE if j == i else part for j, part in enumerate(key))
            if parent in found:
                assert found[parent] - n == 0 or found[parent] - n >= smallest


@settings(max_examples=25, deadline=None)
@given(ATOMS, st.integers(0, 5), st.integers(0, 5))
def test_the_pattern_of_hidden_groups_says_nothing_about_answers(
    atoms: dict[tuple[str, str, str], int], one: int, other: int
) -> None:
    patterns = []
    for yes in (one, other):
        counts = raw(
            sizes=[("2030", *a, n) for a, n in atoms.items()],
            codes=[
                ("2030", *a, "scheme.positive", "", min(yes, n), 0, 0) for a, n in atoms.items()
            ],
        )
        safe = protect(counts)
        hidden = safe.codes.filter(pl.col("among") == "").select(*ATOM, "code", "hidden")
        patterns.append((safe.groups, hidden.sort(pl.all())))
    assert patterns[0][0].equals(patterns[1][0])
    assert patterns[0][1].equals(patterns[1][1])


def test_a_hidden_group_has_a_reason_and_no_row_in_any_other_frame() -> None:
    counts = raw(
        sizes=[("2030", "PPO", "CRC", "statutory", 30), ("2030", "HCCU", "NPS", "statutory", 2)],
        codes=[("2030", "HCCU", "NPS", "statutory", "scheme.positive", "", 2, 0, 0)],
        profile=[("2030", "HCCU", "NPS", "statutory", "sex", "male", 2)],
        pairs=[("2030", "HCCU", "NPS", "statutory", "a", "b", 1, 1, 0)],
    )
    safe = protect(counts)
    hidden = safe.groups.filter(pl.col("cohort") == "HCCU")
    assert hidden["n"].is_null().all()
    assert set(hidden["hidden"]) == {"fewer than 5"}
    for frame in (safe.codes, safe.profile, safe.pairs):
        assert "HCCU" not in frame["cohort"].to_list()


def test_a_condition_that_few_meet_hides_what_is_counted_among_them() -> None:
    atom = ("2030", "PPO", "CRC", "statutory")
    for met, hidden in ((4, "fewer than 5"), (5, None)):
        counts = raw(
            sizes=[(*atom, 30)],
            conditions=[(*atom, "rj.asked", met)],
            codes=[(*atom, "rj.open", "rj.asked", 3, 0, 0)],
        )
        row = protect(counts).codes.filter(
            (pl.col("among") == "rj.asked") & (pl.col("cohort") == EVERYONE)
        )
        assert set(row["hidden"]) == {hidden}
        assert row["yes"].is_null().all() is (hidden is not None)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(2, 10))
def test_joined_answers_keep_the_sum_and_leave_none_small(counts: list[int], smallest: int) -> None:
    named = [(f"answer {i}", n) for i, n in enumerate(counts)]
    joined = merge_small(named, smallest)
    assert sum(n for _, n, _ in joined) == sum(counts)
    if sum(counts) >= smallest:
        assert all(n == 0 or n >= smallest for _, n, _ in joined)
    assert sorted(" or ".join(a for a, _, _ in joined).split(" or ")) == sorted(a for a, _ in named)


@pytest.mark.parametrize(
    ("size", "origin", "cohort", "why"),
    [(30, "collected", "PPO", None), (30, "reconstructed", None, "not stated in the source"),
     (3, "collected", None, "withheld (fewer than 5 or the rest would be)")],
)  # fmt: skip
def test_an_excerpt_names_its_cohort_only_where_that_is_shown_and_known(
    size: int, origin: str, cohort: str | None, why: str | None
) -> None:
    atom = ("2030", "PPO", "CRC", "statutory")
    counts = raw(
        sizes=[(*atom, size), ("2030", "HCCU", "CRC", "statutory", 20)],
        excerpts=[(*atom, "scheme.positive", "yes", "paraphrase", "Words.", origin)],
    )
    row = protect(counts).excerpts.row(0, named=True)
    assert (row["cohort"], row["why"]) == (cohort, why)
    assert "interview_id" not in row
