"""Words that may be names of people, by lists of given names and surnames and by capital letters.

The lists are those of Faker, which makes up people in many languages: 9,000 of each, those of
Britain, Ireland, India, Pakistan, Poland, Romania, Nigeria and Kenya among them. It is opened when
an excerpt is screened.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from iomdash.declared import codebook, scheme
from iomdash.intake.screening.hit import Hit

_KIND = "what may be a name"
_FILE = Path(__file__).with_name("words.toml")
_TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "dr", "pc", "dc", "sgt", "sergeant", "inspector", "councillor")
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENDS = re.compile(r"(?:^|[.!?:;\n…])[\s\"'“”‘’()\[\]*-]*$")


class _Lists(NamedTuple):
    """Words in small letters: names, words that are also of every day, capitals of nobody's."""

    given: frozenset[str]
    surnames: frozenset[str]
    ordinary: frozenset[str]
    capitals: frozenset[str]


class _Word(NamedTuple):
    """A word of a text: where it stands, how it is written, and whether it begins a sentence."""

    start: int
    end: int
    text: str
    begins: bool

    @property
    def plain(self) -> str:
        """In small letters, without the ending of what is somebody's."""
        return re.sub(r"['’]s?$", "", self.text.lower())

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def in_text(text: str) -> Iterator[Hit]:
    """Where a text has a word that may be a name, one beside another being one name."""
    words = list(_words(text))
    shouted = not any(sign.islower() for sign in text)
    marked = [_is_name(words, at, shouted=shouted) for at in range(len(words))]
    start: int | None = None
    for at, word in enumerate(words):
        if not marked[at]:
            continue
        start = word.start if start is None else start
        joined = at + 1 < len(words) and marked[at + 1] and words[at + 1].start - word.end == 1
        if not joined:
            yield Hit(start, word.end, _KIND)
            start = None


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        begins = bool(_ENDS.search(text, 0, match.start()))
        yield _Word(match.start(), match.end(), match[0], begins)


def _is_name(words: list[_Word], at: int, *, shouted: bool) -> bool:
    word, lists = words[at], _lists()
    capital = word.capital and not shouted
    before = words[at - 1] if at else None
    if capital and before is not None and before.plain in _TITLES:
        return True
    listed = _listed(word.plain)
    if word.plain not in lists.ordinary:
        return listed or (capital and not word.begins and not _known(word))
    beside = [other for other in words[max(at - 1, 0) : at + 2] if other is not word]
    named = any(_certain(other) for other in beside)
    if not (listed and capital) or word.plain in _lists().capitals:
        return listed and capital and named
    return not word.begins or named


def _listed(plain: str) -> bool:
    lists = _lists()
    parts = re.split("-", plain)
    return any(part in lists.given or part in lists.surnames for part in parts)


def _certain(word: _Word) -> bool:
    """A name that is no other word, or, with a capital within a sentence, can hardly be one."""
    plain = word.plain
    if not _listed(plain) or plain in _lists().capitals:
        return False
    return plain not in _lists().ordinary or (word.capital and not word.begins)


def _known(word: _Word) -> bool:
    """A capital that the scheme's own words explain, or a word all in capitals, such as NHS."""
    plain = {word.plain, word.plain.removesuffix("s")}
    return word.text.isupper() or word.plain.startswith("i'") or bool(plain & _explained())


@cache
def _explained() -> frozenset[str]:
    """Words with a capital that are nobody's name, those of codebook and scheme among them."""
    named = [*scheme.AGENCIES, *scheme.COHORTS, *scheme.PROVIDERS, *scheme.PATHWAYS]
    sources = [each.name for each in named] + [code.name for code in codebook.CODES.values()]
    words = frozenset(match[0].lower() for text in sources for match in _WORD.finditer(text))
    return words | _lists().capitals


@cache
def _lists() -> _Lists:
    from faker.providers.lorem import en_US as english
    from faker.providers.person import (
        en,
        en_GB,
        en_IE,
        en_IN,
        en_KE,
        en_NG,
        en_PK,
        en_US,
        pl_PL,
        ro_RO,
    )

    providers: list[Any] = [
        language.Provider
        for language in (en, en_GB, en_IE, en_IN, en_KE, en_NG, en_PK, en_US, pl_PL, ro_RO)
    ]
    words: Any = english.Provider
    listed = tomllib.loads(_FILE.read_text("utf-8"))
    ours = {name: frozenset(str(line).split()) for name, line in listed.items()}
    return _Lists(
        given=frozenset(_named(providers, "first_names")) | ours["called"],
        surnames=frozenset(_named(providers, "last_names")),
        ordinary=frozenset(words.word_list) | ours["everyday"],
        capitals=ours["capitals"],
    )


def _named(providers: list[Any], kind: str) -> Iterator[str]:
    """The names of every list of a kind, in small letters."""
    for provider in providers:
        for attribute in dir(provider):
            if attribute.endswith(kind) or attribute.startswith(kind):
                yield from (str(name).lower() for name in getattr(provider, attribute))
