"""Groups of people by one number, and their cells added up from those of atoms.

An *atom* is a smallest set of stays that filters can tell apart. Whoever stands in one of a cell is
in every group that holds it. Whoever stands in two is where both have the same value, in groups
that hold both, and in all other groups in either. So people are counted where they stand, once,
and cells are added up from there, a filter at a time.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import polars as pl

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


def number(stays: pl.DataFrame) -> pl.DataFrame:
    """The atoms that stays are of, numbered, and beside each filter the number of its value."""
    atoms = stays.select(STAY).unique().sort(STAY).with_row_index("atom")
    numbers = (pl.col(name).rank("dense").alias(f"{name}_no") for name in STAY)
    return atoms.with_columns(*numbers).with_columns(pl.selectors.integer().cast(pl.Int64))


class Groups:
    """Groups of at most so many filters by one number, their code: a digit for each filter, 0 for
    one that they have not, and the number of a cell before them.

    size: how many codes a cell has
    most: more than anybody has of anything, so that an atom and what they have there are one
      number, of 63 bits; of 1,000 atoms 4.6e15
    of_atoms: the codes of every group that an atom is in, without a cell: atom, code
    standing: the places at which whoever has two atoms of a cell, or the same one twice, is
      counted, and which `part` of theirs: one, other, place, part; an atom's place is its number
    """

    def __init__(self, atoms: pl.DataFrame, filters: int) -> None:
        self._filters = filters
        self._digits: dict[str, tuple[int, int]] = {}
        self._words: dict[str, pl.Series] = {}
        self.size = 1
        self.most = 2**62 // max(atoms.height, 1)
        for name in STAY:
            values = atoms.select(f"{name}_no", name).unique().sort(f"{name}_no")[name]
            self._words[name] = pl.concat([pl.Series(name, [EVERYONE]), values])
            self._digits[name] = self.size, len(values) + 1
            self.size *= len(values) + 1
        every = (some for n in range(filters + 1) for some in combinations(STAY, n))
        self.of_atoms = pl.concat(atoms.select("atom", code=self._code(some)) for some in every)
        self.standing, self._places = self._stood(atoms)

    def _stood(self, atoms: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Where whoever has two atoms stands; and the `spot` of each place: the code of its group,
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
        alone = atoms.select(one="atom", other="atom", place="atom", part=pl.lit(ALL, pl.Int64))
        standing = pl.concat([alone, of_two.join(placed, on="spot").select(alone.columns)])
        atom = atoms.select(place="atom", spot=self._code(STAY) * _SETS)
        return standing, pl.concat([atom, placed.select(atom.columns)])

    def every(self, of_places: pl.DataFrame, of_several: pl.DataFrame) -> pl.DataFrame:
        """The cells of every group, by code: those of places added up, and those of whoever stands
        in more than two atoms.
        """
        spot = pl.col("cell") * (self.size * _SETS) + pl.col("spot")
        cells = of_places.join(self._places, on="place").select(*PARTS, code=spot)
        for name in sorted(STAY, key=lambda name: -self._digits[name][1]):
            cells = self._dropped(cells, name)
        cells = cells.with_columns(pl.col("code") // _SETS)
        few = pl.sum_horizontal(self._digit(name) > 0 for name in STAY) <= self._filters
        both = pl.concat([cells, of_several.select(cells.columns)])
        return _added(both.lazy().filter(few), pl.col("code")).collect()

    def _dropped(self, cells: pl.DataFrame, name: str) -> pl.DataFrame:
        """Cells, and those with one filter dropped, without those that hold both atoms of somebody.

        A cell that keeps a filter of which both have other values never does, whatever else is
        dropped, so what they share no longer matters.
        """
        digit, shared = self._digit(name, _SETS), pl.col("code") % _SETS
        chosen = _set({each: self._digit(each, _SETS) > 0 for each in STAY})
        without = pl.col("code") - digit * (self._digits[name][0] * _SETS)
        more = _added(cells.lazy().filter(digit > 0), without).filter(chosen & shared != chosen)
        apart = (digit > 0) & (shared & _set_of(name) == 0)
        kept = cells.with_columns(code=pl.col("code") - pl.when(apart).then(shared).otherwise(0))
        return pl.concat([kept, more.select(kept.columns).collect()])

    def cell(self, counted: pl.DataFrame) -> pl.Series:
        """The number of the cell of each code."""
        return counted["code"] // self.size

    def named(self, counted: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
        """The filters of each code, and what `cells` says of its cell, whose number is its row."""
        filters = (
            words.gather(counted.select(self._digit(name)).to_series())
            for name, words in self._words.items()
        )
        return counted.select(PARTS).hstack([*filters, *cells[self.cell(counted)]])

    def _digit_of(self, name: str, of: str = "") -> pl.Expr:
        return pl.col(f"{name}_no{of}") * self._digits[name][0]

    def _code(self, names: Sequence[str], of: str = "") -> pl.Expr:
        return pl.sum_horizontal(pl.lit(0, pl.Int64), *(self._digit_of(name, of) for name in names))

    def _digit(self, name: str, unit: int = 1) -> pl.Expr:
        weight, values = self._digits[name]
        return pl.col("code") // (weight * unit) % values


def _set_of(name: str) -> int:
    return 2 ** (STAY.index(name) + 1)


def _set(of_filters: Mapping[str, pl.Expr]) -> pl.Expr:
    """Filters for which something holds, as a number: a bit for each, and one that is set."""
    bits = (holds.cast(pl.Int64) * 2**i for i, holds in enumerate(of_filters.values(), 1))
    return pl.sum_horizontal(pl.lit(1, pl.Int64), *bits)


def _added(cells: pl.LazyFrame, code: pl.Expr) -> pl.LazyFrame:
    """Cells of one code, who have nobody in common, added up.

    Of the two largest parts both are the largest of theirs, or both lie in one cell.
    """
    cells = cells.with_columns(code=code).sort("top", descending=True)
    second = pl.when(pl.col("code").is_first_distinct()).then(0).otherwise(pl.col("top"))
    return (
        cells.with_columns(second=second)
        .group_by("code")
        .agg(
            pl.col("n").sum(),
            pl.col("people").sum(),
            pl.col("key").sum() % KEYS,
            pl.col("top").max(),
            two=pl.max_horizontal(
                pl.col("two").max(), pl.col("top").max() + pl.col("second").max()
            ),
        )
    )
