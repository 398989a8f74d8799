"""Between raw counts and anything that is shown: the only way from the one to the other.

Which groups are shown follows from sizes (`choice`), what is shown of them from the kind of
figure (`forms`), and each figure is attacked before it is let through (`attack`). A hidden cell
carries its reason and what is shown instead; it is never 0 and never empty.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import polars as pl

from iomdash.disclosure import people, tallies
from iomdash.disclosure.attack import Rules, attack
from iomdash.disclosure.choice import Offer, offers
from iomdash.disclosure.figures import STANCES, Cell, exact
from iomdash.disclosure.forms import Form, plain, safe_bands, sensitive, whole_only
from iomdash.disclosure.policy import Band, Bands, Policy
from iomdash.disclosure.solvers import Contradiction
from iomdash.disclosure.tallies import Counted
from iomdash.disclosure.world import World
from iomdash.groups import ATOM, KEY, Group, joined, spoken
from iomdash.measures import RawCounts

NOT_STATED = "not stated in the source"
WITHHELD = "withheld, to protect a small group"

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Earlier:
    """What an audience was shown before: cells by wave and tally, groups by kind of people.

    `interviews` and `approaches` are people by atom (columns of ATOM and n), those included who
    count no more; empty frames where nothing was shown before.
    """

    cells: Mapping[tuple[str, Key], tuple[Cell, ...]]
    groups: Mapping[str, tuple[tuple[str, Group], ...]]
    interviews: pl.DataFrame | None = None
    approaches: pl.DataFrame | None = None


@dataclass(frozen=True)
class Releasable:
    """Protected answers. Frames of groups have the columns wave, cohort, provider, supervision.

    groups: n (null where hidden), hidden (reason or null), instead (what is shown, in words)
    codes: code, among, n, yes, mixed, no; band, least, most where only a band is shown; hidden,
      instead; for groups that are shown
    pairs: one, other, n, only_one, only_other, both_codes; for groups that are shown
    profile: field, answer, parts (answers joined in it), n, merged; recruitment: outcome, parts,
      n, merged; by wave and cohort
    caseloads: wave, cohort, n
    excerpts: wave, cohort (null where withheld), why, code, stance, kind, text
    voices: wave, code, stance, n people behind excerpts
    waves: wave, origins, n, first_on, last_on
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


def protect(raw: RawCounts, policy: Policy, earlier: Earlier | None = None) -> Releasable:
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
        caseloads=people.rounded(raw.caseloads, policy.people),
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

Row = Mapping[str, object]


def _frame(
    rows: Iterable[Row], schema: Mapping[str, type[pl.DataType] | pl.DataType]
) -> pl.DataFrame:
    full = [{**dict.fromkeys(schema), **row} for row in rows]
    return pl.DataFrame(full, schema=dict(schema), orient="row")


@dataclass(frozen=True)
class Kept:
    """What is shown of one tally: its form, and the cells that a reader gets."""

    counted: Counted
    form: Form
    cells: tuple[Cell, ...]

    def count(self, group: Group, world: World) -> dict[tuple[str, ...], int]:
        """People of a group by answers as they are shown."""
        mask = world.mask(group)
        return {answers: self.counted.count(mask, answers) for answers in self.counted.shown}


