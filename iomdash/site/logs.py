"""What the server prints: lines without traces and without what a visitor sent."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from iomdash import settings

# Whose records hold what an error says, which may be a cell of a file or a name.
OTHERS = ("streamlit", "uvicorn", "asyncio", "authlib", "httpx", "starlette")


def quiet() -> None:
    """Have every record of the libraries say what kind of error it was and where, no more; and
    write each line as an object where the settings ask for it.
    """
    made = logging.getLogRecordFactory()
    if getattr(made, "iomdash", False):
        return

    def plain(*args: Any, **named: Any) -> logging.LogRecord:
        record = made(*args, **named)
        if record.exc_info and record.name.split(".")[0] in OTHERS:
            _shorten(record)
        return record

    plain.iomdash = True  # pyright: ignore[reportFunctionMemberAccess]
    logging.setLogRecordFactory(plain)
    if settings.LOGS.read() == "json":
        _as_objects()


def _shorten(record: logging.LogRecord) -> None:
    info = record.exc_info
    kind, trace = (info[0], info[2]) if isinstance(info, tuple) else (None, None)
    where = traceback.extract_tb(trace)[-1:] if trace else []
    at = f" at {where[0].name}, line {where[0].lineno}" if where else ""
    named = f"{kind.__module__}.{kind.__name__}" if kind else "an error"
    record.msg, record.args = f"{_first_line(record)} ({named}{at})", ()
    record.exc_info = record.exc_text = None


def _first_line(record: logging.LogRecord) -> str:
    """The message without its arguments, which may hold what the error says."""
    return str(record.msg).splitlines()[0] if record.msg else ""


class Objects(logging.Formatter):
    """A line of the log as JSON: at (UTC), level, of (whose), message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps(
            {"at": at, "level": record.levelname, "of": record.name, "message": record.getMessage()}
        )


def _as_objects() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Objects())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name in OTHERS:
        for each in logging.getLogger(name).handlers:
            each.setFormatter(Objects())
