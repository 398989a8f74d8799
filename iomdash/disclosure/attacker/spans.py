"""What is given by adding and taking, modulo a prime."""

import numpy as np

PRIME = 998_244_353


def combined(sets: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which sets of cells are a combination of rows, modulo a prime.

    Sums of as many numbers below the prime as there are cells are exact as they are.
    """
    reduced, pivots = _reduced(rows)
    made = sets[:, pivots].astype(float) @ reduced.astype(float)
    return (made % PRIME == sets).all(axis=1)


def _reduced(rows: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Rows that span the same, each alone with a 1 at its pivot, modulo a prime; and the pivots."""
    left, pivots = rows % PRIME, list[int]()
    for i, row in enumerate(left):
        if not row.any():
            continue
        pivot = int(np.flatnonzero(row)[0])
        row[:] = row * pow(int(row[pivot]), -1, PRIME) % PRIME
        others = np.flatnonzero(left[:, pivot])
        others = others[others != i]
        left[others] = (left[others] - left[others, pivot, None] * row) % PRIME
        pivots.append(pivot)
    return left[left.any(axis=1)], pivots