class Shield:
    """One wave on its way to a release: groups chosen, each figure attacked before it passes."""

    def __init__(self, raw: RawCounts, wave: str, policy: Policy, earlier: Earlier) -> None:
        self.wave, self._raw, self._policy, self._earlier = wave, raw, policy, earlier
        self.world = World.of(_all(raw.sizes, earlier.interviews), wave)
        before = earlier.groups.get("interview", ())
        self.offers = offers(self.world, _of_wave(before, wave), policy)
        self.shown = tuple(o.group for o in self.offers if o.hidden is None)
        self._codes: dict[tuple[str, str], Kept] = {}
        for counted in tallies.codes(raw, self.world):
            key = (counted.tally.name, counted.tally.among)
            self._codes[key] = self._let_through(counted, self._code_forms(counted))

    @property
    def whole(self) -> bool:
        """Whether the wave as a whole may be shown."""
        return Group(self.wave) in self.shown

    @property
    def _cohorts(self) -> tuple[Group, ...]:
        return tuple(group for group in self.shown if group.by_cohort_only)

    def exact(self, code: str, group: Group) -> bool:
        """Whether a code's counts are shown in a group."""
        return group in self._codes[code, ""].form.exact

    def groups(self) -> Iterator[Row]:
        """Every group that filters can name."""
        for offer in self.offers:
            yield {**_key(offer.group), "n": offer.n, **_why(offer)}

    def codes(self) -> Iterator[Row]:
        """Every code in every group that is shown."""
        for kept in self._codes.values():
            for group in self.shown:
                yield self._code_row(kept, group)

    def pairs(self) -> Iterator[Row]:
        """Every pair in the groups where both codes are counted."""
        for counted in tallies.pairs(self._raw, self.world):
            forms = whole_only(self._cohorts) if counted.sensitive else plain(self._cohorts)
            kept = self._let_through(counted, self._resting(counted, forms))
            one, other = counted.tally.name.split(" x ")
            for group in kept.form.exact:
                counts = {answer: n for (answer,), n in kept.count(group, self.world).items()}
                size = self.world.size(self.world.mask(group))
                yield {**_key(group), "one": one, "other": other, "size": size, **counts}

    def profile(self) -> Iterator[Row]:
        """Fields of the sheet, by whole wave and cohort."""
        everybody = self.world.mask(Group(self.wave))
        smallest = self._policy.smallest
        for counted in tallies.profile(self._raw, self.world, everybody, smallest):
            forms = whole_only(self._cohorts) if counted.sensitive else plain(self._cohorts)
            kept = self._let_through(counted, forms)
            yield from _answers(kept, self.world, field=counted.tally.name)

    def recruitment(self) -> Iterator[Row]:
        """Outcomes of approaches, by whole wave and by cohorts that state theirs."""
        raw = self._raw.recruitment.filter(pl.col("wave") == self.wave)
        if raw.is_empty():
            return
        world = World.of(_all(_approached(raw), self._earlier.approaches), self.wave)
        before = _of_wave(self._earlier.groups.get("approach", ()), self.wave)
        found = [o.group for o in offers(world, before, self._policy) if o.hidden is None]
        groups = [group for group in found if not group.filtered or group in self.shown]
        public = self.wave in self._policy.public_waves
        smallest = 1 if public else self._policy.smallest
        everybody = world.mask(Group(self.wave))
        for counted in tallies.recruitment(self._raw, world, everybody, smallest):
            kept = self._let_through(counted, plain(groups), world)
            yield from _answers(kept, world, name="outcome")

    def _code_forms(self, counted: Counted) -> Iterator[Form]:
        tally = counted.tally
        if not counted.sensitive:
            forms = plain(self._with_base(counted))
        elif tally.among:
            forms = whole_only(self._with_base(counted))
        else:
            forms = sensitive(self.shown, self._bands(counted))
        return self._resting(counted, forms)

    def _with_base(self, counted: Counted) -> tuple[Group, ...]:
        """Groups in which enough people met the condition; all where there is none."""
        if not counted.tally.among:
            return self.shown
        public = self.wave in self._policy.public_waves
        least = self._policy.interviews.smallest_base
        return tuple(
            group
            for group in self.shown
            if (public and not group.filtered)
            or int(counted.counts[self.world.mask(group)].sum()) >= least
        )

    def _resting(self, counted: Counted, forms: Iterable[Form]) -> Iterator[Form]:
        """Forms without the groups in which something the figure rests on is not counted."""
        for form in forms:
            groups = [g for g in form.exact if all(self.exact(c, g) for c in counted.rests_on)]
            full = tuple(group for group in form.full if group in groups)
            yield replace(form, exact=tuple(groups), full=full)

    def _bands(self, counted: Counted) -> Bands | None:
        everybody = self.world.mask(Group(self.wave))
        cohorts = [group for group in self._cohorts if group.filtered]
        sizes = [self.world.size(self.world.mask(group)) for group in cohorts]
        others = self.world.size(everybody) - sum(sizes)
        total = int(counted.counts[everybody, 0].sum())
        return safe_bands(self._policy.bands, sizes, others, total)

    def _let_through(
        self, counted: Counted, forms: Iterable[Form], world: World | None = None
    ) -> Kept:
        """The fullest form from which nothing smaller can be worked out."""
        world = world or self.world
        before = self._earlier.cells.get((self.wave, counted.tally.key), ())
        for form in forms:
            cells = tuple(_cells(counted, form, world))
            if not cells or self._holds(counted, cells, before, world):
                return Kept(counted, form, cells)
        raise AssertionError("The last form shows nothing, and nothing gives nothing away.")

    def _holds(
        self, counted: Counted, cells: Sequence[Cell], before: Sequence[Cell], world: World
    ) -> bool:
        # Answers that an earlier release named and this one does not.
        answers = tuple(
            dict.fromkeys((*counted.tally.answers, *(a for c in before for a in c.answers)))
        )
        rules = Rules(
            self._policy.smallest, not counted.sensitive, self._policy.interviews.bounds_width
        )
        try:
            found = attack(world, answers, before, cells, rules)
        except Contradiction:
            return False
        return found.complete and not found.falls

    def _code_row(self, kept: Kept, group: Group) -> Row:
        tally = kept.counted.tally
        row: dict[str, object] = {**_key(group), "code": tally.name, "among": tally.among}
        size = self.world.size(self.world.mask(group))
        counts = {answer: n for (answer,), n in kept.count(group, self.world).items()}
        if group in kept.form.exact:
            told = STANCES if group in kept.form.full else STANCES[:1]
            stances = {stance: counts[stance] for stance in told}
            return {**row, "n": sum(counts.values()) if tally.among else size, **stances}
        if group in kept.form.banded:
            band = _band(kept.form.bands, counts["yes"], size)
            least, most = band.counts(size)[0], band.counts(size)[-1]
            return {**row, "n": size, "band": band.words, "least": least, "most": most}
        return {**row, "hidden": self._why(kept, group), "instead": self._instead(kept, group)}

    def _why(self, kept: Kept, group: Group) -> str:
        among = kept.counted.tally.among
        if among and not kept.counted.sensitive and group not in self._with_base(kept.counted):
            return self._policy.too_small
        return kept.form.why

    def _instead(self, kept: Kept, group: Group) -> str | None:
        seen = (*kept.form.exact, *kept.form.banded)
        wider = [g for g in (Group(self.wave, group.cohort), Group(self.wave)) if g in seen]
        return spoken(wider[0]) if wider else None


