"""What becomes of a row that a later extract of an agency's file no longer holds."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from open_data_contract_standard.model import CustomProperty, SchemaObject

from iomdash.declared.contracts.rules import text_of
from iomdash.declared.contracts.standard import Place

Treatment = Literal["ended", "kept", "withdrawn"]
# The share of a feed's current rows that a load may end or withdraw before somebody has to confirm
# it. Between two quarterly extracts most stays and cases go on; a list that was filtered, cut off
# or made for one team loses half of them and more. The project's judgement, without a source.
MOST_GONE = Fraction(1, 3)
# Rows of which fewer may go whatever their share: of a handful, one person's move is a third.
FEW = 5

_OF_FEEDS = ("absent", "ends", "endsBecause")
TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)


@dataclass(frozen=True)
class Absence:
    """How a feed's rows that are no longer there are treated, and why.

    kept: the record stands as it was last sent. ended: where it has no end yet, it ended on the
    day of the first extract without it, in the column `ends` of the vault's `table`, for what
    `because` says, column and value, where the table asks for a cause. withdrawn: it no longer
    counts.
    """

    treatment: Treatment
    reason: str
    table: str = ""
    ends: str = ""
    because: tuple[str, str] | None = None


def of(schema: SchemaObject, place: Place) -> Absence | None:
    """What a contract states; None for a table that is no file of an agency.

    Raises EnvironmentFault where a feed states nothing, or anything that is not known.
    """
    stated = {setting.property: setting for setting in schema.customProperties or []}
    at = place.under("customProperties")
    if schema.physicalType != "file":
        for name in _OF_FEEDS:
            if name in stated:
                raise at.under(name).wrong("only an agency's file has extracts.", "Remove it.")
        return None
    if "absent" not in stated:
        raise at.under("absent").wrong("it is missing.", f"Give one of: {', '.join(TREATMENTS)}.")
    return _absence(stated, at)


def _absence(stated: "dict[str | None, CustomProperty]", at: Place) -> Absence:
    treatment, reason = stated["absent"].value, text_of(stated["absent"].description)
    if treatment not in TREATMENTS:
        raise at.under("absent").wrong(
            f"'{treatment}' is not known.", f"Give one of: {', '.join(TREATMENTS)}."
        )
    if not reason:
        raise at.under("absent").wrong("it has no reason.", "Give one as its description.")
    given = {name: str(stated[name].value) for name in ("ends", "endsBecause") if name in stated}
    if (treatment == "ended") != ("ends" in given) or (given and "ends" not in given):
        raise at.under("ends").wrong(
            "it goes with absent: ended, and only with that.",
            "Name the day that ends a record, as table.column, or remove it.",
        )
    table, column = _parts(given.get("ends"), ".", at.under("ends"), "table.column")
    because = _parts(given.get("endsBecause"), "=", at.under("endsBecause"), "column=value")
    return Absence(treatment, reason, table, column, because if any(because) else None)


def _parts(given: str | None, sign: str, at: Place, form: str) -> tuple[str, str]:
    first, _, last = (given or "").partition(sign)
    if given is not None and not (first and last):
        raise at.wrong(f"'{given}' is not of that form.", f"Give it as {form}.")
    return first, last
