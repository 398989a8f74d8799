"""Many visitors at once, an interaction each 5 s, of one process and of two; one is killed.

Visitors go over ten pages under eight choices of filters. Each is a stream of its own, as a browser
opens it, and takes up a lost one as a browser does: by opening another and asking for its address.
The client runs on the same machine and takes its part of it, so the waits are longer than they are
where visitors have machines of their own.
"""

import asyncio
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from benchmarks.data import DEMONSTRATION, made
from benchmarks.rows import Row, plain, step
from benchmarks.server import APP, LONGEST_START, Server

PAGES = ("", "F01", "F05", "F12", "F13", "outcomes", "pathways", "cohort-PPO", "trends", "themes")
FILTERS: tuple[dict[str, str], ...] = (
    {}, {"cohort": "PPO"}, {"cohort": "HCCU"}, {"cohort": "SPOS"}, {"provider": "CRC"},
    {"provider": "NPS"}, {"supervision": "statutory"}, {"wave": "2017"},
)  # fmt: skip
PACE = 5.0  # seconds between two interactions of a visitor
QUIET = 0.1  # CPU seconds of all processes between two looks
LOOK = 2.0  # seconds between them
MOST_WAIT = 1000  # milliseconds, of 95 of 100 interactions
# Of one address that is everybody's here.
LIMITS = {"IOMDASH_TABS": "10000", "IOMDASH_REQUESTS": "10000", "IOMDASH_MESSAGES": "10000"}


@dataclass(frozen=True)
class Sizes:
    """Interviews and people of the releases; processes with how many visitors; seconds of each."""

    interviews: int
    people: int | None
    visitors: tuple[tuple[int, int], ...]
    seconds: float


FULL = Sizes(DEMONSTRATION, None, ((1, 75), (2, 75), (2, 200)), 15)
SMOKE = Sizes(0, 0, ((2, 2),), 3)


def run(sizes: Sizes) -> Iterator[Row]:
    """Milliseconds that visitors wait, CPU, memory, and what a killed process costs them."""
    data = made(sizes.interviews, sizes.people)
    for workers, visitors in sizes.visitors:
        with Several(data.folder, workers) as server:
            server.ready()
            step(f"{visitors} visitors of {workers} processes")
            yield from _measured(server, visitors, sizes.seconds)


class Several(Server):
    """The site as `serve --workers` runs it, of however many."""

    def __init__(self, data: Path, workers: int) -> None:
        super().__init__(APP, LIMITS)
        self.workers = workers
        self._words = [
            sys.executable, "-m", "iomdash", "serve", "--workers", str(workers),
            "--port", str(self.port), "--data", str(data),
        ]  # fmt: skip

    def processes(self) -> list[psutil.Process]:
        """Those that answer."""
        own = psutil.Process(self._process.pid)
        return own.children() if self.workers > 1 else [own]

    def ready(self) -> None:
        """Return once all take connections and nothing is made ahead any more."""
        self.wait()
        until, before = time.monotonic() + LONGEST_START, -1.0
        while time.monotonic() < until and (self.spent() - before > QUIET or not self.listen()):
            before = self.spent()
            time.sleep(LOOK)

    def listen(self) -> bool:
        """Whether all take connections."""
        links = [link for one in self.processes() for link in one.net_connections()]
        return sum(link.status == psutil.CONN_LISTEN for link in links) == self.workers

    def spent(self) -> float:
        """CPU seconds of all together."""
        return sum(sum(one.cpu_times()[:2]) for one in self.processes())

    def memory(self) -> float:
        """MB of all together."""
        return sum(one.memory_info().rss for one in self.processes()) / 1e6


@dataclass
class Seen:
    """What visitors saw: waits in milliseconds, how often a stream was lost, and what was wrong."""

    waits: list[float] = field(default_factory=list[float])
    again: list[float] = field(default_factory=list[float])
    wrong: list[str] = field(default_factory=list[str])


