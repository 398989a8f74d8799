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
    ("noise", "n\udce9ise", "not UTF-8. Save the file as UTF-8."),
]


@pytest.mark.parametrize(("right", "wrong", "words"), WRONG)
def test_what_is_wrong_in_a_policy_is_told_with_file_and_line(
    right: str, wrong: str, words: str, tmp_path: Path
) -> None:
    text = FILE.read_text("utf-8").replace(right, wrong, 1)
    path = tmp_path / "policy.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(EnvironmentFault, match=r"^policy\.yaml, line \d+: ") as raised:
        load(path)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("noise", 5, "noise is 5 and smallest_count 5, so a few people would read as many."),
        ("noise", 1, "noise is 1, so nobody and everybody would be certain. Give at least 2."),
        ("smallest_count", 4, "noise is 4 and smallest_count 4, so a few people would read as"),
        ("largest_two", 100, "largest_two is 100, and two people may then make the whole sum."),
    ],
)
def test_rules_for_people_that_would_give_some_away_are_told_with_their_line(
    name: str, value: int, words: str, tmp_path: Path
) -> None:
    text = FILE.read_text("utf-8")
    at = text.index(f"      {name}:\n        value: ")
    path = tmp_path / "policy.yaml"
    path.write_text(text[:at] + re.sub(r"value: \d+", f"value: {value}", text[at:], count=1))
    with pytest.raises(EnvironmentFault, match=r"^policy\.yaml, line \d+: ") as raised:
        load(path)
    assert words in str(raised.value)


def test_a_smallest_count_of_10_is_allowed_with_noise_of_keys_of_8_bits(tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    at = text.index("      smallest_count:\n        value: ")
    path = tmp_path / "policy.yaml"
    path.write_text(text[:at] + text[at:].replace("value: 5", "value: 10", 1))
    assert load(path)["board"].people.smallest_count == 10
    louder = tmp_path / "louder.yaml"
    louder.write_text(path.read_text().replace("value: 4", "value: 5", 1))
    with pytest.raises(EnvironmentFault, match="keys have 8 bits"):
        load(louder)


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
