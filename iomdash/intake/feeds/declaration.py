"""How one agency's file becomes rows of the vault, as declarations.

A feed names its raw columns by the names of its contract in data_contracts/feeds/, which holds
the agency's own headers, date styles and code lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The vault's table of what every agency calls a person.
LINKS = "person_links"


@dataclass(frozen=True)
class FromColumn:
    """A raw column as it stands, its codes translated; `empty` stands for an empty cell."""

    column: str
    codes: Mapping[str, str] = field(default_factory=dict[str, str])
    empty: str | None = None


@dataclass(frozen=True)
class Fixed:
    """The same in every row, because the file is about nothing else."""

    value: str


@dataclass(frozen=True)
class IdentifierColumns:
    """Raw columns that together name a person, of a kind in `pseudonyms.KINDS`."""

    kind: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """Who a row is about: the first of the identifiers that the row gives."""

    identifiers: tuple[IdentifierColumns, ...]


@dataclass(frozen=True)
class AgeBand:
    """The band of the age that somebody born on one day has on another, in whole years."""

    born: str
    on: str


Source = FromColumn | Fixed | Person | IdentifierColumns | AgeBand


@dataclass(frozen=True)
class Table:
    """Rows of one canonical table: where each of its columns comes from."""

    name: str
    columns: Mapping[str, Source]


@dataclass(frozen=True)
class Feed:
    """One file of one agency; `name` is that of its contract and of the command line."""

    name: str
    agency: str
    what: str
    tables: tuple[Table, ...]


ORIGIN = FromColumn("origin", empty="collected")


def raw_columns(source: Source) -> tuple[str, ...]:
    """The raw columns that a source reads, the first being the one to correct."""
    match source:
        case FromColumn():
            return (source.column,)
        case Fixed():
            return ()
        case IdentifierColumns():
            return source.columns
        case Person():
            return tuple(name for identifier in source.identifiers for name in identifier.columns)
        case AgeBand():
            return (source.born, source.on)
