"""The people behind one wave's figures, as atoms: those counted now and those counted before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from iomdash.declared.groups import ATOM, EVERYONE, FILTERS, Group, joined
from iomdash.disclosure.span import Bools, Ints

NOW = "now"
Key = tuple[str, ...]


def life(releases: Iterable[int], *, now: bool) -> str:
    """In which releases a person's answers counted, as one word: "3 4 now"."""
    return " ".join([*(str(number) for number in sorted(releases)), *([NOW] if now else [])])


@dataclass(frozen=True)
class Population:
    """Atoms of one wave, a row of the columns of ATOM each, and the people in each."""

    wave: str
    atoms: tuple[Key, ...]
    people: tuple[int, ...]

    @staticmethod
    def of(sizes: pl.DataFrame, wave: str) -> "Population":
        """The world of a wave, from a frame with the columns of ATOM and `n`."""
        rows = sizes.filter(pl.col("wave") == wave).sort(ATOM)
        keys = tuple(tuple(str(cell) for cell in row) for row in rows.select(ATOM).iter_rows())
        return Population(wave, keys, tuple(int(n) for n in rows["n"]))

    @cached_property
    def sizes(self) -> Ints:
        """People in each atom."""
        return np.array(self.people, dtype=np.int64)

    @cached_property
    def columns(self) -> Mapping[str, np.ndarray]:
        """Values of each attribute, one an atom."""
        table = np.array(self.atoms, dtype=object).reshape(len(self.atoms), len(ATOM))
        return {name: table[:, i] for i, name in enumerate(ATOM)}

    def alive(self, release: str) -> Bools:
        """Atoms whose answers counted in a release, or count now."""
        return self._lives[release] if release in self._lives else np.zeros(len(self.atoms), bool)

    @cached_property
    def _lives(self) -> Mapping[str, Bools]:
        lived = [atom[-1].split() for atom in self.atoms]
        every = {release for releases in lived for release in releases}
        return {release: np.array([release in it for it in lived], dtype=bool) for release in every}

    def mask(self, group: Group, release: str = NOW) -> Bools:
        """Atoms of a group as it was in a release."""
        known = self._masks.get((group, release))
        if known is None:
            known = self._masks[group, release] = self._inside(group, release)
        return known

    @cached_property
    def _masks(self) -> dict[tuple[Group, str], Bools]:
        return {}

    def _inside(self, group: Group, release: str) -> Bools:
        mask = self.alive(release)
        for name in FILTERS:
            value = str(getattr(group, name))
            if value != EVERYONE:
                wanted = joined(value) if name == "cohort" else (value,)
                mask = mask & np.isin(self.columns[name], wanted)
        return mask

    def size(self, group: Bools) -> int:
        """People in a set of atoms."""
        return int(self.sizes[group].sum())

    def values(self, name: str) -> list[str]:
        """Values of a filter among those who count now, sorted; none where some state none."""
        values = sorted(set(self.columns[name][self.alive(NOW)]))
        return [] if "" in values else values

    def counts(self, frame: pl.DataFrame, columns: Sequence[str]) -> Ints:
        """Counts of a frame with the columns of ATOM, one row an atom, 0 where it has none."""
        places = {atom: i for i, atom in enumerate(self.atoms)}
        counts = np.zeros((len(self.atoms), len(columns)), dtype=np.int64)
        for row in frame.select(*ATOM, *columns).iter_rows():
            place = places.get(tuple(str(cell) for cell in row[: len(ATOM)]))
            if place is not None:
                counts[place] += np.array(row[len(ATOM) :], dtype=np.int64)
        return counts
