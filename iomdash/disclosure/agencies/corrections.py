"""Whether what has changed since it was told is told anew, or waits: see decision 52.

A group is told anew where the people in it whose records changed are a population of whom it could
be shown. That holds against everything that was ever told of it, so that nobody reads a person off
two releases.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import polars as pl

from iomdash.declared.agencies import BY_ID, Measure
from iomdash.declared.agencies.groups import AGENCY_FILTERS, STAY
from iomdash.declared.agencies.versions import State, block, quarters
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies.groups import Block, Changed, Choices, Key, retold
from iomdash.disclosure.agencies.named import BLOCK_OF, named
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
    return _told(versions).select("release", "of", "quarter").unique().sort(pl.all())


def _told(versions: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Of each measure and release, of whom and of which quarters something is told: measure,
    population, of (either of the two), quarter, release.
    """
    rows = {
        (measure, population, of, quarter, release)
        for told in versions
        for measure, period, release in told.select("measure", "quarter", "release").unique().rows()
        for population in [BY_ID[measure].of]
        for of in (measure, population)
        for quarter in quarters(period)
    }
    names = ("measure", "population", "of", "quarter")
    types = {**dict.fromkeys(names, pl.String), "release": pl.Int64}
    return pl.DataFrame([*rows], schema=types, orient="row")


