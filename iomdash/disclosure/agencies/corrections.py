"""Whether what has changed since it was told is told anew, or waits: see decision 52.

A group is told anew where the people in it whose records changed are a population of whom it could
be shown. That holds against everything that was ever told of it, so that nobody reads a person off
two releases.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations

import polars as pl

from iomdash.counting.agencies.counted import MOVED
from iomdash.declared.agencies import BY_ID, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.agencies.versions import State, block, quarters
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.groups import Changed, Choices, Key, retold
from iomdash.disclosure.agencies.named import Block, named
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.policy import AgencyRules

# A measure, and a year or a quarter's end of it.
Place = tuple[str, str]


@dataclass(frozen=True)
class Corrections:
    """Of a measure, the groups that are told `anew`; those told before in which changes `wait`; and
    those of periods that are `unfit` to be told, as changes of what was told of the same people
    wait: of a year its quarters are added up, of a quarter nothing is told.

    What waits and what is unfit are all groups of a period alike: some alone would tell whose
    records have changed.
    """

    anew: Set[Key] = field(default_factory=frozenset[Key])
    waits: Set[Key] = field(default_factory=frozenset[Key])
    unfit: Set[Key] = field(default_factory=frozenset[Key])


def asked(versions: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Of which release, measure or population, and quarter it has to be known who was counted, of
    frames of VERSIONS.
    """
    rows = {
        (release, of, quarter)
        for told in versions
        for measure, period, release in told.select("measure", "quarter", "release").unique().rows()
        for of in (measure, BY_ID[measure].of)
        for quarter in quarters(period)
    }
    types = {"release": pl.Int64, "of": pl.String, "quarter": pl.String}
    return pl.DataFrame(sorted(rows), schema=types, orient="row")


class Changes:
    """What has changed of all that releases told, the newest last.

    `moved` are the rows that count otherwise than in what a release told, as MOVED. Of places that
    are `held`, a measure and a block of periods, nothing is told anew.
    """

    def __init__(
        self, moved: pl.DataFrame, every: Sequence[ReleasableAgencies], choices: Choices,
        rules: AgencyRules, held: Set[Place] = frozenset(),
    ) -> None:  # fmt: skip
        self._moved = moved.partition_by("release", "of", as_dict=True)
        self._every, self._choices, self._rules, self._held = every, choices, rules, held

    def of(self, measure: Measure, new: pl.DataFrame) -> Corrections:
        """What is told anew of a measure and what waits, with `new` groups that it may tell."""
        if not self._moved or not self._every or measure.once:
            return Corrections()
        changed = {
            release: [*named(people, open_years=True)]
            for release, quarters in self._told(measure).items()
            for people in [self._people(measure, release, quarters)] if not people.is_empty()
        }  # fmt: skip
        inside = {release: _keys(blocks) for release, blocks in changed.items()}
        newest = self._every[-1].told(measure)
        told = {(*key,): of for *key, of, state in newest.iter_rows() if state != State.ADDED}
        added = {(*key,) for *key, _, state in newest.iter_rows() if state == State.ADDED}
        both = {key for key, release in told.items() if key in inside.get(release, ())}
        # New ones are of people of whom a year, or its quarters, told before.
        fresh = {*new.select(AGENCY_FILTERS).rows()}
        begun = {key for key in fresh | added if any(key in keys for keys in inside.values())}
        free = {
            key for key in both | begun | added if self._place(measure, key) not in self._held
        } - self._dominated(measure, changed)  # fmt: skip
        # What is told of records that have not changed since is what they are now.
        since = [
            Changed(blocks, {key for key, of in told.items() if of != release} - both)
            for release, blocks in changed.items()
        ]
        sizes = self._choices.sizes(measure.of)
        safe = retold(since, sizes, free & (both | begun), self._rules)
        enough = {*sizes.filter(pl.col("size") >= self._rules.smallest_count)
                  .select(AGENCY_FILTERS).rows()}  # fmt: skip
        # Whose quarters are again as they were told.
        safe |= (added - begun) & free & enough
        wait = {self._place(measure, key) for key in both - safe}
        unsure = {key[-1] for key in (begun | added) - safe}
        unfit = {key for key in fresh | added if key[-1] in unsure}
        waits = {key for key in told if self._place(measure, key) in wait}
        return Corrections((both | added) & safe - unfit, waits - safe, unfit)

    @staticmethod
    def _place(measure: Measure, key: Key) -> Place:
        return measure.id, block(measure.of, key[-1])

    def _dominated(self, measure: Measure, releases: Iterable[int]) -> set[Key]:
        """Groups in which two people make more than the policy's share of what has changed of some
        figure since a release: the figure told anew would tell each of them of the other.
        """
        part = pl.when(part="now").then("n").otherwise(-pl.col("n")).alias("n")
        rows = [
            wide
            for release in releases if (key := (release, measure.id)) in self._moved
            for wide in _wide(self._moved[key].with_columns(part))
        ]  # fmt: skip
        if not rows:
            return set()
        by, change = ["release", *AGENCY_FILTERS, "cell"], pl.col("n")
        of_each = pl.concat(rows).group_by(*by, "person").agg(change.sum().abs())
        two, top = change.top_k(2).sum().alias("two"), change.max().alias("top")
        share = pl.col("two") * 100 > change * self._rules.largest_two
        groups = of_each.group_by(by).agg(two, top, change.sum()).filter(share, pl.col("top") > 1)
        return {*groups.select(AGENCY_FILTERS).rows()}

    def _told(self, measure: Measure) -> Mapping[int, Set[str]]:
        """The quarters that are told of the records of each release, in whichever."""
        told: dict[int, set[str]] = {}
        for each in self._every:
            rows = each.told(measure).filter(pl.col("state") != State.ADDED)
            for period, release in rows.select("quarter", "release").unique().iter_rows():
                told.setdefault(release, set()).update(quarters(period))
        return told

    def _people(self, measure: Measure, release: int, of: Set[str]) -> pl.DataFrame:
        """Whoever counts otherwise than was told: of, person and the filters, then and now."""
        parts = [
            rows.filter(pl.col("quarter").is_in([*of]))
            for whose in (measure.id, measure.of)
            for rows in [self._moved.get((release, whose))] if rows is not None
        ]  # fmt: skip
        every = pl.concat([pl.DataFrame(schema=MOVED), *parts], how="vertical_relaxed")
        return every.select(pl.lit(measure.of).alias("of"), "person", *AGENCY_FILTERS).unique()


def _keys(blocks: Sequence[Block]) -> Set[Key]:
    """All groups of some blocks."""
    return {key for _, _, groups in blocks for key in groups.select(AGENCY_FILTERS).rows()}


def _wide(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows as those of every choice of filters, by quarter and by year."""
    for names in (some for n in range(len(STAY) + 1) for some in combinations(STAY, n)):
        every = rows.with_columns(pl.lit(EVERYONE).alias(name) for name in names)
        yield every
        yield every.with_columns(pl.col("quarter").str.head(4))
