"""Between raw counts and anything that is shown: which groups may be seen, and what of them.

`protect` is the only way from `RawCounts` to `Releasable`, and a release takes nothing else.
Which groups are shown follows from their sizes alone, never from the answers.
A hidden cell carries its reason; it is never 0 and never empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import polars as pl

from iomdash.groups import ATOM, EVERYONE, FILTERS
from iomdash.measures import RawCounts, asked
from iomdash.profile import FIELDS, NOT_STATED
from iomdash.scheme import OUTCOMES


@dataclass(frozen=True)
class Policy:
    """The smallest group, in interviews or people, and the waves whose totals are published.

    Source: disclosure control of the project; the 2017 totals stand in the published report.
    """

    smallest: int = 5
    public_waves: frozenset[str] = frozenset({"2017"})

    @property
    def too_small(self) -> str:
        """Reason for a group that is itself too small."""
        return f"fewer than {self.smallest}"

    @property
    def rest_too_small(self) -> str:
        """Reason for a group whose rest could be worked out."""
        return f"the others would be fewer than {self.smallest}"


@dataclass(frozen=True)
class Releasable:
    """Protected answers. Every frame of groups has the columns wave, cohort, provider, supervision.

    groups: n (null where hidden), hidden (reason or null)
    codes: code, among, n, yes, mixed, no, hidden; for groups that are shown
    pairs: one, other, n, only_one, only_other, both_codes; for groups that are shown
    profile: field, answer, n, merged; by wave and cohort, small answers merged
    recruitment: wave, cohort, outcome, n, merged; caseloads: wave, cohort, n
    excerpts: wave, cohort (null where withheld), why, code, stance, kind, text
    voices: wave, code, stance, n people behind excerpts; waves: wave, origin, n, first_on, last_on
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


def protect(raw: RawCounts, policy: Policy | None = None) -> Releasable:
    """Everything that may be shown of the counts, and a reason for everything that may not."""
    policy = policy or Policy()
    groups = _groups(raw.sizes, policy)
    return Releasable(
        policy=policy,
        groups=groups,
        codes=_codes(raw, groups, policy),
        pairs=_shown_sums(raw.pairs, groups, ["one", "other"]),
        profile=_profile(raw.profile, groups, policy),
        recruitment=_recruitment(raw.recruitment, groups, policy),
        caseloads=raw.caseloads,
        excerpts=_excerpts(raw.excerpts, groups, policy),
        voices=raw.voices,
        waves=raw.waves,
    )


def _groups(sizes: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Every group that filters can name, with its size or the reason why it is not shown."""
    counted = {tuple(row[:4]): int(row[4]) for row in sizes.select(*ATOM, "n").iter_rows()}
    rows = [
        (wave, *key, *_show(n, parents, policy, public=wave in policy.public_waves))
        for wave in sorted({atom[0] for atom in counted})
        for key, n, parents in _named_groups({a[1:]: n for a, n in counted.items() if a[0] == wave})
    ]
    schema = {**dict.fromkeys(ATOM, pl.String), "n": pl.Int64, "hidden": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _named_groups(
    atoms: dict[tuple[str, ...], int],
) -> Iterable[tuple[tuple[str, ...], int, list[int]]]:
    """Each combination of filters of one wave, its size, and the sizes of the groups around it."""
    choices = [[EVERYONE, *sorted({atom[i] for atom in atoms})] for i in range(len(FILTERS))]
    sizes = {
        key: sum(n for atom, n in atoms.items() if _within(atom, key)) for key in product(*choices)
    }
    for key, n in sizes.items():
        around = {
            tuple(EVERYONE if i in drop else part for i, part in enumerate(key))
            for drop in (*[{i} for i in range(len(key))], set(range(len(key))))
        }
        yield key, n, [sizes[parent] for parent in around if parent != key]


def _within(atom: tuple[str, ...], key: tuple[str, ...]) -> bool:
    return all(want in (EVERYONE, have) for have, want in zip(atom, key, strict=True))


def _show(
    n: int, parents: list[int], policy: Policy, *, public: bool
) -> tuple[int | None, str | None]:
    """Size and no reason, or no size and the reason. A whole wave that is public always passes."""
    if public and not parents:
        return n, None
    if n < policy.smallest:
        return None, policy.too_small
    if any(0 < parent - n < policy.smallest for parent in parents):
        return None, policy.rest_too_small
    return n, None


def _shown_sums(
    counts: pl.DataFrame, groups: pl.DataFrame, keys: list[str], by: tuple[str, ...] = FILTERS
) -> pl.DataFrame:
    """Counts of atoms added up to the groups that are shown; size of the group as `n`."""
    shown = groups.filter(pl.col("hidden").is_null()).drop("hidden").rename({"n": "size"})
    for name in set(FILTERS) - set(by):
        shown = shown.filter(pl.col(name) == EVERYONE)
    atoms = counts.rename({name: f"atom_{name}" for name in FILTERS})
    within = [
        (pl.col(name) == EVERYONE) | (pl.col(name) == pl.col(f"atom_{name}")) for name in FILTERS
    ]
    values = [c for c in counts.columns if c not in (*ATOM, *keys)]
    return (
        shown.join(atoms, on="wave")
        .filter(*within)
        .group_by(*ATOM, "size", *keys)
        .agg(pl.col(values).sum())
        .sort(*ATOM, *keys)
    )


def _codes(raw: RawCounts, groups: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Counts by code; where a condition leaves a group too small, the counts give way to a reason.

    The condition's own count is the size of a group of people, so the threshold is on it.
    """
    shown = groups.filter(pl.col("hidden").is_null()).select(*ATOM, size="n")
    every = pl.DataFrame(asked(), schema=("code", "among"), orient="row")
    sums = _shown_sums(raw.codes, groups, ["code", "among"]).drop("size")
    bases = _shown_sums(raw.conditions, groups, ["among"]).drop("size")
    small = (
        (pl.col("among") != "")
        & (pl.col("n") < policy.smallest)
        & ~(pl.col("wave").is_in(list(policy.public_waves)) & _whole_wave())
    )
    counts = [pl.when(~small).then(pl.col(c)).alias(c) for c in ("n", "yes", "mixed", "no")]
    return (
        shown.join(every, how="cross")
        .join(sums, on=[*ATOM, "code", "among"], how="left")
        .join(bases, on=[*ATOM, "among"], how="left")
        .with_columns(pl.col("n", "yes", "mixed", "no").fill_null(0))
        .with_columns(n=pl.when(pl.col("among") == "").then("size").otherwise(pl.col("n")))
        .with_columns(*counts, hidden=pl.when(small).then(pl.lit(policy.too_small)))
        .select(*ATOM, "code", "among", "n", "yes", "mixed", "no", "hidden")
    )


def _whole_wave() -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == EVERYONE for name in FILTERS)


