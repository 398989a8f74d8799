"""The attacker finds the leak in protection broken on purpose, and none where it is mended."""

import pytest

from iomdash.declared.codebook import STANCES
from iomdash.declared.groups import EVERYONE, Group
from iomdash.disclosure.attacker.attack import Attack, Fall, Rules, attack
from iomdash.disclosure.attacker.explanation import bounds, explain
from iomdash.disclosure.attacker.linked import Key, joint, tied
from iomdash.disclosure.figures import Cell, exact
from iomdash.disclosure.interviews.tallies import CROSSED, SILENT
from iomdash.disclosure.population import Population
from iomdash.disclosure.solvers import Contradiction

WAVE = "2030"
YES = ("yes",)
WHOLE = Group(WAVE)
PPO, HCCU, SPOS = (Group(WAVE, cohort) for cohort in ("PPO", "HCCU", "SPOS"))
COUNTS, SENSITIVE = Rules(5), Rules(5, unanimous=False)


def world(*atoms: tuple[str, str, str, int]) -> Population:
    """Atoms as cohort, provider, life and people, in this order."""
    keys = tuple((WAVE, *atom[:2], "statutory", "community", atom[2]) for atom in atoms)
    return Population(WAVE, keys, tuple(atom[3] for atom in atoms))


def cohorts(**people: int) -> Population:
    return world(*((cohort, "CRC", "now", n) for cohort, n in people.items()))


def yes(group: Group, count: int, release: str = "now") -> Cell:
    return exact(group, YES, count, release)


def fallen_atoms(
    people: Population, *cells: Cell, rules: Rules = COUNTS
) -> set[tuple[frozenset[int], int]]:
    """Atoms that fall, and the people in them."""
    return fallen(attack(people, YES, (), cells, rules))


def fallen(attacked: Attack) -> set[tuple[frozenset[int], int]]:
    assert attacked.complete
    return {(fall.atoms, fall.people) for fall in attacked.falls}


def only(*atoms: int, people: int) -> set[tuple[frozenset[int], int]]:
    return {(frozenset(atoms), people)}


THREE = cohorts(PPO=8, HCCU=7, SPOS=3)


def test_a_total_with_one_cell_hidden_gives_the_hidden_cell_away() -> None:
    total, ppo, hccu = yes(WHOLE, 10), yes(PPO, 5), yes(HCCU, 4)
    assert fallen_atoms(THREE, total, ppo, hccu) == only(2, people=3)
    assert fallen_atoms(THREE, total, ppo) == set()
    assert fallen_atoms(THREE, ppo, hccu) == set()


def test_a_hidden_total_that_other_answers_add_up_to_is_no_hidden_total() -> None:
    answers = ("yes", "no")
    parts = [yes(PPO, 5), yes(HCCU, 4)]
    rest = [exact(WHOLE, answers, 12), exact(WHOLE, ["no"], 2)]
    attacked = attack(THREE, answers, (), [*rest, *parts], COUNTS)
    assert {(f.atoms, f.answers) for f in attacked.falls} == {(frozenset({2}), YES)}
    assert attack(THREE, answers, (), [rest[0], *parts], COUNTS).falls == ()


def test_overlapping_filters_give_away_who_is_named_by_none_of_them() -> None:
    people = world(
        ("PPO", "CRC", "now", 6), ("PPO", "NPS", "now", 6),
        ("HCCU", "CRC", "now", 3), ("HCCU", "NPS", "now", 9),
    )  # fmt: skip
    crc, ppo_nps = Group(WAVE, provider="CRC"), Group(WAVE, "PPO", "NPS")
    # CRC less PPO, and PPO of NPS added again: three groups of at least six.
    cells = [yes(crc, 5), yes(PPO, 7), yes(ppo_nps, 3)]
    assert fallen_atoms(people, *cells) == only(2, people=3)
    for hidden in cells:
        assert fallen_atoms(people, *(cell for cell in cells if cell is not hidden)) == set()


def test_two_successive_releases_give_away_who_came_between_them() -> None:
    people = world(("PPO", "CRC", "1 now", 10), ("PPO", "CRC", "now", 2))
    before, after = yes(PPO, 4, release="1"), yes(PPO, 5)
    assert fallen(attack(people, YES, [before], [after], COUNTS)) == only(1, people=2)
    assert fallen_atoms(people, before) == fallen_atoms(people, after) == set()
    enough = world(("PPO", "CRC", "1 now", 10), ("PPO", "CRC", "now", 5))
    assert fallen(attack(enough, YES, [before], [after], COUNTS)) == set()


