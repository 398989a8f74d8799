"""Numbers, addresses and days that could tell who spoke, by patterns, in figures and in words.

Sources: formats of number plates, Driver and Vehicle Licensing Agency; prison and case reference
numbers, HM Prison and Probation Service; the others as in identifiers.py.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from iomdash.intake import identifiers
from iomdash.intake.identifiers import IdentifierKind
from iomdash.intake.screening.hit import Hit

_DIGIT = "zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|double|triple|treble"
_TEEN = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SPELT = f"(?:{_DIGIT}|{_TEEN}|{_TENS})"
_AND = r"(?:[\s,.-]+(?:and\s+)?)"
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ORDINAL = (
    "(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    "|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth"
    "|(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth))"
)
_DAY = rf"(?:[0-9]{{1,2}}(?:st|nd|rd|th)?|{_ORDINAL})"
_YEAR_SPELT = rf"(?:nineteen|twenty|two thousand(?: and)?)[ -](?:(?:{_TENS}|{_TEEN}|oh)[ -]?)?"
_WAY = (
    "(?:street|road|lane|avenue|close|crescent|drive|grove|court|terrace|gardens|walk|place|square"
    "|mews|rise|croft|hill|row|parade|rd|ave|cres)"
)
_NUMBER = rf"(?:[0-9]{{1,4}}[a-z]?|{_SPELT}(?:[ -]{_SPELT})?)"
# What stands between two signs of a number that somebody tried to break up.
_GAP = "[ .,_/-]{0,3}"
_AT = r"(?:@|\(at\)|\[at\]|\bat\b)"
_NET = "(?:insta(?:gram)?|snap(?:chat)?|facebook|fb|tiktok|twitter|whatsapp|telegram|discord)"


def _broken_up(*signs: str) -> str:
    return r"\b" + _GAP.join(signs) + r"\b"


def _kind(name: str, *patterns: str) -> IdentifierKind:
    return IdentifierKind(name, "|".join(f"(?:{pattern})" for pattern in patterns))


KINDS: tuple[IdentifierKind, ...] = (
    _kind(
        identifiers.E_MAIL.name,
        identifiers.E_MAIL.pattern,
        rf"\b[\w.+-]+\s*{_AT}\s*[\w-]+\s*(?:\.|\(dot\)|\bdot\b)\s*(?:com|net|org|uk|co)\b",
    ),
    _kind(
        identifiers.PHONE.name,
        identifiers.PHONE.pattern,
        r"(?:\+44|\b0)(?:[ ().-]{0,3}[0-9]){9,10}\b",
    ),
    _kind(
        identifiers.POSTCODE.name,
        identifiers.POSTCODE.pattern,
        # With nothing, or another sign, where its blank belongs; the area is taken as it stands.
        _broken_up(
            "[A-Z]",
            "(?:[A-Z]" + _GAP + ")?[0-9]",
            "[0-9A-Z]?",
            "[0-9]",
            "[ABD-HJLNP-UW-Z]",
            "[ABD-HJLNP-UW-Z]",
        ),
    ),
    _kind(
        identifiers.NINO.name,
        _broken_up("[A-Z]", "[A-Z]", *["[0-9]"] * 6, "[A-D]"),
    ),
    _kind("an NHS number", _broken_up(*["[0-9]"] * 10), r"\bnhs (?:no|number)\b\W*[0-9]+"),
    _kind(
        identifiers.PNC.name,
        identifiers.PNC.pattern,
        _broken_up("(?:(?:19|20)[0-9]{2}|[0-9]{2})", "[0-9]{5,7}", "[A-Z]"),
        r"\bpnc\b(?: (?:id|no|number))?\W*[0-9]+[0-9/]*[a-z]?",
        identifiers.CRO.pattern,
    ),
    _kind(
        "a prison or case number",
        _broken_up("[A-Z]", *["[0-9]"] * 4, "[A-Z]", "[A-Z]"),
        _broken_up("[A-Z]", *["[0-9]"] * 6),
        r"\b[A-Z]{2}[0-9]{4}\b",
        r"\b(?:prison|nomis|crn|case) (?:no|number)\b\W*\w*[0-9]\w*",
    ),
    _kind(
        "a number plate",
        r"\b[A-Z]{2}[0-9]{2}[A-Z]{3}\b|\b[A-Z][0-9]{1,3}[A-Z]{3}\b|\b[A-Z]{3}[0-9]{1,3}[A-Z]\b",
        # Small letters about a blank are words: "at 45 you".
        r"\b(?-i:[A-Z]{2}[ -]?[0-9]{2}[ -]?[A-Z]{3}|[A-Z][ -]?[0-9]{1,3}[ -]?[A-Z]{3}"
        r"|[A-Z]{3}[ -]?[0-9]{1,3}[ -]?[A-Z])\b",
        r"\b(?:reg|registration|plates?)\b(?: is| was|:)?\s+(?=\w*[0-9])[A-Z0-9]{2,7}\b",
    ),
    _kind(
        "a name on a network",
        r"(?<![\w.])@[a-z0-9_.]{2,}",
        rf"\b{_NET}(?:\.com)?\s*(?:/|:|=|\bis\b|\bas\b|\bunder\b|\bname\b)\s*@?[a-z0-9_.]{{3,}}",
        r"\b[a-z]+_[a-z0-9_]+\b|\b[a-z]{3,}[0-9]{2,}\b",
    ),
    _kind(
        "a day",
        r"\b[0-9]{1,2}[./ -][0-9]{1,2}[./ -](?:[0-9]{4}|[0-9]{2})\b",
        r"\b(?:19|20)[0-9]{2}[./-][0-9]{1,2}[./-][0-9]{1,2}\b",
        rf"\b{_DAY}(?: of)?[ -]{_MONTH}\b(?:,? ?(?:19|20)[0-9]{{2}}\b)?",
        rf"\b{_MONTH}[ -](?:the )?{_DAY}\b(?:,? ?(?:19|20)[0-9]{{2}}\b)?",
        rf"\b{_MONTH},? (?:19|20)[0-9]{{2}}\b",
        r"\bborn (?:on|in)\b[^.!?]{0,12}[0-9]{2,4}\b",
    ),
    _kind("a year in words", rf"\b{_YEAR_SPELT}(?:{_DIGIT}|{_TENS}|{_TEEN})\b"),
    _kind(
        "an address",
        rf"\b{_NUMBER},?(?: [a-z']+){{1,3}} {_WAY}\b",
        rf"\b(?:flat|apartment|unit|room|house|number|block) {_NUMBER}\b(?! (?:years?|weeks?|days?"
        r"|months?|times?|of|people|hours?)\b)|\bno\.? [0-9]+[a-z]?\b",
    ),
    _kind(
        "a number in words",
        rf"\b{_SPELT}(?:{_AND}{_SPELT}){{3,}}\b",
        rf"\b(?-i:[A-Z]{{1,2}})(?:[ -]{_SPELT})+ (?-i:[A-Z] ?[A-Z])\b",
    ),
    _kind("letters one by one", r"\b(?:[a-z][ .-]{1,2}){3,}[a-z]\b"),
    _kind("initials", r"\b(?-i:[A-Z]\. ?[A-Z]\b\.?)"),
    _kind("a long number", r"\b[0-9](?:[ .,/-]?[0-9]){5,}\b"),
)
# Here a capital tells a street from any way: "Union Street", and not "down the street".
_STREET = re.compile(rf"\b[A-Z][\w']+(?: [A-Z][\w']+)? {_WAY.replace('(?:', '(?i:')}\b")


def in_text(text: str) -> Iterator[Hit]:
    """Where a text has the form of one of the kinds, whatever its letters' case."""
    for kind, pattern in _compiled():
        for match in pattern.finditer(text):
            yield Hit(match.start(), match.end(), kind)
    for match in _STREET.finditer(text):
        yield Hit(match.start(), match.end(), "a street")


def of_words(kind: str, listed: Sequence[str], text: str) -> list[Hit]:
    """Where a text has one of the listed names, in any case and with any blanks within."""
    pattern = _any_of(tuple(listed))
    return [Hit(match.start(), match.end(), kind) for match in pattern.finditer(text)]


@cache
def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind.name, re.compile(kind.pattern, re.IGNORECASE)) for kind in KINDS)


@cache
def _any_of(listed: tuple[str, ...]) -> re.Pattern[str]:
    forms = (r"[\s-]*".join(map(re.escape, name.split())) for name in sorted(listed, reverse=True))
    return re.compile(rf"\b(?:{'|'.join(forms) or '(?!)'})\b", re.IGNORECASE)
