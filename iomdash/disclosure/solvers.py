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
    solution = linprog(
        np.concatenate([-np.ones(width), np.zeros(width + 1)]),
        A_eq=sparse.hstack([matrix, matrix, scale]).tocsc(), b_eq=np.zeros(len(rows)),
        bounds=[(0, 1)] * width + [(0, None)] * width + [(1, None)], method="highs",
    )  # fmt: skip
    if solution.x is None:
        raise Contradiction
    return frozenset(np.flatnonzero(solution.x[:width] < HALF).tolist())


def ends(
    rows: Rows, right: Sequence[int], width: int, wanted: Sequence[int]
) -> tuple[float, float]:
    """Least and greatest sum of some unknowns, by two programmes.  Raises Contradiction."""
    matrix = _matrix(rows, width).tocsc()
    goal = np.zeros(width)
    goal[list(wanted)] = 1
    both = [linprog(s * goal, A_eq=matrix, b_eq=right, method="highs") for s in (1, -1)]
    if any(solution.x is None for solution in both):
        raise Contradiction
    return float(both[0].fun), float(-both[1].fun)


def whole(rows: Rows, right: Sequence[int], width: int, goal: Sequence[int]) -> list[int]:
    """The solution in whole numbers with the least sum of unknowns, each times its goal.

    Raises Contradiction where there is none.
    """
    equal: Any = right
    solution = milp(
        np.array(goal), integrality=np.ones(width), bounds=Bounds(0),
        constraints=LinearConstraint(_matrix(rows, width).tocsr(), equal, equal),
    )  # fmt: skip
    if solution.x is None:
        raise Contradiction
    return [round(value) for value in solution.x.tolist()]


def _matrix(rows: Rows, width: int) -> sparse.coo_matrix:
    places = [(i, j, value) for i, row in enumerate(rows) for j, value in row.items()]
    i, j, values = (np.array(part) for part in zip(*places, strict=True))
    return sparse.coo_matrix((values, (i, j)), shape=(len(rows), width))
