"""Cells to what the contract calls them, where that changes nothing of their meaning.

Works on the values of a column: a million rows hold few, or each its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from iomdash.declared.contracts.odcs import Column
from iomdash.intake import days
from iomdash.intake.sources.header import BLANKS, ENDS
from iomdash.intake.sources.raw import Order, Repair

Known = Callable[[str], Sequence[str]]

NO_MEANINGS: Mapping[str, str] = {}

_YES = ("yes", "y", "true")
_NO = ("no", "n", "false")
WORDS = dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no")

_ERRORS = r"^#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BUSY!|GETTING_DATA)$|^Err:[0-9]{3}$"  # noqa: E501
# What stands for nothing in a cell of words; in a short id, some of these may be initials.
_NOTHING = (
    "n/a", "n.a.", "n.a", "-", "--", "---", "–", "—", ".", "?", "??", "nan", "nat", "null",
    "none", "nil", "tbc", "tba", "tbd", "unknown", "not known", "n/k", "pending", "to follow",
    "to be confirmed", "to be decided", "not applicable", "not available", "not stated", "<na>",
    "undefined", "(blank)", "blank", "empty",
)  # fmt: skip
_NOTHING_OR_INITIALS = ("na", "nk", "x", "xx", "xxx", "none.")
# Cells that tell whether hardly two of a column are alike, and what part of them is to differ.
_SAMPLE, _MOSTLY = 10_000, 0.9
_CELL = pl.col("cell")
_BEYOND_ASCII = _CELL.str.len_bytes() > _CELL.str.len_chars()
_LOST = "\ufffd"
# UTF-8 that was once read as Windows-1252: a lead byte and one that follows it, as letters.
_GARBLED = "â€[™œ\u009d˜“”¢¦š\u0153]|â‚¬|[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"


@dataclass(frozen=True)
class Wrong:
    """A value that no contract needs to judge, with its rule and remedy."""

    value: str
    rule: str
    remedy: str


@dataclass(frozen=True)
class Cleaned:
    """Values as they stand, as they are stored, and which of them were repaired how."""

    values: pl.Series
    clean: pl.Series
    repaired: tuple[tuple[str, pl.Series], ...]

    def repairs(self, cells: pl.Series, header: str) -> list[Repair]:
        """Each kind of repair with the cells that it changed."""
        counted = ((what, int(cells.is_in(which.implode()).sum())) for what, which in self.repaired)
        return [Repair(what, header, count) for what, count in counted if count]


def cleaned(
    values: pl.Series, column: Column | None, known: Known, order: Order, *, as_text: bool,
    meanings: Mapping[str, str] = NO_MEANINGS,
) -> Cleaned:  # fmt: skip
    """Values of a column; `as_text` says that the file writes every cell as text, and
    `meanings` what folded values are of the column's list.
    """
    bare = _stripped(values)
    repaired: list[tuple[str, pl.Series]] = []

    def note(what: str, before: pl.Series, after: pl.Series) -> None:
        if before is after:
            return
        changed = values.filter(before.ne_missing(after) & after.is_not_null())
        if len(changed):
            repaired.append((what, changed))

    note("blanks and invisible signs at the ends taken off", values, bare)
    clean = bare.set(bare == "", None)
    if column is None:
        return Cleaned(values, clean, tuple(repaired))
    if column.kind == "date":
        clean = days.iso(clean, column.style, order)
        if as_text:
            timed = bare.str.contains(days.MIDNIGHT).fill_null(value=False)
            note("midnight taken off a day", bare, clean.zip_with(timed, bare))
    elif column.kind == "integer":
        # Spreadsheets keep whole numbers as 34.0.
        clean = clean.str.replace(r"^(-?[0-9]+)\.0+$", "$1")
    elif listed := _listed(column, known):
        for value in clean.drop_nulls() if meanings else ():
            if (ours := meanings.get(folded(value))) is not None:
                meant = clean.replace(value, ours)
                note(f"'{value}' read as {ours}", clean, meant)
                clean = meant
        spelt = _spelt(clean, listed)
        note("written as in the list", clean, spelt)
        clean = spelt
    elif column.lower_case:
        lower = clean.str.to_lowercase()
        lower = lower.zip_with(lower.str.contains(column.pattern or ""), clean)
        note("capital letters written small", clean, lower)
        clean = lower
    return Cleaned(values, clean, tuple(repaired))


def distinct(cells: pl.Series) -> pl.Series:
    """The distinct values of a column; all its cells where hardly two are alike, such as numbers
    of records, as telling them apart costs more than it saves.
    """
    held = cells.drop_nulls()
    if len(held) > _SAMPLE and held.sample(_SAMPLE, seed=0).n_unique() > _MOSTLY * _SAMPLE:
        return held
    return held.unique()


def _any(values: pl.Series, *asked: pl.Expr) -> tuple[bool, ...]:
    """Whether each is true of any value, in one go: Polars takes as long to begin as to ask."""
    named = (one.any().alias(str(place)) for place, one in enumerate(asked))
    return values.to_frame("cell").select(*named).row(0)


def _stripped(values: pl.Series) -> pl.Series:
    beyond, blanks = _any(values, _BEYOND_ASCII, _CELL.str.strip_chars() != _CELL)
    if beyond:
        return values.str.strip_chars(ENDS)
    return values.str.strip_chars() if blanks else values


def _listed(column: Column, known: Known) -> Sequence[str]:
    if column.allowed:
        return column.allowed
    return known(column.refers_to) if column.refers_to else ()


def folded(text: str) -> str:
    """A value without what does not matter: case, and how many blanks stand between words."""
    return " ".join(text.split()).casefold()


def _spelt(values: pl.Series, listed: Sequence[str]) -> pl.Series:
    """Values as the list spells them, where case and blanks alone differ."""
    strange = values.filter(~values.is_in(pl.Series(listed, dtype=pl.String).implode()))
    if not len(strange.drop_nulls()):
        return values
    spellings: dict[str, str | None] = {}
    for value in listed:
        # Two entries that differ by case alone are told apart by it.
        spellings[folded(value)] = None if folded(value) in spellings else value
    if set(listed) <= {"yes", "no"} or {"yes", "no"} <= set(listed):
        words = {word: meant for word, meant in WORDS.items() if meant in listed}
        spellings = {**words, **spellings}
    spelt = {value: spellings.get(folded(value)) for value in strange.drop_nulls()}
    replaced = {value: spelling for value, spelling in spelt.items() if spelling is not None}
    return values.replace([*replaced], [*replaced.values()]) if replaced else values


def wrong(values: pl.Series, column: Column) -> list[Wrong]:
    """The cleaned values of a column that stand for nothing, or lost their letters."""
    faults: list[Wrong] = []
    errors, beyond, words = _any(
        values, _CELL.str.contains(_ERRORS), _BEYOND_ASCII, ~_CELL.str.contains("[0-9]")
    )
    for value in values.filter(values.str.contains(_ERRORS)).unique() if errors else ():
        faults.append(
            Wrong(value, f"Holds {value}, an error of the spreadsheet, and no value.",
                  "Mend the formula, or clear the cell.")
        )  # fmt: skip
    if column.kind != "text":
        return faults
    lost = f"{_LOST}|{_GARBLED}"
    for value in values.filter(values.str.contains(lost)).unique() if beyond else ():
        faults.append(_damaged(value))
    free = not (column.allowed or column.refers_to or column.identifies)
    if free and words:
        nothing = {*_NOTHING} if column.pattern else {*_NOTHING, *_NOTHING_OR_INITIALS}
        # None of them has a figure, as nearly every number of a record has.
        bare = values.filter(~values.str.contains("[0-9]"))
        stands = bare.str.to_lowercase().is_in([*nothing]) | (bare == "NA")
        for value in bare.filter(stands).unique():
            faults.append(
                Wrong(value, "Stands for nothing, and would be stored as if it were an answer.",
                      "Leave the cell empty, or write what is known." if not column.required
                      else "Write what is known, or remove the row.")
            )  # fmt: skip
    return faults


def _damaged(value: str) -> Wrong:
    if _LOST in value:
        return Wrong(
            value, "Holds the sign that stands for a lost letter (U+FFFD).",
            "Export the file anew as UTF-8; what is lost here must come from its source.",
        )  # fmt: skip
    return Wrong(
        value, "Holds letters that were read in a wrong encoding: UTF-8 taken for Windows-1252.",
        "Export the file anew as UTF-8, or write the letters again.",
    )  # fmt: skip


def visible(text: str) -> str:
    """The text with each invisible sign as its code: S26<U+200B>-001."""
    hidden = ENDS.replace(" ", "")
    if not any(sign in hidden or not sign.isprintable() for sign in text):
        return text
    return "".join(
        f"<U+{ord(sign):04X}>" if sign in hidden or not sign.isprintable() else sign
        for sign in text
    )


def blank(text: str) -> bool:
    """Whether nothing of a text can be seen."""
    return not text.strip(ENDS + BLANKS)
