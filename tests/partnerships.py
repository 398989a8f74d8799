"""Ten partnerships of 30 to 2,000 people, ten releases of each with one person added, moved,
corrected and deleted between: what a reader of either audience could derive about few people.

    python tests/partnerships.py 30 60 260

Each release tells one quarter more. Nothing may be derived; what is, is printed, and ends in 1.
"""

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from datetime import date
from functools import partial
from itertools import pairwise, product
from pathlib import Path

import duckdb
from agency_reader import alone, changed, described, dominated, few, pinned, twice

from iomdash.counting import agencies
from iomdash.counting.agencies import RawAgencies, Wanted
from iomdash.declared import audiences
from iomdash.declared.contracts import odcs
from iomdash.disclosure.policy import for_audience
from iomdash.intake.feeds import FEEDS
from iomdash.publishing.publish import PERIODS, publish
from iomdash.release import shelf
from iomdash.release.reader import Release
from iomdash.settings import VAULT_FILE
from iomdash.study import STUDY_FILES
from iomdash.study import agencies as made_up
from iomdash.vault import current, ledger
from iomdash.vault.ledger import recorded
from iomdash.vault.writer import Vault

SIZES = (30, 45, 60, 90, 120, 180, 260, 500, 1_000, 2_000)
LAST = [date(year, month, 30 if month in (6, 9) else 31) for year, month in product(
    (2024, 2025, 2026), (3, 6, 9, 12)) if (2024, 6) <= (year, month) <= (2026, 9)]  # fmt: skip
COHORTS = ("PPO", "HCCU", "SPOS", "U18")
LOGS = [odcs.load(table).stored for table in odcs.AGENCY_TABLES]


def begun(folder: Path, people: int, feeds: Collection[str] = (*FEEDS,)) -> Path:
    """A vault of the study and of made-up agencies, the last extract of some feeds alone."""
    data = folder / "data"
    with Vault.open(data) as vault:
        for table in ("interviews", "codings"):
            vault.load(table, STUDY_FILES[table])
        for feed, files in made_up.write(folder, people=people, seed=people).items():
            if feed in feeds:
                vault.load(feed, files[-1])
    with duckdb.connect(data / VAULT_FILE) as con:
        for log in LOGS:
            con.execute(f"create table all_{log} as select * from {log}")
    return data


def sent(data: Path, until: date) -> None:
    """All that happened until a day, as extracts of that day."""
    with duckdb.connect(data / VAULT_FILE) as con:
        for log in LOGS:
            con.execute(f"delete from {log}")
            con.execute(
                f"insert into {log} select * replace (? as extracted_on) from all_{log}", [until]
            )


def changes(data: Path, dice: random.Random, number: int) -> None:
    """Somebody added, somebody moved, somebody corrected and somebody deleted."""
    with duckdb.connect(data / VAULT_FILE) as con:
        ids = con.sql("select distinct person_id from all_adoptions_log order by 1").fetchall()
        new, moved, corrected, deleted = dice.sample([one for (one,) in ids], 4)
        for log in LOGS:
            columns = [row[0] for row in con.sql(f"describe all_{log}").fetchall()]
            if "person_id" in columns:
                named = ", ".join(
                    f"{c} || '-{number}'" if c == columns[0] or c == "person_id" else c
                    for c in columns
                )
                con.execute(
                    f"insert into all_{log} select {named} from all_{log} where person_id = ?",
                    [new],
                )
        con.execute(
            "update all_adoptions_log set cohort = ? where person_id = ?",
            [dice.choice(COHORTS), moved],
        )
        con.execute(
            "update all_custody_spells_log set from_on = from_on - 40 where person_id = ?",
            [corrected],
        )
        con.execute("delete from all_adoptions_log where person_id = ?", [deleted])


def raw(data: Path, number: int) -> RawAgencies:
    """What is counted now, as publishing counted it for a release."""
    with ledger.opened(data) as book:
        records = current.records(book.connection)
        agencies.close(records)
        settled = recorded.settled(book.connection, number)
        return agencies.count(records, Wanted(periods=PERIODS, settled=settled))


def derived(releases: Path, audience: str) -> Iterator[object]:
    """What follows about few people from all releases of an audience."""
    rules = for_audience(audience).people
    every = [Release(shelf.path_of(releases, audience, n)) for n in shelf.kept(releases, audience)]
    for older, newer in pairwise(every):
        yield from changed(older, newer)
    newest = every[-1]
    for find in (described, few, alone, twice, partial(pinned, rules=rules)):
        yield from find(newest)


def partnership(folder: Path, people: int) -> list[object]:
    """All that was derived from ten releases; CPU of the first and of the others in the mean."""
    data, dice, spent = begun(folder, people), random.Random(people), list[float]()
    releases, found = data / "releases", list[object]()
    for number, until in enumerate(LAST, 1):
        sent(data, until)
        clock = time.process_time()
        publish(data, releases, anyway=True)
        spent.append(time.process_time() - clock)
        now = raw(data, number)
        for audience in audiences.names():
            newest, *older = (Release(shelf.path_of(releases, audience, n))
                              for n in (number, number - 1) if n)  # fmt: skip
            found += dominated(newest, older[0] if older else None, now.cubes)
        changes(data, dice, number)
    for audience in audiences.names():
        found += [(audience, what) for what in derived(releases, audience)]
    said = f"{people:>5} people: {len(found)} derived; publishing {spent[0]:.1f} CPU s first"
    print(f"{said}, {sum(spent[1:]) / len(spent[1:]):.1f} after, {spent[-1]:.1f} last", flush=True)
    return found


def main(sizes: list[int]) -> int:
    """1 where anything was derived."""
    ended = 0
    for people in sizes or SIZES:
        folder = Path(tempfile.mkdtemp(prefix="partnership-"))
        for what in partnership(folder, people)[:20]:
            print("  ", what)
            ended = 1
        shutil.rmtree(folder)
    return ended


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]]))
