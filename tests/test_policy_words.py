"""What pages say of thresholds follows the policy that their release was made with."""

import re
from functools import cache
from pathlib import Path

import pytest
from reading import page_of
from test_pages import ADDRESSES, GROUPS, words

from iomdash.declared import audiences
from iomdash.declared.contracts.odcs import TABLES
from iomdash.disclosure.policy import FILE, for_audience
from iomdash.publishing.publish import publish
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.study import STUDY_FILES, agencies, synthetic
from iomdash.vault.writer import Vault

# The project's own thresholds, in the words of any sentence that names one. 1,825 are five of the
# heaviest offence. A source such as "rule of five" is the name of another's rule, and "in 10" is a
# share.
OLD = re.compile(
    r"\b(?:fewer|less|more) than (?:5|five|1,?825)\b(?! in 10\b)"
    r"|\bunder (?:5|five) (?:people|interviews)\b"
    r"|\b(?:at least|up to) (?:5|five)\b(?! of \d)"
    r"|\brounded to (?:5|five|1,?825)\b|\bmultiples of (?:5|five)\b|\b(?:1|one) to (?:4|four)\b"
)
# Enough for groups that are shown, and few enough for some that are not.
INTERVIEWS, PEOPLE = 60, 60
QUERIES = {"board": ("2026", "hidden cohort of 2017"), "coordinator": ("2026",)}


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smaller demonstration, published by thresholds of seven and noise of up to three."""
    data = tmp_path_factory.mktemp("stricter")
    files = synthetic.write(data, interviews=INTERVIEWS)
    with Vault.open(data) as vault:
        for table in TABLES:
            for given in (STUDY_FILES, files):
                if table in given:
                    vault.load(table, given[table])
        for feed, extracts in agencies.write(data, people=PEOPLE).items():
            vault.load(feed, extracts[-1])
    text = FILE.read_text("utf-8").replace("value: 5", "value: 7")
    path = data / "policy.yaml"
    path.write_text(text.replace("value: 4", "value: 3"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOMDASH_POLICY", str(path))
        board = for_audience("board")
        assert (board.smallest, board.people.smallest_count, board.people.noise) == (7, 7, 3)
        assert board.interviews.smallest_base == for_audience("coordinator").smallest == 7
        publish(data, data / "releases")
    return data / "releases"


@cache
def release(releases: Path, audience: str) -> Release:
    return Release(path_of(releases, audience))


def drawn(releases: Path, audience: str, address: str, query: str) -> str:
    """All that a page says, its charts included."""
    page = page_of(release(releases, audience), address, GROUPS[query])
    return f"{words(page)} {' '.join(each.value for each in page.main)}"


def test_every_audience_is_drawn_here() -> None:
    assert set(QUERIES) == set(audiences.names())


@pytest.mark.parametrize(
    ("audience", "query"), [(a, query) for a, queries in QUERIES.items() for query in queries]
)
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_names_a_threshold_that_is_not_the_policys(
    stricter: Path, audience: str, query: str, address: str
) -> None:
    assert OLD.findall(drawn(stricter, audience, address, query)) == []


NAMED = [
    ("profile", "2026", "Answers of fewer than {smallest} people are joined."),
    ("F01", "hidden cohort of 2017", "SPOS: hidden, fewer than {smallest}."),
    ("cohort-PPO", "2026", "Counts are moved by up to {noise}, "),
    ("outcomes", "2026", "Nobody and fewer than {smallest} people read alike."),
    ("methods", "2026", "has at least {smallest} interviews"),
]


@pytest.mark.parametrize(("address", "query", "message"), NAMED)
def test_pages_name_the_thresholds_of_their_policy(
    stricter: Path, demo_dir: Path, address: str, query: str, message: str
) -> None:
    for releases, smallest, noise in ((demo_dir / "releases", 5, 4), (stricter, 7, 3)):
        page = drawn(releases, "board", address, query)
        assert message.format(smallest=smallest, noise=noise) in page
        assert bool(OLD.search(page)) is (smallest == 5)
