"""What a reader was shown, as equations in whole numbers of people."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import numpy as np

from iomdash.disclosure import solvers
from iomdash.disclosure.figures import Cell
from iomdash.disclosure.population import Population
from iomdash.disclosure.span import Ints, classes, sums

# After all numbers of releases: what is counted now.
LAST = 10**9


@dataclass
class System:
    """Equations over unknowns: class by answer, and one for those who gave none."""

    world: Population
    answers: tuple[str, ...]
    cells: Sequence[Cell]
    labels: Ints = field(init=False)
    sizes: Ints = field(init=False)

    def __post_init__(self) -> None:
        # What two releases or two tallies say of the same people is one equation.
        once = {
            (mask.tobytes(), cell.group.filtered, cell.answers, cell.least, cell.most): (cell, mask)
            for cell in self.cells
            for mask in [self.world.mask(cell.group, cell.release)]
        }
        self.cells = [cell for cell, _ in once.values()]
        self.masks = [mask for _, mask in once.values()]
        self.labels = classes(self.masks, len(self.world.atoms))
        self.sizes = sums(self.world.sizes[:, None], self.labels)[:, 0]

    @property
    def parts(self) -> int:
        return len(self.answers) + 1

    def columns(self, label: int, answers: tuple[str, ...]) -> list[int]:
        """Numbers of the unknowns of a class and some answers."""
        return [label * self.parts + self.answers.index(answer) for answer in answers]

    @cached_property
    def asked(self) -> list[tuple[str, ...]]:
        """What is counted together in some cell."""
        return sorted({cell.answers for cell in self.cells})

    def atoms(self, labels: Sequence[int]) -> frozenset[int]:
        """Atoms of some classes."""
        return frozenset(np.flatnonzero(np.isin(self.labels, labels)).tolist())

    @cached_property
    def inside(self) -> list[list[int]]:
        """Classes of each cell's group."""
        return [sorted(set(self.labels[mask].tolist())) for mask in self.masks]

    @cached_property
    def equations(self) -> tuple[list[dict[int, int]], list[int], int]:
        """Rows by unknown, right-hand sides, and the number of unknowns with slacks."""
        rows: list[dict[int, int]] = []
        right: list[int] = []
        for label, size in enumerate(self.sizes.tolist()):
            rows.append({label * self.parts + part: 1 for part in range(self.parts)})
            right.append(size)
        slack = len(self.sizes) * self.parts
        for cell, labels in zip(self.cells, self.inside, strict=True):
            row = {i: 1 for label in labels for i in self.columns(label, cell.answers)}
            if cell.exact:
                rows.append(row)
                right.append(cell.least)
                continue
            rows += [{**row, slack: -1}, {**row, slack + 1: 1}]
            right += [cell.least, cell.most]
            slack += 2
        return rows, right, slack

    @cached_property
    def programme(self) -> solvers.Programme:
        """The equations, to be asked for answers in whole numbers."""
        return solvers.whole(*self.equations)

    @property
    def fingerprint(self) -> bytes:
        """The same of two systems that tell the same of as many people: releases by order."""
        order = sorted(
            {c.release for c in self.cells}, key=lambda r: int(r) if r.isdigit() else LAST
        )
        rank = {release: i for i, release in enumerate(order)}
        figures = sorted(
            repr((mask.tobytes(), cell.group.key, cell.answers, cell.least, cell.most,
                  rank[cell.release])).encode()
            for cell, mask in zip(self.cells, self.masks, strict=True)
        )  # fmt: skip
        every = [repr(self.answers).encode(), self.world.sizes.tobytes(), *figures]
        return sha256(b"\n".join(every)).digest()
