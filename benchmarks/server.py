"""A Streamlit server in a process of its own, visited as a browser would, without drawing."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

ROOT = Path(__file__).parents[1]
APP = ROOT / "app.py"
REFERENCE = ROOT / "benchmarks" / "reference.py"
LONGEST_START = 60  # seconds
QUIET = 0.02  # CPU seconds in a second
SETTLED = 0.05  # seconds after a run in which the server collects garbage and flushes


class Server:
    """A server that listens when entered and is ended when left."""

    def __init__(
        self, script: Path, environment: Mapping[str, str] = {}, options: Sequence[str] = ()
    ) -> None:
        self.port = free_port()
        self._words = [
            sys.executable, "-m", "streamlit", "run", str(script),
            "--server.port", str(self.port), *options,
        ]  # fmt: skip
        self._environment = {**os.environ, **environment}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._words, cwd=ROOT, env=self._environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._process.terminate()
        self._process.wait()

    def cpu(self) -> float:
        """CPU seconds of the whole process so far, to the nanosecond.

        Linux's number for the clock of another process: man 3 clock_getcpuclockid.
        """
        return time.clock_gettime((~self._process.pid << 3) | 2)

    def wait(self) -> None:
        """Return once the server takes connections."""
        listens(self.port, self._process)

    def idle(self) -> None:
        """Return once the server takes connections and makes nothing ahead any more."""
        self.wait()
        until, before = time.monotonic() + LONGEST_START, -1.0
        while time.monotonic() < until and self.cpu() - before > QUIET:
            before = self.cpu()
            time.sleep(1)

    def visit(self) -> "Visit":
        """A new visitor. Close it."""
        self.wait()
        here = f"127.0.0.1:{self.port}"
        url = f"ws://{here}/_stcore/stream"
        origin = Origin(f"http://{here}")  # as browsers say it, and the doors want it
        try:
            return Visit(connect(
                url, origin=origin, subprotocols=["streamlit"], max_size=None,
                open_timeout=LONGEST_START,
            ))  # fmt: skip
        except WebSocketException as refused:
            raise RuntimeError(f"{url} takes no visitor: {refused}") from refused


@dataclass
class Visit:
    """One session. `run` asks for a page as clicks do and returns what the server sent."""

    socket: ClientConnection
    _pages: dict[str, str] = field(default_factory=dict)

    def run(self, page: str = "", query: str = "") -> list[ForwardMsg]:
        """Every message of one run of a page, by its address; '' is the first page."""
        asked = BackMsg()
        asked.rerun_script.query_string = query
        if page in self._pages:
            asked.rerun_script.page_script_hash = self._pages[page]
        else:
            asked.rerun_script.page_name = page
        self.socket.send(asked.SerializeToString())
        messages: list[ForwardMsg] = []
        while not (messages and messages[-1].WhichOneof("type") == "script_finished"):
            message = ForwardMsg()
            message.ParseFromString(bytes(self.socket.recv(timeout=LONGEST_START)))
            messages.append(message)
        self._remember(page, messages)
        return messages

    def _remember(self, page: str, messages: list[ForwardMsg]) -> None:
        for message in messages:
            kind = message.WhichOneof("type")
            if kind == "page_not_found" or _is_exception(message):
                raise RuntimeError(f"The page '{page}' is not there or fails.")
            if kind == "navigation":
                self._pages[page] = message.navigation.page_script_hash

    def close(self) -> None:
        """End the session."""
        self.socket.close()


def _is_exception(message: ForwardMsg) -> bool:
    return message.delta.new_element.WhichOneof("type") == "exception"


def cost(server: Server, visit: Visit, page: str, query: str, *, runs: int) -> float:
    """CPU seconds that one run of a page costs the server, the mean of `runs` in a row."""
    before = server.cpu()
    for _ in range(runs):
        visit.run(page, query)
    time.sleep(SETTLED)
    return (server.cpu() - before) / runs


def listens(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once a process takes connections on a port."""
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError(f"{process.args} did not start. Run it by hand to see why.")


def peak_of(process: int | str) -> float:
    """GiB that a process, by its number or 'self', has had at most; not whoever began it."""
    status = Path(f"/proc/{process}/status").read_text()
    return float(status.partition("VmHWM:")[2].split()[0]) / 2**20


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])
