"""Nothing about too few people can be worked out: a reader who tries every answer, and algebra."""

import pickle
from itertools import product

import pytest
from bruteforce import MOST_ATOMS, Statement, TooMany, fallen, ranges, spanned
from histories import TWO_CODES, WAVE, Attributes, History, Person
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from iomdash.declared.groups import Group
from iomdash.disclosure.attacker import attack as module
from iomdash.disclosure.attacker.attack import Attack, Rules, attack, known, learn
from iomdash.disclosure.figures import Cell
from iomdash.disclosure.interviews import shield
from iomdash.disclosure.population import Population

COHORTS, PROVIDERS = ("PPO", "HCCU", "SPOS", "DV&A"), ("NPS", "CRC")
SUPERVISIONS, SETTINGS = ("statutory", "voluntary"), ("community", "custody")
STANCES = ("yes", "yes", "no", "mixed", "")
QUICK = settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)  # fmt: skip


# 1 or 2 of the second cohort, but from half a person to 2 if people could be halved.
def _pair(one: int, other: int, least: int, most: int) -> Statement:
    return Statement(frozenset({one, other}), frozenset({0}), least, most)


THREE_IN_PAIRS = ([3, 3, 3], [_pair(0, 1, 3, 3), _pair(1, 2, 1, 4), _pair(0, 2, 3, 3)])


@st.composite
def attributes(draw: st.DrawFn, cohorts: int = 4) -> Attributes:
    return (
        draw(st.sampled_from(COHORTS[:cohorts])), draw(st.sampled_from(PROVIDERS)),
        draw(st.sampled_from(SUPERVISIONS)), draw(st.sampled_from(SETTINGS)),
    )  # fmt: skip


@st.composite
def crowds(draw: st.DrawFn, *, atoms: int, size: int, stances: tuple[str, ...]) -> list[Person]:
    """People in a few atoms, with skewed answers, as unanimity and rarity tempt leaks."""
    kinds = draw(st.lists(attributes(3), min_size=1, max_size=atoms, unique=True))
    people: list[Person] = []
    for kind in kinds:
        said = draw(st.lists(st.sampled_from(stances), min_size=1, max_size=size))
        people += [Person(len(people) + i, kind, stance) for i, stance in enumerate(said)]
    return people


def everything_holds(history: History, answers: int) -> None:
    try:
        assert falls(history, answers) == []
    except TooMany:
        assume(False)


def falls(history: History, answers: int) -> list[tuple[frozenset[int], frozenset[int]]]:
    """What a reader of a history knows of few people, of each figure that it shows."""
    sizes, statements, whole = history.statements()
    limited = [s for s in statements if s.answers and max(s.answers) < answers]
    return fallen(
        sizes, answers, limited, history.smallest,
        sensitive=history.sensitive, public=whole, asked={s.answers for s in limited},
    )  # fmt: skip


@QUICK
@given(crowds(atoms=8, size=4, stances=("yes", "no")), st.integers(2, 6), st.booleans())
def test_no_answer_of_few_is_certain_to_who_tries_every_answer(
    people: list[Person], smallest: int, sensitive: bool
) -> None:
    history = History(smallest, sensitive)
    history.release(people)
    everything_holds(history, answers=1)


@QUICK
@given(crowds(atoms=4, size=3, stances=STANCES), st.integers(2, 4), st.booleans())
def test_no_stance_of_few_is_certain_from_all_stances_together(
    people: list[Person], smallest: int, sensitive: bool
) -> None:
    history = History(smallest, sensitive)
    history.release(people)
    everything_holds(history, answers=3)


@st.composite
def pasts(draw: st.DrawFn, *, atoms: int, size: int, most: int) -> list[list[Person]]:
    """A wave as it stood at each release: people came, withdrew, or were coded anew."""
    people = draw(crowds(atoms=atoms, size=size, stances=("yes", "no")))
    past = [people]
    for _ in range(draw(st.integers(1, most - 1))):
        new = draw(crowds(atoms=1, size=size, stances=("yes", "no")))
        first = 1 + max((p.name for now in past for p in now), default=0)
        kinds = [p.attributes for p in people] or [new[0].attributes]
        same = draw(st.booleans())
        came = [
            Person(first + i, draw(st.sampled_from(kinds)) if same else p.attributes, p.stance)
            for i, p in enumerate(new)
        ]
        left = set(draw(st.lists(st.sampled_from([p.name for p in people]), max_size=3)))
        recoded = set(draw(st.lists(st.sampled_from([p.name for p in people]), max_size=3)))
        people = [
            Person(p.name, p.attributes, draw(st.sampled_from(("yes", "no"))), p.version + 1)
            if p.name in recoded
            else p
            for p in people
            if p.name not in left
        ] + came
        past.append(people)
    return past


