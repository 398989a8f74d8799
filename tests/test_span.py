"""What the span of groups holds, against elimination with fractions."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from iomdash.disclosure.span import P, Span, orthogonal

ATOMS = 6
rows = st.lists(
    st.lists(st.integers(-2, 2), min_size=ATOMS, max_size=ATOMS), min_size=1, max_size=7
)
groups = st.lists(st.lists(st.booleans(), min_size=ATOMS, max_size=ATOMS), min_size=1, max_size=8)
sets = st.lists(st.booleans(), min_size=ATOMS, max_size=ATOMS)


def rank(matrix: Sequence[Sequence[int]]) -> int:
    left = [[Fraction(value) for value in row] for row in matrix]
    pivots = 0
    for column in range(ATOMS):
        pivot = next((i for i in range(pivots, len(left)) if left[i][column]), None)
        if pivot is None:
            continue
        left[pivots], left[pivot] = left[pivot], left[pivots]
        for i in range(len(left)):
            if i != pivots and left[i][column]:
                factor = left[i][column] / left[pivots][column]
                left[i] = [a - factor * b for a, b in zip(left[i], left[pivots], strict=True)]
        pivots += 1
    return pivots


def combined(matrix: Sequence[Sequence[int]], wanted: Sequence[int]) -> bool:
    return rank([*matrix, wanted]) == rank(matrix)


@given(groups, sets)
def test_a_set_is_found_exactly_if_it_is_a_combination_of_groups(
    shown: list[list[bool]], wanted: list[bool]
) -> None:
    span = Span(ATOMS, len(shown))
    for group in shown:
        if (row := span.new(np.array(group))) is not None:
            span.add(row)
    numbers = [[int(v) for v in group] for group in shown]
    result = not (span.hashes[np.array(wanted)].sum(axis=0) % P).any()
    assert result == combined(numbers, [int(v) for v in wanted])
    assert (span.new(np.array(wanted)) is None) == result


@given(groups, st.lists(st.booleans(), min_size=ATOMS, max_size=ATOMS))
def test_what_a_group_would_tell_can_be_seen_before_it_is_added(
    shown: list[list[bool]], last: list[bool]
) -> None:
    span = Span(ATOMS, len(shown) + 1)
    for group in shown:
        if (row := span.new(np.array(group))) is not None:
            span.add(row)
    if (row := span.new(np.array(last))) is not None:
        seen = span.hashes_with(row)
        span.add(row)
        assert (seen == span.hashes).all()
        assert not (seen[np.array(last)].sum(axis=0) % P).any()


@given(rows, sets)
def test_so_is_a_set_of_unknowns_of_equations(matrix: list[list[int]], wanted: list[bool]) -> None:
    sparse = [{i: value for i, value in enumerate(row) if value} for row in matrix]
    hashes = orthogonal(sparse, ATOMS)
    result = not (hashes[np.array(wanted)].sum(axis=0) % P).any()
    assert result == combined(matrix, [int(v) for v in wanted])
