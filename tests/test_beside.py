"""Work in a process beside: what it returns or raises, and that it never outlives its use."""

import io
import os
import pickle
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from iomdash.errors import EnvironmentFault
from iomdash.publishing import beside

# Stopped while the process beside it works.
STOPPED = """
import os, signal, time
from functools import partial
from iomdash.publishing.beside import beside
with beside(partial(time.sleep, 1)):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def children() -> set[str]:
    """Processes that this one has begun."""
    every = Path("/proc/self/task").glob("*/children")
    return {pid for path in every for pid in path.read_text().split()}


def test_what_is_given_waits_for_what_the_work_returns() -> None:
    with beside.beside(partial(divmod, 17, 5)) as answer:
        assert answer() == (3, 2)


def test_what_is_given_raises_what_the_work_raised() -> None:
    work = partial(int, "seven")
    with (
        beside.beside(work) as answer,
        pytest.raises(ValueError, match="invalid literal for int"),
    ):
        answer()


def test_a_process_that_was_stopped_is_told_in_words() -> None:
    with (
        beside.beside(partial(os._exit, 0)) as answer,
        pytest.raises(EnvironmentFault) as fault,
    ):
        answer()
    assert str(fault.value) == (
        "The system stopped a process that publishing had begun, for lack of memory perhaps. "
        "Nothing was published. Free memory, then publish again: python -m iomdash publish"
    )


def test_what_the_work_prints_does_not_stand_in_its_answer() -> None:
    with beside.beside(partial(os.write, 1, b"a library greets\n")) as answer:
        assert answer() == 17


def test_an_answer_that_was_cut_short_is_told_in_words() -> None:
    answer = pickle.dumps((True, b"counts" * 100))[:-100]
    process: Any = SimpleNamespace(stdin=io.BytesIO(), stdout=io.BytesIO(answer))
    with pytest.raises(EnvironmentFault, match="The system stopped a process"):
        beside._asked(process, partial(divmod, 17, 5))()


def test_work_of_which_nobody_asks_ends_with_the_block() -> None:
    before, begun = children(), time.monotonic()
    with beside.beside(partial(time.sleep, 600)):
        assert children() > before
    assert children() == before
    assert time.monotonic() - begun < 300


def test_work_ends_in_silence_where_whoever_began_it_is_stopped() -> None:
    # It holds the end of the pipe until it has ended.
    done = subprocess.run(
        [sys.executable, "-c", STOPPED], stderr=subprocess.PIPE, check=False, timeout=300
    )
    assert (done.returncode, done.stderr) == (-9, b"")
