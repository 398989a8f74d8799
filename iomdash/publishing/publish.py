"""Vault to release: count, protect, judge, write one immutable file for each audience, attack it.

A release whose attack brings anything to light is not published.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
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
from iomdash.disclosure.agencies.checked import checked
from iomdash.disclosure.agencies.protect import ReleasableAgencies, rounded
from iomdash.disclosure.attacker.agencies import attack, of_release, read
from iomdash.disclosure.attacker.audit import Report, audit
from iomdash.disclosure.attacker.worlds import CONTRADICTION
from iomdash.disclosure.history import Before
from iomdash.disclosure.interviews.protect import Earlier, Releasable, protect_interviews
from iomdash.disclosure.policy import Policy, for_audience
from iomdash.errors import EnvironmentFault, Revealing, Uncoded
from iomdash.evidence import outcomes
from iomdash.evidence.judge import judge
from iomdash.publishing import files
from iomdash.publishing.files import Tables, Vault
from iomdash.publishing.published import Published, says_the_same
from iomdash.release import shelf
from iomdash.release.file import FORMAT
from iomdash.release.reader import Release
from iomdash.study import STATED
from iomdash.vault import current, kept, ledger, reader
from iomdash.vault.engine import Engine
from iomdash.vault.ledger import Ledger, Plan
from iomdash.vault.lock import signed_in
from iomdash.vault.records import InterviewRecords

PERIODS = ("quarter", "year")

FOLDER = Path(__file__).parent
# About no person: of the vault's log what a release says of the files behind it, and what the
# board says of itself. A query each.
OPEN = ("loads", "checks", "board_answers")
_STATED = {
    **dict.fromkeys(("wave", "code", "among", "words"), pl.String),
    **dict.fromkeys(("least", "most", "base"), pl.Int64), "note": pl.String,
}  # fmt: skip

Policies = Mapping[str, Policy]
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
        records = current.records(book.connection)
        agencies.close(records)
        counted = agencies.count(records, agencies.Wanted(periods=("quarter",)))
        attacked = attack(of_release(newest), read(every[:-1]), counted, policy.people)
        # Records that have come since do not fit figures that were told before.
        attacked.falls = [fall for fall in attacked.falls if fall.how != CONTRADICTION]
        return replace(audit(book, audience, every, policy), agencies=attacked)


def _published(
    book: Ledger, releases: Path, step: Step, by: Counter, said: Vault, anyway: bool, user: str
) -> Published:  # fmt: skip
    policies = {audience: for_audience(audience) for audience in audiences.names()}
    strictest = max(policies.values(), key=lambda policy: policy.smallest)
    step("count")
    before = history.read(releases)
    _same_form(before)
    book.require(history.numbers(before))
    plan = book.plan(history.groups(before), strictest.smallest)
    asked, recorded = _counted(plan), _recorded_by_agencies(book, by)
    step("protect")
    # With all that was told, a release that is to go among it.
    held = {
        audience: checked(
            recorded, policy.people, history.agencies(before[audience]), before[audience]
        )
        for audience, policy in policies.items()
    }
    # What a retired release said, compared with this one, would tell of who withdrew.
    before = history.kept(before, plan)
    safe = _protected(asked, policies, plan, before)
    step("judge")
    log = {**_log(plan.records, strictest), "recorded_dates": recorded.dates}
    verdicts = _judged(safe)
    tables = {
        audience: {
            **_tables(shown, log),
            **verdicts[audience],
            **_recorded(held[audience][0], policies[audience]),
        }
        for audience, shown in safe.items()
    }
    step("write")
    with files.building(releases) as building:
        number = max(shelf.numbers(releases), default=0) + 1
        rows = files.fill(building, number, policies, tables, before, said)
        present = shelf.latest(releases)
        free = not anyway and not plan.retire
        if present and free and says_the_same(building, releases, present):
            folder, new = shelf.folder(releases, present), book.differing(present)
            return Published(present, folder, rows, plan.waiting, (), (), made=False, new=new)
        book.record(plan, number, user)
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


def _counted(plan: Plan) -> RawCounts:
    raw = interviews.count(plan.records)
    if raw.sizes.is_empty():
        raise EnvironmentFault(
            "The vault holds no interview that may be counted, so there is nothing to publish. "
            "Load interviews and codings first, or run: python -m iomdash demo"
        )
    return raw


def _recorded_by_agencies(book: Ledger, by: Counter) -> RawAgencies:
    # By which agencies' counts are blurred; in no release.
    keys = partial(reader.record_keys, book.connection)
    with by(book.connection) as engine:
        records = current.records(book.connection, engine, numbered=True)
        agencies.close(records)
        return agencies.count(records, agencies.Wanted(periods=PERIODS, keys=keys))


def _log(records: InterviewRecords, policy: Policy) -> Tables:
    con, smallest = records.connection, {"smallest": policy.smallest}
    con.execute(f"create or replace temp table enough as {_sql('enough')}", smallest)
    return {name: con.sql(_sql(name)).pl() for name in OPEN}


def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text("utf-8")


def _protected(
    raw: RawCounts, policies: Policies, plan: Plan, before: Before
) -> Mapping[str, Releasable]:  # fmt: skip
    """Protected answers by audience; protected once for audiences with the same rules and past."""
    earlier = {audience: history.known(plan, before[audience]) for audience in policies}
    done: dict[str, Releasable] = {}
    for audience, policy in policies.items():
        twin = next((a for a in done if _alike(policy, policies[a], earlier, audience, a)), None)
        done[audience] = (
            protect_interviews(raw, policy, earlier[audience])
            if twin is None
            else replace(
                done[twin],
                policy=policy,
                caseloads=rounded(raw.caseloads, policy.people),
            )
        )
    return done


def _alike(
    one: Policy, other: Policy, earlier: Mapping[str, Earlier], audience: str, twin: str
) -> bool:
    rules = (one.interviews, one.bands, one.public) == (other.interviews, other.bands, other.public)
    now, then = earlier[audience], earlier[twin]
    return rules and (now.cells, now.groups) == (then.cells, then.groups)


def _tables(safe: Releasable, log: Tables) -> Tables:
    return {**_frames(safe), **log, "stated": _stated(safe)}


def _judged(safe: Mapping[str, Releasable]) -> Mapping[str, Tables]:
    """Verdicts by audience; judged once for audiences that are shown the same."""
    done: dict[str, Tables] = {}
    for audience, figures in safe.items():
        twin = next((a for a in done if _same(_frames(figures), _frames(safe[a]))), None)
        done[audience] = judge(figures) if twin is None else done[twin]
    return done


def _same(one: Tables, other: Tables) -> bool:
    return all(frame.equals(other[name]) for name, frame in one.items())


def _recorded(safe: ReleasableAgencies, policy: Policy) -> Tables:
    """What may be told of agencies, and the shares, rates and curves of that."""
    shown = {f"recorded_{name}": frame for name, frame in safe.cubes.items()}
    return {**shown, "recorded_groups": safe.groups, **outcomes.derive(safe, policy.people)}


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


def _frames(safe: Releasable) -> dict[str, pl.DataFrame]:
    return {name: frame for name, frame in vars(safe).items() if isinstance(frame, pl.DataFrame)}


def _stated(safe: Releasable) -> pl.DataFrame:
    """What the source states of each code, for waves that had to be reconstructed from it."""
    rebuilt = pl.col("origins").list.contains("reconstructed")
    rows = [
        (wave, s.code, s.among or "", s.words, s.least, s.most, s.of, s.note)
        for wave in safe.waves.filter(rebuilt)["wave"]
        for s in STATED
    ]
    return pl.DataFrame(rows, schema=_STATED, orient="row")
