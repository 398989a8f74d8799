"""A progress bar for work that takes over a second; silent where nobody watches."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def steps(what: str) -> Generator[Callable[[str], None]]:
    """A bar on standard error that names each step as it begins."""
    with tqdm(
        desc=what, unit=" steps", delay=1, file=sys.stderr, leave=False,
        disable=not sys.stderr.isatty(), bar_format="{desc} [{elapsed}] {postfix}",
    ) as bar:  # fmt: skip

        def begin(step: str) -> None:
            bar.set_postfix_str(step, refresh=False)
            bar.update()

        yield begin