@QUICK
@given(pasts(atoms=3, size=5, most=3), st.integers(2, 5), st.booleans())
def test_no_answer_of_few_is_certain_from_several_releases(
    past: list[list[Person]], smallest: int, sensitive: bool
) -> None:
    history = History(smallest, sensitive)
    for people in past:
        history.release(people)
        assume(len(history.statements()[0]) <= MOST_ATOMS)
    everything_holds(history, answers=1)


@settings(QUICK, max_examples=80)
@given(pasts(atoms=2, size=4, most=6), st.integers(2, 12), st.booleans())
def test_no_answer_of_few_is_certain_from_up_to_six_releases(
    past: list[list[Person]], smallest: int, sensitive: bool
) -> None:
    history = History(smallest, sensitive)
    for people in past:
        history.release(people)
        assume(len(history.statements()[0]) <= MOST_ATOMS)
    everything_holds(history, answers=1)


@settings(QUICK, max_examples=80)
@given(crowds(atoms=6, size=4, stances=("yes", "no")), st.integers(3, 6))
def test_a_width_of_two_leaves_two_people_open_of_every_few_that_are_told_apart(
    people: list[Person], smallest: int
) -> None:
    history = History(smallest, width=2)
    history.release(people)
    sizes, statements, _ = history.statements()
    yes = [s for s in statements if s.answers == {0}]
    for _, few, open_ in ranges(sizes, 1, yes, smallest):
        assert open_ >= min(2, few)


