"""Between raw counts and anything that is shown: the only way from the one to the other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import polars as pl

from iomdash.counting.interviews import RawCounts
from iomdash.declared.groups import KEY, Group, joined
from iomdash.declared.reasons import Reason
from iomdash.disclosure.agencies.protect import rounded
from iomdash.disclosure.interviews import tallies
from iomdash.disclosure.interviews.shield import Earlier, Shield
from iomdash.disclosure.interviews.shown_tally import Row
from iomdash.disclosure.policy import Policy


@dataclass(frozen=True)
class Releasable:
    """Protected answers. Frames of groups have the columns wave, cohort, provider, supervision.

    groups: n (null where hidden), hidden (a Reason's value or null), instead (what is shown, in
      words)
    codes: code, among, n, yes, mixed, no; band, least, most where only a band is shown; hidden,
      instead; for groups that are shown
    pairs: one, other, n, only_one, only_other, both_codes; for groups that are shown
    profile: field, answer, parts (answers joined in it), n, merged; recruitment: outcome, parts,
      n, merged; by wave and cohort
    caseloads: wave, cohort, n
    excerpts: wave, cohort (null where withheld), why, code, stance, kind, text
    voices: wave, code, stance, n people behind excerpts
    waves: wave, origins, n, first_on, last_on (whole months)
    """

    policy: Policy
    groups: pl.DataFrame
    codes: pl.DataFrame
    pairs: pl.DataFrame
    profile: pl.DataFrame
    recruitment: pl.DataFrame
    caseloads: pl.DataFrame
    excerpts: pl.DataFrame
    voices: pl.DataFrame
    waves: pl.DataFrame


def protect_interviews(
    raw: RawCounts, policy: Policy, earlier: Earlier | None = None
) -> Releasable:
    """Everything that may be shown of the counts, and a reason for everything that may not."""
    known = earlier or Earlier({}, {})
    waves = sorted(raw.sizes["wave"].unique().to_list())
    shields = [Shield(raw, wave, policy, known) for wave in waves]
    shown = {shield.wave: shield for shield in shields}
    return Releasable(
        policy=policy,
        groups=_frame(chain.from_iterable(s.groups() for s in shields), _GROUPS),
        codes=_frame(chain.from_iterable(s.codes() for s in shields), _CODES),
        pairs=_frame(chain.from_iterable(s.pairs() for s in shields), _PAIRS),
        profile=_frame(chain.from_iterable(s.profile() for s in shields), _PROFILE),
        recruitment=_frame(chain.from_iterable(s.recruitment() for s in shields), _RECRUITMENT),
        caseloads=rounded(raw.caseloads, policy.people),
        excerpts=_excerpts(raw.excerpts, shown),
        voices=_of_shown(raw.voices, shown),
        waves=_waves(raw.waves, shown),
    )


_KEYS = dict.fromkeys(KEY, pl.String)
_WHY = {"hidden": pl.String, "instead": pl.String}
_GROUPS = {**_KEYS, "n": pl.Int64, **_WHY}
_CODES = {
    **_KEYS, "code": pl.String, "among": pl.String,
    **dict.fromkeys(("n", "yes", "mixed", "no"), pl.Int64),
    "band": pl.String, "least": pl.Int64, "most": pl.Int64, **_WHY,
}  # fmt: skip
_PAIRS = {
    **_KEYS, "one": pl.String, "other": pl.String,
    **dict.fromkeys(("size", *tallies.CROSSED), pl.Int64),
}  # fmt: skip
_ANSWER = {"parts": pl.List(pl.String), "n": pl.Int64, "merged": pl.Boolean}
_PROFILE = {
    "wave": pl.String,
    "cohort": pl.String,
    "field": pl.String,
    "answer": pl.String,
} | _ANSWER
_RECRUITMENT = {"wave": pl.String, "cohort": pl.String, "outcome": pl.String} | _ANSWER
_EXCERPTS: dict[str, type[pl.DataType]] = dict.fromkeys(
    ("wave", "cohort", "why", "code", "stance", "kind", "text"), pl.String
)


def _frame(
    rows: Iterable[Row], schema: Mapping[str, type[pl.DataType] | pl.DataType]
) -> pl.DataFrame:
    full = [{**dict.fromkeys(schema), **row} for row in rows]
    return pl.DataFrame(full, schema=dict(schema), orient="row")


def _excerpts(raw: pl.DataFrame, shields: Mapping[str, Shield]) -> pl.DataFrame:
    """Excerpts in an order that says nothing, each with its cohort only where that is safe.

    That is where the group is shown and the code counted in it, and the cohort is known.
    """
    rows: list[dict[str, object]] = []
    for row in _of_shown(raw, shields).iter_rows(named=True):
        shield, code = shields[row["wave"]], str(row["code"])
        group = next(
            (g for g in shield.shown if g.filters == ("cohort",) and _holds(g, row["cohort"])), None
        )
        guessed = row["cohort_origin"] == "reconstructed"
        named = not guessed and group is not None and shield.exact(code, group)
        why = Reason.NOT_STATED if guessed else Reason.WITHHELD
        cohort = group.cohort if named and group is not None else None
        rows.append({**row, "cohort": cohort, "why": None if named else why.value})
    # A passage under two codes is one person's: its cohort is named under both or under neither.
    unnamed = {(row["wave"], _passage(row)) for row in rows if row["cohort"] is None}
    for row in rows:
        if row["cohort"] is not None and (row["wave"], _passage(row)) in unnamed:
            row |= {"cohort": None, "why": Reason.WITHHELD.value}
    kept = ({name: row[name] for name in _EXCERPTS} for row in rows)
    return _frame(kept, _EXCERPTS).sort("wave", "code", "stance", "text")


def _passage(row: Row) -> str:
    return " ".join(str(row["text"]).casefold().split())


def _holds(group: Group, cohort: str) -> bool:
    return cohort in joined(group.cohort)


def _of_shown(frame: pl.DataFrame, shields: Mapping[str, Shield]) -> pl.DataFrame:
    """Rows on codes whose count for the whole wave is shown."""
    shown = [
        (wave, code)
        for wave, shield in shields.items()
        for code in frame["code"].unique().to_list()
        if shield.exact(code, Group(wave))
    ]
    keys = pl.DataFrame(shown, schema={"wave": pl.String, "code": pl.String}, orient="row")
    return frame.join(keys, on=["wave", "code"], how="semi").sort(pl.all())


def _waves(raw: pl.DataFrame, shields: Mapping[str, Shield]) -> pl.DataFrame:
    """Each wave once: where its rows come from, and size and dates where it may be shown."""
    waves = raw.group_by("wave").agg(
        origins=pl.col("origin").unique().sort(),
        n=pl.col("n").sum(),
        # By months: a day would be that of one person's interview.
        first_on=pl.col("first_on").min().dt.month_start(),
        last_on=pl.col("last_on").max().dt.month_end(),
    )
    hidden = [wave for wave, shield in shields.items() if not shield.whole]
    seen = [
        pl.when(~pl.col("wave").is_in(hidden)).then(pl.col(name)).alias(name)
        for name in ("n", "first_on", "last_on")
    ]
    return waves.with_columns(seen).sort("wave")
