"""What a release holds, by audience: protected answers, verdicts, and what the log may tell."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from iomdash.counting.interviews import RawCounts
from iomdash.disclosure.agencies.protect import rounded
from iomdash.disclosure.agencies.releasable import ReleasableAgencies
from iomdash.disclosure.attacker.attack import Attack, Key, known
from iomdash.disclosure.interviews.protect import Earlier, Releasable, protect_interviews
from iomdash.disclosure.policy import Policy
from iomdash.evidence import outcomes
from iomdash.evidence.judge import judge
from iomdash.publishing.files import Tables
from iomdash.study import STATED
from iomdash.vault.records import InterviewRecords

FOLDER = Path(__file__).parent
# About no person: of the vault's log what a release says of the files behind it, and what the
# board says of itself. A query each.
OPEN = ("loads", "checks", "board_answers")
_STATED = {
    **dict.fromkeys(("wave", "code", "among", "words"), pl.String),
    **dict.fromkeys(("least", "most", "base"), pl.Int64), "note": pl.String,
}  # fmt: skip

Policies = Mapping[str, Policy]


def strictest(policies: Policies) -> Policy:
    """The policy of the largest smallest group."""
    return max(policies.values(), key=lambda policy: policy.smallest)


@dataclass(frozen=True)
class Interviews:
    """By audience what may be shown of interviews, and the verdicts on it; and what attacks came
    to, by which figures were let through.
    """

    shown: Mapping[str, Releasable]
    verdicts: Mapping[str, Tables]
    attacks: Mapping[Key, Attack]


def of_interviews(
    raw: RawCounts, policies: Policies, earlier: Mapping[str, Earlier]
) -> Interviews:  # fmt: skip
    """Interviews protected and judged."""
    shown = _protected(raw, policies, earlier)
    return Interviews(shown, _judged(shown), known())


def tables(
    interviews: Interviews, held: Mapping[str, ReleasableAgencies],
    records: InterviewRecords, dates: pl.DataFrame, policies: Policies,
) -> dict[str, Tables]:  # fmt: skip
    """The tables of a release, by audience."""
    log = {**_log(records, strictest(policies)), "recorded_dates": dates}
    return {
        audience: {
            **_tables(shown, log),
            **interviews.verdicts[audience],
            **_recorded(held[audience], policies[audience]),
        }
        for audience, shown in interviews.shown.items()
    }


def _log(records: InterviewRecords, policy: Policy) -> Tables:
    con, smallest = records.connection, {"smallest": policy.smallest}
    con.execute(f"create or replace temp table enough as {_sql('enough')}", smallest)
    return {name: con.sql(_sql(name)).pl() for name in OPEN}


def _sql(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text("utf-8")


def _protected(
    raw: RawCounts, policies: Policies, earlier: Mapping[str, Earlier]
) -> Mapping[str, Releasable]:  # fmt: skip
    """Protected answers by audience; protected once for audiences with the same rules and past."""
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
    return {**shown, "recorded_versions": safe.versions, **outcomes.derive(safe, policy.people)}


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
