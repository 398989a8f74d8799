"""How much of a figure may be shown: forms from the fullest to nothing, and the bands.

The form of a figure follows from sizes and from totals that are shown. One thing more counts:
where the attacker would work out a smaller group from these very answers, the next poorer form
is taken, first by cohort, then for the whole wave, then none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iomdash.declared.groups import Group
from iomdash.declared.reasons import Reason
from iomdash.disclosure.policy import Bands


@dataclass(frozen=True)
class Form:
    """Groups that show counts, of those the groups that show every answer; groups that show a
    band; and why no other does. A group outside `full` shows how many said yes, and no more.
    """

    exact: tuple[Group, ...]
    full: tuple[Group, ...]
    banded: tuple[Group, ...] = ()
    bands: Bands = ()
    why: Reason = Reason.GROUP_WORKED_OUT


def plain(groups: Sequence[Group]) -> Iterator[Form]:
    """Forms of a figure that is not sensitive.

    Every answer is shown by whole wave and cohort; other groups overlap, and rare answers in
    groups that overlap soon tell of single people.
    """
    cohorts = _by_cohort(groups)
    for most in (3, 2, 1):
        yield Form(tuple(group for group in groups if len(group.filters) <= most), cohorts)
    for fewer in (cohorts, _whole(groups), ()):
        yield Form(fewer, fewer)


def whole_only(groups: Sequence[Group]) -> Iterator[Form]:
    """Forms of a sensitive figure that has no bands."""
    yield Form(_whole(groups), _whole(groups), why=Reason.WHOLE_WAVE_ONLY)
    yield Form((), ())


def sensitive(groups: Sequence[Group], bands: Bands | None) -> Iterator[Form]:
    """Forms of a sensitive code: the whole wave counted, cohorts in bands that are safe."""
    cohorts = tuple(group for group in _by_cohort(groups) if group.filtered)
    if bands is not None and _whole(groups) and cohorts:
        yield Form(_whole(groups), _whole(groups), cohorts, bands, Reason.BANDS_BY_COHORT)
    yield from whole_only(groups)


def _by_cohort(groups: Sequence[Group]) -> tuple[Group, ...]:
    return tuple(group for group in groups if group.by_cohort_only)


def _whole(groups: Sequence[Group]) -> tuple[Group, ...]:
    return tuple(group for group in groups if not group.filtered)


def safe_bands(
    sets: Sequence[Bands], sizes: Sequence[int], others: int, total: int
) -> Bands | None:
    """The first set of bands that leave a part's number open and never make 0 or 100 % certain.

    `sizes` of the parts that show a band, `others` who are in none, `total` who said yes of all.
    A part is certain where the total leaves the others nothing but their bands' ends.
    """
    if total in (0, sum(sizes) + others):
        return sets[0]
    return next((bands for bands in sets if _never_certain(bands, sizes, others, total)), None)


def _never_certain(bands: Bands, sizes: Sequence[int], others: int, total: int) -> bool:
    if any(not bands[end].counts(n) for n in sizes for end in (0, -1)):
        return False
    if any(len(band.counts(n)) == 1 for n in sizes for band in bands):
        return False
    if others and (
        total - others in _ends(bands, sizes, 0, last=True)
        or total in _ends(bands, sizes, 0, last=False)
    ):
        return False
    for i, n in enumerate(sizes):
        rest = [*sizes[:i], *sizes[i + 1 :]]
        if total - n in _ends(bands, rest, others, last=True):
            return False
        if total in _ends(bands, rest, 0, last=False):
            return False
    return True


def _ends(bands: Bands, sizes: Sequence[int], start: int, *, last: bool) -> set[int]:
    """Every sum of the ends of one band a part: greatest numbers, or least."""
    totals = {start}
    for n in sizes:
        ends = {counts[-1 if last else 0] for band in bands if (counts := band.counts(n))}
        totals = {total + end for total in totals for end in ends}
    return totals
