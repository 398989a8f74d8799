"""What a file writes for values of a column's list, as whoever loads it states."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from iomdash.declared.contracts.odcs import Column, Contract
from iomdash.errors import UsageError
from iomdash.intake.cells import folded
from iomdash.intake.contracts import lists
from iomdash.intake.sources.raw import Options

# What a file writes, whatever its case and blanks, and the value of the list that it means.
Meanings = Mapping[str, str]


def values_of(column: Column) -> Sequence[str]:
    """The values of a column's list that a word of a file may stand for; none without a list, and
    none where it refers to rows, which are no words.
    """
    if column.kind != "text" or column.identifies:
        return ()
    return column.allowed or lists.declared(column.refers_to or "")


def stated(contract: Contract, options: Options) -> Mapping[str, Meanings]:
    """The meanings by column. Raises UsageError for a column or a value that does not exist."""
    meanings: dict[str, dict[str, str]] = defaultdict(dict)
    known = {column.name: column for column in contract.columns}
    listed = [name for name, column in known.items() if values_of(column)]
    for name, ours, theirs in options.values:
        if name not in listed:
            raise UsageError(
                f"{contract.table} has no column '{name}' with a list of values. Those with one "
                f"are: {', '.join(listed) or 'none'}."
            )
        values = values_of(known[name])
        if ours not in values:
            raise UsageError(f"{name} has no value '{ours}'. Its values are: {', '.join(values)}.")
        meanings[name][folded(theirs)] = ours
    return meanings
