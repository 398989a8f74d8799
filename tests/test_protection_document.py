"""The worked example of docs/protection.md says what the code does."""

import re
from pathlib import Path

import pytest
from histories import History, Person

from iomdash.declared.groups import Group
from iomdash.declared.reasons import Reason

TEXT = (Path(__file__).parents[1] / "docs" / "protection.md").read_text("utf-8")
SMALLEST = 3


def table(*header: str) -> list[list[str]]:
    """The rows of the table under a header."""
    head = re.escape(f"| {' | '.join(header)} |")
    body = re.search(rf"^{head}\n\|[-|]+\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    assert body, header
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body[1].splitlines()]


def group(words: str) -> Group:
    """A group by its filters: "PPO, NPS"."""
    names = [word for word in words.split(", ") if word != "All"]
    provider = next((name for name in names if name in ("NPS", "CRC")), "All")
    cohort = next((name for name in names if name != provider), "All")
    return Group("2030", cohort, provider)


def people() -> list[Person]:
    stances = {"not raised": ""}
    return [
        Person(int(n), (cohort, provider, "statutory", "community"), stances.get(said, said))
        for n, cohort, provider, said in table("person", "cohort", "provider", "said")
    ]


def first(*, sensitive: bool = False) -> History:
    history = History(SMALLEST, sensitive)
    history.release(people())
    return history


def test_the_groups_that_it_shows_are_those_that_the_code_shows() -> None:
    rows = table("group", "people", "shown", "why not")
    shown = {g for _, g in first().groups if g.supervision == "All"}
    named = {group(words): (int(n), yes == "yes") for words, n, yes, _ in rows}
    for where, (n, may) in named.items():
        members = [
            p for p in people()
            if (where.cohort == "All" or p.attributes[0] in where.cohort.split("+"))
            and where.provider in ("All", p.attributes[1])
        ]  # fmt: skip
        assert len(members) == n, where
        assert (where in shown) == may, where
    assert {g for g in shown if len(g.cohort.split("+")) < 3} <= set(named)


@pytest.mark.parametrize(
    ("header", "sensitive"),
    [(("group", "yes", "mixed", "no"), False), (("group", "yes, at least", "yes, at most"), True)],
)
def test_the_figures_that_it_shows_are_those_that_the_code_shows(
    header: tuple[str, ...], sensitive: bool
) -> None:
    cells: dict[Group, list[int]] = {}
    for _, cell in first(sensitive=sensitive).cells:
        ends = [cell.least, cell.most] if sensitive else [cell.least]
        if not sensitive or cell.answers == ("yes",):
            cells.setdefault(cell.group, []).extend(ends)
    assert {group(words): [int(n) for n in rest] for words, *rest in table(*header)} == cells


def test_a_release_with_one_person_more_of_a_cohort_does_not_show_it() -> None:
    history = first()
    eleventh = Person(11, ("PPO", "NPS", "statutory", "community"), "yes")
    offers = {o.group: o.hidden for o in history.release([*people(), eleventh]).offers}
    assert offers[Group("2030", "PPO")] is Reason.RELEASE_DIFFERS_BY_FEW
