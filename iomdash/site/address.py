"""What the address asks for: the one place that says whom a page is about, read and written here.

Nothing else is kept of a visitor's choices, so the page is always what its address says: after
Back, Forward, a reload, in another tab and on another server.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Self
from urllib.parse import urlencode

from iomdash.declared.agencies.groups import AGENCY_FILTERS

# What follows a visitor from page to page, in the order of the filters.
FILTERS = ("wave", *AGENCY_FILTERS)
# The other of two groups that are compared; the order of a table; what is sought.
WITH, ORDER, SOUGHT = "with", "order", "q"
# All that any page heeds.
NAMES = (*FILTERS, WITH, ORDER, SOUGHT)
CHOSEN = ' aria-current="true"'
LONGEST = 200  # letters of a value; the longest name of cohorts shown together has 60


@dataclass(frozen=True)
class Asked:
    """Names and values of an address that pages heed, in its order; of some, a name twice."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """What names and values ask for, whatever else they hold."""
        return cls(tuple((name, value[:LONGEST]) for name, value in pairs if name in NAMES))

    def get(self, name: str) -> str:
        """What the address gives a parameter, the last time that it does; '' where it does not."""
        return next((value for key, value in reversed(self.pairs) if key == name), "")

    def repeated(self, names: Sequence[str] = FILTERS) -> list[str]:
        """Those of some parameters that the address gives more than once."""
        given = [key for key, _ in self.pairs]
        return [name for name in names if given.count(name) > 1]

    def choice(self, name: str, options: Sequence[str]) -> str:
        """One of a page's own options as the address names it; the first where it names none."""
        return self.get(name) if self.get(name) in options else options[0]

    def changed(self, **to: str) -> str:
        """A link to the same page with some parameters set, or left out where '', for an attribute
        of HTML.
        """
        now = {name: self.get(name) for name, _ in self.pairs}
        return escape(f"?{urlencode([(n, v) for n, v in {**now, **to}.items() if v])}")

    def switch(self, name: str, options: Sequence[str], about: str) -> str:
        """A page's own options as links, the chosen one marked, as HTML. `about` names them."""
        chosen = self.choice(name, options)
        links = "".join(
            f'<a href="{self.changed(**{name: "" if option == options[0] else option})}" '
            f'data-exact="1"{CHOSEN if option == chosen else ""}>{escape(option)}</a>'
            for option in options
        )
        return f'<p class="io-switch" role="group" aria-label="{escape(about)}">{links}</p>'
