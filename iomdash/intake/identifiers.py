"""Direct identifiers: what names a person by itself, found before it can enter.

The vault takes pseudonyms only. One hit refuses its column, in every column, known or not: a
file in which one cell names a person is a file that names a person, and a wrong alarm costs
one renamed id. What was found is never repeated in a message, which would spread it.
Sources: PNC and CRO number formats, Police National Computer; National Insurance number
format, HM Revenue & Customs; NHS number check digit, NHS Data Dictionary; UK postcode format
and areas, Royal Mail.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from iomdash.errors import MOST_BREAKS

HIDDEN = "(hidden)"

_AREAS = (
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]"
    "|JE|K[ATWY]|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?"
    "|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
_INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"
_NHS = r"\b[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}\b"


@dataclass(frozen=True)
class IdentifierKind:
    """One kind: `pattern` is in the syntax that RE2, Rust and Python share; case is ignored."""

    name: str
    pattern: str


E_MAIL = IdentifierKind("an e-mail address", r"[\w.+-]+@[\w-]+\.[\w.-]+")
PNC = IdentifierKind("a PNC ID", r"\b(?:(?:19|20)[0-9]{2}/[0-9]{1,7}|[0-9]{2}/[0-9]{5,7})[A-Z]\b")
CRO = IdentifierKind("a CRO number", r"\b[0-9]{3,6}/[0-9]{2}[A-Z]\b")
NINO = IdentifierKind(
    "a National Insurance number",
    r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b",
)
PHONE = IdentifierKind(
    "a telephone number",
    r"(?:\+44|\b0044|\b0)[ -]?(?:\(0\)[ -]?)?[1235789](?:[ -]?[0-9]){8,9}\b",
)
POSTCODE = IdentifierKind("a postcode", rf"\b(?:{_AREAS})[0-9][0-9A-Z]? ?{_INWARD}\b")
SPACED_POSTCODE = IdentifierKind("a postcode", rf"\b(?:{_AREAS})[0-9][0-9A-Z]? {_INWARD}\b")
NHS = IdentifierKind("an NHS number", _NHS)

EVERYWHERE = (E_MAIL, PNC, CRO, NINO, PHONE, POSTCODE, NHS)
# A short pseudonym such as 'b12cd' has the shape of a postcode written without its space.
IN_PSEUDONYMS = (E_MAIL, PNC, CRO, NINO, PHONE, SPACED_POSTCODE, NHS)

_HEADERS = re.compile(
    "((fore|first|last|middle|sur|full)names?|initials|alias|dob|birth(day|date)?"
    "|address|street|post(al)?code|zip(code)?|pnc|cro|nhs|nino|ni|nationalinsurance"
    "|passport|prisonn(o|umber)|nomis|tele?(phone)?|phone|mobile|cell|e?mail)(no|num|number|id)?"
)
# Whose name identifies somebody; that of anything else is no person's: a ward, a court, a hostel.
_PEOPLE = re.compile(
    "(fore|first|last|middle|sur|full|given|family|maiden|birth|preferred|known|nick|legal|other"
    "|client|user|offender|tenant|patient|person|people|victim|parent|mother|father|child|son"
    "|daughter|partner|spouse|carer|guardian|relative|interviewee|participant|respondent|subject"
    "|nominal|suspect|defendant|accused|detainee|prisoner|resident|employee|learner|pupil|student"
    "|customer|applicant|claimant|member|case|candidate|witness|contact|landlord|staff|officer"
    "|worker|manager|keyworker|interviewer|coder|reviewer|gp|doctor|s|and|or|of|his|her|their|the"
    "|in|no|id|line|title|initial|initials|service|full|real|true|current|previous|former|alias)"
)


_NAMED_THINGS = re.compile(
    "agency|code|cohort|column|file|outcome|pathway|programme|provider|setting|sheet|table|theme"
    "|wave"
)


@dataclass(frozen=True)
class Hit:
    """An identifier; `row` as in the file, None where the header tells it, `what` in words."""

    column: str
    row: int | None
    what: str


def named_by_header(header: str) -> bool:
    """Whether a column's name says that it holds a direct identifier: 'Surname', 'NHS number'."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", header.strip())
    words = [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]
    if "name" in words or "names" in words:
        others = [word for word in words if word not in ("name", "names") and not word.isdigit()]
        if not others or (_PEOPLE.fullmatch(others[-1]) and not _is_thing(others)):
            return True
    runs = ["".join(words[a:b]) for a in range(len(words)) for b in range(a + 1, a + 4)]
    return any(_HEADERS.fullmatch(run) for run in runs)


def _is_thing(words: list[str]) -> bool:
    """Whether what bears the name is no person though a word beside it means one."""
    return any(_NAMED_THINGS.fullmatch(word) for word in words)


def in_text(text: str) -> str | None:
    """What kind of identifier stands in the text, in words, or None."""
    return next((kind.name for kind in EVERYWHERE if _matches(kind, text)), None)


def in_column(
    frame: pl.DataFrame, column: str, values: pl.Series, *, pseudonyms: bool = False
) -> tuple[list[Hit], Counter[str]]:
    """The first 1,000 cells of a text column that hold one, by `row_number`, and how many do, by
    what they hold in words.

    `values` are the distinct values of the column.
    """
    kinds = IN_PSEUDONYMS if pseudonyms else EVERYWHERE
    suspects = values.filter(values.str.contains(_any_of(kinds)))
    kinds_of = {
        text: what
        for text in suspects
        if (what := next((kind.name for kind in kinds if _matches(kind, text)), None))
    }
    if not kinds_of:
        return [], Counter()
    cells = frame.filter(pl.col(column).is_in(list(kinds_of))).select("row_number", column)
    first = cells.head(MOST_BREAKS).iter_rows()
    counts: Counter[str] = Counter()
    for text, n in cells.get_column(column).value_counts().iter_rows():
        counts[kinds_of[text]] += n
    return [Hit(column, row, kinds_of[text]) for row, text in first], counts


def _any_of(kinds: Iterable[IdentifierKind]) -> str:
    return "(?i)" + "|".join(f"(?:{kind.pattern})" for kind in kinds)


def _matches(kind: IdentifierKind, text: str) -> bool:
    matches = re.finditer(kind.pattern, text, re.IGNORECASE)
    return any(kind is not NHS or has_check_digit(match[0]) for match in matches)


def has_check_digit(number: str) -> bool:
    """Whether the tenth digit of an NHS number is right (modulus 11)."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return digits[9] == (0 if check == 11 else check)
