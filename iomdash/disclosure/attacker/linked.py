"""Figures about the same codes, put together as a reader puts them.

Two codes crossed, a code among people who met a condition and a code made of others each tell of
their parts too. So everybody stands at one *place* of a cross of stances, one stance a code, and
each figure counts people at some places: what holds of one figure bounds the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from iomdash.declared.codebook import CODES, DERIVED, STANCES, is_sensitive
from iomdash.declared.information_sheet import FIELDS
from iomdash.disclosure.figures import Answers, Cell
from iomdash.disclosure.interviews.tallies import CODE, CROSSED, PAIR, PROFILE, SILENT

Key = tuple[str, str, str]
Cells = Mapping[Key, Sequence[Cell]]


@dataclass(frozen=True)
class Joint:
    """Cells of tied tallies over common places, which are its `answers`.

    `asked` says which tally's answers some places are. `sensitive`: whether any of it is.
    """

    answers: Answers
    before: tuple[Cell, ...]
    now: tuple[Cell, ...]
    asked: Mapping[Answers, tuple[Key, Answers]]
    sensitive: bool


def tied(key: Key, shown: Iterable[Key]) -> tuple[Key, ...]:
    """A tally and the shown ones that tell of it: those that share a code with it, and so on."""
    left = [other for other in dict.fromkeys(shown) if other != key]
    keys, codes = [key], {*_codes(key)}
    while near := [other for other in left if codes.intersection(_codes(other))]:
        keys += near
        codes.update(code for other in near for code in _codes(other))
        left = [other for other in left if other not in near]
    return tuple(keys)


def joint(keys: Sequence[Key], before: Cells, now: Cells) -> Joint:
    """Cells of some tallies, shown before and now, as cells over common places."""
    every = [(key, c) for cells in (before, now) for key in keys for c in cells.get(key, ())]
    questions = dict.fromkeys((key, cell.answers) for key, cell in every)
    names: dict[tuple[bool, ...], str] = {}
    for place in _places(keys, [answer for _, answers in questions for answer in answers]):
        within = tuple(any(_meets(key, a, place) for a in answers) for key, answers in questions)
        # Places that no figure tells apart are one; of those that none counts, none is needed.
        if any(within):
            names.setdefault(within, f"place {len(names)}")
    at = {
        question: tuple(name for within, name in names.items() if within[i])
        for i, question in enumerate(questions)
    }

    def moved(cells: Cells) -> Iterator[Cell]:
        for key in keys:
            for cell in cells.get(key, ()):
                said = _said(key, cell.answers, alone=len(keys) == 1)
                yield replace(cell, answers=at[key, cell.answers], said=said)

    asked = {places: question for question, places in reversed(at.items())}
    marked = any(sensitive(key) for key in keys)
    return Joint(tuple(names.values()), tuple(moved(before)), tuple(moved(now)), asked, marked)


def sensitive(key: Key) -> bool:
    """Whether a tally asks about anything that is marked sensitive."""
    kind, name, among = key
    if kind in (CODE, PAIR):
        codes = (*name.split(" x "), among)
        # Without a condition there is none, and an earlier release may hold a code that is gone.
        return any(is_sensitive(code) for code in codes if code in CODES or code in DERIVED)
    return kind == PROFILE and any(field.id == name and field.sensitive for field in FIELDS)


def _said(key: Key, answers: Answers, *, alone: bool) -> str:
    """What a cell counts, in words; with its tally where there are several."""
    words = " or ".join(answers)
    _, name, among = key
    return words if alone else f"{name}{f' among {among}' if among else ''} {words}"


def _codes(key: Key) -> Iterator[str]:
    """The codes behind a tally, as they are coded; a question of another kind is its own."""
    kind, name, among = key
    if kind not in (CODE, PAIR):
        yield f"{kind} {name}"
        return
    for code in (*name.split(" x "), *([among] if among else [])):
        yield from DERIVED[code].parts if code in DERIVED else (code,)


def _places(keys: Sequence[Key], answers: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """Every way to answer each of the questions behind some tallies, '' for not at all."""
    codes = sorted({code for key in keys for code in _codes(key)})
    ways = STANCES if keys[0][0] in (CODE, PAIR) else tuple(dict.fromkeys(answers))
    for said in product((*ways, ""), repeat=len(codes)):
        yield dict(zip(codes, said, strict=True))


def _meets(key: Key, answer: str, place: Mapping[str, str]) -> bool:
    """Whether people at a place gave an answer to a tally."""
    kind, name, among = key
    if kind == PAIR:
        one, other = (_stance(code, place) == "yes" for code in name.split(" x "))
        return (one and not other, other and not one, one and other)[CROSSED.index(answer)]
    if kind == CODE:
        met = not among or _stance(among, place) == "yes"
        return met and (_stance(name, place) or SILENT) == answer
    return place[f"{kind} {name}"] == answer


def _stance(code: str, place: Mapping[str, str]) -> str:
    """A code's stance; of one made of others, the first of yes, mixed and no that any has."""
    if code not in DERIVED:
        return place[code]
    said = {place[part] for part in DERIVED[code].parts}
    return next((stance for stance in STANCES if stance in said), "")
