"""The audit log: lines are only added, and a line changed, removed or moved is found."""

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iomdash.access import audit_log
from iomdash.access.audit_log import Anchor, anchor, faults, lines, path_in, record
from iomdash.errors import EnvironmentFault

Change = Callable[[list[bytes]], list[bytes]]


def written(state: Path, n: int = 6) -> list[bytes]:
    for number in range(n):
        record(state, "publish", "ana", release=number)
    return path_in(state).read_bytes().splitlines(keepends=True)


def test_a_log_that_was_only_added_to_is_whole(tmp_path: Path) -> None:
    written(tmp_path)
    assert faults(tmp_path) == []
    assert [line.n for line in lines(tmp_path)] == [1, 2, 3, 4, 5, 6]
    assert path_in(tmp_path).stat().st_mode & 0o777 == 0o600


@given(st.data())
def test_any_line_changed_removed_repeated_or_moved_is_found(data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        held = written(state)
        last = anchor(state)
        assert last is not None
        at, other = (data.draw(st.integers(0, len(held) - 1)) for _ in range(2))
        byte = data.draw(st.integers(0, len(held[at]) - 2))
        sign = bytes([data.draw(st.integers(32, 126))])
        changes = {
            "changed": [*held[:at], held[at][:byte] + sign + held[at][byte + 1 :], *held[at + 1 :]],
            "removed": [*held[:at], *held[at + 1 :]],
            "moved": [*(rest := [*held[:at], *held[at + 1 :]])[:other], held[at], *rest[other:]],
            "repeated": [*held[:at], held[at], *held[at:]],
            "cut": [*held[:-1], held[-1][:-5]],
        }
        for name, changed in changes.items():
            path_in(state).write_bytes(b"".join(changed))
            same = changed == held
            assert bool(faults(state, [last])) is not same, name


def test_a_log_that_was_written_anew_is_found_by_an_anchor(tmp_path: Path) -> None:
    written(tmp_path / "one")
    named = anchor(tmp_path / "one")
    assert named is not None
    for number in range(6):
        record(tmp_path / "two", "publish", "eve", release=number)
    assert faults(tmp_path / "two") == []
    [told] = faults(tmp_path / "two", [Anchor(named.n, named.hash, "the manifest of release 1")])
    assert "line 6 is not the one that the manifest of release 1 names" in told
    assert faults(tmp_path / "none", [named]) == [f"{path_in(tmp_path / 'none')} is missing."]


def test_a_line_says_which_one_is_wrong(tmp_path: Path) -> None:
    held = written(tmp_path)
    path_in(tmp_path).write_bytes(b"".join([*held[:2], held[2].replace(b"ana", b"eve"), *held[3:]]))
    assert faults(tmp_path) == [f"{path_in(tmp_path)}, line 3: it was changed."]
    path_in(tmp_path).write_bytes(b"".join([held[0], *held[2:]]))
    [told] = faults(tmp_path)
    assert told.endswith("line 2: it does not follow line 1: one was removed, added or moved.")


@pytest.mark.parametrize("torn", [1, 20, 60])
def test_a_line_that_a_machine_left_half_written_is_taken_away_by_the_next(
    tmp_path: Path, torn: int
) -> None:
    held = written(tmp_path)
    path_in(tmp_path).write_bytes(b"".join(held)[:-torn])
    record(tmp_path, "publish", "ana", release=9)
    assert faults(tmp_path) == []
    assert [line.what["release"] for line in lines(tmp_path)] == [0, 1, 2, 3, 4, 9]


def test_a_last_line_that_is_none_stops_the_next(tmp_path: Path) -> None:
    written(tmp_path)
    with path_in(tmp_path).open("a") as file:
        file.write("{}\n")
    with pytest.raises(EnvironmentFault, match="audit-log verify"):
        record(tmp_path, "publish", "ana")


def test_a_log_that_cannot_be_written_stops_what_it_has_to_tell(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        record(tmp_path / "file" / "state", "publish", "ana")
    path_in(tmp_path).mkdir()
    with pytest.raises(EnvironmentFault, match="nothing is done that it has to tell"):
        record(tmp_path, "publish", "ana")


def test_long_words_and_lists_are_cut(tmp_path: Path) -> None:
    record(tmp_path, "publish", "a" * 9_999, what="w" * 9_999, many=["x"] * 999, n=3)
    assert len(path_in(tmp_path).read_bytes()) < audit_log.LONGEST * 4
    assert json.loads(path_in(tmp_path).read_bytes())["what"]["n"] == 3


def _add(state: Path) -> None:
    for number in range(20):
        record(state, "view", "ana", page=number)


def test_lines_of_many_processes_make_one_chain(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    every = [context.Process(target=_add, args=(tmp_path,)) for _ in range(4)]
    for one in every:
        one.start()
    for one in every:
        one.join()
    assert faults(tmp_path) == []
    assert len([*lines(tmp_path)]) == 80
