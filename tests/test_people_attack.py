"""Whoever has the board's release and adds up agencies' counts finds no hidden one.

The attacker here shares no code with what protects them, and reads the file as anybody could.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from iomdash.declared.agencies import MEASURES
from iomdash.release.reader import Release

FILTERS = ("cohort", "provider", "supervision", "area")
SMALLEST, ROUNDING = 5, 5
KINDS = [measure.id for measure in MEASURES if measure.adds_up]
Name = tuple[str, ...]
# Reasons that bound a count: the others say nothing of it.
FEW = {"few_people", "few_people_by_cohort", "few_or_little_by_cohort"}


@dataclass
class Attack:
    """Unknown counts with their bounds, and what adds up to 0."""

    board: dict[Name, dict[str, Any]]
    coordinator: dict[Name, dict[str, Any]]
    place: dict[Name, int] = field(default_factory=dict[Name, int])
    low: list[float] = field(default_factory=list[float])
    high: list[float] = field(default_factory=list[float])
    hidden: list[Name] = field(default_factory=list[Name])
    rows: list[dict[int, int]] = field(default_factory=list[dict[int, int]])

    def count(self, name: Name, *, free: bool = False) -> int:
        """The unknown of a figure; a whole that is the sum of its shown parts is `free`."""
        if name not in self.place:
            self.place[name] = len(self.low)
            least, most = (0.0, np.inf) if free else self._bounds(name)
            self.low.append(least)
            self.high.append(most)
        return self.place[name]

    def _bounds(self, name: Name) -> tuple[float, float]:
        row = self.board.get(name)
        if row is None:
            return 0, 0
        if row["n"] is not None:
            return max(SMALLEST, row["n"] - 2), row["n"] + 2
        if row["hidden"] not in FEW:
            return 0, np.inf
        self.hidden.append(name)
        # Several stays of few people may be many: no reader knows where.
        many = self.coordinator[name]["n"] >= SMALLEST
        return 1, np.inf if many else SMALLEST - 1

    def equal(self, one: Iterable[int], other: Iterable[int]) -> None:
        row: dict[int, int] = {}
        for sign, side in ((1, one), (-1, other)):
            for i in side:
                row[i] = row.get(i, 0) + sign
        self.rows.append(row)

    def certain(self) -> list[Name]:
        """Hidden counts that have one value whatever people they are."""
        cells = [(i, j, v) for i, row in enumerate(self.rows) for j, v in row.items()]
        i, j, values = (np.array(part) for part in zip(*cells, strict=True))
        shape = (len(self.rows), len(self.low))
        sums = LinearConstraint(coo_array((values, (i, j)), shape=shape).tocsr(), 0, 0)
        wanted = np.array([self.place[name] for name in self.hidden])
        seen: list[np.ndarray] = []

        def look(costs: dict[int, float]) -> None:
            goal = np.zeros(len(self.low))
            goal[list(costs)] = list(costs.values())
            found = milp(
                goal, constraints=sums, bounds=Bounds(self.low, self.high),
                integrality=np.ones(len(goal)),
            )  # fmt: skip
            assert found.x is not None, "no people could have given these figures"
            seen.append(np.round(found.x[wanted]))

        def alone() -> np.ndarray:
            return np.flatnonzero(np.min(seen, axis=0) == np.max(seen, axis=0))

        dice = np.random.default_rng(3)
        for _ in range(25):
            look(dict(zip(wanted, dice.choice((-1.0, 1.0), len(wanted)), strict=True)))
        for each in alone():
            for sign in (-1.0, 1.0):
                if each in alone():
                    look({wanted[each]: sign})
        return [self.hidden[each] for each in alone()]


def figures(release: Release) -> dict[Name, dict[str, Any]]:
    """Each row of the caseload and of its kinds, by measure, what, reason and filters."""
    filters = (*FILTERS, "quarter")
    return {
        (name, row["what"], row.get("reason", "All"), *(row[each] for each in filters)): row
        for name in ("caseload", *KINDS) for row in release.rows(f"select * from recorded_{name}")
    }  # fmt: skip


def groups(values: dict[str, list[str]]) -> Iterator[tuple[str, Name]]:
    """Everybody, and each choice of one filter, with the filter's name."""
    yield "", ("All",) * len(FILTERS)
    for name, chosen in values.items():
        for value in chosen:
            yield name, tuple(value if name == each else "All" for each in FILTERS)


def attack(board: Release, coordinator: Release) -> Attack:
    told = figures(board)
    this = Attack(told, figures(coordinator))
    values = {name: sorted({at[3 + i] for at in told} - {"All"}) for i, name in enumerate(FILTERS)}
    quarters = sorted({at[7] for at in told} - {"All"})
    reasons = sorted({at[2] for at in told if at[1] == "left"} - {"All", ""})
    kinds = {name: sorted({at[1] for at in told if at[0] == name}) for name in KINDS}
    every = list(groups(values))
    whole = every[0][1]

    def breakdowns(*head: str, quarter: str) -> None:
        total = this.count((*head, *whole, quarter), free=True)
        for name in FILTERS:
            parts = [(*head, *group, quarter) for by, group in every if by == name]
            this.equal([this.count(part) for part in parts], [total])

    state = [("caseload", "in", "All"), *((k, w, "All") for k, ws in kinds.items() for w in ws)]
    for quarter in quarters:
        for head in state:
            breakdowns(*head, quarter=quarter)
        for _, group in every:
            for kind, whats in kinds.items():
                parts = [this.count((kind, what, "All", *group, quarter)) for what in whats]
                this.equal(parts, [this.count(("caseload", "in", "All", *group, quarter))])
    moves = [("joined", "All"), ("left", "All"), *(("left", reason) for reason in reasons)]
    for what, reason in moves:
        breakdowns("caseload", what, reason, quarter="All")
        parts = [this.count(("caseload", what, reason, *whole, quarter)) for quarter in quarters]
        this.equal(parts, [this.count(("caseload", what, reason, *whole, "All"))])
    told_apart = [*((whole, quarter) for quarter in quarters), *((g, "All") for _, g in every)]
    for group, quarter in told_apart:
        parts = [this.count(("caseload", "left", reason, *group, quarter)) for reason in reasons]
        this.equal(parts, [this.count(("caseload", "left", "All", *group, quarter))])
    before: list[int] = []
    for quarter in quarters:
        inside, came, went = (
            this.count(("caseload", what, "All", *whole, quarter))
            for what in ("in", "joined", "left")
        )
        this.equal([*before, came], [inside, went])
        before = [inside]
    for _, group in every:
        came, went = (
            this.count(("caseload", what, "All", *group, "All")) for what in ("joined", "left")
        )
        this.equal([came], [went, this.count(("caseload", "in", "All", *group, quarters[-1]))])
    return this


def test_no_hidden_count_of_the_demonstration_is_certain(
    board: Release, coordinator: Release
) -> None:
    this = attack(board, coordinator)
    assert len(this.hidden) > 1_000
    assert this.certain() == []


def test_the_attacker_finds_what_figures_that_are_not_rounded_give_away(
    board: Release, coordinator: Release
) -> None:
    this = attack(board, coordinator)
    for name, i in this.place.items():
        if (this.board.get(name) or {}).get("n"):
            this.low[i] = this.high[i] = this.coordinator[name]["n"]
    this.hidden = this.hidden[:50]
    found = this.certain()
    assert len(found) > 10
    solved = {name: this.coordinator[name]["n"] for name in found}
    assert all(0 < n < SMALLEST for n in solved.values())
