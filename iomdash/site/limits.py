"""How much one address or one tab may ask for: buckets that fill up again, and a count of tabs."""

import time
from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

# Addresses that are remembered at once; the one that was quiet longest is forgotten.
MOST = 10_000
START = 10  # seconds' worth that may be asked for at once


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


class Rates:
    """A bucket for each address."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._of: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, address: str) -> bool:
        """Take one of an address's; whether there was one to take."""
        bucket = self._of.pop(address, None) or Bucket(self.rate)
        self._of[address] = bucket
        if len(self._of) > MOST:
            self._of.popitem(last=False)
        return bucket.take()


class Once:
    """What has happened before; the oldest is forgotten."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Hashable, None] = OrderedDict()

    def first(self, what: Hashable) -> bool:
        """Whether it happens for the first time."""
        if what in self._seen:
            return False
        self._seen[what] = None
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)
        return True


class Tabs:
    """How many tabs each address has open."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Open one more; whether there was room."""
        if self._open[address] >= self.most:
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Close one."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]
