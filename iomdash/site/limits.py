"""How much one address or one tab may ask for: buckets that fill up again, and a count of tabs.

Both stand in one table of a fixed size, which all processes of a server see, so that a limit is
that of the server however many answer.
"""

import fcntl
import mmap
import os
import struct
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b

from iomdash import settings

START = 10  # seconds' worth that may be asked for at once
# Where the table is and whose process this is, "descriptor:number", of a server of several.
SHARED = "SHARED_LIMITS"
# Rows of the table. Two addresses may meet in one, and then share what they may ask for; a secret
# of the table chooses it, so nobody can meet whom they want to.
ROWS = 65_536
_SECRET = 16
# What is left of a bucket, when it was asked last, and the tabs that are open at each process.
_ROW = struct.Struct(f"<dd{settings.WORKERS.most}H")


@dataclass
class Bucket:
    """Room for `rate` a second, and for START seconds' worth at once."""

    rate: int
    left: float = -1
    at: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Take one; whether there was one to take."""
        now = time.monotonic()
        full = self.rate * START
        self.left = full if self.left < 0 else min(full, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@dataclass
class _Row:
    left: float
    at: float
    tabs: list[int]


class Table:
    """A row for each address in a file without a name. A row is locked while it is changed; the
    lock of a process that is killed is let go, and `forget` takes what it had open.
    """

    def __init__(self, descriptor: int | None = None, worker: int = 0) -> None:
        made = descriptor is None
        self.descriptor, self.worker = _nameless() if made else descriptor, worker
        if made:
            os.truncate(self.descriptor, _SECRET + ROWS * _ROW.size)
        self._held = mmap.mmap(self.descriptor, _SECRET + ROWS * _ROW.size)
        if made:
            self._held[:_SECRET] = os.urandom(_SECRET)

    @contextmanager
    def row(self, address: str) -> Generator[_Row]:
        """The row of an address, written back afterwards."""
        sums = blake2b(address.encode(), digest_size=8, key=self._held[:_SECRET]).digest()
        with self._locked(int.from_bytes(sums) % ROWS) as row:
            yield row

    @contextmanager
    def _locked(self, number: int) -> Generator[_Row]:
        at = _SECRET + number * _ROW.size
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX, _ROW.size, at)
        try:
            left, then, *tabs = _ROW.unpack_from(self._held, at)
            row = _Row(left, then, tabs)
            yield row
            _ROW.pack_into(self._held, at, row.left, row.at, *row.tabs)
        finally:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN, _ROW.size, at)

    def forget(self, worker: int) -> None:
        """Take the tabs of a process that has ended out of every row."""
        for number in range(ROWS):
            at = _SECRET + number * _ROW.size
            if _ROW.unpack_from(self._held, at)[2 + worker]:
                with self._locked(number) as row:
                    row.tabs[worker] = 0

    def open(self) -> int:
        """How many tabs are open at all."""
        return sum(sum(row[2:]) for row in _ROW.iter_unpack(self._held[_SECRET:]))


def _nameless() -> int:
    """A file that only its descriptor leads to; in memory, where the system has that."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("limits")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def table() -> Table:
    """The table of this process: one that it shares, or one of its own."""
    if shared := os.environ.get(SHARED):
        descriptor, worker = map(int, shared.split(":"))
        return Table(descriptor, worker)
    return Table()


class Rates:
    """A bucket for each address."""

    def __init__(self, rate: int, table: Table) -> None:
        self.rate, self.table = rate, table

    def take(self, address: str) -> bool:
        """Take one of an address's; whether there was one to take."""
        with self.table.row(address) as row:
            bucket = Bucket(self.rate, row.left, row.at) if row.at else Bucket(self.rate)
            taken = bucket.take()
            row.left, row.at = bucket.left, bucket.at
        return taken


class Tabs:
    """How many tabs each address has open."""

    def __init__(self, most: int, table: Table) -> None:
        self.most, self.table = most, table

    def enter(self, address: str) -> bool:
        """Open one more; whether there was room."""
        with self.table.row(address) as row:
            if sum(row.tabs) >= self.most:
                return False
            row.tabs[self.table.worker] += 1
        return True

    def leave(self, address: str) -> None:
        """Close one."""
        with self.table.row(address) as row:
            row.tabs[self.table.worker] = max(row.tabs[self.table.worker] - 1, 0)
