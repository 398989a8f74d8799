# pyright: basic, reportArgumentType=false, reportOptionalSubscript=false
# SciPy carries no types; what leaves this module does.
"""Linear programmes, by HiGHS, on rows of whole numbers.

A system is rows of coefficients by unknown, right-hand sides, and the number of unknowns, which
are at least 0.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import highspy
import numpy as np
from scipy import sparse

Rows = Sequence[Mapping[int, int]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

# A forced unknown is 0 and a free one 1 in the programme's optimum: nothing lies between.
HALF = 0.5
# Nearer to a whole number than this, an answer is that number: ten times HiGHS's own tolerance.
WHOLE = 1e-6


class Contradiction(ValueError):
    """No people could have given the answers shown."""

    def __init__(self) -> None:
        super().__init__("The figures contradict each other: no people could answer so.")


class _Silent(highspy.Highs):
    """A solver that says nothing. It greets when callbacks are enabled, which is as it is made."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the name is HiGHS's)
        self.setOptionValue("output_flag", False)


class Programme:
    """Unknowns from 0 to `upper` of which rows lie between `low` and `high`.

    It is asked again and again, each time with another goal, and goes on from the answer before,
    which takes a few steps where a programme of its own would take hundreds. In whole numbers,
    what is best of all and whole by itself is best of the whole ones too; else it is searched for.
    """

    def __init__(
        self,
        rows: sparse.csr_array,
        low: Sequence[float] | Floats,
        high: Sequence[float] | Floats,
        upper: Sequence[float] | Floats,
        *,
        whole: bool = False,
    ) -> None:
        self.width, self._whole = len(upper), whole
        self._columns = np.arange(self.width, dtype=np.int32)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.width, rows.shape[0]
        model.col_cost_ = model.col_lower_ = np.zeros(self.width)
        model.col_upper_ = np.asarray(upper, dtype=np.float64)
        model.row_lower_ = np.array(low, dtype=np.float64)
        model.row_upper_ = np.array(high, dtype=np.float64)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = rows.indptr.astype(np.int32)
        model.a_matrix_.index_ = rows.indices.astype(np.int32)
        model.a_matrix_.value_ = rows.data.astype(np.float64)
        self._solver = _Silent()
        self._solver.passModel(model)

    def least(self, goal: Sequence[float] | Floats) -> Floats | None:
        """The unknowns with the least sum, each times its goal; None where no unknowns fit."""
        costs = np.asarray(goal, dtype=np.float64)
        self._solver.changeColsCost(self.width, self._columns, costs)
        unknowns = self._run()
        if not self._whole or unknowns is None or _are_whole(unknowns):
            return unknowns
        return self._in_whole_numbers()

    def _in_whole_numbers(self) -> Floats | None:
        self._numbers(highspy.HighsVarType.kInteger)
        unknowns = self._run()
        self._numbers(highspy.HighsVarType.kContinuous)
        return unknowns

    def _numbers(self, kind: highspy.HighsVarType) -> None:
        kinds = np.full(self.width, int(kind), dtype=np.uint8)
        self._solver.changeColsIntegrality(self.width, self._columns, kinds)

    def _run(self) -> Floats | None:
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.array(self._solver.getSolution().col_value)


def matrix(rows: Rows, width: int) -> sparse.csr_array:
    """Rows of coefficients by unknown as a matrix."""
    starts = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter(chain.from_iterable(rows), dtype=np.int64)
    values = chain.from_iterable(row.values() for row in rows)
    parts = np.fromiter(values, dtype=np.float64), columns, starts
    return sparse.csr_array(parts, shape=(len(rows), width))


def _are_whole(unknowns: Floats) -> bool:
    return bool(np.abs(unknowns - np.rint(unknowns)).max() < WHOLE)


def always_zero(rows: Rows, right: Sequence[int], width: int) -> frozenset[int]:
    """Unknowns that are 0 in every solution, by one programme.

    Scaled by a factor of at least 1, a solution exists in which every other unknown is at least
    1; so as many as possible are counted, each up to 1.  Raises Contradiction.
    Source: Freund, Roundy and Todd 1985.
    """
    if not any(right):
        return frozenset(range(width))
    scale = 2 * width
    # The factor is 1 and what is added to it.
    twice = [
        {**row, **{width + i: value for i, value in row.items()}, scale: -total}
        for row, total in zip(rows, right, strict=True)
    ]
    upper = np.concatenate([np.ones(width), np.full(width + 1, np.inf)])
    unknowns = Programme(matrix(twice, len(upper)), right, right, upper).least(
        np.concatenate([-np.ones(width), np.zeros(width + 1)])
    )
    if unknowns is None:
        raise Contradiction
    return frozenset(np.flatnonzero(unknowns[:width] < HALF).tolist())


def ends(
    rows: Rows, right: Sequence[int], width: int, wanted: Sequence[int]
) -> tuple[float, float]:
    """Least and greatest sum of some unknowns, by two programmes.  Raises Contradiction."""
    goal = np.zeros(width)
    goal[list(wanted)] = 1
    asked = Programme(matrix(rows, width), right, right, np.full(width, np.inf))
    least, most = (asked.least(sign * goal) for sign in (1, -1))
    if least is None or most is None:
        raise Contradiction
    return float(goal @ least), float(goal @ most)


def whole(rows: Rows, right: Sequence[int], width: int) -> Programme:
    """A programme of whole numbers."""
    upper = np.full(width, np.inf)
    return Programme(matrix(rows, width), right, right, upper, whole=True)
