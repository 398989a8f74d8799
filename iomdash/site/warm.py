"""What pages draw of a release, made before anybody asks: as the server starts, and once one is
published. Under filters nothing is made ahead, which costs one visitor little more than the next.
"""

import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from iomdash import settings
from iomdash.declared import audiences
from iomdash.errors import IomdashError
from iomdash.release.reader import Release
from iomdash.release.shelf import path_of
from iomdash.site import guard
from iomdash.site.address import Asked
from iomdash.site.navigation import made, pages

LOG = logging.getLogger("iomdash.site")
EVERY = 1.0  # seconds between two looks at the pointer


@asynccontextmanager
async def kept_warm(_: object) -> AsyncGenerator[None]:
    """While the server runs, a thread that keeps what pages draw of the newest releases ready."""
    ended = threading.Event()
    threading.Thread(target=_watch, args=(ended,), name="warm", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _watch(ended: threading.Event) -> None:
    made: dict[str, Path] = {}
    while not ended.is_set():
        for audience in audiences.names():
            try:
                path = path_of(settings.releases_dir(), audience)
                if path != made.get(audience):
                    made[audience] = path
                    draw(guard.opened(path).readable(), ended.wait)
            except IomdashError:
                pass  # told whoever asks for it
            except Exception as fault:
                LOG.warning("What pages draw is not made ahead (%s).", type(fault).__name__)
        ended.wait(EVERY)


def draw(release: Release, rest: Callable[[float], object]) -> None:
    """Make every page of the newest wave, with a `rest` after each of as many seconds as it took:
    visitors who are here already have half of the time.
    """
    for address in pages():
        begun = time.thread_time()
        made(release, address, Asked())
        rest(time.thread_time() - begun)
