"""One wave on its way to a release: groups chosen, each figure attacked before it passes.

Which groups are shown follows from sizes (`choice`), what is shown of them from the kind of
figure (`detail`), and each figure is attacked before it is let through (`attack`). A hidden cell
carries its reason and what is shown instead; it is never 0 and never empty.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from iomdash.counting.interviews import RawCounts
from iomdash.declared.codebook import STANCES
from iomdash.declared.groups import ATOM, KEY, Group, spoken
from iomdash.declared.reasons import Reason
from iomdash.disclosure.attacker.attack import Rules, attack
from iomdash.disclosure.attacker.linked import Key, joint, tied
from iomdash.disclosure.figures import Cell
from iomdash.disclosure.interviews import tallies
from iomdash.disclosure.interviews.choice import Offer, left_over, offers
from iomdash.disclosure.interviews.detail import Form, plain, safe_bands, sensitive, whole_only
from iomdash.disclosure.interviews.shown_tally import (
    Row,
    ShownTally,
    answer_rows,
    band_of,
    cells_of,
)
from iomdash.disclosure.interviews.tallies import Counted
from iomdash.disclosure.policy import Bands, Policy
from iomdash.disclosure.population import Population
from iomdash.disclosure.solvers import Contradiction
from iomdash.disclosure.span import Bools


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


class Shield:
    """One wave on its way to a release: groups chosen, each figure attacked before it passes."""

    def __init__(self, raw: RawCounts, wave: str, policy: Policy, earlier: Earlier) -> None:
        self.wave, self._raw, self._policy, self._earlier = wave, raw, policy, earlier
        self.world = Population.of(_all(raw.sizes, earlier.interviews), wave)
        before = earlier.groups.get("interview", ())
        self.offers = offers(self.world, _of_wave(before, wave), policy)
        self.shown = tuple(o.group for o in self.offers if o.hidden is None)
        self._codes: dict[tuple[str, str], ShownTally] = {}
        self._shown_cells: dict[Key, tuple[Cell, ...]] = {}
        self._bases: dict[object, tuple[Group, ...]] = {}

    @cached_property
    def _counted(self) -> Mapping[tuple[str, str], Counted]:
        counted = tallies.codes(self._raw, self.world)
        return {(one.tally.name, one.tally.among): one for one in counted}

    def _code(self, code: str, among: str = "") -> ShownTally:
        if (code, among) not in self._codes:
            self._codes[code, among] = self.code(self._counted[code, among])
        return self._codes[code, among]

    def code(self, counted: Counted) -> ShownTally:
        """What is shown of a code, alone or among people who met a condition."""
        return self._let_through(counted, self._code_forms(counted))

    @property
    def whole(self) -> bool:
        """Whether the wave as a whole may be shown."""
        return Group(self.wave) in self.shown

    @property
    def _cohorts(self) -> tuple[Group, ...]:
        return tuple(group for group in self.shown if group.by_cohort_only)

    def exact(self, code: str, group: Group) -> bool:
        """Whether a code's counts are shown in a group."""
        return group in self._code(code).form.exact

    def groups(self) -> Iterator[Row]:
        """Every group that filters can name."""
        for offer in self.offers:
            yield {**_key(offer.group), "n": offer.n, **_why(offer)}

    def codes(self) -> Iterator[Row]:
        """Every code in every group that is shown."""
        for code, among in self._counted:
            for group in self.shown:
                yield self._code_row(self._code(code, among), group)

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
            yield from answer_rows(kept, self.world, field=counted.tally.name)

    def recruitment(self) -> Iterator[Row]:
        """Outcomes of approaches, by whole wave and by cohorts that state theirs."""
        raw = self._raw.recruitment.filter(pl.col("wave") == self.wave)
        if raw.is_empty():
            return
        world = Population.of(_all(_approached(raw), self._earlier.approaches), self.wave)
        before = _of_wave(self._earlier.groups.get("approach", ()), self.wave)
        named = [o.group for o in offers(world, before, self._policy) if o.hidden is None]
        groups = [group for group in named if not group.filtered or group in self.shown]
        public = self.wave in self._policy.public_waves
        smallest = 1 if public else self._policy.smallest
        everybody = world.mask(Group(self.wave))
        for counted in tallies.recruitment(self._raw, world, everybody, smallest):
            kept = self._let_through(counted, plain(groups), world)
            yield from answer_rows(kept, world, name="outcome")

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
        key = (*counted.tally.key, counted.counts.tobytes())
        if key not in self._bases:
            self._bases[key] = self._enough(counted)
        return self._bases[key]

    def _enough(self, counted: Counted) -> tuple[Group, ...]:
        """Nor may those who met the condition be few in what one group leaves of a wider one."""
        public = self.wave in self._policy.public_waves
        least = self._policy.interviews.smallest_base
        base = counted.counts.sum(axis=1)
        taken: dict[Group, Bools] = {}
        for group in sorted(self.shown, key=lambda g: len(g.filters)):
            mask = self.world.mask(group)
            rests = [mask, *left_over({**taken, group: mask}, group)]
            few = any(0 < int(base[rest].sum()) < least for rest in rests)
            if (public and not group.filtered) or (base[mask].any() and not few):
                taken[group] = mask
        return tuple(group for group in self.shown if group in taken)

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
        self, counted: Counted, forms: Iterable[Form], world: Population | None = None
    ) -> ShownTally:
        """The fullest form from which nothing smaller can be worked out."""
        world = world or self.world
        for form in forms:
            cells = tuple(cells_of(counted, form, world))
            if not cells or self._holds(counted, cells, world):
                self._shown_cells[counted.tally.key] = cells
                return ShownTally(counted, form, cells)
        raise AssertionError("The last form shows nothing, and nothing gives nothing away.")

    def _holds(self, counted: Counted, cells: Sequence[Cell], world: Population) -> bool:
        """Whether cells give nothing away, beside all that is told of the same codes."""
        key = counted.tally.key
        before = {k: c for (wave, k), c in self._earlier.cells.items() if wave == self.wave}
        now = {**self._shown_cells, key: cells}
        keys = tied(key, [other for shown in (before, now) for other in shown if shown[other]])
        figures = joint(keys, before, now)
        marked = counted.sensitive or figures.sensitive
        rules = Rules(self._policy.smallest, not marked, self._policy.interviews.bounds_width)
        try:
            attacked = attack(world, figures.answers, figures.before, figures.now, rules)
        except Contradiction:
            return False
        return attacked.complete and not attacked.falls

    def _code_row(self, kept: ShownTally, group: Group) -> Row:
        tally = kept.counted.tally
        row: dict[str, object] = {**_key(group), "code": tally.name, "among": tally.among}
        size = self.world.size(self.world.mask(group))
        counts = {answer: n for (answer,), n in kept.count(group, self.world).items()}
        if group in kept.form.exact:
            shown = STANCES if group in kept.form.full else STANCES[:1]
            stances = {stance: counts[stance] for stance in shown}
            return {**row, "n": sum(counts.values()) if tally.among else size, **stances}
        if group in kept.form.banded:
            band = band_of(kept.form.bands, counts["yes"], size)
            least, most = band.counts(size)[0], band.counts(size)[-1]
            return {**row, "n": size, "band": band.words, "least": least, "most": most}
        return {
            **row,
            "hidden": self._why(kept, group).value,
            "instead": self._instead(kept, group),
        }

    def _why(self, kept: ShownTally, group: Group) -> Reason:
        among = kept.counted.tally.among
        if among and not kept.counted.sensitive and group not in self._with_base(kept.counted):
            return Reason.BASE_TOO_FEW
        return kept.form.why

    def _instead(self, kept: ShownTally, group: Group) -> str | None:
        seen = (*kept.form.exact, *kept.form.banded)
        wider = [g for g in (Group(self.wave, group.cohort), Group(self.wave)) if g in seen]
        return spoken(wider[0]) if wider else None


def _key(group: Group) -> dict[str, object]:
    return dict(zip(KEY, group.key, strict=True))


def _why(offer: Offer) -> Row:
    instead = None if offer.instead is None else spoken(offer.instead)
    hidden = None if offer.hidden is None else offer.hidden.value
    return {"hidden": hidden, "instead": instead}


def _all(now: pl.DataFrame, earlier: pl.DataFrame | None) -> pl.DataFrame:
    """People by atom: as they stand now, or with all who counted before."""
    return now if earlier is None else earlier


def _of_wave(groups: Iterable[tuple[str, Group]], wave: str) -> list[tuple[str, Group]]:
    return [(release, group) for release, group in groups if group.wave == wave]


def _approached(raw: pl.DataFrame) -> pl.DataFrame:
    """Approaches as people by atom."""
    blank = {name: pl.lit("") for name in ("provider", "supervision", "setting")}
    return raw.with_columns(**blank).group_by(ATOM).agg(pl.col("n").sum())
