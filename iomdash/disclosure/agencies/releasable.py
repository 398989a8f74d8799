"""What an audience may see of agencies' counts, as a type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from iomdash.declared.agencies import Measure
from iomdash.declared.agencies.versions import VERSIONS


@dataclass(frozen=True)
class ReleasableAgencies:
    """What an audience may see of agencies' counts.

    cubes: filters, the measure's dimensions, what, n (null where few) and hidden, a Reason's value;
      every group that is shown has every row, so that no missing one tells of nobody
    versions: each measure and group that is told, with the release whose records it counts, and its
      State; of a curve months of nobody have no row, so that it is known from here alone
    """

    cubes: Mapping[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame])
    versions: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=VERSIONS))

    def told(self, measure: Measure) -> pl.DataFrame:
        """The groups of which a measure is told: the filters, release and state."""
        return self.versions.filter(measure=measure.id).drop("measure")