def _measured(server: Several, visitors: int, seconds: float) -> Iterator[Row]:
    what = f"{visitors} visitors, {server.workers} process{'es' * (server.workers > 1)}"
    memory, spent = server.memory(), server.spent()
    seen = asyncio.run(_visited(server, visitors, seconds, kill=False))
    runs = len(seen.waits)
    yield plain(f"{what}: 95 of 100 wait less than, ms", [_high(seen.waits)], MOST_WAIT)
    yield plain(f"{what}: half wait less than, ms", [sorted(seen.waits)[runs // 2]])
    yield plain(f"{what}: CPU of an interaction, ms", [1000 * (server.spent() - spent) / runs])
    yield plain(f"{what}: memory of a visitor, MB", [(server.memory() - memory) / visitors])
    yield plain(f"{what}: without an answer", [len(seen.wrong)], 0)
    if server.workers > 1:
        seen = asyncio.run(_visited(server, visitors, seconds, kill=True))
        yield plain(f"{what}, one killed: streams opened again", [len(seen.again)])
        longest = max(seen.again, default=0.0)
        yield plain(f"{what}, one killed: longest without a page, ms", [longest])
        yield plain(f"{what}, one killed: without an answer", [len(seen.wrong)], 0)


def _high(waits: Sequence[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.95)]


async def _visited(server: Several, visitors: int, seconds: float, *, kill: bool) -> Seen:
    """What visitors see who come within the first seconds and stay until the end."""
    seen = Seen()
    until = time.monotonic() + seconds
    going = [
        asyncio.create_task(_visit(server.port, number, until, seen)) for number in range(visitors)
    ]
    if kill:
        await asyncio.sleep(min(PACE, seconds / 3) + 1)
        server.processes()[0].kill()
    await asyncio.gather(*going)
    return seen


async def _visit(port: int, number: int, until: float, seen: Seen) -> None:
    chance = random.Random(number)
    stream: ClientConnection | None = None
    await asyncio.sleep(chance.uniform(0, min(PACE, (until - time.monotonic()) / 2)))
    while time.monotonic() < until:
        page, query = chance.choice(PAGES), urlencode(chance.choice(FILTERS))
        begun = time.monotonic()
        lost = False
        while True:
            try:
                stream = stream or await _opened(port)
                await _asked(stream, page, query)
                break
            except (OSError, WebSocketException, TimeoutError):
                # As a browser: another stream, and the page of the address.
                lost, stream = True, None
                if time.monotonic() - begun > LONGEST_START:
                    seen.wrong.append(page)
                    return
                await asyncio.sleep(0.2)
            except RuntimeError as fault:
                seen.wrong.append(str(fault))
                break
        took = 1000 * (time.monotonic() - begun)
        (seen.again if lost else seen.waits).append(took)
        await asyncio.sleep(max(PACE - took / 1000, 0) * chance.uniform(0.8, 1.2))
    if stream is not None:
        with suppress(WebSocketException):
            await stream.close()


async def _opened(port: int) -> ClientConnection:
    here = f"127.0.0.1:{port}"
    return await connect(
        f"ws://{here}/_stcore/stream", origin=Origin(f"http://{here}"), subprotocols=["streamlit"],
        max_size=None, compression=None, open_timeout=LONGEST_START,
    )  # fmt: skip


async def _asked(stream: ClientConnection, page: str, query: str) -> None:
    """Ask for a page, and return once all of it has come. Raises RuntimeError for a fault."""
    asked = BackMsg()
    asked.rerun_script.query_string, asked.rerun_script.page_name = query, page
    await stream.send(asked.SerializeToString())
    async with asyncio.timeout(LONGEST_START):
        async for sent in stream:
            message = ForwardMsg.FromString(bytes(sent))
            kind = message.WhichOneof("type")
            if (
                kind == "page_not_found"
                or message.delta.new_element.WhichOneof("type") == "exception"
            ):
                raise RuntimeError(f"The page '{page}' is not there or fails.")
            if kind == "script_finished":
                return
    raise ConnectionResetError