@st.composite
def counts_of_cohorts(draw: st.DrawFn) -> tuple[list[int], list[Statement]]:
    """People of up to four cohorts, and what is shown of some that are joined: counts or bands."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    yes = [draw(st.integers(0, n)) for n in sizes]
    groups = st.frozensets(st.sampled_from(range(len(sizes))), min_size=1)
    statements: list[Statement] = []
    for group in draw(st.lists(groups, min_size=1, max_size=5, unique=True)):
        count, people = sum(yes[i] for i in group), sum(sizes[i] for i in group)
        least, most = draw(st.integers(0, count)), draw(st.integers(count, people))
        statements.append(Statement(group, frozenset({0}), *draw(st.sampled_from(
            [(count, count), (least, most)])
        )))  # fmt: skip
    return sizes, statements


@settings(QUICK, max_examples=300)
@given(counts_of_cohorts(), st.integers(2, 6))
@example(THREE_IN_PAIRS, 4)
def test_with_a_width_of_two_the_attacker_finds_every_few_of_whom_less_stays_open_and_no_others(
    shown: tuple[list[int], list[Statement]], smallest: int
) -> None:
    sizes, statements = shown
    keys = tuple((WAVE, cohort, "CRC", "statutory", "community", "now") for cohort in COHORTS)
    cells = [
        Cell(Group(WAVE, "+".join(COHORTS[i] for i in statement.atoms)), ("yes",), *statement[2:])
        for statement in statements
    ]
    people = Population(WAVE, keys[: len(sizes)], tuple(sizes))
    falls = attack(people, ("yes",), (), cells, Rules(smallest, width=2)).falls
    few = {atoms: (n, open_) for atoms, n, open_ in ranges(sizes, 1, statements, smallest)}
    narrow = {atoms for atoms, (n, open_) in few.items() if open_ < min(2, n)}
    assert {fall.atoms for fall in falls} & {*few} == narrow


@st.composite
def long_pasts(draw: st.DrawFn) -> list[list[Person]]:
    """Up to 400 people over any atoms, who came with one of up to six releases, and some left."""
    random, releases = draw(st.randoms(use_true_random=False)), draw(st.integers(1, 6))
    kinds = [*product(COHORTS, PROVIDERS, SUPERVISIONS, SETTINGS)]
    kinds = random.sample(kinds, draw(st.integers(1, len(kinds))))
    people = [Person(i, random.choice(kinds), "yes") for i in range(draw(st.integers(1, 400)))]
    came = {p: random.choice((0, 0, random.randrange(releases))) for p in people}
    left = {p: random.randrange(releases) for p in random.sample(people, min(len(people), 3))}
    return [
        [p for p in people if came[p] <= number <= left.get(p, releases)]
        for number in range(releases)
    ]


@settings(QUICK, max_examples=20)
@given(long_pasts(), st.integers(2, 12))
def test_no_few_of_up_to_400_can_be_worked_out_of_the_groups_of_up_to_six_releases(
    past: list[list[Person]], smallest: int
) -> None:
    history = History(smallest, questions=())
    for people in past:
        history.release(people)
    sizes, _, _ = history.statements()
    assert spanned(sizes, history.shown(), smallest, most=3000) == []


# Of two codes: neither, the one, the other, both.
SAID = (("", ""), ("yes", ""), ("", "yes"), ("yes", "yes"))


@st.composite
def of_two_codes(draw: st.DrawFn, *, atoms: int, size: int) -> list[Person]:
    """People in a few atoms, and what they said on two codes."""
    people = draw(crowds(atoms=atoms, size=size, stances=("",)))
    said = draw(st.lists(st.sampled_from(SAID), min_size=len(people), max_size=len(people)))
    return [
        Person(p.name, p.attributes, one, other=other)
        for p, (one, other) in zip(people, said, strict=True)
    ]


@settings(QUICK, max_examples=20)
@given(of_two_codes(atoms=5, size=4), st.integers(2, 5))
def test_nothing_of_few_is_certain_from_all_figures_about_the_same_codes(
    people: list[Person], smallest: int
) -> None:
    history = History(smallest, questions=TWO_CODES)
    history.release(people)
    everything_holds(history, answers=3)


def test_protection_avoids_a_leak_that_only_figures_about_the_same_codes_make_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = [("SPOS", "NPS", "statutory"), ("SPOS", "NPS", "voluntary"),
             ("HCCU", "NPS", "statutory"), ("HCCU", "CRC", "statutory")]  # fmt: skip
    _, one, other, both = SAID
    said = [(other, other, both), (one, both, other), (one,), (other,) * 4]
    spoke = [
        (kind, stance_of) for kind, every in zip(kinds, said, strict=True) for stance_of in every
    ]
    people = [
        Person(i, (*kind, "community"), stance, other=second)
        for i, (kind, (stance, second)) in enumerate(spoke)
    ]
    mended = History(smallest=4, questions=TWO_CODES)
    mended.release(people)
    assert falls(mended, answers=3) == []
    monkeypatch.setattr(shield, "tied", lambda key, _: (key,))
    broken = History(smallest=4, questions=TWO_CODES)
    broken.release(people)
    assert falls(broken, answers=3)
    # The two codes themselves are shown in full all the same.
    for question in TWO_CODES[:2]:
        shown, before = ([c for q, c in h.cells if q is question] for h in (mended, broken))
        assert shown == before != []


def test_a_figure_that_is_certain_only_because_people_are_whole_is_found() -> None:
    kinds = [("PPO", "NPS", "statutory", "custody", "yes"),
             ("PPO", "NPS", "voluntary", "community", "yes"),
             ("HCCU", "NPS", "statutory", "community", "yes"),
             ("PPO", "NPS", "statutory", "community", "no"),
             ("PPO", "CRC", "statutory", "community", "yes"),
             ("HCCU", "CRC", "voluntary", "community", "no")]  # fmt: skip
    history = History(smallest=2)
    history.release([Person(i, kind[:4], kind[4]) for i, kind in enumerate(kinds)])
    everything_holds(history, answers=1)


def test_what_an_attack_came_to_in_a_process_beside_is_not_worked_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = tuple((WAVE, cohort, "CRC", "statutory", "community", "now") for cohort in COHORTS[:2])
    people = Population(WAVE, keys, (9, 2))
    cells = [Cell(Group(WAVE, "+".join(COHORTS[:2])), ("yes",), 7, 7),
             Cell(Group(WAVE, COHORTS[0]), ("yes",), 6, 6)]  # fmt: skip
    monkeypatch.setattr(module, "_KNOWN", {})
    there = attack(people, ("yes",), (), cells, Rules(5))
    told = pickle.loads(pickle.dumps(known()))
    assert there.falls
    monkeypatch.setattr(module, "_KNOWN", {})
    monkeypatch.setattr(module, "_worked_out", lambda *_: 1 / 0)
    learn(told)
    assert attack(people, ("yes",), (), cells, Rules(5)) == there
    with pytest.raises(ZeroDivisionError):
        attack(people, ("yes",), (), cells, Rules(4))


def test_of_attacks_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KNOWN", {})
    monkeypatch.setattr(module, "KEPT", 2)
    came_to = Attack((), 0, 0, complete=True)
    for name in (b"one", b"two", b"three"):
        learn({(name, Rules(5)): came_to})
    assert [name for name, _ in known()] == [b"two", b"three"]
