"""Which of the cells that a reader was shown give a figure away."""

from collections.abc import Sequence

import numpy as np

from iomdash.disclosure import solvers
from iomdash.disclosure.attacker.attack import Fall, ends
from iomdash.disclosure.attacker.equations import System
from iomdash.disclosure.figures import Cell
from iomdash.disclosure.population import Population


def explain(
    world: Population, answers: tuple[str, ...], cells: Sequence[Cell], fall: Fall
) -> tuple[Cell, ...]:
    """Cells without any of which more of the figure would stay open: what gave it away."""

    def by_shares(some: Sequence[Cell]) -> bool:
        least, most = bounds(world, answers, some, fall.atoms, fall.answers)
        return most - least < fall.left_open + solvers.HALF

    def by_whole_people(some: Sequence[Cell]) -> bool:
        system, wanted = _by_atom(world, answers, some, fall.atoms, fall.answers)
        return ends(system, wanted)[1] <= fall.left_open

    # Programmes in whole numbers take longer, and tell no less.
    tells = by_shares if by_shares(cells) else by_whole_people
    needed = list(cells)
    for cell in cells:
        fewer = [other for other in needed if other is not cell]
        if fewer and tells(fewer):
            needed = fewer
    return tuple(needed)


def bounds(
    world: Population, answers: tuple[str, ...], cells: Sequence[Cell], atoms: frozenset[int],
    given: tuple[str, ...],
) -> tuple[float, float]:  # fmt: skip
    """Least and greatest number of people of some atoms who can have given one of some answers.

    Two linear programmes (HiGHS) over atoms as they are. Raises Contradiction.
    """
    system, wanted = _by_atom(world, answers, cells, atoms, given)
    return solvers.ends(*system.equations, wanted)


def _by_atom(
    world: Population, answers: tuple[str, ...], cells: Sequence[Cell], atoms: frozenset[int],
    given: tuple[str, ...],
) -> tuple[System, list[int]]:  # fmt: skip
    """Equations on atoms as they are, and the unknowns of some atoms and answers."""
    system = System(world, answers, cells)
    system.labels, system.sizes = np.arange(len(world.atoms)), world.sizes
    return system, [i for atom in atoms for i in system.columns(atom, given)]