class Changes:
    """What has changed of all that releases told, the newest last.

    `moved` are the rows that count otherwise than in what a release told, as MOVED. Of places that
    are `held`, a measure and a block of periods, nothing is told anew.
    """

    def __init__(
        self, moved: pl.DataFrame, every: Sequence[ReleasableAgencies], choices: Choices,
        rules: AgencyRules, held: Set[Place] = frozenset(),
    ) -> None:  # fmt: skip
        self._moved, self._every = moved, every
        self._choices, self._rules, self._held = choices, rules, held
        self._made: dict[object, Set[Key]] = {}

    def of(self, measure: Measure, new: pl.DataFrame) -> Corrections:
        """What is told anew of a measure and what waits, with `new` groups that it may tell."""
        if self._moved.is_empty() or not self._every or measure.once:
            return Corrections()
        changed = self._changed.get(measure.id, {})
        inside = {release: {key for block in blocks.values() for key in block.named}
                  for release, blocks in changed.items()}  # fmt: skip
        newest = self._every[-1].told(measure)
        told = {(*key,): of for *key, of, state in newest.iter_rows() if state != State.ADDED}
        added = {(*key,) for *key, _, state in newest.iter_rows() if state == State.ADDED}
        both = {key for key, release in told.items() if key in inside.get(release, ())}
        # New ones are of people of whom a year, or its quarters, told before.
        fresh = {*new.select(AGENCY_FILTERS).rows()}
        begun = {key for key in fresh | added if any(key in keys for keys in inside.values())}
        free = {
            key for key in both | begun | added if self._place(measure, key) not in self._held
        } - self._dominated.get(measure.id, set())  # fmt: skip
        # What is told of records that have not changed since is what they are now.
        known = {
            release: {key for key, of in told.items() if of != release} - both
            for release in changed
        }  # fmt: skip
        sizes = self._choices.sizes(measure.of)
        safe = self._safe(changed, known, free & (both | begun))
        enough = {*sizes.filter(pl.col("size") >= self._rules.smallest_count)
                  .select(AGENCY_FILTERS).rows()}  # fmt: skip
        # Whose quarters are again as they were told.
        safe |= (added - begun) & free & enough
        wait = {self._place(measure, key) for key in both - safe}
        unsure = {key[-1] for key in (begun | added) - safe}
        unfit = {key for key in fresh | added if key[-1] in unsure}
        waits = {key for key in told if self._place(measure, key) in wait}
        return Corrections((both | added) & safe - unfit, waits - safe, unfit)

    def _safe(
        self, changed: Mapping[int, Mapping[str, Block]], known: Mapping[int, Set[Key]],
        asked: Set[Key],
    ) -> set[Key]:  # fmt: skip
        """As `retold`, block by block; once for measures of which the same people have changed."""
        safe = set[Key]()
        for place in {block_ for blocks in changed.values() for block_ in blocks}:
            since = [Changed(blocks[place], blocks[place].named.keys() & known[release])
                     for release, blocks in changed.items() if place in blocks]  # fmt: skip
            keys = {key for groups, _ in since for key in groups.named}
            wanted = keys & asked
            same = (*((id(groups), frozenset(told)) for groups, told in since), frozenset(wanted))
            if same not in self._made:
                self._made[same] = retold(since, wanted, self._rules)
            safe |= self._made[same]
        return safe

    @staticmethod
    def _place(measure: Measure, key: Key) -> Place:
        return measure.id, block(measure.of, key[-1])

    @cached_property
    def _changed(self) -> Mapping[str, Mapping[int, Mapping[str, Block]]]:
        """By measure, by the release that told something, and by block, the groups of whoever
        counts otherwise than was told, then or now: the filters, cells, and people, how many have
        changed or are in it now, whichever are fewer.
        """
        told = _told(each.versions.filter(pl.col("state") != State.ADDED) for each in self._every)
        people = self._moved.join(told, on=["release", "of", "quarter"]).select(
            "release", "measure", "person", *AGENCY_FILTERS, of="population"
        )
        whose = _sets(people.unique())
        # Of measures and releases of which the same people have changed, one is worked out.
        of_one = whose.unique("same").drop("measure", "release")
        groups = named(of_one.explode("who").unnest("who"), ("same",), open_years=True)
        now = self._choices.groups.select("of", *AGENCY_FILTERS, size="people")
        few = groups.join(now, on=["of", *AGENCY_FILTERS], how="left").with_columns(
            people=pl.min_horizontal("people", "size")
        )
        parts = few.partition_by("same", as_dict=True)
        blocks = {same: Block(part, self._rules) for (same,), part in parts.items()}
        changed: dict[str, dict[int, dict[str, Block]]] = {}
        for measure, release, place, same in whose.select(
            "measure", "release", "block", "same"
        ).iter_rows():
            changed.setdefault(measure, {}).setdefault(release, {})[place] = blocks[same]
        return changed

    @cached_property
    def _dominated(self) -> Mapping[str, Set[Key]]:
        """By measure the groups in which two people make more than the policy's share of what has
        changed of some figure since a release: the figure told anew would tell each of them of the
        other.
        """
        part = pl.when(part="now").then("n").otherwise(-pl.col("n")).alias("n")
        by, change = ["release", "of", *AGENCY_FILTERS, "cell"], pl.col("n")
        every = pl.concat(_wide(self._moved.filter(pl.col("cell") != "").with_columns(part)))
        of_each = every.group_by(*by, "person").agg(change.sum().abs())
        two, top = change.top_k(2).sum().alias("two"), change.max().alias("top")
        share = pl.col("two") * 100 > change * self._rules.largest_two
        groups = of_each.group_by(by).agg(two, top, change.sum()).filter(share, pl.col("top") > 1)
        found = groups.select("of", *AGENCY_FILTERS).unique().partition_by("of", as_dict=True)
        return {str(of): {*keys.select(AGENCY_FILTERS).iter_rows()}
                for (of,), keys in found.items()}  # fmt: skip


def _sets(people: pl.DataFrame) -> pl.DataFrame:
    """By measure, release, of and block: `who`, and a number that is the `same` where they are."""
    row = ["person", *AGENCY_FILTERS]
    who = (
        people.with_columns(block=BLOCK_OF)
        .sort(row)
        .group_by("measure", "release", "of", "block")
        .agg(who=pl.struct(row), named=pl.concat_str(row, separator=" | ").str.join("\n"))
    )
    same = who.select("of", "block", "named").unique().with_row_index("same")
    return who.join(same, on=["of", "block", "named"]).drop("named")


def _wide(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows as those of every choice of filters, by quarter and by year."""
    for names in (some for n in range(len(STAY) + 1) for some in combinations(STAY, n)):
        every = rows.with_columns(pl.lit(EVERYONE).alias(name) for name in names)
        yield every
        yield every.with_columns(pl.col("quarter").str.head(4))
