"""Several processes behind one address: `python -m iomdash.site.workers app.py [WORDS ...]`, where
the words are those of `streamlit run`.

Each process binds the address for itself, and the system shares new connections out among them. A
tab's stream stays with its process; all else is answered from the release, or from what all share
(`limits`, the list of sessions, the audit log), so any process may. One that ends is begun anew,
and its tabs connect again, to any.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from iomdash import settings
from iomdash.errors import EnvironmentFault, IomdashError
from iomdash.site.limits import SHARED, Table

# Seconds: one that ends by itself so soon after its start would do so again.
SOON = 60
LOOK, PAUSE = 0.1, 1.0


class Workers:
    """So many processes of a server, begun anew where one ends, until all are to."""

    def __init__(self, count: int, words: Sequence[str]) -> None:
        self.words, self.table, self.ending = words, Table(), False
        # Held by this process alone: the others end when they see it closed, however this one ends.
        self.alive, self._held = os.pipe()
        self.begun = [0.0] * count
        self.running = [self._begin(number) for number in range(count)]

    def _begin(self, number: int) -> "subprocess.Popen[bytes]":
        self.begun[number] = time.monotonic()
        self.table.forget(number)
        given = {**os.environ, SHARED: f"{self.table.descriptor}:{number}"}
        return subprocess.Popen(
            [sys.executable, "-m", "iomdash.site.worker", str(self.alive), *self.words],
            env=given, pass_fds=(self.table.descriptor, self.alive),
        )  # fmt: skip

    def watch(self) -> int:
        """Return when all have ended: 0 where they were asked to, else as one ended that cannot be
        begun.
        """
        while not self.ending:
            for number, process in enumerate(self.running):
                code = process.poll()
                if code is None:
                    continue
                if code > 0 and time.monotonic() - self.begun[number] < SOON:
                    return self._end(code)
                print(f"Process {number + 1} ended ({code}) and is begun anew.", flush=True)
                time.sleep(PAUSE if time.monotonic() - self.begun[number] < SOON else 0)
                self.running[number] = self._begin(number)
            time.sleep(LOOK)
        return self._end(0)

    def end(self, _: int, __: FrameType | None) -> None:
        """Have all of them end, on a signal."""
        self.ending = True

    def _end(self, code: int) -> int:
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait()
        return code


def free(address: str, port: int) -> None:
    """Raises EnvironmentFault where somebody listens at an address already: a second server would
    share it unnoticed.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as alone:
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            alone.bind((address, port))
            alone.listen()
        except OSError as fault:
            raise EnvironmentFault(
                f"{address}, port {port}, cannot be listened on ({fault.strerror}). End what "
                "listens there, or choose another with --port."
            ) from None


def main(words: Sequence[str]) -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--server.address", dest="address", default="127.0.0.1")
    parser.add_argument("--server.port", dest="port", type=int, default=8501)
    where, _ = parser.parse_known_args(words)
    try:
        count = settings.WORKERS.number()
        free(where.address, where.port)
    except IomdashError as refused:
        print(refused, file=sys.stderr)
        return 1
    workers = Workers(count, words)
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, workers.end)
    return workers.watch()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
