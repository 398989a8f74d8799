"""Commands that are killed at random moments, in a few rounds; `make soak` has a thousand."""

import multiprocessing
from pathlib import Path

import pytest
import soak

ROUNDS = 8


def test_whoever_is_killed_leaves_nothing_torn_and_nothing_lost(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    done = soak.run(ROUNDS, soak.begin(tmp_path), processes, seed=1)
    assert done.killed.total() > 0
    assert done.done.total() > 0
    with capsys.disabled():
        print(f"\n{done.killed.total()} of {ROUNDS} killed: 0 torn, 0 lost")
