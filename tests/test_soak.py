"""Commands that are killed at random moments, a few times; `make soak` has a thousand."""

import multiprocessing
from pathlib import Path

import pytest
import soak

KILLS = 4


def test_whoever_is_killed_leaves_nothing_torn_and_nothing_lost(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    done = soak.run(KILLS, soak.begin(tmp_path), processes, seed=1)
    assert done.killed.total() == KILLS
    assert done.done.total() > 0
    with capsys.disabled():
        print(f"\n{KILLS} killed, {done.done.total()} done: 0 torn, 0 lost")
