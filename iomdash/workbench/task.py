"""Work in a thread of the server, so that a page can show how far it is and stop it.

One at a time: Great Expectations has one state for the process, and DuckDB one way to have a file
open.
"""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from iomdash.errors import EnvironmentFault, IomdashError
from iomdash.workbench.acting import FAULT, SERVER, logged

T = TypeVar("T")
Step = Callable[[str], None]
Work = Callable[[Step], T]

_ONE = threading.Lock()
_LOOK = 0.05  # seconds between two looks at whether it is its turn


class Cancelled(Exception):
    """Somebody stopped it: raised by the next step, so that nothing is half done."""


class Task(Generic[T]):
    """Some work that has begun: `step` says what it does now, `error` why it ended without value.

    `error` is None while it runs, where it succeeded and where it was cancelled.
    """

    def __init__(self, what: str, work: Work[T]) -> None:
        self.what = what
        self.step = ""
        self.error: IomdashError | None = None
        self.value: T | None = None
        self.cancelled = False
        self._stop = False
        self._begun = time.monotonic()
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop at the next step."""
        self._stop = True

    @property
    def seconds(self) -> float:
        """How long ago it began."""
        return time.monotonic() - self._begun

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop

    @property
    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; whether it is done."""
        self._thread.join(seconds)
        return self.done

    def _run(self) -> None:
        try:
            self._turn()
            try:
                self.value = self._work(self._begin)
            finally:
                _ONE.release()
        except Cancelled:
            self.cancelled = True
        except IomdashError as error:
            self.error = error
        except Exception as fault:
            logged(fault)
            self.error = EnvironmentFault(FAULT.format(SERVER))

    def _turn(self) -> None:
        while not _ONE.acquire(timeout=_LOOK):
            self._begin("waiting until other work of this server is done")

    def _begin(self, step: str) -> None:
        self.step = step
        if self._stop:
            raise Cancelled
