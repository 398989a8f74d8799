# pyright: basic, reportAttributeAccessIssue=false, reportMissingModuleSource=false
# SciPy carries no types; what leaves this module does.
"""Linear programmes, by HiGHS, on rows of whole numbers.

A system is rows of coefficients by unknown, right-hand sides, and the number of unknowns, which
are at least 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

Rows = Sequence[Mapping[int, int]]

# A forced unknown is 0 and a free one 1 in the programme's optimum: nothing lies between.
HALF = 0.5
_TRIES = 12


class Contradiction(ValueError):
    """No people could have given the answers shown."""

    def __init__(self) -> None:
        super().__init__("The figures contradict each other: no people could answer so.")


def always_zero(rows: Rows, right: Sequence[int], width: int) -> frozenset[int]:
    """Unknowns that are 0 in every solution, by one programme.

    Scaled by a factor of at least 1, a solution exists in which every other unknown is at least
    1; so as many as possible are counted, each up to 1.  Raises Contradiction.
    Source: Freund, Roundy and Todd 1985.
    """
    if not any(right):
        return frozenset(range(width))
    matrix = _matrix(rows, width)
    scale = sparse.coo_matrix(-np.array(right, dtype=float)[:, None])
    found = linprog(
        np.concatenate([-np.ones(width), np.zeros(width + 1)]),
        A_eq=sparse.hstack([matrix, matrix, scale]).tocsc(), b_eq=np.zeros(len(rows)),
        bounds=[(0, 1)] * width + [(0, None)] * width + [(1, None)], method="highs",
    )  # fmt: skip
    if found.x is None:
        raise Contradiction
    return frozenset(np.flatnonzero(found.x[:width] < HALF).tolist())


def ends(
    rows: Rows, right: Sequence[int], width: int, wanted: Sequence[int]
) -> tuple[float, float]:
    """Least and greatest sum of some unknowns, by two programmes.  Raises Contradiction."""
    matrix = _matrix(rows, width).tocsc()
    goal = np.zeros(width)
    goal[list(wanted)] = 1
    both = [linprog(s * goal, A_eq=matrix, b_eq=right, method="highs") for s in (1, -1)]
    if any(found.x is None for found in both):
        raise Contradiction
    return float(both[0].fun), float(-both[1].fun)


def whole(rows: Rows, right: Sequence[int], width: int, goal: Sequence[int]) -> list[int]:
    """The solution in whole numbers with the least sum of unknowns, each times its goal.

    Raises Contradiction where there is none.
    """
    equal: Any = right
    found = milp(
        np.array(goal), integrality=np.ones(width), bounds=Bounds(0),
        constraints=LinearConstraint(_matrix(rows, width).tocsr(), equal, equal),
    )  # fmt: skip
    if found.x is None:
        raise Contradiction
    return [round(value) for value in found.x.tolist()]


class WholeCounts:
    """Whole numbers within their bounds, each row of which adds up to 0. `one` is a solution."""

    def __init__(
        self, rows: Rows, least: Sequence[int], most: Sequence[int], one: Sequence[int]
    ) -> None:
        low: Any = least
        high: Any = most
        self._bounds = Bounds(low, high)
        # A programme without a row is none.
        self._matrix = LinearConstraint(_matrix(rows or [{0: 0}], len(one)).tocsr(), 0, 0)
        self._one = np.array(one)

    def ends(self, wanted: int) -> tuple[int, int]:
        """Least and greatest value of an unknown."""
        least, most = (round(float(self._found({wanted: sign})[wanted])) for sign in (1, -1))
        return least, most

    def settled(self, wanted: Sequence[int]) -> frozenset[int]:
        """Of the wanted unknowns, those with one value in every solution.

        Each solution clears every unknown that it gives another value: so a few in random
        directions leave few to be tried alone.
        """
        left, certain, dice = list(wanted), set[int](), np.random.default_rng(0)
        for _ in range(_TRIES):
            if len(left) > 1:
                goal = dict(zip(left, dice.choice((-1, 1), len(left)).tolist(), strict=True))
                left = self._alike(goal, left)
        while left:
            alone = left[0]
            for sign in (1, -1):
                left = self._alike({alone: sign}, left) if alone in left else left
            if alone in left:
                left.remove(alone)
                certain.add(alone)
        return frozenset(certain)

    def _alike(self, goal: Mapping[int, int], left: Sequence[int]) -> list[int]:
        """Those of some unknowns to which the solution that is best for a goal gives the value
        that they have in the known one.
        """
        differs = np.abs(self._found(goal) - self._one) > HALF
        return [i for i in left if not differs[i]]

    def _found(self, goal: Mapping[int, int]) -> Any:
        costs = np.zeros(len(self._one))
        costs[list(goal)] = list(goal.values())
        found = milp(
            costs, integrality=np.ones(len(costs)), bounds=self._bounds, constraints=self._matrix
        )
        if found.x is None:
            raise Contradiction
        return found.x


def _matrix(rows: Rows, width: int) -> sparse.coo_matrix:
    places = [(i, j, value) for i, row in enumerate(rows) for j, value in row.items()]
    i, j, values = (np.array(part) for part in zip(*places, strict=True))
    return sparse.coo_matrix((values, (i, j)), shape=(len(rows), width))
