"""What an analyst does on a page: their errors in words, all others in one neutral line."""

import logging
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from iomdash import settings
from iomdash.access import audit_log
from iomdash.errors import ContractBroken, IomdashError
from iomdash.vault.lock import signed_in

LOG = logging.getLogger("iomdash.workbench")
FAULT = (
    "This went wrong through a fault of the program. Nothing was half done. Try again; if it stays "
    "so, send whoever maintains iomdash the log: {}."
)
SERVER = "what the server printed"
# Broken cells that a page lists of a file that was refused.
MOST_LINES = 50

T = TypeVar("T")


def tried(act: Callable[[], T]) -> tuple[T | None, tuple[str, ...]]:
    """What came of an act, or None and why not, a line each."""
    try:
        return act(), ()
    except ContractBroken as broken:
        lines = str(broken).splitlines()
        more = len(lines) - MOST_LINES
        return None, (*lines[:MOST_LINES], *([f"... and {more:,} more."] if more > 0 else []))
    except IomdashError as error:
        return None, (str(error),)
    except Exception as fault:
        logged(fault)
        return None, (FAULT.format(SERVER),)


def noted(
    data_dir: Path, event: str, who: str | None = None, **what: object
) -> AbstractContextManager[dict[str, object]]:
    """An act that the audit log tells of, as it begins and as it ends, with what is added to it
    meanwhile. Raises EnvironmentFault where it cannot be.
    """
    return audit_log.act(settings.state_dir(data_dir), event, who or signed_in(), **what)


def logged(fault: Exception) -> None:
    """Log where a fault happened, without its message, which may hold a cell of a file."""
    LOG.error("%s\n%s", place_of(fault), "".join(traceback.format_tb(fault.__traceback__)))


def place_of(fault: Exception) -> str:
    """The kind of an error, without what it says."""
    return f"{type(fault).__module__}.{type(fault).__name__}"