def _key(group: Group) -> dict[str, object]:
    return dict(zip(KEY, group.key, strict=True))


def _why(offer: Offer) -> Row:
    instead = None if offer.instead is None else spoken(offer.instead)
    return {"hidden": offer.hidden, "instead": instead}


def _all(now: pl.DataFrame, earlier: pl.DataFrame | None) -> pl.DataFrame:
    """People by atom: as they stand now, or with all who counted before."""
    return now if earlier is None else earlier


def _of_wave(groups: Iterable[tuple[str, Group]], wave: str) -> list[tuple[str, Group]]:
    return [(release, group) for release, group in groups if group.wave == wave]


def _approached(raw: pl.DataFrame) -> pl.DataFrame:
    """Approaches as people by atom."""
    blank = {name: pl.lit("") for name in ("provider", "supervision", "setting")}
    return raw.with_columns(**blank).group_by(ATOM).agg(pl.col("n").sum())


def _band(bands: Bands, count: int, size: int) -> Band:
    return next(band for band in bands if count in band.counts(size))


def _cells(counted: Counted, form: Form, world: World) -> Iterator[Cell]:
    for group in form.exact:
        mask = world.mask(group)
        for answers in counted.shown if group in form.full else counted.shown[:1]:
            yield exact(group, answers, counted.count(mask, answers))
        if counted.tally.among:
            everybody = counted.tally.answers
            yield exact(group, everybody, counted.count(mask, everybody))
    for group in form.banded:
        mask = world.mask(group)
        yes = counted.shown[0]
        numbers = _band(form.bands, counted.count(mask, yes), world.size(mask)).counts(
            world.size(mask)
        )
        yield Cell(group, yes, numbers[0], numbers[-1])


def _answers(kept: Kept, world: World, *, name: str = "answer", **more: object) -> Iterator[Row]:
    for group in kept.form.exact:
        for answers, n in kept.count(group, world).items():
            yield {
                "wave": group.wave, "cohort": group.cohort, **more, name: " or ".join(answers),
                "parts": list(answers), "n": n, "merged": len(answers) > 1,
            }  # fmt: skip


def _excerpts(raw: pl.DataFrame, shields: Mapping[str, Shield]) -> pl.DataFrame:
    """Excerpts in an order that says nothing, each with its cohort only where that is safe.

    That is where the group is shown and the code counted in it, and the cohort is known.
    """
    rows: list[Row] = []
    for row in _of_shown(raw, shields).iter_rows(named=True):
        shield, code = shields[row["wave"]], str(row["code"])
        group = next(
            (g for g in shield.shown if g.filters == ("cohort",) and _holds(g, row["cohort"])), None
        )
        guessed = row["cohort_origin"] == "reconstructed"
        named = not guessed and group is not None and shield.exact(code, group)
        why = NOT_STATED if guessed else WITHHELD
        cohort = group.cohort if named and group is not None else None
        rows.append({**row, "cohort": cohort, "why": None if named else why})
    kept = ({name: row[name] for name in _EXCERPTS} for row in rows)
    return _frame(kept, _EXCERPTS).sort("wave", "code", "stance", "text")


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
        first_on=pl.col("first_on").min(),
        last_on=pl.col("last_on").max(),
    )
    hidden = [wave for wave, shield in shields.items() if not shield.whole]
    seen = [
        pl.when(~pl.col("wave").is_in(hidden)).then(pl.col(name)).alias(name)
        for name in ("n", "first_on", "last_on")
    ]
    return waves.with_columns(seen).sort("wave")