def test_two_successive_releases_give_away_who_withdrew_between_them() -> None:
    people = world(("PPO", "CRC", "1 now", 10), ("PPO", "CRC", "1", 1))
    attacked = attack(people, YES, [yes(PPO, 4, release="1")], [yes(PPO, 4)], COUNTS)
    assert fallen(attacked) == only(1, people=1)


def test_what_an_earlier_release_gave_away_is_not_blamed_on_the_next() -> None:
    people = world(("PPO", "CRC", "1 now", 8), ("SPOS", "CRC", "1 now", 3))
    before = [yes(WHOLE, 6, release="1"), yes(PPO, 4, release="1")]
    assert fallen_atoms(people, *before) == only(1, people=3)
    assert fallen(attack(people, YES, before, [yes(PPO, 4)], COUNTS)) == set()


@pytest.mark.parametrize("count", [0, 6])
def test_a_sensitive_group_shown_as_counts_tells_about_each_of_its_members(count: int) -> None:
    people = cohorts(PPO=6, HCCU=8)
    assert fallen_atoms(people, yes(PPO, count), rules=SENSITIVE) == only(0, people=6)
    allowed = attack(people, YES, (), [yes(PPO, count)], COUNTS)
    assert (allowed.falls, allowed.allowed) == ((), 1)


