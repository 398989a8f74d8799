"""Words that may be names of people, by lists of given names and surnames and by capital letters.

The lists are those of Faker, which makes up people in many languages: 9,000 of each, those of
Britain, Ireland, India, Pakistan, Poland, Romania, Nigeria and Kenya among them. It is opened when
an excerpt is screened.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from iomdash.declared import codebook, scheme
from iomdash.intake.screening.hit import Hit

_KIND = "what may be a name"
# Names that are words of every day too: alone, at the start of a sentence or in small letters they
# are taken for the word. Beside Faker's own list of English words.
_WORDS = frozenset(
    """
    add al alike all arch art arts author bail bare bars base bench bet bill bird black blank block
    board bob bond born boss branch bridge bright brown bull burn bush can cannon cap care carry cat
    chance char charity chase cherry church city clay clean clear cliff cole colon con cook cop corn
    council court crisp cross curry dale dash date dawn day days dean deal dear delta den diamond don
    dot dove dow drew driver drop dry duke dusty early earnest east echo english era essence eve ever
    fair faith fallen fancy farmer father fear fed fee fees field fields fine fish fisher fit flood
    fly foot force ford forest free fresh friday frost gauge gay gem gentle glory gold golden good
    grab grace grant gray green grey gross guest guy gypsy hall ham hand handy hard harden harm hart
    head heath heaven heavy hill hire holder home honey hood hope hung hunt hunter ice ill iron ivy
    joy judge just justice keen keep key kind king knight lad lake lamb lance land lane large last
    law lawless lead lee leg lemon less let levy light like link little lodge lone long longer lord
    lost love low luck lucky mace mad mail main maker male manner march marge mark marks marsh marshal
    master may mean meek mercy miles mill mine minor mint moon more moss much must nan new nice noble
    north nurse october off older once only open orange own pace page paid park parole parson pass
    past pat patience patient pay pearl penny pierce pink pit pitch plain platt play pleasant poole
    poor pop pope pound power powers press price pride prior proud purl quick rain ramp rand ray read
    reading real reason red rich rice ridge ring river rob rock roll rope rose rough rout rowan rude
    rush ryde sad said salt sand sane say school scope sense september seven shade shaw short sigh
    silver sin single skip small smart smith snow so sold son song south sow speed spring stack stage
    steel stern steward stone story street strong such sue summer sunday sure swift tab tell temple
    thin thing tidy till tiny toll too town toy trace train travis trip true tuck turn twin una under
    unique unknown unnamed urban usher vain van very victor violet wade walker wall want ward warden
    warm wash waters way weaver week weeks welcome welch well were west white wild will win wing
    winter wise wish wolf woman wood word words work worth wren wright yes yet young younger
    """.split()
)
# Capitals within a sentence that name nobody.
_CAPITALS = frozenset(
    """
    i monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december christmas easter ramadan eid god lord allah bible
    english british england britain uk european muslim christian sikh hindu jobcentre job centre
    plus universal credit class court crown magistrates parole board licence restorative justice
    thinking skills samaritans narcotics alcoholics anonymous covid valium subutex methadone spice
    housing probation police service services scheme integrated offender management
    """.split()
)
# How people are called here whom no list of Faker names.
_CALLED = frozenset(
    """
    baz bazza daz dazza gaz gazza jaz kaz shaz shazza trev kev stu phil gaz nige smithy jonesy wez
    imran harpreet gurdeep balwinder jaswinder parminder manjit sukhdev gurpreet kulwinder mandeep
    sukhwinder baljit satnam davinder ranjit surinder rajinder jasbir kulvinder tajinder shabana
    shazia tahira nazia saima rukhsana mohammad muhammed shabir iqbal zubair junaid usman zeeshan
    """.split()
)
_TITLES = frozenset("mr mrs ms miss dr pc dc sgt sergeant inspector councillor".split())
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENDS = re.compile(r"(?:^|[.!?:;\n…])[\s\"'“”‘’()\[\]*-]*$")


class _Lists(NamedTuple):
    given: frozenset[str]
    surnames: frozenset[str]
    ordinary: frozenset[str]


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
    beside = [each for each in words[max(at - 1, 0) : at + 2] if each is not word]
    named = any(_certain(each) for each in beside)
    if not (listed and capital) or word.plain in _CAPITALS:
        return listed and capital and named
    return not word.begins or named


def _listed(plain: str) -> bool:
    lists = _lists()
    parts = re.split("-", plain)
    return any(part in lists.given or part in lists.surnames for part in parts)


def _certain(word: _Word) -> bool:
    """A name that is no other word, or, with a capital within a sentence, can hardly be one."""
    plain = word.plain
    if not _listed(plain) or plain in _CAPITALS:
        return False
    return plain not in _lists().ordinary or (word.capital and not word.begins)


def _known(word: _Word) -> bool:
    """A capital that the scheme's own words explain, or a short form such as NHS."""
    plain = word.plain
    short = word.text.isupper() and len(word.text) <= 5
    return short or plain in _CAPITALS or plain in _of_the_scheme() or plain.startswith("i'")


@cache
def _of_the_scheme() -> frozenset[str]:
    """Words of the codebook, the agencies and the cohorts, in small letters."""
    named = [*scheme.AGENCIES, *scheme.COHORTS, *scheme.PROVIDERS, *scheme.PATHWAYS]
    told = [each.name for each in named] + [code.name for code in codebook.CODES.values()]
    return frozenset(match[0].lower() for text in told for match in _WORD.finditer(text))


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
        each.Provider
        for each in (en, en_GB, en_IE, en_IN, en_KE, en_NG, en_PK, en_US, pl_PL, ro_RO)
    ]
    return _Lists(
        frozenset(_named(providers, "first_names")) | _CALLED,
        frozenset(_named(providers, "last_names")),
        _WORDS | frozenset(english.Provider.word_list),
    )


def _named(providers: list[Any], kind: str) -> Iterator[str]:
    """The names of every list of a kind, in small letters."""
    for provider in providers:
        for attribute in dir(provider):
            if attribute.endswith(kind) or attribute.startswith(kind):
                yield from (str(name).lower() for name in getattr(provider, attribute))
