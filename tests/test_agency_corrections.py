"""What has changed since agencies' figures were told is told anew where it concerns enough people,
and waits where it does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from random import Random

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_agencies import Somebody, counted, many, quarters

from iomdash.counting.agencies import RawAgencies
from iomdash.counting.agencies.counted import COUNTED, MOVED
from iomdash.declared.agencies import BY_ID, MEASURES
from iomdash.declared.agencies.groups import AGENCY_FILTERS, is_quarter
from iomdash.declared.groups import EVERYONE
from iomdash.disclosure.agencies import checked, corrections
from iomdash.disclosure.agencies.checked import settled
from iomdash.disclosure.agencies.protect import protect_agencies
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.attacker.agencies import attack
from iomdash.disclosure.attacker.told import tables
from iomdash.disclosure.policy import AgencyRules
from iomdash.errors import Revealing
from iomdash.release.reader import Release
from iomdash.vault.ledger import FOLDER, recorded

YEAR = quarters((2030,))
QUARTER = YEAR[0]
RULES = AgencyRules()
ALL = (EVERYONE,) * 4
STAY = ("PPO", "NPS", "statutory", "tipton")
Row = tuple[object, ...]


def rows(frame: pl.DataFrame) -> set[Row]:
    """Rows of COUNTED, in plain Python."""
    return set(frame.select(pl.exclude("n").cast(pl.String), pl.col("n")).rows())


def moved(then: Mapping[int, pl.DataFrame], now: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """What the ledger says, worked out from sets."""
    found: list[Row] = []
    for release, of, quarter in asked.rows():
        was, is_ = (
            {row for row in rows(frame) if (row[0], row[6]) == (of, quarter)}
            for frame in (then[release], now)
        )
        found += [(release, *row[:7], row[7], row[8], "then") for row in was - is_]
        found += [(release, *row[:7], row[7], row[8], "now") for row in is_ - was]
    return pl.DataFrame(found, schema=dict(MOVED), orient="row")


class Series:
    """Releases of one audience, each of the people that there are then."""

    def __init__(self, rules: AgencyRules = RULES) -> None:
        self.rules = rules
        self.told: list[ReleasableAgencies] = []
        self.then: dict[int, pl.DataFrame] = {}
        self.raw: RawAgencies | None = None

    def tell(self, people: Sequence[Somebody], until: str) -> ReleasableAgencies:
        raw = counted(people, until)
        asked = corrections.asked(told.versions for told in self.told)
        self.raw = replace(raw, moved=moved(self.then, raw.counted, asked))
        number = len(self.told) + 1
        then = {number: tables(told) for number, told in enumerate(self.told, 1)}
        safe, _ = settled(self.raw, self.rules, self.told, then, number)
        self.told.append(safe)
        self.then[number] = raw.counted
        return self.told[-1]

    def falls(self) -> list[str]:
        """What the attacker makes of the newest, with all earlier ones."""
        assert self.raw is not None
        before = {number: tables(told) for number, told in enumerate(self.told[:-1], 1)}
        now = tables(self.told[-1])
        return [fall.words for fall in attack(now, before, self.raw, self.rules).falls]


def lived(
    number: int, kind: str, stay: tuple[str, ...] = STAY, over: Sequence[str] = (QUARTER,)
) -> Somebody:
    does = {(quarter, "housing", kind): 1 for quarter in over}
    does |= {(quarter, "in_custody", "at_large"): 1 for quarter in over}
    does |= {(quarter, "breaches_and_recalls", kind): 1 for quarter in over if kind == "breach"}
    return Somebody(number, stay, (number * 37) % 256, does)  # pyright: ignore[reportArgumentType]


def of(told: ReleasableAgencies, measure: str, group: tuple[str, ...]) -> tuple[int, str]:
    """Of which release the records of a group are, and its state."""
    (row,) = _in(told.told(BY_ID[measure]), group).select("release", "state").rows()
    return row


def _in(rows: pl.DataFrame, group: tuple[str, ...]) -> pl.DataFrame:
    chosen = dict(zip(AGENCY_FILTERS, group, strict=True))
    return rows.filter(**chosen)


def figures(told: ReleasableAgencies, measure: str, group: tuple[str, ...]) -> Mapping[str, object]:
    return dict(_in(told.cubes[measure], group).select("what", "n").iter_rows())


@pytest.mark.parametrize(
    ("changed", "version"),
    [(0, (1, "told")), (1, (1, "waits")), (4, (1, "waits")), (5, (2, "anew")), (20, (2, "anew"))],
)
def test_a_change_is_told_anew_from_five_people_on_and_waits_before(
    changed: int, version: tuple[int, str]
) -> None:
    series = Series()
    series.tell([lived(n, "supported") for n in range(20)], QUARTER)
    now = [lived(n, "temporary" if n < changed else "supported") for n in range(20)]
    told = series.tell(now, QUARTER)
    assert of(told, "housing", (*ALL, QUARTER)) == version
    assert of(told, "in_custody", (*ALL, QUARTER)) == (1, "told")
    anew = figures(protect_agencies(counted(now, QUARTER), RULES), "housing", (*ALL, QUARTER))
    before = figures(series.told[0], "housing", (*ALL, QUARTER))
    assert figures(told, "housing", (*ALL, QUARTER)) == (anew if version[0] == 2 else before)
    assert series.falls() == []


@pytest.mark.parametrize(
    ("other", "whole", "cohort"),
    [(2, (2, "anew"), (1, "waits")), (5, (2, "anew"), (2, "anew")), (0, (2, "anew"), (2, "anew"))],
)
def test_where_few_others_changed_the_whole_is_told_anew_and_not_the_part_beside_them(
    other: int, whole: tuple[int, str], cohort: tuple[int, str]
) -> None:
    stays = [STAY] * 20 + [("HCCU", *STAY[1:])] * 20
    series = Series()
    series.tell([lived(n, "supported", stay) for n, stay in enumerate(stays)], QUARTER)
    mended = {*range(10), *range(20, 20 + other)}
    told = series.tell(
        [lived(n, "temporary" if n in mended else "supported", stay)
         for n, stay in enumerate(stays)], QUARTER,
    )  # fmt: skip
    assert of(told, "housing", (*ALL, QUARTER)) == whole
    assert of(told, "housing", ("PPO", *ALL[1:], QUARTER)) == cohort
    assert series.falls() == []


@pytest.mark.parametrize(("most", "version"), [(2, (2, "anew")), (40, (1, "waits"))])
def test_a_sum_of_which_one_person_changed_nearly_all_is_not_told_anew(
    most: int, version: tuple[int, str]
) -> None:
    series, breach = Series(), (QUARTER, "breaches_and_recalls", "breach")
    people = [lived(n, "breach") for n in range(20)]
    series.tell(people, QUARTER)
    now = [
        replace(p, does={**p.does, breach: 1 + most if p.number == 0 else 2})
        if p.number < 6 else p for p in people
    ]  # fmt: skip
    told = series.tell(now, QUARTER)
    assert of(told, "breaches_and_recalls", (*ALL, QUARTER)) == version


def test_who_has_left_or_come_counts_as_changed() -> None:
    series = Series()
    series.tell([lived(n, "supported") for n in range(20)], QUARTER)
    told = series.tell([lived(n, "supported") for n in range(1, 20)], QUARTER)
    assert of(told, "in_custody", (*ALL, QUARTER)) == (1, "waits")
    told = series.tell([lived(n, "supported") for n in range(3, 23)], QUARTER)
    assert of(told, "in_custody", (*ALL, QUARTER)) == (3, "anew")
    assert series.falls() == []


def test_what_is_of_few_now_is_not_told_anew_however_many_have_left() -> None:
    series = Series()
    series.tell([lived(n, "supported") for n in range(20)], QUARTER)
    told = series.tell([lived(n, "supported") for n in range(4)], QUARTER)
    assert of(told, "in_custody", (*ALL, QUARTER)) == (1, "waits")


def test_a_change_is_held_against_every_release_and_not_the_last_alone() -> None:
    people = [lived(n, "supported") for n in range(20)]
    five = [lived(n, "temporary") if n < 5 else p for n, p in enumerate(people)]
    one = [lived(n, "temporary") if n == 7 else p for n, p in enumerate(people)]
    series = Series()
    series.tell(people, QUARTER)
    assert of(series.tell(five, QUARTER), "housing", (*ALL, QUARTER)) == (2, "anew")
    # Six people since the second release, and one since the first.
    assert of(series.tell(one, QUARTER), "housing", (*ALL, QUARTER)) == (2, "waits")
    assert series.falls() == []


@pytest.mark.parametrize(("changed", "state"), [(0, "told"), (3, "added"), (6, "told")])
def test_a_year_of_which_changes_wait_is_its_quarters_as_they_were_told(
    changed: int, state: str
) -> None:
    people = [lived(n, "breach", over=YEAR) for n in range(20)]
    series = Series()
    series.tell(people, YEAR[2])
    told = series.tell(recalled(people, changed), YEAR[3])
    assert of(told, "breaches_and_recalls", (*ALL, "2030")) == (2, state)
    of_quarters = [figures(told, "breaches_and_recalls", (*ALL, q))["breach"] for q in YEAR]
    year = figures(told, "breaches_and_recalls", (*ALL, "2030"))["breach"]
    assert (year == sum(n or 2 for n in of_quarters)) or state == "told"  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert series.falls() == []


@pytest.mark.parametrize(
    ("changed", "of_quarter", "of_year"),
    [(3, (1, "waits"), (2, "added")), (6, (3, "anew"), (3, "anew")), (0, (1, "told"), (3, "anew"))],
)
def test_a_year_that_is_added_up_is_told_of_records_once_its_quarters_are(
    changed: int, of_quarter: tuple[int, str], of_year: tuple[int, str]
) -> None:
    people = [lived(n, "breach", over=YEAR) for n in range(20)]
    series = Series()
    series.tell(people, YEAR[2])
    series.tell(recalled(people, 3), YEAR[3])
    told = series.tell(recalled(people, changed), YEAR[3])
    assert of(told, "breaches_and_recalls", (*ALL, YEAR[0])) == of_quarter
    assert of(told, "breaches_and_recalls", (*ALL, "2030")) == of_year
    assert series.falls() == []


@pytest.mark.parametrize(
    ("changed", "of_quarter", "of_year"),
    [(4, (1, "waits"), (2, "added")), (6, (3, "anew"), (3, "added"))],
)
def test_a_year_that_is_added_up_is_of_the_release_that_told_its_quarters(
    changed: int, of_quarter: tuple[int, str], of_year: tuple[int, str]
) -> None:
    others = [lived(100 + n, "breach", ("HCCU", *STAY[1:]), YEAR) for n in range(20)]
    people = [lived(n, "breach", over=YEAR) for n in range(20)]
    series = Series()
    series.tell([*people, *others], YEAR[2])
    # Of the others so few that the year waits, and of all so few in the first and third quarter.
    others, people = recalled(others, 102), recalled(recalled(people, 2), 3, YEAR[2])
    series.tell([*recalled(people, 4, YEAR[1]), *others], YEAR[3])
    told = series.tell([*recalled(people, changed, YEAR[1]), *others], YEAR[3])
    assert of(told, "breaches_and_recalls", (*ALL, YEAR[1])) == of_quarter
    assert of(told, "breaches_and_recalls", (*ALL, "2030")) == of_year
    assert series.falls() == []


def recalled(
    people: Sequence[Somebody], few: int, quarter: str = YEAR[0]
) -> list[Somebody]:  # fmt: skip
    """The same people, some of whom were recalled in a quarter."""
    recall = (quarter, "breaches_and_recalls", "recall")
    return [replace(p, does={**p.does, recall: 1}) if p.number < few else p for p in people]


def test_a_year_that_does_not_come_to_its_quarters_is_found() -> None:
    people = [lived(n, "breach", over=YEAR) for n in range(20)]
    series = Series()
    series.tell(people, YEAR[2])
    told = series.tell(recalled(people, 3), YEAR[3])
    cube = told.cubes["breaches_and_recalls"]
    more = pl.when(pl.col("quarter") == "2030").then(pl.col("n") + 1).otherwise("n")
    series.told[-1] = replace(
        told, cubes={**told.cubes, "breaches_and_recalls": cube.with_columns(n=more)}
    )
    assert any("not what its quarters come to" in words for words in series.falls())


def again(people: Sequence[Somebody], dice: Random, share: float) -> list[Somebody]:
    """The same people, of whom some did something else, and some are elsewhere."""
    fresh = {p.number: p for p in many(len(people), dice.randrange(1000), YEAR)}
    return [
        replace(p, does=fresh[p.number].does) if p.number in fresh and dice.random() < share
        else replace(p, stay=("SPOS", *p.stay[1:])) if dice.random() < share / 10
        else p
        for p in people if dice.random() > share / 20
    ]  # fmt: skip


@cache
def four(seed: int) -> Series:
    """Four releases, with few or many changes between."""
    dice, series = Random(seed), Series(AgencyRules(filters_at_once=2))
    people = many(100, seed, YEAR)
    for until in YEAR:
        series.tell(people, until)
        people = again(people, dice, dice.choice((0.02, 0.5, 0.9)))
    return series


@pytest.mark.parametrize("seed", range(3))
def test_the_attacker_makes_nothing_of_what_is_told_anew(seed: int) -> None:
    series = four(seed)
    assert series.falls() == []


def test_a_quarter_that_has_enough_people_by_a_correction_waits_as_its_year_does() -> None:
    """With the year, which told of 4 in it, it would tell of who came."""
    people = [lived(n, "breach", over=YEAR if n < 4 else YEAR[1:]) for n in range(20)]
    series = Series()
    series.tell(people, YEAR[3])
    people[9] = lived(9, "breach", over=YEAR)
    told = series.tell(people, YEAR[3])
    assert figures(told, "breaches_and_recalls", (*ALL, YEAR[0])) == {}
    assert of(told, "breaches_and_recalls", (*ALL, "2030")) == (1, "waits")
    assert series.falls() == []
    enough = [lived(n, "breach", over=YEAR) for n in range(20)]
    told = series.tell(enough, YEAR[3])
    assert of(told, "breaches_and_recalls", (*ALL, YEAR[0])) == (3, "told")


@pytest.mark.parametrize("seed", range(3))
def test_that_records_have_changed_is_said_of_all_groups_alike(seed: int) -> None:
    """By groups it would tell in whose cell they are."""
    for told in four(seed).told:
        said = told.versions.filter(pl.col("state") != "anew")
        states = said.group_by("measure", "quarter").agg(pl.col("state").n_unique())
        assert states["state"].max() == 1


def test_a_release_that_says_it_of_some_groups_is_found() -> None:
    series = Series()
    told = series.tell([lived(n, "supported") for n in range(20)], QUARTER)
    of_all = (pl.col("cohort") == EVERYONE) & (pl.col("provider") == EVERYONE)
    state = pl.when(of_all).then(pl.lit("waits")).otherwise("state")
    series.told[-1] = replace(told, versions=told.versions.with_columns(state=state))
    assert any("it says of some groups that they wait" in words for words in series.falls())


def test_something_is_told_anew_and_something_waits_in_what_is_tried() -> None:
    versions = pl.concat(four(seed).told[-1].versions for seed in range(3))
    assert {"told", "anew", "waits", "added"} == {*versions["state"]}
    assert versions.filter(pl.col("release") > 1, pl.col("quarter") == QUARTER).height > 5


def test_the_attacker_finds_what_is_told_anew_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(_: object, asked: set[Row], __: object) -> set[Row]:
        return set(asked)

    monkeypatch.setattr(corrections, "retold", everything)
    monkeypatch.setattr(checked, "TRIES", 1)
    with pytest.raises(Revealing, match="few have changed"):
        four.__wrapped__(0)


def test_a_measure_that_only_the_extract_counts_is_declared_so(coordinator: Release) -> None:
    once = {
        measure.id for measure in MEASURES
        for told in [coordinator.rows(f"select distinct quarter as q from recorded_{measure.id}")]
        if len([row for row in told if is_quarter(row["q"])]) == 1
    }  # fmt: skip
    assert once == {measure.id for measure in MEASURES if measure.once}


STATES = st.lists(
    st.frozensets(
        st.tuples(
            st.sampled_from(("in", "housing")), st.sampled_from("ab"), st.sampled_from(YEAR[:2]),
            st.integers(1, 2),
        ),
        max_size=8,
    ),
    min_size=2, max_size=4,
)  # fmt: skip


def frame(state: frozenset[tuple[str, str, str, int]]) -> pl.DataFrame:
    whole = [(of, person, *STAY, quarter, "", n) for of, person, quarter, n in state]
    return pl.DataFrame(whole, schema=dict(COUNTED), orient="row")


@pytest.fixture(scope="module")
def ledger() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("attach ':memory:' as ledger")
    con.execute((FOLDER / "tables.sql").read_text("utf-8"))
    return con


@settings(max_examples=40)
@given(STATES)
def test_the_ledger_knows_who_counted_at_each_release_and_who_counts_otherwise(
    ledger: duckdb.DuckDBPyConnection, states: list[frozenset[tuple[str, str, str, int]]]
) -> None:
    ledger.execute("delete from ledger.recorded")
    frames = {number: frame(state) for number, state in enumerate(states, 1)}
    for number, each in frames.items():
        recorded.record(ledger, each, number)
        recorded.record(ledger, each, number)  # published again, as the attack refused it
    for number, each in frames.items():
        assert rows(recorded.at(ledger, number)) == rows(each)
    asked = pl.DataFrame(
        [(number, of, q) for number in frames for of in ("in", "housing") for q in YEAR[:2]],
        schema={"release": pl.Int64, "of": pl.String, "quarter": pl.String}, orient="row",
    )  # fmt: skip
    now = frames[len(frames)]
    found = recorded.moved(ledger, now, asked)
    assert {*found.cast(pl.String).rows()} == {*moved(frames, now, asked).cast(pl.String).rows()}
