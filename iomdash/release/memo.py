"""What is made of a release, kept with it and gone with it."""

from collections.abc import Callable
from functools import lru_cache, wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar
from weakref import ref

from iomdash.release.reader import Release

P = ParamSpec("P")
T = TypeVar("T")


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a function makes of its `release` and other arguments: the last `most` of each
    release, which never changes. Safe for threads.

    The function takes its release by place, under that name; one without it is a ValueError.
    """

    def around(make: Callable[P, T]) -> Callable[P, T]:
        at = list(signature(make).parameters).index("release")

        @wraps(make)
        def kept(*args: P.args, **kwargs: P.kwargs) -> T:
            release: Any = args[at]
            memo = release.memo.get(make)
            if memo is None:
                memo = release.memo.setdefault(make, _of_one(make, at, ref(release), most))
            return memo(*args[:at], *args[at + 1 :], **kwargs)

        return kept

    return around


def _of_one(
    make: Callable[..., T], at: int, release: "ref[Release]", most: int
) -> Callable[..., T]:
    """The function of one release. It holds the release weakly, as the release holds it."""

    @lru_cache(maxsize=most)
    def again(*rest: Any, **named: Any) -> T:
        return make(*rest[:at], release(), *rest[at:], **named)

    return again
