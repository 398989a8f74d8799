"""Why a figure is not shown: values in a release, and words that follow its policy."""

from collections.abc import Iterator

import pytest

from iomdash.declared.agencies.groups import AgencyGroup
from iomdash.declared.reasons import Reason, words
from iomdash.release.reader import Release

EVERYBODY = AgencyGroup()
POLICY = {"smallest": 7, "smallest_base": 6, "smallest_count": 8}
IN_WORDS = [
    (Reason.TOO_FEW, "fewer than 7"),
    (Reason.BASE_TOO_FEW, "fewer than 6 in its base, or in that of the others"),
    (Reason.OTHERS_TOO_FEW, "the others would be fewer than 7"),
    (
        Reason.RELEASE_DIFFERS_BY_FEW,
        "it would differ from an earlier release by fewer than 7",
    ),
    (Reason.FEW_PEOPLE, "fewer than 8 people"),
    (Reason.LITTLE, "less than 80"),
    (Reason.FEW_OR_LITTLE_BY_COHORT, "fewer than 8 people or less than 80 in each cohort"),
]


@pytest.mark.parametrize(("reason", "told"), IN_WORDS)
def test_words_name_the_thresholds_of_the_policy(reason: Reason, told: str) -> None:
    assert words(reason, POLICY, heaviest=10) == told


def test_every_reason_has_words_of_its_own() -> None:
    assert len({words(reason, POLICY) for reason in Reason}) == len(Reason)


def stored(release: Release) -> Iterator[str]:
    """Every reason in a release as it is stored."""
    tables = release.rows(
        "select table_name, column_name from duckdb_columns()"
        " where column_name = 'hidden' or table_name = 'excerpts' and column_name = 'why'"
    )
    for table in tables:
        name, column = table["table_name"], table["column_name"]
        rows = release.rows(f"select distinct {column} as it from {name} where it is not null")
        yield from (row["it"] for row in rows)


def test_a_release_holds_reasons_as_values(board: Release) -> None:
    found = list(stored(board))
    assert {Reason.TOO_FEW.value, Reason.FEW_PEOPLE.value, Reason.NOT_STATED.value} <= set(found)
    assert set(found) <= {reason.value for reason in Reason}


def test_cells_say_why_as_a_value_and_in_words(board: Release) -> None:
    group, size = next((g, s) for g, s in board.sizes.items() if s.reason is Reason.TOO_FEW)
    assert size.hidden == "fewer than 5"
    for cell in board.claims(group):
        assert cell.reason is not None
        assert cell.hidden == board.words(cell.reason)
    assert {row["hidden"] for row in board.recorded_by("harm", EVERYBODY, "cohort")} <= {
        None, "fewer than 5 people", "less than 1825", board.words(Reason.WORKED_OUT),
    }  # fmt: skip
