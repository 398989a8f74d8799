"""What counts agencies' records: DuckDB, or another engine that runs the same SQL.

A text that counts is in the subset that both read alike, and `two_largest(n)`, the sum of the two
largest of a group, is the one word that each engine is given its own meaning of.
"""

from typing import Protocol

import duckdb
import polars as pl

# An aggregate; the second is 0 where there is one alone.
TWO_LARGEST = "two_largest"


class Engine(Protocol):
    """Tables under names, and queries of them.

    together: measures of so many people in all, each counted of everybody, are counted by one text
    """

    together: int

    def keep(self, name: str, query: str) -> None:
        """Make the rows of a query the table of that name, in the place of one that there was."""
        ...

    def name(self, name: str, query: str) -> None:
        """Name the rows of a query, which are worked out by whoever reads them."""
        ...

    def take(self, name: str, frame: pl.DataFrame) -> None:
        """Make a frame the table of that name, in the place of one that there was."""
        ...

    def frame(self, query: str) -> pl.DataFrame:
        """The rows of a query."""
        ...


class DuckDB:
    """The engine that a connection of DuckDB is; what is kept goes when it is closed."""

    # Starting a query is what few people cost; more would take the memory that one measure of
    # 100,000 people takes.
    together = 100_000

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        connection.execute(f"create or replace temp macro {TWO_LARGEST}(n) as list_sum(max(n, 2))")

    def keep(self, name: str, query: str) -> None:
        """A temporary table."""
        self.connection.execute(f"create or replace temp table {name} as {query}")

    def name(self, name: str, query: str) -> None:
        """A temporary view."""
        self.connection.execute(f"create or replace temp view {name} as {query}")

    def take(self, name: str, frame: pl.DataFrame) -> None:
        """A temporary table."""
        self.connection.register("taken", frame)
        self.keep(name, "select * from taken")
        self.connection.unregister("taken")

    def frame(self, query: str) -> pl.DataFrame:
        """A frame of Polars."""
        return self.connection.sql(query).pl()