def merge_small(counts: list[tuple[str, int]], smallest: int) -> list[tuple[str, int, bool]]:
    """Counts with every answer under `smallest` joined into one, which then reaches it.

    Takes and keeps the given order; answers nobody gave stay as 0. The joined one stands last
    and is named in full; the third item says which it is.
    """
    small = [(answer, n) for answer, n in counts if 0 < n < smallest]
    rest = [pair for pair in counts if pair not in small]
    while small and sum(n for _, n in small) < smallest and any(n for _, n in rest):
        least = min((pair for pair in rest if pair[1]), key=lambda pair: pair[1])
        rest.remove(least)
        small.append(least)
    kept = [(answer, n, False) for answer, n in rest]
    if not small:
        return kept
    order = [answer for answer, _ in counts]
    names = sorted((answer for answer, _ in small), key=order.index)
    return [*kept, (" or ".join(names), sum(n for _, n in small), len(names) > 1)]


def _profile(raw: pl.DataFrame, groups: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    sums = _shown_sums(raw, groups, ["field", "answer"], by=("cohort",))
    rows: list[tuple[str, str, str, str, int, bool]] = []
    for (wave, cohort), group in sums.group_by("wave", "cohort", maintain_order=True):
        for field in FIELDS:
            given = group.filter(pl.col("field") == field.id)
            counts = dict(zip(given["answer"].to_list(), given["n"].to_list(), strict=True))
            listed = [(a, counts.get(a, 0)) for a in field.answers]
            listed.append((NOT_STATED, counts.get("", 0)))
            for answer, n, merged in merge_small(listed, policy.smallest):
                rows.append((str(wave), str(cohort), field.id, answer, n, merged))
    return _frame(rows, ("wave", "cohort", "field", "answer"))


def _recruitment(raw: pl.DataFrame, groups: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Outcomes of whole waves, and of cohorts that are shown and named for all approaches."""
    rows: list[tuple[str, str, str, int, bool]] = []
    for (wave,), group in raw.group_by("wave", maintain_order=True):
        public = wave in policy.public_waves
        by_cohort = sorted(set(group["cohort"].to_list()))
        shown = _shown_cohorts(groups, str(wave)) if "" not in by_cohort else set[str]()
        for cohort in (EVERYONE, *(c for c in by_cohort if c in shown)):
            part = group if cohort == EVERYONE else group.filter(pl.col("cohort") == cohort)
            counts = [
                (o.name, int(part.filter(pl.col("outcome") == o.id)["n"].sum())) for o in OUTCOMES
            ]
            least = 1 if public and cohort == EVERYONE else policy.smallest
            rows += [(str(wave), cohort, *row) for row in merge_small(counts, least)]
    return _frame(rows, ("wave", "cohort", "outcome")).sort("wave", "cohort", maintain_order=True)


def _frame(rows: Sequence[tuple[object, ...]], texts: tuple[str, ...]) -> pl.DataFrame:
    schema = {**dict.fromkeys(texts, pl.String), "n": pl.Int64, "merged": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _shown_cohorts(groups: pl.DataFrame, wave: str) -> set[str]:
    alone = groups.filter(
        (pl.col("wave") == wave)
        & pl.col("hidden").is_null()
        & (pl.col("provider") == EVERYONE)
        & (pl.col("supervision") == EVERYONE)
    )
    return set(alone["cohort"].to_list()) - {EVERYONE}


def _excerpts(raw: pl.DataFrame, groups: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Excerpts in an order that says nothing, each with its cohort only where that is shown."""
    shown = [(w, c) for w in groups["wave"].unique() for c in _shown_cohorts(groups, w)]
    named = pl.DataFrame(shown, schema={"wave": pl.String, "cohort": pl.String}, orient="row")
    marked = raw.join(named.with_columns(shown=pl.lit(True)), on=["wave", "cohort"], how="left")
    guessed = pl.col("cohort_origin") == "reconstructed"
    may = pl.col("shown").fill_null(False) & ~guessed
    why = (
        pl.when(guessed)
        .then(pl.lit("not stated in the source"))
        .otherwise(pl.lit(f"withheld ({policy.too_small} or the rest would be)"))
    )
    return (
        marked.with_columns(cohort=pl.when(may).then("cohort"), why=pl.when(~may).then(why))
        .select("wave", "cohort", "why", "code", "stance", "kind", "text")
        .sort("wave", "code", "stance", "text")
    )
