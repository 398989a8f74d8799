"""What in an excerpt could tell who spoke: suggestions for whoever reviews it, never a judgement.

Direct identifiers refuse a file wherever they stand (identifiers.py). Here is what only somebody
who reads can decide: a word that may be a name, a street, a day. Screening overlooks much, so it
replaces nobody's reading, and its words say so.
"""

from dataclasses import replace

import duckdb
import polars as pl

from iomdash.declared import places
from iomdash.intake.screening import kinds, names, people
from iomdash.intake.screening.hit import Hit
from iomdash.intake.staging import Staged

# The rule of the contract that asks whether what was found was read.
RULE = "excerpts.screened_and_read"


def hits(text: str) -> tuple[Hit, ...]:
    """What was found, in the order of the text, of two that overlap the longer."""
    every = [*_local(text), *kinds.in_text(text), *names.in_text(text)]
    kept: list[Hit] = []
    for hit in sorted(every, key=lambda one: one.start - one.end):
        if all(hit.end <= other.start or other.end <= hit.start for other in kept):
            kept.append(hit)
    return tuple(sorted(kept))


def words(text: str) -> str:
    """What was found as a sentence, each with its place and not its words; '' for nothing."""
    named = ", ".join(str(hit) for hit in hits(text))
    return f"Screening found {named}." if named else ""


def enable(con: duckdb.DuckDBPyConnection) -> None:
    """Make known to a connection's SQL what the contract of excerpts asks.

    `screened_words(text)` is how many words were found, `folded_name(text)` a name without what
    does not tell people apart, and `stands_for_nobody(text)` whether it names anybody.
    """

    def screened_words(text: str) -> int:
        return len(hits(text))

    con.execute(people.FOLDED)
    con.execute(people.NOBODY)
    con.create_function("screened_words", screened_words, ["VARCHAR"], "BIGINT")  # pyright: ignore[reportUnknownMemberType]


def noted(staged: Staged) -> Staged:
    """A file of excerpts with a sentence on what screening did; any other as it is."""
    if staged.table != "excerpts":
        return staged
    cleared = staged.frame.filter(pl.col("cleared") == "yes")["text"].drop_nulls()
    if cleared.is_empty():
        return staged
    some = sum(bool(hits(text)) for text in cleared)
    many = "1 cleared excerpt" if len(cleared) == 1 else f"{len(cleared):,} cleared excerpts"
    note = (
        f"Screening looked at {many} and found something in {some:,}. It overlooks much, and "
        "replaces nobody's reading."
    )
    reading = replace(staged.reading, notes=(*staged.reading.notes, note))
    return replace(staged, reading=reading, warnings=reading.sentences)


def _local(text: str) -> list[Hit]:
    return kinds.of_words("a local place", places.declared().names, text)
