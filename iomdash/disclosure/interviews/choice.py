"""Which groups may be shown. Follows from sizes alone, never from answers.

Cohorts too small to show are joined first. Then groups are taken, those of fewest filters and
most people first, unless a smaller set of people could be worked out from them, from each other
and from what earlier releases showed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from iomdash.declared.groups import EVERYONE, FILTERS, Group, joined, together
from iomdash.declared.reasons import Reason
from iomdash.disclosure.policy import Policy
from iomdash.disclosure.population import Population
from iomdash.disclosure.span import Bools, Ints, Span, classes, refine, small_sets, sums


@dataclass(frozen=True)
class Offer:
    """One group: its people, or the reason why it is not shown and the group that is instead."""

    group: Group
    n: int | None
    hidden: Reason | None = None
    instead: Group | None = None


def partition(sizes: Mapping[str, int], smallest: int) -> tuple[tuple[str, ...], ...]:
    """Cohorts joined so that each part has at least `smallest` people: the fewest joined.

    Among as few joined, the most parts, then those of the fewest people. One part of all where
    nothing else reaches the size; parts and cohorts in the order of their names.
    """
    small = sorted(name for name, n in sizes.items() if n < smallest)
    large = sorted(
        (name for name, n in sizes.items() if n >= smallest), key=lambda c: (sizes[c], c)
    )
    if not small:
        return tuple((name,) for name in sorted(sizes))
    taken = list(small)
    while sum(sizes[name] for name in taken) < smallest and large:
        taken.append(large.pop(0))
    splits = (parts for parts in _splits(sorted(taken)) if _reach(parts, sizes, smallest))
    best = min(
        splits, key=lambda parts: (-len(parts), sorted(parts)), default=[tuple(sorted(taken))]
    )
    return tuple(sorted([*best, *((name,) for name in large)]))


def _splits(names: Sequence[str]) -> Iterator[list[tuple[str, ...]]]:
    """Every way to put names into parts."""
    if not names:
        yield []
        return
    for parts in _splits(names[1:]):
        yield [(names[0],), *parts]
        for i, part in enumerate(parts):
            yield [*parts[:i], (names[0], *part), *parts[i + 1 :]]


def _reach(parts: Iterable[tuple[str, ...]], sizes: Mapping[str, int], smallest: int) -> bool:
    return all(sum(sizes[name] for name in part) >= smallest for part in parts)


def offers(
    world: Population, earlier: Sequence[tuple[str, Group]], policy: Policy
) -> tuple[Offer, ...]:
    """Every group that filters can name, shown or hidden; `earlier` by release and group."""
    return _Chooser(world, earlier, policy).offers()


class _Chooser:
    def __init__(
        self, world: Population, earlier: Sequence[tuple[str, Group]], policy: Policy
    ) -> None:
        self._world, self._policy = world, policy
        everyone = Group(world.wave)
        known = [world.mask(group, release) for release, group in earlier]
        self._before = [(mask, world.size(mask)) for mask in known]
        self._public = world.wave in policy.public_waves
        if self._public:
            known.append(world.mask(everyone))
        self._candidates = list(_candidates(world, policy.smallest))
        self._span = Span(len(world.atoms), 2 * len(self._candidates) + len(known))
        for mask in known:
            self._span_with(mask)
        # Atoms that no group tells apart so far share a number.
        self._labels = classes(known, len(world.atoms))
        self._known = self._span.hashes
        self._taken: dict[Group, Bools] = {}
        self._people: dict[Group, int] = {}

    def offers(self) -> tuple[Offer, ...]:
        reasons: dict[Group, Reason] = {}
        order = sorted(self._candidates, key=self._rank)
        for group in order:
            self._try(group, reasons)
        joint = [*self._joined_where_hidden(reasons)]
        for group in joint:
            self._try(group, reasons)
        named = [*self._candidates, *self._named_alone(reasons)]
        named += [group for group in joint if group in self._taken]
        return tuple(self._offer(group, reasons) for group in named)

    def _try(self, group: Group, reasons: dict[Group, Reason]) -> None:
        mask = self._world.mask(group)
        if reason := self._reason(group, mask):
            reasons[group] = reason
        else:
            self._take(group, mask)

    def _rank(self, group: Group) -> tuple[object, ...]:
        # Cohorts are what boards and coordinators ask for first.
        cohort_last = group.cohort == EVERYONE
        return (
            len(group.filters),
            cohort_last,
            -self._world.size(self._world.mask(group)),
            group.key,
        )

    def _reason(self, group: Group, mask: Bools) -> Reason | None:
        n, smallest = self._world.size(mask), self._policy.smallest
        if self._public and not group.filtered:
            return None
        if n == 0:
            return Reason.NOBODY_INTERVIEWED
        if n < smallest:
            return Reason.TOO_FEW
        if self._leaves_few(mask, n):
            return Reason.OTHERS_TOO_FEW
        if any(self._differs_by_few(mask, n, other, size) for other, size in self._before):
            return Reason.RELEASE_DIFFERS_BY_FEW
        return Reason.GROUP_WORKED_OUT_WITH_OTHERS if self._gives_away(mask) else None

    def _leaves_few(self, mask: Bools, n: int) -> bool:
        # Sizes first: they rule out nearly every group, and take no look at the atoms.
        near = (g for g, size in self._people.items() if 0 < size - n < self._policy.smallest)
        return any(bool((mask <= self._taken[group]).all()) for group in near)

    def _differs_by_few(self, mask: Bools, n: int, other: Bools, size: int) -> bool:
        if not 0 < abs(n - size) < self._policy.smallest:
            return False
        return bool((mask <= other).all() or (other <= mask).all())

    def _gives_away(self, mask: Bools) -> bool:
        row = self._span.new(mask)
        if row is None:
            return False
        labels = refine(self._labels, mask)
        weights = sums(self._world.sizes[:, None], labels)[:, 0]
        now, before = sums(self._span.hashes_with(row), labels), sums(self._known, labels)
        search = small_sets(now, weights.tolist(), self._policy.smallest, signed=True)
        return not search.complete or any(_is_new(atoms, before) for atoms in search.sets)

    def _take(self, group: Group, mask: Bools) -> None:
        self._taken[group], self._people[group] = mask, self._world.size(mask)
        self._labels = refine(self._labels, mask)
        self._span_with(mask)

    def _span_with(self, mask: Bools) -> None:
        if (row := self._span.new(mask)) is not None:
            self._span.add(row)

    def _joined_where_hidden(self, reasons: Mapping[Group, Reason]) -> list[Group]:
        """Cohorts that another filter leaves hidden, joined under that filter."""
        slices: dict[tuple[str, str], list[str]] = {}
        for group, reason in reasons.items():
            if group.cohort != EVERYONE and reason is not Reason.NOBODY_INTERVIEWED:
                where = (group.provider, group.supervision)
                slices.setdefault(where, []).extend(joined(group.cohort))
        return [
            Group(self._world.wave, together(cohorts), *where)
            for where, cohorts in slices.items()
            if len(cohorts) > 1
        ]

    def _named_alone(self, reasons: dict[Group, Reason]) -> Iterator[Group]:
        """Cohorts that are shown joined with others only, under every other filter."""
        joint = [c for c in self._candidates if len(joined(c.cohort)) > 1]
        for group in joint:
            for cohort in joined(group.cohort):
                alone = group.of_cohort(cohort)
                n = self._world.size(self._world.mask(alone))
                reasons[alone] = self._alone(n)
                yield alone

    def _alone(self, n: int) -> Reason:
        if n == 0:
            return Reason.NOBODY_INTERVIEWED
        return Reason.TOO_FEW if n < self._policy.smallest else Reason.SHOWN_WITH_OTHERS

    def _offer(self, group: Group, reasons: Mapping[Group, Reason]) -> Offer:
        if group in self._taken:
            return Offer(group, self._world.size(self._taken[group]))
        return Offer(group, None, reasons[group], self._instead(group))

    def _instead(self, group: Group) -> Group | None:
        """The smallest group that is shown and holds everybody of this one."""
        mask = self._world.mask(group)
        wider = [
            (self._world.size(other), len(shown.filters), shown.key, shown)
            for shown, other in self._taken.items()
            if bool((mask <= other).all()) and _holds(shown, group)
        ]
        return min(wider)[-1] if wider else None


def _holds(wider: Group, group: Group) -> bool:
    """Whether the filters of one group let everybody of the other pass, whoever there is."""
    return all(
        getattr(wider, name) == EVERYONE
        or set(joined(getattr(group, name))) <= set(joined(getattr(wider, name)))
        for name in FILTERS
    )


def left_over(masks: Mapping[Group, Bools], group: Group) -> Iterator[Bools]:
    """What a group, alone or with its like, leaves of a wider one, and narrower ones of it.

    Its like are told apart from it by one filter.
    """
    mask = masks[group]
    for other in masks.values():
        if bool((mask <= other).all()):
            yield other & ~mask
        elif bool((other <= mask).all()):
            yield mask & ~other
    for name in FILTERS:
        wider = _without(group, name)
        like = [m for g, m in masks.items() if g != wider and _without(g, name) == wider]
        if wider in masks and like:
            yield masks[wider] & ~np.any(like, axis=0)


def _without(group: Group, name: str) -> Group:
    return replace(group, **{name: EVERYONE})


def _is_new(atoms: Sequence[int], before: Ints) -> bool:
    """Whether a set could not be worked out before; the signs of a difference are tried both."""
    rows = before[list(atoms)]
    signs = product((1, -1), repeat=len(atoms) - 1)
    return not any(
        not ((np.array([1, *sign])[:, None] * rows).sum(axis=0) % (2**31 - 1)).any()
        for sign in signs
    )


def _candidates(world: Population, smallest: int) -> Iterator[Group]:
    """Groups that filters name: joined cohorts in place of those that are too small."""
    everybody = world.mask(Group(world.wave))
    if not everybody.any():
        return
    sizes = {
        cohort: world.size(world.mask(Group(world.wave, cohort)))
        for cohort in world.values("cohort")
    }
    cohorts = [together(part) for part in partition(sizes, smallest)]
    names = [cohorts, world.values("provider"), world.values("supervision")]
    for cohort, provider, supervision in product(*([EVERYONE, *values] for values in names)):
        yield Group(world.wave, cohort, provider, supervision)
