"""Who is counted in the figures of a quarter, and as what: kept, so that it is known later whose
records have changed since figures were told.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from iomdash.declared.agencies import Measure
from iomdash.declared.agencies.groups import STAY
from iomdash.vault.engine import Engine

# `of` is a population, of whom a row says who is in it, or a measure; `cell` is what somebody is
# counted as: see `kinds`.
COUNTED: Mapping[str, type[pl.DataType]] = {
    "of": pl.Categorical, "person": pl.Categorical,
    **dict.fromkeys((*STAY, "quarter", "cell"), pl.Categorical), "n": pl.Int64,
}  # fmt: skip
# Of who counts otherwise than in what a release told: as then, or as now.
MOVED: Mapping[str, type[pl.DataType]] = {
    "release": pl.Int64, **dict.fromkeys(("of", "person", *STAY, "quarter", "cell"), pl.String),
    "n": pl.Int64, "part": pl.String,
}  # fmt: skip
_MARK = "\x1f"


def kinds(measure: Measure) -> list[pl.Expr]:
    """Of the column `cell`, what is counted and the values of the dimensions."""
    texts = pl.col("cell").cast(pl.String).str.split(_MARK)
    return [texts.list.get(i).alias(name) for i, name in enumerate(("what", *measure.dimensions))]


def rows(engine: Engine, measures: Sequence[Measure]) -> dict[str, pl.DataFrame]:
    """Of measures that `cubes_of` has just counted together, rows of atom, quarter, person (its
    number), cell and n.

    Reads the tables `tallied` and `named`.
    """
    named = engine.frame("select * from named")
    texts = pl.concat(
        named.filter(measure=number).select(_kind(measure), "quarter", "measure", number="cell")
        for number, measure in enumerate(measures)
    )
    counted = engine.frame("select atom, cell as number, person, n from tallied")
    by = counted.join(texts, on="number").drop("number").partition_by("measure", as_dict=True)
    return {m.id: by[number,] for number, m in enumerate(measures) if (number,) in by}


def _kind(measure: Measure) -> pl.Expr:
    """What is counted, and the values of the dimensions, which are the columns own_0 and on."""
    own = (f"own_{i}" for i in range(len(measure.dimensions)))
    return pl.concat_str("what", *own, separator=_MARK).alias("cell")


def together(
    engine: Engine, members: pl.DataFrame, of_measures: Mapping[str, pl.DataFrame],
    until: Mapping[str, str],
) -> pl.DataFrame:  # fmt: skip
    """One frame of COUNTED: of each population who is in it, and of each measure, in the quarters
    of which all is known, who has what.
    """
    people = engine.frame("select person, pseudonym from people")
    atoms = engine.frame(f"select atom, {', '.join(STAY)} from atoms")

    def parts() -> Iterator[pl.DataFrame]:
        for (of,), part in members.partition_by("of", as_dict=True, include_key=False).items():
            yield part.with_columns(of=pl.lit(str(of)), cell=pl.lit(""), n=pl.lit(1, pl.Int64))
        for name, part in of_measures.items():
            yield part.filter(pl.col("quarter") <= until[name]).with_columns(of=pl.lit(name))

    columns = ("of", "person", "atom", "quarter", "cell", "n")
    every = pl.concat(part.select(columns) for part in parts())
    named = every.join(people, on="person").join(atoms, on="atom")
    return named.select(
        pl.col("pseudonym" if name == "person" else name).cast(type_).alias(name)
        for name, type_ in COUNTED.items()
    )
