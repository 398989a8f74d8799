"""Vault to release: count, protect, judge, write one immutable file for each audience, attack it.

A release whose attack brings anything to light is not published.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb
import polars as pl

from iomdash import settings
from iomdash.counting import agencies, interviews
from iomdash.counting.agencies import RawAgencies
from iomdash.counting.interviews import RawCounts
from iomdash.declared import audiences
from iomdash.disclosure import history, read_back
from iomdash.disclosure.agencies import corrections
from iomdash.disclosure.agencies.checked import checked
from iomdash.disclosure.attacker.agencies import attack
from iomdash.disclosure.attacker.attack import learn
from iomdash.disclosure.attacker.audit import Report, audit
from iomdash.disclosure.attacker.told import of_release, read
from iomdash.disclosure.history import Before
from iomdash.disclosure.interviews.protect import Earlier
from iomdash.disclosure.policy import for_audience
from iomdash.errors import EnvironmentFault, Revealing, Uncoded
from iomdash.publishing import files
from iomdash.publishing.beside import beside
from iomdash.publishing.contents import Interviews, Policies, of_interviews, strictest, tables
from iomdash.publishing.files import Vault
from iomdash.publishing.published import Published, says_the_same
from iomdash.release import shelf
from iomdash.release.file import FORMAT
from iomdash.release.reader import Release
from iomdash.vault import current, kept, ledger, reader
from iomdash.vault.engine import Engine
from iomdash.vault.ledger import Ledger, Plan, recorded
from iomdash.vault.lock import signed_in

PERIODS = ("quarter", "year")
# Interviews that cost as much to protect as a process to begin.
MANY = 100

Step = Callable[[str], None]
Counter = Callable[[duckdb.DuckDBPyConnection], AbstractContextManager[Engine]]


def publish(
    data_dir: Path, releases: Path, *, step: Step = lambda _: None, anyway: bool = False,
    without_uncoded: bool = False, user: str | None = None, engine: str | None = None,
) -> Published:  # fmt: skip
    """Build the next release beside the others and swap the pointer to it.

    Where it would say what the present one says, none is made, unless `anyway`; the ledger stays
    as it was. Readers of an older release keep it: files are never changed and numbers never used
    again. `engine`, one of `settings.ENGINES`, counts agencies' records; by default the one that is
    set. Raises EnvironmentFault when the vault holds no interview or the folder cannot be
    written, Uncoded where interviews have no coding (unless `without_uncoded`, as they are counted
    nowhere), Revealing when the attacker finds something in the release.
    """
    by = partial(current.counted_by, engine or settings.engine(), folder=data_dir)
    with ledger.opened(data_dir) as book:
        if (names := ledger.uncoded(book.connection)) and not without_uncoded:
            raise Uncoded(names)
        try:
            said = files.of_vault(book.connection, settings.state_dir(data_dir))
            done = _published(book, releases, step, by, said, anyway, user or signed_in())
        except OSError as error:
            raise EnvironmentFault(
                f"The release could not be written to {releases}: {error.strerror}. "
                "Make room or mend the folder's rights, then publish again."
            ) from error
        kept.owe(data_dir, book.settled(done.number) if done.made else ())
    return replace(done, settled=kept.settle(data_dir))


def attack_again(
    data_dir: Path, releases: Path, audience: str, number: int | None = None,
    *, step: Step = lambda _: None,
) -> Report:  # fmt: skip
    """Attack a published release, the newest by default even where the pointer was put back, with
    all earlier ones still kept.

    Raises EnvironmentFault where there is no such release.
    """
    step(audience)
    number = number or max(shelf.kept(releases, audience), default=None)
    newest = Release(shelf.path_of(releases, audience, number))
    kept = [n for n in shelf.kept(releases, audience) if n < newest.number]
    every = [*(Release(shelf.path_of(releases, audience, n)) for n in kept), newest]
    with ledger.opened(data_dir) as book:
        book.require([release.number for release in every])
        policy = for_audience(audience)
        counted = _as_counted(book, every)
        attacked = attack(of_release(newest), read(every[:-1]), counted, policy.people)
        return replace(audit(book, audience, every, policy), agencies=attacked)


def _as_counted(book: Ledger, every: Sequence[Release]) -> RawAgencies:
    """What the newest of some releases counted: who it was, and who it was before."""
    records = current.records(book.connection)
    agencies.close(records)
    number = every[-1].number
    settled = recorded.settled(book.connection, number)
    now = agencies.count(records, agencies.Wanted(periods=("quarter",), settled=settled))
    counted = recorded.at(book.connection, number)
    people = counted.filter(pl.col("of").is_in(now.people["of"].unique().implode()))
    return replace(now, people=people, counted=counted, moved=_moved(book, counted, every[:-1]))


def _moved(book: Ledger, counted: pl.DataFrame, before: Sequence[Release]) -> pl.DataFrame:
    """Whoever is counted otherwise than in what some releases told."""
    told = corrections.asked(history.versions(release) for release in before)
    return recorded.moved(book.connection, counted, told)


def _published(
    book: Ledger, releases: Path, step: Step, by: Counter, said: Vault, anyway: bool, user: str
) -> Published:  # fmt: skip
    policies = {audience: for_audience(audience) for audience in audiences.names()}
    step("count")
    known = _known(book, releases)
    plan = book.plan(history.groups(known), strictest(policies).smallest)
    # What a retired release said, compared with this one, would tell of who withdrew.
    before = history.kept(known, plan)
    earlier = {audience: history.known(plan, before[audience]) for audience in policies}
    asked = _asked(plan)
    with _interviews(asked, policies, earlier) as interviews:
        raw = _recorded_by_agencies(book, by, known, policies)
        step("protect")
        # With all that was told, a release that is to go among it.
        number = max(shelf.numbers(releases), default=0) + 1
        held = {
            audience: checked(raw, policy.people, known[audience], number)
            for audience, policy in policies.items()
        }
        step("judge")
        answers = interviews()
        learn(answers.attacks)
    shown = {audience: told for audience, (told, _) in held.items()}
    every = tables(answers, shown, plan.records, raw.dates, policies)
    step("write")
    with files.building(releases) as building:
        rows = files.fill(building, number, policies, every, before, said)
        present = shelf.latest(releases)
        free = not anyway and not plan.retire
        if present and free and says_the_same(building, releases, present):
            folder, new = shelf.folder(releases, present), book.differing(present)
            return Published(present, folder, rows, plan.waiting, (), (), made=False, new=new)
        book.record(plan, number, user)
        recorded.record(book.connection, raw.counted, number)
        step("attack")
        reports = tuple(
            replace(report, agencies=held[report.audience][1])
            for report in _attacked(book, building, before, policies)
        )
        folder = files.named(building, releases, number, reports)
    shelf.point(releases, number)
    for old in plan.retire:
        shelf.retire(releases, old)
    return Published(number, folder, rows, plan.waiting, plan.retire, reports)


def _known(book: Ledger, releases: Path) -> Before:
    """What was told before, by audience, of people who are known."""
    before = history.read(releases)
    _same_form(before)
    book.require(history.numbers(before))
    return before


@contextmanager
def _interviews(
    asked: RawCounts, policies: Policies, earlier: Mapping[str, Earlier]
) -> Generator[Callable[[], Interviews]]:
    """Interviews protected and judged, meanwhile; few are sooner than a process begins."""
    work = partial(of_interviews, asked, policies, earlier)
    if asked.waves["n"].sum() < MANY:
        yield work
        return
    with beside(work) as answer:
        yield answer


def _same_form(before: Before) -> None:
    """Raises EnvironmentFault where a release that is kept is of another form: what it told cannot
    be held against a new one.
    """
    every = {release.number: release.form for those in before.values() for release in those}
    if older := sorted(number for number, form in every.items() if form != FORMAT):
        raise EnvironmentFault(
            f"Release {', '.join(map(str, older))} was made by another version of iomdash, so "
            "nothing that it told can be held against a new one. Move the folder of releases and "
            f"{ledger.FILE} away, then publish anew: python -m iomdash publish"
        )


def _asked(plan: Plan) -> RawCounts:
    raw = interviews.count(plan.records)
    if raw.sizes.is_empty():
        raise EnvironmentFault(
            "The vault holds no interview that may be counted, so there is nothing to publish. "
            "Load interviews and codings first, or run: python -m iomdash demo"
        )
    return raw


def _recorded_by_agencies(
    book: Ledger, by: Counter, before: Before, policies: Policies
) -> RawAgencies:
    """What agencies record, with whoever is counted otherwise than in what was told before."""
    # By which agencies' counts are blurred; in no release.
    keys = partial(reader.record_keys, book.connection)
    with by(book.connection) as engine:
        records = current.records(book.connection, engine, numbered=True)
        agencies.close(records)
        wanted = agencies.Wanted(
            periods=PERIODS, keys=keys, counted=True,
            smallest=max(policy.people.smallest_count for policy in policies.values()),
            settled=recorded.settled(book.connection, max(history.numbers(before), default=0)),
        )  # fmt: skip
        raw = agencies.count(records, wanted)
    every = [release for told in before.values() for release in told]
    return replace(raw, moved=_moved(book, raw.counted, every))


def _attacked(
    book: Ledger, building: Path, before: Before, policies: Policies
) -> tuple[Report, ...]:  # fmt: skip
    """An attack for each audience; one for audiences that see the same figures by one rule."""
    done: list[tuple[object, Report]] = []
    for audience, policy in policies.items():
        every = [*before[audience], Release(building / f"{audience}.duckdb")]
        seen = (policy.interviews, [read_back.cells(release) for release in every])
        known = next((report for other, report in done if other == seen), None)
        report = (
            replace(known, audience=audience) if known else audit(book, audience, every, policy)
        )
        done.append((seen, report))
    reports = tuple(report for _, report in done)
    for report in reports:
        if report.breaches:
            raise Revealing(f"Nothing is published: the attacker found something.\n{report.words}")
    return reports
