"""Work in a process of its own, while this one does other work: two cores do two things.

`python -m iomdash.publishing.beside` is that process: it reads what to do, and writes the answer.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import IO, TypeVar, cast

from iomdash import settings
from iomdash.errors import EnvironmentFault

T = TypeVar("T")
STOPPED = (
    "The system stopped a process that publishing had begun, for lack of memory perhaps. "
    "Nothing was published. Free memory, then publish again: python -m iomdash publish"
)


@contextmanager
def beside(work: Callable[[], T]) -> Generator[Callable[[], T]]:
    """What is given waits for the work and returns what it returned, or raises what it raised.

    Raises EnvironmentFault there where the process was stopped. It ends with the block. Where this
    process is stopped it ends as well: nobody reads its answer, and it writes nothing else.
    """
    # In a group of its own, as whoever interrupts this one is answered by this one.
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=settings.PROJECT, env=settings.inherited(), process_group=0,
    )  # fmt: skip
    try:
        yield _asked(process, work)
    finally:
        process.kill()
        process.wait()
        cast("IO[bytes]", process.stdout).close()


def _asked(process: "subprocess.Popen[bytes]", work: Callable[[], T]) -> Callable[[], T]:
    asked, answer = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    with suppress(BrokenPipeError), asked:
        pickle.dump(work, asked)

    def waited() -> T:
        try:
            done, what = pickle.load(answer)
        except (EOFError, pickle.UnpicklingError):
            raise EnvironmentFault(STOPPED) from None
        if not done:
            raise what
        return what

    return waited


def main() -> None:
    """What was read, done."""
    # Whatever the work prints must not stand in the answer.
    to = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # Read whole, so that whoever asks need not wait until all is imported that it needs.
    asked = sys.stdin.buffer.read()
    try:
        answer = True, pickle.loads(asked)()
    except Exception as error:
        answer = False, error
    with suppress(BrokenPipeError), to:
        pickle.dump(answer, to)


if __name__ == "__main__":
    main()
