"""The policy file: what is wrong in it is told with its line and how to mend it."""

import re
from pathlib import Path

import pytest

from iomdash.disclosure.policy import FILE, load
from iomdash.errors import EnvironmentFault

WRONG = [
    ("value: 5", "value: five", "smallest_group is 'five'. Give a whole number from 2"),
    ("value: 5", "value: 1", "Give a whole number from 2"),
    ("value: 5", "value: [5]", "words are missing"),
    ("value: 5", "valve: 5", "'value' is missing. Add it."),
    ("        value: 5", "        value: 5\n        value: 2", "'value' stands here twice"),
    ("at_most: 1/5", "at_most: 1/9", "leaves a single value"),
    ("at_most: 1/5", "at_most: 5/5", "is no share. Give a fraction such as 1/5."),
    ("at_most: 1/5", "at_most: 9/10", "leave a gap or overlap"),
    ("  board:", "  bored:", "'board' is missing. Add it."),
    ("audiences:", "audiences: {", "not YAML. Correct the line."),
    ("rounding", "r\udce9nding", "not UTF-8. Save the file as UTF-8."),
]


@pytest.mark.parametrize(("right", "wrong", "words"), WRONG)
def test_what_is_wrong_in_a_policy_is_told_with_file_and_line(
    right: str, wrong: str, words: str, tmp_path: Path
) -> None:
    text = FILE.read_text("utf-8").replace(right, wrong, 1)
    path = tmp_path / "policy.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(EnvironmentFault, match=r"^policy\.yaml, line \d+: ") as told:
        load(path)
    assert words in str(told.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("rounding", 11, "smallest_count is 5 and rounding 11, so a few people would read as"),
        ("filters_at_once", 2, "filters_at_once is 2, and small counts are hidden. Give 1:"),
    ],
)
def test_rules_for_people_that_would_give_some_away_are_told_with_their_line(
    name: str, value: int, words: str, tmp_path: Path
) -> None:
    text = FILE.read_text("utf-8")
    at = text.index(f"      {name}:\n        value: ")
    path = tmp_path / "policy.yaml"
    path.write_text(text[:at] + re.sub(r"value: \d+", f"value: {value}", text[at:], count=1))
    with pytest.raises(EnvironmentFault, match=r"^policy\.yaml, line \d+: ") as told:
        load(path)
    assert words in str(told.value)


def test_rounding_to_twice_the_smallest_count_is_allowed(tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    at = text.index("      rounding:\n        value: ")
    path = tmp_path / "policy.yaml"
    path.write_text(text[:at] + text[at:].replace("value: 5", "value: 10", 1))
    assert load(path)["board"].people.rounding == 10


@pytest.mark.parametrize(("smallest", "share", "passes"), [(60, "1/61", False), (60, "1/60", True)])
def test_bands_are_tried_from_the_threshold_on_however_large_it_is(
    smallest: int, share: str, passes: bool, tmp_path: Path
) -> None:
    text = FILE.read_text("utf-8").replace("value: 5", f"value: {smallest}")
    path = tmp_path / "policy.yaml"
    path.write_text(text.replace("at_most: 1/5", f"at_most: {share}"))
    if passes:
        assert load(path)["board"].smallest == smallest
        return
    with pytest.raises(EnvironmentFault, match="leaves a single value"):
        load(path)
