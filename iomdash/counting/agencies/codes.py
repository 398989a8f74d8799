"""Groups of people by one number, and their cells added up from those of atoms.

An *atom* is a smallest set of stays that filters can tell apart. Whoever stands in one of a cell is
in every group that holds it. Whoever stands in two is where both have the same value, in groups
that hold both, and in all other groups in either. So people are counted where they stand, once,
and cells are added up from there, a filter at a time.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from iomdash.declared.agencies.groups import STAY
from iomdash.declared.groups import EVERYONE

# Record keys are drawn from so many numbers. Source: ONS, cell key method.
KEYS = 256
PARTS = ("n", "people", "key", "top", "two")
# What of a person's n in two atoms stands at a place: all of it, that of the one, of the other.
ALL, OF_ONE, OF_OTHER = range(3)
# Sets of filters, as `_set` numbers them.
_SETS = 2 ** (len(STAY) + 1)
_OF = "_of"
Ints = NDArray[np.int64]


def number(stays: pl.DataFrame) -> pl.DataFrame:
    """The atoms that stays are of, numbered, and beside each filter the number of its value."""
    atoms = stays.select(STAY).unique().sort(STAY).with_row_index("atom")
    numbers = (pl.col(name).rank("dense").alias(f"{name}_no") for name in STAY)
    return atoms.with_columns(*numbers).with_columns(pl.selectors.integer().cast(pl.Int64))


class Groups:
    """Groups of at most so many filters by one number, their code: a digit for each filter, 0 for
    one that they have not, and the number of a cell before them.

    size: how many codes a cell has
    bits: that what somebody has in an atom takes at most, so that both are one number, of 63 bits;
      of 1,000 atoms 52, which is 4.5e15
    of_atoms: the codes of every group that an atom is in, without a cell: atom, code
    standing: the places at which whoever has two atoms of a cell is counted, and which `part` of
      theirs: one, other, place, part; an atom's place is its number
    """

    def __init__(self, atoms: pl.DataFrame, filters: int) -> None:
        self._filters = filters
        self._digits: dict[str, tuple[int, int]] = {}
        self._words: dict[str, pl.Series] = {}
        self.size = 1
        self.bits = 62 - atoms.height.bit_length()
        for name in STAY:
            values = atoms.select(f"{name}_no", name).unique().sort(f"{name}_no")[name]
            self._words[name] = pl.concat([pl.Series(name, [EVERYONE]), values])
            self._digits[name] = self.size, len(values) + 1
            self.size *= len(values) + 1
        every = (some for n in range(filters + 1) for some in combinations(STAY, n))
        self.of_atoms = pl.concat(atoms.select("atom", code=self._code(some)) for some in every)
        self.standing, self._spots = self._stood(atoms)

    def _stood(self, atoms: pl.DataFrame) -> tuple[pl.DataFrame, Ints]:
        """Where whoever has two atoms stands; and the spot of each place: the code of its group,
        and of whoever has another atom besides, the filters of which both have the same value.
        """
        pairs = atoms.join(atoms, how="cross", suffix=_OF).filter(
            pl.col("atom") < pl.col("atom_of")
        )
        same = {name: pl.col(f"{name}_no") == pl.col(f"{name}_no{_OF}") for name in STAY}
        both = pl.sum_horizontal(self._digit_of(name) * same[name] for name in STAY)
        spots = {
            ALL: both * _SETS,
            OF_ONE: self._code(STAY) * _SETS + _set(same),
            OF_OTHER: self._code(STAY, _OF) * _SETS + _set(same),
        }
        of_two = pl.concat(
            pairs.select(one="atom", other=f"atom{_OF}", part=pl.lit(part, pl.Int64), spot=spot)
            for part, spot in spots.items()
        )
        placed = of_two.select("spot").unique().with_row_index("place", offset=atoms.height)
        placed = placed.with_columns(pl.col("place").cast(pl.Int64))
        standing = of_two.join(placed, on="spot").drop("spot")
        atom = atoms.select(place="atom", spot=self._code(STAY) * _SETS)
        spot_of = pl.concat([atom, placed.select(atom.columns)]).sort("place")
        return standing, spot_of["spot"].to_numpy()

    def every(self, of_places: pl.DataFrame, of_several: pl.DataFrame) -> pl.DataFrame:
        """The cells of every group, by code: those of places added up, and those of whoever stands
        in more than two atoms.
        """
        spots = self._spots[of_places["place"].to_numpy()]
        code = of_places["cell"].to_numpy() * (self.size * _SETS) + spots
        cells = _Cells.of(of_places.select(*PARTS, code=code))
        for name in sorted(STAY, key=lambda name: -self._digits[name][1]):
            cells = self._dropped(cells, name)
        both = cells._replace(code=cells.code // _SETS).beside(_Cells.of(of_several))
        chosen = np.sum([self._chosen(both.code, name) for name in STAY], axis=0)
        return pl.DataFrame(both.where(chosen <= self._filters).added()._asdict())

    def _dropped(self, cells: "_Cells", name: str) -> "_Cells":
        """Cells, and those with one filter dropped, without those that hold both atoms of somebody.

        A cell that keeps a filter of which both have other values never does, whatever else is
        dropped, so what they share no longer matters.
        """
        unit = self._digits[name][0] * _SETS
        digit, shared = self._digit(cells.code, name, _SETS), cells.code % _SETS
        without = cells._replace(code=cells.code - digit * unit).where(digit > 0).added()
        chosen = 1 + sum(self._chosen(without.code, each, _SETS) * _set_of(each) for each in STAY)
        more = without.where(chosen & without.code % _SETS != chosen)
        apart = (digit > 0) & (shared & _set_of(name) == 0)
        return cells._replace(code=cells.code - shared * apart).beside(more)

    def cell(self, counted: pl.DataFrame) -> pl.Series:
        """The number of the cell of each code."""
        return counted["code"] // self.size

    def named(self, counted: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
        """The filters of each code, and what `cells` says of its cell, whose number is its row."""
        code = counted["code"].to_numpy()
        filters = (words.gather(self._digit(code, name)) for name, words in self._words.items())
        return counted.select(PARTS).hstack([*filters, *cells[self.cell(counted)]])

    def _digit_of(self, name: str, of: str = "") -> pl.Expr:
        return pl.col(f"{name}_no{of}") * self._digits[name][0]

    def _code(self, names: Sequence[str], of: str = "") -> pl.Expr:
        return pl.sum_horizontal(pl.lit(0, pl.Int64), *(self._digit_of(name, of) for name in names))

    def _digit(self, code: Ints, name: str, unit: int = 1) -> Ints:
        weight, values = self._digits[name]
        return code // (weight * unit) % values

    def _chosen(self, code: Ints, name: str, unit: int = 1) -> NDArray[np.bool]:
        return self._digit(code, name, unit) > 0


class _Cells(NamedTuple):
    """Cells by code, which several may have, and what is told of each (`PARTS`)."""

    code: Ints
    n: Ints
    people: Ints
    key: Ints
    top: Ints
    two: Ints

    @classmethod
    def of(cls, cells: pl.DataFrame) -> Self:
        return cls(*(cells[name].to_numpy() for name in cls._fields))

    def where(self, rows: NDArray[np.bool | np.intp]) -> "_Cells":
        return _Cells(*(part[rows] for part in self))

    def beside(self, others: "_Cells") -> "_Cells":
        return _Cells(*map(np.concatenate, zip(self, others, strict=True)))

    def added(self) -> "_Cells":
        """Cells of one code, who have nobody in common, added up.

        Of the two largest parts both are the largest of theirs, or both lie in one cell.
        """
        # Codes come in runs that ascend, of which a stable sort makes use.
        cells = self.where(np.argsort(self.code, kind="stable"))
        begins = _begins(cells.code)
        first = np.flatnonzero(begins)
        top = np.maximum.reduceat(cells.top, first)
        place = np.cumsum(begins) - 1
        largest = np.flatnonzero(cells.top == top[place])
        others = cells.top.copy()
        others[largest[_begins(place[largest])]] = 0
        of_two = top + np.maximum.reduceat(others, first)
        return _Cells(
            cells.code[first],
            np.add.reduceat(cells.n, first),
            np.add.reduceat(cells.people, first),
            np.add.reduceat(cells.key, first) % KEYS,
            top,
            np.maximum(np.maximum.reduceat(cells.two, first), of_two),
        )


def _begins(ordered: Ints) -> NDArray[np.bool]:
    """Whether a value is the first of those that are like it."""
    return np.diff(ordered, prepend=-1) != 0


def _set_of(name: str) -> int:
    return 2 ** (STAY.index(name) + 1)


def _set(of_filters: Mapping[str, pl.Expr]) -> pl.Expr:
    """Filters for which something holds, as a number: a bit for each, and one that is set."""
    bits = (holds.cast(pl.Int64) * 2**i for i, holds in enumerate(of_filters.values(), 1))
    return pl.sum_horizontal(pl.lit(1, pl.Int64), *bits)