@pytest.mark.parametrize("count", [0, 6])
def test_a_group_of_one_mind_tells_as_much_of_its_parts_whichever_mind_it_is(count: int) -> None:
    people = world(
        ("PPO", "CRC", "now", 3), ("PPO", "NPS", "now", 3), ("HCCU", "CRC", "now", 6)
    )  # fmt: skip
    cells = [yes(PPO, count), yes(Group(WAVE, provider="CRC"), 3 + count // 2)]
    assert fallen_atoms(people, *cells) == set()
    assert fallen_atoms(people, *cells, rules=SENSITIVE) == only(0, people=3) | only(1, people=3)


@pytest.mark.parametrize("count", [1, 5])
def test_a_sensitive_group_that_is_not_of_one_mind_tells_of_nobody(count: int) -> None:
    assert fallen_atoms(cohorts(PPO=6, HCCU=8), yes(PPO, count), rules=SENSITIVE) == set()


@pytest.mark.parametrize("count", [0, 14])
def test_the_whole_wave_may_be_of_one_mind_on_a_sensitive_code(count: int) -> None:
    assert fallen_atoms(cohorts(PPO=6, HCCU=8), yes(WHOLE, count), rules=SENSITIVE) == set()


def test_a_sensitive_total_less_a_sensitive_part_tells_about_each_of_the_rest() -> None:
    people = cohorts(PPO=6, HCCU=8)
    cells = [yes(WHOLE, 11), yes(PPO, 3)]
    assert fallen_atoms(people, *cells, rules=SENSITIVE) == only(1, people=8)
    assert fallen_atoms(people, *cells) == set()


def test_bands_that_are_too_narrow_make_everybody_or_nobody_certain() -> None:
    people = cohorts(PPO=6, HCCU=6)
    fifths = [yes(WHOLE, 10), Cell(PPO, YES, 5, 6), Cell(HCCU, YES, 2, 4)]
    assert fallen_atoms(people, *fifths, rules=SENSITIVE) == only(0, people=6)
    mirrored = [yes(WHOLE, 2), Cell(PPO, YES, 0, 1), Cell(HCCU, YES, 2, 4)]
    assert fallen_atoms(people, *mirrored, rules=SENSITIVE) == only(0, people=6)
    halves = [yes(WHOLE, 10), Cell(PPO, YES, 3, 6), Cell(HCCU, YES, 3, 6)]
    assert fallen_atoms(people, *halves, rules=SENSITIVE) == set()


def test_a_band_of_one_number_is_a_count() -> None:
    tenths = Cell(PPO, YES, 6, 6)
    assert fallen_atoms(cohorts(PPO=6, HCCU=6), tenths, rules=SENSITIVE) == only(0, people=6)


def test_rounded_cells_with_an_unrounded_total_give_single_people_away() -> None:
    people = cohorts(PPO=4, HCCU=4)
    # Rounded to 5, both read 5: 3 or 4 of 4 people.
    rounded = [Cell(PPO, YES, 3, 7), Cell(HCCU, YES, 3, 7)]
    result = fallen_atoms(people, *rounded, yes(WHOLE, 6))
    assert result == only(0, people=4) | only(1, people=4)
    assert fallen_atoms(people, *rounded, Cell(WHOLE, YES, 3, 7)) == set()
    assert fallen_atoms(people, *rounded) == set()


def test_rounding_to_nobody_or_everybody_is_undone_by_an_unrounded_total() -> None:
    people = cohorts(PPO=6, HCCU=9)
    rounded = [Cell(PPO, YES, 0, 2), Cell(HCCU, YES, 3, 7)]
    assert fallen_atoms(people, *rounded, yes(WHOLE, 3), rules=SENSITIVE) == only(0, people=6)
    assert fallen_atoms(people, *rounded, yes(WHOLE, 4), rules=SENSITIVE) == set()


def test_a_width_of_two_demands_that_more_stays_open() -> None:
    cells = [Cell(SPOS, YES, 1, 2), yes(PPO, 4)]
    assert fallen_atoms(THREE, *cells) == set()
    assert fallen_atoms(THREE, *cells, rules=Rules(5, width=2)) == only(2, people=3)
    open_ = [Cell(SPOS, YES, 1, 3), yes(PPO, 4)]
    assert fallen_atoms(THREE, *open_, rules=Rules(5, width=2)) == set()
    assert fallen_atoms(THREE, *open_, rules=Rules(5, width=3)) == only(2, people=3)


def test_a_width_never_demands_more_than_there_are_people() -> None:
    people = cohorts(PPO=8, SPOS=1)
    assert fallen_atoms(people, yes(PPO, 4), rules=Rules(5, width=4)) == set()


def test_an_explanation_names_just_the_cells_that_gave_it_away() -> None:
    guilty = [yes(WHOLE, 10), yes(PPO, 5), yes(HCCU, 4)]
    innocent = [Cell(PPO, YES, 4, 6), Cell(WHOLE, YES, 8, 12), Cell(SPOS, YES, 0, 3)]
    cells = [innocent[0], guilty[0], innocent[1], guilty[1], innocent[2], guilty[2]]
    (fall,) = attack(THREE, YES, (), cells, COUNTS).falls
    assert explain(THREE, YES, cells, fall) == tuple(guilty)
    assert [cell.words for cell in guilty] == [
        "yes: 10 in 2030", "yes: 5 in 2030, PPO", "yes: 4 in 2030, HCCU",
    ]  # fmt: skip


@pytest.mark.parametrize("narrow", [
    [Cell(SPOS, YES, 1, 2)],
    [Cell(WHOLE, YES, 10, 11), yes(PPO, 5), yes(HCCU, 4)],
], ids=["one band", "a band less the others"])  # fmt: skip
def test_an_explanation_of_too_little_left_open_names_just_the_cells_that_left_it(
    narrow: list[Cell],
) -> None:
    innocent = [Cell(PPO, YES, 4, 6), Cell(SPOS, YES, 0, 3), Cell(WHOLE, YES, 8, 12)]
    cells = [innocent[0], *narrow, *innocent[1:]]
    (fall,) = attack(THREE, YES, (), cells, Rules(5, width=2)).falls
    assert (fall.atoms, fall.left_open) == (frozenset({2}), 1)
    assert explain(THREE, YES, cells, fall) == tuple(narrow)


def test_an_explanation_of_what_is_certain_as_nobody_can_be_halved_names_just_its_cells() -> None:
    people = Population(WAVE, tuple((WAVE, *kind, "community", "now") for kind in (
        ("PPO", "NPS", "statutory"), ("PPO", "CRC", "voluntary"), ("HCCU", "NPS", "voluntary"),
        ("HCCU", "NPS", "statutory"), ("HCCU", "CRC", "voluntary"),
    )), (2, 1, 2, 1, 2))  # fmt: skip
    # Had the one of PPO and CRC said yes, nobody else of PPO did, nor any other volunteer, and
    # two of NPS would be left to the only one there is.
    guilty = [
        Cell(PPO, YES, 0, 1), yes(Group(WAVE, provider="NPS"), 2),
        yes(Group(WAVE, supervision="voluntary"), 1),
    ]  # fmt: skip
    cells = [Cell(HCCU, YES, 0, 2), *guilty]
    (fall,) = attack(people, YES, (), cells, Rules(3)).falls
    assert fall.atoms == {1}
    assert bounds(people, YES, cells, fall.atoms, YES) == pytest.approx((0, 0.5))
    assert explain(people, YES, cells, fall) == tuple(guilty)


def test_an_explanation_names_the_release_of_each_cell() -> None:
    people = world(("PPO", "CRC", "1 now", 10), ("PPO", "CRC", "now", 2))
    cells = [yes(PPO, 4, release="1"), yes(WHOLE, 4, release="1"), yes(PPO, 5)]
    fall = Fall(frozenset({1}), 2, YES)
    gave = explain(people, YES, cells, fall)
    assert [cell.words for cell in gave] == ["yes: 4 in 2030, release 1", "yes: 5 in 2030, PPO"]


def test_bounds_are_the_least_and_greatest_number_that_the_cells_admit() -> None:
    spos = frozenset({2})
    # At least 17 less the 15 others; at most all three.
    assert bounds(THREE, YES, [yes(WHOLE, 17)], spos, YES) == pytest.approx((2, 3))
    assert bounds(THREE, YES, [yes(WHOLE, 10), yes(PPO, 8)], spos, YES) == pytest.approx((0, 2))


@pytest.mark.parametrize(
    "cells",
    [
        [yes(PPO, 9)],
        [yes(WHOLE, 4), yes(PPO, 5)],
        [yes(PPO, 4), yes(PPO, 5)],
        [yes(WHOLE, 18), Cell(PPO, YES, 2, 4)],
    ],
    ids=["more than there are", "a part above its total", "two counts of one group", "a band"],
)
def test_figures_that_nobody_can_have_answered_are_told_as_a_contradiction(
    cells: list[Cell],
) -> None:
    with pytest.raises(Contradiction, match=r"contradict each other: no people could answer so\."):
        attack(THREE, YES, (), cells, COUNTS)
    with pytest.raises(Contradiction):
        bounds(THREE, YES, cells, frozenset({0}), YES)


def test_groups_that_reach_the_threshold_in_every_combination_give_nothing_away() -> None:
    people = cohorts(PPO=8, HCCU=7, SPOS=5)
    cells = [yes(Group(WAVE, c), n) for c, n in [(EVERYONE, 10), ("PPO", 5), ("HCCU", 4)]]
    assert fallen_atoms(people, *cells) == set()
    assert fallen_atoms(people, *cells, rules=Rules(6)) == only(2, people=5)


ONE, OTHER, EITHER = "offence_work.lacking", "programmes.not_helpful", "behaviour_work.lacking"
CODES: dict[Key, list[Cell]] = {
    ("code", ONE, ""): [yes(WHOLE, 8), yes(PPO, 5)],
    ("code", OTHER, ""): [yes(WHOLE, 8), yes(HCCU, 2)],
}
# Each says that the same eight said both: 8, less 5 of PPO and 2 of HCCU, are of SPOS.
LINKS: dict[str, tuple[Key, list[Cell]]] = {
    "crossed": (
        ("pair", f"{ONE} x {OTHER}", ""),
        [exact(WHOLE, [part], n) for part, n in zip(CROSSED, (0, 0, 8), strict=True)],
    ),
    "among": (
        ("code", OTHER, ONE), [yes(WHOLE, 8), exact(WHOLE, (*STANCES, SILENT), 8)],
    ),
    "made of them": (("code", EITHER, ""), [yes(WHOLE, 8)]),
}  # fmt: skip


def together(cells: dict[Key, list[Cell]]) -> Attack:
    figures = joint(tuple(cells), {}, cells)
    return attack(THREE, figures.answers, (), figures.now, COUNTS)


@pytest.mark.parametrize("link", LINKS)
def test_two_codes_and_what_links_them_give_away_together_what_none_gives_away_alone(
    link: str,
) -> None:
    key, cells = LINKS[link]
    every = {**CODES, key: cells}
    assert {*tied(("code", ONE, ""), every)} == {*every}
    attacked = together(every)
    assert fallen(attacked) == only(2, people=3)
    for left_out in every:
        rest = {other: cells for other, cells in every.items() if other != left_out}
        assert together(rest).falls == (), left_out


def test_a_leak_from_several_figures_is_told_with_the_figure_that_each_cell_is_of() -> None:
    key, cells = LINKS["crossed"]
    figures = joint((*CODES, key), {}, {**CODES, key: cells})
    fall = attack(THREE, figures.answers, (), figures.now, COUNTS).falls[0]
    gave = [cell.words for cell in explain(THREE, figures.answers, figures.now, fall)]
    assert f"{ONE} yes: 5 in 2030, PPO" in gave
    assert f"{OTHER} yes: 2 in 2030, HCCU" in gave


def test_figures_are_tied_by_the_codes_behind_them_and_by_nothing_else() -> None:
    police = ("pair", "police.supportive x police.controlling", "")
    others: list[Key] = [("code", "police.supportive", ""), ("profile", ONE, "")]
    shown: list[Key] = [*CODES, LINKS["made of them"][0], police, *others]
    assert {*tied(("code", ONE, ""), shown)} == {*CODES, ("code", EITHER, "")}
    assert {*tied(police, shown)} == {police, others[0]}
    assert tied(others[1], shown) == (others[1],)
