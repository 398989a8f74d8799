"""Servers as `python -m` starts them, each forked from a process that has imported what they do:
that is most of a start. `iomdash serve` itself starts as a user's in tests/test_running.py and
tests/test_package.py.
"""

import multiprocessing
import os
import runpy
import signal
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest


@contextmanager
def processes() -> Iterator[ForkServerContext]:
    """Real processes that start fast, as what is slow to import is imported once for all. A child
    runs its parent's main module first, and Streamlit's AppTest leaves the page that it ran as
    that: so here it is a module without a file.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.forked"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
        yield context


class Served:
    """A process that runs `python -m` with these words, and writes what it says into a log; `more`
    is added to its environment.
    """

    def __init__(self, words: Sequence[str], log: Path, more: Mapping[str, str] = {}) -> None:
        environment = {**os.environ, **more}
        with processes() as context:
            self._process = context.Process(target=_run, args=(words, environment, log))
            self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.is_alive()

    def end(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal that ends it, and wait until it has."""
        if self._process.is_alive():
            os.kill(self.pid, sign)
        self._process.join()


def _run(words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    with log.open("wb", buffering=0) as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.execve = lambda _, words, environment: _become(words[2:], environment)
    _become(words, environment)


def _become(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """What `python -m` would be with these words, in this process."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [*words]
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
